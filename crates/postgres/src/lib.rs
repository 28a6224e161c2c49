//! PostgreSQL behind the port.
//!
//! The protocol is spoken by this crate itself, on top of `postgres-protocol`: the port wants PostgreSQL's own text of
//! each value, whatever its type, and a request in one round trip; both need hands on the messages.
//!
//! What a work costs, in round trips on a connection at hand:
//!
//! | work | round trips |
//! |---|---|
//! | one SELECT, INSERT, UPDATE, DELETE, committed | 1 |
//! | several statements, or rolled back at the end, or a script | 1 |
//! | a statement with an expectation | 2: it is looked at before COMMIT |
//! | a course | 1 for each step, 1 for its end |
//! | a result with a column type that was not seen before | 1 more, once |

mod cluster;
mod config;
mod connect;
mod connection;
mod course;
mod error;
mod freshness;
mod introspect;
mod keyword;
mod pool;
mod run;
mod server_facts;
mod session;
mod tls;
mod type_names;
mod value;
mod wire;

pub use cluster::{DATABASE, PrivateCluster, Progress, SUPERUSER};
pub use config::{Config, Host, Password, TlsMode};

use async_trait::async_trait;
use catalog::Catalog;
use course::Surroundings;
use database::{Database, DatabaseError, Engine, Outcome, Result, Session, Work};
use introspect::Snapshot;
use pool::{Lease, Pool};
use run::{Attempt, ExtensionRoles, Plan};
use session::SetUp;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use tokio::task::JoinHandle;
use type_names::TypeNames;

/// A PostgreSQL database.
pub struct PostgresDatabase {
    inner: Arc<Inner>,
    watcher: JoinHandle<()>,
    warnings: Vec<String>,
}

/// What the database and its watcher share.
struct Inner {
    /// Logs in as who may be anybody: for the operator, and for all while the other does not exist.
    operator: Pool,
    /// Logs in as who may be a caller's role.
    requests: Option<Pool>,
    type_names: TypeNames,
    known: RwLock<Arc<Snapshot>>,
    /// How often the catalog may have changed, and how often it had when what is known of it was read.
    changes: AtomicU64,
    changes_known: AtomicU64,
    refreshing: tokio::sync::Mutex<()>,
}

impl PostgresDatabase {
    /// Connects and reads the catalog.
    ///
    /// # Errors
    /// 08006 when no address answers; the server's own error when it refuses; 0A000 when it is older than PostgreSQL 14
    /// or the database is not in UTF-8.
    pub async fn connect(config: Config) -> Result<PostgresDatabase> {
        let requests = config.request_user.clone().map(|user| Pool::new(Config { user, ..config.clone() }));
        let pool_size = if requests.is_some() { OPERATOR_POOL_SIZE } else { config.pool_size };
        let inner = Arc::new(Inner {
            operator: Pool::new(Config { pool_size, ..config }),
            requests,
            type_names: TypeNames::default(),
            known: RwLock::default(),
            changes: AtomicU64::new(1),
            changes_known: AtomicU64::new(0),
            refreshing: tokio::sync::Mutex::default(),
        });
        inner.snapshot().await?;
        let warnings = server_facts::locale_warnings(&mut *inner.operator.get().await?).await?;
        let watcher = tokio::spawn(freshness::watch(Arc::downgrade(&inner)));
        Ok(PostgresDatabase { inner, watcher, warnings })
    }

    /// In what the database answers differently from those that we make, a sentence each, to be shown at start.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// How many round trips a work costs, on a connection that is at hand.
    #[cfg(test)]
    async fn round_trips_of(&self, session: &Session, work: Work) -> u64 {
        let round_trips = || async { self.inner.operator.get().await.map_or(0, |lease| lease.round_trips()) };
        let before = round_trips().await;
        let _ = self.run(session, work).await;
        round_trips().await - before
    }
}

impl Inner {
    fn pool_of(&self, session: &Session, known: &Snapshot) -> &Pool {
        match &self.requests {
            Some(requests) if !session.is_operator() && known.has_login(&requests.config().user) => requests,
            _ => &self.operator,
        }
    }

    /// Refuses a caller's session the roles that PostgreSQL would let our login become, though not a caller: what a token says
    /// is not what its bearer may be.
    fn check_role(&self, session: &Session, known: &Snapshot) -> Result<()> {
        let role = &*session.role;
        if session.is_operator() || !(known.is_closed(role) || role == self.operator.config().user) {
            return Ok(());
        }
        let message = format!("permission denied to set role \"{role}\"");
        Err(DatabaseError::new(sqlstate::INSUFFICIENT_PRIVILEGE, message))
    }

    fn is_stale(&self) -> bool {
        self.changes() != self.changes_known.load(Ordering::Acquire)
    }

