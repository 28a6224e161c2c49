//! Functions on arrays: lengths, building, searching, text.

use super::{Array, Encoding};
use crate::collate::Order;
use crate::context::Context;
use crate::functions::comparison;
use crate::registry::{Call, Function, immutable, stable};
use crate::types::{self, element_of, encoding};
use crate::value::{Oid, Stored, StoredValue};
use sqlstate::{
    ARRAY_SUBSCRIPT_ERROR, DATA_EXCEPTION, DatabaseError, FEATURE_NOT_SUPPORTED, NULL_VALUE_NOT_ALLOWED,
    PROGRAM_LIMIT_EXCEEDED, Result,
};

/// An array argument with its element type.
pub(super) struct Typed {
    pub(super) array: Array,
    pub(super) element: Oid,
    pub(super) encoding: Encoding,
}

/// The array argument at a position; NULL is empty.
pub(super) fn argument(call: &Call<'_>, at: usize) -> Result<Typed> {
    let types = call.context.types();
    let element = element_of(call.type_of(at)?, types)?;
    let encoding = encoding(element, types)?;
    let array = match call.stored(at) {
        Stored::Null => Array::default(),
        _ => Array::stored(call.text(at)?, encoding)?,
    };
    Ok(Typed { array, element, encoding })
}

/// The place of a dimension, counted from 1, that the array has.
fn dimension(array: &Array, number: i64) -> Option<usize> {
    usize::try_from(number.checked_sub(1)?).ok().filter(|at| *at < array.lengths.len())
}

/// The lengths of the dimensions, whatever the elements are.
fn shape_of(call: &Call<'_>) -> Result<Array> {
    Ok(argument(call, 0)?.array)
}

fn one_dimensional() -> DatabaseError {
    DatabaseError::new(DATA_EXCEPTION, "argument must be empty or one-dimensional array")
}

fn append(call: &mut Call<'_>) -> Result<StoredValue> {
    let Typed { mut array, encoding, .. } = argument(call, 0)?;
    if array.lengths.len() > 1 {
        return Err(one_dimensional());
    }
    array.elements.push(call.stored(1).to_owned());
    Array::of(array.elements).with_lower(array.lower)?.to_stored(encoding)
}

fn prepend(call: &mut Call<'_>) -> Result<StoredValue> {
    let Typed { mut array, encoding, .. } = argument(call, 1)?;
    if array.lengths.len() > 1 {
        return Err(one_dimensional());
    }
    array.elements.insert(0, call.stored(0).to_owned());
    Array::of(array.elements).with_lower(array.lower)?.to_stored(encoding)
}

fn cat(call: &mut Call<'_>) -> Result<StoredValue> {
    match (call.is_null(0), call.is_null(1)) {
        (true, _) => return Ok(call.stored(1).to_owned()),
        (_, true) => return Ok(call.stored(0).to_owned()),
        _ => {}
    }
    let (left, right) = (argument(call, 0)?, argument(call, 1)?);
    let encoding = left.encoding;
    let (mut left, right) = (left.array, right.array);
    if left.lengths.is_empty() {
        return right.to_stored(encoding);
    }
    if right.lengths.is_empty() {
        return left.to_stored(encoding);
    }
    let incompatible = |detail: String| {
        DatabaseError::new(ARRAY_SUBSCRIPT_ERROR, "cannot concatenate incompatible arrays")
            .with_detail(detail)
    };
    let element_mismatch = || {
        incompatible(
            "Arrays with differing element dimensions are not compatible for concatenation.".to_owned(),
        )
    };
    let lower = if right.lengths.len() > left.lengths.len() { &right.lower } else { &left.lower }.clone();
    let lengths = match left.lengths.len() as i64 - right.lengths.len() as i64 {
        0 => {
            if left.lengths[1..] != right.lengths[1..] {
                return Err(element_mismatch());
            }
            let mut lengths = left.lengths.clone();
            lengths[0] += right.lengths[0];
            lengths
        }
        1 => {
            if left.lengths[1..] != right.lengths[..] {
                return Err(incompatible(
                    "Arrays with differing dimensions are not compatible for concatenation.".to_owned(),
                ));
            }
            let mut lengths = left.lengths.clone();
            lengths[0] += 1;
            lengths
        }
        -1 => {
            if right.lengths[1..] != left.lengths[..] {
                return Err(incompatible(
                    "Arrays with differing dimensions are not compatible for concatenation.".to_owned(),
                ));
            }
            let mut lengths = right.lengths.clone();
            lengths[0] += 1;
            lengths
        }
        _ => {
            return Err(incompatible(format!(
                "Arrays of {} and {} dimensions are not compatible for concatenation.",
                left.lengths.len(),
                right.lengths.len()
            )));
        }
    };
    left.elements.extend(right.elements);
    Array { lengths, lower: Vec::new(), elements: left.elements }.with_lower(lower)?.to_stored(encoding)
}

