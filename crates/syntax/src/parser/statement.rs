//! Which statement a text is.

use super::Parser;
use crate::ast::Statement;
use crate::lexer::{Keyword, Kind};
use sqlstate::Result;

impl Parser<'_> {
    /// Exactly one statement; semicolons may follow.
    pub(crate) fn whole_statement(&mut self) -> Result<Statement> {
        match self.statement() {
            Ok(statement) => {
                self.finish(true)?;
                Ok(statement)
            }
            Err(error) => {
                let Some((what, position)) = self.refused.take() else { return Err(error) };
                while self.kind() != Kind::End {
                    if self.kind() == Kind::Error {
                        return Err(self.unexpected());
                    }
                    self.advance();
                }
                Ok(Statement::Unsupported { what, position })
            }
        }
    }

    pub(super) fn statement(&mut self) -> Result<Statement> {
        use Keyword as K;
        let Some(keyword) = self.keyword() else {
            return if self.is_char(b'(') { self.preparable_statement() } else { Err(self.unexpected()) };
        };
        match keyword {
            K::Select | K::Values | K::Table | K::With | K::Insert | K::Update | K::Delete | K::Merge => {
                self.preparable_statement()
            }
            K::Create => self.create_statement(),
            K::Alter => self.alter_statement(),
            K::Drop => self.drop_statement(),
            K::Comment => self.comment(),
            K::Grant | K::Revoke => self.grant_statement(),
            K::Truncate => self.truncate(),
            K::Do => self.do_block(),
            K::Call => self.call_statement(),
            K::Set => self.set_statement(),
            K::Reset => self.reset_statement(),
            K::Show => self.show(),
            K::Discard => self.discard(),
            K::Prepare if !self.is_at(1, K::Transaction) => self.prepare(),
            K::Execute => self.execute(),
            K::Deallocate => self.deallocate(),
            K::Declare => self.declare_cursor(),
            K::Fetch => self.fetch(false),
            K::Move => self.fetch(true),
            K::Close => self.close(),
            K::Begin
            | K::Start
            | K::Commit
            | K::End
            | K::Rollback
            | K::Abort
            | K::Savepoint
            | K::Release
            | K::Prepare => self.transaction(),
            K::Lock => self.lock(),
            K::Notify => self.notify(),
            K::Listen => self.listen(true),
            K::Unlisten => self.listen(false),
            K::Explain => self.explain(),
            K::Refresh => self.refresh(),
            K::Reassign => {
                self.expect_all(&[K::Reassign, K::Owned, K::By])?;
                let roles = self.role_list()?;
                self.expect(K::To)?;
                Ok(Statement::ReassignOwned { roles, to: self.role_spec()? })
            }
            K::Copy => self.copy(),
            K::Analyze | K::Analyse => self.maintenance("ANALYZE"),
            K::Vacuum => self.maintenance("VACUUM"),
            K::Reindex => self.maintenance("REINDEX"),
            K::Cluster => self.maintenance("CLUSTER"),
            K::Checkpoint => self.maintenance("CHECKPOINT"),
            K::Import | K::Load | K::Security => {
                let word = keyword.word().to_ascii_uppercase();
                self.advance();
                self.unsupported_words(&word)
            }
            _ => Err(self.unexpected()),
        }
    }

    /// What the grammar has and the tree has not: passes over the rest of the statement.
    pub(super) fn unsupported(&mut self, what: &str) -> Result<Statement> {
        let position = self.position();
        let mut depth = 0u32;
        loop {
            match self.kind() {
                Kind::Error => return Err(self.unexpected()),
                Kind::End => break,
                Kind::Char(b';') if depth == 0 => break,
                Kind::Char(b'(') => depth += 1,
                Kind::Char(b')') if depth == 0 => break,
                Kind::Char(b')') => depth -= 1,
                _ => {}
            }
            self.advance();
        }
        Ok(Statement::Unsupported { what: what.to_owned(), position })
    }

    /// The same, named by its verb and the words that come next: `CREATE TEXT SEARCH`.
    pub(super) fn unsupported_words(&mut self, verb: &str) -> Result<Statement> {
        use Keyword as K;
        let mut what = verb.to_owned();
        if let Some(first) = self.keyword() {
            what = format!("{what} {}", first.word().to_ascii_uppercase());
            // These words alone do not yet tell the kind of object.
            let more = matches!(
                first,
                K::User
                    | K::Text
                    | K::Foreign
                    | K::Event
                    | K::Operator
                    | K::Access
                    | K::Large
                    | K::Materialized
                    | K::Security
            );
            if let (true, Some(second)) = (more, self.keyword_at(1)) {
                what = format!("{what} {}", second.word().to_ascii_uppercase());
            }
        }
        self.unsupported(&what)
    }
}
