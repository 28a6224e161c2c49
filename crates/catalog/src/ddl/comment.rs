//! COMMENT ON.

use super::context::{Ddl, wrong_kind};
use super::policy::existing_policy;
use crate::{ObjectRef, Oid, RelationKind, TypeKind};
use sqlstate::{DatabaseError, Result, SYNTAX_ERROR, UNDEFINED_OBJECT};
use syntax::ast::{Name, ObjectKind, ObjectName};

impl Ddl<'_> {
    pub(super) fn comment(&mut self, kind: ObjectKind, name: &ObjectName, text: Option<&str>) -> Result<()> {
        // An empty comment is none.
        let text = text.filter(|text| !text.is_empty()).map(str::to_owned);
        match (kind, name) {
            (
                ObjectKind::Table | ObjectKind::View | ObjectKind::MaterializedView | ObjectKind::Sequence,
                ObjectName::Plain(name),
            ) => {
                let relation = self.relation(name)?;
                self.require_relation_owner(&relation)?;
                self.require_comment_kind(kind, &relation.name, relation.kind)?;
                self.update_relation(relation.oid, |row| row.comment = text)
            }
            (ObjectKind::Column, ObjectName::Plain(name)) => self.comment_column(name, text),
            (ObjectKind::Index, ObjectName::Plain(name)) => {
                let Some(index) = self.find_index(name)? else {
                    let message = format!("relation \"{}\" does not exist", name.parts.join("."));
                    return Err(DatabaseError::new(sqlstate::UNDEFINED_TABLE, message));
                };
                let table = self.relation_by_oid(index.table)?;
                self.require_owner(table.owner, "index", &index.name)?;
                let mut row = (*index).clone();
                row.comment = text;
                self.catalog.put_index(row);
                Ok(())
            }
            (ObjectKind::Schema, ObjectName::Plain(name)) => {
                let mut row = (**self.catalog.require_schema(&name.parts.join("."))?).clone();
                self.require_owner(row.owner, "schema", &row.name)?;
                row.comment = text;
                self.catalog.put_schema(row);
                Ok(())
            }
            (ObjectKind::Type | ObjectKind::Domain, ObjectName::Plain(name)) => {
                let mut row = (*self.user_type(name)?).clone();
                if kind == ObjectKind::Domain && !self.catalog.is_domain(row.oid) {
                    return Err(DatabaseError::new(
                        sqlstate::WRONG_OBJECT_TYPE,
                        format!("\"{}\" is not a domain", name.parts.join(".")),
                    ));
                }
                self.require_type_owner(&row)?;
                row.comment = text;
                self.catalog.put_type(row);
                Ok(())
            }
            (
                ObjectKind::Function | ObjectKind::Procedure | ObjectKind::Routine | ObjectKind::Aggregate,
                _,
            ) => {
                let mut row = (*self.find_function(kind, name)?).clone();
                let written = super::drop::written_name(name);
                self.require_owner(row.owner, super::function::function_word(row.kind), &written)?;
                row.comment = text;
                self.catalog.put_function(row);
                Ok(())
            }
            (ObjectKind::Role, ObjectName::Plain(name)) => {
                let oid = self.role_named(&name.parts.join("."))?;
                self.comment_role(oid, text)
            }
            (ObjectKind::Extension, ObjectName::Plain(name)) => {
                let name = name.parts.join(".");
                let found = self.catalog.extensions.values().find(|row| row.name == name);
                let Some(mut row) = found.map(|row| (**row).clone()) else {
                    let message = format!("extension \"{name}\" does not exist");
                    return Err(DatabaseError::new(UNDEFINED_OBJECT, message));
                };
                self.require_owner(row.owner, "extension", &name)?;
                row.comment = text;
                self.catalog.extensions.insert(row.oid, row.into());
                Ok(())
            }
            (ObjectKind::Publication, ObjectName::Plain(name)) => {
                let mut row = (*self.publication(&name.parts.join("."))?).clone();
                self.require_owner(row.owner, "publication", &row.name)?;
                row.comment = text;
                self.catalog.publications.insert(row.oid, row.into());
                Ok(())
            }
            (
                ObjectKind::Constraint | ObjectKind::Trigger | ObjectKind::Policy,
                ObjectName::On { part, table, position: _ },
            ) => self.comment_part(kind, part, table, text),
            // Nobody can ask for them here.
            (ObjectKind::DomainConstraint, ObjectName::On { part, table, position: _ }) => {
                let row = self.user_type(table)?;
                let TypeKind::Domain { checks, .. } = &row.kind else {
                    let message = format!("\"{}\" is not a domain", table.parts.join("."));
                    return Err(DatabaseError::new(sqlstate::WRONG_OBJECT_TYPE, message));
                };
                self.require_type_owner(&row)?;
                if !checks.iter().any(|check| check.name == *part) {
                    let domain = self.catalog.format_type_oid(self.path(), row.oid);
                    let message = format!("constraint \"{part}\" for domain {domain} does not exist");
                    return Err(DatabaseError::new(UNDEFINED_OBJECT, message));
                }
                self.without_effect("this COMMENT");
                Ok(())
            }
            (ObjectKind::Database | ObjectKind::Language | ObjectKind::DomainConstraint, _) => {
                self.without_effect("this COMMENT");
                Ok(())
            }
            _ => Err(DatabaseError::unsupported("COMMENT on this kind of object")),
        }
    }

    fn require_comment_kind(&self, kind: ObjectKind, name: &str, relation: RelationKind) -> Result<()> {
        let (fits, what) = match kind {
            ObjectKind::View => (relation == RelationKind::View, "a view"),
            ObjectKind::MaterializedView => {
                (relation == RelationKind::MaterializedView, "a materialized view")
            }
            ObjectKind::Sequence => (relation == RelationKind::Sequence, "a sequence"),
            _ => (matches!(relation, RelationKind::Table | RelationKind::PartitionedTable), "a table"),
        };
        match fits {
            true => Ok(()),
            false => Err(wrong_kind(name, what)),
        }
    }

    fn comment_column(&mut self, name: &Name, text: Option<String>) -> Result<()> {
        let Some((column, relation)) = name.parts.split_last().filter(|(_, rest)| !rest.is_empty()) else {
            return Err(DatabaseError::new(SYNTAX_ERROR, "column name must be qualified"));
        };
        let relation = Name { parts: relation.to_vec(), position: name.position };
        let relation = self.relation(&relation)?;
        self.require_relation_owner(&relation)?;
        let column = self.existing_column(relation.oid, column)?;
        self.update_column(relation.oid, column.number, |column| column.comment = text)
    }

    fn comment_role(&mut self, oid: Oid, text: Option<String>) -> Result<()> {
        let creates =
            self.catalog.roles.get(&self.role()).is_some_and(|role| role.superuser || role.create_role);
        if !creates {
            return Err(DatabaseError::new(
                sqlstate::INSUFFICIENT_PRIVILEGE,
                "must have CREATEROLE privilege",
            ));
        }
        let Some(mut row) = self.catalog.roles.get(&oid).map(|row| (**row).clone()) else { return Ok(()) };
        row.comment = text;
        self.catalog.put_role(row);
        Ok(())
    }

    fn comment_part(
        &mut self,
        kind: ObjectKind,
        part: &str,
        table: &Name,
        text: Option<String>,
    ) -> Result<()> {
        let relation = self.relation(table)?;
        self.require_owner(relation.owner, "relation", &relation.name)?;
        let missing = |message: String| DatabaseError::new(UNDEFINED_OBJECT, message);
        let object = match kind {
            ObjectKind::Policy => ObjectRef::Policy(existing_policy(&relation, part)?.oid),
            ObjectKind::Trigger => {
                let found = relation.triggers.iter().find(|row| row.name == part);
                ObjectRef::Trigger(
                    found
                        .ok_or_else(|| {
                            missing(format!(
                                "trigger \"{part}\" for table \"{}\" does not exist",
                                relation.name
                            ))
                        })?
                        .oid,
                )
            }
            _ => {
                let found = relation.constraints.iter().find(|row| row.name == part);
                ObjectRef::Constraint(
                    found
                        .ok_or_else(|| {
                            missing(format!(
                                "constraint \"{part}\" for table \"{}\" does not exist",
                                relation.name
                            ))
                        })?
                        .oid,
                )
            }
        };
        self.update_relation(relation.oid, |row| match object {
            ObjectRef::Policy(oid) => {
                row.policies
                    .iter_mut()
                    .filter(|row| row.oid == oid)
                    .for_each(|row| row.comment.clone_from(&text));
            }
            ObjectRef::Trigger(oid) => {
                row.triggers
                    .iter_mut()
                    .filter(|row| row.oid == oid)
                    .for_each(|row| row.comment.clone_from(&text));
            }
            ObjectRef::Constraint(oid) => {
                let rows = row.constraints.iter_mut().filter(|row| row.oid == oid);
                rows.for_each(|row| row.comment.clone_from(&text));
            }
            _ => {}
        })
    }
}
