//! Where mail goes under the settings.

use super::Inbox;
use crate::configuration::{Settings, SmtpTls};
use database::Database;
use mail::{Address, Mailer};
use smtp::{Credentials, Protection, SmtpMailer};
use std::net::IpAddr;
use std::sync::Arc;

/// Where mail goes.
pub enum Transport {
    /// To a mail server.
    Smtp(Arc<SmtpMailer>),
    /// Into the inbox.
    Caught,
}

/// Where mail goes under these settings: by SMTP, or into the inbox.
///
/// # Errors
/// A setting that makes no sense, in words.
pub fn transport(settings: &Settings) -> Result<Transport, String> {
    // Read with --dev too, so that what is wrong is not first said in production.
    let mailer = if settings.smtp_enabled { Some(smtp_mailer(settings)?) } else { None };
    Ok(match mailer {
        Some(mailer) if !settings.dev => Transport::Smtp(Arc::new(mailer)),
        _ => Transport::Caught,
    })
}

impl Transport {
    /// What delivers mail.
    pub fn mailer(&self, database: &Arc<dyn Database>) -> Arc<dyn Mailer> {
        match self {
            Transport::Smtp(mailer) => Arc::clone(mailer) as Arc<dyn Mailer>,
            Transport::Caught => Arc::new(Inbox::new(Arc::clone(database))),
        }
    }

    /// What the operator should know.
    pub fn warning(&self, settings: &Settings) -> Option<&'static str> {
        let is_meant = settings.dev || settings.ephemeral || !settings.auth_enabled;
        match self {
            Transport::Caught if !is_meant => Some(
                "no mail server is configured ([auth.email.smtp]): mail reaches nobody, it is caught at /_bedplate/inbox",
            ),
            Transport::Caught | Transport::Smtp(_) => None,
        }
    }
}

fn smtp_mailer(settings: &Settings) -> Result<SmtpMailer, String> {
    let host = settings.smtp_host.as_deref().map(str::trim).filter(|host| !host.is_empty());
    let host = host.ok_or("auth.email.smtp.host: the mail server's name is needed")?;
    let is_here = host.eq_ignore_ascii_case("localhost")
        || host.parse::<IpAddr>().is_ok_and(|address| address.to_canonical().is_loopback());
    let protection = match (settings.smtp_tls, settings.smtp_port) {
        (SmtpTls::Starttls, _) => Protection::Starttls,
        (SmtpTls::Implicit, _) | (SmtpTls::Auto, 465) => Protection::Implicit,
        (SmtpTls::None, _) => Protection::None,
        (SmtpTls::Auto, _) if is_here => Protection::None,
        (SmtpTls::Auto, _) => Protection::Starttls,
    };
    let credentials =
        match (settings.smtp_user.as_deref().filter(|user| !user.is_empty()), &settings.smtp_pass) {
            (Some(user), Some(pass)) => Some(Credentials::new(user.to_owned(), pass.expose().to_owned())),
            (Some(_), None) => return Err("auth.email.smtp.pass: a user needs a password".into()),
            (None, _) => None,
        };
    if protection == Protection::None && credentials.is_some() && !is_here {
        return Err(
            "auth.email.smtp.tls: a password is not sent to another machine without TLS; use \"starttls\" or \"implicit\"".into()
        );
    }
    let authorities = match &settings.smtp_ca_path {
        Some(path) => {
            let read = std::fs::read(path);
            Some(read.map_err(|error| {
                format!("auth.email.smtp.ca_path: cannot read {}: {error}", path.display())
            })?)
        }
        None => None,
    };
    let hello = Address::parse(&settings.smtp_admin_email).map(|address| address.domain().to_owned());
    SmtpMailer::new(smtp::Settings {
        host: host.to_owned(),
        port: settings.smtp_port,
        protection,
        credentials,
        authorities,
        hello: hello.unwrap_or_else(|| "localhost".to_owned()),
        ..smtp::Settings::default()
    })
    .map_err(|error| format!("auth.email.smtp: {error}"))
}
