//! `GET /health`

use crate::error::Result;
use crate::request::json;
use axum::response::Response;
use http::StatusCode;
use serde_json::json;

pub(super) async fn health() -> Result<Response> {
    json(
        StatusCode::OK,
        &json!({"version": format!("v{}", crate::GOTRUE), "name": "GoTrue", "description": "GoTrue is a user registration and authentication API"}),
    )
}
