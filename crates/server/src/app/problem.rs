//! Refusals of the server itself: problem details (RFC 9457). Doors have error shapes of their own.

use axum::response::{IntoResponse as _, Response};
use http::{HeaderValue, StatusCode, Uri, header};
use serde_json::json;
use std::any::Any;
use web::InternalCause;

/// Found in the extensions of an answer to a path that no route has.
#[derive(Clone, Copy, Debug)]
pub(super) struct NoSuchRoute;

/// A problem: what is wrong, and what to know about it.
pub(super) fn problem(status: StatusCode, title: &str, detail: &str) -> Response {
    let body = json!({"type": "about:blank", "title": title, "status": status.as_u16(), "detail": detail});
    let mut response = (status, body.to_string()).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// The answer to a path that no route has.
pub(super) async fn no_such_route(uri: Uri) -> Response {
    let detail = match uri.path().split('/').nth(1).unwrap_or("") {
        "storage" | "realtime" | "functions" | "graphql" => {
            "This release serves the data API at /rest/v1 and accounts at /auth/v1; files, realtime, functions and GraphQL are to come."
        }
        _ => {
            "There is nothing at this path. The data API is at /rest/v1, accounts are at /auth/v1, an overview at /."
        }
    };
    let mut response = problem(StatusCode::NOT_FOUND, "Not found", detail);
    response.extensions_mut().insert(NoSuchRoute);
    response
}

/// The answer when our own code failed. What it said goes to the log, with the request's identifier; the client sees that only.
pub(super) fn panicked(panic: Box<dyn Any + Send + 'static>) -> Response {
    let said = panic
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| panic.downcast_ref::<&str>().copied())
        .unwrap_or("panic");
    let mut response = problem(
        StatusCode::INTERNAL_SERVER_ERROR,
        "Internal error",
        "The request failed by our fault. The log has the cause under the X-Request-Id of this answer.",
    );
    response.extensions_mut().insert(InternalCause(format!("panic: {said}")));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_s_words_are_for_the_log_only() {
        let response = panicked(Box::new("secret at /srv/app.rs".to_owned()));
        assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR);
        let cause = response.extensions().get::<InternalCause>().map(|cause| cause.0.clone());
        assert_eq!(cause.as_deref(), Some("panic: secret at /srv/app.rs"));
        let body = format!("{:?}", response.into_body());
        assert!(!body.contains("secret"), "{body}");
    }
}
