//! `to_timestamp` and `to_date`: texts by template.
//!
//! The everyday fields; what a template rarely asks of an input (ISO weeks, Roman months, Julian days) is refused.

use super::template::{DAYS, MONTHS, Part, parts};
use crate::registry::{Call, Function, stable};
use crate::time::calendar::{DAY, HOUR, MINUTE, SECOND, checked_timestamp, days_of, is_leap, month_length};
use crate::value::{StoredValue, is_space};
use sqlstate::{DATETIME_FIELD_OVERFLOW, DatabaseError, INVALID_DATETIME_FORMAT, Result};

/// The fields found.
#[derive(Default)]
struct Found {
    year: Option<i64>,
    month: Option<i64>,
    day: Option<i64>,
    day_of_year: Option<i64>,
    hour: i64,
    twelve_hour_clock: bool,
    minute: i64,
    second: i64,
    microsecond: i64,
    seconds_of_day: Option<i64>,
    afternoon: Option<bool>,
    before_christ: bool,
    /// Seconds east.
    zone_sign: i64,
    zone_hours: Option<i64>,
    zone_minutes: i64,
}

fn invalid(message: String, detail: String) -> DatabaseError {
    let error = DatabaseError::new(INVALID_DATETIME_FORMAT, message);
    if detail.is_empty() { error } else { error.with_detail(detail) }
}

/// A number of at most `width` digits; unlimited where no digit field follows it.
fn number(rest: &mut &str, width: usize, next_is_digit: bool, keyword: &str) -> Result<(i64, usize)> {
    *rest = rest.trim_start_matches(is_space);
    let sign = usize::from(rest.starts_with(['-', '+']));
    let limit = if next_is_digit { sign + width } else { usize::MAX };
    let digits = rest[sign..].bytes().take_while(u8::is_ascii_digit).count();
    let end = (sign + digits).min(limit);
    if digits == 0 {
        let shown: String = rest.chars().take(width).collect();
        return Err(invalid(
            format!("invalid value \"{shown}\" for \"{keyword}\""),
            "Value must be an integer.".to_owned(),
        ));
    }
    let text = &rest[..end];
    let value = text.parse::<i32>().map_err(|_| {
        DatabaseError::new(
            DATETIME_FIELD_OVERFLOW,
            format!("value for \"{keyword}\" in source string is out of range"),
        )
        .with_detail("Value must be in the range -2147483648 to 2147483647.")
    })?;
    *rest = &rest[end..];
    Ok((i64::from(value), end - sign))
}

/// The index of the name that the text begins with, by its first three letters or whole.
fn name(rest: &mut &str, names: &[&str], whole: bool, keyword: &str) -> Result<i64> {
    for (at, name) in names.iter().enumerate() {
        let name = if whole { name } else { &name[..3] };
        if rest.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name)) {
            *rest = &rest[name.len()..];
            return Ok(at as i64);
        }
    }
    let shown: String = rest.chars().take_while(|c| !is_space(*c)).collect();
    Err(invalid(
        format!("invalid value \"{shown}\" for \"{keyword}\""),
        "The given value did not match any of the allowed values for this field.".to_owned(),
    ))
}

fn is_digit_field(part: Option<&Part>) -> bool {
    match part {
        Some(Part::Field { keyword, .. }) => !matches!(
            *keyword,
            "A.D."
                | "A.M."
                | "AD"
                | "AM"
                | "B.C."
                | "BC"
                | "DAY"
                | "DY"
                | "MONTH"
                | "MON"
                | "P.M."
                | "PM"
                | "RM"
                | "TZ"
                | "OF"
        ),
        Some(Part::Other(c)) => c.is_ascii_digit(),
        Some(Part::Literal(text)) => text.starts_with(|c: char| c.is_ascii_digit()),
        None => false,
    }
}

fn is_separator(c: char) -> bool {
    c.is_ascii_punctuation() || is_space(c)
}

