//! `auth.one_time_tokens`: what was mailed and not used yet. GoTrue keeps the hashes in `auth.users` too.

use super::users::Update;
use database::Statement;
use uuid::Uuid;

/// The kinds of tokens (`auth.one_time_token_type`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenKind {
    /// A sign-up or an invitation.
    Confirmation,
    /// A recovery or a magic link.
    Recovery,
    /// A change of address, mailed to the new one.
    EmailChangeNew,
    /// A change of address, mailed to the present one.
    EmailChangeCurrent,
    /// A reauthentication.
    Reauthentication,
}

impl TokenKind {
    /// Its text in the database.
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            TokenKind::Confirmation => "confirmation_token",
            TokenKind::Recovery => "recovery_token",
            TokenKind::EmailChangeNew => "email_change_token_new",
            TokenKind::EmailChangeCurrent => "email_change_token_current",
            TokenKind::Reauthentication => "reauthentication_token",
        }
    }

    /// Its column in `auth.users`: of the same name.
    pub(crate) fn column(self) -> &'static str {
        self.as_str()
    }
}

/// Keeps a token's hash; an earlier one of its kind ends. The user's own column is set by [`Update::set`] of [`TokenKind::column`].
pub(crate) fn put(user: Uuid, kind: TokenKind, hash: &str, relates_to: &str) -> Statement {
    Statement::with(
        "insert into auth.one_time_tokens (id, user_id, token_type, token_hash, relates_to) \
         values ($1, $2, $3::auth.one_time_token_type, $4, $5) \
         on conflict (user_id, token_type) do update \
         set token_hash = excluded.token_hash, relates_to = excluded.relates_to, created_at = now(), updated_at = now()",
        [
            Uuid::now_v7().to_string().into(),
            user.to_string().into(),
            kind.as_str().into(),
            hash.into(),
            relates_to.into(),
        ],
    )
}

/// Uses a token up. One row when it was there: of two that use it at once, one is refused.
pub(crate) fn consume(user: Uuid, kind: TokenKind, hash: &str) -> Statement {
    Statement::with(
        "delete from auth.one_time_tokens \
         where user_id = $1 and token_type = $2::auth.one_time_token_type and token_hash = $3",
        [user.to_string().into(), kind.as_str().into(), hash.into()],
    )
}

/// Ends the pending token of a kind. The user's own column is another statement's.
pub(crate) fn end(user: Uuid, kind: TokenKind) -> Statement {
    Statement::with(
        "delete from auth.one_time_tokens where user_id = $1 and token_type = $2::auth.one_time_token_type",
        [user.to_string().into(), kind.as_str().into()],
    )
}

/// Ends what a user has begun and not finished; nothing else does when the user's row goes.
pub(crate) fn end_flows(user: Uuid) -> Statement {
    Statement::with("delete from auth.flow_state where user_id = $1", [user.to_string().into()])
}

/// Ends every pending token and code of a user: a new password, or the address's true owner has come.
pub(crate) fn end_all(user: Uuid) -> [Statement; 3] {
    [
        end_flows(user),
        Statement::with("delete from auth.one_time_tokens where user_id = $1", [user.to_string().into()]),
        Update::of(user)
            .set("confirmation_token", "")
            .set("recovery_token", "")
            .set("email_change_token_new", "")
            .set("email_change_token_current", "")
            .set("reauthentication_token", "")
            .statement(),
    ]
}
