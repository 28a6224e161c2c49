//! Results as psql prints them, errors as psql reports them, and results as JSON.

mod json;
mod table;
mod value;

#[cfg(test)]
mod tests;

pub use json::{command, json};
pub use table::table;
pub use value::text;

use crate::script;
use database::{DatabaseError, Notice, Severity};
use std::fmt::Write as _;

/// An error with its code, the line where it is and what the database says besides.
pub fn error(error: &DatabaseError, statement: &str) -> String {
    let fields = error.fields();
    let mut text = format!("ERROR:  {}: {}\n", error.code(), error.message());
    if let Some(position) = fields.position {
        let (line, column) = script::line_and_column(statement, position);
        if let Some(source) = statement.split('\n').nth(line as usize - 1) {
            let label = format!("LINE {line}: ");
            let _ = writeln!(text, "{label}{source}");
            let blanks: String = source
                .chars()
                .take(column as usize - 1)
                .map(|c| if c == '\t' { '\t' } else { ' ' })
                .collect();
            let _ = writeln!(text, "{}{blanks}^", " ".repeat(label.len()));
        }
    }
    for (label, value) in [("DETAIL", &fields.detail), ("HINT", &fields.hint), ("CONTEXT", &fields.context)] {
        if let Some(value) = value {
            let _ = writeln!(text, "{label}:  {value}");
        }
    }
    text
}

/// A notice.
pub fn notice(notice: &Notice) -> String {
    let severity = match notice.severity {
        Severity::Notice => "NOTICE",
        Severity::Warning => "WARNING",
        Severity::Info => "INFO",
    };
    format!("{severity}:  {}\n", notice.message)
}
