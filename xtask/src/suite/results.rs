//! What a suite's runner reported, judged by the list of what is excluded.

#[cfg(test)]
mod tests;

use crate::run::Result;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// How a test ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    Passed,
    Failed,
    Skipped,
}

/// Every test of a run with its full name: the file, then its own.
#[derive(Debug, Default)]
pub(super) struct Results {
    tests: BTreeMap<String, Ended>,
}

impl Results {
    /// Reads jest's report.
    pub(super) fn of_jest(_printed: &str, report: &Path) -> Result<Results> {
        let text = fs::read_to_string(report).map_err(|error| format!("jest wrote no report: {error}"))?;
        let report: serde_json::Value = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        let mut tests = BTreeMap::new();
        for file in report["testResults"].as_array().into_iter().flatten() {
            let path = file["name"].as_str().unwrap_or_default();
            let short = path.rsplit_once("/test/").map_or(path, |(_, short)| short);
            let assertions = file["assertionResults"].as_array().map_or(&[][..], Vec::as_slice);
            if assertions.is_empty() {
                let message = file["message"].as_str().unwrap_or_default();
                return Err(format!("{short} did not run: {message}"));
            }
            for test in assertions {
                let ended = match test["status"].as_str() {
                    Some("passed") => Ended::Passed,
                    Some("failed") => Ended::Failed,
                    _ => Ended::Skipped,
                };
                let name = format!("{short} {}", test["fullName"].as_str().unwrap_or_default());
                put(&mut tests, name, ended);
            }
        }
        Results::some(tests)
    }

    /// Reads the summary that pytest prints with `-rA`.
    pub(super) fn of_pytest(printed: &str, _report: &Path) -> Result<Results> {
        let mut tests = BTreeMap::new();
        for line in printed.lines() {
            let Some((word, rest)) = line.split_once(' ') else { continue };
            let ended = match word {
                "PASSED" => Ended::Passed,
                "FAILED" | "ERROR" => Ended::Failed,
                "SKIPPED" => Ended::Skipped,
                _ => continue,
            };
            let name = rest.split(" - ").next().unwrap_or(rest).trim();
            if name.contains("::") || ended == Ended::Skipped {
                put(&mut tests, name.trim_start_matches("tests/").to_owned(), ended);
            } else if word == "ERROR" {
                return Err(format!("pytest: {line}"));
            }
        }
        Results::some(tests)
    }

    fn some(tests: BTreeMap<String, Ended>) -> Result<Results> {
        if tests.is_empty() { Err("no test ran".into()) } else { Ok(Results { tests }) }
    }

    fn with(&self, ended: Ended) -> impl Iterator<Item = &str> {
        self.tests.iter().filter(move |(_, how)| **how == ended).map(|(name, _)| name.as_str())
    }

    /// Prints what failed, for a run without a server: these are the tests that need one.
    pub(super) fn list_failures(&self) {
        for name in self.with(Ended::Failed) {
            println!("needs a server: {name}");
        }
        println!("{} of {} tests need a server", self.with(Ended::Failed).count(), self.tests.len());
    }

    /// Prints the counts and every failure; whether all is as it must be: nothing fails but what a feature excludes, and
    /// no line of the list is idle.
    pub(super) fn judge(&self, suite: &str, engine: &str, excluded: &Excluded) -> bool {
        let mut by_feature: BTreeMap<&str, (Vec<&str>, usize)> = BTreeMap::new();
        let mut unexpected = Vec::new();
        for (name, ended) in &self.tests {
            match (excluded.feature_of(name), ended) {
                (Some(feature), Ended::Failed) => by_feature.entry(feature).or_default().0.push(name),
                (Some(feature), Ended::Passed) => by_feature.entry(feature).or_default().1 += 1,
                (None, Ended::Failed) => unexpected.push(name.as_str()),
                (None, Ended::Passed) | (_, Ended::Skipped) => {}
            }
        }
        println!(
            "\n{suite} on {engine}: {} tests, {} pass, {} fail, {} skipped by the suite itself",
            self.tests.len(),
            self.with(Ended::Passed).count(),
            self.with(Ended::Failed).count(),
            self.with(Ended::Skipped).count(),
        );
        for (feature, (failing, passing)) in &by_feature {
            println!("  excluded, {feature}: {} fail, {passing} pass", failing.len());
            for name in failing {
                println!("    {name}");
            }
        }
        for name in &unexpected {
            println!("  FAILS: {name}");
        }
        let idle: Vec<&str> = excluded.idle(self.tests.keys().map(String::as_str)).collect();
        for pattern in &idle {
            println!("  no test has the excluded name {pattern:?}");
        }
        unexpected.is_empty() && idle.is_empty()
    }
}

/// Keeps every test of a name that stands for several (`test.each`).
fn put(tests: &mut BTreeMap<String, Ended>, name: String, ended: Ended) {
    let mut name = name;
    while tests.contains_key(&name) {
        name.push_str(" (again)");
    }
    tests.insert(name, ended);
}

/// Tests that touch features which are not built yet.
#[derive(Debug, Default)]
pub(super) struct Excluded {
    /// Feature and part of a test's full name.
    entries: Vec<(String, String)>,
}

impl Excluded {
    /// Reads a list: `feature: part of a test's name` on each line, with `$` behind it for its end, and behind the feature
    /// `(sqlite)` or `(postgres)` for one engine alone; `#` opens a comment.
    pub(super) fn read(path: &Path, engine: &str) -> Result<Excluded> {
        let text = fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))?;
        Excluded::of(&text, engine).map_err(|error| format!("{}: {error}", path.display()))
    }

    fn of(text: &str, engine: &str) -> Result<Excluded> {
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let entries = lines.map(|line| {
            let (feature, part) = line.split_once(": ").ok_or_else(|| format!("no feature in {line:?}"))?;
            Ok((feature.trim().to_owned(), part.trim().to_owned()))
        });
        let mut entries: Vec<(String, String)> = entries.collect::<Result<_>>()?;
        entries.retain(|(feature, _)| {
            let other = if engine == "sqlite" { "(postgres)" } else { "(sqlite)" };
            !feature.ends_with(other)
        });
        Ok(Excluded { entries })
    }

    fn feature_of(&self, name: &str) -> Option<&str> {
        self.entries.iter().find(|(_, part)| is_in(part, name)).map(|(feature, _)| feature.as_str())
    }

    /// Entries that no test has.
    fn idle<'a>(&'a self, names: impl Iterator<Item = &'a str>) -> impl Iterator<Item = &'a str> {
        let names: Vec<&str> = names.collect();
        self.entries
            .iter()
            .map(|(_, part)| part.as_str())
            .filter(move |part| !names.iter().any(|name| is_in(part, name)))
    }
}

/// Whether a name has the part; with `$` behind it, at its end.
fn is_in(part: &str, name: &str) -> bool {
    part.strip_suffix('$').map_or_else(|| name.contains(part), |end| name.ends_with(end))
}
