//! Functions on dates, times, timestamps and intervals: arithmetic, conversions, making.

use super::arithmetic::{
    self, add, add_in_zone, age, difference, divide, interval_to_time, justify, multiply,
};
use super::calendar::{
    self, BEGIN, DATE_BEGIN, DATE_END, DAY, END, HOUR, MINUTE, SECOND, UNIX_EPOCH_SECONDS, checked_date,
    checked_timestamp, date_to_timestamp, days_of, interval_out_of_range, is_infinite, is_infinite_date,
    month_length, round_to_precision, timestamp_out_of_range, timestamp_to_date,
};
use super::{Interval, zone};
use crate::context::TimeZone;
use crate::registry::{Call, Function, immutable, stable};
use crate::value::StoredValue;
use sqlstate::{
    DATETIME_FIELD_OVERFLOW, DATETIME_VALUE_OUT_OF_RANGE, DatabaseError, INVALID_PARAMETER_VALUE, Result,
};
use std::cmp::Ordering;

fn interval(call: &Call<'_>, at: usize) -> Result<Interval> {
    Interval::stored(call.text(at)?)
}

fn text(interval: Result<Interval>) -> Result<StoredValue> {
    Ok(interval?.to_text().into())
}

fn zone_of<'a>(call: &Call<'a>) -> &'a TimeZone {
    call.context.time_zone()
}

fn plus(call: &Call<'_>, negate: bool) -> Result<Interval> {
    let interval = interval(call, 1)?;
    if !negate {
        return Ok(interval);
    }
    // Negating loses nothing here: the sum is what overflows.
    Ok(Interval {
        months: -interval.months,
        days: -interval.days,
        microseconds: interval.microseconds.wrapping_neg(),
    })
}

fn date_plus(call: &Call<'_>, negate: bool) -> Result<StoredValue> {
    Ok(add(date_to_timestamp(call.int(0)?)?, plus(call, negate)?)?.into())
}

fn add_days(date: i64, days: i64) -> Result<StoredValue> {
    if is_infinite_date(date) {
        return Ok(date.into());
    }
    Ok(checked_date(date.checked_add(days))?.into())
}

fn date_time(date: i64, time: i64) -> Result<StoredValue> {
    let midnight = date_to_timestamp(date)?;
    if is_infinite(midnight) {
        return Ok(midnight.into());
    }
    Ok(checked_timestamp(midnight.checked_add(time))?.into())
}

/// A date as timestamptz: midnight in the session's zone.
pub(crate) fn date_to_timestamptz(date: i64, zone: &TimeZone) -> Result<i64> {
    match date {
        DATE_BEGIN => Ok(BEGIN),
        DATE_END => Ok(END),
        date => zone
            .to_utc(date_to_timestamp(date)?)
            .map_err(|_| DatabaseError::new(DATETIME_VALUE_OUT_OF_RANGE, "date out of range for timestamp")),
    }
}

/// The zone that an interval names: µs east of Greenwich.
fn zone_of_interval(interval: Interval, call: &Call<'_>) -> Result<i64> {
    if interval.months != 0 || interval.days != 0 {
        let shown = interval.shown(call.context.interval_style());
        return Err(DatabaseError::new(
            INVALID_PARAMETER_VALUE,
            format!("interval time zone \"{shown}\" must not include months or days"),
        ));
    }
    Ok(interval.microseconds / SECOND * SECOND)
}

fn out_of_range(message: String) -> DatabaseError {
    DatabaseError::new(DATETIME_FIELD_OVERFLOW, message)
}

/// The days of make_date's fields; a negative year is BC.
fn make_date(year: i64, month: i64, day: i64) -> Result<i64> {
    let refused = || out_of_range(format!("date field value out of range: {year}-{month:02}-{day:02}"));
    let astronomical = if year < 0 { year + 1 } else { year };
    if year == 0
        || !(1..=12).contains(&month)
        || day < 1
        || day > month_length(astronomical, month)
        || astronomical.abs() > 6_000_000
    {
        return Err(refused());
    }
    let days = days_of(astronomical, month, day);
    if calendar::date_in_range(days) {
        Ok(days)
    } else {
        Err(DatabaseError::new(
            DATETIME_VALUE_OUT_OF_RANGE,
            format!("date out of range: {year}-{month:02}-{day:02}"),
        ))
    }
}

