//! What a right code or link does: the user's row first, under the condition that it is as it was read; then the token is used up, of which
//! one of two that show it at once is told that it is gone; then what the proof is worth.

use super::Purpose;
use super::token::{Shown, find};
use crate::State;
use crate::audit::Action;
use crate::error::{AuthError, ErrorCode, Result};
use crate::letters::Kind;
use crate::mailing::{self, Addressee, Flow};
use crate::model::{Method, User};
use crate::request::Client;
use crate::secret;
use crate::sessions::{self, DecidedOn, Tokens};
use crate::store::one_time_tokens::{self, OneTimeToken, TokenKind};
use crate::store::users::Update;
use crate::store::{Change, ChangeError, Committed, flow_states, identities};
use serde_json::{Map, Value, json};

/// How often a proof is decided anew when the user's row changes at the same time.
const ATTEMPTS: usize = 5;

/// What a proof leads to.
pub(super) enum Proof {
    /// A session. `purpose` is the one that the token turned out to serve.
    Session { tokens: Box<Tokens>, purpose: Purpose },
    /// A code to exchange (PKCE).
    Code(String),
    /// The other address must agree too.
    OneOfTwo,
}

/// Takes a code or link, and gives what it is worth.
///
/// # Errors
/// 403 `otp_expired` when it is wrong, used or too old.
pub(super) async fn prove(
    state: &State,
    client: &Client,
    purpose: Purpose,
    shown: &Shown,
    flow: Flow,
) -> Result<Proof> {
    for _ in 0..ATTEMPTS {
        let (token, user) = find(state, purpose, shown).await?;
        match try_prove(state, client, purpose, flow, &token, &user).await {
            Err(error) if error.is_taken_email() => return Err(email_exists()),
            // Used up meanwhile, or the user's row changed: looking again tells which.
            Err(error) if error.is_race() => {}
            Err(error) => return Err(error.doing("Error confirming user")),
            Ok(proof) => return Ok(proof),
        }
    }
    Err(ChangeError::Stale.into())
}

async fn try_prove(
    state: &State,
    client: &Client,
    purpose: Purpose,
    flow: Flow,
    token: &OneTimeToken,
    user: &User,
) -> Result<Proof, ChangeError> {
    let mut change = Change::new();
    let purpose = match (purpose, token.kind) {
        (Purpose::Email, TokenKind::Confirmation) => Purpose::Signup,
        (Purpose::Email, _) => Purpose::MagicLink,
        (purpose, _) => purpose,
    };
    if purpose == Purpose::EmailChange && is_first_of_two(state, user) {
        agree(&mut change, token, user);
        return match state.commit(change).await.map_err(ChangeError::Database)? {
            Committed::Done(_) => Ok(Proof::OneOfTwo),
            Committed::Stale => Err(ChangeError::Stale),
        };
    }
    match purpose {
        Purpose::EmailChange => change_address(state, &mut change, client, token, user)?,
        Purpose::Signup | Purpose::Invite | Purpose::Email => confirm(&mut change, client, token, user),
        Purpose::Recovery | Purpose::MagicLink => recover(&mut change, client, token, user),
    }
    match flow {
        Flow::Implicit => {
            let session = sessions::begin(&mut change, user, DecidedOn::Other, Method::Otp, client)
                .map_err(ChangeError::Other)?;
            let tokens = sessions::commit(state, change, session, user.id).await?;
            Ok(Proof::Session { tokens: Box::new(tokens), purpose })
        }
        Flow::Pkce => {
            let code = issue_code(state, &mut change, user, purpose).await.map_err(ChangeError::Other)?;
            match state.commit(change).await.map_err(ChangeError::Database)? {
                Committed::Done(_) => Ok(Proof::Code(code)),
                Committed::Stale => Err(ChangeError::Stale),
            }
        }
    }
}

/// Gives the sign-in that the link belongs to its code.
async fn issue_code(state: &State, change: &mut Change, user: &User, purpose: Purpose) -> Result<String> {
    let method = match purpose {
        Purpose::Signup | Purpose::Email => Method::EmailSignup,
        Purpose::Invite => Method::Invite,
        Purpose::Recovery => Method::Recovery,
        Purpose::MagicLink => Method::MagicLink,
        Purpose::EmailChange => Method::EmailChange,
    };
    let results = state.store.read([flow_states::latest_of_user(user.id, method.as_str())]).await?;
    let flow = results.first().map(flow_states::read).transpose()?.flatten();
    let flow = flow.filter(|flow| flow.challenge.is_some()).ok_or_else(|| {
        AuthError::bad_request(
            ErrorCode::FLOW_STATE_NOT_FOUND,
            "No associated flow state found. No valid flow state found for user.",
        )
    })?;
    let code = secret::token()?;
    change.only_if_one(flow_states::issue_code(flow.id, user.id, &code, None, None));
    Ok(code)
}

/// Uses the token up, and with it all that was mailed to the user: `update` has what else changes in the user's row.
fn use_up(change: &mut Change, token: &OneTimeToken, user: &User, update: Update) {
    change.only_if_one(update.only_if_unchanged(user).only_if_not_banned().end_tokens().statement());
    change.only_if_one(one_time_tokens::consume(user.id, token.kind, &token.hash));
    change.then(one_time_tokens::end_mailed(user.id));
}

