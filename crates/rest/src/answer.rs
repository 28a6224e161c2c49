//! The answer: of the statements' results, a status, headers and a body.

use crate::asked::{Asked, Mutation};
use crate::csv;
use crate::error::{RangeRefusal, Refusal};
use crate::media::{Format, MediaType};
use crate::model::Table;
use crate::preferences::{Preferences, Representation, Resolution};
use crate::query::encode;
use crate::resolved::{Answer, AnswerKind};
use crate::sql::{Layout, Script};
use axum::body::{Body, Bytes};
use axum::response::Response;
use database::{Outcome, ResultSet, Value};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

/// What the statements gave.
#[derive(Debug, Default)]
struct Results {
    body: Bytes,
    /// Rows of the answer, or affected.
    rows: i64,
    /// All rows there are.
    total: Option<i64>,
    headers: Option<String>,
    status: Option<String>,
    /// Rows that a merge found there.
    existing: Option<i64>,
}

/// An answer.
#[derive(Clone, Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Option<Bytes>,
}

/// Makes the answer.
pub(crate) fn answer(
    asked: &Asked,
    script: &Script,
    answer: &Answer,
    outcomes: Vec<Outcome>,
) -> Result<Reply, Refusal> {
    check_expectations(script, answer, &outcomes)?;
    if script.layout == Layout::Plan {
        return Ok(plan(asked, script, answer, &outcomes));
    }
    let results = Results::read(script, answer, outcomes);
    let mut reply = match &answer.kind {
        AnswerKind::Read { table, head } => read(asked, answer, &results, Some(table), *head),
        AnswerKind::Call { void, head, .. } => call(asked, answer, &results, *void, *head),
        AnswerKind::Write { table, mutation } => write(asked, answer, &results, table, *mutation),
    };
    reply.warn(&answer.renamed);
    reply.finish(&results)
}

/// The database's plan.
fn plan(asked: &Asked, script: &Script, answer: &Answer, outcomes: &[Outcome]) -> Reply {
    let rows = script.main.iter().filter_map(|at| outcomes.get(*at)).flat_map(|outcome| &outcome.result.rows);
    let mut text = String::new();
    for line in rows.filter_map(|row| row.first()?.as_str()) {
        text.push_str(line);
        text.push('\n');
    }
    let mut reply = Reply { status: StatusCode::OK, headers: HeaderMap::new(), body: Some(text.into()) };
    reply.content(asked, answer);
    reply
}

/// The document of all that there is.
pub(crate) fn document(
    asked: &Asked,
    media: &MediaType,
    document: &serde_json::Value,
    head: bool,
) -> Response {
    let body = (!head).then(|| document.to_string().into());
    let mut reply = Reply { status: StatusCode::OK, headers: HeaderMap::new(), body };
    reply.put(header::CONTENT_TYPE, &media.content_type());
    if asked.names_schema {
        reply.put(HeaderName::from_static("content-profile"), &asked.schema);
    }
    reply.response()
}

/// The answer to OPTIONS.
pub(crate) fn methods(allowed: &str) -> Response {
    let mut reply = Reply { status: StatusCode::OK, headers: HeaderMap::new(), body: Some(Bytes::new()) };
    reply.put(header::ALLOW, allowed);
    reply.put(header::ACCESS_CONTROL_ALLOW_ORIGIN, "*");
    reply.response()
}

fn check_expectations(script: &Script, answer: &Answer, outcomes: &[Outcome]) -> Result<(), Refusal> {
    let unmet = outcomes.iter().position(|outcome| !outcome.met);
    let Some(at) = unmet else { return Ok(()) };
    if script.key_check == Some(at) {
        return Err(Refusal::PutKey);
    }
    let rows = cell(&outcomes[at].result, "page_total").and_then(Value::as_int).unwrap_or(0);
    let single = answer.format.as_ref().is_none_or(Format::is_single);
    match answer.maximum {
        Some(maximum) if rows > maximum && !(single && maximum >= 1 && answer.format.is_some()) => {
            Err(Refusal::TooManyAffected(rows))
        }
        _ => Err(Refusal::NotSingle(rows)),
    }
}

/// How many rows a script's main statements gave.
pub(crate) fn rows(script: &Script, outcomes: &[Outcome]) -> i64 {
    let of = |outcome: &Outcome| match script.layout {
        Layout::Rows | Layout::Plan => i64::try_from(outcome.result.rows.len()).unwrap_or(i64::MAX),
        Layout::Affected => i64::try_from(outcome.affected).unwrap_or(i64::MAX),
        Layout::Summary => cell(&outcome.result, "page_total").and_then(Value::as_int).unwrap_or(0),
    };
    script.main.iter().filter_map(|at| outcomes.get(*at)).map(of).sum()
}

