//! `GET /.well-known/jwks.json`: the public keys (RFC 7517).

use crate::State;
use crate::error::Result;
use crate::request::json;
use axum::response::Response;
use http::{HeaderValue, StatusCode, header};
use std::time::SystemTime;

pub(super) async fn jwks(axum::extract::State(state): axum::extract::State<State>) -> Result<Response> {
    let mut response = json(StatusCode::OK, &state.keys.jwks(SystemTime::now()))?;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=600"));
    Ok(response)
}
