//! Passwords: how they are hashed and checked ([`Hasher`]) and judged ([`Policy`]).
//!
//! What we write is Argon2id (RFC 9106) in the PHC string format. Imported accounts may have what GoTrue takes: Argon2,
//! bcrypt, Firebase's scrypt; they are checked as they are and hashed anew at the first sign-in.

mod hasher;
mod policy;

pub use hasher::{Busy, Cost, CostError, Hasher, HasherOptions, Unusable, Verified, accepts};
pub use policy::{BlockList, NotRequiredCharacters, Policy, PolicyError, Reason, RequiredCharacters, Weak};
