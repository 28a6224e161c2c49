//! A function's body that is one SELECT, written into the statement that calls it.

use super::{is_volatile, name_constant};
use crate::Asker;
use crate::analysis::{Analysis, Argument, FunctionArguments};
use crate::bound::{
    self, Core, Expr, ExprKind, From, OutputColumn, Query, Range, RangeColumn, RangeKind, Target,
};
use crate::descend::{self, Walk};
use crate::mutant::{self, Mutant};
use crate::program::Bind;
use crate::rewrite::Rewrite;
use catalog::builtin::builtins;
use catalog::lookup::SearchPath;
use catalog::{Catalog, Function, Oid, TypeRef, Volatility};
use sqlstate::{DatabaseError, INVALID_FUNCTION_DEFINITION, Result};
use std::sync::Arc;
use syntax::ast;

/// What a body is.
pub(super) enum Body {
    /// One SELECT.
    Select(Box<ast::Select>),
    /// Anything else.
    Statements(Vec<ast::Statement>),
    /// A block of PL/pgSQL.
    Block(Box<syntax::plpgsql::Body>),
}

/// Parses a body.
pub(super) fn read(function: &Function) -> Result<Body> {
    if function.language.eq_ignore_ascii_case("plpgsql") {
        return syntax::plpgsql::parse_block(&function.body).map(Box::new).map(Body::Block);
    }
    let mut statements: Vec<_> =
        syntax::parse_script(&function.body)?.into_iter().map(|parsed| parsed.statement).collect();
    match statements.pop() {
        Some(ast::Statement::Select(select)) if statements.is_empty() && !modifies(&select) => {
            Ok(Body::Select(select))
        }
        Some(last) => {
            statements.push(last);
            Ok(Body::Statements(statements))
        }
        None => Ok(Body::Statements(Vec::new())),
    }
}

/// Whether its WITH changes rows.
fn modifies(select: &ast::Select) -> bool {
    let ctes = select.with.iter().flat_map(|with| &with.ctes);
    ctes.into_iter().any(|cte| !matches!(cte.statement, ast::Statement::Select(_)))
}

/// Whether the parameters of a PL/pgSQL function are plain values, neither rows nor polymorphic, and its result is one or rows of
/// known columns.
pub(super) fn takes_plain_values(catalog: &Catalog, function: &Function) -> bool {
    use ast::ParameterMode::{In, Out, Table};
    let is_row = |oid: Oid| catalog.relations.values().any(|relation| relation.row_type == oid);
    let is_plain = |ty: TypeRef| {
        let base = catalog.base_type(ty).oid;
        base != datum::oid::RECORD && !crate::types::is_polymorphic(base) && !is_row(base)
    };
    let parameters = function.parameters.iter();
    let outputs = function.parameters.iter().any(|parameter| matches!(parameter.mode, Out | Table));
    parameters
        .clone()
        .all(|parameter| matches!(parameter.mode, In | Out | Table) && is_plain(parameter.type_ref))
        && (is_plain(function.returns) || outputs || (function.returns_set && is_row(function.returns.oid)))
}

/// What `$n` and the names of the arguments mean in the body.
fn arguments(function: &Function, types: &[TypeRef]) -> Arc<FunctionArguments> {
    let inputs = function.inputs().zip(types).enumerate();
    let arguments = inputs.map(|(at, (parameter, ty))| Argument {
        name: parameter.name.clone(),
        ty: *ty,
        value: Expr::new(ExprKind::Bind(Bind::Argument(at)), *ty),
    });
    Arc::new(FunctionArguments { function: function.name.clone(), arguments: arguments.collect() })
}

/// The types of the parameters in a call: polymorphic ones are those of its arguments.
pub(super) fn concrete(function: &Function, args: &[Expr]) -> Vec<TypeRef> {
    let inputs = function.inputs().enumerate();
    let types = inputs.map(|(at, parameter)| match args.get(at) {
        Some(arg) if crate::types::is_polymorphic(parameter.type_ref.oid) => {
            TypeRef { oid: arg.ty.oid, modifier: -1 }
        }
        _ => parameter.type_ref,
    });
    types.collect()
}

/// The role as which the body runs, and the search path that its SET clause gives it.
pub(crate) fn surroundings(catalog: &Catalog, function: &Function, caller: Oid) -> (Oid, Option<SearchPath>) {
    let role = if runs_as_owner(function) { function.owner } else { caller };
    let path = function.settings.iter().find(|(name, _)| name == "search_path").map(|(_, value)| {
        let names = catalog::lookup::search_path_names(value);
        SearchPath::new(catalog, &names, role)
    });
    (role, path)
}

