//! Ways through bound trees.

use crate::bound::{
    Aggregate, Body, Conversion, Core, CteBody, Expr, ExprKind, FrameBound, From, Query, Range, RangeKind,
    Subscript, Window,
};

/// What to do with a node's parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Descend {
    /// Visit them.
    Into,
    /// Leave them out.
    Over,
}

macro_rules! walkers {
    ($visit:ident, $parts:ident, $queries:ident, $aggregate:ident, $window:ident, $query:ident, $core:ident, $from:ident, $range:ident,
     $exprs:ident, $as_opt:ident, $iter:ident, [$($mutable:tt)?]) => {
        /// Calls `each` for the direct parts of an expression, those of sub-queries left out.
        pub fn $parts(expr: &$($mutable)? Expr, each: &mut dyn FnMut(&$($mutable)? Expr)) {
            match &$($mutable)? expr.kind {
                ExprKind::Constant(_)
                | ExprKind::Parameter(_)
                | ExprKind::Bind(_)
                | ExprKind::Column { .. }
                | ExprKind::WholeRow(_)
                | ExprKind::RowId(_)
                | ExprKind::CaseOperand
                | ExprKind::Exists(_)
                | ExprKind::Subquery(_)
                | ExprKind::ArraySubquery(_)
                | ExprKind::SubqueryColumn(_)
                | ExprKind::Default => {}
                ExprKind::Call { args, .. }
                | ExprKind::Operator { args, .. }
                | ExprKind::And(args)
                | ExprKind::Or(args)
                | ExprKind::Coalesce(args)
                | ExprKind::Extreme { args, .. }
                | ExprKind::Array(args)
                | ExprKind::Grouping(args)
                | ExprKind::Row { fields: args, .. }
                | ExprKind::SetCall { args, .. } => args.$iter().for_each(each),
                ExprKind::Not(expr)
                | ExprKind::IsNull { expr, .. }
                | ExprKind::IsBoolean { expr, .. }
                | ExprKind::Field { expr, .. }
                | ExprKind::Collate { expr, .. } => each(expr),
                ExprKind::Convert { expr, by } => {
                    each(expr);
                    if let Conversion::Array(element) = by {
                        each(element);
                    }
                }
                ExprKind::IsDistinct { left, right, .. } | ExprKind::NullIf { left, right, .. } => {
                    each(left);
                    each(right);
                }
                ExprKind::AnyArray { left, array, .. } => {
                    each(left);
                    each(array);
                }
                ExprKind::Case { operand, arms, otherwise } => {
                    operand.$iter().for_each(|operand| each(operand));
                    for (condition, result) in arms {
                        each(condition);
                        each(result);
                    }
                    each(otherwise);
                }
                ExprKind::RowCompare { left, right, .. } => left.$iter().chain(right).for_each(each),
                ExprKind::AnySubquery { tests, .. } => {
                    for test in tests {
                        each(&$($mutable)? test.left);
                        each(&$($mutable)? test.right);
                    }
                }
                ExprKind::Subscript { expr, subscripts } => {
                    each(expr);
                    for subscript in subscripts {
                        match subscript {
                            Subscript::Index(at) => each(at),
                            Subscript::Slice(lower, upper) => lower.$iter().chain(upper).for_each(&mut *each),
                        }
                    }
                }
                ExprKind::AssignSubscript { expr, subscripts, value } => {
                    each(expr);
                    each(value);
                    for subscript in subscripts {
                        match subscript {
                            Subscript::Index(at) => each(at),
                            Subscript::Slice(lower, upper) => lower.$iter().chain(upper).for_each(&mut *each),
                        }
                    }
                }
                ExprKind::Aggregate(aggregate) | ExprKind::Window { aggregate, .. } => $aggregate(aggregate, each),
            }
        }

        fn $aggregate(aggregate: &$($mutable)? Aggregate, each: &mut dyn FnMut(&$($mutable)? Expr)) {
            aggregate.direct.$iter().chain(&$($mutable)? aggregate.args).for_each(&mut *each);
            aggregate.order_by.$iter().for_each(|key| each(&$($mutable)? key.expr));
            aggregate.filter.$iter().for_each(each);
        }

        /// The sub-query that stands directly in an expression.
        pub fn $queries(expr: &$($mutable)? Expr) -> Option<&$($mutable)? Query> {
            match &$($mutable)? expr.kind {
                ExprKind::Exists(query)
                | ExprKind::Subquery(query)
                | ExprKind::ArraySubquery(query)
                | ExprKind::AnySubquery { query, .. } => Some(query),
                _ => None,
            }
        }

        /// Visits an expression and all within it, sub-queries too, outside first.
        pub fn $visit(expr: &$($mutable)? Expr, each: &mut dyn FnMut(&$($mutable)? Expr) -> Descend) {
            if each(expr) == Descend::Over {
                return;
            }
            $parts(expr, &mut |part| $visit(part, each));
            if let Some(query) = $queries(expr) {
                $query(query, each);
            }
        }

        /// Visits all expressions of a query, sub-queries too.
        pub fn $query(query: &$($mutable)? Query, each: &mut dyn FnMut(&$($mutable)? Expr) -> Descend) {
            for cte in &$($mutable)? query.ctes {
                if let CteBody::Query(query) = &$($mutable)? cte.body {
                    $query(query, each);
                }
            }
            match &$($mutable)? query.body {
                Body::Core(core) => $core(core, each),
                Body::Values(rows) => rows.$iter().flatten().for_each(|expr| $visit(expr, each)),
                Body::SetOperation { left, right, .. } => {
                    $query(left, each);
                    $query(right, each);
                }
            }
            query.limit.$iter().chain(&$($mutable)? query.offset).for_each(|expr| $visit(expr, each));
        }

        fn $core(core: &$($mutable)? Core, each: &mut dyn FnMut(&$($mutable)? Expr) -> Descend) {
            for item in &$($mutable)? core.from {
                $from(item, each);
            }
            core.filter.$iter().for_each(|expr| $visit(expr, each));
            core.group_by.$iter().for_each(|expr| $visit(expr, each));
            core.having.$iter().for_each(|expr| $visit(expr, each));
            for window in &$($mutable)? core.windows {
                $window(window, &mut |expr| $visit(expr, each));
            }
            core.targets.$iter().for_each(|target| $visit(&$($mutable)? target.expr, each));
        }

        fn $window(window: &$($mutable)? Window, each: &mut dyn FnMut(&$($mutable)? Expr)) {
            window.partition_by.$iter().for_each(&mut *each);
            window.order_by.$iter().for_each(|key| each(&$($mutable)? key.expr));
            if let Some(frame) = &$($mutable)? window.frame {
                for bound in [&$($mutable)? frame.start, &$($mutable)? frame.end] {
                    if let FrameBound::Preceding(expr) | FrameBound::Following(expr) = bound {
                        each(expr);
                    }
                }
            }
        }

        /// Visits all expressions of an item of FROM.
        pub fn $from(item: &$($mutable)? From, each: &mut dyn FnMut(&$($mutable)? Expr) -> Descend) {
            match item {
                From::Range(range) => $range(range, each),
                From::Join { left, right, condition, .. } => {
                    $from(left, each);
                    $from(right, each);
                    condition.$iter().for_each(|expr| $visit(expr, each));
                }
            }
        }

        fn $range(range: &$($mutable)? Range, each: &mut dyn FnMut(&$($mutable)? Expr) -> Descend) {
            match &$($mutable)? range.kind {
                RangeKind::Relation(relation) => relation.filters.$iter().for_each(|expr| $visit(expr, each)),
                RangeKind::Subquery { query, .. } => $query(query, each),
                RangeKind::Function { functions, .. } => {
                    for function in functions {
                        match &$($mutable)? function.query {
                            Some(query) => $query(query, each),
                            None => $visit(&$($mutable)? function.call, each),
                        }
                    }
                }
                RangeKind::Values(rows) => rows.$iter().flatten().for_each(|expr| $visit(expr, each)),
                RangeKind::Cte(_) | RangeKind::Buffer(_) | RangeKind::System(_) => {}
            }
        }
    };
}

walkers!(
    visit,
    parts,
    subquery,
    aggregate_parts,
    window_parts,
    visit_query,
    visit_core,
    visit_from,
    visit_range,
    exprs,
    as_ref,
    iter,
    []
);
walkers!(
    visit_mut, parts_mut, subquery_mut, aggregate_parts_mut, window_parts_mut, visit_query_mut, visit_core_mut,
    visit_from_mut, visit_range_mut, exprs_mut, as_mut, iter_mut, [mut]
);

/// Whether any expression within (sub-queries too) is such.
pub fn any(expr: &Expr, test: &mut dyn FnMut(&Expr) -> bool) -> bool {
    let mut found = false;
    visit(expr, &mut |part| {
        found = found || test(part);
        if found { Descend::Over } else { Descend::Into }
    });
    found
}

/// Whether any expression within, sub-queries left out, is such.
pub fn any_here(expr: &Expr, test: &mut dyn FnMut(&Expr) -> bool) -> bool {
    if test(expr) {
        return true;
    }
    let mut found = false;
    parts(expr, &mut |part| found = found || any_here(part, test));
    found
}
