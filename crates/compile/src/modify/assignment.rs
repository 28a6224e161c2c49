//! SET: what is assigned to which columns.

use super::update::source;
use super::{Table, part};
use crate::analysis::{Analysis, Place, Scope};
use crate::bound::{Expr, ExprKind, From, OutputColumn, Query, Range, RangeColumn, RangeKind};
use crate::stored::Row;
use crate::tables;
use crate::walk::{self, Descend};
use catalog::Volatility;
use sqlstate::{DatabaseError, FEATURE_NOT_SUPPORTED, GENERATED_ALWAYS, Result, SYNTAX_ERROR};
use std::collections::BTreeSet;
use syntax::ast;

/// A column of what is named (once [`placed`]: of the table) and its new value.
pub(super) type Assigned = (usize, Expr);

/// What a column is given.
enum Given<'v> {
    /// An expression.
    Written(&'v ast::Expr),
    /// A column of a sub-query.
    Bound(Expr),
}

/// SET: each column once, converted to its type.
pub(super) fn assignments(
    analysis: &mut Analysis<'_>,
    scope: &mut Scope<'_>,
    table: &Table,
    row: Row,
    assignments: &[ast::Assignment],
) -> Result<Vec<Assigned>> {
    let mut pairs: Vec<(&ast::ColumnTarget, Given<'_>)> = Vec::new();
    for assignment in assignments {
        match assignment {
            ast::Assignment::Column(target, value) => pairs.push((target, Given::Written(value))),
            ast::Assignment::Row(targets, value) => match &value.kind {
                ast::ExprKind::Row { fields, .. } if fields.len() == targets.len() => {
                    pairs.extend(targets.iter().zip(fields.iter().map(Given::Written)));
                }
                ast::ExprKind::Row { .. } => return Err(other_count().at(value.position)),
                ast::ExprKind::Subquery(select) => {
                    let query = analysis.query(Some(scope), select)?;
                    if query.columns.len() != targets.len() {
                        return Err(other_count().at(value.position));
                    }
                    let columns = columns_of(analysis, &query, value.position)?;
                    pairs.extend(targets.iter().zip(columns.into_iter().map(Given::Bound)));
                }
                _ => {
                    let message =
                        "source for a multiple-column UPDATE item must be a sub-SELECT or ROW() expression";
                    return Err(DatabaseError::new(FEATURE_NOT_SUPPORTED, message).at(value.position));
                }
            },
        }
    }
    let mut assigned: Vec<Assigned> = Vec::new();
    let mut parts = BTreeSet::new();
    for (target, value) in pairs {
        let at = table.column(target)?;
        let column = table.named.columns[at].clone();
        let before = assigned.iter().position(|(other, _)| *other == at);
        if before.is_some() && (target.indirection.is_empty() || !parts.contains(&at)) {
            return Err(assigned_twice(&column.name));
        }
        let expr = match value {
            Given::Written(value) => analysis.expression(scope, Place::UpdateSource, value)?,
            Given::Bound(value) => value,
        };
        if !target.indirection.is_empty() {
            refuse_generated(table.ruling(at))?;
            // Parts of one column are assigned one after the other.
            let current = match (before, table.place(at)) {
                (Some(before), _) => assigned.remove(before).1,
                (None, Some(place)) => row.column(place, column.type_ref),
                (None, None) => Expr::null(column.type_ref),
            };
            let value = part::assign(analysis, scope, Place::UpdateSource, &column, target, current, expr)?;
            table.required(analysis)?.updated.insert(column.number);
            parts.insert(at);
            assigned.push((at, value));
            continue;
        }
        let expr = if matches!(expr.kind, ExprKind::Default) {
            // A view's column without a default of its own is given NULL, which is no DEFAULT for the table below.
            if table.is_view() {
                refuse_generated(table.ruling(at))?;
            }
            tables::column_default(analysis, &column)?
        } else {
            refuse_generated(table.ruling(at))?;
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

/// The columns of a sub-query, each as a value. What is volatile would be evaluated for each of them.
fn columns_of(analysis: &mut Analysis<'_>, query: &Query, position: ast::Position) -> Result<Vec<Expr>> {
    let catalog = analysis.catalog;
    let mut volatile = false;
    walk::visit_query(query, &mut |part| {
        if let ExprKind::Call { function, .. } | ExprKind::SetCall { function, .. } = part.kind {
            volatile |= match catalog.function_entry(function) {
                Some(entry) => entry_is_volatile(&entry),
                None => true,
            };
        }
        Descend::Into
    });
    if volatile && query.columns.len() > 1 {
        return Err(DatabaseError::unsupported("assigning a row from a volatile sub-query").at(position));
    }
    let mut columns = Vec::with_capacity(query.columns.len());
    for (at, column) in query.columns.iter().enumerate() {
        let id = analysis.new_range();
        let range_column =
            |column: &OutputColumn| RangeColumn { name: column.name.clone(), ty: column.ty, not_null: false };
        let range = Range {
            id,
            alias: "source".to_owned(),
            columns: query.columns.iter().map(range_column).collect(),
            nullable: false,
            kind: RangeKind::Subquery { query: Box::new(query.clone()), lateral: false },
        };
        let value = Expr::new(ExprKind::Column { range: id, column: at }, column.ty);
        let single = source(Vec::new(), vec![From::Range(Box::new(range))], None, vec![value]);
        columns.push(Expr::new(ExprKind::Subquery(Box::new(single)), column.ty).at(position));
    }
    Ok(columns)
}

fn entry_is_volatile(entry: &catalog::lookup::FunctionEntry<'_>) -> bool {
    match entry {
        catalog::lookup::FunctionEntry::Builtin(row) => row.volatility == Volatility::Volatile,
        catalog::lookup::FunctionEntry::User(row) => row.volatility == Volatility::Volatile,
    }
}

/// The values by the table's columns. A view may show one twice: 42601.
pub(super) fn placed(table: &Table, assigned: Vec<Assigned>) -> Result<Vec<Assigned>> {
    let mut found: Vec<Assigned> = Vec::with_capacity(assigned.len());
    for (at, value) in assigned {
        let Some(place) = table.place(at) else { continue };
        if found.iter().any(|(other, _)| *other == place) {
            return Err(assigned_twice(&table.ruling(at).name));
        }
        found.push((place, value));
    }
    Ok(found)
}

fn other_count() -> DatabaseError {
    DatabaseError::new(SYNTAX_ERROR, "number of columns does not match number of values")
}

fn assigned_twice(column: &str) -> DatabaseError {
    DatabaseError::new(SYNTAX_ERROR, format!("multiple assignments to same column \"{column}\""))
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
