//! ID tokens, checked as OpenID Connect Core 3.1.3.7 says.
//!
//! Only asymmetric algorithms, and only with a key of their own kind: a token that names `none` or HS256 proves nothing here,
//! whatever it is signed with.

use super::{ProviderError, Result};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use data_encoding::HEXLOWER;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256, Sha512};
use std::time::{SystemTime, UNIX_EPOCH};
use web::{SignatureAlgorithm, VerifyingKey};

/// How far apart the provider's clock and ours may be, in seconds.
const CLOCK_SKEW: f64 = 60.0;

/// How large a token may be. Those of directories with many groups are the largest.
const TOKEN_LIMIT: usize = 64 << 10;

/// How long a subject may be: four times what the standard allows.
pub(super) const SUBJECT_LIMIT: usize = 1020;

/// How many keys of a provider are looked at.
const KEYS_LIMIT: usize = 64;

/// What a token's nonce must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nonce<'a> {
    /// This, as it was sent with the request.
    Exact(&'a str),
    /// The SHA-256 of this in hexadecimal (GoTrue's rule for tokens that an app obtained); with `None` the token must have none.
    Hashed(Option<&'a str>),
    /// Anything.
    Skipped,
}

/// What a token must say.
pub(super) struct Expected<'a> {
    /// The issuers, one of which is its own.
    pub(super) issuers: &'a [&'a str],
    /// Our identifiers, one of which it is for.
    pub(super) audiences: &'a [String],
    pub(super) nonce: Nonce<'a>,
    /// The access token that came with it, to be compared with `at_hash`.
    pub(super) access_token: Option<&'a str>,
    pub(super) now: SystemTime,
}

/// A provider's public key.
pub(super) struct ProviderKey {
    identifier: Option<String>,
    key: VerifyingKey,
}

impl ProviderKey {
    /// Reads the usable keys of a JWK set; what cannot prove signatures is passed over.
    pub(super) fn read_set(set: &Value) -> Result<Vec<ProviderKey>> {
        let keys = set.get("keys").and_then(Value::as_array);
        let keys = keys.ok_or_else(|| ProviderError::Malformed("the key set has no keys".to_owned()))?;
        let read = |jwk: &Value| {
            let key = VerifyingKey::from_jwk(jwk).ok()?;
            Some(ProviderKey { identifier: jwk.get("kid").and_then(Value::as_str).map(str::to_owned), key })
        };
        Ok(keys.iter().take(KEYS_LIMIT).filter_map(read).collect())
    }
}

/// A token taken apart. Nothing in it is proven yet.
pub(super) struct Unverified<'a> {
    message: &'a str,
    signature: Vec<u8>,
    algorithm: SignatureAlgorithm,
    key_identifier: Option<String>,
    claims: Map<String, Value>,
}

fn bad(why: impl Into<String>) -> ProviderError {
    ProviderError::BadToken(why.into())
}

impl<'a> Unverified<'a> {
    /// Takes a token apart, after measuring it.
    pub(super) fn read(token: &'a str) -> Result<Unverified<'a>> {
        if token.len() > TOKEN_LIMIT {
            return Err(bad("the ID token is too large"));
        }
        let mut parts = token.splitn(4, '.');
        let (Some(head), Some(body), Some(signature), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(bad("the ID token has not three parts"));
        };
        let header = object(head)?;
        if header.contains_key("crit") {
            return Err(bad("the ID token asks for what is not known (crit)"));
        }
        let name = header.get("alg").and_then(Value::as_str).unwrap_or_default();
        let algorithm = SignatureAlgorithm::of(name)
            .ok_or_else(|| bad("the ID token is not signed by an accepted algorithm"))?;
        Ok(Unverified {
            message: &token[..head.len() + 1 + body.len()],
            signature: bytes(signature)?,
            algorithm,
            key_identifier: header.get("kid").and_then(Value::as_str).map(str::to_owned),
            claims: object(body)?,
        })
    }

    /// The issuer that it claims, to choose the keys by: compared with what is allowed before anything is asked of it.
    pub(super) fn claimed_issuer(&self) -> &str {
        self.claims.get("iss").and_then(Value::as_str).unwrap_or_default()
    }

    /// Whether a key of the set may be the one: when not, the set is old or the token is wrong.
    pub(super) fn has_key_in(&self, keys: &[ProviderKey]) -> bool {
        self.candidates(keys).next().is_some()
    }

    fn candidates<'k>(&'k self, keys: &'k [ProviderKey]) -> impl Iterator<Item = &'k ProviderKey> {
        keys.iter().filter(|candidate| {
            candidate.key.algorithm() == self.algorithm
                && (self.key_identifier.is_none() || candidate.identifier == self.key_identifier)
        })
    }

    /// Checks the signature and what the token says; gives its claims.
    pub(super) fn verify(self, keys: &[ProviderKey], expected: &Expected<'_>) -> Result<Map<String, Value>> {
        let signed = self
            .candidates(keys)
            .any(|candidate| candidate.key.verifies(self.message.as_bytes(), &self.signature));
        if !signed {
            return Err(bad("no key of the provider has signed the ID token"));
        }
        self.check_issuer(expected)?;
        check_subject(&self.claims)?;
        check_audience(&self.claims, expected.audiences)?;
        check_times(&self.claims, expected.now)?;
        check_nonce(&self.claims, expected.nonce)?;
        if let Some(access_token) = expected.access_token {
            self.check_access_token(access_token)?;
        }
        Ok(self.claims)
    }

    fn check_issuer(&self, expected: &Expected<'_>) -> Result<()> {
        let issuer = self.claimed_issuer();
        if issuer.is_empty() || !expected.issuers.contains(&issuer) {
            return Err(bad(format!("the ID token is of another issuer: {issuer:?}")));
        }
        Ok(())
    }

    /// `at_hash`: the left half of the access token's hash, by the hash of the signature's algorithm.
    fn check_access_token(&self, access_token: &str) -> Result<()> {
        let Some(found) = self.claims.get("at_hash") else { return Ok(()) };
        let bytes = access_token.as_bytes();
        let digest = match self.algorithm {
            SignatureAlgorithm::Rs256 | SignatureAlgorithm::Es256 | SignatureAlgorithm::Hs256 => {
                Sha256::digest(bytes).to_vec()
            }
            // Ed25519 hashes with SHA-512.
            SignatureAlgorithm::EdDsa => Sha512::digest(bytes).to_vec(),
        };
        let half = URL_SAFE_NO_PAD.encode(&digest[..digest.len() / 2]);
        if found.as_str() == Some(half.as_str()) {
            Ok(())
        } else {
            Err(bad("the access token is not the one that the ID token is about"))
        }
    }
}

fn bytes(part: &str) -> Result<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| bad("the ID token is not in base64url"))
}

