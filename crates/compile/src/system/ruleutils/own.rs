//! The row of a table that a definition speaks of: of CHECK, policies and indexes, and the two of a trigger's condition.

use super::forms::Forms;
use super::{Implicit, Writer, query, unsupported};
use crate::bound::{Expr, ExprKind};
use crate::program::Bind;
use crate::system::Viewer;
use catalog::Relation;
use catalog::lookup::quote_identifier;
use sqlstate::Result;

/// The row of which a definition speaks.
#[derive(Clone, Copy)]
pub(super) enum Own<'w> {
    Nothing,
    /// A row of this table.
    Row(&'w Relation),
    /// A trigger's `old` and `new` rows.
    Trigger(&'w Relation),
}

/// A trigger's condition as pg_get_triggerdef writes it between the parentheses of WHEN.
pub(in crate::system) fn trigger_condition(
    viewer: &Viewer<'_>,
    table: &Relation,
    text: &syntax::ast::Expr,
    expr: &Expr,
) -> Result<String> {
    let mut writer = Writer {
        prefix: true,
        indent: query::STANDARD.unsigned_abs(),
        ..Writer::new(viewer, Forms::of_expression(text), Own::Trigger(table))
    };
    writer.expr(expr, Implicit::Hidden)?;
    Ok(writer.out)
}

impl Writer<'_, '_> {
    pub(super) fn own_column(&mut self, at: usize, row: &str) -> Result<()> {
        let (table, row) = match self.own {
            Own::Nothing => return Err(unsupported("a column of no table")),
            Own::Row(table) => (table, table.name.as_str()),
            Own::Trigger(table) => (table, row),
        };
        let column = table.columns.get(at).ok_or_else(|| unsupported("a column that is gone"))?;
        let mut text = quote_identifier(&column.name);
        if self.prefix {
            text = format!("{}.{text}", quote_identifier(row));
        }
        self.push(&text);
        Ok(())
    }

    /// The row of a trigger that this is as a whole: `old.*`.
    pub(super) fn whole_own_row(&self, fields: &[Expr]) -> Option<&'static str> {
        let Own::Trigger(table) = self.own else { return None };
        if fields.len() != table.columns.len() {
            return None;
        }
        let is = |wanted: fn(usize) -> Bind| {
            let mut fields = fields.iter().enumerate();
            fields.all(|(at, field)| matches!(&field.kind, ExprKind::Bind(bind) if *bind == wanted(at)))
        };
        if is(Bind::Old) { Some("old.*") } else { is(Bind::New).then_some("new.*") }
    }

    /// `old.* IS DISTINCT FROM new.*`, which was taken apart into a test of each pair of columns, all at its position.
    pub(super) fn distinct_own_rows(&self, expr: &Expr) -> Option<(&'static str, &'static str, bool)> {
        let Own::Trigger(_) = self.own else { return None };
        let (tests, negated) = match &expr.kind {
            ExprKind::Or(tests) => (tests, false),
            ExprKind::And(tests) => (tests, true),
            _ => return None,
        };
        let (mut first, mut second) = (Vec::new(), Vec::new());
        for test in tests {
            match &test.kind {
                ExprKind::IsDistinct { left, right, not, .. }
                    if *not == negated && test.position == expr.position =>
                {
                    first.push((**left).clone());
                    second.push((**right).clone());
                }
                _ => return None,
            }
        }
        Some((self.whole_own_row(&first)?, self.whole_own_row(&second)?, negated))
    }
}
