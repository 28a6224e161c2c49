//! The functions that the compiler calls for syntax, where PostgreSQL has an expression node and no function.
//!
//! All are typed (the signature comes first) unless said otherwise. `S` below stands for the signature.
//!
//! | call | means |
//! |---|---|
//! | `type_input(S, text, typmod)` | the input function of the result type on a text value |
//! | `type_output(S, value, typmod)` | the output function of the argument's type; the typmod is of no account |
//! | `cast_io(S, value)` | a cast by output and input (`castmethod` i) |
//! | `array(S, e1, e2 …)` | `ARRAY[e1, e2 …]`; elements that are arrays themselves make one more dimension |
//! | `array_map(S, array, prosrc)` | an array cast: the cast function for each element; `'io'` is by input and output, `''` changes only the type |
//! | `array_map(S, array, prosrc, typmod, explicit)` | an array's length coercion: the function with these arguments for each element |
//! | `array_subscript(S, array, i, j …)` | `a[i][j]` |
//! | `array_slice(S, array, lower, upper …)` | `a[l:u]`, the empty text for an omitted bound |
//! | `array_assign(S, array, value, i …)` | the array with `a[i] = value` |
//! | `array_assign_slice(S, array, source, lower, upper …)` | the array with `a[l:u] = source`, the empty text for an omitted bound |
//! | `any_of(S, prosrc, left, array)` | `left op ANY (array)`; S: left, array, bool; prosrc of the operator's function |
//! | `all_of(S, prosrc, left, array)` | `left op ALL (array)` |
//! | `variadic(S, a1, …, array, prosrc)` | a function of VARIADIC "any" with the array's elements as its last arguments |
//! | `row(S, f1, f2 …)` | a composite value of the result type from its fields |
//! | `row_field(S, row, n)` | field n (from 0) of a composite value, or of a record |
//! | `record(shape, f1, f2 …)` | untyped: a record; shape as below, each field with its collation as the fourth element |
//! | `record_of(shape, row)` | untyped: a composite value as a record |
//! | `row_null(row, skipped, not)` | untyped: `row IS [NOT] NULL`; skipped is 1 for a record, whose first element is its shape |
//! | `row_to_json_shape(shape, f1, f2 …)` | untyped: `row_to_json` of a record; shape is a JSON text constant `[["name", oid, typmod], …]` |
//! | `to_jsonb_shape(shape, f1, f2 …)` | untyped: `to_jsonb` of a record |
//! | `greatest(S, …)`, `least(S, …)` | GREATEST, LEAST: NULLs ignored, PostgreSQL's comparison of the result type |
//! | `fail(sqlstate, message[, schema, type[, constraint]])` | untyped: raises that error |
//!
//! Aggregates of records: `json_agg_shape(shape, f1, …)` and `jsonb_agg_shape(shape, f1, …)`, untyped. A NULL row (outer join)
//! is passed with shape NULL.

use crate::array::{Array, Encoding, decode, encode, read_bounds, split_bounds};
use crate::context::{Context, Field};
use crate::functions::comparison;
use crate::json::scan;
use crate::registry::{Call, Function, function, immutable, stable};
use crate::types::{self, element_of, encoding};
use crate::value::{Oid, Stored, StoredValue};
use crate::{composite, json, record};
use sqlstate::{ARRAY_SUBSCRIPT_ERROR, DatabaseError, Result, SqlState};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

fn type_input(call: &mut Call<'_>) -> Result<StoredValue> {
    types::input(call.result_type()?, call.int(1)? as i32, call.text(0)?, call.context)
}

fn type_output(call: &mut Call<'_>) -> Result<StoredValue> {
    let mut out = String::new();
    types::output(call.type_of(0)?, call.int(1)? as i32, call.stored(0), call.context, &mut out)?;
    Ok(out.into())
}

fn cast_io(call: &mut Call<'_>) -> Result<StoredValue> {
    convert_io(call.type_of(0)?, call.result_type()?, call.stored(0), call.context)
}

