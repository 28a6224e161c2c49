//! Laying the foundation: what an app expects of its database before its first migration ([`catalog::bootstrap`]), on any
//! engine.

use crate::{Database, DatabaseError, Outcome, Result, Session, Statement, SystemPrivilege, Value, Work};
use catalog::Catalog;
use catalog::bootstrap::{EXTENSIONS, ROLES, SCRIPTS};

/// Lays the foundation of a database that has none, in one transaction. A database with the schemas `auth` and `storage`
/// has one, Supabase's or ours, and is left as it is.
///
/// # Errors
/// What the database refuses; 42501 when the operator may not make roles.
pub async fn lay_foundation(database: &dyn Database) -> Result<()> {
    let catalog = database.catalog().await?;
    if is_laid(&catalog) {
        return Ok(());
    }
    let session = superuser(&catalog)?;
    let mut statements = Vec::new();
    for role in ROLES.iter().filter(|role| catalog.role(role.name).is_none()) {
        statements.push(Statement::new(role.create));
    }
    for script in SCRIPTS {
        if let Some(role) = script.role {
            statements.push(Statement::new(format!("set local role {}", syntax::quote_identifier(role))));
        }
        let parts = syntax::split_script(script.sql)?;
        statements.extend(parts.into_iter().map(|part| Statement::new(part.text)));
        if script.role.is_some() {
            statements
                .push(Statement::new(format!("set local role {}", syntax::quote_identifier(&session.role))));
        }
        if script.name == "schemas" {
            let available = extensions(database, &session).await;
            let known = EXTENSIONS.iter().filter(|(name, _)| available.iter().any(|other| other == name));
            statements.extend(known.map(|(_, create)| Statement::new(*create)));
        }
    }
    // What we keep there is the operator's.
    statements.push(Statement::new("alter schema bedplate owner to postgres"));
    match database.run(&session, Work::all(statements)).await {
        // Another node was faster.
        Err(_) if is_laid(&*database.catalog().await?) => Ok(()),
        Err(error) if error.code() == sqlstate::INSUFFICIENT_PRIVILEGE => Err(error.with_hint(
            "The database has no schemas auth and storage yet; connect once as a superuser, who may make them and their roles.",
        )),
        result => result.map(|_| ()),
    }
}

fn is_laid(catalog: &Catalog) -> bool {
    catalog.schema("auth").is_some() && catalog.schema("storage").is_some()
}

/// The operator, as a role that may do everything.
fn superuser(catalog: &Catalog) -> Result<Session> {
    let mut session = Session::operator(SystemPrivilege::i_am_the_operator());
    if !catalog.role(&session.role).is_some_and(|role| role.superuser) {
        let superuser = catalog.roles.values().find(|role| role.superuser);
        let superuser = superuser.ok_or_else(|| DatabaseError::internal("the database has no superuser"))?;
        session.role = superuser.name.as_str().into();
    }
    Ok(session)
}

/// The extensions that the server has. One that does not tell has those that every server of ours has.
async fn extensions(database: &dyn Database, session: &Session) -> Vec<String> {
    let statement = Statement::new("select name::text from pg_catalog.pg_available_extensions");
    let names = |outcome: &Outcome| -> Vec<String> {
        let rows = outcome.result.rows.iter();
        rows.filter_map(|row| row.first().and_then(Value::as_str).map(str::to_owned)).collect()
    };
    match database.run(session, Work::one(statement)).await {
        Ok(outcomes) => outcomes.first().map(names).unwrap_or_default(),
        Err(_) => EXTENSIONS.iter().map(|(name, _)| (*name).to_owned()).collect(),
    }
}
