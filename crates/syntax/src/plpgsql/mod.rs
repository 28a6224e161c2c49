//! Bodies of LANGUAGE plpgsql functions: blocks, declarations and the statements that run one after another.
//!
//! In the bodies of functions ([`parse`]) what branches, loops, raises or catches is recognised by its first word and named
//! ([`Statement::Unsupported`]); parsing ends there, since such a function cannot be run. Those of DO are read whole
//! ([`parse_block`]). SQL in the body is parsed as SQL; its positions mean nothing outside.

mod control;
mod parser;

use crate::ast;
use sqlstate::{DatabaseError, SqlState};

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
    /// EXCEPTION: what is done about errors.
    pub handlers: Vec<Handler>,
}

/// `WHEN condition OR … THEN …`
#[derive(Clone, Debug, PartialEq)]
pub struct Handler {
    /// The conditions, any of which is enough.
    pub conditions: Vec<Condition>,
    /// What is done.
    pub statements: Vec<Statement>,
}

/// What an error is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Condition {
    /// OTHERS
    Others,
    /// By its name, or its class's.
    Named(String),
    /// `SQLSTATE 'xxxxx'`
    Code(SqlState),
}

/// What a loop goes through.
#[derive(Clone, Debug, PartialEq)]
#[expect(clippy::large_enum_variant, reason = "one for each loop of a body that is read once")]
pub enum Over {
    /// LOOP
    Forever,
    /// WHILE
    While(ast::Select),
    /// `FOR i IN [REVERSE] a .. b [BY c]`
    Integers {
        /// The variable, which the loop declares.
        variable: String,
        /// REVERSE
        reverse: bool,
        /// The first number.
        from: ast::Select,
        /// The last number.
        to: ast::Select,
        /// The step.
        by: Option<ast::Select>,
    },
    /// `FOR r IN SELECT …`
    Query {
        /// The variables, as dotted names.
        targets: Vec<Vec<String>>,
        /// The statement.
        statement: Box<ast::Statement>,
    },
    /// `FOR r IN EXECUTE …`
    Dynamic {
        /// The variables, as dotted names.
        targets: Vec<Vec<String>>,
        /// The statement's text.
        text: ast::Select,
        /// USING
        using: Vec<ast::Select>,
    },
    /// `FOREACH x IN ARRAY a`
    Elements {
        /// The variables, as dotted names.
        targets: Vec<Vec<String>>,
        /// `SELECT a`
        array: ast::Select,
        /// `SELECT unnest(a)`
        elements: ast::Select,
    },
}

/// How grave what is raised is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// DEBUG and LOG: nobody is told.
    Quiet,
    /// INFO, NOTICE.
    Notice,
    /// WARNING
    Warning,
    /// EXCEPTION
    Exception,
}

/// RAISE
#[derive(Clone, Debug, PartialEq)]
pub struct Raise {
    /// The level.
    pub level: Level,
    /// The message, with `%` for the arguments.
    pub format: Option<String>,
    /// The arguments.
    pub args: Vec<ast::Select>,
    /// The condition that it names instead of a message.
    pub condition: Option<Condition>,
    /// USING: options by their lower-cased names.
    pub options: Vec<(String, ast::Select)>,
    /// Nothing at all: the error that is being handled goes on.
    pub again: bool,
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
    /// `RETURN NEXT [value]`; without a value, the row of the output variables.
    ReturnNext(Option<Box<ast::Select>>),
    /// `RETURN QUERY …`
    ReturnQuery(Box<ast::Statement>),
    /// `RETURN QUERY EXECUTE …`
    ReturnExecute {
        /// The statement's text.
        text: Box<ast::Select>,
        /// USING
        using: Vec<ast::Select>,
    },
    /// `NULL`
    Null,
    /// IF and ELSIF with their conditions, and ELSE.
    If {
        /// Conditions and what they lead to.
        arms: Vec<(ast::Select, Vec<Statement>)>,
        /// ELSE
        otherwise: Vec<Statement>,
    },
    /// A loop.
    Loop {
        /// Its label.
        label: Option<String>,
        /// What it goes through.
        over: Box<Over>,
        /// Its body.
        body: Vec<Statement>,
    },
    /// EXIT and CONTINUE.
    Leave {
        /// EXIT
        exit: bool,
        /// The label of the loop or block meant.
        label: Option<String>,
        /// WHEN
        when: Option<Box<ast::Select>>,
    },
    /// RAISE
    Raise(Box<Raise>),
    /// EXECUTE
    Execute {
        /// The statement's text.
        text: Box<ast::Select>,
        /// INTO
        into: Option<Into>,
        /// USING
        using: Vec<ast::Select>,
    },
    /// GET [STACKED] DIAGNOSTICS: variables and the items that they take, lower-cased.
    Diagnostics {
        /// STACKED
        stacked: bool,
        /// The items.
        items: Vec<(Vec<String>, String)>,
    },
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

/// Parses the body of DO, with all that branches, loops, raises and catches.
///
/// # Errors
/// 42601 for what PostgreSQL would not have accepted as a body.
pub fn parse_block(text: &str) -> Result<Body, DatabaseError> {
    parser::Parser::new(text).with_control().body()
}
