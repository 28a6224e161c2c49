//! The server: configuration, command line, every route and layer on one page ([`app`]), and the life of a process from its
//! start to its end ([`serve`]). The program `bedplate` is a thin `main` over this library.
//!
//! Nothing depends on it but tests and automation. Only [`open`] names a database driver.

/// Small requests are made of small allocations: the system's allocator took a quarter of one.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

pub mod address;
pub mod app;
pub mod check;
pub mod cli;
pub mod commands;
pub mod configuration;
pub mod events;
pub mod folder;
pub mod identifier;
pub mod keys;
pub mod listen;
pub mod migrations;
pub mod open;
pub mod operator;
pub mod owner;
pub mod post;
pub mod project;
pub mod psql;
pub mod script;
pub mod serve;
pub mod system;
pub mod users;
