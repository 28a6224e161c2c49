//! For several nodes on one database: buckets in its table `bedplate.rate_limits`, which is UNLOGGED. A take is no write to disk; after a
//! crash of the server all buckets are full.

use crate::{Bucket, Decision, Limiter};
use async_trait::async_trait;
use database::{Database, Session, Statement, Value, Work};
use hmac::{Hmac, Mac as _};
use sha2::Sha256;
use sqlstate::DatabaseError;
use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// Takes a token where there is one: a row is inserted or changed exactly then. The row's lock puts takes of one key in a row,
/// whichever node they come from, and the time is the database's.
const TAKE: &str = "insert into bedplate.rate_limits as held (key, full_at) \
     values ($1, now() + $2::bigint * interval '1 microsecond') \
     on conflict (key) do update \
     set full_at = greatest(held.full_at, now()) + $2::bigint * interval '1 microsecond' \
     where greatest(held.full_at, now()) + $2::bigint * interval '1 microsecond' <= now() + $3::bigint * interval '1 microsecond'";

/// How far ahead the bucket's moment lies, in microseconds.
const LOOK: &str = "select (extract(epoch from full_at - now()) * 1000000)::bigint as full_in from bedplate.rate_limits where key = $1";

/// Buckets that are full say nothing. What another node holds or deletes is left to it.
const SWEEP: &str = "delete from bedplate.rate_limits where key in \
     (select key from bedplate.rate_limits where full_at <= now() limit 10000 for update skip locked)";

/// One take in so many sweeps.
const TAKES_BETWEEN_SWEEPS: u32 = 1000;

/// How long a take may wait for others of its key. Then it fails, which allows nothing.
const TIMEOUT: Duration = Duration::from_secs(2);

/// How many refused keys a node remembers.
const REFUSED_MOST: usize = 10_000;

/// Buckets in a database.
pub struct Shared {
    database: Arc<dyn Database>,
    session: Session,
    secret: Hmac<Sha256>,
    takes: AtomicU32,
    /// Who was refused, and until when that holds: no node can fill a bucket sooner, so the database need not be asked again. Whoever
    /// knocks on and on costs it nothing.
    refused: Mutex<HashMap<Key, (Instant, Decision)>>,
}

type Key = [u8; 16];

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

impl Shared {
    /// A limiter that acts as the session. The secret, equal on all nodes, keys the hashes that stand in the table instead of e-mail
    /// addresses and clients' addresses: who has a copy of the table cannot try which they are.
    pub fn new(database: Arc<dyn Database>, session: Session, secret: &[u8; 32]) -> Shared {
        // HMAC fills a shorter key up with zeros to a block.
        let mut block = [0; 64];
        block[..32].copy_from_slice(secret);
        let secret = Hmac::new(&block.into());
        let mut session = session;
        session.statement_timeout = Some(TIMEOUT);
        Shared { database, session, secret, takes: AtomicU32::new(0), refused: Mutex::default() }
    }

    fn key(&self, bucket: &Bucket, key: &str) -> Key {
        let mut hash = self.secret.clone();
        hash.update(bucket.name.as_bytes());
        hash.update(&[0]);
        hash.update(key.as_bytes());
        let mut short = [0; 16];
        short.copy_from_slice(&hash.finalize().into_bytes()[..16]);
        short
    }

    /// The refusal that still holds.
    fn refusal(&self, key: &Key) -> Option<Decision> {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, decision) = refused.get(key).copied()?;
        let passed = at.elapsed();
        if passed >= decision.retry_after {
            refused.remove(key);
            return None;
        }
        Some(Decision {
            retry_after: decision.retry_after - passed,
            full_after: decision.full_after.saturating_sub(passed),
            ..decision
        })
    }

    fn remember(&self, key: Key, decision: Decision) {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        if refused.len() >= REFUSED_MOST {
            refused.retain(|_, (at, decision)| at.elapsed() < decision.retry_after);
        }
        // Without room the database is asked again, which knows it as well.
        if refused.len() < REFUSED_MOST {
            refused.insert(key, (Instant::now(), decision));
        }
    }

    /// Now and then removes what says nothing any more, without making anyone wait.
    fn sweep_sometimes(&self) {
        if self.takes.fetch_add(1, Ordering::Relaxed) % TAKES_BETWEEN_SWEEPS != TAKES_BETWEEN_SWEEPS - 1 {
            return;
        }
        let (database, session) = (Arc::clone(&self.database), self.session.clone());
        tokio::spawn(async move {
            // When it fails, the next one does it.
            let _ = database.run(&session, Work::one(Statement::new(SWEEP))).await;
        });
    }
}

#[async_trait]
impl Limiter for Shared {
    async fn take(&self, bucket: &Bucket, key: &str) -> Result<Decision, DatabaseError> {
        let Some(token) = bucket.token_micros() else { return Ok(bucket.closed()) };
        let key = self.key(bucket, key);
        if let Some(refusal) = self.refusal(&key) {
            return Ok(refusal);
        }
        let stored = Value::Bytes(key.into());
        let number = |micros: u64| Value::Int(i64::try_from(micros).unwrap_or(i64::MAX / 4));
        let depth = bucket.depth_micros(token);
        let work = Work::all([
            Statement::with(TAKE, [stored.clone(), number(token), number(depth)]),
            Statement::with(LOOK, [stored]),
        ]);
        let outcomes = self.database.run(&self.session, work).await?;
        self.sweep_sometimes();
        let [take, look] = outcomes.as_slice() else {
            return Err(DatabaseError::internal("a rate limit's statements have two outcomes"));
        };
        let full_in = look.result.rows.first().and_then(|row| row.first()).and_then(Value::as_int);
        let full_in = full_in.ok_or_else(|| DatabaseError::internal("a rate limit's row is gone"))?;
        let full_in = u64::try_from(full_in).unwrap_or(0);
        let decision = bucket.decide(token, take.affected == 1, full_in);
        if !decision.allowed {
            self.remember(key, decision);
        }
        Ok(decision)
    }
}
