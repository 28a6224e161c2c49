//! PostgreSQL's dialect as trees: scanner, parser, and the way back to text.
//!
//! Pure: no catalog, no driver. Anyone may use it. Invariant: what PostgreSQL refuses with 42601, this refuses with the
//! same message and position; what it accepts and this cannot carry is [`ast::Statement::Unsupported`] or another
//! `Unsupported` node, or the error 0A000, never dropped.

pub mod ast;
pub mod deparse;
mod lexer;
mod location;
mod parser;
pub mod plpgsql;
mod quote;
mod split;
pub mod visit;

pub use parser::DEPTH_LIMIT;
pub use quote::{quote_identifier, quote_literal};
pub use split::{StatementText, split_script};

use parser::Parser;
use sqlstate::DatabaseError;

/// A statement of a script.
#[derive(Clone, Debug, PartialEq)]
pub struct ParsedStatement {
    /// What it says; its positions count in `text`.
    pub statement: ast::Statement,
    /// Its text, trimmed, without the semicolon and the comments before it.
    pub text: String,
    /// The bytes of the script that `text` is.
    pub range: std::ops::Range<usize>,
    /// The line of the script on which it begins, from 1.
    pub line: u32,
}

/// Parses a script. The position of an error counts in the script, as for several statements that are sent at once.
pub fn parse_script(text: &str) -> Result<Vec<ParsedStatement>, DatabaseError> {
    split_script(text)?
        .into_iter()
        .map(|part| {
            if part.copy_data.is_some() {
                let message = format!("COPY with its rows in the script (line {})", part.line);
                return Err(DatabaseError::unsupported(message));
            }
            let statement = parse_statement(part.text).map_err(|mut error| {
                let before = text[..part.offset].chars().count() as u32;
                if let Some(position) = &mut error.fields_mut().position {
                    *position += before;
                }
                error
            })?;
            let range = part.offset..part.offset + part.text.len();
            Ok(ParsedStatement { statement, text: part.text.to_owned(), range, line: part.line })
        })
        .collect()
}

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
