//! Reading json and jsonb: fields, elements, paths, tests.

use super::scan::{self, Kind};
use super::{Json, parse};
use crate::array::{Array, Encoding};
use crate::float;
use crate::integer;
use crate::numeric::Numeric;
use crate::oid;
use crate::registry::{Call, Function, immutable};
use crate::value::{Oid, StoredValue};
use sqlstate::{DatabaseError, INVALID_PARAMETER_VALUE, Result};

/// A part of a document: itself or its text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum As {
    Json,
    Text,
}

fn found(value: Option<&str>, shape: As) -> StoredValue {
    match (value, shape) {
        (None, _) => StoredValue::Null,
        (Some(value), As::Json) => value.into(),
        (Some(value), As::Text) => scan::as_text(value).map(|text| text.into_owned()).into(),
    }
}

fn field(call: &Call<'_>, unique: bool, shape: As) -> Result<StoredValue> {
    if !unique {
        parse::escapes(call.text(0)?)?;
    }
    Ok(found(scan::field(call.text(0)?, call.text(1)?, unique), shape))
}

fn element(call: &Call<'_>, shape: As) -> Result<StoredValue> {
    Ok(found(scan::element(call.text(0)?, call.int(1)?), shape))
}

/// As `element`; a jsonb scalar is its own only element.
fn jsonb_element(call: &Call<'_>, shape: As) -> Result<StoredValue> {
    let text = call.text(0)?;
    if matches!(scan::kind(text), Kind::Array | Kind::Object) {
        return element(call, shape);
    }
    Ok(found(Some(text).filter(|_| matches!(call.int(1), Ok(0 | -1))), shape))
}

/// The texts of a text[] argument; `None` where one is NULL.
pub(super) fn path(call: &Call<'_>, at: usize) -> Result<Vec<Option<String>>> {
    let array = Array::stored(call.text(at)?, Encoding::Text)?;
    Ok(array
        .elements
        .into_iter()
        .map(|element| match element {
            StoredValue::Text(text) => Some(text),
            _ => None,
        })
        .collect())
}

/// An array index as a path writes it; `None` for other text.
pub(super) fn index(text: &str) -> Option<i64> {
    let trimmed = text.trim_start_matches(crate::value::is_space);
    let digits = trimmed.strip_prefix(['+', '-']).unwrap_or(trimmed);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    trimmed.parse::<i32>().ok().map(i64::from)
}

fn at_path(call: &Call<'_>, unique: bool, shape: As) -> Result<StoredValue> {
    let mut value = call.text(0)?.trim_matches(|c: char| c.is_ascii_whitespace());
    if !unique {
        parse::escapes(value)?;
    }
    let path = path(call, 1)?;
    if path.is_empty() && shape == As::Json {
        return Ok(call.text(0)?.into());
    }
    for step in path {
        let Some(step) = step else { return Ok(StoredValue::Null) };
        let next = match scan::kind(value) {
            Kind::Object => scan::field(value, &step, unique),
            Kind::Array => index(&step).and_then(|index| scan::element(value, index)),
            _ => None,
        };
        match next {
            Some(next) => value = next,
            None => return Ok(StoredValue::Null),
        }
    }
    Ok(found(Some(value), shape))
}

fn kind_name(kind: Kind) -> &'static str {
    match kind {
        Kind::Object => "object",
        Kind::Array => "array",
        Kind::String => "string",
        Kind::Number => "number",
        Kind::Bool => "boolean",
        Kind::Null => "null",
    }
}

fn array_length(call: &Call<'_>) -> Result<StoredValue> {
    let text = call.text(0)?;
    let invalid = |message: &str| Err(DatabaseError::new(INVALID_PARAMETER_VALUE, message));
    match scan::kind(text) {
        Kind::Array => Ok(scan::elements(text).count().into()),
        Kind::Object => invalid("cannot get array length of a non-array"),
        _ => invalid("cannot get array length of a scalar"),
    }
}

fn contains(call: &Call<'_>, container: usize, contained: usize) -> Result<StoredValue> {
    let container = parse::stored(call.text(container)?)?;
    let contained = parse::stored(call.text(contained)?)?;
    // An object contains no array, and the reverse.
    if matches!(
        (&container, &contained),
        (Json::Object(_), Json::Array(_)) | (Json::Array(_), Json::Object(_))
    ) {
        return Ok(false.into());
    }
    Ok(container.contains(&contained).into())
}

/// Whether a key of an object, an element of an array of strings, or the string itself is this text.
fn has_key(text: &str, key: &str) -> bool {
    match scan::kind(text) {
        Kind::Object => scan::field(text, key, true).is_some(),
        Kind::Array => {
            scan::elements(text).any(|element| element.starts_with('"') && scan::unquote(element) == key)
        }
        Kind::String => scan::unquote(text) == key,
        _ => false,
    }
}

