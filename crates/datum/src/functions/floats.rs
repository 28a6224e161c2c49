//! Arithmetic, mathematics and casts of float4 and float8.

use super::integers::division_by_zero;
use crate::float::{overflow, stored, underflow};
use crate::integer::out_of_range;
use crate::oid;
use crate::registry::{Call, Function, immutable, volatile};
use crate::value::{Oid, StoredValue};
use sqlstate::{
    DatabaseError, INVALID_ARGUMENT_FOR_LOG, INVALID_ARGUMENT_FOR_POWER_FUNCTION,
    INVALID_ARGUMENT_FOR_WIDTH_BUCKET_FUNCTION, NUMERIC_VALUE_OUT_OF_RANGE, Result,
};

/// The result of an operation on finite numbers must be finite; and not zero, where `exact` says it cannot be.
fn checked(result: f64, finite: bool, zero_allowed: bool) -> Result<StoredValue> {
    if result.is_infinite() && finite {
        return Err(overflow());
    }
    if result == 0.0 && !zero_allowed {
        return Err(underflow());
    }
    stored(result)
}

fn double(value: f64) -> f64 {
    value
}

/// float4's arithmetic happens in 32 bits.
fn single(value: f64) -> f64 {
    f64::from(value as f32)
}

fn divide(left: f64, right: f64, round: fn(f64) -> f64) -> Result<StoredValue> {
    if right == 0.0 && !left.is_nan() {
        return Err(division_by_zero());
    }
    checked(round(left / right), left.is_finite(), left == 0.0 || right.is_infinite())
}

fn multiply(left: f64, right: f64, round: fn(f64) -> f64) -> Result<StoredValue> {
    checked(round(left * right), left.is_finite() && right.is_finite(), left == 0.0 || right == 0.0)
}

fn add(left: f64, right: f64, round: fn(f64) -> f64) -> Result<StoredValue> {
    checked(round(left + right), left.is_finite() && right.is_finite(), true)
}

macro_rules! arithmetic {
    ($($prefix:literal $round:ident),* $(,)?) => {
        pub(super) static ARITHMETIC: &[Function] = &[$(
            immutable(concat!($prefix, "pl"), |call| add(call.real(0)?, call.real(1)?, $round)),
            immutable(concat!($prefix, "mi"), |call| add(call.real(0)?, -call.real(1)?, $round)),
            immutable(concat!($prefix, "mul"), |call| multiply(call.real(0)?, call.real(1)?, $round)),
            immutable(concat!($prefix, "div"), |call| divide(call.real(0)?, call.real(1)?, $round)),
        )*];
    };
}

arithmetic!("float8" double, "float4" single, "float48" double, "float84" double);

/// The cast to an integer type: rounds halves to even.
fn to_integer(value: f64, ty: Oid) -> Result<StoredValue> {
    let rounded = value.round_ties_even();
    let (low, high) = match ty {
        oid::INT2 => (-32_768.0, 32_768.0),
        oid::INT4 => (-2_147_483_648.0, 2_147_483_648.0),
        _ => (-9_223_372_036_854_775_808.0, 9_223_372_036_854_775_808.0),
    };
    if rounded.is_nan() || rounded < low || rounded >= high {
        return Err(out_of_range(ty));
    }
    Ok((rounded as i64).into())
}

/// The cast to float4.
fn to_single(value: f64) -> Result<StoredValue> {
    checked(single(value), value.is_finite(), value == 0.0)
}

fn power(base: f64, exponent: f64) -> Result<StoredValue> {
    let invalid = |message: &str| Err(DatabaseError::new(INVALID_ARGUMENT_FOR_POWER_FUNCTION, message));
    if base == 0.0 && exponent < 0.0 {
        return invalid("zero raised to a negative power is undefined");
    }
    if base < 0.0 && exponent.is_finite() && exponent.floor() != exponent {
        return invalid("a negative number raised to a non-integer power yields a complex result");
    }
    let result = base.powf(exponent);
    checked(
        result,
        base.is_finite() && exponent.is_finite(),
        base == 0.0 || base.is_infinite() || exponent.is_infinite(),
    )
}

fn logarithm(value: f64, of: fn(f64) -> f64) -> Result<StoredValue> {
    let invalid = |message: &str| Err(DatabaseError::new(INVALID_ARGUMENT_FOR_LOG, message));
    if value == 0.0 {
        return invalid("cannot take logarithm of zero");
    }
    if value < 0.0 {
        return invalid("cannot take logarithm of a negative number");
    }
    checked(of(value), value.is_finite(), value == 1.0)
}

fn square_root(value: f64) -> Result<StoredValue> {
    if value < 0.0 {
        return Err(DatabaseError::new(
            INVALID_ARGUMENT_FOR_POWER_FUNCTION,
            "cannot take square root of a negative number",
        ));
    }
    stored(value.sqrt())
}

fn trigonometric(value: f64, of: fn(f64) -> f64) -> Result<StoredValue> {
    if value.is_infinite() {
        return Err(DatabaseError::new(NUMERIC_VALUE_OUT_OF_RANGE, "input is out of range"));
    }
    stored(of(value))
}

fn inverse(value: f64, of: fn(f64) -> f64) -> Result<StoredValue> {
    if !(-1.0..=1.0).contains(&value) {
        return Err(DatabaseError::new(NUMERIC_VALUE_OUT_OF_RANGE, "input is out of range"));
    }
    stored(of(value))
}

