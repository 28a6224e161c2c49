//! The history of migrations: our own lines, and the Supabase CLI's.

use crate::operator::Operate;
use crate::script::ScriptStatement;
use data_encoding::HEXLOWER;
use database::{DatabaseError, ResultSet, Statement, Value, Work};
use sha2::{Digest as _, Sha256};

/// A migration that was applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applied {
    /// Its version.
    pub version: String,
    /// Its name.
    pub name: String,
    /// Its file's checksum; the Supabase CLI keeps none.
    pub checksum: Option<String>,
    /// When.
    pub applied_at: Option<String>,
}

/// A file's checksum: SHA-256 in hexadecimal. Line ends count as one, whichever way a repository writes them.
pub fn checksum(text: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(text.replace("\r\n", "\n")))
}

/// What was applied, by us or by the Supabase CLI.
///
/// # Errors
/// When the tables cannot be read.
pub async fn applied(operator: &dyn Operate) -> Result<Vec<Applied>, DatabaseError> {
    let ours = "select version, name, checksum, applied_at from bedplate.migrations order by version";
    let theirs = "select version, name from supabase_migrations.schema_migrations order by version";
    let work = Work::all([Statement::new(ours), Statement::new(theirs)]);
    let outcomes = operator.run_as_operator(work).await?;
    let rows = |index: usize| outcomes.get(index).map_or(&[][..], |outcome| rows(&outcome.result));
    let text = |row: &[Value], column: usize| row.get(column).and_then(Value::as_str).map(str::to_owned);
    let mut applied: Vec<Applied> = Vec::new();
    for row in rows(0) {
        applied.push(Applied {
            version: text(row, 0).unwrap_or_default(),
            name: text(row, 1).unwrap_or_default(),
            checksum: text(row, 2),
            applied_at: text(row, 3),
        });
    }
    for row in rows(1) {
        let version = text(row, 0).unwrap_or_default();
        if !applied.iter().any(|line| line.version == version) {
            let name = text(row, 1).unwrap_or_default();
            applied.push(Applied {
                version,
                name,
                checksum: None,
                applied_at: Some("by the Supabase CLI".into()),
            });
        }
    }
    applied.sort_by(|a, b| a.version.cmp(&b.version));
    Ok(applied)
}

fn rows(result: &ResultSet) -> &[Vec<Value>] {
    &result.rows
}

/// The statements that write a migration's lines.
pub(super) fn record(
    version: &str,
    name: &str,
    text: &str,
    statements: &[ScriptStatement],
) -> Vec<Statement> {
    let texts: Vec<&str> = statements.iter().map(|statement| statement.text.as_str()).collect();
    vec![
        Statement::with(
            "insert into bedplate.migrations (version, name, checksum) values ($1, $2, $3)",
            [Value::from(version), Value::from(name), Value::from(checksum(text))],
        ),
        Statement::with(
            "insert into supabase_migrations.schema_migrations (version, name, statements) values ($1, $2, $3) \
             on conflict (version) do nothing",
            [Value::from(version), Value::from(name), Value::from(array_literal(&texts))],
        ),
    ]
}

/// Whether the database was seeded, or had data of its own when we first saw it.
pub(super) async fn is_seeded(operator: &dyn Operate) -> Result<bool, DatabaseError> {
    let outcomes =
        operator.run_as_operator(Work::one(Statement::new("select only_row from bedplate.seeded"))).await?;
    Ok(outcomes.first().is_some_and(|outcome| !outcome.result.rows.is_empty()))
}

/// The statement that says so; it fails where another said so first.
pub(super) fn record_seed() -> Statement {
    Statement::new("insert into bedplate.seeded (only_row) values (true)")
}

/// Texts as an array's input form.
fn array_literal(texts: &[&str]) -> String {
    let quoted = texts.iter().map(|text| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")));
    format!("{{{}}}", quoted.collect::<Vec<_>>().join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checksum_does_not_see_line_ends() {
        assert_eq!(checksum("a\r\nb\n"), checksum("a\nb\n"));
        assert_ne!(checksum("a\nb"), checksum("a\nb\n"));
        assert_eq!(checksum(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }

    #[test]
    fn texts_become_an_array() {
        assert_eq!(array_literal(&[]), "{}");
        assert_eq!(array_literal(&["a", "say \"x\\y\""]), r#"{"a","say \"x\\y\""}"#);
    }
}
