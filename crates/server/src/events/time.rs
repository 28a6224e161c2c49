//! A moment as the log writes it.

use std::time::{SystemTime, UNIX_EPOCH};

/// `2025-01-31T12:34:56.789Z`.
pub(crate) fn write_utc(into: &mut String, moment: SystemTime) {
    let since = moment.duration_since(UNIX_EPOCH).unwrap_or_default();
    let (days, second) = (since.as_secs() / 86_400, since.as_secs() % 86_400);
    let (year, month, day) = civil(days);
    push_digits(into, year, 4);
    let parts = [
        ('-', month, 2),
        ('-', day, 2),
        ('T', second / 3600, 2),
        (':', second / 60 % 60, 2),
        (':', second % 60, 2),
        ('.', u64::from(since.subsec_millis()), 3),
    ];
    for (before, number, width) in parts {
        into.push(before);
        push_digits(into, number, width);
    }
    into.push('Z');
}

/// The number's last `width` digits, at most four.
fn push_digits(into: &mut String, number: u64, width: usize) {
    let divisors = [1000, 100, 10, 1];
    for divisor in &divisors[divisors.len().saturating_sub(width)..] {
        into.push(char::from_digit((number / divisor % 10) as u32, 10).unwrap_or('0'));
    }
}

/// Year, month and day, from days since 1970: counted from 0000-03-01, so that the leap day is a year's last.
fn civil(days: u64) -> (u64, u64, u64) {
    let days = days + 719_468;
    let (era, of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year_of_era + era * 400 + u64::from(month <= 2), month, day)
}

/// A moment in UTC as fourteen digits, from the year to the second.
pub(crate) fn utc_digits(moment: SystemTime) -> String {
    let mut text = String::with_capacity(24);
    write_utc(&mut text, moment);
    text.chars().filter(char::is_ascii_digit).take(14).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn moments_are_written_in_utc() {
        // As `date -u -d @N +%FT%T` prints them.
        let cases = [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400, "2000-02-29T00:00:00.000Z"),
            (951_868_799, "2000-02-29T23:59:59.000Z"),
            (1_735_689_599, "2024-12-31T23:59:59.000Z"),
            (4_107_542_400, "2100-03-01T00:00:00.000Z"),
        ];
        for (seconds, expected) in cases {
            let mut text = String::new();
            write_utc(&mut text, UNIX_EPOCH + Duration::from_secs(seconds));
            assert_eq!(text, expected);
        }
        assert_eq!(utc_digits(UNIX_EPOCH + Duration::from_secs(1_735_689_599)), "20241231235959");
    }
}
