//! Every endpoint, on one page: method, path, who may, and its file.

mod admin;
mod health;
mod jwks;
mod logout;
mod settings;
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
        get("/settings", Access::Public(PUBLISHED), settings::settings),
        post("/token", Access::Public(TOKENS), token::token),
        post("/logout", Access::User, logout::logout),
        get("/user", Access::User, user::get),
        get("/admin/audit", Access::Admin, admin::audit),
        get("/admin/users", Access::Admin, admin::list_users),
        post("/admin/users", Access::Admin, admin::create_user),
        get("/admin/users/{user_id}", Access::Admin, admin::get_user),
        put("/admin/users/{user_id}", Access::Admin, admin::update_user),
        delete("/admin/users/{user_id}", Access::Admin, admin::delete_user),
        get("/admin/users/{user_id}/factors", Access::Admin, admin::list_factors),
        delete("/admin/users/{user_id}/factors/{factor_id}", Access::Admin, admin::delete_factor),
        post("/admin/generate_link", Access::Admin, admin::generate_link),
    ]
}

fn get<T: 'static>(path: &'static str, access: Access, handler: impl Handler<T, State>) -> Endpoint {
    Endpoint { method: Method::GET, path, access, handler: on(MethodFilter::GET, handler) }
}

fn post<T: 'static>(path: &'static str, access: Access, handler: impl Handler<T, State>) -> Endpoint {
    Endpoint { method: Method::POST, path, access, handler: on(MethodFilter::POST, handler) }
}

fn put<T: 'static>(path: &'static str, access: Access, handler: impl Handler<T, State>) -> Endpoint {
    Endpoint { method: Method::PUT, path, access, handler: on(MethodFilter::PUT, handler) }
}

fn delete<T: 'static>(path: &'static str, access: Access, handler: impl Handler<T, State>) -> Endpoint {
    Endpoint { method: Method::DELETE, path, access, handler: on(MethodFilter::DELETE, handler) }
}

/// What there is not.
pub(crate) async fn no_such_route() -> AuthError {
    AuthError::not_found(ErrorCode::VALIDATION_FAILED, "404 page not found")
}
