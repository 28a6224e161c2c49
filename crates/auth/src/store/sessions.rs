//! `auth.sessions`, `auth.refresh_tokens` and `auth.mfa_amr_claims`.

use super::Row;
use crate::error::Result;
use crate::model::{AssuranceLevel, Method, MethodReference, Session, Timestamp};
use crate::request::Client;
use database::{ResultSet, Statement};
use uuid::Uuid;

/// What [`of_row`] reads of `auth.sessions s`. What a session was proven by comes as JSON, [`MethodRow`] each, in no order.
macro_rules! columns {
    () => {
        "s.id, s.user_id, s.created_at, s.aal, s.not_after, s.refreshed_at, s.tag, \
         (select json_agg(json_build_array(a.authentication_method, floor(extract(epoch from a.updated_at))::bigint)) \
         from auth.mfa_amr_claims a where a.session_id = s.id)"
    };
}
pub(super) use columns;

const COLUMNS: &str = columns!();

/// A method as a session's row gives it.
type MethodRow = (String, i64);

/// All of a user's.
pub(crate) fn select_of_user(user: Uuid) -> Statement {
    Statement::with(
        format!("select {COLUMNS} from auth.sessions s where s.user_id = $1"),
        [user.to_string().into()],
    )
}

pub(crate) fn read_all(result: &ResultSet) -> Result<Vec<Session>> {
    result.rows.iter().map(|values| of_row(&mut Row::new(values))).collect()
}

/// The session of a row's last columns, if they are not all NULL.
pub(super) fn of_columns(row: &mut Row<'_>) -> Result<Option<Session>> {
    if row.is_null() { Ok(None) } else { of_row(row).map(Some) }
}

fn of_row(row: &mut Row<'_>) -> Result<Session> {
    let method = |(method, timestamp): MethodRow| MethodReference { method, timestamp, provider: None };
    let mut session = Session {
        id: row.uuid()?,
        user_id: row.uuid()?,
        created_at: row.certain_moment()?,
        assurance: AssuranceLevel::read(row.optional_text()?),
        not_after: row.moment()?,
        refreshed_at: row.moment()?,
        tag: row.optional_text()?.map(str::to_owned),
        methods: row.list()?.into_iter().map(method).collect(),
    };
    session.methods.sort_by_key(|entry| std::cmp::Reverse(entry.timestamp));
    Ok(session)
}

/// A session that begins, and what proves it.
pub(crate) fn insert(
    id: Uuid,
    user: Uuid,
    tag: Option<&str>,
    method: Method,
    client: &Client,
) -> [Statement; 2] {
    [
        Statement::with(
            "insert into auth.sessions (id, user_id, created_at, updated_at, aal, user_agent, ip, tag) \
             values ($1, $2, now(), now(), 'aal1', $3, $4, $5)",
            [
                id.to_string().into(),
                user.to_string().into(),
                client.user_agent.as_deref().into(),
                client.address.map(|address| address.to_string()).into(),
                tag.into(),
            ],
        ),
        Statement::with(
            "insert into auth.mfa_amr_claims (id, session_id, created_at, updated_at, authentication_method) \
             values ($1, $2, now(), now(), $3)",
            [Uuid::now_v7().to_string().into(), id.to_string().into(), method.as_str().into()],
        ),
    ]
}

/// Notes that a session's token was renewed.
pub(crate) fn refreshed(id: Uuid, client: &Client) -> Statement {
    Statement::with(
        "update auth.sessions set refreshed_at = now() at time zone 'utc', updated_at = now(), user_agent = $2, ip = $3 where id = $1",
        [
            id.to_string().into(),
            client.user_agent.as_deref().into(),
            client.address.map(|address| address.to_string()).into(),
        ],
    )
}

/// Ends one session; its refresh tokens go with it.
pub(crate) fn delete(id: Uuid) -> Statement {
    Statement::with("delete from auth.sessions where id = $1", [id.to_string().into()])
}

/// Ends all sessions of a user.
pub(crate) fn delete_all(user: Uuid) -> Statement {
    Statement::with("delete from auth.sessions where user_id = $1", [user.to_string().into()])
}

/// Ends all sessions of a user but one.
pub(crate) fn delete_others(user: Uuid, but: Uuid) -> Statement {
    Statement::with(
        "delete from auth.sessions where user_id = $1 and id <> $2",
        [user.to_string().into(), but.to_string().into()],
    )
}

