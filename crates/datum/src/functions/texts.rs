//! Functions on text: parts, padding, searching, building, encoding.

use crate::array::{Array, Encoding};
use crate::collate::compare_folded;
use crate::registry::{Call, Function, immutable, stable};
use crate::text::{MAX_LENGTH, initcap, lower, quote_identifier, quote_literal, too_long, upper};
use crate::types;
use crate::value::{Stored, StoredValue};
use sqlstate::{
    DatabaseError, INVALID_PARAMETER_VALUE, NULL_VALUE_NOT_ALLOWED, PROGRAM_LIMIT_EXCEEDED, Result,
    SUBSTRING_ERROR,
};

/// The text from character `start` (1 is the first) of a length.
pub(super) fn substring(text: &str, start: i64, length: Option<i64>) -> Result<&str> {
    let end = match length {
        None => i64::MAX,
        Some(length) if length < 0 => {
            return Err(DatabaseError::new(SUBSTRING_ERROR, "negative substring length not allowed"));
        }
        Some(length) => start.saturating_add(length),
    };
    let first = (start.max(1) - 1) as usize;
    if end <= start.max(1) {
        return Ok("");
    }
    if text.is_ascii() {
        let last = ((end - 1).max(0) as usize).min(text.len());
        return Ok(text.get(first.min(last)..last).unwrap_or(""));
    }
    let at = |count: usize| text.char_indices().nth(count).map_or(text.len(), |(at, _)| at);
    let from = at(first);
    let to = if end == i64::MAX { text.len() } else { at((end - 1) as usize) };
    Ok(text.get(from..to).unwrap_or(""))
}

fn trimmed<'a>(text: &'a str, set: &str, left: bool, right: bool) -> &'a str {
    let in_set = |c: char| set.contains(c);
    let text = if left { text.trim_start_matches(in_set) } else { text };
    if right { text.trim_end_matches(in_set) } else { text }
}

fn trim(call: &Call<'_>, left: bool, right: bool) -> Result<StoredValue> {
    let set = if call.count() > 1 { call.text(1)? } else { " " };
    Ok(trimmed(call.text(0)?, set, left, right).into())
}

fn pad(call: &Call<'_>, on_left: bool) -> Result<StoredValue> {
    let text = call.text(0)?;
    let length = call.int(1)?.max(0) as usize;
    let fill = if call.count() > 2 { call.text(2)? } else { " " };
    if length.saturating_mul(4) > MAX_LENGTH {
        return Err(too_long());
    }
    let count = text.chars().count();
    if count >= length {
        return Ok(text.chars().take(length).collect::<String>().into());
    }
    let padding: String =
        if fill.is_empty() { String::new() } else { fill.chars().cycle().take(length - count).collect() };
    Ok(if on_left { padding + text } else { text.to_owned() + &padding }.into())
}

fn repeat(call: &Call<'_>) -> Result<StoredValue> {
    let text = call.text(0)?;
    let count = call.int(1)?.max(0) as usize;
    if text.len().saturating_mul(count) > MAX_LENGTH {
        return Err(too_long());
    }
    Ok(text.repeat(count).into())
}

/// The first (or, negative, all but the last) characters.
fn left(text: &str, count: i64) -> &str {
    let keep = if count >= 0 {
        count as usize
    } else {
        text.chars().count().saturating_sub(count.unsigned_abs() as usize)
    };
    text.char_indices().nth(keep).map_or(text, |(at, _)| &text[..at])
}

fn right(text: &str, count: i64) -> &str {
    let skip = if count >= 0 {
        text.chars().count().saturating_sub(count as usize)
    } else {
        count.unsigned_abs() as usize
    };
    text.char_indices().nth(skip).map_or("", |(at, _)| &text[at..])
}

fn position(text: &str, wanted: &str) -> i64 {
    text.find(wanted).map_or(0, |at| text[..at].chars().count() as i64 + 1)
}

