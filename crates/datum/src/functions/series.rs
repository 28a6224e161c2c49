//! generate_series.

use crate::integer::{int4, int8};
use crate::numeric::Numeric;
use crate::registry::{Call, Rows, SetFunction};
use crate::time::arithmetic::{add, add_in_zone};
use crate::time::{Interval, calendar};
use crate::value::StoredValue;
use sqlstate::{DatabaseError, INVALID_PARAMETER_VALUE, Result};
use std::cmp::Ordering;

fn invalid(message: &str) -> DatabaseError {
    DatabaseError::new(INVALID_PARAMETER_VALUE, message)
}

fn integers(call: &Call<'_>, range: fn(i64) -> Result<StoredValue>) -> Result<Rows> {
    let (start, end) = (call.int(0)?, call.int(1)?);
    let step = if call.count() > 2 { call.int(2)? } else { 1 };
    if step == 0 {
        return Err(invalid("step size cannot equal zero"));
    }
    let mut next = Some(start);
    Ok(Box::new(std::iter::from_fn(move || {
        let current = next?;
        if if step > 0 { current > end } else { current < end } {
            return None;
        }
        // Past the type's end the series ends, without an error.
        next = current.checked_add(step).filter(|next| range(*next).is_ok());
        Some(Ok(vec![current.into()]))
    })))
}

fn numerics(call: &mut Call<'_>) -> Result<Rows> {
    let finite = |at: usize, what: &str| -> Result<Numeric> {
        match Numeric::stored(call.text(at)?)? {
            Numeric::NaN => Err(invalid(&format!("{what} cannot be NaN"))),
            Numeric::Infinity { .. } => Err(invalid(&format!("{what} cannot be infinity"))),
            value => Ok(value),
        }
    };
    let (start, end) = (finite(0, "start value")?, finite(1, "stop value")?);
    let step = if call.count() > 2 { finite(2, "step size")? } else { Numeric::from(1) };
    let sign = step.sign();
    if sign == 0 {
        return Err(invalid("step size cannot equal zero"));
    }
    let mut next = Some(start);
    Ok(Box::new(std::iter::from_fn(move || {
        let current = next.take()?;
        let order = current.compare(&end);
        if if sign > 0 { order.is_gt() } else { order.is_lt() } {
            return None;
        }
        next = current.add(&step).ok();
        Some(Ok(vec![current.to_text().into()]))
    })))
}

fn moments(call: &Call<'_>, in_zone: bool) -> Result<Rows> {
    let (start, end, step) = (call.int(0)?, call.int(1)?, Interval::stored(call.text(2)?)?);
    let order = step.compare(&Interval::default());
    if order == Ordering::Equal {
        return Err(invalid("step size cannot equal zero"));
    }
    let zone = if in_zone { Some(call.context.time_zone().clone()) } else { None };
    let mut next = Some(Ok(start));
    Ok(Box::new(std::iter::from_fn(move || {
        let current = match next.take()? {
            Ok(current) => current,
            Err(error) => return Some(Err(error)),
        };
        let past = if order.is_gt() { current > end } else { current < end };
        if past || (calendar::is_infinite(current) && current == end) {
            return None;
        }
        next = Some(match &zone {
            Some(zone) => add_in_zone(current, step, zone),
            None => add(current, step),
        });
        Some(Ok(vec![current.into()]))
    })))
}

pub(super) static FUNCTIONS: &[SetFunction] = &[
    SetFunction::immutable("generate_series_int4", 1, |call| integers(call, int4)),
    SetFunction::immutable("generate_series_step_int4", 1, |call| integers(call, int4)),
    SetFunction::immutable("generate_series_int8", 1, |call| integers(call, |value| int8(Some(value)))),
    SetFunction::immutable("generate_series_step_int8", 1, |call| integers(call, |value| int8(Some(value)))),
    SetFunction::immutable("generate_series_numeric", 1, numerics),
    SetFunction::immutable("generate_series_step_numeric", 1, numerics),
    SetFunction::immutable("generate_series_timestamp", 1, |call| moments(call, false)),
    SetFunction::immutable("generate_series_timestamptz", 1, |call| moments(call, true)).stable(),
];
