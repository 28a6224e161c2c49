//! Looking into expressions as written.

use syntax::ast::{Expr, ExprKind, Position};

/// Where a column of this name first stands in an expression, sub-queries aside.
pub(super) fn column_position(expr: &Expr, name: &str) -> Option<Position> {
    if let ExprKind::Column(parts) = &expr.kind {
        return (parts.last().map(String::as_str) == Some(name)).then_some(expr.position);
    }
    children(expr).into_iter().find_map(|child| column_position(child, name))
}

/// The expressions directly below one, without those in sub-queries.
pub(super) fn children(expr: &Expr) -> Vec<&Expr> {
    match &expr.kind {
        ExprKind::Number(_)
        | ExprKind::String(_)
        | ExprKind::BitString(_)
        | ExprKind::Boolean(_)
        | ExprKind::Null
        | ExprKind::Parameter(_)
        | ExprKind::Column(_)
        | ExprKind::Star(_)
        | ExprKind::Exists(_)
        | ExprKind::Subquery(_)
        | ExprKind::ArraySubquery(_)
        | ExprKind::TypedLiteral { .. }
        | ExprKind::ValueFunction { .. }
        | ExprKind::Default
        | ExprKind::Unsupported(_) => Vec::new(),
        ExprKind::FieldStar(inner)
        | ExprKind::Field(inner, _)
        | ExprKind::Not(inner)
        | ExprKind::Unary { operand: inner, .. }
        | ExprKind::IsNull { expr: inner, .. }
        | ExprKind::IsBoolean { expr: inner, .. }
        | ExprKind::IsOther { expr: inner, .. }
        | ExprKind::InSubquery { expr: inner, .. }
        | ExprKind::AnySubquery { left: inner, .. }
        | ExprKind::Cast { expr: inner, .. }
        | ExprKind::Extract { from: inner, .. }
        | ExprKind::Collate { expr: inner, .. } => vec![inner],
        ExprKind::Binary { left, right, .. }
        | ExprKind::IsDistinct { left, right, .. }
        | ExprKind::NullIf(left, right)
        | ExprKind::AnyArray { left, array: right, .. }
        | ExprKind::AtTimeZone { expr: left, zone: right } => vec![left, right],
        ExprKind::Between { expr, low, high, .. } => vec![expr, low, high],
        ExprKind::Like { expr, pattern, escape, .. } => {
            let mut found: Vec<&Expr> = vec![expr, pattern];
            found.extend(escape.as_deref());
            found
        }
        ExprKind::And(list)
        | ExprKind::Or(list)
        | ExprKind::Array(list)
        | ExprKind::Coalesce(list)
        | ExprKind::Greatest(list)
        | ExprKind::Least(list)
        | ExprKind::Grouping(list)
        | ExprKind::Row { fields: list, .. } => list.iter().collect(),
        ExprKind::InList { expr, list, .. } => {
            let mut found: Vec<&Expr> = vec![expr];
            found.extend(list);
            found
        }
        ExprKind::Subscript(inner, subscripts) => {
            let mut found: Vec<&Expr> = vec![inner];
            for subscript in subscripts {
                match subscript {
                    syntax::ast::Subscript::Index(at) => found.push(at),
                    syntax::ast::Subscript::Slice(low, high) => found.extend(low.iter().chain(high)),
                }
            }
            found
        }
        ExprKind::Call(call) => {
            let mut found: Vec<&Expr> = call.args.iter().map(|argument| &argument.value).collect();
            found.extend(call.filter.as_deref());
            found
        }
        ExprKind::Case { operand, arms, otherwise } => {
            let mut found: Vec<&Expr> = operand.as_deref().into_iter().collect();
            for (when, then) in arms {
                found.extend([when, then]);
            }
            found.extend(otherwise.as_deref());
            found
        }
    }
}
