//! Where the keys are kept: one sealed row of `bedplate.secrets`, shared by all nodes of a database.

use super::{FileProblem, Kept, ProjectKeys, Refusal, SealError, SealingKey};
use crate::configuration::Settings;
use crate::operator::Operate;
use database::{DatabaseError, Statement, Value, Work};
use serde_json::json;
use std::fmt;

const NAME: &str = "keys";

/// What may go wrong with the keys.
#[derive(Debug)]
pub enum KeyError {
    /// The database refused.
    Database(DatabaseError),
    /// The seal does not open.
    Seal(SealError),
    /// A signing key cannot be made.
    Key(web::KeyProblem),
    /// The file of the signing keys.
    File(FileProblem),
    /// It may not be done as the keys are.
    Refused(Refusal),
    /// Others change the keys all the time.
    Busy,
    /// What is kept is not what was written.
    Damaged,
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            KeyError::Database(error) => write!(f, "the project's keys cannot be read: {error}"),
            KeyError::Seal(error) => error.fmt(f),
            KeyError::Key(problem) => write!(f, "a signing key cannot be made: {problem}"),
            KeyError::File(problem) => problem.fmt(f),
            KeyError::Refused(refusal) => refusal.fmt(f),
            KeyError::Busy => f.write_str("the signing keys are being changed by others; try again"),
            KeyError::Damaged => {
                f.write_str("the signing keys in the database are damaged; restore a backup")
            }
        }
    }
}

impl std::error::Error for KeyError {}

impl From<DatabaseError> for KeyError {
    fn from(error: DatabaseError) -> KeyError {
        KeyError::Database(error)
    }
}

impl From<SealError> for KeyError {
    fn from(error: SealError) -> KeyError {
        KeyError::Seal(error)
    }
}

/// The project's keys, made at the first start.
///
/// # Errors
/// When the database refuses or the seal does not open.
pub async fn load_or_make(
    operator: &dyn Operate,
    sealing_key: &SealingKey,
    settings: &Settings,
) -> Result<ProjectKeys, KeyError> {
    let kept = match load(operator, sealing_key).await? {
        Some(kept) => kept,
        None => make(operator, sealing_key).await?,
    };
    Ok(ProjectKeys::from_kept(kept, settings))
}

async fn load(operator: &dyn Operate, sealing_key: &SealingKey) -> Result<Option<Kept>, KeyError> {
    let statement =
        Statement::with("select sealed from bedplate.secrets where name = $1", [Value::from(NAME)]);
    let outcomes = operator.run_as_operator(Work::one(statement)).await?;
    let sealed = outcomes.first().and_then(|outcome| outcome.result.rows.first()).and_then(|row| row.first());
    match sealed.and_then(Value::as_str) {
        Some(sealed) => Ok(Some(Kept::from_json(&sealing_key.open(NAME, sealed)?)?)),
        None => Ok(None),
    }
}

/// Another node may make them at the same time: the first row stays, and everyone reads that one.
async fn make(operator: &dyn Operate, sealing_key: &SealingKey) -> Result<Kept, KeyError> {
    let made = Kept::make().map_err(SealError::NoRandomness)?;
    let sealed = sealing_key.seal(NAME, &made.to_json())?;
    let insert = Statement::with(
        "insert into bedplate.secrets (name, sealed) values ($1, $2) on conflict (name) do nothing",
        [Value::from(NAME), Value::from(sealed)],
    );
    operator.run_as_operator(Work::one(insert)).await?;
    load(operator, sealing_key).await?.ok_or(KeyError::Seal(SealError::CannotOpen))
}

impl Kept {
    fn to_json(&self) -> String {
        let Kept { jwt_secret, publishable_key, secret_key, made_at } = self;
        json!({
            "jwt_secret": jwt_secret, "publishable_key": publishable_key, "secret_key": secret_key, "made_at": made_at
        })
        .to_string()
    }

    fn from_json(text: &str) -> Result<Kept, SealError> {
        let value: serde_json::Value = serde_json::from_str(text).map_err(|_| SealError::CannotOpen)?;
        let text = |key: &str| value[key].as_str().map(str::to_owned).ok_or(SealError::CannotOpen);
        Ok(Kept {
            jwt_secret: text("jwt_secret")?,
            publishable_key: text("publishable_key")?,
            secret_key: text("secret_key")?,
            made_at: value["made_at"].as_u64().ok_or(SealError::CannotOpen)?,
        })
    }
}
