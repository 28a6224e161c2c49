//! `GET` and `POST /callback`: a provider's answer, brought by a browser, which goes on to its page with tokens or a code.

use crate::State;
use crate::error::{AuthError, ErrorCode, Result};
use crate::linking::{self, Arrival};
use crate::model::Method;
use crate::page;
use crate::provider::{CallbackParameters, ExternalIdentity, ProviderError};
use crate::request::{Client, body, parameter};
use crate::sessions;
use crate::store::flow_states::FlowState;
use crate::store::{ChangeError, Committed, UserKey, client_states, flow_states};
use axum::extract::Request;
use axum::response::Response;
use http::{Method as Verb, StatusCode};
use std::time::{Duration, SystemTime};
use uuid::Uuid;
use web::InternalCause;

/// How often it is decided anew whose account it is, when others change it at the same time.
const ATTEMPTS: usize = 4;

pub(super) async fn callback(
    axum::extract::State(state): axum::extract::State<State>,
    client: Client,
    request: Request,
) -> Result<Response> {
    let answer = Answer::read(request).await?;
    let flow = match flow_of(&state, &answer).await {
        Ok(flow) => flow,
        // Nobody knows where this browser belongs.
        Err(error) => {
            let site = state.settings.redirects.site();
            return refused(
                StatusCode::SEE_OTHER,
                page::with_query(site, &pairs(&error.name(), &error)),
                error,
            );
        }
    };
    let returns_to = flow.referrer.clone().filter(|url| state.settings.redirects.allows(url));
    let returns_to = returns_to.unwrap_or_else(|| state.settings.redirects.site().to_owned());
    match finish(&state, &client, &flow, &answer, &returns_to).await {
        Ok(target) => page::redirect(StatusCode::FOUND, &target),
        Err(error) => {
            let name = error.name();
            let mut pairs = pairs(&name, &error);
            let target = page::with_query(&returns_to, &pairs);
            pairs.push(("sb", ""));
            refused(StatusCode::FOUND, page::with_fragment(&target, &page::encoded(&pairs)), error)
        }
    }
}

/// What a provider's answer says.
struct Answer {
    state: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
    parameters: CallbackParameters,
}

/// How long an error's texts may be that a provider sends along.
const TEXT_LIMIT: usize = 500;

impl Answer {
    /// From the query, or from a form.
    async fn read(request: Request) -> Result<Answer> {
        let query = request.uri().query().unwrap_or_default().as_bytes().to_vec();
        let bytes = if request.method() == Verb::POST { body(request).await? } else { query };
        let pairs: Vec<(String, String)> = url::form_urlencoded::parse(&bytes).into_owned().collect();
        let text = |name: &str| parameter(&pairs, name).filter(|text| !text.is_empty()).map(str::to_owned);
        let short = |name: &str| text(name).map(|text| text.chars().take(TEXT_LIMIT).collect());
        Ok(Answer {
            state: text("state"),
            error: short("error"),
            error_description: short("error_description"),
            parameters: CallbackParameters {
                code: text("code"),
                // Empty is a name too, and the wrong one.
                issuer: parameter(&pairs, "iss").map(str::to_owned),
                user: text("user"),
                oauth_token: text("oauth_token"),
                oauth_verifier: text("oauth_verifier"),
            },
        })
    }
}

/// Why there is no sign-in: ours, or the provider's own words.
enum Failure {
    Ours(AuthError),
    Provider { error: String, description: String },
}

impl From<AuthError> for Failure {
    fn from(error: AuthError) -> Failure {
        Failure::Ours(error)
    }
}

impl Failure {
    /// The `error` of OAuth that it is.
    fn name(&self) -> String {
        let error = match self {
            Failure::Provider { error, .. } => return error.clone(),
            Failure::Ours(error) => error,
        };
        let denied = [
            ErrorCode::SIGNUP_DISABLED,
            ErrorCode::USER_BANNED,
            ErrorCode::PROVIDER_EMAIL_NEEDS_VERIFICATION,
        ];
        if denied.contains(&error.code()) {
            return "access_denied".to_owned();
        }
        let name = match error.status().as_u16() {
            400 => "invalid_request",
            401 => "unauthorized_client",
            403 => "access_denied",
            503 => "temporarily_unavailable",
            _ => "server_error",
        };
        name.to_owned()
    }
}

