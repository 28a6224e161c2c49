//! Variances and standard deviations.

use super::sums::NumericSum;
use super::{Accumulator, Aggregate, argument, plain, unexpected};
use crate::context::Context;
use crate::float;
use crate::numeric::Numeric;
use crate::value::{Stored, StoredValue};
use sqlstate::Result;

/// Which of the four.
#[derive(Clone, Copy)]
struct Measure {
    sample: bool,
    root: bool,
}

/// Over integers and numerics: exact sums of values and squares.
struct Exact {
    measure: Measure,
    sum: NumericSum,
    squares: NumericSum,
}

impl Exact {
    fn take(&mut self, arguments: &[Stored<'_>], sign: i64) -> Result<()> {
        let text = match argument(arguments, 0) {
            Stored::Null => return Ok(()),
            Stored::Integer(value) => value.to_string(),
            Stored::Text(text) => text.to_owned(),
            other => return Err(unexpected(other)),
        };
        let value = Numeric::stored(&text)?;
        self.squares.take(&value.multiply(&value)?.to_text(), sign)?;
        self.sum.take(&text, sign)
    }
}

impl Accumulator for Exact {
    fn step(&mut self, arguments: &[Stored<'_>], _: &dyn Context) -> Result<()> {
        self.take(arguments, 1)
    }
    fn inverse(&mut self, arguments: &[Stored<'_>], _: &dyn Context) -> Result<()> {
        self.take(arguments, -1)
    }
    fn value(&self, _: &dyn Context) -> Result<StoredValue> {
        let rows = self.sum.rows;
        let Measure { sample, root } = self.measure;
        if rows == 0 || (sample && rows == 1) {
            return Ok(StoredValue::Null);
        }
        let (count, sum) = (Numeric::from(rows), self.sum.sum()?);
        if !matches!(sum, Numeric::Finite(_)) {
            return Ok("NaN".into());
        }
        // n Σx² - (Σx)², over n² or n (n - 1).
        let numerator = count.multiply(&self.squares.sum()?)?.subtract(&sum.multiply(&sum)?)?;
        if numerator.sign() <= 0 {
            return Ok("0".into());
        }
        let divisor = count.multiply(&Numeric::from(if sample { rows - 1 } else { rows }))?;
        Ok(numerator.spread(&divisor, root)?.to_text().into())
    }
}

/// Over floats: the sums that Youngs and Cramer update without cancellation.
struct Approximate {
    measure: Measure,
    rows: f64,
    sum: f64,
    squares: f64,
}

impl Accumulator for Approximate {
    fn step(&mut self, arguments: &[Stored<'_>], _: &dyn Context) -> Result<()> {
        let value = match argument(arguments, 0) {
            Stored::Null => return Ok(()),
            other => other.real().ok_or_else(|| unexpected(other))?,
        };
        let before = self.rows;
        self.rows += 1.0;
        self.sum += value;
        if before > 0.0 {
            let distance = value * self.rows - self.sum;
            self.squares += distance * distance / (self.rows * before);
            if self.sum.is_infinite() || self.squares.is_infinite() {
                if value.is_finite() && (self.sum - value).is_finite() {
                    return Err(float::overflow());
                }
                self.squares = f64::NAN;
            }
        } else if !value.is_finite() {
            self.squares = f64::NAN;
        }
        Ok(())
    }
    fn value(&self, _: &dyn Context) -> Result<StoredValue> {
        let Measure { sample, root } = self.measure;
        if self.rows == 0.0 || (sample && self.rows <= 1.0) {
            return Ok(StoredValue::Null);
        }
        let variance = self.squares / if sample { self.rows - 1.0 } else { self.rows };
        float::stored(if root { variance.sqrt() } else { variance })
    }
}

fn exact(sample: bool, root: bool) -> Box<dyn Accumulator> {
    let measure = Measure { sample, root };
    Box::new(Exact { measure, sum: NumericSum::default(), squares: NumericSum::default() })
}

fn approximate(sample: bool, root: bool) -> Box<dyn Accumulator> {
    Box::new(Approximate { measure: Measure { sample, root }, rows: 0.0, sum: 0.0, squares: 0.0 })
}

macro_rules! measures {
    ($($name:literal $sample:literal $root:literal),* $(,)?) => {
        pub(super) static AGGREGATES: &[Aggregate] = &[$(
            plain(concat!($name, "_int2"), || exact($sample, $root)),
            plain(concat!($name, "_int4"), || exact($sample, $root)),
            plain(concat!($name, "_int8"), || exact($sample, $root)),
            plain(concat!($name, "_numeric"), || exact($sample, $root)),
            plain(concat!($name, "_float4"), || approximate($sample, $root)),
            plain(concat!($name, "_float8"), || approximate($sample, $root)),
        )*];
    };
}

measures!(
    "variance" true false, "var_samp" true false, "var_pop" false false, "stddev" true true,
    "stddev_samp" true true, "stddev_pop" false true,
);
