//! Arithmetic, mathematics and casts of numeric.

use crate::float;
use crate::integer::{self, out_of_range};
use crate::numeric::{Decimal, Numeric};
use crate::oid;
use crate::registry::{Call, Function, immutable};
use crate::value::{Oid, StoredValue};
use sqlstate::{
    DatabaseError, FEATURE_NOT_SUPPORTED, INVALID_ARGUMENT_FOR_WIDTH_BUCKET_FUNCTION,
    NUMERIC_VALUE_OUT_OF_RANGE, Result,
};

fn argument(call: &Call<'_>, at: usize) -> Result<Numeric> {
    Numeric::stored(call.text(at)?)
}

fn done(value: Result<Numeric>) -> Result<StoredValue> {
    Ok(value?.to_text().into())
}

type Operation = fn(&Numeric, &Numeric) -> Result<Numeric>;

fn binary(call: &Call<'_>, operation: Operation) -> Result<StoredValue> {
    done(operation(&argument(call, 0)?, &argument(call, 1)?))
}

fn mapped(call: &Call<'_>, change: impl FnOnce(Decimal) -> Decimal) -> Result<StoredValue> {
    done(argument(call, 0)?.map(change))
}

fn to_integer(call: &Call<'_>, ty: Oid) -> Result<StoredValue> {
    let name = match ty {
        oid::INT2 => "smallint",
        oid::INT4 => "integer",
        _ => "bigint",
    };
    let special = |what: &str| {
        Err(DatabaseError::new(FEATURE_NOT_SUPPORTED, format!("cannot convert {what} to {name}")))
    };
    match argument(call, 0)? {
        Numeric::NaN => special("NaN"),
        Numeric::Infinity { .. } => special("infinity"),
        Numeric::Finite(value) => {
            let value = value.to_i64().ok_or_else(|| out_of_range(ty))?;
            match ty {
                oid::INT2 => integer::int2(value),
                oid::INT4 => integer::int4(value),
                _ => Ok(value.into()),
            }
        }
    }
}

fn to_float(call: &Call<'_>, width: float::Width) -> Result<StoredValue> {
    float::input(width, call.text(0)?)
}

/// The places argument of round and trunc, within numeric's limits.
fn places(call: &Call<'_>) -> Result<i32> {
    Ok(call.int(1)?.clamp(-131_073, 16_383) as i32)
}

fn width_bucket(call: &Call<'_>) -> Result<StoredValue> {
    let invalid =
        |message: &str| Err(DatabaseError::new(INVALID_ARGUMENT_FOR_WIDTH_BUCKET_FUNCTION, message));
    let count = call.int(3)?;
    if count <= 0 {
        return invalid("count must be greater than zero");
    }
    let (operand, low, high) = (argument(call, 0)?, argument(call, 1)?, argument(call, 2)?);
    if [&operand, &low, &high].iter().any(|value| matches!(value, Numeric::NaN)) {
        return invalid("operand, lower bound, and upper bound cannot be NaN");
    }
    if [&low, &high].iter().any(|value| matches!(value, Numeric::Infinity { .. })) {
        return invalid("lower and upper bounds must be finite");
    }
    let order = low.compare(&high);
    if order.is_eq() {
        return invalid("lower bound cannot equal upper bound");
    }
    let ascending = order.is_lt();
    let below = if ascending { operand.compare(&low).is_lt() } else { operand.compare(&low).is_gt() };
    let above = if ascending { operand.compare(&high).is_ge() } else { operand.compare(&high).is_le() };
    if below {
        return Ok(0.into());
    }
    if above {
        return integer::int4(count.saturating_add(1));
    }
    let bucket =
        operand.subtract(&low)?.multiply(&Numeric::from(count))?.divide_whole(&high.subtract(&low)?)?;
    match bucket {
        Numeric::Finite(bucket) => {
            integer::int4(bucket.to_i64().and_then(|bucket| bucket.checked_add(1)).unwrap_or(i64::MAX))
        }
        _ => Err(out_of_range(oid::INT4)),
    }
}

fn factorial(call: &Call<'_>) -> Result<StoredValue> {
    let of = call.int(0)?;
    if of < 0 {
        return Err(DatabaseError::new(
            NUMERIC_VALUE_OUT_OF_RANGE,
            "factorial of a negative number is undefined",
        ));
    }
    if of > 32_177 {
        return Err(DatabaseError::new(NUMERIC_VALUE_OUT_OF_RANGE, "value overflows numeric format"));
    }
    let mut product = Numeric::from(1);
    for factor in 2..=of {
        if factor % 100 == 0 {
            call.context.check_interrupt()?;
        }
        product = product.multiply(&Numeric::from(factor))?;
    }
    done(Ok(product))
}

fn greatest_common_divisor(call: &Call<'_>) -> Result<Numeric> {
    let (left, right) = (argument(call, 0)?.abs(), argument(call, 1)?.abs());
    let scale = match (&left, &right) {
        (Numeric::Finite(left), Numeric::Finite(right)) => left.scale().max(right.scale()),
        _ => return Ok(Numeric::NaN),
    };
    let (mut left, mut right) = (left, right);
    while right.sign() != 0 {
        let rest = left.remainder(&right)?;
        (left, right) = (right, rest);
    }
    left.map(|value| value.with_scale(scale))
}

