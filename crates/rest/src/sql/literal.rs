//! Values of a body as the text that their type takes, as PostgreSQL makes it of JSON.

use crate::model::Shape;
use crate::payload::Cell;
use database::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// A cell as a parameter of its column's type.
pub(super) fn parameter(cell: &Cell, shape: &Shape) -> Value {
    match cell {
        Cell::Missing | Cell::Null => Value::Null,
        Cell::Text(text) if matches!(shape, Shape::Json | Shape::Jsonb) => {
            Value::from(serde_json::Value::String(text.clone()).to_string())
        }
        Cell::Text(text) => Value::from(text.as_str()),
        Cell::Json(json) => Value::from(of_json(json, shape).unwrap_or_else(|| json.clone())),
    }
}

/// Several texts as an array.
pub(super) fn array_of_texts(texts: &[String]) -> Value {
    let mut out = String::from("{");
    for (at, text) in texts.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        quote_element(text, &mut out);
    }
    out.push('}');
    Value::from(out)
}

/// JSON as the type's text; `None` when the JSON itself is that text.
fn of_json(json: &str, shape: &Shape) -> Option<String> {
    match (shape, json.as_bytes().first()) {
        (Shape::Array(element), Some(b'[')) => {
            let mut out = String::new();
            array(json, element, &mut out)?;
            Some(out)
        }
        (Shape::Composite(fields), Some(b'{')) => row(json, fields),
        _ => None,
    }
}

fn array(json: &str, element: &Shape, out: &mut String) -> Option<()> {
    let members: Vec<&RawValue> = serde_json::from_str(json).ok()?;
    out.push('{');
    for (at, member) in members.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        let text = member.get();
        match text.as_bytes().first() {
            Some(b'[') if !matches!(element, Shape::Json | Shape::Jsonb) => array(text, element, out)?,
            _ => match scalar(text, element)? {
                Some(value) => quote_element(&value, out),
                None => out.push_str("NULL"),
            },
        }
    }
    out.push('}');
    Some(())
}

/// A member's text; `Some(None)` is NULL.
fn scalar(json: &str, shape: &Shape) -> Option<Option<String>> {
    match json.as_bytes().first() {
        Some(b'n') => Some(None),
        Some(b'"') if matches!(shape, Shape::Json | Shape::Jsonb) => Some(Some(json.to_owned())),
        Some(b'"') => serde_json::from_str(json).ok().map(Some),
        _ => Some(Some(of_json(json, shape).unwrap_or_else(|| json.to_owned()))),
    }
}

fn quote_element(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
}

fn row(json: &str, fields: &[(String, Shape)]) -> Option<String> {
    let members: BTreeMap<String, &RawValue> = serde_json::from_str(json).ok()?;
    let mut out = String::from("(");
    for (at, (name, shape)) in fields.iter().enumerate() {
        if at > 0 {
            out.push(',');
        }
        let Some(member) = members.get(name) else { continue };
        if let Some(text) = scalar(member.get(), shape)? {
            out.push('"');
            for c in text.chars() {
                if matches!(c, '"' | '\\') {
                    out.push(c);
                }
                out.push(c);
            }
            out.push('"');
        }
    }
    out.push(')');
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(json: &str, shape: &Shape) -> String {
        match parameter(&Cell::Json(json.to_owned()), shape) {
            Value::Text(text) => text.into(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn json_becomes_the_types_text() {
        let texts = Shape::Array(Box::new(Shape::Text));
        assert_eq!(text(r#"["a","b\"c\\",null,1]"#, &texts), r#"{"a","b\"c\\",NULL,"1"}"#);
        assert_eq!(text("[[1,2],[3,4]]", &texts), r#"{{"1","2"},{"3","4"}}"#);
        assert_eq!(text("[]", &texts), "{}");
        let jsons = Shape::Array(Box::new(Shape::Jsonb));
        assert_eq!(text(r#"[{"a":[1]},"x"]"#, &jsons), r#"{"{\"a\":[1]}","\"x\""}"#);
        let pair = Shape::Composite(vec![("a".into(), Shape::Text), ("b".into(), texts)]);
        assert_eq!(text(r#"{"b":["x"],"a":null}"#, &pair), r#"(,"{""x""}")"#);
        assert_eq!(text(r#"{"k": 1.0}"#, &Shape::Jsonb), r#"{"k": 1.0}"#);
        assert_eq!(text(r#"{"k": 1.0}"#, &Shape::Text), r#"{"k": 1.0}"#);
        assert_eq!(parameter(&Cell::Text("x".into()), &Shape::Json), Value::from("\"x\""));
        assert_eq!(array_of_texts(&["a,b".into(), "c".into()]), Value::from("{\"a,b\",\"c\"}"));
    }
}
