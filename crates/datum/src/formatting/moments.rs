//! `to_char` of timestamps and intervals.

use super::template::{DAYS, MONTHS, Part, ROMAN, parts};
use crate::registry::{Call, Function, stable};
use crate::time::calendar::{EPOCH_JULIAN, HOUR, MINUTE, SECOND, is_infinite};
use crate::time::output::push_padded;
use crate::time::{Civil, Interval};
use crate::value::StoredValue;
use sqlstate::{DatabaseError, INVALID_DATETIME_FORMAT, Result};

/// What a template shows.
struct Shown {
    year: i64,
    month: i64,
    day: i64,
    /// Days and weeks of the year and what else needs a date; none for intervals.
    civil: Option<Civil>,
    hour: i64,
    minute: i64,
    second: i64,
    microsecond: i64,
    /// Offset east in seconds and abbreviation, for timestamptz.
    zone: Option<(i64, String)>,
    interval: bool,
}

/// A number at least `width` digits wide unless FM; its sign does not count.
fn number(value: i64, width: usize, fill: bool, out: &mut String) {
    if value < 0 {
        out.push('-');
    }
    push_padded(value, if fill { width } else { 1 }, out);
}

/// A name in the case of its keyword, padded to nine characters where the keyword fills.
fn name(name: &str, keyword: &str, pad: usize, fill: bool, out: &mut String) {
    let mut letters = keyword.chars();
    let shown = match (letters.next(), letters.next()) {
        (Some(first), _) if first.is_ascii_lowercase() => name.to_lowercase(),
        (Some(_), Some(second)) if second.is_ascii_lowercase() => name.to_owned(),
        _ => name.to_uppercase(),
    };
    out.push_str(&shown);
    if fill {
        (shown.len()..pad).for_each(|_| out.push(' '));
    }
}

/// st, nd, rd, th.
fn ordinal_suffix(digits: &str) -> &'static str {
    let bytes = digits.as_bytes();
    let teen = bytes.len() > 1 && bytes[bytes.len() - 2] == b'1';
    match bytes.last() {
        Some(b'1') if !teen => "st",
        Some(b'2') if !teen => "nd",
        Some(b'3') if !teen => "rd",
        _ => "th",
    }
}

/// The text in the case of its keyword: upper or lower.
fn cased(text: &str, keyword: &str) -> String {
    if keyword.starts_with(|c: char| c.is_ascii_lowercase()) { text.to_lowercase() } else { text.to_owned() }
}

/// Years as they are counted: 1 BC is 1.
fn positive_year(year: i64, interval: bool) -> i64 {
    if interval || year > 0 { year } else { 1 - year }
}

fn show(template: &str, shown: &Shown) -> Result<String> {
    let mut out = String::new();
    for part in parts(template, false)? {
        let part = match part {
            Part::Space(c) | Part::Separator(c) | Part::Char(c) => {
                out.push(c);
                continue;
            }
            Part::Field(field) => field,
        };
        let start = out.len();
        let name = matches!(part.keyword, "MONTH" | "DAY");
        field(part.keyword, &part.text, part.fill && !(name && part.local), shown, &mut out)?;
        let has_number = out[start..].bytes().next_back().is_some_and(|byte| byte.is_ascii_digit());
        if let Some(upper) = part.ordinal.filter(|_| has_number && !UNNUMBERED.contains(&part.keyword)) {
            let suffix = ordinal_suffix(&out[start..]);
            out.push_str(&if upper { suffix.to_uppercase() } else { suffix.to_owned() });
        }
    }
    Ok(out)
}

/// Fields that take no TH.
const UNNUMBERED: &[&str] = &["TZH", "TZM", "OF", "TZ"];

