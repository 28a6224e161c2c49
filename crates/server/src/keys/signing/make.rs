//! New keys.

use crate::keys::KeyError;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use data_encoding::HEXLOWER;
use rsa::rand_core::OsRng;
use rsa::traits::{PrivateKeyParts as _, PublicKeyParts as _};
use rsa::{BigUint, RsaPrivateKey};
use serde_json::json;
use web::identifier::random;
use web::{KeyProblem, SignatureAlgorithm, SigningKey};

/// The least that RS256 may have (RFC 7518, 3.3), and what everybody has.
const RSA_BITS: usize = 2048;

/// A new key with a name of its own.
///
/// # Errors
/// When the operating system has no randomness to give.
pub(super) async fn make(algorithm: SignatureAlgorithm) -> Result<SigningKey, KeyError> {
    let kid = uuid()?;
    let made = match algorithm {
        SignatureAlgorithm::Es256 => SigningKey::make_es256(&kid),
        SignatureAlgorithm::EdDsa => SigningKey::make_eddsa(&kid),
        // A secret is only ever brought along, in the file: a key of our own has a public half.
        SignatureAlgorithm::Hs256 => Err(KeyProblem::Unsupported),
        // The search for its primes takes a while.
        SignatureAlgorithm::Rs256 => {
            tokio::task::spawn_blocking(move || rs256(&kid)).await.unwrap_or(Err(KeyProblem::NoRandomness))
        }
    };
    made.map_err(KeyError::Key)
}

/// A random UUID (RFC 9562, version 4): names of the Supabase CLI's keys look like that.
fn uuid() -> Result<String, KeyError> {
    let mut bytes: [u8; 16] =
        random().map_err(|error| KeyError::Seal(super::super::SealError::NoRandomness(error)))?;
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    let digits = HEXLOWER.encode(&bytes);
    Ok([&digits[..8], &digits[8..12], &digits[12..16], &digits[16..20], &digits[20..]].join("-"))
}

/// Only the search for the primes is this library's; the key signs by the same one as all others.
fn rs256(kid: &str) -> Result<SigningKey, KeyProblem> {
    let mut key = RsaPrivateKey::new(&mut OsRng, RSA_BITS).map_err(|_| KeyProblem::NoRandomness)?;
    key.precompute().map_err(|_| KeyProblem::Weak)?;
    let number = |number: &BigUint| URL_SAFE_NO_PAD.encode(number.to_bytes_be());
    let [p, q] = key.primes() else { return Err(KeyProblem::Weak) };
    let (Some(dp), Some(dq)) = (key.dp(), key.dq()) else { return Err(KeyProblem::Weak) };
    let qi = key.crt_coefficient().ok_or(KeyProblem::Weak)?;
    SigningKey::from_jwk(&json!({"kty": "RSA", "kid": kid, "n": number(key.n()), "e": number(key.e()),
        "d": number(key.d()), "p": number(p), "q": number(q), "dp": number(dp), "dq": number(dq), "qi": number(&qi)}))
}
