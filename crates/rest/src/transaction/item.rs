//! One request within a transaction: its precondition, its statements, its answer.

use super::Shared;
use super::nested::Nested;
use crate::answer::{self, Reply};
use crate::asked::{Action, Asked, Invocation, Mutation};
use crate::error::Refusal;
use crate::precondition::{Current, Precondition, Verdict, only_reads};
use crate::reference::{self, Results};
use crate::resolved::{Answer, Resolved};
use crate::session;
use crate::settings::Settings;
use crate::sql::Script;
use axum::body::Bytes;
use database::{Outcome, Statement, Step};
use http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header, request};

/// A request.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    pub(crate) head: request::Parts,
    pub(crate) body: Bytes,
    /// Whether `${…}` and `{"$result": …}` stand for what came out before.
    pub(crate) may_refer: bool,
    pub(crate) precondition: Precondition,
}

/// What a request comes to next.
pub(super) enum Progress {
    /// Statements, and what comes behind them.
    Run(Step, Box<Running>),
    /// Its answer.
    Done(Reply),
}

impl Progress {
    fn run(step: Step, behind: Running) -> Progress {
        Progress::Run(step, Box::new(behind))
    }
}

/// A request on its way.
pub(super) enum Running {
    /// Its precondition is looked at.
    Checking { asked: Asked, script: Script, answer: Box<Answer>, skipped: usize, whole: i64 },
    /// Its statements run.
    Executing { asked: Asked, script: Script, answer: Box<Answer>, skipped: usize },
    /// Its rows are inserted, those that others need first.
    Nesting(Box<Nested>),
}

/// Statements with what makes their answer.
struct Prepared {
    asked: Asked,
    script: Script,
    answer: Box<Answer>,
    step: Step,
    skipped: usize,
}

impl Item {
    /// The request as asked, with what came out before in place of references.
    pub(crate) fn asked(
        &self,
        settings: &Settings,
        results: &Results<'_>,
        method: &Method,
        headers: &HeaderMap,
    ) -> Result<Asked, Refusal> {
        let (path, query) = (self.head.uri.path(), self.head.uri.query());
        if !self.may_refer {
            return Asked::read(settings, method, path, query, headers, &self.body);
        }
        let body = if only_reads(method) { Bytes::new() } else { results.fill(&self.body)? };
        let (query, references) = reference::set_aside(query.unwrap_or(""), path)?;
        let mut asked = Asked::read(settings, method, path, Some(&query), headers, &body)?;
        references.put_back(&mut asked, results)?;
        Ok(asked)
    }

    /// The representation that its precondition is about, as GET asks for it.
    fn current(&self, shared: &Shared, results: &Results<'_>) -> Result<Asked, Refusal> {
        let mut headers = HeaderMap::new();
        let copies = [("accept", "accept"), ("content-profile", "accept-profile")];
        for (from, to) in copies {
            if let Some(value) = self.head.headers.get(from) {
                headers.insert(HeaderName::from_static(to), value.clone());
            }
        }
        let zone = crate::preferences::Preferences::read(&self.head.headers, false).timezone;
        if let Some(zone) = zone
            && let Ok(value) = HeaderValue::try_from(format!("timezone={zone}"))
        {
            headers.insert("prefer", value);
        }
        self.asked(shared.model.settings(), results, &Method::GET, &headers)
    }

    /// Begins.
    pub(super) fn begin(&self, shared: &Shared, results: &Results<'_>) -> Result<Progress, Refusal> {
        let asked = self.asked(shared.model.settings(), results, &self.head.method, &self.head.headers)?;
        if !asks_before(&asked.action, &self.precondition)? {
            return self.go_on(shared, results);
        }
        // A row more than GET gives: then its representation is not of all that the filter selects.
        let maximum = shared.model.settings().max_rows;
        let settings = Settings {
            max_rows: maximum.map(|rows| rows.saturating_add(1)),
            ..shared.model.settings().clone()
        };
        let prepared =
            self.current(shared, results).and_then(|current| self.prepare(shared, current, &settings));
        match prepared {
            Ok(prepared) => {
                let Prepared { asked, script, answer, step, skipped } = prepared;
                let whole = maximum.unwrap_or(i64::MAX);
                Ok(Progress::run(step, Running::Checking { asked, script, answer, skipped, whole }))
            }
            Err(refusal) => Err(refusal),
        }
    }

    /// Goes on with what the last statements gave.
    pub(super) fn next(
        &self,
        running: Running,
        shared: &Shared,
        results: &Results<'_>,
        mut outcomes: Vec<Outcome>,
    ) -> Result<Progress, Refusal> {
        match running {
            Running::Checking { asked, script, answer, skipped, whole } => {
                outcomes.drain(..skipped.min(outcomes.len()));
                let rows = answer::rows(&script, &outcomes);
                let reply = answer::answer(&asked, &script, &answer, outcomes);
                let tag = match &reply {
                    Ok(reply) if rows <= whole => tag(reply),
                    Ok(_) | Err(_) => None,
                };
                let current = Current { exists: rows > 0, tag: tag.as_deref() };
                match self.precondition.judge(current) {
                    Verdict::Holds => self.go_on(shared, results),
                    Verdict::Failed | Verdict::Found => Err(Refusal::Precondition(None)),
                }
            }
            Running::Executing { asked, script, answer, skipped } => {
                outcomes.drain(..skipped.min(outcomes.len()));
                let reply = answer::answer(&asked, &script, &answer, outcomes)?;
                Ok(Progress::Done(with_validators(&self.head.method, &asked, &self.precondition, reply)?))
            }
            Running::Nesting(mut nested) => match nested.next(outcomes)? {
                Some(statements) => {
                    let step = Step { session: None, statements };
                    Ok(Progress::run(step, Running::Nesting(nested)))
                }
                None => nested.reply().map(Progress::Done),
            },
        }
    }

