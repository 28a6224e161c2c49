//! What the database contains, read from its system catalogs in one round trip and one snapshot.

mod acl;
mod build;
mod queries;
mod roles;
mod rows;
mod rule;

use crate::connection::Connection;
use crate::error;
use crate::freshness::{WRITES, written};
use build::{Rows, build};
use catalog::Catalog;
use database::{Result, Value};
use roles::{closed_roles, settings_of_roles};
use serde::de::DeserializeOwned;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What is known of the database at a moment.
#[derive(Default)]
pub(crate) struct Snapshot {
    pub(crate) catalog: Arc<Catalog>,
    /// ALTER ROLE … SET, as far as the role itself may set it.
    pub(crate) role_settings: BTreeMap<String, Arc<[(String, String)]>>,
    /// The roles that no caller may have.
    closed_roles: BTreeSet<String>,
    /// The roles that may log in.
    logins: BTreeSet<String>,
    /// How much had been written to the system catalogs.
    pub(crate) writes: String,
}

impl Snapshot {
    /// Whether no caller may have the role.
    pub(crate) fn is_closed(&self, role: &str) -> bool {
        self.closed_roles.contains(role)
    }

    /// Whether there is a role of this name that may log in.
    pub(crate) fn has_login(&self, role: &str) -> bool {
        self.logins.contains(role)
    }
}

/// Reads the catalog.
pub(crate) async fn introspect(connection: &mut Connection) -> Result<Snapshot> {
    let queries = [
        queries::ROLES,
        queries::USER_SETTINGS,
        queries::DATABASE_SETTINGS,
        queries::MEMBERSHIPS,
        queries::SCHEMAS,
        queries::RELATIONS,
        queries::COLUMNS,
        queries::CONSTRAINTS,
        queries::INDEXES,
        queries::POLICIES,
        queries::TRIGGERS,
        queries::TYPES,
        queries::FUNCTIONS,
        queries::EXTENSIONS,
        queries::PUBLICATIONS,
        queries::CASTS,
        queries::DEFAULT_PRIVILEGES,
    ];
    // With nothing but pg_catalog on the path, expressions are printed with every other name qualified.
    let prelude = [
        "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        "SET LOCAL search_path = ''",
        "SET LOCAL statement_timeout = 0",
        "SET LOCAL quote_all_identifiers = off",
        // Compiling these queries takes a hundred times as long as running them.
        "SET LOCAL jit = off",
    ];
    connection.push(&WRITES.into(), &[], None)?;
    connection.end_group();
    for text in prelude.into_iter().chain(queries) {
        connection.push(&text.into(), &[], None)?;
    }
    connection.end_group();
    connection.push(&"COMMIT".into(), &[], None)?;
    connection.end_group();
    connection.push(&queries::EXPLICIT_GRANTS.into(), &[], None)?;
    connection.end_group();
    let writes = connection.read_group().await?;
    let group = connection.read_group().await?;
    connection.read_group().await?;
    // Only private clusters have the record; elsewhere the question fails, and the privileges themselves must tell.
    let explicit_grants = connection.read_group().await?;
    let writes = written(writes)?;
    if let Some(error) = group.error {
        return Err(error);
    }
    let mut answers = group.answers.into_iter().skip(prelude.len()).map(|answer| answer.rows);
    let mut next = || answers.next().unwrap_or_default();
    let roles: Vec<rows::Role> = read(next())?;
    let logins = roles.iter().filter(|role| role.login).map(|role| role.name.clone()).collect();
    let user_settings: Vec<rows::Name> = read(next())?;
    let role_settings = settings_of_roles(&roles, &user_settings);
    let database_settings = read(next())?;
    let memberships = read(next())?;
    let closed_roles = closed_roles(&roles, &memberships);
    let rows = Rows {
        roles,
        database_settings,
        memberships,
        schemas: read(next())?,
        relations: read(next())?,
        columns: read(next())?,
        constraints: read(next())?,
        indexes: read(next())?,
        policies: read(next())?,
        triggers: read(next())?,
        types: read(next())?,
        functions: read(next())?,
        extensions: read(next())?,
        publications: read(next())?,
        casts: read(next())?,
        default_privileges: read(next())?,
        explicit_grants: read(explicit_grants.answers.into_iter().flat_map(|answer| answer.rows).collect())?,
    };
    Ok(Snapshot { catalog: Arc::new(build(rows)), role_settings, closed_roles, logins, writes })
}

fn read<T: DeserializeOwned>(rows: Vec<Vec<Value>>) -> Result<Vec<T>> {
    rows.iter()
        .map(|row| {
            let text = row.first().and_then(Value::as_str).unwrap_or("null");
            serde_json::from_str(text).map_err(|error| error::protocol(format_args!("{error} in {text}")))
        })
        .collect()
}
