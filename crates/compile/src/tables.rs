//! [`TablePlan`]s: what the engine needs to write a table, the same for all roles.

use crate::analysis::{Analysis, Place, Scope};
use crate::bound::{Body, Core, Expr, ExprKind, From, OutputColumn, Query, Target};
use crate::descend::Walk;
use crate::program::{Check, ForeignKeyPlan, PlanColumn, Probe, SqliteStatement, TablePlan, UniquePlan};
use crate::rewrite::Rewrite;
use crate::stored::{self, BOOLEAN, Row};
use crate::system::Viewer;
use crate::{render, storage};
use catalog::lookup::SearchPath;
use catalog::{Catalog, ConstraintKind, ForeignKey, Index, IndexKey, Oid, Relation, TypeRef};
use sqlstate::{DatabaseError, Result};
use std::sync::Arc;
use syntax::quote_identifier;

/// The plan of a table.
pub fn table_plan(catalog: &Catalog, oid: Oid) -> Result<TablePlan> {
    let table = relation(catalog, oid)?;
    let mut analysis = stored::system_analysis(catalog, table.owner);
    let columns = table.columns.iter().map(|column| PlanColumn {
        number: column.number,
        name: column.name.clone(),
        type_ref: column.type_ref,
        not_null: column.not_null,
        generated: column.generated,
    });
    let mut foreign_keys = Vec::new();
    for (_, constraint, key) in own_keys(table) {
        foreign_keys.push(Arc::new(foreign_key_plan(catalog, table, constraint, key)?));
    }
    foreign_keys.sort_by(|a, b| a.name.cmp(&b.name));
    let mut references = Vec::new();
    for (other, constraint, key) in catalog.references_to(oid) {
        references.push(Arc::new(foreign_key_plan(catalog, other, constraint, key)?));
    }
    Ok(TablePlan {
        oid,
        schema: schema_name(catalog, table)?,
        name: table.name.clone(),
        sqlite_name: storage::sqlite_name(catalog, table.schema, &table.name)?,
        rowid: storage::rowid_name(table)?,
        columns: columns.collect(),
        generated: generated(&mut analysis, table)?,
        checks: checks(&mut analysis, table)?,
        uniques: uniques(&mut analysis, table)?,
        foreign_keys,
        references,
    })
}

fn own_keys(
    table: &Arc<Relation>,
) -> impl Iterator<Item = (&Arc<Relation>, &catalog::Constraint, &ForeignKey)> {
    table.constraints.iter().filter_map(move |constraint| match &constraint.kind {
        ConstraintKind::ForeignKey(key) => Some((table, constraint, key)),
        ConstraintKind::Check { .. } | ConstraintKind::PrimaryKey { .. } | ConstraintKind::Unique { .. } => {
            None
        }
    })
}

pub(crate) fn relation(catalog: &Catalog, oid: Oid) -> Result<&Arc<Relation>> {
    catalog.relations.get(&oid).ok_or_else(|| DatabaseError::internal(format_args!("no relation {oid}")))
}

fn schema_name(catalog: &Catalog, relation: &Relation) -> Result<String> {
    let schema = catalog.schemas.get(&relation.schema);
    schema.map(|schema| schema.name.clone()).ok_or_else(|| DatabaseError::internal("relation without schema"))
}

/// The generated columns over the new row.
fn generated(analysis: &mut Analysis<'_>, table: &Arc<Relation>) -> Result<Option<SqliteStatement>> {
    let mut exprs = Vec::new();
    for column in table.columns.iter().filter(|column| column.generated) {
        let sql =
            column.default.as_deref().ok_or_else(|| DatabaseError::internal("generated from nothing"))?;
        let expr = stored::expression(analysis, table, Row::New, Place::GeneratedColumn, sql)?;
        exprs.push(analysis.coerce_assignment(expr, column.type_ref, &column.name)?);
    }
    if exprs.is_empty() {
        return Ok(None);
    }
    // Calls of SQL functions become what their bodies say.
    let mut rewrite = Rewrite::new(analysis, 0);
    exprs.iter_mut().try_for_each(|expr| rewrite.expr(expr))?;
    if !rewrite.steps.is_empty() {
        return Err(DatabaseError::internal("a generated column that needs a step of its own"));
    }
    render::render_row(analysis.catalog, &exprs).map(Some)
}

