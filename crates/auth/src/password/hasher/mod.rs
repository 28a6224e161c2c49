//! Computes and checks password hashes, on threads of its own and never on tokio's, with bounded memory and a bounded queue:
//! a storm of sign-ins is answered with "later", it exhausts neither memory nor processors.
//!
//! # Time tells nothing
//!
//! For an unknown user, and for one without a password, a hash of the same cost is computed. An imported hash that is not
//! Argon2id of the current cost takes its own time until the user's first sign-in, when it is hashed anew; that much is to
//! be seen from outside until then.
//!
//! # Unicode
//!
//! NIST SP 800-63B-4 asks for a normalised form, so that a password typed on another keyboard is the same password. What we
//! hash is in NFC. Imported hashes were made of whatever bytes came in. So a password whose NFC differs from what was sent is
//! tried in both forms, whatever the account has and whether there is one; when the form as sent is what matches, the hash is made
//! anew of the normal form. For all others (nearly all) NFC changes nothing and one hash is computed. Compatibility forms (NFKC) are
//! not used: they make different passwords equal.

mod format;
mod lane;

#[cfg(test)]
mod tests;

pub use format::{Unusable, accepts};

use argon2::{Algorithm, Argon2, Block, Params, Version};
use format::{Argon2Hash, Stored};
use lane::Lane;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::oneshot;
use unicode_normalization::UnicodeNormalization as _;
use zeroize::Zeroizing;

/// Bytes of a new hash's salt (RFC 9106 section 3.1 recommends 16).
const SALT_BYTES: usize = 16;

/// Bytes of a new hash.
const HASH_BYTES: usize = 32;

/// A longer password, in bytes, is nobody's; it is refused after the time of a check. Far above what NIST asks to accept (64
/// characters) and what a sign-up allows (72 bytes).
const LONGEST: usize = 4096;

/// What a bcrypt hash sees of a password, in bytes.
const BCRYPT_BYTES: usize = 72;

/// What an Argon2id hash costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cost {
    /// Memory (m) in KiB.
    pub memory_kib: u32,
    /// Passes over it (t).
    pub passes: u32,
    /// Lanes (p). They are computed one after the other: a password is not worth several processors at once.
    pub lanes: u32,
}

impl Default for Cost {
    /// OWASP's recommendation: 19 MiB, 2 passes, 1 lane.
    fn default() -> Cost {
        Cost { memory_kib: 19 * 1024, passes: 2, lanes: 1 }
    }
}

impl Cost {
    fn params(self) -> Result<Params, CostError> {
        if !format::is_affordable(self.memory_kib, self.passes, self.lanes) {
            return Err(CostError);
        }
        Params::new(self.memory_kib, self.passes, self.lanes, Some(HASH_BYTES)).map_err(|_| CostError)
    }
}

/// The cost is outside of what Argon2 allows, or of what we would check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CostError;

impl fmt::Display for CostError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "a password hash takes 8 KiB to {} MiB of memory for each of 1 to {} lanes, at least 1 pass, and no more than {} MiB \
             times passes",
            format::MEMORY_KIB_MOST / 1024,
            format::LANES_MOST,
            format::MEMORY_PASSES_MOST / 1024,
        )
    }
}

impl std::error::Error for CostError {}

/// How a [`Hasher`] works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HasherOptions {
    /// What a new hash costs.
    pub cost: Cost,
    /// Threads that hash. Each keeps the memory of one hash while there is work.
    pub threads: usize,
    /// Passwords that may wait for a thread.
    pub queue: usize,
}

impl Default for HasherOptions {
    /// As many threads as there are processors, and a queue of a few seconds.
    fn default() -> HasherOptions {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        HasherOptions { cost: Cost::default(), threads, queue: threads * 128 }
    }
}

/// No hash is to be had now: the queue is full (or the system gives no randomness or no thread). Answered with 503 or 429 and
/// `Retry-After`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Busy {
    /// When to try again, by how long the queue takes. At least a second.
    pub retry_after: Duration,
}

impl fmt::Display for Busy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "too many passwords are being checked; try again in {} s", self.retry_after.as_secs())
    }
}

