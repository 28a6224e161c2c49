//! How a user with an address and its identity comes to be, and what a repeated sign-up does: in one transaction each.

use crate::State;
use crate::audit::{self, Action, Actor};
use crate::error::{AuthError, ErrorCode, Result};
use crate::mailing::{self, Addressee, Errand, Flow, Pretended};
use crate::model::{Method, User};
use crate::pkce::Challenge;
use crate::request::Client;
use crate::sessions::{self, Tokens};
use crate::store::users::{NewUser, Update};
use crate::store::{Change, ChangeError, Committed, UserKey, identities, users};
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// How often a sign-up is decided anew when another one of the same address is faster.
const ATTEMPTS: usize = 5;

/// Who signs up.
pub(crate) struct Registration<'a> {
    /// In lower case.
    pub(crate) email: &'a str,
    /// The password and its hash; absent for who signs up by a mailed code. Nobody can sign in with a password that is not there, so no
    /// random one is made up.
    pub(crate) password: Option<(&'a str, &'a str)>,
    /// What they say of themselves.
    pub(crate) data: &'a Map<String, Value>,
    /// Present when the mailed link shall give a code to exchange.
    pub(crate) challenge: Option<&'a Challenge>,
    /// Where the link leads in the end.
    pub(crate) redirect_to: &'a str,
}

/// What came of it.
pub(crate) enum Registered {
    /// The address is to be confirmed: a letter was sent.
    Pending(Box<User>),
    /// No confirmation is needed: the user is signed in.
    SignedIn(Box<Tokens>),
    /// No confirmation is needed, and there is no password to be signed in by.
    Created,
    /// There is a user whose address is confirmed.
    Exists(Box<User>),
}

/// Registers a user, or sends an unconfirmed one another letter.
///
/// # Errors
/// 429 when the last letter was sent too short a time ago.
pub(crate) async fn register(
    state: &State,
    client: &Client,
    registration: &Registration<'_>,
) -> Result<Registered> {
    for _ in 0..ATTEMPTS {
        let done = match user_of(state, registration.email).await? {
            Some(user) if user.is_email_confirmed() || user.email().is_empty() => {
                if state.settings.email.confirmations {
                    mailing::pretend(state, Pretended::Confirmation, registration.email).await?;
                }
                repeated(state, client, user).await
            }
            Some(user) if state.settings.email.confirmations => {
                resend(state, client, user, registration).await
            }
            Some(user) => confirm_by_password(state, client, user, registration).await,
            None if state.settings.email.confirmations => pending(state, client, registration).await,
            None => confirmed_at_once(state, client, registration).await,
        };
        match done {
            Err(error) if error.is_race() => {}
            done => return done.map_err(|error| error.doing("Database error saving new user")),
        }
    }
    Err(ChangeError::Stale.into())
}

/// The user of an address, be it theirs or that of one of their identities.
pub(crate) async fn user_of(state: &State, email: &str) -> Result<Option<User>> {
    let audience = &state.settings.audience;
    let mut statements = users::select(&UserKey::Email { email, audience });
    let own = statements.len();
    statements.extend(users::select(&UserKey::IdentityEmail { email, audience }));
    let results = state.store.read(statements).await?;
    match users::read(&results[..own])? {
        Some(user) => Ok(Some(user)),
        None => users::read(&results[own..]),
    }
}

/// What the identity of an address says. What users say of themselves cannot stand in for it.
pub(crate) fn identity_data(id: Uuid, email: &str, data: &Map<String, Value>) -> Map<String, Value> {
    let mut identity_data = data.clone();
    identity_data.insert("sub".into(), id.to_string().into());
    identity_data.insert("email".into(), email.into());
    identity_data.insert("email_verified".into(), false.into());
    identity_data.insert("phone_verified".into(), false.into());
    identity_data
}

/// `app_metadata` of who is known by an address only.
pub(crate) fn app_metadata() -> Map<String, Value> {
    let mut app_metadata = Map::new();
    app_metadata.insert("provider".into(), "email".into());
    app_metadata.insert("providers".into(), json!(["email"]));
    app_metadata
}

type Attempt = std::result::Result<Registered, ChangeError>;

