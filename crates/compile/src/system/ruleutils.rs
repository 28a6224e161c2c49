//! Analysed expressions and queries as PostgreSQL writes them (ruleutils.c): every operation in parentheses, conversions shown
//! where PostgreSQL shows them, sub-queries on lines of their own.

mod call;
mod forms;
mod own;
mod query;

use super::Viewer;
use crate::analysis::Folding;
use crate::bound::{Expr, ExprKind, RangeId, Subscript};
use crate::program::Bind;
use catalog::lookup::{is_object_type, quote_identifier};
use catalog::{Oid, Relation, TypeRef};
use datum::{StoredValue, oid};
use forms::{Form, Forms};
use own::Own;
pub(super) use own::trigger_condition;
use sqlstate::{DatabaseError, Result};
use std::collections::HashMap;

/// What a range is called, and its columns.
struct Named {
    alias: String,
    columns: Vec<String>,
}

/// The state of writing one definition.
pub(super) struct Writer<'w, 'a> {
    viewer: &'w Viewer<'a>,
    forms: Forms,
    own: Own<'w>,
    ranges: HashMap<RangeId, Named>,
    /// Columns are written with the name of their range.
    prefix: bool,
    indent: usize,
    out: String,
}

/// Whether an implicit conversion is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Implicit {
    Shown,
    Hidden,
}

/// An expression over a table's row, as pg_get_expr writes it.
pub(super) fn expression(
    viewer: &Viewer<'_>,
    table: Option<&Relation>,
    text: &syntax::ast::Expr,
    expr: &Expr,
) -> Result<String> {
    let mut writer = Writer::new(viewer, Forms::of_expression(text), table.map_or(Own::Nothing, Own::Row));
    // A definition that is a conversion as a whole has it written when the user wrote it.
    let implicit = if forms::is_conversion(text) { Implicit::Shown } else { Implicit::Hidden };
    writer.expr(expr, implicit)?;
    Ok(writer.out)
}

/// A view's query as pg_get_viewdef writes it.
pub(super) fn view(
    viewer: &Viewer<'_>,
    text: &syntax::ast::Select,
    query: &crate::bound::Query,
    columns: &[String],
) -> Result<String> {
    let mut writer = Writer::new(viewer, Forms::of_query(text), Own::Nothing);
    writer.query(query, Some(columns))?;
    writer.out.push(';');
    Ok(writer.out)
}

fn unsupported(what: &str) -> DatabaseError {
    DatabaseError::unsupported(format_args!("writing down {what}"))
}

/// A text as a literal (simple_quote_literal).
pub(super) fn quote_literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

impl<'w, 'a> Writer<'w, 'a> {
    fn new(viewer: &'w Viewer<'a>, forms: Forms, own: Own<'w>) -> Writer<'w, 'a> {
        Writer { viewer, forms, own, ranges: HashMap::new(), prefix: false, indent: 0, out: String::new() }
    }

    fn push(&mut self, text: &str) {
        self.out.push_str(text);
    }

    /// appendContextKeyword: on a line of its own.
    fn keyword(&mut self, text: &str, before: isize, after: isize, plus: usize) {
        const LIMIT: usize = 40;
        self.indent = self.indent.saturating_add_signed(before);
        let kept = self.out.trim_end_matches(' ').len();
        self.out.truncate(kept);
        self.out.push('\n');
        let spaces = if self.indent < LIMIT {
            self.indent + plus
        } else {
            LIMIT + (self.indent - LIMIT) / 4 % LIMIT + plus
        };
        self.out.extend(std::iter::repeat_n(' ', spaces));
        self.out.push_str(text);
        self.indent = self.indent.saturating_add_signed(after);
    }

    fn type_name(&self, ty: TypeRef) -> String {
        self.viewer.catalog.format_type(&self.viewer.path, ty)
    }

