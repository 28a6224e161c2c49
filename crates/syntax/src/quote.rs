//! Quoting: names and values as text that the parser takes back.

use crate::lexer::{Keyword, KeywordClass};
use std::borrow::Cow;

/// The name as `quote_ident()` writes it: quoted unless it is a lower-case word that is no keyword, or an unreserved one.
pub fn quote_identifier(name: &str) -> Cow<'_, str> {
    let bytes = name.as_bytes();
    let word = bytes.first().is_some_and(|b| b.is_ascii_lowercase() || *b == b'_')
        && bytes.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'_');
    let reserved = || Keyword::find(bytes).is_some_and(|keyword| keyword.class() != KeywordClass::Unreserved);
    if word && !reserved() {
        return Cow::Borrowed(name);
    }
    Cow::Owned(format!("\"{}\"", name.replace('"', "\"\"")))
}

/// The text as `quote_literal()` writes it: quotes doubled; with a backslash in it, in the `E''` form.
pub fn quote_literal(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    let escape = text.contains('\\');
    out.push_str(if escape { "E'" } else { "'" });
    for character in text.chars() {
        if character == '\'' || character == '\\' {
            out.push(character);
        }
        out.push(character);
    }
    out.push('\'');
    out
}