fn read(text: &str, template: &str) -> Result<Found> {
    let parts = parts(template)?;
    let mut found = Found { zone_sign: 1, ..Found::default() };
    let mut rest = text;
    for (at, part) in parts.iter().enumerate() {
        let (keyword, text, fill) = match part {
            Part::Other(c) if is_separator(*c) => {
                let next = rest.chars().next();
                if let Some(next) = next.filter(|next| is_separator(*next)) {
                    rest = &rest[next.len_utf8()..];
                }
                // White space in the input beyond the template's is skipped.
                while rest.starts_with(is_space) {
                    rest = &rest[1..];
                }
                continue;
            }
            Part::Other(_) => {
                let mut characters = rest.chars();
                if characters.next().is_some() {
                    rest = characters.as_str();
                }
                continue;
            }
            Part::Literal(literal) => {
                for _ in literal.chars() {
                    let mut characters = rest.chars();
                    if characters.next().is_none() {
                        break;
                    }
                    rest = characters.as_str();
                }
                continue;
            }
            Part::Field { keyword, text, fill, ordinal } => {
                if ordinal.is_some() {
                    return Err(DatabaseError::unsupported("template pattern TH in an input"));
                }
                (*keyword, text.as_str(), *fill)
            }
        };
        // Separators that the template has none of are skipped before a field.
        rest = rest.trim_start_matches(is_space);
        if rest.is_empty() {
            break;
        }
        let followed = is_digit_field(parts.get(at + 1)) && fill;
        let mut digits = |width: usize| number(&mut rest, width, followed, text);
        match keyword {
            "YYYY" => found.year = Some(digits(4)?.0),
            "YYY" | "YY" | "Y" => {
                let width = keyword.len();
                let (year, length) = digits(width)?;
                found.year = Some(if length < 4 { nearest_to_2020(year) } else { year });
            }
            "MM" => found.month = Some(digits(2)?.0),
            "DD" => found.day = Some(digits(2)?.0),
            "DDD" => found.day_of_year = Some(digits(3)?.0),
            "HH24" => found.hour = digits(2)?.0,
            "HH" | "HH12" => {
                found.hour = digits(2)?.0;
                found.twelve_hour_clock = true;
            }
            "MI" => found.minute = digits(2)?.0,
            "SS" => found.second = digits(2)?.0,
            "SSSS" | "SSSSS" => found.seconds_of_day = Some(digits(5)?.0),
            "MS" => {
                let (value, length) = digits(3)?;
                found.microsecond += fraction(value, length) / 1000 * 1000;
            }
            "US" => {
                let (value, length) = digits(6)?;
                found.microsecond += fraction(value, length);
            }
            "FF1" | "FF2" | "FF3" | "FF4" | "FF5" | "FF6" => {
                let places = usize::from(keyword.as_bytes()[2] - b'0');
                let (value, length) = digits(places)?;
                found.microsecond += fraction(value, length);
            }
            "MONTH" => found.month = Some(name(&mut rest, &MONTHS, true, text)? + 1),
            "MON" => found.month = Some(name(&mut rest, &MONTHS, false, text)? + 1),
            "DAY" => {
                name(&mut rest, &DAYS, true, text)?;
            }
            "DY" => {
                name(&mut rest, &DAYS, false, text)?;
            }
            "AM" | "PM" | "A.M." | "P.M." => {
                let plain = keyword.len() == 2;
                let halves: [&str; 2] = if plain { ["AM", "PM"] } else { ["A.M.", "P.M."] };
                let half = name(&mut rest, &halves, true, text)?;
                found.afternoon = Some(half == 1);
                found.twelve_hour_clock = true;
            }
            "AD" | "BC" | "A.D." | "B.C." => {
                let plain = keyword.len() == 2;
                let eras: [&str; 2] = if plain { ["AD", "BC"] } else { ["A.D.", "B.C."] };
                found.before_christ = name(&mut rest, &eras, true, text)? == 1;
            }
            "TZH" => {
                if let Some(tail) = rest.strip_prefix(['+', '-']) {
                    found.zone_sign = if rest.starts_with('-') { -1 } else { 1 };
                    rest = tail;
                }
                found.zone_hours = Some(number(&mut rest, 2, true, text)?.0);
            }
            "TZM" => {
                found.zone_hours.get_or_insert(0);
                found.zone_minutes = number(&mut rest, 2, true, text)?.0;
            }
            other => {
                return Err(DatabaseError::unsupported(format_args!("template pattern {other} in an input")));
            }
        }
    }
    Ok(found)
}

