//! A session that lasts: transactions that stay open between two statements, settings and sequence values that are remembered.
//!
//! For whoever types statements one after another (a console, a script, a test), not for requests: while its transaction is open, a
//! conversation holds the writer, and nobody else writes. Every statement runs there, reads too.

use crate::run::{Held, initial_settings};
use crate::sequences::SequenceUse;
use crate::settings::Settings;
use crate::shared::Shared;
use crate::temporary::new_schema;
use crate::writer::{Queue, closed};
use database::{Outcome, Session};
use sqlstate::{DatabaseError, Result};
use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;
use tokio::sync::oneshot;

/// How long an open transaction may wait for its next statement, until it is rolled back.
const PATIENCE: Duration = Duration::from_secs(300);

/// Whether a transaction is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TransactionStatus {
    /// None is: each statement is one.
    Idle,
    /// BEGIN was said.
    Open,
    /// And a statement failed: only ROLLBACK helps.
    Failed,
}

/// A session that lasts.
pub struct Conversation {
    session: Session,
    shared: Arc<Shared>,
    queue: Queue,
    memory: Option<Memory>,
    open: Option<Sender<Asked>>,
    status: TransactionStatus,
    temporary_schema: Arc<str>,
}

/// What a session remembers from one transaction to the next.
#[derive(Clone, Default)]
pub(crate) struct Memory {
    /// `None` until the first.
    pub(crate) settings: Option<Settings>,
    pub(crate) sequences: SequenceUse,
    /// Prepared statements and cursors.
    pub(crate) held: Held,
    /// Whom SET SESSION AUTHORIZATION chose.
    pub(crate) authorization: Option<Arc<str>>,
    /// Whether it has made its temporary schema.
    pub(crate) temporary: bool,
}

/// A statement and whom to answer.
pub(crate) struct Asked {
    pub(crate) text: Arc<str>,
    pub(crate) rows: Option<Arc<str>>,
    pub(crate) answer: oneshot::Sender<Answered>,
}

/// What became of it.
pub(crate) struct Answered {
    pub(crate) outcome: Result<Outcome>,
    pub(crate) status: TransactionStatus,
    /// What the session remembers now, once the transaction has ended.
    pub(crate) memory: Option<Memory>,
}

/// A conversation's transaction, for the writer.
pub(crate) struct Transaction {
    pub(crate) session: Session,
    pub(crate) memory: Memory,
    pub(crate) temporary_schema: Arc<str>,
    asked: Receiver<Asked>,
}

impl Transaction {
    /// The next statement; `None` when there will be none.
    pub(crate) fn next(&self) -> Option<Asked> {
        self.asked.recv_timeout(PATIENCE).ok()
    }
}

impl Drop for Conversation {
    fn drop(&mut self) {
        self.open = None;
        if self.memory.as_ref().is_some_and(|memory| memory.temporary) {
            self.queue.end_session(&self.temporary_schema);
        }
    }
}

impl Conversation {
    pub(crate) fn new(session: Session, shared: Arc<Shared>, queue: Queue) -> Conversation {
        let memory = Some(Memory::default());
        Conversation {
            session,
            shared,
            queue,
            memory,
            open: None,
            status: TransactionStatus::Idle,
            temporary_schema: new_schema(),
        }
    }

    /// Whether a transaction is open.
    pub fn status(&self) -> TransactionStatus {
        self.status
    }

    /// Runs a statement, BEGIN and COMMIT among them, and answers; outside of a transaction once it is on disk.
    ///
    /// # Errors
    /// The statement's own.
    pub async fn say(&mut self, text: &str) -> Result<Outcome> {
        self.say_with_rows(text, None).await
    }

    /// As [`Conversation::say`], with the rows of a COPY FROM STDIN.
    ///
    /// # Errors
    /// The statement's own.
    pub async fn say_with_rows(&mut self, text: &str, rows: Option<&str>) -> Result<Outcome> {
        let (answer, answered) = oneshot::channel();
        let mut asked = Asked { text: text.into(), rows: rows.map(Into::into), answer };
        if let Some(open) = &self.open {
            match open.send(asked) {
                Ok(()) => return self.answer(answered).await,
                // It waited too long and is rolled back; the statement begins another.
                Err(unsent) => {
                    asked = unsent.0;
                    self.open = None;
                    self.status = TransactionStatus::Idle;
                }
            }
        }
        let (ask, wait) = channel();
        let memory = self.memory.clone().unwrap_or_default();
        let transaction = Transaction {
            session: self.session.clone(),
            memory,
            temporary_schema: Arc::clone(&self.temporary_schema),
            asked: wait,
        };
        ask.send(asked).map_err(|_| closed())?;
        self.queue.converse(transaction)?;
        self.open = Some(ask);
        self.answer(answered).await
    }

    async fn answer(&mut self, answered: oneshot::Receiver<Answered>) -> Result<Outcome> {
        let Ok(Answered { outcome, status, memory }) = answered.await else {
            self.open = None;
            self.status = TransactionStatus::Idle;
            return Err(DatabaseError::internal("the thread that ran the statement is gone"));
        };
        self.status = status;
        if let Some(memory) = memory {
            self.memory = Some(memory);
            self.open = None;
        }
        outcome
    }

    /// What the settings are before the first statement.
    ///
    /// # Errors
    /// 22023 for a role that does not exist.
    pub fn check_session(&self) -> Result<()> {
        initial_settings(&self.shared.state(), &self.session).map(drop)
    }
}
