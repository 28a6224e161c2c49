//! PostgreSQL's array literals: `{1,NULL,"a b",{…}}`.

use super::Array;
use crate::value::{Stored, StoredValue, is_space};
use sqlstate::{ARRAY_SUBSCRIPT_ERROR, DatabaseError, INVALID_TEXT_REPRESENTATION, Result};

/// Reads a literal; `input` makes an element of its text.
pub(crate) fn parse(text: &str, mut input: impl FnMut(&str) -> Result<StoredValue>) -> Result<Array> {
    let mut reader = Reader { text, rest: text, lengths: Vec::new(), elements: Vec::new(), nested: None };
    reader.skip_space();
    let mut given = Vec::new();
    if reader.rest.starts_with('[') {
        given = reader.bounds()?;
    } else if !reader.rest.starts_with('{') {
        return Err(reader.malformed("Array value must start with \"{\" or dimension information."));
    }
    reader.braces(0, &mut input)?;
    reader.skip_space();
    if !reader.rest.is_empty() {
        return Err(reader.malformed("Junk after closing right brace."));
    }
    let mut lengths = reader.lengths.clone();
    if reader.elements.is_empty() {
        lengths.clear();
    }
    if !given.is_empty() && !given.iter().map(|(_, length)| length).eq(&lengths) {
        return Err(reader.malformed("Specified array dimensions do not match array contents."));
    }
    let lower = given.into_iter().map(|(bound, _)| bound).collect();
    Array { lengths, lower: Vec::new(), elements: reader.elements }.with_lower(lower)
}

struct Reader<'a> {
    text: &'a str,
    rest: &'a str,
    /// The length of each dimension, known once its first row closed; 0 before.
    lengths: Vec<usize>,
    elements: Vec<StoredValue>,
    /// The depth at which elements stand.
    nested: Option<usize>,
}

impl Reader<'_> {
    fn malformed(&self, detail: &str) -> DatabaseError {
        DatabaseError::new(INVALID_TEXT_REPRESENTATION, format!("malformed array literal: \"{}\"", self.text))
            .with_detail(detail)
    }

    fn skip_space(&mut self) {
        self.rest = self.rest.trim_start_matches(is_space);
    }

    /// `[1:3][0:2]=`: the first subscript and the length of each dimension.
    fn bounds(&mut self) -> Result<Vec<(i64, usize)>> {
        let mut bounds = Vec::new();
        loop {
            self.skip_space();
            let Some(inner) = self.rest.strip_prefix('[') else { break };
            if bounds.len() >= super::MAX_DIMENSIONS {
                return Err(super::too_many_dimensions(bounds.len() + 1));
            }
            self.rest = inner;
            let Some(first) = self.bound() else {
                return Err(self.malformed("\"[\" must introduce explicitly-specified array dimensions."));
            };
            let (lower, upper) = match self.rest.strip_prefix(':') {
                None => (1, first),
                Some(rest) => {
                    self.rest = rest;
                    match self.bound() {
                        Some(upper) => (first, upper),
                        None => return Err(self.malformed("Missing array dimension value.")),
                    }
                }
            };
            let Some(rest) = self.rest.strip_prefix(']') else {
                return Err(self.malformed("Missing \"]\" after array dimensions."));
            };
            self.rest = rest;
            if upper < lower {
                return Err(DatabaseError::new(
                    ARRAY_SUBSCRIPT_ERROR,
                    "upper bound cannot be less than lower bound",
                ));
            }
            bounds.push((lower, (upper - lower + 1) as usize));
        }
        let Some(rest) = self.rest.strip_prefix('=') else {
            return Err(self.malformed("Missing \"=\" after array dimensions."));
        };
        self.rest = rest;
        self.skip_space();
        if !self.rest.starts_with('{') {
            return Err(self.malformed("Array contents must start with \"{\"."));
        }
        Ok(bounds)
    }

    /// A number between the brackets; beyond the range of an integer it is its nearest, as C's `atoi` has it.
    fn bound(&mut self) -> Option<i64> {
        let length = self.rest.bytes().take_while(|byte| matches!(byte, b'0'..=b'9' | b'-' | b'+')).count();
        let (digits, rest) = self.rest.split_at(length);
        self.rest = rest;
        let number = digits.parse::<i64>().unwrap_or(0);
        (length > 0).then_some(number.clamp(i64::from(i32::MIN), i64::from(i32::MAX)))
    }

    fn braces(&mut self, depth: usize, input: &mut dyn FnMut(&str) -> Result<StoredValue>) -> Result<()> {
        if depth >= super::MAX_DIMENSIONS {
            return Err(super::too_many_dimensions(depth + 1));
        }
        if self.lengths.len() <= depth {
            self.lengths.push(usize::MAX);
        }
        self.rest = self.rest.get(1..).unwrap_or("");
        let mut count = 0;
        self.skip_space();
        if self.rest.starts_with('}') {
            if depth > 0 {
                return Err(self.malformed("Unexpected \"}\" character."));
            }
            self.rest = &self.rest[1..];
            return self.close(depth, 0);
        }
        loop {
            self.skip_space();
            match self.rest.chars().next() {
                None => return Err(self.malformed("Unexpected end of input.")),
                Some('{') => {
                    if self.nested.is_some_and(|nested| nested <= depth) {
                        return Err(self.malformed("Unexpected \"{\" character."));
                    }
                    self.braces(depth + 1, input)?;
                }
                Some(c @ (',' | '}')) => {
                    let detail = format!("Unexpected \"{c}\" character.");
                    return Err(self.malformed(&detail));
                }
                Some(_) => {
                    if *self.nested.get_or_insert(depth) != depth {
                        return Err(self.malformed("Unexpected array element."));
                    }
                    self.element(input)?;
                }
            }
            count += 1;
            self.skip_space();
            match self.rest.chars().next() {
                Some(',') => self.rest = &self.rest[1..],
                Some('}') => {
                    self.rest = &self.rest[1..];
                    return self.close(depth, count);
                }
                None => return Err(self.malformed("Unexpected end of input.")),
                Some('{') => return Err(self.malformed("Unexpected \"{\" character.")),
                Some(_) => return Err(self.malformed("Unexpected array element.")),
            }
        }
    }

    fn mismatch(&self) -> DatabaseError {
        self.malformed("Multidimensional arrays must have sub-arrays with matching dimensions.")
    }

    fn close(&mut self, depth: usize, count: usize) -> Result<()> {
        match self.lengths[depth] {
            usize::MAX => self.lengths[depth] = count,
            known if known != count => return Err(self.mismatch()),
            _ => {}
        }
        Ok(())
    }

    fn element(&mut self, input: &mut dyn FnMut(&str) -> Result<StoredValue>) -> Result<()> {
        if self.rest.starts_with('"') {
            let mut value = String::new();
            let mut characters = self.rest[1..].char_indices();
            loop {
                match characters.next() {
                    None => return Err(self.malformed("Unexpected end of input.")),
                    Some((at, '"')) => {
                        self.rest = &self.rest[at + 2..];
                        break;
                    }
                    Some((_, '\\')) => match characters.next() {
                        None => return Err(self.malformed("Unexpected end of input.")),
                        Some((_, c)) => value.push(c),
                    },
                    Some((_, c)) => value.push(c),
                }
            }
            self.elements.push(input(&value)?);
            return Ok(());
        }
        let mut value = String::new();
        // What a backslash protects is neither trimmed nor NULL.
        let mut protected = 0;
        let mut escaped = false;
        let mut characters = self.rest.char_indices();
        let end = loop {
            match characters.next() {
                None => return Err(self.malformed("Unexpected end of input.")),
                Some((at, ',' | '}')) => break at,
                Some((_, c @ ('{' | '"'))) => {
                    let detail = if c == '"' {
                        "Unexpected array element.".to_owned()
                    } else {
                        format!("Unexpected \"{c}\" character.")
                    };
                    return Err(self.malformed(&detail));
                }
                Some((_, '\\')) => match characters.next() {
                    None => return Err(self.malformed("Unexpected end of input.")),
                    Some((_, c)) => {
                        value.push(c);
                        protected = value.len();
                        escaped = true;
                    }
                },
                Some((_, c)) => value.push(c),
            }
        };
        self.rest = &self.rest[end..];
        let kept = protected + value[protected..].trim_end_matches(is_space).len();
        value.truncate(kept);
        if !escaped && value.eq_ignore_ascii_case("null") {
            self.elements.push(StoredValue::Null);
        } else {
            self.elements.push(input(&value)?);
        }
        Ok(())
    }
}

