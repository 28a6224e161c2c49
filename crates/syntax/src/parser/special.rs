//! The functions that have rules of their own in the grammar: gram.y's `func_expr_common_subexpr`.

use super::Parser;
use super::primary::{empty_call, standard_call};
use crate::ast::{Argument, Expr, ExprKind, Name, Position, ValueFunction};
use crate::lexer::{Keyword, Kind};
use sqlstate::Result;

impl Parser<'_> {
    /// Whether the word, which is the next token, begins such a function here.
    pub(super) fn is_special_function(&self, keyword: Keyword) -> bool {
        use Keyword as K;
        match keyword {
            K::CurrentDate
            | K::CurrentTime
            | K::CurrentTimestamp
            | K::Localtime
            | K::Localtimestamp
            | K::CurrentRole
            | K::CurrentUser
            | K::SessionUser
            | K::User
            | K::CurrentCatalog
            | K::Cast => true,
            K::CurrentSchema => !matches!(self.kind_at(1), Kind::Char(b'(') | Kind::String),
            K::Collation => self.is_at(1, K::For),
            K::Extract
            | K::Normalize
            | K::Overlay
            | K::Position
            | K::Substring
            | K::Treat
            | K::Trim
            | K::Nullif
            | K::Greatest
            | K::Least
            | K::Coalesce
            | K::Xmlconcat
            | K::Xmlelement
            | K::Xmlexists
            | K::Xmlforest
            | K::Xmlparse
            | K::Xmlpi
            | K::Xmlroot
            | K::Xmlserialize => self.is_char_at(1, b'('),
            _ => false,
        }
    }

    /// Parses such a function, if the next token begins one.
    pub(super) fn special_function(&mut self, keyword: Keyword) -> Result<Option<Expr>> {
        if !self.is_special_function(keyword) {
            return Ok(None);
        }
        let position = self.advance().position;
        self.nested(|p| p.special_function_behind(keyword, position)).map(Some)
    }

    fn special_function_behind(&mut self, keyword: Keyword, position: Position) -> Result<Expr> {
        use Keyword as K;
        let kind = match keyword {
            K::CurrentDate => value(ValueFunction::CurrentDate),
            K::CurrentRole => value(ValueFunction::CurrentRole),
            K::CurrentUser => value(ValueFunction::CurrentUser),
            K::SessionUser => value(ValueFunction::SessionUser),
            K::User => value(ValueFunction::User),
            K::CurrentCatalog => value(ValueFunction::CurrentCatalog),
            K::CurrentSchema => value(ValueFunction::CurrentSchema),
            K::CurrentTime => self.value_with_precision(ValueFunction::CurrentTime)?,
            K::CurrentTimestamp => self.value_with_precision(ValueFunction::CurrentTimestamp)?,
            K::Localtime => self.value_with_precision(ValueFunction::LocalTime)?,
            K::Localtimestamp => self.value_with_precision(ValueFunction::LocalTimestamp)?,
            K::Collation => {
                self.expect(K::For)?;
                let args = self.in_parentheses(|p| Ok(vec![p.expression()?]))?;
                return Ok(standard_call("pg_collation_for", args, position));
            }
            K::Cast => self.in_parentheses(|p| {
                let expr = Box::new(p.expression()?);
                p.expect(K::As)?;
                Ok(ExprKind::Cast { expr, type_name: p.type_name()? })
            })?,
            K::Treat => self.in_parentheses(|p| {
                p.expression()?;
                p.expect(K::As)?;
                p.type_name()?;
                Ok(ExprKind::Unsupported("TREAT".to_owned()))
            })?,
            K::Extract => self.in_parentheses(Self::extract)?,
            K::Normalize => {
                let args = self.in_parentheses(Self::normalize)?;
                return Ok(standard_call("normalize", args, position));
            }
            K::Position => {
                let args = self.in_parentheses(|p| {
                    let needle = p.restricted_expression()?;
                    p.expect(K::In)?;
                    Ok(vec![p.restricted_expression()?, needle])
                })?;
                return Ok(standard_call("position", args, position));
            }
            K::Trim => return self.trim(position),
            K::Substring => return self.in_parentheses(|p| p.substring(position)),
            K::Overlay => return self.in_parentheses(|p| p.overlay(position)),
            K::Nullif => self.in_parentheses(|p| {
                let left = Box::new(p.expression()?);
                p.expect_char(b',')?;
                Ok(ExprKind::NullIf(left, Box::new(p.expression()?)))
            })?,
            K::Greatest => ExprKind::Greatest(self.in_parentheses(Self::expression_list)?),
            K::Least => ExprKind::Least(self.in_parentheses(Self::expression_list)?),
            K::Coalesce => ExprKind::Coalesce(self.in_parentheses(Self::expression_list)?),
            _ => {
                self.skip_parentheses()?;
                ExprKind::Unsupported(keyword.word().to_ascii_uppercase())
            }
        };
        Ok(Expr { kind, position })
    }

    fn in_parentheses<T>(&mut self, content: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.expect_char(b'(')?;
        let found = content(self)?;
        self.expect_char(b')')?;
        Ok(found)
    }

    /// Passes over `( … )`, whatever is in it.
    pub(super) fn skip_parentheses(&mut self) -> Result<()> {
        self.expect_char(b'(')?;
        let mut depth = 1;
        while depth > 0 {
            match self.kind() {
                Kind::End | Kind::Error => return Err(self.unexpected()),
                Kind::Char(b'(') => depth += 1,
                Kind::Char(b')') => depth -= 1,
                _ => {}
            }
            self.advance();
        }
        Ok(())
    }

    fn value_with_precision(&mut self, name: ValueFunction) -> Result<ExprKind> {
        let mut precision = None;
        if self.is_char(b'(') {
            precision = Some(self.in_parentheses(Self::integer)?);
        }
        Ok(ExprKind::ValueFunction { name, precision })
    }

    fn extract(&mut self) -> Result<ExprKind> {
        use Keyword::{Day, Hour, Minute, Month, Second, Year};
        let field = match self.kind() {
            Kind::String => self.string()?.to_ascii_lowercase(),
            Kind::Identifier | Kind::QuotedIdentifier => self.label()?,
            Kind::Keyword(Year | Month | Day | Hour | Minute | Second) => self.label()?,
            _ => return Err(self.unexpected()),
        };
        self.expect(Keyword::From)?;
        Ok(ExprKind::Extract { field, from: Box::new(self.expression()?) })
    }

    fn normalize(&mut self) -> Result<Vec<Expr>> {
        let mut args = vec![self.expression()?];
        if self.accept_char(b',') {
            let position = self.position();
            match self.keyword() {
                Some(form @ (Keyword::Nfc | Keyword::Nfd | Keyword::Nfkc | Keyword::Nfkd)) => {
                    self.advance();
                    let kind = ExprKind::String(form.word().to_ascii_uppercase());
                    args.push(Expr { kind, position });
                }
                _ => return Err(self.unexpected()),
            }
        }
        Ok(args)
    }

    /// `TRIM([BOTH|LEADING|TRAILING] [characters FROM] text)`: the text is the first argument.
    fn trim(&mut self, position: Position) -> Result<Expr> {
        self.expect_char(b'(')?;
        let function = match self.keyword() {
            Some(Keyword::Leading) => "ltrim",
            Some(Keyword::Trailing) => "rtrim",
            _ => "btrim",
        };
        if matches!(self.keyword(), Some(Keyword::Leading | Keyword::Trailing | Keyword::Both)) {
            self.advance();
        }
        let mut args = Vec::new();
        if self.accept(Keyword::From) {
            args = self.expression_list()?;
        } else {
            let first = self.expression()?;
            if self.accept(Keyword::From) {
                args = self.expression_list()?;
                args.push(first);
            } else {
                args.push(first);
                while self.accept_char(b',') {
                    args.push(self.expression()?);
                }
            }
        }
        self.expect_char(b')')?;
        Ok(standard_call(function, args, position))
    }

    /// `SUBSTRING(text FROM a FOR b)` and its kin, or a plain call.
    fn substring(&mut self, position: Position) -> Result<Expr> {
        use Keyword::{Escape, For, From, Similar};
        if self.is_char(b')') {
            return Ok(plain_call("substring", Vec::new(), position));
        }
        let before = std::mem::replace(&mut self.similar_ends, true);
        let first = self.argument();
        self.similar_ends = before;
        let first = first?;
        if first.name.is_some() || !matches!(self.keyword(), Some(From | For | Similar)) {
            return self.plain_arguments("substring", first, position);
        }
        let mut args = vec![first.value];
        if self.accept(Similar) {
            args.push(self.expression()?);
            self.expect(Escape)?;
            args.push(self.expression()?);
        } else if self.accept(From) {
            args.push(self.expression()?);
            if self.accept(For) {
                args.push(self.expression()?);
            }
        } else {
            self.expect(For)?;
            let length = self.expression()?;
            if self.accept(From) {
                args.push(self.expression()?);
                args.push(length);
            } else {
                // Without a start PostgreSQL counts from 1 and demands a whole length.
                args.push(Expr { kind: ExprKind::Number("1".to_owned()), position: 0 });
                let type_name = super::types::builtin("int4", 0);
                let kind = ExprKind::Cast { expr: Box::new(length), type_name };
                args.push(Expr { kind, position: 0 });
            }
        }
        Ok(standard_call("substring", args, position))
    }

    /// `OVERLAY(text PLACING other FROM a FOR b)`, or a plain call.
    fn overlay(&mut self, position: Position) -> Result<Expr> {
        if self.is_char(b')') {
            return Ok(plain_call("overlay", Vec::new(), position));
        }
        let first = self.argument()?;
        if first.name.is_some() || !self.accept(Keyword::Placing) {
            return self.plain_arguments("overlay", first, position);
        }
        let mut args = vec![first.value, self.expression()?];
        self.expect(Keyword::From)?;
        args.push(self.expression()?);
        if self.accept(Keyword::For) {
            args.push(self.expression()?);
        }
        Ok(standard_call("overlay", args, position))
    }

    fn plain_arguments(&mut self, function: &str, first: Argument, position: Position) -> Result<Expr> {
        let mut args = vec![first];
        while self.accept_char(b',') {
            args.push(self.argument()?);
        }
        Ok(plain_call(function, args, position))
    }
}

fn value(name: ValueFunction) -> ExprKind {
    ExprKind::ValueFunction { name, precision: None }
}

/// A call by the unqualified name: as any function's.
fn plain_call(function: &str, args: Vec<Argument>, position: Position) -> Expr {
    let name = Name { parts: vec![function.to_owned()], position };
    let call = crate::ast::FunctionCall { args, ..empty_call(name) };
    Expr { kind: ExprKind::Call(Box::new(call)), position }
}