pub(super) static FUNCTIONS: &[Function] = &[
    immutable("numeric_add", |call| binary(call, Numeric::add)),
    immutable("numeric_sub", |call| binary(call, Numeric::subtract)),
    immutable("numeric_mul", |call| binary(call, Numeric::multiply)),
    immutable("numeric_div", |call| binary(call, Numeric::divide)),
    immutable("numeric_div_trunc", |call| binary(call, Numeric::divide_whole)),
    immutable("numeric_mod", |call| binary(call, Numeric::remainder)),
    immutable("numeric_power", |call| binary(call, Numeric::power)),
    immutable("numeric_log", |call| done(argument(call, 1)?.logarithm(&argument(call, 0)?))),
    immutable("log_numeric", |call| done(argument(call, 0)?.logarithm(&Numeric::from(10)))),
    immutable("log10_numeric", |call| done(argument(call, 0)?.logarithm(&Numeric::from(10)))),
    immutable("numeric_ln", |call| done(argument(call, 0)?.natural_logarithm())),
    immutable("numeric_exp", |call| done(argument(call, 0)?.exponential())),
    immutable("numeric_sqrt", |call| done(argument(call, 0)?.square_root())),
    immutable("numeric_abs", |call| done(Ok(argument(call, 0)?.abs()))),
    immutable("numeric_uminus", |call| done(Ok(argument(call, 0)?.negated()))),
    immutable("numeric_uplus", |call| Ok(call.text(0)?.into())),
    immutable("numeric_inc", |call| done(argument(call, 0)?.add(&Numeric::from(1)))),
    immutable("numeric_sign", |call| match argument(call, 0)? {
        Numeric::NaN => Ok("NaN".into()),
        value => Ok(value.sign().to_string().into()),
    }),
    immutable("numeric_round", |call| {
        let places = places(call)?;
        mapped(call, |value| value.round(places))
    }),
    immutable("numeric_trunc", |call| {
        let places = places(call)?;
        mapped(call, |value| value.truncate(places))
    }),
    immutable("round_numeric", |call| mapped(call, |value| value.round(0))),
    immutable("trunc_numeric", |call| mapped(call, |value| value.truncate(0))),
    immutable("numeric_ceil", |call| mapped(call, Decimal::ceiling)),
    immutable("numeric_floor", |call| mapped(call, Decimal::floor)),
    immutable("numeric_larger", |call| {
        let (left, right) = (argument(call, 0)?, argument(call, 1)?);
        done(Ok(if left.compare(&right).is_gt() { left } else { right }))
    }),
    immutable("numeric_smaller", |call| {
        let (left, right) = (argument(call, 0)?, argument(call, 1)?);
        done(Ok(if left.compare(&right).is_lt() { left } else { right }))
    }),
    immutable("numeric_scale", |call| {
        Ok(match argument(call, 0)? {
            Numeric::Finite(value) => i64::from(value.scale()).into(),
            _ => StoredValue::Null,
        })
    }),
    immutable("numeric_min_scale", |call| {
        Ok(match argument(call, 0)? {
            Numeric::Finite(value) => i64::from(value.min_scale()).into(),
            _ => StoredValue::Null,
        })
    }),
    immutable("numeric_trim_scale", |call| mapped(call, Decimal::trim_scale)),
    immutable("numeric_gcd", |call| done(greatest_common_divisor(call))),
    immutable("numeric_lcm", |call| {
        let (left, right) = (argument(call, 0)?, argument(call, 1)?);
        let divisor = greatest_common_divisor(call)?;
        if divisor.sign() == 0 || matches!(divisor, Numeric::NaN) {
            return done(Ok(divisor));
        }
        let scale = match (&left, &right) {
            (Numeric::Finite(left), Numeric::Finite(right)) => left.scale().max(right.scale()),
            _ => 0,
        };
        let product = left.divide_whole(&divisor)?.multiply(&right)?.abs();
        done(product.map(|value| value.with_scale(scale)))
    }),
    immutable("numeric_fac", factorial_code),
    immutable("width_bucket_numeric", |call| width_bucket(call)),
    immutable("numeric", |call| done(argument(call, 0)?.under_typmod(call.int(1)? as i32))),
    immutable("int2_numeric", |call| Ok(call.int(0)?.to_string().into())),
    immutable("int4_numeric", |call| Ok(call.int(0)?.to_string().into())),
    immutable("int8_numeric", |call| Ok(call.int(0)?.to_string().into())),
    immutable("float4_numeric", |call| done(Ok(Numeric::from_f32(call.real(0)?)))),
    immutable("float8_numeric", |call| done(Ok(Numeric::from_f64(call.real(0)?)))),
    immutable("numeric_int2", |call| to_integer(call, oid::INT2)),
    immutable("numeric_int4", |call| to_integer(call, oid::INT4)),
    immutable("numeric_int8", |call| to_integer(call, oid::INT8)),
    immutable("numeric_float4", |call| to_float(call, float::Width::Single)),
    immutable("numeric_float8", |call| to_float(call, float::Width::Double)),
];

fn factorial_code(call: &mut Call<'_>) -> Result<StoredValue> {
    factorial(call)
}
