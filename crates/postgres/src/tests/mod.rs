//! Against a real cluster, started by this crate.

mod cluster;
mod introspection;
mod login;
mod run;

use crate::{DATABASE, PostgresDatabase, PrivateCluster, SUPERUSER};
use database::{Database, DatabaseError, Outcome, Session, Statement, SystemPrivilege, Value, Work};
use std::sync::Arc;

struct Fixture {
    database: PostgresDatabase,
    cluster: Arc<PrivateCluster>,
    /// The database's name.
    name: String,
}

impl Fixture {
    /// A database on a cluster of its own.
    async fn new() -> Fixture {
        Fixture::connect(Arc::new(PrivateCluster::start_ephemeral(&|_| {}).await.unwrap()), DATABASE).await
    }

    /// A cluster with the role `anon`.
    async fn cluster() -> Arc<PrivateCluster> {
        let fixture = Fixture::new().await;
        fixture.script(&["create role anon"]).await.unwrap();
        fixture.database.close().await.unwrap();
        fixture.cluster
    }

    /// A new database.
    async fn on(cluster: &Arc<PrivateCluster>, name: &str) -> Fixture {
        cluster.copy_database(DATABASE, name).await.unwrap();
        Fixture::connect(cluster.clone(), name).await
    }

    async fn connect(cluster: Arc<PrivateCluster>, name: &str) -> Fixture {
        let database = PostgresDatabase::connect(cluster.config(SUPERUSER, name)).await.unwrap();
        Fixture { database, cluster, name: name.to_owned() }
    }

    /// Runs a script as the operator.
    async fn script(&self, statements: &[&str]) -> Result<Vec<Outcome>, DatabaseError> {
        self.database
            .run(&operator(), Work::script(statements.iter().map(|text| Statement::new(*text))))
            .await
    }

    /// Runs a script as the superuser.
    async fn script_as_superuser(&self, statements: &[&str]) -> Result<Vec<Outcome>, DatabaseError> {
        let work = Work::script(statements.iter().map(|text| Statement::new(*text)));
        self.database.run(&superuser(), work).await
    }

    /// The rows of one statement as a session.
    async fn rows(&self, session: &Session, text: &str) -> Result<Vec<Vec<Value>>, DatabaseError> {
        let mut outcomes = self.database.run(session, Work::one(Statement::new(text))).await?;
        Ok(outcomes.remove(0).result.rows)
    }

    /// The single value of one statement, as text.
    async fn value(&self, session: &Session, text: &str) -> Result<String, DatabaseError> {
        let rows = self.rows(session, text).await?;
        Ok(match &rows[0][0] {
            Value::Null => "NULL".into(),
            Value::Text(text) => text.to_string(),
            other => format!("{other:?}"),
        })
    }

    async fn end(self) {
        self.database.close().await.unwrap();
        Arc::into_inner(self.cluster).unwrap().stop().await.unwrap();
    }
}

fn operator() -> Session {
    Session::operator(SystemPrivilege::i_am_the_operator())
}

fn superuser() -> Session {
    let mut session = operator();
    session.role = SUPERUSER.into();
    session
}
