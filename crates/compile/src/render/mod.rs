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