/// A cast by output and input.
fn convert_io(from: Oid, to: Oid, value: Stored<'_>, context: &dyn Context) -> Result<StoredValue> {
    types::input(to, -1, &types::to_text(from, value, context)?, context)
}

fn array(call: &mut Call<'_>) -> Result<StoredValue> {
    let types = call.context.types();
    let encoding = encoding(element_of(call.result_type()?, types)?, types)?;
    let mut out = Array::default();
    let mut inner: Option<Vec<usize>> = None;
    for at in 0..call.count() {
        if !matches!(types::kind(call.type_of(at)?, types)?, types::Kind::Array(_)) {
            out.elements.push(call.stored(at).to_owned());
            continue;
        }
        // NULL and empty sub-arrays count as empty ones.
        let part = match call.stored(at) {
            Stored::Null => Array::default(),
            _ => Array::stored(call.text(at)?, encoding)?,
        };
        match &inner {
            None => inner = Some(part.lengths),
            Some(lengths) if *lengths != part.lengths => {
                return Err(DatabaseError::new(
                    ARRAY_SUBSCRIPT_ERROR,
                    "multidimensional arrays must have array expressions with matching dimensions",
                ));
            }
            Some(_) => {}
        }
        out.elements.extend(part.elements);
    }
    if !out.elements.is_empty() {
        out.lengths.push(call.count());
        out.lengths.extend(inner.unwrap_or_default());
        if out.lengths.len() > 6 {
            return Err(crate::array::too_many_dimensions(out.lengths.len()));
        }
    }
    out.to_stored(encoding)
}

fn array_map(call: &mut Call<'_>) -> Result<StoredValue> {
    let types = call.context.types();
    let (from, to) = (element_of(call.type_of(0)?, types)?, element_of(call.result_type()?, types)?);
    let mut array = Array::stored(call.text(0)?, encoding(from, types)?)?;
    let name = call.text(1)?;
    let signature = format!("{from},{to}");
    let code = match name {
        "" | "io" => None,
        name => {
            Some(function(name).ok_or_else(|| DatabaseError::unsupported(format_args!("function {name}")))?)
        }
    };
    for element in &mut array.elements {
        if element.is_null() || name.is_empty() {
            continue;
        }
        *element = match code {
            None => convert_io(from, to, element.borrow(), call.context)?,
            Some(code) => {
                let mut arguments = Vec::with_capacity(4);
                if code.typed {
                    arguments.push(Stored::Text(&signature));
                }
                arguments.push(element.borrow());
                arguments.extend((2..call.count()).map(|at| call.stored(at)));
                code.invoke(&arguments, call.context)?
            }
        };
    }
    array.to_stored(encoding(to, types)?)
}

fn array_subscript(call: &mut Call<'_>) -> Result<StoredValue> {
    let types = call.context.types();
    let encoding = encoding(element_of(call.type_of(0)?, types)?, types)?;
    let (bounds, mut text) = split_bounds(call.text(0)?);
    let lower = read_bounds(bounds);
    for at in 1..call.count() {
        // Fewer subscripts than dimensions, or more, is NULL.
        let nested = text.starts_with('[');
        let first = lower.get(at - 1).copied().unwrap_or(1);
        let Some(index) = call.int(at)?.checked_sub(first).and_then(|index| usize::try_from(index).ok())
        else {
            return Ok(StoredValue::Null);
        };
        if !nested {
            return Ok(StoredValue::Null);
        }
        match scan::elements(text).nth(index) {
            Some(element) => text = element,
            None => return Ok(StoredValue::Null),
        }
    }
    if text.starts_with('[') && encoding != Encoding::Composite {
        return Ok(StoredValue::Null);
    }
    decode(text, encoding)
}

/// A subscript, which is an integer of 32 bits.
fn subscript(call: &Call<'_>, at: usize) -> Result<i64> {
    let value = call.int(at)?;
    i32::try_from(value).map(i64::from).map_err(|_| crate::integer::out_of_range(crate::oid::INT4))
}

