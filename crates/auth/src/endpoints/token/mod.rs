//! `POST /token?grant_type=…`: tokens for a proof.

mod id_token;
mod password;
mod pkce;
mod refresh_token;

use crate::State;
use crate::access::SignedIn;
use crate::error::{AuthError, ErrorCode, Result};
use crate::request::{Client, Query, body};
use axum::extract::{FromRequestParts as _, Request};
use axum::response::Response;
use serde::de::DeserializeOwned;

pub(super) async fn token(
    axum::extract::State(state): axum::extract::State<State>,
    client: Client,
    query: Query,
    request: Request,
) -> Result<Response> {
    match query.get("grant_type") {
        Some("password") => password::grant(&state, &client, parameters(request).await?).await,
        Some("refresh_token") => refresh_token::grant(&state, &client, parameters(request).await?).await,
        Some("id_token") => {
            let (mut parts, body) = request.into_parts();
            let parameters: id_token::Parameters = parameters(Request::new(body)).await?;
            let signed_in = match parameters.link_identity {
                true => Some(SignedIn::from_request_parts(&mut parts, &state).await?),
                false => None,
            };
            id_token::grant(&state, &client, parameters, signed_in).await
        }
        Some("pkce") => pkce::grant(&state, &client, parameters(request).await?).await,
        _ => Err(AuthError::bad_request(ErrorCode::INVALID_CREDENTIALS, "unsupported_grant_type")),
    }
}

async fn parameters<T: DeserializeOwned>(request: Request) -> Result<T> {
    let bytes = body(request).await?;
    crate::request::read_json(&bytes)
}
