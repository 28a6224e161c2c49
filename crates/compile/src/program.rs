//! What a statement compiles to: a program of SQLite statements and engine operations (rule 1).
//!
//! `compile` makes it, `embedded` runs it; nothing else knows it. One step for most statements. A program holds no
//! parameter's value and no claim: it is cached by statement text, role, search path and catalog, and may be run again.

use catalog::{Oid, ReferentialAction, TypeRef};
use sqlstate::DatabaseError;
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

/// A row-changing statement. The engine runs it so, as PostgreSQL does:
///
/// 1. `source` is read to its end (so that no write is seen by its own statement).
/// 2. For each row (UPDATE … FROM and DELETE … USING may give one twice; the first counts): for UPDATE and DELETE fetch by rowid; BEFORE triggers; generated columns; `probe` (its checks in order: row security first);
///    NOT NULL by column; CHECKs (behind the policies in `probe`, by name); then the write. A unique violation is explained by
///    the probes of [`TablePlan::uniques`] in order.
/// 3. At the end: referential actions and foreign key checks in PostgreSQL's order, AFTER triggers.
/// 4. RETURNING for each row.
#[derive(Clone, Debug)]
pub struct Modify {
    /// The table.
    pub table: Arc<TablePlan>,
    /// INSERT, UPDATE or DELETE.
    pub kind: ModifyKind,
    /// The table is a view whose INSTEAD OF trigger does the work; of its rows there is no rowid.
    pub instead: bool,
    /// A SELECT. INSERT: the new row, one value for each of `table.columns` (generated ones NULL). UPDATE: rowid, the old row, then one
    /// value for each of `assigned`. DELETE: rowid, the old row. Behind these `extras` further columns.
    pub source: SqliteStatement,
    /// How many extra columns the source has.
    pub extras: usize,
    /// UPDATE: the columns assigned (indexes in `table.columns`). INSERT: the columns given; errors may show their values.
    pub assigned: Vec<usize>,
    /// Checks of the row to be written; `None` when there is nothing to check. UPDATE may bind `Old`.
    pub probe: Option<Probe>,
    /// ON CONFLICT.
    pub conflict: Option<Conflict>,
    /// RETURNING.
    pub returning: Option<Projection>,
    /// What errors may show.
    pub reveal: Reveal,
}

/// The kinds of [`Modify`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ModifyKind {
    /// INSERT
    Insert,
    /// UPDATE
    Update,
    /// DELETE
    Delete,
}

/// A SELECT without FROM over `New`, `Old`, `Excluded`: one row, one column for each check.
#[derive(Clone, Debug, PartialEq)]
pub struct Probe {
    /// The statement.
    pub statement: SqliteStatement,
    /// What each column means, in the order in which they must be looked at. NOT NULL is tested by the engine between policies and CHECKs.
    pub checks: Vec<Check>,
}

/// A check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Check {
    /// Row security for the new row: must be true. 42501 `new row violates row-level security policy ["name" ]for table "t"`.
    Policy {
        /// The restrictive policy's name; `None` for the permissive ones together.
        name: Option<String>,
        /// The row that it is about.
        row: PolicyRow,
    },
    /// A CHECK constraint: must not be false. 23514.
    Constraint {
        /// Its name.
        name: String,
    },
    /// An existing row in ON CONFLICT DO UPDATE must be one that the view shows. 55000.
    Shown {
        /// The view.
        view: String,
    },
    /// WITH CHECK OPTION of a view: must be true. 44000.
    ViewOption {
        /// The view.
        view: String,
    },
}

/// The row that a policy is asked about, for its error.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PolicyRow {
    /// One that is to be written.
    New,
    /// One that is there, in ON CONFLICT DO UPDATE.
    Existing,
    /// One that is there, in MERGE.
    Target,
}

