//! A conversation's transaction on the writer: one statement after another, as they are asked.

use super::Run;
use super::statement::{Environment, Failure, initial_settings};
use crate::context::WorkState;
use crate::conversation::{Answered, Asked, Memory, Transaction, TransactionStatus};
use crate::random::Seed;
use crate::settings::Settings;
use crate::shared::Shared;
use crate::state::CatalogState;
use database::{Notice, Outcome, Severity, Statement, TransactionControl};
use sqlstate::{
    ACTIVE_SQL_TRANSACTION, DatabaseError, IN_FAILED_SQL_TRANSACTION, NO_ACTIVE_SQL_TRANSACTION, Result,
    SqlState,
};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, PoisonError};
use syntax::ast;
use tokio::sync::oneshot;

/// A transaction while it is open.
pub(crate) struct Talk<'a> {
    environment: &'a Environment<'a>,
    shared: &'a Shared,
    transaction: &'a Transaction,
    /// Within BEGIN … COMMIT.
    block: bool,
    failed: bool,
}

/// How a transaction ends, and who is to be told once it has.
pub(crate) struct Ending {
    answer: oneshot::Sender<Answered>,
    pub(crate) outcome: Result<Outcome>,
    pub(crate) memory: Memory,
    /// What is to be committed: the catalog, and whether anything changed.
    pub(crate) commit: Option<(Arc<CatalogState>, bool)>,
}

impl Ending {
    /// A transaction that could not begin.
    pub(crate) fn failed(asked: Asked, error: DatabaseError, memory: Memory) -> Ending {
        Ending { answer: asked.answer, outcome: Err(error), memory, commit: None }
    }

    /// Tells whoever asked.
    pub(crate) fn answer(self) {
        let answered =
            Answered { outcome: self.outcome, status: TransactionStatus::Idle, memory: Some(self.memory) };
        // Nobody may be waiting any more; it is done all the same.
        let _ = self.answer.send(answered);
    }
}

/// What a statement leads to.
enum Next {
    Stay(Result<Outcome>),
    Commit,
    RollBack(Result<Outcome>),
}

