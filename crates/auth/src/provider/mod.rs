//! Sign-in with providers: OpenID Connect by discovery, and the known providers by a table of their particulars.
//!
//! What comes out is an [`ExternalIdentity`]: who somebody is at a provider, and which addresses the provider says are theirs. What
//! becomes of it here (a new user, a link to one) is decided elsewhere and never by the client's request.
//!
//! [`table`] says what the known providers are, [`profile`] how their answers read, [`discovery`] finds endpoints and keys,
//! [`id_token`] checks tokens, [`flow`] is the authorization code flow, [`oauth1`] what is left of OAuth 1.0a.

pub mod discovery;
pub mod flow;
pub mod id_token;
mod oauth1;
mod profile;
pub mod settings;
pub mod table;

#[cfg(test)]
mod tests;

pub use flow::{AuthorizationRequest, CallbackParameters};
pub use id_token::Nonce;
pub use settings::{ClientSecret, ProviderSettings};

use discovery::Discovery;
use fetch::{Fetch, FetchError};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Instant;
use table::Known;

/// An address that a provider says is somebody's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExternalEmail {
    /// The address, as the provider wrote it.
    pub address: String,
    /// Whether the provider has seen to it that the address is theirs.
    pub verified: bool,
    /// Whether it is their main address there.
    pub primary: bool,
}

/// Who somebody is at a provider.
#[derive(Clone, PartialEq)]
pub struct ExternalIdentity {
    /// The provider's name here.
    pub provider: String,
    /// Who they are there: never empty, the same for ever, nobody else's.
    pub subject: String,
    /// Their addresses.
    pub emails: Vec<ExternalEmail>,
    /// What is kept as `identity_data`: `sub`, `email`, `email_verified`, names, picture.
    pub identity_data: Map<String, Value>,
    /// The provider's own tokens, for calls to its API; empty when it gave none.
    pub provider_access_token: String,
    /// Empty when it gave none.
    pub provider_refresh_token: String,
}

impl ExternalIdentity {
    /// The address that counts: the main one, else the last.
    pub fn primary_email(&self) -> Option<&ExternalEmail> {
        self.emails.iter().find(|email| email.primary).or(self.emails.last())
    }
}

impl fmt::Debug for ExternalIdentity {
    // The tokens are secrets.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExternalIdentity")
            .field("provider", &self.provider)
            .field("subject", &self.subject)
            .field("emails", &self.emails)
            .finish_non_exhaustive()
    }
}

/// What may go wrong with a provider.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProviderError {
    /// No provider of this name is configured and enabled.
    Unknown(String),
    /// The provider cannot be used so, or its configuration lacks something.
    Unsupported(String),
    /// The provider cannot be asked.
    Fetch(FetchError),
    /// The provider refused; its own words, for the log.
    Refused(String),
    /// What the provider answered is not what its protocol says.
    Malformed(String),
    /// A token that does not prove what it should.
    BadToken(String),
    /// The nonce of the token is not the one that was sent.
    NonceMismatch,
    /// One of the request and the token has a nonce, the other has not.
    NonceMissing,
    /// The token is for somebody else.
    Audience(Vec<String>),
    /// The answer came from another provider than the one that was asked (RFC 9207).
    MixUp,
}

impl fmt::Display for ProviderError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ProviderError::Unknown(name) => write!(f, "Provider {name} could not be found"),
            ProviderError::Unsupported(why)
            | ProviderError::Refused(why)
            | ProviderError::Malformed(why)
            | ProviderError::BadToken(why) => f.write_str(why),
            ProviderError::Fetch(error) => error.fmt(f),
            ProviderError::NonceMismatch => f.write_str("Nonces mismatch"),
            ProviderError::NonceMissing => {
                f.write_str("Passed nonce and nonce in id_token should either both exist or not.")
            }
            ProviderError::Audience(named) => {
                write!(f, "Unacceptable audience in id_token: [{}]", named.join(" "))
            }
            ProviderError::MixUp => f.write_str("the answer came from another provider than was asked"),
        }
    }
}

impl std::error::Error for ProviderError {}

impl From<FetchError> for ProviderError {
    fn from(error: FetchError) -> ProviderError {
        ProviderError::Fetch(error)
    }
}

/// The result of what is done with a provider.
pub type Result<T, E = ProviderError> = std::result::Result<T, E>;

/// The providers that the operator configured.
pub struct Providers {
    settings: BTreeMap<String, ProviderSettings>,
    fetch: Arc<dyn Fetch>,
    discovery: Discovery,
}

impl Providers {
    /// With these settings, by the provider's name.
    pub fn new(settings: BTreeMap<String, ProviderSettings>, fetch: Arc<dyn Fetch>) -> Providers {
        let discovery = Discovery::new(Arc::clone(&fetch), Arc::new(Instant::now));
        Providers { settings, fetch, discovery }
    }

    /// The provider of this name, if it is enabled. Names are compared in lower case, as GoTrue does.
    ///
    /// # Errors
    /// [`ProviderError::Unknown`], also for one that is configured but not enabled; [`ProviderError::Unsupported`] when its
    /// configuration lacks something.
    pub fn get(&self, name: &str) -> Result<Provider<'_>> {
        let lower = name.to_lowercase();
        let (name, settings) = self
            .settings
            .get_key_value(&lower)
            .filter(|(_, settings)| settings.enabled)
            .ok_or_else(|| ProviderError::Unknown(name.chars().take(64).collect()))?;
        settings.check(name).map_err(ProviderError::Unsupported)?;
        Ok(Provider { name, settings, known: table::known(name), providers: self })
    }

    /// Whether the provider is configured and enabled: the flags of `/settings`.
    pub fn is_enabled(&self, name: &str) -> bool {
        self.settings.get(name).is_some_and(|settings| settings.enabled)
    }

    /// Whether the provider is configured or one of the table, enabled or not.
    pub fn is_known(&self, name: &str) -> bool {
        let name = name.to_lowercase();
        self.settings.contains_key(&name) || table::known(&name).is_some()
    }

    /// The names of all that are enabled.
    pub fn enabled(&self) -> impl Iterator<Item = &str> {
        self.settings.iter().filter(|(_, settings)| settings.enabled).map(|(name, _)| name.as_str())
    }
}

impl fmt::Debug for Providers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Providers").field("settings", &self.settings).finish_non_exhaustive()
    }
}

/// One provider, ready to be used.
#[derive(Clone, Copy)]
pub struct Provider<'a> {
    name: &'a str,
    settings: &'a ProviderSettings,
    /// Its row of the table; without one it is OpenID Connect and nothing else.
    known: Option<&'static Known>,
    providers: &'a Providers,
}

impl<'a> Provider<'a> {
    /// Its name here.
    pub fn name(&self) -> &'a str {
        self.name
    }

    /// Its settings.
    pub fn settings(&self) -> &'a ProviderSettings {
        self.settings
    }

    /// The identifier of the client, for the authorization code flow.
    fn client_id(&self) -> &'a str {
        self.settings.client_ids.first().map_or("", String::as_str)
    }

    /// The base of the provider's addresses, where the operator gave one.
    fn base(&self) -> Option<&'a str> {
        self.settings.url.as_deref()
    }
}
