//! What the embedded engine makes of each kind of statement and clause: the one table behind docs/reference/embedded.md and the
//! kinds that `bedplate check` names.
//!
//! Every row has a statement that shows it; a test runs them all in order, as `bedplate check` does, and compares what became of
//! each with its standing.

mod refusals;
mod rows;
#[cfg(test)]
mod tests;

pub use refusals::{REFUSALS, Refusals};
pub use rows::{SUPPORT, Support};

use std::fmt::Write;
use syntax::ast::{Publication, Statement};

/// How a kind of statement or clause stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It runs.
    Runs,
    /// It is accepted and changes no answer.
    WithoutEffect,
    /// It is refused with 0A000.
    Refused,
}

/// The kind of a statement, as the page and `check` name it.
pub fn kind(statement: &Statement) -> &str {
    match statement {
        Statement::Select(_) => "SELECT",
        Statement::Insert(_) => "INSERT",
        Statement::Update(_) => "UPDATE",
        Statement::Delete(_) => "DELETE",
        Statement::Merge(_) => "MERGE",
        Statement::Explain { .. } => "EXPLAIN",
        Statement::CreateTable(_) => "CREATE TABLE",
        Statement::CreateTableAs { materialized: false, .. } => "CREATE TABLE AS",
        Statement::CreateTableAs { materialized: true, .. } => "CREATE MATERIALIZED VIEW",
        Statement::RefreshMaterializedView { .. } => "REFRESH MATERIALIZED VIEW",
        Statement::AlterTable(_) => "ALTER TABLE",
        Statement::Rename(_) => "RENAME",
        Statement::SetSchema { .. } => "SET SCHEMA",
        Statement::OwnerTo { .. } => "OWNER TO",
        Statement::CreateIndex(_) => "CREATE INDEX",
        Statement::CreateView(_) => "CREATE VIEW",
        Statement::CreateSequence { .. } => "CREATE SEQUENCE",
        Statement::AlterSequence { .. } => "ALTER SEQUENCE",
        Statement::CreateEnum { .. } | Statement::CreateComposite { .. } => "CREATE TYPE",
        Statement::AlterEnumAdd { .. } | Statement::AlterEnumRename { .. } => "ALTER TYPE",
        Statement::CreateDomain { .. } => "CREATE DOMAIN",
        Statement::AlterDomain { .. } => "ALTER DOMAIN",
        Statement::CreateSchema { .. } => "CREATE SCHEMA",
        Statement::CreateExtension { .. } => "CREATE EXTENSION",
        Statement::CreateFunction(_) => "CREATE FUNCTION",
        Statement::AlterFunction { .. } => "ALTER FUNCTION",
        Statement::CreateTrigger(_) => "CREATE TRIGGER",
        Statement::CreatePolicy(_) => "CREATE POLICY",
        Statement::AlterPolicy { .. } => "ALTER POLICY",
        Statement::CreateRole { .. } => "CREATE ROLE",
        Statement::AlterRole { .. } | Statement::AlterRoleSet { .. } => "ALTER ROLE",
        Statement::AlterDatabaseSet { .. } => "ALTER DATABASE",
        Statement::Grant(_) | Statement::GrantRole { .. } => "GRANT",
        Statement::AlterDefaultPrivileges { .. } => "ALTER DEFAULT PRIVILEGES",
        Statement::Comment { .. } => "COMMENT",
        Statement::Drop(_) => "DROP",
        Statement::DropOwned { .. } => "DROP OWNED",
        Statement::ReassignOwned { .. } => "REASSIGN OWNED",
        Statement::Truncate { .. } => "TRUNCATE",
        Statement::Publication(Publication::Create { .. }) => "CREATE PUBLICATION",
        Statement::Publication(_) => "ALTER PUBLICATION",
        Statement::Do { .. } => "DO",
        Statement::Set(_) => "SET",
        Statement::Show(_) => "SHOW",
        Statement::Transaction(_) => "BEGIN",
        Statement::SetConstraints { .. } => "SET CONSTRAINTS",
        Statement::Lock { .. } => "LOCK",
        Statement::Maintenance { verb, .. } => verb,
        Statement::Notify { .. } => "NOTIFY",
        Statement::Listen { .. } => "LISTEN",
        Statement::Copy(_) => "COPY",
        Statement::Call(_) => "CALL",
        Statement::Session(_) => "PREPARE",
        Statement::Unsupported { what, .. } => what,
    }
}

/// The words of [`REFUSALS`] that a refusal's message says, and their area; those with the most letters of their own where several do.
pub fn refusal(message: &str) -> Option<(&'static str, &'static str)> {
    let said = message.strip_suffix(" is not supported by the embedded engine")?;
    let rows = REFUSALS.iter().flat_map(|row| row.words.iter().map(|words| (row.area, *words)));
    rows.filter(|(_, words)| says(words, said)).max_by_key(|(_, words)| words.replace('…', "").len())
}

/// Whether a text is these words, with something for each `…`.
fn says(words: &str, text: &str) -> bool {
    let mut parts = words.split('…');
    let Some(mut rest) = text.strip_prefix(parts.next().unwrap_or_default()) else { return false };
    let parts: Vec<&str> = parts.collect();
    let Some((last, between)) = parts.split_last() else { return rest.is_empty() };
    for part in between {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// The page.
pub fn page() -> String {
    let mut page = String::from(
        "# What runs embedded\n\n\
         Made from the table that `bedplate check` uses; a test runs every example. What the embedded engine does not\n\
         run it refuses with SQLSTATE 0A000 before anything is changed, and it runs with `--engine postgres`. `bedplate check DIR` says it\n\
         of each statement of a project, with file and line.\n",
    );
    let mut area = "";
    for row in SUPPORT {
        if row.area != area {
            area = row.area;
            let _ = write!(page, "\n## {area}\n\n| | | example |\n|---|---|---|\n");
        }
        let standing = match row.standing {
            Standing::Runs => "runs",
            Standing::WithoutEffect => "accepted without effect",
            Standing::Refused => "refused",
        };
        let note = if row.note.is_empty() { String::new() } else { format!(": {}", row.note) };
        let _ = writeln!(page, "| {} | {standing}{note} | `{}` |", row.name, row.example.replace('|', "\\|"));
    }
    page.push_str(
        "\n## Refusals by their words\n\n\
         What a refusal's message names before \"is not supported by the embedded engine\", within statements that run otherwise; `…`\n\
         stands for a name or a number. A test compares this list with the sources.\n",
    );
    for Refusals { area, words } in REFUSALS {
        let _ = write!(page, "\n### {area}\n\n");
        for words in *words {
            let _ = writeln!(page, "- {words}");
        }
    }
    page
}
