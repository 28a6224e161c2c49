//! Threads for one kind of work, with a queue that has an end, and memory that a thread uses again.

use super::Busy;
use argon2::Block;
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// A thread without work ends after so long and gives its memory back.
const IDLE: Duration = Duration::from_secs(10);

/// The longest that anyone is told to wait.
const LONGEST_WAIT: Duration = Duration::from_secs(30);

pub(super) type Job = Box<dyn FnOnce(&mut Vec<Block>) + Send>;

/// Whether a thread keeps its memory for the next job.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Memory {
    Kept,
    Freed,
}

pub(super) struct Lane {
    name: &'static str,
    threads_most: usize,
    waiting_most: usize,
    memory: Memory,
    state: Mutex<State>,
    work: Condvar,
}

#[derive(Default)]
struct State {
    waiting: VecDeque<Job>,
    threads: usize,
    idle: usize,
    /// How long a job takes, as a moving average.
    took: Duration,
}

impl Lane {
    pub(super) fn new(name: &'static str, threads: usize, waiting: usize, memory: Memory) -> Arc<Lane> {
        Arc::new(Lane {
            name,
            threads_most: threads,
            waiting_most: waiting,
            memory,
            state: Mutex::default(),
            work: Condvar::new(),
        })
    }

    /// Queues a job. It is dropped, and with it whatever it would answer with, if it panics.
    pub(super) fn submit(self: &Arc<Lane>, job: Job) -> Result<(), Busy> {
        let mut state = self.lock();
        let has_thread = state.idle > state.waiting.len();
        let may_start = !has_thread && state.threads < self.threads_most;
        if !has_thread && !may_start && state.waiting.len() >= self.waiting_most {
            return Err(self.busy_in(&state));
        }
        if may_start {
            let lane = Arc::clone(self);
            match std::thread::Builder::new().name(self.name.to_owned()).spawn(move || lane.work()) {
                Ok(_) => state.threads += 1,
                Err(_) if state.threads > 0 => {}
                Err(_) => return Err(self.busy_in(&state)),
            }
        }
        state.waiting.push_back(job);
        self.work.notify_one();
        Ok(())
    }

    /// When to try again.
    pub(super) fn busy(&self) -> Busy {
        self.busy_in(&self.lock())
    }

    fn busy_in(&self, state: &State) -> Busy {
        let jobs = u32::try_from(state.waiting.len() / self.threads_most.max(1)).unwrap_or(u32::MAX);
        let wait = state.took.saturating_mul(jobs).clamp(Duration::from_secs(1), LONGEST_WAIT);
        Busy { retry_after: Duration::from_secs(wait.as_secs_f64().ceil() as u64) }
    }

    /// A thread's life.
    fn work(&self) {
        let mut memory = Vec::new();
        let mut state = self.lock();
        loop {
            let Some(job) = state.waiting.pop_front() else {
                state.idle += 1;
                let (again, waited) =
                    self.work.wait_timeout(state, IDLE).unwrap_or_else(PoisonError::into_inner);
                state = again;
                state.idle -= 1;
                if waited.timed_out() && state.waiting.is_empty() {
                    state.threads -= 1;
                    return;
                }
                continue;
            };
            drop(state);
            let begun = Instant::now();
            let _ = catch_unwind(AssertUnwindSafe(|| job(&mut memory)));
            if self.memory == Memory::Freed {
                memory = Vec::new();
            }
            let took = begun.elapsed();
            state = self.lock();
            state.took = if state.took.is_zero() { took } else { (state.took * 7 + took) / 8 };
        }
    }

    #[cfg(test)]
    pub(super) fn waiting(&self) -> usize {
        self.lock().waiting.len()
    }

    #[cfg(test)]
    pub(super) fn threads(&self) -> usize {
        self.lock().threads
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
