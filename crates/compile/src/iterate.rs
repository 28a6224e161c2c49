//! Recursive items of WITH that SQLite cannot run: the engine runs them as PostgreSQL does, term by term.
//!
//! SQLite wants the item's own name in the FROM of a single SELECT. Where it stands in a sub-query, or the recursive term is a set
//! operation or has WITH, ORDER BY, LIMIT or windows, the item becomes a step of its own before the statement: [`Step::Iterate`].

use crate::analysis::Analysis;
use crate::bound::{Body, Cte, CteBody, CteId, From, Query, Range, RangeKind};
use crate::descend::{self, Walk};
use crate::program::Step;
use crate::{render, storage};
use datum::oid;
use sqlstate::{DatabaseError, Result};
use syntax::ast::SetOperator;

/// Takes the recursive items that need it out of the outermost query of a statement. Gives the steps that must run before it.
pub(crate) fn take(analysis: &mut Analysis<'_>, query: &mut Query) -> Result<Vec<Step>> {
    let mut steps = Vec::new();
    for at in 0..query.ctes.len() {
        let (before, rest) = query.ctes.split_at_mut(at);
        let Some(cte) = rest.first_mut().filter(|cte| cte.recursive && cte.references > 0) else { continue };
        let CteBody::Query(body) = &cte.body else { continue };
        let ends = !body.order_by.is_empty() || body.limit.is_some() || body.offset.is_some();
        let Body::SetOperation { operator: SetOperator::Union, all, left, right } = &body.body else {
            continue;
        };
        if is_native(right, cte.id) || ends || !body.ctes.is_empty() || cte.columns.is_empty() {
            continue;
        }
        if !all {
            refuse_inexact(analysis, cte)?;
        }
        let (working, into) = (analysis.new_buffer(), analysis.new_buffer());
        let (mut first, mut next, distinct) = (left.as_ref().clone(), right.as_ref().clone(), !all);
        for term in [&mut first, &mut next] {
            term.ctes.splice(0..0, before.iter().cloned());
        }
        Working { cte: cte.id, buffer: working }.query(&mut next)?;
        let first = render::render_query(analysis.catalog, &first)?;
        let next = render::render_query(analysis.catalog, &next)?;
        steps.push(Step::Iterate { first, next, working, distinct, into });
        cte.body = CteBody::Buffer(into);
        cte.recursive = false;
    }
    Ok(steps)
}

/// Whether SQLite runs a recursive term as it is.
fn is_native(term: &Query, cte: CteId) -> bool {
    fn names(from: &From, cte: CteId) -> bool {
        match from {
            From::Range(range) => matches!(range.kind, RangeKind::Cte(id) if id == cte),
            From::Join { left, right, .. } => names(left, cte) || names(right, cte),
        }
    }
    let ends = !term.order_by.is_empty() || term.limit.is_some() || term.offset.is_some();
    match &term.body {
        Body::Core(core) => {
            let plain = core.distinct.is_none() && core.windows.is_empty() && !ends && term.ctes.is_empty();
            plain && core.from.iter().any(|from| names(from, cte))
        }
        Body::Values(_) | Body::SetOperation { .. } => false,
    }
}

/// UNION tells rows apart by their stored form: values that are equal and stored in several ways are refused.
fn refuse_inexact(analysis: &Analysis<'_>, cte: &Cte) -> Result<()> {
    let catalog = analysis.catalog;
    let inexact = |ty: catalog::TypeRef| {
        matches!(catalog.base_type(ty).oid, oid::FLOAT4 | oid::FLOAT8)
            || storage::collation(catalog, ty).is_some()
    };
    match cte.columns.iter().find(|column| inexact(column.ty)) {
        Some(column) => Err(DatabaseError::unsupported(format_args!(
            "UNION in a recursive query of this form over the type of column \"{}\"",
            column.name
        ))),
        None => Ok(()),
    }
}

/// Has a term read the rows of the round before.
struct Working {
    cte: CteId,
    buffer: u32,
}

impl Walk for Working {
    fn range(&mut self, range: &mut Range) -> Result<()> {
        if matches!(range.kind, RangeKind::Cte(id) if id == self.cte) {
            range.kind = RangeKind::Buffer(self.buffer);
        }
        descend::descend_range(self, range)
    }
}
