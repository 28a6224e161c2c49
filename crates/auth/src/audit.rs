//! `auth.audit_log_entries`: who did what, committed with what was done.

use crate::model::User;
use crate::request::Client;
use crate::store::users::INSTANCE;
use database::Statement;
use serde::Serialize;
use serde_json::{Map, Value};
use uuid::Uuid;

macro_rules! actions {
    ($($variant:ident $text:literal $group:literal $meaning:literal)+) => {
        /// What was done.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) enum Action {
            $(#[doc = $meaning] $variant,)+
        }

        impl Action {
            /// Its text, as GoTrue has it.
            pub(crate) fn as_str(self) -> &'static str {
                match self { $(Action::$variant => $text,)+ }
            }

            /// The group that it belongs to.
            fn group(self) -> &'static str {
                match self { $(Action::$variant => $group,)+ }
            }
        }
    };
}

actions! {
    Login "login" "account" "Somebody signed in."
    Logout "logout" "account" "Somebody signed out."
    InviteAccepted "invite_accepted" "account" "An invitation was accepted."
    UserSignedUp "user_signedup" "team" "Somebody signed up."
    UserInvited "user_invited" "team" "An administrator invited somebody."
    UserDeleted "user_deleted" "team" "An administrator deleted a user."
    TokenRevoked "token_revoked" "token" "A refresh token was revoked."
    TokenRefreshed "token_refreshed" "token" "A session was renewed."
    UserModified "user_modified" "user" "A user was changed."
    UserRecoveryRequested "user_recovery_requested" "user" "A recovery or a magic link was asked for."
    UserReauthenticationRequested "user_reauthenticate_requested" "user" "A reauthentication code was asked for."
    UserConfirmationRequested "user_confirmation_requested" "user" "A confirmation was asked for."
    UserRepeatedSignup "user_repeated_signup" "user" "Somebody signed up with the address of a user."
    UserUpdatedPassword "user_updated_password" "user" "A password was changed."
    IdentityLinked "identity_linked" "user" "An identity was linked."
    IdentityUnlinked "identity_unlinked" "user" "An identity was removed."
    FactorDeleted "factor_deleted" "factor" "A second factor was removed."
}

/// Who did it.
#[derive(Clone, Debug)]
pub(crate) struct Actor {
    id: String,
    username: String,
    name: Option<Value>,
    via_sso: bool,
}

impl Actor {
    /// A user.
    pub(crate) fn of(user: &User) -> Actor {
        Actor {
            id: user.id.to_string(),
            username: user.phone.clone().or_else(|| user.email.clone()).unwrap_or_default(),
            name: user.user_metadata.get("full_name").cloned(),
            via_sso: user.is_sso_user,
        }
    }

    /// A user that the same change makes.
    pub(crate) fn newcomer(id: Uuid, email: &str, user_metadata: &Map<String, Value>) -> Actor {
        Actor {
            id: id.to_string(),
            username: email.to_owned(),
            name: user_metadata.get("full_name").cloned(),
            via_sso: false,
        }
    }

    /// An administrator, known by the role of the token.
    pub(crate) fn administrator(role: &str) -> Actor {
        Actor { id: Uuid::nil().to_string(), username: role.to_owned(), name: None, via_sso: false }
    }
}

/// The statement that writes an entry.
pub(crate) fn statement(client: &Client, actor: &Actor, action: Action, traits: Option<Value>) -> Statement {
    Statement::with(
        "insert into auth.audit_log_entries (instance_id, id, payload, created_at, ip_address) values ($1, $2, $3, now(), $4)",
        [
            INSTANCE.into(),
            Uuid::now_v7().to_string().into(),
            payload(actor, action, traits).into(),
            address(client).into(),
        ],
    )
}

/// The statement that writes two entries about one actor.
pub(crate) fn two(client: &Client, actor: &Actor, actions: [Action; 2]) -> Statement {
    let [first, second] = actions;
    Statement::with(
        "insert into auth.audit_log_entries (instance_id, id, payload, created_at, ip_address) \
         values ($1, $2, $3, now(), $6), ($1, $4, $5, now(), $6)",
        [
            INSTANCE.into(),
            Uuid::now_v7().to_string().into(),
            payload(actor, first, None).into(),
            Uuid::now_v7().to_string().into(),
            payload(actor, second, None).into(),
            address(client).into(),
        ],
    )
}

fn address(client: &Client) -> String {
    client.address.map(|address| address.to_string()).unwrap_or_default()
}

/// An entry's payload, as GoTrue writes it.
#[derive(Serialize)]
struct Payload<'a> {
    action: &'static str,
    actor_id: &'a str,
    actor_username: &'a str,
    actor_via_sso: bool,
    log_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    actor_name: Option<&'a Value>,
    #[serde(skip_serializing_if = "Option::is_none")]
    traits: Option<Value>,
}

fn payload(actor: &Actor, action: Action, traits: Option<Value>) -> String {
    let payload = Payload {
        action: action.as_str(),
        actor_id: &actor.id,
        actor_username: &actor.username,
        actor_via_sso: actor.via_sso,
        log_type: action.group(),
        actor_name: actor.name.as_ref(),
        traits,
    };
    // Texts, truth values and JSON always have a JSON form.
    serde_json::to_string(&payload).unwrap_or_default()
}
