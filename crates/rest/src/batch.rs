//! `POST /batch/v1`: several requests, one transaction.
//!
//! ```json
//! {"requests": [
//!   {"method": "POST", "path": "/rest/v1/lists", "headers": {"prefer": "return=representation"}, "body": {"name": "a"}},
//!   {"method": "POST", "path": "/rest/v1/todos", "body": {"list_id": {"$result": "/0/body/0/id"}, "title": "b"}},
//!   {"method": "GET", "path": "/rest/v1/todos?list_id=eq.${/0/body/0/id}"}
//! ]}
//! ```

use crate::answer::Reply;
use crate::error::Refusal;
use crate::idempotency::Key;
use crate::model::Model;
use crate::precondition::Precondition;
use crate::preferences::Preferences;
use crate::session;
use crate::transaction::{Item, Unfinished, several};
use crate::{Inner, told};
use axum::body::Bytes;
use axum::response::Response;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, Uri, header, request};
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::sync::Arc;
use web::Caller;

/// Where the data API is, for the paths of requests.
const PREFIX: &str = "/rest/v1/";
/// The headers that are a request's own. All others are the batch's, so that no gateway is passed by what stands in a body.
const OWN_HEADERS: [&str; 8] = [
    "accept",
    "accept-profile",
    "content-profile",
    "content-type",
    "if-match",
    "if-none-match",
    "prefer",
    "range",
];

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Batch<'a> {
    #[serde(borrow)]
    requests: Vec<Asked<'a>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked<'a> {
    method: String,
    path: String,
    #[serde(default)]
    headers: BTreeMap<String, String>,
    #[serde(borrow, default)]
    body: Option<&'a RawValue>,
}

/// Answers a batch.
pub(crate) async fn answer(
    inner: &Arc<Inner>,
    model: Arc<Model>,
    caller: &Caller,
    head: &request::Parts,
    body: &Bytes,
) -> Response {
    let anonymous = caller.is_anonymous();
    let settings = model.settings();
    let refused = |refusal: Refusal| told(&model, refusal, anonymous);
    let (items, key) = match read(inner, caller, head, body) {
        Ok(read) => read,
        Err((None, refusal)) => return refused(*refusal),
        Err((Some(at), refusal)) => return failed(at, refusal_reply(*refusal, anonymous)).response(),
    };
    let preferences = Preferences::read(&head.headers, settings.transaction_end.client_may_choose());
    let end = session::end(settings, &preferences);
    match several(inner, caller, (Arc::clone(&model), items), end, key, results).await {
        Ok(reply) => reply.response(),
        Err(Unfinished::Refused(None, refusal)) => refused(refusal),
        Err(Unfinished::Refused(Some(at), refusal)) => {
            let answer = refusal.clone().into_answer(anonymous);
            let mut response = failed(at, refusal_reply(refusal, anonymous)).response();
            if let Some(cause) = answer.internal {
                response.extensions_mut().insert(web::InternalCause(cause));
            }
            response
        }
        Err(Unfinished::Failed(at, reply)) => failed(at, reply).response(),
    }
}

type Read = (Vec<Item>, Option<Key>);

fn read(
    inner: &Inner,
    caller: &Caller,
    head: &request::Parts,
    body: &Bytes,
) -> Result<Read, (Option<usize>, Box<Refusal>)> {
    let whole = |refusal| (None, Box::new(refusal));
    if head.method != Method::POST {
        return Err(whole(Refusal::Method(head.method.to_string())));
    }
    if !head.uri.path().trim_matches('/').is_empty() || head.uri.query().is_some() {
        return Err(whole(Refusal::Path));
    }
    let batch: Batch<'_> = serde_json::from_slice(body)
        .map_err(|error| whole(Refusal::Batch(format!("The batch is none: {error}"))))?;
    if batch.requests.is_empty() {
        return Err(whole(Refusal::Batch("The batch has no requests".to_owned())));
    }
    let most = inner.settings.batch_max;
    if batch.requests.len() > most {
        return Err(whole(Refusal::BatchSize(format!("A batch has at most {most} requests"))));
    }
    let key = Key::of(head, (caller, &inner.caller_secret), "batch", body).map_err(whole)?;
    let items = batch.requests.into_iter().enumerate();
    let items =
        items.map(|(at, asked)| item(inner, head, asked).map_err(|refusal| (Some(at), Box::new(refusal))));
    Ok((items.collect::<Result<_, _>>()?, key))
}

