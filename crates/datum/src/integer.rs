//! int2, int4, int8, oid and bool: their text and their ranges.

use crate::oid;
use crate::value::{Oid, StoredValue, is_space};
use sqlstate::{DatabaseError, INVALID_TEXT_REPRESENTATION, NUMERIC_VALUE_OUT_OF_RANGE, Result};

/// The name of an integer type in messages.
fn type_name(ty: Oid) -> &'static str {
    match ty {
        oid::INT2 => "smallint",
        oid::INT4 => "integer",
        oid::INT8 => "bigint",
        _ => "oid",
    }
}

/// The input function of int2, int4, int8 and oid.
pub(crate) fn input(ty: Oid, text: &str) -> Result<i64> {
    let trimmed = text.trim_matches(is_space);
    let digits = trimmed.strip_prefix(['+', '-']).unwrap_or(trimmed);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(DatabaseError::new(
            INVALID_TEXT_REPRESENTATION,
            format!("invalid input syntax for type {}: \"{text}\"", type_name(ty)),
        ));
    }
    let in_range = |value: &i64| match ty {
        oid::INT2 => i16::try_from(*value).is_ok(),
        oid::INT4 => i32::try_from(*value).is_ok(),
        oid::INT8 => true,
        _ => (i64::from(i32::MIN)..=i64::from(u32::MAX)).contains(value),
    };
    let value = trimmed.parse().ok().filter(in_range).ok_or_else(|| {
        DatabaseError::new(
            NUMERIC_VALUE_OUT_OF_RANGE,
            format!("value \"{text}\" is out of range for type {}", type_name(ty)),
        )
    })?;
    // A negative oid is taken modulo 2^32.
    Ok(if ty == oid::OID { value & 0xffff_ffff } else { value })
}

/// "integer out of range" and its siblings.
pub(crate) fn out_of_range(ty: Oid) -> DatabaseError {
    DatabaseError::new(NUMERIC_VALUE_OUT_OF_RANGE, format!("{} out of range", type_name(ty)))
}

/// The value as an int2.
pub(crate) fn int2(value: i64) -> Result<StoredValue> {
    i16::try_from(value).map(|_| StoredValue::Integer(value)).map_err(|_| out_of_range(oid::INT2))
}

/// The value as an int4.
pub(crate) fn int4(value: i64) -> Result<StoredValue> {
    i32::try_from(value).map(|_| StoredValue::Integer(value)).map_err(|_| out_of_range(oid::INT4))
}

/// The value as an int8, `None` where the computation left 64 bits.
pub(crate) fn int8(value: Option<i64>) -> Result<StoredValue> {
    value.map(StoredValue::Integer).ok_or_else(|| out_of_range(oid::INT8))
}

/// The input function of bool: any unique prefix of true, false, yes, no, on, off, or 1, 0.
pub(crate) fn bool_input(text: &str) -> Result<bool> {
    let word = text.trim_matches(is_space).to_ascii_lowercase();
    let prefix = |of: &str, least: usize| word.len() >= least && of.starts_with(&word);
    if prefix("true", 1) || prefix("yes", 1) || word == "on" || word == "1" {
        Ok(true)
    } else if prefix("false", 1) || prefix("no", 1) || prefix("off", 2) || word == "0" {
        Ok(false)
    } else {
        Err(DatabaseError::new(
            INVALID_TEXT_REPRESENTATION,
            format!("invalid input syntax for type boolean: \"{text}\""),
        ))
    }
}
