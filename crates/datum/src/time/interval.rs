//! Intervals: months, days and µs, which compare as 30-day months and 24-hour days.

use super::calendar::{DAY, HOUR, MINUTE, SECOND, interval_out_of_range};
use super::decode::{Refusal, clock, microseconds};
use super::output::{push_padded, push_seconds};
use super::tokens::{Kind, split};
use super::words::{self, Unit};
use sqlstate::{DatabaseError, Result};
use std::cmp::Ordering;

/// An interval.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Interval {
    /// Whole months.
    pub(crate) months: i64,
    /// Whole days.
    pub(crate) days: i64,
    /// The rest in µs.
    pub(crate) microseconds: i64,
}

type Decoded<T> = Result<T, Refusal>;

impl Interval {
    /// The type's input function, without a type modifier.
    pub(crate) fn input(text: &str) -> Result<Interval> {
        decode(text)
            .or_else(|refusal| match refusal {
                Refusal::Format => decode_iso(text),
                other => Err(other),
            })
            .map_err(|refusal| super::input::refused(refusal, "interval", text))
    }

    /// A stored interval, which is canonical text.
    pub(crate) fn stored(text: &str) -> Result<Interval> {
        Interval::input(text).map_err(|_| DatabaseError::internal(format_args!("stored interval {text:?}")))
    }

    /// Months, days and µs, refused beyond 32 bits.
    pub(crate) fn checked(
        months: Option<i64>,
        days: Option<i64>,
        microseconds: Option<i64>,
    ) -> Result<Interval> {
        let narrow = |value: Option<i64>| value.filter(|value| i32::try_from(*value).is_ok());
        match (narrow(months), narrow(days), microseconds) {
            (Some(months), Some(days), Some(microseconds)) => Ok(Interval { months, days, microseconds }),
            _ => Err(interval_out_of_range()),
        }
    }

    /// The length by which intervals compare.
    fn length(&self) -> i128 {
        i128::from(self.microseconds)
            + (i128::from(self.days) + 30 * i128::from(self.months)) * i128::from(DAY)
    }

    pub(crate) fn compare(&self, other: &Interval) -> Ordering {
        self.length().cmp(&other.length())
    }

    pub(crate) fn negated(self) -> Result<Interval> {
        Interval::checked(self.months.checked_neg(), self.days.checked_neg(), self.microseconds.checked_neg())
    }

    pub(crate) fn add(self, other: Interval) -> Result<Interval> {
        Interval::checked(
            self.months.checked_add(other.months),
            self.days.checked_add(other.days),
            self.microseconds.checked_add(other.microseconds),
        )
    }

    /// The type's output in style `postgres`, which is the stored form.
    pub(crate) fn to_text(self) -> String {
        let mut out = String::new();
        let mut negative_before = false;
        let mut part = |value: i64, unit: &str, out: &mut String| {
            if value == 0 {
                return;
            }
            if !out.is_empty() {
                out.push(' ');
            }
            if negative_before && value > 0 {
                out.push('+');
            }
            out.push_str(&value.to_string());
            out.push(' ');
            out.push_str(unit);
            if value != 1 {
                out.push('s');
            }
            negative_before = value < 0;
        };
        part(self.months / 12, "year", &mut out);
        part(self.months % 12, "mon", &mut out);
        part(self.days, "day", &mut out);
        if out.is_empty() || self.microseconds != 0 {
            if !out.is_empty() {
                out.push(' ');
            }
            if self.microseconds < 0 {
                out.push('-');
            } else if negative_before {
                out.push('+');
            }
            let size = self.microseconds.unsigned_abs();
            push_padded((size / HOUR as u64) as i64, 2, &mut out);
            out.push(':');
            push_padded((size / MINUTE as u64 % 60) as i64, 2, &mut out);
            out.push(':');
            push_seconds((size / SECOND as u64 % 60) as i64, (size % SECOND as u64) as i64, &mut out);
        }
        out
    }
}

/// What the collation `pg_interval` does.
pub(crate) fn compare_text(left: &str, right: &str) -> Ordering {
    if left == right {
        return Ordering::Equal;
    }
    match (Interval::input(left), Interval::input(right)) {
        (Ok(left), Ok(right)) => left.compare(&right),
        _ => left.cmp(right),
    }
}

/// An interval as it is added up; years, months and days each have 32 bits.
#[derive(Default)]
struct Sum {
    years: i64,
    months: i64,
    days: i64,
    microseconds: i64,
}

fn add_narrow(sum: &mut i64, value: i64, scale: i64) -> Decoded<()> {
    let added = value.checked_mul(scale).and_then(|added| sum.checked_add(added));
    *sum = added.filter(|sum| i32::try_from(*sum).is_ok()).ok_or(Refusal::Field)?;
    Ok(())
}

