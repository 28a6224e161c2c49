//! The writer (rule 4): one thread, one connection, many works a commit.
//!
//! Each work of a batch runs in a savepoint. Nobody is answered before the commit returned. An error that takes the whole
//! transaction with it costs the work that raised it; the others run again. A commit that fails leaves nothing certain: the
//! writer closes the connection, opens the file anew and looks at what is there.

use crate::checkpoint::{self, Checkpoints};
use crate::connection::{Connection, Purpose};
use crate::context::WorkState;
use crate::conversation::{Asked, Transaction};
use crate::error::from_sqlite;
use crate::random::Seed;
use crate::run::{Ending, Environment, Failure, Talk, WorkDone, initial_settings, run_work};
use crate::shared::Shared;
use crate::state::CatalogState;
use crate::{records, store, temporary};
use database::{Outcome, Session, Work};
use rusqlite::ErrorCode;
use sqlstate::{DatabaseError, IO_ERROR, Result, TOO_MANY_CONNECTIONS};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender, TrySendError, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;
use tokio::sync::oneshot;

/// How many works share a commit at most.
const BATCH: usize = 256;
/// How many works may wait.
const WAITING: usize = 4096;
/// After this long without work the snapshots of idle readers are let go.
const IDLE: Duration = Duration::from_millis(200);

/// A write: a value that can run again.
pub(crate) struct Job {
    pub(crate) session: Session,
    pub(crate) work: Work,
    /// `now()`
    pub(crate) now: i64,
    pub(crate) seed: Seed,
    pub(crate) answer: oneshot::Sender<Result<Vec<Outcome>>>,
}

enum Message {
    Write(Box<Job>),
    Converse(Box<Transaction>),
    /// A conversation is over: its temporary schema.
    EndSession(Arc<str>),
    Stop,
}

/// The way to the writer, for conversations.
pub(crate) struct Queue(SyncSender<Message>);

impl Queue {
    /// Puts a transaction in the queue.
    pub(crate) fn converse(&self, transaction: Transaction) -> Result<()> {
        self.0.try_send(Message::Converse(Box::new(transaction))).map_err(|error| refused(&error))
    }

    /// Says that a conversation is over. When the queue is full its temporary tables stay until the file is next opened.
    pub(crate) fn end_session(&self, temporary_schema: &Arc<str>) {
        let _ = self.0.try_send(Message::EndSession(Arc::clone(temporary_schema)));
    }
}

fn refused(error: &TrySendError<Message>) -> DatabaseError {
    match error {
        TrySendError::Full(_) => {
            DatabaseError::new(TOO_MANY_CONNECTIONS, "too many writes are waiting already")
        }
        TrySendError::Disconnected(_) => closed(),
    }
}

/// The way to the writer.
pub(crate) struct Writer {
    queue: SyncSender<Message>,
    thread: Option<JoinHandle<Result<()>>>,
}

impl Writer {
    /// Starts the thread.
    pub(crate) fn start(connection: Connection, shared: Arc<Shared>) -> Result<Writer> {
        let (queue, messages) = sync_channel(WAITING);
        let thread = std::thread::Builder::new()
            .name("bedplate-writer".to_owned())
            .stack_size(8 << 20)
            .spawn(move || {
                let checkpoints = Checkpoints::new(shared.place.kept);
                Thread { connection: Some(connection), shared, broken: None, checkpoints }.run(&messages)
            })
            .map_err(|error| DatabaseError::internal(format_args!("no thread for the writer: {error}")))?;
        Ok(Writer { queue, thread: Some(thread) })
    }

    /// Puts a work in the queue.
    pub(crate) fn submit(&self, job: Job) -> Result<()> {
        self.queue.try_send(Message::Write(Box::new(job))).map_err(|error| refused(&error))
    }

    /// The way for conversations.
    pub(crate) fn queue(&self) -> Queue {
        Queue(self.queue.clone())
    }

    /// Ends the thread after the works that wait, and closes the file.
    pub(crate) fn stop(&mut self) -> Result<()> {
        let Some(thread) = self.thread.take() else { return Ok(()) };
        let _ = self.queue.send(Message::Stop);
        thread.join().unwrap_or_else(|_| Err(DatabaseError::internal("the writer panicked")))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        let _ = self.stop();
    }
}

