//! Transactions, settings, maintenance, COPY, EXPLAIN and the like.

use super::Parser;
use crate::ast::{
    Copy, Ident, RelationName, SessionStatement, SetStatement, SetValue, Statement, TransactionStatement,
};
use crate::lexer::{Keyword, Kind};
use sqlstate::{DatabaseError, Result, SYNTAX_ERROR};

impl Parser<'_> {
    // -------------------------------------------------------------------------------- transactions

    pub(super) fn transaction(&mut self) -> Result<Statement> {
        use Keyword as K;
        let Some(keyword) = self.keyword() else { return Err(self.unexpected()) };
        self.advance();
        let statement = match keyword {
            K::Begin => {
                self.work();
                TransactionStatement::Begin { modes: self.transaction_modes(false)? }
            }
            K::Start => {
                self.expect(K::Transaction)?;
                TransactionStatement::Begin { modes: self.transaction_modes(false)? }
            }
            K::Commit | K::End => {
                if keyword == K::Commit && self.accept(K::Prepared) {
                    self.string()?;
                    TransactionStatement::Other("COMMIT PREPARED".to_owned())
                } else {
                    self.work();
                    TransactionStatement::Commit { chain: self.chain()? }
                }
            }
            K::Savepoint => TransactionStatement::Savepoint(self.column_id()?),
            K::Release => {
                // SAVEPOINT may be the name itself.
                if self.is_column_id(1) {
                    self.accept(K::Savepoint);
                }
                TransactionStatement::Release(self.column_id()?)
            }
            K::Prepare => {
                self.expect(K::Transaction)?;
                self.string()?;
                TransactionStatement::Other("PREPARE TRANSACTION".to_owned())
            }
            _ => {
                if keyword == K::Rollback && self.accept(K::Prepared) {
                    self.string()?;
                    TransactionStatement::Other("ROLLBACK PREPARED".to_owned())
                } else {
                    self.work();
                    if keyword == K::Rollback && self.accept(K::To) {
                        self.accept(K::Savepoint);
                        TransactionStatement::RollbackTo(self.column_id()?)
                    } else {
                        TransactionStatement::Rollback { chain: self.chain()? }
                    }
                }
            }
        };
        Ok(Statement::Transaction(statement))
    }

    /// WORK or TRANSACTION.
    fn work(&mut self) {
        if !self.accept(Keyword::Work) {
            self.accept(Keyword::Transaction);
        }
    }

    /// `AND [NO] CHAIN`
    fn chain(&mut self) -> Result<bool> {
        if !self.accept(Keyword::And) {
            return Ok(false);
        }
        let no = self.accept(Keyword::No);
        self.expect(Keyword::Chain)?;
        Ok(!no)
    }

    /// gram.y's `transaction_mode_list`; one is needed when `required`.
    pub(super) fn transaction_modes(&mut self, required: bool) -> Result<Vec<String>> {
        let mut modes = Vec::new();
        loop {
            let comma = !modes.is_empty() && self.accept_char(b',');
            match self.transaction_mode()? {
                Some(mode) => modes.push(mode),
                None if comma || required && modes.is_empty() => return Err(self.unexpected()),
                None => return Ok(modes),
            }
        }
    }

    fn transaction_mode(&mut self) -> Result<Option<String>> {
        use Keyword as K;
        let words = match self.keyword() {
            Some(K::Isolation) => {
                self.expect_all(&[K::Isolation, K::Level])?;
                let level = match self.keyword() {
                    Some(K::Serializable) => "SERIALIZABLE",
                    Some(K::Repeatable) => {
                        self.advance();
                        if !self.is(K::Read) {
                            return Err(self.unexpected());
                        }
                        "REPEATABLE READ"
                    }
                    Some(K::Read) => {
                        self.advance();
                        match self.keyword() {
                            Some(K::Committed) => "READ COMMITTED",
                            Some(K::Uncommitted) => "READ UNCOMMITTED",
                            _ => return Err(self.unexpected()),
                        }
                    }
                    _ => return Err(self.unexpected()),
                };
                self.advance();
                return Ok(Some(format!("ISOLATION LEVEL {level}")));
            }
            Some(K::Read) => {
                self.advance();
                match self.keyword() {
                    Some(K::Only) => "READ ONLY",
                    Some(K::Write) => "READ WRITE",
                    _ => return Err(self.unexpected()),
                }
            }
            Some(K::Deferrable) => "DEFERRABLE",
            Some(K::Not) => {
                self.advance();
                if !self.is(K::Deferrable) {
                    return Err(self.unexpected());
                }
                "NOT DEFERRABLE"
            }
            _ => return Ok(None),
        };
        self.advance();
        Ok(Some(words.to_owned()))
    }

    // ------------------------------------------------------------------------------------ settings

    pub(super) fn set_statement(&mut self) -> Result<Statement> {
        use Keyword as K;
        self.expect(K::Set)?;
        if self.is(K::Constraints)
            && !matches!(self.kind_at(1), Kind::Char(b'=' | b'.') | Kind::Keyword(K::To))
        {
            return self.set_constraints();
        }
        let names_variable = matches!(self.kind_at(1), Kind::Char(b'=' | b'.') | Kind::Keyword(K::To));
        let mut local = false;
        if !names_variable {
            local = self.accept(K::Local);
            let clause = matches!(self.keyword_at(1), Some(K::Characteristics | K::Authorization));
            if !local && self.is(K::Session) && !clause {
                self.advance();
            }
        }
        Ok(Statement::Set(self.set_rest(local, true)?))
    }

    fn set_constraints(&mut self) -> Result<Statement> {
        self.expect(Keyword::Constraints)?;
        let constraints =
            if self.accept(Keyword::All) { None } else { Some(self.list(Self::qualified_name)?) };
        let deferred = self.accept(Keyword::Deferred);
        if !deferred {
            self.expect(Keyword::Immediate)?;
        }
        Ok(Statement::SetConstraints { constraints, deferred })
    }

    pub(super) fn reset_statement(&mut self) -> Result<Statement> {
        self.expect(Keyword::Reset)?;
        Ok(Statement::Set(self.reset_rest()?))
    }

    pub(super) fn show(&mut self) -> Result<Statement> {
        self.expect(Keyword::Show)?;
        Ok(Statement::Show(self.variable_or_clause()?))
    }

    /// DISCARD: as RESET ALL for those that mean settings, refused for the rest.
    pub(super) fn discard(&mut self) -> Result<Statement> {
        self.expect(Keyword::Discard)?;
        match self.keyword() {
            Some(Keyword::All) => {
                self.advance();
                let setting = SetStatement { name: "all".to_owned(), value: SetValue::Reset, local: false };
                Ok(Statement::Set(setting))
            }
            Some(Keyword::Plans) => {
                self.advance();
                Ok(Statement::Maintenance { verb: "DISCARD PLANS", tables: Vec::new(), index: false })
            }
            Some(Keyword::Sequences) => {
                self.advance();
                Ok(Statement::Session(Box::new(SessionStatement::DiscardSequences)))
            }
            Some(Keyword::Temp | Keyword::Temporary) => self.unsupported_words("DISCARD"),
            _ => Err(self.unexpected()),
        }
    }

    // ---------------------------------------------------------------------------------- maintenance

    /// ANALYZE, VACUUM, REINDEX, CLUSTER, CHECKPOINT.
    pub(super) fn maintenance(&mut self, verb: &'static str) -> Result<Statement> {
        use Keyword as K;
        self.advance();
        let mut tables = Vec::new();
        let mut index = false;
        match verb {
            "CHECKPOINT" => {}
            "REINDEX" => {
                if self.is_char(b'(') {
                    self.utility_options()?;
                }
                let kind = self.keyword();
                match kind {
                    Some(K::Index | K::Table | K::Schema | K::System | K::Database) => self.advance(),
                    _ => return Err(self.unexpected()),
                };
                self.accept(K::Concurrently);
                let name = self.qualified_name()?;
                index = kind == Some(K::Index);
                if matches!(kind, Some(K::Index | K::Table)) {
                    tables.push((name, Vec::new()));
                }
            }
            "CLUSTER" => {
                if self.is_char(b'(') {
                    self.utility_options()?;
                }
                self.accept(K::Verbose);
                if self.is_column_id(0) {
                    let mut name = self.qualified_name()?;
                    if self.accept(K::On) {
                        name = self.qualified_name()?;
                    } else if self.accept(K::Using) {
                        self.column_id()?;
                    }
                    tables.push((name, Vec::new()));
                }
            }
            _ => {
                if self.is_char(b'(') {
                    self.utility_options()?;
                } else {
                    if verb == "VACUUM" {
                        self.accept(K::Full);
                        self.accept(K::Freeze);
                    }
                    self.accept(K::Verbose);
                    if verb == "VACUUM" && !self.accept(K::Analyze) {
                        self.accept(K::Analyse);
                    }
                }
                if self.is_column_id(0) {
                    tables = self.list(|p| Ok((p.qualified_name()?, p.optional_column_names()?)))?;
                }
            }
        }
        Ok(Statement::Maintenance { verb, tables, index })
    }

    pub(super) fn truncate(&mut self) -> Result<Statement> {
        use Keyword as K;
        self.expect(K::Truncate)?;
        self.accept(K::Table);
        let tables = self.list(Self::relation_name)?;
        let mut restart_identity = false;
        if self.is(K::Restart) || self.is(K::Continue) {
            restart_identity = self.advance().kind == Kind::Keyword(K::Restart);
            self.expect(K::Identity)?;
        }
        Ok(Statement::Truncate { tables, restart_identity, cascade: self.cascade() })
    }

    pub(super) fn lock(&mut self) -> Result<Statement> {
        use Keyword as K;
        self.expect(K::Lock)?;
        self.accept(K::Table);
        let tables: Vec<RelationName> = self.list(Self::relation_name)?;
        let mut mode = "ACCESS EXCLUSIVE".to_owned();
        if self.accept(K::In) {
            let words: &[K] = match (self.keyword(), self.keyword_at(1)) {
                (Some(K::Access), Some(K::Share)) => &[K::Access, K::Share],
                (Some(K::Access), _) => &[K::Access, K::Exclusive],
                (Some(K::Row), Some(K::Share)) => &[K::Row, K::Share],
                (Some(K::Row), _) => &[K::Row, K::Exclusive],
                (Some(K::Share), Some(K::Update)) => &[K::Share, K::Update, K::Exclusive],
                (Some(K::Share), Some(K::Row)) => &[K::Share, K::Row, K::Exclusive],
                (Some(K::Share), _) => &[K::Share],
                _ => &[K::Exclusive],
            };
            self.expect_all(words)?;
            self.expect(K::Mode)?;
            mode = words.iter().map(|word| word.word().to_ascii_uppercase()).collect::<Vec<_>>().join(" ");
        }
        self.accept(K::Nowait);
        Ok(Statement::Lock { tables, mode })
    }

    pub(super) fn notify(&mut self) -> Result<Statement> {
        self.expect(Keyword::Notify)?;
        let channel = self.column_id()?;
        let payload = if self.accept_char(b',') { Some(self.string()?) } else { None };
        Ok(Statement::Notify { channel, payload })
    }

    pub(super) fn listen(&mut self, listen: bool) -> Result<Statement> {
        self.advance();
        if !listen && self.accept_char(b'*') {
            return Ok(Statement::Listen { channel: None, listen });
        }
        Ok(Statement::Listen { channel: Some(self.column_id()?), listen })
    }

    // ------------------------------------------------------------------------------- EXPLAIN, COPY

    pub(super) fn explain(&mut self) -> Result<Statement> {
        use Keyword as K;
        self.expect(K::Explain)?;
        let mut options: Vec<(Ident, Option<String>)> = Vec::new();
        if self.is_char(b'(') && !self.starts_select(1) && !self.is_char_at(1, b'(') {
            options = self.utility_options()?;
        } else {
            if matches!(self.keyword(), Some(K::Analyze | K::Analyse)) {
                self.advance();
                options.push(("analyze".to_owned(), None));
            }
            if self.accept(K::Verbose) {
                options.push(("verbose".to_owned(), None));
            }
        }
        let statement = match self.keyword() {
            Some(
                K::Select | K::Values | K::Table | K::With | K::Insert | K::Update | K::Delete | K::Merge,
            ) => self.preparable_statement()?,
            Some(K::Create) => {
                let created = self.create_statement()?;
                if !matches!(created, Statement::CreateTableAs { .. } | Statement::Unsupported { .. }) {
                    return Err(self.unexpected());
                }
                created
            }
            Some(K::Declare | K::Refresh | K::Execute) => self.unsupported_words("EXPLAIN")?,
            _ if self.is_char(b'(') => self.preparable_statement()?,
            _ => return Err(self.unexpected()),
        };
        Ok(Statement::Explain { options, statement: Box::new(statement) })
    }

    /// gram.y's `utility_option_list`, in parentheses.
    fn utility_options(&mut self) -> Result<Vec<(Ident, Option<String>)>> {
        self.parenthesized(|p| {
            let name = match p.keyword() {
                Some(Keyword::Analyze | Keyword::Analyse) => {
                    p.advance();
                    "analyze".to_owned()
                }
                _ => p.nonreserved_word()?,
            };
            Ok((name, p.option_value()?))
        })
    }

    /// `[true | word | 'text' | number]`
    fn option_value(&mut self) -> Result<Option<String>> {
        Ok(match self.kind() {
            Kind::Char(b',' | b')') => None,
            Kind::Keyword(Keyword::True | Keyword::False | Keyword::On) => Some(self.label()?),
            Kind::Integer | Kind::Float | Kind::Char(b'+' | b'-') => Some(self.signed_number()?),
            _ => Some(self.word_or_string()?),
        })
    }

    pub(super) fn copy(&mut self) -> Result<Statement> {
        use Keyword as K;
        self.expect(K::Copy)?;
        let mut copy = Copy {
            table: None,
            columns: Vec::new(),
            query: None,
            from: false,
            standard: false,
            options: Vec::new(),
            filter: None,
        };
        if self.is_char(b'(') {
            self.advance();
            let position = self.position();
            let statement = self.nested(Self::preparable_statement)?;
            self.expect_char(b')')?;
            if !self.is(K::To) {
                return Err(self.unexpected());
            }
            match statement {
                Statement::Select(query) => copy.query = Some(query),
                _ => return self.refuse("COPY of a modification", position),
            }
        } else {
            if self.is(K::Binary) {
                self.advance();
                copy.options.push(("format".to_owned(), Some("binary".to_owned())));
            }
            copy.table = Some(self.qualified_name()?);
            copy.columns = self.optional_column_names()?;
        }
        copy.from = self.accept(K::From);
        if !copy.from {
            self.expect(K::To)?;
        }
        let program = self.accept(K::Program);
        copy.standard = !program && !self.is_string();
        if copy.standard {
            match self.keyword() {
                Some(K::Stdin | K::Stdout) => self.advance(),
                _ => return Err(self.unexpected()),
            };
        } else {
            self.string()?;
        }
        if self.is(K::Delimiters) || self.is(K::Using) {
            self.accept(K::Using);
            self.expect(K::Delimiters)?;
            copy.options.push(("delimiter".to_owned(), Some(self.string()?)));
        }
        self.accept(K::With);
        if self.is_char(b'(') {
            copy.options.append(&mut self.copy_options()?);
        } else {
            while let Some(option) = self.old_copy_option()? {
                copy.options.push(option);
            }
        }
        let position = self.position();
        copy.filter = self.filter()?;
        if copy.filter.is_some() && !copy.from {
            let error = DatabaseError::new(SYNTAX_ERROR, "WHERE clause not allowed with COPY TO");
            return Err(error.at(position));
        }
        Ok(Statement::Copy(Box::new(copy)))
    }

    fn copy_options(&mut self) -> Result<Vec<(Ident, Option<String>)>> {
        self.parenthesized(|p| {
            let name = p.label()?;
            if p.is_char(b'(') {
                let columns = p.parenthesized(Self::word_or_string)?;
                return Ok((name, Some(columns.join(","))));
            }
            if p.accept_char(b'*') {
                return Ok((name, Some("*".to_owned())));
            }
            if p.accept(Keyword::Default) {
                return Ok((name, Some("default".to_owned())));
            }
            Ok((name, p.option_value()?))
        })
    }

    /// gram.y's `copy_opt_item`: the syntax before PostgreSQL 9.0.
    fn old_copy_option(&mut self) -> Result<Option<(Ident, Option<String>)>> {
        use Keyword as K;
        let flag = |name: &str, value: &str| Ok(Some((name.to_owned(), Some(value.to_owned()))));
        let Some(keyword) = self.keyword() else { return Ok(None) };
        match keyword {
            K::Binary | K::Csv => {
                self.advance();
                flag("format", keyword.word())
            }
            K::Freeze | K::Header => {
                self.advance();
                flag(keyword.word(), "true")
            }
            K::Delimiter | K::Null | K::Quote | K::Escape | K::Encoding => {
                self.advance();
                if keyword != K::Encoding {
                    self.accept(K::As);
                }
                let text = self.string()?;
                flag(keyword.word(), &text)
            }
            K::Force => {
                self.advance();
                let name = if self.accept(K::Quote) {
                    if self.accept_char(b'*') {
                        return flag("force_quote", "*");
                    }
                    "force_quote"
                } else if self.accept(K::Not) {
                    self.expect(K::Null)?;
                    "force_not_null"
                } else {
                    self.expect(K::Null)?;
                    "force_null"
                };
                let columns = self.list(Self::column_id)?.join(",");
                flag(name, &columns)
            }
            _ => Ok(None),
        }
    }
}