    /// Its own statements.
    fn go_on(&self, shared: &Shared, results: &Results<'_>) -> Result<Progress, Refusal> {
        let mut asked =
            self.asked(shared.model.settings(), results, &self.head.method, &self.head.headers)?;
        let inserts = matches!(asked.action, Action::Write { mutation: Mutation::Insert, .. });
        if inserts && self.precondition.only_creates() {
            // What is there already is told by the insert itself, whoever else inserts meanwhile.
            asked.preferences.resolution = None;
        }
        if inserts && asked.preferences.nesting.is_some() {
            return self.nest(shared, asked);
        }
        let Prepared { asked, script, answer, step, skipped } =
            self.prepare(shared, asked, shared.model.settings())?;
        if step.statements.is_empty() {
            let reply = answer::answer(&asked, &script, &answer, Vec::new())?;
            return Ok(Progress::Done(reply));
        }
        Ok(Progress::run(step, Running::Executing { asked, script, answer, skipped }))
    }

    fn nest(&self, shared: &Shared, asked: Asked) -> Result<Progress, Refusal> {
        let settings = shared.model.settings();
        let session = session::session(settings, &shared.caller, &self.head, &asked, false, &[]);
        let door = shared.model.door(shared.caller.role());
        let mut nested = Nested::plan(asked, shared.inner.against(&shared.model, &door, settings))?;
        let before = session::before(settings);
        nested.skip(before.len());
        let Some(statements) = nested.next(Vec::new())? else {
            return nested.reply().map(Progress::Done);
        };
        let statements = before.into_iter().chain(statements).collect();
        let step = Step { session: Some(session), statements };
        Ok(Progress::run(step, Running::Nesting(Box::new(nested))))
    }

    fn prepare(&self, shared: &Shared, asked: Asked, settings: &Settings) -> Result<Prepared, Refusal> {
        let door = shared.model.door(shared.caller.role());
        match Resolved::of(&asked, shared.inner.against(&shared.model, &door, settings))? {
            Resolved::Statements { mut script, answer, read_only, settings: of_function } => {
                let session =
                    session::session(settings, &shared.caller, &self.head, &asked, read_only, &of_function);
                let before = session::before(settings);
                let skipped = before.len();
                let own = std::mem::take(&mut script.statements);
                let statements: Vec<Statement> =
                    if own.is_empty() { Vec::new() } else { before.into_iter().chain(own).collect() };
                Ok(Prepared {
                    asked,
                    script,
                    answer,
                    step: Step { session: Some(session), statements },
                    skipped,
                })
            }
            Resolved::Methods(_) | Resolved::Document { .. } => Err(Refusal::BatchItem(
                "Only requests to relations and functions can be part of a transaction",
            )),
        }
    }
}

/// Whether the precondition has to be looked at before the request's own statements.
fn asks_before(action: &Action, precondition: &Precondition) -> Result<bool, Refusal> {
    if precondition.is_empty() {
        return Ok(false);
    }
    match action {
        // Their own answer is what it is about.
        Action::Read { .. } | Action::Call { invocation: Invocation::Read { .. }, .. } => Ok(false),
        Action::Write { mutation: Mutation::Insert, .. } if precondition.only_creates() => Ok(false),
        Action::Write { mutation: Mutation::Insert, .. } => {
            Err(Refusal::PreconditionKind("POST to a relation takes If-None-Match: * only"))
        }
        Action::Write { .. } => Ok(true),
        _ => Err(Refusal::PreconditionKind("This request takes neither If-Match nor If-None-Match")),
    }
}

/// Whether a request needs more than its own statements.
pub(crate) fn needs_course(asked: &Asked, precondition: &Precondition) -> Result<bool, Refusal> {
    let inserts = matches!(asked.action, Action::Write { mutation: Mutation::Insert, .. });
    let nests = inserts && asked.preferences.nesting.is_some();
    Ok(asks_before(&asked.action, precondition)? || nests || (inserts && precondition.only_creates()))
}

/// The tag of a read's answer: the one that a function gave it, else of its body.
fn tag(reply: &Reply) -> Option<String> {
    if let Some(own) = reply.headers.get(header::ETAG) {
        return own.to_str().ok().map(str::to_owned);
    }
    if !matches!(reply.status, StatusCode::OK | StatusCode::PARTIAL_CONTENT) {
        return None;
    }
    let media = reply.headers.get(header::CONTENT_TYPE).map_or(&[][..], HeaderValue::as_bytes);
    Some(crate::precondition::tag_of(media, reply.body.as_deref()?))
}

/// The answer to a read with its tag, or what its precondition makes of it.
pub(crate) fn with_validators(
    method: &Method,
    asked: &Asked,
    precondition: &Precondition,
    mut reply: Reply,
) -> Result<Reply, Refusal> {
    let reads = matches!(
        asked.action,
        Action::Read { .. } | Action::Call { invocation: Invocation::Read { .. }, .. }
    );
    if !reads || *method != Method::GET {
        return Ok(reply);
    }
    let Some(tag) = tag(&reply) else { return Ok(reply) };
    reply.put(header::ETAG, &tag);
    match precondition.judge(Current { exists: true, tag: Some(&tag) }) {
        Verdict::Holds => Ok(reply),
        Verdict::Failed => Err(Refusal::Precondition(None)),
        Verdict::Found => {
            reply.status = StatusCode::NOT_MODIFIED;
            reply.body = None;
            reply.headers.remove(header::CONTENT_TYPE);
            Ok(reply)
        }
    }
}
