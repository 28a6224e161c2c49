//! Which database the configuration means, and the only place that names a driver.

use crate::configuration::{Configuration, EngineChoice, Settings};
use crate::folder::{FolderError, OwnedFolder};
use crate::keys::SealingKey;
use crate::operator::Operate;
use crate::owner::OwnerClient;
use async_trait::async_trait;
use catalog::Catalog;
use database::{Database, DatabaseError, Engine, Outcome, Session, Work};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio::sync::Mutex;

/// What may go wrong while opening.
#[derive(Debug)]
pub enum OpenError {
    /// The data folder.
    Folder(FolderError),
    /// The database.
    Database(DatabaseError),
    /// The key that seals secrets.
    Seal(crate::keys::SealError),
    /// The owner of the data folder does not answer.
    Owner(PathBuf, std::io::Error),
}

impl fmt::Display for OpenError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            OpenError::Folder(error) => error.fmt(f),
            OpenError::Database(error) => {
                write!(f, "the database cannot be opened: {error}")?;
                let fields = error.fields();
                for (label, text) in
                    [("DETAIL", &fields.detail), ("HINT", &fields.hint), ("CAUSE", &fields.internal)]
                {
                    if let Some(text) = text {
                        write!(f, "\n{label}:  {text}")?;
                    }
                }
                Ok(())
            }
            OpenError::Seal(error) => error.fmt(f),
            OpenError::Owner(folder, error) => write!(
                f,
                "{} is in use, and its owner does not answer ({error}); it may be starting or stopping: try again",
                folder.display()
            ),
        }
    }
}

impl std::error::Error for OpenError {}

/// Where the process keeps what it must keep.
#[derive(Debug)]
pub enum Home {
    /// A data folder of ours.
    Folder(OwnedFolder),
    /// Nothing is kept.
    Nowhere,
}

/// A database that this process owns.
pub struct Owned {
    /// The database.
    pub database: Arc<dyn Database>,
    /// Where it is kept. Dropped after the database was closed.
    pub home: Home,
}

impl Owned {
    /// Takes the data folder and opens the database.
    ///
    /// # Errors
    /// When another process has the folder, or the database does not open.
    pub async fn open(
        configuration: &Configuration,
        folder: &Path,
        progress: postgres::Progress<'_>,
    ) -> Result<Owned, OpenError> {
        let settings = &configuration.settings;
        let home = if settings.ephemeral {
            Home::Nowhere
        } else {
            Home::Folder(OwnedFolder::take(folder).map_err(OpenError::Folder)?)
        };
        let database = open_database(settings, &home, progress).await.map_err(OpenError::Database)?;
        database::lay_foundation(&*database).await.map_err(OpenError::Database)?;
        Ok(Owned { database, home })
    }

    /// The key that seals this home's secrets.
    ///
    /// # Errors
    /// When it cannot be read or made.
    pub fn sealing_key(&self, settings: &Settings) -> Result<SealingKey, OpenError> {
        match (&settings.sealing_key, &self.home) {
            (Some(secret), _) => SealingKey::from_secret(secret),
            (None, Home::Folder(folder)) => SealingKey::from_file(&folder.sealing_key_file()),
            (None, Home::Nowhere) => SealingKey::make(),
        }
        .map_err(OpenError::Seal)
    }
}

/// The database that the settings mean.
async fn open_database(
    settings: &Settings,
    home: &Home,
    progress: postgres::Progress<'_>,
) -> Result<Arc<dyn Database>, DatabaseError> {
    if let Some(url) = &settings.database {
        let config = postgres::Config::from_url(url.expose())?;
        let database = postgres::PostgresDatabase::connect(config).await?;
        database.warnings().iter().for_each(|warning| progress(&format!("warning: {warning}")));
        return Ok(Arc::new(database));
    }
    match (settings.engine, home) {
        (EngineChoice::Postgres, home) => Ok(Arc::new(ClusterDatabase::start(home, progress).await?)),
        (EngineChoice::Sqlite, Home::Folder(folder)) => embedded(Some(folder.database_file())),
        (EngineChoice::Sqlite, Home::Nowhere) => embedded(None),
    }
}

