//! Numerics as text: PostgreSQL's input and output, and comparison without a parse.

use super::{BASE, DIGITS, Decimal, MAX_SCALE, MAX_WEIGHT, Numeric, overflow};
use sqlstate::{DatabaseError, INVALID_TEXT_REPRESENTATION, Result};
use std::cmp::Ordering;

impl Numeric {
    /// The type's input function without a type modifier.
    pub(crate) fn input(text: &str) -> Result<Numeric> {
        let syntax = || {
            DatabaseError::new(
                INVALID_TEXT_REPRESENTATION,
                format!("invalid input syntax for type numeric: \"{text}\""),
            )
        };
        let trimmed = text.trim_matches(crate::value::is_space);
        let unsigned = trimmed.strip_prefix(['+', '-']).unwrap_or(trimmed);
        if unsigned.starts_with(|c: char| c.is_ascii_digit() || c == '.') {
            return Decimal::scan(trimmed).ok_or_else(syntax)?.and_then(Decimal::checked);
        }
        if trimmed.eq_ignore_ascii_case("nan") {
            return Ok(Numeric::NaN);
        }
        if unsigned.eq_ignore_ascii_case("infinity") || unsigned.eq_ignore_ascii_case("inf") {
            return Ok(Numeric::Infinity { negative: trimmed.starts_with('-') });
        }
        Err(syntax())
    }

    /// A stored numeric, which is canonical text.
    pub(crate) fn stored(text: &str) -> Result<Numeric> {
        Numeric::input(text).map_err(|_| DatabaseError::internal(format_args!("stored numeric {text:?}")))
    }

    /// The type's output.
    pub(crate) fn to_text(&self) -> String {
        match self {
            Numeric::Finite(value) => value.to_text(),
            Numeric::Infinity { negative: true } => "-Infinity".to_owned(),
            Numeric::Infinity { negative: false } => "Infinity".to_owned(),
            Numeric::NaN => "NaN".to_owned(),
        }
    }

    /// The cast from float8: 15 significant digits.
    pub(crate) fn from_f64(value: f64) -> Numeric {
        Numeric::from_float(value, 15)
    }

    /// The cast from float4: 6 significant digits.
    pub(crate) fn from_f32(value: f64) -> Numeric {
        Numeric::from_float(value, 6)
    }

    fn from_float(value: f64, significant: usize) -> Numeric {
        if value.is_nan() {
            return Numeric::NaN;
        }
        if value.is_infinite() {
            return Numeric::Infinity { negative: value < 0.0 };
        }
        let text = format!("{:.*e}", significant - 1, value);
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        // As C's %g: no trailing zeros, so that they add no scale.
        let mantissa = if mantissa.contains('.') {
            mantissa.trim_end_matches('0').trim_end_matches('.')
        } else {
            mantissa
        };
        match Decimal::scan(&format!("{mantissa}e{exponent}")) {
            Some(Ok(decimal)) => Numeric::Finite(decimal),
            _ => Numeric::NaN,
        }
    }
}

impl Decimal {
    /// Reads `[sign] digits [. digits] [e [sign] digits]`, whole. `None` for other text.
    fn scan(text: &str) -> Option<Result<Decimal>> {
        let negative = text.starts_with('-');
        let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
        let (mantissa, exponent) = match unsigned.find(['e', 'E']) {
            Some(at) => (&unsigned[..at], Some(&unsigned[at + 1..])),
            None => (unsigned, None),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        if whole.is_empty() && fraction.is_empty() {
            return None;
        }
        if !whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        let mut shift: i64 = 0;
        if let Some(exponent) = exponent {
            let digits = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                return None;
            }
            shift = exponent.parse().unwrap_or(i64::MAX);
            // PostgreSQL's bound: half of int32's maximum.
            if shift.abs() >= i64::from(i32::MAX / 2) {
                return Some(Err(overflow()));
            }
        }
        let point = whole.len() as i64 + shift;
        let scale = (fraction.len() as i64 - shift).max(0);
        if scale > i64::from(MAX_SCALE) {
            // PostgreSQL keeps what its format holds; the excess scale is refused.
            return Some(Err(overflow()));
        }
        if point > i64::from((MAX_WEIGHT + 1) * DIGITS)
            && !whole.bytes().chain(fraction.bytes()).all(|b| b == b'0')
        {
            return Some(Err(overflow()));
        }
        if point.abs() > i64::from((MAX_WEIGHT + 2) * DIGITS) {
            return Some(Ok(Decimal::zero(scale as i32)));
        }
        Some(Ok(Decimal::from_decimal_digits(
            negative,
            whole.bytes().chain(fraction.bytes()),
            point as i32,
            scale as i32,
        )))
    }

