//! What a statement compiles to: a program of SQLite statements and engine operations (rule 1).
//!
//! `compile` makes it, `embedded` runs it; nothing else knows it. One step for most statements. A program holds no
//! parameter's value and no claim: it is cached by statement text, role, search path and catalog, and may be run again.

mod modify;
mod routine;

pub use modify::{
    Check, Conflict, ConflictUpdate, ForeignKeyPlan, Live, Merge, MergeChange, MergeClause, Modify,
    ModifyKind, PlanColumn, PolicyRow, Probe, Projection, Reveal, TablePlan, UniquePlan,
};
pub use routine::{
    Assignment, CallParameter, CallPlan, FunctionPlan, Instruction, Returned, RoutinePlan, Rows, Slot,
};

use catalog::{Oid, TypeRef};
use std::sync::Arc;
use syntax::ast;

/// A compiled statement.
#[derive(Clone, Debug)]
pub struct Program {
    /// What the command tag says.
    pub command: Command,
    /// The types of `$1` …; a value is converted to the stored form of its type before it is bound.
    pub parameters: Vec<TypeRef>,
    /// The result's columns; empty when it returns none.
    pub columns: Vec<ResultColumn>,
    /// In order.
    pub steps: Vec<Step>,
    /// Whether it must run on the writer.
    pub writes: bool,
    /// Accepted without effect: why (rule 15).
    pub no_effect: Option<String>,
}

/// The command of a tag.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// `SELECT n`
    Select,
    /// `INSERT 0 n`
    Insert,
    /// `UPDATE n`
    Update,
    /// `DELETE n`
    Delete,
    /// `COPY n`
    Copy,
    /// `MERGE n`
    Merge,
    /// The tag itself: `CREATE TABLE`, `SET`.
    Other(String),
}

/// A result column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResultColumn {
    /// Its name.
    pub name: String,
    /// Its type, from which the stored form is turned into a value.
    pub type_ref: TypeRef,
}

impl Program {
    /// Whether a PL/pgSQL function is called in it.
    pub fn calls(&self) -> bool {
        self.steps.iter().any(|step| match step {
            Step::Call { .. } => true,
            Step::Function { function, .. } => function.body.iter().any(Program::calls),
            Step::Explain { analyze: Some((program, _)), .. } => program.calls(),
            _ => false,
        })
    }
}

/// One step.
#[derive(Clone, Debug)]
pub enum Step {
    /// A SELECT.
    Query {
        /// The statement.
        statement: SqliteStatement,
        /// Where its rows go.
        into: Target,
    },
    /// INSERT, UPDATE or DELETE, run by the engine row by row.
    Modify {
        /// What to do.
        modify: Box<Modify>,
        /// Where its RETURNING rows go.
        into: Target,
    },
    /// A recursive item of WITH that SQLite cannot run: `first`, then `next` over the rows of the round before, until there are none.
    Iterate {
        /// The first term.
        first: SqliteStatement,
        /// The recursive term.
        next: SqliteStatement,
        /// The buffer with the rows of the round before, which it reads.
        working: u32,
        /// UNION: a row that was there before does not come again.
        distinct: bool,
        /// The buffer of all rows.
        into: u32,
    },
    /// MERGE, run by the engine row by row.
    Merge(Box<Merge>),
    /// COPY FROM STDIN: the rows come with the statement.
    CopyFrom {
        /// How a row is written; `source` is a SELECT over `New`, the values given, that yields the whole row.
        modify: Box<Modify>,
        /// The columns given, in the order of their values.
        columns: Vec<CopyColumn>,
        /// Whether the values given, with NULL for the others, are the whole row.
        complete: bool,
        /// Whether each row is written before the next is read.
        one_by_one: bool,
        /// WHERE: a SELECT over `New`, the whole row, that yields one value.
        filter: Option<SqliteStatement>,
        /// The options.
        format: CopyFormat,
    },
    /// COPY TO STDOUT.
    CopyTo {
        /// The query.
        statement: SqliteStatement,
        /// Its columns.
        columns: Vec<ResultColumn>,
        /// The options.
        format: CopyFormat,
    },
    /// A call of a SQL function that is not inlined: its statements run in order as its role; the last one's rows are the result.
    Function {
        /// The function.
        function: Arc<FunctionPlan>,
        /// One row: the arguments.
        arguments: SqliteStatement,
        /// Where its rows go.
        into: Target,
    },
    /// A call of a PL/pgSQL function: its block runs statement by statement.
    Call {
        /// The function.
        routine: Arc<CallPlan>,
        /// One row: the arguments.
        arguments: SqliteStatement,
        /// Where its rows go.
        into: Target,
    },
    /// A DDL statement: applied to the catalog by `catalog::ddl`, then to the storage.
    Ddl(Box<ast::Statement>),
    /// DO: run statement by statement, each compiled when it is reached.
    Block(Arc<syntax::plpgsql::Body>),
    /// SET and RESET.
    Set {
        /// The setting, lower-cased; `role` too.
        name: String,
        /// Its value; `None` resets.
        value: Option<String>,
        /// LOCAL, or inside a transaction.
        local: bool,
    },
    /// EXPLAIN.
    Explain {
        /// The steps of the statement that is explained.
        plan: Vec<Explained>,
        /// As one JSON value.
        json: bool,
        /// ANALYZE: the statement, which is run, and whether the time that it took is told.
        analyze: Option<(Box<Program>, bool)>,
    },
    /// SHOW.
    Show(String),
    /// SET CONSTRAINTS.
    SetConstraints {
        /// Constraint OIDs; `None` is ALL.
        constraints: Option<Vec<Oid>>,
        /// DEFERRED.
        deferred: bool,
    },
    /// TRUNCATE.
    Truncate {
        /// All tables concerned (CASCADE is resolved).
        tables: Vec<Arc<TablePlan>>,
        /// Sequences to restart.
        restart: Vec<Oid>,
    },
}

