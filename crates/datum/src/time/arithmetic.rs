//! Sums and differences of moments and intervals.

use super::Interval;
use super::calendar::round_to_precision;
use sqlstate::{DatabaseError, Result};

/// Applies an interval's type modifier: a precision of seconds. Field ranges (`INTERVAL YEAR TO MONTH`) are refused.
pub(crate) fn under_typmod(interval: Interval, typmod: i32) -> Result<Interval> {
    if typmod < 0 {
        return Ok(interval);
    }
    let range = (typmod >> 16) & 0x7fff;
    if range != 0x7fff {
        return Err(DatabaseError::unsupported("an interval restricted to some fields"));
    }
    let precision = typmod & 0xffff;
    Ok(Interval { microseconds: round_to_precision(interval.microseconds, precision), ..interval })
}
