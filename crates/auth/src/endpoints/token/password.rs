//! The grant `password`.

use crate::State;
use crate::audit::Action;
use crate::error::{AuthError, ErrorCode, Result};
use crate::model::Method;
use crate::rates::Limit;
use crate::request::Client;
use crate::sessions::{self, DecidedOn, WeakPassword};
use crate::store::users::Update;
use crate::store::{Change, UserKey};
use axum::response::Response;
use serde::Deserialize;
use serde_json::json;

#[derive(Deserialize)]
pub(super) struct Parameters {
    #[serde(default)]
    email: String,
    #[serde(default)]
    phone: String,
    #[serde(default)]
    password: String,
}

/// How often a sign-in is decided anew when the user's row changes at the same time.
const ATTEMPTS: usize = 3;

pub(super) async fn grant(state: &State, client: &Client, parameters: Parameters) -> Result<Response> {
    let Parameters { email, phone, password } = parameters;
    // What is no address is nobody's: the answer, and the time that it takes, are those of a wrong password.
    let address = crate::email::normalise(&email).unwrap_or_default();
    state
        .rates
        .take(Limit::Token, client, Some(address.as_str()).filter(|address| !address.is_empty()))
        .await?;
    match (email.is_empty(), phone.is_empty()) {
        (false, false) => {
            return Err(AuthError::invalid(
                "Only an email address or phone number should be provided on login.",
            ));
        }
        (true, true) => return Err(AuthError::invalid("missing email or phone")),
        (true, false) => {
            return Err(AuthError::unprocessable(
                ErrorCode::PHONE_PROVIDER_DISABLED,
                "Phone logins are disabled",
            ));
        }
        (false, true) => {}
    }
    if !state.settings.email.enabled {
        return Err(AuthError::unprocessable(
            ErrorCode::EMAIL_PROVIDER_DISABLED,
            "Email logins are disabled",
        ));
    }
    for _ in 0..ATTEMPTS {
        if let Some(response) = try_grant(state, client, &address, &password).await? {
            return Ok(response);
        }
    }
    Err(crate::store::ChangeError::Stale.into())
}

/// `None`: the user's row changed meanwhile.
async fn try_grant(state: &State, client: &Client, email: &str, password: &str) -> Result<Option<Response>> {
    let refused = || AuthError::bad_request(ErrorCode::INVALID_CREDENTIALS, "Invalid login credentials");
    let key = UserKey::Email { email, audience: &state.settings.audience };
    let user = if email.is_empty() { None } else { state.store.user(&key).await? };
    // A hash is computed for whoever is not there too.
    let stored = user.as_ref().and_then(|user| user.password_hash());
    let verified = state.hasher.verify(password, stored).await?;
    if let Some(unusable) = verified.unusable {
        return Err(refused().with_cause(unusable));
    }
    let Some(user) = user.filter(|_| verified.matches) else { return Err(refused()) };
    // Only who knows the password is told more.
    if user.is_banned() {
        return Err(AuthError::bad_request(ErrorCode::USER_BANNED, "User is banned"));
    }
    if user.deleted_at.is_some() {
        return Err(refused());
    }
    if !user.is_email_confirmed() {
        return Err(AuthError::bad_request(ErrorCode::EMAIL_NOT_CONFIRMED, "Email not confirmed"));
    }
    let mut change = Change::new();
    let session = sessions::begin(&mut change, &user, DecidedOn::Password, Method::Password, client)?;
    if let Some(rehash) = verified.rehash {
        change.then(Update::of(user.id).set("encrypted_password", rehash).statement());
    }
    change.audit(client, &user, Action::Login, Some(json!({"provider": "email"})));
    match sessions::commit(state, change, session, user.id).await {
        Ok(mut tokens) => {
            tokens.weak_password =
                state.settings.passwords.weakness(password, Some(email)).map(WeakPassword::from);
            tokens.answer().map(Some)
        }
        Err(error) if error.is_race() => Ok(None),
        Err(error) => Err(error.into()),
    }
}
