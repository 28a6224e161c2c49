//! Conformance scripts: SQL that is run on an engine and printed in a form that two engines can be compared by.
//!
//! A script is a `.sql` file in `conformance/`. A comment line that begins with `-- as ` changes who asks for the
//! statements behind it:
//!
//! ```sql
//! -- as anon
//! -- as authenticated {"sub": "00000000-0000-0000-0000-00000000000a", "role": "authenticated"}
//! -- as postgres
//! ```
//!
//! Each statement is a transaction of its own, unless `BEGIN` … `COMMIT` groups several. What PostgreSQL answered stands
//! beside the script in a `.out` file, recorded by `cargo xtask record`, never written by hand.

use database::{
    Database, DatabaseError, Outcome, Session, Statement, SystemPrivilege, TransactionControl, Value, Work,
};
use std::fmt::Write;

/// Runs a script and prints every answer.
pub async fn transcript(database: &dyn Database, script: &str) -> Result<String, DatabaseError> {
    let mut out = String::new();
    let mut session = operator();
    let mut line_of_session = 0;
    let mut group: Option<Vec<Statement>> = None;
    for piece in syntax::split_script(script)? {
        let before = script.get(line_of_session..piece.offset).unwrap_or_default();
        if let Some(asker) = before.lines().rev().find_map(|line| line.strip_prefix("-- as ")) {
            session = session_of(asker.trim());
        }
        line_of_session = piece.offset + piece.text.len();
        let _ = writeln!(out, "# {}: {}", piece.line, first_words(piece.text));
        let word = piece.text.split_whitespace().next().unwrap_or_default().to_ascii_lowercase();
        match (&mut group, word.as_str()) {
            (None, "begin") => group = Some(Vec::new()),
            (Some(_), "commit" | "end") => {
                let statements = group.take().unwrap_or_default();
                let count = statements.len();
                print_work(&mut out, database, &session, statements).await;
                let _ = writeln!(out, "(transaction of {count})");
            }
            (Some(statements), _) => statements.push(statement(&piece)),
            (None, _) => print_work(&mut out, database, &session, vec![statement(&piece)]).await,
        }
    }
    Ok(out)
}

fn statement(piece: &syntax::StatementText<'_>) -> Statement {
    Statement::new(piece.text).with_rows(piece.copy_data)
}

fn operator() -> Session {
    Session::operator(SystemPrivilege::i_am_the_operator())
}

/// Who asks, from what stands behind `-- as `: `role {claims}`.
pub fn session_of(asker: &str) -> Session {
    let (role, claims) = asker.split_once(' ').unwrap_or((asker, ""));
    let session = if role == "postgres" { operator() } else { Session::new(role) };
    if claims.trim().is_empty() { session } else { session.with_setting("request.jwt.claims", claims.trim()) }
}

fn first_words(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    line.chars().take(100).collect()
}

async fn print_work(
    out: &mut String,
    database: &dyn Database,
    session: &Session,
    statements: Vec<Statement>,
) {
    let work = Work { statements, transaction_control: TransactionControl::Refused, ..Work::default() };
    match database.run(session, work).await {
        Ok(outcomes) => outcomes.iter().for_each(|outcome| print_outcome(out, outcome)),
        Err(error) => print_error(out, &error),
    }
}

/// Notices, columns with types, rows, command tag.
fn print_outcome(out: &mut String, outcome: &Outcome) {
    for notice in &outcome.notices {
        let _ = writeln!(out, "{:?} {}: {}", notice.severity, notice.code, notice.message);
    }
    if !outcome.result.columns.is_empty() {
        let columns = outcome.result.columns.iter();
        let columns: Vec<_> = columns.map(|column| format!("{} {}", column.name, column.type_name)).collect();
        let _ = writeln!(out, "{}", columns.join(" | "));
        for row in &outcome.result.rows {
            let values: Vec<_> = row.iter().map(shown).collect();
            let _ = writeln!(out, "{}", values.join(" | "));
        }
    }
    if let Some(copied) = &outcome.copied {
        out.push_str(copied);
    }
    let _ = writeln!(out, "{}", outcome.tag);
}

/// A value so that NULL, an empty text and a line break can be told apart.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => "∅".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) => format!("{number:?}"),
        Value::Text(text) => text.replace('\\', "\\\\").replace('\n', "\\n").replace('\r', "\\r"),
        Value::Bytes(bytes) => bytes.iter().fold("\\x".to_owned(), |text, byte| format!("{text}{byte:02x}")),
    }
}

/// Everything that a client can see of an error, but for its position.
fn print_error(out: &mut String, error: &DatabaseError) {
    let fields = error.fields();
    let _ = writeln!(out, "ERROR {}: {}", fields.code, fields.message);
    let named = [
        ("DETAIL", &fields.detail),
        ("HINT", &fields.hint),
        ("SCHEMA", &fields.schema),
        ("TABLE", &fields.table),
        ("COLUMN", &fields.column),
        ("CONSTRAINT", &fields.constraint),
        ("TYPE", &fields.data_type),
        ("CONTEXT", &fields.context),
    ];
    for (name, value) in named {
        if let Some(value) = value {
            let _ = writeln!(out, "  {name}: {value}");
        }
    }
}

/// What a comparison found.
#[derive(Debug, Default)]
pub struct Comparison {
    /// Statements whose answers are equal.
    pub equal: usize,
    /// Statements that the engine refused with 0A000 although PostgreSQL has an answer: missing, not wrong.
    pub refused: Vec<String>,
    /// Statements with another answer: wrong.
    pub different: Vec<String>,
}

/// Compares two transcripts of one script, statement by statement.
pub fn compare(expected: &str, found: &str) -> Comparison {
    let mut comparison = Comparison::default();
    let (expected, found) = (blocks(expected), blocks(found));
    for (at, block) in expected.iter().enumerate() {
        match found.get(at) {
            Some(other) if other == block => comparison.equal += 1,
            Some(other) if other.contains("\nERROR 0A000:") => comparison.refused.push((*other).to_owned()),
            other => {
                let other = other.copied().unwrap_or("nothing\n");
                comparison.different.push(format!("expected {block}found    {other}"));
            }
        }
    }
    if found.len() > expected.len() {
        comparison.different.push(format!("{} statements too many", found.len() - expected.len()));
    }
    comparison
}

/// A transcript's statements with their answers.
pub fn blocks(transcript: &str) -> Vec<&str> {
    let mut starts: Vec<usize> = transcript.match_indices("\n# ").map(|(at, _)| at + 1).collect();
    if transcript.starts_with("# ") {
        starts.insert(0, 0);
    }
    let ends = starts.iter().skip(1).copied().chain([transcript.len()]);
    starts.iter().zip(ends).map(|(start, end)| &transcript[*start..end]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_answer_and_a_refusal_are_told_apart() {
        let expected = "# 1: a\nSELECT 1\n# 2: b\n1\nSELECT 1\n# 3: c\nSELECT 1\n";
        let found = "# 1: a\nSELECT 1\n# 2: b\n2\nSELECT 1\n# 3: c\nERROR 0A000: no\n";
        let comparison = compare(expected, found);
        assert_eq!((comparison.equal, comparison.different.len(), comparison.refused.len()), (1, 1, 1));
    }

    #[test]
    fn values_that_look_alike_are_printed_apart() {
        let texts: Vec<_> =
            [Value::Null, Value::from(""), Value::from("\\n"), Value::from("\n")].iter().map(shown).collect();
        assert_eq!(texts, ["∅", "", "\\\\n", "\\n"]);
    }
}
