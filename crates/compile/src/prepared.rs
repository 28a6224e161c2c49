//! EXECUTE's arguments: EvaluateParams.

use crate::analysis::Analysis;
use crate::analysis::Unknowns;
use crate::bound::{Body, Expr};
use crate::program::Program;
use crate::statement::{Asker, query_program};
use catalog::builtin::CastContext;
use catalog::{Catalog, TypeRef};
use sqlstate::{DATATYPE_MISMATCH, DatabaseError, Result, SYNTAX_ERROR};
use syntax::ast::{self, QueryBody, SelectCore, Target};

/// The program of one row: a prepared statement's arguments as values of its parameters' types.
///
/// # Errors
/// 42601 when there are more or fewer than parameters; 42804 for one that cannot be of its parameter's type.
pub fn arguments(
    catalog: &Catalog,
    asker: &Asker<'_>,
    name: &str,
    arguments: &[ast::Expr],
    types: &[TypeRef],
) -> Result<Program> {
    if arguments.len() != types.len() {
        let message = format!("wrong number of parameters for prepared statement \"{name}\"");
        let detail = format!("Expected {} parameters but got {}.", types.len(), arguments.len());
        return Err(DatabaseError::new(SYNTAX_ERROR, message).with_detail(detail));
    }
    let mut analysis = Analysis::new(catalog, asker, &[]);
    let targets = arguments.iter().map(|expr| Target { expr: expr.clone(), alias: None }).collect();
    let mut query = analysis.query_with(None, &select(targets), Unknowns::Keep)?;
    let Body::Core(core) = &mut query.body else {
        return Err(DatabaseError::internal("arguments that are no plain query"));
    };
    if core.targets.len() != types.len() {
        return Err(DatabaseError::unsupported("EXECUTE with all columns of nothing"));
    }
    for (at, (target, ty)) in core.targets.iter_mut().zip(types).enumerate() {
        let value = std::mem::replace(&mut target.expr, Expr::null(*ty));
        let (source, position) = (value.ty.oid, value.location());
        let coerced = analysis.coerce_to_target(value, *ty, CastContext::Assignment)?;
        target.expr = coerced.ok_or_else(|| {
            let (found, wanted) = (analysis.type_name(source), analysis.type_name(ty.oid));
            let message = format!(
                "parameter ${} of type {found} cannot be coerced to the expected type {wanted}",
                at + 1
            );
            DatabaseError::new(DATATYPE_MISMATCH, message)
                .with_hint("You will need to rewrite or cast the expression.")
                .at(position)
        })?;
        query.columns[at].ty = *ty;
    }
    query_program(&mut analysis, query, 0)
}

/// `SELECT targets`
fn select(targets: Vec<Target>) -> ast::Select {
    let core = SelectCore {
        distinct: None,
        targets,
        into: None,
        from: Vec::new(),
        filter: None,
        group_by: Vec::new(),
        group_distinct: false,
        having: None,
        windows: Vec::new(),
    };
    ast::Select {
        with: None,
        body: QueryBody::Select(Box::new(core)),
        order_by: Vec::new(),
        limit: None,
        with_ties: false,
        offset: None,
        locking: Vec::new(),
        position: 0,
    }
}

/// The types of this list, as PREPARE declares them.
///
/// # Errors
/// 42704 for a type that does not exist.
pub fn declared_types(catalog: &Catalog, asker: &Asker<'_>, names: &[ast::TypeName]) -> Result<Vec<TypeRef>> {
    let mut analysis = Analysis::new(catalog, asker, &[]);
    names.iter().map(|name| analysis.resolve_type(name)).collect()
}
