//! From somebody whom a provider vouches for to a user: whose account it is, or that of nobody yet.
//!
//! An identity that is known is its user's. Another one is linked to a user by its address only if the provider has verified that address
//! *and* it was proven here; nothing that the client sent has a say. An account whose address was never confirmed, or was taken as confirmed
//! because the operator asks for no confirmation, is not proven to be the address's owner's: when the verified owner comes it is theirs, and every way in that was there before is closed
//! (password, identities, sessions, pending tokens, second factors).

use crate::State;
use crate::audit::{self, Action, Actor};
use crate::error::{AuthError, ErrorCode, Result};
use crate::letters::Kind;
use crate::mailing::{self, Addressee, Errand, Flow};
use crate::model::{Timestamp, User};
use crate::provider::{ExternalEmail, ExternalIdentity};
use crate::request::Client;
use crate::store::users::{self, NewUser, Update};
use crate::store::{Change, UserKey, identities, one_time_tokens, sessions};
use database::Statement;
use http::StatusCode;
use serde_json::{Map, Value, json};
use uuid::Uuid;

/// How many addresses of one person are looked up.
const ADDRESSES_LIMIT: usize = 20;

/// Somebody who comes from a provider.
pub(crate) struct Arrival<'a> {
    pub(crate) identity: &'a ExternalIdentity,
    /// Whether an address is not needed.
    pub(crate) email_optional: bool,
    /// The hash of an invitation's token, which the app gave when the sign-in began.
    pub(crate) invite_token: Option<&'a str>,
    /// Where a mailed confirmation leads to.
    pub(crate) redirect_to: &'a str,
}

/// What is to be done.
pub(crate) struct Decision {
    /// What is to be written. Its first statement carries the condition upon which it was decided.
    pub(crate) change: Change,
    /// Whose account it is.
    pub(crate) user: Uuid,
    /// Why there is no sign-in, though the change is to be committed: a confirmation is mailed first.
    pub(crate) refusal: Option<AuthError>,
}

/// An address of the arrival in the form in which addresses are kept.
struct Email {
    address: String,
    verified: bool,
    primary: bool,
}

/// Decides whose account it is, or that there is to be one.
///
/// # Errors
/// The protocol's refusals; nothing is written then.
pub(crate) async fn decide(state: &State, client: &Client, arrival: &Arrival<'_>) -> Result<Decision> {
    let emails = emails(arrival.identity);
    if let Some(token) = arrival.invite_token {
        return accept_invitation(state, client, arrival, &emails, token).await;
    }
    let identity = arrival.identity;
    let key = UserKey::Identity { provider: &identity.provider, provider_id: &identity.subject };
    if let Some(user) = state.store.user(&key).await? {
        return known(state, client, arrival, &emails, user).await;
    }
    match owner(state, &emails).await? {
        Some(user) => link(client, arrival, user),
        None => newcomer(state, client, arrival, &emails).await,
    }
}

/// The arrival's addresses that are addresses; a look-alike is none.
fn emails(identity: &ExternalIdentity) -> Vec<Email> {
    let read = |email: &ExternalEmail| {
        let address = crate::email::normalise(&email.address).ok()?;
        Some(Email { address, verified: email.verified, primary: email.primary })
    };
    identity.emails.iter().filter_map(read).collect()
}

/// The user whose own address is one that the provider has verified.
async fn owner(state: &State, emails: &[Email]) -> Result<Option<User>> {
    let mut found: Option<User> = None;
    for email in emails.iter().filter(|email| email.verified).take(ADDRESSES_LIMIT) {
        let key = UserKey::Email { email: &email.address, audience: &state.settings.audience };
        let Some(user) = state.store.user(&key).await? else { continue };
        if found.as_ref().is_some_and(|other| other.id != user.id) {
            return Err(AuthError::new(
                StatusCode::CONFLICT,
                ErrorCode::CONFLICT,
                "Multiple accounts with the same email address in the same linking domain detected: default",
            ));
        }
        found = Some(user);
    }
    Ok(found)
}

fn refuse_banned(user: &User) -> Result<()> {
    if user.is_banned() || user.deleted_at.is_some() {
        return Err(AuthError::forbidden(ErrorCode::USER_BANNED, "User is banned"));
    }
    Ok(())
}

