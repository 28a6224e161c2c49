//! Hashes, and bytea: parts, encodings.

use crate::bytes::{parse_escape, parse_hex, push_hex};
use crate::registry::{Call, Function, immutable, stable};
use crate::value::StoredValue;
use md5::Md5;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};
use sqlstate::{
    ARRAY_SUBSCRIPT_ERROR, CHARACTER_NOT_IN_REPERTOIRE, DatabaseError, INVALID_PARAMETER_VALUE,
    INVALID_TEXT_REPRESENTATION, Result, SUBSTRING_ERROR,
};

/// The hex digits of an MD5.
pub(super) fn md5(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(32);
    push_hex(&Md5::digest(bytes), &mut out);
    out
}

const BASE64: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Base 64 in lines of 76 characters.
fn encode_base64(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len() * 4 / 3 + 4);
    for (at, chunk) in bytes.chunks(3).enumerate() {
        if at > 0 && at % 19 == 0 {
            out.push('\n');
        }
        let group =
            chunk.iter().fold(0u32, |group, byte| group << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for digit in 0..4 {
            if digit <= chunk.len() {
                out.push(char::from(BASE64[(group >> (18 - 6 * digit) & 63) as usize]));
            } else {
                out.push('=');
            }
        }
    }
    out
}

fn decode_base64(text: &str) -> Result<Vec<u8>> {
    let invalid = |message: String| DatabaseError::new(INVALID_PARAMETER_VALUE, message);
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    let (mut group, mut position, mut end) = (0u32, 0, 0);
    for c in text.chars() {
        if matches!(c, ' ' | '\t' | '\n' | '\r') {
            continue;
        }
        let digit = if c == '=' {
            if end == 0 {
                if position == 2 {
                    end = 1;
                } else if position == 3 {
                    end = 2;
                } else {
                    return Err(invalid("unexpected \"=\" while decoding base64 sequence".to_owned()));
                }
            }
            0
        } else {
            match u8::try_from(c).ok().and_then(|byte| BASE64.iter().position(|digit| *digit == byte)) {
                Some(digit) => digit as u32,
                None => {
                    return Err(invalid(format!(
                        "invalid symbol \"{c}\" found while decoding base64 sequence"
                    )));
                }
            }
        };
        group = group << 6 | digit;
        position += 1;
        if position == 4 {
            bytes.push((group >> 16) as u8);
            if end == 0 || end > 1 {
                bytes.push((group >> 8) as u8);
            }
            if end == 0 || end > 2 {
                bytes.push(group as u8);
            }
            (group, position) = (0, 0);
        }
    }
    if position != 0 {
        return Err(invalid("invalid base64 end sequence".to_owned())
            .with_hint("Input data is missing padding, is truncated, or is otherwise corrupted."));
    }
    Ok(bytes)
}

fn encode_escape(bytes: &[u8]) -> String {
    let mut out = String::with_capacity(bytes.len());
    for byte in bytes {
        match byte {
            b'\\' => out.push_str("\\\\"),
            0 | 0x80.. => out.push_str(&format!("\\{byte:03o}")),
            byte => out.push(char::from(*byte)),
        }
    }
    out
}

fn unrecognized(name: &str) -> DatabaseError {
    DatabaseError::new(INVALID_PARAMETER_VALUE, format!("unrecognized encoding: \"{name}\""))
}

fn encode(call: &Call<'_>) -> Result<StoredValue> {
    let (bytes, name) = (call.blob(0)?, call.text(1)?);
    Ok(match name.to_ascii_lowercase().as_str() {
        "hex" => {
            let mut out = String::with_capacity(bytes.len() * 2);
            push_hex(bytes, &mut out);
            out
        }
        "base64" => encode_base64(bytes),
        "escape" => encode_escape(bytes),
        _ => return Err(unrecognized(name)),
    }
    .into())
}

