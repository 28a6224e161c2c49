//! Statements that nobody wrote, on the embedded engine. Whatever comes, it must answer or refuse it by name: no panic, no endless
//! run, no statement that SQLite does not take.
//!
//! Each script of `conformance/` is walked from its beginning, so that its statements find what they need; before each of them,
//! changed ones are tried and taken back. [`tame`] changes trees so that they mean something still; [`wild`] changes texts
//! without regard for the grammar.

mod stock;
mod tame;
mod templates;
mod values;
mod walk;
mod wild;

pub use values::{TYPES, value_text};
pub use walk::{Found, Script, Scripts, Way, walk};

use database::{Database, DatabaseError, End, Outcome, Session, Statement, Work};
use sqlstate::INTERNAL_ERROR;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How long a statement may take before it ends itself.
const TIMEOUT: Duration = Duration::from_secs(2);

/// How long it may take at most, on a machine that does other things too.
const PATIENCE: Duration = Duration::from_secs(40);

/// What must never be.
#[derive(Clone, Debug)]
pub struct Fault {
    /// The statement.
    pub statement: String,
    /// What happened.
    pub what: String,
    /// Whether the database may be lost with it.
    pub lost: bool,
}

/// What a statement did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ran {
    /// Rows, or changes.
    Answered,
    /// 0A000.
    Refused,
    /// Another error.
    Failed,
}

/// Runs work as it is, in a task of its own, so that a panic is seen and goes no further.
///
/// # Errors
/// Why there is no answer: a panic, or no end.
async fn quiet(
    database: &Arc<dyn Database>,
    session: &Session,
    work: Work,
) -> Result<Result<Vec<Outcome>, DatabaseError>, String> {
    let mut session = session.clone();
    session.statement_timeout = Some(TIMEOUT);
    let database = Arc::clone(database);
    let task = tokio::spawn(async move { database.run(&session, work).await });
    match tokio::time::timeout(PATIENCE, task).await {
        Err(_) => Err("no end".to_owned()),
        Ok(Err(panic)) => Err(format!("panic: {panic}")),
        Ok(Ok(ran)) => Ok(ran),
    }
}

/// Runs statements in one transaction and takes them back; a fault is an internal error, a panic, no end, or what SQLite does not take.
///
/// # Errors
/// The fault.
pub async fn run(
    database: &Arc<dyn Database>,
    session: &Session,
    statements: Vec<Statement>,
) -> Result<Ran, Fault> {
    let texts: Vec<&str> = statements.iter().map(|statement| &*statement.text).collect();
    let text = texts.join("; ");
    let fault = |what: String, lost| Fault { statement: text.clone(), what, lost };
    let work = Work { statements, end: End::Rollback, ..Work::default() };
    let began = Instant::now();
    let ran = quiet(database, session, work).await.map_err(|what| fault(what, true))?;
    match ran {
        _ if began.elapsed() > PATIENCE / 2 => Err(fault(format!("took {:?}", began.elapsed()), false)),
        Ok(_) => Ok(Ran::Answered),
        Err(error) => match fault_of(&error) {
            // A panic on the writer's thread is answered as an internal error.
            Some(what) => Err(fault(what, error.code() == INTERNAL_ERROR)),
            None if error.code() == sqlstate::FEATURE_NOT_SUPPORTED => Ok(Ran::Refused),
            None => Ok(Ran::Failed),
        },
    }
}

/// Why an error is a fault of the engine's, if it is one.
pub fn fault_of(error: &DatabaseError) -> Option<String> {
    let internal = error.fields().internal.as_deref().unwrap_or_default();
    // Some are PostgreSQL's, and say what they are.
    if error.code() == INTERNAL_ERROR
        && !error.fields().message.starts_with("could not open relation with OID ")
    {
        return Some(format!("internal error: {} {internal}", error.fields().message));
    }
    // The engine refuses what SQLite does not take, so that nobody is harmed; the compiler should have done it, by name.
    let refused = error.code() == sqlstate::FEATURE_NOT_SUPPORTED && !internal.is_empty();
    refused.then(|| format!("SQLite does not take it: {internal}"))
}
