//! What the operator says of a provider: `[auth.external.NAME]` of the configuration.

use super::table;
use std::fmt;

/// A secret that is not printed.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct ClientSecret(String);

impl ClientSecret {
    /// Wraps it.
    pub fn new(secret: impl Into<String>) -> ClientSecret {
        ClientSecret(secret.into())
    }

    pub(super) fn expose(&self) -> &str {
        &self.0
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.0.is_empty() { "ClientSecret(none)" } else { "ClientSecret(…)" })
    }
}

/// The settings of one provider, as the Supabase CLI has them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProviderSettings {
    /// Whether people may sign in with it.
    pub enabled: bool,
    /// The client's identifiers: the first is used for the authorization code flow, all are accepted as audience of ID tokens.
    pub client_ids: Vec<String>,
    /// The client's secret. For Apple the token that stands for it, made beforehand.
    pub secret: ClientSecret,
    /// The provider's base address where it is not the well-known one (GitHub Enterprise, GitLab, an Azure tenant, a Keycloak
    /// realm). For a provider that is not in the table: its issuer.
    pub url: Option<String>,
    /// Where the provider sends people back to, when it is not our `/callback`.
    pub redirect_uri: Option<String>,
    /// Whether ID tokens are accepted without comparing their nonce.
    pub skip_nonce_check: bool,
    /// Whether people without an address of e-mail may sign in.
    pub email_optional: bool,
    /// The scopes to ask for, instead of the provider's usual ones.
    pub scopes: Vec<String>,
}

impl ProviderSettings {
    /// The identifiers of a comma-separated list.
    pub fn client_ids(text: &str) -> Vec<String> {
        text.split(',').map(str::trim).filter(|id| !id.is_empty()).map(str::to_owned).collect()
    }

    /// Whether all is there that the provider of this name needs.
    ///
    /// # Errors
    /// What it lacks.
    pub fn check(&self, name: &str) -> Result<(), String> {
        if self.client_ids.is_empty() {
            return Err("missing OAuth client ID".to_owned());
        }
        match table::known(name) {
            Some(known) if known.needs_url && self.url.is_none() => {
                Err(format!("unable to find URL for the {name} provider"))
            }
            None if self.url.is_none() => Err(format!("the provider {name} has no issuer")),
            Some(_) | None => Ok(()),
        }
    }
}
