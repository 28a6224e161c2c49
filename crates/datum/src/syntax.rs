//! The functions that the compiler calls for syntax, where PostgreSQL has an expression node and no function.
//!
//! All are typed (the signature comes first) unless said otherwise. `S` below stands for the signature.
//!
//! | call | means |
//! |---|---|
//! | `type_input(S, text, typmod)` | the input function of the result type on a text value |
//! | `type_output(S, value, typmod)` | the output function of the argument's type; typmod matters to char(n) only |
//! | `cast_io(S, value)` | a cast by output and input (`castmethod` i) |
//! | `array(S, e1, e2 …)` | `ARRAY[e1, e2 …]`; elements that are arrays themselves make one more dimension |
//! | `array_map(S, array, prosrc)` | an array cast: the cast function for each element; `'io'` is by input and output, `''` changes only the type |
//! | `array_map(S, array, prosrc, typmod, explicit)` | an array's length coercion: the function with these arguments for each element |
//! | `array_subscript(S, array, i, j …)` | `a[i][j]` |
//! | `array_slice(S, array, lower, upper …)` | `a[l:u]`, the empty text for an omitted bound |
//! | `array_assign(S, array, value, i …)` | the array with `a[i] = value` |
//! | `any_of(S, prosrc, left, array)` | `left op ANY (array)`; S: left, array, bool; prosrc of the operator's function |
//! | `all_of(S, prosrc, left, array)` | `left op ALL (array)` |
//! | `row(S, f1, f2 …)` | a composite value of the result type from its fields |
//! | `row_field(S, row, n)` | field n (from 0) of a composite value |
//! | `row_to_json_shape(shape, f1, f2 …)` | untyped: `row_to_json` of a record; shape is a JSON text constant `[["name", oid, typmod], …]` |
//! | `to_jsonb_shape(shape, f1, f2 …)` | untyped: `to_jsonb` of a record |
//! | `greatest(S, …)`, `least(S, …)` | GREATEST, LEAST: NULLs ignored, PostgreSQL's comparison of the result type |
//! | `fail(sqlstate, message[, schema, type[, constraint]])` | untyped: raises that error |
//!
//! Aggregates of records: `json_agg_shape(shape, f1, …)` and `jsonb_agg_shape(shape, f1, …)`, untyped. A NULL row (outer join)
//! is passed with shape NULL.

