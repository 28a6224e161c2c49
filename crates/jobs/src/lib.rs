//! Durable jobs: a job commits with the row that causes it.
