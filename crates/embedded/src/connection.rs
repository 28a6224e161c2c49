//! One SQLite connection with everything on it: settings, PostgreSQL's functions, the wall, the limits.

use crate::bindings::Bindings;
use crate::error::{from_sqlite, is_refused};
use crate::slot::{INSTRUCTIONS_PER_TICK, Slot};
use crate::stored::{Bound, stored};
use crate::wall::{Wall, decide};
use crate::{functions, system_tables, table_functions};
use compile::program::SqliteStatement;
use datum::{Stored, StoredValue};
use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::{CachedStatement, OpenFlags, Row, ffi};
use sqlstate::{DatabaseError, Result};
use std::collections::HashSet;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Once};

/// How many statements a connection keeps prepared.
const STATEMENTS: usize = 512;

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// The only one that writes. `durable` is false for a database that is not kept.
    Write { durable: bool },
    /// Reads snapshots.
    Read,
}

/// A connection.
pub(crate) struct Connection {
    raw: rusqlite::Connection,
    pub(crate) slot: Arc<Slot>,
    wal_pages: Arc<AtomicU64>,
}

impl Connection {
    /// Opens the file and sets everything (embedded-semantics, section 0).
    pub(crate) fn open(path: &Path, purpose: Purpose) -> Result<Connection> {
        let mode = match purpose {
            Purpose::Write { .. } => OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_CREATE,
            Purpose::Read => OpenFlags::SQLITE_OPEN_READ_ONLY,
        };
        keep_the_order_of_rows();
        let raw = rusqlite::Connection::open_with_flags(path, mode | OpenFlags::SQLITE_OPEN_NO_MUTEX);
        Connection::set_up(raw.map_err(|error| from_sqlite(&error))?, purpose)
            .map_err(|error| from_sqlite(&error))
    }

