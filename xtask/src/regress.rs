//! `cargo xtask regress`: PostgreSQL's regression scripts.

use crate::needs;
use crate::run::{Result, cargo, run, target};
use std::path::Path;

/// Builds the tool and runs it.
pub(crate) fn regress(checkout: &Path, out: Option<&Path>, scripts: &[String]) -> Result {
    needs::provide(true)?;
    let out = out.map_or_else(|| target().join("regress"), Path::to_owned);
    let checkout = checkout.canonicalize().map_err(|error| format!("{}: {error}", checkout.display()))?;
    run(cargo()
        .args(["run", "--locked", "--quiet", "--package", "regress", "--"])
        .arg("--checkout")
        .arg(checkout)
        .arg("--out")
        .arg(out)
        .args(scripts))
}
