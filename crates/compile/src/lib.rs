//! PostgreSQL's statements to programs for SQLite: names and types resolved by PostgreSQL's rules, row security and
//! privileges woven in, rendered.
//!
//! Pure, no driver. The stages: [`analysis`] (`ast` + catalog → [`bound`]), [`rewrite`] (views, SQL functions, policies),
//! [`render`] (→ [`program`]). Row-changing statements go through `modify`, definitions are carried as they are and applied by
//! [`catalog::ddl`], which asks the [`Analyzer`] what expressions mean.

pub mod analysis;
mod analyzer;
pub mod bound;
mod copy;
mod descend;
mod domain;
pub mod existing;
mod explain;
mod functions;
mod iterate;
mod modify;
#[doc(hidden)]
pub mod mutant;
pub mod plpgsql;
pub mod prepared;
pub mod program;
pub mod render;
pub mod rewrite;
mod security;
mod statement;
pub mod storage;
mod stored;
pub mod support;
pub mod system;
pub mod tables;
pub mod triggers;
mod types;
pub mod walk;

pub use analyzer::Analyzer;
pub use domain::check_domain;
pub(crate) use statement::compile_statement;
use statement::query_program;
pub use statement::{Asker, compile, writes_sequences};