fn field(keyword: &str, text: &str, fill: bool, shown: &Shown, out: &mut String) -> Result<()> {
    let no_date = || {
        DatabaseError::new(INVALID_DATETIME_FORMAT, "invalid format specification for an interval value")
            .with_hint("Intervals are not tied to specific calendar dates.")
    };
    let civil = || shown.civil.ok_or_else(no_date);
    let zone = || shown.zone.as_ref().ok_or_else(no_date);
    let year = positive_year(shown.year, shown.interval);
    match keyword {
        "A.M." | "P.M." => {
            let half = if shown.hour % 24 >= 12 { "P.M." } else { "A.M." };
            out.push_str(&cased(half, text));
        }
        "AM" | "PM" => out.push_str(&cased(if shown.hour % 24 >= 12 { "PM" } else { "AM" }, text)),
        "HH" | "HH12" => {
            let hour = shown.hour % 12;
            number(if hour == 0 { 12 } else { hour }, 2, fill, out);
        }
        "FX" => {}
        "HH24" => number(shown.hour, 2, fill, out),
        "MI" => number(shown.minute, 2, fill, out),
        "SS" => number(shown.second, 2, fill, out),
        "FF1" | "FF2" | "FF3" | "FF4" | "FF5" | "FF6" => {
            let places = usize::from(keyword.as_bytes()[2] - b'0');
            let unit = 10i64.pow(6 - places as u32);
            // The places of a fraction are never cut by FM.
            number(shown.microsecond / unit, places, true, out);
        }
        "MS" => number(shown.microsecond / 1000, 3, true, out),
        "US" => number(shown.microsecond, 6, true, out),
        "SSSS" | "SSSSS" => {
            number(shown.hour * 3600 + shown.minute * 60 + shown.second, 1, fill, out);
        }
        "TZ" => {
            let (_, abbreviation) = zone()?;
            out.push_str(&cased(abbreviation, text));
        }
        "TZH" => {
            let (offset, _) = zone()?;
            out.push(if *offset < 0 { '-' } else { '+' });
            number(offset.abs() / 3600, 2, true, out);
        }
        "TZM" => number(zone()?.0.abs() % 3600 / 60, 2, true, out),
        "OF" => {
            let (offset, _) = zone()?;
            out.push(if *offset < 0 { '-' } else { '+' });
            number(offset.abs() / 3600, 2, fill, out);
            if offset % 3600 != 0 {
                out.push(':');
                number(offset.abs() % 3600 / 60, 2, true, out);
            }
        }
        "A.D." | "B.C." => {
            civil()?;
            out.push_str(&cased(if shown.year <= 0 { "B.C." } else { "A.D." }, text));
        }
        "AD" | "BC" => {
            civil()?;
            out.push_str(&cased(if shown.year <= 0 { "BC" } else { "AD" }, text));
        }
        "MONTH" | "MON" if shown.interval => return Err(no_date()),
        "MONTH" if shown.month > 0 => name(MONTHS[month_index(shown)], text, 9, fill, out),
        "MON" if shown.month > 0 => name(&MONTHS[month_index(shown)][..3], text, 0, fill, out),
        // A negative interval counts its months from December down; whole years have a Roman month, no years none.
        "RM" if shown.month != 0 || shown.year != 0 => {
            let index = match shown.month {
                0 if shown.year > 0 => 11,
                0 => 0,
                month if month < 0 => (month + 12).unsigned_abs() as usize,
                month => (month - 1) as usize,
            };
            let roman = cased(ROMAN.get(index).copied().unwrap_or(""), text);
            out.push_str(&roman);
            if fill {
                (roman.len()..4).for_each(|_| out.push(' '));
            }
        }
        "RM" => {}
        "MONTH" | "MON" => {}
        "MM" => number(shown.month, 2, fill, out),
        "DAY" => name(DAYS[civil()?.weekday() as usize], text, 9, fill, out),
        "DY" => name(&DAYS[civil()?.weekday() as usize][..3], text, 0, fill, out),
        "DDD" => match shown.civil {
            Some(civil) => number(civil.day_of_year(), 3, fill, out),
            None => number(shown.year * 360 + shown.month * 30 + shown.day, 3, fill, out),
        },
        "IDDD" => {
            let civil = civil()?;
            let (_, week) = civil.iso_week();
            number((week - 1) * 7 + (civil.weekday() + 6) % 7 + 1, 3, fill, out);
        }
        "DD" => number(shown.day, 2, fill, out),
        "D" => number(civil()?.weekday() + 1, 1, fill, out),
        "ID" => number((civil()?.weekday() + 6) % 7 + 1, 1, fill, out),
        "WW" => {
            let day = match shown.civil {
                Some(civil) => civil.day_of_year(),
                None => return Err(DatabaseError::unsupported("template pattern WW for an interval")),
            };
            number((day - 1) / 7 + 1, 2, fill, out);
        }
        "IW" => number(civil()?.iso_week().1, 2, fill, out),
        "W" => number((shown.day - 1) / 7 + 1, 1, fill, out),
        "Q" => {
            if shown.month > 0 {
                number((shown.month - 1) / 3 + 1, 1, fill, out);
            }
        }
        "CC" => {
            let century = if shown.interval {
                shown.year / 100
            } else if shown.year > 0 {
                (shown.year - 1) / 100 + 1
            } else {
                shown.year / 100 - 1
            };
            number(century, 2, fill, out);
        }
        "Y,YYY" => {
            number(year / 1000, 1, true, out);
            out.push(',');
            number(year % 1000, 3, true, out);
        }
        "YYYY" => number(year, 4, fill, out),
        "YYY" => number(year % 1000, 3, fill, out),
        "YY" => number(year % 100, 2, fill, out),
        "Y" => number(year % 10, 1, fill, out),
        "IYYY" | "IYY" | "IY" | "I" => {
            let year = match shown.civil {
                Some(civil) => positive_year(civil.iso_week().0, false),
                None => shown.year,
            };
            let width = keyword.len();
            let shown = if width == 4 { year } else { year % 10i64.pow(width as u32) };
            number(shown, width, fill, out);
        }
        "J" => number(civil()?.days() + EPOCH_JULIAN, 1, fill, out),
        other => return Err(DatabaseError::unsupported(format_args!("template pattern {other}"))),
    }
    Ok(())
}