/// The bounds of a slice as they were given from argument `from` on: `None` for an open one.
fn slice_bounds(call: &Call<'_>, from: usize) -> Result<Vec<(Option<i64>, Option<i64>)>> {
    let bound = |at: usize| match call.stored(at) {
        Stored::Text("") => Ok(None),
        _ => subscript(call, at).map(Some),
    };
    (from..call.count()).step_by(2).map(|at| Ok((bound(at)?, bound(at + 1)?))).collect()
}

fn array_slice(call: &mut Call<'_>) -> Result<StoredValue> {
    let types = call.context.types();
    let encoding = encoding(element_of(call.type_of(0)?, types)?, types)?;
    let array = Array::stored(call.text(0)?, encoding)?;
    let given = slice_bounds(call, 1)?;
    let mut bounds = Vec::new();
    for at in 0..array.lengths.len() {
        let (low, high) = given.get(at).copied().unwrap_or_default();
        let first = array.lower(at);
        let low = low.unwrap_or(first).max(first);
        let high = high.unwrap_or(array.upper(at)).min(array.upper(at));
        if low > high {
            return Array::default().to_stored(encoding);
        }
        bounds.push(((low - first) as usize, (high - first + 1) as usize));
    }
    if given.len() > array.lengths.len() {
        return Array::default().to_stored(encoding);
    }
    let mut elements = Vec::new();
    for (at, element) in array.elements.into_iter().enumerate() {
        if is_inside(at, &array.lengths, &bounds) {
            elements.push(element);
        }
    }
    let lengths = bounds.iter().map(|(low, high)| high - low).collect();
    Array { lengths, lower: Vec::new(), elements }.to_stored(encoding)
}

/// Whether the element at a place, counted row by row, lies within the bounds of each dimension.
fn is_inside(at: usize, lengths: &[usize], bounds: &[(usize, usize)]) -> bool {
    let mut rest = at;
    lengths.iter().zip(bounds).rev().all(|(length, (low, high))| {
        let index = rest % length;
        rest /= length;
        (*low..*high).contains(&index)
    })
}

/// The largest number of elements.
const MAX_ELEMENTS: i64 = 134_217_727;

/// More elements are not made from nothing.
const MAX_MADE: i64 = 1 << 16;

fn too_many_elements() -> DatabaseError {
    DatabaseError::new(
        sqlstate::PROGRAM_LIMIT_EXCEEDED,
        format!("array size exceeds the maximum allowed ({MAX_ELEMENTS})"),
    )
}

fn subscript_error(message: &str) -> DatabaseError {
    DatabaseError::new(ARRAY_SUBSCRIPT_ERROR, message)
}

/// Makes room in a one-dimensional array from subscript `low` to `high`, with NULLs.
fn extend(array: &mut Array, low: i64, high: i64) -> Result<()> {
    let (first, last) = (array.lower(0), array.upper(0));
    let (low, high) = (low.min(first), high.max(last));
    if high - low + 1 > MAX_ELEMENTS {
        return Err(too_many_elements());
    }
    if high - low + 1 > MAX_MADE.max(array.elements.len() as i64) {
        return Err(DatabaseError::unsupported("an array this long"));
    }
    let before = (first - low) as usize;
    array.elements.splice(0..0, std::iter::repeat_n(StoredValue::Null, before));
    array.elements.resize((high - low + 1) as usize, StoredValue::Null);
    array.lengths = vec![array.elements.len()];
    *array = std::mem::take(array).with_lower(vec![low])?;
    Ok(())
}

/// The array that an assignment changes; NULL is an empty one.
fn assigned(call: &Call<'_>) -> Result<(Array, Encoding)> {
    for at in 2..call.count() {
        if call.is_null(at) {
            return Err(DatabaseError::new(
                sqlstate::NULL_VALUE_NOT_ALLOWED,
                "array subscript in assignment must not be null",
            ));
        }
    }
    let types = call.context.types();
    let encoding = encoding(element_of(call.result_type()?, types)?, types)?;
    let array = match call.stored(0) {
        Stored::Null => Array::default(),
        _ => Array::stored(call.text(0)?, encoding)?,
    };
    Ok((array, encoding))
}