fn cell<'a>(result: &'a ResultSet, name: &str) -> Option<&'a Value> {
    let at = result.columns.iter().position(|column| &*column.name == name)?;
    result.rows.first()?.get(at)
}

fn take_text(result: &mut ResultSet, name: &str) -> Option<String> {
    let at = result.columns.iter().position(|column| &*column.name == name)?;
    match result.rows.first_mut()?.get_mut(at)? {
        Value::Text(text) => Some(std::mem::take(text).into()),
        _ => None,
    }
}

/// The column's text or bytes, without a copy.
fn take_bytes(result: &mut ResultSet, name: &str) -> Option<Bytes> {
    let at = result.columns.iter().position(|column| &*column.name == name)?;
    match result.rows.first_mut()?.get_mut(at)? {
        Value::Text(text) => Some(std::mem::take(text).into_boxed_bytes().into()),
        Value::Bytes(bytes) => Some(std::mem::take(bytes).into()),
        _ => None,
    }
}

impl Results {
    fn read(script: &Script, answer: &Answer, mut outcomes: Vec<Outcome>) -> Results {
        let mut results = Results::default();
        if let Some(settings) = script.answer_settings.and_then(|at| outcomes.get_mut(at)) {
            results.settings(&mut settings.result);
        }
        let existing = script.existing.and_then(|at| outcomes.get(at));
        results.existing = existing.and_then(|outcome| cell(&outcome.result, "page_total")?.as_int());
        let mut bodies = Vec::new();
        for outcome in script.main.iter().filter_map(|at| outcomes.get_mut(*at).map(std::mem::take)) {
            match script.layout {
                Layout::Plan => {}
                Layout::Affected => results.rows += i64::try_from(outcome.affected).unwrap_or(i64::MAX),
                Layout::Rows => {
                    results.rows += i64::try_from(outcome.result.rows.len()).unwrap_or(i64::MAX);
                    bodies.push(csv::lines(&outcome.result, bodies.is_empty()).into());
                }
                Layout::Summary => {
                    let mut result = outcome.result;
                    results.rows += cell(&result, "page_total").and_then(Value::as_int).unwrap_or(0);
                    results.settings(&mut result);
                    bodies.extend(take_bytes(&mut result, "body"));
                }
            }
        }
        if let Some(estimate) = script.estimate {
            let expected = outcomes.get(estimate.at).and_then(|outcome| expected_rows(&outcome.result));
            results.total = match (estimate.counted_to, results.total) {
                (Some(most), Some(total)) if total <= most => Some(total),
                (_, total) => expected.max(total),
            };
        }
        results.body = joined(bodies, script.layout);
        if script.main.is_empty() && answer.format.as_ref().is_some_and(Format::is_json) {
            results.body = Bytes::from_static(b"[]");
        }
        results.single_out(answer);
        if matches!(answer.kind, AnswerKind::Call { whole_array: false, .. }) {
            // One value is one, whatever the request takes of it.
            results.rows = 1;
        }
        results
    }

    fn settings(&mut self, result: &mut ResultSet) {
        self.total = self.total.or_else(|| cell(result, "total")?.as_int());
        self.headers = take_text(result, "response_headers").or(self.headers.take());
        self.status = take_text(result, "response_status").or(self.status.take());
    }

    /// Takes the brackets off an array that stands for one value.
    fn single_out(&mut self, answer: &Answer) {
        let single = match (&answer.kind, &answer.format) {
            (_, Some(Format::Json { single: true, .. })) => true,
            (AnswerKind::Call { whole_array, .. }, Some(Format::Json { .. })) => !whole_array,
            _ => false,
        };
        if !single {
            return;
        }
        if self.rows == 0 {
            self.body = Bytes::from_static(b"null");
        } else if self.body.starts_with(b"[") && self.body.ends_with(b"]") {
            self.body = self.body.slice(1..self.body.len() - 1);
        }
    }
}

/// How many rows the planner expects.
fn expected_rows(plan: &ResultSet) -> Option<i64> {
    let text = plan.rows.first()?.first()?.as_str()?;
    let plan: serde_json::Value = serde_json::from_str(text).ok()?;
    plan.get(0)?.get("Plan")?.get("Plan Rows")?.as_i64()
}

/// The parts' arrays as one.
fn joined(mut bodies: Vec<Bytes>, layout: Layout) -> Bytes {
    if bodies.len() <= 1 {
        return bodies.pop().unwrap_or_default();
    }
    if layout == Layout::Rows {
        return bodies.concat().into();
    }
    let inner: Vec<&[u8]> = bodies
        .iter()
        .filter_map(|body| body.strip_prefix(b"[")?.strip_suffix(b"]"))
        .filter(|inner| !inner.is_empty())
        .collect();
    [&b"["[..], &inner.join(&b","[..]), b"]"].concat().into()
}

