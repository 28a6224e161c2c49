//! `bedplate init`: a small project that works, and what to do with it.

use super::print;
use crate::cli::NAME;
use crate::events::utc_digits;
use crate::project::Project;
use crate::serve::Failure;
use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::time::SystemTime;

const CONFIGURATION: &str = include_str!("config.toml");
const MIGRATION: &str = include_str!("notes.sql");
const SEED: &str = include_str!("seed.sql");
const README: &str = include_str!("README.md");

pub(super) fn init(dir: &Path) -> Result<ExitCode, Failure> {
    let project = Project::find(dir);
    if project.configuration_file().is_some() || project.migrations_folder().exists() {
        return Err(format!("{} has a project already; nothing was changed", project.folder.display()).into());
    }
    let folder = dir.join("supabase");
    fs::create_dir_all(folder.join("migrations"))?;
    let migration = format!("{}_notes.sql", utc_digits(SystemTime::now()));
    let files = [
        (folder.join("config.toml"), CONFIGURATION),
        (folder.join("migrations").join(&migration), MIGRATION),
        (folder.join("seed.sql"), SEED),
        (dir.join("README.md"), README),
    ];
    let mut made = String::new();
    for (path, text) in files {
        // What is there already is somebody's work.
        match fs::OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(mut file) => file.write_all(text.as_bytes())?,
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => continue,
            Err(error) => return Err(format!("{}: {error}", path.display()).into()),
        }
        made.push_str(&format!("  {}\n", path.display()));
    }
    let shown = dir.display();
    print(&format!(
        "Made:\n{made}\nNext:\n  {NAME} serve {shown} --dev    then open http://127.0.0.1:54321\n  {NAME} check {shown}          what the embedded engine makes of each statement\n"
    ))?;
    Ok(ExitCode::SUCCESS)
}
