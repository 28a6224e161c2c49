//! Ordered-set and hypothetical-set aggregates: `f(direct …) WITHIN GROUP (ORDER BY x …)` is called as `(direct …, x …, order)` in any
//! order of rows; order has two letters for each sort key: `a` or `d` (descending), `f` or `l` (NULLs first, last).

use super::{Accumulator, Aggregate, argument, plain, typed, unexpected};
use crate::array::{Array, Encoding};
use crate::context::Context;
use crate::float;
use crate::functions::comparison;
use crate::time::{Interval, arithmetic};
use crate::types::encoding;
use crate::value::{Oid, Stored, StoredValue};
use sqlstate::{DatabaseError, NUMERIC_VALUE_OUT_OF_RANGE, Result};
use std::cmp::Ordering;

fn checked(fraction: f64) -> Result<f64> {
    if (0.0..=1.0).contains(&fraction) {
        return Ok(fraction);
    }
    let mut shown = String::new();
    float::output(float::Width::Double, fraction, &mut shown);
    Err(DatabaseError::new(
        NUMERIC_VALUE_OUT_OF_RANGE,
        format!("percentile value {shown} is not between 0 and 1"),
    ))
}

/// What is asked for: one fraction, or an array of them.
enum Fractions {
    One(f64),
    Many { lengths: Vec<usize>, values: Vec<Option<f64>> },
}

impl Fractions {
    fn read(value: Stored<'_>) -> Result<Option<Fractions>> {
        Ok(match value {
            Stored::Null => None,
            Stored::Text(text) if text.starts_with('[') => {
                let array = Array::stored(text, Encoding::Real)?;
                let value = |element: &StoredValue| match element.borrow().real() {
                    Some(fraction) => checked(fraction).map(Some),
                    None => Ok(None),
                };
                let values = array.elements.iter().map(value).collect::<Result<Vec<_>>>()?;
                Some(Fractions::Many { lengths: array.lengths, values })
            }
            value => {
                let fraction = value.real().ok_or_else(|| unexpected(value))?;
                Some(Fractions::One(checked(fraction)?))
            }
        })
    }

    /// The answer for each, put together as they were.
    fn answer(&self, element: Encoding, of: &dyn Fn(f64) -> Result<StoredValue>) -> Result<StoredValue> {
        match self {
            Fractions::One(fraction) => of(*fraction),
            Fractions::Many { lengths, values } => {
                let elements = values.iter().map(|value| value.map_or(Ok(StoredValue::Null), of));
                let elements = elements.collect::<Result<Vec<_>>>()?;
                Array { lengths: lengths.clone(), lower: Vec::new(), elements }.to_stored(element)
            }
        }
    }
}

/// Whether the first key sorts downwards.
fn descends(order: Stored<'_>) -> bool {
    matches!(order, Stored::Text(order) if order.starts_with('d'))
}

/// The places below and above a fraction, and how far between them it is.
fn between(fraction: f64, count: usize) -> (usize, usize, f64) {
    let position = fraction * (count - 1) as f64;
    (position.floor() as usize, position.ceil() as usize, position - position.floor())
}

/// percentile_cont over floats.
#[derive(Default)]
struct Continuous {
    fractions: Option<Fractions>,
    descending: bool,
    values: Vec<f64>,
}

