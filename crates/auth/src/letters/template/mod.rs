//! Templates in the syntax of Go's, as far as mail templates of Supabase projects use it: fields, `if`, `with`, `range`,
//! comparisons, trim markers, comments. What is not supported is refused when the template is read, with its line.
//!
//! In HTML each value is escaped for the place where it stands, as Go's html/template does: text, attribute, URL, style.

mod context;
mod escape;
mod lexer;
mod parser;
mod run;

#[cfg(test)]
mod tests;

use context::Context;
use serde_json::Value;
use std::fmt;

/// A template that can be filled in.
#[derive(Clone, Debug)]
pub(crate) struct Template {
    nodes: Vec<Node>,
}

/// What a template's text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// HTML: values are escaped.
    Html,
    /// Plain text: values stand as they are.
    Plain,
}

/// Why a template cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TemplateError {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong there.
    pub what: String,
}

impl TemplateError {
    fn new(line: usize, what: impl Into<String>) -> TemplateError {
        TemplateError { line, what: what.into() }
    }
}

impl fmt::Display for TemplateError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.what)
    }
}

#[derive(Clone, Debug)]
enum Node {
    Literal(String),
    /// A value, and where in the HTML it stands; `None` in plain text.
    Value(Expression, Option<Context>),
    /// The first condition that holds.
    If(Vec<(Expression, Vec<Node>)>, Vec<Node>),
    /// With another dot, unless it is empty.
    With(Expression, Vec<Node>, Vec<Node>),
    /// For each element.
    Range(Expression, Vec<Node>, Vec<Node>),
}

#[derive(Clone, Debug, PartialEq)]
enum Expression {
    /// From the dot, or from the outermost one (`$`).
    Field {
        of_root: bool,
        path: Vec<String>,
    },
    Literal(Value),
    Call(Function, Vec<Expression>),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Function {
    And,
    Or,
    Not,
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
    Len,
    Index,
    Print,
    UrlQuery,
}

impl Template {
    /// Reads a template that may use these names at its outermost level.
    ///
    /// # Errors
    /// What is wrong in it, or not supported.
    pub(crate) fn read(source: &str, form: Form, names: &[&str]) -> Result<Template, TemplateError> {
        parser::parse(source, form, names).map(|nodes| Template { nodes })
    }

    /// The template with the fields of the object filled in. A field that is not there is empty.
    pub(crate) fn fill(&self, fields: &Value) -> String {
        let mut text = String::new();
        run::run(&self.nodes, fields, fields, &mut text);
        text
    }
}