fn translate(text: &str, from: &str, to: &str) -> String {
    let to: Vec<char> = to.chars().collect();
    text.chars()
        .filter_map(|c| match from.chars().position(|wanted| wanted == c) {
            None => Some(c),
            Some(at) => to.get(at).copied(),
        })
        .collect()
}

fn replace(text: &str, from: &str, to: &str) -> Result<StoredValue> {
    if from.is_empty() {
        return Ok(text.into());
    }
    if to.len() > from.len() && text.matches(from).count().saturating_mul(to.len()) > MAX_LENGTH {
        return Err(too_long());
    }
    Ok(text.replace(from, to).into())
}

fn split_part<'a>(text: &'a str, delimiter: &str, field: i64) -> Result<&'a str> {
    if field == 0 {
        return Err(DatabaseError::new(INVALID_PARAMETER_VALUE, "field position must not be zero"));
    }
    if text.is_empty() {
        return Ok("");
    }
    if delimiter.is_empty() {
        return Ok(if field == 1 || field == -1 { text } else { "" });
    }
    let part = if field > 0 {
        text.split(delimiter).nth((field - 1) as usize)
    } else {
        // From the end, fields are still cut from the left.
        let count = text.split(delimiter).count();
        let back = field.unsigned_abs() as usize;
        if back > count { None } else { text.split(delimiter).nth(count - back) }
    };
    Ok(part.unwrap_or(""))
}

fn overlay(text: &str, with: &str, start: i64, length: i64) -> Result<StoredValue> {
    if start <= 0 {
        return Err(DatabaseError::new(SUBSTRING_ERROR, "negative substring length not allowed"));
    }
    let before = substring(text, 1, Some(start - 1))?;
    let after = substring(text, start.saturating_add(length), None)?;
    Ok(format!("{before}{with}{after}").into())
}

fn chr(code: i64) -> Result<StoredValue> {
    let limit = |message: String| Err(DatabaseError::new(PROGRAM_LIMIT_EXCEEDED, message));
    if code < 0 {
        return Err(DatabaseError::new(INVALID_PARAMETER_VALUE, "character number must be positive"));
    }
    if code == 0 {
        return limit("null character not permitted".to_owned());
    }
    if code > 0x10_ffff {
        return limit(format!("requested character too large for encoding: {code}"));
    }
    match char::from_u32(code as u32) {
        Some(c) => Ok(c.to_string().into()),
        None => limit(format!("requested character not valid for encoding: {code}")),
    }
}

/// Arguments of VARIADIC "any", each by its type's output function.
fn each_text(call: &Call<'_>, from: usize, mut take: impl FnMut(&str)) -> Result<()> {
    for at in from..call.count() {
        let value = call.stored(at);
        if value.is_null() {
            continue;
        }
        match (call.type_of(at)?, value) {
            (crate::oid::TEXT, Stored::Text(text)) => take(text),
            (ty, value) => take(&types::to_text(ty, value, call.context)?),
        }
    }
    Ok(())
}

fn concat(call: &Call<'_>) -> Result<StoredValue> {
    let mut out = String::new();
    each_text(call, 0, |text| out.push_str(text))?;
    Ok(out.into())
}

fn concat_ws(call: &Call<'_>) -> Result<StoredValue> {
    let separator = match call.stored(0) {
        Stored::Null => return Ok(StoredValue::Null),
        _ => call.text(0)?,
    };
    let mut out = String::new();
    let mut first = true;
    each_text(call, 1, |text| {
        if !std::mem::take(&mut first) {
            out.push_str(separator);
        }
        out.push_str(text);
    })?;
    Ok(out.into())
}