impl Sum {
    fn finish(self) -> Decoded<Interval> {
        let months = self.years.checked_mul(12).and_then(|months| months.checked_add(self.months));
        Interval::checked(months, Some(self.days), Some(self.microseconds)).map_err(Refusal::Other)
    }

    fn months(&mut self, value: i64, scale: i64) -> Decoded<()> {
        add_narrow(&mut self.months, value, scale)
    }

    fn days(&mut self, value: i64, scale: i64) -> Decoded<()> {
        add_narrow(&mut self.days, value, scale)
    }

    fn microseconds(&mut self, value: i64, scale: i64) -> Decoded<()> {
        let added = value.checked_mul(scale).and_then(|added| self.microseconds.checked_add(added));
        self.microseconds = added.ok_or(Refusal::Field)?;
        Ok(())
    }

    fn fraction_of_microseconds(&mut self, fraction: f64, scale: i64) -> Decoded<()> {
        let exact = fraction * scale as f64;
        let mut whole = exact as i64;
        let rest = exact - whole as f64;
        if rest > 0.5 {
            whole += 1;
        } else if rest < -0.5 {
            whole -= 1;
        }
        self.microseconds(whole, 1)
    }

    fn fraction_of_days(&mut self, fraction: f64, scale: i64) -> Decoded<()> {
        let exact = fraction * scale as f64;
        let whole = exact as i64;
        self.days(whole, 1)?;
        self.fraction_of_microseconds(exact - whole as f64, DAY)
    }

    fn fraction_of_years(&mut self, fraction: f64, scale: i64) -> Decoded<()> {
        self.months((fraction * scale as f64 * 12.0).round_ties_even() as i64, 1)
    }

    fn add(&mut self, unit: Unit, value: i64, fraction: f64) -> Decoded<()> {
        match unit {
            Unit::Microsecond => {
                self.microseconds(value, 1)?;
                self.fraction_of_microseconds(fraction, 1)
            }
            Unit::Millisecond => {
                self.microseconds(value, 1000)?;
                self.fraction_of_microseconds(fraction, 1000)
            }
            Unit::Second => {
                self.microseconds(value, SECOND)?;
                self.fraction_of_microseconds(fraction, SECOND)
            }
            Unit::Minute => {
                self.microseconds(value, MINUTE)?;
                self.fraction_of_microseconds(fraction, MINUTE)
            }
            Unit::Hour => {
                self.microseconds(value, HOUR)?;
                self.fraction_of_microseconds(fraction, HOUR)
            }
            Unit::Day => {
                self.days(value, 1)?;
                self.fraction_of_microseconds(fraction, DAY)
            }
            Unit::Week => {
                self.days(value, 7)?;
                self.fraction_of_days(fraction, 7)
            }
            Unit::Month => {
                self.months(value, 1)?;
                self.fraction_of_days(fraction, 30)
            }
            Unit::Quarter => Err(Refusal::Format),
            Unit::Year => self.years(value, fraction, 1),
            Unit::Decade => self.years(value, fraction, 10),
            Unit::Century => self.years(value, fraction, 100),
            Unit::Millennium => self.years(value, fraction, 1000),
        }
    }

    fn years(&mut self, value: i64, fraction: f64, scale: i64) -> Decoded<()> {
        add_narrow(&mut self.years, value, scale)?;
        self.fraction_of_years(fraction, scale)
    }

    fn clock(&mut self, text: &str, sign: i64) -> Decoded<()> {
        let (hour, minute, second, fraction) = clock(text)?;
        if minute > 59 || second > 60 {
            return Err(Refusal::Field);
        }
        let hours = hour.checked_mul(HOUR).ok_or(Refusal::Field)?;
        let rest = minute * MINUTE + second * SECOND + fraction;
        self.microseconds(hours.checked_add(rest).ok_or(Refusal::Field)?, sign)
    }
}

/// The bit of a unit in the mask of those met; PostgreSQL shares one for all that count years.
fn bit(unit: Unit) -> u32 {
    1 << unit as u32
}

