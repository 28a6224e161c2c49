//! Where a changed row stands when nothing asks for an order.
//!
//! PostgreSQL writes a new version of a row that is updated, and a scan comes to it where that version is: behind all others, as long as
//! the table is one page that has room. Clients' tests, and people who look at a handful of rows, know that order. SQLite updates a row in its place. So
//! when a transaction is about to be committed, the rows that it updated in a small table get the highest rowids, in the order in
//! which they were written. In a larger table PostgreSQL puts a version wherever there is room, which nothing here could tell; and each index would be
//! written too. There rows stay in their places.

use super::Run;
use catalog::{Oid, Relation};
use compile::program::TablePlan;
use datum::Stored;
use sqlstate::Result;
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::Ordering;

/// The rows of a small table: about as many of a usual width as a page of PostgreSQL's holds.
const FEW: usize = 64;

/// The rows of a transaction that are to stand behind all others.
#[derive(Clone, Default)]
pub(crate) struct Order {
    tables: BTreeMap<Oid, Rows>,
    /// Counts what was written.
    written: u64,
}

/// A table's rows that were written, each with when it was last; none once they are too many.
#[derive(Clone, Default)]
struct Rows {
    written: HashMap<i64, u64>,
    many: bool,
}

impl Order {
    fn note(&mut self, table: Oid, rowid: i64) {
        self.written += 1;
        let rows = self.tables.entry(table).or_default();
        if rows.many {
            return;
        }
        rows.written.insert(rowid, self.written);
        if rows.written.len() > FEW {
            *rows = Rows { written: HashMap::new(), many: true };
        }
    }
}

impl Run<'_> {
    /// A row was updated.
    pub(crate) fn note_updated(&self, table: &TablePlan, rowid: i64) {
        self.events.order.borrow_mut().note(table.oid, rowid);
    }

    /// A row was inserted: it stands behind those that were updated before.
    pub(crate) fn note_inserted(&self, table: &TablePlan, rowid: i64) {
        let mut order = self.events.order.borrow_mut();
        if order.tables.contains_key(&table.oid) {
            order.note(table.oid, rowid);
        }
    }

    /// Whether a table is not of the schemas that Bedplate makes: its own statements ask for the order that they want.
    fn is_an_apps(&self, table: &Relation) -> bool {
        let schema = self.state.catalog.schemas.get(&table.schema);
        schema.is_some_and(|schema| !matches!(&*schema.name, "auth" | "storage" | "bedplate"))
    }

    /// Puts the rows that the transaction updated behind all others of their tables, where these are small.
    pub(crate) fn put_changed_rows_last(&self) -> Result<()> {
        let order = self.events.order.take();
        for (oid, rows) in order.tables {
            if rows.many
                || !self.state.catalog.relations.get(&oid).is_some_and(|table| self.is_an_apps(table))
            {
                continue;
            }
            let table = self.state.table(oid)?;
            let writes = self.state.writes(&table);
            if writes.is_large.load(Ordering::Relaxed) {
                continue;
            }
            let mut small = true;
            let few = [Stored::Integer(FEW as i64)];
            self.connection.query_table(&writes.has_more, &table.sqlite_name, &few, |_| {
                small = false;
                Ok(())
            })?;
            if !small {
                writes.is_large.store(true, Ordering::Relaxed);
                continue;
            }
            let mut written: Vec<(u64, i64)> =
                rows.written.into_iter().map(|(rowid, at)| (at, rowid)).collect();
            written.sort_unstable();
            for (_, rowid) in written {
                let values = [Stored::Integer(rowid)];
                self.connection
                    .write(&writes.put_last, &table.sqlite_name, &writes.related, &values)?
                    .map_err(|error| self.connection.failure(&error))?;
            }
        }
        Ok(())
    }
}
