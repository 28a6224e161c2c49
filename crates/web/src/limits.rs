//! What is too large to be looked at.

/// Sizes above which a request is refused before it is parsed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a request's body.
    pub body_bytes: usize,
    /// Bytes of a request's path and query.
    pub target_bytes: usize,
    /// Bytes of a token.
    pub token_bytes: usize,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits { body_bytes: 16 << 20, target_bytes: 64 << 10, token_bytes: 8 << 10 }
    }
}
