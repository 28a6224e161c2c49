//! Arrays as rows.

use super::functions::{argument, split};
use crate::registry::{Call, Rows, SetFunction};
use crate::value::StoredValue;
use sqlstate::Result;

fn unnest(call: &mut Call<'_>) -> Result<Rows> {
    let array = argument(call, 0)?.array;
    Ok(Box::new(array.elements.into_iter().map(|value| Ok(vec![value]))))
}

fn subscripts(call: &mut Call<'_>) -> Result<Rows> {
    let array = argument(call, 0)?.array;
    let dimension = call.int(1)?;
    let reverse = call.count() > 2 && call.bool(2)?;
    let Some(at) = usize::try_from(dimension - 1).ok().filter(|at| *at < array.lengths.len()) else {
        return Ok(Box::new(std::iter::empty()));
    };
    let (lower, upper) = (array.lower(at), array.upper(at));
    Ok(Box::new(
        (lower..=upper)
            .map(move |at| Ok(vec![StoredValue::Integer(if reverse { lower + upper - at } else { at })])),
    ))
}

fn table(call: &mut Call<'_>) -> Result<Rows> {
    let parts = split(call)?.unwrap_or_default();
    Ok(Box::new(parts.into_iter().map(|value| Ok(vec![value]))))
}

pub(crate) static FUNCTIONS: &[SetFunction] = &[
    SetFunction::immutable("array_unnest", 1, unnest).typed(),
    SetFunction::immutable("generate_subscripts", 1, subscripts).typed(),
    SetFunction::immutable("generate_subscripts_nodir", 1, subscripts).typed(),
    SetFunction::immutable("text_to_table", 1, table).lenient(),
    SetFunction::immutable("text_to_table_null", 1, table).lenient(),
];
