//! Changing jsonb: concatenation, deletion, setting at a path, stripping, printing.

use super::access::{index, path};
use super::{Json, parse, push_string, tree::sort_object};
use crate::registry::{Call, Function, immutable};
use crate::value::{Stored, StoredValue};
use sqlstate::{
    DatabaseError, INVALID_PARAMETER_VALUE, INVALID_TEXT_REPRESENTATION, NULL_VALUE_NOT_ALLOWED, Result,
};

fn document(call: &Call<'_>, at: usize) -> Result<Json> {
    parse::stored(call.text(at)?)
}

fn done(value: &Json) -> Result<StoredValue> {
    Ok(value.to_text().into())
}

fn invalid(message: &str) -> DatabaseError {
    DatabaseError::new(INVALID_PARAMETER_VALUE, message)
}

/// Whether a value is neither object nor array.
fn is_scalar(value: &Json) -> bool {
    !matches!(value, Json::Object(_) | Json::Array(_))
}

fn concat(call: &mut Call<'_>) -> Result<StoredValue> {
    let result = match (document(call, 0)?, document(call, 1)?) {
        (Json::Object(mut left), Json::Object(right)) => {
            left.extend(right);
            sort_object(&mut left);
            Json::Object(left)
        }
        (Json::Array(mut left), Json::Array(right)) => {
            left.extend(right);
            Json::Array(left)
        }
        (Json::Array(mut left), right) => {
            left.push(right);
            Json::Array(left)
        }
        (left, Json::Array(mut right)) => {
            right.insert(0, left);
            Json::Array(right)
        }
        (left, right) => Json::Array(vec![left, right]),
    };
    done(&result)
}

fn delete_key(value: &mut Json, key: &str) {
    match value {
        Json::Object(pairs) => pairs.retain(|(name, _)| name != key),
        Json::Array(elements) => {
            elements.retain(|element| !matches!(element, Json::String(text) if text == key));
        }
        _ => {}
    }
}

fn delete(call: &mut Call<'_>) -> Result<StoredValue> {
    let mut value = document(call, 0)?;
    if is_scalar(&value) {
        return Err(invalid("cannot delete from scalar"));
    }
    delete_key(&mut value, call.text(1)?);
    done(&value)
}

fn delete_array(call: &mut Call<'_>) -> Result<StoredValue> {
    let mut value = document(call, 0)?;
    if is_scalar(&value) {
        return Err(invalid("cannot delete from scalar"));
    }
    for key in path(call, 1)?.into_iter().flatten() {
        delete_key(&mut value, &key);
    }
    done(&value)
}

fn delete_index(call: &mut Call<'_>) -> Result<StoredValue> {
    let mut value = document(call, 0)?;
    match &mut value {
        Json::Object(_) => Err(invalid("cannot delete from object using integer index")),
        Json::Array(elements) => {
            let at = call.int(1)?;
            let at = if at < 0 { at + elements.len() as i64 } else { at };
            if (0..elements.len() as i64).contains(&at) {
                elements.remove(at as usize);
            }
            done(&value)
        }
        _ => Err(invalid("cannot delete from scalar")),
    }
}

/// What to do at the end of a path.
enum Change {
    Delete,
    /// Replace; create what is missing if so.
    Set(Json, bool),
    /// Insert before or after.
    Insert(Json, bool),
}

/// The path of a change; a NULL step has its position in the message.
fn steps(call: &Call<'_>) -> Result<Vec<Option<String>>> {
    path(call, 1)
}

