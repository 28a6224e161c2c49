//! Randomness, and the form of identifiers.

/// Fills the bytes from the operating system's randomness.
///
/// # Errors
/// When the operating system has none to give; nothing may go on without.
pub fn random<const N: usize>() -> Result<[u8; N], getrandom::Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes)?;
    Ok(bytes)
}

/// Whether the text is a UUID in its usual form.
pub fn is_uuid(text: &str) -> bool {
    text.len() == 36
        && text.bytes().enumerate().all(|(index, byte)| match index {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uuid_has_five_groups() {
        assert!(is_uuid("00000000-0000-0000-0000-000000000000"));
        for text in [
            "",
            "00000000000000000000000000000000",
            "0000000-00000-0000-0000-000000000000",
            "g0000000-0000-0000-0000-000000000000",
        ] {
            assert!(!is_uuid(text), "{text}");
        }
    }
}