    /// An expression, get_rule_expr.
    fn expr(&mut self, expr: &Expr, implicit: Implicit) -> Result<()> {
        if let Some(words) = self.forms.value_function(expr) {
            self.push(&words);
            return Ok(());
        }
        if let Some((left, right, not)) = self.distinct_own_rows(expr) {
            let (before, after) = if not { ("(NOT (", "))") } else { ("(", ")") };
            self.push(&format!("{before}{left} IS DISTINCT FROM {right}{after}"));
            return Ok(());
        }
        match &expr.kind {
            ExprKind::Constant(value) => match self.forms.at(expr.position) {
                Some(Form::Number(digits)) if own_type(&digits) != expr.ty.oid => {
                    self.converted_number(&digits, expr.ty)?;
                }
                _ => self.constant(value, expr.ty, true)?,
            },
            ExprKind::Bind(Bind::New(column)) => self.own_column(*column, "new")?,
            ExprKind::Bind(Bind::Old(column)) => self.own_column(*column, "old")?,
            ExprKind::Column { range, column } => self.column(*range, *column)?,
            ExprKind::CaseOperand => self.push("VALUE"),
            ExprKind::Call { function, args } => self.call(*function, args, expr, implicit)?,
            ExprKind::Operator { operator, args } => self.operator(*operator, args)?,
            ExprKind::And(args) => self.connected(args, " AND ")?,
            ExprKind::Or(args) => self.connected(args, " OR ")?,
            ExprKind::Not(inner) => {
                self.push("(NOT ");
                self.expr(inner, Implicit::Hidden)?;
                self.push(")");
            }
            ExprKind::IsNull { expr: inner, not } => {
                self.push("(");
                self.expr(inner, Implicit::Shown)?;
                self.push(if *not { " IS NOT NULL)" } else { " IS NULL)" });
            }
            ExprKind::IsBoolean { expr: inner, value, not } => {
                self.push("(");
                self.expr(inner, Implicit::Hidden)?;
                self.push(if *not { " IS NOT " } else { " IS " });
                self.push(match value {
                    Some(true) => "TRUE)",
                    Some(false) => "FALSE)",
                    None => "UNKNOWN)",
                });
            }
            ExprKind::IsDistinct { left, right, not, .. } => {
                self.push(if *not { "(NOT (" } else { "(" });
                self.expr(left, Implicit::Shown)?;
                self.push(" IS DISTINCT FROM ");
                self.expr(right, Implicit::Shown)?;
                self.push(if *not { "))" } else { ")" });
            }
            ExprKind::Case { operand, arms, otherwise } => self.case(operand.as_deref(), arms, otherwise)?,
            ExprKind::Coalesce(args) => self.list_call("COALESCE", args)?,
            ExprKind::Extreme { greatest, args } => {
                self.list_call(if *greatest { "GREATEST" } else { "LEAST" }, args)?;
            }
            ExprKind::NullIf { left, right, .. } => {
                self.push("NULLIF(");
                self.expr(left, Implicit::Shown)?;
                self.push(", ");
                self.expr(right, Implicit::Shown)?;
                self.push(")");
            }
            ExprKind::AnyArray { operator, all, left, array } => {
                self.push("(");
                self.expr(left, Implicit::Shown)?;
                let symbol = self.symbol(*operator)?;
                self.push(&format!(" {symbol} {} (", if *all { "ALL" } else { "ANY" }));
                match &array.kind {
                    ExprKind::Array(elements) if self.is_list_of_varchar(left, elements) => {
                        self.list_of_varchar(elements, array.ty)?;
                    }
                    _ => self.expr(array, Implicit::Shown)?,
                }
                if matches!(array.kind, ExprKind::Subquery(_)) {
                    let name = self.type_name(array.ty);
                    self.push(&format!("::{name}"));
                }
                self.push("))");
            }
            ExprKind::Array(elements) => {
                self.push("ARRAY[");
                self.args(elements)?;
                self.push("]");
                if elements.is_empty() {
                    let name = self.type_name(expr.ty);
                    self.push(&format!("::{name}"));
                }
            }
            ExprKind::Row { fields, .. } => match self.whole_own_row(fields) {
                Some(row) => self.push(row),
                None => self.list_call("ROW", fields)?,
            },
            ExprKind::Subscript { expr: inner, subscripts } => self.subscript(inner, subscripts)?,
            ExprKind::Convert { expr: inner, .. } => {
                if implicit == Implicit::Hidden {
                    return self.expr(inner, Implicit::Hidden);
                }
                self.conversion(inner, expr.ty)?;
            }
            ExprKind::Collate { expr: inner, collation } => {
                self.push("(");
                self.expr(inner, Implicit::Shown)?;
                self.push(&format!(" COLLATE {})", quote_identifier(collation)));
            }
            ExprKind::Exists(query) => {
                self.push("(EXISTS (");
                self.subquery(query)?;
                self.push("))");
            }
            ExprKind::Subquery(query) => {
                self.push("(");
                self.subquery(query)?;
                self.push(")");
            }
            ExprKind::ArraySubquery(query) => {
                self.push("ARRAY(");
                self.subquery(query)?;
                self.push(")");
            }
            ExprKind::AnySubquery { all, tests, query } => self.any_subquery(*all, tests, query)?,
            ExprKind::Aggregate(aggregate) => self.aggregate(aggregate)?,
            ExprKind::WholeRow(range) => match self.ranges.get(range) {
                Some(named) => {
                    let text = format!("{}.*", quote_identifier(&named.alias));
                    self.push(&text);
                }
                None => return Err(unsupported("a whole row")),
            },
            ExprKind::Parameter(_)
            | ExprKind::Bind(_)
            | ExprKind::RowId(_)
            | ExprKind::RowCompare { .. }
            | ExprKind::SubqueryColumn(_)
            | ExprKind::Field { .. }
            | ExprKind::Window { .. }
            | ExprKind::Grouping(_)
            | ExprKind::SetCall { .. }
            | ExprKind::AssignSubscript { .. }
            | ExprKind::Default => return Err(unsupported("an expression of this kind")),
        }
        Ok(())
    }

