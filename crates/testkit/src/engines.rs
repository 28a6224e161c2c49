//! Databases for tests.

use database::{Database, DatabaseError};
use embedded::EmbeddedDatabase;
use postgres::{DATABASE, PostgresDatabase, PrivateCluster, SUPERUSER};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// A fresh embedded database with its foundation; nothing of it is kept.
///
/// # Errors
/// What the engine says.
pub async fn embedded() -> Result<Arc<dyn Database>, DatabaseError> {
    let database = EmbeddedDatabase::open(embedded::Options::default())?;
    database::lay_foundation(&database).await?;
    Ok(Arc::new(database))
}

/// A real PostgreSQL, started for the test and gone with it, that gives fresh databases.
#[derive(Debug)]
pub struct TestPostgres {
    cluster: PrivateCluster,
    made: AtomicU32,
}

impl TestPostgres {
    /// Starts it and lays the foundation that every database is a copy of.
    ///
    /// # Errors
    /// 58P01 when there is no PostgreSQL, with what to install.
    pub async fn start() -> Result<TestPostgres, DatabaseError> {
        let cluster = PrivateCluster::start_ephemeral(&|_| {}).await?;
        let first = PostgresDatabase::connect(cluster.config(SUPERUSER, DATABASE)).await?;
        database::lay_foundation(&first).await?;
        first.close().await?;
        cluster.copy_database(DATABASE, "foundation").await?;
        Ok(TestPostgres { cluster, made: AtomicU32::new(0) })
    }

    /// A fresh database with its foundation.
    ///
    /// # Errors
    /// What the server says.
    pub async fn database(&self) -> Result<Arc<dyn Database>, DatabaseError> {
        Ok(self.named().await?.1)
    }

    /// A fresh database with its foundation, and its name for [`TestPostgres::discard`]: for runs that need more of them than a disk holds.
    ///
    /// # Errors
    /// What the server says.
    pub async fn named(&self) -> Result<(String, Arc<dyn Database>), DatabaseError> {
        let name = self.make().await?;
        let database = PostgresDatabase::connect(self.cluster.config(SUPERUSER, &name)).await?;
        Ok((name, Arc::new(database)))
    }

    /// Drops a database that is not needed any more.
    ///
    /// # Errors
    /// What the server says.
    pub async fn discard(&self, name: &str) -> Result<(), DatabaseError> {
        self.cluster.drop_database(name).await
    }

    /// The URL of a fresh database with its foundation, for several to connect to.
    ///
    /// # Errors
    /// What the server says.
    pub async fn url(&self) -> Result<String, DatabaseError> {
        Ok(self.url_of(&self.make().await?))
    }

    /// The URL of a database of [`TestPostgres::named`].
    pub fn url_of(&self, name: &str) -> String {
        let socket = self.cluster.socket_folder().display().to_string();
        format!("postgres://{SUPERUSER}@/{name}?host={}", socket.replace('%', "%25").replace('/', "%2F"))
    }

    async fn make(&self) -> Result<String, DatabaseError> {
        let name = format!("test_{}", self.made.fetch_add(1, Ordering::Relaxed));
        self.cluster.copy_database("foundation", &name).await?;
        Ok(name)
    }
}
