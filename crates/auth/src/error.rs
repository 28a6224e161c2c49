//! What an account's request is refused with: GoTrue's codes, in both of its forms.
//!
//! A refusal is rendered twice at most: as the oldest form when it is made, and by [`in_asked_form`] as the form that the request asks for.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use database::DatabaseError;
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use serde_json::{Value, json};
use std::borrow::Cow;
use web::InternalCause;

/// The header by which a client says which form it reads.
pub const API_VERSION: HeaderName = HeaderName::from_static("x-supabase-api-version");

/// The first version whose errors are `{"code","message"}`.
const VERSION_2024: &str = "2024-01-01";

macro_rules! codes {
    ($($constant:ident $text:literal $meaning:literal)+) => {
        /// A stable code of an account's refusal (GoTrue's `error_code`).
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub struct ErrorCode(&'static str);

        impl ErrorCode {
            $(#[doc = $meaning] pub const $constant: ErrorCode = ErrorCode($text);)+
            /// Every code with its meaning: the reference is made from it.
            pub const ALL: &[(ErrorCode, &str)] = &[$((ErrorCode::$constant, $meaning),)+];

            /// Its text.
            pub fn as_str(self) -> &'static str {
                self.0
            }
        }
    };
}

codes! {
    UNEXPECTED_FAILURE "unexpected_failure" "Something failed inside; the log has the cause under the request's id."
    VALIDATION_FAILED "validation_failed" "A parameter is missing or not of its form."
    BAD_JSON "bad_json" "The body is not JSON, or not an object of the fields that are expected."
    EMAIL_EXISTS "email_exists" "Another user has this address."
    PHONE_EXISTS "phone_exists" "Another user has this telephone number."
    BAD_JWT "bad_jwt" "The token is not valid: signature, time or claims."
    NOT_ADMIN "not_admin" "The token's role may not administer users."
    NO_AUTHORIZATION "no_authorization" "No bearer token was shown."
    USER_NOT_FOUND "user_not_found" "There is no such user (any more)."
    SESSION_NOT_FOUND "session_not_found" "The session was signed out."
    SESSION_EXPIRED "session_expired" "The session's time is over."
    REFRESH_TOKEN_NOT_FOUND "refresh_token_not_found" "There is no such refresh token."
    REFRESH_TOKEN_ALREADY_USED "refresh_token_already_used" "The refresh token was used before: all tokens of its session are revoked."
    FLOW_STATE_NOT_FOUND "flow_state_not_found" "There is no such sign-in under way."
    FLOW_STATE_EXPIRED "flow_state_expired" "The sign-in took too long: begin again."
    FLOW_STATE_ALREADY_USED "flow_state_already_used" "The code was exchanged before."
    OAUTH_CLIENT_STATE_NOT_FOUND "oauth_client_state_not_found" "The provider's answer belongs to no sign-in under way."
    OAUTH_CLIENT_STATE_EXPIRED "oauth_client_state_expired" "The provider's answer came too late."
    OAUTH_INVALID_STATE "oauth_invalid_state" "The provider's answer names no valid state."
    SIGNUP_DISABLED "signup_disabled" "New users are not accepted."
    USER_BANNED "user_banned" "The user may not sign in for now."
    PROVIDER_EMAIL_NEEDS_VERIFICATION "provider_email_needs_verification" "The provider has not verified the address: a confirmation was mailed."
    INVITE_NOT_FOUND "invite_not_found" "The invitation is not valid any more."
    BAD_OAUTH_STATE "bad_oauth_state" "The state does not belong to a sign-in."
    BAD_OAUTH_CALLBACK "bad_oauth_callback" "The provider's answer is incomplete."
    OAUTH_PROVIDER_NOT_SUPPORTED "oauth_provider_not_supported" "The provider is not known or not enabled."
    UNEXPECTED_AUDIENCE "unexpected_audience" "The token is for another audience."
    SINGLE_IDENTITY_NOT_DELETABLE "single_identity_not_deletable" "A user's last identity cannot be removed."
    EMAIL_CONFLICT_IDENTITY_NOT_DELETABLE "email_conflict_identity_not_deletable" "Without this identity the user's address would be another user's."
    IDENTITY_ALREADY_EXISTS "identity_already_exists" "The identity belongs to a user already."
    EMAIL_PROVIDER_DISABLED "email_provider_disabled" "Signing in by e-mail is disabled."
    PHONE_PROVIDER_DISABLED "phone_provider_disabled" "Signing in by telephone is disabled."
    MFA_FACTOR_NOT_FOUND "mfa_factor_not_found" "There is no such second factor."
    INSUFFICIENT_AAL "insufficient_aal" "A second factor must be shown first."
    CAPTCHA_FAILED "captcha_failed" "The captcha was not solved."
    SAML_PROVIDER_DISABLED "saml_provider_disabled" "SAML is disabled."
    MANUAL_LINKING_DISABLED "manual_linking_disabled" "Linking identities by hand is disabled."
    SMS_SEND_FAILED "sms_send_failed" "The text message could not be sent."
    EMAIL_NOT_CONFIRMED "email_not_confirmed" "The address is not confirmed yet."
    PHONE_NOT_CONFIRMED "phone_not_confirmed" "The telephone number is not confirmed yet."
    USER_ALREADY_EXISTS "user_already_exists" "The user is registered already."
    CONFLICT "conflict" "Another request changes the same thing: try again."
    PROVIDER_DISABLED "provider_disabled" "The provider is not enabled."
    USER_SSO_MANAGED "user_sso_managed" "The user's organisation manages this."
    REAUTHENTICATION_NEEDED "reauthentication_needed" "A reauthentication code is needed."
    SAME_PASSWORD "same_password" "The new password is the old one."
    REAUTHENTICATION_NOT_VALID "reauthentication_not_valid" "The reauthentication code is not valid."
    CURRENT_PASSWORD_INVALID "current_password_invalid" "The present password is wrong."
    CURRENT_PASSWORD_REQUIRED "current_password_required" "The present password is needed."
    OTP_EXPIRED "otp_expired" "The code or link is wrong, used, or too old."
    OTP_DISABLED "otp_disabled" "Signing in by code is disabled for those who are not registered."
    IDENTITY_NOT_FOUND "identity_not_found" "There is no such identity."
    WEAK_PASSWORD "weak_password" "The password is too weak; the reasons say why."
    OVER_REQUEST_RATE_LIMIT "over_request_rate_limit" "Too many requests from this address: wait."
    OVER_EMAIL_SEND_RATE_LIMIT "over_email_send_rate_limit" "Too many mails: wait."
    OVER_SMS_SEND_RATE_LIMIT "over_sms_send_rate_limit" "Too many text messages: wait."
    BAD_CODE_VERIFIER "bad_code_verifier" "The code verifier does not fit its challenge."
    ANONYMOUS_PROVIDER_DISABLED "anonymous_provider_disabled" "Anonymous users are not accepted."
    REQUEST_TIMEOUT "request_timeout" "The request took too long."
    INVALID_CREDENTIALS "invalid_credentials" "Unknown user or wrong password."
    EMAIL_ADDRESS_NOT_AUTHORIZED "email_address_not_authorized" "Mail to this address is not allowed."
    EMAIL_ADDRESS_INVALID "email_address_invalid" "The address is not one that mail can be sent to."
    WEB3_PROVIDER_DISABLED "web3_provider_disabled" "Signing in by wallet is disabled."
    EMAIL_ADDRESS_NOT_PROVIDED "email_address_not_provided" "The provider gave no address."
    FEATURE_DISABLED "feature_disabled" "The feature is disabled."
    REQUEST_ENTITY_TOO_LARGE "request_entity_too_large" "The body is too large."
}

/// A refusal.
#[derive(Clone, Debug)]
pub struct AuthError {
    status: StatusCode,
    code: ErrorCode,
    message: Cow<'static, str>,
    /// Reasons of a weak password: `length`, `characters`, `pwned`.
    weak_password: Option<Vec<&'static str>>,
    /// The form of OAuth: `{"error","error_description"}`; the `error`.
    oauth: Option<&'static str>,
    /// Boxed: few have any, and every result would be larger.
    headers: Box<HeaderMap>,
    internal: Option<String>,
}

/// The result of everything here.
pub(crate) type Result<T, E = AuthError> = std::result::Result<T, E>;

impl AuthError {
    /// A refusal under a status.
    pub fn new(status: StatusCode, code: ErrorCode, message: impl Into<Cow<'static, str>>) -> AuthError {
        AuthError {
            status,
            code,
            message: message.into(),
            weak_password: None,
            oauth: None,
            headers: Box::default(),
            internal: None,
        }
    }

    /// 400
    pub fn bad_request(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> AuthError {
        AuthError::new(StatusCode::BAD_REQUEST, code, message)
    }

    /// 400 `validation_failed`
    pub fn invalid(message: impl Into<Cow<'static, str>>) -> AuthError {
        AuthError::bad_request(ErrorCode::VALIDATION_FAILED, message)
    }

    /// 403
    pub fn forbidden(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> AuthError {
        AuthError::new(StatusCode::FORBIDDEN, code, message)
    }

    /// 404
    pub fn not_found(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> AuthError {
        AuthError::new(StatusCode::NOT_FOUND, code, message)
    }

    /// 422
    pub fn unprocessable(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> AuthError {
        AuthError::new(StatusCode::UNPROCESSABLE_ENTITY, code, message)
    }

    /// 429
    pub fn too_many(code: ErrorCode, message: impl Into<Cow<'static, str>>) -> AuthError {
        AuthError::new(StatusCode::TOO_MANY_REQUESTS, code, message)
    }

    /// 500; the cause is for the log only.
    pub fn internal(cause: impl std::fmt::Display) -> AuthError {
        let mut error = AuthError::new(
            StatusCode::INTERNAL_SERVER_ERROR,
            ErrorCode::UNEXPECTED_FAILURE,
            "Unexpected failure, please check server logs for more information",
        );
        error.internal = Some(cause.to_string());
        error
    }

    /// 400 in OAuth's form (RFC 6749 section 5.2).
    pub fn oauth(error: &'static str, description: impl Into<Cow<'static, str>>) -> AuthError {
        AuthError { oauth: Some(error), ..AuthError::invalid(description) }
    }

    /// 422 `weak_password` with its reasons.
    pub fn weak_password(message: impl Into<Cow<'static, str>>, reasons: Vec<&'static str>) -> AuthError {
        AuthError {
            weak_password: Some(reasons),
            ..AuthError::unprocessable(ErrorCode::WEAK_PASSWORD, message)
        }
    }

    /// Adds a header.
    pub fn with_header(mut self, name: HeaderName, value: &str) -> AuthError {
        if let Ok(value) = HeaderValue::from_str(value) {
            self.headers.insert(name, value);
        }
        self
    }

    /// The same refusal in other words.
    pub fn saying(mut self, message: impl Into<Cow<'static, str>>) -> AuthError {
        self.message = message.into();
        self
    }

    /// Adds what the log may say and the client may not see.
    pub fn with_cause(mut self, cause: impl std::fmt::Display) -> AuthError {
        self.internal = Some(cause.to_string());
        self
    }

    /// Its code.
    pub fn code(&self) -> ErrorCode {
        self.code
    }

    /// Its status.
    pub fn status(&self) -> StatusCode {
        self.status
    }

    /// Its message.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What only the log and the operator may see.
    pub fn cause(&self) -> Option<&str> {
        self.internal.as_deref()
    }

    fn render(&self, newer: bool, request_id: Option<&str>) -> Response {
        let mut body = match (self.oauth, newer) {
            (Some(error), _) => json!({"error": error, "error_description": self.message}),
            (None, true) => json!({"code": self.code.as_str(), "message": self.message}),
            (None, false) => {
                json!({"code": self.status.as_u16(), "error_code": self.code.as_str(), "msg": self.message})
            }
        };
        if let Some(reasons) = &self.weak_password {
            body["weak_password"] = json!({"reasons": reasons});
        }
        if self.status.is_server_error()
            && !newer
            && let Some(id) = request_id
        {
            body["error_id"] = Value::String(id.to_owned());
        }
        let mut response = (self.status, HeaderMap::clone(&self.headers), body.to_string()).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.insert("x-sb-error-code", HeaderValue::from_static(self.code.as_str()));
        if newer {
            headers.insert(API_VERSION, HeaderValue::from_static(VERSION_2024));
        }
        if let Some(cause) = &self.internal {
            response.extensions_mut().insert(InternalCause(cause.clone()));
        }
        response
    }
}

impl IntoResponse for AuthError {
    fn into_response(self) -> Response {
        let mut response = self.render(false, None);
        response.extensions_mut().insert(Refused(self));
        response
    }
}

#[derive(Clone)]
struct Refused(AuthError);

/// Renders a refusal in the form that the request asks for.
pub(crate) async fn in_asked_form(request: Request, next: Next) -> Response {
    // Versions are dates, so their order is that of their text. What is not a date asks for the first form.
    let newer =
        request.headers().get(API_VERSION).and_then(|value| value.to_str().ok()).is_some_and(is_newer);
    let id = request.extensions().get::<web::RequestId>().map(|id| id.as_str().to_owned());
    let response = next.run(request).await;
    match response.extensions().get::<Refused>() {
        Some(Refused(error)) => error.render(newer, id.as_deref()),
        None => response,
    }
}

fn is_newer(version: &str) -> bool {
    let is_date = version.len() == 10
        && version
            .bytes()
            .enumerate()
            .all(|(at, byte)| if matches!(at, 4 | 7) { byte == b'-' } else { byte.is_ascii_digit() });
    is_date && version >= VERSION_2024
}

impl From<DatabaseError> for AuthError {
    fn from(error: DatabaseError) -> AuthError {
        if matches!(error.code().as_str(), "22021" | "22P05") {
            return AuthError::invalid("A text holds a character that cannot be kept (U+0000)");
        }
        let internal = error.fields().internal.clone();
        let mut answer = AuthError::internal(format_args!(
            "{} {}{}{}",
            error.code().as_str(),
            error.message(),
            if internal.is_some() { ": " } else { "" },
            internal.as_deref().unwrap_or_default()
        ));
        let unavailable =
            matches!(&error.code().as_str()[..2], "08" | "53") || error.code().as_str() == "57P01";
        if unavailable {
            answer.status = StatusCode::SERVICE_UNAVAILABLE;
            answer = answer.with_header(header::RETRY_AFTER, "1");
        }
        answer
    }
}

impl From<crate::password::Busy> for AuthError {
    fn from(busy: crate::password::Busy) -> AuthError {
        let seconds = busy.retry_after.as_secs().max(1).to_string();
        AuthError::new(
            StatusCode::SERVICE_UNAVAILABLE,
            ErrorCode::UNEXPECTED_FAILURE,
            "Too many passwords are being checked at the moment, please try again",
        )
        .with_header(header::RETRY_AFTER, &seconds)
    }
}

impl From<crate::password::PolicyError> for AuthError {
    fn from(error: crate::password::PolicyError) -> AuthError {
        use crate::password::PolicyError;
        match &error {
            PolicyError::TooLong => AuthError::invalid(error.message()),
            PolicyError::Weak(weak) => {
                let reasons = weak.reasons.iter().map(|reason| reason.as_str()).collect();
                AuthError::weak_password(error.message(), reasons)
            }
        }
    }
}

#[cfg(test)]
mod tests;
