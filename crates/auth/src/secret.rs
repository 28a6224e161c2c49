//! What nobody may guess: tokens and codes.

use crate::error::{AuthError, Result};
use sha2::{Digest as _, Sha224};

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

/// The hash of a mailed code, under which it is kept and by which its link names it: SHA-224 over address and code, in hexadecimal.
pub(crate) fn token_hash(address: &str, code: &str) -> String {
    let mut hasher = Sha224::new();
    hasher.update(address.as_bytes());
    hasher.update(code.as_bytes());
    hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Compares without telling by its time where the first difference is.
pub(crate) fn equal(left: &[u8], right: &[u8]) -> bool {
    left.len() == right.len() && left.iter().zip(right).fold(0, |differ, (a, b)| differ | (a ^ b)) == 0
}

/// So many random bytes.
///
/// # Errors
/// When the operating system has none to give; nothing may go on without.
pub(crate) fn random<const N: usize>() -> Result<[u8; N]> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(AuthError::internal)?;
    Ok(bytes)
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
    fn the_hash_is_sha_224_of_both() {
        // FIPS 180-4's example: "abc".
        assert_eq!(token_hash("a", "bc"), "23097d223405d8228642a477bda255b32aadbce4bda0b3f7e36c9da7");
    }
}
