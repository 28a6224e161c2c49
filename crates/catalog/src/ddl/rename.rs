//! ALTER … RENAME.

use super::PhysicalChange;
use super::context::{Ddl, relation_word};
use super::function::function_word;
use super::policy::existing_policy;
use crate::{Catalog, ConstraintKind, ObjectRef, Oid, Relation, RelationKind, TypeKind};
use sqlstate::{
    DUPLICATE_COLUMN, DUPLICATE_FUNCTION, DUPLICATE_OBJECT, DUPLICATE_SCHEMA, DUPLICATE_TABLE, DatabaseError,
    INSUFFICIENT_PRIVILEGE, Result, UNDEFINED_COLUMN, UNDEFINED_OBJECT, UNDEFINED_TABLE, WRONG_OBJECT_TYPE,
};
use std::collections::BTreeMap;
use std::sync::Arc;
use syntax::ast::{Name, ObjectKind, ObjectName, Rename};

impl Ddl<'_> {
    pub(super) fn rename(&mut self, statement: &Rename) -> Result<()> {
        let Rename { kind, of: _, name, part, if_exists, to } = statement;
        let result = match (kind, name, part) {
            (ObjectKind::Column, ObjectName::Plain(name), Some(column)) => {
                self.rename_column(name, column, to)
            }
            (ObjectKind::Constraint, ObjectName::Plain(name), Some(part)) => {
                self.rename_constraint(name, part, to)
            }
            (ObjectKind::Trigger, ObjectName::Plain(name), Some(part)) => self.rename_trigger(name, part, to),
            (ObjectKind::Policy, ObjectName::Plain(name), Some(part)) => self.rename_policy(name, part, to),
            (ObjectKind::Trigger, ObjectName::On { part, table, .. }, _) => {
                self.rename_trigger(table, part, to)
            }
            (ObjectKind::Policy, ObjectName::On { part, table, .. }, _) => {
                self.rename_policy(table, part, to)
            }
            (ObjectKind::Constraint, ObjectName::On { part, table, .. }, _) => {
                self.rename_constraint(table, part, to)
            }
            (
                ObjectKind::Table
                | ObjectKind::View
                | ObjectKind::MaterializedView
                | ObjectKind::Sequence
                | ObjectKind::Index,
                ObjectName::Plain(name),
                None,
            ) => self.rename_relation(*kind, name, to),
            (ObjectKind::Type | ObjectKind::Domain, ObjectName::Plain(name), None) => {
                self.rename_type(name, to)
            }
            (ObjectKind::Type, ObjectName::Plain(name), Some(column)) => self.rename_column(name, column, to),
            (ObjectKind::DomainConstraint, ObjectName::Plain(name), Some(part)) => {
                self.rename_domain_constraint(name, part, to)
            }
            (ObjectKind::Schema, ObjectName::Plain(name), _) => self.rename_schema(name, to),
            (ObjectKind::Role, ObjectName::Plain(name), _) => self.rename_role(name, to),
            (
                ObjectKind::Function | ObjectKind::Procedure | ObjectKind::Routine | ObjectKind::Aggregate,
                _,
                _,
            ) => self.rename_function(*kind, name, to),
            (ObjectKind::Publication, ObjectName::Plain(name), _) => {
                let mut row = (*self.publication(&name.parts.join("."))?).clone();
                self.require_owner(row.owner, "publication", &row.name)?;
                if self.publication(to).is_ok() {
                    let message = format!("publication \"{to}\" already exists");
                    return Err(DatabaseError::new(DUPLICATE_OBJECT, message));
                }
                row.name.clone_from(to);
                self.catalog.publications.insert(row.oid, row.into());
                Ok(())
            }
            _ => Err(DatabaseError::unsupported("RENAME of this kind of object")),
        };
        match result {
            Err(error) if *if_exists && error.code() == UNDEFINED_TABLE => {
                self.notice(format!("{}, skipping", error.message()));
                Ok(())
            }
            other => other,
        }
    }

    fn rename_relation(&mut self, kind: ObjectKind, name: &Name, to: &str) -> Result<()> {
        if let Some(index) = self.find_index(name)?
            && self.catalog.find_relation(self.path(), name)?.is_none()
        {
            let table = self.relation_by_oid(index.table)?;
            self.require_owner(table.owner, "index", &index.name)?;
            return self.rename_index(index.oid, to);
        }
        let relation = self.relation(name)?;
        self.require_relation_owner(&relation)?;
        self.require_create(relation.schema)?;
        let fits = match kind {
            ObjectKind::View => relation.kind == RelationKind::View,
            ObjectKind::Sequence => relation.kind == RelationKind::Sequence,
            ObjectKind::MaterializedView => relation.kind == RelationKind::MaterializedView,
            // ALTER INDEX renames whatever has the name.
            _ => true,
        };
        if !fits {
            let article = match kind {
                ObjectKind::View => "a view".to_owned(),
                ObjectKind::Sequence => "a sequence".to_owned(),
                _ => "a materialized view".to_owned(),
            };
            return Err(super::context::wrong_kind(&relation.name, &article));
        }
        if kind == ObjectKind::Table && relation.kind == RelationKind::Composite {
            let message = format!("\"{}\" is a composite type", relation.name);
            return Err(DatabaseError::new(WRONG_OBJECT_TYPE, message).with_hint("Use ALTER TYPE instead."));
        }
        self.rename_relation_to(&relation, to)
    }

    fn rename_relation_to(&mut self, relation: &Relation, to: &str) -> Result<()> {
        if self.relation_exists(relation.schema, to) {
            return Err(DatabaseError::new(DUPLICATE_TABLE, format!("relation \"{to}\" already exists")));
        }
        let oid = relation.oid;
        self.renamed(ObjectRef::Relation(oid), |ddl| {
            ddl.update_relation(oid, |row| to.clone_into(&mut row.name))?;
            ddl.rename_type_row(relation.row_type, to)
        })?;
        if relation.kind.has_rows() {
            let old_schema = self.schema_name(relation.schema);
            let old_name = relation.name.clone();
            self.change(PhysicalChange::RenameTable { table: oid, old_schema, old_name });
        }
        Ok(())
    }

    /// Renames an index, and its constraint with it.
    fn rename_index(&mut self, oid: Oid, to: &str) -> Result<()> {
        let Some(mut row) = self.catalog.indexes.get(&oid).map(|row| (**row).clone()) else { return Ok(()) };
        if self.relation_exists(row.schema, to) {
            return Err(DatabaseError::new(DUPLICATE_TABLE, format!("relation \"{to}\" already exists")));
        }
        let old_schema = self.schema_name(row.schema);
        let old_name = std::mem::replace(&mut row.name, to.to_owned());
        let (table, constraint) = (row.table, row.constraint);
        let identity = self
            .relation_by_oid(table)?
            .replica_identity
            .as_deref()
            .and_then(|words| words.strip_prefix("USING INDEX "))
            == Some(old_name.as_str());
        self.catalog.put_index(row);
        self.change(PhysicalChange::RenameIndex { index: oid, old_schema, old_name });
        self.update_relation(table, |relation| {
            for row in relation.constraints.iter_mut().filter(|row| Some(row.oid) == constraint) {
                to.clone_into(&mut row.name);
            }
            if identity {
                relation.replica_identity = Some(format!("USING INDEX {to}"));
            }
        })
    }

    fn rename_column(&mut self, table: &Name, name: &str, to: &str) -> Result<()> {
        let relation = self.relation(table)?;
        self.require_relation_owner(&relation)?;
        let Some(column) = relation.column(name).cloned() else {
            let message = format!("column \"{name}\" does not exist");
            return Err(DatabaseError::new(UNDEFINED_COLUMN, message));
        };
        if relation.column(to).is_some() {
            let message = format!("column \"{to}\" of relation \"{}\" already exists", relation.name);
            return Err(DatabaseError::new(DUPLICATE_COLUMN, message));
        }
        if !relation.kind.has_rows() && !matches!(relation.kind, RelationKind::View | RelationKind::Composite)
        {
            let kind = relation_word(relation.kind);
            let message = format!("cannot rename columns of relation \"{}\"", relation.name);
            return Err(DatabaseError::new(WRONG_OBJECT_TYPE, message)
                .with_detail(format!("This operation is not supported for {kind}s.")));
        }
        let (oid, number) = (relation.oid, column.number);
        self.renamed(ObjectRef::Column(oid, number), |ddl| {
            ddl.update_column(oid, number, |column| to.clone_into(&mut column.name))
        })?;
        if relation.kind.has_rows() {
            let old_name = column.name;
            self.change(PhysicalChange::RenameColumn { table: oid, column: number, old_name });
        }
        Ok(())
    }

    fn rename_constraint(&mut self, table: &Name, name: &str, to: &str) -> Result<()> {
        let relation = self.relation(table)?;
        self.require_relation_owner(&relation)?;
        let Some(constraint) = relation.constraints.iter().find(|row| row.name == name) else {
            let message = format!("constraint \"{name}\" for table \"{}\" does not exist", relation.name);
            return Err(DatabaseError::new(UNDEFINED_OBJECT, message));
        };
        self.require_free_constraint(&relation, to)?;
        match constraint.kind {
            ConstraintKind::PrimaryKey { index, .. } | ConstraintKind::Unique { index, .. } => {
                self.rename_index(index, to)
            }
            ConstraintKind::Check { .. } | ConstraintKind::ForeignKey(_) => {
                let oid = constraint.oid;
                self.update_relation(relation.oid, |relation| {
                    for row in relation.constraints.iter_mut().filter(|row| row.oid == oid) {
                        to.clone_into(&mut row.name);
                    }
                })
            }
        }
    }

    fn rename_domain_constraint(&mut self, domain: &Name, name: &str, to: &str) -> Result<()> {
        let mut row = (*self.user_type(domain)?).clone();
        self.require_type_owner(&row)?;
        let TypeKind::Domain { checks, .. } = &mut row.kind else {
            let message = format!("\"{}\" is not a domain", row.name);
            return Err(DatabaseError::new(WRONG_OBJECT_TYPE, message));
        };
        let Some(at) = checks.iter().position(|check| check.name == name) else {
            let message = format!("constraint \"{name}\" for domain {} does not exist", row.name);
            return Err(DatabaseError::new(UNDEFINED_OBJECT, message));
        };
        if checks.iter().any(|check| check.name == to) {
            let message = format!("constraint \"{to}\" for domain {} already exists", row.name);
            return Err(DatabaseError::new(DUPLICATE_OBJECT, message));
        }
        to.clone_into(&mut checks[at].name);
        self.catalog.put_type(row);
        Ok(())
    }

    fn rename_trigger(&mut self, table: &Name, name: &str, to: &str) -> Result<()> {
        let relation = self.relation(table)?;
        self.require_relation_owner(&relation)?;
        let Some(trigger) = relation.triggers.iter().find(|row| row.name == name) else {
            let message = format!("trigger \"{name}\" for table \"{}\" does not exist", relation.name);
            return Err(DatabaseError::new(UNDEFINED_OBJECT, message));
        };
        if relation.triggers.iter().any(|row| row.name == to) {
            let message = format!("trigger \"{to}\" for relation \"{}\" already exists", relation.name);
            return Err(DatabaseError::new(DUPLICATE_OBJECT, message));
        }
        let oid = trigger.oid;
        self.update_relation(relation.oid, |relation| {
            for row in relation.triggers.iter_mut().filter(|row| row.oid == oid) {
                to.clone_into(&mut row.name);
            }
            relation.triggers.sort_by(|left, right| left.name.cmp(&right.name));
        })
    }

    fn rename_policy(&mut self, table: &Name, name: &str, to: &str) -> Result<()> {
        let relation = self.policy_table(table)?;
        if relation.policies.iter().any(|row| row.name == to) {
            let message = format!("policy \"{to}\" for table \"{}\" already exists", relation.name);
            return Err(DatabaseError::new(DUPLICATE_OBJECT, message));
        }
        let oid = existing_policy(&relation, name)?.oid;
        self.update_relation(relation.oid, |relation| {
            for row in relation.policies.iter_mut().filter(|row| row.oid == oid) {
                to.clone_into(&mut row.name);
            }
            relation.policies.sort_by(|left, right| left.name.cmp(&right.name));
        })
    }

    fn rename_type(&mut self, name: &Name, to: &str) -> Result<()> {
        let row = self.user_type(name)?;
        self.require_type_owner(&row)?;
        if let TypeKind::Composite { relation } = row.kind {
            let relation = self.relation_by_oid(relation)?;
            if relation.kind != RelationKind::Composite {
                let message = format!("{} is a table's row type", row.name);
                return Err(
                    DatabaseError::new(WRONG_OBJECT_TYPE, message).with_hint("Use ALTER TABLE instead.")
                );
            }
            return self.rename_relation_to(&relation, to);
        }
        if let TypeKind::Array { element } = row.kind {
            let own = self.catalog.format_type_oid(self.path(), row.oid);
            let element = self.catalog.format_type_oid(self.path(), element);
            let message = format!("cannot alter array type {own}");
            return Err(DatabaseError::new(WRONG_OBJECT_TYPE, message).with_hint(format!(
                "You can alter type {element}, which will alter the array type as well."
            )));
        }
        self.renamed(ObjectRef::Type(row.oid), |ddl| ddl.rename_type_row(row.oid, to))
    }

    /// Renames a type and its array type.
    fn rename_type_row(&mut self, oid: Oid, to: &str) -> Result<()> {
        let Some(mut row) = self.catalog.types.get(&oid).map(|row| (**row).clone()) else { return Ok(()) };
        if let Some(other) = self.catalog.type_in(row.schema, to).cloned() {
            self.make_way(&other)?;
        }
        to.clone_into(&mut row.name);
        let (schema, array) = (row.schema, row.array);
        self.catalog.put_type(row);
        if let Some(mut row) = self.catalog.types.get(&array).map(|row| (**row).clone()) {
            row.name = self.array_type_name(schema, to);
            self.catalog.put_type(row);
        }
        Ok(())
    }

    fn rename_schema(&mut self, name: &Name, to: &str) -> Result<()> {
        let name = name.parts.join(".");
        let row = self.catalog.require_schema(&name)?.clone();
        if self.catalog.schema(to).is_some() {
            return Err(DatabaseError::new(DUPLICATE_SCHEMA, format!("schema \"{to}\" already exists")));
        }
        self.require_owner(row.owner, "schema", &name)?;
        if !self.may_create_in_database() {
            return Err(super::context::denied("database", "postgres"));
        }
        super::schema::require_unreserved("schema", to)?;
        let relations: Vec<Oid> = ids(&self.catalog.relations, |relation| relation.schema == row.oid);
        let functions: Vec<Oid> = ids(&self.catalog.functions, |function| function.schema == row.oid);
        let types: Vec<Oid> = ids(&self.catalog.types, |value| value.schema == row.oid);
        let objects: Vec<ObjectRef> = (relations.iter().map(|oid| ObjectRef::Relation(*oid)))
            .chain(functions.iter().map(|oid| ObjectRef::Function(*oid)))
            .chain(types.iter().map(|oid| ObjectRef::Type(*oid)))
            .collect();
        let before = self.catalog.clone();
        let mut new = (*row).clone();
        to.clone_into(&mut new.name);
        self.catalog.put_schema(new);
        for object in objects {
            for user in users_of(&before, object) {
                self.rewrite_names(&before, user, object)?;
            }
        }
        for oid in relations {
            let relation = self.relation_by_oid(oid)?;
            if relation.kind.has_rows() {
                let (old_schema, old_name) = (name.clone(), relation.name.clone());
                self.change(PhysicalChange::RenameTable { table: oid, old_schema, old_name });
            }
        }
        for oid in ids(&self.catalog.indexes, |index| index.schema == row.oid) {
            let old_name =
                self.catalog.indexes.get(&oid).map_or_else(String::new, |index| index.name.clone());
            self.change(PhysicalChange::RenameIndex { index: oid, old_schema: name.clone(), old_name });
        }
        Ok(())
    }

    fn rename_role(&mut self, name: &Name, to: &str) -> Result<()> {
        let oid = self.role_named(&name.parts.join("."))?;
        let creates =
            self.catalog.roles.get(&self.role()).is_some_and(|role| role.superuser || role.create_role);
        let Some(mut row) = self.catalog.roles.get(&oid).map(|row| (**row).clone()) else { return Ok(()) };
        if row.superuser {
            self.require_superuser("must be superuser to rename superusers")?;
        } else if !creates {
            return Err(DatabaseError::new(INSUFFICIENT_PRIVILEGE, "permission denied to rename role"));
        }
        if self.catalog.role(to).is_some() {
            return Err(DatabaseError::new(DUPLICATE_OBJECT, format!("role \"{to}\" already exists")));
        }
        to.clone_into(&mut row.name);
        self.catalog.put_role(row);
        Ok(())
    }

    fn rename_function(&mut self, kind: ObjectKind, name: &ObjectName, to: &str) -> Result<()> {
        let row = self.find_function(kind, name)?;
        self.require_owner(row.owner, function_word(row.kind), &row.name)?;
        self.require_create(row.schema)?;
        let inputs: Vec<Oid> = row.input_types().collect();
        let taken = self
            .catalog
            .functions_in(row.schema, to)
            .any(|other| other.input_types().eq(inputs.iter().copied()));
        if taken {
            let types: Vec<String> =
                inputs.iter().map(|oid| self.catalog.format_type_oid(self.path(), *oid)).collect();
            let message = format!(
                "function {to}({}) already exists in schema \"{}\"",
                types.join(", "),
                self.schema_name(row.schema)
            );
            return Err(DatabaseError::new(DUPLICATE_FUNCTION, message));
        }
        self.renamed(ObjectRef::Function(row.oid), |ddl| {
            let mut new = (*row).clone();
            to.clone_into(&mut new.name);
            ddl.catalog.put_function(new);
            ddl.change(PhysicalChange::FunctionReplaced { old: row.clone() });
            Ok(())
        })
    }

    /// Makes a change of an object's name or schema. What names the object in stored SQL has the old name in its text.
    pub(super) fn renamed(
        &mut self,
        object: ObjectRef,
        change: impl FnOnce(&mut Self) -> Result<()>,
    ) -> Result<()> {
        let users = users_of(&self.catalog, object);
        let before = self.catalog.clone();
        change(self)?;
        for user in users {
            self.rewrite_names(&before, user, object)?;
        }
        Ok(())
    }
}

fn ids<T>(objects: &BTreeMap<Oid, Arc<T>>, wanted: impl Fn(&T) -> bool) -> Vec<Oid> {
    objects.iter().filter(|(_, row)| wanted(row)).map(|(oid, _)| *oid).collect()
}

/// What has the object's name in its stored SQL: what depends on it, or on a column of it.
fn users_of(catalog: &Catalog, object: ObjectRef) -> Vec<ObjectRef> {
    let row_type = match object {
        ObjectRef::Relation(oid) => catalog.relations.get(&oid).map(|row| row.row_type),
        _ => None,
    };
    let names = |on: &ObjectRef| match (object, *on) {
        (ObjectRef::Relation(oid), ObjectRef::Relation(other) | ObjectRef::Column(other, _)) => oid == other,
        (ObjectRef::Relation(_), ObjectRef::Type(other)) => Some(other) == row_type,
        (object, on) => on == object,
    };
    let users = catalog.dependencies.iter().filter(|(_, on)| on.iter().any(names));
    users.map(|(user, _)| *user).collect()
}
