//! What administrators do to users, by whichever door they come: the rules are here, once. Each function is one change with
//! its entry in the audit log; what ends a user's access (a ban, a new password, a deletion) ends every session in the same change.

mod audit_log;
mod ban;
mod create;
mod delete;
mod factors;
mod invite;
mod link;
mod list;
mod parameters;
mod update;

pub use audit_log::{AuditPage, AuditQuery, audit_log};
pub use create::create;
pub use delete::{Deletion, delete};
pub use factors::delete_factor;
pub use invite::{invite, invite_to_site};
pub use link::{Link, LinkParameters, LinkType, link, link_to_site};
pub(crate) use list::DEFAULT_PER_PAGE;
pub use list::{Cursor, Order, Page, UserPage, UserQuery, users};
pub use parameters::UserParameters;
pub use update::update;

pub use crate::store::audit_log::AuditEntry;

use crate::State;
use crate::audit::{self, Action, Actor};
use crate::error::{AuthError, ErrorCode, Result};
use crate::model::User;
use crate::request::Client;
use crate::store::{Change, ChangeError, UserKey};
use database::DatabaseError;
use serde_json::Value;
use uuid::Uuid;

/// How often a change is decided anew when another is made to the same user at the same time.
const ATTEMPTS: usize = 3;

/// Who administers users. To hold one is to have been checked.
#[derive(Clone, Debug)]
pub struct Administrator {
    role: String,
    client: Client,
}

impl Administrator {
    /// Somebody with a token of a role that may.
    pub(crate) fn new(role: String, client: Client) -> Administrator {
        Administrator { role, client }
    }

    /// Whoever operates the machine.
    pub fn operator() -> Administrator {
        Administrator { role: "operator".to_owned(), client: Client::default() }
    }

    /// Adds what they do to the audit log.
    fn record(&self, change: &mut Change, action: Action, traits: Value) {
        change.then(audit::statement(&self.client, &Actor::administrator(&self.role), action, Some(traits)));
    }
}

/// The audience of whose users the operator speaks.
pub fn audience(state: &State) -> &str {
    &state.settings.audience
}

/// A user by id.
///
/// # Errors
/// 404 `user_not_found`.
pub async fn user(state: &State, id: Uuid) -> Result<User> {
    state.store.user(&UserKey::Id(id)).await?.ok_or_else(not_found)
}

/// A user by address, within the accounts' own audience.
///
/// # Errors
/// 400 for what is no address; 404 `user_not_found`.
pub async fn user_by_email(state: &State, email: &str) -> Result<User> {
    let email = crate::email::normalise(email)?;
    let key = UserKey::Email { email: &email, audience: &state.settings.audience };
    state.store.user(&key).await?.ok_or_else(not_found)
}

/// Whether a password is strong enough.
fn check_strength(state: &State, password: &str, email: Option<&str>) -> Result<()> {
    Ok(state.settings.passwords.check(password, email)?)
}

/// The id of a user who is named by address or id.
///
/// # Errors
/// 400 for what is neither; 404 `user_not_found` for an unknown address.
pub async fn identify(state: &State, name: &str) -> Result<Uuid> {
    match Uuid::try_parse(name) {
        Ok(id) => Ok(id),
        Err(_) => Ok(user_by_email(state, name).await?.id),
    }
}

fn not_found() -> AuthError {
    AuthError::not_found(ErrorCode::USER_NOT_FOUND, "User not found")
}

fn email_exists() -> AuthError {
    AuthError::unprocessable(
        ErrorCode::EMAIL_EXISTS,
        "A user with this email address has already been registered",
    )
}

fn phone_exists() -> AuthError {
    AuthError::unprocessable(ErrorCode::PHONE_EXISTS, "Phone number already registered by another user")
}

/// Whom an entry of the audit log is about.
fn traits_of(id: Uuid, email: Option<&str>, phone: Option<&str>) -> Value {
    serde_json::json!({"user_id": id, "user_email": email.unwrap_or(""), "user_phone": phone.unwrap_or("")})
}

/// What the database's refusal of a change to a user means.
fn refused(error: ChangeError, doing: &'static str) -> AuthError {
    let ChangeError::Database(error) = error else { return error.into() };
    if error.code() == sqlstate::UNIQUE_VIOLATION {
        match error.fields().constraint.as_deref() {
            Some("users_email_partial_key") => return email_exists(),
            Some("users_phone_key") => return phone_exists(),
            Some("users_pkey") => {
                return AuthError::unprocessable(
                    ErrorCode::USER_ALREADY_EXISTS,
                    "A user with this ID already exists",
                );
            }
            _ => {}
        }
    }
    failed(error, doing)
}

/// A refusal that is nobody's fault here: a trigger of the project, for instance, whose error only the log may show.
fn failed(error: DatabaseError, doing: &'static str) -> AuthError {
    let answer = AuthError::from(error);
    if answer.status() == http::StatusCode::INTERNAL_SERVER_ERROR { answer.saying(doing) } else { answer }
}
