//! A function that is not written into the statement: its statements run once, before it, and its rows are kept.

use super::body;
use crate::analysis::Analysis;
use crate::bound::{Expr, ExprKind, Query, Range, RangeColumn, RangeKind};
use crate::program::{CallParameter, CallPlan, FunctionPlan, Program, ResultColumn, Step, Target};
use crate::rewrite::Rewrite;
use crate::{descend, render};
use catalog::{Catalog, Function, TypeRef, Volatility};
use sqlstate::{DatabaseError, Result};
use std::sync::Arc;
use syntax::ast;

/// Whether a function whose body is one SELECT needs a step of its own: it sets more than the search path.
pub(super) fn is_needed(_: &Rewrite<'_, '_>, function: &Function, _: &ast::Select) -> bool {
    let body = function.body.to_ascii_lowercase();
    function.settings.iter().any(|(name, _)| name != "search_path" || body.contains("current_setting"))
}

/// The value of a call that stands where it is evaluated just once.
pub(super) fn call(rewrite: &mut Rewrite<'_, '_>, function: &Function, args: Vec<Expr>) -> Result<Expr> {
    if !rewrite.once {
        let what = format!("function {} (its body is not one SELECT) in an expression", function.name);
        return Err(DatabaseError::unsupported(what));
    }
    let columns = vec![(function.name.clone(), function.returns)];
    let buffer = rows(rewrite, function, args, &columns)?;
    let id = rewrite.analysis.new_range();
    let range = Range {
        id,
        alias: function.name.clone(),
        columns: vec![RangeColumn { name: function.name.clone(), ty: function.returns, not_null: false }],
        nullable: false,
        kind: RangeKind::Buffer(buffer),
    };
    let value = Expr::new(ExprKind::Column { range: id, column: 0 }, function.returns);
    let from = vec![crate::bound::From::Range(Box::new(range))];
    let query = body::select_of(from, vec![value], None, &columns);
    Ok(Expr::new(ExprKind::Subquery(Box::new(query)), function.returns))
}

/// How the range over kept rows is called.
pub(super) const KEPT: &str = "kept";

/// A query of the rows that a buffer keeps.
pub(super) fn kept(rewrite: &mut Rewrite<'_, '_>, buffer: u32, columns: &[(String, TypeRef)]) -> Query {
    let id = rewrite.analysis.new_range();
    let named = columns.iter().map(|(name, ty)| RangeColumn { name: name.clone(), ty: *ty, not_null: false });
    let range = Range {
        id,
        alias: KEPT.to_owned(),
        columns: named.collect(),
        nullable: false,
        kind: RangeKind::Buffer(buffer),
    };
    let values = columns.iter().enumerate();
    let values = values.map(|(column, (_, ty))| Expr::new(ExprKind::Column { range: id, column }, *ty));
    let from = vec![crate::bound::From::Range(Box::new(range))];
    body::select_of(from, values.collect(), None, columns)
}

/// Runs the call before the statement; gives the buffer that holds its rows.
pub(super) fn rows(
    rewrite: &mut Rewrite<'_, '_>,
    function: &Function,
    args: Vec<Expr>,
    columns: &[(String, TypeRef)],
) -> Result<u32> {
    let refused = |why: &str| DatabaseError::unsupported(format!("function {} {why}", function.name));
    if rewrite.nested > 0 {
        return Err(refused("(its body is not one SELECT) within a sub-query"));
    }
    if rewrite.unreached > 0 && function.volatility == Volatility::Volatile {
        return Err(refused("(its body is not one SELECT) where it may not be evaluated"));
    }
    if function.strict {
        return Err(refused("that is STRICT and whose body is not one SELECT"));
    }
    // Its arguments must be known before the statement runs.
    let list: Vec<_> =
        function.inputs().map(|input| (input.name.clone().unwrap_or_default(), input.type_ref)).collect();
    let mut arguments = body::select_of(Vec::new(), args.clone(), None, &list);
    if !descend::outer_ranges(&mut arguments)?.is_empty() {
        return Err(refused("(its body is not one SELECT) with columns as arguments"));
    }
    let arguments = render::render_row(rewrite.analysis.catalog, &args)?;
    if let body::Body::Block(block) = body::read(function)? {
        let routine = Arc::new(call_plan(rewrite.analysis.catalog, function, columns, *block)?);
        let buffer = rewrite.analysis.new_buffer();
        rewrite.steps.push(Step::Call { routine, arguments, into: Target::Buffer(buffer) });
        return Ok(buffer);
    }
    let types = body::concrete(function, &args);
    let plan = rewrite.deeper(|rewrite| plan(rewrite, function, columns, &types))?;
    let buffer = rewrite.analysis.new_buffer();
    rewrite.steps.push(Step::Function { function: Arc::new(plan), arguments, into: Target::Buffer(buffer) });
    Ok(buffer)
}

