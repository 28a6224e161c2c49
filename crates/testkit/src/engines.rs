//! Databases for tests.

use database::{Database, DatabaseError, Session, Statement, SystemPrivilege, Work};
use postgres::{Config, Host, PostgresDatabase, PrivateCluster};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

/// The folder with the socket of a cluster that `cargo xtask test` started for all tests.
const SHARED: &str = "BEDPLATE_TEST_POSTGRES";

static NEXT: AtomicU32 = AtomicU32::new(0);

/// A fresh embedded database with the system schemas; nothing of it is kept.
pub fn embedded() -> Result<Arc<dyn Database>, DatabaseError> {
    Ok(Arc::new(embedded::EmbeddedDatabase::open(embedded::Options::default())?))
}

/// A fresh database on a real PostgreSQL.
pub struct TestPostgres {
    /// The database, with the system schemas.
    pub database: Arc<dyn Database>,
    /// A cluster of this test's own, when no shared one runs. Dropped, it stops.
    _cluster: Option<PrivateCluster>,
}

/// Makes a fresh database on PostgreSQL: on the shared cluster, else on one of its own.
pub async fn postgres() -> Result<TestPostgres, DatabaseError> {
    let (host, cluster) = match std::env::var_os(SHARED) {
        Some(folder) => (Host::Unix { directory: PathBuf::from(folder), port: 5432 }, None),
        None => {
            let cluster = PrivateCluster::start_ephemeral(&|_| {}).await?;
            (Host::Unix { directory: cluster.socket_folder().to_owned(), port: 5432 }, Some(cluster))
        }
    };
    let name = format!("test_{}_{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed));
    let operator = Session::operator(SystemPrivilege::i_am_the_operator());
    let maker = PostgresDatabase::connect(Config::new(host.clone(), "postgres", "postgres")).await?;
    postgres::create_database(&maker, &name).await?;
    maker.close().await?;
    let database = PostgresDatabase::connect(Config::new(host, "postgres", name)).await?;
    database.run(&operator, Work::one(Statement::new("SELECT 1"))).await?;
    Ok(TestPostgres { database: Arc::new(database), _cluster: cluster })
}
