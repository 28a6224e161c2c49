//! Reads a text by a template: what `to_timestamp`, `to_date` and jsonpath's `datetime()` share.

use super::template::{DAYS, Field, MONTHS, Part, ROMAN, is_separator, parts};
use crate::time::Civil;
use crate::time::calendar::{
    EPOCH_JULIAN, HOUR, MINUTE, SECOND, days_of, is_leap, iso_week_start, month_length,
};
use crate::value::is_space;
use sqlstate::{
    DATETIME_FIELD_OVERFLOW, DATETIME_VALUE_OUT_OF_RANGE, DatabaseError, FEATURE_NOT_SUPPORTED,
    INVALID_DATETIME_FORMAT, INVALID_TIME_ZONE_DISPLACEMENT_VALUE, Result,
};

/// How a template counts weeks and days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Convention {
    Gregorian,
    IsoWeek,
}

/// The fields found; 0 is a field that was not, or was 0.
#[derive(Default)]
struct Found {
    convention: Option<Convention>,
    twelve_hour_clock: bool,
    hour: i64,
    afternoon: i64,
    minute: i64,
    second: i64,
    second_of_day: i64,
    /// 1 is Sunday.
    weekday: i64,
    day: i64,
    day_of_year: i64,
    month: i64,
    millisecond: i64,
    microsecond: i64,
    year: i64,
    /// How many digits of the year the template has.
    year_size: i64,
    before_christ: i64,
    week: i64,
    week_of_month: i64,
    century: i64,
    julian: i64,
    /// The places of a fraction, where the template says them.
    fraction: i64,
    zone_sign: i64,
    zone_hour: i64,
    zone_minute: i64,
}

/// What a text says.
pub(super) struct Reading {
    /// Days since 2000-01-01.
    pub(super) days: i64,
    /// µs since midnight.
    pub(super) time: i64,
    /// Seconds east of Greenwich, where the text says it.
    pub(super) offset: Option<i64>,
    /// Decimal places of the seconds, -1 where the template does not say.
    pub(super) precision: i32,
    /// The template has fields of a date, of a time, of a zone.
    pub(super) dated: bool,
    pub(super) timed: bool,
    pub(super) zoned: bool,
}

fn invalid(message: impl Into<String>) -> DatabaseError {
    DatabaseError::new(INVALID_DATETIME_FORMAT, message)
}

struct Reader<'a> {
    rest: &'a str,
    found: Found,
    /// Every character counts: FX, or standard mode.
    exact: bool,
    /// How many more characters were skipped than the template has.
    extra: i64,
    /// The last character that was passed over.
    passed: char,
}

/// Reads a text; in standard mode separators must be the template's and nothing may remain.
pub(super) fn read(text: &str, template: &str, standard: bool) -> Result<Reading> {
    let parts = parts(template, standard)?;
    let mut reader = Reader { rest: text, found: Found::default(), exact: standard, extra: 0, passed: '\0' };
    let mut done = 0;
    for (at, part) in parts.iter().enumerate() {
        if reader.rest.is_empty() {
            break;
        }
        done = at + 1;
        let is_fx = matches!(part, Part::Field(field) if field.keyword == "FX");
        if !reader.exact && !is_fx && (matches!(part, Part::Field(_)) || at == 0) {
            reader.skip_space();
        }
        match part {
            Part::Space(c) | Part::Separator(c) => reader.separator(*c, standard)?,
            Part::Char(c) => reader.character(*c, standard)?,
            Part::Field(field) => {
                reader.field(field, ends_digits(&parts, at))?;
                if !reader.exact {
                    reader.extra = 0;
                    reader.skip_space();
                }
            }
        }
    }
    if standard {
        if done < parts.len() {
            return Err(invalid("input string is too short for datetime format"));
        }
        if !reader.rest.trim_start_matches(is_space).is_empty() {
            return Err(invalid("trailing characters remain in input string after datetime format"));
        }
    }
    let mut reading = settle(reader.found, text)?;
    for part in &parts {
        if let Part::Field(field) = part {
            match field.keyword {
                "FX" => {}
                "A.M." | "P.M." | "AM" | "PM" | "HH" | "HH12" | "HH24" | "MI" | "SS" | "MS" | "US"
                | "FF1" | "FF2" | "FF3" | "FF4" | "FF5" | "FF6" | "SSSS" | "SSSSS" => reading.timed = true,
                "TZ" | "OF" => return Err(output_only(field)),
                "TZH" | "TZM" => reading.zoned = true,
                _ => reading.dated = true,
            }
        }
    }
    Ok(reading)
}

