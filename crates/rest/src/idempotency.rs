//! `Idempotency-Key`: a request under a key has one effect, however often it is sent.
//!
//! The record of a key is made in the transaction of the effect, before anything else runs, and gets the answer before COMMIT: it is there when
//! and only when the effect is. What stands in it belongs to one caller, by the table's policy and by the statements here.

use crate::answer::Reply;
use crate::error::Refusal;
use crate::precondition::only_reads;
use axum::body::Bytes;
use database::{Database, Expectation, Outcome, Session, Statement, SystemPrivilege, Value, Work};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, request};
use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};
use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};
use web::Caller;

/// The statements that make the table, for whoever makes the system's tables.
pub const TABLES: &[&str] = &[
    "create table bedplate.idempotency (caller text not null, key text not null, fingerprint bytea not null, \
     made_at timestamptz not null default now(), status integer, size bigint not null default 0, headers text, body bytea, \
     primary key (caller, key))",
    "create index idempotency_made_at on bedplate.idempotency (made_at)",
    "alter table bedplate.idempotency enable row level security",
    "create policy own on bedplate.idempotency for all using (caller = current_setting('bedplate.caller', true)) \
     with check (caller = current_setting('bedplate.caller', true))",
    "grant usage on schema bedplate to public",
    "grant select, insert, update on bedplate.idempotency to public",
];

/// Characters of a key.
const KEY_LENGTH: usize = 255;
/// Keys that one caller has at a time.
const KEYS_MAX: i64 = 1000;
/// Bytes that one caller's answers have together.
const BYTES_MAX: i64 = 16 << 20;
/// Bytes of one answer that is kept.
const ANSWER_BYTES: usize = 1 << 20;
/// Keys of all callers.
const ALL_KEYS_MAX: i64 = 100_000;
/// Bytes of all callers' answers.
const ALL_BYTES_MAX: i64 = 1 << 30;
/// How often what is over is swept away, at most.
const SWEEP_PAUSE: Duration = Duration::from_secs(60);
/// How long another transaction with the same key is waited for.
const WAIT: &str = "200ms";

const CLAIM: &str = "insert into bedplate.idempotency as kept (caller, key, fingerprint) values ($1, $2, $3) \
    on conflict (caller, key) do update set fingerprint = excluded.fingerprint, made_at = now(), status = null, size = 0, \
    headers = null, body = null where kept.made_at < now() - interval '24 hours'";
const KEPT: &str =
    "select fingerprint, status, headers, body from bedplate.idempotency where caller = $1 and key = $2";
const COUNTED: &str = "select count(*) as keys, coalesce(sum(size), 0)::bigint as bytes from bedplate.idempotency \
    where caller = $1 and made_at >= now() - interval '24 hours'";
const RECORD: &str = "update bedplate.idempotency set status = $3, size = $4, headers = $5, body = $6 \
    where caller = $1 and key = $2";
const SWEEP: &str = "delete from bedplate.idempotency where made_at < now() - interval '24 hours'";
const COUNTED_ALL: &str =
    "select count(*) as keys, coalesce(sum(size), 0)::bigint as bytes from bedplate.idempotency";

/// A caller's key with the request that it stands for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    caller: Arc<str>,
    text: Arc<str>,
    fingerprint: [u8; 32],
}

/// What is known of a key.
#[derive(Debug)]
pub(crate) enum Claim {
    /// Nothing: it is taken now.
    Fresh,
    /// Its request was answered.
    Answered(Reply),
}

impl Key {
    /// The key of a request that came through a door; of one that only reads there is none.
    pub(crate) fn of(
        head: &request::Parts,
        caller: &Caller,
        door: &str,
        body: &[u8],
    ) -> Result<Option<Key>, Refusal> {
        if only_reads(&head.method) {
            return Ok(None);
        }
        let target = head.uri.path_and_query().map_or("", |target| target.as_str());
        let parts = [door.as_bytes(), head.method.as_str().as_bytes(), target.as_bytes(), body];
        Key::read(&head.headers, caller, &parts)
    }

    /// The header's key: a string of structured fields (`"…"`), or the same without quotes.
    fn read(headers: &HeaderMap, caller: &Caller, request: &[&[u8]]) -> Result<Option<Key>, Refusal> {
        let mut values = headers.get_all("idempotency-key").iter();
        let Some(value) = values.next() else { return Ok(None) };
        let text = value.to_str().ok().filter(|_| values.next().is_none()).and_then(unquoted);
        let text = text.ok_or(Refusal::IdempotencyKey)?;
        // What the answer hangs on beside method, target and body.
        let shaping = [
            "accept",
            "accept-profile",
            "content-profile",
            "content-type",
            "prefer",
            "if-match",
            "if-none-match",
        ];
        let shaping = shaping.iter().flat_map(|name| {
            let values = headers.get_all(*name).iter().map(HeaderValue::as_bytes);
            std::iter::once(name.as_bytes()).chain(values)
        });
        let fingerprint = digest(request.iter().copied().chain(shaping));
        Ok(Some(Key { caller: identity(caller).into(), text: text.into(), fingerprint }))
    }

