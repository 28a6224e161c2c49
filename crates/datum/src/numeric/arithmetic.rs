//! The four operations, rounding, and the scale rules of PostgreSQL's results.

use super::{BASE, DIGITS, Decimal, MAX_DISPLAY_SCALE, MAX_SCALE, MIN_SIGNIFICANT_DIGITS, Numeric};
use sqlstate::{DIVISION_BY_ZERO, DatabaseError, Result};
use std::cmp::Ordering;

impl Decimal {
    /// Rounds half away from zero to `scale` places, which may be negative; shows `max(scale, 0)` places.
    pub(crate) fn round(self, scale: i32) -> Decimal {
        self.cut(scale, true)
    }

    /// Cuts off beyond `scale` places.
    pub(crate) fn truncate(self, scale: i32) -> Decimal {
        self.cut(scale, false)
    }

    fn cut(mut self, scale: i32, rounding: bool) -> Decimal {
        // Decimal digits kept, counted from the first base digit's first place.
        let kept = (self.weight + 1) * DIGITS + scale;
        self.scale = scale.max(0);
        if kept < 0 {
            return Decimal::zero(self.scale);
        }
        let whole = (kept / DIGITS) as usize;
        let part = kept % DIGITS;
        if whole >= self.digits.len() {
            return self;
        }
        let unit: i16 = match part {
            1 => 1000,
            2 => 100,
            3 => 10,
            _ => 1,
        };
        let first_cut = if part == 0 {
            i32::from(self.digits[whole]) >= BASE / 2
        } else {
            self.digits[whole] % unit >= unit / 2
        };
        if part == 0 {
            self.digits.truncate(whole);
            if rounding && first_cut {
                self.carry(whole, 1);
            }
        } else {
            self.digits.truncate(whole + 1);
            self.digits[whole] -= self.digits[whole] % unit;
            if rounding && first_cut {
                self.carry(whole + 1, unit);
            }
        }
        self.strip()
    }

    /// Adds `amount` to the digit before index `end` and carries.
    fn carry(&mut self, end: usize, amount: i16) {
        let mut amount = amount;
        for digit in self.digits[..end].iter_mut().rev() {
            *digit += amount;
            if i32::from(*digit) < BASE {
                return;
            }
            *digit -= BASE as i16;
            amount = 1;
        }
        self.digits.insert(0, amount);
        self.weight += 1;
    }

    fn add_magnitude(&self, other: &Decimal) -> Decimal {
        let scale = self.scale.max(other.scale);
        if self.digits.is_empty() {
            return other.clone().with_scale(scale).abs();
        }
        if other.digits.is_empty() {
            return self.clone().with_scale(scale).abs();
        }
        let low = (self.weight - self.digits.len() as i32).min(other.weight - other.digits.len() as i32) + 1;
        let high = self.weight.max(other.weight) + 1;
        let mut digits = vec![0i16; (high - low + 1) as usize];
        let mut carry = 0;
        for weight in low..=high {
            let sum = self.digit(weight) + other.digit(weight) + carry;
            carry = i32::from(sum >= BASE);
            digits[(high - weight) as usize] = (sum - carry * BASE) as i16;
        }
        Decimal { negative: false, weight: high, scale, digits }.strip()
    }

    /// `self - other`, where the magnitude of `self` is not the smaller one.
    fn subtract_magnitude(&self, other: &Decimal) -> Decimal {
        let scale = self.scale.max(other.scale);
        let low = if other.digits.is_empty() {
            self.weight - self.digits.len() as i32 + 1
        } else {
            (self.weight - self.digits.len() as i32).min(other.weight - other.digits.len() as i32) + 1
        };
        let high = self.weight;
        let mut digits = vec![0i16; (high - low + 1).max(0) as usize];
        let mut borrow = 0;
        for weight in low..=high {
            let difference = self.digit(weight) - other.digit(weight) - borrow;
            borrow = i32::from(difference < 0);
            digits[(high - weight) as usize] = (difference + borrow * BASE) as i16;
        }
        Decimal { negative: false, weight: high, scale, digits }.strip()
    }

    pub(crate) fn add(&self, other: &Decimal) -> Decimal {
        if self.negative == other.negative {
            let mut sum = self.add_magnitude(other);
            sum.negative = self.negative && !sum.digits.is_empty();
            return sum;
        }
        match self.compare_magnitude(other) {
            Ordering::Equal => Decimal::zero(self.scale.max(other.scale)),
            Ordering::Greater => {
                let mut difference = self.subtract_magnitude(other);
                difference.negative = self.negative;
                difference
            }
            Ordering::Less => {
                let mut difference = other.subtract_magnitude(self);
                difference.negative = other.negative;
                difference
            }
        }
    }

    pub(crate) fn subtract(&self, other: &Decimal) -> Decimal {
        self.add(&other.clone().negated())
    }

