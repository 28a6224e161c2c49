//! Arithmetic, bits and casts of integers and bool. Overflow is 22003, as the type says.

use crate::oid;
use crate::registry::{Function, immutable};
use crate::value::StoredValue;
use crate::{integer, value::Oid};
use sqlstate::{DIVISION_BY_ZERO, DatabaseError, NUMERIC_VALUE_OUT_OF_RANGE, Result};

fn int2(value: Option<i64>) -> Result<StoredValue> {
    value.ok_or_else(|| integer::out_of_range(oid::INT2)).and_then(integer::int2)
}

fn int4(value: Option<i64>) -> Result<StoredValue> {
    value.ok_or_else(|| integer::out_of_range(oid::INT4)).and_then(integer::int4)
}

fn int8(value: Option<i64>) -> Result<StoredValue> {
    integer::int8(value)
}

/// "division by zero".
pub(super) fn division_by_zero() -> DatabaseError {
    DatabaseError::new(DIVISION_BY_ZERO, "division by zero")
}

fn divide(left: i64, right: i64) -> Result<Option<i64>> {
    if right == 0 { Err(division_by_zero()) } else { Ok(left.checked_div(right)) }
}

fn remainder(left: i64, right: i64) -> Result<StoredValue> {
    if right == 0 { Err(division_by_zero()) } else { Ok(left.wrapping_rem(right).into()) }
}

macro_rules! arithmetic {
    ($($prefix:literal $range:ident),* $(,)?) => {
        pub(super) static ARITHMETIC: &[Function] = &[$(
            immutable(concat!($prefix, "pl"), |call| $range(call.int(0)?.checked_add(call.int(1)?))),
            immutable(concat!($prefix, "mi"), |call| $range(call.int(0)?.checked_sub(call.int(1)?))),
            immutable(concat!($prefix, "mul"), |call| $range(call.int(0)?.checked_mul(call.int(1)?))),
            immutable(concat!($prefix, "div"), |call| $range(divide(call.int(0)?, call.int(1)?)?)),
        )*];
    };
}

arithmetic!(
    "int2" int2, "int4" int4, "int8" int8, "int24" int4, "int42" int4, "int28" int8, "int82" int8, "int48" int8,
    "int84" int8,
);

fn greatest_common_divisor(left: i64, right: i64) -> u64 {
    let (mut left, mut right) = (left.unsigned_abs(), right.unsigned_abs());
    while right != 0 {
        (left, right) = (right, left % right);
    }
    left
}

fn least_common_multiple(left: i64, right: i64) -> Option<i64> {
    if left == 0 || right == 0 {
        return Some(0);
    }
    let divisor = i64::try_from(greatest_common_divisor(left, right)).ok()?;
    (left / divisor).checked_mul(right)?.checked_abs()
}

/// Shifts take their count modulo the width, as the machine does.
fn shift_left4(value: i64, count: i64) -> i64 {
    i64::from((value as i32).wrapping_shl(count as u32))
}

fn from_bool_input(value: i64) -> StoredValue {
    (value != 0).into()
}

fn narrow(ty: Oid, value: i64) -> Result<StoredValue> {
    let fits = match ty {
        oid::INT2 => i16::try_from(value).is_ok(),
        oid::INT4 => i32::try_from(value).is_ok(),
        _ => (0..=i64::from(u32::MAX)).contains(&value),
    };
    if fits { Ok(value.into()) } else { Err(integer::out_of_range(ty)) }
}

fn to_hex(value: u64) -> StoredValue {
    format!("{value:x}").into()
}

