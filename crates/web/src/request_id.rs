//! Which request it was, for the log and the client.

use crate::identifier::random;
use data_encoding::HEXLOWER;
use http::{HeaderMap, HeaderName, HeaderValue};

/// A request's identifier: the one that a proxy gave, or a random one.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RequestId(String);

impl RequestId {
    /// The header that carries it both ways.
    pub const HEADER: HeaderName = HeaderName::from_static("x-request-id");

    /// The identifier that came with the request if it is one (letters, digits, `-`, `_`, at most 64), else a new one.
    pub fn of(headers: &HeaderMap) -> RequestId {
        let given = headers.get(Self::HEADER).and_then(|value| value.to_str().ok());
        match given {
            Some(text) if is_identifier(text) => RequestId(text.to_owned()),
            _ => RequestId::random(),
        }
    }

    /// A new one: 128 random bits in hexadecimal.
    pub fn random() -> RequestId {
        // Without the system's randomness the identifier is merely not unique; nothing relies on it being so.
        let bytes: [u8; 16] = random().unwrap_or_default();
        RequestId(HEXLOWER.encode(&bytes))
    }

    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// It as a header's value.
    pub fn header_value(&self) -> HeaderValue {
        HeaderValue::from_str(&self.0).unwrap_or(HeaderValue::from_static("-"))
    }
}

fn is_identifier(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}
