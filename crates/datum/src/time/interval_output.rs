//! The output of intervals in each IntervalStyle.

use super::Interval;
use super::calendar::{HOUR, MINUTE, SECOND};
use super::output::{push_padded, push_seconds};
use super::style::IntervalStyle;

/// The fields that are shown; the time's have one sign.
struct Parts {
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
    microsecond: i64,
}

impl Interval {
    /// The output in style `postgres`, which is the stored form.
    pub(crate) fn to_text(self) -> String {
        self.shown(IntervalStyle::Postgres)
    }

    /// The output in a style.
    pub(crate) fn shown(self, style: IntervalStyle) -> String {
        let time = self.microseconds;
        let parts = Parts {
            year: self.months / 12,
            month: self.months % 12,
            day: self.days,
            hour: time / HOUR,
            minute: time / MINUTE % 60,
            second: time / SECOND % 60,
            microsecond: time % SECOND,
        };
        match style {
            IntervalStyle::Postgres => parts.postgres(),
            IntervalStyle::Verbose => parts.verbose(),
            IntervalStyle::SqlStandard => parts.sql_standard(),
            IntervalStyle::Iso8601 => parts.iso_8601(),
        }
    }
}

impl Parts {
    fn time(&self) -> [i64; 4] {
        [self.hour, self.minute, self.second, self.microsecond]
    }

    fn has_time(&self) -> bool {
        self.time().iter().any(|part| *part != 0)
    }

    fn time_is_negative(&self) -> bool {
        self.time().iter().any(|part| *part < 0)
    }

    /// Appends `hh:mm:ss[.ffffff]` without its sign.
    fn push_clock(&self, hour_width: usize, out: &mut String) {
        push_padded(self.hour, hour_width, out);
        out.push(':');
        push_padded(self.minute, 2, out);
        out.push(':');
        push_seconds(self.second, self.microsecond, out);
    }

    fn postgres(&self) -> String {
        let mut out = String::new();
        let mut negative_before = false;
        for (value, unit) in [(self.year, "year"), (self.month, "mon"), (self.day, "day")] {
            if value == 0 {
                continue;
            }
            if !out.is_empty() {
                out.push(' ');
            }
            if negative_before && value > 0 {
                out.push('+');
            }
            out.push_str(&value.to_string());
            out.push(' ');
            out.push_str(unit);
            if value != 1 {
                out.push('s');
            }
            negative_before = value < 0;
        }
        if out.is_empty() || self.has_time() {
            if !out.is_empty() {
                out.push(' ');
            }
            if self.time_is_negative() {
                out.push('-');
            } else if negative_before {
                out.push('+');
            }
            self.push_clock(2, &mut out);
        }
        out
    }

    fn verbose(&self) -> String {
        let mut out = String::from("@");
        let units = [
            (self.year, "year"),
            (self.month, "mon"),
            (self.day, "day"),
            (self.hour, "hour"),
            (self.minute, "min"),
        ];
        // The first field's sign counts for all: "ago".
        let mut ago = None;
        for (value, unit) in units {
            if value == 0 {
                continue;
            }
            let value = if *ago.get_or_insert(value < 0) { -value } else { value };
            out.push_str(&format!(" {value} {unit}"));
            if value != 1 {
                out.push('s');
            }
        }
        if self.second != 0 || self.microsecond != 0 {
            out.push(' ');
            let negative = self.second < 0 || (self.second == 0 && self.microsecond < 0);
            if negative != *ago.get_or_insert(negative) {
                out.push('-');
            }
            push_short_seconds(self.second, self.microsecond, &mut out);
            out.push_str(if self.second.abs() != 1 || self.microsecond != 0 { " secs" } else { " sec" });
        }
        match ago {
            None => out.push_str(" 0"),
            Some(true) => out.push_str(" ago"),
            Some(false) => {}
        }
        out
    }

    fn sql_standard(&self) -> String {
        let all = [self.year, self.month, self.day].into_iter().chain(self.time());
        let (mut has_negative, mut has_positive) = (false, false);
        for part in all {
            has_negative |= part < 0;
            has_positive |= part > 0;
        }
        let has_year_month = self.year != 0 || self.month != 0;
        let has_day_time = self.day != 0 || self.has_time();
        let standard = !(has_negative && has_positive || has_year_month && has_day_time);
        let mut out = String::new();
        if !has_negative && !has_positive {
            out.push('0');
            return out;
        }
        if !standard {
            let sign = |negative: bool| if negative { '-' } else { '+' };
            out.push(sign(self.year < 0 || self.month < 0));
            out.push_str(&format!("{}-{} ", self.year.abs(), self.month.abs()));
            out.push(sign(self.day < 0));
            out.push_str(&format!("{} ", self.day.abs()));
            out.push(sign(self.time_is_negative()));
            self.push_clock(1, &mut out);
            return out;
        }
        if has_negative {
            out.push('-');
        }
        if has_year_month {
            out.push_str(&format!("{}-{}", self.year.abs(), self.month.abs()));
            return out;
        }
        if self.day != 0 {
            out.push_str(&format!("{} ", self.day.abs()));
        }
        self.push_clock(1, &mut out);
        out
    }

    fn iso_8601(&self) -> String {
        let mut out = String::from("P");
        let push = |value: i64, letter: char, out: &mut String| {
            if value != 0 {
                out.push_str(&value.to_string());
                out.push(letter);
            }
        };
        push(self.year, 'Y', &mut out);
        push(self.month, 'M', &mut out);
        push(self.day, 'D', &mut out);
        if self.has_time() {
            out.push('T');
        }
        push(self.hour, 'H', &mut out);
        push(self.minute, 'M', &mut out);
        if self.second != 0 || self.microsecond != 0 {
            if self.second < 0 || self.microsecond < 0 {
                out.push('-');
            }
            push_short_seconds(self.second, self.microsecond, &mut out);
            out.push('S');
        }
        if out.len() == 1 { "PT0S".to_owned() } else { out }
    }
}

/// Appends seconds without a leading zero and without their sign.
fn push_short_seconds(second: i64, microsecond: i64, out: &mut String) {
    push_padded(second, 1, out);
    if microsecond != 0 {
        out.push('.');
        push_padded(microsecond, 6, out);
        out.truncate(out.trim_end_matches('0').len());
    }
}
