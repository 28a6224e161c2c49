//! Where an expression begins: what most of PostgreSQL's messages point to.

use crate::ast::{Expr, ExprKind, Position};

impl Expr {
    /// The position of its leftmost token, as PostgreSQL's `exprLocation`; 0 when it has none.
    pub fn start(&self) -> Position {
        use ExprKind as K;
        let mut expr = self;
        let mut first = self.position;
        loop {
            first = match (first, expr.position) {
                (0, other) | (other, 0) => other,
                (a, b) => a.min(b),
            };
            // Only what stands to the left of its operator can begin before it.
            expr = match &expr.kind {
                K::Binary { left, .. }
                | K::IsDistinct { left, .. }
                | K::AnyArray { left, .. }
                | K::AnySubquery { left, .. } => left,
                K::IsNull { expr, .. }
                | K::IsBoolean { expr, .. }
                | K::IsOther { expr, .. }
                | K::Like { expr, .. }
                | K::Between { expr, .. }
                | K::InList { expr, .. }
                | K::InSubquery { expr, .. }
                | K::Cast { expr, .. }
                | K::AtTimeZone { expr, .. }
                | K::Collate { expr, .. }
                | K::Field(expr, _)
                | K::FieldStar(expr)
                | K::Subscript(expr, _) => expr,
                K::And(parts) | K::Or(parts) => match parts.first() {
                    Some(part) => part,
                    None => return first,
                },
                _ => return first,
            };
        }
    }
}
