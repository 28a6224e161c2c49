//! What an engine has to do to its storage after a statement: the catalog says what is, these say what to do.

use crate::{ColumnNumber, Function, Index, Oid, Relation, Sequence, Sql};
use std::sync::Arc;

/// A change to storage, to be made in order, each under the *new* catalog; what is gone from it comes along.
///
/// All are part of the statement's transaction. The names in SQLite follow the catalog (`schema.table`), so that a rename
/// is a change of storage as well.
#[derive(Clone, Debug, PartialEq)]
pub enum PhysicalChange {
    /// A new table, empty, with its columns and its foreign keys. Its unique indexes come as `CreateIndex`.
    CreateTable {
        /// The table.
        table: Oid,
    },
    /// The table is gone, with its rows and indexes.
    DropTable {
        /// As it was.
        old: Arc<Relation>,
        /// The name of the schema it was in.
        schema: String,
    },
    /// The table has another name or schema.
    RenameTable {
        /// The table.
        table: Oid,
        /// Its schema's name before.
        old_schema: String,
        /// Its name before.
        old_name: String,
    },
    /// The table has a new last column.
    AddColumn {
        /// The table.
        table: Oid,
        /// The column.
        column: ColumnNumber,
        /// What existing rows get: an expression without columns (or, for a generated column, with those of its row).
        /// When `per_row`, it is evaluated for each row (volatile, generated, identity), else once.
        value: Option<Sql>,
        /// See `value`.
        per_row: bool,
    },
    /// The column is gone. Indexes and constraints on it went before.
    DropColumn {
        /// The table.
        table: Oid,
        /// The column as it was.
        column: ColumnNumber,
        /// Its name.
        name: String,
    },
    /// The column has another name.
    RenameColumn {
        /// The table.
        table: Oid,
        /// The column.
        column: ColumnNumber,
        /// Its name before.
        old_name: String,
    },
    /// Every row has to be written anew: a column's stored form changes, or is computed from the old row.
    RebuildTable {
        /// The table before.
        old: Arc<Relation>,
        /// The table.
        table: Oid,
        /// For the columns that change: an expression over the *old* row, of the new type. All others are copied.
        columns: Vec<(ColumnNumber, Sql)>,
    },
    /// Only the declaration in storage changes, no row: a foreign key was added or dropped, a default set.
    Redeclare {
        /// The table.
        table: Oid,
        /// As it was.
        old: Arc<Relation>,
    },
    /// A new index, to be filled. A unique one fails with 23505 `could not create unique index "i"` when rows are equal.
    CreateIndex {
        /// The index.
        index: Oid,
    },
    /// The index is gone.
    DropIndex {
        /// As it was.
        old: Arc<Index>,
        /// The name of the schema it was in.
        schema: String,
    },
    /// The index has another name, or its table has.
    RenameIndex {
        /// The index.
        index: Oid,
        /// Its schema's name before.
        old_schema: String,
        /// Its name before.
        old_name: String,
    },
    /// Existing rows must pass the CHECK: 23514 `check constraint "c" of relation "t" is violated by some row`.
    ValidateCheck {
        /// The table.
        table: Oid,
        /// The constraint.
        constraint: Oid,
    },
    /// Existing rows must have their referenced row: 23503.
    ValidateForeignKey {
        /// The table.
        table: Oid,
        /// The constraint.
        constraint: Oid,
    },
    /// No existing row may have NULL in the column: 23502 `column "c" of relation "t" contains null values`.
    ValidateNotNull {
        /// The table.
        table: Oid,
        /// The column.
        column: ColumnNumber,
    },
    /// No column of this domain may hold a value that fails the check: 23514 `column "c" of table "t" contains values that
    /// violate the new constraint`; with `check` `None`, a NULL: 23502 `column "c" of table "t" contains null values`.
    ValidateDomain {
        /// The domain.
        domain: Oid,
        /// The name of the check.
        check: Option<String>,
    },
    /// A new sequence at its start.
    CreateSequence {
        /// The sequence.
        sequence: Oid,
    },
    /// The sequence is gone.
    DropSequence {
        /// Its OID; names play no part in storage.
        sequence: Oid,
    },
    /// The sequence's definition changed; its value stays unless `restart` says otherwise.
    AlterSequence {
        /// The sequence.
        sequence: Oid,
        /// Its definition before.
        old: Sequence,
        /// RESTART: the value that nextval gives next.
        restart: Option<i64>,
    },
    /// The enum's labels had to be numbered anew: values that hold an old number get the new one.
    EnumRenumbered {
        /// The enum.
        enum_type: Oid,
        /// Old ordinal, new ordinal.
        ordinals: Vec<(i64, i64)>,
    },
    /// All rows go, triggers ON TRUNCATE fire (they are in the catalog).
    Truncate {
        /// The tables, those that CASCADE reaches among them.
        tables: Vec<Oid>,
        /// RESTART IDENTITY: sequences that go back to their start.
        restart: Vec<Oid>,
    },
    /// A materialized view's rows go, and those of its query come in their place.
    RefreshMaterializedView {
        /// The view.
        view: Oid,
        /// False leaves it empty.
        with_data: bool,
    },
    /// A function's text or settings changed: what was compiled from it is stale.
    FunctionReplaced {
        /// As it was.
        old: Arc<Function>,
    },
}
