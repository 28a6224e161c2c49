//! What a statement reads of the table that it changes while it changes it: the bodies of VOLATILE functions, to which PostgreSQL
//! shows the rows that the statement has written so far.

use super::Table;
use super::update::{INT8, source};
use crate::analysis::Analysis;
use crate::bound::{Body, Core, Expr, ExprKind, From, Query, RangeId, RangeKind};
use crate::descend;
use crate::program::{Live, SqliteStatement};
use crate::render;
use crate::security::is_leakproof;
use crate::walk;
use sqlstate::Result;
use std::collections::BTreeSet;

/// The ranges over the table that functions of the statement read live.
fn ranges(analysis: &Analysis<'_>, table: &Table) -> BTreeSet<RangeId> {
    let own = analysis.live.iter().filter(|(_, relation)| **relation == table.relation.oid);
    own.map(|(range, _)| *range).collect()
}

/// Of INSERT and of the clauses of MERGE; `in_turn` when the rows are VALUES.
pub(super) fn of_rows(analysis: &Analysis<'_>, table: &Table, in_turn: bool) -> Option<Box<Live>> {
    let ranges = ranges(analysis, table);
    let numbers = ranges.iter().map(|range| range.0).collect();
    (!ranges.is_empty()).then(|| Box::new(Live { ranges: numbers, candidates: None, in_turn }))
}

/// Of UPDATE and DELETE with this source.
pub(super) fn of_source(
    analysis: &Analysis<'_>,
    table: &Table,
    query: &mut Query,
) -> Result<Option<Box<Live>>> {
    let ranges = ranges(analysis, table);
    if ranges.is_empty() || table.is_instead() {
        return Ok(None);
    }
    let mut reads = false;
    descend::each_range(query, &mut |range| {
        reads |= ranges.contains(&range.id);
        Ok(())
    })?;
    let candidates = if reads { candidates(analysis, query, table.base)? } else { None };
    let numbers = ranges.iter().chain([&table.base]).map(|range| range.0).collect();
    Ok(Some(Box::new(Live { ranges: numbers, candidates, in_turn: false })))
}

/// The rowids that a source may give: those for which hold what conditions look at nothing but the row, and cannot tell of it.
fn candidates(analysis: &Analysis<'_>, query: &Query, base: RangeId) -> Result<Option<SqliteStatement>> {
    let Body::Core(core) = &query.body else { return Ok(None) };
    let Core { from, filter, .. } = &**core;
    let Some(From::Range(target)) = from.first() else { return Ok(None) };
    let mut target = target.clone();
    if let RangeKind::Relation(relation) = &mut target.kind {
        relation.filters.retain(|filter| is_plain(filter, base));
    }
    let mut kept = Vec::new();
    match filter.as_ref().map(|filter| &filter.kind) {
        Some(ExprKind::And(parts)) => kept.extend(parts.iter().filter(|part| is_plain(part, base)).cloned()),
        _ => kept.extend(filter.iter().filter(|filter| is_plain(filter, base)).cloned()),
    }
    let filter = (!kept.is_empty()).then(|| Expr::all(kept));
    let rowid = Expr::new(ExprKind::RowId(base), INT8);
    let query = source(Vec::new(), vec![From::Range(target)], filter, vec![rowid]);
    render::render_query(analysis.catalog, &query).map(Some)
}

fn is_plain(expr: &Expr, base: RangeId) -> bool {
    !walk::any(expr, &mut |part| {
        let elsewhere = match &part.kind {
            ExprKind::Column { range, .. } | ExprKind::WholeRow(range) | ExprKind::RowId(range) => {
                *range != base
            }
            _ => false,
        };
        elsewhere || walk::subquery(part).is_some() || !is_leakproof(&part.kind)
    })
}
