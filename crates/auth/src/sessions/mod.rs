//! Sessions: how one begins, what its tokens say, how it is renewed.
//!
//! A change that ends sessions writes the user's row before it deletes them, and a change that begins one writes the user's row first
//! too, under the condition on which the sign-in was decided. So the two meet at that row, whichever engine it is on: a session
//! that was let in by an old password is not there after the change of the password.

mod refresh;

pub(crate) use refresh::refresh;

use crate::State;
use crate::error::{AuthError, Result};
use crate::model::{AssuranceLevel, Method, MethodReference, Session, User};
use crate::password::{Reason, Weak};
use crate::request::{self, Client};
use crate::secret;
use crate::store::users::Update;
use crate::store::{Change, ChangeError, UserKey, sessions};
use axum::response::Response;
use http::{HeaderName, HeaderValue, StatusCode};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::time::{SystemTime, UNIX_EPOCH};
use uuid::Uuid;

/// A session that is about to begin.
pub(crate) struct NewSession {
    pub(crate) id: Uuid,
    pub(crate) method: Method,
    refresh_token: String,
}

/// On what a sign-in was decided besides that the user is there and not banned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DecidedOn {
    /// The password's hash.
    Password,
    /// Something else, which the change uses up itself (a mailed code, a provider's state).
    Other,
}

/// Adds the beginning of a session to a change. Its first statement is the condition: call it before anything else that writes the
/// user's row is added.
///
/// # Errors
/// When there is no randomness.
pub(crate) fn begin(
    change: &mut Change,
    user: &User,
    decided_on: DecidedOn,
    method: Method,
    client: &Client,
) -> Result<NewSession> {
    let mut update = Update::of(user.id);
    if decided_on == DecidedOn::Password {
        update = update.only_if("encrypted_password", user.encrypted_password.clone());
    }
    begin_if(change, update, user.id, method, client)
}

/// Adds the beginning of a session to the change that makes its user.
///
/// # Errors
/// When there is no randomness.
pub(crate) fn begin_of_newcomer(
    change: &mut Change,
    user: Uuid,
    method: Method,
    client: &Client,
) -> Result<NewSession> {
    begin_if(change, Update::of(user), user, method, client)
}

fn begin_if(
    change: &mut Change,
    condition: Update,
    user: Uuid,
    method: Method,
    client: &Client,
) -> Result<NewSession> {
    let session = NewSession { id: Uuid::now_v7(), method, refresh_token: secret::token()? };
    change.only_if_one(condition.set_now("last_sign_in_at").only_if_not_banned().statement());
    for statement in sessions::insert(session.id, user, None, method, client) {
        change.then(statement);
    }
    change.then(sessions::insert_refresh_token(&session.refresh_token, None, user, session.id));
    Ok(session)
}

/// Commits the change that begins a session, and gives its tokens.
///
/// # Errors
/// [`ChangeError`]; the caller says what a race means.
pub(crate) async fn commit(
    state: &State,
    change: Change,
    session: NewSession,
    user: Uuid,
) -> Result<Tokens, ChangeError> {
    let user = state.commit_and_read(change, &UserKey::Id(user)).await?;
    let user = user.ok_or(ChangeError::Stale)?;
    let methods = vec![MethodReference {
        method: session.method.as_str().to_owned(),
        timestamp: user.read_at.unix_seconds(),
        provider: None,
    }];
    tokens(state, user, session.id, AssuranceLevel::Aal1, methods, session.refresh_token)
        .map_err(ChangeError::Other)
}

/// What a sign-in and a renewal answer (RFC 6749 section 5.1, with GoTrue's fields).
#[derive(Serialize)]
pub(crate) struct Tokens {
    pub(crate) access_token: String,
    pub(crate) token_type: &'static str,
    pub(crate) expires_in: u64,
    pub(crate) expires_at: i64,
    pub(crate) refresh_token: String,
    pub(crate) user: User,
    /// The provider's own token, after a sign-in with it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) provider_token: Option<String>,
    /// The provider's own refresh token.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) provider_refresh_token: Option<String>,
    /// Why the password should be changed, though it is right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) weak_password: Option<WeakPassword>,
    #[serde(skip)]
    pub(crate) session_id: Uuid,
    /// Whether the refresh token had been given out before.
    #[serde(skip)]
    pub(crate) reused: bool,
}