fn month_index(shown: &Shown) -> usize {
    (shown.month - 1).rem_euclid(12) as usize
}

fn of_timestamp(local: i64, zone: Option<(i64, String)>) -> Shown {
    let civil = Civil::of_timestamp(local);
    Shown {
        year: civil.year,
        month: civil.month,
        day: civil.day,
        civil: Some(civil),
        hour: civil.hour(),
        minute: civil.minute(),
        second: civil.second(),
        microsecond: civil.microsecond(),
        // A timestamp without zone shows an empty abbreviation.
        zone: zone.or(Some((0, String::new()))),
        interval: false,
    }
}

fn of_interval(interval: Interval) -> Shown {
    let time = interval.microseconds;
    Shown {
        year: interval.months / 12,
        month: interval.months % 12,
        day: interval.days,
        civil: None,
        hour: time / HOUR,
        minute: time / MINUTE % 60,
        second: time / SECOND % 60,
        microsecond: time % SECOND,
        zone: None,
        interval: true,
    }
}

fn timestamp_to_char(call: &mut Call<'_>) -> Result<StoredValue> {
    let (timestamp, template) = (call.int(0)?, call.text(1)?);
    if template.is_empty() || is_infinite(timestamp) {
        return Ok(StoredValue::Null);
    }
    Ok(show(template, &of_timestamp(timestamp, None))?.into())
}

fn timestamptz_to_char(call: &mut Call<'_>) -> Result<StoredValue> {
    let (timestamp, template) = (call.int(0)?, call.text(1)?);
    if template.is_empty() || is_infinite(timestamp) {
        return Ok(StoredValue::Null);
    }
    let zone = call.context.time_zone();
    let (offset, abbreviation, _) = zone.info_at(timestamp);
    Ok(show(template, &of_timestamp(zone.to_local(timestamp), Some((offset, abbreviation))))?.into())
}

fn interval_to_char(call: &mut Call<'_>) -> Result<StoredValue> {
    let template = call.text(1)?;
    if template.is_empty() {
        return Ok(StoredValue::Null);
    }
    Ok(show(template, &of_interval(Interval::stored(call.text(0)?)?))?.into())
}

pub(super) static FUNCTIONS: &[Function] = &[
    stable("timestamp_to_char", timestamp_to_char),
    stable("timestamptz_to_char", timestamptz_to_char),
    stable("interval_to_char", interval_to_char),
];
