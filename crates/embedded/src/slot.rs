//! What a connection's callbacks (functions, virtual tables, authorizer, progress handler) share with whoever runs
//! statements on it.

use crate::context::Frame;
use crate::wall::Wall;
use datum::StoredValue;
use sqlstate::DatabaseError;
use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicU8, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Rows kept between the steps of a program.
pub(crate) type Buffer = Arc<Vec<Vec<StoredValue>>>;

/// How many instructions of SQLite's machine pass between two looks at budget and deadline.
pub(crate) const INSTRUCTIONS_PER_TICK: i32 = 1000;

/// Why the progress handler stopped a statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stopped {
    /// It did not.
    No,
    /// The instructions allowed were used up.
    Budget,
    /// `statement_timeout`.
    Timeout,
}

#[derive(Default)]
struct Shared {
    frame: Option<Arc<Frame>>,
    error: Option<DatabaseError>,
    buffers: HashMap<i64, Buffer>,
    wall: Wall,
    deadline: Option<Instant>,
}

/// One for each connection.
pub(crate) struct Slot {
    shared: Mutex<Shared>,
    /// Ticks left; negative is no limit.
    budget: AtomicI64,
    stopped: AtomicU8,
    /// A write statement is running: interrupting it would roll back the whole batch.
    writing: AtomicBool,
}

impl Slot {
    pub(crate) fn new() -> Slot {
        Slot {
            shared: Mutex::default(),
            budget: AtomicI64::new(-1),
            stopped: AtomicU8::new(0),
            writing: AtomicBool::new(false),
        }
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The frame in effect.
    pub(crate) fn frame(&self) -> Option<Arc<Frame>> {
        self.shared().frame.clone()
    }

    pub(crate) fn set_frame(&self, frame: Option<Arc<Frame>>) {
        self.shared().frame = frame;
    }

    /// Keeps the error that a function raised; the first one counts.
    pub(crate) fn raise(&self, error: DatabaseError) {
        self.shared().error.get_or_insert(error);
    }

    pub(crate) fn take_error(&self) -> Option<DatabaseError> {
        self.shared().error.take()
    }

    pub(crate) fn buffer(&self, number: i64) -> Option<Buffer> {
        self.shared().buffers.get(&number).cloned()
    }

    pub(crate) fn put_buffer(&self, number: i64, rows: Buffer) {
        self.shared().buffers.insert(number, rows);
    }

    /// Adds a row to a buffer.
    pub(crate) fn push_to_buffer(&self, number: i64, row: Vec<StoredValue>) {
        Arc::make_mut(self.shared().buffers.entry(number).or_default()).push(row);
    }

    /// Takes all buffers away, for a nested program to have its own.
    pub(crate) fn take_buffers(&self) -> HashMap<i64, Buffer> {
        std::mem::take(&mut self.shared().buffers)
    }

    pub(crate) fn restore_buffers(&self, buffers: HashMap<i64, Buffer>) {
        self.shared().buffers = buffers;
    }

    pub(crate) fn set_wall(&self, wall: Wall) -> Wall {
        std::mem::replace(&mut self.shared().wall, wall)
    }

    pub(crate) fn with_wall<T>(&self, look: impl FnOnce(&Wall) -> T) -> T {
        look(&self.shared().wall)
    }

    /// What a statement may use up from now on.
    pub(crate) fn allow(&self, ticks: Option<i64>, deadline: Option<Instant>) {
        self.budget.store(ticks.unwrap_or(-1), Ordering::Relaxed);
        self.stopped.store(0, Ordering::Relaxed);
        self.shared().deadline = deadline;
    }

    pub(crate) fn set_writing(&self, writing: bool) {
        self.writing.store(writing, Ordering::Relaxed);
    }

    pub(crate) fn stopped(&self) -> Stopped {
        match self.stopped.load(Ordering::Relaxed) {
            0 => Stopped::No,
            1 => Stopped::Budget,
            _ => Stopped::Timeout,
        }
    }

    /// The progress handler: whether to stop.
    pub(crate) fn tick(&self) -> bool {
        if self.writing.load(Ordering::Relaxed) {
            return false;
        }
        let left = self.budget.load(Ordering::Relaxed);
        if left == 0 {
            self.stopped.store(1, Ordering::Relaxed);
            return true;
        }
        if left > 0 {
            self.budget.store(left - 1, Ordering::Relaxed);
        }
        if self.shared().deadline.is_some_and(|deadline| Instant::now() >= deadline) {
            self.stopped.store(2, Ordering::Relaxed);
            return true;
        }
        false
    }
}
