//! LIKE, ILIKE and SIMILAR TO.

use crate::registry::{Call, Function, immutable};
use crate::text::lower;
use crate::value::StoredValue;
use sqlstate::{DatabaseError, INVALID_ESCAPE_SEQUENCE, INVALID_USE_OF_ESCAPE_CHARACTER, Result};

/// Whether a text matches a pattern with `%`, `_` and the escape `\`.
pub(super) fn matches(text: &[u8], pattern: &[u8], bytewise: bool) -> Result<bool> {
    let ending = || {
        Err(DatabaseError::new(INVALID_ESCAPE_SEQUENCE, "LIKE pattern must not end with escape character"))
    };
    let (mut t, mut p) = (0, 0);
    // Where to go on after the last `%`: a later text position, the same pattern position.
    let mut retry: Option<(usize, usize)> = None;
    let next_character = |at: usize| {
        let mut at = at + 1;
        while !bytewise && text.get(at).is_some_and(|byte| byte & 0xc0 == 0x80) {
            at += 1;
        }
        at
    };
    loop {
        let matched = match pattern.get(p) {
            Some(b'%') => {
                p += 1;
                retry = Some((t, p));
                if p == pattern.len() {
                    return Ok(true);
                }
                continue;
            }
            None => t == text.len(),
            Some(b'_') if t < text.len() => {
                t = next_character(t);
                p += 1;
                continue;
            }
            Some(b'_') => false,
            Some(b'\\') => match pattern.get(p + 1) {
                None if t < text.len() => return ending(),
                None => false,
                Some(literal) if text.get(t) == Some(literal) => {
                    t += 1;
                    p += 2;
                    continue;
                }
                Some(_) => false,
            },
            Some(literal) if text.get(t) == Some(literal) => {
                t += 1;
                p += 1;
                continue;
            }
            Some(_) => false,
        };
        if matched {
            return Ok(true);
        }
        match retry {
            Some((from, after)) if from < text.len() => {
                t = next_character(from);
                p = after;
                retry = Some((t, after));
            }
            _ => return Ok(false),
        }
    }
}

fn like(call: &Call<'_>) -> Result<bool> {
    matches(call.text(0)?.as_bytes(), call.text(1)?.as_bytes(), false)
}

fn ilike(call: &Call<'_>) -> Result<bool> {
    matches(lower(call.text(0)?).as_bytes(), lower(call.text(1)?).as_bytes(), false)
}

fn bytea_like(call: &Call<'_>) -> Result<bool> {
    matches(call.blob(0)?, call.blob(1)?, true)
}

/// A LIKE pattern under another escape character, rewritten to `\`.
fn like_escape(pattern: &str, escape: &str) -> Result<StoredValue> {
    let mut characters = escape.chars();
    let (first, more) = (characters.next(), characters.next());
    if more.is_some() {
        return Err(DatabaseError::new(INVALID_ESCAPE_SEQUENCE, "invalid escape string")
            .with_hint("Escape string must be empty or one character."));
    }
    let mut out = String::with_capacity(pattern.len());
    match first {
        None => {
            for c in pattern.chars() {
                if c == '\\' {
                    out.push('\\');
                }
                out.push(c);
            }
        }
        Some('\\') => out.push_str(pattern),
        Some(escape) => {
            let mut after_escape = false;
            for c in pattern.chars() {
                if c == escape && !after_escape {
                    out.push('\\');
                    after_escape = true;
                } else {
                    if c == '\\' && !after_escape {
                        out.push('\\');
                    }
                    out.push(c);
                    after_escape = false;
                }
            }
        }
    }
    Ok(out.into())
}

/// A SIMILAR TO pattern as a regular expression.
pub(super) fn similar_escape(pattern: &str, escape: Option<&str>) -> Result<StoredValue> {
    let escape = match escape {
        None => Some('\\'),
        Some(escape) => {
            let mut characters = escape.chars();
            let first = characters.next();
            if characters.next().is_some() {
                return Err(DatabaseError::new(INVALID_ESCAPE_SEQUENCE, "invalid escape string")
                    .with_hint("Escape string must be empty or one character."));
            }
            first
        }
    };
    let mut out = String::from("^(?:");
    let mut after_escape = false;
    let mut in_class = false;
    let mut quotes = 0;
    for c in pattern.chars() {
        if after_escape {
            if c == '"' && !in_class {
                match quotes {
                    0 => out.push_str("){1,1}?("),
                    1 => out.push_str("){1,1}(?:"),
                    _ => {
                        return Err(DatabaseError::new(
                            INVALID_USE_OF_ESCAPE_CHARACTER,
                            "SQL regular expression may not contain more than two escape-double-quote separators",
                        ));
                    }
                }
                quotes += 1;
            } else {
                out.push('\\');
                out.push(c);
            }
            after_escape = false;
        } else if Some(c) == escape {
            after_escape = true;
        } else if in_class {
            if c == '\\' {
                out.push('\\');
            }
            out.push(c);
            in_class = c != ']';
        } else {
            match c {
                '[' => {
                    out.push('[');
                    in_class = true;
                }
                '%' => out.push_str(".*"),
                '_' => out.push('.'),
                '(' => out.push_str("(?:"),
                '\\' | '.' | '^' | '$' => {
                    out.push('\\');
                    out.push(c);
                }
                c => out.push(c),
            }
        }
    }
    out.push_str(")$");
    Ok(out.into())
}

pub(super) static FUNCTIONS: &[Function] = &[
    immutable("textlike", |call| Ok(like(call)?.into())),
    immutable("textnlike", |call| Ok((!like(call)?).into())),
    immutable("namelike", |call| Ok(like(call)?.into())),
    immutable("namenlike", |call| Ok((!like(call)?).into())),
    immutable("texticlike", |call| Ok(ilike(call)?.into())),
    immutable("texticnlike", |call| Ok((!ilike(call)?).into())),
    immutable("nameiclike", |call| Ok(ilike(call)?.into())),
    immutable("nameicnlike", |call| Ok((!ilike(call)?).into())),
    immutable("bytealike", |call| Ok(bytea_like(call)?.into())),
    immutable("byteanlike", |call| Ok((!bytea_like(call)?).into())),
    immutable("like_escape", |call| like_escape(call.text(0)?, call.text(1)?)),
];
