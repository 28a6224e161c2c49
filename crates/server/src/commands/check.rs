//! `bedplate check`

use super::{print, read};
use crate::check::{self, Finding, Totals, Verdict};
use crate::project::Project;
use crate::serve::Failure;
use std::io;
use std::path::Path;
use std::process::ExitCode;

pub(super) async fn check(dir: &Path, json: bool) -> Result<ExitCode, Failure> {
    if !dir.is_dir() {
        return Err(format!("{} is no folder", dir.display()).into());
    }
    let project = Project::find(dir);
    let configuration = read(&project, Vec::new())?;
    let mut printed: io::Result<()> = Ok(());
    let totals = check::check(&project, &configuration.settings, |finding| {
        let text = if json { format!("{}\n", finding.json()) } else { readable(finding) };
        if printed.is_ok() && !text.is_empty() {
            printed = print(&text);
        }
    })
    .await?;
    printed?;
    print(&ending(&totals, json))?;
    Ok(if totals.refused > 0 { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// With `--json` the last line on standard output is the totals; the last words go where people look.
fn ending(totals: &Totals, json: bool) -> String {
    if json { format!("{}\n", totals.json()) } else { format!("{}\n", totals.last_words()) }
}

/// What a person should know of a finding; nothing when all is well.
fn readable(finding: &Finding) -> String {
    let Finding { file, line, statement, verdict } = finding;
    let shown = summary(statement);
    match verdict {
        Verdict::Ok => String::new(),
        Verdict::NoEffect(why) => format!("{file}:{line}: no effect: {shown}\n    {why}\n"),
        Verdict::Refused(error) => {
            let hint = error.fields().hint.as_ref().map(|hint| format!("\n    {hint}")).unwrap_or_default();
            format!("{file}:{line}: refused: {shown}\n    {}: {}{hint}\n", error.code(), error.message())
        }
    }
}

/// A statement's beginning on one line.
fn summary(statement: &str) -> String {
    let compact = statement.split_whitespace().collect::<Vec<_>>().join(" ");
    match compact.char_indices().nth(90) {
        Some((end, _)) => format!("{} …", &compact[..end]),
        None => compact,
    }
}
