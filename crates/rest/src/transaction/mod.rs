//! Requests within one transaction, one step after the other: what has an idempotency key, a precondition or nested rows, and the requests of
//! a batch. Each is asked, resolved and answered by the same functions as a request alone.

mod item;
mod nested;

pub(crate) use item::{Item, needs_course, with_validators};

use crate::Inner;
use crate::answer::Reply;
use crate::asked::Asked;
use crate::error::Refusal;
use crate::idempotency::{Claim, Key};
use crate::model::Model;
use crate::reference::Results;
use crate::session;
use axum::body::Bytes;
use database::{Continuation, Course, DatabaseError, End, Isolation, Next, Outcome, Step, Work};
use http::StatusCode;
use item::{Progress, Running};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use web::Caller;

/// How long a batch may take in all. The embedded engine writes for nobody else meanwhile.
const TIME: Duration = Duration::from_secs(10);
/// Bytes of a batch's answers.
const ANSWER_BYTES: usize = 16 << 20;

/// What the requests of a transaction have in common.
struct Shared {
    inner: Arc<Inner>,
    caller: Caller,
    model: Arc<Model>,
    items: Vec<Item>,
    key: Option<Key>,
    end: End,
    /// Makes the one answer that is kept under the key.
    combine: fn(&[Reply]) -> Reply,
    /// A failing answer undoes all.
    batch: bool,
    state: Mutex<State>,
}

/// How far it has come.
#[derive(Default)]
struct State {
    stage: Stage,
    finished: Option<Finished>,
}

/// What runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Stage {
    /// Nothing of the requests.
    #[default]
    Claim,
    /// The request at this place.
    Item(usize),
    /// The answer is being kept.
    Record,
}

/// What came out.
enum Finished {
    /// All was done.
    Answered(Reply),
    /// It was done before.
    Replayed(Reply),
    /// It was refused.
    Refused(Refusal),
    /// A batch's request was answered by an error.
    Failed(Reply),
}

/// Why nothing was done.
pub(crate) enum Unfinished {
    /// The request at this place, or all together, was refused.
    Refused(Option<usize>, Refusal),
    /// The request at this place was answered by an error.
    Failed(usize, Reply),
}

/// A request alone.
pub(crate) async fn single(
    inner: &Arc<Inner>,
    caller: &Caller,
    model: Arc<Model>,
    item: Item,
    asked: &Asked,
    key: Option<Key>,
) -> Result<Reply, Refusal> {
    let end = session::end(model.settings(), &asked.preferences);
    let combine = |replies: &[Reply]| replies[0].clone();
    let done = run(inner, caller, model, (vec![item], false), end, key, combine).await;
    done.map_err(|unfinished| match unfinished {
        Unfinished::Refused(_, refusal) => refusal,
        Unfinished::Failed(..) => DatabaseError::internal("a single request failed like a batch's").into(),
    })
}

/// Requests of a batch, of which all are done or none.
pub(crate) async fn several(
    inner: &Arc<Inner>,
    caller: &Caller,
    (model, items): (Arc<Model>, Vec<Item>),
    end: End,
    key: Option<Key>,
    combine: fn(&[Reply]) -> Reply,
) -> Result<Reply, Unfinished> {
    run(inner, caller, model, (items, true), end, key, combine).await
}

async fn run(
    inner: &Arc<Inner>,
    caller: &Caller,
    model: Arc<Model>,
    (items, batch): (Vec<Item>, bool),
    end: End,
    key: Option<Key>,
    combine: fn(&[Reply]) -> Reply,
) -> Result<Reply, Unfinished> {
    let alone = |refusal| Unfinished::Refused(None, refusal);
    let running = match &key {
        Some(key) => {
            inner.keyring.sweep(&*inner.database).await;
            Some(inner.keyring.begin(key).map_err(alone)?)
        }
        None => None,
    };
    let conditional = items.iter().any(|item| !item.precondition.is_empty());
    let shared = Arc::new(Shared {
        inner: Arc::clone(inner),
        caller: caller.clone(),
        model,
        items,
        key,
        end,
        combine,
        batch,
        state: Mutex::default(),
    });
    let course = {
        let shared = Arc::clone(&shared);
        Course::new(move || Box::new(Way::new(&shared)))
    };
    let mut work = Work::course(course);
    if conditional {
        // What was looked at must still be so when it is written.
        work.isolation = Isolation::RepeatableRead;
    }
    let result = inner.database.run(&caller.session(), work).await;
    drop(running);
    let State { stage, finished } =
        std::mem::take(&mut *shared.state.lock().unwrap_or_else(PoisonError::into_inner));
    let at = match stage {
        Stage::Claim | Stage::Record => None,
        Stage::Item(at) => Some(at),
    };
    let refusal = match (result, finished) {
        (Ok(_), Some(Finished::Answered(reply) | Finished::Replayed(reply))) => return Ok(reply),
        (Ok(_), Some(Finished::Failed(reply))) => return Err(Unfinished::Failed(at.unwrap_or(0), reply)),
        (Ok(_), Some(Finished::Refused(refusal))) => refusal,
        (Ok(_), None) => DatabaseError::internal("a transaction without an answer").into(),
        (Err(error), _) => shared.refusal(stage, error),
    };
    Err(Unfinished::Refused(at, refusal))
}

