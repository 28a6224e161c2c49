//! Which statement a text is.

use super::Parser;
use crate::ast::Statement;
use crate::lexer::{Keyword, Kind};
use sqlstate::Result;

impl Parser<'_> {
    /// Exactly one statement; semicolons may follow.
    pub(crate) fn whole_statement(&mut self) -> Result<Statement> {
        let statement = self.statement()?;
        self.finish(true)?;
        Ok(statement)
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
            _ => Err(self.unexpected()),
        }
    }

    /// What the grammar has and the tree has not: passes over the rest of the statement.
    pub(super) fn unsupported(&mut self, words: &[&str]) -> Result<Statement> {
        let position = self.position();
        let what = words.join(" ");
        let mut depth = 0u32;
        loop {
            match self.kind() {
                Kind::Error => return Err(self.unexpected()),
                Kind::End => break,
                Kind::Char(b';') if depth == 0 => break,
                Kind::Char(b'(') => depth += 1,
                Kind::Char(b')') => {
                    if depth == 0 {
                        break;
                    }
                    depth -= 1;
                }
                _ => {}
            }
            self.advance();
        }
        Ok(Statement::Unsupported { what, position })
    }
}
