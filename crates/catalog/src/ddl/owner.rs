//! ALTER … OWNER TO and ALTER … SET SCHEMA.

use super::PhysicalChange;
use super::context::{Ddl, denied, wrong_kind};
use super::function::function_word;
use crate::{Acl, ObjectRef, Oid, RelationKind, TypeKind};
use sqlstate::{
    DUPLICATE_FUNCTION, DUPLICATE_OBJECT, DUPLICATE_TABLE, DatabaseError, FEATURE_NOT_SUPPORTED, Result,
    UNDEFINED_TABLE,
};
use syntax::ast::{ObjectKind, ObjectName, RoleSpec};

impl Ddl<'_> {
    pub(super) fn owner_to(
        &mut self,
        kind: ObjectKind,
        name: &ObjectName,
        if_exists: bool,
        owner: &RoleSpec,
    ) -> Result<()> {
        let owner = self.role_oid(owner)?;
        match (kind, name) {
            (
                ObjectKind::Table | ObjectKind::View | ObjectKind::MaterializedView | ObjectKind::Sequence,
                ObjectName::Plain(name),
            ) => match self.relation(name) {
                Ok(relation) => self.change_relation_owner(relation.oid, owner),
                Err(error) if if_exists && error.code() == UNDEFINED_TABLE => {
                    self.notice(format!("{}, skipping", error.message()));
                    Ok(())
                }
                Err(error) => Err(error),
            },
            (ObjectKind::Schema, ObjectName::Plain(name)) => {
                let mut row = (**self.catalog.require_schema(&name.parts.join("."))?).clone();
                if row.owner != owner {
                    self.require_owner(row.owner, "schema", &row.name)?;
                    self.require_member(owner)?;
                    if !self.may_create_in_database() {
                        return Err(denied("database", "postgres"));
                    }
                    new_owner(&mut row.acl, row.owner, owner);
                    row.owner = owner;
                    self.catalog.put_schema(row);
                }
                Ok(())
            }
            (
                ObjectKind::Function | ObjectKind::Procedure | ObjectKind::Routine | ObjectKind::Aggregate,
                _,
            ) => {
                let mut row = (*self.find_function(kind, name)?).clone();
                if row.owner != owner {
                    self.require_owner(row.owner, function_word(row.kind), &row.name)?;
                    self.require_new_owner(owner, row.schema)?;
                    new_owner(&mut row.acl, row.owner, owner);
                    row.owner = owner;
                    self.catalog.put_function(row);
                }
                Ok(())
            }
            (ObjectKind::Type | ObjectKind::Domain, ObjectName::Plain(name)) => {
                let row = self.user_type(name)?;
                if let TypeKind::Composite { relation } = row.kind {
                    let relation = self.relation_by_oid(relation)?;
                    if relation.kind != RelationKind::Composite {
                        let message = format!("{} is a table's row type", row.name);
                        return Err(DatabaseError::new(sqlstate::WRONG_OBJECT_TYPE, message)
                            .with_hint("Use ALTER TABLE instead."));
                    }
                    return self.change_relation_owner(relation.oid, owner);
                }
                self.require_type_owner(&row)?;
                self.require_new_owner(owner, row.schema)?;
                let mut row = (*row).clone();
                new_owner(&mut row.acl, row.owner, owner);
                row.owner = owner;
                self.catalog.put_type(row);
                Ok(())
            }
            (ObjectKind::Publication, ObjectName::Plain(name)) => {
                let mut row = (*self.publication(&name.parts.join("."))?).clone();
                self.require_owner(row.owner, "publication", &row.name)?;
                self.require_member(owner)?;
                row.owner = owner;
                self.catalog.publications.insert(row.oid, row.into());
                Ok(())
            }
            (ObjectKind::Database | ObjectKind::Language | ObjectKind::EventTrigger, _) => {
                self.without_effect("OWNER TO on this kind of object");
                Ok(())
            }
            _ => Err(DatabaseError::unsupported("OWNER TO on this kind of object")),
        }
    }

    fn require_new_owner(&self, owner: Oid, schema: Oid) -> Result<()> {
        if self.catalog.is_superuser(self.role()) {
            return Ok(());
        }
        self.require_member(owner)?;
        let allowed = self
            .catalog
            .schemas
            .get(&schema)
            .is_some_and(|row| self.catalog.has_schema_privilege(owner, row, crate::Privileges::CREATE));
        match allowed {
            true => Ok(()),
            false => Err(denied("schema", &self.schema_name(schema))),
        }
    }

    /// Changes the owner of a relation, its row type and the sequences that its columns own.
    pub(super) fn change_relation_owner(&mut self, oid: Oid, owner: Oid) -> Result<()> {
        let relation = self.relation_by_oid(oid)?;
        if relation.owner == owner {
            return Ok(());
        }
        self.require_relation_owner(&relation)?;
        self.require_new_owner(owner, relation.schema)?;
        if let Some(sequence) = &relation.sequence
            && let Some((table, _)) = sequence.owned_by
        {
            let table = self.relation_by_oid(table)?;
            let message = format!("cannot change owner of sequence \"{}\"", relation.name);
            return Err(DatabaseError::new(FEATURE_NOT_SUPPORTED, message).with_detail(format!(
                "Sequence \"{}\" is linked to table \"{}\".",
                relation.name, table.name
            )));
        }
        self.hand_over_with_sequences(oid, owner)
    }

    /// Changes the owner, whoever asks.
    pub(super) fn hand_over_with_sequences(&mut self, oid: Oid, owner: Oid) -> Result<()> {
        self.hand_over(oid, owner)?;
        let owned: Vec<Oid> = self
            .catalog
            .relations
            .values()
            .filter(|row| {
                row.sequence.as_ref().and_then(|sequence| sequence.owned_by).is_some_and(|(of, _)| of == oid)
            })
            .map(|row| row.oid)
            .collect();
        for sequence in owned {
            self.hand_over(sequence, owner)?;
        }
        Ok(())
    }

    fn hand_over(&mut self, oid: Oid, owner: Oid) -> Result<()> {
        let mut row_type = 0;
        self.update_relation(oid, |row| {
            let old = row.owner;
            new_owner(&mut row.acl, old, owner);
            for column in &mut row.columns {
                new_owner(&mut column.acl, old, owner);
            }
            row.owner = owner;
            row_type = row.row_type;
        })?;
        if let Some(row) = self.catalog.types.get(&row_type) {
            let mut row = (**row).clone();
            row.owner = owner;
            self.catalog.put_type(row);
        }
        Ok(())
    }

    // ------------------------------------------------------------------------------------- SET SCHEMA

    pub(super) fn set_schema(
        &mut self,
        kind: ObjectKind,
        name: &ObjectName,
        if_exists: bool,
        schema: &str,
    ) -> Result<()> {
        let target = match schema {
            "pg_temp" => self.temporary_schema(),
            schema => self.catalog.require_schema(schema)?.oid,
        };
        match (kind, name) {
            (
                ObjectKind::Table | ObjectKind::View | ObjectKind::MaterializedView | ObjectKind::Sequence,
                ObjectName::Plain(name),
            ) => {
                let relation = match self.relation(name) {
                    Err(error) if if_exists && error.code() == UNDEFINED_TABLE => {
                        self.notice(format!("{}, skipping", error.message()));
                        return Ok(());
                    }
                    other => other?,
                };
                self.require_relation_owner(&relation)?;
                if kind == ObjectKind::View && relation.kind != RelationKind::View {
                    return Err(wrong_kind(&relation.name, "a view"));
                }
                if relation.sequence.as_ref().is_some_and(|sequence| sequence.owned_by.is_some()) {
                    let message = "cannot move an owned sequence into another schema";
                    let owner = relation.sequence.as_ref().and_then(|sequence| sequence.owned_by);
                    let table = owner.map_or(0, |(table, _)| table);
                    let table = self.relation_by_oid(table)?;
                    return Err(DatabaseError::new(FEATURE_NOT_SUPPORTED, message).with_detail(format!(
                        "Sequence \"{}\" is linked to table \"{}\".",
                        relation.name, table.name
                    )));
                }
                self.require_create(target)?;
                self.move_relation(relation.oid, target)
            }
            (
                ObjectKind::Function | ObjectKind::Procedure | ObjectKind::Routine | ObjectKind::Aggregate,
                _,
            ) => {
                let row = self.find_function(kind, name)?;
                self.require_owner(row.owner, function_word(row.kind), &row.name)?;
                self.require_create(target)?;
                if row.schema == target {
                    return Ok(());
                }
                let inputs: Vec<Oid> = row.input_types().collect();
                let taken = self
                    .catalog
                    .functions_in(target, &row.name)
                    .any(|other| other.input_types().eq(inputs.iter().copied()));
                if taken {
                    let signature = self.catalog.function_signature(self.path(), &row);
                    let message = format!("function {signature} already exists in schema \"{schema}\"");
                    return Err(DatabaseError::new(DUPLICATE_FUNCTION, message));
                }
                self.renamed(ObjectRef::Function(row.oid), |ddl| {
                    let mut row = (*row).clone();
                    row.schema = target;
                    ddl.catalog.put_function(row);
                    Ok(())
                })
            }
            (ObjectKind::Type | ObjectKind::Domain, ObjectName::Plain(name)) => {
                let row = self.user_type(name)?;
                self.require_type_owner(&row)?;
                self.require_create(target)?;
                if let TypeKind::Composite { relation } = row.kind {
                    return self.move_relation(relation, target);
                }
                if self.catalog.type_in(target, &row.name).is_some() {
                    let message = format!("type \"{}\" already exists in schema \"{schema}\"", row.name);
                    return Err(DatabaseError::new(DUPLICATE_OBJECT, message));
                }
                self.renamed(ObjectRef::Type(row.oid), |ddl| {
                    ddl.move_type(row.oid, target);
                    Ok(())
                })
            }
            (ObjectKind::Extension, ObjectName::Plain(name)) => {
                let name = name.parts.join(".");
                let found = self.catalog.extensions.values().find(|row| row.name == name);
                let Some(mut row) = found.map(|row| (**row).clone()) else {
                    let message = format!("extension \"{name}\" does not exist");
                    return Err(DatabaseError::new(sqlstate::UNDEFINED_OBJECT, message));
                };
                self.require_owner(row.owner, "extension", &name)?;
                row.schema = target;
                self.catalog.extensions.insert(row.oid, row.into());
                Ok(())
            }
            _ => Err(DatabaseError::unsupported("SET SCHEMA on this kind of object")),
        }
    }

    fn move_type(&mut self, oid: Oid, schema: Oid) {
        let Some(mut row) = self.catalog.types.get(&oid).map(|row| (**row).clone()) else { return };
        row.schema = schema;
        let array = row.array;
        self.catalog.put_type(row);
        if let Some(mut row) = self.catalog.types.get(&array).map(|row| (**row).clone()) {
            row.schema = schema;
            self.catalog.put_type(row);
        }
    }

    fn move_relation(&mut self, oid: Oid, schema: Oid) -> Result<()> {
        let relation = self.relation_by_oid(oid)?;
        if relation.schema == schema {
            return Ok(());
        }
        self.require_not_temporary(relation.schema, schema)?;
        if self.relation_exists(schema, &relation.name) {
            let place = self.schema_name(schema);
            let message = format!("relation \"{}\" already exists in schema \"{place}\"", relation.name);
            return Err(DatabaseError::new(DUPLICATE_TABLE, message));
        }
        let owned: Vec<Oid> = self
            .catalog
            .relations
            .values()
            .filter(|row| {
                row.sequence.as_ref().and_then(|sequence| sequence.owned_by).is_some_and(|(of, _)| of == oid)
            })
            .map(|row| row.oid)
            .collect();
        let old_schema = self.schema_name(relation.schema);
        self.renamed(ObjectRef::Relation(oid), |ddl| {
            ddl.update_relation(oid, |row| row.schema = schema)?;
            ddl.move_type(relation.row_type, schema);
            Ok(())
        })?;
        if relation.kind.has_rows() {
            let old_name = relation.name.clone();
            self.change(PhysicalChange::RenameTable { table: oid, old_schema: old_schema.clone(), old_name });
        }
        let indexes: Vec<_> = self.catalog.indexes_of(oid).cloned().collect();
        for index in indexes {
            let mut row = (*index).clone();
            row.schema = schema;
            let change = PhysicalChange::RenameIndex {
                index: row.oid,
                old_schema: old_schema.clone(),
                old_name: row.name.clone(),
            };
            self.catalog.put_index(row);
            self.change(change);
        }
        for sequence in owned {
            self.renamed(ObjectRef::Relation(sequence), |ddl| {
                ddl.update_relation(sequence, |row| row.schema = schema)
            })?;
        }
        Ok(())
    }
}

/// The list after a change of owner: the new one stands wherever the old one stood. aclnewowner.
pub(super) fn new_owner(acl: &mut Acl, old: Oid, new: Oid) {
    let Some(items) = acl else { return };
    let mut changed: Vec<crate::AclItem> = Vec::new();
    for mut item in items.drain(..) {
        for role in [&mut item.grantee, &mut item.grantor] {
            if *role == old {
                *role = new;
            }
        }
        crate::privileges::merge(&mut changed, item);
    }
    *items = changed;
}
