//! Unicode: normal forms, and escapes in a text.

use crate::registry::{Call, Function, immutable};
use crate::value::StoredValue;
use sqlstate::{DatabaseError, INVALID_PARAMETER_VALUE, Result, SYNTAX_ERROR};
use unicode_normalization::UnicodeNormalization;

/// The text in the normal form of this name.
fn normalized(text: &str, form: &str) -> Result<String> {
    Ok(match form.to_ascii_uppercase().as_str() {
        "NFC" => text.nfc().collect(),
        "NFD" => text.nfd().collect(),
        "NFKC" => text.nfkc().collect(),
        "NFKD" => text.nfkd().collect(),
        _ => {
            return Err(DatabaseError::new(
                INVALID_PARAMETER_VALUE,
                format!("invalid normalization form: {form}"),
            ));
        }
    })
}

/// `unistr`: `\XXXX`, `\+XXXXXX`, `\uXXXX` and `\UXXXXXXXX` are characters, two halves of a pair one; `\\` is `\`.
fn unescape(call: &mut Call<'_>) -> Result<StoredValue> {
    let text = call.text(0)?;
    let pair = || DatabaseError::new(SYNTAX_ERROR, "invalid Unicode surrogate pair");
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut high: Option<u32> = None;
    while let Some(c) = rest.chars().next() {
        if c != '\\' || rest.starts_with("\\\\") {
            if high.is_some() {
                return Err(pair());
            }
            out.push(c);
            rest = &rest[if c == '\\' { 2 } else { c.len_utf8() }..];
            continue;
        }
        let tail = &rest[1..];
        let digits = |skip: usize, count: usize| {
            let digits = tail.get(skip..skip + count)?;
            let all_hex = digits.bytes().all(|byte| byte.is_ascii_hexdigit());
            all_hex.then(|| u32::from_str_radix(digits, 16).ok()).flatten().map(|code| (code, skip + count))
        };
        let found = match tail.bytes().next() {
            Some(b'u') => digits(1, 4),
            Some(b'U') => digits(1, 8),
            Some(b'+') => digits(1, 6),
            _ => digits(0, 4),
        };
        let Some((code, length)) = found else {
            return Err(DatabaseError::new(SYNTAX_ERROR, "invalid Unicode escape")
                .with_hint("Unicode escapes must be \\XXXX, \\+XXXXXX, \\uXXXX, or \\UXXXXXXXX."));
        };
        rest = &tail[length..];
        if code == 0 || code > 0x10_ffff {
            return Err(DatabaseError::new(
                INVALID_PARAMETER_VALUE,
                format!("invalid Unicode code point: {code:04X}"),
            ));
        }
        let code = match (high.take(), code) {
            (None, 0xd800..=0xdbff) => {
                high = Some(code);
                continue;
            }
            (None, code) => code,
            (Some(first), 0xdc00..=0xdfff) => 0x1_0000 + ((first & 0x3ff) << 10) + (code & 0x3ff),
            (Some(_), _) => return Err(pair()),
        };
        out.push(char::from_u32(code).ok_or_else(pair)?);
    }
    if high.is_some() {
        return Err(pair());
    }
    Ok(out.into())
}

pub(super) static FUNCTIONS: &[Function] = &[
    immutable("unicode_normalize_func", |call| Ok(normalized(call.text(0)?, call.text(1)?)?.into())),
    immutable("unicode_is_normalized", |call| {
        let text = call.text(0)?;
        Ok((normalized(text, call.text(1)?)? == text).into())
    }),
    immutable("unistr", unescape),
];
