//! The SQL/JSON path language: the type jsonpath and what evaluates it.
//!
//! A path is stored as the text that its type prints; it is parsed again where it is run, once a thread and text.

mod execute;
mod functions;
mod item;
mod methods;
mod moment;
mod parse;
mod predicate;
mod print;
mod scan;

pub(crate) use functions::{FUNCTIONS, SET_FUNCTIONS};

use crate::numeric::Numeric;
use sqlstate::{DatabaseError, Result};
use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

/// A path.
#[derive(Debug)]
pub(super) struct Path {
    /// Structural errors are passed over, arrays unwrapped and scalars wrapped.
    lax: bool,
    expression: Node,
}

/// A step of a path with what comes after it.
#[derive(Debug)]
struct Node {
    kind: Kind,
    next: Option<Box<Node>>,
}

/// What a step is.
#[derive(Debug)]
enum Kind {
    Null,
    Bool(bool),
    Number(Numeric),
    String(String),
    Variable(String),
    Key(String),
    /// `$`
    Root,
    /// `@`
    Current,
    /// `last`
    Last,
    /// `[*]`
    AnyArray,
    /// `.*`
    AnyKey,
    /// `[1, 2 to 3]`
    Subscripts(Vec<(Node, Option<Node>)>),
    /// `.**{first to last}`; `u32::MAX` is `last`.
    Any {
        first: u32,
        last: u32,
    },
    Binary(Binary, Box<Node>, Box<Node>),
    Plus(Box<Node>),
    Minus(Box<Node>),
    Not(Box<Node>),
    IsUnknown(Box<Node>),
    Exists(Box<Node>),
    Filter(Box<Node>),
    LikeRegex {
        expression: Box<Node>,
        pattern: String,
        flags: RegexFlags,
    },
    Method(Method),
    /// `.datetime(template)`
    DateTime(Option<String>),
}

/// An operator between two operands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Binary {
    And,
    Or,
    Equal,
    NotEqual,
    Less,
    Greater,
    LessOrEqual,
    GreaterOrEqual,
    StartsWith,
    Add,
    Subtract,
    Multiply,
    Divide,
    Modulo,
}

/// A method without arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Method {
    Abs,
    Size,
    Type,
    Floor,
    Double,
    Ceiling,
    KeyValue,
}

impl Method {
    fn name(self) -> &'static str {
        match self {
            Method::Abs => "abs",
            Method::Size => "size",
            Method::Type => "type",
            Method::Floor => "floor",
            Method::Double => "double",
            Method::Ceiling => "ceiling",
            Method::KeyValue => "keyvalue",
        }
    }
}

/// The flags of `like_regex`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct RegexFlags {
    ignore_case: bool,
    dot_all: bool,
    multi_line: bool,
    quote: bool,
}

impl Node {
    fn of(kind: Kind) -> Node {
        Node { kind, next: None }
    }

    /// Appends a step at the end of the chain.
    fn push(&mut self, step: Node) {
        let mut end = self;
        while end.next.is_some() {
            end = match &mut end.next {
                Some(next) => next,
                None => return,
            };
        }
        end.next = Some(Box::new(step));
    }
}

/// The type's input function: the text that it prints.
pub(crate) fn input(text: &str) -> Result<String> {
    Ok(parse::parse(text)?.to_string())
}

thread_local! {
    /// Parsed paths: a statement applies the same one to every row.
    static PARSED: RefCell<HashMap<String, Rc<Path>>> = RefCell::new(HashMap::new());
}

/// How many paths a thread keeps.
const MAX_PARSED: usize = 256;

/// A stored path.
fn stored(text: &str) -> Result<Rc<Path>> {
    if let Some(known) = PARSED.with_borrow(|parsed| parsed.get(text).cloned()) {
        return Ok(known);
    }
    let path =
        parse::parse(text).map_err(|_| DatabaseError::internal(format_args!("stored jsonpath {text:?}")))?;
    let path = Rc::new(path);
    PARSED.with_borrow_mut(|parsed| {
        if parsed.len() >= MAX_PARSED {
            parsed.clear();
        }
        parsed.insert(text.to_owned(), path.clone());
    });
    Ok(path)
}
