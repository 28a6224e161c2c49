//! Roles, GRANT, REVOKE, ALTER DEFAULT PRIVILEGES.

use super::Parser;
use crate::ast::{Grant, GrantObjects, Ident, Name, ObjectKind, ObjectName, RoleOption, RoleSpec, Statement};
use crate::lexer::{Keyword, Kind};
use sqlstate::{DatabaseError, RESERVED_NAME, Result};

/// Role options that are single identifiers for the grammar.
const ROLE_WORDS: [&str; 13] = [
    "superuser",
    "nosuperuser",
    "createrole",
    "nocreaterole",
    "replication",
    "noreplication",
    "createdb",
    "nocreatedb",
    "login",
    "nologin",
    "bypassrls",
    "nobypassrls",
    "noinherit",
];

impl Parser<'_> {
    /// gram.y's `RoleSpec`.
    pub(super) fn role_spec(&mut self) -> Result<RoleSpec> {
        let position = self.position();
        match self.keyword() {
            Some(Keyword::CurrentUser | Keyword::CurrentRole) => {
                self.advance();
                return Ok(RoleSpec::CurrentUser);
            }
            Some(Keyword::SessionUser) => {
                self.advance();
                return Ok(RoleSpec::SessionUser);
            }
            _ => {}
        }
        let name = self.nonreserved_word()?;
        match name.as_str() {
            "public" => Ok(RoleSpec::Public),
            "none" => Err(DatabaseError::new(RESERVED_NAME, "role name \"none\" is reserved").at(position)),
            _ => Ok(RoleSpec::Name(name, position)),
        }
    }

    pub(super) fn role_list(&mut self) -> Result<Vec<RoleSpec>> {
        self.list(Self::role_spec)
    }

    /// gram.y's `RoleId`: the name of a role that is made or renamed.
    pub(super) fn role_id(&mut self) -> Result<Ident> {
        let position = self.position();
        match self.role_spec()? {
            RoleSpec::Name(name, _) => Ok(name),
            RoleSpec::Public => {
                Err(DatabaseError::new(RESERVED_NAME, "role name \"public\" is reserved").at(position))
            }
            reserved @ (RoleSpec::CurrentUser | RoleSpec::SessionUser) => {
                let word = if reserved == RoleSpec::SessionUser { "SESSION_USER" } else { "CURRENT_USER" };
                let message = format!("{word} cannot be used as a role name here");
                Err(DatabaseError::new(RESERVED_NAME, message).at(position))
            }
        }
    }

    /// From ROLE, USER or GROUP on.
    pub(super) fn create_role(&mut self) -> Result<Statement> {
        let login = self.advance().kind == Kind::Keyword(Keyword::User);
        let name = self.role_id()?;
        self.accept(Keyword::With);
        let options = self.role_options(true)?;
        Ok(Statement::CreateRole { name, options, login })
    }

    fn role_options(&mut self, create: bool) -> Result<Vec<RoleOption>> {
        let mut options = Vec::new();
        while let Some(option) = self.role_option(create)? {
            options.push(option);
        }
        Ok(options)
    }

    fn role_option(&mut self, create: bool) -> Result<Option<RoleOption>> {
        use Keyword as K;
        let option = |name: &str, values: Vec<String>| Ok(Some(RoleOption { name: name.to_owned(), values }));
        let position = self.position();
        if matches!(self.kind(), Kind::Identifier | Kind::QuotedIdentifier) {
            let word = self.label()?;
            if !ROLE_WORDS.contains(&word.as_str()) {
                return self.fail(&format!("unrecognized role option \"{word}\""), position);
            }
            return option(&word.to_ascii_uppercase(), Vec::new());
        }
        let Some(keyword) = self.keyword() else { return Ok(None) };
        match keyword {
            K::Password => {
                self.advance();
                if self.accept(K::Null) {
                    return option("PASSWORD", Vec::new());
                }
                option("PASSWORD", vec![self.string()?])
            }
            K::Encrypted => {
                self.expect_all(&[K::Encrypted, K::Password])?;
                option("PASSWORD", vec![self.string()?])
            }
            K::Unencrypted => {
                self.expect_all(&[K::Unencrypted, K::Password])?;
                self.string()?;
                Err(DatabaseError::new(
                    sqlstate::FEATURE_NOT_SUPPORTED,
                    "UNENCRYPTED PASSWORD is no longer supported",
                )
                .with_hint("Remove UNENCRYPTED to store the password in encrypted form instead.")
                .at(position))
            }
            K::Inherit => {
                self.advance();
                option("INHERIT", Vec::new())
            }
            K::Connection => {
                self.expect_all(&[K::Connection, K::Limit])?;
                option("CONNECTION LIMIT", vec![self.signed_number()?])
            }
            K::Valid => {
                self.expect_all(&[K::Valid, K::Until])?;
                option("VALID UNTIL", vec![self.string()?])
            }
            K::User => self.role_members("USER"),
            K::Sysid if create => {
                self.advance();
                option("SYSID", vec![self.integer()?.to_string()])
            }
            K::Admin if create => self.role_members("ADMIN"),
            K::Role if create => self.role_members("ROLE"),
            K::In if create => {
                self.advance();
                match self.keyword() {
                    Some(K::Role | K::Group) => self.role_members("IN ROLE"),
                    _ => Err(self.unexpected()),
                }
            }
            _ => Ok(None),
        }
    }

    fn role_members(&mut self, name: &str) -> Result<Option<RoleOption>> {
        self.advance();
        let roles = self.role_list()?;
        let values = roles
            .into_iter()
            .map(|role| match role {
                RoleSpec::Name(name, _) => name,
                RoleSpec::Public => "public".to_owned(),
                RoleSpec::CurrentUser => "current_user".to_owned(),
                RoleSpec::SessionUser => "session_user".to_owned(),
            })
            .collect();
        Ok(Some(RoleOption { name: name.to_owned(), values }))
    }

    /// From behind ALTER: ROLE, USER or GROUP.
    pub(super) fn alter_role(&mut self) -> Result<Statement> {
        let group = self.is(Keyword::Group);
        self.advance();
        if !group && self.accept(Keyword::All) {
            return self.alter_role_setting(None);
        }
        let role = self.role_spec()?;
        if self.is(Keyword::Rename) {
            return self.rename_role(role);
        }
        if group {
            let add = self.accept(Keyword::Add);
            if !add {
                self.expect(Keyword::Drop)?;
            }
            self.expect(Keyword::User)?;
            let members = self.role_list()?;
            let roles = match role {
                RoleSpec::Name(name, _) => vec![name],
                _ => return self.refuse("ALTER GROUP CURRENT_USER", 0),
            };
            return Ok(Statement::GrantRole {
                grant: add,
                roles,
                members,
                admin_option: false,
                cascade: false,
                group: true,
            });
        }
        if matches!(self.keyword(), Some(Keyword::Set | Keyword::Reset | Keyword::In)) {
            return self.alter_role_setting(Some(role));
        }
        self.accept(Keyword::With);
        Ok(Statement::AlterRole { role, options: self.role_options(false)? })
    }

    fn rename_role(&mut self, role: RoleSpec) -> Result<Statement> {
        self.expect_all(&[Keyword::Rename, Keyword::To])?;
        let to = self.role_id()?;
        let RoleSpec::Name(name, position) = role else {
            return self.refuse("ALTER ROLE CURRENT_USER RENAME", 0);
        };
        let name = ObjectName::Plain(Name { parts: vec![name], position });
        let rename = crate::ast::Rename {
            kind: ObjectKind::Role,
            of: ObjectKind::Role,
            name,
            part: None,
            if_exists: false,
            to,
        };
        Ok(Statement::Rename(Box::new(rename)))
    }

    fn alter_role_setting(&mut self, role: Option<RoleSpec>) -> Result<Statement> {
        let mut database = None;
        if self.accept(Keyword::In) {
            self.expect(Keyword::Database)?;
            database = Some(self.column_id()?);
        }
        let setting = self.set_or_reset()?;
        Ok(Statement::AlterRoleSet { role, database, setting })
    }

    /// gram.y's `SetResetClause`.
    pub(super) fn set_or_reset(&mut self) -> Result<crate::ast::SetStatement> {
        if self.accept(Keyword::Reset) {
            return self.reset_rest();
        }
        self.expect(Keyword::Set)?;
        self.set_rest(false, true)
    }

    // --------------------------------------------------------------------------------------- GRANT

    /// GRANT or REVOKE.
    pub(super) fn grant_statement(&mut self) -> Result<Statement> {
        let grant = self.advance().kind == Kind::Keyword(Keyword::Grant);
        let mut option = false;
        if !grant && self.is(Keyword::Admin) && self.is_at(1, Keyword::Option) {
            self.expect_all(&[Keyword::Admin, Keyword::Option, Keyword::For])?;
            option = true;
        } else if !grant && self.is(Keyword::Grant) {
            self.expect_all(&[Keyword::Grant, Keyword::Option, Keyword::For])?;
            option = true;
        }
        let (privileges, all_columns) = self.privileges()?;
        if self.accept(Keyword::On) {
            let objects = self.grant_objects()?;
            let statement = self.grant_tail(grant, option, privileges, all_columns, objects, true)?;
            return Ok(Statement::Grant(Box::new(statement)));
        }
        if privileges.is_empty() {
            return Err(self.unexpected());
        }
        self.expect(if grant { Keyword::To } else { Keyword::From })?;
        let members = self.role_list()?;
        if grant && self.accept(Keyword::With) {
            self.expect_all(&[Keyword::Admin, Keyword::Option])?;
            option = true;
        }
        self.granted_by()?;
        let cascade = !grant && self.cascade();
        let roles = privileges.into_iter().map(|(name, _)| name).collect();
        Ok(Statement::GrantRole { grant, roles, members, admin_option: option, cascade, group: false })
    }

    /// gram.y's `privileges`; an empty list is ALL.
    #[expect(clippy::type_complexity, reason = "the shape of ast::Grant")]
    fn privileges(&mut self) -> Result<(Vec<(String, Vec<Ident>)>, Vec<Ident>)> {
        if self.accept(Keyword::All) {
            self.accept(Keyword::Privileges);
            return Ok((Vec::new(), self.optional_column_names()?));
        }
        let privileges = self.list(|p| {
            let name = match p.keyword() {
                Some(Keyword::Select | Keyword::References | Keyword::Create) => p.label()?,
                Some(Keyword::Alter) if p.is_at(1, Keyword::System) => {
                    p.advance();
                    p.advance();
                    return Ok(("alter system".to_owned(), Vec::new()));
                }
                _ => p.column_id()?,
            };
            Ok((name, p.optional_column_names()?))
        })?;
        Ok((privileges, Vec::new()))
    }

    /// gram.y's `privilege_target`.
    fn grant_objects(&mut self) -> Result<GrantObjects> {
        use Keyword as K;
        // All of these words but TABLE and FOREIGN may name a table.
        let name_follows = !matches!(
            self.kind_at(1),
            Kind::Keyword(K::To | K::From) | Kind::Char(b',' | b'.') | Kind::End | Kind::Char(b';')
        );
        let plain = |names: Vec<Name>| names.into_iter().map(ObjectName::Plain).collect::<Vec<_>>();
        let keyword = self.keyword().filter(|k| name_follows || matches!(k, K::Table | K::Foreign | K::All));
        let kind = match keyword {
            Some(K::Table) => ObjectKind::Table,
            Some(K::Sequence) => ObjectKind::Sequence,
            Some(K::Function) => ObjectKind::Function,
            Some(K::Procedure) => ObjectKind::Procedure,
            Some(K::Routine) => ObjectKind::Routine,
            Some(K::Database) => ObjectKind::Database,
            Some(K::Domain) => ObjectKind::Domain,
            Some(K::Language) => ObjectKind::Language,
            Some(K::Schema) => ObjectKind::Schema,
            Some(K::Type) => ObjectKind::Type,
            Some(K::All) => return self.grant_all_in(),
            Some(K::Foreign) => {
                self.advance();
                if self.accept(K::Data) {
                    self.expect(K::Wrapper)?;
                } else {
                    self.expect(K::Server)?;
                }
                let names = self.list(Self::simple_name)?;
                return Ok(GrantObjects::Named(ObjectKind::Other, plain(names)));
            }
            Some(K::Tablespace) => {
                self.advance();
                let names = self.list(Self::simple_name)?;
                return Ok(GrantObjects::Named(ObjectKind::Other, plain(names)));
            }
            Some(K::Parameter) => {
                self.advance();
                let names = self.list(|p| Ok(ObjectName::Other(p.variable_name()?)))?;
                return Ok(GrantObjects::Named(ObjectKind::Other, names));
            }
            Some(K::Large) if self.is_at(1, K::Object) => {
                self.advance();
                self.advance();
                let names = self.list(|p| Ok(ObjectName::Other(p.signed_number()?)))?;
                return Ok(GrantObjects::Named(ObjectKind::Other, names));
            }
            _ => {
                let names = self.list(Self::qualified_name)?;
                return Ok(GrantObjects::Named(ObjectKind::Table, plain(names)));
            }
        };
        self.advance();
        let names = match kind {
            ObjectKind::Table | ObjectKind::Sequence => plain(self.list(Self::qualified_name)?),
            ObjectKind::Function | ObjectKind::Procedure | ObjectKind::Routine => {
                self.list(Self::function_signature)?
            }
            ObjectKind::Domain | ObjectKind::Type => plain(self.list(Self::any_name)?),
            _ => plain(self.list(Self::simple_name)?),
        };
        Ok(GrantObjects::Named(kind, names))
    }

    /// `ALL TABLES IN SCHEMA …`
    fn grant_all_in(&mut self) -> Result<GrantObjects> {
        use Keyword as K;
        self.expect(K::All)?;
        let kind = match self.keyword() {
            Some(K::Tables) => ObjectKind::Table,
            Some(K::Sequences) => ObjectKind::Sequence,
            Some(K::Functions) => ObjectKind::Function,
            Some(K::Procedures) => ObjectKind::Procedure,
            Some(K::Routines) => ObjectKind::Routine,
            _ => return Err(self.unexpected()),
        };
        self.advance();
        self.expect_all(&[K::In, K::Schema])?;
        Ok(GrantObjects::AllIn(kind, self.list(Self::column_id)?))
    }

    /// From TO or FROM on; `whole` for the statement, which may also say GRANTED BY.
    fn grant_tail(
        &mut self,
        grant: bool,
        mut grant_option: bool,
        privileges: Vec<(String, Vec<Ident>)>,
        all_columns: Vec<Ident>,
        objects: GrantObjects,
        whole: bool,
    ) -> Result<Grant> {
        self.expect(if grant { Keyword::To } else { Keyword::From })?;
        let roles = self.list(|p| {
            p.accept(Keyword::Group);
            p.role_spec()
        })?;
        if grant && self.accept(Keyword::With) {
            self.expect_all(&[Keyword::Grant, Keyword::Option])?;
            grant_option = true;
        }
        if whole {
            self.granted_by()?;
        }
        let cascade = !grant && self.cascade();
        Ok(Grant { grant, grant_option, privileges, all_columns, objects, roles, cascade })
    }

    fn granted_by(&mut self) -> Result<()> {
        let position = self.position();
        if self.accept(Keyword::Granted) {
            self.expect(Keyword::By)?;
            self.role_spec()?;
            return self.refuse("GRANTED BY", position);
        }
        Ok(())
    }

    /// From DEFAULT on.
    pub(super) fn alter_default_privileges(&mut self) -> Result<Statement> {
        use Keyword as K;
        self.expect_all(&[K::Default, K::Privileges])?;
        let (mut roles, mut schemas) = (Vec::new(), Vec::new());
        loop {
            if self.accept(K::In) {
                self.expect(K::Schema)?;
                schemas = self.list(Self::column_id)?;
            } else if self.accept(K::For) {
                if !self.accept(K::Role) {
                    self.expect(K::User)?;
                }
                roles = self.role_list()?;
            } else {
                break;
            }
        }
        let grant = self.accept(K::Grant);
        let mut option = false;
        if !grant {
            self.expect(K::Revoke)?;
            if self.is(K::Grant) {
                self.expect_all(&[K::Grant, K::Option, K::For])?;
                option = true;
            }
        }
        let (privileges, all_columns) = self.privileges()?;
        self.expect(K::On)?;
        let kind = match self.keyword() {
            Some(K::Tables) => ObjectKind::Table,
            Some(K::Functions) => ObjectKind::Function,
            Some(K::Routines) => ObjectKind::Routine,
            Some(K::Sequences) => ObjectKind::Sequence,
            Some(K::Types) => ObjectKind::Type,
            Some(K::Schemas) => ObjectKind::Schema,
            _ => return Err(self.unexpected()),
        };
        self.advance();
        let objects = GrantObjects::Default(kind);
        let grant = Box::new(self.grant_tail(grant, option, privileges, all_columns, objects, false)?);
        Ok(Statement::AlterDefaultPrivileges { roles, schemas, grant })
    }
}
