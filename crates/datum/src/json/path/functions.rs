//! The functions and operators that evaluate a path.

use super::execute::{Options, Status, evaluate, wrapped};
use super::item::Item;
use super::stored;
use crate::json::parse;
use crate::registry::{Call, Function, Rows, SetFunction, immutable, stable};
use crate::value::StoredValue;
use sqlstate::{DatabaseError, Result, SINGLETON_SQL_JSON_ITEM_REQUIRED};

/// Document, path and, but for operators, variables and silence.
fn run(call: &Call<'_>, zoned: bool, found: Option<&mut Vec<Item>>) -> Result<Status> {
    let value = parse::stored(call.text(0)?)?;
    let path = stored(call.text(1)?)?;
    let (vars, silent) =
        if call.count() > 2 { (Some(parse::stored(call.text(2)?)?), call.bool(3)?) } else { (None, true) };
    evaluate(&path, &value, vars.as_ref(), Options { silent, zoned }, found, call.context)
}

fn exists(call: &Call<'_>, zoned: bool) -> Result<StoredValue> {
    Ok(match run(call, zoned, None)? {
        Status::Failed => StoredValue::Null,
        status => (status == Status::Found).into(),
    })
}

fn matches(call: &Call<'_>, zoned: bool) -> Result<StoredValue> {
    let mut found = Vec::new();
    run(call, zoned, Some(&mut found))?;
    match found.as_slice() {
        [Item::Bool(truth)] => Ok((*truth).into()),
        [Item::Null] => Ok(StoredValue::Null),
        _ if call.count() > 2 && !call.bool(3)? => {
            Err(DatabaseError::new(SINGLETON_SQL_JSON_ITEM_REQUIRED, "single boolean result is expected"))
        }
        _ => Ok(StoredValue::Null),
    }
}

fn first(call: &Call<'_>, zoned: bool) -> Result<StoredValue> {
    let mut found = Vec::new();
    run(call, zoned, Some(&mut found))?;
    Ok(found.first().map(|item| item.to_text()).into())
}

fn array(call: &Call<'_>, zoned: bool) -> Result<StoredValue> {
    let mut found = Vec::new();
    run(call, zoned, Some(&mut found))?;
    Ok(wrapped(found).to_text().into())
}

fn query(call: &Call<'_>, zoned: bool) -> Result<Rows> {
    let mut found = Vec::new();
    run(call, zoned, Some(&mut found))?;
    let rows: Vec<Vec<StoredValue>> = found.iter().map(|item| vec![item.to_text().into()]).collect();
    Ok(Box::new(rows.into_iter().map(Ok)))
}

pub(crate) static FUNCTIONS: &[Function] = &[
    immutable("jsonb_path_exists", |call| exists(call, false)),
    immutable("jsonb_path_exists_opr", |call| exists(call, false)),
    stable("jsonb_path_exists_tz", |call| exists(call, true)),
    immutable("jsonb_path_match", |call| matches(call, false)),
    immutable("jsonb_path_match_opr", |call| matches(call, false)),
    stable("jsonb_path_match_tz", |call| matches(call, true)),
    immutable("jsonb_path_query_first", |call| first(call, false)),
    stable("jsonb_path_query_first_tz", |call| first(call, true)),
    immutable("jsonb_path_query_array", |call| array(call, false)),
    stable("jsonb_path_query_array_tz", |call| array(call, true)),
];

pub(crate) static SET_FUNCTIONS: &[SetFunction] = &[
    SetFunction::immutable("jsonb_path_query", 1, |call| query(call, false)),
    SetFunction::immutable("jsonb_path_query_tz", 1, |call| query(call, true)).stable(),
];
