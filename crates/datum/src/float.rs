//! float4 and float8: their text, shortest digits as PostgreSQL prints them.

use crate::value::{StoredValue, is_space};
use sqlstate::{DatabaseError, INVALID_TEXT_REPRESENTATION, NUMERIC_VALUE_OUT_OF_RANGE, Result};

/// The width of a floating-point type.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Width {
    /// float4, real.
    Single,
    /// float8, double precision.
    Double,
}

impl Width {
    fn name(self) -> &'static str {
        match self {
            Width::Single => "real",
            Width::Double => "double precision",
        }
    }
}

/// The input function.
pub(crate) fn input(width: Width, text: &str) -> Result<StoredValue> {
    parse(width, text).and_then(stored)
}

/// The number of a text; NaN included.
pub(crate) fn parse(width: Width, text: &str) -> Result<f64> {
    let trimmed = text.trim_matches(is_space);
    let syntax = || {
        DatabaseError::new(
            INVALID_TEXT_REPRESENTATION,
            format!("invalid input syntax for type {}: \"{text}\"", width.name()),
        )
    };
    let digits = trimmed.strip_prefix(['+', '-']).unwrap_or(trimmed);
    let special = |word: &str| digits.eq_ignore_ascii_case(word);
    if special("infinity") || special("inf") {
        return Ok(if trimmed.starts_with('-') { f64::NEG_INFINITY } else { f64::INFINITY });
    }
    if special("nan") {
        return Ok(f64::NAN);
    }
    if !digits.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
        return Err(syntax());
    }
    let value: f64 = match width {
        Width::Single => f64::from(trimmed.parse::<f32>().map_err(|_| syntax())?),
        Width::Double => trimmed.parse().map_err(|_| syntax())?,
    };
    let mantissa = digits.split(['e', 'E']).next().unwrap_or(digits);
    if value.is_infinite() || (value == 0.0 && mantissa.bytes().any(|byte| (b'1'..=b'9').contains(&byte))) {
        return Err(DatabaseError::new(
            NUMERIC_VALUE_OUT_OF_RANGE,
            format!("\"{trimmed}\" is out of range for type {}", width.name()),
        ));
    }
    Ok(value)
}

/// The value as it is stored.
pub(crate) fn stored(value: f64) -> Result<StoredValue> {
    Ok(value.into())
}

/// "value out of range: overflow".
pub(crate) fn overflow() -> DatabaseError {
    DatabaseError::new(NUMERIC_VALUE_OUT_OF_RANGE, "value out of range: overflow")
}

/// "value out of range: underflow".
pub(crate) fn underflow() -> DatabaseError {
    DatabaseError::new(NUMERIC_VALUE_OUT_OF_RANGE, "value out of range: underflow")
}

/// A double precision, or a real that is held as one, as PostgreSQL's output functions write them (`extra_float_digits` 1).
pub fn float_text(value: f64, is_real: bool) -> String {
    let mut text = String::new();
    output(if is_real { Width::Single } else { Width::Double }, value, &mut text);
    text
}

/// The output function, appended.
pub(crate) fn output(width: Width, value: f64, out: &mut String) {
    if value.is_nan() {
        out.push_str("NaN");
        return;
    }
    if value.is_infinite() {
        out.push_str(if value < 0.0 { "-Infinity" } else { "Infinity" });
        return;
    }
    // Rust's shortest digits that read back as the same value; the layout is PostgreSQL's.
    let (text, fixed_below) = match width {
        Width::Single => (format!("{:e}", value as f32), 6),
        Width::Double => (format!("{value:e}"), 15),
    };
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let even;
    let mantissa = match even_digits(value, mantissa, exponent) {
        Some(other) => {
            even = other;
            even.as_str()
        }
        None => mantissa,
    };
    let (sign, mantissa) = match mantissa.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", mantissa),
    };
    out.push_str(sign);
    if value == 0.0 {
        out.push('0');
    } else if (-4..fixed_below).contains(&exponent) {
        let digits: String = mantissa.chars().filter(|c| *c != '.').collect();
        if exponent < 0 {
            out.push_str("0.");
            (1..-exponent).for_each(|_| out.push('0'));
            out.push_str(&digits);
        } else {
            let whole = exponent as usize + 1;
            out.push_str(&digits[..whole.min(digits.len())]);
            (digits.len()..whole).for_each(|_| out.push('0'));
            if digits.len() > whole {
                out.push('.');
                out.push_str(&digits[whole..]);
            }
        }
    } else {
        out.push_str(mantissa);
        out.push('e');
        out.push(if exponent < 0 { '-' } else { '+' });
        if exponent.abs() < 10 {
            out.push('0');
        }
        out.push_str(&exponent.abs().to_string());
    }
}

/// Of two shortest texts that are equally near PostgreSQL prints the one whose last digit is even; this gives it where `mantissa` is
/// the other one.
fn even_digits(value: f64, mantissa: &str, exponent: i32) -> Option<String> {
    let odd = |digit: u8| digit % 2 == 1;
    if !mantissa.bytes().last().is_some_and(odd) {
        return None;
    }
    // The value is an odd number times a power of two. Below one, the power says how many decimals the exact value has, of which the
    // last is a 5; there are two texts equally near if it is the one after theirs.
    let bits = value.to_bits();
    let (biased, fraction) = ((bits >> 52) & 0x7ff, bits & ((1 << 52) - 1));
    if biased == 0 || biased == 0x7ff {
        return None;
    }
    let power = biased as i32 - 1075 + (fraction | 1 << 52).trailing_zeros() as i32;
    let digits = mantissa.bytes().filter(u8::is_ascii_digit).count();
    if power >= 0 || -power != digits as i32 - exponent {
        return None;
    }
    let exact = format!("{value:.digits$e}");
    let mut below = exact.split_once('e')?.0.to_owned();
    below.pop();
    match below.pop()? {
        // Rounded up, to an odd digit.
        digit if !odd(digit as u8) => below.push(digit),
        // A carry would have made a shorter text.
        '9' => return None,
        digit => below.push(char::from(digit as u8 + 1)),
    }
    Some(below)
}