/// The CHECK constraints over the new row, by name, without any policy.
fn checks(analysis: &mut Analysis<'_>, table: &Arc<Relation>) -> Result<Option<Probe>> {
    let mut rewrite = Rewrite::new(analysis, 0);
    let (checks, exprs) = constraint_checks(&mut rewrite, table)?;
    if checks.is_empty() {
        return Ok(None);
    }
    Ok(Some(Probe { statement: render::render_row(analysis.catalog, &exprs)?, checks }))
}

/// The CHECK constraints over the new row, by name.
pub(crate) fn constraint_checks(
    rewrite: &mut Rewrite<'_, '_>,
    table: &Relation,
) -> Result<(Vec<Check>, Vec<Expr>)> {
    let mut constraints: Vec<_> = table
        .constraints
        .iter()
        .filter_map(|constraint| match &constraint.kind {
            ConstraintKind::Check { expression, .. } => Some((&constraint.name, expression)),
            ConstraintKind::PrimaryKey { .. }
            | ConstraintKind::Unique { .. }
            | ConstraintKind::ForeignKey(_) => None,
        })
        .collect();
    constraints.sort();
    let (mut checks, mut exprs) = (Vec::new(), Vec::new());
    for (name, sql) in constraints {
        let mut expr = stored::condition(rewrite.analysis, table, Row::New, Place::CheckConstraint, sql)?;
        rewrite.expr(&mut expr)?;
        checks.push(Check::Constraint { name: name.clone() });
        exprs.push(expr);
    }
    Ok((checks, exprs))
}

fn uniques(analysis: &mut Analysis<'_>, table: &Arc<Relation>) -> Result<Vec<UniquePlan>> {
    let catalog = analysis.catalog;
    let unique = catalog.indexes_of(table.oid).filter(|index| index.unique);
    unique.map(|index| unique_plan(analysis, table, index)).collect()
}

fn unique_plan(analysis: &mut Analysis<'_>, table: &Arc<Relation>, index: &Index) -> Result<UniquePlan> {
    let catalog = analysis.catalog;
    let mut columns = Vec::new();
    let mut key = Vec::new();
    let mut entry = Vec::new();
    let mut included = Vec::new();
    let mut tests = Vec::new();
    let range = stored::system_range(analysis, table)?;
    let row = Row::Range(range.id);
    for (at, element) in index.elements.iter().enumerate() {
        let (name, value, found) = match &element.key {
            IndexKey::Column(number) => {
                let position = position_of(table, *number)?;
                let column = &table.columns[position];
                columns.push(position);
                let ty = column.type_ref;
                (shown(&column.name), Row::New.column(position, ty), row.column(position, ty))
            }
            IndexKey::Expression(sql) => {
                let place = Place::IndexExpression;
                let mut value = stored::expression(analysis, table, Row::New, place, sql)?;
                let mut found = stored::expression(analysis, table, row, place, sql)?;
                storage::inline(analysis, &mut value)?;
                storage::inline(analysis, &mut found)?;
                (shown_expression(catalog, table, sql), value, found)
            }
        };
        // What names an object is indexed, and so shown, as its number.
        let is_object = datum::oid::is_object(value.ty.oid);
        key.push((name, if is_object { TypeRef { oid: datum::oid::OID, modifier: -1 } } else { value.ty }));
        let wanted = Row::Key.column(at, value.ty);
        let equal = equality(analysis, found.clone(), wanted.clone())?;
        if index.nulls_not_distinct {
            let both = Expr::all(vec![is_null(found, false), is_null(wanted, false)]);
            tests.push(Expr::any(vec![equal, both]));
        } else {
            tests.push(equal);
            included.push(is_null(value.clone(), true));
        }
        entry.push(value);
    }
    if let Some(sql) = &index.filter {
        for (row, terms) in [(Row::New, &mut included), (row, &mut tests)] {
            let mut term = stored::condition(analysis, table, row, Place::IndexPredicate, sql)?;
            storage::inline(analysis, &mut term)?;
            terms.push(term);
        }
    }
    entry.insert(0, Expr::all(included));
    let constraint = storage::constraint_of(catalog, index);
    let plain = columns.len() == index.elements.len();
    Ok(UniquePlan {
        name: index.name.clone(),
        constraint: constraint.is_some(),
        columns: if plain { columns } else { Vec::new() },
        key,
        entry: render::render_row(catalog, &entry)?,
        find: rowids(catalog, range, tests)?,
        deferrable: constraint.is_some_and(|constraint| constraint.deferrable),
        initially_deferred: constraint.is_some_and(|constraint| constraint.initially_deferred),
    })
}

