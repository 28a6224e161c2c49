//! `PUT /admin/users/{user_id}`

use super::user_id::UserId;
use crate::State;
use crate::access::Admin;
use crate::administration::{self, Administrator, UserParameters};
use crate::error::Result;
use crate::request::{Client, Json, json};
use axum::response::Response;
use http::StatusCode;

pub(in crate::endpoints) async fn update_user(
    axum::extract::State(state): axum::extract::State<State>,
    admin: Admin,
    UserId(id): UserId,
    client: Client,
    Json(parameters): Json<UserParameters>,
) -> Result<Response> {
    let administrator = Administrator::new(admin.role, client);
    let user = administration::update(&state, &administrator, id, parameters).await?;
    json(StatusCode::OK, &user)
}