/// 57P01
pub(crate) fn closed() -> DatabaseError {
    DatabaseError::new(sqlstate::ADMIN_SHUTDOWN, "the database is closed")
}

struct Thread {
    connection: Option<Connection>,
    shared: Arc<Shared>,
    /// Why nothing is written any more.
    broken: Option<DatabaseError>,
    checkpoints: Checkpoints,
}

/// What became of a work within its batch.
enum Fate {
    Waiting,
    Done(Vec<Outcome>),
    Failed(DatabaseError),
}

impl Thread {
    fn run(mut self, messages: &Receiver<Message>) -> Result<()> {
        let mut idle = false;
        loop {
            let first = if idle {
                messages.recv().map_err(|_| RecvTimeoutError::Disconnected)
            } else {
                messages.recv_timeout(IDLE)
            };
            match first {
                Ok(Message::Write(job)) => {
                    idle = false;
                    let mut jobs = vec![*job];
                    let mut ended = None;
                    let mut stop = false;
                    let mut conversation = None;
                    while jobs.len() < BATCH {
                        match messages.try_recv() {
                            Ok(Message::Write(job)) => jobs.push(*job),
                            Ok(Message::Converse(transaction)) => {
                                conversation = Some(transaction);
                                break;
                            }
                            Ok(Message::EndSession(schema)) => {
                                ended = Some(schema);
                                break;
                            }
                            Ok(Message::Stop) => {
                                stop = true;
                                break;
                            }
                            Err(_) => break,
                        }
                    }
                    self.batch(jobs);
                    if let Some(schema) = ended {
                        self.end_session(&schema);
                    }
                    if let Some(transaction) = conversation {
                        self.converse(*transaction);
                    }
                    if stop {
                        return self.close();
                    }
                }
                Ok(Message::Converse(transaction)) => {
                    idle = false;
                    self.converse(*transaction);
                }
                Ok(Message::EndSession(schema)) => {
                    idle = false;
                    self.end_session(&schema);
                }
                Ok(Message::Stop) | Err(RecvTimeoutError::Disconnected) => return self.close(),
                Err(RecvTimeoutError::Timeout) => {
                    idle = true;
                    self.shared.release_idle_readers();
                    if let Some(connection) = &self.connection {
                        self.checkpoints.idle(connection);
                    }
                }
            }
        }
    }

    /// Drops what a session that is gone leaves behind. What cannot be dropped now goes when the file is next opened.
    fn end_session(&mut self, schema: &str) {
        let Some(connection) = &self.connection else { return };
        if connection.control("BEGIN IMMEDIATE").is_err() {
            return;
        }
        let state = self.shared.state();
        let dropped = temporary::drop_schemas(connection, &state.catalog, |name| name == schema);
        let saved = dropped.and_then(|catalog| match catalog {
            Some(catalog) => {
                records::save(connection, &state.catalog, &catalog)?;
                Ok(Some(Arc::new(CatalogState::new(Arc::new(catalog)))))
            }
            None => Ok(None),
        });
        connection.forget_statements();
        match saved {
            Ok(Some(state)) => {
                let _ = self.commit(&state, true);
            }
            Ok(None) | Err(_) => {
                let _ = connection.control("ROLLBACK");
            }
        }
    }

    /// Runs a conversation's transaction from its first statement to its end, and answers each.
    fn converse(&mut self, transaction: Transaction) {
        let Some(asked) = transaction.next() else { return };
        let before = transaction.memory.clone();
        let ending = self.talk(&transaction, asked);
        let Some(mut ending) = ending else { return };
        if let Some((state, changed)) = ending.commit.take() {
            if let Err(error) = self.commit(&state, changed) {
                ending.outcome = Err(error);
                ending.memory = before;
            }
        } else if let Some(connection) = &self.connection {
            let _ = connection.control("ROLLBACK");
        }
        ending.answer();
        if let Some(connection) = &self.connection {
            self.checkpoints.committed(connection, &self.shared);
        }
    }