    /// The exact product, its scale the sum of the scales.
    pub(crate) fn multiply(&self, other: &Decimal) -> Decimal {
        let scale = self.scale + other.scale;
        if self.digits.is_empty() || other.digits.is_empty() {
            return Decimal::zero(scale);
        }
        let mut sums = vec![0u64; self.digits.len() + other.digits.len()];
        for (i, a) in self.digits.iter().enumerate() {
            for (j, b) in other.digits.iter().enumerate() {
                sums[i + j + 1] += (*a as u64) * (*b as u64);
            }
        }
        let mut carry = 0u64;
        for sum in sums.iter_mut().rev() {
            let total = *sum + carry;
            *sum = total % BASE as u64;
            carry = total / BASE as u64;
        }
        let digits = sums.into_iter().map(|digit| digit as i16).collect();
        Decimal {
            negative: self.negative != other.negative,
            weight: self.weight + other.weight + 1,
            scale,
            digits,
        }
        .strip()
    }

    /// The quotient to `scale` places, rounded or cut. The divisor is not zero.
    pub(crate) fn divide(&self, divisor: &Decimal, scale: i32, rounding: bool) -> Decimal {
        if self.digits.is_empty() || divisor.digits.is_empty() {
            return Decimal::zero(scale.max(0));
        }
        let weight = self.weight - divisor.weight;
        // One base digit beyond the last place, so that rounding sees what it needs.
        let count = (weight + 1 + (scale + DIGITS - 1).div_euclid(DIGITS) + 2).max(1) as usize;
        let dividend: Vec<i64> = (0..count + divisor.digits.len())
            .map(|at| self.digits.get(at).map_or(0, |digit| i64::from(*digit)))
            .collect();
        let digits = long_division(dividend, &divisor.digits, count);
        let quotient = Decimal { negative: self.negative != divisor.negative, weight, scale, digits }.strip();
        if rounding { quotient.round(scale) } else { quotient.truncate(scale) }
    }

    /// The remainder of the division that cuts towards zero.
    pub(crate) fn remainder(&self, divisor: &Decimal) -> Decimal {
        let scale = self.scale.max(divisor.scale);
        let quotient = self.divide(divisor, 0, false);
        self.subtract(&quotient.multiply(divisor)).with_scale(scale).strip()
    }

    pub(crate) fn floor(self) -> Decimal {
        let cut = self.clone().truncate(0);
        if self.negative && cut.compare_magnitude(&self) != Ordering::Equal {
            cut.subtract(&Decimal::one())
        } else {
            cut
        }
    }

    pub(crate) fn ceiling(self) -> Decimal {
        self.negated().floor().negated()
    }

    /// The scale of a quotient: at least 16 significant digits, and the operands' scales.
    pub(crate) fn quotient_scale(&self, divisor: &Decimal) -> i32 {
        let first = self.digits.first().copied().unwrap_or(0);
        let second = divisor.digits.first().copied().unwrap_or(0);
        let mut weight = self.weight - divisor.weight;
        if first <= second {
            weight -= 1;
        }
        (MIN_SIGNIFICANT_DIGITS - weight * DIGITS)
            .max(self.scale)
            .max(divisor.scale)
            .clamp(0, MAX_DISPLAY_SCALE)
    }
}

/// Schoolbook division: the first `count` digits of the quotient; `dividend` has `count + divisor.len()` digits.
fn long_division(mut dividend: Vec<i64>, divisor: &[i16], count: usize) -> Vec<i16> {
    let base = i64::from(BASE);
    let mut quotient = Vec::with_capacity(count);
    if let [single] = divisor {
        let single = i64::from(*single);
        let mut rest = 0;
        for digit in &dividend[..count] {
            let current = rest * base + digit;
            quotient.push((current / single) as i16);
            rest = current % single;
        }
        return quotient;
    }
    // Knuth's algorithm D: both sides scaled so that the divisor's first digit is at least half the base.
    let factor = base / (i64::from(divisor[0]) + 1);
    let mut scaled = vec![0i64; divisor.len()];
    let mut carry = 0;
    for (at, digit) in divisor.iter().enumerate().rev() {
        let value = i64::from(*digit) * factor + carry;
        scaled[at] = value % base;
        carry = value / base;
    }
    let mut carry = 0;
    for digit in dividend.iter_mut().rev() {
        let value = *digit * factor + carry;
        *digit = value % base;
        carry = value / base;
    }
    dividend.insert(0, carry);
    let (first, second) = (scaled[0], scaled[1]);
    for at in 0..count {
        let head = dividend[at] * base + dividend[at + 1];
        let mut guess = if dividend[at] == first { base - 1 } else { head / first };
        while guess * second > (head - guess * first) * base + dividend[at + 2] {
            guess -= 1;
        }
        let mut borrow = 0;
        for index in (0..scaled.len()).rev() {
            let value = dividend[at + 1 + index] - guess * scaled[index] - borrow;
            dividend[at + 1 + index] = value.rem_euclid(base);
            borrow = -value.div_euclid(base);
        }
        dividend[at] -= borrow;
        if dividend[at] < 0 {
            guess -= 1;
            let mut carry = 0;
            for index in (0..scaled.len()).rev() {
                let value = dividend[at + 1 + index] + scaled[index] + carry;
                dividend[at + 1 + index] = value % base;
                carry = value / base;
            }
            dividend[at] += carry;
        }
        quotient.push(guess as i16);
    }
    quotient
}