fn change(value: &mut Json, path: &[Option<String>], at: usize, change_to: &Change) -> Result<()> {
    let Some(step) = path.get(at) else { return Ok(()) };
    let last = at + 1 == path.len();
    let Some(step) = step else {
        return Err(DatabaseError::new(
            NULL_VALUE_NOT_ALLOWED,
            format!("path element at position {} is null", at + 1),
        ));
    };
    match value {
        Json::Object(pairs) => {
            let found = pairs.iter().position(|(name, _)| name == step);
            match (found, last, change_to) {
                (Some(found), true, Change::Delete) => {
                    pairs.remove(found);
                }
                (Some(found), true, Change::Set(new, _)) => pairs[found].1 = new.clone(),
                (Some(_), true, Change::Insert(..)) => {
                    return Err(invalid("cannot replace existing key")
                        .with_hint("Try using the function jsonb_set to replace key value."));
                }
                (Some(found), false, _) => change(&mut pairs[found].1, path, at + 1, change_to)?,
                (None, true, Change::Set(new, true) | Change::Insert(new, _)) => {
                    pairs.push((step.clone(), new.clone()));
                    sort_object(pairs);
                }
                (None, _, _) => {}
            }
        }
        Json::Array(elements) => {
            let length = elements.len() as i64;
            let wanted = index(step).ok_or_else(|| {
                DatabaseError::new(
                    INVALID_TEXT_REPRESENTATION,
                    format!("path element at position {} is not an integer: \"{step}\"", at + 1),
                )
            })?;
            let position = if wanted < 0 { wanted + length } else { wanted };
            let inside = (0..length).contains(&position);
            match (inside, last, change_to) {
                (true, true, Change::Delete) => {
                    elements.remove(position as usize);
                }
                (true, true, Change::Set(new, _)) => elements[position as usize] = new.clone(),
                (true, true, Change::Insert(new, after)) => {
                    elements.insert(position as usize + usize::from(*after), new.clone());
                }
                (true, false, _) => change(&mut elements[position as usize], path, at + 1, change_to)?,
                (false, true, Change::Set(new, true) | Change::Insert(new, _)) => {
                    // Beyond either end: at that end.
                    let end = if position < 0 { 0 } else { elements.len() };
                    elements.insert(end, new.clone());
                }
                (false, _, _) => {}
            }
        }
        _ => {}
    }
    Ok(())
}

/// Nothing is in it to be changed, whatever the path is.
fn is_empty(value: &Json) -> bool {
    match value {
        Json::Object(pairs) => pairs.is_empty(),
        Json::Array(elements) => elements.is_empty(),
        _ => false,
    }
}

fn delete_path(call: &mut Call<'_>) -> Result<StoredValue> {
    let mut value = document(call, 0)?;
    if is_scalar(&value) {
        return Err(invalid("cannot delete path in scalar"));
    }
    let path = steps(call)?;
    if is_empty(&value) {
        return done(&value);
    }
    change(&mut value, &path, 0, &Change::Delete)?;
    done(&value)
}

fn set(call: &mut Call<'_>) -> Result<StoredValue> {
    let mut value = document(call, 0)?;
    if is_scalar(&value) {
        return Err(invalid("cannot set path in scalar"));
    }
    let create = call.count() < 4 || call.bool(3)?;
    if !create && is_empty(&value) {
        return done(&value);
    }
    let new = document(call, 2)?;
    change(&mut value, &steps(call)?, 0, &Change::Set(new, create))?;
    done(&value)
}

/// jsonb_set with a choice for a NULL value.
fn set_lax(call: &mut Call<'_>) -> Result<StoredValue> {
    if call.is_null(0) || call.is_null(1) || call.is_null(3) {
        return Ok(StoredValue::Null);
    }
    let invalid_treatment = || {
        DatabaseError::new(
            INVALID_PARAMETER_VALUE,
            "null_value_treatment must be \"delete_key\", \"return_target\", \"use_json_null\", or \"raise_exception\"",
        )
    };
    let Stored::Text(treatment) = call.stored(4) else { return Err(invalid_treatment()) };
    let mut value = document(call, 0)?;
    let new = match (call.stored(2), treatment) {
        (Stored::Null, "raise_exception") => {
            return Err(DatabaseError::new(NULL_VALUE_NOT_ALLOWED, "JSON value must not be null")
                .with_detail("Exception was raised because null_value_treatment is \"raise_exception\".")
                .with_hint(
                    "To avoid, either change the null_value_treatment argument or ensure that an SQL NULL is not passed.",
                ));
        }
        (Stored::Null, "return_target") => return done(&value),
        (Stored::Null, "use_json_null") => Json::Null,
        (Stored::Null, "delete_key") => {
            if is_scalar(&value) {
                return Err(invalid("cannot delete path in scalar"));
            }
            change(&mut value, &steps(call)?, 0, &Change::Delete)?;
            return done(&value);
        }
        (Stored::Null, _) => return Err(invalid_treatment()),
        _ => document(call, 2)?,
    };
    if is_scalar(&value) {
        return Err(invalid("cannot set path in scalar"));
    }
    let create = call.bool(3)?;
    change(&mut value, &steps(call)?, 0, &Change::Set(new, create))?;
    done(&value)
}

