//! A change that an administrator makes to a user.

use super::create::{email_data, entries, phone_data};
use super::parameters::{Secret, UserParameters, Wanted};
use super::{ATTEMPTS, Administrator, email_exists, refused, traits_of, user};
use crate::State;
use crate::audit::Action;
use crate::error::Result;
use crate::model::User;
use crate::store::users::Update;
use crate::store::{Change, ChangeError, UserKey, identities, one_time_tokens, sessions};
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// Changes a user. Nothing is mailed. A new password, and a ban that begins, end every session; a new password and a new address end
/// what was mailed and not used.
///
/// # Errors
/// 404 for an unknown user; 400, 422 for parameters that cannot be.
pub async fn update(
    state: &State,
    administrator: &Administrator,
    id: Uuid,
    parameters: UserParameters,
) -> Result<User> {
    // Id and audience are not changed once they are there, as in GoTrue.
    let wanted = parameters.check()?;
    let found = user(state, id).await?;
    if let Some(email) = &wanted.email
        && state.store.is_email_taken(email, &found.aud, Some(id)).await?
    {
        return Err(email_exists());
    }
    let hash = match &wanted.secret {
        Some(secret) => {
            if let Secret::Password(password) = secret {
                let email = wanted.email.as_deref().or(found.email.as_deref());
                super::check_strength(state, password, email)?;
            }
            Some(secret.hash(state).await?)
        }
        None => None,
    };
    let mut found = found;
    for _ in 0..ATTEMPTS {
        let change = decide(administrator, &found, &wanted, hash.as_deref());
        match change.commit_and_read(&state.store, &UserKey::Id(id)).await {
            Ok(Some(user)) => return Ok(user),
            // An identity was added or the user deleted meanwhile: look again.
            Ok(None) | Err(ChangeError::Stale) => found = user(state, id).await?,
            Err(error) if is_identity_race(&error) => found = user(state, id).await?,
            Err(error) => return Err(refused(error, "Error updating user")),
        }
    }
    Err(ChangeError::Stale.into())
}

fn is_identity_race(error: &ChangeError) -> bool {
    match error {
        ChangeError::Database(error) => {
            error.fields().constraint.as_deref() == Some("identities_provider_id_provider_unique")
                || error.code() == sqlstate::T_R_SERIALIZATION_FAILURE
        }
        ChangeError::Stale | ChangeError::Other(_) => false,
    }
}

/// The statements; the user's row first.
fn decide(administrator: &Administrator, found: &User, wanted: &Wanted, hash: Option<&str>) -> Change {
    let id = found.id;
    let (email, phone) = (wanted.email.as_deref(), wanted.phone.as_deref());
    let mut change = Change::new();
    change.only_if_one(users_row(found, wanted, hash).statement());
    if let Some(email) = email {
        if found.identity("email").is_some() {
            let data = json!({"email": email, "email_verified": wanted.email_confirm});
            change.then(identities::merge(id, "email", entries(data)));
        } else {
            let data = email_data(id, email, wanted.email_confirm);
            change.then(identities::insert(id, "email", &id.to_string(), data));
        }
    } else if wanted.email_confirm {
        change.then(identities::merge(id, "email", entries(json!({"email_verified": true}))));
    }
    if let Some(phone) = phone {
        if found.identity("phone").is_some() {
            let data = json!({"phone": phone, "phone_verified": wanted.phone_confirm});
            change.then(identities::merge(id, "phone", entries(data)));
        } else {
            let data = phone_data(id, phone, wanted.phone_confirm);
            change.then(identities::insert(id, "phone", &id.to_string(), data));
        }
    }
    // What was mailed to an address that is not theirs any more, or under an old password, is worth nothing.
    if hash.is_some() || email.is_some() || wanted.email_confirm {
        for statement in one_time_tokens::end_all(id) {
            change.then(statement);
        }
    }
    if hash.is_some() || wanted.ban.is_some_and(|ban| ban.begins()) {
        change.then(sessions::delete_all(id));
    }
    let email = email.or(found.email.as_deref());
    let phone = phone.or(found.phone.as_deref());
    administrator.record(&mut change, Action::UserModified, traits_of(id, email, phone));
    change
}

/// The change of the row in `auth.users`.
fn users_row(found: &User, wanted: &Wanted, hash: Option<&str>) -> Update {
    let mut update = Update::of(found.id);
    if let Some(role) = &wanted.role {
        update = update.set("role", role.clone());
    }
    if let Some(email) = &wanted.email {
        update = update.set("email", email.clone());
    }
    if let Some(phone) = &wanted.phone {
        update = update.set("phone", phone.clone());
    }
    if let Some(hash) = hash {
        update = update.set("encrypted_password", hash);
    }
    if wanted.email_confirm {
        update = update.set_now("email_confirmed_at");
    }
    if wanted.phone_confirm {
        update = update.set_now("phone_confirmed_at");
    }
    let proven =
        (wanted.email.is_some() && wanted.email_confirm) || (wanted.phone.is_some() && wanted.phone_confirm);
    if found.is_anonymous && proven {
        update = update.set("is_anonymous", false);
    }
    if let Some(ban) = wanted.ban {
        update = ban.set(update);
    }
    let mut user_metadata = wanted.user_metadata.clone();
    if wanted.email_confirm {
        user_metadata.entry("email_verified").or_insert(true.into());
    }
    if !user_metadata.is_empty() {
        update = update.merge("raw_user_meta_data", user_metadata);
    }
    let mut app_metadata = new_providers(found, wanted);
    app_metadata.extend(wanted.app_metadata.clone());
    if !app_metadata.is_empty() {
        update = update.merge("raw_app_meta_data", app_metadata);
    }
    update
}

/// What `provider` and `providers` become when a way to sign in is added.
fn new_providers(found: &User, wanted: &Wanted) -> Map<String, Value> {
    let added = [("email", wanted.email.is_some()), ("phone", wanted.phone.is_some())];
    let added: Vec<&str> = added
        .into_iter()
        .filter(|(provider, given)| *given && found.identity(provider).is_none())
        .map(|(provider, _)| provider)
        .collect();
    if added.is_empty() {
        return Map::new();
    }
    let mut providers: Vec<&str> =
        found.identities.iter().map(|identity| identity.provider.as_str()).collect();
    providers.extend(added);
    providers.dedup();
    entries(json!({"provider": providers.first(), "providers": providers}))
}
