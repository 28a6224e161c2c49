//! Walking a bound tree and changing it. Every place where an expression or query may stand is here, once.

use crate::bound::{
    Aggregate, Body, Conversion, Core, CteBody, Expr, ExprKind, Frame, FrameBound, From, Query, Range,
    RangeKind, Subscript,
};
use sqlstate::Result;

/// What is done at each node. A method that is overridden calls the matching `descend_*` to go on below.
pub(crate) trait Walk {
    /// An expression.
    fn expr(&mut self, expr: &mut Expr) -> Result<()> {
        descend_expr(self, expr)
    }

    /// A query.
    fn query(&mut self, query: &mut Query) -> Result<()> {
        descend_query(self, query)
    }

    /// A plain SELECT.
    fn core(&mut self, core: &mut Core) -> Result<()> {
        descend_core(self, core)
    }

    /// A range.
    fn range(&mut self, range: &mut Range) -> Result<()> {
        descend_range(self, range)
    }
}

/// All below an expression.
pub(crate) fn descend_expr<W: Walk + ?Sized>(walk: &mut W, expr: &mut Expr) -> Result<()> {
    match &mut expr.kind {
        ExprKind::Constant(_)
        | ExprKind::Parameter(_)
        | ExprKind::Bind(_)
        | ExprKind::Column { .. }
        | ExprKind::WholeRow(_)
        | ExprKind::RowId(_)
        | ExprKind::CaseOperand
        | ExprKind::SubqueryColumn(_)
        | ExprKind::Default => Ok(()),
        ExprKind::Call { args, .. }
        | ExprKind::Operator { args, .. }
        | ExprKind::SetCall { args, .. }
        | ExprKind::And(args)
        | ExprKind::Or(args)
        | ExprKind::Coalesce(args)
        | ExprKind::Extreme { args, .. }
        | ExprKind::Array(args)
        | ExprKind::Grouping(args)
        | ExprKind::Row { fields: args, .. } => all(walk, args),
        ExprKind::Not(inner)
        | ExprKind::IsNull { expr: inner, .. }
        | ExprKind::IsBoolean { expr: inner, .. }
        | ExprKind::Field { expr: inner, .. }
        | ExprKind::Collate { expr: inner, .. } => walk.expr(inner),
        ExprKind::IsDistinct { left, right, .. }
        | ExprKind::NullIf { left, right, .. }
        | ExprKind::AnyArray { left, array: right, .. } => {
            walk.expr(left)?;
            walk.expr(right)
        }
        ExprKind::Case { operand, arms, otherwise } => {
            if let Some(operand) = operand {
                walk.expr(operand)?;
            }
            for (condition, value) in arms {
                walk.expr(condition)?;
                walk.expr(value)?;
            }
            walk.expr(otherwise)
        }
        ExprKind::RowCompare { left, right, .. } => {
            all(walk, left)?;
            all(walk, right)
        }
        ExprKind::Exists(query) | ExprKind::Subquery(query) | ExprKind::ArraySubquery(query) => {
            walk.query(query)
        }
        ExprKind::AnySubquery { tests, query, .. } => {
            for test in tests {
                walk.expr(&mut test.left)?;
                walk.expr(&mut test.right)?;
            }
            walk.query(query)
        }
        ExprKind::AssignSubscript { expr, subscripts, value } => {
            walk.expr(expr)?;
            walk.expr(value)?;
            walk_subscripts(walk, subscripts)
        }
        ExprKind::Subscript { expr, subscripts } => {
            walk.expr(expr)?;
            walk_subscripts(walk, subscripts)
        }
        ExprKind::Convert { expr, by } => {
            walk.expr(expr)?;
            match by {
                Conversion::Array(element) => walk.expr(element),
                Conversion::Domain(domain) => {
                    domain.checks.iter_mut().try_for_each(|(_, check)| walk.expr(check))
                }
                Conversion::Relabel | Conversion::Text | Conversion::Spread => Ok(()),
            }
        }
        ExprKind::Aggregate(aggregate) | ExprKind::Window { aggregate, .. } => {
            descend_aggregate(walk, aggregate)
        }
    }
}

fn all<W: Walk + ?Sized>(walk: &mut W, exprs: &mut [Expr]) -> Result<()> {
    exprs.iter_mut().try_for_each(|expr| walk.expr(expr))
}

fn descend_aggregate<W: Walk + ?Sized>(walk: &mut W, aggregate: &mut Aggregate) -> Result<()> {
    all(walk, &mut aggregate.direct)?;
    all(walk, &mut aggregate.args)?;
    for sort in &mut aggregate.order_by {
        walk.expr(&mut sort.expr)?;
    }
    aggregate.filter.as_mut().map_or(Ok(()), |filter| walk.expr(filter))
}

/// All below a query.
pub(crate) fn descend_query<W: Walk + ?Sized>(walk: &mut W, query: &mut Query) -> Result<()> {
    for cte in &mut query.ctes {
        match &mut cte.body {
            CteBody::Query(inner) => walk.query(inner)?,
            CteBody::Buffer(_) => {}
        }
    }
    descend_body(walk, query)
}

/// All below a query but its common table expressions.
pub(crate) fn descend_body<W: Walk + ?Sized>(walk: &mut W, query: &mut Query) -> Result<()> {
    match &mut query.body {
        Body::Core(core) => walk.core(core)?,
        Body::Values(rows) => rows.iter_mut().try_for_each(|row| all(walk, row))?,
        Body::SetOperation { left, right, .. } => {
            walk.query(left)?;
            walk.query(right)?;
        }
    }
    for bound in [&mut query.limit, &mut query.offset].into_iter().flatten() {
        walk.expr(bound)?;
    }
    Ok(())
}

