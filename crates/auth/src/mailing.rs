//! Letters with a code. The code's hash is kept in the tables and the letter is a job, all in one change: no mail without its token, no
//! token without its mail.
//!
//! Links begin with the address that the operator gave for this door, whatever host a request names.

use crate::State;
use crate::error::{AuthError, ErrorCode, Result};
use crate::letters::{self, Kind, Variables};
use crate::model::{Method, Timestamp, User};
use crate::pkce::Challenge;
use crate::secret;
use crate::store::one_time_tokens::{self, TokenKind};
use crate::store::users::Update;
use crate::store::{Change, flow_states};
use mail::Address;
use serde_json::{Map, Value};
use std::time::Duration;
use url::form_urlencoded::byte_serialize;
use uuid::Uuid;

/// What a token begins with whose link gives a code to exchange (PKCE) instead of tokens.
pub(crate) const PKCE_PREFIX: &str = "pkce_";

/// What a link gives to the page that it leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flow {
    /// The tokens, in the URL's fragment.
    Implicit,
    /// A code, in the URL's query.
    Pkce,
}

impl Flow {
    /// Of a request with or without a challenge.
    pub(crate) fn of(challenge: Option<&Challenge>) -> Flow {
        if challenge.is_some() { Flow::Pkce } else { Flow::Implicit }
    }

    /// Of the token of a link.
    pub(crate) fn of_token(token: &str) -> Flow {
        if token.starts_with(PKCE_PREFIX) { Flow::Pkce } else { Flow::Implicit }
    }
}

/// A new code for an address.
pub(crate) struct Code {
    /// What is typed.
    pub(crate) digits: String,
    /// What is kept, and what a link names.
    pub(crate) hash: String,
}

impl Code {
    /// A code of the length that the settings say.
    ///
    /// # Errors
    /// When there is no randomness.
    pub(crate) fn new(state: &State, address: &str, flow: Flow) -> Result<Code> {
        let digits = secret::digits(state.settings.email.otp_length)?;
        let hash = state.codes.hash(address, &digits);
        let hash = match flow {
            Flow::Implicit => hash,
            Flow::Pkce => format!("{PKCE_PREFIX}{hash}"),
        };
        Ok(Code { digits, hash })
    }
}

/// The link of a token.
pub(crate) fn link(state: &State, hash: &str, link_type: &str, redirect_to: &str) -> String {
    let encoded = |text: &str| byte_serialize(text.as_bytes()).collect::<String>();
    format!(
        "{}/verify?token={}&type={}&redirect_to={}",
        state.settings.external_url,
        encoded(hash),
        encoded(link_type),
        encoded(redirect_to)
    )
}

/// To whom something is mailed: a user, or one that the same change makes.
#[derive(Clone, Copy)]
pub(crate) struct Addressee<'a> {
    pub(crate) id: Uuid,
    pub(crate) email: &'a str,
    pub(crate) user_metadata: &'a Map<String, Value>,
}

impl<'a> From<&'a User> for Addressee<'a> {
    fn from(user: &'a User) -> Addressee<'a> {
        Addressee { id: user.id, email: user.email(), user_metadata: &user.user_metadata }
    }
}

/// What a letter with a code is for. A change of address has two: [`send_email_change`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Errand {
    /// To confirm a sign-up.
    Confirmation,
    /// To accept an invitation.
    Invite,
    /// To set a new password.
    Recovery,
    /// To sign in.
    MagicLink,
    /// To prove presence.
    Reauthentication,
}

impl Errand {
    fn letter(self) -> Kind {
        match self {
            Errand::Confirmation => Kind::Confirmation,
            Errand::Invite => Kind::Invite,
            Errand::Recovery => Kind::Recovery,
            Errand::MagicLink => Kind::MagicLink,
            Errand::Reauthentication => Kind::Reauthentication,
        }
    }