fn output_only(field: &Field) -> DatabaseError {
    DatabaseError::new(
        FEATURE_NOT_SUPPORTED,
        format!("formatting field \"{}\" is only supported in to_char", field.text),
    )
}

/// Whether a number here ends where its digits do: no digit can follow it.
fn ends_digits(parts: &[Part], at: usize) -> bool {
    if matches!(parts.get(at), Some(Part::Field(field)) if field.ordinal.is_some()) {
        return true;
    }
    match parts.get(at + 1) {
        None => true,
        Some(Part::Field(field)) => !matches!(
            field.keyword,
            "CC" | "DDD"
                | "DD"
                | "D"
                | "FF1"
                | "FF2"
                | "FF3"
                | "FF4"
                | "FF5"
                | "FF6"
                | "HH24"
                | "HH12"
                | "HH"
                | "IDDD"
                | "ID"
                | "IW"
                | "IYYY"
                | "IYY"
                | "IY"
                | "I"
                | "J"
                | "MI"
                | "MM"
                | "MS"
                | "Q"
                | "SSSSS"
                | "SSSS"
                | "SS"
                | "TZM"
                | "US"
                | "WW"
                | "W"
                | "Y,YYY"
                | "YYYY"
                | "YYY"
                | "YY"
                | "Y"
        ),
        Some(Part::Space(c) | Part::Separator(c) | Part::Char(c)) => !c.is_ascii_digit(),
    }
}

fn set(place: &mut i64, value: i64, field: &Field) -> Result<()> {
    if *place != 0 && *place != value {
        return Err(invalid(format!("conflicting values for \"{}\" field in formatting string", field.text))
            .with_detail("This value contradicts a previous setting for the same field type."));
    }
    *place = value;
    Ok(())
}

/// A year of fewer than four digits is the one nearest to 2020.
fn nearest_to_2020(year: i64) -> i64 {
    match year {
        ..=69 => year + 2000,
        70..=99 => year + 1900,
        100..=519 => year + 2000,
        520..=999 => year + 1000,
        other => other,
    }
}

