//! `GET /user`: who is signed in. `PUT /user` is in [`update`].

mod update;

pub(super) use update::put;

use crate::access::SignedIn;
use crate::error::{AuthError, Result};
use crate::request::json;
use axum::response::Response;
use http::{HeaderMap, StatusCode};
use serde_json::Value;

pub(super) async fn get(signed_in: SignedIn, headers: HeaderMap) -> Result<Response> {
    let asked =
        headers.get("x-jwt-aud").and_then(|value| value.to_str().ok()).filter(|text| !text.is_empty());
    let ours = match signed_in.claims.get("aud") {
        Some(Value::String(text)) => Some(text.as_str()),
        Some(Value::Array(list)) => list.first().and_then(Value::as_str),
        _ => None,
    };
    if ours.is_none() || asked.is_some_and(|asked| Some(asked) != ours) {
        return Err(AuthError::invalid("Token audience doesn't match request audience"));
    }
    json(StatusCode::OK, &signed_in.user)
}
