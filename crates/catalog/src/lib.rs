//! What a database contains, as plain values, and DDL statements applied to it.
//!
//! Pure. The embedded engine keeps one and stores it; the PostgreSQL driver fills the same one by introspection, so that
//! every feature above the port reads one kind of catalog. Invariant: every reference between objects is an OID or a
//! column number, never a name; names live in one place.

pub mod bootstrap;
pub mod builtin;
pub mod ddl;
pub mod exposure;
mod initial;
pub mod lookup;
pub mod objects;
pub mod privileges;
mod serde_ast;
pub mod store;
mod type_source;

pub use initial::{BOOTSTRAP_ROLE, BOOTSTRAP_ROLE_NAME};
pub use objects::*;

use std::collections::BTreeMap;
use std::sync::Arc;

/// A database's contents. Cheap to clone: objects are shared.
#[derive(Clone, Debug, Default, PartialEq)]
#[expect(missing_docs, reason = "each map holds what its name and type say, by OID")]
pub struct Catalog {
    /// The next OID to give.
    pub next_oid: Oid,
    pub roles: BTreeMap<Oid, Arc<Role>>,
    pub memberships: Arc<Vec<Membership>>,
    pub schemas: BTreeMap<Oid, Arc<Schema>>,
    pub relations: BTreeMap<Oid, Arc<Relation>>,
    pub indexes: BTreeMap<Oid, Arc<Index>>,
    pub types: BTreeMap<Oid, Arc<Type>>,
    pub functions: BTreeMap<Oid, Arc<Function>>,
    pub extensions: BTreeMap<Oid, Arc<Extension>>,
    pub publications: BTreeMap<Oid, Arc<Publication>>,
    pub default_privileges: Arc<Vec<DefaultPrivileges>>,
    /// Casts by functions of users'. Empty on the embedded engine, which has none.
    pub casts: Arc<Vec<Cast>>,
    /// ALTER DATABASE … SET.
    pub settings: Arc<Vec<(String, String)>>,
    /// What expressions and queries depend on. Empty in a catalog that was read from PostgreSQL, which keeps its own.
    pub dependencies: Dependencies,
    names: Names,
}

/// Where names lead, kept in step by the `put_*` and `remove_*` methods: for each schema, names in order.
#[derive(Clone, Debug, Default, PartialEq)]
struct Names {
    relations: ByName<Oid>,
    indexes: ByName<Oid>,
    types: ByName<Oid>,
    functions: ByName<Vec<Oid>>,
}

type ByName<T> = BTreeMap<Oid, BTreeMap<Arc<str>, T>>;

fn find<'a, T>(names: &'a ByName<T>, schema: Oid, name: &str) -> Option<&'a T> {
    names.get(&schema)?.get(name)
}

fn insert(names: &mut ByName<Oid>, schema: Oid, name: &str, oid: Oid) {
    names.entry(schema).or_default().insert(name.into(), oid);
}

fn remove(names: &mut ByName<Oid>, schema: Oid, name: &str, oid: Oid) {
    if let Some(inner) = names.get_mut(&schema)
        && inner.get(name) == Some(&oid)
    {
        inner.remove(name);
        if inner.is_empty() {
            names.remove(&schema);
        }
    }
}

impl Catalog {
    /// An empty catalog.
    pub fn new() -> Catalog {
        Catalog { next_oid: FIRST_USER_OID, ..Catalog::default() }
    }

    /// A fresh OID.
    pub fn allocate(&mut self) -> Oid {
        let oid = self.next_oid;
        self.next_oid += 1;
        oid
    }

    /// The schema of this name.
    pub fn schema(&self, name: &str) -> Option<&Arc<Schema>> {
        self.schemas.values().find(|schema| schema.name == name)
    }

    /// The role of this name.
    pub fn role(&self, name: &str) -> Option<&Arc<Role>> {
        self.roles.values().find(|role| role.name == name)
    }

    /// The relation of this name in this schema.
    pub fn relation(&self, schema: Oid, name: &str) -> Option<&Arc<Relation>> {
        self.relations.get(find(&self.names.relations, schema, name)?)
    }

    /// The relation `schema.name`.
    pub fn relation_named(&self, schema: &str, name: &str) -> Option<&Arc<Relation>> {
        self.relation(self.schema(schema)?.oid, name)
    }

    /// The index of this name in this schema.
    pub fn index(&self, schema: Oid, name: &str) -> Option<&Arc<Index>> {
        self.indexes.get(find(&self.names.indexes, schema, name)?)
    }

    /// The user-made type of this name in this schema (arrays are named `_name`).
    pub fn type_in(&self, schema: Oid, name: &str) -> Option<&Arc<Type>> {
        self.types.get(find(&self.names.types, schema, name)?)
    }