    fn changes(&self) -> u64 {
        self.changes.load(Ordering::Acquire)
    }

    fn mark_stale(&self) {
        self.changes.fetch_add(1, Ordering::AcqRel);
    }

    /// What is known holds all of so many changes. It is known first: who asks meanwhile waits, and gets no older state.
    fn mark_fresh(&self, changes: u64) {
        self.changes_known.store(changes, Ordering::Release);
    }

    fn known(&self) -> Arc<Snapshot> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn know(&self, snapshot: Snapshot) -> Arc<Snapshot> {
        let snapshot = Arc::new(snapshot);
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = snapshot.clone();
        snapshot
    }

    async fn run(&self, session: &Session, work: &Work) -> Result<Vec<Outcome>> {
        let plan = Plan::new(work)?;
        let known = self.known();
        let of_role = known.role_settings.get(&*session.role).map_or(&[][..], |settings| settings);
        let set_up = session::set_up(session, of_role)?;
        let surroundings = Surroundings { session, role_settings: of_role, type_names: &self.type_names };
        self.check_role(session, &known)?;
        let pool = self.pool_of(session, &known);
        let mut lease = pool.get().await?;
        let result = match self.run_on(&mut lease, &surroundings, &set_up, &plan, work).await {
            Err(error) if is_stale_statement(&error) => {
                // All was rolled back, so it can be done again; only the kept statements were at fault.
                lease.deallocate().await?;
                self.run_on(&mut lease, &surroundings, &set_up, &plan, work).await
            }
            Err(error) if error.code() == sqlstate::ADMIN_SHUTDOWN && lease.ended_in_silence() => {
                // The server was told to end this connection while it lay in reserve: nothing of the work was done.
                drop(lease);
                let mut lease = pool.get_fresh().await?;
                self.run_on(&mut lease, &surroundings, &set_up, &plan, work).await
            }
            result => result,
        };
        if plan.leaves_traces {
            self.mark_stale();
        }
        result
    }

    async fn run_on(
        &self,
        lease: &mut Lease,
        surroundings: &Surroundings<'_>,
        set_up: &SetUp,
        plan: &Plan,
        work: &Work,
    ) -> Result<Vec<Outcome>> {
        let session = surroundings.session;
        let maker = self.operator.config().extension_role.as_deref().filter(|_| session.is_operator());
        let extension_roles = maker.map(|maker| ExtensionRoles { maker, session: &session.role });
        let keep = self.operator.config().prepared_statements;
        let attempt = Attempt { connection: lease, set_up, plan, work, keep, extension_roles };
        if let Some(course) = &work.course {
            attempt.run_course(course, surroundings).await?;
            return Ok(Vec::new());
        }
        let ran = attempt.run().await?;
        // It is done and committed: a name that cannot be learned now must not make an error of it.
        let _ = self.type_names.learn(lease, ran.types()).await;
        let name = |type_oid, modifier| {
            self.type_names.get(type_oid, modifier).unwrap_or_else(|| UNKNOWN_TYPE.into())
        };
        Ok(ran.into_outcomes(work, name))
    }
}

#[async_trait]
impl Database for PostgresDatabase {
    fn engine(&self) -> Engine {
        Engine::Postgres
    }

    fn estimates_rows(&self) -> bool {
        true
    }

    async fn run(&self, session: &Session, work: Work) -> Result<Vec<Outcome>> {
        self.inner.run(session, &work).await
    }

    async fn catalog(&self) -> Result<Arc<Catalog>> {
        Ok(self.inner.snapshot().await?.catalog.clone())
    }

    async fn ready(&self) -> Result<()> {
        let mut lease = self.inner.operator.get().await?;
        lease.push(&"".into(), &[], None)?;
        lease.end_group();
        lease.read_group().await?.error.map_or(Ok(()), Err)
    }

    async fn close(&self) -> Result<()> {
        self.watcher.abort();
        if let Some(requests) = &self.inner.requests {
            requests.close().await;
        }
        self.inner.operator.close().await;
        Ok(())
    }
}

impl Drop for PostgresDatabase {
    fn drop(&mut self) {
        self.watcher.abort();
    }
}

/// What `format_type` prints for a type that is not there.
const UNKNOWN_TYPE: &str = "???";

/// The operator's works are few: migrations, the system schema, a person at a prompt.
const OPERATOR_POOL_SIZE: usize = 4;

/// Whether a kept statement no longer fits: its result's type changed by DDL, or a pooler gave us a server connection
/// that has never heard of it.
fn is_stale_statement(error: &DatabaseError) -> bool {
    error.code() == sqlstate::INVALID_SQL_STATEMENT_NAME
        || (error.code() == sqlstate::FEATURE_NOT_SUPPORTED
            && error.message() == "cached plan must not change result type")
}
#[cfg(test)]
mod tests;
