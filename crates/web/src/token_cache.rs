//! Tokens that were proven lately, so that a client's next request does not cost a signature again.
//!
//! It is kept with the keys that proved them and goes with them. Only good tokens are in it, under their digest (so that
//! looking one up tells nothing about another by its time), and only for the seconds at which their claims and their key
//! count. It is bounded: two generations, of which the older is dropped when the younger is full.

use crate::{Caller, TokenError};
use ring::digest::{SHA256, digest};
use std::collections::HashMap;
use std::mem;
use std::sync::{Mutex, PoisonError};

/// Independent parts, so that requests seldom wait for each other.
const SHARDS: usize = 16;
/// Tokens in a generation of a part: at most 2 × 16 × 64 = 2048 in all.
const GENERATION: usize = 64;
/// Larger tokens are proven each time, so that the memory is bounded too.
const LARGEST: usize = 2048;

type Digest = [u8; 32];

#[derive(Clone)]
struct Entry {
    caller: Caller,
    seconds: (i64, i64),
}

#[derive(Default)]
struct Generations {
    young: HashMap<Digest, Entry>,
    old: HashMap<Digest, Entry>,
}

#[derive(Default)]
pub(crate) struct TokenCache {
    shards: [Mutex<Generations>; SHARDS],
}

impl TokenCache {
    /// The caller of a token: the one that is known at this second, else what `prove` says, with the first and the last second at
    /// which that is so.
    pub(crate) fn get_or_prove(
        &self,
        token: &str,
        now: i64,
        prove: impl FnOnce() -> Result<(Caller, (i64, i64)), TokenError>,
    ) -> Result<Caller, TokenError> {
        if token.len() > LARGEST {
            return prove().map(|(caller, _)| caller);
        }
        let mut key = Digest::default();
        key.copy_from_slice(digest(&SHA256, token.as_bytes()).as_ref());
        let shard = &self.shards[usize::from(key[0]) % SHARDS];
        let lock = || shard.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(caller) = lock().get(&key, now) {
            return Ok(caller);
        }
        // Not under the lock: others have tokens too.
        let (caller, seconds) = prove()?;
        lock().put(key, Entry { caller: caller.clone(), seconds });
        Ok(caller)
    }
}

impl Generations {
    fn get(&mut self, key: &Digest, now: i64) -> Option<Caller> {
        let good = |entry: &Entry| entry.seconds.0 <= now && now <= entry.seconds.1;
        if let Some(entry) = self.young.get(key) {
            return good(entry).then(|| entry.caller.clone());
        }
        let entry = self.old.remove(key).filter(good)?;
        let caller = entry.caller.clone();
        self.put(*key, entry);
        Some(caller)
    }

    fn put(&mut self, key: Digest, entry: Entry) {
        if self.young.len() >= GENERATION {
            self.old = mem::take(&mut self.young);
        }
        self.young.insert(key, entry);
    }
}

#[cfg(test)]
mod tests;
