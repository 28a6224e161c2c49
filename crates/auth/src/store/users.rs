//! `auth.users`.

use super::Row;
use crate::error::Result;
use crate::model::{Factor, Identity, Timestamp, Tokens, User};
use database::{ResultSet, Statement, Value};
use serde_json::Map;
use uuid::Uuid;

/// GoTrue's instance: there is one.
pub(crate) const INSTANCE: &str = "00000000-0000-0000-0000-000000000000";

/// What finds a user.
#[derive(Clone, Copy, Debug)]
pub(crate) enum UserKey<'a> {
    /// The id.
    Id(Uuid),
    /// The address, in lower case, within an audience; never a user of an organisation's provider.
    Email { email: &'a str, audience: &'a str },
    /// The address of an identity, in lower case, within an audience; never at an organisation's provider.
    IdentityEmail { email: &'a str, audience: &'a str },
    /// The identity at a provider.
    Identity { provider: &'a str, provider_id: &'a str },
    /// The hash of a token of a kind (`auth.one_time_token_type`) that was mailed.
    Token { kind: &'a str, hash: &'a str },
}

/// What [`of_row`] reads of `auth.users u`. One statement reads it all: what a request costs is paid for each statement, more than for each row.
/// Identities and factors come as JSON, [`IdentityRow`] and [`FactorRow`] each.
macro_rules! columns {
    () => {
        "u.id, u.aud, u.role, u.email, u.email_confirmed_at, u.invited_at, u.phone, u.phone_confirmed_at, \
             u.confirmation_sent_at, u.confirmed_at, u.recovery_sent_at, u.email_change, u.email_change_sent_at, u.phone_change, \
             u.phone_change_sent_at, u.reauthentication_sent_at, u.last_sign_in_at, u.raw_app_meta_data, u.raw_user_meta_data, \
             u.created_at, u.updated_at, u.banned_until, u.deleted_at, u.is_anonymous, u.is_sso_user, u.encrypted_password, \
             u.confirmation_token, u.recovery_token, u.email_change_token_current, u.email_change_token_new, \
             u.reauthentication_token, u.email_change_confirm_status, now(), \
             (select json_agg(json_build_array(i.id, i.provider_id, i.identity_data, i.provider, i.last_sign_in_at, i.created_at, \
             i.updated_at, i.email)) from auth.identities i where i.user_id = u.id), \
             (select json_agg(json_build_array(f.id, f.created_at, f.updated_at, f.status, f.friendly_name, f.factor_type, \
             f.last_challenged_at)) from auth.mfa_factors f where f.user_id = u.id)"
    };
}
pub(super) use columns;

macro_rules! find {
    ($condition:literal) => {
        concat!("select ", columns!(), " from auth.users u where ", $condition)
    };
}

/// An identity as [`select`] gives it.
type IdentityRow = (
    Uuid,
    String,
    Map<String, serde_json::Value>,
    String,
    Option<Timestamp>,
    Option<Timestamp>,
    Option<Timestamp>,
    Option<String>,
);

/// A factor as [`select`] gives it.
type FactorRow =
    (Uuid, Option<Timestamp>, Option<Timestamp>, String, Option<String>, String, Option<Timestamp>);

/// The statements that read a user, for [`read`].
pub(crate) fn select(key: &UserKey<'_>) -> Vec<Statement> {
    let (text, parameters): (&'static str, Vec<Value>) = match *key {
        UserKey::Id(id) => (find!("u.id = $1"), vec![id.to_string().into()]),
        UserKey::Email { email, audience } => (
            find!(
                "u.instance_id = '00000000-0000-0000-0000-000000000000' and lower(u.email::text) = $1 and u.aud = $2 \
                 and u.is_sso_user = false"
            ),
            vec![email.into(), audience.into()],
        ),
        UserKey::IdentityEmail { email, audience } => (
            find!(
                "id = (select i.user_id from auth.identities i join auth.users u on u.id = i.user_id where i.email = $1 \
                 and u.aud = $2 and i.provider not like 'sso:%' order by i.created_at, i.id limit 1)"
            ),
            vec![email.into(), audience.into()],
        ),
        UserKey::Identity { provider, provider_id } => (
            find!(
                "u.id = (select i.user_id from auth.identities i where i.provider = $1 and i.provider_id = $2)"
            ),
            vec![provider.into(), provider_id.into()],
        ),
        UserKey::Token { kind, hash } => (
            find!(
                "u.id = (select t.user_id from auth.one_time_tokens t where t.token_type = $1::auth.one_time_token_type \
                 and t.token_hash = $2)"
            ),
            vec![kind.into(), hash.into()],
        ),
    };
    vec![Statement::with(text, parameters)]
}

