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
//! | a result with a column type that was not seen before | 1 more, once |

mod cluster;
mod config;
mod connect;
mod connection;
mod error;
mod keyword;
mod pool;
mod run;
mod session;
mod tls;
mod type_names;
mod value;
mod wire;

pub use cluster::{DATABASE, PrivateCluster, Progress, SUPERUSER};
pub use config::{Config, Host, Password, TlsMode};

use async_trait::async_trait;
use catalog::Catalog;
use database::{Database, DatabaseError, Engine, Outcome, Result, Session, Work};
use pool::{Lease, Pool};
use run::{Attempt, Plan};
use session::SetUp;
use std::sync::Arc;
use type_names::TypeNames;

/// A PostgreSQL database.
pub struct PostgresDatabase {
    pool: Pool,
    type_names: TypeNames,
}

impl PostgresDatabase {
    /// Connects once, to see that it works.
    ///
    /// # Errors
    /// 08006 when no address answers; the server's own error when it refuses.
    pub async fn connect(config: Config) -> Result<PostgresDatabase> {
        let database = PostgresDatabase { pool: Pool::new(config), type_names: TypeNames::default() };
        drop(database.pool.get().await?);
        Ok(database)
    }

    /// How many round trips a work costs, on a connection that is at hand.
    #[cfg(test)]
    async fn round_trips_of(&self, session: &Session, work: Work) -> u64 {
        let round_trips = || async { self.pool.get().await.map_or(0, |lease| lease.round_trips()) };
        let before = round_trips().await;
        let _ = self.run(session, work).await;
        round_trips().await - before
    }

    async fn run_on(
        &self,
        lease: &mut Lease,
        set_up: &SetUp,
        plan: &Plan,
        work: &Work,
    ) -> Result<Vec<Outcome>> {
        let keep = self.pool.config().prepared_statements;
        let ran = Attempt { connection: lease, set_up, plan, work, keep }.run().await?;
        self.type_names.learn(lease, ran.types()).await?;
        let name =
            |type_oid, modifier| self.type_names.get(type_oid, modifier).unwrap_or_else(|| "???".into());
        Ok(ran.into_outcomes(work, name))
    }
}

#[async_trait]
impl Database for PostgresDatabase {
    fn engine(&self) -> Engine {
        Engine::Postgres
    }

    async fn run(&self, session: &Session, work: Work) -> Result<Vec<Outcome>> {
        let plan = Plan::new(&work)?;
        let set_up = session::set_up(session, &[])?;
        let mut lease = self.pool.get().await?;
        let first = self.run_on(&mut lease, &set_up, &plan, &work).await;
        match first {
            Err(error) if is_stale_statement(&error) => {
                // All was rolled back, so it can be done again; only the kept statements were at fault.
                lease.deallocate().await?;
                self.run_on(&mut lease, &set_up, &plan, &work).await
            }
            Err(error) if error.code() == sqlstate::ADMIN_SHUTDOWN && lease.ended_in_silence() => {
                // The server was told to end this connection while it lay in reserve: nothing of the work was done.
                drop(lease);
                let mut lease = self.pool.get_fresh().await?;
                self.run_on(&mut lease, &set_up, &plan, &work).await
            }
            result => result,
        }
    }

    async fn catalog(&self) -> Result<Arc<Catalog>> {
        Err(DatabaseError::new(sqlstate::FEATURE_NOT_SUPPORTED, "introspection is not supported"))
    }

    async fn ready(&self) -> Result<()> {
        let mut lease = self.pool.get().await?;
        let nothing: Arc<str> = "".into();
        lease.push(&nothing, &[], None)?;
        lease.end_group();
        lease.read_group().await?.error.map_or(Ok(()), Err)
    }

    async fn close(&self) -> Result<()> {
        self.pool.close().await;
        Ok(())
    }
}

/// Whether a kept statement no longer fits: its result's type changed by DDL, or a pooler gave us a server connection
/// that has never heard of it.
fn is_stale_statement(error: &DatabaseError) -> bool {
    error.code() == sqlstate::INVALID_SQL_STATEMENT_NAME
        || (error.code() == sqlstate::FEATURE_NOT_SUPPORTED
            && error.message() == "cached plan must not change result type")
}
#[cfg(test)]
mod tests;
