//! Fields of moments and intervals: `extract`, `date_part`, `date_trunc`.

use super::calendar::{
    DATE_BEGIN, DATE_END, DAY, EPOCH_JULIAN, HOUR, MINUTE, SECOND, UNIX_EPOCH_SECONDS, checked_timestamp,
    days_of, is_infinite, is_infinite_date, iso_week_start,
};
use super::words::{self, Unit};
use super::{Civil, Interval, TimeTz, zone};
use crate::context::TimeZone;
use crate::numeric::{Decimal, Numeric};
use crate::registry::{Call, Function, immutable, stable};
use crate::value::StoredValue;
use sqlstate::{DatabaseError, FEATURE_NOT_SUPPORTED, INVALID_PARAMETER_VALUE, Result};

/// A field's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Unit(Unit),
    Epoch,
    Weekday,
    IsoWeekday,
    DayOfYear,
    IsoYear,
    Julian,
    Zone,
    ZoneHour,
    ZoneMinute,
    /// A word of date input that no type has as a field.
    Reserved,
}

fn part_named(name: &str) -> Option<Part> {
    let lower = name.to_ascii_lowercase();
    if let Some(unit) = words::unit(&lower) {
        return Some(Part::Unit(unit));
    }
    Some(match lower.get(..10).unwrap_or(&lower) {
        "epoch" => Part::Epoch,
        "dow" => Part::Weekday,
        "isodow" => Part::IsoWeekday,
        "doy" => Part::DayOfYear,
        "isoyear" => Part::IsoYear,
        "j" | "jd" | "julian" => Part::Julian,
        "timezone" => Part::Zone,
        "timezone_h" => Part::ZoneHour,
        "timezone_m" => Part::ZoneMinute,
        // `m` is the minute here; the label of date input remains for two letters.
        "mm" => Part::Unit(Unit::Minute),
        "now" | "today" | "tomorrow" | "yesterday" | "infinity" | "-infinity" | "allballs" => Part::Reserved,
        _ => return None,
    })
}

fn unrecognized(name: &str, type_name: &str) -> DatabaseError {
    DatabaseError::new(
        INVALID_PARAMETER_VALUE,
        format!("unit \"{}\" not recognized for type {type_name}", name.to_ascii_lowercase()),
    )
}

fn unsupported(name: &str, type_name: &str) -> DatabaseError {
    DatabaseError::new(
        FEATURE_NOT_SUPPORTED,
        format!("unit \"{}\" not supported for type {type_name}", name.to_ascii_lowercase()),
    )
}

/// A field's value: a whole number, or one with a fixed number of decimal places.
enum Value {
    Whole(i64),
    /// The number times 10^places.
    Scaled(i128, i32),
    Infinite(bool),
    Julian(i64, i64),
    Null,
}

impl Value {
    /// As `extract` gives it: numeric.
    fn numeric(self) -> Result<StoredValue> {
        Ok(match self {
            Value::Whole(value) => value.to_string().into(),
            Value::Scaled(value, places) => scaled(value, places)?.to_text().into(),
            Value::Infinite(negative) => if negative { "-Infinity" } else { "Infinity" }.into(),
            Value::Julian(day, time) => {
                // The day's part as a quotient of µs, with division's scale.
                let part = Numeric::from(time).divide(&Numeric::from(DAY))?;
                part.add(&Numeric::from(day))?.to_text().into()
            }
            Value::Null => StoredValue::Null,
        })
    }

    /// As `date_part` gives it: float8.
    fn float(self) -> StoredValue {
        match self {
            Value::Whole(value) => StoredValue::Real(value as f64),
            Value::Scaled(value, places) => StoredValue::Real(value as f64 / 10f64.powi(places)),
            Value::Infinite(negative) => {
                StoredValue::Real(if negative { f64::NEG_INFINITY } else { f64::INFINITY })
            }
            Value::Julian(day, time) => StoredValue::Real(day as f64 + time as f64 / DAY as f64),
            Value::Null => StoredValue::Null,
        }
    }
}

fn scaled(value: i128, places: i32) -> Result<Numeric> {
    let unit = Numeric::from(Decimal::from(10i128.pow(places as u32)));
    let quotient = Numeric::from(Decimal::from(value)).divide(&unit)?;
    quotient.map(|value| value.round(places))
}

/// PostgreSQL's numbering has no year 0.
fn shown_year(year: i64) -> i64 {
    if year > 0 { year } else { year - 1 }
}

