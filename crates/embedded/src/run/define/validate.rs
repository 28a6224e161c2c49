//! Existing rows under a new constraint.

use super::super::Run;
use super::change::{column_of, position_of};
use crate::plan;
use crate::writes::quote;
use catalog::{ColumnNumber, ConstraintKind, Oid, TypeKind};
use compile::existing;
use datum::StoredValue;
use sqlstate::{CHECK_VIOLATION, DatabaseError, NOT_NULL_VIOLATION, Result};
use std::sync::Arc;

impl Run<'_> {
    pub(super) fn validate_check(&mut self, table: Oid, constraint: Oid) -> Result<()> {
        let relation = self.relation(table)?;
        let found = relation.constraints.iter().find(|row| row.oid == constraint);
        let Some((name, expression)) = found.and_then(|row| match &row.kind {
            ConstraintKind::Check { expression, .. } => Some((row.name.clone(), expression.clone())),
            _ => None,
        }) else {
            return Err(DatabaseError::internal(format_args!("no check {constraint} to validate")));
        };
        let statement = existing::row_condition(&self.state.catalog, &relation, &expression)?;
        let plan = self.state.table(table)?;
        self.each_row(&plan, |run, _, row| {
            let bindings = run.bindings(&[], &[]).rows(Some(row), None);
            match run.one_row(&statement, &bindings)?.first() {
                Some(StoredValue::Integer(0)) => Err(DatabaseError::new(
                    CHECK_VIOLATION,
                    format!(
                        "check constraint \"{name}\" of relation \"{}\" is violated by some row",
                        plan.name
                    ),
                )
                .on_table(&plan.schema, &plan.name)
                .on_constraint(&name)),
                _ => Ok(()),
            }
        })
    }

    pub(super) fn validate_foreign_key(&mut self, table: Oid, constraint: Oid) -> Result<()> {
        let plan = self.state.table(table)?;
        let Some(key) = plan.foreign_keys.iter().find(|key| key.oid == constraint).cloned() else {
            return Err(DatabaseError::internal(format_args!("no key {constraint} to validate")));
        };
        let reveal = plan::reveal(&self.state.catalog, &plan, self.role.oid);
        self.remember_reveal(plan.oid, Some(&reveal));
        self.each_row(&plan, |run, rowid, _| run.check_referencing(&plan, &key, rowid))
    }

    pub(super) fn validate_not_null(&mut self, table: Oid, column: ColumnNumber) -> Result<()> {
        let relation = self.relation(table)?;
        let name = column_of(&relation, column)?.name.clone();
        if !self.has_null(table, column)? {
            return Ok(());
        }
        let plan = self.state.table(table)?;
        Err(DatabaseError::new(
            NOT_NULL_VIOLATION,
            format!("column \"{name}\" of relation \"{}\" contains null values", plan.name),
        )
        .on_table(&plan.schema, &plan.name)
        .on_column(name))
    }

    fn has_null(&self, table: Oid, column: ColumnNumber) -> Result<bool> {
        let relation = self.relation(table)?;
        let name = self.storage_name(&relation)?;
        let column = quote(&column_of(&relation, column)?.name);
        let text = format!("SELECT 1 FROM {} WHERE {column} IS NULL LIMIT 1", quote(&name));
        let mut found = false;
        self.connection.query_table(&text, &name, &[], |_| {
            found = true;
            Ok(())
        })?;
        Ok(found)
    }

    /// Whether a type is another, or a domain over it.
    fn is_or_stems_from(&self, mut oid: Oid, wanted: Oid) -> bool {
        loop {
            if oid == wanted {
                return true;
            }
            match self.state.catalog.types.get(&oid).map(|row| &row.kind) {
                Some(TypeKind::Domain { base, .. }) => oid = base.oid,
                _ => return false,
            }
        }
    }

    /// The columns of this type, or of domains over it: tables and column numbers.
    pub(super) fn columns_of_type(&self, wanted: Oid) -> Vec<(Oid, ColumnNumber)> {
        let tables = self.state.catalog.relations.values().filter(|relation| relation.kind.has_rows());
        tables
            .flat_map(|relation| {
                let columns = relation
                    .columns
                    .iter()
                    .filter(|column| self.is_or_stems_from(column.type_ref.oid, wanted));
                columns.map(|column| (relation.oid, column.number))
            })
            .collect()
    }

    pub(super) fn validate_domain(&mut self, domain: Oid, check: Option<&str>) -> Result<()> {
        let expression = match (check, self.state.catalog.types.get(&domain).map(|row| row.kind.clone())) {
            (None, _) => None,
            (Some(name), Some(TypeKind::Domain { checks, .. })) => {
                let found = checks.iter().find(|check| check.name == name);
                found.map(|check| check.expression.clone())
            }
            (Some(_), _) => None,
        };
        for (table, column) in self.columns_of_type(domain) {
            let relation = self.relation(table)?;
            let name = column_of(&relation, column)?.name.clone();
            let plan = self.state.table(table)?;
            let at = position_of(&relation, column)?;
            let broken = match &expression {
                None => self.has_null(table, column)?.then(|| {
                    let message =
                        format!("column \"{name}\" of table \"{}\" contains null values", plan.name);
                    DatabaseError::new(NOT_NULL_VIOLATION, message)
                }),
                Some(sql) => {
                    let statement = existing::domain_condition(&self.state.catalog, domain, sql)?;
                    let mut broken = None;
                    let looked = Arc::clone(&plan);
                    self.each_row(&looked, |run, _, row| {
                        let value = row.get(at).cloned().unwrap_or_default();
                        let bindings = run.bindings(&[], &[]).key(std::slice::from_ref(&value));
                        if let Some(StoredValue::Integer(0)) = run.one_row(&statement, &bindings)?.first() {
                            let message = format!(
                                "column \"{name}\" of table \"{}\" contains values that violate the new constraint",
                                looked.name
                            );
                            broken = Some(DatabaseError::new(CHECK_VIOLATION, message));
                        }
                        Ok(())
                    })?;
                    broken
                }
            };
            if let Some(error) = broken {
                return Err(error.on_table(&plan.schema, &plan.name).on_column(name));
            }
        }
        Ok(())
    }
}
