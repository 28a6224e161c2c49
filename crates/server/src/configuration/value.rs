//! What a setting may hold, and how it is read from a file, from the environment and from a flag.

use auth::password::{NotRequiredCharacters, RequiredCharacters};
use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

/// A setting's type: read from TOML or from text, shown in the reference.
pub trait SettingValue: Sized {
    /// What the reference calls it.
    const KIND: &'static str;
    /// Whether the value must not be shown or written in a file that is committed.
    const SECRET: bool = false;

    /// Reads text: the environment, a flag, or `env(NAME)`.
    ///
    /// # Errors
    /// What is expected instead.
    fn from_text(text: &str) -> Result<Self, String>;

    /// Reads a TOML value.
    ///
    /// # Errors
    /// What is expected instead.
    fn from_toml(value: &toml::Value) -> Result<Self, String> {
        match value {
            toml::Value::String(text) => Self::from_text(text),
            toml::Value::Integer(number) => Self::from_text(&number.to_string()),
            toml::Value::Boolean(truth) => Self::from_text(&truth.to_string()),
            _ => Err(format!("expected {}", Self::KIND)),
        }
    }

    /// The value as the reference shows it.
    fn show(&self) -> String;
}

impl SettingValue for bool {
    const KIND: &'static str = "boolean";

    fn from_text(text: &str) -> Result<bool, String> {
        match text.trim().to_ascii_lowercase().as_str() {
            "true" | "1" | "on" | "yes" => Ok(true),
            "false" | "0" | "off" | "no" | "" => Ok(false),
            _ => Err("expected true or false".into()),
        }
    }

    fn show(&self) -> String {
        self.to_string()
    }
}

macro_rules! number_setting {
    ($type:ty, $kind:literal) => {
        impl SettingValue for $type {
            const KIND: &'static str = $kind;

            fn from_text(text: &str) -> Result<$type, String> {
                text.trim()
                    .parse()
                    .map_err(|_| format!("expected a number from {} to {}", <$type>::MIN, <$type>::MAX))
            }

            fn show(&self) -> String {
                self.to_string()
            }
        }
    };
}
number_setting!(u16, "number");
number_setting!(u32, "number");

impl SettingValue for String {
    const KIND: &'static str = "text";

    fn from_text(text: &str) -> Result<String, String> {
        Ok(text.to_owned())
    }

    fn show(&self) -> String {
        format!("\"{self}\"")
    }
}

impl SettingValue for PathBuf {
    const KIND: &'static str = "path";

    fn from_text(text: &str) -> Result<PathBuf, String> {
        if text.is_empty() { Err("expected a path".into()) } else { Ok(PathBuf::from(text)) }
    }

    fn show(&self) -> String {
        format!("\"{}\"", self.display())
    }
}

impl SettingValue for SocketAddr {
    const KIND: &'static str = "address and port";

    fn from_text(text: &str) -> Result<SocketAddr, String> {
        let text = text.trim();
        let numeric = match text.strip_prefix("localhost:") {
            Some(port) => format!("127.0.0.1:{port}"),
            None => text.to_owned(),
        };
        numeric
            .parse()
            .map_err(|_| "expected an address and a port, such as 127.0.0.1:54321 or [::]:80".into())
    }

    fn show(&self) -> String {
        format!("\"{self}\"")
    }
}

impl<T: SettingValue> SettingValue for Option<T> {
    const KIND: &'static str = T::KIND;
    const SECRET: bool = T::SECRET;

    fn from_text(text: &str) -> Result<Option<T>, String> {
        if text.is_empty() { Ok(None) } else { T::from_text(text).map(Some) }
    }

    fn from_toml(value: &toml::Value) -> Result<Option<T>, String> {
        match value {
            toml::Value::String(text) if text.is_empty() => Ok(None),
            value => T::from_toml(value).map(Some),
        }
    }

    fn show(&self) -> String {
        self.as_ref().map_or_else(|| "not set".into(), T::show)
    }
}

