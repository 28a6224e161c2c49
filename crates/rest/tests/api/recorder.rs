//! A database that remembers what it was asked.

use async_trait::async_trait;
use catalog::Catalog;
use database::{
    Continuation, Course, Database, End, Engine, Next, Outcome, Result, Session, Statement, Step, Work,
};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Passes everything on and keeps what it was.
pub(crate) struct Recorder {
    inner: Arc<dyn Database>,
    asked: Asked,
}

/// What was asked.
#[derive(Clone, Debug)]
pub(crate) enum Recorded {
    /// A work with its statements.
    Work(Session, Vec<Statement>),
    /// A step of its course; without a session what is in effect goes on.
    Step(Option<Session>, Vec<Statement>),
    /// How the course ended; `None` when it was abandoned.
    End(Option<End>),
}

/// In order.
#[derive(Clone, Default)]
struct Asked(Arc<Mutex<Vec<Recorded>>>);

impl Asked {
    fn list(&self) -> MutexGuard<'_, Vec<Recorded>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Recorder {
    pub(crate) fn new(inner: Arc<dyn Database>) -> Recorder {
        Recorder { inner, asked: Asked::default() }
    }

    /// What was asked since the last time.
    pub(crate) fn take(&self) -> Vec<Recorded> {
        std::mem::take(&mut *self.asked.list())
    }
}

/// A continuation whose answers are kept.
struct Recording {
    inner: Box<dyn Continuation>,
    asked: Asked,
}

impl Continuation for Recording {
    fn next(&mut self, outcomes: Vec<Outcome>) -> Next {
        let next = self.inner.next(outcomes);
        self.asked.list().push(match &next {
            Next::Run(Step { session, statements }) => Recorded::Step(session.clone(), statements.clone()),
            Next::End(end) => Recorded::End(Some(*end)),
            Next::Abandon => Recorded::End(None),
        });
        next
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

    async fn run(&self, session: &Session, mut work: Work) -> Result<Vec<Outcome>> {
        self.asked.list().push(Recorded::Work(session.clone(), work.statements.clone()));
        if let Some(course) = work.course.take() {
            let asked = self.asked.clone();
            work.course = Some(Course::new(move || {
                Box::new(Recording { inner: course.begin(), asked: asked.clone() })
            }));
        }
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
