//! Intervals: months, days and µs, which compare as 30-day months and 24-hour days.

use super::arithmetic::under_typmod;
use super::calendar::{DAY, HOUR, MINUTE, SECOND, interval_out_of_range};
use super::decode::{Decoded, Refusal};
use super::digits::{clock, decimals};
use super::style::IntervalStyle;
use super::tokens::{INTERVAL_SPACE, Kind, split};
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

/// The fields of a type modifier, as bits: `INTERVAL YEAR TO MONTH`.
pub(super) mod fields {
    pub(crate) const MONTH: i32 = 1 << 1;
    pub(crate) const YEAR: i32 = 1 << 2;
    pub(crate) const DAY: i32 = 1 << 3;
    pub(crate) const HOUR: i32 = 1 << 10;
    pub(crate) const MINUTE: i32 = 1 << 11;
    pub(crate) const SECOND: i32 = 1 << 12;
    /// No fields were named.
    pub(crate) const ALL: i32 = 0x7fff;

    /// The fields of a type modifier.
    pub(crate) fn of(typmod: i32) -> i32 {
        if typmod < 0 { ALL } else { (typmod >> 16) & 0x7fff }
    }
}

impl Interval {
    /// The type's input function under a type modifier.
    pub(crate) fn input(text: &str, typmod: i32, style: IntervalStyle) -> Result<Interval> {
        decode(text, fields::of(typmod), style)
            .or_else(|refusal| match refusal {
                Refusal::Format => decode_iso(text),
                other => Err(other),
            })
            .map_err(|refusal| super::input::refused(refusal, "interval", text))
            .and_then(|interval| under_typmod(interval, typmod))
    }

