//! What is to be written: one transaction, and the conditions under which it was decided.

use super::{Store, UserKey, users};
use crate::audit::{self, Action};
use crate::error::{AuthError, Result};
use crate::model::User;
use crate::request::Client;
use database::{DatabaseError, Expectation, Outcome, Statement, Work};
use serde_json::Value as Json;

/// Statements that are committed together or not at all.
#[derive(Default)]
pub(crate) struct Change {
    statements: Vec<Statement>,
    mails: bool,
}

/// How a change ended.
#[must_use]
pub(crate) enum Committed {
    /// It is on disk.
    Done(Vec<Outcome>),
    /// Something that it was decided upon had changed meanwhile: nothing was written.
    Stale,
}

impl Change {
    pub(crate) fn new() -> Change {
        Change::default()
    }

    /// Adds a statement.
    pub(crate) fn then(&mut self, statement: Statement) -> &mut Change {
        self.statements.push(statement);
        self
    }

    /// Adds a statement that must concern exactly one row, else nothing of the change is written. Conditions come first: what is
    /// behind them need not be sent when they do not hold.
    pub(crate) fn only_if_one(&mut self, statement: Statement) -> &mut Change {
        self.then(statement.expecting(Expectation::Affected(1)))
    }

    /// Adds an entry of the audit log.
    pub(crate) fn audit(
        &mut self,
        client: &Client,
        actor: &User,
        action: Action,
        traits: Option<Json>,
    ) -> &mut Change {
        self.then(audit::statement(client, &audit::Actor::of(actor), action, traits))
    }

    /// Adds two entries of the audit log about one actor, in one statement.
    pub(crate) fn audit_two(&mut self, client: &Client, actor: &User, actions: [Action; 2]) -> &mut Change {
        self.then(audit::two(client, &audit::Actor::of(actor), actions))
    }

    /// Adds a job that runs once the change is committed.
    pub(crate) fn job(&mut self, job: &jobs::Job) -> &mut Change {
        self.mails = true;
        self.then(job.statement())
    }

    /// Whether a job waits in it.
    pub(crate) fn has_jobs(&self) -> bool {
        self.mails
    }

    /// Commits.
    ///
    /// # Errors
    /// The database's; 23505 is another's race won.
    pub(crate) async fn commit(self, store: &Store) -> Result<Committed, DatabaseError> {
        let expected = self.statements.len();
        let outcomes = store.write(Work::all(self.statements)).await?;
        // What is behind an unmet expectation has no outcome.
        let met = outcomes.len() == expected && outcomes.iter().all(|outcome| outcome.met);
        Ok(if met { Committed::Done(outcomes) } else { Committed::Stale })
    }

    /// Commits, and gives the user as it is then.
    ///
    /// # Errors
    /// The database's; 23505 is another's race won.
    pub(crate) async fn commit_and_read(
        mut self,
        store: &Store,
        key: &UserKey<'_>,
    ) -> Result<Option<User>, ChangeError> {
        let own = self.statements.len();
        self.statements.extend(users::select(key));
        match self.commit(store).await.map_err(ChangeError::Database)? {
            Committed::Stale => Err(ChangeError::Stale),
            Committed::Done(outcomes) => {
                let results: Vec<_> = outcomes.into_iter().skip(own).map(|outcome| outcome.result).collect();
                users::read(&results).map_err(ChangeError::Other)
            }
        }
    }
}

/// Why a change was not written.
#[derive(Debug)]
pub(crate) enum ChangeError {
    /// Something that it was decided upon had changed meanwhile.
    Stale,
    /// The database refused.
    Database(DatabaseError),
    /// Anything else.
    Other(AuthError),
}

impl ChangeError {
    /// Whether the change may be decided anew: another was faster, by a condition, a unique key, or a row that is gone.
    pub(crate) fn is_race(&self) -> bool {
        match self {
            ChangeError::Stale => true,
            ChangeError::Database(error) => {
                let code = error.code();
                let by_key = code == sqlstate::UNIQUE_VIOLATION || code == sqlstate::FOREIGN_KEY_VIOLATION;
                // A key of another schema is the project's, met by a trigger: it will be met again.
                let is_ours = error.fields().schema.as_deref().is_none_or(|schema| schema == "auth");
                (by_key && is_ours)
                    || code == sqlstate::T_R_SERIALIZATION_FAILURE
                    || code == sqlstate::T_R_DEADLOCK_DETECTED
            }
            ChangeError::Other(_) => false,
        }
    }

    /// Whether another user has the address that the change gives to one.
    pub(crate) fn is_taken_email(&self) -> bool {
        match self {
            ChangeError::Database(error) => {
                error.code() == sqlstate::UNIQUE_VIOLATION
                    && error.fields().constraint.as_deref() == Some("users_email_partial_key")
            }
            ChangeError::Stale | ChangeError::Other(_) => false,
        }
    }

    /// The refusal, in these words where it is nobody's fault here: a trigger of the project failed, for instance, whose error only the log
    /// may show.
    pub(crate) fn doing(self, doing: &'static str) -> AuthError {
        let answer = AuthError::from(self);
        if answer.status() == http::StatusCode::INTERNAL_SERVER_ERROR { answer.saying(doing) } else { answer }
    }
}

impl From<ChangeError> for AuthError {
    fn from(error: ChangeError) -> AuthError {
        match error {
            ChangeError::Stale => AuthError::new(
                http::StatusCode::CONFLICT,
                crate::error::ErrorCode::CONFLICT,
                "Another request changed this at the same time, please try again",
            ),
            ChangeError::Database(error) => error.into(),
            ChangeError::Other(error) => error,
        }
    }
}
