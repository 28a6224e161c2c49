//! Addresses: one form, so that nobody is two users and no two users are one.

use crate::error::{AuthError, Result};

/// An address as it is kept: in lower case. ASCII only: an address that looks like another's but is not (full-width `@`, a Cyrillic `а`)
/// is refused before anything compares or normalises it.
///
/// # Errors
/// 400 `validation_failed` when it is none.
pub(crate) fn normalise(given: &str) -> Result<String> {
    if given.is_empty() {
        return Err(AuthError::invalid("An email address is required"));
    }
    if given.len() > 255 {
        return Err(AuthError::invalid("An email address is too long"));
    }
    if !is_well_formed(given) {
        return Err(AuthError::invalid("Unable to validate email address: invalid format"));
    }
    Ok(given.to_ascii_lowercase())
}

/// The form of HTML's `<input type=email>`: RFC 5322's dot-atom without comments and quotes, and a host name.
fn is_well_formed(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else { return false };
    let atom = |byte: u8| byte.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&byte);
    !local.is_empty() && local.len() <= 64 && local.bytes().all(atom) && domain.split('.').all(is_label)
}

fn is_label(label: &str) -> bool {
    let edge = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
    label.len() <= 63
        && edge(label.bytes().next())
        && edge(label.bytes().next_back())
        && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_kept_in_lower_case() {
        assert_eq!(
            normalise("Ada.Lovelace+x@Example.COM").expect("an address"),
            "ada.lovelace+x@example.com"
        );
        assert!(normalise("root@localhost").is_ok());
    }

    #[test]
    fn attack_13_look_alikes_are_refused() {
        for text in [
            "ada\u{ff20}example.com",
            "\u{430}da@example.com",
            "ada@ex\u{430}mple.com",
            "ada@example\u{3002}com",
            "ada@example.com\u{200b}",
            "ADA@example.com\n",
            "\u{212a}im@example.com",
        ] {
            assert!(normalise(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for text in [
            "",
            "ada",
            "@example.com",
            "ada@",
            "ada@@example.com",
            "ada@-x.com",
            "ada@x..com",
            "a b@x.com",
            "a\r\nBcc: b@x.com",
        ] {
            assert!(normalise(text).is_err(), "{text:?}");
        }
        assert!(normalise(&format!("{}@example.com", "a".repeat(250))).is_err());
    }
}
