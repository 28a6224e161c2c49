//! The mail that was caught: a page that holds nothing itself, and what it asks for.
//!
//! A mail's HTML is somebody's: it is shown in a frame that runs no script, sends no form and has no origin, under the page's
//! own policy; nothing here serves it as a document.

use super::access::Overseer;
use super::page::digest;
use super::{App, problem};
use crate::post::{Caught, Inbox};
use axum::extract::{FromRequestParts as _, Query, Request, State};
use axum::response::{IntoResponse as _, Response};
use database::DatabaseError;
use http::{HeaderMap, StatusCode, header};
use mail::MessageParts;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::{Arc, LazyLock};
use web::InternalCause;

const PAGE: &str = include_str!("inbox.html");

/// The page's own script; styles of mails are inline, and their pictures lie on the app's site. Without `frame-src` Chromium leaves
/// the mail's own frame empty.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    format!(
        "default-src 'none'; script-src '{}'; style-src 'unsafe-inline'; connect-src 'self'; \
         img-src data: https: http://localhost:* http://127.0.0.1:*; font-src https: data:; frame-src 'self'; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'",
        digest(PAGE, "<script>", "</script>"),
    )
});

/// `?to=someone@example.com`
#[derive(Deserialize)]
pub(super) struct Asked {
    to: Option<String>,
}

/// `GET /_bedplate/inbox`: the page, or the messages for who asks for JSON.
pub(super) async fn page_or_messages(State(app): State<App>, request: Request) -> Response {
    if !wants_json(request.headers()) {
        return page();
    }
    let (mut parts, _) = request.into_parts();
    let overseer = match Overseer::from_request_parts(&mut parts, &app).await {
        Ok(overseer) => overseer,
        Err(refusal) => return refusal,
    };
    match Query::try_from_uri(&parts.uri) {
        Ok(asked) => messages(overseer, State(app), asked).await,
        Err(error) => error.into_response(),
    }
}

/// `GET /_bedplate/inbox.json`: the messages, the newest first.
pub(super) async fn messages(_: Overseer, State(app): State<App>, Query(asked): Query<Asked>) -> Response {
    match Inbox::new(Arc::clone(&app.database)).messages(asked.to.as_deref()).await {
        Ok(messages) => {
            let messages: Vec<Value> = messages.iter().map(shown).collect();
            let headers = [
                (header::CONTENT_TYPE, "application/json"),
                (header::CACHE_CONTROL, "no-store"),
                (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
                (header::CONTENT_SECURITY_POLICY, "default-src 'none'; sandbox"),
                (header::VARY, "accept, apikey, authorization"),
            ];
            (headers, Value::Array(messages).to_string()).into_response()
        }
        Err(error) => failed(&error),
    }
}

/// `DELETE /_bedplate/inbox`: empties it.
pub(super) async fn empty(_: Overseer, State(app): State<App>) -> Response {
    match Inbox::new(Arc::clone(&app.database)).empty().await {
        Ok(()) => StatusCode::NO_CONTENT.into_response(),
        Err(error) => failed(&error),
    }
}

fn wants_json(headers: &HeaderMap) -> bool {
    let accept = headers.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accept.contains("application/json") && !accept.contains("text/html")
}

fn page() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CACHE_CONTROL, "no-cache"),
        (header::CONTENT_SECURITY_POLICY, POLICY.as_str()),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::VARY, "accept"),
    ];
    let of_its_own =
        [("cross-origin-opener-policy", "same-origin"), ("cross-origin-resource-policy", "same-origin")];
    (headers, of_its_own, PAGE).into_response()
}

fn shown(caught: &Caught) -> Value {
    let MessageParts { id, from, to, reply_to, subject, text, html } = caught.message.parts();
    let mailbox = |mailbox: &mail::Mailbox| json!({"name": mailbox.name, "address": mailbox.address});
    json!({
        "id": id,
        "received_at": caught.received_at,
        "from": mailbox(from),
        "to": mailbox(to),
        "reply_to": reply_to.as_ref().map(mailbox),
        "subject": subject,
        "text": text,
        "html": html,
        "links": links(text),
    })
}

/// The addresses of pages in a text.
fn links(text: &str) -> Vec<&str> {
    let ends = |c: char| c.is_whitespace() || matches!(c, '<' | '>' | '"');
    text.split(ends).filter(|word| word.starts_with("http://") || word.starts_with("https://")).collect()
}

fn failed(error: &DatabaseError) -> Response {
    let mut response =
        problem::problem(StatusCode::SERVICE_UNAVAILABLE, "The database cannot be asked", error.message());
    if let Some(internal) = &error.fields().internal {
        response.extensions_mut().insert(InternalCause(internal.clone()));
    }
    response
}
