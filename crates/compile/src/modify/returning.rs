//! RETURNING.

use super::with::read_buffers;
use crate::analysis::{Analysis, Place, Scope};
use crate::bound::{Cte, Expr, ExprKind, RangeId, Target};
use crate::program::{Bind, Projection, ResultColumn};
use crate::rewrite::Rewrite;
use crate::stored::Row;
use crate::{descend, render};
use catalog::Relation;
use sqlstate::Result;
use syntax::ast;

/// RETURNING, as far as analysis goes.
pub(super) struct Returning {
    targets: Vec<Target>,
}

/// Analyses the list; the scope shows the target and what was joined to it.
pub(super) fn analyse(
    analysis: &mut Analysis<'_>,
    scope: &mut Scope<'_>,
    targets: &[ast::Target],
) -> Result<Option<Returning>> {
    if targets.is_empty() {
        return Ok(None);
    }
    let targets = analysis.output_list(scope, Place::Returning, targets)?;
    Ok(Some(Returning { targets }))
}

impl Returning {
    /// Turns columns of the target into `Bind::New` (or `Old`, of a deleted row), others into extra columns of the source.
    pub(super) fn bind(
        &mut self,
        relation: &Relation,
        target: RangeId,
        row: Row,
        extras: &mut Vec<Expr>,
    ) -> Result<()> {
        for item in &mut self.targets {
            bind_row(&mut item.expr, relation, target, row, Some(extras))?;
        }
        Ok(())
    }

    /// What it reads of WITH was kept.
    pub(super) fn read_buffers(&mut self, ctes: &[Cte]) -> Result<()> {
        self.targets.iter_mut().try_for_each(|target| read_buffers(&mut target.expr, ctes))
    }

    /// Renders it.
    pub(super) fn finish(mut self, rewrite: &mut Rewrite<'_, '_>) -> Result<(Projection, Vec<ResultColumn>)> {
        let mut exprs = Vec::new();
        let mut columns = Vec::new();
        for mut item in self.targets.drain(..) {
            descend::Walk::expr(rewrite, &mut item.expr)?;
            columns.push(ResultColumn { name: item.name, type_ref: item.expr.ty });
            exprs.push(item.expr);
        }
        let plain = exprs.iter().map(|expr| match &expr.kind {
            ExprKind::Bind(bind @ (Bind::New(_) | Bind::Old(_) | Bind::Extra(_))) => Some(bind.clone()),
            _ => None,
        });
        let projection = match plain.collect::<Option<Vec<Bind>>>() {
            Some(binds) => Projection::Columns(binds),
            None => Projection::Query(render::render_row(rewrite.analysis.catalog, &exprs)?),
        };
        Ok((projection, columns))
    }
}

/// Replaces references to the target's range by binds of a row, and with `extras` all other ranges' columns by extra columns.
pub(super) fn bind_row(
    expr: &mut Expr,
    relation: &Relation,
    target: RangeId,
    row: Row,
    mut extras: Option<&mut Vec<Expr>>,
) -> Result<()> {
    // The ranges of sub-queries inside stay as they are.
    let mut inner = std::collections::BTreeSet::new();
    descend::each_expr(expr, &mut |part| {
        if let ExprKind::Exists(query)
        | ExprKind::Subquery(query)
        | ExprKind::ArraySubquery(query)
        | ExprKind::AnySubquery { query, .. } = &mut part.kind
        {
            descend::each_range(query, &mut |range| {
                inner.insert(range.id);
                Ok(())
            })?;
        }
        Ok(())
    })?;
    descend::each_expr(expr, &mut |part| {
        match &part.kind {
            ExprKind::Column { range, column } if *range == target => {
                let column = *column;
                part.kind = row.column(column, part.ty).kind;
            }
            ExprKind::WholeRow(range) if *range == target => {
                let names = relation.columns.iter().map(|column| column.name.clone()).collect();
                part.kind = ExprKind::Row { fields: crate::rewrite::row_of(relation, row), names };
            }
            ExprKind::Column { range, .. } | ExprKind::WholeRow(range) if !inner.contains(range) => {
                if let Some(extras) = &mut extras {
                    let plain = Expr { kind: part.kind.clone(), ty: part.ty, position: 0 };
                    let known = extras.iter().position(|extra| *extra == plain);
                    let at = known.unwrap_or(extras.len());
                    if known.is_none() {
                        extras.push(plain);
                    }
                    part.kind = ExprKind::Bind(Bind::Extra(at));
                }
            }
            _ => {}
        }
        Ok(())
    })
}