/// Appends an array as a literal; `output` appends an element's text.
pub(crate) fn output(
    array: &Array,
    out: &mut String,
    mut element: impl FnMut(Stored<'_>, &mut String) -> Result<()>,
) -> Result<()> {
    if array.lengths.is_empty() {
        out.push_str("{}");
        return Ok(());
    }
    if !array.lower.is_empty() {
        dimensions(array, out);
        out.push('=');
    }
    let mut elements = array.elements.iter();
    write(&array.lengths, &mut elements, out, &mut element)
}

/// Appends the bounds of an array's dimensions: `[1:3][0:2]`.
pub(crate) fn dimensions(array: &Array, out: &mut String) {
    for at in 0..array.lengths.len() {
        out.push_str(&format!("[{}:{}]", array.lower(at), array.upper(at)));
    }
}

fn write<'a>(
    lengths: &[usize],
    elements: &mut impl Iterator<Item = &'a StoredValue>,
    out: &mut String,
    element: &mut dyn FnMut(Stored<'_>, &mut String) -> Result<()>,
) -> Result<()> {
    let Some((length, inner)) = lengths.split_first() else { return Ok(()) };
    out.push('{');
    for at in 0..*length {
        if at > 0 {
            out.push(',');
        }
        if !inner.is_empty() {
            write(inner, elements, out, element)?;
            continue;
        }
        match elements.next() {
            None | Some(StoredValue::Null) => out.push_str("NULL"),
            Some(value) => {
                let mut text = String::new();
                element(value.borrow(), &mut text)?;
                push_quoted(&text, out);
            }
        }
    }
    out.push('}');
    Ok(())
}

/// Appends an element's text, quoted where it must be.
fn push_quoted(text: &str, out: &mut String) {
    let needs = text.is_empty()
        || text.eq_ignore_ascii_case("null")
        || text.contains(|c: char| matches!(c, '"' | '\\' | '{' | '}' | ',') || is_space(c));
    if !needs {
        out.push_str(text);
        return;
    }
    out.push('"');
    for c in text.chars() {
        if matches!(c, '"' | '\\') {
            out.push('\\');
        }
        out.push(c);
    }
    out.push('"');
}