/// What the page is told.
fn pairs<'e>(name: &'e str, failure: &'e Failure) -> Vec<(&'static str, &'e str)> {
    match failure {
        Failure::Provider { description, .. } => vec![("error", name), ("error_description", description)],
        Failure::Ours(error) => vec![
            ("error", name),
            ("error_code", error.code().as_str()),
            ("error_description", error.message()),
        ],
    }
}

/// Sends the browser on; the log is told the cause.
fn refused(status: StatusCode, target: String, failure: Failure) -> Result<Response> {
    let mut response = page::redirect(status, &target)?;
    if let Failure::Ours(error) = failure
        && let Some(cause) = error.cause()
    {
        response.extensions_mut().insert(InternalCause(cause.to_owned()));
    }
    Ok(response)
}

/// The sign-in under way that an answer belongs to.
async fn flow_of(state: &State, answer: &Answer) -> Result<FlowState, Failure> {
    let not_found = || AuthError::bad_request(ErrorCode::BAD_OAUTH_STATE, "OAuth state not found or expired");
    let Some(id) = &answer.state else {
        let message = "OAuth state parameter missing";
        return Err(AuthError::bad_request(ErrorCode::BAD_OAUTH_CALLBACK, message).into());
    };
    let id: Uuid = id.parse().map_err(|_| {
        AuthError::bad_request(ErrorCode::BAD_OAUTH_STATE, "OAuth state parameter is invalid")
    })?;
    let results = state.store.read([flow_states::by_id(id)]).await?;
    let flow = results.first().map(flow_states::read).transpose()?.flatten();
    // What a mail began is not ended here.
    let flow = flow.filter(|flow| flow.authentication_method == Method::OAuth.as_str());
    let flow = flow.ok_or_else(not_found)?;
    let life = Duration::from_secs(client_states::LIFE_SECONDS);
    if flow.read_at > flow.created_at.after(life) {
        return Err(AuthError::bad_request(ErrorCode::BAD_OAUTH_STATE, "OAuth state has expired").into());
    }
    if flow.user_id.is_some() {
        let message = "State has already been used";
        return Err(AuthError::bad_request(ErrorCode::FLOW_STATE_ALREADY_USED, message).into());
    }
    Ok(flow)
}

/// From the answer to the page's address with tokens or a code.
async fn finish(
    state: &State,
    client: &Client,
    flow: &FlowState,
    answer: &Answer,
    returns_to: &str,
) -> Result<String, Failure> {
    // First of all, and whatever comes of it: an answer is used once.
    let secret = take_secret(state, flow).await?;
    if let Some(error) = &answer.error {
        let description = answer.error_description.clone().unwrap_or_default();
        return Err(Failure::Provider { error: error.clone(), description });
    }
    let provider = state.providers.get(&flow.provider_type).map_err(|error| {
        AuthError::bad_request(
            ErrorCode::OAUTH_PROVIDER_NOT_SUPPORTED,
            format!("Unsupported provider: {error}"),
        )
    })?;
    let callback = super::authorize::callback_address(state);
    let identity = provider.complete(&answer.parameters, &secret, &callback, SystemTime::now()).await;
    let identity = identity.map_err(|error| unusable(answer, error))?;
    for _ in 0..ATTEMPTS {
        match arrive(state, client, flow, &identity, returns_to).await {
            Ok(target) => return Ok(target),
            Err(ChangeError::Other(error)) => return Err(error.into()),
            Err(error) if error.is_race() => {}
            Err(error) => return Err(AuthError::from(error).into()),
        }
    }
    Err(AuthError::from(ChangeError::Stale).into())
}

