//! `bedplate check`: what the embedded engine makes of each statement of a project, found by running it on a database that
//! is thrown away.

use crate::configuration::Settings;
use crate::open;
use crate::project::Project;
use crate::script::{self, ScriptStatement};
use database::{Database, DatabaseError, Session, Statement, SystemPrivilege, Work};
use serde_json::{Value, json};
use std::io;
use std::path::PathBuf;

/// What became of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It ran.
    Ok,
    /// It was accepted and changes no answer: why.
    NoEffect(String),
    /// It was refused.
    Refused(DatabaseError),
}

/// A statement and what became of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The file, from the project's root.
    pub file: String,
    /// The line on which the statement begins.
    pub line: u32,
    /// Its text.
    pub statement: String,
    /// What became of it.
    pub verdict: Verdict,
}

/// Counts of findings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Statements.
    pub statements: usize,
    /// Those that ran.
    pub ok: usize,
    /// Those without effect.
    pub no_effect: usize,
    /// Those refused.
    pub refused: usize,
    /// Of the refused, those that PostgreSQL has and the embedded engine has not (0A000).
    pub unsupported: usize,
}

impl Totals {
    /// The totals of findings.
    pub fn of(findings: &[Finding]) -> Totals {
        let mut totals = Totals { statements: findings.len(), ..Totals::default() };
        for finding in findings {
            match &finding.verdict {
                Verdict::Ok => totals.ok += 1,
                Verdict::NoEffect(_) => totals.no_effect += 1,
                Verdict::Refused(error) => {
                    totals.refused += 1;
                    totals.unsupported += usize::from(error.code() == sqlstate::FEATURE_NOT_SUPPORTED);
                }
            }
        }
        totals
    }

    /// The totals as the last line of `--json`.
    pub fn json(&self) -> Value {
        let Totals { statements, ok, no_effect, refused, unsupported } = self;
        json!({"totals": {"statements": statements, "ok": ok, "no_effect": no_effect, "refused": refused,
            "unsupported": unsupported}})
    }

    /// The last words: what to do when something was refused.
    pub fn last_words(&self) -> String {
        let Totals { statements, ok, no_effect, refused, .. } = self;
        let counts =
            format!("{statements} statements: {ok} ok, {no_effect} without effect, {refused} refused.");
        match refused {
            0 => format!("{counts} The embedded engine runs this project."),
            1 => format!("{counts}\n1 statement needs PostgreSQL: bedplate serve --engine postgres runs it."),
            _ => format!(
                "{counts}\n{refused} statements need PostgreSQL: bedplate serve --engine postgres runs them."
            ),
        }
    }
}

impl Finding {
    /// The finding as a line of `--json`.
    pub fn json(&self) -> Value {
        let Finding { file, line, statement, verdict } = self;
        let (status, sqlstate, message, hint) = match verdict {
            Verdict::Ok => ("ok", None, None, None),
            Verdict::NoEffect(why) => ("no_effect", None, Some(why.clone()), None),
            Verdict::Refused(error) => (
                "refused",
                Some(error.code().as_str().to_owned()),
                Some(error.message().to_owned()),
                error.fields().hint.clone(),
            ),
        };
        // As docs/reference/embedded.md calls it.
        let parsed = syntax::parse_statement(statement).ok();
        let kind = parsed.as_ref().map(embedded::support::kind);
        let refusal = message.as_deref().and_then(embedded::support::refusal).map(|(_, words)| words);
        json!({"file": file, "line": line, "statement": statement, "kind": kind, "status": status,
            "sqlstate": sqlstate, "message": message, "hint": hint, "refusal": refusal})
    }
}

/// Checks the project's migrations, then its seed, and gives each finding to `found` as it comes.
///
/// # Errors
/// When a file cannot be read or there is no database to throw away.
pub async fn check(
    project: &Project,
    settings: &Settings,
    mut found: impl FnMut(&Finding),
) -> Result<Totals, CheckError> {
    let database = open::throw_away().await.map_err(CheckError::Database)?;
    let totals = check_on(&*database, project, settings, &mut found).await;
    // What is thrown away need not be closed well.
    let _ = database.close().await;
    totals
}

/// As [`check`], on a database that stays as the project leaves it.
///
/// # Errors
/// When a file cannot be read.
pub async fn check_on(
    database: &dyn Database,
    project: &Project,
    settings: &Settings,
    mut found: impl FnMut(&Finding),
) -> Result<Totals, CheckError> {
    let session = Session::operator(SystemPrivilege::i_am_the_operator());
    let (migrations, _) =
        project.migrations().map_err(|error| CheckError::Unreadable(project.migrations_folder(), error))?;
    let mut files: Vec<PathBuf> = migrations.into_iter().map(|migration| migration.path).collect();
    if settings.seed_enabled {
        let seeds = project.seeds(&settings.seed_sql_paths);
        files.extend(seeds.map_err(|error| CheckError::Unreadable(project.folder.clone(), error))?);
    }
    let mut findings = Vec::new();
    for path in files {
        let text =
            std::fs::read_to_string(&path).map_err(|error| CheckError::Unreadable(path.clone(), error))?;
        let file = project.shown(&path);
        let statements = match script::split(&text) {
            Ok(statements) => statements,
            Err(error) => {
                let line =
                    error.fields().position.map_or(1, |position| script::line_and_column(&text, position).0);
                let verdict = Verdict::Refused(error);
                record(Finding { file, line, statement: text, verdict }, &mut findings, &mut found);
                continue;
            }
        };
        // Settings of a file hold to its end, though each statement here is a transaction of its own.
        let mut settings: Vec<Statement> = Vec::new();
        for statement in statements {
            let verdict = run(&statement, &mut settings, database, &session).await;
            let ScriptStatement { text, line, .. } = statement;
            record(Finding { file: file.clone(), line, statement: text, verdict }, &mut findings, &mut found);
        }
    }
    Ok(Totals::of(&findings))
}

/// Runs one statement after the settings of its file, to which it is added when it is one.
async fn run(
    statement: &ScriptStatement,
    settings: &mut Vec<Statement>,
    database: &dyn Database,
    session: &Session,
) -> Verdict {
    if script::control(&statement.text).is_some() {
        return Verdict::Ok;
    }
    let text = statement.to_statement();
    let work = Work::all(settings.iter().cloned().chain([text.clone()]));
    match database.run(session, work).await {
        Ok(outcomes) => {
            if script::is_setting(&statement.text) {
                settings.push(text);
            }
            let why = outcomes.into_iter().last().and_then(|outcome| outcome.no_effect);
            why.map_or(Verdict::Ok, Verdict::NoEffect)
        }
        Err(error) => Verdict::Refused(error),
    }
}

fn record(finding: Finding, findings: &mut Vec<Finding>, found: &mut impl FnMut(&Finding)) {
    found(&finding);
    findings.push(finding);
}

/// Why a project could not be checked at all.
#[derive(Debug)]
pub enum CheckError {
    /// A file cannot be read.
    Unreadable(PathBuf, io::Error),
    /// No database could be made.
    Database(DatabaseError),
}

impl std::fmt::Display for CheckError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            CheckError::Unreadable(path, error) => write!(f, "{}: {error}", path.display()),
            CheckError::Database(error) => error.fmt(f),
        }
    }
}

impl std::error::Error for CheckError {}
