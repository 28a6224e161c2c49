//! `time with time zone`: a time of day and its offset from Greenwich. Stored as the text `hh:mm:ss[.ffffff]±hh[:mm[:ss]]`.

use super::arithmetic::interval_to_time;
use super::calendar::{DATE_BEGIN, DATE_END, DAY, HOUR, MINUTE, SECOND, round_to_precision};
use super::output::{push_offset, push_time};
use super::{Interval, calendar, zone};
use crate::context::{Context, TimeZone};
use crate::registry::{Call, Function, immutable, stable};
use crate::value::StoredValue;
use sqlstate::{DATETIME_VALUE_OUT_OF_RANGE, DatabaseError, INVALID_PARAMETER_VALUE, Result};
use std::cmp::Ordering;

/// A time of day somewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TimeTz {
    /// µs since midnight.
    pub(crate) time: i64,
    /// Seconds east of Greenwich.
    pub(crate) offset: i64,
}

impl TimeTz {
    /// A stored value.
    pub(crate) fn stored(text: &str) -> Result<TimeTz> {
        parse(text).ok_or_else(|| DatabaseError::internal(format_args!("stored timetz {text:?}")))
    }

    /// The stored form, which is also the output.
    pub(crate) fn to_text(self) -> String {
        let mut out = String::new();
        push_time(self.time, &mut out);
        push_offset(self.offset, &mut out);
        out
    }

    /// The time at Greenwich, days apart from the day of the reading counted on.
    fn moment(self) -> i64 {
        self.time.saturating_sub(self.offset.saturating_mul(SECOND))
    }

    /// By the moment; of equal moments the more eastern one is less.
    pub(crate) fn compare(self, other: TimeTz) -> Ordering {
        self.moment().cmp(&other.moment()).then_with(|| other.offset.cmp(&self.offset))
    }

    /// The same moment at another offset.
    fn at(self, offset: i64) -> TimeTz {
        let time = self.time.saturating_add((offset - self.offset).saturating_mul(SECOND));
        TimeTz { time: time.rem_euclid(DAY), offset }
    }
}

fn parse(text: &str) -> Option<TimeTz> {
    let sign = text.find(['+', '-'])?;
    let (time, offset) = text.split_at(sign);
    let mut parts = time.splitn(3, ':');
    let (hour, minute, second) = (parts.next()?, parts.next()?, parts.next()?);
    let (second, fraction) = second.split_once('.').unwrap_or((second, ""));
    let number = |text: &str| text.parse::<i64>().ok().filter(|value| (0..1_000_000).contains(value));
    let microsecond = if fraction.is_empty() { 0 } else { number(&format!("{fraction:0<6}"))? };
    let time = number(hour)? * HOUR + number(minute)? * MINUTE + number(second)? * SECOND + microsecond;
    let mut east = 0;
    for (part, unit) in offset[1..].splitn(3, ':').zip([3600, 60, 1]) {
        east += number(part)? * unit;
    }
    Some(TimeTz { time, offset: if offset.starts_with('-') { -east } else { east } })
}

/// What the collation `pg_timetz` does.
pub(crate) fn compare_text(left: &str, right: &str) -> Ordering {
    match (parse(left), parse(right)) {
        (Some(left), Some(right)) => left.compare(right),
        _ => left.cmp(right),
    }
}

/// A time of the session's zone, at the offset of today.
pub(crate) fn of_time(time: i64, context: &dyn Context) -> TimeTz {
    let zone = context.time_zone();
    let today = zone.to_local(context.now()).div_euclid(DAY) * DAY;
    TimeTz { time, offset: zone.offset_of_local(today.saturating_add(time)) }
}

fn value(call: &Call<'_>, at: usize) -> Result<TimeTz> {
    TimeTz::stored(call.text(at)?)
}

fn text(value: TimeTz) -> Result<StoredValue> {
    Ok(value.to_text().into())
}

fn shifted(value: TimeTz, microseconds: i64) -> TimeTz {
    TimeTz {
        time: (i128::from(value.time) + i128::from(microseconds)).rem_euclid(i128::from(DAY)) as i64,
        ..value
    }
}

/// The moment that a zone's clocks show so now, as timetz.
pub(crate) fn of_timestamptz(timestamp: i64, zone: &TimeZone) -> TimeTz {
    let offset = zone.offset_at(timestamp);
    TimeTz { time: timestamp.saturating_add(offset * SECOND).rem_euclid(DAY), offset }
}

