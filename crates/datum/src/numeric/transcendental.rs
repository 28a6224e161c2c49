//! Roots, exponentials, logarithms and powers, with PostgreSQL's result scales.
//!
//! Each is computed with more places than the result shows and rounded once.

use super::arithmetic::division_by_zero;
use super::{BASE, DIGITS, Decimal, MAX_DISPLAY_SCALE, MIN_SIGNIFICANT_DIGITS, Numeric, overflow};
use sqlstate::{DatabaseError, INVALID_ARGUMENT_FOR_LOG, INVALID_ARGUMENT_FOR_POWER_FUNCTION, Result};
use std::cmp::Ordering;
use std::f64::consts::{LN_10, LOG10_E};

/// Roots and logarithms of numbers with more decimal digits than this would take too long.
const MAX_DIGITS: i32 = 10_000;
/// Beyond this many decimal digits an exponential overflows.
const MAX_RESULT_DIGITS: f64 = 2000.0;

impl Decimal {
    /// log10 of the magnitude, near enough to choose scales by.
    fn log10_estimate(&self) -> f64 {
        let mut leading = 0f64;
        for at in 0..4 {
            leading = leading * f64::from(BASE) + f64::from(self.digit(self.weight - at));
        }
        leading.log10() + f64::from((self.weight - 3) * DIGITS)
    }

    /// Refuses a number too long to compute roots and logarithms of.
    fn reasonable(&self) -> Result<()> {
        if self.weight.abs() * DIGITS > MAX_DIGITS || self.scale > MAX_DIGITS {
            return Err(DatabaseError::unsupported("a root or logarithm of a number this long"));
        }
        Ok(())
    }

    /// The decimal weight of ln(self), as PostgreSQL estimates it.
    fn ln_weight(&self) -> i32 {
        let tenth = Decimal { negative: false, weight: -1, scale: 1, digits: vec![1000] };
        let distance = self.subtract(&Decimal::one());
        if distance.compare_magnitude(&tenth) != Ordering::Greater {
            return match distance.digits.first() {
                Some(first) => distance.weight * DIGITS + f64::from(*first).log10() as i32,
                None => 0,
            };
        }
        let Some(first) = self.digits.first() else { return 0 };
        let mut leading = f64::from(*first);
        let mut weight = self.weight * DIGITS;
        if let Some(second) = self.digits.get(1) {
            leading = leading * f64::from(BASE) + f64::from(*second);
            weight -= DIGITS;
        }
        (leading.ln() + f64::from(weight) * LN_10).abs().log10() as i32
    }

    fn square_root(&self, scale: i32) -> Decimal {
        if self.is_zero() {
            return Decimal::zero(scale);
        }
        // Newton's iteration on a guess from floating point, with places to spare.
        let working = scale.max(0) + 8 + (self.weight.abs() + 1) * DIGITS / 2;
        let half_weight = self.log10_estimate() / 2.0;
        let exponent = half_weight.floor() as i32;
        let mut guess = Decimal::power_of_ten_times(10f64.powf(half_weight - f64::from(exponent)), exponent);
        let two = Decimal::from(2);
        for _ in 0..64 {
            let next = guess.add(&self.divide(&guess, working, true)).divide(&two, working, true);
            let change = next.subtract(&guess).abs().round(working - 2);
            guess = next;
            if change.is_zero() {
                break;
            }
        }
        // The guess may stand just above a half that the root stays below.
        let rounded = guess.round(scale);
        let unit = Decimal::power_of_ten_times(1.0, -scale);
        let half_way = rounded.subtract(&unit.divide(&two, scale + 1, true));
        let above = half_way.sign() > 0 && half_way.multiply(&half_way).compare_magnitude(self).is_gt();
        if above { rounded.subtract(&unit).with_scale(scale.max(0)) } else { rounded }
    }

    /// `mantissa × 10^exponent` with the mantissa's 15 digits.
    fn power_of_ten_times(mantissa: f64, exponent: i32) -> Decimal {
        match Numeric::input(&format!("{mantissa:.15}e{exponent}")) {
            Ok(Numeric::Finite(value)) => value,
            _ => Decimal::one(),
        }
    }