/// Whether the body runs with the rights of the function's owner.
pub(crate) fn runs_as_owner(function: &Function) -> bool {
    (function.security_definer && !mutant::is(Mutant::DefinerAsCaller)) || mutant::is(Mutant::FunctionAsOwner)
}

/// The analysis of a statement of the body that is not written into its caller.
pub(super) fn analysis_inside<'a>(
    outer: &Analysis<'a>,
    function: &Function,
    types: &[TypeRef],
    caller: Oid,
) -> Analysis<'a> {
    let (role, path) = surroundings(outer.catalog, function, caller);
    let asker = Asker { role, session_user: outer.session_user, search_path: &[] };
    let mut analysis = Analysis::new(outer.catalog, &asker, &[]);
    analysis.path = path.unwrap_or_else(|| outer.path.clone());
    analysis.arguments = Some(arguments(function, types));
    analysis
}

/// Analyses and rewrites the body as its role, with `Bind::Argument` for the arguments.
fn analyse(
    rewrite: &mut Rewrite<'_, '_>,
    function: &Function,
    select: &ast::Select,
    types: &[TypeRef],
) -> Result<Query> {
    let (role, path) = surroundings(rewrite.analysis.catalog, function, rewrite.caller);
    let analysis = &mut *rewrite.analysis;
    let outer_role = std::mem::replace(&mut analysis.role, role);
    let outer_path = path.map(|path| std::mem::replace(&mut analysis.path, path));
    let outer_stored = std::mem::replace(&mut analysis.stored, false);
    let outer_arguments = analysis.arguments.replace(arguments(function, types));
    let outer_variables = analysis.variables.take();
    let outer_caller = std::mem::replace(&mut rewrite.caller, role);
    let outer_views = std::mem::take(&mut rewrite.views);
    let mut query = rewrite.analysis.query(None, select).map_err(|error| inside(function, error));
    if let Ok(query) = &mut query {
        rewrite.query(query).map_err(|error| inside(function, error))?;
    }
    rewrite.caller = outer_caller;
    rewrite.views = outer_views;
    let analysis = &mut *rewrite.analysis;
    analysis.role = outer_role;
    analysis.stored = outer_stored;
    if let Some(path) = outer_path {
        analysis.path = path;
    }
    analysis.arguments = outer_arguments;
    analysis.variables = outer_variables;
    let mut query = query?;
    if function.volatility == Volatility::Volatile {
        let live = &mut rewrite.analysis.live;
        descend::each_range(&mut query, &mut |range| {
            if let RangeKind::Relation(table) = &range.kind {
                live.insert(range.id, table.relation.oid);
            }
            Ok(())
        })?;
    }
    if function.security_definer {
        let owner = rewrite.analysis.catalog.roles.get(&function.owner);
        let owner = owner.map(|role| role.name.clone()).unwrap_or_default();
        descend::each_expr_of_query(&mut query, &mut |expr| {
            if is_current_user(&expr.kind) {
                expr.kind = name_constant(&owner);
            }
            Ok(())
        })?;
    }
    Ok(query)
}

/// Whether this is `current_user`, as analysis or as rendering writes it.
fn is_current_user(kind: &ExprKind) -> bool {
    match kind {
        ExprKind::Bind(bind) => *bind == Bind::CurrentUser,
        ExprKind::Call { function, .. } => {
            builtins().function_by_oid(*function).is_some_and(|row| row.source == "current_user")
        }
        _ => false,
    }
}

/// A position in a body means nothing in the statement that calls it.
fn inside(_: &Function, mut error: DatabaseError) -> DatabaseError {
    error.fields_mut().position = None;
    error
}

/// Puts the values of the arguments in their places.
struct Substitute<'s> {
    args: &'s [Expr],
    uses: Vec<usize>,
}

impl Walk for Substitute<'_> {
    fn expr(&mut self, expr: &mut Expr) -> Result<()> {
        if let ExprKind::Bind(Bind::Argument(at)) = expr.kind {
            let value = self.args.get(at).ok_or_else(|| DatabaseError::internal("an argument is missing"))?;
            self.uses[at] += 1;
            let ty = expr.ty;
            *expr = Expr { ty, ..value.clone() };
            return Ok(());
        }
        descend::descend_expr(self, expr)
    }
}

