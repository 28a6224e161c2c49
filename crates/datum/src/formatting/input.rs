//! `to_timestamp` and `to_date`.

use super::parse::{Reading, read};
use crate::registry::{Call, Function, stable};
use crate::time::calendar::{DAY, SECOND, checked_timestamp, date_in_range, round_to_precision};
use crate::value::StoredValue;
use sqlstate::{DATETIME_VALUE_OUT_OF_RANGE, DatabaseError, Result};

fn local(reading: &Reading) -> Result<i64> {
    let local = reading.days.checked_mul(DAY).and_then(|midnight| midnight.checked_add(reading.time));
    checked_timestamp(local)
}

fn to_timestamp(call: &mut Call<'_>) -> Result<StoredValue> {
    let reading = read(call.text(0)?, call.text(1)?, false)?;
    let local = local(&reading)?;
    let moment = match reading.offset {
        Some(offset) => checked_timestamp(local.checked_sub(offset * SECOND))?,
        None => call.context.time_zone().to_utc(local)?,
    };
    Ok(round_to_precision(moment, reading.precision).into())
}

fn to_date(call: &mut Call<'_>) -> Result<StoredValue> {
    let text = call.text(0)?;
    let reading = read(text, call.text(1)?, false)?;
    if date_in_range(reading.days) {
        return Ok(reading.days.into());
    }
    Err(DatabaseError::new(DATETIME_VALUE_OUT_OF_RANGE, format!("date out of range: \"{text}\"")))
}

pub(super) static FUNCTIONS: &[Function] =
    &[stable("to_timestamp", to_timestamp), stable("to_date", to_date)];
