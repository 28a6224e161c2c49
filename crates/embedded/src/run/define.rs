//! Definition statements: applied to the catalog, then to the storage, in the work's transaction.

use super::Run;
use sqlstate::{DatabaseError, Result};
use syntax::ast;

impl Run<'_> {
    /// Runs one.
    pub(crate) fn define(&mut self, statement: &ast::Statement) -> Result<()> {
        let _ = statement;
        if !self.may_define {
            return Err(DatabaseError::internal("a definition outside of the writer"));
        }
        self.defined = true;
        Err(DatabaseError::unsupported("this statement"))
    }
}
