//! What a door (REST, GraphQL, realtime) shows to a role: one judgement for all of them.
//!
//! Default privileges open every new table to everybody, as on Supabase. A table without row security that nobody opened
//! beyond that is an accident, so it is shown to no one until an explicit GRANT or the setting `[api] open_tables` names it.

use crate::lookup::{FunctionEntry, TypeEntry};
use crate::{Catalog, Function, FunctionKind, Oid, Privileges, Relation, RelationKind};
use datum::oid;
use std::collections::BTreeSet;

/// Whether a door shows an object to a role.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exposure {
    /// It does.
    Shown,
    /// The role has no privilege that a door could use.
    NotGranted,
    /// A table without row security that only default privileges open: a 404 with the hint how to open it.
    NotOpened,
    /// It is nothing for a door: a sequence, an index, a trigger function, a partition.
    NotOffered,
}

/// The objects that the doors show to a role, in every schema; a door has its own list of schemas.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Exposed {
    /// Tables and views.
    pub relations: BTreeSet<Oid>,
    /// Functions.
    pub functions: BTreeSet<Oid>,
}

/// The objects that the doors show to a role. `open_tables`: `table`, `schema.table` or `*`.
pub fn exposed(catalog: &Catalog, role: Oid, open_tables: &[String]) -> Exposed {
    let relations = catalog
        .relations
        .values()
        .filter(|relation| relation_exposure(catalog, role, relation, open_tables) == Exposure::Shown);
    let functions = catalog
        .functions
        .values()
        .filter(|function| function_exposure(catalog, role, function) == Exposure::Shown);
    Exposed {
        relations: relations.map(|relation| relation.oid).collect(),
        functions: functions.map(|function| function.oid).collect(),
    }
}

/// Whether the doors show a relation to a role.
pub fn relation_exposure(
    catalog: &Catalog,
    role: Oid,
    relation: &Relation,
    open_tables: &[String],
) -> Exposure {
    let guarded = match relation.kind {
        RelationKind::Sequence | RelationKind::Composite => return Exposure::NotOffered,
        RelationKind::View => true,
        RelationKind::Table | RelationKind::PartitionedTable => relation.row_security,
        RelationKind::MaterializedView | RelationKind::ForeignTable => false,
    };
    if relation.is_partition {
        return Exposure::NotOffered;
    }
    let usable = [Privileges::SELECT, Privileges::INSERT, Privileges::UPDATE, Privileges::DELETE];
    let granted = has_usage(catalog, role, relation.schema)
        && usable.iter().any(|one| catalog.has_any_column_privilege(role, relation, *one));
    if !granted {
        return Exposure::NotGranted;
    }
    let explicit = relation.granted_explicitly || relation.columns.iter().any(|column| column.acl.is_some());
    match guarded || explicit || is_open(catalog, relation, open_tables) {
        true => Exposure::Shown,
        false => Exposure::NotOpened,
    }
}

/// Whether the doors show a function to a role.
pub fn function_exposure(catalog: &Catalog, role: Oid, function: &Function) -> Exposure {
    let offered = matches!(function.kind, FunctionKind::Function | FunctionKind::Procedure)
        && function.returns.oid != oid::TRIGGER
        && !is_internal(catalog, function.returns.oid);
    if !offered {
        return Exposure::NotOffered;
    }
    match has_usage(catalog, role, function.schema) && catalog.may_execute(role, function) {
        true => Exposure::Shown,
        false => Exposure::NotGranted,
    }
}

fn has_usage(catalog: &Catalog, role: Oid, schema: Oid) -> bool {
    let schema = catalog.schemas.get(&schema);
    schema.is_some_and(|schema| catalog.has_schema_privilege(role, schema, Privileges::USAGE))
}

fn is_open(catalog: &Catalog, relation: &Relation, open_tables: &[String]) -> bool {
    let schema = catalog.schemas.get(&relation.schema).map_or("", |schema| schema.name.as_str());
    open_tables.iter().any(|name| {
        name == "*"
            || match name.split_once('.') {
                Some((of, table)) => of == schema && table == relation.name,
                None => *name == relation.name && schema == "public",
            }
    })
}

/// event_trigger, internal: results that nobody outside can have.
fn is_internal(catalog: &Catalog, type_oid: Oid) -> bool {
    match catalog.type_entry(type_oid) {
        Some(TypeEntry::Builtin(row)) => matches!(row.name, "internal" | "event_trigger" | "cstring"),
        _ => false,
    }
}

impl Catalog {
    /// Whether a role may execute the function of this OID, PostgreSQL's own among them.
    pub fn may_execute_entry(&self, role: Oid, function: FunctionEntry<'_>) -> bool {
        match function {
            FunctionEntry::Builtin(_) => true,
            FunctionEntry::User(function) => self.may_execute(role, function),
        }
    }
}
