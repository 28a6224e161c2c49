//! WITH: parse_cte.c.

use super::scope::VisibleCte;
use super::search_cycle::Added;
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
        let changes = Analysis::changes_rows(with);
        if with.recursive {
            let ordered = self.order_recursive(with)?;
            for (cte, recursive) in ordered.items {
                self.with_item(scope, cte, recursive, changes, &mut ctes)?;
            }
            return Ok(ctes);
        }
        scope.future_ctes = with.ctes.iter().map(|cte| cte.name.clone()).collect();
        for cte in &with.ctes {
            // What comes later in the list is not to be seen, but known to hints; so is the item itself.
            self.with_item(scope, cte, false, changes, &mut ctes)?;
            scope.future_ctes.retain(|name| *name != cte.name);
        }
        Ok(ctes)
    }

    /// One item; what comes with it goes into `ctes` before it. `changes` says whether an item of the WITH changes rows.
    fn with_item(
        &mut self,
        scope: &mut Scope<'_>,
        cte: &ast::Cte,
        recursive: bool,
        changes: bool,
        ctes: &mut Vec<Cte>,
    ) -> Result<()> {
        let before = if changes { self.reads() } else { BTreeMap::new() };
        let bound = match &cte.statement {
            Statement::Select(select) => match &select.body {
                QueryBody::SetOperation { operator: SetOperator::Union, all, left, right } if recursive => {
                    self.recursive_cte(scope, cte, select, (*all, left, right), ctes)?
                }
                _ => self.select_cte(scope, cte, select)?,
            },
            _ => {
                let (mut columns, buffer, steps) = self.modifying_cte(scope, cte, ctes)?;
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
        if changes && matches!(bound.body, CteBody::Query(_)) {
            self.pend(bound.id, &before, Vec::new());
        }
        self.tell(format!("cte{}", bound.id.0), || format!("CTE {}", cte.name));
        if !bound.recursive {
            Added::refuse(cte)?;
            scope.ctes.push(visible(&bound));
        }
        ctes.push(bound);
        Ok(())
    }

    fn select_cte(&mut self, scope: &mut Scope<'_>, cte: &ast::Cte, select: &ast::Select) -> Result<Cte> {
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

    fn recursive_cte(
        &mut self,
        outer: &mut Scope<'_>,
        cte: &ast::Cte,
        select: &ast::Select,
        (all, left, right): (bool, &ast::Select, &ast::Select),
        ctes: &mut Vec<Cte>,
    ) -> Result<Cte> {
        let mut scope = Scope::within(Some(outer));
        if let Some(with) = &select.with {
            // Numbers are unique, so that its items may stand beside those of the WITH around.
            ctes.extend(self.with(&mut scope, with)?);
        }
        // The columns are those of the first term.
        let mut first = self.query(Some(&scope), left)?;
        let columns = cte_columns(cte, &first)?;
        let id = self.new_cte();
        let added = self.added_columns(&mut scope, cte, &columns)?;
        let mut inside = columns.clone();
        inside.extend(added.columns.iter().cloned());
        scope.ctes.push(VisibleCte { id, name: cte.name.clone(), columns: inside, silent: false });
        self.recursing.push(id);
        let second = self.arm(&scope, right);
        self.recursing.pop();
        let mut second = second?;
        added.taken.clone()?;
        for (column, declared) in first.columns.iter_mut().zip(&columns) {
            column.name.clone_from(&declared.name);
        }
        let positions: Vec<u32> =
            (0..columns.len()).map(|at| super::set_operation::column_value(&first, at).location()).collect();
        self.check_recursive_types(cte, &columns, &first, &second, &positions)?;
        self.add_columns(cte, id, &added, &mut first, &mut second)?;
        let query = self.combine(SetOperator::Union, all, first, second)?;
        let mut columns = columns;
        columns.extend(added.columns);
        outer.ctes.push(VisibleCte { id, name: cte.name.clone(), columns: columns.clone(), silent: false });
        Ok(Cte {
            id,
            name: cte.name.clone(),
            columns,
            recursive: true,
            materialized: cte.materialized,
            references: 0,
            body: CteBody::Query(Box::new(query)),
        })
    }

    /// 42804 when both terms together have other types than the first.
    fn check_recursive_types(
        &mut self,
        cte: &ast::Cte,
        columns: &[OutputColumn],
        first: &Query,
        second: &Query,
        positions: &[u32],
    ) -> Result<()> {
        let trial = self.combine(SetOperator::Union, true, first.clone(), second.clone())?;
        for (at, (declared, found)) in columns.iter().zip(&trial.columns).enumerate() {
            if declared.ty == found.ty {
                continue;
            }
            return Err(DatabaseError::new(
                DATATYPE_MISMATCH,
                format!(
                    "recursive query \"{}\" column {} has type {} in non-recursive term but type {} overall",
                    cte.name,
                    at + 1,
                    self.catalog.format_type(&self.path, declared.ty),
                    self.catalog.format_type(&self.path, found.ty)
                ),
            )
            .with_hint("Cast the output of the non-recursive term to the correct type.")
            .at(positions[at]));
        }
        Ok(())
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
