//! Ids in paths: of one form, whatever was encoded. No slash, no dot and no `..` gets past it.

use crate::error::{AuthError, ErrorCode, Result};
use axum::extract::{FromRequestParts, RawPathParams};
use http::request::Parts;
use uuid::Uuid;

/// The user that the path names.
pub(in crate::endpoints) struct UserId(pub(super) Uuid);

/// The second factor that the path names.
pub(in crate::endpoints) struct FactorId(pub(super) Uuid);

impl<S: Send + Sync> FromRequestParts<S> for UserId {
    type Rejection = AuthError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<UserId> {
        let refused = || AuthError::not_found(ErrorCode::VALIDATION_FAILED, "user_id must be an UUID");
        parameter(parts, state, "user_id").await.map(UserId).ok_or_else(refused)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for FactorId {
    type Rejection = AuthError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<FactorId> {
        let refused = || AuthError::not_found(ErrorCode::VALIDATION_FAILED, "factor_id must be an UUID");
        parameter(parts, state, "factor_id").await.map(FactorId).ok_or_else(refused)
    }
}

async fn parameter<S: Send + Sync>(parts: &mut Parts, state: &S, name: &str) -> Option<Uuid> {
    // Its text is decoded once, by the router; what is no text is no id.
    let parameters = RawPathParams::from_request_parts(parts, state).await.ok()?;
    let (_, text) = parameters.iter().find(|(key, _)| *key == name)?;
    // The usual form alone: 36 characters with hyphens.
    if text.len() == 36 { Uuid::try_parse(text).ok() } else { None }
}
