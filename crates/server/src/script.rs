//! A file of SQL as what is to be run: its statements with their lines, and its own transaction control taken apart.

use database::DatabaseError;

/// A statement of a script.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScriptStatement {
    /// Its text, without the semicolon.
    pub text: String,
    /// The line on which it begins, from 1.
    pub line: u32,
    /// The rows of its COPY, which follow it.
    pub rows: Option<String>,
}

/// Transaction control in a script.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// BEGIN, START TRANSACTION. Whether it is READ ONLY.
    Begin {
        /// Whether writes are refused within.
        read_only: bool,
    },
    /// BEGIN with modes that we cannot give.
    BeginOtherwise,
    /// COMMIT, END.
    Commit,
    /// ROLLBACK, ABORT (not ROLLBACK TO).
    Rollback,
}

/// The statements of a script.
///
/// # Errors
/// 42601 when a string or comment does not end.
pub fn split(script: &str) -> Result<Vec<ScriptStatement>, DatabaseError> {
    let parts = syntax::split_script(script)?;
    let statement = |part: syntax::StatementText<'_>| ScriptStatement {
        text: part.text.to_owned(),
        line: part.line,
        rows: part.copy_data.map(str::to_owned),
    };
    Ok(parts.into_iter().map(statement).collect())
}

impl ScriptStatement {
    /// The statement as the port takes it.
    pub fn to_statement(&self) -> database::Statement {
        database::Statement::new(self.text.as_str()).with_rows(self.rows.as_deref())
    }
}

/// What transaction control the statement is, if it is any.
pub fn control(statement: &str) -> Option<Control> {
    let words = words(statement);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let modes = match words.as_slice() {
        ["begin", "work" | "transaction", rest @ ..]
        | ["begin", rest @ ..]
        | ["start", "transaction", rest @ ..] => rest,
        ["commit" | "end"] | ["commit" | "end", "work" | "transaction"] => return Some(Control::Commit),
        ["rollback" | "abort"] | ["rollback" | "abort", "work" | "transaction"] => {
            return Some(Control::Rollback);
        }
        _ => return None,
    };
    Some(match modes {
        [] | ["read", "write"] => Control::Begin { read_only: false },
        ["read", "only"] => Control::Begin { read_only: true },
        _ => Control::BeginOtherwise,
    })
}

/// The statement's first words in lower case, as many as transaction control has; comments are skipped. Empty when it holds
/// anything but words.
fn words(statement: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut rest = statement;
    loop {
        rest = skip_blanks(rest);
        let end = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
        if end == 0 {
            break;
        }
        words.push(rest[..end].to_ascii_lowercase());
        rest = &rest[end..];
        if words.len() > 8 {
            break;
        }
    }
    if rest.is_empty() || rest.starts_with(',') || rest == ";" { words } else { Vec::new() }
}

/// What follows blanks and comments.
fn skip_blanks(text: &str) -> &str {
    let mut rest = text.trim_start();
    loop {
        if let Some(comment) = rest.strip_prefix("--") {
            rest = comment.split_once('\n').map_or("", |(_, after)| after).trim_start();
        } else if rest.starts_with("/*") {
            rest = skip_block_comment(rest).trim_start();
        } else {
            return rest;
        }
    }
}

/// What follows a comment that may hold others.
fn skip_block_comment(text: &str) -> &str {
    let (mut depth, mut at) = (0_usize, 0);
    let bytes = text.as_bytes();
    while at + 1 < bytes.len() {
        match &bytes[at..at + 2] {
            b"/*" => depth += 1,
            b"*/" => depth -= 1,
            _ => {
                at += 1;
                continue;
            }
        }
        at += 2;
        if depth == 0 {
            return &text[at..];
        }
    }
    ""
}

/// Whether the statement sets something for those after it in the same session.
pub fn is_setting(statement: &str) -> bool {
    let text = skip_blanks(statement).to_ascii_lowercase();
    let compact: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let begins = |words: &str| compact.starts_with(words);
    (begins("set ") && !begins("set constraints "))
        || begins("reset ")
        || begins("select set_config(")
        || begins("select pg_catalog.set_config(")
}

/// The line and column (in characters, both from 1) of a character position (from 1) in a text.
pub fn line_and_column(text: &str, position: u32) -> (u32, u32) {
    let (mut line, mut column) = (1, 1);
    for character in text.chars().take(usize::try_from(position).unwrap_or(usize::MAX).saturating_sub(1)) {
        if character == '\n' {
            line += 1;
            column = 1;
        } else {
            column += 1;
        }
    }
    (line, column)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transaction_control_is_recognised() {
        let begin = Some(Control::Begin { read_only: false });
        for text in [
            "begin",
            "BEGIN;",
            " -- x\n/* a /* b */ */ Begin Transaction",
            "start transaction",
            "begin read write",
        ] {
            assert_eq!(control(text), begin, "{text}");
        }
        assert_eq!(control("begin read only"), Some(Control::Begin { read_only: true }));
        assert_eq!(control("begin isolation level serializable"), Some(Control::BeginOtherwise));
        assert_eq!(
            control("begin work isolation level read committed, read only"),
            Some(Control::BeginOtherwise)
        );
        assert_eq!(control("commit"), Some(Control::Commit));
        assert_eq!(control("END transaction"), Some(Control::Commit));
        assert_eq!(control("rollback work"), Some(Control::Rollback));
        for text in [
            "rollback to savepoint a",
            "select 1",
            "",
            "commit prepared 'x'",
            "beginning",
            "end if",
            "begin_ x",
        ] {
            assert_eq!(control(text), None, "{text}");
        }
    }

    #[test]
    fn settings_are_recognised() {
        for text in [
            "SET search_path = ''",
            "-- x\nselect pg_catalog.set_config('search_path', '', false)",
            "reset all",
        ] {
            assert!(is_setting(text), "{text}");
        }
        for text in ["set constraints all deferred", "select 1", "update t set a = 1", "settle"] {
            assert!(!is_setting(text), "{text}");
        }
    }

    #[test]
    fn positions_count_characters() {
        assert_eq!(line_and_column("aé\nb", 1), (1, 1));
        assert_eq!(line_and_column("aé\nb", 3), (1, 3));
        assert_eq!(line_and_column("aé\nb", 4), (2, 1));
        assert_eq!(line_and_column("a", 99), (1, 2));
    }
}