/// Why a password should be changed.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct WeakPassword {
    pub(crate) message: String,
    pub(crate) reasons: Vec<&'static str>,
}

impl From<Weak> for WeakPassword {
    fn from(Weak { reasons, message }: Weak) -> WeakPassword {
        WeakPassword { message, reasons: reasons.into_iter().map(Reason::as_str).collect() }
    }
}

/// The tokens of a session.
fn tokens(
    state: &State,
    user: User,
    session: Uuid,
    assurance: AssuranceLevel,
    methods: Vec<MethodReference>,
    refresh_token: String,
) -> Result<Tokens> {
    let now = SystemTime::now();
    let issued_at =
        now.duration_since(UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX));
    let life = state.settings.token_life.as_secs();
    let expires_at = issued_at.saturating_add(i64::try_from(life).unwrap_or(i64::MAX));
    let claims = claims(state, &user, session, assurance, methods, issued_at, expires_at)?;
    let access_token = state
        .keys
        .sign(&claims, now)
        .map_err(|error| AuthError::internal(format_args!("no token can be signed: {}", error.reason())))?;
    Ok(Tokens {
        access_token,
        token_type: "bearer",
        expires_in: life,
        expires_at,
        refresh_token,
        user,
        provider_token: None,
        provider_refresh_token: None,
        weak_password: None,
        session_id: session,
        reused: false,
    })
}

/// What an access token says.
fn claims(
    state: &State,
    user: &User,
    session: Uuid,
    assurance: AssuranceLevel,
    methods: Vec<MethodReference>,
    issued_at: i64,
    expires_at: i64,
) -> Result<Map<String, Value>> {
    let claims = json!({
        "iss": state.settings.issuer,
        "sub": user.id,
        "aud": user.aud,
        "exp": expires_at,
        "iat": issued_at,
        "email": user.email(),
        "phone": user.phone.as_deref().unwrap_or(""),
        "app_metadata": user.app_metadata,
        "user_metadata": user.user_metadata,
        "role": user.role,
        "aal": assurance.as_str(),
        "amr": methods,
        "session_id": session,
        "is_anonymous": user.is_anonymous,
    });
    match claims {
        Value::Object(claims) => Ok(claims),
        _ => Err(AuthError::internal("claims are an object")),
    }
}

impl Tokens {
    /// As a JSON answer, with the headers that GoTrue sets.
    ///
    /// # Errors
    /// None that a value of ours could cause.
    pub(crate) fn answer(&self) -> Result<Response> {
        let mut response = request::json(StatusCode::OK, self)?;
        let headers = response.headers_mut();
        let mut set = |name: &'static str, value: &str| {
            if let Ok(value) = HeaderValue::from_str(value) {
                headers.insert(HeaderName::from_static(name), value);
            }
        };
        set("sb-auth-user-id", &self.user.id.to_string());
        set("sb-auth-session-id", &self.session_id.to_string());
        set("sb-auth-refresh-token-prefix", self.refresh_token.get(..5).unwrap_or_default());
        set("sb-auth-refresh-token-reuse", if self.reused { "true" } else { "false" });
        Ok(response)
    }

    /// As the fragment of a URL to which a browser is sent (the implicit flow), with further parameters.
    pub(crate) fn fragment(&self, more: &[(&str, &str)]) -> String {
        let mut pairs: Vec<(&str, String)> = vec![
            ("access_token", self.access_token.clone()),
            ("expires_at", self.expires_at.to_string()),
            ("expires_in", self.expires_in.to_string()),
            ("refresh_token", self.refresh_token.clone()),
            ("sb", String::new()),
            ("token_type", self.token_type.to_owned()),
        ];
        let provider = [
            ("provider_token", &self.provider_token),
            ("provider_refresh_token", &self.provider_refresh_token),
        ];
        pairs.extend(provider.into_iter().filter_map(|(name, value)| Some((name, value.clone()?))));
        pairs.extend(more.iter().map(|(name, value)| (*name, (*value).to_owned())));
        pairs.sort_by(|left, right| left.0.cmp(right.0));
        url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
    }
}

/// Whether a session should be looked at as recovered: the new password needs no old one.
pub(crate) fn is_recovery(session: Option<&Session>) -> bool {
    session.is_some_and(Session::is_recovery)
}
