//! `PUT /user`: users change what is theirs. Only the fields named here have an effect; roles, ids and confirmations are nobody's own.

use crate::State;
use crate::access::SignedIn;
use crate::audit::Action;
use crate::endpoints::verify::{address_changed, email_exists, put_identity};
use crate::error::{AuthError, ErrorCode, Result};
use crate::letters::Kind;
use crate::mailing::{self, Flow};
use crate::model::{AssuranceLevel, Method, Session, User};
use crate::pkce::Challenge;
use crate::rates::Limit;
use crate::registration;
use crate::request::{Client, Json, WantedRedirect, filled, json};
use crate::sessions::is_recovery;
use crate::store::one_time_tokens::{self, TokenKind};
use crate::store::users::Update;
use crate::store::{Change, ChangeError, UserKey, sessions};
use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value};
use std::time::Duration;

/// How long after the sign-in a password may be changed without a mailed code, where one is asked for.
const RECENT: Duration = Duration::from_secs(24 * 60 * 60);

/// How often a change is decided anew when the user's row changes at the same time.
const ATTEMPTS: usize = 5;

#[derive(Deserialize, Default)]
#[serde(default)]
pub(in crate::endpoints) struct Parameters {
    email: Option<String>,
    phone: Option<String>,
    password: Option<String>,
    current_password: Option<String>,
    nonce: Option<String>,
    data: Option<Map<String, Value>>,
    app_metadata: Option<Value>,
    code_challenge: Option<String>,
    code_challenge_method: Option<String>,
}

/// What is asked for, checked as far as that needs no user.
struct Asked {
    /// In lower case.
    email: Option<String>,
    phone: Option<String>,
    password: Option<String>,
    current_password: Option<String>,
    nonce: Option<String>,
    data: Option<Map<String, Value>>,
    challenge: Option<Challenge>,
    redirect_to: String,
}

/// PUT
pub(in crate::endpoints) async fn put(
    axum::extract::State(state): axum::extract::State<State>,
    client: Client,
    wanted: WantedRedirect,
    SignedIn { user, session, .. }: SignedIn,
    Json(parameters): Json<Parameters>,
) -> Result<Response> {
    state.rates.take(Limit::User, &client, Some(&user.id.to_string())).await?;
    let asked = read(&state, &wanted, parameters, &user)?;
    let mut hash = None;
    let (mut user, mut session) = (user, session);
    for _ in 0..ATTEMPTS {
        check(&state, &asked, &user, session.as_ref()).await?;
        if hash.is_none()
            && let Some(password) = &asked.password
        {
            hash = Some(state.hasher.hash(password).await?);
        }
        if asked.new_email(&user).is_some() && !is_promoted_at_once(&state, &user) {
            mailing::check_total(&state).await?;
        }
        let change = decide(&state, &client, &asked, &user, session.as_ref(), hash.as_deref())?;
        match state.commit_and_read(change, &UserKey::Id(user.id)).await {
            Ok(Some(user)) => return json(StatusCode::OK, &user),
            Ok(None) => return Err(gone()),
            Err(error) if error.is_taken_email() => return Err(email_exists()),
            Err(error) if error.is_race() => {}
            Err(error) => return Err(error.doing("Error updating user")),
        }
        (user, session) = again(&state, &user, session.as_ref()).await?;
    }
    Err(ChangeError::Stale.into())
}

fn gone() -> AuthError {
    AuthError::forbidden(ErrorCode::USER_NOT_FOUND, "User from sub claim in JWT does not exist")
}

/// The user and the session as they are now; they may be gone, or signed out.
async fn again(state: &State, user: &User, session: Option<&Session>) -> Result<(User, Option<Session>)> {
    let (user, session) = match session {
        Some(session) => {
            let (user, found) = state.store.user_and_session(user.id, session.id).await?;
            if found.is_none() {
                return Err(AuthError::forbidden(
                    ErrorCode::SESSION_NOT_FOUND,
                    "Session from session_id claim in JWT does not exist",
                ));
            }
            (user, found)
        }
        None => (state.store.user(&UserKey::Id(user.id)).await?, None),
    };
    let user = user.ok_or_else(gone)?;
    if user.is_banned() {
        return Err(AuthError::forbidden(ErrorCode::USER_BANNED, "User is banned"));
    }
    Ok((user, session))
}

