//! The data API alone, on either engine, set up as a suite of the protocol wants it.
//!
//! `DATABASE_URL` is the database, a URL of PostgreSQL's or `sqlite:FILE` for an embedded one; `LISTEN` is the address; `PGRST_CONFIG` holds settings as JSON, named as PostgREST names them.

#![expect(clippy::expect_used, reason = "a program for tests ends at the first thing that is missing")]

use axum::Router;
use axum::extract::{Request, State};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use database::Database;
use rest::{ErrorVerbosity, OpenApi, Settings, TransactionEndPolicy};
use serde_json::Value;
use std::sync::Arc;
use web::{ClaimPath, Cors, KeySet, Keys, Limits};

#[tokio::main]
async fn main() {
    let url = std::env::var("DATABASE_URL").expect("DATABASE_URL");
    let listen = std::env::var("LISTEN").unwrap_or_else(|_| "127.0.0.1:3000".to_owned());
    let config: Value =
        serde_json::from_str(&std::env::var("PGRST_CONFIG").unwrap_or_else(|_| "{}".to_owned()))
            .expect("PGRST_CONFIG is JSON");
    let database = open(&url).await;
    let state =
        rest::State::new(database, settings(&config), keys(&config), rest::CallerSecret::new([7; 32]));
    let origins = texts(&config, "server-cors-allowed-origins").unwrap_or_default();
    let cors = Arc::new(Cors { origins, ..Cors::default() });
    let app = Router::new()
        .fallback_service(rest::routes(state))
        .layer(middleware::from_fn_with_state(cors, apply_cors));
    let listener = tokio::net::TcpListener::bind(&listen).await.expect("an address");
    axum::serve(listener, app).await.expect("served");
}

async fn open(url: &str) -> Arc<dyn Database> {
    if let Some(file) = url.strip_prefix("sqlite:") {
        let options = embedded::Options { path: Some(file.into()), ..embedded::Options::default() };
        return Arc::new(embedded::EmbeddedDatabase::open(options).expect("a file"));
    }
    let mut config = postgres::Config::from_url(url).expect("a URL");
    // The suite's roles are granted to whom the URL names.
    config.request_user = None;
    Arc::new(postgres::PostgresDatabase::connect(config).await.expect("a database"))
}

async fn apply_cors(State(cors): State<Arc<Cors>>, request: Request, next: Next) -> Response {
    if let Some(headers) = cors.preflight(request.method(), request.headers()) {
        return headers.into_response();
    }
    let asked = request.headers().clone();
    let mut response = next.run(request).await;
    cors.decorate(&asked, response.headers_mut());
    response
}

fn texts(config: &Value, key: &str) -> Option<Vec<String>> {
    let list = config.get(key)?.as_array()?;
    Some(list.iter().filter_map(Value::as_str).map(str::to_owned).collect())
}

fn text(config: &Value, key: &str, default: &str) -> Option<String> {
    match config.get(key) {
        None => Some(default.to_owned()),
        Some(value) => value.as_str().map(str::to_owned),
    }
}

fn word<'a>(config: &'a Value, key: &str) -> Option<&'a str> {
    config.get(key)?.as_str()
}

fn flag(config: &Value, key: &str, default: bool) -> bool {
    config.get(key).and_then(Value::as_bool).unwrap_or(default)
}

fn settings(config: &Value) -> Settings {
    let pre_request = text(config, "db-pre-request", "test.switch_role");
    Settings {
        schemas: texts(config, "db-schemas").unwrap_or_else(|| vec!["test".to_owned()]),
        extra_search_path: texts(config, "db-extra-search-path").unwrap_or_default(),
        max_rows: config.get("db-max-rows").and_then(Value::as_i64),
        aggregates_enabled: flag(config, "db-aggregates-enabled", false),
        pre_config: word(config, "db-pre-config").and_then(rest::function_name),
        plan_enabled: flag(config, "db-plan-enabled", false),
        openapi: word(config, "openapi-mode").and_then(OpenApi::of).unwrap_or_default(),
        openapi_security: flag(config, "openapi-security-active", false),
        openapi_server: word(config, "openapi-server-proxy-uri").map(str::to_owned),
        server_timing: flag(config, "server-timing-enabled", true),
        error_verbosity: word(config, "client-error-verbosity")
            .and_then(ErrorVerbosity::of)
            .unwrap_or_default(),
        legacy_target_names: flag(config, "url-use-legacy-target-names", true),
        transaction_end: word(config, "db-tx-end")
            .and_then(TransactionEndPolicy::of)
            .unwrap_or(TransactionEndPolicy::RollbackUnlessAsked),
        pre_request: pre_request.map(|name| match name.split_once('.') {
            Some((schema, function)) => (schema.to_owned(), function.to_owned()),
            None => ("test".to_owned(), name),
        }),
        app_settings: vec![
            ("app.settings.app_host".to_owned(), "localhost".to_owned()),
            ("app.settings.external_api_secret".to_owned(), "0123456789abcdef".to_owned()),
        ],
        exposure_enforced: false,
        ..Settings::default()
    }
}

fn keys(config: &Value) -> Keys {
    let secret = text(config, "jwt-secret", "reallyreallyreallyreallyverysafe");
    let set = KeySet {
        secret: secret.map(|secret| secret.into_bytes().into()),
        signing: Vec::new(),
        publishable_key: None,
        secret_key: None,
        anonymous_role: text(config, "db-anon-role", "postgrest_test_anonymous").map(Into::into),
        service_role: "service_role".into(),
        audience: config.get("jwt-aud").and_then(Value::as_str).map(Into::into),
        role_claim: word(config, "jwt-role-claim-key")
            .map(|path| ClaimPath::parse(path).expect("a path"))
            .unwrap_or_default(),
    };
    Keys::new(set, Limits::default())
}
