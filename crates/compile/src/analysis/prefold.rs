//! What fails before any row is read: PostgreSQL's planner computes constant expressions (eval_const_expressions), so that
//! `CASE WHEN n > 1 THEN 1/0 END` fails even where no row has such an n.

use super::Analysis;
use super::fold::Folding;
use crate::bound::{Body, Conversion, Core, Expr, ExprKind, From, Query, RangeKind};
use crate::walk::parts;
use catalog::builtin::builtins;
use catalog::lookup::is_object_type;
use catalog::{Oid, TypeRef, Volatility};
use datum::{Stored, StoredValue, oid};
use sqlstate::{FEATURE_NOT_SUPPORTED, INTERNAL_ERROR, Result};

impl Analysis<'_> {
    /// The errors of a plain SELECT's constant expressions. Only over tables: what else is in FROM may be drawn into the query,
    /// and then more of it is constant than is plain here.
    pub(super) fn prefold(&self, core: &Core) -> Result<()> {
        if core.from.is_empty() || !core.from.iter().all(is_of_tables) || self.variables.is_some() {
            return Ok(());
        }
        let targets = core.targets.iter().map(|target| &target.expr);
        for expr in targets.chain(&core.filter).chain(&core.having) {
            self.constant(expr, None)?;
        }
        Ok(())
    }

    /// The errors of the constants of a statement that is a SELECT without FROM, or VALUES: they come before a sequence has moved.
    pub(crate) fn prefold_statement(&self, query: &Query) -> Result<()> {
        if !self.planned || self.variables.is_some() {
            return Ok(());
        }
        match &query.body {
            Body::Core(core) if is_of_values(core) => {
                let rows = core.from.iter().filter_map(|from| match from {
                    From::Range(range) => match &range.kind {
                        RangeKind::Values(rows) => Some(rows),
                        _ => None,
                    },
                    From::Join { .. } => None,
                });
                rows.into_iter().try_for_each(|rows| self.prefold_rows(rows))
            }
            Body::Core(core) if core.from.is_empty() => {
                let targets = core.targets.iter().map(|target| &target.expr);
                targets.chain(&core.filter).try_for_each(|expr| self.constant(expr, None).map(drop))
            }
            Body::Values(rows) => self.prefold_rows(rows),
            Body::Core(_) | Body::SetOperation { .. } => Ok(()),
        }
    }

    /// The errors of the constants of UPDATE and DELETE over tables: what is assigned, and WHERE.
    pub(crate) fn prefold_change<'e>(
        &self,
        from: &[From],
        exprs: impl Iterator<Item = &'e Expr>,
    ) -> Result<()> {
        if !self.planned || self.variables.is_some() || !from.iter().all(is_of_tables) {
            return Ok(());
        }
        exprs.into_iter().try_for_each(|expr| self.constant(expr, None).map(drop))
    }

    /// The errors of the constants among the rows of an INSERT.
    pub(crate) fn prefold_rows(&self, rows: &[Vec<Expr>]) -> Result<()> {
        if self.variables.is_some() {
            return Ok(());
        }
        rows.iter().flatten().try_for_each(|expr| self.constant(expr, None).map(drop))
    }

    /// The value of an expression, when it is a constant.
    pub(super) fn constant(&self, expr: &Expr, operand: Option<&StoredValue>) -> Result<Option<StoredValue>> {
        let is = |value: &Option<StoredValue>, truth: bool| matches!(value, Some(StoredValue::Integer(number)) if (*number != 0) == truth);
        match &expr.kind {
            ExprKind::Constant(value) if expr.ty.oid != oid::UNKNOWN => Ok(Some(value.clone())),
            ExprKind::CaseOperand => Ok(operand.cloned()),
            ExprKind::Call { function, args } => self.called(*function, args, expr.ty.oid, operand),
            ExprKind::Operator { operator, args } => match builtins().operator_by_oid(*operator) {
                Some(row) => self.called(row.function, args, expr.ty.oid, operand),
                None => Ok(None),
            },
            ExprKind::And(terms) | ExprKind::Or(terms) => {
                let decisive = matches!(expr.kind, ExprKind::Or(_));
                for term in terms {
                    let value = self.constant(term, operand)?;
                    if is(&value, decisive) {
                        return Ok(value);
                    }
                }
                Ok(None)
            }
            ExprKind::Not(inner) => Ok(match self.constant(inner, operand)? {
                Some(StoredValue::Integer(number)) => Some(StoredValue::Integer(i64::from(number == 0))),
                other => other.filter(StoredValue::is_null),
            }),
            ExprKind::IsNull { expr: inner, not } => {
                let value = self.constant(inner, operand)?;
                Ok(value.map(|value| StoredValue::from(value.is_null() != *not)))
            }
            ExprKind::Case { operand: inner, arms, otherwise } => {
                let inner = match inner {
                    Some(inner) => self.constant(inner, operand)?,
                    None => None,
                };
                let inner = inner.as_ref();
                for (condition, value) in arms {
                    match self.constant(condition, inner)? {
                        // What cannot be reached is not looked at.
                        Some(StoredValue::Integer(0) | StoredValue::Null) => {}
                        Some(_) => return self.constant(value, operand),
                        None => drop(self.constant(value, operand)?),
                    }
                }
                self.constant(otherwise, operand)?;
                Ok(None)
            }
            ExprKind::Coalesce(args) => {
                for arg in args {
                    let value = self.constant(arg, operand)?;
                    if value.as_ref().is_some_and(|value| !value.is_null()) {
                        return Ok(value);
                    }
                }
                Ok(None)
            }
            ExprKind::Array(elements) => {
                let mut values = Vec::with_capacity(elements.len());
                for element in elements {
                    values.push(self.constant(element, operand)?);
                }
                match datum::function("array") {
                    Some(code) => self.computed(code, elements, values, expr.ty.oid),
                    None => Ok(None),
                }
            }
            ExprKind::Convert { expr: inner, by } => {
                let value = self.constant(inner, operand)?;
                match by {
                    Conversion::Relabel => Ok(value),
                    Conversion::Text => match value {
                        Some(value) => self.by_text(&value, inner.ty, expr.ty),
                        None => Ok(None),
                    },
                    // A domain's checks are not computed before.
                    Conversion::Spread | Conversion::Array(_) | Conversion::Domain(_) => Ok(None),
                }
            }
            // One over tables was looked at when it was analysed.
            ExprKind::Subquery(query) | ExprKind::ArraySubquery(query) => {
                self.prefold_statement(query).map(|()| None)
            }
            ExprKind::Exists(_) | ExprKind::AnySubquery { .. } => Ok(None),
            _ => {
                let mut failed = Ok(());
                parts(expr, &mut |part| {
                    if failed.is_ok() {
                        failed = self.constant(part, operand).map(drop);
                    }
                });
                failed.map(|()| None)
            }
        }
    }

    /// A constant as another type, by output and input, where the session has no say in either.
    fn by_text(&self, value: &StoredValue, from: TypeRef, to: TypeRef) -> Result<Option<StoredValue>> {
        let of_session = |ty: TypeRef| {
            super::fold::depends_on_session(self.catalog, ty)
                || is_object_type(ty.oid)
                || builtins().type_by_oid(ty.oid).is_none()
        };
        if value.is_null() || of_session(from) || of_session(to) {
            return Ok(None);
        }
        let context = Folding::new(self.catalog, &self.path);
        let mut text = String::new();
        let converted = datum::output(from.oid, from.modifier, value.borrow(), &context, &mut text)
            .and_then(|()| datum::input(to.oid, to.modifier, &text, &context));
        match converted {
            Ok(value) => Ok(Some(value)),
            Err(error) if matches!(error.code(), FEATURE_NOT_SUPPORTED | INTERNAL_ERROR) => Ok(None),
            Err(error) => Err(error),
        }
    }

    fn called(
        &self,
        function: Oid,
        args: &[Expr],
        result: Oid,
        operand: Option<&StoredValue>,
    ) -> Result<Option<StoredValue>> {
        let mut values = Vec::with_capacity(args.len());
        for arg in args {
            values.push(self.constant(arg, operand)?);
        }
        let Some(row) = builtins().function_by_oid(function) else { return Ok(None) };
        if row.volatility != Volatility::Immutable || row.returns_set {
            return Ok(None);
        }
        let Some(code) = datum::function(row.source) else { return Ok(None) };
        self.computed(code, args, values, result)
    }

    /// What a function makes of these arguments, when all are constants.
    fn computed(
        &self,
        code: &datum::Function,
        args: &[Expr],
        values: Vec<Option<StoredValue>>,
        result: Oid,
    ) -> Result<Option<StoredValue>> {
        let Some(values) = values.into_iter().collect::<Option<Vec<_>>>() else { return Ok(None) };
        let types = args.iter().map(|arg| arg.ty.oid).chain([result]);
        let signature = types.map(|ty| ty.to_string()).collect::<Vec<_>>().join(",");
        let mut stored = Vec::with_capacity(values.len() + 1);
        if code.typed {
            stored.push(Stored::Text(&signature));
        }
        stored.extend(values.iter().map(StoredValue::borrow));
        match code.invoke(&stored, &Folding::new(self.catalog, &self.path)) {
            Ok(value) => Ok(Some(value)),
            // What this engine cannot compute is for when it runs.
            Err(error) if matches!(error.code(), FEATURE_NOT_SUPPORTED | INTERNAL_ERROR) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

/// Whether this is VALUES as a statement.
fn is_of_values(core: &Core) -> bool {
    matches!(core.from.as_slice(), [From::Range(range)] if matches!(range.kind, RangeKind::Values(_)))
}

fn is_of_tables(from: &From) -> bool {
    match from {
        From::Range(range) => matches!(range.kind, RangeKind::Relation(_)),
        From::Join { left, right, .. } => is_of_tables(left) && is_of_tables(right),
    }
}
