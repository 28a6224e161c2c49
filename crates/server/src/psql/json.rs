//! A result as JSON: an array of objects, values in JSON's own types where it has one.

use super::value::text;
use database::{Column, ResultSet, Value};
use serde_json::value::RawValue;
use serde_json::{Map, Value as Json};

/// The rows as an array of objects, on one line.
pub fn json(result: &ResultSet) -> String {
    let rows = result.rows.iter().map(|row| {
        let fields = row.iter().zip(result.columns.iter()).map(|(value, column)| {
            let name = Json::String(column.name.to_string());
            format!("{name}:{}", field(value, column))
        });
        format!("{{{}}}", fields.collect::<Vec<_>>().join(","))
    });
    format!("[{}]", rows.collect::<Vec<_>>().join(","))
}

/// What changed, when a statement returns no rows.
pub fn command(tag: &str) -> String {
    let mut object = Map::new();
    object.insert("command".into(), Json::String(tag.to_owned()));
    Json::Object(object).to_string()
}

fn field(value: &Value, column: &Column) -> String {
    let shown = text(value, column);
    match value {
        Value::Null => "null".into(),
        Value::Bool(truth) => truth.to_string(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) if number.is_finite() => shown,
        Value::Text(_) if is_json(column) || column.type_name.starts_with("numeric") => as_it_is(shown),
        Value::Float(_) | Value::Text(_) | Value::Bytes(_) => Json::String(shown).to_string(),
    }
}

fn is_json(column: &Column) -> bool {
    matches!(&*column.type_name, "json" | "jsonb")
}

/// What is JSON already stays digit by digit; `NaN` and arrays are none.
fn as_it_is(shown: String) -> String {
    match serde_json::from_str::<Box<RawValue>>(&shown) {
        Ok(_) => shown.replace('\n', " "),
        Err(_) => Json::String(shown).to_string(),
    }
}
