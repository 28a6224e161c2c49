//! What pgcrypto and uuid-ossp make with digests: digest, hmac, random bytes, UUIDs by name.

use crate::registry::{Call, Function, immutable, volatile};
use crate::value::{Stored, StoredValue};
use hmac::{Hmac, Mac};
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha224, Sha256, Sha384, Sha512};
use sqlstate::{DatabaseError, EXTERNAL_ROUTINE_INVOCATION_EXCEPTION, INVALID_PARAMETER_VALUE, Result};

/// Text or bytea, as bytes.
fn bytes<'a>(call: &Call<'a>, at: usize) -> Result<&'a [u8]> {
    match call.stored(at) {
        Stored::Text(text) => Ok(text.as_bytes()),
        _ => call.blob(at),
    }
}

fn unknown_hash(name: &str) -> DatabaseError {
    DatabaseError::new(INVALID_PARAMETER_VALUE, format!("Cannot use \"{name}\": No such hash algorithm"))
}

fn digest(call: &mut Call<'_>) -> Result<StoredValue> {
    let (data, name) = (bytes(call, 0)?, call.text(1)?);
    Ok(match name.to_ascii_lowercase().as_str() {
        "md5" => Md5::digest(data).to_vec(),
        "sha1" => Sha1::digest(data).to_vec(),
        "sha224" => Sha224::digest(data).to_vec(),
        "sha256" => Sha256::digest(data).to_vec(),
        "sha384" => Sha384::digest(data).to_vec(),
        "sha512" => Sha512::digest(data).to_vec(),
        _ => return Err(unknown_hash(name)),
    }
    .into())
}

fn authenticated<M: Mac + hmac::digest::KeyInit>(key: &[u8], data: &[u8]) -> Result<Vec<u8>> {
    let mut mac = <M as hmac::digest::KeyInit>::new_from_slice(key)
        .map_err(|_| DatabaseError::internal("a key of no use to HMAC"))?;
    mac.update(data);
    Ok(mac.finalize().into_bytes().to_vec())
}

fn hmac_code(call: &mut Call<'_>) -> Result<StoredValue> {
    let (data, key, name) = (bytes(call, 0)?, bytes(call, 1)?, call.text(2)?);
    Ok(match name.to_ascii_lowercase().as_str() {
        "md5" => authenticated::<Hmac<Md5>>(key, data)?,
        "sha1" => authenticated::<Hmac<Sha1>>(key, data)?,
        "sha224" => authenticated::<Hmac<Sha224>>(key, data)?,
        "sha256" => authenticated::<Hmac<Sha256>>(key, data)?,
        "sha384" => authenticated::<Hmac<Sha384>>(key, data)?,
        "sha512" => authenticated::<Hmac<Sha512>>(key, data)?,
        _ => return Err(unknown_hash(name)),
    }
    .into())
}

fn random_bytes(call: &mut Call<'_>) -> Result<StoredValue> {
    let count = usize::try_from(call.int(0)?).ok().filter(|count| (1..=1024).contains(count));
    let count = count
        .ok_or_else(|| DatabaseError::new(EXTERNAL_ROUTINE_INVOCATION_EXCEPTION, "Length not in range"))?;
    let mut buffer = vec![0; count];
    call.context.random_bytes(&mut buffer)?;
    Ok(buffer.into())
}

/// A UUID made of a digest of a name within a namespace.
fn named<D: Digest>(call: &Call<'_>, version: u8) -> Result<StoredValue> {
    let hash = D::new().chain_update(call.blob(0)?).chain_update(call.text(1)?.as_bytes()).finalize();
    let mut bytes = hash.get(..16).unwrap_or_default().to_vec();
    bytes[6] = bytes[6] & 0x0f | version << 4;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    Ok(bytes.into())
}

/// One of the namespaces of RFC 4122, which differ in one byte.
fn namespace(byte: u8) -> Result<StoredValue> {
    let mut bytes =
        vec![0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8];
    bytes[3] = byte;
    Ok(bytes.into())
}

pub(super) static FUNCTIONS: &[Function] = &[
    immutable("pg_digest", digest),
    immutable("pg_hmac", hmac_code),
    volatile("pg_random_bytes", random_bytes),
    immutable("uuid_generate_v3", |call| named::<Md5>(call, 3)),
    immutable("uuid_generate_v5", |call| named::<Sha1>(call, 5)),
    immutable("uuid_ns_dns", |_| namespace(0x10)),
    immutable("uuid_ns_url", |_| namespace(0x11)),
    immutable("uuid_ns_oid", |_| namespace(0x12)),
    immutable("uuid_ns_x500", |_| namespace(0x14)),
];