/// The ids of those who are known by an address, for [`super::Store::is_email_taken`].
pub(super) fn select_by_any_email(email: &str, audience: &str) -> [Statement; 2] {
    [
        "select id from auth.users where instance_id = '00000000-0000-0000-0000-000000000000' and lower(email::text) = $1 \
         and aud = $2 and is_sso_user = false",
        "select i.user_id from auth.identities i join auth.users u on u.id = i.user_id where i.email = $1 and u.aud = $2 \
         and i.provider not like 'sso:%'",
    ]
    .map(|text| Statement::with(text, [email.into(), audience.into()]))
}

/// The statement that reads a user, and behind it one of their sessions, for [`super::Store::user_and_session`].
pub(super) fn select_with_session(user: Uuid, session: Uuid) -> Statement {
    const TEXT: &str = concat!(
        "select ",
        columns!(),
        ", ",
        super::sessions::columns!(),
        " from auth.users u left join auth.sessions s on s.id = $2 and s.user_id = u.id where u.id = $1"
    );
    Statement::with(TEXT, [user.to_string().into(), session.to_string().into()])
}

/// The statement that reads a refresh token, the one of its session that is active, its user and its session, for
/// [`super::Store::refresh_token`].
pub(super) fn select_with_refresh_token(token: &str) -> Statement {
    const TEXT: &str = concat!(
        "select ",
        super::sessions::token_columns!("t"),
        ", ",
        super::sessions::token_columns!("a"),
        ", ",
        columns!(),
        ", ",
        super::sessions::columns!(),
        " from auth.refresh_tokens t join auth.users u on u.id = t.user_id::uuid \
         left join auth.refresh_tokens a on a.id = \
         (select max(n.id) from auth.refresh_tokens n where n.session_id = t.session_id and n.revoked = false) \
         left join auth.sessions s on s.id = t.session_id where t.token = $1"
    );
    Statement::with(TEXT, [token.into()])
}

/// The user that the statements of [`select`] found.
pub(crate) fn read(results: &[ResultSet]) -> Result<Option<User>> {
    let [user] = results else {
        return Err(crate::AuthError::internal("a user is read by one statement"));
    };
    user.rows.first().map(|values| of_row(values)).transpose()
}

/// The user of a row of `columns!`.
pub(super) fn of_row(values: &[Value]) -> Result<User> {
    of_columns(&mut Row::new(values))
}

/// The user of the next columns of a row.
pub(super) fn of_columns(row: &mut Row<'_>) -> Result<User> {
    let id = row.uuid()?;
    Ok(User {
        id,
        aud: row.text()?,
        role: row.text()?,
        email: row.optional_text()?.filter(|text| !text.is_empty()).map(str::to_owned),
        email_confirmed_at: row.moment()?,
        invited_at: row.moment()?,
        phone: row.optional_text()?.filter(|text| !text.is_empty()).map(str::to_owned),
        phone_confirmed_at: row.moment()?,
        confirmation_sent_at: row.moment()?,
        confirmed_at: row.moment()?,
        recovery_sent_at: row.moment()?,
        email_change: row.optional_text()?.map(str::to_owned),
        email_change_sent_at: row.moment()?,
        phone_change: row.optional_text()?.map(str::to_owned),
        phone_change_sent_at: row.moment()?,
        reauthentication_sent_at: row.moment()?,
        last_sign_in_at: row.moment()?,
        app_metadata: row.object()?,
        user_metadata: row.object()?,
        created_at: row.moment()?,
        updated_at: row.moment()?,
        banned_until: row.moment()?,
        deleted_at: row.moment()?,
        is_anonymous: row.boolean()?,
        is_sso_user: row.boolean()?,
        encrypted_password: row.optional_text()?.map(str::to_owned),
        tokens: Tokens {
            confirmation: row.text()?,
            recovery: row.text()?,
            email_change_current: row.text()?,
            email_change_new: row.text()?,
            reauthentication: row.text()?,
        },
        email_change_confirm_status: row.integer()?,
        read_at: row.certain_moment()?,
        identities: in_order(
            row.list::<IdentityRow>()?.into_iter().map(|read| identity(id, read)),
            |identity| (identity.created_at, identity.identity_id),
        ),
        factors: in_order(row.list()?.into_iter().map(factor), |factor| (factor.created_at, factor.id)),
    })
}

