//! The way back: trees as PostgreSQL's SQL.
//!
//! The text parses to an equal tree (positions apart): identifiers are quoted where they must be, parentheses stand where
//! precedence asks for them. It is what the catalog stores of views and expressions, and what renames rewrite.

mod data;
mod expression;
mod query;
mod types;

use crate::ast::{Expr, Name, Select, Statement, TypeName};
use crate::lexer::{Keyword, KeywordClass};

/// Unreserved keywords that the grammar would take for something else in one place or another.
const AMBIGUOUS: [Keyword; 17] = [
    Keyword::Cube,
    Keyword::Current,
    Keyword::Double,
    Keyword::Exclude,
    Keyword::Global,
    Keyword::Groups,
    Keyword::Local,
    Keyword::Nulls,
    Keyword::Operator,
    Keyword::Partition,
    Keyword::Range,
    Keyword::Recursive,
    Keyword::Rollup,
    Keyword::Rows,
    Keyword::Temp,
    Keyword::Temporary,
    Keyword::Unbounded,
];

/// The text of an expression.
pub fn expression(expr: &Expr) -> String {
    let mut out = Writer::default();
    out.expression(expr);
    out.text
}

/// The text of a query, on one line.
pub fn select(select: &Select) -> String {
    let mut out = Writer::default();
    out.select(select);
    out.text
}

/// The text of a query, a data modification, CALL or EXPLAIN of one; of any other statement nothing (an empty text), since
/// nothing stores those as trees.
pub fn statement(statement: &Statement) -> String {
    let mut out = Writer::default();
    out.statement(statement);
    out.text
}

/// The text of a type's name, in the SQL standard's spelling where there is one.
pub fn type_name(type_name: &TypeName) -> String {
    let mut out = Writer::default();
    out.type_name(type_name);
    out.text
}

/// The text that is being made.
#[derive(Default)]
struct Writer {
    text: String,
}

impl Writer {
    fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    /// A name's part, quoted where needed.
    fn ident(&mut self, name: &str) {
        let ambiguous = Keyword::find(name.as_bytes()).is_some_and(|keyword| {
            keyword.class() == KeywordClass::Unreserved && AMBIGUOUS.contains(&keyword)
        });
        if ambiguous && name.bytes().all(|b| b.is_ascii_lowercase()) {
            self.text.push('"');
            self.push(name);
            self.text.push('"');
        } else {
            self.push(&crate::quote_identifier(name));
        }
    }

    fn idents(&mut self, names: &[String]) {
        self.list(names, |out, name| out.ident(name));
    }

    fn name(&mut self, name: &Name) {
        self.parts(&name.parts);
    }

    fn parts(&mut self, parts: &[String]) {
        for (index, part) in parts.iter().enumerate() {
            if index > 0 {
                self.text.push('.');
            }
            self.ident(part);
        }
    }

    fn list<T>(&mut self, items: &[T], mut write: impl FnMut(&mut Self, &T)) {
        for (index, item) in items.iter().enumerate() {
            if index > 0 {
                self.push(", ");
            }
            write(self, item);
        }
    }

    /// `(a, b)`
    fn parenthesized<T>(&mut self, items: &[T], write: impl FnMut(&mut Self, &T)) {
        self.text.push('(');
        self.list(items, write);
        self.text.push(')');
    }
}