fn substitute(
    rewrite: &Rewrite<'_, '_>,
    function: &Function,
    query: &mut Query,
    mut args: Vec<Expr>,
) -> Result<()> {
    let mut substitute = Substitute { args: &args, uses: vec![0; args.len()] };
    substitute.query(query)?;
    let uses = substitute.uses;
    for (arg, uses) in args.iter_mut().zip(uses) {
        if uses != 1 && is_volatile(rewrite.analysis.catalog, arg)? {
            let what = format!("a volatile argument of function {}", function.name);
            return Err(DatabaseError::unsupported(what));
        }
    }
    Ok(())
}

/// What a call gives as columns: those of its OUT parameters, or of its row type; `None` for one value.
fn row_columns(
    rewrite: &mut Rewrite<'_, '_>,
    function: &Function,
    types: &[TypeRef],
    returns: TypeRef,
) -> Result<Option<Vec<(String, TypeRef)>>> {
    if let Some(relation) = crate::types::composite(rewrite.analysis.catalog, returns.oid) {
        let columns = relation.columns.iter();
        return Ok(Some(columns.map(|column| (column.name.clone(), column.type_ref)).collect()));
    }
    if returns.oid != datum::oid::RECORD {
        return Ok(None);
    }
    let actual: Vec<Oid> = types.iter().map(|ty| ty.oid).collect();
    let declared: Vec<Oid> = function.inputs().map(|parameter| parameter.type_ref.oid).collect();
    let mut columns = Vec::new();
    for (name, ty) in rewrite.analysis.output_columns(function.oid) {
        let oid = rewrite.analysis.enforce_generics(&actual, &mut declared.clone(), ty.oid)?;
        columns.push((name, if oid == ty.oid { ty } else { TypeRef { oid, modifier: -1 } }));
    }
    Ok(Some(columns))
}

/// A query of a row's columns as a query of the row.
fn as_row(
    rewrite: &mut Rewrite<'_, '_>,
    function: &Function,
    query: Query,
    columns: Vec<(String, TypeRef)>,
    returns: TypeRef,
) -> Result<Query> {
    let same = |column: &OutputColumn| column.ty.oid == returns.oid;
    if query.columns.len() == 1 && query.columns.first().is_some_and(same) {
        return Ok(query);
    }
    let columns = if columns.is_empty() {
        query.columns.iter().map(|column| (column.name.clone(), column.ty)).collect()
    } else {
        columns
    };
    if query.columns.len() != columns.len() {
        return Err(mismatch(function));
    }
    let query = first_row(rewrite, query);
    let (from, fields) = as_range(rewrite, function, query, &columns)?;
    let names = columns.into_iter().map(|(name, _)| name).collect();
    let row = Expr::new(ExprKind::Row { fields, names }, returns);
    Ok(select_of(vec![from], vec![row], None, &[(function.name.clone(), returns)]))
}

/// The value of a call that gives one value.
pub(super) fn scalar(
    rewrite: &mut Rewrite<'_, '_>,
    function: &Function,
    select: &ast::Select,
    args: Vec<Expr>,
    returns: TypeRef,
) -> Result<Expr> {
    let types = concrete(function, &args);
    let mut query = analyse(rewrite, function, select, &types)?;
    if function.returns.oid != datum::oid::VOID
        && let Some(columns) = row_columns(rewrite, function, &types, returns)?
    {
        query = as_row(rewrite, function, query, columns, returns)?;
    }
    let column = match query.columns.as_slice() {
        [column] => column.clone(),
        // What a function of type void selects is not looked at.
        [column, ..] if function.returns.oid == datum::oid::VOID => {
            let column = column.clone();
            query.columns.truncate(1);
            column
        }
        _ => return Err(mismatch(function)),
    };
    substitute(rewrite, function, &mut query, args)?;
    let correlated = |query: &mut Query| -> Result<bool> { Ok(!descend::outer_ranges(query)?.is_empty()) };
    let value = match plain_expression(&mut query) {
        Some(value) => value,
        None => {
            let mut volatile = false;
            descend::each_expr_of_query(&mut query, &mut |expr| {
                volatile |= super::node_is_volatile(rewrite.analysis.catalog, &expr.kind);
                Ok(())
            })?;
            // SQLite runs a sub-query that reads nothing outside once; a volatile one must run for each row.
            if volatile && !correlated(&mut query)? {
                let what = format!("function {} whose query is volatile", function.name);
                return Err(DatabaseError::unsupported(what));
            }
            if query.limit.is_none() {
                query.limit = Some(one());
            }
            Expr::new(ExprKind::Subquery(Box::new(query)), column.ty)
        }
    };
    if function.returns.oid == datum::oid::VOID {
        // It is run, and gives NULL.
        let ran = Expr::new(ExprKind::IsNull { expr: Box::new(value), not: false }, crate::stored::BOOLEAN);
        let nothing = Expr::null(function.returns);
        let kind = ExprKind::Case {
            operand: None,
            arms: vec![(ran, nothing.clone())],
            otherwise: Box::new(nothing),
        };
        return Ok(Expr::new(kind, function.returns));
    }
    if value.ty.oid == returns.oid {
        return Ok(value);
    }
    rewrite.analysis.coerce_assignment(value, returns, &column.name).map_err(|_| mismatch(function))
}