    /// The transaction but for its end.
    fn talk(&self, transaction: &Transaction, asked: Asked) -> Option<Ending> {
        let begin = || -> Result<&Connection> {
            if let Some(error) = &self.broken {
                return Err(error.clone());
            }
            let connection = self.connection.as_ref().ok_or_else(closed)?;
            connection.control("BEGIN IMMEDIATE").map_err(|error| from_sqlite(&error))?;
            Ok(connection)
        };
        let connection = match begin() {
            Ok(connection) => connection,
            Err(error) => return Some(Ending::failed(asked, error, transaction.memory.clone())),
        };
        let state = self.shared.state();
        let environment = Environment {
            connection,
            plans: &self.shared.plans,
            state: Arc::clone(&state),
            may_write: true,
            budget: None,
        };
        Talk::new(&environment, &self.shared, transaction).run(asked)
    }

    /// Runs a batch and answers.
    fn batch(&mut self, jobs: Vec<Job>) {
        let mut fates: Vec<Fate> = jobs.iter().map(|_| Fate::Waiting).collect();
        if let Err(error) = self.attempt(&jobs, &mut fates) {
            // Not one work's fault: everybody's answer.
            for fate in &mut fates {
                if !matches!(fate, Fate::Failed(_)) {
                    *fate = Fate::Failed(error.clone());
                }
            }
        }
        for (job, fate) in jobs.into_iter().zip(fates) {
            let answer = match fate {
                Fate::Done(outcomes) => Ok(outcomes),
                Fate::Failed(error) => Err(error),
                Fate::Waiting => Err(DatabaseError::internal("a work was left out of its batch")),
            };
            // Nobody may be waiting any more; the work is done all the same.
            let _ = job.answer.send(answer);
        }
        if let Some(connection) = &self.connection {
            self.checkpoints.committed(connection, &self.shared);
        }
    }

