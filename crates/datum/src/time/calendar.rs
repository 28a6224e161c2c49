//! The proleptic Gregorian calendar and the ranges of PostgreSQL's types.

use sqlstate::{DATETIME_VALUE_OUT_OF_RANGE, DatabaseError, Result};

/// µs in a second.
pub(crate) const SECOND: i64 = 1_000_000;
/// µs in a minute.
pub(crate) const MINUTE: i64 = 60 * SECOND;
/// µs in an hour.
pub(crate) const HOUR: i64 = 60 * MINUTE;
/// µs in a day.
pub(crate) const DAY: i64 = 24 * HOUR;
/// The Julian day number of 2000-01-01.
pub(crate) const EPOCH_JULIAN: i64 = 2_451_545;
/// Days from 1970-01-01 to 2000-01-01.
pub(crate) const UNIX_EPOCH_DAYS: i64 = 10_957;
/// Seconds from 1970-01-01 to 2000-01-01.
pub(crate) const UNIX_EPOCH_SECONDS: i64 = UNIX_EPOCH_DAYS * 86_400;

/// `-infinity` of timestamp and timestamptz.
pub(crate) const BEGIN: i64 = i64::MIN;
/// `infinity` of timestamp and timestamptz.
pub(crate) const END: i64 = i64::MAX;
/// `-infinity` of date.
pub(crate) const DATE_BEGIN: i64 = i32::MIN as i64;
/// `infinity` of date.
pub(crate) const DATE_END: i64 = i32::MAX as i64;

const MIN_TIMESTAMP: i64 = -211_813_488_000_000_000;
/// The first timestamp beyond the range.
pub(crate) const END_TIMESTAMP: i64 = 9_223_371_331_200_000_000;
const MIN_DATE: i64 = -EPOCH_JULIAN;
const END_DATE: i64 = 2_147_483_494 - EPOCH_JULIAN;

/// More days than any date has.
const FAR: i64 = 10_000_000_000;

/// A moment as the calendar and the clock show it. Year 0 is 1 BC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Civil {
    /// The astronomical year.
    pub(crate) year: i64,
    /// 1 to 12.
    pub(crate) month: i64,
    /// 1 to 31.
    pub(crate) day: i64,
    /// µs since midnight.
    pub(crate) time: i64,
}

impl Civil {
    /// The calendar's reading of µs since 2000-01-01.
    pub(crate) fn of_timestamp(timestamp: i64) -> Civil {
        Civil { time: timestamp.rem_euclid(DAY), ..Civil::of_days(timestamp.div_euclid(DAY)) }
    }

    /// The calendar's reading of days since 2000-01-01.
    pub(crate) fn of_days(days: i64) -> Civil {
        // Years begin in March, so that the leap day is the last; eras have 400 years.
        // No stored value is beyond; a broken one must not overflow.
        let shifted = days.clamp(-FAR, FAR) + UNIX_EPOCH_DAYS + 719_468;
        let era = shifted.div_euclid(146_097);
        let of_era = shifted.rem_euclid(146_097);
        let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        Civil { year: year_of_era + era * 400 + i64::from(month <= 2), month, day, time: 0 }
    }

    /// Days since 2000-01-01 of its date.
    pub(crate) fn days(&self) -> i64 {
        days_of(self.year, self.month, self.day)
    }

    pub(crate) fn hour(&self) -> i64 {
        self.time / HOUR
    }

    pub(crate) fn minute(&self) -> i64 {
        self.time / MINUTE % 60
    }

    pub(crate) fn second(&self) -> i64 {
        self.time / SECOND % 60
    }

    /// µs within the second.
    pub(crate) fn microsecond(&self) -> i64 {
        self.time % SECOND
    }

    /// 0 is Sunday.
    pub(crate) fn weekday(&self) -> i64 {
        (self.days() + 6).rem_euclid(7)
    }

    /// 1 is January 1.
    pub(crate) fn day_of_year(&self) -> i64 {
        self.days() - days_of(self.year, 1, 1) + 1
    }