    /// A stored interval, which is canonical text.
    pub(crate) fn stored(text: &str) -> Result<Interval> {
        parse(text).ok_or_else(|| DatabaseError::internal(format_args!("stored interval {text:?}")))
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
}

/// The stored form read back: `-1 years -2 mons +3 days -04:05:06.789`.
fn parse(text: &str) -> Option<Interval> {
    let mut interval = Interval::default();
    let mut words = text.split(' ');
    while let Some(word) = words.next() {
        if word.contains(':') {
            let negative = word.starts_with('-');
            let mut parts = word.trim_start_matches(['+', '-']).splitn(3, ':');
            let mut next = || parts.next().and_then(|part| part.split('.').next()?.parse::<i128>().ok());
            let (hours, minutes, seconds) = (next()?, next()?, next()?);
            let fraction = word.split_once('.').map_or("", |(_, fraction)| fraction);
            let fraction: i128 = format!("{fraction:0<6}").parse().ok()?;
            let size = hours * i128::from(HOUR) + minutes * i128::from(MINUTE) + seconds * i128::from(SECOND);
            let size = size + fraction;
            interval.microseconds = i64::try_from(if negative { -size } else { size }).ok()?;
            continue;
        }
        let value = word.parse::<i64>().ok()?;
        match words.next()?.trim_end_matches('s') {
            "year" => interval.months += value.checked_mul(12)?,
            "mon" => interval.months += value,
            "day" => interval.days = value,
            _ => return None,
        }
    }
    Some(interval)
}

/// What the collation `pg_interval` does.
pub(crate) fn compare_text(left: &str, right: &str) -> Ordering {
    if left == right {
        return Ordering::Equal;
    }
    match (parse(left), parse(right)) {
        (Some(left), Some(right)) => left.compare(&right),
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

    fn clock(&mut self, text: &str, range: i32) -> Decoded<()> {
        let clock = clock(text, range == fields::MINUTE | fields::SECOND)?;
        let rest = clock.minute * MINUTE + clock.second * SECOND + clock.microsecond;
        let time = clock.hour.checked_mul(HOUR).and_then(|hours| hours.checked_add(rest));
        self.microseconds = time.ok_or(Refusal::Field)?;
        Ok(())
    }

    fn negate(&mut self) -> Decoded<()> {
        for part in [&mut self.years, &mut self.months, &mut self.days] {
            *part = part.checked_neg().filter(|part| i32::try_from(*part).is_ok()).ok_or(Refusal::Field)?;
        }
        self.microseconds = self.microseconds.checked_neg().ok_or(Refusal::Field)?;
        Ok(())
    }
}

/// The bit of a unit in the mask of those met.
fn bit(unit: Unit) -> u32 {
    1 << unit as u32
}

const CLOCK: u32 = 1 << Unit::Hour as u32 | 1 << Unit::Minute as u32 | ALL_SECONDS;
const ALL_SECONDS: u32 =
    1 << Unit::Second as u32 | 1 << Unit::Millisecond as u32 | 1 << Unit::Microsecond as u32;

/// The unit of the last number when none is written.
fn default_unit(range: i32) -> Unit {
    use fields::*;
    const YEAR_MONTH: i32 = YEAR | MONTH;
    const DAY_HOUR: i32 = DAY | HOUR;
    const HOUR_MINUTE: i32 = HOUR | MINUTE;
    const DAY_MINUTE: i32 = DAY | HOUR | MINUTE;
    match range {
        YEAR => Unit::Year,
        MONTH | YEAR_MONTH => Unit::Month,
        DAY => Unit::Day,
        HOUR | DAY_HOUR => Unit::Hour,
        MINUTE | HOUR_MINUTE | DAY_MINUTE => Unit::Minute,
        _ => Unit::Second,
    }
}

fn decode(text: &str, range: i32, style: IntervalStyle) -> Decoded<Interval> {
    let fields = split(text, INTERVAL_SPACE).ok_or(Refusal::Format)?;
    let mut sum = Sum::default();
    let mut ago = false;
    let mut met = 0u32;
    // The SQL standard's one sign before all fields.
    let all_negative = style == IntervalStyle::SqlStandard
        && fields.first().is_some_and(|field| field.text.starts_with('-'))
        && !fields.iter().skip(1).any(|field| field.text.starts_with(['+', '-']));
    // From the right: a number's unit stands behind it.
    let mut unit = None;
    for field in fields.iter().rev() {
        let text = field.text.as_str();
        let mut signed_clock = false;
        if field.kind == Kind::Zone && text[1..].contains(':') {
            signed_clock = sum.clock(&text[1..], range).is_ok();
        }
        let found = match field.kind {
            Kind::Time | Kind::Zone if signed_clock || field.kind == Kind::Time => {
                if field.kind == Kind::Time {
                    sum.clock(text, range)?;
                } else if text.starts_with('-') {
                    // Read without its sign, it is not negative.
                    sum.microseconds = -sum.microseconds;
                }
                if all_negative && sum.microseconds > 0 {
                    sum.microseconds = -sum.microseconds;
                }
                unit = Some(Unit::Day);
                CLOCK
            }
            Kind::Time | Kind::Zone | Kind::Date | Kind::Number => {
                let of = unit.unwrap_or_else(|| default_unit(range));
                let (found, next) = number(text, of, all_negative, &mut sum)?;
                unit = Some(next);
                found
            }
            Kind::Word | Kind::Special => {
                if text == "ago" {
                    ago = true;
                    // A number before it without a unit would count nothing that there is.
                    unit = Some(Unit::Quarter);
                } else {
                    unit = Some(words::unit(text).ok_or(Refusal::Format)?);
                }
                0
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
    if ago {
        sum.negate()?;
    }
    sum.finish()
}

/// Adds a number; gives the bits of what it counted, and the unit of the number before it.
fn number(text: &str, of: Unit, all_negative: bool, sum: &mut Sum) -> Decoded<(u32, Unit)> {
    let negative = text.starts_with('-');
    let unsigned = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, rest) = unsigned.split_at(unsigned.bytes().take_while(u8::is_ascii_digit).count());
    let size: i128 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| Refusal::Field)? };
    let mut value = i64::try_from(if negative { -size } else { size }).map_err(|_| Refusal::Field)?;
    let mut of = of;
    let mut fraction = 0.0;
    if let Some(months) = rest.strip_prefix('-') {
        // SQL's years-months.
        let end = months.find(|c: char| !c.is_ascii_digit()).unwrap_or(months.len());
        let count: i64 = if end == 0 { 0 } else { months[..end].parse().map_err(|_| Refusal::Field)? };
        if count >= 12 {
            return Err(Refusal::Field);
        }
        if end < months.len() {
            return Err(Refusal::Format);
        }
        of = Unit::Month;
        let count = if negative { -count } else { count };
        value = value.checked_mul(12).and_then(|value| value.checked_add(count)).ok_or(Refusal::Field)?;
    } else if let Some(digits) = rest.strip_prefix('.') {
        fraction = decimals(digits)?;
        if negative {
            fraction = -fraction;
        }
    } else if !rest.is_empty() {
        return Err(Refusal::Format);
    }
    if all_negative {
        value = if value > 0 { -value } else { value };
        fraction = -fraction.abs();
    }
    if of == Unit::Quarter {
        return Err(Refusal::Format);
    }
    sum.add(of, value, fraction)?;
    let found = if of == Unit::Second && fraction != 0.0 { ALL_SECONDS } else { bit(of) };
    Ok((found, if of == Unit::Hour { Unit::Day } else { of }))
}

/// Reads a number of an ISO 8601 interval: its whole part and its fraction.
fn iso_number(rest: &mut &str) -> Decoded<(i64, f64)> {
    let text = *rest;
    if !text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '.')) {
        return Err(Refusal::Format);
    }
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let mut end = usize::from(text.starts_with('-'));
    let whole = digits(&text[end..]);
    end += whole;
    let mut decimals = 0;
    if text[end..].starts_with('.') {
        decimals = digits(&text[end + 1..]);
        end += 1 + decimals;
    }
    if whole + decimals == 0 {
        return Err(Refusal::Format);
    }
    // As strtod: an exponent, if digits follow.
    if text[end..].starts_with(['e', 'E']) {
        let sign = usize::from(text[end + 1..].starts_with(['+', '-']));
        let exponent = digits(&text[end + 1 + sign..]);
        if exponent > 0 {
            end += 1 + sign + exponent;
        }
    }
    let value: f64 = text[..end].parse().map_err(|_| Refusal::Format)?;
    *rest = &text[end..];
    if !(-1.0e15..=1.0e15).contains(&value) {
        return Err(Refusal::Field);
    }
    Ok((value.trunc() as i64, value - value.trunc()))
}

