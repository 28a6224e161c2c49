//! Who asks, told from keys and tokens: the gateway's rules first (a key stands for a token), then the token's.
//!
//! What doors hold is a handle: the keys behind it are replaced while they serve.

use crate::key_set::KeySet;
use crate::token::{self, Proven, TokenError};
use crate::token_cache::TokenCache;
use crate::{Caller, Claims, Limits};
use http::HeaderMap;
use serde_json::{Map, Value, json};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant, SystemTime};
use subtle::ConstantTimeEq as _;

/// The project's keys, as doors use them: a handle that is cheap to clone. All clones see the same keys, also after
/// [`Keys::replace`].
#[derive(Clone)]
pub struct Keys(Arc<Shared>);

struct Shared {
    limits: Limits,
    installed: RwLock<Arc<Installed>>,
    /// Until when the keys may be used without asking the database again: milliseconds after `begun`.
    fresh_until: AtomicU64,
    begun: Instant,
}

/// A set, and the tokens that were proven by it: one goes with the other.
struct Installed {
    set: Arc<KeySet>,
    proven: TokenCache,
}

impl Installed {
    fn new(set: KeySet) -> Arc<Installed> {
        Arc::new(Installed { set: Arc::new(set), proven: TokenCache::default() })
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Keys").field(&self.set()).finish()
    }
}

/// What a request shows, by the gateway's rules.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Presented<'a> {
    /// Nothing that proves anything.
    Nothing,
    /// The publishable key.
    PublishableKey,
    /// The secret key: the operator's own server.
    SecretKey,
    /// A token, not yet looked at.
    Token(&'a str),
}

impl fmt::Debug for Presented<'_> {
    // A token is a secret until it has expired.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Presented::Nothing => "Nothing",
            Presented::PublishableKey => "PublishableKey",
            Presented::SecretKey => "SecretKey",
            Presented::Token(_) => "Token",
        })
    }
}

impl Keys {
    /// A handle to these keys.
    pub fn new(set: KeySet, limits: Limits) -> Keys {
        Keys(Arc::new(Shared {
            limits,
            installed: RwLock::new(Installed::new(set)),
            fresh_until: AtomicU64::new(u64::MAX),
            begun: Instant::now(),
        }))
    }

    /// What is too large to be looked at.
    pub fn limits(&self) -> Limits {
        self.0.limits
    }

    /// The keys at present.
    pub fn set(&self) -> Arc<KeySet> {
        Arc::clone(&self.installed().set)
    }

    /// Puts other keys into their place. What was proven by the old ones is proven anew.
    pub fn replace(&self, set: KeySet) {
        let installed = Installed::new(set);
        *self.0.installed.write().unwrap_or_else(PoisonError::into_inner) = installed;
    }

    /// The keys were found to be the database's, and may be used for so long without asking again; then every token is
    /// refused with [`TokenError::Stale`] until this is called again. Never called, they may be used for ever.
    pub fn confirm_for(&self, span: Duration) {
        let until = self.0.begun.elapsed().saturating_add(span).as_millis();
        self.0.fresh_until.store(u64::try_from(until).unwrap_or(u64::MAX - 1), Ordering::Release);
    }

    fn check_freshness(&self) -> Result<(), TokenError> {
        match self.0.fresh_until.load(Ordering::Acquire) {
            u64::MAX => Ok(()),
            until if self.0.begun.elapsed().as_millis() < u128::from(until) => Ok(()),
            _ => Err(TokenError::Stale),
        }
    }

    fn installed(&self) -> Arc<Installed> {
        Arc::clone(&self.0.installed.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Who asks.
    ///
    /// # Errors
    /// What it shows is not valid: never treated as showing nothing.
    pub fn identify(&self, headers: &HeaderMap, now: SystemTime) -> Result<Caller, TokenError> {
        let installed = self.installed();
        let set = &installed.set;
        match presented(set, headers, self.0.limits.token_bytes)? {
            Presented::Nothing | Presented::PublishableKey => anonymous(set, Map::new()),
            Presented::SecretKey => {
                Ok(Caller::service(Claims::new(Arc::clone(&set.service_role), Map::new())))
            }
            Presented::Token(token) => self.verify_by(&installed, token, now),
        }
    }

    /// What a request shows, for a door with rules of its own about tokens. The gateway's rules: an Authorization that is no `sb_` key stands; else the `apikey`
    /// decides; a value of it that is no key of ours takes the place of Authorization as it is, without the word Bearer.
    ///
    /// # Errors
    /// A header is too large or no text, or an `sb_` key is none of ours.
    pub fn presented<'a>(&self, headers: &'a HeaderMap) -> Result<Presented<'a>, TokenError> {
        presented(&self.installed().set, headers, self.0.limits.token_bytes)
    }

    /// Whether the request shows a token that names a key of which this set does not know: the set may be old.
    pub fn names_unknown_key(&self, headers: &HeaderMap) -> bool {
        let set = self.set();
        match presented(&set, headers, self.0.limits.token_bytes) {
            Ok(Presented::Token(token)) => token::kid(token).is_some_and(|kid| set.held(&kid).is_none()),
            Ok(Presented::Nothing | Presented::PublishableKey | Presented::SecretKey) | Err(_) => false,
        }
    }

