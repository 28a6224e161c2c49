//! What a database contains: the objects as plain values, named and numbered as in PostgreSQL's system catalogs.

#![expect(
    missing_docs,
    reason = "fields are named after the columns of the system catalogs that they stand for"
)]

use serde::{Deserialize, Serialize};
pub use syntax::ast::{PolicyCommand, ReferentialAction};

/// PostgreSQL's object identifier. Ours begin at [`FIRST_USER_OID`]; smaller ones are PostgreSQL's own.
pub type Oid = u32;

/// The first object identifier that a user's object can have, as in PostgreSQL.
pub const FIRST_USER_OID: Oid = 16384;

/// A column's number in its relation, from 1. Never reused after DROP COLUMN, so that a privilege or a policy bound to a
/// dropped column cannot come alive with a new one of that name.
pub type ColumnNumber = i16;

/// An expression or query as SQL text in canonical form (deparsed, names qualified where they must be).
pub type Sql = String;

/// A type with its modifier (-1 when it has none), as in pg_attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct TypeRef {
    /// pg_type.oid
    pub oid: Oid,
    /// atttypmod
    pub modifier: i32,
}

/// A role.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Role {
    pub oid: Oid,
    pub name: String,
    pub superuser: bool,
    pub bypass_rls: bool,
    pub inherit: bool,
    pub login: bool,
    pub create_role: bool,
    pub create_db: bool,
    /// ALTER ROLE … SET.
    pub settings: Vec<(String, String)>,
    pub comment: Option<String>,
}

/// `member` is in `role`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Membership {
    pub role: Oid,
    pub member: Oid,
    pub admin: bool,
}

/// A schema.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Schema {
    pub oid: Oid,
    pub name: String,
    pub owner: Oid,
    pub acl: Acl,
    pub comment: Option<String>,
}

/// What a relation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum RelationKind {
    Table,
    View,
    MaterializedView,
    Sequence,
    ForeignTable,
    PartitionedTable,
    /// CREATE TYPE … AS (…)
    Composite,
}

impl RelationKind {
    /// Whether it has rows of its own in storage.
    pub fn has_rows(self) -> bool {
        matches!(self, RelationKind::Table | RelationKind::MaterializedView)
    }
}

/// A table, view, sequence or composite type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Relation {
    pub oid: Oid,
    pub schema: Oid,
    pub name: String,
    pub kind: RelationKind,
    pub owner: Oid,
    /// The type of its rows.
    pub row_type: Oid,
    /// In order; dropped ones are gone, numbers stay.
    pub columns: Vec<Column>,
    /// The next column's number.
    pub next_column: ColumnNumber,
    /// In order of creation.
    pub constraints: Vec<Constraint>,
    /// By name.
    pub policies: Vec<Policy>,
    /// By name.
    pub triggers: Vec<Trigger>,
    pub row_security: bool,
    pub force_row_security: bool,
    pub acl: Acl,
    /// An explicit GRANT (not default privileges) named this relation at some time: rule 10.
    pub granted_explicitly: bool,
    pub view: Option<View>,
    pub sequence: Option<Sequence>,
    pub replica_identity: Option<String>,
    /// WITH (storage parameters), kept without effect.
    pub options: Vec<(String, Option<String>)>,
    pub comment: Option<String>,
    /// A partition of another table: never exposed by itself.
    pub is_partition: bool,
    #[serde(default, skip_serializing_if = "Persistence::is_permanent")]
    pub persistence: Persistence,
    /// A materialized view that was never filled, or emptied by WITH NO DATA.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unpopulated: bool,
}

/// How long a relation's rows live.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Persistence {
    #[default]
    Permanent,
    Unlogged,
    /// Until the session ends; it stands in the session's temporary schema.
    Temporary,
    /// The same, and every transaction's end empties it.
    TemporaryRows,
    /// Until the transaction ends.
    TemporaryTable,
}

impl Persistence {
    /// Whether it is that of plain tables.
    pub fn is_permanent(&self) -> bool {
        *self == Persistence::Permanent
    }

    /// Whether it ends with the session at the latest.
    pub fn is_temporary(self) -> bool {
        !matches!(self, Persistence::Permanent | Persistence::Unlogged)
    }
}