/// Sorts what a row lists: here, since SQLite opens a table of its own for every ORDER BY, which costs more than the query.
fn in_order<T, K: Ord>(items: impl Iterator<Item = T>, key: impl Fn(&T) -> K) -> Vec<T> {
    let mut items: Vec<T> = items.collect();
    items.sort_by_key(key);
    items
}

fn identity(user_id: Uuid, read: IdentityRow) -> Identity {
    let (identity_id, provider_id, identity_data, provider, last_sign_in_at, created_at, updated_at, email) =
        read;
    Identity {
        identity_id,
        provider_id,
        user_id,
        identity_data,
        provider,
        last_sign_in_at,
        created_at,
        updated_at,
        email,
    }
}

fn factor(read: FactorRow) -> Factor {
    let (id, created_at, updated_at, status, friendly_name, factor_type, last_challenged_at) = read;
    Factor { id, created_at, updated_at, status, friendly_name, factor_type, last_challenged_at }
}

/// A user that is to be.
#[derive(Clone, Debug)]
pub(crate) struct NewUser<'a> {
    pub(crate) id: Uuid,
    pub(crate) audience: &'a str,
    pub(crate) role: &'a str,
    /// In lower case.
    pub(crate) email: Option<&'a str>,
    pub(crate) phone: Option<&'a str>,
    /// The password's hash; none is no password.
    pub(crate) password_hash: Option<&'a str>,
    pub(crate) app_metadata: Map<String, serde_json::Value>,
    pub(crate) user_metadata: Map<String, serde_json::Value>,
    pub(crate) is_anonymous: bool,
}

/// Inserts a user. The token columns are `''`, not NULL: GoTrue cannot read NULL in them.
pub(crate) fn insert(user: &NewUser<'_>) -> Statement {
    Statement::with(
        "insert into auth.users (instance_id, id, aud, role, email, encrypted_password, confirmation_token, recovery_token, \
         email_change_token_new, email_change, raw_app_meta_data, raw_user_meta_data, created_at, updated_at, phone, is_anonymous) \
         values ($1, $2, $3, $4, $5, $6, '', '', '', '', $7, $8, now(), now(), $9, $10)",
        [
            INSTANCE.into(),
            user.id.to_string().into(),
            user.audience.into(),
            user.role.into(),
            user.email.into(),
            user.password_hash.unwrap_or("").into(),
            serde_json::Value::Object(user.app_metadata.clone()).to_string().into(),
            serde_json::Value::Object(user.user_metadata.clone()).to_string().into(),
            user.phone.into(),
            user.is_anonymous.into(),
        ],
    )
}

/// Deletes a user with all that refers to them.
pub(crate) fn delete(id: Uuid) -> Statement {
    Statement::with("delete from auth.users where id = $1", [id.to_string().into()])
}

/// Removes all second factors of a user.
pub(crate) fn delete_factors(id: Uuid) -> Statement {
    Statement::with("delete from auth.mfa_factors where user_id = $1", [id.to_string().into()])
}

/// Removes a second factor of a user.
pub(crate) fn delete_factor(id: Uuid, factor: Uuid) -> Statement {
    Statement::with(
        "delete from auth.mfa_factors where user_id = $1 and id = $2",
        [id.to_string().into(), factor.to_string().into()],
    )
}