    /// All functions of this name in this schema.
    pub fn functions_in(&self, schema: Oid, name: &str) -> impl Iterator<Item = &Arc<Function>> {
        let oids = find(&self.names.functions, schema, name);
        oids.into_iter().flatten().filter_map(|oid| self.functions.get(oid))
    }

    /// The indexes of a table, in order of creation.
    pub fn indexes_of(&self, table: Oid) -> impl Iterator<Item = &Arc<Index>> {
        self.indexes.values().filter(move |index| index.table == table)
    }

    /// The foreign keys that point to a table: the referencing relation and the constraint.
    pub fn references_to(
        &self,
        table: Oid,
    ) -> impl Iterator<Item = (&Arc<Relation>, &Constraint, &ForeignKey)> {
        self.relations.values().flat_map(move |relation| {
            relation.constraints.iter().filter_map(move |constraint| match &constraint.kind {
                ConstraintKind::ForeignKey(key) if key.referenced == table => {
                    Some((relation, constraint, key))
                }
                _ => None,
            })
        })
    }

    /// Adds or replaces a relation.
    pub fn put_relation(&mut self, relation: Relation) {
        if let Some(old) = self.relations.get(&relation.oid) {
            remove(&mut self.names.relations, old.schema, &old.name, old.oid);
        }
        insert(&mut self.names.relations, relation.schema, &relation.name, relation.oid);
        self.relations.insert(relation.oid, Arc::new(relation));
    }

    /// Removes a relation.
    pub fn remove_relation(&mut self, oid: Oid) -> Option<Arc<Relation>> {
        let old = self.relations.remove(&oid)?;
        remove(&mut self.names.relations, old.schema, &old.name, old.oid);
        Some(old)
    }

    /// Adds or replaces an index.
    pub fn put_index(&mut self, index: Index) {
        if let Some(old) = self.indexes.get(&index.oid) {
            remove(&mut self.names.indexes, old.schema, &old.name, old.oid);
        }
        insert(&mut self.names.indexes, index.schema, &index.name, index.oid);
        self.indexes.insert(index.oid, Arc::new(index));
    }

    /// Removes an index.
    pub fn remove_index(&mut self, oid: Oid) -> Option<Arc<Index>> {
        let old = self.indexes.remove(&oid)?;
        remove(&mut self.names.indexes, old.schema, &old.name, old.oid);
        Some(old)
    }

    /// Adds or replaces a type.
    pub fn put_type(&mut self, value: Type) {
        if let Some(old) = self.types.get(&value.oid) {
            remove(&mut self.names.types, old.schema, &old.name, old.oid);
        }
        insert(&mut self.names.types, value.schema, &value.name, value.oid);
        self.types.insert(value.oid, Arc::new(value));
    }

    /// Removes a type.
    pub fn remove_type(&mut self, oid: Oid) -> Option<Arc<Type>> {
        let old = self.types.remove(&oid)?;
        remove(&mut self.names.types, old.schema, &old.name, old.oid);
        Some(old)
    }

    /// Adds or replaces a function.
    pub fn put_function(&mut self, function: Function) {
        self.remove_function(function.oid);
        let names = self.names.functions.entry(function.schema).or_default();
        let oids: &mut Vec<Oid> = names.entry(function.name.as_str().into()).or_default();
        oids.push(function.oid);
        oids.sort_unstable();
        self.functions.insert(function.oid, Arc::new(function));
    }

    /// Removes a function.
    pub fn remove_function(&mut self, oid: Oid) -> Option<Arc<Function>> {
        let old = self.functions.remove(&oid)?;
        if let Some(names) = self.names.functions.get_mut(&old.schema) {
            if let Some(oids) = names.get_mut(old.name.as_str()) {
                oids.retain(|other| *other != oid);
                if oids.is_empty() {
                    names.remove(old.name.as_str());
                }
            }
            if names.is_empty() {
                self.names.functions.remove(&old.schema);
            }
        }
        Some(old)
    }

    /// Adds or replaces a schema.
    pub fn put_schema(&mut self, schema: Schema) {
        self.schemas.insert(schema.oid, Arc::new(schema));
    }

    /// Adds or replaces a role.
    pub fn put_role(&mut self, role: Role) {
        self.roles.insert(role.oid, Arc::new(role));
    }
}

impl Relation {
    /// The column of this name.
    pub fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// The column of this number.
    pub fn column_number(&self, number: ColumnNumber) -> Option<&Column> {
        self.columns.iter().find(|column| column.number == number)
    }

    /// The primary key's columns.
    pub fn primary_key(&self) -> Option<&[ColumnNumber]> {
        self.constraints.iter().find_map(|constraint| match &constraint.kind {
            ConstraintKind::PrimaryKey { columns, .. } => Some(columns.as_slice()),
            _ => None,
        })
    }
}
