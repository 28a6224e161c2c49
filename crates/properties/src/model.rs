//! A generated schema as values: what the generator of queries knows of it.

use crate::kind::Kind;
use std::collections::BTreeSet;

/// A column.
#[derive(Clone, Debug)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its type.
    pub kind: Kind,
    /// NOT NULL.
    pub not_null: bool,
    /// Cannot be given: GENERATED ALWAYS AS … STORED.
    pub generated: bool,
    /// The table whose key it names, and what of it.
    pub references: Option<usize>,
    /// Whether it has a default.
    pub default: bool,
}

/// What a role may do with a relation.
#[derive(Clone, Debug, Default)]
pub struct Rights {
    /// Columns that it may read.
    pub select: BTreeSet<usize>,
    /// Columns that it may give.
    pub insert: BTreeSet<usize>,
    /// Columns that it may change.
    pub update: BTreeSet<usize>,
    /// Whether it may delete rows.
    pub delete: bool,
}

/// A table or view.
#[derive(Clone, Debug)]
pub struct Relation {
    /// Its name.
    pub name: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// The columns of its key; none for a view.
    pub key: Vec<usize>,
    /// Further unique sets of columns.
    pub unique: Vec<Vec<usize>>,
    /// What ON CONFLICT may name beside its key and unique sets.
    pub arbiters: Vec<String>,
    /// Whether it has triggers.
    pub triggered: bool,
    /// Whether it is a view.
    pub view: bool,
    /// Whether rows are written through it.
    pub writable: bool,
    /// What each role may do, in the order of [`ROLES`].
    pub rights: Vec<Rights>,
    /// Whether policies guard it.
    pub guarded: bool,
}

impl Relation {
    /// All columns' numbers.
    pub fn all(&self) -> BTreeSet<usize> {
        (0..self.columns.len()).collect()
    }

    /// The numbers of columns of a kind.
    pub fn of_kind(&self, kind: Kind) -> Vec<usize> {
        (0..self.columns.len()).filter(|at| self.columns[*at].kind == kind).collect()
    }
}

/// A function.
#[derive(Clone, Debug)]
pub struct Function {
    /// Its name.
    pub name: String,
    /// Its arguments.
    pub arguments: Vec<Kind>,
    /// What it gives.
    pub result: Kind,
    /// Whether the data API can call it by GET.
    pub called: bool,
    /// Argument names, as it declares them.
    pub names: Vec<String>,
}

/// A function that changes rows.
#[derive(Clone, Debug)]
pub struct Routine {
    /// Its name.
    pub name: String,
    /// Its arguments: names and types.
    pub arguments: Vec<(String, Kind)>,
}

/// The roles that ask.
pub const ROLES: &[&str] = &["anon", "authenticated", "service_role", "clerk", "postgres"];

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The role.
    pub role: &'static str,
    /// The token's claims.
    pub claims: Option<String>,
}

impl User {
    /// The role's place in [`ROLES`].
    pub fn role_number(&self) -> usize {
        ROLES.iter().position(|role| *role == self.role).unwrap_or(0)
    }

    /// As the first line of a conformance script's section.
    pub fn shown(&self) -> String {
        format!("{} {}", self.role, self.claims.as_deref().unwrap_or("")).trim().to_owned()
    }
}

/// A schema.
#[derive(Clone, Debug, Default)]
pub struct Model {
    /// The enum's labels in order.
    pub labels: Vec<String>,
    /// Tables and views; a view reads only what stands before it.
    pub relations: Vec<Relation>,
    /// Functions.
    pub functions: Vec<Function>,
    /// Functions that change rows.
    pub routines: Vec<Routine>,
    /// Further tables, which triggers and functions write to.
    pub others: Vec<String>,
    /// Who asks.
    pub users: Vec<User>,
}
