//! Sums and differences of moments and intervals.

use super::calendar::{
    self, DATE_BEGIN, DATE_END, DAY, checked_timestamp, days_of, interval_out_of_range, is_infinite,
    month_length, round_to_precision, timestamp_out_of_range,
};
use super::interval::fields;
use super::{Civil, Interval};
use crate::context::TimeZone;
use sqlstate::{DATETIME_VALUE_OUT_OF_RANGE, DIVISION_BY_ZERO, DatabaseError, Result};

/// Applies an interval's type modifier: what is smaller than its last field goes, seconds are rounded to its precision.
pub(crate) fn under_typmod(interval: Interval, typmod: i32) -> Result<Interval> {
    if typmod < 0 {
        return Ok(interval);
    }
    let range = fields::of(typmod);
    let cut = |unit: i64| Interval { microseconds: interval.microseconds / unit * unit, ..interval };
    let interval = if range == fields::ALL || range & fields::SECOND != 0 {
        interval
    } else if range & fields::MINUTE != 0 {
        cut(calendar::MINUTE)
    } else if range & fields::HOUR != 0 {
        cut(calendar::HOUR)
    } else if range & fields::DAY != 0 {
        Interval { microseconds: 0, ..interval }
    } else if range & fields::MONTH != 0 {
        Interval { months: interval.months, ..Interval::default() }
    } else {
        Interval { months: interval.months / 12 * 12, ..Interval::default() }
    };
    let precision = typmod & 0xffff;
    Ok(Interval { microseconds: round_to_precision(interval.microseconds, precision), ..interval })
}

/// The time of day that an interval's time is.
pub(super) fn interval_to_time(interval: Interval) -> i64 {
    interval.microseconds.rem_euclid(DAY)
}

/// A timestamp some months later; the day stays within the month.
fn add_months(timestamp: i64, months: i64) -> Option<i64> {
    if months == 0 {
        return Some(timestamp);
    }
    let civil = Civil::of_timestamp(timestamp);
    let count = civil.year * 12 + civil.month - 1 + months;
    let (year, month) = (count.div_euclid(12), count.rem_euclid(12) + 1);
    let day = civil.day.min(month_length(year, month));
    days_of(year, month, day).checked_mul(DAY)?.checked_add(civil.time)
}

/// A timestamp some days later; the days alone may be more than a timestamp holds.
fn add_days(timestamp: i64, days: i64) -> Option<i64> {
    i64::try_from(i128::from(timestamp) + i128::from(days) * i128::from(DAY)).ok()
}

/// `timestamp + interval`: months, then days, then time.
pub(crate) fn add(timestamp: i64, interval: Interval) -> Result<i64> {
    if is_infinite(timestamp) {
        return Ok(timestamp);
    }
    let sum = add_months(timestamp, interval.months)
        .filter(|moved| calendar::timestamp_in_range(*moved))
        .and_then(|moved| add_days(moved, interval.days))
        .and_then(|moved| moved.checked_add(interval.microseconds));
    checked_timestamp(sum)
}

/// `timestamptz + interval`: months and days on the zone's calendar, time as it elapses.
pub(crate) fn add_in_zone(timestamp: i64, interval: Interval, zone: &TimeZone) -> Result<i64> {
    if is_infinite(timestamp) {
        return Ok(timestamp);
    }
    let mut moved = timestamp;
    if interval.months != 0 {
        let local = add_months(zone.to_local(moved), interval.months);
        moved = zone.to_utc(local.ok_or_else(timestamp_out_of_range)?)?;
    }
    if interval.days != 0 {
        let local = add_days(zone.to_local(moved), interval.days);
        moved = zone.to_utc(local.ok_or_else(timestamp_out_of_range)?)?;
    }
    checked_timestamp(moved.checked_add(interval.microseconds))
}

/// `timestamp - timestamp`: days and time.
pub(crate) fn difference(left: i64, right: i64) -> Result<Interval> {
    if is_infinite(left) || is_infinite(right) {
        return Err(DatabaseError::new(DATETIME_VALUE_OUT_OF_RANGE, "cannot subtract infinite timestamps"));
    }
    let microseconds = left.checked_sub(right).ok_or_else(interval_out_of_range)?;
    justify_hours(Interval { months: 0, days: 0, microseconds })
}

/// `date - date`.
pub(crate) fn date_difference(left: i64, right: i64) -> Result<i64> {
    if [left, right].iter().any(|date| matches!(*date, DATE_BEGIN | DATE_END)) {
        return Err(DatabaseError::new(DATETIME_VALUE_OUT_OF_RANGE, "cannot subtract infinite dates"));
    }
    left.checked_sub(right).ok_or_else(calendar::date_out_of_range)
}

/// 24 hours become days, the signs made alike.
pub(crate) fn justify_hours(interval: Interval) -> Result<Interval> {
    let mut days = interval.days + interval.microseconds / DAY;
    let mut rest = interval.microseconds % DAY;
    Interval::checked(Some(interval.months), Some(days), Some(rest))?;
    if days > 0 && rest < 0 {
        rest += DAY;
        days -= 1;
    } else if days < 0 && rest > 0 {
        rest -= DAY;
        days += 1;
    }
    Ok(Interval { days, microseconds: rest, ..interval })
}

