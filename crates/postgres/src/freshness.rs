//! When the catalog that is kept is still true.
//!
//! It is read again after work of ours that could have changed it, when somebody says `NOTIFY pgrst` (as to PostgREST),
//! and when the numbers of rows written to the system catalogs have changed, which is asked at intervals. Policies
//! and privileges are enforced by the server itself: an old catalog can miss a new table, not open a closed one.

use crate::connect::connect;
use crate::connection::{Connection, Group};
use crate::{Inner, introspect};
use database::{Result, Value};
use std::sync::{Arc, Weak};
use std::time::Duration;
use tokio::time::{sleep, timeout};

/// How many rows were ever written to the system catalogs that the catalog is read from. A transaction's are counted after
/// its commit, so a number that was asked for before reading the catalog never hides a change that the reading missed.
pub(crate) const WRITES: &str = "SELECT coalesce(sum(pg_catalog.pg_stat_get_tuples_inserted(oid) \
    + pg_catalog.pg_stat_get_tuples_updated(oid) + pg_catalog.pg_stat_get_tuples_deleted(oid)), 0)::pg_catalog.text \
    FROM pg_catalog.pg_class WHERE relnamespace = 'pg_catalog'::pg_catalog.regnamespace AND relname IN \
    ('pg_namespace', 'pg_class', 'pg_attribute', 'pg_attrdef', 'pg_constraint', 'pg_index', 'pg_policy', 'pg_trigger', \
    'pg_type', 'pg_enum', 'pg_proc', 'pg_extension', 'pg_publication', 'pg_publication_rel', 'pg_default_acl', \
    'pg_description', 'pg_rewrite', 'pg_sequence', 'pg_authid', 'pg_auth_members', 'pg_db_role_setting')";

/// Watches until the database is gone.
pub(crate) async fn watch(inner: Weak<Inner>) {
    let Some(interval) = inner.upgrade().map(|inner| inner.operator.config().catalog_interval) else {
        return;
    };
    loop {
        // What ends this is the loss of its connection; what was missed meanwhile the numbers tell.
        let _ = watch_connected(&inner, interval).await;
        sleep(interval).await;
        if inner.strong_count() == 0 {
            return;
        }
    }
}

async fn watch_connected(inner: &Weak<Inner>, interval: Duration) -> Result<()> {
    let Some(config) = inner.upgrade().map(|inner| inner.operator.config().clone()) else { return Ok(()) };
    let mut connection = connect(&config).await?;
    if config.prepared_statements {
        // Behind a pooler that hands connections around there is nothing to listen on.
        connection.push_simple("LISTEN pgrst")?;
        connection.read_group().await?;
    }
    loop {
        let writes = writes(&mut connection).await?;
        if inner.upgrade().is_some_and(|inner| inner.known().writes != writes) {
            refresh(inner).await?;
        }
        match timeout(interval, connection.notification()).await {
            Ok(notification) => {
                if notification?.is_reload() {
                    refresh(inner).await?;
                }
            }
            Err(_) if inner.strong_count() == 0 => return Ok(()),
            Err(_) => {}
        }
    }
}

async fn refresh(inner: &Weak<Inner>) -> Result<()> {
    let Some(inner) = inner.upgrade() else { return Ok(()) };
    inner.mark_stale();
    inner.snapshot().await.map(drop)
}

async fn writes(connection: &mut Connection) -> Result<String> {
    connection.push(&WRITES.into(), &[], None)?;
    connection.end_group();
    written(connection.read_group().await?)
}

/// The number in the answer to [`WRITES`].
pub(crate) fn written(group: Group) -> Result<String> {
    if let Some(error) = group.error {
        return Err(error);
    }
    let value = group
        .answers
        .into_iter()
        .next()
        .and_then(|answer| answer.rows.into_iter().next()?.into_iter().next());
    Ok(value.as_ref().and_then(Value::as_str).unwrap_or_default().to_owned())
}

impl Inner {
    /// What is known of the database; read anew when it may have changed.
    pub(crate) async fn snapshot(&self) -> Result<Arc<introspect::Snapshot>> {
        if !self.is_stale() {
            return Ok(self.known());
        }
        let _one_at_a_time = self.refreshing.lock().await;
        if !self.is_stale() {
            return Ok(self.known());
        }
        // Before reading: what changes meanwhile makes it stale again.
        let changes = self.changes();
        let mut lease = self.operator.get().await?;
        let snapshot = introspect::introspect(&mut lease).await?;
        self.type_names.clear();
        let known = self.know(snapshot);
        self.mark_fresh(changes);
        Ok(known)
    }
}
