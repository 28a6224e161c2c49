//! A job as its asker makes it: an insertion into the queue, to be committed with the row that causes it.

use database::{Statement, Value};
use std::fmt;
use uuid::Uuid;

/// A job's identifier, a UUID of version 7. One identifier has one effect: a second job of the same identifier is ignored.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct JobId(Uuid);

impl JobId {
    /// A new one.
    pub fn new() -> JobId {
        JobId(Uuid::now_v7())
    }

    /// The identifier that the text is, in the usual form.
    pub fn parse(text: &str) -> Option<JobId> {
        (text.len() == 36).then(|| Uuid::try_parse(text).ok()).flatten().map(JobId)
    }
}

impl Default for JobId {
    fn default() -> JobId {
        JobId::new()
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

impl fmt::Debug for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A job to be queued. Its payload may hold secrets (a mail has its token), hence no Debug shows it.
#[derive(Clone, PartialEq)]
pub struct Job {
    /// Its identifier.
    pub id: JobId,
    /// What runs it: the name under which a handler was registered.
    pub kind: &'static str,
    /// What the handler is given.
    pub payload: serde_json::Value,
    /// Not before so many seconds after the commit's `now()`; 0 is at once.
    pub delay_seconds: u32,
}

impl Job {
    /// A job that is due at once, with a new identifier.
    pub fn new(kind: &'static str, payload: serde_json::Value) -> Job {
        Job { id: JobId::new(), kind, payload, delay_seconds: 0 }
    }

    /// The same under an identifier of the asker's: a repeated request queues it once.
    pub fn with_id(self, id: JobId) -> Job {
        Job { id, ..self }
    }

    /// The same, due later.
    pub fn with_delay(self, seconds: u32) -> Job {
        Job { delay_seconds: seconds, ..self }
    }

    /// Puts it into the queue. The role that runs it needs INSERT on `bedplate.jobs` and nothing more.
    pub fn statement(&self) -> Statement {
        Statement::with(
            "insert into bedplate.jobs (id, kind, payload, due_at) \
             values ($1::uuid, $2, $3::jsonb, now() + $4 * interval '1 second') on conflict do nothing",
            [
                Value::from(self.id.to_string()),
                Value::from(self.kind),
                Value::from(self.payload.to_string()),
                Value::Int(self.delay_seconds.into()),
            ],
        )
    }
}

impl fmt::Debug for Job {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Job { id, kind, payload: _, delay_seconds } = self;
        f.debug_struct("Job")
            .field("id", id)
            .field("kind", kind)
            .field("delay_seconds", delay_seconds)
            .finish_non_exhaustive()
    }
}
