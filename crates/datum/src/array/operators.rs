//! `@>`, `<@` and `&&` of arrays: element sets, whatever the dimensions; NULL equals nothing.

use super::functions::{Typed, argument};
use crate::functions::comparison;
use crate::registry::{Call, Function, immutable};
use crate::value::StoredValue;
use sqlstate::Result;
use std::collections::HashSet;

/// Whether `wanted` occurs among the elements.
fn has(of: &Typed, wanted: &StoredValue, call: &Call<'_>) -> bool {
    !wanted.is_null()
        && of.array.elements.iter().any(|value| {
            !value.is_null()
                && comparison::stored(of.element, value.borrow(), wanted.borrow(), call.context.types())
                    .is_eq()
        })
}

/// Whether all elements of the second occur in the first.
fn contains(call: &Call<'_>, container: usize, contained: usize) -> Result<bool> {
    let (container, contained) = (argument(call, container)?, argument(call, contained)?);
    // Long arrays of integers or plain text would be quadratic.
    if container.array.elements.len() > 16
        && container.encoding != super::Encoding::Real
        && crate::collate::order(container.element, call.context.types()).is_none()
    {
        let set: HashSet<String> = container
            .array
            .elements
            .iter()
            .filter(|value| !value.is_null())
            .map(|value| format!("{value:?}"))
            .collect();
        return Ok(contained.array.elements.iter().all(|value| set.contains(&format!("{value:?}"))));
    }
    Ok(contained.array.elements.iter().all(|wanted| has(&container, wanted, call)))
}

fn overlap(call: &mut Call<'_>) -> Result<StoredValue> {
    let (left, right) = (argument(call, 0)?, argument(call, 1)?);
    Ok(right.array.elements.iter().any(|wanted| has(&left, wanted, call)).into())
}

pub(crate) static FUNCTIONS: &[Function] = &[
    immutable("arraycontains", |call| Ok(contains(call, 0, 1)?.into())).typed(),
    immutable("arraycontained", |call| Ok(contains(call, 1, 0)?.into())).typed(),
    immutable("arrayoverlap", overlap).typed(),
];
