//! Who asks.

use std::sync::Arc;
use std::time::Duration;

/// Who asks, and under which settings. Every statement runs in one; there is no default that can do everything.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// The role in effect: `anon`, `authenticated`, `service_role`, or a role of the user's own.
    pub role: Arc<str>,
    /// Settings for the transaction, in order, as `set_config(name, value, true)` would: `request.jwt.claims`,
    /// `request.headers`, `request.method`, `request.path`, `timezone` …
    pub settings: Vec<(Arc<str>, Arc<str>)>,
    /// The search path; empty is the role's (`"$user", public, extensions`).
    pub search_path: Vec<Arc<str>>,
    /// Ends a statement that takes longer (57014). `None` leaves the role's limit.
    pub statement_timeout: Option<Duration>,
    /// READ ONLY transaction: writes are 25006.
    pub read_only: bool,
    /// Not a field to set: a token that names the role `postgres` is not the operator.
    operator: bool,
}

/// The right to act as the owner of everything. Only the operator's own commands and our system schema's upgrades hold
/// one; nothing that comes from a request can make it.
#[derive(Clone, Copy, Debug)]
pub struct SystemPrivilege(());

impl SystemPrivilege {
    /// Named so that a reader stops here: whoever calls this speaks for the operator of the machine.
    pub const fn i_am_the_operator() -> SystemPrivilege {
        SystemPrivilege(())
    }
}

impl Session {
    /// A request's session: a role, nothing else set.
    pub fn new(role: impl Into<Arc<str>>) -> Session {
        Session {
            role: role.into(),
            settings: Vec::new(),
            search_path: Vec::new(),
            statement_timeout: None,
            read_only: false,
            operator: false,
        }
    }

    /// The operator's session: role `postgres`, as migrations run on Supabase.
    pub fn operator(_: SystemPrivilege) -> Session {
        Session { operator: true, ..Session::new("postgres") }
    }

    /// A feature's own session: the role that owns its tables (`supabase_auth_admin`), whoever asks.
    pub fn feature(_: SystemPrivilege, role: impl Into<Arc<str>>) -> Session {
        Session { operator: true, ..Session::new(role) }
    }

    /// Whether it was made with the operator's privilege. Drivers that log in as somebody do so as who may be anybody for
    /// these, and as who may only be a caller's role for all others.
    pub fn is_operator(&self) -> bool {
        self.operator
    }

    /// Adds a setting.
    pub fn with_setting(mut self, name: impl Into<Arc<str>>, value: impl Into<Arc<str>>) -> Session {
        self.settings.push((name.into(), value.into()));
        self
    }

    /// Sets the search path.
    pub fn with_search_path<S: Into<Arc<str>>>(mut self, schemas: impl IntoIterator<Item = S>) -> Session {
        self.search_path = schemas.into_iter().map(Into::into).collect();
        self
    }

    /// The value of a setting, the last one given.
    pub fn setting(&self, name: &str) -> Option<&str> {
        self.settings.iter().rev().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| &**value)
    }
}
