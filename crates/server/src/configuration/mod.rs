//! The configuration: flags before the environment before `config.toml` before defaults.
//!
//! Settings are declared once, in [`settings`]; everything here reads that table.

mod external;
mod foreign;
mod reference;
mod settings;
mod value;

#[cfg(test)]
mod tests;

pub use external::External;
pub use reference::{help, reference};
pub use settings::{Description, Settings, Source, descriptions, environment_name};
pub use value::{
    EngineChoice, ErrorVerbosity, LogFormat, OpenApiMode, PasswordRequirements, Secret, SettingValue, Size,
    SmtpTls, Span, TransactionEnd,
};

use settings::Given;
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

/// What may go wrong while reading the configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ConfigurationError {
    /// The file cannot be read.
    Unreadable(PathBuf, String),
    /// The file is not TOML.
    NotToml(PathBuf, String),
    /// A setting holds what it may not.
    Invalid {
        /// Where it was given: `config.toml`, an environment variable or a flag.
        given: String,
        /// What is expected.
        problem: String,
    },
}

impl fmt::Display for ConfigurationError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConfigurationError::Unreadable(path, problem) => {
                write!(f, "cannot read {}: {problem}", path.display())
            }
            ConfigurationError::NotToml(path, problem) => {
                write!(f, "{} is not valid TOML: {problem}", path.display())
            }
            ConfigurationError::Invalid { given, problem } => write!(f, "{given}: {problem}"),
        }
    }
}

impl std::error::Error for ConfigurationError {}

/// What the reader is told, without being stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Warning {
    /// No setting has this key.
    UnknownKey {
        /// The key in full.
        key: String,
        /// The known key that is spelled most alike.
        suggestion: Option<&'static str>,
    },
    /// The Supabase CLI knows these keys; this release does not apply them.
    NotApplied(Vec<String>),
    /// No setting has this environment variable.
    UnknownVariable(String),
    /// `env(NAME)` names a variable that is not set.
    VariableNotSet {
        /// The setting.
        key: String,
        /// The variable.
        variable: String,
    },
    /// A secret is written in the file itself.
    SecretInFile(String),
    /// A provider is enabled and cannot be used.
    ProviderIncomplete {
        /// The provider.
        name: String,
        /// What it lacks.
        problem: String,
    },
}

impl fmt::Display for Warning {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Warning::UnknownKey { key, suggestion: Some(known) } => {
                write!(f, "config.toml: unknown key {key} is ignored; did you mean {known}?")
            }
            Warning::UnknownKey { key, suggestion: None } => {
                write!(f, "config.toml: unknown key {key} is ignored")
            }
            Warning::NotApplied(keys) => {
                let noun = if keys.len() == 1 { "setting" } else { "settings" };
                write!(
                    f,
                    "config.toml: {} known {noun} not applied by this release: {}",
                    keys.len(),
                    keys.join(", ")
                )
            }
            Warning::UnknownVariable(name) => {
                write!(f, "environment: unknown variable {name} is ignored")
            }
            Warning::VariableNotSet { key, variable } => {
                write!(f, "config.toml: {key} asks for env({variable}), which is not set; it is left unset")
            }
            Warning::ProviderIncomplete { name, problem } => {
                write!(f, "auth.external.{name} is enabled and cannot be used: {problem}")
            }
            Warning::SecretInFile(key) => write!(
                f,
                "config.toml: {key} is a secret written in a file; write env(NAME) and set the variable instead"
            ),
        }
    }
}

/// The settings in effect and what was noticed on the way.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Configuration {
    /// The settings.
    pub settings: Settings,
    /// What the reader should know.
    pub warnings: Vec<Warning>,
}

/// What the configuration is read from. The environment is a value, so that tests need not touch the process's own.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    /// `config.toml`, if there is one.
    pub file: Option<PathBuf>,
    /// Environment variables.
    pub environment: BTreeMap<String, String>,
    /// Flags that were given, by the key of their setting.
    pub flags: Vec<(&'static str, String)>,
}

impl Sources {
    /// The process's environment, no file and no flags.
    pub fn from_environment() -> Sources {
        let environment = std::env::vars_os()
            .filter_map(|(k, v)| Some((k.into_string().ok()?, v.into_string().ok()?)))
            .collect();
        Sources { environment, ..Sources::default() }
    }