    /// The session of the statements about it.
    pub(crate) fn session(&self, session: Session) -> Session {
        session.with_setting("bedplate.caller", Arc::clone(&self.caller))
    }

    /// The statements that take it, or find what is there.
    pub(crate) fn claim(&self) -> Vec<Statement> {
        let caller = || Value::from(&*self.caller);
        let key = || Value::from(&*self.text);
        vec![
            Statement::with("select set_config('lock_timeout', $1, true)", [Value::from(WAIT)]),
            Statement::with(CLAIM, [caller(), key(), Value::Bytes(self.fingerprint.as_slice().into())]),
            Statement::with(KEPT, [caller(), key()]),
            Statement::with(COUNTED, [caller()]),
        ]
    }

    /// What these statements found.
    pub(crate) fn claimed(&self, outcomes: &[Outcome]) -> Result<Claim, Refusal> {
        let [_, claim, kept, counted] = outcomes else { return Err(Refusal::IdempotencyRunning) };
        if claim.affected == 1 {
            let (keys, bytes) = counts(counted);
            if keys > KEYS_MAX || bytes > BYTES_MAX {
                return Err(Refusal::IdempotencyKeysFull);
            }
            return Ok(Claim::Fresh);
        }
        match kept.result.rows.first().map(Vec::as_slice) {
            Some([Value::Bytes(fingerprint), ..]) if **fingerprint != self.fingerprint => {
                Err(Refusal::IdempotencyOther)
            }
            Some([_, Value::Int(status), headers, body]) => {
                let reply = restored(*status, headers.as_str().unwrap_or("[]"), body);
                reply.map(Claim::Answered).ok_or(Refusal::IdempotencyRunning)
            }
            _ => Err(Refusal::IdempotencyRunning),
        }
    }

    /// The statement that keeps the answer.
    pub(crate) fn record(&self, reply: &Reply) -> Result<Statement, Refusal> {
        let headers: Vec<(String, String)> = reply
            .headers
            .iter()
            .map(|(name, value)| {
                (name.as_str().to_owned(), value.as_bytes().iter().copied().map(char::from).collect())
            })
            .collect();
        let headers = Json::from_iter(headers.into_iter().map(|(name, value)| Json::from(vec![name, value])))
            .to_string();
        let body = reply.body.as_deref();
        let size = headers.len() + body.map_or(0, <[u8]>::len);
        if size > ANSWER_BYTES {
            return Err(Refusal::IdempotencyAnswer);
        }
        let statement = Statement::with(
            RECORD,
            [
                Value::from(&*self.caller),
                Value::from(&*self.text),
                Value::Int(i64::from(reply.status.as_u16())),
                Value::Int(i64::try_from(size).unwrap_or(i64::MAX)),
                Value::from(headers),
                body.map_or(Value::Null, |body| Value::Bytes(body.into())),
            ],
        );
        Ok(statement.expecting(Expectation::Affected(1)))
    }
}

fn restored(status: i64, headers: &str, body: &Value) -> Option<Reply> {
    let list: Vec<(String, String)> = serde_json::from_str(headers).ok()?;
    let mut kept = HeaderMap::with_capacity(list.len() + 1);
    for (name, value) in list {
        let bytes: Vec<u8> = value.chars().map(|c| u8::try_from(c).ok()).collect::<Option<_>>()?;
        kept.append(HeaderName::try_from(name).ok()?, HeaderValue::from_bytes(&bytes).ok()?);
    }
    kept.insert("idempotent-replayed", HeaderValue::from_static("true"));
    let body = match body {
        Value::Bytes(bytes) => Some(Bytes::from(bytes.to_vec())),
        _ => None,
    };
    Some(Reply { status: StatusCode::from_u16(u16::try_from(status).ok()?).ok()?, headers: kept, body })
}

fn counts(outcome: &Outcome) -> (i64, i64) {
    match outcome.result.rows.first().map(Vec::as_slice) {
        Some([keys, bytes]) => (keys.as_int().unwrap_or(0), bytes.as_int().unwrap_or(0)),
        _ => (0, 0),
    }
}

