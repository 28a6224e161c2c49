//! What of a query is evaluated for sure: PostgreSQL reads a common table expression when its first row is asked for, and of what no
//! row is asked for nothing happens. What has effects runs before the statement here, so that it must be known.

use crate::bound::{Body, Core, CteBody, CteId, Expr, ExprKind, From, Query, RangeKind};
use crate::walk;
use std::collections::BTreeSet;
use syntax::ast::JoinKind;

/// The common table expressions that a query evaluates whenever a row of it is asked for.
pub(super) fn by(query: &Query) -> BTreeSet<CteId> {
    let mut found = BTreeSet::new();
    of_query(query, &mut found);
    found
}

fn of_query(query: &Query, found: &mut BTreeSet<CteId>) {
    if query.limit.as_ref().is_some_and(|limit| !is_positive(limit)) {
        return;
    }
    match &query.body {
        Body::Core(core) => of_core(core, found),
        Body::Values(rows) => rows.iter().take(1).flatten().for_each(|expr| of_expr(expr, found)),
        // The other side may come too late.
        Body::SetOperation { left, .. } => of_query(left, found),
    }
    for cte in query.ctes.iter().rev() {
        if let CteBody::Query(inner) = &cte.body
            && found.contains(&cte.id)
        {
            of_query(inner, found);
        }
    }
}

fn of_core(core: &Core, found: &mut BTreeSet<CteId>) {
    if core.filter.as_ref().is_some_and(gates) {
        return;
    }
    match core.from.as_slice() {
        [] => core.targets.iter().for_each(|target| of_expr(&target.expr, found)),
        [only] => of_from(only, found),
        _ => {}
    }
}

fn of_from(item: &From, found: &mut BTreeSet<CteId>) {
    match item {
        From::Range(range) => match &range.kind {
            RangeKind::Cte(id) => {
                found.insert(*id);
            }
            RangeKind::Subquery { query, .. } => of_query(query, found),
            _ => {}
        },
        From::Join { kind: JoinKind::Left, left, .. } => of_from(left, found),
        From::Join { .. } => {}
    }
}

fn of_expr(expr: &Expr, found: &mut BTreeSet<CteId>) {
    if let ExprKind::Subquery(query) | ExprKind::ArraySubquery(query) | ExprKind::Exists(query) = &expr.kind {
        of_query(query, found);
    } else if evaluates_all_below(&expr.kind) {
        walk::parts(expr, &mut |part| of_expr(part, found));
    }
}

/// Whether a condition looks at none of the rows that it is for, so that it decides once whether any is looked at.
fn gates(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::And(parts) => parts.iter().any(gates),
        _ => !walk::any(expr, &mut |part| {
            matches!(part.kind, ExprKind::Column { .. } | ExprKind::WholeRow(_) | ExprKind::RowId(_))
        }),
    }
}

/// Whether FROM may not be evaluated: a condition that looks at none of its rows decides, or there is more than one range, the
/// others of which may be empty.
pub(super) fn may_not_reach_from(core: &Core) -> bool {
    let is_one = matches!(core.from.as_slice(), [] | [From::Range(_)]);
    !is_one || core.filter.as_ref().is_some_and(gates)
}

/// Whether a LIMIT is one that lets a row through.
pub(super) fn is_positive(limit: &Expr) -> bool {
    match &limit.kind {
        ExprKind::Constant(datum::StoredValue::Integer(rows)) => *rows > 0,
        ExprKind::Constant(datum::StoredValue::Null) => true,
        ExprKind::Convert { expr, .. } => is_positive(expr),
        _ => false,
    }
}

/// Whether all that is below a node is evaluated whenever the node is.
pub(super) fn evaluates_all_below(kind: &ExprKind) -> bool {
    // The planner takes a strict function of NULL for NULL without a look at its other arguments.
    let is_null = |expr: &Expr| matches!(expr.kind, ExprKind::Constant(datum::StoredValue::Null));
    match kind {
        ExprKind::Call { args, .. } | ExprKind::Operator { args, .. } => !args.iter().any(is_null),
        ExprKind::Not(_)
        | ExprKind::IsNull { .. }
        | ExprKind::IsBoolean { .. }
        | ExprKind::Convert { .. }
        | ExprKind::Collate { .. }
        | ExprKind::Array(_)
        | ExprKind::Row { .. } => true,
        _ => false,
    }
}