    /// Reads everything.
    ///
    /// # Errors
    /// When the file cannot be read or a setting holds what it may not.
    pub fn read(&self) -> Result<Configuration, ConfigurationError> {
        let mut configuration = Configuration::default();
        if let Some(path) = &self.file {
            self.read_file(path, &mut configuration)?;
        }
        self.read_environment(&mut configuration)?;
        for (key, text) in &self.flags {
            let flag = descriptions().iter().find(|d| d.key == *key).and_then(|d| d.flag).unwrap_or(key);
            put(&mut configuration, key, &Given::Text(text), flag)?;
        }
        validate(&configuration.settings)?;
        for (name, provider) in &configuration.settings.auth_external {
            if let Err(problem) = provider.check(name)
                && provider.enabled
            {
                configuration.warnings.push(Warning::ProviderIncomplete { name: name.clone(), problem });
            }
        }
        Ok(configuration)
    }

    fn read_file(&self, path: &Path, into: &mut Configuration) -> Result<(), ConfigurationError> {
        let text = std::fs::read_to_string(path)
            .map_err(|error| ConfigurationError::Unreadable(path.to_owned(), error.to_string()))?;
        let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
            ConfigurationError::NotToml(path.to_owned(), error.to_string())
        })?;
        let (mut leaves, mut not_applied) = (Vec::new(), Vec::new());
        flatten("", &toml::Value::Table(table), &mut leaves);
        let table = descriptions();
        for (key, value) in leaves {
            if let Some((name, field)) = external::of_key(&key) {
                self.read_provider(&key, (name, field), &value, into)?;
                continue;
            }
            match table.iter().find(|description| description.key == key) {
                Some(description) if description.source == Source::FileAndEnvironment => {
                    self.read_leaf(description, &value, into)?;
                }
                Some(description) => {
                    return Err(ConfigurationError::Invalid {
                        given: format!("config.toml: {key}"),
                        problem: format!("is read from the environment only ({})", description.environment()),
                    });
                }
                None if foreign::is_known(&key) => not_applied.push(key),
                None => {
                    let suggestion = nearest(&key, &table);
                    into.warnings.push(Warning::UnknownKey { key, suggestion });
                }
            }
        }
        if !not_applied.is_empty() {
            into.warnings.push(Warning::NotApplied(not_applied));
        }
        Ok(())
    }

    fn read_leaf(
        &self,
        description: &Description,
        value: &toml::Value,
        into: &mut Configuration,
    ) -> Result<(), ConfigurationError> {
        let key = description.key;
        let given = format!("config.toml: {key}");
        let Some(variable) = value.as_str().and_then(variable_reference) else {
            if description.secret && value.as_str().is_some_and(|text| !text.is_empty()) {
                into.warnings.push(Warning::SecretInFile(key.to_owned()));
            }
            return put(into, key, &Given::Toml(value), &given);
        };
        match self.environment.get(variable) {
            Some(text) => put(into, key, &Given::Text(text), &format!("{given} = env({variable})")),
            None => {
                into.warnings
                    .push(Warning::VariableNotSet { key: key.to_owned(), variable: variable.to_owned() });
                Ok(())
            }
        }
    }

    fn read_provider(
        &self,
        key: &str,
        target: (&str, &external::Field),
        value: &toml::Value,
        into: &mut Configuration,
    ) -> Result<(), ConfigurationError> {
        let given = format!("config.toml: {key}");
        let providers = &mut into.settings.auth_external;
        let Some(variable) = value.as_str().and_then(variable_reference) else {
            if target.1.secret && value.as_str().is_some_and(|text| !text.is_empty()) {
                into.warnings.push(Warning::SecretInFile(key.to_owned()));
            }
            return external::put(providers, target, &Given::Toml(value), &given);
        };
        match self.environment.get(variable) {
            Some(text) => {
                external::put(providers, target, &Given::Text(text), &format!("{given} = env({variable})"))
            }
            None => {
                into.warnings
                    .push(Warning::VariableNotSet { key: key.to_owned(), variable: variable.to_owned() });
                Ok(())
            }
        }
    }

    fn read_environment(&self, into: &mut Configuration) -> Result<(), ConfigurationError> {
        let mut names: BTreeMap<String, &'static str> = BTreeMap::new();
        for description in descriptions() {
            names.insert(description.environment(), description.key);
        }
        for (name, text) in self.environment.iter().filter(|(name, _)| name.starts_with("BEDPLATE_")) {
            match names.get(name) {
                Some(key) => put(into, key, &Given::Text(text), name)?,
                None => match external::of_variable(name) {
                    Some((provider, field)) => external::put(
                        &mut into.settings.auth_external,
                        (&provider, field),
                        &Given::Text(text),
                        name,
                    )?,
                    None => into.warnings.push(Warning::UnknownVariable(name.clone())),
                },
            }
        }
        Ok(())
    }
}

