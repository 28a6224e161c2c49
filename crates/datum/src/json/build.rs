//! Building json and jsonb from values.

use super::{parse, push_string, tree::sort_object};
use crate::Context;
use crate::array::{Array, Encoding};
use crate::json::Json;
use crate::oid;
use crate::registry::{Call, Function, immutable, stable};
use crate::types;
use crate::value::{Oid, Stored, StoredValue};
use sqlstate::{
    ARRAY_SUBSCRIPT_ERROR, DatabaseError, INVALID_PARAMETER_VALUE, NULL_VALUE_NOT_ALLOWED, Result,
};

/// A value as a jsonb tree: `to_jsonb`.
pub(crate) fn tree(ty: Oid, value: Stored<'_>, context: &dyn Context) -> Result<Json> {
    match (ty, value) {
        (_, Stored::Null) => Ok(Json::Null),
        (oid::TEXT | oid::VARCHAR, Stored::Text(text)) => Ok(Json::String(text.to_owned())),
        (oid::BOOL, Stored::Integer(value)) => Ok(Json::Bool(value != 0)),
        (oid::INT2 | oid::INT4 | oid::INT8, Stored::Integer(value)) => Ok(Json::Number(value.to_string())),
        (ty, value) => {
            let mut out = String::new();
            types::json_output(ty, -1, value, context, &mut out)?;
            parse::parse(&out)
        }
    }
}

/// A value as jsonb's text.
fn to_jsonb(call: &mut Call<'_>) -> Result<StoredValue> {
    let (ty, value) = (call.type_of(0)?, call.stored(0));
    match (ty, value) {
        (oid::JSONB, Stored::Text(text)) => Ok(text.into()),
        (ty, value) => Ok(tree(ty, value, call.context)?.to_text().into()),
    }
}

fn to_json(call: &mut Call<'_>) -> Result<StoredValue> {
    let mut out = String::new();
    types::json_output(call.type_of(0)?, -1, call.stored(0), call.context, &mut out)?;
    Ok(out.into())
}

/// A key of json_build_object: any scalar type's text.
pub(crate) fn key(ty: Oid, value: Stored<'_>, context: &dyn Context) -> Result<String> {
    match types::kind(ty, context.types())? {
        types::Kind::Base(oid::JSON | oid::JSONB)
        | types::Kind::Array(_)
        | types::Kind::Composite { .. }
        | types::Kind::Record => Err(DatabaseError::new(
            INVALID_PARAMETER_VALUE,
            "key value must be scalar, not array, composite, or json",
        )),
        types::Kind::Base(oid::BOOL) => {
            Ok(if matches!(value, Stored::Integer(0)) { "false" } else { "true" }.to_owned())
        }
        // Timestamps are keys in the form that JSON gives them.
        types::Kind::Base(oid::TIMESTAMP | oid::TIMESTAMPTZ) => {
            let mut out = String::new();
            types::json_output(ty, -1, value, context, &mut out)?;
            Ok(out.trim_matches('"').to_owned())
        }
        _ => types::to_text(ty, value, context),
    }
}

fn even(call: &Call<'_>, function: &str) -> Result<()> {
    if call.count().is_multiple_of(2) {
        return Ok(());
    }
    Err(DatabaseError::new(INVALID_PARAMETER_VALUE, "argument list must have even number of elements")
        .with_hint(format!("The arguments of {function}() must consist of alternating keys and values.")))
}

fn json_build_object(call: &mut Call<'_>) -> Result<StoredValue> {
    even(call, "json_build_object")?;
    let mut out = String::from("{");
    for at in (0..call.count()).step_by(2) {
        if at > 0 {
            out.push_str(", ");
        }
        if call.is_null(at) {
            return Err(DatabaseError::new(
                INVALID_PARAMETER_VALUE,
                format!("argument {} cannot be null", at + 1),
            )
            .with_hint("Object keys should be text."));
        }
        push_string(&key(call.type_of(at)?, call.stored(at), call.context)?, &mut out);
        out.push_str(" : ");
        types::json_output(call.type_of(at + 1)?, -1, call.stored(at + 1), call.context, &mut out)?;
    }
    out.push('}');
    Ok(out.into())
}

fn jsonb_build_object(call: &mut Call<'_>) -> Result<StoredValue> {
    even(call, "jsonb_build_object")?;
    let mut pairs = Vec::with_capacity(call.count() / 2);
    for at in (0..call.count()).step_by(2) {
        if call.is_null(at) {
            return Err(DatabaseError::new(
                INVALID_PARAMETER_VALUE,
                format!("argument {}: key must not be null", at + 1),
            ));
        }
        let key = key(call.type_of(at)?, call.stored(at), call.context)?;
        pairs.push((key, tree(call.type_of(at + 1)?, call.stored(at + 1), call.context)?));
    }
    sort_object(&mut pairs);
    Ok(Json::Object(pairs).to_text().into())
}

fn json_build_array(call: &mut Call<'_>) -> Result<StoredValue> {
    let mut out = String::from("[");
    for at in 0..call.count() {
        if at > 0 {
            out.push_str(", ");
        }
        types::json_output(call.type_of(at)?, -1, call.stored(at), call.context, &mut out)?;
    }
    out.push(']');
    Ok(out.into())
}