fn decode(call: &Call<'_>) -> Result<StoredValue> {
    let (text, name) = (call.text(0)?, call.text(1)?);
    Ok(match name.to_ascii_lowercase().as_str() {
        "hex" => parse_hex(text)?,
        "base64" => decode_base64(text)?,
        "escape" => parse_escape(text).ok_or_else(|| {
            DatabaseError::new(INVALID_TEXT_REPRESENTATION, "invalid input syntax for type bytea")
        })?,
        _ => return Err(unrecognized(name)),
    }
    .into())
}

fn hash<D: Digest>(call: &Call<'_>) -> Result<StoredValue> {
    Ok(D::digest(call.blob(0)?).to_vec().into())
}

fn substring(bytes: &[u8], start: i64, length: Option<i64>) -> Result<StoredValue> {
    let end = match length {
        None => i64::MAX,
        Some(length) if length < 0 => {
            return Err(DatabaseError::new(SUBSTRING_ERROR, "negative substring length not allowed"));
        }
        Some(length) => start.saturating_add(length),
    };
    let first = ((start.max(1) - 1) as usize).min(bytes.len());
    let last = ((end.max(1) - 1) as usize).clamp(first, bytes.len());
    Ok(bytes[first..last].to_vec().into())
}

fn overlay(bytes: &[u8], with: &[u8], start: i64, length: i64) -> Result<StoredValue> {
    if start <= 0 {
        return Err(DatabaseError::new(SUBSTRING_ERROR, "negative substring length not allowed"));
    }
    let before = ((start - 1) as usize).min(bytes.len());
    let after = (start.saturating_add(length).saturating_sub(1).max(0) as usize).min(bytes.len());
    Ok([&bytes[..before], with, &bytes[after..]].concat().into())
}

fn find(bytes: &[u8], wanted: &[u8]) -> i64 {
    if wanted.is_empty() {
        return 1;
    }
    bytes.windows(wanted.len()).position(|window| window == wanted).map_or(0, |at| at as i64 + 1)
}

fn at(index: i64, limit: usize) -> Result<usize> {
    usize::try_from(index).ok().filter(|index| *index < limit).ok_or_else(|| {
        DatabaseError::new(
            ARRAY_SUBSCRIPT_ERROR,
            format!("index {index} out of valid range, 0..{}", limit as i64 - 1),
        )
    })
}

/// `convert_from`: bytes in an encoding as text; UTF-8 only.
fn convert_from(call: &Call<'_>) -> Result<StoredValue> {
    let (bytes, name) = (call.blob(0)?, call.text(1)?);
    utf8_only(name)?;
    match std::str::from_utf8(bytes) {
        Ok(text) if !text.contains('\0') => Ok(text.into()),
        Ok(_) => Err(invalid_sequence(&[0])),
        Err(error) => {
            let from = &bytes[error.valid_up_to()..];
            // PostgreSQL shows the sequence that the first byte announces.
            let length = match from.first() {
                Some(0xc0..=0xdf) => 2,
                Some(0xe0..=0xef) => 3,
                Some(0xf0..=0xf7) => 4,
                _ => 1,
            };
            Err(invalid_sequence(&from[..length.min(from.len())]))
        }
    }
}

fn invalid_sequence(bytes: &[u8]) -> DatabaseError {
    let shown: Vec<String> = bytes.iter().map(|byte| format!("0x{byte:02x}")).collect();
    DatabaseError::new(
        CHARACTER_NOT_IN_REPERTOIRE,
        format!("invalid byte sequence for encoding \"UTF8\": {}", shown.join(" ")),
    )
}

fn utf8_only(name: &str) -> Result<()> {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    match plain.to_ascii_lowercase().as_str() {
        "utf8" | "unicode" => Ok(()),
        _ => Err(DatabaseError::unsupported(format_args!("encoding \"{name}\""))),
    }
}

