//! A point read by stage, and the commonest requests of the accounts, for `cargo xtask measure point-read`: `point_read stages` names the stages, `point_read STAGE ROUNDS`
//! runs one so often. Each stage contains less than the whole, so that their differences tell what a part costs. No sockets:
//! what hyper and the kernel do is not counted.
#![expect(clippy::print_stdout, clippy::expect_used, reason = "a measurement, run by hand")]

use async_trait::async_trait;
use axum::Router;
use axum::body::Body;
use axum::routing::get;
use database::{Database, DatabaseError, Engine, Outcome, Session, Work};
use http::{HeaderMap, Request, StatusCode};
use server::app::{self, App};
use server::configuration::{Configuration, LogFormat, Settings};
use server::events::{Events, Log};
use server::folder::TemporaryFolder;
use server::keys::TokenRequest;
use server::project::Project;
use server::serve::Server;
use std::hint::black_box;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime};
use tower::ServiceExt as _;

const STAGES: &[(&str, &str)] = &[
    ("nothing", "the process and the runtime"),
    ("http", "a router with one empty handler"),
    ("token", "the token is verified"),
    ("engine", "the statement that the data API made, with its session"),
    ("rest", "the whole request through every layer, the log's line included"),
    ("user", "GET /auth/v1/user, the whole request"),
    ("refresh", "POST /auth/v1/token?grant_type=refresh_token, the whole request; nothing is kept on disk"),
];

const USER: &str = "00000000-0000-0000-0000-00000000000a";

const SCHEMA: &str = "
create table public.notes (id bigint primary key, owner uuid not null, title text not null, done boolean not null default false);
insert into public.notes select g, case when g % 2 = 0 then '00000000-0000-0000-0000-00000000000a'::uuid else '00000000-0000-0000-0000-00000000000b'::uuid end, 'note ' || g from generate_series(1, 1000) g;
alter table public.notes enable row level security;
create policy own on public.notes for select to authenticated using (auth.uid() = owner);
insert into auth.users (instance_id, id, aud, role, email, encrypted_password, email_confirmed_at, confirmation_token, recovery_token,
  email_change_token_new, email_change, raw_app_meta_data, raw_user_meta_data, created_at, updated_at)
values ('00000000-0000-0000-0000-000000000000', '00000000-0000-0000-0000-00000000000a', 'authenticated', 'authenticated', 'ada@example.com', '',
  now(), '', '', '', '', '{\"provider\":\"email\",\"providers\":[\"email\"]}', '{\"name\":\"Ada\"}', now(), now());
insert into auth.identities (provider_id, user_id, identity_data, provider, created_at, updated_at)
values ('00000000-0000-0000-0000-00000000000a', '00000000-0000-0000-0000-00000000000a', '{\"sub\":\"00000000-0000-0000-0000-00000000000a\",\"email\":\"ada@example.com\"}', 'email', now(), now());
insert into auth.sessions (id, user_id, created_at, updated_at, aal)
values ('00000000-0000-0000-0000-0000000000aa', '00000000-0000-0000-0000-00000000000a', now(), now(), 'aal1');
insert into auth.refresh_tokens (token, user_id, revoked, created_at, updated_at, session_id)
values ('first', '00000000-0000-0000-0000-00000000000a', false, now(), now(), '00000000-0000-0000-0000-0000000000aa');
";

const SESSION: &str = "00000000-0000-0000-0000-0000000000aa";

const PATH: &str = "/rest/v1/notes?select=id,title,done&id=eq.500";

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let mut arguments = std::env::args().skip(1);
    let stage = arguments.next().unwrap_or_default();
    if stage == "stages" {
        STAGES.iter().for_each(|(name, _)| println!("{name}"));
        return;
    }
    let known = STAGES.iter().any(|(name, _)| *name == stage);
    let rounds: Option<u32> = arguments.next().and_then(|text| text.parse().ok());
    let (true, Some(rounds)) = (known, rounds) else {
        println!("point_read stages | point_read STAGE ROUNDS");
        STAGES.iter().for_each(|(name, what)| println!("  {name:<8} {what}"));
        return;
    };
    run(&stage, rounds).await;
}