impl Shared {
    /// What a database's error means at a stage.
    fn refusal(&self, stage: Stage, error: DatabaseError) -> Refusal {
        let code = error.code();
        match stage {
            Stage::Claim
                if code == sqlstate::LOCK_NOT_AVAILABLE || code == sqlstate::T_R_SERIALIZATION_FAILURE =>
            {
                Refusal::IdempotencyRunning
            }
            Stage::Item(at) => {
                let precondition = self.items.get(at).map(|item| &item.precondition);
                let changed = precondition.is_some_and(|one| !one.is_empty())
                    && code == sqlstate::T_R_SERIALIZATION_FAILURE;
                let there = precondition.is_some_and(crate::precondition::Precondition::only_creates)
                    && code == sqlstate::UNIQUE_VIOLATION;
                match (changed, there) {
                    (true, _) => Refusal::Precondition(None),
                    (_, true) => Refusal::Precondition(Some(Box::new(error))),
                    (false, false) => Refusal::Database(error),
                }
            }
            Stage::Claim | Stage::Record => Refusal::Database(error),
        }
    }

    fn set(&self, change: impl FnOnce(&mut State)) {
        change(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner));
    }
}

/// One run of the transaction.
struct Way {
    shared: Arc<Shared>,
    stage: Stage,
    claimed: bool,
    running: Option<Box<Running>>,
    replies: Vec<Reply>,
    /// What references find.
    results: Vec<(u16, Option<Bytes>)>,
    begun: Instant,
}

impl Way {
    fn new(shared: &Arc<Shared>) -> Way {
        Way {
            shared: Arc::clone(shared),
            stage: Stage::Claim,
            claimed: false,
            running: None,
            replies: Vec::new(),
            results: Vec::new(),
            begun: Instant::now(),
        }
    }

    fn advance(&mut self, outcomes: Vec<Outcome>) -> Result<Next, Box<Finished>> {
        match self.stage {
            Stage::Claim => {
                if let Some(key) = &self.shared.key {
                    if !self.claimed {
                        self.claimed = true;
                        let session = Some(self.shared.caller.session());
                        return Ok(Next::Run(Step { session, statements: key.claim() }));
                    }
                    match key.claimed(&outcomes).map_err(Finished::Refused)? {
                        Claim::Answered(reply) => return Err(Box::new(Finished::Replayed(reply))),
                        Claim::Fresh if self.shared.inner.keyring.is_full() => {
                            return Err(Box::new(Finished::Refused(Refusal::IdempotencyKeysFull)));
                        }
                        Claim::Fresh => {}
                    }
                }
                self.enter(Stage::Item(0));
                self.items(Vec::new())
            }
            Stage::Item(_) => self.items(outcomes),
            Stage::Record if Key::recorded(&outcomes) => self.finish(),
            Stage::Record => Err(Box::new(Finished::Refused(Refusal::IdempotencyRunning))),
        }
    }

    fn enter(&mut self, stage: Stage) {
        self.stage = stage;
        self.shared.set(|state| state.stage = stage);
    }

    /// Goes on with the request whose statements ran, and with those behind it.
    fn items(&mut self, mut outcomes: Vec<Outcome>) -> Result<Next, Box<Finished>> {
        let shared = Arc::clone(&self.shared);
        while let Some(item) = shared.items.get(self.replies.len()) {
            if shared.batch && self.begun.elapsed() > TIME {
                return Err(Box::new(Finished::Refused(Refusal::BatchTime)));
            }
            let results = Results(&self.results);
            let progress = match self.running.take() {
                Some(running) => item.next(*running, &shared, &results, std::mem::take(&mut outcomes)),
                None => item.begin(&shared, &results),
            };
            match progress.map_err(Finished::Refused)? {
                Progress::Run(step, running) => {
                    self.running = Some(running);
                    return Ok(Next::Run(step));
                }
                Progress::Done(reply) => self.done(reply)?,
            }
        }
        let reply = (shared.combine)(&self.replies);
        let Some(key) = shared.key.as_ref().filter(|_| shared.end == End::Commit && keeps(&reply)) else {
            return self.finish();
        };
        let record = key.record(&reply).map_err(Finished::Refused)?;
        self.enter(Stage::Record);
        Ok(Next::Run(Step { session: Some(shared.caller.session()), statements: vec![record] }))
    }

    fn done(&mut self, reply: Reply) -> Result<(), Box<Finished>> {
        if !keeps(&reply) && (self.shared.batch || self.shared.key.is_some()) {
            // An answer that functions made an error of.
            return Err(Box::new(match self.shared.batch {
                true => Finished::Failed(reply),
                false => Finished::Replayed(reply),
            }));
        }
        let size = |results: &[(u16, Option<Bytes>)]| -> usize {
            results.iter().filter_map(|(_, body)| body.as_ref()).map(Bytes::len).sum()
        };
        self.results.push((reply.status.as_u16(), reply.body.clone()));
        self.replies.push(reply);
        if self.shared.batch && size(&self.results) > ANSWER_BYTES {
            let message = format!("The answers have more than {ANSWER_BYTES} bytes together");
            return Err(Box::new(Finished::Refused(Refusal::BatchSize(message))));
        }
        if self.replies.len() < self.shared.items.len() {
            self.enter(Stage::Item(self.replies.len()));
        }
        Ok(())
    }

    fn finish(&mut self) -> Result<Next, Box<Finished>> {
        let reply = (self.shared.combine)(&self.replies);
        self.shared.set(|state| state.finished = Some(Finished::Answered(reply)));
        Ok(Next::End(self.shared.end))
    }
}

/// Whether an answer is no error.
fn keeps(reply: &Reply) -> bool {
    reply.status < StatusCode::BAD_REQUEST
}

impl Continuation for Way {
    fn next(&mut self, outcomes: Vec<Outcome>) -> Next {
        match self.advance(outcomes) {
            Ok(next) => next,
            Err(finished) => {
                self.shared.set(|state| state.finished = Some(*finished));
                Next::Abandon
            }
        }
    }
}
