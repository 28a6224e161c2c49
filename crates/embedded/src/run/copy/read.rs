//! The rows of COPY FROM: lines and fields as copyfromparse.c reads them.

use compile::program::{CopyFormat, CopyHeader};
use sqlstate::{BAD_COPY_FILE_FORMAT, CHARACTER_NOT_IN_REPERTOIRE, DatabaseError, Result};
use std::borrow::Cow;

/// How much of a line or value an error shows, in bytes.
const SHOWN: usize = 100;

/// A line of rows.
pub(super) struct Line<'t> {
    /// Its number, from 1; of one with line breaks within quotes, of its last.
    pub(super) number: u64,
    pub(super) text: &'t str,
}

/// The lines of a text.
pub(super) struct Lines<'t> {
    rest: &'t str,
    number: u64,
    format: &'t CopyFormat,
    /// What ends lines, once it is known: `\n`, `\r` or `\r\n`.
    ending: Option<&'static str>,
}

fn bad(message: impl Into<String>) -> DatabaseError {
    DatabaseError::new(BAD_COPY_FILE_FORMAT, message)
}

/// A text as errors show it.
pub(super) fn shown(text: &str) -> String {
    if text.len() <= SHOWN {
        return text.to_owned();
    }
    let end = (0..=SHOWN).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
    format!("{}...", &text[..end])
}

impl<'t> Lines<'t> {
    pub(super) fn new(text: &'t str, format: &'t CopyFormat) -> Lines<'t> {
        Lines { rest: text, number: 0, format, ending: None }
    }

    /// The number of the line that is being read.
    pub(super) fn number(&self) -> u64 {
        self.number
    }

    /// The next line; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<Line<'t>>> {
        if self.rest.is_empty() {
            return Ok(None);
        }
        self.number += 1;
        let bytes = self.rest.as_bytes();
        let (mut at, mut quoted, mut escaped) = (0, false, false);
        let escape = (self.format.escape != self.format.quote).then_some(self.format.escape);
        while let Some(byte) = bytes.get(at).copied() {
            if self.format.csv {
                if quoted && Some(byte) == escape {
                    escaped = !escaped;
                }
                if byte == self.format.quote && !escaped {
                    quoted = !quoted;
                }
                if Some(byte) != escape {
                    escaped = false;
                }
                // PostgreSQL counts these by what it takes for the end of lines, which it learns at the first.
                let counted = if self.ending == Some("\n") { b'\n' } else { b'\r' };
                if quoted && byte == counted {
                    self.number += 1;
                }
            }
            match byte {
                b'\n' | b'\r' if !quoted => {
                    let found = match (byte, bytes.get(at + 1)) {
                        (b'\r', Some(b'\n')) => "\r\n",
                        (b'\r', _) => "\r",
                        _ => "\n",
                    };
                    let ending = *self.ending.get_or_insert(found);
                    if ending != found {
                        return Err(self.literal(found));
                    }
                    return Ok(Some(self.take(at, ending.len())));
                }
                // What follows a backslash ends no line.
                b'\\' if !self.format.csv => at += 1,
                _ => {}
            }
            at += 1;
        }
        let at = bytes.len();
        Ok(Some(self.take(at, 0)))
    }

    fn take(&mut self, end: usize, ending: usize) -> Line<'t> {
        let (line, rest) = self.rest.split_at(end);
        self.rest = &rest[ending..];
        // The line that ends the rows may stand there although the script was not split.
        if line == "\\." {
            self.rest = "";
        }
        Line { number: self.number, text: line }
    }

    fn literal(&self, found: &str) -> DatabaseError {
        let (what, escape) = if found == "\n" { ("newline", "\\n") } else { ("carriage return", "\\r") };
        if self.format.csv {
            return bad(format!("unquoted {what} found in data"))
                .with_hint(format!("Use quoted CSV field to represent {what}."));
        }
        bad(format!("literal {what} found in data"))
            .with_hint(format!("Use \"{escape}\" to represent {what}."))
    }
}

/// The fields of a line; `None` is NULL.
pub(super) fn fields<'t>(line: &'t str, format: &CopyFormat) -> Result<Vec<Option<Cow<'t, str>>>> {
    if format.csv { csv_fields(line, format) } else { text_fields(line, format) }
}

fn text_fields<'t>(line: &'t str, format: &CopyFormat) -> Result<Vec<Option<Cow<'t, str>>>> {
    let bytes = line.as_bytes();
    let mut fields = Vec::new();
    let mut start = 0;
    loop {
        let (mut at, mut plain) = (start, true);
        while let Some(byte) = bytes.get(at) {
            if *byte == format.delimiter {
                break;
            }
            if *byte == b'\\' {
                plain = false;
                at += 1;
            }
            at += 1;
        }
        let end = at.min(bytes.len());
        let raw = line.get(start..end).ok_or_else(|| DatabaseError::internal("a field cuts a character"))?;
        fields.push(if raw == format.null {
            None
        } else if plain {
            Some(Cow::Borrowed(raw))
        } else {
            Some(Cow::Owned(unescape(raw)?))
        });
        if end >= bytes.len() {
            return Ok(fields);
        }
        start = end + 1;
    }
}

