//! What is to be done in one transaction.

use crate::{Course, ResultSet, Value};
use std::sync::Arc;

/// Statements for one transaction.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Work {
    /// In order.
    pub statements: Vec<Statement>,
    /// How it ends.
    pub end: End,
    /// What BEGIN and COMMIT among the statements do.
    pub transaction_control: TransactionControl,
    /// What runs behind the statements, and how it ends then (`end` does not count). The work's session is not READ ONLY then;
    /// its steps' may be.
    pub course: Option<Course>,
    /// What it sees of others' transactions.
    pub isolation: Isolation,
}

/// What a transaction sees of others that commit while it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Isolation {
    /// What the engine gives when nothing is said: READ COMMITTED on PostgreSQL, serializable on the embedded engine.
    #[default]
    Usual,
    /// At least REPEATABLE READ: the state when it began, and 40001 where it would write over a change made since.
    RepeatableRead,
}

/// One statement.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// PostgreSQL's SQL. Shared, since the same text is compiled once.
    pub text: Arc<str>,
    /// `$1` …
    pub parameters: Vec<Value>,
    /// What must hold of its result, else the whole work is rolled back.
    pub expectation: Expectation,
    /// The rows of COPY … FROM stdin, in the format that it says, without the line that ends them in a script.
    pub rows: Option<Arc<str>>,
}

/// What must hold of a statement's result.
#[derive(Clone, Debug, PartialEq, Default)]
pub enum Expectation {
    /// Anything.
    #[default]
    Any,
    /// The value in the first row's column of this name, an integer, must lie within the bounds (inclusive). The work is rolled back otherwise,
    /// yet its outcome is still given with `met` false: the asker knows which error of its protocol that is. The statements
    /// behind it do not run and have no outcome.
    CountWithin {
        /// The column.
        column: Arc<str>,
        /// The least that is met.
        min: i64,
        /// The most that is met.
        max: i64,
    },
    /// The statement must have changed (or returned) exactly so many rows, as its command tag counts them; otherwise as with `CountWithin`.
    /// A write decided upon what was read before carries its decision's condition in WHERE, and this.
    Affected(u64),
}

/// What BEGIN, START TRANSACTION, COMMIT and END among the statements do. Everything else that would end or suspend the
/// transaction (ROLLBACK, ABORT, PREPARE TRANSACTION) is refused either way; savepoints are not concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum TransactionControl {
    /// They are refused (0A000): the work is the transaction.
    #[default]
    Refused,
    /// They are skipped, and their outcome says so in `no_effect`: a script, which a person wrote for another tool, is one
    /// transaction here.
    Skipped,
}

/// How the transaction ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum End {
    /// COMMIT.
    #[default]
    Commit,
    /// ROLLBACK, after deferred constraints were checked (`Prefer: tx=rollback`).
    Rollback,
}

/// What a statement did.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Outcome {
    /// Its rows.
    pub result: ResultSet,
    /// PostgreSQL's command tag: `INSERT 0 1`, `SELECT 3`, `CREATE TABLE`.
    pub tag: String,
    /// Rows changed or returned, as in the tag.
    pub affected: u64,
    /// Notices and warnings.
    pub notices: Vec<Notice>,
    /// What COPY … TO stdout gave, in the format that it says.
    pub copied: Option<String>,
    /// Whether its expectation was met. False means: all was rolled back.
    pub met: bool,
    /// Accepted without effect (rule 15): why, for `check`.
    pub no_effect: Option<String>,
}

/// A notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// How grave.
    pub severity: Severity,
    /// The code (00000 for notices).
    pub code: sqlstate::SqlState,
    /// The text.
    pub message: String,
}

/// How grave a notice is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    /// NOTICE
    Notice,
    /// WARNING
    Warning,
    /// INFO
    Info,
}

impl Statement {
    /// A statement without parameters.
    pub fn new(text: impl Into<Arc<str>>) -> Statement {
        Statement { text: text.into(), parameters: Vec::new(), expectation: Expectation::Any, rows: None }
    }

    /// A statement with parameters.
    pub fn with(text: impl Into<Arc<str>>, parameters: impl IntoIterator<Item = Value>) -> Statement {
        Statement {
            text: text.into(),
            parameters: parameters.into_iter().collect(),
            expectation: Expectation::Any,
            rows: None,
        }
    }
}

impl Statement {
    /// The same statement under an expectation.
    pub fn expecting(mut self, expectation: Expectation) -> Statement {
        self.expectation = expectation;
        self
    }

    /// The same statement, a COPY, with its rows.
    pub fn with_rows(mut self, rows: Option<impl Into<Arc<str>>>) -> Statement {
        self.rows = rows.map(Into::into);
        self
    }
}

impl Work {
    /// Statements that a continuation decides upon, one step after the other.
    pub fn course(course: Course) -> Work {
        Work { course: Some(course), ..Work::default() }
    }

    /// One statement, committed.
    pub fn one(statement: Statement) -> Work {
        Work { statements: vec![statement], ..Work::default() }
    }

    /// Several statements, committed together.
    pub fn all(statements: impl IntoIterator<Item = Statement>) -> Work {
        Work { statements: statements.into_iter().collect(), ..Work::default() }
    }

    /// A script's statements (a migration, a seed), committed together; its own BEGIN and COMMIT are skipped.
    pub fn script(statements: impl IntoIterator<Item = Statement>) -> Work {
        Work {
            statements: statements.into_iter().collect(),
            transaction_control: TransactionControl::Skipped,
            ..Work::default()
        }
    }
}