/// A year of fewer than four digits is the one nearest to 2020.
fn nearest_to_2020(year: i64) -> i64 {
    match year {
        0..=69 => year + 2000,
        70..=99 => year + 1900,
        100..=519 => year + 2000,
        520..=999 => year + 1000,
        other => other,
    }
}

/// The µs of decimal digits after the point.
fn fraction(value: i64, length: usize) -> i64 {
    value * 10i64.pow(6 - (length.min(6)) as u32)
}

/// The reading in µs; the zone's offset where the text gave one.
fn local(text: &str, template: &str) -> Result<(i64, Option<i64>)> {
    let found = read(text, template)?;
    let overflow = || {
        DatabaseError::new(DATETIME_FIELD_OVERFLOW, format!("date/time field value out of range: \"{text}\""))
    };
    let mut hour = found.hour;
    if found.twelve_hour_clock {
        if !(1..=12).contains(&hour) {
            return Err(invalid(format!("hour \"{hour}\" is invalid for the 12-hour clock"), String::new())
                .with_hint("Use the 24-hour clock, or give an hour between 1 and 12."));
        }
        match found.afternoon {
            Some(true) if hour < 12 => hour += 12,
            Some(false) | None if hour == 12 && found.afternoon.is_some() => hour = 0,
            _ => {}
        }
    }
    let (mut minute, mut second) = (found.minute, found.second);
    if let Some(seconds) = found.seconds_of_day {
        (hour, minute, second) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    }
    let mut year = found.year.unwrap_or(0);
    if found.before_christ && found.year.is_some() {
        year = 1 - year;
    } else if year < 0 {
        year += 1;
    } else if year == 0 {
        // No year at all is 1 BC, as the year 0 is.
        year = 0;
    }
    let (mut month, mut day) = (found.month.unwrap_or(1), found.day.unwrap_or(1));
    if let Some(of_year) = found.day_of_year
        && found.month.is_none()
        && found.day.is_none()
    {
        if !(1..=if is_leap(year) { 366 } else { 365 }).contains(&of_year) {
            return Err(overflow());
        }
        let civil = crate::time::Civil::of_days(days_of(year, 1, 1) + of_year - 1);
        (month, day) = (civil.month, civil.day);
    }
    if !(1..=12).contains(&month) || day < 1 || day > month_length(year, month) {
        return Err(overflow());
    }
    if !(0..24).contains(&hour) || !(0..60).contains(&minute) || !(0..60).contains(&second) {
        return Err(overflow());
    }
    let time = hour * HOUR + minute * MINUTE + second * SECOND + found.microsecond;
    let reading = days_of(year, month, day).checked_mul(DAY).and_then(|midnight| midnight.checked_add(time));
    let zone = found.zone_hours.map(|hours| found.zone_sign * (hours * 3600 + found.zone_minutes * 60));
    Ok((checked_timestamp(reading)?, zone))
}

fn to_timestamp(call: &mut Call<'_>) -> Result<StoredValue> {
    let (reading, zone) = local(call.text(0)?, call.text(1)?)?;
    Ok(match zone {
        Some(offset) => checked_timestamp(reading.checked_sub(offset * SECOND))?,
        None => call.context.time_zone().to_utc(reading)?,
    }
    .into())
}

fn to_date(call: &mut Call<'_>) -> Result<StoredValue> {
    let (reading, _) = local(call.text(0)?, call.text(1)?)?;
    Ok(reading.div_euclid(DAY).into())
}

pub(super) static FUNCTIONS: &[Function] =
    &[stable("to_timestamp", to_timestamp), stable("to_date", to_date)];
