//! `POST /signup`: a new user by e-mail and password, or an anonymous one.

use crate::State;
use crate::audit::{self, Action, Actor};
use crate::error::{AuthError, ErrorCode, Result};
use crate::model::{Method, User};
use crate::pkce::Challenge;
use crate::rates::Limit;
use crate::registration::{self, Registered, Registration};
use crate::request::{Client, Json, WantedRedirect, filled, json};
use crate::sessions;
use crate::store::Change;
use crate::store::users::{self, NewUser};
use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value};
use uuid::Uuid;

#[derive(Deserialize)]
#[serde(default)]
#[derive(Default)]
pub(super) struct Parameters {
    email: Option<String>,
    phone: Option<String>,
    password: Option<String>,
    data: Option<Map<String, Value>>,
    code_challenge: Option<String>,
    code_challenge_method: Option<String>,
}

pub(super) async fn signup(
    axum::extract::State(state): axum::extract::State<State>,
    client: Client,
    wanted: WantedRedirect,
    Json(parameters): Json<Parameters>,
) -> Result<Response> {
    let (email, phone) = (filled(&parameters.email), filled(&parameters.phone));
    if email.is_none() && phone.is_none() {
        return anonymous(&state, &client, parameters.data.unwrap_or_default()).await;
    }
    state.rates.take(Limit::SignUp, &client, account(email).as_deref()).await?;
    if !state.settings.signup_enabled {
        return Err(disabled());
    }
    let Some(password) = filled(&parameters.password) else {
        return Err(AuthError::invalid("Signup requires a valid password"));
    };
    state.settings.passwords.check(password, email)?;
    let email = match (email, phone) {
        (Some(_), Some(_)) => {
            return Err(AuthError::invalid(
                "Only an email address or phone number should be provided on signup.",
            ));
        }
        (Some(email), None) => email,
        _ => {
            return Err(AuthError::bad_request(
                ErrorCode::PHONE_PROVIDER_DISABLED,
                "Phone signups are disabled",
            ));
        }
    };
    let challenge =
        Challenge::asked(parameters.code_challenge.as_deref(), parameters.code_challenge_method.as_deref())?;
    if !state.settings.email.enabled {
        return Err(AuthError::bad_request(ErrorCode::EMAIL_PROVIDER_DISABLED, "Email signups are disabled"));
    }
    let email = crate::email::normalise(email)?;
    let data = parameters.data.unwrap_or_default();
    // For whoever is registered too: the time tells nothing.
    let hash = state.hasher.hash(password).await?;
    let registration = Registration {
        email: &email,
        password: Some((password, &hash)),
        data: &data,
        challenge: challenge.as_ref(),
        redirect_to: &state.settings.redirects.choose(&wanted),
    };
    match registration::register(&state, &client, &registration).await? {
        Registered::SignedIn(tokens) => tokens.answer(),
        Registered::Pending(user) => json(StatusCode::OK, &user),
        Registered::Created => Err(AuthError::internal("who has a password is signed in by it")),
        Registered::Exists(_) if !state.settings.email.confirmations => {
            Err(registration::already_registered())
        }
        Registered::Exists(user) => json(StatusCode::OK, &obfuscated(&state, *user, &email, data)),
    }
}

/// A user who is nobody, in the answer to whom the address of a registered one was given.
fn obfuscated(state: &State, registered: User, email: &str, data: Map<String, Value>) -> User {
    let now = registered.read_at;
    User {
        id: Uuid::now_v7(),
        aud: state.settings.audience.clone(),
        role: String::new(),
        email: Some(email.to_owned()),
        email_confirmed_at: None,
        invited_at: None,
        phone: None,
        phone_confirmed_at: None,
        confirmation_sent_at: Some(now),
        confirmed_at: None,
        recovery_sent_at: None,
        email_change: None,
        email_change_sent_at: None,
        phone_change: None,
        phone_change_sent_at: None,
        reauthentication_sent_at: None,
        last_sign_in_at: None,
        app_metadata: registration::app_metadata(),
        user_metadata: data,
        factors: Vec::new(),
        identities: Vec::new(),
        created_at: Some(now),
        updated_at: Some(now),
        banned_until: None,
        deleted_at: None,
        is_anonymous: false,
        is_sso_user: false,
        encrypted_password: None,
        tokens: crate::model::Tokens::default(),
        email_change_confirm_status: 0,
        read_at: now,
    }
}

async fn anonymous(state: &State, client: &Client, data: Map<String, Value>) -> Result<Response> {
    if !state.settings.anonymous_enabled {
        return Err(AuthError::unprocessable(
            ErrorCode::ANONYMOUS_PROVIDER_DISABLED,
            "Anonymous sign-ins are disabled",
        ));
    }
    state.rates.take(Limit::AnonymousSignIn, client, None).await?;
    if !state.settings.signup_enabled {
        return Err(disabled());
    }
    let id = Uuid::now_v7();
    let mut change = Change::new();
    let actor = Actor::newcomer(id, "", &data);
    change.then(users::insert(&NewUser {
        id,
        audience: &state.settings.audience,
        role: &state.settings.default_role,
        email: None,
        phone: None,
        password_hash: None,
        app_metadata: Map::new(),
        user_metadata: data,
        is_anonymous: true,
    }));
    let session = sessions::begin_of_newcomer(&mut change, id, Method::Anonymous, client)?;
    change.then(audit::statement(client, &actor, Action::UserSignedUp, None));
    let tokens = sessions::commit(state, change, session, id).await;
    tokens.map_err(|error| error.doing("Database error creating anonymous user"))?.answer()
}

/// The account that a request names, as it is counted; what is no address is none.
pub(super) fn account(email: Option<&str>) -> Option<String> {
    email.and_then(|email| crate::email::normalise(email).ok())
}

fn disabled() -> AuthError {
    AuthError::unprocessable(ErrorCode::SIGNUP_DISABLED, "Signups not allowed for this instance")
}
