//! `GET /health`

use crate::error::Result;
use crate::request::json;
use axum::response::Response;
use http::StatusCode;
use serde_json::json;

/// The version of GoTrue whose protocol this is: clients look at it.
const PROTOCOL: &str = "v2.180.0";

pub(super) async fn health() -> Result<Response> {
    json(
        StatusCode::OK,
        &json!({"version": PROTOCOL, "name": "GoTrue", "description": "GoTrue is a user registration and authentication API"}),
    )
}