fn array_assign(call: &mut Call<'_>) -> Result<StoredValue> {
    let (mut array, encoding) = assigned(call)?;
    let value = call.stored(1).to_owned();
    let subscripts: Vec<i64> = (2..call.count()).map(|at| subscript(call, at)).collect::<Result<_>>()?;
    if array.lengths.is_empty() {
        let lengths = vec![1; subscripts.len()];
        let array = Array { lengths, lower: Vec::new(), elements: vec![value] };
        return array.with_lower(subscripts)?.to_stored(encoding);
    }
    if subscripts.len() != array.lengths.len() {
        return Err(subscript_error("wrong number of array subscripts"));
    }
    if let [subscript] = subscripts[..] {
        extend(&mut array, subscript, subscript)?;
        let at = (subscript - array.lower(0)) as usize;
        array.elements[at] = value;
        return array.to_stored(encoding);
    }
    let mut flat = 0;
    for (at, (subscript, length)) in subscripts.iter().zip(&array.lengths).enumerate() {
        let index = usize::try_from(subscript - array.lower(at)).ok().filter(|index| index < length);
        flat = flat * length + index.ok_or_else(|| subscript_error("array subscript out of range"))?;
    }
    array.elements[flat] = value;
    array.to_stored(encoding)
}

fn array_assign_slice(call: &mut Call<'_>) -> Result<StoredValue> {
    let (mut array, encoding) = assigned(call)?;
    if call.is_null(1) {
        // Nothing comes of assigning NULL to a slice.
        return if call.is_null(0) {
            Array::default().to_stored(encoding)
        } else {
            array.to_stored(encoding)
        };
    }
    let source = Array::stored(call.text(1)?, encoding)?.elements;
    let given = slice_bounds(call, 2)?;
    let reversed = || subscript_error("upper bound cannot be less than lower bound");
    let too_small = || subscript_error("source array too small");
    if array.lengths.is_empty() {
        let (mut lengths, mut lower, mut count) = (Vec::new(), Vec::new(), 1i64);
        for bounds in &given {
            let (Some(low), Some(high)) = bounds else {
                return Err(subscript_error("array slice subscript must provide both boundaries").with_detail(
                    "When assigning to a slice of an empty array value, slice boundaries must be fully specified.",
                ));
            };
            if high < low {
                return Err(reversed());
            }
            count = count.saturating_mul(high - low + 1);
            lengths.push((high - low + 1) as usize);
            lower.push(*low);
        }
        if count > MAX_ELEMENTS {
            return Err(too_many_elements());
        }
        let elements: Vec<StoredValue> = source.into_iter().take(count as usize).collect();
        if (elements.len() as i64) < count {
            return Err(too_small());
        }
        return Array { lengths, lower: Vec::new(), elements }.with_lower(lower)?.to_stored(encoding);
    }
    if given.len() > array.lengths.len() {
        return Err(subscript_error("wrong number of array subscripts"));
    }
    let mut wanted = Vec::new();
    for at in 0..array.lengths.len() {
        let (low, high) = given.get(at).copied().unwrap_or_default();
        let (low, high) = (low.unwrap_or(array.lower(at)), high.unwrap_or(array.upper(at)));
        if low > high {
            return Err(reversed());
        }
        wanted.push((low, high));
    }
    if let [(low, high)] = wanted[..] {
        if ((high - low + 1) as u64) > source.len() as u64 {
            return Err(too_small());
        }
        extend(&mut array, low, high)?;
    } else if wanted
        .iter()
        .enumerate()
        .any(|(at, (low, high))| *low < array.lower(at) || *high > array.upper(at))
    {
        return Err(subscript_error("array subscript out of range"));
    }
    let bounds: Vec<(usize, usize)> = wanted
        .iter()
        .enumerate()
        .map(|(at, (low, high))| ((low - array.lower(at)) as usize, (high - array.lower(at) + 1) as usize))
        .collect();
    let mut source = source.into_iter();
    for at in 0..array.elements.len() {
        if is_inside(at, &array.lengths, &bounds) {
            array.elements[at] = source.next().ok_or_else(too_small)?;
        }
    }
    array.to_stored(encoding)
}