pub(super) static FUNCTIONS: &[Function] = &[
    immutable("int2mod", |call| remainder(call.int(0)?, call.int(1)?)),
    immutable("int4mod", |call| remainder(call.int(0)?, call.int(1)?)),
    immutable("int8mod", |call| remainder(call.int(0)?, call.int(1)?)),
    immutable("int2um", |call| int2(call.int(0)?.checked_neg())),
    immutable("int4um", |call| int4(call.int(0)?.checked_neg())),
    immutable("int8um", |call| int8(call.int(0)?.checked_neg())),
    immutable("int2up", |call| Ok(call.int(0)?.into())),
    immutable("int4up", |call| Ok(call.int(0)?.into())),
    immutable("int8up", |call| Ok(call.int(0)?.into())),
    immutable("int2abs", |call| int2(call.int(0)?.checked_abs())),
    immutable("int4abs", |call| int4(call.int(0)?.checked_abs())),
    immutable("int8abs", |call| int8(call.int(0)?.checked_abs())),
    immutable("int4inc", |call| int4(call.int(0)?.checked_add(1))),
    immutable("int8inc", |call| int8(call.int(0)?.checked_add(1))),
    immutable("int2larger", |call| Ok(call.int(0)?.max(call.int(1)?).into())),
    immutable("int4larger", |call| Ok(call.int(0)?.max(call.int(1)?).into())),
    immutable("int8larger", |call| Ok(call.int(0)?.max(call.int(1)?).into())),
    immutable("int2smaller", |call| Ok(call.int(0)?.min(call.int(1)?).into())),
    immutable("int4smaller", |call| Ok(call.int(0)?.min(call.int(1)?).into())),
    immutable("int8smaller", |call| Ok(call.int(0)?.min(call.int(1)?).into())),
    immutable("int2and", |call| Ok((call.int(0)? & call.int(1)?).into())),
    immutable("int4and", |call| Ok((call.int(0)? & call.int(1)?).into())),
    immutable("int8and", |call| Ok((call.int(0)? & call.int(1)?).into())),
    immutable("int2or", |call| Ok((call.int(0)? | call.int(1)?).into())),
    immutable("int4or", |call| Ok((call.int(0)? | call.int(1)?).into())),
    immutable("int8or", |call| Ok((call.int(0)? | call.int(1)?).into())),
    immutable("int2xor", |call| Ok((call.int(0)? ^ call.int(1)?).into())),
    immutable("int4xor", |call| Ok((call.int(0)? ^ call.int(1)?).into())),
    immutable("int8xor", |call| Ok((call.int(0)? ^ call.int(1)?).into())),
    immutable("int2not", |call| Ok((!call.int(0)?).into())),
    immutable("int4not", |call| Ok((!call.int(0)?).into())),
    immutable("int8not", |call| Ok((!call.int(0)?).into())),
    immutable("int2shl", |call| Ok(i64::from(shift_left4(call.int(0)?, call.int(1)?) as i16).into())),
    immutable("int4shl", |call| Ok(shift_left4(call.int(0)?, call.int(1)?).into())),
    immutable("int8shl", |call| Ok(call.int(0)?.wrapping_shl(call.int(1)? as u32).into())),
    immutable("int2shr", |call| {
        Ok(i64::from((call.int(0)? as i32).wrapping_shr(call.int(1)? as u32) as i16).into())
    }),
    immutable(
        "int4shr",
        |call| Ok(i64::from((call.int(0)? as i32).wrapping_shr(call.int(1)? as u32)).into()),
    ),
    immutable("int8shr", |call| Ok(call.int(0)?.wrapping_shr(call.int(1)? as u32).into())),
    immutable("int4gcd", |call| {
        int4(i64::try_from(greatest_common_divisor(call.int(0)?, call.int(1)?)).ok())
    }),
    immutable("int8gcd", |call| {
        int8(i64::try_from(greatest_common_divisor(call.int(0)?, call.int(1)?)).ok())
    }),
    immutable("int4lcm", |call| int4(least_common_multiple(call.int(0)?, call.int(1)?))),
    immutable("int8lcm", |call| int8(least_common_multiple(call.int(0)?, call.int(1)?))),
    immutable("i2toi4", |call| Ok(call.int(0)?.into())),
    immutable("int28", |call| Ok(call.int(0)?.into())),
    immutable("int48", |call| Ok(call.int(0)?.into())),
    immutable("oidtoi8", |call| Ok(call.int(0)?.into())),
    immutable("i4toi2", |call| narrow(oid::INT2, call.int(0)?)),
    immutable("int82", |call| narrow(oid::INT2, call.int(0)?)),
    immutable("int84", |call| narrow(oid::INT4, call.int(0)?)),
    immutable("i8tooid", |call| {
        narrow(oid::OID, call.int(0)?)
            .map_err(|_| DatabaseError::new(NUMERIC_VALUE_OUT_OF_RANGE, "OID out of range"))
    }),
    immutable("int4_bool", |call| Ok(from_bool_input(call.int(0)?))),
    immutable("bool_int4", |call| Ok(call.int(0)?.into())),
    immutable("booltext", |call| Ok(if call.bool(0)? { "true" } else { "false" }.into())),
    immutable("booland_statefunc", |call| Ok((call.bool(0)? && call.bool(1)?).into())),
    immutable("boolor_statefunc", |call| Ok((call.bool(0)? || call.bool(1)?).into())),
    immutable("to_hex32", |call| Ok(to_hex(u64::from(call.int(0)? as u32)))),
    immutable("to_hex64", |call| Ok(to_hex(call.int(0)? as u64))),
];
