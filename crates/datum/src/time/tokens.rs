//! Splits date, time and interval text into fields, as PostgreSQL's `ParseDateTime` does.

use super::words;

/// What a field looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Digits, with a fraction perhaps.
    Number,
    /// Letters.
    Word,
    /// Digits or letters with `-`, `/`, `.` between: a date, or a zone's name.
    Date,
    /// Digits with `:` between.
    Time,
    /// A sign and digits.
    Zone,
    /// A sign and letters: `-infinity`.
    Special,
}

/// One field, in lower case.
#[derive(Clone, Debug)]
pub(super) struct Field {
    pub(super) kind: Kind,
    pub(super) text: String,
}

/// More fields than any date, time or interval has.
const MAX_FIELDS: usize = 25;
/// PostgreSQL's buffer for the fields of a date or time, each with its end; an interval's is larger.
pub(super) const SPACE: usize = 129;
/// The buffer for a timestamp.
pub(super) const TIMESTAMP_SPACE: usize = 128 + 25;
/// The buffer for an interval.
pub(super) const INTERVAL_SPACE: usize = 256;

/// The fields, or `None` where the text cannot be a date, time or interval or has more letters than `space`.
pub(super) fn split(text: &str, space: usize) -> Option<Vec<Field>> {
    let bytes = text.as_bytes();
    let mut used = 0;
    let at = |index: usize| bytes.get(index).copied().unwrap_or(0);
    let mut fields = Vec::new();
    let mut cursor = 0;
    while cursor < bytes.len() {
        let start = cursor;
        let c = at(cursor);
        let skip_digits = |mut cursor: usize| {
            while at(cursor).is_ascii_digit() {
                cursor += 1;
            }
            cursor
        };
        if c == b' ' || (9..=13).contains(&c) {
            cursor += 1;
            continue;
        }
        let mut text = None;
        let kind = if c.is_ascii_digit() || c == b'.' {
            if c == b'.' {
                cursor = skip_digits(cursor + 1);
                Kind::Number
            } else {
                cursor = skip_digits(cursor);
                match at(cursor) {
                    b':' => {
                        while at(cursor).is_ascii_digit() || matches!(at(cursor), b':' | b'.') {
                            cursor += 1;
                        }
                        Kind::Time
                    }
                    delimiter @ (b'-' | b'/' | b'.') => {
                        cursor += 1;
                        if at(cursor).is_ascii_digit() {
                            cursor = skip_digits(cursor);
                            // Three fields need the same delimiter twice.
                            if at(cursor) == delimiter {
                                while at(cursor).is_ascii_digit() || at(cursor) == delimiter {
                                    cursor += 1;
                                }
                                Kind::Date
                            } else if delimiter == b'.' {
                                Kind::Number
                            } else {
                                Kind::Date
                            }
                        } else if delimiter == b'.' && !at(cursor).is_ascii_alphanumeric() {
                            Kind::Date
                        } else {
                            while at(cursor).is_ascii_alphanumeric() || at(cursor) == delimiter {
                                cursor += 1;
                            }
                            Kind::Date
                        }
                    }
                    _ => Kind::Number,
                }
            }
        } else if c.is_ascii_alphabetic() {
            while at(cursor).is_ascii_alphabetic() {
                cursor += 1;
            }
            let joined = match at(cursor) {
                b'-' | b'/' | b'.' => true,
                b'+' | b'0'..=b'9' => {
                    let so_far = String::from_utf8_lossy(&bytes[start..cursor]).to_ascii_lowercase();
                    words::word(&so_far).is_none()
                }
                _ => false,
            };
            if joined {
                while at(cursor).is_ascii_alphanumeric()
                    || matches!(at(cursor), b'+' | b'-' | b'/' | b'_' | b'.' | b':')
                {
                    cursor += 1;
                }
                Kind::Date
            } else {
                Kind::Word
            }
        } else if c == b'+' || c == b'-' {
            cursor += 1;
            while at(cursor) == b' ' || (9..=13).contains(&at(cursor)) {
                cursor += 1;
            }
            let body = cursor;
            let kind = if at(cursor).is_ascii_digit() {
                while at(cursor).is_ascii_digit() || matches!(at(cursor), b':' | b'.' | b'-') {
                    cursor += 1;
                }
                Kind::Zone
            } else if at(cursor).is_ascii_alphabetic() {
                while at(cursor).is_ascii_alphabetic() {
                    cursor += 1;
                }
                Kind::Special
            } else {
                return None;
            };
            text = Some(format!("{}{}", char::from(c), String::from_utf8_lossy(&bytes[body..cursor])));
            kind
        } else if c.is_ascii_punctuation() {
            cursor += 1;
            continue;
        } else {
            return None;
        };
        if fields.len() >= MAX_FIELDS {
            return None;
        }
        let text = text.unwrap_or_else(|| String::from_utf8_lossy(&bytes[start..cursor]).into_owned());
        used += text.len() + 1;
        if used > space {
            return None;
        }
        fields.push(Field { kind, text: text.to_ascii_lowercase() });
    }
    Some(fields)
}
