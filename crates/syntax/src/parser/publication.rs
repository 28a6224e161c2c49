//! Publications.

use super::Parser;
use crate::ast::{Name, ObjectKind, ObjectName, Publication, Statement};
use crate::lexer::{Keyword, Kind};
use sqlstate::Result;

impl Parser<'_> {
    pub(super) fn create_publication(&mut self) -> Result<Statement> {
        self.expect(Keyword::Publication)?;
        let name = self.column_id()?;
        let mut tables = Vec::new();
        let mut all_tables = false;
        if self.accept(Keyword::For) {
            if self.accept(Keyword::All) {
                self.expect(Keyword::Tables)?;
                all_tables = true;
            } else {
                tables = self.publication_tables()?;
            }
        }
        let options = if self.accept(Keyword::With) { self.definition()? } else { Vec::new() };
        Ok(Statement::Publication(Publication::Create { name, all_tables, tables, options }))
    }

    pub(super) fn alter_publication(&mut self) -> Result<Statement> {
        self.expect(Keyword::Publication)?;
        let name = self.simple_name()?;
        let verb = match self.keyword() {
            Some(Keyword::Add) => "ADD",
            Some(Keyword::Drop) => "DROP",
            Some(Keyword::Set) if !self.is_at(1, Keyword::Schema) => "SET",
            _ => {
                let name = ObjectName::Plain(name);
                return match self.alter_common(ObjectKind::Publication, &name, false)? {
                    Some(statement) => Ok(statement),
                    None => Err(self.unexpected()),
                };
            }
        };
        self.advance();
        let name = name.parts.concat();
        if verb == "SET" && self.is_char(b'(') {
            return Ok(Statement::Publication(Publication::Options { name, options: self.definition()? }));
        }
        let tables = self.publication_tables()?;
        Ok(Statement::Publication(Publication::Tables { name, verb, tables }))
    }

    /// gram.y's `pub_obj_list` of tables: the first names its kind, those behind it may leave it out.
    fn publication_tables(&mut self) -> Result<Vec<Name>> {
        let position = self.position();
        if self.is(Keyword::Tables) && self.is_at(1, Keyword::In) {
            self.expect_all(&[Keyword::Tables, Keyword::In, Keyword::Schema])?;
            return self.refuse("a publication of TABLES IN SCHEMA", position);
        }
        if !self.is(Keyword::Table) {
            // What has no kind is refused behind its name.
            self.relation_name()?;
            return self.fail("invalid publication object list", position);
        }
        self.list(|p| {
            p.accept(Keyword::Table);
            let name = p.relation_name()?.name;
            let at = p.position();
            if matches!(p.kind(), Kind::Char(b'(') | Kind::Keyword(Keyword::Where)) {
                return p.refuse("a publication with columns or WHERE", at);
            }
            Ok(name)
        })
    }
}
