//! The SQL of the accounts. Rows are read as values of [`crate::model`]; what is to be written is collected in a [`Change`], whose
//! statements carry the conditions under which it was decided, and committed as one transaction.

pub(crate) mod audit_log;
mod change;
pub(crate) mod client_states;
pub(crate) mod flow_states;
pub(crate) mod identities;
pub(crate) mod listing;
pub(crate) mod one_time_tokens;
mod row;
pub(crate) mod sessions;
pub(crate) mod users;

pub(crate) use change::{Change, ChangeError, Committed};
pub(crate) use row::Row;
pub(crate) use sessions::RefreshToken;
pub(crate) use users::UserKey;

use crate::error::Result;
use crate::model::{Session, User};
use database::{Database, Outcome, ResultSet, Statement, SystemPrivilege, Work};
use std::sync::Arc;
use uuid::Uuid;

/// The role that owns the tables of the accounts.
const OWNER: &str = "supabase_auth_admin";

/// What a refresh token leads to.
pub(crate) struct Renewal {
    pub(crate) token: RefreshToken,
    /// The session's token that is not revoked.
    pub(crate) active: Option<RefreshToken>,
    pub(crate) user: User,
    pub(crate) session: Option<Session>,
}

/// The tables of the accounts, as their owner sees them.
#[derive(Clone)]
pub(crate) struct Store {
    database: Arc<dyn Database>,
    session: database::Session,
    reading: database::Session,
}

impl Store {
    pub(crate) fn new(database: Arc<dyn Database>) -> Store {
        let session = database::Session::feature(SystemPrivilege::i_am_the_operator(), OWNER)
            .with_search_path(["auth", "public", "extensions"])
            .with_setting("timezone", "UTC");
        let mut reading = session.clone();
        reading.read_only = true;
        Store { database, session, reading }
    }

    /// Reads, in one snapshot.
    pub(crate) async fn read(
        &self,
        statements: impl IntoIterator<Item = Statement>,
    ) -> Result<Vec<ResultSet>> {
        let outcomes = self.database.run(&self.reading, Work::all(statements)).await?;
        Ok(outcomes.into_iter().map(|outcome| outcome.result).collect())
    }

    /// Writes, in one transaction.
    async fn write(&self, work: Work) -> Result<Vec<Outcome>, database::DatabaseError> {
        self.database.run(&self.session, work).await
    }

    /// A user.
    pub(crate) async fn user(&self, key: &UserKey<'_>) -> Result<Option<User>> {
        users::read(&self.read(users::select(key)).await?)
    }

    /// A user and one of their sessions; the session is absent when it is not theirs.
    pub(crate) async fn user_and_session(
        &self,
        user: Uuid,
        session: Uuid,
    ) -> Result<(Option<User>, Option<Session>)> {
        let results = self.read([users::select_with_session(user, session)]).await?;
        let Some(values) = results.first().and_then(|result| result.rows.first()) else {
            return Ok((None, None));
        };
        let row = &mut Row::new(values);
        Ok((Some(users::of_columns(row)?), sessions::of_columns(row)?))
    }

    /// What a refresh token leads to.
    pub(crate) async fn refresh_token(&self, token: &str) -> Result<Option<Renewal>> {
        let results = self.read([users::select_with_refresh_token(token)]).await?;
        let Some(values) = results.first().and_then(|result| result.rows.first()) else { return Ok(None) };
        let row = &mut Row::new(values);
        let token = sessions::token_of_columns(row)?;
        let token = token.ok_or_else(|| crate::AuthError::internal("a refresh token was found by NULL"))?;
        let active = sessions::token_of_columns(row)?;
        Ok(Some(Renewal {
            token,
            active,
            user: users::of_columns(row)?,
            session: sessions::of_columns(row)?,
        }))
    }

    /// Whether somebody else of the audience is known by this address (in lower case): as their own, or as an identity's that is no
    /// organisation's.
    pub(crate) async fn is_email_taken(
        &self,
        email: &str,
        audience: &str,
        but: Option<Uuid>,
    ) -> Result<bool> {
        let results = self.read(users::select_by_any_email(email, audience)).await?;
        for result in &results {
            for values in &result.rows {
                if Some(Row::new(values).uuid()?) != but {
                    return Ok(true);
                }
            }
        }
        Ok(false)
    }
}
