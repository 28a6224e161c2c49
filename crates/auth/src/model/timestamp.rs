//! Moments as the database tells them.

use std::time::Duration;

/// A moment, to the microsecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp(jiff::Timestamp);

impl Timestamp {
    /// The beginning of 1970.
    pub const EPOCH: Timestamp = Timestamp(jiff::Timestamp::UNIX_EPOCH);

    /// Reads what the database gives for a timestamptz in the time zone UTC, or for a timestamp that is meant in UTC. `None` for what is
    /// not a moment (infinity).
    pub fn read(text: &str) -> Option<Timestamp> {
        if let Some(moment) = read_in_utc(text.as_bytes()) {
            return Some(moment);
        }
        let zoned = text.bytes().skip(10).any(|byte| matches!(byte, b'+' | b'-' | b'Z'));
        let parsed = if zoned { text.parse() } else { format!("{text}Z").parse() };
        parsed.ok().map(Timestamp)
    }

    /// Seconds since 1970.
    pub fn unix_seconds(self) -> i64 {
        self.0.as_second()
    }

    /// How long after the other moment it is; zero when it is not.
    pub fn since(self, earlier: Timestamp) -> Duration {
        Duration::try_from(self.0.duration_since(earlier.0)).unwrap_or(Duration::ZERO)
    }

    /// The moment so much later; the last one that there is when it would be beyond.
    pub fn after(self, span: Duration) -> Timestamp {
        self.0.checked_add(span).map_or(Timestamp(jiff::Timestamp::MAX), Timestamp)
    }
}

/// What is of the form `2026-11-20 11:30:00.123456+00`, fraction and offset left out or not: what the database gives nearly always. It is read for every moment of
/// every row.
fn read_in_utc(text: &[u8]) -> Option<Timestamp> {
    let number = |at: std::ops::Range<usize>| {
        text.get(at)?.iter().try_fold(0i32, |number, digit| {
            digit.is_ascii_digit().then(|| number * 10 + i32::from(digit - b'0'))
        })
    };
    let part = |at: std::ops::Range<usize>| number(at).and_then(|number| i8::try_from(number).ok());
    let is = |at: usize, byte: u8| text.get(at) == Some(&byte);
    if !(is(4, b'-') && is(7, b'-') && (is(10, b' ') || is(10, b'T')) && is(13, b':') && is(16, b':')) {
        return None;
    }
    let rest = text.get(19..)?;
    let rest = rest.strip_suffix(b"+00").or(rest.strip_suffix(b"+00:00")).unwrap_or(rest);
    let nanosecond = match rest {
        [] => 0,
        [b'.', digits @ ..] if (1..=6).contains(&digits.len()) => {
            let scale = 10i32.pow(9 - digits.len() as u32);
            number(20..20 + digits.len())? * scale
        }
        _ => return None,
    };
    let year = i16::try_from(number(0..4)?).ok()?;
    let date = jiff::civil::Date::new(year, part(5..7)?, part(8..10)?).ok()?;
    let time = jiff::civil::Time::new(part(11..13)?, part(14..16)?, part(17..19)?, nanosecond).ok()?;
    jiff::tz::Offset::UTC.to_timestamp(date.to_datetime(time)).ok().map(Timestamp)
}

/// RFC 3339 in UTC, with as many digits of the fraction as it has.
impl std::fmt::Display for Timestamp {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.digits() {
            Some((text, length)) => f.write_str(std::str::from_utf8(&text[..length]).unwrap_or_default()),
            None => self.0.fmt(f),
        }
    }
}