impl Accumulator for Continuous {
    fn step(&mut self, arguments: &[Stored<'_>], _: &dyn Context) -> Result<()> {
        if self.values.is_empty() {
            self.fractions = Fractions::read(argument(arguments, 0))?;
            self.descending = descends(argument(arguments, 2));
        }
        let value = argument(arguments, 1);
        if !value.is_null() {
            self.values.push(value.real().ok_or_else(|| unexpected(value))?);
        }
        Ok(())
    }
    fn value(&self, _: &dyn Context) -> Result<StoredValue> {
        let (Some(fractions), false) = (&self.fractions, self.values.is_empty()) else {
            return Ok(StoredValue::Null);
        };
        let mut values = self.values.clone();
        values.sort_by(f64::total_cmp);
        if self.descending {
            values.reverse();
        }
        fractions.answer(Encoding::Real, &|fraction| {
            let (low, high, part) = between(fraction, values.len());
            let (low, high) = (values[low], values[high]);
            float::stored(if part == 0.0 { low } else { low + part * (high - low) })
        })
    }
}

/// percentile_cont over intervals.
#[derive(Default)]
struct Intervals {
    fractions: Option<Fractions>,
    descending: bool,
    values: Vec<Interval>,
}

impl Accumulator for Intervals {
    fn step(&mut self, arguments: &[Stored<'_>], _: &dyn Context) -> Result<()> {
        if self.values.is_empty() {
            self.fractions = Fractions::read(argument(arguments, 0))?;
            self.descending = descends(argument(arguments, 2));
        }
        match argument(arguments, 1) {
            Stored::Null => {}
            Stored::Text(text) => self.values.push(Interval::stored(text)?),
            other => return Err(unexpected(other)),
        }
        Ok(())
    }
    fn value(&self, _: &dyn Context) -> Result<StoredValue> {
        let (Some(fractions), false) = (&self.fractions, self.values.is_empty()) else {
            return Ok(StoredValue::Null);
        };
        let mut values = self.values.clone();
        values.sort_by(Interval::compare);
        if self.descending {
            values.reverse();
        }
        fractions.answer(Encoding::Text, &|fraction| {
            let (low, high, part) = between(fraction, values.len());
            let (low, high) = (values[low], values[high]);
            if part == 0.0 {
                return Ok(low.to_text().into());
            }
            let distance = arithmetic::multiply(high.add(low.negated()?)?, part)?;
            Ok(distance.add(low)?.to_text().into())
        })
    }
}

/// The types of a signature, the result's last.
fn signature(arguments: &[Stored<'_>]) -> Result<Vec<Oid>> {
    let broken = || DatabaseError::internal("a typed aggregate was called without its signature");
    let Stored::Text(signature) = argument(arguments, 0) else { return Err(broken()) };
    signature.split(',').map(|ty| ty.trim().parse().map_err(|_| broken())).collect()
}

/// percentile_disc and mode over any type.
struct Discrete {
    mode: bool,
    ty: Oid,
    fractions: Option<Fractions>,
    descending: bool,
    values: Vec<StoredValue>,
}

impl Discrete {
    fn boxed(mode: bool) -> Box<dyn Accumulator> {
        Box::new(Discrete { mode, ty: 0, fractions: None, descending: false, values: Vec::new() })
    }
}

impl Accumulator for Discrete {
    fn step(&mut self, arguments: &[Stored<'_>], _: &dyn Context) -> Result<()> {
        let position = usize::from(!self.mode);
        if self.ty == 0 {
            let types = signature(arguments)?;
            self.ty = types.get(position).copied().ok_or_else(|| DatabaseError::internal("signature"))?;
            if !self.mode {
                self.fractions = Fractions::read(argument(arguments, 1))?;
            }
            self.descending = descends(argument(arguments, 2 + position));
        }
        let value = argument(arguments, 1 + position);
        if !value.is_null() {
            self.values.push(value.to_owned());
        }
        Ok(())
    }
    fn value(&self, context: &dyn Context) -> Result<StoredValue> {
        let order = |left: &StoredValue, right: &StoredValue| {
            let order = comparison::stored(self.ty, left.borrow(), right.borrow(), context.types());
            if self.descending { order.reverse() } else { order }
        };
        let mut values: Vec<&StoredValue> = self.values.iter().collect();
        values.sort_by(|left, right| order(left, right));
        if values.is_empty() || (!self.mode && self.fractions.is_none()) {
            return Ok(StoredValue::Null);
        }
        if let Some(fractions) = &self.fractions {
            return fractions.answer(encoding(self.ty, context.types())?, &|fraction| {
                let row = (fraction * values.len() as f64).ceil().max(1.0) as usize;
                Ok(values[row.min(values.len()) - 1].clone())
            });
        }
        let (mut best, mut best_count, mut start) = (0, 0, 0);
        for at in 1..=values.len() {
            if at == values.len() || order(values[start], values[at]).is_ne() {
                if at - start > best_count {
                    (best, best_count) = (start, at - start);
                }
                start = at;
            }
        }
        Ok(values[best].clone())
    }
}

/// Which hypothetical-set aggregate.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    Rank,
    DenseRank,
    PercentRank,
    CumulativeShare,
}

/// rank and its kin: where a row would stand among the others.
struct Hypothetical {
    place: Place,
    types: Vec<Oid>,
    order: String,
    rows: u64,
    before: u64,
    equal: u64,
    /// The rows before it, for dense_rank.
    distinct: Vec<Vec<StoredValue>>,
}

impl Hypothetical {
    fn boxed(place: Place) -> Box<dyn Accumulator> {
        Box::new(Hypothetical {
            place,
            types: Vec::new(),
            order: String::new(),
            rows: 0,
            before: 0,
            equal: 0,
            distinct: Vec::new(),
        })
    }

    fn compare<'v>(
        &self,
        left: impl Iterator<Item = Stored<'v>>,
        right: impl Iterator<Item = Stored<'v>>,
        context: &dyn Context,
    ) -> Ordering {
        let letters = self.order.as_bytes().chunks(2);
        let keys = left.zip(right).zip(&self.types).zip(letters);
        for (((left, right), ty), letters) in keys {
            let (descending, nulls_first) = (letters[0] == b'd', letters.get(1) == Some(&b'f'));
            let order = match (left.is_null(), right.is_null()) {
                (true, true) => Ordering::Equal,
                (true, false) => {
                    if nulls_first {
                        Ordering::Less
                    } else {
                        Ordering::Greater
                    }
                }
                (false, true) => {
                    if nulls_first {
                        Ordering::Greater
                    } else {
                        Ordering::Less
                    }
                }
                (false, false) => {
                    let order = comparison::stored(*ty, left, right, context.types());
                    if descending { order.reverse() } else { order }
                }
            };
            if order.is_ne() {
                return order;
            }
        }
        Ordering::Equal
    }
}

impl Accumulator for Hypothetical {
    fn step(&mut self, arguments: &[Stored<'_>], context: &dyn Context) -> Result<()> {
        let types = signature(arguments)?;
        let count = (types.len() - 1) / 2;
        if self.types.is_empty() {
            self.types = types[count..2 * count].to_vec();
            if let Stored::Text(order) = argument(arguments, 1 + 2 * count) {
                order.clone_into(&mut self.order);
            }
        }
        let given = (0..count).map(|at| argument(arguments, 1 + at));
        let row = (0..count).map(|at| argument(arguments, 1 + count + at));
        self.rows += 1;
        match self.compare(row.clone(), given, context) {
            Ordering::Less => {
                self.before += 1;
                if self.place == Place::DenseRank {
                    self.distinct.push(row.map(|value| value.to_owned()).collect());
                }
            }
            Ordering::Equal => self.equal += 1,
            Ordering::Greater => {}
        }
        Ok(())
    }
    fn value(&self, context: &dyn Context) -> Result<StoredValue> {
        let rank = self.before as f64;
        Ok(match self.place {
            Place::Rank => StoredValue::Integer(self.before as i64 + 1),
            Place::PercentRank if self.rows == 0 => float::stored(0.0)?,
            Place::PercentRank => float::stored(rank / self.rows as f64)?,
            Place::CumulativeShare => {
                float::stored((rank + self.equal as f64 + 1.0) / (self.rows as f64 + 1.0))?
            }
            Place::DenseRank => {
                let mut rows: Vec<&Vec<StoredValue>> = self.distinct.iter().collect();
                let compare = |left: &Vec<StoredValue>, right: &Vec<StoredValue>| {
                    let (left, right) =
                        (left.iter().map(StoredValue::borrow), right.iter().map(StoredValue::borrow));
                    self.compare(left, right, context)
                };
                rows.sort_by(|left, right| compare(left, right));
                rows.dedup_by(|left, right| compare(left, right).is_eq());
                StoredValue::Integer(rows.len() as i64 + 1)
            }
        })
    }
}

pub(super) static AGGREGATES: &[Aggregate] = &[
    plain("percentile_cont_float8_float8", || Box::new(Continuous::default())),
    plain("percentile_cont__float8_float8", || Box::new(Continuous::default())),
    plain("percentile_cont_float8_interval", || Box::new(Intervals::default())),
    plain("percentile_cont__float8_interval", || Box::new(Intervals::default())),
    typed("percentile_disc_float8_anyelement", || Discrete::boxed(false)),
    typed("percentile_disc__float8_anyelement", || Discrete::boxed(false)),
    typed("mode_anyelement", || Discrete::boxed(true)),
    typed("rank_any", || Hypothetical::boxed(Place::Rank)),
    typed("dense_rank_any", || Hypothetical::boxed(Place::DenseRank)),
    typed("percent_rank_any", || Hypothetical::boxed(Place::PercentRank)),
    typed("cume_dist_any", || Hypothetical::boxed(Place::CumulativeShare)),
];
