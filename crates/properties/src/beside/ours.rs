//! The data API of ours over a database, set up as the other one is.

use super::Asked;
use super::answer::Answer;
use super::schema::Schema;
use crate::engines::operator;
use axum::Router;
use axum::body::{Body, to_bytes};
use database::{Database, DatabaseError, End, Outcome, Session, Statement, SystemPrivilege, Work};
use http::Request;
use rest::{Settings, TransactionEndPolicy};
use std::sync::Arc;
use std::time::Duration;
use tower::ServiceExt as _;
use web::{ClaimPath, KeySet, Keys, Limits};

/// The secret of all sides.
pub(super) const SECRET: &str = "a secret that is long enough to sign with";

/// Our side.
pub(super) struct Ours {
    pub(super) database: Arc<dyn Database>,
    router: Router,
}

/// The keys of all sides.
pub(super) fn keys(secret: &str) -> Keys {
    let set = KeySet {
        secret: Some(Arc::from(secret.as_bytes())),
        signing: Vec::new(),
        publishable_key: None,
        secret_key: None,
        anonymous_role: Some("anon".into()),
        service_role: "service_role".into(),
        audience: None,
        role_claim: ClaimPath::default(),
    };
    Keys::new(set, Limits::default())
}

impl Ours {
    pub(super) fn over(database: Arc<dyn Database>, schema: &Schema) -> Ours {
        let settings = Settings {
            schemas: vec!["api".to_owned(), "other".to_owned()],
            extra_search_path: vec!["public".to_owned()],
            max_rows: schema.max_rows,
            aggregates_enabled: schema.aggregates,
            transaction_end: TransactionEndPolicy::RollbackUnlessAsked,
            exposure_enforced: false,
            in_database: false,
            ..Settings::default()
        };
        let state =
            rest::State::new(Arc::clone(&database), settings, keys(SECRET), rest::CallerSecret::new([7; 32]));
        Ours { database, router: rest::routes(state) }
    }

    /// Our answer.
    pub(super) async fn ask(&self, asked: &Asked) -> Result<Answer, String> {
        let mut request = Request::builder().method(asked.method).uri(asked.target.as_str());
        request = request.header("host", "localhost");
        for (name, value) in &asked.headers {
            request = request.header(*name, value.as_str());
        }
        let request = request.body(Body::from(asked.body.clone())).map_err(|error| error.to_string())?;
        let waited =
            tokio::time::timeout(Duration::from_secs(30), self.router.clone().oneshot(request)).await;
        let Ok(response) = waited.map_err(|_| "no answer in time".to_owned())?;
        let (head, body) = response.into_parts();
        let headers = head
            .headers
            .iter()
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
            .collect();
        let bytes = to_bytes(body, usize::MAX).await.map_err(|error| error.to_string())?;
        let body = String::from_utf8_lossy(&bytes).into_owned();
        // What HTTP leaves out of an answer to HEAD.
        let body = if asked.method == "HEAD" { String::new() } else { body };
        Ok(Answer { status: head.status.as_u16(), headers, body })
    }
}

/// Runs a statement as the operator.
pub(super) async fn execute(database: &Arc<dyn Database>, text: &str) -> Result<Vec<Outcome>, DatabaseError> {
    run_as(database, &operator(), text).await
}

/// Runs a statement as the owner of everything, past policies and privileges.
pub(super) async fn look(database: &Arc<dyn Database>, text: &str) -> Result<Vec<Outcome>, DatabaseError> {
    let owner = Session::feature(SystemPrivilege::i_am_the_operator(), "postgres");
    run_as(database, &owner, text).await
}

async fn run_as(
    database: &Arc<dyn Database>,
    session: &Session,
    text: &str,
) -> Result<Vec<Outcome>, DatabaseError> {
    let work = Work { statements: vec![Statement::new(text)], end: End::Commit, ..Work::default() };
    database.run(session, work).await
}
