//! `[auth.external.NAME]`: sign-in with providers. The names are the operator's, so these settings are no rows of the table; their
//! fields are.

use super::ConfigurationError;
use super::settings::Given;
use super::value::SettingValue as _;
use auth::provider::{ClientSecret, ProviderSettings};
use std::collections::BTreeMap;

/// What stands before a provider's name.
const PREFIX: &str = "auth.external.";

/// What stands before a provider's name in an environment variable.
const ENVIRONMENT: &str = "BEDPLATE_AUTH_EXTERNAL_";

/// A field of a provider.
pub(super) struct Field {
    pub(super) name: &'static str,
    pub(super) kind: &'static str,
    pub(super) documentation: &'static str,
    pub(super) secret: bool,
    put: fn(&mut ProviderSettings, &Given<'_>) -> Result<(), String>,
}

/// The fields, as the Supabase CLI has them, and the last two of ours.
pub(super) const FIELDS: &[Field] = &[
    Field {
        name: "enabled",
        kind: "boolean",
        documentation: "Whether people may sign in with the provider.",
        secret: false,
        put: |provider, given| {
            provider.enabled = boolean(given)?;
            Ok(())
        },
    },
    Field {
        name: "client_id",
        kind: "text",
        documentation: "The client's identifier at the provider. Of several, separated by commas, the first is used to sign in and all are \
                        accepted in ID tokens that an app brings.",
        secret: false,
        put: |provider, given| {
            provider.client_ids = ProviderSettings::client_ids(&text(given)?);
            Ok(())
        },
    },
    Field {
        name: "secret",
        kind: "secret",
        documentation: "The client's secret.",
        secret: true,
        put: |provider, given| {
            provider.secret = ClientSecret::new(text(given)?);
            Ok(())
        },
    },
    Field {
        name: "url",
        kind: "text",
        documentation: "The provider's base address where it is not the well-known one. For a provider that is not in the list: its issuer.",
        secret: false,
        put: |provider, given| {
            replace(&mut provider.url, optional(given)?);
            Ok(())
        },
    },
    Field {
        name: "redirect_uri",
        kind: "text",
        documentation: "Where the provider sends people back to. Not set: `/auth/v1/callback` of the API's external address.",
        secret: false,
        put: |provider, given| {
            replace(&mut provider.redirect_uri, optional(given)?);
            Ok(())
        },
    },
    Field {
        name: "skip_nonce_check",
        kind: "boolean",
        documentation: "Whether ID tokens that an app brings are accepted without comparing their nonce.",
        secret: false,
        put: |provider, given| {
            provider.skip_nonce_check = boolean(given)?;
            Ok(())
        },
    },
    Field {
        name: "email_optional",
        kind: "boolean",
        documentation: "Whether people without an e-mail address may sign in.",
        secret: false,
        put: |provider, given| {
            provider.email_optional = boolean(given)?;
            Ok(())
        },
    },
    Field {
        name: "issuer",
        kind: "text",
        documentation: "Another name for `url`, for any OpenID provider: its document is at `/.well-known/openid-configuration` below it.",
        secret: false,
        put: |provider, given| {
            replace(&mut provider.url, optional(given)?);
            Ok(())
        },
    },
    Field {
        name: "scopes",
        kind: "list of text",
        documentation: "The scopes to ask for, instead of the provider's usual ones.",
        secret: false,
        put: |provider, given| {
            provider.scopes = match given {
                Given::Text(text) => Vec::from_text(text),
                Given::Toml(value) => Vec::from_toml(value),
            }?;
            Ok(())
        },
    },
];

fn text(given: &Given<'_>) -> Result<String, String> {
    match given {
        Given::Text(text) => Ok((*text).to_owned()),
        Given::Toml(value) => String::from_toml(value),
    }
}

fn optional(given: &Given<'_>) -> Result<Option<String>, String> {
    let text = text(given)?;
    Ok((!text.is_empty()).then_some(text))
}

/// Empty text, which the CLI's own file has, says nothing.
fn replace(old: &mut Option<String>, new: Option<String>) {
    if new.is_some() {
        *old = new;
    }
}

fn boolean(given: &Given<'_>) -> Result<bool, String> {
    match given {
        Given::Text(text) => bool::from_text(text),
        Given::Toml(value) => bool::from_toml(value),
    }
}

/// The providers, by name.
pub type External = BTreeMap<String, ProviderSettings>;

/// Name and field of a key; `None` for a key of something else or of no field.
pub(super) fn of_key(key: &str) -> Option<(&str, &'static Field)> {
    let (name, field) = key.strip_prefix(PREFIX)?.rsplit_once('.')?;
    let field = FIELDS.iter().find(|known| known.name == field)?;
    (!name.is_empty()).then_some((name, field))
}

/// Name and field of an environment variable.
pub(super) fn of_variable(variable: &str) -> Option<(String, &'static Field)> {
    let rest = variable.strip_prefix(ENVIRONMENT)?;
    FIELDS.iter().find_map(|field| {
        let name = rest.strip_suffix(&field.name.to_ascii_uppercase())?.strip_suffix('_')?;
        (!name.is_empty()).then(|| (name.to_ascii_lowercase(), field))
    })
}

/// Sets a field.
pub(super) fn put(
    external: &mut External,
    (name, field): (&str, &Field),
    given: &Given<'_>,
    origin: &str,
) -> Result<(), ConfigurationError> {
    // As GoTrue compares them.
    let provider = external.entry(name.to_lowercase()).or_default();
    (field.put)(provider, given)
        .map_err(|problem| ConfigurationError::Invalid { given: origin.to_owned(), problem })
}
