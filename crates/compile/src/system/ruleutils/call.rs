//! Calls of functions, operators and aggregates.

use super::forms::Form;
use super::{Implicit, Writer, unsupported};
use crate::bound::{Aggregate, Expr, ExprKind};
use catalog::builtin::builtins;
use catalog::lookup::{FunctionEntry, quote_identifier};
use catalog::{Oid, TypeRef};
use datum::{StoredValue, oid};
use sqlstate::Result;

impl Writer<'_, '_> {
    pub(super) fn call(
        &mut self,
        function: Oid,
        args: &[Expr],
        expr: &Expr,
        implicit: Implicit,
    ) -> Result<()> {
        let form = self.forms.at(expr.position);
        let written = matches!(form, Some(Form::Call { .. } | Form::AtTimeZone | Form::Extract));
        if let Some(first) = args.first()
            && !(written && self.forms.calls(expr.position, self.name_of(function)))
            && is_cast(function, first.ty.oid, expr.ty.oid)
        {
            if implicit == Implicit::Hidden {
                return self.expr(first, Implicit::Hidden);
            }
            return self.conversion(first, length_coercion(args, expr.ty));
        }
        match (form, args) {
            (Some(Form::AtTimeZone), [zone, moment]) => {
                self.push("(");
                self.expr(moment, Implicit::Shown)?;
                self.push(" AT TIME ZONE ");
                self.expr(zone, Implicit::Shown)?;
                self.push(")");
                return Ok(());
            }
            (Some(Form::Extract), [field, from]) => {
                let ExprKind::Constant(StoredValue::Text(field)) = &field.kind else {
                    return Err(unsupported("EXTRACT of this"));
                };
                self.push(&format!("EXTRACT({field} FROM "));
                self.expr(from, Implicit::Shown)?;
                self.push(")");
                return Ok(());
            }
            _ => {}
        }
        if let Some(sql) = self.forms.standard_form(expr.position) {
            return self.standard(sql, args);
        }
        let name = self.function_name(function)?;
        let given = self.forms.argument_count(expr.position).unwrap_or(args.len());
        self.push(&name);
        self.push("(");
        let row = builtins().function_by_oid(function);
        let variadic = match self.viewer.catalog.function_entry(function) {
            Some(FunctionEntry::Builtin(row)) => row.variadic != 0 && row.variadic != oid::ANY,
            Some(FunctionEntry::User(row)) => {
                row.parameters.iter().any(|parameter| parameter.mode == syntax::ast::ParameterMode::Variadic)
            }
            None => false,
        };
        // Defaults that were filled in are not written; VARIADIC arguments were gathered.
        let shown = if variadic || row.is_some_and(|row| row.variadic != 0) {
            args.len()
        } else {
            given.min(args.len())
        };
        for (at, arg) in args[..shown].iter().enumerate() {
            if at > 0 {
                self.push(", ");
            }
            if variadic && at + 1 == shown {
                self.push("VARIADIC ");
            }
            self.expr(arg, Implicit::Shown)?;
        }
        self.push(")");
        Ok(())
    }

    /// SUBSTRING, POSITION and kin as the standard writes them.
    fn standard(&mut self, name: &'static str, args: &[Expr]) -> Result<()> {
        match (name, args) {
            ("position", [text, part]) => {
                self.push("POSITION((");
                self.expr(part, Implicit::Hidden)?;
                self.push(") IN (");
                self.expr(text, Implicit::Hidden)?;
                self.push("))");
            }
            ("substring", [text, rest @ ..]) if !rest.is_empty() => {
                self.push("SUBSTRING(");
                self.expr(text, Implicit::Shown)?;
                self.push(" FROM ");
                self.expr(&rest[0], Implicit::Shown)?;
                if let Some(length) = rest.get(1) {
                    self.push(" FOR ");
                    self.expr(length, Implicit::Shown)?;
                }
                self.push(")");
            }
            ("btrim" | "ltrim" | "rtrim", [text, rest @ ..]) => {
                self.push(match name {
                    "ltrim" => "TRIM(LEADING",
                    "rtrim" => "TRIM(TRAILING",
                    _ => "TRIM(BOTH",
                });
                if let Some(characters) = rest.first() {
                    self.push(" ");
                    self.expr(characters, Implicit::Shown)?;
                }
                self.push(" FROM ");
                self.expr(text, Implicit::Shown)?;
                self.push(")");
            }
            _ => return Err(unsupported("this function's own syntax")),
        }
        Ok(())
    }

    fn name_of(&self, function: Oid) -> &str {
        match self.viewer.catalog.function_entry(function) {
            Some(FunctionEntry::Builtin(row)) => row.name,
            Some(FunctionEntry::User(row)) => &row.name,
            None => "",
        }
    }

