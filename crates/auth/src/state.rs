//! What the accounts stand on.

use crate::config::Settings;
use crate::letters::Letters;
use crate::model::User;
use crate::password::Hasher;
use crate::provider::Providers;
use crate::rates::Rates;
use crate::secret::CodeKey;
use crate::store::{Change, ChangeError, Committed, Store, UserKey};
use database::{Database, DatabaseError};
use limits::Limiter;
use std::sync::Arc;

/// What the server gives.
pub struct Ports {
    /// The database.
    pub database: Arc<dyn Database>,
    /// Keys, as every door checks them.
    pub keys: web::Keys,
    /// What hashes passwords.
    pub hasher: Hasher,
    /// What counts how often.
    pub limiter: Arc<dyn Limiter>,
    /// What is mailed.
    pub letters: Letters,
    /// What tells the queue in this process that a job was committed, so that it need not wait for its next look.
    pub jobs: jobs::Waker,
    /// The providers that one may sign in with.
    pub providers: Providers,
    /// What the hashes of mailed codes are keyed by.
    pub codes: CodeKey,
}

/// The state of the accounts: cheap to clone.
#[derive(Clone)]
pub struct State(Arc<Inner>);

/// What a [`State`] holds; only this crate sees into it.
pub struct Inner {
    pub(crate) store: Store,
    pub(crate) settings: Settings,
    pub(crate) keys: web::Keys,
    pub(crate) hasher: Hasher,
    pub(crate) rates: Rates,
    pub(crate) letters: Letters,
    pub(crate) jobs: jobs::Waker,
    pub(crate) providers: Providers,
    pub(crate) codes: CodeKey,
}

impl State {
    /// Of what the server gives.
    pub fn new(ports: Ports, settings: Settings) -> State {
        let Ports { database, keys, hasher, limiter, letters, jobs, providers, codes } = ports;
        let rates = Rates::new(limiter, settings.rates);
        let store = Store::new(database);
        State(Arc::new(Inner { store, settings, keys, hasher, rates, letters, jobs, providers, codes }))
    }

    /// Commits a change, and tells the queue when a job waits in it.
    ///
    /// # Errors
    /// The database's; 23505 is another's race won.
    pub(crate) async fn commit(&self, change: Change) -> Result<Committed, DatabaseError> {
        let has_jobs = change.has_jobs();
        let committed = change.commit(&self.store).await?;
        if has_jobs && matches!(committed, Committed::Done(_)) {
            self.jobs.wake();
        }
        Ok(committed)
    }

    /// Commits a change, tells the queue, and gives the user as it is then.
    ///
    /// # Errors
    /// [`ChangeError`]; the caller says what a race means.
    pub(crate) async fn commit_and_read(
        &self,
        change: Change,
        key: &UserKey<'_>,
    ) -> Result<Option<User>, ChangeError> {
        let has_jobs = change.has_jobs();
        let user = change.commit_and_read(&self.store, key).await?;
        if has_jobs {
            self.jobs.wake();
        }
        Ok(user)
    }
}

impl std::ops::Deref for State {
    type Target = Inner;

    fn deref(&self) -> &Inner {
        &self.0
    }
}
