//! `auth.users`.

use super::{Row, identities};
use crate::error::Result;
use crate::model::{Factor, Tokens, User};
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
    /// The identity at a provider.
    Identity { provider: &'a str, provider_id: &'a str },
    /// The hash of a token of a kind (`auth.one_time_token_type`) that was mailed.
    Token { kind: &'a str, hash: &'a str },
    /// A refresh token.
    RefreshToken(&'a str),
}

/// What [`of_row`] reads.
macro_rules! columns {
    () => {
        "id, aud, role, email, email_confirmed_at, invited_at, phone, phone_confirmed_at, confirmation_sent_at, \
         confirmed_at, recovery_sent_at, email_change, email_change_sent_at, phone_change, phone_change_sent_at, \
         reauthentication_sent_at, last_sign_in_at, raw_app_meta_data, raw_user_meta_data, created_at, updated_at, \
         banned_until, deleted_at, is_anonymous, is_sso_user, encrypted_password, confirmation_token, recovery_token, \
         email_change_token_current, email_change_token_new, reauthentication_token, email_change_confirm_status, now()"
    };
}

/// What [`identities::read`] reads.
macro_rules! identity_columns {
    () => {
        "id, provider_id, user_id, identity_data, provider, last_sign_in_at, created_at, updated_at, email"
    };
}

/// What [`factor`] reads.
macro_rules! factor_columns {
    () => {
        "user_id, id, created_at, updated_at, status, friendly_name, factor_type, last_challenged_at"
    };
}
pub(super) use {columns, factor_columns, identity_columns};

macro_rules! find {
    ($condition:literal) => {
        [
            concat!("select ", columns!(), " from auth.users where ", $condition),
            concat!(
                "select ",
                identity_columns!(),
                " from auth.identities where user_id = (select id from auth.users where ",
                $condition,
                ") order by created_at, id"
            ),
            concat!(
                "select ",
                factor_columns!(),
                " from auth.mfa_factors where user_id = (select id from auth.users where ",
                $condition,
                ") order by created_at, id"
            ),
        ]
    };
}

/// The statements that read a user, for [`read`].
pub(crate) fn select(key: &UserKey<'_>) -> Vec<Statement> {
    let (texts, parameters): ([&'static str; 3], Vec<Value>) = match *key {
        UserKey::Id(id) => (find!("id = $1"), vec![id.to_string().into()]),
        UserKey::Email { email, audience } => (
            find!(
                "instance_id = '00000000-0000-0000-0000-000000000000' and lower(email::text) = $1 and aud = $2 \
                 and is_sso_user = false"
            ),
            vec![email.into(), audience.into()],
        ),
        UserKey::Identity { provider, provider_id } => (
            find!(
                "id = (select i.user_id from auth.identities i where i.provider = $1 and i.provider_id = $2)"
            ),
            vec![provider.into(), provider_id.into()],
        ),
        UserKey::Token { kind, hash } => (
            find!(
                "id = (select t.user_id from auth.one_time_tokens t where t.token_type = $1::auth.one_time_token_type \
                 and t.token_hash = $2)"
            ),
            vec![kind.into(), hash.into()],
        ),
        UserKey::RefreshToken(token) => (
            find!("id = (select t.user_id::uuid from auth.refresh_tokens t where t.token = $1)"),
            vec![token.into()],
        ),
    };
    texts.into_iter().map(|text| Statement::with(text, parameters.clone())).collect()
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

/// The user that the statements of [`select`] found.
pub(crate) fn read(results: &[ResultSet]) -> Result<Option<User>> {
    let [user, identities, factors] = results else {
        return Err(crate::AuthError::internal("a user is read by three statements"));
    };
    let Some(values) = user.rows.first() else { return Ok(None) };
    let mut user = of_row(values)?;
    user.identities = identities.rows.iter().map(|values| identities::read(values)).collect::<Result<_>>()?;
    user.factors = factors.rows.iter().map(|values| Ok(factor(values)?.1)).collect::<Result<_>>()?;
    Ok(Some(user))
}

/// A user without identities and factors.
pub(super) fn of_row(values: &[Value]) -> Result<User> {
    let row = &mut Row::new(values);
    Ok(User {
        id: row.uuid()?,
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
        identities: Vec::new(),
        factors: Vec::new(),
    })
}

/// A factor and whose it is.
pub(super) fn factor(values: &[Value]) -> Result<(Uuid, Factor)> {
    let row = &mut Row::new(values);
    let user = row.uuid()?;
    let factor = Factor {
        id: row.uuid()?,
        created_at: row.moment()?,
        updated_at: row.moment()?,
        status: row.text()?,
        friendly_name: row.optional_text()?.map(str::to_owned),
        factor_type: row.text()?,
        last_challenged_at: row.moment()?,
    };
    Ok((user, factor))
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

    /// Sets a column to the transaction's time unless it holds one.
    pub(crate) fn set_now_if_null(mut self, column: &'static str) -> Update {
        self.assignments.push_str(&format!("{column} = coalesce({column}, now()), "));
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
