//! pgcrypto's passwords: crypt and gen_salt.
//!
//! Blowfish (`bf`) and MD5 are here. crypt by DES (`des`, `xdes`) is refused: nothing should be hashed by it any more.

use crate::registry::{Call, Function, immutable, volatile};
use blowfish::Blowfish;
use md5::{Digest, Md5};
use sqlstate::{
    CHARACTER_NOT_IN_REPERTOIRE, DatabaseError, EXTERNAL_ROUTINE_INVOCATION_EXCEPTION,
    INVALID_PARAMETER_VALUE, Result,
};

/// The digits of crypt(3): six bits each.
const DIGITS: &[u8; 64] = b"./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Those of Blowfish's.
const BLOWFISH_DIGITS: &[u8; 64] = b"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
/// The rounds of gen_salt('bf') and gen_salt('xdes').
const BLOWFISH_ROUNDS: i64 = 6;
const EXTENDED_ROUNDS: i64 = 29 * 25;
/// Words of an expanded key, each of four bytes.
const KEY_WORDS: usize = 18;
/// What Blowfish's crypt encrypts: "OrpheanBeholderScryDoubt".
const MAGIC: [u32; 6] = [0x4f72_7068, 0x6561_6e42, 0x6568_6f6c, 0x6465_7253, 0x6372_7944, 0x6f75_6274];
/// How many rounds run between two looks at the clock.
const ROUNDS_PER_LOOK: u64 = 16;

fn invalid_salt() -> DatabaseError {
    DatabaseError::new(INVALID_PARAMETER_VALUE, "invalid salt")
}

fn crypt(call: &mut Call<'_>) -> Result<crate::StoredValue> {
    let (password, setting) = (call.text(0)?, call.text(1)?);
    if setting.starts_with("$2a$") || setting.starts_with("$2x$") {
        return Ok(blowfish(call, password.as_bytes(), setting)?.into());
    }
    if setting.starts_with("$2$") {
        let message = "crypt(3) returned NULL";
        return Err(DatabaseError::new(EXTERNAL_ROUTINE_INVOCATION_EXCEPTION, message));
    }
    if setting.starts_with("$1$") {
        return Ok(md5(password.as_bytes(), setting)?.into());
    }
    if setting.len() < 2 {
        return Err(invalid_salt());
    }
    Err(DatabaseError::unsupported("crypt() by DES"))
}

/// `$2a$rounds$salt`, and `$2x$`, which takes bytes of a key for signed ones.
fn blowfish(call: &Call<'_>, password: &[u8], setting: &str) -> Result<String> {
    let bytes = setting.as_bytes();
    let (head, salt) = match (bytes.get(..28), bytes.get(7..29)) {
        (Some(head), Some(salt)) if bytes[6] == b'$' => (head, salt),
        _ => return Err(invalid_salt()),
    };
    let rounds = match (bytes[4], bytes[5]) {
        (tens @ b'0'..=b'3', ones @ b'0'..=b'9') => u64::from(tens - b'0') * 10 + u64::from(ones - b'0'),
        _ => return Err(invalid_salt()),
    };
    if !(4..=31).contains(&rounds) {
        return Err(invalid_salt());
    }
    let digits: Option<Vec<u8>> = salt.iter().map(|byte| blowfish_digit(*byte)).collect();
    let digits = digits.ok_or_else(invalid_salt)?;
    let salt = decode(&digits);
    let key = expand(password, bytes[2] == b'x');
    let mut state = Blowfish::bc_init_state();
    state.salted_expand_key(&salt, &key);
    for round in 0..1u64 << rounds {
        if round % ROUNDS_PER_LOOK == 0 {
            call.context.check_interrupt()?;
        }
        state.bc_expand_key(&key);
        state.bc_expand_key(&salt);
    }
    let mut out = Vec::with_capacity(60);
    out.extend_from_slice(head);
    // The last digit of the salt has two bits.
    out.push(BLOWFISH_DIGITS[usize::from(digits[21] & 0x30)]);
    let mut hash = Vec::with_capacity(24);
    for pair in MAGIC.chunks_exact(2) {
        let mut words = [pair[0], pair[1]];
        for _ in 0..64 {
            words = state.bc_encrypt(words);
        }
        hash.extend(words.iter().flat_map(|word| word.to_be_bytes()));
    }
    // One byte of 24 is left out, as ever.
    encode_blowfish(&hash[..23], &mut out);
    text(out)
}

fn blowfish_digit(byte: u8) -> Option<u8> {
    BLOWFISH_DIGITS.iter().position(|digit| *digit == byte).and_then(|at| u8::try_from(at).ok())
}

/// The 16 bytes of 22 digits.
fn decode(digits: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(18);
    for group in digits.chunks(4) {
        let digit = |at: usize| group.get(at).copied().unwrap_or(0);
        bytes.push(digit(0) << 2 | digit(1) >> 4);
        bytes.push((digit(1) & 0x0f) << 4 | digit(2) >> 2);
        bytes.push((digit(2) & 0x03) << 6 | digit(3));
    }
    bytes.truncate(16);
    bytes
}

/// The password with a zero behind it, over and over.
fn expand(password: &[u8], signed: bool) -> Vec<u8> {
    let mut bytes = password.iter().copied().chain(std::iter::once(0)).cycle();
    let mut key = Vec::with_capacity(4 * KEY_WORDS);
    for _ in 0..KEY_WORDS {
        let mut word = 0u32;
        for byte in bytes.by_ref().take(4) {
            let byte = if signed { i32::from(byte as i8) as u32 } else { u32::from(byte) };
            word = word << 8 | byte;
        }
        key.extend_from_slice(&word.to_be_bytes());
    }
    key
}

