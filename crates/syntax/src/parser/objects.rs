//! What is the same for every kind of object: DROP, COMMENT, and ALTER … RENAME, OWNER, SET SCHEMA.

use super::Parser;
use crate::ast::{Drop, Name, ObjectKind, ObjectName, Rename, Statement};
use crate::lexer::Keyword;
use sqlstate::Result;

/// How a kind's objects are named.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Naming {
    /// `a.b.c`
    Qualified,
    /// `a`
    Simple,
    /// A type.
    Type,
    /// A function with its arguments.
    Function,
    /// An aggregate with its arguments.
    Aggregate,
    /// `a ON table`
    OnTable,
    /// A role.
    Role,
    /// Not in the tree: the statement is refused whole.
    Unsupported,
}

impl Parser<'_> {
    /// The kind whose words come next; the words are consumed.
    fn object_kind(&mut self) -> Result<(ObjectKind, Naming)> {
        use Keyword as K;
        let Some(keyword) = self.keyword() else { return Err(self.unexpected()) };
        let second = |p: &mut Self, keyword: Keyword| -> Result<()> {
            p.advance();
            if !p.is(keyword) {
                return Err(p.unexpected());
            }
            Ok(())
        };
        let found = match keyword {
            K::Table => (ObjectKind::Table, Naming::Qualified),
            K::Sequence => (ObjectKind::Sequence, Naming::Qualified),
            K::View => (ObjectKind::View, Naming::Qualified),
            K::Index => (ObjectKind::Index, Naming::Qualified),
            K::Collation => (ObjectKind::Collation, Naming::Qualified),
            K::Statistics | K::Conversion => (ObjectKind::Other, Naming::Qualified),
            K::Materialized => {
                second(self, K::View)?;
                (ObjectKind::MaterializedView, Naming::Qualified)
            }
            K::Type => (ObjectKind::Type, Naming::Type),
            K::Domain => (ObjectKind::Domain, Naming::Type),
            K::Schema => (ObjectKind::Schema, Naming::Simple),
            K::Extension => (ObjectKind::Extension, Naming::Simple),
            K::Publication => (ObjectKind::Publication, Naming::Simple),
            K::Language => (ObjectKind::Language, Naming::Simple),
            K::Procedural => {
                second(self, K::Language)?;
                (ObjectKind::Language, Naming::Simple)
            }
            K::Event => {
                second(self, K::Trigger)?;
                (ObjectKind::EventTrigger, Naming::Simple)
            }
            K::Database => (ObjectKind::Database, Naming::Simple),
            K::Server | K::Subscription | K::Tablespace => (ObjectKind::Other, Naming::Simple),
            K::Access => {
                second(self, K::Method)?;
                (ObjectKind::Other, Naming::Simple)
            }
            K::Function => (ObjectKind::Function, Naming::Function),
            K::Procedure => (ObjectKind::Procedure, Naming::Function),
            K::Routine => (ObjectKind::Routine, Naming::Function),
            K::Aggregate => (ObjectKind::Aggregate, Naming::Aggregate),
            K::Policy => (ObjectKind::Policy, Naming::OnTable),
            K::Trigger => (ObjectKind::Trigger, Naming::OnTable),
            K::Rule => (ObjectKind::Rule, Naming::OnTable),
            K::Role | K::Group => (ObjectKind::Role, Naming::Role),
            K::User if !self.is_at(1, K::Mapping) => (ObjectKind::Role, Naming::Role),
            K::User | K::Foreign | K::Text | K::Large | K::Transform => {
                (ObjectKind::Other, Naming::Unsupported)
            }
            K::Operator => (ObjectKind::Operator, Naming::Unsupported),
            K::Cast => (ObjectKind::Cast, Naming::Unsupported),
            _ => return Err(self.unexpected()),
        };
        if found.1 != Naming::Unsupported {
            self.advance();
        }
        Ok(found)
    }

    fn object_name(&mut self, naming: Naming) -> Result<ObjectName> {
        Ok(match naming {
            Naming::Qualified => ObjectName::Plain(self.any_name()?),
            Naming::Simple => ObjectName::Plain(self.simple_name()?),
            Naming::Type => ObjectName::Plain(self.type_name()?.name),
            Naming::Function => self.function_signature()?,
            Naming::Aggregate => self.aggregate_signature()?,
            Naming::OnTable => self.part_of_table()?,
            Naming::Role => {
                let position = self.position();
                let name = match self.role_spec()? {
                    crate::ast::RoleSpec::Name(name, _) => name,
                    crate::ast::RoleSpec::Public => "public".to_owned(),
                    crate::ast::RoleSpec::CurrentUser => "current_user".to_owned(),
                    crate::ast::RoleSpec::SessionUser => "session_user".to_owned(),
                };
                ObjectName::Plain(Name { parts: vec![name], position })
            }
            Naming::Unsupported => return Err(self.unexpected()),
        })
    }

    /// `name ON table`
    pub(super) fn part_of_table(&mut self) -> Result<ObjectName> {
        let position = self.position();
        let part = self.column_id()?;
        self.expect(Keyword::On)?;
        Ok(ObjectName::On { part, table: self.any_name()?, position })
    }

    // ---------------------------------------------------------------------------------------- DROP

    pub(super) fn drop_statement(&mut self) -> Result<Statement> {
        self.expect(Keyword::Drop)?;
        if self.is(Keyword::Owned) {
            self.expect_all(&[Keyword::Owned, Keyword::By])?;
            let roles = self.role_list()?;
            return Ok(Statement::DropOwned { roles, cascade: self.cascade() });
        }
        let (kind, naming) = self.object_kind()?;
        if naming == Naming::Unsupported {
            return self.unsupported_words("DROP");
        }
        let concurrently = kind == ObjectKind::Index && self.accept(Keyword::Concurrently);
        let if_exists = self.if_exists()?;
        let names = match naming {
            Naming::OnTable => vec![self.part_of_table()?],
            _ if kind == ObjectKind::Database => vec![self.object_name(naming)?],
            _ => self.list(|p| p.object_name(naming))?,
        };
        let cascade = match naming {
            Naming::Role => false,
            _ if kind == ObjectKind::Database => {
                if self.is(Keyword::With) || self.is_char(b'(') {
                    self.accept(Keyword::With);
                    self.parenthesized(|p| p.expect(Keyword::Force))?;
                }
                false
            }
            _ => self.cascade(),
        };
        Ok(Statement::Drop(Box::new(Drop { kind, names, if_exists, cascade, concurrently })))
    }

    // ------------------------------------------------------------------------------------- COMMENT

    pub(super) fn comment(&mut self) -> Result<Statement> {
        use Keyword as K;
        self.expect_all(&[K::Comment, K::On])?;
        let (kind, name) = match self.keyword() {
            Some(K::Column) => {
                self.advance();
                (ObjectKind::Column, ObjectName::Plain(self.any_name()?))
            }
            Some(K::Constraint) => {
                self.advance();
                let position = self.position();
                let part = self.column_id()?;
                self.expect(K::On)?;
                let domain = self.accept(K::Domain);
                let kind = if domain { ObjectKind::DomainConstraint } else { ObjectKind::Constraint };
                (kind, ObjectName::On { part, table: self.any_name()?, position })
            }
            Some(K::User | K::Group) => return Err(self.unexpected()),
            Some(K::Role) => {
                self.advance();
                (ObjectKind::Role, ObjectName::Plain(self.simple_name()?))
            }
            _ => {
                let (kind, naming) = self.object_kind()?;
                if naming == Naming::Unsupported {
                    return self.unsupported_words("COMMENT ON");
                }
                (kind, self.object_name(naming)?)
            }
        };
        self.expect(K::Is)?;
        let text = if self.accept(K::Null) { None } else { Some(self.string()?) };
        Ok(Statement::Comment { kind, name, text })
    }

    // --------------------------------------------------------------------------------------- ALTER

    pub(super) fn alter_statement(&mut self) -> Result<Statement> {
        use Keyword as K;
        self.expect(K::Alter)?;
        match self.keyword() {
            Some(K::Table) => self.alter_relation(ObjectKind::Table),
            Some(K::View) => self.alter_relation(ObjectKind::View),
            Some(K::Sequence) => self.alter_relation(ObjectKind::Sequence),
            Some(K::Index) => self.alter_relation(ObjectKind::Index),
            Some(K::Materialized) if self.is_at(1, K::View) => {
                self.alter_relation(ObjectKind::MaterializedView)
            }
            Some(K::Default) => self.alter_default_privileges(),
            Some(K::User) if self.is_at(1, K::Mapping) => self.unsupported_words("ALTER"),
            Some(K::Role | K::User | K::Group) => self.alter_role(),
            Some(K::System) => self.unsupported_words("ALTER"),
            Some(K::Policy) => self.alter_policy(),
            Some(K::Publication) => self.alter_publication(),
            Some(K::Database) => self.alter_database(),
            Some(K::Type) => self.alter_type(),
            Some(K::Domain) => self.alter_domain(),
            _ => self.alter_object(),
        }
    }

    /// RENAME, OWNER TO, SET SCHEMA of the kinds that have hardly more.
    fn alter_object(&mut self) -> Result<Statement> {
        let start = self.at;
        let (kind, naming) = self.object_kind()?;
        let function = matches!(naming, Naming::Function | Naming::Aggregate);
        if naming == Naming::Unsupported {
            return self.unsupported_words("ALTER");
        }
        let if_exists = false;
        let name = self.object_name(naming)?;
        if let Some(statement) = self.alter_common(kind, &name, if_exists)? {
            return Ok(statement);
        }
        match kind {
            ObjectKind::Function | ObjectKind::Procedure | ObjectKind::Routine
                if function && !self.is(Keyword::No) && !self.is(Keyword::Depends) =>
            {
                self.alter_function(kind, name)
            }
            ObjectKind::Schema | ObjectKind::Language => Err(self.unexpected()),
            _ if self.at_end() => Err(self.unexpected()),
            _ => {
                self.at = start;
                self.unsupported_words("ALTER")
            }
        }
    }

    /// `RENAME TO`, `OWNER TO` or `SET SCHEMA`, if that comes.
    pub(super) fn alter_common(
        &mut self,
        kind: ObjectKind,
        name: &ObjectName,
        if_exists: bool,
    ) -> Result<Option<Statement>> {
        use Keyword as K;
        // SET may go on with a setting of these.
        let sets_options = matches!(
            kind,
            ObjectKind::Function
                | ObjectKind::Procedure
                | ObjectKind::Routine
                | ObjectKind::Database
                | ObjectKind::Other
        );
        match self.keyword() {
            Some(K::Rename) => {
                self.expect_all(&[K::Rename, K::To])?;
                let to = self.column_id()?;
                let (name, part) = match name {
                    ObjectName::On { part, table, .. } => {
                        (ObjectName::Plain(table.clone()), Some(part.clone()))
                    }
                    name => (name.clone(), None),
                };
                Ok(Some(Statement::Rename(Box::new(Rename { kind, of: kind, name, part, if_exists, to }))))
            }
            Some(K::Owner) => {
                self.expect_all(&[K::Owner, K::To])?;
                let owner = self.role_spec()?;
                Ok(Some(Statement::OwnerTo { kind, name: name.clone(), if_exists, owner }))
            }
            Some(K::Set) if !sets_options || self.is_at(1, K::Schema) => {
                self.expect_all(&[K::Set, K::Schema])?;
                let schema = self.column_id()?;
                Ok(Some(Statement::SetSchema { kind, name: name.clone(), if_exists, schema }))
            }
            _ => Ok(None),
        }
    }

    fn alter_policy(&mut self) -> Result<Statement> {
        self.expect(Keyword::Policy)?;
        let if_exists = self.if_exists()?;
        let name = self.column_id()?;
        self.expect(Keyword::On)?;
        let table = self.qualified_name()?;
        if if_exists || self.is(Keyword::Rename) {
            self.expect_all(&[Keyword::Rename, Keyword::To])?;
            let to = self.column_id()?;
            let (kind, part) = (ObjectKind::Policy, Some(name));
            let name = ObjectName::Plain(table);
            return Ok(Statement::Rename(Box::new(Rename { kind, of: kind, name, part, if_exists, to })));
        }
        let roles = if self.accept(Keyword::To) { Some(self.role_list()?) } else { None };
        let (using, check) = self.policy_expressions()?;
        Ok(Statement::AlterPolicy { name, table, roles, using, check })
    }

    fn alter_database(&mut self) -> Result<Statement> {
        use Keyword as K;
        self.expect(K::Database)?;
        let name = self.simple_name()?;
        if matches!(self.keyword(), Some(K::Set | K::Reset)) && !self.is_at(1, K::Tablespace) {
            let database = name.parts.concat();
            return Ok(Statement::AlterDatabaseSet { database, setting: self.set_or_reset()? });
        }
        match self.alter_common(ObjectKind::Database, &ObjectName::Plain(name), false)? {
            Some(statement) => Ok(statement),
            None => self.unsupported("ALTER DATABASE"),
        }
    }
}
