//! Names, literals and the classes of words that may be names.

use super::Parser;
use crate::ast::{Ident, Name};
use crate::lexer::{Keyword, KeywordClass, Kind, Token, cut_identifier};
use sqlstate::Result;

impl Parser<'_> {
    /// The name that a word token is, folded and cut.
    pub(super) fn ident_of(&self, token: Token) -> Ident {
        match token.kind {
            Kind::Keyword(keyword) => keyword.word().to_owned(),
            Kind::QuotedIdentifier => cut_identifier(self.scan.value(token)).to_owned(),
            _ => cut_identifier(self.scan.source(token)).to_ascii_lowercase(),
        }
    }

    /// Whether a token is a word of one of these classes.
    fn is_name(&self, kind: Kind, classes: &[KeywordClass]) -> bool {
        match kind {
            Kind::Identifier | Kind::QuotedIdentifier => true,
            Kind::Keyword(keyword) => classes.contains(&keyword.class()),
            _ => false,
        }
    }

    /// gram.y's `ColId`.
    pub(super) fn is_column_id(&self, ahead: usize) -> bool {
        self.is_name(self.kind_at(ahead), &[KeywordClass::Unreserved, KeywordClass::ColumnName])
            && !self.orders_nulls(ahead)
    }

    /// gram.y's `type_function_name`.
    pub(super) fn is_function_word(&self, ahead: usize) -> bool {
        self.is_name(self.kind_at(ahead), &[KeywordClass::Unreserved, KeywordClass::TypeOrFunction])
            && !self.orders_nulls(ahead)
    }

    /// gram.y's `ColLabel`: any word.
    pub(super) fn is_label(&self, ahead: usize) -> bool {
        matches!(self.kind_at(ahead), Kind::Identifier | Kind::QuotedIdentifier | Kind::Keyword(_))
            && !self.orders_nulls(ahead)
    }

    /// Whether NULLS FIRST or NULLS LAST comes, which is no name anywhere.
    pub(super) fn orders_nulls(&self, ahead: usize) -> bool {
        self.is_at(ahead, Keyword::Nulls)
            && matches!(self.keyword_at(ahead + 1), Some(Keyword::First | Keyword::Last))
    }

    pub(super) fn column_id(&mut self) -> Result<Ident> {
        if !self.is_column_id(0) {
            return Err(self.unexpected());
        }
        let token = self.advance();
        Ok(self.ident_of(token))
    }

    pub(super) fn function_word(&mut self) -> Result<Ident> {
        if !self.is_function_word(0) {
            return Err(self.unexpected());
        }
        let token = self.advance();
        Ok(self.ident_of(token))
    }

    pub(super) fn label(&mut self) -> Result<Ident> {
        if !self.is_label(0) {
            return Err(self.unexpected());
        }
        let token = self.advance();
        Ok(self.ident_of(token))
    }

    /// gram.y's `NonReservedWord`.
    pub(super) fn nonreserved_word(&mut self) -> Result<Ident> {
        use KeywordClass::{ColumnName, TypeOrFunction, Unreserved};
        if !self.is_name(self.kind(), &[Unreserved, ColumnName, TypeOrFunction]) {
            return Err(self.unexpected());
        }
        let token = self.advance();
        Ok(self.ident_of(token))
    }

    /// gram.y's `NonReservedWord_or_Sconst`.
    pub(super) fn word_or_string(&mut self) -> Result<Ident> {
        if self.kind() == Kind::String { self.string() } else { self.nonreserved_word() }
    }

    /// gram.y's `any_name`: `a`, `a.b`, …
    pub(super) fn any_name(&mut self) -> Result<Name> {
        let position = self.position();
        let mut parts = vec![self.column_id()?];
        while self.accept_char(b'.') {
            parts.push(self.label()?);
        }
        Ok(Name { parts, position })
    }

    /// gram.y's `qualified_name`: at most three parts.
    pub(super) fn qualified_name(&mut self) -> Result<Name> {
        let position = self.position();
        let mut parts = vec![self.column_id()?];
        let mut broken = false;
        loop {
            if self.accept_char(b'.') {
                if self.accept_char(b'*') {
                    broken = true;
                } else {
                    parts.push(self.label()?);
                }
            } else if self.is_char(b'[') {
                self.subscript()?;
                broken = true;
            } else {
                break;
            }
        }
        // PostgreSQL's grammar takes stars and subscripts here and complains when it is behind them.
        if broken {
            return Err(self.unexpected());
        }
        if parts.len() > 3 {
            let name = parts.join(".");
            let message = format!("improper qualified name (too many dotted names): {name}");
            return self.fail(&message, position);
        }
        Ok(Name { parts, position })
    }

    /// `( a, b )`
    pub(super) fn column_names(&mut self) -> Result<Vec<Ident>> {
        self.parenthesized(Self::column_id)
    }

    /// The same, or nothing.
    pub(super) fn optional_column_names(&mut self) -> Result<Vec<Ident>> {
        if self.is_char(b'(') { self.column_names() } else { Ok(Vec::new()) }
    }

    /// A string constant.
    pub(super) fn string(&mut self) -> Result<String> {
        if self.kind() != Kind::String {
            return Err(self.unexpected());
        }
        let token = self.advance();
        Ok(self.scan.value(token).to_owned())
    }

    /// A whole number without sign.
    pub(super) fn integer(&mut self) -> Result<i32> {
        if self.kind() != Kind::Integer {
            return Err(self.unexpected());
        }
        let token = self.advance();
        Ok(self.scan.source(token).parse().unwrap_or(0))
    }

    /// `[+|-] number`, as it is written.
    pub(super) fn signed_number(&mut self) -> Result<String> {
        let mut text = String::new();
        if self.accept_char(b'-') {
            text.push('-');
        } else {
            self.accept_char(b'+');
        }
        if !matches!(self.kind(), Kind::Integer | Kind::Float) {
            return Err(self.unexpected());
        }
        let token = self.advance();
        text.push_str(self.scan.source(token));
        Ok(text)
    }

    /// `IF EXISTS`
    pub(super) fn if_exists(&mut self) -> Result<bool> {
        if !self.is(Keyword::If) || !self.is_at(1, Keyword::Exists) {
            return Ok(false);
        }
        self.expect_all(&[Keyword::If, Keyword::Exists])?;
        Ok(true)
    }

    /// `IF EXISTS` where IF can be no name.
    pub(super) fn if_exists_only(&mut self) -> Result<bool> {
        let found = self.accept(Keyword::If);
        if found {
            self.expect(Keyword::Exists)?;
        }
        Ok(found)
    }

    /// `IF NOT EXISTS`
    pub(super) fn if_not_exists(&mut self) -> Result<bool> {
        if !self.is(Keyword::If) || !self.is_at(1, Keyword::Not) {
            return Ok(false);
        }
        self.expect_all(&[Keyword::If, Keyword::Not, Keyword::Exists])?;
        Ok(true)
    }

    /// `CASCADE`, `RESTRICT` or nothing.
    pub(super) fn cascade(&mut self) -> bool {
        let cascade = self.accept(Keyword::Cascade);
        if !cascade {
            self.accept(Keyword::Restrict);
        }
        cascade
    }
}