    /// The `type` of its link; a reauthentication has a code only.
    pub(crate) fn link_type(self) -> Option<&'static str> {
        match self {
            Errand::Confirmation => Some("signup"),
            Errand::Invite => Some("invite"),
            Errand::Recovery => Some("recovery"),
            Errand::MagicLink => Some("magiclink"),
            Errand::Reauthentication => None,
        }
    }

    /// Where its token is kept.
    pub(crate) fn token(self) -> TokenKind {
        match self {
            Errand::Confirmation | Errand::Invite => TokenKind::Confirmation,
            Errand::Recovery | Errand::MagicLink => TokenKind::Recovery,
            Errand::Reauthentication => TokenKind::Reauthentication,
        }
    }

    /// The user's column that says when it was mailed last.
    pub(crate) fn sent_at_column(self) -> &'static str {
        match self {
            Errand::Confirmation | Errand::Invite => "confirmation_sent_at",
            Errand::Recovery | Errand::MagicLink => "recovery_sent_at",
            Errand::Reauthentication => "reauthentication_sent_at",
        }
    }
}

/// Puts a letter with a new code into the change: the user's row first, under the condition that it was not sent meanwhile; then
/// the token; then the job. `sent_at` is when it was mailed last.
///
/// # Errors
/// When the address is none that mail can be sent to.
pub(crate) fn send(
    state: &State,
    change: &mut Change,
    errand: Errand,
    to: Addressee<'_>,
    sent_at: Option<Timestamp>,
    flow: Flow,
    redirect_to: &str,
) -> Result<Code> {
    let code = Code::new(state, to.email, flow)?;
    let column = errand.sent_at_column();
    let mut update = Update::of(to.id)
        .only_if(column, sent_at.map(|at| at.to_string()))
        .set(errand.token().column(), code.hash.as_str())
        .set_now(column);
    if errand == Errand::Invite {
        update = update.set_now("invited_at");
    }
    change.only_if_one(update.statement());
    change.then(one_time_tokens::put(to.id, errand.token(), &code.hash, to.email));
    let variables = match errand.link_type() {
        Some(link_type) => Variables {
            confirmation_url: link(state, &code.hash, link_type, redirect_to),
            token_hash: code.hash.clone(),
            redirect_to: redirect_to.to_owned(),
            ..variables(state, to)
        },
        None => variables(state, to),
    };
    let variables = Variables { token: code.digits.clone(), ..variables };
    enqueue(state, change, errand.letter(), &variables, to.email)?;
    Ok(code)
}

/// Puts the letters of a change of address into the change: to the new one and, where both must agree, to the present one.
///
/// # Errors
/// When an address is none that mail can be sent to.
pub(crate) fn send_email_change(
    state: &State,
    change: &mut Change,
    user: &User,
    new_email: &str,
    flow: Flow,
    redirect_to: &str,
) -> Result<()> {
    let both = state.settings.email.double_confirm_changes && !user.email().is_empty();
    let new = Code::new(state, new_email, flow)?;
    let current = if both { Some(Code::new(state, user.email(), flow)?) } else { None };
    let current_hash = current.as_ref().map_or("", |code| code.hash.as_str());
    let update = Update::of(user.id)
        .set("email_change", new_email)
        .set("email_change_token_new", new.hash.as_str())
        .set("email_change_token_current", current_hash)
        .set("email_change_confirm_status", 0)
        .set_now("email_change_sent_at");
    change.only_if_one(update.statement());
    change.then(one_time_tokens::put(user.id, TokenKind::EmailChangeNew, &new.hash, new_email));
    let mut letter = |code: &Code, to: &str| {
        let variables = Variables {
            confirmation_url: link(state, &code.hash, "email_change", redirect_to),
            token: code.digits.clone(),
            token_hash: code.hash.clone(),
            new_email: new_email.to_owned(),
            sending_to: to.to_owned(),
            redirect_to: redirect_to.to_owned(),
            ..variables(state, user.into())
        };
        enqueue(state, change, Kind::EmailChange, &variables, to)
    };
    letter(&new, new_email)?;
    match &current {
        Some(code) => {
            letter(code, user.email())?;
            change.then(one_time_tokens::put(
                user.id,
                TokenKind::EmailChangeCurrent,
                &code.hash,
                user.email(),
            ));
        }
        None => {
            change.then(one_time_tokens::end(user.id, TokenKind::EmailChangeCurrent));
        }
    }
    Ok(())
}

/// Puts a letter that only tells of something into the change, if it is to be sent and there is an address to send it to.
///
/// # Errors
/// When the address is none that mail can be sent to.
pub(crate) fn notify(
    state: &State,
    change: &mut Change,
    kind: Kind,
    user: Addressee<'_>,
    to: &str,
    more: impl FnOnce(&mut Variables),
) -> Result<()> {
    if to.is_empty() || !state.letters.is_sent(kind) {
        return Ok(());
    }
    let mut variables = variables(state, user);
    more(&mut variables);
    enqueue(state, change, kind, &variables, to)
}

