//! Functions of bit and varbit, and their casts.

use crate::bits::{MAX_LENGTH, require_reasonable, too_long, under_typmod};
use crate::integer::out_of_range;
use crate::oid;
use crate::registry::{Call, Function, immutable};
use crate::value::StoredValue;
use sqlstate::{
    ARRAY_SUBSCRIPT_ERROR, DatabaseError, INVALID_PARAMETER_VALUE, Result, STRING_DATA_LENGTH_MISMATCH,
    SUBSTRING_ERROR,
};

fn cat(left: &str, right: &str) -> Result<StoredValue> {
    if left.len() + right.len() > MAX_LENGTH {
        return Err(too_long());
    }
    Ok([left, right].concat().into())
}

/// Digit by digit; both have the same length.
fn combine(call: &Call<'_>, verb: &str, of: fn(bool, bool) -> bool) -> Result<StoredValue> {
    let (left, right) = (call.text(0)?, call.text(1)?);
    if left.len() != right.len() {
        return Err(DatabaseError::new(
            STRING_DATA_LENGTH_MISMATCH,
            format!("cannot {verb} bit strings of different sizes"),
        ));
    }
    Ok(left
        .bytes()
        .zip(right.bytes())
        .map(|(left, right)| if of(left == b'1', right == b'1') { '1' } else { '0' })
        .collect::<String>()
        .into())
}

/// To the left, or for a negative count to the right; zeros come in.
fn shift(bits: &str, count: i64) -> StoredValue {
    let places = (count.unsigned_abs() as usize).min(bits.len());
    let zeros = "0".repeat(places);
    let shifted = if count >= 0 {
        [bits.get(places..).unwrap_or(""), &zeros].concat()
    } else {
        [&zeros, bits.get(..bits.len() - places).unwrap_or("")].concat()
    };
    shifted.into()
}

/// The digits from `start` (1 is the first) of a length.
fn substring(bits: &str, start: i64, length: Option<i64>) -> Result<&str> {
    let end = match length {
        Some(length) if length < 0 => {
            return Err(DatabaseError::new(SUBSTRING_ERROR, "negative substring length not allowed"));
        }
        Some(length) => start.saturating_add(length),
        None => i64::MAX,
    };
    let count = bits.len() as i64;
    let first = (start.max(1) - 1).min(count);
    let last = (end.max(1) - 1).min(count).max(first);
    Ok(bits.get(first as usize..last as usize).unwrap_or(""))
}

fn overlay(bits: &str, with: &str, start: i64, length: i64) -> Result<StoredValue> {
    if start <= 0 {
        return Err(DatabaseError::new(SUBSTRING_ERROR, "negative substring length not allowed"));
    }
    let after = start.saturating_add(length);
    if i32::try_from(after).is_err() {
        return Err(out_of_range(oid::INT4));
    }
    let before = substring(bits, 1, Some(start - 1))?;
    Ok([before, with, substring(bits, after, None)?].concat().into())
}

fn position(bits: &str, wanted: &str) -> i64 {
    if bits.is_empty() || wanted.len() > bits.len() {
        return 0;
    }
    bits.find(wanted).map_or(0, |at| at as i64 + 1)
}

/// The place of a digit, counted from 0.
fn index(bits: &str, at: i64) -> Result<usize> {
    usize::try_from(at).ok().filter(|at| *at < bits.len()).ok_or_else(|| {
        let last = bits.len() as i64 - 1;
        DatabaseError::new(ARRAY_SUBSCRIPT_ERROR, format!("bit index {at} out of valid range (0..{last})"))
    })
}

fn set(bits: &str, at: i64, digit: i64) -> Result<StoredValue> {
    let at = index(bits, at)?;
    if digit != 0 && digit != 1 {
        return Err(DatabaseError::new(INVALID_PARAMETER_VALUE, "new bit must be 0 or 1"));
    }
    let digit = if digit == 1 { "1" } else { "0" };
    Ok([bits.get(..at).unwrap_or(""), digit, bits.get(at + 1..).unwrap_or("")].concat().into())
}

/// The number whose binary digits these are, 32 or 64 at most.
fn to_integer(bits: &str, width: usize) -> Result<StoredValue> {
    if bits.len() > width {
        return Err(out_of_range(if width == 32 { oid::INT4 } else { oid::INT8 }));
    }
    let value = bits.bytes().fold(0u64, |value, digit| value << 1 | u64::from(digit == b'1'));
    Ok(if width == 32 { i64::from(value as u32 as i32) } else { value as i64 }.into())
}

