//! WITH: parse_cte.c.

use super::scope::VisibleCte;
use super::{Analysis, Scope};
use crate::bound::{Cte, CteBody, OutputColumn, Query};
use sqlstate::{DATATYPE_MISMATCH, DUPLICATE_ALIAS, DatabaseError, INVALID_COLUMN_REFERENCE, Result};
use std::collections::BTreeMap;
use syntax::ast::{self, QueryBody, SetOperator, Statement, With};

impl Analysis<'_> {
    /// Analyses WITH; its expressions become visible in the scope, one after the other.
    pub fn with(&mut self, scope: &mut Scope<'_>, with: &With) -> Result<Vec<Cte>> {
        let mut ctes = Vec::with_capacity(with.ctes.len());
        for (at, cte) in with.ctes.iter().enumerate() {
            if with.ctes[..at].iter().any(|other| other.name == cte.name) {
                return Err(DatabaseError::new(
                    DUPLICATE_ALIAS,
                    format!("WITH query name \"{}\" specified more than once", cte.name),
                )
                .at(cte.position));
            }
        }
        scope.future_ctes = with.ctes.iter().map(|cte| cte.name.clone()).collect();
        let ordered = Analysis::changes_rows(with);
        for cte in &with.ctes {
            if cte.search_or_cycle {
                return Err(DatabaseError::unsupported("SEARCH and CYCLE").at(cte.position));
            }
            // What comes later in the list is not to be seen, but known to hints.
            scope.future_ctes.retain(|name| *name != cte.name);
            let before = if ordered { self.reads() } else { BTreeMap::new() };
            let bound = match &cte.statement {
                Statement::Select(select) => self.select_cte(scope, cte, select, with.recursive)?,
                _ => {
                    let (mut columns, buffer, steps) = self.modifying_cte(scope, cte, &mut ctes)?;
                    for (column, name) in columns.iter_mut().zip(&cte.columns) {
                        column.name.clone_from(name);
                    }
                    let id = self.new_cte();
                    self.pend(id, &before, steps);
                    Cte {
                        id,
                        name: cte.name.clone(),
                        columns,
                        recursive: false,
                        materialized: None,
                        references: 0,
                        body: CteBody::Buffer(buffer),
                    }
                }
            };
            if ordered && matches!(bound.body, CteBody::Query(_)) {
                self.pend(bound.id, &before, Vec::new());
            }
            if !bound.recursive {
                scope.ctes.push(visible(&bound));
            }
            ctes.push(bound);
        }
        Ok(ctes)
    }

    fn select_cte(
        &mut self,
        scope: &mut Scope<'_>,
        cte: &ast::Cte,
        select: &ast::Select,
        recursive: bool,
    ) -> Result<Cte> {
        if recursive
            && let QueryBody::SetOperation { operator: SetOperator::Union, all, left, right } = &select.body
            && let Some(bound) = self.recursive_cte(scope, cte, select, (*all, left, right))?
        {
            return Ok(bound);
        }
        let id = self.new_cte();
        let query = self.query(Some(scope), select)?;
        let columns = cte_columns(cte, &query)?;
        Ok(Cte {
            id,
            name: cte.name.clone(),
            columns,
            recursive: false,
            materialized: cte.materialized,
            references: 0,
            body: CteBody::Query(Box::new(query)),
        })
    }

    /// `None` when it does not refer to itself.
    fn recursive_cte(
        &mut self,
        scope: &mut Scope<'_>,
        cte: &ast::Cte,
        select: &ast::Select,
        (all, left, right): (bool, &ast::Select, &ast::Select),
    ) -> Result<Option<Cte>> {
        // The columns are those of the first term.
        let first = self.query(Some(scope), left)?;
        let columns = cte_columns(cte, &first)?;
        let id = self.new_cte();
        scope.ctes.push(VisibleCte { id, name: cte.name.clone(), columns: columns.clone(), silent: false });
        let second = self.arm(scope, right)?;
        if self.references(id) == 0 {
            scope.ctes.pop();
            return Ok(None);
        }
        if !select.order_by.is_empty() || select.limit.is_some() || select.offset.is_some() {
            let (what, position) = match (&select.order_by.first(), &select.offset, &select.limit) {
                (Some(key), _, _) => ("ORDER BY", key.expr.start()),
                (None, Some(offset), _) => ("OFFSET", offset.start()),
                (None, None, limit) => ("LIMIT", limit.as_ref().map_or(0, ast::Expr::start)),
            };
            return Err(DatabaseError::new(
                sqlstate::FEATURE_NOT_SUPPORTED,
                format!("{what} in a recursive query is not implemented"),
            )
            .at(position));
        }
        if select.with.is_some() {
            return Err(DatabaseError::unsupported("WITH inside a recursive query").at(cte.position));
        }
        let positions: Vec<u32> =
            (0..columns.len()).map(|at| super::set_operation::column_value(&first, at).location()).collect();
        let query = self.combine(SetOperator::Union, all, first, second)?;
        for (at, (declared, found)) in columns.iter().zip(&query.columns).enumerate() {
            if declared.ty.oid != found.ty.oid {
                return Err(DatabaseError::new(
                    DATATYPE_MISMATCH,
                    format!(
                        "recursive query \"{}\" column {} has type {} in non-recursive term but type {} overall",
                        cte.name,
                        at + 1,
                        self.type_name(declared.ty.oid),
                        self.type_name(found.ty.oid)
                    ),
                )
                .with_hint("Cast the output of the non-recursive term to the correct type.")
                .at(positions[at]));
            }
        }
        Ok(Some(Cte {
            id,
            name: cte.name.clone(),
            columns,
            recursive: true,
            materialized: cte.materialized,
            references: 0,
            body: CteBody::Query(Box::new(query)),
        }))
    }
}

/// A common table expression as names see it.
pub(crate) fn visible(cte: &Cte) -> VisibleCte {
    let silent = matches!(cte.body, CteBody::Buffer(_)) && cte.columns.is_empty();
    VisibleCte { id: cte.id, name: cte.name.clone(), columns: cte.columns.clone(), silent }
}

/// The columns of a common table expression: the query's, renamed as far as names are given.
pub(crate) fn cte_columns(cte: &ast::Cte, query: &Query) -> Result<Vec<OutputColumn>> {
    if cte.columns.len() > query.columns.len() {
        return Err(DatabaseError::new(
            INVALID_COLUMN_REFERENCE,
            format!(
                "WITH query \"{}\" has {} columns available but {} columns specified",
                cte.name,
                query.columns.len(),
                cte.columns.len()
            ),
        )
        .at(cte.position));
    }
    let mut columns = query.columns.clone();
    for (column, name) in columns.iter_mut().zip(&cte.columns) {
        column.name.clone_from(name);
    }
    Ok(columns)
}
