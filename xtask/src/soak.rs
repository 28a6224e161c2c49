//! `cargo xtask soak NAME`: runs that are too long for CI. The result goes to docs/measured/ with commit, seed and machine.

use crate::run::{Result, cargo, run};
use std::path::Path;

/// The runs, each a test that reads its rounds and seed from the environment: name, crate, test, profile.
const RUNS: &[(&str, &str, &str, &str)] = &[
    ("kill", "embedded", "tests::fault::nothing_acknowledged_is_lost_by_kill", "release"),
    ("accounts-kill", "server", "accounts::kill::accounts_survive_kills_on_the_embedded_engine", "release"),
    ("batch", "server", "batches::batches_survive_kills_on_the_embedded_engine", "release"),
    ("batch-postgres", "server", "batches::batches_survive_kills_on_postgresql", "release"),
    ("policies", "properties", "for_hours", "soak"),
    ("statements", "properties", "no_statement_breaks_the_engine", "soak"),
    ("values", "properties", "no_text_of_a_value_breaks_the_engine", "soak"),
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
    let rounds = rounds.unwrap_or(match name {
        "policies" => 10_000,
        "statements" | "values" => 20_000,
        _ => 1000,
    });
    run(command.env("BEDPLATE_ROUNDS", rounds.to_string()).env("BEDPLATE_SEED", seed.to_string()))
}
