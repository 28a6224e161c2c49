//! Values that cross the port.

use catalog::Oid;
use std::fmt::Write as _;
use std::sync::Arc;

/// A value. Each SQL type has one variant, on both engines: boolean → `Bool`; smallint, integer, bigint → `Int`;
/// real, double precision → `Float`; bytea → `Bytes`; every other type → `Text` in PostgreSQL's output form (ISO dates, the
/// session's time zone). As a parameter any of them may stand for any type that takes its text.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// NULL.
    Null,
    /// boolean
    Bool(bool),
    /// smallint, integer, bigint
    Int(i64),
    /// real, double precision
    Float(f64),
    /// Everything else in its text form.
    Text(Box<str>),
    /// bytea
    Bytes(Box<[u8]>),
}

impl Value {
    /// The text, when it is `Text`.
    pub fn as_str(&self) -> Option<&str> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number, when it is `Int`.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Value::Int(number) => Some(*number),
            _ => None,
        }
    }

    /// Whether it is NULL.
    pub fn is_null(&self) -> bool {
        matches!(self, Value::Null)
    }

    /// As PostgreSQL's output function writes a value of this column; `None` for NULL.
    pub fn text(&self, column: &Column) -> Option<String> {
        Some(match self {
            Value::Null => return None,
            Value::Bool(true) => "t".to_owned(),
            Value::Bool(false) => "f".to_owned(),
            Value::Int(number) => number.to_string(),
            Value::Float(number) if &*column.type_name == "real" => real(*number),
            Value::Float(number) => digits(&format!("{number:e}"), 15, *number),
            Value::Text(text) => text.to_string(),
            Value::Bytes(bytes) => bytes.iter().fold("\\x".to_owned(), |mut text, byte| {
                // Writing to a text cannot fail.
                let _ = write!(text, "{byte:02x}");
                text
            }),
        })
    }
}

/// `real`: it crosses the port as its exact double, and has an exponent from 1e6 on.
fn real(number: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "it was a real")]
    let narrow = number as f32;
    digits(&format!("{narrow:e}"), 6, number)
}

/// The shortest digits that read back the same, with an exponent below 1e-4 and from `most` digits on.
fn digits(scientific: &str, most: i32, number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
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

impl From<&str> for Value {
    fn from(text: &str) -> Value {
        Value::Text(text.into())
    }
}

impl From<String> for Value {
    fn from(text: String) -> Value {
        Value::Text(text.into())
    }
}

impl From<i64> for Value {
    fn from(number: i64) -> Value {
        Value::Int(number)
    }
}

impl From<bool> for Value {
    fn from(truth: bool) -> Value {
        Value::Bool(truth)
    }
}

impl<T: Into<Value>> From<Option<T>> for Value {
    fn from(value: Option<T>) -> Value {
        value.map_or(Value::Null, Into::into)
    }
}

/// A result's column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Its name.
    pub name: Arc<str>,
    /// Its type.
    pub type_oid: Oid,
    /// Its type as `format_type` prints it: `integer`, `character varying(10)`, `public.mood`.
    pub type_name: Arc<str>,
}

/// The rows that a statement returned.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct ResultSet {
    /// Its columns. Shared: they are the same whenever the statement runs.
    pub columns: Arc<[Column]>,
    /// Its rows, each as wide as `columns`.
    pub rows: Vec<Vec<Value>>,
}
