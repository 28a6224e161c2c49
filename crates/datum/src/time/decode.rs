//! Reads the fields of a date, time or timestamp: what PostgreSQL's `DecodeDateTime` and `DecodeTimeOnly` do.

mod named;

use super::Civil;
use super::calendar::{self, DAY, EPOCH_JULIAN, HOUR, MINUTE, SECOND};
use super::digits::{clock, leading, microseconds, offset};
use super::style::DateOrder;
use super::tokens::{Field, Kind, split};
use super::words::{self, Label, Word};
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

pub(super) type Decoded<T> = Result<T, Refusal>;

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
    /// Where the moment is: seconds east of Greenwich. Said, or the session's.
    pub(super) offset: i64,
}

const MONTH: u32 = 1 << 1;
const YEAR: u32 = 1 << 2;
const DATE_DAY: u32 = 1 << 3;
const ZONE: u32 = 1 << 5;
const DAYLIGHT: u32 = 1 << 6;
const HALF: u32 = 1 << 9;
const HOURS: u32 = 1 << 10;
const MINUTES: u32 = 1 << 11;
const SECONDS: u32 = 1 << 12;
/// Seconds with a fraction.
const ALL_SECONDS: u32 = SECONDS | 1 << 13 | 1 << 14;
const YEAR_DAY: u32 = 1 << 15;
const WEEKDAY: u32 = 1 << 16;
const ERA: u32 = 1 << 18;
const DAYLIGHT_WORD: u32 = 1 << 28;
const SPECIAL: u32 = 1;
const DATE: u32 = YEAR | MONTH | DATE_DAY;
const TIME: u32 = HOURS | MINUTES | ALL_SECONDS;

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

    fn set_date(&mut self, days: i64) {
        let civil = Civil::of_days(days);
        (self.year, self.month, self.day) = (civil.year, civil.month, civil.day);
    }

    fn set_time(&mut self, time: i64) {
        let civil = Civil::of_timestamp(time);
        (self.hour, self.minute) = (civil.hour(), civil.minute());
        (self.second, self.fraction) = (civil.second(), civil.microsecond());
    }

    fn time_overflows(&self) -> bool {
        !(0..=24).contains(&self.hour)
            || !(0..60).contains(&self.minute)
            || !(0..=60).contains(&self.second)
            || !(0..=SECOND).contains(&self.fraction)
            || self.time() > DAY
    }
}

/// Reads a text.
pub(super) fn decode(text: &str, wanted: Wanted, space: usize, context: &dyn Context) -> Decoded<Moment> {
    let fields = split(text, space).ok_or(Refusal::Format)?;
    if fields.is_empty() {
        return Err(Refusal::Format);
    }
    let decoder = Decoder {
        out: Fields::default(),
        order: context.date_style().order,
        wanted,
        context,
        present: 0,
        label: None,
        text_month: false,
        julian: false,
        two_digit_year: false,
        half: None,
        before_christ: false,
        special: None,
        named: None,
        dynamic: None,
    };
    decoder.run(&fields)
}

struct Decoder<'a> {
    out: Fields,
    order: DateOrder,
    wanted: Wanted,
    context: &'a dyn Context,
    present: u32,
    /// What the next number is.
    label: Option<Label>,
    text_month: bool,
    julian: bool,
    two_digit_year: bool,
    /// `Some(true)` for pm.
    half: Option<bool>,
    before_christ: bool,
    special: Option<Word>,
    named: Option<TimeZone>,
    /// An abbreviation whose offset depends on the date.
    dynamic: Option<(String, TimeZone)>,
}

