//! `auth.one_time_tokens`: what was mailed and not used yet. GoTrue keeps the hashes in `auth.users` too.

use super::Row;
use super::users::Update;
use crate::error::Result;
use database::{ResultSet, Statement};
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

    fn parse(text: &str) -> Option<TokenKind> {
        [
            TokenKind::Confirmation,
            TokenKind::Recovery,
            TokenKind::EmailChangeNew,
            TokenKind::EmailChangeCurrent,
            TokenKind::Reauthentication,
        ]
        .into_iter()
        .find(|kind| kind.as_str() == text)
    }

    /// Its column in `auth.users`: of the same name.
    pub(crate) fn column(self) -> &'static str {
        self.as_str()
    }
}

/// A token that was mailed and not used yet.
#[derive(Clone, PartialEq)]
pub(crate) struct OneTimeToken {
    pub(crate) id: Uuid,
    pub(crate) user_id: Uuid,
    pub(crate) kind: TokenKind,
    pub(crate) hash: String,
    /// When it was mailed, as the database prints it: with the id it names the code, of which there may be several one after the other.
    pub(crate) created_at: String,
}

impl std::fmt::Debug for OneTimeToken {
    // The hash is what a link shows: it is not printed.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("OneTimeToken").field("id", &self.id).field("kind", &self.kind).finish_non_exhaustive()
    }
}

macro_rules! find {
    ($condition:literal) => {
        concat!(
            "select id, user_id, token_type::text, token_hash, created_at from auth.one_time_tokens where ",
            $condition,
            " and token_type in ($2::auth.one_time_token_type, $3::auth.one_time_token_type) order by created_at desc limit 16"
        )
    };
}

/// The tokens of two kinds with a hash, for [`read`].
pub(crate) fn select_by_hash(kinds: [TokenKind; 2], hash: &str) -> Statement {
    let [one, other] = kinds;
    Statement::with(find!("token_hash = $1"), [hash.into(), one.as_str().into(), other.as_str().into()])
}

/// The tokens of two kinds that were mailed to an address, for [`read`].
pub(crate) fn select_by_address(kinds: [TokenKind; 2], email: &str) -> Statement {
    let [one, other] = kinds;
    Statement::with(find!("relates_to = $1"), [email.into(), one.as_str().into(), other.as_str().into()])
}

/// The tokens that a statement found.
pub(crate) fn read(result: &ResultSet) -> Result<Vec<OneTimeToken>> {
    let token = |values: &Vec<database::Value>| -> Result<Option<OneTimeToken>> {
        let row = &mut Row::new(values);
        let (id, user_id, kind) = (row.uuid()?, row.uuid()?, TokenKind::parse(&row.text()?));
        let (hash, created_at) = (row.text()?, row.text()?);
        Ok(kind.map(|kind| OneTimeToken { id, user_id, kind, hash, created_at }))
    };
    result.rows.iter().filter_map(|values| token(values).transpose()).collect()
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

/// Ends a user's pending token of a kind. The user's own column is set by [`Update::set`].
pub(crate) fn end(user: Uuid, kind: TokenKind) -> Statement {
    Statement::with(
        "delete from auth.one_time_tokens where user_id = $1 and token_type = $2::auth.one_time_token_type",
        [user.to_string().into(), kind.as_str().into()],
    )
}

/// Ends what a user has begun and not finished, links of further identities too; nothing else does when the user's row goes.
pub(crate) fn end_flows(user: Uuid) -> Statement {
    Statement::with(
        "delete from auth.flow_state where user_id = $1 or linking_target_id = $1",
        [user.to_string().into()],
    )
}

/// Ends every pending token of a user that was mailed, while sign-ins under way go on. The user's own columns are set by
/// [`Update::end_tokens`].
pub(crate) fn end_mailed(user: Uuid) -> Statement {
    Statement::with("delete from auth.one_time_tokens where user_id = $1", [user.to_string().into()])
}

/// Ends every pending token and code of a user: a new password, or the address's true owner has come.
pub(crate) fn end_all(user: Uuid) -> [Statement; 3] {
    [Update::of(user).end_tokens().statement(), end_flows(user), end_mailed(user)]
}
