//! The one integration binary: the whole server, in this process or as the program, over HTTP and its commands.

mod accounts;
mod conformance;
mod doors;
mod harness;
mod life;
mod limits;
mod mutants;
mod program;
mod signing_keys;
mod todo;
