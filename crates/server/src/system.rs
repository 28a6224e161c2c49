//! Our own tables: schema `bedplate`, with a version of its own, upgraded first and in one transaction (rule 12). An adopted
//! Supabase database keeps its `auth` and `storage` as they are.

use catalog::Catalog;
use database::{Database, DatabaseError, Session, Statement, SystemPrivilege, Value, Work};

/// The steps from each version to the next. A step, once released, is never changed.
const STEPS: &[&[&str]] = &[
    &[
        "create schema if not exists bedplate",
        "create table bedplate.system (only_row boolean primary key default true check (only_row), version integer not null)",
        "create table bedplate.secrets (name text primary key, sealed text not null, made_at timestamptz not null default now())",
        "create table bedplate.migrations (version text primary key, name text not null, checksum text not null, \
     applied_at timestamptz not null default now())",
        "create table bedplate.seeded (only_row boolean primary key default true check (only_row), seeded_at timestamptz not null default now())",
        "create schema if not exists supabase_migrations",
        "create table if not exists supabase_migrations.schema_migrations (version text not null primary key, statements text[], name text)",
        "insert into bedplate.system (version) values (0)",
    ],
    &[
        // due_at: when it may run; while it runs, when its lease ends; when it is done, when its row goes; null once dead.
        "create table bedplate.jobs (id uuid primary key, kind text not null, payload jsonb not null, \
         state text not null default 'waiting' check (state in ('waiting', 'running', 'done', 'dead')), \
         due_at timestamptz default now(), attempts integer not null default 0, lease uuid, last_error text, \
         made_at timestamptz not null default now(), ended_at timestamptz)",
        "create index jobs_due_at on bedplate.jobs (due_at)",
        "grant usage on schema bedplate to supabase_auth_admin",
        "grant insert on bedplate.jobs to supabase_auth_admin",
        "create table bedplate.inbox (id uuid primary key, to_address text not null, message jsonb not null, \
         received_at timestamptz not null default now())",
        // full_at: when the bucket will be full again; it is worth nothing from then on, and nothing after a crash.
        "create unlogged table bedplate.rate_limits (key bytea primary key, full_at timestamptz not null)",
        "grant select, insert, update, delete on bedplate.rate_limits to supabase_auth_admin",
        // Rule 19: what nodes cache, by name; whoever changes it counts up in the same transaction.
        "create table bedplate.versions (name text primary key, version bigint not null)",
        "insert into bedplate.versions (name, version) values ('signing_keys', 0)",
        "create table bedplate.signing_keys (kid text primary key, algorithm text not null, sealed text not null, \
         made_at timestamptz not null default now(), signs_from timestamptz not null, verifies_until timestamptz, \
         revoked_at timestamptz)",
    ],
    // What idempotency keys stand for.
    rest::TABLES,
];

/// A database that has tables already was somebody's before it was ours: no seed belongs there.
const ADOPTED: &str = "insert into bedplate.seeded (only_row) values (true)";

/// Brings our tables to this release's version.
///
/// # Errors
/// When the database refuses, or was written by a newer release.
pub async fn upgrade(database: &dyn Database) -> Result<(), DatabaseError> {
    let Some(version) = version(database).await? else {
        return match apply(database, 0).await {
            // Another node was faster.
            Err(_) if version(database).await?.is_some() => Ok(()),
            result => result,
        };
    };
    if version > STEPS.len() {
        let message = format!("this database was written by a newer release (system version {version})");
        return Err(DatabaseError::new(sqlstate::OBJECT_NOT_IN_PREREQUISITE_STATE, message)
            .with_hint("Use that release, or restore a backup made before it."));
    }
    if version < STEPS.len() {
        apply(database, version).await?;
    }
    Ok(())
}

/// The version of our tables; `None` when there are none.
async fn version(database: &dyn Database) -> Result<Option<usize>, DatabaseError> {
    if database.catalog().await?.relation_named("bedplate", "system").is_none() {
        return Ok(None);
    }
    let work = Work::one(Statement::new("select version from bedplate.system"));
    let outcomes = database.run(&operator(), work).await?;
    let row = outcomes.first().and_then(|outcome| outcome.result.rows.first());
    let version = row.and_then(|row| row.first()).and_then(Value::as_int);
    Ok(version.and_then(|version| usize::try_from(version).ok()))
}

async fn apply(database: &dyn Database, from: usize) -> Result<(), DatabaseError> {
    let steps = STEPS.iter().skip(from).flat_map(|step| step.iter().copied()).map(Statement::new);
    let to = i64::try_from(STEPS.len()).unwrap_or(i64::MAX);
    let record = Statement::with("update bedplate.system set version = $1", [Value::Int(to)]);
    let mut statements: Vec<Statement> = steps.chain([record]).collect();
    if from == 0 && has_tables(&*database.catalog().await?) {
        statements.push(Statement::new(ADOPTED));
    }
    database.run(&operator(), Work::all(statements)).await.map(|_| ())
}

/// Whether the schema `public` has tables, or the Supabase CLI has migrated the database.
fn has_tables(catalog: &Catalog) -> bool {
    let public = catalog.schema("public").map(|schema| schema.oid);
    catalog.relations.values().any(|relation| Some(relation.schema) == public)
        || catalog.relation_named("supabase_migrations", "schema_migrations").is_some()
}

fn operator() -> Session {
    Session::operator(SystemPrivilege::i_am_the_operator())
}
