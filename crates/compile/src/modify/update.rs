//! UPDATE and DELETE.

use super::NewRow;
use super::assignment::{Assigned, assignments, placed};
use super::live;
use super::returning::{self, Returning};
use super::with::{Names, with_clause};
use super::{Compiled, Table};
use crate::analysis::{Analysis, KnownRange, Place, Scope};
use crate::bound::{Body, Core, Cte, Expr, ExprKind, From, OutputColumn, Query, Range, RangeKind, Target};
use crate::mutant::{self, Mutant};
use crate::program::{Modify, ModifyKind, ResultColumn};
use crate::rewrite::{self, Rewrite};
use crate::security::{self, Command};
use crate::stored::Row;
use crate::{iterate, render};
use catalog::{Privileges, TypeRef};
use sqlstate::{DatabaseError, GROUPING_ERROR, Result};
use std::collections::BTreeSet;
use syntax::ast;

/// Compiles UPDATE.
pub(super) fn update(analysis: &mut Analysis<'_>, update: &ast::Update, depth: usize) -> Result<Compiled> {
    let mut scope = Scope::default();
    let shown = |names: &mut Names| names.targets(&update.returning);
    let ctes = with_clause(analysis, &mut scope, update.with.as_ref(), &[&shown])?;
    let alias = update.alias.as_deref();
    let (table, range) =
        Table::find(analysis, &update.table.name, alias, Privileges::UPDATE, Command::Update)?;
    show(analysis, &table, alias, &mut scope)?;
    let from = analysis.from_items(&mut scope, &update.from)?;
    let assigned = assignments(analysis, &mut scope, &table, Row::Range(table.base), &update.assignments)?;
    let filter = analysis.condition(&mut scope, Place::Where, update.filter.as_ref())?;
    let returning = returning::analyse(analysis, &mut scope, &update.returning)?;
    finish(analysis, Parts { table, range, ctes, from, filter, assigned, returning }, depth)
}

/// Compiles DELETE.
pub(super) fn delete(analysis: &mut Analysis<'_>, delete: &ast::Delete, depth: usize) -> Result<Compiled> {
    let mut scope = Scope::default();
    let shown = |names: &mut Names| names.targets(&delete.returning);
    let ctes = with_clause(analysis, &mut scope, delete.with.as_ref(), &[&shown])?;
    let alias = delete.alias.as_deref();
    let (table, range) =
        Table::find(analysis, &delete.table.name, alias, Privileges::DELETE, Command::Delete)?;
    show(analysis, &table, alias, &mut scope)?;
    let from = analysis.from_items(&mut scope, &delete.using)?;
    let filter = analysis.condition(&mut scope, Place::Where, delete.filter.as_ref())?;
    let returning = returning::analyse(analysis, &mut scope, &delete.returning)?;
    finish(analysis, Parts { table, range, ctes, from, filter, assigned: Vec::new(), returning }, depth)
}

/// Makes the target visible.
pub(super) fn show(
    analysis: &mut Analysis<'_>,
    table: &Table,
    alias: Option<&str>,
    scope: &mut Scope<'_>,
) -> Result<()> {
    let name = alias.unwrap_or(&table.named.name);
    scope.known.push(KnownRange {
        id: table.base,
        alias: name.to_owned(),
        relation: Some(table.named.name.clone()),
        columns: table.named.columns.iter().map(|column| column.name.clone()).collect(),
    });
    let item = table.item(analysis, Row::Range(table.base), name, alias.is_none())?;
    scope.items.push(item);
    Ok(())
}

struct Parts {
    table: Table,
    range: Range,
    ctes: Vec<Cte>,
    from: Vec<From>,
    filter: Option<Expr>,
    assigned: Vec<Assigned>,
    returning: Option<Returning>,
}