/// A function of VARIADIC "any" called with an array: its elements are the last arguments. The function's name comes last.
fn variadic(call: &mut Call<'_>) -> Result<StoredValue> {
    let types = call.context.types();
    let last = call.count().saturating_sub(2);
    let name = call.text(last + 1)?;
    let code = function(name).ok_or_else(|| DatabaseError::unsupported(format_args!("function {name}")))?;
    let element = element_of(call.type_of(last)?, types)?;
    let array = match call.stored(last) {
        // format() takes a NULL array for no arguments.
        Stored::Null if name.starts_with("text_format") => Array::default(),
        Stored::Null => return Ok(StoredValue::Null),
        _ => Array::stored(call.text(last)?, encoding(element, types)?)?,
    };
    let mut signature = String::new();
    for at in 0..last {
        signature.push_str(&format!("{},", call.type_of(at)?));
    }
    for _ in &array.elements {
        signature.push_str(&format!("{element},"));
    }
    signature.push_str(&call.result_type()?.to_string());
    let mut arguments = Vec::new();
    if code.typed {
        arguments.push(Stored::Text(&signature));
    }
    arguments.extend((0..last).map(|at| call.stored(at)));
    arguments.extend(array.elements.iter().map(StoredValue::borrow));
    code.invoke(&arguments, call.context)
}

/// `left op ANY (array)` if `any`, else ALL: three-valued.
fn scalar_array(call: &Call<'_>, any: bool) -> Result<StoredValue> {
    let types = call.context.types();
    if call.is_null(0) || call.is_null(2) {
        return Ok(StoredValue::Null);
    }
    let (left, element) = (call.type_of(0)?, element_of(call.type_of(1)?, types)?);
    let name = call.text(0)?;
    let code = function(name).ok_or_else(|| DatabaseError::unsupported(format_args!("function {name}")))?;
    let signature = format!("{left},{element},{}", crate::oid::BOOL);
    let encoding = encoding(element, types)?;
    let array = Array::stored(call.text(2)?, encoding)?;
    let composite = matches!(types::kind(element, types)?, types::Kind::Composite { .. });
    let mut unknown = false;
    for value in &array.elements {
        if composite {
            if call.is_null(1) || value.is_null() {
                unknown = true;
            } else if holds(name, comparison::stored(element, call.stored(1), value.borrow(), types))? == any
            {
                return Ok(any.into());
            }
            continue;
        }
        let mut arguments = Vec::with_capacity(3);
        if code.typed {
            arguments.push(Stored::Text(&signature));
        }
        arguments.extend([call.stored(1), value.borrow()]);
        match code.invoke(&arguments, call.context)? {
            StoredValue::Null => unknown = true,
            StoredValue::Integer(truth) if (truth != 0) == any => return Ok(any.into()),
            _ => {}
        }
    }
    Ok(if unknown { StoredValue::Null } else { (!any).into() })
}

/// Whether a comparison of records holds of an order.
fn holds(name: &str, order: std::cmp::Ordering) -> Result<bool> {
    Ok(match name {
        "record_eq" => order.is_eq(),
        "record_ne" => order.is_ne(),
        "record_lt" => order.is_lt(),
        "record_le" => order.is_le(),
        "record_gt" => order.is_gt(),
        "record_ge" => order.is_ge(),
        _ => return Err(DatabaseError::unsupported(format_args!("function {name}"))),
    })
}

