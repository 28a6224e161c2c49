//! Window frames of RANGE with an offset that SQLite cannot count: over numerics, dates, times and intervals. What is over such a
//! window becomes a sub-query of the rows of its frame.

use super::below::{put_below, read_below};
use super::grouping_sets::{blank_core, blank_query};
use super::operation::operator_name;
use super::{Analysis, Scope};
use crate::bound::{
    Aggregate, Body, Core, Cte, CteBody, CteId, Expr, ExprKind, Frame, FrameBound, From, OutputColumn, Query,
    Range, RangeColumn, RangeId, RangeKind, Sort, SortExpr, Target, Window,
};
use crate::types::{BOOL, INT8, plain};
use crate::walk::{Descend, any_here, parts, parts_mut, visit_mut};
use catalog::builtin::{BuiltinKind, CastContext, builtins};
use catalog::{Oid, TypeRef};
use datum::{StoredValue, oid};
use sqlstate::{DatabaseError, FEATURE_NOT_SUPPORTED, INVALID_PRECEDING_OR_FOLLOWING_SIZE, Result};
use syntax::ast::Position;

/// row_number()
const ROW_NUMBER: Oid = 3100;

/// The types of an offset that a sort key's type has an in_range function for.
fn offset_types(key: Oid) -> &'static [Oid] {
    match key {
        oid::INT2 | oid::INT4 => &[oid::INT2, oid::INT4, oid::INT8],
        oid::INT8 => &[oid::INT8],
        oid::FLOAT4 | oid::FLOAT8 => &[oid::FLOAT8],
        oid::NUMERIC => &[oid::NUMERIC],
        oid::DATE | oid::TIMESTAMP | oid::TIMESTAMPTZ | oid::TIME | oid::TIMETZ | oid::INTERVAL => {
            &[oid::INTERVAL]
        }
        _ => &[],
    }
}

/// Whether SQLite counts the offsets of a frame itself.
fn is_counted(key: Oid, bound: &FrameBound) -> bool {
    match bound {
        FrameBound::Preceding(offset) | FrameBound::Following(offset) => {
            matches!(key, oid::INT2 | oid::INT4 | oid::INT8 | oid::FLOAT4 | oid::FLOAT8)
                && matches!(&offset.kind, ExprKind::Constant(StoredValue::Integer(_) | StoredValue::Real(_)))
        }
        _ => true,
    }
}

fn is_hard(window: &Window) -> bool {
    let (Some(Frame { unit: "RANGE", start, end, .. }), [key]) = (&window.frame, window.order_by.as_slice())
    else {
        return false;
    };
    !is_counted(key.expr.ty.oid, start) || !is_counted(key.expr.ty.oid, end)
}

fn is_window(expr: &Expr) -> bool {
    any_here(expr, &mut |part| matches!(part.kind, ExprKind::Window { .. }))
}

/// Whether it reads the operand of a CASE around it, or a column of the sub-query that it is compared with.
fn reads_operand(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::CaseOperand | ExprKind::SubqueryColumn(_) => true,
        ExprKind::AnySubquery { tests, .. } => tests.iter().any(|test| reads_operand(&test.left)),
        // Its conditions read its own.
        ExprKind::Case { operand: Some(operand), arms, otherwise } => {
            reads_operand(operand)
                || reads_operand(otherwise)
                || arms.iter().any(|(_, value)| reads_operand(value))
        }
        ExprKind::Convert { expr, .. } => reads_operand(expr),
        _ => {
            let mut found = false;
            parts(expr, &mut |part| found = found || reads_operand(part));
            found
        }
    }
}

/// Moves what has no window function below.
fn sink(expr: &mut Expr, range: RangeId, below: &mut Vec<Expr>) {
    if matches!(expr.kind, ExprKind::CaseOperand | ExprKind::SubqueryColumn(_)) {
        return;
    }
    if is_window(expr) || reads_operand(expr) {
        parts_mut(expr, &mut |part| sink(part, range, below));
        return;
    }
    read_below(expr, range, below);
}

/// The rows below, and how they are read.
struct Rows {
    cte: CteId,
    columns: Vec<RangeColumn>,
    /// The range of the query itself.
    own: RangeId,
    /// The column that numbers the rows.
    number: usize,
}

