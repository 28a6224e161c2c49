//! Values to and from the text that PostgreSQL's input and output functions speak.
//!
//! Parameters and results cross the wire as text, not in the binary formats: so every type works, those of extensions,
//! ranges and rows too, and what a value looks like is PostgreSQL's own word.

use database::{DatabaseError, Result, Value};
use datum::oid;

/// The text of a parameter, appended; false for NULL.
pub(crate) fn write_parameter(value: &Value, out: &mut Vec<u8>) -> bool {
    match value {
        Value::Null => return false,
        Value::Bool(truth) => out.extend_from_slice(if *truth { b"true" } else { b"false" }),
        Value::Int(number) => out.extend_from_slice(number.to_string().as_bytes()),
        Value::Float(number) => out.extend_from_slice(float_text(*number).as_bytes()),
        Value::Text(text) => out.extend_from_slice(text.as_bytes()),
        Value::Bytes(bytes) => {
            const DIGITS: &[u8; 16] = b"0123456789abcdef";
            out.extend_from_slice(b"\\x");
            for byte in bytes.iter() {
                out.push(DIGITS[usize::from(byte >> 4)]);
                out.push(DIGITS[usize::from(byte & 15)]);
            }
        }
    }
    true
}

fn float_text(number: f64) -> String {
    if number.is_nan() {
        "NaN".into()
    } else if number.is_infinite() {
        if number > 0.0 { "Infinity".into() } else { "-Infinity".into() }
    } else if number != 0.0 && !(1e-5..1e15).contains(&number.abs()) {
        format!("{number:e}")
    } else {
        number.to_string()
    }
}

/// The value of a result's field, by the type of its column.
pub(crate) fn read_field(type_oid: u32, bytes: &[u8]) -> Result<Value> {
    let text = std::str::from_utf8(bytes).map_err(crate::error::protocol)?;
    let wrong = || crate::error::protocol(format_args!("a value of type {type_oid} in an unknown form"));
    match type_oid {
        oid::BOOL => match text {
            "t" => Ok(Value::Bool(true)),
            "f" => Ok(Value::Bool(false)),
            _ => Err(wrong()),
        },
        oid::INT2 | oid::INT4 | oid::INT8 => text.parse().map(Value::Int).map_err(|_| wrong()),
        // The nearest float4, widened: what the embedded engine stores.
        oid::FLOAT4 => text.parse::<f32>().map(|number| Value::Float(number.into())).map_err(|_| wrong()),
        oid::FLOAT8 => text.parse().map(Value::Float).map_err(|_| wrong()),
        oid::BYTEA => read_bytea(text).map(|bytes| Value::Bytes(bytes.into())).ok_or_else(wrong),
        _ => Ok(Value::Text(text.into())),
    }
}

/// Both output forms of bytea: hex, and escape for sessions that ask for it.
fn read_bytea(text: &str) -> Option<Vec<u8>> {
    if let Some(digits) = text.strip_prefix("\\x") {
        let pairs = digits.as_bytes().chunks_exact(2);
        if !pairs.remainder().is_empty() {
            return None;
        }
        return pairs.map(|pair| Some(hex_digit(pair[0])? << 4 | hex_digit(pair[1])?)).collect();
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        if byte != b'\\' {
            bytes.push(byte);
        } else if let Some(after) = rest.strip_prefix(b"\\") {
            bytes.push(b'\\');
            rest = after;
        } else {
            let (octal, after) = rest.split_at_checked(3)?;
            bytes.push(u8::from_str_radix(std::str::from_utf8(octal).ok()?, 8).ok()?);
            rest = after;
        }
    }
    Some(bytes)
}

fn hex_digit(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|value| u8::try_from(value).ok())
}

/// The protocol counts parameters with 16 bits.
pub(crate) fn check_parameter_count(count: usize) -> Result<()> {
    if count <= usize::from(u16::MAX) {
        return Ok(());
    }
    Err(DatabaseError::new(
        sqlstate::PROGRAM_LIMIT_EXCEEDED,
        format!("a statement cannot have {count} parameters"),
    )
    .with_detail(format!("The limit is {}.", u16::MAX)))
}
