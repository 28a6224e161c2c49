//! `GET` and `POST /verify`: a mailed code or link, shown by who can read the mail.
//!
//! GET is what a browser does with a link: it always ends at the page that the link names, with tokens, a code or an error. POST is what
//! a program does, with the code that was typed or the hash of a link.

mod proof;
mod token;

pub(super) use proof::{address_changed, email_exists, put_identity};

use super::signup::account;
use crate::State;
use crate::error::{AuthError, ErrorCode, Result};
use crate::mailing::Flow;
use crate::page::{encoded, redirect, with_fragment, with_query};
use crate::rates::Limit;
use crate::request::{Client, Json, Query, WantedRedirect, filled, json};
use axum::response::Response;
use http::{Method, StatusCode};
use proof::Proof;
use serde::Deserialize;
use serde_json::json;
use token::Shown;

/// What is said when one of two addresses has agreed to a change.
const ONE_OF_TWO: &str = "Confirmation link accepted. Please proceed to confirm link sent to the other email";

/// What a code or link is for, as a request says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Purpose {
    Signup,
    Invite,
    Recovery,
    MagicLink,
    EmailChange,
    /// A code that may be of a sign-up or to sign in.
    Email,
}

impl Purpose {
    fn parse(text: &str) -> Option<Purpose> {
        Some(match text {
            "signup" => Purpose::Signup,
            "invite" => Purpose::Invite,
            "recovery" => Purpose::Recovery,
            "magiclink" => Purpose::MagicLink,
            "email_change" => Purpose::EmailChange,
            "email" => Purpose::Email,
            _ => return None,
        })
    }

    fn as_str(self) -> &'static str {
        match self {
            Purpose::Signup => "signup",
            Purpose::Invite => "invite",
            Purpose::Recovery => "recovery",
            Purpose::MagicLink => "magiclink",
            Purpose::EmailChange => "email_change",
            Purpose::Email => "email",
        }
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Parameters {
    r#type: Option<String>,
    token: Option<String>,
    token_hash: Option<String>,
    email: Option<String>,
    phone: Option<String>,
    redirect_to: Option<String>,
}

/// The code or link of a body.
pub(super) async fn post(
    axum::extract::State(state): axum::extract::State<State>,
    client: Client,
    Json(parameters): Json<Parameters>,
) -> Result<Response> {
    let (email, phone) = (filled(&parameters.email), filled(&parameters.phone));
    state.rates.take(Limit::Verify, &client, account(email).as_deref()).await?;
    let Some(purpose) = filled(&parameters.r#type) else { return Err(no_type()) };
    let shown = match (filled(&parameters.token), filled(&parameters.token_hash)) {
        (Some(code), None) => {
            let (Some(email), None) = (email, phone) else { return Err(no_address(email, phone)) };
            let email = crate::email::normalise(email).map_err(|_| {
                AuthError::unprocessable(ErrorCode::VALIDATION_FAILED, "Invalid email format")
            })?;
            Shown::Code { email, code: code.to_owned() }
        }
        (None, Some(hash)) => {
            if email.is_some() || phone.is_some() || filled(&parameters.redirect_to).is_some() {
                return Err(AuthError::invalid("Only the token_hash and type should be provided"));
            }
            Shown::Hash(hash.to_owned())
        }
        _ => return Err(AuthError::invalid("Verify requires either a token or a token hash")),
    };
    let purpose = Purpose::parse(purpose).ok_or_else(unsupported)?;
    match proof::prove(&state, &client, purpose, &shown, Flow::Implicit).await? {
        Proof::Session { tokens, .. } => tokens.answer(),
        Proof::OneOfTwo => json(StatusCode::OK, &json!({"msg": ONE_OF_TWO, "code": "200"})),
        Proof::Code(_) => Err(AuthError::internal("a body's code or link leads to a session")),
    }
}

/// The link of a mail.
pub(super) async fn get(
    axum::extract::State(state): axum::extract::State<State>,
    method: Method,
    client: Client,
    wanted: WantedRedirect,
    query: Query,
) -> Result<Response> {
    if method != Method::GET {
        // Who looks at links before the reader does asks with HEAD: that uses nothing up.
        return Err(AuthError::new(
            StatusCode::METHOD_NOT_ALLOWED,
            ErrorCode::VALIDATION_FAILED,
            "Method not allowed",
        ));
    }
    state.rates.take(Limit::Verify, &client, None).await?;
    let Some(purpose) = query.get("type") else { return Err(no_type()) };
    let Some(hash) = query.get("token") else {
        return Err(AuthError::invalid("Verify requires a token or a token hash"));
    };
    let page = state.settings.redirects.choose(&wanted);
    let flow = Flow::of_token(hash);
    let proven = match Purpose::parse(purpose) {
        Some(purpose) => proof::prove(&state, &client, purpose, &Shown::Hash(hash.to_owned()), flow).await,
        None => Err(unsupported()),
    };
    let target = match proven {
        Ok(Proof::Session { tokens, purpose }) => {
            with_fragment(&page, &tokens.fragment(&[("type", purpose.as_str())]))
        }
        Ok(Proof::Code(code)) => with_query(&page, &[("code", &code)]),
        Ok(Proof::OneOfTwo) => {
            let page = if flow == Flow::Pkce { with_query(&page, &[("message", ONE_OF_TWO)]) } else { page };
            with_fragment(&page, &encoded(&[("message", ONE_OF_TWO), ("sb", "")]))
        }
        Err(error) => error_page(&page, &error, flow),
    };
    redirect(StatusCode::SEE_OTHER, &target)
}

/// The page with the error in its fragment, and in its query where a code was expected there.
fn error_page(page: &str, error: &AuthError, flow: Flow) -> String {
    let kind = match error.status().as_u16() {
        400 => Some("invalid_request"),
        401 => Some("unauthorized_client"),
        403 => Some("access_denied"),
        500 => Some("server_error"),
        503 => Some("temporarily_unavailable"),
        _ => None,
    };
    let mut pairs: Vec<(&str, &str)> = kind.map(|kind| ("error", kind)).into_iter().collect();
    pairs.extend([("error_code", error.code().as_str()), ("error_description", error.message())]);
    let page = if flow == Flow::Pkce { with_query(page, &pairs) } else { page.to_owned() };
    pairs.push(("sb", ""));
    with_fragment(&page, &encoded(&pairs))
}

fn no_type() -> AuthError {
    AuthError::invalid("Verify requires a verification type")
}

fn unsupported() -> AuthError {
    AuthError::invalid("Invalid email verification type")
}

/// The refusal of a code without an address, or with a telephone number: of these there are none.
fn no_address(email: Option<&str>, phone: Option<&str>) -> AuthError {
    match (email, phone) {
        (None, Some(phone)) => crate::phone::normalise(phone).err().unwrap_or_else(token::wrong_code),
        _ => AuthError::invalid("Only an email address or phone number should be provided on verify"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_stands_where_the_page_looks_for_it() {
        let error = AuthError::forbidden(ErrorCode::OTP_EXPIRED, "Email link is invalid or has expired");
        let pairs = "error=access_denied&error_code=otp_expired&error_description=Email+link+is+invalid+or+has+expired";
        assert_eq!(
            error_page("https://a.example/", &error, Flow::Implicit),
            format!("https://a.example/#{pairs}&sb=")
        );
        assert_eq!(
            error_page("https://a.example/", &error, Flow::Pkce),
            format!("https://a.example/?{pairs}#{pairs}&sb=")
        );
    }
}
