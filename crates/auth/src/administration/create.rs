//! A user that an administrator makes.

use super::parameters::{Secret, UserParameters, Wanted};
use super::{Administrator, email_exists, refused, traits_of};
use crate::State;
use crate::audit::Action;
use crate::error::{AuthError, Result};
use crate::model::User;
use crate::store::users::{self, NewUser, Update};
use crate::store::{Change, UserKey, identities};
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// The most bytes of a password.
const MOST_BYTES: usize = 72;

/// Makes a user. Nothing is mailed; without a password they have none.
///
/// # Errors
/// 400 for parameters that make no sense; 422 `email_exists`, `phone_exists`.
pub async fn create(
    state: &State,
    administrator: &Administrator,
    audience: &str,
    parameters: UserParameters,
) -> Result<User> {
    let wanted = parameters.check()?;
    let audience = wanted.aud.as_deref().unwrap_or(audience);
    if wanted.email.is_none() && wanted.phone.is_none() {
        return Err(AuthError::invalid("Cannot create a user without either an email or phone"));
    }
    if let Some(email) = &wanted.email
        && state.store.is_email_taken(email, audience, None).await?
    {
        return Err(email_exists());
    }
    let hash = match &wanted.secret {
        // Strength is the administrator's to judge, as in GoTrue.
        Some(Secret::Password(password)) if password.len() > MOST_BYTES => {
            return Err(AuthError::invalid(format!(
                "Password cannot be longer than {MOST_BYTES} characters"
            )));
        }
        Some(Secret::Password(password)) if password.is_empty() => None,
        Some(secret) => Some(secret.hash(state).await?),
        None => None,
    };
    let mut change = Change::new();
    let id = insert(state, &mut change, audience, &wanted, hash.as_deref());
    let provider = if wanted.email.is_some() { "email" } else { "phone" };
    let mut traits = traits_of(id, wanted.email.as_deref(), wanted.phone.as_deref());
    traits["provider"] = provider.into();
    administrator.record(&mut change, Action::UserSignedUp, traits);
    let made = change.commit_and_read(&state.store, &UserKey::Id(id)).await;
    made.map_err(|error| refused(error, "Database error creating new user"))?
        .ok_or_else(|| AuthError::internal("a user that was made is not there"))
}

/// The statements that make a user and their identities.
pub(super) fn insert(
    state: &State,
    change: &mut Change,
    audience: &str,
    wanted: &Wanted,
    hash: Option<&str>,
) -> Uuid {
    let id = wanted.id.unwrap_or_else(Uuid::now_v7);
    let (email, phone) = (wanted.email.as_deref(), wanted.phone.as_deref());
    let providers: Vec<&str> =
        [email.map(|_| "email"), phone.map(|_| "phone")].into_iter().flatten().collect();
    let mut app_metadata = Map::new();
    app_metadata.insert("provider".to_owned(), json!(providers.first()));
    app_metadata.insert("providers".to_owned(), json!(providers));
    let mut user_metadata = Map::new();
    put(&mut app_metadata, &wanted.app_metadata);
    put(&mut user_metadata, &wanted.user_metadata);
    if wanted.email_confirm && email.is_some() {
        user_metadata.insert("email_verified".to_owned(), true.into());
    }
    change.then(users::insert(&NewUser {
        id,
        audience,
        role: wanted.role.as_deref().unwrap_or(&state.settings.default_role),
        email,
        phone,
        password_hash: hash,
        app_metadata,
        user_metadata,
        is_anonymous: false,
    }));
    let mut update = Update::of(id);
    if wanted.email_confirm {
        update = update.set_now("email_confirmed_at");
    }
    if wanted.phone_confirm {
        update = update.set_now("phone_confirmed_at");
    }
    if let Some(ban) = wanted.ban {
        update = ban.set(update);
    }
    if wanted.email_confirm || wanted.phone_confirm || wanted.ban.is_some() {
        change.then(update.statement());
    }
    let subject = id.to_string();
    if let Some(email) = email {
        change.then(identities::insert(id, "email", &subject, email_data(id, email, wanted.email_confirm)));
    }
    if let Some(phone) = phone {
        change.then(identities::insert(id, "phone", &subject, phone_data(id, phone, wanted.phone_confirm)));
    }
    id
}

/// What the identity by address says.
pub(super) fn email_data(id: Uuid, email: &str, verified: bool) -> Map<String, Value> {
    entries(json!({"sub": id, "email": email, "email_verified": verified, "phone_verified": false}))
}

/// What the identity by telephone says.
pub(super) fn phone_data(id: Uuid, phone: &str, verified: bool) -> Map<String, Value> {
    entries(json!({"sub": id, "phone": phone, "email_verified": false, "phone_verified": verified}))
}

/// The entries of an object.
pub(super) fn entries(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(entries) => entries,
        _ => Map::new(),
    }
}

/// Puts entries into an object that is new: null stands for nothing.
fn put(into: &mut Map<String, Value>, given: &Map<String, Value>) {
    for (name, value) in given {
        if value.is_null() {
            into.remove(name);
        } else {
            into.insert(name.clone(), value.clone());
        }
    }
}
