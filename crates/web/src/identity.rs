//! Who asks, told from keys and tokens: the gateway's rules first (a key stands for a token), then the token's.
//!
//! Only the signature is checked by a library; claims are checked here, with the tolerance and the errors that clients
//! of the data API know. A token is measured before it is taken apart.

use crate::{ApiError, Caller, Claims, Limits};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderMap, StatusCode, header};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey};
use serde_json::{Map, Value};
use std::borrow::Cow;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

/// How far apart two machines' clocks may be, in seconds.
const CLOCK_SKEW: i64 = 30;

/// What tokens and keys are checked against.
#[derive(Clone)]
pub struct Keys {
    /// The secret that signs tokens (HS256); without one no token is accepted.
    pub secret: Option<Arc<[u8]>>,
    /// The key that anybody may hold: `sb_publishable_…`.
    pub publishable_key: Option<Arc<str>>,
    /// The key of the operator's own servers: `sb_secret_…`.
    pub secret_key: Option<Arc<str>>,
    /// The role of whoever shows no token; `None` refuses them.
    pub anonymous_role: Option<Arc<str>>,
    /// The role that bypasses row security.
    pub service_role: Arc<str>,
    /// The audience that a token must name, if it names one.
    pub audience: Option<Arc<str>>,
    /// What is too large.
    pub limits: Limits,
}

impl std::fmt::Debug for Keys {
    // Secrets are not printed.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keys")
            .field("anonymous_role", &self.anonymous_role)
            .field("service_role", &self.service_role)
            .finish_non_exhaustive()
    }
}

