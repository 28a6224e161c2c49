//! PostgreSQL's array literals: `{1,NULL,"a b",{…}}`.

use super::Array;
use crate::value::{Stored, StoredValue, is_space};
use sqlstate::{DatabaseError, INVALID_TEXT_REPRESENTATION, Result};

/// Reads a literal; `input` makes an element of its text.
pub(crate) fn parse(text: &str, mut input: impl FnMut(&str) -> Result<StoredValue>) -> Result<Array> {
    let mut reader = Reader { text, rest: text, lengths: Vec::new(), elements: Vec::new(), nested: None };
    reader.skip_space();
    if reader.rest.starts_with('[') {
        reader.bounds()?;
    } else if !reader.rest.starts_with('{') {
        return Err(reader.malformed("Array value must start with \"{\" or dimension information."));
    }
    reader.braces(0, &mut input)?;
    reader.skip_space();
    if !reader.rest.is_empty() {
        return Err(reader.malformed("Junk after closing right brace."));
    }
    let mut lengths = reader.lengths;
    if reader.elements.is_empty() {
        lengths.clear();
    }
    Ok(Array { lengths, elements: reader.elements })
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

    /// `[1:3]=`: lower bounds other than 1 have no stored form.
    fn bounds(&mut self) -> Result<()> {
        let Some((bounds, rest)) = self.rest.split_once('=') else {
            return Err(self.malformed("Missing \"=\" after array dimensions."));
        };
        let simple = bounds.trim_matches(is_space).split(']').filter(|part| !part.is_empty()).all(|part| {
            let part = part.strip_prefix('[').unwrap_or("x");
            match part.split_once(':') {
                None => part.parse::<u32>().is_ok(),
                Some((lower, upper)) => lower == "1" && upper.parse::<u32>().is_ok(),
            }
        });
        if !simple {
            return Err(DatabaseError::unsupported("an array whose subscripts do not begin at 1"));
        }
        self.rest = rest;
        self.skip_space();
        Ok(())
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
    let mut elements = array.elements.iter();
    write(&array.lengths, &mut elements, out, &mut element)
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
