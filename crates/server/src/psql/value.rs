//! A value as PostgreSQL writes it.

use database::{Column, Value};
use std::fmt::Write as _;

/// The text of a value of this column; NULL is empty, as psql shows it.
pub fn text(value: &Value, column: &Column) -> String {
    match value {
        Value::Null => String::new(),
        Value::Bool(true) => "t".into(),
        Value::Bool(false) => "f".into(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) if &*column.type_name == "real" => real(*number),
        Value::Float(number) => double(*number),
        Value::Text(text) => text.to_string(),
        Value::Bytes(bytes) => bytes.iter().fold(String::from("\\x"), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        }),
    }
}

/// `double precision`: the shortest digits that read back the same, with an exponent from 1e15 and below 1e-4.
fn double(number: f64) -> String {
    float(format!("{number:e}"), 15, number)
}

/// `real`: the same with its own digits, and an exponent from 1e6.
fn real(number: f64) -> String {
    #[expect(clippy::cast_possible_truncation, reason = "a real crosses the port as its exact double")]
    let narrow = number as f32;
    float(format!("{narrow:e}"), 6, number)
}

fn float(scientific: String, most: i32, number: f64) -> String {
    if number.is_nan() {
        return "NaN".into();
    }
    if number.is_infinite() {
        return if number > 0.0 { "Infinity".into() } else { "-Infinity".into() };
    }
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let (sign, mantissa) = mantissa.strip_prefix('-').map_or(("", mantissa), |rest| ("-", rest));
    if exponent < -4 || exponent >= most {
        let sign_of_exponent = if exponent < 0 { '-' } else { '+' };
        return format!("{sign}{mantissa}e{sign_of_exponent}{:02}", exponent.abs());
    }
    let digits: String = mantissa.chars().filter(char::is_ascii_digit).collect();
    match usize::try_from(exponent + 1) {
        Ok(whole) if exponent >= 0 => {
            let padded = format!("{digits:0<whole$}");
            let (before, after) = padded.split_at(whole);
            if after.is_empty() { format!("{sign}{before}") } else { format!("{sign}{before}.{after}") }
        }
        _ => format!("{sign}0.{}{digits}", "0".repeat(usize::try_from(-exponent - 1).unwrap_or(0))),
    }
}