/// Why a token or key is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TokenError {
    /// No secret to check it with.
    NoSecret,
    /// `Bearer` and nothing.
    Empty,
    /// Larger than is looked at.
    TooLarge,
    /// Not three parts but this many.
    Parts(usize),
    /// No key fits.
    NoKey,
    /// Signed by another algorithm than the key's, or not at all.
    Algorithm(&'static str),
    /// The signature is wrong or the parts are not base64.
    Crypto,
    /// A claim is wrong; the message is the protocol's.
    Claim(&'static str),
    /// Nobody signed in and nobody may.
    Required,
    /// An `sb_…` key that is none of ours.
    UnknownKey,
}

impl From<TokenError> for ApiError {
    fn from(error: TokenError) -> ApiError {
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
            TokenError::Empty => ("PGRST301", "Empty JWT is sent in Authorization header".into(), None),
            TokenError::TooLarge => ("PGRST301", "The JWT is too large".into(), None),
            TokenError::Parts(number) => {
                ("PGRST301", format!("Expected 3 parts in JWT; got {number}").into(), None)
            }
            TokenError::NoKey => (
                "PGRST301",
                "No suitable key or wrong key type".into(),
                Some("None of the keys was able to decode the JWT"),
            ),
            TokenError::Algorithm(details) => {
                ("PGRST301", "Wrong or unsupported encoding algorithm".into(), Some(details))
            }
            TokenError::Crypto => ("PGRST301", "JWT cryptographic operation failed".into(), None),
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

/// What a request shows.
#[derive(Debug, PartialEq)]
enum Credential<'a> {
    None,
    ServiceKey,
    PublishableKey,
    Token(&'a str),
}

impl Keys {
    /// Who asks.
    ///
    /// # Errors
    /// What it shows is not valid: never treated as showing nothing.
    pub fn identify(&self, headers: &HeaderMap, now: SystemTime) -> Result<Caller, TokenError> {
        match self.credential(headers)? {
            Credential::None | Credential::PublishableKey => self.anonymous(Map::new()),
            Credential::ServiceKey => {
                Ok(Caller::service(Claims::new(Arc::clone(&self.service_role), Map::new())))
            }
            Credential::Token(token) => self.verify(token, now),
        }
    }

    /// The gateway's rules: an Authorization that is no `sb_` key stands; else the `apikey` decides; a value of it that is no
    /// key of ours takes the place of Authorization as it is, without the word Bearer.
    fn credential<'a>(&self, headers: &'a HeaderMap) -> Result<Credential<'a>, TokenError> {
        let text = |name: &str| -> Result<Option<&'a str>, TokenError> {
            match headers.get(name) {
                None => Ok(None),
                Some(value) if value.len() > self.limits.token_bytes => Err(TokenError::TooLarge),
                Some(value) => value.to_str().map(Some).map_err(|_| TokenError::Crypto),
            }
        };
        let authorization = text("authorization")?;
        let bearer_key = authorization.and_then(bearer).filter(|token| token.starts_with("sb_"));
        if let (Some(value), None) = (authorization, bearer_key) {
            return Ok(bearer(value).map_or(Credential::None, Credential::Token));
        }
        let Some(key) = text("apikey")?.or(bearer_key) else {
            return Ok(Credential::None);
        };
        if matches_key(&self.secret_key, key) {
            Ok(Credential::ServiceKey)
        } else if matches_key(&self.publishable_key, key) {
            Ok(Credential::PublishableKey)
        } else if key.starts_with("sb_") {
            Err(TokenError::UnknownKey)
        } else {
            Ok(bearer(key).map_or(Credential::None, Credential::Token))
        }
    }

    /// The caller that a token proves.
    ///
    /// # Errors
    /// The token is not valid.
    pub fn verify(&self, token: &str, now: SystemTime) -> Result<Caller, TokenError> {
        let secret = self.secret.as_deref().ok_or(TokenError::NoSecret)?;
        let claims = decode(token, secret, self.limits.token_bytes)?;
        check_times(&claims, seconds(now))?;
        check_audience(&claims, self.audience.as_deref())?;
        let role: Option<Arc<str>> = match claims.get("role") {
            None | Some(Value::Null) => None,
            Some(Value::String(role)) => Some(role.as_str().into()),
            Some(other) => Some(other.to_string().into()),
        };
        match role {
            None => self.anonymous(claims),
            Some(role) if role == self.service_role => Ok(Caller::service(Claims::new(role, claims))),
            Some(role) if Some(&role) == self.anonymous_role.as_ref() => {
                Ok(Caller::Anonymous(Claims::new(role, claims)))
            }
            Some(role) => Ok(Caller::user(Claims::new(role, claims))),
        }
    }

    /// A token with these claims, signed by our secret.
    ///
    /// # Errors
    /// There is no secret.
    pub fn sign(&self, claims: &Map<String, Value>) -> Result<String, TokenError> {
        let secret = self.secret.as_deref().ok_or(TokenError::NoSecret)?;
        let head = URL_SAFE_NO_PAD.encode(br#"{"alg":"HS256","typ":"JWT"}"#);
        let body = URL_SAFE_NO_PAD.encode(Value::Object(claims.clone()).to_string());
        let message = format!("{head}.{body}");
        let key = EncodingKey::from_secret(secret);
        let signature = jsonwebtoken::crypto::sign(message.as_bytes(), &key, Algorithm::HS256)
            .map_err(|_| TokenError::Crypto)?;
        Ok(format!("{message}.{signature}"))
    }

    fn anonymous(&self, claims: Map<String, Value>) -> Result<Caller, TokenError> {
        let role = self.anonymous_role.as_ref().ok_or(TokenError::Required)?;
        Ok(Caller::Anonymous(Claims::new(Arc::clone(role), claims)))
    }
}

/// The token of `Bearer TOKEN`; `None` for any other scheme.
fn bearer(value: &str) -> Option<&str> {
    let scheme = value.get(..6).filter(|scheme| scheme.eq_ignore_ascii_case("bearer"))?;
    match value[scheme.len()..].chars().next() {
        None => Some(""),
        Some(' ' | '\t') => Some(value[scheme.len()..].trim()),
        Some(_) => None,
    }
}

/// Compares without telling by its time where the first difference is.
fn matches_key(ours: &Option<Arc<str>>, given: &str) -> bool {
    let Some(ours) = ours else { return false };
    ours.len() == given.len()
        && ours.bytes().zip(given.bytes()).fold(0, |differ, (a, b)| differ | (a ^ b)) == 0
}

fn decode(token: &str, secret: &[u8], limit: usize) -> Result<Map<String, Value>, TokenError> {
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
    check_header(head)?;
    let message = &token.as_bytes()[..head.len() + 1 + body.len()];
    let key = DecodingKey::from_secret(secret);
    let good = jsonwebtoken::crypto::verify(signature, message, &key, Algorithm::HS256);
    if !good.unwrap_or(false) {
        return Err(TokenError::NoKey);
    }
    let claims = URL_SAFE_NO_PAD.decode(body).map_err(|_| TokenError::Crypto)?;
    match serde_json::from_slice(&claims) {
        Ok(Value::Object(claims)) => Ok(claims),
        Ok(_) | Err(_) => Err(TokenError::Claim("Parsing claims failed")),
    }
}

fn check_header(head: &str) -> Result<(), TokenError> {
    let bytes = URL_SAFE_NO_PAD.decode(head).map_err(|_| TokenError::Crypto)?;
    let header: Value = serde_json::from_slice(&bytes).map_err(|_| TokenError::Crypto)?;
    match header.get("alg").and_then(Value::as_str) {
        Some("HS256") => Ok(()),
        Some("none") => Err(TokenError::Algorithm("JWT is unsecured but expected 'alg' was not 'none'")),
        Some(_) => Err(TokenError::NoKey),
        None => Err(TokenError::Crypto),
    }
}

fn seconds(now: SystemTime) -> i64 {
    now.duration_since(UNIX_EPOCH).map_or(0, |since| i64::try_from(since.as_secs()).unwrap_or(i64::MAX))
}

fn check_times(claims: &Map<String, Value>, now: i64) -> Result<(), TokenError> {
    let time = |name: &str, not_number: &'static str| match claims.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::Number(number)) => Ok(Some(whole_seconds(number))),
        Some(_) => Err(TokenError::Claim(not_number)),
    };
    if time("exp", "The JWT 'exp' claim must be a number")?.is_some_and(|exp| now - CLOCK_SKEW > exp) {
        return Err(TokenError::Claim("JWT expired"));
    }
    if time("nbf", "The JWT 'nbf' claim must be a number")?.is_some_and(|nbf| now + CLOCK_SKEW < nbf) {
        return Err(TokenError::Claim("JWT not yet valid"));
    }
    if time("iat", "The JWT 'iat' claim must be a number")?.is_some_and(|iat| now + CLOCK_SKEW < iat) {
        return Err(TokenError::Claim("JWT issued at future"));
    }
    Ok(())
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

#[cfg(test)]
mod tests;
