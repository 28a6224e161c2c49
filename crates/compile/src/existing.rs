//! What a definition computes of rows that exist: values of new and converted columns, conditions of new constraints.

use crate::analysis::{Item, ItemColumn, Place, Scope};
use crate::descend::Walk;
use crate::program::SqliteStatement;
use crate::rewrite::Rewrite;
use crate::stored::{self, Row};
use crate::{analysis::Analysis, bound::Expr, render};
use catalog::{Catalog, Column, Oid, Relation, TypeKind, TypeRef};
use sqlstate::{DatabaseError, Result};

/// A SELECT over `New`, a row of the relation as given (which may be the one before the change), that yields one value of the
/// column's type.
pub fn row_expression(
    catalog: &Catalog,
    relation: &Relation,
    column: &Column,
    sql: &str,
) -> Result<SqliteStatement> {
    let mut analysis = stored::system_analysis(catalog, relation.owner);
    let expr = stored::expression(&mut analysis, relation, Row::New, Place::AlterColumnTransform, sql)?;
    let expr = analysis.coerce_assignment(expr, column.type_ref, &column.name)?;
    finish(&mut analysis, expr)
}

/// A SELECT over `New` that yields whether a condition holds.
pub fn row_condition(catalog: &Catalog, relation: &Relation, sql: &str) -> Result<SqliteStatement> {
    let mut analysis = stored::system_analysis(catalog, relation.owner);
    let expr = stored::condition(&mut analysis, relation, Row::New, Place::CheckConstraint, sql)?;
    finish(&mut analysis, expr)
}

/// A SELECT over `Key`, one value, that yields whether a domain's check holds for it.
pub fn domain_condition(catalog: &Catalog, domain: Oid, sql: &str) -> Result<SqliteStatement> {
    let row = catalog.types.get(&domain);
    let Some((owner, base)) = row.and_then(|row| match &row.kind {
        TypeKind::Domain { base, .. } => Some((row.owner, *base)),
        _ => None,
    }) else {
        return Err(DatabaseError::internal(format_args!("type {domain} is no domain")));
    };
    let base = TypeRef { oid: catalog.base_type(base).oid, modifier: -1 };
    let mut analysis = stored::system_analysis(catalog, owner);
    let parsed = syntax::parse_expression(sql)
        .map_err(|error| DatabaseError::internal(format_args!("stored check {sql:?}: {error}")))?;
    let mut scope = Scope::default();
    scope.items.push(Item {
        name: String::new(),
        schema: None,
        range: None,
        columns: vec![ItemColumn { name: "value".to_owned(), expr: Row::Key.column(0, base), number: None }],
        relation_visible: false,
        columns_visible: true,
        beyond: false,
    });
    let expr = analysis.stored(owner, |analysis| {
        let condition = analysis.expression(&mut scope, Place::DomainCheck, &parsed)?;
        analysis.coerce_to_boolean(condition, "CHECK")
    })?;
    finish(&mut analysis, expr)
}

fn finish(analysis: &mut Analysis<'_>, mut expr: Expr) -> Result<SqliteStatement> {
    let mut rewrite = Rewrite::new(analysis, 0);
    rewrite.expr(&mut expr)?;
    if !rewrite.steps.is_empty() {
        return Err(DatabaseError::unsupported("a function of this kind over existing rows"));
    }
    render::render_row(analysis.catalog, &[expr])
}
