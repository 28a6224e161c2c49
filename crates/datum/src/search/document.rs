//! tsvectors of texts and of JSON.

use super::config::{Config, Words};
use super::vector::{Lexeme, Vector};
use super::{LAST_POSITION, MAX_POSITIONS};
use crate::context::Context;
use crate::json::scan;
use sqlstate::{DatabaseError, INTERNAL_ERROR, INVALID_PARAMETER_VALUE, Result};

/// The tsvector of a text.
pub(super) fn of_text(text: &str, config: Config, context: &dyn Context) -> Result<Vector> {
    let mut words = Words::default();
    words.add(text, config, context)?;
    of_words(words)
}

/// Lexemes with their places, as many of them as one may have.
pub(super) fn of_words(words: Words) -> Result<Vector> {
    let mut lexemes = words.lexemes;
    lexemes.sort_by(|left, right| left.0.cmp(&right.0).then(left.1.place().cmp(&right.1.place())));
    let mut vector = Vector::default();
    for (word, position) in lexemes {
        match vector.lexemes.last_mut() {
            Some(last) if last.word == word => {
                let end = last.positions.last().map_or(0, |position| position.place());
                let room = last.positions.len() < MAX_POSITIONS - 1;
                if room && end != LAST_POSITION && end != position.place() {
                    last.positions.push(position);
                }
            }
            _ => vector.lexemes.push(Lexeme { word, positions: vec![position] }),
        }
    }
    vector.checked()
}

/// What of JSON is searched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Parts {
    keys: bool,
    strings: bool,
    numbers: bool,
    booleans: bool,
}

const FLAGS: &str = "Possible values are: \"string\", \"numeric\", \"boolean\", \"key\", and \"all\".";

impl Parts {
    /// The strings.
    pub(super) const STRINGS: Parts = Parts { keys: false, strings: true, numbers: false, booleans: false };

    /// `"all"`, `["string", "key"]`: the stored jsonb that names them.
    pub(super) fn named(flags: &str) -> Result<Parts> {
        let mut parts = Parts::default();
        let names: Vec<&str> = match scan::kind(flags) {
            scan::Kind::Object => {
                return Err(DatabaseError::new(
                    INVALID_PARAMETER_VALUE,
                    "wrong flag type, only arrays and scalars are allowed",
                ));
            }
            scan::Kind::Array => scan::elements(flags).collect(),
            _ => vec![flags.trim()],
        };
        for name in names {
            if name.starts_with(['[', '{']) {
                return Err(DatabaseError::new(INTERNAL_ERROR, "unexpected end of flag array"));
            }
            if !name.starts_with('"') {
                let error = DatabaseError::new(INVALID_PARAMETER_VALUE, "flag array element is not a string");
                return Err(error.with_hint(FLAGS));
            }
            let name = scan::unquote(name);
            match name.to_ascii_lowercase().as_str() {
                "all" => parts = Parts { keys: true, strings: true, numbers: true, booleans: true },
                "key" => parts.keys = true,
                "string" => parts.strings = true,
                "numeric" => parts.numbers = true,
                "boolean" => parts.booleans = true,
                _ => {
                    let message = format!("wrong flag in flag array: \"{name}\"");
                    return Err(DatabaseError::new(INVALID_PARAMETER_VALUE, message).with_hint(FLAGS));
                }
            }
        }
        Ok(parts)
    }
}

/// Hands on each scalar and key of a JSON text in its order: where it stands in the text, and whether it is a key.
pub(super) fn scalars(
    json: &str,
    each: &mut dyn FnMut(std::ops::Range<usize>, bool) -> Result<()>,
) -> Result<()> {
    let bytes = json.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'"' => {
                let start = at;
                at += 1;
                while at < bytes.len() && bytes[at] != b'"' {
                    at += if bytes[at] == b'\\' { 2 } else { 1 };
                }
                at = (at + 1).min(bytes.len());
                let rest = bytes[at..].iter().find(|byte| !byte.is_ascii_whitespace());
                each(start..at, rest == Some(&b':'))?;
            }
            b'{' | b'}' | b'[' | b']' | b',' | b':' => at += 1,
            byte if byte.is_ascii_whitespace() => at += 1,
            _ => {
                let start = at;
                while at < bytes.len()
                    && !matches!(bytes[at], b'{' | b'}' | b'[' | b']' | b',' | b':' | b'"')
                    && !bytes[at].is_ascii_whitespace()
                {
                    at += 1;
                }
                each(start..at, false)?;
            }
        }
    }
    Ok(())
}

/// The tsvector of a JSON's parts. Between two of them is a gap, so that no phrase reaches across.
pub(super) fn of_json(json: &str, parts: Parts, config: Config, context: &dyn Context) -> Result<Vector> {
    let mut words = Words::default();
    scalars(json, &mut |range, key| {
        let scalar = &json[range];
        let wanted = match scalar.as_bytes().first() {
            Some(b'"') if key => parts.keys,
            Some(b'"') => parts.strings,
            Some(b't' | b'f') => parts.booleans,
            Some(b'n') | None => false,
            Some(_) => parts.numbers,
        };
        if wanted {
            let before = words.lexemes.len();
            let text = if scalar.starts_with('"') { scan::unquote(scalar) } else { scalar.into() };
            words.add(&text, config, context)?;
            if words.lexemes.len() > before {
                words.count += 1;
            }
        }
        Ok(())
    })?;
    of_words(words)
}
