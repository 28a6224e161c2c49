//! The one integration binary: the whole server, in this process or as the program, over HTTP and its commands.

mod accounts;
mod batches;
mod clients;
mod conformance;
mod doors;
mod harness;
mod inbox;
mod jobs;
mod life;
mod limits;
mod mail;
mod mutants;
mod program;
mod signing_keys;