/// A view's query.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct View {
    /// The SELECT, deparsed with qualified relation names.
    pub query: Sql,
    pub security_invoker: bool,
    pub security_barrier: bool,
    /// WITH CHECK OPTION: CASCADED true, LOCAL false.
    pub check_option: Option<bool>,
    /// For each column that is a plain reference to a column of a base table: that relation and column. Keys and foreign keys follow it.
    pub origins: Vec<Option<(Oid, ColumnNumber)>>,
    /// What a row-changing statement on it may do, by PostgreSQL's rules (or INSTEAD OF triggers).
    pub insertable: bool,
    pub updatable: bool,
    pub deletable: bool,
}

/// A column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Column {
    pub number: ColumnNumber,
    pub name: String,
    pub type_ref: TypeRef,
    pub not_null: bool,
    /// DEFAULT, or the expression of a generated column.
    pub default: Option<Sql>,
    pub generated: bool,
    pub identity: Option<Identity>,
    pub collation: Option<String>,
    pub acl: Acl,
    pub comment: Option<String>,
}

/// GENERATED … AS IDENTITY.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Identity {
    pub always: bool,
    pub sequence: Oid,
}

/// A sequence's definition; its value lives in the engine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sequence {
    pub type_oid: Oid,
    pub start: i64,
    pub increment: i64,
    pub min: i64,
    pub max: i64,
    pub cache: i64,
    pub cycle: bool,
    /// OWNED BY (serial, identity): the table and column.
    pub owned_by: Option<(Oid, ColumnNumber)>,
}

/// A constraint.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Constraint {
    pub oid: Oid,
    pub name: String,
    pub kind: ConstraintKind,
    pub deferrable: bool,
    pub initially_deferred: bool,
    /// False after NOT VALID.
    pub validated: bool,
    pub comment: Option<String>,
    /// CHECK … NO INHERIT
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_inherit: bool,
}

/// The kinds of constraint. NOT NULL is a flag of the column, as in PostgreSQL 15.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum ConstraintKind {
    Check { expression: Sql, columns: Vec<ColumnNumber> },
    PrimaryKey { columns: Vec<ColumnNumber>, index: Oid },
    Unique { columns: Vec<ColumnNumber>, index: Oid, nulls_not_distinct: bool },
    ForeignKey(ForeignKey),
}

/// A foreign key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ForeignKey {
    pub columns: Vec<ColumnNumber>,
    pub referenced: Oid,
    pub referenced_columns: Vec<ColumnNumber>,
    #[serde(with = "crate::serde_ast::action")]
    pub on_delete: ReferentialAction,
    #[serde(with = "crate::serde_ast::action")]
    pub on_update: ReferentialAction,
    pub match_full: bool,
    /// SET NULL (columns); empty is all.
    pub set_columns: Vec<ColumnNumber>,
}

/// An index.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Index {
    pub oid: Oid,
    pub schema: Oid,
    pub name: String,
    pub table: Oid,
    pub unique: bool,
    pub nulls_not_distinct: bool,
    /// "btree", "gin" … Others than btree and hash have no effect on the embedded engine and are kept.
    pub method: String,
    pub elements: Vec<IndexElement>,
    pub include: Vec<ColumnNumber>,
    pub filter: Option<Sql>,
    /// The constraint that owns it.
    pub constraint: Option<Oid>,
    pub comment: Option<String>,
}

/// An element of an index's key.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IndexElement {
    pub key: IndexKey,
    pub descending: bool,
    pub nulls_first: bool,
    pub collation: Option<String>,
    pub operator_class: Option<String>,
}

/// What an index element indexes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum IndexKey {
    Column(ColumnNumber),
    Expression(Sql),
}

/// A row security policy. Roles are bound by OID; `PUBLIC` is OID 0.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Policy {
    pub oid: Oid,
    pub name: String,
    pub permissive: bool,
    #[serde(with = "crate::serde_ast::command")]
    pub command: PolicyCommand,
    pub roles: Vec<Oid>,
    pub using: Option<Sql>,
    pub check: Option<Sql>,
    pub comment: Option<String>,
}

/// A trigger.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trigger {
    pub oid: Oid,
    pub name: String,
    /// "BEFORE", "AFTER", "INSTEAD OF"
    pub timing: String,
    pub on_insert: bool,
    pub on_update: bool,
    pub on_delete: bool,
    pub on_truncate: bool,
    /// UPDATE OF
    pub update_columns: Vec<ColumnNumber>,
    pub for_each_row: bool,
    pub when: Option<Sql>,
    pub function: Oid,
    pub args: Vec<String>,
    pub constraint: bool,
    pub deferrable: bool,
    pub initially_deferred: bool,
    /// REFERENCING OLD TABLE, NEW TABLE
    pub old_table: Option<String>,
    pub new_table: Option<String>,
    pub enabled: bool,
    pub comment: Option<String>,
}

