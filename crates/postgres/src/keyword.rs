//! What a statement is, by its first words: enough to know how it may be sent.

/// The kinds of statement that are sent in different ways.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StatementKind {
    /// SELECT, INSERT, UPDATE, DELETE, MERGE, VALUES, TABLE, WITH, and EXPLAIN of one: prepared and kept, and alone in a work needs no BEGIN.
    Query,
    /// BEGIN, START TRANSACTION, COMMIT, END.
    TransactionBlock,
    /// ROLLBACK, ABORT, PREPARE TRANSACTION, COMMIT PREPARED, ROLLBACK PREPARED.
    TransactionEnd,
    /// COPY … FROM STDIN.
    CopyFrom,
    /// COPY … TO STDOUT.
    CopyTo,
    /// CREATE, ALTER, DROP, COMMENT ON EXTENSION.
    Extension,
    /// Everything else: DDL, SET, DO, CALL, savepoints …
    Utility,
}

/// Classifies a statement. An empty one is a utility.
pub(crate) fn classify(statement: &str) -> StatementKind {
    let words = Words { rest: statement };
    let words: Vec<String> = words.take(HEAD_WORDS).collect();
    let mut head = words.iter().map(String::as_str);
    let mut next = || head.next().unwrap_or_default();
    match (next(), next(), next()) {
        (first, ..) if begins_query(first) => StatementKind::Query,
        ("explain", ..) if explains_query(statement) => StatementKind::Query,
        ("commit", "prepared", _) => StatementKind::TransactionEnd,
        ("begin" | "end" | "commit", ..) | ("start", "transaction", _) => StatementKind::TransactionBlock,
        ("rollback", "to", _) | ("rollback", "work" | "transaction", "to") => StatementKind::Utility,
        ("abort" | "rollback", ..) | ("prepare", "transaction", _) => StatementKind::TransactionEnd,
        ("create" | "alter" | "drop", "extension", _) | ("comment", "on", "extension") => {
            StatementKind::Extension
        }
        ("copy", ..) => copy_kind(statement),
        _ => StatementKind::Utility,
    }
}

fn begins_query(word: &str) -> bool {
    matches!(word, "select" | "insert" | "update" | "delete" | "merge" | "values" | "table" | "with")
}

/// Whether EXPLAIN is about a query; CREATE TABLE AS and EXECUTE may leave something when they are analysed.
fn explains_query(statement: &str) -> bool {
    const OPTIONS: [&str; 24] = [
        "analyze",
        "analyse",
        "verbose",
        "costs",
        "settings",
        "generic_plan",
        "buffers",
        "serialize",
        "wal",
        "timing",
        "summary",
        "memory",
        "format",
        "text",
        "xml",
        "json",
        "yaml",
        "binary",
        "none",
        "true",
        "false",
        "on",
        "off",
        "explain",
    ];
    let mut words = Words { rest: statement };
    words.find(|word| !OPTIONS.contains(&word.as_str())).is_some_and(|word| begins_query(&word))
}

/// What a COPY is. FROM stands before STDIN (or STDOUT, which PostgreSQL takes for it), a query's own only within parentheses.
fn copy_kind(statement: &str) -> StatementKind {
    let mut before = String::new();
    for word in (Words { rest: statement }) {
        if word == "stdin" || word == "stdout" {
            match before.as_str() {
                "from" => return StatementKind::CopyFrom,
                "to" => return StatementKind::CopyTo,
                _ => {}
            }
        }
        before = word;
    }
    StatementKind::Utility
}

/// The longest head that tells: COMMENT ON EXTENSION.
const HEAD_WORDS: usize = 3;

/// The first word in capitals, as in a command tag.
pub(crate) fn first_word(statement: &str) -> String {
    Words { rest: statement }.next().unwrap_or_default().to_ascii_uppercase()
}

/// The words of a statement in lower case, without comments, punctuation and quoted text.
struct Words<'a> {
    rest: &'a str,
}

impl Iterator for Words<'_> {
    type Item = String;

    fn next(&mut self) -> Option<String> {
        loop {
            let first = self.rest.chars().next()?;
            if first.is_alphabetic() || first == '_' {
                let end = self
                    .rest
                    .find(|character: char| {
                        !character.is_alphanumeric() && character != '_' && character != '$'
                    })
                    .unwrap_or(self.rest.len());
                let (word, rest) = self.rest.split_at(end);
                self.rest = rest;
                return Some(word.to_ascii_lowercase());
            }
            self.rest = match first {
                '-' if self.rest.starts_with("--") => after(self.rest, "\n"),
                '/' if self.rest.starts_with("/*") => after_comment(self.rest),
                '\'' => after(&self.rest[1..], "'"),
                '"' => after(&self.rest[1..], "\""),
                _ => &self.rest[first.len_utf8()..],
            };
        }
    }
}

fn after<'a>(text: &'a str, end: &str) -> &'a str {
    text.find(end).map_or("", |at| &text[at + end.len()..])
}

/// Comments nest in PostgreSQL.
fn after_comment(text: &str) -> &str {
    let mut depth = 0u32;
    let mut at = 0;
    while let Some(found) = text[at..].find(['/', '*']) {
        at += found;
        if text[at..].starts_with("/*") {
            depth += 1;
            at += 2;
        } else if text[at..].starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return &text[at..];
            }
        } else {
            at += 1;
        }
    }
    ""
}

#[cfg(test)]
mod tests {
    use super::{StatementKind, classify};

    #[test]
    fn first_words_tell_the_kind() {
        for (statement, kind) in [
            ("select 1", StatementKind::Query),
            ("/* a /* nested */ comment */ -- and a line\n  (SELECT 1)", StatementKind::Query),
            ("WITH x AS (SELECT 1) DELETE FROM t", StatementKind::Query),
            ("EXPLAIN (FORMAT JSON) SELECT 1 FROM t WHERE a = $1", StatementKind::Query),
            ("explain analyze verbose insert into t values (1)", StatementKind::Query),
            ("explain (analyze, buffers off) with x as (select 1) table x", StatementKind::Query),
            ("explain analyze create table t as select 1", StatementKind::Utility),
            ("explain analyze execute x", StatementKind::Utility),
            ("explain", StatementKind::Utility),
            ("begin", StatementKind::TransactionBlock),
            ("START  TRANSACTION READ ONLY", StatementKind::TransactionBlock),
            ("commit", StatementKind::TransactionBlock),
            ("end", StatementKind::TransactionBlock),
            ("commit prepared 'x'", StatementKind::TransactionEnd),
            ("rollback", StatementKind::TransactionEnd),
            ("rollback and chain", StatementKind::TransactionEnd),
            ("abort", StatementKind::TransactionEnd),
            ("rollback to savepoint a", StatementKind::Utility),
            ("rollback work to a", StatementKind::Utility),
            ("prepare transaction 'x'", StatementKind::TransactionEnd),
            ("prepare x as select 1", StatementKind::Utility),
            ("copy t from stdin", StatementKind::CopyFrom),
            ("copy t (a, \"stdin\") to '/stdout'", StatementKind::Utility),
            ("create table begin (x int)", StatementKind::Utility),
            ("create extension if not exists x", StatementKind::Extension),
            ("COMMENT ON EXTENSION x IS 'y'", StatementKind::Extension),
            ("comment on table extension is 'y'", StatementKind::Utility),
            ("create table extension ()", StatementKind::Utility),
            ("", StatementKind::Utility),
            ("/* open", StatementKind::Utility),
        ] {
            assert_eq!(classify(statement), kind, "{statement}");
        }
    }
}
