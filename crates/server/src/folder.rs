//! The data folder: `.bedplate` in the project's folder. It has one owner (rule 11): the process that holds its lock.

use std::fmt;
use std::fs::{DirBuilder, File, OpenOptions, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

/// What may go wrong with the data folder.
#[derive(Debug)]
pub enum FolderError {
    /// Another process owns it.
    Owned {
        /// The folder.
        folder: PathBuf,
        /// The owner's process id, if it wrote one.
        owner: Option<u32>,
    },
    /// A file cannot be made or read.
    Io(PathBuf, io::Error),
}

impl fmt::Display for FolderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            FolderError::Owned { folder, owner: Some(owner) } => {
                write!(
                    f,
                    "{} is in use by process {owner}; stop it first, or give another --data",
                    folder.display()
                )
            }
            FolderError::Owned { folder, owner: None } => {
                write!(
                    f,
                    "{} is in use by another process; stop it first, or give another --data",
                    folder.display()
                )
            }
            FolderError::Io(path, error) => write!(f, "{}: {error}", path.display()),
        }
    }
}

impl std::error::Error for FolderError {}

/// A data folder that this process owns. The lock goes with the value, and with the process.
#[derive(Debug)]
pub struct OwnedFolder {
    path: PathBuf,
    _lock: File,
}

impl OwnedFolder {
    /// Makes the folder if need be and takes its lock.
    ///
    /// # Errors
    /// [`FolderError::Owned`] when another process has it.
    pub fn take(path: &Path) -> Result<OwnedFolder, FolderError> {
        let io = |path: &Path| {
            let path = path.to_owned();
            move |error| FolderError::Io(path, error)
        };
        DirBuilder::new().recursive(true).mode(0o700).create(path).map_err(io(path))?;
        let path = path.canonicalize().map_err(io(path))?;
        let lock_path = path.join("lock");
        let mut options = OpenOptions::new();
        let mut lock = options
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .mode(0o600)
            .open(&lock_path)
            .map_err(io(&lock_path))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                let mut text = String::new();
                let owner = lock.read_to_string(&mut text).ok().and_then(|_| text.trim().parse().ok());
                return Err(FolderError::Owned { folder: path, owner });
            }
            Err(TryLockError::Error(error)) => return Err(FolderError::Io(lock_path, error)),
        }
        lock.set_len(0).and_then(|()| writeln!(lock, "{}", std::process::id())).map_err(io(&lock_path))?;
        let ignore = path.join(".gitignore");
        if !ignore.exists() {
            std::fs::write(
                &ignore,
                "# Data and keys of this machine: nothing here belongs in a repository.\n*\n",
            )
            .map_err(io(&ignore))?;
        }
        Ok(OwnedFolder { path, _lock: lock })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The embedded engine's file.
    pub fn database_file(&self) -> PathBuf {
        self.path.join("database.sqlite")
    }

    /// The file of the key that seals secrets.
    pub fn sealing_key_file(&self) -> PathBuf {
        self.path.join("secret.key")
    }
}

/// A folder of this process alone, removed with the value: for what an ephemeral database must put somewhere.
#[derive(Debug)]
pub struct TemporaryFolder(PathBuf);

impl TemporaryFolder {
    /// Makes one that only this user can enter.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn make() -> io::Result<TemporaryFolder> {
        let bytes: [u8; 8] = web::identifier::random().map_err(io::Error::other)?;
        let path = std::env::temp_dir().join(format!("bedplate-{:016x}", u64::from_be_bytes(bytes)));
        DirBuilder::new().mode(0o700).create(&path)?;
        Ok(TemporaryFolder(path))
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for TemporaryFolder {
    fn drop(&mut self) {
        // Left behind, it costs some space in a folder that the system clears; there is nobody to tell.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}
