//! What a statement was answered, in a form in which two engines' answers can be compared and kept.

use database::{Column, DatabaseError, Outcome, Value};
use serde::{Deserialize, Serialize};

/// An answer.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Answer {
    /// The columns' names; `None` when the statement returns no rows.
    pub(crate) columns: Option<Vec<String>>,
    /// The values in their text form.
    pub(crate) rows: Vec<Vec<Option<String>>>,
    /// The command tag.
    pub(crate) tag: String,
    /// Why it failed.
    pub(crate) error: Option<Failure>,
    /// The lines that a COPY … TO STDOUT gave.
    pub(crate) copied: Option<Vec<String>>,
}

/// An error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Failure {
    /// SQLSTATE
    pub(crate) code: String,
    /// The message.
    pub(crate) message: String,
    /// DETAIL
    pub(crate) detail: Option<String>,
    /// HINT
    pub(crate) hint: Option<String>,
}

impl Failure {
    pub(crate) fn new(code: &str, message: impl Into<String>) -> Failure {
        Failure { code: code.to_owned(), message: message.into(), detail: None, hint: None }
    }
}

impl From<Failure> for Answer {
    fn from(failure: Failure) -> Answer {
        Answer { error: Some(failure), ..Answer::default() }
    }
}

impl From<&DatabaseError> for Answer {
    fn from(error: &DatabaseError) -> Answer {
        let fields = error.fields();
        let internal = fields.internal.as_ref().map(|text| format!("internal: {text}"));
        Answer::from(Failure {
            code: fields.code.to_string(),
            message: fields.message.clone(),
            detail: fields.detail.clone().or(internal),
            hint: fields.hint.clone(),
        })
    }
}

impl From<&Outcome> for Answer {
    fn from(outcome: &Outcome) -> Answer {
        let columns = &outcome.result.columns;
        let returns_rows = !columns.is_empty() || outcome.tag.starts_with("SELECT");
        let row = |row: &Vec<Value>| {
            row.iter().zip(columns.iter()).map(|(value, column)| text(value, column)).collect()
        };
        Answer {
            columns: returns_rows.then(|| columns.iter().map(|column| column.name.to_string()).collect()),
            rows: outcome.result.rows.iter().map(row).collect(),
            tag: outcome.tag.clone(),
            error: None,
            copied: None,
        }
    }
}

/// A value as PostgreSQL writes it; `None` is NULL.
pub(crate) fn text(value: &Value, column: &Column) -> Option<String> {
    Some(match value {
        Value::Null => return None,
        Value::Bool(true) => "t".to_owned(),
        Value::Bool(false) => "f".to_owned(),
        Value::Int(number) => number.to_string(),
        #[expect(clippy::cast_possible_truncation, reason = "a real crosses the port as its exact double")]
        Value::Float(number) if &*column.type_name == "real" => {
            decimal(&format!("{:e}", *number as f32), 6, *number)
        }
        Value::Float(number) => decimal(&format!("{number:e}"), 15, *number),
        Value::Text(text) => text.to_string(),
        Value::Bytes(bytes) => {
            bytes.iter().fold("\\x".to_owned(), |text, byte| text + &format!("{byte:02x}"))
        }
    })
}

/// The shortest digits that read back the same; with an exponent below 1e-4 and from `most` digits on.
fn decimal(scientific: &str, most: i32, number: f64) -> String {
    if !number.is_finite() {
        let text = if number.is_nan() {
            "NaN"
        } else if number > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        };
        return text.to_owned();
    }
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    if exponent < -4 || exponent >= most {
        let below = if exponent < 0 { '-' } else { '+' };
        return format!("{sign}{mantissa}e{below}{:02}", exponent.abs());
    }
    let digits = mantissa.replace('.', "");
    match usize::try_from(exponent + 1) {
        Ok(whole) if exponent >= 0 => {
            let padded = format!("{digits:0<whole$}");
            let (before, after) = padded.split_at(whole);
            if after.is_empty() { format!("{sign}{before}") } else { format!("{sign}{before}.{after}") }
        }
        _ => format!("{sign}0.{}{digits}", "0".repeat(usize::try_from(-exponent - 1).unwrap_or(0))),
    }
}
