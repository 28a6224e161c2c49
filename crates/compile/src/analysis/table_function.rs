//! Functions in FROM: transformRangeFunction.

use super::from::Part;
use super::{Analysis, Place, Scope};
use crate::bound::{Expr, ExprKind, RangeColumn, RangeFunction, RangeKind};
use crate::types::{INT8, plain};
use catalog::TypeRef;
use catalog::lookup::FunctionEntry;
use datum::oid;
use sqlstate::{DatabaseError, Result, SYNTAX_ERROR};
use syntax::ast::{self, Alias, TableRef};

impl Analysis<'_> {
    /// Functions in FROM.
    pub(super) fn function_range(
        &mut self,
        scope: &mut Scope<'_>,
        functions: &[ast::TableFunction],
        ordinality: bool,
        alias: Option<&Alias>,
    ) -> Result<Part> {
        if let ([function], false) = (functions, ordinality)
            && let Some(query) = json_records(function)
            && let Some(alias) = alias
            && self.defines_domain(function)
        {
            return self.subquery_range(scope, true, &query, Some(alias), function.call.position);
        }
        let mut columns = Vec::new();
        let mut calls = Vec::new();
        let mut row_type = oid::RECORD;
        let mut is_scalar = false;
        let mut name = String::new();
        let spread: Vec<ast::TableFunction> = functions.iter().flat_map(spread_unnest).collect();
        let functions = spread.as_slice();
        for function in functions {
            let call = self.expression(scope, Place::FromFunction, &function.call)?;
            let call = self.resolve_unknown(call)?;
            let called = super::target::column_name(&function.call);
            if name.is_empty() {
                name.clone_from(&called);
            }
            let scalar_name = match (alias, functions.len()) {
                (Some(alias), 1) => alias.name.clone(),
                _ => called.clone(),
            };
            let shape = self.function_columns(&call, function, &scalar_name)?;
            if functions.len() == 1
                && let Some(relation) = self.composite(call.ty.oid)
            {
                row_type = relation.row_type;
            } else {
                is_scalar = functions.len() == 1 && !ordinality && call.ty.oid != oid::RECORD;
            }
            calls.push(RangeFunction { call, columns: shape.len(), query: None });
            columns.extend(shape.into_iter().map(|(name, ty)| RangeColumn { name, ty, not_null: false }));
        }
        if ordinality {
            columns.push(RangeColumn { name: "ordinality".to_owned(), ty: INT8, not_null: true });
        }
        let name = alias.map_or(name, |alias| alias.name.clone());
        let kind = RangeKind::Function { functions: calls, ordinality, lateral: true };
        let range = self.anonymous_range(name, columns, alias, kind)?;
        if let Some(shape) = self.rows.get_mut(&range.id)
            && !ordinality
        {
            shape.row_type = row_type;
            shape.is_scalar = is_scalar;
        }
        Ok(self.part(scope, range, None))
    }

    /// Whether a column defined for a function is of a domain: its constraints are checked by a cast.
    fn defines_domain(&self, function: &ast::TableFunction) -> bool {
        function.columns.iter().any(|(_, ty)| {
            let resolved = self.catalog.resolve_type(&self.path, ty);
            resolved.is_ok_and(|ty| self.catalog.base_type(ty).oid != ty.oid)
        })
    }

    /// The OUT and TABLE parameters of a function.
    pub(crate) fn output_columns(&self, function: catalog::Oid) -> Vec<(String, TypeRef)> {
        match self.catalog.function_entry(function) {
            Some(FunctionEntry::Builtin(row)) => {
                let columns = row.out_columns();
                columns.into_iter().map(|(name, oid)| (name.to_owned(), plain(oid))).collect()
            }
            Some(FunctionEntry::User(row)) => {
                use ast::ParameterMode::{InOut, Out, Table};
                let outputs = row.parameters.iter();
                let outputs = outputs.filter(|parameter| matches!(parameter.mode, Out | InOut | Table));
                let named = outputs.enumerate().map(|(at, parameter)| {
                    let name = parameter.name.clone().unwrap_or_else(|| format!("column{}", at + 1));
                    (name, parameter.type_ref)
                });
                named.collect()
            }
            None => Vec::new(),
        }
    }

    /// The same of a call: polymorphic ones are what its arguments say.
    pub(crate) fn concrete_outputs(
        &self,
        function: catalog::Oid,
        args: &[Expr],
    ) -> Result<Vec<(String, TypeRef)>> {
        let mut outputs = self.output_columns(function);
        if !outputs.iter().any(|(_, ty)| crate::types::is_polymorphic(ty.oid)) {
            return Ok(outputs);
        }
        let Some(FunctionEntry::User(row)) = self.catalog.function_entry(function) else {
            return Ok(outputs);
        };
        let declared: Vec<catalog::Oid> = row.input_types().collect();
        let actual: Vec<catalog::Oid> = args.iter().map(|arg| arg.ty.oid).collect();
        for (_, ty) in &mut outputs {
            if crate::types::is_polymorphic(ty.oid) {
                *ty = plain(self.enforce_generics(&actual, &mut declared.clone(), ty.oid)?);
            }
        }
        Ok(outputs)
    }

    /// The columns that a function in FROM gives: get_expr_result_type.
    fn function_columns(
        &self,
        call: &Expr,
        function: &ast::TableFunction,
        name: &str,
    ) -> Result<Vec<(String, TypeRef)>> {
        let position = function.call.position;
        let outputs = match &call.kind {
            ExprKind::Call { function, args } | ExprKind::SetCall { function, args } => {
                self.concrete_outputs(*function, args)?
            }
            _ => Vec::new(),
        };
        let redundant = |message: &str| Err(DatabaseError::new(SYNTAX_ERROR, message).at(position));
        let definitions = &function.columns;
        if call.ty.oid == oid::RECORD && outputs.is_empty() {
            if definitions.is_empty() {
                return redundant("a column definition list is required for functions returning \"record\"");
            }
            let columns = definitions
                .iter()
                .map(|(name, ty)| Ok((name.clone(), self.catalog.resolve_type(&self.path, ty)?)));
            return columns.collect();
        }
        if !definitions.is_empty() {
            if outputs.len() > 1 || self.is_composite(call.ty.oid) {
                return redundant(if outputs.is_empty() {
                    "a column definition list is redundant for a function returning a named composite type"
                } else {
                    "a column definition list is redundant for a function with OUT parameters"
                });
            }
            return redundant("a column definition list is only allowed for functions returning \"record\"");
        }
        if outputs.len() > 1 {
            return Ok(outputs);
        }
        if let Some((output, ty)) = outputs.into_iter().next() {
            let ty = if crate::types::is_polymorphic(ty.oid) || ty.oid == oid::RECORD { call.ty } else { ty };
            // One OUT parameter makes a scalar whose column bears its name, unless the range is renamed.
            return Ok(vec![(if output.is_empty() { name.to_owned() } else { output }, ty)]);
        }
        if let Some(relation) = self.composite(call.ty.oid) {
            let columns = relation.columns.iter();
            return Ok(columns.map(|column| (column.name.clone(), column.type_ref)).collect());
        }
        if call.ty.oid == oid::TRIGGER {
            return redundant("function in FROM has unsupported return type trigger");
        }
        Ok(vec![(name.to_owned(), call.ty)])
    }
}