/// Backslashes in the text format.
fn unescape(raw: &str) -> Result<String> {
    let mut out = Vec::with_capacity(raw.len());
    let mut bytes = raw.bytes().peekable();
    while let Some(byte) = bytes.next() {
        if byte != b'\\' {
            out.push(byte);
            continue;
        }
        let Some(next) = bytes.next() else { break };
        out.push(match next {
            b'0'..=b'7' => {
                let mut value = u32::from(next - b'0');
                for _ in 0..2 {
                    let Some(digit) = bytes.next_if(|byte| (b'0'..=b'7').contains(byte)) else { break };
                    value = value * 8 + u32::from(digit - b'0');
                }
                (value & 0xff) as u8
            }
            b'x' if bytes.peek().is_some_and(u8::is_ascii_hexdigit) => {
                let mut value = 0_u32;
                for _ in 0..2 {
                    let Some(digit) = bytes.next_if(u8::is_ascii_hexdigit) else { break };
                    value = value * 16 + char::from(digit).to_digit(16).unwrap_or(0);
                }
                (value & 0xff) as u8
            }
            b'b' => 0x08,
            b'f' => 0x0c,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'v' => 0x0b,
            other => other,
        });
    }
    String::from_utf8(out).map_err(|error| {
        let start = error.utf8_error().valid_up_to();
        let bytes = error.into_bytes();
        let mut shown = String::new();
        for byte in bytes[start..].iter().take(width(bytes[start])) {
            shown.push_str(&format!(" 0x{byte:02x}"));
        }
        DatabaseError::new(
            CHARACTER_NOT_IN_REPERTOIRE,
            format!("invalid byte sequence for encoding \"UTF8\":{shown}"),
        )
    })
}

/// How many bytes a character has that begins so.
fn width(first: u8) -> usize {
    match first {
        0xc0..=0xdf => 2,
        0xe0..=0xef => 3,
        0xf0..=0xf7 => 4,
        _ => 1,
    }
}

fn csv_fields<'t>(line: &'t str, format: &CopyFormat) -> Result<Vec<Option<Cow<'t, str>>>> {
    let bytes = line.as_bytes();
    let mut fields = Vec::new();
    let mut at = 0;
    loop {
        let start = at;
        let (mut out, mut quotes, mut delimited) = (Vec::new(), false, false);
        'field: loop {
            loop {
                let Some(byte) = bytes.get(at).copied() else { break 'field };
                at += 1;
                if byte == format.delimiter {
                    delimited = true;
                    break 'field;
                }
                if byte == format.quote {
                    quotes = true;
                    break;
                }
                out.push(byte);
            }
            loop {
                let Some(byte) = bytes.get(at).copied() else {
                    return Err(bad("unterminated CSV quoted field"));
                };
                at += 1;
                if byte == format.escape
                    && let Some(next) = bytes.get(at).copied()
                    && (next == format.escape || next == format.quote)
                {
                    out.push(next);
                    at += 1;
                    continue;
                }
                if byte == format.quote {
                    break;
                }
                out.push(byte);
            }
        }
        let end = if delimited { at - 1 } else { at };
        let is_null = !quotes && bytes.get(start..end) == Some(format.null.as_bytes());
        let text = || String::from_utf8(out).map_err(|_| DatabaseError::internal("a field cuts a character"));
        let mut field = if is_null { None } else { Some(Cow::Owned(text()?)) };
        let place = fields.len();
        let forced = |list: &[bool]| list.get(place).copied().unwrap_or(false);
        if field.is_none() && forced(&format.force_not_null) {
            field = Some(Cow::Owned(format.null.clone()));
        } else if forced(&format.force_null) && field.as_deref() == Some(format.null.as_str()) {
            field = None;
        }
        fields.push(field);
        if !delimited {
            return Ok(fields);
        }
    }
}

/// Looks at the header line.
pub(super) fn check_header<'c>(
    line: &str,
    format: &CopyFormat,
    columns: impl ExactSizeIterator<Item = &'c str>,
) -> Result<()> {
    if format.header != CopyHeader::Match {
        return Ok(());
    }
    let found = fields(line, format)?;
    if found.len() != columns.len() {
        return Err(bad(format!(
            "wrong number of fields in header line: got {}, expected {}",
            found.len(),
            columns.len()
        )));
    }
    for (at, (found, wanted)) in found.iter().zip(columns).enumerate() {
        let number = at + 1;
        match found {
            Some(name) if name == wanted => {}
            Some(name) => {
                return Err(bad(format!(
                    "column name mismatch in header line field {number}: got \"{name}\", expected \"{wanted}\""
                )));
            }
            None => {
                return Err(bad(format!(
                    "column name mismatch in header line field {number}: got null value (\"{}\"), expected \"{wanted}\"",
                    format.null
                )));
            }
        }
    }
    Ok(())
}

/// 22P04
pub(super) fn missing(column: &str) -> DatabaseError {
    bad(format!("missing data for column \"{column}\""))
}

/// 22P04
pub(super) fn too_many() -> DatabaseError {
    bad("extra data after last expected column")
}
