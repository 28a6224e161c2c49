//! Tokens: claims signed with the project's secret.

use super::ProjectKeys;
use serde_json::{Map, Value, json};
use std::time::Duration;

/// Signs the claims with a secret (HS256).
pub(super) fn sign(secret: &str, claims: &Map<String, Value>) -> String {
    // HMAC takes a key of any length, so that signing cannot fail.
    web::sign_with_secret(secret.as_bytes(), claims).unwrap_or_default()
}

/// A token to be made.
#[derive(Clone, Debug, PartialEq)]
pub struct TokenRequest {
    /// The role that it stands for.
    pub role: String,
    /// The user's id (`auth.uid()`).
    pub subject: Option<String>,
    /// Claims besides; they win over ours.
    pub claims: Map<String, Value>,
    /// Who says so.
    pub issuer: String,
    /// How long it is valid.
    pub expires_in: Duration,
}

impl TokenRequest {
    /// The claims at a time in seconds since 1970.
    pub fn claims_at(&self, now: u64) -> Map<String, Value> {
        let mut claims = Map::new();
        claims.insert("iss".into(), json!(self.issuer));
        if let Some(subject) = &self.subject {
            claims.insert("sub".into(), json!(subject));
        }
        claims.insert("aud".into(), json!("authenticated"));
        claims.insert("role".into(), json!(self.role));
        claims.insert("iat".into(), json!(now));
        claims.insert("exp".into(), json!(now.saturating_add(self.expires_in.as_secs())));
        claims.extend(self.claims.clone());
        claims
    }

    /// The token, signed with the secret.
    pub fn sign(&self, keys: &ProjectKeys, now: u64) -> String {
        sign(keys.jwt_secret.expose(), &self.claims_at(now))
    }
}
