//! Dates and times: the calendar, time zones, input, output and arithmetic.

mod abbreviations;
pub(crate) mod arithmetic;
pub(crate) mod calendar;
mod decode;
mod digits;
pub(crate) mod fields;
pub(crate) mod functions;
pub(crate) mod input;
pub(crate) mod interval;
mod interval_output;
pub(crate) mod output;
pub(crate) mod style;
pub(crate) mod time_tz;
mod tokens;
mod words;
pub(crate) mod zone;

pub(crate) use calendar::Civil;
pub(crate) use interval::Interval;
pub(crate) use time_tz::TimeTz;