impl Reader<'_> {
    fn skip_space(&mut self) {
        while let Some(c) = self.rest.chars().next().filter(|c| is_space(*c)) {
            self.pass(c);
            self.extra += 1;
        }
    }

    fn pass(&mut self, c: char) {
        self.passed = c;
        self.rest = &self.rest[c.len_utf8()..];
    }

    fn separator(&mut self, wanted: char, standard: bool) -> Result<()> {
        let Some(c) = self.rest.chars().next() else { return Ok(()) };
        if standard {
            if c != wanted {
                return Err(invalid(format!("unmatched format separator \"{wanted}\"")));
            }
            self.pass(c);
        } else if self.exact {
            self.pass(c);
        } else {
            // One separator of the template passes over one of the text, or none.
            self.extra -= 1;
            if is_space(c) || is_separator(c) {
                self.pass(c);
                self.extra += 1;
            }
        }
        Ok(())
    }

    fn character(&mut self, wanted: char, standard: bool) -> Result<()> {
        let Some(c) = self.rest.chars().next() else { return Ok(()) };
        if !self.exact {
            // What was skipped before may have been this character.
            if self.extra > 0 {
                self.extra -= 1;
            } else {
                self.pass(c);
            }
            return Ok(());
        }
        if standard && c != wanted {
            return Err(invalid(format!("unmatched format character \"{wanted}\"")));
        }
        self.pass(c);
        Ok(())
    }

    /// A number of `width` characters, or of any where nothing limits it; and how many characters it took.
    fn number(&mut self, width: usize, field: &Field, open: bool) -> Result<(i64, usize)> {
        let before = self.rest;
        let text = self.rest.trim_start_matches(is_space);
        let shown: String = text.chars().take(width).collect();
        let sign = usize::from(text.starts_with(['-', '+']));
        let digits = text[sign..].bytes().take_while(u8::is_ascii_digit).count();
        let mut length = if digits == 0 { 0 } else { sign + digits };
        if !open && field.fill {
            let used = text.len();
            if used < width {
                return Err(invalid(format!(
                    "source string too short for \"{}\" formatting field",
                    field.text
                ))
                .with_detail(format!("Field requires {width} characters, but only {used} remain."))
                .with_hint("If your source string is not fixed-width, try using the \"FM\" modifier."));
            }
            length = length.min(width);
            // A sign alone is no number.
            if length == sign {
                length = 0;
            }
            if length > 0 && length < width {
                return Err(invalid(format!("invalid value \"{shown}\" for \"{}\"", field.text))
                    .with_detail(format!(
                        "Field requires {width} characters, but only {length} could be parsed."
                    ))
                    .with_hint("If your source string is not fixed-width, try using the \"FM\" modifier."));
            }
            self.rest = &text[length..];
        } else if length > 0 {
            self.rest = &text[length..];
        }
        if length == 0 && (open || !field.fill || self.rest.len() == before.len()) {
            return Err(invalid(format!("invalid value \"{shown}\" for \"{}\"", field.text))
                .with_detail("Value must be an integer."));
        }
        let value = if length == 0 { Ok(0) } else { text[..length].parse::<i32>() };
        let value = value.map_err(|_| {
            DatabaseError::new(
                DATETIME_VALUE_OUT_OF_RANGE,
                format!("value for \"{}\" in source string is out of range", field.text),
            )
            .with_detail("Value must be in the range -2147483648 to 2147483647.")
        })?;
        Ok((i64::from(value), before.len() - self.rest.len()))
    }

    /// The index of the first name that the text begins with.
    fn name(&mut self, names: &[&str], field: &Field) -> Result<i64> {
        let found = names.iter().enumerate().find(|(_, name)| {
            self.rest.get(..name.len()).is_some_and(|head| head.eq_ignore_ascii_case(name))
        });
        match found {
            Some((at, name)) => {
                self.rest = &self.rest[name.len()..];
                Ok(at as i64)
            }
            None => {
                let shown: String = self.rest.chars().take_while(|c| !is_space(*c)).collect();
                Err(invalid(format!("invalid value \"{shown}\" for \"{}\"", field.text))
                    .with_detail("The given value did not match any of the allowed values for this field."))
            }
        }
    }

    fn skip_ordinal(&mut self, field: &Field) {
        if field.ordinal.is_some() {
            for _ in 0..2 {
                if let Some(c) = self.rest.chars().next() {
                    self.pass(c);
                }
            }
        }
    }

    fn field(&mut self, field: &Field, open: bool) -> Result<()> {
        let width = field.keyword.len();
        let convention = match field.keyword {
            "IDDD" | "ID" | "IW" | "IYYY" | "IYY" | "IY" | "I" => Some(Convention::IsoWeek),
            "DDD" | "DD" | "D" | "MM" | "MONTH" | "MON" | "RM" | "WW" | "W" | "Y,YYY" | "YYYY" | "YYY"
            | "YY" | "Y" => Some(Convention::Gregorian),
            _ => None,
        };
        if let Some(convention) = convention
            && *self.found.convention.get_or_insert(convention) != convention
        {
            return Err(invalid("invalid combination of date conventions")
                .with_hint("Do not mix Gregorian and ISO week date conventions in a formatting template."));
        }
        match field.keyword {
            "FX" => self.exact = true,
            "A.M." | "P.M." | "AM" | "PM" => {
                let names: &[&str] = if width == 2 { &["am", "pm"] } else { &["a.m.", "p.m."] };
                let half = self.name(names, field)?;
                set(&mut self.found.afternoon, half, field)?;
                self.found.twelve_hour_clock = true;
            }
            "HH" | "HH12" => {
                let (value, _) = self.number(2, field, open)?;
                set(&mut self.found.hour, value, field)?;
                self.found.twelve_hour_clock = true;
            }
            "HH24" => {
                let (value, _) = self.number(2, field, open)?;
                set(&mut self.found.hour, value, field)?;
            }
            "MI" => {
                let (value, _) = self.number(width, field, open)?;
                set(&mut self.found.minute, value, field)?;
            }
            "SS" => {
                let (value, _) = self.number(width, field, open)?;
                set(&mut self.found.second, value, field)?;
            }
            "MS" => {
                let (value, length) = self.number(3, field, open)?;
                set(&mut self.found.millisecond, value, field)?;
                self.found.millisecond *= 10i64.pow(3u32.saturating_sub(length as u32));
            }
            "US" | "FF1" | "FF2" | "FF3" | "FF4" | "FF5" | "FF6" => {
                let places = if field.keyword == "US" {
                    6
                } else {
                    self.found.fraction = i64::from(field.keyword.as_bytes()[2] - b'0');
                    self.found.fraction as usize
                };
                let (value, length) = self.number(places, field, open)?;
                set(&mut self.found.microsecond, value, field)?;
                self.found.microsecond *= 10i64.pow(6u32.saturating_sub(length as u32));
            }
            "SSSS" | "SSSSS" => {
                let (value, _) = self.number(width, field, open)?;
                set(&mut self.found.second_of_day, value, field)?;
            }
            "TZ" | "OF" => return Err(output_only(field)),
            "TZH" => {
                let sign = self.rest.chars().next();
                match sign {
                    Some(c @ ('+' | '-' | ' ')) => {
                        self.found.zone_sign = if c == '-' { -1 } else { 1 };
                        self.pass(c);
                    }
                    // A minus that was taken for a separator is the sign after all.
                    _ if self.extra > 0 && self.passed == '-' => self.found.zone_sign = -1,
                    _ => self.found.zone_sign = 1,
                }
                let (value, _) = self.number(2, field, open)?;
                set(&mut self.found.zone_hour, value, field)?;
                return Ok(());
            }
            "TZM" => {
                if self.found.zone_sign == 0 {
                    self.found.zone_sign = 1;
                }
                let (value, _) = self.number(2, field, open)?;
                set(&mut self.found.zone_minute, value, field)?;
                return Ok(());
            }
            "A.D." | "B.C." | "AD" | "BC" => {
                let names: &[&str] = if width == 2 { &["ad", "bc"] } else { &["a.d.", "b.c."] };
                let era = self.name(names, field)?;
                set(&mut self.found.before_christ, era, field)?;
            }
            "MONTH" => {
                let value = self.name(&MONTHS, field)?;
                set(&mut self.found.month, value + 1, field)?;
            }
            "MON" => {
                let value = self.name(&MONTHS.map(|name| &name[..3]), field)?;
                set(&mut self.found.month, value + 1, field)?;
            }
            "RM" => {
                // From December down, so that VIII is not taken for V.
                let mut names = ROMAN;
                names.reverse();
                let value = self.name(&names, field)?;
                set(&mut self.found.month, 12 - value, field)?;
            }
            "MM" => {
                let (value, _) = self.number(width, field, open)?;
                set(&mut self.found.month, value, field)?;
            }
            "DAY" => {
                let value = self.name(&DAYS, field)?;
                set(&mut self.found.weekday, value, field)?;
                self.found.weekday += 1;
            }
            "DY" => {
                let value = self.name(&DAYS.map(|name| &name[..3]), field)?;
                set(&mut self.found.weekday, value, field)?;
                self.found.weekday += 1;
            }
            "DDD" | "IDDD" => {
                let (value, _) = self.number(3, field, open)?;
                set(&mut self.found.day_of_year, value, field)?;
            }
            "DD" => {
                let (value, _) = self.number(width, field, open)?;
                set(&mut self.found.day, value, field)?;
            }
            "D" => {
                let (value, _) = self.number(width, field, open)?;
                set(&mut self.found.weekday, value, field)?;
            }
            "ID" => {
                let (value, _) = self.number(1, field, open)?;
                set(&mut self.found.weekday, value, field)?;
                self.found.weekday = if value + 1 > 7 { 1 } else { value + 1 };
            }
            "WW" | "IW" => {
                let (value, _) = self.number(width, field, open)?;
                set(&mut self.found.week, value, field)?;
            }
            // The quarter says nothing about the date.
            "Q" => {
                self.number(width, field, open)?;
            }
            "CC" => {
                let (value, _) = self.number(width, field, open)?;
                set(&mut self.found.century, value, field)?;
            }
            "Y,YYY" => self.year_with_comma(field)?,
            "YYYY" | "IYYY" => {
                let (value, _) = self.number(width, field, open)?;
                set(&mut self.found.year, value, field)?;
                self.found.year_size = 4;
            }
            "YYY" | "IYY" | "YY" | "IY" | "Y" | "I" => {
                let (value, length) = self.number(width, field, open)?;
                set(&mut self.found.year, value, field)?;
                if length < 4 {
                    self.found.year = nearest_to_2020(value);
                }
                self.found.year_size = width as i64;
            }
            "W" => {
                let (value, _) = self.number(width, field, open)?;
                set(&mut self.found.week_of_month, value, field)?;
            }
            "J" => {
                let (value, _) = self.number(width, field, open)?;
                set(&mut self.found.julian, value, field)?;
            }
            other => return Err(DatabaseError::internal(format_args!("template pattern {other}"))),
        }
        if !NAMES.contains(&field.keyword) {
            self.skip_ordinal(field);
        }
        Ok(())
    }

    fn year_with_comma(&mut self, field: &Field) -> Result<()> {
        let refused = || invalid("invalid input string for \"Y,YYY\"");
        let text = self.rest.trim_start_matches(is_space);
        let (thousands, tail) = text.split_once(',').ok_or_else(refused)?;
        let tail = tail.trim_start_matches(is_space);
        let digits = tail.bytes().take(3).take_while(u8::is_ascii_digit).count();
        let thousands: i64 = thousands.parse::<i32>().map_err(|_| refused())?.into();
        let years: i64 = tail[..digits].parse().map_err(|_| refused())?;
        set(&mut self.found.year, thousands * 1000 + years, field)?;
        self.found.year_size = 4;
        self.rest = &tail[digits..];
        Ok(())
    }
}