impl Relation {
    /// Whether an INSTEAD OF trigger of a view does what is `on`.
    pub fn has_instead_of(&self, on: impl Fn(&Trigger) -> bool) -> bool {
        self.triggers.iter().any(|trigger| trigger.timing == "INSTEAD OF" && on(trigger))
    }
}

/// A type made by the user (or by making a table: its row type and array type).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Type {
    pub oid: Oid,
    pub schema: Oid,
    pub name: String,
    pub owner: Oid,
    pub kind: TypeKind,
    /// The type of its arrays; 0 for array types.
    pub array: Oid,
    pub acl: Acl,
    pub comment: Option<String>,
}

/// The kinds of user-made type.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum TypeKind {
    /// Labels in order; the number is what the embedded engine stores.
    Enum {
        labels: Vec<EnumLabel>,
    },
    Domain {
        base: TypeRef,
        not_null: bool,
        default: Option<Sql>,
        checks: Vec<DomainCheck>,
    },
    /// A composite or row type: the relation that has its columns.
    Composite {
        relation: Oid,
    },
    Array {
        element: Oid,
    },
    /// A type that only PostgreSQL has (ranges, extensions' base types): its category as in pg_type.typcategory.
    Other {
        category: char,
    },
}

/// An enum's label.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EnumLabel {
    pub ordinal: i64,
    pub label: String,
    /// ADD VALUE of a transaction that has not committed: it may not be used yet. Not stored.
    #[serde(skip)]
    pub uncommitted: bool,
}

/// A domain's check.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DomainCheck {
    pub name: String,
    /// With VALUE as the column `value`.
    pub expression: Sql,
    pub validated: bool,
}

/// A function or procedure made by the user (on PostgreSQL: all that are not in pg_catalog).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Function {
    pub oid: Oid,
    pub schema: Oid,
    pub name: String,
    pub owner: Oid,
    pub kind: FunctionKind,
    /// All parameters, IN, OUT and TABLE ones, in order.
    pub parameters: Vec<Parameter>,
    pub returns: TypeRef,
    pub returns_set: bool,
    pub language: String,
    pub body: String,
    pub volatility: Volatility,
    pub strict: bool,
    pub security_definer: bool,
    pub leakproof: bool,
    /// ROWS; 1 makes a computed relationship to-one.
    pub rows: f32,
    /// SET name = value.
    pub settings: Vec<(String, String)>,
    #[serde(default, skip_serializing_if = "BodyForm::is_text")]
    pub form: BodyForm,
    pub acl: Acl,
    pub comment: Option<String>,
    /// The extension it belongs to, if any.
    pub extension: Option<String>,
}

impl Function {
    /// The SET clauses that were written.
    pub fn written_settings(&self) -> impl Iterator<Item = &(String, String)> {
        let hidden = self.form == BodyForm::Pinned;
        self.settings.iter().filter(move |(name, _)| !hidden || name != "search_path")
    }

    /// The body as pg_proc.prosrc has it: nothing where it was written as statements.
    pub fn source(&self) -> &str {
        if self.form.is_text() { &self.body } else { "" }
    }
}

/// How a function's body was written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum BodyForm {
    /// As a text.
    #[default]
    Text,
    /// `RETURN …` or `BEGIN ATOMIC … END`, with a search path of its own.
    Statements,
    /// The same without: the search path in `settings` is the one that there was when it was defined.
    Pinned,
}

impl BodyForm {
    /// Whether it is a text.
    pub fn is_text(&self) -> bool {
        *self == BodyForm::Text
    }
}

/// What kind of routine it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum FunctionKind {
    Function,
    Procedure,
    Aggregate,
    Window,
}

/// A function's parameter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Parameter {
    pub name: Option<String>,
    #[serde(with = "crate::serde_ast::mode")]
    pub mode: syntax::ast::ParameterMode,
    pub type_ref: TypeRef,
    pub default: Option<Sql>,
}

/// IMMUTABLE, STABLE, VOLATILE.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Volatility {
    Immutable,
    Stable,
    Volatile,
}

