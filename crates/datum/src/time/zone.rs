//! Time zones: offsets at moments, from the tz database that is compiled in.
//!
//! Compiled in, because the system's may be absent (containers) or of another age than the next machine's.

use super::abbreviations::{Abbreviation, abbreviation};
use super::calendar::{SECOND, UNIX_EPOCH_SECONDS};
use super::decode::Refusal;
use super::{Civil, calendar};
use crate::context::TimeZone;
use crate::registry::{Call, Rows, SetFunction};
use jiff::tz::{AmbiguousOffset, TimeZoneDatabase};
use sqlstate::{DatabaseError, INVALID_PARAMETER_VALUE, Result};
use std::sync::LazyLock;

static DATABASE: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// Seconds in 400 years, after which the calendar repeats.
const CYCLE: i64 = 146_097 * 86_400;
/// No zone of the database has as many changes ahead; after them rules go on for ever.
const MANY_TRANSITIONS: usize = 400;
/// The zone library's calendar ends at year 9999; later moments take the rules of the same moment in an earlier cycle.
const LAST_SECOND: i64 = 253_000_000_000;

impl TimeZone {
    /// The zone of a name as `SET timezone` takes it: a name of the tz database in any case, or a POSIX specification.
    pub fn named(name: &str) -> Option<TimeZone> {
        if name.eq_ignore_ascii_case("utc")
            || name.eq_ignore_ascii_case("gmt")
            || name.eq_ignore_ascii_case("z")
        {
            let upper = name.to_ascii_uppercase();
            return Some(TimeZone { name: upper.into(), abbreviation: None, zone: jiff::tz::TimeZone::UTC });
        }
        if name.contains("..") || name.is_empty() || name.len() > 255 {
            return None;
        }
        if let Ok(zone) = DATABASE.get(name) {
            let name = zone.iana_name().unwrap_or(name).into();
            return Some(TimeZone { name, abbreviation: None, zone });
        }
        posix(&name.to_ascii_uppercase())
    }

    /// The zone of a setting: also hours east of Greenwich, or an interval as `SET TIME ZONE INTERVAL` leaves it.
    pub fn setting(value: &str) -> Option<TimeZone> {
        let value = value.trim_matches(|c: char| c.is_ascii_whitespace());
        if let Some(interval) = value.get(..8).filter(|head| head.eq_ignore_ascii_case("interval")) {
            let quoted = value[interval.len()..].trim();
            let text = quoted.strip_prefix('\'')?.strip_suffix('\'')?;
            let interval = super::Interval::input(text, -1, super::style::IntervalStyle::Postgres).ok()?;
            if interval.months != 0 || interval.days != 0 {
                return None;
            }
            return TimeZone::fixed(interval.microseconds / SECOND);
        }
        let number = value.trim_start_matches(['+', '-']);
        if number.starts_with(|c: char| c.is_ascii_digit() || c == '.')
            && let Ok(hours) = value.parse::<f64>()
        {
            let seconds = hours * 3600.0;
            return if seconds.abs() < 168.0 * 3600.0 { TimeZone::fixed(seconds as i64) } else { None };
        }
        TimeZone::named(value)
    }

