//! What the readers and the writer of a database have in common.

use crate::clock::Clock;
use crate::connection::{Connection, Purpose};
use crate::context::WorkState;
use crate::folder::Place;
use crate::plan::Plans;
use crate::random::Seed;
use crate::run::{Environment, Failure, initial_settings, run_work};
use crate::sequences::Sequences;
use crate::state::CatalogState;
use database::{Outcome, Session, Work};
use sqlstate::Result;
use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

/// How many idle readers are kept open.
const IDLE_READERS: usize = 8;
/// How many statements' ways are remembered.
const REMEMBERED: usize = 16 * 1024;

/// Where a statement turned out to belong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Way {
    /// It writes.
    Writer,
    /// It takes longer than a thread of the caller's may be held up.
    Pool,
}

/// One for each open database.
pub(crate) struct Shared {
    pub(crate) place: Place,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) plans: Plans,
    pub(crate) sequences: Arc<Sequences>,
    /// The catalog as committed. The writer holds it exclusively around a commit that changes it, a reader while it renews
    /// its snapshot, so that snapshot and catalog always belong together.
    committed: RwLock<Arc<CatalogState>>,
    /// Moves with every commit.
    commits: AtomicU64,
    readers: Mutex<Vec<Reader>>,
    ways: Mutex<HashMap<Arc<str>, Way, foldhash::quality::RandomState>>,
}

/// A reading connection with its snapshot.
pub(crate) struct Reader {
    connection: Connection,
    /// The catalog of the snapshot, and the count of commits at which it was taken; `None` when there is no snapshot.
    snapshot: Option<(Arc<CatalogState>, u64)>,
}

impl Shared {
    pub(crate) fn new(
        place: Place,
        clock: Arc<dyn Clock>,
        sequences: Sequences,
        state: CatalogState,
    ) -> Shared {
        Shared {
            place,
            clock,
            plans: Plans::default(),
            sequences: Arc::new(sequences),
            committed: RwLock::new(Arc::new(state)),
            commits: AtomicU64::new(0),
            readers: Mutex::default(),
            ways: Mutex::default(),
        }
    }

    /// The catalog as committed.
    pub(crate) fn state(&self) -> Arc<CatalogState> {
        Arc::clone(&self.committed.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Commits by `commit`, and makes it known.
    pub(crate) fn commit<E>(
        &self,
        state: &Arc<CatalogState>,
        commit: impl FnOnce() -> Result<(), E>,
    ) -> Result<(), E> {
        if state.version == self.state().version {
            commit()?;
            self.commits.fetch_add(1, Ordering::Release);
            return Ok(());
        }
        let mut committed = self.committed.write().unwrap_or_else(PoisonError::into_inner);
        commit()?;
        *committed = Arc::clone(state);
        self.commits.fetch_add(1, Ordering::Release);
        Ok(())
    }

    /// What is known of a work's statements.
    pub(crate) fn way(&self, work: &Work) -> Option<Way> {
        let ways = self.ways.lock().unwrap_or_else(PoisonError::into_inner);
        let known = work.statements.iter().filter_map(|statement| ways.get(&statement.text).copied());
        known.reduce(|one, other| if one == Way::Writer { one } else { other })
    }

    /// Remembers where a work's statement belongs.
    pub(crate) fn remember(&self, work: &Work, statement: usize, way: Way) {
        let Some(statement) = work.statements.get(statement) else { return };
        let mut ways = self.ways.lock().unwrap_or_else(PoisonError::into_inner);
        if ways.len() >= REMEMBERED {
            ways.clear();
        }
        ways.insert(Arc::clone(&statement.text), way);
    }

    /// Remembers that a work took too long where it arrived. Only of a single statement is it known that it is the one.
    pub(crate) fn remember_slow(&self, work: &Work) {
        if let [_] = work.statements.as_slice() {
            self.remember(work, 0, Way::Pool);
        }
    }

    fn readers(&self) -> MutexGuard<'_, Vec<Reader>> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs a work that only reads, on a snapshot. `budget` is how many ticks a statement may take.
    pub(crate) fn read(
        &self,
        session: &Session,
        work: &Work,
        budget: Option<i64>,
    ) -> Result<Vec<Outcome>, Failure> {
        let idle = self.readers().pop();
        let mut reader = match idle {
            Some(reader) => reader,
            None => Reader { connection: Connection::open(&self.place.file, Purpose::Read)?, snapshot: None },
        };
        let state = reader.renew(self)?;
        let settings = initial_settings(&state, session)?;
        let work_state = Arc::new(WorkState::new(
            self.clock.now(),
            Arc::clone(&self.clock),
            settings,
            Seed::default(),
            Arc::clone(&self.sequences),
            false,
        ));
        let environment = Environment {
            connection: &reader.connection,
            plans: &self.plans,
            state,
            may_write: false,
            budget,
        };
        let done = run_work(&environment, work_state, session, work);
        drop(environment);
        let mut readers = self.readers();
        if readers.len() < IDLE_READERS {
            readers.push(reader);
        }
        drop(readers);
        done.map(|done| done.outcomes)
    }

    /// Ends the snapshots of idle readers that are behind: they would hold back the checkpoint.
    pub(crate) fn release_idle_readers(&self) {
        let commits = self.commits.load(Ordering::Acquire);
        for reader in self.readers().iter_mut() {
            if reader.snapshot.as_ref().is_some_and(|(_, taken)| *taken != commits) {
                reader.release();
            }
        }
    }

    /// Closes the idle readers.
    pub(crate) fn close_readers(&self) {
        self.readers().clear();
    }
}

impl Reader {
    /// A snapshot that is as new as the last commit, and its catalog.
    fn renew(&mut self, shared: &Shared) -> Result<Arc<CatalogState>> {
        if let Some((state, taken)) = &self.snapshot
            && *taken == shared.commits.load(Ordering::Acquire)
        {
            return Ok(Arc::clone(state));
        }
        let before = self.snapshot.as_ref().map(|(state, _)| state.version);
        self.release();
        let committed = shared.committed.read().unwrap_or_else(PoisonError::into_inner);
        let state = Arc::clone(&committed);
        let taken = shared.commits.load(Ordering::Acquire);
        let connection = &self.connection;
        let begun = connection.control("BEGIN").and_then(|()| connection.touch());
        drop(committed);
        begun.map_err(|error| connection.failure(&error))?;
        if before != Some(state.version) {
            connection.forget_statements();
        }
        self.snapshot = Some((Arc::clone(&state), taken));
        Ok(state)
    }

    /// Ends the snapshot.
    fn release(&mut self) {
        self.snapshot = None;
        if !self.connection.is_autocommit() {
            // A read transaction that does not end leaves the connection unusable: the next BEGIN says so.
            let _ = self.connection.control("COMMIT");
        }
    }
}
