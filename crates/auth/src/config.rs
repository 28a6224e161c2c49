//! The settings of the accounts, as plain values: the server makes them of its configuration.

use crate::model::SessionLimits;
use crate::password::Policy;
use crate::rates::RateSettings;
use crate::redirect::Redirects;
use std::time::Duration;

/// The settings.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where browsers are sent, the site first.
    pub redirects: Redirects,
    /// Where this door is for others (`https://api.example.com/auth/v1`): links in mails begin with it. Never told by a request.
    pub external_url: String,
    /// The issuer of tokens (`iss`).
    pub issuer: String,
    /// The audience of users and tokens (`aud`).
    pub audience: String,
    /// The role of new users.
    pub default_role: String,
    /// The roles whose tokens may administer users.
    pub admin_roles: Vec<String>,
    /// How long a token is valid.
    pub token_life: Duration,
    /// Whether new users are accepted.
    pub signup_enabled: bool,
    /// Whether anonymous users are accepted.
    pub anonymous_enabled: bool,
    /// Whether a user may link identities by hand.
    pub manual_linking_enabled: bool,
    /// Sign-in by e-mail.
    pub email: EmailSettings,
    /// Whether showing a used refresh token again revokes its session's others.
    pub refresh_token_rotation: bool,
    /// For how long a used refresh token may be shown again.
    pub refresh_token_reuse_interval: Duration,
    /// How long sessions last.
    pub sessions: SessionLimits,
    /// Which passwords are taken.
    pub passwords: Policy,
    /// How often.
    pub rates: RateSettings,
}

/// Sign-in by e-mail.
#[derive(Clone, Debug)]
pub struct EmailSettings {
    /// Whether it is possible at all.
    pub enabled: bool,
    /// Whether an address must be confirmed before it counts.
    pub confirmations: bool,
    /// Whether both addresses must confirm a change.
    pub double_confirm_changes: bool,
    /// Whether a new password needs a fresh sign-in or a mailed code.
    pub secure_password_change: bool,
    /// Whether a new password needs the present one.
    pub require_current_password: bool,
    /// The least time between two mails to one user.
    pub max_frequency: Duration,
    /// How many digits a mailed code has, 6 to 10.
    pub otp_length: usize,
    /// How long mailed codes and links are valid.
    pub otp_expiry: Duration,
}

impl Default for EmailSettings {
    fn default() -> EmailSettings {
        EmailSettings {
            enabled: true,
            confirmations: true,
            double_confirm_changes: true,
            secure_password_change: false,
            require_current_password: false,
            max_frequency: Duration::from_secs(60),
            otp_length: 6,
            otp_expiry: Duration::from_secs(3600),
        }
    }
}