    /// The ISO 8601 year and week that the date falls in.
    pub(crate) fn iso_week(&self) -> (i64, i64) {
        let days = self.days();
        let monday_based = (days + 5).rem_euclid(7);
        let thursday = days - monday_based + 3;
        let year = Civil::of_days(thursday).year;
        (year, (thursday - days_of(year, 1, 1)) / 7 + 1)
    }
}

/// Days since 2000-01-01 of a date; months beyond 12 are not accepted, days beyond the month count on.
pub(crate) fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let month_from_march = (month + 9) % 12;
    let of_year = (153 * month_from_march + 2) / 5 + day - 1;
    let of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + of_year;
    era * 146_097 + of_era - 719_468 - UNIX_EPOCH_DAYS
}

/// The first day of an ISO week (Monday), as days since 2000-01-01.
pub(crate) fn iso_week_start(year: i64, week: i64) -> i64 {
    let fourth = days_of(year, 1, 4);
    let monday = fourth - (fourth + 5).rem_euclid(7);
    monday + (week - 1) * 7
}

/// How many days a month has.
pub(crate) fn month_length(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Whether February has 29 days.
pub(crate) fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

/// Whether a timestamp is an infinity.
pub(crate) fn is_infinite(timestamp: i64) -> bool {
    timestamp == BEGIN || timestamp == END
}

/// Whether a date is an infinity.
pub(crate) fn is_infinite_date(date: i64) -> bool {
    date == DATE_BEGIN || date == DATE_END
}

/// Whether a finite timestamp is in PostgreSQL's range.
pub(crate) fn timestamp_in_range(timestamp: i64) -> bool {
    (MIN_TIMESTAMP..END_TIMESTAMP).contains(&timestamp)
}

/// Whether a finite date is in PostgreSQL's range.
pub(crate) fn date_in_range(date: i64) -> bool {
    (MIN_DATE..END_DATE).contains(&date)
}

/// "timestamp out of range".
pub(crate) fn timestamp_out_of_range() -> DatabaseError {
    DatabaseError::new(DATETIME_VALUE_OUT_OF_RANGE, "timestamp out of range")
}

/// "date out of range".
pub(crate) fn date_out_of_range() -> DatabaseError {
    DatabaseError::new(DATETIME_VALUE_OUT_OF_RANGE, "date out of range")
}

/// "interval out of range".
pub(crate) fn interval_out_of_range() -> DatabaseError {
    DatabaseError::new(DATETIME_VALUE_OUT_OF_RANGE, "interval out of range")
}

/// The timestamp, if in range.
pub(crate) fn checked_timestamp(timestamp: Option<i64>) -> Result<i64> {
    timestamp.filter(|timestamp| timestamp_in_range(*timestamp)).ok_or_else(timestamp_out_of_range)
}

/// The date, if in range.
pub(crate) fn checked_date(date: Option<i64>) -> Result<i64> {
    date.filter(|date| date_in_range(*date)).ok_or_else(date_out_of_range)
}

/// The date of a timestamp without time zone.
pub(crate) fn timestamp_to_date(timestamp: i64) -> i64 {
    match timestamp {
        BEGIN => DATE_BEGIN,
        END => DATE_END,
        finite => finite.div_euclid(DAY),
    }
}

/// The midnight of a date.
pub(crate) fn date_to_timestamp(date: i64) -> Result<i64> {
    match date {
        DATE_BEGIN => Ok(BEGIN),
        DATE_END => Ok(END),
        finite => {
            finite.checked_mul(DAY).filter(|timestamp| timestamp_in_range(*timestamp)).ok_or_else(|| {
                DatabaseError::new(DATETIME_VALUE_OUT_OF_RANGE, "date out of range for timestamp")
            })
        }
    }
}

/// Rounds µs to the decimal places of a type modifier.
pub(crate) fn round_to_precision(microseconds: i64, precision: i32) -> i64 {
    if !(0..6).contains(&precision) {
        return microseconds;
    }
    let unit = 10i64.pow(6 - precision as u32);
    let half = unit / 2;
    if microseconds >= 0 {
        microseconds.saturating_add(half) / unit * unit
    } else {
        -(microseconds.saturating_neg().saturating_add(half) / unit * unit)
    }
}