/// An UPDATE of one user, put together from static pieces: the text is the same for the same columns, so that it is compiled once.
pub(crate) struct Update {
    assignments: String,
    conditions: String,
    parameters: Vec<Value>,
}

impl Update {
    /// Of this user. `updated_at` is set whatever else is.
    pub(crate) fn of(id: Uuid) -> Update {
        Update {
            assignments: String::new(),
            conditions: String::new(),
            parameters: vec![id.to_string().into()],
        }
    }

    /// Sets a column.
    pub(crate) fn set(mut self, column: &'static str, value: impl Into<Value>) -> Update {
        self.parameters.push(value.into());
        self.assignments.push_str(&format!("{column} = ${}, ", self.parameters.len()));
        self
    }

    /// Sets a column to a JSON object.
    pub(crate) fn set_object(self, column: &'static str, object: Map<String, serde_json::Value>) -> Update {
        self.set(column, serde_json::Value::Object(object).to_string())
    }

    /// Puts entries into a column's JSON object; those that are null are taken out. What others put into it meanwhile stays.
    pub(crate) fn merge(mut self, column: &'static str, entries: Map<String, serde_json::Value>) -> Update {
        let (removed, kept): (Vec<_>, Vec<_>) = entries.into_iter().partition(|(_, value)| value.is_null());
        let kept: Map<String, serde_json::Value> = kept.into_iter().collect();
        self.parameters.push(serde_json::Value::Object(kept).to_string().into());
        let given = self.parameters.len();
        // A column that holds anything but an object is taken for an empty one.
        let mut merged = format!(
            "case when jsonb_typeof({column}) = 'object' then {column} else '{{}}'::jsonb end || ${given}::jsonb"
        );
        for (name, _) in removed {
            self.parameters.push(name.into());
            merged = format!("({merged}) - ${}::text", self.parameters.len());
        }
        self.assignments.push_str(&format!("{column} = {merged}, "));
        self
    }

    /// Sets when a ban ends, so many seconds from now.
    pub(crate) fn ban(mut self, seconds: f64) -> Update {
        self.parameters.push(Value::Float(seconds));
        let given = self.parameters.len();
        self.assignments
            .push_str(&format!("banned_until = now() + ${given}::float8 * interval '1 second', "));
        self
    }

    /// Sets a column to the transaction's time.
    pub(crate) fn set_now(mut self, column: &'static str) -> Update {
        self.assignments.push_str(&format!("{column} = now(), "));
        self
    }

    /// Sets a column to NULL.
    pub(crate) fn clear(mut self, column: &'static str) -> Update {
        self.assignments.push_str(&format!("{column} = null, "));
        self
    }

    /// Only if the column still holds this: the change was decided upon it.
    pub(crate) fn only_if(mut self, column: &'static str, value: impl Into<Value>) -> Update {
        self.parameters.push(value.into());
        self.conditions.push_str(&format!(" and {column} is not distinct from ${}", self.parameters.len()));
        self
    }

    /// Sets every column that holds the hash of a mailed token to nothing.
    pub(crate) fn end_tokens(self) -> Update {
        self.set("confirmation_token", "")
            .set("recovery_token", "")
            .set("email_change_token_new", "")
            .set("email_change_token_current", "")
            .set("reauthentication_token", "")
    }

    /// Only if the row is as it was read: the change was decided upon all of it.
    pub(crate) fn only_if_unchanged(self, user: &User) -> Update {
        self.only_if("updated_at", user.updated_at.map(|at| at.to_string()))
    }

    /// Only if the user may sign in.
    pub(crate) fn only_if_not_banned(mut self) -> Update {
        self.conditions
            .push_str(" and (banned_until is null or banned_until <= now()) and deleted_at is null");
        self
    }

    /// The statement.
    pub(crate) fn statement(self) -> Statement {
        let Update { assignments, conditions, parameters } = self;
        Statement::with(
            format!("update auth.users set {assignments}updated_at = now() where id = $1{conditions}"),
            parameters,
        )
    }
}
