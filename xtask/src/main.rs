//! All automation of the project: `cargo xtask help` lists it.
#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command line program speaks to its terminal"
)]

mod bench;
mod dist;
mod measure;
mod needs;
mod projects;
mod regress;
mod run;
mod soak;
mod suite;
mod test;
mod tidy;

use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Bedplate's automation.
#[derive(Parser)]
#[command(name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    task: Task,
}

#[derive(Subcommand)]
enum Task {
    /// Everything that CI runs: installs what is missing, then tidy, lints, and all tests.
    Test {
        /// Only name what is missing instead of installing it.
        #[arg(long)]
        no_install: bool,
        /// Hand the rest to cargo nextest (a filter, for instance).
        #[arg(last = true)]
        rest: Vec<String>,
    },
    /// The rules of the tree: dependency direction, heavy dependencies, sizes, words.
    Tidy,
    /// Record the expected answers of conformance/ from a real PostgreSQL.
    Record {
        /// Only scripts whose name contains this.
        filter: Option<String>,
    },
    /// Long runs by command: `kill` kills a writing process again and again, `policies` asks both engines generated questions, `postgrest` sends generated requests to a real PostgREST, too,
    /// `statements` and `values` try what nobody wrote.
    Soak {
        /// Which.
        name: String,
        /// How many rounds; 1000 unless the run says otherwise.
        #[arg(long, alias = "cases")]
        rounds: Option<u32>,
        /// The first seed.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// Measurements by command: `point-read` (instruction counts by stage), `start` (time to a fresh backend).
    Measure {
        /// Which.
        name: String,
    },
    /// Benchmarks beside other systems, in one run: `accounts`.
    Bench {
        /// Which.
        name: String,
        /// Seconds that each load lasts.
        #[arg(long, default_value_t = 5)]
        seconds: u32,
    },
    /// PostgreSQL's own regression scripts on both engines, statement by statement (docs/measured/regress.md).
    Regress {
        /// A source tree of PostgreSQL 15.
        #[arg(long)]
        checkout: std::path::PathBuf,
        /// Where the lists of differences go.
        #[arg(long)]
        out: Option<std::path::PathBuf>,
        /// Only these.
        scripts: Vec<String>,
    },
    /// Public projects on both engines: what is accepted, and whether catalogs and answers are equal (docs/measured/projects.md).
    Projects {
        /// A folder of projects in the Supabase CLI's layout.
        #[arg(long)]
        folder: std::path::PathBuf,
        /// Where the page and the lists of differences go.
        #[arg(long)]
        out: Option<std::path::PathBuf>,
        /// The seed of the random statements.
        #[arg(long, default_value_t = 1)]
        seed: u64,
    },
    /// The official clients' own test suites against Bedplate (docs/client-suites.md).
    Suite(suite::Asked),
    /// A stripped release binary, packed with its licences and a container file.
    Dist,
}

fn main() -> ExitCode {
    let result = match Arguments::parse().task {
        Task::Test { no_install, rest } => test::test(!no_install, &rest),
        Task::Tidy => tidy::tidy(),
        Task::Record { filter } => test::record(filter.as_deref()),
        Task::Soak { name, rounds, seed } => soak::soak(&name, rounds, seed),
        Task::Measure { name } => measure::measure(&name),
        Task::Bench { name, seconds } => bench::bench(&name, seconds),
        Task::Regress { checkout, out, scripts } => regress::regress(&checkout, out.as_deref(), &scripts),
        Task::Projects { folder, out, seed } => projects::projects(&folder, out.as_deref(), seed),
        Task::Suite(asked) => suite::suite(&asked),
        Task::Dist => dist::dist(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("xtask: {error}");
            ExitCode::FAILURE
        }
    }
}
