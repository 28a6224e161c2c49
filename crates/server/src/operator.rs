//! What the operator's commands need of a database, whether this process owns it or another one does.

use async_trait::async_trait;
use database::{Database, DatabaseError, Engine, Outcome, Session, SystemPrivilege, Work};
use std::sync::Arc;

/// Runs the operator's work.
#[async_trait]
pub trait Operate: Send + Sync {
    /// Which engine it is.
    fn engine(&self) -> Engine;

    /// Runs the work as the session.
    ///
    /// # Errors
    /// The failing statement's.
    async fn run(&self, session: &Session, work: Work) -> Result<Vec<Outcome>, DatabaseError>;

    /// The types of these schemas in a client's language.
    ///
    /// # Errors
    /// When the database cannot be asked what it contains.
    async fn types(&self, schemas: &[String], language: rest::Language) -> Result<String, DatabaseError>;

    /// Runs the work as the owner of everything.
    ///
    /// # Errors
    /// The failing statement's.
    async fn run_as_operator(&self, work: Work) -> Result<Vec<Outcome>, DatabaseError> {
        self.run(&Session::operator(SystemPrivilege::i_am_the_operator()), work).await
    }
}

#[async_trait]
impl Operate for Arc<dyn Database> {
    fn engine(&self) -> Engine {
        Database::engine(&**self)
    }

    async fn run(&self, session: &Session, work: Work) -> Result<Vec<Outcome>, DatabaseError> {
        Database::run(&**self, session, work).await
    }

    async fn types(&self, schemas: &[String], language: rest::Language) -> Result<String, DatabaseError> {
        Ok(rest::types(&*self.catalog().await?, schemas, language))
    }
}
