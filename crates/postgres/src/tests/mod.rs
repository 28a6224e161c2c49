//! Against a real cluster, started by this crate.

mod cluster;
mod introspection;
mod login;
mod run;

use crate::{DATABASE, PostgresDatabase, PrivateCluster};
use database::{Database, DatabaseError, Outcome, Session, Statement, SystemPrivilege, Value, Work};

struct Fixture {
    database: PostgresDatabase,
    cluster: PrivateCluster,
}

impl Fixture {
    async fn new() -> Fixture {
        let cluster = PrivateCluster::start_ephemeral(&|_| {}).await.unwrap();
        let database = PostgresDatabase::connect(cluster.config("postgres", DATABASE)).await.unwrap();
        Fixture { database, cluster }
    }

    /// Runs a script as the operator.
    async fn script(&self, statements: &[&str]) -> Result<Vec<Outcome>, DatabaseError> {
        self.database
            .run(&operator(), Work::script(statements.iter().map(|text| Statement::new(*text))))
            .await
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
        self.cluster.stop().await.unwrap();
    }
}

fn operator() -> Session {
    Session::operator(SystemPrivilege::i_am_the_operator())
}