fn mismatch(function: &Function) -> DatabaseError {
    let message = format!("return type mismatch in function {}", function.name);
    DatabaseError::new(INVALID_FUNCTION_DEFINITION, message)
}

fn one() -> Expr {
    let int8 = TypeRef { oid: datum::oid::INT8, modifier: -1 };
    Expr::new(ExprKind::Constant(datum::StoredValue::Integer(1)), int8)
}

/// The expression of a SELECT that is nothing but one.
fn plain_expression(query: &mut Query) -> Option<Expr> {
    let plain =
        query.ctes.is_empty() && query.limit.is_none() && query.offset.is_none() && query.order_by.is_empty();
    let bound::Body::Core(core) = &mut query.body else { return None };
    let plain = plain
        && core.from.is_empty()
        && core.filter.is_none()
        && core.having.is_none()
        && !core.grouped
        && core.windows.is_empty()
        && core.distinct.is_none()
        && core.targets.len() == 1
        && !matches!(core.targets[0].expr.kind, ExprKind::SetCall { .. });
    plain.then(|| core.targets.remove(0).expr)
}

/// The rows of a call in FROM, with these columns.
pub(super) fn rows(
    rewrite: &mut Rewrite<'_, '_>,
    function: &Function,
    select: &ast::Select,
    args: Vec<Expr>,
    columns: &[(String, TypeRef)],
    guard: Option<Expr>,
) -> Result<Query> {
    let types = concrete(function, &args);
    let mut query = analyse(rewrite, function, select, &types)?;
    if let Some(fields) = spread(rewrite, &query, columns) {
        query = fields;
    }
    if query.columns.len() != columns.len() {
        let what = format!("function {} whose query gives a row as one value", function.name);
        return Err(DatabaseError::unsupported(what));
    }
    substitute(rewrite, function, &mut query, args)?;
    if !function.returns_set {
        // One row always; of NULLs when the query gives none.
        query = first_row(rewrite, query);
        if columns.len() != 1 {
            return one_row(rewrite, function, query, columns, guard);
        }
        let value = Expr::new(ExprKind::Subquery(Box::new(query)), columns[0].1);
        let value = match guard {
            None => value,
            Some(guard) => {
                let otherwise = Box::new(Expr::null(columns[0].1));
                Expr::new(
                    ExprKind::Case { operand: None, arms: vec![(guard, value)], otherwise },
                    columns[0].1,
                )
            }
        };
        let value = rewrite.analysis.coerce_assignment(value, columns[0].1, &columns[0].0)?;
        return Ok(select_of(Vec::new(), vec![value], None, columns));
    }
    let (from, values) = as_range(rewrite, function, query, columns)?;
    Ok(select_of(vec![from], values, guard, columns))
}

/// A query that gives rows as one value, as a query of their fields.
fn spread(rewrite: &mut Rewrite<'_, '_>, query: &Query, columns: &[(String, TypeRef)]) -> Option<Query> {
    let [only] = query.columns.as_slice() else { return None };
    let relation = crate::types::composite(rewrite.analysis.catalog, only.ty.oid)?.clone();
    let asked = columns.iter().map(|(_, ty)| ty.oid);
    if asked.clone().eq([only.ty.oid]) || !asked.eq(relation.columns.iter().map(|column| column.type_ref.oid))
    {
        return None;
    }
    let id = rewrite.analysis.new_range();
    let range = Range {
        id,
        alias: "rows".to_owned(),
        columns: vec![RangeColumn { name: only.name.clone(), ty: only.ty, not_null: false }],
        nullable: false,
        kind: RangeKind::Subquery { query: Box::new(query.clone()), lateral: true },
    };
    let fields = relation.columns.iter().enumerate().map(|(field, column)| {
        let row = Expr::new(ExprKind::Column { range: id, column: 0 }, only.ty);
        Expr::new(ExprKind::Field { expr: Box::new(row), field }, column.type_ref)
    });
    Some(select_of(vec![From::Range(Box::new(range))], fields.collect(), None, columns))
}

