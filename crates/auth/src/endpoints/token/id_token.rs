//! The grant `id_token`: an ID token that the app obtained from a provider itself.

use crate::State;
use crate::access::SignedIn;
use crate::error::{AuthError, ErrorCode, Result};
use crate::linking::{self, Arrival};
use crate::model::Method;
use crate::provider::{ExternalIdentity, ProviderError};
use crate::rates::Limit;
use crate::request::Client;
use crate::sessions;
use crate::store::{ChangeError, Committed};
use axum::response::Response;
use serde::Deserialize;
use serde_json::Value;
use std::time::SystemTime;

/// How often it is decided anew whose account it is, when others change it at the same time.
const ATTEMPTS: usize = 4;

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(super) struct Parameters {
    id_token: String,
    access_token: Option<String>,
    nonce: Option<String>,
    provider: String,
    issuer: Option<String>,
    /// Whether the identity is to be linked to who is signed in.
    pub(super) link_identity: bool,
}

/// GoTrue's word for its own errors of this grant.
const INVALID: &str = "invalid request";

pub(super) async fn grant(
    state: &State,
    client: &Client,
    parameters: Parameters,
    signed_in: Option<SignedIn>,
) -> Result<Response> {
    state.rates.take(Limit::Token, client, None).await?;
    if parameters.id_token.is_empty() {
        return Err(AuthError::oauth(INVALID, "id_token required"));
    }
    // Who only names an issuer names none that is ours: there is no provider by issuer alone.
    if parameters.provider.is_empty() {
        return Err(AuthError::oauth(INVALID, "provider or client_id and issuer required"));
    }
    if signed_in.is_some() {
        super::super::identities::refuse_unless_linking(state)?;
    }
    let identity = verified(state, &parameters).await?;
    let email_optional =
        state.providers.get(&parameters.provider).is_ok_and(|provider| provider.settings().email_optional);
    let arrival = Arrival {
        identity: &identity,
        email_optional,
        invite_token: None,
        redirect_to: state.settings.redirects.site(),
    };
    for _ in 0..ATTEMPTS {
        match arrive(state, client, &arrival, signed_in.as_ref()).await {
            Ok(response) => return Ok(response),
            Err(ChangeError::Other(error)) => return Err(error),
            Err(error) if error.is_race() => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(ChangeError::Stale.into())
}

/// Who the token is about.
async fn verified(state: &State, parameters: &Parameters) -> Result<ExternalIdentity> {
    let name = &parameters.provider;
    let provider = state.providers.get(name).map_err(|error| match error {
        ProviderError::Unknown(shown) if state.providers.is_known(name) => {
            AuthError::bad_request(ErrorCode::PROVIDER_DISABLED, format!("Provider {shown:?} is not enabled"))
        }
        ProviderError::Unknown(shown) => {
            AuthError::invalid(format!("Custom OIDC provider {shown:?} not allowed"))
        }
        error => AuthError::invalid(error.to_string()),
    })?;
    let given = |text: &Option<String>| text.clone().filter(|text| !text.is_empty());
    let (access_token, nonce) = (given(&parameters.access_token), given(&parameters.nonce));
    let identity = provider
        .verify_id_token(&parameters.id_token, access_token.as_deref(), nonce.as_deref(), SystemTime::now())
        .await
        .map_err(|error| refusal(&error))?;
    let issuer = given(&parameters.issuer);
    let named = identity.identity_data.get("iss").and_then(Value::as_str);
    if issuer.is_some() && issuer.as_deref() != named {
        return Err(AuthError::oauth(INVALID, "Provided issuer does not match ID token issuer"));
    }
    Ok(identity)
}

fn refusal(error: &ProviderError) -> AuthError {
    match error {
        ProviderError::NonceMismatch => AuthError::oauth("invalid nonce", "Nonces mismatch"),
        ProviderError::NonceMissing | ProviderError::Audience(_) => {
            AuthError::oauth(INVALID, error.to_string().chars().take(500).collect::<String>())
        }
        ProviderError::BadToken(why) if why == "Missing sub claim in id_token" => {
            AuthError::oauth(INVALID, "Missing sub claim in id_token")
        }
        ProviderError::BadToken(_) => AuthError::oauth(INVALID, "Bad ID token"),
        ProviderError::Unsupported(_) => AuthError::invalid(error.to_string()),
        // The provider could not be asked: nothing is wrong with the token.
        _ => AuthError::internal(error).saying("The provider's keys cannot be fetched"),
    }
}

async fn arrive(
    state: &State,
    client: &Client,
    arrival: &Arrival<'_>,
    signed_in: Option<&SignedIn>,
) -> Result<Response, ChangeError> {
    let decided = match signed_in {
        Some(signed_in) => linking::link_by_hand(state, client, arrival, &signed_in.user).await,
        None => linking::decide(state, client, arrival).await,
    };
    let mut decision = decided.map_err(ChangeError::Other)?;
    if let Some(refusal) = decision.refusal {
        return match state.commit(decision.change).await {
            Ok(Committed::Done(_)) => Err(ChangeError::Other(refusal)),
            Ok(Committed::Stale) => Err(ChangeError::Stale),
            Err(error) => Err(ChangeError::Database(error)),
        };
    }
    let session = sessions::begin_of_newcomer(&mut decision.change, decision.user, Method::OAuth, client)
        .map_err(ChangeError::Other)?;
    let tokens = sessions::commit(state, decision.change, session, decision.user).await?;
    tokens.answer().map_err(ChangeError::Other)
}