/// Who asks, as one to whom an answer belongs: role, issuer and subject; without a subject all claims but those that each token has its own of.
fn identity(caller: &Caller) -> String {
    let claims = caller.claims();
    let subject = claims.get("sub").and_then(Json::as_str).filter(|subject| !subject.is_empty());
    let parts = match subject {
        Some(subject) => {
            let issuer = claims.get("iss").map(Json::to_string).unwrap_or_default();
            vec!["sub".to_owned(), issuer, subject.to_owned()]
        }
        None => {
            let mut all: serde_json::Map<String, Json> =
                serde_json::from_str(claims.json()).unwrap_or_default();
            for name in ["exp", "iat", "nbf", "jti"] {
                all.remove(name);
            }
            vec!["claims".to_owned(), Json::Object(all).to_string()]
        }
    };
    let parts = std::iter::once(claims.role().as_bytes()).chain(parts.iter().map(String::as_bytes));
    digest(parts).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A digest of parts, each with its length before it.
fn digest<'a>(parts: impl Iterator<Item = &'a [u8]>) -> [u8; 32] {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part);
    }
    digest.finalize().into()
}

fn unquoted(text: &str) -> Option<String> {
    let text = text.trim();
    let key = match text.strip_prefix('"') {
        Some(rest) => {
            let inner = rest.strip_suffix('"')?;
            let mut key = String::new();
            let mut characters = inner.chars();
            while let Some(character) = characters.next() {
                match character {
                    '\\' => key.push(characters.next().filter(|next| matches!(next, '"' | '\\'))?),
                    '"' => return None,
                    other => key.push(other),
                }
            }
            key
        }
        None => text.to_owned(),
    };
    let printable = key.bytes().all(|byte| (b' '..=b'~').contains(&byte));
    (printable && !key.is_empty() && key.len() <= KEY_LENGTH).then_some(key)
}

/// The keys of this process.
#[derive(Debug, Default)]
pub(crate) struct Keyring {
    /// Those whose request runs.
    running: Mutex<HashSet<(Arc<str>, Arc<str>)>>,
    swept: Mutex<Option<Instant>>,
    /// All callers have too many together.
    full: AtomicBool,
}

/// A key whose request runs in this process, until it is dropped.
#[derive(Debug)]
pub(crate) struct Running<'a> {
    keyring: &'a Keyring,
    key: (Arc<str>, Arc<str>),
}

impl Keyring {
    /// Marks a key as running.
    pub(crate) fn begin(&self, key: &Key) -> Result<Running<'_>, Refusal> {
        let pair = (Arc::clone(&key.caller), Arc::clone(&key.text));
        if !self.running.lock().unwrap_or_else(PoisonError::into_inner).insert(pair.clone()) {
            return Err(Refusal::IdempotencyRunning);
        }
        Ok(Running { keyring: self, key: pair })
    }

    /// Whether there is room for further keys of anybody.
    pub(crate) fn is_full(&self) -> bool {
        self.full.load(Ordering::Relaxed)
    }

    /// Sweeps away what is over, at times.
    pub(crate) async fn sweep(&self, database: &dyn Database) {
        {
            let mut swept = self.swept.lock().unwrap_or_else(PoisonError::into_inner);
            if swept.is_some_and(|at| at.elapsed() < SWEEP_PAUSE) {
                return;
            }
            *swept = Some(Instant::now());
        }
        // Rows of all callers: nobody's request is concerned, nothing of them is answered.
        let session = Session::operator(SystemPrivilege::i_am_the_operator());
        let work = Work::all([Statement::new(SWEEP), Statement::new(COUNTED_ALL)]);
        if let Ok(outcomes) = database.run(&session, work).await {
            let (keys, bytes) = outcomes.last().map_or((0, 0), counts);
            self.full.store(keys >= ALL_KEYS_MAX || bytes >= ALL_BYTES_MAX, Ordering::Relaxed);
        }
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.keyring.running.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_read() {
        assert_eq!(unquoted("\"a b\\\"c\\\\\"").as_deref(), Some("a b\"c\\"));
        assert_eq!(unquoted(" 8e03978e-40d5 ").as_deref(), Some("8e03978e-40d5"));
        for wrong in ["", "\"\"", "\"a", "\"a\"b\"", "\"a\\b\"", "ä", &"a".repeat(256)] {
            assert_eq!(unquoted(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_digest_knows_its_parts() {
        let of = |parts: &[&str]| digest(parts.iter().map(|part| part.as_bytes()));
        assert_ne!(of(&["a", "b"]), of(&["ab", ""]));
        assert_ne!(of(&["a"]), of(&["a", ""]));
    }

    #[test]
    fn answers_are_kept_whole() {
        let reply =
            restored(201, r#"[["location","/a?id=eq.1"],["x","\u00e4"]]"#, &Value::Bytes((*b"[1]").into()));
        let reply = reply.expect("a reply");
        assert_eq!(reply.headers["x"].as_bytes(), [0xe4]);
        assert_eq!((reply.status.as_u16(), reply.body.as_deref()), (201, Some(&b"[1]"[..])));
        assert!(restored(20, "[]", &Value::Null).is_none());
    }
}