/// The µs of make_time's fields.
fn make_time(hour: i64, minute: i64, second: f64) -> Result<i64> {
    let microseconds = (second * 1e6).round_ties_even();
    let refused = || {
        out_of_range(format!("time field value out of range: {hour}:{minute:02}:{}", seconds_text(second)))
    };
    if !(0..=24).contains(&hour) || !(0..60).contains(&minute) || !(0.0..=60e6).contains(&microseconds) {
        return Err(refused());
    }
    let time = hour * HOUR + minute * MINUTE + microseconds as i64;
    if time > DAY { Err(refused()) } else { Ok(time) }
}

/// Seconds as C prints `%02g`.
fn seconds_text(second: f64) -> String {
    let mut text = String::new();
    crate::float::output(crate::float::Width::Single, second, &mut text);
    if text.len() < 2 { format!("0{text}") } else { text }
}

fn make_timestamp(call: &Call<'_>) -> Result<i64> {
    let (year, month, day) = (call.int(0)?, call.int(1)?, call.int(2)?);
    let days = make_date(year, month, day)?;
    let time = make_time(call.int(3)?, call.int(4)?, call.real(5)?)?;
    let sum = days.checked_mul(DAY).and_then(|midnight| midnight.checked_add(time));
    sum.filter(|timestamp| calendar::timestamp_in_range(*timestamp)).ok_or_else(|| {
        DatabaseError::new(
            DATETIME_VALUE_OUT_OF_RANGE,
            format!(
                "timestamp out of range: {year}-{month:02}-{day:02} {}:{:02}:{}",
                call.int(3).unwrap_or(0),
                call.int(4).unwrap_or(0),
                seconds_text(call.real(5).unwrap_or(0.0))
            ),
        )
    })
}

fn make_interval(call: &Call<'_>) -> Result<Interval> {
    let seconds = (call.real(6)? * 1e6).round_ties_even();
    if !seconds.is_finite() {
        return Err(interval_out_of_range());
    }
    // PostgreSQL looks at no overflow here: months and days have 32 bits, the time 64, and what is too large is the least.
    let narrow = |at: usize, scale: i64| -> Result<i32> { Ok((call.int(at)? * scale) as i32) };
    let months = narrow(0, 12)?.wrapping_add(narrow(1, 1)?);
    let days = narrow(2, 7)?.wrapping_add(narrow(3, 1)?);
    let whole = if seconds.abs() < 9.2e18 { seconds as i64 } else { i64::MIN };
    let time = (call.int(4)? * HOUR).wrapping_add(call.int(5)? * MINUTE).wrapping_add(whole);
    Ok(Interval { months: months.into(), days: days.into(), microseconds: time })
}

/// `to_timestamp(float8)`: seconds since 1970.
fn from_epoch(seconds: f64) -> Result<i64> {
    if seconds.is_nan() {
        return Err(DatabaseError::new(DATETIME_VALUE_OUT_OF_RANGE, "timestamp cannot be NaN"));
    }
    if seconds.is_infinite() {
        return Ok(if seconds < 0.0 { BEGIN } else { END });
    }
    let refused = || {
        let mut shown = String::new();
        crate::float::output(crate::float::Width::Double, seconds, &mut shown);
        DatabaseError::new(DATETIME_VALUE_OUT_OF_RANGE, format!("timestamp out of range: \"{shown}\""))
    };
    if !(-210_866_803_200.0..=9_224_318_016_000.0).contains(&seconds) {
        return Err(refused());
    }
    let microseconds = ((seconds - UNIX_EPOCH_SECONDS as f64) * 1e6).round_ties_even();
    checked_timestamp(Some(microseconds as i64)).map_err(|_| refused())
}

/// Moves a clock reading of a zone (or a moment) as AT TIME ZONE does.
fn at_zone(call: &Call<'_>, to_moment: bool) -> Result<StoredValue> {
    let place = zone::place(call.text(0)?)?;
    let value = call.int(1)?;
    if is_infinite(value) {
        return Ok(value.into());
    }
    let moved = if to_moment {
        value.checked_sub(place.offset_of_local(value) * SECOND)
    } else {
        value.checked_add(place.offset_at(value) * SECOND)
    };
    Ok(checked_timestamp(moved)?.into())
}

