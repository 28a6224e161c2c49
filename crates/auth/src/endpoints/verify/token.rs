//! Finding the token that was shown.

use super::Purpose;
use crate::State;
use crate::error::{AuthError, ErrorCode, Result};
use crate::mailing::PKCE_PREFIX;
use crate::model::{Timestamp, User};
use crate::store::UserKey;
use crate::store::one_time_tokens::{self, OneTimeToken, TokenKind};

/// What was shown.
pub(super) enum Shown {
    /// A code that was typed, for an address in lower case.
    Code { email: String, code: String },
    /// The hash that a link names.
    Hash(String),
}

impl Shown {
    /// The refusal when it is wrong, used or too old.
    pub(super) fn wrong(&self) -> AuthError {
        match self {
            Shown::Code { .. } => wrong_code(),
            Shown::Hash(_) => {
                AuthError::forbidden(ErrorCode::OTP_EXPIRED, "Email link is invalid or has expired")
            }
        }
    }
}

/// 403: a code is wrong, used or too old.
pub(super) fn wrong_code() -> AuthError {
    AuthError::forbidden(ErrorCode::OTP_EXPIRED, "Token has expired or is invalid")
}

/// The kinds of tokens that serve a purpose.
fn kinds(purpose: Purpose) -> [TokenKind; 2] {
    match purpose {
        Purpose::Signup | Purpose::Invite => [TokenKind::Confirmation; 2],
        Purpose::Recovery | Purpose::MagicLink => [TokenKind::Recovery; 2],
        Purpose::EmailChange => [TokenKind::EmailChangeCurrent, TokenKind::EmailChangeNew],
        Purpose::Email => [TokenKind::Confirmation, TokenKind::Recovery],
    }
}

/// The token that was shown and its user.
///
/// # Errors
/// 403 when there is none that is right and young enough, or the user may not sign in.
pub(super) async fn find(state: &State, purpose: Purpose, shown: &Shown) -> Result<(OneTimeToken, User)> {
    let token = match shown {
        Shown::Hash(hash) => by_hash(state, purpose, hash).await?,
        Shown::Code { email, code } => by_code(state, purpose, email, code).await?,
    };
    let token = token.ok_or_else(|| shown.wrong())?;
    let user = state.store.user(&UserKey::Id(token.user_id)).await?.ok_or_else(|| shown.wrong())?;
    let life = state.settings.email.otp_expiry;
    let is_young = sent_at(&user, token.kind).is_some_and(|sent_at| user.read_at <= sent_at.after(life));
    let is_theirs = match shown {
        Shown::Hash(_) => true,
        Shown::Code { email, .. } => address(&user, token.kind) == email,
    };
    if !is_young || !is_theirs || user.deleted_at.is_some() {
        return Err(shown.wrong());
    }
    // Only who can read the mail is told.
    if user.is_banned() {
        return Err(AuthError::forbidden(ErrorCode::USER_BANNED, "User is banned"));
    }
    Ok((token, user))
}

async fn by_hash(state: &State, purpose: Purpose, hash: &str) -> Result<Option<OneTimeToken>> {
    let results = state.store.read([one_time_tokens::select_by_hash(kinds(purpose), hash)]).await?;
    let tokens = results.first().map(one_time_tokens::read).transpose()?.unwrap_or_default();
    Ok(tokens.into_iter().next())
}

async fn by_code(state: &State, purpose: Purpose, email: &str, code: &str) -> Result<Option<OneTimeToken>> {
    let results = state.store.read([one_time_tokens::select_by_address(kinds(purpose), email)]).await?;
    let tokens = results.first().map(one_time_tokens::read).transpose()?.unwrap_or_default();
    let mut right = None;
    for token in tokens {
        // A code that was tried too often is dead, for who tries the right one too: another is mailed on request.
        let name = format!("{}/{}", token.id, token.created_at);
        if !state.rates.take_attempt(&name, state.settings.email.otp_expiry).await? {
            continue;
        }
        let kept = token.hash.strip_prefix(PKCE_PREFIX).unwrap_or(&token.hash);
        if state.codes.is_hash(kept, email, code) {
            right = Some(token);
        }
    }
    Ok(right)
}

/// When a user's token was mailed.
fn sent_at(user: &User, kind: TokenKind) -> Option<Timestamp> {
    match kind {
        TokenKind::Confirmation => user.confirmation_sent_at,
        TokenKind::Recovery => user.recovery_sent_at,
        TokenKind::EmailChangeNew | TokenKind::EmailChangeCurrent => user.email_change_sent_at,
        TokenKind::Reauthentication => user.reauthentication_sent_at,
    }
}

/// The address that a user's token was mailed to.
fn address(user: &User, kind: TokenKind) -> &str {
    match kind {
        TokenKind::EmailChangeNew => user.email_change.as_deref().unwrap_or(""),
        TokenKind::Confirmation
        | TokenKind::Recovery
        | TokenKind::EmailChangeCurrent
        | TokenKind::Reauthentication => user.email(),
    }
}