fn jsonb_build_array(call: &mut Call<'_>) -> Result<StoredValue> {
    let elements: Result<Vec<Json>> =
        (0..call.count()).map(|at| tree(call.type_of(at)?, call.stored(at), call.context)).collect();
    Ok(Json::Array(elements?).to_text().into())
}

/// `array_to_json(array, pretty)`: line feeds between the elements of the first dimension.
fn array_to_json(call: &mut Call<'_>) -> Result<StoredValue> {
    let mut out = String::new();
    types::json_output(call.type_of(0)?, -1, call.stored(0), call.context, &mut out)?;
    if call.count() > 1 && call.bool(1)? {
        let parts: Vec<&str> = super::scan::elements(&out).collect();
        return Ok(format!("[{}]", parts.join(",\n ")).into());
    }
    Ok(out.into())
}

/// A row with line feeds between its fields.
pub(crate) fn pretty_row(row: &str) -> String {
    let parts: Vec<String> = super::scan::pairs(row).map(|(key, value)| format!("{key}:{value}")).collect();
    format!("{{{}}}", parts.join(",\n "))
}

/// row_to_json of a composite type's value.
fn row_to_json(call: &mut Call<'_>) -> Result<StoredValue> {
    let mut out = String::new();
    types::json_output(call.type_of(0)?, -1, call.stored(0), call.context, &mut out)?;
    if call.count() > 1 && call.bool(1)? {
        return Ok(pretty_row(&out).into());
    }
    Ok(out.into())
}

/// The keys and values of `json_object(text[])` and `json_object(text[], text[])`.
fn texts(call: &Call<'_>) -> Result<Vec<(String, Option<String>)>> {
    let subscript = |message: &str| DatabaseError::new(ARRAY_SUBSCRIPT_ERROR, message);
    let text = |value: &StoredValue| match value {
        StoredValue::Text(text) => Some(text.clone()),
        _ => None,
    };
    let first = Array::stored(call.text(0)?, Encoding::Text)?;
    let mut pairs = Vec::new();
    if call.count() > 1 {
        let second = Array::stored(call.text(1)?, Encoding::Text)?;
        if first.lengths.len() > 1 || second.lengths.len() > 1 {
            return Err(subscript("wrong number of array subscripts"));
        }
        if first.elements.len() != second.elements.len() {
            return Err(subscript("mismatched array dimensions"));
        }
        pairs
            .extend(first.elements.iter().zip(&second.elements).map(|(key, value)| (text(key), text(value))));
    } else {
        match first.lengths[..] {
            [] => {}
            [length] if length % 2 == 1 => {
                return Err(subscript("array must have even number of elements"));
            }
            [_, inner] if inner != 2 => return Err(subscript("array must have two columns")),
            [_] | [_, _] => {
                pairs.extend(first.elements.chunks_exact(2).map(|pair| (text(&pair[0]), text(&pair[1]))));
            }
            _ => return Err(subscript("wrong number of array subscripts")),
        }
    }
    pairs
        .into_iter()
        .map(|(key, value)| match key {
            Some(key) => Ok((key, value)),
            None => Err(DatabaseError::new(NULL_VALUE_NOT_ALLOWED, "null value not allowed for object key")),
        })
        .collect()
}

fn json_object(call: &mut Call<'_>) -> Result<StoredValue> {
    let mut out = String::from("{");
    for (at, (key, value)) in texts(call)?.iter().enumerate() {
        if at > 0 {
            out.push_str(", ");
        }
        push_string(key, &mut out);
        out.push_str(" : ");
        match value {
            Some(value) => push_string(value, &mut out),
            None => out.push_str("null"),
        }
    }
    out.push('}');
    Ok(out.into())
}

fn jsonb_object(call: &mut Call<'_>) -> Result<StoredValue> {
    let mut pairs: Vec<(String, Json)> =
        texts(call)?.into_iter().map(|(key, value)| (key, value.map_or(Json::Null, Json::String))).collect();
    sort_object(&mut pairs);
    Ok(Json::Object(pairs).to_text().into())
}

pub(crate) static FUNCTIONS: &[Function] = &[
    stable("to_json", to_json).typed(),
    stable("to_jsonb", to_jsonb).typed(),
    stable("json_build_object", json_build_object).typed().lenient(),
    stable("json_build_object_noargs", |_| Ok("{}".into())).lenient(),
    stable("jsonb_build_object", jsonb_build_object).typed().lenient(),
    stable("jsonb_build_object_noargs", |_| Ok("{}".into())).lenient(),
    stable("json_build_array", json_build_array).typed().lenient(),
    stable("json_build_array_noargs", |_| Ok("[]".into())).lenient(),
    stable("jsonb_build_array", jsonb_build_array).typed().lenient(),
    stable("jsonb_build_array_noargs", |_| Ok("[]".into())).lenient(),
    stable("array_to_json", array_to_json).typed(),
    stable("array_to_json_pretty", array_to_json).typed(),
    stable("row_to_json", row_to_json).typed(),
    stable("row_to_json_pretty", row_to_json).typed(),
    immutable("json_object", json_object),
    immutable("json_object_two_arg", json_object),
    immutable("jsonb_object", jsonb_object),
    immutable("jsonb_object_two_arg", jsonb_object),
];
