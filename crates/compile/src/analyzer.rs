//! What definitions mean: the compiler as [`catalog::ddl`] sees it.

/// The compiler.
pub struct Analyzer;
