//! What a rotation or a revocation changes: decided from values alone.

use super::Turn;
use std::fmt;
use std::time::{Duration, SystemTime};
use web::{HeldKey, SignatureAlgorithm, Standing, standings};

/// A change of one key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// A new key.
    Insert { algorithm: SignatureAlgorithm, signs_from: SystemTime },
    /// It begins to sign then.
    SignsFrom { kid: String, at: SystemTime },
    /// Its tokens are accepted until then, or for good.
    VerifiesUntil { kid: String, at: Option<SystemTime> },
    /// It is revoked.
    Revoke { kid: String },
}

/// Why it is not done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is a key that will sign: its name, and in how long.
    Underway(String, Duration),
    /// There is no key of this name.
    UnknownKid(String),
    /// Keys that are given by a file are changed in the file.
    FromFile(String),
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::Underway(kid, left) => write!(
                f,
                "a rotation is under way: key {kid} signs in {} minutes; `bedplate keys rotate --now` lets it sign at once",
                left.as_secs().div_ceil(60)
            ),
            Refusal::UnknownKid(kid) => {
                write!(f, "there is no signing key {kid}; `bedplate keys list` shows those that there are")
            }
            Refusal::FromFile(path) => write!(
                f,
                "the signing keys are those of {path} (auth.signing_keys_path): change that file and restart the server"
            ),
        }
    }
}

/// The changes that a turn makes of these keys at this time; none when it is so already.
pub(super) fn plan(keys: &[HeldKey], now: SystemTime, turn: &Turn) -> Result<Vec<Change>, Refusal> {
    match turn {
        Turn::Rotate { algorithm, lead, token_life, urgent } => {
            rotate(keys, now, algorithm.unwrap_or(SignatureAlgorithm::Es256), *lead, *token_life, *urgent)
        }
        Turn::Revoke { kid, token_life } => revoke(keys, now, kid, *token_life),
    }
}

fn rotate(
    keys: &[HeldKey],
    now: SystemTime,
    algorithm: SignatureAlgorithm,
    lead: Duration,
    token_life: Duration,
    urgent: bool,
) -> Result<Vec<Change>, Refusal> {
    let standby = next_standby(keys, now);
    let current = find(keys, now, Standing::Current);
    // While nobody signs there is nothing to wait for.
    let at = if current.is_some() { now + lead } else { now };
    let (first, at) = match standby {
        Some(standby) if !urgent => {
            let left = standby.signs_from.duration_since(now).unwrap_or_default();
            return Err(Refusal::Underway(standby.key.kid().to_owned(), left));
        }
        Some(standby) => {
            let at = at.min(standby.signs_from);
            (Change::SignsFrom { kid: standby.key.kid().to_owned(), at }, at)
        }
        None => (Change::Insert { algorithm, signs_from: at }, at),
    };
    let until = current.map(|held| held.key.kid().to_owned());
    let retire = until.map(|kid| Change::VerifiesUntil { kid, at: Some(at + token_life) });
    Ok([first].into_iter().chain(retire).collect())
}

fn revoke(
    keys: &[HeldKey],
    now: SystemTime,
    kid: &str,
    token_life: Duration,
) -> Result<Vec<Change>, Refusal> {
    let found = standings(keys, now).into_iter().find(|(held, _)| held.key.kid() == kid);
    let Some((held, standing)) = found else { return Err(Refusal::UnknownKid(kid.to_owned())) };
    let mut changes = vec![Change::Revoke { kid: kid.to_owned() }];
    match standing {
        Standing::Revoked => return Ok(Vec::new()),
        Standing::Previous | Standing::Retired => {}
        // Whoever should have followed it follows now; else a new one of its kind.
        Standing::Current => changes.push(match next_standby(keys, now) {
            Some(standby) => Change::SignsFrom { kid: standby.key.kid().to_owned(), at: now },
            None => Change::Insert { algorithm: held.key.algorithm(), signs_from: now },
        }),
        // The current key stays; another standby, if there is one, still comes.
        Standing::Standby => {
            let others: Vec<HeldKey> = keys.iter().filter(|other| other.key.kid() != kid).cloned().collect();
            if let Some(current) = find(keys, now, Standing::Current) {
                let next = next_standby(&others, now).map(|next| next.signs_from + token_life);
                changes.push(Change::VerifiesUntil { kid: current.key.kid().to_owned(), at: next });
            }
        }
    }
    Ok(changes)
}

fn find(keys: &[HeldKey], now: SystemTime, wanted: Standing) -> Option<&HeldKey> {
    standings(keys, now).into_iter().find(|(_, standing)| *standing == wanted).map(|(held, _)| held)
}

fn next_standby(keys: &[HeldKey], now: SystemTime) -> Option<&HeldKey> {
    let waiting = standings(keys, now).into_iter().filter(|(_, standing)| *standing == Standing::Standby);
    waiting.map(|(held, _)| held).min_by_key(|held| held.signs_from)
}
