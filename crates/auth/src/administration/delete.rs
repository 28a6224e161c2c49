//! The deletion of a user.

use super::{Administrator, failed, not_found, traits_of, user};
use crate::State;
use crate::audit::Action;
use crate::error::{AuthError, ErrorCode, Result};
use crate::model::User;
use crate::store::users::{self, Update};
use crate::store::{Change, Committed, identities, one_time_tokens, sessions};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Map;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

/// What stays of a user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deletion {
    /// Nothing; the rows that refer to them go as their foreign keys say.
    Hard,
    /// The row and its id, without anything that tells who it was: address, number and identities are hashes.
    Soft,
}

/// Deletes a user, with all sessions and tokens. Softly deleting one again changes nothing.
///
/// # Errors
/// 404 for an unknown user; 409 when rows of the project refer to them and their foreign key forbids it.
pub async fn delete(
    state: &State,
    administrator: &Administrator,
    id: Uuid,
    deletion: Deletion,
) -> Result<()> {
    let found = user(state, id).await?;
    let mut change = Change::new();
    // The user's row first: a session that is about to begin finds it changed or gone.
    match deletion {
        Deletion::Hard => {
            change.then(sessions::delete_refresh_tokens_without_session(id));
            change.then(one_time_tokens::end_flows(id));
            change.only_if_one(users::delete(id));
        }
        Deletion::Soft if found.deleted_at.is_some() => {}
        Deletion::Soft => soften(&mut change, &found),
    }
    let traits = traits_of(id, found.email.as_deref(), found.phone.as_deref());
    administrator.record(&mut change, Action::UserDeleted, traits);
    match change.commit(&state.store).await {
        Ok(Committed::Done(_)) => Ok(()),
        Ok(Committed::Stale) => Err(not_found()),
        Err(error) if error.code() == sqlstate::FOREIGN_KEY_VIOLATION => {
            let table = error.fields().table.clone().unwrap_or_default();
            Err(AuthError::new(
                http::StatusCode::CONFLICT,
                ErrorCode::CONFLICT,
                format!("Database error deleting user: rows of the table \"{table}\" refer to it"),
            ))
        }
        Err(error) => Err(failed(error, "Database error deleting user")),
    }
}

fn soften(change: &mut Change, user: &User) {
    let hash = |text: &str| {
        URL_SAFE_NO_PAD.encode(Sha256::new().chain_update(user.id.to_string()).chain_update(text).finalize())
    };
    let short = |text: &str| hash(text).chars().take(15).collect::<String>();
    let phone = |text: Option<&str>| short(text.unwrap_or(""));
    let update = Update::of(user.id)
        .set("email", hash(user.email()))
        .set("phone", phone(user.phone.as_deref()))
        .set("email_change", hash(user.email_change.as_deref().unwrap_or("")))
        .set("phone_change", phone(user.phone_change.as_deref()))
        .set("phone_change_token", "")
        .clear("encrypted_password")
        .set_object("raw_user_meta_data", Map::new())
        .set_object("raw_app_meta_data", Map::new())
        .set_now("deleted_at");
    change.only_if_one(update.statement());
    for statement in one_time_tokens::end_all(user.id) {
        change.then(statement);
    }
    for identity in &user.identities {
        let known_as = hash(&format!("{}:{}", identity.provider, identity.provider_id));
        change.then(identities::erase(identity.identity_id, &known_as));
    }
    change.then(users::delete_factors(user.id));
    change.then(sessions::delete_all(user.id));
    change.then(sessions::delete_refresh_tokens_without_session(user.id));
}