/// A sign-up or an invitation: the address is confirmed. An invited user has no password until they choose one.
fn confirm(change: &mut Change, client: &Client, token: &OneTimeToken, user: &User) {
    use_up(change, token, user, confirmed_with_providers(user));
    verify_identities(change, user);
    change.audit(client, user, Action::UserSignedUp, Some(json!({"provider": "email"})));
}

/// A recovery or a magic link: the user signs in, and an address that was not confirmed is.
fn recover(change: &mut Change, client: &Client, token: &OneTimeToken, user: &User) {
    if user.is_email_confirmed() {
        use_up(change, token, user, Update::of(user.id));
        if !user.is_email_proven() {
            // Confirmed without a proof until now.
            verify_identities(change, user);
        }
        change.audit(client, user, Action::Login, Some(json!({"provider": "email"})));
        return;
    }
    // Whoever set a password before the address was proven need not be who owns it.
    let update = confirmed_with_providers(user).set("encrypted_password", "");
    use_up(change, token, user, update);
    verify_identities(change, user);
    change.audit(client, user, Action::UserSignedUp, Some(json!({"provider": "email"})));
}

fn confirmed(update: Update, user: &User) -> Update {
    let mut user_metadata = user.user_metadata.clone();
    user_metadata.insert("email_verified".into(), true.into());
    update.set_now("email_confirmed_at").set_object("raw_user_meta_data", user_metadata)
}

/// The user's row with a confirmed address, and the providers of the identities there are.
fn confirmed_with_providers(user: &User) -> Update {
    let app_metadata = user.app_metadata_of(providers(user));
    // A guest whose linked identity brought the address is one no more.
    let update = Update::of(user.id).set("is_anonymous", false);
    confirmed(update, user).set_object("raw_app_meta_data", app_metadata)
}

fn providers(user: &User) -> impl Iterator<Item = &str> {
    user.identities.iter().map(|identity| identity.provider.as_str())
}

/// The identities with the address that was proven say so.
fn verify_identities(change: &mut Change, user: &User) {
    for identity in &user.identities {
        if identity.email.is_some() && identity.email == user.email {
            let mut data = identity.identity_data.clone();
            data.insert("email_verified".into(), true.into());
            change.then(identities::set_data(identity.identity_id, data));
        }
    }
}

/// Whether the other address must agree too.
fn is_first_of_two(state: &State, user: &User) -> bool {
    let settings = &state.settings.email;
    settings.confirmations
        && settings.double_confirm_changes
        && user.email_change_confirm_status == 0
        && !user.email().is_empty()
}

/// The first of two addresses agrees.
fn agree(change: &mut Change, token: &OneTimeToken, user: &User) {
    let update = Update::of(user.id)
        .only_if_unchanged(user)
        .only_if_not_banned()
        .set("email_change_confirm_status", 1)
        .set(token.kind.column(), "");
    change.only_if_one(update.statement());
    change.only_if_one(one_time_tokens::consume(user.id, token.kind, &token.hash));
}

/// The new address takes the place of the old one.
fn change_address(
    state: &State,
    change: &mut Change,
    client: &Client,
    token: &OneTimeToken,
    user: &User,
) -> Result<(), ChangeError> {
    let new = user.email_change.as_deref().filter(|new| !new.is_empty()).ok_or(ChangeError::Stale)?;
    use_up(change, token, user, address_changed(user, new));
    put_identity(change, user, new);
    change.audit(client, user, Action::UserModified, None);
    let (old, to) = (user.email(), Addressee { email: new, ..Addressee::from(user) });
    mailing::notify(state, change, Kind::EmailChanged, to, old, |variables| {
        old.clone_into(&mut variables.old_email)
    })
    .map_err(ChangeError::Other)
}

/// The user's row with a new address that was proven or needs no proof.
pub(in crate::endpoints) fn address_changed(user: &User, new: &str) -> Update {
    let mut update = Update::of(user.id);
    if !user.is_email_confirmed() {
        update = confirmed(update, user);
    }
    let providers = providers(user).chain(user.identity("email").is_none().then_some("email"));
    update
        .set("email", new)
        .set("email_change", "")
        .set("email_change_confirm_status", 0)
        .set("is_anonymous", false)
        .set_object("raw_app_meta_data", user.app_metadata_of(providers))
}

/// The identity of a new address that was proven or needs no proof.
pub(in crate::endpoints) fn put_identity(change: &mut Change, user: &User, new: &str) {
    let mut data = user.identity("email").map_or_else(
        || {
            let mut data = Map::new();
            data.insert("sub".into(), user.id.to_string().into());
            data.insert("phone_verified".into(), false.into());
            data
        },
        |identity| identity.identity_data.clone(),
    );
    data.insert("email".into(), Value::from(new));
    data.insert("email_verified".into(), true.into());
    match user.identity("email") {
        Some(identity) => change.then(identities::set_data(identity.identity_id, data)),
        None => change.then(identities::insert(user.id, "email", &user.id.to_string(), data)),
    };
}

/// 422: another user has the address.
pub(in crate::endpoints) fn email_exists() -> AuthError {
    AuthError::unprocessable(
        ErrorCode::EMAIL_EXISTS,
        "A user with this email address has already been registered",
    )
}
