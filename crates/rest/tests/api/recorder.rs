//! A database that remembers what it was asked.

use async_trait::async_trait;
use catalog::Catalog;
use database::{Database, Engine, Outcome, Result, Session, Work};
use std::sync::{Arc, Mutex};

/// Passes everything on and keeps the works.
pub(crate) struct Recorder {
    inner: Arc<dyn Database>,
    works: Mutex<Vec<(Session, Work)>>,
}

impl Recorder {
    pub(crate) fn new(inner: Arc<dyn Database>) -> Recorder {
        Recorder { inner, works: Mutex::default() }
    }

    /// What was asked since the last time.
    pub(crate) fn take(&self) -> Vec<(Session, Work)> {
        std::mem::take(&mut self.works.lock().expect("a whole list"))
    }
}

#[async_trait]
impl Database for Recorder {
    fn engine(&self) -> Engine {
        self.inner.engine()
    }

    fn estimates_rows(&self) -> bool {
        self.inner.estimates_rows()
    }

    async fn run(&self, session: &Session, work: Work) -> Result<Vec<Outcome>> {
        self.works.lock().expect("a whole list").push((session.clone(), work.clone()));
        self.inner.run(session, work).await
    }

    async fn catalog(&self) -> Result<Arc<Catalog>> {
        self.inner.catalog().await
    }

    async fn ready(&self) -> Result<()> {
        self.inner.ready().await
    }

    async fn close(&self) -> Result<()> {
        self.inner.close().await
    }
}
