//! `POST /admin/generate_link`

use crate::State;
use crate::access::Admin;
use crate::administration::{self, Administrator, LinkParameters};
use crate::error::Result;
use crate::request::{Audience, Client, Json, WantedRedirect, json};
use axum::response::Response;
use http::StatusCode;

pub(in crate::endpoints) async fn generate_link(
    axum::extract::State(state): axum::extract::State<State>,
    admin: Admin,
    client: Client,
    Audience(aud): Audience,
    wanted: WantedRedirect,
    Json(parameters): Json<LinkParameters>,
) -> Result<Response> {
    let redirects = &state.settings.redirects;
    let redirect_to = match &parameters.redirect_to {
        Some(url) if redirects.allows(url) => url.clone(),
        Some(_) | None => redirects.choose(&wanted),
    };
    let administrator = Administrator::new(admin.role, client);
    let link = administration::link(&state, &administrator, &aud, parameters, redirect_to).await?;
    json(StatusCode::OK, &link)
}