/// Three bytes are four digits.
fn encode_blowfish(bytes: &[u8], out: &mut Vec<u8>) {
    for group in bytes.chunks(3) {
        let byte = |at: usize| group.get(at).copied().unwrap_or(0);
        let digits = [
            byte(0) >> 2,
            (byte(0) & 0x03) << 4 | byte(1) >> 4,
            (byte(1) & 0x0f) << 2 | byte(2) >> 6,
            byte(2) & 0x3f,
        ];
        out.extend(digits.iter().take(group.len() + 1).map(|digit| BLOWFISH_DIGITS[usize::from(*digit)]));
    }
}

/// `$1$salt`: a thousand rounds of MD5.
fn md5(password: &[u8], setting: &str) -> Result<String> {
    let salt = setting.as_bytes().get(3..).unwrap_or_default();
    let end = salt.iter().take(8).position(|byte| *byte == b'$').unwrap_or(salt.len().min(8));
    let salt = &salt[..end];
    let inner = Md5::new().chain_update(password).chain_update(salt).chain_update(password).finalize();
    let mut outer = Md5::new().chain_update(password).chain_update("$1$").chain_update(salt);
    for at in (0..password.len()).step_by(inner.len()) {
        outer.update(&inner[..inner.len().min(password.len() - at)]);
    }
    // A zero where the length has a one bit, else the first byte of the password.
    let mut length = password.len();
    while length > 0 {
        if length & 1 == 1 {
            outer.update([0]);
        } else {
            outer.update(&password[..1]);
        }
        length >>= 1;
    }
    let mut hash = outer.finalize();
    for round in 0..1000 {
        let mut next = Md5::new();
        if round % 2 == 1 {
            next.update(password);
        } else {
            next.update(hash);
        }
        if round % 3 != 0 {
            next.update(salt);
        }
        if round % 7 != 0 {
            next.update(password);
        }
        if round % 2 == 1 {
            next.update(hash);
        } else {
            next.update(password);
        }
        hash = next.finalize();
    }
    let mut out = Vec::with_capacity(34);
    out.extend_from_slice(b"$1$");
    out.extend_from_slice(salt);
    out.push(b'$');
    for [high, middle, low] in [[0, 6, 12], [1, 7, 13], [2, 8, 14], [3, 9, 15], [4, 10, 5]] {
        let value = u32::from(hash[high]) << 16 | u32::from(hash[middle]) << 8 | u32::from(hash[low]);
        push_digits(value, 4, &mut out);
    }
    push_digits(u32::from(hash[11]), 2, &mut out);
    text(out)
}

/// The lowest six bits first.
fn push_digits(mut value: u32, count: usize, out: &mut Vec<u8>) {
    for _ in 0..count {
        out.push(DIGITS[(value & 0x3f) as usize]);
        value >>= 6;
    }
}

/// A salt may have been cut within a character.
fn text(bytes: Vec<u8>) -> Result<String> {
    String::from_utf8(bytes).map_err(|_| {
        DatabaseError::new(CHARACTER_NOT_IN_REPERTOIRE, "invalid byte sequence for encoding \"UTF8\"")
    })
}

fn gen_salt(call: &Call<'_>, rounds: i64) -> Result<crate::StoredValue> {
    let name = call.text(0)?;
    let refuse = |message| Err(DatabaseError::new(INVALID_PARAMETER_VALUE, message));
    let mut random = [0; 16];
    let mut out = Vec::with_capacity(29);
    let wrong = "gen_salt: Incorrect number of rounds";
    match name.to_ascii_lowercase().as_str() {
        "bf" => {
            let rounds = if rounds == 0 { BLOWFISH_ROUNDS } else { rounds };
            if !(4..=31).contains(&rounds) {
                return refuse(wrong);
            }
            call.context.random_bytes(&mut random)?;
            out.extend_from_slice(format!("$2a${rounds:02}$").as_bytes());
            encode_blowfish(&random, &mut out);
        }
        "md5" if matches!(rounds, 0 | 1000) => {
            call.context.random_bytes(&mut random[..6])?;
            out.extend_from_slice(b"$1$");
            for part in random[..6].chunks_exact(3) {
                push_digits(little(part), 4, &mut out);
            }
        }
        "xdes" => {
            let rounds = if rounds == 0 { EXTENDED_ROUNDS } else { rounds };
            let count = u32::try_from(rounds).ok().filter(|count| *count <= 0xff_ffff && count % 2 == 1);
            let Some(count) = count else { return refuse(wrong) };
            call.context.random_bytes(&mut random[..3])?;
            out.push(b'_');
            push_digits(count, 4, &mut out);
            push_digits(little(&random[..3]), 4, &mut out);
        }
        "des" if matches!(rounds, 0 | 25) => {
            call.context.random_bytes(&mut random[..2])?;
            out.extend(random[..2].iter().map(|byte| DIGITS[usize::from(byte & 0x3f)]));
        }
        "md5" | "des" => return refuse(wrong),
        _ => return refuse("gen_salt: Unknown salt algorithm"),
    }
    Ok(text(out)?.into())
}

/// Bytes as a number, the lowest first.
fn little(bytes: &[u8]) -> u32 {
    bytes.iter().rev().fold(0, |value, byte| value << 8 | u32::from(*byte))
}

pub(super) static FUNCTIONS: &[Function] = &[
    immutable("pg_crypt", crypt),
    volatile("pg_gen_salt", |call| gen_salt(call, 0)),
    volatile("pg_gen_salt_rounds", |call| {
        let rounds = call.int(1)?;
        gen_salt(call, rounds)
    }),
];
