//! For one process: buckets in memory.

use crate::{Bucket, Decision, Limiter};
use async_trait::async_trait;
use sqlstate::DatabaseError;
use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::{Mutex, PoisonError};
use std::time::Instant;

/// Parts with a lock each.
const SHARDS: usize = 16;

/// Buckets in memory, of which there may be only so many. When there are more, those that are full go first (they say nothing), then
/// those with the least taken: a flood of new keys cannot wash away the bucket that an attacker emptied, unless it empties as many.
pub struct InMemory {
    /// Keyed by random: a collision cannot be prepared, and what a key was cannot be read from memory.
    hash: RandomState,
    begun: Instant,
    shard_most: usize,
    /// When each bucket will be full again, in microseconds since `begun`.
    shards: [Mutex<HashMap<u64, u64>>; SHARDS],
}

impl fmt::Debug for InMemory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("InMemory").field("shard_most", &self.shard_most).finish_non_exhaustive()
    }
}

impl Default for InMemory {
    /// A hundred thousand keys: a few megabytes.
    fn default() -> InMemory {
        InMemory::new(100_000)
    }
}

impl InMemory {
    /// A limiter that keeps so many buckets at most.
    pub fn new(keys_most: usize) -> InMemory {
        InMemory {
            hash: RandomState::new(),
            begun: Instant::now(),
            shard_most: keys_most.div_ceil(SHARDS).max(4),
            shards: Default::default(),
        }
    }

    /// How many buckets are kept.
    pub fn len(&self) -> usize {
        self.shards.iter().map(|shard| shard.lock().unwrap_or_else(PoisonError::into_inner).len()).sum()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Takes a token at a time, in microseconds since the beginning.
    fn take_at(&self, bucket: &Bucket, key: &str, now: u64) -> Decision {
        let Some(token) = bucket.token_micros() else { return bucket.closed() };
        let hash = self.hash.hash_one((bucket.name, key));
        let shard = &self.shards[hash as usize % SHARDS];
        let mut shard = shard.lock().unwrap_or_else(PoisonError::into_inner);
        let full_at = shard.get(&hash).copied().unwrap_or(now).max(now);
        let taken = full_at.saturating_add(token);
        let allowed = taken - now <= bucket.depth_micros(token);
        if !allowed {
            return bucket.decide(token, false, full_at - now);
        }
        if shard.len() >= self.shard_most && !shard.contains_key(&hash) {
            evict(&mut shard, self.shard_most, now);
        }
        shard.insert(hash, taken);
        bucket.decide(token, true, taken - now)
    }
}

/// Makes room for a quarter of the most: so much at once that its cost is spread over the keys to come.
fn evict(shard: &mut HashMap<u64, u64>, most: usize, now: u64) {
    shard.retain(|_, full_at| *full_at > now);
    let kept = most - (most / 4).max(1);
    if shard.len() <= kept {
        return;
    }
    let excess = shard.len() - kept;
    let mut by_taken: Vec<(u64, u64)> = shard.iter().map(|(key, full_at)| (*full_at, *key)).collect();
    let (least, ..) = by_taken.select_nth_unstable(excess);
    for (_, key) in least {
        shard.remove(key);
    }
}

#[async_trait]
impl Limiter for InMemory {
    async fn take(&self, bucket: &Bucket, key: &str) -> Result<Decision, DatabaseError> {
        let now = u64::try_from(self.begun.elapsed().as_micros()).unwrap_or(u64::MAX);
        Ok(self.take_at(bucket, key, now))
    }
}

#[cfg(test)]
mod tests;
