//! Tables that take the rows of a query: CREATE TABLE AS, materialized views.

use super::super::Run;
use super::super::rows::StoredRow;
use super::super::steps::Sink;
use catalog::ddl::PhysicalChange;
use catalog::{Index, Oid};
use compile::Asker;
use sqlstate::{DatabaseError, Result};
use std::sync::Arc;
use syntax::ast::{Select, Statement};

impl Run<'_> {
    /// The table that a CREATE TABLE AS makes, and its rows: the query runs under the catalog as it was, so that a table of the new one's
    /// name is still the old one.
    pub(super) fn filled_table(
        &mut self,
        statement: &Statement,
        changes: &[PhysicalChange],
    ) -> Result<Option<(Oid, Vec<StoredRow>)>> {
        let Statement::CreateTableAs { query, with_data: true, .. } = statement else { return Ok(None) };
        let table = changes.iter().find_map(|change| match change {
            PhysicalChange::CreateTable { table } => Some(*table),
            _ => None,
        });
        let Some(table) = table else { return Ok(None) };
        let path = Arc::clone(&self.search_path);
        let asker = Asker { role: self.role.oid, session_user: self.session_user_oid(), search_path: &path };
        let rows = self.rows_of(query, &asker)?;
        self.tag = Some(format!("SELECT {}", rows.len()));
        Ok(Some((table, rows)))
    }

    fn rows_of(&mut self, query: &Select, asker: &Asker<'_>) -> Result<Vec<StoredRow>> {
        let select = Statement::Select(Box::new(query.clone()));
        let program = compile::compile(&self.state.catalog, asker, &select, &[])?;
        let mut sink = Sink::Stored { rows: Vec::new() };
        self.program(&program, &[], &[], &mut sink)?;
        Ok(match sink {
            Sink::Stored { rows } => rows,
            Sink::Values { .. } | Sink::Count { .. } => Vec::new(),
        })
    }

    pub(super) fn fill_table(&mut self, table: Oid, rows: &[StoredRow]) -> Result<()> {
        let plan = self.state.table(table)?;
        for row in rows {
            self.work.check_deadline()?;
            // A query without columns has one in storage.
            let values = row.get(..plan.columns.len()).unwrap_or(row);
            self.insert(&plan, values, None)?;
        }
        Ok(())
    }

    /// REFRESH MATERIALIZED VIEW: the query runs as the view's owner, who sees what the owner may see.
    pub(super) fn refresh_view(&mut self, view: Oid, with_data: bool) -> Result<()> {
        let relation = self.relation(view)?;
        let rows = match &relation.view {
            Some(definition) if with_data => {
                let Statement::Select(query) = syntax::parse_statement(&definition.query)? else {
                    return Err(DatabaseError::internal("a view that is no query"));
                };
                let owner = self.owner_name(relation.owner)?;
                self.within(Some(&owner), &[], |run| {
                    let asker = Asker {
                        role: relation.owner,
                        session_user: run.session_user_oid(),
                        search_path: &[],
                    };
                    run.rows_of(&query, &asker)
                })?
            }
            _ => Vec::new(),
        };
        let plan = self.state.table(view)?;
        // A unique index says what is wrong when it is made over all rows.
        let indexes: Vec<Arc<Index>> = self.state.catalog.indexes_of(view).cloned().collect();
        for index in &indexes {
            let change = PhysicalChange::DropIndex { old: Arc::clone(index), schema: plan.schema.clone() };
            let catalog = Arc::clone(&self.state.catalog);
            self.change(&catalog, &change)?;
        }
        self.truncate(&[plan], &[])?;
        self.fill_table(view, &rows)?;
        indexes.iter().try_for_each(|index| self.create_index(index.oid))
    }

    fn owner_name(&self, role: Oid) -> Result<String> {
        let row = self.state.catalog.roles.get(&role);
        row.map(|row| row.name.clone()).ok_or_else(|| DatabaseError::internal("a view without an owner"))
    }
}
