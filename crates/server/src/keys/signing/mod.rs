//! The project's signing keys: where they are kept, and how one takes another's place.
//!
//! They are rows of `bedplate.signing_keys`, each sealed under its own name, and every change of them is one transaction with a
//! new version in `bedplate.versions`, by which nodes notice it (rule 19).

pub(super) mod file;
mod make;
pub(super) mod plan;

#[cfg(test)]
mod tests;

use make::make;

use super::{KeyError, SealingKey};
use database::{Database, Expectation, Outcome, Session, Statement, SystemPrivilege, Value, Work};
use plan::Change;
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use web::{HeldKey, SignatureAlgorithm, SigningKey};

/// The row of `bedplate.versions`.
const VERSION: &str = "signing_keys";
/// How often a change is begun anew because another node was faster.
const ATTEMPTS: usize = 5;

/// What the database holds, at one moment of its clock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Kept {
    /// Changes with every change of the keys.
    pub version: i64,
    /// The keys, in the order in which they were made. Their times are by the database's clock.
    pub keys: Vec<HeldKey>,
    /// The database's clock.
    pub now: SystemTime,
}

/// Where signing keys are kept.
#[derive(Clone)]
pub struct SigningKeys {
    database: Arc<dyn Database>,
    sealing_key: Arc<SealingKey>,
}

/// What may be done to them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turn {
    /// A new key takes the current one's place.
    Rotate {
        /// Its algorithm; `None` is ES256.
        algorithm: Option<SignatureAlgorithm>,
        /// How long it is published before it signs.
        lead: Duration,
        /// How long tokens live that the current one signs.
        token_life: Duration,
        /// Whether a key that is published already signs earlier than planned, instead of a refusal.
        urgent: bool,
    },
    /// A key is neither used nor accepted any more.
    Revoke {
        /// Its name.
        kid: String,
        /// How long tokens live.
        token_life: Duration,
    },
}

impl SigningKeys {
    /// The keys of a database, sealed with this key.
    pub fn new(database: Arc<dyn Database>, sealing_key: Arc<SealingKey>) -> SigningKeys {
        SigningKeys { database, sealing_key }
    }

    /// The version, and nothing else.
    ///
    /// # Errors
    /// The database cannot be asked.
    pub async fn version(&self) -> Result<i64, KeyError> {
        let statement =
            Statement::with("select version from bedplate.versions where name = $1", [VERSION.into()]);
        let outcomes = self.run(Work::one(statement)).await?;
        let version = first_row(&outcomes, 0).and_then(|row| row.first()).and_then(Value::as_int);
        version.ok_or(KeyError::Damaged)
    }

    /// The keys.
    ///
    /// # Errors
    /// The database cannot be asked, or the seal does not open.
    pub async fn load(&self) -> Result<Kept, KeyError> {
        // The version first: should the keys change between the two, they are newer than it says, and are read once more.
        let version = Statement::with(
            "select version, floor(extract(epoch from now()) * 1000)::bigint from bedplate.versions where name = $1",
            [VERSION.into()],
        );
        let keys = Statement::new(
            "select kid, sealed, floor(extract(epoch from signs_from) * 1000)::bigint, \
             floor(extract(epoch from verifies_until) * 1000)::bigint, revoked_at is not null \
             from bedplate.signing_keys order by made_at, kid",
        );
        let outcomes = self.run(Work::all([version, keys])).await?;
        let head = first_row(&outcomes, 0).ok_or(KeyError::Damaged)?;
        let [Value::Int(version), Value::Int(now)] = head else { return Err(KeyError::Damaged) };
        let rows = outcomes.get(1).map_or(&[][..], |outcome| &outcome.result.rows);
        let keys = rows.iter().map(|row| self.key_of(row)).collect::<Result<_, KeyError>>()?;
        Ok(Kept { version: *version, keys, now: time(*now) })
    }

    fn key_of(&self, row: &[Value]) -> Result<HeldKey, KeyError> {
        let [Value::Text(kid), Value::Text(sealed), Value::Int(signs_from), until, Value::Bool(revoked)] =
            row
        else {
            return Err(KeyError::Damaged);
        };
        let jwk = self.sealing_key.open(&seal_name(kid), sealed)?;
        let jwk = serde_json::from_str(&jwk).map_err(|_| KeyError::Damaged)?;
        let key = SigningKey::from_jwk(&jwk).map_err(|_| KeyError::Damaged)?;
        if key.kid() != &**kid {
            return Err(KeyError::Damaged);
        }
        Ok(HeldKey {
            key,
            signs_from: time(*signs_from),
            verifies_until: until.as_int().map(time),
            revoked: *revoked,
        })
    }