    /// e^self to `scale` places.
    fn exponential(&self, scale: i32) -> Result<Decimal> {
        let estimate = self.to_f64();
        if estimate.abs() >= MAX_RESULT_DIGITS * 3.0 {
            if estimate > 0.0 {
                return Err(overflow());
            }
            return Ok(Decimal::zero(scale));
        }
        // Halve until small, so that the series is short; square back afterwards.
        let weight = (estimate * LOG10_E) as i32;
        let mut halvings = 0;
        let mut reduced = estimate.abs();
        while reduced > 0.01 {
            halvings += 1;
            reduced /= 2.0;
        }
        let significant = (1 + weight.max(0) + scale).max(1) + 10 + halvings;
        let working = significant + 8;
        let mut argument = self.clone();
        let two = Decimal::from(2);
        for _ in 0..halvings {
            argument = argument.divide(&two, working + halvings, true);
        }
        let mut sum = Decimal::one().add(&argument);
        let mut term = argument.clone();
        for n in 2..10_000 {
            term = term.multiply(&argument).divide(&Decimal::from(n), working, true);
            if term.is_zero() {
                break;
            }
            sum = sum.add(&term);
        }
        for _ in 0..halvings {
            // Keep significant digits rather than places: the value grows or shrinks.
            let places = working - (2.0 * sum.log10_estimate()) as i32;
            sum = sum.multiply(&sum).round(places.max(0));
        }
        Ok(sum.round(scale))
    }

    /// ln(self) to `scale` places; self is positive.
    fn logarithm(&self, scale: i32) -> Decimal {
        // ln x = 2^k · 2 · artanh((r-1)/(r+1)), r the 2^k-th root of x near 1.
        let mut roots = 0;
        let mut distance = (self.log10_estimate() * LN_10).abs();
        while distance > 0.05 {
            roots += 1;
            distance /= 2.0;
        }
        let working = scale.max(0) + 12 + roots;
        let mut root = self.clone();
        for _ in 0..roots {
            let places = working + (-root.log10_estimate()).max(0.0) as i32;
            root = root.square_root(places);
        }
        let one = Decimal::one();
        let ratio = root.subtract(&one).divide(&root.add(&one), working + 4, true);
        let square = ratio.multiply(&ratio).round(working + 4);
        let mut power = ratio.clone();
        let mut sum = ratio;
        let mut n = 3;
        loop {
            power = power.multiply(&square).round(working + 4);
            let term = power.divide(&Decimal::from(n), working + 4, true);
            if term.is_zero() {
                break;
            }
            sum = sum.add(&term);
            n += 2;
        }
        let mut factor = Decimal::from(2);
        for _ in 0..roots {
            factor = factor.add(&factor);
        }
        sum.multiply(&factor).round(scale)
    }

    /// self^exponent for a whole exponent.
    fn whole_power(&self, exponent: i64) -> Result<Decimal> {
        let scale = MIN_SIGNIFICANT_DIGITS.max(self.scale).min(MAX_DISPLAY_SCALE);
        let estimate = if self.is_zero() { 0.0 } else { self.log10_estimate() * exponent as f64 };
        if estimate > f64::from(super::MAX_WEIGHT * DIGITS) {
            return Err(overflow());
        }
        if estimate + 1.0 < -f64::from(MAX_DISPLAY_SCALE) {
            return Ok(Decimal::zero(scale));
        }
        if exponent == 0 {
            return Ok(Decimal::one().with_scale(scale));
        }
        if self.is_zero() {
            return Ok(Decimal::zero(scale));
        }
        let significant = scale + estimate.abs() as i32 + 8 + (exponent.unsigned_abs() as f64).log10() as i32;
        let limit = |value: Decimal| {
            let places = significant + 8 - value.log10_estimate() as i32;
            if places < value.scale { value.round(places) } else { value }
        };
        let mut power = Decimal::one();
        let mut square = self.clone();
        let mut rest = exponent.unsigned_abs();
        while rest > 0 {
            if rest & 1 == 1 {
                power = limit(power.multiply(&square));
            }
            rest >>= 1;
            if rest > 0 {
                square = limit(square.multiply(&square));
                if square.is_zero() {
                    break;
                }
                if square.weight > super::MAX_WEIGHT {
                    return if exponent > 0 { Err(overflow()) } else { Ok(Decimal::zero(scale)) };
                }
            }
        }
        if exponent < 0 { Ok(Decimal::one().divide(&power, scale, true)) } else { Ok(power.round(scale)) }
    }
}

