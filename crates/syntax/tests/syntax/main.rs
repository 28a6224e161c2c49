//! The crate's tests from outside, in one binary.

mod depth;
mod fuzz;
mod grammar;
mod migrations;
mod plpgsql;
mod split;
mod support;
mod trees;
