//! Accounts: GoTrue's protocol under `/auth/v1`.
//!
//! The rooms: [`config`] (settings as values), [`model`] (rows as values), `store` (their SQL), `access` (who may: the handler's
//! parameter types), `sessions` (how one begins and is renewed), [`password`], [`provider`], [`letters`] (what is mailed), [`administration`], `audit`, `redirect`,
//! `linking` (whose account somebody from a provider has), `page` (what a browser brings back), and one file for each endpoint in `endpoints`. Statements run as the owner of the schema `auth`, whoever asks; what is mailed is a job that
//! commits with the row that causes it.

mod access;
pub mod administration;
mod audit;
pub mod config;
mod email;
mod endpoints;
mod error;
pub mod letters;
mod linking;
mod mailing;
pub mod model;
mod page;
pub mod password;
mod phone;
mod pkce;
pub mod provider;
pub mod rates;
mod redirect;
mod registration;
mod request;
mod secret;
mod sessions;
mod state;
mod store;

pub use access::Access;
pub use config::Settings;
pub use endpoints::{Endpoint, endpoints};
pub use error::{API_VERSION, AuthError, ErrorCode};
pub use redirect::Redirects;
pub use secret::CodeKey;
pub use state::{Ports, State};

/// The version of GoTrue whose behaviour was taken (supabase/auth bc32168 of 2026-08-20). `GET /health` tells it: clients look at it.
pub const GOTRUE: &str = "2.196.0";

use axum::Router;
use axum::middleware;

/// The headers of answers that pages of other origins may read: GoTrue's, and when to ask again. Without the version the
/// official client takes errors to be in the older form.
pub const EXPOSED_HEADERS: &str = "X-Total-Count, Link, X-Supabase-Api-Version, X-Sb-Error-Code, Retry-After";

/// Every route of the accounts.
pub fn routes(state: State) -> Router {
    let mut router = Router::new();
    for endpoint in endpoints() {
        router = router.route(endpoint.path, endpoint.handler);
    }
    router
        .fallback(endpoints::no_such_route)
        .layer(middleware::from_fn(error::in_asked_form))
        .with_state(state)
}
