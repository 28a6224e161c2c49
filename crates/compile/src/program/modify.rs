//! Statements that change rows, and what the engine knows of their tables.

use super::{Bind, SqliteStatement};
use catalog::{Oid, ReferentialAction, TypeRef};
use std::sync::Arc;

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
    /// UPDATE: the columns assigned (indexes in `table.columns`). INSERT: the columns given.
    pub assigned: Vec<usize>,
    /// Checks of the row to be written; `None` when there is nothing to check. UPDATE may bind `Old`.
    pub probe: Option<Probe>,
    /// ON CONFLICT.
    pub conflict: Option<Conflict>,
    /// RETURNING.
    pub returning: Option<Projection>,
    /// What errors may show.
    pub reveal: Reveal,
    /// What in it reads the table as it is by then; `None` when nothing does.
    pub live: Option<Box<Live>>,
}

/// What of a [`Modify`] reads its own table as it is by then: the bodies of VOLATILE functions. All else reads it as it was when the
/// statement began.
#[derive(Clone, Debug)]
pub struct Live {
    /// The numbers of the ranges over the table (`r1` …) within the texts; the target of UPDATE and DELETE is one of them, since each
    /// of its rows is read before it is changed.
    pub ranges: Vec<u32>,
    /// UPDATE and DELETE whose source has such a range: the rowids that it may be about, and perhaps others.
    pub candidates: Option<SqliteStatement>,
    /// INSERT: the source is VALUES, each row of which is made once the one before is written.
    pub in_turn: bool,
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
    /// TRUNCATE: what triggers fire for, never the kind of a [`Modify`].
    Truncate,
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
    /// The role may SELECT from the table as a whole: DETAIL names no columns then.
    pub table: bool,
    /// Columns (indexes in `table.columns`) that the role may SELECT.
    pub columns: Vec<bool>,
    /// Columns that the statement sets, in whichever of its ways: a description of a row has them although the role may not read them.
    pub given: Vec<usize>,
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
