//! The text of COPY TO, as copyto.c writes it.

use compile::program::{CopyFormat, CopyHeader};

/// Adds the line of columns' names, if there is to be one.
pub(super) fn header<'c>(
    out: &mut String,
    format: &CopyFormat,
    columns: impl ExactSizeIterator<Item = &'c str>,
) {
    if format.header == CopyHeader::None {
        return;
    }
    let alone = columns.len() == 1;
    for (at, name) in columns.enumerate() {
        if at > 0 {
            out.push(char::from(format.delimiter));
        }
        if format.csv { csv(out, name, format, false, alone) } else { text(out, name, format) }
    }
    out.push('\n');
}

/// Adds a row of values in their text forms.
pub(super) fn row(out: &mut String, format: &CopyFormat, values: &[Option<String>]) {
    for (at, value) in values.iter().enumerate() {
        if at > 0 {
            out.push(char::from(format.delimiter));
        }
        match value {
            None => out.push_str(&format.null),
            Some(value) if format.csv => {
                let forced = format.force_quote.get(at).copied().unwrap_or(false);
                csv(out, value, format, forced, values.len() == 1);
            }
            Some(value) => text(out, value, format),
        }
    }
    out.push('\n');
}

fn text(out: &mut String, value: &str, format: &CopyFormat) {
    for character in value.chars() {
        let escaped = match character {
            '\u{8}' => 'b',
            '\u{c}' => 'f',
            '\n' => 'n',
            '\r' => 'r',
            '\t' => 't',
            '\u{b}' => 'v',
            '\\' => '\\',
            other if other == char::from(format.delimiter) => other,
            other => {
                out.push(other);
                continue;
            }
        };
        out.push('\\');
        out.push(escaped);
    }
}

fn csv(out: &mut String, value: &str, format: &CopyFormat, forced: bool, alone: bool) {
    let (quote, escape) = (char::from(format.quote), char::from(format.escape));
    let special = |character: char| {
        character == char::from(format.delimiter) || character == quote || matches!(character, '\n' | '\r')
    };
    // What ends the rows in a script must not be taken for it.
    let quoted = forced || value == format.null || (alone && value == "\\.") || value.chars().any(special);
    if !quoted {
        out.push_str(value);
        return;
    }
    out.push(quote);
    for character in value.chars() {
        if character == quote || character == escape {
            out.push(escape);
        }
        out.push(character);
    }
    out.push(quote);
}
