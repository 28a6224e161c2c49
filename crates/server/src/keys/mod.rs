//! The keys of a project: those that sign tokens, and those that clients send.
//!
//! Rule 13: they are kept in the database, sealed with a key that is not in it. A stolen copy of the database signs nothing.

mod keyring;
mod seal;
mod signing;
mod store;
mod token;

#[cfg(test)]
mod tests;

pub use keyring::{KeyRequest, Keyring, ListedKey, answer};
pub use seal::{SealError, SealingKey};
pub use signing::file::FileProblem;
pub use signing::plan::Refusal;
pub use signing::{SigningKeys, Turn};
pub use store::{KeyError, load_or_make};
pub use token::TokenRequest;

use crate::configuration::{Secret, Settings};
use crate::identifier::unix_milliseconds;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;
use token::sign;
use web::identifier::random;

/// The Supabase CLI's local secret. Public: every installation of that CLI has it.
pub const WELL_KNOWN_JWT_SECRET: &str = "super-secret-jwt-token-with-at-least-32-characters-long";
const WELL_KNOWN_PUBLISHABLE_KEY: &str = "sb_publishable_ACJWlzQHlZjBrEguHvfOxg_3BJgxAaH";
const WELL_KNOWN_SECRET_KEY: &str = "sb_secret_N7UND0UgjKTVK-Uodkm0Hg_xSvEMPvz";
const WELL_KNOWN_EXPIRY: u64 = 1_983_812_996;
const TEN_YEARS: u64 = 10 * 365 * 86_400;

/// The keys in effect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectKeys {
    /// Signs and checks tokens (HS256).
    pub jwt_secret: Secret,
    /// For programs in users' hands: role `anon`.
    pub publishable_key: String,
    /// For servers: role `service_role`, past every policy.
    pub secret_key: Secret,
    /// The publishable key's old form.
    pub anon_key: String,
    /// The secret key's old form.
    pub service_role_key: Secret,
    /// Whether they are the Supabase CLI's, which anyone knows.
    pub well_known: bool,
}

/// What is kept of the keys.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Kept {
    jwt_secret: String,
    publishable_key: String,
    secret_key: String,
    made_at: u64,
}

impl Kept {
    /// New keys from the operating system's randomness.
    ///
    /// # Errors
    /// When there is none.
    pub(crate) fn make() -> Result<Kept, getrandom::Error> {
        let text = || random::<32>().map(|bytes| URL_SAFE_NO_PAD.encode(bytes));
        Ok(Kept {
            jwt_secret: text()?,
            publishable_key: format!("sb_publishable_{}", text()?),
            secret_key: format!("sb_secret_{}", text()?),
            made_at: unix_milliseconds() / 1000,
        })
    }
}

impl ProjectKeys {
    /// A secret for one purpose, equal on all nodes of the project: who learns it learns nothing of the key that it is made of.
    pub(crate) fn derived(&self, purpose: &str) -> [u8; 32] {
        let secret = Sha256::new().chain_update("bedplate: ").chain_update(purpose);
        secret.chain_update(self.secret_key.expose()).finalize().into()
    }

    /// The Supabase CLI's local keys, for `--dev` on loopback only.
    pub fn well_known(settings: &Settings) -> ProjectKeys {
        let kept = Kept {
            jwt_secret: WELL_KNOWN_JWT_SECRET.into(),
            publishable_key: WELL_KNOWN_PUBLISHABLE_KEY.into(),
            secret_key: WELL_KNOWN_SECRET_KEY.into(),
            made_at: 0,
        };
        ProjectKeys::new(
            kept,
            settings,
            |role| json!({"iss": "supabase-demo", "role": role, "exp": WELL_KNOWN_EXPIRY}),
        )
    }

    /// ProjectKeys of this process alone, for `--ephemeral`.
    ///
    /// # Errors
    /// When the operating system has no randomness to give.
    pub fn ephemeral(settings: &Settings) -> Result<ProjectKeys, getrandom::Error> {
        Ok(ProjectKeys::from_kept(Kept::make()?, settings))
    }

    fn from_kept(kept: Kept, settings: &Settings) -> ProjectKeys {
        let (made_at, expires_at) = (kept.made_at, kept.made_at + TEN_YEARS);
        ProjectKeys::new(
            kept,
            settings,
            |role| json!({"iss": "bedplate", "role": role, "iat": made_at, "exp": expires_at}),
        )
    }

    /// What the configuration says comes first; the old forms are signed with the secret in effect.
    fn new(kept: Kept, settings: &Settings, claims: impl Fn(&str) -> Value) -> ProjectKeys {
        let given = |setting: &Option<Secret>| setting.as_ref().map(|secret| secret.expose().to_owned());
        let claims = |role: &str| claims(role).as_object().cloned().unwrap_or_default();
        let jwt_secret = given(&settings.jwt_secret).unwrap_or(kept.jwt_secret);
        let secret_key = given(&settings.secret_key).unwrap_or(kept.secret_key);
        let service =
            given(&settings.service_role_key).unwrap_or_else(|| sign(&jwt_secret, &claims("service_role")));
        ProjectKeys {
            publishable_key: given(&settings.publishable_key).unwrap_or(kept.publishable_key),
            anon_key: given(&settings.anon_key).unwrap_or_else(|| sign(&jwt_secret, &claims("anon"))),
            service_role_key: Secret::new(service),
            well_known: jwt_secret == WELL_KNOWN_JWT_SECRET || secret_key == WELL_KNOWN_SECRET_KEY,
            jwt_secret: Secret::new(jwt_secret),
            secret_key: Secret::new(secret_key),
        }
    }

    /// The keys as HTTP's doors check them, with these signing keys.
    pub fn key_set(&self, settings: &Settings, signing: Vec<web::HeldKey>) -> web::KeySet {
        let accepted = settings.jwt_secret_accepted;
        web::KeySet {
            secret: accepted.then(|| Arc::from(self.jwt_secret.expose().as_bytes())),
            signing,
            publishable_key: Some(Arc::from(self.publishable_key.as_str())),
            secret_key: Some(Arc::from(self.secret_key.expose())),
            anonymous_role: Some(Arc::from("anon")),
            service_role: Arc::from("service_role"),
            audience: settings.api_jwt_aud.as_deref().map(Arc::from),
            role_claim: settings.api_jwt_role_claim_key.0.clone(),
        }
    }
}