fn decode(text: &str) -> Decoded<Interval> {
    let fields = split(text).ok_or(Refusal::Format)?;
    let mut sum = Sum::default();
    let mut ago = false;
    let mut met = 0u32;
    // From the right: a number's unit stands behind it.
    let mut unit = None;
    let clock_bits = bit(Unit::Hour) | bit(Unit::Minute) | bit(Unit::Second);
    for field in fields.iter().rev() {
        let text = field.text.as_str();
        let found = match field.kind {
            Kind::Time => {
                sum.clock(text, 1)?;
                unit = Some(Unit::Day);
                clock_bits
            }
            Kind::Zone if text[1..].contains(':') && clock(&text[1..]).is_ok() => {
                sum.clock(&text[1..], if text.starts_with('-') { -1 } else { 1 })?;
                unit = Some(Unit::Day);
                clock_bits
            }
            Kind::Zone | Kind::Date | Kind::Number => {
                let of = unit.unwrap_or(Unit::Second);
                let negative = text.starts_with('-');
                let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
                let digits = unsigned.bytes().take_while(u8::is_ascii_digit).count();
                let (whole, rest) = unsigned.split_at(digits);
                let size: i64 =
                    if whole.is_empty() { 0 } else { whole.parse().map_err(|_| Refusal::Field)? };
                let value = if negative { -size } else { size };
                if let Some(months) = rest.strip_prefix('-') {
                    // SQL's years-months.
                    let months: i64 = months.parse().map_err(|_| Refusal::Format)?;
                    if !(0..12).contains(&months) {
                        return Err(Refusal::Field);
                    }
                    let months = if negative { -months } else { months };
                    sum.add(
                        Unit::Month,
                        value.checked_mul(12).ok_or(Refusal::Field)?.saturating_add(months),
                        0.0,
                    )?;
                    unit = None;
                    bit(Unit::Month)
                } else {
                    let fraction = match rest.strip_prefix('.') {
                        None if rest.is_empty() => 0.0,
                        None => return Err(Refusal::Format),
                        Some(decimals) => {
                            microseconds(decimals)?;
                            format!("0.{decimals}0").parse().map_err(|_| Refusal::Format)?
                        }
                    };
                    sum.add(of, value, if negative { -fraction } else { fraction })?;
                    if of == Unit::Hour {
                        unit = Some(Unit::Day);
                    }
                    bit(of)
                }
            }
            Kind::Word | Kind::Special => {
                if text == "ago" {
                    ago = true;
                    0
                } else {
                    unit = Some(words::unit(text).ok_or(Refusal::Format)?);
                    0
                }
            }
        };
        if found & met != 0 {
            return Err(Refusal::Format);
        }
        met |= found;
    }
    if met == 0 {
        return Err(Refusal::Format);
    }
    let interval = sum.finish()?;
    if ago { interval.negated().map_err(Refusal::Other) } else { Ok(interval) }
}

fn alternative() -> Refusal {
    Refusal::Other(DatabaseError::unsupported("an interval in ISO 8601's alternative format"))
}

/// ISO 8601: `P1Y2M3DT4H5M6S`, fractions and signs allowed on each number.
fn decode_iso(text: &str) -> Decoded<Interval> {
    let mut rest = text.strip_prefix('P').ok_or(Refusal::Format)?;
    if rest.is_empty() {
        return Err(Refusal::Format);
    }
    let mut sum = Sum::default();
    let mut in_time = false;
    let mut any = false;
    while !rest.is_empty() {
        if let Some(tail) = rest.strip_prefix('T') {
            if in_time {
                return Err(Refusal::Format);
            }
            in_time = true;
            rest = tail;
            continue;
        }
        let end = rest
            .find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '-' | '+')))
            .ok_or_else(alternative)?;
        let (number, tail) = rest.split_at(end);
        if number.trim_start_matches(['+', '-']).contains('-') {
            return Err(alternative());
        }
        let negative = number.starts_with('-');
        let unsigned = number.strip_prefix(['+', '-']).unwrap_or(number);
        let (whole, decimals) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        if unsigned.is_empty() || !whole.bytes().chain(decimals.bytes()).all(|byte| byte.is_ascii_digit()) {
            return Err(Refusal::Format);
        }
        let size: i64 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| Refusal::Field)? };
        let fraction: f64 = format!("0.{decimals}0").parse().map_err(|_| Refusal::Format)?;
        let mut letters = tail.chars();
        let unit = match (letters.next(), in_time) {
            (Some('Y'), false) => Unit::Year,
            (Some('M'), false) => Unit::Month,
            (Some('W'), false) => Unit::Week,
            (Some('D'), false) => Unit::Day,
            (Some('H'), true) => Unit::Hour,
            (Some('M'), true) => Unit::Minute,
            (Some('S'), true) => Unit::Second,
            _ => return Err(Refusal::Format),
        };
        let sign = if negative { -1 } else { 1 };
        sum.add(unit, sign * size, sign as f64 * fraction)?;
        any = true;
        rest = letters.as_str();
    }
    if any || in_time { sum.finish() } else { Err(Refusal::Format) }
}