    /// A number that became one of another type: PostgreSQL keeps the conversion.
    fn converted_number(&mut self, digits: &str, ty: TypeRef) -> Result<()> {
        let own = TypeRef { oid: own_type(digits), modifier: -1 };
        let value = match own.oid {
            oid::NUMERIC => StoredValue::from(digits),
            _ => StoredValue::Integer(digits.parse().map_err(|_| unsupported("a number"))?),
        };
        self.push("(");
        self.constant(&value, own, true)?;
        let name = self.type_name(ty);
        self.push(&format!(")::{name}"));
        Ok(())
    }

    /// Whether this is `varchar IN ('a', 'b')`: PostgreSQL makes an array of varchar and converts that.
    fn is_list_of_varchar(&self, left: &Expr, elements: &[Expr]) -> bool {
        let converted = matches!(&left.kind, ExprKind::Convert { expr, .. } if expr.ty.oid == oid::VARCHAR);
        converted
            && left.ty.oid == oid::TEXT
            && self.forms.at(left.position) != Some(Form::Literal)
            && elements.iter().all(|element| {
                matches!(element.kind, ExprKind::Constant(_))
                    && self.forms.at(element.position) == Some(Form::Literal)
            })
    }

    fn list_of_varchar(&mut self, elements: &[Expr], ty: TypeRef) -> Result<()> {
        self.push("(ARRAY[");
        for (at, element) in elements.iter().enumerate() {
            if at > 0 {
                self.push(", ");
            }
            if let ExprKind::Constant(value) = &element.kind {
                self.constant(value, TypeRef { oid: oid::VARCHAR, modifier: -1 }, true)?;
            }
        }
        let name = self.type_name(ty);
        self.push(&format!("])::{name}"));
        Ok(())
    }

    fn column(&mut self, range: RangeId, column: usize) -> Result<()> {
        let named = self.ranges.get(&range).ok_or_else(|| unsupported("a column of an unknown range"))?;
        let name = named.columns.get(column).ok_or_else(|| unsupported("a column that is gone"))?;
        let text = if self.prefix {
            format!("{}.{}", quote_identifier(&named.alias), quote_identifier(name))
        } else {
            quote_identifier(name)
        };
        self.push(&text);
        Ok(())
    }

    /// get_const_expr
    fn constant(&mut self, value: &StoredValue, ty: TypeRef, label: bool) -> Result<()> {
        let name = self.type_name(ty);
        if value.is_null() {
            self.push("NULL");
            if label && ty.oid != oid::UNKNOWN {
                self.push(&format!("::{name}"));
            }
            return Ok(());
        }
        let viewer = self.viewer;
        let text = match value {
            StoredValue::Integer(object) if is_object_type(ty.oid) => {
                viewer.catalog.object_output(&viewer.path, ty.oid, Oid::try_from(*object).unwrap_or(0))
            }
            value => {
                let mut text = String::new();
                let context = Folding::new(viewer.catalog, &viewer.path);
                datum::output(ty.oid, ty.modifier, value.borrow(), &context, &mut text)?;
                text
            }
        };
        let negative = text.starts_with('-');
        let needs_label = match ty.oid {
            oid::BOOL => {
                self.push(if text == "t" { "true" } else { "false" });
                return Ok(());
            }
            oid::INT4 if !negative => {
                self.push(&text);
                false
            }
            oid::NUMERIC
                if text.starts_with(|first: char| first.is_ascii_digit())
                    && text.contains(['e', 'E', '.']) =>
            {
                self.push(&text);
                ty.modifier >= 0
            }
            _ => {
                self.push(&quote_literal(&text));
                ty.oid != oid::UNKNOWN
            }
        };
        if label && needs_label {
            self.push(&format!("::{name}"));
        }
        Ok(())
    }

