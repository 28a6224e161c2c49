//! A sign-in and what it was proven by.

use super::Timestamp;
use serde::Serialize;
use std::time::Duration;
use uuid::Uuid;

/// A row of `auth.sessions` with its `auth.mfa_amr_claims`.
#[derive(Clone, Debug, PartialEq)]
pub struct Session {
    /// Its id: the claim `session_id`.
    pub id: Uuid,
    /// Whose it is.
    pub user_id: Uuid,
    /// When the user signed in.
    pub created_at: Timestamp,
    /// How surely the user is who they say.
    pub assurance: AssuranceLevel,
    /// When it ends at the latest.
    pub not_after: Option<Timestamp>,
    /// When a token was last renewed.
    pub refreshed_at: Option<Timestamp>,
    /// The kind of session, where one user may have one of each.
    pub tag: Option<String>,
    /// What it was proven by, newest first.
    pub methods: Vec<MethodReference>,
}

/// The claim `aal`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum AssuranceLevel {
    /// One factor.
    Aal1,
    /// Two factors.
    Aal2,
    /// Two factors, one of them hardware.
    Aal3,
}

impl AssuranceLevel {
    /// Reads `auth.aal_level`; what is absent proves the least.
    pub fn read(text: Option<&str>) -> AssuranceLevel {
        match text {
            Some("aal3") => AssuranceLevel::Aal3,
            Some("aal2") => AssuranceLevel::Aal2,
            _ => AssuranceLevel::Aal1,
        }
    }

    /// Its text in the database and in tokens.
    pub fn as_str(self) -> &'static str {
        match self {
            AssuranceLevel::Aal1 => "aal1",
            AssuranceLevel::Aal2 => "aal2",
            AssuranceLevel::Aal3 => "aal3",
        }
    }
}

/// How a user proved who they are (`amr`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// A provider's word.
    OAuth,
    /// A password.
    Password,
    /// A code that was mailed.
    Otp,
    /// A mailed link of a password recovery.
    Recovery,
    /// A mailed invitation.
    Invite,
    /// A mailed link to sign in.
    MagicLink,
    /// A mailed confirmation of a sign-up.
    EmailSignup,
    /// A mailed confirmation of a new address.
    EmailChange,
    /// Nothing.
    Anonymous,
}

impl Method {
    /// Its text in the database and in tokens.
    pub fn as_str(self) -> &'static str {
        match self {
            Method::OAuth => "oauth",
            Method::Password => "password",
            Method::Otp => "otp",
            Method::Recovery => "recovery",
            Method::Invite => "invite",
            Method::MagicLink => "magiclink",
            Method::EmailSignup => "email/signup",
            Method::EmailChange => "email_change",
            Method::Anonymous => "anonymous",
        }
    }

    /// The method of a text of the database.
    pub fn parse(text: &str) -> Option<Method> {
        [
            Method::OAuth,
            Method::Password,
            Method::Otp,
            Method::Recovery,
            Method::Invite,
            Method::MagicLink,
            Method::EmailSignup,
            Method::EmailChange,
            Method::Anonymous,
        ]
        .into_iter()
        .find(|method| method.as_str() == text)
    }
}

/// An entry of the claim `amr`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct MethodReference {
    /// The method.
    pub method: String,
    /// When, in seconds since 1970.
    pub timestamp: i64,
    /// Which provider, for a provider's word by SAML.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provider: Option<String>,
}

impl Session {
    /// When a token was last renewed, or the user signed in. Older sessions keep it with their token.
    pub fn last_refreshed_at(&self, token_updated_at: Option<Timestamp>) -> Timestamp {
        match (self.refreshed_at, token_updated_at) {
            (Some(at), _) => at,
            (None, Some(at)) => at.max(self.created_at),
            (None, None) => self.created_at,
        }
    }

    /// Whether it proves a recovery: who holds it may set a new password without the old one.
    pub fn is_recovery(&self) -> bool {
        self.methods.iter().any(|entry| entry.method == Method::Recovery.as_str())
    }

    /// The tag that counts, of those that there are.
    pub fn effective_tag<'a>(&'a self, tags: &'a [String]) -> &'a str {
        let first = tags.first().map_or("", String::as_str);
        match self.tag.as_deref() {
            Some(tag) if tags.iter().any(|known| known == tag) => tag,
            Some(_) | None => first,
        }
    }

    /// Why it is over, if it is.
    pub fn end(
        &self,
        limits: &SessionLimits,
        now: Timestamp,
        token_updated_at: Option<Timestamp>,
    ) -> Option<SessionEnd> {
        if self.not_after.is_some_and(|end| now > end) {
            return Some(SessionEnd::Expired);
        }
        if limits.timebox.is_some_and(|span| now > self.created_at.after(span)) {
            return Some(SessionEnd::Expired);
        }
        let last = self.last_refreshed_at(token_updated_at);
        if limits.inactivity_timeout.is_some_and(|span| now > last.after(span)) {
            return Some(SessionEnd::Inactive);
        }
        None
    }
}

/// How long sessions last.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct SessionLimits {
    /// From the sign-in.
    pub timebox: Option<Duration>,
    /// From the last renewal.
    pub inactivity_timeout: Option<Duration>,
    /// Whether a new sign-in ends the others (of the same tag).
    pub single_per_user: bool,
    /// The kinds of sessions of which a user may have one each.
    pub tags: Vec<String>,
}

/// Why a session is over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionEnd {
    /// Its time is over.
    Expired,
    /// It was not used for long.
    Inactive,
}
