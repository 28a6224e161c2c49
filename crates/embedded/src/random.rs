//! Randomness of one work: unpredictable, yet the same when the work is run again (rule 4).

use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use sqlstate::{DatabaseError, Result};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

/// A work's seed, drawn from the operating system when it is first wanted.
#[derive(Clone, Debug, Default)]
pub(crate) struct Seed(Arc<OnceLock<[u8; 32]>>);

impl Seed {
    fn get(&self) -> Result<[u8; 32]> {
        if let Some(seed) = self.0.get() {
            return Ok(*seed);
        }
        let mut seed = [0; 32];
        getrandom::fill(&mut seed)
            .map_err(|error| DatabaseError::internal(format_args!("no randomness: {error}")))?;
        Ok(*self.0.get_or_init(|| seed))
    }
}

/// The stream of random bytes that a seed stands for, from its beginning.
#[derive(Debug)]
pub(crate) struct Random {
    seed: Seed,
    stream: Mutex<Option<ChaCha20Rng>>,
}

impl Random {
    pub(crate) fn new(seed: Seed) -> Random {
        Random { seed, stream: Mutex::new(None) }
    }

    pub(crate) fn fill(&self, buffer: &mut [u8]) -> Result<()> {
        let mut stream = self.stream.lock().unwrap_or_else(PoisonError::into_inner);
        if stream.is_none() {
            *stream = Some(ChaCha20Rng::from_seed(self.seed.get()?));
        }
        if let Some(stream) = stream.as_mut() {
            stream.fill_bytes(buffer);
        }
        Ok(())
    }
}
