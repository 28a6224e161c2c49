//! What the operator does to users, at the command line or on the page at `/`: requests and answers as values, under the accounts' own
//! rules. A running owner answers them; without one the command does it itself.

use auth::AuthError;
use auth::administration::{
    self, Administrator, Deletion, LinkParameters, LinkType, Order, Page, UserParameters, UserQuery,
};
use auth::model::User;
use serde::{Deserialize, Serialize};
use std::fmt;

/// A ban without an end of its own: a hundred years.
const UNTIL_LIFTED: &str = "876000h";

/// What is to be done. Users are named by address or id.
#[derive(Clone, Serialize, Deserialize)]
#[serde(tag = "action", rename_all = "snake_case")]
pub enum UserRequest {
    /// Show a page of users, the newest first.
    List {
        /// Part of the address or of the full name, or a whole id.
        filter: Option<String>,
        /// The page, from 1.
        page: u64,
        /// How many users on each.
        per_page: u64,
    },
    /// Make a user.
    Create {
        /// The address.
        email: String,
        /// The password; none is no password.
        password: Option<String>,
        /// Whether the address counts as confirmed.
        confirmed: bool,
    },
    /// Mail an invitation, and make the user when there is none.
    Invite {
        /// The address.
        email: String,
    },
    /// Set a password; every session ends.
    SetPassword {
        /// Whose.
        user: String,
        /// The password.
        password: String,
    },
    /// Refuse sign-ins; every session ends.
    Ban {
        /// Whom.
        user: String,
        /// For how long, as Go writes durations; until it is lifted when absent.
        duration: Option<String>,
    },
    /// Lift a ban.
    Unban {
        /// Whose.
        user: String,
    },
    /// Delete a user.
    Delete {
        /// Whom.
        user: String,
        /// Whether the row stays, without anything that tells who it was.
        soft: bool,
    },
    /// Make a link as it is mailed, without mailing it.
    Link {
        /// Whose address.
        email: String,
        /// What the link does: one of [`LinkType`]'s names.
        kind: String,
        /// The address that is to be theirs, for a change of address.
        new_email: Option<String>,
        /// Where the link leads in the end; the project's site when absent.
        redirect_to: Option<String>,
    },
}

impl fmt::Debug for UserRequest {
    // Passwords are not printed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            UserRequest::List { .. } => "List",
            UserRequest::Create { .. } => "Create",
            UserRequest::Invite { .. } => "Invite",
            UserRequest::SetPassword { .. } => "SetPassword",
            UserRequest::Ban { .. } => "Ban",
            UserRequest::Unban { .. } => "Unban",
            UserRequest::Delete { .. } => "Delete",
            UserRequest::Link { .. } => "Link",
        })
    }
}

/// What was done.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserAnswer {
    /// A page of users.
    Page {
        /// The users.
        users: Vec<ListedUser>,
        /// How many there are on all pages.
        total: u64,
    },
    /// The user as it is now.
    User(Box<ListedUser>),
    /// The user is gone (or, when softly deleted, nobody any more).
    Deleted {
        /// Whose row it was.
        id: String,
    },
    /// A link: whoever has it is the user.
    Link {
        /// Whose.
        user: Box<ListedUser>,
        /// What it does.
        kind: String,
        /// The link.
        link: String,
    },
}

impl fmt::Debug for UserAnswer {
    // Links are not printed.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            UserAnswer::Page { .. } => "Page",
            UserAnswer::User(_) => "User",
            UserAnswer::Deleted { .. } => "Deleted",
            UserAnswer::Link { .. } => "Link",
        })
    }
}

/// A user in a list. Times as RFC 3339 writes them.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct ListedUser {
    /// The id.
    pub id: String,
    /// The address.
    pub email: Option<String>,
    /// The telephone number.
    pub phone: Option<String>,
    /// When they were made.
    pub created_at: Option<String>,
    /// When they last signed in.
    pub last_sign_in_at: Option<String>,
    /// When the address or number was confirmed.
    pub confirmed_at: Option<String>,
    /// Until when they may not sign in, when that is ahead.
    pub banned_until: Option<String>,
    /// When they were deleted while the row was kept.
    pub deleted_at: Option<String>,
    /// Whether they have proven nothing.
    pub is_anonymous: bool,
    /// How they are known.
    pub providers: Vec<String>,
}

