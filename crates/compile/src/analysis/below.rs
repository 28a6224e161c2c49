//! What is computed in a query below, and read from it by column.

use crate::bound::{Core, Expr, ExprKind, OutputColumn, RangeColumn, RangeId, Target};

/// Reads the expression as a column of a range, whose query is to compute what is `below`. Constants stay.
pub(super) fn read_below(expr: &mut Expr, range: RangeId, below: &mut Vec<Expr>) {
    if matches!(expr.kind, ExprKind::Constant(_) | ExprKind::Parameter(_) | ExprKind::Bind(_)) {
        return;
    }
    let known = below.iter().position(|other| other == expr);
    let column = known.unwrap_or_else(|| {
        below.push(expr.clone());
        below.len() - 1
    });
    expr.kind = ExprKind::Column { range, column };
}

/// Makes the query give what is below, all under one name: its columns, and they as those of a range over it.
pub(super) fn put_below(
    core: &mut Core,
    below: Vec<Expr>,
    name: &str,
) -> (Vec<OutputColumn>, Vec<RangeColumn>) {
    let types: Vec<_> = below.iter().map(|expr| expr.ty).collect();
    core.targets = below.into_iter().map(|expr| Target { expr, name: name.to_owned() }).collect();
    let outputs = types.iter().map(|ty| OutputColumn { name: name.to_owned(), ty: *ty });
    let columns = types.iter().map(|ty| RangeColumn { name: name.to_owned(), ty: *ty, not_null: false });
    (outputs.collect(), columns.collect())
}