impl SettingValue for Vec<String> {
    const KIND: &'static str = "list of text";

    fn from_text(text: &str) -> Result<Vec<String>, String> {
        Ok(text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect())
    }

    fn from_toml(value: &toml::Value) -> Result<Vec<String>, String> {
        match value {
            toml::Value::Array(items) => items
                .iter()
                .map(|item| {
                    item.as_str().map(str::to_owned).ok_or_else(|| "expected a list of text".to_owned())
                })
                .collect(),
            toml::Value::String(text) => Vec::from_text(text),
            _ => Err("expected a list of text".into()),
        }
    }

    fn show(&self) -> String {
        let items: Vec<String> = self.iter().map(|item| format!("\"{item}\"")).collect();
        format!("[{}]", items.join(", "))
    }
}

/// A length of time: `90s`, `15m`, `1h`, `1h30m`, or a number of seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span(pub Duration);

impl SettingValue for Span {
    const KIND: &'static str = "duration";

    fn from_text(text: &str) -> Result<Span, String> {
        let expected = || "expected a duration such as 90s, 15m, 1h30m or 7d".to_owned();
        let text = text.trim();
        if let Ok(seconds) = text.parse::<u32>() {
            return Ok(Span(Duration::from_secs(seconds.into())));
        }
        let (mut total, mut digits) = (Duration::ZERO, String::new());
        let mut characters = text.chars().peekable();
        if text.is_empty() {
            return Err(expected());
        }
        while let Some(character) = characters.next() {
            if character.is_ascii_digit() {
                digits.push(character);
                continue;
            }
            let number: u32 = std::mem::take(&mut digits).parse().map_err(|_| expected())?;
            let unit = match character {
                'm' if characters.next_if_eq(&'s').is_some() => Duration::from_millis(1),
                's' => Duration::from_secs(1),
                'm' => Duration::from_secs(60),
                'h' => Duration::from_secs(3600),
                'd' => Duration::from_secs(86_400),
                _ => return Err(expected()),
            };
            total = unit.checked_mul(number).and_then(|part| total.checked_add(part)).ok_or_else(expected)?;
        }
        if digits.is_empty() { Ok(Span(total)) } else { Err(expected()) }
    }

    fn show(&self) -> String {
        let seconds = self.0.as_secs();
        match seconds {
            0 => format!("\"{}ms\"", self.0.as_millis()),
            _ if seconds.is_multiple_of(3600) => format!("\"{}h\"", seconds / 3600),
            _ if seconds.is_multiple_of(60) => format!("\"{}m\"", seconds / 60),
            _ => format!("\"{seconds}s\""),
        }
    }
}

/// A number of bytes: `500KB`, `16MiB`, or a plain number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size(pub u64);

impl SettingValue for Size {
    const KIND: &'static str = "size";

    fn from_text(text: &str) -> Result<Size, String> {
        let expected = || "expected a size such as 500KB or 16MiB".to_owned();
        let text = text.trim();
        let split = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
        let number: u64 = text[..split].parse().map_err(|_| expected())?;
        let unit: u64 = match text[split..].trim().to_ascii_lowercase().as_str() {
            "" | "b" => 1,
            "kb" => 1000,
            "mb" => 1_000_000,
            "gb" => 1_000_000_000,
            "kib" => 1 << 10,
            "mib" => 1 << 20,
            "gib" => 1 << 30,
            _ => return Err(expected()),
        };
        number.checked_mul(unit).map(Size).ok_or_else(expected)
    }

    fn show(&self) -> String {
        match self.0 {
            bytes if bytes.is_multiple_of(1 << 20) => format!("\"{}MiB\"", bytes >> 20),
            bytes => format!("\"{bytes}B\""),
        }
    }
}

/// What a new password must contain, in a form that [`auth::password::RequiredCharacters`] reads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PasswordRequirements(String, RequiredCharacters);