impl Numeric {
    /// A variance, or its root: the quotient and the root show as many places as the quotient of the operands does.
    pub(crate) fn spread(&self, divisor: &Numeric, root: bool) -> Result<Numeric> {
        match (self, divisor) {
            (Numeric::Finite(a), Numeric::Finite(b)) if !b.is_zero() => {
                let scale = a.quotient_scale(b);
                let variance = a.divide(b, scale, true);
                if root {
                    variance.reasonable()?;
                    return variance.square_root(scale).checked();
                }
                variance.checked()
            }
            _ => self.divide(divisor),
        }
    }

    pub(crate) fn square_root(&self) -> Result<Numeric> {
        match self {
            Numeric::NaN => Ok(Numeric::NaN),
            _ if self.sign() < 0 => Err(DatabaseError::new(
                INVALID_ARGUMENT_FOR_POWER_FUNCTION,
                "cannot take square root of a negative number",
            )),
            Numeric::Infinity { .. } => Ok(self.clone()),
            Numeric::Finite(value) => {
                value.reasonable()?;
                let weight = if value.weight >= 0 {
                    value.weight * DIGITS / 2 + 1
                } else {
                    1 - (1 - value.weight * DIGITS) / 2
                };
                let scale = (MIN_SIGNIFICANT_DIGITS - weight).max(value.scale).clamp(0, MAX_DISPLAY_SCALE);
                value.square_root(scale).checked()
            }
        }
    }

    pub(crate) fn exponential(&self) -> Result<Numeric> {
        match self {
            Numeric::NaN => Ok(Numeric::NaN),
            Numeric::Infinity { negative: true } => Ok(Numeric::Finite(Decimal::zero(0))),
            Numeric::Infinity { negative: false } => Ok(self.clone()),
            Numeric::Finite(value) => {
                let digits = (value.to_f64() * LOG10_E).clamp(-MAX_RESULT_DIGITS, MAX_RESULT_DIGITS);
                let scale =
                    (MIN_SIGNIFICANT_DIGITS - digits as i32).max(value.scale).clamp(0, MAX_DISPLAY_SCALE);
                value.exponential(scale)?.checked()
            }
        }
    }

    fn positive_for_log(&self) -> Result<()> {
        match self {
            Numeric::NaN => Ok(()),
            _ => match self.sign() {
                0 => Err(DatabaseError::new(INVALID_ARGUMENT_FOR_LOG, "cannot take logarithm of zero")),
                -1 => Err(DatabaseError::new(
                    INVALID_ARGUMENT_FOR_LOG,
                    "cannot take logarithm of a negative number",
                )),
                _ => Ok(()),
            },
        }
    }

    pub(crate) fn natural_logarithm(&self) -> Result<Numeric> {
        self.positive_for_log()?;
        match self {
            Numeric::Finite(value) => {
                value.reasonable()?;
                let scale =
                    (MIN_SIGNIFICANT_DIGITS - value.ln_weight()).max(value.scale).clamp(0, MAX_DISPLAY_SCALE);
                value.logarithm(scale).checked()
            }
            other => Ok(other.clone()),
        }
    }

    /// The logarithm of `self` to a base.
    pub(crate) fn logarithm(&self, base: &Numeric) -> Result<Numeric> {
        if matches!(self, Numeric::NaN) || matches!(base, Numeric::NaN) {
            return Ok(Numeric::NaN);
        }
        base.positive_for_log()?;
        self.positive_for_log()?;
        match (base, self) {
            (Numeric::Finite(base), Numeric::Finite(value)) => {
                base.reasonable()?;
                value.reasonable()?;
                let (base_weight, weight) = (base.ln_weight(), value.ln_weight());
                let result_weight = weight - base_weight;
                let scale = (MIN_SIGNIFICANT_DIGITS - result_weight)
                    .max(base.scale)
                    .max(value.scale)
                    .clamp(0, MAX_DISPLAY_SCALE);
                let divisor = base.logarithm((scale + result_weight - base_weight + 12).max(0));
                let dividend = value.logarithm((scale + result_weight - weight + 12).max(0));
                if divisor.is_zero() {
                    return Err(division_by_zero());
                }
                dividend.divide(&divisor, scale, true).checked()
            }
            (Numeric::Infinity { .. }, Numeric::Infinity { .. }) => Ok(Numeric::NaN),
            (Numeric::Infinity { .. }, _) => Ok(Numeric::Finite(Decimal::zero(0))),
            (Numeric::Finite(base), other) => {
                // An infinite logarithm, negative for a base below one.
                let below = base.compare_magnitude(&Decimal::one()) == Ordering::Less;
                Ok(if below { other.clone().negated() } else { other.clone() })
            }
            (Numeric::NaN, _) => Ok(Numeric::NaN),
        }
    }

