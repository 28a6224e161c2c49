//! Proof Key for Code Exchange (RFC 7636).

use crate::error::{AuthError, ErrorCode, Result};
use crate::secret::equal;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

/// How a verifier becomes its challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Method {
    S256,
    Plain,
}

/// What a code may be exchanged against.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Challenge {
    text: String,
    method: Method,
}

impl Challenge {
    /// The challenge of a request; none when it has neither parameter.
    ///
    /// # Errors
    /// 400 when it has only one of them, or one that is not of its form.
    pub(crate) fn asked(challenge: Option<&str>, method: Option<&str>) -> Result<Option<Challenge>> {
        let filled = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(str::to_owned);
        match (filled(challenge), filled(method)) {
            (None, None) => Ok(None),
            (Some(text), Some(method)) => {
                let method = match method.to_ascii_lowercase().as_str() {
                    "s256" => Method::S256,
                    "plain" => Method::Plain,
                    _ => {
                        return Err(AuthError::invalid(
                            "code_challenge_method must be either 's256' or 'plain'",
                        ));
                    }
                };
                check_form("code challenge", &text)?;
                Ok(Some(Challenge { text, method }))
            }
            (Some(_), None) | (None, Some(_)) => {
                Err(AuthError::invalid("PKCE flow requires code_challenge_method and code_challenge"))
            }
        }
    }

    /// A challenge as the database keeps it.
    pub(crate) fn stored(text: String, method: &str) -> Option<Challenge> {
        let method = match method {
            "s256" => Method::S256,
            "plain" => Method::Plain,
            _ => return None,
        };
        Some(Challenge { text, method })
    }

    /// Its text.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Its method as the database names it.
    pub(crate) fn method_text(&self) -> &'static str {
        match self.method {
            Method::S256 => "s256",
            Method::Plain => "plain",
        }
    }

    /// Whether this is the verifier's.
    ///
    /// # Errors
    /// 400 `bad_code_verifier` when it is not.
    pub(crate) fn check(&self, verifier: &str) -> Result<()> {
        let matches = match self.method {
            Method::S256 => equal(s256(verifier).as_bytes(), self.text.as_bytes()),
            Method::Plain => equal(verifier.as_bytes(), self.text.as_bytes()),
        };
        if matches {
            return Ok(());
        }
        Err(AuthError::bad_request(
            ErrorCode::BAD_CODE_VERIFIER,
            "code challenge does not match previously saved code verifier",
        ))
    }
}

/// The challenge of a verifier: base64url of its SHA-256, without padding.
pub(crate) fn s256(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(Sha256::digest(verifier.as_bytes()))
}

fn check_form(what: &str, text: &str) -> Result<()> {
    if !(43..=128).contains(&text.len()) {
        return Err(AuthError::invalid(format!("{what} has to be between 43 and 128 characters")));
    }
    if !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~')) {
        return Err(AuthError::invalid(format!(
            "{what} can only contain alphanumeric characters, hyphens, periods, underscores and tildes"
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    // RFC 7636, appendix B.
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn s256_is_that_of_the_rfc() {
        let challenge = Challenge::asked(Some(CHALLENGE), Some("s256")).expect("valid").expect("given");
        assert!(challenge.check(VERIFIER).is_ok());
        assert_eq!(challenge.check(CHALLENGE).expect_err("refused").code(), ErrorCode::BAD_CODE_VERIFIER);
        assert!(challenge.check("").is_err());
    }

    #[test]
    fn both_parameters_or_none() {
        assert_eq!(Challenge::asked(None, None).expect("valid"), None);
        for (challenge, method) in [
            (Some(CHALLENGE), None),
            (None, Some("s256")),
            (Some(CHALLENGE), Some("md5")),
            (Some("short"), Some("s256")),
            (Some("E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw cM!"), Some("plain")),
        ] {
            assert!(Challenge::asked(challenge, method).is_err(), "{challenge:?} {method:?}");
        }
    }
}
