//! Which views can be written, by PostgreSQL's view_query_is_auto_updatable, and where their columns come from.

use crate::analysis::grouping_sets;
use crate::bound::{Body, Core, ExprKind, From, Query, Range, RangeKind};
use crate::walk;
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
        RangeKind::Function { .. } | RangeKind::Values(_) | RangeKind::Buffer(_) | RangeKind::System(_) => {
            None
        }
    }
}

fn ranges(core: &Core) -> Vec<&Range> {
    fn collect<'f>(from: &'f From, found: &mut Vec<&'f Range>) {
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

/// `Ok` when the view passes UPDATE and DELETE on, down to a table.
pub(super) fn judge(catalog: &Catalog, query: &Query) -> Result<(), &'static str> {
    let (range, _) = base(query)?;
    let RangeKind::Relation(entry) = &range.kind else { return Err(NOT_SINGLE) };
    match entry.relation.kind {
        RelationKind::View => {
            let view = catalog.relations.get(&entry.relation.oid).and_then(|relation| relation.view.as_ref());
            if view.is_some_and(|view| view.updatable) { Ok(()) } else { Err(NOT_SINGLE) }
        }
        _ => Ok(()),
    }
}

const NOT_SINGLE: &str =
    "Views that do not select from a single table or view are not automatically updatable.";

/// What a view that can be written selects from, and its query; else PostgreSQL's DETAIL.
pub(crate) fn base(query: &Query) -> Result<(&Range, &Core), &'static str> {
    let core = match &query.body {
        Body::Core(core) => core,
        Body::SetOperation { .. } => {
            return Err("Views containing UNION, INTERSECT, or EXCEPT are not automatically updatable.");
        }
        Body::Values(_) => return Err(NOT_SINGLE),
    };
    if core.distinct.is_some() {
        return Err("Views containing DISTINCT are not automatically updatable.");
    }
    if !core.group_by.is_empty() || !core.grouping_sets.is_empty() {
        return Err("Views containing GROUP BY are not automatically updatable.");
    }
    // A grouping that SQLite does not make itself stands as a sub-query already.
    if let [From::Range(range)] = core.from.as_slice() {
        match range.alias.as_str() {
            grouping_sets::GROUPS => {
                return Err("Views containing GROUP BY are not automatically updatable.");
            }
            grouping_sets::FILTERED => {
                return Err("Views containing HAVING are not automatically updatable.");
            }
            _ => {}
        }
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
    if core.grouped {
        return Err("Views that return aggregate functions are not automatically updatable.");
    }
    let shows = |test: fn(&ExprKind) -> bool| {
        core.targets.iter().any(|target| walk::any_here(&target.expr, &mut |part| test(&part.kind)))
    };
    if shows(|kind| matches!(kind, ExprKind::Window { .. })) {
        return Err("Views that return window functions are not automatically updatable.");
    }
    if shows(|kind| matches!(kind, ExprKind::SetCall { .. })) {
        return Err("Views that return set-returning functions are not automatically updatable.");
    }
    let [From::Range(range)] = core.from.as_slice() else { return Err(NOT_SINGLE) };
    match &range.kind {
        RangeKind::Relation(entry)
            if matches!(
                entry.relation.kind,
                RelationKind::Table
                    | RelationKind::View
                    | RelationKind::ForeignTable
                    | RelationKind::PartitionedTable
            ) =>
        {
            Ok((range, core))
        }
        _ => Err(NOT_SINGLE),
    }
}

/// As [`base`], and a column of the view can be written.
pub(crate) fn base_with_column(query: &Query) -> Result<(&Range, &Core), &'static str> {
    let (range, core) = base(query)?;
    if (0..core.targets.len()).any(|at| column(range, core, at).is_ok()) {
        return Ok((range, core));
    }
    Err("Views that have no updatable columns are not automatically updatable.")
}

/// The column of what a view selects from that one of its columns is; else PostgreSQL's DETAIL.
pub(crate) fn column(range: &Range, core: &Core, at: usize) -> Result<usize, &'static str> {
    match core.targets.get(at).map(|target| &target.expr.kind) {
        Some(ExprKind::Column { range: of, column }) if *of == range.id => Ok(*column),
        Some(ExprKind::WholeRow(of)) if *of == range.id => {
            Err("View columns that return whole-row references are not updatable.")
        }
        _ => Err("View columns that are not columns of their base relation are not updatable."),
    }
}
