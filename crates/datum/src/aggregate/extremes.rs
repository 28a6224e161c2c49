//! min and max of every type with an order.

use super::{Accumulator, Aggregate, argument, plain, typed};
use crate::context::Context;
use crate::functions::comparison;
use crate::oid;
use crate::value::{Oid, Stored, StoredValue};
use sqlstate::{DatabaseError, Result};
use std::collections::VecDeque;

/// The candidates, best first: each is better than all that came after it. A moving frame drops the oldest.
struct Extreme {
    /// The type, 0 until the signature tells it.
    ty: Oid,
    typed: bool,
    max: bool,
    candidates: VecDeque<(u64, StoredValue)>,
    entered: u64,
    left: u64,
}

impl Extreme {
    fn boxed(ty: Oid, max: bool) -> Box<dyn Accumulator> {
        Box::new(Extreme { ty, typed: ty == 0, max, candidates: VecDeque::new(), entered: 0, left: 0 })
    }
}

impl Accumulator for Extreme {
    fn step(&mut self, arguments: &[Stored<'_>], context: &dyn Context) -> Result<()> {
        if self.typed && self.ty == 0 {
            let Stored::Text(signature) = argument(arguments, 0) else {
                return Err(DatabaseError::internal("a typed aggregate was called without its signature"));
            };
            let first = signature.split(',').next().unwrap_or("");
            self.ty = first.trim().parse().map_err(|_| DatabaseError::internal("signature"))?;
        }
        let value = argument(arguments, usize::from(self.typed));
        let number = self.entered;
        self.entered += 1;
        if value.is_null() {
            return Ok(());
        }
        while let Some((_, last)) = self.candidates.back() {
            // Of equal values the later one counts: 10 and then 10.0 have the maximum 10.0.
            let order = comparison::stored(self.ty, value, last.borrow(), context.types());
            if if self.max { order.is_ge() } else { order.is_le() } {
                self.candidates.pop_back();
            } else {
                break;
            }
        }
        // Without moving frames only the best matters; the rest is kept in case one comes, if it is few.
        if self.left == 0 && self.candidates.len() > 1024 {
            self.candidates.truncate(1024);
        }
        self.candidates.push_back((number, value.to_owned()));
        Ok(())
    }

    fn inverse(&mut self, _: &[Stored<'_>], _: &dyn Context) -> Result<()> {
        if self.candidates.front().is_some_and(|(number, _)| *number == self.left) {
            self.candidates.pop_front();
        }
        self.left += 1;
        Ok(())
    }

    fn value(&self, _: &dyn Context) -> Result<StoredValue> {
        Ok(self.candidates.front().map_or(StoredValue::Null, |(_, value)| value.clone()))
    }
}

macro_rules! extremes {
    ($($name:literal $ty:expr),* $(,)?) => {
        pub(super) static AGGREGATES: &[Aggregate] = &[
            $(
                plain(concat!("max_", $name), || Extreme::boxed($ty, true)),
                plain(concat!("min_", $name), || Extreme::boxed($ty, false)),
            )*
            typed("max_anyarray", || Extreme::boxed(0, true)),
            typed("min_anyarray", || Extreme::boxed(0, false)),
        ];
    };
}

extremes!(
    "int2" oid::INT2, "int4" oid::INT4, "int8" oid::INT8, "oid" oid::OID, "float4" oid::FLOAT4,
    "float8" oid::FLOAT8, "numeric" oid::NUMERIC, "text" oid::TEXT, "bpchar" oid::BPCHAR, "date" oid::DATE,
    "time" oid::TIME, "timestamp" oid::TIMESTAMP, "timestamptz" oid::TIMESTAMPTZ, "interval" oid::INTERVAL,
    "timetz" oid::TIMETZ, "inet" oid::INET, "citext" oid::CITEXT, "anyenum" oid::INT8,
);
