//! The data API over a fresh database of each engine.

use crate::recorder::Recorder;
use axum::Router;
use axum::body::{Body, to_bytes};
use database::{Database, Session, Statement, SystemPrivilege, Work};
use http::{HeaderMap, Request};
use postgres::{PostgresDatabase, PrivateCluster};
use rest::{CallerSecret, Settings};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::SystemTime;
use tower::ServiceExt as _;
use web::{ClaimPath, KeySet, Keys, Limits};

const SECRET: CallerSecret = CallerSecret::new([7; 32]);
const SCHEMA: &str = include_str!("schema.sql");

/// The data API of one database.
pub(crate) struct App {
    router: Router,
    batches: Router,
    keys: Keys,
    settings: Settings,
    pub(crate) database: Arc<dyn Database>,
    pub(crate) recorder: Arc<Recorder>,
    _cluster: Option<PrivateCluster>,
}

/// Who asks.
#[derive(Clone, Copy)]
pub(crate) enum Who {
    Nobody,
    Ann,
    Bob,
    Service,
}

/// An answer.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

/// A target as a client sends it: what a URI cannot hold is percent-encoded.
pub(crate) fn encoded(target: &str) -> String {
    let keep =
        |byte: u8| !matches!(byte, b' ' | b'"' | b'<' | b'>' | b'^' | b'`' | b'{' | b'|' | b'}' | b'\\');
    target.bytes().fold(String::new(), |mut out, byte| {
        match byte {
            byte if byte.is_ascii_graphic() && keep(byte) => out.push(char::from(byte)),
            byte => out.push_str(&format!("%{byte:02X}")),
        }
        out
    })
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|_| panic!("no JSON: {self:?}"))
    }

    /// The body as JSON, null when there is none.
    pub(crate) fn value(&self) -> Value {
        if self.text.is_empty() { Value::Null } else { self.json() }
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }

    /// The code of an error.
    pub(crate) fn code_if_error(&self) -> Option<String> {
        (self.status >= 300).then(|| self.code())
    }

    pub(crate) fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or("").to_owned()
    }
}

impl App {
    pub(crate) async fn postgres() -> App {
        App::postgres_with("", |settings| settings).await
    }

    /// On PostgreSQL, with more than the common schema, and other settings.
    pub(crate) async fn postgres_with(schema: &str, settings: impl Fn(Settings) -> Settings) -> App {
        let cluster = PrivateCluster::start_ephemeral(&|_| {}).await.expect("a cluster");
        let config = cluster.config(postgres::SUPERUSER, postgres::DATABASE);
        let database = PostgresDatabase::connect(config).await.expect("a database");
        App::of(Arc::new(database), Some(cluster), schema, settings).await
    }

    pub(crate) async fn embedded() -> App {
        App::embedded_with("", |settings| settings).await
    }

    /// Embedded, with more than the common schema, and other settings.
    pub(crate) async fn embedded_with(schema: &str, settings: impl Fn(Settings) -> Settings) -> App {
        let database = embedded::EmbeddedDatabase::open(embedded::Options::default()).expect("a database");
        App::of(Arc::new(database), None, schema, settings).await
    }

    async fn of(
        database: Arc<dyn Database>,
        cluster: Option<PrivateCluster>,
        schema: &str,
        change: impl Fn(Settings) -> Settings,
    ) -> App {
        let operator = Session::operator(SystemPrivilege::i_am_the_operator());
        let catalog = database.catalog().await.expect("a catalog");
        for role in ["anon", "authenticated", "service_role"] {
            if catalog.role(role).is_none() {
                let work = Work::one(Statement::new(format!("create role {role}")));
                database.run(&operator, work).await.expect("a role");
            }
        }
        // As the server has it: our schema is the operator's.
        let superuser = catalog.roles.values().find(|role| role.superuser).expect("a superuser");
        let superuser = Session::feature(SystemPrivilege::i_am_the_operator(), superuser.name.as_str());
        let own = ["create schema if not exists bedplate", "alter schema bedplate owner to postgres"];
        database.run(&superuser, Work::all(own.map(Statement::new))).await.expect("our schema");
        let tables = rest::TABLES.iter().copied().map(Statement::new);
        database.run(&operator, Work::all(tables)).await.expect("our tables");
        let texts = SCHEMA.split(";\n").chain(schema.split(";\n"));
        for text in texts.filter(|text| !text.trim().is_empty()) {
            let ran = database.run(&operator, Work::one(Statement::new(text))).await;
            ran.unwrap_or_else(|error| panic!("{text}: {error:?}"));
        }
        let set = KeySet {
            secret: Some(Arc::from(&b"a secret that is long enough to sign"[..])),
            signing: Vec::new(),
            publishable_key: None,
            secret_key: Some("sb_secret_key".into()),
            anonymous_role: Some("anon".into()),
            service_role: "service_role".into(),
            audience: None,
            role_claim: ClaimPath::default(),
        };
        let keys = Keys::new(set, Limits::default());
        let open = ["users", "posts", "comments", "labels", "posts_labels"].map(str::to_owned).to_vec();
        let settings =
            change(Settings { aggregates_enabled: true, open_tables: open, ..Settings::default() });
        let recorder = Arc::new(Recorder::new(Arc::clone(&database)));
        let state = rest::State::new(recorder.clone(), settings.clone(), keys.clone(), SECRET);
        App {
            router: rest::routes(state.clone()),
            batches: rest::batch_routes(state),
            keys,
            settings,
            database,
            recorder,
            _cluster: cluster,
        }
    }

