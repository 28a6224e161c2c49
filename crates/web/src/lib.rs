//! HTTP's vocabulary, shared by every door: who asks ([`Caller`], told by [`Keys`]), how an error is answered
//! ([`ApiError`]), what is too large ([`Limits`]), which request it was ([`RequestId`]), and which pages may ask ([`Cors`]).
//!
//! No routes and no SQL. A door (rest, auth, storage …) turns its own errors into an [`ApiError`] in one file.

mod caller;
mod claim_path;
mod client_address;
mod cors;
mod error;
pub mod identifier;
mod identity;
mod key_set;
mod limits;
mod request_id;
mod signing_key;
mod token;
mod token_cache;

pub use caller::{Caller, Claims, Service, User};
pub use claim_path::ClaimPath;
pub use client_address::ClientAddress;
pub use cors::Cors;
pub use error::{ApiError, InternalCause, status_of};
pub use identity::{Keys, Presented, sign_with_secret};
pub use key_set::{HeldKey, KeySet, Standing, standings};
pub use limits::Limits;
pub use request_id::RequestId;
pub use signing_key::{KeyProblem, SignatureAlgorithm, SigningKey, VerifyingKey};
pub use token::TokenError;