    /// The caller that a token proves.
    ///
    /// # Errors
    /// The token is not valid.
    pub fn verify(&self, token: &str, now: SystemTime) -> Result<Caller, TokenError> {
        self.verify_by(&self.installed(), token, now)
    }

    fn verify_by(&self, installed: &Installed, token: &str, now: SystemTime) -> Result<Caller, TokenError> {
        self.check_freshness()?;
        let limit = self.0.limits.token_bytes;
        if token.len() > limit {
            return Err(TokenError::TooLarge);
        }
        installed.proven.get_or_prove(token, token::seconds(now), || {
            let Proven { claims, seconds } = token::prove(token, &installed.set, limit, now)?;
            Ok((caller(&installed.set, claims)?, seconds))
        })
    }

    /// The claims that a token proves, whatever its role: nothing is filled in.
    ///
    /// # Errors
    /// The token is not valid.
    pub fn claims(&self, token: &str, now: SystemTime) -> Result<Map<String, Value>, TokenError> {
        self.check_freshness()?;
        let set = self.set();
        token::prove(token, &set, self.0.limits.token_bytes, now).map(|proven| proven.claims)
    }

    /// A token with these claims, signed by the key that signs at this time, else by the secret (HS256).
    ///
    /// # Errors
    /// There is neither, or whether the key is still ours is not known ([`TokenError::Stale`]).
    pub fn sign(&self, claims: &Map<String, Value>, now: SystemTime) -> Result<String, TokenError> {
        self.check_freshness()?;
        let set = self.set();
        match (set.current(now), set.secret.as_deref()) {
            (Some(key), _) => {
                let header = json!({"alg": key.algorithm().name(), "kid": key.kid(), "typ": "JWT"});
                token::write(&header, claims, |message| key.sign(message).map_err(|_| TokenError::Crypto))
            }
            (None, Some(secret)) => sign_with_secret(secret, claims),
            (None, None) => Err(TokenError::NoSecret),
        }
    }

    /// The public keys document ([`KeySet::jwks`]).
    pub fn jwks(&self, now: SystemTime) -> Value {
        self.set().jwks(now)
    }
}

/// A token signed by a secret (HS256): the keys `anon` and `service_role` in their old form.
///
/// # Errors
/// None at present: HMAC takes a key of any length.
pub fn sign_with_secret(secret: &[u8], claims: &Map<String, Value>) -> Result<String, TokenError> {
    let header = json!({"alg": "HS256", "typ": "JWT"});
    token::write(&header, claims, |message| Ok(token::hmac_sha256(secret, message)))
}

fn presented<'a>(set: &KeySet, headers: &'a HeaderMap, limit: usize) -> Result<Presented<'a>, TokenError> {
    let text = |name: &str| -> Result<Option<&'a str>, TokenError> {
        match headers.get(name) {
            None => Ok(None),
            Some(value) if value.len() > limit => Err(TokenError::TooLarge),
            Some(value) => value.to_str().map(Some).map_err(|_| TokenError::Crypto),
        }
    };
    let authorization = text("authorization")?;
    let bearer_key = authorization.and_then(bearer).filter(|token| token.starts_with("sb_"));
    if let (Some(value), None) = (authorization, bearer_key) {
        return Ok(bearer(value).map_or(Presented::Nothing, Presented::Token));
    }
    let Some(key) = text("apikey")?.or(bearer_key) else {
        return Ok(Presented::Nothing);
    };
    if matches_key(&set.secret_key, key) {
        Ok(Presented::SecretKey)
    } else if matches_key(&set.publishable_key, key) {
        Ok(Presented::PublishableKey)
    } else if key.starts_with("sb_") {
        Err(TokenError::UnknownKey)
    } else {
        Ok(bearer(key).map_or(Presented::Nothing, Presented::Token))
    }
}

/// The caller of proven claims.
fn caller(set: &KeySet, claims: Map<String, Value>) -> Result<Caller, TokenError> {
    let role: Option<Arc<str>> = match set.role_claim.find(&claims) {
        None | Some(Value::Null) => None,
        Some(Value::String(role)) => Some(role.as_str().into()),
        Some(other) => Some(other.to_string().into()),
    };
    match role {
        None => anonymous(set, claims),
        Some(role) if role == set.service_role => Ok(Caller::service(Claims::new(role, claims))),
        Some(role) if Some(&role) == set.anonymous_role.as_ref() => {
            Ok(Caller::Anonymous(Claims::new(role, claims)))
        }
        Some(role) => Ok(Caller::user(Claims::new(role, claims))),
    }
}

fn anonymous(set: &KeySet, claims: Map<String, Value>) -> Result<Caller, TokenError> {
    let role = set.anonymous_role.as_ref().ok_or(TokenError::Required)?;
    Ok(Caller::Anonymous(Claims::new(Arc::clone(role), claims)))
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
    ours.as_bytes().ct_eq(given.as_bytes()).into()
}

#[cfg(test)]
mod tests;
