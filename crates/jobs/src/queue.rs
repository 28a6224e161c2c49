//! The queue's statements. `due_at` is when a job may run; while it runs, when its lease ends; once it is done, when its row
//! goes; and null once it is dead: one index serves them all.

use crate::job::JobId;
use database::{
    Database, DatabaseError, Expectation, Outcome, Result, Session, Statement, SystemPrivilege, Value, Work,
};
use std::time::Duration;

/// A job that was claimed, as its row.
#[derive(Clone, PartialEq)]
pub(crate) struct Row {
    pub(crate) id: JobId,
    pub(crate) kind: String,
    pub(crate) payload: String,
    pub(crate) attempts: u32,
}

/// What a look at the queue found.
#[derive(Clone, Copy, Debug, PartialEq, Default)]
pub(crate) struct Look {
    /// In how long the next job is due, when that is before long; zero when one is.
    pub(crate) next_due: Option<Duration>,
    /// Whether rows of done jobs can go.
    pub(crate) has_done: bool,
}

const LOOK: &str = "select \
    (select extract(epoch from due_at - now())::float8 from bedplate.jobs \
     where state in ('waiting', 'running') and kind = any($1::text[]) \
     and due_at <= now() + $2 * interval '1 millisecond' order by due_at limit 1), \
    exists (select from bedplate.jobs where state = 'done' and due_at <= now())";

const CLAIM: &str = "update bedplate.jobs \
    set state = 'running', lease = $2::uuid, attempts = attempts + 1, due_at = now() + $3 * interval '1 millisecond' \
    where id = any(array(select id from bedplate.jobs \
        where state in ('waiting', 'running') and due_at <= now() and kind = any($1::text[]) \
        order by due_at limit $4 for update skip locked)) \
    returning id, kind, payload::text, attempts";

const SWEEP: &str = "delete from bedplate.jobs where state = 'done' and due_at <= now()";

const RENEW: &str = "update bedplate.jobs set due_at = now() + $3 * interval '1 millisecond' \
    where id = $1::uuid and lease = $2::uuid and state = 'running'";

/// The payload may hold secrets, which a finished job has no use for.
const FINISH: &str = "update bedplate.jobs set state = 'done', lease = null, payload = 'null', last_error = null, \
    ended_at = now(), due_at = now() + $3 * interval '1 millisecond' \
    where id = $1::uuid and lease = $2::uuid and state = 'running'";

const POSTPONE: &str = "update bedplate.jobs set state = 'waiting', lease = null, last_error = $4, \
    due_at = now() + $3 * interval '1 millisecond' \
    where id = $1::uuid and lease = $2::uuid and state = 'running'";

const BURY: &str = "update bedplate.jobs set state = 'dead', lease = null, last_error = $3, ended_at = now(), \
    due_at = null where id = $1::uuid and lease = $2::uuid and state = 'running'";

/// An attempt that was cut off by the end of its process does not count.
const GIVE_BACK: &str = "update bedplate.jobs set state = 'waiting', lease = null, due_at = now(), \
    attempts = greatest(attempts - 1, 0) where id = $1::uuid and lease = $2::uuid and state = 'running'";

const TAKE_UP: &str = "update bedplate.jobs set due_at = now() where state = 'running'";

fn session() -> Session {
    Session::operator(SystemPrivilege::i_am_the_operator())
}

fn milliseconds(length: Duration) -> Value {
    Value::Int(i64::try_from(length.as_millis()).unwrap_or(i64::MAX))
}

/// Kinds as an array's text. They are names in our own source: no quoting is needed.
pub(crate) fn array(kinds: impl Iterator<Item = &'static str>) -> String {
    format!("{{{}}}", kinds.collect::<Vec<_>>().join(","))
}

fn broken() -> DatabaseError {
    DatabaseError::internal("a row of bedplate.jobs is broken")
}

