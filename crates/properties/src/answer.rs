//! An answer in a form that two engines can be compared by.

use crate::asked::Asked;
use database::{DatabaseError, Outcome, Value};
use serde_json::value::RawValue;
use std::fmt::Write;

/// What an engine said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// Rows and a command tag.
    Rows {
        /// Names with types.
        columns: Vec<String>,
        /// Rows as text; in one order unless they were asked in one.
        rows: Vec<String>,
        /// The command tag.
        tag: String,
    },
    /// An error: SQLSTATE and all that a client sees.
    Error {
        /// The SQLSTATE.
        code: String,
        /// The message.
        message: String,
        /// DETAIL, HINT, constraint …
        rest: Vec<String>,
        /// Never compared: what an internal error was about.
        internal: Option<String>,
    },
    /// The data API's.
    Http {
        /// The status.
        status: u16,
        /// `Content-Range`, `Preference-Applied`, `Location`.
        headers: Vec<String>,
        /// The body; a list's elements in one order unless they were asked in one.
        body: Vec<String>,
        /// The code of an error.
        code: Option<String>,
    },
    /// Nothing for too long.
    Late,
}

/// How two answers compare.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Equal; whether they are errors.
    Equal {
        /// The SQLSTATE of both.
        error: Option<String>,
    },
    /// Refused with 0A000 where PostgreSQL answers.
    Refused(String),
    /// Denied (42501) where PostgreSQL has rows: it asks for no privilege on what its planner proves to be of no effect.
    Stricter,
    /// Not equal.
    Different,
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "∅".to_owned(),
        Value::Bool(truth) => truth.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) => format!("{number:?}"),
        Value::Text(text) => text.replace('\\', "\\\\").replace('\n', "\\n"),
        Value::Bytes(bytes) => bytes.iter().fold("\\x".to_owned(), |text, byte| format!("{text}{byte:02x}")),
    }
}

impl Answer {
    /// Of the last statement of a work.
    pub fn of(asked: &Asked, result: Result<Vec<Outcome>, DatabaseError>) -> Answer {
        match result {
            Ok(mut outcomes) => {
                let outcome = outcomes.pop().unwrap_or_default();
                let columns = outcome.result.columns.iter();
                let columns = columns.map(|column| format!("{} {}", column.name, column.type_name)).collect();
                let rows = outcome.result.rows.iter();
                let mut rows: Vec<String> =
                    rows.map(|row| row.iter().map(shown).collect::<Vec<_>>().join(" | ")).collect();
                if !asked.ordered {
                    rows.sort();
                }
                Answer::Rows { columns, rows, tag: outcome.tag }
            }
            Err(error) => Answer::of_error(&error),
        }
    }

    fn of_error(error: &DatabaseError) -> Answer {
        let fields = error.fields();
        let named = [
            ("DETAIL", &fields.detail),
            ("HINT", &fields.hint),
            ("SCHEMA", &fields.schema),
            ("TABLE", &fields.table),
            ("COLUMN", &fields.column),
            ("CONSTRAINT", &fields.constraint),
            ("TYPE", &fields.data_type),
        ];
        let rest = named
            .into_iter()
            .filter_map(|(name, value)| value.as_ref().map(|value| format!("{name}: {value}")))
            .collect();
        Answer::Error {
            code: fields.code.to_string(),
            message: fields.message.to_string(),
            rest,
            internal: fields.internal.as_ref().map(ToString::to_string),
        }
    }

    /// Of a response.
    pub fn of_response(asked: &Asked, status: u16, headers: Vec<String>, text: &str) -> Answer {
        let value: Option<serde_json::Value> = serde_json::from_str(text).ok();
        let code = value
            .filter(|_| status >= 400)
            .and_then(|value| value.get("code").and_then(|code| code.as_str().map(str::to_owned)));
        let body = match serde_json::from_str::<Vec<Box<RawValue>>>(text) {
            Ok(list) => {
                let mut list: Vec<String> = list.iter().map(|item| item.get().to_owned()).collect();
                if !asked.ordered {
                    list.sort();
                }
                list
            }
            Err(_) => vec![text.to_owned()],
        };
        Answer::Http { status, headers, body, code }
    }

    /// The SQLSTATE (or the data API's code) of an error.
    pub fn code(&self) -> Option<&str> {
        match self {
            Answer::Error { code, .. } => Some(code),
            Answer::Http { code, .. } => code.as_deref(),
            Answer::Rows { .. } | Answer::Late => None,
        }
    }

    /// The message, for a refusal's count.
    fn message(&self) -> String {
        match self {
            Answer::Error { message, .. } => message.clone(),
            Answer::Http { body, .. } => body.join(""),
            Answer::Rows { .. } | Answer::Late => String::new(),
        }
    }

