//! The functions and operators of regular expressions.

use super::{Expression, Match, Options, compile};
use crate::array::{Array, Encoding};
use crate::registry::{Call, Function, Rows, SetFunction, immutable};
use crate::value::StoredValue;
use sqlstate::{DatabaseError, INVALID_PARAMETER_VALUE, Result};
use std::rc::Rc;

fn matches(call: &Call<'_>, letters: &str) -> Result<bool> {
    compile(call.text(1)?, Options::parse(letters)?)?.is_match(call.text(0)?)
}

fn piece(text: &str, group: Option<(usize, usize)>) -> StoredValue {
    group.and_then(|(start, end)| text.get(start..end)).map(str::to_owned).into()
}

/// The flags argument at a position, empty where there is none.
fn options(call: &Call<'_>, at: usize) -> Result<Options> {
    if call.count() > at { Options::parse(call.text(at)?) } else { Ok(Options::default()) }
}

fn no_global(options: Options, function: &str) -> Result<Options> {
    if options.global {
        let error = DatabaseError::new(
            INVALID_PARAMETER_VALUE,
            format!("{function}() does not support the \"global\" option"),
        );
        return Err(if function == "regexp_match" {
            error.with_hint("Use the regexp_matches function instead.")
        } else {
            error
        });
    }
    Ok(options)
}

/// The position one character on.
fn after_character(text: &str, at: usize) -> usize {
    text[at..].chars().next().map_or(at + 1, |c| at + c.len_utf8())
}

/// All matches, or the first; degenerate ones (empty, at an end or right after another) are left out if asked.
fn all(
    expression: &Expression,
    text: &str,
    from: usize,
    global: bool,
    skip_degenerate: bool,
) -> Result<Vec<Match>> {
    let mut found = Vec::new();
    let mut search = from;
    let mut previous_end = 0;
    while search <= text.len() {
        let Some(groups) = expression.find(text, search)? else { break };
        let Some(Some((start, end))) = groups.first().copied() else { break };
        if !skip_degenerate || (start < text.len() && end > previous_end) {
            found.push(groups);
        }
        previous_end = end;
        if !global {
            break;
        }
        search = if start == end { after_character(text, end) } else { end };
    }
    Ok(found)
}

/// What a match is in regexp_match: its groups, or the whole where there are none.
fn row(text: &str, groups: &Match) -> Result<StoredValue> {
    let parts = if groups.len() > 1 { &groups[1..] } else { &groups[..] };
    Array::of(parts.iter().map(|group| piece(text, *group)).collect()).to_stored(Encoding::Text)
}

fn regexp_match(call: &mut Call<'_>) -> Result<StoredValue> {
    let options = no_global(options(call, 2)?, "regexp_match")?;
    let text = call.text(0)?;
    match compile(call.text(1)?, options)?.find(text, 0)? {
        Some(groups) => row(text, &groups),
        None => Ok(StoredValue::Null),
    }
}

fn regexp_matches(call: &mut Call<'_>) -> Result<Rows> {
    let options = options(call, 2)?;
    let text = call.text(0)?;
    let expression = compile(call.text(1)?, options)?;
    let found = all(&expression, text, 0, options.global, false)?;
    let rows: Result<Vec<StoredValue>> = found.iter().map(|groups| row(text, groups)).collect();
    Ok(Box::new(rows?.into_iter().map(|row| Ok(vec![row]))))
}

fn split(call: &Call<'_>, function: &str) -> Result<Vec<StoredValue>> {
    let options = no_global(options(call, 2)?, function)?;
    let text = call.text(0)?;
    let expression = compile(call.text(1)?, options)?;
    let mut parts = Vec::new();
    let mut start = 0;
    for groups in all(&expression, text, 0, true, true)? {
        if let Some(Some((from, to))) = groups.first().copied() {
            parts.push(text[start..from].into());
            start = to;
        }
    }
    parts.push(text[start..].into());
    Ok(parts)
}

fn substring_code(call: &mut Call<'_>) -> Result<StoredValue> {
    substring(call.text(0)?, &call.text(1)?.into())
}

/// The first match of a pattern, or of its first group.
pub(crate) fn substring(text: &str, pattern: &StoredValue) -> Result<StoredValue> {
    let StoredValue::Text(pattern) = pattern else { return Ok(StoredValue::Null) };
    let groups = compile(pattern, Options::default())?.find(text, 0)?;
    Ok(match groups {
        None => StoredValue::Null,
        Some(groups) => piece(text, if groups.len() > 1 { groups[1] } else { groups[0] }),
    })
}