    fn set_up(mut raw: rusqlite::Connection, purpose: Purpose) -> rusqlite::Result<Connection> {
        lookaside(&raw);
        let slot = Arc::new(Slot::new());
        for (config, on) in [
            (DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true),
            (DbConfig::SQLITE_DBCONFIG_DQS_DML, false),
            (DbConfig::SQLITE_DBCONFIG_DQS_DDL, false),
            (DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, true),
            (DbConfig::SQLITE_DBCONFIG_ENABLE_TRIGGER, false),
            (DbConfig::SQLITE_DBCONFIG_ENABLE_VIEW, false),
            (DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false),
            (DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true),
        ] {
            raw.set_db_config(config, on)?;
        }
        raw.busy_timeout(std::time::Duration::from_secs(5))?;
        let pragmas = match purpose {
            Purpose::Write { durable: true } => {
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-32000;
                 PRAGMA wal_autocheckpoint=0; PRAGMA journal_size_limit=67108864;"
            }
            Purpose::Write { durable: false } => {
                "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA cache_size=-32000;
                 PRAGMA wal_autocheckpoint=0;"
            }
            Purpose::Read => "PRAGMA cache_size=-4000; PRAGMA query_only=ON;",
        };
        raw.execute_batch("PRAGMA temp_store=MEMORY; PRAGMA mmap_size=0; PRAGMA cell_size_check=ON;")?;
        raw.execute_batch(pragmas)?;
        raw.set_prepared_statement_cache_capacity(STATEMENTS);
        raw.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
        functions::register(&raw, &slot)?;
        table_functions::register(&raw, &slot)?;
        system_tables::register(&raw, &slot)?;
        let ticking = Arc::clone(&slot);
        raw.progress_handler(INSTRUCTIONS_PER_TICK, Some(move || ticking.tick()))?;
        let guarded = Arc::clone(&slot);
        raw.authorizer(Some(move |context: rusqlite::hooks::AuthContext<'_>| {
            guarded.with_wall(|wall| decide(wall, &context))
        }))?;
        let wal_pages = Arc::new(AtomicU64::new(0));
        if let Purpose::Write { .. } = purpose {
            // The hook takes the place of SQLite's own checkpoint, which the pragma above turned off.
            let seen = Arc::clone(&wal_pages);
            raw.wal_hook(Some(move |_: &mut rusqlite::hooks::Wal, pages: i32| {
                seen.store(u64::from(pages.unsigned_abs()), Ordering::Relaxed);
                Ok(())
            }))?;
        }
        Ok(Connection { raw, slot, wal_pages })
    }

    /// What went wrong: the error that a function put aside, else SQLite's.
    pub(crate) fn failure(&self, error: &rusqlite::Error) -> DatabaseError {
        match self.slot.take_error() {
            Some(error) => error,
            None => from_sqlite(error),
        }
    }

    /// The statement of this text, prepared under its wall if it is not prepared yet.
    fn prepare(&self, sql: &str, wall: impl FnOnce() -> Wall) -> Result<CachedStatement<'_>> {
        // With the wall closed only a statement that is there already comes back.
        match self.raw.prepare_cached(sql) {
            Ok(statement) => return Ok(statement),
            Err(error) if is_refused(&error) => {}
            // Too complex or malformed: the same under any wall, but let the second try say so.
            Err(_) => {}
        }
        let before = self.slot.set_wall(wall());
        let prepared = self.raw.prepare_cached(sql);
        self.slot.set_wall(before);
        prepared.map_err(|error| {
            let mut failure = self.failure(&error);
            if is_refused(&error) {
                failure = DatabaseError::internal(format_args!("the wall refused: {error}: {sql}"));
            } else if failure.code() == sqlstate::INTERNAL_ERROR
                && !error.to_string().contains("not authorized")
            {
                // What was rendered is not SQLite's: a form that the compiler should have refused. Nothing ran.
                let mut refused = DatabaseError::unsupported("this statement");
                refused.fields_mut().internal = Some(format!("{error}: {sql}"));
                failure = refused;
            }
            failure
        })
    }

    /// Runs a program's statement and hands each row over.
    pub(crate) fn query(
        &self,
        statement: &SqliteStatement,
        bindings: &Bindings<'_>,
        each: impl FnMut(&Row<'_>) -> Result<()>,
    ) -> Result<()> {
        let bind = |prepared: &mut CachedStatement<'_>| {
            for (at, bind) in statement.binds.iter().enumerate() {
                let value = bindings.value(bind)?;
                prepared.raw_bind_parameter(at + 1, Bound(value)).map_err(|error| self.failure(&error))?;
            }
            Ok(())
        };
        self.rows(&statement.sql, &|| Wall::Declared(statement.access.clone()), &bind, each)
    }

    /// Runs a statement of the engine's own over one table.
    pub(crate) fn query_table(
        &self,
        sql: &str,
        table: &str,
        values: &[Stored<'_>],
        each: impl FnMut(&Row<'_>) -> Result<()>,
    ) -> Result<()> {
        let wall = || Wall::Write { table: table.to_owned(), related: HashSet::new() };
        self.rows(sql, &wall, &|prepared| self.bind_all(prepared, values.iter().copied()), each)
    }

    /// Runs a SELECT. If SQLite wanted to prepare it again by itself, which the closed wall refused, it is prepared anew.
    fn rows(
        &self,
        sql: &str,
        wall: &dyn Fn() -> Wall,
        bind: &dyn Fn(&mut CachedStatement<'_>) -> Result<()>,
        mut each: impl FnMut(&Row<'_>) -> Result<()>,
    ) -> Result<()> {
        let mut again = true;
        loop {
            let mut prepared = self.prepare(sql, wall)?;
            bind(&mut prepared)?;
            let mut rows = prepared.raw_query();
            loop {
                match rows.next() {
                    Ok(Some(row)) => {
                        again = false;
                        each(row)?;
                    }
                    Ok(None) => return Ok(()),
                    Err(error) if again && is_refused(&error) => break,
                    Err(error) => return Err(self.failure(&error)),
                }
            }
            again = false;
            drop(rows);
            prepared.discard();
        }
    }

    fn bind_all<'v>(
        &self,
        prepared: &mut CachedStatement<'_>,
        values: impl Iterator<Item = Stored<'v>>,
    ) -> Result<()> {
        for (at, value) in values.enumerate() {
            prepared.raw_bind_parameter(at + 1, Bound(value)).map_err(|error| self.failure(&error))?;
        }
        Ok(())
    }

    /// Writes a row by a statement of the engine's own. SQLite's error comes back as it is: a broken unique index is to be
    /// explained.
    pub(crate) fn write(
        &self,
        sql: &str,
        table: &str,
        related: &HashSet<String>,
        values: &[Stored<'_>],
    ) -> Result<Result<usize, rusqlite::Error>> {
        let wall = || Wall::Write { table: table.to_owned(), related: related.clone() };
        #[cfg(test)]
        if values.contains(&Stored::Text(tests_only::LOSE_THE_TRANSACTION)) {
            let _ = self.control("ROLLBACK");
            return Ok(Err(tests_only::interrupted()));
        }
        let mut again = true;
        loop {
            let mut prepared = self.prepare(sql, wall)?;
            self.bind_all(&mut prepared, values.iter().copied())?;
            self.slot.set_writing(true);
            let done = prepared.raw_execute();
            self.slot.set_writing(false);
            match done {
                Err(error) if again && is_refused(&error) => {
                    again = false;
                    prepared.discard();
                }
                done => return Ok(done),
            }
        }
    }

    /// The rowid of the last insert.
    pub(crate) fn last_rowid(&self) -> i64 {
        self.raw.last_insert_rowid()
    }

    /// Runs the engine's own statements: transactions, storage definitions.
    pub(crate) fn engine(&self, sql: &str) -> rusqlite::Result<()> {
        let before = self.slot.set_wall(Wall::Engine);
        self.slot.set_writing(true);
        let done = self.raw.execute_batch(sql);
        self.slot.set_writing(false);
        self.slot.set_wall(before);
        done
    }

    /// Runs a transaction's statement (`BEGIN`, `COMMIT`, `SAVEPOINT` …), kept prepared.
    pub(crate) fn control(&self, sql: &str) -> rusqlite::Result<()> {
        let before = self.slot.set_wall(Wall::Engine);
        self.slot.set_writing(true);
        let done = self.raw.prepare_cached(sql).and_then(|mut prepared| prepared.raw_execute());
        self.slot.set_writing(false);
        self.slot.set_wall(before);
        done.map(|_| ())
    }

    /// Runs something on the connection itself with the wall open: the engine's own tables.
    pub(crate) fn with_engine<T>(
        &self,
        run: impl FnOnce(&rusqlite::Connection) -> rusqlite::Result<T>,
    ) -> Result<T> {
        let before = self.slot.set_wall(Wall::Engine);
        self.slot.set_writing(true);
        let done = run(&self.raw);
        self.slot.set_writing(false);
        self.slot.set_wall(before);
        done.map_err(|error| self.failure(&error))
    }

    /// Makes an open transaction take its snapshot now.
    pub(crate) fn touch(&self) -> rusqlite::Result<()> {
        self.control_rows("SELECT 1 FROM sqlite_schema LIMIT 1")
    }

    fn control_rows(&self, sql: &str) -> rusqlite::Result<()> {
        let before = self.slot.set_wall(Wall::Engine);
        let done = self.raw.prepare_cached(sql).and_then(|mut prepared| {
            let mut rows = prepared.raw_query();
            while rows.next()?.is_some() {}
            Ok(())
        });
        self.slot.set_wall(before);
        done
    }

    /// How many pages the write-ahead log had after the last commit.
    pub(crate) fn wal_pages(&self) -> u64 {
        self.wal_pages.load(Ordering::Relaxed)
    }

    /// Moves the log into the file: how many pages it has, and how many of them are moved.
    pub(crate) fn checkpoint(&self, mode: &str) -> Result<(u64, u64)> {
        let (log, moved): (i64, i64) = self.with_engine(|raw| {
            raw.query_row(&format!("PRAGMA wal_checkpoint({mode})"), [], |row| Ok((row.get(1)?, row.get(2)?)))
        })?;
        Ok((log.unsigned_abs(), moved.unsigned_abs()))
    }

    /// Forgets all prepared statements: the schema changed.
    pub(crate) fn forget_statements(&self) {
        self.raw.flush_prepared_statement_cache();
    }

    /// Whether no transaction is open.
    pub(crate) fn is_autocommit(&self) -> bool {
        self.raw.is_autocommit()
    }

    /// Turns SQLite's own foreign keys off and on again, which works inside a transaction too.
    pub(crate) fn set_foreign_keys(&self, on: bool) -> rusqlite::Result<()> {
        self.raw.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_FKEY, on).map(|_| ())
    }

    /// Whether a foreign key of SQLite's is violated at the moment.
    pub(crate) fn keys_are_violated(&self) -> bool {
        let (mut open, mut peak) = (0, 0);
        // SAFETY: the handle is this open connection's, the two integers outlive the call.
        #[expect(unsafe_code, reason = "rusqlite does not wrap this status")]
        let code = unsafe {
            ffi::sqlite3_db_status(
                self.raw.handle(),
                ffi::SQLITE_DBSTATUS_DEFERRED_FKS,
                &raw mut open,
                &raw mut peak,
                0,
            )
        };
        code != ffi::SQLITE_OK || open != 0
    }
}

/// A row as stored values, from a column on.
pub(crate) fn owned_row(row: &Row<'_>, from: usize, count: usize) -> Result<Vec<StoredValue>> {
    (from..from + count)
        .map(|at| {
            let value = row.get_ref(at).map_err(|error| from_sqlite(&error))?;
            Ok(stored(value)?.to_owned())
        })
        .collect()
}

/// Where nothing asks for an order, rows come as they were inserted, as clients know it of PostgreSQL, and not as an index that holds all the columns
/// happens to have them. For the whole process, before SQLite is used first; where that is too late rows merely come in another order.
fn keep_the_order_of_rows() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        // SAFETY: the option takes one integer. SQLite refuses it once it is initialized, and nothing else configures it meanwhile.
        #[expect(unsafe_code, reason = "rusqlite does not wrap this setting")]
        unsafe {
            ffi::sqlite3_config(ffi::SQLITE_CONFIG_COVERING_INDEX_SCAN, 0_i32);
        }
    });
}

/// Gives the connection a lookaside memory of its own, which makes preparing faster. Only a wish: no harm when refused.
fn lookaside(connection: &rusqlite::Connection) {
    // SAFETY: the handle is this open connection's; a null buffer lets SQLite allocate the memory itself.
    #[expect(unsafe_code, reason = "rusqlite does not wrap this variadic setting")]
    unsafe {
        ffi::sqlite3_db_config(
            connection.handle(),
            ffi::SQLITE_DBCONFIG_LOOKASIDE,
            std::ptr::null_mut::<std::ffi::c_void>(),
            1200_i32,
            500_i32,
        );
    }
}

/// What SQLite does when a write is interrupted or the disk fails: the whole transaction is gone.
#[cfg(test)]
pub(crate) mod tests_only {
    use rusqlite::ffi;

    /// A row with this text loses the transaction.
    pub(crate) const LOSE_THE_TRANSACTION: &str = "lose the transaction";

    pub(crate) fn interrupted() -> rusqlite::Error {
        rusqlite::Error::SqliteFailure(ffi::Error::new(ffi::SQLITE_IOERR), None)
    }
}
