//! Reads the fields of a date, time or timestamp: PostgreSQL's `DecodeDateTime` and `DecodeTimeOnly`,
//! under `datestyle` ISO, MDY.

use super::calendar::{self, DAY, HOUR, MINUTE, SECOND};
use super::tokens::{Field, Kind, split};
use super::words::{self, Word};
use crate::context::{Context, TimeZone};
use sqlstate::DatabaseError;

/// Why a text is refused; the message names the type.
pub(super) enum Refusal {
    /// 22007 invalid input syntax.
    Format,
    /// 22008 a field out of range.
    Field,
    /// 22008 a month or day out of range, which another datestyle might accept.
    MonthOrDay,
    /// 22009 an offset beyond 15:59:59.
    Zone,
    /// An error of its own.
    Other(DatabaseError),
}

type Decoded<T> = Result<T, Refusal>;

/// What a text says.
pub(super) enum Moment {
    /// `-infinity`.
    Begin,
    /// `infinity`.
    End,
    /// `epoch`.
    Epoch,
    /// Fields of a clock and calendar.
    Fields(Fields),
}

/// The fields that a text gave.
#[derive(Default)]
pub(super) struct Fields {
    year: i64,
    month: i64,
    day: i64,
    day_of_year: i64,
    hour: i64,
    minute: i64,
    second: i64,
    fraction: i64,
    present: u32,
    two_digit_year: bool,
    /// Where the moment is: seconds east of Greenwich, or a zone.
    pub(super) zone: Zone,
}

/// Where a moment is.
#[derive(Default)]
pub(super) enum Zone {
    /// Not said.
    #[default]
    Session,
    /// Seconds east of Greenwich.
    Offset(i64),
    /// A named zone.
    Named(TimeZone),
}

const YEAR: u32 = 1;
const MONTH: u32 = 2;
const DATE_DAY: u32 = 4;
const TIME: u32 = 8;
const ZONE: u32 = 16;
const SPECIAL: u32 = 32;
const YEAR_DAY: u32 = 64;
const DATE: u32 = YEAR | MONTH | DATE_DAY;

/// What is asked of a text.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Wanted {
    /// A date, with a time perhaps.
    DateTime,
    /// A time, with a date perhaps.
    Time,
}

impl Fields {
    /// Days since 2000-01-01.
    pub(super) fn days(&self) -> i64 {
        calendar::days_of(self.year, self.month, self.day)
    }

    /// µs since midnight; 24:00 and a 60th second count on.
    pub(super) fn time(&self) -> i64 {
        self.hour * HOUR + self.minute * MINUTE + self.second * SECOND + self.fraction
    }

    /// The reading of clock and calendar in µs.
    pub(super) fn local(&self) -> Option<i64> {
        self.days().checked_mul(DAY)?.checked_add(self.time())
    }

    fn set_local(&mut self, local: i64) {
        let civil = super::Civil::of_timestamp(local);
        (self.year, self.month, self.day) = (civil.year, civil.month, civil.day);
        (self.hour, self.minute, self.second) = (civil.hour(), civil.minute(), civil.second());
        self.fraction = civil.microsecond();
    }
}

/// Reads a text.
pub(super) fn decode(text: &str, wanted: Wanted, context: &dyn Context) -> Decoded<Moment> {
    let fields = split(text).ok_or(Refusal::Format)?;
    if fields.is_empty() {
        return Err(Refusal::Format);
    }
    Decoder {
        out: Fields::default(),
        wanted,
        context,
        time_follows: false,
        text_month: false,
        half: None,
        before_christ: None,
        special: None,
    }
    .run(&fields)
}

struct Decoder<'a> {
    out: Fields,
    wanted: Wanted,
    context: &'a dyn Context,
    /// After `t`.
    time_follows: bool,
    text_month: bool,
    /// `Some(true)` for pm.
    half: Option<bool>,
    before_christ: Option<bool>,
    special: Option<Word>,
}

