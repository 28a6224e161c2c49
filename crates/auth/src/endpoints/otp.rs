//! `POST /otp` and `POST /magiclink`: a letter with a code and a link to sign in. Who is not registered, or has not confirmed the address yet,
//! gets the letter of a sign-up, which signs in as well.

use super::recover::Letter;
use super::signup::account;
use crate::State;
use crate::error::{AuthError, ErrorCode, Result};
use crate::mailing::Errand;
use crate::model::Method;
use crate::pkce::Challenge;
use crate::rates::Limit;
use crate::registration::{self, Registered, Registration};
use crate::request::{Client, Json, WantedRedirect, filled, json};
use crate::store::UserKey;
use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value, json};

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Parameters {
    email: Option<String>,
    phone: Option<String>,
    create_user: Option<bool>,
    data: Option<Map<String, Value>>,
    channel: Option<String>,
    code_challenge: Option<String>,
    code_challenge_method: Option<String>,
}

/// `POST /otp`
pub(super) async fn otp(
    axum::extract::State(state): axum::extract::State<State>,
    client: Client,
    wanted: WantedRedirect,
    Json(parameters): Json<Parameters>,
) -> Result<Response> {
    let (email, phone) = (filled(&parameters.email), filled(&parameters.phone));
    state.rates.take(Limit::Otp, &client, account(email).as_deref()).await?;
    if email.is_some() && phone.is_some() {
        return Err(AuthError::invalid("Only an email address or phone number should be provided"));
    }
    if email.is_some() && filled(&parameters.channel).is_some() {
        return Err(AuthError::invalid("Channel should only be specified with Phone OTP"));
    }
    challenge(&parameters)?;
    let Some(email) = email else {
        return Err(match phone {
            Some(_) => {
                AuthError::bad_request(ErrorCode::PHONE_PROVIDER_DISABLED, "Unsupported phone provider")
            }
            None => AuthError::invalid("One of email or phone must be set"),
        });
    };
    if parameters.create_user == Some(false) {
        let email = crate::email::normalise(email)?;
        let key = UserKey::Email { email: &email, audience: &state.settings.audience };
        if state.store.user(&key).await?.is_none() {
            return Err(AuthError::unprocessable(ErrorCode::OTP_DISABLED, "Signups not allowed for otp"));
        }
    }
    send(&state, &client, &wanted, &parameters).await
}

/// `POST /magiclink`, the older name.
pub(super) async fn magic_link(
    axum::extract::State(state): axum::extract::State<State>,
    client: Client,
    wanted: WantedRedirect,
    Json(parameters): Json<Parameters>,
) -> Result<Response> {
    state.rates.take(Limit::MagicLink, &client, account(filled(&parameters.email)).as_deref()).await?;
    send(&state, &client, &wanted, &parameters).await
}

fn challenge(parameters: &Parameters) -> Result<Option<Challenge>> {
    Challenge::asked(parameters.code_challenge.as_deref(), parameters.code_challenge_method.as_deref())
}

async fn send(
    state: &State,
    client: &Client,
    wanted: &WantedRedirect,
    parameters: &Parameters,
) -> Result<Response> {
    if !state.settings.email.enabled {
        return Err(AuthError::unprocessable(
            ErrorCode::EMAIL_PROVIDER_DISABLED,
            "Email logins are disabled",
        ));
    }
    let Some(email) = filled(&parameters.email) else {
        return Err(AuthError::unprocessable(
            ErrorCode::VALIDATION_FAILED,
            "Password recovery requires an email",
        ));
    };
    let email = crate::email::normalise(email)?;
    let challenge = challenge(parameters)?;
    let redirect_to = state.settings.redirects.choose(wanted);
    let key = UserKey::Email { email: &email, audience: &state.settings.audience };
    let is_confirmed = state.store.user(&key).await?.is_some_and(|user| user.is_email_confirmed());
    if !is_confirmed {
        if !state.settings.signup_enabled {
            return Err(AuthError::unprocessable(
                ErrorCode::SIGNUP_DISABLED,
                "Signups not allowed for this instance",
            ));
        }
        let data = parameters.data.clone().unwrap_or_default();
        let registration = Registration {
            email: &email,
            password: None,
            data: &data,
            challenge: challenge.as_ref(),
            redirect_to: &redirect_to,
        };
        match registration::register(state, client, &registration).await? {
            Registered::Pending(_) => return json(StatusCode::OK, &json!({})),
            Registered::Created | Registered::Exists(_) => {}
            Registered::SignedIn(_) => {
                return Err(AuthError::internal("who has no password is not signed in by it"));
            }
        }
    }
    let letter = Letter {
        errand: Errand::MagicLink,
        method: Method::MagicLink,
        challenge: challenge.as_ref(),
        redirect_to: &redirect_to,
    };
    letter.send(state, client, &email).await?;
    json(StatusCode::OK, &json!({}))
}
