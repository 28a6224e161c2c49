//! The engine's own tables in the file: the catalog's records and the sequences' positions (docs/storage-format.md).

use crate::connection::Connection;
use crate::sequences::{Position, Sequences};
use catalog::Oid;
use sqlstate::{DATA_CORRUPTED, DatabaseError, FEATURE_NOT_SUPPORTED, Result};

/// `Bdpl`: what `file` shows of the database file.
const APPLICATION_ID: i32 = 0x4264_706c;
/// The version of the storage format.
pub(crate) const FORMAT: i32 = 1;

const TABLES: &str = "
    CREATE TABLE bedplate_catalog (kind TEXT NOT NULL, oid INTEGER NOT NULL, record TEXT NOT NULL,
                                   PRIMARY KEY (kind, oid)) STRICT, WITHOUT ROWID;
    CREATE TABLE bedplate_sequences (oid INTEGER PRIMARY KEY, last INTEGER NOT NULL, called INTEGER NOT NULL) STRICT;
    CREATE TABLE bedplate_meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;";

/// What a file turned out to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// Empty: a new database.
    Nothing,
    /// One of ours, in the current format.
    Database,
}

/// Looks at a file that was opened, and refuses what is not ours or newer.
pub(crate) fn identify(connection: &Connection) -> Result<Found> {
    let (application, format, objects): (i32, i32, i64) = connection.with_engine(|raw| {
        Ok((
            raw.query_row("PRAGMA application_id", [], |row| row.get(0))?,
            raw.query_row("PRAGMA user_version", [], |row| row.get(0))?,
            raw.query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))?,
        ))
    })?;
    match (application, format) {
        (0, 0) if objects == 0 => Ok(Found::Nothing),
        (APPLICATION_ID, FORMAT) => Ok(Found::Database),
        (APPLICATION_ID, newer) if newer > FORMAT => Err(DatabaseError::new(
            FEATURE_NOT_SUPPORTED,
            format!(
                "the database file has storage format {newer}, and this version of Bedplate knows formats up to {FORMAT}"
            ),
        )
        .with_hint("Use the version that wrote it, or a newer one.")),
        _ => Err(DatabaseError::new(DATA_CORRUPTED, "the file is not a Bedplate database")),
    }
}

/// Makes the engine's tables in an empty file, in the transaction that is open.
pub(crate) fn create(connection: &Connection) -> Result<()> {
    connection.with_engine(|raw| {
        raw.execute_batch(TABLES)?;
        raw.pragma_update(None, "application_id", APPLICATION_ID)?;
        raw.pragma_update(None, "user_version", FORMAT)
    })
}

/// Looks for damage.
pub(crate) fn verify(connection: &Connection) -> Result<()> {
    let found: String =
        connection.with_engine(|raw| raw.query_row("PRAGMA quick_check(1)", [], |row| row.get(0)))?;
    if found == "ok" {
        return Ok(());
    }
    let mut error = DatabaseError::new(DATA_CORRUPTED, "the database file is damaged");
    error.fields_mut().internal = Some(found);
    Err(error)
}

/// Writes sequences' positions, in the transaction that is open.
pub(crate) fn save_sequences(connection: &Connection, positions: &[(Oid, Position)]) -> Result<()> {
    if positions.is_empty() {
        return Ok(());
    }
    connection.with_engine(|raw| {
        let mut put = raw.prepare_cached(
            "INSERT INTO bedplate_sequences(oid, last, called) VALUES (?1, ?2, ?3)
             ON CONFLICT(oid) DO UPDATE SET last = excluded.last, called = excluded.called",
        )?;
        for (oid, position) in positions {
            put.execute((oid, position.last, position.called))?;
        }
        Ok(())
    })
}

/// Reads sequences' positions.
pub(crate) fn load_sequences(connection: &Connection, sequences: &Sequences) -> Result<()> {
    connection.with_engine(|raw| {
        let mut read = raw.prepare("SELECT oid, last, called FROM bedplate_sequences")?;
        let mut rows = read.query([])?;
        while let Some(row) = rows.next()? {
            sequences.load(row.get(0)?, Position { last: row.get(1)?, called: row.get(2)? });
        }
        Ok(())
    })
}
