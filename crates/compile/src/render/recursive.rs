//! WITH RECURSIVE: SQLite wants the reference to itself in the FROM of the recursive term, with nothing around it.

use super::Renderer;
use crate::bound::{Body, Core, CteId, Expr, ExprKind, From, Query, RangeId, RangeKind};
use crate::descend::{self, Walk};
use crate::walk;
use sqlstate::{DatabaseError, Result};
use syntax::ast::JoinKind;

impl Renderer<'_> {
    /// The body of a recursive item.
    pub(super) fn recursive(&mut self, cte: CteId, query: &Query) -> Result<String> {
        let Body::SetOperation { all, left, right, .. } = &query.body else {
            return Err(DatabaseError::internal("a recursive query without two terms"));
        };
        let refused = || {
            Err(DatabaseError::unsupported(
                "a recursive term that is not one SELECT without ORDER BY, LIMIT and WITH",
            ))
        };
        let ends = !right.order_by.is_empty() || right.limit.is_some() || right.offset.is_some();
        if ends || !right.ctes.is_empty() {
            return refused();
        }
        let mut right = right.clone();
        match &mut right.body {
            Body::Core(core) if core.distinct.is_none() => {
                while lift(cte, core)? {}
                if !core.from.iter().any(|item| reads_here(cte, item)) {
                    return Err(DatabaseError::unsupported("a recursive reference in this sub-query"));
                }
            }
            Body::Core(_) | Body::Values(_) | Body::SetOperation { .. } => return refused(),
        }
        let first = self.arm(query, left)?;
        self.collates = !*all;
        let next = self.subquery(&right);
        self.collates = false;
        Ok(format!("{first} {} {}", if *all { "UNION ALL" } else { "UNION" }, next?))
    }
}

/// Whether an item of FROM reads the item itself, outside of sub-queries.
fn reads_here(cte: CteId, item: &From) -> bool {
    match item {
        From::Range(range) => matches!(range.kind, RangeKind::Cte(id) if id == cte),
        From::Join { left, right, .. } => reads_here(cte, left) || reads_here(cte, right),
    }
}

/// Whether it reads it at any depth.
fn reads(cte: CteId, query: &Query) -> bool {
    match &query.body {
        Body::Core(core) => core.from.iter().any(|item| item_reads(cte, item)),
        Body::Values(_) => false,
        Body::SetOperation { left, right, .. } => reads(cte, left) || reads(cte, right),
    }
}

fn item_reads(cte: CteId, item: &From) -> bool {
    match item {
        From::Range(range) => match &range.kind {
            RangeKind::Cte(id) => *id == cte,
            RangeKind::Subquery { query, .. } => reads(cte, query),
            _ => false,
        },
        From::Join { left, right, .. } => item_reads(cte, left) || item_reads(cte, right),
    }
}

/// A sub-query whose FROM was put where it stood.
struct Opened {
    range: RangeId,
    /// What it has besides FROM.
    inner: Core,
    /// Of joins around it that became lists.
    conditions: Vec<Expr>,
}

/// Puts the tables and conditions of a plain sub-query that reads it in the sub-query's place. False when there is none.
fn lift(cte: CteId, core: &mut Core) -> Result<bool> {
    let mut found = None;
    let mut from = Vec::new();
    for item in std::mem::take(&mut core.from) {
        from.extend(opened(cte, item, &mut found));
    }
    core.from = from;
    let Some(Opened { range, inner, conditions }) = found else { return Ok(false) };
    if !conditions.is_empty() {
        core.filter = Some(Expr::all(conditions.into_iter().chain(core.filter.take()).collect()));
    }
    let read = inner.targets.into_iter().map(|target| target.expr).collect();
    let mut put = Put { range, read, lost: false };
    put.core(core)?;
    if put.lost {
        return Err(DatabaseError::unsupported("a recursive reference in this sub-query"));
    }
    if let Some(filter) = inner.filter {
        // What is inside comes first.
        let mut terms = vec![filter];
        terms.extend(core.filter.take());
        core.filter = Some(Expr::all(terms));
    }
    Ok(true)
}

/// An item with the first such sub-query opened; what it had besides FROM is `found`.
fn opened(cte: CteId, item: From, found: &mut Option<Opened>) -> Vec<From> {
    match item {
        From::Range(mut range) if found.is_none() => {
            let id = range.id;
            match &mut range.kind {
                RangeKind::Subquery { query, .. } if reads(cte, query) && is_plain(query) => {
                    let Body::Core(core) = &mut query.body else { return vec![From::Range(range)] };
                    let from = std::mem::take(&mut core.from);
                    *found = Some(Opened { range: id, inner: core.as_ref().clone(), conditions: Vec::new() });
                    from
                }
                _ => vec![From::Range(range)],
            }
        }
        From::Join { kind: JoinKind::Inner, left, right, condition } if found.is_none() => {
            let mut sides = [left, right].map(|side| opened(cte, *side, found));
            if sides.iter().any(|side| side.len() != 1) {
                // Several tables where one stood: the join becomes a list, its condition one of WHERE.
                if let Some(found) = found {
                    found.conditions.extend(condition);
                }
                return sides.into_iter().flatten().collect();
            }
            let mut next = || sides[0].pop().map(Box::new);
            match (next(), sides[1].pop().map(Box::new)) {
                (Some(left), Some(right)) => {
                    vec![From::Join { kind: JoinKind::Inner, left, right, condition }]
                }
                _ => Vec::new(),
            }
        }
        item => vec![item],
    }
}

/// Whether a query is nothing but FROM, WHERE and a list without what must be evaluated just once.
fn is_plain(query: &Query) -> bool {
    let Body::Core(core) = &query.body else { return false };
    let ends = query.limit.is_some() || query.offset.is_some() || query.with_ties || !query.ctes.is_empty();
    let grouped = core.grouped || core.having.is_some() || !core.group_by.is_empty();
    let more = core.distinct.is_some() || !core.windows.is_empty() || !query.order_by.is_empty();
    let fixed = |expr: &Expr| {
        !walk::any(expr, &mut |part| match part.kind {
            ExprKind::Call { function, .. } => super::call::builtin(function)
                .is_ok_and(|row| row.volatility == catalog::Volatility::Volatile),
            ExprKind::SetCall { .. } => true,
            _ => false,
        })
    };
    !ends && !grouped && !more && core.targets.iter().all(|target| fixed(&target.expr))
}

/// Reads what a sub-query read instead of the sub-query.
struct Put {
    range: RangeId,
    read: Vec<Expr>,
    lost: bool,
}

impl Walk for Put {
    fn expr(&mut self, expr: &mut Expr) -> Result<()> {
        match expr.kind {
            ExprKind::Column { range, column } if range == self.range => {
                match self.read.get(column) {
                    Some(read) => expr.kind = read.kind.clone(),
                    None => self.lost = true,
                }
                Ok(())
            }
            ExprKind::WholeRow(range) | ExprKind::RowId(range) if range == self.range => {
                self.lost = true;
                Ok(())
            }
            _ => descend::descend_expr(self, expr),
        }
    }
}