/// Appends a replacement: `\1` to `\9`, `\&` and `\\`.
fn push_replacement(replacement: &str, text: &str, groups: &Match, out: &mut String) {
    let mut rest = replacement;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let group = match rest.bytes().next() {
            Some(digit @ b'1'..=b'9') => usize::from(digit - b'0'),
            Some(b'&') => 0,
            Some(b'\\') => {
                out.push('\\');
                rest = &rest[1..];
                continue;
            }
            _ => {
                out.push('\\');
                continue;
            }
        };
        rest = &rest[1..];
        if let Some(Some((start, end))) = groups.get(group) {
            out.push_str(&text[*start..*end]);
        }
    }
    out.push_str(rest);
}

/// Replaces the n-th match from a position on, or all for 0.
fn replace(
    expression: &Rc<Expression>,
    text: &str,
    replacement: &str,
    from: usize,
    nth: i64,
) -> Result<StoredValue> {
    let mut out = String::with_capacity(text.len());
    let (mut copied, mut search, mut count) = (0, from, 0);
    while search <= text.len() {
        let Some(groups) = expression.find(text, search)? else { break };
        let Some(Some((start, end))) = groups.first().copied() else { break };
        count += 1;
        search = if start == end { after_character(text, end) } else { end };
        if nth > 0 && count < nth {
            continue;
        }
        out.push_str(&text[copied..start]);
        push_replacement(replacement, text, &groups, &mut out);
        copied = end;
        if nth > 0 {
            break;
        }
    }
    out.push_str(&text[copied..]);
    Ok(out.into())
}

fn regexp_replace(call: &mut Call<'_>) -> Result<StoredValue> {
    let options = options(call, 3)?;
    let nth = if options.global { 0 } else { 1 };
    replace(
        &compile(call.text(1)?, Options { global: false, ..options })?,
        call.text(0)?,
        call.text(2)?,
        0,
        nth,
    )
}

/// The integer argument at a position, checked to be at least `least`.
fn at_least(call: &Call<'_>, at: usize, default: i64, least: i64, name: &str) -> Result<i64> {
    let value = if call.count() > at { call.int(at)? } else { default };
    if value < least {
        return Err(DatabaseError::new(
            INVALID_PARAMETER_VALUE,
            format!("invalid value for parameter \"{name}\": {value}"),
        ));
    }
    Ok(value)
}

/// The byte position of a character counted from 1; beyond the end there is nothing to find.
fn byte_of(text: &str, start: i64) -> usize {
    text.char_indices().nth((start - 1) as usize).map_or_else(
        || if text.chars().count() as i64 == start - 1 { text.len() } else { text.len() + 1 },
        |(at, _)| at,
    )
}

fn regexp_replace_extended(call: &mut Call<'_>) -> Result<StoredValue> {
    let options = options(call, 5)?;
    let start = at_least(call, 3, 1, 1, "start")?;
    let nth = at_least(call, 4, if options.global { 0 } else { 1 }, 0, "n")?;
    let text = call.text(0)?;
    let expression = compile(call.text(1)?, Options { global: false, ..options })?;
    replace(&expression, text, call.text(2)?, byte_of(text, start), nth)
}

fn regexp_count(call: &mut Call<'_>) -> Result<StoredValue> {
    let start = at_least(call, 2, 1, 1, "start")?;
    let options = no_global(options(call, 3)?, "regexp_count")?;
    let text = call.text(0)?;
    let expression = compile(call.text(1)?, options)?;
    Ok(all(&expression, text, byte_of(text, start), true, false)?.len().into())
}

fn regexp_like(call: &mut Call<'_>) -> Result<StoredValue> {
    let options = no_global(options(call, 2)?, "regexp_like")?;
    Ok(compile(call.text(1)?, options)?.is_match(call.text(0)?)?.into())
}

