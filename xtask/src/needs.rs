//! What the tests need beside Rust and a C compiler: a PostgreSQL server, Node, the packages of the
//! example and of the servers that tests talk to.

use crate::run::{Result, root, run};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Sees to it that everything is there. With `install`, by the system's own package manager where it can.
pub(crate) fn provide(install: bool) -> Result {
    if postgres().is_none() {
        system_package(install, "PostgreSQL 14 or newer", "postgresql")?;
    }
    if !on_path("node") || !on_path("npm") {
        system_package(install, "Node.js 20 or newer with npm", "nodejs")?;
    }
    node_packages(&root().join("examples/todo"), install)?;
    node_packages(&root().join("tests/peers"), install)?;
    node_packages(&root().join("crates/server/tests/oidc"), install)
}

/// The folder with PostgreSQL's server programs, looked for as the product does.
pub(crate) fn postgres() -> Option<PathBuf> {
    let configured = std::env::var_os("BEDPLATE_PG_BIN").map(PathBuf::from);
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = configured.into_iter().chain(std::env::split_paths(&path)).collect();
    if let Ok(versions) = std::fs::read_dir("/usr/lib/postgresql") {
        folders.extend(versions.flatten().map(|version| version.path().join("bin")));
    }
    folders.into_iter().find(|folder| folder.join("initdb").is_file() && folder.join("postgres").is_file())
}

fn on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|folder| folder.join(program).is_file())
}

fn system_package(install: bool, what: &str, package: &str) -> Result {
    let missing = format!(
        "{what} is missing: install it (Debian, Ubuntu: apt-get install {package}) and run this again"
    );
    if !install || !on_path("apt-get") {
        return Err(missing);
    }
    println!("{what} is missing; installing the package {package}");
    let quiet = |arguments: &[&str]| {
        let mut command = Command::new("apt-get");
        command.args(arguments).env("DEBIAN_FRONTEND", "noninteractive");
        run(&mut command)
    };
    quiet(&["update", "-q"])
        .and_then(|()| quiet(&["install", "-y", "-q", package]))
        .map_err(|error| format!("{missing} ({error})"))
}

fn node_packages(folder: &Path, install: bool) -> Result {
    if !folder.join("package-lock.json").is_file() || up_to_date(folder) {
        return Ok(());
    }
    if !install {
        return Err(format!("packages for the tests are missing: run `npm ci` in {}", folder.display()));
    }
    run(Command::new("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(folder))
}

/// Whether what npm installed is what the lock file asks for: npm leaves a copy of the lock beside the packages.
fn up_to_date(folder: &Path) -> bool {
    let modified = |path: PathBuf| path.metadata().and_then(|data| data.modified()).ok();
    match (
        modified(folder.join("node_modules/.package-lock.json")),
        modified(folder.join("package-lock.json")),
    ) {
        (Some(installed), Some(wanted)) => installed >= wanted,
        _ => false,
    }
}