fn read(asked: &Asked, answer: &Answer, results: &Results, table: Option<&Table>, head: bool) -> Reply {
    let offset = asked.range.lower;
    let (status, range) = range_status(offset, results.rows, results.total);
    let beyond = (status == StatusCode::RANGE_NOT_SATISFIABLE).then(|| {
        let total = results.total.unwrap_or(0);
        Refusal::Range(RangeRefusal::BeyondEnd { offset, total }).into_answer(false).body()
    });
    let mut reply = Reply { status, headers: HeaderMap::new(), body: None };
    reply.put(header::CONTENT_RANGE, &range);
    if let Some(table) = table {
        let mut location = String::from("/");
        location.push_str(&encoded_path(&table.name));
        if !asked.query.canonical.is_empty() {
            location.push('?');
            location.push_str(&asked.query.canonical);
        }
        reply.put(header::CONTENT_LOCATION, &location);
    }
    reply.content(asked, answer);
    reply.applied(&Preferences {
        resolution: None,
        representation: None,
        missing: None,
        max_affected: if table.is_some() { None } else { asked.preferences.max_affected },
        ..asked.preferences.clone()
    });
    if !head {
        reply.body = Some(beyond.map_or_else(|| results.body.clone(), Bytes::from));
    }
    reply
}

fn call(asked: &Asked, answer: &Answer, results: &Results, void: bool, head: bool) -> Reply {
    let mut reply = read(asked, answer, results, None, head);
    if void {
        reply.status = StatusCode::NO_CONTENT;
        reply.body = None;
        reply.headers.remove(header::CONTENT_TYPE);
        reply.headers.remove("content-profile");
    }
    reply
}

fn write(asked: &Asked, answer: &Answer, results: &Results, table: &Table, mutation: Mutation) -> Reply {
    let preferences = &asked.preferences;
    let full = preferences.representation == Some(Representation::Full);
    let total = preferences.counts().then_some(results.rows);
    let inserted = (results.rows - results.existing.unwrap_or(0)).max(0);
    let merges = preferences.resolution == Some(Resolution::Merge);
    let status = match (mutation, full) {
        (Mutation::Insert, _) if merges && inserted == 0 => StatusCode::OK,
        (Mutation::Insert, _) => StatusCode::CREATED,
        (Mutation::UpsertOne, true) if inserted == 0 => StatusCode::OK,
        (Mutation::UpsertOne, true) => StatusCode::CREATED,
        (Mutation::Update | Mutation::Delete, true) => StatusCode::OK,
        (_, false) => StatusCode::NO_CONTENT,
    };
    let mut reply = Reply { status, headers: HeaderMap::new(), body: None };
    match mutation {
        Mutation::Insert | Mutation::Delete => reply.put(header::CONTENT_RANGE, &content_range(1, 0, total)),
        Mutation::Update => reply.put(header::CONTENT_RANGE, &content_range(0, results.rows - 1, total)),
        Mutation::UpsertOne => {}
    }
    if let Some(location) = location(preferences, results, table, mutation) {
        reply.put(header::LOCATION, &location);
    }
    let keyed = !table.primary_key.is_empty() || asked.query.on_conflict.is_some();
    let inserts = mutation == Mutation::Insert;
    reply.applied(&Preferences {
        resolution: preferences.resolution.filter(|_| inserts && keyed),
        missing: preferences.missing.filter(|_| matches!(mutation, Mutation::Insert | Mutation::Update)),
        max_affected: preferences
            .max_affected
            .filter(|_| matches!(mutation, Mutation::Update | Mutation::Delete)),
        ..preferences.clone()
    });
    if full {
        reply.content(asked, answer);
        reply.body = Some(results.body.clone());
    } else if inserts {
        reply.body = Some(Bytes::new());
    }
    reply
}

/// Where the one new row is.
fn location(
    preferences: &Preferences,
    results: &Results,
    table: &Table,
    mutation: Mutation,
) -> Option<String> {
    if preferences.representation != Some(Representation::HeadersOnly)
        || mutation != Mutation::Insert
        || results.rows != 1
        || table.primary_key.is_empty()
    {
        return None;
    }
    let rows: Vec<serde_json::Map<String, serde_json::Value>> = serde_json::from_slice(&results.body).ok()?;
    let row = rows.first()?;
    let mut out = format!("/{}", encoded_path(&table.name));
    // The columns in the order that the relation has them.
    let key = table.columns.iter().filter(|column| table.primary_key.contains(&column.name));
    for (at, column) in key.enumerate() {
        out.push(if at == 0 { '?' } else { '&' });
        encode(&column.name, &mut out);
        out.push('=');
        match row.get(&column.name)? {
            serde_json::Value::Null => out.push_str("is.null"),
            serde_json::Value::String(text) => encode(&format!("eq.{text}"), &mut out),
            other => encode(&format!("eq.{other}"), &mut out),
        }
    }
    Some(out)
}

