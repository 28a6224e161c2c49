//! Prepared statements and cursors.

use super::Parser;
use crate::ast::{FetchDirection, Ident, SessionStatement, Statement};
use crate::lexer::{Keyword, Kind};
use sqlstate::Result;

fn session(statement: SessionStatement) -> Result<Statement> {
    Ok(Statement::Session(Box::new(statement)))
}

impl Parser<'_> {
    /// `PREPARE name [(types)] AS statement`
    pub(super) fn prepare(&mut self) -> Result<Statement> {
        self.advance();
        let name = self.column_id()?;
        let types = if self.is_char(b'(') { self.parenthesized(Self::type_name)? } else { Vec::new() };
        self.expect(Keyword::As)?;
        let statement = self.preparable_statement()?;
        session(SessionStatement::Prepare { name, types, statement })
    }

    /// `EXECUTE name [(arguments)]`
    pub(super) fn execute(&mut self) -> Result<Statement> {
        let position = self.position();
        self.advance();
        let name = self.column_id()?;
        let arguments = if self.is_char(b'(') { self.parenthesized(Self::expression)? } else { Vec::new() };
        session(SessionStatement::Execute { name, arguments, position })
    }

    /// `DEALLOCATE [PREPARE] name | ALL`
    pub(super) fn deallocate(&mut self) -> Result<Statement> {
        self.advance();
        // PREPARE may be the name itself.
        if self.is_column_id(1) || self.keyword_at(1) == Some(Keyword::All) {
            self.accept(Keyword::Prepare);
        }
        let name = self.name_or_all()?;
        session(SessionStatement::Deallocate { name })
    }

    /// `DECLARE name [options] CURSOR [WITH HOLD] FOR query`
    pub(super) fn declare_cursor(&mut self) -> Result<Statement> {
        use Keyword as K;
        self.advance();
        let name = self.column_id()?;
        let (mut scroll, mut binary) = (None, false);
        loop {
            if self.accept(K::No) {
                self.expect(K::Scroll)?;
                scroll = Some(false);
            } else if self.accept(K::Scroll) {
                scroll = Some(true);
            } else if self.accept(K::Binary) {
                binary = true;
            } else if !self.accept(K::Asensitive) && !self.accept(K::Insensitive) {
                break;
            }
        }
        self.expect(K::Cursor)?;
        let hold = if self.accept(K::With) {
            self.expect(K::Hold)?;
            true
        } else if self.accept(K::Without) {
            self.expect(K::Hold)?;
            false
        } else {
            false
        };
        self.expect(K::For)?;
        let query = self.select()?;
        if binary {
            return self.unsupported("a BINARY cursor");
        }
        session(SessionStatement::Declare { name, scroll, hold, query })
    }

    /// `FETCH` or `MOVE [direction] [FROM | IN] name`
    pub(super) fn fetch(&mut self, moves: bool) -> Result<Statement> {
        use Keyword as K;
        self.advance();
        // What follows a word of a direction: the end means that the word was the cursor's name.
        let alone = matches!(self.kind_at(1), Kind::End | Kind::Char(b';'));
        let direction = match self.keyword().filter(|_| !alone) {
            Some(K::Next) => self.after(FetchDirection::Forward(1)),
            Some(K::Prior) => self.after(FetchDirection::Forward(-1)),
            Some(K::First) => self.after(FetchDirection::Absolute(1)),
            Some(K::Last) => self.after(FetchDirection::Absolute(-1)),
            Some(K::All) => self.after(FetchDirection::Forward(i64::MAX)),
            Some(K::Absolute) => {
                self.advance();
                FetchDirection::Absolute(self.signed_count()?)
            }
            Some(K::Relative) => {
                self.advance();
                FetchDirection::Relative(self.signed_count()?)
            }
            Some(K::Forward) => {
                self.advance();
                FetchDirection::Forward(self.optional_count()?)
            }
            Some(K::Backward) => {
                self.advance();
                FetchDirection::Forward(-self.optional_count()?)
            }
            _ if self.starts_count() => FetchDirection::Forward(self.signed_count()?),
            _ => FetchDirection::Forward(1),
        };
        if !self.accept(K::From) {
            self.accept(K::In);
        }
        let name = self.column_id()?;
        session(SessionStatement::Fetch { name, direction, moves })
    }

    /// `CLOSE name | ALL`
    pub(super) fn close(&mut self) -> Result<Statement> {
        self.advance();
        let name = self.name_or_all()?;
        session(SessionStatement::Close { name })
    }

    fn name_or_all(&mut self) -> Result<Option<Ident>> {
        if self.accept(Keyword::All) { Ok(None) } else { self.column_id().map(Some) }
    }

    fn after(&mut self, direction: FetchDirection) -> FetchDirection {
        self.advance();
        direction
    }

    fn starts_count(&self) -> bool {
        self.kind() == Kind::Integer || self.is_char(b'-') || self.is_char(b'+')
    }

    /// gram.y's `SignedIconst`.
    fn signed_count(&mut self) -> Result<i64> {
        let negative = self.accept_char(b'-');
        if !negative {
            self.accept_char(b'+');
        }
        let count = i64::from(self.integer()?);
        Ok(if negative { -count } else { count })
    }

    /// A count, ALL, or one.
    fn optional_count(&mut self) -> Result<i64> {
        if self.accept(Keyword::All) {
            return Ok(i64::MAX);
        }
        if self.starts_count() { self.signed_count() } else { Ok(1) }
    }
}
