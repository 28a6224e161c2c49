//! DROP OWNED and REASSIGN OWNED: what a role has in this database.

use super::context::Ddl;
use super::dependency::Root;
use super::owner::new_owner;
use crate::{Acl, DefaultPrivileges, ObjectRef, Oid, RelationKind, TypeKind};
use sqlstate::{DatabaseError, INSUFFICIENT_PRIVILEGE, Result};
use std::sync::Arc;
use syntax::ast::RoleSpec;

impl Ddl<'_> {
    /// DROP OWNED BY: the roles' objects go, and what was granted to them.
    pub(super) fn drop_owned(&mut self, roles: &[RoleSpec], cascade: bool) -> Result<()> {
        let roles = self.owning_roles(roles, "drop")?;
        let roots = self.objects_of(&roles);
        self.remove(&roots, cascade)?;
        self.forget_grants(&roles);
        self.leave_policies(&roles)
    }

    /// REASSIGN OWNED BY: the roles' objects become another's.
    pub(super) fn reassign_owned(&mut self, roles: &[RoleSpec], to: &RoleSpec) -> Result<()> {
        let roles = self.owning_roles(roles, "reassign")?;
        let to = self.role_oid(to)?;
        if !self.owns(to) {
            return Err(not_permitted("reassign"));
        }
        for root in self.objects_of(&roles) {
            self.give(root, to)?;
        }
        Ok(())
    }

    fn owning_roles(&self, roles: &[RoleSpec], verb: &str) -> Result<Vec<Oid>> {
        let roles = roles.iter().map(|role| self.role_oid(role)).collect::<Result<Vec<_>>>()?;
        match roles.iter().all(|role| self.owns(*role)) {
            true => Ok(roles),
            false => Err(not_permitted(verb)),
        }
    }

    /// The roles' objects that stand for themselves, in order of creation.
    fn objects_of(&self, roles: &[Oid]) -> Vec<Root> {
        let mut found: Vec<(Oid, Root)> = Vec::new();
        let object = |oid, object| (oid, Root::Object(object));
        for row in self.catalog.relations.values().filter(|row| roles.contains(&row.owner)) {
            match row.kind {
                RelationKind::Composite => {
                    found.push(object(row.row_type, ObjectRef::Type(row.row_type)));
                }
                // It goes with its table.
                RelationKind::Sequence
                    if row.sequence.as_ref().is_some_and(|sequence| sequence.owned_by.is_some()) => {}
                _ => found.push(object(row.oid, ObjectRef::Relation(row.oid))),
            }
        }
        for row in self.catalog.types.values().filter(|row| roles.contains(&row.owner)) {
            if matches!(row.kind, TypeKind::Enum { .. } | TypeKind::Domain { .. }) {
                found.push(object(row.oid, ObjectRef::Type(row.oid)));
            }
        }
        for row in self.catalog.functions.values().filter(|row| roles.contains(&row.owner)) {
            if row.extension.is_none() {
                found.push(object(row.oid, ObjectRef::Function(row.oid)));
            }
        }
        for row in self.catalog.schemas.values().filter(|row| roles.contains(&row.owner)) {
            found.push((row.oid, Root::Schema(row.oid)));
        }
        for row in self.catalog.extensions.values().filter(|row| roles.contains(&row.owner)) {
            found.push((row.oid, Root::Extension(row.oid)));
        }
        found.sort_by_key(|(oid, _)| *oid);
        found.into_iter().map(|(_, root)| root).collect()
    }

    fn forget_grants(&mut self, roles: &[Oid]) {
        let strip = |acl: &mut Acl| -> bool {
            let Some(items) = acl else { return false };
            let before = items.len();
            items.retain(|item| !roles.contains(&item.grantee) && !roles.contains(&item.grantor));
            items.len() != before
        };
        for row in self.catalog.relations.clone().into_values() {
            let mut row = (*row).clone();
            let mut changed = strip(&mut row.acl);
            for column in &mut row.columns {
                changed |= strip(&mut column.acl);
            }
            if changed {
                self.catalog.put_relation(row);
            }
        }
        for row in self.catalog.functions.clone().into_values() {
            let mut row = (*row).clone();
            if strip(&mut row.acl) {
                self.catalog.put_function(row);
            }
        }
        for row in self.catalog.types.clone().into_values() {
            let mut row = (*row).clone();
            if strip(&mut row.acl) {
                self.catalog.put_type(row);
            }
        }
        for row in self.catalog.schemas.clone().into_values() {
            let mut row = (*row).clone();
            if strip(&mut row.acl) {
                self.catalog.put_schema(row);
            }
        }
        let mut defaults: Vec<DefaultPrivileges> = (*self.catalog.default_privileges).clone();
        defaults.retain(|row| !roles.contains(&row.role));
        for row in &mut defaults {
            row.acl.retain(|item| !roles.contains(&item.grantee));
        }
        self.catalog.default_privileges = Arc::new(defaults);
    }

    /// Policies for the roles are for the others only, or for nobody and gone.
    fn leave_policies(&mut self, roles: &[Oid]) -> Result<()> {
        let concerned: Vec<Oid> = self
            .catalog
            .relations
            .values()
            .filter(|row| row.policies.iter().any(|policy| policy.roles.iter().any(|of| roles.contains(of))))
            .map(|row| row.oid)
            .collect();
        for relation in concerned {
            self.update_relation(relation, |row| {
                for policy in &mut row.policies {
                    policy.roles.retain(|role| !roles.contains(role));
                }
                row.policies.retain(|policy| !policy.roles.is_empty());
            })?;
        }
        Ok(())
    }

    fn give(&mut self, root: Root, to: Oid) -> Result<()> {
        match root {
            Root::Object(ObjectRef::Relation(oid)) => self.hand_over_with_sequences(oid, to),
            Root::Object(ObjectRef::Type(oid)) => {
                let Some(mut row) = self.catalog.types.get(&oid).map(|row| (**row).clone()) else {
                    return Ok(());
                };
                if let TypeKind::Composite { relation } = row.kind {
                    return self.hand_over_with_sequences(relation, to);
                }
                new_owner(&mut row.acl, row.owner, to);
                row.owner = to;
                self.catalog.put_type(row);
                Ok(())
            }
            Root::Object(ObjectRef::Function(oid)) => {
                let Some(mut row) = self.catalog.functions.get(&oid).map(|row| (**row).clone()) else {
                    return Ok(());
                };
                new_owner(&mut row.acl, row.owner, to);
                row.owner = to;
                self.catalog.put_function(row);
                Ok(())
            }
            Root::Schema(oid) => {
                let Some(mut row) = self.catalog.schemas.get(&oid).map(|row| (**row).clone()) else {
                    return Ok(());
                };
                new_owner(&mut row.acl, row.owner, to);
                row.owner = to;
                self.catalog.put_schema(row);
                Ok(())
            }
            Root::Extension(oid) => {
                if let Some(mut row) = self.catalog.extensions.get(&oid).map(|row| (**row).clone()) {
                    row.owner = to;
                    self.catalog.extensions.insert(oid, row.into());
                }
                Ok(())
            }
            Root::Object(_) => Ok(()),
        }
    }
}

fn not_permitted(verb: &str) -> DatabaseError {
    DatabaseError::new(INSUFFICIENT_PRIVILEGE, format!("permission denied to {verb} objects"))
}
