//! Who may see the overview: deny by default.

use super::App;
use super::entrance::{addressed_to_loopback, is_from_elsewhere};
use super::{Peer, problem};
use axum::extract::FromRequestParts;
use axum::response::Response;
use http::StatusCode;
use http::request::Parts;
use std::time::SystemTime;
use web::Caller;

/// Whoever may see the overview. A handler that takes one cannot be reached without.
pub(super) enum Overseer {
    /// Shows the secret key, or a token of the service role.
    Service,
    /// Sits at this machine while `--dev` runs.
    Developer,
}

/// Headers by which a proxy says that it asks for someone else.
const PROXIED: [&str; 4] = ["forwarded", "x-forwarded-for", "x-forwarded-host", "x-real-ip"];

impl FromRequestParts<App> for Overseer {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Overseer, Response> {
        if let Ok(Caller::Service(_)) = app.doors.identify(&parts.headers, SystemTime::now()) {
            return Ok(Overseer::Service);
        }
        if app.settings.dev && sits_here(parts) {
            return Ok(Overseer::Developer);
        }
        Err(problem::problem(
            StatusCode::UNAUTHORIZED,
            "The secret key is needed",
            "Send it as the header apikey. On the server's machine `bedplate keys` prints it; with --dev, callers on the \
             same machine need none.",
        ))
    }
}

/// Whether the request comes from this machine by itself: not through a proxy, not under another name, and not from a page of
/// another site.
fn sits_here(parts: &Parts) -> bool {
    let peer_is_loopback =
        parts.extensions.get::<Peer>().is_some_and(|peer| peer.0.ip().to_canonical().is_loopback());
    let same_site = parts
        .headers
        .get("sec-fetch-site")
        .is_none_or(|site| matches!(site.as_bytes(), b"same-origin" | b"none"));
    peer_is_loopback
        && same_site
        && !PROXIED.iter().any(|name| parts.headers.contains_key(*name))
        && !is_from_elsewhere(&parts.headers)
        && addressed_to_loopback(&parts.headers, &parts.uri)
}
