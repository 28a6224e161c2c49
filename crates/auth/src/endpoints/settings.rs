//! `GET /settings`: which ways to sign in there are.

use crate::State;
use crate::error::Result;
use crate::request::json;
use axum::response::Response;
use http::StatusCode;
use serde_json::{Map, Value, json};

/// The providers that GoTrue's answer has, in its order, besides those that are said below.
const PROVIDERS: [&str; 23] = [
    "apple",
    "azure",
    "bitbucket",
    "discord",
    "facebook",
    "snapchat",
    "figma",
    "fly",
    "github",
    "gitlab",
    "google",
    "keycloak",
    "kakao",
    "linkedin",
    "linkedin_oidc",
    "notion",
    "spotify",
    "slack",
    "slack_oidc",
    "workos",
    "twitch",
    "twitter",
    "zoom",
];

pub(super) async fn settings(axum::extract::State(state): axum::extract::State<State>) -> Result<Response> {
    let settings = &state.settings;
    let mut external: Map<String, Value> =
        PROVIDERS.iter().map(|name| ((*name).to_owned(), is_enabled(&state, name).into())).collect();
    external.insert("anonymous_users".to_owned(), settings.anonymous_enabled.into());
    external.insert("email".to_owned(), settings.email.enabled.into());
    external.insert("phone".to_owned(), false.into());
    json(
        StatusCode::OK,
        &json!({
            "external": external,
            "disable_signup": !settings.signup_enabled,
            "mailer_autoconfirm": !settings.email.confirmations,
            "phone_autoconfirm": false,
            "sms_provider": "",
            "saml_enabled": false,
            "saml_private_key_next_configured": false,
            "passkeys_enabled": false,
        }),
    )
}

/// Whether a provider may be signed in with.
fn is_enabled(state: &State, name: &str) -> bool {
    state.providers.is_enabled(name)
}
