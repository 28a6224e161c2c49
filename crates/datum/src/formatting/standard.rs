//! A text by a template in the SQL standard's mode, whose fields say what type comes out: jsonpath's `datetime()`.

use super::parse::read;
use crate::context::Context;
use crate::time::TimeTz;
use crate::time::calendar::{DAY, SECOND, checked_timestamp, date_in_range, round_to_precision};
use sqlstate::{DATETIME_VALUE_OUT_OF_RANGE, DatabaseError, INVALID_DATETIME_FORMAT, Result};

/// A date or time of one of five types.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Moment {
    /// Days since 2000-01-01.
    Date(i64),
    /// µs since midnight.
    Time(i64),
    TimeTz(TimeTz),
    /// µs since 2000-01-01.
    Timestamp(i64),
    /// µs since 2000-01-01 UTC, and the offset it was given at.
    TimestampTz(i64, i64),
}

/// Reads a text.
pub(crate) fn parse(text: &str, template: &str, context: &dyn Context) -> Result<Moment> {
    context.check_interrupt()?;
    let reading = read(text, template, true)?;
    let out_of_range =
        |what: &str| DatabaseError::new(DATETIME_VALUE_OUT_OF_RANGE, format!("{what} out of range"));
    let format = |message: &str| Err(DatabaseError::new(INVALID_DATETIME_FORMAT, message));
    let local = || reading.days.checked_mul(DAY).and_then(|midnight| midnight.checked_add(reading.time));
    let rounded = |value: i64| round_to_precision(value, reading.precision);
    match (reading.dated, reading.timed, reading.zoned) {
        (true, true, true) => {
            let Some(offset) = reading.offset else {
                return format("missing time zone in input string for type timestamptz");
            };
            let moment = local().and_then(|local| local.checked_sub(offset * SECOND));
            let moment = checked_timestamp(moment).map_err(|_| out_of_range("timestamptz"))?;
            Ok(Moment::TimestampTz(rounded(moment), offset))
        }
        (true, true, false) => {
            let local = checked_timestamp(local()).map_err(|_| out_of_range("timestamp"))?;
            Ok(Moment::Timestamp(rounded(local)))
        }
        (true, false, true) => format("datetime format is zoned but not timed"),
        (true, false, false) if date_in_range(reading.days) => Ok(Moment::Date(reading.days)),
        (true, false, false) => {
            Err(DatabaseError::new(DATETIME_VALUE_OUT_OF_RANGE, format!("date out of range: \"{text}\"")))
        }
        (false, true, true) => match reading.offset {
            Some(offset) => Ok(Moment::TimeTz(TimeTz { time: rounded(reading.time), offset })),
            None => format("missing time zone in input string for type timetz"),
        },
        (false, true, false) => Ok(Moment::Time(rounded(reading.time))),
        (false, false, _) => format("datetime format is not dated and not timed"),
    }
}
