//! What an app expects of its database before its first migration.

use crate::{Database, DatabaseError, Result, Session, Statement, SystemPrivilege, Work};
use catalog::Catalog;

/// Supabase's roles and default grants, schemas `auth`, `storage` and `extensions` with their tables and functions, in
/// PostgreSQL's SQL: a script for a superuser, on a database that has a role `postgres` and no role `anon`.
pub const FOUNDATION: &str = include_str!("foundation.sql");

/// What a cluster of ours has in it from the start, and an embedded database has not: the operator's role.
const OPERATOR: [&str; 2] = [
    "create role postgres superuser createrole createdb replication bypassrls login",
    "alter schema public owner to postgres",
];

/// Lays the foundation of a database that has none, in one transaction. A database with a role `anon` has one: Supabase's or
/// ours, and is left as it is.
///
/// # Errors
/// What the database refuses; 42501 when the operator may not make roles.
pub async fn lay_foundation(database: &dyn Database) -> Result<()> {
    let catalog = database.catalog().await?;
    if is_laid(&catalog) {
        return Ok(());
    }
    let mut session = Session::operator(SystemPrivilege::i_am_the_operator());
    let mut statements = Vec::new();
    if catalog.role("postgres").is_none() {
        let Some(first) = catalog.roles.values().find(|role| role.superuser) else {
            return Err(DatabaseError::internal("the database has no superuser"));
        };
        session.role = first.name.as_str().into();
        statements.extend(OPERATOR.map(Statement::new));
    }
    let script = syntax::split_script(FOUNDATION)?;
    statements.extend(script.into_iter().map(|statement| Statement::new(statement.text)));
    match database.run(&session, Work::all(statements)).await {
        // Another node was faster.
        Err(_) if is_laid(&*database.catalog().await?) => Ok(()),
        result => result.map(|_| ()),
    }
}

fn is_laid(catalog: &Catalog) -> bool {
    catalog.role("anon").is_some()
}
