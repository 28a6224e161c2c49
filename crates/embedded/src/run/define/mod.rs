//! Definition statements: applied to the catalog, then to the storage, in the work's transaction.

mod change;
mod enums;
mod fill;
mod rebuild;
mod validate;

use super::Run;
use crate::state::CatalogState;
use catalog::ddl::{self, Applied, DdlSession, PhysicalChange};
use catalog::lookup::SearchPath;
use database::{Notice, Severity};
use sqlstate::{DatabaseError, Result};
use std::sync::Arc;
use syntax::ast;

impl Run<'_> {
    /// Runs one. The tag is the statement's.
    pub(crate) fn define(&mut self, statement: &ast::Statement) -> Result<()> {
        if !self.may_define {
            return Err(DatabaseError::internal("a definition outside of the writer"));
        }
        let Applied { catalog, changes, tag, notices, no_effect } = self.apply(statement)?;
        self.tag = Some(tag.to_owned());
        let filled = self.filled_table(statement, &changes)?;
        self.no_effect = no_effect;
        self.notices.extend(notices.into_iter().map(notice));
        if changes.is_empty() && catalog == *self.state.catalog {
            return Ok(());
        }
        // Events that wait were queued under the catalog as it was.
        self.fire_statement_end()?;
        let old = Arc::clone(&self.state.catalog);
        self.set_state(Arc::new(CatalogState::new(Arc::new(catalog))));
        self.connection.forget_statements();
        // Rows are looked at once the table has all its columns.
        let (last, first): (Vec<_>, Vec<_>) = changes.iter().partition(|change| {
            matches!(
                change,
                PhysicalChange::ValidateCheck { .. }
                    | PhysicalChange::ValidateForeignKey { .. }
                    | PhysicalChange::ValidateNotNull { .. }
            )
        });
        for change in first.into_iter().chain(last) {
            self.change(&old, change)?;
        }
        self.connection.forget_statements();
        self.follow_temporary_schema();
        match filled {
            Some((table, rows)) => self.fill_table(table, &rows),
            None => Ok(()),
        }
    }

    fn apply(&self, statement: &ast::Statement) -> Result<Applied> {
        let catalog = &self.state.catalog;
        let session_role = catalog.role(&self.session_user).map_or(self.role.oid, |role| role.oid);
        let check_function_bodies = self.work.settings().get("check_function_bodies") != Some("off");
        let session = DdlSession {
            role: self.role.oid,
            session_role,
            search_path: SearchPath::new(catalog, &self.search_path, self.role.oid),
            temporary_schema: &self.temporary_schema,
            check_function_bodies,
            analyzer: &compile::Analyzer,
        };
        ddl::apply(catalog, statement, &session)
    }

    /// Runs a storage definition.
    fn storage(&self, text: &str) -> Result<()> {
        self.connection.engine(text).map_err(|error| {
            let mut failure = self.connection.failure(&error);
            if let Some(internal) = &mut failure.fields_mut().internal {
                internal.push_str(": ");
                internal.push_str(text);
            }
            failure
        })
    }
}

fn notice(notice: ddl::Notice) -> Notice {
    let severity = if notice.severity == "WARNING" { Severity::Warning } else { Severity::Notice };
    Notice { severity, code: notice.text.code(), message: notice.text.message().to_owned() }
}