fn checked_local(local: i64) -> Result<i64> {
    if is_infinite(local) { Ok(local) } else { checked_timestamp(Some(local)) }
}

fn at_interval(call: &Call<'_>, sign: i64) -> Result<StoredValue> {
    let shift = sign * zone_of_interval(interval(call, 0)?, call)?;
    let value = call.int(1)?;
    if is_infinite(value) {
        return Ok(value.into());
    }
    Ok(checked_timestamp(value.checked_add(shift))?.into())
}

/// Whether two spans share a moment; ends may be NULL or swapped.
pub(super) fn spans_overlap<T: Copy>(
    [start, end, other_start, other_end]: [Option<T>; 4],
    order: impl Fn(&T, &T) -> Ordering,
) -> StoredValue {
    let span = |start: Option<T>, end: Option<T>| -> Option<(T, Option<T>)> {
        match (start, end) {
            (None, None) => None,
            (None, Some(moment)) | (Some(moment), None) => Some((moment, None)),
            (Some(a), Some(b)) if order(&a, &b).is_gt() => Some((b, Some(a))),
            (Some(a), Some(b)) => Some((a, Some(b))),
        }
    };
    let (Some((first, first_end)), Some((second, second_end))) =
        (span(start, end), span(other_start, other_end))
    else {
        return StoredValue::Null;
    };
    // The span that begins later begins within the other, or after it.
    let within = |begin: T, other_end: Option<T>, own_end: Option<T>| match other_end {
        None => StoredValue::Null,
        Some(other_end) if order(&begin, &other_end).is_lt() => true.into(),
        Some(_) if own_end.is_none() => StoredValue::Null,
        Some(_) => false.into(),
    };
    match order(&first, &second) {
        Ordering::Equal if first_end.is_none() || second_end.is_none() => StoredValue::Null,
        Ordering::Equal => true.into(),
        Ordering::Greater => within(first, second_end, first_end),
        Ordering::Less => within(second, first_end, second_end),
    }
}

