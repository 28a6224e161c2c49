//! The forms in which a hash may be stored, and what they may cost: a hash that an import brought must not make a sign-in
//! take gigabytes or minutes.
//!
//! - Argon2 in the PHC string format: `$argon2id$v=19$m=19456,t=2,p=1$salt$hash` (base64 without padding).
//! - bcrypt: `$2a$10$…`, `$2b$`, `$2y$`.
//! - Firebase's scrypt as GoTrue writes it: `$fbscrypt$v=1,n=14,r=8,p=1,ss=separator,sk=key$salt$hash` (base64). scrypt over password and
//!   salt ‖ separator gives an AES-256 key; the signer key encrypted with it (CTR, counter from zero) is the hash.

use aes::Aes256;
use aes::cipher::{KeyIvInit as _, StreamCipher as _};
use argon2::{Algorithm, Block, Params, Version};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use std::fmt;
use subtle::ConstantTimeEq as _;
use zeroize::Zeroizing;

/// The most memory of a hash, in KiB.
pub(super) const MEMORY_KIB_MOST: u32 = 256 * 1024;

/// The most lanes.
pub(super) const LANES_MOST: u32 = 16;

/// The most KiB times passes: about half a second.
pub(super) const MEMORY_PASSES_MOST: u64 = 1024 * 1024;

/// bcrypt's cost: two seconds or so.
const BCRYPT_COST: std::ops::RangeInclusive<u32> = 4..=15;

/// The most that scrypt may take: memory in bytes for one, and times the number of them.
const SCRYPT_BYTES_MOST: u64 = 64 << 20;
const SCRYPT_WORK_MOST: u64 = 256 << 20;

/// Bytes of a salt and of a hash.
const SALT: std::ops::RangeInclusive<usize> = 8..=64;
const HASH: std::ops::RangeInclusive<usize> = 10..=64;

/// Why a stored hash is not used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unusable {
    /// It is in no form that we know.
    Malformed,
    /// It would take more memory or time than we give to a sign-in.
    TooExpensive,
}

impl fmt::Display for Unusable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Unusable::Malformed => "the stored password hash is in no known form",
            Unusable::TooExpensive => "the stored password hash takes more memory or time than is allowed",
        })
    }
}

/// Whether a given hash can be checked: well-formed, and within bounds. For an administrator's `password_hash`.
pub fn accepts(hash: &str) -> bool {
    Stored::parse(hash).is_ok()
}

/// Whether Argon2 may cost so much.
pub(super) fn is_affordable(memory_kib: u32, passes: u32, lanes: u32) -> bool {
    (1..=LANES_MOST).contains(&lanes)
        && (8 * lanes..=MEMORY_KIB_MOST).contains(&memory_kib)
        && passes >= 1
        && u64::from(memory_kib) * u64::from(passes) <= MEMORY_PASSES_MOST
}

/// A stored hash.
pub(super) enum Stored {
    Argon2(Argon2Hash),
    Bcrypt(BcryptHash),
    FirebaseScrypt(FirebaseScryptHash),
}

#[derive(Clone)]
pub(super) struct Argon2Hash {
    pub(super) algorithm: Algorithm,
    pub(super) version: Version,
    pub(super) params: Params,
    pub(super) salt: Vec<u8>,
    pub(super) hash: Vec<u8>,
}

pub(super) struct BcryptHash {
    cost: u32,
    text: String,
}

pub(super) struct FirebaseScryptHash {
    params: scrypt::Params,
    shown: String,
    memory_kib: u32,
    /// Salt and separator.
    salt: Vec<u8>,
    signer_key: Zeroizing<Vec<u8>>,
    hash: Vec<u8>,
}