    /// For a person; many rows are cut.
    pub fn shown(&self) -> String {
        let mut out = String::new();
        match self {
            Answer::Rows { columns, rows, tag } => {
                let _ = writeln!(out, "  {}", columns.join(" | "));
                for row in rows.iter().take(12) {
                    let _ = writeln!(out, "  {row}");
                }
                let _ = writeln!(out, "  {tag} ({} rows)", rows.len());
            }
            Answer::Error { code, message, rest, internal } => {
                let _ = writeln!(out, "  ERROR {code}: {message}");
                for line in rest.iter().chain(internal) {
                    let _ = writeln!(out, "    {line}");
                }
            }
            Answer::Http { status, headers, body, .. } => {
                let _ = writeln!(out, "  {status} {}", headers.join(" "));
                for item in body.iter().take(12) {
                    let _ = writeln!(out, "  {item}");
                }
            }
            Answer::Late => out.push_str("  no answer in time\n"),
        }
        out
    }
}

/// A message without what it quotes.
fn without_quoted(message: &str) -> String {
    let mut inside = false;
    message
        .chars()
        .filter(|found| {
            if *found == '"' {
                inside = !inside;
            }
            !inside
        })
        .collect()
}

/// A message without what is one row's: what it quotes, what follows a colon, and of jsonb that is cast which kind of value it was.
fn without_row(message: &str) -> String {
    let head = without_quoted(message.split(": ").next().unwrap_or_default());
    let Some(rest) = head.strip_prefix("cannot cast jsonb ") else { return head };
    let kinds = ["null", "string", "numeric", "boolean", "array or object", "array", "object"];
    let cast = kinds.iter().find_map(|kind| rest.strip_prefix(kind)?.strip_prefix(" to type "));
    match cast {
        Some(name) => format!("cannot cast jsonb to type {name}"),
        None => head,
    }
}

/// Codes of errors that a row's own values raise: of several rows, either may be the first to be met.
fn of_a_row(code: &str) -> bool {
    code.starts_with("23") || code.starts_with("22") || code == "42501" || code == "44000" || code == "21000"
}

/// Compares PostgreSQL's answer with the embedded engine's.
pub fn compare(asked: &Asked, postgres: &Answer, embedded: &Answer) -> Verdict {
    let equal = match (postgres, embedded) {
        (
            Answer::Error { code, message, rest, internal: _ },
            Answer::Error { code: other_code, message: other_message, rest: other_rest, internal: _ },
        ) => {
            let whole = code == other_code && message == other_message && rest == other_rest;
            let alike = code == other_code && without_row(message) == without_row(other_message);
            let rows = asked.writes && of_a_row(code) && of_a_row(other_code);
            // Which of two tables is named first follows from the plan.
            let denials = [message, other_message];
            let denied = code == "42501"
                && code == other_code
                && denials.iter().all(|message| {
                    message.starts_with("permission denied for table ")
                        || message.starts_with("permission denied for view ")
                });
            whole || denied || (asked.several_culprits && (alike || rows))
        }
        (
            Answer::Http { status, headers, body, code },
            Answer::Http { status: other_status, headers: other_headers, body: other_body, code: other_code },
        ) => {
            let whole = status == other_status && headers == other_headers && body == other_body;
            let rows = |code: &Option<String>| code.as_deref().is_some_and(of_a_row);
            // Which of two tables is named first follows from the plan.
            let denied = *status == 403
                && status == other_status
                && code.as_deref() == Some("42501")
                && code == other_code;
            let errors =
                code.is_some() && (code == other_code || (asked.writes && rows(code) && rows(other_code)));
            whole || denied || (asked.several_culprits && errors)
        }
        (postgres, embedded) => postgres == embedded,
    };
    if equal {
        return Verdict::Equal { error: postgres.code().map(str::to_owned) };
    }
    if embedded.code() == Some("0A000") {
        return Verdict::Refused(embedded.message());
    }
    // An answer without a body does not say why.
    if let (Answer::Http { status: 200.., .. }, Answer::Http { status: 400, body, .. }) = (postgres, embedded)
        && body.concat().is_empty()
        && !asked.writes
    {
        return Verdict::Refused("a request without a body".to_owned());
    }
    let denied = match embedded {
        Answer::Error { message, .. } => message.starts_with("permission denied for "),
        Answer::Http { status, .. } => matches!(status, 401 | 403) && !asked.writes,
        Answer::Rows { .. } | Answer::Late => false,
    };
    let changed = asked.writes && !matches!(postgres, Answer::Rows { tag, .. } if tag.ends_with(" 0"));
    if denied && postgres.code().is_none() && !changed {
        return Verdict::Stricter;
    }
    Verdict::Different
}

#[cfg(test)]
mod tests;