impl Timestamp {
    /// As [`Display`](std::fmt::Display) writes it, and how many of the bytes; `None` before the year 0.
    fn digits(self) -> Option<([u8; 27], usize)> {
        let civil = jiff::tz::Offset::UTC.to_datetime(self.0);
        let (year, fraction) = (u32::try_from(civil.year()).ok()?, civil.subsec_nanosecond() / 1000);
        let mut text = *b"0000-00-00T00:00:00.000000Z";
        let mut put = |mut number: u32, places: std::ops::Range<usize>| {
            for place in places.rev() {
                text[place] = b'0' + u8::try_from(number % 10).unwrap_or_default();
                number /= 10;
            }
        };
        put(year, 0..4);
        put(civil.month().unsigned_abs().into(), 5..7);
        put(civil.day().unsigned_abs().into(), 8..10);
        put(civil.hour().unsigned_abs().into(), 11..13);
        put(civil.minute().unsigned_abs().into(), 14..16);
        put(civil.second().unsigned_abs().into(), 17..19);
        put(fraction.unsigned_abs(), 20..26);
        let mut length = 19;
        if fraction != 0 {
            length = 26 - text[20..26].iter().rev().take_while(|digit| **digit == b'0').count();
        }
        text[length] = b'Z';
        Some((text, length + 1))
    }
}

impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.digits() {
            Some((text, length)) => {
                serializer.serialize_str(std::str::from_utf8(&text[..length]).unwrap_or_default())
            }
            None => serializer.collect_str(&self.0),
        }
    }
}

impl<'de> serde::Deserialize<'de> for Timestamp {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Timestamp, D::Error> {
        let text = <std::borrow::Cow<'de, str>>::deserialize(deserializer)?;
        Timestamp::read(&text).ok_or_else(|| serde::de::Error::custom("not a moment"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_the_database_prints() {
        for (given, shown) in [
            ("2026-11-20 11:30:00.12+00", "2026-11-20T11:30:00.12Z"),
            ("2026-11-20 11:30:00", "2026-11-20T11:30:00Z"),
            ("2026-11-20 11:30:00+00", "2026-11-20T11:30:00Z"),
            ("2026-11-20T11:30:00.123456+00:00", "2026-11-20T11:30:00.123456Z"),
            ("2026-11-20T11:30:00.000001", "2026-11-20T11:30:00.000001Z"),
            ("2026-11-20 11:30:00.5+02:30", "2026-11-20T09:00:00.5Z"),
            ("2026-11-20 11:30:00-08", "2026-11-20T19:30:00Z"),
            ("2026-11-20T11:30:00Z", "2026-11-20T11:30:00Z"),
            ("0001-01-01 00:00:00+00", "0001-01-01T00:00:00Z"),
        ] {
            assert_eq!(Timestamp::read(given).map(|moment| moment.to_string()).as_deref(), Some(shown));
        }
        for wrong in [
            "infinity",
            "",
            "2026-11-20",
            "2026-13-20 11:30:00",
            "2026-11-20 11:30:00.",
            "2026-11-20 11:30:00.1234567x",
            "2026-11-20 1a:30:00",
        ] {
            assert_eq!(Timestamp::read(wrong), None, "{wrong}");
        }
    }

    /// What is written by hand is what the library writes.
    #[test]
    fn is_written_in_rfc_3339() {
        let mut round = 0;
        let mut microseconds: i64 = -62_167_219_200_000_000;
        while microseconds < 253_402_300_800_000_000 {
            let moment = jiff::Timestamp::from_microsecond(microseconds).expect("a moment");
            assert_eq!(Timestamp(moment).to_string(), moment.to_string());
            let quoted = serde_json::to_string(&Timestamp(moment)).expect("written");
            assert_eq!(quoted, format!("\"{moment}\""));
            // Half a year on, now and then with a fraction more.
            round += 1;
            microseconds += 15_778_437_000_000 + [0, 100_000, 1, 0][round % 4];
        }
        for years in [-1i16, -9000] {
            let moment = jiff::civil::date(years, 2, 28).at(1, 2, 3, 4000).to_zoned(jiff::tz::TimeZone::UTC);
            let moment = moment.expect("a moment").timestamp();
            assert_eq!(Timestamp(moment).to_string(), moment.to_string());
        }
    }

    #[test]
    fn counts_forward_only() {
        let [early, late] = ["2026-11-20 11:30:00+00", "2026-11-20 11:30:05+00"]
            .map(|t| Timestamp::read(t).expect("a moment"));
        assert_eq!(late.since(early), Duration::from_secs(5));
        assert_eq!(early.since(late), Duration::ZERO);
        assert_eq!(early.after(Duration::from_secs(5)), late);
    }
}
