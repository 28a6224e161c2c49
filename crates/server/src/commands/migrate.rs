//! `bedplate migrate`

use super::{at, print};
use crate::cli::{Migrate, Place};
use crate::events::{milliseconds, utc_digits};
use crate::migrations::{self, Entry, Standing};
use crate::open::Access;
use crate::project::Project;
use crate::serve::Failure;
use crate::system;
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::ExitCode;
use std::time::SystemTime;

pub(super) async fn migrate(action: Option<Migrate>, place: &Place) -> Result<ExitCode, Failure> {
    let (project, configuration, folder) = at(place)?;
    if let Some(Migrate::New { name }) = action {
        return new(&project, &name);
    }
    let access = Access::open(&configuration, &folder).await?;
    if let Access::Owned(owned) = &access {
        system::upgrade(&*owned.database).await?;
    }
    let result = match action {
        Some(Migrate::Up) => up(&project, &access).await,
        Some(Migrate::Status | Migrate::New { .. }) | None => status(&project, &access).await,
    };
    access.close().await?;
    result
}

async fn up(project: &Project, access: &Access) -> Result<ExitCode, Failure> {
    let done = migrations::up(project, access.operator()).await?;
    let mut text = String::new();
    for file in &done {
        let _ = writeln!(
            text,
            "applied {} ({} statements) in {}",
            file.file,
            file.statements,
            milliseconds(file.took)
        );
    }
    if done.is_empty() {
        text.push_str("Nothing is pending.\n");
    }
    print(&text)?;
    Ok(ExitCode::SUCCESS)
}

async fn status(project: &Project, access: &Access) -> Result<ExitCode, Failure> {
    let entries = migrations::status(project, access.operator()).await?;
    if entries.is_empty() {
        print("There are no migrations. `bedplate migrate new NAME` makes one.\n")?;
        return Ok(ExitCode::SUCCESS);
    }
    let mut text = String::new();
    for Entry { version, name, standing, applied_at, .. } in &entries {
        let _ =
            writeln!(text, "{version}  {standing:<12}  {name:<30}  {}", applied_at.as_deref().unwrap_or(""));
    }
    print(&text)?;
    let refused =
        entries.iter().any(|entry| matches!(entry.standing, Standing::Changed | Standing::OutOfOrder));
    Ok(if refused { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn new(project: &Project, name: &str) -> Result<ExitCode, Failure> {
    let words: Vec<String> = name
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect();
    if words.is_empty() {
        return Err("a migration's name needs a letter or digit".into());
    }
    let folder = project.migrations_folder();
    std::fs::create_dir_all(&folder)?;
    let path = folder.join(format!("{}_{}.sql", utc_digits(SystemTime::now()), words.join("_")));
    let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(&path)?;
    writeln!(file, "-- {name}\n")?;
    print(&format!("{}\n", path.display()))?;
    Ok(ExitCode::SUCCESS)
}
