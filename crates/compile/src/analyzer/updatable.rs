//! Which views can be written, by PostgreSQL's view_query_is_auto_updatable, and where their columns come from.

use crate::bound::{Body, Core, ExprKind, From, Query, RangeKind};
use crate::walk::{self, Descend};
use catalog::{Catalog, ColumnNumber, Oid, RelationKind};

/// The base table's column that an output column shows unchanged.
pub(super) fn origin(catalog: &Catalog, query: &Query, at: usize) -> Option<(Oid, ColumnNumber)> {
    let Body::Core(core) = &query.body else { return None };
    let ExprKind::Column { range, column } = core.targets.get(at)?.expr.kind else { return None };
    let range = ranges(core).into_iter().find(|other| other.id == range)?;
    match &range.kind {
        RangeKind::Relation(entry) => match entry.relation.kind {
            RelationKind::View => {
                let view = catalog.relations.get(&entry.relation.oid)?.view.as_ref()?;
                view.origins.get(column).copied().flatten()
            }
            _ => Some((entry.relation.oid, entry.relation.columns.get(column)?.number)),
        },
        RangeKind::Subquery { query, .. } => origin(catalog, query, column),
        RangeKind::Cte(id) => {
            let cte = query.ctes.iter().find(|cte| cte.id == *id)?;
            match &cte.body {
                crate::bound::CteBody::Query(inner) => origin(catalog, inner, column),
                crate::bound::CteBody::Buffer(_) => None,
            }
        }
        RangeKind::Function { .. } | RangeKind::Values(_) | RangeKind::Buffer(_) => None,
    }
}

fn ranges(core: &Core) -> Vec<&crate::bound::Range> {
    fn collect<'f>(from: &'f From, found: &mut Vec<&'f crate::bound::Range>) {
        match from {
            From::Range(range) => found.push(range),
            From::Join { left, right, .. } => {
                collect(left, found);
                collect(right, found);
            }
        }
    }
    let mut found = Vec::new();
    core.from.iter().for_each(|from| collect(from, &mut found));
    found
}

/// `Ok` when the view passes INSERT, UPDATE and DELETE on; else PostgreSQL's DETAIL.
pub(super) fn judge(catalog: &Catalog, query: &Query) -> Result<(), &'static str> {
    let core = match &query.body {
        Body::Core(core) => core,
        Body::SetOperation { .. } => {
            return Err("Views containing UNION, INTERSECT, or EXCEPT are not automatically updatable.");
        }
        Body::Values(_) => {
            return Err(
                "Views that do not select from a single table or view are not automatically updatable.",
            );
        }
    };
    if core.distinct.is_some() {
        return Err("Views containing DISTINCT are not automatically updatable.");
    }
    if !core.group_by.is_empty() || !core.grouping_sets.is_empty() {
        return Err("Views containing GROUP BY are not automatically updatable.");
    }
    if core.having.is_some() {
        return Err("Views containing HAVING are not automatically updatable.");
    }
    if !query.ctes.is_empty() {
        return Err("Views containing WITH are not automatically updatable.");
    }
    if query.limit.is_some() || query.offset.is_some() {
        return Err("Views containing LIMIT or OFFSET are not automatically updatable.");
    }
    let (mut aggregates, mut windows, mut sets) = (false, false, false);
    for target in &core.targets {
        walk::visit(&target.expr, &mut |part| {
            aggregates |= matches!(part.kind, ExprKind::Aggregate(_));
            windows |= matches!(part.kind, ExprKind::Window { .. });
            sets |= matches!(part.kind, ExprKind::SetCall { .. });
            Descend::Into
        });
    }
    if aggregates {
        return Err("Views that return aggregate functions are not automatically updatable.");
    }
    if windows {
        return Err("Views that return window functions are not automatically updatable.");
    }
    if sets {
        return Err("Views that return set-returning functions are not automatically updatable.");
    }
    let single = "Views that do not select from a single table or view are not automatically updatable.";
    let [From::Range(range)] = core.from.as_slice() else { return Err(single) };
    match &range.kind {
        RangeKind::Relation(entry) => match entry.relation.kind {
            RelationKind::Table => Ok(()),
            RelationKind::View => {
                let view =
                    catalog.relations.get(&entry.relation.oid).and_then(|relation| relation.view.as_ref());
                if view.is_some_and(|view| view.updatable) { Ok(()) } else { Err(single) }
            }
            _ => Err(single),
        },
        _ => Err(single),
    }
}
