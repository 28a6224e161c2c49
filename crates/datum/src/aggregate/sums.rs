//! count, sum, avg, and the logical and bitwise aggregates.

use super::{Accumulator, Aggregate, argument, plain, unexpected};
use crate::context::Context;
use crate::float;
use crate::integer::out_of_range;
use crate::numeric::{Decimal, Numeric};
use crate::oid;
use crate::time::{Interval, arithmetic};
use crate::value::{Stored, StoredValue};
use crate::vector;
use sqlstate::Result;
use std::collections::BTreeMap;

/// count(*) and count(x).
#[derive(Default)]
struct Count {
    all: bool,
    rows: i64,
}

impl Count {
    fn counts(&self, arguments: &[Stored<'_>]) -> i64 {
        i64::from(self.all || !argument(arguments, 0).is_null())
    }
}

impl Accumulator for Count {
    fn step(&mut self, arguments: &[Stored<'_>], _: &dyn Context) -> Result<()> {
        self.rows += self.counts(arguments);
        Ok(())
    }
    fn inverse(&mut self, arguments: &[Stored<'_>], _: &dyn Context) -> Result<()> {
        self.rows -= self.counts(arguments);
        Ok(())
    }
    fn value(&self, _: &dyn Context) -> Result<StoredValue> {
        Ok(self.rows.into())
    }
}

/// What a sum of integers is given as.
#[derive(Clone, Copy)]
enum Shape {
    Int8,
    Numeric,
    Average,
}

/// sum and avg of integers.
struct Integers {
    shape: Shape,
    rows: i64,
    sum: i128,
}

impl Integers {
    fn boxed(shape: Shape) -> Box<dyn Accumulator> {
        Box::new(Integers { shape, rows: 0, sum: 0 })
    }

    fn take(&mut self, arguments: &[Stored<'_>], sign: i64) -> Result<()> {
        match argument(arguments, 0) {
            Stored::Null => {}
            Stored::Integer(value) => {
                self.rows += sign;
                self.sum += i128::from(value) * i128::from(sign);
            }
            other => return Err(unexpected(other)),
        }
        Ok(())
    }
}

impl Accumulator for Integers {
    fn step(&mut self, arguments: &[Stored<'_>], _: &dyn Context) -> Result<()> {
        self.take(arguments, 1)
    }
    fn inverse(&mut self, arguments: &[Stored<'_>], _: &dyn Context) -> Result<()> {
        self.take(arguments, -1)
    }
    fn value(&self, _: &dyn Context) -> Result<StoredValue> {
        if self.rows == 0 {
            return Ok(StoredValue::Null);
        }
        Ok(match self.shape {
            Shape::Int8 => i64::try_from(self.sum).map_err(|_| out_of_range(oid::INT8))?.into(),
            Shape::Numeric => self.sum.to_string().into(),
            Shape::Average => {
                Numeric::from(Decimal::from(self.sum)).divide(&Numeric::from(self.rows))?.to_text().into()
            }
        })
    }
}

/// The exact sum of numerics: in 128 bits while they hold it.
#[derive(Default)]
pub(super) struct NumericSum {
    /// Sum of what fits, times 10^scale.
    small: i128,
    scale: u32,
    /// Sum of what does not.
    large: Option<Numeric>,
    /// How many values have each scale; the largest is the result's.
    scales: BTreeMap<u32, i64>,
    pub(super) rows: i64,
    nan: i64,
    infinite: i64,
    infinite_negative: i64,
}

/// The digits and scale of a short stored numeric.
fn small(text: &str) -> Option<(i128, u32)> {
    if text.len() > 30 {
        return None;
    }
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let mut value: i128 = 0;
    let mut scale = None;
    for byte in unsigned.bytes() {
        match byte {
            b'0'..=b'9' => value = value * 10 + i128::from(byte - b'0'),
            b'.' => scale = Some(0),
            _ => return None,
        }
        if let (Some(scale), true) = (&mut scale, byte != b'.') {
            *scale += 1;
        }
    }
    Some((if negative { -value } else { value }, scale.unwrap_or(0)))
}

impl NumericSum {
    pub(super) fn take(&mut self, text: &str, sign: i64) -> Result<()> {
        self.rows += sign;
        let counted = if let Some((value, scale)) = small(text) {
            *self.scales.entry(scale).or_default() += sign;
            self.take_small(value * i128::from(sign), scale)
        } else {
            None
        };
        if counted.is_some() {
            return Ok(());
        }
        match Numeric::stored(text)? {
            Numeric::NaN => self.nan += sign,
            Numeric::Infinity { negative: false } => self.infinite += sign,
            Numeric::Infinity { negative: true } => self.infinite_negative += sign,
            Numeric::Finite(value) => {
                if small(text).is_none() {
                    *self.scales.entry(value.scale() as u32).or_default() += sign;
                }
                let value = Numeric::Finite(value);
                let value = if sign < 0 { value.negated() } else { value };
                self.large = Some(match &self.large {
                    Some(sum) => sum.add(&value)?,
                    None => value,
                });
            }
        }
        Ok(())
    }

    fn take_small(&mut self, value: i128, scale: u32) -> Option<()> {
        let common = self.scale.max(scale);
        let sum = self.small.checked_mul(10i128.checked_pow(common - self.scale)?)?;
        let value = value.checked_mul(10i128.checked_pow(common - scale)?)?;
        self.small = sum.checked_add(value)?;
        self.scale = common;
        Some(())
    }

    /// The sum; rows that were taken back out leave no scale behind.
    pub(super) fn sum(&self) -> Result<Numeric> {
        if self.nan > 0 || (self.infinite > 0 && self.infinite_negative > 0) {
            return Ok(Numeric::NaN);
        }
        if self.infinite > 0 || self.infinite_negative > 0 {
            return Ok(Numeric::Infinity { negative: self.infinite_negative > 0 });
        }
        let text = scaled_text(self.small, self.scale);
        let mut sum = Numeric::stored(&text)?;
        if let Some(large) = &self.large {
            sum = sum.add(large)?;
        }
        let shown = self.scales.iter().rev().find(|(_, count)| **count > 0).map_or(0, |(scale, _)| *scale);
        sum.map(|value| value.with_scale(shown as i32))
    }
}

fn scaled_text(value: i128, scale: u32) -> String {
    if scale == 0 {
        return value.to_string();
    }
    let scale = scale as usize;
    let digits = format!("{:0>width$}", value.unsigned_abs(), width = scale + 1);
    let (whole, fraction) = digits.split_at(digits.len() - scale);
    format!("{}{whole}.{fraction}", if value < 0 { "-" } else { "" })
}

/// sum and avg of numerics.
#[derive(Default)]
struct Numerics {
    average: bool,
    sum: NumericSum,
}

impl Numerics {
    fn take(&mut self, arguments: &[Stored<'_>], sign: i64) -> Result<()> {
        match argument(arguments, 0) {
            Stored::Null => Ok(()),
            Stored::Text(text) => self.sum.take(text, sign),
            other => Err(unexpected(other)),
        }
    }
}

impl Accumulator for Numerics {
    fn step(&mut self, arguments: &[Stored<'_>], _: &dyn Context) -> Result<()> {
        self.take(arguments, 1)
    }
    fn inverse(&mut self, arguments: &[Stored<'_>], _: &dyn Context) -> Result<()> {
        self.take(arguments, -1)
    }
    fn value(&self, _: &dyn Context) -> Result<StoredValue> {
        if self.sum.rows == 0 {
            return Ok(StoredValue::Null);
        }
        let sum = self.sum.sum()?;
        let result = if self.average { sum.divide(&Numeric::from(self.sum.rows))? } else { sum };
        Ok(result.to_text().into())
    }
}

/// What a sum of floats is given as.
#[derive(Clone, Copy, PartialEq)]
enum FloatShape {
    Single,
    Double,
    Average,
}

/// sum and avg of floats. Rows cannot be taken back out: the rounding of the sum has no inverse.
struct Floats {
    shape: FloatShape,
    rows: i64,
    sum: f64,
}

impl Accumulator for Floats {
    fn step(&mut self, arguments: &[Stored<'_>], _: &dyn Context) -> Result<()> {
        let value = match argument(arguments, 0) {
            Stored::Null => return Ok(()),
            other => other.real().ok_or_else(|| unexpected(other))?,
        };
        self.rows += 1;
        let sum = self.sum + value;
        let sum = if self.shape == FloatShape::Single { f64::from(sum as f32) } else { sum };
        if sum.is_infinite() && value.is_finite() && self.sum.is_finite() {
            return Err(float::overflow());
        }
        self.sum = sum;
        Ok(())
    }
    fn value(&self, _: &dyn Context) -> Result<StoredValue> {
        match (self.rows, self.shape) {
            (0, _) => Ok(StoredValue::Null),
            (rows, FloatShape::Average) => float::stored(self.sum / rows as f64),
            _ => float::stored(self.sum),
        }
    }
}

fn floats(shape: FloatShape) -> Box<dyn Accumulator> {
    Box::new(Floats { shape, rows: 0, sum: 0.0 })
}

/// sum and avg of intervals.
#[derive(Default)]
struct Intervals {
    average: bool,
    rows: i64,
    sum: Interval,
}

impl Intervals {
    fn take(&mut self, arguments: &[Stored<'_>], sign: i64) -> Result<()> {
        match argument(arguments, 0) {
            Stored::Null => Ok(()),
            Stored::Text(text) => {
                let interval = Interval::stored(text)?;
                let interval = if sign < 0 { interval.negated()? } else { interval };
                self.sum = self.sum.add(interval)?;
                self.rows += sign;
                Ok(())
            }
            other => Err(unexpected(other)),
        }
    }
}

impl Accumulator for Intervals {
    fn step(&mut self, arguments: &[Stored<'_>], _: &dyn Context) -> Result<()> {
        self.take(arguments, 1)
    }
    fn inverse(&mut self, arguments: &[Stored<'_>], _: &dyn Context) -> Result<()> {
        self.take(arguments, -1)
    }
    fn value(&self, _: &dyn Context) -> Result<StoredValue> {
        if self.rows == 0 {
            return Ok(StoredValue::Null);
        }
        let result = if self.average { arithmetic::divide(self.sum, self.rows as f64)? } else { self.sum };
        Ok(result.to_text().into())
    }
}

/// bool_and, bool_or.
#[derive(Default)]
struct Truth {
    and: bool,
    rows: i64,
    truths: i64,
}

impl Truth {
    fn take(&mut self, arguments: &[Stored<'_>], sign: i64) {
        if let Stored::Integer(value) = argument(arguments, 0) {
            self.rows += sign;
            self.truths += sign * i64::from(value != 0);
        }
    }
}

impl Accumulator for Truth {
    fn step(&mut self, arguments: &[Stored<'_>], _: &dyn Context) -> Result<()> {
        self.take(arguments, 1);
        Ok(())
    }
    fn inverse(&mut self, arguments: &[Stored<'_>], _: &dyn Context) -> Result<()> {
        self.take(arguments, -1);
        Ok(())
    }
    fn value(&self, _: &dyn Context) -> Result<StoredValue> {
        Ok(match self.rows {
            0 => StoredValue::Null,
            rows => (if self.and { self.truths == rows } else { self.truths > 0 }).into(),
        })
    }
}

fn truth(and: bool) -> Box<dyn Accumulator> {
    Box::new(Truth { and, ..Truth::default() })
}

/// bit_and, bit_or, bit_xor.
struct Bits {
    operation: fn(i64, i64) -> i64,
    value: Option<i64>,
}

impl Accumulator for Bits {
    fn step(&mut self, arguments: &[Stored<'_>], _: &dyn Context) -> Result<()> {
        if let Stored::Integer(value) = argument(arguments, 0) {
            self.value = Some(self.value.map_or(value, |known| (self.operation)(known, value)));
        }
        Ok(())
    }
    fn value(&self, _: &dyn Context) -> Result<StoredValue> {
        Ok(self.value.into())
    }
}

fn bits(operation: fn(i64, i64) -> i64) -> Box<dyn Accumulator> {
    Box::new(Bits { operation, value: None })
}

/// bit_and, bit_or and bit_xor of bit strings.
struct BitStrings {
    operator: &'static str,
    value: Option<String>,
}

impl Accumulator for BitStrings {
    fn step(&mut self, arguments: &[Stored<'_>], context: &dyn Context) -> Result<()> {
        let value = argument(arguments, 0);
        let Stored::Text(bits) = value else { return Ok(()) };
        self.value = match &self.value {
            None => Some(bits.to_owned()),
            Some(known) => {
                let operator = crate::registry::function(self.operator).ok_or_else(|| unexpected(value))?;
                match operator.invoke(&[Stored::Text(known), value], context)? {
                    StoredValue::Text(bits) => Some(bits),
                    _ => None,
                }
            }
        };
        Ok(())
    }
    fn value(&self, _: &dyn Context) -> Result<StoredValue> {
        Ok(self.value.clone().into())
    }
}

fn bit_strings(operator: &'static str) -> Box<dyn Accumulator> {
    Box::new(BitStrings { operator, value: None })
}

impl Accumulator for vector::Total {
    fn step(&mut self, arguments: &[Stored<'_>], _: &dyn Context) -> Result<()> {
        match argument(arguments, 0) {
            Stored::Null => Ok(()),
            Stored::Text(text) => self.take(text),
            other => Err(unexpected(other)),
        }
    }
    fn value(&self, _: &dyn Context) -> Result<StoredValue> {
        vector::Total::value(self)
    }
}

pub(super) static AGGREGATES: &[Aggregate] = &[
    plain("count", || Box::new(Count { all: true, rows: 0 })),
    plain("count_any", || Box::new(Count::default())),
    plain("sum_int2", || Integers::boxed(Shape::Int8)),
    plain("sum_int4", || Integers::boxed(Shape::Int8)),
    plain("sum_int8", || Integers::boxed(Shape::Numeric)),
    plain("sum_numeric", || Box::new(Numerics::default())),
    plain("sum_float4", || floats(FloatShape::Single)),
    plain("sum_float8", || floats(FloatShape::Double)),
    plain("sum_interval", || Box::new(Intervals::default())),
    plain("avg_int2", || Integers::boxed(Shape::Average)),
    plain("avg_int4", || Integers::boxed(Shape::Average)),
    plain("avg_int8", || Integers::boxed(Shape::Average)),
    plain("avg_numeric", || Box::new(Numerics { average: true, sum: NumericSum::default() })),
    plain("avg_float4", || floats(FloatShape::Average)),
    plain("avg_float8", || floats(FloatShape::Average)),
    plain("avg_interval", || Box::new(Intervals { average: true, ..Intervals::default() })),
    plain("sum_vector", || Box::new(vector::Total::new(false))),
    plain("avg_vector", || Box::new(vector::Total::new(true))),
    plain("bool_and_bool", || truth(true)),
    plain("every_bool", || truth(true)),
    plain("bool_or_bool", || truth(false)),
    plain("bit_and_int2", || bits(|a, b| a & b)),
    plain("bit_and_int4", || bits(|a, b| a & b)),
    plain("bit_and_int8", || bits(|a, b| a & b)),
    plain("bit_or_int2", || bits(|a, b| a | b)),
    plain("bit_or_int4", || bits(|a, b| a | b)),
    plain("bit_or_int8", || bits(|a, b| a | b)),
    plain("bit_xor_int2", || bits(|a, b| a ^ b)),
    plain("bit_xor_int4", || bits(|a, b| a ^ b)),
    plain("bit_xor_int8", || bits(|a, b| a ^ b)),
    plain("bit_and_bit", || bit_strings("bit_and")),
    plain("bit_or_bit", || bit_strings("bit_or")),
    plain("bit_xor_bit", || bit_strings("bitxor")),
];
