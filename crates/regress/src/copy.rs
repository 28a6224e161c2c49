//! COPY FROM on the embedded engine: its rows as INSERT statements, a preparation of the tool's own.

use crate::answer::Answer;
use crate::expected::Exchange;
use embedded::Conversation;
use std::fmt::Write;
use syntax::ast::Copy;

/// How many rows an INSERT carries.
const BATCH: usize = 500;

/// Loads the rows of a COPY FROM in the plain text format; `None` for every other COPY.
pub(crate) async fn run(
    conversation: &mut Conversation,
    text: &str,
    copy: &Copy,
    exchange: &Exchange,
) -> Option<Answer> {
    let table = copy.table.as_ref().filter(|_| copy.from && copy.options.is_empty())?;
    if exchange.answers.iter().any(|answer| answer.error.is_some()) {
        return None;
    }
    let lines = if copy.standard { exchange.rows.clone() } else { file(text)? };
    let parts: Vec<_> = table.parts.iter().map(|part| syntax::quote_identifier(part)).collect();
    let mut target = parts.join(".");
    if !copy.columns.is_empty() {
        let columns: Vec<_> = copy.columns.iter().map(|column| syntax::quote_identifier(column)).collect();
        let _ = write!(target, " ({})", columns.join(", "));
    }
    let rows: Vec<String> = lines.iter().map(|line| row(line)).collect();
    for batch in rows.chunks(BATCH) {
        let statement = format!("INSERT INTO {target} VALUES {}", batch.join(", "));
        if let Err(error) = conversation.say(&statement).await {
            return Some(Answer::from(&error));
        }
    }
    Some(Answer { tag: format!("COPY {}", rows.len()), ..Answer::default() })
}

/// The lines of the file that the statement names.
fn file(text: &str) -> Option<Vec<String>> {
    let start = text.find('\'')?;
    let end = start + 1 + text[start + 1..].find('\'')?;
    let content = std::fs::read_to_string(&text[start + 1..end]).ok()?;
    Some(content.lines().take_while(|line| *line != "\\.").map(str::to_owned).collect())
}

/// A line of COPY's text format as a row of VALUES.
fn row(line: &str) -> String {
    let values: Vec<String> = line
        .split('\t')
        .map(|field| if field == "\\N" { "NULL".to_owned() } else { syntax::quote_literal(&unescape(field)) })
        .collect();
    format!("({})", values.join(", "))
}

fn unescape(field: &str) -> String {
    let mut out = String::new();
    let mut characters = field.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            out.push(character);
            continue;
        }
        match characters.next() {
            Some('n') => out.push('\n'),
            Some('t') => out.push('\t'),
            Some('r') => out.push('\r'),
            Some(other) => out.push(other),
            None => {}
        }
    }
    out
}
