//! Exact decimals: PostgreSQL's `numeric`, its digits in base 10,000, its display scales and its limits.
//!
//! The base matters to results: the scale of a quotient follows from the weights of base-10,000 digits.

mod arithmetic;
mod text;
mod transcendental;

pub(crate) use text::compare_text;

use sqlstate::{DatabaseError, NUMERIC_VALUE_OUT_OF_RANGE, Result};
use std::cmp::Ordering;

/// Decimal digits in one digit of the representation.
const DIGITS: i32 = 4;
/// The base of the representation.
const BASE: i32 = 10_000;
/// The largest scale a numeric can display.
const MAX_DISPLAY_SCALE: i32 = 1000;
/// The significant digits that a quotient or a root has at least.
const MIN_SIGNIFICANT_DIGITS: i32 = 16;
/// The largest weight (in base-10,000 digits) that PostgreSQL's storage has.
const MAX_WEIGHT: i32 = 32_767;
/// The largest scale that PostgreSQL's storage has.
const MAX_SCALE: i32 = 16_383;

/// A numeric value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Numeric {
    /// A number.
    Finite(Decimal),
    /// Larger (or smaller, if negative) than any number.
    Infinity { negative: bool },
    /// Not a number: equal to itself and larger than everything else, as in PostgreSQL.
    NaN,
}

/// A finite number: `± digits[0].digits[1] … × BASE^weight`, shown with `scale` decimal places.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Decimal {
    negative: bool,
    weight: i32,
    scale: i32,
    /// Without zeros at either end; empty for zero.
    digits: Vec<i16>,
}

impl Decimal {
    fn zero(scale: i32) -> Decimal {
        Decimal { negative: false, weight: 0, scale, digits: Vec::new() }
    }

    fn one() -> Decimal {
        Decimal::from(1)
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.digits.is_empty()
    }

    /// Decimal places shown.
    pub(crate) fn scale(&self) -> i32 {
        self.scale
    }

    /// The number with other decimal places shown; the value must not need more.
    pub(crate) fn with_scale(mut self, scale: i32) -> Decimal {
        self.scale = scale;
        self
    }

    /// Removes zeros at both ends.
    fn strip(mut self) -> Decimal {
        let leading = self.digits.iter().take_while(|digit| **digit == 0).count();
        if leading > 0 {
            self.digits.drain(..leading);
            self.weight -= leading as i32;
        }
        while self.digits.last() == Some(&0) {
            self.digits.pop();
        }
        if self.digits.is_empty() {
            self.negative = false;
            self.weight = 0;
        }
        self
    }

    fn negated(mut self) -> Decimal {
        self.negative = !self.negative && !self.digits.is_empty();
        self
    }

    pub(crate) fn abs(mut self) -> Decimal {
        self.negative = false;
        self
    }

    fn sign(&self) -> i32 {
        match (self.digits.is_empty(), self.negative) {
            (true, _) => 0,
            (_, true) => -1,
            (_, false) => 1,
        }
    }

    /// The digit of a weight; 0 where there is none.
    fn digit(&self, weight: i32) -> i32 {
        let at = self.weight - weight;
        if at < 0 { 0 } else { self.digits.get(at as usize).map_or(0, |digit| i32::from(*digit)) }
    }

    fn compare_magnitude(&self, other: &Decimal) -> Ordering {
        match (self.digits.is_empty(), other.digits.is_empty()) {
            (true, true) => return Ordering::Equal,
            (true, false) => return Ordering::Less,
            (false, true) => return Ordering::Greater,
            (false, false) => {}
        }
        self.weight.cmp(&other.weight).then_with(|| self.digits.cmp(&other.digits))
    }

    /// The nearest i64, halves away from zero; `None` out of range.
    pub(crate) fn to_i64(&self) -> Option<i64> {
        let rounded = self.clone().round(0);
        if rounded.weight > 5 {
            return None;
        }
        let mut value: i128 = 0;
        for weight in (0..=rounded.weight.max(0)).rev() {
            value = value * i128::from(BASE) + i128::from(rounded.digit(weight));
        }
        i64::try_from(if rounded.negative { -value } else { value }).ok()
    }

    /// The nearest f64, ±infinity beyond its range.
    pub(crate) fn to_f64(&self) -> f64 {
        self.to_text().parse().unwrap_or(f64::NAN)
    }

    /// Trailing zeros after the point are not shown.
    pub(crate) fn trim_scale(self) -> Decimal {
        let scale = self.min_scale();
        self.with_scale(scale)
    }

    /// The decimal places that the value needs.
    pub(crate) fn min_scale(&self) -> i32 {
        let Some(last) = self.digits.last() else { return 0 };
        let mut scale = (self.digits.len() as i32 - 1 - self.weight) * DIGITS;
        let mut digit = *last;
        while scale > 0 && digit % 10 == 0 {
            scale -= 1;
            digit /= 10;
        }
        scale.max(0)
    }

