//! A value's text made safe for its place, as Go's html/template does it.

use super::context::{Place, UrlPart};
use std::borrow::Cow;
use std::fmt::Write as _;

/// What Go puts in the place of a value that would be dangerous there; searched for by many, hence the same word.
const REFUSED: &str = "ZgotmplZ";

/// The text for the place.
pub(super) fn escape(text: &str, place: Place, is_query_encoded: bool) -> String {
    let (text, quoted): (Cow<'_, str>, bool) = match place {
        Place::Nowhere => return String::new(),
        Place::Text => (text.into(), true),
        Place::Unquoted => (text.into(), false),
        Place::Style { quoted } => (style(text).into(), quoted),
        Place::Url { part: UrlPart::Start, quoted } => match has_safe_scheme(text) {
            true => (url(text, true).into(), quoted),
            false => (format!("#{REFUSED}").into(), quoted),
        },
        Place::Url { part: UrlPart::Query, quoted } if is_query_encoded => (text.into(), quoted),
        Place::Url { part, quoted } => (url(text, part == UrlPart::Path).into(), quoted),
    };
    if quoted { html(&text) } else { unquoted(&text) }
}

/// For text and values in quotes.
fn html(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&#34;"),
            '\'' => out.push_str("&#39;"),
            '+' => out.push_str("&#43;"),
            '\0' => out.push('\u{fffd}'),
            other => out.push(other),
        }
    }
    out
}

/// For values without quotes: whatever could end one.
fn unquoted(text: &str) -> String {
    if text.is_empty() {
        return REFUSED.into();
    }
    let mut out = String::with_capacity(text.len() + 16);
    for character in text.chars() {
        match character {
            '\0' => out.push('\u{fffd}'),
            '&' | '<' | '>' | '"' | '\'' | '+' | '=' | '`' => {
                let _ = write!(out, "&#{};", u32::from(character));
            }
            c if c.is_whitespace() || c.is_control() => {
                let _ = write!(out, "&#{};", u32::from(character));
            }
            other => out.push(other),
        }
    }
    out
}

/// Whether an URL that begins so leads to a page or a mail, and runs nothing.
fn has_safe_scheme(text: &str) -> bool {
    match text.split_once(':') {
        Some((scheme, _)) if !scheme.contains('/') => {
            ["http", "https", "mailto"].iter().any(|safe| scheme.eq_ignore_ascii_case(safe))
        }
        _ => true,
    }
}

/// Percent-encodes what an URL may not hold; in a whole one its own signs stay, in a part of a query they are encoded too.
fn url(text: &str, is_whole: bool) -> String {
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len() + 16);
    for (at, byte) in bytes.iter().enumerate() {
        let stays = match byte {
            b'-' | b'.' | b'_' | b'~' => true,
            b'!' | b'#' | b'$' | b'&' | b'*' | b'+' | b',' | b'/' | b':' | b';' | b'=' | b'?' | b'@'
            | b'[' | b']' => is_whole,
            b'%' => {
                is_whole && bytes.get(at + 1..at + 3).is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit))
            }
            byte => byte.is_ascii_alphanumeric(),
        };
        if stays {
            out.push(char::from(*byte));
        } else {
            let _ = write!(out, "%{byte:02x}");
        }
    }
    out
}

/// What `urlquery` makes of a text: a form's encoding.
pub(super) fn query(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 16);
    for byte in text.bytes() {
        match byte {
            b' ' => out.push('+'),
            b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            byte if byte.is_ascii_alphanumeric() => out.push(char::from(byte)),
            byte => {
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    out
}

/// A value of a style that can only be one: a colour, a length, a word.
fn style(text: &str) -> String {
    let dangerous = text.chars().any(|c| {
        matches!(
            c,
            '\0' | '"'
                | '\''
                | '('
                | ')'
                | '/'
                | ';'
                | '@'
                | '['
                | '\\'
                | ']'
                | '`'
                | '{'
                | '}'
                | '<'
                | '>'
                | ':'
        )
    });
    let letters: String =
        text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_ascii_lowercase();
    let is_old_script = letters.contains("expression") || letters.contains("mozbinding");
    if dangerous || text.contains("--") || is_old_script { REFUSED.into() } else { text.to_owned() }
}
