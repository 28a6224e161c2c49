//! PostgreSQL's dialect as trees: scanner, parser, and the way back to text.
//!
//! Pure: no catalog, no driver. Anyone may use it. Invariant: what PostgreSQL refuses with 42601, this refuses with the
//! same message and position; what it accepts and this cannot carry is [`ast::Statement::Unsupported`] or another
//! `Unsupported` node, never dropped.

pub mod ast;
