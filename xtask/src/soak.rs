//! `cargo xtask soak NAME`: runs that are too long for CI. The result goes to docs/measured/ with commit, seed and machine.

use crate::run::{Result, cargo, run};

/// The runs, each a test that reads its rounds and seed from the environment: name, crate, test.
const RUNS: &[(&str, &str, &str)] = &[
    ("kill", "embedded", "tests::fault::nothing_acknowledged_is_lost_by_kill"),
    ("accounts-kill", "server", "accounts::kill::accounts_survive_kills_on_the_embedded_engine"),
    ("policies", "properties", "for_hours"),
    ("statements", "properties", "no_statement_breaks_the_engine"),
    ("values", "properties", "no_text_of_a_value_breaks_the_engine"),
    ("accounts-kill-postgres", "server", "accounts::kill::accounts_survive_kills_on_postgresql"),
];

/// Runs one.
pub(crate) fn soak(name: &str, rounds: u32, seed: u64) -> Result {
    let Some((_, package, test)) = RUNS.iter().find(|(known, ..)| *known == name) else {
        let names: Vec<&str> = RUNS.iter().map(|(name, ..)| *name).collect();
        return Err(format!("no soak named {name:?}; there are: {}", names.join(", ")));
    };
    let mut command = cargo();
    command.args([
        "test",
        "--release",
        "--locked",
        "--package",
        package,
        test,
        "--",
        "--exact",
        "--include-ignored",
        "--nocapture",
    ]);
    run(command.env("BEDPLATE_ROUNDS", rounds.to_string()).env("BEDPLATE_SEED", seed.to_string()))
}
