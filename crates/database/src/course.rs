//! A work whose later statements hang on what the earlier ones gave: decided in between, in the same transaction.

use crate::{End, Outcome, Session, Statement};
use std::fmt;
use std::sync::Arc;

/// Decides what runs next. It is asked between statements while the transaction is open (on the embedded engine on the
/// writer's own thread), so it computes and does nothing else: no waiting, no other work.
pub trait Continuation: Send {
    /// What runs next, now that the statements before gave this. `outcomes` are those of the step that just ran; first of
    /// all, those of the work's own statements. Where the last one's expectation was not met all is rolled back, whatever
    /// is answered here.
    fn next(&mut self, outcomes: Vec<Outcome>) -> Next;
}

/// What runs next.
#[derive(Debug)]
pub enum Next {
    /// These statements. The answer to them is asked for again.
    Run(Step),
    /// Nothing: the transaction ends so.
    End(End),
    /// Nothing: all is undone at once, deferred constraints are not looked at.
    Abandon,
}

/// Statements under a session of their own.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// Settings, search path, limits and whether anything may be written, as if the transaction began here: what earlier statements set
    /// is gone. The role is the one of the session that the work was given to. `None` goes on under what is in effect.
    pub session: Option<Session>,
    /// In order.
    pub statements: Vec<Statement>,
}

/// Makes the [`Continuation`] of a work: a new one each time that the work runs, since the same work may have to run again.
#[derive(Clone)]
pub struct Course(Arc<dyn Fn() -> Box<dyn Continuation> + Send + Sync>);

impl Course {
    /// A course that begins anew with what `begin` makes.
    pub fn new(begin: impl Fn() -> Box<dyn Continuation> + Send + Sync + 'static) -> Course {
        Course(Arc::new(begin))
    }

    /// Begins.
    pub fn begin(&self) -> Box<dyn Continuation> {
        (self.0)()
    }
}

impl fmt::Debug for Course {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Course")
    }
}

impl PartialEq for Course {
    /// Whether it is the same one.
    fn eq(&self, other: &Course) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}
