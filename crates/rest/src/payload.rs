//! Bodies: JSON, CSV and forms, all as rows of named cells.

use crate::error::Refusal;
use crate::media::MediaType;
use crate::query::decode_pairs;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

/// What a body holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Payload {
    /// Nothing that matters.
    None,
    /// Rows with named cells.
    Rows(Rows),
    /// Pairs of a form, for a function: a name may occur again.
    Pairs(Vec<(String, String)>),
    /// Bytes for a function's one nameless parameter.
    Raw(Vec<u8>),
}

/// Rows with named cells.
#[derive(Clone, Debug, PartialEq, Default)]
pub(crate) struct Rows {
    /// The columns, sorted.
    pub(crate) columns: Vec<String>,
    /// Each as wide as `columns`.
    pub(crate) rows: Vec<Vec<Cell>>,
    /// The body as it came, for a function that takes it whole.
    pub(crate) text: String,
}

/// A value of the body.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    /// The row has no such key.
    Missing,
    /// null
    Null,
    /// The content of a JSON string, or a CSV or form field.
    Text(String),
    /// A number, boolean, array or object as it was written.
    Json(String),
}

/// What a body is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// Rows of a relation.
    Rows,
    /// Arguments of a function.
    Arguments,
}

impl Payload {
    /// Reads a body. With `columns` only these keys are read and nothing else of it is looked at.
    pub(crate) fn read(
        body: &[u8],
        media: &MediaType,
        columns: Option<&BTreeSet<String>>,
        purpose: Purpose,
    ) -> Result<Payload, Refusal> {
        match (media, purpose) {
            (MediaType::Json, Purpose::Arguments) if body.is_empty() && columns.is_none() => {
                json(b"{}", None).map(Payload::Rows)
            }
            (MediaType::Json, _) => json(body, columns).map(Payload::Rows),
            (MediaType::Csv, _) => csv(body).map(Payload::Rows),
            (MediaType::Form, Purpose::Arguments) => Ok(Payload::Pairs(form(body)?)),
            (MediaType::Form, Purpose::Rows) => Ok(Payload::Rows(form_row(form(body)?))),
            (MediaType::PlainText | MediaType::Xml | MediaType::Bytes, Purpose::Arguments) => {
                Ok(Payload::Raw(body.to_vec()))
            }
            _ => Err(Refusal::Body(format!("Content-Type not acceptable: {}", media.text()))),
        }
    }

    /// The names that it gives values to.
    pub(crate) fn names(&self) -> BTreeSet<String> {
        match self {
            Payload::Rows(rows) => rows.columns.iter().cloned().collect(),
            Payload::Pairs(pairs) => pairs.iter().map(|(name, _)| name.clone()).collect(),
            Payload::None | Payload::Raw(_) => BTreeSet::new(),
        }
    }
}

fn invalid() -> Refusal {
    Refusal::Body("Empty or invalid json".to_owned())
}

/// An object with its values as they were written; of equal keys the last one counts.
struct Object<'a>(BTreeMap<Cow<'a, str>, &'a RawValue>);

impl<'de> serde::Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object<'de>, A::Error> {
                let mut members = BTreeMap::new();
                while let Some((key, value)) = map.next_entry::<Key<'de>, &'de RawValue>()? {
                    members.insert(key.0, value);
                }
                Ok(Object(members))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

#[derive(serde::Deserialize)]
struct Key<'a>(#[serde(borrow)] Cow<'a, str>);

fn json(body: &[u8], columns: Option<&BTreeSet<String>>) -> Result<Rows, Refusal> {
    let text = std::str::from_utf8(body).map_err(|_| invalid())?;
    let first = text.trim_start_matches([' ', '\t', '\n', '\r']).bytes().next();
    let elements: Vec<&RawValue> = match first {
        Some(b'[') => serde_json::from_str(text).map_err(|_| invalid())?,
        Some(b'{') => vec![serde_json::from_str(text).map_err(|_| invalid())?],
        _ => {
            serde_json::from_str::<&RawValue>(text).map_err(|_| invalid())?;
            Vec::new()
        }
    };
    let not_object = || match columns {
        Some(_) => Refusal::NotObjects,
        None => Refusal::Body("All object keys must match".to_owned()),
    };
    let objects: Vec<Object<'_>> = elements
        .iter()
        .map(|element| serde_json::from_str(element.get()).map_err(|_| not_object()))
        .collect::<Result<_, _>>()?;
    let names: Vec<String> = match (columns, objects.first()) {
        (Some(columns), _) => columns.iter().cloned().collect(),
        (None, Some(object)) => object.0.keys().map(|key| key.clone().into_owned()).collect(),
        (None, None) => Vec::new(),
    };
    if columns.is_none() {
        let matches =
            |object: &Object<'_>| object.0.keys().map(AsRef::as_ref).eq(names.iter().map(String::as_str));
        if !objects.iter().all(matches) {
            return Err(not_object());
        }
    }
    let row =
        |object: &Object<'_>| names.iter().map(|name| cell(object.0.get(name.as_str()).copied())).collect();
    let rows = objects.iter().map(row).collect();
    // A scalar counts as no rows, for a function that takes the body whole, too.
    let text = if matches!(first, Some(b'[' | b'{')) || columns.is_some() { text } else { "[]" };
    Ok(Rows { rows, columns: names, text: text.to_owned() })
}

