//! The catalog in the file: the records that [`catalog::store`] makes of it.
//!
//! A change of the catalog writes the records that differ and no others. The sum of all records' hashes stands beside them:
//! a record that was lost or altered is found when the file is opened.

use crate::connection::Connection;
use catalog::store::{self, Kind};
use catalog::{Catalog, Oid};
use rusqlite::OptionalExtension;
use sqlstate::{DATA_CORRUPTED, DatabaseError, Result};

/// FNV-1a over kind, OID and text: frozen with the storage format.
fn hash(kind: &str, oid: Oid, record: &str) -> u64 {
    let parts = [kind.as_bytes(), &oid.to_le_bytes(), record.as_bytes()];
    parts.iter().flat_map(|part| part.iter()).fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

/// Writes what changed, in the transaction that is open. An empty file has the records of `Catalog::default()`: none.
pub(crate) fn save(connection: &Connection, old: &Catalog, new: &Catalog) -> Result<()> {
    let difference = store::difference(old, new)?;
    if difference.upserts.is_empty() && difference.deletes.is_empty() {
        return Ok(());
    }
    connection.with_engine(|raw| {
        let sum: Option<String> = raw
            .prepare_cached("SELECT value FROM bedplate_meta WHERE name = 'catalog_sum'")?
            .query_row([], |row| row.get(0))
            .optional()?;
        let mut sum: u64 = sum.and_then(|text| text.parse().ok()).unwrap_or(0);
        let mut read =
            raw.prepare_cached("SELECT record FROM bedplate_catalog WHERE kind = ?1 AND oid = ?2")?;
        let mut put = raw.prepare_cached(
            "INSERT INTO bedplate_catalog(kind, oid, record) VALUES (?1, ?2, ?3)
             ON CONFLICT(kind, oid) DO UPDATE SET record = excluded.record",
        )?;
        let mut remove = raw.prepare_cached("DELETE FROM bedplate_catalog WHERE kind = ?1 AND oid = ?2")?;
        let mut before = |kind: &str, oid: Oid| {
            let record: Option<String> = read.query_row((kind, oid), |row| row.get(0)).optional()?;
            Ok::<_, rusqlite::Error>(record.map_or(0, |record| hash(kind, oid, &record)))
        };
        for record in &difference.upserts {
            let kind = record.kind.word();
            sum = sum.wrapping_sub(before(kind, record.oid)?);
            sum = sum.wrapping_add(hash(kind, record.oid, &record.json));
            put.execute((kind, record.oid, &record.json))?;
        }
        for (kind, oid) in &difference.deletes {
            sum = sum.wrapping_sub(before(kind.word(), *oid)?);
            remove.execute((kind.word(), oid))?;
        }
        raw.prepare_cached(
            "INSERT INTO bedplate_meta(name, value) VALUES ('catalog_sum', ?1)
             ON CONFLICT(name) DO UPDATE SET value = excluded.value",
        )?
        .execute([sum.to_string()])?;
        Ok(())
    })
}

/// Reads the catalog, and refuses one that is not whole.
pub(crate) fn load(connection: &Connection) -> Result<Catalog> {
    let (rows, sum): (Vec<(String, Oid, String)>, String) = connection.with_engine(|raw| {
        let mut read = raw.prepare("SELECT kind, oid, record FROM bedplate_catalog")?;
        let rows = read.query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))?;
        let rows = rows.collect::<rusqlite::Result<_>>()?;
        let sum = raw
            .query_row("SELECT value FROM bedplate_meta WHERE name = 'catalog_sum'", [], |row| row.get(0))?;
        Ok((rows, sum))
    })?;
    let found =
        rows.iter().fold(0_u64, |sum, (kind, oid, record)| sum.wrapping_add(hash(kind, *oid, record)));
    if sum != found.to_string() {
        return Err(damaged(format!("the records' sum is {found} and should be {sum}")));
    }
    let mut records = Vec::with_capacity(rows.len());
    for (kind, oid, record) in &rows {
        let kind =
            Kind::from_word(kind).ok_or_else(|| damaged(format!("a record of unknown kind {kind}")))?;
        records.push((kind, *oid, record.as_str()));
    }
    store::from_records(records)
        .map_err(|error| damaged(error.fields().internal.clone().unwrap_or_else(|| error.to_string())))
}

fn damaged(internal: String) -> DatabaseError {
    let mut error = DatabaseError::new(DATA_CORRUPTED, "the catalog in the database file is damaged");
    error.fields_mut().internal = Some(internal);
    error
}
