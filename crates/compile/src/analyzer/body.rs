//! The check of a LANGUAGE sql function's body when it is made: functioncmds' fmgr_sql_validator and check_sql_fn_retval.

use crate::Asker;
use crate::analysis::{Analysis, Argument, FunctionArguments};
use crate::bound::{Expr, ExprKind};
use crate::program::{Bind, Program};
use catalog::ddl::DdlSession;
use catalog::{Catalog, Function, TypeKind, TypeRef};
use sqlstate::{DatabaseError, FEATURE_NOT_SUPPORTED, INVALID_FUNCTION_DEFINITION, Result};
use std::sync::Arc;
use syntax::ast::{ParameterMode, Statement};

/// Checks a body. What this engine cannot run is no reason to refuse the definition: its call is refused.
pub(super) fn check(catalog: &Catalog, session: &DdlSession<'_>, function: &Function) -> Result<()> {
    let statements = syntax::parse_script(&function.body)?;
    if function.inputs().any(|parameter| crate::types::is_polymorphic(parameter.type_ref.oid)) {
        // Its types are those of a call.
        return Ok(());
    }
    let mut last = None;
    for parsed in &statements {
        match compile(catalog, session, function, &parsed.statement) {
            Ok(program) => last = Some(program),
            Err(error) if error.code() == FEATURE_NOT_SUPPORTED => return Ok(()),
            Err(error) => return Err(error),
        }
    }
    let out = |mode: &ParameterMode| {
        matches!(mode, ParameterMode::Out | ParameterMode::InOut | ParameterMode::Table)
    };
    let shapeless = function.returns.oid == datum::oid::RECORD
        && !function.parameters.iter().any(|parameter| out(&parameter.mode));
    if function.returns.oid == datum::oid::VOID || shapeless {
        return Ok(());
    }
    let returns_rows = matches!(
        statements.last().map(|parsed| &parsed.statement),
        Some(Statement::Select(_) | Statement::Insert(_) | Statement::Update(_) | Statement::Delete(_))
    );
    match last {
        Some(program) if returns_rows && !program.columns.is_empty() => {
            result(catalog, session, function, &program)
        }
        _ => {
            let detail = "Function's final statement must be SELECT or INSERT/UPDATE/DELETE RETURNING.";
            Err(mismatch(catalog, session, function, detail))
        }
    }
}

fn compile(
    catalog: &Catalog,
    session: &DdlSession<'_>,
    function: &Function,
    statement: &Statement,
) -> Result<Program> {
    let asker = Asker { role: session.role, session_user: session.session_role, search_path: &[] };
    let mut analysis = Analysis::new(catalog, &asker, &[]);
    analysis.path = session.search_path.clone();
    if let Some((_, value)) = function.settings.iter().find(|(name, _)| name == "search_path") {
        let names = catalog::lookup::search_path_names(value);
        analysis.path = catalog::lookup::SearchPath::new(catalog, &names, session.role);
    }
    let arguments = function.inputs().enumerate().map(|(at, parameter)| Argument {
        name: parameter.name.clone(),
        ty: parameter.type_ref,
        value: Expr::new(ExprKind::Bind(Bind::Argument(at)), parameter.type_ref),
    });
    let arguments = FunctionArguments { function: function.name.clone(), arguments: arguments.collect() };
    analysis.arguments = Some(Arc::new(arguments));
    crate::compile_statement(&mut analysis, statement, 0)
}

/// The columns of the last statement against what the function says it returns.
fn result(catalog: &Catalog, session: &DdlSession<'_>, function: &Function, program: &Program) -> Result<()> {
    let declared = declared_columns(catalog, function);
    let asker = Asker { role: session.role, session_user: session.session_role, search_path: &[] };
    let mut analysis = Analysis::new(catalog, &asker, &[]);
    let composite = declared.len() != 1 || is_composite(catalog, function);
    if composite && program.columns.len() == 1 && program.columns[0].type_ref.oid == function.returns.oid {
        return Ok(());
    }
    if !composite && program.columns.len() != 1 {
        return Err(mismatch(catalog, session, function, "Final statement must return exactly one column."));
    }
    for (at, ty) in declared.iter().enumerate() {
        let Some(column) = program.columns.get(at) else {
            return Err(mismatch(catalog, session, function, "Final statement returns too few columns."));
        };
        let value = Expr::new(ExprKind::CaseOperand, column.type_ref);
        if analysis.coerce_assignment(value, *ty, "value").is_err() {
            let found = type_name(catalog, session, column.type_ref.oid);
            let detail = if composite {
                let wanted = type_name(catalog, session, ty.oid);
                format!("Final statement returns {found} instead of {wanted} at column {}.", at + 1)
            } else {
                format!("Actual return type is {found}.")
            };
            return Err(mismatch(catalog, session, function, &detail));
        }
    }
    if program.columns.len() > declared.len() {
        return Err(mismatch(catalog, session, function, "Final statement returns too many columns."));
    }
    Ok(())
}

/// The columns that a call gives: OUT and TABLE parameters, the columns of a row type, or the one value.
fn declared_columns(catalog: &Catalog, function: &Function) -> Vec<TypeRef> {
    let out = |mode: &ParameterMode| {
        matches!(mode, ParameterMode::Out | ParameterMode::InOut | ParameterMode::Table)
    };
    let outs: Vec<TypeRef> = function
        .parameters
        .iter()
        .filter(|parameter| out(&parameter.mode))
        .map(|parameter| parameter.type_ref)
        .collect();
    if !outs.is_empty() {
        return outs;
    }
    match catalog.types.get(&function.returns.oid).map(|row| &row.kind) {
        Some(TypeKind::Composite { relation }) => {
            catalog.relations.get(relation).map_or_else(Vec::new, |relation| {
                relation.columns.iter().map(|column| column.type_ref).collect()
            })
        }
        _ => vec![function.returns],
    }
}

fn is_composite(catalog: &Catalog, function: &Function) -> bool {
    function.returns.oid == datum::oid::RECORD
        || matches!(
            catalog.types.get(&function.returns.oid).map(|row| &row.kind),
            Some(TypeKind::Composite { .. })
        )
}

fn type_name(catalog: &Catalog, session: &DdlSession<'_>, oid: catalog::Oid) -> String {
    catalog.format_type(&session.search_path, TypeRef { oid, modifier: -1 })
}

fn mismatch(catalog: &Catalog, session: &DdlSession<'_>, function: &Function, detail: &str) -> DatabaseError {
    let returns = type_name(catalog, session, function.returns.oid);
    DatabaseError::new(
        INVALID_FUNCTION_DEFINITION,
        format!("return type mismatch in function declared to return {returns}"),
    )
    .with_detail(detail)
}