/// Whether the address is the user's own. That of an imported row may be in capitals.
fn is_of(email: &Email, user: &User) -> bool {
    user.email.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(&email.address))
}

/// An UPDATE of the user that holds only while the address and its confirmation are as they were when this was decided.
fn as_decided(user: &User) -> Update {
    Update::of(user.id)
        .only_if("email", user.email.clone())
        .only_if("email_confirmed_at", user.email_confirmed_at.map(|at| at.to_string()))
        .only_if_not_banned()
}

/// Somebody who signs in again.
async fn known(
    state: &State,
    client: &Client,
    arrival: &Arrival<'_>,
    emails: &[Email],
    user: User,
) -> Result<Decision> {
    refuse_banned(&user)?;
    let identity = arrival.identity;
    let own = user
        .identities
        .iter()
        .find(|own| own.provider == identity.provider && own.provider_id == identity.subject);
    let Some(own) = own.map(|own| own.identity_id) else {
        return Err(AuthError::internal("a user was found by an identity that it has not"));
    };
    let vouched = emails.iter().any(|email| email.verified && is_of(email, &user));
    let mut change = Change::new();
    if user.email.is_some() && !user.is_email_confirmed() && vouched {
        take_over(client, &mut change, arrival, &user, Action::UserSignedUp);
        change.then(identities::update(own, data(identity)));
        return Ok(Decision { change, user: user.id, refusal: None });
    }
    let waits = user.email.is_some() && !user.is_email_confirmed() && state.settings.email.confirmations;
    let mut metadata = merged(&user, identity);
    let mut update = as_decided(&user);
    if user.email.is_some() && !user.is_email_confirmed() && !waits {
        metadata.insert("email_verified".to_owned(), Value::Bool(true));
        update = update.set_now("email_confirmed_at");
    }
    update = update
        .set_object("raw_user_meta_data", metadata)
        .set_object("raw_app_meta_data", app_metadata(&user, None));
    change.only_if_one(update.statement());
    change.then(identities::update(own, data(identity)));
    if !waits {
        change.audit(client, &user, Action::Login, Some(json!({"provider": identity.provider})));
        return Ok(Decision { change, user: user.id, refusal: None });
    }
    let (id, sent_at, now) = (user.id, user.confirmation_sent_at, Some(user.read_at));
    let refusal = confirm_first(state, &mut change, arrival, Addressee::from(&user), sent_at, now).await?;
    Ok(Decision { change, user: id, refusal: Some(refusal) })
}

/// A further identity of a user whose address the provider has verified.
fn link(client: &Client, arrival: &Arrival<'_>, user: User) -> Result<Decision> {
    refuse_banned(&user)?;
    let identity = arrival.identity;
    let mut change = Change::new();
    if user.is_email_proven() {
        let update = as_decided(&user)
            .set_object("raw_user_meta_data", merged(&user, identity))
            .set_object("raw_app_meta_data", app_metadata(&user, Some(&identity.provider)));
        change.only_if_one(update.statement());
        change.then(insert_identity(user.id, identity));
        change.audit(client, &user, Action::IdentityLinked, Some(linked(identity)));
        change.audit(client, &user, Action::Login, Some(json!({"provider": identity.provider})));
    } else {
        take_over(client, &mut change, arrival, &user, Action::UserSignedUp);
        change.then(insert_identity(user.id, identity));
    }
    Ok(Decision { change, user: user.id, refusal: None })
}

/// The address's verified owner has come to an account whose address nobody had confirmed: whoever made it may be somebody else.
fn take_over(client: &Client, change: &mut Change, arrival: &Arrival<'_>, user: &User, action: Action) {
    let identity = arrival.identity;
    let mut metadata = data(identity);
    metadata.insert("email_verified".to_owned(), Value::Bool(true));
    let mut app_metadata = user.app_metadata.clone();
    app_metadata.insert("provider".to_owned(), identity.provider.clone().into());
    app_metadata.insert("providers".to_owned(), json!([identity.provider]));
    let update = as_decided(user)
        .clear("encrypted_password")
        .clear("phone")
        .clear("phone_confirmed_at")
        .set("phone_change", "")
        .set("phone_change_token", "")
        .set("email_change", "")
        .set("email_change_confirm_status", 0)
        .set("is_anonymous", false)
        .set_now("email_confirmed_at")
        .set_object("raw_user_meta_data", metadata)
        .set_object("raw_app_meta_data", app_metadata);
    change.only_if_one(update.statement());
    change.then(sessions::delete_all(user.id));
    for statement in one_time_tokens::end_all(user.id) {
        change.then(statement);
    }
    for statement in doors_of(user.id, identity) {
        change.then(statement);
    }
    change.audit(client, user, action, Some(json!({"provider": identity.provider})));
}

