//! `auth.flow_state`: sign-ins that are under way, and the codes that end them (PKCE, RFC 7636).

use super::Row;
use crate::error::Result;
use crate::model::Timestamp;
use crate::pkce::Challenge;
use database::{ResultSet, Statement};
use uuid::Uuid;

/// A sign-in under way.
#[derive(Clone, PartialEq)]
pub(crate) struct FlowState {
    pub(crate) id: Uuid,
    pub(crate) user_id: Option<Uuid>,
    pub(crate) auth_code: Option<String>,
    /// Absent in the implicit flow.
    pub(crate) challenge: Option<Challenge>,
    pub(crate) provider_type: String,
    pub(crate) provider_access_token: Option<String>,
    pub(crate) provider_refresh_token: Option<String>,
    pub(crate) authentication_method: String,
    pub(crate) created_at: Timestamp,
    pub(crate) auth_code_issued_at: Option<Timestamp>,
    pub(crate) invite_token: Option<String>,
    /// Where the browser returns to.
    pub(crate) referrer: Option<String>,
    pub(crate) oauth_client_state_id: Option<Uuid>,
    /// Whose account a further identity is to be linked to.
    pub(crate) linking_target_id: Option<Uuid>,
    pub(crate) email_optional: bool,
    pub(crate) read_at: Timestamp,
}

impl std::fmt::Debug for FlowState {
    // Codes and tokens are not printed.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FlowState").field("id", &self.id).finish_non_exhaustive()
    }
}

macro_rules! find {
    ($condition:literal) => {
        concat!(
            "select id, user_id, auth_code, code_challenge, code_challenge_method, provider_type, provider_access_token, \
             provider_refresh_token, authentication_method, created_at, auth_code_issued_at, invite_token, referrer, \
             oauth_client_state_id, linking_target_id, email_optional, now() from auth.flow_state where ",
            $condition
        )
    };
}

pub(crate) fn by_id(id: Uuid) -> Statement {
    Statement::with(find!("id = $1"), [id.to_string().into()])
}

pub(crate) fn by_auth_code(code: &str) -> Statement {
    Statement::with(find!("auth_code = $1"), [code.into()])
}

/// The latest of a user by a method that has not been finished: a link was mailed for it.
pub(crate) fn latest_of_user(user: Uuid, authentication_method: &str) -> Statement {
    Statement::with(
        find!("user_id = $1 and authentication_method = $2 order by created_at desc limit 1"),
        [user.to_string().into(), authentication_method.into()],
    )
}

pub(crate) fn read(result: &ResultSet) -> Result<Option<FlowState>> {
    let Some(values) = result.rows.first() else { return Ok(None) };
    let row = &mut Row::new(values);
    let owned = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
    let (id, user_id, auth_code) = (row.uuid()?, row.optional_uuid()?, owned(row.optional_text()?));
    let (challenge, method) = (owned(row.optional_text()?), owned(row.optional_text()?));
    Ok(Some(FlowState {
        id,
        user_id,
        auth_code,
        challenge: challenge.and_then(|text| Challenge::stored(text, method.as_deref().unwrap_or_default())),
        provider_type: row.text()?,
        provider_access_token: owned(row.optional_text()?),
        provider_refresh_token: owned(row.optional_text()?),
        authentication_method: row.text()?,
        created_at: row.certain_moment()?,
        auth_code_issued_at: row.moment()?,
        invite_token: owned(row.optional_text()?),
        referrer: owned(row.optional_text()?),
        oauth_client_state_id: row.optional_uuid()?,
        linking_target_id: row.optional_uuid()?,
        email_optional: row.boolean()?,
        read_at: row.certain_moment()?,
    }))
}

/// What a sign-in under way begins with.
#[derive(Clone, Debug, Default)]
pub(crate) struct NewFlowState<'a> {
    pub(crate) user_id: Option<Uuid>,
    pub(crate) auth_code: Option<&'a str>,
    pub(crate) challenge: Option<&'a Challenge>,
    pub(crate) provider_type: &'a str,
    pub(crate) authentication_method: &'a str,
    pub(crate) invite_token: Option<&'a str>,
    pub(crate) referrer: Option<&'a str>,
    pub(crate) oauth_client_state_id: Option<Uuid>,
    pub(crate) linking_target_id: Option<Uuid>,
    pub(crate) email_optional: bool,
}

pub(crate) fn insert(id: Uuid, state: &NewFlowState<'_>) -> Statement {
    Statement::with(
        "insert into auth.flow_state (id, user_id, auth_code, code_challenge_method, code_challenge, provider_type, \
         authentication_method, invite_token, referrer, oauth_client_state_id, linking_target_id, email_optional, created_at, updated_at) \
         values ($1, $2, $3, $4::auth.code_challenge_method, $5, $6, $7, $8, $9, $10, $11, $12, now(), now())",
        [
            id.to_string().into(),
            state.user_id.map(|id| id.to_string()).into(),
            state.auth_code.into(),
            state.challenge.map(|challenge| challenge.method_text()).into(),
            state.challenge.map(|challenge| challenge.text().to_owned()).into(),
            state.provider_type.into(),
            state.authentication_method.into(),
            state.invite_token.into(),
            state.referrer.into(),
            state.oauth_client_state_id.map(|id| id.to_string()).into(),
            state.linking_target_id.map(|id| id.to_string()).into(),
            state.email_optional.into(),
        ],
    )
}

/// Gives a sign-in its code: its user is known now. One row unless it was finished before.
pub(crate) fn issue_code(
    id: Uuid,
    user: Uuid,
    code: &str,
    provider_access_token: Option<&str>,
    provider_refresh_token: Option<&str>,
) -> Statement {
    Statement::with(
        "update auth.flow_state set user_id = $2, auth_code = $3, provider_access_token = $4, provider_refresh_token = $5, \
         auth_code_issued_at = now(), updated_at = now() where id = $1 and auth_code_issued_at is null",
        [
            id.to_string().into(),
            user.to_string().into(),
            code.into(),
            provider_access_token.into(),
            provider_refresh_token.into(),
        ],
    )
}

/// Ends the sign-ins of a user by a method that have no code yet: a newer one takes their place, and its link is the one that works.
pub(crate) fn supersede(user: Uuid, authentication_method: &str) -> Statement {
    Statement::with(
        "delete from auth.flow_state where user_id = $1 and authentication_method = $2 and auth_code_issued_at is null",
        [user.to_string().into(), authentication_method.into()],
    )
}

/// Ends the sign-ins with providers that nobody can finish any more: anybody may begin them, and most who turn back at the provider's page never come
/// back.
pub(crate) fn delete_old() -> Statement {
    Statement::new(
        "delete from auth.flow_state where created_at < now() - interval '1 hour' and authentication_method = 'oauth'",
    )
}

/// Ends a sign-in. One row unless another ended it before.
pub(crate) fn delete(id: Uuid) -> Statement {
    Statement::with("delete from auth.flow_state where id = $1", [id.to_string().into()])
}