/// Uses the flow's secret up.
async fn take_secret(state: &State, flow: &FlowState) -> Result<String> {
    let not_found =
        || AuthError::unprocessable(ErrorCode::OAUTH_CLIENT_STATE_NOT_FOUND, "OAuth state not found");
    let id = flow.oauth_client_state_id.ok_or_else(not_found)?;
    let mut change = crate::store::Change::new();
    change.only_if_one(client_states::take(id));
    let Committed::Done(outcomes) = change.commit(&state.store).await? else { return Err(not_found()) };
    let taken = outcomes.first().map(|outcome| client_states::read(&outcome.result)).transpose()?.flatten();
    let (provider, secret) = taken.ok_or_else(not_found)?;
    if provider != flow.provider_type {
        return Err(AuthError::bad_request(ErrorCode::OAUTH_INVALID_STATE, "OAuth provider mismatch"));
    }
    Ok(secret)
}

/// The provider's answer leads to nobody; the cause is for the log.
fn unusable(answer: &Answer, error: ProviderError) -> AuthError {
    if answer.parameters.code.is_none() && answer.parameters.oauth_verifier.is_none() {
        return AuthError::bad_request(
            ErrorCode::BAD_OAUTH_CALLBACK,
            "OAuth callback with missing authorization code missing",
        );
    }
    match error {
        ProviderError::MixUp => {
            AuthError::bad_request(ErrorCode::OAUTH_INVALID_STATE, "OAuth provider mismatch")
        }
        ProviderError::Refused(_) => AuthError::internal(error).saying("Unable to exchange external code"),
        error => AuthError::internal(error).saying("Error getting user profile from external provider"),
    }
}

/// Whose account it is, and what the browser brings back.
async fn arrive(
    state: &State,
    client: &Client,
    flow: &FlowState,
    identity: &ExternalIdentity,
    returns_to: &str,
) -> Result<String, ChangeError> {
    let arrival = Arrival {
        identity,
        email_optional: flow.email_optional,
        invite_token: flow.invite_token.as_deref(),
        redirect_to: returns_to,
    };
    let decided = match flow.linking_target_id {
        Some(target) => {
            let target = state.store.user(&UserKey::Id(target)).await.map_err(ChangeError::Other)?;
            let target = target.ok_or_else(|| {
                let message = "Linking target user not found";
                ChangeError::Other(AuthError::unprocessable(ErrorCode::USER_NOT_FOUND, message))
            })?;
            linking::link_by_hand(state, client, &arrival, &target).await
        }
        None => linking::decide(state, client, &arrival).await,
    };
    let mut decision = decided.map_err(ChangeError::Other)?;
    if let Some(refusal) = decision.refusal {
        decision.change.only_if_one(flow_states::delete(flow.id));
        return match state.commit(decision.change).await {
            Ok(Committed::Done(_)) => Err(ChangeError::Other(refusal)),
            Ok(Committed::Stale) => Err(ChangeError::Stale),
            Err(error) => Err(ChangeError::Database(error)),
        };
    }
    let (access_token, refresh_token) = (&identity.provider_access_token, &identity.provider_refresh_token);
    if flow.challenge.is_some() {
        let code = crate::secret::token().map_err(ChangeError::Other)?;
        let change = &mut decision.change;
        let kept = |token: &str| (!token.is_empty()).then(|| token.to_owned());
        let (access_token, refresh_token) = (kept(access_token), kept(refresh_token));
        change.only_if_one(flow_states::issue_code(
            flow.id,
            decision.user,
            &code,
            access_token.as_deref(),
            refresh_token.as_deref(),
        ));
        return match state.commit(decision.change).await {
            Ok(Committed::Done(_)) => Ok(page::with_query(returns_to, &[("code", &code)])),
            Ok(Committed::Stale) => Err(ChangeError::Stale),
            Err(error) => Err(ChangeError::Database(error)),
        };
    }
    let session = sessions::begin_of_newcomer(&mut decision.change, decision.user, Method::OAuth, client)
        .map_err(ChangeError::Other)?;
    decision.change.only_if_one(flow_states::delete(flow.id));
    let mut tokens = sessions::commit(state, decision.change, session, decision.user).await?;
    tokens.provider_token = Some(access_token.clone());
    tokens.provider_refresh_token = (!refresh_token.is_empty()).then(|| refresh_token.clone());
    Ok(page::with_fragment(returns_to, &tokens.fragment(&[])))
}