/// The objects of a body that is one or an array of them, each with its values as they were written.
pub(crate) fn objects(text: &str) -> Option<Vec<BTreeMap<String, &RawValue>>> {
    let first = text.trim_start_matches([' ', '\t', '\n', '\r']).bytes().next();
    let elements: Vec<&RawValue> = match first? {
        b'[' => serde_json::from_str(text).ok()?,
        _ => vec![serde_json::from_str(text).ok()?],
    };
    elements.into_iter().map(|element| object(element.get())).collect()
}

/// An object's members with their values as they were written; of equal keys the last one counts.
pub(crate) fn object(text: &str) -> Option<BTreeMap<String, &RawValue>> {
    let object: Object<'_> = serde_json::from_str(text).ok()?;
    Some(object.0.into_iter().map(|(key, value)| (key.into_owned(), value)).collect())
}

/// What a JSON value is as a cell.
pub(crate) fn cell(value: Option<&RawValue>) -> Cell {
    let Some(value) = value else { return Cell::Missing };
    let text = value.get();
    match text.as_bytes().first() {
        Some(b'n') => Cell::Null,
        Some(b'"') => match serde_json::from_str::<String>(text) {
            Ok(content) => Cell::Text(content),
            // A lone surrogate is JSON but no text; the database says what it thinks of it.
            Err(_) => Cell::Json(text.to_owned()),
        },
        _ => Cell::Json(text.to_owned()),
    }
}

fn form(body: &[u8]) -> Result<Vec<(String, String)>, Refusal> {
    let text = std::str::from_utf8(body).map_err(|_| Refusal::Body("The form is not UTF-8".to_owned()))?;
    Ok(decode_pairs(text).into_iter().map(|(key, value)| (key, value.unwrap_or_default())).collect())
}

fn form_row(pairs: Vec<(String, String)>) -> Rows {
    let members: BTreeMap<String, String> = pairs.into_iter().collect();
    let (columns, row) = members.into_iter().map(|(key, value)| (key, Cell::Text(value))).unzip();
    Rows { columns, rows: vec![row], text: String::new() }
}

fn csv(body: &[u8]) -> Result<Rows, Refusal> {
    let text = std::str::from_utf8(body).map_err(|_| Refusal::Body("The CSV is not UTF-8".to_owned()))?;
    let mut lines =
        csv_lines(text).ok_or_else(|| Refusal::Body("A quote in the CSV does not end".to_owned()))?;
    // A header is a line: it ends, even when nothing follows.
    if lines.is_empty() || lines.len() == 1 && !text.ends_with(['\n', '\r']) {
        return Err(Refusal::Body("parse error (not enough input) at \"\"".to_owned()));
    }
    let header = lines.remove(0);
    if lines.iter().any(|line| line.len() != header.len()) {
        return Err(Refusal::Body("All lines must have same number of fields".to_owned()));
    }
    let mut order: Vec<usize> = (0..header.len()).collect();
    order.sort_by(|a, b| header[*a].cmp(&header[*b]));
    let cell = |field: &String| match field.as_str() {
        "NULL" => Cell::Null,
        text => Cell::Text(text.to_owned()),
    };
    let rows = lines.iter().map(|line| order.iter().map(|at| cell(&line[*at])).collect()).collect();
    Ok(Rows { columns: order.iter().map(|at| header[*at].clone()).collect(), rows, text: String::new() })
}

