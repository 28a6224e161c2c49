//! `POST /logout?scope=global|local|others`: ends sessions; their refresh tokens go with them.

use crate::State;
use crate::access::SignedIn;
use crate::audit::Action;
use crate::error::{AuthError, Result};
use crate::request::{Client, Query};
use crate::store::{Change, Committed, sessions, users};
use http::StatusCode;

pub(super) async fn logout(
    axum::extract::State(state): axum::extract::State<State>,
    SignedIn { user, session, .. }: SignedIn,
    client: Client,
    query: Query,
) -> Result<StatusCode> {
    let ended = match (query.get("scope").unwrap_or("global"), session) {
        ("local", Some(session)) => sessions::delete(session.id),
        ("others", Some(session)) => sessions::delete_others(user.id, session.id),
        ("global" | "local" | "others", _) => sessions::delete_all(user.id),
        (other, _) => return Err(AuthError::invalid(format!("Unsupported logout scope \"{other}\""))),
    };
    let mut change = Change::new();
    // The user's row first, as in every change that ends sessions.
    change.then(users::Update::of(user.id).statement());
    change.then(ended);
    change.audit(&client, &user, Action::Logout, None);
    let _: Committed = change.commit(&state.store).await?;
    Ok(StatusCode::NO_CONTENT)
}