fn decade(year: i64) -> i64 {
    if year >= 0 { year / 10 } else { -((8 - (year - 1)) / 10) }
}

fn century(year: i64) -> i64 {
    if year > 0 { (year + 99) / 100 } else { -((99 - (year - 1)) / 100) }
}

fn millennium(year: i64) -> i64 {
    if year > 0 { (year + 999) / 1000 } else { -((999 - (year - 1)) / 1000) }
}

/// A field of a date; `None` for a field that dates do not have.
fn date_part(part: Part, civil: &Civil) -> Option<Value> {
    Some(Value::Whole(match part {
        Part::Unit(Unit::Day) => civil.day,
        Part::Unit(Unit::Month) => civil.month,
        Part::Unit(Unit::Quarter) => (civil.month - 1) / 3 + 1,
        Part::Unit(Unit::Week) => civil.iso_week().1,
        Part::Unit(Unit::Year) => shown_year(civil.year),
        Part::Unit(Unit::Decade) => decade(civil.year),
        Part::Unit(Unit::Century) => century(civil.year),
        Part::Unit(Unit::Millennium) => millennium(civil.year),
        Part::IsoYear => shown_year(civil.iso_week().0),
        Part::Weekday => civil.weekday(),
        Part::IsoWeekday => (civil.weekday() + 6) % 7 + 1,
        Part::DayOfYear => civil.day_of_year(),
        _ => return None,
    }))
}

/// A field of a time of day.
fn time_part(part: Part, time: i64) -> Option<Value> {
    Some(match part {
        Part::Unit(Unit::Microsecond) => Value::Whole(time % MINUTE),
        Part::Unit(Unit::Millisecond) => Value::Scaled(i128::from(time % MINUTE), 3),
        Part::Unit(Unit::Second) => Value::Scaled(i128::from(time % MINUTE), 6),
        Part::Unit(Unit::Minute) => Value::Whole(time / MINUTE % 60),
        Part::Unit(Unit::Hour) => Value::Whole(time / HOUR),
        _ => return None,
    })
}

/// Fields of an infinite moment: those that grow without bound are infinite, the others unknown.
fn infinite_part(part: Part, negative: bool) -> Value {
    match part {
        Part::Unit(Unit::Year | Unit::Decade | Unit::Century | Unit::Millennium)
        | Part::IsoYear
        | Part::Julian
        | Part::Epoch => Value::Infinite(negative),
        _ => Value::Null,
    }
}

fn timestamp_value(name: &str, timestamp: i64, zone: Option<&TimeZone>) -> Result<Value> {
    let type_name = if zone.is_some() { "timestamp with time zone" } else { "timestamp without time zone" };
    let part = part_named(name).ok_or_else(|| unrecognized(name, type_name))?;
    let zone_part = matches!(part, Part::Zone | Part::ZoneHour | Part::ZoneMinute);
    if zone_part && zone.is_none() {
        return Err(unsupported(name, type_name));
    }
    if is_infinite(timestamp) {
        return Ok(infinite_part(part, timestamp < 0));
    }
    let offset = zone.map_or(0, |zone| zone.offset_at(timestamp));
    let civil = Civil::of_timestamp(timestamp.saturating_add(offset * SECOND));
    if let Some(value) = date_part(part, &civil).or_else(|| time_part(part, civil.time)) {
        return Ok(value);
    }
    Ok(match part {
        Part::Epoch => {
            Value::Scaled(i128::from(timestamp) + i128::from(UNIX_EPOCH_SECONDS) * i128::from(SECOND), 6)
        }
        Part::Julian => Value::Julian(civil.days() + EPOCH_JULIAN, civil.time),
        Part::Zone => Value::Whole(offset),
        Part::ZoneHour => Value::Whole(offset / 3600),
        Part::ZoneMinute => Value::Whole(offset / 60 % 60),
        _ => return Err(unsupported(name, type_name)),
    })
}

fn date_value(name: &str, date: i64) -> Result<Value> {
    let part = part_named(name).ok_or_else(|| unrecognized(name, "date"))?;
    let civil = Civil::of_days(if is_infinite_date(date) { 0 } else { date });
    let value = match part {
        Part::Epoch => Value::Whole(date.saturating_mul(86_400).saturating_add(UNIX_EPOCH_SECONDS)),
        Part::Julian => Value::Whole(date.saturating_add(EPOCH_JULIAN)),
        part => date_part(part, &civil).ok_or_else(|| unsupported(name, "date"))?,
    };
    Ok(match date {
        DATE_BEGIN => infinite_part(part, true),
        DATE_END => infinite_part(part, false),
        _ => value,
    })
}

