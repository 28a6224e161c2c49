//! `auth.oauth_client_states`: the secret of a sign-in with a provider, until the provider's answer comes.

use super::Row;
use crate::error::Result;
use database::{ResultSet, Statement};
use uuid::Uuid;

/// How long somebody may take at the provider's, in seconds.
pub(crate) const LIFE_SECONDS: u64 = 600;

/// Keeps a secret. Whatever nobody came back for in time goes with it.
pub(crate) fn insert(id: Uuid, provider: &str, secret: &str) -> [Statement; 2] {
    [
        Statement::new("delete from auth.oauth_client_states where created_at < now() - interval '1 hour'"),
        Statement::with(
            "insert into auth.oauth_client_states (id, provider_type, code_verifier, created_at) values ($1, $2, $3, now())",
            [id.to_string().into(), provider.into(), secret.into()],
        ),
    ]
}

/// Uses a secret up, for [`read`]. One row the first time.
pub(crate) fn take(id: Uuid) -> Statement {
    Statement::with(
        "delete from auth.oauth_client_states where id = $1 returning provider_type, code_verifier",
        [id.to_string().into()],
    )
}

/// The provider and the secret that [`take`] gave.
pub(crate) fn read(result: &ResultSet) -> Result<Option<(String, String)>> {
    let Some(values) = result.rows.first() else { return Ok(None) };
    let row = &mut Row::new(values);
    Ok(Some((row.text()?, row.text()?)))
}
