//! What an administrator says about a user (GoTrue's `AdminUserParams`).

use super::ban::Ban;
use crate::State;
use crate::error::{AuthError, Result};
use crate::password;
use serde::Deserialize;
use serde_json::{Map, Value};
use uuid::Uuid;

/// The most characters of a role or an audience.
const LONGEST_NAME: usize = 255;

/// What is to be of a user; what is absent stays as it is, or gets its default. An empty text is absent.
#[derive(Clone, Default, Deserialize)]
pub struct UserParameters {
    /// The id, a UUID; only at creation.
    pub id: Option<String>,
    /// The audience; only at creation.
    pub aud: Option<String>,
    /// The database role of their tokens.
    pub role: Option<String>,
    /// The address.
    pub email: Option<String>,
    /// The telephone number.
    pub phone: Option<String>,
    /// The password.
    pub password: Option<String>,
    /// The password's hash, made elsewhere.
    pub password_hash: Option<String>,
    /// Whether the address counts as confirmed now.
    pub email_confirm: Option<bool>,
    /// Whether the number counts as confirmed now.
    pub phone_confirm: Option<bool>,
    /// Entries for what they say of themselves; null removes one.
    pub user_metadata: Option<Map<String, Value>>,
    /// Entries for what the operator keeps about them; null removes one.
    pub app_metadata: Option<Map<String, Value>>,
    /// For how long they may not sign in, as Go writes durations (`24h`, `1h30m`), or `none`.
    pub ban_duration: Option<String>,
}

impl std::fmt::Debug for UserParameters {
    // The password is not printed.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("UserParameters").field("id", &self.id).finish_non_exhaustive()
    }
}

/// The same, checked.
#[derive(Default)]
pub(super) struct Wanted {
    pub(super) id: Option<Uuid>,
    pub(super) aud: Option<String>,
    pub(super) role: Option<String>,
    /// In lower case.
    pub(super) email: Option<String>,
    pub(super) phone: Option<String>,
    pub(super) secret: Option<Secret>,
    pub(super) email_confirm: bool,
    pub(super) phone_confirm: bool,
    pub(super) user_metadata: Map<String, Value>,
    pub(super) app_metadata: Map<String, Value>,
    pub(super) ban: Option<Ban>,
}

/// What is to prove who they are.
pub(super) enum Secret {
    Password(String),
    Hash(String),
}

impl Secret {
    /// The hash to keep.
    pub(super) async fn hash(&self, state: &State) -> Result<String> {
        match self {
            Secret::Password(password) => Ok(state.hasher.hash(password).await?),
            Secret::Hash(hash) => Ok(hash.clone()),
        }
    }
}

impl UserParameters {
    /// Checks each.
    pub(super) fn check(self) -> Result<Wanted> {
        let UserParameters {
            id,
            aud,
            role,
            email,
            phone,
            password,
            password_hash,
            email_confirm,
            phone_confirm,
            user_metadata,
            app_metadata,
            ban_duration,
        } = self;
        let email = filled(email).map(|email| crate::email::normalise(&email)).transpose()?;
        let phone = filled(phone).map(|phone| crate::phone::normalise(&phone)).transpose()?;
        let secret = match (password, filled(password_hash)) {
            (Some(_), Some(_)) => {
                return Err(AuthError::invalid("Only a password or a password hash should be provided"));
            }
            (Some(password), None) => Some(Secret::Password(password)),
            (None, Some(hash)) if password::accepts(&hash) => Some(Secret::Hash(hash)),
            (None, Some(_)) => {
                return Err(AuthError::invalid(
                    "The password hash is in no known form, or is too costly to check (bcrypt, Argon2 and Firebase scrypt are known)",
                ));
            }
            (None, None) => None,
        };
        Ok(Wanted {
            id: filled(id).map(|id| user_id(&id)).transpose()?,
            aud: name("aud", aud)?,
            role: name("role", role)?,
            email,
            phone,
            secret,
            email_confirm: email_confirm.unwrap_or(false),
            phone_confirm: phone_confirm.unwrap_or(false),
            user_metadata: user_metadata.unwrap_or_default(),
            app_metadata: app_metadata.unwrap_or_default(),
            ban: filled(ban_duration).map(|text| Ban::parse(&text)).transpose()?,
        })
    }
}

fn filled(text: Option<String>) -> Option<String> {
    text.filter(|text| !text.is_empty())
}

fn user_id(text: &str) -> Result<Uuid> {
    let id: Uuid = text.parse().map_err(|_| AuthError::invalid("ID must conform to the uuid v4 format"))?;
    if id.is_nil() { Err(AuthError::invalid("ID cannot be a nil uuid")) } else { Ok(id) }
}

fn name(field: &str, text: Option<String>) -> Result<Option<String>> {
    let text = filled(text);
    match &text {
        Some(name) if name.chars().count() > LONGEST_NAME || name.chars().any(char::is_control) => {
            Err(AuthError::invalid(format!("{field} is too long or has control characters")))
        }
        Some(_) | None => Ok(text),
    }
}
