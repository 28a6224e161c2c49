//! Tokens (JWT, RFC 7519): measured, taken apart, proven and checked, in this order.
//!
//! Only signatures are checked by a library; claims are checked here, with the tolerance and the errors that clients of the
//! data API know. Which key proves a token is decided by our own set alone (RFC 8725, 3.1 and 3.5): its header may name one of
//! ours, and what else it says of keys (`jku`, `x5u`, `jwk`, …) is not read.

use crate::{ApiError, KeySet};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{StatusCode, header};
use ring::hmac;
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// How far apart two machines' clocks may be, in seconds.
pub(crate) const CLOCK_SKEW: i64 = 30;

/// Why a token or key is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenError {
    /// No secret and no key to check it with.
    NoSecret,
    /// `Bearer` and nothing.
    Empty,
    /// Larger than is looked at.
    TooLarge,
    /// Not three parts but this many.
    Parts(usize),
    /// It names a key that is none of ours, or no longer: the key and the algorithm as its header has them.
    UnknownSigner {
        /// The header's `kid`.
        kid: Option<String>,
        /// The header's `alg`.
        algorithm: String,
    },
    /// Signed by an algorithm of which we have no key.
    UnknownAlgorithm(String),
    /// Signed by another algorithm than the key's, or not at all.
    Algorithm(&'static str),
    /// The signature is wrong for the key that it names; how GoTrue's library calls that.
    Signature(&'static str),
    /// The header cannot be read, or the parts are not base64.
    Crypto,
    /// The header says that it is something else than a token, or asks for extensions.
    Type,
    /// A claim is wrong; the message is the protocol's.
    Claim(&'static str),
    /// Nobody signed in and nobody may.
    Required,
    /// An `sb_…` key that is none of ours.
    UnknownKey,
    /// Whether a key was revoked is not known at present: the database could not be asked for too long (rule 19).
    Stale,
}

impl TokenError {
    /// Why, in the words of golang-jwt 5, which GoTrue puts behind "invalid JWT: unable to parse or verify signature, ".
    pub fn reason(&self) -> Cow<'static, str> {
        match self {
            TokenError::Empty | TokenError::Parts(_) => {
                "token is malformed: token contains an invalid number of segments".into()
            }
            TokenError::TooLarge => "token is malformed: token is too large".into(),
            TokenError::Crypto => "token is malformed: could not base64 decode header".into(),
            TokenError::Type => "token is unverifiable: token is of another type".into(),
            TokenError::NoSecret => "token is unverifiable: there is no key".into(),
            TokenError::UnknownSigner { kid, algorithm } => {
                // Go writes an absent value like this.
                let kid = kid.as_deref().unwrap_or("<nil>");
                format!(
                    "token is unverifiable: error while executing keyfunc: unrecognized JWT kid {kid} for algorithm {algorithm}"
                )
                .into()
            }
            TokenError::UnknownAlgorithm(name) => {
                format!("token signature is invalid: signing method {name} is invalid").into()
            }
            TokenError::Algorithm(_) => "token signature is invalid: signing method none is invalid".into(),
            TokenError::Signature(words) => format!("token signature is invalid: {words}").into(),
            TokenError::Claim("JWT expired") => "token has invalid claims: token is expired".into(),
            TokenError::Claim("JWT not yet valid") => {
                "token has invalid claims: token is not valid yet".into()
            }
            TokenError::Claim("JWT issued at future") => {
                "token has invalid claims: token used before issued".into()
            }
            TokenError::Claim("JWT not in audience") => {
                "token has invalid claims: token has invalid audience".into()
            }
            TokenError::Claim(_) => "token is malformed: could not JSON decode claim".into(),
            TokenError::Required => "anonymous access is disabled".into(),
            TokenError::UnknownKey => "unknown API key".into(),
            TokenError::Stale => "keys cannot be checked at present".into(),
        }
    }
}

impl From<TokenError> for ApiError {
    fn from(error: TokenError) -> ApiError {
        let no_key = || {
            let details = "None of the keys was able to decode the JWT";
            ("PGRST301", "No suitable key or wrong key type".into(), Some(details))
        };
        let (code, message, details): (_, Cow<'static, str>, Option<&'static str>) = match error {
            TokenError::NoSecret => {
                return ApiError::new(
                    StatusCode::INTERNAL_SERVER_ERROR,
                    "PGRST300",
                    "Server lacks JWT secret",
                );
            }
            TokenError::Required => {
                return ApiError::new(StatusCode::UNAUTHORIZED, "PGRST302", "Anonymous access is disabled")
                    .with_header(header::WWW_AUTHENTICATE, "Bearer");
            }
            TokenError::Stale => {
                return ApiError::new(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "PGRST001",
                    "The keys cannot be checked at present",
                )
                .with_header(header::RETRY_AFTER, "1");
            }
            TokenError::Empty => ("PGRST301", "Empty JWT is sent in Authorization header".into(), None),
            TokenError::TooLarge => ("PGRST301", "The JWT is too large".into(), None),
            TokenError::Parts(number) => {
                ("PGRST301", format!("Expected 3 parts in JWT; got {number}").into(), None)
            }
            TokenError::UnknownSigner { .. } | TokenError::UnknownAlgorithm(_) | TokenError::Signature(_) => {
                no_key()
            }
            TokenError::Algorithm(details) => {
                ("PGRST301", "Wrong or unsupported encoding algorithm".into(), Some(details))
            }
            TokenError::Crypto => ("PGRST301", "JWT cryptographic operation failed".into(), None),
            TokenError::Type => ("PGRST301", "Wrong or unsupported type of token".into(), None),
            TokenError::Claim(message) => ("PGRST303", message.into(), None),
            TokenError::UnknownKey => ("PGRST301", "Invalid API key".into(), None),
        };
        let challenge = format!("Bearer error=\"invalid_token\", error_description=\"{message}\"");
        let mut answer = ApiError::new(StatusCode::UNAUTHORIZED, code, message)
            .with_header(header::WWW_AUTHENTICATE, &challenge);
        answer.details = details.map(Value::from);
        answer
    }
}

/// A token whose signature and claims are good, and when they are.
pub(crate) struct Proven {
    pub(crate) claims: Map<String, Value>,
    /// The first and the last second at which it is good.
    pub(crate) seconds: (i64, i64),
}

/// Of a header only this is read. Members that are there twice are refused.
#[derive(Deserialize)]
struct Header {
    alg: Option<Value>,
    kid: Option<Value>,
    typ: Option<Value>,
    crit: Option<IgnoredAny>,
}

/// The claims of a token that a key of ours signed.
pub(crate) fn prove(token: &str, keys: &KeySet, limit: usize, now: SystemTime) -> Result<Proven, TokenError> {
    if keys.secret.is_none() && keys.signing.is_empty() {
        return Err(TokenError::NoSecret);
    }
    if token.is_empty() {
        return Err(TokenError::Empty);
    }
    if token.len() > limit {
        return Err(TokenError::TooLarge);
    }
    let parts = 1 + token.bytes().filter(|byte| *byte == b'.').count();
    let mut pieces = token.splitn(3, '.');
    let (3, Some(head), Some(body), Some(signature)) = (parts, pieces.next(), pieces.next(), pieces.next())
    else {
        return Err(TokenError::Parts(parts));
    };
    let header = read_header(head)?;
    let message = &token.as_bytes()[..head.len() + 1 + body.len()];
    let until = check_signature(&header, message, signature, keys, now)?;
    let claims = URL_SAFE_NO_PAD.decode(body).map_err(|_| TokenError::Crypto)?;
    let Ok(Value::Object(claims)) = serde_json::from_slice(&claims) else {
        return Err(TokenError::Claim("Parsing claims failed"));
    };
    let (from, expires) = check_times(&claims, seconds(now))?;
    check_audience(&claims, keys.audience.as_deref())?;
    Ok(Proven { claims, seconds: (from, expires.min(until)) })
}

fn read_header(head: &str) -> Result<Header, TokenError> {
    let bytes = URL_SAFE_NO_PAD.decode(head).map_err(|_| TokenError::Crypto)?;
    serde_json::from_slice(&bytes).map_err(|_| TokenError::Crypto)
}

/// The key that a token of three parts names, whoever wrote it.
pub(crate) fn kid(token: &str) -> Option<String> {
    let (head, rest) = token.split_once('.')?;
    let header = read_header(head).ok().filter(|_| rest.bytes().filter(|byte| *byte == b'.').count() == 1)?;
    header.kid.as_ref().and_then(Value::as_str).map(str::to_owned)
}

/// The last second at which the key's word counts.
fn check_signature(
    header: &Header,
    message: &[u8],
    signature: &str,
    keys: &KeySet,
    now: SystemTime,
) -> Result<i64, TokenError> {
    let algorithm = match &header.alg {
        Some(Value::String(algorithm)) if algorithm == "none" => {
            return Err(TokenError::Algorithm("JWT is unsecured but expected 'alg' was not 'none'"));
        }
        Some(Value::String(algorithm)) => algorithm.as_str(),
        _ => return Err(TokenError::Crypto),
    };
    check_type(header)?;
    let kid = match &header.kid {
        None | Some(Value::Null) => None,
        Some(Value::String(kid)) => Some(kid.as_str()),
        Some(_) => return Err(TokenError::Crypto),
    };
    // The signature is compared as bytes: of two ways to write it in base64 only the canonical one is read.
    let decoded = || URL_SAFE_NO_PAD.decode(signature);
    if let Some(held) = kid.and_then(|kid| keys.held(kid)) {
        let ours = held.key.algorithm();
        if algorithm != ours.name() || !held.is_accepted(now) {
            return Err(unknown_signer(kid, algorithm));
        }
        let words = match ours {
            crate::SignatureAlgorithm::Es256 => "crypto/ecdsa: verification error",
            crate::SignatureAlgorithm::Rs256 => "crypto/rsa: verification error",
            crate::SignatureAlgorithm::EdDsa => "ed25519: verification error",
            crate::SignatureAlgorithm::Hs256 => "signature is invalid",
        };
        let good = decoded().is_ok_and(|bytes| held.key.verifying_key().verifies(message, &bytes));
        let until = held.verifies_until.map_or(i64::MAX, |until| seconds(until).saturating_sub(1));
        return if good { Ok(until) } else { Err(TokenError::Signature(words)) };
    }
    match (algorithm, keys.secret.as_deref()) {
        ("HS256", Some(secret)) => {
            let key = hmac::Key::new(hmac::HMAC_SHA256, secret);
            let good = decoded().is_ok_and(|bytes| hmac::verify(&key, message, &bytes).is_ok());
            if good { Ok(i64::MAX) } else { Err(TokenError::Signature("signature is invalid")) }
        }
        (algorithm, _) if keys.algorithms(now).contains(&algorithm) => Err(unknown_signer(kid, algorithm)),
        (algorithm, _) => Err(TokenError::UnknownAlgorithm(shortened(algorithm))),
    }
}

/// RFC 8725, 3.11 and RFC 9068, 2.1: another kind of document is no access token, whoever signed it. RFC 7515, 4.1.11: what must
/// be understood is not, as nothing of the kind is known here.
fn check_type(header: &Header) -> Result<(), TokenError> {
    let known = match &header.typ {
        None | Some(Value::Null) => true,
        Some(Value::String(name)) => {
            let name = name
                .get(..12)
                .filter(|prefix| prefix.eq_ignore_ascii_case("application/"))
                .map_or(name.as_str(), |prefix| &name[prefix.len()..]);
            name.eq_ignore_ascii_case("jwt") || name.eq_ignore_ascii_case("at+jwt")
        }
        Some(_) => false,
    };
    if known && header.crit.is_none() { Ok(()) } else { Err(TokenError::Type) }
}

fn unknown_signer(kid: Option<&str>, algorithm: &str) -> TokenError {
    TokenError::UnknownSigner { kid: kid.map(shortened), algorithm: shortened(algorithm) }
}

/// What a stranger wrote, as far as it belongs into a message.
fn shortened(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(64).collect()
}

/// The token of these claims under a header, signed by `signature`.
pub(crate) fn write<E>(
    header: &Value,
    claims: &Map<String, Value>,
    signature: impl FnOnce(&[u8]) -> Result<Vec<u8>, E>,
) -> Result<String, E> {
    let mut token = URL_SAFE_NO_PAD.encode(header.to_string());
    token.push('.');
    let claims = serde_json::to_string(claims).unwrap_or_default();
    URL_SAFE_NO_PAD.encode_string(claims, &mut token);
    let signature = signature(token.as_bytes())?;
    token.push('.');
    URL_SAFE_NO_PAD.encode_string(signature, &mut token);
    Ok(token)
}

/// The HMAC of a message (HS256).
pub(crate) fn hmac_sha256(secret: &[u8], message: &[u8]) -> Vec<u8> {
    hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), message).as_ref().to_vec()
}