    /// A number from its decimal digits (ASCII), of which `point` stand before the decimal point.
    fn from_decimal_digits(
        negative: bool,
        decimals: impl Iterator<Item = u8>,
        point: i32,
        scale: i32,
    ) -> Decimal {
        let weight = if point > 0 { (point - 1) / DIGITS } else { -((-point) / DIGITS + 1) };
        // How many zeros precede the first decimal digit within the first base digit.
        let mut place = (weight + 1) * DIGITS - point;
        let mut digits = Vec::new();
        let mut current: i16 = 0;
        for byte in decimals {
            current = current * 10 + i16::from(byte - b'0');
            place += 1;
            if place == DIGITS {
                digits.push(current);
                current = 0;
                place = 0;
            }
        }
        if place > 0 {
            for _ in place..DIGITS {
                current *= 10;
            }
            digits.push(current);
        }
        Decimal { negative, weight, scale, digits }.strip()
    }

    /// PostgreSQL's output.
    pub(crate) fn to_text(&self) -> String {
        let mut out = String::with_capacity(self.digits.len() * 4 + 4);
        if self.negative {
            out.push('-');
        }
        if self.weight < 0 || self.digits.is_empty() {
            out.push('0');
        } else {
            for weight in (0..=self.weight).rev() {
                push_digit(&mut out, self.digit(weight), weight < self.weight);
            }
        }
        if self.scale > 0 {
            out.push('.');
            let end = out.len() + self.scale as usize;
            let mut weight = -1;
            while out.len() < end {
                push_digit(&mut out, self.digit(weight), true);
                weight -= 1;
            }
            out.truncate(end);
        }
        out
    }
}

fn push_digit(out: &mut String, digit: i32, padded: bool) {
    debug_assert!((0..BASE).contains(&digit));
    let mut significant = padded;
    for unit in [1000, 100, 10, 1] {
        let decimal = digit / unit % 10;
        if decimal != 0 || significant || unit == 1 {
            significant = true;
            out.push(char::from(b'0' + decimal as u8));
        }
    }
}

/// Compares two stored numerics as text: what the collation `pg_numeric` does, millions of times in a sort.
pub(crate) fn compare_text(left: &str, right: &str) -> Ordering {
    fn class(text: &str) -> i32 {
        match text.as_bytes() {
            [b'N', ..] => 3,
            [b'I', ..] => 2,
            [b'-', b'I', ..] => -2,
            [b'-', ..] => -1,
            _ => 1,
        }
    }
    fn magnitude(left: &str, right: &str) -> Ordering {
        let (left_whole, left_fraction) = left.split_once('.').unwrap_or((left, ""));
        let (right_whole, right_fraction) = right.split_once('.').unwrap_or((right, ""));
        left_whole
            .len()
            .cmp(&right_whole.len())
            .then_with(|| left_whole.cmp(right_whole))
            .then_with(|| left_fraction.trim_end_matches('0').cmp(right_fraction.trim_end_matches('0')))
    }
    match (class(left), class(right)) {
        (1, 1) => magnitude(left, right),
        (-1, -1) => magnitude(&right[1..], &left[1..]),
        (a, b) => a.cmp(&b),
    }
}
