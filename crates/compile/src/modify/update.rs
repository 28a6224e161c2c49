//! UPDATE and DELETE.

use super::NewRow;
use super::returning::{self, Returning};
use super::{Compiled, Table, with_clause};
use crate::analysis::{Analysis, Place, Scope};
use crate::bound::{Body, Core, Cte, Expr, ExprKind, From, OutputColumn, Query, Range, RangeKind, Target};
use crate::mutant::{self, Mutant};
use crate::program::{Modify, ModifyKind, ResultColumn};
use crate::rewrite::{self, Rewrite};
use crate::security::{self, Command};
use crate::stored::Row;
use crate::{render, tables};
use catalog::{Privileges, TypeRef};
use sqlstate::{DatabaseError, GENERATED_ALWAYS, GROUPING_ERROR, Result, SYNTAX_ERROR};
use std::collections::BTreeSet;
use syntax::ast;

/// An assigned column and its new value.
pub(super) type Assigned = (usize, Expr);

/// Compiles UPDATE.
pub(super) fn update(analysis: &mut Analysis<'_>, update: &ast::Update, depth: usize) -> Result<Compiled> {
    let mut scope = Scope::default();
    let ctes = with_clause(analysis, &mut scope, update.with.as_ref())?;
    let alias = update.alias.as_deref();
    let (table, range) =
        Table::find(analysis, &update.table.name, alias, Privileges::UPDATE, Command::Update)?;
    show(analysis, &table, &range, alias.is_none(), &mut scope);
    let from = analysis.from_items(&mut scope, &update.from)?;
    let assigned = assignments(analysis, &mut scope, &table, &update.assignments)?;
    let filter = analysis.condition(&mut scope, Place::Where, update.filter.as_ref())?;
    let returning = returning::analyse(analysis, &mut scope, &update.returning)?;
    finish(analysis, Parts { table, range, ctes, from, filter, assigned, returning }, depth)
}

/// Compiles DELETE.
pub(super) fn delete(analysis: &mut Analysis<'_>, delete: &ast::Delete, depth: usize) -> Result<Compiled> {
    let mut scope = Scope::default();
    let ctes = with_clause(analysis, &mut scope, delete.with.as_ref())?;
    let alias = delete.alias.as_deref();
    let (table, range) =
        Table::find(analysis, &delete.table.name, alias, Privileges::DELETE, Command::Delete)?;
    show(analysis, &table, &range, alias.is_none(), &mut scope);
    let from = analysis.from_items(&mut scope, &delete.using)?;
    let filter = analysis.condition(&mut scope, Place::Where, delete.filter.as_ref())?;
    let returning = returning::analyse(analysis, &mut scope, &delete.returning)?;
    finish(analysis, Parts { table, range, ctes, from, filter, assigned: Vec::new(), returning }, depth)
}

/// Makes the target visible.
fn show(analysis: &mut Analysis<'_>, table: &Table, range: &Range, with_schema: bool, scope: &mut Scope<'_>) {
    let schema = analysis.catalog.schemas.get(&table.relation.schema).map(|schema| schema.name.clone());
    analysis.show(scope, range, schema.as_deref().filter(|_| with_schema));
}

/// SET: each column once, converted to its type.
pub(super) fn assignments(
    analysis: &mut Analysis<'_>,
    scope: &mut Scope<'_>,
    table: &Table,
    assignments: &[ast::Assignment],
) -> Result<Vec<Assigned>> {
    let mut pairs: Vec<(&ast::ColumnTarget, &ast::Expr)> = Vec::new();
    for assignment in assignments {
        match assignment {
            ast::Assignment::Column(target, value) => pairs.push((target, value)),
            ast::Assignment::Row(targets, value) => match &value.kind {
                ast::ExprKind::Row { fields, .. } if fields.len() == targets.len() => {
                    pairs.extend(targets.iter().zip(fields));
                }
                ast::ExprKind::Row { .. } => {
                    let message = "number of columns does not match number of values";
                    return Err(DatabaseError::new(SYNTAX_ERROR, message).at(value.position));
                }
                _ => {
                    return Err(
                        DatabaseError::unsupported("assigning a row from a sub-query").at(value.position)
                    );
                }
            },
        }
    }
    let mut assigned: Vec<Assigned> = Vec::new();
    for (target, value) in pairs {
        let at = table.column(target)?;
        let column = table.relation.columns[at].clone();
        if assigned.iter().any(|(other, _)| *other == at) {
            let message = format!("multiple assignments to same column \"{}\"", column.name);
            return Err(DatabaseError::new(SYNTAX_ERROR, message));
        }
        let expr = analysis.expression(scope, Place::UpdateSource, value)?;
        let expr = if matches!(expr.kind, ExprKind::Default) {
            tables::column_default(analysis, &column)?
        } else {
            refuse_generated(&column)?;
            let position = expr.position;
            analysis
                .coerce_assignment(expr, column.type_ref, &column.name)
                .map_err(|error| if position > 0 { error.at(position) } else { error })?
        };
        table.required(analysis)?.updated.insert(column.number);
        assigned.push((at, expr));
    }
    Ok(assigned)
}

