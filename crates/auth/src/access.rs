//! Who may: a handler that takes one of these cannot be reached without it.

use crate::State;
use crate::error::{AuthError, ErrorCode, Result};
use crate::model::{Session, User};
use axum::extract::FromRequestParts;
use http::StatusCode;
use http::request::Parts;
use serde_json::Value;
use std::time::SystemTime;
use uuid::Uuid;
use web::{Claims, Presented, TokenError};

/// What an endpoint asks for. Tests go through every route by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Nothing; the listed reason says why that is right.
    Public(&'static str),
    /// A user's token whose session was not signed out.
    User,
    /// A token of a role that administers users, or the secret key.
    Admin,
}

/// A user who is signed in: the row is there, not banned, and the session that the token names was not signed out.
#[derive(Clone, Debug)]
pub(crate) struct SignedIn {
    pub(crate) user: User,
    /// Absent for tokens that name none, made by the operator.
    pub(crate) session: Option<Session>,
    pub(crate) claims: Claims,
}

/// Somebody who may administer users.
#[derive(Clone, Debug)]
pub(crate) struct Admin {
    /// The role of the token.
    pub(crate) role: String,
}

impl FromRequestParts<State> for SignedIn {
    type Rejection = AuthError;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<SignedIn> {
        match bearer(parts, state)? {
            // The gateway puts a token in their place, which names nobody.
            Bearer::SecretKey | Bearer::PublishableKey => Err(missing_subject()),
            Bearer::Token(claims) => signed_in(state, claims).await,
        }
    }
}

impl FromRequestParts<State> for Admin {
    type Rejection = AuthError;

    async fn from_request_parts(parts: &mut Parts, state: &State) -> Result<Admin> {
        let refused = || AuthError::forbidden(ErrorCode::NOT_ADMIN, "User not allowed");
        match bearer(parts, state)? {
            Bearer::SecretKey => Ok(Admin { role: "service_role".to_owned() }),
            Bearer::PublishableKey => Err(refused()),
            Bearer::Token(claims) => {
                let role = claims.role();
                if !state.settings.admin_roles.iter().any(|admin| **admin == **role) {
                    return Err(refused());
                }
                Ok(Admin { role: role.to_string() })
            }
        }
    }
}

/// A verified credential.
enum Bearer {
    SecretKey,
    PublishableKey,
    Token(Claims),
}

fn bearer(parts: &Parts, state: &State) -> Result<Bearer> {
    let needed = || {
        AuthError::new(
            StatusCode::UNAUTHORIZED,
            ErrorCode::NO_AUTHORIZATION,
            "This endpoint requires a valid Bearer token",
        )
    };
    match state.keys.presented(&parts.headers).map_err(|error| bad_token(&error))? {
        Presented::Nothing => Err(needed()),
        Presented::PublishableKey => Ok(Bearer::PublishableKey),
        Presented::SecretKey => Ok(Bearer::SecretKey),
        Presented::Token("") => Err(needed()),
        Presented::Token(token) => {
            let caller = state.keys.verify(token, SystemTime::now()).map_err(|error| bad_token(&error))?;
            Ok(Bearer::Token(caller.claims().clone()))
        }
    }
}

fn bad_token(error: &TokenError) -> AuthError {
    if matches!(error, TokenError::Stale) {
        return AuthError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            ErrorCode::UNEXPECTED_FAILURE,
            "The keys could not be checked, please try again",
        )
        .with_header(http::header::RETRY_AFTER, "1");
    }
    AuthError::forbidden(
        ErrorCode::BAD_JWT,
        format!("invalid JWT: unable to parse or verify signature, {}", error.reason()),
    )
}

fn missing_subject() -> AuthError {
    AuthError::forbidden(ErrorCode::BAD_JWT, "invalid claim: missing sub claim")
}

async fn signed_in(state: &State, claims: Claims) -> Result<SignedIn> {
    let text = |name: &str| claims.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
    let Some(subject) = text("sub") else { return Err(missing_subject()) };
    let subject: Uuid = subject
        .parse()
        .map_err(|_| AuthError::bad_request(ErrorCode::BAD_JWT, "invalid claim: sub claim must be a UUID"))?;
    let session_id = match text("session_id") {
        None => None,
        Some(text) => {
            let id: Uuid = text.parse().map_err(|_| {
                AuthError::forbidden(ErrorCode::BAD_JWT, "invalid claim: session_id claim must be a UUID")
            })?;
            (!id.is_nil()).then_some(id)
        }
    };
    let (user, session) = match session_id {
        Some(session) => state.store.user_and_session(subject, session).await?,
        None => (state.store.user(&crate::store::UserKey::Id(subject)).await?, None),
    };
    // Whose row was kept when they were deleted is nobody any more.
    let Some(user) = user.filter(|user| user.deleted_at.is_none()) else {
        return Err(AuthError::forbidden(
            ErrorCode::USER_NOT_FOUND,
            "User from sub claim in JWT does not exist",
        ));
    };
    if session_id.is_some() && session.is_none() {
        return Err(AuthError::forbidden(
            ErrorCode::SESSION_NOT_FOUND,
            "Session from session_id claim in JWT does not exist",
        ));
    }
    if user.is_banned() {
        return Err(AuthError::forbidden(ErrorCode::USER_BANNED, "User is banned"));
    }
    Ok(SignedIn { user, session, claims })
}
