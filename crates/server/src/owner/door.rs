//! The owner's end: answers the commands of this machine's operator.

use super::wire::{Answer, Ask, Request, WireFacts, WireKey, WireOutcome, work};
use super::{PROTOCOL, addressable, read_message, socket_path, write_message};
use crate::keys::{KeyError, Keyring, ProjectKeys};
use crate::users;
use database::{Database, DatabaseError, Engine};
use std::fs::{DirBuilder, Permissions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;
use tokio::net::{UnixListener, UnixStream};
use tokio::task::JoinHandle;

/// What an owner says of itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnerFacts {
    /// Its release.
    pub version: String,
    /// Its engine.
    pub engine: Engine,
    /// Where its API is.
    pub url: String,
    /// The keys it uses.
    pub keys: ProjectKeys,
}

/// What answers at the socket.
pub struct Owner {
    /// The database.
    pub database: Arc<dyn Database>,
    /// The keys.
    pub keyring: Arc<Keyring>,
    /// The accounts.
    pub accounts: auth::State,
    /// What it says of itself.
    pub facts: OwnerFacts,
}

/// The socket of a data folder's owner. It goes with the value.
pub struct Door {
    path: PathBuf,
    task: JoinHandle<()>,
}

impl Door {
    /// Opens it. Whoever holds the folder's lock may: a socket that is there already was left behind.
    ///
    /// # Errors
    /// When the socket cannot be made.
    pub fn open(folder: &Path, owner: Owner) -> io::Result<Door> {
        let path = socket_path(folder);
        let run = path.parent().unwrap_or(folder);
        DirBuilder::new().recursive(true).mode(0o700).create(run)?;
        std::fs::set_permissions(run, Permissions::from_mode(0o700))?;
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let (address, _open) = addressable(&path)?;
        let listener = UnixListener::bind(address)?;
        std::fs::set_permissions(&path, Permissions::from_mode(0o600))?;
        let owner = Arc::new(owner);
        let task = tokio::spawn(async move {
            loop {
                match listener.accept().await {
                    Ok((stream, _)) => {
                        let owner = Arc::clone(&owner);
                        // A command that went away is not news.
                        tokio::spawn(async move { serve(stream, &owner).await.ok() });
                    }
                    // Out of file descriptors, most likely: there will be some again.
                    Err(_) => tokio::time::sleep(std::time::Duration::from_millis(100)).await,
                }
            }
        });
        Ok(Door { path, task })
    }
}

impl Drop for Door {
    fn drop(&mut self) {
        self.task.abort();
        // Left behind, the next owner removes it.
        let _ = std::fs::remove_file(&self.path);
    }
}

async fn serve(mut stream: UnixStream, owner: &Owner) -> io::Result<()> {
    while let Some(message) = read_message(&mut stream).await? {
        let answer = answer(&message, owner).await.unwrap_or_else(Answer::Refused);
        let answer = serde_json::to_vec(&answer).map_err(io::Error::other)?;
        write_message(&mut stream, &answer).await?;
    }
    Ok(())
}

async fn answer(message: &[u8], owner: &Owner) -> Result<Answer, DatabaseError> {
    let refused = |message: String| DatabaseError::new(sqlstate::PROTOCOL_VIOLATION, message);
    let header: serde_json::Value =
        serde_json::from_slice(message).map_err(|error| refused(format!("not a request: {error}")))?;
    if header["protocol"] != PROTOCOL {
        return Err(refused(
            "the owner of the data folder is another release; use that one, or restart it".into(),
        ));
    }
    let request: Request =
        serde_json::from_value(header).map_err(|error| refused(format!("not a request: {error}")))?;
    match request.ask {
        Ask::Facts => Ok(Answer::Facts((&owner.facts).into())),
        Ask::Sign { claims } => {
            let signed = owner.keyring.doors().sign(&claims, SystemTime::now());
            signed.map(Answer::Token).map_err(|error| refused(error.reason().into_owned()))
        }
        Ask::Keys(request) => match owner.keyring.answer(&request.try_into()?).await {
            Ok(keys) => Ok(Answer::Keys(keys.into_iter().map(WireKey::from).collect())),
            Err(KeyError::Database(error)) => Err(error),
            Err(error) => {
                Err(DatabaseError::new(sqlstate::OBJECT_NOT_IN_PREREQUISITE_STATE, error.to_string()))
            }
        },
        Ask::Users(request) => Ok(Answer::Users(users::answer(&owner.accounts, request).await)),
        Ask::Types { schemas, python } => {
            let language = if python { rest::Language::Python } else { rest::Language::TypeScript };
            Ok(Answer::Types(rest::types(&*owner.database.catalog().await?, &schemas, language)))
        }
        Ask::Run { session, statements, rollback } => {
            let outcomes = owner.database.run(&session.into_session(), work(statements, rollback)?).await?;
            Ok(Answer::Outcomes(outcomes.into_iter().map(WireOutcome::from).collect()))
        }
    }
}

impl From<&OwnerFacts> for WireFacts {
    fn from(facts: &OwnerFacts) -> WireFacts {
        let OwnerFacts { version, engine, url, keys } = facts;
        let ProjectKeys { jwt_secret, publishable_key, secret_key, anon_key, service_role_key, well_known } =
            keys;
        WireFacts {
            version: version.clone(),
            postgres: *engine == Engine::Postgres,
            url: url.clone(),
            jwt_secret: jwt_secret.expose().into(),
            publishable_key: publishable_key.clone(),
            secret_key: secret_key.expose().into(),
            anon_key: anon_key.clone(),
            service_role_key: service_role_key.expose().into(),
            well_known: *well_known,
        }
    }
}
