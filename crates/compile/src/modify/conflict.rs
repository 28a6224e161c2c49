//! ON CONFLICT.

use super::assignment::{Assigned, assignments, placed};
use super::with::read_buffers;
use super::{NewRow, Table};
use crate::analysis::{Analysis, Place, Scope, VisibleCte};
use crate::bound::{Cte, Expr};
use crate::descend::Walk;
use crate::mutant::{self, Mutant};
use crate::program::{Conflict, ConflictUpdate, PolicyRow};
use crate::render;
use crate::rewrite::Rewrite;
use crate::security::{self, Command};
use crate::stored::{self, Row};
use catalog::{Index, IndexKey, Privileges};
use sqlstate::{
    DatabaseError, INVALID_COLUMN_REFERENCE, OBJECT_NOT_IN_PREREQUISITE_STATE, Result, SYNTAX_ERROR,
    UNDEFINED_OBJECT,
};
use syntax::ast;

/// ON CONFLICT, as far as analysis goes.
pub(super) struct Analysed {
    arbiters: Vec<usize>,
    update: Option<Update>,
}

struct Update {
    assigned: Vec<Assigned>,
    filter: Option<Expr>,
}

/// Analyses ON CONFLICT. `name` is the target's alias or name.
pub(super) fn analyse(
    analysis: &mut Analysis<'_>,
    table: &Table,
    name: &str,
    ctes: &[VisibleCte],
    on_conflict: &ast::OnConflict,
) -> Result<Analysed> {
    if on_conflict.target.is_none() && on_conflict.update.is_some() {
        let message = "ON CONFLICT DO UPDATE requires inference specification or constraint name";
        return Err(DatabaseError::new(SYNTAX_ERROR, message)
            .with_hint("For example, ON CONFLICT (column_name).")
            .at(on_conflict.position));
    }
    let arbiters = match &on_conflict.target {
        None => immediate(table),
        Some(ast::ConflictTarget::Constraint(constraint)) => {
            vec![by_constraint(analysis, table, constraint)?]
        }
        Some(ast::ConflictTarget::Index { elements, filter }) => {
            infer(analysis, table, name, elements, filter.as_ref())?
        }
    };
    let update = match &on_conflict.update {
        None => None,
        Some(update) => {
            let privileges = &mut table.required(analysis)?.privileges;
            *privileges = privileges.union(Privileges::UPDATE);
            let mut scope = Scope { ctes: ctes.to_vec(), ..Scope::default() };
            scope.items.push(table.item(analysis, Row::Old, name, true)?);
            scope.items.push(excluded_item(analysis, table)?);
            let assigned = assignments(analysis, &mut scope, table, Row::Old, &update.assignments)?;
            let filter = match &update.filter {
                Some(filter) => {
                    let expr = analysis.expression(&mut scope, Place::Where, filter)?;
                    Some(analysis.coerce_to_boolean(expr, "WHERE")?)
                }
                None => None,
            };
            Some(Update { assigned, filter })
        }
    };
    Ok(Analysed { arbiters, update })
}

/// EXCLUDED: its columns need SELECT's privilege, as the table's do, and are found only by its name.
fn excluded_item(analysis: &mut Analysis<'_>, table: &Table) -> Result<crate::analysis::Item> {
    let mut item = table.item(analysis, Row::Excluded, "excluded", false)?;
    item.columns_visible = false;
    // A range of its own: reading it does not make the statement one that reads the table.
    item.range = Some(analysis.relation_range(&table.named, None, Privileges::NONE)?.id);
    Ok(item)
}

/// All unique indexes that are checked at once.
fn immediate(table: &Table) -> Vec<usize> {
    let uniques = table.plan.uniques.iter().enumerate();
    uniques.filter(|(_, unique)| !unique.deferrable).map(|(at, _)| at).collect()
}

/// ON CONSTRAINT.
fn by_constraint(analysis: &mut Analysis<'_>, table: &Table, name: &str) -> Result<usize> {
    let found = table.plan.uniques.iter().position(|unique| unique.constraint && unique.name == name);
    let Some(found) = found.filter(|_| !table.is_view()) else {
        let exists = table.named.constraints.iter().any(|constraint| constraint.name == name);
        return Err(if exists {
            let message = "constraint in ON CONFLICT clause has no associated index";
            DatabaseError::new(sqlstate::WRONG_OBJECT_TYPE, message)
        } else {
            let message = format!("constraint \"{name}\" for table \"{}\" does not exist", table.named.name);
            DatabaseError::new(UNDEFINED_OBJECT, message)
        });
    };
    if table.plan.uniques[found].deferrable {
        let message =
            "ON CONFLICT does not support deferrable unique constraints/exclusion constraints as arbiters";
        return Err(DatabaseError::new(OBJECT_NOT_IN_PREREQUISITE_STATE, message));
    }
    let numbers: Vec<_> =
        table.plan.uniques[found].columns.iter().map(|at| table.relation.columns[*at].number).collect();
    table.required(analysis)?.selected.extend(numbers);
    Ok(found)
}