/// Equality of elements where NULL equals NULL.
fn same(element: Oid, left: Stored<'_>, right: Stored<'_>, context: &dyn Context) -> bool {
    comparison::stored(element, left, right, context.types()).is_eq()
}

fn remove(call: &mut Call<'_>) -> Result<StoredValue> {
    if call.is_null(0) {
        return Ok(StoredValue::Null);
    }
    let Typed { array, element, encoding } = argument(call, 0)?;
    if array.lengths.len() > 1 {
        return Err(DatabaseError::new(
            FEATURE_NOT_SUPPORTED,
            "removing elements from multidimensional arrays is not supported",
        ));
    }
    let wanted = call.stored(1);
    let kept =
        array.elements.into_iter().filter(|value| !same(element, value.borrow(), wanted, call.context));
    Array::of(kept.collect()).with_lower(array.lower)?.to_stored(encoding)
}

fn replace(call: &mut Call<'_>) -> Result<StoredValue> {
    if call.is_null(0) {
        return Ok(StoredValue::Null);
    }
    let Typed { mut array, element, encoding } = argument(call, 0)?;
    for value in &mut array.elements {
        if same(element, value.borrow(), call.stored(1), call.context) {
            *value = call.stored(2).to_owned();
        }
    }
    array.to_stored(encoding)
}

fn search_one_dimension(array: &Array) -> Result<()> {
    if array.lengths.len() > 1 {
        return Err(DatabaseError::new(
            FEATURE_NOT_SUPPORTED,
            "searching for elements in multidimensional arrays is not supported",
        ));
    }
    Ok(())
}

fn position(call: &mut Call<'_>) -> Result<StoredValue> {
    if call.is_null(0) {
        return Ok(StoredValue::Null);
    }
    let Typed { array, element, .. } = argument(call, 0)?;
    search_one_dimension(&array)?;
    let start = if call.count() > 2 {
        if call.is_null(2) {
            return Err(DatabaseError::new(NULL_VALUE_NOT_ALLOWED, "initial position must not be null"));
        }
        call.int(2)?
    } else {
        i64::MIN
    };
    let lower = array.lower(0);
    let wanted = call.stored(1);
    let found = array
        .elements
        .iter()
        .enumerate()
        .filter(|(at, _)| *at as i64 + lower >= start)
        .find(|(_, value)| same(element, value.borrow(), wanted, call.context));
    Ok(found.map(|(at, _)| at as i64 + lower).into())
}

fn positions(call: &mut Call<'_>) -> Result<StoredValue> {
    if call.is_null(0) {
        return Ok(StoredValue::Null);
    }
    let Typed { array, element, .. } = argument(call, 0)?;
    search_one_dimension(&array)?;
    let wanted = call.stored(1);
    let lower = array.lower(0);
    let found = array
        .elements
        .iter()
        .enumerate()
        .filter(|(_, value)| same(element, value.borrow(), wanted, call.context))
        .map(|(at, _)| StoredValue::from(at as i64 + lower));
    Array::of(found.collect()).to_stored(Encoding::Integer)
}

fn to_text(call: &Call<'_>, null: Option<&str>) -> Result<StoredValue> {
    let Typed { array, element, .. } = argument(call, 0)?;
    let separator = call.text(1)?;
    let mut out = String::new();
    let mut first = true;
    for value in &array.elements {
        if value.is_null() && null.is_none() {
            continue;
        }
        if !std::mem::take(&mut first) {
            out.push_str(separator);
        }
        match (value, null) {
            (StoredValue::Null, null) => out.push_str(null.unwrap_or("")),
            (value, _) => types::output(element, -1, value.borrow(), call.context, &mut out)?,
        }
    }
    Ok(out.into())
}

