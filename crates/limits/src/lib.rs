//! Rate limits, below the routers: whatever door an action came through, the function that does it asks a [`Limiter`].
//!
//! A bucket holds `burst` tokens and gets new ones at an even rate. It is kept as one moment, the one at which it will be full again
//! (the "generic cell rate algorithm"): taking a token moves it by the time that one token takes, and a bucket is empty when the
//! moment would lie further ahead than `burst` tokens take. A bucket that nobody touched for long is full, and need not be kept.

mod headers;
mod key;
mod memory;
mod shared;

pub use headers::headers;
pub use key::{account_key, address_key};
pub use memory::InMemory;
pub use shared::Shared;

use async_trait::async_trait;
use sqlstate::DatabaseError;
use std::time::Duration;

/// What is limited, and how much.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bucket {
    /// Its name: part of the key, and shown in the `RateLimit` headers.
    pub name: &'static str,
    /// How many tokens a key gets in `per`.
    pub limit: u32,
    /// The window of `limit`.
    pub per: Duration,
    /// How many a rested key has at once.
    pub burst: u32,
}

impl Bucket {
    /// How long one token takes; `None` when nothing is allowed.
    fn token_micros(&self) -> Option<u64> {
        let per = u64::try_from(self.per.as_micros()).unwrap_or(u64::MAX);
        (self.limit > 0 && self.burst > 0).then(|| (per / u64::from(self.limit)).max(1))
    }

    /// How long a full bucket lasts.
    fn depth_micros(&self, token: u64) -> u64 {
        token.saturating_mul(u64::from(self.burst))
    }

    /// The decision for a bucket that is full again in `full_in` microseconds, this token included if it was given.
    fn decide(&self, token: u64, allowed: bool, full_in: u64) -> Decision {
        let free = self.depth_micros(token).saturating_sub(full_in);
        let retry_after = token.saturating_sub(free);
        Decision {
            allowed,
            remaining: u32::try_from(free / token).unwrap_or(u32::MAX),
            retry_after: Duration::from_micros(retry_after),
            full_after: Duration::from_micros(full_in),
        }
    }

    /// The decision where nothing is ever allowed.
    fn closed(&self) -> Decision {
        Decision { allowed: false, remaining: 0, retry_after: self.per, full_after: self.per }
    }
}

/// Whether an action is allowed, and what is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Whether there was a token. It is taken then.
    pub allowed: bool,
    /// Whole tokens that are left.
    pub remaining: u32,
    /// When there will be one; zero when there is one.
    pub retry_after: Duration,
    /// When the bucket will be full.
    pub full_after: Duration,
}

/// Counts actions by key.
#[async_trait]
pub trait Limiter: Send + Sync + 'static {
    /// Takes a token of the key's bucket, if there is one.
    ///
    /// # Errors
    /// When it cannot be known. The action is not allowed then.
    async fn take(&self, bucket: &Bucket, key: &str) -> Result<Decision, DatabaseError>;
}