impl std::error::Error for Busy {}

/// What a check found.
#[derive(Clone, PartialEq, Eq)]
pub struct Verified {
    /// Whether it is the password.
    pub matches: bool,
    /// A hash that should replace the stored one: it was imported, or made at another cost.
    pub rehash: Option<String>,
    /// Why the stored hash could not be used, for the log. Nobody can sign in with it.
    pub unusable: Option<Unusable>,
}

impl fmt::Debug for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verified")
            .field("matches", &self.matches)
            .field("rehash", &self.rehash.is_some())
            .field("unusable", &self.unusable)
            .finish()
    }
}

/// Computes and checks password hashes. See the [module](self).
#[derive(Clone)]
pub struct Hasher {
    hashing: Arc<Hashing>,
    /// Our own hashes, and imported ones that take no more memory.
    usual: Arc<Lane>,
    /// Imported hashes that take much memory: one at a time, so that many of them take no more.
    large: Arc<Lane>,
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Hasher").field("cost", &self.hashing.cost).finish_non_exhaustive()
    }
}

impl Hasher {
    /// A hasher. Threads start with the first password and end when there is none for a while.
    ///
    /// # Errors
    /// When the cost is not one.
    pub fn new(options: HasherOptions) -> Result<Hasher, CostError> {
        let params = options.cost.params()?;
        let dummy = Argon2Hash {
            algorithm: Algorithm::Argon2id,
            version: Version::V0x13,
            params: params.clone(),
            salt: vec![0; SALT_BYTES],
            hash: vec![0; HASH_BYTES],
        };
        let hashing = Hashing { cost: options.cost, params, dummy, computed: Mutex::default() };
        Ok(Hasher {
            hashing: Arc::new(hashing),
            usual: Lane::new("password", options.threads.max(1), options.queue, lane::Memory::Kept),
            large: Lane::new("password-large", 1, options.queue, lane::Memory::Freed),
        })
    }

    /// Hashes a password: a PHC string.
    ///
    /// # Errors
    /// [`Busy`].
    pub async fn hash(&self, password: &str) -> Result<String, Busy> {
        let password = Zeroizing::new(password.to_owned());
        let hashing = Arc::clone(&self.hashing);
        let hash = run(&self.usual, move |memory| hashing.hash(&normal(&password), memory)).await?;
        hash.ok_or_else(|| self.usual.busy())
    }

    /// Checks a password against the stored hash. `None` (or an empty one) is for an unknown user and for one without a password: it takes
    /// the same time and does not match.
    ///
    /// # Errors
    /// [`Busy`].
    pub async fn verify(&self, password: &str, stored: Option<&str>) -> Result<Verified, Busy> {
        let (stored, unusable) = match stored.filter(|text| !text.is_empty()).map(Stored::parse) {
            None => (None, None),
            Some(Ok(stored)) => (Some(stored), None),
            Some(Err(unusable)) => (None, Some(unusable)),
        };
        let lane = match &stored {
            Some(stored) if stored.memory_kib() > self.hashing.cost.memory_kib.max(LARGE_KIB) => &self.large,
            _ => &self.usual,
        };
        let password = Zeroizing::new(password.to_owned());
        let hashing = Arc::clone(&self.hashing);
        run(lane, move |memory| {
            let mut verified = hashing.verify(&password, stored.as_ref(), memory);
            verified.unusable = unusable;
            verified
        })
        .await
    }

