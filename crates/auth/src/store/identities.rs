//! `auth.identities`.

use database::Statement;
use serde_json::Map;
use uuid::Uuid;

/// Inserts an identity of a user.
pub(crate) fn insert(
    user: Uuid,
    provider: &str,
    provider_id: &str,
    data: Map<String, serde_json::Value>,
) -> Statement {
    Statement::with(
        "insert into auth.identities (id, user_id, provider, provider_id, identity_data, last_sign_in_at, created_at, updated_at) \
         values ($1, $2, $3, $4, $5, now(), now(), now())",
        [
            Uuid::now_v7().to_string().into(),
            user.to_string().into(),
            provider.into(),
            provider_id.into(),
            serde_json::Value::Object(data).to_string().into(),
        ],
    )
}

/// Sets what a provider says of a user, and that it was used.
pub(crate) fn update(identity: Uuid, data: Map<String, serde_json::Value>) -> Statement {
    Statement::with(
        "update auth.identities set identity_data = $2, last_sign_in_at = now(), updated_at = now() where id = $1",
        [identity.to_string().into(), serde_json::Value::Object(data).to_string().into()],
    )
}

/// Puts entries into what a provider says of a user.
pub(crate) fn merge(user: Uuid, provider: &str, entries: Map<String, serde_json::Value>) -> Statement {
    Statement::with(
        "update auth.identities set identity_data = identity_data || $3::jsonb, updated_at = now() \
         where user_id = $1 and provider = $2",
        [user.to_string().into(), provider.into(), serde_json::Value::Object(entries).to_string().into()],
    )
}

/// Takes all out of an identity that tells of whom it was: the row stays, so that nobody else is given it unnoticed.
pub(crate) fn erase(identity: Uuid, provider_id: &str) -> Statement {
    Statement::with(
        "update auth.identities set identity_data = '{}', provider_id = $2, updated_at = now() where id = $1",
        [identity.to_string().into(), provider_id.into()],
    )
}

/// Sets what is known of a user's identity, which was not used for it.
pub(crate) fn set_data(identity: Uuid, data: Map<String, serde_json::Value>) -> Statement {
    Statement::with(
        "update auth.identities set identity_data = $2, updated_at = now() where id = $1",
        [identity.to_string().into(), serde_json::Value::Object(data).to_string().into()],
    )
}

/// Removes an identity of a user.
pub(crate) fn delete(user: Uuid, identity: Uuid) -> Statement {
    Statement::with(
        "delete from auth.identities where id = $1 and user_id = $2",
        [identity.to_string().into(), user.to_string().into()],
    )
}

/// Holds an identity of a user that is not this one. One row while there is another.
pub(crate) fn touch_another(user: Uuid, but: Uuid) -> Statement {
    Statement::with(
        "update auth.identities set updated_at = updated_at where id = (select min(id::text)::uuid from auth.identities \
         where user_id = $1 and id <> $2)",
        [user.to_string().into(), but.to_string().into()],
    )
}