/// `unnest(a, b)` is `ROWS FROM (unnest(a), unnest(b))`.
fn spread_unnest(function: &ast::TableFunction) -> Vec<ast::TableFunction> {
    if let ast::ExprKind::Call(call) = &function.call.kind
        && let [name] | [_, name] = call.name.parts.as_slice()
        && name == "unnest"
        && call.args.len() > 1
        && function.columns.is_empty()
    {
        let one = |argument: &ast::Argument| {
            let call = ast::FunctionCall { args: vec![argument.clone()], ..ast::FunctionCall::clone(call) };
            let kind = ast::ExprKind::Call(Box::new(call));
            let call = ast::Expr { kind, position: function.call.position };
            ast::TableFunction { call, columns: Vec::new() }
        };
        return call.args.iter().map(one).collect();
    }
    vec![function.clone()]
}

/// `json_to_recordset(x) AS t (a int, b text)` is `SELECT (e ->> 'a')::int AS a, … FROM json_array_elements(x) AS e`. Columns of
/// types that are not written in JSON as their text are left to the function itself.
fn json_records(function: &ast::TableFunction) -> Option<ast::Select> {
    let ast::ExprKind::Call(call) = &function.call.kind else { return None };
    let name = call.name.parts.last()?.as_str();
    let (elements, record) = match name {
        "json_to_recordset" => ("json_array_elements", false),
        "jsonb_to_recordset" => ("jsonb_array_elements", false),
        "json_to_record" | "jsonb_to_record" => ("", true),
        _ => return None,
    };
    let [argument] = call.args.as_slice() else { return None };
    if function.columns.is_empty() || call.star || call.variadic || argument.name.is_some() {
        return None;
    }
    let position = function.call.position;
    let expr = |kind| ast::Expr { kind, position };
    let mut targets = Vec::new();
    for (column, ty) in &function.columns {
        if !ty.array.is_empty() {
            return None;
        }
        let json = matches!(ty.name.parts.last().map(String::as_str), Some("json" | "jsonb"));
        let get = |symbol: &str| {
            expr(ast::ExprKind::Binary {
                operator: ast::OperatorName {
                    schema: Some("pg_catalog".to_owned()),
                    symbol: symbol.to_owned(),
                },
                left: Box::new(expr(ast::ExprKind::Column(vec!["e".to_owned(), "e".to_owned()]))),
                right: Box::new(expr(ast::ExprKind::String(column.clone()))),
            })
        };
        // JSON's null is NULL in a column of any type.
        let field = if json {
            let test = ast::ExprKind::IsNull { expr: Box::new(get("->>")), not: false };
            ast::ExprKind::Case {
                operand: None,
                arms: vec![(expr(test), expr(ast::ExprKind::Null))],
                otherwise: Some(Box::new(get("->"))),
            }
        } else {
            get("->>").kind
        };
        let cast = ast::ExprKind::Cast { expr: Box::new(expr(field)), type_name: ty.clone() };
        targets.push(ast::Target { expr: expr(cast), alias: Some(column.clone()) });
    }
    let alias = Some(Alias { name: "e".to_owned(), columns: vec!["e".to_owned()] });
    let core = |targets, from| {
        let core = ast::SelectCore {
            distinct: None,
            targets,
            into: None,
            from,
            filter: None,
            group_by: Vec::new(),
            group_distinct: false,
            having: None,
            windows: Vec::new(),
        };
        ast::Select {
            with: None,
            body: ast::QueryBody::Select(Box::new(core)),
            order_by: Vec::new(),
            limit: None,
            with_ties: false,
            offset: None,
            locking: Vec::new(),
            position,
        }
    };
    let source = if record {
        // The argument keeps the type that the function gives it.
        let ty = if name == "json_to_record" { "json" } else { "jsonb" };
        let name = ast::Name { parts: vec!["pg_catalog".to_owned(), ty.to_owned()], position };
        let type_name = ast::TypeName {
            name,
            modifiers: Vec::new(),
            interval_fields: None,
            array: Vec::new(),
            setof: false,
            percent_type: false,
        };
        let value = ast::ExprKind::Cast { expr: Box::new(argument.value.clone()), type_name };
        let target = ast::Target { expr: expr(value), alias: None };
        TableRef::Subquery { lateral: true, query: Box::new(core(vec![target], Vec::new())), alias, position }
    } else {
        let name = ast::Name { parts: vec!["pg_catalog".to_owned(), elements.to_owned()], position };
        let call = ast::FunctionCall { name, ..ast::FunctionCall::clone(call) };
        let call = expr(ast::ExprKind::Call(Box::new(call)));
        TableRef::Function {
            lateral: true,
            functions: vec![ast::TableFunction { call, columns: Vec::new() }],
            rows_from: false,
            ordinality: false,
            alias,
            position,
        }
    };
    Some(core(targets, vec![source]))
}
