//! INSERT, UPDATE and DELETE: analysis after PostgreSQL's transformInsertStmt and kin, policies and checks woven in, and the
//! [`Modify`] program that the engine runs row by row.

mod conflict;
mod insert;
mod returning;
mod update;

use crate::analysis::{Analysis, Scope};
use crate::bound::{Cte, Expr, OutputColumn, Range, RangeId, Required};
use crate::mutant::{self, Mutant};
use crate::program::{Check, Modify, Probe, ResultColumn, Reveal, Step, TablePlan, Target};
use crate::rewrite::{self, Rewrite};
use crate::security::{self, Command, PolicyCheck};
use crate::stored::Row;
use crate::{render, tables};
use catalog::{Privileges, Relation, RelationKind};
use sqlstate::{DatabaseError, Result, UNDEFINED_COLUMN, WRONG_OBJECT_TYPE};
use std::collections::BTreeSet;
use std::sync::Arc;
use syntax::ast;

/// A compiled row-changing statement.
#[derive(Debug)]
pub(crate) struct Compiled {
    /// What must run before it.
    pub(crate) before: Vec<Step>,
    /// It.
    pub(crate) modify: Modify,
    /// RETURNING's columns.
    pub(crate) columns: Vec<ResultColumn>,
}

/// Compiles INSERT, UPDATE or DELETE.
pub(crate) fn compile(
    analysis: &mut Analysis<'_>,
    statement: &ast::Statement,
    depth: usize,
) -> Result<Compiled> {
    match statement {
        ast::Statement::Insert(insert) => insert::compile(analysis, insert, depth),
        ast::Statement::Update(update) => update::update(analysis, update, depth),
        ast::Statement::Delete(delete) => update::delete(analysis, delete, depth),
        _ => Err(DatabaseError::internal("not a row-changing statement")),
    }
}

/// Compiles a row-changing statement in WITH: it runs before the query, which reads its RETURNING rows from a buffer.
pub(crate) fn cte(
    analysis: &mut Analysis<'_>,
    statement: &ast::Statement,
) -> Result<(Vec<OutputColumn>, u32)> {
    // What is needed of the tables of the query around is not asked twice.
    let outer = std::mem::take(&mut analysis.required);
    let compiled = compile(analysis, statement, 0);
    analysis.required = outer;
    let Compiled { before, modify, columns } = compiled?;
    let buffer = analysis.new_buffer();
    analysis.steps.extend(before);
    analysis.steps.push(Step::Modify { modify: Box::new(modify), into: Target::Buffer(buffer) });
    let columns = columns.into_iter();
    Ok((columns.map(|column| OutputColumn { name: column.name, ty: column.type_ref }).collect(), buffer))
}

/// The tables that steps change.
pub(crate) fn changed_tables(steps: &[Step]) -> BTreeSet<catalog::Oid> {
    let changed = steps.iter().filter_map(|step| match step {
        Step::Modify { modify, .. } => Some(modify.table.oid),
        _ => None,
    });
    changed.collect()
}

/// The table that is changed, and what is needed of it.
struct Table {
    relation: Arc<Relation>,
    plan: Arc<TablePlan>,
    /// The number under which [`Analysis::required`] knows it.
    id: RangeId,
    /// What the statement does to it.
    command: Command,
}

impl Table {
    /// Finds the table and notes that `privilege` is needed.
    fn find(
        analysis: &mut Analysis<'_>,
        name: &ast::Name,
        alias: Option<&str>,
        privilege: Privileges,
        command: Command,
    ) -> Result<(Table, Range)> {
        let relation = analysis.find_relation(name)?;
        match relation.kind {
            RelationKind::Table => {}
            RelationKind::View => {
                return Err(DatabaseError::unsupported("changing rows through a view").at(name.position));
            }
            RelationKind::Sequence => {
                let message = format!("cannot change sequence \"{}\"", relation.name);
                return Err(DatabaseError::new(WRONG_OBJECT_TYPE, message));
            }
            RelationKind::MaterializedView
            | RelationKind::ForeignTable
            | RelationKind::PartitionedTable
            | RelationKind::Composite => {
                return Err(DatabaseError::unsupported(format_args!("changing rows of {}", relation.name)));
            }
        }
        let plan = Arc::new(tables::table_plan(analysis.catalog, relation.oid)?);
        let alias = alias.map(|name| ast::Alias { name: name.to_owned(), columns: Vec::new() });
        let range = analysis.relation_range(&relation, alias.as_ref(), privilege)?;
        Ok((Table { relation, plan, id: range.id, command }, range))
    }

    /// What the statement needs of the table, so far.
    fn required<'x>(&self, analysis: &'x mut Analysis<'_>) -> Result<&'x mut Required> {
        let range = analysis.required.get_mut(&self.id);
        range
            .map(|range| &mut range.required)
            .ok_or_else(|| DatabaseError::internal("the target is forgotten"))
    }

    /// Whether a column of the table is read, so that SELECT's privilege and policies count.
    fn is_read(&self, analysis: &mut Analysis<'_>) -> Result<bool> {
        let required = self.required(analysis)?;
        Ok(required.whole_row
            || !required.selected.is_empty()
            || required.privileges.contains(Privileges::SELECT))
    }