    /// What is wrong with a setting that is an interval and no zone.
    pub fn setting_detail(value: &str) -> Option<&'static str> {
        let quoted =
            value.get(..8).filter(|head| head.eq_ignore_ascii_case("interval")).map(|_| value[8..].trim())?;
        let text = quoted.strip_prefix('\'')?.strip_suffix('\'')?;
        let interval = super::Interval::input(text, -1, super::style::IntervalStyle::Postgres).ok()?;
        if interval.months != 0 {
            Some("Cannot specify months in time zone interval.")
        } else if interval.days != 0 {
            Some("Cannot specify days in time zone interval.")
        } else {
            None
        }
    }

    /// A zone of constant offset in seconds east of Greenwich, named as PostgreSQL shows it.
    pub fn fixed(offset: i64) -> Option<TimeZone> {
        let seconds = i32::try_from(offset).ok()?;
        let zone = jiff::tz::Offset::from_seconds(seconds).ok()?.to_time_zone();
        let mut east = String::new();
        super::output::push_offset(offset, &mut east);
        let mut west = String::new();
        super::output::push_offset(-offset, &mut west);
        let name = format!("<{east}>{west}").into();
        Some(TimeZone { name, abbreviation: Some(east.into()), zone })
    }

    /// Seconds east of Greenwich at a moment (µs since 2000-01-01 UTC).
    pub fn offset_at(&self, timestamp: i64) -> i64 {
        if self.is_utc() {
            return 0;
        }
        i64::from(self.zone.to_offset(instant(timestamp)).seconds())
    }

    /// Offset, abbreviation and daylight saving at a moment.
    pub(crate) fn info_at(&self, timestamp: i64) -> (i64, String, bool) {
        let info = self.zone.to_offset_info(instant(timestamp));
        let abbreviation = self.abbreviation.as_deref().unwrap_or_else(|| info.abbreviation());
        (i64::from(info.offset().seconds()), abbreviation.to_owned(), info.dst().is_dst())
    }

    /// Seconds east of Greenwich, where they are the same at all times.
    pub(crate) fn constant_offset(&self) -> Option<i64> {
        let now = jiff::Timestamp::UNIX_EPOCH;
        let moves = self.zone.preceding(now).next().is_some() || self.zone.following(now).next().is_some();
        (!moves).then(|| i64::from(self.zone.to_offset(now).seconds()))
    }

    /// Seconds east of Greenwich that an abbreviation meant in this zone at a clock reading.
    pub(crate) fn offset_of_abbreviation(&self, abbreviation: &str, local: i64) -> i64 {
        let offset = self.offset_of_local(local);
        self.meaning_of(abbreviation, local.saturating_sub(offset * SECOND)).unwrap_or(offset)
    }

    /// Seconds east of Greenwich that an abbreviation meant in this zone at a moment: its last use until then, else its
    /// first one.
    pub(crate) fn meaning_of(&self, abbreviation: &str, timestamp: i64) -> Option<i64> {
        self.meaning(abbreviation, timestamp).map(|(offset, _)| offset)
    }

    /// As `meaning_of`, and whether that was daylight saving time.
    fn meaning(&self, abbreviation: &str, timestamp: i64) -> Option<(i64, bool)> {
        let wanted = abbreviation.to_ascii_uppercase();
        let at = instant(timestamp);
        let info = self.zone.to_offset_info(at);
        if info.abbreviation() == wanted {
            return Some((i64::from(info.offset().seconds()), info.dst().is_dst()));
        }
        let before = self.zone.preceding(at);
        let after = self.zone.following(at).take(MANY_TRANSITIONS);
        let mut transitions = before.chain(after);
        let found = transitions.find(|transition| transition.abbreviation() == wanted);
        found.map(|transition| (i64::from(transition.offset().seconds()), transition.dst().is_dst()))
    }

    fn is_utc(&self) -> bool {
        self.zone == jiff::tz::TimeZone::UTC
    }

    /// Seconds east of Greenwich for a clock reading; in a gap the offset before it, in a fold the one after.
    pub(crate) fn offset_of_local(&self, local: i64) -> i64 {
        if self.is_utc() {
            return 0;
        }
        let mut seconds = local.div_euclid(SECOND);
        while seconds + UNIX_EPOCH_SECONDS > LAST_SECOND {
            seconds -= CYCLE * ((seconds + UNIX_EPOCH_SECONDS - LAST_SECOND) / CYCLE + 1);
        }
        let civil = Civil::of_timestamp(seconds.saturating_mul(SECOND));
        let date_time = jiff::civil::DateTime::new(
            civil.year as i16,
            civil.month as i8,
            civil.day as i8,
            civil.hour() as i8,
            civil.minute() as i8,
            civil.second() as i8,
            0,
        );
        let Ok(date_time) = date_time else { return 0 };
        let offset = match self.zone.to_ambiguous_timestamp(date_time).offset() {
            AmbiguousOffset::Unambiguous { offset } => offset,
            AmbiguousOffset::Gap { before, .. } => before,
            AmbiguousOffset::Fold { after, .. } => after,
        };
        i64::from(offset.seconds())
    }

    /// The clock reading (µs) at a moment.
    pub(crate) fn to_local(&self, timestamp: i64) -> i64 {
        if calendar::is_infinite(timestamp) {
            return timestamp;
        }
        timestamp.saturating_add(self.offset_at(timestamp) * SECOND)
    }

    /// The moment of a clock reading.
    pub(crate) fn to_utc(&self, local: i64) -> Result<i64> {
        if calendar::is_infinite(local) {
            return Ok(local);
        }
        calendar::checked_timestamp(local.checked_sub(self.offset_of_local(local) * SECOND))
    }
}

