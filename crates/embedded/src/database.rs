//! The port, implemented.

use crate::clock::{Clock, SystemClock};
use crate::connection::{Connection, Purpose};
use crate::conversation::Conversation;
use crate::error::from_sqlite;
use crate::folder::Place;
use crate::pool::{Answer, ReaderPool};
use crate::random::Seed;
use crate::records;
use crate::run::{Failure, OPERATOR};
use crate::sequences::Sequences;
use crate::shared::{Shared, Way};
use crate::state::CatalogState;
use crate::store::{self, Found};
use crate::temporary;
use crate::writer::{Job, Writer, closed};
use ::database::{Database, Engine, Outcome, Session, Work};
use async_trait::async_trait;
use catalog::lookup::TEMPORARY_SCHEMA_PREFIX;
use catalog::{Catalog, Role, Schema};
use sqlstate::{DatabaseError, Result};
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use tokio::sync::oneshot;

/// How many ticks of a thousand instructions a statement may take on the thread that asked: about half a millisecond.
const INLINE_TICKS: i64 = 50;

/// How to open a database.
#[derive(Clone, Default)]
pub struct Options {
    /// The file; `None` keeps nothing.
    pub path: Option<PathBuf>,
    /// The clock; the machine's when `None`.
    pub clock: Option<Arc<dyn Clock>>,
}

/// A database on SQLite.
pub struct EmbeddedDatabase {
    shared: Arc<Shared>,
    /// `None` once it was closed.
    ways: RwLock<Option<Ways>>,
}

struct Ways {
    writer: Writer,
    pool: ReaderPool,
}

impl EmbeddedDatabase {
    /// Opens the file, or makes it with the system schemas.
    ///
    /// # Errors
    /// 55006 when somebody else has it open; XX001 when it is damaged; 0A000 when a newer version wrote it.
    pub fn open(options: Options) -> Result<EmbeddedDatabase> {
        EmbeddedDatabase::open_with(options, &|connection| {
            records::save(connection, &Catalog::default(), &first_catalog())
        })
    }

    /// Opens the file, or makes it as `fill` does.
    pub(crate) fn open_with(
        options: Options,
        fill: &dyn Fn(&Connection) -> Result<()>,
    ) -> Result<EmbeddedDatabase> {
        let place = match &options.path {
            Some(path) => Place::kept(path)?,
            None => Place::temporary()?,
        };
        let connection = Connection::open(&place.file, Purpose::Write { durable: place.kept })?;
        let found = store::identify(&connection)?;
        if found == Found::Nothing {
            make(&connection, fill)?;
        }
        let catalog = without_temporary(&connection, records::load(&connection)?)?;
        let sequences = Sequences::default();
        store::load_sequences(&connection, &sequences)?;
        let clock = options.clock.unwrap_or_else(|| Arc::new(SystemClock));
        let state = CatalogState::new(Arc::new(catalog));
        let shared = Arc::new(Shared::new(place, clock, sequences, state));
        let writer = Writer::start(connection, Arc::clone(&shared))?;
        let pool = ReaderPool::new(Arc::clone(&shared));
        let database = EmbeddedDatabase { shared, ways: RwLock::new(Some(Ways { writer, pool })) };
        Ok(database)
    }

    /// Begins a session that lasts. Its transactions hold the writer: for whoever types statements, not for requests.
    ///
    /// # Errors
    /// 57P01 when the database is closed; 22023 for a role that does not exist.
    pub fn converse(&self, session: Session) -> Result<Conversation> {
        let ways = self.ways.read().unwrap_or_else(PoisonError::into_inner);
        let Some(ways) = &*ways else { return Err(closed()) };
        let conversation = Conversation::new(session, Arc::clone(&self.shared), ways.writer.queue());
        conversation.check_session()?;
        Ok(conversation)
    }

    fn write(&self, session: &Session, work: Work) -> Result<oneshot::Receiver<Result<Vec<Outcome>>>> {
        let (answer, answered) = oneshot::channel();
        let job = Job {
            session: session.clone(),
            work,
            now: self.shared.clock.now(),
            seed: Seed::default(),
            answer,
        };
        match &*self.ways.read().unwrap_or_else(PoisonError::into_inner) {
            Some(ways) => ways.writer.submit(job)?,
            None => return Err(closed()),
        }
        Ok(answered)
    }

    fn read_in_pool(&self, session: &Session, work: Work) -> Result<oneshot::Receiver<Answer>> {
        match &*self.ways.read().unwrap_or_else(PoisonError::into_inner) {
            Some(ways) => ways.pool.submit(session.clone(), work),
            None => Err(closed()),
        }
    }

    fn is_closed(&self) -> bool {
        self.ways.read().unwrap_or_else(PoisonError::into_inner).is_none()
    }
}

