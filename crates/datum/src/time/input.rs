//! The input functions of date, time, timestamp and timestamptz.

use super::TimeTz;
use super::calendar::{self, DATE_BEGIN, DATE_END, DAY, UNIX_EPOCH_DAYS};
use super::decode::{Fields, Moment, Refusal, Wanted, decode};
use super::tokens::{SPACE, TIMESTAMP_SPACE};
use crate::context::Context;
use sqlstate::{
    DATETIME_FIELD_OVERFLOW, DATETIME_VALUE_OUT_OF_RANGE, DatabaseError, INTERVAL_FIELD_OVERFLOW,
    INVALID_DATETIME_FORMAT, INVALID_TIME_ZONE_DISPLACEMENT_VALUE, Result,
};

/// The error of a refusal, in the words of a type's input function.
pub(super) fn refused(refusal: Refusal, type_name: &str, text: &str) -> DatabaseError {
    match refusal {
        Refusal::Format => DatabaseError::new(
            INVALID_DATETIME_FORMAT,
            format!("invalid input syntax for type {type_name}: \"{text}\""),
        ),
        Refusal::Field if type_name == "interval" => DatabaseError::new(
            INTERVAL_FIELD_OVERFLOW,
            format!("interval field value out of range: \"{text}\""),
        ),
        Refusal::Field => DatabaseError::new(
            DATETIME_FIELD_OVERFLOW,
            format!("date/time field value out of range: \"{text}\""),
        ),
        Refusal::MonthOrDay => DatabaseError::new(
            DATETIME_FIELD_OVERFLOW,
            format!("date/time field value out of range: \"{text}\""),
        )
        .with_hint("Perhaps you need a different \"datestyle\" setting."),
        Refusal::Zone => DatabaseError::new(
            INVALID_TIME_ZONE_DISPLACEMENT_VALUE,
            format!("time zone displacement out of range: \"{text}\""),
        ),
        Refusal::Other(error) => error,
    }
}

/// Days since 2000-01-01.
pub(crate) fn date(text: &str, context: &dyn Context) -> Result<i64> {
    let moment =
        decode(text, Wanted::DateTime, SPACE, context).map_err(|refusal| refused(refusal, "date", text))?;
    match moment {
        Moment::Begin => Ok(DATE_BEGIN),
        Moment::End => Ok(DATE_END),
        Moment::Epoch => Ok(-UNIX_EPOCH_DAYS),
        Moment::Fields(fields) => {
            let days = fields.days();
            if calendar::date_in_range(days) {
                Ok(days)
            } else {
                Err(DatabaseError::new(DATETIME_VALUE_OUT_OF_RANGE, format!("date out of range: \"{text}\"")))
            }
        }
    }
}

fn time_fields(text: &str, type_name: &str, context: &dyn Context) -> Result<Fields> {
    match decode(text, Wanted::Time, SPACE, context) {
        Ok(Moment::Fields(fields)) => Ok(fields),
        Ok(_) => Err(refused(Refusal::Format, type_name, text)),
        Err(refusal) => Err(refused(refusal, type_name, text)),
    }
}

/// µs since midnight.
pub(crate) fn time(text: &str, precision: i32, context: &dyn Context) -> Result<i64> {
    let fields = time_fields(text, "time", context)?;
    Ok(calendar::round_to_precision(fields.time(), precision))
}

/// A time with its offset.
pub(crate) fn timetz(text: &str, precision: i32, context: &dyn Context) -> Result<TimeTz> {
    let fields = time_fields(text, "time with time zone", context)?;
    Ok(TimeTz { time: calendar::round_to_precision(fields.time(), precision), offset: fields.offset })
}

/// µs since 2000-01-01, without time zone.
pub(crate) fn timestamp(text: &str, precision: i32, context: &dyn Context) -> Result<i64> {
    let moment = decode(text, Wanted::DateTime, TIMESTAMP_SPACE, context)
        .map_err(|refusal| refused(refusal, "timestamp", text))?;
    let local = match moment {
        Moment::Begin => return Ok(calendar::BEGIN),
        Moment::End => return Ok(calendar::END),
        Moment::Epoch => return Ok(-UNIX_EPOCH_DAYS * DAY),
        Moment::Fields(fields) => fields.local(),
    };
    in_range(local, text)
        .and_then(|local| in_range(Some(calendar::round_to_precision(local, precision)), text))
}

/// µs since 2000-01-01 UTC.
pub(crate) fn timestamptz(text: &str, precision: i32, context: &dyn Context) -> Result<i64> {
    let moment = decode(text, Wanted::DateTime, TIMESTAMP_SPACE, context)
        .map_err(|refusal| refused(refusal, "timestamp with time zone", text))?;
    let fields = match moment {
        Moment::Begin => return Ok(calendar::BEGIN),
        Moment::End => return Ok(calendar::END),
        Moment::Epoch => return Ok(-UNIX_EPOCH_DAYS * DAY),
        Moment::Fields(fields) => fields,
    };
    let Some(local) = fields.local() else { return in_range(None, text) };
    let utc = in_range(local.checked_sub(fields.offset * calendar::SECOND), text)?;
    in_range(Some(calendar::round_to_precision(utc, precision)), text)
}

fn in_range(timestamp: Option<i64>, text: &str) -> Result<i64> {
    timestamp.filter(|timestamp| calendar::timestamp_in_range(*timestamp)).ok_or_else(|| {
        DatabaseError::new(DATETIME_VALUE_OUT_OF_RANGE, format!("timestamp out of range: \"{text}\""))
    })
}