/// width_bucket over equal buckets; `None` where the arguments are refused.
fn width_bucket(call: &Call<'_>) -> Result<StoredValue> {
    let (operand, low, high, count) = (call.real(0)?, call.real(1)?, call.real(2)?, call.int(3)?);
    let invalid =
        |message: &str| Err(DatabaseError::new(INVALID_ARGUMENT_FOR_WIDTH_BUCKET_FUNCTION, message));
    if count <= 0 {
        return invalid("count must be greater than zero");
    }
    if operand.is_nan() || low.is_nan() || high.is_nan() {
        return invalid("operand, lower bound, and upper bound cannot be NaN");
    }
    if low.is_infinite() || high.is_infinite() {
        return invalid("lower and upper bounds must be finite");
    }
    if low == high {
        return invalid("lower bound cannot equal upper bound");
    }
    if (high - low).is_infinite() {
        return Err(DatabaseError::unsupported("width_bucket() over a span beyond double precision"));
    }
    let buckets = count as f64;
    let bucket = if low < high {
        if operand < low {
            0
        } else if operand >= high {
            count.saturating_add(1)
        } else {
            ((buckets * ((operand - low) / (high - low))) as i64).saturating_add(1)
        }
    } else if operand > low {
        0
    } else if operand <= high {
        count.saturating_add(1)
    } else {
        ((buckets * ((low - operand) / (low - high))) as i64).saturating_add(1)
    };
    crate::integer::int4(bucket)
}

/// A random number in [0, 1) with 53 bits.
pub(super) fn random(call: &Call<'_>) -> Result<f64> {
    let mut bytes = [0u8; 8];
    call.context.random_bytes(&mut bytes)?;
    Ok((u64::from_le_bytes(bytes) >> 11) as f64 / (1u64 << 53) as f64)
}

pub(super) static FUNCTIONS: &[Function] = &[
    immutable("float8um", |call| stored(-call.real(0)?)),
    immutable("float4um", |call| stored(-call.real(0)?)),
    immutable("float8up", |call| stored(call.real(0)?)),
    immutable("float4up", |call| stored(call.real(0)?)),
    immutable("float8abs", |call| stored(call.real(0)?.abs())),
    immutable("float4abs", |call| stored(call.real(0)?.abs())),
    immutable("float8larger", |call| stored(call.real(0)?.max(call.real(1)?))),
    immutable("float4larger", |call| stored(call.real(0)?.max(call.real(1)?))),
    immutable("float8smaller", |call| stored(call.real(0)?.min(call.real(1)?))),
    immutable("float4smaller", |call| stored(call.real(0)?.min(call.real(1)?))),
    immutable("ftod", |call| stored(call.real(0)?)),
    immutable("dtof", |call| to_single(call.real(0)?)),
    immutable("i2tod", |call| stored(call.int(0)? as f64)),
    immutable("i4tod", |call| stored(call.int(0)? as f64)),
    immutable("i8tod", |call| stored(call.int(0)? as f64)),
    immutable("i2tof", |call| stored(f64::from(call.int(0)? as f32))),
    immutable("i4tof", |call| stored(f64::from(call.int(0)? as f32))),
    immutable("i8tof", |call| stored(f64::from(call.int(0)? as f32))),
    immutable("dtoi2", |call| to_integer(call.real(0)?, oid::INT2)),
    immutable("dtoi4", |call| to_integer(call.real(0)?, oid::INT4)),
    immutable("dtoi8", |call| to_integer(call.real(0)?, oid::INT8)),
    immutable("ftoi2", |call| to_integer(call.real(0)?, oid::INT2)),
    immutable("ftoi4", |call| to_integer(call.real(0)?, oid::INT4)),
    immutable("ftoi8", |call| to_integer(call.real(0)?, oid::INT8)),
    immutable("dround", |call| stored(call.real(0)?.round_ties_even())),
    immutable("dtrunc", |call| stored(call.real(0)?.trunc())),
    immutable("dceil", |call| stored(call.real(0)?.ceil())),
    immutable("dfloor", |call| stored(call.real(0)?.floor())),
    immutable("dsign", |call| {
        let value = call.real(0)?;
        stored(if value > 0.0 {
            1.0
        } else if value < 0.0 {
            -1.0
        } else {
            0.0
        })
    }),
    immutable("dsqrt", |call| square_root(call.real(0)?)),
    immutable("dcbrt", |call| stored(call.real(0)?.cbrt())),
    immutable("dpow", |call| power(call.real(0)?, call.real(1)?)),
    immutable("dexp", |call| {
        let value = call.real(0)?;
        checked(value.exp(), value.is_finite(), value == f64::NEG_INFINITY)
    }),
    immutable("dlog1", |call| logarithm(call.real(0)?, f64::ln)),
    immutable("dlog10", |call| logarithm(call.real(0)?, f64::log10)),
    immutable("dpi", |_| Ok(std::f64::consts::PI.into())),
    immutable("degrees", |call| {
        let value = call.real(0)?;
        checked(value / (std::f64::consts::PI / 180.0), value.is_finite(), true)
    }),
    immutable("radians", |call| stored(call.real(0)? * (std::f64::consts::PI / 180.0))),
    immutable("dsin", |call| trigonometric(call.real(0)?, f64::sin)),
    immutable("dcos", |call| trigonometric(call.real(0)?, f64::cos)),
    immutable("dtan", |call| trigonometric(call.real(0)?, f64::tan)),
    immutable("dasin", |call| inverse(call.real(0)?, f64::asin)),
    immutable("dacos", |call| inverse(call.real(0)?, f64::acos)),
    immutable("datan", |call| stored(call.real(0)?.atan())),
    immutable("datan2", |call| stored(call.real(0)?.atan2(call.real(1)?))),
    immutable("width_bucket_float8", |call| width_bucket(call)),
    volatile("drandom", |call| Ok(random(call)?.into())),
];
