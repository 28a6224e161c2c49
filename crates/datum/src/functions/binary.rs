//! The binary output functions (`int4send` and kin), and sizes for people.

use crate::numeric::Numeric;
use crate::registry::{Call, Function, immutable, stable};
use crate::value::{Stored, StoredValue};
use sqlstate::Result;

fn big_endian(call: &Call<'_>, width: usize) -> Result<StoredValue> {
    Ok(call.int(0)?.to_be_bytes()[8 - width..].to_vec().into())
}

fn text(call: &mut Call<'_>) -> Result<StoredValue> {
    Ok(call.text(0)?.as_bytes().to_vec().into())
}

fn blob(call: &mut Call<'_>) -> Result<StoredValue> {
    Ok(call.blob(0)?.to_vec().into())
}

/// jsonb and jsonpath begin with the version of their format.
fn versioned(call: &mut Call<'_>) -> Result<StoredValue> {
    Ok([&[1], call.text(0)?.as_bytes()].concat().into())
}

/// The units of pg_size_pretty: the name, the size from which the next is taken, whether halves are rounded, and the power of two.
const UNITS: &[(&str, i64, bool, u32)] = &[
    ("bytes", 10 * 1024, false, 0),
    ("kB", 20 * 1024 - 1, true, 10),
    ("MB", 20 * 1024 - 1, true, 20),
    ("GB", 20 * 1024 - 1, true, 30),
    ("TB", 20 * 1024 - 1, true, 40),
    ("PB", 20 * 1024 - 1, true, 50),
];

fn size(call: &mut Call<'_>) -> Result<StoredValue> {
    let mut size = match call.stored(0) {
        Stored::Integer(size) => Numeric::from(size),
        _ => Numeric::stored(call.text(0)?)?,
    };
    for (at, (name, limit, round, power)) in UNITS.iter().enumerate() {
        let next = UNITS.get(at + 1);
        let fits = size.clone().abs().compare(&Numeric::from(*limit)).is_lt();
        let Some((_, _, next_round, next_power)) = next.filter(|_| !fits) else {
            if *round {
                let half = Numeric::from(if size.sign() < 0 { -1 } else { 1 });
                size = size.add(&half)?.divide_whole(&Numeric::from(2))?;
            }
            return Ok(format!("{} {name}", size.to_text()).into());
        };
        // Where halves are rounded one bit more stays.
        let bits = next_power - power - u32::from(*next_round) + u32::from(*round);
        size = size.divide_whole(&Numeric::from(1i64 << bits))?;
    }
    Ok(StoredValue::Null)
}

pub(super) static FUNCTIONS: &[Function] = &[
    immutable("boolsend", |call| big_endian(call, 1)),
    immutable("charsend", |call| big_endian(call, 1)),
    immutable("int2send", |call| big_endian(call, 2)),
    immutable("int4send", |call| big_endian(call, 4)),
    immutable("int8send", |call| big_endian(call, 8)),
    immutable("oidsend", |call| big_endian(call, 4)),
    immutable("date_send", |call| big_endian(call, 4)),
    immutable("time_send", |call| big_endian(call, 8)),
    immutable("timestamp_send", |call| big_endian(call, 8)),
    immutable("timestamptz_send", |call| big_endian(call, 8)),
    immutable("float4send", |call| Ok((call.real(0)? as f32).to_be_bytes().to_vec().into())),
    immutable("float8send", |call| Ok(call.real(0)?.to_be_bytes().to_vec().into())),
    stable("textsend", text),
    stable("namesend", text),
    stable("bpcharsend", text),
    stable("varcharsend", text),
    immutable("json_send", text),
    immutable("jsonb_send", versioned),
    immutable("byteasend", blob),
    immutable("uuid_send", blob),
    immutable("pg_size_pretty", size),
    immutable("pg_size_pretty_numeric", size),
];