/// A request of the batch as if it had come alone.
fn item(inner: &Inner, head: &request::Parts, asked: Asked<'_>) -> Result<Item, Refusal> {
    let Asked { method, path, headers, body } = asked;
    let method = match method.as_str() {
        "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" => {
            Method::from_bytes(method.as_bytes()).map_err(|_| Refusal::Method(method))?
        }
        _ => return Err(Refusal::Method(method)),
    };
    if path.len() > inner.keys.limits().target_bytes {
        return Err(Refusal::BatchSize("The request's path and query are too long".to_owned()));
    }
    let target = path.strip_prefix(PREFIX).filter(|rest| !rest.is_empty() && !rest.starts_with(['?', '/']));
    let target = target.ok_or(Refusal::BatchItem(
        "The path of a request begins with /rest/v1/ and the name of a relation or function",
    ))?;
    let uri: Uri = escaped(target).parse().map_err(|_| Refusal::Path)?;
    let headers = own_headers(&head.headers, headers)?;
    let media = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let is_json = media.is_none_or(|media| media.split(';').next().unwrap_or("").trim().ends_with("json"));
    let body = match body {
        None => Bytes::new(),
        Some(raw) if is_json => Bytes::from(raw.get().to_owned()),
        Some(raw) => Bytes::from(
            serde_json::from_str::<String>(raw.get())
                .map_err(|_| Refusal::BatchItem("A body that is no JSON is a string"))?,
        ),
    };
    let precondition = Precondition::read(&headers)?;
    let mut request = Request::new(());
    *request.method_mut() = method;
    *request.uri_mut() = uri;
    *request.headers_mut() = headers;
    let (parts, ()) = request.into_parts();
    Ok(Item { head: parts, body, may_refer: true, precondition })
}

/// A target as a URI has it; what stands in it otherwise, spaces and quotes, is encoded.
fn escaped(target: &str) -> String {
    target.bytes().fold(String::from("/"), |mut out, byte| {
        let keep = byte.is_ascii_graphic()
            && !matches!(byte, b'"' | b'<' | b'>' | b'^' | b'`' | b'|' | b'\\' | b'#');
        if keep {
            out.push(char::from(byte));
        } else {
            out.push_str(&format!("%{byte:02X}"));
        }
        out
    })
}

/// The batch's headers with the request's own instead of the batch's own.
fn own_headers(outer: &HeaderMap, own: BTreeMap<String, String>) -> Result<HeaderMap, Refusal> {
    let mut headers = outer.clone();
    for name in OWN_HEADERS.iter().chain(&["content-length", "idempotency-key", "range-unit"]) {
        headers.remove(*name);
    }
    for (name, value) in own {
        let name = name.to_ascii_lowercase();
        if !OWN_HEADERS.contains(&name.as_str()) {
            return Err(Refusal::BatchItem(
                "A request of a batch has only these headers of its own: Accept, Accept-Profile, Content-Profile, Content-Type, \
                 If-Match, If-None-Match, Prefer, Range; all others are the batch's",
            ));
        }
        if name == "prefer" && value.split(',').any(|part| part.trim().starts_with("tx=")) {
            return Err(Refusal::BatchItem("How the transaction ends is said by the batch's own Prefer"));
        }
        let invalid = || Refusal::BatchItem("A header's value holds what none can hold");
        let value = HeaderValue::try_from(value).map_err(|_| invalid())?;
        headers.insert(HeaderName::try_from(name).map_err(|_| invalid())?, value);
    }
    Ok(headers)
}

/// An answer as the batch's answer shows it.
fn shown(reply: &Reply) -> String {
    let mut headers = serde_json::Map::new();
    for name in reply.headers.keys() {
        let values: Vec<String> = reply
            .headers
            .get_all(name)
            .iter()
            .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
            .collect();
        headers.insert(name.as_str().to_owned(), values.join(", ").into());
    }
    let media = reply.headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or("");
    let is_json = media.split(';').next().unwrap_or("").trim().ends_with("json");
    let body = match reply.body.as_deref() {
        None | Some([]) => "null".to_owned(),
        Some(bytes) => {
            let text = String::from_utf8_lossy(bytes);
            match serde_json::from_str::<&RawValue>(text.trim()) {
                Ok(raw) if is_json => raw.get().to_owned(),
                _ => serde_json::Value::from(text.as_ref()).to_string(),
            }
        }
    };
    let headers = serde_json::Value::Object(headers);
    format!("{{\"status\":{},\"headers\":{headers},\"body\":{body}}}", reply.status.as_u16())
}

fn json(status: StatusCode, body: String) -> Reply {
    let mut reply = Reply { status, headers: HeaderMap::new(), body: Some(Bytes::from(body)) };
    reply.put(header::CONTENT_TYPE, "application/json; charset=utf-8");
    reply.put(header::VARY, "Prefer");
    reply
}

/// All answers, in order.
fn results(replies: &[Reply]) -> Reply {
    let list: Vec<String> = replies.iter().map(shown).collect();
    json(StatusCode::OK, format!("{{\"results\":[{}]}}", list.join(",")))
}

/// The answer of the request that failed, with its place. Its status is the batch's.
fn failed(at: usize, reply: Reply) -> Reply {
    json(reply.status, format!("{{\"failed\":{at},\"result\":{}}}", shown(&reply)))
}

fn refusal_reply(refusal: Refusal, anonymous: bool) -> Reply {
    let error = refusal.into_answer(anonymous);
    let mut reply = json(error.status, error.body());
    for (name, value) in error.headers {
        reply.headers.insert(name, value);
    }
    reply
}
