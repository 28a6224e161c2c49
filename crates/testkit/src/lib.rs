//! What tests stand on: both engines, each test with a database of its own, and the comparison of their answers.

pub mod conformance;
mod engines;

pub use engines::{TestPostgres, embedded};