fn is_null(expr: Expr, not: bool) -> Expr {
    Expr::new(ExprKind::IsNull { expr: Box::new(expr), not }, BOOLEAN)
}

/// `left = right` by PostgreSQL's operator for their types.
fn equality(analysis: &mut Analysis<'_>, left: Expr, right: Expr) -> Result<Expr> {
    use crate::analysis::{Item, ItemColumn};
    let column = |name: &str, expr: Expr| ItemColumn { name: name.to_owned(), expr, number: None };
    let mut scope = Scope::default();
    scope.items.push(Item {
        name: "pair".to_owned(),
        schema: None,
        range: None,
        columns: vec![column("l", left), column("r", right)],
        relation_visible: true,
        columns_visible: true,
        beyond: false,
    });
    let parsed = syntax::parse_expression("l = r")?;
    let role = analysis.role;
    analysis.stored(role, |analysis| analysis.expression(&mut scope, Place::Where, &parsed))
}

/// `SELECT rowid FROM range WHERE tests`.
fn rowids(catalog: &Catalog, range: crate::bound::Range, tests: Vec<Expr>) -> Result<SqliteStatement> {
    let int8 = TypeRef { oid: datum::oid::INT8, modifier: -1 };
    let rowid = Expr::new(ExprKind::RowId(range.id), int8);
    let query = Query {
        ctes: Vec::new(),
        body: Body::Core(Box::new(Core {
            from: vec![From::Range(Box::new(range))],
            filter: Some(Expr::all(tests)),
            group_by: Vec::new(),
            grouping_sets: Vec::new(),
            having: None,
            windows: Vec::new(),
            targets: vec![Target { expr: rowid, name: "rowid".to_owned() }],
            distinct: None,
            grouped: false,
        })),
        columns: vec![OutputColumn { name: "rowid".to_owned(), ty: int8 }],
        order_by: Vec::new(),
        limit: None,
        with_ties: false,
        offset: None,
    };
    render::render_query(catalog, &query)
}

/// The index of a column in its relation's list.
pub(crate) fn position_of(relation: &Relation, number: catalog::ColumnNumber) -> Result<usize> {
    let position = relation.columns.iter().position(|column| column.number == number);
    position.ok_or_else(|| DatabaseError::internal("a dropped column is still named"))
}

fn foreign_key_plan(
    catalog: &Catalog,
    table: &Arc<Relation>,
    constraint: &catalog::Constraint,
    key: &ForeignKey,
) -> Result<ForeignKeyPlan> {
    let referenced = relation(catalog, key.referenced)?;
    let named = |relation: &Relation, numbers: &[catalog::ColumnNumber]| -> Result<Vec<(usize, String)>> {
        let position = |number: &catalog::ColumnNumber| {
            position_of(relation, *number).map(|at| (at, relation.columns[at].name.clone()))
        };
        numbers.iter().map(position).collect()
    };
    let columns = named(table, &key.columns)?;
    let referenced_columns = named(referenced, &key.referenced_columns)?;
    let mut analysis = stored::system_analysis(catalog, table.owner);
    let mut set_columns = Vec::new();
    for (at, number) in key.columns.iter().enumerate() {
        if key.set_columns.is_empty() || key.set_columns.contains(number) {
            set_columns.push(at);
        }
    }
    let sets_default = [key.on_delete, key.on_update].contains(&catalog::ReferentialAction::SetDefault);
    let defaults = if sets_default {
        let mut exprs = Vec::new();
        for at in &set_columns {
            exprs.push(column_default(&mut analysis, &table.columns[columns[*at].0])?);
        }
        Some(render::render_row(catalog, &exprs)?)
    } else {
        None
    };
    // The key that is looked for has the other side's types.
    let mut find =
        |from: &Arc<Relation>, at: &[(usize, String)], other: &Relation, keys: &[(usize, String)]| {
            let range = stored::system_range(&mut analysis, from)?;
            let mut tests = Vec::new();
            for (i, ((column, _), (key, _))) in at.iter().zip(keys).enumerate() {
                let found = Row::Range(range.id).column(*column, from.columns[*column].type_ref);
                let wanted = Row::Key.column(i, other.columns[*key].type_ref);
                tests.push(equality(&mut analysis, found, wanted)?);
            }
            rowids(catalog, range, tests)
        };
    let find_referenced = find(referenced, &referenced_columns, table, &columns)?;
    let find_referencing = find(table, &columns, referenced, &referenced_columns)?;
    Ok(ForeignKeyPlan {
        oid: constraint.oid,
        name: constraint.name.clone(),
        table: (table.oid, schema_name(catalog, table)?, table.name.clone()),
        columns,
        referenced: (referenced.oid, schema_name(catalog, referenced)?, referenced.name.clone()),
        referenced_columns,
        match_full: key.match_full,
        on_delete: key.on_delete,
        on_update: key.on_update,
        set_columns,
        defaults,
        deferrable: constraint.deferrable,
        initially_deferred: constraint.initially_deferred,
        find_referenced,
        find_referencing,
    })
}

