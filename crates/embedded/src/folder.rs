//! Where a database's files are: a path that is kept, or a folder of a process's own that goes away with it.

use sqlstate::{DatabaseError, IO_ERROR, OBJECT_IN_USE, Result};
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

/// How folders of databases that are not kept begin; the process id and a number follow.
const PREFIX: &str = "bedplate-ephemeral-";

/// A folder younger than this is nobody's leftover yet.
const YOUNG: Duration = Duration::from_secs(60);

static NEXT: AtomicU32 = AtomicU32::new(0);

/// The place of a database's files.
#[derive(Debug)]
pub(crate) struct Place {
    /// The database file.
    pub(crate) file: PathBuf,
    /// Whether it is kept: then commits are durable.
    pub(crate) kept: bool,
    /// Held as long as the database is open.
    _lock: File,
}

impl Place {
    /// A database at a path, which nobody else may have open.
    pub(crate) fn kept(file: &Path) -> Result<Place> {
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder).map_err(|error| io(folder, &error))?;
        }
        let lock = lock(file)?;
        Ok(Place { file: file.to_owned(), kept: true, _lock: lock })
    }

    /// A database that is gone when it is closed, in memory where the system has a file system there.
    pub(crate) fn temporary() -> Result<Place> {
        let base = base();
        sweep(&base);
        loop {
            let number = NEXT.fetch_add(1, Ordering::Relaxed);
            let folder = base.join(format!("{PREFIX}{}-{number}", std::process::id()));
            match make_private(&folder) {
                Ok(()) => {
                    let file = folder.join("database");
                    let lock = lock(&file)?;
                    return Ok(Place { file, kept: false, _lock: lock });
                }
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(io(&folder, &error)),
            }
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if !self.kept
            && let Some(folder) = self.file.parent()
        {
            // What stays behind is swept by the next one.
            let _ = fs::remove_dir_all(folder);
        }
    }
}

fn base() -> PathBuf {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() && fs::metadata(memory).is_ok_and(|data| !data.permissions().readonly()) {
        return memory.to_owned();
    }
    std::env::temp_dir()
}

#[cfg(unix)]
fn make_private(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    fs::DirBuilder::new().mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn make_private(folder: &Path) -> std::io::Result<()> {
    fs::create_dir(folder)
}

/// Removes what processes that were killed left behind: folders whose lock nobody holds.
fn sweep(base: &Path) {
    let Ok(entries) = fs::read_dir(base) else { return };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let Some(rest) = name.to_str().and_then(|name| name.strip_prefix(PREFIX)) else { continue };
        let own = rest.split('-').next() == Some(std::process::id().to_string().as_str());
        if own {
            continue;
        }
        // A young one may be about to be locked by its owner.
        let age = entry.metadata().and_then(|data| data.modified()).ok().and_then(|made| made.elapsed().ok());
        if age.is_none_or(|age| age < YOUNG) {
            continue;
        }
        let file = entry.path().join("database.lock");
        if File::open(&file).is_ok_and(|file| file.try_lock().is_ok()) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

/// A lock beside the file, not on it: closing any handle of the database file would drop SQLite's own locks.
fn lock(file: &Path) -> Result<File> {
    let mut name = file.as_os_str().to_owned();
    name.push(".lock");
    let path = PathBuf::from(name);
    let lock = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .read(true)
        .open(&path)
        .map_err(|error| io(&path, &error))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(DatabaseError::new(
            OBJECT_IN_USE,
            format!("the database {} is in use by another process", file.display()),
        )),
        Err(TryLockError::Error(error)) => Err(io(&path, &error)),
    }
}

fn io(path: &Path, error: &std::io::Error) -> DatabaseError {
    let mut known = DatabaseError::new(IO_ERROR, "could not open the database's files");
    known.fields_mut().internal = Some(format!("{}: {error}", path.display()));
    known
}