async fn run(stage: &str, rounds: u32) {
    let folder = TemporaryFolder::make().expect("a folder");
    let (app, recorder) = bring_up(&folder).await;
    let headers = headers(&app);
    let router = app::router(app.clone());
    // Once before, so that plans are made; what was asked is kept for the stage `engine`.
    let body = ask(&router, &headers, PATH).await;
    assert_eq!(body, r#"[{"id":500,"title":"note 500","done":false}]"#);
    let (session, work) = recorder.last();
    let empty = Router::new().route("/rest/v1/notes", get(|| async { StatusCode::OK }));
    let mut refresh_token = "first".to_owned();
    for _ in 0..rounds {
        match stage {
            "http" => drop(black_box(ask(&empty, &headers, PATH).await)),
            "token" => {
                let caller = app.doors.identify(&headers, SystemTime::now());
                assert!(black_box(caller).is_ok());
            }
            "engine" => {
                let outcomes = recorder.database.run(&session, work.clone()).await.expect("an answer");
                black_box(outcomes);
            }
            "rest" => drop(black_box(ask(&router, &headers, PATH).await)),
            "user" => drop(black_box(ask(&router, &headers, "/auth/v1/user").await)),
            "refresh" => refresh_token = refresh(&router, &refresh_token).await,
            _ => {}
        }
    }
    recorder.database.close().await.expect("closed");
}

/// An embedded database that is kept nowhere, with the keys of development.
async fn bring_up(folder: &TemporaryFolder) -> (App, Arc<Recorder>) {
    let listen = Some("127.0.0.1:0".parse().expect("an address"));
    let settings = Settings {
        ephemeral: true,
        dev: true,
        listen,
        auth_rate_limit_token_refresh: u32::MAX,
        ..Settings::default()
    };
    let configuration = Configuration { settings, warnings: Vec::new() };
    let migrations = folder.path().join("migrations");
    std::fs::create_dir(&migrations).expect("a folder");
    std::fs::write(migrations.join("20250101000000_notes.sql"), SCHEMA).expect("written");
    let events = Arc::new(Events::with_log(Log::to(LogFormat::Text, std::io::sink()), "sqlite"));
    let server = Server::start(Project::find(folder.path()), configuration, events).await;
    let app = server.expect("a server").app().clone();
    let recorder = Arc::new(Recorder { database: Arc::clone(&app.database), last: Mutex::new(None) });
    (App { database: Arc::clone(&recorder) as Arc<dyn Database>, ..app }, recorder)
}

fn headers(app: &App) -> HeaderMap {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("after 1970").as_secs();
    let token = TokenRequest {
        role: "authenticated".into(),
        subject: Some(USER.into()),
        claims: serde_json::Map::from_iter([
            ("session_id".to_owned(), SESSION.into()),
            ("aud".to_owned(), "authenticated".into()),
        ]),
        issuer: "measure".into(),
        expires_in: Duration::from_secs(3600),
    }
    .sign(&app.keys, now);
    let mut headers = HeaderMap::new();
    headers.insert("host", "127.0.0.1".parse().expect("a value"));
    headers.insert("apikey", app.keys.publishable_key.parse().expect("a value"));
    headers.insert("authorization", format!("Bearer {token}").parse().expect("a value"));
    headers
}

/// Asks for one row and reads the answer to its end.
async fn ask(router: &Router, headers: &HeaderMap, path: &str) -> String {
    let mut request = Request::get(path).body(Body::empty()).expect("a request");
    request.headers_mut().clone_from(headers);
    answer(router, request).await
}

/// Renews the session, and gives the next token.
async fn refresh(router: &Router, token: &str) -> String {
    let request = Request::post("/auth/v1/token?grant_type=refresh_token").header("host", "127.0.0.1");
    let body = answer(
        router,
        request.body(Body::from(format!("{{\"refresh_token\":\"{token}\"}}"))).expect("a request"),
    )
    .await;
    let body: serde_json::Value = serde_json::from_str(&body).expect("JSON");
    body["refresh_token"].as_str().expect("a token").to_owned()
}

async fn answer(router: &Router, request: Request<Body>) -> String {
    let Ok(response) = router.clone().oneshot(request).await;
    assert_eq!(response.status(), StatusCode::OK);
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.expect("a body");
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The database, and what it was asked last.
struct Recorder {
    database: Arc<dyn Database>,
    last: Mutex<Option<(Session, Work)>>,
}

impl Recorder {
    fn last(&self) -> (Session, Work) {
        self.last.lock().expect("the lock").clone().expect("something was asked")
    }
}

#[async_trait]
impl Database for Recorder {
    fn engine(&self) -> Engine {
        self.database.engine()
    }

    fn estimates_rows(&self) -> bool {
        self.database.estimates_rows()
    }

    async fn run(&self, session: &Session, work: Work) -> Result<Vec<Outcome>, DatabaseError> {
        if let Ok(mut last) = self.last.lock()
            && last.is_none()
            && !work.statements.is_empty()
        {
            *last = Some((session.clone(), work.clone()));
        }
        self.database.run(session, work).await
    }

    async fn catalog(&self) -> Result<Arc<catalog::Catalog>, DatabaseError> {
        self.database.catalog().await
    }

    async fn ready(&self) -> Result<(), DatabaseError> {
        self.database.ready().await
    }

    async fn close(&self) -> Result<(), DatabaseError> {
        self.database.close().await
    }
}
