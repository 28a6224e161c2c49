//! Aggregates over pairs: correlation, covariance and linear regression, `(y, x)` of which neither is NULL.

use super::{Accumulator, Aggregate, argument, plain, unexpected};
use crate::context::Context;
use crate::float;
use crate::value::{Stored, StoredValue};
use sqlstate::Result;

/// The sums that Youngs and Cramer update without cancellation.
#[derive(Default)]
struct Sums {
    rows: f64,
    x: f64,
    xx: f64,
    y: f64,
    yy: f64,
    xy: f64,
}

impl Sums {
    fn take(&mut self, x: f64, y: f64) -> Result<()> {
        let (before, sum_x, sum_y) = (self.rows, self.x, self.y);
        self.rows += 1.0;
        self.x += x;
        self.y += y;
        if before == 0.0 {
            if !x.is_finite() {
                (self.xx, self.xy) = (f64::NAN, f64::NAN);
            }
            if !y.is_finite() {
                (self.yy, self.xy) = (f64::NAN, f64::NAN);
            }
            return Ok(());
        }
        let (distance_x, distance_y) = (x * self.rows - self.x, y * self.rows - self.y);
        let scale = 1.0 / (self.rows * before);
        self.xx += distance_x * distance_x * scale;
        self.yy += distance_y * distance_y * scale;
        self.xy += distance_x * distance_y * scale;
        let infinite = [self.x, self.xx, self.y, self.yy, self.xy].iter().any(|sum| sum.is_infinite());
        if infinite {
            let (calm_x, calm_y) =
                (!sum_x.is_infinite() && !x.is_infinite(), !sum_y.is_infinite() && !y.is_infinite());
            if ((self.x.is_infinite() || self.xx.is_infinite()) && calm_x)
                || ((self.y.is_infinite() || self.yy.is_infinite()) && calm_y)
                || (self.xy.is_infinite() && calm_x && calm_y)
            {
                return Err(float::overflow());
            }
            for sum in [&mut self.xx, &mut self.yy, &mut self.xy] {
                if sum.is_infinite() {
                    *sum = f64::NAN;
                }
            }
        }
        Ok(())
    }
}

/// What is made of the sums; `None` is NULL.
type Measure = fn(&Sums) -> Option<f64>;

struct Pairs {
    sums: Sums,
    measure: Measure,
}

impl Accumulator for Pairs {
    fn step(&mut self, arguments: &[Stored<'_>], _: &dyn Context) -> Result<()> {
        let (y, x) = (argument(arguments, 0), argument(arguments, 1));
        if y.is_null() || x.is_null() {
            return Ok(());
        }
        let (Some(y), Some(x)) = (y.real(), x.real()) else { return Err(unexpected(y)) };
        self.sums.take(x, y)
    }
    fn value(&self, _: &dyn Context) -> Result<StoredValue> {
        Ok((self.measure)(&self.sums).into())
    }
}

/// regr_count.
#[derive(Default)]
struct Count {
    rows: i64,
}

impl Count {
    fn take(&mut self, arguments: &[Stored<'_>], sign: i64) {
        if !argument(arguments, 0).is_null() && !argument(arguments, 1).is_null() {
            self.rows += sign;
        }
    }
}

impl Accumulator for Count {
    fn step(&mut self, arguments: &[Stored<'_>], _: &dyn Context) -> Result<()> {
        self.take(arguments, 1);
        Ok(())
    }
    fn inverse(&mut self, arguments: &[Stored<'_>], _: &dyn Context) -> Result<()> {
        self.take(arguments, -1);
        Ok(())
    }
    fn value(&self, _: &dyn Context) -> Result<StoredValue> {
        Ok(self.rows.into())
    }
}

fn pairs(measure: Measure) -> Box<dyn Accumulator> {
    Box::new(Pairs { sums: Sums::default(), measure })
}

/// A measure of one row or more.
fn some(sums: &Sums, value: f64) -> Option<f64> {
    (sums.rows >= 1.0).then_some(value)
}

pub(super) static AGGREGATES: &[Aggregate] = &[
    plain("regr_count_float8_float8", || Box::new(Count::default())),
    plain("regr_sxx_float8_float8", || pairs(|sums| some(sums, sums.xx))),
    plain("regr_syy_float8_float8", || pairs(|sums| some(sums, sums.yy))),
    plain("regr_sxy_float8_float8", || pairs(|sums| some(sums, sums.xy))),
    plain("regr_avgx_float8_float8", || pairs(|sums| some(sums, sums.x / sums.rows))),
    plain("regr_avgy_float8_float8", || pairs(|sums| some(sums, sums.y / sums.rows))),
    plain("covar_pop_float8_float8", || pairs(|sums| some(sums, sums.xy / sums.rows))),
    plain("covar_samp_float8_float8", || {
        pairs(|sums| (sums.rows >= 2.0).then(|| sums.xy / (sums.rows - 1.0)))
    }),
    plain("corr_float8_float8", || {
        pairs(|sums| {
            if sums.xx == 0.0 || sums.yy == 0.0 {
                return None;
            }
            some(sums, sums.xy / (sums.xx * sums.yy).sqrt())
        })
    }),
    plain("regr_r2_float8_float8", || {
        pairs(|sums| {
            if sums.xx == 0.0 {
                return None;
            }
            if sums.yy == 0.0 {
                return some(sums, 1.0);
            }
            some(sums, (sums.xy * sums.xy) / (sums.xx * sums.yy))
        })
    }),
    plain("regr_slope_float8_float8", || {
        pairs(|sums| if sums.xx == 0.0 { None } else { some(sums, sums.xy / sums.xx) })
    }),
    plain("regr_intercept_float8_float8", || {
        pairs(|sums| {
            if sums.xx == 0.0 { None } else { some(sums, (sums.y - sums.x * sums.xy / sums.xx) / sums.rows) }
        })
    }),
];
