//! Publications: which tables a realtime client may listen to.

use super::context::Ddl;
use crate::{Oid, Publication, RelationKind};
use sqlstate::{DUPLICATE_OBJECT, DatabaseError, OBJECT_NOT_IN_PREREQUISITE_STATE, Result, UNDEFINED_OBJECT};
use std::sync::Arc;
use syntax::ast::{Name, Publication as Statement};

impl Ddl<'_> {
    pub(super) fn publication(&self, name: &str) -> Result<Arc<Publication>> {
        self.catalog.publications.values().find(|row| row.name == name).cloned().ok_or_else(|| {
            DatabaseError::new(UNDEFINED_OBJECT, format!("publication \"{name}\" does not exist"))
        })
    }

    pub(super) fn change_publication(&mut self, statement: &Statement) -> Result<()> {
        match statement {
            Statement::Create { name, all_tables, tables, options } => {
                if !self.may_create_in_database() {
                    return Err(super::context::denied("database", "postgres"));
                }
                if *all_tables {
                    self.require_superuser("must be superuser to create FOR ALL TABLES publication")?;
                }
                if self.publication(name).is_ok() {
                    let message = format!("publication \"{name}\" already exists");
                    return Err(DatabaseError::new(DUPLICATE_OBJECT, message));
                }
                if !options.is_empty() {
                    self.without_effect("options of a publication");
                }
                let tables = self.published(tables)?;
                let oid = self.catalog.allocate();
                let row = Publication {
                    oid,
                    name: name.clone(),
                    owner: self.role(),
                    all_tables: *all_tables,
                    tables,
                    comment: None,
                };
                self.catalog.publications.insert(oid, row.into());
                Ok(())
            }
            Statement::Tables { name, verb, tables } => {
                let mut row = (*self.publication(name)?).clone();
                self.require_owner(row.owner, "publication", name)?;
                if row.all_tables {
                    let message = format!("publication \"{name}\" is defined as FOR ALL TABLES");
                    let error = DatabaseError::new(OBJECT_NOT_IN_PREREQUISITE_STATE, message);
                    return Err(error.with_detail(
                        "Tables cannot be added to or dropped from FOR ALL TABLES publications.",
                    ));
                }
                let named = self.published(tables)?;
                match *verb {
                    "SET" => row.tables = named,
                    "DROP" => {
                        for table in named {
                            if !row.tables.contains(&table) {
                                let table = self.relation_by_oid(table)?;
                                let message =
                                    format!("relation \"{}\" is not part of the publication", table.name);
                                return Err(DatabaseError::new(UNDEFINED_OBJECT, message));
                            }
                            row.tables.retain(|other| *other != table);
                        }
                    }
                    _ => {
                        for table in named {
                            if row.tables.contains(&table) {
                                let table = self.relation_by_oid(table)?;
                                let message = format!(
                                    "relation \"{}\" is already member of publication \"{name}\"",
                                    table.name
                                );
                                return Err(DatabaseError::new(DUPLICATE_OBJECT, message));
                            }
                            row.tables.push(table);
                        }
                    }
                }
                self.catalog.publications.insert(row.oid, row.into());
                Ok(())
            }
            Statement::Options { name, options: _ } => {
                let row = self.publication(name)?;
                self.require_owner(row.owner, "publication", name)?;
                self.without_effect("options of a publication");
                Ok(())
            }
        }
    }

    fn published(&self, tables: &[Name]) -> Result<Vec<Oid>> {
        let mut found: Vec<Oid> = Vec::new();
        for name in tables {
            let relation = self.relation(name)?;
            if relation.kind != RelationKind::Table {
                let message = format!("cannot add relation \"{}\" to publication", relation.name);
                let kind = super::context::relation_word(relation.kind);
                return Err(DatabaseError::new(sqlstate::INVALID_PARAMETER_VALUE, message)
                    .with_detail(format!("This operation is not supported for {kind}s.")));
            }
            self.require_relation_owner(&relation)?;
            if !found.contains(&relation.oid) {
                found.push(relation.oid);
            }
        }
        Ok(found)
    }
}
