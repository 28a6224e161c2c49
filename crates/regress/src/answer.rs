//! What a statement was answered, in a form in which two engines' answers can be compared and kept.

use database::{DatabaseError, Outcome, Value};
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
            row.iter().zip(columns.iter()).map(|(value, column)| value.text(column)).collect()
        };
        Answer {
            columns: returns_rows.then(|| columns.iter().map(|column| column.name.to_string()).collect()),
            rows: outcome.result.rows.iter().map(row).collect(),
            tag: outcome.tag.clone(),
            error: None,
            copied: outcome.copied.as_ref().map(|text| text.lines().map(str::to_owned).collect()),
        }
    }
}
