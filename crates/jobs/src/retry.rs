//! How often a job is tried, and with which pauses.

use std::time::Duration;

/// How often a job is tried, and with which pauses: each is random up to a bound that doubles (full jitter), so that jobs
/// which failed together do not come back together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retry {
    /// Attempts, the first one included; after the last the job is dead.
    pub most_attempts: u32,
    /// The bound of the first pause.
    pub first_pause: Duration,
    /// The bound of every pause.
    pub longest_pause: Duration,
}

impl Default for Retry {
    /// Ten attempts, over about an hour in the mean.
    fn default() -> Retry {
        Retry {
            most_attempts: 10,
            first_pause: Duration::from_secs(15),
            longest_pause: Duration::from_secs(3600),
        }
    }
}

impl Retry {
    /// The bound of the pause after so many attempts.
    pub(crate) fn bound(self, attempts: u32) -> Duration {
        let factor = 1u32.checked_shl(attempts.saturating_sub(1)).unwrap_or(u32::MAX);
        self.first_pause.saturating_mul(factor).min(self.longest_pause)
    }

    /// A pause after so many attempts.
    pub(crate) fn pause(self, attempts: u32) -> Duration {
        self.bound(attempts).mul_f64(fraction())
    }
}

/// A random number from 0 to 1.
pub(crate) fn fraction() -> f64 {
    let mut bytes = [0; 4];
    // Without the system's randomness the pauses are merely not spread.
    let _ = getrandom::fill(&mut bytes);
    f64::from(u32::from_le_bytes(bytes)) / f64::from(u32::MAX)
}
