//! The functions and operators of tsquery, and `@@`.

use super::config::Config;
use super::document;
use super::matching::matches;
use super::parsing::{Reading, read};
use super::query::{Operator, Query};
use super::syntax;
use super::vectors::vector;
use crate::registry::{Call, Function, immutable, stable};
use crate::value::StoredValue;
use sqlstate::Result;
use std::cmp::Ordering;
use std::collections::BTreeSet;

/// A tsquery argument.
pub(super) fn query(call: &Call<'_>, at: usize) -> Result<Query> {
    Query::stored(call.text(at)?)
}

/// A tsquery as result.
pub(super) fn result(query: &Query) -> Result<StoredValue> {
    Ok(query.to_stored().into())
}

fn order(call: &Call<'_>) -> Result<Ordering> {
    Ok(super::compare_queries(call.text(0)?, call.text(1)?))
}

fn join(call: &Call<'_>, operator: Operator, distance: i16) -> Result<StoredValue> {
    result(&query(call, 0)?.join(query(call, 1)?, operator, distance)?)
}

/// Whether the lexemes of the query at one place are all among those of the other's.
fn contains(call: &Call<'_>, outer: usize, inner: usize) -> Result<StoredValue> {
    let (outer, inner) = (query(call, outer)?, query(call, inner)?);
    let words: BTreeSet<&str> = outer.operands().map(|operand| operand.word.as_str()).collect();
    let all = inner.operands().all(|operand| words.contains(operand.word.as_str()));
    Ok(all.into())
}

fn querytree(call: &mut Call<'_>) -> Result<StoredValue> {
    let query = query(call, 0)?;
    if query.items.is_empty() {
        return Ok("".into());
    }
    Ok(query.searchable().map_or_else(|| "T".into(), |query| query.to_text().into()))
}

pub(super) static FUNCTIONS: &[Function] = &[
    immutable("tsquery_eq", |call| Ok(order(call)?.is_eq().into())),
    immutable("tsquery_ne", |call| Ok(order(call)?.is_ne().into())),
    immutable("tsquery_lt", |call| Ok(order(call)?.is_lt().into())),
    immutable("tsquery_le", |call| Ok(order(call)?.is_le().into())),
    immutable("tsquery_gt", |call| Ok(order(call)?.is_gt().into())),
    immutable("tsquery_ge", |call| Ok(order(call)?.is_ge().into())),
    immutable("tsquery_cmp", |call| Ok((order(call)? as i64).into())),
    immutable("tsquery_numnode", |call| Ok((query(call, 0)?.items.len() as i64).into())),
    immutable("tsquery_and", |call| join(call, Operator::And, 0)),
    immutable("tsquery_or", |call| join(call, Operator::Or, 0)),
    immutable("tsquery_phrase", |call| join(call, Operator::Phrase, 1)),
    immutable("tsquery_phrase_distance", |call| {
        let distance = syntax::distance(call.int(2)?)?;
        join(call, Operator::Phrase, distance)
    }),
    immutable("tsquery_not", |call| result(&query(call, 0)?.negated()?)),
    immutable("tsq_mcontains", |call| contains(call, 0, 1)),
    immutable("tsq_mcontained", |call| contains(call, 1, 0)),
    immutable("tsquerytree", querytree),
    immutable("ts_match_vq", |call| Ok(matches(&query(call, 1)?, &vector(call, 0)?).into())),
    immutable("ts_match_qv", |call| Ok(matches(&query(call, 0)?, &vector(call, 1)?).into())),
    stable("ts_match_tq", |call| {
        let config = Config::current(call.context)?;
        let vector = document::of_text(call.text(0)?, config, call.context)?;
        Ok(matches(&query(call, 1)?, &vector).into())
    }),
    stable("ts_match_tt", |call| {
        let config = Config::current(call.context)?;
        let vector = document::of_text(call.text(0)?, config, call.context)?;
        let query = read(call.text(1)?, Reading::Plain, config, call.context)?;
        Ok(matches(&query, &vector).into())
    }),
];
