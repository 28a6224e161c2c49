//! Every case that was recorded from a real PostgreSQL (see record.py), asked of this crate.

use datum::{Context, Field, Label, Oid, Stored, StoredValue, TimeZone, TypeInfo, TypeSource};
use serde_json::Value;
use sqlstate::{DatabaseError, Result};
use std::fmt::Write;

struct Session {
    zone: TimeZone,
}

/// The moment that `now()` means in tests: 2024-05-06 07:08:09.123456 UTC.
const NOW: i64 = 768_208_089_123_456;

impl Context for Session {
    fn now(&self) -> i64 {
        NOW
    }
    fn time_zone(&self) -> &TimeZone {
        &self.zone
    }
    fn types(&self) -> &dyn TypeSource {
        self
    }
    fn random_bytes(&self, buffer: &mut [u8]) -> Result<()> {
        buffer.fill(0x5a);
        Ok(())
    }
}

impl TypeSource for Session {
    fn describe(&self, oid: Oid) -> Option<TypeInfo> {
        let label = |ordinal: i64, label: &str| Label {
            ordinal: ordinal * 65_536,
            label: label.into(),
            uncommitted: false,
        };
        let array = |name: &str, element| Some(TypeInfo::Array { name: name.into(), element });
        match oid {
            20001 => Some(TypeInfo::Enum {
                name: "mood".into(),
                labels: [label(1, "sad"), label(2, "ok"), label(3, "so \"happy\"")].into(),
            }),
            20002 => array("mood[]", 20001),
            20003 => Some(TypeInfo::Composite {
                name: "pair".into(),
                fields: [
                    Field { name: "a".into(), oid: datum::oid::INT4, typmod: -1 },
                    Field { name: "b".into(), oid: datum::oid::TEXT, typmod: -1 },
                ]
                .into(),
            }),
            20004 => array("pair[]", 20003),
            20005 => Some(TypeInfo::Domain { name: "positive".into(), base: datum::oid::INT4, typmod: -1 }),
            _ => None,
        }
    }
}

/// What a case gave: a text, NULL, or an error.
#[derive(Debug, PartialEq)]
enum Answer {
    Value(Option<String>),
    Rows(Vec<Vec<Option<String>>>),
    Error { code: String, message: String, detail: String, hint: String },
}

fn error(error: &DatabaseError) -> Answer {
    Answer::Error {
        code: error.code().as_str().to_owned(),
        message: error.message().to_owned(),
        detail: error.fields().detail.clone().unwrap_or_default(),
        hint: error.fields().hint.clone().unwrap_or_default(),
    }
}