fn instant(timestamp: i64) -> jiff::Timestamp {
    let mut seconds = timestamp.div_euclid(SECOND) + UNIX_EPOCH_SECONDS;
    if seconds > LAST_SECOND {
        seconds -= CYCLE * ((seconds - LAST_SECOND) / CYCLE + 1);
    }
    jiff::Timestamp::from_second(seconds).unwrap_or(jiff::Timestamp::UNIX_EPOCH)
}

/// A POSIX specification, in upper case: `PST8PDT`, `<+03>-3`, `FOO4BAR,M3.2.0,M11.1.0`; the first name may be missing.
fn posix(text: &str) -> Option<TimeZone> {
    let name_end = |text: &str| match text.strip_prefix('<') {
        Some(rest) => rest.find('>').map(|end| end + 2),
        None => Some(
            text.find(|c: char| c.is_ascii_digit() || matches!(c, ',' | '+' | '-')).unwrap_or(text.len()),
        ),
    };
    let (standard, rest) = text.split_at_checked(name_end(text)?)?;
    let (west, rest) = posix_offset(rest)?;
    let abbreviation = standard.trim_start_matches('<').trim_end_matches('>');
    if rest.is_empty() {
        let zone = TimeZone::fixed(-west)?;
        return Some(TimeZone { name: text.into(), abbreviation: Some(abbreviation.into()), ..zone });
    }
    let (daylight, tail) = rest.split_at_checked(name_end(rest)?)?;
    let has_rule = tail.contains(',');
    let quoted = |name: &str| match name {
        name if name.starts_with('<') => name.to_owned(),
        name => format!("<{name}>"),
    };
    let offset = &text[standard.len()..text.len() - rest.len()];
    let rule = if has_rule { "" } else { ",M3.2.0,M11.1.0" };
    let full = format!("{}{offset}{}{tail}{rule}", quoted(standard), quoted(daylight));
    let zone = jiff::tz::TimeZone::posix(&full).ok()?;
    Some(TimeZone { name: text.into(), abbreviation: None, zone })
}

