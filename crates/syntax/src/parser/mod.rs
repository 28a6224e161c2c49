//! The parser: recursive descent over the scanned tokens, operators by PostgreSQL's precedences.
//!
//! An error is at the first token that no statement can have there, which is where PostgreSQL's own parser stops. Errors that
//! PostgreSQL raises in parse analysis, behind its grammar, wait in [`Parser::later`] until the statement has parsed.

mod alter;
mod call;
mod constraint;
mod control;
mod create;
mod dml;
mod expression;
mod from;
mod function;
mod names;
mod objects;
mod options;
mod predicate;
mod primary;
mod publication;
mod query;
mod role;
mod session;
mod special;
mod statement;
mod table;
mod trigger;
mod types;

use crate::ast::{Expr, Position};
use crate::lexer::{Keyword, Kind, Scan, Token, scan};
use sqlstate::{DatabaseError, Result, STATEMENT_TOO_COMPLEX, SYNTAX_ERROR};

/// How deeply a tree may nest, in steps: at least two for each expression in another, so that no path from a tree's root has
/// more than half as many expressions; more for queries. Whoever walks a tree may rely on it.
///
/// PostgreSQL's limit is that of its stack (two megabytes); with ours, that is enough for the parser in a dev build.
pub const DEPTH_LIMIT: u32 = 400;

pub(crate) struct Parser<'a> {
    scan: Scan<'a>,
    /// The index of the next token.
    at: usize,
    /// Levels above the node that is being parsed.
    depth: u32,
    /// The deepest level that the last parsed tree reaches.
    peak: u32,
    /// SIMILAR without TO is not an operator here but ends the operand: SUBSTRING (a SIMILAR b ESCAPE c).
    similar_ends: bool,
    /// What the grammar has and the tree has not, once it was met.
    refused: Option<(String, Position)>,
    /// The first error of parse analysis.
    later: Option<DatabaseError>,
}

/// The two places where a trailing word of an expression may be something else.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    /// gram.y's `a_expr`.
    Any,
    /// gram.y's `b_expr`: no AND, OR, NOT, LIKE, IN, BETWEEN, IS NULL, COLLATE, AT TIME ZONE.
    Restricted,
    /// An `a_expr` whose last word may be an output column's name.
    Target,
}

impl Mode {
    /// The mode of what is part of an operation: only the whole expression may end in a column's name.
    fn inner(self) -> Mode {
        if self == Mode::Target { Mode::Any } else { self }
    }
}

