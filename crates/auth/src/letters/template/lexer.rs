//! A template's text as pieces: literal text, and actions between `{{` and `}}`.

use super::TemplateError;

/// A piece of a template.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Piece {
    /// Text that stands for itself, white space trimmed where the actions beside it ask for it.
    Literal(String),
    /// An action, and the line on which it begins.
    Action(Vec<Token>, usize),
}

/// A word of an action.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// `if`, `eq`, `true` …
    Word(String),
    /// `.`, `.A.b`; after `$` when the flag is set.
    Field(bool, Vec<String>),
    /// `"…"` or `` `…` ``
    Text(String),
    /// A number.
    Number(f64),
    /// `|`
    Pipe,
    /// `(`
    Open,
    /// `)`
    Close,
}

/// Cuts a template into its pieces.
pub(super) fn pieces(source: &str) -> Result<Vec<Piece>, TemplateError> {
    let mut pieces = Vec::new();
    let (mut rest, mut line, mut trims) = (source, 1, false);
    loop {
        let (literal, action) = match rest.find("{{") {
            Some(at) => (&rest[..at], Some(&rest[at + 2..])),
            None => (rest, None),
        };
        let trims_next = action.is_some_and(opens_with_trim);
        let mut shown = literal;
        if trims {
            shown = shown.trim_start_matches(is_space);
        }
        if trims_next {
            shown = shown.trim_end_matches(is_space);
        }
        if !shown.is_empty() {
            pieces.push(Piece::Literal(shown.to_owned()));
        }
        line += newlines(literal);
        let Some(action) = action else { return Ok(pieces) };
        let body = if trims_next { &action[1..] } else { action };
        let (inner, after) = match comment(body) {
            Some(found) => found.map_err(|what| TemplateError::new(line, what))?,
            None => {
                let end = action_end(body)
                    .ok_or_else(|| TemplateError::new(line, "an action is not closed with }}"))?;
                (&body[..end], &body[end + 2..])
            }
        };
        trims = closes_with_trim(inner);
        let content = if trims { &inner[..inner.len() - 1] } else { inner };
        if !content.trim_start().starts_with("/*") {
            let tokens = tokens(content).map_err(|what| TemplateError::new(line, what))?;
            pieces.push(Piece::Action(tokens, line));
        }
        line += newlines(&action[..action.len() - after.len()]);
        rest = after;
    }
}

fn newlines(text: &str) -> usize {
    text.bytes().filter(|byte| *byte == b'\n').count()
}

/// What Go's templates trim: ASCII white space only.
fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\r' | '\n')
}

/// `{{- `: the dash must be followed by white space, else it is a number's sign.
fn opens_with_trim(action: &str) -> bool {
    action.strip_prefix('-').is_some_and(|rest| rest.starts_with(is_space))
}

fn closes_with_trim(inner: &str) -> bool {
    inner.strip_suffix('-').is_some_and(|rest| rest.ends_with(is_space) || rest.ends_with("*/"))
}

/// `{{/* … */}}`: what is in it, and what follows.
fn comment(body: &str) -> Option<Result<(&str, &str), String>> {
    let start = body.len() - body.trim_start_matches(is_space).len();
    if !body[start..].starts_with("/*") {
        return None;
    }
    let Some(end) = body.find("*/") else { return Some(Err("a comment is not closed with */".into())) };
    let tail = &body[end + 2..];
    let after = tail.trim_start_matches(is_space);
    for close in ["}}", "-}}"] {
        if let Some(after) = after.strip_prefix(close) {
            let inner = body.len() - after.len() - 2;
            return Some(Ok((&body[..inner], after)));
        }
    }
    Some(Err("a comment ends with */}}".into()))
}

/// Where `}}` is, outside of quoted text.
fn action_end(body: &str) -> Option<usize> {
    let bytes = body.as_bytes();
    let (mut at, mut quote) = (0, None);
    while at < bytes.len() {
        match (quote, bytes[at]) {
            (Some(b'"'), b'\\') => at += 1,
            (Some(open), byte) if open == byte => quote = None,
            (None, byte @ (b'"' | b'`')) => quote = Some(byte),
            (None, b'}') if bytes.get(at + 1) == Some(&b'}') => return Some(at),
            _ => {}
        }
        at += 1;
    }
    None
}

fn tokens(action: &str) -> Result<Vec<Token>, String> {
    let mut tokens = Vec::new();
    let mut rest = action;
    loop {
        rest = rest.trim_start_matches(is_space);
        let Some(first) = rest.chars().next() else { return Ok(tokens) };
        let (token, length) = match first {
            '|' => (Token::Pipe, 1),
            '(' => (Token::Open, 1),
            ')' => (Token::Close, 1),
            '"' => quoted(rest)?,
            '`' => {
                let end = rest[1..].find('`').ok_or("a text is not closed with `")?;
                (Token::Text(rest[1..=end].to_owned()), end + 2)
            }
            '.' => fields(rest, 0)?,
            '$' => {
                if rest[1..].starts_with(|c: char| c.is_alphanumeric() || c == '_') {
                    return Err(format!("variables such as {} are not supported", word(rest, 1)));
                }
                if rest[1..].starts_with('.') {
                    fields(rest, 1)?
                } else {
                    (Token::Field(true, Vec::new()), 1)
                }
            }
            c if c.is_ascii_digit() || matches!(c, '-' | '+') => {
                let text = word(rest, 1);
                let number = text.parse().map_err(|_| format!("{text} is no number"))?;
                (Token::Number(number), text.len())
            }
            c if c.is_alphabetic() || c == '_' => {
                let text = word(rest, 0);
                (Token::Word(text.to_owned()), text.len())
            }
            c => return Err(format!("{c} has no meaning here")),
        };
        tokens.push(token);
        rest = &rest[length..];
    }
}

/// The letters, digits and points from the start, whatever the first `from` characters (of ASCII) are.
fn word(rest: &str, from: usize) -> &str {
    let end = rest[from..].find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '.')));
    &rest[..end.map_or(rest.len(), |end| from + end)]
}

/// `.A.b` from the offset.
fn fields(rest: &str, from: usize) -> Result<(Token, usize), String> {
    let text = word(rest, from);
    let path = text[from..].trim_start_matches('.');
    let names: Vec<String> =
        if path.is_empty() { Vec::new() } else { path.split('.').map(str::to_owned).collect() };
    if names.iter().any(String::is_empty) || text[from..].len() - path.len() > 1 {
        return Err(format!("{text} is no field"));
    }
    Ok((Token::Field(from == 1, names), text.len()))
}

/// `"…"` with Go's escapes.
fn quoted(rest: &str) -> Result<(Token, usize), String> {
    let mut text = String::new();
    let mut characters = rest.char_indices().skip(1);
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Ok((Token::Text(text), at + 1)),
            '\\' => match characters.next().map(|(_, c)| c) {
                Some('n') => text.push('\n'),
                Some('t') => text.push('\t'),
                Some(c @ ('"' | '\\' | '\'')) => text.push(c),
                _ => return Err("an escape in a text is not supported".into()),
            },
            c => text.push(c),
        }
    }
    Err("a text is not closed with \"".into())
}
