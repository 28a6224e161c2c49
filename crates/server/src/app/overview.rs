//! What the page at `/` asks for besides the data API: `/_bedplate/…`, for the operator only.

use super::access::Overseer;
use super::{App, problem};
use crate::check::{self, Finding};
use crate::identifier::unix_milliseconds;
use crate::keys::{ProjectKeys, TokenRequest};
use crate::migrations::{self, Entry};
use crate::open::engine_name;
use axum::body::Bytes;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use catalog::{Catalog, Policy, PolicyCommand, Relation, RelationKind};
use database::DatabaseError;
use http::{StatusCode, header};
use serde_json::{Map, Value, json};
use std::time::{Duration, SystemTime};
use web::InternalCause;
use web::identifier::is_uuid;

/// How long a token of the page is valid.
const TOKEN_TIME: Duration = Duration::from_secs(3600);

/// `GET /_bedplate/overview`: keys, tables, migrations.
pub(super) async fn overview(_: Overseer, State(app): State<App>) -> Response {
    let catalog = match app.database.catalog().await {
        Ok(catalog) => catalog,
        Err(error) => return failed(&error),
    };
    let migrations = match migrations::status(&app.project, &app.database).await {
        Ok(entries) => entries.iter().map(migration).collect::<Vec<_>>(),
        Err(error) => vec![json!({"problem": error.to_string()})],
    };
    let ProjectKeys { publishable_key, secret_key, anon_key, service_role_key, well_known, jwt_secret: _ } =
        &*app.keys;
    answer(&json!({
        "version": env!("CARGO_PKG_VERSION"),
        "engine": engine_name(app.database.engine()),
        "url": &*app.url,
        "keys": {
            "publishable_key": publishable_key,
            "secret_key": secret_key.expose(),
            "anon_key": anon_key,
            "service_role_key": service_role_key.expose(),
            "well_known": well_known,
        },
        "tables": tables(&catalog, &app.settings.api_schemas),
        "migrations": migrations,
    }))
}

/// `POST /_bedplate/token` with `{"sub": UUID}`: a token for a signed-in user, to see what that user sees.
pub(super) async fn token(_: Overseer, State(app): State<App>, body: Bytes) -> Response {
    let asked: Value = serde_json::from_slice(&body).unwrap_or(Value::Null);
    let Some(subject) = asked["sub"].as_str().filter(|text| is_uuid(text)) else {
        return problem::problem(StatusCode::BAD_REQUEST, "No user", "The body must be {\"sub\": a UUID}.");
    };
    let request = TokenRequest {
        role: "authenticated".into(),
        subject: Some(subject.to_owned()),
        claims: Map::new(),
        issuer: format!("{}/auth/v1", app.url),
        expires_in: TOKEN_TIME,
    };
    match app.doors.sign(&request.claims_at(unix_milliseconds() / 1000), SystemTime::now()) {
        Ok(token) => answer(&json!({"token": token})),
        Err(error) => {
            problem::problem(StatusCode::SERVICE_UNAVAILABLE, "No token can be signed", &error.reason())
        }
    }
}

/// `POST /_bedplate/check`: what the embedded engine makes of the project's files, as `bedplate check` says it.
pub(super) async fn check(_: Overseer, State(app): State<App>) -> Response {
    let mut findings = Vec::new();
    let collect = |finding: &Finding| {
        if !matches!(finding.verdict, check::Verdict::Ok) {
            findings.push(finding.json());
        }
    };
    match check::check(&app.project, &app.settings, collect).await {
        Ok(totals) => {
            let mut report = totals.json();
            report["findings"] = Value::Array(findings);
            report["last_words"] = Value::String(totals.last_words());
            answer(&report)
        }
        Err(error) => {
            problem::problem(StatusCode::INTERNAL_SERVER_ERROR, "The check failed", &error.to_string())
        }
    }
}

pub(super) fn answer(body: &Value) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    (headers, body.to_string()).into_response()
}

fn failed(error: &DatabaseError) -> Response {
    let mut response =
        problem::problem(StatusCode::SERVICE_UNAVAILABLE, "The database cannot be asked", error.message());
    if let Some(internal) = &error.fields().internal {
        response.extensions_mut().insert(InternalCause(internal.clone()));
    }
    response
}

fn migration(entry: &Entry) -> Value {
    json!({"version": entry.version, "name": entry.name, "standing": entry.standing.to_string(),
        "applied_at": entry.applied_at})
}

/// The tables and views of the served schemas.
fn tables(catalog: &Catalog, schemas: &[String]) -> Vec<Value> {
    let mut tables = Vec::new();
    for name in schemas {
        let Some(schema) = catalog.schema(name) else { continue };
        let mut relations: Vec<&Relation> = catalog
            .relations
            .values()
            .map(|relation| &**relation)
            .filter(|relation| relation.schema == schema.oid)
            .collect();
        relations.sort_by(|a, b| a.name.cmp(&b.name));
        tables.extend(relations.into_iter().filter_map(|relation| table(name, relation, catalog)));
    }
    tables
}

fn table(schema: &str, relation: &Relation, catalog: &Catalog) -> Option<Value> {
    let kind = match relation.kind {
        RelationKind::Table | RelationKind::PartitionedTable => "table",
        RelationKind::View => "view",
        RelationKind::MaterializedView => "materialized view",
        RelationKind::ForeignTable => "foreign table",
        RelationKind::Sequence | RelationKind::Composite => return None,
    };
    let policies: Vec<Value> = relation.policies.iter().map(|policy| shown_policy(policy, catalog)).collect();
    let columns: Vec<&str> = relation.columns.iter().map(|column| column.name.as_str()).collect();
    Some(json!({"schema": schema, "name": relation.name, "kind": kind, "row_security": relation.row_security,
        "columns": columns, "policies": policies}))
}

fn shown_policy(policy: &Policy, catalog: &Catalog) -> Value {
    let roles: Vec<&str> = policy
        .roles
        .iter()
        .map(|oid| catalog.roles.get(oid).map_or("public", |role| role.name.as_str()))
        .collect();
    let command = match policy.command {
        PolicyCommand::All => "ALL",
        PolicyCommand::Select => "SELECT",
        PolicyCommand::Insert => "INSERT",
        PolicyCommand::Update => "UPDATE",
        PolicyCommand::Delete => "DELETE",
    };
    json!({"name": policy.name, "command": command, "roles": roles, "permissive": policy.permissive,
        "using": policy.using, "with_check": policy.check})
}