/// How many digits a number has before its point.
fn width(number: &str) -> usize {
    number.strip_prefix('-').unwrap_or(number).bytes().take_while(u8::is_ascii_digit).count()
}

/// ISO 8601: `P1Y2M3DT4H5M6S`, and the alternative `P0001-02-03T04:05:06`, `P00010203T040506`.
fn decode_iso(text: &str) -> Decoded<Interval> {
    let mut rest = text.strip_prefix('P').filter(|rest| !rest.is_empty()).ok_or(Refusal::Format)?;
    let mut sum = Sum::default();
    let mut in_date = true;
    let mut any = false;
    while !rest.is_empty() {
        if let Some(tail) = rest.strip_prefix('T') {
            (in_date, any, rest) = (false, false, tail);
            continue;
        }
        let start = rest;
        let (value, fraction) = iso_number(&mut rest)?;
        let letter = rest.chars().next();
        rest = rest.get(1..).unwrap_or("");
        let unit = match (letter, in_date) {
            (Some('Y'), true) => Unit::Year,
            (Some('M'), true) => Unit::Month,
            (Some('W'), true) => Unit::Week,
            (Some('D'), true) => Unit::Day,
            (Some('H'), false) => Unit::Hour,
            (Some('M'), false) => Unit::Minute,
            (Some('S'), false) => Unit::Second,
            (None | Some('T'), true) if width(start) == 8 && !any => {
                sum.add(Unit::Year, value / 10_000, 0.0)?;
                sum.add(Unit::Month, value / 100 % 100, 0.0)?;
                sum.add(Unit::Day, value % 100, fraction)?;
                in_date = false;
                continue;
            }
            (None | Some('T' | '-'), true) if !any => {
                sum.add(Unit::Year, value, fraction)?;
                if letter != Some('-') {
                    in_date = false;
                    continue;
                }
                for unit in [Unit::Month, Unit::Day] {
                    let (value, fraction) = iso_number(&mut rest)?;
                    sum.add(unit, value, fraction)?;
                    match (rest.chars().next(), unit) {
                        (None | Some('T'), _) => break,
                        (Some('-'), Unit::Month) => rest = &rest[1..],
                        _ => return Err(Refusal::Format),
                    }
                }
                if !rest.is_empty() {
                    rest = &rest[1..];
                }
                in_date = false;
                continue;
            }
            (None, false) if width(start) == 6 && !any => {
                sum.add(Unit::Hour, value / 10_000, 0.0)?;
                sum.add(Unit::Minute, value / 100 % 100, 0.0)?;
                sum.add(Unit::Second, value % 100, 0.0)?;
                sum.fraction_of_microseconds(fraction, 1)?;
                continue;
            }
            (None | Some(':'), false) if !any => {
                sum.add(Unit::Hour, value, fraction)?;
                if letter.is_none() {
                    continue;
                }
                for unit in [Unit::Minute, Unit::Second] {
                    let (value, fraction) = iso_number(&mut rest)?;
                    sum.add(unit, value, fraction)?;
                    match (rest.chars().next(), unit) {
                        (None, _) => break,
                        (Some(':'), Unit::Minute) => rest = &rest[1..],
                        _ => return Err(Refusal::Format),
                    }
                }
                continue;
            }
            _ => return Err(Refusal::Format),
        };
        sum.add(unit, value, fraction)?;
        any = true;
    }
    sum.finish()
}
