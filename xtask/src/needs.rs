//! What the tests need beside Rust and a C compiler: a PostgreSQL server, Node and Python with the packages of the official
//! clients and of the servers that tests talk to, and a browser.

use crate::run::{Result, output, root, run};
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
    if !on_path("chromium") && !on_path("chromium-browser") && !on_path("google-chrome") {
        system_package(install, "Chromium", "chromium")?;
    }
    for folder in ["examples/todo", "tests/clients", "tests/peers"] {
        node_packages(&root().join(folder), install)?;
    }
    python_packages(&root().join("tests/clients"), install)
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

/// The packages of `requirements.txt`, in a virtual environment beside it.
fn python_packages(folder: &Path, install: bool) -> Result {
    let (wanted, environment) = (folder.join("requirements.txt"), folder.join(".venv"));
    // A copy of what was installed, as npm keeps one of its lock.
    let installed = environment.join("requirements.txt");
    if std::fs::read(&installed).is_ok_and(|text| std::fs::read(&wanted).is_ok_and(|other| other == text)) {
        return Ok(());
    }
    if !install {
        return Err(format!(
            "packages are missing: run `python3 -m venv .venv && .venv/bin/pip install -r requirements.txt` in {}",
            folder.display()
        ));
    }
    if !has_venv() {
        system_package(install, "Python 3.10 or newer with venv", "python3-venv")?;
    }
    run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&environment))?;
    run(Command::new(environment.join("bin/pip"))
        .args(["install", "--quiet", "--disable-pip-version-check", "--requirement"])
        .arg(&wanted))?;
    std::fs::copy(&wanted, &installed).map(|_| ()).map_err(|error| error.to_string())
}

/// Whether Python can make virtual environments: Debian has that in a package of its own.
fn has_venv() -> bool {
    output(Command::new("python3").args(["-c", "import ensurepip, venv"])).is_ok()
}
