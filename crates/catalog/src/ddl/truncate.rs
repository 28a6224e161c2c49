//! TRUNCATE.

use super::PhysicalChange;
use super::context::{Ddl, denied, relation_word, wrong_kind};
use crate::{Oid, Privileges, RelationKind};
use sqlstate::{DatabaseError, FEATURE_NOT_SUPPORTED, Result};
use syntax::ast::RelationName;

impl Ddl<'_> {
    pub(super) fn truncate(
        &mut self,
        names: &[RelationName],
        restart_identity: bool,
        cascade: bool,
    ) -> Result<()> {
        let mut tables: Vec<Oid> = Vec::new();
        for name in names {
            let relation = self.relation(&name.name)?;
            if relation.kind != RelationKind::Table {
                return Err(wrong_kind(&relation.name, "a table"));
            }
            self.require_truncate(relation.oid)?;
            if !tables.contains(&relation.oid) {
                tables.push(relation.oid);
            }
        }
        let mut at = 0;
        while let Some(table) = tables.get(at).copied() {
            at += 1;
            let users: Vec<Oid> =
                self.catalog.references_to(table).map(|(relation, _, _)| relation.oid).collect();
            for user in users {
                if tables.contains(&user) {
                    continue;
                }
                let (own, other) = (self.relation_by_oid(table)?, self.relation_by_oid(user)?);
                if !cascade {
                    let message = "cannot truncate a table referenced in a foreign key constraint";
                    return Err(DatabaseError::new(FEATURE_NOT_SUPPORTED, message)
                        .with_detail(format!("Table \"{}\" references \"{}\".", other.name, own.name))
                        .with_hint(format!(
                            "Truncate table \"{}\" at the same time, or use TRUNCATE ... CASCADE.",
                            other.name
                        )));
                }
                self.notice(format!("truncate cascades to table \"{}\"", other.name));
                self.require_truncate(user)?;
                tables.push(user);
            }
        }
        let restart = match restart_identity {
            false => Vec::new(),
            true => {
                let owned = self.catalog.relations.values().filter(|row| {
                    let owner = row.sequence.as_ref().and_then(|sequence| sequence.owned_by);
                    owner.is_some_and(|(table, _)| tables.contains(&table))
                });
                owned.map(|row| row.oid).collect()
            }
        };
        self.change(PhysicalChange::Truncate { tables, restart });
        Ok(())
    }

    fn require_truncate(&self, table: Oid) -> Result<()> {
        let relation = self.relation_by_oid(table)?;
        match self.catalog.has_relation_privilege(self.role(), &relation, Privileges::TRUNCATE) {
            true => Ok(()),
            false => Err(denied(relation_word(relation.kind), &relation.name)),
        }
    }
}