    /// get_coercion_expr
    fn conversion(&mut self, inner: &Expr, ty: TypeRef) -> Result<()> {
        match &inner.kind {
            ExprKind::Constant(value)
                if inner.ty.oid == ty.oid && inner.ty.modifier == -1 && !value.is_null() =>
            {
                self.constant(value, inner.ty, false)?;
            }
            _ => {
                self.push("(");
                self.expr(inner, Implicit::Hidden)?;
                self.push(")");
            }
        }
        let name = self.type_name(ty);
        self.push(&format!("::{name}"));
        Ok(())
    }

    fn case(&mut self, operand: Option<&Expr>, arms: &[(Expr, Expr)], otherwise: &Expr) -> Result<()> {
        self.keyword("CASE", 0, 4, 0);
        if let Some(operand) = operand {
            self.push(" ");
            self.expr(operand, Implicit::Shown)?;
        }
        for (condition, result) in arms {
            self.keyword("WHEN ", 0, 0, 0);
            match (operand, &condition.kind) {
                (Some(_), ExprKind::Operator { args, .. }) if args.len() == 2 => {
                    self.expr(&args[1], Implicit::Hidden)?;
                }
                (Some(_), _) => return Err(unsupported("a CASE of this kind")),
                (None, _) => self.expr(condition, Implicit::Hidden)?,
            }
            self.push(" THEN ");
            self.expr(result, Implicit::Shown)?;
        }
        self.keyword("ELSE ", 0, 0, 0);
        self.expr(otherwise, Implicit::Shown)?;
        self.keyword("END", -4, 0, 0);
        Ok(())
    }

    fn subscript(&mut self, inner: &Expr, subscripts: &[Subscript]) -> Result<()> {
        let plain = matches!(inner.kind, ExprKind::Column { .. } | ExprKind::Bind(_));
        if plain {
            self.expr(inner, Implicit::Shown)?;
        } else {
            self.push("(");
            self.expr(inner, Implicit::Shown)?;
            self.push(")");
        }
        for subscript in subscripts {
            self.push("[");
            match subscript {
                Subscript::Index(at) => self.expr(at, Implicit::Hidden)?,
                Subscript::Slice(lower, upper) => {
                    if let Some(lower) = lower {
                        self.expr(lower, Implicit::Hidden)?;
                    }
                    self.push(":");
                    if let Some(upper) = upper {
                        self.expr(upper, Implicit::Hidden)?;
                    }
                }
            }
            self.push("]");
        }
        Ok(())
    }

    fn any_subquery(
        &mut self,
        all: bool,
        tests: &[crate::bound::SubqueryTest],
        query: &crate::bound::Query,
    ) -> Result<()> {
        let first = tests.first().ok_or_else(|| unsupported("a comparison of nothing"))?;
        let symbol = self.symbol(first.operator)?;
        // NOT IN is analysed as <> ALL.
        let not_in = all && symbol == "<>";
        self.push(if not_in { "(NOT (" } else { "(" });
        if let [test] = tests {
            self.expr(&test.left, Implicit::Shown)?;
        } else {
            self.push("(");
            for (at, test) in tests.iter().enumerate() {
                if at > 0 {
                    self.push(", ");
                }
                self.expr(&test.left, Implicit::Shown)?;
            }
            self.push(")");
        }
        match (all, symbol.as_str()) {
            (true, "<>") | (false, "=") => self.push(" IN ("),
            (true, symbol) => self.push(&format!(" {symbol} ALL (")),
            (false, symbol) => self.push(&format!(" {symbol} ANY (")),
        }
        self.subquery(query)?;
        self.push(if not_in { ")))" } else { "))" });
        Ok(())
    }
}

/// The type that a number has as it is written.
fn own_type(digits: &str) -> Oid {
    match digits.parse::<i64>() {
        Ok(number) if i32::try_from(number).is_ok() => oid::INT4,
        Ok(_) => oid::INT8,
        Err(_) => oid::NUMERIC,
    }
}