/// All below a plain SELECT.
pub(crate) fn descend_core<W: Walk + ?Sized>(walk: &mut W, core: &mut Core) -> Result<()> {
    for from in &mut core.from {
        descend_from(walk, from)?;
    }
    for filter in [&mut core.filter, &mut core.having].into_iter().flatten() {
        walk.expr(filter)?;
    }
    all(walk, &mut core.group_by)?;
    for window in &mut core.windows {
        all(walk, &mut window.partition_by)?;
        for sort in &mut window.order_by {
            walk.expr(&mut sort.expr)?;
        }
        if let Some(Frame { start, end, .. }) = &mut window.frame {
            for bound in [start, end] {
                if let FrameBound::Preceding(expr) | FrameBound::Following(expr) = bound {
                    walk.expr(expr)?;
                }
            }
        }
    }
    for target in &mut core.targets {
        walk.expr(&mut target.expr)?;
    }
    Ok(())
}

/// All below an item of FROM.
pub(crate) fn descend_from<W: Walk + ?Sized>(walk: &mut W, from: &mut From) -> Result<()> {
    match from {
        From::Range(range) => walk.range(range),
        From::Join { left, right, condition, .. } => {
            descend_from(walk, left)?;
            descend_from(walk, right)?;
            condition.as_mut().map_or(Ok(()), |condition| walk.expr(condition))
        }
    }
}

/// All below a range.
pub(crate) fn descend_range<W: Walk + ?Sized>(walk: &mut W, range: &mut Range) -> Result<()> {
    match &mut range.kind {
        RangeKind::Relation(relation) => all(walk, &mut relation.filters),
        RangeKind::Subquery { query, .. } => walk.query(query),
        RangeKind::Function { functions, .. } => {
            functions.iter_mut().try_for_each(|function| match &mut function.query {
                Some(query) => walk.query(query),
                None => walk.expr(&mut function.call),
            })
        }
        RangeKind::Values(rows) => rows.iter_mut().try_for_each(|row| all(walk, row)),
        RangeKind::Cte(_) | RangeKind::Buffer(_) | RangeKind::System(_) => Ok(()),
    }
}

/// Only the arguments of the calls of a function range: the calls themselves are expanded as ranges.
pub(crate) fn descend_range_arguments<W: Walk + ?Sized>(walk: &mut W, range: &mut Range) -> Result<()> {
    if let RangeKind::Function { functions, .. } = &mut range.kind {
        for function in functions {
            match &mut function.call.kind {
                ExprKind::Call { args, .. } | ExprKind::SetCall { args, .. } => all(walk, args)?,
                _ => walk.expr(&mut function.call)?,
            }
        }
    }
    Ok(())
}

/// Calls `visit` for every expression within, itself first; sub-queries included.
pub(crate) fn each_expr(expr: &mut Expr, visit: &mut dyn FnMut(&mut Expr) -> Result<()>) -> Result<()> {
    struct Each<'v>(&'v mut dyn FnMut(&mut Expr) -> Result<()>);
    impl Walk for Each<'_> {
        fn expr(&mut self, expr: &mut Expr) -> Result<()> {
            (self.0)(expr)?;
            descend_expr(self, expr)
        }
    }
    Each(visit).expr(expr)
}

/// Calls `visit` for every expression of a query.
pub(crate) fn each_expr_of_query(
    query: &mut Query,
    visit: &mut dyn FnMut(&mut Expr) -> Result<()>,
) -> Result<()> {
    struct Each<'v>(&'v mut dyn FnMut(&mut Expr) -> Result<()>);
    impl Walk for Each<'_> {
        fn expr(&mut self, expr: &mut Expr) -> Result<()> {
            (self.0)(expr)?;
            descend_expr(self, expr)
        }
    }
    Each(visit).query(query)
}

/// Calls `visit` for every range of a query, sub-queries included.
pub(crate) fn each_range(query: &mut Query, visit: &mut dyn FnMut(&mut Range) -> Result<()>) -> Result<()> {
    struct Each<'v>(&'v mut dyn FnMut(&mut Range) -> Result<()>);
    impl Walk for Each<'_> {
        fn range(&mut self, range: &mut Range) -> Result<()> {
            (self.0)(range)?;
            descend_range(self, range)
        }
    }
    Each(visit).query(query)
}

/// The ranges that a query reads and does not bring itself: those of the queries around it.
pub(crate) fn outer_ranges(query: &mut Query) -> Result<std::collections::BTreeSet<crate::bound::RangeId>> {
    let mut read = std::collections::BTreeSet::new();
    let mut brought = std::collections::BTreeSet::new();
    each_expr_of_query(query, &mut |expr| {
        if let ExprKind::Column { range, .. } | ExprKind::WholeRow(range) | ExprKind::RowId(range) = expr.kind
        {
            read.insert(range);
        }
        Ok(())
    })?;
    each_range(query, &mut |range| {
        brought.insert(range.id);
        Ok(())
    })?;
    Ok(read.difference(&brought).copied().collect())
}

fn walk_subscripts<W: Walk + ?Sized>(walk: &mut W, subscripts: &mut [Subscript]) -> Result<()> {
    for subscript in subscripts {
        match subscript {
            Subscript::Index(index) => walk.expr(index)?,
            Subscript::Slice(low, high) => {
                for bound in [low, high].into_iter().flatten() {
                    walk.expr(bound)?;
                }
            }
        }
    }
    Ok(())
}