/// The n-th match and the group asked for, for regexp_substr and regexp_instr.
fn nth_group(call: &Call<'_>, options: Options, group: i64) -> Result<Option<(usize, usize)>> {
    let start = at_least(call, 2, 1, 1, "start")?;
    let nth = at_least(call, 3, 1, 1, "n")?;
    let text = call.text(0)?;
    let expression = compile(call.text(1)?, options)?;
    if group as usize > expression.groups()? {
        return Ok(None);
    }
    let found = all(&expression, text, byte_of(text, start), true, false)?;
    Ok(found.get((nth - 1) as usize).and_then(|groups| groups.get(group as usize).copied().flatten()))
}

fn regexp_substr(call: &mut Call<'_>) -> Result<StoredValue> {
    let group = at_least(call, 5, 0, 0, "subexpr")?;
    let options = no_global(options(call, 4)?, "regexp_substr")?;
    Ok(piece(call.text(0)?, nth_group(call, options, group)?))
}

fn regexp_instr(call: &mut Call<'_>) -> Result<StoredValue> {
    let end_option = if call.count() > 4 { call.int(4)? } else { 0 };
    if !(0..=1).contains(&end_option) {
        return Err(DatabaseError::new(
            INVALID_PARAMETER_VALUE,
            format!("invalid value for parameter \"endoption\": {end_option}"),
        ));
    }
    let group = at_least(call, 6, 0, 0, "subexpr")?;
    let options = no_global(options(call, 5)?, "regexp_instr")?;
    let text = call.text(0)?;
    Ok(match nth_group(call, options, group)? {
        None => 0.into(),
        Some((start, end)) => {
            let at = if end_option == 1 { end } else { start };
            (text[..at].chars().count() as i64 + 1).into()
        }
    })
}

fn split_to_array(call: &mut Call<'_>) -> Result<StoredValue> {
    Array::of(split(call, "regexp_split_to_array")?).to_stored(Encoding::Text)
}

fn split_to_table(call: &mut Call<'_>) -> Result<Rows> {
    let parts = split(call, "regexp_split_to_table")?;
    Ok(Box::new(parts.into_iter().map(|part| Ok(vec![part]))))
}

macro_rules! operators {
    ($($prefix:literal $letters:literal),* $(,)?) => {
        &[
            $(
                immutable(concat!($prefix, "eq"), |call| Ok(matches(call, $letters)?.into())),
                immutable(concat!($prefix, "ne"), |call| Ok((!matches(call, $letters)?).into())),
            )*
            immutable("textregexsubstr", substring_code),
            immutable("textregexreplace_noopt", regexp_replace),
            immutable("textregexreplace", regexp_replace),
            immutable("textregexreplace_extended", regexp_replace_extended),
            immutable("textregexreplace_extended_no_flags", regexp_replace_extended),
            immutable("textregexreplace_extended_no_n", regexp_replace_extended),
            immutable("regexp_match", regexp_match),
            immutable("regexp_match_no_flags", regexp_match),
            immutable("regexp_split_to_array", split_to_array),
            immutable("regexp_split_to_array_no_flags", split_to_array),
            immutable("regexp_count", regexp_count),
            immutable("regexp_count_no_flags", regexp_count),
            immutable("regexp_count_no_start", regexp_count),
            immutable("regexp_like", regexp_like),
            immutable("regexp_like_no_flags", regexp_like),
            immutable("regexp_substr", regexp_substr),
            immutable("regexp_substr_no_subexpr", regexp_substr),
            immutable("regexp_substr_no_flags", regexp_substr),
            immutable("regexp_substr_no_n", regexp_substr),
            immutable("regexp_substr_no_start", regexp_substr),
            immutable("regexp_instr", regexp_instr),
            immutable("regexp_instr_no_subexpr", regexp_instr),
            immutable("regexp_instr_no_flags", regexp_instr),
            immutable("regexp_instr_no_endoption", regexp_instr),
            immutable("regexp_instr_no_n", regexp_instr),
            immutable("regexp_instr_no_start", regexp_instr),
        ]
    };
}

pub(crate) static FUNCTIONS: &[Function] = operators!(
    "textregex" "", "texticregex" "i", "nameregex" "", "nameicregex" "i",
);

pub(crate) static SET_FUNCTIONS: &[SetFunction] = &[
    SetFunction::immutable("regexp_matches", 1, regexp_matches),
    SetFunction::immutable("regexp_matches_no_flags", 1, regexp_matches),
    SetFunction::immutable("regexp_split_to_table", 1, split_to_table),
    SetFunction::immutable("regexp_split_to_table_no_flags", 1, split_to_table),
];