/// 428C9 for a column that only DEFAULT may be given.
fn refuse_generated(column: &catalog::Column) -> Result<()> {
    let detail = if column.generated {
        format!("Column \"{}\" is a generated column.", column.name)
    } else if column.identity.is_some_and(|identity| identity.always) {
        format!("Column \"{}\" is an identity column defined as GENERATED ALWAYS.", column.name)
    } else {
        return Ok(());
    };
    let message = format!("column \"{}\" can only be updated to DEFAULT", column.name);
    Err(DatabaseError::new(GENERATED_ALWAYS, message).with_detail(detail))
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
    let Parts { table, mut range, ctes, from, filter, mut assigned, mut returning } = parts;
    let is_update = table.command == Command::Update;
    let role = analysis.role;
    let mut extras = Vec::new();
    if let Some(returning) = &mut returning {
        let row = if is_update { Row::New } else { Row::Old };
        returning.bind(&table.relation, table.id, row, &mut extras)?;
    }
    security::check_privileges(analysis)?;
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
                security::using(analysis, &table.relation, Row::Range(table.id), role, Command::Select)?;
        }
        if !mutant::is(all) {
            filters.extend(security::using(
                analysis,
                &table.relation,
                Row::Range(table.id),
                role,
                table.command,
            )?);
        }
    }
    let policies = if is_update { table.new_row_policies(analysis, NewRow::Updated)? } else { Vec::new() };
    let reveal = table.reveal(analysis);
    if is_update {
        // A generated column follows the others.
        let generated = |at: &usize| table.relation.columns[*at].generated;
        assigned.retain(|(at, _)| !generated(at));
    }

    let mut rewrite = Rewrite::new(analysis, depth);
    rewrite.policies(table.relation.oid, &table.relation.name, &mut filters)?;
    if let RangeKind::Relation(relation) = &mut range.kind {
        relation.filters = filters;
    }
    rewrite.woven = BTreeSet::from([table.id]);
    let mut exprs = vec![Expr::new(ExprKind::RowId(table.id), INT8)];
    exprs.extend(rewrite::row_of(&table.relation, Row::Range(table.id)));
    let (columns, values): (Vec<usize>, Vec<Expr>) = assigned.into_iter().unzip();
    exprs.extend(values);
    let extra_count = extras.len();
    exprs.extend(extras);
    let mut all_from = vec![From::Range(Box::new(range))];
    all_from.extend(from);
    let mut query = source(ctes, all_from, filter, exprs);
    refuse_grouping(&query, if is_update { "UPDATE" } else { "DELETE" })?;
    crate::descend::Walk::query(&mut rewrite, &mut query)?;
    let probe = if is_update { table.probe(&mut rewrite, policies)? } else { None };
    let (projection, result_columns) = match returning {
        Some(returning) => {
            let (projection, columns) = returning.finish(&mut rewrite, &table)?;
            (Some(projection), columns)
        }
        None => (None, Vec::<ResultColumn>::new()),
    };
    let before = std::mem::take(&mut rewrite.steps);
    security::check_privileges_within(analysis)?;
    let source = render::render_query(analysis.catalog, &query)?;
    let kind = if is_update { ModifyKind::Update } else { ModifyKind::Delete };
    let modify = Modify {
        table: table.plan,
        kind,
        source,
        extras: extra_count,
        assigned: columns,
        probe,
        conflict: None,
        returning: projection,
        reveal,
    };
    Ok(Compiled { before, modify, columns: result_columns })
}

const INT8: TypeRef = TypeRef { oid: datum::oid::INT8, modifier: -1 };

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