    pub(crate) fn power(&self, exponent: &Numeric) -> Result<Numeric> {
        let invalid = |message: &str| Err(DatabaseError::new(INVALID_ARGUMENT_FOR_POWER_FUNCTION, message));
        let one = Numeric::Finite(Decimal::one());
        match (self, exponent) {
            (Numeric::NaN, Numeric::Finite(e)) if e.is_zero() => return Ok(one),
            (Numeric::Finite(_), Numeric::NaN) if self.compare(&one) == Ordering::Equal => return Ok(one),
            (Numeric::NaN, _) | (_, Numeric::NaN) => return Ok(Numeric::NaN),
            _ => {}
        }
        let whole = |value: &Decimal| value.min_scale() == 0;
        if self.sign() == 0 && exponent.sign() < 0 {
            return invalid("zero raised to a negative power is undefined");
        }
        if let Numeric::Finite(e) = exponent
            && self.sign() < 0
            && !whole(e)
        {
            return invalid("a negative number raised to a non-integer power yields a complex result");
        }
        let (base, exponent) = match (self, exponent) {
            (Numeric::Finite(base), Numeric::Finite(exponent)) => (base, exponent),
            (base, Numeric::Infinity { negative }) => {
                let size = base.clone().abs().compare(&one);
                return Ok(match (size, negative) {
                    (Ordering::Equal, _) => one,
                    (Ordering::Greater, false) | (Ordering::Less, true) => {
                        Numeric::Infinity { negative: false }
                    }
                    _ => Numeric::Finite(Decimal::zero(0)),
                });
            }
            (Numeric::Infinity { negative }, Numeric::Finite(e)) => {
                let odd = !e.clone().remainder(&Decimal::from(2)).is_zero();
                return Ok(match e.sign() {
                    0 => one,
                    1 => Numeric::Infinity { negative: *negative && odd },
                    _ => Numeric::Finite(Decimal::zero(0)),
                });
            }
            _ => return Ok(Numeric::NaN),
        };
        if whole(exponent)
            && let Some(n) = exponent.to_i64()
            && i32::try_from(n).is_ok()
        {
            return base.whole_power(n)?.checked();
        }
        if base.is_zero() {
            return Ok(Numeric::Finite(Decimal::zero(MIN_SIGNIFICANT_DIGITS)));
        }
        base.reasonable()?;
        exponent.reasonable()?;
        let odd = base.negative && !exponent.remainder(&Decimal::from(2)).is_zero();
        let magnitude = base.clone().abs();
        let ln_weight = magnitude.ln_weight();
        let places = (8 - ln_weight).clamp(0, MAX_DISPLAY_SCALE);
        let rough = magnitude.logarithm(places).multiply(exponent).to_f64();
        if rough.abs() > MAX_RESULT_DIGITS * 3.01 {
            if rough > 0.0 {
                return Err(overflow());
            }
            return Ok(Numeric::Finite(Decimal::zero(MAX_DISPLAY_SCALE)));
        }
        let digits = (rough * LOG10_E) as i32;
        let scale =
            (MIN_SIGNIFICANT_DIGITS - digits).max(base.scale).max(exponent.scale).clamp(0, MAX_DISPLAY_SCALE);
        let significant = (scale + digits).max(1);
        let working = (significant - ln_weight + 12).max(0) + (exponent.weight.max(0) + 1) * DIGITS;
        let power = magnitude.logarithm(working).multiply(exponent).exponential(scale)?;
        (if odd { power.negated() } else { power }).checked()
    }
}