fn to_text_null(call: &mut Call<'_>) -> Result<StoredValue> {
    if call.is_null(0) || call.is_null(1) {
        return Ok(StoredValue::Null);
    }
    let null = if call.is_null(2) { None } else { Some(call.text(2)?) };
    to_text(call, null)
}

/// The parts of a text between delimiters; characters for a NULL delimiter; parts equal to `null` are NULL.
pub(super) fn split(call: &Call<'_>) -> Result<Option<Vec<StoredValue>>> {
    if call.is_null(0) {
        return Ok(None);
    }
    let text = call.text(0)?;
    let null = if call.is_null(2) { None } else { Some(call.text(2)?) };
    let part = |part: &str| if Some(part) == null { StoredValue::Null } else { part.into() };
    if text.is_empty() {
        return Ok(Some(Vec::new()));
    }
    Ok(Some(match call.stored(1) {
        Stored::Null => {
            let mut buffer = [0u8; 4];
            text.chars().map(|c| part(c.encode_utf8(&mut buffer))).collect()
        }
        _ => match call.text(1)? {
            "" => vec![part(text)],
            delimiter => text.split(delimiter).map(part).collect(),
        },
    }))
}

fn from_text(call: &mut Call<'_>) -> Result<StoredValue> {
    match split(call)? {
        None => Ok(StoredValue::Null),
        Some(parts) => Array::of(parts).to_stored(Encoding::Text),
    }
}

fn fill(call: &mut Call<'_>) -> Result<StoredValue> {
    let null = |message: &str| DatabaseError::new(NULL_VALUE_NOT_ALLOWED, message);
    if call.is_null(1) || (call.count() > 2 && call.is_null(2)) {
        return Err(null("dimension array or low bound array cannot be null"));
    }
    let types = call.context.types();
    let encoding = encoding(element_of(call.result_type()?, types)?, types)?;
    let wrong = |detail: &str| {
        DatabaseError::new(ARRAY_SUBSCRIPT_ERROR, "wrong number of array subscripts").with_detail(detail)
    };
    let numbers = |at: usize| -> Result<Vec<i64>> {
        let array = Array::stored(call.text(at)?, Encoding::Integer)?;
        if array.lengths.len() > 1 {
            return Err(wrong("Dimension array must be one dimensional."));
        }
        let numbers = array.elements.iter().map(|element| match element {
            StoredValue::Integer(number) => Ok(*number),
            _ => Err(null("dimension values cannot be null")),
        });
        numbers.collect()
    };
    let lengths = numbers(1)?;
    if lengths.len() > super::MAX_DIMENSIONS {
        return Err(super::too_many_dimensions(lengths.len()));
    }
    let mut lower = Vec::new();
    if call.count() > 2 {
        lower = numbers(2)?;
        if lower.len() != lengths.len() {
            return Err(wrong("Low bound array has different size than dimensions array."));
        }
    }
    let too_large =
        || DatabaseError::new(PROGRAM_LIMIT_EXCEEDED, "array size exceeds the maximum allowed (134217727)");
    let dimensions: Vec<usize> = lengths
        .iter()
        .map(|length| usize::try_from(*length).map_err(|_| too_large()))
        .collect::<Result<_>>()?;
    let total = dimensions.iter().try_fold(1usize, |total, length| total.checked_mul(*length));
    let total = total.filter(|total| *total <= 134_217_727).ok_or_else(too_large)?;
    if total > 1 << 20 {
        return Err(DatabaseError::unsupported("an array this long"));
    }
    if total == 0 || dimensions.is_empty() {
        return Array::default().to_stored(encoding);
    }
    let elements = vec![call.stored(0).to_owned(); total];
    Array { lengths: dimensions, lower: Vec::new(), elements }.with_lower(lower)?.to_stored(encoding)
}

