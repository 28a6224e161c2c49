//! After analysis: views are replaced by their queries and policies are put on every relation.

use crate::analysis::Analysis;
use crate::bound::Query;
use sqlstate::{DatabaseError, Result};

/// Rewrites a query and all within it.
pub fn query(analysis: &mut Analysis<'_>, query: &mut Query) -> Result<()> {
    let _ = (analysis, query);
    Err(DatabaseError::unsupported("this query"))
}