/// A new user whose address is to be confirmed.
async fn pending(state: &State, client: &Client, registration: &Registration<'_>) -> Attempt {
    let Registration { email, challenge, redirect_to, .. } = *registration;
    mailing::check_total(state).await.map_err(ChangeError::Other)?;
    let id = Uuid::now_v7();
    let mut change = Change::new();
    let user_metadata = insert(state, &mut change, id, registration);
    change.then(Update::of(id).set_object("raw_user_meta_data", user_metadata.clone()).statement());
    let to = Addressee { id, email, user_metadata: &user_metadata };
    mailing::send(state, &mut change, Errand::Confirmation, to, None, Flow::of(challenge), redirect_to)
        .map_err(ChangeError::Other)?;
    mailing::begin_flow(&mut change, id, Method::EmailSignup, "email", challenge);
    let actor = Actor::newcomer(id, email, &user_metadata);
    change.then(audit::statement(client, &actor, Action::UserConfirmationRequested, provider()));
    let user = state.commit_and_read(change, &UserKey::Id(id)).await?;
    Ok(Registered::Pending(Box::new(user.ok_or(ChangeError::Stale)?)))
}

/// A new user of whom no confirmation is asked.
async fn confirmed_at_once(state: &State, client: &Client, registration: &Registration<'_>) -> Attempt {
    let id = Uuid::now_v7();
    let mut change = Change::new();
    let mut user_metadata = insert(state, &mut change, id, registration);
    let actor = Actor::newcomer(id, registration.email, &user_metadata);
    user_metadata.insert("email_verified".into(), true.into());
    // Apart from the insertion, as a confirmation by mail is: triggers on the confirmation see it either way.
    let update = Update::of(id).set_now("email_confirmed_at").set_object("raw_user_meta_data", user_metadata);
    change.then(update.statement());
    change.then(audit::statement(client, &actor, Action::UserSignedUp, provider()));
    if registration.password.is_none() {
        return match state.commit(change).await.map_err(ChangeError::Database)? {
            Committed::Done(_) => Ok(Registered::Created),
            Committed::Stale => Err(ChangeError::Stale),
        };
    }
    let session =
        sessions::begin_of_newcomer(&mut change, id, Method::Password, client).map_err(ChangeError::Other)?;
    change.then(audit::statement(client, &actor, Action::Login, provider()));
    let tokens = sessions::commit(state, change, session, id).await?;
    Ok(Registered::SignedIn(Box::new(tokens)))
}

/// Inserts the user and the identity; gives the user's metadata, which is what the identity says.
fn insert(
    state: &State,
    change: &mut Change,
    id: Uuid,
    registration: &Registration<'_>,
) -> Map<String, Value> {
    let Registration { email, password, data, .. } = *registration;
    change.then(users::insert(&NewUser {
        id,
        audience: &state.settings.audience,
        role: &state.settings.default_role,
        email: Some(email),
        phone: None,
        password_hash: password.map(|(_, hash)| hash),
        app_metadata: app_metadata(),
        user_metadata: data.clone(),
        is_anonymous: false,
    }));
    let identity_data = identity_data(id, email, data);
    change.then(identities::insert(id, "email", &id.to_string(), identity_data.clone()));
    identity_data
}

/// There is such a user: it is in the audit log, and in no answer unless the settings ask for no confirmation.
async fn repeated(state: &State, client: &Client, user: User) -> Attempt {
    let mut change = Change::new();
    change.audit(client, &user, Action::UserRepeatedSignup, provider());
    let _: Committed = state.commit(change).await.map_err(ChangeError::Database)?;
    Ok(Registered::Exists(Box::new(user)))
}