/// Begins a sign-in that a mailed link goes on with (PKCE), when there is a challenge; what began before by the same method ends, as its link
/// does. Behind [`send`], which writes the user's row.
pub(crate) fn begin_flow(
    change: &mut Change,
    user: Uuid,
    method: Method,
    provider: &str,
    challenge: Option<&Challenge>,
) {
    let Some(challenge) = challenge else { return };
    let method = method.as_str();
    change.then(flow_states::supersede(user, method));
    change.then(flow_states::insert(
        Uuid::now_v7(),
        &flow_states::NewFlowState {
            user_id: Some(user),
            challenge: Some(challenge),
            provider_type: provider,
            authentication_method: method,
            ..flow_states::NewFlowState::default()
        },
    ));
}

/// Whether the least time between two mails to one user has passed.
///
/// # Errors
/// 429 `over_email_send_rate_limit`, saying when it will have.
pub(crate) fn check_frequency(state: &State, sent_at: Option<Timestamp>, now: Timestamp) -> Result<()> {
    let frequency = state.settings.email.max_frequency;
    let Some(sent_at) = sent_at else { return Ok(()) };
    let left = frequency.saturating_sub(now.since(sent_at));
    if left.is_zero() { Ok(()) } else { Err(too_soon(left)) }
}

/// Whether one more mail may be sent: all count together. Where no confirmation is asked for they do not (as in GoTrue), unless none may be
/// sent at all.
///
/// # Errors
/// 429 `over_email_send_rate_limit`.
pub(crate) async fn check_total(state: &State) -> Result<()> {
    if state.settings.email.confirmations || state.settings.rates.email_sent == Some(0) {
        return state.rates.take_mail().await;
    }
    Ok(())
}

/// What [`check_frequency`] and [`check_total`] would be for a user, for an address to which nothing is sent: nobody has it, or nothing is to
/// be sent to who has. It is counted alike, so that the answers tell nothing.
///
/// # Errors
/// Theirs.
pub(crate) async fn pretend(state: &State, errand: Pretended, address: &str) -> Result<()> {
    let frequency = state.settings.email.max_frequency;
    if let Some(left) = state.rates.take_frequency(errand.bucket(), address, frequency).await? {
        return Err(too_soon(left));
    }
    check_total(state).await
}

/// What is not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Pretended {
    /// A confirmation.
    Confirmation,
    /// A recovery or a magic link.
    Recovery,
    /// A change of address.
    EmailChange,
}

impl Pretended {
    fn bucket(self) -> &'static str {
        match self {
            Pretended::Confirmation => "mail_confirmation",
            Pretended::Recovery => "mail_recovery",
            Pretended::EmailChange => "mail_change",
        }
    }
}

/// 429: the last mail was sent too short a time ago.
pub(crate) fn too_soon(left: Duration) -> AuthError {
    let seconds = left.as_secs() + u64::from(left.subsec_nanos() > 0);
    AuthError::too_many(
        ErrorCode::OVER_EMAIL_SEND_RATE_LIMIT,
        format!("For security purposes, you can only request this after {seconds} seconds."),
    )
    .with_header(http::header::RETRY_AFTER, &seconds.to_string())
}

fn variables(state: &State, user: Addressee<'_>) -> Variables {
    Variables {
        site_url: state.settings.redirects.site().to_owned(),
        email: user.email.to_owned(),
        data: Value::Object(user.user_metadata.clone()),
        ..Variables::default()
    }
}

fn enqueue(state: &State, change: &mut Change, kind: Kind, variables: &Variables, to: &str) -> Result<()> {
    let address = Address::parse(to).ok_or_else(|| {
        AuthError::bad_request(ErrorCode::EMAIL_ADDRESS_INVALID, format!("Email address \"{to}\" is invalid"))
    })?;
    let message = state
        .letters
        .write(kind, variables, &address)
        .map_err(|error| AuthError::internal(format_args!("the letter cannot be written: {error}")))?;
    change.job(&letters::job(&message));
    Ok(())
}