/// Fields that are names: TH after them is not looked at.
const NAMES: &[&str] =
    &["FX", "A.M.", "P.M.", "AM", "PM", "A.D.", "B.C.", "AD", "BC", "MONTH", "MON", "RM", "DAY", "DY"];

/// The reading that fields make.
fn settle(mut found: Found, text: &str) -> Result<Reading> {
    let overflow = || {
        DatabaseError::new(DATETIME_FIELD_OVERFLOW, format!("date/time field value out of range: \"{text}\""))
    };
    let (mut hour, mut minute, mut second) = (0, 0, 0);
    if found.second_of_day != 0 {
        let seconds = found.second_of_day;
        (hour, minute, second) = (seconds / 3600, seconds % 3600 / 60, seconds % 60);
    }
    let given = |value: i64, place: &mut i64| {
        if value != 0 {
            *place = value;
        }
    };
    given(found.second, &mut second);
    given(found.minute, &mut minute);
    given(found.hour, &mut hour);
    if found.twelve_hour_clock {
        if !(1..=12).contains(&hour) {
            return Err(invalid(format!("hour \"{hour}\" is invalid for the 12-hour clock"))
                .with_hint("Use the 24-hour clock, or give an hour between 1 and 12."));
        }
        if found.afternoon != 0 && hour < 12 {
            hour += 12;
        } else if found.afternoon == 0 && hour == 12 {
            hour = 0;
        }
    }
    // Months and days start at 1, years at 1 BC.
    let (mut year, mut month, mut day) = (0, 1, 1);
    let (mut has_month, mut has_day) = (false, false);
    if found.before_christ != 0 && (found.century != 0 && (found.year == 0 || found.year_size <= 2)) {
        found.century = -found.century;
    }
    if found.year != 0 && found.century != 0 && found.year_size <= 2 {
        // The century's number and the year's last two digits.
        year = found.year % 100;
        year = match (year, found.century >= 0) {
            (0, true) => found.century * 100,
            (0, false) => found.century * 100 + 1,
            (year, true) => year + (found.century - 1) * 100,
            (year, false) => (found.century + 1) * 100 - year + 1,
        };
    } else if found.year != 0 {
        year = if found.before_christ != 0 { -found.year } else { found.year };
        if year < 0 {
            year += 1;
        }
    } else if found.century != 0 {
        year = if found.century >= 0 { (found.century - 1) * 100 + 1 } else { found.century * 100 + 1 };
    }
    let mut date = |days: i64, year: &mut i64, month: &mut i64, day: &mut i64| {
        let civil = Civil::of_days(days);
        (*year, *month, *day) = (civil.year, civil.month, civil.day);
        (has_month, has_day) = (true, true);
    };
    if found.julian != 0 {
        date(found.julian - EPOCH_JULIAN, &mut year, &mut month, &mut day);
    }
    if found.week != 0 {
        if found.convention == Some(Convention::IsoWeek) {
            let monday = iso_week_start(year, found.week);
            // Sunday ends the week.
            let shift = match found.weekday {
                0 => 0,
                weekday if weekday > 1 => weekday - 2,
                _ => 6,
            };
            date(monday + shift, &mut year, &mut month, &mut day);
        } else {
            found.day_of_year = (found.week - 1) * 7 + 1;
        }
    }
    if found.week_of_month != 0 {
        found.day = (found.week_of_month - 1) * 7 + 1;
    }
    if found.day != 0 {
        day = found.day;
        has_day = true;
    }
    if found.month != 0 {
        month = found.month;
        has_month = true;
    }
    if found.day_of_year != 0 && (month <= 1 || day <= 1) {
        if year == 0 && found.before_christ == 0 {
            return Err(invalid("cannot calculate day of year without year information"));
        }
        if found.convention == Some(Convention::IsoWeek) {
            let civil = Civil::of_days(iso_week_start(year, 1) + found.day_of_year - 1);
            (year, month, day) = (civil.year, civil.month, civil.day);
        } else {
            let lengths =
                (1..=12).map(|month| if month == 2 && is_leap(year) { 29 } else { month_length(1, month) });
            let (mut of_month, mut passed) = (13, 0);
            for (at, length) in lengths.enumerate() {
                if found.day_of_year <= passed + length {
                    of_month = at as i64 + 1;
                    break;
                }
                passed += length;
            }
            if month <= 1 {
                month = of_month;
            }
            if day <= 1 {
                day = found.day_of_year - passed;
            }
        }
        (has_month, has_day) = (true, true);
    }
    let fraction = found.millisecond * 1000 + found.microsecond;
    if has_month && !(1..=12).contains(&month) || has_day && !(1..=31).contains(&day) {
        return Err(overflow());
    }
    let has_year = found.year != 0 || found.century != 0 || found.julian != 0 || found.week != 0;
    if has_year && has_month && has_day && day > month_length(year, month) {
        return Err(overflow());
    }
    if !(0..24).contains(&hour)
        || !(0..60).contains(&minute)
        || !(0..60).contains(&second)
        || !(0..SECOND).contains(&fraction)
    {
        return Err(overflow());
    }
    let mut offset = None;
    if found.zone_sign != 0 {
        if !(0..=15).contains(&found.zone_hour) || !(0..60).contains(&found.zone_minute) {
            return Err(DatabaseError::new(
                INVALID_TIME_ZONE_DISPLACEMENT_VALUE,
                format!("time zone displacement out of range: \"{text}\""),
            ));
        }
        offset = Some(found.zone_sign * (found.zone_hour * 3600 + found.zone_minute * 60));
    }
    Ok(Reading {
        days: days_of(year, month, day),
        time: hour * HOUR + minute * MINUTE + second * SECOND + fraction,
        offset,
        precision: if found.fraction == 0 { -1 } else { found.fraction as i32 },
        dated: false,
        timed: false,
        zoned: false,
    })
}