fn insert(call: &mut Call<'_>) -> Result<StoredValue> {
    let mut value = document(call, 0)?;
    if is_scalar(&value) {
        return Err(invalid("cannot set path in scalar"));
    }
    let after = call.count() > 3 && call.bool(3)?;
    let new = document(call, 2)?;
    change(&mut value, &steps(call)?, 0, &Change::Insert(new, after))?;
    done(&value)
}

/// More elements than an assignment to a subscript may make.
const MAX_GAP: usize = 1_000_000;

/// `SET j['a'][2] = value`: the document, the value, the subscripts. What is missing on the way is made: arrays, filled with
/// nulls, for subscripts that are numbers, objects for others.
fn assign(call: &mut Call<'_>) -> Result<StoredValue> {
    let mut path = Vec::new();
    for at in 2..call.count() {
        path.push(match call.stored(at) {
            Stored::Text(key) => key.to_owned(),
            Stored::Integer(index) => index.to_string(),
            _ => {
                return Err(DatabaseError::new(
                    NULL_VALUE_NOT_ALLOWED,
                    "jsonb subscript in assignment must not be null",
                ));
            }
        });
    }
    let mut value = match call.stored(0) {
        Stored::Null if matches!(call.stored(2), Stored::Integer(_)) => Json::Array(Vec::new()),
        Stored::Null => Json::Object(Vec::new()),
        _ => document(call, 0)?,
    };
    let new = if call.is_null(1) { Json::Null } else { document(call, 1)? };
    assign_at(&mut value, &path, 0, new)?;
    done(&value)
}

fn assign_at(value: &mut Json, path: &[String], level: usize, new: Json) -> Result<()> {
    let Some(step) = path.get(level) else { return Ok(()) };
    let last = level + 1 == path.len();
    match value {
        Json::Object(pairs) => match pairs.iter_mut().find(|(key, _)| key == step) {
            Some((_, found)) if last => *found = new,
            Some((_, found)) => assign_at(found, path, level + 1, new)?,
            None => {
                pairs.push((step.clone(), chain(path, level + 1, new)?));
                sort_object(pairs);
            }
        },
        Json::Array(elements) => {
            let given = index(step).ok_or_else(|| {
                DatabaseError::new(
                    INVALID_TEXT_REPRESENTATION,
                    format!("path element at position {} is not an integer: \"{step}\"", level + 1),
                )
            })?;
            let wanted = if given < 0 { given + elements.len() as i64 } else { given };
            let Ok(at) = usize::try_from(wanted) else {
                return Err(DatabaseError::new(
                    INVALID_PARAMETER_VALUE,
                    format!("path element at position {} is out of range: {given}", level + 1),
                ));
            };
            match elements.get_mut(at) {
                Some(found) if last => *found = new,
                Some(found) => assign_at(found, path, level + 1, new)?,
                None => {
                    let made = chain(path, level + 1, new)?;
                    fill(elements, at)?;
                    elements.push(made);
                }
            }
        }
        _ => {
            return Err(invalid("cannot replace existing key")
                .with_detail("The path assumes key is a composite object, but it is a scalar value."));
        }
    }
    Ok(())
}

/// The value within what the rest of a path asks for.
fn chain(path: &[String], level: usize, new: Json) -> Result<Json> {
    let Some(step) = path.get(level) else { return Ok(new) };
    let inner = chain(path, level + 1, new)?;
    Ok(match index(step) {
        Some(at) => {
            let mut elements = Vec::new();
            fill(&mut elements, usize::try_from(at).unwrap_or(0))?;
            elements.push(inner);
            Json::Array(elements)
        }
        None => Json::Object(vec![(step.clone(), inner)]),
    })
}