    /// Runs the works until a commit has those that did not fail.
    fn attempt(&mut self, jobs: &[Job], fates: &mut [Fate]) -> Result<()> {
        'again: loop {
            if let Some(error) = &self.broken {
                return Err(error.clone());
            }
            let Some(connection) = &self.connection else { return Err(closed()) };
            connection.control("BEGIN IMMEDIATE").map_err(|error| from_sqlite(&error))?;
            let mut state = self.shared.state();
            let mut changed = false;
            for (job, fate) in jobs.iter().zip(fates.iter_mut()) {
                if matches!(fate, Fate::Failed(_)) {
                    continue;
                }
                match self.one(connection, job, &state) {
                    Ok((done, kept)) => {
                        if kept {
                            state = done.state;
                            changed = true;
                        }
                        *fate = Fate::Done(done.outcomes);
                    }
                    Err(error) => {
                        *fate = Fate::Failed(error);
                        if connection.is_autocommit() {
                            // The whole transaction is gone, and with it what the others did.
                            connection.forget_statements();
                            continue 'again;
                        }
                    }
                }
            }
            return self.commit(&state, changed);
        }
    }

    /// Runs a work in a savepoint. The second value tells whether its changes stay.
    fn one(&self, connection: &Connection, job: &Job, state: &Arc<CatalogState>) -> Result<(WorkDone, bool)> {
        connection.control("SAVEPOINT work").map_err(|error| from_sqlite(&error))?;
        // A bug of ours in one work must not end the writer for all.
        let done = catch_unwind(AssertUnwindSafe(|| self.work(connection, job, state)))
            .unwrap_or_else(|_| Err(DatabaseError::internal("a work panicked")));
        let keep = done.as_ref().is_ok_and(|done| done.commit);
        if connection.is_autocommit() {
            return Err(done.err().unwrap_or_else(|| DatabaseError::internal("the transaction is gone")));
        }
        if !keep {
            connection.control("ROLLBACK TO work").map_err(|error| from_sqlite(&error))?;
            // Definitions of this work are undone; what was prepared under them is stale.
            if done.as_ref().map_or(true, |done| done.state.version != state.version) {
                connection.forget_statements();
            }
        }
        connection.control("RELEASE work").map_err(|error| from_sqlite(&error))?;
        done.map(|done| (done, keep))
    }

    fn work(&self, connection: &Connection, job: &Job, state: &Arc<CatalogState>) -> Result<WorkDone> {
        let settings = initial_settings(state, &job.session)?;
        let work_state = Arc::new(WorkState::new(
            job.now,
            Arc::clone(&self.shared.clock),
            settings,
            job.seed.clone(),
            Arc::clone(&self.shared.sequences),
            true,
        ));
        let environment = Environment {
            connection,
            plans: &self.shared.plans,
            state: Arc::clone(state),
            may_write: true,
            budget: None,
        };
        let done = run_work(&environment, Arc::clone(&work_state), &job.session, &job.work);
        if !done.as_ref().is_ok_and(|done| done.commit) {
            work_state.undo_restarts();
        }
        done.map_err(|failure| match failure {
            Failure::Error(error) => error,
            Failure::NeedsWriter { .. } | Failure::OverBudget => {
                DatabaseError::internal(format_args!("the writer said {failure:?}"))
            }
        })
    }

    /// Commits the batch, with the sequences that it moved.
    fn commit(&mut self, state: &Arc<CatalogState>, changed: bool) -> Result<()> {
        let Some(connection) = &self.connection else { return Err(closed()) };
        let reserved = self.shared.sequences.reserve(&state.catalog, false);
        let stored = store::save_sequences(connection, &reserved);
        if let Err(error) = stored {
            self.shared.sequences.unreserve(&reserved);
            let _ = connection.control("ROLLBACK");
            return Err(error);
        }
        if !changed && reserved.is_empty() {
            // Nothing to keep: no commit, no wait for the disk.
            return connection.control("ROLLBACK").map_err(|error| from_sqlite(&error));
        }
        let committed = self.shared.commit(state, || connection.control("COMMIT"));
        let Err(error) = committed else {
            return Ok(());
        };
        self.shared.sequences.unreserve(&reserved);
        let mut known = from_sqlite(&error);
        if !connection.is_autocommit() && connection.control("ROLLBACK").is_ok() && !is_final(&error) {
            return Err(known);
        }
        self.reopen();
        known.fields_mut().hint =
            Some("It is not known whether the change was kept: look before trying again.".to_owned());
        Err(known)
    }

    /// After a commit that may or may not have reached the disk: nothing that is in memory counts.
    fn reopen(&mut self) {
        self.connection = None;
        self.checkpoints.stop();
        self.shared.close_readers();
        let opened =
            Connection::open(&self.shared.place.file, Purpose::Write { durable: self.shared.place.kept })
                .and_then(|connection| {
                    store::verify(&connection)?;
                    let catalog = records::load(&connection)?;
                    store::load_sequences(&connection, &self.shared.sequences)?;
                    Ok((connection, catalog))
                });
        match opened {
            Ok((connection, catalog)) => {
                let state = Arc::new(CatalogState::new(Arc::new(catalog)));
                let _ = self.shared.commit(&state, || Ok::<(), ()>(()));
                self.connection = Some(connection);
            }
            Err(cause) => {
                let mut error =
                    DatabaseError::new(IO_ERROR, "the database was closed after a write to disk failed");
                error.fields_mut().internal =
                    Some(format!("{cause}: {}", cause.fields().internal.as_deref().unwrap_or_default()));
                self.broken = Some(error);
            }
        }
    }

    /// The end: sequences exactly, the log into the file.
    fn close(mut self) -> Result<()> {
        self.checkpoints.stop();
        self.shared.close_readers();
        let Some(connection) = self.connection.take() else { return Ok(()) };
        if !self.shared.place.kept {
            return Ok(());
        }
        let state = self.shared.state();
        let exact = self.shared.sequences.reserve(&state.catalog, true);
        if !exact.is_empty() {
            connection.control("BEGIN IMMEDIATE").map_err(|error| from_sqlite(&error))?;
            store::save_sequences(&connection, &exact)?;
            connection.control("COMMIT").map_err(|error| from_sqlite(&error))?;
        }
        checkpoint::last(&connection)
    }
}

/// Whether after this error nobody knows what is on disk.
fn is_final(error: &rusqlite::Error) -> bool {
    matches!(
        error.sqlite_error_code(),
        Some(ErrorCode::SystemIoFailure | ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase)
    )
}
