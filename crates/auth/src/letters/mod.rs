//! What is mailed to users: templates with the variables that Supabase has, our own where the project gives none.
//!
//! Templates are read at start and everything wrong in them is said then, with file and line; filling one in cannot fail for
//! what users put into their data.

mod defaults;
mod template;
mod text;

#[cfg(test)]
mod tests;

pub use template::TemplateError;

use jobs::{Job, JobId};
use mail::{Address, InvalidMessage, Mailbox, Message, MessageParts};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};
use template::{Form, Template};

/// What a letter is about. The names are those of the Supabase CLI's `[auth.email.template.…]` and
/// `[auth.email.notification.…]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Confirm a sign-up.
    Confirmation,
    /// An invitation to an account.
    Invite,
    /// A way back in for who forgot the password.
    Recovery,
    /// A link that signs in.
    MagicLink,
    /// Confirm a new address (and, when changes are secure, agree by the old one).
    EmailChange,
    /// A code before something sensitive.
    Reauthentication,
    /// The password was changed.
    PasswordChanged,
    /// The address was changed; goes to the old one.
    EmailChanged,
    /// The phone number was changed.
    PhoneChanged,
    /// A way to sign in was added.
    IdentityLinked,
    /// A way to sign in was removed.
    IdentityUnlinked,
    /// A second factor was added.
    MfaFactorEnrolled,
    /// A second factor was removed.
    MfaFactorUnenrolled,
}

impl Kind {
    /// All of them.
    pub const ALL: [Kind; 13] = [
        Kind::Confirmation,
        Kind::Invite,
        Kind::Recovery,
        Kind::MagicLink,
        Kind::EmailChange,
        Kind::Reauthentication,
        Kind::PasswordChanged,
        Kind::EmailChanged,
        Kind::PhoneChanged,
        Kind::IdentityLinked,
        Kind::IdentityUnlinked,
        Kind::MfaFactorEnrolled,
        Kind::MfaFactorUnenrolled,
    ];

    /// Its name in the configuration.
    pub fn name(self) -> &'static str {
        match self {
            Kind::Confirmation => "confirmation",
            Kind::Invite => "invite",
            Kind::Recovery => "recovery",
            Kind::MagicLink => "magic_link",
            Kind::EmailChange => "email_change",
            Kind::Reauthentication => "reauthentication",
            Kind::PasswordChanged => "password_changed",
            Kind::EmailChanged => "email_changed",
            Kind::PhoneChanged => "phone_changed",
            Kind::IdentityLinked => "identity_linked",
            Kind::IdentityUnlinked => "identity_unlinked",
            Kind::MfaFactorEnrolled => "mfa_factor_enrolled",
            Kind::MfaFactorUnenrolled => "mfa_factor_unenrolled",
        }
    }

    /// Whether it only tells of something that was done: sent when its setting says so.
    pub fn is_notification(self) -> bool {
        match self {
            Kind::Confirmation
            | Kind::Invite
            | Kind::Recovery
            | Kind::MagicLink
            | Kind::EmailChange
            | Kind::Reauthentication => false,
            Kind::PasswordChanged
            | Kind::EmailChanged
            | Kind::PhoneChanged
            | Kind::IdentityLinked
            | Kind::IdentityUnlinked
            | Kind::MfaFactorEnrolled
            | Kind::MfaFactorUnenrolled => true,
        }
    }

    /// Its key in the configuration, for messages.
    fn key(self) -> String {
        let group = if self.is_notification() { "notification" } else { "template" };
        format!("auth.email.{group}.{}", self.name())
    }
}

/// What a template is filled with. A field that a kind does not have stays empty.
#[derive(Clone, PartialEq, Default)]
pub struct Variables {
    /// The link that does it.
    pub confirmation_url: String,
    /// The code that does it.
    pub token: String,
    /// The hash of the code, for links of the project's own.
    pub token_hash: String,
    /// The project's site.
    pub site_url: String,
    /// The user's address.
    pub email: String,
    /// The address that is to be the user's.
    pub new_email: String,
    /// The address that was the user's.
    pub old_email: String,
    /// The address that this letter goes to, in a change of address.
    pub sending_to: String,
    /// The user's phone number.
    pub phone: String,
    /// The number that was the user's.
    pub old_phone: String,
    /// The provider of an identity.
    pub provider: String,
    /// The kind of a second factor.
    pub factor_type: String,
    /// Where the link leads in the end.
    pub redirect_to: String,
    /// The user's metadata, an object.
    pub data: Value,
}

/// The names that templates may use, as Supabase has them.
const NAMES: [&str; 14] = [
    "ConfirmationURL",
    "Token",
    "TokenHash",
    "SiteURL",
    "Email",
    "NewEmail",
    "OldEmail",
    "SendingTo",
    "Phone",
    "OldPhone",
    "Provider",
    "FactorType",
    "RedirectTo",
    "Data",
];

impl Variables {
    fn fields(&self) -> Value {
        let Variables {
            confirmation_url,
            token,
            token_hash,
            site_url,
            email,
            new_email,
            old_email,
            sending_to,
            phone,
            old_phone,
            provider,
            factor_type,
            redirect_to,
            data,
        } = self;
        json!({"ConfirmationURL": confirmation_url, "Token": token, "TokenHash": token_hash, "SiteURL": site_url,
            "Email": email, "NewEmail": new_email, "OldEmail": old_email, "SendingTo": sending_to, "Phone": phone,
            "OldPhone": old_phone, "Provider": provider, "FactorType": factor_type, "RedirectTo": redirect_to,
            "Data": data})
    }
}

