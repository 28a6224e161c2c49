//! What nobody may guess: tokens and codes.

use crate::error::{AuthError, Result};
use data_encoding::HEXLOWER;
use hmac::{Hmac, Mac as _};
use sha2::{Digest as _, Sha224, Sha256};
use subtle::ConstantTimeEq as _;

/// A token of 256 random bits, in lower-case base 32.
///
/// # Errors
/// When the operating system has no randomness to give.
pub(crate) fn token() -> Result<String> {
    const ALPHABET: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
    let bytes: [u8; 32] = random()?;
    let mut text = String::with_capacity(52);
    let (mut held, mut bits) = (0u32, 0u32);
    for byte in bytes {
        held = (held << 8) | u32::from(byte);
        bits += 8;
        while bits >= 5 {
            bits -= 5;
            text.push(char::from(ALPHABET[(held >> bits) as usize & 31]));
        }
    }
    if bits > 0 {
        text.push(char::from(ALPHABET[(held << (5 - bits)) as usize & 31]));
    }
    Ok(text)
}

/// A code of so many decimal digits, each as likely as another.
///
/// # Errors
/// When the operating system has no randomness to give.
pub(crate) fn digits(count: usize) -> Result<String> {
    let mut text = String::with_capacity(count);
    while text.len() < count {
        for byte in random::<32>()? {
            // 250 is the greatest multiple of ten that a byte holds: the rest would favour low digits.
            if byte < 250 && text.len() < count {
                text.push(char::from(b'0' + byte % 10));
            }
        }
    }
    Ok(text)
}

/// What the hashes of mailed codes are keyed by. A hash is what a link names: could it be made from an address and six digits, whoever
/// knows an address could try a million links, which name no account that such attempts could be counted by.
#[derive(Clone)]
pub struct CodeKey(Hmac<Sha256>);

impl CodeKey {
    /// Of a secret of the project, equal on all its nodes. Under another one, codes that were mailed before are worth nothing.
    pub fn new(secret: &[u8; 32]) -> CodeKey {
        // HMAC fills a shorter key up with zeros to a block.
        let mut block = [0; 64];
        block[..32].copy_from_slice(secret);
        CodeKey(Hmac::new(&block.into()))
    }

    /// The hash of a code that is mailed to an address, under which it is kept and by which its link names it: in hexadecimal, as long as
    /// GoTrue's.
    pub(crate) fn hash(&self, address: &str, code: &str) -> String {
        let mut hash = self.0.clone();
        hash.update(address.as_bytes());
        hash.update(&[0]);
        hash.update(code.as_bytes());
        HEXLOWER.encode(&hash.finalize().into_bytes()[..28])
    }

    /// Whether this is the hash that is kept of a code: ours, or GoTrue's where an adopted database has it.
    pub(crate) fn is_hash(&self, kept: &str, address: &str, code: &str) -> bool {
        let ours = equal(kept.as_bytes(), self.hash(address, code).as_bytes());
        ours | equal(kept.as_bytes(), hash_of_gotrue(address, code).as_bytes())
    }
}

/// GoTrue's hash of a code: SHA-224 over address and code.
fn hash_of_gotrue(address: &str, code: &str) -> String {
    HEXLOWER.encode(&Sha224::new().chain_update(address).chain_update(code).finalize())
}

/// Compares without telling by its time where the first difference is.
pub(crate) fn equal(left: &[u8], right: &[u8]) -> bool {
    left.ct_eq(right).into()
}

/// So many random bytes.
///
/// # Errors
/// When the operating system has none to give; nothing may go on without.
pub(crate) fn random<const N: usize>() -> Result<[u8; N]> {
    web::identifier::random().map_err(AuthError::internal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_hold_256_bits() {
        let [one, other] = [token().expect("random"), token().expect("random")];
        assert_eq!(one.len(), 52);
        assert_ne!(one, other);
        assert!(one.bytes().all(|byte| byte.is_ascii_lowercase() || (b'2'..=b'7').contains(&byte)));
    }

    #[test]
    fn codes_have_the_length_asked_for() {
        for count in [6, 8, 10] {
            let code = digits(count).expect("random");
            assert_eq!(code.len(), count);
            assert!(code.bytes().all(|byte| byte.is_ascii_digit()));
        }
    }

    #[test]
    fn hashes_of_codes_are_keyed() {
        let (key, other) = (CodeKey::new(&[1; 32]), CodeKey::new(&[2; 32]));
        let hash = key.hash("ada@example.com", "123456");
        assert_eq!(hash.len(), 56);
        assert!(key.is_hash(&hash, "ada@example.com", "123456"));
        for (address, code) in [("ada@example.com", "123457"), ("ada@example.co", "m123456"), ("", "")] {
            assert!(!key.is_hash(&hash, address, code), "{address} {code}");
        }
        assert!(!other.is_hash(&hash, "ada@example.com", "123456"));
        assert!(!key.is_hash("", "ada@example.com", "123456"));
        // FIPS 180-4's example, "abc", as a code that GoTrue mailed.
        assert!(key.is_hash("23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7", "a", "bc"));
    }
}