/// Seconds since 1970.
pub(crate) fn seconds(time: SystemTime) -> i64 {
    let whole = |since: Duration| i64::try_from(since.as_secs()).unwrap_or(i64::MAX);
    time.duration_since(UNIX_EPOCH).map_or(0, whole)
}

/// The first and the last second at which a token of these claims is good.
fn check_times(claims: &Map<String, Value>, now: i64) -> Result<(i64, i64), TokenError> {
    let time = |name: &str, not_number: &'static str| match claims.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Number(number)) => Ok(Some(whole_seconds(number))),
        Some(_) => Err(TokenError::Claim(not_number)),
    };
    let (mut from, mut until) = (i64::MIN, i64::MAX);
    if let Some(exp) = time("exp", "The JWT 'exp' claim must be a number")? {
        until = exp.saturating_add(CLOCK_SKEW);
        if now > until {
            return Err(TokenError::Claim("JWT expired"));
        }
    }
    for (name, not_number, early) in [
        ("nbf", "The JWT 'nbf' claim must be a number", "JWT not yet valid"),
        ("iat", "The JWT 'iat' claim must be a number", "JWT issued at future"),
    ] {
        if let Some(begin) = time(name, not_number)? {
            from = from.max(begin.saturating_sub(CLOCK_SKEW));
            if now < begin.saturating_sub(CLOCK_SKEW) {
                return Err(TokenError::Claim(early));
            }
        }
    }
    Ok((from, until))
}

