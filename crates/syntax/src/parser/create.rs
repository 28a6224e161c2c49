//! CREATE of views, sequences, types, domains, schemas and extensions; ALTER TYPE and DOMAIN.

use super::Parser;
use super::call::not_implemented;
use crate::ast::{
    AlterDomainAction, AlterTable, AlterTableAction, ColumnDefinition, Constraint, ConstraintKind,
    CreateView, DomainConstraint, EnumPlace, Ident, ObjectKind, ObjectName, RelationName, Rename, Statement,
};
use crate::lexer::{Keyword, Kind};
use sqlstate::Result;

impl Parser<'_> {
    pub(super) fn create_statement(&mut self) -> Result<Statement> {
        use Keyword as K;
        self.expect(K::Create)?;
        let Some(keyword) = self.keyword() else { return Err(self.unexpected()) };
        match keyword {
            K::Or => self.create_or_replace(),
            K::Local | K::Global | K::Temp | K::Temporary | K::Unlogged => {
                let unlogged = keyword == K::Unlogged;
                let persistence = self.persistence()?;
                match self.keyword() {
                    Some(K::Table) => self.create_table(persistence),
                    Some(K::Sequence) if persistence.is_some() => {
                        self.create_sequence(persistence == Some("TEMPORARY"))
                    }
                    Some(K::View | K::Recursive) if !unlogged => {
                        self.create_view(false, persistence.is_some())
                    }
                    Some(K::Materialized) if unlogged => self.create_materialized_view(persistence),
                    _ => Err(self.unexpected()),
                }
            }
            K::Table => self.create_table(None),
            K::Index => self.create_index(false),
            K::Unique => {
                self.advance();
                if !self.is(K::Index) {
                    return Err(self.unexpected());
                }
                self.create_index(true)
            }
            K::View | K::Recursive => self.create_view(false, false),
            K::Materialized => self.create_materialized_view(None),
            K::Sequence => self.create_sequence(false),
            K::Function | K::Procedure => self.create_function(false),
            K::Trigger | K::Constraint => self.create_trigger(false),
            K::Policy => self.create_policy(),
            K::Type => self.create_type(),
            K::Domain => self.create_domain(),
            K::Schema => self.create_schema(),
            K::Extension => self.create_extension(),
            K::User if self.is_at(1, K::Mapping) => self.unsupported_words("CREATE"),
            K::Role | K::User | K::Group => self.create_role(),
            K::Publication => self.create_publication(),
            K::Access
            | K::Aggregate
            | K::Cast
            | K::Collation
            | K::Conversion
            | K::Database
            | K::Default
            | K::Event
            | K::Foreign
            | K::Language
            | K::Operator
            | K::Procedural
            | K::Rule
            | K::Server
            | K::Statistics
            | K::Subscription
            | K::Tablespace
            | K::Text
            | K::Transform
            | K::Trusted => self.unsupported_words("CREATE"),
            _ => Err(self.unexpected()),
        }
    }

    fn create_or_replace(&mut self) -> Result<Statement> {
        use Keyword as K;
        self.expect_all(&[K::Or, K::Replace])?;
        match self.keyword() {
            Some(K::Function | K::Procedure) => self.create_function(true),
            Some(K::Trigger | K::Constraint) => self.create_trigger(true),
            Some(K::Local | K::Global | K::Temp | K::Temporary) => {
                self.persistence()?;
                if !matches!(self.keyword(), Some(K::View | K::Recursive)) {
                    return Err(self.unexpected());
                }
                self.create_view(true, true)
            }
            Some(K::View | K::Recursive) => self.create_view(true, false),
            Some(K::Aggregate | K::Rule | K::Transform | K::Language | K::Trusted | K::Procedural) => {
                self.unsupported_words("CREATE OR REPLACE")
            }
            _ => Err(self.unexpected()),
        }
    }

    // --------------------------------------------------------------------------------------- views

    fn create_view(&mut self, or_replace: bool, temporary: bool) -> Result<Statement> {
        let recursive = self.accept(Keyword::Recursive);
        self.expect(Keyword::View)?;
        let name = self.qualified_name()?;
        let columns = if recursive { self.column_names()? } else { self.optional_column_names()? };
        let mut options = Vec::new();
        if self.accept(Keyword::With) {
            options = self.storage_parameters()?;
        }
        self.expect(Keyword::As)?;
        let query = self.query()?;
        let mut check_option = None;
        let position = self.position();
        if self.accept(Keyword::With) {
            check_option = Some(!self.accept(Keyword::Local));
            if check_option == Some(true) {
                self.accept(Keyword::Cascaded);
            }
            self.expect_all(&[Keyword::Check, Keyword::Option])?;
        }
        if recursive && check_option.is_some() {
            return not_implemented("WITH CHECK OPTION not supported on recursive views", position);
        }
        let view =
            CreateView { or_replace, temporary, recursive, name, columns, options, query, check_option };
        Ok(Statement::CreateView(Box::new(view)))
    }

    fn create_materialized_view(&mut self, persistence: Option<&'static str>) -> Result<Statement> {
        self.expect_all(&[Keyword::Materialized, Keyword::View])?;
        let if_not_exists = self.if_not_exists()?;
        let name = self.qualified_name()?;
        let columns = self.optional_column_names()?;
        if self.accept(Keyword::Using) {
            self.column_id()?;
        }
        let mut storage = Vec::new();
        if self.accept(Keyword::With) {
            storage = self.storage_parameters()?;
        }
        if self.accept(Keyword::Tablespace) {
            self.column_id()?;
        }
        self.expect(Keyword::As)?;
        let query = Box::new(self.query()?);
        let with_data = self.with_data()?;
        let (on_commit, materialized) = (None, true);
        Ok(Statement::CreateTableAs {
            name,
            if_not_exists,
            columns,
            query,
            with_data,
            persistence,
            on_commit,
            storage,
            materialized,
        })
    }

    /// REFRESH MATERIALIZED VIEW.
    pub(super) fn refresh(&mut self) -> Result<Statement> {
        use Keyword as K;
        self.expect_all(&[K::Refresh, K::Materialized, K::View])?;
        let concurrently = self.accept(K::Concurrently);
        let name = self.qualified_name()?;
        Ok(Statement::RefreshMaterializedView { name, concurrently, with_data: self.with_data()? })
    }

    fn create_sequence(&mut self, temporary: bool) -> Result<Statement> {
        self.expect(Keyword::Sequence)?;
        let if_not_exists = self.if_not_exists()?;
        let name = self.qualified_name()?;
        Ok(Statement::CreateSequence { name, if_not_exists, temporary, options: self.sequence_options()? })
    }

    // --------------------------------------------------------------------------------------- types

    fn create_type(&mut self) -> Result<Statement> {
        self.expect(Keyword::Type)?;
        let name = self.any_name()?;
        if !self.accept(Keyword::As) {
            if self.is_char(b'(') {
                self.definition()?;
            }
            return self.unsupported("CREATE TYPE of a base type");
        }
        if self.accept(Keyword::Range) {
            self.definition()?;
            return self.unsupported("CREATE TYPE AS RANGE");
        }
        if !self.accept(Keyword::Enum) {
            self.expect_char(b'(')?;
            let columns =
                if self.is_char(b')') { Vec::new() } else { self.list(Self::column_definition_item)? };
            self.expect_char(b')')?;
            return Ok(Statement::CreateComposite { name, columns });
        }
        self.expect_char(b'(')?;
        let labels = if self.is_char(b')') { Vec::new() } else { self.list(Self::string)? };
        self.expect_char(b')')?;
        Ok(Statement::CreateEnum { name, labels })
    }

    pub(super) fn alter_type(&mut self) -> Result<Statement> {
        use Keyword as K;
        self.expect(K::Type)?;
        let name = self.any_name()?;
        match (self.keyword(), self.keyword_at(1)) {
            (Some(K::Add), Some(K::Value)) => {
                self.advance();
                self.advance();
                let if_not_exists = self.accept(K::If);
                if if_not_exists {
                    self.expect_all(&[K::Not, K::Exists])?;
                }
                let label = self.string()?;
                let place = if self.accept(K::Before) {
                    EnumPlace::Before(self.string()?)
                } else if self.accept(K::After) {
                    EnumPlace::After(self.string()?)
                } else {
                    EnumPlace::End
                };
                Ok(Statement::AlterEnumAdd { name, label, if_not_exists, place })
            }
            (Some(K::Rename), Some(K::Value)) => {
                self.advance();
                self.advance();
                let from = self.string()?;
                self.expect(K::To)?;
                Ok(Statement::AlterEnumRename { name, from, to: self.string()? })
            }
            (Some(K::Rename), Some(K::Attribute)) => {
                self.advance();
                self.advance();
                let part = Some(self.column_id()?);
                self.expect(K::To)?;
                let to = self.column_id()?;
                self.cascade();
                let (kind, name) = (ObjectKind::Type, ObjectName::Plain(name));
                let rename = Rename { kind, of: kind, name, part, if_exists: false, to };
                Ok(Statement::Rename(Box::new(rename)))
            }
            (Some(K::Add | K::Drop | K::Alter), Some(K::Attribute)) => {
                let actions = self.list(Self::attribute_action)?;
                let table = RelationName { name, only: false };
                let alter = AlterTable { kind: ObjectKind::Type, if_exists: false, table, actions };
                Ok(Statement::AlterTable(Box::new(alter)))
            }
            (Some(K::Set), _) if self.is_char_at(1, b'(') => self.unsupported("ALTER TYPE … SET"),
            (Some(K::Add | K::Drop | K::Alter), _) => {
                self.advance();
                Err(self.unexpected())
            }
            _ => match self.alter_common(ObjectKind::Type, &ObjectName::Plain(name), false)? {
                Some(statement) => Ok(statement),
                None => Err(self.unexpected()),
            },
        }
    }

    /// gram.y's `alter_type_cmd`. CASCADE reaches typed tables, which there are none of.
    fn attribute_action(&mut self) -> Result<AlterTableAction> {
        use Keyword as K;
        let verb = self.keyword();
        self.advance();
        self.expect(K::Attribute)?;
        match verb {
            Some(K::Add) => {
                let position = self.position();
                let name = self.column_id()?;
                let type_name = self.type_name()?;
                let collation = if self.accept(K::Collate) { Some(self.any_name()?) } else { None };
                self.cascade();
                let (constraints, storage) = (Vec::new(), None);
                let column = ColumnDefinition { name, type_name, collation, constraints, storage, position };
                Ok(AlterTableAction::AddColumn { column, if_not_exists: false })
            }
            Some(K::Drop) => {
                let if_exists = self.if_exists()?;
                let name = self.column_id()?;
                Ok(AlterTableAction::DropColumn { name, if_exists, cascade: self.cascade() })
            }
            Some(K::Alter) => {
                let position = self.position();
                let column = self.column_id()?;
                if self.accept(K::Set) {
                    self.expect(K::Data)?;
                }
                self.expect(K::Type)?;
                let type_name = self.type_name()?;
                let collation = if self.accept(K::Collate) { Some(self.any_name()?) } else { None };
                self.cascade();
                Ok(AlterTableAction::AlterType { column, type_name, collation, using: None, position })
            }
            _ => Err(self.unexpected()),
        }
    }

    // ------------------------------------------------------------------------------------- domains

    fn create_domain(&mut self) -> Result<Statement> {
        self.expect(Keyword::Domain)?;
        let name = self.any_name()?;
        self.accept(Keyword::As);
        let type_name = self.type_name()?;
        let (written, collation) = self.column_constraints()?;
        let mut default = None;
        let mut constraints = Vec::new();
        for Constraint { name, kind, position, .. } in written {
            match kind {
                ConstraintKind::Default(expr) => default = Some(expr),
                ConstraintKind::NotNull => {
                    constraints.push(DomainConstraint { name, check: None, not_null: true })
                }
                ConstraintKind::Null => {
                    constraints.push(DomainConstraint { name, check: None, not_null: false })
                }
                ConstraintKind::Check(expr) => {
                    constraints.push(DomainConstraint { name, check: Some(expr), not_null: false });
                }
                kind => self.refuse_domain_constraint(&kind, position)?,
            }
        }
        Ok(Statement::CreateDomain { name, type_name, collation, default, constraints })
    }

    pub(super) fn alter_domain(&mut self) -> Result<Statement> {
        use Keyword as K;
        self.expect(K::Domain)?;
        let name = self.any_name()?;
        let action = match (self.keyword(), self.keyword_at(1)) {
            (Some(K::Set), Some(K::Default)) => {
                self.advance();
                self.advance();
                AlterDomainAction::Default(Some(self.expression()?))
            }
            (Some(K::Drop), Some(K::Default)) => {
                self.advance();
                self.advance();
                AlterDomainAction::Default(None)
            }
            (Some(K::Set), next) if next != Some(K::Schema) => {
                self.expect_all(&[K::Set, K::Not, K::Null])?;
                AlterDomainAction::NotNull(true)
            }
            (Some(K::Drop), Some(K::Not)) => {
                self.expect_all(&[K::Drop, K::Not, K::Null])?;
                AlterDomainAction::NotNull(false)
            }
            (Some(K::Drop), _) => {
                self.expect_all(&[K::Drop, K::Constraint])?;
                let if_exists = self.if_exists()?;
                let name = self.column_id()?;
                AlterDomainAction::Drop { name, if_exists, cascade: self.cascade() }
            }
            (Some(K::Validate), _) => {
                self.expect_all(&[K::Validate, K::Constraint])?;
                AlterDomainAction::Validate(self.column_id()?)
            }
            (Some(K::Add), _) => {
                self.advance();
                let constraint = self.table_constraint()?;
                let ConstraintKind::Check(check) = constraint.kind else {
                    self.refuse_domain_constraint(&constraint.kind, constraint.position)?;
                    return self.refuse("this constraint of a domain", constraint.position);
                };
                let not_valid = constraint.not_valid;
                let constraint =
                    DomainConstraint { name: constraint.name, check: Some(check), not_null: false };
                AlterDomainAction::Add { constraint, not_valid }
            }
            (Some(K::Rename), Some(K::Constraint)) => {
                self.advance();
                self.advance();
                let part = Some(self.column_id()?);
                self.expect(K::To)?;
                let to = self.column_id()?;
                let name = ObjectName::Plain(name);
                let rename = Rename {
                    kind: ObjectKind::DomainConstraint,
                    of: ObjectKind::Domain,
                    name,
                    part,
                    if_exists: false,
                    to,
                };
                return Ok(Statement::Rename(Box::new(rename)));
            }
            _ => {
                return match self.alter_common(ObjectKind::Domain, &ObjectName::Plain(name), false)? {
                    Some(statement) => Ok(statement),
                    None => Err(self.unexpected()),
                };
            }
        };
        Ok(Statement::AlterDomain { name, action })
    }

    // --------------------------------------------------------------------------- schemas, extensions

    fn create_schema(&mut self) -> Result<Statement> {
        self.expect(Keyword::Schema)?;
        let if_not_exists = self.if_not_exists()?;
        let mut name: Option<Ident> = None;
        if !self.is(Keyword::Authorization) {
            name = Some(self.column_id()?);
        }
        let mut owner = None;
        if self.accept(Keyword::Authorization) {
            owner = Some(self.role_spec()?);
        }
        let position = self.position();
        let mut elements = Vec::new();
        while matches!(self.keyword(), Some(Keyword::Create | Keyword::Grant)) {
            let element = self.nested(Self::schema_element)?;
            elements.push(element);
        }
        if if_not_exists && !elements.is_empty() {
            return not_implemented("CREATE SCHEMA IF NOT EXISTS cannot include schema elements", position);
        }
        Ok(Statement::CreateSchema { name, if_not_exists, owner, elements })
    }

    fn schema_element(&mut self) -> Result<Statement> {
        use Keyword as K;
        if self.is(K::Grant) {
            return self.grant_statement();
        }
        let mut ahead = 1;
        while matches!(
            self.keyword_at(ahead),
            Some(
                K::Or
                    | K::Replace
                    | K::Local
                    | K::Global
                    | K::Temp
                    | K::Temporary
                    | K::Unlogged
                    | K::Unique
                    | K::Constraint
                    | K::Recursive
            )
        ) {
            ahead += 1;
        }
        match self.keyword_at(ahead) {
            Some(K::Table | K::Index | K::Sequence | K::Trigger | K::View) => self.create_statement(),
            _ => {
                for _ in 0..ahead {
                    self.advance();
                }
                Err(self.unexpected())
            }
        }
    }

    fn create_extension(&mut self) -> Result<Statement> {
        use Keyword as K;
        self.expect(K::Extension)?;
        let if_not_exists = self.if_not_exists()?;
        let position = self.position();
        let name = self.column_id()?;
        self.accept(K::With);
        let mut schema = None;
        loop {
            if self.accept(K::Schema) {
                schema = Some(self.column_id()?);
            } else if self.accept(K::Version) {
                // The version that there is, is the one that the engine has; the catalog names it.
                self.word_or_string()?;
            } else if self.is(K::From) {
                let at = self.position();
                self.advance();
                self.word_or_string()?;
                return not_implemented("CREATE EXTENSION ... FROM is no longer supported", at);
            } else if !self.accept(K::Cascade) {
                break;
            }
        }
        Ok(Statement::CreateExtension { name, if_not_exists, schema, position })
    }

    /// Whether a string comes next.
    pub(super) fn is_string(&self) -> bool {
        self.kind() == Kind::String
    }

    /// PostgreSQL's complaints about constraints that a domain cannot have, behind its grammar.
    fn refuse_domain_constraint(&mut self, kind: &ConstraintKind, position: u32) -> Result<()> {
        let words = match kind {
            ConstraintKind::Unique { .. } => "unique constraints not possible for domains",
            ConstraintKind::PrimaryKey { .. } => "primary key constraints not possible for domains",
            ConstraintKind::Exclude => "exclusion constraints not possible for domains",
            ConstraintKind::ForeignKey { .. } => "foreign key constraints not possible for domains",
            _ => return self.refuse("this constraint of a domain", position),
        };
        self.defer_without_position(words);
        Ok(())
    }
}