/// 30 days become months, the signs made alike.
pub(crate) fn justify_days(interval: Interval) -> Result<Interval> {
    let mut months = interval.months + interval.days / 30;
    let mut days = interval.days % 30;
    Interval::checked(Some(months), Some(days), Some(interval.microseconds))?;
    if months > 0 && days < 0 {
        days += 30;
        months -= 1;
    } else if months < 0 && days > 0 {
        days -= 30;
        months += 1;
    }
    Ok(Interval { months, days, ..interval })
}

/// Both, and one sign for all.
pub(crate) fn justify(interval: Interval) -> Result<Interval> {
    let mut value = interval;
    let narrow =
        |value: Interval| Interval::checked(Some(value.months), Some(value.days), Some(value.microseconds));
    // Days first where they pull the same way as the time, so that nothing overflows.
    if (value.days > 0 && value.microseconds > 0) || (value.days < 0 && value.microseconds < 0) {
        value.months += value.days / 30;
        value.days %= 30;
        value = narrow(value)?;
    }
    value.days += value.microseconds / DAY;
    value.microseconds %= DAY;
    value = narrow(value)?;
    value.months += value.days / 30;
    value.days %= 30;
    value = narrow(value)?;
    if value.months > 0 && (value.days < 0 || (value.days == 0 && value.microseconds < 0)) {
        value.days += 30;
        value.months -= 1;
    } else if value.months < 0 && (value.days > 0 || (value.days == 0 && value.microseconds > 0)) {
        value.days -= 30;
        value.months += 1;
    }
    if value.days > 0 && value.microseconds < 0 {
        value.microseconds += DAY;
        value.days -= 1;
    } else if value.days < 0 && value.microseconds > 0 {
        value.microseconds -= DAY;
        value.days += 1;
    }
    Ok(value)
}

/// `interval * factor`: fractions of months spill into days, of days into time.
pub(crate) fn multiply(interval: Interval, factor: f64) -> Result<Interval> {
    scale(interval, |value| value * factor)
}

/// `interval / divisor`.
pub(crate) fn divide(interval: Interval, divisor: f64) -> Result<Interval> {
    if divisor == 0.0 {
        return Err(DatabaseError::new(DIVISION_BY_ZERO, "division by zero"));
    }
    scale(interval, |value| value / divisor)
}

/// Rounds to µs, as PostgreSQL's TSROUND.
fn to_microseconds(value: f64) -> f64 {
    (value * 1e6).round_ties_even() / 1e6
}

fn scale(interval: Interval, by: impl Fn(f64) -> f64) -> Result<Interval> {
    let narrow = |value: f64| {
        if value.is_nan() || value > f64::from(i32::MAX) || value < f64::from(i32::MIN) {
            return Err(interval_out_of_range());
        }
        Ok(value as i64)
    };
    let months = by(interval.months as f64);
    let whole_months = narrow(months)?;
    let days = by(interval.days as f64);
    let whole_days = narrow(days)?;
    // What the months leave over, in days; what that and the days leave over, in seconds.
    let spilled = to_microseconds((months - whole_months as f64) * 30.0);
    let spilled_days = spilled as i64;
    let mut seconds = to_microseconds((days - whole_days as f64 + spilled - spilled_days as f64) * 86_400.0);
    let mut carried = 0;
    if seconds.abs() >= 86_400.0 {
        carried = (seconds / 86_400.0) as i64;
        seconds -= carried as f64 * 86_400.0;
    }
    let time = (by(interval.microseconds as f64) + seconds * 1e6).round_ties_even();
    if !(-9_223_372_036_854_775_808.0..9_223_372_036_854_775_808.0).contains(&time) {
        return Err(interval_out_of_range());
    }
    Interval::checked(
        Some(whole_months),
        whole_days.checked_add(spilled_days).and_then(|days| days.checked_add(carried)),
        Some(time as i64),
    )
}

/// `age(left, right)`: years, months, days and time between two readings of the calendar.
pub(crate) fn age(left: i64, right: i64) -> Result<Interval> {
    if is_infinite(left) || is_infinite(right) {
        return Err(DatabaseError::unsupported("age() of an infinite timestamp"));
    }
    let (a, b) = (Civil::of_timestamp(left), Civil::of_timestamp(right));
    let mut parts = [a.year - b.year, a.month - b.month, a.day - b.day];
    let mut time = a.time - b.time;
    // Borrow in the direction of the whole difference.
    let forward = left >= right;
    if !forward {
        parts.iter_mut().for_each(|part| *part = -*part);
        time = -time;
    }
    let [mut years, mut months, mut days] = parts;
    while time < 0 {
        time += DAY;
        days -= 1;
    }
    while days < 0 {
        // A month is as long as the one the earlier side stands in.
        days += if forward { month_length(b.year, b.month) } else { month_length(a.year, a.month) };
        months -= 1;
    }
    while months < 0 {
        months += 12;
        years -= 1;
    }
    let sign = if forward { 1 } else { -1 };
    Ok(Interval { months: sign * (years * 12 + months), days: sign * days, microseconds: sign * time })
}
