//! `cargo xtask test`: what CI runs.

use crate::run::{Result, cargo, output, run};
use crate::{needs, tidy};

/// Installs what is missing, then tidy, format, lints, and all tests.
pub(crate) fn test(install: bool, rest: &[String]) -> Result {
    needs::provide(install)?;
    tidy::tidy()?;
    run(cargo().args(["fmt", "--all", "--check"]))?;
    run(cargo().args(["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"]))?;
    // The program itself first: tests start it.
    run(cargo().args(["build", "--locked", "--package", "server", "--bin", "bedplate"]))?;
    if output(cargo().args(["nextest", "--version"])).is_ok() {
        run(cargo().args(["nextest", "run", "--workspace", "--locked", "--no-fail-fast"]).args(rest))
    } else {
        run(cargo().args(["test", "--workspace", "--locked", "--no-fail-fast"]).args(rest))
    }
}

/// Records conformance/*.out from a real PostgreSQL.
pub(crate) fn record(filter: Option<&str>) -> Result {
    needs::provide(true)?;
    let mut command = cargo();
    command.args([
        "test",
        "--locked",
        "--package",
        "server",
        "--test",
        "integration",
        "--",
        "--exact",
        "conformance::record",
        "--ignored",
        "--nocapture",
    ]);
    command.env("BEDPLATE_RECORD", filter.unwrap_or(""));
    run(&mut command)
}
