//! Links as they are mailed, for who mails them on their own: nothing is sent.

use super::create::insert;
use super::parameters::Wanted;
use super::{ATTEMPTS, Administrator, check_strength, email_exists, not_found, refused, traits_of};
use crate::State;
use crate::audit::Action;
use crate::error::{AuthError, Result};
use crate::mailing::{self, Code, Flow};
use crate::model::User;
use crate::store::one_time_tokens::{self, TokenKind};
use crate::store::users::Update;
use crate::store::{Change, ChangeError, UserKey};
use database::Value as Sql;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use uuid::Uuid;

/// What a link does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkType {
    /// Confirms a sign-up; makes the user when there is none.
    Signup,
    /// Accepts an invitation; makes the user when there is none.
    Invite,
    /// Signs in; for an unknown address it is a sign-up.
    MagicLink,
    /// Signs in to set a new password.
    Recovery,
    /// Agrees to a new address by the present one.
    EmailChangeCurrent,
    /// Confirms the new address.
    EmailChangeNew,
}

impl LinkType {
    /// All of them.
    pub const ALL: [LinkType; 6] = [
        LinkType::Signup,
        LinkType::Invite,
        LinkType::MagicLink,
        LinkType::Recovery,
        LinkType::EmailChangeCurrent,
        LinkType::EmailChangeNew,
    ];

    /// Its name in the protocol.
    pub fn as_str(self) -> &'static str {
        match self {
            LinkType::Signup => "signup",
            LinkType::Invite => "invite",
            LinkType::MagicLink => "magiclink",
            LinkType::Recovery => "recovery",
            LinkType::EmailChangeCurrent => "email_change_current",
            LinkType::EmailChangeNew => "email_change_new",
        }
    }

    /// The type of a name.
    pub fn parse(name: &str) -> Option<LinkType> {
        LinkType::ALL.into_iter().find(|link| link.as_str() == name)
    }

    /// What the link tells the endpoint that verifies it.
    fn verification(self) -> &'static str {
        match self {
            LinkType::EmailChangeCurrent | LinkType::EmailChangeNew => "email_change",
            LinkType::Signup | LinkType::Invite | LinkType::MagicLink | LinkType::Recovery => self.as_str(),
        }
    }

    fn token_kind(self) -> TokenKind {
        match self {
            LinkType::Signup | LinkType::Invite => TokenKind::Confirmation,
            LinkType::MagicLink | LinkType::Recovery => TokenKind::Recovery,
            LinkType::EmailChangeCurrent => TokenKind::EmailChangeCurrent,
            LinkType::EmailChangeNew => TokenKind::EmailChangeNew,
        }
    }
}

/// What link is wanted.
#[derive(Clone, Default, Deserialize)]
pub struct LinkParameters {
    /// The type's name.
    #[serde(rename = "type")]
    pub kind: Option<String>,
    /// The user's address.
    pub email: Option<String>,
    /// The address that is to be theirs.
    pub new_email: Option<String>,
    /// The password of a user that is made.
    pub password: Option<String>,
    /// What the user says of themselves.
    pub data: Option<Map<String, Value>>,
    /// Where the link leads in the end.
    pub redirect_to: Option<String>,
}

impl std::fmt::Debug for LinkParameters {
    // The password is not printed.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LinkParameters").field("kind", &self.kind).finish_non_exhaustive()
    }
}

/// A link and whom it is for.
#[derive(Clone, Serialize)]
pub struct Link {
    /// The user.
    #[serde(flatten)]
    pub user: User,
    /// The link.
    pub action_link: String,
    /// The code, to be typed instead.
    pub email_otp: String,
    /// The hash of the code, as the link has it.
    pub hashed_token: String,
    /// The type's name.
    pub verification_type: &'static str,
    /// Where the link leads in the end.
    pub redirect_to: String,
}

impl std::fmt::Debug for Link {
    // Whoever sees the link is the user.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Link").field("user", &self.user.id).finish_non_exhaustive()
    }
}