fn composite_fields(ty: Oid, context: &dyn Context) -> Result<std::sync::Arc<[Field]>> {
    match types::kind(ty, context.types())? {
        types::Kind::Composite { fields } => Ok(fields),
        types::Kind::Base(crate::oid::RECORD) => {
            Err(DatabaseError::unsupported("a record without a type as a value here"))
        }
        _ => Err(DatabaseError::internal(format_args!("type {ty} is not composite"))),
    }
}

fn row(call: &mut Call<'_>) -> Result<StoredValue> {
    let fields = composite_fields(call.result_type()?, call.context)?;
    let values: Vec<StoredValue> = call.arguments.iter().map(Stored::to_owned).collect();
    composite::stored(&values, &fields, call.context)
}

fn row_field(call: &mut Call<'_>) -> Result<StoredValue> {
    if call.type_of(0)? == crate::oid::RECORD {
        let at = usize::try_from(call.int(1)?).unwrap_or(usize::MAX);
        return record::field(call.text(0)?, at, call.context);
    }
    let fields = composite_fields(call.type_of(0)?, call.context)?;
    let at = usize::try_from(call.int(1)?).unwrap_or(usize::MAX);
    let (Some(field), element) = (fields.get(at), scan::elements(call.text(0)?).nth(at)) else {
        return Err(DatabaseError::internal(format_args!("no field {at}")));
    };
    match element {
        Some(element) => decode(element, encoding(field.oid, call.context.types())?),
        None => Ok(StoredValue::Null),
    }
}

thread_local! {
    /// Shapes by their text: a statement passes the same constant for every row.
    static SHAPES: RefCell<HashMap<String, Rc<[Field]>>> = RefCell::new(HashMap::new());
}

/// How many shapes a thread keeps.
const MAX_SHAPES: usize = 512;

/// The fields that a shape names.
pub(crate) fn shape(text: &str) -> Result<Rc<[Field]>> {
    if let Some(known) = SHAPES.with_borrow(|shapes| shapes.get(text).cloned()) {
        return Ok(known);
    }
    let broken = || DatabaseError::internal(format_args!("shape {text:?}"));
    let mut fields = Vec::new();
    for field in scan::elements(text) {
        let parts: Vec<&str> = scan::elements(field).collect();
        let [name, oid, rest @ ..] = parts.as_slice() else { return Err(broken()) };
        fields.push(Field {
            name: scan::unquote(name).into(),
            oid: oid.parse().map_err(|_| broken())?,
            typmod: rest.first().map_or(Ok(-1), |typmod| typmod.parse()).map_err(|_| broken())?,
        });
    }
    let fields: Rc<[Field]> = fields.into();
    SHAPES.with_borrow_mut(|shapes| {
        if shapes.len() >= MAX_SHAPES {
            shapes.clear();
        }
        shapes.insert(text.to_owned(), fields.clone());
    });
    Ok(fields)
}