/// Closes the other ways into an account: other identities, second factors.
fn doors_of(user: Uuid, but: &ExternalIdentity) -> [Statement; 2] {
    let id = || user.to_string();
    [
        Statement::with(
            "delete from auth.identities where user_id = $1 and not (provider = $2 and provider_id = $3)",
            [id().into(), but.provider.as_str().into(), but.subject.as_str().into()],
        ),
        Statement::with("delete from auth.mfa_factors where user_id = $1", [id().into()]),
    ]
}

/// Somebody who was not here before.
async fn newcomer(
    state: &State,
    client: &Client,
    arrival: &Arrival<'_>,
    emails: &[Email],
) -> Result<Decision> {
    if !state.settings.signup_enabled {
        return Err(AuthError::unprocessable(
            ErrorCode::SIGNUP_DISABLED,
            "Signups not allowed for this instance",
        ));
    }
    let identity = arrival.identity;
    let email = address_of(state, emails).await?;
    if email.is_none() && !arrival.email_optional {
        return Err(if identity.emails.is_empty() {
            AuthError::new(
                StatusCode::INTERNAL_SERVER_ERROR,
                ErrorCode::UNEXPECTED_FAILURE,
                "Error getting user email from external provider",
            )
        } else {
            let provider = &identity.provider;
            AuthError::unprocessable(
                ErrorCode::PROVIDER_EMAIL_NEEDS_VERIFICATION,
                format!(
                    "Unverified email with {provider}. Verify the email with {provider} in order to sign in"
                ),
            )
        });
    }
    let id = Uuid::now_v7();
    let metadata = data(identity);
    let app_metadata = Map::from_iter([
        ("provider".to_owned(), identity.provider.clone().into()),
        ("providers".to_owned(), json!([identity.provider])),
    ]);
    let address = email.map(|email| email.address.as_str());
    let mut change = Change::new();
    change.then(users::insert(&NewUser {
        id,
        audience: &state.settings.audience,
        role: &state.settings.default_role,
        email: address,
        phone: None,
        password_hash: None,
        app_metadata,
        user_metadata: metadata.clone(),
        is_anonymous: false,
    }));
    change.then(insert_identity(id, identity));
    let (Some(email), Some(address)) = (email, address) else {
        signed_up(client, &mut change, id, "", identity, &metadata);
        return Ok(Decision { change, user: id, refusal: None });
    };
    if email.verified || !state.settings.email.confirmations {
        let mut metadata = metadata;
        metadata.insert("email_verified".to_owned(), Value::Bool(true));
        let update =
            Update::of(id).set_now("email_confirmed_at").set_object("raw_user_meta_data", metadata.clone());
        change.only_if_one(update.statement());
        signed_up(client, &mut change, id, address, identity, &metadata);
        return Ok(Decision { change, user: id, refusal: None });
    }
    let to = Addressee { id, email: address, user_metadata: &metadata };
    let refusal = confirm_first(state, &mut change, arrival, to, None, None).await?;
    Ok(Decision { change, user: id, refusal: Some(refusal) })
}

fn signed_up(
    client: &Client,
    change: &mut Change,
    user: Uuid,
    email: &str,
    identity: &ExternalIdentity,
    metadata: &Map<String, Value>,
) {
    let actor = Actor::newcomer(user, email, metadata);
    let traits = json!({"provider": identity.provider});
    change.then(audit::statement(client, &actor, Action::UserSignedUp, Some(traits)));
}

/// The address of a new account: a verified one, the main one first; else the main one, unless it is somebody's already.
async fn address_of<'e>(state: &State, emails: &'e [Email]) -> Result<Option<&'e Email>> {
    let verified = emails.iter().filter(|email| email.verified);
    // Of equal ones the last counts for max, so false before true picks the main one.
    if let Some(email) = verified.max_by_key(|email| email.primary) {
        return Ok(Some(email));
    }
    let Some(email) = emails.iter().find(|email| email.primary).or(emails.last()) else { return Ok(None) };
    let key = UserKey::Email { email: &email.address, audience: &state.settings.audience };
    Ok(state.store.user(&key).await?.is_none().then_some(email))
}