impl PasswordRequirements {
    /// The sets of characters.
    pub fn required(&self) -> &RequiredCharacters {
        &self.1
    }
}

impl SettingValue for PasswordRequirements {
    const KIND: &'static str = "text";

    fn from_text(text: &str) -> Result<PasswordRequirements, String> {
        let required = text.parse().map_err(|error: NotRequiredCharacters| error.to_string())?;
        Ok(PasswordRequirements(text.to_owned(), required))
    }

    fn show(&self) -> String {
        self.0.show()
    }
}

/// Where a token's role stands.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct RoleClaim(pub web::ClaimPath);

impl SettingValue for RoleClaim {
    const KIND: &'static str = "text";

    fn from_text(text: &str) -> Result<RoleClaim, String> {
        web::ClaimPath::parse(text).map(RoleClaim)
    }

    fn show(&self) -> String {
        format!("\"{}\"", self.0.text())
    }
}

/// Text that no log, error or dump shows.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps it.
    pub fn new(text: impl Into<String>) -> Secret {
        Secret(text.into())
    }

    /// The text. Every caller is a place where the secret leaves its wrapper.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(secret)")
    }
}

impl SettingValue for Secret {
    const KIND: &'static str = "secret";
    const SECRET: bool = true;

    fn from_text(text: &str) -> Result<Secret, String> {
        Ok(Secret::new(text))
    }

    fn show(&self) -> String {
        "(secret)".into()
    }
}

/// Settings with a few words to choose from.
macro_rules! word_setting {
    ($(#[$meta:meta])* $name:ident { $($(#[$variant_meta:meta])* $variant:ident = $word:literal,)+ }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum $name { $($(#[$variant_meta])* $variant,)+ }

        impl SettingValue for $name {
            const KIND: &'static str = concat!($("`", $word, "` ",)+);

            fn from_text(text: &str) -> Result<$name, String> {
                match text.trim() {
                    $($word => Ok($name::$variant),)+
                    _ => Err(concat!("expected one of:", $(" ", $word,)+).into()),
                }
            }

            fn show(&self) -> String {
                match self { $($name::$variant => concat!("\"", $word, "\"").into(),)+ }
            }
        }
    };
}

word_setting! {
    /// Which engine keeps the data.
    EngineChoice {
        /// The embedded one.
        Sqlite = "sqlite",
        /// A private PostgreSQL cluster under the data folder.
        Postgres = "postgres",
    }
}

word_setting! {
    /// How the log is written.
    LogFormat {
        /// A readable line each.
        Text = "text",
        /// A JSON object each.
        Json = "json",
    }
}

word_setting! {
    /// How a request's transaction ends.
    TransactionEnd {
        /// It is committed.
        Commit = "commit",
        /// It is committed, unless the request asks for a rollback by `Prefer: tx=rollback`.
        CommitAllowOverride = "commit-allow-override",
        /// It is rolled back.
        Rollback = "rollback",
        /// It is rolled back, unless the request asks for a commit by `Prefer: tx=commit`.
        RollbackAllowOverride = "rollback-allow-override",
    }
}

word_setting! {
    /// What the data API's root answers with.
    OpenApiMode {
        /// The document of what the role may do.
        FollowPrivileges = "follow-privileges",
        /// The document of all that there is.
        IgnorePrivileges = "ignore-privileges",
        /// Nothing.
        Disabled = "disabled",
    }
}

word_setting! {
    /// What the data API's errors tell.
    ErrorVerbosity {
        /// Code, message, details and hint.
        Verbose = "verbose",
        /// Code and message.
        Minimal = "minimal",
    }
}

word_setting! {
    /// How the connection to the mail server is protected.
    SmtpTls {
        /// What the port and the host suggest.
        Auto = "auto",
        /// TLS after STARTTLS; without it nothing is sent.
        Starttls = "starttls",
        /// TLS from the start.
        Implicit = "implicit",
        /// Not at all.
        None = "none",
    }
}