/// Seconds as whole ones; out of range counts as 0, so that a time nobody can mean is long past.
fn whole_seconds(number: &serde_json::Number) -> i64 {
    match (number.as_i64(), number.as_f64()) {
        (Some(whole), _) => whole,
        (None, Some(float)) if float.abs() < 1e15 => {
            #[expect(
                clippy::cast_possible_truncation,
                reason = "checked to be within a whole number's reach"
            )]
            let whole = float.floor() as i64;
            whole
        }
        (None, _) => 0,
    }
}

fn check_audience(claims: &Map<String, Value>, ours: Option<&str>) -> Result<(), TokenError> {
    let malformed = TokenError::Claim("The JWT 'aud' claim must be a string or an array of strings");
    let named: Vec<&str> = match claims.get("aud") {
        None | Some(Value::Null) => return Ok(()),
        Some(Value::String(one)) => vec![one],
        Some(Value::Array(list)) => {
            let texts: Option<Vec<&str>> = list.iter().map(Value::as_str).collect();
            match texts {
                Some(texts) if texts.is_empty() => return Ok(()),
                Some(texts) => texts,
                None => return Err(malformed),
            }
        }
        Some(_) => return Err(malformed),
    };
    match ours {
        Some(ours) if !named.contains(&ours) => Err(TokenError::Claim("JWT not in audience")),
        _ => Ok(()),
    }
}
