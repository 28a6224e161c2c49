//! Threads for reads that take long (rule 6). They start when the first such read comes.

use crate::run::Failure;
use crate::shared::Shared;
use database::{Outcome, Session, Work};
use sqlstate::{DatabaseError, Result, TOO_MANY_CONNECTIONS};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::thread::JoinHandle;
use tokio::sync::oneshot;

/// How many long reads may wait.
const WAITING: usize = 1024;

/// A work with what reading it gave.
pub(crate) type Answer = (Work, Result<Vec<Outcome>, Failure>);

struct Job {
    session: Session,
    work: Work,
    answer: oneshot::Sender<Answer>,
}

/// The threads.
pub(crate) struct ReaderPool {
    shared: Arc<Shared>,
    started: OnceLock<Started>,
}

struct Started {
    queue: SyncSender<Job>,
    threads: Vec<JoinHandle<()>>,
}

impl ReaderPool {
    pub(crate) fn new(shared: Arc<Shared>) -> ReaderPool {
        ReaderPool { shared, started: OnceLock::new() }
    }

    /// Puts a read in the queue. The work comes back with the answer.
    pub(crate) fn submit(&self, session: Session, work: Work) -> Result<oneshot::Receiver<Answer>> {
        let (answer, answered) = oneshot::channel();
        let started = self.started.get_or_init(|| start(&self.shared));
        if started.threads.is_empty() {
            return Err(DatabaseError::internal("no thread for a long read"));
        }
        started.queue.try_send(Job { session, work, answer }).map_err(|error| match error {
            TrySendError::Full(_) => {
                DatabaseError::new(TOO_MANY_CONNECTIONS, "too many long reads are waiting already")
            }
            TrySendError::Disconnected(_) => crate::writer::closed(),
        })?;
        Ok(answered)
    }
}

impl Drop for ReaderPool {
    fn drop(&mut self) {
        let Some(Started { queue, threads }) = self.started.take() else { return };
        drop(queue);
        for thread in threads {
            let _ = thread.join();
        }
    }
}

fn start(shared: &Arc<Shared>) -> Started {
    let (queue, jobs) = sync_channel(WAITING);
    let jobs = Arc::new(Mutex::new(jobs));
    let count = std::thread::available_parallelism().map_or(2, usize::from).clamp(2, 8);
    let threads = (0..count).filter_map(|number| {
        let (shared, jobs) = (Arc::clone(shared), Arc::clone(&jobs));
        std::thread::Builder::new()
            .name(format!("bedplate-reader-{number}"))
            .stack_size(8 << 20)
            .spawn(move || read(&shared, &jobs))
            .ok()
    });
    Started { queue, threads: threads.collect() }
}

fn read(shared: &Shared, jobs: &Mutex<Receiver<Job>>) {
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(Job { session, work, answer }) = job else { return };
        let read = catch_unwind(AssertUnwindSafe(|| shared.read(&session, &work, None)))
            .unwrap_or_else(|_| Err(Failure::Error(DatabaseError::internal("a read panicked"))));
        // Nobody may be waiting any more.
        let _ = answer.send((work, read));
    }
}
