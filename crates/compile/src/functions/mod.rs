//! Calls of LANGUAGE sql functions: a body that is one SELECT is written into the statement; any other is a step of its own,
//! run before the statement, when its arguments are known by then. Everything else is refused.

mod body;
mod plan;

use crate::bound::{Expr, ExprKind, Query, Range, RangeFunction, RangeKind};
use crate::descend;
use crate::mutant::{self, Mutant};
use crate::rewrite::Rewrite;
use crate::stored::BOOLEAN;
use body::Body;
pub(crate) use body::{runs_as_owner, surroundings};
use catalog::{Function, FunctionKind, Oid, TypeRef, Volatility};
use datum::StoredValue;
use sqlstate::{DatabaseError, INSUFFICIENT_PRIVILEGE, Result};
use std::sync::Arc;

/// Replaces a call in an expression.
pub(crate) fn expand_call(rewrite: &mut Rewrite<'_, '_>, expr: &mut Expr) -> Result<()> {
    let ExprKind::Call { function, args } = &mut expr.kind else { return Ok(()) };
    let (oid, args) = (*function, std::mem::take(args));
    let once = rewrite.once;
    let function = callable(rewrite, oid)?;
    if function.returns_set {
        return Err(DatabaseError::unsupported("a set-returning function of one's own in an expression"));
    }
    // Of a polymorphic function the call says what it returns.
    let returns = expr.ty;
    let value = match body::read(&function)? {
        Body::Select(select) if !plan::is_needed(rewrite, &function, &select) => {
            let guards = strict_guards(&function, &args);
            let (steps, own) = (rewrite.steps.len(), args.clone());
            let value = rewrite.deeper(|rewrite| body::scalar(rewrite, &function, &select, args, returns))?;
            if calls_before(rewrite, steps) {
                rewrite.once = once;
                *expr = Expr { position: expr.position, ..plan::call(rewrite, &function, own)? };
                return Ok(());
            }
            match guards {
                None => value,
                Some(guard) => Expr::new(
                    ExprKind::Case {
                        operand: None,
                        arms: vec![(guard, value)],
                        otherwise: Box::new(Expr::null(returns)),
                    },
                    returns,
                ),
            }
        }
        Body::Select(_) | Body::Statements(_) | Body::Block(_) => plan::call(rewrite, &function, args)?,
    };
    *expr = Expr { position: expr.position, ..value };
    Ok(())
}

/// Replaces a call in FROM.
pub(crate) fn expand_range(rewrite: &mut Rewrite<'_, '_>, range: &mut Range) -> Result<()> {
    let RangeKind::Function { functions, ordinality, lateral } = &mut range.kind else { return Ok(()) };
    let is_own = |function: &RangeFunction| match &function.call.kind {
        ExprKind::Call { function, .. } | ExprKind::SetCall { function, .. } => {
            *function >= catalog::FIRST_USER_OID
        }
        _ => false,
    };
    if !functions.iter().any(is_own) {
        return Ok(());
    }
    if functions.len() > 1 || *ordinality {
        let mut start = 0;
        for function in functions.iter_mut() {
            let end = start + function.columns;
            if is_own(function) {
                let columns = range.columns.get(start..end).unwrap_or_default();
                let columns: Vec<_> = columns.iter().map(|column| (column.name.clone(), column.ty)).collect();
                function.query = Some(Box::new(rows_of(rewrite, &mut function.call, &columns)?));
            }
            start = end;
        }
        return Ok(());
    }
    let lateral = *lateral;
    let columns: Vec<_> = range.columns.iter().map(|column| (column.name.clone(), column.ty)).collect();
    let query = rows_of(rewrite, &mut functions[0].call, &columns)?;
    range.kind = match kept_rows(&query) {
        Some(buffer) => RangeKind::Buffer(buffer),
        None => RangeKind::Subquery { query: Box::new(query), lateral },
    };
    Ok(())
}

/// The buffer, when a query is nothing but its rows.
fn kept_rows(query: &Query) -> Option<u32> {
    let crate::bound::Body::Core(core) = &query.body else { return None };
    match core.from.as_slice() {
        [crate::bound::From::Range(range)] if range.alias == plan::KEPT => match range.kind {
            RangeKind::Buffer(buffer) => Some(buffer),
            _ => None,
        },
        _ => None,
    }
}