/// A thing that an expression or query stands in, or that one names: an end of a [`Dependencies`] entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum ObjectRef {
    /// A table, view, sequence or composite type.
    Relation(Oid),
    /// A column of a relation.
    Column(Oid, ColumnNumber),
    /// The default (or generation expression) of a column.
    Default(Oid, ColumnNumber),
    /// A constraint, by its own OID.
    Constraint(Oid),
    /// A policy, by its own OID.
    Policy(Oid),
    /// A trigger, by its own OID.
    Trigger(Oid),
    /// An index.
    Index(Oid),
    /// A type.
    Type(Oid),
    /// A function.
    Function(Oid),
}

/// What the expressions in an object name: each needs what is listed under it (pg_depend's normal dependencies that stem
/// from expressions and queries; all others follow from the objects themselves).
pub type Dependencies = std::collections::BTreeMap<ObjectRef, std::sync::Arc<[ObjectRef]>>;

/// An extension that CREATE EXTENSION named.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Extension {
    pub oid: Oid,
    pub name: String,
    pub schema: Oid,
    pub owner: Oid,
    pub comment: Option<String>,
}

/// A publication.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Publication {
    pub oid: Oid,
    pub name: String,
    pub owner: Oid,
    pub all_tables: bool,
    pub tables: Vec<Oid>,
    pub comment: Option<String>,
}

/// CREATE CAST … WITH FUNCTION.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cast {
    /// The type of what is cast.
    pub source: Oid,
    /// The type that it becomes.
    pub target: Oid,
    /// The function that makes one of the other.
    pub function: Oid,
    /// AS IMPLICIT.
    pub implicit: bool,
}

/// ALTER DEFAULT PRIVILEGES: what objects that `role` makes (in `schema`, or anywhere) get.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DefaultPrivileges {
    pub role: Oid,
    pub schema: Option<Oid>,
    pub object: DefaultObject,
    pub acl: Vec<AclItem>,
}

/// The object classes of default privileges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum DefaultObject {
    Tables,
    Sequences,
    Functions,
    Types,
    Schemas,
}

/// An access control list; `None` is PostgreSQL's default for the kind of object (owner all, functions EXECUTE to PUBLIC, types USAGE to PUBLIC).
pub type Acl = Option<Vec<AclItem>>;

/// What one role granted to another on one object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct AclItem {
    /// 0 is PUBLIC.
    pub grantee: Oid,
    pub grantor: Oid,
    pub privileges: Privileges,
    /// Of them, those with GRANT OPTION.
    pub grantable: Privileges,
}

/// A set of privileges.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Privileges(pub u16);

impl Privileges {
    pub const NONE: Privileges = Privileges(0);
    pub const INSERT: Privileges = Privileges(1);
    pub const SELECT: Privileges = Privileges(2);
    pub const UPDATE: Privileges = Privileges(4);
    pub const DELETE: Privileges = Privileges(8);
    pub const TRUNCATE: Privileges = Privileges(16);
    pub const REFERENCES: Privileges = Privileges(32);
    pub const TRIGGER: Privileges = Privileges(64);
    pub const EXECUTE: Privileges = Privileges(128);
    pub const USAGE: Privileges = Privileges(256);
    pub const CREATE: Privileges = Privileges(512);
    /// All of a table.
    pub const TABLE: Privileges = Privileges(127);
    /// All of a sequence: USAGE, SELECT, UPDATE.
    pub const SEQUENCE: Privileges = Privileges(256 | 2 | 4);
    /// All of a schema: USAGE, CREATE.
    pub const SCHEMA: Privileges = Privileges(256 | 512);

    /// Whether all of `other` are in it.
    pub const fn contains(self, other: Privileges) -> bool {
        self.0 & other.0 == other.0
    }

    /// Both together.
    pub const fn union(self, other: Privileges) -> Privileges {
        Privileges(self.0 | other.0)
    }

    /// Those that are not in `other`.
    pub const fn minus(self, other: Privileges) -> Privileges {
        Privileges(self.0 & !other.0)
    }

    /// Whether it is empty.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl std::fmt::Debug for Privileges {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        const LETTERS: &[u8; 10] = b"arwdDxtXUC";
        for (bit, letter) in LETTERS.iter().enumerate() {
            if self.0 & (1 << bit) != 0 {
                write!(f, "{}", *letter as char)?;
            }
        }
        Ok(())
    }
}