/// The last digits of a number, its sign in front where the type is wider.
fn from_integer(value: i64, typmod: i64) -> Result<StoredValue> {
    let length = usize::try_from(typmod).ok().filter(|length| *length > 0).unwrap_or(1);
    require_reasonable(length)?;
    let digit = |place: usize| if value >> place.min(63) & 1 == 1 { '1' } else { '0' };
    Ok((0..length).rev().map(digit).collect::<String>().into())
}

pub(super) static FUNCTIONS: &[Function] = &[
    immutable("bit", |call| {
        Ok(under_typmod(oid::BIT, call.int(1)? as i32, call.text(0)?, call.bool(2)?)?.into())
    }),
    immutable("varbit", |call| {
        Ok(under_typmod(oid::VARBIT, call.int(1)? as i32, call.text(0)?, call.bool(2)?)?.into())
    }),
    immutable("bitfromint4", |call| from_integer(call.int(0)?, call.int(1)?)),
    immutable("bitfromint8", |call| from_integer(call.int(0)?, call.int(1)?)),
    immutable("bittoint4", |call| to_integer(call.text(0)?, 32)),
    immutable("bittoint8", |call| to_integer(call.text(0)?, 64)),
    immutable("biteq", |call| Ok((call.text(0)? == call.text(1)?).into())),
    immutable("bitne", |call| Ok((call.text(0)? != call.text(1)?).into())),
    immutable("bitlt", |call| Ok((call.text(0)? < call.text(1)?).into())),
    immutable("bitle", |call| Ok((call.text(0)? <= call.text(1)?).into())),
    immutable("bitgt", |call| Ok((call.text(0)? > call.text(1)?).into())),
    immutable("bitge", |call| Ok((call.text(0)? >= call.text(1)?).into())),
    immutable("bitcmp", |call| Ok((call.text(0)?.cmp(call.text(1)?) as i64).into())),
    immutable("bitcat", |call| cat(call.text(0)?, call.text(1)?)),
    immutable("bit_and", |call| combine(call, "AND", |left, right| left && right)),
    immutable("bit_or", |call| combine(call, "OR", |left, right| left || right)),
    immutable("bitxor", |call| combine(call, "XOR", |left, right| left != right)),
    immutable("bitnot", |call| {
        Ok(call
            .text(0)?
            .bytes()
            .map(|digit| if digit == b'1' { '0' } else { '1' })
            .collect::<String>()
            .into())
    }),
    immutable("bitshiftleft", |call| Ok(shift(call.text(0)?, call.int(1)?))),
    immutable("bitshiftright", |call| Ok(shift(call.text(0)?, call.int(1)?.wrapping_neg()))),
    immutable("bitsubstr", |call| Ok(substring(call.text(0)?, call.int(1)?, Some(call.int(2)?))?.into())),
    immutable("bitsubstr_no_len", |call| Ok(substring(call.text(0)?, call.int(1)?, None)?.into())),
    immutable("bitoverlay", |call| overlay(call.text(0)?, call.text(1)?, call.int(2)?, call.int(3)?)),
    immutable("bitoverlay_no_len", |call| {
        let with = call.text(1)?;
        overlay(call.text(0)?, with, call.int(2)?, with.len() as i64)
    }),
    immutable("bitposition", |call| Ok(position(call.text(0)?, call.text(1)?).into())),
    immutable("bitgetbit", |call| {
        let bits = call.text(0)?;
        let at = index(bits, call.int(1)?)?;
        Ok(i64::from(bits.as_bytes()[at] == b'1').into())
    }),
    immutable("bitsetbit", |call| set(call.text(0)?, call.int(1)?, call.int(2)?)),
    immutable("bit_bit_count", |call| {
        Ok(call.text(0)?.bytes().filter(|digit| *digit == b'1').count().into())
    }),
    immutable("bitlength", |call| Ok(call.text(0)?.len().into())),
    immutable("bit_length_bit", |call| Ok(call.text(0)?.len().into())),
    immutable("bitoctetlength", |call| Ok(call.text(0)?.len().div_ceil(8).into())),
];
