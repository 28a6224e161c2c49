//! Bodies of LANGUAGE plpgsql functions: blocks, declarations and the statements that run one after another.
//!
//! What branches, loops, raises or catches is recognised by its first word and named ([`Statement::Unsupported`]); parsing ends
//! there, since such a function cannot be run. SQL in the body is parsed as SQL; its positions mean nothing outside.

mod parser;

use crate::ast;
use sqlstate::DatabaseError;

/// A body.
#[derive(Clone, Debug, PartialEq)]
pub struct Body {
    /// `#variable_conflict`.
    pub conflict: Conflict,
    /// The outermost block.
    pub block: Block,
}

/// What a name means that is both a variable's and a column's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conflict {
    /// Neither: 42702.
    Error,
    /// The variable.
    UseVariable,
    /// The column.
    UseColumn,
}

/// `[<<label>>] [DECLARE …] BEGIN … END`
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// The label.
    pub label: Option<String>,
    /// The variables, in order.
    pub declarations: Vec<Declaration>,
    /// The statements, in order.
    pub statements: Vec<Statement>,
}

/// A variable.
#[derive(Clone, Debug, PartialEq)]
pub struct Declaration {
    /// Its name.
    pub name: String,
    /// Its type.
    pub ty: DeclaredType,
    /// CONSTANT.
    pub constant: bool,
    /// NOT NULL.
    pub not_null: bool,
    /// The value that it begins with: a SELECT of one expression.
    pub default: Option<ast::Select>,
}

/// The type of a variable.
#[derive(Clone, Debug, PartialEq)]
pub enum DeclaredType {
    /// A type's name, `table.column%TYPE` among them; a table's name is its row type.
    Named(ast::TypeName),
    /// `variable%TYPE`
    OfVariable(String),
    /// `table%ROWTYPE`
    RowOf(ast::Name),
    /// `record`
    Record,
}

/// A statement.
#[derive(Clone, Debug, PartialEq)]
pub enum Statement {
    /// A block in a block.
    Block(Block),
    /// `target := value`
    Assign {
        /// The variable, and its field, as dotted names.
        target: Vec<String>,
        /// A SELECT of one expression.
        value: Box<ast::Select>,
    },
    /// A statement of SQL.
    Sql {
        /// Its first word, as errors call it.
        verb: String,
        /// It, without INTO.
        statement: Box<ast::Statement>,
        /// INTO.
        into: Option<Into>,
    },
    /// `PERFORM …`, as the SELECT that it is.
    Perform(Box<ast::Select>),
    /// `RETURN value`, as a SELECT of one expression.
    Return(Option<Box<ast::Select>>),
    /// `NULL`
    Null,
    /// A construct that cannot be run; what comes behind it was not read.
    Unsupported(String),
}

/// `INTO [STRICT] target, …`
#[derive(Clone, Debug, PartialEq)]
pub struct Into {
    /// STRICT: exactly one row.
    pub strict: bool,
    /// The variables, as dotted names.
    pub targets: Vec<Vec<String>>,
}

/// Parses a body.
///
/// # Errors
/// 42601 for what PostgreSQL would not have accepted as a body.
pub fn parse(text: &str) -> Result<Body, DatabaseError> {
    parser::Parser::new(text).body()
}