/// The lines' fields; empty lines are skipped. `None` when a quote does not end.
fn csv_lines(text: &str) -> Option<Vec<Vec<String>>> {
    let mut lines = Vec::new();
    let mut line: Vec<String> = Vec::new();
    let mut field = String::new();
    let mut chars = text.chars().peekable();
    let mut quoted = false;
    let mut anything = false;
    while let Some(c) = chars.next() {
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                chars.next();
                field.push('"');
            }
            '"' if quoted => quoted = false,
            '"' if field.is_empty() => (quoted, anything) = (true, true),
            c if quoted => field.push(c),
            ',' => {
                anything = true;
                line.push(std::mem::take(&mut field));
            }
            '\r' if chars.peek() == Some(&'\n') => {}
            '\n' | '\r' => {
                if anything {
                    line.push(std::mem::take(&mut field));
                    lines.push(std::mem::take(&mut line));
                }
                anything = false;
            }
            c => {
                anything = true;
                field.push(c);
            }
        }
    }
    if anything {
        line.push(field);
        lines.push(line);
    }
    (!quoted).then_some(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(body: &str, media: &MediaType, columns: Option<&[&str]>) -> Result<Rows, Refusal> {
        let columns = columns.map(|names| names.iter().map(|name| (*name).to_owned()).collect());
        match Payload::read(body.as_bytes(), media, columns.as_ref(), Purpose::Rows)? {
            Payload::Rows(rows) => Ok(rows),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn json_keeps_what_was_written() {
        let found = rows(r#"[{"b":1.50,"a":"x\ny"},{"a":null,"b":{"k" : [1]}}]"#, &MediaType::Json, None)
            .expect("rows");
        assert_eq!(found.columns, ["a", "b"]);
        assert_eq!(found.rows[0], [Cell::Text("x\ny".into()), Cell::Json("1.50".into())]);
        assert_eq!(found.rows[1], [Cell::Null, Cell::Json("{\"k\" : [1]}".into())]);
    }

    #[test]
    fn json_mistakes_are_named() {
        let message = |body: &str| match rows(body, &MediaType::Json, None) {
            Err(Refusal::Body(message)) => message,
            other => panic!("{other:?}"),
        };
        assert_eq!(message(""), "Empty or invalid json");
        assert_eq!(message("{"), "Empty or invalid json");
        assert_eq!(message(r#"[{"a":1},{"b":1}]"#), "All object keys must match");
        assert_eq!(message("[1]"), "All object keys must match");
        assert!(rows("[]", &MediaType::Json, None).expect("rows").rows.is_empty());
        let scalar = rows("1", &MediaType::Json, None).expect("rows");
        assert_eq!((scalar.rows.len(), scalar.text.as_str()), (0, "[]"));
        assert_eq!(rows("[{},{}]", &MediaType::Json, None).expect("rows").rows.len(), 2);
    }

    #[test]
    fn named_columns_may_be_missing() {
        let found = rows(r#"[{"a":1},{"b":2,"c":3}]"#, &MediaType::Json, Some(&["a", "b"])).expect("rows");
        assert_eq!(found.rows[1], [Cell::Missing, Cell::Json("2".into())]);
        assert!(matches!(rows("[1]", &MediaType::Json, Some(&["a"])), Err(Refusal::NotObjects)));
    }

    #[test]
    fn csv_is_read() {
        let found = rows("b,a\n1,\"x,\"\"y\"\n,NULL\n\n", &MediaType::Csv, None).expect("rows");
        assert_eq!(found.columns, ["a", "b"]);
        assert_eq!(found.rows[0], [Cell::Text("x,\"y".into()), Cell::Text("1".into())]);
        assert_eq!(found.rows[1], [Cell::Null, Cell::Text(String::new())]);
        assert!(rows("a,b\n1\n", &MediaType::Csv, None).is_err());
        assert!(rows("a,b\n", &MediaType::Csv, None).expect("no rows").rows.is_empty());
        for unfinished in ["", "a,b"] {
            let found = rows(unfinished, &MediaType::Csv, None);
            let is_it = |message: &str| message == "parse error (not enough input) at \"\"";
            assert!(matches!(&found, Err(Refusal::Body(message)) if is_it(message)), "{found:?}");
        }
    }

    #[test]
    fn forms_are_read() {
        let found = rows("b=1&a=x+y", &MediaType::Form, None).expect("rows");
        assert_eq!(found.columns, ["a", "b"]);
        assert_eq!(found.rows[0][0], Cell::Text("x y".into()));
    }
}
