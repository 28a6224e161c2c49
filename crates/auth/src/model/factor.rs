//! A second factor as others see it.

use super::Timestamp;
use serde::Serialize;
use uuid::Uuid;

/// A row of `auth.mfa_factors` without its secret.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Factor {
    /// Its id.
    pub id: Uuid,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// When it last changed.
    pub updated_at: Option<Timestamp>,
    /// `verified` or `unverified`.
    pub status: String,
    /// The user's name for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub friendly_name: Option<String>,
    /// `totp`, `phone` or `webauthn`.
    pub factor_type: String,
    /// When it was last asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_challenged_at: Option<Timestamp>,
}

impl Factor {
    /// Whether it counts.
    pub fn is_verified(&self) -> bool {
        self.status == "verified"
    }
}
