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
        self.0.fmt(f)
    }
}

impl serde::Serialize for Timestamp {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
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

    #[test]
    fn counts_forward_only() {
        let [early, late] = ["2026-11-20 11:30:00+00", "2026-11-20 11:30:05+00"]
            .map(|t| Timestamp::read(t).expect("a moment"));
        assert_eq!(late.since(early), Duration::from_secs(5));
        assert_eq!(early.since(late), Duration::ZERO);
        assert_eq!(early.after(Duration::from_secs(5)), late);
    }
}
