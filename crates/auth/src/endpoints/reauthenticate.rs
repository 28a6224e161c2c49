//! `GET /reauthenticate`: a code to the user's address, which a change of the password asks for.

use crate::State;
use crate::access::SignedIn;
use crate::audit::Action;
use crate::error::{AuthError, ErrorCode, Result};
use crate::mailing::{self, Errand, Flow};
use crate::request::{Client, json};
use crate::store::{Change, Committed};
use axum::response::Response;
use http::StatusCode;
use serde_json::json;

pub(super) async fn reauthenticate(
    axum::extract::State(state): axum::extract::State<State>,
    client: Client,
    SignedIn { user, .. }: SignedIn,
) -> Result<Response> {
    if user.email().is_empty() {
        return Err(AuthError::invalid(
            "Reauthentication requires the user to have an email or a phone number",
        ));
    }
    if !user.is_email_confirmed() {
        return Err(AuthError::unprocessable(
            ErrorCode::EMAIL_NOT_CONFIRMED,
            "Please verify your email first.",
        ));
    }
    mailing::check_frequency(&state, user.reauthentication_sent_at, user.read_at)?;
    mailing::check_total(&state).await?;
    let mut change = Change::new();
    let (to, sent_at) = ((&user).into(), user.reauthentication_sent_at);
    mailing::send(&state, &mut change, Errand::Reauthentication, to, sent_at, Flow::Implicit, "")?;
    change.audit(&client, &user, Action::UserReauthenticationRequested, None);
    match state.commit(change).await? {
        Committed::Done(_) => json(StatusCode::OK, &json!({})),
        // Another request was faster by a moment: its letter is the one.
        Committed::Stale => Err(mailing::too_soon(state.settings.email.max_frequency)),
    }
}
