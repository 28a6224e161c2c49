//! Mail by SMTP.
//!
//! The server is the operator's setting and nothing else: no part of a message says where to connect. A message's Message-ID
//! is made of its job's identifier, so that what was delivered twice (the connection was lost before the answer) can be
//! recognised as one.

mod format;

#[cfg(test)]
mod tests;

use async_trait::async_trait;
use lettre::transport::smtp::PoolConfig;
use lettre::transport::smtp::authentication::Credentials as SmtpCredentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};
use mail::{DeliveryError, Mailer, Message};
use std::fmt;
use std::net::IpAddr;
use std::time::Duration;

/// How the connection is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protection {
    /// Not at all.
    None,
    /// TLS after STARTTLS; a server that does not offer it gets nothing.
    Starttls,
    /// TLS from the start.
    Implicit,
}

/// Who signs in. Debug shows no password.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    user: String,
    password: String,
}

impl Credentials {
    /// A user and its password.
    pub fn new(user: String, password: String) -> Credentials {
        Credentials { user, password }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials").field("user", &self.user).finish_non_exhaustive()
    }
}

/// The mail server and how to speak to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Its name or address, which its certificate must have.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the connection is protected.
    pub protection: Protection,
    /// Who signs in, if anyone.
    pub credentials: Option<Credentials>,
    /// Certificates (PEM) of authorities to trust besides the system's.
    pub authorities: Option<Vec<u8>>,
    /// The name to say EHLO with.
    pub hello: String,
    /// How long connecting may take.
    pub connect_timeout: Duration,
    /// How long a delivery may take as a whole: the driver itself waits for a silent server without end.
    pub delivery_timeout: Duration,
    /// Connections that may be open at once.
    pub most_connections: u32,
    /// How long an idle connection is kept.
    pub idle_timeout: Duration,
}

impl Default for Settings {
    fn default() -> Settings {
        Settings {
            host: "localhost".into(),
            port: 587,
            protection: Protection::Starttls,
            credentials: None,
            authorities: None,
            hello: "localhost".into(),
            connect_timeout: Duration::from_secs(15),
            delivery_timeout: Duration::from_secs(45),
            most_connections: 4,
            idle_timeout: Duration::from_secs(30),
        }
    }
}

/// Why there can be no mailer of these settings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SettingsError(String);

impl fmt::Display for SettingsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for SettingsError {}

/// Delivers mail to one server, over connections that are kept a while.
pub struct SmtpMailer {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    delivery_timeout: Duration,
}

impl SmtpMailer {
    /// Of the settings; nothing is connected yet. Must be called within a Tokio runtime.
    ///
    /// # Errors
    /// When certificates are none, or TLS cannot be set up.
    pub fn new(settings: Settings) -> Result<SmtpMailer, SettingsError> {
        let delivery_timeout = settings.delivery_timeout;
        let tls = match settings.protection {
            Protection::None => Tls::None,
            Protection::Starttls => Tls::Required(tls_parameters(&settings)?),
            Protection::Implicit => Tls::Wrapper(tls_parameters(&settings)?),
        };
        let Settings {
            host, port, credentials, hello, connect_timeout, most_connections, idle_timeout, ..
        } = settings;
        let hello = match hello.parse::<IpAddr>() {
            Ok(IpAddr::V4(address)) => ClientId::Ipv4(address),
            Ok(IpAddr::V6(address)) => ClientId::Ipv6(address),
            Err(_) => ClientId::Domain(hello),
        };
        // "Dangerous" is the name of a builder without TLS; which protection it has is said here.
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
            .port(port)
            .tls(tls)
            .hello_name(hello)
            .timeout(Some(connect_timeout))
            .pool_config(PoolConfig::new().max_size(most_connections).idle_timeout(idle_timeout));
        if let Some(Credentials { user, password }) = credentials {
            builder = builder.credentials(SmtpCredentials::new(user, password));
        }
        Ok(SmtpMailer { transport: builder.build(), delivery_timeout })
    }
}

fn tls_parameters(settings: &Settings) -> Result<TlsParameters, SettingsError> {
    let mut builder = TlsParameters::builder(settings.host.clone());
    if let Some(pem) = &settings.authorities {
        let certificate = Certificate::from_pem(pem)
            .map_err(|error| SettingsError(format!("the authorities' certificates: {error}")))?;
        builder = builder.add_root_certificate(certificate);
    }
    builder.build().map_err(|error| SettingsError(format!("TLS: {error}")))
}

#[async_trait]
impl Mailer for SmtpMailer {
    async fn deliver(&self, message: &Message) -> Result<(), DeliveryError> {
        let mail = format::format(message).map_err(DeliveryError::Permanent)?;
        match tokio::time::timeout(self.delivery_timeout, self.transport.send(mail)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(judge(&error)),
            Err(_) => Err(DeliveryError::Transient("the mail server does not answer in time".into())),
        }
    }
}

/// Codes by which a server refuses us, not the message: the operator mends that, and then the message is wanted.
const REFUSES_US: [u16; 4] = [530, 534, 535, 538];

fn judge(error: &lettre::transport::smtp::Error) -> DeliveryError {
    let text = error.to_string();
    let refuses_us = error.status().is_some_and(|code| REFUSES_US.contains(&code.into()));
    if error.is_permanent() && !refuses_us {
        DeliveryError::Permanent(text)
    } else {
        DeliveryError::Transient(text)
    }
}