async fn run(database: &dyn Database, statement: Statement) -> Result<Outcome> {
    let outcomes = database.run(&session(), Work::one(statement)).await?;
    outcomes.into_iter().next().ok_or_else(broken)
}

/// Looks without writing: what an idle node does. It sees no further than `ahead`, so that rows which are kept cost nothing.
pub(crate) async fn look(database: &dyn Database, kinds: &str, ahead: Duration) -> Result<Look> {
    let mut session = session();
    session.read_only = true;
    let statement = Statement::with(LOOK, [Value::from(kinds), milliseconds(ahead)]);
    let outcomes = database.run(&session, Work::one(statement)).await?;
    let row = outcomes.first().and_then(|outcome| outcome.result.rows.first()).ok_or_else(broken)?;
    let next_due = match row.first() {
        Some(Value::Float(seconds)) => Some(Duration::try_from_secs_f64(*seconds).unwrap_or(Duration::ZERO)),
        _ => None,
    };
    Ok(Look { next_due, has_done: row.get(1) == Some(&Value::Bool(true)) })
}

/// Claims jobs that are due, at most so many, under a lease of that length.
pub(crate) async fn claim(
    database: &dyn Database,
    kinds: &str,
    lease: JobId,
    length: Duration,
    most: usize,
) -> Result<Vec<Row>> {
    let most = i64::try_from(most).unwrap_or(i64::MAX);
    let parameters =
        [Value::from(kinds), Value::from(lease.to_string()), milliseconds(length), Value::Int(most)];
    let outcome = run(database, Statement::with(CLAIM, parameters)).await?;
    outcome.result.rows.iter().map(|row| read(row).ok_or_else(broken)).collect()
}

fn read(row: &[Value]) -> Option<Row> {
    let [id, kind, payload, attempts] = row else { return None };
    Some(Row {
        id: JobId::parse(id.as_str()?)?,
        kind: kind.as_str()?.to_owned(),
        payload: payload.as_str()?.to_owned(),
        attempts: u32::try_from(attempts.as_int()?).ok()?,
    })
}

/// Removes what is done for long enough.
pub(crate) async fn sweep(database: &dyn Database) -> Result<()> {
    run(database, Statement::new(SWEEP)).await.map(|_| ())
}

/// What becomes of a job under a lease. False when the lease is lost: then nothing is changed.
pub(crate) async fn settle(
    database: &dyn Database,
    id: JobId,
    lease: JobId,
    change: &Change<'_>,
) -> Result<bool> {
    let (text, more): (&str, Vec<Value>) = match change {
        Change::Renewed(length) => (RENEW, vec![milliseconds(*length)]),
        Change::Done(kept) => (FINISH, vec![milliseconds(*kept)]),
        Change::Postponed(pause, error) => (POSTPONE, vec![milliseconds(*pause), Value::from(*error)]),
        Change::Dead(error) => (BURY, vec![Value::from(*error)]),
        Change::GivenBack => (GIVE_BACK, vec![]),
    };
    let parameters = [Value::from(id.to_string()), Value::from(lease.to_string())].into_iter().chain(more);
    let statement = Statement::with(text, parameters).expecting(Expectation::Affected(1));
    run(database, statement).await.map(|outcome| outcome.met)
}

/// What becomes of a job.
#[derive(Clone, Debug)]
pub(crate) enum Change<'a> {
    /// Its lease lasts so long from now.
    Renewed(Duration),
    /// It is done; its row stays for so long, so that its identifier is known.
    Done(Duration),
    /// It is tried again after a pause.
    Postponed(Duration, &'a str),
    /// It is given up.
    Dead(&'a str),
    /// It was cut off.
    GivenBack,
}

/// Ends every lease. For the only owner of a database at its start: whoever held one is no more.
pub(crate) async fn take_up(database: &dyn Database) -> Result<u64> {
    run(database, Statement::new(TAKE_UP)).await.map(|outcome| outcome.affected)
}