fn time_value(name: &str, time: i64) -> Result<Value> {
    let type_name = "time without time zone";
    let part = part_named(name).ok_or_else(|| unrecognized(name, type_name))?;
    match part {
        Part::Epoch => Ok(Value::Scaled(i128::from(time), 6)),
        part => time_part(part, time).ok_or_else(|| unsupported(name, type_name)),
    }
}

fn timetz_value(name: &str, value: TimeTz) -> Result<Value> {
    let type_name = "time with time zone";
    let part = part_named(name).ok_or_else(|| unrecognized(name, type_name))?;
    Ok(match part {
        Part::Epoch => Value::Scaled(i128::from(value.time) - i128::from(value.offset * SECOND), 6),
        Part::Zone => Value::Whole(value.offset),
        Part::ZoneHour => Value::Whole(value.offset / 3600),
        Part::ZoneMinute => Value::Whole(value.offset / 60 % 60),
        part => time_part(part, value.time).ok_or_else(|| unsupported(name, type_name))?,
    })
}

fn interval_value(name: &str, interval: Interval) -> Result<Value> {
    let part = part_named(name).ok_or_else(|| unrecognized(name, "interval"))?;
    let years = interval.months / 12;
    Ok(match part {
        Part::Unit(Unit::Day) => Value::Whole(interval.days),
        Part::Unit(Unit::Month) => Value::Whole(interval.months % 12),
        Part::Unit(Unit::Quarter) => Value::Whole(interval.months % 12 / 3 + 1),
        Part::Unit(Unit::Year) => Value::Whole(years),
        Part::Unit(Unit::Decade) => Value::Whole(years / 10),
        Part::Unit(Unit::Century) => Value::Whole(years / 100),
        Part::Unit(Unit::Millennium) => Value::Whole(years / 1000),
        Part::Epoch => {
            // A year of 365.25 days, a month of 30.
            let hours = years as i128 * 8766
                + i128::from(interval.months % 12) * 720
                + i128::from(interval.days) * 24;
            Value::Scaled(hours * i128::from(HOUR) + i128::from(interval.microseconds), 6)
        }
        part => time_part(part, interval.microseconds).ok_or_else(|| unsupported(name, "interval"))?,
    })
}

/// The start of a year's group, as date_trunc has it.
fn first_year(unit: Unit, year: i64) -> i64 {
    match unit {
        Unit::Millennium if year > 0 => (year + 999) / 1000 * 1000 - 999,
        Unit::Millennium => -((999 - (year - 1)) / 1000) * 1000 + 1,
        Unit::Century if year > 0 => (year + 99) / 100 * 100 - 99,
        Unit::Century => -((99 - (year - 1)) / 100) * 100 + 1,
        Unit::Decade if year > 0 => year / 10 * 10,
        Unit::Decade => -((8 - (year - 1)) / 10) * 10,
        _ => year,
    }
}

/// The reading cut to a unit.
fn truncated(unit: Unit, civil: &Civil) -> i64 {
    let days = match unit {
        Unit::Millennium | Unit::Century | Unit::Decade | Unit::Year => {
            days_of(first_year(unit, civil.year), 1, 1)
        }
        Unit::Quarter => days_of(civil.year, (civil.month - 1) / 3 * 3 + 1, 1),
        Unit::Month => days_of(civil.year, civil.month, 1),
        Unit::Week => {
            let (year, week) = civil.iso_week();
            iso_week_start(year, week)
        }
        _ => civil.days(),
    };
    let time = match unit {
        Unit::Hour => civil.time - civil.time % HOUR,
        Unit::Minute => civil.time - civil.time % MINUTE,
        Unit::Second => civil.time - civil.time % SECOND,
        Unit::Millisecond => civil.time - civil.time % 1000,
        Unit::Microsecond => civil.time,
        _ => 0,
    };
    days.saturating_mul(DAY).saturating_add(time)
}

fn trunc_unit(name: &str, type_name: &str) -> Result<Unit> {
    match part_named(name) {
        Some(Part::Unit(unit)) => Ok(unit),
        Some(Part::Zone | Part::ZoneHour | Part::ZoneMinute) => Err(unsupported(name, type_name)),
        _ => Err(unrecognized(name, type_name)),
    }
}