    /// The same database under other settings.
    pub(crate) fn with(mut self, change: impl FnOnce(&mut Settings)) -> App {
        change(&mut self.settings);
        let state = rest::State::new(self.recorder.clone(), self.settings.clone(), self.keys.clone(), SECRET);
        self.router = rest::routes(state.clone());
        self.batches = rest::batch_routes(state);
        self
    }

    /// The same with other keys.
    pub(crate) fn with_keys(self, change: impl FnOnce(&mut KeySet)) -> App {
        let mut set = (*self.keys.set()).clone();
        change(&mut set);
        self.keys.replace(set);
        self.with(|_| {})
    }

    /// What the posts are answered to a token of these claims.
    pub(crate) async fn shown(&self, claims: Value) -> Answer {
        self.shown_to("/posts", claims).await
    }

    /// What a target is answered to a token of these claims.
    pub(crate) async fn shown_to(&self, target: &str, claims: Value) -> Answer {
        let token =
            self.keys.sign(claims.as_object().expect("an object"), SystemTime::now()).expect("signed");
        let request = Request::builder().uri(target).header("authorization", format!("Bearer {token}"));
        self.answer(request.body(Body::empty()).expect("a request")).await
    }

    /// Runs a statement as the operator.
    pub(crate) async fn execute(&self, sql: &str) {
        let operator = Session::operator(SystemPrivilege::i_am_the_operator());
        let ran = self.database.run(&operator, Work::one(Statement::new(sql.to_owned()))).await;
        ran.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
    }

    pub(crate) async fn get(&self, target: &str) -> Answer {
        self.send(Who::Nobody, "GET", target, &[], "").await
    }

    pub(crate) async fn send(
        &self,
        who: Who,
        method: &str,
        target: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let target = encoded(target);
        let mut request = Request::builder().method(method).uri(target);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        request = match who {
            Who::Nobody => request,
            Who::Service => request.header("apikey", "sb_secret_key"),
            Who::Ann | Who::Bob => {
                let subject = if matches!(who, Who::Bob) { "bob" } else { "ann" };
                let claims = json!({"role": "authenticated", "sub": subject});
                let token = self.keys.sign(claims.as_object().expect("an object"), SystemTime::now());
                let token = token.expect("signed");
                request.header("authorization", format!("Bearer {token}"))
            }
        };
        self.answer(request.body(Body::from(body.to_owned())).expect("a request")).await
    }

    /// What a request is answered.
    pub(crate) async fn answer(&self, request: Request<Body>) -> Answer {
        let batches = request.uri().path() == "/batch/v1";
        let router = if batches { &self.batches } else { &self.router };
        let request = if batches {
            let (mut parts, body) = request.into_parts();
            parts.uri = "/".parse().expect("a target");
            Request::from_parts(parts, body)
        } else {
            request
        };
        let response = router.clone().oneshot(request).await.expect("an answer");
        let (head, body) = response.into_parts();
        let body = to_bytes(body, usize::MAX).await.expect("a body");
        Answer {
            status: head.status.as_u16(),
            headers: head.headers,
            text: String::from_utf8(body.to_vec()).expect("text"),
        }
    }

    /// The text that a query gives.
    pub(crate) async fn text(&self, sql: &str) -> String {
        let operator = Session::operator(SystemPrivilege::i_am_the_operator());
        let ran = self.database.run(&operator, Work::one(Statement::new(sql.to_owned()))).await;
        let outcomes = ran.unwrap_or_else(|error| panic!("{sql}: {error:?}"));
        outcomes[0].result.rows[0][0].as_str().expect("a text").to_owned()
    }

    pub(crate) async fn rows(&self, sql: &str) -> i64 {
        let operator = Session::operator(SystemPrivilege::i_am_the_operator());
        let outcomes =
            self.database.run(&operator, Work::one(Statement::new(sql.to_owned()))).await.expect("rows");
        outcomes[0].result.rows[0][0].as_int().expect("a number")
    }
}
