//! Migrations: the project's files applied in their order, each in one transaction with its line in the history.
//!
//! The history is `bedplate.migrations`, with a checksum of each file; the Supabase CLI's own history
//! (`supabase_migrations.schema_migrations`) is kept in step, so that a project can go there and come from there.

mod history;

#[cfg(test)]
mod tests;

pub use history::{Applied, applied, checksum};

use crate::operator::Operate;
use crate::project::{MigrationFile, Project};
use crate::script::{self, Control, ScriptStatement};
use database::{DatabaseError, Work};
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How a migration stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Applied, and its file is as it was.
    Applied,
    /// To be applied.
    Pending,
    /// Applied, and its file was changed since.
    Changed,
    /// Not applied, though a later one is.
    OutOfOrder,
    /// Applied, and its file is gone.
    Missing,
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Standing::Applied => "applied",
            Standing::Pending => "pending",
            Standing::Changed => "changed",
            Standing::OutOfOrder => "out of order",
            Standing::Missing => "missing",
        })
    }
}

/// A migration and how it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its version.
    pub version: String,
    /// Its name.
    pub name: String,
    /// How it stands.
    pub standing: Standing,
    /// When it was applied.
    pub applied_at: Option<String>,
    /// Its file and text, unless it is missing.
    pub source: Option<(PathBuf, String)>,
}

/// What may go wrong with migrations.
#[derive(Debug)]
pub enum MigrationError {
    /// A file cannot be read.
    Unreadable(PathBuf, io::Error),
    /// Two files have the same version.
    Duplicate(String, String),
    /// An applied file was changed.
    Changed(String),
    /// A file is older than one that is applied.
    OutOfOrder {
        /// The file.
        file: String,
        /// The last one that is applied.
        last: String,
    },
    /// A statement failed; nothing of its file was kept.
    Failed {
        /// The file.
        file: String,
        /// The line of the failing statement, or of the place in it.
        line: Option<u32>,
        /// Why.
        error: DatabaseError,
    },
    /// The history cannot be read.
    History(DatabaseError),
}

impl fmt::Display for MigrationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            MigrationError::Unreadable(path, error) => write!(f, "{}: {error}", path.display()),
            MigrationError::Duplicate(first, second) => {
                write!(f, "{first} and {second} have the same version; rename one of them")
            }
            MigrationError::Changed(file) => write!(
                f,
                "{file} was changed after it was applied; put it back as it was and write what is new in another file \
                 (`bedplate migrate new NAME`), or remove the data folder to begin anew"
            ),
            MigrationError::OutOfOrder { file, last } => write!(
                f,
                "{file} is older than {last}, which is applied; give it a newer timestamp, or remove the data folder to \
                 begin anew"
            ),
            MigrationError::Failed { file, line, error } => {
                match line {
                    Some(line) => write!(f, "{file}:{line}: {error}")?,
                    None => write!(f, "{file}: {error}")?,
                }
                let fields = error.fields();
                for (label, text) in [("DETAIL", &fields.detail), ("HINT", &fields.hint)] {
                    if let Some(text) = text {
                        write!(f, "\n{label}:  {text}")?;
                    }
                }
                f.write_str("\nNothing of it was applied.")?;
                match error.code() == sqlstate::FEATURE_NOT_SUPPORTED {
                    true => f.write_str(
                        " `bedplate check` lists every statement that the embedded engine refuses.",
                    ),
                    false => Ok(()),
                }
            }
            MigrationError::History(error) => write!(f, "the history of migrations cannot be read: {error}"),
        }
    }
}

impl std::error::Error for MigrationError {}

/// A file that was applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// The file, from the project's root.
    pub file: String,
    /// How many statements it has.
    pub statements: usize,
    /// How long it took.
    pub took: Duration,
}

/// How every migration stands, in their order.
///
/// # Errors
/// When files or the history cannot be read, or two files have the same version.
pub async fn status(project: &Project, operator: &dyn Operate) -> Result<Vec<Entry>, MigrationError> {
    let (files, _) = project
        .migrations()
        .map_err(|error| MigrationError::Unreadable(project.migrations_folder(), error))?;
    if let Some(pair) = files.windows(2).find(|pair| pair[0].version == pair[1].version) {
        return Err(MigrationError::Duplicate(project.shown(&pair[0].path), project.shown(&pair[1].path)));
    }
    let applied = applied(operator).await.map_err(MigrationError::History)?;
    let last = applied.iter().map(|line| line.version.as_str()).max();
    let mut entries = Vec::with_capacity(files.len());
    for MigrationFile { version, name, path } in files {
        let text = read(&path)?;
        let line = applied.iter().find(|line| line.version == version);
        let standing = match line {
            Some(line) if line.checksum.as_ref().is_none_or(|sum| *sum == checksum(&text)) => {
                Standing::Applied
            }
            Some(_) => Standing::Changed,
            None if last.is_some_and(|last| version.as_str() < last) => Standing::OutOfOrder,
            None => Standing::Pending,
        };
        let applied_at = line.and_then(|line| line.applied_at.clone());
        entries.push(Entry { version, name, standing, applied_at, source: Some((path, text)) });
    }
    for line in applied {
        if !entries.iter().any(|entry| entry.version == line.version) {
            let Applied { version, name, applied_at, .. } = line;
            entries.push(Entry { version, name, standing: Standing::Missing, applied_at, source: None });
        }
    }
    entries.sort_by(|a, b| a.version.cmp(&b.version));
    Ok(entries)
}

