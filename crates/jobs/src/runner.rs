//! What runs jobs: claims those that are due, runs several at once, and settles each under its lease.

use crate::job::JobId;
use crate::queue::{self, Change, Row};
use crate::retry::{Retry, fraction};
use async_trait::async_trait;
use database::{Database, DatabaseError};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::sync::{Notify, watch};
use tokio::task::JoinSet;

/// The longest error text that is kept.
const LONGEST_ERROR: usize = 1000;

/// A job that is being run.
#[derive(Clone, PartialEq)]
pub struct Claimed {
    /// Its identifier.
    pub id: JobId,
    /// What its asker gave.
    pub payload: serde_json::Value,
    /// Which attempt it is, from 1.
    pub attempt: u32,
}

/// Why a job failed. The text is kept with the job and logged: no secret belongs in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Failure {
    /// It may succeed later.
    Transient(String),
    /// It will never succeed: it is dead at once.
    Permanent(String),
}

/// What runs the jobs of a kind.
#[async_trait]
pub trait Handler: Send + Sync + 'static {
    /// Runs a job. It may be run again (a crash, a lost lease): its effect must be recognisable by [`Claimed::id`].
    ///
    /// # Errors
    /// Why not, and whether trying again helps.
    async fn run(&self, job: &Claimed) -> Result<(), Failure>;

    /// How long an attempt may take.
    fn time_limit(&self) -> Duration {
        Duration::from_secs(60)
    }

    /// How often it is tried.
    fn retry(&self) -> Retry {
        Retry::default()
    }
}

/// What happened to a job, for the log and the metrics.
#[derive(Clone, Debug)]
pub enum Observation<'a> {
    /// It is done.
    Done {
        /// Its kind.
        kind: &'static str,
        /// Which job.
        id: JobId,
        /// Which attempt it was.
        attempt: u32,
        /// How long the attempt took.
        took: Duration,
    },
    /// It failed, and is tried again.
    Failed {
        /// Its kind.
        kind: &'static str,
        /// Which job.
        id: JobId,
        /// Which attempt it was.
        attempt: u32,
        /// When it is tried again.
        again_in: Duration,
        /// Why.
        error: &'a str,
    },
    /// It failed for good.
    Dead {
        /// Its kind.
        kind: &'static str,
        /// Which job.
        id: JobId,
        /// How often it was tried.
        attempts: u32,
        /// Why.
        error: &'a str,
    },
    /// Its lease was lost while it ran: another node has it, or it was deleted.
    LeaseLost {
        /// Its kind.
        kind: &'static str,
        /// Which job.
        id: JobId,
    },
    /// The queue cannot be read or written; it is tried again.
    Unreachable(&'a DatabaseError),
}

/// Who is told.
pub trait Observer: Send + Sync + 'static {
    /// It happened.
    fn observe(&self, observation: &Observation<'_>);
}

/// Tells the runner of this process that a job was committed. Without it the job is found at the next look.
#[derive(Clone, Default)]
pub struct Waker(Arc<Notify>);

impl Waker {
    /// A job was committed.
    pub fn wake(&self) {
        self.0.notify_one();
    }
}

impl fmt::Debug for Waker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Waker")
    }
}

/// How a runner works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How many jobs run at once.
    pub most_at_once: usize,
    /// How often an idle node looks, when nobody wakes it.
    pub look_every: Duration,
    /// How long a claim lasts without renewal: so long after a node's death others take its jobs up.
    pub lease: Duration,
    /// How long the identifier of a done job is known.
    pub keep_done: Duration,
    /// How long running jobs may take to end once the runner is told to stop.
    pub patience: Duration,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            most_at_once: 8,
            look_every: Duration::from_secs(2),
            lease: Duration::from_secs(60),
            keep_done: Duration::from_secs(24 * 3600),
            patience: Duration::from_secs(10),
        }
    }
}

/// Runs jobs until it is told to stop.
pub struct Runner {
    database: Arc<dyn Database>,
    handlers: BTreeMap<&'static str, Arc<dyn Handler>>,
    observer: Arc<dyn Observer>,
    waker: Waker,
    settings: Settings,
}

/// What an attempt needs to be run and settled.
struct Attempt {
    database: Arc<dyn Database>,
    observer: Arc<dyn Observer>,
    handler: Arc<dyn Handler>,
    kind: &'static str,
    lease: JobId,
    row: Row,
    settings: Settings,
}