impl<'a> Parser<'a> {
    pub(crate) fn new(text: &'a str) -> Parser<'a> {
        Parser { scan: scan(text), at: 0, depth: 0, peak: 0, similar_ends: false, refused: None, later: None }
    }

    // ------------------------------------------------------------------------------------- tokens

    fn peek(&self) -> Token {
        self.peek_at(0)
    }

    fn peek_at(&self, ahead: usize) -> Token {
        let tokens = &self.scan.tokens;
        tokens[(self.at + ahead).min(tokens.len() - 1)]
    }

    fn kind(&self) -> Kind {
        self.peek().kind
    }

    fn kind_at(&self, ahead: usize) -> Kind {
        self.peek_at(ahead).kind
    }

    fn position(&self) -> Position {
        self.peek().position
    }

    fn advance(&mut self) -> Token {
        let token = self.peek();
        if self.at + 1 < self.scan.tokens.len() {
            self.at += 1;
        }
        token
    }

    /// The keyword that comes `ahead` tokens later.
    fn keyword_at(&self, ahead: usize) -> Option<Keyword> {
        match self.kind_at(ahead) {
            Kind::Keyword(keyword) => Some(keyword),
            _ => None,
        }
    }

    fn keyword(&self) -> Option<Keyword> {
        self.keyword_at(0)
    }

    fn is(&self, keyword: Keyword) -> bool {
        self.kind() == Kind::Keyword(keyword)
    }

    fn is_at(&self, ahead: usize, keyword: Keyword) -> bool {
        self.kind_at(ahead) == Kind::Keyword(keyword)
    }

    fn is_char(&self, character: u8) -> bool {
        self.kind() == Kind::Char(character)
    }

    fn is_char_at(&self, ahead: usize, character: u8) -> bool {
        self.kind_at(ahead) == Kind::Char(character)
    }

    fn accept(&mut self, keyword: Keyword) -> bool {
        let found = self.is(keyword);
        if found {
            self.advance();
        }
        found
    }

    fn accept_char(&mut self, character: u8) -> bool {
        let found = self.is_char(character);
        if found {
            self.advance();
        }
        found
    }

    /// Takes both keywords or neither.
    fn accept_pair(&mut self, first: Keyword, second: Keyword) -> bool {
        let found = self.is(first) && self.is_at(1, second);
        if found {
            self.advance();
            self.advance();
        }
        found
    }

    fn expect(&mut self, keyword: Keyword) -> Result<Token> {
        if self.is(keyword) { Ok(self.advance()) } else { Err(self.unexpected()) }
    }

    fn expect_all(&mut self, keywords: &[Keyword]) -> Result<()> {
        for keyword in keywords {
            self.expect(*keyword)?;
        }
        Ok(())
    }

    fn expect_char(&mut self, character: u8) -> Result<Token> {
        if self.is_char(character) { Ok(self.advance()) } else { Err(self.unexpected()) }
    }

    /// Items with commas between them.
    fn list<T>(&mut self, mut item: impl FnMut(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        let mut items = vec![item(self)?];
        while self.accept_char(b',') {
            items.push(item(self)?);
        }
        Ok(items)
    }

    /// `( item, … )`
    fn parenthesized<T>(&mut self, item: impl FnMut(&mut Self) -> Result<T>) -> Result<Vec<T>> {
        self.expect_char(b'(')?;
        let items = self.list(item)?;
        self.expect_char(b')')?;
        Ok(items)
    }

    /// The end of the text, or of the statement.
    fn at_end(&self) -> bool {
        matches!(self.kind(), Kind::End | Kind::Char(b';'))
    }

    // ------------------------------------------------------------------------------------- errors

    /// A syntax error at the next token.
    fn unexpected(&self) -> DatabaseError {
        let token = self.peek();
        // PostgreSQL's scanner has read the token behind these before its parser sees them.
        let ahead = match token.kind {
            Kind::Keyword(keyword) => matches!(keyword, Keyword::Not | Keyword::Nulls | Keyword::With),
            Kind::String | Kind::QuotedIdentifier => self.scan.source(token).starts_with(['u', 'U']),
            _ => false,
        };
        if ahead && self.kind_at(1) == Kind::Error {
            return self.error_at(self.peek_at(1), "syntax error");
        }
        self.error_at(token, "syntax error")
    }

    /// An error that quotes a token, as the grammar's own do.
    fn error_at(&self, token: Token, message: &str) -> DatabaseError {
        if token.kind == Kind::Error
            && let Some(error) = &self.scan.error
        {
            return error.clone();
        }
        let text = match token.kind {
            Kind::End => format!("{message} at end of input"),
            _ => format!("{message} at or near \"{}\"", self.scan.source(token)),
        };
        DatabaseError::new(SYNTAX_ERROR, text).at(token.position)
    }

    /// An error with a position that quotes nothing.
    fn fail<T>(&self, message: &str, position: Position) -> Result<T> {
        // The grammar complains when it has seen the next token, so what cannot be scanned comes first.
        if self.kind() == Kind::Error {
            return Err(self.unexpected());
        }
        Err(DatabaseError::new(SYNTAX_ERROR, message).at(position))
    }

    /// Refuses what the grammar has and the tree has not; the statement becomes [`crate::ast::Statement::Unsupported`].
    fn refuse<T>(&mut self, what: &str, position: Position) -> Result<T> {
        self.refused = Some((what.to_owned(), position));
        Err(DatabaseError::unsupported(what).at(position))
    }

    /// Keeps an error of parse analysis until the grammar is done.
    fn defer(&mut self, message: impl Into<String>, position: Position) {
        self.later.get_or_insert_with(|| DatabaseError::new(SYNTAX_ERROR, message).at(position));
    }

    /// The same for one that points nowhere.
    fn defer_without_position(&mut self, message: &str) {
        self.later.get_or_insert_with(|| DatabaseError::new(SYNTAX_ERROR, message));
    }

    // -------------------------------------------------------------------------------------- depth

    /// Goes `steps` deeper; [`Parser::leave`] goes back. An error need not go back, since nothing is parsed behind one.
    fn enter(&mut self, steps: u32) -> Result<()> {
        self.depth += steps;
        self.reach(self.depth)
    }

    fn leave(&mut self, steps: u32) {
        self.depth -= steps;
    }

    /// Parses one step deeper.
    fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.enter(1)?;
        let result = parse(self)?;
        self.leave(1);
        Ok(result)
    }

    /// Notes that a tree reaches this depth.
    fn reach(&mut self, depth: u32) -> Result<()> {
        if depth > DEPTH_LIMIT {
            return Err(DatabaseError::new(STATEMENT_TOO_COMPLEX, "stack depth limit exceeded").with_hint(
                "The statement nests too deeply; use fewer parentheses, operators or sub-queries in each other.",
            ));
        }
        self.peak = self.peak.max(depth);
        Ok(())
    }

    /// Parses what will hang under a new node beside what the tree on its left reaches: a chain that grows to the left gets
    /// deeper with each link.
    fn link<T>(&mut self, parse: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        let left = std::mem::replace(&mut self.peak, self.depth);
        let result = parse(self)?;
        self.reach(left + 2)?;
        Ok(result)
    }

    /// The same for a node that has nothing but its left side.
    fn link_alone(&mut self) -> Result<()> {
        self.reach(self.peak + 2)
    }

    /// Begins a tree whose links count by themselves; gives back what [`Parser::end_tree`] needs.
    fn begin_tree(&mut self) -> u32 {
        std::mem::replace(&mut self.peak, self.depth)
    }

    fn end_tree(&mut self, before: u32) {
        self.peak = self.peak.max(before);
    }

    // ------------------------------------------------------------------------------------- wholes

    /// The end of the text behind an optional semicolon.
    pub(crate) fn finish(&mut self, semicolon: bool) -> Result<()> {
        if semicolon {
            while self.accept_char(b';') {}
        }
        if self.kind() != Kind::End {
            return Err(self.unexpected());
        }
        match self.later.take() {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }

    pub(crate) fn whole_expression(&mut self) -> Result<Expr> {
        let expr = self.expression()?;
        self.finish(false)?;
        Ok(expr)
    }

    pub(crate) fn whole_select(&mut self) -> Result<crate::ast::Select> {
        let select = self.select()?;
        self.finish(true)?;
        Ok(select)
    }

    /// A type as a declaration has it: `table.column%TYPE` too.
    pub(crate) fn whole_declared_type(&mut self) -> Result<crate::ast::TypeName> {
        let type_name = self.function_type()?;
        self.finish(false)?;
        Ok(type_name)
    }

    pub(crate) fn whole_type(&mut self) -> Result<crate::ast::TypeName> {
        let type_name = self.type_name()?;
        self.finish(false)?;
        Ok(type_name)
    }
}