fn read(state: &State, wanted: &WantedRedirect, parameters: Parameters, user: &User) -> Result<Asked> {
    let Parameters {
        email,
        phone,
        password,
        current_password,
        nonce,
        data,
        app_metadata,
        code_challenge,
        code_challenge_method,
    } = parameters;
    let email = filled(&email).map(crate::email::normalise).transpose()?;
    if let Some(password) = &password {
        state.settings.passwords.check(password, email.as_deref().or(user.email.as_deref()))?;
    }
    if app_metadata.is_some_and(|value| !value.is_null()) {
        return Err(AuthError::forbidden(
            ErrorCode::NOT_ADMIN,
            "Updating app_metadata requires admin privileges",
        ));
    }
    let owned = |text: &Option<String>| filled(text).map(str::to_owned);
    Ok(Asked {
        email,
        phone: owned(&phone).map(|phone| phone.trim_start_matches('+').replace(' ', "")),
        password,
        current_password: owned(&current_password),
        nonce: owned(&nonce),
        data,
        challenge: Challenge::asked(code_challenge.as_deref(), code_challenge_method.as_deref())?,
        redirect_to: state.settings.redirects.choose(wanted),
    })
}

impl Asked {
    /// The address, where it is another one than the user's.
    fn new_email(&self, user: &User) -> Option<&str> {
        self.email.as_deref().filter(|email| *email != user.email())
    }

    /// The number, where it is another one than the user's.
    fn new_phone(&self, user: &User) -> Option<&str> {
        self.phone.as_deref().filter(|phone| Some(*phone) != user.phone.as_deref())
    }
}

/// Whether this user, in this session, may change this.
async fn check(state: &State, asked: &Asked, user: &User, session: Option<&Session>) -> Result<()> {
    let changes_identity = asked.new_email(user).is_some() || asked.new_phone(user).is_some();
    let has_second_factor = session.is_some_and(|session| session.assurance >= AssuranceLevel::Aal2);
    if user.has_verified_factor() && !has_second_factor && (asked.password.is_some() || changes_identity) {
        return Err(AuthError::new(
            StatusCode::UNAUTHORIZED,
            ErrorCode::INSUFFICIENT_AAL,
            "AAL2 session is required to update email or password when MFA is enabled.",
        ));
    }
    if user.is_anonymous && asked.password.is_some() && asked.email.is_none() && asked.phone.is_none() {
        return Err(AuthError::unprocessable(
            ErrorCode::VALIDATION_FAILED,
            "Updating password of an anonymous user without an email or phone is not allowed",
        ));
    }
    if user.is_sso_user && (asked.password.is_some() || changes_identity || asked.nonce.is_some()) {
        return Err(AuthError::unprocessable(
            ErrorCode::USER_SSO_MANAGED,
            "Updating email, phone, password of a SSO account only possible via SSO",
        ));
    }
    if let Some(email) = asked.new_email(user)
        && registration::user_of(state, email).await?.is_some_and(|other| other.id != user.id)
    {
        return Err(email_exists());
    }
    if asked.new_phone(user).is_some() {
        return Err(AuthError::bad_request(ErrorCode::PHONE_PROVIDER_DISABLED, "Phone logins are disabled"));
    }
    if asked.new_email(user).is_some() {
        mailing::check_frequency(state, user.email_change_sent_at, user.read_at)?;
    }
    match &asked.password {
        Some(password) => check_password(state, asked, password, user, session).await,
        None => Ok(()),
    }
}

/// Whether the password may be changed to this one.
async fn check_password(
    state: &State,
    asked: &Asked,
    password: &str,
    user: &User,
    session: Option<&Session>,
) -> Result<()> {
    if needs_code(state, user, session) {
        let Some(nonce) = &asked.nonce else {
            return Err(AuthError::bad_request(
                ErrorCode::REAUTHENTICATION_NEEDED,
                "Password update requires reauthentication",
            ));
        };
        check_code(state, nonce, user).await?;
    }
    let Some(stored) = user.password_hash() else { return Ok(()) };
    if state.settings.email.require_current_password && !is_recovery(session) {
        let refused =
            |code| AuthError::bad_request(code, "Current password required when setting new password.");
        let Some(current) = &asked.current_password else {
            return Err(refused(ErrorCode::CURRENT_PASSWORD_REQUIRED));
        };
        if !state.hasher.verify(current, Some(stored)).await?.matches {
            return Err(refused(ErrorCode::CURRENT_PASSWORD_INVALID));
        }
    }
    if state.hasher.verify(password, Some(stored)).await?.matches {
        return Err(AuthError::unprocessable(
            ErrorCode::SAME_PASSWORD,
            "New password should be different from the old password.",
        ));
    }
    Ok(())
}

/// Whether a password is changed by a mailed code only.
fn needs_code(state: &State, user: &User, session: Option<&Session>) -> bool {
    let is_recent = session.is_some_and(|session| user.read_at <= session.created_at.after(RECENT));
    state.settings.email.secure_password_change && !is_recent
}

