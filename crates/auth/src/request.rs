//! What every endpoint takes from a request besides its parameters.

use crate::State;
use crate::error::{AuthError, ErrorCode, Result};
use axum::body::Body;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::response::Response;
use http::request::Parts;
use http::{HeaderMap, StatusCode, header};
use http_body_util::{BodyExt as _, LengthLimitError, Limited};
use serde::de::DeserializeOwned;
use std::convert::Infallible;
use std::net::IpAddr;

/// The largest body, as GoTrue has it.
const BODY_BYTES: usize = 1 << 20;

/// Who is at the other end.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Client {
    /// The address, told by whom we believe ([`web::ClientAddress`]).
    pub(crate) address: Option<IpAddr>,
    /// What the program calls itself, at most 512 bytes of it.
    pub(crate) user_agent: Option<String>,
}

impl Client {
    pub(crate) fn of(parts: &Parts) -> Client {
        let agent = parts.headers.get(header::USER_AGENT).and_then(|value| value.to_str().ok());
        Client {
            address: parts.extensions.get::<web::ClientAddress>().map(|address| address.0),
            user_agent: agent.map(|text| text.chars().take(512).collect()),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Client {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Client, Infallible> {
        Ok(Client::of(parts))
    }
}

/// A body of JSON, whatever the request calls it.
pub(crate) struct Json<T>(pub(crate) T);

impl<S: Sync, T: DeserializeOwned> FromRequest<S> for Json<T> {
    type Rejection = AuthError;

    async fn from_request(request: Request, _: &S) -> Result<Json<T>> {
        let bytes = body(request).await?;
        read_json(&bytes).map(Json)
    }
}

/// A body of JSON that may be absent.
pub(crate) struct OptionalJson<T>(pub(crate) T);

impl<S: Sync, T: DeserializeOwned + Default> FromRequest<S> for OptionalJson<T> {
    type Rejection = AuthError;

    async fn from_request(request: Request, _: &S) -> Result<OptionalJson<T>> {
        let bytes = body(request).await?;
        if bytes.is_empty() { Ok(OptionalJson(T::default())) } else { read_json(&bytes).map(OptionalJson) }
    }
}

/// The body's bytes.
///
/// # Errors
/// 413 when there are too many.
pub(crate) async fn body(request: Request) -> Result<Vec<u8>> {
    let limited = Limited::new(request.into_body(), BODY_BYTES);
    match limited.collect().await {
        Ok(collected) => Ok(collected.to_bytes().to_vec()),
        Err(error) if error.downcast_ref::<LengthLimitError>().is_some() => Err(AuthError::new(
            StatusCode::PAYLOAD_TOO_LARGE,
            ErrorCode::REQUEST_ENTITY_TOO_LARGE,
            "Request body exceeds limit of 1MiB",
        )),
        Err(_) => Err(AuthError::bad_request(ErrorCode::BAD_JSON, "Could not read body into byte slice")),
    }
}

/// Reads JSON.
///
/// # Errors
/// 400 `bad_json`, saying where, never what.
pub(crate) fn read_json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T> {
    serde_json::from_slice(bytes).map_err(|error| {
        // What serde says names the field and the place, never a value of the body that could be a secret.
        let why = match error.classify() {
            serde_json::error::Category::Data => "a field is not of the expected type",
            _ => "not well-formed",
        };
        AuthError::bad_request(
            ErrorCode::BAD_JSON,
            format!(
                "Could not parse request body as JSON: {why} at line {} column {}",
                error.line(),
                error.column()
            ),
        )
    })
}

/// A text field of a body: what is null or empty is absent.
pub(crate) fn filled(field: &Option<String>) -> Option<&str> {
    field.as_deref().filter(|text| !text.is_empty())
}

/// The parameters of a query, or of a form in the body: the last of each name counts.
pub(crate) fn parameter<'a>(query: &'a [(String, String)], name: &str) -> Option<&'a str> {
    query.iter().rev().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
}

/// The query, taken apart.
pub(crate) struct Query(pub(crate) Vec<(String, String)>);

impl Query {
    /// One parameter; the empty text is none.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        parameter(&self.0, name).filter(|value| !value.is_empty())
    }
}

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Query, Infallible> {
        let query = parts.uri.query().unwrap_or_default();
        Ok(Query(url::form_urlencoded::parse(query.as_bytes()).into_owned().collect()))
    }
}

/// The audience of whose users an administrator speaks: the header's, else the accounts' own. What the administrator's token says does not
/// count: keys have none.
pub(crate) struct Audience(pub(crate) String);

impl FromRequestParts<State> for Audience {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Audience, Infallible> {
        let asked = parts.headers.get("x-jwt-aud").and_then(|value| value.to_str().ok());
        let asked = asked.filter(|text| !text.is_empty());
        Ok(Audience(asked.unwrap_or(&state.settings.audience).to_owned()))
    }
}

/// Where a request would like the browser to return to: header, then query, then the page that asked.
#[derive(Clone, Debug, Default)]
pub(crate) struct WantedRedirect {
    /// `redirect_to` by header or query.
    pub(crate) asked: Option<String>,
    /// `Referer`.
    pub(crate) referer: Option<String>,
}

impl<S: Sync> FromRequestParts<S> for WantedRedirect {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<WantedRedirect, Infallible> {
        let text = |headers: &HeaderMap, name: &str| {
            headers
                .get(name)
                .and_then(|value| value.to_str().ok())
                .filter(|text| !text.is_empty())
                .map(str::to_owned)
        };
        let by_header = text(&parts.headers, "redirect_to");
        let referer = text(&parts.headers, "referer");
        let query = Query::from_request_parts(parts, state).await?;
        Ok(WantedRedirect {
            asked: by_header.or_else(|| query.get("redirect_to").map(str::to_owned)),
            referer,
        })
    }
}

/// An answer of JSON that nobody keeps.
pub(crate) fn json(status: StatusCode, value: &impl serde::Serialize) -> Result<Response> {
    let body = serde_json::to_string(value).map_err(AuthError::internal)?;
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, http::HeaderValue::from_static("application/json"));
    headers.insert(header::CACHE_CONTROL, http::HeaderValue::from_static("no-store"));
    Ok(response)
}
