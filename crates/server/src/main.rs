//! The program `bedplate`.

use clap::Parser as _;
use std::process::ExitCode;
use std::time::Instant;

fn main() -> ExitCode {
    let begun = Instant::now();
    server::commands::run(server::cli::CommandLine::parse(), begun)
}