use crate::array::{Array, Encoding, decode, encode};
use crate::context::{Context, Field};
use crate::functions::comparison;
use crate::json::scan;
use crate::registry::{Call, Function, function, immutable, stable};
use crate::types::{self, element_of, encoding};
use crate::value::{Oid, Stored, StoredValue};
use crate::{composite, json};
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
    let mut text = call.text(0)?;
    for at in 1..call.count() {
        // Fewer subscripts than dimensions, or more, is NULL.
        let nested = text.starts_with('[');
        let Some(index) = call.int(at)?.checked_sub(1).and_then(|index| usize::try_from(index).ok()) else {
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

fn array_slice(call: &mut Call<'_>) -> Result<StoredValue> {
    let types = call.context.types();
    let encoding = encoding(element_of(call.type_of(0)?, types)?, types)?;
    let array = Array::stored(call.text(0)?, encoding)?;
    let given = (call.count() - 1) / 2;
    let mut bounds = Vec::new();
    for (at, length) in array.lengths.iter().enumerate() {
        let bound = |position: usize, default: usize| -> Result<i64> {
            if at >= given || matches!(call.stored(position), Stored::Text("")) {
                return Ok(default as i64);
            }
            call.int(position)
        };
        let low = bound(1 + 2 * at, 1)?.max(1) as usize;
        let high = bound(2 + 2 * at, *length)?.clamp(0, *length as i64) as usize;
        bounds.push((low - 1, high));
    }
    if given > array.lengths.len() || bounds.iter().any(|(low, high)| low >= high) {
        return Array::default().to_stored(encoding);
    }
    let mut elements = Vec::new();
    for (at, element) in array.elements.into_iter().enumerate() {
        let mut rest = at;
        let inside = array.lengths.iter().zip(&bounds).rev().all(|(length, (low, high))| {
            let index = rest % length;
            rest /= length;
            (*low..*high).contains(&index)
        });
        if inside {
            elements.push(element);
        }
    }
    let lengths = bounds.iter().map(|(low, high)| high - low).collect();
    Array { lengths, elements }.to_stored(encoding)
}

fn array_assign(call: &mut Call<'_>) -> Result<StoredValue> {
    let types = call.context.types();
    let encoding = encoding(element_of(call.result_type()?, types)?, types)?;
    let mut array = match call.stored(0) {
        Stored::Null => Array::default(),
        _ => Array::stored(call.text(0)?, encoding)?,
    };
    let value = call.stored(1).to_owned();
    let out_of_range = || DatabaseError::new(ARRAY_SUBSCRIPT_ERROR, "array subscript out of range");
    let mut subscripts = Vec::new();
    for at in 2..call.count() {
        if call.is_null(at) {
            return Err(DatabaseError::new(
                sqlstate::NULL_VALUE_NOT_ALLOWED,
                "array subscript in assignment must not be null",
            ));
        }
        subscripts.push(call.int(at)?);
    }
    if array.lengths.is_empty() {
        if subscripts.iter().any(|subscript| *subscript != 1) {
            return Err(DatabaseError::unsupported("an array whose subscripts do not begin at 1"));
        }
        return Array { lengths: vec![1; subscripts.len()], elements: vec![value] }.to_stored(encoding);
    }
    if subscripts.len() != array.lengths.len() {
        return Err(DatabaseError::new(ARRAY_SUBSCRIPT_ERROR, "wrong number of array subscripts"));
    }
    if let [index] = subscripts[..] {
        if index < 1 {
            return Err(DatabaseError::unsupported("an array whose subscripts do not begin at 1"));
        }
        let index = index as usize - 1;
        if index >= 134_217_727 {
            return Err(out_of_range());
        }
        if index >= array.elements.len() {
            array.elements.resize(index + 1, StoredValue::Null);
            array.lengths = vec![index + 1];
        }
        array.elements[index] = value;
        return array.to_stored(encoding);
    }
    let mut flat = 0;
    for (subscript, length) in subscripts.iter().zip(&array.lengths) {
        let index =
            usize::try_from(subscript - 1).ok().filter(|index| index < length).ok_or_else(out_of_range)?;
        flat = flat * length + index;
    }
    array.elements[flat] = value;
    array.to_stored(encoding)
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
    let mut unknown = false;
    for value in &array.elements {
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

fn composite_fields(ty: Oid, context: &dyn Context) -> Result<std::sync::Arc<[Field]>> {
    match types::kind(ty, context.types())? {
        types::Kind::Composite { fields } => Ok(fields),
        _ => Err(DatabaseError::internal(format_args!("type {ty} is not composite"))),
    }
}

fn row(call: &mut Call<'_>) -> Result<StoredValue> {
    let fields = composite_fields(call.result_type()?, call.context)?;
    let values: Vec<StoredValue> = call.arguments.iter().map(Stored::to_owned).collect();
    composite::stored(&values, &fields, call.context)
}

fn row_field(call: &mut Call<'_>) -> Result<StoredValue> {
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
        let order = comparison::stored(ty, *value, best, call.context.types());
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
    stable("any_of", |call| scalar_array(call, true)).typed().lenient(),
    stable("all_of", |call| scalar_array(call, false)).typed().lenient(),
    immutable("row", row).typed().lenient(),
    immutable("row_field", row_field).typed(),
    stable("row_to_json_shape", row_to_json_shape).lenient(),
    stable("to_jsonb_shape", to_jsonb_shape).lenient(),
    immutable("greatest", |call| extreme(call, true)).typed().lenient(),
    immutable("least", |call| extreme(call, false)).typed().lenient(),
    stable("fail", fail).lenient(),
];