    /// How often a hash of each kind and cost was computed. Tests count instead of measuring time; metrics may show it.
    pub fn computed(&self) -> BTreeMap<String, u64> {
        self.hashing.computed.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Above this an imported hash is large, if our own is not: Firebase's scrypt takes 16 MiB.
const LARGE_KIB: u32 = 32 * 1024;

/// Runs the work on the lane, and not at all when nobody waits for it any more.
async fn run<T: Send + 'static>(
    lane: &Arc<Lane>,
    work: impl FnOnce(&mut Vec<Block>) -> T + Send + 'static,
) -> Result<T, Busy> {
    let (answer, answered) = oneshot::channel();
    let job = move |memory: &mut Vec<Block>| {
        if !answer.is_closed() {
            let _ = answer.send(work(memory));
        }
    };
    lane.submit(Box::new(job))?;
    answered.await.map_err(|_| lane.busy())
}

/// The password's normal form.
fn normal(password: &str) -> Zeroizing<String> {
    Zeroizing::new(password.nfc().collect())
}

/// What the threads share.
struct Hashing {
    cost: Cost,
    params: Params,
    /// A hash of the current cost that no password has.
    dummy: Argon2Hash,
    computed: Mutex<BTreeMap<String, u64>>,
}

impl Hashing {
    /// `None`: the system gives no randomness.
    fn hash(&self, password: &str, memory: &mut Vec<Block>) -> Option<String> {
        let mut salt = vec![0; SALT_BYTES];
        getrandom::fill(&mut salt).ok()?;
        let mut hash = Argon2Hash { salt, ..self.dummy.clone() };
        self.count(hash.kind());
        hash.hash = hash.compute(password.as_bytes(), memory)?;
        Some(hash.to_string())
    }

    fn verify(&self, password: &str, stored: Option<&Stored>, memory: &mut Vec<Block>) -> Verified {
        let stored = if password.len() > LONGEST { None } else { stored };
        let password = if password.len() > LONGEST { "" } else { password };
        let normal = normal(password);
        let matches_normal = self.matches(&normal, stored, memory);
        let matches_as_sent = *normal != password && self.matches(password, stored, memory);
        let matches = matches_normal || matches_as_sent;
        // A bcrypt hash does not tell what follows its 72 bytes: nothing that may be mistyped becomes part of the password.
        let is_whole = !matches!(stored, Some(Stored::Bcrypt(_))) || password.len() <= BCRYPT_BYTES;
        let is_current = stored.is_some_and(|stored| self.is_current(stored)) && matches_normal;
        let rehash = (matches && is_whole && !is_current).then(|| self.hash(&normal, memory)).flatten();
        Verified { matches, rehash, unusable: None }
    }

    /// Whether the password has this hash; `None` takes as long as one of ours and is false.
    fn matches(&self, password: &str, stored: Option<&Stored>, memory: &mut Vec<Block>) -> bool {
        let Some(stored) = stored else {
            self.count(self.dummy.kind());
            let _ = std::hint::black_box(self.dummy.matches(password.as_bytes(), memory));
            return false;
        };
        self.count(stored.kind());
        stored.matches(password.as_bytes(), memory)
    }

    /// Whether we would make it so today.
    fn is_current(&self, stored: &Stored) -> bool {
        let Stored::Argon2(stored) = stored else { return false };
        stored.algorithm == Algorithm::Argon2id
            && stored.version == Version::V0x13
            && (stored.params.m_cost(), stored.params.t_cost(), stored.params.p_cost())
                == (self.params.m_cost(), self.params.t_cost(), self.params.p_cost())
            && stored.salt.len() >= SALT_BYTES
            && stored.hash.len() >= HASH_BYTES
    }

    fn count(&self, kind: String) {
        *self.computed.lock().unwrap_or_else(PoisonError::into_inner).entry(kind).or_default() += 1;
    }
}

impl Argon2Hash {
    /// `None` only where the parameters contradict each other, which parsing refuses.
    fn compute(&self, password: &[u8], memory: &mut Vec<Block>) -> Option<Vec<u8>> {
        let blocks = self.params.block_count();
        if memory.len() < blocks {
            memory.resize(blocks, Block::new());
        }
        let mut hash = vec![0; self.hash.len()];
        Argon2::new(self.algorithm, self.version, self.params.clone())
            .hash_password_into_with_memory(password, &self.salt, &mut hash, memory)
            .ok()?;
        Some(hash)
    }

    fn matches(&self, password: &[u8], memory: &mut Vec<Block>) -> bool {
        use subtle::ConstantTimeEq as _;
        self.compute(password, memory).is_some_and(|hash| hash.ct_eq(&self.hash).into())
    }
}
