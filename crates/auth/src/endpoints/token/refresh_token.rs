//! The grant `refresh_token`.

use crate::State;
use crate::error::{AuthError, Result};
use crate::rates::Limit;
use crate::request::Client;
use crate::sessions;
use axum::response::Response;
use serde::Deserialize;

#[derive(Deserialize)]
pub(super) struct Parameters {
    #[serde(default)]
    refresh_token: Option<String>,
}

pub(super) async fn grant(state: &State, client: &Client, parameters: Parameters) -> Result<Response> {
    state.rates.take(Limit::Token, client, None).await?;
    match parameters.refresh_token.as_deref() {
        None | Some("") => Err(AuthError::oauth("invalid_request", "refresh_token required")),
        Some(token) => sessions::refresh(state, client, token).await?.answer(),
    }
}
