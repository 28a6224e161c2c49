//! The grant `pkce`: a code that a browser brought, exchanged by who can show the verifier (RFC 7636).

use crate::State;
use crate::audit::Action;
use crate::error::{AuthError, ErrorCode, Result};
use crate::model::Method;
use crate::rates::Limit;
use crate::request::Client;
use crate::sessions::{self, DecidedOn};
use crate::store::{Change, UserKey, flow_states};
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;
use std::time::Duration;

/// How long a code may be exchanged.
const CODE_LIFE: Duration = Duration::from_secs(300);

#[derive(Deserialize)]
pub(super) struct Parameters {
    #[serde(default)]
    auth_code: String,
    #[serde(default)]
    code_verifier: String,
}

pub(super) async fn grant(state: &State, client: &Client, parameters: Parameters) -> Result<Response> {
    state.rates.take(Limit::Token, client, None).await?;
    let Parameters { auth_code, code_verifier } = parameters;
    if auth_code.is_empty() || code_verifier.is_empty() {
        return Err(AuthError::invalid(
            "invalid request: both auth code and code verifier should be non-empty",
        ));
    }
    let not_found = || {
        AuthError::not_found(ErrorCode::FLOW_STATE_NOT_FOUND, "invalid flow state, no valid flow state found")
    };
    let results = state.store.read([flow_states::by_auth_code(&auth_code)]).await?;
    let flow = results.first().map(flow_states::read).transpose()?.flatten().ok_or_else(not_found)?;
    let (Some(user), Some(challenge)) = (flow.user_id, &flow.challenge) else { return Err(not_found()) };
    if flow.read_at > flow.auth_code_issued_at.unwrap_or(flow.created_at).after(CODE_LIFE) {
        return Err(AuthError::unprocessable(
            ErrorCode::FLOW_STATE_EXPIRED,
            "invalid flow state, flow state has expired",
        ));
    }
    challenge.check(&code_verifier)?;
    let user = state.store.user(&UserKey::Id(user)).await?.ok_or_else(not_found)?;
    if user.is_banned() {
        return Err(AuthError::bad_request(ErrorCode::USER_BANNED, "User is banned"));
    }
    let method = Method::parse(&flow.authentication_method).ok_or_else(not_found)?;
    let mut change = Change::new();
    let session = sessions::begin(&mut change, &user, DecidedOn::Other, method, client)?;
    // Of two that exchange the code at once, one finds it gone.
    change.only_if_one(flow_states::delete(flow.id));
    change.audit(client, &user, Action::Login, Some(json!({"provider_type": flow.provider_type})));
    let mut tokens = match sessions::commit(state, change, session, user.id).await {
        Ok(tokens) => tokens,
        Err(error) if error.is_race() => return Err(not_found()),
        Err(error) => return Err(error.into()),
    };
    tokens.provider_token = flow.provider_access_token;
    tokens.provider_refresh_token = flow.provider_refresh_token;
    tokens.answer()
}