fn object(part: &str) -> Result<Map<String, Value>> {
    match serde_json::from_slice(&bytes(part)?) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) | Err(_) => Err(bad("the ID token holds no JSON object")),
    }
}

/// A subject that can stand for somebody: text, not empty.
pub(super) fn check_subject(claims: &Map<String, Value>) -> Result<()> {
    match claims.get("sub") {
        Some(Value::String(subject)) if !subject.trim().is_empty() && subject.len() <= SUBJECT_LIMIT => {
            Ok(())
        }
        _ => Err(bad("Missing sub claim in id_token")),
    }
}

fn check_audience(claims: &Map<String, Value>, ours: &[String]) -> Result<()> {
    let named: Vec<&str> = match claims.get("aud") {
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(list)) => list.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let is_ours = |name: &str| !name.is_empty() && ours.iter().any(|own| own == name);
    let accepted = named.iter().any(|name| is_ours(name));
    // With several audiences the token says to whom it was given.
    let given_to_us = named.len() < 2 || claims.get("azp").and_then(Value::as_str).is_some_and(is_ours);
    if accepted && given_to_us {
        return Ok(());
    }
    Err(ProviderError::Audience(named.into_iter().map(str::to_owned).collect()))
}

fn check_times(claims: &Map<String, Value>, now: SystemTime) -> Result<()> {
    let now = now.duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64());
    let time = |name: &str| match claims.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => match value.as_f64() {
            Some(seconds) => Ok(Some(seconds)),
            None => Err(bad(format!("{name} of the ID token is not a number"))),
        },
    };
    let expiry = time("exp")?.ok_or_else(|| bad("the ID token has no expiry"))?;
    if now - CLOCK_SKEW >= expiry {
        return Err(bad("the ID token has expired"));
    }
    let issued = time("iat")?.ok_or_else(|| bad("the ID token does not say when it was issued"))?;
    if issued > now + CLOCK_SKEW {
        return Err(bad("the ID token is of the future"));
    }
    if time("nbf")?.is_some_and(|begin| begin > now + CLOCK_SKEW) {
        return Err(bad("the ID token is not valid yet"));
    }
    Ok(())
}

fn check_nonce(claims: &Map<String, Value>, expected: Nonce<'_>) -> Result<()> {
    let found = match claims.get("nonce") {
        None | Some(Value::Null) => None,
        Some(Value::String(nonce)) if nonce.is_empty() => None,
        Some(Value::String(nonce)) => Some(nonce.as_str()),
        Some(_) => return Err(ProviderError::NonceMismatch),
    };
    let expected = match expected {
        Nonce::Skipped => return Ok(()),
        Nonce::Exact(nonce) => Some(nonce.to_owned()),
        Nonce::Hashed(nonce) => nonce.filter(|nonce| !nonce.is_empty()).map(sha256_hex),
    };
    match (found, expected) {
        (None, None) => Ok(()),
        (Some(found), Some(expected)) if found == expected => Ok(()),
        (Some(_), Some(_)) => Err(ProviderError::NonceMismatch),
        (Some(_), None) | (None, Some(_)) => Err(ProviderError::NonceMissing),
    }
}

fn sha256_hex(text: &str) -> String {
    HEXLOWER.encode(&Sha256::digest(text.as_bytes()))
}
