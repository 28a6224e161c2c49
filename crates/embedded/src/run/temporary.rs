//! The session's temporary schema: on the search path while it is there, gone with the session.

use super::Run;
use super::statement::Environment;
use crate::state::CatalogState;
use catalog::Catalog;
use catalog::ddl::{self, PhysicalChange};
use sqlstate::Result;
use std::sync::Arc;

impl Run<'_> {
    /// The schema stands before the path's names while it is there.
    pub(super) fn follow_temporary_schema(&mut self) {
        let exists = self.state.catalog.schema(&self.temporary_schema).is_some();
        let named = self.search_path.first().is_some_and(|name| **name == *self.temporary_schema);
        if exists == named {
            return;
        }
        self.search_path = match exists {
            true => {
                let own = self.temporary_schema.to_string();
                std::iter::once(own).chain(self.search_path.iter().cloned()).collect()
            }
            false => self.search_path.iter().skip(1).cloned().collect(),
        };
    }

    /// What a transaction's end does to temporary tables, and a session's, which a work is.
    pub(super) fn end_temporary(&mut self, environment: &Environment<'_>) -> Result<()> {
        let schema = Arc::clone(&self.temporary_schema);
        let catalog = &self.state.catalog;
        if catalog.schema(&schema).is_none() {
            return Ok(());
        }
        let ended = match self.lasting {
            true => ddl::end_of_transaction(catalog, &compile::Analyzer, &schema)?,
            false => ddl::without_schemas(catalog, &compile::Analyzer, |name| *name == *schema)?,
        };
        let Some((catalog, changes)) = ended else { return Ok(()) };
        self.enact(catalog, &changes)?;
        // A work that made nothing but temporary tables leaves the catalog as it found it.
        let before = &environment.state;
        let mut unchanged = (*self.state.catalog).clone();
        unchanged.next_oid = before.catalog.next_oid;
        if unchanged == *before.catalog {
            self.set_state(Arc::clone(before));
        }
        Ok(())
    }

    fn enact(&mut self, catalog: Catalog, changes: &[PhysicalChange]) -> Result<()> {
        let old = Arc::clone(&self.state.catalog);
        self.set_state(Arc::new(CatalogState::new(Arc::new(catalog))));
        self.connection.forget_statements();
        for change in changes {
            self.change(&old, change)?;
        }
        self.connection.forget_statements();
        self.follow_temporary_schema();
        Ok(())
    }
}
