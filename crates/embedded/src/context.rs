//! What a function of PostgreSQL's may know of the work that it runs in.

use crate::clock::Clock;
use crate::random::{Random, Seed};
use crate::run::{RoleNames, may_not_become};
use crate::sequences::{Position, SequenceUse, Sequences};
use crate::settings::{Settings, search_path};
use crate::state::CatalogState;
use crate::types::CatalogTypes;
use catalog::Catalog;
use catalog::lookup::SearchPath;
use compile::system::Viewer;
use datum::{Context, DateStyle, IntervalStyle, TimeZone, TypeSource};
use sqlstate::{DatabaseError, INSUFFICIENT_PRIVILEGE, QUERY_CANCELED, Result, SqlState};
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Instant;

/// The time zone of this name.
pub(crate) fn time_zone(name: &str) -> Option<TimeZone> {
    TimeZone::setting(name)
}

/// Whether a login may become a role.
pub(crate) fn become_role(catalog: &Catalog, session_user: &str, name: &str) -> Result<()> {
    let role = RoleNames::find(catalog, name)?;
    let login = RoleNames::find(catalog, session_user)?;
    if catalog.is_member_of(login.oid, role.oid) { Ok(()) } else { Err(may_not_become(name)) }
}

/// What lasts as long as a work: its time, its settings, its randomness.
pub(crate) struct WorkState {
    now: i64,
    statement_time: AtomicI64,
    clock: Arc<dyn Clock>,
    settings: Mutex<Settings>,
    random: Random,
    deadline: Mutex<Option<Instant>>,
    pub(crate) sequences: Arc<Sequences>,
    pub(crate) sequence_use: Mutex<SequenceUse>,
    restarted: Mutex<Vec<(catalog::Oid, Option<Position>)>>,
    /// What functions had to say in the statement, each thing once.
    notices: Mutex<Vec<(SqlState, String)>>,
    /// Whether it runs on the writer: sequences may move.
    pub(crate) on_writer: AtomicBool,
    /// The login behind the session.
    pub(crate) session_user: OnceLock<Arc<str>>,
    /// Within a SECURITY DEFINER function.
    pub(crate) security_definer: AtomicBool,
}

impl WorkState {
    pub(crate) fn new(
        now: i64,
        clock: Arc<dyn Clock>,
        settings: Settings,
        seed: Seed,
        sequences: Arc<Sequences>,
        on_writer: bool,
    ) -> WorkState {
        WorkState {
            now,
            statement_time: AtomicI64::new(now),
            clock,
            settings: Mutex::new(settings),
            random: Random::new(seed),
            deadline: Mutex::new(None),
            sequences,
            sequence_use: Mutex::default(),
            restarted: Mutex::default(),
            notices: Mutex::default(),
            on_writer: AtomicBool::new(on_writer),
            session_user: OnceLock::new(),
            security_definer: AtomicBool::new(false),
        }
    }

    pub(crate) fn now(&self) -> i64 {
        self.now
    }

    pub(crate) fn statement_time(&self) -> i64 {
        self.statement_time.load(Ordering::Relaxed)
    }

