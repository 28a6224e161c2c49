//! Look-ups in JSON text without a tree. The text was checked when it was stored.

use std::borrow::Cow;

/// The position after white space.
fn skip_space(text: &str, mut at: usize) -> usize {
    let bytes = text.as_bytes();
    while matches!(bytes.get(at), Some(b' ' | b'\t' | b'\n' | b'\r')) {
        at += 1;
    }
    at
}

/// The position after the string that starts here.
fn skip_string(text: &str, at: usize) -> usize {
    let bytes = text.as_bytes();
    let mut at = at + 1;
    loop {
        match bytes.get(at) {
            None => return bytes.len(),
            Some(b'"') => return at + 1,
            Some(b'\\') => at += 2,
            Some(_) => at += 1,
        }
    }
}

/// The position after the value that starts here.
fn skip_value(text: &str, at: usize) -> usize {
    let bytes = text.as_bytes();
    match bytes.get(at) {
        Some(b'"') => skip_string(text, at),
        Some(b'{' | b'[') => {
            let mut depth = 0usize;
            let mut at = at;
            while let Some(byte) = bytes.get(at) {
                match byte {
                    b'"' => {
                        at = skip_string(text, at);
                        continue;
                    }
                    b'{' | b'[' => depth += 1,
                    b'}' | b']' => {
                        depth -= 1;
                        if depth == 0 {
                            return at + 1;
                        }
                    }
                    _ => {}
                }
                at += 1;
            }
            bytes.len()
        }
        _ => {
            let mut at = at;
            while !matches!(bytes.get(at), None | Some(b',' | b'}' | b']' | b' ' | b'\t' | b'\n' | b'\r')) {
                at += 1;
            }
            at
        }
    }
}

/// The kind of a JSON text's value, by its first character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Object,
    Array,
    String,
    Number,
    Bool,
    Null,
}

/// The kind of the document.
pub(crate) fn kind(text: &str) -> Kind {
    match text.as_bytes().get(skip_space(text, 0)) {
        Some(b'{') => Kind::Object,
        Some(b'[') => Kind::Array,
        Some(b'"') => Kind::String,
        Some(b't' | b'f') => Kind::Bool,
        Some(b'n') => Kind::Null,
        _ => Kind::Number,
    }
}

/// The pairs of an object, keys with their quotes, values as they stand.
pub(crate) struct Pairs<'a> {
    text: &'a str,
    at: usize,
}

/// The pairs of an object; none of another value.
pub(crate) fn pairs(text: &str) -> Pairs<'_> {
    let start = skip_space(text, 0);
    let at = if text.as_bytes().get(start) == Some(&b'{') { start + 1 } else { text.len() };
    Pairs { text, at }
}

impl<'a> Iterator for Pairs<'a> {
    type Item = (&'a str, &'a str);

    fn next(&mut self) -> Option<Self::Item> {
        let start = skip_space(self.text, self.at);
        if self.text.as_bytes().get(start) != Some(&b'"') {
            return None;
        }
        let end = skip_string(self.text, start);
        let colon = skip_space(self.text, end);
        let value = skip_space(self.text, colon + 1);
        let value_end = skip_value(self.text, value);
        let next = skip_space(self.text, value_end);
        self.at = if self.text.as_bytes().get(next) == Some(&b',') { next + 1 } else { self.text.len() };
        Some((self.text.get(start..end)?, self.text.get(value..value_end)?))
    }
}

/// The elements of an array as they stand.
pub(crate) struct Elements<'a> {
    text: &'a str,
    at: usize,
}

/// The elements of an array; none of another value.
pub(crate) fn elements(text: &str) -> Elements<'_> {
    let start = skip_space(text, 0);
    let at = if text.as_bytes().get(start) == Some(&b'[') { start + 1 } else { text.len() };
    Elements { text, at }
}

impl<'a> Iterator for Elements<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let start = skip_space(self.text, self.at);
        if matches!(self.text.as_bytes().get(start), None | Some(b']')) {
            return None;
        }
        let end = skip_value(self.text, start);
        let next = skip_space(self.text, end);
        self.at = if self.text.as_bytes().get(next) == Some(&b',') { next + 1 } else { self.text.len() };
        self.text.get(start..end)
    }
}

/// The value of a JSON string that stands with its quotes.
pub(crate) fn unquote(quoted: &str) -> Cow<'_, str> {
    let inner = quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or("");
    if !inner.contains('\\') {
        return Cow::Borrowed(inner);
    }
    let mut out = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        let escape = rest.as_bytes().get(at + 1).copied().unwrap_or(b'\\');
        let mut used = at + 2;
        match escape {
            b'b' => out.push('\x08'),
            b'f' => out.push('\x0c'),
            b'n' => out.push('\n'),
            b'r' => out.push('\r'),
            b't' => out.push('\t'),
            b'u' => {
                let code = |from: usize| {
                    rest.get(from..from + 4).and_then(|digits| u32::from_str_radix(digits, 16).ok())
                };
                let first = code(at + 2).unwrap_or(0xfffd);
                used = at + 6;
                let mut value = first;
                if (0xd800..0xdc00).contains(&first)
                    && let Some(second) = code(at + 8)
                {
                    value = 0x10000 + ((first & 0x3ff) << 10) + (second & 0x3ff);
                    used = at + 12;
                }
                out.push(char::from_u32(value).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            other => out.push(char::from(other)),
        }
        rest = rest.get(used..).unwrap_or("");
    }
    out.push_str(rest);
    Cow::Owned(out)
}

/// Whether a key as it stands is this one.
fn is_key(quoted: &str, key: &str) -> bool {
    if quoted.contains('\\') {
        unquote(quoted) == key
    } else {
        quoted.len() == key.len() + 2 && &quoted.as_bytes()[1..quoted.len() - 1] == key.as_bytes()
    }
}

/// The value of a key of an object; json may repeat keys, and the last one counts.
pub(crate) fn field<'a>(text: &'a str, key: &str, unique: bool) -> Option<&'a str> {
    let mut found = None;
    for (quoted, value) in pairs(text) {
        if is_key(quoted, key) {
            if unique {
                return Some(value);
            }
            found = Some(value);
        }
    }
    found
}

/// The element of an array by its index from 0, from the end if negative.
pub(crate) fn element(text: &str, index: i64) -> Option<&str> {
    let index = if index < 0 { index + elements(text).count() as i64 } else { index };
    elements(text).nth(usize::try_from(index).ok()?)
}

/// A value as `->>` gives it: strings without quotes, `null` as NULL.
pub(crate) fn as_text(value: &str) -> Option<Cow<'_, str>> {
    match value.as_bytes().first() {
        Some(b'"') => Some(unquote(value)),
        Some(b'n') => None,
        _ => Some(Cow::Borrowed(value)),
    }
}
