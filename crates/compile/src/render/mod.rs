// NOTE: weave writes render/ (in progress). See NOTE-TO-COMPILE.md in the root of your worktree.
//! Bound queries as SQLite's text.

use crate::bound::{Expr, Query};
use crate::program::SqliteStatement;
use catalog::Catalog;
use sqlstate::{DatabaseError, Result};

/// A query as one SQLite statement.
pub fn render_query(catalog: &Catalog, query: &Query) -> Result<SqliteStatement> {
    let _ = (catalog, query);
    Err(DatabaseError::unsupported("this query"))
}

/// A SELECT without FROM that yields these values.
pub fn render_row(catalog: &Catalog, exprs: &[Expr]) -> Result<SqliteStatement> {
    let _ = (catalog, exprs);
    Err(DatabaseError::unsupported("this row"))
}

/// An expression over one table's columns (of any range) as SQLite wants it in CREATE INDEX: columns by their bare names,
/// constants written out, deterministic functions only.
pub fn render_index_expression(catalog: &Catalog, expr: &Expr) -> Result<String> {
    let _ = (catalog, expr);
    Err(DatabaseError::unsupported("this index expression"))
}
