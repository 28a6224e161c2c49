//! The renewal of a session: each refresh token is used once. One that is shown again is given its successor if that is the newest (the
//! client did not get the answer), is let through within an interval, and else ends the whole family: somebody stole it.

use super::{Tokens, tokens};
use crate::State;
use crate::audit::Action;
use crate::error::{AuthError, ErrorCode, Result};
use crate::model::{Session, SessionEnd, Timestamp, User};
use crate::request::Client;
use crate::secret;
use crate::store::sessions as rows;
use crate::store::{Change, ChangeError, Committed, RefreshToken, Renewal};
use serde_json::json;
use std::time::Duration;

/// How often a renewal is decided anew when others renew the same token at the same time.
const ATTEMPTS: u32 = 20;

/// Renews the session of a refresh token.
///
/// # Errors
/// 400 with GoTrue's codes; 409 when others kept being faster.
pub(crate) async fn refresh(state: &State, client: &Client, token: &str) -> Result<Tokens> {
    for attempt in 0..ATTEMPTS {
        if let Some(tokens) = try_refresh(state, client, token).await? {
            return Ok(tokens);
        }
        tokio::time::sleep(Duration::from_millis(u64::from(attempt.min(10)) * 3)).await;
    }
    Err(AuthError::new(
        http::StatusCode::CONFLICT,
        ErrorCode::CONFLICT,
        "Too many concurrent token refresh requests on the same session or refresh token",
    ))
}

/// `None`: another renewal was faster, and what is right now must be looked at anew.
async fn try_refresh(state: &State, client: &Client, given: &str) -> Result<Option<Tokens>> {
    let Some(Renewal { token, active, session, user }) = state.store.refresh_token(given).await? else {
        return Err(AuthError::bad_request(
            ErrorCode::REFRESH_TOKEN_NOT_FOUND,
            "Invalid Refresh Token: Refresh Token Not Found",
        ));
    };
    if user.is_banned() {
        return Err(AuthError::bad_request(ErrorCode::USER_BANNED, "Invalid Refresh Token: User Banned"));
    }
    let Some(session) = session else {
        if token.session_id.is_none() {
            let mut change = Change::new();
            change.then(rows::delete_refresh_token(token.id));
            let _: Committed = change.commit(&state.store).await?;
        }
        return Err(AuthError::bad_request(
            ErrorCode::SESSION_NOT_FOUND,
            "Invalid Refresh Token: No Valid Session Found",
        ));
    };
    check_session(state, &session, &token, &user).await?;
    let mut change = Change::new();
    // The session's row before its tokens', as where sessions end: two that wait for each other would be one too many.
    change.then(rows::refreshed(session.id, client));
    let (issued, reused) = match standing(state, &token, active, user.read_at) {
        Standing::Stolen => return Err(stolen(state, client, &user, &session).await?),
        Standing::Superseded(active) => {
            // Under the condition that it is still the newest.
            change.only_if_one(rows::touch_active(active.id));
            (active.token, true)
        }
        Standing::Active => {
            let new = secret::token()?;
            change.only_if_one(rows::revoke_refresh_token(token.id));
            change.then(rows::insert_refresh_token(&new, Some(&token.token), user.id, session.id));
            (new, false)
        }
        Standing::WithinInterval => {
            let new = secret::token()?;
            // Its session is held by the statement before; should it have ended, the token has no row to refer to.
            change.then(rows::insert_refresh_token(&new, Some(&token.token), user.id, session.id));
            (new, true)
        }
    };
    if reused {
        change.audit(client, &user, Action::TokenRefreshed, None);
    } else {
        change.audit_two(client, &user, [Action::TokenRevoked, Action::TokenRefreshed]);
    }
    // The user is not read again: a renewal changes nothing of them, and what others change meanwhile comes after it.
    match change.commit(&state.store).await.map_err(ChangeError::Database) {
        Ok(Committed::Done(_)) => {}
        Ok(Committed::Stale) => return Ok(None),
        Err(error) if error.is_race() => return Ok(None),
        Err(error) => return Err(error.into()),
    }
    let mut tokens = tokens(state, user, session.id, session.assurance, session.methods, issued)?;
    tokens.reused = reused;
    Ok(Some(tokens))
}

/// What a shown token is.
enum Standing {
    /// Not used yet.
    Active,
    /// Used, and its successor is the newest: the client did not get it.
    Superseded(RefreshToken),
    /// Used a moment ago, by another tab perhaps.
    WithinInterval,
    /// Used long ago.
    Stolen,
}

fn standing(state: &State, token: &RefreshToken, active: Option<RefreshToken>, now: Timestamp) -> Standing {
    if !token.revoked {
        return Standing::Active;
    }
    // Where none is active the family was revoked: no interval lets anything of it through again.
    let Some(active) = active else { return Standing::Stolen };
    if active.parent.as_deref() == Some(token.token.as_str()) {
        return Standing::Superseded(active);
    }
    let interval = state.settings.refresh_token_reuse_interval;
    match token.updated_at {
        Some(used_at) if now <= used_at.after(interval) => Standing::WithinInterval,
        Some(_) | None => Standing::Stolen,
    }
}

/// Ends what a stolen token belongs to, and says so in the audit log.
async fn stolen(state: &State, client: &Client, user: &User, session: &Session) -> Result<AuthError> {
    let rotates = state.settings.refresh_token_rotation;
    let mut change = Change::new();
    if rotates {
        change.then(rows::revoke_family(session.id));
    }
    let traits = json!({"session_id": session.id, "reason": "reuse", "family_revoked": rotates});
    change.audit(client, user, Action::TokenRevoked, Some(traits));
    let _: Committed = change.commit(&state.store).await?;
    Ok(AuthError::bad_request(ErrorCode::REFRESH_TOKEN_ALREADY_USED, "Invalid Refresh Token: Already Used"))
}

/// Whether the session still stands.
async fn check_session(state: &State, session: &Session, token: &RefreshToken, user: &User) -> Result<()> {
    let expired = |message: &'static str| Err(AuthError::bad_request(ErrorCode::SESSION_EXPIRED, message));
    let limits = &state.settings.sessions;
    match session.end(limits, user.read_at, token.updated_at) {
        Some(SessionEnd::Inactive) => return expired("Invalid Refresh Token: Session Expired (Inactivity)"),
        Some(SessionEnd::Expired) => return expired("Invalid Refresh Token: Session Expired"),
        None => {}
    }
    if !limits.single_per_user {
        return Ok(());
    }
    let results = state.store.read([rows::select_of_user(user.id)]).await?;
    let all = results.first().map(rows::read_all).transpose()?.unwrap_or_default();
    let ours = session.last_refreshed_at(token.updated_at);
    let tag = session.effective_tag(&limits.tags);
    let newer = all.iter().any(|other| {
        other.id != session.id
            && other.effective_tag(&limits.tags) == tag
            && other.end(limits, user.read_at, None).is_none()
            && other.last_refreshed_at(None) > ours
    });
    if newer { expired("Invalid Refresh Token: Session Expired (Revoked by Newer Login)") } else { Ok(()) }
}
