//! The rows of the accounts as values: what the store reads and the replies show.

mod factor;
mod identity;
mod session;
mod timestamp;
mod user;

pub use factor::Factor;
pub use identity::Identity;
pub use session::{AssuranceLevel, Method, MethodReference, Session, SessionEnd, SessionLimits};
pub use timestamp::Timestamp;
pub use user::{Tokens, User};
