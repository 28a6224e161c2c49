//! `bedplate sql`

use super::{at, complain, print};
use crate::cli::Sql;
use crate::open::Access;
use crate::operator::Operate;
use crate::psql;
use crate::script::{self, Control, ScriptStatement};
use crate::serve::Failure;
use crate::system;
use database::{DatabaseError, End, Outcome, Session, Statement, SystemPrivilege, Work};
use std::io::Read as _;
use std::process::ExitCode;

pub(super) async fn sql(arguments: Sql) -> Result<ExitCode, Failure> {
    let Sql { command, file, role, claims, json, keep_going, place } = arguments;
    let session = session(role, claims)?;
    let (text, is_one) = match (command, file) {
        (Some(text), _) => (text, true),
        (None, Some(path)) => {
            (std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?, false)
        }
        (None, None) => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text)?;
            (text, false)
        }
    };
    let groups = match script::split(&text).and_then(|statements| group(statements, is_one)) {
        Ok(groups) => groups,
        Err(error) => {
            complain(&psql::error(&error, &text))?;
            return Ok(ExitCode::FAILURE);
        }
    };
    let (_, configuration, folder) = at(&place)?;
    let access = Access::open(&configuration, &folder).await?;
    if let Access::Owned(owned) = &access {
        system::upgrade(&*owned.database).await?;
    }
    let code = run(groups, &session, access.operator(), json, keep_going).await;
    access.close().await?;
    code
}

fn session(role: Option<String>, claims: Option<String>) -> Result<Session, Failure> {
    let mut session = match role {
        Some(role) => Session::new(role),
        None => Session::operator(SystemPrivilege::i_am_the_operator()),
    };
    if let Some(claims) = claims {
        match serde_json::from_str(&claims) {
            Ok(serde_json::Value::Object(_)) => session = session.with_setting("request.jwt.claims", claims),
            _ => return Err("--claims: expected a JSON object".into()),
        }
    }
    Ok(session)
}

/// Statements of one transaction.
struct Group {
    statements: Vec<ScriptStatement>,
    end: End,
    read_only: bool,
}

/// Statements by transaction: what stands between BEGIN and COMMIT is one, and so is all of `-c`, as in psql.
fn group(statements: Vec<ScriptStatement>, is_one: bool) -> Result<Vec<Group>, DatabaseError> {
    let has_control = statements.iter().any(|statement| script::control(&statement.text).is_some());
    if is_one && !has_control {
        return Ok(vec![Group { statements, end: End::Commit, read_only: false }]);
    }
    let mut groups = Vec::new();
    let mut open: Option<Group> = None;
    for statement in statements {
        match (script::control(&statement.text), &mut open) {
            (Some(Control::Begin { read_only }), None) => {
                open = Some(Group { statements: Vec::new(), end: End::Commit, read_only });
            }
            (Some(Control::BeginOtherwise), None) => {
                let message = "BEGIN with an isolation level is not supported by this command";
                return Err(DatabaseError::new(sqlstate::FEATURE_NOT_SUPPORTED, message));
            }
            (Some(Control::Begin { .. } | Control::BeginOtherwise), Some(_)) => {
                let message = "there is already a transaction in progress";
                return Err(DatabaseError::new(sqlstate::ACTIVE_SQL_TRANSACTION, message));
            }
            (Some(Control::Commit), Some(_)) => groups.extend(open.take()),
            (Some(Control::Rollback), Some(group)) => {
                group.end = End::Rollback;
                groups.extend(open.take());
            }
            (Some(Control::Commit | Control::Rollback), None) => {
                let message = "there is no transaction in progress";
                return Err(DatabaseError::new(sqlstate::NO_ACTIVE_SQL_TRANSACTION, message));
            }
            (None, Some(group)) => group.statements.push(statement),
            (None, None) => {
                groups.push(Group { statements: vec![statement], end: End::Commit, read_only: false });
            }
        }
    }
    // The end of a script ends its transaction, and nobody committed it.
    groups.extend(open.map(|group| Group { end: End::Rollback, ..group }));
    Ok(groups)
}

async fn run(
    groups: Vec<Group>,
    session: &Session,
    operator: &dyn Operate,
    json: bool,
    keep_going: bool,
) -> Result<ExitCode, Failure> {
    let mut code = ExitCode::SUCCESS;
    // What a statement outside of a transaction sets holds for those after it.
    let mut settings: Vec<Statement> = Vec::new();
    for group in groups {
        let mut session = session.clone();
        session.read_only |= group.read_only;
        let statements: Vec<Statement> = group.statements.iter().map(ScriptStatement::to_statement).collect();
        let before = settings.len();
        let work = Work {
            statements: settings.iter().cloned().chain(statements.clone()).collect(),
            end: group.end,
            ..Work::default()
        };
        match operator.run(&session, work).await {
            Ok(outcomes) => {
                for outcome in outcomes.iter().skip(before) {
                    show(outcome, json)?;
                }
                if group.end == End::Commit {
                    let set = statements.into_iter().filter(|statement| script::is_setting(&statement.text));
                    settings.extend(set);
                }
            }
            Err(error) => {
                let index = error.fields().statement.and_then(|index| usize::try_from(index).ok());
                let failing = index.and_then(|index| group.statements.get(index.checked_sub(before)?));
                let failing = failing.or(group.statements.first());
                let text = failing.map_or("", |statement| &*statement.text);
                complain(&psql::error(&error, text))?;
                code = ExitCode::FAILURE;
                if !keep_going {
                    break;
                }
                let first = text.lines().find(|line| !line.trim().is_empty()).unwrap_or_default();
                complain(&format!("STATEMENT:  {}\n", first.trim()))?;
            }
        }
    }
    Ok(code)
}

fn show(outcome: &Outcome, json: bool) -> Result<(), Failure> {
    for notice in &outcome.notices {
        complain(&psql::notice(notice))?;
    }
    if let Some(why) = &outcome.no_effect {
        complain(&format!("NOTICE:  accepted without effect: {why}\n"))?;
    }
    if let Some(copied) = &outcome.copied {
        return print(copied).map_err(Into::into);
    }
    let returns_rows = !outcome.result.columns.is_empty() || outcome.tag.starts_with("SELECT");
    let is_select = outcome.tag.starts_with("SELECT")
        || outcome.tag.starts_with("SHOW")
        || outcome.tag.starts_with("EXPLAIN");
    match (json, returns_rows) {
        (true, true) => print(&format!("{}\n", psql::json(&outcome.result)))?,
        (true, false) => print(&format!("{}\n", psql::command(&outcome.tag)))?,
        (false, true) => {
            print(&psql::table(&outcome.result))?;
            if !is_select {
                print(&format!("{}\n", outcome.tag))?;
            }
        }
        (false, false) => print(&format!("{}\n", outcome.tag))?,
    }
    Ok(())
}
