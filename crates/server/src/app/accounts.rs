//! The accounts, wired: settings of the configuration become theirs, and drivers their ports.

use super::{passwords, rates};
use crate::configuration::{Settings, Span};
use crate::keys::ProjectKeys;
use crate::post;
use crate::project::Project;
use auth::config::EmailSettings;
use auth::model::SessionLimits;
use auth::provider::Providers;
use auth::{CodeKey, Ports, Redirects};
use database::Database;
use outbound::{AllowedHost, Outbound, Policy};
use std::sync::Arc;
use std::time::Duration;

/// The state of the accounts.
///
/// # Errors
/// A setting that makes no sense, in words.
pub(crate) fn state(
    settings: &Settings,
    project: &Project,
    database: Arc<dyn Database>,
    project_keys: &ProjectKeys,
    keys: web::Keys,
    jobs: jobs::Waker,
    url: &str,
) -> Result<auth::State, String> {
    let limiter = rates::limiter(&database, project_keys);
    let hasher = passwords::hasher(settings)?;
    let providers = providers(settings)?;
    let letters = post::letters(settings, project)?;
    let settings = settings_of(settings, project, url)?;
    let codes = CodeKey::new(&project_keys.derived("hashes of mailed codes"));
    let ports = Ports { database, keys, hasher, limiter, letters, jobs, providers, codes };
    Ok(auth::State::new(ports, settings))
}

/// The providers, asked by a client that reaches private networks only where the operator says so, and this machine in development.
fn providers(settings: &Settings) -> Result<Providers, String> {
    let hosts: Result<_, String> =
        settings.outgoing_hosts.iter().map(|host| AllowedHost::parse(host)).collect();
    let policy = Policy { loopback: settings.dev, hosts: hosts? };
    let agent = concat!("bedplate/", env!("CARGO_PKG_VERSION"));
    Ok(Providers::new(settings.auth_external.clone(), Arc::new(Outbound::new(policy, agent))))
}

/// Where the API is for others.
pub(crate) fn external_url<'a>(settings: &'a Settings, url: &'a str) -> &'a str {
    settings.api_external_url.as_deref().unwrap_or(url).trim_end_matches('/')
}

fn settings_of(settings: &Settings, project: &Project, url: &str) -> Result<auth::Settings, String> {
    let seconds = |count: u32| Duration::from_secs(count.into());
    let external_url = format!("{}/auth/v1", external_url(settings, url));
    Ok(auth::Settings {
        redirects: Redirects::new(&settings.auth_site_url, &settings.auth_additional_redirect_urls)?,
        issuer: settings.jwt_issuer.clone().unwrap_or_else(|| external_url.clone()),
        external_url,
        audience: "authenticated".into(),
        default_role: "authenticated".into(),
        admin_roles: vec!["service_role".into(), "supabase_admin".into()],
        token_life: seconds(settings.jwt_expiry),
        signup_enabled: settings.auth_enable_signup,
        anonymous_enabled: settings.auth_enable_anonymous_sign_ins,
        manual_linking_enabled: settings.auth_enable_manual_linking,
        email: EmailSettings {
            enabled: settings.auth_email_enable_signup,
            confirmations: settings.auth_email_enable_confirmations.unwrap_or(!settings.dev),
            double_confirm_changes: settings.auth_email_double_confirm_changes,
            secure_password_change: settings.auth_email_secure_password_change,
            require_current_password: settings.auth_email_require_current_password,
            max_frequency: settings.auth_email_max_frequency.0,
            otp_length: usize::try_from(settings.auth_email_otp_length).unwrap_or(6),
            otp_expiry: seconds(settings.auth_email_otp_expiry),
        },
        refresh_token_rotation: settings.auth_enable_refresh_token_rotation,
        refresh_token_reuse_interval: seconds(settings.auth_refresh_token_reuse_interval),
        sessions: SessionLimits {
            timebox: settings.auth_sessions_timebox.map(|Span(span)| span),
            inactivity_timeout: settings.auth_sessions_inactivity_timeout.map(|Span(span)| span),
            single_per_user: settings.auth_sessions_single_per_user,
            tags: Vec::new(),
        },
        passwords: passwords::policy(settings, project)?,
        rates: rates::settings(settings),
    })
}
