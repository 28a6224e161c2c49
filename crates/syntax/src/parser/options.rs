//! Lists of options: storage parameters, definitions, sequences, SET.

use super::Parser;
use crate::ast::{Ident, SequenceOption, SetStatement, SetValue};
use crate::lexer::{Keyword, KeywordClass, Kind};
use sqlstate::{
    DatabaseError, INVALID_TEXT_REPRESENTATION, NUMERIC_VALUE_OUT_OF_RANGE, Result, SYNTAX_ERROR,
};

type Options = Vec<(Ident, Option<String>)>;

impl Parser<'_> {
    /// gram.y's `reloptions`: `( name [= value], … )`.
    pub(super) fn storage_parameters(&mut self) -> Result<Options> {
        self.parenthesized(|p| {
            let mut name = p.label()?;
            if p.accept_char(b'.') {
                name = format!("{name}.{}", p.label()?);
            }
            let value = if p.accept_char(b'=') { Some(p.definition_value()?) } else { None };
            Ok((name, value))
        })
    }

    /// gram.y's `definition`.
    pub(super) fn definition(&mut self) -> Result<Options> {
        self.parenthesized(|p| {
            let name = p.label()?;
            let value = if p.accept_char(b'=') { Some(p.definition_value()?) } else { None };
            Ok((name, value))
        })
    }

    /// gram.y's `def_arg` as text.
    fn definition_value(&mut self) -> Result<String> {
        match self.kind() {
            Kind::String => self.string(),
            Kind::Integer | Kind::Float => self.signed_number(),
            Kind::Char(b'+' | b'-') if matches!(self.kind_at(1), Kind::Integer | Kind::Float) => {
                self.signed_number()
            }
            Kind::Keyword(Keyword::None) => self.label(),
            Kind::Keyword(keyword) if keyword.class() == KeywordClass::Reserved => self.label(),
            Kind::Identifier | Kind::QuotedIdentifier | Kind::Keyword(_) => {
                let type_name = self.function_type()?;
                // A word reads as a type here; only its name is wanted.
                let parts = &type_name.name.parts;
                let simple = type_name.modifiers.is_empty() && type_name.array.is_empty();
                match parts.as_slice() {
                    [word] if simple => Ok(word.clone()),
                    _ => Ok(parts.join(".")),
                }
            }
            _ => Ok(self.operator_name()?.symbol),
        }
    }

    // ----------------------------------------------------------------------------------- sequences

    /// `( options )` or nothing.
    pub(super) fn parenthesized_sequence_options(&mut self) -> Result<Vec<SequenceOption>> {
        if !self.accept_char(b'(') {
            return Ok(Vec::new());
        }
        let options = self.sequence_options()?;
        if options.is_empty() {
            return Err(self.unexpected());
        }
        self.expect_char(b')')?;
        Ok(options)
    }

    pub(super) fn sequence_options(&mut self) -> Result<Vec<SequenceOption>> {
        let mut options = Vec::new();
        while let Some(option) = self.sequence_option()? {
            options.push(option);
        }
        Ok(options)
    }

    /// gram.y's `SeqOptElem`.
    pub(super) fn sequence_option(&mut self) -> Result<Option<SequenceOption>> {
        use Keyword as K;
        let Some(keyword) = self.keyword() else { return Ok(None) };
        if !matches!(
            keyword,
            K::As
                | K::Cache
                | K::Cycle
                | K::No
                | K::Increment
                | K::Maxvalue
                | K::Minvalue
                | K::Owned
                | K::Sequence
                | K::Start
                | K::Restart
        ) {
            return Ok(None);
        }
        self.advance();
        Ok(Some(match keyword {
            K::As => SequenceOption::As(self.type_name()?),
            K::Cache => SequenceOption::Cache(self.whole_number()?),
            K::Cycle => SequenceOption::Cycle(true),
            K::Increment => {
                self.accept(K::By);
                SequenceOption::Increment(self.whole_number()?)
            }
            K::Maxvalue => SequenceOption::MaxValue(Some(self.whole_number()?)),
            K::Minvalue => SequenceOption::MinValue(Some(self.whole_number()?)),
            K::No => {
                let option = match self.keyword() {
                    Some(K::Maxvalue) => SequenceOption::MaxValue(None),
                    Some(K::Minvalue) => SequenceOption::MinValue(None),
                    Some(K::Cycle) => SequenceOption::Cycle(false),
                    _ => return Err(self.unexpected()),
                };
                self.advance();
                option
            }
            K::Owned => {
                self.expect(K::By)?;
                let name = self.any_name()?;
                let none = name.parts.len() == 1 && name.parts[0] == "none";
                SequenceOption::OwnedBy(if none { None } else { Some(name) })
            }
            K::Sequence => {
                self.expect(K::Name)?;
                SequenceOption::SequenceName(self.any_name()?)
            }
            K::Start => {
                self.accept(K::With);
                SequenceOption::Start(self.whole_number()?)
            }
            _ => {
                let with = self.accept(K::With);
                let number = matches!(self.kind(), Kind::Integer | Kind::Float | Kind::Char(b'+' | b'-'));
                SequenceOption::Restart(if with || number { Some(self.whole_number()?) } else { None })
            }
        }))
    }

    /// A number that must be an int8.
    fn whole_number(&mut self) -> Result<i64> {
        let text = self.signed_number()?;
        text.parse().map_err(|_| {
            let whole = text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
            if whole {
                let message = format!("value \"{text}\" is out of range for type bigint");
                DatabaseError::new(NUMERIC_VALUE_OUT_OF_RANGE, message)
            } else {
                let message = format!("invalid input syntax for type bigint: \"{text}\"");
                DatabaseError::new(INVALID_TEXT_REPRESENTATION, message)
            }
        })
    }

    // ----------------------------------------------------------------------------------------- SET

    /// From behind `SET [LOCAL|SESSION]`; `transaction` admits the forms that only the statement has.
    pub(super) fn set_rest(&mut self, local: bool, transaction: bool) -> Result<SetStatement> {
        use Keyword as K;
        let named = |name: &str, values: Vec<String>| SetStatement {
            name: name.to_owned(),
            value: SetValue::Values(values),
            local,
        };
        // Each of these words may also be the name of a setting.
        let assigns = matches!(self.kind_at(1), Kind::Char(b'=' | b'.') | Kind::Keyword(K::To | K::From));
        match self.keyword() {
            Some(K::Transaction) if transaction && !assigns => {
                self.advance();
                if self.accept(K::Snapshot) {
                    return Ok(named("transaction snapshot", vec![self.string()?]));
                }
                Ok(named("transaction", self.transaction_modes(true)?))
            }
            Some(K::Session) if self.is_at(1, K::Characteristics) && transaction => {
                self.expect_all(&[K::Session, K::Characteristics, K::As, K::Transaction])?;
                Ok(named("session characteristics", self.transaction_modes(true)?))
            }
            Some(K::Session) if self.is_at(1, K::Authorization) => {
                self.advance();
                self.advance();
                if self.accept(K::Default) {
                    let name = "session authorization".to_owned();
                    return Ok(SetStatement { name, value: SetValue::Default, local });
                }
                Ok(named("session authorization", vec![self.word_or_string()?]))
            }
            Some(K::Time) if self.is_at(1, K::Zone) => {
                self.advance();
                self.advance();
                self.time_zone(local)
            }
            Some(K::Schema) if self.kind_at(1) == Kind::String => {
                self.advance();
                Ok(named("search_path", vec![self.string()?]))
            }
            Some(K::Catalog) if self.kind_at(1) == Kind::String => {
                self.advance();
                let at = self.position();
                super::call::not_implemented("current database cannot be changed", at)
            }
            Some(K::Names) if !assigns => {
                self.advance();
                let name = "client_encoding".to_owned();
                if self.kind() == Kind::String {
                    return Ok(named(&name, vec![self.string()?]));
                }
                self.accept(K::Default);
                Ok(SetStatement { name, value: SetValue::Default, local })
            }
            Some(K::Role) if !assigns => {
                self.advance();
                Ok(named("role", vec![self.word_or_string()?]))
            }
            Some(K::Xml) if self.is_at(1, K::Option) => {
                self.advance();
                self.advance();
                let value = self.label()?;
                Ok(named("xmloption", vec![value]))
            }
            _ => self.set_variable(local),
        }
    }

    fn set_variable(&mut self, local: bool) -> Result<SetStatement> {
        let name = self.variable_name()?;
        if self.accept(Keyword::From) {
            self.expect(Keyword::Current)?;
            return Ok(SetStatement { name, value: SetValue::Current, local });
        }
        if !self.accept_char(b'=') {
            self.expect(Keyword::To)?;
        }
        if self.accept(Keyword::Default) {
            return Ok(SetStatement { name, value: SetValue::Default, local });
        }
        let values = self.list(|p| match p.kind() {
            Kind::Keyword(Keyword::True | Keyword::False | Keyword::On) => p.label(),
            Kind::Integer | Kind::Float | Kind::Char(b'+' | b'-') => p.signed_number(),
            _ => p.word_or_string(),
        })?;
        Ok(SetStatement { name, value: SetValue::Values(values), local })
    }

    /// gram.y's `var_name`.
    pub(super) fn variable_name(&mut self) -> Result<Ident> {
        let mut name = self.column_id()?;
        while self.accept_char(b'.') {
            name = format!("{name}.{}", self.column_id()?);
        }
        Ok(name)
    }

    fn time_zone(&mut self, local: bool) -> Result<SetStatement> {
        let name = "timezone".to_owned();
        let position = self.position();
        let value = match self.kind() {
            Kind::Keyword(Keyword::Default | Keyword::Local) => {
                self.advance();
                SetValue::Default
            }
            Kind::String => SetValue::Values(vec![self.string()?]),
            Kind::Identifier | Kind::QuotedIdentifier => SetValue::Values(vec![self.label()?]),
            Kind::Keyword(Keyword::Interval) => {
                self.advance();
                let value = self.string()?;
                let mut type_name = super::types::builtin("interval", position);
                self.interval_fields(&mut type_name)?;
                if !matches!(
                    type_name.interval_fields.as_deref(),
                    None | Some("HOUR" | "MINUTE" | "HOUR TO MINUTE")
                ) {
                    return Err(DatabaseError::new(
                        SYNTAX_ERROR,
                        "time zone interval must be HOUR or HOUR TO MINUTE",
                    )
                    .at(position));
                }
                SetValue::Values(vec![format!("INTERVAL '{value}'")])
            }
            _ => SetValue::Values(vec![self.signed_number()?]),
        };
        Ok(SetStatement { name, value, local })
    }

    /// From behind RESET.
    pub(super) fn reset_rest(&mut self) -> Result<SetStatement> {
        let name = self.variable_or_clause()?;
        Ok(SetStatement { name, value: SetValue::Reset, local: false })
    }

    /// What RESET and SHOW name.
    pub(super) fn variable_or_clause(&mut self) -> Result<Ident> {
        use Keyword as K;
        if self.accept(K::All) {
            return Ok("all".to_owned());
        }
        if self.accept_pair(K::Time, K::Zone) {
            return Ok("timezone".to_owned());
        }
        if self.is(K::Transaction) && self.is_at(1, K::Isolation) {
            self.expect_all(&[K::Transaction, K::Isolation, K::Level])?;
            return Ok("transaction_isolation".to_owned());
        }
        if self.accept_pair(K::Session, K::Authorization) {
            return Ok("session authorization".to_owned());
        }
        self.variable_name()
    }
}
