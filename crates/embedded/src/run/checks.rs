//! What a row must obey before it is written: policies, NOT NULL, CHECKs, in PostgreSQL's order.

use super::Run;
use super::describe::failing_row;
use crate::bindings::Bindings;
use compile::program::{Check, PolicyRow, Probe, Reveal, TablePlan};
use datum::StoredValue;
use sqlstate::{
    CHECK_VIOLATION, DatabaseError, INSUFFICIENT_PRIVILEGE, NOT_NULL_VIOLATION,
    OBJECT_NOT_IN_PREREQUISITE_STATE, Result, WITH_CHECK_OPTION_VIOLATION,
};

impl Run<'_> {
    /// Policies, NOT NULL, CHECKs. A failed check option comes after the write: it is handed back.
    pub(crate) fn check(
        &self,
        table: &TablePlan,
        probe: Option<&Probe>,
        new: &[StoredValue],
        bindings: &Bindings<'_>,
        reveal: &Reveal,
    ) -> Result<Option<DatabaseError>> {
        let answers = probe.map(|probe| self.probe(probe, bindings)).transpose()?.unwrap_or_default();
        let checks = probe.map_or(&[][..], |probe| probe.checks.as_slice());
        let mut late = None;
        let mut looked_at_nulls = false;
        for (check, answer) in checks.iter().zip(answers) {
            match check {
                Check::Policy { name, row } => {
                    if answer != Some(true) {
                        return Err(policy_violation(table, name.as_deref(), *row));
                    }
                }
                Check::Constraint { name } => {
                    if !looked_at_nulls {
                        self.check_nulls(table, new, reveal)?;
                        looked_at_nulls = true;
                    }
                    if answer == Some(false) {
                        return Err(self.check_violation(table, name, new, reveal)?);
                    }
                }
                Check::Shown { view } => {
                    if answer != Some(true) {
                        return Err(not_shown(view));
                    }
                }
                Check::ViewOption { view } => {
                    if answer != Some(true) && late.is_none() {
                        let error = DatabaseError::new(
                            WITH_CHECK_OPTION_VIOLATION,
                            format!("new row violates check option for view \"{view}\""),
                        );
                        let detail = failing_row(table, new, reveal, &*self.frame)?;
                        late = Some(with_detail(error, detail));
                    }
                }
            }
        }
        if !looked_at_nulls {
            self.check_nulls(table, new, reveal)?;
        }
        Ok(late)
    }

    fn check_nulls(&self, table: &TablePlan, new: &[StoredValue], reveal: &Reveal) -> Result<()> {
        for (column, value) in table.columns.iter().zip(new) {
            if column.not_null && value.is_null() {
                let error = DatabaseError::new(
                    NOT_NULL_VIOLATION,
                    format!(
                        "null value in column \"{}\" of relation \"{}\" violates not-null constraint",
                        column.name, table.name
                    ),
                )
                .on_table(&table.schema, &table.name)
                .on_column(&column.name);
                return Err(with_detail(error, failing_row(table, new, reveal, &*self.frame)?));
            }
        }
        Ok(())
    }

    fn check_violation(
        &self,
        table: &TablePlan,
        name: &str,
        new: &[StoredValue],
        reveal: &Reveal,
    ) -> Result<DatabaseError> {
        let error = DatabaseError::new(
            CHECK_VIOLATION,
            format!("new row for relation \"{}\" violates check constraint \"{name}\"", table.name),
        )
        .on_table(&table.schema, &table.name)
        .on_constraint(name);
        Ok(with_detail(error, failing_row(table, new, reveal, &*self.frame)?))
    }

    /// The policies of a probe alone, and whether views show the row.
    pub(crate) fn check_policies(
        &self,
        table: &TablePlan,
        probe: Option<&Probe>,
        bindings: &Bindings<'_>,
    ) -> Result<()> {
        let Some(probe) = probe else { return Ok(()) };
        for (check, answer) in probe.checks.iter().zip(self.probe(probe, bindings)?) {
            match check {
                Check::Policy { name, row } if answer != Some(true) => {
                    return Err(policy_violation(table, name.as_deref(), *row));
                }
                Check::Shown { view } if answer != Some(true) => return Err(not_shown(view)),
                _ => {}
            }
        }
        Ok(())
    }
}

fn with_detail(error: DatabaseError, detail: Option<String>) -> DatabaseError {
    match detail {
        Some(detail) => error.with_detail(detail),
        None => error,
    }
}

fn not_shown(view: &str) -> DatabaseError {
    DatabaseError::new(
        OBJECT_NOT_IN_PREREQUISITE_STATE,
        format!("conflicting row is not visible through view \"{view}\""),
    )
}

fn policy_violation(table: &TablePlan, name: Option<&str>, row: PolicyRow) -> DatabaseError {
    let name = name.map(|name| format!(" \"{name}\"")).unwrap_or_default();
    let (row, using) = match row {
        PolicyRow::New => ("new", ""),
        PolicyRow::Existing => ("new", " (USING expression)"),
        PolicyRow::Target => ("target", " (USING expression)"),
    };
    DatabaseError::new(
        INSUFFICIENT_PRIVILEGE,
        format!("{row} row violates row-level security policy{name}{using} for table \"{}\"", table.name),
    )
}
