//! `POST /recover`: a letter to who forgot the password. Whether there is such a user is not told.

use super::signup::account;
use crate::State;
use crate::audit::Action;
use crate::error::{AuthError, ErrorCode, Result};
use crate::mailing::{self, Errand, Flow, Pretended};
use crate::model::Method;
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
    email: Option<String>,
    code_challenge: Option<String>,
    code_challenge_method: Option<String>,
}

pub(super) async fn recover(
    axum::extract::State(state): axum::extract::State<State>,
    client: Client,
    wanted: WantedRedirect,
    Json(parameters): Json<Parameters>,
) -> Result<Response> {
    let email = filled(&parameters.email);
    state.rates.take(Limit::Recover, &client, account(email).as_deref()).await?;
    if !state.settings.email.enabled {
        return Err(AuthError::bad_request(ErrorCode::EMAIL_PROVIDER_DISABLED, "Email logins are disabled"));
    }
    let Some(email) = email else {
        return Err(AuthError::invalid("Password recovery requires an email"));
    };
    let email = crate::email::normalise(email)?;
    let challenge =
        Challenge::asked(parameters.code_challenge.as_deref(), parameters.code_challenge_method.as_deref())?;
    let letter = Letter {
        errand: Errand::Recovery,
        method: Method::Recovery,
        challenge: challenge.as_ref(),
        redirect_to: &state.settings.redirects.choose(&wanted),
    };
    letter.send(&state, &client, &email).await?;
    json(StatusCode::OK, &json!({}))
}

/// A letter by which a registered user signs in.
pub(super) struct Letter<'a> {
    pub(super) errand: Errand,
    pub(super) method: Method,
    pub(super) challenge: Option<&'a Challenge>,
    pub(super) redirect_to: &'a str,
}

/// How often a letter is decided anew when the user's row changes at the same time.
const ATTEMPTS: usize = 3;

impl Letter<'_> {
    /// Sends it to the user of an address, if there is one.
    ///
    /// # Errors
    /// 429 when the last one was sent too short a time ago.
    pub(super) async fn send(&self, state: &State, client: &Client, email: &str) -> Result<()> {
        let Letter { errand, method, challenge, redirect_to } = *self;
        for _ in 0..ATTEMPTS {
            let key = UserKey::Email { email, audience: &state.settings.audience };
            let Some(user) = state.store.user(&key).await?.filter(|user| user.deleted_at.is_none()) else {
                return mailing::pretend(state, Pretended::Recovery, email).await;
            };
            mailing::check_frequency(state, user.recovery_sent_at, user.read_at)?;
            mailing::check_total(state).await?;
            let mut change = Change::new();
            let (flow, sent_at) = (Flow::of(challenge), user.recovery_sent_at);
            mailing::send(state, &mut change, errand, (&user).into(), sent_at, flow, redirect_to)?;
            mailing::begin_flow(&mut change, user.id, method, method.as_str(), challenge);
            change.audit(client, &user, Action::UserRecoveryRequested, None);
            match state.commit(change).await.map_err(ChangeError::Database) {
                Ok(Committed::Done(_)) => return Ok(()),
                Ok(Committed::Stale) => {}
                Err(error) if error.is_race() => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(ChangeError::Stale.into())
    }
}
