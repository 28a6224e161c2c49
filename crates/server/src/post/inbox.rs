//! The inbox: where mail goes that is sent to nobody.

use async_trait::async_trait;
use database::{Database, DatabaseError, Session, Statement, SystemPrivilege, Value, Work};
use mail::{DeliveryError, Mailer, Message};
use serde_json::json;
use std::sync::Arc;

/// Messages that are kept; older ones go.
const MOST: i64 = 1000;

/// The inbox.
#[derive(Clone)]
pub struct Inbox(Arc<dyn Database>);

/// A message that was caught.
#[derive(Clone, Debug)]
pub struct Caught {
    /// When.
    pub received_at: String,
    /// What.
    pub message: Message,
}

impl Inbox {
    /// The inbox of a database.
    pub fn new(database: Arc<dyn Database>) -> Inbox {
        Inbox(database)
    }

    /// The messages, the newest first: all, or those to an address.
    ///
    /// # Errors
    /// What the database says.
    pub async fn messages(&self, to: Option<&str>) -> Result<Vec<Caught>, DatabaseError> {
        let columns = "select received_at, message::text from bedplate.inbox";
        let statement = match to {
            Some(to) => Statement::with(
                format!("{columns} where lower(to_address) = lower($1) order by id desc"),
                [Value::from(to)],
            ),
            None => Statement::new(format!("{columns} order by id desc")),
        };
        let outcomes = self.0.run(&session(), Work::one(statement)).await?;
        let rows = outcomes.into_iter().flat_map(|outcome| outcome.result.rows);
        let caught = |row: Vec<Value>| {
            let message = serde_json::from_str(row.get(1)?.as_str()?).ok()?;
            Some(Caught { received_at: row.first()?.as_str()?.to_owned(), message })
        };
        Ok(rows.filter_map(caught).collect())
    }

    /// Empties it.
    ///
    /// # Errors
    /// What the database says.
    pub async fn empty(&self) -> Result<(), DatabaseError> {
        let work = Work::one(Statement::new("delete from bedplate.inbox"));
        self.0.run(&session(), work).await.map(|_| ())
    }
}

#[async_trait]
impl Mailer for Inbox {
    async fn deliver(&self, message: &Message) -> Result<(), DeliveryError> {
        let to = &message.parts().to.address;
        let insert = Statement::with(
            "insert into bedplate.inbox (id, to_address, message) values ($1::uuid, $2, $3::jsonb) on conflict do nothing",
            [Value::from(message.id()), Value::from(to.as_str()), Value::from(json!(message).to_string())],
        );
        // Identifiers grow with time.
        let bound = Statement::with(
            "delete from bedplate.inbox where id <= (select id from bedplate.inbox order by id desc offset $1 limit 1)",
            [Value::Int(MOST)],
        );
        let delivered = self.0.run(&session(), Work::all([insert, bound])).await;
        delivered.map(|_| ()).map_err(|error| DeliveryError::Transient(error.to_string()))
    }
}

fn session() -> Session {
    Session::operator(SystemPrivilege::i_am_the_operator())
}
