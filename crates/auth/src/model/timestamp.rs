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
        ] {
            assert_eq!(Timestamp::read(given).map(|moment| moment.to_string()).as_deref(), Some(shown));
        }
        assert_eq!(Timestamp::read("infinity"), None);
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
