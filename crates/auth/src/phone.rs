//! Telephone numbers: one form (E.164 without `+`).

use crate::error::{AuthError, Result};

/// A number as it is kept.
///
/// # Errors
/// 400 `validation_failed` when it is none.
pub(crate) fn normalise(given: &str) -> Result<String> {
    let digits: String = given.strip_prefix('+').unwrap_or(given).chars().filter(|c| *c != ' ').collect();
    let is_number = (2..=15).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && !digits.starts_with('0');
    if is_number {
        Ok(digits)
    } else {
        Err(AuthError::invalid("Invalid phone number format (E.164 required)"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_one_form() {
        assert_eq!(normalise("+49 30 1234567").expect("a number"), "49301234567");
        for text in ["", "+", "1", "0301234567", "1234567890123456", "12a4", "++4930", "\u{ff11}23"] {
            assert!(normalise(text).is_err(), "{text:?}");
        }
    }
}