/// Seconds west of Greenwich of `[±]hh[:mm[:ss]]`, and what follows.
fn posix_offset(text: &str) -> Option<(i64, &str)> {
    let (sign, mut rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let mut parts = [0i64; 3];
    for (at, part) in parts.iter_mut().enumerate() {
        if at > 0 {
            match rest.strip_prefix(':') {
                Some(tail) => rest = tail,
                None => break,
            }
        }
        let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
        *part = rest[..end].parse().ok().filter(|value| *value <= if at == 0 { 167 } else { 59 })?;
        rest = &rest[end..];
    }
    Some((sign * (parts[0] * 3600 + parts[1] * 60 + parts[2]), rest))
}

/// A zone as AT TIME ZONE takes it.
pub(crate) enum Place {
    /// A zone.
    Zone(TimeZone),
    /// An abbreviation and the zone whose history says what it means.
    Abbreviation(String, TimeZone),
}

impl Place {
    /// Seconds east of Greenwich at a moment.
    pub(crate) fn offset_at(&self, timestamp: i64) -> i64 {
        match self {
            Place::Zone(zone) => zone.offset_at(timestamp),
            Place::Abbreviation(name, zone) => {
                zone.meaning_of(name, timestamp).unwrap_or_else(|| zone.offset_at(timestamp))
            }
        }
    }

    /// Seconds east of Greenwich for a clock reading.
    pub(crate) fn offset_of_local(&self, local: i64) -> i64 {
        match self {
            Place::Zone(zone) => zone.offset_of_local(local),
            Place::Abbreviation(name, zone) => zone.offset_of_abbreviation(name, local),
        }
    }
}

/// A zone as AT TIME ZONE takes it: an abbreviation first, then a name.
pub(crate) fn place(name: &str) -> Result<Place> {
    let lower = name.to_ascii_lowercase();
    match abbreviation(&lower) {
        Some(Abbreviation::Standard(offset) | Abbreviation::Daylight(offset)) => {
            TimeZone::fixed(offset).map(Place::Zone)
        }
        Some(Abbreviation::Zone(zone)) => TimeZone::named(zone).map(|zone| Place::Abbreviation(lower, zone)),
        None => TimeZone::named(name).map(Place::Zone),
    }
    .ok_or_else(|| unknown(name))
}

/// A zone by its name or by an abbreviation; one that changed its meaning stands for its whole zone.
pub(crate) fn lookup(name: &str) -> Result<TimeZone> {
    Ok(match place(name)? {
        Place::Zone(zone) | Place::Abbreviation(_, zone) => zone,
    })
}

/// The zone of `make_timestamptz`: a signed offset, an abbreviation or a name.
pub(crate) fn sane(name: &str) -> Result<Place> {
    let invalid = |message: String| DatabaseError::new(INVALID_PARAMETER_VALUE, message);
    if name.starts_with(|c: char| c.is_ascii_digit()) {
        return Err(invalid(format!("invalid input syntax for type numeric time zone: \"{name}\""))
            .with_hint("Numeric time zones must have \"-\" or \"+\" as first character."));
    }
    match super::digits::offset(name) {
        Ok(offset) => TimeZone::fixed(offset).map(Place::Zone).ok_or_else(|| unknown(name)),
        Err(Refusal::Format) => place(name),
        Err(_) => Err(invalid(format!("numeric time zone \"{name}\" out of range"))),
    }
}

/// `pg_timezone_abbrevs`: abbreviation, offset now, daylight saving.
fn abbreviations(call: &mut Call<'_>) -> Result<Rows> {
    let now = call.context.now();
    let rows = super::abbreviations::all().map(move |(name, meaning)| {
        let (offset, daylight) = match meaning {
            Abbreviation::Standard(offset) => (offset, false),
            Abbreviation::Daylight(offset) => (offset, true),
            Abbreviation::Zone(zone) => {
                let zone = TimeZone::named(zone).unwrap_or_else(TimeZone::utc);
                zone.meaning(name, now).unwrap_or_else(|| {
                    let (offset, _, daylight) = zone.info_at(now);
                    (offset, daylight)
                })
            }
        };
        let offset = super::Interval { microseconds: offset * SECOND, ..super::Interval::default() };
        Ok(vec![name.to_ascii_uppercase().into(), offset.to_text().into(), daylight.into()])
    });
    Ok(Box::new(rows))
}

pub(crate) static SET_FUNCTIONS: &[SetFunction] =
    &[SetFunction::immutable("pg_timezone_abbrevs", 3, abbreviations).stable()];

/// `time zone "x" not recognized`.
pub(crate) fn unknown(name: &str) -> DatabaseError {
    DatabaseError::new(INVALID_PARAMETER_VALUE, format!("time zone \"{name}\" not recognized"))
}
