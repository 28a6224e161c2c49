//! Whether the process lives, and whether it can answer.

use super::App;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderValue, StatusCode, header};
use serde_json::json;
use web::InternalCause;

/// `GET /health`: the process lives.
pub(super) async fn health() -> Response {
    answer(StatusCode::OK, "ok")
}

/// `GET /ready`: the database can be asked.
pub(super) async fn ready(State(app): State<App>) -> Response {
    match app.database.ready().await {
        Ok(()) => answer(StatusCode::OK, "ready"),
        Err(error) => {
            let mut response = answer(StatusCode::SERVICE_UNAVAILABLE, "not ready");
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
            response.extensions_mut().insert(InternalCause(error.to_string()));
            response
        }
    }
}

fn answer(status: StatusCode, text: &str) -> Response {
    let headers = [(header::CONTENT_TYPE, "application/json"), (header::CACHE_CONTROL, "no-store")];
    (status, headers, json!({"status": text}).to_string()).into_response()
}
