//! Bans: for how long a user may not sign in.

use crate::error::{AuthError, Result};
use crate::store::users::Update;

/// The most seconds of one of Go's durations: 2^63 nanoseconds.
const MOST_SECONDS: f64 = 9_223_372_036.0;

/// A ban that begins, or the end of one.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Ban {
    /// So many seconds from now; negative ones are over.
    Seconds(f64),
    /// None.
    Lifted,
}

impl Ban {
    /// Reads `none` or one of Go's durations: numbers with a fraction each, with a unit of h, m, s, ms, us, µs or ns.
    ///
    /// # Errors
    /// 400 `validation_failed`.
    pub(super) fn parse(text: &str) -> Result<Ban> {
        if text == "none" {
            return Ok(Ban::Lifted);
        }
        match seconds(text) {
            Some(0.0) => Ok(Ban::Lifted),
            Some(seconds) if seconds.abs() <= MOST_SECONDS => Ok(Ban::Seconds(seconds)),
            Some(_) | None => Err(AuthError::invalid(
                "invalid format for ban duration: expected none, or numbers with units (h, m, s), like 24h or 1h30m",
            )),
        }
    }

    /// Whether nobody may sign in from now on.
    pub(super) fn begins(self) -> bool {
        matches!(self, Ban::Seconds(seconds) if seconds > 0.0)
    }

    /// Sets it.
    pub(super) fn set(self, update: Update) -> Update {
        match self {
            Ban::Seconds(seconds) => update.ban(seconds),
            Ban::Lifted => update.clear("banned_until"),
        }
    }
}

fn seconds(text: &str) -> Option<f64> {
    let (sign, mut rest) = match text.as_bytes().first()? {
        b'-' => (-1.0, &text[1..]),
        b'+' => (1.0, &text[1..]),
        _ => (1.0, text),
    };
    if rest == "0" {
        return Some(0.0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut total = 0.0;
    while !rest.is_empty() {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').filter(|end| *end > 0)?;
        let (number, behind) = rest.split_at(end);
        let end = behind.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(behind.len());
        let (unit, behind) = behind.split_at(end);
        if number == "." {
            return None;
        }
        let number: f64 = number.parse().ok()?;
        let unit = match unit {
            "h" => 3600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 1e-3,
            "us" | "\u{b5}s" | "\u{3bc}s" => 1e-6,
            "ns" => 1e-9,
            _ => return None,
        };
        total += number * unit;
        rest = behind;
    }
    Some(sign * total)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_those_of_go() {
        for (text, seconds) in [
            ("24h", 86400.0),
            ("1h30m", 5400.0),
            ("1.5h", 5400.0),
            ("300ms", 0.3),
            (".5s", 0.5),
            ("1.s", 1.0),
            ("+2m", 120.0),
            ("-1h", -3600.0),
            ("876000h", 3_153_600_000.0),
        ] {
            assert_eq!(Ban::parse(text).expect("a duration"), Ban::Seconds(seconds), "{text}");
        }
        for text in ["none", "0", "0s", "-0"] {
            assert_eq!(Ban::parse(text).expect("a duration"), Ban::Lifted, "{text}");
        }
        for text in [
            "24",
            "h",
            "24x",
            "1 h",
            "1h 30m",
            "-",
            "--1h",
            ".s",
            "1.2.3s",
            "1d",
            "99999999999h",
            "1e3s",
            "\u{661}h",
        ] {
            assert!(Ban::parse(text).is_err(), "{text}");
        }
    }
}