/// `format()`: `%[position$][-][width]type` with s, I, L and `%%`.
fn format_code(call: &mut Call<'_>) -> Result<StoredValue> {
    let invalid = |message: String| DatabaseError::new(INVALID_PARAMETER_VALUE, message);
    let Stored::Text(pattern) = call.stored(0) else { return Ok(StoredValue::Null) };
    let mut out = String::new();
    let mut next = 1usize;
    let mut rest = pattern;
    let unterminated = || {
        invalid("unterminated format() type specifier".to_owned()).with_hint("For a single \"%\" use \"%%\".")
    };
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(tail) = rest.strip_prefix('%') {
            out.push('%');
            rest = tail;
            continue;
        }
        let number = |text: &mut &str| -> Result<Option<i64>> {
            let digits = text.bytes().take_while(u8::is_ascii_digit).count();
            if digits == 0 {
                return Ok(None);
            }
            let value = text[..digits].parse::<i32>().map_err(|_| {
                DatabaseError::new(sqlstate::NUMERIC_VALUE_OUT_OF_RANGE, "number is out of range")
            })?;
            *text = &text[digits..];
            Ok(Some(i64::from(value)))
        };
        let mut position = None;
        let mut width = None;
        let mut dash = false;
        let mut width_from: Option<usize> = None;
        if let Some(value) = number(&mut rest)? {
            if let Some(tail) = rest.strip_prefix('$') {
                rest = tail;
                position = Some(value);
            } else {
                width = Some(value);
            }
        }
        if width.is_none() {
            while let Some(tail) = rest.strip_prefix('-') {
                dash = true;
                rest = tail;
            }
            if let Some(tail) = rest.strip_prefix('*') {
                rest = tail;
                width_from = match number(&mut rest)? {
                    Some(0) => {
                        return Err(invalid(
                            "format specifies argument 0, but arguments are numbered from 1".to_owned(),
                        ));
                    }
                    Some(value) => {
                        rest = rest.strip_prefix('$').ok_or_else(|| {
                            invalid("width argument position must be ended by \"$\"".to_owned())
                        })?;
                        next = value as usize + 1;
                        Some(value as usize)
                    }
                    None => {
                        next += 1;
                        Some(next - 1)
                    }
                };
            } else {
                width = number(&mut rest)?;
            }
        }
        if position == Some(0) {
            return Err(invalid("format specifies argument 0, but arguments are numbered from 1".to_owned()));
        }
        let Some(conversion) = rest.chars().next() else { return Err(unterminated()) };
        if !matches!(conversion, 's' | 'I' | 'L') {
            return Err(invalid(format!("unrecognized format() type specifier \"{conversion}\""))
                .with_hint("For a single \"%\" use \"%%\"."));
        }
        rest = &rest[conversion.len_utf8()..];
        let argument = |at: usize| -> Result<Option<String>> {
            if at >= call.count() {
                return Err(invalid("too few arguments for format()".to_owned()));
            }
            match call.stored(at) {
                Stored::Null => Ok(None),
                value => types::to_text(call.type_of(at)?, value, call.context).map(Some),
            }
        };
        if let Some(at) = width_from {
            let value = match argument(at)? {
                None => 0,
                Some(text) => crate::integer::input(crate::oid::INT4, &text)?,
            };
            width = Some(value);
        }
        let at = match position {
            Some(position) => {
                // The next argument is the one after.
                next = position as usize + 1;
                position as usize
            }
            None => {
                next += 1;
                next - 1
            }
        };
        let value = argument(at)?;
        let shown = match (conversion, value) {
            ('s', value) => value.unwrap_or_default(),
            ('I', Some(value)) => quote_identifier(&value),
            ('I', None) => {
                return Err(DatabaseError::new(
                    NULL_VALUE_NOT_ALLOWED,
                    "null values cannot be formatted as an SQL identifier",
                ));
            }
            (_, Some(value)) => quote_literal(&value),
            (_, None) => "NULL".to_owned(),
        };
        let width = width.unwrap_or(0);
        let missing = (width.unsigned_abs() as usize).saturating_sub(shown.chars().count());
        if missing > MAX_LENGTH {
            return Err(too_long());
        }
        if dash || width < 0 {
            out.push_str(&shown);
            out.extend(std::iter::repeat_n(' ', missing));
        } else {
            out.extend(std::iter::repeat_n(' ', missing));
            out.push_str(&shown);
        }
    }
    out.push_str(rest);
    Ok(out.into())
}

