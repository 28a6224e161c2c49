//! Identifiers as quote_ident writes them.

/// An identifier, in double quotes where it needs them.
pub fn quote_identifier(name: &str) -> String {
    syntax::quote_identifier(name).into_owned()
}
