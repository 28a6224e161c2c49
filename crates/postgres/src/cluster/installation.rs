//! Where PostgreSQL's programs are.

use crate::server_facts::OLDEST_MAJOR;
use database::{DatabaseError, Result};
use std::path::{Path, PathBuf};
use std::process::Command;

/// An installation of PostgreSQL's server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Installation {
    /// The folder with `postgres` and `initdb`.
    pub(crate) folder: PathBuf,
    /// The major version.
    pub(crate) major: u32,
}

impl Installation {
    pub(crate) fn program(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// What is in a folder, if both programs are and one tells its version.
    fn in_folder(folder: &Path) -> Option<Installation> {
        // A link on the path leads to the folder that holds the other programs too.
        let postgres = folder.join("postgres").canonicalize().ok()?;
        let folders = [Some(folder), postgres.parent()];
        let folder = folders.into_iter().flatten().find(|folder| folder.join("initdb").is_file())?;
        let output = Command::new(folder.join("postgres")).arg("--version").output().ok()?;
        let major = major_version(&String::from_utf8_lossy(&output.stdout))?;
        Some(Installation { folder: folder.to_owned(), major })
    }
}

/// `postgres (PostgreSQL) 15.13 (Debian …)`, `16beta2` → the major version.
fn major_version(text: &str) -> Option<u32> {
    let version =
        text.split_whitespace().find(|word| word.starts_with(|first: char| first.is_ascii_digit()))?;
    let digits = version.split(|character: char| !character.is_ascii_digit()).next()?;
    digits.parse().ok()
}

/// Finds an installation, of that major version if one is given: `BEDPLATE_PG_BIN`, the path, the usual folders (the
/// newest first).
///
/// # Errors
/// One line that names what to install.
pub(crate) fn find(major: Option<u32>) -> Result<Installation> {
    let fits = |installation: &Installation| {
        installation.major >= OLDEST_MAJOR && major.is_none_or(|major| installation.major == major)
    };
    if let Some(folder) = std::env::var_os("BEDPLATE_PG_BIN") {
        let folder = PathBuf::from(folder);
        let found = Installation::in_folder(&folder).ok_or_else(|| {
            missing(format_args!("BEDPLATE_PG_BIN is {}, which has no PostgreSQL server", folder.display()))
        })?;
        return if fits(&found) { Ok(found) } else { Err(unfit(&found, major)) };
    }
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut found: Vec<Installation> =
        std::env::split_paths(&path).filter_map(|folder| Installation::in_folder(&folder)).collect();
    let mut usual: Vec<Installation> =
        usual_folders().iter().filter_map(|folder| Installation::in_folder(folder)).collect();
    usual.sort_by_key(|installation| std::cmp::Reverse(installation.major));
    found.extend(usual);
    match found.iter().find(|installation| fits(installation)) {
        Some(installation) => Ok(installation.clone()),
        None => Err(found.first().map_or_else(
            || missing("no PostgreSQL server was found on this machine"),
            |other| unfit(other, major),
        )),
    }
}

fn unfit(found: &Installation, major: Option<u32>) -> DatabaseError {
    match major {
        Some(major) => DatabaseError::new(
            sqlstate::UNDEFINED_FILE,
            format!(
                "the cluster was made by PostgreSQL {major}, and {} has PostgreSQL {}",
                found.folder.display(),
                found.major
            ),
        )
        .with_hint(format!(
            "Install PostgreSQL {major} or set BEDPLATE_PG_BIN to the folder with its programs; to move to a newer version use pg_upgrade."
        )),
        None => missing(format_args!("{} has PostgreSQL {}, which is too old", found.folder.display(), found.major)),
    }
}

fn missing(what: impl std::fmt::Display) -> DatabaseError {
    DatabaseError::new(
        sqlstate::UNDEFINED_FILE,
        format!(
            "{what}: install PostgreSQL {OLDEST_MAJOR} or newer ({}), or set BEDPLATE_PG_BIN to the folder with its programs",
            how_to_install()
        ),
    )
}

fn how_to_install() -> &'static str {
    if cfg!(target_os = "macos") {
        "brew install postgresql@17"
    } else if Path::new("/etc/debian_version").exists() {
        "apt install postgresql"
    } else if Path::new("/etc/alpine-release").exists() {
        "apk add postgresql"
    } else if Path::new("/etc/redhat-release").exists() {
        "dnf install postgresql-server"
    } else {
        "the package is named postgresql or postgresql-server"
    }
}

/// `*` stands for any one name.
const USUAL: &[&str] = &[
    "/usr/lib/postgresql/*/bin",
    "/usr/lib/postgresql*/bin",
    "/usr/libexec/postgresql*",
    "/usr/pgsql-*/bin",
    "/usr/local/pgsql/bin",
    "/usr/local/opt/postgresql@*/bin",
    "/opt/homebrew/opt/postgresql@*/bin",
    "/opt/homebrew/bin",
    "/home/linuxbrew/.linuxbrew/opt/postgresql@*/bin",
    "/Applications/Postgres.app/Contents/Versions/*/bin",
    "/Library/PostgreSQL/*/bin",
    "/opt/local/lib/postgresql*/bin",
    "/run/current-system/sw/bin",
];

fn usual_folders() -> Vec<PathBuf> {
    USUAL.iter().flat_map(|pattern| expand(pattern)).collect()
}

fn expand(pattern: &str) -> Vec<PathBuf> {
    let mut folders = vec![PathBuf::from("/")];
    for part in pattern.split('/').filter(|part| !part.is_empty()) {
        folders = match part.split_once('*') {
            None => folders.into_iter().map(|folder| folder.join(part)).collect(),
            Some((before, after)) => folders
                .iter()
                .filter_map(|folder| folder.read_dir().ok())
                .flatten()
                .flatten()
                .filter(|entry| {
                    let name = entry.file_name();
                    let name = name.to_string_lossy();
                    name.len() >= part.len() && name.starts_with(before) && name.ends_with(after)
                })
                .map(|entry| entry.path())
                .collect(),
        };
    }
    folders
}

#[cfg(test)]
mod tests {
    use super::{expand, major_version};

    #[test]
    fn versions() {
        assert_eq!(major_version("postgres (PostgreSQL) 15.13 (Debian 15.13-0+deb12u1)"), Some(15));
        assert_eq!(major_version("postgres (PostgreSQL) 18beta1"), Some(18));
        assert_eq!(major_version("something else"), None);
    }

    #[test]
    fn a_star_stands_for_a_name() {
        assert!(expand("/us*/bin").contains(&"/usr/bin".into()));
        assert!(expand("/no such folder */x").is_empty());
    }
}