fn concat_code(call: &mut Call<'_>) -> Result<StoredValue> {
    concat(call)
}

/// `parse_ident`: the parts of a qualified name.
fn parse_ident(call: &mut Call<'_>) -> Result<StoredValue> {
    let (text, strict) = (call.text(0)?, call.bool(1)?);
    let invalid = || {
        DatabaseError::new(INVALID_PARAMETER_VALUE, format!("string is not a valid identifier: \"{text}\""))
    };
    let space = crate::value::is_space;
    let mut rest = text.trim_start_matches(space);
    let mut parts = Vec::new();
    loop {
        let part;
        if let Some(quoted) = rest.strip_prefix('"') {
            let mut name = String::new();
            let mut tail = quoted;
            loop {
                let Some(at) = tail.find('"') else {
                    return Err(invalid().with_detail("String has unclosed double quotes."));
                };
                name.push_str(&tail[..at]);
                tail = &tail[at + 1..];
                match tail.strip_prefix('"') {
                    Some(more) => {
                        name.push('"');
                        tail = more;
                    }
                    None => break,
                }
            }
            if name.is_empty() {
                return Err(invalid().with_detail("Quoted identifier must not be empty."));
            }
            rest = tail;
            part = name;
        } else {
            let starts = |c: char| c.is_ascii_alphabetic() || c == '_' || !c.is_ascii();
            let end =
                rest.char_indices()
                    .find(|(at, c)| {
                        if *at == 0 { !starts(*c) } else { !(starts(*c) || c.is_ascii_digit() || *c == '$') }
                    })
                    .map_or(rest.len(), |(at, _)| at);
            if end == 0 {
                return Err(match rest.chars().next() {
                    Some('.') => invalid().with_detail("No valid identifier before \".\"."),
                    _ if !parts.is_empty() => invalid().with_detail("No valid identifier after \".\"."),
                    _ => invalid(),
                });
            }
            part = lower(&rest[..end]);
            rest = &rest[end..];
        }
        parts.push(StoredValue::Text(part));
        rest = rest.trim_start_matches(space);
        match rest.strip_prefix('.') {
            Some(tail) => rest = tail.trim_start_matches(space),
            None if rest.is_empty() || !strict => break,
            None => return Err(invalid()),
        }
    }
    Array::of(parts).to_stored(Encoding::Text)
}

fn quote_nullable(call: &mut Call<'_>) -> Result<StoredValue> {
    Ok(match call.stored(0) {
        Stored::Text(text) => quote_literal(text).into(),
        _ => "NULL".into(),
    })
}

/// quote_literal of any type: its output in quotes.
fn quote_any(call: &mut Call<'_>) -> Result<StoredValue> {
    match call.stored(0) {
        Stored::Null => Ok("NULL".into()),
        value => Ok(quote_literal(&types::to_text(call.type_of(0)?, value, call.context)?).into()),
    }
}

/// The order of two values of character(n).
fn bpchar_order(call: &Call<'_>) -> Result<std::cmp::Ordering> {
    Ok(call.text(0)?.trim_end_matches(' ').cmp(call.text(1)?.trim_end_matches(' ')))
}

/// `text || anything` and the reverse: the other side is cast to text, as the SQL-language bodies do. That is not the output
/// function for booleans and addresses.
fn cat_any(call: &mut Call<'_>) -> Result<StoredValue> {
    let mut out = String::new();
    for at in 0..call.count() {
        match (call.type_of(at)?, call.stored(at)) {
            (crate::oid::BOOL, Stored::Integer(truth)) => {
                out.push_str(if truth != 0 { "true" } else { "false" })
            }
            (crate::oid::INET, Stored::Text(text)) => out.push_str(&crate::inet::Inet::input(text)?.full()),
            (ty, value) => out.push_str(&types::to_text(ty, value, call.context)?),
        }
    }
    Ok(out.into())
}

