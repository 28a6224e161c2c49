//! What tokens and keys are checked against, as plain values.

use crate::{ClaimPath, SignatureAlgorithm, SigningKey};
use serde_json::{Value, json};
use std::fmt;
use std::sync::Arc;
use std::time::SystemTime;

/// The project's keys.
#[derive(Clone)]
pub struct KeySet {
    /// The secret that tokens may be signed with (HS256); without one no such token is accepted.
    pub secret: Option<Arc<[u8]>>,
    /// The signing keys. A token names its key; no other is tried.
    pub signing: Vec<HeldKey>,
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
    /// Where in a token's claims its role stands.
    pub role_claim: ClaimPath,
}

impl fmt::Debug for KeySet {
    // Secrets are not printed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("KeySet")
            .field("signing", &self.signing)
            .field("anonymous_role", &self.anonymous_role)
            .field("service_role", &self.service_role)
            .finish_non_exhaustive()
    }
}

/// A signing key of the project and the times of its life. Times, not states: every node comes to the same answer by its
/// clock, without being told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldKey {
    /// The key.
    pub key: SigningKey,
    /// When it begins to sign. Before, it is published, so that whoever keeps a copy of the public keys has it in time.
    pub signs_from: SystemTime,
    /// When tokens of it are no longer accepted; `None` while no other has taken its place.
    pub verifies_until: Option<SystemTime>,
    /// Whether it was revoked: nothing it signed is accepted.
    pub revoked: bool,
}

/// What a key is used for at a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Published, and accepted; it does not sign yet.
    Standby,
    /// Signs.
    Current,
    /// Another one signs; what this one signed is accepted.
    Previous,
    /// Its time is over: neither signs nor is accepted.
    Retired,
    /// Revoked: neither signs nor is accepted.
    Revoked,
}

impl Standing {
    /// The standing of this name.
    pub fn of(name: &str) -> Option<Standing> {
        [Standing::Standby, Standing::Current, Standing::Previous, Standing::Retired, Standing::Revoked]
            .into_iter()
            .find(|standing| standing.to_string() == name)
    }

    /// Whether tokens of the key are accepted.
    pub fn is_accepted(self) -> bool {
        matches!(self, Standing::Standby | Standing::Current | Standing::Previous)
    }
}

impl fmt::Display for Standing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Standing::Standby => "standby",
            Standing::Current => "current",
            Standing::Previous => "previous",
            Standing::Retired => "retired",
            Standing::Revoked => "revoked",
        })
    }
}

impl HeldKey {
    /// A key that signs since ever.
    pub fn current(key: SigningKey) -> HeldKey {
        HeldKey { key, signs_from: SystemTime::UNIX_EPOCH, verifies_until: None, revoked: false }
    }

    /// Whether its tokens are accepted at this time.
    pub fn is_accepted(&self, now: SystemTime) -> bool {
        !self.revoked && self.verifies_until.is_none_or(|until| now < until)
    }
}

impl KeySet {
    /// The key that signs at this time: of those whose time has begun and is not over, the one that began last.
    pub fn current(&self, now: SystemTime) -> Option<&SigningKey> {
        current_key(&self.signing, now).map(|held| &held.key)
    }

    /// What each signing key is used for at this time, in the order of the set.
    pub fn standings(&self, now: SystemTime) -> Vec<(&HeldKey, Standing)> {
        standings(&self.signing, now)
    }

    /// The public halves of the keys whose tokens are accepted at this time (RFC 7517, 5), as GoTrue publishes them. A secret
    /// has no public half.
    pub fn jwks(&self, now: SystemTime) -> Value {
        let has_public_half = |held: &&HeldKey| held.key.algorithm() != SignatureAlgorithm::Hs256;
        let accepted = self.signing.iter().filter(|held| held.is_accepted(now)).filter(has_public_half);
        json!({"keys": accepted.map(|held| held.key.public_jwk()).collect::<Vec<Value>>()})
    }

    /// The names of the algorithms in which tokens are accepted at this time.
    pub fn algorithms(&self, now: SystemTime) -> Vec<&'static str> {
        let mut names: Vec<&'static str> = self.secret.iter().map(|_| "HS256").collect();
        for held in self.signing.iter().filter(|held| held.is_accepted(now)) {
            let name = SignatureAlgorithm::name(held.key.algorithm());
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names
    }

    /// The signing key of this name.
    pub(crate) fn held(&self, kid: &str) -> Option<&HeldKey> {
        self.signing.iter().find(|held| held.key.kid() == kid)
    }
}

fn current_key(keys: &[HeldKey], now: SystemTime) -> Option<&HeldKey> {
    keys.iter()
        .filter(|held| held.signs_from <= now && held.is_accepted(now))
        // Of equal ones the first: an order that no node sees differently.
        .rev()
        .max_by_key(|held| held.signs_from)
}

/// What each of these keys is used for at this time.
pub fn standings(keys: &[HeldKey], now: SystemTime) -> Vec<(&HeldKey, Standing)> {
    let current = current_key(keys, now).map(|held| held.key.kid());
    let standing = |held: &HeldKey| {
        if held.revoked {
            Standing::Revoked
        } else if !held.is_accepted(now) {
            Standing::Retired
        } else if Some(held.key.kid()) == current {
            Standing::Current
        } else if now < held.signs_from {
            Standing::Standby
        } else {
            Standing::Previous
        }
    };
    keys.iter().map(|held| (held, standing(held))).collect()
}