    /// Whether row security is active on it.
    fn is_secured(&self, analysis: &Analysis<'_>) -> bool {
        security::applies(analysis.catalog, &self.relation, analysis.role)
    }

    /// The column's index: 42703 when there is none.
    fn column(&self, target: &ast::ColumnTarget) -> Result<usize> {
        if !target.indirection.is_empty() {
            return Err(DatabaseError::unsupported("assigning a part of a column").at(target.position));
        }
        let found = self.relation.columns.iter().position(|column| column.name == target.name);
        found.ok_or_else(|| {
            let message =
                format!("column \"{}\" of relation \"{}\" does not exist", target.name, self.relation.name);
            DatabaseError::new(UNDEFINED_COLUMN, message).at(target.position)
        })
    }

    /// What errors may show.
    fn reveal(&self, analysis: &Analysis<'_>) -> Reveal {
        let catalog = analysis.catalog;
        let may_read = |column| {
            catalog.has_column_privilege(analysis.role, &self.relation, column, Privileges::SELECT)
                || mutant::is(Mutant::RevealColumns)
        };
        Reveal {
            rows: !self.is_secured(analysis) || mutant::is(Mutant::RevealRows),
            columns: self.relation.columns.iter().map(may_read).collect(),
        }
    }

    /// The checks of a row that is to be written: policies, then CHECKs by name.
    fn probe(
        &self,
        rewrite: &mut Rewrite<'_, '_>,
        policies: Vec<(PolicyCheck, bool)>,
    ) -> Result<Option<Probe>> {
        let mut checks = Vec::new();
        let mut exprs = Vec::new();
        for (policy, using) in policies {
            checks.push(Check::Policy { name: policy.name, using });
            exprs.push(policy.expr);
        }
        rewrite.policies(self.relation.oid, &self.relation.name, &mut exprs)?;
        let (constraints, conditions) = tables::constraint_checks(rewrite, &self.relation)?;
        checks.extend(constraints);
        exprs.extend(conditions);
        if checks.is_empty() {
            return Ok(None);
        }
        Ok(Some(Probe { statement: render::render_row(rewrite.analysis.catalog, &exprs)?, checks }))
    }

    /// A probe of policies only.
    fn policy_probe(
        &self,
        rewrite: &mut Rewrite<'_, '_>,
        policies: Vec<PolicyCheck>,
    ) -> Result<Option<Probe>> {
        if policies.is_empty() {
            return Ok(None);
        }
        let mut checks = Vec::new();
        let mut exprs = Vec::new();
        for policy in policies {
            checks.push(Check::Policy { name: policy.name, using: true });
            exprs.push(policy.expr);
        }
        rewrite.policies(self.relation.oid, &self.relation.name, &mut exprs)?;
        Ok(Some(Probe { statement: render::render_row(rewrite.analysis.catalog, &exprs)?, checks }))
    }

    /// The policies for a new row: those of the command, and SELECT's when the statement reads the table.
    fn new_row_policies(&self, analysis: &mut Analysis<'_>, new: NewRow) -> Result<Vec<(PolicyCheck, bool)>> {
        if !self.is_secured(analysis) {
            return Ok(Vec::new());
        }
        let role = analysis.role;
        let (command, unchecked, hides) = match new {
            NewRow::Inserted => (Command::Insert, Mutant::InsertUnchecked, Mutant::InsertReturnsHidden),
            NewRow::Updated => (Command::Update, Mutant::UpdateUnchecked, Mutant::UpdateHidesNew),
            NewRow::OfConflict => (Command::Update, Mutant::ConflictNewUnchecked, Mutant::UpdateHidesNew),
        };
        let mut all = Vec::new();
        if !mutant::is(unchecked) {
            all = security::checks(analysis, &self.relation, Row::New, role, command, false)?;
        }
        if self.is_read(analysis)? && !mutant::is(hides) {
            all.extend(security::checks(analysis, &self.relation, Row::New, role, Command::Select, true)?);
        }
        Ok(all.into_iter().map(|check| (check, false)).collect())
    }
}

/// How a new row comes.
#[derive(Clone, Copy, Debug)]
enum NewRow {
    /// INSERT.
    Inserted,
    /// UPDATE.
    Updated,
    /// ON CONFLICT DO UPDATE.
    OfConflict,
}

/// WITH of a row-changing statement.
fn with_clause(
    analysis: &mut Analysis<'_>,
    scope: &mut Scope<'_>,
    with: Option<&ast::With>,
) -> Result<Vec<Cte>> {
    with.map_or_else(|| Ok(Vec::new()), |with| analysis.with(scope, with))
}

/// Refuses RETURNING that would see the table while it changes: PostgreSQL shows it the state before.
fn refuse_reading_back(relation: &Relation, exprs: &mut [Expr]) -> Result<()> {
    for expr in exprs {
        if rewrite::tables_read_by(expr)?.contains(&relation.oid) {
            return Err(DatabaseError::unsupported("RETURNING with a sub-query on the changed table"));
        }
    }
    Ok(())
}