/// MERGE. The engine reads `source` to its end; for each row of it the first clause decides that is for rows of its kind and whose
/// condition holds. What that changes is written as by a statement of its own; 21000 for a row that is to be changed twice.
#[derive(Clone, Debug)]
pub struct Merge {
    /// The table.
    pub table: Arc<TablePlan>,
    /// A SELECT: rowid (NULL where no row of the table matches), the old row, then `extras` further columns.
    pub source: SqliteStatement,
    /// How many extra columns the source has.
    pub extras: usize,
    /// The clauses, in order.
    pub clauses: Vec<MergeClause>,
}

/// A clause of MERGE.
#[derive(Clone, Debug)]
pub struct MergeClause {
    /// It is for rows that match, or for those that do not.
    pub matched: bool,
    /// A SELECT over `Old` and `Extra` that yields one value: whether the condition holds.
    pub condition: Option<SqliteStatement>,
    /// What it does; `None` is DO NOTHING.
    pub change: Option<MergeChange>,
}

/// What a clause of MERGE changes.
#[derive(Clone, Debug)]
pub struct MergeChange {
    /// The change; its `source` is a SELECT over `Old` and `Extra` that yields one row: the new row of INSERT, the values of `assigned`
    /// of UPDATE.
    pub modify: Modify,
    /// Checked of the row that is there: policies. Binds `Old`.
    pub existing: Option<Probe>,
}

/// ON CONFLICT. The arbiters are asked after the proposed row passed `Modify::probe`, NOT NULL and the CHECKs.
#[derive(Clone, Debug)]
pub struct Conflict {
    /// The unique indexes that arbitrate (indexes in `table.uniques`); DO NOTHING without target has all.
    pub arbiters: Vec<usize>,
    /// DO UPDATE; `None` is DO NOTHING.
    pub update: Option<ConflictUpdate>,
}

/// DO UPDATE.
#[derive(Clone, Debug)]
pub struct ConflictUpdate {
    /// Binds `Old` (the existing row) and `Excluded`. First column: whether WHERE holds (1/0/NULL); then a value for each of `assigned`.
    pub values: SqliteStatement,
    /// The columns assigned.
    pub assigned: Vec<usize>,
    /// Checked of the existing row when WHERE holds: policies with `using`. Binds `Old`.
    pub existing: Option<Probe>,
    /// Checked of the resulting row. Binds `New` and `Old`.
    pub probe: Option<Probe>,
}

/// What a row becomes in RETURNING.
#[derive(Clone, Debug, PartialEq)]
pub enum Projection {
    /// Plain columns: `New`, `Old` (of a deleted row) and `Extra` binds only.
    Columns(Vec<Bind>),
    /// Anything else: a SELECT without outer tables that yields one row.
    Query(SqliteStatement),
}

/// What an error may show of rows (PostgreSQL's ExecBuildSlotValueDescription and BuildIndexValueDescription).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reveal {
    /// False when row security is active for the role: no DETAIL of rows or keys at all.
    pub rows: bool,
    /// Columns (indexes in `table.columns`) that the role may SELECT.
    pub columns: Vec<bool>,
}

/// A table as the engine writes it: the same for all roles, made once for each catalog.
#[derive(Clone, Debug)]
pub struct TablePlan {
    /// Its OID.
    pub oid: Oid,
    /// Its schema's name.
    pub schema: String,
    /// Its name.
    pub name: String,
    /// SQLite's name for it, unquoted: `public.todos`.
    pub sqlite_name: String,
    /// The name by which its rowid is read (one that no column shadows).
    pub rowid: &'static str,
    /// Its columns in order.
    pub columns: Vec<PlanColumn>,
    /// Generated columns: a SELECT over `New` that yields one value for each, in column order.
    pub generated: Option<SqliteStatement>,
    /// The CHECK constraints by name, without any policy: what a referential action's update must obey. `None` when there is none.
    pub checks: Option<Probe>,
    /// Unique indexes in order of creation.
    pub uniques: Vec<UniquePlan>,
    /// Its foreign keys, by name.
    pub foreign_keys: Vec<Arc<ForeignKeyPlan>>,
    /// The foreign keys that point to it.
    pub references: Vec<Arc<ForeignKeyPlan>>,
}

