//! A project: a folder in the Supabase CLI's layout. DIR itself, or its `supabase/` folder.

use std::io;
use std::path::{Path, PathBuf};

/// A project's folders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Project {
    /// DIR, as it was given.
    pub root: PathBuf,
    /// The folder that holds `config.toml`, `migrations/` and `seed.sql`.
    pub folder: PathBuf,
}

/// A migration's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MigrationFile {
    /// The digits before the first `_`.
    pub version: String,
    /// What comes between that and `.sql`.
    pub name: String,
    /// The file.
    pub path: PathBuf,
}

impl Project {
    /// The project of a folder. One that has nothing is an empty project.
    pub fn find(root: &Path) -> Project {
        let inner = root.join("supabase");
        let has_project = |folder: &Path| {
            ["config.toml", "migrations", "seed.sql"].iter().any(|name| folder.join(name).exists())
        };
        let folder = if !has_project(root) && has_project(&inner) { inner } else { root.to_owned() };
        Project { root: root.to_owned(), folder }
    }

    /// The project's `config.toml`, if it has one.
    pub fn configuration_file(&self) -> Option<PathBuf> {
        let path = self.folder.join("config.toml");
        path.is_file().then_some(path)
    }

    /// Where data is kept unless `--data` says otherwise.
    pub fn data_folder(&self) -> PathBuf {
        self.root.join(".bedplate")
    }

    /// The folder of migrations.
    pub fn migrations_folder(&self) -> PathBuf {
        self.folder.join("migrations")
    }

    /// A path as it is shown: from the project's root where it lies in it.
    pub fn shown(&self, path: &Path) -> String {
        path.strip_prefix(&self.root).unwrap_or(path).display().to_string()
    }

    /// The migrations in their order, and the names of files in their folder that are none.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn migrations(&self) -> io::Result<(Vec<MigrationFile>, Vec<String>)> {
        let (mut files, mut others) = (Vec::new(), Vec::new());
        let entries = match std::fs::read_dir(self.migrations_folder()) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok((files, others)),
            Err(error) => return Err(error),
        };
        for entry in entries {
            let path = entry?.path();
            let file_name =
                path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            match migration_name(&file_name) {
                Some((version, name)) if path.is_file() => {
                    files.push(MigrationFile { version: version.into(), name: name.into(), path });
                }
                _ if file_name.starts_with('.') => {}
                _ => others.push(file_name),
            }
        }
        files.sort_by(|a, b| (&a.version, &a.name).cmp(&(&b.version, &b.name)));
        others.sort();
        Ok((files, others))
    }

    /// The seed files that the patterns name, each once, in the order of the patterns.
    ///
    /// # Errors
    /// When a folder cannot be read.
    pub fn seeds(&self, patterns: &[String]) -> io::Result<Vec<PathBuf>> {
        let mut files = Vec::new();
        for pattern in patterns {
            for path in expand(&self.folder, Path::new(pattern))? {
                if path.is_file() && !files.contains(&path) {
                    files.push(path);
                }
            }
        }
        Ok(files)
    }
}

/// `20250101120000_notes.sql` → its version and name.
fn migration_name(file_name: &str) -> Option<(&str, &str)> {
    let (version, name) = file_name.strip_suffix(".sql")?.split_once('_')?;
    (!version.is_empty() && version.bytes().all(|byte| byte.is_ascii_digit())).then_some((version, name))
}

/// The paths that a pattern stands for, sorted within each folder.
fn expand(base: &Path, pattern: &Path) -> io::Result<Vec<PathBuf>> {
    let mut found = vec![base.to_owned()];
    for part in pattern.components() {
        let text = part.as_os_str().to_string_lossy();
        if text == "." {
            continue;
        }
        if !text.contains(['*', '?']) {
            found.iter_mut().for_each(|path| path.push(part));
            continue;
        }
        let mut next = Vec::new();
        for folder in found.iter().filter(|path| path.is_dir()) {
            let mut names: Vec<_> = std::fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
            names.sort_by_key(std::fs::DirEntry::file_name);
            let matching = names.iter().filter(|entry| fits(&text, &entry.file_name().to_string_lossy()));
            next.extend(matching.map(std::fs::DirEntry::path));
        }
        found = next;
    }
    Ok(found)
}

/// Whether a file's name fits a pattern of `*` and `?`.
fn fits(pattern: &str, name: &str) -> bool {
    let (pattern, name): (Vec<char>, Vec<char>) = (pattern.chars().collect(), name.chars().collect());
    let (mut p, mut n, mut retry) = (0, 0, None);
    while n < name.len() {
        match pattern.get(p) {
            Some('*') => {
                retry = Some((p, n));
                p += 1;
            }
            Some(&c) if c == '?' || c == name[n] => {
                p += 1;
                n += 1;
            }
            _ => match retry {
                Some((star, from)) => {
                    p = star + 1;
                    n = from + 1;
                    retry = Some((star, from + 1));
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|&c| c == '*')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_migration_begins_with_digits() {
        assert_eq!(migration_name("20250101120000_notes.sql"), Some(("20250101120000", "notes")));
        assert_eq!(migration_name("1_a_b.sql"), Some(("1", "a_b")));
        for name in ["notes.sql", "_notes.sql", "2025.sql", "2025_notes.txt", "v1_notes.sql"] {
            assert_eq!(migration_name(name), None, "{name}");
        }
    }

    #[test]
    fn patterns_fit_whole_names() {
        for (pattern, name) in
            [("*.sql", "a.sql"), ("seed*", "seed"), ("a?c", "abc"), ("*a*b*", "xxaxxbxx"), ("**", "")]
        {
            assert!(fits(pattern, name), "{pattern} {name}");
        }
        for (pattern, name) in [("*.sql", "a.sqlx"), ("a?c", "ac"), ("*ab", "aba"), ("", "a")] {
            assert!(!fits(pattern, name), "{pattern} {name}");
        }
    }
}
