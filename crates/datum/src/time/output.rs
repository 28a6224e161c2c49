//! The output of date, time, timestamp and timestamptz.

use super::calendar::{self, Civil, DATE_BEGIN, DATE_END, HOUR, MINUTE, SECOND};
use super::style::{DateFormat, DateOrder, DateStyle};
use crate::context::TimeZone;

/// The style of a timestamp.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// `2024-01-02 03:04:05+00`, or as another DateStyle has it.
    Text(DateStyle),
    /// `2024-01-02T03:04:05+00:00`, as JSON has it.
    Json,
}

/// The two digits of each number below a hundred.
const PAIRS: &str = "0001020304050607080910111213141516171819\
2021222324252627282930313233343536373839\
4041424344454647484950515253545556575859\
6061626364656667686970717273747576777879\
8081828384858687888990919293949596979899";

/// Appends a number of at least `width` digits.
pub(crate) fn push_padded(value: i64, width: usize, out: &mut String) {
    // What a clock shows: two digits, or the four of a year.
    match (value, width) {
        (0..100, 2) => return out.push_str(pair(value)),
        (1000..10_000, 4) => {
            out.push_str(pair(value / 100));
            return out.push_str(pair(value % 100));
        }
        _ => {}
    }
    let mut buffer = [0u8; 20];
    let mut at = buffer.len();
    let mut rest = value.unsigned_abs();
    while rest > 0 || buffer.len() - at < width {
        at -= 1;
        buffer[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    out.push_str(str::from_utf8(&buffer[at..]).unwrap_or_default());
}

/// The two digits of a number below a hundred.
fn pair(value: i64) -> &'static str {
    let at = value as usize * 2;
    &PAIRS[at..at + 2]
}

fn push_date(civil: &Civil, style: DateStyle, out: &mut String) {
    let year = if civil.year > 0 { civil.year } else { 1 - civil.year };
    let (first, second) = match style {
        DateStyle { format: DateFormat::German, .. }
        | DateStyle { format: DateFormat::Sql | DateFormat::Postgres, order: DateOrder::Dmy } => {
            (civil.day, civil.month)
        }
        DateStyle { format: DateFormat::Sql | DateFormat::Postgres, .. } => (civil.month, civil.day),
        DateStyle { format: DateFormat::Iso, .. } => {
            push_padded(year, 4, out);
            out.push('-');
            push_padded(civil.month, 2, out);
            out.push('-');
            push_padded(civil.day, 2, out);
            return;
        }
    };
    let delimiter = match style.format {
        DateFormat::Sql => '/',
        DateFormat::German => '.',
        DateFormat::Postgres | DateFormat::Iso => '-',
    };
    push_padded(first, 2, out);
    out.push(delimiter);
    push_padded(second, 2, out);
    out.push(delimiter);
    push_padded(year, 4, out);
}

/// Appends µs since midnight as `hh:mm:ss[.ffffff]`, the fraction without trailing zeros.
pub(crate) fn push_time(time: i64, out: &mut String) {
    push_padded(time / HOUR, 2, out);
    out.push(':');
    push_padded(time / MINUTE % 60, 2, out);
    out.push(':');
    push_seconds(time / SECOND % 60, time % SECOND, out);
}

/// Appends seconds with a fraction without trailing zeros.
pub(crate) fn push_seconds(seconds: i64, microseconds: i64, out: &mut String) {
    push_padded(seconds, 2, out);
    if microseconds != 0 {
        out.push('.');
        push_padded(microseconds, 6, out);
        out.truncate(out.trim_end_matches('0').len());
    }
}

/// Appends an offset as `+hh[:mm[:ss]]`.
pub(crate) fn push_offset(seconds: i64, out: &mut String) {
    let size = seconds.abs();
    out.push(if seconds < 0 { '-' } else { '+' });
    push_padded(size / 3600, 2, out);
    if size % 3600 != 0 {
        out.push(':');
        push_padded(size / 60 % 60, 2, out);
        if size % 60 != 0 {
            out.push(':');
            push_padded(size % 60, 2, out);
        }
    }
}

/// Appends an offset as `+hh:mm[:ss]`.
pub(crate) fn push_long_offset(seconds: i64, out: &mut String) {
    push_offset(seconds, out);
    if seconds % 3600 == 0 {
        out.push_str(":00");
    }
}

/// Appends a date.
pub(crate) fn date(days: i64, style: DateStyle, out: &mut String) {
    match days {
        DATE_BEGIN => out.push_str("-infinity"),
        DATE_END => out.push_str("infinity"),
        days => {
            let civil = Civil::of_days(days);
            push_date(&civil, style, out);
            if civil.year <= 0 {
                out.push_str(" BC");
            }
        }
    }
}

/// Appends a timestamp without time zone.
pub(crate) fn timestamp(timestamp: i64, style: Style, out: &mut String) {
    if push_infinite(timestamp, out) {
        return;
    }
    reading(timestamp, None, style, out);
}

/// Appends a timestamptz as a zone's clocks show it.
pub(crate) fn timestamptz(timestamp: i64, zone: &TimeZone, style: Style, out: &mut String) {
    if push_infinite(timestamp, out) {
        return;
    }
    let named = matches!(style, Style::Text(DateStyle { format, .. }) if format != DateFormat::Iso);
    let (offset, abbreviation) = if named {
        let (offset, abbreviation, _) = zone.info_at(timestamp);
        (offset, abbreviation)
    } else {
        (zone.offset_at(timestamp), String::new())
    };
    reading(timestamp.saturating_add(offset * SECOND), Some((offset, &abbreviation)), style, out);
}

/// Appends a timestamp as jsonpath writes it, with its offset if it has one.
pub(crate) fn json_timestamp(local: i64, offset: Option<i64>, out: &mut String) {
    reading(local, offset.map(|offset| (offset, "")), Style::Json, out);
}

fn push_infinite(timestamp: i64, out: &mut String) -> bool {
    match timestamp {
        calendar::BEGIN => out.push_str("-infinity"),
        calendar::END => out.push_str("infinity"),
        _ => return false,
    }
    true
}

/// A date of four digits' year and a time as ISO 8601 has them, at once: nearly every moment that is written.
fn push_iso(civil: &Civil, between: u8, out: &mut String) {
    let mut text = *b"0000-00-00 00:00:00.000000";
    let mut put = |at: usize, number: i64| text[at..at + 2].copy_from_slice(pair(number).as_bytes());
    put(0, civil.year / 100);
    put(2, civil.year % 100);
    put(5, civil.month);
    put(8, civil.day);
    put(11, civil.hour());
    put(14, civil.minute());
    put(17, civil.second());
    let microseconds = civil.time % SECOND;
    put(20, microseconds / 10_000);
    put(22, microseconds / 100 % 100);
    put(24, microseconds % 100);
    text[10] = between;
    let zeros = text[19..].iter().rev().take_while(|byte| matches!(byte, b'0' | b'.')).count();
    let length = if microseconds == 0 { 19 } else { text.len() - zeros };
    out.push_str(str::from_utf8(&text[..length]).unwrap_or_default());
}

fn reading(local: i64, zone: Option<(i64, &str)>, style: Style, out: &mut String) {
    let civil = Civil::of_timestamp(local);
    let date_style = match style {
        Style::Text(date_style) => date_style,
        Style::Json => DateStyle::default(),
    };
    if date_style.format == DateFormat::Iso && (1000..10_000).contains(&civil.year) {
        push_iso(&civil, if style == Style::Json { b'T' } else { b' ' }, out);
        if let Some((offset, _)) = zone {
            if style == Style::Json { push_long_offset(offset, out) } else { push_offset(offset, out) }
        }
        return;
    }
    if date_style.format == DateFormat::Postgres {
        const DAYS: [&str; 7] = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
        const MONTHS: [&str; 12] =
            ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
        let month = MONTHS.get((civil.month - 1) as usize).copied().unwrap_or("");
        out.push_str(DAYS.get(civil.weekday() as usize).copied().unwrap_or(""));
        out.push(' ');
        if date_style.order == DateOrder::Dmy {
            push_padded(civil.day, 2, out);
            out.push(' ');
            out.push_str(month);
        } else {
            out.push_str(month);
            out.push(' ');
            push_padded(civil.day, 2, out);
        }
    } else {
        push_date(&civil, date_style, out);
    }
    out.push(if style == Style::Json { 'T' } else { ' ' });
    push_time(civil.time, out);
    if date_style.format == DateFormat::Postgres {
        out.push(' ');
        push_padded(if civil.year > 0 { civil.year } else { 1 - civil.year }, 4, out);
    }
    if let Some((offset, abbreviation)) = zone {
        if date_style.format == DateFormat::Iso {
            if style == Style::Json { push_long_offset(offset, out) } else { push_offset(offset, out) }
        } else {
            out.push(' ');
            // Ten letters are enough for every abbreviation that there is.
            out.extend(abbreviation.chars().take(10));
        }
    }
    if civil.year <= 0 {
        out.push_str(" BC");
    }
}
