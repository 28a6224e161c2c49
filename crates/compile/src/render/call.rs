//! Calls of functions and operators.

use super::{Renderer, native};
use crate::bound::{Body, Conversion, Expr, ExprKind, Query};
use crate::mutant::{self, Mutant};
use crate::program::Bind;
use crate::storage;
use catalog::builtin::{BuiltinFunction, builtins};
use catalog::lookup::FunctionEntry;
use catalog::{Oid, TypeRef, Volatility};
use sqlstate::{DatabaseError, Result};

/// How many values a call may have: SQLite takes 1000 arguments.
pub(super) const VALUES_MAX: usize = 990;

impl Renderer<'_> {
    /// A call of a built-in function.
    pub(super) fn call(&mut self, function: Oid, args: &[Expr], expr: &Expr) -> Result<String> {
        let row = builtin(function)?;
        self.call_row(row, args, expr)
    }

    fn call_row(&mut self, row: &'static BuiltinFunction, args: &[Expr], expr: &Expr) -> Result<String> {
        match row.source {
            "now" => return Ok(self.bind(&Bind::Now)),
            "statement_timestamp" => return Ok(self.bind(&Bind::StatementTime)),
            "current_user" => return Ok(self.bind(&Bind::CurrentUser)),
            "session_user" => return Ok(self.bind(&Bind::SessionUser)),
            "pg_trigger_depth" => return Ok(self.bind(&Bind::TriggerDepth)),
            _ => {}
        }
        if let Some((Expr { kind: ExprKind::Convert { expr: array, by: Conversion::Spread }, .. }, first)) =
            args.split_last()
        {
            let mut args = first.to_vec();
            args.push(Expr::clone(array));
            return self.typed_call("variadic", &args, expr.ty, &[storage::quote_text(row.source)]);
        }
        if let [arg] = args
            && native::IDENTITIES.contains(&row.source)
        {
            return self.expr(arg);
        }
        if let [arg] = args
            && let Some(sql) = self.json_of_row(row.source, arg)?
        {
            return Ok(sql);
        }
        if let ("row_to_json_pretty", [arg, pretty]) = (row.source, args)
            && let Some(columns) = self.shaped(arg)?
        {
            return Ok(format!("pg_row_to_json_pretty_shape({}, {columns})", self.expr(pretty)?));
        }
        if crate::system::is_function(row.source) {
            let role = self.bind(&Bind::CurrentUser);
            let separator = if args.is_empty() { "" } else { ", " };
            let args = self.list(args)?;
            return Ok(format!("pg_system('{}', {role}{separator}{args})", row.source));
        }
        if native::SEQUENCE_FUNCTIONS.contains(&row.source) {
            return Ok(format!("pg_{}({})", row.source, self.list(args)?));
        }
        if native::LOOKUP_FUNCTIONS.contains(&row.source) {
            let list = self.list(args)?;
            let role = self.bind(&Bind::CurrentUser);
            return Ok(format!("pg_{}({list}, {role})", row.source));
        }
        if let ([left, right], Some(symbol)) = (args, native::comparison(row.source)) {
            return self.compare(symbol, left, right);
        }
        let fault = match row.source {
            "int4pl" | "int8pl" if mutant::is(Mutant::OverflowUnchecked) => Some("+"),
            "int4div" if mutant::is(Mutant::DivisionOfFractions) => Some("* 1.0 /"),
            _ => None,
        };
        if let ([left, right], Some(symbol)) = (args, fault) {
            return Ok(format!("({} {symbol} {})", self.expr(left)?, self.expr(right)?));
        }
        match datum::function(row.source) {
            Some(code) if code.typed => self.typed_call(row.source, args, expr.ty, &[]),
            Some(_) => Ok(format!("pg_{}({})", row.source, self.list(args)?)),
            None => Err(DatabaseError::unsupported(format_args!("function {}", row.name)).at(expr.position)),
        }
    }

    /// `row_to_json(t)` and kin of a record: its columns, with their names and types as a constant.
    fn json_of_row(&mut self, source: &str, arg: &Expr) -> Result<Option<String>> {
        let name = match source {
            "row_to_json" | "to_json" => "row_to_json_shape",
            "to_jsonb" => "to_jsonb_shape",
            _ => return Ok(None),
        };
        if let ExprKind::Subquery(query) = &arg.kind
            && let Body::Core(core) = &query.body
            && core.distinct.is_none()
            && let Some(target) = core.targets.first()
            && matches!(target.expr.kind, ExprKind::WholeRow(_) | ExprKind::Row { .. })
        {
            // The row of a sub-query becomes JSON within it, where its columns are in sight.
            let mut query = Query::clone(query);
            let result =
                builtins().functions_named(source).first().map_or(datum::oid::JSON, |row| row.result);
            let ty = TypeRef { oid: result, modifier: -1 };
            if let (Body::Core(core), Some(function)) =
                (&mut query.body, builtins().functions_named(source).first())
                && let Some(target) = core.targets.first_mut()
            {
                let row = std::mem::replace(&mut target.expr, Expr::null(ty));
                target.expr = Expr::new(ExprKind::Call { function: function.oid, args: vec![row] }, ty);
            }
            if let Some(column) = query.columns.first_mut() {
                column.ty = ty;
            }
            return self.scalar_subquery(&query).map(Some);
        }
        let here = match arg.kind {
            ExprKind::WholeRow(range) => self.presence(range)?,
            _ => None,
        };
        Ok(self.shaped(arg)?.map(|columns| {
            let call = format!("pg_{name}({columns})");
            match here {
                Some(here) => format!("(CASE WHEN {here} IS NOT NULL THEN {call} END)"),
                None => call,
            }
        }))
    }

    /// A record as its shape and its columns; `None` for what is no record with columns in sight.
    pub(super) fn shaped(&mut self, arg: &Expr) -> Result<Option<String>> {
        let (names, fields): (Vec<String>, Vec<Expr>) = match &arg.kind {
            ExprKind::WholeRow(range) => {
                let fields = self.whole_row_fields(*range, arg)?;
                let shape = self.shapes.get(range);
                let names =
                    shape.map(|shape| shape.columns.iter().map(|column| column.name.clone()).collect());
                (names.unwrap_or_default(), fields)
            }
            ExprKind::Row { fields, names } => (names.clone(), fields.clone()),
            _ => return Ok(None),
        };
        let mut shape = String::from("[");
        for (at, field) in fields.iter().enumerate() {
            let generated = format!("f{}", at + 1);
            let name = names.get(at).unwrap_or(&generated);
            let separator = if at > 0 { "," } else { "" };
            let ty = field.ty;
            shape.push_str(&format!("{separator}[{},{},{}]", json_text(name), ty.oid, ty.modifier));
        }
        shape.push(']');
        let mut sql = storage::quote_text(&shape);
        if let ExprKind::WholeRow(range) = arg.kind
            && let Some(here) = self.presence(range)?
        {
            sql = format!("CASE WHEN {here} IS NOT NULL THEN {sql} END");
        }
        for field in &fields {
            sql.push_str(", ");
            sql.push_str(&self.expr(field)?);
        }
        Ok(Some(sql))
    }

    /// A call of one of datum's typed functions: the types of arguments and result come first.
    pub(super) fn typed_call(
        &mut self,
        name: &str,
        args: &[Expr],
        ty: TypeRef,
        more: &[String],
    ) -> Result<String> {
        if datum::function(name).is_none() {
            return Err(DatabaseError::unsupported(format_args!("{name} of these types")));
        }
        if args.len() + more.len() > VALUES_MAX {
            return Err(DatabaseError::unsupported(format_args!("{name} of so many values")));
        }
        let mut sql = format!("pg_{name}('{}'", signature(args, ty));
        for arg in args {
            sql.push_str(", ");
            sql.push_str(&self.expr(arg)?);
        }
        for text in more {
            sql.push_str(", ");
            sql.push_str(text);
        }
        sql.push(')');
        Ok(sql)
    }

    /// An operator.
    pub(super) fn operator(&mut self, operator: Oid, args: &[Expr], expr: &Expr) -> Result<String> {
        let row = operator_function(operator)?;
        if let [left, right] = args {
            if let Some(symbol) = native::comparison(row.source) {
                return self.compare(symbol, left, right);
            }
            if row.source == "textcat" {
                return Ok(format!("({} || {})", self.expr(left)?, self.expr(right)?));
            }
        }
        self.call_row(row, args, expr)
    }

    /// A comparison of stored forms under the collation of their type.
    fn compare(&mut self, symbol: &str, left: &Expr, right: &Expr) -> Result<String> {
        let (left, right) = self.compared(left, right)?;
        Ok(format!("({left} {symbol} {right})"))
    }

    /// Both sides of a comparison, the right one under the collation of their type. SQLite asks the left one first: where a
    /// COLLATE stands within it, it gets its own.
    fn compared(&mut self, left: &Expr, right: &Expr) -> Result<(String, String)> {
        let (left_sql, right_sql) = (self.expr(left)?, self.expr(right)?);
        let left_sql =
            if left_sql.contains(" COLLATE ") { self.collated(left_sql, left.ty) } else { left_sql };
        Ok((left_sql, self.collated(right_sql, left.ty)))
    }

    /// `left operator right` as a condition.
    pub(super) fn comparison(&mut self, operator: Oid, left: &Expr, right: &Expr) -> Result<String> {
        let ty = TypeRef { oid: datum::oid::BOOL, modifier: -1 };
        let pair = [left.clone(), right.clone()];
        self.operator(operator, &pair, &Expr::new(ExprKind::Default, ty))
    }

    /// IS [NOT] DISTINCT FROM.
    pub(super) fn is_distinct(
        &mut self,
        operator: Oid,
        left: &Expr,
        right: &Expr,
        not: bool,
    ) -> Result<String> {
        let row = operator_function(operator)?;
        if native::comparison(row.source) == Some("=") {
            let word = match not {
                true if mutant::is(Mutant::DistinctAsUnequal) => "=",
                false if mutant::is(Mutant::DistinctAsUnequal) => "<>",
                true => "IS",
                false => "IS NOT",
            };
            let (left, right) = self.compared(left, right)?;
            return Ok(format!("({left} {word} {right})"));
        }
        let equal = self.comparison(operator, left, right)?;
        let (left, right) = (self.expr(left)?, self.expr(right)?);
        let same = format!(
            "(CASE WHEN {left} IS NULL OR {right} IS NULL THEN {left} IS NULL AND {right} IS NULL ELSE {equal} END)"
        );
        Ok(if not { same } else { format!("(NOT {same})") })
    }

    /// `(a, b) < (c, d)`.
    pub(super) fn row_compare(&mut self, operators: &[Oid], left: &[Expr], right: &[Expr]) -> Result<String> {
        let mut symbol = None;
        let mut native = left.iter().all(|expr| self.collation(expr.ty).is_none());
        for operator in operators {
            symbol = native::comparison(operator_function(*operator)?.source);
            native &= symbol.is_some();
        }
        if let (true, Some(symbol)) = (native, symbol) {
            return Ok(format!("(({}) {symbol} ({}))", self.list(left)?, self.list(right)?));
        }
        self.compare_in_turn(operators, left, right)
    }

    /// Rows compared field by field, as PostgreSQL does: the first pair that differs or is unknown decides.
    fn compare_in_turn(&mut self, operators: &[Oid], left: &[Expr], right: &[Expr]) -> Result<String> {
        let mut sql = String::new();
        let last = operators.len().saturating_sub(1);
        for (at, operator) in operators.iter().enumerate() {
            let (left, right) = (
                left.get(at).ok_or_else(|| DatabaseError::internal("a row that is too short"))?,
                right.get(at).ok_or_else(|| DatabaseError::internal("a row that is too short"))?,
            );
            let test = self.comparison(*operator, left, right)?;
            if at == last {
                sql.push_str(&test);
                continue;
            }
            let row = builtins().operator_by_oid(*operator);
            let equal = row.and_then(|row| {
                let mut named = builtins().operators_named("=").iter();
                named.find(|other| other.left == row.left && other.right == row.right)
            });
            let Some(equal) = equal else {
                return Err(DatabaseError::unsupported("this comparison of rows"));
            };
            let equal = self.comparison(equal.oid, left, right)?;
            sql.push_str(&format!("(CASE {equal} WHEN 0 THEN {test} WHEN 1 THEN "));
        }
        sql.push_str(&" END)".repeat(last));
        Ok(sql)
    }

    /// Whether an expression is the same for all rows and dear enough to be evaluated just once.
    pub(super) fn is_worth_hoisting(&self, expr: &Expr) -> bool {
        fn survey(renderer: &Renderer<'_>, expr: &Expr, calls: &mut bool) -> bool {
            let volatility = |oid: Oid| match renderer.catalog.function_entry(oid) {
                Some(FunctionEntry::Builtin(row)) => row.volatility,
                Some(FunctionEntry::User(row)) => row.volatility,
                None => Volatility::Volatile,
            };
            match &expr.kind {
                ExprKind::Column { .. }
                | ExprKind::WholeRow(_)
                | ExprKind::RowId(_)
                | ExprKind::CaseOperand
                | ExprKind::SubqueryColumn(_)
                | ExprKind::Aggregate(_)
                | ExprKind::Window { .. }
                | ExprKind::Grouping(_)
                | ExprKind::SetCall { .. }
                | ExprKind::Default
                // Sub-queries that read nothing outside are evaluated once anyway.
                | ExprKind::Exists(_)
                | ExprKind::Subquery(_)
                | ExprKind::ArraySubquery(_)
                | ExprKind::AnySubquery { .. } => return false,
                ExprKind::Call { function, .. } => {
                    if volatility(*function) == Volatility::Volatile {
                        return false;
                    }
                    *calls |= !matches!(builtin(*function).map(|row| row.source), Ok("now"));
                }
                ExprKind::Operator { operator, .. } => {
                    let Ok(row) = operator_function(*operator) else { return false };
                    if row.volatility == Volatility::Volatile {
                        return false;
                    }
                    *calls |= native::comparison(row.source).is_none();
                }
                ExprKind::Convert { by, .. } => *calls |= !matches!(by, Conversion::Relabel),
                _ => {}
            }
            let mut fixed = true;
            crate::walk::parts(expr, &mut |part| fixed = fixed && survey(renderer, part, calls));
            fixed
        }
        let mut calls = false;
        survey(self, expr, &mut calls) && calls
    }
}

/// The row of a built-in function; a function of the user's own was expanded before.
pub(super) fn builtin(function: Oid) -> Result<&'static BuiltinFunction> {
    let row = builtins().function_by_oid(function);
    row.ok_or_else(|| DatabaseError::internal(format_args!("function {function} was not expanded")))
}

/// The function behind an operator.
pub(super) fn operator_function(operator: Oid) -> Result<&'static BuiltinFunction> {
    let row = builtins().operator_by_oid(operator);
    row.ok_or_else(|| DatabaseError::internal(format_args!("no operator {operator}")))
        .and_then(|row| builtin(row.function))
}

/// The types of the arguments, then the result's.
pub(crate) fn signature(args: &[Expr], ty: TypeRef) -> String {
    let oids = args.iter().map(|arg| arg.ty.oid).chain([ty.oid]);
    oids.map(|oid| oid.to_string()).collect::<Vec<_>>().join(",")
}

/// A text as a JSON string.
pub(super) fn json_text(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if c < ' ' => out.push_str(&format!("\\u{:04x}", c as u32)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
