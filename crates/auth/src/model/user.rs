//! A user.

use super::{Factor, Identity, Timestamp};
use serde::{Serialize, Serializer};
use serde_json::{Map, Value};
use uuid::Uuid;

/// A row of `auth.users` with its identities and factors. As JSON it is GoTrue's `User`, in its order; what is secret (hashes, tokens) is
/// never part of it.
#[derive(Clone, PartialEq, Serialize)]
pub struct User {
    /// Its id: the claim `sub`.
    pub id: Uuid,
    /// The audience: users are unique within one.
    pub aud: String,
    /// The database role of its tokens.
    pub role: String,
    /// The address, in lower case.
    #[serde(serialize_with = "text_or_empty")]
    pub email: Option<String>,
    /// When the address was confirmed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email_confirmed_at: Option<Timestamp>,
    /// When an administrator invited them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invited_at: Option<Timestamp>,
    /// The telephone number, E.164 without `+`.
    #[serde(serialize_with = "text_or_empty")]
    pub phone: Option<String>,
    /// When the number was confirmed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_confirmed_at: Option<Timestamp>,
    /// When the confirmation was mailed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirmation_sent_at: Option<Timestamp>,
    /// The earlier of the two confirmations.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirmed_at: Option<Timestamp>,
    /// When a recovery or a magic link was mailed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub recovery_sent_at: Option<Timestamp>,
    /// The address that is to replace the present one.
    #[serde(rename = "new_email", skip_serializing_if = "is_empty")]
    pub email_change: Option<String>,
    /// When the change of address was mailed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email_change_sent_at: Option<Timestamp>,
    /// The number that is to replace the present one.
    #[serde(rename = "new_phone", skip_serializing_if = "is_empty")]
    pub phone_change: Option<String>,
    /// When the change of number was sent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub phone_change_sent_at: Option<Timestamp>,
    /// When the reauthentication code was mailed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reauthentication_sent_at: Option<Timestamp>,
    /// When they last signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_sign_in_at: Option<Timestamp>,
    /// What the operator keeps about them: `provider`, `providers` and their own.
    pub app_metadata: Map<String, Value>,
    /// What they say of themselves.
    pub user_metadata: Map<String, Value>,
    /// Their second factors.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub factors: Vec<Factor>,
    /// How they are known.
    pub identities: Vec<Identity>,
    /// When they signed up.
    pub created_at: Option<Timestamp>,
    /// When the row last changed.
    pub updated_at: Option<Timestamp>,
    /// Until when they may not sign in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub banned_until: Option<Timestamp>,
    /// When they were deleted while their row was kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub deleted_at: Option<Timestamp>,
    /// Whether they have proven nothing.
    pub is_anonymous: bool,
    /// Whether their organisation's provider speaks for them.
    #[serde(skip)]
    pub is_sso_user: bool,
    /// The password's hash; none or empty is no password.
    #[serde(skip)]
    pub encrypted_password: Option<String>,
    /// The pending tokens' hashes, `""` when there is none.
    #[serde(skip)]
    pub tokens: Tokens,
    /// How many of the two addresses have confirmed a change.
    #[serde(skip)]
    pub email_change_confirm_status: i64,
    /// The database's clock when the row was read.
    #[serde(skip)]
    pub read_at: Timestamp,
}

/// The hashes of the tokens that were mailed and not used yet.
#[derive(Clone, PartialEq, Default)]
pub struct Tokens {
    /// Of the sign-up's confirmation or of an invitation.
    pub confirmation: String,
    /// Of a recovery or a magic link.
    pub recovery: String,
    /// Of a change of address, sent to the present one.
    pub email_change_current: String,
    /// Of a change of address, sent to the new one.
    pub email_change_new: String,
    /// Of a reauthentication.
    pub reauthentication: String,
}

impl std::fmt::Debug for User {
    // Hashes are not printed.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("User").field("id", &self.id).finish_non_exhaustive()
    }
}

impl User {
    /// Whether the address was confirmed.
    pub fn is_email_confirmed(&self) -> bool {
        self.email_confirmed_at.is_some()
    }

    /// Whether it was shown that the address is theirs: confirmed, and not merely because nothing asked for a proof when they signed up. Of their
    /// identities with that address one says so then, or none denies it.
    pub fn is_email_proven(&self) -> bool {
        let says = |flag: bool| {
            self.identities.iter().any(|identity| {
                identity.email == self.email
                    && identity.identity_data.get("email_verified") == Some(&Value::Bool(flag))
            })
        };
        self.is_email_confirmed() && (says(true) || !says(false))
    }

    /// Whether they may not sign in now.
    pub fn is_banned(&self) -> bool {
        self.banned_until.is_some_and(|until| self.read_at < until)
    }

    /// Whether they have a password.
    pub fn has_password(&self) -> bool {
        self.encrypted_password.as_deref().is_some_and(|hash| !hash.is_empty())
    }

    /// The hash to check a password against.
    pub fn password_hash(&self) -> Option<&str> {
        self.encrypted_password.as_deref().filter(|hash| !hash.is_empty())
    }

    /// Whether a second factor counts for them.
    pub fn has_verified_factor(&self) -> bool {
        self.factors.iter().any(Factor::is_verified)
    }

    /// Their identity at a provider.
    pub fn identity(&self, provider: &str) -> Option<&Identity> {
        self.identities.iter().find(|identity| identity.provider == provider)
    }

    /// `app_metadata` with `provider` and `providers` as these identities have them, oldest first.
    pub fn app_metadata_of<'a>(&self, identities: impl IntoIterator<Item = &'a str>) -> Map<String, Value> {
        let mut providers: Vec<Value> = Vec::new();
        for provider in identities {
            if !providers.iter().any(|known| known == provider) {
                providers.push(provider.into());
            }
        }
        let mut app_metadata = self.app_metadata.clone();
        if let Some(first) = providers.first() {
            app_metadata.insert("provider".into(), first.clone());
        }
        app_metadata.insert("providers".into(), providers.into());
        app_metadata
    }

    /// The address or, without one, nothing.
    pub fn email(&self) -> &str {
        self.email.as_deref().unwrap_or("")
    }
}

#[expect(clippy::ref_option, reason = "serde gives a reference to the field")]
fn text_or_empty<S: Serializer>(text: &Option<String>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(text.as_deref().unwrap_or(""))
}

#[expect(clippy::ref_option, reason = "serde gives a reference to the field")]
fn is_empty(text: &Option<String>) -> bool {
    text.as_deref().unwrap_or("").is_empty()
}
