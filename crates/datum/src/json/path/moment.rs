//! Dates and times in a path: what `datetime()` makes and how it compares.

use crate::context::Context;
use crate::formatting::standard;
use crate::time::functions::date_to_timestamptz;
use crate::time::functions::{compare_date, moment_order};
use crate::time::output;
use crate::time::style::DateStyle;
use crate::time::time_tz::of_time;
use sqlstate::{DatabaseError, FEATURE_NOT_SUPPORTED, Result};
use std::cmp::Ordering;

pub(super) use standard::Moment;

/// The ISO forms that are tried in turn.
const FORMS: &[&str] = &[
    "yyyy-mm-dd",
    "HH24:MI:SS.USTZH:TZM",
    "HH24:MI:SS.USTZH",
    "HH24:MI:SSTZH:TZM",
    "HH24:MI:SSTZH",
    "HH24:MI:SS.US",
    "HH24:MI:SS",
    "yyyy-mm-dd HH24:MI:SS.USTZH:TZM",
    "yyyy-mm-dd HH24:MI:SS.USTZH",
    "yyyy-mm-dd HH24:MI:SSTZH:TZM",
    "yyyy-mm-dd HH24:MI:SSTZH",
    "yyyy-mm-dd\"T\"HH24:MI:SS.USTZH:TZM",
    "yyyy-mm-dd\"T\"HH24:MI:SS.USTZH",
    "yyyy-mm-dd\"T\"HH24:MI:SSTZH:TZM",
    "yyyy-mm-dd\"T\"HH24:MI:SSTZH",
    "yyyy-mm-dd HH24:MI:SS.US",
    "yyyy-mm-dd HH24:MI:SS",
    "yyyy-mm-dd\"T\"HH24:MI:SS.US",
    "yyyy-mm-dd\"T\"HH24:MI:SS",
];

/// A text in one of the ISO forms.
pub(super) fn recognized(text: &str, context: &dyn Context) -> Option<Moment> {
    FORMS.iter().find_map(|form| standard::parse(text, form, context).ok())
}

/// A text by a template.
pub(super) fn by_template(text: &str, template: &str, context: &dyn Context) -> Result<Moment> {
    standard::parse(text, template, context)
}

impl Moment {
    /// The name of the SQL type.
    pub(super) fn type_name(self) -> &'static str {
        match self {
            Moment::Date(_) => "date",
            Moment::Time(_) => "time without time zone",
            Moment::TimeTz(_) => "time with time zone",
            Moment::Timestamp(_) => "timestamp without time zone",
            Moment::TimestampTz(..) => "timestamp with time zone",
        }
    }

    /// As JSON has it, without quotes.
    pub(super) fn to_text(self) -> String {
        let mut out = String::new();
        match self {
            Moment::Date(date) => output::date(date, DateStyle::default(), &mut out),
            Moment::Time(time) => output::push_time(time, &mut out),
            Moment::TimeTz(time) => {
                output::push_time(time.time, &mut out);
                output::push_long_offset(time.offset, &mut out);
            }
            Moment::Timestamp(timestamp) => output::json_timestamp(timestamp, None, &mut out),
            Moment::TimestampTz(timestamp, offset) => {
                output::json_timestamp(timestamp.saturating_add(offset * 1_000_000), Some(offset), &mut out);
            }
        }
        out
    }

    /// Compares moments of any types; `None` for types that do not compare. What needs the session's zone is an error
    /// unless it may be used.
    pub(super) fn compare(
        self,
        other: Moment,
        zoned: bool,
        context: &dyn Context,
    ) -> Result<Option<Ordering>> {
        use Moment::{Date, Time, TimeTz as Zoned, Timestamp, TimestampTz};
        let uses_zone = |from: &str, to: &str| {
            if zoned {
                return Ok(());
            }
            Err(DatabaseError::new(
                FEATURE_NOT_SUPPORTED,
                format!("cannot convert value from {from} to {to} without time zone usage"),
            )
            .with_hint("Use *_tz() function for time zone support."))
        };
        Ok(Some(match (self, other) {
            (Date(left), Date(right)) | (Time(left), Time(right)) | (Timestamp(left), Timestamp(right)) => {
                left.cmp(&right)
            }
            (TimestampTz(left, _), TimestampTz(right, _)) => left.cmp(&right),
            (Zoned(left), Zoned(right)) => left.compare(right),
            (Date(date), Timestamp(timestamp)) => compare_date(date, timestamp),
            (Date(date), TimestampTz(moment, _)) => {
                uses_zone("date", "timestamptz")?;
                match date_to_timestamptz(date, context.time_zone()) {
                    Ok(start) => start.cmp(&moment),
                    Err(_) => compare_date(date, moment),
                }
            }
            (Timestamp(local), TimestampTz(moment, _)) => {
                uses_zone("timestamp", "timestamptz")?;
                moment_order(context.time_zone(), local, moment)
            }
            (Time(time), Zoned(other)) => {
                uses_zone("time", "timetz")?;
                of_time(time, context).compare(other)
            }
            (Timestamp(_), Date(_)) | (TimestampTz(..), Date(_) | Timestamp(_)) | (Zoned(_), Time(_)) => {
                return Ok(other.compare(self, zoned, context)?.map(Ordering::reverse));
            }
            _ => return Ok(None),
        }))
    }
}
