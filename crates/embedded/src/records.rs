//! The catalog as records in the file: one for each object, as JSON, keyed by kind and OID.
//!
//! A change of the catalog writes the records that differ and no others. The sum of all records' hashes stands beside them:
//! a record that was lost or altered is found when the file is opened.

use crate::connection::Connection;
use catalog::{
    Catalog, DefaultPrivileges, Extension, Function, Index, Membership, Oid, Publication, Relation, Role,
    Schema, Type,
};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use sqlstate::{DATA_CORRUPTED, DatabaseError, Result};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What of a catalog is no object of its own.
#[derive(Serialize, Deserialize)]
struct Whole {
    next_oid: Oid,
    memberships: Vec<Membership>,
    default_privileges: Vec<DefaultPrivileges>,
    settings: Vec<(String, String)>,
}

/// A record that is to be written, or removed.
struct Change {
    kind: &'static str,
    oid: Oid,
    record: Option<String>,
    before: Option<String>,
}

/// FNV-1a over kind, OID and text: frozen with the storage format.
fn hash(kind: &str, oid: Oid, record: &str) -> u64 {
    let parts = [kind.as_bytes(), &oid.to_le_bytes(), record.as_bytes()];
    parts.iter().flat_map(|part| part.iter()).fold(0xcbf2_9ce4_8422_2325, |hash: u64, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

fn text<T: Serialize>(value: &T) -> Result<String> {
    serde_json::to_string(value)
        .map_err(|error| DatabaseError::internal(format_args!("a record could not be written: {error}")))
}

fn differences<T: Serialize + PartialEq>(
    kind: &'static str,
    old: &BTreeMap<Oid, Arc<T>>,
    new: &BTreeMap<Oid, Arc<T>>,
    changes: &mut Vec<Change>,
) -> Result<()> {
    for (oid, value) in new {
        let before = old.get(oid);
        if before.is_some_and(|before| Arc::ptr_eq(before, value) || before == value) {
            continue;
        }
        let before = before.map(|before| text(&**before)).transpose()?;
        changes.push(Change { kind, oid: *oid, record: Some(text(&**value)?), before });
    }
    for (oid, value) in old {
        if !new.contains_key(oid) {
            changes.push(Change { kind, oid: *oid, record: None, before: Some(text(&**value)?) });
        }
    }
    Ok(())
}

fn whole(catalog: &Catalog) -> Result<String> {
    text(&Whole {
        next_oid: catalog.next_oid,
        memberships: catalog.memberships.to_vec(),
        default_privileges: catalog.default_privileges.to_vec(),
        settings: catalog.settings.to_vec(),
    })
}

/// Writes what changed, in the transaction that is open. `fresh` when nothing was written before at all.
pub(crate) fn save(connection: &Connection, old: &Catalog, new: &Catalog, fresh: bool) -> Result<()> {
    let mut changes = Vec::new();
    differences("role", &old.roles, &new.roles, &mut changes)?;
    differences("schema", &old.schemas, &new.schemas, &mut changes)?;
    differences("relation", &old.relations, &new.relations, &mut changes)?;
    differences("index", &old.indexes, &new.indexes, &mut changes)?;
    differences("type", &old.types, &new.types, &mut changes)?;
    differences("function", &old.functions, &new.functions, &mut changes)?;
    differences("extension", &old.extensions, &new.extensions, &mut changes)?;
    differences("publication", &old.publications, &new.publications, &mut changes)?;
    let (before, after) = (whole(old)?, whole(new)?);
    if fresh || before != after {
        let before = (!fresh).then_some(before);
        changes.push(Change { kind: "database", oid: 0, record: Some(after), before });
    }
    if changes.is_empty() {
        return Ok(());
    }
    connection.with_engine(|raw| {
        let sum: Option<String> = raw
            .query_row("SELECT value FROM bedplate_meta WHERE name = 'catalog_sum'", [], |row| row.get(0))
            .map(Some)
            .or_else(|error| match error {
                rusqlite::Error::QueryReturnedNoRows => Ok(None),
                other => Err(other),
            })?;
        let mut sum: u64 = sum.and_then(|text| text.parse().ok()).unwrap_or(0);
        let mut put = raw.prepare_cached(
            "INSERT INTO bedplate_catalog(kind, oid, record) VALUES (?1, ?2, ?3)
             ON CONFLICT(kind, oid) DO UPDATE SET record = excluded.record",
        )?;
        let mut remove = raw.prepare_cached("DELETE FROM bedplate_catalog WHERE kind = ?1 AND oid = ?2")?;
        for change in &changes {
            let Change { kind, oid, record, before } = change;
            if let Some(before) = before {
                sum = sum.wrapping_sub(hash(kind, *oid, before));
            }
            match record {
                Some(record) => {
                    sum = sum.wrapping_add(hash(kind, *oid, record));
                    put.execute((kind, oid, record))?;
                }
                None => {
                    remove.execute((kind, oid))?;
                }
            }
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
    let mut catalog = Catalog::new();
    let mut found = 0_u64;
    let mut complete = false;
    for (kind, oid, record) in &rows {
        found = found.wrapping_add(hash(kind, *oid, record));
        match kind.as_str() {
            "role" => catalog.put_role(read::<Role>(record)?),
            "schema" => catalog.put_schema(read::<Schema>(record)?),
            "relation" => catalog.put_relation(read::<Relation>(record)?),
            "index" => catalog.put_index(read::<Index>(record)?),
            "type" => catalog.put_type(read::<Type>(record)?),
            "function" => catalog.put_function(read::<Function>(record)?),
            "extension" => {
                catalog.extensions.insert(*oid, Arc::new(read::<Extension>(record)?));
            }
            "publication" => {
                catalog.publications.insert(*oid, Arc::new(read::<Publication>(record)?));
            }
            "database" => {
                let whole: Whole = read(record)?;
                catalog.next_oid = whole.next_oid;
                catalog.memberships = Arc::new(whole.memberships);
                catalog.default_privileges = Arc::new(whole.default_privileges);
                catalog.settings = Arc::new(whole.settings);
                complete = true;
            }
            other => return Err(damaged(format!("a record of unknown kind {other}"))),
        }
    }
    if !complete || sum != found.to_string() {
        return Err(damaged(format!("the records' sum is {found} and should be {sum}")));
    }
    Ok(catalog)
}

fn read<T: DeserializeOwned>(record: &str) -> Result<T> {
    serde_json::from_str(record).map_err(|error| damaged(error.to_string()))
}

fn damaged(internal: String) -> DatabaseError {
    let mut error = DatabaseError::new(DATA_CORRUPTED, "the catalog in the database file is damaged");
    error.fields_mut().internal = Some(internal);
    error
}