fn has_keys(call: &Call<'_>, all: bool) -> Result<StoredValue> {
    let text = call.text(0)?;
    for key in path(call, 1)?.into_iter().flatten() {
        if has_key(text, &key) != all {
            return Ok((!all).into());
        }
    }
    Ok(all.into())
}

/// jsonb to a scalar type; a JSON null is refused in PostgreSQL 15.
fn cast(call: &Call<'_>, ty: Oid) -> Result<StoredValue> {
    let text = call.text(0)?;
    let kind = scan::kind(text);
    let wanted = if ty == oid::BOOL { Kind::Bool } else { Kind::Number };
    if kind != wanted {
        let name = match ty {
            oid::BOOL => "boolean",
            oid::NUMERIC => "numeric",
            oid::INT2 => "smallint",
            oid::INT4 => "integer",
            oid::INT8 => "bigint",
            oid::FLOAT4 => "real",
            _ => "double precision",
        };
        let what = match kind {
            Kind::Object => "object",
            Kind::Array => "array",
            Kind::String => "string",
            Kind::Number => "numeric",
            Kind::Bool => "boolean",
            Kind::Null => "null",
        };
        return Err(DatabaseError::new(
            INVALID_PARAMETER_VALUE,
            format!("cannot cast jsonb {what} to type {name}"),
        ));
    }
    Ok(match ty {
        oid::BOOL => (text == "true").into(),
        oid::NUMERIC => text.into(),
        oid::FLOAT4 => float::input(float::Width::Single, text)?,
        oid::FLOAT8 => float::input(float::Width::Double, text)?,
        ty => {
            let Numeric::Finite(number) = Numeric::input(text)? else {
                return Err(DatabaseError::internal("a JSON number that is not finite"));
            };
            let value = number.to_i64().ok_or_else(|| integer::out_of_range(ty))?;
            match ty {
                oid::INT2 => integer::int2(value)?,
                oid::INT4 => integer::int4(value)?,
                _ => value.into(),
            }
        }
    })
}

pub(crate) static FUNCTIONS: &[Function] = &[
    immutable("jsonb_object_field", |call| field(call, true, As::Json)),
    immutable("jsonb_object_field_text", |call| field(call, true, As::Text)),
    immutable("json_object_field", |call| field(call, false, As::Json)),
    immutable("json_object_field_text", |call| field(call, false, As::Text)),
    immutable("jsonb_array_element", |call| jsonb_element(call, As::Json)),
    immutable("jsonb_array_element_text", |call| jsonb_element(call, As::Text)),
    immutable("json_array_element", |call| {
        parse::escapes(call.text(0)?)?;
        element(call, As::Json)
    }),
    immutable("json_array_element_text", |call| {
        parse::escapes(call.text(0)?)?;
        element(call, As::Text)
    }),
    immutable("jsonb_extract_path", |call| at_path(call, true, As::Json)),
    immutable("jsonb_extract_path_text", |call| at_path(call, true, As::Text)),
    immutable("json_extract_path", |call| at_path(call, false, As::Json)),
    immutable("json_extract_path_text", |call| at_path(call, false, As::Text)),
    immutable("jsonb_typeof", |call| Ok(kind_name(scan::kind(call.text(0)?)).into())),
    immutable("json_typeof", |call| Ok(kind_name(scan::kind(call.text(0)?)).into())),
    immutable("jsonb_array_length", |call| array_length(call)),
    immutable("json_array_length", |call| array_length(call)),
    immutable("jsonb_contains", |call| contains(call, 0, 1)),
    immutable("jsonb_contained", |call| contains(call, 1, 0)),
    immutable("jsonb_exists", |call| Ok(has_key(call.text(0)?, call.text(1)?).into())),
    immutable("jsonb_exists_any", |call| has_keys(call, false)),
    immutable("jsonb_exists_all", |call| has_keys(call, true)),
    immutable("jsonb_bool", |call| cast(call, oid::BOOL)),
    immutable("jsonb_numeric", |call| cast(call, oid::NUMERIC)),
    immutable("jsonb_int2", |call| cast(call, oid::INT2)),
    immutable("jsonb_int4", |call| cast(call, oid::INT4)),
    immutable("jsonb_int8", |call| cast(call, oid::INT8)),
    immutable("jsonb_float4", |call| cast(call, oid::FLOAT4)),
    immutable("jsonb_float8", |call| cast(call, oid::FLOAT8)),
];