async fn check_code(state: &State, nonce: &str, user: &User) -> Result<()> {
    let life = state.settings.email.otp_expiry;
    let sent_at = user.reauthentication_sent_at.map(|at| at.to_string()).unwrap_or_default();
    let may_try = state.rates.take_attempt(&format!("{}/{sent_at}", user.id), life).await?;
    let kept = &user.tokens.reauthentication;
    let is_young = user.reauthentication_sent_at.is_some_and(|at| user.read_at <= at.after(life));
    let is_right = state.codes.is_hash(kept, user.email(), nonce);
    if may_try && is_young && is_right && !kept.is_empty() {
        return Ok(());
    }
    Err(AuthError::unprocessable(ErrorCode::REAUTHENTICATION_NOT_VALID, "Nonce has expired or is invalid"))
}

/// What is written: the user's row first, under the condition that it is as it was read, then the session, which must not have been
/// signed out meanwhile.
fn decide(
    state: &State,
    client: &Client,
    asked: &Asked,
    user: &User,
    session: Option<&Session>,
    hash: Option<&str>,
) -> Result<Change> {
    let mut change = Change::new();
    let mut update = decided_on(asked, user).only_if_not_banned();
    if let Some(data) = &asked.data {
        update = update.set_object("raw_user_meta_data", merged(&user.user_metadata, data));
    }
    if let Some(hash) = hash {
        update = update
            .set("encrypted_password", hash)
            .clear("confirmation_sent_at")
            .clear("recovery_sent_at")
            .clear("email_change_sent_at")
            .clear("reauthentication_sent_at");
    }
    change.only_if_one(update.statement());
    if let Some(session) = session {
        change.only_if_one(sessions::touch_session(session.id));
    }
    if hash.is_some() {
        password_changed(state, &mut change, client, user, session)?;
    }
    if let Some(email) = asked.new_email(user) {
        change_address(state, &mut change, asked, user, email)?;
    }
    change.audit(client, user, Action::UserModified, None);
    Ok(change)
}

/// The change of the user's row, under the condition that what it is decided upon is as it was read. Sign-ins write the row as well: who knows
/// the password and signs in all the time must not keep the owner from changing it.
fn decided_on(asked: &Asked, user: &User) -> Update {
    let update = Update::of(user.id);
    match &user.email {
        Some(email) if asked.data.is_none() => update
            .only_if("email", email.as_str())
            .only_if("encrypted_password", user.encrypted_password.clone())
            .only_if("email_change_sent_at", user.email_change_sent_at.map(|at| at.to_string())),
        Some(_) | None => update.only_if_unchanged(user),
    }
}

/// What was let in by the old password, or asked for under it, ends.
fn password_changed(
    state: &State,
    change: &mut Change,
    client: &Client,
    user: &User,
    session: Option<&Session>,
) -> Result<()> {
    if needs_code(state, user, session) {
        let kind = TokenKind::Reauthentication;
        change.only_if_one(one_time_tokens::consume(user.id, kind, &user.tokens.reauthentication));
    }
    for statement in one_time_tokens::end_all(user.id) {
        change.then(statement);
    }
    change.then(match session {
        Some(session) => sessions::delete_others(user.id, session.id),
        None => sessions::delete_all(user.id),
    });
    change.audit(client, user, Action::UserUpdatedPassword, None);
    mailing::notify(state, change, Kind::PasswordChanged, user.into(), user.email(), |_| {})
}

/// Whether a new address is taken at once: no confirmation is asked for, and the user had none.
fn is_promoted_at_once(state: &State, user: &User) -> bool {
    user.is_anonymous && !state.settings.email.confirmations
}

/// Another address: mailed to, or taken at once where no confirmation is asked for and the user had none.
fn change_address(state: &State, change: &mut Change, asked: &Asked, user: &User, email: &str) -> Result<()> {
    if is_promoted_at_once(state, user) {
        let mut now = user.clone();
        if let Some(data) = &asked.data {
            now.user_metadata = merged(&user.user_metadata, data);
        }
        change.then(address_changed(&now, email).statement());
        put_identity(change, &now, email);
        return Ok(());
    }
    let (challenge, method) = (asked.challenge.as_ref(), Method::EmailChange);
    let flow = Flow::of(challenge);
    mailing::send_email_change(state, change, user, email, flow, &asked.redirect_to)?;
    mailing::begin_flow(change, user.id, method, method.as_str(), challenge);
    Ok(())
}

/// The data with the changes: null removes a key.
fn merged(data: &Map<String, Value>, changes: &Map<String, Value>) -> Map<String, Value> {
    let mut merged = data.clone();
    for (key, value) in changes {
        if value.is_null() {
            merged.remove(key);
        } else {
            merged.insert(key.clone(), value.clone());
        }
    }
    merged
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn null_removes_a_key() {
        let object = |value: Value| value.as_object().cloned().expect("an object");
        let merged = merged(
            &object(json!({"a": 1, "b": {"c": 2}, "d": 3})),
            &object(json!({"a": null, "b": {"e": null}, "f": 4, "g": null})),
        );
        assert_eq!(Value::Object(merged), json!({"b": {"e": null}, "d": 3, "f": 4}));
    }
}
