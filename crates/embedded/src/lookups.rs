//! Functions that look names of relations up at run time. The last argument is the role in effect, by name.

use crate::context::Frame;
use crate::functions::{Code, of_the_engine};
use crate::run::RoleNames;
use crate::settings::search_path;
use crate::slot::Slot;
use catalog::Relation;
use catalog::lookup::SearchPath;
use datum::{Stored, StoredValue};
use rusqlite::Connection;
use sqlstate::{DatabaseError, Result, UNDEFINED_COLUMN};
use std::sync::Arc;

/// Registers them.
pub(crate) fn register(connection: &Connection, slot: &Arc<Slot>) -> rusqlite::Result<()> {
    const FUNCTIONS: &[(&str, Code)] =
        &[("pg_text_regclass", class_of), ("pg_pg_get_serial_sequence", serial_sequence)];
    of_the_engine(connection, slot, FUNCTIONS)
}

fn text<'a>(arguments: &'a [Stored<'_>], at: usize) -> Result<&'a str> {
    match arguments.get(at) {
        Some(Stored::Text(value)) => Ok(value),
        other => Err(DatabaseError::internal(format_args!("a function was called with {other:?}"))),
    }
}

/// The search path as settings have it, for a role.
fn path(frame: &Frame, role: &str) -> Result<SearchPath> {
    let catalog = &frame.state.catalog;
    let role = RoleNames::find(catalog, role)?;
    let setting = frame.work.settings().get("search_path").unwrap_or_default().to_owned();
    Ok(SearchPath::new(catalog, &search_path(&setting, &role.name), role.oid))
}

/// `regclass(text)`
fn class_of(arguments: &[Stored<'_>], frame: &Frame) -> Result<StoredValue> {
    let path = path(frame, text(arguments, 1)?)?;
    let oid = frame.state.catalog.object_input(&path, datum::oid::REGCLASS, text(arguments, 0)?)?;
    Ok(StoredValue::Integer(oid.into()))
}

/// `pg_get_serial_sequence`
fn serial_sequence(arguments: &[Stored<'_>], frame: &Frame) -> Result<StoredValue> {
    let path = path(frame, text(arguments, 2)?)?;
    let catalog = &frame.state.catalog;
    let table = catalog.object_input(&path, datum::oid::REGCLASS, text(arguments, 0)?)?;
    let wanted = text(arguments, 1)?;
    let Some(relation) = catalog.relations.get(&table) else { return Ok(StoredValue::Null) };
    let Some(column) = relation.columns.iter().find(|column| column.name == wanted) else {
        let message = format!("column \"{wanted}\" of relation \"{}\" does not exist", relation.name);
        return Err(DatabaseError::new(UNDEFINED_COLUMN, message));
    };
    let owned = |row: &&Arc<Relation>| {
        let owner = row.sequence.as_ref().and_then(|sequence| sequence.owned_by);
        owner == Some((table, column.number))
            || column.identity.is_some_and(|identity| identity.sequence == row.oid)
    };
    let Some(sequence) = catalog.relations.values().find(owned) else { return Ok(StoredValue::Null) };
    let schema = catalog.schemas.get(&sequence.schema).map_or("", |schema| schema.name.as_str());
    let name = format!("{}.{}", syntax::quote_identifier(schema), syntax::quote_identifier(&sequence.name));
    Ok(StoredValue::Text(name))
}
