//! What the operator sees of the queue, and may do about it. Payloads are not shown: they hold links that sign people in.

use crate::job::JobId;
use database::{Outcome, Statement, Value};
use std::fmt;

/// How a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It runs when it is due.
    Waiting,
    /// A node has it.
    Running,
    /// It is done; its row goes after a while.
    Done,
    /// It failed for good, and waits for the operator.
    Dead,
}

impl State {
    fn read(text: &str) -> Option<State> {
        Some(match text {
            "waiting" => State::Waiting,
            "running" => State::Running,
            "done" => State::Done,
            "dead" => State::Dead,
            _ => return None,
        })
    }

    /// Its word.
    pub fn as_str(self) -> &'static str {
        match self {
            State::Waiting => "waiting",
            State::Running => "running",
            State::Done => "done",
            State::Dead => "dead",
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A job as the operator sees it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its identifier.
    pub id: JobId,
    /// Its kind.
    pub kind: String,
    /// How it stands.
    pub state: State,
    /// How often it was tried.
    pub attempts: i64,
    /// When it was queued.
    pub made_at: String,
    /// When it may run, its lease ends, or its row goes; none for a dead one.
    pub due_at: Option<String>,
    /// Why it failed the last time.
    pub last_error: Option<String>,
}

/// Lists jobs, the newest first: of one state, or all that are not done.
pub fn list(state: Option<State>, most: u32) -> Statement {
    let columns = "select id, kind, state, attempts, made_at, due_at, last_error from bedplate.jobs";
    let most = Value::Int(most.into());
    match state {
        Some(state) => Statement::with(
            format!("{columns} where state = $1 order by made_at desc, id desc limit $2"),
            [Value::from(state.as_str()), most],
        ),
        None => Statement::with(
            format!("{columns} where state <> 'done' order by made_at desc, id desc limit $1"),
            [most],
        ),
    }
}

/// What [`list`] found.
pub fn entries(outcome: &Outcome) -> Vec<Entry> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let entry = |row: &Vec<Value>| {
        let [id, kind, state, attempts, made_at, due_at, last_error] = row.as_slice() else { return None };
        Some(Entry {
            id: JobId::parse(id.as_str()?)?,
            kind: text(kind)?,
            state: State::read(state.as_str()?)?,
            attempts: attempts.as_int()?,
            made_at: text(made_at)?,
            due_at: text(due_at),
            last_error: text(last_error),
        })
    };
    outcome.result.rows.iter().filter_map(entry).collect()
}

/// Lets a dead or waiting job run at once, with all its attempts. Affects one row, or none when there is no such job.
pub fn retry(id: JobId) -> Statement {
    Statement::with(
        "update bedplate.jobs set state = 'waiting', attempts = 0, due_at = now(), ended_at = null \
         where id = $1::uuid and state in ('dead', 'waiting')",
        [Value::from(id.to_string())],
    )
}

/// Removes a job that no node has. Affects one row, or none when there is no such job.
pub fn delete(id: JobId) -> Statement {
    Statement::with(
        "delete from bedplate.jobs where id = $1::uuid and state <> 'running'",
        [Value::from(id.to_string())],
    )
}
