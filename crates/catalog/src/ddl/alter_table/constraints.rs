//! ALTER TABLE: constraints.

use super::super::PhysicalChange;
use super::super::constraint::{Pending, PendingCheck};
use super::super::context::Ddl;
use super::super::dependency::Root;
use crate::{ConstraintKind, ObjectRef, Oid, Relation};
use sqlstate::{DatabaseError, Result, UNDEFINED_OBJECT, WRONG_OBJECT_TYPE};
use syntax::ast::Constraint;

impl Ddl<'_> {
    pub(super) fn add_constraint(&mut self, table: Oid, constraint: &Constraint) -> Result<()> {
        let relation = self.relation_by_oid(table)?;
        let mut pending = Pending::default();
        pending.table_constraint(constraint, &relation.name)?;
        let checks: &[PendingCheck<'_>] = &pending.checks;
        self.add_checks(table, checks, false)?;
        self.apply_pending_keys(table, Pending { checks: Vec::new(), ..pending }, false)
    }

    pub(super) fn drop_constraint(
        &mut self,
        table: Oid,
        name: &str,
        if_exists: bool,
        cascade: bool,
    ) -> Result<()> {
        let relation = self.relation_by_oid(table)?;
        let Some(constraint) = relation.constraints.iter().find(|row| row.name == name) else {
            let message = format!("constraint \"{name}\" of relation \"{}\" does not exist", relation.name);
            if if_exists {
                self.notice(format!("{message}, skipping"));
                return Ok(());
            }
            return Err(DatabaseError::new(UNDEFINED_OBJECT, message));
        };
        self.remove(&[Root::Object(ObjectRef::Constraint(constraint.oid))], cascade)
    }

    pub(super) fn validate_constraint(&mut self, table: Oid, name: &str) -> Result<()> {
        let relation = self.relation_by_oid(table)?;
        let constraint = existing_constraint(&relation, name)?;
        let (oid, change) = match &constraint.kind {
            ConstraintKind::Check { .. } => {
                (constraint.oid, PhysicalChange::ValidateCheck { table, constraint: constraint.oid })
            }
            ConstraintKind::ForeignKey(_) => {
                (constraint.oid, PhysicalChange::ValidateForeignKey { table, constraint: constraint.oid })
            }
            ConstraintKind::PrimaryKey { .. } | ConstraintKind::Unique { .. } => {
                let message = format!(
                    "constraint \"{name}\" of relation \"{}\" is not a foreign key or check constraint",
                    relation.name
                );
                return Err(DatabaseError::new(WRONG_OBJECT_TYPE, message));
            }
        };
        if constraint.validated {
            return Ok(());
        }
        self.change(change);
        self.update_constraint(table, oid, |constraint| constraint.validated = true)
    }

    pub(super) fn alter_constraint(
        &mut self,
        table: Oid,
        name: &str,
        deferrable: bool,
        initially_deferred: bool,
    ) -> Result<()> {
        let relation = self.relation_by_oid(table)?;
        let constraint = existing_constraint(&relation, name)?;
        if !matches!(constraint.kind, ConstraintKind::ForeignKey(_)) {
            let message = format!(
                "constraint \"{name}\" of relation \"{}\" is not a foreign key constraint",
                relation.name
            );
            return Err(DatabaseError::new(WRONG_OBJECT_TYPE, message));
        }
        self.update_constraint(table, constraint.oid, |constraint| {
            constraint.deferrable = deferrable;
            constraint.initially_deferred = initially_deferred;
        })
    }

    fn update_constraint(
        &mut self,
        table: Oid,
        oid: Oid,
        change: impl FnOnce(&mut crate::Constraint),
    ) -> Result<()> {
        self.update_relation(table, |relation| {
            if let Some(row) = relation.constraints.iter_mut().find(|row| row.oid == oid) {
                change(row);
            }
        })
    }
}

fn existing_constraint<'r>(relation: &'r Relation, name: &str) -> Result<&'r crate::Constraint> {
    relation.constraints.iter().find(|row| row.name == name).ok_or_else(|| {
        let message = format!("constraint \"{name}\" of relation \"{}\" does not exist", relation.name);
        DatabaseError::new(UNDEFINED_OBJECT, message)
    })
}