    /// The number as it leaves an operation: refused where PostgreSQL's storage cannot hold it.
    fn checked(self) -> Result<Numeric> {
        let decimal = self.strip();
        if decimal.weight > MAX_WEIGHT || decimal.scale > MAX_SCALE {
            return Err(overflow());
        }
        Ok(Numeric::Finite(decimal))
    }
}

/// "value overflows numeric format".
fn overflow() -> DatabaseError {
    DatabaseError::new(NUMERIC_VALUE_OUT_OF_RANGE, "value overflows numeric format")
}

impl From<i64> for Decimal {
    fn from(value: i64) -> Self {
        Decimal::from(i128::from(value))
    }
}

impl From<i32> for Decimal {
    fn from(value: i32) -> Self {
        Decimal::from(i128::from(value))
    }
}

impl From<i128> for Decimal {
    fn from(value: i128) -> Self {
        let mut rest = value.unsigned_abs();
        let mut digits = Vec::new();
        while rest > 0 {
            digits.push((rest % BASE as u128) as i16);
            rest /= BASE as u128;
        }
        digits.reverse();
        let weight = digits.len() as i32 - 1;
        Decimal { negative: value < 0, weight, scale: 0, digits }.strip()
    }
}

impl<T: Into<Decimal>> From<T> for Numeric {
    fn from(value: T) -> Self {
        Numeric::Finite(value.into())
    }
}

impl Numeric {
    /// -1, 0 or 1; NaN is 1.
    pub(crate) fn sign(&self) -> i32 {
        match self {
            Numeric::Finite(value) => value.sign(),
            Numeric::Infinity { negative } => {
                if *negative {
                    -1
                } else {
                    1
                }
            }
            Numeric::NaN => 1,
        }
    }

    /// PostgreSQL's total order.
    pub(crate) fn compare(&self, other: &Numeric) -> Ordering {
        fn rank(value: &Numeric) -> i32 {
            match value {
                Numeric::Infinity { negative: true } => -1,
                Numeric::Finite(_) => 0,
                Numeric::Infinity { negative: false } => 1,
                Numeric::NaN => 2,
            }
        }
        match (self, other) {
            (Numeric::Finite(a), Numeric::Finite(b)) => a
                .sign()
                .cmp(&b.sign())
                .then_with(|| if a.negative { b.compare_magnitude(a) } else { a.compare_magnitude(b) }),
            _ => rank(self).cmp(&rank(other)),
        }
    }

    pub(crate) fn negated(self) -> Numeric {
        match self {
            Numeric::Finite(value) => Numeric::Finite(value.negated()),
            Numeric::Infinity { negative } => Numeric::Infinity { negative: !negative },
            Numeric::NaN => Numeric::NaN,
        }
    }

    pub(crate) fn abs(self) -> Numeric {
        match self {
            Numeric::Finite(value) => Numeric::Finite(value.abs()),
            Numeric::Infinity { .. } => Numeric::Infinity { negative: false },
            Numeric::NaN => Numeric::NaN,
        }
    }

    /// Applies `numeric(precision, scale)`; -1 changes nothing.
    pub(crate) fn under_typmod(self, typmod: i32) -> Result<Numeric> {
        if typmod < 4 {
            return Ok(self);
        }
        let precision = ((typmod - 4) >> 16) & 0xffff;
        let scale = (((typmod - 4) & 0x7ff) ^ 1024) - 1024;
        let too_large = |detail: String| {
            DatabaseError::new(NUMERIC_VALUE_OUT_OF_RANGE, "numeric field overflow").with_detail(detail)
        };
        match self {
            Numeric::NaN => Ok(Numeric::NaN),
            Numeric::Infinity { .. } => Err(too_large(format!(
                "A field with precision {precision}, scale {scale} cannot hold an infinite value."
            ))),
            Numeric::Finite(value) => {
                let rounded = value.round(scale);
                let whole = precision - scale;
                if !rounded.is_zero() {
                    let first = rounded.digits.first().map_or(0, |digit| i32::from(*digit));
                    let length = match first {
                        1000.. => 4,
                        100..=999 => 3,
                        10..=99 => 2,
                        _ => 1,
                    };
                    if rounded.weight * DIGITS + length > whole {
                        let bound = if whole == 0 { "1".to_owned() } else { format!("10^{whole}") };
                        return Err(too_large(format!(
                            "A field with precision {precision}, scale {scale} must round to an absolute value less than {bound}."
                        )));
                    }
                }
                Ok(Numeric::Finite(rounded))
            }
        }
    }
}
