//! PostgreSQL's hash functions (`hashtext` and kin): Bob Jenkins' lookup3 over the bytes that PostgreSQL hashes.

use crate::registry::{Call, Function, immutable};
use crate::value::StoredValue;
use sqlstate::Result;

struct State {
    a: u32,
    b: u32,
    c: u32,
}

impl State {
    fn new(length: usize, seed: u64) -> State {
        let start = 0x9e37_79b9_u32.wrapping_add(length as u32).wrapping_add(3_923_095);
        let mut state = State { a: start, b: start, c: start };
        if seed != 0 {
            state.a = state.a.wrapping_add((seed >> 32) as u32);
            state.b = state.b.wrapping_add(seed as u32);
            state.mix();
        }
        state
    }

    fn mix(&mut self) {
        let State { a, b, c } = self;
        fn step(target: &mut u32, by: &mut u32, added: u32, turn: u32) {
            *target = target.wrapping_sub(*by) ^ by.rotate_left(turn);
            *by = by.wrapping_add(added);
        }
        step(a, c, *b, 4);
        step(b, a, *c, 6);
        step(c, b, *a, 8);
        step(a, c, *b, 16);
        step(b, a, *c, 19);
        step(c, b, *a, 4);
    }

    fn last(mut self) -> u64 {
        let State { a, b, c } = &mut self;
        fn step(target: &mut u32, by: u32, turn: u32) {
            *target = (*target ^ by).wrapping_sub(by.rotate_left(turn));
        }
        step(c, *b, 14);
        step(a, *c, 11);
        step(b, *a, 25);
        step(c, *b, 16);
        step(a, *c, 4);
        step(b, *a, 14);
        step(c, *b, 24);
        u64::from(*b) << 32 | u64::from(*c)
    }
}

fn bytes(bytes: &[u8], seed: u64) -> u64 {
    let mut state = State::new(bytes.len(), seed);
    let mut blocks = bytes.chunks_exact(12);
    let word = |block: &[u8], at: usize| {
        block.iter().skip(at).take(4).rev().fold(0u32, |word, byte| word << 8 | u32::from(*byte))
    };
    for block in &mut blocks {
        state.a = state.a.wrapping_add(word(block, 0));
        state.b = state.b.wrapping_add(word(block, 4));
        state.c = state.c.wrapping_add(word(block, 8));
        state.mix();
    }
    let rest = blocks.remainder();
    state.a = state.a.wrapping_add(word(rest, 0));
    state.b = state.b.wrapping_add(word(rest, 4));
    // The lowest byte of the last word is the length's.
    state.c = state.c.wrapping_add(word(rest, 8) << 8);
    state.last()
}

fn word(value: u32, seed: u64) -> u64 {
    let mut state = State::new(4, seed);
    state.a = state.a.wrapping_add(value);
    state.last()
}

/// Values that fit 32 bits hash as they do there.
fn long(value: i64, seed: u64) -> u64 {
    let high = (value >> 32) as u32;
    word(value as u32 ^ if value >= 0 { high } else { !high }, seed)
}

fn float(value: f64, seed: u64) -> u64 {
    if value == 0.0 {
        return seed;
    }
    let value = if value.is_nan() { f64::NAN } else { value };
    bytes(&value.to_le_bytes(), seed)
}

fn seed(call: &Call<'_>) -> Result<u64> {
    Ok(if call.count() > 1 { call.int(1)? as u64 } else { 0 })
}

/// The hash as the function gives it: 32 bits, or 64 with a seed.
fn answer(call: &Call<'_>, hash: u64) -> StoredValue {
    if call.count() > 1 { hash as i64 } else { i64::from(hash as u32 as i32) }.into()
}

fn text(call: &mut Call<'_>) -> Result<StoredValue> {
    Ok(answer(call, bytes(call.text(0)?.as_bytes(), seed(call)?)))
}

fn padded(call: &mut Call<'_>) -> Result<StoredValue> {
    Ok(answer(call, bytes(call.text(0)?.trim_end_matches(' ').as_bytes(), seed(call)?)))
}

fn short(call: &mut Call<'_>) -> Result<StoredValue> {
    Ok(answer(call, word(call.int(0)? as u32, seed(call)?)))
}

fn signed_byte(call: &mut Call<'_>) -> Result<StoredValue> {
    Ok(answer(call, word(i32::from(call.int(0)? as u8 as i8) as u32, seed(call)?)))
}

fn wide(call: &mut Call<'_>) -> Result<StoredValue> {
    Ok(answer(call, long(call.int(0)?, seed(call)?)))
}

fn real(call: &mut Call<'_>) -> Result<StoredValue> {
    Ok(answer(call, float(call.real(0)?, seed(call)?)))
}

fn blob(call: &mut Call<'_>) -> Result<StoredValue> {
    Ok(answer(call, bytes(call.blob(0)?, seed(call)?)))
}

pub(super) static FUNCTIONS: &[Function] = &[
    immutable("hashtext", text),
    immutable("hashtextextended", text),
    immutable("hashname", text),
    immutable("hashnameextended", text),
    immutable("hashbpchar", padded),
    immutable("hashbpcharextended", padded),
    immutable("hashchar", signed_byte),
    immutable("hashcharextended", signed_byte),
    immutable("hashint2", short),
    immutable("hashint2extended", short),
    immutable("hashint4", short),
    immutable("hashint4extended", short),
    immutable("hashoid", short),
    immutable("hashoidextended", short),
    immutable("hashint8", wide),
    immutable("hashint8extended", wide),
    immutable("timestamp_hash", wide),
    immutable("timestamp_hash_extended", wide),
    immutable("time_hash", wide),
    immutable("time_hash_extended", wide),
    immutable("hashfloat4", real),
    immutable("hashfloat4extended", real),
    immutable("hashfloat8", real),
    immutable("hashfloat8extended", real),
    immutable("uuid_hash", blob),
    immutable("uuid_hash_extended", blob),
];