/// The first row of a query.
fn first_row(rewrite: &mut Rewrite<'_, '_>, mut query: Query) -> Query {
    if query.limit.is_none() {
        query.limit = Some(one());
        return query;
    }
    let columns: Vec<_> = query.columns.iter().map(|column| (column.name.clone(), column.ty)).collect();
    let id = rewrite.analysis.new_range();
    let range_column =
        |column: &OutputColumn| RangeColumn { name: column.name.clone(), ty: column.ty, not_null: false };
    let range = Range {
        id,
        alias: "limited".to_owned(),
        columns: query.columns.iter().map(range_column).collect(),
        nullable: false,
        kind: RangeKind::Subquery { query: Box::new(query), lateral: true },
    };
    let value = |(at, (_, ty)): (usize, &(String, TypeRef))| {
        Expr::new(ExprKind::Column { range: id, column: at }, *ty)
    };
    let values = columns.iter().enumerate().map(value).collect();
    let mut outer = select_of(vec![From::Range(Box::new(range))], values, None, &columns);
    outer.limit = Some(one());
    outer
}

/// A query as a range, and its columns converted to what the function declares.
fn as_range(
    rewrite: &mut Rewrite<'_, '_>,
    function: &Function,
    query: Query,
    columns: &[(String, TypeRef)],
) -> Result<(From, Vec<Expr>)> {
    let id = rewrite.analysis.new_range();
    let mut values = Vec::new();
    for (at, (column, (name, ty))) in query.columns.iter().zip(columns).enumerate() {
        let value = Expr::new(ExprKind::Column { range: id, column: at }, column.ty);
        let value = rewrite.analysis.coerce_assignment(value, *ty, name).map_err(|_| mismatch(function))?;
        values.push(value);
    }
    let range_column =
        |column: &OutputColumn| RangeColumn { name: column.name.clone(), ty: column.ty, not_null: false };
    let range = Range {
        id,
        alias: function.name.clone(),
        columns: query.columns.iter().map(range_column).collect(),
        nullable: false,
        kind: RangeKind::Subquery { query: Box::new(query), lateral: true },
    };
    Ok((From::Range(Box::new(range)), values))
}

fn one_row(
    rewrite: &mut Rewrite<'_, '_>,
    function: &Function,
    query: Query,
    columns: &[(String, TypeRef)],
    guard: Option<Expr>,
) -> Result<Query> {
    let (right, values) = as_range(rewrite, function, query, columns)?;
    let right = match right {
        From::Range(mut range) => {
            range.nullable = true;
            From::Range(range)
        }
        join @ From::Join { .. } => join,
    };
    let id = rewrite.analysis.new_range();
    let left = Range {
        id,
        alias: "one".to_owned(),
        columns: vec![RangeColumn { name: "one".to_owned(), ty: crate::stored::BOOLEAN, not_null: true }],
        nullable: false,
        kind: RangeKind::Values(vec![vec![Expr::boolean(true)]]),
    };
    let join = From::Join {
        kind: ast::JoinKind::Left,
        left: Box::new(From::Range(Box::new(left))),
        right: Box::new(right),
        condition: Some(guard.unwrap_or_else(|| Expr::boolean(true))),
    };
    Ok(select_of(vec![join], values, None, columns))
}

/// `SELECT values FROM from WHERE filter`.
pub(crate) fn select_of(
    from: Vec<From>,
    values: Vec<Expr>,
    filter: Option<Expr>,
    columns: &[(String, TypeRef)],
) -> Query {
    let named = values.into_iter().zip(columns);
    let output = |(name, ty): &(String, TypeRef)| OutputColumn { name: name.clone(), ty: *ty };
    Query {
        ctes: Vec::new(),
        body: bound::Body::Core(Box::new(Core {
            from,
            filter,
            group_by: Vec::new(),
            grouping_sets: Vec::new(),
            having: None,
            windows: Vec::new(),
            targets: named.map(|(expr, (name, _))| Target { expr, name: name.clone() }).collect(),
            distinct: None,
            grouped: false,
        })),
        columns: columns.iter().map(output).collect(),
        order_by: Vec::new(),
        limit: None,
        with_ties: false,
        offset: None,
    }
}
