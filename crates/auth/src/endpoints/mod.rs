//! Every endpoint, on one page: method, path, who may, and its file.

mod health;
mod jwks;
mod logout;
mod token;
mod user;

use crate::State;
use crate::access::Access;
use crate::error::{AuthError, ErrorCode};
use axum::handler::Handler;
use axum::routing::{MethodFilter, MethodRouter, on};
use http::Method;

/// An endpoint.
pub struct Endpoint {
    /// Its method.
    pub method: Method,
    /// Its path behind `/auth/v1`, with `{name}` for a part that varies.
    pub path: &'static str,
    /// Who may.
    pub access: Access,
    pub(crate) handler: MethodRouter<State>,
}

/// All of them. A path with two methods stands twice.
pub fn endpoints() -> Vec<Endpoint> {
    const TOKENS: &str = "what it asks for is the proof";
    const PUBLISHED: &str = "it says nothing that is not published";
    vec![
        get("/health", Access::Public(PUBLISHED), health::health),
        get("/.well-known/jwks.json", Access::Public(PUBLISHED), jwks::jwks),
        post("/token", Access::Public(TOKENS), token::token),
        post("/logout", Access::User, logout::logout),
        get("/user", Access::User, user::get),
    ]
}

fn get<T: 'static>(path: &'static str, access: Access, handler: impl Handler<T, State>) -> Endpoint {
    Endpoint { method: Method::GET, path, access, handler: on(MethodFilter::GET, handler) }
}

fn post<T: 'static>(path: &'static str, access: Access, handler: impl Handler<T, State>) -> Endpoint {
    Endpoint { method: Method::POST, path, access, handler: on(MethodFilter::POST, handler) }
}

/// What there is not.
pub(crate) async fn no_such_route() -> AuthError {
    AuthError::not_found(ErrorCode::VALIDATION_FAILED, "404 page not found")
}