pub(super) static FUNCTIONS: &[Function] = &[
    immutable("textcat", |call| Ok((call.text(0)?.to_owned() + call.text(1)?).into())),
    stable("anytextcat_anynonarray_text", cat_any).typed(),
    stable("textanycat_text_anynonarray", cat_any).typed(),
    immutable("textlen", |call| Ok(call.text(0)?.chars().count().into())),
    immutable("bpcharlen", |call| Ok(call.text(0)?.trim_end_matches(' ').chars().count().into())),
    immutable("textoctetlen", |call| Ok(call.text(0)?.len().into())),
    immutable("bit_length_text", |call| Ok((call.text(0)?.len() * 8).into())),
    immutable("lower", |call| Ok(lower(call.text(0)?).into())),
    immutable("upper", |call| Ok(upper(call.text(0)?).into())),
    immutable("initcap", |call| Ok(initcap(call.text(0)?).into())),
    immutable("text_substr", |call| Ok(substring(call.text(0)?, call.int(1)?, Some(call.int(2)?))?.into())),
    immutable("text_substr_no_len", |call| Ok(substring(call.text(0)?, call.int(1)?, None)?.into())),
    immutable("btrim", |call| trim(call, true, true)),
    immutable("btrim1", |call| trim(call, true, true)),
    immutable("ltrim", |call| trim(call, true, false)),
    immutable("ltrim1", |call| trim(call, true, false)),
    immutable("rtrim", |call| trim(call, false, true)),
    immutable("rtrim1", |call| trim(call, false, true)),
    immutable("lpad", |call| pad(call, true)),
    immutable("rpad", |call| pad(call, false)),
    immutable("lpad_text_int4", |call| pad(call, true)),
    immutable("rpad_text_int4", |call| pad(call, false)),
    immutable("repeat", |call| repeat(call)),
    immutable("text_left", |call| Ok(left(call.text(0)?, call.int(1)?).into())),
    immutable("text_right", |call| Ok(right(call.text(0)?, call.int(1)?).into())),
    immutable("text_reverse", |call| Ok(call.text(0)?.chars().rev().collect::<String>().into())),
    immutable("textpos", |call| Ok(position(call.text(0)?, call.text(1)?).into())),
    immutable("text_starts_with", |call| Ok(call.text(0)?.starts_with(call.text(1)?).into())),
    immutable("translate", |call| Ok(translate(call.text(0)?, call.text(1)?, call.text(2)?).into())),
    immutable("replace_text", |call| replace(call.text(0)?, call.text(1)?, call.text(2)?)),
    immutable("split_part", |call| Ok(split_part(call.text(0)?, call.text(1)?, call.int(2)?)?.into())),
    immutable("textoverlay", |call| overlay(call.text(0)?, call.text(1)?, call.int(2)?, call.int(3)?)),
    immutable("textoverlay_no_len", |call| {
        let with = call.text(1)?;
        overlay(call.text(0)?, with, call.int(2)?, with.chars().count() as i64)
    }),
    immutable("ascii", |call| Ok(call.text(0)?.chars().next().map_or(0, |c| i64::from(u32::from(c))).into())),
    immutable("chr", |call| chr(call.int(0)?)),
    immutable("text_larger", |call| Ok(call.text(0)?.max(call.text(1)?).into())),
    immutable("text_smaller", |call| Ok(call.text(0)?.min(call.text(1)?).into())),
    immutable("quote_ident", |call| Ok(quote_identifier(call.text(0)?).into())),
    immutable("quote_literal", |call| Ok(quote_literal(call.text(0)?).into())),
    immutable("quote_nullable", quote_nullable).lenient(),
    stable("quote_literal_anyelement", quote_any).typed(),
    stable("quote_nullable_anyelement", quote_any).typed().lenient(),
    immutable("parse_ident", parse_ident),
    stable("text_concat", concat_code).typed().lenient(),
    stable("text_concat_ws", |call| concat_ws(call)).typed().lenient(),
    stable("text_format", format_code).typed().lenient(),
    stable("text_format_nv", format_code).typed().lenient(),
    immutable("text_name", |call| Ok(types::truncate_name(call.text(0)?).into())),
    immutable("bpchar_name", |call| Ok(types::truncate_name(call.text(0)?.trim_end_matches(' ')).into())),
    immutable("name_text", |call| Ok(call.text(0)?.into())),
    immutable("name_bpchar", |call| Ok(call.text(0)?.into())),
    immutable(
        "varchar",
        |call| Ok(types::varchar(call.text(0)?, call.int(1)? as i32, call.bool(2)?)?.into()),
    ),
    immutable("bpchar", |call| Ok(types::bpchar(call.text(0)?, call.int(1)? as i32, call.bool(2)?)?.into())),
    immutable("bpcharoctetlen", |call| Ok(call.text(0)?.len().into())),
    immutable("bpchar_larger", |call| {
        Ok(if bpchar_order(call)?.is_ge() { call.text(0)? } else { call.text(1)? }.into())
    }),
    immutable("bpchar_smaller", |call| {
        Ok(if bpchar_order(call)?.is_le() { call.text(0)? } else { call.text(1)? }.into())
    }),
    immutable("nameconcatoid", |call| {
        let oid = format!("_{}", call.int(1)?);
        let mut end = call.text(0)?.len().min(63 - oid.len());
        while !call.text(0)?.is_char_boundary(end) {
            end -= 1;
        }
        Ok([&call.text(0)?[..end], &oid].concat().into())
    }),
    immutable("substring_text_text_text", |call| {
        let pattern = super::like::similar_escape(call.text(1)?, Some(call.text(2)?))?;
        crate::regexp::substring(call.text(0)?, &pattern)
    }),
    immutable("similar_escape", |call| match (call.stored(0), call.stored(1)) {
        (Stored::Null, _) => Ok(StoredValue::Null),
        (_, Stored::Null) => super::like::similar_escape(call.text(0)?, Some("\\")),
        _ => super::like::similar_escape(call.text(0)?, Some(call.text(1)?)),
    })
    .lenient(),
    immutable("pg_num_nulls", |call| {
        Ok(call.arguments.iter().filter(|value| value.is_null()).count().into())
    })
    .lenient(),
    immutable("pg_num_nonnulls", |call| {
        Ok(call.arguments.iter().filter(|value| !value.is_null()).count().into())
    })
    .lenient(),
    stable("pg_client_encoding", |_| Ok("UTF8".into())),
    stable("pg_typeof", |call| Ok(i64::from(call.type_of(0)?).into())).typed().lenient(),
    immutable("md5_text", |call| Ok(super::digests::md5(call.text(0)?.as_bytes()).into())),
    immutable("similar_to_escape_1", |call| super::like::similar_escape(call.text(0)?, Some("\\"))),
    immutable("similar_to_escape_2", |call| super::like::similar_escape(call.text(0)?, Some(call.text(1)?))),
    immutable("bpchar_pattern_lt", |call| Ok(bpchar_order(call)?.is_lt().into())),
    immutable("bpchar_pattern_le", |call| Ok(bpchar_order(call)?.is_le().into())),
    immutable("bpchar_pattern_gt", |call| Ok(bpchar_order(call)?.is_gt().into())),
    immutable("bpchar_pattern_ge", |call| Ok(bpchar_order(call)?.is_ge().into())),
    immutable("text_pattern_lt", |call| Ok((call.text(0)? < call.text(1)?).into())),
    immutable("text_pattern_le", |call| Ok((call.text(0)? <= call.text(1)?).into())),
    immutable("text_pattern_gt", |call| Ok((call.text(0)? > call.text(1)?).into())),
    immutable("text_pattern_ge", |call| Ok((call.text(0)? >= call.text(1)?).into())),
    immutable("citext_larger", |call| {
        let (left, right) = (call.text(0)?, call.text(1)?);
        Ok(if compare_folded(left, right).is_gt() { left } else { right }.into())
    }),
    immutable("citext_smaller", |call| {
        let (left, right) = (call.text(0)?, call.text(1)?);
        Ok(if compare_folded(left, right).is_lt() { left } else { right }.into())
    }),
];