fn encoded_path(name: &str) -> String {
    if name.is_ascii()
        && !name.bytes().any(|b| b.is_ascii_control() || matches!(b, b' ' | b'?' | b'#' | b'%'))
    {
        return name.to_owned();
    }
    let mut out = String::new();
    encode(name, &mut out);
    out
}

fn range_status(lower: i64, rows: i64, total: Option<i64>) -> (StatusCode, String) {
    let status = match total {
        Some(total) if lower > total => StatusCode::RANGE_NOT_SATISFIABLE,
        Some(total) if rows < total => StatusCode::PARTIAL_CONTENT,
        _ => StatusCode::OK,
    };
    (status, content_range(lower, lower.saturating_add(rows) - 1, total))
}

fn content_range(lower: i64, upper: i64, total: Option<i64>) -> String {
    let range = if total != Some(0) && lower <= upper { format!("{lower}-{upper}") } else { "*".to_owned() };
    let total = total.map_or_else(|| "*".to_owned(), |total| total.to_string());
    format!("{range}/{total}")
}

impl Reply {
    pub(crate) fn put(&mut self, name: HeaderName, value: &str) {
        if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
            self.headers.insert(name, value);
        }
    }

    fn content(&mut self, asked: &Asked, answer: &Answer) {
        self.put(header::CONTENT_TYPE, &answer.media.content_type());
        if asked.names_schema {
            self.put(HeaderName::from_static("content-profile"), &asked.schema);
        }
    }

    fn applied(&mut self, preferences: &Preferences) {
        if let Some(applied) = preferences.applied() {
            self.put(HeaderName::from_static("preference-applied"), &applied);
        }
    }

    /// Says which embeds were called by a name that they will not answer to for ever.
    fn warn(&mut self, renamed: &[(String, String)]) {
        let changes: Vec<String> =
            renamed.iter().map(|(target, alias)| format!("`{target}` to `{alias}`")).collect();
        if !changes.is_empty() {
            let changes = changes.join(", ");
            self.put(
                header::WARNING,
                &format!(
                    "299 - \"Embedded resource was referenced by relation name even though it has an alias. This is deprecated and will stop working in a future release. Update {changes} in query string filters, orders or limits.\""
                ),
            );
        }
    }

    /// The answer, with what the database's functions want of it.
    fn finish(mut self, results: &Results) -> Result<Reply, Refusal> {
        if let Some(text) = &results.headers {
            let own = own_headers(text).ok_or(Refusal::HeadersSetting)?;
            for (name, _) in &own {
                self.headers.remove(name);
            }
            for (name, value) in own {
                self.headers.append(name, value);
            }
        }
        if let Some(text) = &results.status {
            self.status = own_status(text).ok_or(Refusal::StatusSetting)?;
        }
        Ok(self)
    }

    /// As HTTP has it.
    pub(crate) fn response(mut self) -> Response {
        if !self.headers.contains_key(header::VARY) {
            self.headers.insert(header::VARY, HeaderValue::from_static("Accept, Prefer, Range"));
        }
        let body = match self.body {
            Some(bytes) => Body::from(bytes),
            None => Body::new(Untold),
        };
        let mut response = Response::new(body);
        *response.status_mut() = self.status;
        *response.headers_mut() = self.headers;
        response
    }
}

/// No body, and no word about how long the one would be that GET has.
struct Untold;

impl http_body::Body for Untold {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Infallible>>> {
        Poll::Ready(None)
    }
}

/// `[{"name": "value"}, …]`
fn own_headers(text: &str) -> Option<Vec<(HeaderName, HeaderValue)>> {
    let list: Vec<serde_json::Map<String, serde_json::Value>> = serde_json::from_str(text).ok()?;
    let mut headers = Vec::new();
    for object in list {
        let mut members = object.into_iter();
        let (Some((name, serde_json::Value::String(value))), None) = (members.next(), members.next()) else {
            return None;
        };
        headers.push((name.parse().ok()?, HeaderValue::from_bytes(value.as_bytes()).ok()?));
    }
    Some(headers)
}

fn own_status(text: &str) -> Option<StatusCode> {
    let digits: String = text.chars().take_while(char::is_ascii_digit).collect();
    StatusCode::from_u16(digits.parse().ok()?).ok()
}