fn trunc_in_zone(call: &Call<'_>, zone: &TimeZone) -> Result<StoredValue> {
    let timestamp = call.int(1)?;
    if is_infinite(timestamp) {
        return Ok(timestamp.into());
    }
    let unit = trunc_unit(call.text(0)?, "timestamp with time zone")?;
    let offset = zone.offset_at(timestamp) * SECOND;
    let local = truncated(unit, &Civil::of_timestamp(timestamp.saturating_add(offset)));
    Ok(match unit {
        Unit::Microsecond | Unit::Millisecond | Unit::Second | Unit::Minute | Unit::Hour => {
            checked_timestamp(local.checked_sub(offset))?
        }
        // From days on the offset may be another at the unit's start.
        _ => zone.to_utc(local)?,
    }
    .into())
}

fn trunc_interval(call: &mut Call<'_>) -> Result<StoredValue> {
    let name = call.text(0)?;
    let interval = Interval::stored(call.text(1)?)?;
    let unit = trunc_unit(name, "interval")?;
    let time = interval.microseconds;
    let months = interval.months;
    let by = |unit: i64| Interval { microseconds: time - time % unit, ..interval };
    let whole_months = |unit: i64| Interval { months: months - months % unit, days: 0, microseconds: 0 };
    let truncated = match unit {
        Unit::Microsecond => interval,
        Unit::Millisecond => by(1000),
        Unit::Second => by(SECOND),
        Unit::Minute => by(MINUTE),
        Unit::Hour => by(HOUR),
        Unit::Day => Interval { microseconds: 0, ..interval },
        Unit::Week => {
            return Err(unsupported(name, "interval").with_detail("Months usually have fractional weeks."));
        }
        Unit::Month => whole_months(1),
        Unit::Quarter => whole_months(3),
        Unit::Year => whole_months(12),
        Unit::Decade => whole_months(120),
        Unit::Century => whole_months(1200),
        Unit::Millennium => whole_months(12_000),
    };
    Ok(truncated.to_text().into())
}

fn interval_at(call: &Call<'_>) -> Result<Interval> {
    Interval::stored(call.text(1)?)
}

pub(crate) static FUNCTIONS: &[Function] = &[
    immutable("extract_date", |call| date_value(call.text(0)?, call.int(1)?)?.numeric()),
    immutable("extract_time", |call| time_value(call.text(0)?, call.int(1)?)?.numeric()),
    immutable("extract_timetz", |call| {
        timetz_value(call.text(0)?, TimeTz::stored(call.text(1)?)?)?.numeric()
    }),
    immutable("timetz_part", |call| Ok(timetz_value(call.text(0)?, TimeTz::stored(call.text(1)?)?)?.float())),
    immutable("extract_timestamp", |call| timestamp_value(call.text(0)?, call.int(1)?, None)?.numeric()),
    stable("extract_timestamptz", |call| {
        timestamp_value(call.text(0)?, call.int(1)?, Some(call.context.time_zone()))?.numeric()
    }),
    immutable("extract_interval", |call| interval_value(call.text(0)?, interval_at(call)?)?.numeric()),
    immutable("date_part_text_date", |call| {
        let timestamp = super::calendar::date_to_timestamp(call.int(1)?)?;
        Ok(timestamp_value(call.text(0)?, timestamp, None)?.float())
    }),
    immutable("time_part", |call| Ok(time_value(call.text(0)?, call.int(1)?)?.float())),
    immutable("timestamp_part", |call| Ok(timestamp_value(call.text(0)?, call.int(1)?, None)?.float())),
    stable("timestamptz_part", |call| {
        Ok(timestamp_value(call.text(0)?, call.int(1)?, Some(call.context.time_zone()))?.float())
    }),
    immutable("interval_part", |call| Ok(interval_value(call.text(0)?, interval_at(call)?)?.float())),
    immutable("timestamp_trunc", |call| {
        let timestamp = call.int(1)?;
        if is_infinite(timestamp) {
            return Ok(timestamp.into());
        }
        let unit = trunc_unit(call.text(0)?, "timestamp without time zone")?;
        Ok(checked_timestamp(Some(truncated(unit, &Civil::of_timestamp(timestamp))))?.into())
    }),
    stable("timestamptz_trunc", |call| trunc_in_zone(call, call.context.time_zone())),
    stable("timestamptz_trunc_zone", |call| {
        let zone = zone::lookup(call.text(2)?)?;
        trunc_in_zone(call, &zone)
    }),
    immutable("interval_trunc", trunc_interval),
];