pub(super) fn division_by_zero() -> DatabaseError {
    DatabaseError::new(DIVISION_BY_ZERO, "division by zero")
}

impl Numeric {
    /// One digit, `fraction` more behind a point, and the power of ten: `1.2e+03`.
    pub(crate) fn scientific(&self, fraction: i32) -> Result<String> {
        let Numeric::Finite(value) = self else { return Ok(self.to_text()) };
        let exponent =
            value.digits.first().map_or(0, |first| value.weight * DIGITS + i32::from(*first).ilog10() as i32);
        let unit = i16::try_from(10i32.pow(exponent.rem_euclid(DIGITS) as u32)).unwrap_or(1);
        let power =
            Decimal { negative: false, weight: exponent.div_euclid(DIGITS), scale: 0, digits: vec![unit] };
        let significand = value.divide(&power, fraction, true);
        let sign = if exponent < 0 { '-' } else { '+' };
        Ok(format!("{}e{sign}{:02}", Numeric::Finite(significand).to_text(), exponent.unsigned_abs()))
    }

    pub(crate) fn add(&self, other: &Numeric) -> Result<Numeric> {
        match (self, other) {
            (Numeric::Finite(a), Numeric::Finite(b)) => a.add(b).checked(),
            (Numeric::NaN, _) | (_, Numeric::NaN) => Ok(Numeric::NaN),
            (Numeric::Infinity { negative: a }, Numeric::Infinity { negative: b }) if a != b => {
                Ok(Numeric::NaN)
            }
            (Numeric::Infinity { negative }, _) | (_, Numeric::Infinity { negative }) => {
                Ok(Numeric::Infinity { negative: *negative })
            }
        }
    }

    pub(crate) fn subtract(&self, other: &Numeric) -> Result<Numeric> {
        self.add(&other.clone().negated())
    }

    pub(crate) fn multiply(&self, other: &Numeric) -> Result<Numeric> {
        match (self, other) {
            (Numeric::Finite(a), Numeric::Finite(b)) => {
                let product = a.multiply(b);
                if product.scale > MAX_SCALE { product.round(MAX_SCALE).checked() } else { product.checked() }
            }
            (Numeric::NaN, _) | (_, Numeric::NaN) => Ok(Numeric::NaN),
            (a, b) => Ok(match a.sign() * b.sign() {
                0 => Numeric::NaN,
                sign => Numeric::Infinity { negative: sign < 0 },
            }),
        }
    }

    pub(crate) fn divide(&self, other: &Numeric) -> Result<Numeric> {
        match (self, other) {
            (Numeric::NaN, _) | (_, Numeric::NaN) => Ok(Numeric::NaN),
            (Numeric::Infinity { .. }, Numeric::Infinity { .. }) => Ok(Numeric::NaN),
            (Numeric::Infinity { negative }, Numeric::Finite(b)) => match b.sign() {
                0 => Err(division_by_zero()),
                sign => Ok(Numeric::Infinity { negative: *negative != (sign < 0) }),
            },
            (Numeric::Finite(_), Numeric::Infinity { .. }) => Ok(Numeric::Finite(Decimal::zero(0))),
            (Numeric::Finite(_), Numeric::Finite(b)) if b.is_zero() => Err(division_by_zero()),
            (Numeric::Finite(a), Numeric::Finite(b)) => a.divide(b, a.quotient_scale(b), true).checked(),
        }
    }

    /// The quotient cut to an integer: `div()`.
    pub(crate) fn divide_whole(&self, other: &Numeric) -> Result<Numeric> {
        match (self, other) {
            (Numeric::Finite(_), Numeric::Finite(b)) if b.is_zero() => Err(division_by_zero()),
            (Numeric::Finite(a), Numeric::Finite(b)) => a.divide(b, 0, false).checked(),
            _ => self.divide(other),
        }
    }

    pub(crate) fn remainder(&self, other: &Numeric) -> Result<Numeric> {
        match (self, other) {
            (Numeric::NaN, _) | (_, Numeric::NaN) => Ok(Numeric::NaN),
            (Numeric::Infinity { .. }, Numeric::Finite(b)) if b.is_zero() => Err(division_by_zero()),
            (Numeric::Infinity { .. }, _) => Ok(Numeric::NaN),
            (Numeric::Finite(a), Numeric::Infinity { .. }) => Ok(Numeric::Finite(a.clone())),
            (Numeric::Finite(_), Numeric::Finite(b)) if b.is_zero() => Err(division_by_zero()),
            (Numeric::Finite(a), Numeric::Finite(b)) => a.remainder(b).checked(),
        }
    }

    /// The finite number changed by `change`; the others stay.
    pub(crate) fn map(self, change: impl FnOnce(Decimal) -> Decimal) -> Result<Numeric> {
        match self {
            Numeric::Finite(value) => change(value).checked(),
            other => Ok(other),
        }
    }
}