/// The rows of a call, with these columns.
fn rows_of(rewrite: &mut Rewrite<'_, '_>, call: &mut Expr, columns: &[(String, TypeRef)]) -> Result<Query> {
    let (ExprKind::Call { function, args } | ExprKind::SetCall { function, args }) = &mut call.kind else {
        return Err(DatabaseError::internal("a call that is none"));
    };
    let (oid, args) = (*function, std::mem::take(args));
    let function = callable(rewrite, oid)?;
    match body::read(&function)? {
        Body::Select(select) if !plan::is_needed(rewrite, &function, &select) => {
            if function.returns.oid == datum::oid::VOID && !function.returns_set {
                let returns = function.returns;
                let value =
                    rewrite.deeper(|rewrite| body::scalar(rewrite, &function, &select, args, returns))?;
                return Ok(body::select_of(Vec::new(), vec![value], None, columns));
            }
            let guards = strict_guards(&function, &args);
            let (steps, own) = (rewrite.steps.len(), args.clone());
            let rows =
                rewrite.deeper(|rewrite| body::rows(rewrite, &function, &select, args, columns, guards))?;
            if calls_before(rewrite, steps) {
                let buffer = plan::rows(rewrite, &function, own, columns)?;
                return Ok(plan::kept(rewrite, buffer, columns));
            }
            Ok(rows)
        }
        Body::Select(_) | Body::Statements(_) | Body::Block(_) => {
            let buffer = plan::rows(rewrite, &function, args, columns)?;
            Ok(plan::kept(rewrite, buffer, columns))
        }
    }
}

/// Whether a body that was written into the statement calls something that runs before it, with the body's own arguments, rights
/// and settings: the body needs a step of its own then, and the steps that it added are taken back.
fn calls_before(rewrite: &mut Rewrite<'_, '_>, steps: usize) -> bool {
    if rewrite.steps.len() == steps {
        return false;
    }
    rewrite.steps.truncate(steps);
    true
}

/// The function, when who asks may call it and this engine can run it.
fn callable(rewrite: &Rewrite<'_, '_>, oid: Oid) -> Result<Arc<Function>> {
    let catalog = rewrite.analysis.catalog;
    let function = catalog
        .functions
        .get(&oid)
        .ok_or_else(|| DatabaseError::internal(format_args!("no function {oid}")))?;
    if !catalog.may_execute(rewrite.caller, function) && !mutant::is(Mutant::ExecuteIgnored) {
        let message = format!("permission denied for function {}", function.name);
        return Err(DatabaseError::new(INSUFFICIENT_PRIVILEGE, message));
    }
    if function.returns.oid == datum::oid::TRIGGER {
        let message = "trigger functions can only be called as triggers";
        return Err(DatabaseError::new(sqlstate::FEATURE_NOT_SUPPORTED, message));
    }
    let language = |name: &str| function.language.eq_ignore_ascii_case(name);
    let known = function.kind == FunctionKind::Function
        && (language("sql") || (language("plpgsql") && body::takes_plain_values(catalog, function)));
    if !known {
        let what = format!("calling {} (LANGUAGE {})", function.name, function.language);
        return Err(DatabaseError::unsupported(what));
    }
    Ok(function.clone())
}

/// STRICT: what must hold for the body to be run at all; `None` when nothing must.
fn strict_guards(function: &Function, args: &[Expr]) -> Option<Expr> {
    if !function.strict || args.is_empty() {
        return None;
    }
    let tests = args
        .iter()
        .map(|arg| Expr::new(ExprKind::IsNull { expr: Box::new(arg.clone()), not: true }, BOOLEAN));
    Some(Expr::all(tests.collect()))
}

/// Whether an expression calls something that is volatile.
fn is_volatile(catalog: &catalog::Catalog, expr: &mut Expr) -> Result<bool> {
    let mut found = false;
    descend::each_expr(expr, &mut |expr| {
        found |= node_is_volatile(catalog, &expr.kind);
        Ok(())
    })?;
    Ok(found)
}

/// Whether this node by itself is volatile.
fn node_is_volatile(catalog: &catalog::Catalog, kind: &ExprKind) -> bool {
    let volatility = |oid: Oid| match catalog.function_entry(oid) {
        Some(catalog::lookup::FunctionEntry::Builtin(row)) => row.volatility,
        Some(catalog::lookup::FunctionEntry::User(row)) => row.volatility,
        None => Volatility::Volatile,
    };
    match kind {
        ExprKind::Call { function, .. } | ExprKind::SetCall { function, .. } => {
            volatility(*function) == Volatility::Volatile
        }
        ExprKind::Operator { operator, .. } => catalog::builtin::builtins()
            .operator_by_oid(*operator)
            .is_none_or(|row| volatility(row.function) == Volatility::Volatile),
        _ => false,
    }
}

/// A role's name as the value of `current_user`.
fn name_constant(name: &str) -> ExprKind {
    ExprKind::Constant(StoredValue::Text(name.to_owned()))
}