fn embedded(path: Option<PathBuf>) -> Result<Arc<dyn Database>, DatabaseError> {
    let options = embedded::Options { path, ..embedded::Options::default() };
    Ok(Arc::new(embedded::EmbeddedDatabase::open(options)?))
}

/// A fresh embedded database that ends with the value.
///
/// # Errors
/// When it cannot be made.
pub async fn throw_away() -> Result<Arc<dyn Database>, DatabaseError> {
    let database = embedded(None)?;
    database::lay_foundation(&*database).await?;
    Ok(database)
}

/// A database in a private cluster: both end together.
struct ClusterDatabase {
    database: postgres::PostgresDatabase,
    cluster: Mutex<Option<postgres::PrivateCluster>>,
}

impl ClusterDatabase {
    async fn start(home: &Home, progress: postgres::Progress<'_>) -> Result<ClusterDatabase, DatabaseError> {
        let cluster = match home {
            Home::Folder(folder) => postgres::PrivateCluster::start(folder.path(), progress).await?,
            Home::Nowhere => postgres::PrivateCluster::start_ephemeral(progress).await?,
        };
        let config = cluster.config(postgres::SUPERUSER, postgres::DATABASE);
        let database = postgres::PostgresDatabase::connect(config).await?;
        Ok(ClusterDatabase { database, cluster: Mutex::new(Some(cluster)) })
    }
}

#[async_trait]
impl Database for ClusterDatabase {
    fn engine(&self) -> Engine {
        self.database.engine()
    }

    fn estimates_rows(&self) -> bool {
        self.database.estimates_rows()
    }

    async fn run(&self, session: &Session, work: Work) -> Result<Vec<Outcome>, DatabaseError> {
        self.database.run(session, work).await
    }

    async fn catalog(&self) -> Result<Arc<Catalog>, DatabaseError> {
        self.database.catalog().await
    }

    async fn ready(&self) -> Result<(), DatabaseError> {
        self.database.ready().await
    }

    async fn close(&self) -> Result<(), DatabaseError> {
        let closed = self.database.close().await;
        let cluster = self.cluster.lock().await.take();
        if let Some(cluster) = cluster {
            cluster.stop().await?;
        }
        closed
    }
}

/// The engine's name, as people know it.
pub fn engine_name(engine: Engine) -> &'static str {
    match engine {
        Engine::Embedded => "sqlite",
        Engine::Postgres => "postgres",
    }
}

/// A database for a command: this process's own, or the running owner's.
pub enum Access {
    /// This process owns it.
    Owned(Owned),
    /// Another process does.
    Remote(Box<OwnerClient>),
}

impl Access {
    /// Asks the data folder's owner, else becomes it.
    ///
    /// # Errors
    /// When neither is possible.
    pub async fn open(configuration: &Configuration, folder: &Path) -> Result<Access, OpenError> {
        match Owned::open(configuration, folder, &|_| ()).await {
            Ok(owned) => Ok(Access::Owned(owned)),
            Err(OpenError::Folder(FolderError::Owned { folder, .. })) => {
                let client = OwnerClient::connect(&folder).await;
                client
                    .map(|client| Access::Remote(Box::new(client)))
                    .map_err(|error| OpenError::Owner(folder, error))
            }
            Err(error) => Err(error),
        }
    }

    /// What runs the operator's work.
    pub fn operator(&self) -> &dyn Operate {
        match self {
            Access::Owned(owned) => &owned.database,
            Access::Remote(client) => &**client,
        }
    }

    /// Closes what this process opened.
    ///
    /// # Errors
    /// When it does not close in order.
    pub async fn close(self) -> Result<(), DatabaseError> {
        match self {
            Access::Owned(owned) => owned.database.close().await,
            Access::Remote(_) => Ok(()),
        }
    }
}
