//! `POST /invite`: mails an invitation; for administrators.

use crate::State;
use crate::access::Admin;
use crate::administration::{self, Administrator};
use crate::error::Result;
use crate::request::{Audience, Client, Json, WantedRedirect, json};
use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;
use serde_json::{Map, Value};

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Parameters {
    email: Option<String>,
    data: Option<Map<String, Value>>,
}

pub(super) async fn invite(
    axum::extract::State(state): axum::extract::State<State>,
    admin: Admin,
    client: Client,
    Audience(aud): Audience,
    wanted: WantedRedirect,
    Json(Parameters { email, data }): Json<Parameters>,
) -> Result<Response> {
    let administrator = Administrator::new(admin.role, client);
    let (email, data) = (email.unwrap_or_default(), data.unwrap_or_default());
    let redirect_to = state.settings.redirects.choose(&wanted);
    let user = administration::invite(&state, &administrator, &aud, &email, data, &redirect_to).await?;
    json(StatusCode::OK, &user)
}
