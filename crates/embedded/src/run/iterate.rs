//! Recursive items of WITH that SQLite cannot run by itself: round after round, as PostgreSQL does.

use super::Run;
use super::rows::StoredRow;
use super::steps::Sink;
use compile::program::SqliteStatement;
use datum::StoredValue;
use sqlstate::{DatabaseError, Result};
use std::collections::HashSet;
use std::sync::Arc;

/// A recursion of more rows than this is refused: the statement around it may want just a few of them.
const MOST_ROWS: usize = 1_000_000;

/// A recursive item of WITH.
pub(crate) struct Iterate<'s> {
    pub(crate) first: &'s SqliteStatement,
    pub(crate) next: &'s SqliteStatement,
    /// The buffer that the recursive term reads.
    pub(crate) working: u32,
    /// UNION: a row that was there before does not come again.
    pub(crate) distinct: bool,
    /// The buffer of the result.
    pub(crate) into: u32,
}

impl Run<'_> {
    /// Fills the buffer of a recursive item.
    pub(crate) fn iterate(
        &mut self,
        item: &Iterate<'_>,
        parameters: &[StoredValue],
        arguments: &[StoredValue],
    ) -> Result<()> {
        let slot = &self.connection.slot;
        let mut seen = HashSet::new();
        let mut all: Vec<StoredRow> = Vec::new();
        let mut statement = item.first;
        loop {
            self.work.check_deadline()?;
            let mut sink = Sink::Stored { rows: Vec::new() };
            self.select(statement, parameters, arguments, &mut sink)?;
            let Sink::Stored { mut rows } = sink else {
                return Err(DatabaseError::internal("a sink changed"));
            };
            if item.distinct {
                rows.retain(|row| seen.insert(format!("{row:?}")));
            }
            if rows.is_empty() {
                break;
            }
            all.extend_from_slice(&rows);
            if all.len() > MOST_ROWS {
                return Err(DatabaseError::unsupported("a recursive query of this form with so many rows"));
            }
            slot.put_buffer(i64::from(item.working), Arc::new(rows));
            statement = item.next;
        }
        slot.put_buffer(i64::from(item.into), Arc::new(all));
        Ok(())
    }
}
