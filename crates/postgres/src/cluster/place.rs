//! As whom the cluster runs, and folders that fit: PostgreSQL refuses to run as root, and a socket's path is short.

use database::{DatabaseError, Result};
use std::collections::hash_map::RandomState;
use std::fs;
use std::hash::{BuildHasher, Hasher};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The account that the cluster runs as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    /// Whether it is another than ours: programs are then started as it, and files given to it.
    pub(crate) foreign: bool,
}

impl Account {
    /// Ours; for root `postgres`, or `nobody` where there is none.
    pub(crate) fn choose() -> Result<Account> {
        let uid = rustix::process::geteuid().as_raw();
        let gid = rustix::process::getegid().as_raw();
        if uid != 0 {
            return Ok(Account { uid, gid, foreign: false });
        }
        let accounts = fs::read_to_string("/etc/passwd").unwrap_or_default();
        ["postgres", "nobody"].into_iter().find_map(|name| account_named(&accounts, name)).ok_or_else(|| {
            DatabaseError::new(
                sqlstate::OBJECT_NOT_IN_PREREQUISITE_STATE,
                "PostgreSQL does not run as root, and this machine has neither a user postgres nor a user nobody",
            )
            .with_hint("Run as another user.")
        })
    }

    /// A command that runs as this account.
    pub(crate) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        if self.foreign {
            command.uid(self.uid).gid(self.gid);
        }
        // A folder that the account cannot enter must not be where it starts.
        command.current_dir("/");
        command
    }

    /// Makes a folder of its own: mode 0700, fails when it exists.
    pub(crate) fn make_folder(&self, folder: &Path) -> std::io::Result<()> {
        fs::DirBuilder::new().mode(0o700).create(folder)?;
        if self.foreign {
            chown(folder, Some(self.uid), Some(self.gid))?;
        }
        Ok(())
    }

    /// The first folder on the way to a path that the account may not enter.
    pub(crate) fn barrier(&self, path: &Path) -> Option<PathBuf> {
        let mut folders: Vec<&Path> = path.ancestors().collect();
        folders.reverse();
        folders
            .into_iter()
            .find(|folder| fs::metadata(folder).is_ok_and(|found| !self.may_enter(&found)))
            .map(Path::to_owned)
    }

    /// Lets the account enter a folder of ours, through its group and without reading it: what else is in the folder stays
    /// as it is.
    pub(crate) fn let_in(&self, folder: &Path) -> Result<()> {
        let found = fs::metadata(folder).map_err(|error| file_error("enter", folder, &error))?;
        if !self.foreign || self.may_enter(&found) || found.uid() != rustix::process::geteuid().as_raw() {
            return Ok(());
        }
        // Not where a group of people may enter already.
        if found.permissions().mode() & 0o070 != 0 {
            return Ok(());
        }
        let mode = found.permissions().mode() | 0o010;
        chown(folder, None, Some(self.gid))
            .and_then(|()| fs::set_permissions(folder, fs::Permissions::from_mode(mode)))
            .map_err(|error| file_error("change", folder, &error))
    }

    fn may_enter(&self, folder: &fs::Metadata) -> bool {
        let mode = folder.permissions().mode();
        let shift = if folder.uid() == self.uid {
            6
        } else if folder.gid() == self.gid {
            3
        } else {
            0
        };
        mode >> shift & 1 == 1
    }
}

fn account_named(accounts: &str, name: &str) -> Option<Account> {
    accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        if fields.next()? != name {
            return None;
        }
        let uid = fields.nth(1)?.parse().ok()?;
        let gid = fields.next()?.parse().ok()?;
        Some(Account { uid, gid, foreign: true })
    })
}

/// A Unix socket's path has 107 bytes on Linux and 103 on macOS.
const SOCKET_PATH_LIMIT: usize = 103;

/// The socket's name in its folder.
pub(crate) const SOCKET_NAME: &str = ".s.PGSQL.5432";

/// Makes a new folder for the socket, which only the account may enter, with a path that is short enough.
pub(crate) fn make_socket_folder(account: &Account) -> Result<PathBuf> {
    let runtime = std::env::var_os("XDG_RUNTIME_DIR").map(PathBuf::from);
    let candidates = [runtime, Some(std::env::temp_dir()), Some(PathBuf::from("/tmp"))];
    let mut failure = None;
    for parent in candidates.into_iter().flatten() {
        if account.barrier(&parent).is_some() {
            continue;
        }
        let folder = parent.join(format!("bedplate-{}", random_name()));
        if folder.as_os_str().len() + 1 + SOCKET_NAME.len() > SOCKET_PATH_LIMIT {
            continue;
        }
        match account.make_folder(&folder) {
            Ok(()) => return Ok(folder),
            Err(error) => failure = Some((folder, error)),
        }
    }
    Err(match failure {
        Some((folder, error)) => file_error("create", &folder, &error),
        None => DatabaseError::new(
            sqlstate::OBJECT_NOT_IN_PREREQUISITE_STATE,
            "no folder for temporary files has a path that is short enough for a socket",
        )
        .with_hint("Set TMPDIR to a short path."),
    })
}

/// A name that nobody can foresee.
pub(crate) fn random_name() -> String {
    format!("{:016x}", RandomState::new().build_hasher().finish())
}

/// What could not be done with a file.
pub(crate) fn file_error(what: &str, path: &Path, error: &std::io::Error) -> DatabaseError {
    DatabaseError::new(sqlstate::IO_ERROR, format!("could not {what} {}: {error}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::{Account, account_named};

    #[test]
    fn accounts_are_read_from_the_list() {
        let list =
            "root:x:0:0:root:/root:/bin/sh\npostgres:x:101:104:PostgreSQL,,,:/var/lib/postgresql:/bin/bash\n";
        assert_eq!(account_named(list, "postgres"), Some(Account { uid: 101, gid: 104, foreign: true }));
        assert_eq!(account_named(list, "nobody"), None);
    }
}