/// How far a span given by its length reaches from its start.
type Reach = fn(&Call<'_>, i64, Interval) -> Result<i64>;

fn reach_timestamp(_: &Call<'_>, start: i64, length: Interval) -> Result<i64> {
    add(start, length)
}

fn reach_timestamptz(call: &Call<'_>, start: i64, length: Interval) -> Result<i64> {
    add_in_zone(start, length, zone_of(call))
}

fn reach_time(_: &Call<'_>, start: i64, length: Interval) -> Result<i64> {
    Ok(start.wrapping_add(interval_to_time(length)).rem_euclid(DAY))
}

/// `overlaps`; the second and fourth arguments are ends, or lengths where a reach is given.
fn overlaps(call: &Call<'_>, first: Option<Reach>, second: Option<Reach>) -> Result<StoredValue> {
    let moment = |at: usize| -> Result<Option<i64>> {
        if call.is_null(at) { Ok(None) } else { call.int(at).map(Some) }
    };
    let end = |at: usize, reach: Option<Reach>| -> Result<Option<i64>> {
        let Some(reach) = reach else { return moment(at) };
        match (moment(at - 1)?, call.is_null(at)) {
            (Some(start), false) => reach(call, start, interval(call, at)?).map(Some),
            _ => Ok(None),
        }
    };
    let moments = [moment(0)?, end(1, first)?, moment(2)?, end(3, second)?];
    Ok(spans_overlap(moments, i64::cmp))
}

/// `date_bin`: the start of the stride that holds a moment.
fn bin(call: &Call<'_>) -> Result<StoredValue> {
    let invalid = |message: &str| DatabaseError::new(DATETIME_VALUE_OUT_OF_RANGE, message);
    let (stride, moment, origin) = (interval(call, 0)?, call.int(1)?, call.int(2)?);
    if is_infinite(moment) {
        return Ok(moment.into());
    }
    if is_infinite(origin) {
        return Err(invalid("origin out of range"));
    }
    if stride.months != 0 {
        return Err(DatabaseError::new(
            sqlstate::FEATURE_NOT_SUPPORTED,
            "timestamps cannot be binned into intervals containing months or years",
        ));
    }
    let stride = stride.days.checked_mul(DAY).and_then(|days| days.checked_add(stride.microseconds));
    let stride = stride.ok_or_else(interval_out_of_range)?;
    if stride <= 0 {
        return Err(invalid("stride must be greater than zero"));
    }
    let distance = moment.checked_sub(origin).ok_or_else(interval_out_of_range)?;
    let start = origin.checked_add(distance.saturating_sub(distance.rem_euclid(stride)));
    Ok(checked_timestamp(start)?.into())
}

/// Compares a date with a timestamp, in the session's zone where one side is timestamptz.
type Order = fn(&Call<'_>) -> Result<Ordering>;

fn date_with_timestamp(call: &Call<'_>) -> Result<Ordering> {
    Ok(compare_date(call.int(0)?, call.int(1)?))
}

fn timestamp_with_date(call: &Call<'_>) -> Result<Ordering> {
    Ok(compare_date(call.int(1)?, call.int(0)?).reverse())
}

pub(crate) fn compare_date(date: i64, timestamp: i64) -> Ordering {
    match date {
        DATE_BEGIN => BEGIN.cmp(&timestamp),
        DATE_END => END.cmp(&timestamp),
        // Beyond the range of timestamps a date still compares.
        date => (i128::from(date) * i128::from(DAY)).cmp(&i128::from(timestamp)),
    }
}

fn date_with_timestamptz(call: &Call<'_>) -> Result<Ordering> {
    Ok(match date_to_timestamptz(call.int(0)?, zone_of(call)) {
        Ok(moment) => moment.cmp(&call.int(1)?),
        Err(_) => compare_date(call.int(0)?, call.int(1)?),
    })
}

fn timestamptz_with_date(call: &Call<'_>) -> Result<Ordering> {
    Ok(match date_to_timestamptz(call.int(1)?, zone_of(call)) {
        Ok(moment) => call.int(0)?.cmp(&moment),
        Err(_) => compare_date(call.int(1)?, call.int(0)?).reverse(),
    })
}

fn timestamp_with_timestamptz(call: &Call<'_>) -> Result<Ordering> {
    Ok(moment_order(zone_of(call), call.int(0)?, call.int(1)?))
}

fn timestamptz_with_timestamp(call: &Call<'_>) -> Result<Ordering> {
    Ok(moment_order(zone_of(call), call.int(1)?, call.int(0)?).reverse())
}

/// A clock reading beside a moment; one that is beyond the range of moments lies outside of all but the infinities.
pub(crate) fn moment_order(zone: &TimeZone, local: i64, moment: i64) -> Ordering {
    match zone.to_utc(local) {
        Ok(utc) => utc.cmp(&moment),
        Err(_) if local < 0 => {
            if moment == BEGIN {
                Ordering::Greater
            } else {
                Ordering::Less
            }
        }
        Err(_) => {
            if moment == END {
                Ordering::Less
            } else {
                Ordering::Greater
            }
        }
    }
}

macro_rules! mixed {
    ($($kind:ident $order:ident $eq:literal $ne:literal $lt:literal $le:literal $gt:literal $ge:literal $cmp:literal;)*) => {
        pub(crate) static COMPARISONS: &[Function] = &[$(
            $kind($eq, |call| { let order: Order = $order; Ok(order(call)?.is_eq().into()) }),
            $kind($ne, |call| { let order: Order = $order; Ok(order(call)?.is_ne().into()) }),
            $kind($lt, |call| { let order: Order = $order; Ok(order(call)?.is_lt().into()) }),
            $kind($le, |call| { let order: Order = $order; Ok(order(call)?.is_le().into()) }),
            $kind($gt, |call| { let order: Order = $order; Ok(order(call)?.is_gt().into()) }),
            $kind($ge, |call| { let order: Order = $order; Ok(order(call)?.is_ge().into()) }),
            $kind($cmp, |call| { let order: Order = $order; Ok((order(call)? as i64).into()) }),
        )*];
    };
}

mixed!(
    immutable date_with_timestamp "date_eq_timestamp" "date_ne_timestamp" "date_lt_timestamp" "date_le_timestamp" "date_gt_timestamp" "date_ge_timestamp" "date_cmp_timestamp";
    immutable timestamp_with_date "timestamp_eq_date" "timestamp_ne_date" "timestamp_lt_date" "timestamp_le_date" "timestamp_gt_date" "timestamp_ge_date" "timestamp_cmp_date";
    stable date_with_timestamptz "date_eq_timestamptz" "date_ne_timestamptz" "date_lt_timestamptz" "date_le_timestamptz" "date_gt_timestamptz" "date_ge_timestamptz" "date_cmp_timestamptz";
    stable timestamptz_with_date "timestamptz_eq_date" "timestamptz_ne_date" "timestamptz_lt_date" "timestamptz_le_date" "timestamptz_gt_date" "timestamptz_ge_date" "timestamptz_cmp_date";
    stable timestamp_with_timestamptz "timestamp_eq_timestamptz" "timestamp_ne_timestamptz" "timestamp_lt_timestamptz" "timestamp_le_timestamptz" "timestamp_gt_timestamptz" "timestamp_ge_timestamptz" "timestamp_cmp_timestamptz";
    stable timestamptz_with_timestamp "timestamptz_eq_timestamp" "timestamptz_ne_timestamp" "timestamptz_lt_timestamp" "timestamptz_le_timestamp" "timestamptz_gt_timestamp" "timestamptz_ge_timestamp" "timestamptz_cmp_timestamp";
);

pub(crate) static FUNCTIONS: &[Function] = &[
    immutable("timestamp_pl_interval", |call| Ok(add(call.int(0)?, plus(call, false)?)?.into())),
    immutable("timestamp_mi_interval", |call| Ok(add(call.int(0)?, plus(call, true)?)?.into())),
    stable("timestamptz_pl_interval", |call| {
        Ok(add_in_zone(call.int(0)?, plus(call, false)?, zone_of(call))?.into())
    }),
    stable("timestamptz_mi_interval", |call| {
        Ok(add_in_zone(call.int(0)?, plus(call, true)?, zone_of(call))?.into())
    }),
    immutable("interval_pl_timestamp_interval_timestamp", |call| {
        Ok(add(call.int(1)?, interval(call, 0)?)?.into())
    }),
    stable("interval_pl_timestamptz_interval_timestamptz", |call| {
        Ok(add_in_zone(call.int(1)?, interval(call, 0)?, zone_of(call))?.into())
    }),
    immutable("interval_pl_date_interval_date", |call| {
        Ok(add(date_to_timestamp(call.int(1)?)?, interval(call, 0)?)?.into())
    }),
    immutable("interval_pl_time_interval_time", |call| {
        Ok(call.int(1)?.wrapping_add(interval_to_time(interval(call, 0)?)).rem_euclid(DAY).into())
    }),
    immutable("timestamp_mi", |call| text(difference(call.int(0)?, call.int(1)?))),
    immutable("date_pl_interval", |call| date_plus(call, false)),
    immutable("date_mi_interval", |call| date_plus(call, true)),
    immutable("date_pli", |call| add_days(call.int(0)?, call.int(1)?)),
    immutable("date_mii", |call| add_days(call.int(0)?, call.int(1)?.saturating_neg())),
    immutable("integer_pl_date_int4_date", |call| add_days(call.int(1)?, call.int(0)?)),
    immutable("date_mi", |call| Ok(arithmetic::date_difference(call.int(0)?, call.int(1)?)?.into())),
    immutable("datetime_timestamp", |call| date_time(call.int(0)?, call.int(1)?)),
    immutable("timedate_pl_time_date", |call| date_time(call.int(1)?, call.int(0)?)),
    immutable("time_pl_interval", |call| {
        Ok(call.int(0)?.wrapping_add(interval_to_time(interval(call, 1)?)).rem_euclid(DAY).into())
    }),
    immutable("time_mi_interval", |call| {
        Ok(call.int(0)?.wrapping_sub(interval_to_time(interval(call, 1)?)).rem_euclid(DAY).into())
    }),
    immutable("time_mi_time", |call| {
        text(Ok(Interval { months: 0, days: 0, microseconds: call.int(0)?.saturating_sub(call.int(1)?) }))
    }),
    immutable("interval_pl", |call| text(interval(call, 0)?.add(interval(call, 1)?))),
    immutable("interval_mi", |call| {
        let (left, right) = (interval(call, 0)?, interval(call, 1)?);
        text(Interval::checked(
            left.months.checked_sub(right.months),
            left.days.checked_sub(right.days),
            left.microseconds.checked_sub(right.microseconds),
        ))
    }),
    immutable("interval_um", |call| text(interval(call, 0)?.negated())),
    immutable("interval_mul", |call| text(multiply(interval(call, 0)?, call.real(1)?))),
    immutable("mul_d_interval", |call| text(multiply(interval(call, 1)?, call.real(0)?))),
    immutable("interval_div", |call| text(divide(interval(call, 0)?, call.real(1)?))),
    immutable("interval_justify_hours", |call| text(arithmetic::justify_hours(interval(call, 0)?))),
    immutable("interval_justify_days", |call| text(arithmetic::justify_days(interval(call, 0)?))),
    immutable("interval_justify_interval", |call| text(justify(interval(call, 0)?))),
    immutable("interval_finite", |_| Ok(true.into())),
    immutable("interval_larger", |call| {
        let (left, right) = (interval(call, 0)?, interval(call, 1)?);
        text(Ok(if left.compare(&right).is_gt() { left } else { right }))
    }),
    immutable("interval_smaller", |call| {
        let (left, right) = (interval(call, 0)?, interval(call, 1)?);
        text(Ok(if left.compare(&right).is_lt() { left } else { right }))
    }),
    immutable("interval_scale", |call| {
        text(arithmetic::under_typmod(interval(call, 0)?, call.int(1)? as i32))
    }),
    immutable("interval_time", |call| Ok(interval_to_time(interval(call, 0)?).into())),
    immutable("time_interval", |call| text(Ok(Interval { months: 0, days: 0, microseconds: call.int(0)? }))),
    immutable("timestamp_age", |call| text(age(call.int(0)?, call.int(1)?))),
    // PostgreSQL calls it immutable, though the zone matters.
    immutable("timestamptz_age", |call| {
        let zone = zone_of(call);
        text(age(zone.to_local(call.int(0)?), zone.to_local(call.int(1)?)))
    }),
    stable("age_timestamptz", |call| {
        let zone = zone_of(call);
        let today = zone.to_local(call.context.now()).div_euclid(DAY) * DAY;
        text(age(today, zone.to_local(call.int(0)?)))
    }),
    stable("age_timestamp", |call| {
        let today = zone_of(call).to_local(call.context.now()).div_euclid(DAY) * DAY;
        text(age(today, call.int(0)?))
    }),
    // A date and a time of the session's zone.
    stable("timestamptz_date_time", |call| {
        let local = date_to_timestamp(call.int(0)?)?;
        if is_infinite(local) {
            return Ok(local.into());
        }
        Ok(zone_of(call).to_utc(checked_timestamp(local.checked_add(call.int(1)?))?)?.into())
    }),
    immutable("date_finite", |call| Ok((!is_infinite_date(call.int(0)?)).into())),
    immutable("timestamp_finite", |call| Ok((!is_infinite(call.int(0)?)).into())),
    immutable("date_larger", |call| Ok(call.int(0)?.max(call.int(1)?).into())),
    immutable("date_smaller", |call| Ok(call.int(0)?.min(call.int(1)?).into())),
    immutable("timestamp_larger", |call| Ok(call.int(0)?.max(call.int(1)?).into())),
    immutable("timestamp_smaller", |call| Ok(call.int(0)?.min(call.int(1)?).into())),
    immutable("time_larger", |call| Ok(call.int(0)?.max(call.int(1)?).into())),
    immutable("time_smaller", |call| Ok(call.int(0)?.min(call.int(1)?).into())),
    immutable("date_timestamp", |call| Ok(date_to_timestamp(call.int(0)?)?.into())),
    stable("date_timestamptz", |call| Ok(date_to_timestamptz(call.int(0)?, zone_of(call))?.into())),
    immutable("timestamp_date", |call| Ok(timestamp_to_date(call.int(0)?).into())),
    stable("timestamptz_date", |call| Ok(timestamp_to_date(zone_of(call).to_local(call.int(0)?)).into())),
    stable("timestamp_timestamptz", |call| Ok(zone_of(call).to_utc(call.int(0)?)?.into())),
    stable("timestamptz_timestamp", |call| Ok(checked_local(zone_of(call).to_local(call.int(0)?))?.into())),
    immutable("timestamp_time", |call| time_of(call.int(0)?)),
    stable("timestamptz_time", |call| time_of(zone_of(call).to_local(call.int(0)?))),
    immutable("timestamp_scale", |call| scaled(call)),
    immutable("timestamptz_scale", |call| scaled(call)),
    immutable("time_scale", |call| Ok(round_to_precision(call.int(0)?, call.int(1)? as i32).into())),
    immutable("timestamptz_zone", |call| at_zone(call, false)),
    immutable("timestamp_zone", |call| at_zone(call, true)),
    immutable("timestamptz_izone", |call| at_interval(call, 1)),
    immutable("timestamp_izone", |call| at_interval(call, -1)),
    immutable("make_date", |call| Ok(make_date(call.int(0)?, call.int(1)?, call.int(2)?)?.into())),
    immutable("make_time", |call| Ok(make_time(call.int(0)?, call.int(1)?, call.real(2)?)?.into())),
    immutable("make_timestamp", |call| Ok(make_timestamp(call)?.into())),
    stable("make_timestamptz", |call| Ok(zone_of(call).to_utc(make_timestamp(call)?)?.into())),
    stable("make_timestamptz_at_timezone", |call| {
        let local = make_timestamp(call)?;
        let offset = zone::sane(call.text(6)?)?.offset_of_local(local);
        Ok(checked_timestamp(local.checked_sub(offset * SECOND))?.into())
    }),
    immutable("make_interval", |call| text(make_interval(call))),
    immutable("float8_timestamptz", |call| Ok(from_epoch(call.real(0)?)?.into())),
    immutable("overlaps_timestamp", |call| overlaps(call, None, None)).lenient(),
    immutable("overlaps_time", |call| overlaps(call, None, None)).lenient(),
    immutable("overlaps_time_time_time_interval", |call| overlaps(call, None, Some(reach_time))).lenient(),
    immutable("overlaps_time_interval_time_time", |call| overlaps(call, Some(reach_time), None)).lenient(),
    immutable("overlaps_time_interval_time_interval", |call| {
        overlaps(call, Some(reach_time), Some(reach_time))
    })
    .lenient(),
    immutable("overlaps_timestamp_timestamp_timestamp_interval", |call| {
        overlaps(call, None, Some(reach_timestamp))
    })
    .lenient(),
    immutable("overlaps_timestamp_interval_timestamp_timestamp", |call| {
        overlaps(call, Some(reach_timestamp), None)
    })
    .lenient(),
    immutable("overlaps_timestamp_interval_timestamp_interval", |call| {
        overlaps(call, Some(reach_timestamp), Some(reach_timestamp))
    })
    .lenient(),
    stable("overlaps_timestamptz_timestamptz_timestamptz_interval", |call| {
        overlaps(call, None, Some(reach_timestamptz))
    })
    .lenient(),
    stable("overlaps_timestamptz_interval_timestamptz_timestamptz", |call| {
        overlaps(call, Some(reach_timestamptz), None)
    })
    .lenient(),
    stable("overlaps_timestamptz_interval_timestamptz_interval", |call| {
        overlaps(call, Some(reach_timestamptz), Some(reach_timestamptz))
    })
    .lenient(),
    immutable("timestamp_bin", |call| bin(call)),
    immutable("timestamptz_bin", |call| bin(call)),
];

fn time_of(local: i64) -> Result<StoredValue> {
    if is_infinite(local) { Ok(StoredValue::Null) } else { Ok(local.rem_euclid(DAY).into()) }
}

fn scaled(call: &Call<'_>) -> Result<StoredValue> {
    let value = call.int(0)?;
    if is_infinite(value) {
        return Ok(value.into());
    }
    let rounded = round_to_precision(value, call.int(1)? as i32);
    checked_timestamp(Some(rounded)).map(Into::into).map_err(|_| timestamp_out_of_range())
}
