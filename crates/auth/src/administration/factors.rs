//! Second factors of a user, for administrators.

use super::{Administrator, user};
use crate::State;
use crate::audit::Action;
use crate::error::{AuthError, ErrorCode, Result};
use crate::model::Factor;
use crate::store::users::{self, Update};
use crate::store::{Change, Committed, sessions};
use serde_json::json;
use uuid::Uuid;

/// Removes a second factor: the user lost it. The sessions that it vouched for are worth one factor from now on.
///
/// # Errors
/// 404 `user_not_found`, `mfa_factor_not_found`.
pub async fn delete_factor(
    state: &State,
    administrator: &Administrator,
    id: Uuid,
    factor: Uuid,
) -> Result<Factor> {
    let not_found = || AuthError::not_found(ErrorCode::MFA_FACTOR_NOT_FOUND, "Factor not found");
    let user = user(state, id).await?;
    let found = user.factors.into_iter().find(|found| found.id == factor).ok_or_else(not_found)?;
    let mut change = Change::new();
    change.then(Update::of(id).statement());
    change.only_if_one(users::delete_factor(id, factor));
    change.then(sessions::downgrade(id, factor));
    administrator.record(&mut change, Action::FactorDeleted, json!({"user_id": id, "factor_id": factor}));
    match change.commit(&state.store).await? {
        Committed::Done(_) => Ok(found),
        Committed::Stale => Err(not_found()),
    }
}