impl From<&User> for ListedUser {
    fn from(user: &User) -> ListedUser {
        let mut providers: Vec<String> =
            user.identities.iter().map(|identity| identity.provider.clone()).collect();
        providers.dedup();
        let time = |at: Option<auth::model::Timestamp>| at.map(|at| at.to_string());
        ListedUser {
            id: user.id.to_string(),
            email: user.email.clone(),
            phone: user.phone.clone(),
            created_at: time(user.created_at),
            last_sign_in_at: time(user.last_sign_in_at),
            confirmed_at: time(user.confirmed_at),
            banned_until: time(user.banned_until.filter(|_| user.is_banned())),
            deleted_at: time(user.deleted_at),
            is_anonymous: user.is_anonymous,
            providers,
        }
    }
}

/// Why nothing was done.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct UserRefusal {
    /// The status that the protocol has for it.
    pub status: u16,
    /// The protocol's code.
    pub code: String,
    /// The message.
    pub message: String,
    /// What only the log and the operator may see.
    pub cause: Option<String>,
}

impl From<AuthError> for UserRefusal {
    fn from(error: AuthError) -> UserRefusal {
        UserRefusal {
            status: error.status().as_u16(),
            code: error.code().as_str().to_owned(),
            message: error.message().to_owned(),
            cause: error.cause().map(str::to_owned),
        }
    }
}

impl fmt::Display for UserRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.cause {
            Some(cause) => write!(f, " ({cause})"),
            None => Ok(()),
        }
    }
}

/// Does what the operator asks for.
///
/// # Errors
/// The accounts' refusal.
pub async fn answer(accounts: &auth::State, request: UserRequest) -> Result<UserAnswer, UserRefusal> {
    Ok(try_answer(accounts, request).await?)
}

async fn try_answer(accounts: &auth::State, request: UserRequest) -> Result<UserAnswer, AuthError> {
    let operator = Administrator::operator();
    let changed = |user: &User| UserAnswer::User(Box::new(user.into()));
    match request {
        UserRequest::List { filter, page, per_page } => {
            let filter = filter.as_deref().filter(|text| !text.is_empty());
            let page = Page::Number { page, per_page };
            let query = UserQuery { audience: None, filter, order: Order::Descending, page };
            let found = administration::users(accounts, &query).await?;
            let users = found.users.iter().map(ListedUser::from).collect();
            Ok(UserAnswer::Page { users, total: found.total })
        }
        UserRequest::Create { email, password, confirmed } => {
            let parameters = UserParameters {
                email: Some(email),
                password,
                email_confirm: Some(confirmed),
                ..UserParameters::default()
            };
            let audience = administration::audience(accounts);
            Ok(changed(&administration::create(accounts, &operator, audience, parameters).await?))
        }
        UserRequest::Invite { email } => {
            Ok(changed(&administration::invite_to_site(accounts, &operator, &email).await?))
        }
        UserRequest::SetPassword { user, password } => {
            let parameters = UserParameters { password: Some(password), ..UserParameters::default() };
            let id = administration::identify(accounts, &user).await?;
            Ok(changed(&administration::update(accounts, &operator, id, parameters).await?))
        }
        UserRequest::Ban { user, duration } => {
            let duration = duration.unwrap_or_else(|| UNTIL_LIFTED.to_owned());
            let parameters = UserParameters { ban_duration: Some(duration), ..UserParameters::default() };
            let id = administration::identify(accounts, &user).await?;
            Ok(changed(&administration::update(accounts, &operator, id, parameters).await?))
        }
        UserRequest::Unban { user } => {
            let parameters =
                UserParameters { ban_duration: Some("none".to_owned()), ..UserParameters::default() };
            let id = administration::identify(accounts, &user).await?;
            Ok(changed(&administration::update(accounts, &operator, id, parameters).await?))
        }
        UserRequest::Delete { user, soft } => {
            let id = administration::identify(accounts, &user).await?;
            let deletion = if soft { Deletion::Soft } else { Deletion::Hard };
            administration::delete(accounts, &operator, id, deletion).await?;
            Ok(UserAnswer::Deleted { id: id.to_string() })
        }
        UserRequest::Link { email, kind, new_email, redirect_to } => {
            let kind = LinkType::parse(&kind).map_or(kind, |known| known.as_str().to_owned());
            let parameters = LinkParameters {
                kind: Some(kind),
                email: Some(email),
                new_email,
                redirect_to,
                ..LinkParameters::default()
            };
            let link = administration::link_to_site(accounts, &operator, parameters).await?;
            Ok(UserAnswer::Link {
                user: Box::new((&link.user).into()),
                kind: link.verification_type.to_owned(),
                link: link.action_link,
            })
        }
    }
}