/// Mails a confirmation, and says that it comes first. Within the least time between two mails none is sent again.
async fn confirm_first(
    state: &State,
    change: &mut Change,
    arrival: &Arrival<'_>,
    to: Addressee<'_>,
    sent_at: Option<Timestamp>,
    now: Option<Timestamp>,
) -> Result<AuthError> {
    let due = now.is_none_or(|now| mailing::check_frequency(state, sent_at, now).is_ok());
    if due {
        mailing::check_total(state).await?;
        mailing::send(state, change, Errand::Confirmation, to, sent_at, Flow::Implicit, arrival.redirect_to)?;
    }
    let provider = &arrival.identity.provider;
    Ok(AuthError::unprocessable(
        ErrorCode::PROVIDER_EMAIL_NEEDS_VERIFICATION,
        format!(
            "Unverified email with {provider}. A confirmation email has been sent to your {provider} email"
        ),
    ))
}

/// An invitation's link was followed to a provider: the invited address must be one of those that the provider names.
async fn accept_invitation(
    state: &State,
    client: &Client,
    arrival: &Arrival<'_>,
    emails: &[Email],
    token: &str,
) -> Result<Decision> {
    let key = UserKey::Token { kind: one_time_tokens::TokenKind::Confirmation.as_str(), hash: token };
    let user = state.store.user(&key).await?;
    let life = state.settings.email.otp_expiry;
    let is_young = |user: &User| user.confirmation_sent_at.is_some_and(|at| user.read_at <= at.after(life));
    let user = user.filter(|user| user.invited_at.is_some() && !user.is_email_confirmed() && is_young(user));
    let Some(user) = user else {
        return Err(AuthError::not_found(ErrorCode::INVITE_NOT_FOUND, "Invite not found"));
    };
    refuse_banned(&user)?;
    if !emails.iter().any(|email| is_of(email, &user)) {
        return Err(AuthError::invalid("Invited email does not match emails from external provider"));
    }
    let identity = arrival.identity;
    let key = UserKey::Identity { provider: &identity.provider, provider_id: &identity.subject };
    if state.store.user(&key).await?.is_some() {
        return Err(already_linked(false));
    }
    let mut change = Change::new();
    take_over(client, &mut change, arrival, &user, Action::InviteAccepted);
    change.then(insert_identity(user.id, identity));
    Ok(Decision { change, user: user.id, refusal: None })
}

