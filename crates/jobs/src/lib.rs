//! Durable jobs: a job commits with the row that causes it.
//!
//! The queue is the table `bedplate.jobs`. [`Job::statement`] goes into the same work as the row; when that work is rolled
//! back there is no job.

mod job;

pub use job::{Job, JobId};