/// What the project says about its letters.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Who writes.
    pub from: Mailbox,
    /// Folders in which relative paths are looked for, in this order.
    pub folders: Vec<PathBuf>,
    /// What the project has of its own.
    pub custom: BTreeMap<Kind, Custom>,
    /// The notifications that are sent.
    pub notifications: Vec<Kind>,
}

/// What a project has of its own for one kind.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Custom {
    /// The subject, a template.
    pub subject: Option<String>,
    /// The file with the HTML, a template.
    pub content_path: Option<PathBuf>,
}

/// Why the letters cannot be used: for the operator, at start.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LettersError {
    /// A file cannot be read.
    Unreadable {
        /// The setting.
        key: String,
        /// The path as it was given.
        path: PathBuf,
        /// Why.
        problem: String,
    },
    /// A template is wrong.
    Template {
        /// The file, or the setting of a subject.
        given: String,
        /// What is wrong, and where.
        error: TemplateError,
    },
}

impl fmt::Display for LettersError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            LettersError::Unreadable { key, path, problem } => {
                write!(f, "{key}.content_path: cannot read {}: {problem}", path.display())
            }
            LettersError::Template { given, error } => write!(f, "{given}:{}: {}", error.line, error.what),
        }
    }
}

impl std::error::Error for LettersError {}

/// Every letter, ready to be filled in.
#[derive(Clone, Debug)]
pub struct Letters {
    from: Mailbox,
    notifications: Vec<Kind>,
    letters: BTreeMap<Kind, Letter>,
}

#[derive(Clone, Debug)]
struct Letter {
    subject: Template,
    html: Template,
    /// The text; made from the HTML where there is none.
    text: Option<Template>,
}

impl Letters {
    /// Reads every template.
    ///
    /// # Errors
    /// A file that cannot be read, or a template that is wrong: where and what.
    pub fn load(settings: &Settings) -> Result<Letters, LettersError> {
        let mut letters = BTreeMap::new();
        for kind in Kind::ALL {
            let custom = settings.custom.get(&kind).cloned().unwrap_or_default();
            letters.insert(kind, Letter::load(kind, &custom, settings)?);
        }
        Ok(Letters { from: settings.from.clone(), notifications: settings.notifications.clone(), letters })
    }

    /// Whether letters of this kind are sent at all.
    pub fn is_sent(&self, kind: Kind) -> bool {
        !kind.is_notification() || self.notifications.contains(&kind)
    }

    /// Writes a letter, with a new identifier.
    ///
    /// # Errors
    /// When it would be larger than a message may be.
    pub fn write(&self, kind: Kind, variables: &Variables, to: &Address) -> Result<Message, InvalidMessage> {
        let fields = variables.fields();
        // Every kind is there: `load` went through all.
        let (subject, html, text) = match self.letters.get(&kind) {
            Some(Letter { subject, html, text }) => {
                let html = html.fill(&fields);
                let text = text.as_ref().map_or_else(|| text::of_html(&html), |text| text.fill(&fields));
                (subject.fill(&fields), html, text)
            }
            None => Default::default(),
        };
        Message::new(MessageParts {
            id: JobId::new().to_string(),
            from: self.from.clone(),
            to: Mailbox::new(to.clone()),
            reply_to: None,
            subject: one_line(&subject),
            text: text.replace('\0', ""),
            html: Some(html.replace('\0', "")),
        })
    }
}

/// The job that delivers a message: its statement goes into the work whose row causes it.
pub fn job(message: &Message) -> Job {
    // A message is made of text, so it has a JSON form.
    let payload = serde_json::to_value(message).unwrap_or(Value::Null);
    let job = Job::new(mail::JOB_KIND, payload);
    match JobId::parse(message.id()) {
        Some(id) => job.with_id(id),
        None => job,
    }
}

impl Letter {
    fn load(kind: Kind, custom: &Custom, settings: &Settings) -> Result<Letter, LettersError> {
        let Custom { subject, content_path } = custom;
        let ours = |form, source: &str| {
            Template::read(source, form, &NAMES)
                .map_err(|error| LettersError::Template { given: format!("default {}", kind.name()), error })
        };
        let subject = match subject {
            Some(subject) => Template::read(subject, Form::Plain, &NAMES).map_err(|error| {
                LettersError::Template { given: format!("{}.subject", kind.key()), error }
            })?,
            None => ours(Form::Plain, defaults::subject(kind))?,
        };
        let Some(path) = content_path else {
            let html = ours(Form::Html, &defaults::html(kind))?;
            let text = Some(ours(Form::Plain, &defaults::text(kind))?);
            return Ok(Letter { subject, html, text });
        };
        let (found, source) = read(path, &settings.folders).map_err(|problem| LettersError::Unreadable {
            key: kind.key(),
            path: path.clone(),
            problem,
        })?;
        let html = Template::read(&source, Form::Html, &NAMES)
            .map_err(|error| LettersError::Template { given: found.display().to_string(), error })?;
        Ok(Letter { subject, html, text: None })
    }
}

/// The first file of that path in the folders.
fn read(path: &Path, folders: &[PathBuf]) -> Result<(PathBuf, String), String> {
    let mut problem = "no folder to look in".to_owned();
    for folder in folders {
        let candidate = folder.join(path);
        match std::fs::read_to_string(&candidate) {
            Ok(source) => return Ok((candidate, source)),
            Err(error) => problem = error.to_string(),
        }
    }
    Err(problem)
}

/// A subject is one line, of a length that a header has.
fn one_line(text: &str) -> String {
    const MOST: usize = 250;
    let words: Vec<&str> = text
        .split(|c: char| c.is_whitespace() || c.is_control() || matches!(c, '\u{2028}' | '\u{2029}'))
        .filter(|word| !word.is_empty())
        .collect();
    let line = words.join(" ");
    match line.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}