/// The unique indexes on just these columns and expressions; a partial one only when WHERE names its predicate.
fn infer(
    analysis: &mut Analysis<'_>,
    table: &Table,
    name: &str,
    elements: &[ast::IndexElement],
    filter: Option<&ast::Expr>,
) -> Result<Vec<usize>> {
    let mut scope = Scope::default();
    scope.items.push(table.item(analysis, Row::New, name, true)?);
    let mut wanted = Vec::new();
    for element in elements {
        wanted.push(analysis.expression(&mut scope, Place::IndexExpression, &element.expr)?);
    }
    let filter = match filter {
        Some(filter) => {
            let expr = analysis.expression(&mut scope, Place::IndexPredicate, filter)?;
            Some(analysis.coerce_to_boolean(expr, "WHERE")?)
        }
        None => None,
    };
    let catalog = analysis.catalog;
    let indexes: Vec<_> =
        catalog.indexes_of(table.relation.oid).filter(|index| index.unique).cloned().collect();
    let mut found = Vec::new();
    for (at, index) in indexes.iter().enumerate() {
        let deferrable = table.plan.uniques.get(at).is_some_and(|unique| unique.deferrable);
        if !deferrable && fits(analysis, table, index, &wanted, filter.as_ref())? {
            found.push(at);
        }
    }
    if found.is_empty() {
        let message = "there is no unique or exclusion constraint matching the ON CONFLICT specification";
        return Err(DatabaseError::new(INVALID_COLUMN_REFERENCE, message));
    }
    Ok(found)
}

fn fits(
    analysis: &mut Analysis<'_>,
    table: &Table,
    index: &Index,
    wanted: &[Expr],
    filter: Option<&Expr>,
) -> Result<bool> {
    let mut keys = Vec::new();
    for element in &index.elements {
        keys.push(match &element.key {
            IndexKey::Column(number) => {
                let at = crate::tables::position_of(&table.relation, *number)?;
                Row::New.column(at, table.relation.columns[at].type_ref)
            }
            IndexKey::Expression(sql) => {
                stored::expression(analysis, &table.relation, Row::New, Place::IndexExpression, sql)?
            }
        });
    }
    let same = wanted.iter().all(|expr| keys.contains(expr)) && keys.iter().all(|expr| wanted.contains(expr));
    if !same {
        return Ok(false);
    }
    let Some(sql) = &index.filter else { return Ok(true) };
    let predicate = stored::condition(analysis, &table.relation, Row::New, Place::IndexPredicate, sql)?;
    Ok(filter.is_some_and(|filter| implies(filter, &predicate)))
}

/// Whether the predicate is the condition, or one of the terms of its AND.
fn implies(condition: &Expr, predicate: &Expr) -> bool {
    use crate::bound::ExprKind::And;
    let holds = |term: &Expr| match &condition.kind {
        And(terms) => terms.contains(term) || condition == term,
        _ => condition == term,
    };
    match &predicate.kind {
        And(terms) => terms.iter().all(holds) || holds(predicate),
        _ => holds(predicate),
    }
}

impl Analysed {
    /// What it reads of WITH was kept.
    pub(super) fn read_buffers(&mut self, ctes: &[Cte]) -> Result<()> {
        let Some(update) = &mut self.update else { return Ok(()) };
        let values = update.assigned.iter_mut().map(|(_, value)| value);
        values.chain(&mut update.filter).try_for_each(|expr| read_buffers(expr, ctes))
    }

    /// Weaves the policies in and renders.
    pub(super) fn finish(self, rewrite: &mut Rewrite<'_, '_>, table: &Table) -> Result<Conflict> {
        let Analysed { arbiters, update } = self;
        let Some(Update { assigned, filter }) = update else {
            return Ok(Conflict { arbiters, update: None });
        };
        let analysis = &mut *rewrite.analysis;
        let role = table.role;
        let mut existing = Vec::new();
        if table.is_secured(analysis) {
            if !mutant::is(Mutant::ConflictExistingUnchecked) {
                existing =
                    security::checks(analysis, &table.relation, Row::Old, role, Command::Update, true)?;
            }
            if table.is_read(analysis)? && !mutant::is(Mutant::ConflictReadUnchecked) {
                existing.extend(security::checks(
                    analysis,
                    &table.relation,
                    Row::Old,
                    role,
                    Command::Select,
                    true,
                )?);
            }
        }
        let policies = table.new_row_policies(analysis, NewRow::OfConflict)?;
        let existing = table.policy_probe(rewrite, existing, PolicyRow::Existing)?;
        let probe = table.probe(rewrite, policies)?;
        let assigned = placed(table, assigned)?;
        let (columns, values): (Vec<usize>, Vec<Expr>) =
            assigned.into_iter().filter(|(at, _)| !table.relation.columns[*at].generated).unzip();
        let mut exprs = vec![filter.unwrap_or_else(|| Expr::boolean(true))];
        exprs.extend(values);
        for expr in &mut exprs {
            rewrite.expr(expr)?;
        }
        let values = render::render_row(rewrite.analysis.catalog, &exprs)?;
        Ok(Conflict { arbiters, update: Some(ConflictUpdate { values, assigned: columns, existing, probe }) })
    }
}