/// Nulls up to a length.
fn fill(elements: &mut Vec<Json>, length: usize) -> Result<()> {
    if length > elements.len() + MAX_GAP {
        return Err(DatabaseError::unsupported("so large a gap in a jsonb array"));
    }
    elements.resize(length.max(elements.len()), Json::Null);
    Ok(())
}

fn strip(value: &mut Json) {
    match value {
        Json::Object(pairs) => {
            pairs.retain(|(_, value)| !matches!(value, Json::Null));
            pairs.iter_mut().for_each(|(_, value)| strip(value));
        }
        Json::Array(elements) => elements.iter_mut().for_each(strip),
        _ => {}
    }
}

fn strip_nulls(call: &mut Call<'_>) -> Result<StoredValue> {
    let mut value = document(call, 0)?;
    strip(&mut value);
    done(&value)
}

/// json's own: the order and repetition of keys stay, the spaces go.
fn json_strip_nulls(call: &mut Call<'_>) -> Result<StoredValue> {
    let mut out = String::new();
    parse::escapes(call.text(0)?)?;
    strip_text(call.text(0)?, &mut out);
    Ok(out.into())
}

fn strip_text(text: &str, out: &mut String) {
    use super::scan::{self, Kind};
    match scan::kind(text) {
        Kind::Object => {
            out.push('{');
            let mut first = true;
            for (key, value) in scan::pairs(text).filter(|(_, value)| scan::kind(value) != Kind::Null) {
                if !std::mem::take(&mut first) {
                    out.push(',');
                }
                push_string(&scan::unquote(key), out);
                out.push(':');
                strip_text(value, out);
            }
            out.push('}');
        }
        Kind::Array => {
            out.push('[');
            for (at, element) in scan::elements(text).enumerate() {
                if at > 0 {
                    out.push(',');
                }
                strip_text(element, out);
            }
            out.push(']');
        }
        Kind::String => {
            push_string(&scan::unquote(text.trim_matches(|c: char| c.is_ascii_whitespace())), out)
        }
        _ => out.push_str(text.trim_matches(|c: char| c.is_ascii_whitespace())),
    }
}

/// jsonb_pretty: four spaces a level.
fn pretty(value: &Json, depth: usize, out: &mut String) {
    let line = |depth: usize, out: &mut String| {
        out.push('\n');
        out.extend(std::iter::repeat_n("    ", depth));
    };
    match value {
        Json::Array(elements) => {
            out.push('[');
            for (at, element) in elements.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                line(depth + 1, out);
                pretty(element, depth + 1, out);
            }
            line(depth, out);
            out.push(']');
        }
        Json::Object(pairs) => {
            out.push('{');
            for (at, (key, value)) in pairs.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                line(depth + 1, out);
                push_string(key, out);
                out.push_str(": ");
                pretty(value, depth + 1, out);
            }
            line(depth, out);
            out.push('}');
        }
        other => other.push(out),
    }
}

fn jsonb_pretty(call: &mut Call<'_>) -> Result<StoredValue> {
    let mut out = String::new();
    pretty(&document(call, 0)?, 0, &mut out);
    Ok(out.into())
}

pub(crate) static FUNCTIONS: &[Function] = &[
    immutable("jsonb_assign", assign).lenient(),
    immutable("jsonb_concat", concat),
    immutable("jsonb_delete", delete),
    immutable("jsonb_delete_array", delete_array),
    immutable("jsonb_delete_idx", delete_index),
    immutable("jsonb_delete_path", delete_path),
    immutable("jsonb_set", set),
    immutable("jsonb_set_lax", set_lax).lenient(),
    immutable("jsonb_insert", insert),
    immutable("jsonb_strip_nulls", strip_nulls),
    immutable("json_strip_nulls", json_strip_nulls),
    immutable("jsonb_pretty", jsonb_pretty),
];
