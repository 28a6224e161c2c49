//! json and jsonb as rows.

use super::parse;
use super::scan::{self, Kind};
use crate::registry::{Call, Rows, SetFunction};
use crate::value::StoredValue;
use sqlstate::{DatabaseError, INVALID_PARAMETER_VALUE, Result};

fn rows(rows: Vec<Vec<StoredValue>>) -> Result<Rows> {
    Ok(Box::new(rows.into_iter().map(Ok)))
}

fn invalid(message: String) -> DatabaseError {
    DatabaseError::new(INVALID_PARAMETER_VALUE, message)
}

fn value(text: &str, as_text: bool) -> StoredValue {
    if as_text { scan::as_text(text).map(|text| text.into_owned()).into() } else { text.into() }
}

/// The elements of an array; jsonb's and json's words for what is none differ.
fn elements(call: &Call<'_>, as_text: bool, name: Option<&str>) -> Result<Rows> {
    let text = call.text(0)?;
    if as_text {
        parse::escapes(text)?;
    }
    match (scan::kind(text), name) {
        (Kind::Array, _) => rows(scan::elements(text).map(|element| vec![value(element, as_text)]).collect()),
        (Kind::Object, None) => Err(invalid("cannot extract elements from an object".to_owned())),
        (_, None) => Err(invalid("cannot extract elements from a scalar".to_owned())),
        (Kind::Object, Some(name)) => Err(invalid(format!("cannot call {name} on a non-array"))),
        (_, Some(name)) => Err(invalid(format!("cannot call {name} on a scalar"))),
    }
}

fn unique_pairs(text: &str) -> Vec<(&str, &str)> {
    scan::pairs(text).collect()
}

fn each(call: &Call<'_>, as_text: bool, name: Option<&str>) -> Result<Rows> {
    let text = call.text(0)?;
    parse::escapes(text)?;
    match (scan::kind(text), name) {
        (Kind::Object, _) => rows(
            unique_pairs(text)
                .into_iter()
                .map(|(key, field)| vec![scan::unquote(key).into_owned().into(), value(field, as_text)])
                .collect(),
        ),
        (_, Some(name)) => Err(invalid(format!("cannot call {name} on a non-object"))),
        (Kind::Array, None) => Err(invalid("cannot deconstruct an array as an object".to_owned())),
        (_, None) => Err(invalid("cannot deconstruct a scalar".to_owned())),
    }
}

fn keys(call: &Call<'_>, name: &str) -> Result<Rows> {
    let text = call.text(0)?;
    match scan::kind(text) {
        Kind::Object => {
            rows(scan::pairs(text).map(|(key, _)| vec![scan::unquote(key).into_owned().into()]).collect())
        }
        Kind::Array => Err(invalid(format!("cannot call {name} on an array"))),
        _ => Err(invalid(format!("cannot call {name} on a scalar"))),
    }
}

pub(crate) static FUNCTIONS: &[SetFunction] = &[
    SetFunction::immutable("jsonb_array_elements", 1, |call| elements(call, false, None)),
    SetFunction::immutable("jsonb_array_elements_text", 1, |call| elements(call, true, None)),
    SetFunction::immutable("json_array_elements", 1, |call| {
        elements(call, false, Some("json_array_elements"))
    }),
    SetFunction::immutable("json_array_elements_text", 1, |call| {
        elements(call, true, Some("json_array_elements_text"))
    }),
    SetFunction::immutable("jsonb_each", 2, |call| each(call, false, Some("jsonb_each"))),
    SetFunction::immutable("jsonb_each_text", 2, |call| each(call, true, Some("jsonb_each_text"))),
    SetFunction::immutable("json_each", 2, |call| each(call, false, None)),
    SetFunction::immutable("json_each_text", 2, |call| each(call, true, None)),
    SetFunction::immutable("jsonb_object_keys", 1, |call| keys(call, "jsonb_object_keys")),
    SetFunction::immutable("json_object_keys", 1, |call| keys(call, "json_object_keys")),
];
