//! Ordered-set aggregates: `percentile_cont(f) WITHIN GROUP (ORDER BY x)` is called as `(f, x)` in any order of rows.

use super::{Accumulator, Aggregate, argument, plain, typed, unexpected};
use crate::context::Context;
use crate::float;
use crate::functions::comparison;
use crate::time::Interval;
use crate::time::arithmetic::multiply;
use crate::value::{Oid, Stored, StoredValue};
use sqlstate::{DatabaseError, NUMERIC_VALUE_OUT_OF_RANGE, Result};

fn fraction(value: Stored<'_>) -> Result<Option<f64>> {
    if value.is_null() {
        return Ok(None);
    }
    let fraction = value.real().ok_or_else(|| unexpected(value))?;
    if !(0.0..=1.0).contains(&fraction) {
        let mut shown = String::new();
        float::output(float::Width::Double, fraction, &mut shown);
        return Err(DatabaseError::new(
            NUMERIC_VALUE_OUT_OF_RANGE,
            format!("percentile value {shown} is not between 0 and 1"),
        ));
    }
    Ok(Some(fraction))
}

/// percentile_cont over floats.
#[derive(Default)]
struct Continuous {
    fraction: Option<f64>,
    values: Vec<f64>,
}

impl Accumulator for Continuous {
    fn step(&mut self, arguments: &[Stored<'_>], _: &dyn Context) -> Result<()> {
        self.fraction = fraction(argument(arguments, 0))?;
        let value = argument(arguments, 1);
        if !value.is_null() {
            self.values.push(value.real().ok_or_else(|| unexpected(value))?);
        }
        Ok(())
    }
    fn value(&self, _: &dyn Context) -> Result<StoredValue> {
        let (Some(fraction), false) = (self.fraction, self.values.is_empty()) else {
            return Ok(StoredValue::Null);
        };
        let mut values = self.values.clone();
        values.sort_by(|left, right| {
            left.partial_cmp(right).unwrap_or_else(|| left.is_nan().cmp(&right.is_nan()))
        });
        let position = fraction * (values.len() - 1) as f64;
        let (low, high) = (values[position.floor() as usize], values[position.ceil() as usize]);
        float::stored(low + (position - position.floor()) * (high - low))
    }
}

/// percentile_cont over intervals.
#[derive(Default)]
struct ContinuousInterval {
    fraction: Option<f64>,
    values: Vec<Interval>,
}

impl Accumulator for ContinuousInterval {
    fn step(&mut self, arguments: &[Stored<'_>], _: &dyn Context) -> Result<()> {
        self.fraction = fraction(argument(arguments, 0))?;
        match argument(arguments, 1) {
            Stored::Null => {}
            Stored::Text(value) => self.values.push(Interval::stored(value)?),
            other => return Err(unexpected(other)),
        }
        Ok(())
    }
    fn value(&self, _: &dyn Context) -> Result<StoredValue> {
        let (Some(fraction), false) = (self.fraction, self.values.is_empty()) else {
            return Ok(StoredValue::Null);
        };
        let mut values = self.values.clone();
        values.sort_by(Interval::compare);
        let position = fraction * (values.len() - 1) as f64;
        let (low, high) = (values[position.floor() as usize], values[position.ceil() as usize]);
        if position.floor() == position.ceil() {
            return Ok(low.to_text().into());
        }
        let part = multiply(high.add(low.negated()?)?, position - position.floor())?;
        Ok(low.add(part)?.to_text().into())
    }
}

/// percentile_disc and mode over any type.
struct Discrete {
    mode: bool,
    ty: Oid,
    fraction: Option<f64>,
    values: Vec<StoredValue>,
}

impl Discrete {
    fn boxed(mode: bool) -> Box<dyn Accumulator> {
        Box::new(Discrete { mode, ty: 0, fraction: None, values: Vec::new() })
    }
}

impl Accumulator for Discrete {
    fn step(&mut self, arguments: &[Stored<'_>], _: &dyn Context) -> Result<()> {
        let Stored::Text(signature) = argument(arguments, 0) else {
            return Err(DatabaseError::internal("a typed aggregate was called without its signature"));
        };
        let position = usize::from(!self.mode);
        if self.ty == 0 {
            let ty = signature.split(',').nth(position).and_then(|ty| ty.trim().parse().ok());
            self.ty = ty.ok_or_else(|| DatabaseError::internal("signature"))?;
        }
        if !self.mode {
            self.fraction = fraction(argument(arguments, 1))?;
        }
        let value = argument(arguments, 1 + position);
        if !value.is_null() {
            self.values.push(value.to_owned());
        }
        Ok(())
    }
    fn value(&self, context: &dyn Context) -> Result<StoredValue> {
        let order = |left: &StoredValue, right: &StoredValue| {
            comparison::stored(self.ty, left.borrow(), right.borrow(), context.types())
        };
        let mut values: Vec<&StoredValue> = self.values.iter().collect();
        values.sort_by(|left, right| order(left, right));
        if values.is_empty() || (!self.mode && self.fraction.is_none()) {
            return Ok(StoredValue::Null);
        }
        if let Some(fraction) = self.fraction {
            let row = (fraction * values.len() as f64).ceil().max(1.0) as usize;
            return Ok(values[row.min(values.len()) - 1].clone());
        }
        let (mut best, mut best_count, mut start) = (0, 0, 0);
        for at in 1..=values.len() {
            if at == values.len() || order(values[start], values[at]).is_ne() {
                if at - start > best_count {
                    (best, best_count) = (start, at - start);
                }
                start = at;
            }
        }
        Ok(values[best].clone())
    }
}

pub(super) static AGGREGATES: &[Aggregate] = &[
    plain("percentile_cont_float8_float8", || Box::new(Continuous::default())),
    plain("percentile_cont_float8_interval", || Box::new(ContinuousInterval::default())),
    typed("percentile_disc_float8_anyelement", || Discrete::boxed(false)),
    typed("mode_anyelement", || Discrete::boxed(true)),
];
