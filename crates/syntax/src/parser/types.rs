//! Type names, with the SQL standard's spellings brought to PostgreSQL's own names.

use super::Parser;
use crate::ast::{Expr, ExprKind, Ident, Name, Position, TypeName};
use crate::lexer::{Keyword, Kind};
use sqlstate::{DatabaseError, INVALID_PARAMETER_VALUE, Result};

impl Parser<'_> {
    /// gram.y's `Typename`.
    pub(super) fn type_name(&mut self) -> Result<TypeName> {
        let position = self.position();
        let setof = self.accept(Keyword::Setof);
        let mut type_name = self.simple_type()?;
        if setof {
            type_name.name.position = position;
        }
        type_name.setof = setof;
        self.array_bounds(&mut type_name)?;
        Ok(type_name)
    }

    /// gram.y's `func_type`: `Typename`, or the type of a column.
    pub(super) fn function_type(&mut self) -> Result<TypeName> {
        let mut type_name = self.type_name()?;
        if self.is_char(b'%') && type_name.array.is_empty() && type_name.modifiers.is_empty() {
            // `a.b%TYPE` needs the attributes that the name already has.
            if type_name.name.parts.len() > 1 && !self.is_builtin(&type_name.name) {
                self.advance();
                self.expect(Keyword::Type)?;
                type_name.percent_type = true;
            }
        }
        Ok(type_name)
    }

    /// Names that the grammar itself gave have no position of their own parts; they are `pg_catalog.x`, and what is so written
    /// by hand cannot be told from them, nor need it be.
    fn is_builtin(&self, name: &Name) -> bool {
        name.parts.len() == 2 && name.parts[0] == "pg_catalog"
    }

    fn array_bounds(&mut self, type_name: &mut TypeName) -> Result<()> {
        if self.accept(Keyword::Array) {
            let mut size = None;
            if self.accept_char(b'[') {
                size = Some(self.integer()?);
                self.expect_char(b']')?;
            }
            type_name.array.push(size);
            return Ok(());
        }
        while self.accept_char(b'[') {
            let size = if self.is_char(b']') { None } else { Some(self.integer()?) };
            self.expect_char(b']')?;
            type_name.array.push(size);
        }
        Ok(())
    }

    /// gram.y's `SimpleTypename`.
    fn simple_type(&mut self) -> Result<TypeName> {
        if let Some(type_name) = self.standard_type(false)? {
            return Ok(type_name);
        }
        let position = self.position();
        let mut parts = vec![self.function_word()?];
        while self.accept_char(b'.') {
            parts.push(self.label()?);
        }
        let mut type_name = plain(Name { parts, position });
        if self.is_char(b'(') {
            type_name.modifiers = self.parenthesized(Self::expression)?;
        }
        Ok(type_name)
    }

    /// The types whose names are the grammar's own words; `None` when the next token begins another. `constant` is for
    /// literals such as `bit '1'`, where a length that is not given stays open.
    pub(super) fn standard_type(&mut self, constant: bool) -> Result<Option<TypeName>> {
        let position = self.position();
        let Some(keyword) = self.keyword() else { return Ok(None) };
        let name = |base: &str| builtin(base, position);
        Ok(Some(match keyword {
            Keyword::Int | Keyword::Integer => self.word_type(name("int4")),
            Keyword::Smallint => self.word_type(name("int2")),
            Keyword::Bigint => self.word_type(name("int8")),
            Keyword::Real => self.word_type(name("float4")),
            Keyword::Boolean => self.word_type(name("bool")),
            Keyword::Double if self.is_at(1, Keyword::Precision) => {
                self.advance();
                self.word_type(name("float8"))
            }
            Keyword::Float => self.float_type(position)?,
            Keyword::Decimal | Keyword::Dec | Keyword::Numeric => {
                let mut type_name = self.word_type(name("numeric"));
                if self.is_char(b'(') {
                    type_name.modifiers = self.parenthesized(Self::expression)?;
                }
                type_name
            }
            Keyword::Bit => {
                self.advance();
                let varying = self.accept(Keyword::Varying);
                let mut type_name = name(if varying { "varbit" } else { "bit" });
                if self.is_char(b'(') {
                    type_name.modifiers = self.parenthesized(Self::expression)?;
                } else if !varying && !constant {
                    type_name.modifiers = vec![number("1")];
                }
                type_name
            }
            Keyword::Character | Keyword::Char | Keyword::Varchar | Keyword::National | Keyword::Nchar => {
                self.character_type(position, constant)?
            }
            Keyword::Timestamp | Keyword::Time => self.time_type(keyword, position)?,
            Keyword::Interval => self.interval_type(constant)?,
            _ => return Ok(None),
        }))
    }

    fn word_type(&mut self, type_name: TypeName) -> TypeName {
        self.advance();
        type_name
    }

    fn float_type(&mut self, position: Position) -> Result<TypeName> {
        self.advance();
        if !self.accept_char(b'(') {
            return Ok(builtin("float8", position));
        }
        let at = self.position();
        let bits = self.integer()?;
        self.expect_char(b')')?;
        let fail = |message: &str| Err(DatabaseError::new(INVALID_PARAMETER_VALUE, message).at(at));
        match bits {
            ..1 => fail("precision for type float must be at least 1 bit"),
            1..=24 => Ok(builtin("float4", position)),
            25..=53 => Ok(builtin("float8", position)),
            54.. => fail("precision for type float must be less than 54 bits"),
        }
    }

    fn character_type(&mut self, position: Position, constant: bool) -> Result<TypeName> {
        let keyword = if self.accept(Keyword::National) {
            match self.keyword() {
                Some(Keyword::Character | Keyword::Char) => {}
                _ => return Err(self.unexpected()),
            }
            self.advance();
            Keyword::Character
        } else {
            match self.advance().kind {
                Kind::Keyword(keyword) => keyword,
                _ => Keyword::Character,
            }
        };
        let varying = keyword == Keyword::Varchar || self.accept(Keyword::Varying);
        let mut type_name = builtin(if varying { "varchar" } else { "bpchar" }, position);
        if self.accept_char(b'(') {
            let position = self.position();
            let length = self.integer()?;
            type_name.modifiers = vec![Expr { kind: ExprKind::Number(length.to_string()), position }];
            self.expect_char(b')')?;
        } else if !varying && !constant {
            // `char` is `char(1)`; `varchar` has no limit.
            type_name.modifiers = vec![number("1")];
        }
        Ok(type_name)
    }

    fn time_type(&mut self, keyword: Keyword, position: Position) -> Result<TypeName> {
        self.advance();
        let mut modifiers = Vec::new();
        if self.is_char(b'(') {
            modifiers = self.precision()?;
        }
        let zone = if self.is(Keyword::With) && self.is_at(1, Keyword::Time) {
            self.expect_all(&[Keyword::With, Keyword::Time, Keyword::Zone])?;
            true
        } else {
            if self.is(Keyword::Without) {
                self.expect_all(&[Keyword::Without, Keyword::Time, Keyword::Zone])?;
            }
            false
        };
        let base = match (keyword, zone) {
            (Keyword::Timestamp, true) => "timestamptz",
            (Keyword::Timestamp, false) => "timestamp",
            (_, true) => "timetz",
            (_, false) => "time",
        };
        Ok(TypeName { modifiers, ..builtin(base, position) })
    }

    /// `(n)`
    fn precision(&mut self) -> Result<Vec<Expr>> {
        self.expect_char(b'(')?;
        let position = self.position();
        let digits = self.integer()?;
        self.expect_char(b')')?;
        Ok(vec![Expr { kind: ExprKind::Number(digits.to_string()), position }])
    }

    /// `interval [fields]` or `interval(n)`; in a literal the fields come behind the text.
    fn interval_type(&mut self, constant: bool) -> Result<TypeName> {
        let mut type_name = builtin("interval", self.position());
        self.advance();
        if self.is_char(b'(') {
            type_name.modifiers = self.precision()?;
        } else if !constant {
            self.interval_fields(&mut type_name)?;
        }
        Ok(type_name)
    }

    /// gram.y's `opt_interval`.
    pub(super) fn interval_fields(&mut self, type_name: &mut TypeName) -> Result<()> {
        use Keyword::{Day, Hour, Minute, Month, Second, To, Year};
        let Some(first) = self.keyword().filter(|k| matches!(k, Year | Month | Day | Hour | Minute | Second))
        else {
            return Ok(());
        };
        self.advance();
        let mut last = first;
        if self.is(To) && first != Month && first != Second {
            self.advance();
            last = match (first, self.keyword()) {
                (Year, Some(Month)) => Month,
                (Day, Some(k @ (Hour | Minute | Second))) => k,
                (Hour, Some(k @ (Minute | Second))) => k,
                (Minute, Some(Second)) => Second,
                _ => return Err(self.unexpected()),
            };
            self.advance();
        }
        let mut words = first.word().to_ascii_uppercase();
        if last != first {
            words = format!("{words} TO {}", last.word().to_ascii_uppercase());
        }
        if last == Second && self.is_char(b'(') {
            type_name.modifiers = self.precision()?;
        }
        type_name.interval_fields = Some(words);
        Ok(())
    }
}

fn number(digits: &str) -> Expr {
    Expr { kind: ExprKind::Number(digits.to_owned()), position: 0 }
}

pub(super) fn plain(name: Name) -> TypeName {
    TypeName {
        name,
        modifiers: Vec::new(),
        interval_fields: None,
        array: Vec::new(),
        setof: false,
        percent_type: false,
    }
}

/// A type of `pg_catalog`.
pub(super) fn builtin(base: &str, position: Position) -> TypeName {
    plain(Name { parts: vec![Ident::from("pg_catalog"), base.to_owned()], position })
}