/// A date and a time with its offset.
fn date_and_time(date: i64, time: TimeTz) -> Result<StoredValue> {
    let out_of_range = |message: &str| DatabaseError::new(DATETIME_VALUE_OUT_OF_RANGE, message.to_owned());
    match date {
        DATE_BEGIN => return Ok(calendar::BEGIN.into()),
        DATE_END => return Ok(calendar::END.into()),
        _ => {}
    }
    let midnight = date
        .checked_mul(DAY)
        .filter(|midnight| *midnight < calendar::END_TIMESTAMP)
        .ok_or_else(|| out_of_range("date out of range for timestamp"))?;
    let moment = midnight.checked_add(time.moment()).filter(|moment| calendar::timestamp_in_range(*moment));
    moment.map(Into::into).ok_or_else(|| out_of_range("date out of range for timestamp"))
}

fn at_interval(call: &Call<'_>) -> Result<StoredValue> {
    let interval = Interval::stored(call.text(0)?)?;
    if interval.months != 0 || interval.days != 0 {
        let shown = interval.shown(call.context.interval_style());
        return Err(DatabaseError::new(
            INVALID_PARAMETER_VALUE,
            format!("interval time zone \"{shown}\" must not include months or days"),
        ));
    }
    text(value(call, 1)?.at(interval.microseconds / SECOND))
}

/// At a zone: the offset that the zone has now.
fn at_zone(call: &Call<'_>) -> Result<StoredValue> {
    let offset = zone::place(call.text(0)?)?.offset_at(call.context.now());
    text(value(call, 1)?.at(offset))
}

fn compared(call: &Call<'_>) -> Result<Ordering> {
    Ok(value(call, 0)?.compare(value(call, 1)?))
}

fn overlaps(call: &mut Call<'_>) -> Result<StoredValue> {
    let moment = |at: usize| -> Result<Option<TimeTz>> {
        if call.is_null(at) { Ok(None) } else { value(call, at).map(Some) }
    };
    let moments = [moment(0)?, moment(1)?, moment(2)?, moment(3)?];
    Ok(super::functions::spans_overlap(moments, |left, right| left.compare(*right)))
}

pub(crate) static FUNCTIONS: &[Function] = &[
    immutable("timetz_eq", |call| Ok(compared(call)?.is_eq().into())),
    immutable("timetz_ne", |call| Ok(compared(call)?.is_ne().into())),
    immutable("timetz_lt", |call| Ok(compared(call)?.is_lt().into())),
    immutable("timetz_le", |call| Ok(compared(call)?.is_le().into())),
    immutable("timetz_gt", |call| Ok(compared(call)?.is_gt().into())),
    immutable("timetz_ge", |call| Ok(compared(call)?.is_ge().into())),
    immutable("timetz_cmp", |call| Ok((compared(call)? as i64).into())),
    immutable("timetz_larger", |call| {
        let (left, right) = (value(call, 0)?, value(call, 1)?);
        text(if left.compare(right).is_gt() { left } else { right })
    }),
    immutable("timetz_smaller", |call| {
        let (left, right) = (value(call, 0)?, value(call, 1)?);
        text(if left.compare(right).is_lt() { left } else { right })
    }),
    immutable("timetz_pl_interval", |call| {
        text(shifted(value(call, 0)?, interval_to_time(Interval::stored(call.text(1)?)?)))
    }),
    immutable("timetz_mi_interval", |call| {
        text(shifted(value(call, 0)?, -interval_to_time(Interval::stored(call.text(1)?)?)))
    }),
    immutable("interval_pl_timetz_interval_timetz", |call| {
        text(shifted(value(call, 1)?, interval_to_time(Interval::stored(call.text(0)?)?)))
    }),
    immutable("timetz_scale", |call| {
        let value = value(call, 0)?;
        text(TimeTz { time: round_to_precision(value.time, call.int(1)? as i32), ..value })
    }),
    immutable("timetz_time", |call| Ok(value(call, 0)?.time.into())),
    stable("time_timetz", |call| text(of_time(call.int(0)?, call.context))),
    stable("timestamptz_timetz", |call| {
        let timestamp = call.int(0)?;
        if calendar::is_infinite(timestamp) {
            return Ok(StoredValue::Null);
        }
        text(of_timestamptz(timestamp, call.context.time_zone()))
    }),
    immutable("datetimetz_timestamptz", |call| date_and_time(call.int(0)?, value(call, 1)?)),
    immutable("timetzdate_pl_timetz_date", |call| date_and_time(call.int(1)?, value(call, 0)?)),
    immutable("timetz_izone", |call| at_interval(call)),
    stable("timetz_zone", |call| at_zone(call)),
    immutable("overlaps_timetz", overlaps).lenient(),
];