/// What a column gets when a statement gives it no value: its default, its type's, or NULL.
pub(crate) fn column_default(analysis: &mut Analysis<'_>, column: &catalog::Column) -> Result<Expr> {
    if let Some(identity) = column.identity {
        return next_value(analysis, identity.sequence, column.type_ref, &column.name);
    }
    if column.generated {
        return Ok(Expr::null(column.type_ref));
    }
    let domain_default = || match analysis.catalog.types.get(&column.type_ref.oid).map(|row| &row.kind) {
        Some(catalog::TypeKind::Domain { default, .. }) => default.clone(),
        _ => None,
    };
    match column.default.clone().or_else(domain_default) {
        Some(sql) => stored::default_of(analysis, &column.name, column.type_ref, &sql),
        None => {
            // NULL goes through the conversion as well: a domain may refuse it.
            let unknown = TypeRef { oid: datum::oid::UNKNOWN, modifier: -1 };
            analysis.coerce_assignment(Expr::null(unknown), column.type_ref, &column.name)
        }
    }
}

/// `nextval` of a sequence, as an identity column calls it.
fn next_value(analysis: &mut Analysis<'_>, sequence: Oid, ty: TypeRef, column: &str) -> Result<Expr> {
    let parsed = syntax::parse_expression(&format!("pg_catalog.nextval({sequence}::pg_catalog.regclass)"))?;
    // An identity column asks nobody for a privilege on its sequence.
    let superuser = analysis.catalog.roles.values().find(|role| role.superuser);
    let role = superuser.map_or(analysis.role, |role| role.oid);
    analysis.stored(role, |analysis| {
        let expr = analysis.expression(&mut Scope::default(), Place::ColumnDefault, &parsed)?;
        analysis.coerce_assignment(expr, ty, column)
    })
}

/// An identifier as errors print index keys.
pub(crate) fn shown(name: &str) -> String {
    quote_identifier(name).into_owned()
}

/// An index's expression as a message shows it (pg_get_indexdef_columns), as most askers see names: an operation without the
/// brackets that a definition has for each.
fn shown_expression(catalog: &Catalog, table: &Relation, sql: &str) -> String {
    let path = SearchPath::new(catalog, &["public", "extensions"], table.owner);
    let viewer = Viewer { catalog, role: table.owner, path };
    match crate::system::index_expression(&viewer, table, sql) {
        Ok(call) if !call.starts_with('(') => call,
        Ok(text) => match text.strip_prefix("((").and_then(|text| text.strip_suffix("))")) {
            Some(operation) if !operation.contains(['(', ')']) => format!("({operation})"),
            _ => format!("({})", without_collation(sql)),
        },
        Err(_) => format!("({})", without_collation(sql)),
    }
}

/// The text of an expression without the collation behind it.
fn without_collation(sql: &str) -> String {
    match syntax::parse_expression(sql) {
        Ok(syntax::ast::Expr { kind: syntax::ast::ExprKind::Collate { expr, .. }, .. }) => {
            syntax::deparse::expression(&expr)
        }
        _ => sql.to_owned(),
    }
}
