//! ALTER TABLE and what PostgreSQL alters alike: views, sequences, indexes.

use super::Parser;
use super::constraint::Allowed;
use crate::ast::{
    AlterTable, AlterTableAction, Ident, ObjectKind, ObjectName, Rename, SequenceOption, Statement,
};
use crate::lexer::{Keyword, Kind};
use sqlstate::Result;

impl Parser<'_> {
    /// From behind ALTER, with the words of the kind still to come.
    pub(super) fn alter_relation(&mut self, kind: ObjectKind) -> Result<Statement> {
        use Keyword as K;
        if kind == ObjectKind::MaterializedView {
            self.advance();
        }
        self.advance();
        if self.is(K::All) && kind != ObjectKind::View && kind != ObjectKind::Sequence {
            self.expect_all(&[K::All, K::In, K::Tablespace])?;
            return self.unsupported("ALTER ALL IN TABLESPACE");
        }
        let if_exists = self.if_exists()?;
        let table = match kind {
            ObjectKind::Table => self.relation_name()?,
            _ => crate::ast::RelationName { name: self.qualified_name()?, only: false },
        };
        match self.keyword() {
            Some(K::Rename) => return self.rename_relation(kind, table.name, if_exists),
            Some(K::Set) if self.is_at(1, K::Schema) && kind != ObjectKind::Index => {
                self.advance();
                self.advance();
                let schema = self.column_id()?;
                return Ok(Statement::SetSchema {
                    kind,
                    name: ObjectName::Plain(table.name),
                    if_exists,
                    schema,
                });
            }
            Some(K::Attach | K::Detach) if matches!(kind, ObjectKind::Table | ObjectKind::Index) => {
                return self.unsupported("ALTER TABLE … PARTITION");
            }
            Some(K::Depends) if matches!(kind, ObjectKind::Index | ObjectKind::MaterializedView) => {
                return self.unsupported("ALTER … DEPENDS ON EXTENSION");
            }
            Some(K::Owner) if kind != ObjectKind::Table => {
                self.expect_all(&[K::Owner, K::To])?;
                let owner = self.role_spec()?;
                return Ok(Statement::OwnerTo {
                    kind,
                    name: ObjectName::Plain(table.name),
                    if_exists,
                    owner,
                });
            }
            _ => {}
        }
        if kind == ObjectKind::Sequence
            && let Some(first) = self.sequence_option()?
        {
            let mut options = vec![first];
            options.append(&mut self.sequence_options()?);
            return Ok(Statement::AlterSequence { name: table.name, if_exists, options });
        }
        let actions = self.list(Self::alter_action)?;
        Ok(Statement::AlterTable(Box::new(AlterTable { kind, if_exists, table, actions })))
    }

    fn rename_relation(
        &mut self,
        kind: ObjectKind,
        name: crate::ast::Name,
        if_exists: bool,
    ) -> Result<Statement> {
        use Keyword as K;
        self.expect(K::Rename)?;
        let columns = matches!(kind, ObjectKind::Table | ObjectKind::View | ObjectKind::MaterializedView);
        let name = ObjectName::Plain(name);
        let mut part = None;
        let mut renamed = kind;
        if self.is(K::To) {
            // The object itself.
        } else if kind == ObjectKind::Table && self.accept(K::Constraint) {
            renamed = ObjectKind::Constraint;
            part = Some(self.column_id()?);
        } else if columns {
            self.accept(K::Column);
            renamed = ObjectKind::Column;
            part = Some(self.column_id()?);
        }
        self.expect(K::To)?;
        let to = self.column_id()?;
        Ok(Statement::Rename(Box::new(Rename { kind: renamed, of: kind, name, part, if_exists, to })))
    }

    /// gram.y's `alter_table_cmd`.
    fn alter_action(&mut self) -> Result<AlterTableAction> {
        use Keyword as K;
        let Some(keyword) = self.keyword() else { return Err(self.unexpected()) };
        match keyword {
            K::Add => self.add_action(),
            K::Alter => self.alter_part(),
            K::Drop => self.drop_action(),
            K::Validate => {
                self.expect_all(&[K::Validate, K::Constraint])?;
                Ok(AlterTableAction::ValidateConstraint(self.column_id()?))
            }
            K::Enable | K::Disable => self.enable_action(keyword == K::Enable),
            K::Force => {
                self.expect_all(&[K::Force, K::Row, K::Level, K::Security])?;
                Ok(AlterTableAction::ForceRowSecurity(true))
            }
            K::No => {
                self.advance();
                if self.accept(K::Inherit) {
                    self.qualified_name()?;
                    return Ok(AlterTableAction::Unsupported("NO INHERIT".to_owned()));
                }
                self.expect_all(&[K::Force, K::Row, K::Level, K::Security])?;
                Ok(AlterTableAction::ForceRowSecurity(false))
            }
            K::Owner => {
                self.expect_all(&[K::Owner, K::To])?;
                Ok(AlterTableAction::Owner(self.role_spec()?))
            }
            K::Replica => self.replica_identity(),
            K::Set => self.set_action(),
            K::Reset => {
                self.advance();
                let names = self.storage_parameters()?.into_iter().map(|(name, _)| name);
                Ok(AlterTableAction::ResetStorage(names.collect()))
            }
            K::Cluster => {
                self.expect_all(&[K::Cluster, K::On])?;
                self.column_id()?;
                Ok(AlterTableAction::Storage(Vec::new()))
            }
            K::Inherit => {
                self.advance();
                self.qualified_name()?;
                Ok(AlterTableAction::Unsupported("INHERIT".to_owned()))
            }
            K::Of => {
                self.advance();
                self.any_name()?;
                Ok(AlterTableAction::Unsupported("OF".to_owned()))
            }
            K::Not => {
                self.expect_all(&[K::Not, K::Of])?;
                Ok(AlterTableAction::Unsupported("NOT OF".to_owned()))
            }
            K::Options => {
                self.advance();
                self.skip_parentheses()?;
                Ok(AlterTableAction::Unsupported("OPTIONS".to_owned()))
            }
            _ => Err(self.unexpected()),
        }
    }

    fn add_action(&mut self) -> Result<AlterTableAction> {
        self.expect(Keyword::Add)?;
        if self.starts_table_constraint() {
            return Ok(AlterTableAction::AddConstraint(self.table_constraint()?));
        }
        self.accept(Keyword::Column);
        let if_not_exists = self.if_not_exists()?;
        Ok(AlterTableAction::AddColumn { column: self.column_definition()?, if_not_exists })
    }

    fn drop_action(&mut self) -> Result<AlterTableAction> {
        self.expect(Keyword::Drop)?;
        let constraint = self.accept(Keyword::Constraint);
        if !constraint {
            self.accept(Keyword::Column);
        }
        let if_exists = self.if_exists()?;
        let name = self.column_id()?;
        let cascade = self.cascade();
        Ok(if constraint {
            AlterTableAction::DropConstraint { name, if_exists, cascade }
        } else {
            AlterTableAction::DropColumn { name, if_exists, cascade }
        })
    }

    /// `ALTER [COLUMN] name …` or `ALTER CONSTRAINT name …`.
    fn alter_part(&mut self) -> Result<AlterTableAction> {
        use Keyword as K;
        self.expect(K::Alter)?;
        if self.accept(K::Constraint) {
            let name = self.column_id()?;
            let allowed =
                Allowed { what: "FOREIGN KEY", deferrable: true, not_valid: false, no_inherit: false };
            let attributes = self.constraint_attributes(&allowed)?;
            let deferred = attributes.initially_deferred == Some(true);
            return Ok(AlterTableAction::AlterConstraint {
                name,
                deferrable: attributes.deferrable.unwrap_or(deferred),
                initially_deferred: deferred,
            });
        }
        self.accept(K::Column);
        let position = self.position();
        if self.kind() == Kind::Integer {
            let column = self.integer()?.to_string();
            self.expect_all(&[K::Set, K::Statistics])?;
            self.signed_number()?;
            return Ok(AlterTableAction::ColumnStorage { column });
        }
        let column = self.column_id()?;
        match self.keyword() {
            Some(K::Set) => self.set_column(column, position),
            Some(K::Drop) => self.drop_from_column(column),
            Some(K::Type) => self.column_type(column, position),
            Some(K::Reset) => {
                self.advance();
                self.storage_parameters()?;
                Ok(AlterTableAction::ColumnStorage { column })
            }
            Some(K::Add) => {
                self.expect_all(&[K::Add, K::Generated])?;
                let always = self.generated_when()?;
                self.expect_all(&[K::As, K::Identity])?;
                let options = self.parenthesized_sequence_options()?;
                Ok(AlterTableAction::AddIdentity { column, always, options })
            }
            Some(K::Restart) => self.identity_options(column),
            Some(K::Options) => {
                self.advance();
                self.skip_parentheses()?;
                Ok(AlterTableAction::Unsupported("OPTIONS".to_owned()))
            }
            _ => Err(self.unexpected()),
        }
    }

    fn set_column(&mut self, column: Ident, position: u32) -> Result<AlterTableAction> {
        use Keyword as K;
        match self.keyword_at(1) {
            Some(K::Default) => {
                self.advance();
                self.advance();
                Ok(AlterTableAction::ColumnDefault { column, default: Some(self.expression()?) })
            }
            Some(K::Not) => {
                self.expect_all(&[K::Set, K::Not, K::Null])?;
                Ok(AlterTableAction::NotNull { column, not_null: true })
            }
            Some(K::Data) => {
                self.expect_all(&[K::Set, K::Data])?;
                if !self.is(K::Type) {
                    return Err(self.unexpected());
                }
                self.column_type(column, position)
            }
            Some(K::Statistics) => {
                self.advance();
                self.advance();
                if self.accept_char(b'-') {
                    self.integer()?;
                } else {
                    self.accept_char(b'+');
                    self.integer()?;
                }
                Ok(AlterTableAction::ColumnStorage { column })
            }
            Some(K::Storage) => {
                self.advance();
                self.advance();
                self.column_id()?;
                Ok(AlterTableAction::ColumnStorage { column })
            }
            Some(K::Compression) => {
                self.advance();
                self.advance();
                if !self.accept(K::Default) {
                    self.column_id()?;
                }
                Ok(AlterTableAction::ColumnStorage { column })
            }
            _ if self.is_char_at(1, b'(') => {
                self.advance();
                self.storage_parameters()?;
                Ok(AlterTableAction::ColumnStorage { column })
            }
            _ => self.identity_options(column),
        }
    }

    /// `RESTART …`, `SET GENERATED …`, `SET option`, one or more.
    fn identity_options(&mut self, column: Ident) -> Result<AlterTableAction> {
        use Keyword as K;
        let mut always = None;
        let mut options = Vec::new();
        loop {
            if self.is(K::Restart) {
                options.extend(self.sequence_option()?);
            } else if self.accept(K::Set) {
                let position = self.position();
                if self.accept(K::Generated) {
                    always = Some(self.generated_when()?);
                    continue;
                }
                let Some(option) = self.sequence_option()? else { return Err(self.unexpected()) };
                let misplaced = match &option {
                    SequenceOption::As(_) => "as",
                    SequenceOption::Restart(_) => "restart",
                    SequenceOption::OwnedBy(_) => "owned_by",
                    _ => "",
                };
                if !misplaced.is_empty() {
                    return self
                        .fail(&format!("sequence option \"{misplaced}\" not supported here"), position);
                }
                options.push(option);
            } else {
                return Ok(AlterTableAction::SetIdentity { column, always, options });
            }
        }
    }

    fn drop_from_column(&mut self, column: Ident) -> Result<AlterTableAction> {
        use Keyword as K;
        self.expect(K::Drop)?;
        match self.keyword() {
            Some(K::Default) => {
                self.advance();
                Ok(AlterTableAction::ColumnDefault { column, default: None })
            }
            Some(K::Not) => {
                self.expect_all(&[K::Not, K::Null])?;
                Ok(AlterTableAction::NotNull { column, not_null: false })
            }
            Some(K::Expression) => {
                self.advance();
                Ok(AlterTableAction::DropExpression { column, if_exists: self.if_exists_only()? })
            }
            Some(K::Identity) => {
                self.advance();
                Ok(AlterTableAction::DropIdentity { column, if_exists: self.if_exists_only()? })
            }
            _ => Err(self.unexpected()),
        }
    }

    fn column_type(&mut self, column: Ident, position: u32) -> Result<AlterTableAction> {
        self.expect(Keyword::Type)?;
        let type_name = self.type_name()?;
        let collation = if self.accept(Keyword::Collate) { Some(self.any_name()?) } else { None };
        let using = if self.accept(Keyword::Using) { Some(self.expression()?) } else { None };
        Ok(AlterTableAction::AlterType { column, type_name, collation, using, position })
    }

    fn enable_action(&mut self, enable: bool) -> Result<AlterTableAction> {
        use Keyword as K;
        self.advance();
        if self.accept(K::Row) {
            self.expect_all(&[K::Level, K::Security])?;
            return Ok(AlterTableAction::RowSecurity(enable));
        }
        let mode = match self.keyword() {
            Some(K::Always) if enable => "ENABLE ALWAYS",
            Some(K::Replica) if enable => "ENABLE REPLICA",
            _ if enable => "ENABLE",
            _ => "DISABLE",
        };
        if mode.len() > "DISABLE".len() {
            self.advance();
        }
        if self.accept(K::Rule) {
            self.column_id()?;
            return Ok(AlterTableAction::Unsupported(format!("{mode} RULE")));
        }
        self.expect(K::Trigger)?;
        let simple = matches!(mode, "ENABLE" | "DISABLE");
        let name = match self.keyword() {
            Some(K::All | K::User) if simple => self.label()?.to_ascii_uppercase(),
            _ => self.column_id()?,
        };
        Ok(AlterTableAction::Trigger { mode, name })
    }

    fn replica_identity(&mut self) -> Result<AlterTableAction> {
        use Keyword as K;
        self.expect_all(&[K::Replica, K::Identity])?;
        let words = match self.keyword() {
            Some(K::Nothing) => "NOTHING",
            Some(K::Full) => "FULL",
            Some(K::Default) => "DEFAULT",
            Some(K::Using) => {
                self.expect_all(&[K::Using, K::Index])?;
                return Ok(AlterTableAction::ReplicaIdentity(format!("USING INDEX {}", self.column_id()?)));
            }
            _ => return Err(self.unexpected()),
        };
        self.advance();
        Ok(AlterTableAction::ReplicaIdentity(words.to_owned()))
    }

    fn set_action(&mut self) -> Result<AlterTableAction> {
        use Keyword as K;
        self.expect(K::Set)?;
        if self.is_char(b'(') {
            return Ok(AlterTableAction::Storage(self.storage_parameters()?));
        }
        let words = match self.keyword() {
            Some(K::Without) => {
                self.advance();
                if !self.accept(K::Oids) {
                    self.expect(K::Cluster)?;
                }
                return Ok(AlterTableAction::Storage(Vec::new()));
            }
            Some(word @ (K::Logged | K::Unlogged)) => {
                self.advance();
                return Ok(AlterTableAction::Logged(word == K::Logged));
            }
            Some(K::Access) => {
                self.expect_all(&[K::Access, K::Method])?;
                "SET ACCESS METHOD"
            }
            Some(K::Tablespace) => {
                self.advance();
                "SET TABLESPACE"
            }
            _ => return Err(self.unexpected()),
        };
        self.column_id()?;
        Ok(AlterTableAction::Unsupported(words.to_owned()))
    }
}