/// Applies what is pending and says what was applied. A history that does not fit the files is refused before anything
/// is done.
///
/// # Errors
/// The first refusal; files applied before it stay applied.
pub async fn up(project: &Project, operator: &dyn Operate) -> Result<Vec<Done>, MigrationError> {
    let entries = status(project, operator).await?;
    let last =
        entries.iter().filter(|entry| entry.applied_at.is_some()).map(|entry| entry.version.as_str()).max();
    for entry in &entries {
        let file = || entry.source.as_ref().map_or_else(String::new, |(path, _)| project.shown(path));
        match entry.standing {
            Standing::Changed => return Err(MigrationError::Changed(file())),
            Standing::OutOfOrder => {
                let last = last.unwrap_or("a later one").to_owned();
                return Err(MigrationError::OutOfOrder { file: file(), last });
            }
            Standing::Applied | Standing::Pending | Standing::Missing => {}
        }
    }
    let mut done = Vec::new();
    for entry in entries.into_iter().filter(|entry| entry.standing == Standing::Pending) {
        let Some((path, text)) = &entry.source else { continue };
        let file = project.shown(path);
        if let Some(applied) = apply(&entry, text, &file, operator).await? {
            done.push(applied);
        }
    }
    Ok(done)
}

/// Applies one. `None` when another node did so in the meantime: its line in the history comes first in the transaction,
/// so that only one node gets past it.
async fn apply(
    entry: &Entry,
    text: &str,
    file: &str,
    operator: &dyn Operate,
) -> Result<Option<Done>, MigrationError> {
    let begun = Instant::now();
    let failed = |line, error| MigrationError::Failed { file: file.to_owned(), line, error };
    let statements = script::split(text).map_err(|error| failed(line_of(text, 1, &error), error))?;
    let statements = without_transaction(statements).map_err(|(line, error)| failed(Some(line), error))?;
    let head = history::record(&entry.version, &entry.name, text, &statements);
    let heads = head.len();
    let body = statements.iter().map(|statement| statement.to_statement());
    match operator.run_as_operator(Work::all(head.into_iter().chain(body))).await {
        Ok(_) => {
            Ok(Some(Done { file: file.to_owned(), statements: statements.len(), took: begun.elapsed() }))
        }
        Err(error) => {
            let index = error.fields().statement.and_then(|index| usize::try_from(index).ok());
            if index == Some(0) && error.code() == sqlstate::UNIQUE_VIOLATION {
                return Ok(None);
            }
            let statement = index.and_then(|index| statements.get(index.checked_sub(heads)?));
            let line = statement.and_then(|statement| line_of(&statement.text, statement.line, &error));
            Err(failed(line, error))
        }
    }
}

/// Seeds a new database: all files in one transaction, once in its life. Says what was run, which is nothing when it was
/// seeded before (or adopted with data of its own). Without files it is marked as seeded too: it is not new any more.
///
/// # Errors
/// The failing statement's; nothing of any file is kept then.
pub async fn seed(
    project: &Project,
    files: &[PathBuf],
    operator: &dyn Operate,
) -> Result<Vec<Done>, MigrationError> {
    if history::is_seeded(operator).await.map_err(MigrationError::History)? {
        return Ok(Vec::new());
    }
    let begun = Instant::now();
    let (mut work, mut origins, mut done) = (vec![history::record_seed()], vec![None], Vec::new());
    for path in files {
        let (file, text) = (project.shown(path), read(path)?);
        let failed = |line, error| MigrationError::Failed { file: file.clone(), line, error };
        let statements = script::split(&text).map_err(|error| failed(line_of(&text, 1, &error), error))?;
        let statements =
            without_transaction(statements).map_err(|(line, error)| failed(Some(line), error))?;
        done.push(Done { file: file.clone(), statements: statements.len(), took: Duration::ZERO });
        for statement in statements {
            work.push(statement.to_statement());
            origins.push(Some((file.clone(), statement)));
        }
    }
    if let Err(error) = operator.run_as_operator(Work::all(work)).await {
        let index = error.fields().statement.and_then(|index| usize::try_from(index).ok());
        if index == Some(0) && error.code() == sqlstate::UNIQUE_VIOLATION {
            // Another node was faster.
            return Ok(Vec::new());
        }
        let origin = index.and_then(|index| origins.into_iter().nth(index)).flatten();
        let (file, line) = match origin {
            Some((file, statement)) => (file, line_of(&statement.text, statement.line, &error)),
            None => ("seed".to_owned(), None),
        };
        return Err(MigrationError::Failed { file, line, error });
    }
    done.iter_mut().for_each(|file| file.took = begun.elapsed());
    Ok(done)
}

/// The line in the file: where the statement begins, moved on to the error's place in it.
fn line_of(statement: &str, first_line: u32, error: &DatabaseError) -> Option<u32> {
    let within = error.fields().position.map_or(1, |position| script::line_and_column(statement, position).0);
    Some(first_line + within - 1)
}

/// A file is one transaction whatever it says: its own BEGIN and COMMIT are left out. ROLLBACK cannot be meant.
fn without_transaction(
    statements: Vec<ScriptStatement>,
) -> Result<Vec<ScriptStatement>, (u32, DatabaseError)> {
    let mut kept = Vec::with_capacity(statements.len());
    for statement in statements {
        match script::control(&statement.text) {
            Some(Control::Rollback) => {
                let message = "ROLLBACK in a file that is applied in one transaction";
                let error = DatabaseError::new(sqlstate::INVALID_TRANSACTION_TERMINATION, message)
                    .with_hint("Take the ROLLBACK out, or what it undoes.");
                return Err((statement.line, error));
            }
            Some(Control::Begin { .. } | Control::BeginOtherwise | Control::Commit) => {}
            None => {
                kept.push(statement);
            }
        }
    }
    Ok(kept)
}

fn read(path: &Path) -> Result<String, MigrationError> {
    std::fs::read_to_string(path).map_err(|error| MigrationError::Unreadable(path.to_owned(), error))
}
