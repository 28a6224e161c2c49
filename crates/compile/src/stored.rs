//! Expressions that the catalog keeps (defaults, checks, policies, generated columns, index keys), analysed over a row.
//!
//! Their text is canonical and qualified, so names are looked up in `pg_catalog` only.

use crate::Asker;
use crate::analysis::{Analysis, Item, ItemColumn, Place, Scope};
use crate::bound::{Expr, ExprKind, Range, RangeId};
use crate::program::Bind;
use catalog::{Catalog, Oid, Relation, TypeRef};
use sqlstate::{DatabaseError, Result};
use std::sync::Arc;

/// boolean
pub(crate) const BOOLEAN: TypeRef = TypeRef { oid: datum::oid::BOOL, modifier: -1 };

/// Where the columns of a row come from.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Row {
    /// A range of the query.
    Range(RangeId),
    /// `Bind::New`.
    New,
    /// `Bind::Old`.
    Old,
    /// `Bind::Excluded`.
    Excluded,
    /// `Bind::Key`.
    Key,
}

impl Row {
    /// Column `index` of the row.
    pub(crate) fn column(self, index: usize, ty: TypeRef) -> Expr {
        let kind = match self {
            Row::Range(range) => ExprKind::Column { range, column: index },
            Row::New => ExprKind::Bind(Bind::New(index)),
            Row::Old => ExprKind::Bind(Bind::Old(index)),
            Row::Excluded => ExprKind::Bind(Bind::Excluded(index)),
            Row::Key => ExprKind::Bind(Bind::Key(index)),
        };
        Expr::new(kind, ty)
    }

    /// A relation's row under a name.
    pub(crate) fn item(self, relation: &Relation, schema: Option<&str>, name: &str) -> Item {
        let columns = relation.columns.iter().enumerate();
        Item {
            name: name.to_owned(),
            schema: schema.map(str::to_owned),
            range: match self {
                Row::Range(range) => Some(range),
                Row::New | Row::Old | Row::Excluded | Row::Key => None,
            },
            columns: columns
                .map(|(index, column)| ItemColumn {
                    name: column.name.clone(),
                    expr: self.column(index, column.type_ref),
                    number: Some(column.number),
                })
                .collect(),
            relation_visible: true,
            columns_visible: true,
            beyond: false,
        }
    }
}

/// An analysis on behalf of the system: no role is asked about, nothing but `pg_catalog` is searched.
pub(crate) fn system_analysis(catalog: &Catalog, owner: Oid) -> Analysis<'_> {
    let mut analysis =
        Analysis::new(catalog, &Asker { role: owner, session_user: owner, search_path: &[] }, &[]);
    // What is compiled for all askers names types as most of them see them.
    analysis.show_types_along(&["public", "extensions"]);
    analysis
}

/// A stored expression over a relation's row, as it stands. Names are searched in `pg_catalog` only.
pub(crate) fn expression(
    analysis: &mut Analysis<'_>,
    relation: &Relation,
    row: Row,
    place: Place,
    sql: &str,
) -> Result<Expr> {
    let parsed = syntax::parse_expression(sql)
        .map_err(|error| DatabaseError::internal(format_args!("stored expression {sql:?}: {error}")))?;
    let schema = analysis.catalog.schemas.get(&relation.schema).map(|schema| schema.name.clone());
    let mut scope = Scope::default();
    let mut item = row.item(relation, schema.as_deref(), &relation.name);
    // What a stored expression reads is not what the asker asked for.
    item.range = None;
    item.columns.iter_mut().for_each(|column| column.number = None);
    scope.items.push(item);
    let role = analysis.role;
    let required = analysis.required.clone();
    let expr = analysis.stored(role, |analysis| analysis.expression(&mut scope, place, &parsed));
    for (range, before) in required {
        analysis.required.insert(range, before);
    }
    expr
}

/// A stored condition over a relation's row.
pub(crate) fn condition(
    analysis: &mut Analysis<'_>,
    relation: &Relation,
    row: Row,
    place: Place,
    sql: &str,
) -> Result<Expr> {
    let expr = expression(analysis, relation, row, place, sql)?;
    analysis.coerce_to_boolean(expr, "a stored condition")
}

/// A stored expression without columns, converted to a column's type.
pub(crate) fn default_of(analysis: &mut Analysis<'_>, column: &str, ty: TypeRef, sql: &str) -> Result<Expr> {
    let parsed = syntax::parse_expression(sql)
        .map_err(|error| DatabaseError::internal(format_args!("stored default {sql:?}: {error}")))?;
    let role = analysis.role;
    analysis.stored(role, |analysis| {
        let expr = analysis.expression(&mut Scope::default(), Place::ColumnDefault, &parsed)?;
        analysis.coerce_assignment(expr, ty, column)
    })
}

/// A relation as a range of a query of the system's own: nothing is asked of any role.
pub(crate) fn system_range(analysis: &mut Analysis<'_>, relation: &Arc<Relation>) -> Result<Range> {
    let range = analysis.relation_range(relation, None, catalog::Privileges::NONE)?;
    analysis.required.remove(&range.id);
    Ok(range)
}
