//! From where a request comes.

use std::net::IpAddr;

/// The address of whoever asks, in a request's extensions: the peer's, or what a listed proxy says of it. Everything that counts or records
/// addresses reads this and no header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ClientAddress(pub IpAddr);
