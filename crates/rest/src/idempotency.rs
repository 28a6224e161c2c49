//! `Idempotency-Key`: a request under a key has one effect, however often it is sent.
//!
//! The record of a key is made in the transaction of the effect, before anything else runs, and gets the answer before COMMIT: it is there when
//! and only when the effect is. No role of a request may read the table: its rows are reached through two functions that run as its owner, by a name of the caller that nobody can make without the project's secret (decision 12).

use crate::answer::Reply;
use crate::error::Refusal;
use crate::precondition::only_reads;
use axum::body::Bytes;
use data_encoding::HEXLOWER;
use database::{Database, Outcome, Session, Statement, SystemPrivilege, Value, Work};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, request};
use serde_json::Value as Json;
use sha2::{Digest as _, Sha256};
use std::collections::HashSet;
use std::fmt;
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
    // Takes a key for a request, or says what stands under it. The answer is told to who knows the request that it was given to.
    "create function bedplate.claim_key(of_caller text, of_key text, of_request bytea, out fresh boolean, out same boolean, \
     out status integer, out headers text, out body bytea, out keys bigint, out bytes bigint) \
     language plpgsql security definer set search_path = '' as $$
begin
  insert into bedplate.idempotency as kept (caller, key, fingerprint) values (of_caller, of_key, of_request)
    on conflict (caller, key) do update set fingerprint = excluded.fingerprint, made_at = now(), status = null, size = 0,
    headers = null, body = null where kept.made_at < now() - interval '24 hours';
  fresh := found;
  select kept.status, kept.headers, kept.body into status, headers, body from bedplate.idempotency kept
    where kept.caller = of_caller and kept.key = of_key and kept.fingerprint = of_request;
  same := found;
  select count(*), coalesce(sum(kept.size), 0)::bigint into keys, bytes from bedplate.idempotency kept
    where kept.caller = of_caller and kept.made_at >= now() - interval '24 hours';
end $$",
    // Keeps the answer to a request under the key that was taken for it, once.
    "create function bedplate.keep_answer(of_caller text, of_key text, of_request bytea, with_status integer, \
     with_size bigint, with_headers text, with_body bytea) returns boolean \
     language plpgsql security definer set search_path = '' as $$
begin
  update bedplate.idempotency kept set status = with_status, size = with_size, headers = with_headers, body = with_body
    where kept.caller = of_caller and kept.key = of_key and kept.fingerprint = of_request and kept.status is null;
  return found;
end $$",
    "grant usage on schema bedplate to public",
    "grant execute on function bedplate.claim_key(text, text, bytea), \
     bedplate.keep_answer(text, text, bytea, integer, bigint, text, bytea) to public",
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

const CLAIM: &str =
    "select fresh, same, status, headers, body, keys, bytes from bedplate.claim_key($1, $2, $3)";
const KEEP: &str = "select bedplate.keep_answer($1, $2, $3, $4, $5, $6, $7)";
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
        caller: (&Caller, &CallerSecret),
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
    fn read(
        headers: &HeaderMap,
        (caller, secret): (&Caller, &CallerSecret),
        request: &[&[u8]],
    ) -> Result<Option<Key>, Refusal> {
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
        Ok(Some(Key { caller: identity(caller, secret).into(), text: text.into(), fingerprint }))
    }

    /// The statements that take it, or find what is there.
    pub(crate) fn claim(&self) -> Vec<Statement> {
        vec![
            Statement::with("select set_config('lock_timeout', $1, true)", [Value::from(WAIT)]),
            Statement::with(CLAIM, self.parameters()),
        ]
    }

    fn parameters(&self) -> [Value; 3] {
        [
            Value::from(&*self.caller),
            Value::from(&*self.text),
            Value::Bytes(self.fingerprint.as_slice().into()),
        ]
    }

    /// What these statements found.
    pub(crate) fn claimed(&self, outcomes: &[Outcome]) -> Result<Claim, Refusal> {
        let row = outcomes.last().and_then(|outcome| outcome.result.rows.first());
        let Some([fresh, same, status, headers, body, keys, bytes]) = row.map(Vec::as_slice) else {
            return Err(Refusal::IdempotencyRunning);
        };
        if *fresh == Value::Bool(true) {
            let (keys, bytes) = (keys.as_int().unwrap_or(0), bytes.as_int().unwrap_or(0));
            if keys > KEYS_MAX || bytes > BYTES_MAX {
                return Err(Refusal::IdempotencyKeysFull);
            }
            return Ok(Claim::Fresh);
        }
        if *same != Value::Bool(true) {
            return Err(Refusal::IdempotencyOther);
        }
        let reply =
            status.as_int().and_then(|status| restored(status, headers.as_str().unwrap_or("[]"), body));
        reply.map(Claim::Answered).ok_or(Refusal::IdempotencyRunning)
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
        let answer = [
            Value::Int(i64::from(reply.status.as_u16())),
            Value::Int(i64::try_from(size).unwrap_or(i64::MAX)),
            Value::from(headers),
            body.map_or(Value::Null, |body| Value::Bytes(body.into())),
        ];
        Ok(Statement::with(KEEP, self.parameters().into_iter().chain(answer)))
    }

    /// Whether the answer was kept. It is not where somebody else had the key's row.
    pub(crate) fn recorded(outcomes: &[Outcome]) -> bool {
        let row = outcomes.last().and_then(|outcome| outcome.result.rows.first());
        row.and_then(|row| row.first()) == Some(&Value::Bool(true))
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
/// Made with the secret: who may call the table's functions can be nobody else by knowing who somebody is.
fn identity(caller: &Caller, secret: &CallerSecret) -> String {
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
    HEXLOWER.encode(&digest([secret.0.as_slice(), &digest(parts)].into_iter()))
}

/// What the names of callers are made with.
#[derive(Clone, PartialEq, Eq)]
pub struct CallerSecret([u8; 32]);

impl CallerSecret {
    /// A secret of the project, equal on all its nodes. Under another one the keys of before are free again.
    pub const fn new(secret: [u8; 32]) -> CallerSecret {
        CallerSecret(secret)
    }
}

impl fmt::Debug for CallerSecret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("CallerSecret")
    }
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
