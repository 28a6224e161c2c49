//! Composite values: stored as JSON arrays of stored fields, printed as `(…)`.

use crate::array::{decode, encode};
use crate::context::{Context, Field};
use crate::json::{push_string, scan};
use crate::types::{self, encoding};
use crate::value::{Stored, StoredValue, is_space};
use sqlstate::{DatabaseError, INVALID_TEXT_REPRESENTATION, Result};

/// The fields of a stored composite.
pub(crate) fn fields(text: &str, types: &[Field], context: &dyn Context) -> Result<Vec<StoredValue>> {
    let mut values = Vec::with_capacity(types.len());
    let mut elements = scan::elements(text);
    for field in types {
        // A column added since the value was stored is NULL.
        values.push(match elements.next() {
            Some(element) => decode(element, encoding(field.oid, context.types())?)?,
            None => StoredValue::Null,
        });
    }
    Ok(values)
}

/// The stored form of fields.
pub(crate) fn stored(values: &[StoredValue], types: &[Field], context: &dyn Context) -> Result<StoredValue> {
    let mut out = String::from("[");
    for (at, (value, field)) in values.iter().zip(types).enumerate() {
        if at > 0 {
            out.push(',');
        }
        encode(value.borrow(), encoding(field.oid, context.types())?, &mut out)?;
    }
    out.push(']');
    Ok(StoredValue::Text(out))
}

/// The output function.
pub(crate) fn output(text: &str, types: &[Field], context: &dyn Context, out: &mut String) -> Result<()> {
    push_values(&fields(text, types, context)?, types, context, out)
}

/// Appends fields as the output function prints them.
pub(crate) fn push_values(
    values: &[StoredValue],
    types: &[Field],
    context: &dyn Context,
    out: &mut String,
) -> Result<()> {
    out.push('(');
    for (at, (value, field)) in values.iter().zip(types).enumerate() {
        if at > 0 {
            out.push(',');
        }
        if value.is_null() {
            continue;
        }
        let mut text = String::new();
        types::output(field.oid, field.typmod, value.borrow(), context, &mut text)?;
        push_quoted(&text, out);
    }
    out.push(')');
    Ok(())
}

fn push_quoted(text: &str, out: &mut String) {
    let needs =
        text.is_empty() || text.contains(|c: char| matches!(c, '"' | '\\' | '(' | ')' | ',') || is_space(c));
    if !needs {
        out.push_str(text);
        return;
    }
    out.push('"');
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            out.push(c);
        }
        out.push(c);
    }
    out.push('"');
}

/// Appends named fields as a JSON object, as `to_json` writes a row.
pub(crate) fn json_output<'a>(
    fields: impl Iterator<Item = (&'a Field, Stored<'a>)>,
    context: &dyn Context,
    out: &mut String,
) -> Result<()> {
    out.push('{');
    for (at, (field, value)) in fields.enumerate() {
        if at > 0 {
            out.push(',');
        }
        push_string(&field.name, out);
        out.push(':');
        types::json_output(field.oid, field.typmod, value, context, out)?;
    }
    out.push('}');
    Ok(())
}

/// The input function.
pub(crate) fn input(text: &str, types: &[Field], context: &dyn Context) -> Result<StoredValue> {
    let malformed = |detail: &str| {
        DatabaseError::new(INVALID_TEXT_REPRESENTATION, format!("malformed record literal: \"{text}\""))
            .with_detail(detail)
    };
    let trimmed = text.trim_start_matches(is_space);
    let Some(mut rest) = trimmed.strip_prefix('(') else {
        return Err(malformed("Missing left parenthesis."));
    };
    let mut values = Vec::with_capacity(types.len());
    for (at, field) in types.iter().enumerate() {
        if at > 0 {
            rest = rest.strip_prefix(',').ok_or_else(|| malformed("Too few columns."))?;
        }
        if rest.starts_with([',', ')']) {
            values.push(StoredValue::Null);
            continue;
        }
        let mut value = String::new();
        let mut quoted = false;
        let mut characters = rest.char_indices().peekable();
        loop {
            match characters.peek().copied() {
                None => return Err(malformed("Unexpected end of input.")),
                Some((at, ',' | ')')) if !quoted => {
                    rest = &rest[at..];
                    break;
                }
                Some((_, '\\')) => {
                    characters.next();
                    match characters.next() {
                        None => return Err(malformed("Unexpected end of input.")),
                        Some((_, c)) => value.push(c),
                    }
                }
                Some((_, '"')) => {
                    characters.next();
                    if quoted && characters.peek().is_some_and(|(_, c)| *c == '"') {
                        characters.next();
                        value.push('"');
                    } else {
                        quoted = !quoted;
                    }
                }
                Some((_, c)) => {
                    characters.next();
                    value.push(c);
                }
            }
        }
        values.push(types::input(field.oid, field.typmod, &value, context)?);
    }
    let Some(after) = rest.strip_prefix(')') else {
        return Err(malformed("Too many columns."));
    };
    if !after.trim_matches(is_space).is_empty() {
        return Err(malformed("Junk after right parenthesis."));
    }
    stored(&values, types, context)
}
