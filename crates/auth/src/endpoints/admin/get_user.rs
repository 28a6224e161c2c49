//! `GET /admin/users/{user_id}`

use super::user_id::UserId;
use crate::State;
use crate::access::Admin;
use crate::administration;
use crate::error::Result;
use crate::request::json;
use axum::response::Response;
use http::StatusCode;

pub(in crate::endpoints) async fn get_user(
    axum::extract::State(state): axum::extract::State<State>,
    _: Admin,
    UserId(id): UserId,
) -> Result<Response> {
    json(StatusCode::OK, &administration::user(&state, id).await?)
}
