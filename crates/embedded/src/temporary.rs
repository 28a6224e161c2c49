//! Temporary schemas: their names, and the end of those whose session is gone.

use crate::connection::Connection;
use crate::writes::quote;
use catalog::Catalog;
use catalog::ddl::{self, PhysicalChange};
use sqlstate::{DatabaseError, Result};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// The temporary schema of a work, which is a session of its own: it ends with the work, and there is one writer.
pub(crate) const SCHEMA_OF_A_WORK: &str = "pg_temp_3";

static NEXT: AtomicU64 = AtomicU64::new(4);

/// The temporary schema of a session that lasts.
pub(crate) fn new_schema() -> Arc<str> {
    format!("pg_temp_{}", NEXT.fetch_add(1, Ordering::Relaxed)).into()
}

/// Drops the temporary schemas that `ended` names, with what is in them; the catalog without them, or `None` when there is none.
pub(crate) fn drop_schemas(
    connection: &Connection,
    catalog: &Catalog,
    ended: impl Fn(&str) -> bool,
) -> Result<Option<Catalog>> {
    let Some((catalog, changes)) = ddl::without_schemas(catalog, &compile::Analyzer, ended)? else {
        return Ok(None);
    };
    let failure = |error: rusqlite::Error| connection.failure(&error);
    connection.set_foreign_keys(false).map_err(failure)?;
    let done = changes.iter().try_for_each(|change| match change {
        PhysicalChange::DropTable { old, schema } => {
            let name = quote(&compile::storage::stored_name(schema, &old.name));
            connection.engine(&format!("DROP TABLE {name}")).map_err(failure)
        }
        PhysicalChange::DropSequence { sequence } => connection.with_engine(|raw| {
            raw.execute("DELETE FROM bedplate_sequences WHERE oid = ?1", [sequence]).map(|_| ())
        }),
        // Its index or key goes with the table.
        PhysicalChange::DropIndex { .. } | PhysicalChange::Redeclare { .. } => Ok(()),
        other => Err(DatabaseError::internal(format_args!("a temporary schema's end asks for {other:?}"))),
    });
    connection.set_foreign_keys(true).map_err(failure)?;
    done.map(|()| Some(catalog))
}