fn finish(analysis: &mut Analysis<'_>, parts: Parts, depth: usize) -> Result<Compiled> {
    let Parts { table, mut range, ctes, from, mut filter, assigned, mut returning } = parts;
    let is_update = table.command == Command::Update;
    let role = table.role;
    let mut extras = Vec::new();
    if let Some(returning) = &mut returning {
        let row = if is_update { Row::New } else { Row::Old };
        returning.bind(&table.relation, table.base, row, &mut extras)?;
        returning.read_buffers(&ctes)?;
    }
    table.settle(analysis)?;
    analysis.prefold_change(&from, assigned.iter().map(|(_, value)| value).chain(&filter))?;
    let mut assigned = placed(&table, assigned)?;
    let secured = table.is_secured(analysis);
    let mut filters = Vec::new();
    if secured {
        let (reads_all, all) = if is_update {
            (Mutant::UpdateReadsUnfiltered, Mutant::UpdateUnfiltered)
        } else {
            (Mutant::DeleteReadsUnfiltered, Mutant::DeleteUnfiltered)
        };
        if table.is_read(analysis)? && !mutant::is(reads_all) {
            filters =
                security::using(analysis, &table.relation, Row::Range(table.base), role, Command::Select)?;
        }
        if !mutant::is(all) {
            filters.extend(security::using(
                analysis,
                &table.relation,
                Row::Range(table.base),
                role,
                table.command,
            )?);
        }
    }
    let policies = if is_update { table.new_row_policies(analysis, NewRow::Updated)? } else { Vec::new() };
    if is_update {
        // A generated column follows the others.
        let generated = |at: &usize| table.relation.columns[*at].generated;
        assigned.retain(|(at, _)| !generated(at));
    }

    let mut rewrite = Rewrite::new(analysis, depth);
    rewrite.policies(table.relation.oid, &table.relation.name, &mut filters)?;
    let mut conditions = Vec::new();
    for condition in &table.through.conditions {
        if condition.barrier && !mutant::is(Mutant::ViewBarrierIgnored) {
            let mut expr = condition.expr.clone();
            crate::descend::Walk::expr(&mut rewrite, &mut expr)?;
            let guarded = security::guard_by(expr, table.base, &filters)?;
            filters.push(guarded);
        } else {
            conditions.push(condition.expr.clone());
        }
    }
    // What the statement asks comes before what a view asks that is no barrier, as in PostgreSQL.
    if !conditions.is_empty() {
        conditions.splice(0..0, filter.take());
        filter = Some(Expr::all(conditions));
    }
    let rowid = if table.is_instead() {
        // The view's rows, whole: its query takes its place.
        if !filters.is_empty() {
            return Err(DatabaseError::unsupported(
                "an INSTEAD OF trigger below a view with security_barrier",
            ));
        }
        Expr::null(INT8)
    } else {
        if let RangeKind::Relation(relation) = &mut range.kind {
            relation.filters = filters;
        }
        rewrite.woven = BTreeSet::from([table.base]);
        Expr::new(ExprKind::RowId(table.base), INT8)
    };
    let mut exprs = vec![rowid];
    exprs.extend(rewrite::row_of(&table.relation, Row::Range(table.base)));
    let (columns, values): (Vec<usize>, Vec<Expr>) = assigned.into_iter().unzip();
    exprs.extend(values);
    let extra_count = extras.len();
    exprs.extend(extras);
    let mut all_from = vec![From::Range(Box::new(range))];
    all_from.extend(from);
    let mut query = source(ctes, all_from, filter, exprs);
    rewrite.analysis.count_references(&mut query);
    refuse_grouping(&query, if is_update { "UPDATE" } else { "DELETE" })?;
    crate::descend::Walk::query(&mut rewrite, &mut query)?;
    let probe = if is_update { table.probe(&mut rewrite, policies)? } else { None };
    let (projection, result_columns) = match returning {
        Some(returning) => {
            let (projection, columns) = returning.finish(&mut rewrite)?;
            (Some(projection), columns)
        }
        None => (None, Vec::<ResultColumn>::new()),
    };
    let mut before = std::mem::take(&mut rewrite.steps);
    security::check_privileges_within(analysis)?;
    before.extend(iterate::take(analysis, &mut query)?);
    let source = render::render_query(analysis.catalog, &query)?;
    let live = live::of_source(analysis, &table, &mut query)?;
    let kind = if is_update { ModifyKind::Update } else { ModifyKind::Delete };
    let reveal = table.reveal(analysis, columns.clone());
    let modify = Modify {
        instead: table.is_instead(),
        table: table.plan,
        kind,
        source,
        extras: extra_count,
        assigned: columns,
        probe,
        conflict: None,
        returning: projection,
        reveal,
        live,
    };
    Ok(Compiled { before, modify, columns: result_columns })
}

pub(super) const INT8: TypeRef = TypeRef { oid: datum::oid::INT8, modifier: -1 };

/// `WITH ctes SELECT exprs FROM from WHERE filter`.
pub(super) fn source(ctes: Vec<Cte>, from: Vec<From>, filter: Option<Expr>, exprs: Vec<Expr>) -> Query {
    let columns = exprs.iter().enumerate();
    Query {
        ctes,
        columns: columns.map(|(at, expr)| OutputColumn { name: format!("c{at}"), ty: expr.ty }).collect(),
        body: Body::Core(Box::new(Core {
            from,
            filter,
            group_by: Vec::new(),
            grouping_sets: Vec::new(),
            having: None,
            windows: Vec::new(),
            targets: exprs
                .into_iter()
                .enumerate()
                .map(|(at, expr)| Target { expr, name: format!("c{at}") })
                .collect(),
            distinct: None,
            grouped: false,
        })),
        order_by: Vec::new(),
        limit: None,
        with_ties: false,
        offset: None,
    }
}

/// 42803 for an aggregate of the statement itself.
fn refuse_grouping(query: &Query, verb: &str) -> Result<()> {
    let Body::Core(core) = &query.body else { return Ok(()) };
    let aggregate = |expr: &Expr| matches!(expr.kind, ExprKind::Aggregate(_) | ExprKind::Window { .. });
    match core.targets.iter().find(|target| aggregate(&target.expr)) {
        Some(target) => {
            let message = format!("aggregate functions are not allowed in {verb}");
            Err(DatabaseError::new(GROUPING_ERROR, message).at(target.expr.position))
        }
        None => Ok(()),
    }
}
