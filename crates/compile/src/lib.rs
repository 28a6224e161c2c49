//! PostgreSQL's statements to programs for SQLite: names and types resolved by PostgreSQL's rules, row security and
//! privileges woven in, rendered.
//!
//! Pure, no driver. The stages: analysis (`ast` + catalog → [`bound`]), rewrite (views, SQL functions, policies), rendering
//! ([`program`]).

pub mod program;
