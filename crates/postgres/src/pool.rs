//! Connections in reserve.

use crate::config::Config;
use crate::connect::{cancel, connect};
use crate::connection::Connection;
use database::{DatabaseError, Result};
use std::ops::{Deref, DerefMut};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::timeout;

/// A connection that nobody asked for in this long is closed.
const IDLE_LIMIT: Duration = Duration::from_secs(300);

/// A pool: connections are made when asked for and kept, the last used first.
#[derive(Clone)]
pub(crate) struct Pool {
    shared: Arc<Shared>,
}

struct Shared {
    config: Config,
    idle: Mutex<Vec<(Connection, Instant)>>,
    permits: Arc<Semaphore>,
}

/// A connection in use. Dropped with answers outstanding, its statement is cancelled and the connection closed.
pub(crate) struct Lease {
    connection: Option<Connection>,
    shared: Arc<Shared>,
    _permit: OwnedSemaphorePermit,
}

impl Pool {
    pub(crate) fn new(config: Config) -> Pool {
        let permits = Arc::new(Semaphore::new(config.pool_size.max(1)));
        Pool { shared: Arc::new(Shared { config, idle: Mutex::default(), permits }) }
    }

    pub(crate) fn config(&self) -> &Config {
        &self.shared.config
    }

    /// A connection: one in reserve that still lives, else a new one.
    pub(crate) async fn get(&self) -> Result<Lease> {
        let permit = self.permit().await?;
        while let Some((mut connection, _)) = self.shared.pop() {
            if connection.is_alive() {
                return Ok(self.lease(connection, permit));
            }
        }
        self.fresh(permit).await
    }

    /// A new connection.
    pub(crate) async fn get_fresh(&self) -> Result<Lease> {
        let permit = self.permit().await?;
        self.fresh(permit).await
    }

    async fn fresh(&self, permit: OwnedSemaphorePermit) -> Result<Lease> {
        let connection = connect(&self.shared.config).await?;
        Ok(self.lease(connection, permit))
    }

    fn lease(&self, connection: Connection, permit: OwnedSemaphorePermit) -> Lease {
        Lease { connection: Some(connection), shared: self.shared.clone(), _permit: permit }
    }

    async fn permit(&self) -> Result<OwnedSemaphorePermit> {
        let limit = self.shared.config.acquire_timeout;
        match timeout(limit, self.shared.permits.clone().acquire_owned()).await {
            Ok(Ok(permit)) => Ok(permit),
            Ok(Err(_)) => Err(closed()),
            Err(_) => Err(DatabaseError::new(
                sqlstate::TOO_MANY_CONNECTIONS,
                format!("no connection to the database became free within {} s", limit.as_secs()),
            )),
        }
    }

    /// Waits for the connections in use, then closes all.
    pub(crate) async fn close(&self) {
        let all = u32::try_from(self.shared.config.pool_size.max(1)).unwrap_or(u32::MAX);
        let permits = self.shared.permits.acquire_many(all).await;
        self.shared.permits.close();
        drop(permits);
        while let Some((connection, _)) = self.shared.pop() {
            connection.terminate().await;
        }
    }
}

fn closed() -> DatabaseError {
    DatabaseError::new(sqlstate::CONNECTION_DOES_NOT_EXIST, "the database is closed")
}

impl Shared {
    fn pop(&self) -> Option<(Connection, Instant)> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop()
    }

    fn put(&self, connection: Connection) {
        let now = Instant::now();
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        idle.push((connection, now));
        // The oldest are in front; they close as they drop.
        let stale = idle.iter().take_while(|(_, since)| now.duration_since(*since) > IDLE_LIMIT).count();
        idle.drain(..stale);
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let Some(connection) = self.connection.take() else { return };
        if connection.is_reusable() {
            self.shared.put(connection);
        } else if connection.is_busy()
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            let shared = self.shared.clone();
            runtime.spawn(async move { cancel(&shared.config, connection.cancel_key()).await });
        }
    }
}

impl Deref for Lease {
    type Target = Connection;

    #[expect(clippy::expect_used, reason = "taken only when dropped")]
    fn deref(&self) -> &Connection {
        self.connection.as_ref().expect("a lease holds its connection until it is dropped")
    }
}

impl DerefMut for Lease {
    #[expect(clippy::expect_used, reason = "taken only when dropped")]
    fn deref_mut(&mut self) -> &mut Connection {
        self.connection.as_mut().expect("a lease holds its connection until it is dropped")
    }
}