/// Appends a row given as shape and fields as JSON; a NULL shape is a NULL row.
pub(crate) fn push_row(arguments: &[Stored<'_>], context: &dyn Context, out: &mut String) -> Result<bool> {
    match arguments.split_first() {
        Some((Stored::Text(text), values)) => {
            let fields = shape(text)?;
            if fields.len() != values.len() {
                return Err(DatabaseError::internal(format_args!(
                    "shape {text:?} with {} fields",
                    values.len()
                )));
            }
            composite::json_output(fields.iter().zip(values.iter().copied()), context, out)?;
            Ok(true)
        }
        Some((Stored::Null, _)) => Ok(false),
        _ => Err(DatabaseError::internal("a row without a shape")),
    }
}

fn row_to_json_shape(call: &mut Call<'_>) -> Result<StoredValue> {
    let mut out = String::new();
    Ok(if push_row(call.arguments, call.context, &mut out)? { out.into() } else { StoredValue::Null })
}

/// `row_to_json(record, pretty)`: whether to break lines, then shape and fields.
fn row_to_json_pretty_shape(call: &mut Call<'_>) -> Result<StoredValue> {
    let Some((pretty, row)) = call.arguments.split_first() else {
        return Err(DatabaseError::internal("a row without a shape"));
    };
    let mut out = String::new();
    if pretty.is_null() || !push_row(row, call.context, &mut out)? {
        return Ok(StoredValue::Null);
    }
    Ok(if *pretty == Stored::Integer(0) { out } else { json::build::pretty_row(&out) }.into())
}

fn to_jsonb_shape(call: &mut Call<'_>) -> Result<StoredValue> {
    let mut out = String::new();
    if !push_row(call.arguments, call.context, &mut out)? {
        return Ok(StoredValue::Null);
    }
    Ok(json::parse::parse(&out)?.to_text().into())
}

fn extreme(call: &Call<'_>, greatest: bool) -> Result<StoredValue> {
    let ty = call.result_type()?;
    let mut best = Stored::Null;
    for value in call.arguments {
        if value.is_null() {
            continue;
        }
        let order = match (*value, best) {
            // Records must be alike.
            (Stored::Text(value), Stored::Text(best)) if ty == crate::oid::RECORD => {
                record::checked_order(best, value, call)?.reverse()
            }
            (value, best) => comparison::stored(ty, value, best, call.context.types()),
        };
        if best.is_null() || (if greatest { order.is_gt() } else { order.is_lt() }) {
            best = *value;
        }
    }
    Ok(best.to_owned())
}

fn fail(call: &mut Call<'_>) -> Result<StoredValue> {
    let code = SqlState::parse(call.text(0)?).unwrap_or(sqlstate::INTERNAL_ERROR);
    let mut error = DatabaseError::new(code, call.text(1)?);
    if call.count() > 2 {
        error.fields_mut().schema = Some(call.text(2)?.to_owned());
        error = error.on_data_type(call.text(3)?);
    }
    if call.count() > 4 {
        error = error.on_constraint(call.text(4)?);
    }
    Err(error)
}

/// A row of values of one element type as stored array, for the compiler's constants.
pub fn array_value(element: Oid, values: &[StoredValue], context: &dyn Context) -> Result<StoredValue> {
    let encoding = encoding(element, context.types())?;
    let mut out = String::from("[");
    for (at, value) in values.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        encode(value.borrow(), encoding, &mut out)?;
    }
    out.push(']');
    Ok(out.into())
}

/// The elements of a stored array, row by row: what `= ANY(parameter)` becomes an IN list of.
pub fn array_elements(element: Oid, array: &str, context: &dyn Context) -> Result<Vec<StoredValue>> {
    Ok(Array::stored(array, encoding(element, context.types())?)?.elements)
}

pub(crate) static FUNCTIONS: &[Function] = &[
    stable("type_input", type_input).typed(),
    stable("type_output", type_output).typed(),
    stable("cast_io", cast_io).typed(),
    immutable("array", array).typed().lenient(),
    stable("array_map", array_map).typed(),
    immutable("array_subscript", array_subscript).typed(),
    immutable("array_slice", array_slice).typed(),
    immutable("array_assign", array_assign).typed().lenient(),
    immutable("array_assign_slice", array_assign_slice).typed().lenient(),
    stable("any_of", |call| scalar_array(call, true)).typed().lenient(),
    stable("all_of", |call| scalar_array(call, false)).typed().lenient(),
    stable("variadic", variadic).typed().lenient(),
    immutable("row", row).typed().lenient(),
    immutable("row_field", row_field).typed(),
    immutable("record", |call| record::build(call.arguments, call.context)).lenient(),
    immutable("record_of", |call| record::of_row(call.text(0)?, call.text(1)?)),
    immutable("row_null", record::null_test).lenient(),
    stable("row_to_json_shape", row_to_json_shape).lenient(),
    stable("row_to_json_pretty_shape", row_to_json_pretty_shape).lenient(),
    stable("to_jsonb_shape", to_jsonb_shape).lenient(),
    immutable("greatest", |call| extreme(call, true)).typed().lenient(),
    immutable("least", |call| extreme(call, false)).typed().lenient(),
    stable("fail", fail).lenient(),
];
