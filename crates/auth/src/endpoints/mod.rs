//! Every endpoint, on one page: method, path, who may, and its file.

mod admin;
mod authorize;
mod callback;
mod health;
mod identities;
mod invite;
mod jwks;
mod logout;
mod otp;
mod reauthenticate;
mod recover;
mod resend;
mod settings;
mod signup;
mod token;
mod user;
mod verify;

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
    const NEWCOMERS: &str = "who has no account asks for one";
    const MAILED: &str = "what it gives goes to the address's owner";
    const BEGINS: &str = "it gives nothing but a page of somebody else's";
    const PUBLISHED: &str = "it says nothing that is not published";
    vec![
        get("/health", Access::Public(PUBLISHED), health::health),
        get("/.well-known/jwks.json", Access::Public(PUBLISHED), jwks::jwks),
        get("/settings", Access::Public(PUBLISHED), settings::settings),
        post("/signup", Access::Public(NEWCOMERS), signup::signup),
        post("/otp", Access::Public(MAILED), otp::otp),
        post("/magiclink", Access::Public(MAILED), otp::magic_link),
        post("/recover", Access::Public(MAILED), recover::recover),
        post("/resend", Access::Public(MAILED), resend::resend),
        get("/verify", Access::Public(TOKENS), verify::get),
        post("/verify", Access::Public(TOKENS), verify::post),
        get("/authorize", Access::Public(BEGINS), authorize::authorize),
        get("/callback", Access::Public(TOKENS), callback::callback),
        post("/callback", Access::Public(TOKENS), callback::callback),
        post("/token", Access::Public(TOKENS), token::token),
        post("/logout", Access::User, logout::logout),
        get("/reauthenticate", Access::User, reauthenticate::reauthenticate),
        get("/user", Access::User, user::get),
        put("/user", Access::User, user::put),
        get("/user/identities/authorize", Access::User, authorize::link),
        delete("/user/identities/{identity_id}", Access::User, identities::delete),
        post("/invite", Access::Admin, invite::invite),
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
