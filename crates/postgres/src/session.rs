//! The statement that makes a transaction the caller's: role, settings, search path, limits, in one SELECT.

use database::{DatabaseError, Result, Session, Value};
use std::collections::hash_map::DefaultHasher;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// What ALTER ROLE … SET gives a role, as far as anyone may set it. PostgreSQL applies it at login only; we log in as
/// someone else and apply it ourselves.
pub(crate) type RoleSettings = [(String, String)];

/// A session's set-up.
pub(crate) struct SetUp {
    pub(crate) text: Arc<str>,
    pub(crate) parameters: Vec<Value>,
    /// Statements are prepared apart for sessions that differ in it: PostgreSQL plans anew when the role (row security)
    /// or the search path changes.
    pub(crate) scope: u64,
}

/// The set-up of a session.
pub(crate) fn set_up(session: &Session, of_role: &RoleSettings) -> Result<SetUp> {
    // PostgreSQL would take it for RESET ROLE: the login role, which may do more than any caller.
    if &*session.role == "none" {
        return Err(DatabaseError::new(sqlstate::INVALID_PARAMETER_VALUE, "role \"none\" does not exist"));
    }
    let mut settings: Vec<(&str, String)> = Vec::new();
    for (name, value) in of_role {
        settings.push((name, value.clone()));
    }
    for (name, value) in &session.settings {
        settings.push((name, value.to_string()));
    }
    if !session.search_path.is_empty() {
        settings.push(("search_path", search_path(&session.search_path)));
    }
    if let Some(limit) = session.statement_timeout {
        settings.push(("statement_timeout", limit.as_millis().max(1).to_string()));
    }
    // A later entry of the same name wins, as set_config in order would have it. The role is last, so that no setting
    // of the same name can take its place.
    settings.push(("role", session.role.to_string()));
    if session.read_only {
        settings.push(("transaction_read_only", "on".into()));
    }
    let mut scope = DefaultHasher::new();
    (&session.role, &session.search_path).hash(&mut scope);
    Ok(SetUp { text: text(settings.len()), parameters: parameters(settings), scope: scope.finish() })
}

/// One call answers one small row, whatever the number and size of the settings.
fn text(count: usize) -> Arc<str> {
    let calls: Vec<String> = (0..count)
        .map(|at| format!("pg_catalog.set_config(${}, ${}, true)", 2 * at + 1, 2 * at + 2))
        .collect();
    format!("SELECT pg_catalog.num_nulls({})", calls.join(", ")).into()
}

fn parameters(settings: Vec<(&str, String)>) -> Vec<Value> {
    settings.into_iter().flat_map(|(name, value)| [Value::from(name), Value::from(value)]).collect()
}

fn search_path(schemas: &[Arc<str>]) -> String {
    let quoted: Vec<String> = schemas.iter().map(|schema| quote_identifier(schema)).collect();
    quoted.join(", ")
}

/// An identifier in double quotes.
pub(crate) fn quote_identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}