    /// The keys; an ES256 key is made when there is none at all.
    ///
    /// # Errors
    /// As for [`SigningKeys::load`], or there is no randomness.
    pub async fn load_or_make(&self) -> Result<Kept, KeyError> {
        for _ in 0..ATTEMPTS {
            let kept = self.load().await?;
            if !kept.keys.is_empty() {
                return Ok(kept);
            }
            let first = Change::Insert { algorithm: SignatureAlgorithm::Es256, signs_from: kept.now };
            self.write(&kept, vec![first]).await?;
        }
        Err(KeyError::Busy)
    }

    /// Does it, and says what is then kept.
    ///
    /// # Errors
    /// It may not be done as the keys are, or as for [`SigningKeys::load`].
    pub async fn turn(&self, turn: &Turn) -> Result<Kept, KeyError> {
        for _ in 0..ATTEMPTS {
            let kept = self.load().await?;
            let changes = plan::plan(&kept.keys, kept.now, turn).map_err(KeyError::Refused)?;
            if changes.is_empty() || self.write(&kept, changes).await? {
                return self.load().await;
            }
        }
        Err(KeyError::Busy)
    }

    /// Writes changes of what was read; `false` when it is no longer so, and nothing was written.
    async fn write(&self, read: &Kept, changes: Vec<Change>) -> Result<bool, KeyError> {
        // This row is written by every change: of two at once the second finds another version.
        let claim = Statement::with(
            "update bedplate.versions set version = version + 1 where name = $1 and version = $2",
            [VERSION.into(), read.version.into()],
        )
        .expecting(Expectation::Affected(1));
        let mut statements = vec![claim];
        for change in changes {
            statements.push(self.statement(change).await?);
        }
        // What was no use for a month is of no interest to anybody.
        statements.push(Statement::new(
            "delete from bedplate.signing_keys where verifies_until < now() - interval '30 days' \
             or revoked_at < now() - interval '30 days'",
        ));
        let outcomes = self.run(Work::all(statements)).await?;
        Ok(outcomes.iter().all(|outcome| outcome.met))
    }

    async fn statement(&self, change: Change) -> Result<Statement, KeyError> {
        Ok(match change {
            Change::Insert { algorithm, signs_from } => {
                let key = make(algorithm).await?;
                let sealed = self.sealing_key.seal(&seal_name(key.kid()), &key.private_jwk().to_string())?;
                Statement::with(
                    "insert into bedplate.signing_keys (kid, algorithm, sealed, signs_from) \
                     values ($1, $2, $3, to_timestamp($4))",
                    [key.kid().into(), algorithm.name().into(), sealed.into(), epoch(signs_from)],
                )
            }
            Change::SignsFrom { kid, at } => Statement::with(
                "update bedplate.signing_keys set signs_from = to_timestamp($2) where kid = $1",
                [kid.into(), epoch(at)],
            )
            .expecting(Expectation::Affected(1)),
            Change::VerifiesUntil { kid, at: Some(at) } => Statement::with(
                "update bedplate.signing_keys set verifies_until = to_timestamp($2) where kid = $1",
                [kid.into(), epoch(at)],
            )
            .expecting(Expectation::Affected(1)),
            Change::VerifiesUntil { kid, at: None } => Statement::with(
                "update bedplate.signing_keys set verifies_until = null where kid = $1",
                [kid.into()],
            )
            .expecting(Expectation::Affected(1)),
            Change::Revoke { kid } => Statement::with(
                "update bedplate.signing_keys set revoked_at = now() where kid = $1 and revoked_at is null",
                [kid.into()],
            )
            .expecting(Expectation::Affected(1)),
        })
    }

    async fn run(&self, work: Work) -> Result<Vec<Outcome>, KeyError> {
        let operator = Session::operator(SystemPrivilege::i_am_the_operator());
        Ok(self.database.run(&operator, work).await?)
    }
}

fn first_row(outcomes: &[Outcome], index: usize) -> Option<&[Value]> {
    outcomes.get(index)?.result.rows.first().map(Vec::as_slice)
}

/// Each is sealed under its own name, so that none can be put into another's place.
fn seal_name(kid: &str) -> String {
    format!("signing_keys/{kid}")
}

fn time(milliseconds: i64) -> SystemTime {
    UNIX_EPOCH + Duration::from_millis(u64::try_from(milliseconds).unwrap_or(0))
}

/// Seconds since 1970, as `to_timestamp` takes them.
fn epoch(time: SystemTime) -> Value {
    Value::Float(time.duration_since(UNIX_EPOCH).map_or(0.0, |since| since.as_secs_f64()))
}
