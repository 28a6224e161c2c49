//! `DELETE /admin/users/{user_id}`, with `{"should_soft_delete": true}` to keep the row.

use super::user_id::UserId;
use crate::State;
use crate::access::Admin;
use crate::administration::{self, Administrator, Deletion};
use crate::error::Result;
use crate::request::{Client, OptionalJson, json};
use axum::response::Response;
use http::StatusCode;
use serde::Deserialize;

#[derive(Default, Deserialize)]
pub(in crate::endpoints) struct Parameters {
    #[serde(default)]
    should_soft_delete: Option<bool>,
}

pub(in crate::endpoints) async fn delete_user(
    axum::extract::State(state): axum::extract::State<State>,
    admin: Admin,
    UserId(id): UserId,
    client: Client,
    OptionalJson(Parameters { should_soft_delete }): OptionalJson<Parameters>,
) -> Result<Response> {
    let deletion = if should_soft_delete.unwrap_or(false) { Deletion::Soft } else { Deletion::Hard };
    let administrator = Administrator::new(admin.role, client);
    administration::delete(&state, &administrator, id, deletion).await?;
    json(StatusCode::OK, &serde_json::json!({}))
}
