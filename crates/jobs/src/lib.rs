//! Durable jobs: a job commits with the row that causes it.
//!
//! The queue is the table `bedplate.jobs`. [`Job::statement`] goes into the same work as the row; when that work is rolled
//! back there is no job. A [`Runner`] on each node claims what is due under a lease: it runs, is tried again with growing
//! pauses, or is kept as dead until the operator decides. A node that dies loses its leases, and others take its jobs up.
//!
//! A job runs at least once. Whoever handles it makes its effect recognisable by the job's identifier.

mod job;
mod operator;
mod queue;
mod retry;
mod runner;

#[cfg(test)]
mod tests;

pub use job::{Job, JobId};
pub use operator::{Entry, State, delete, entries, list, retry};
pub use retry::Retry;
pub use runner::{Claimed, Failure, Handler, Observation, Observer, Runner, Settings, Waker};