fn trim<'a>(bytes: &'a [u8], set: &[u8], left: bool, right: bool) -> &'a [u8] {
    let mut bytes = bytes;
    while left && bytes.first().is_some_and(|byte| set.contains(byte)) {
        bytes = &bytes[1..];
    }
    while right && bytes.last().is_some_and(|byte| set.contains(byte)) {
        bytes = &bytes[..bytes.len() - 1];
    }
    bytes
}

pub(super) static FUNCTIONS: &[Function] = &[
    immutable("md5_bytea", |call| Ok(md5(call.blob(0)?).into())),
    immutable("sha224_bytea", |call| hash::<Sha224>(call)),
    immutable("sha256_bytea", |call| hash::<Sha256>(call)),
    immutable("sha384_bytea", |call| hash::<Sha384>(call)),
    immutable("sha512_bytea", |call| hash::<Sha512>(call)),
    immutable("binary_encode", |call| encode(call)),
    immutable("binary_decode", |call| decode(call)),
    immutable("byteaoctetlen", |call| Ok(call.blob(0)?.len().into())),
    immutable("bit_length_bytea", |call| Ok((call.blob(0)?.len() * 8).into())),
    immutable("byteacat", |call| Ok([call.blob(0)?, call.blob(1)?].concat().into())),
    immutable("bytea_substr", |call| substring(call.blob(0)?, call.int(1)?, Some(call.int(2)?))),
    immutable("bytea_substr_no_len", |call| substring(call.blob(0)?, call.int(1)?, None)),
    immutable("byteapos", |call| Ok(find(call.blob(0)?, call.blob(1)?).into())),
    immutable("byteatrim", |call| Ok(trim(call.blob(0)?, call.blob(1)?, true, true).to_vec().into())),
    immutable("bytealtrim", |call| Ok(trim(call.blob(0)?, call.blob(1)?, true, false).to_vec().into())),
    immutable("byteartrim", |call| Ok(trim(call.blob(0)?, call.blob(1)?, false, true).to_vec().into())),
    immutable("byteaGetByte", |call| {
        let bytes = call.blob(0)?;
        Ok(i64::from(bytes[at(call.int(1)?, bytes.len())?]).into())
    }),
    immutable("byteaSetByte", |call| {
        let mut bytes = call.blob(0)?.to_vec();
        let index = at(call.int(1)?, bytes.len())?;
        bytes[index] = call.int(2)? as u8;
        Ok(bytes.into())
    }),
    immutable("byteaGetBit", |call| {
        let bytes = call.blob(0)?;
        let index = at(call.int(1)?, bytes.len() * 8)?;
        Ok(i64::from(bytes[index / 8] >> (index % 8) & 1).into())
    }),
    immutable("byteaSetBit", |call| {
        let mut bytes = call.blob(0)?.to_vec();
        let index = at(call.int(1)?, bytes.len() * 8)?;
        match call.int(2)? {
            0 => bytes[index / 8] &= !(1 << (index % 8)),
            1 => bytes[index / 8] |= 1 << (index % 8),
            _ => return Err(DatabaseError::new(INVALID_PARAMETER_VALUE, "new bit must be 0 or 1")),
        }
        Ok(bytes.into())
    }),
    immutable("byteaoverlay", |call| overlay(call.blob(0)?, call.blob(1)?, call.int(2)?, call.int(3)?)),
    immutable("byteaoverlay_no_len", |call| {
        let with = call.blob(1)?;
        overlay(call.blob(0)?, with, call.int(2)?, with.len() as i64)
    }),
    immutable("bytea_bit_count", |call| {
        Ok(call.blob(0)?.iter().map(|byte| i64::from(byte.count_ones())).sum::<i64>().into())
    }),
    stable("pg_convert_from", |call| convert_from(call)),
    stable("pg_convert_to", |call| {
        utf8_only(call.text(1)?)?;
        Ok(call.text(0)?.as_bytes().to_vec().into())
    }),
];
