//! `DELETE /user/identities/{identity_id}`: one way less in which a user is known.

use crate::State;
use crate::access::SignedIn;
use crate::audit::Action;
use crate::error::{AuthError, ErrorCode, Result};
use crate::letters::Kind;
use crate::linking::providers_in;
use crate::mailing;
use crate::model::{Identity, User};
use crate::request::{Client, json};
use crate::store::users::Update;
use crate::store::{Change, Committed, UserKey, identities, one_time_tokens};
use axum::extract::Path;
use axum::response::Response;
use http::StatusCode;
use serde_json::{Value, json};
use uuid::Uuid;

/// How often the change is decided anew when the user changes at the same time.
const ATTEMPTS: usize = 3;

pub(super) async fn delete(
    axum::extract::State(state): axum::extract::State<State>,
    Path(identity): Path<String>,
    SignedIn { mut user, .. }: SignedIn,
    client: Client,
) -> Result<Response> {
    refuse_unless_linking(&state)?;
    let identity: Uuid = identity
        .parse()
        .map_err(|_| AuthError::not_found(ErrorCode::VALIDATION_FAILED, "identity_id must be an UUID"))?;
    for _ in 0..ATTEMPTS {
        let change = unlink(&state, &client, &user, identity).await?;
        if let Committed::Done(_) = state.commit(change).await? {
            return json(StatusCode::OK, &json!({}));
        }
        let read = state.store.user(&UserKey::Id(user.id)).await?;
        user = read.ok_or_else(|| {
            AuthError::forbidden(ErrorCode::USER_NOT_FOUND, "User from sub claim in JWT does not exist")
        })?;
    }
    Err(crate::store::ChangeError::Stale.into())
}

/// Linking by hand may be disabled.
///
/// # Errors
/// 404 `manual_linking_disabled`.
pub(super) fn refuse_unless_linking(state: &State) -> Result<()> {
    if state.settings.manual_linking_enabled {
        return Ok(());
    }
    Err(AuthError::not_found(ErrorCode::MANUAL_LINKING_DISABLED, "Manual linking is disabled"))
}

/// The change that removes it: under the condition that as many identities remain as were counted on.
async fn unlink(state: &State, client: &Client, user: &User, identity: Uuid) -> Result<Change> {
    if user.identities.len() <= 1 {
        return Err(AuthError::unprocessable(
            ErrorCode::SINGLE_IDENTITY_NOT_DELETABLE,
            "User must have at least 1 identity after unlinking",
        ));
    }
    let removed =
        user.identities.iter().find(|own| own.identity_id == identity).ok_or_else(|| {
            AuthError::unprocessable(ErrorCode::IDENTITY_NOT_FOUND, "Identity doesn't exist")
        })?;
    let others: Vec<&Identity> = user.identities.iter().filter(|own| own.identity_id != identity).collect();
    let mut providers: Vec<&str> = Vec::new();
    for other in &others {
        if !providers.contains(&other.provider.as_str()) {
            providers.push(&other.provider);
        }
    }
    let mut update = Update::of(user.id)
        .only_if("email", user.email.clone())
        .only_if("raw_app_meta_data", Value::Object(user.app_metadata.clone()).to_string())
        .set_object("raw_app_meta_data", providers_in(&user.app_metadata, &providers));
    let mut address_changes = false;
    if removed.provider == "phone" {
        update = update.clear("phone").clear("phone_confirmed_at");
    } else if !others.iter().any(|other| other.email == user.email) {
        let (email, confirmed) = next_address(state, user, &others).await?;
        address_changes = true;
        update = update.set("email", email).set("email_change", "").set("email_change_confirm_status", 0);
        if !confirmed {
            let mut metadata = user.user_metadata.clone();
            metadata.insert("email_verified".to_owned(), Value::Bool(false));
            update = update.clear("email_confirmed_at").set_object("raw_user_meta_data", metadata);
        }
    }
    let mut change = Change::new();
    change.only_if_one(update.statement());
    change.only_if_one(identities::delete(user.id, identity));
    // Of two that remove different ones at once, one must not take the last.
    change.only_if_one(identities::touch_another(user.id, identity));
    if address_changes {
        // They were mailed to the address that is not theirs any more.
        for statement in one_time_tokens::end_all(user.id) {
            change.then(statement);
        }
    }
    let traits = json!({
        "identity_id": removed.identity_id, "provider": removed.provider, "provider_id": removed.provider_id,
    });
    change.audit(client, user, Action::IdentityUnlinked, Some(traits));
    // To the address that they had until now.
    mailing::notify(state, &mut change, Kind::IdentityUnlinked, user.into(), user.email(), |variables| {
        variables.provider.clone_from(&removed.provider);
    })?;
    Ok(change)
}

/// The address of the remaining identities that the user has from now on, and whether it counts as confirmed: one that its provider
/// verified before one that it did not before none, the oldest first; never one that is another user's.
async fn next_address(state: &State, user: &User, others: &[&Identity]) -> Result<(Option<String>, bool)> {
    let rank = |identity: &Identity| match &identity.email {
        None => 2,
        Some(_) if !identity.email_is_verified() => 1,
        Some(_) => 0,
    };
    let mut ordered = others.to_vec();
    // Identities are read oldest first, and the sort keeps that order.
    ordered.sort_by_key(|identity| rank(identity));
    for identity in ordered {
        let Some(email) = &identity.email else { return Ok((None, false)) };
        let key = UserKey::Email { email, audience: &user.aud };
        if state.store.user(&key).await?.is_none() {
            let confirmed = identity.email_is_verified() || !state.settings.email.confirmations;
            return Ok((Some(email.clone()), confirmed));
        }
    }
    Err(AuthError::unprocessable(
        ErrorCode::EMAIL_CONFLICT_IDENTITY_NOT_DELETABLE,
        "Unable to unlink identity due to email conflict",
    ))
}