/// There is such a user, whose address is not confirmed: another letter. What was said before stays, as nobody knows which of the two owns the
/// address; a password that the other does not know is dropped, as it may be that of who does not own it.
async fn resend(state: &State, client: &Client, user: User, registration: &Registration<'_>) -> Attempt {
    mailing::check_frequency(state, user.confirmation_sent_at, user.read_at).map_err(ChangeError::Other)?;
    mailing::check_total(state).await.map_err(ChangeError::Other)?;
    let Registration { data, challenge, redirect_to, .. } = *registration;
    let mut change = Change::new();
    let flow = Flow::of(challenge);
    let (to, sent_at) = (Addressee::from(&user), user.confirmation_sent_at);
    mailing::send(state, &mut change, Errand::Confirmation, to, sent_at, flow, redirect_to)
        .map_err(ChangeError::Other)?;
    mailing::begin_flow(&mut change, user.id, Method::EmailSignup, "email", challenge);
    if user.identity("email").is_none() {
        take_over(&mut change, &user, data);
    }
    if !knows_password(state, &user, registration).await.map_err(ChangeError::Other)? {
        let update = Update::of(user.id).only_if("encrypted_password", user.encrypted_password.clone());
        change.only_if_one(update.set("encrypted_password", "").statement());
    }
    change.audit(client, &user, Action::UserConfirmationRequested, provider());
    let mut read = state.commit_and_read(change, &UserKey::Id(user.id)).await?.ok_or(ChangeError::Stale)?;
    if read.invited_at.is_some() {
        // Who signs up need not be who was invited.
        read.user_metadata = Map::new();
        read.identities = Vec::new();
    }
    Ok(Registered::Pending(Box::new(read)))
}

/// Whether who signs up again knows the password that was set before, if one was.
async fn knows_password(state: &State, user: &User, registration: &Registration<'_>) -> Result<bool> {
    let Some(stored) = user.password_hash() else { return Ok(true) };
    match registration.password {
        Some((password, _)) => Ok(state.hasher.verify(password, Some(stored)).await?.matches),
        None => Ok(false),
    }
}

/// Gives an unconfirmed user an identity by address in place of those that proved nothing.
fn take_over(change: &mut Change, user: &User, data: &Map<String, Value>) {
    let identity_data = identity_data(user.id, user.email(), data);
    for identity in &user.identities {
        change.then(identities::delete(user.id, identity.identity_id));
    }
    change.then(identities::insert(user.id, "email", &user.id.to_string(), identity_data.clone()));
    let mut app_metadata = user.app_metadata.clone();
    app_metadata.extend(self::app_metadata());
    let update = Update::of(user.id)
        .set_object("raw_user_meta_data", identity_data)
        .set_object("raw_app_meta_data", app_metadata);
    change.then(update.statement());
}

/// There is such a user, whose address is not confirmed (an invitation, or of a time when confirmations were asked for), and none is asked
/// for: who knows the password is let in. Nobody else is, or an invitation would be anybody's.
async fn confirm_by_password(
    state: &State,
    client: &Client,
    user: User,
    registration: &Registration<'_>,
) -> Attempt {
    let (Some((password, _)), Some(hash)) = (registration.password, user.password_hash()) else {
        return repeated(state, client, user).await;
    };
    let verified =
        state.hasher.verify(password, Some(hash)).await.map_err(|busy| ChangeError::Other(busy.into()))?;
    if !verified.matches {
        return repeated(state, client, user).await;
    }
    let mut change = Change::new();
    let mut user_metadata = user.user_metadata.clone();
    user_metadata.insert("email_verified".into(), true.into());
    let update = Update::of(user.id)
        .only_if_unchanged(&user)
        .set_now("email_confirmed_at")
        .set_object("raw_user_meta_data", user_metadata)
        .end_tokens();
    change.only_if_one(update.statement());
    change.then(crate::store::one_time_tokens::end_mailed(user.id));
    change.audit(client, &user, Action::UserSignedUp, provider());
    let session =
        sessions::begin(&mut change, &user, sessions::DecidedOn::Password, Method::Password, client)
            .map_err(ChangeError::Other)?;
    change.audit(client, &user, Action::Login, provider());
    let tokens = sessions::commit(state, change, session, user.id).await?;
    Ok(Registered::SignedIn(Box::new(tokens)))
}

/// 422 for who signs up though they are registered, where no confirmation is asked for.
pub(crate) fn already_registered() -> AuthError {
    AuthError::unprocessable(ErrorCode::USER_ALREADY_EXISTS, "User already registered")
}

#[expect(clippy::unnecessary_wraps, reason = "it is what an audit entry takes")]
fn provider() -> Option<Value> {
    Some(json!({"provider": "email"}))
}