/// A row of `auth.refresh_tokens`.
#[derive(Clone, PartialEq)]
pub(crate) struct RefreshToken {
    pub(crate) id: i64,
    pub(crate) token: String,
    pub(crate) parent: Option<String>,
    pub(crate) revoked: bool,
    pub(crate) session_id: Option<Uuid>,
    pub(crate) updated_at: Option<Timestamp>,
}

impl std::fmt::Debug for RefreshToken {
    // The token is not printed.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RefreshToken")
            .field("id", &self.id)
            .field("revoked", &self.revoked)
            .finish_non_exhaustive()
    }
}

/// What [`token_of_columns`] reads of `auth.refresh_tokens`, under an alias.
macro_rules! token_columns {
    ($alias:literal) => {
        concat!(
            $alias,
            ".id, ",
            $alias,
            ".token, ",
            $alias,
            ".parent, ",
            $alias,
            ".revoked, ",
            $alias,
            ".session_id, ",
            $alias,
            ".updated_at"
        )
    };
}
pub(super) use token_columns;

/// The refresh token of the next columns of a row, if they are not all NULL.
pub(super) fn token_of_columns(row: &mut Row<'_>) -> Result<Option<RefreshToken>> {
    let absent = row.is_null();
    let token = RefreshToken {
        id: row.integer()?,
        token: row.text()?,
        parent: row.optional_text()?.filter(|text| !text.is_empty()).map(str::to_owned),
        revoked: row.boolean()?,
        session_id: row.optional_uuid()?,
        updated_at: row.moment()?,
    };
    Ok((!absent).then_some(token))
}

/// A new refresh token of a session.
pub(crate) fn insert_refresh_token(
    token: &str,
    parent: Option<&str>,
    user: Uuid,
    session: Uuid,
) -> Statement {
    Statement::with(
        "insert into auth.refresh_tokens (instance_id, token, user_id, revoked, created_at, updated_at, parent, session_id) \
         values ($1, $2, $3, false, now(), now(), $4, $5)",
        [
            super::users::INSTANCE.into(),
            token.into(),
            user.to_string().into(),
            parent.into(),
            session.to_string().into(),
        ],
    )
}

/// Revokes a refresh token that is not. One row: of many that renew it at once, one wins.
pub(crate) fn revoke_refresh_token(id: i64) -> Statement {
    Statement::with(
        "update auth.refresh_tokens set revoked = true, updated_at = now() where id = $1 and revoked = false",
        [id.into()],
    )
}

/// Holds a refresh token that must not be revoked meanwhile. One row while it is the active one.
pub(crate) fn touch_active(id: i64) -> Statement {
    Statement::with(
        "update auth.refresh_tokens set revoked = false where id = $1 and revoked = false",
        [id.into()],
    )
}

/// Holds a session that must not be ended meanwhile. One row while it is there.
pub(crate) fn touch_session(id: Uuid) -> Statement {
    Statement::with("update auth.sessions set updated_at = now() where id = $1", [id.to_string().into()])
}

/// Revokes every refresh token of a session: a used one was shown again.
pub(crate) fn revoke_family(session: Uuid) -> Statement {
    Statement::with(
        "update auth.refresh_tokens set revoked = true, updated_at = now() where session_id = $1 and revoked = false",
        [session.to_string().into()],
    )
}

/// Removes a refresh token that has no session: of a time before there were sessions.
pub(crate) fn delete_refresh_token(id: i64) -> Statement {
    Statement::with("delete from auth.refresh_tokens where id = $1", [id.into()])
}

/// Removes the refresh tokens of a user that have no session: of a time before there were sessions. Others go with theirs.
pub(crate) fn delete_refresh_tokens_without_session(user: Uuid) -> Statement {
    Statement::with(
        "delete from auth.refresh_tokens where user_id = $1 and session_id is null",
        [user.to_string().into()],
    )
}

/// Takes a second factor out of the sessions that it vouched for.
pub(crate) fn downgrade(user: Uuid, factor: Uuid) -> Statement {
    Statement::with(
        "update auth.sessions set aal = 'aal1', factor_id = null, updated_at = now() where user_id = $1 and factor_id = $2",
        [user.to_string().into(), factor.to_string().into()],
    )
}