/// Takes away what sessions that nobody ended left behind: the process did not come to its end.
fn without_temporary(connection: &Connection, catalog: Catalog) -> Result<Catalog> {
    if !catalog.schemas.values().any(|schema| schema.name.starts_with(TEMPORARY_SCHEMA_PREFIX)) {
        return Ok(catalog);
    }
    connection.control("BEGIN IMMEDIATE").map_err(|error| from_sqlite(&error))?;
    let done = temporary::drop_schemas(connection, &catalog, |_| true).and_then(|without| {
        let without = without.unwrap_or_else(|| catalog.clone());
        records::save(connection, &catalog, &without)?;
        Ok(without)
    });
    let end = if done.is_ok() { "COMMIT" } else { "ROLLBACK" };
    connection.control(end).map_err(|error| from_sqlite(&error))?;
    connection.forget_statements();
    Ok(done.unwrap_or(catalog))
}

/// What a new database contains: what initdb leaves, and the role that owns and may do everything, as the private cluster of
/// the other engine has it.
fn first_catalog() -> Catalog {
    let mut catalog = Catalog::initial();
    let owner = catalog.allocate();
    catalog.put_role(Role {
        oid: owner,
        name: OPERATOR.to_owned(),
        superuser: true,
        bypass_rls: true,
        inherit: true,
        login: true,
        create_role: true,
        create_db: true,
        settings: Vec::new(),
        comment: None,
    });
    if let Some(public) = catalog.schema("public").cloned() {
        let mut public = Schema::clone(&public);
        for item in public.acl.iter_mut().flatten() {
            // ALTER SCHEMA … OWNER passes the owner's grants on.
            if item.grantee == public.owner {
                item.grantee = owner;
            }
            item.grantor = owner;
        }
        public.owner = owner;
        catalog.put_schema(public);
    }
    catalog
}

/// Makes a new database in an empty file.
fn make(connection: &Connection, fill: &dyn Fn(&Connection) -> Result<()>) -> Result<()> {
    connection.control("BEGIN IMMEDIATE").map_err(|error| from_sqlite(&error))?;
    let made = store::create(connection).and_then(|()| fill(connection));
    let end = if made.is_ok() { "COMMIT" } else { "ROLLBACK" };
    connection.control(end).map_err(|error| from_sqlite(&error))?;
    connection.forget_statements();
    made
}

/// What a read that did not come to its end says when it has nowhere else to go.
fn stranded(failure: Failure) -> DatabaseError {
    match failure {
        Failure::Error(error) => error,
        Failure::NeedsWriter { .. } | Failure::OverBudget => {
            DatabaseError::internal(format_args!("a read ended with {failure:?}"))
        }
    }
}

#[async_trait]
impl Database for EmbeddedDatabase {
    fn engine(&self) -> Engine {
        Engine::Embedded
    }

    async fn run(&self, session: &Session, work: Work) -> Result<Vec<Outcome>> {
        let lost = |_| DatabaseError::internal("the thread that ran the work is gone");
        // What a course decides upon may be a write.
        let mut way = if work.course.is_some() { Some(Way::Writer) } else { self.shared.way(&work) };
        if self.is_closed() {
            return Err(closed());
        }
        if way.is_none() {
            match self.shared.read(session, &work, Some(INLINE_TICKS)) {
                Ok(outcomes) => return Ok(outcomes),
                Err(Failure::Error(error)) => return Err(error),
                Err(Failure::NeedsWriter { statement }) => {
                    self.shared.remember(&work, statement, Way::Writer);
                    way = Some(Way::Writer);
                }
                Err(Failure::OverBudget) => {
                    self.shared.remember_slow(&work);
                    way = Some(Way::Pool);
                }
            }
        }
        if way == Some(Way::Writer) {
            let answered = self.write(session, work)?;
            return answered.await.map_err(lost)?;
        }
        let answered = self.read_in_pool(session, work)?;
        let (work, read) = answered.await.map_err(lost)?;
        match read {
            Ok(outcomes) => Ok(outcomes),
            Err(Failure::NeedsWriter { .. }) => {
                let answered = self.write(session, work)?;
                answered.await.map_err(lost)?
            }
            Err(failure) => Err(stranded(failure)),
        }
    }

    async fn catalog(&self) -> Result<Arc<Catalog>> {
        Ok(Arc::clone(&self.shared.state().catalog))
    }

    async fn ready(&self) -> Result<()> {
        if self.is_closed() { Err(closed()) } else { Ok(()) }
    }

    async fn close(&self) -> Result<()> {
        let ways = self.ways.write().unwrap_or_else(PoisonError::into_inner).take();
        let Some(Ways { mut writer, pool }) = ways else { return Ok(()) };
        let (ended, end) = oneshot::channel();
        // Waiting for the threads would hold up the caller's.
        std::thread::spawn(move || {
            drop(pool);
            let _ = ended.send(writer.stop());
        });
        end.await.map_err(|_| DatabaseError::internal("the thread that closes the database is gone"))?
    }
}
