//! Time zones: offsets at moments, from the tz database that is compiled in.
//!
//! Compiled in, because the system's may be absent (containers) or of another age than the next machine's.

use super::calendar::{SECOND, UNIX_EPOCH_SECONDS};
use super::{Civil, calendar};
use crate::context::TimeZone;
use jiff::tz::{AmbiguousOffset, TimeZoneDatabase};
use sqlstate::{DatabaseError, INVALID_PARAMETER_VALUE, Result};
use std::sync::LazyLock;

static DATABASE: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// Seconds in 400 years, after which the calendar repeats.
const CYCLE: i64 = 146_097 * 86_400;
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
            return Some(TimeZone { name: upper.into(), zone: jiff::tz::TimeZone::UTC });
        }
        if name.contains("..") || name.is_empty() || name.len() > 255 {
            return None;
        }
        if let Ok(zone) = DATABASE.get(name) {
            let name = zone.iana_name().unwrap_or(name).into();
            return Some(TimeZone { name, zone });
        }
        // A specification needs a digit: what is only letters would be any misspelt name.
        if name.bytes().any(|byte| byte.is_ascii_digit()) {
            let zone = jiff::tz::TimeZone::posix(name).ok()?;
            return Some(TimeZone { name: name.to_ascii_uppercase().into(), zone });
        }
        None
    }

    /// A zone of constant offset in seconds east of Greenwich, named as PostgreSQL shows it.
    pub fn fixed(offset: i64) -> Option<TimeZone> {
        let seconds = i32::try_from(offset).ok()?;
        let zone = jiff::tz::Offset::from_seconds(seconds).ok()?.to_time_zone();
        let mut east = String::new();
        super::output::push_offset(offset, &mut east);
        let mut west = String::new();
        super::output::push_offset(-offset, &mut west);
        Some(TimeZone { name: format!("<{east}>{west}").into(), zone })
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
        (i64::from(info.offset().seconds()), info.abbreviation().to_owned(), info.dst().is_dst())
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

/// A zone as AT TIME ZONE takes it: an abbreviation of constant offset first, then a name.
pub(crate) fn lookup(name: &str) -> Result<TimeZone> {
    if let Some(offset) = super::words::abbreviation(&name.to_ascii_lowercase())? {
        return TimeZone::fixed(offset).ok_or_else(|| unknown(name));
    }
    TimeZone::named(name).ok_or_else(|| unknown(name))
}

/// `time zone "x" not recognized`.
pub(crate) fn unknown(name: &str) -> DatabaseError {
    DatabaseError::new(INVALID_PARAMETER_VALUE, format!("time zone \"{name}\" not recognized"))
}