fn call_plan(
    catalog: &Catalog,
    function: &Function,
    columns: &[(String, TypeRef)],
    body: syntax::plpgsql::Body,
) -> Result<CallPlan> {
    if let Some(what) = crate::plpgsql::unsupported(&body.block.statements) {
        return Err(DatabaseError::unsupported(format_args!("{what} in function {}", function.name)));
    }
    let parameters = function.parameters.iter().map(|parameter| CallParameter {
        name: parameter.name.clone(),
        ty: parameter.type_ref,
        is_output: parameter.mode != ast::ParameterMode::In,
    });
    let parameters: Vec<CallParameter> = parameters.collect();
    let outputs = parameters.iter().filter(|parameter| parameter.is_output).count();
    if outputs > 0 && outputs != columns.len() {
        return Err(DatabaseError::unsupported(format_args!(
            "the row of function {} as a value",
            function.name
        )));
    }
    let owner = catalog.roles.get(&function.owner).map(|role| role.name.clone());
    Ok(CallPlan {
        oid: function.oid,
        name: function.name.clone(),
        role: if body::runs_as_owner(function) { owner } else { None },
        settings: function.settings.clone(),
        parameters,
        returns: function.returns,
        returns_set: function.returns_set,
        columns: result_columns(columns),
        volatile: function.volatility == Volatility::Volatile,
        body: Arc::new(body),
    })
}

fn result_columns(columns: &[(String, TypeRef)]) -> Vec<ResultColumn> {
    columns.iter().map(|(name, ty)| ResultColumn { name: name.clone(), type_ref: *ty }).collect()
}

fn plan(
    rewrite: &Rewrite<'_, '_>,
    function: &Function,
    columns: &[(String, TypeRef)],
    types: &[TypeRef],
) -> Result<FunctionPlan> {
    let statements = match body::read(function)? {
        body::Body::Select(select) => vec![ast::Statement::Select(select)],
        body::Body::Statements(statements) => statements,
        body::Body::Block(_) => return Err(DatabaseError::internal("a block as statements of SQL")),
    };
    let outer = &*rewrite.analysis;
    let mut programs = Vec::new();
    for statement in &statements {
        let mut analysis = body::analysis_inside(outer, function, types, rewrite.caller);
        let mut program = crate::compile_statement(&mut analysis, statement, rewrite.level())?;
        program.parameters.clear();
        programs.push(program);
    }
    let void = function.returns.oid == datum::oid::VOID;
    if !void {
        let given = programs.last().map(|program: &Program| program.columns.as_slice()).unwrap_or_default();
        let same = given.len() == columns.len()
            && given.iter().zip(columns).all(|(column, (_, ty))| same_type(outer, column.type_ref, *ty));
        if !same {
            let what =
                format!("function {} whose last statement gives other types than it returns", function.name);
            return Err(DatabaseError::unsupported(what));
        }
    }
    let owner = outer.catalog.roles.get(&function.owner).map(|role| role.name.clone());
    Ok(FunctionPlan {
        oid: function.oid,
        name: function.name.clone(),
        role: if function.security_definer { owner } else { None },
        settings: function.settings.clone(),
        body: programs,
        returns_set: function.returns_set,
        columns: result_columns(columns),
    })
}

/// Whether values of the one are stored as values of the other.
fn same_type(analysis: &Analysis<'_>, a: TypeRef, b: TypeRef) -> bool {
    let text = |ty: TypeRef| matches!(ty.oid, datum::oid::TEXT | datum::oid::VARCHAR);
    let (a, b) = (analysis.catalog.base_type(a), b);
    a.oid == b.oid || (text(a) && text(b))
}