/// A column of a [`TablePlan`].
#[derive(Clone, Debug)]
pub struct PlanColumn {
    /// Its number in the catalog.
    pub number: catalog::ColumnNumber,
    /// Its name, here and in SQLite.
    pub name: String,
    /// Its type.
    pub type_ref: TypeRef,
    /// NOT NULL.
    pub not_null: bool,
    /// GENERATED STORED.
    pub generated: bool,
}

/// A unique index.
#[derive(Clone, Debug)]
pub struct UniquePlan {
    /// The index (or constraint) name for the error.
    pub name: String,
    /// Whether a constraint owns it.
    pub constraint: bool,
    /// Columns (indexes in `TablePlan::columns`) of the key, when it has no expression.
    pub columns: Vec<usize>,
    /// For the DETAIL: the key as PostgreSQL prints it, `email` or `lower(email)`, and for expressions their types.
    pub key: Vec<(String, TypeRef)>,
    /// A SELECT over `New` that yields one row: first column whether the row is in the index at all (predicate holds, no NULL unless NULLS NOT DISTINCT), then the key's values.
    pub entry: SqliteStatement,
    /// The rowid of the row that has this key; binds `Key`.
    pub find: SqliteStatement,
    /// DEFERRABLE: a plain index in SQLite; the engine probes at the end of the statement or transaction.
    pub deferrable: bool,
    /// INITIALLY DEFERRED.
    pub initially_deferred: bool,
}

/// A foreign key as the engine checks it.
#[derive(Clone, Debug)]
pub struct ForeignKeyPlan {
    /// pg_constraint.oid
    pub oid: Oid,
    /// Its name.
    pub name: String,
    /// The referencing table's OID and its schema and name.
    pub table: (Oid, String, String),
    /// Its columns: indexes in that table's `columns`, and names.
    pub columns: Vec<(usize, String)>,
    /// The referenced table's OID and its schema and name.
    pub referenced: (Oid, String, String),
    /// The key columns: indexes in that table's `columns`, and names.
    pub referenced_columns: Vec<(usize, String)>,
    /// MATCH FULL.
    pub match_full: bool,
    /// ON DELETE.
    pub on_delete: ReferentialAction,
    /// ON UPDATE.
    pub on_update: ReferentialAction,
    /// SET NULL / SET DEFAULT (columns): positions in `columns`.
    pub set_columns: Vec<usize>,
    /// The defaults of the columns, for SET DEFAULT: a SELECT that yields one value for each.
    pub defaults: Option<SqliteStatement>,
    /// DEFERRABLE.
    pub deferrable: bool,
    /// INITIALLY DEFERRED.
    pub initially_deferred: bool,
    /// The rowid of the referenced row, if it exists; `Key` binds are the referencing columns' values.
    pub find_referenced: SqliteStatement,
    /// The rowids of the rows that refer to a key; `Key` binds are the referenced columns' values.
    pub find_referencing: SqliteStatement,
}

/// A trigger's PL/pgSQL function, compiled for one trigger, one event and the role as which it runs.
///
/// It runs over registers, which its programs bind as `Argument`: first the fields of NEW and OLD, then its other variables.
#[derive(Clone, Debug)]
pub struct RoutinePlan {
    /// The function's name, for errors.
    pub name: String,
    /// SECURITY DEFINER: the owner's name; the programs were compiled for it.
    pub role: Option<String>,
    /// SET clauses.
    pub settings: Vec<(String, String)>,
    /// How many registers there are; all begin as NULL.
    pub registers: usize,
    /// Where NEW's fields begin.
    pub new: usize,
    /// Where OLD's fields begin.
    pub old: usize,
    /// The register of FOUND.
    pub found: usize,
    /// Columns that NEW has no value for yet: generated ones, in a BEFORE trigger.
    pub blank: Vec<usize>,
    /// In order.
    pub body: Vec<Instruction>,
    /// Whether it reads or writes any table: if not, it may run for all rows before the first of them is written.
    pub touches_tables: bool,
}

