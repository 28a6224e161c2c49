//! The output of date, time, timestamp and timestamptz, in ISO style.

use super::calendar::{self, Civil, DATE_BEGIN, DATE_END, HOUR, MINUTE, SECOND};
use crate::context::TimeZone;

/// The style of a timestamp.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Style {
    /// `2024-01-02 03:04:05+00`.
    Text,
    /// `2024-01-02T03:04:05+00:00`, as JSON has it.
    Json,
}

/// Appends a number of at least `width` digits.
pub(crate) fn push_padded(value: i64, width: usize, out: &mut String) {
    let mut buffer = [0u8; 20];
    let mut at = buffer.len();
    let mut rest = value.unsigned_abs();
    while rest > 0 || buffer.len() - at < width {
        at -= 1;
        buffer[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    buffer[at..].iter().for_each(|digit| out.push(char::from(*digit)));
}

fn push_date(civil: &Civil, out: &mut String) {
    push_padded(if civil.year > 0 { civil.year } else { 1 - civil.year }, 4, out);
    out.push('-');
    push_padded(civil.month, 2, out);
    out.push('-');
    push_padded(civil.day, 2, out);
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

/// Appends a date.
pub(crate) fn date(days: i64, out: &mut String) {
    match days {
        DATE_BEGIN => out.push_str("-infinity"),
        DATE_END => out.push_str("infinity"),
        days => {
            let civil = Civil::of_days(days);
            push_date(&civil, out);
            if civil.year <= 0 {
                out.push_str(" BC");
            }
        }
    }
}

/// Appends a timestamp without time zone.
pub(crate) fn timestamp(timestamp: i64, style: Style, out: &mut String) {
    reading(timestamp, None, style, out);
}

/// Appends a timestamptz as a zone's clocks show it.
pub(crate) fn timestamptz(timestamp: i64, zone: &TimeZone, style: Style, out: &mut String) {
    if calendar::is_infinite(timestamp) {
        return reading(timestamp, None, style, out);
    }
    let offset = zone.offset_at(timestamp);
    reading(timestamp.saturating_add(offset * SECOND), Some(offset), style, out);
}

fn reading(local: i64, offset: Option<i64>, style: Style, out: &mut String) {
    match local {
        calendar::BEGIN => return out.push_str("-infinity"),
        calendar::END => return out.push_str("infinity"),
        _ => {}
    }
    let civil = Civil::of_timestamp(local);
    push_date(&civil, out);
    out.push(if style == Style::Json { 'T' } else { ' ' });
    push_time(civil.time, out);
    if let Some(offset) = offset {
        let start = out.len();
        push_offset(offset, out);
        if style == Style::Json && out.len() - start == 3 {
            out.push_str(":00");
        }
    }
    if civil.year <= 0 {
        out.push_str(" BC");
    }
}