/// A column that COPY FROM gives a value.
#[derive(Clone, Debug)]
pub struct CopyColumn {
    /// Its name.
    pub name: String,
    /// Its index in the table's columns.
    pub at: usize,
    /// The type whose text form is read (of a domain its base).
    pub type_ref: TypeRef,
    /// The name of its domain.
    pub domain: Option<String>,
}

/// The options of COPY.
#[derive(Clone, Debug)]
pub struct CopyFormat {
    /// CSV, or text.
    pub csv: bool,
    /// HEADER.
    pub header: CopyHeader,
    /// DELIMITER.
    pub delimiter: u8,
    /// NULL.
    pub null: String,
    /// QUOTE.
    pub quote: u8,
    /// ESCAPE.
    pub escape: u8,
    /// FORCE_QUOTE, for each column.
    pub force_quote: Vec<bool>,
    /// FORCE_NOT_NULL, for each column.
    pub force_not_null: Vec<bool>,
    /// FORCE_NULL, for each column.
    pub force_null: Vec<bool>,
}

/// HEADER of COPY.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CopyHeader {
    /// There is none.
    None,
    /// The first line; FROM skips it.
    Written,
    /// FROM compares it with the columns' names.
    Match,
}

/// The buffer of the rowids of what a statement wrote so far, where it reads the table that it changes row by row.
pub const CHANGED_ROWS: u32 = u32::MAX - 3;
/// The buffer of those rows as they were before: rowid and columns, without those that were inserted.
pub const ROWS_BEFORE: u32 = u32::MAX - 2;
/// The buffer of a trigger's OLD TABLE.
pub const OLD_TABLE: u32 = u32::MAX - 1;
/// The buffer of a trigger's NEW TABLE.
pub const NEW_TABLE: u32 = u32::MAX;

/// A step as EXPLAIN tells it.
#[derive(Clone, Debug)]
pub struct Explained {
    /// What it does.
    pub title: String,
    /// What it asks SQLite.
    pub statement: Option<SqliteStatement>,
    /// The statement's own names of ranges (`r1` …) and items of WITH (`cte1` …); others may not be told.
    pub names: Vec<(String, String)>,
}

/// Where rows go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// They are the statement's result.
    Result,
    /// Kept until the program ends, read by later steps through the table-valued function `bedplate_rows(n)` with columns `c0`, `c1` …
    Buffer(u32),
    /// Only counted.
    Discard,
}

/// One SQLite statement.
#[derive(Clone, Debug, PartialEq)]
pub struct SqliteStatement {
    /// Its text, with `?1`, `?2` …
    pub sql: String,
    /// What is bound to `?1`, `?2` …
    pub binds: Vec<Bind>,
    /// The second wall (rule 9): what the authorizer admits while it is prepared.
    pub access: Access,
}

/// What is bound.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Bind {
    /// `$n` (from 1), in the stored form of its type.
    Parameter(u32),
    /// `now()`: microseconds since 2000-01-01, the transaction's start.
    Now,
    /// `statement_timestamp()`.
    StatementTime,
    /// The role in effect, as text.
    CurrentUser,
    /// The session's user, as text.
    SessionUser,
    /// `pg_trigger_depth()`.
    TriggerDepth,
    /// Column i (index in [`TablePlan::columns`]) of the row that is to be written.
    New(usize),
    /// Column i of the row as it was.
    Old(usize),
    /// Column i of the row proposed for insertion, in ON CONFLICT DO UPDATE.
    Excluded(usize),
    /// Extra column i of the source's row (FROM and USING columns that RETURNING reads).
    Extra(usize),
    /// Argument i of the function that is being run.
    Argument(usize),
    /// Value i of the key that is looked for: [`UniquePlan::find`], [`ForeignKeyPlan::find_referenced`], [`ForeignKeyPlan::find_referencing`].
    Key(usize),
}

/// The tables and columns that a statement may touch, by SQLite's names.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Access {
    /// Tables read, each with the columns read (empty: only counted or by rowid).
    pub reads: Vec<(String, Vec<String>)>,
    /// Tables written.
    pub writes: Vec<String>,
}
