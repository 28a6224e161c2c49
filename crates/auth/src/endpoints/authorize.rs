//! `GET /authorize`: to a provider's page. `GET /user/identities/authorize`: the same, to link what comes back to who is signed in.

use crate::State;
use crate::access::SignedIn;
use crate::error::{AuthError, ErrorCode, Result};
use crate::model::Method;
use crate::page;
use crate::pkce::Challenge;
use crate::provider::{AuthorizationRequest, ProviderError};
use crate::rates::Limit;
use crate::request::{Client, Query, WantedRedirect, json};
use crate::store::{Change, Committed, client_states, flow_states};
use axum::response::Response;
use http::StatusCode;
use serde_json::json;
use uuid::Uuid;

pub(super) async fn authorize(
    axum::extract::State(state): axum::extract::State<State>,
    client: Client,
    wanted: WantedRedirect,
    query: Query,
) -> Result<Response> {
    state.rates.take(Limit::Authorize, &client, None).await?;
    let url = begin(&state, &wanted, &query, None).await?;
    page::redirect(StatusCode::FOUND, &url)
}

pub(super) async fn link(
    axum::extract::State(state): axum::extract::State<State>,
    SignedIn { user, .. }: SignedIn,
    client: Client,
    wanted: WantedRedirect,
    query: Query,
) -> Result<Response> {
    super::identities::refuse_unless_linking(&state)?;
    state.rates.take(Limit::Authorize, &client, None).await?;
    let url = begin(&state, &wanted, &query, Some(user.id)).await?;
    if query.get("skip_http_redirect") == Some("true") {
        return json(StatusCode::OK, &json!({ "url": url }));
    }
    page::redirect(StatusCode::FOUND, &url)
}

/// Keeps what must be known when the provider answers, and gives its page. The flow's id is the `state` that the provider gives back.
async fn begin(
    state: &State,
    wanted: &WantedRedirect,
    query: &Query,
    linking_target: Option<Uuid>,
) -> Result<String> {
    let provider = state.providers.get(query.get("provider").unwrap_or_default()).map_err(unsupported)?;
    let challenge = Challenge::asked(query.get("code_challenge"), query.get("code_challenge_method"))?;
    let referrer = state.settings.redirects.choose(wanted);
    // Random, as it travels: nobody may guess another's.
    let (flow, client_state) = (Uuid::new_v4(), Uuid::new_v4());
    let authorization = provider
        .authorization(&AuthorizationRequest {
            state: &flow.to_string(),
            callback: &callback_address(state),
            scopes: query.get("scopes").unwrap_or_default(),
            parameters: &query.0,
        })
        .await
        .map_err(unsupported)?;
    let mut change = Change::new();
    for statement in client_states::insert(client_state, provider.name(), &authorization.secret) {
        change.then(statement);
    }
    change.then(flow_states::delete_old());
    change.then(flow_states::insert(
        flow,
        &flow_states::NewFlowState {
            challenge: challenge.as_ref(),
            provider_type: provider.name(),
            authentication_method: Method::OAuth.as_str(),
            invite_token: query.get("invite_token"),
            referrer: Some(&referrer),
            oauth_client_state_id: Some(client_state),
            linking_target_id: linking_target,
            email_optional: provider.settings().email_optional,
            ..flow_states::NewFlowState::default()
        },
    ));
    let _: Committed = change.commit(&state.store).await?;
    Ok(authorization.url)
}

/// Where providers send people back to: by the operator's word, never by a request's.
pub(super) fn callback_address(state: &State) -> String {
    format!("{}/callback", state.settings.external_url)
}

/// The provider cannot be used. What its network answered is for the log only.
fn unsupported(error: ProviderError) -> AuthError {
    match error {
        ProviderError::Unknown(_) | ProviderError::Unsupported(_) => {
            AuthError::bad_request(ErrorCode::VALIDATION_FAILED, format!("Unsupported provider: {error}"))
        }
        error => AuthError::internal(error).saying("The provider cannot be reached"),
    }
}