fn put(
    into: &mut Configuration,
    key: &str,
    given: &Given<'_>,
    origin: &str,
) -> Result<(), ConfigurationError> {
    match into.settings.put(key, given) {
        Some(Ok(())) => Ok(()),
        Some(Err(problem)) => Err(ConfigurationError::Invalid { given: origin.to_owned(), problem }),
        None => {
            Err(ConfigurationError::Invalid { given: origin.to_owned(), problem: "no such setting".into() })
        }
    }
}

/// `env(NAME)` → `NAME`.
fn variable_reference(text: &str) -> Option<&str> {
    let name = text.trim().strip_prefix("env(")?.strip_suffix(')')?.trim();
    (!name.is_empty()).then_some(name)
}

fn flatten(prefix: &str, value: &toml::Value, leaves: &mut Vec<(String, toml::Value)>) {
    match value {
        toml::Value::Table(table) => {
            for (name, value) in table {
                let key = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
                flatten(&key, value, leaves);
            }
        }
        leaf => leaves.push((prefix.to_owned(), leaf.clone())),
    }
}

/// The known key that is spelled most alike, if it is near enough to be meant.
fn nearest(key: &str, table: &[Description]) -> Option<&'static str> {
    let distances = table.iter().map(|description| (edit_distance(key, description.key), description.key));
    distances.min().filter(|(distance, _)| *distance <= 1 + key.len() / 8).map(|(_, known)| known)
}

fn edit_distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (i, from) in left.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, to) in right.iter().enumerate() {
            let changed = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = changed.min(row[j] + 1).min(row[j + 1] + 1);
        }
    }
    row.last().copied().unwrap_or(0)
}

/// Whether SQL can call a setting so, after `app.settings.`.
fn is_setting_name(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.'))
}

/// What no combination of settings may say.
fn validate(settings: &Settings) -> Result<(), ConfigurationError> {
    let invalid = |given: &str, problem: String| ConfigurationError::Invalid { given: given.into(), problem };
    for schema in &settings.api_schemas {
        if rest::is_system_schema(schema) {
            return Err(invalid(
                "api.schemas",
                format!("schema {schema} is a system's own and cannot be served"),
            ));
        }
    }
    let nameless =
        |pair: &&String| pair.split_once('=').is_none_or(|(name, _)| !is_setting_name(name.trim()));
    if let Some(pair) = settings.api_app_settings.iter().find(nameless) {
        return Err(invalid("api.app_settings", format!("expected NAME=value instead of {pair}")));
    }
    if let Some(name) = settings.api_pre_request.as_ref().filter(|name| rest::function_name(name).is_none()) {
        return Err(invalid(
            "api.pre_request",
            format!("expected the name of a function instead of {name:?}"),
        ));
    }
    if let Some(name) = settings.api_pre_config.as_ref().filter(|name| rest::function_name(name).is_none()) {
        return Err(invalid(
            "api.pre_config",
            format!("expected the name of a function instead of {name:?}"),
        ));
    }
    if settings.api_schemas.is_empty() {
        return Err(invalid("api.schemas", "at least one schema is needed".into()));
    }
    if let Some(secret) = &settings.jwt_secret
        && secret.expose().len() < 32
    {
        return Err(invalid("auth.jwt_secret", "a secret of at least 32 bytes is needed".into()));
    }
    if let Some(url) = &settings.api_external_url
        && !(url.starts_with("http://") || url.starts_with("https://"))
    {
        return Err(invalid(
            "api.external_url",
            "a URL that begins with http:// or https:// is needed".into(),
        ));
    }
    auth::Redirects::new(&settings.auth_site_url, &settings.auth_additional_redirect_urls)
        .map_err(|problem| invalid("auth.site_url", problem))?;
    if !(6..=10).contains(&settings.auth_email_otp_length) {
        return Err(invalid("auth.email.otp_length", "6 to 10 digits are possible".into()));
    }
    if settings.ephemeral && settings.database.is_some() {
        return Err(invalid(
            "--ephemeral",
            "cannot be used with --database: that database is not ours to drop".into(),
        ));
    }
    for host in &settings.outgoing_hosts {
        outbound::AllowedHost::parse(host).map_err(|problem| invalid("bedplate.outgoing_hosts", problem))?;
    }
    for proxy in &settings.trusted_proxies {
        crate::address::Range::parse(proxy)
            .map_err(|problem| invalid("bedplate.trusted_proxies", problem))?;
    }
    Ok(())
}
