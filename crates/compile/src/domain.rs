//! Checks a value against a domain without SQLite: for values that a function makes within one call (rows from JSON).

use crate::bound::{Conversion, Expr, ExprKind};
use crate::render::signature;
use crate::stored;
use catalog::builtin::builtins;
use catalog::{Catalog, Oid};
use datum::{Context, Stored, StoredValue};
use sqlstate::{CHECK_VIOLATION, DatabaseError, NOT_NULL_VIOLATION, Result};

/// 23502 or 23514 if the value is none of the domain. A CHECK that asks for more than built-in functions is refused.
pub fn check_domain(catalog: &Catalog, domain: Oid, value: Stored<'_>, context: &dyn Context) -> Result<()> {
    let Some(row) = catalog.types.get(&domain) else {
        return Err(DatabaseError::internal(format_args!("no domain {domain}")));
    };
    let checks = stored::system_analysis(catalog, row.owner).domain_checks(domain)?;
    let failure = |error: DatabaseError| {
        let mut error = error.on_data_type(&row.name);
        error.fields_mut().schema = Some(checks.object.0.clone());
        error
    };
    if checks.not_null && value.is_null() {
        let message = format!("domain {} does not allow null values", row.name);
        return Err(failure(DatabaseError::new(NOT_NULL_VIOLATION, message)));
    }
    for (name, condition) in &checks.checks {
        if evaluated(condition, value, context)? == StoredValue::Integer(0) {
            let message = format!("value for domain {} violates check constraint \"{name}\"", row.name);
            return Err(failure(DatabaseError::new(CHECK_VIOLATION, message)).on_constraint(name));
        }
    }
    Ok(())
}

/// An expression's value; the operand of CASE is the one given.
fn evaluated(expr: &Expr, value: Stored<'_>, context: &dyn Context) -> Result<StoredValue> {
    let refused = || DatabaseError::unsupported("this CHECK of a domain within a row from JSON");
    let truth = |expr: &Expr| -> Result<Option<bool>> {
        Ok(match evaluated(expr, value, context)? {
            StoredValue::Integer(truth) => Some(truth != 0),
            _ => None,
        })
    };
    // The first arm that settles it, else NULL if any is.
    let joined = |arms: &[Expr], settles: bool| -> Result<StoredValue> {
        let mut unknown = false;
        for arm in arms {
            match truth(arm)? {
                Some(found) if found == settles => return Ok(settles.into()),
                None => unknown = true,
                Some(_) => {}
            }
        }
        Ok(if unknown { StoredValue::Null } else { (!settles).into() })
    };
    let called = |function: Oid, args: &[Expr]| -> Result<StoredValue> {
        let row = builtins().function_by_oid(function).ok_or_else(refused)?;
        call(row.source, args, expr, value, context)
    };
    match &expr.kind {
        ExprKind::Constant(value) => Ok(value.clone()),
        ExprKind::CaseOperand => Ok(value.to_owned()),
        ExprKind::And(arms) => joined(arms, false),
        ExprKind::Or(arms) => joined(arms, true),
        ExprKind::Not(inner) => Ok(truth(inner)?.map(|truth| !truth).into()),
        ExprKind::IsNull { expr: inner, not } if !matches!(inner.kind, ExprKind::Row { .. }) => {
            Ok((evaluated(inner, value, context)?.is_null() != *not).into())
        }
        ExprKind::Call { function, args } => called(*function, args),
        ExprKind::Operator { operator, args } => {
            let row = builtins().operator_by_oid(*operator).ok_or_else(refused)?;
            called(row.function, args)
        }
        ExprKind::Convert { expr: inner, by: Conversion::Relabel } => evaluated(inner, value, context),
        ExprKind::Convert { expr: inner, by: Conversion::Text } => {
            call("cast_io", std::slice::from_ref(inner), expr, value, context)
        }
        ExprKind::Field { expr: inner, field } => {
            let row = evaluated(inner, value, context)?;
            let types = format!("{},{}", inner.ty.oid, expr.ty.oid);
            let code = datum::function("row_field").ok_or_else(refused)?;
            let at = i64::try_from(*field).map_err(|_| refused())?;
            code.invoke(&[Stored::Text(&types), row.borrow(), Stored::Integer(at)], context)
        }
        _ => Err(refused()),
    }
}

fn call(
    source: &str,
    args: &[Expr],
    expr: &Expr,
    value: Stored<'_>,
    context: &dyn Context,
) -> Result<StoredValue> {
    let Some(code) = datum::function(source) else {
        return Err(DatabaseError::unsupported(format_args!("function {source}")));
    };
    let types = signature(args, expr.ty);
    let values = args.iter().map(|arg| evaluated(arg, value, context)).collect::<Result<Vec<_>>>()?;
    let mut arguments = Vec::with_capacity(values.len() + 1);
    if code.typed {
        arguments.push(Stored::Text(&types));
    }
    arguments.extend(values.iter().map(StoredValue::borrow));
    code.invoke(&arguments, context)
}