    /// generate_function_name: qualified when the path does not reach it.
    fn function_name(&self, function: Oid) -> Result<String> {
        let catalog = self.viewer.catalog;
        let entry = catalog.function_entry(function).ok_or_else(|| unsupported("a function that is gone"))?;
        let (name, schema, inputs) = match entry {
            FunctionEntry::Builtin(row) => {
                (row.name, catalog.builtin_schema(row.extension), row.args.to_vec())
            }
            FunctionEntry::User(row) => (row.name.as_str(), Some(row.schema), row.input_types().collect()),
        };
        let same = |other: &FunctionEntry<'_>| match other {
            FunctionEntry::Builtin(row) => *row.args == *inputs,
            FunctionEntry::User(row) => row.input_types().eq(inputs.iter().copied()),
        };
        let found = catalog.find_functions(&self.viewer.path, None, name)?;
        let reached = found.iter().find(|other| same(other)).is_some_and(|other| other.oid() == function);
        let plain = quote_identifier(name);
        Ok(match schema.and_then(|schema| catalog.schemas.get(&schema)) {
            Some(schema) if !reached => format!("{}.{plain}", quote_identifier(&schema.name)),
            _ => plain,
        })
    }

    pub(super) fn symbol(&self, operator: Oid) -> Result<String> {
        let row =
            builtins().operator_by_oid(operator).ok_or_else(|| unsupported("an operator that is gone"))?;
        match row.extension.and_then(|extension| self.viewer.catalog.extension_schema(extension)) {
            Some(schema) if !self.viewer.path.schemas().any(|known| known == schema) => {
                Ok(format!("OPERATOR({}.{})", quote_identifier(self.viewer.schema_name(schema)), row.symbol))
            }
            _ => Ok(row.symbol.to_owned()),
        }
    }

    pub(super) fn operator(&mut self, operator: Oid, args: &[Expr]) -> Result<()> {
        let symbol = self.symbol(operator)?;
        self.push("(");
        match args {
            [left, right] => {
                self.expr(left, Implicit::Shown)?;
                self.push(&format!(" {symbol} "));
                self.expr(right, Implicit::Shown)?;
            }
            [operand] => {
                self.push(&format!("{symbol} "));
                self.expr(operand, Implicit::Shown)?;
            }
            _ => return Err(unsupported("an operator with these operands")),
        }
        self.push(")");
        Ok(())
    }

    pub(super) fn connected(&mut self, args: &[Expr], word: &str) -> Result<()> {
        self.push("(");
        for (at, arg) in args.iter().enumerate() {
            if at > 0 {
                self.push(word);
            }
            self.expr(arg, Implicit::Hidden)?;
        }
        self.push(")");
        Ok(())
    }

    pub(super) fn args(&mut self, args: &[Expr]) -> Result<()> {
        for (at, arg) in args.iter().enumerate() {
            if at > 0 {
                self.push(", ");
            }
            self.expr(arg, Implicit::Shown)?;
        }
        Ok(())
    }

    pub(super) fn list_call(&mut self, name: &str, args: &[Expr]) -> Result<()> {
        self.push(name);
        self.push("(");
        self.args(args)?;
        self.push(")");
        Ok(())
    }

    pub(super) fn aggregate(&mut self, aggregate: &Aggregate) -> Result<()> {
        if !aggregate.direct.is_empty() {
            return Err(unsupported("an ordered-set aggregate"));
        }
        let name = self.function_name(aggregate.function)?;
        self.push(&name);
        self.push(if aggregate.distinct { "(DISTINCT " } else { "(" });
        if aggregate.args.is_empty() {
            self.push("*");
        } else {
            self.args(&aggregate.args)?;
        }
        if !aggregate.order_by.is_empty() {
            self.push(" ORDER BY ");
            for (at, key) in aggregate.order_by.iter().enumerate() {
                if at > 0 {
                    self.push(", ");
                }
                self.expr(&key.expr, Implicit::Shown)?;
                self.direction(key.descending, key.nulls_first);
            }
        }
        self.push(")");
        if let Some(filter) = &aggregate.filter {
            self.push(" FILTER (WHERE ");
            self.expr(filter, Implicit::Hidden)?;
            self.push(")");
        }
        Ok(())
    }

    pub(super) fn direction(&mut self, descending: bool, nulls_first: bool) {
        match (descending, nulls_first) {
            (false, false) => {}
            (false, true) => self.push(" NULLS FIRST"),
            (true, true) => self.push(" DESC"),
            (true, false) => self.push(" DESC NULLS LAST"),
        }
    }
}

/// Whether a function is the one that converts between these types, or applies a modifier to one.
fn is_cast(function: Oid, from: Oid, to: Oid) -> bool {
    builtins().cast(from, to).is_some_and(|cast| cast.function == function)
        || builtins().cast(to, to).is_some_and(|cast| cast.function == function)
}

/// The type with the modifier that a length coercion applies.
fn length_coercion(args: &[Expr], ty: TypeRef) -> TypeRef {
    match args.get(1).map(|arg| &arg.kind) {
        Some(ExprKind::Constant(StoredValue::Integer(modifier))) => {
            TypeRef { oid: ty.oid, modifier: i32::try_from(*modifier).unwrap_or(-1) }
        }
        _ => ty,
    }
}
