//! `"char"`: one byte, stored as its number.

use crate::registry::{Function, immutable};
use crate::value::StoredValue;
use sqlstate::{DatabaseError, NUMERIC_VALUE_OUT_OF_RANGE, Result};

/// The byte of a text: its first, 0 for the empty one; or the one that a backslash and three octal digits tell.
pub(crate) fn input(text: &str) -> i64 {
    let octal = |digit: u8| (b'0'..=b'7').contains(&digit).then_some(i64::from(digit) - 48);
    if let [b'\\', first, second, third] = *text.as_bytes()
        && let (Some(first), Some(second), Some(third)) = (octal(first), octal(second), octal(third))
    {
        return (first << 6 | second << 3 | third) & 0xff;
    }
    text.bytes().next().map_or(0, i64::from)
}

/// The text of a byte: what is no character of ASCII is written with octal digits.
pub(crate) fn output(value: i64) -> String {
    match value as u8 {
        0 => String::new(),
        byte @ 1..=127 => char::from(byte).to_string(),
        byte => format!("\\{byte:03o}"),
    }
}

fn text(value: i64) -> Result<StoredValue> {
    Ok(output(value).into())
}

pub(super) static FUNCTIONS: &[Function] = &[
    immutable("chareq", |call| Ok((call.int(0)? == call.int(1)?).into())),
    immutable("charne", |call| Ok((call.int(0)? != call.int(1)?).into())),
    immutable("charlt", |call| Ok((call.int(0)? < call.int(1)?).into())),
    immutable("charle", |call| Ok((call.int(0)? <= call.int(1)?).into())),
    immutable("chargt", |call| Ok((call.int(0)? > call.int(1)?).into())),
    immutable("charge", |call| Ok((call.int(0)? >= call.int(1)?).into())),
    immutable("btcharcmp", |call| Ok(call.int(0)?.wrapping_sub(call.int(1)?).into())),
    immutable("chartoi4", |call| Ok(i64::from(call.int(0)? as u8 as i8).into())),
    immutable("i4tochar", |call| {
        let value = i8::try_from(call.int(0)?)
            .map_err(|_| DatabaseError::new(NUMERIC_VALUE_OUT_OF_RANGE, "\"char\" out of range"))?;
        Ok(i64::from(value as u8).into())
    }),
    immutable("text_char", |call| Ok(input(call.text(0)?).into())),
    immutable("char_text", |call| text(call.int(0)?)),
    immutable("char_bpchar", |call| text(call.int(0)?)),
];
