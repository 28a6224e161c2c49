//! json and jsonb: their grammar, jsonb's canonical text, and the functions on both.
//!
//! A jsonb is stored as the text PostgreSQL prints, so that reading it out is a copy; look-ups scan that text
//! ([`scan`]), and only what changes or compares a document builds a tree ([`Json`]).

pub(crate) mod access;
pub(crate) mod build;
pub(crate) mod change;
pub(crate) mod parse;
pub(crate) mod path;
pub(crate) mod populate;
pub(crate) mod scan;
pub(crate) mod sets;
mod tree;

pub(crate) use tree::{Json, compare_text};

/// Appends a string as a JSON string, escaped as PostgreSQL escapes.
pub(crate) fn push_string(text: &str, out: &mut String) {
    out.push('"');
    let mut start = 0;
    for (at, byte) in text.bytes().enumerate() {
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0x08 => "\\b",
            0x0c => "\\f",
            0..=0x1f => "",
            _ => continue,
        };
        out.push_str(&text[start..at]);
        start = at + 1;
        if escape.is_empty() {
            out.push_str("\\u00");
            crate::bytes::push_hex(&[byte], out);
        } else {
            out.push_str(escape);
        }
    }
    out.push_str(&text[start..]);
    out.push('"');
}
