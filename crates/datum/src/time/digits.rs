//! The numbers within date, time and interval text.

use super::decode::{Decoded, Refusal};

/// The 32-bit number that a text begins with, `None` beyond 32 bits, and what follows it.
pub(super) fn leading(text: &str) -> Decoded<(Option<i64>, &str)> {
    let end = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    if end == 0 {
        return Err(Refusal::Format);
    }
    Ok((text[..end].parse::<i32>().ok().map(i64::from), &text[end..]))
}

/// A reading of a clock.
pub(super) struct Clock {
    pub(super) hour: i64,
    pub(super) minute: i64,
    pub(super) second: i64,
    pub(super) microsecond: i64,
}

/// `hh:mm[:ss[.ffffff]]`. `mm:ss.ff` is minutes and seconds, and so is `mm:ss` where `minutes_first`.
pub(super) fn clock(text: &str, minutes_first: bool) -> Decoded<Clock> {
    let number = |part: &str, limit: i64| -> Decoded<i64> {
        if part.is_empty() {
            return Ok(0);
        }
        if !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Refusal::Format);
        }
        part.parse().ok().filter(|value| *value <= limit).ok_or(Refusal::Field)
    };
    let narrow = i64::from(i32::MAX);
    let mut parts = text.splitn(3, ':');
    let hour = number(parts.next().unwrap_or(""), i64::MAX)?;
    let second = parts.next().ok_or(Refusal::Format)?;
    let mut clock = Clock { hour, minute: 0, second: 0, microsecond: 0 };
    match parts.next() {
        None => match second.split_once('.') {
            None if minutes_first => {
                (clock.hour, clock.minute, clock.second) = (0, hour, number(second, narrow)?);
            }
            None => clock.minute = number(second, narrow)?,
            Some((whole, fraction)) => {
                (clock.hour, clock.minute, clock.second) = (0, hour, number(whole, narrow)?);
                clock.microsecond = microseconds(fraction)?;
            }
        },
        Some(third) => {
            clock.minute = number(second, narrow)?;
            match third.split_once('.') {
                None => clock.second = number(third, narrow)?,
                Some((whole, fraction)) => {
                    clock.second = number(whole, narrow)?;
                    clock.microsecond = microseconds(fraction)?;
                }
            }
        }
    }
    if clock.minute > 59 || clock.second > 60 {
        return Err(Refusal::Field);
    }
    Ok(clock)
}

/// The value of decimals after a point.
pub(super) fn decimals(fraction: &str) -> Decoded<f64> {
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Refusal::Format);
    }
    format!("0.{fraction}0").parse().map_err(|_| Refusal::Format)
}

/// The µs of a decimal fraction of a second, rounded.
pub(super) fn microseconds(fraction: &str) -> Decoded<i64> {
    Ok((decimals(fraction)? * 1e6).round_ties_even() as i64)
}

/// Seconds east of Greenwich of `±hh[[:]mm[:ss]]`.
pub(super) fn offset(text: &str) -> Decoded<i64> {
    let (sign, digits) = match text.split_at_checked(1) {
        Some(("-", digits)) => (-1, digits),
        Some(("+", digits)) => (1, digits),
        _ => return Err(Refusal::Format),
    };
    // As strtol: no digits are 0, and what follows them is looked at last.
    let number = |part: &mut &str| -> Decoded<i64> {
        let end = part.find(|c: char| !c.is_ascii_digit()).unwrap_or(part.len());
        let (digits, rest) = part.split_at(end);
        *part = rest;
        if digits.is_empty() {
            Ok(0)
        } else {
            digits.parse::<i32>().map(i64::from).map_err(|_| Refusal::Zone)
        }
    };
    let mut rest = digits;
    let mut hours = number(&mut rest)?;
    let (mut minutes, mut seconds) = (0, 0);
    if let Some(mut tail) = rest.strip_prefix(':') {
        minutes = number(&mut tail)?;
        rest = tail;
        if let Some(mut tail) = rest.strip_prefix(':') {
            seconds = number(&mut tail)?;
            rest = tail;
        }
    } else if rest.is_empty() && text.len() > 3 {
        (hours, minutes) = (hours / 100, hours % 100);
    }
    if hours > 15 || minutes > 59 || seconds > 59 {
        return Err(Refusal::Zone);
    }
    if !rest.is_empty() {
        return Err(Refusal::Format);
    }
    Ok(sign * (hours * 3600 + minutes * 60 + seconds))
}
