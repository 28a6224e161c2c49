//! Invitations.

use super::create::insert;
use super::parameters::Wanted;
use super::{ATTEMPTS, Administrator, email_exists, refused, traits_of};
use crate::State;
use crate::audit::Action;
use crate::error::Result;
use crate::mailing::{self, Addressee, Errand, Flow};
use crate::model::User;
use crate::store::users::Update;
use crate::store::{Change, ChangeError, UserKey};
use database::Value as Sql;
use serde_json::{Map, Value};
use uuid::Uuid;

/// Mails an invitation, and makes the user when there is none. Whoever follows its link owns the address, and chooses a password. An
/// earlier invitation ends.
///
/// # Errors
/// 400 for what is no address; 422 `email_exists` for who is confirmed; 429 when too much was mailed.
pub async fn invite(
    state: &State,
    administrator: &Administrator,
    audience: &str,
    email: &str,
    data: Map<String, Value>,
    redirect_to: &str,
) -> Result<User> {
    let email = crate::email::normalise(email)?;
    let key = UserKey::Email { email: &email, audience };
    for attempt in 0..ATTEMPTS {
        let found = state.store.user(&key).await?;
        let is_taken = match &found {
            Some(user) => user.is_email_confirmed(),
            None => state.store.is_email_taken(&email, audience, None).await?,
        };
        if is_taken {
            return Err(email_exists());
        }
        if attempt == 0 {
            mailing::check_total(state).await?;
        }
        let (change, id) =
            decide(state, administrator, audience, &email, &data, found.as_ref(), redirect_to)?;
        match state.commit_and_read(change, &UserKey::Id(id)).await {
            Ok(Some(user)) => return Ok(user),
            Ok(None) | Err(ChangeError::Stale) => {}
            Err(error) => return Err(refused(error, "Database error inviting user")),
        }
    }
    Err(ChangeError::Stale.into())
}

/// The invitation to the accounts' own audience, leading to the site.
///
/// # Errors
/// As [`invite`].
pub async fn invite_to_site(state: &State, administrator: &Administrator, email: &str) -> Result<User> {
    let settings = &state.settings;
    invite(state, administrator, &settings.audience, email, Map::new(), settings.redirects.site()).await
}

/// The statements, and whose user it is.
fn decide(
    state: &State,
    administrator: &Administrator,
    audience: &str,
    email: &str,
    data: &Map<String, Value>,
    found: Option<&User>,
    redirect_to: &str,
) -> Result<(Change, Uuid)> {
    let mut change = Change::new();
    let id = match found {
        Some(user) => {
            // Only who has not confirmed meanwhile.
            change.only_if_one(Update::of(user.id).only_if("email_confirmed_at", Sql::Null).statement());
            user.id
        }
        None => {
            let wanted =
                Wanted { email: Some(email.to_owned()), user_metadata: data.clone(), ..Wanted::default() };
            insert(state, &mut change, audience, &wanted, None)
        }
    };
    let user_metadata = found.map_or(data, |user| &user.user_metadata);
    let to = Addressee { id, email, user_metadata };
    let sent_at = found.and_then(|user| user.confirmation_sent_at);
    mailing::send(state, &mut change, Errand::Invite, to, sent_at, Flow::Implicit, redirect_to)?;
    administrator.record(&mut change, Action::UserInvited, traits_of(id, Some(email), None));
    Ok((change, id))
}
