//! Definition statements applied to a catalog, with PostgreSQL's checks, names and errors.
//!
//! [`apply`] is a function of values: the old catalog and the statement give the new catalog and what the engine has to do to
//! its storage. Nothing is half done: on an error there is no new catalog.

mod analyzer;
mod change;

pub use analyzer::{
    Analyzed, AnalyzedQuery, Analyzer, ExpressionKind, ExpressionRequest, QueryColumn, Scope, Target,
};
pub use change::PhysicalChange;

use crate::lookup::SearchPath;
use crate::{Catalog, Oid};
use sqlstate::{DatabaseError, Result};
use syntax::ast::Statement;

/// Who runs a definition statement, and how it resolves names.
#[derive(Clone)]
pub struct DdlSession<'a> {
    /// current_user
    pub role: Oid,
    /// session_user
    pub session_role: Oid,
    /// Resolved for `role`.
    pub search_path: SearchPath,
    /// The setting check_function_bodies.
    pub check_function_bodies: bool,
    /// The compiler.
    pub analyzer: &'a dyn Analyzer,
}

/// A definition statement's effect.
#[derive(Clone, Debug)]
pub struct Applied {
    /// The database's contents from now on.
    pub catalog: Catalog,
    /// What to do to storage, in order.
    pub changes: Vec<PhysicalChange>,
    /// The command tag: "CREATE TABLE".
    pub tag: &'static str,
    /// What PostgreSQL says beside it.
    pub notices: Vec<Notice>,
    /// What of the statement was accepted and has no effect on the embedded engine, for `check` (rule 15).
    pub no_effect: Option<String>,
}

/// NOTICE or WARNING.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// "NOTICE" or "WARNING".
    pub severity: &'static str,
    /// Code, message, detail and hint.
    pub text: DatabaseError,
}

/// Applies a definition statement.
pub fn apply(catalog: &Catalog, statement: &Statement, session: &DdlSession<'_>) -> Result<Applied> {
    let _ = (catalog, session);
    Err(DatabaseError::unsupported(tag(statement)))
}

fn tag(_: &Statement) -> &'static str {
    "this statement"
}
