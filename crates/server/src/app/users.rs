//! `POST /_bedplate/users`: what the page at `/` shows of users and does to them, for the operator only.

use super::access::Overseer;
use super::overview::answer;
use super::{App, problem};
use crate::users::{self, UserRequest};
use axum::body::Bytes;
use axum::extract::State;
use axum::response::Response;
use http::StatusCode;
use web::InternalCause;

/// The body is a [`UserRequest`]: `{"action": "list", …}`.
pub(super) async fn users(_: Overseer, State(app): State<App>, body: Bytes) -> Response {
    // What could not be read may hold a password: it is not told again.
    let Ok(request) = serde_json::from_slice::<UserRequest>(&body) else {
        return problem::problem(
            StatusCode::BAD_REQUEST,
            "Not a request",
            "The body is no request about users.",
        );
    };
    let refusal = match users::answer(&app.accounts, request).await {
        Ok(done) => match serde_json::to_value(&done) {
            Ok(body) => return answer(&body),
            Err(error) => {
                return problem::problem(StatusCode::INTERNAL_SERVER_ERROR, "Failed", &error.to_string());
            }
        },
        Err(refusal) => refusal,
    };
    let status = StatusCode::from_u16(refusal.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let mut response = problem::problem(status, &refusal.code, &refusal.message);
    if let Some(cause) = refusal.cause {
        response.extensions_mut().insert(InternalCause(cause));
    }
    response
}
