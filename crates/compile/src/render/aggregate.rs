//! Aggregates and window functions.

use super::{Renderer, native};
use crate::bound::{Aggregate, Expr, ExprKind, Frame, FrameBound, SortExpr, Window};
use crate::mutant::{self, Mutant};
use catalog::TypeRef;
use catalog::builtin::{AggregateKind, BuiltinFunction, BuiltinKind};
use sqlstate::{DatabaseError, Result};

impl Renderer<'_> {
    /// An aggregate.
    pub(super) fn aggregate(&mut self, aggregate: &Aggregate, ty: TypeRef) -> Result<String> {
        let mut sql = self.aggregate_call(aggregate, ty)?;
        if let Some(filter) = &aggregate.filter {
            sql.push_str(&format!(" FILTER (WHERE {})", self.condition(filter)?));
        }
        Ok(sql)
    }

    fn aggregate_call(&mut self, aggregate: &Aggregate, ty: TypeRef) -> Result<String> {
        let row = super::call::builtin(aggregate.function)?;
        let (name, args) = self.aggregate_name(row, aggregate, ty)?;
        if aggregate.distinct && args.len() != 1 {
            return self.distinct_aggregate(row, aggregate, &name, &args);
        }
        // SQLite has no order for `*`.
        let ordered = !aggregate.order_by.is_empty() && !is_ordered_set(row);
        let args = if ordered && args == ["*"] { vec!["1".to_owned()] } else { args };
        let mut sql = format!("{name}(");
        if aggregate.distinct {
            sql.push_str("DISTINCT ");
        }
        sql.push_str(&args.join(", "));
        if ordered {
            sql.push_str(&format!(" ORDER BY {}", self.sort_exprs(&aggregate.order_by)?));
        }
        sql.push(')');
        Ok(sql)
    }

    /// DISTINCT where SQLite has none, of several arguments: the engine's own sorts the first one's values, leaves out what is equal,
    /// and hands on the rest.
    fn distinct_aggregate(
        &mut self,
        row: &'static BuiltinFunction,
        aggregate: &Aggregate,
        name: &str,
        args: &[String],
    ) -> Result<String> {
        let constant = |arg: &Expr| matches!(arg.kind, ExprKind::Constant(_) | ExprKind::Parameter(_));
        let known = datum::aggregate_named(row.source).is_some() && name == format!("pg_{}", row.source);
        let [first, rest @ ..] = aggregate.args.as_slice() else {
            return Err(DatabaseError::internal("DISTINCT of nothing"));
        };
        if !known || !rest.iter().all(constant) {
            return Err(DatabaseError::unsupported(format_args!(
                "{}(DISTINCT …) of these arguments",
                row.name
            )));
        }
        let sort = aggregate.order_by.iter().find(|sort| sort.expr == *first);
        let descending = sort.is_some_and(|sort| sort.descending);
        let nulls_first = sort.is_some_and(|sort| sort.nulls_first);
        let collation = self.collation(first.ty).unwrap_or_default();
        let place = args.len() - aggregate.args.len();
        let order = format!("'{collation},{},{},{place}'", u8::from(descending), u8::from(nulls_first));
        Ok(format!("{name}_distinct({order}, {})", args.join(", ")))
    }

    /// The function's name in SQLite and its arguments.
    fn aggregate_name(
        &mut self,
        row: &'static BuiltinFunction,
        aggregate: &Aggregate,
        ty: TypeRef,
    ) -> Result<(String, Vec<String>)> {
        let args = &aggregate.args;
        let first_collate = args.first().map_or_else(String::new, |arg| self.collate(arg.ty));
        let native_order =
            args.first().is_some_and(|arg| !matches!(arg.kind, ExprKind::WholeRow(_) | ExprKind::Row { .. }));
        match row.name {
            "count" if args.is_empty() => return Ok(("count".to_owned(), vec!["*".to_owned()])),
            "count" => {
                if let ExprKind::WholeRow(range) = args[0].kind
                    && !aggregate.distinct
                {
                    let here = self.presence(range)?.unwrap_or_else(|| "*".to_owned());
                    return Ok(("count".to_owned(), vec![here]));
                }
                let sql = self.expr(&args[0])?;
                let sql = if aggregate.distinct { self.collated(sql, args[0].ty) } else { sql };
                return Ok(("count".to_owned(), vec![sql]));
            }
            // An array's stored text does not sort as the array.
            // Of values that are equal and print apart PostgreSQL gives the last, SQLite the first.
            "min" | "max"
                if native_order
                    && self.catalog.element_type(args[0].ty.oid).is_none()
                    && (first_collate.is_empty() || datum::aggregate_named(row.source).is_none()) =>
            {
                let sql = self.expr(&args[0])?;
                return Ok((row.name.to_owned(), vec![self.collated(sql, args[0].ty)]));
            }
            "json_agg" | "jsonb_agg" => {
                if let Some(columns) = self.shaped(&args[0])? {
                    let name = format!("{}_shape", row.name);
                    if datum::aggregate_named(&name).is_none() {
                        return Err(DatabaseError::unsupported(format_args!("{} of rows", row.name)));
                    }
                    return Ok((format!("pg_{name}"), vec![columns]));
                }
            }
            _ => {}
        }
        let refused = || DatabaseError::unsupported(format_args!("aggregate {}", row.name));
        let code = datum::aggregate_named(row.source).ok_or_else(refused)?;
        let mut list = Vec::new();
        let mut all: Vec<Expr> = aggregate.direct.clone();
        all.extend(args.iter().cloned());
        if is_ordered_set(row) {
            all.extend(aggregate.order_by.iter().map(|sort| sort.expr.clone()));
        }
        if code.typed {
            list.push(format!("'{}'", super::call::signature(&all, ty)));
        }
        for (at, arg) in all.iter().enumerate() {
            let sql = self.expr(arg)?;
            list.push(if aggregate.distinct && at == 0 { self.collated(sql, arg.ty) } else { sql });
        }
        if is_ordered_set(row) {
            let letters = aggregate.order_by.iter().map(|sort| match (sort.descending, sort.nulls_first) {
                (false, false) => "al",
                (false, true) => "af",
                (true, false) => "dl",
                (true, true) => "df",
            });
            list.push(format!("'{}'", letters.collect::<String>()));
        }
        Ok((format!("pg_{}", row.source), list))
    }

    pub(super) fn sort_exprs(&mut self, sorts: &[SortExpr]) -> Result<String> {
        let mut texts = Vec::new();
        for sort in sorts {
            let sql = self.expr(&sort.expr)?;
            texts.push(self.order(sql, &sort.expr, sort.descending, sort.nulls_first));
        }
        Ok(texts.join(", "))
    }

    /// A sort key: collation, direction, and where NULLs come when SQLite would put them elsewhere.
    pub(super) fn order(&self, sql: String, expr: &Expr, descending: bool, nulls_first: bool) -> String {
        let mut text = self.collated(sql, expr.ty);
        if descending {
            text.push_str(" DESC");
        }
        // SQLite sorts NULL below everything.
        if nulls_first == descending && !self.is_never_null(expr) && !mutant::is(Mutant::NullsFirst) {
            text.push_str(if nulls_first { " NULLS FIRST" } else { " NULLS LAST" });
        }
        text
    }

    fn is_never_null(&self, expr: &Expr) -> bool {
        match &expr.kind {
            ExprKind::Column { range, column } => self.shapes.get(range).is_some_and(|shape| {
                !shape.nullable && shape.columns.get(*column).is_some_and(|column| column.not_null)
            }),
            ExprKind::RowId(_) => true,
            ExprKind::Constant(value) => *value != datum::StoredValue::Null,
            ExprKind::Aggregate(aggregate) => {
                super::call::builtin(aggregate.function).is_ok_and(|row| row.name == "count")
            }
            _ => false,
        }
    }

    /// A window function, or an aggregate over a window.
    pub(super) fn window(&mut self, aggregate: &Aggregate, window: usize, ty: TypeRef) -> Result<String> {
        let row = super::call::builtin(aggregate.function)?;
        let call = if native::WINDOW_FUNCTIONS.contains(&row.name) {
            self.window_call(row, &aggregate.args)?
        } else {
            self.aggregate_call(aggregate, ty)?
        };
        let filter = match &aggregate.filter {
            Some(filter) => format!(" FILTER (WHERE {})", self.condition(filter)?),
            None => String::new(),
        };
        let windows = self.windows.clone();
        let spec = windows
            .last()
            .and_then(|windows| windows.get(window))
            .ok_or_else(|| DatabaseError::internal("no window"))?;
        Ok(format!("{call}{filter} OVER ({})", self.window_spec(spec)?))
    }

    /// A window function of SQLite's; what its numbers may be is PostgreSQL's.
    fn window_call(&mut self, row: &'static BuiltinFunction, args: &[Expr]) -> Result<String> {
        let mut texts = Vec::with_capacity(args.len());
        for (at, arg) in args.iter().enumerate() {
            let sql = self.expr(arg)?;
            let code = match (row.name, at) {
                ("ntile", 0) => "22014",
                ("nth_value", 1) => "22016",
                _ => {
                    texts.push(sql);
                    continue;
                }
            };
            if matches!(arg.kind, ExprKind::Constant(datum::StoredValue::Integer(number)) if number > 0) {
                texts.push(sql);
                continue;
            }
            if matches!(arg.kind, ExprKind::Constant(datum::StoredValue::Null)) {
                // Of NULL both are NULL.
                return Ok("max(NULL)".to_owned());
            }
            let message = format!("argument of {} must be greater than zero", row.name);
            texts.push(format!("(CASE WHEN {sql} <= 0 THEN pg_fail('{code}', '{message}') ELSE {sql} END)"));
        }
        Ok(format!("{}({})", row.name, texts.join(", ")))
    }

    fn window_spec(&mut self, window: &Window) -> Result<String> {
        let mut parts = Vec::new();
        if !window.partition_by.is_empty() {
            let mut keys = Vec::new();
            for key in &window.partition_by {
                let sql = self.expr(key)?;
                keys.push(self.collated(sql, key.ty));
            }
            parts.push(format!("PARTITION BY {}", keys.join(", ")));
        }
        if !window.order_by.is_empty() {
            parts.push(format!("ORDER BY {}", self.sort_exprs(&window.order_by)?));
        }
        if let Some(frame) = &window.frame {
            parts.push(self.frame(frame)?);
        }
        Ok(parts.join(" "))
    }

    fn frame(&mut self, frame: &Frame) -> Result<String> {
        let start = self.frame_bound(&frame.start)?;
        let end = self.frame_bound(&frame.end)?;
        let exclude = frame.exclude.map_or_else(String::new, |what| format!(" EXCLUDE {what}"));
        Ok(format!("{} BETWEEN {start} AND {end}{exclude}", frame.unit))
    }

    fn frame_bound(&mut self, bound: &FrameBound) -> Result<String> {
        Ok(match bound {
            FrameBound::UnboundedPreceding => "UNBOUNDED PRECEDING".to_owned(),
            FrameBound::Preceding(expr) => format!("{} PRECEDING", self.expr(expr)?),
            FrameBound::CurrentRow => "CURRENT ROW".to_owned(),
            FrameBound::Following(expr) => format!("{} FOLLOWING", self.expr(expr)?),
            FrameBound::UnboundedFollowing => "UNBOUNDED FOLLOWING".to_owned(),
        })
    }
}

/// Whether the values that are sorted by are what it works on: WITHIN GROUP.
fn is_ordered_set(row: &BuiltinFunction) -> bool {
    matches!(
        row.kind,
        BuiltinKind::Aggregate(AggregateKind::OrderedSet(_) | AggregateKind::HypotheticalSet(_))
    )
}