/// Makes a link. An earlier one of its kind ends.
///
/// # Errors
/// 400 for parameters that make no sense; 404 for an unknown user where none is made; 422 `email_exists` for who is confirmed.
pub async fn link(
    state: &State,
    administrator: &Administrator,
    audience: &str,
    parameters: LinkParameters,
    redirect_to: String,
) -> Result<Link> {
    let LinkParameters { kind, email, new_email, password, data, redirect_to: _ } = parameters;
    let email = crate::email::normalise(email.as_deref().unwrap_or(""))?;
    let kind = kind.unwrap_or_default();
    let kind = LinkType::parse(&kind)
        .ok_or_else(|| AuthError::invalid(format!("Invalid email action link type requested: {kind}")))?;
    let mut asked = Asked { kind, email, new_email: None, data: data.unwrap_or_default(), redirect_to };
    let key = UserKey::Email { email: &asked.email.clone(), audience };
    let mut found = state.store.user(&key).await?;
    let mut hash = None;
    match (&found, kind) {
        // A random password that nobody knows is none.
        (None, LinkType::MagicLink) => asked.kind = LinkType::Signup,
        (None, LinkType::Recovery | LinkType::EmailChangeCurrent | LinkType::EmailChangeNew) => {
            return Err(not_found().saying("User with this email not found"));
        }
        (None, LinkType::Signup) => {
            let password = password.filter(|password| !password.is_empty());
            let password = password.ok_or_else(|| AuthError::invalid("Signup requires a valid password"))?;
            check_strength(state, &password, Some(&asked.email))?;
            hash = Some(state.hasher.hash(&password).await?);
        }
        (Some(user), LinkType::EmailChangeCurrent | LinkType::EmailChangeNew) => {
            if kind == LinkType::EmailChangeCurrent && !state.settings.email.double_confirm_changes {
                return Err(AuthError::invalid(
                    "Enable secure email change to generate link for current email",
                ));
            }
            let new = crate::email::normalise(new_email.as_deref().unwrap_or(""))?;
            if state.store.is_email_taken(&new, &user.aud, Some(user.id)).await? {
                return Err(email_exists());
            }
            asked.new_email = Some(new);
        }
        (None, LinkType::Invite)
        | (Some(_), LinkType::Signup | LinkType::Invite | LinkType::MagicLink | LinkType::Recovery) => {}
    }
    for _ in 0..ATTEMPTS {
        let is_confirmed = found.as_ref().is_some_and(User::is_email_confirmed);
        if is_confirmed && matches!(asked.kind, LinkType::Signup | LinkType::Invite) {
            return Err(email_exists());
        }
        if found.is_none() && state.store.is_email_taken(&asked.email, audience, None).await? {
            return Err(email_exists());
        }
        // The link gives tokens to the page that it leads to: no browser has begun anything that a code could be exchanged for.
        let code = Code::new(state, asked.mailed_to(), Flow::Implicit)?;
        let (change, id) =
            decide(state, administrator, audience, &asked, found.as_ref(), hash.as_deref(), &code);
        match change.commit_and_read(&state.store, &UserKey::Id(id)).await {
            Ok(Some(user)) => return Ok(asked.link(state, user, code)),
            Ok(None) | Err(ChangeError::Stale) => found = state.store.user(&key).await?,
            Err(error) => return Err(refused(error, "Database error creating the link")),
        }
    }
    Err(ChangeError::Stale.into())
}

/// The same for the accounts' own audience, leading to where the parameters say or to the site.
///
/// # Errors
/// As [`link`]; 400 for a place that browsers may not be sent to.
pub async fn link_to_site(
    state: &State,
    administrator: &Administrator,
    parameters: LinkParameters,
) -> Result<Link> {
    let redirects = &state.settings.redirects;
    let redirect_to = match parameters.redirect_to.as_deref().filter(|url| !url.is_empty()) {
        None => redirects.site().to_owned(),
        Some(url) if redirects.allows(url) => url.to_owned(),
        Some(url) => {
            return Err(AuthError::invalid(format!(
                "Browsers may not be sent to {url}: it is neither of the site nor in the list of additional redirect URLs"
            )));
        }
    };
    link(state, administrator, &state.settings.audience, parameters, redirect_to).await
}

