//! A way in which a user is known.

use super::Timestamp;
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

/// A row of `auth.identities`: a user as a provider knows them.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Identity {
    /// The row's id.
    #[serde(rename = "identity_id")]
    pub identity_id: Uuid,
    /// The provider's id of the user; for e-mail and phone the user's own id.
    #[serde(rename = "id")]
    pub provider_id: String,
    /// Whose it is.
    pub user_id: Uuid,
    /// What the provider says.
    pub identity_data: Map<String, Value>,
    /// `email`, `phone`, `google` …
    pub provider: String,
    /// When it was last used.
    pub last_sign_in_at: Option<Timestamp>,
    /// When it was made.
    pub created_at: Option<Timestamp>,
    /// When it last changed.
    pub updated_at: Option<Timestamp>,
    /// The address in `identity_data`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
}

impl Identity {
    /// Whether the provider says, as a boolean, that the address is verified.
    pub fn email_is_verified(&self) -> bool {
        self.identity_data.get("email_verified") == Some(&Value::Bool(true))
    }
}
