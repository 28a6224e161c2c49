//! bytea and uuid: their text.

use sqlstate::{DatabaseError, INVALID_PARAMETER_VALUE, INVALID_TEXT_REPRESENTATION, Result};

const HEX: &[u8; 16] = b"0123456789abcdef";

/// Appends bytes as lower-case hex.
pub(crate) fn push_hex(bytes: &[u8], out: &mut String) {
    for byte in bytes {
        out.push(char::from(HEX[usize::from(byte >> 4)]));
        out.push(char::from(HEX[usize::from(byte & 15)]));
    }
}

/// The bytes of hex digits, white space between pairs allowed.
pub(crate) fn parse_hex(text: &str) -> Result<Vec<u8>> {
    let invalid = |message: String| DatabaseError::new(INVALID_PARAMETER_VALUE, message);
    let mut bytes = Vec::with_capacity(text.len() / 2);
    let mut characters = text.chars();
    let nibble = |c: char| {
        c.to_digit(16)
            .map(|digit| digit as u8)
            .ok_or_else(|| invalid(format!("invalid hexadecimal digit: \"{c}\"")))
    };
    while let Some(c) = characters.next() {
        if matches!(c, ' ' | '\n' | '\t' | '\r') {
            continue;
        }
        let high = nibble(c)?;
        let Some(next) = characters.next() else {
            return Err(invalid("invalid hexadecimal data: odd number of digits".to_owned()));
        };
        bytes.push(high << 4 | nibble(next)?);
    }
    Ok(bytes)
}

/// The input function of bytea: hex after `\x`, else the escape format.
pub(crate) fn bytea_input(text: &str) -> Result<Vec<u8>> {
    if let Some(hex) = text.strip_prefix("\\x") {
        return parse_hex(hex);
    }
    parse_escape(text)
        .ok_or_else(|| DatabaseError::new(INVALID_TEXT_REPRESENTATION, "invalid input syntax for type bytea"))
}

/// The escape format: `\\` and `\ooo`.
pub(crate) fn parse_escape(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = match (first, tail) {
            (b'\\', [b'\\', tail @ ..]) => {
                bytes.push(b'\\');
                tail
            }
            (b'\\', [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', tail @ ..]) => {
                bytes.push((a - b'0') << 6 | (b - b'0') << 3 | (c - b'0'));
                tail
            }
            (b'\\', _) => return None,
            (byte, tail) => {
                bytes.push(*byte);
                tail
            }
        };
    }
    Some(bytes)
}

/// Appends a uuid's 36 characters.
pub(crate) fn uuid_output(bytes: &[u8], out: &mut String) {
    let mut text = [b'-'; 36];
    let mut at = 0;
    for (place, byte) in bytes.iter().take(16).enumerate() {
        if matches!(place, 4 | 6 | 8 | 10) {
            at += 1;
        }
        text[at] = HEX[usize::from(byte >> 4)];
        text[at + 1] = HEX[usize::from(byte & 15)];
        at += 2;
    }
    out.push_str(str::from_utf8(&text).unwrap_or_default());
}

/// The input function of uuid: 32 hex digits, a hyphen allowed after each four, braces around allowed.
pub(crate) fn uuid_input(text: &str) -> Result<[u8; 16]> {
    parse_uuid(text).ok_or_else(|| {
        DatabaseError::new(
            INVALID_TEXT_REPRESENTATION,
            format!("invalid input syntax for type uuid: \"{text}\""),
        )
    })
}

fn parse_uuid(text: &str) -> Option<[u8; 16]> {
    let inner = match text.strip_prefix('{') {
        Some(rest) => rest.strip_suffix('}')?,
        None => text,
    };
    let mut rest = inner.as_bytes();
    let mut uuid = [0u8; 16];
    for (at, byte) in uuid.iter_mut().enumerate() {
        let [high, low, tail @ ..] = rest else { return None };
        let nibble = |digit: u8| char::from(digit).to_digit(16).map(|value| value as u8);
        *byte = nibble(*high)? << 4 | nibble(*low)?;
        rest = tail;
        if at % 2 == 1 && at < 15 {
            rest = rest.strip_prefix(b"-").unwrap_or(rest);
        }
    }
    rest.is_empty().then_some(uuid)
}