impl<'a> Talk<'a> {
    pub(crate) fn new(
        environment: &'a Environment<'a>,
        shared: &'a Shared,
        transaction: &'a Transaction,
    ) -> Talk<'a> {
        Talk { environment, shared, transaction, block: false, failed: false }
    }

    /// Runs to the end of the transaction; `None` when the other side has gone away in its midst, and all is to be rolled back.
    pub(crate) fn run(mut self, first: Asked) -> Option<Ending> {
        let memory = &self.transaction.memory;
        let settings = match &memory.settings {
            Some(settings) => Ok(settings.clone()),
            None => initial_settings(&self.environment.state, &self.transaction.session).map(begin),
        };
        let settings = match settings {
            Ok(settings) => settings,
            Err(error) => return Some(Ending::failed(first, error, memory.clone())),
        };
        let work = Arc::new(WorkState::new(
            self.shared.clock.now(),
            Arc::clone(&self.shared.clock),
            settings,
            Seed::default(),
            Arc::clone(&self.shared.sequences),
            true,
        ));
        *work.sequence_use.lock().unwrap_or_else(PoisonError::into_inner) = memory.sequences.clone();
        let mut run = match Run::new(self.environment, Arc::clone(&work), &self.transaction.session) {
            Ok(run) => run,
            Err(error) => return Some(Ending::failed(first, error, memory.clone())),
        };
        run.held = memory.held.clone();
        run.temporary_schema = Arc::clone(&self.transaction.temporary_schema);
        run.lasting = true;
        run.begin_modes();
        if let Some(user) = &memory.authorization {
            run.session_user = Arc::clone(user);
            run.session_role = Arc::clone(user);
        }
        let ending = self.statements(&mut run, &work, first);
        run.leave();
        if ending.as_ref().is_none_or(|ending| ending.commit.is_none()) {
            work.undo_restarts();
            if run.state.version != self.environment.state.version {
                self.environment.connection.forget_statements();
            }
        }
        if ending.is_none() {
            let _ = self.environment.connection.control("ROLLBACK");
        }
        ending
    }

    fn statements(&mut self, run: &mut Run<'_>, work: &Arc<WorkState>, first: Asked) -> Option<Ending> {
        let mut asked = first;
        let mut is_first = true;
        loop {
            let next = self.next(run, &asked.text, asked.rows.as_ref(), is_first);
            is_first = false;
            // What an erring statement had to say is not the next one's.
            run.notices.clear();
            drop(work.take_notices());
            let outcome = match next {
                Next::Stay(outcome) if self.block => outcome,
                Next::Stay(Ok(outcome)) => return Some(self.commit(run, work, asked, outcome)),
                Next::Stay(Err(error)) => return Some(self.roll_back(run, work, asked, Err(error))),
                Next::Commit => return Some(self.commit(run, work, asked, tagged("COMMIT"))),
                Next::RollBack(outcome) => return Some(self.roll_back(run, work, asked, outcome)),
            };
            let status = if self.failed { TransactionStatus::Failed } else { TransactionStatus::Open };
            let _ = asked.answer.send(Answered { outcome, status, memory: None });
            asked = self.transaction.next()?;
        }
    }

    fn commit(&self, run: &mut Run<'_>, work: &WorkState, asked: Asked, outcome: Outcome) -> Ending {
        if let Err(error) = run.end(self.environment) {
            return self.roll_back(run, work, asked, Err(error));
        }
        let mut settings = work.settings().clone();
        settings.end_transaction();
        let login = work.session_user.get();
        let memory = Memory {
            settings: Some(settings),
            sequences: work.sequence_use.lock().unwrap_or_else(PoisonError::into_inner).clone(),
            held: run.held.clone().committed(),
            temporary: run.state.catalog.schema(&run.temporary_schema).is_some(),
            authorization: (login != Some(&run.session_user)).then(|| Arc::clone(&run.session_user)),
        };
        let commit = Some((Arc::clone(&run.state), true));
        Ending { answer: asked.answer, outcome: Ok(outcome), memory, commit }
    }

    fn roll_back(&self, run: &Run<'_>, work: &WorkState, asked: Asked, outcome: Result<Outcome>) -> Ending {
        // What `nextval` gave stays given.
        let sequences = work.sequence_use.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let before = &self.transaction.memory;
        let held = run.held.clone().rolled_back(&before.held);
        let memory = Memory { sequences, held, ..before.clone() };
        Ending { answer: asked.answer, outcome, memory, commit: None }
    }

    fn next(&mut self, run: &mut Run<'_>, text: &Arc<str>, rows: Option<&Arc<str>>, first: bool) -> Next {
        let statement = match syntax::parse_statement(text) {
            Ok(statement) => statement,
            Err(error) => {
                self.failed = true;
                return Next::Stay(Err(error));
            }
        };
        if let ast::Statement::Transaction(control) = &statement {
            return self.control(run, text, control);
        }
        if self.failed {
            return Next::Stay(Err(aborted()));
        }
        let outcome = self.one(run, text, rows, first);
        self.failed = outcome.is_err();
        Next::Stay(outcome)
    }

    fn one(
        &self,
        run: &mut Run<'_>,
        text: &Arc<str>,
        rows: Option<&Arc<str>>,
        first: bool,
    ) -> Result<Outcome> {
        let statement = Statement::new(Arc::clone(text)).with_rows(rows.cloned());
        run.block = self.block;
        // A bug of ours in one statement must not end the writer for all.
        let done = catch_unwind(AssertUnwindSafe(|| {
            run.statement(self.environment, &statement, usize::from(!first), TransactionControl::Refused)
        }));
        match done {
            Ok(Ok(outcome)) => Ok(outcome),
            Ok(Err(Failure::Error(error))) => Err(error),
            Ok(Err(failure)) => Err(DatabaseError::internal(format_args!("the writer said {failure:?}"))),
            Err(_) => Err(DatabaseError::internal("a statement panicked")),
        }
    }

    fn control(&mut self, run: &mut Run<'_>, text: &Arc<str>, control: &ast::TransactionStatement) -> Next {
        use ast::TransactionStatement as T;
        match control {
            T::Begin { .. } if self.failed => Next::Stay(Err(aborted())),
            T::Begin { .. } if self.block => Next::Stay(Ok(warned(
                "BEGIN",
                ACTIVE_SQL_TRANSACTION,
                "there is already a transaction in progress",
            ))),
            T::Begin { modes } => {
                self.block = true;
                let set = run.set_modes(&modes.join(", "), false);
                self.failed = set.is_err();
                Next::Stay(set.map(|()| tagged("BEGIN")))
            }
            T::Commit { chain: false } if self.failed => Next::RollBack(Ok(tagged("ROLLBACK"))),
            T::Commit { chain: false } if self.block => Next::Commit,
            T::Commit { chain: false } => Next::RollBack(Ok(none_in_progress("COMMIT"))),
            T::Rollback { chain: false } if self.block => Next::RollBack(Ok(tagged("ROLLBACK"))),
            T::Rollback { chain: false } => Next::RollBack(Ok(none_in_progress("ROLLBACK"))),
            T::Savepoint(_) | T::Release(_) if self.failed => Next::Stay(Err(aborted())),
            T::Savepoint(_) | T::Release(_) | T::RollbackTo(_) if !self.block => {
                let verb = match control {
                    T::Savepoint(_) => "SAVEPOINT",
                    T::Release(_) => "RELEASE SAVEPOINT",
                    _ => "ROLLBACK TO SAVEPOINT",
                };
                let message = format!("{verb} can only be used in transaction blocks");
                Next::Stay(Err(DatabaseError::new(NO_ACTIVE_SQL_TRANSACTION, message)))
            }
            T::Savepoint(_) | T::Release(_) | T::RollbackTo(_) => {
                let outcome = self.one(run, text, None, false);
                let kept_failed = self.failed && outcome.is_err();
                self.failed = outcome.is_err() || kept_failed;
                Next::Stay(outcome)
            }
            T::Commit { chain: true } | T::Rollback { chain: true } | T::Other(_) => {
                self.failed = true;
                Next::Stay(Err(DatabaseError::unsupported("AND CHAIN, or a prepared transaction")))
            }
        }
    }
}

/// What a lasting session begins with is what its RESET goes back to.
fn begin(mut settings: Settings) -> Settings {
    settings.begin_here();
    settings
}

/// 25P02
fn aborted() -> DatabaseError {
    DatabaseError::new(
        IN_FAILED_SQL_TRANSACTION,
        "current transaction is aborted, commands ignored until end of transaction block",
    )
}

fn tagged(tag: &str) -> Outcome {
    Outcome { tag: tag.to_owned(), met: true, ..Outcome::default() }
}

fn warned(tag: &str, code: SqlState, message: &str) -> Outcome {
    let notice = Notice { severity: Severity::Warning, code, message: message.to_owned() };
    Outcome { notices: vec![notice], ..tagged(tag) }
}

fn none_in_progress(tag: &str) -> Outcome {
    warned(tag, NO_ACTIVE_SQL_TRANSACTION, "there is no transaction in progress")
}
