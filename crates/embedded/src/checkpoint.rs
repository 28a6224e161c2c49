//! Moving the write-ahead log into the file, off the path of requests (rule 17).
//!
//! A thread moves pages passively while the log is long. Once nearly all of it is moved, the writer moves the rest between two
//! batches, in one short step, and its next commit starts the log anew.

use crate::connection::Connection;
use crate::shared::Shared;
use rusqlite::OpenFlags;
use sqlstate::Result;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;

/// From how many pages on a log is moved.
const WORTH: u64 = 1000;
/// From how many pages on the thread goes on without being asked.
const LONG: u64 = 3000;
/// With fewer pages left than this the writer moves them itself.
const REST: u64 = 128;

/// The writer's side.
pub(crate) struct Checkpoints {
    /// The log's length after the last commit.
    pages: Arc<AtomicU64>,
    /// How many of them are in the file.
    moved: Arc<AtomicU64>,
    thread: Option<(SyncSender<()>, JoinHandle<()>)>,
    /// Whether a thread is worth it: not for a database that is not kept.
    durable: bool,
}

impl Checkpoints {
    pub(crate) fn new(durable: bool) -> Checkpoints {
        Checkpoints { pages: Arc::default(), moved: Arc::default(), thread: None, durable }
    }

    /// After a commit.
    pub(crate) fn committed(&mut self, connection: &Connection, shared: &Shared) {
        let pages = connection.wal_pages();
        if pages < self.pages.swap(pages, Ordering::Relaxed) {
            // The log began anew.
            self.moved.store(0, Ordering::Relaxed);
        }
        if pages < WORTH {
            return;
        }
        let rest = pages.saturating_sub(self.moved.load(Ordering::Relaxed));
        if !self.durable || rest < REST {
            shared.release_idle_readers();
            self.step(connection);
        } else if let Some((asked, _)) = self.thread(&shared.place.file) {
            // Full means that it was asked already.
            let _ = asked.try_send(());
        }
    }

    /// When nothing is to be done for a while.
    pub(crate) fn idle(&mut self, connection: &Connection) {
        if self.pages.load(Ordering::Relaxed) >= WORTH {
            self.step(connection);
        }
    }

    fn step(&self, connection: &Connection) {
        // One that does not get far, because of a snapshot, is made up for by the next.
        if let Ok((_, moved)) = connection.checkpoint("PASSIVE") {
            self.moved.store(moved, Ordering::Relaxed);
        }
    }

    fn thread(&mut self, file: &Path) -> Option<&(SyncSender<()>, JoinHandle<()>)> {
        if self.thread.is_none() {
            let connection = open(file).ok()?;
            let (asked, wanted) = sync_channel(1);
            let (pages, moved) = (Arc::clone(&self.pages), Arc::clone(&self.moved));
            let thread = std::thread::Builder::new()
                .name("bedplate-checkpoint".to_owned())
                .spawn(move || run(&connection, &wanted, &pages, &moved))
                .ok()?;
            self.thread = Some((asked, thread));
        }
        self.thread.as_ref()
    }

    /// Ends the thread.
    pub(crate) fn stop(&mut self) {
        if let Some((asked, thread)) = self.thread.take() {
            drop(asked);
            let _ = thread.join();
        }
        self.pages.store(0, Ordering::Relaxed);
        self.moved.store(0, Ordering::Relaxed);
    }
}

fn open(file: &Path) -> rusqlite::Result<rusqlite::Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = rusqlite::Connection::open_with_flags(file, flags)?;
    connection.execute_batch("PRAGMA synchronous=FULL; PRAGMA wal_autocheckpoint=0; PRAGMA mmap_size=0;")?;
    Ok(connection)
}

fn run(connection: &rusqlite::Connection, wanted: &Receiver<()>, pages: &AtomicU64, moved: &AtomicU64) {
    while wanted.recv().is_ok() {
        loop {
            let step = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| row.get(2));
            let Ok(done) = step else { break };
            let done: i64 = done;
            let done = done.unsigned_abs();
            let before = moved.swap(done, Ordering::Relaxed);
            if pages.load(Ordering::Relaxed).saturating_sub(done) < LONG || done <= before {
                break;
            }
        }
    }
}

/// The end: moves everything and empties the log.
pub(crate) fn last(connection: &Connection) -> Result<()> {
    connection.checkpoint("TRUNCATE").map(|_| ())
}
