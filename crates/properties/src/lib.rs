//! Property tests of the whole: generated schemas with rows, policies and users, and generated questions, on the embedded engine
//! and on a real PostgreSQL. What is read and written must be equal, through SQL and through the data API.
//!
//! A run is a list of seeds; a seed is one schema with its questions. `BEDPLATE_SEED` and `BEDPLATE_SCHEMAS` choose them in a test;
//! `cargo xtask soak policies` runs for hours.

pub mod answer;
pub mod asked;
pub mod beside;
pub mod dice;
pub mod engines;
pub mod expression;
mod extras;
pub mod forms;
pub mod fuzz;
pub mod kind;
pub mod model;
pub mod policy;
pub mod question;
mod request;
pub mod run;
pub mod schema;
mod select;
pub mod shrink;
mod write;