fn trim(call: &mut Call<'_>) -> Result<StoredValue> {
    let Typed { mut array, encoding, .. } = argument(call, 0)?;
    let length = array.lengths.first().copied().unwrap_or(0);
    let count = call.int(1)?;
    if count < 0 || count as usize > length {
        return Err(DatabaseError::new(
            sqlstate::ARRAY_ELEMENT_ERROR,
            format!("number of elements to trim must be between 0 and {length}"),
        ));
    }
    if length == 0 {
        return array.to_stored(encoding);
    }
    array.lower.clear();
    let kept = length - count as usize;
    let each = array.elements.len() / length;
    array.elements.truncate(kept * each);
    array.lengths[0] = kept;
    if kept == 0 {
        array.lengths.clear();
    }
    array.to_stored(encoding)
}

fn dimensions(call: &mut Call<'_>) -> Result<StoredValue> {
    let array = shape_of(call)?;
    if array.lengths.is_empty() {
        return Ok(StoredValue::Null);
    }
    let mut out = String::new();
    super::literal::dimensions(&array, &mut out);
    Ok(out.into())
}

/// Into which of the buckets between sorted thresholds a value falls.
fn width_bucket(call: &mut Call<'_>) -> Result<StoredValue> {
    let Typed { array, element, .. } = argument(call, 1)?;
    if array.lengths.len() > 1 {
        return Err(DatabaseError::new(ARRAY_SUBSCRIPT_ERROR, "thresholds must be one-dimensional array"));
    }
    if array.elements.iter().any(StoredValue::is_null) {
        return Err(DatabaseError::new(NULL_VALUE_NOT_ALLOWED, "thresholds array must not contain NULLs"));
    }
    let value = call.stored(0);
    let below = array.elements.partition_point(|threshold| {
        comparison::stored(element, threshold.borrow(), value, call.context.types()).is_le()
    });
    Ok(below.into())
}

fn larger(call: &Call<'_>, larger: bool) -> Result<StoredValue> {
    let order = crate::collate::order(call.type_of(0)?, call.context.types()).unwrap_or(Order::Bytes);
    let (left, right) = (call.text(0)?, call.text(1)?);
    let order = order.compare(left, right);
    Ok(if order.is_gt() == larger { left } else { right }.into())
}

pub(crate) static FUNCTIONS: &[Function] = &[
    immutable("array_append", append).typed().lenient(),
    immutable("array_prepend", prepend).typed().lenient(),
    immutable("array_cat", cat).typed().lenient(),
    immutable("array_remove", remove).typed().lenient(),
    immutable("array_replace", replace).typed().lenient(),
    immutable("array_position", position).typed().lenient(),
    immutable("array_position_start", position).typed().lenient(),
    immutable("array_positions", positions).typed().lenient(),
    immutable("array_length", |call| {
        let array = shape_of(call)?;
        Ok(dimension(&array, call.int(1)?).map(|at| array.lengths[at] as i64).into())
    })
    .typed(),
    immutable("array_upper", |call| {
        let array = shape_of(call)?;
        Ok(dimension(&array, call.int(1)?).map(|at| array.upper(at)).into())
    })
    .typed(),
    immutable("array_lower", |call| {
        let array = shape_of(call)?;
        Ok(dimension(&array, call.int(1)?).map(|at| array.lower(at)).into())
    })
    .typed(),
    immutable("array_ndims", |call| {
        let count = shape_of(call)?.lengths.len() as i64;
        Ok(Some(count).filter(|count| *count > 0).into())
    })
    .typed(),
    immutable("array_dims", dimensions).typed(),
    immutable("array_cardinality", |call| Ok(shape_of(call)?.elements.len().into())).typed(),
    stable("array_to_text", |call| to_text(call, None)).typed(),
    stable("array_to_text_null", to_text_null).typed().lenient(),
    immutable("text_to_array", from_text).lenient(),
    immutable("text_to_array_null", from_text).lenient(),
    immutable("array_fill", fill).typed().lenient(),
    immutable("array_fill_with_lower_bounds", fill).typed().lenient(),
    immutable("trim_array", trim).typed(),
    immutable("width_bucket_array", width_bucket).typed(),
    immutable("array_larger", |call| larger(call, true)).typed(),
    immutable("array_smaller", |call| larger(call, false)).typed(),
];
