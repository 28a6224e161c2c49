//! `bedplate jobs`

use super::{at, print};
use crate::cli::{Jobs, Place};
use crate::open::Access;
use crate::operator::Operate;
use crate::psql;
use crate::serve::Failure;
use crate::system;
use database::{Column, ResultSet, Statement, Value, Work};
use jobs::{Entry, JobId, State};
use serde_json::json;
use std::process::ExitCode;

/// The most jobs that are shown.
const MOST: u32 = 500;

pub(super) async fn jobs(action: Option<Jobs>, json: bool, place: Place) -> Result<ExitCode, Failure> {
    let (action, place) = match action {
        None => (Action::List(None, json), place),
        Some(Jobs::List { json, place }) => (Action::List(None, json), place),
        Some(Jobs::Dead { json, place }) => (Action::List(Some(State::Dead), json), place),
        Some(Jobs::Retry { id, place }) => (Action::Change("queued again", jobs::retry(named(&id)?)), place),
        Some(Jobs::Delete { id, place }) => (Action::Change("deleted", jobs::delete(named(&id)?)), place),
    };
    let (_, configuration, folder) = at(&place)?;
    let access = Access::open(&configuration, &folder).await?;
    if let Access::Owned(owned) = &access {
        system::upgrade(&*owned.database).await?;
    }
    let done = perform(action, access.operator()).await;
    access.close().await?;
    done
}

/// What is to be done.
enum Action {
    /// Show those of a state, or all that are not done; as JSON or for people.
    List(Option<State>, bool),
    /// Change one, and say so.
    Change(&'static str, Statement),
}

async fn perform(action: Action, operator: &dyn Operate) -> Result<ExitCode, Failure> {
    match action {
        Action::List(state, json) => {
            let outcomes = operator.run_as_operator(Work::one(jobs::list(state, MOST))).await?;
            let entries = outcomes.first().map(jobs::entries).unwrap_or_default();
            print(&if json { as_json(&entries) } else { table(&entries) })?;
            Ok(ExitCode::SUCCESS)
        }
        Action::Change(done, statement) => {
            let outcomes = operator.run_as_operator(Work::one(statement)).await?;
            if outcomes.first().is_none_or(|outcome| outcome.affected == 0) {
                return Err("no job of this id can be changed: there is none, it runs, or it is done".into());
            }
            print(&format!("{done}\n"))?;
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn named(id: &str) -> Result<JobId, Failure> {
    JobId::parse(id).ok_or_else(|| format!("{id} is no job's id; `bedplate jobs` shows them").into())
}

fn as_json(entries: &[Entry]) -> String {
    let entry = |entry: &Entry| {
        let Entry { id, kind, state, attempts, made_at, due_at, last_error } = entry;
        json!({"id": id.to_string(), "kind": kind, "state": state.as_str(), "attempts": attempts, "made_at": made_at,
            "due_at": due_at, "last_error": last_error})
    };
    format!("{}\n", serde_json::Value::Array(entries.iter().map(entry).collect()))
}

fn table(entries: &[Entry]) -> String {
    let column = |name: &str| Column { name: name.into(), type_oid: 25, type_name: "text".into() };
    let columns = ["id", "kind", "state", "attempts", "made at", "due at", "last error"];
    let row = |entry: &Entry| {
        let Entry { id, kind, state, attempts, made_at, due_at, last_error } = entry;
        vec![
            Value::from(id.to_string()),
            Value::from(kind.as_str()),
            Value::from(state.as_str()),
            Value::Int(*attempts),
            Value::from(made_at.as_str()),
            Value::from(due_at.as_deref()),
            Value::from(last_error.as_deref()),
        ]
    };
    psql::table(&ResultSet {
        columns: columns.into_iter().map(column).collect(),
        rows: entries.iter().map(row).collect(),
    })
}
