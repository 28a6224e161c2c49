//! `GET /admin/users/{user_id}/factors` and `DELETE /admin/users/{user_id}/factors/{factor_id}`

use super::user_id::{FactorId, UserId};
use crate::State;
use crate::access::Admin;
use crate::administration::{self, Administrator};
use crate::error::Result;
use crate::request::{Client, json};
use axum::response::Response;
use http::StatusCode;

pub(in crate::endpoints) async fn list_factors(
    axum::extract::State(state): axum::extract::State<State>,
    _: Admin,
    UserId(id): UserId,
) -> Result<Response> {
    json(StatusCode::OK, &administration::user(&state, id).await?.factors)
}

pub(in crate::endpoints) async fn delete_factor(
    axum::extract::State(state): axum::extract::State<State>,
    admin: Admin,
    UserId(id): UserId,
    FactorId(factor): FactorId,
    client: Client,
) -> Result<Response> {
    let administrator = Administrator::new(admin.role, client);
    json(StatusCode::OK, &administration::delete_factor(&state, &administrator, id, factor).await?)
}