impl Analysis<'_> {
    /// transformFrameOffset of RANGE: the offset as the type that the key's type counts with.
    pub(super) fn range_offset(&mut self, offset: Expr, key: TypeRef, position: Position) -> Result<Expr> {
        let key = self.base_oid(key.oid);
        let types = offset_types(key);
        let refuse = |message: String| DatabaseError::new(FEATURE_NOT_SUPPORTED, message).at(position);
        let Some(last) = types.last() else {
            return Err(refuse(format!(
                "RANGE with offset PRECEDING/FOLLOWING is not supported for column type {}",
                self.type_name(key)
            )));
        };
        let given = self.base_oid(offset.ty.oid);
        let fits = |ty: &&Oid| self.can_coerce(&[given], &[**ty], CastContext::Implicit);
        let chosen = if types.contains(&given) {
            given
        } else if given == oid::UNKNOWN {
            if types.contains(&key) { key } else { *last }
        } else {
            let Some(chosen) = types.iter().find(fits) else {
                return Err(refuse(format!(
                    "RANGE with offset PRECEDING/FOLLOWING is not supported for column type {} and offset type {}",
                    self.type_name(key),
                    self.type_name(given)
                ))
                .with_hint("Cast the offset value to an appropriate type."));
            };
            *chosen
        };
        let offset = self.coerce_type(offset, plain(chosen), CastContext::Implicit)?;
        let negative = match &offset.kind {
            ExprKind::Constant(StoredValue::Integer(number)) => *number < 0,
            ExprKind::Constant(StoredValue::Real(number)) => *number < 0.0 || number.is_nan(),
            ExprKind::Constant(StoredValue::Text(text)) if matches!(chosen, oid::NUMERIC | oid::FLOAT8) => {
                text.starts_with('-') || text == "NaN"
            }
            ExprKind::Constant(StoredValue::Text(text)) => {
                let zero = self.fold(plain(oid::INTERVAL), "0", position)?;
                match zero.kind {
                    ExprKind::Constant(StoredValue::Text(zero)) => {
                        datum::compare("pg_interval", text, &zero).is_lt()
                    }
                    _ => false,
                }
            }
            _ => false,
        };
        if negative {
            return Err(DatabaseError::new(
                INVALID_PRECEDING_OR_FOLLOWING_SIZE,
                "invalid preceding or following size in window function",
            ));
        }
        let endless = match &offset.kind {
            ExprKind::Constant(StoredValue::Real(number)) => number.is_infinite(),
            ExprKind::Constant(StoredValue::Text(text)) => chosen == oid::NUMERIC && text == "Infinity",
            _ => false,
        };
        if endless {
            return Err(DatabaseError::unsupported("an infinite offset of RANGE").at(position));
        }
        Ok(offset)
    }

    /// Replaces what is over windows that SQLite cannot count.
    pub(super) fn spread_frames(&mut self, scope: &Scope<'_>, core: &mut Core) -> Result<Option<Cte>> {
        if !core.windows.iter().any(is_hard) {
            return Ok(None);
        }
        if scope.has_set_calls {
            return Err(DatabaseError::unsupported("RANGE with an offset beside a set-returning function"));
        }
        let own = self.new_range();
        let mut inner = std::mem::replace(core, blank_core());
        core.targets = std::mem::take(&mut inner.targets);
        core.windows = std::mem::take(&mut inner.windows);
        core.distinct = inner.distinct.take();
        let mut below = Vec::new();
        core.targets.iter_mut().for_each(|target| sink(&mut target.expr, own, &mut below));
        for window in &mut core.windows {
            window.partition_by.iter_mut().for_each(|expr| sink(expr, own, &mut below));
            window.order_by.iter_mut().for_each(|key| sink(&mut key.expr, own, &mut below));
        }
        let number = below.len();
        let numbering = Aggregate {
            function: ROW_NUMBER,
            direct: Vec::new(),
            args: Vec::new(),
            distinct: false,
            order_by: Vec::new(),
            filter: None,
        };
        below.push(Expr::new(ExprKind::Window { aggregate: Box::new(numbering), window: 0 }, INT8));
        inner.windows = vec![Window { partition_by: Vec::new(), order_by: Vec::new(), frame: None }];
        let (outputs, columns) = put_below(&mut inner, below, "row");
        let rows = Rows { cte: self.new_cte(), columns, own, number };
        core.from.push(self.over_rows(&rows, own));
        let windows = core.windows.clone();
        let mut plain_windows = Vec::new();
        for target in &mut core.targets {
            self.replace_windows(&mut target.expr, &windows, &rows, &mut plain_windows)?;
        }
        core.windows = plain_windows;
        Ok(Some(Cte {
            id: rows.cte,
            name: "rows".to_owned(),
            columns: outputs.clone(),
            recursive: false,
            materialized: Some(true),
            references: 2,
            body: CteBody::Query(Box::new(blank_query(Body::Core(Box::new(inner)), outputs))),
        }))
    }

    fn over_rows(&self, rows: &Rows, id: RangeId) -> From {
        From::Range(Box::new(Range {
            id,
            alias: "rows".to_owned(),
            columns: rows.columns.clone(),
            nullable: false,
            kind: RangeKind::Cte(rows.cte),
        }))
    }

    fn replace_windows(
        &mut self,
        expr: &mut Expr,
        windows: &[Window],
        rows: &Rows,
        kept: &mut Vec<Window>,
    ) -> Result<()> {
        let mut failed = Ok(());
        visit_mut(expr, &mut |part| {
            let ExprKind::Window { aggregate, window } = &mut part.kind else { return Descend::Into };
            let Some(spec) = windows.get(*window) else { return Descend::Over };
            if is_hard(spec) && reads_frame(aggregate) {
                match self.over_frame(aggregate, spec, part.ty, rows) {
                    Ok(value) => *part = value,
                    Err(error) => failed = Err(error),
                }
                return Descend::Over;
            }
            let mut spec = spec.clone();
            if is_hard(&spec) {
                // It does not look at its frame.
                spec.frame = None;
            }
            *window = kept.iter().position(|known| *known == spec).unwrap_or_else(|| {
                kept.push(spec);
                kept.len() - 1
            });
            Descend::Over
        });
        failed
    }

    /// The value over the rows of its frame.
    fn over_frame(&mut self, aggregate: &Aggregate, spec: &Window, ty: TypeRef, rows: &Rows) -> Result<Expr> {
        let there = self.new_range();
        let moved = |expr: &Expr| {
            let mut expr = expr.clone();
            visit_mut(&mut expr, &mut |part| {
                if let ExprKind::Column { range, .. } = &mut part.kind
                    && *range == rows.own
                {
                    *range = there;
                }
                Descend::Into
            });
            expr
        };
        let (Some(frame), [key]) = (&spec.frame, spec.order_by.as_slice()) else {
            return Err(DatabaseError::internal("a frame without a key"));
        };
        let mut tests = Vec::new();
        for partition in &spec.partition_by {
            tests.push(self.is_distinct(moved(partition), partition.clone(), true, 0)?);
        }
        tests.push(self.within_frame(frame, key, moved(&key.expr))?);
        let number = |range| Expr::new(ExprKind::Column { range, column: rows.number }, INT8);
        let other = self.operation(&operator_name("<>"), number(there), number(rows.own), 0)?;
        match frame.exclude {
            Some("CURRENT ROW") => tests.push(other),
            Some("GROUP") => tests.push(self.is_distinct(moved(&key.expr), key.expr.clone(), false, 0)?),
            Some("TIES") => {
                let apart = self.is_distinct(moved(&key.expr), key.expr.clone(), false, 0)?;
                let same = Expr::new(ExprKind::Not(Box::new(other)), BOOL);
                tests.push(Expr::any(vec![same, apart]));
            }
            _ => {}
        }
        let name = builtins().function_by_oid(aggregate.function).map_or("", |row| row.name);
        let mut core =
            Core { from: vec![self.over_rows(rows, there)], filter: Some(Expr::all(tests)), ..blank_core() };
        let backwards = name == "last_value";
        let keys = [
            SortExpr {
                expr: moved(&key.expr),
                descending: key.descending != backwards,
                nulls_first: key.nulls_first != backwards,
            },
            SortExpr { expr: number(there), descending: backwards, nulls_first: backwards },
        ];
        let outputs = vec![OutputColumn { name: "value".to_owned(), ty }];
        if !matches!(name, "first_value" | "last_value" | "nth_value") {
            let mut aggregate = aggregate.clone();
            aggregate.args.iter_mut().for_each(|arg| *arg = moved(arg));
            if let Some(filter) = &mut aggregate.filter {
                *filter = moved(filter);
            }
            if !matches!(name, "count" | "sum" | "avg" | "min" | "max") {
                aggregate.order_by = keys.to_vec();
            }
            let value = Expr::new(ExprKind::Aggregate(Box::new(aggregate)), ty);
            core.targets.push(Target { expr: value, name: "value".to_owned() });
            core.grouped = true;
            let query = blank_query(Body::Core(Box::new(core)), outputs);
            return Ok(Expr::new(ExprKind::Subquery(Box::new(query)), ty));
        }
        let value =
            aggregate.args.first().map(moved).ok_or_else(|| DatabaseError::internal("a value of nothing"))?;
        core.targets.push(Target { expr: value, name: "value".to_owned() });
        core.targets.extend(keys.iter().map(|key| Target { expr: key.expr.clone(), name: String::new() }));
        let order_by = keys.iter().enumerate().map(|(at, key)| Sort {
            target: at + 1,
            descending: key.descending,
            nulls_first: key.nulls_first,
        });
        let order_by = order_by.collect();
        let one = Expr::new(ExprKind::Constant(StoredValue::Integer(1)), INT8);
        let offset = match aggregate.args.get(1) {
            Some(Expr { kind: ExprKind::Constant(StoredValue::Integer(place)), .. }) if *place > 0 => {
                Some(Expr::new(ExprKind::Constant(StoredValue::Integer(place - 1)), INT8))
            }
            Some(_) => return Err(DatabaseError::unsupported("nth_value of this place over such a frame")),
            None => None,
        };
        let query =
            Query { order_by, limit: Some(one), offset, ..blank_query(Body::Core(Box::new(core)), outputs) };
        Ok(Expr::new(ExprKind::Subquery(Box::new(query)), ty))
    }

    /// Whether a row's key is within the frame of the current row.
    fn within_frame(&mut self, frame: &Frame, key: &SortExpr, there: Expr) -> Result<Expr> {
        let here = key.expr.clone();
        let before_all = frame.start == FrameBound::UnboundedPreceding;
        let after_all = frame.end == FrameBound::UnboundedFollowing;
        let is_null =
            |expr: &Expr| Expr::new(ExprKind::IsNull { expr: Box::new(expr.clone()), not: false }, BOOL);
        // NULLs are each other's peers, and beyond every offset.
        let (null_there, null_here) =
            if key.nulls_first { (before_all, after_all) } else { (after_all, before_all) };
        let mut limits = Vec::new();
        for (bound, starts) in [(&frame.start, true), (&frame.end, false)] {
            let (offset, sign) = match bound {
                FrameBound::UnboundedPreceding | FrameBound::UnboundedFollowing => continue,
                FrameBound::CurrentRow => (None, "+"),
                FrameBound::Preceding(offset) => (Some(offset), if key.descending { "+" } else { "-" }),
                FrameBound::Following(offset) => (Some(offset), if key.descending { "-" } else { "+" }),
            };
            let symbol = if starts != key.descending { ">=" } else { "<=" };
            let (mut left, mut right) = (there.clone(), here.clone());
            if let Some(offset) = offset {
                if self.base_oid(here.ty.oid) == oid::TIME {
                    // A time does not come round at midnight here.
                    left = self.coerce_type(left, plain(oid::INTERVAL), CastContext::Implicit)?;
                    right = self.coerce_type(right, plain(oid::INTERVAL), CastContext::Implicit)?;
                }
                right = self.operation(&operator_name(sign), right, offset.clone(), 0)?;
            }
            limits.push(self.operation(&operator_name(symbol), left, right, 0)?);
        }
        let case = |condition: Expr, then: Expr, otherwise: Expr| {
            let kind = ExprKind::Case {
                operand: None,
                arms: vec![(condition, then)],
                otherwise: Box::new(otherwise),
            };
            Expr::new(kind, BOOL)
        };
        let both_known = case(is_null(&there), Expr::boolean(null_there), Expr::all(limits));
        let current_null = case(is_null(&there), Expr::boolean(true), Expr::boolean(null_here));
        Ok(case(is_null(&here), current_null, both_known))
    }
}

/// Whether a function over a window looks at the frame.
fn reads_frame(aggregate: &Aggregate) -> bool {
    match builtins().function_by_oid(aggregate.function) {
        Some(row) if row.kind == BuiltinKind::Window => {
            matches!(row.name, "first_value" | "last_value" | "nth_value")
        }
        _ => true,
    }
}
