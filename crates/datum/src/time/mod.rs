//! Dates and times: the calendar, time zones, input, output and arithmetic.

pub(crate) mod arithmetic;
pub(crate) mod calendar;
mod decode;
pub(crate) mod fields;
pub(crate) mod functions;
pub(crate) mod input;
pub(crate) mod interval;
pub(crate) mod output;
mod tokens;
mod words;
pub(crate) mod zone;

pub(crate) use calendar::Civil;
pub(crate) use interval::Interval;
