//! Trigonometry in degrees, exact where the angle is, and hyperbolic functions.
//!
//! In degrees each function is computed in the first quadrant and scaled so that its known values come out whole.

use crate::float::{overflow, stored};
use crate::registry::{Function, immutable};
use crate::value::StoredValue;
use sqlstate::{DatabaseError, NUMERIC_VALUE_OUT_OF_RANGE, Result};
use std::f64::consts::PI;
use std::hint::black_box;

const RADIANS_PER_DEGREE: f64 = PI / 180.0;

fn out_of_range() -> DatabaseError {
    DatabaseError::new(NUMERIC_VALUE_OUT_OF_RANGE, "input is out of range")
}

// The arguments of the scales are hidden from the compiler: what it folds may differ from what the machine computes.
fn sine_to_30(degrees: f64) -> f64 {
    (degrees * RADIANS_PER_DEGREE).sin() / (black_box(30.0) * RADIANS_PER_DEGREE).sin() / 2.0
}

fn cosine_to_60(degrees: f64) -> f64 {
    let scale = 1.0 - (black_box(60.0) * RADIANS_PER_DEGREE).cos();
    1.0 - ((1.0 - (degrees * RADIANS_PER_DEGREE).cos()) / scale) / 2.0
}

fn sine_of_quadrant(degrees: f64) -> f64 {
    if degrees <= 30.0 { sine_to_30(degrees) } else { cosine_to_60(90.0 - degrees) }
}

fn cosine_of_quadrant(degrees: f64) -> f64 {
    if degrees <= 60.0 { cosine_to_60(degrees) } else { sine_to_30(90.0 - degrees) }
}

fn arc_sine_of_quadrant(value: f64) -> f64 {
    if value <= 0.5 {
        value.asin() / black_box(0.5f64).asin() * 30.0
    } else {
        90.0 - value.acos() / black_box(0.5f64).acos() * 60.0
    }
}

fn arc_cosine_of_quadrant(value: f64) -> f64 {
    if value <= 0.5 {
        90.0 - value.asin() / black_box(0.5f64).asin() * 30.0
    } else {
        value.acos() / black_box(0.5f64).acos() * 60.0
    }
}

/// An angle brought to the first quadrant: whether it was reflected at 0°, at 180° and at 90°.
struct Reduced {
    degrees: f64,
    at_0: bool,
    at_180: bool,
    at_90: bool,
}

fn reduce(degrees: f64) -> Result<Reduced> {
    if degrees.is_infinite() {
        return Err(out_of_range());
    }
    let mut degrees = degrees % 360.0;
    let at_0 = degrees < 0.0;
    if at_0 {
        degrees = -degrees;
    }
    let at_180 = degrees > 180.0;
    if at_180 {
        degrees = 360.0 - degrees;
    }
    let at_90 = degrees > 90.0;
    if at_90 {
        degrees = 180.0 - degrees;
    }
    Ok(Reduced { degrees, at_0, at_180, at_90 })
}

fn signed(value: f64, negative: bool) -> f64 {
    if negative { -value } else { value }
}

fn sine(degrees: f64) -> Result<StoredValue> {
    if degrees.is_nan() {
        return stored(degrees);
    }
    let angle = reduce(degrees)?;
    stored(signed(sine_of_quadrant(angle.degrees), angle.at_0 != angle.at_180))
}

fn cosine(degrees: f64) -> Result<StoredValue> {
    if degrees.is_nan() {
        return stored(degrees);
    }
    let angle = reduce(degrees)?;
    stored(signed(cosine_of_quadrant(angle.degrees), angle.at_90))
}

/// Tangent, or cotangent; never -0.
fn ratio(degrees: f64, of: fn(f64) -> f64) -> Result<StoredValue> {
    if degrees.is_nan() {
        return stored(degrees);
    }
    let angle = reduce(degrees)?;
    let scaled = of(angle.degrees) / of(black_box(45.0));
    let value = signed(scaled, (angle.at_0 != angle.at_180) != angle.at_90);
    stored(if value == 0.0 { 0.0 } else { value })
}

fn tangent_of_quadrant(degrees: f64) -> f64 {
    sine_of_quadrant(degrees) / cosine_of_quadrant(degrees)
}

fn cotangent_of_quadrant(degrees: f64) -> f64 {
    cosine_of_quadrant(degrees) / sine_of_quadrant(degrees)
}

/// An inverse function of a value from -1 to 1.
fn inverse(value: f64, of: fn(f64) -> f64) -> Result<StoredValue> {
    if value.is_nan() {
        return stored(value);
    }
    if !(-1.0..=1.0).contains(&value) {
        return Err(out_of_range());
    }
    stored(of(value))
}

fn arc_sine(value: f64) -> f64 {
    if value >= 0.0 { arc_sine_of_quadrant(value) } else { -arc_sine_of_quadrant(-value) }
}

fn arc_cosine(value: f64) -> f64 {
    if value >= 0.0 { arc_cosine_of_quadrant(value) } else { 90.0 + arc_sine_of_quadrant(-value) }
}

fn in_units_of_45(radians: f64) -> f64 {
    (radians / black_box(1.0f64).atan()) * 45.0
}

pub(super) static FUNCTIONS: &[Function] = &[
    immutable("dsind", |call| sine(call.real(0)?)),
    immutable("dcosd", |call| cosine(call.real(0)?)),
    immutable("dtand", |call| ratio(call.real(0)?, tangent_of_quadrant)),
    immutable("dcotd", |call| ratio(call.real(0)?, cotangent_of_quadrant)),
    immutable("dasind", |call| inverse(call.real(0)?, arc_sine)),
    immutable("dacosd", |call| inverse(call.real(0)?, arc_cosine)),
    immutable("datand", |call| stored(in_units_of_45(call.real(0)?.atan()))),
    immutable("datan2d", |call| stored(in_units_of_45(call.real(0)?.atan2(call.real(1)?)))),
    immutable("dcot", |call| {
        let value = call.real(0)?;
        if value.is_infinite() {
            return Err(out_of_range());
        }
        stored(1.0 / value.tan())
    }),
    immutable("dsinh", |call| stored(call.real(0)?.sinh())),
    immutable("dcosh", |call| stored(call.real(0)?.cosh())),
    immutable("dtanh", |call| {
        let value = call.real(0)?.tanh();
        if value.is_infinite() { Err(overflow()) } else { stored(value) }
    }),
    immutable("dasinh", |call| stored(call.real(0)?.asinh())),
    immutable("dacosh", |call| {
        let value = call.real(0)?;
        if value < 1.0 { Err(out_of_range()) } else { stored(value.acosh()) }
    }),
    immutable("datanh", |call| {
        let value = call.real(0)?;
        if !(-1.0..=1.0).contains(&value) && !value.is_nan() {
            return Err(out_of_range());
        }
        stored(if value.abs() == 1.0 { value * f64::INFINITY } else { value.atanh() })
    }),
];