impl Stored {
    pub(super) fn parse(text: &str) -> Result<Stored, Unusable> {
        let parts: Vec<&str> = text.split('$').collect();
        match parts.as_slice() {
            ["", algorithm @ ("argon2id" | "argon2i" | "argon2d"), rest @ ..] => {
                Argon2Hash::parse(algorithm, rest).map(Stored::Argon2)
            }
            ["", "2a" | "2b" | "2y", cost, _] => BcryptHash::parse(cost, text).map(Stored::Bcrypt),
            ["", "fbscrypt", parameters, salt, hash] => {
                FirebaseScryptHash::parse(parameters, salt, hash).map(Stored::FirebaseScrypt)
            }
            _ => Err(Unusable::Malformed),
        }
    }

    /// What it takes.
    pub(super) fn memory_kib(&self) -> u32 {
        match self {
            Stored::Argon2(hash) => hash.params.m_cost(),
            Stored::Bcrypt(_) => 4,
            Stored::FirebaseScrypt(hash) => hash.memory_kib,
        }
    }

    /// Its algorithm and cost.
    pub(super) fn kind(&self) -> String {
        match self {
            Stored::Argon2(hash) => hash.kind(),
            Stored::Bcrypt(hash) => format!("bcrypt {}", hash.cost),
            Stored::FirebaseScrypt(hash) => format!("fbscrypt {}", hash.shown),
        }
    }

    pub(super) fn matches(&self, password: &[u8], memory: &mut Vec<Block>) -> bool {
        match self {
            Stored::Argon2(hash) => hash.matches(password, memory),
            // Cuts the password off at 72 bytes, as all who write bcrypt hashes do.
            Stored::Bcrypt(hash) => bcrypt::verify(password, &hash.text).unwrap_or(false),
            Stored::FirebaseScrypt(hash) => hash.matches(password),
        }
    }
}

impl Argon2Hash {
    fn parse(algorithm: &str, rest: &[&str]) -> Result<Argon2Hash, Unusable> {
        let algorithm = Algorithm::new(algorithm).map_err(|_| Unusable::Malformed)?;
        // Without a version it is the first one (the PHC string format's Argon2 section).
        let (version, parameters, salt, hash) = match rest {
            ["v=19", parameters, salt, hash] => (Version::V0x13, parameters, salt, hash),
            ["v=16", parameters, salt, hash] | [parameters, salt, hash] => {
                (Version::V0x10, parameters, salt, hash)
            }
            _ => return Err(Unusable::Malformed),
        };
        let [memory, passes, lanes] = numbers(parameters, ["m", "t", "p"])?;
        if !is_affordable(memory, passes, lanes) {
            return Err(Unusable::TooExpensive);
        }
        let salt = decode(&STANDARD_NO_PAD, salt, SALT)?;
        let hash = decode(&STANDARD_NO_PAD, hash, HASH)?;
        let params = Params::new(memory, passes, lanes, Some(hash.len())).map_err(|_| Unusable::Malformed)?;
        Ok(Argon2Hash { algorithm, version, params, salt, hash })
    }

    pub(super) fn kind(&self) -> String {
        let Argon2Hash { algorithm, version, params, .. } = self;
        let (m, t, p) = (params.m_cost(), params.t_cost(), params.p_cost());
        format!("{} v={} m={m},t={t},p={p}", algorithm.as_str(), u32::from(*version))
    }
}

/// The PHC string.
impl fmt::Display for Argon2Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Argon2Hash { algorithm, version, params, salt, hash } = self;
        write!(
            f,
            "${}$v={}$m={},t={},p={}${}${}",
            algorithm.as_str(),
            u32::from(*version),
            params.m_cost(),
            params.t_cost(),
            params.p_cost(),
            STANDARD_NO_PAD.encode(salt),
            STANDARD_NO_PAD.encode(hash),
        )
    }
}

impl BcryptHash {
    fn parse(cost: &str, text: &str) -> Result<BcryptHash, Unusable> {
        let digits = cost.len() == 2 && cost.bytes().all(|byte| byte.is_ascii_digit());
        let cost: u32 = if digits { cost.parse().unwrap_or(0) } else { 0 };
        text.parse::<bcrypt::HashParts>().map_err(|_| Unusable::Malformed)?;
        match cost {
            0..4 => Err(Unusable::Malformed),
            cost if BCRYPT_COST.contains(&cost) => Ok(BcryptHash { cost, text: text.to_owned() }),
            _ => Err(Unusable::TooExpensive),
        }
    }
}