impl Decoder<'_> {
    fn run(mut self, fields: &[Field]) -> Decoded<Moment> {
        for (at, field) in fields.iter().enumerate() {
            let found = match field.kind {
                Kind::Date => self.date_field(field, at, fields)?,
                Kind::Time => {
                    self.time_follows = false;
                    self.time(&field.text)?;
                    TIME
                }
                Kind::Zone => {
                    let offset = offset(&field.text)?;
                    // A zone may follow an abbreviation: "GMT+3" gives the offset alone.
                    self.out.zone = Zone::Offset(offset);
                    ZONE
                }
                Kind::Number => self.number_field(field, at, fields)?,
                Kind::Word | Kind::Special => self.word_field(field, at, fields)?,
            };
            if found & self.out.present != 0 {
                return Err(Refusal::Format);
            }
            self.out.present |= found;
        }
        self.finish()
    }

    /// What counts as given already: for a time alone, the date does.
    fn given(&self) -> u32 {
        match self.wanted {
            Wanted::DateTime => self.out.present,
            Wanted::Time => self.out.present | DATE,
        }
    }

    fn date_field(&mut self, field: &Field, at: usize, fields: &[Field]) -> Decoded<u32> {
        let numeric = field.text.starts_with(|c: char| c.is_ascii_digit());
        let date_expected = match self.wanted {
            Wanted::DateTime => {
                !self.time_follows && self.out.present & (MONTH | DATE_DAY) != MONTH | DATE_DAY
            }
            Wanted::Time => {
                at == 0
                    && fields.len() >= 2
                    && (fields[fields.len() - 1].kind == Kind::Date || fields[1].kind == Kind::Time)
            }
        };
        if date_expected {
            return self.date(&field.text);
        }
        if numeric || self.time_follows {
            // A time run together with its zone: 040506-08.
            self.time_follows = false;
            if self.out.present & TIME == TIME {
                return Err(Refusal::Format);
            }
            let dash = field.text.find('-').ok_or(Refusal::Format)?;
            self.out.zone = Zone::Offset(offset(&field.text[dash..])?);
            let found = self.run_together(&field.text[..dash], self.given())?;
            return Ok(found | ZONE);
        }
        self.named_zone(&field.text)
    }

    fn named_zone(&mut self, name: &str) -> Decoded<u32> {
        let zone = TimeZone::named(name).ok_or_else(|| Refusal::Other(super::zone::unknown(name)))?;
        self.out.zone = Zone::Named(zone);
        Ok(ZONE)
    }

    fn number_field(&mut self, field: &Field, at: usize, fields: &[Field]) -> Decoded<u32> {
        let text = field.text.as_str();
        if self.time_follows {
            self.time_follows = false;
            let found = self.run_together(text, self.given() | DATE)?;
            return if found == TIME { Ok(found) } else { Err(Refusal::Format) };
        }
        let point = text.find('.');
        match self.wanted {
            Wanted::DateTime => {
                if point.is_some() && self.out.present & DATE == 0 {
                    self.date(text)
                } else if point.is_some_and(|point| point > 2)
                    || text.len() >= 6 && (self.out.present & DATE == 0 || self.out.present & TIME == 0)
                {
                    self.run_together(text, self.given())
                } else {
                    self.number(text, self.given())
                }
            }
            Wanted::Time => match point {
                Some(_) if at == 0 && fields.len() >= 2 && fields[fields.len() - 1].kind == Kind::Date => {
                    self.date(text)
                }
                Some(point) if point > 2 => self.run_together(text, self.given()),
                Some(_) => Err(Refusal::Format),
                None if text.len() > 4 => self.run_together(text, self.given()),
                None => self.number(text, self.given()),
            },
        }
    }

    fn word_field(&mut self, field: &Field, at: usize, fields: &[Field]) -> Decoded<u32> {
        if let Some(seconds) = words::abbreviation(&field.text).map_err(Refusal::Other)? {
            self.out.zone = Zone::Offset(seconds);
            // "PST8PDT" never gets here; "GMT +3" does: its sign and digits replace the abbreviation's offset.
            if fields.get(at + 1).is_some_and(|next| next.kind == Kind::Zone) {
                return Ok(0);
            }
            return Ok(ZONE);
        }
        let Some(word) = words::word(&field.text) else {
            return match TimeZone::named(&field.text) {
                Some(zone) => {
                    self.out.zone = Zone::Named(zone);
                    Ok(ZONE)
                }
                None => Err(Refusal::Format),
            };
        };
        match word {
            Word::Now | Word::Day(_) => {
                let now = self.context.time_zone().to_local(self.context.now());
                let time = self.out.time();
                let keep_time = !matches!(word, Word::Now);
                let shift = if let Word::Day(days) = word { days } else { 0 };
                self.out.set_local(now + shift * DAY);
                if keep_time {
                    let civil = super::Civil::of_timestamp(time);
                    (self.out.hour, self.out.minute) = (civil.hour(), civil.minute());
                    (self.out.second, self.out.fraction) = (civil.second(), civil.microsecond());
                    self.special.get_or_insert(word);
                    Ok(DATE)
                } else {
                    if self.wanted == Wanted::DateTime {
                        self.out.zone = Zone::Session;
                    }
                    Ok(DATE | TIME | ZONE)
                }
            }
            Word::Midnight => {
                (self.out.hour, self.out.minute, self.out.second, self.out.fraction) = (0, 0, 0, 0);
                self.out.zone = Zone::Offset(0);
                Ok(TIME | ZONE)
            }
            Word::Epoch | Word::Begin | Word::End => {
                self.special = Some(word);
                Ok(DATE | TIME | SPECIAL)
            }
            Word::Month(month) => {
                // A numeric field taken for the month before was the day.
                if self.out.present & MONTH != 0
                    && !self.text_month
                    && self.out.present & DATE_DAY == 0
                    && (1..=31).contains(&self.out.month)
                {
                    self.out.day = self.out.month;
                    self.out.month = month;
                    self.text_month = true;
                    return Ok(DATE_DAY);
                }
                self.text_month = true;
                self.out.month = month;
                Ok(MONTH)
            }
            Word::Weekday | Word::Filler => Ok(0),
            Word::Am | Word::Pm => {
                self.half = Some(word == Word::Pm);
                Ok(0)
            }
            Word::Ad | Word::Bc => {
                self.before_christ = Some(word == Word::Bc);
                Ok(0)
            }
            Word::Time => {
                // Only a filler between a date and a time, or before a time.
                let next = fields.get(at + 1).map(|field| field.kind);
                let date_first = self.wanted == Wanted::Time || self.out.present & DATE == DATE;
                if !date_first || !matches!(next, Some(Kind::Number | Kind::Time | Kind::Date)) {
                    return Err(Refusal::Format);
                }
                self.time_follows = true;
                Ok(0)
            }
            Word::Dst => match &mut self.out.zone {
                Zone::Offset(seconds) => {
                    *seconds += 3600;
                    Ok(0)
                }
                _ => Err(Refusal::Format),
            },
            Word::Label => {
                Err(Refusal::Other(DatabaseError::unsupported("a date with labelled fields or a Julian day")))
            }
        }
    }

    fn date(&mut self, text: &str) -> Decoded<u32> {
        let mut parts: Vec<&str> = Vec::new();
        let mut rest = text;
        loop {
            rest = rest.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
            let Some(first) = rest.bytes().next() else { break };
            let alphabetic = first.is_ascii_alphabetic();
            let end = rest
                .find(|c: char| if alphabetic { !c.is_ascii_alphabetic() } else { !c.is_ascii_digit() })
                .unwrap_or(rest.len());
            parts.push(&rest[..end]);
            rest = &rest[end..];
        }
        if parts.is_empty() {
            return Err(Refusal::Format);
        }
        let mut found = 0;
        let mut text_month = false;
        for part in &parts {
            if !part.starts_with(|c: char| c.is_ascii_alphabetic()) {
                continue;
            }
            match words::word(part) {
                Some(Word::Filler | Word::Weekday) => {}
                Some(Word::Month(month)) if found & MONTH == 0 => {
                    self.out.month = month;
                    text_month = true;
                    found |= MONTH;
                }
                _ => return Err(Refusal::Format),
            }
        }
        let outer = std::mem::replace(&mut self.text_month, text_month);
        for part in &parts {
            if part.starts_with(|c: char| c.is_ascii_alphabetic()) {
                continue;
            }
            let next = self.number(part, self.out.present | found)?;
            if next & found != 0 {
                return Err(Refusal::Format);
            }
            found |= next;
        }
        self.text_month = outer || text_month;
        if (self.out.present | found) & !(YEAR_DAY | ZONE) != DATE {
            return Err(Refusal::Format);
        }
        Ok(found)
    }

    /// One number: which field it is follows from those given already.
    fn number(&mut self, text: &str, given: u32) -> Decoded<u32> {
        let (whole, fraction) = match text.split_once('.') {
            Some((whole, fraction)) => (whole, Some(fraction)),
            None => (text, None),
        };
        let value: i64 =
            whole.parse().ok().filter(|value| *value <= i64::from(i32::MAX)).ok_or(Refusal::Field)?;
        if let Some(fraction) = fraction {
            if whole.len() > 2 {
                return self.run_together(text, given | DATE);
            }
            self.out.fraction = microseconds(fraction)?;
        }
        if text.len() == 3 && given & DATE == YEAR && (1..=366).contains(&value) {
            self.out.day_of_year = value;
            return Ok(MONTH | DATE_DAY | YEAR_DAY);
        }
        let field = match given & DATE {
            0 if text.len() >= 3 => YEAR,
            0 | YEAR | DATE_DAY => MONTH,
            MONTH if self.text_month && text.len() >= 3 => YEAR,
            MONTH => DATE_DAY,
            both if both == YEAR | MONTH => {
                if self.text_month && text.len() >= 3 && self.out.two_digit_year {
                    // The first number was the day after all: 01-Jan-1999.
                    self.out.day = self.out.year;
                    self.out.year = value;
                    self.out.two_digit_year = false;
                    return Ok(DATE_DAY);
                }
                DATE_DAY
            }
            both if both == MONTH | DATE_DAY => YEAR,
            DATE => return self.run_together(text, given),
            _ => return Err(Refusal::Format),
        };
        match field {
            YEAR => {
                self.out.year = value;
                self.out.two_digit_year = text.len() <= 2;
            }
            MONTH => self.out.month = value,
            _ => self.out.day = value,
        }
        Ok(field)
    }

    /// Digits run together: `20011223`, `040506.789`, `0405`.
    fn run_together(&mut self, text: &str, given: u32) -> Decoded<u32> {
        let (digits, fraction) = match text.split_once('.') {
            Some((digits, fraction)) => (digits, Some(fraction)),
            None => (text, None),
        };
        let number = |range: &str| range.parse::<i64>().map_err(|_| Refusal::Format);
        if let Some(fraction) = fraction {
            self.out.fraction = microseconds(fraction)?;
        } else if given & DATE != DATE && digits.len() >= 6 {
            let (rest, day) = digits.split_at(digits.len() - 2);
            let (year, month) = rest.split_at(rest.len() - 2);
            (self.out.year, self.out.month, self.out.day) = (number(year)?, number(month)?, number(day)?);
            self.out.two_digit_year = year.len() == 2;
            return Ok(DATE);
        }
        let numeric = digits.bytes().all(|byte| byte.is_ascii_digit());
        if given & TIME == 0 && numeric && matches!(digits.len(), 4 | 6) {
            self.out.hour = number(&digits[..2])?;
            self.out.minute = number(&digits[2..4])?;
            self.out.second = if digits.len() == 6 { number(&digits[4..])? } else { 0 };
            return Ok(TIME);
        }
        Err(Refusal::Format)
    }

    fn time(&mut self, text: &str) -> Decoded<()> {
        let (hour, minute, second, fraction) = clock(text)?;
        (self.out.hour, self.out.minute, self.out.second, self.out.fraction) =
            (hour, minute, second, fraction);
        Ok(())
    }

    fn finish(mut self) -> Decoded<Moment> {
        if self.time_follows {
            return Err(Refusal::Format);
        }
        match self.special {
            Some(Word::Begin) => return Ok(Moment::Begin),
            Some(Word::End) => return Ok(Moment::End),
            Some(Word::Epoch) => return Ok(Moment::Epoch),
            _ => {}
        }
        let out = &mut self.out;
        if out.present & YEAR != 0 && self.special.is_none() {
            if self.before_christ == Some(true) {
                if out.year <= 0 {
                    return Err(Refusal::Field);
                }
                out.year = 1 - out.year;
            } else if out.two_digit_year {
                out.year += if out.year < 70 { 2000 } else { 1900 };
            } else if out.year <= 0 {
                return Err(Refusal::Field);
            }
        }
        if out.present & YEAR_DAY != 0 {
            let civil = super::Civil::of_days(calendar::days_of(out.year, 1, 1) + out.day_of_year - 1);
            (out.year, out.month, out.day) = (civil.year, civil.month, civil.day);
        }
        if out.present & MONTH != 0 && !(1..=12).contains(&out.month) {
            return Err(Refusal::MonthOrDay);
        }
        if out.present & DATE_DAY != 0 && !(1..=31).contains(&out.day) {
            return Err(Refusal::MonthOrDay);
        }
        if out.present & DATE == DATE && out.day > calendar::month_length(out.year, out.month) {
            return Err(Refusal::Field);
        }
        if let Some(afternoon) = self.half {
            if out.hour > 12 {
                return Err(Refusal::Field);
            }
            if !afternoon && out.hour == 12 {
                out.hour = 0;
            } else if afternoon && out.hour != 12 {
                out.hour += 12;
            }
        }
        if out.minute > 59 || out.second > 60 || out.time() > DAY {
            return Err(Refusal::Field);
        }
        let needed = if self.wanted == Wanted::Time { TIME } else { DATE };
        if out.present & needed != needed {
            return Err(Refusal::Format);
        }
        // A zone that knows daylight saving says nothing about a time without a date.
        if out.present & DATE != DATE && matches!(out.zone, Zone::Named(_)) {
            return Err(Refusal::Format);
        }
        Ok(Moment::Fields(self.out))
    }
}