/// Links an identity to somebody who is signed in and asked for it.
///
/// # Errors
/// The identity is somebody's already, or its address somebody else's.
pub(crate) async fn link_by_hand(
    state: &State,
    client: &Client,
    arrival: &Arrival<'_>,
    target: &User,
) -> Result<Decision> {
    refuse_banned(target)?;
    let identity = arrival.identity;
    let key = UserKey::Identity { provider: &identity.provider, provider_id: &identity.subject };
    if let Some(owner) = state.store.user(&key).await? {
        return Err(already_linked(owner.id == target.id));
    }
    let mut change = Change::new();
    let app_metadata = app_metadata(target, Some(&identity.provider));
    let update = as_decided(target).set_object("raw_app_meta_data", app_metadata);
    let decided = |change: Change, refusal: Option<AuthError>| Decision { change, user: target.id, refusal };
    if target.email.is_some() {
        change.only_if_one(update.statement());
        change.then(insert_identity(target.id, identity));
        change.audit(client, target, Action::IdentityLinked, Some(linked(identity)));
        mailing::notify(
            state,
            &mut change,
            Kind::IdentityLinked,
            target.into(),
            target.email(),
            |variables| {
                variables.provider.clone_from(&identity.provider);
            },
        )?;
        return Ok(decided(change, None));
    }
    // Somebody without an address gets the identity's, and is not anonymous any more.
    let emails = emails(identity);
    let email = emails.iter().filter(|email| email.verified).max_by_key(|email| email.primary);
    let email = email.or(emails.iter().find(|email| email.primary));
    let Some(email) = email else {
        if !arrival.email_optional {
            return Err(AuthError::unprocessable(
                ErrorCode::EMAIL_ADDRESS_NOT_PROVIDED,
                format!("No email address was provided by {}", identity.provider),
            ));
        }
        change.only_if_one(update.set("is_anonymous", false).statement());
        change.then(insert_identity(target.id, identity));
        change.audit(client, target, Action::IdentityLinked, Some(linked(identity)));
        return Ok(decided(change, None));
    };
    let key = UserKey::Email { email: &email.address, audience: &state.settings.audience };
    if state.store.user(&key).await?.is_some() {
        return Err(AuthError::bad_request(
            ErrorCode::EMAIL_EXISTS,
            "A user with this email address has already been registered",
        ));
    }
    let confirmed = email.verified || !state.settings.email.confirmations;
    let mut update = update.set("email", email.address.as_str());
    if confirmed {
        let mut metadata = target.user_metadata.clone();
        metadata.insert("email_verified".to_owned(), Value::Bool(true));
        update = update
            .set_now("email_confirmed_at")
            .set("is_anonymous", false)
            .set_object("raw_user_meta_data", metadata);
    }
    change.only_if_one(update.statement());
    change.then(insert_identity(target.id, identity));
    change.audit(client, target, Action::IdentityLinked, Some(linked(identity)));
    if confirmed {
        return Ok(decided(change, None));
    }
    mailing::check_total(state).await?;
    let to = Addressee { id: target.id, email: &email.address, user_metadata: &target.user_metadata };
    mailing::send(
        state,
        &mut change,
        Errand::Confirmation,
        to,
        target.confirmation_sent_at,
        Flow::Implicit,
        arrival.redirect_to,
    )?;
    let provider = &identity.provider;
    let refusal = AuthError::unprocessable(
        ErrorCode::EMAIL_NOT_CONFIRMED,
        format!(
            "Unverified email with {provider}. A confirmation email has been sent to your {provider} email"
        ),
    );
    Ok(decided(change, Some(refusal)))
}

fn already_linked(to_same: bool) -> AuthError {
    AuthError::unprocessable(
        ErrorCode::IDENTITY_ALREADY_EXISTS,
        if to_same { "Identity is already linked" } else { "Identity is already linked to another user" },
    )
}

fn linked(identity: &ExternalIdentity) -> Value {
    json!({"provider": identity.provider, "provider_id": identity.subject})
}

fn insert_identity(user: Uuid, identity: &ExternalIdentity) -> Statement {
    identities::insert(user, &identity.provider, &identity.subject, data(identity))
}

/// `identity_data`, with the address in the form in which addresses are kept; a look-alike is not kept as one.
fn data(identity: &ExternalIdentity) -> Map<String, Value> {
    let mut data = identity.identity_data.clone();
    let address = data.get("email").and_then(Value::as_str).map(crate::email::normalise);
    match address {
        Some(Ok(address)) => {
            data.insert("email".to_owned(), address.into());
        }
        Some(Err(_)) => {
            data.remove("email");
            data.insert("email_verified".to_owned(), Value::Bool(false));
        }
        None => {}
    }
    data
}

/// What the user says of themselves, with what the provider says in place of what it said before.
fn merged(user: &User, identity: &ExternalIdentity) -> Map<String, Value> {
    let mut metadata = user.user_metadata.clone();
    let confirmed = user.is_email_confirmed();
    metadata.extend(data(identity));
    // About the user's own address, which may be another than the provider's.
    metadata.insert("email_verified".to_owned(), Value::Bool(confirmed));
    metadata
}

/// `provider` and `providers`, from the identities and a further one.
fn app_metadata(user: &User, further: Option<&str>) -> Map<String, Value> {
    let mut providers: Vec<&str> = Vec::new();
    for provider in user.identities.iter().map(|identity| identity.provider.as_str()).chain(further) {
        if !providers.contains(&provider) {
            providers.push(provider);
        }
    }
    providers_in(&user.app_metadata, &providers)
}

/// The metadata with these providers.
pub(crate) fn providers_in(metadata: &Map<String, Value>, providers: &[&str]) -> Map<String, Value> {
    let mut metadata = metadata.clone();
    metadata.insert("providers".to_owned(), json!(providers));
    if let Some(first) = providers.first() {
        metadata.insert("provider".to_owned(), json!(first));
    }
    metadata
}
