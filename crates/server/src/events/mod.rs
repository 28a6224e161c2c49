//! What happens, as one closed list. The log and the metrics read it, and nothing else writes either: what is not an event
//! is not seen, and what is secret is no field of one.

mod log;
mod metrics;
mod time;

#[cfg(test)]
mod tests;

pub use log::Log;
pub(crate) use log::milliseconds;
pub use metrics::Metrics;
pub(crate) use time::{utc_digits, write_utc};

use crate::configuration::LogFormat;
use http::{Method, StatusCode};
use std::net::IpAddr;
use std::time::Duration;

/// Which of our routes a request met. A label of the metrics, hence few.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Route {
    /// A function of the data API.
    RestFunction,
    /// The rest of the data API.
    Rest,
    /// Batches of the data API.
    Batch,
    /// The accounts.
    Accounts,
    /// `/health`
    Health,
    /// `/ready`
    Ready,
    /// The page at `/`.
    Page,
    /// What the page asks for.
    Overview,
    /// Caught mail.
    Inbox,
    /// No route.
    Unknown,
}

impl Route {
    /// The route of a path.
    pub fn of(path: &str) -> Route {
        match path {
            "/" => Route::Page,
            "/health" => Route::Health,
            "/ready" => Route::Ready,
            "/_bedplate/overview" => Route::Overview,
            "/_bedplate/inbox" | "/_bedplate/inbox.json" => Route::Inbox,
            _ if path.starts_with("/rest/v1/rpc/") => Route::RestFunction,
            _ if path == "/rest/v1" || path.starts_with("/rest/v1/") => Route::Rest,
            "/batch/v1" | "/batch/v1/" => Route::Batch,
            _ if path.starts_with("/auth/v1/") => Route::Accounts,
            _ => Route::Unknown,
        }
    }

    /// Its label.
    pub fn label(self) -> &'static str {
        match self {
            Route::RestFunction => "/rest/v1/rpc/{function}",
            Route::Rest => "/rest/v1/{relation}",
            Route::Batch => "/batch/v1",
            Route::Health => "/health",
            Route::Ready => "/ready",
            Route::Page => "/",
            Route::Accounts => "/auth/v1",
            Route::Overview => "/_bedplate/overview",
            Route::Inbox => "/_bedplate/inbox",
            Route::Unknown => "unknown",
        }
    }
}

/// A request that was answered. Its query and headers are no fields: keys and tokens stand there.
#[derive(Clone, Debug)]
pub struct Answered<'a> {
    /// Its identifier.
    pub id: &'a str,
    /// The caller's address.
    pub client: IpAddr,
    /// The method.
    pub method: &'a Method,
    /// The path without the query.
    pub path: &'a str,
    /// The route.
    pub route: Route,
    /// The answer's status.
    pub status: StatusCode,
    /// Bytes of the answer, where they are known.
    pub bytes: Option<u64>,
    /// How long it took.
    pub took: Duration,
    /// What the caller was not told.
    pub cause: Option<&'a str>,
}

/// Something that happened.
#[derive(Clone, Debug)]
pub enum Event<'a> {
    /// A request came in.
    RequestBegun,
    /// A request was answered.
    RequestAnswered(Answered<'a>),
    /// A request's client went away before its answer.
    RequestAbandoned,
    /// The configuration or the project has something to be known.
    Warned(&'a str),
    /// Something slow goes on: what.
    Progressed(&'a str),
    /// A migration was applied.
    MigrationApplied {
        /// Its file.
        file: &'a str,
        /// How many statements it has.
        statements: usize,
        /// How long it took.
        took: Duration,
    },
    /// A seed was run.
    Seeded {
        /// Its file.
        file: &'a str,
        /// How many statements it has.
        statements: usize,
        /// How long it took.
        took: Duration,
    },
    /// Signing keys were made, rotated or revoked, here or by another node.
    SigningKeysChanged {
        /// The name of the one that signs now; empty when none does.
        current: &'a str,
        /// How many are accepted.
        accepted: usize,
    },
    /// The server answers.
    Serving {
        /// Where.
        url: &'a str,
        /// On which engine.
        engine: &'a str,
        /// Since the process was started.
        took: Duration,
    },
    /// A job is done.
    JobDone {
        /// Its kind.
        kind: &'a str,
        /// Its identifier.
        id: &'a str,
        /// Which attempt it was.
        attempt: u32,
        /// How long the attempt took.
        took: Duration,
    },
    /// A job failed and is tried again.
    JobFailed {
        /// Its kind.
        kind: &'a str,
        /// Its identifier.
        id: &'a str,
        /// Which attempt it was.
        attempt: u32,
        /// When it is tried again.
        again_in: Duration,
        /// Why.
        error: &'a str,
    },
    /// A job failed for good.
    JobDead {
        /// Its kind.
        kind: &'a str,
        /// Its identifier.
        id: &'a str,
        /// How often it was tried.
        attempts: u32,
        /// Why.
        error: &'a str,
    },
    /// A job's lease was lost while it ran.
    JobLeaseLost {
        /// Its kind.
        kind: &'a str,
        /// Its identifier.
        id: &'a str,
    },
    /// The queue of jobs cannot be read or written.
    QueueUnreachable(&'a str),
    /// A connection could not be accepted.
    AcceptFailed(&'a str),
    /// A signal asked to stop.
    Stopping(&'a str),
    /// All is closed. How many requests were cut off.
    Stopped {
        /// Connections that were still busy when their time was over.
        cut_off: usize,
    },
    /// Something could not be closed in order.
    CloseFailed(&'a str),
}

/// How much an event matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// It is as it should be.
    Info,
    /// Someone should look.
    Warning,
    /// Something broke.
    Error,
}

/// Where events go.
#[derive(Debug)]
pub struct Events {
    log: Log,
    metrics: Metrics,
}

impl Events {
    /// To a log on standard error, and to metrics.
    pub fn new(format: LogFormat, engine: &'static str) -> Events {
        Events { log: Log::to_standard_error(format), metrics: Metrics::new(engine) }
    }

    /// To this log, and to metrics.
    pub fn with_log(log: Log, engine: &'static str) -> Events {
        Events { log, metrics: Metrics::new(engine) }
    }

    /// It happened.
    pub fn emit(&self, event: &Event<'_>) {
        self.metrics.count(event);
        self.log.write(event);
    }

    /// The metrics.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Waits until the log is written.
    pub fn flush(&self) {
        self.log.flush();
    }
}