fn optional(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn expected(case: &Value) -> Answer {
    let answer = &case["answer"];
    if let Some(error) = answer.get("error") {
        let part = |at: usize| error[at].as_str().unwrap_or("").to_owned();
        return Answer::Error { code: part(0), message: part(1), detail: part(2), hint: part(3) };
    }
    if let Some(rows) = answer.get("rows").and_then(Value::as_array) {
        return Answer::Rows(
            rows.iter().map(|row| row.as_array().into_iter().flatten().map(optional).collect()).collect(),
        );
    }
    Answer::Value(optional(&answer["value"]))
}

fn text(ty: Oid, value: Stored<'_>, session: &Session) -> Result<Option<String>> {
    if value.is_null() {
        return Ok(None);
    }
    let mut out = String::new();
    datum::output(ty, -1, value, session, &mut out)?;
    Ok(Some(out))
}

fn read(ty: Oid, text: Option<String>, session: &Session) -> Result<StoredValue> {
    text.map_or(Ok(StoredValue::Null), |text| datum::input(ty, -1, &text, session))
}

/// What is missing stops the case, and is no wrong answer.
fn missing(what: &str) -> DatabaseError {
    DatabaseError::unsupported(format_args!("missing {what}"))
}

fn run(case: &Value, session: &Session) -> Result<Answer> {
    let types: Vec<Oid> = case["types"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|ty| ty.as_u64())
        .map(|ty| ty as Oid)
        .collect();
    let arguments: Vec<Option<String>> =
        case["arguments"].as_array().into_iter().flatten().map(optional).collect();
    let lookup = &case["lookup"];
    let result_type = case["answer"]["type"].as_u64().or(lookup[2].as_u64()).unwrap_or(0) as Oid;
    let name = lookup[0].as_str().unwrap_or("");
    let signature = |result: Oid| {
        let mut signature = String::new();
        for ty in &types {
            let _ = write!(signature, "{ty},");
        }
        let _ = write!(signature, "{result}");
        signature
    };
    let with_signature = |typed: bool, result: Oid, values: Vec<StoredValue>| {
        let mut all = Vec::new();
        if typed {
            all.push(StoredValue::Text(signature(result)));
        }
        all.extend(values);
        all
    };
    match case["kind"].as_str().unwrap_or("") {
        "input" => {
            let typmod = lookup[0].as_i64().unwrap_or(-1) as i32;
            let input = arguments[0].clone().unwrap_or_default();
            let value = datum::input(types[0], typmod, &input, session)?;
            let mut out = String::new();
            datum::output(types[0], typmod, value.borrow(), session, &mut out)?;
            // What is printed reads back as the same.
            let again = datum::input(types[0], typmod, &out, session)?;
            assert_eq!(again, value, "{case}");
            Ok(Answer::Value(Some(out)))
        }
        "json" => {
            let value = read(types[0], arguments[0].clone(), session)?;
            let mut out = String::new();
            datum::json_output(types[0], -1, value.borrow(), session, &mut out)?;
            Ok(Answer::Value(Some(out)))
        }
        "cast" => {
            let value = read(types[0], arguments[0].clone(), session)?;
            let name = match name {
                "b" => return Ok(Answer::Value(text(types[1], value.borrow(), session)?)),
                "i" | "" => "cast_io",
                name => name,
            };
            let function = datum::function(name).ok_or_else(|| missing(name))?;
            let mut values = Vec::new();
            if function.typed {
                values.push(StoredValue::Text(format!("{},{}", types[0], types[1])));
            }
            values.push(value);
            let borrowed: Vec<Stored<'_>> = values.iter().map(StoredValue::borrow).collect();
            let value = function.invoke(&borrowed, session)?;
            Ok(Answer::Value(text(types[1], value.borrow(), session)?))
        }
        "call" => {
            let function = datum::function(name).ok_or_else(|| missing(name))?;
            let values: Result<Vec<StoredValue>> =
                types.iter().zip(arguments).map(|(ty, text)| read(*ty, text, session)).collect();
            let values = with_signature(function.typed, result_type, values?);
            let borrowed: Vec<Stored<'_>> = values.iter().map(StoredValue::borrow).collect();
            let value = function.invoke(&borrowed, session)?;
            Ok(Answer::Value(text(result_type, value.borrow(), session)?))
        }
        "set" => {
            let function = datum::set_function(name).ok_or_else(|| missing(name))?;
            let values: Result<Vec<StoredValue>> =
                types.iter().zip(arguments).map(|(ty, text)| read(*ty, text, session)).collect();
            let columns: Vec<Oid> = case["answer"]["types"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|ty| ty.as_u64())
                .map(|ty| ty as Oid)
                .collect();
            let result = columns.first().copied().unwrap_or(0);
            let values = with_signature(function.typed, result, values?);
            let borrowed: Vec<Stored<'_>> = values.iter().map(StoredValue::borrow).collect();
            let mut rows = Vec::new();
            for row in function.invoke(&borrowed, session)? {
                let row = row?;
                assert_eq!(row.len(), function.columns, "{case}");
                let row: Result<Vec<Option<String>>> =
                    row.iter().zip(&columns).map(|(value, ty)| text(*ty, value.borrow(), session)).collect();
                rows.push(row?);
            }
            Ok(Answer::Rows(rows))
        }
        "agg" => {
            let aggregate = datum::aggregate_named(name).ok_or_else(|| missing(name))?;
            let mut state = aggregate.start();
            for row in case["arguments"].as_array().into_iter().flatten() {
                let texts = row.as_array().into_iter().flatten().map(optional);
                let values: Result<Vec<StoredValue>> =
                    types.iter().zip(texts).map(|(ty, text)| read(*ty, text, session)).collect();
                let values = with_signature(aggregate.typed, result_type, values?);
                let borrowed: Vec<Stored<'_>> = values.iter().map(StoredValue::borrow).collect();
                state.step(&borrowed, session)?;
            }
            let value = state.value(session)?;
            Ok(Answer::Value(text(result_type, value.borrow(), session)?))
        }
        other => panic!("kind {other}"),
    }
}

/// Whether we refused, which is allowed where it is listed.
fn is_refusal(answer: &Answer) -> bool {
    matches!(answer, Answer::Error { code, message, .. }
        if code == "0A000" && message.ends_with("not supported by the embedded engine"))
}

#[test]
fn answers_as_postgresql_does() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
    let allowed = std::fs::read_to_string(folder.join("data/refused.txt")).expect("refused.txt");
    let allowed: Vec<&str> = allowed.lines().filter(|line| !line.is_empty()).collect();
    let mut files: Vec<_> = std::fs::read_dir(folder.join("data"))
        .expect("data")
        .map(|entry| entry.expect("entry").path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "jsonl"))
        .collect();
    files.sort();
    let (mut total, mut wrong, mut refused) = (0, String::new(), Vec::new());
    for file in files {
        for line in std::fs::read_to_string(&file).expect("file").lines() {
            let case: Value = serde_json::from_str(line).expect("JSON");
            let zone = TimeZone::named(case["zone"].as_str().unwrap_or("UTC")).expect("zone");
            let session = Session { zone };
            let wanted = expected(&case);
            let found = run(&case, &session).unwrap_or_else(|found| error(&found));
            total += 1;
            if found == wanted {
                continue;
            }
            let what = format!(
                "{} {} {}({}){}",
                case["place"].as_str().unwrap_or("").split(':').next().unwrap_or(""),
                case["kind"].as_str().unwrap_or(""),
                case["lookup"][0],
                case["arguments"],
                if case["zone"] == "UTC" { String::new() } else { format!(" in {}", case["zone"]) }
            );
            if is_refusal(&found) {
                refused.push(what);
            } else {
                let _ = writeln!(wrong, "{} {what}\n  found  {found:?}\n  wanted {wanted:?}", case["place"]);
            }
        }
    }
    refused.retain(|what| !allowed.contains(&what.as_str()));
    assert!(total > 500, "only {total} cases");
    assert!(
        wrong.is_empty() && refused.is_empty(),
        "{wrong}\nof {total} cases; refused and not listed in refused.txt:\n{}",
        refused.join("\n")
    );
}
