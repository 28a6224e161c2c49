//! The rules of the tree that a reviewer would nag about.

use crate::run::{Result, cargo, output, root};
use std::collections::BTreeMap;
use std::path::Path;

/// The crates from the bottom up. A crate may depend only on crates of lower layers, so that no circle is possible.
const LAYERS: &[&[&str]] = &[
    &["sqlstate"],
    &["syntax", "datum"],
    &["catalog"],
    &["compile", "database"],
    &["mail", "fetch", "embedded", "postgres", "web", "jobs", "limits"],
    &["smtp", "outbound", "rest", "auth"],
    &["server"],
    &["testkit"],
    &["bench", "regress", "properties"],
    &["xtask"],
];

/// Dependencies that only these crates' manifests may name.
const HEAVY: &[(&str, &[&str])] = &[
    ("rusqlite", &["embedded", "bench"]),
    ("libsqlite3-sys", &["embedded"]),
    ("postgres-protocol", &["postgres"]),
    ("tokio-rustls", &["postgres", "outbound"]),
    ("jiff", &["datum", "auth"]),
    ("chrono-tz", &["datum"]),
    ("tower-http", &["server"]),
    ("toml", &["server"]),
    ("lettre", &["smtp"]),
    ("argon2", &["auth", "bench"]),
    ("bcrypt", &["auth"]),
    ("scrypt", &["auth"]),
    ("hyper-util", &["server", "outbound"]),
    ("ring", &["web"]),
    ("mimalloc", &["server"]),
    ("rsa", &["server"]),
];

/// Lines that a source file may have; tests and generated files may have more.
const FILE_LINES: usize = 900;

/// Words that must not stand in a source file, and what to write instead.
const WORDS: &[(&str, &str)] = &[
    (concat!("todo", "!("), "finish it"),
    (concat!("unimplemented", "!("), "refuse it with 0A000"),
    (concat!("FIX", "ME"), "mend it or write an issue"),
    (concat!("XX", "X:"), "mend it or write an issue"),
    (concat!("#[allow", "("), "#[expect(…, reason = …)]"),
];

/// Checks everything and reports all that is wrong.
pub(crate) fn tidy() -> Result {
    let mut wrong = Vec::new();
    dependencies(&mut wrong)?;
    let files = output(
        std::process::Command::new("git")
            .args(["ls-files", "--cached", "--others", "--exclude-standard"])
            .current_dir(root()),
    )?;
    for file in files.lines() {
        let path = root().join(file);
        if let Ok(text) = std::fs::read_to_string(&path) {
            source(Path::new(file), &text, &mut wrong);
        }
    }
    if wrong.is_empty() {
        println!("tidy: {} files", files.lines().count());
        return Ok(());
    }
    Err(format!("tidy found {}:\n  {}", wrong.len(), wrong.join("\n  ")))
}

/// The direction of dependencies, and who may name the heavy ones.
fn dependencies(wrong: &mut Vec<String>) -> Result {
    let metadata = output(cargo().args(["metadata", "--no-deps", "--format-version", "1", "--offline"]))?;
    let metadata: serde_json::Value = serde_json::from_str(&metadata).map_err(|error| error.to_string())?;
    let packages = metadata["packages"].as_array().ok_or("cargo metadata lists no packages")?;
    let layer: BTreeMap<&str, usize> = LAYERS
        .iter()
        .enumerate()
        .flat_map(|(level, names)| names.iter().map(move |name| (*name, level)))
        .collect();
    for package in packages {
        let name = package["name"].as_str().unwrap_or_default();
        let Some(level) = layer.get(name) else {
            wrong.push(format!("crate {name} has no layer in xtask/src/tidy.rs"));
            continue;
        };
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let other = dependency["name"].as_str().unwrap_or_default();
            let for_tests = dependency["kind"].as_str() == Some("dev");
            if layer.get(other).is_some_and(|other_level| other_level >= level)
                && !(for_tests && other == "testkit")
            {
                wrong.push(format!("crate {name} depends on {other}: arrows go down only"));
            }
            if HEAVY.iter().any(|(heavy, owners)| *heavy == other && !owners.contains(&name)) {
                wrong.push(format!("crate {name} names {other}, which only its owners' manifests may"));
            }
        }
    }
    Ok(())
}

/// One file's text.
fn source(file: &Path, text: &str, wrong: &mut Vec<String>) {
    let shown = file.display();
    let machine_path = concat!("/wo", "rk/");
    if text.contains(machine_path) && file.extension().is_none_or(|extension| extension != "lock") {
        wrong.push(format!("{shown}: a path of one machine"));
    }
    if file.extension().is_none_or(|extension| extension != "rs") {
        return;
    }
    let is_test = file.components().any(|part| part.as_os_str() == "tests")
        || file.file_stem().is_some_and(|stem| stem.to_string_lossy().contains("tests"));
    let is_table = ["syntax/src/ast.rs", "syntax/src/lexer/keywords.rs", "sqlstate/src/codes.rs"]
        .iter()
        .any(|table| file.ends_with(table));
    let lines = text.lines().count();
    if lines > FILE_LINES && !is_test && !is_table {
        wrong.push(format!("{shown}: {lines} lines, at most {FILE_LINES}: split it by theme"));
    }
    if !is_test && !text.starts_with("//!") && !text.starts_with("#!") {
        wrong.push(format!("{shown}: does not open with what it is (//!)"));
    }
    for (word, instead) in WORDS {
        if text.contains(word) && !file.ends_with("xtask/src/tidy.rs") {
            wrong.push(format!("{shown}: {word:?}: {instead}"));
        }
    }
}

/// All packages' manifests exist where the layers say (used by the test).
#[cfg(test)]
fn manifests() -> Vec<std::path::PathBuf> {
    let folders = LAYERS.iter().flat_map(|names| names.iter());
    folders
        .map(|name| {
            if matches!(*name, "xtask" | "bench") {
                root().join(name)
            } else {
                root().join("crates").join(name)
            }
        })
        .map(|folder| folder.join("Cargo.toml"))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_is_tidy() {
        if let Err(error) = tidy() {
            panic!("{error}");
        }
    }

    #[test]
    fn every_layer_names_a_crate() {
        for manifest in manifests() {
            assert!(manifest.is_file(), "{} is missing", manifest.display());
        }
    }

    #[test]
    fn a_long_file_a_machine_path_and_a_banned_word_are_seen() {
        let mut wrong = Vec::new();
        source(Path::new("crates/x/src/long.rs"), &"//! x\n".repeat(FILE_LINES + 1), &mut wrong);
        source(Path::new("crates/x/src/a.rs"), &format!("//! x\n{}(", concat!("todo", "!")), &mut wrong);
        source(Path::new("README.md"), concat!("see /wo", "rk/x"), &mut wrong);
        source(Path::new("crates/x/src/b.rs"), "fn main() {}", &mut wrong);
        assert_eq!(wrong.len(), 4, "{wrong:?}");
    }
}
