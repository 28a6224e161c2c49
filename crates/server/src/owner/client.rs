//! The other end: a command that asks the owner.

use super::wire::{Answer, Ask, Request, WireFacts, engine};
use super::{OwnerFacts, PROTOCOL, addressable, read_message, socket_path, write_message};
use crate::configuration::Secret;
use crate::keys::{KeyRequest, ListedKey, ProjectKeys};
use crate::operator::Operate;
use crate::users::{UserAnswer, UserRefusal, UserRequest};
use async_trait::async_trait;
use database::{DatabaseError, Engine, Outcome, Session, Work};
use std::io;
use std::path::Path;
use tokio::net::UnixStream;
use tokio::sync::Mutex;

/// A connection to a running owner.
pub struct OwnerClient {
    stream: Mutex<UnixStream>,
    facts: OwnerFacts,
}

impl OwnerClient {
    /// Connects to the owner of the data folder.
    ///
    /// # Errors
    /// When nobody answers, or with another protocol.
    pub async fn connect(folder: &Path) -> io::Result<OwnerClient> {
        let (path, _open) = addressable(&socket_path(folder))?;
        let mut stream = UnixStream::connect(path).await?;
        match ask(&mut stream, Ask::Facts).await? {
            Answer::Facts(facts) => Ok(OwnerClient { stream: Mutex::new(stream), facts: facts.into() }),
            Answer::Refused(error) => Err(io::Error::other(error.message().to_owned())),
            _ => Err(out_of_step()),
        }
    }

    /// Has the owner look at its signing keys or change them.
    ///
    /// # Errors
    /// The owner refuses, or is gone.
    pub async fn keys(&self, request: &KeyRequest) -> Result<Vec<ListedKey>, DatabaseError> {
        let mut stream = self.stream.lock().await;
        match ask(&mut stream, Ask::Keys(request.into())).await.map_err(lost)? {
            Answer::Keys(keys) => keys.into_iter().map(ListedKey::try_from).collect(),
            Answer::Refused(error) => Err(error),
            _ => Err(lost(out_of_step())),
        }
    }

    /// Has the owner sign claims by its current key.
    ///
    /// # Errors
    /// The owner refuses, or is gone.
    pub async fn sign(
        &self,
        claims: serde_json::Map<String, serde_json::Value>,
    ) -> Result<String, DatabaseError> {
        let mut stream = self.stream.lock().await;
        match ask(&mut stream, Ask::Sign { claims }).await.map_err(lost)? {
            Answer::Token(token) => Ok(token),
            Answer::Refused(error) => Err(error),
            _ => Err(lost(out_of_step())),
        }
    }

    /// Has the owner do something to users.
    ///
    /// # Errors
    /// The owner is gone. What the accounts refuse is the inner error.
    pub async fn users(
        &self,
        request: UserRequest,
    ) -> Result<Result<UserAnswer, UserRefusal>, DatabaseError> {
        let mut stream = self.stream.lock().await;
        match ask(&mut stream, Ask::Users(request)).await.map_err(lost)? {
            Answer::Users(answer) => Ok(answer),
            Answer::Refused(error) => Err(error),
            _ => Err(lost(out_of_step())),
        }
    }

    /// What the owner is.
    pub fn facts(&self) -> &OwnerFacts {
        &self.facts
    }
}

async fn ask(stream: &mut UnixStream, ask: Ask) -> io::Result<Answer> {
    let request = serde_json::to_vec(&Request { protocol: PROTOCOL, ask }).map_err(io::Error::other)?;
    write_message(stream, &request).await?;
    let answer = read_message(stream).await?.ok_or(io::ErrorKind::UnexpectedEof)?;
    serde_json::from_slice(&answer).map_err(io::Error::other)
}

fn lost(error: io::Error) -> DatabaseError {
    DatabaseError::new(sqlstate::CONNECTION_FAILURE, format!("the owner of the data folder: {error}"))
}

fn out_of_step() -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, "the owner's answer is not to what was asked")
}

#[async_trait]
impl Operate for OwnerClient {
    fn engine(&self) -> Engine {
        self.facts.engine
    }

    async fn run(&self, session: &Session, work: Work) -> Result<Vec<Outcome>, DatabaseError> {
        let mut stream = self.stream.lock().await;
        match ask(&mut stream, Ask::run(session, &work)).await.map_err(lost)? {
            Answer::Outcomes(outcomes) => outcomes.into_iter().map(Outcome::try_from).collect(),
            Answer::Refused(error) => Err(error),
            _ => Err(lost(out_of_step())),
        }
    }

    async fn types(&self, schemas: &[String], language: rest::Language) -> Result<String, DatabaseError> {
        let python = language == rest::Language::Python;
        let mut stream = self.stream.lock().await;
        match ask(&mut stream, Ask::Types { schemas: schemas.to_vec(), python }).await.map_err(lost)? {
            Answer::Types(text) => Ok(text),
            Answer::Refused(error) => Err(error),
            _ => Err(lost(out_of_step())),
        }
    }
}

impl From<WireFacts> for OwnerFacts {
    fn from(facts: WireFacts) -> OwnerFacts {
        let WireFacts {
            version,
            postgres,
            url,
            jwt_secret,
            publishable_key,
            secret_key,
            anon_key,
            service_role_key,
            well_known,
        } = facts;
        OwnerFacts {
            version,
            engine: engine(postgres),
            url,
            keys: ProjectKeys {
                jwt_secret: Secret::new(jwt_secret),
                publishable_key,
                secret_key: Secret::new(secret_key),
                anon_key,
                service_role_key: Secret::new(service_role_key),
                well_known,
            },
        }
    }
}