/// `hh:mm[:ss[.ffffff]]`: hours, minutes, seconds, µs. `mm:ss.ff` is minutes and seconds.
pub(super) fn clock(text: &str) -> Decoded<(i64, i64, i64, i64)> {
    let number = |part: &str| -> Decoded<i64> {
        if part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Refusal::Format);
        }
        part.parse().map_err(|_| Refusal::Field)
    };
    let mut parts = text.splitn(3, ':');
    let hour = number(parts.next().unwrap_or(""))?;
    let second = parts.next().ok_or(Refusal::Format)?;
    match parts.next() {
        None => match second.split_once('.') {
            None => Ok((hour, number(second)?, 0, 0)),
            Some((whole, fraction)) => Ok((0, hour, number(whole)?, microseconds(fraction)?)),
        },
        Some(third) => match third.split_once('.') {
            None => Ok((hour, number(second)?, number(third)?, 0)),
            Some((whole, fraction)) => Ok((hour, number(second)?, number(whole)?, microseconds(fraction)?)),
        },
    }
}

/// The µs of a decimal fraction of a second, rounded.
pub(super) fn microseconds(fraction: &str) -> Decoded<i64> {
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(Refusal::Format);
    }
    let value: f64 = format!("0.{fraction}0").parse().map_err(|_| Refusal::Format)?;
    Ok((value * 1e6).round_ties_even() as i64)
}

/// Seconds east of Greenwich of `±hh[[:]mm[:ss]]`.
fn offset(text: &str) -> Decoded<i64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let number = |part: &str| -> Decoded<i64> {
        if part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Refusal::Format);
        }
        part.parse().map_err(|_| Refusal::Zone)
    };
    let mut parts = digits.splitn(3, ':');
    let first = parts.next().unwrap_or("");
    let mut hours = number(first)?;
    let mut minutes = 0;
    let mut seconds = 0;
    match parts.next() {
        Some(part) => {
            minutes = number(part)?;
            if let Some(part) = parts.next() {
                seconds = number(part)?;
            }
        }
        None if first.len() > 2 => (hours, minutes) = (hours / 100, hours % 100),
        None => {}
    }
    if hours > 15 || minutes > 59 || seconds > 59 {
        return Err(Refusal::Zone);
    }
    Ok(sign * (hours * 3600 + minutes * 60 + seconds))
}
