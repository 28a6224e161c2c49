//! `POST /resend`: another letter of a sign-up or of a change of address. Whether there is anything to send is not told.

use super::signup::account;
use crate::State;
use crate::audit::Action;
use crate::error::{AuthError, ErrorCode, Result};
use crate::mailing::{self, Errand, Flow, Pretended};
use crate::model::{Method, User};
use crate::pkce::Challenge;
use crate::rates::Limit;
use crate::request::{Client, Json, WantedRedirect, filled, json};
use crate::store::{Change, ChangeError, Committed, UserKey};
use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Parameters {
    r#type: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    code_challenge: Option<String>,
    code_challenge_method: Option<String>,
}

/// What is sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Again {
    Signup,
    EmailChange,
}

impl Again {
    fn pretended(self) -> Pretended {
        match self {
            Again::Signup => Pretended::Confirmation,
            Again::EmailChange => Pretended::EmailChange,
        }
    }
}

pub(super) async fn resend(
    axum::extract::State(state): axum::extract::State<State>,
    client: Client,
    wanted: WantedRedirect,
    Json(parameters): Json<Parameters>,
) -> Result<Response> {
    let (email, phone) = (filled(&parameters.email), filled(&parameters.phone));
    state.rates.take(Limit::Resend, &client, account(email).as_deref()).await?;
    let again = match filled(&parameters.r#type) {
        Some("signup") => Some(Again::Signup),
        Some("email_change") => Some(Again::EmailChange),
        Some("sms" | "phone_change") => None,
        _ => {
            return Err(AuthError::invalid(
                "Missing one of these types: signup, email_change, sms, phone_change",
            ));
        }
    };
    let challenge =
        Challenge::asked(parameters.code_challenge.as_deref(), parameters.code_challenge_method.as_deref())?;
    if email.is_none() && again == Some(Again::Signup) {
        return Err(AuthError::invalid("Type provided requires an email address"));
    }
    if phone.is_none() && filled(&parameters.r#type) == Some("sms") {
        return Err(AuthError::invalid("Type provided requires a phone number"));
    }
    let email = match (email, phone) {
        (Some(_), Some(_)) => {
            return Err(AuthError::invalid("Only an email address or phone number should be provided."));
        }
        (None, None) => return Err(AuthError::invalid("Missing email address or phone number")),
        (None, Some(_)) => {
            return Err(AuthError::bad_request(
                ErrorCode::PHONE_PROVIDER_DISABLED,
                "Phone logins are disabled",
            ));
        }
        (Some(email), None) => email,
    };
    if !state.settings.email.enabled {
        return Err(AuthError::bad_request(ErrorCode::EMAIL_PROVIDER_DISABLED, "Email logins are disabled"));
    }
    let email = crate::email::normalise(email)?;
    if let Some(again) = again {
        let redirect_to = state.settings.redirects.choose(&wanted);
        send(&state, &client, again, &email, challenge.as_ref(), &redirect_to).await?;
    }
    json(StatusCode::OK, &json!({}))
}

/// How often a letter is decided anew when the user's row changes at the same time.
const ATTEMPTS: usize = 3;

async fn send(
    state: &State,
    client: &Client,
    again: Again,
    email: &str,
    challenge: Option<&Challenge>,
    redirect_to: &str,
) -> Result<()> {
    let key = UserKey::Email { email, audience: &state.settings.audience };
    for _ in 0..ATTEMPTS {
        let user = state.store.user(&key).await?.filter(|user| user.deleted_at.is_none());
        let change = match &user {
            Some(user) => letter(state, client, again, user, challenge, redirect_to)?,
            None => None,
        };
        let Some(change) = change else { return mailing::pretend(state, again.pretended(), email).await };
        mailing::check_total(state).await?;
        match state.commit(change).await.map_err(ChangeError::Database) {
            Ok(Committed::Done(_)) => return Ok(()),
            Ok(Committed::Stale) => {}
            Err(error) if error.is_race() => {}
            Err(error) => return Err(error.into()),
        }
    }
    Err(ChangeError::Stale.into())
}

/// `None`: there is nothing to send.
fn letter(
    state: &State,
    client: &Client,
    again: Again,
    user: &User,
    challenge: Option<&Challenge>,
    redirect_to: &str,
) -> Result<Option<Change>> {
    let flow = Flow::of(challenge);
    let mut change = Change::new();
    match again {
        Again::Signup if user.is_email_confirmed() => return Ok(None),
        Again::Signup => {
            let sent_at = user.confirmation_sent_at;
            mailing::check_frequency(state, sent_at, user.read_at)?;
            mailing::send(state, &mut change, Errand::Confirmation, user.into(), sent_at, flow, redirect_to)?;
            let method = Method::EmailSignup;
            mailing::begin_flow(&mut change, user.id, method, method.as_str(), challenge);
            change.audit(client, user, Action::UserConfirmationRequested, None);
        }
        Again::EmailChange => {
            let Some(new) = user.email_change.as_deref().filter(|new| !new.is_empty()) else {
                return Ok(None);
            };
            mailing::check_frequency(state, user.email_change_sent_at, user.read_at)?;
            mailing::send_email_change(state, &mut change, user, new, flow, redirect_to)?;
            let method = Method::EmailChange;
            mailing::begin_flow(&mut change, user.id, method, method.as_str(), challenge);
        }
    }
    Ok(Some(change))
}