    /// What functions had to say since this was asked last.
    pub(crate) fn take_notices(&self) -> Vec<(SqlState, String)> {
        std::mem::take(&mut self.notices.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A statement begins: its time, and when it must end.
    pub(crate) fn begin_statement(&self, first: bool) {
        if !first {
            self.statement_time.store(self.clock.now(), Ordering::Relaxed);
        }
        let timeout = self.settings().statement_timeout();
        *self.deadline.lock().unwrap_or_else(PoisonError::into_inner) =
            timeout.map(|timeout| Instant::now() + timeout);
    }

    pub(crate) fn deadline(&self) -> Option<Instant> {
        *self.deadline.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// 57014 when the statement's time is over.
    pub(crate) fn check_deadline(&self) -> Result<()> {
        match self.deadline() {
            Some(deadline) if Instant::now() >= deadline => Err(timed_out()),
            _ => Ok(()),
        }
    }

    /// Puts a sequence somewhere else, until the work is rolled back.
    pub(crate) fn restart_sequence(&self, oid: catalog::Oid, position: Position) {
        let before = self.sequences.restart(oid, position);
        self.restarted.lock().unwrap_or_else(PoisonError::into_inner).push((oid, before));
    }

    /// The work is rolled back: sequences that it restarted go back to where they were. What `nextval` gave stays given.
    pub(crate) fn undo_restarts(&self) {
        let mut restarted = self.restarted.lock().unwrap_or_else(PoisonError::into_inner);
        for (oid, before) in restarted.drain(..).rev() {
            match before {
                Some(before) => drop(self.sequences.restart(oid, before)),
                None => self.sequences.forget(oid),
            }
        }
    }

    pub(crate) fn settings(&self) -> MutexGuard<'_, Settings> {
        self.settings.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// 57014
pub(crate) fn timed_out() -> DatabaseError {
    DatabaseError::new(QUERY_CANCELED, "canceling statement due to statement timeout")
}

/// A work under one catalog and one time zone: what the functions of a statement see.
pub(crate) struct Frame {
    pub(crate) work: Arc<WorkState>,
    pub(crate) state: Arc<CatalogState>,
    zone: TimeZone,
    date_style: DateStyle,
    interval_style: IntervalStyle,
    types: Arc<CatalogTypes>,
}

impl Frame {
    pub(crate) fn new(work: Arc<WorkState>, state: Arc<CatalogState>) -> Frame {
        let zone = work.settings().get("timezone").and_then(time_zone).unwrap_or_else(TimeZone::utc);
        let (date_style, interval_style) = {
            let settings = work.settings();
            (settings.date_style(), settings.interval_style())
        };
        let types = Arc::clone(&state.types);
        Frame { work, state, zone, date_style, interval_style, types }
    }
}

impl Frame {
    /// Who looks at the system's relations, by the role's name, along the search path as it is set.
    pub(crate) fn viewer(&self, role: &str) -> Result<Viewer<'_>> {
        let catalog = &self.state.catalog;
        let oid = RoleNames::find(catalog, role)?.oid;
        let settings = self.work.settings();
        let path = search_path(settings.get("search_path").unwrap_or_default(), role);
        Ok(Viewer { catalog, role: oid, path: SearchPath::new(catalog, &path, oid) })
    }

    /// The viewer whom the session's settings name.
    fn session_viewer(&self) -> Result<Viewer<'_>> {
        let role = self.work.settings().get("role").unwrap_or("postgres").to_owned();
        self.viewer(&role)
    }
}

impl Context for Frame {
    fn now(&self) -> i64 {
        self.work.now
    }

    fn statement_time(&self) -> i64 {
        self.work.statement_time()
    }

    fn clock(&self) -> i64 {
        self.work.clock.now()
    }

    fn time_zone(&self) -> &TimeZone {
        &self.zone
    }

    fn date_style(&self) -> DateStyle {
        self.date_style
    }

    fn interval_style(&self) -> IntervalStyle {
        self.interval_style
    }

    fn types(&self) -> &dyn TypeSource {
        &*self.types
    }

    fn check_domain(&self, domain: datum::Oid, value: datum::Stored<'_>) -> Result<()> {
        compile::check_domain(&self.state.catalog, domain, value, self)
    }

    fn setting(&self, name: &str) -> Option<String> {
        if name.eq_ignore_ascii_case("role") {
            let settings = self.work.settings();
            return Some(settings.get("role").unwrap_or("none").to_owned());
        }
        if name.eq_ignore_ascii_case("is_superuser") {
            let settings = self.work.settings();
            let role = settings.get("role").and_then(|role| self.state.catalog.role(role));
            return Some(if role.is_some_and(|role| role.superuser) { "on" } else { "off" }.to_owned());
        }
        self.work.settings().get(name).map(str::to_owned)
    }

    fn set_setting(&self, name: &str, value: &str, local: bool) -> Result<()> {
        if name.eq_ignore_ascii_case("session_authorization") {
            return Err(DatabaseError::unsupported("set_config of session_authorization"));
        }
        if !name.eq_ignore_ascii_case("role") {
            let mut settings = self.work.settings();
            if local {
                settings.local(name);
            }
            settings.set(name, value)?;
            if !local {
                settings.lasting(name);
            }
            return Ok(());
        }
        if self.work.security_definer.load(Ordering::Relaxed) {
            return Err(DatabaseError::new(
                INSUFFICIENT_PRIVILEGE,
                "cannot set parameter \"role\" within security-definer function",
            ));
        }
        let session_user = self.work.session_user.get().map_or("", |name| name);
        become_role(&self.state.catalog, session_user, value)?;
        self.work.settings().put("role", value);
        Ok(())
    }

    fn object_input(&self, type_oid: catalog::Oid, text: &str) -> Result<catalog::Oid> {
        let viewer = self.session_viewer()?;
        viewer.catalog.object_input(&viewer.path, type_oid, text)
    }

    fn object_output(&self, type_oid: catalog::Oid, object: catalog::Oid) -> Result<String> {
        let viewer = self.session_viewer()?;
        Ok(viewer.catalog.object_output(&viewer.path, type_oid, object))
    }

    fn notice(&self, code: SqlState, message: &str) {
        let mut notices = self.work.notices.lock().unwrap_or_else(PoisonError::into_inner);
        if !notices.iter().any(|(_, known)| known == message) {
            notices.push((code, message.to_owned()));
        }
    }

    fn random_bytes(&self, buffer: &mut [u8]) -> Result<()> {
        self.work.random.fill(buffer)
    }

    fn check_interrupt(&self) -> Result<()> {
        self.work.check_deadline()
    }
}
