//! Set-returning functions in an output list (nodeProjectSet.c): they become items of FROM, those of one depth side by side.

use super::below::{put_below, read_below};
use super::grouping_sets::{blank_core, blank_query};
use super::{Analysis, aggregate};
use crate::bound::{Body, Core, Expr, ExprKind, From, Range, RangeColumn, RangeFunction, RangeId, RangeKind};
use crate::types;
use crate::walk::{Descend, parts, parts_mut, subquery, visit_mut};
use datum::oid;
use sqlstate::{DatabaseError, Result};

/// The calls of one depth as a range, and where the columns of each begin.
struct Level {
    calls: Vec<Expr>,
    starts: Vec<usize>,
    range: Range,
}

impl Analysis<'_> {
    /// Each row once for each of its functions' rows.
    pub(super) fn sets_to_from(&mut self, core: &mut Core) -> Result<()> {
        // A function that is grouped by runs before the grouping.
        while let Some(level) = self.level(core.group_by.iter())? {
            core.group_by.iter_mut().try_for_each(|key| self.use_level(key, &level))?;
            core.targets.iter_mut().try_for_each(|target| self.use_level(&mut target.expr, &level))?;
            core.from.push(From::Range(Box::new(level.range)));
        }
        if !core.targets.iter().any(|target| aggregate::contains_set_call(&target.expr)) {
            return Ok(());
        }
        if core.grouped || !core.windows.is_empty() {
            self.sink(core);
        }
        while let Some(level) = self.level(core.targets.iter().map(|target| &target.expr))? {
            core.targets.iter_mut().try_for_each(|target| self.use_level(&mut target.expr, &level))?;
            core.from.push(From::Range(Box::new(level.range)));
        }
        Ok(())
    }

    /// What is computed before the functions run goes into a query below.
    fn sink(&mut self, core: &mut Core) {
        let mut inner = std::mem::replace(core, blank_core());
        core.targets = std::mem::take(&mut inner.targets);
        core.distinct = inner.distinct.take();
        let id = self.new_range();
        let mut below = Vec::new();
        core.targets.iter_mut().for_each(|target| sink_expr(&mut target.expr, id, &mut below));
        let (outputs, columns) = put_below(&mut inner, below, "below");
        let range = Range {
            id,
            alias: "below".to_owned(),
            columns,
            nullable: false,
            kind: RangeKind::Subquery {
                query: Box::new(blank_query(Body::Core(Box::new(inner)), outputs)),
                lateral: false,
            },
        };
        core.from.push(From::Range(Box::new(range)));
    }

    /// The calls that call no other, as a range; `None` when there are none.
    fn level<'e>(&mut self, exprs: impl Iterator<Item = &'e Expr>) -> Result<Option<Level>> {
        let mut calls: Vec<Expr> = Vec::new();
        for expr in exprs {
            innermost(expr, &mut calls);
        }
        if calls.is_empty() {
            return Ok(None);
        }
        let (mut columns, mut functions, mut starts) = (Vec::new(), Vec::new(), Vec::new());
        for call in &calls {
            let composite = self.is_composite(call.ty.oid) || call.ty.oid == oid::RECORD;
            let (names, types) = match composite {
                true => self.row_shape(call).ok_or_else(|| {
                    DatabaseError::unsupported("a set of records in a select list").at(call.position)
                })?,
                false => (vec!["value".to_owned()], vec![call.ty]),
            };
            starts.push(columns.len());
            functions.push(RangeFunction { call: call.clone(), columns: types.len(), query: None });
            let shape = names.into_iter().zip(types);
            columns.extend(shape.map(|(name, ty)| RangeColumn { name, ty, not_null: false }));
        }
        let kind = RangeKind::Function { functions, ordinality: false, lateral: true };
        let range = self.anonymous_range("set".to_owned(), columns, None, kind)?;
        Ok(Some(Level { calls, starts, range }))
    }

    /// Reads the range where the calls stood.
    fn use_level(&self, expr: &mut Expr, level: &Level) -> Result<()> {
        let (range, starts, calls) = (&level.range, &level.starts, &level.calls);
        let column =
            |at: usize| Expr::new(ExprKind::Column { range: range.id, column: at }, range.columns[at].ty);
        let mut padded = None;
        visit_mut(expr, &mut |part| {
            let (call, field) = match &part.kind {
                ExprKind::Field { expr, field } => (&**expr, Some(*field)),
                _ => (&*part, None),
            };
            let Some(at) = calls.iter().position(|known| known == call) else { return Descend::Into };
            let composite = call.ty.oid == oid::RECORD || types::is_composite(self.catalog, call.ty.oid);
            let start = starts[at];
            let (position, ty) = (part.position, part.ty);
            if composite && field.is_none() {
                let end = starts.get(at + 1).copied().unwrap_or(range.columns.len());
                if calls.len() > 1 {
                    padded = Some(position);
                }
                let names = range.columns[start..end].iter().map(|column| column.name.clone()).collect();
                let fields = (start..end).map(column).collect();
                *part = Expr::new(ExprKind::Row { fields, names }, ty).at(position);
            } else {
                let kind = ExprKind::Column { range: range.id, column: start + field.unwrap_or(0) };
                *part = Expr::new(kind, ty).at(position);
            }
            Descend::Over
        });
        match padded {
            Some(position) => {
                Err(DatabaseError::unsupported("a set of rows as values beside another set in a select list")
                    .at(position))
            }
            None => Ok(()),
        }
    }
}

/// The calls that have no call among their arguments.
fn innermost(expr: &Expr, calls: &mut Vec<Expr>) {
    if !aggregate::contains_set_call(expr) {
        return;
    }
    let mut nested = false;
    parts(expr, &mut |part| {
        nested |= aggregate::contains_set_call(part);
        innermost(part, calls);
    });
    if !nested && matches!(expr.kind, ExprKind::SetCall { .. }) && !calls.contains(expr) {
        calls.push(expr.clone());
    }
}

/// Moves the parts without a set-returning function below; constants stay.
fn sink_expr(expr: &mut Expr, range: RangeId, below: &mut Vec<Expr>) {
    if aggregate::contains_set_call(expr) {
        parts_mut(expr, &mut |part| sink_expr(part, range, below));
        return;
    }
    // The operand of a CASE and the like belong to what is around them.
    let bound = crate::walk::any_here(expr, &mut |part| matches!(part.kind, ExprKind::CaseOperand));
    if !bound || subquery(expr).is_some() {
        read_below(expr, range, below);
    }
}
