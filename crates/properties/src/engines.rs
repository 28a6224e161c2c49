//! Both engines, and asking both the same.

use crate::answer::Answer;
use crate::asked::{Asked, Way};
use crate::model::User;
use axum::Router;
use axum::body::{Body, to_bytes};
use catalog::Catalog;
use database::{Database, DatabaseError, End, Outcome, Session, Statement, SystemPrivilege, Work};
use http::Request;
use std::sync::Arc;
use std::time::{Duration, SystemTime};
use testkit::TestPostgres;
use tower::ServiceExt as _;
use web::{ClaimPath, KeySet, Keys, Limits};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// feature_not_supported
const REFUSED: &str = "0A000";

/// A key that is the service role's.
const SECRET_KEY: &str = "sb_secret_key";

/// One engine with a database and the data API over it.
pub struct Side {
    database: Arc<dyn Database>,
    router: Router,
    keys: Keys,
}

/// A fresh database of each engine.
pub struct Pair {
    /// The real server's.
    pub postgres: Side,
    /// Ours.
    pub embedded: Side,
    /// The name of the real server's.
    name: String,
}

/// The operator's session.
pub fn operator() -> Session {
    Session::operator(SystemPrivilege::i_am_the_operator())
}

/// A user's session.
pub fn session(user: &User) -> Session {
    let session = if user.role == "postgres" { operator() } else { Session::new(user.role) };
    match &user.claims {
        Some(claims) => session.with_setting("request.jwt.claims", claims.as_str()),
        None => session,
    }
}

/// How much a catalog has of what a generated schema makes: relations, policies, grants.
fn extent(catalog: &Catalog) -> (usize, usize, usize) {
    let public = catalog.schema("public").map(|schema| schema.oid);
    let relations = || catalog.relations.values().filter(move |relation| Some(relation.schema) == public);
    (
        relations().count(),
        relations().map(|relation| relation.policies.len()).sum(),
        relations().filter(|relation| relation.row_security).count(),
    )
}

impl Pair {
    /// Makes both, with the role of our own.
    ///
    /// # Errors
    /// What an engine says.
    pub async fn make(server: &TestPostgres) -> Result<Pair, DatabaseError> {
        let (name, database) = server.named().await?;
        let postgres = Side::over(database);
        let embedded = Side::over(testkit::embedded().await?);
        for side in [&postgres, &embedded] {
            // Roles are the server's, not one database's: it may be there already.
            let _ = side.database.run(&operator(), Work::one(Statement::new("create role clerk"))).await;
            let grant = "grant clerk to authenticator, postgres";
            side.database.run(&operator(), Work::one(Statement::new(grant))).await?;
            // A function's body is read when it runs, which may be never: all may name auth.uid().
            let owner = Session::feature(SystemPrivilege::i_am_the_operator(), "supabase_auth_admin");
            let grant = "grant usage on schema auth to clerk";
            side.database.run(&owner, Work::one(Statement::new(grant))).await?;
        }
        Ok(Pair { postgres, embedded, name })
    }

    /// Asks both. What the embedded engine refuses, PostgreSQL is not asked to change either, so that both stay equal.
    pub async fn ask(&self, user: &User, asked: &Asked, end: End) -> (Answer, Answer) {
        if asked.writes {
            let embedded = self.embedded.ask(user, asked, end).await;
            if embedded.code() == Some(REFUSED) {
                return (Answer::Late, embedded);
            }
            return (self.postgres.ask(user, asked, end).await, embedded);
        }
        tokio::join!(self.postgres.ask(user, asked, end), self.embedded.ask(user, asked, end))
    }

    /// Waits until the data API over the server sees what was defined: it is told of changes, a moment later.
    ///
    /// # Errors
    /// What an engine says.
    pub async fn settle(&self) -> Result<(), DatabaseError> {
        for _ in 0..200 {
            let postgres = self.postgres.database.catalog().await?;
            let embedded = self.embedded.database.catalog().await?;
            if extent(&postgres) == extent(&embedded) {
                return Ok(());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Err(DatabaseError::internal("the server's catalog is not as the embedded engine's"))
    }

    /// Closes both and drops them; what cannot be closed is gone with the process.
    pub async fn close(self, server: &TestPostgres) {
        let _ = self.postgres.database.close().await;
        let _ = self.embedded.database.close().await;
        let _ = server.discard(&self.name).await;
    }
}

impl Side {
    fn over(database: Arc<dyn Database>) -> Side {
        let set = KeySet {
            secret: Some(Arc::from(&b"a secret that is long enough to sign"[..])),
            signing: Vec::new(),
            publishable_key: None,
            secret_key: Some(SECRET_KEY.into()),
            anonymous_role: Some("anon".into()),
            service_role: "service_role".into(),
            audience: None,
            role_claim: ClaimPath::default(),
        };
        let keys = Keys::new(set, Limits::default());
        let settings = rest::Settings { open_tables: vec!["*".to_owned()], ..rest::Settings::default() };
        let state =
            rest::State::new(Arc::clone(&database), settings, keys.clone(), rest::CallerSecret::new([7; 32]));
        Side { database, router: rest::routes(state), keys }
    }

    /// Runs statements as a session, in one transaction.
    ///
    /// # Errors
    /// What the engine says.
    pub async fn run(
        &self,
        session: &Session,
        statements: &[String],
        end: End,
    ) -> Result<Vec<Outcome>, DatabaseError> {
        let statements = statements.iter().map(|text| Statement::new(text.as_str())).collect();
        let work = Work { statements, end, ..Work::default() };
        match tokio::time::timeout(PATIENCE, self.database.run(session, work)).await {
            Ok(result) => result,
            Err(_) => Err(DatabaseError::internal("no answer in time")),
        }
    }

    /// Asks.
    pub async fn ask(&self, user: &User, asked: &Asked, end: End) -> Answer {
        match &asked.way {
            Way::Sql(text) => {
                Answer::of(asked, self.run(&session(user), std::slice::from_ref(text), end).await)
            }
            Way::Http { .. } => {
                tokio::time::timeout(PATIENCE, self.request(user, asked)).await.unwrap_or(Answer::Late)
            }
        }
    }

    async fn request(&self, user: &User, asked: &Asked) -> Answer {
        let Way::Http { method, target, prefer, body } = &asked.way else { return Answer::Late };
        let mut request = Request::builder().method(*method).uri(target.as_str());
        if let Some(prefer) = prefer {
            request = request.header("prefer", prefer.as_str());
        }
        if !body.is_empty() {
            request = request.header("content-type", "application/json");
        }
        match (user.role, &user.claims) {
            ("anon", _) => {}
            ("service_role", _) => request = request.header("apikey", SECRET_KEY),
            (_, claims) => {
                let claims = claims
                    .as_deref()
                    .and_then(|claims| serde_json::from_str(claims).ok())
                    .unwrap_or_default();
                if let Ok(token) = self.keys.sign(&claims, SystemTime::now()) {
                    request = request.header("authorization", format!("Bearer {token}"));
                }
            }
        }
        let Ok(request) = request.body(Body::from(body.clone())) else { return Answer::Late };
        let Ok(response) = self.router.clone().oneshot(request).await;
        let (head, body) = response.into_parts();
        let headers = ["content-range", "preference-applied", "location"]
            .iter()
            .filter_map(|name| head.headers.get(*name))
            .filter_map(|value| value.to_str().ok().map(str::to_owned))
            .collect();
        let bytes = to_bytes(body, usize::MAX).await.unwrap_or_default();
        Answer::of_response(asked, head.status.as_u16(), headers, &String::from_utf8_lossy(&bytes))
    }
}
