//! `cargo xtask projects`: public projects on both engines.

use crate::needs;
use crate::run::{Result, cargo, run, target};
use std::path::Path;

/// Builds the tool and runs it.
pub(crate) fn projects(folder: &Path, out: Option<&Path>, seed: u64) -> Result {
    needs::provide(true)?;
    let out = out.map_or_else(|| target().join("projects"), Path::to_owned);
    let folder = folder.canonicalize().map_err(|error| format!("{}: {error}", folder.display()))?;
    run(cargo()
        .args(["run", "--locked", "--quiet", "--package", "server", "--example", "projects", "--"])
        .arg(folder)
        .arg(out)
        .arg(seed.to_string()))
}
