//! PostgreSQL's dialect as trees: scanner, parser, and the way back to text.
//!
//! Pure: no catalog, no driver. Anyone may use it. Invariant: what PostgreSQL refuses with 42601, this refuses with the
//! same message and position; what it accepts and this cannot carry is [`ast::Statement::Unsupported`] or another
//! `Unsupported` node, or the error 0A000, never dropped.

pub mod ast;
mod lexer;
mod location;
mod parser;
mod quote;

pub use parser::DEPTH_LIMIT;
pub use quote::{quote_identifier, quote_literal};

use parser::Parser;
use sqlstate::DatabaseError;

/// Parses exactly one statement; a semicolon may follow. Positions are characters of `text`, from 1.
pub fn parse_statement(text: &str) -> Result<ast::Statement, DatabaseError> {
    Parser::new(text).whole_statement()
}

/// Parses an expression (gram.y's `a_expr`) and nothing else.
pub fn parse_expression(text: &str) -> Result<ast::Expr, DatabaseError> {
    Parser::new(text).whole_expression()
}

/// Parses a query and nothing else but a semicolon.
pub fn parse_select(text: &str) -> Result<ast::Select, DatabaseError> {
    Parser::new(text).whole_select()
}

/// Parses the name of a type, as behind `::`.
pub fn parse_type_name(text: &str) -> Result<ast::TypeName, DatabaseError> {
    Parser::new(text).whole_type()
}