/// A statement of a [`RoutinePlan`].
#[derive(Clone, Debug)]
pub enum Instruction {
    /// Runs a program.
    Run {
        /// It.
        program: Box<Program>,
        /// What its rows are for.
        rows: Rows,
        /// Whether FOUND tells afterwards if it concerned any row.
        sets_found: bool,
    },
    /// Fails, once it is reached: what is wrong with a statement shows only when it is its turn.
    Fail(DatabaseError),
    /// Ends the function.
    Return(Returned),
}

/// What becomes of the rows of a program in a routine.
#[derive(Clone, Debug)]
pub enum Rows {
    /// Nothing.
    Discard,
    /// At most one row of one value, for a variable: 21000 when there are more.
    Value(Assignment),
    /// INTO: the first row, or NULLs.
    Into {
        /// Where its values go.
        assignment: Assignment,
        /// STRICT: P0002 without a row.
        strict: bool,
        /// STRICT, and all but SELECT: P0003 with more than one row.
        single: bool,
    },
}

/// Values for variables.
#[derive(Clone, Debug)]
pub struct Assignment {
    /// Registers that take the row as it is; further columns are dropped, missing ones are NULL.
    pub raw: Vec<usize>,
    /// A SELECT over the registers that converts `raw` to the types of `targets`, when they differ.
    pub convert: Option<SqliteStatement>,
    /// Where the values go in the end.
    pub targets: Vec<Slot>,
}

/// A variable's register.
#[derive(Clone, Debug)]
pub struct Slot {
    /// The register.
    pub register: usize,
    /// NOT NULL: the variable's name, for the error.
    pub not_null: Option<String>,
}

/// What RETURN gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Returned {
    /// No row.
    Null,
    /// NEW.
    New,
    /// OLD.
    Old,
    /// No row if this register is NULL; else 42804, since it is no row.
    Scalar(usize),
}

/// A PL/pgSQL function; each of its statements is compiled when it is reached.
#[derive(Clone, Debug)]
pub struct CallPlan {
    /// pg_proc.oid
    pub oid: Oid,
    /// Its name, for errors and as the label of its parameters.
    pub name: String,
    /// SECURITY DEFINER: the owner's name.
    pub role: Option<String>,
    /// SET clauses.
    pub settings: Vec<(String, String)>,
    /// Its parameters.
    pub parameters: Vec<CallParameter>,
    /// What it returns; `void` too.
    pub returns: TypeRef,
    /// SETOF, TABLE.
    pub returns_set: bool,
    /// The columns of the rows that it gives (one for a scalar).
    pub columns: Vec<ResultColumn>,
    /// VOLATILE: it may change rows.
    pub volatile: bool,
    /// The body.
    pub body: Arc<syntax::plpgsql::Body>,
}

/// A parameter of a PL/pgSQL function.
#[derive(Clone, Debug)]
pub struct CallParameter {
    /// Its name.
    pub name: Option<String>,
    /// The type that this call gives it.
    pub ty: TypeRef,
    /// OUT, TABLE: a variable for the result.
    pub is_output: bool,
}

/// A SQL function's body, compiled for its role.
#[derive(Clone, Debug)]
pub struct FunctionPlan {
    /// pg_proc.oid
    pub oid: Oid,
    /// Its name, for errors.
    pub name: String,
    /// SECURITY DEFINER: the owner's name; the body's programs were compiled for it.
    pub role: Option<String>,
    /// SET clauses.
    pub settings: Vec<(String, String)>,
    /// Its statements; they bind `Argument`.
    pub body: Vec<Program>,
    /// Whether all rows of the last statement count. If not: one row always, the first, or one of NULLs when there is none.
    pub returns_set: bool,
    /// The columns of the rows that it gives (one for a scalar).
    pub columns: Vec<ResultColumn>,
}