impl FirebaseScryptHash {
    fn parse(parameters: &str, salt: &str, hash: &str) -> Result<FirebaseScryptHash, Unusable> {
        let shown =
            parameters.split(",ss=").next().unwrap_or_default().split(",sk=").next().unwrap_or_default();
        let [version, log_n, r, p] = numbers(shown, ["v", "n", "r", "p"])?;
        let rest = &parameters[shown.len()..];
        let (separator, signer_key) = match (rest.strip_prefix(",ss="), rest.strip_prefix(",sk=")) {
            (Some(rest), _) => rest.split_once(",sk=").ok_or(Unusable::Malformed)?,
            (None, Some(signer_key)) => ("", signer_key),
            // Without a signer key every password would have the same, empty hash.
            (None, None) => return Err(Unusable::Malformed),
        };
        if version != 1 || log_n == 0 || r == 0 || p == 0 {
            return Err(Unusable::Malformed);
        }
        let block = 128 * u64::from(r);
        let bytes = (log_n < 32).then(|| block << log_n).filter(|&bytes| bytes <= SCRYPT_BYTES_MOST);
        let bytes = bytes.filter(|&bytes| bytes.saturating_mul(u64::from(p)) <= SCRYPT_WORK_MOST);
        let bytes = bytes.ok_or(Unusable::TooExpensive)?;
        let log_n = u8::try_from(log_n).map_err(|_| Unusable::TooExpensive)?;
        let params = scrypt::Params::new(log_n, r, p).map_err(|_| Unusable::Malformed)?;
        let mut salt = decode(&STANDARD, salt, 1..=64)?;
        salt.extend(decode(&STANDARD, separator, 0..=16)?);
        let signer_key = Zeroizing::new(decode(&STANDARD, signer_key, 16..=128)?);
        let hash = decode(&STANDARD, hash, 16..=128)?;
        Ok(FirebaseScryptHash {
            params,
            shown: shown.to_owned(),
            memory_kib: u32::try_from(bytes / 1024).unwrap_or(u32::MAX),
            salt,
            signer_key,
            hash,
        })
    }

    fn matches(&self, password: &[u8]) -> bool {
        let mut key = Zeroizing::new([0; 32]);
        if scrypt::scrypt(password, &self.salt, &self.params, &mut *key).is_err() {
            return false;
        }
        let mut signed = self.signer_key.clone();
        let (key, counter): (&[u8; 32], [u8; 16]) = (&key, [0; 16]);
        ctr::Ctr128BE::<Aes256>::new(key.into(), &counter.into()).apply_keystream(&mut signed);
        signed.as_slice().ct_eq(&self.hash).into()
    }
}

/// Reads `name=number,…` with exactly these names in this order.
fn numbers<const N: usize>(text: &str, names: [&str; N]) -> Result<[u32; N], Unusable> {
    let mut numbers = [0; N];
    let mut parts = text.split(',');
    for (number, name) in numbers.iter_mut().zip(names) {
        let (found, digits) =
            parts.next().and_then(|part| part.split_once('=')).ok_or(Unusable::Malformed)?;
        if found != name || digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Unusable::Malformed);
        }
        *number = digits.parse().map_err(|_| Unusable::TooExpensive)?;
    }
    if parts.next().is_some() { Err(Unusable::Malformed) } else { Ok(numbers) }
}

fn decode(
    engine: &base64::engine::GeneralPurpose,
    text: &str,
    bytes: std::ops::RangeInclusive<usize>,
) -> Result<Vec<u8>, Unusable> {
    let decoded = engine.decode(text).map_err(|_| Unusable::Malformed)?;
    if bytes.contains(&decoded.len()) { Ok(decoded) } else { Err(Unusable::Malformed) }
}
