//! HTTP's vocabulary, shared by every door: who asks ([`Caller`], told by [`Keys`]), how an error is answered
//! ([`ApiError`]), what is too large ([`Limits`]), which request it was ([`RequestId`]), and which pages may ask ([`Cors`]).
//!
//! No routes and no SQL. A door (rest, auth, storage …) turns its own errors into an [`ApiError`] in one file.

mod caller;
mod cors;
mod error;
mod identity;
mod limits;
mod request_id;

pub use caller::{Caller, Claims, Service, User};
pub use cors::Cors;
pub use error::{ApiError, InternalCause, status_of};
pub use identity::{Keys, TokenError};
pub use limits::Limits;
pub use request_id::RequestId;