/// How an attempt ended.
enum Ending {
    Done,
    Failed(Failure),
    LeaseLost,
    CutOff,
}

impl Runner {
    /// A runner without handlers. Jobs of kinds that it has no handler for are left to other nodes.
    pub fn new(database: Arc<dyn Database>, observer: Arc<dyn Observer>, settings: Settings) -> Runner {
        Runner { database, handlers: BTreeMap::new(), observer, waker: Waker::default(), settings }
    }

    /// The same with a handler for a kind: letters, digits and `_`.
    pub fn handling(mut self, kind: &'static str, handler: Arc<dyn Handler>) -> Runner {
        self.handlers.insert(kind, handler);
        self
    }

    /// The same, woken by this waker.
    pub fn woken_by(self, waker: Waker) -> Runner {
        Runner { waker, ..self }
    }

    /// Ends the leases of all nodes: for the only owner of a database, before it runs. How many there were.
    ///
    /// # Errors
    /// What the database says.
    pub async fn take_up_abandoned(&self) -> Result<u64, DatabaseError> {
        queue::take_up(&*self.database).await
    }

    /// Runs jobs until it is told to stop; then those that run may end within the patience, and the others are given back.
    pub async fn run(self, mut stop: watch::Receiver<bool>) {
        let kinds = queue::array(self.handlers.keys().copied());
        let (cut_off, cut) = watch::channel(false);
        let mut running: JoinSet<()> = JoinSet::new();
        let mut failures = 0;
        while !*stop.borrow() {
            let free = self.settings.most_at_once.saturating_sub(running.len());
            let pause = if free == 0 {
                // What ends makes room.
                Duration::MAX
            } else {
                match self.claim(&kinds, free, &mut running, &cut).await {
                    Ok(pause) => {
                        failures = 0;
                        pause
                    }
                    Err(error) => {
                        self.observer.observe(&Observation::Unreachable(&error));
                        failures += 1;
                        let bound = self.settings.look_every.saturating_mul(1 << failures.min(5));
                        self.settings.look_every.max(bound.mul_f64(fraction()))
                    }
                }
            };
            let pause = pause.min(Duration::from_secs(3600));
            tokio::select! {
                changed = stop.changed() => if changed.is_err() { break },
                () = self.waker.0.notified(), if free > 0 && failures == 0 => {}
                Some(_) = running.join_next(), if !running.is_empty() => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
        let all_ended = async { while running.join_next().await.is_some() {} };
        if tokio::time::timeout(self.settings.patience, all_ended).await.is_err() {
            // The receivers are in the tasks that still run.
            let _ = cut_off.send(true);
            let given_back = async { while running.join_next().await.is_some() {} };
            let _ = tokio::time::timeout(Duration::from_secs(5), given_back).await;
        }
    }

    /// Claims what is due and starts it. How long there is nothing to do then.
    async fn claim(
        &self,
        kinds: &str,
        free: usize,
        running: &mut JoinSet<()>,
        cut: &watch::Receiver<bool>,
    ) -> Result<Duration, DatabaseError> {
        let look = queue::look(&*self.database, kinds, self.settings.look_every).await?;
        if look.has_done {
            queue::sweep(&*self.database).await?;
        }
        match look.next_due {
            Some(Duration::ZERO) => {}
            Some(wait) => return Ok(wait.max(Duration::from_millis(1)).min(self.settings.look_every)),
            None => return Ok(self.settings.look_every),
        }
        let lease = JobId::new();
        let rows = queue::claim(&*self.database, kinds, lease, self.settings.lease, free).await?;
        let pause = if rows.len() == free {
            Duration::ZERO
        } else {
            // Another node was faster, or all is claimed; look again before long.
            self.settings.look_every.min(Duration::from_millis(100))
        };
        for row in rows {
            // Only these kinds are asked for.
            let Some((kind, handler)) = self.handlers.get_key_value(row.kind.as_str()) else { continue };
            let attempt = Attempt {
                database: Arc::clone(&self.database),
                observer: Arc::clone(&self.observer),
                handler: Arc::clone(handler),
                kind,
                lease,
                row,
                settings: self.settings,
            };
            running.spawn(attempt.run(cut.clone()));
        }
        Ok(pause)
    }
}

impl Attempt {
    async fn run(self, cut: watch::Receiver<bool>) {
        let begun = Instant::now();
        let retry = self.handler.retry();
        let ending = if self.row.attempts > retry.most_attempts {
            Ending::Failed(Failure::Permanent(format!(
                "the node that ran it ended amid it, {} times",
                retry.most_attempts
            )))
        } else {
            self.attempt(cut).await
        };
        let Attempt { kind, row: Row { id, attempts, .. }, .. } = &self;
        let (kind, id, attempt) = (*kind, *id, *attempts);
        match ending {
            Ending::Done => {
                if self.settle(&Change::Done(self.settings.keep_done)).await {
                    self.observer.observe(&Observation::Done { kind, id, attempt, took: begun.elapsed() });
                }
            }
            Ending::Failed(Failure::Transient(error)) if attempt < retry.most_attempts => {
                let (error, again_in) = (bounded(&error), retry.pause(attempt));
                if self.settle(&Change::Postponed(again_in, &error)).await {
                    let error = error.as_str();
                    self.observer.observe(&Observation::Failed { kind, id, attempt, again_in, error });
                }
            }
            Ending::Failed(Failure::Transient(error) | Failure::Permanent(error)) => {
                let error = bounded(&error);
                if self.settle(&Change::Dead(&error)).await {
                    let attempts = attempt.min(retry.most_attempts);
                    self.observer.observe(&Observation::Dead { kind, id, attempts, error: &error });
                }
            }
            Ending::LeaseLost => self.observer.observe(&Observation::LeaseLost { kind, id }),
            Ending::CutOff => {
                self.settle(&Change::GivenBack).await;
            }
        }
    }

    /// Runs the handler, in a task of its own so that a panic is an error, and renews the lease while it takes.
    async fn attempt(&self, mut cut: watch::Receiver<bool>) -> Ending {
        let payload = match serde_json::from_str(&self.row.payload) {
            Ok(payload) => payload,
            Err(error) => {
                return Ending::Failed(Failure::Permanent(format!("its payload is broken: {error}")));
            }
        };
        let claimed = Claimed { id: self.row.id, payload, attempt: self.row.attempts };
        let handler = Arc::clone(&self.handler);
        let limit = handler.time_limit();
        // Dropped with this future, it takes the handler with it.
        let mut task = JoinSet::new();
        task.spawn(async move { handler.run(&claimed).await });
        let deadline = tokio::time::sleep(limit);
        tokio::pin!(deadline);
        loop {
            tokio::select! {
                ended = task.join_next() => {
                    return match ended {
                        Some(Ok(Ok(()))) => Ending::Done,
                        Some(Ok(Err(failure))) => Ending::Failed(failure),
                        Some(Err(_)) | None => Ending::Failed(Failure::Transient("its handler panicked".into())),
                    };
                }
                () = &mut deadline => {
                    let error = format!("it took longer than {} s", limit.as_secs_f64());
                    return Ending::Failed(Failure::Transient(error));
                }
                () = tokio::time::sleep(self.settings.lease / 3) => {
                    let change = Change::Renewed(self.settings.lease);
                    // A database that cannot be asked keeps the lease as it is; it is tried again.
                    if let Ok(false) = queue::settle(&*self.database, self.row.id, self.lease, &change).await {
                        return Ending::LeaseLost;
                    }
                }
                () = told(&mut cut) => return Ending::CutOff,
            }
        }
    }

    /// Writes what became of it. False when the lease was lost, or the database could not be reached until it ended: then
    /// another node has the job.
    async fn settle(&self, change: &Change<'_>) -> bool {
        let begun = Instant::now();
        loop {
            match queue::settle(&*self.database, self.row.id, self.lease, change).await {
                Ok(true) => return true,
                Ok(false) => {
                    self.observer.observe(&Observation::LeaseLost { kind: self.kind, id: self.row.id });
                    return false;
                }
                Err(error) if begun.elapsed() > self.settings.lease => {
                    self.observer.observe(&Observation::Unreachable(&error));
                    return false;
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(250)).await,
            }
        }
    }
}

/// Resolves when attempts are cut off, or nobody is left to say so.
async fn told(cut: &mut watch::Receiver<bool>) {
    let _ = cut.wait_for(|cut| *cut).await;
}

/// An error's text, on one line and not endless.
fn bounded(error: &str) -> String {
    let text: String = error.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    match text.char_indices().nth(LONGEST_ERROR) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
