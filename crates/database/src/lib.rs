//! The port: what every feature knows of a database, and all it knows.
//!
//! PostgreSQL is the language: statements are PostgreSQL's SQL with `$n` parameters, errors carry SQLSTATE, the catalog
//! is PostgreSQL's. Which engine runs it is nobody's business above this crate.
//!
//! Work is a value: a list of statements with what they must achieve, run in one transaction and answered when it is
//! durable. That lets the embedded engine run it again (a neighbour in the same commit failed) and lets the PostgreSQL driver
//! send it in one round trip.

mod course;
mod foundation;
mod session;
mod value;
mod work;

pub use course::{Continuation, Course, Next, Step};
pub use foundation::lay_foundation;
pub use session::{Session, SystemPrivilege};
pub use sqlstate::{DatabaseError, SqlState};
pub use value::{Column, ResultSet, Value};
pub use work::{End, Expectation, Isolation, Notice, Outcome, Severity, Statement, TransactionControl, Work};

use async_trait::async_trait;
use catalog::Catalog;
use std::sync::Arc;

/// The result of everything that the port does.
pub type Result<T, E = DatabaseError> = std::result::Result<T, E>;

/// The engines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Engine {
    /// PostgreSQL's dialect on SQLite.
    Embedded,
    /// PostgreSQL.
    Postgres,
}

/// A database.
#[async_trait]
pub trait Database: Send + Sync + 'static {
    /// Which engine it is: for `bedplate version`, logs and the dashboard; features must not branch on it.
    fn engine(&self) -> Engine;

    /// Whether `EXPLAIN (FORMAT JSON)` tells how many rows are expected (`Plan Rows`). Where it does not, who wants an estimate counts.
    fn estimates_rows(&self) -> bool {
        false
    }

    /// Runs the work in one transaction as the session's role and answers when it is on disk. The outcomes of a work with a course
    /// were given to its continuation; none is left to answer.
    ///
    /// # Errors
    /// The first failing statement's error, with PostgreSQL's code and the statement's index
    /// ([`DatabaseError::in_statement`]); everything is rolled back then.
    async fn run(&self, session: &Session, work: Work) -> Result<Vec<Outcome>>;

    /// What the database contains now. Costs no round trip when nothing changed.
    ///
    /// # Errors
    /// 08006 when the database cannot be asked.
    async fn catalog(&self) -> Result<Arc<Catalog>>;

    /// Whether it can answer at all: for `/ready`.
    ///
    /// # Errors
    /// Why not.
    async fn ready(&self) -> Result<()>;

    /// Ends: waits for running work, then closes files or connections (and stops a private cluster).
    ///
    /// # Errors
    /// What could not be closed cleanly.
    async fn close(&self) -> Result<()>;
}