/// What is wanted, checked.
struct Asked {
    kind: LinkType,
    email: String,
    new_email: Option<String>,
    data: Map<String, Value>,
    redirect_to: String,
}

impl Asked {
    /// The address whose owner is to be proven.
    fn mailed_to(&self) -> &str {
        match self.kind {
            LinkType::EmailChangeNew => self.new_email.as_deref().unwrap_or(&self.email),
            _ => &self.email,
        }
    }

    fn link(self, state: &State, user: User, code: Code) -> Link {
        let Code { digits: email_otp, hash: hashed_token } = code;
        Link {
            user,
            action_link: mailing::link(state, &hashed_token, self.kind.verification(), &self.redirect_to),
            email_otp,
            hashed_token,
            verification_type: self.kind.as_str(),
            redirect_to: self.redirect_to,
        }
    }
}

/// The statements, and whose user it is.
fn decide(
    state: &State,
    administrator: &Administrator,
    audience: &str,
    asked: &Asked,
    found: Option<&User>,
    hash: Option<&str>,
    code: &Code,
) -> (Change, Uuid) {
    let mut change = Change::new();
    let id = match found {
        Some(user) => user.id,
        None => {
            let wanted = Wanted {
                email: Some(asked.email.clone()),
                user_metadata: asked.data.clone(),
                ..Wanted::default()
            };
            insert(state, &mut change, audience, &wanted, hash)
        }
    };
    let kind = asked.kind.token_kind();
    let mut update = Update::of(id).set(kind.column(), code.hash.as_str());
    update = match asked.kind {
        LinkType::Signup | LinkType::Invite => {
            update = update.set_now("confirmation_sent_at").only_if("email_confirmed_at", Sql::Null);
            if asked.kind == LinkType::Invite {
                update = update.set_now("invited_at");
            } else if found.is_some() && !asked.data.is_empty() {
                update = update.merge("raw_user_meta_data", asked.data.clone());
            }
            update
        }
        LinkType::MagicLink | LinkType::Recovery => update.set_now("recovery_sent_at"),
        LinkType::EmailChangeCurrent | LinkType::EmailChangeNew => {
            let new = asked.new_email.clone().unwrap_or_default();
            let other = match kind {
                TokenKind::EmailChangeCurrent => TokenKind::EmailChangeNew,
                _ => TokenKind::EmailChangeCurrent,
            };
            // What was sent for a change to another address is not for this one.
            if found.and_then(|user| user.email_change.as_deref()) != Some(&new) {
                update = update.set(other.column(), "");
                change.then(one_time_tokens::end(id, other));
            }
            update
                .set("email_change", new)
                .set("email_change_confirm_status", 0)
                .set_now("email_change_sent_at")
        }
    };
    change.only_if_one(update.statement());
    change.then(one_time_tokens::put(id, kind, &code.hash, asked.mailed_to()));
    let action = match (asked.kind, found) {
        (LinkType::Invite, _) => Action::UserInvited,
        (LinkType::Signup, None) => Action::UserSignedUp,
        (LinkType::Signup, Some(_)) => Action::UserConfirmationRequested,
        (LinkType::MagicLink | LinkType::Recovery, _) => Action::UserRecoveryRequested,
        (LinkType::EmailChangeCurrent | LinkType::EmailChangeNew, _) => Action::UserModified,
    };
    let mut traits = traits_of(id, Some(&asked.email), None);
    traits["link"] = asked.kind.as_str().into();
    administrator.record(&mut change, action, traits);
    (change, id)
}
