//! The database session and transaction of a request.

use crate::asked::Asked;
use crate::preferences::{Preferences, TransactionEnd};
use crate::settings::Settings;
use crate::sql::{Script, Sql};
use database::{End, Expectation, Session, Statement, Work};
use http::{HeaderMap, HeaderValue, header, request};
use serde::{Serialize, Serializer as _};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::sync::Arc;
use web::Caller;

/// The session: who asks, and what functions and policies can read of the request.
pub(crate) fn session(
    settings: &Settings,
    caller: &Caller,
    head: &request::Parts,
    asked: &Asked,
    read_only: bool,
    function_settings: &[(String, String)],
) -> Session {
    let path =
        std::iter::once(asked.schema.as_str()).chain(settings.extra_search_path.iter().map(String::as_str));
    let mut session = caller
        .session()
        .with_search_path(path.map(Arc::from))
        .with_setting("request.method", head.method.as_str())
        .with_setting("request.path", head.uri.path())
        .with_setting("request.headers", headers(&head.headers))
        .with_setting("request.cookies", cookies(&head.headers));
    if let Some(zone) = &asked.preferences.timezone {
        session = session.with_setting("timezone", zone.as_str());
    }
    for (name, value) in settings.app_settings.iter().chain(function_settings) {
        session = session.with_setting(name.as_str(), value.as_str());
    }
    session.read_only = read_only;
    session
}

/// `{"name": "value", …}`, each name once with the last of its values.
fn headers(headers: &HeaderMap) -> String {
    let given = headers.keys().filter(|name| *name != header::COOKIE);
    object(given.filter_map(|name| Some((name.as_str(), text(headers.get_all(name).iter().next_back()?)))))
}

fn cookies(headers: &HeaderMap) -> String {
    let mut cookies = Map::new();
    for value in headers.get_all(header::COOKIE) {
        for pair in text(value).split(';') {
            if let Some((name, value)) = pair.trim().split_once('=') {
                cookies.insert(name.to_owned(), Value::String(value.to_owned()));
            }
        }
    }
    object(&cookies)
}

fn text(value: &HeaderValue) -> Cow<'_, str> {
    String::from_utf8_lossy(value.as_bytes())
}

/// Written straight into its text: it is made for every request, and rarely read.
fn object(entries: impl IntoIterator<Item = (impl Serialize, impl Serialize)>) -> String {
    let mut text = Vec::with_capacity(512);
    let written = serde_json::Serializer::new(&mut text).collect_map(entries);
    match (written, String::from_utf8(text)) {
        (Ok(()), Ok(text)) => text,
        // Neither names nor values can fail to be written.
        _ => "{}".to_owned(),
    }
}

/// What runs before a request's own statements.
pub(crate) fn before(settings: &Settings) -> Vec<Statement> {
    let Some((schema, function)) = &settings.pre_request else { return Vec::new() };
    let mut sql = Sql::default();
    sql.raw("SELECT ").qualified(schema, function).raw("()");
    vec![sql.into_statement(Expectation::Any)]
}

/// How a request's transaction ends.
pub(crate) fn end(settings: &Settings, preferences: &Preferences) -> End {
    let rolls_back = match preferences.transaction {
        Some(TransactionEnd::Rollback) => true,
        Some(TransactionEnd::Commit) => false,
        None => settings.transaction_end.rolls_back(),
    };
    if rolls_back { End::Rollback } else { End::Commit }
}

/// The transaction, and how many of its statements come before the script's.
pub(crate) fn work(settings: &Settings, asked: &Asked, script: &Script) -> (Work, usize) {
    let mut statements = before(settings);
    let skipped = statements.len();
    statements.extend(script.statements.iter().cloned());
    let mut work = Work::all(statements);
    work.end = end(settings, &asked.preferences);
    (work, skipped)
}