impl Decoder<'_> {
    fn run(mut self, fields: &[Field]) -> Decoded<Moment> {
        for (at, field) in fields.iter().enumerate() {
            let found = match field.kind {
                Kind::Date => self.date_field(field, at, fields)?,
                Kind::Time => {
                    if self.wanted == Wanted::DateTime
                        && self.label.take().is_some_and(|label| label != Label::Time)
                    {
                        return Err(Refusal::Format);
                    }
                    self.time(&field.text)?;
                    if self.wanted == Wanted::DateTime && self.out.time_overflows() {
                        return Err(Refusal::Field);
                    }
                    TIME
                }
                Kind::Zone => {
                    self.out.offset = offset(&field.text)?;
                    ZONE
                }
                Kind::Number => match self.label.take() {
                    Some(label) => self.labelled(label, &field.text)?,
                    None => self.number_field(field, at, fields)?,
                },
                Kind::Word | Kind::Special => match self.word_field(field, at, fields)? {
                    Some(found) => found,
                    None => continue,
                },
            };
            if found & self.present != 0 {
                return Err(Refusal::Format);
            }
            self.present |= found;
        }
        self.finish()
    }

    /// What counts as given already: for a time alone, the date does.
    fn given(&self) -> u32 {
        match self.wanted {
            Wanted::DateTime => self.present,
            Wanted::Time => self.present | DATE,
        }
    }

    fn date_field(&mut self, field: &Field, at: usize, fields: &[Field]) -> Decoded<u32> {
        let text = field.text.as_str();
        let numeric = text.starts_with(|c: char| c.is_ascii_digit());
        match self.wanted {
            Wanted::DateTime if self.label == Some(Label::Julian) => {
                // A Julian day with its zone attached.
                self.label = None;
                let (day, rest) = leading(text)?;
                let day = day.filter(|day| *day >= 0).ok_or(Refusal::Field)?;
                self.out.set_date(day - EPOCH_JULIAN);
                self.julian = true;
                self.out.offset = offset(rest)?;
                return Ok(DATE | TIME | ZONE);
            }
            Wanted::DateTime
                if self.label.is_none() && self.present & (MONTH | DATE_DAY) != MONTH | DATE_DAY =>
            {
                return self.date(text);
            }
            Wanted::DateTime => {
                if let Some(label) = self.label.take()
                    && label != Label::Time
                {
                    return Err(Refusal::Format);
                } else if !numeric {
                    return self.named_zone(text);
                }
            }
            Wanted::Time => {
                let last = fields.last().map(|field| field.kind);
                let second = fields.get(1).map(|field| field.kind);
                let date_first =
                    at == 0 && fields.len() >= 2 && (last == Some(Kind::Date) || second == Some(Kind::Time));
                if date_first {
                    return self.date(text);
                }
                if !numeric {
                    return self.named_zone(text);
                }
            }
        }
        // A time run together with its zone: 040506-08.
        if self.present & TIME == TIME {
            return Err(Refusal::Format);
        }
        let dash = text.find('-').ok_or(Refusal::Format)?;
        self.out.offset = offset(&text[dash..])?;
        Ok(self.run_together(&text[..dash], self.given())? | ZONE)
    }

    fn number_field(&mut self, field: &Field, at: usize, fields: &[Field]) -> Decoded<u32> {
        let text = field.text.as_str();
        let point = text.find('.');
        match self.wanted {
            Wanted::DateTime => {
                if point.is_some() && self.present & DATE == 0 {
                    self.date(text)
                } else if point.is_some_and(|point| point > 2)
                    || text.len() >= 6 && (self.present & DATE == 0 || self.present & TIME == 0)
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

    fn date(&mut self, text: &str) -> Decoded<u32> {
        let mut parts: Vec<&str> = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            rest = rest.trim_start_matches(|c: char| !c.is_ascii_alphanumeric());
            let alphabetic = rest.bytes().next().ok_or(Refusal::Format)?.is_ascii_alphabetic();
            let end = rest
                .find(|c: char| if alphabetic { !c.is_ascii_alphabetic() } else { !c.is_ascii_digit() })
                .unwrap_or(rest.len());
            parts.push(&rest[..end]);
            // Whatever ends a part is dropped, be it the first letter of the next.
            let mut letters = rest[end..].chars();
            letters.next();
            rest = letters.as_str();
        }
        let mut found = 0;
        let mut given = self.present;
        let mut text_month = false;
        let mut numbers = Vec::new();
        for part in parts {
            if part.starts_with(|c: char| c.is_ascii_digit()) {
                numbers.push(part);
                continue;
            }
            match words::word(part) {
                Some(Word::Filler) => {}
                Some(Word::Month(month)) if given & MONTH == 0 => {
                    self.out.month = month;
                    text_month = true;
                    found |= MONTH;
                    given |= MONTH;
                }
                _ => return Err(Refusal::Format),
            }
        }
        let outer = std::mem::replace(&mut self.text_month, text_month);
        for part in numbers {
            let next = self.number(part, given)?;
            if next & given != 0 {
                return Err(Refusal::Format);
            }
            found |= next;
            given |= next;
        }
        // Only words that stand alone make the month one in letters for what follows.
        self.text_month = outer;
        if given & !(YEAR_DAY | ZONE) != DATE {
            return Err(Refusal::Format);
        }
        Ok(found)
    }

    /// One number: which field it is follows from those given already.
    fn number(&mut self, text: &str, given: u32) -> Decoded<u32> {
        let (value, rest) = leading(text)?;
        let value = value.ok_or(Refusal::Field)?;
        if let Some(fraction) = rest.strip_prefix('.') {
            if text.len() - rest.len() > 2 {
                return self.run_together(text, given | DATE);
            }
            self.out.fraction = microseconds(fraction)?;
        } else if !rest.is_empty() {
            return Err(Refusal::Format);
        }
        if text.len() == 3 && given & DATE == YEAR && (1..=366).contains(&value) {
            self.out.day_of_year = value;
            return Ok(MONTH | DATE_DAY | YEAR_DAY);
        }
        let year_like = text.len() >= 3 || self.order == DateOrder::Ymd;
        let field = match given & DATE {
            0 if year_like => YEAR,
            0 if self.order == DateOrder::Dmy => DATE_DAY,
            0 | YEAR | DATE_DAY => MONTH,
            MONTH if self.text_month && year_like => YEAR,
            MONTH => DATE_DAY,
            both if both == YEAR | MONTH => {
                if self.text_month && text.len() >= 3 && self.two_digit_year {
                    // The first number was the day after all: 01-Jan-1999.
                    self.out.day = self.out.year;
                    self.out.year = value;
                    self.two_digit_year = false;
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
                self.two_digit_year = text.len() <= 2;
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
        let number = |range: &str| match range.bytes().all(|byte| byte.is_ascii_digit()) && !range.is_empty()
        {
            // As atoi reads it: what is too long loses its upper bits.
            true => Ok(i64::from(range.parse::<i64>().unwrap_or(i64::MAX) as i32)),
            false => Err(Refusal::Format),
        };
        if let Some(fraction) = fraction {
            self.out.fraction = microseconds(fraction)?;
        } else if given & DATE != DATE && digits.len() >= 6 {
            let (rest, day) = digits.split_at(digits.len() - 2);
            let (year, month) = rest.split_at(rest.len() - 2);
            (self.out.year, self.out.month, self.out.day) = (number(year)?, number(month)?, number(day)?);
            self.two_digit_year |= year.len() == 2;
            return Ok(DATE);
        }
        let numeric = digits.bytes().all(|byte| byte.is_ascii_digit());
        if given & TIME != TIME && numeric && matches!(digits.len(), 4 | 6) {
            self.out.hour = number(&digits[..2])?;
            self.out.minute = number(&digits[2..4])?;
            self.out.second = if digits.len() == 6 { number(&digits[4..])? } else { 0 };
            return Ok(TIME);
        }
        Err(Refusal::Format)
    }

    fn time(&mut self, text: &str) -> Decoded<()> {
        let clock = clock(text, false)?;
        if clock.hour > i64::from(i32::MAX) {
            return Err(Refusal::Field);
        }
        (self.out.hour, self.out.minute) = (clock.hour, clock.minute);
        (self.out.second, self.out.fraction) = (clock.second, clock.microsecond);
        Ok(())
    }

    fn finish(mut self) -> Decoded<Moment> {
        self.validate_date()?;
        if let Some(afternoon) = self.half {
            let hour = &mut self.out.hour;
            if *hour > 12 {
                return Err(Refusal::Field);
            }
            if !afternoon && *hour == 12 {
                *hour = 0;
            } else if afternoon && *hour != 12 {
                *hour += 12;
            }
        }
        match (self.wanted, self.special) {
            (Wanted::DateTime, Some(Word::Begin)) => return Ok(Moment::Begin),
            (Wanted::DateTime, Some(Word::End)) => return Ok(Moment::End),
            (Wanted::DateTime, Some(_)) => return Ok(Moment::Epoch),
            (Wanted::DateTime, None) if self.present & DATE != DATE => return Err(Refusal::Format),
            (Wanted::Time, _) => {
                if self.out.time_overflows() {
                    return Err(Refusal::Field);
                }
                if self.present & TIME != TIME {
                    return Err(Refusal::Format);
                }
            }
            _ => {}
        }
        self.place()?;
        Ok(Moment::Fields(self.out))
    }

    fn validate_date(&mut self) -> Decoded<()> {
        let out = &mut self.out;
        if self.present & YEAR != 0 && !self.julian {
            if self.before_christ {
                if out.year <= 0 {
                    return Err(Refusal::Field);
                }
                out.year = 1 - out.year;
            } else if self.two_digit_year {
                if out.year < 70 {
                    out.year += 2000;
                } else if out.year < 100 {
                    out.year += 1900;
                }
            } else if out.year <= 0 {
                return Err(Refusal::Field);
            }
        }
        if self.present & YEAR_DAY != 0 {
            out.set_date(calendar::days_of(out.year, 1, 1) + out.day_of_year - 1);
        }
        if self.present & MONTH != 0 && !(1..=12).contains(&out.month) {
            return Err(Refusal::MonthOrDay);
        }
        if self.present & DATE_DAY != 0 && !(1..=31).contains(&out.day) {
            return Err(Refusal::MonthOrDay);
        }
        if self.present & DATE == DATE && out.day > calendar::month_length(out.year, out.month) {
            return Err(Refusal::Field);
        }
        Ok(())
    }

    /// Settles the offset, which may depend on the date.
    fn place(&mut self) -> Decoded<()> {
        let has_date = self.present & DATE == DATE;
        let some_date = self.present & DATE != 0;
        let daylight_word = self.present & DAYLIGHT_WORD != 0;
        let session = self.context.time_zone();
        // A time alone is today's.
        let local = if has_date {
            self.out.local().unwrap_or_default()
        } else {
            let today = session.to_local(self.context.now()).div_euclid(DAY);
            today * DAY + self.out.time()
        };
        if let Some(zone) = &self.named {
            if daylight_word {
                return Err(Refusal::Format);
            }
            self.out.offset = match zone.constant_offset() {
                Some(offset) if self.wanted == Wanted::Time => offset,
                _ if !has_date => return Err(Refusal::Format),
                _ => zone.offset_of_local(local),
            };
        } else if let Some((abbreviation, zone)) = &self.dynamic {
            if daylight_word || some_date && !has_date {
                return Err(Refusal::Format);
            }
            self.out.offset = zone.offset_of_abbreviation(abbreviation, local);
        } else if self.present & ZONE == 0 {
            if daylight_word || some_date && !has_date {
                return Err(Refusal::Format);
            }
            self.out.offset = session.offset_of_local(local);
        }
        Ok(())
    }
}
