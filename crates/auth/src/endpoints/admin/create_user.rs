//! `POST /admin/users`

use crate::State;
use crate::access::Admin;
use crate::administration::{self, Administrator, UserParameters};
use crate::error::Result;
use crate::request::{Audience, Client, Json, json};
use axum::response::Response;
use http::StatusCode;

pub(in crate::endpoints) async fn create_user(
    axum::extract::State(state): axum::extract::State<State>,
    admin: Admin,
    client: Client,
    Audience(aud): Audience,
    Json(parameters): Json<UserParameters>,
) -> Result<Response> {
    let administrator = Administrator::new(admin.role, client);
    let user = administration::create(&state, &administrator, &aud, parameters).await?;
    json(StatusCode::OK, &user)
}
