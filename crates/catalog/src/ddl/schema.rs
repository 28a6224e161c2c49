//! CREATE SCHEMA and roles: what is not inside a schema.

use super::context::Ddl;
use crate::{DefaultObject, Membership, Oid, Role, Schema};
use sqlstate::{
    DUPLICATE_OBJECT, DUPLICATE_SCHEMA, DatabaseError, INSUFFICIENT_PRIVILEGE, INVALID_GRANT_OPERATION,
    RESERVED_NAME, Result, SYNTAX_ERROR, UNDEFINED_OBJECT,
};
use syntax::ast::{Ident, RoleOption, RoleSpec, SetStatement, Statement};

impl Ddl<'_> {
    /// The role that a specification means.
    pub(super) fn role_oid(&self, role: &RoleSpec) -> Result<Oid> {
        match role {
            RoleSpec::Name(name, _) => self.role_named(name),
            RoleSpec::Public => Err(DatabaseError::new(UNDEFINED_OBJECT, "role \"public\" does not exist")),
            RoleSpec::CurrentUser => Ok(self.role()),
            RoleSpec::SessionUser => Ok(self.session.session_role),
        }
    }

    pub(super) fn role_named(&self, name: &str) -> Result<Oid> {
        self.catalog
            .role(name)
            .map(|role| role.oid)
            .ok_or_else(|| DatabaseError::new(UNDEFINED_OBJECT, format!("role \"{name}\" does not exist")))
    }

    pub(super) fn role_name(&self, oid: Oid) -> String {
        self.catalog.roles.get(&oid).map_or_else(String::new, |role| role.name.clone())
    }

    pub(super) fn require_member(&self, role: Oid) -> Result<()> {
        match self.catalog.is_member_of(self.role(), role) {
            true => Ok(()),
            false => Err(DatabaseError::new(
                INSUFFICIENT_PRIVILEGE,
                format!("must be member of role \"{}\"", self.role_name(role)),
            )),
        }
    }

    /// Whether the role has CREATE on the database: superusers and the role `postgres`, which the database belongs to.
    pub(super) fn may_create_in_database(&self) -> bool {
        let owner = self.catalog.role("postgres").map(|role| role.oid);
        self.catalog.is_superuser(self.role()) || owner.is_some_and(|owner| self.owns(owner))
    }

    // ---------------------------------------------------------------------------------------- schemas

    pub(super) fn create_schema(
        &mut self,
        name: Option<&str>,
        if_not_exists: bool,
        owner: Option<&RoleSpec>,
        elements: &[Statement],
    ) -> Result<()> {
        let owner = match owner {
            Some(owner) => self.role_oid(owner)?,
            None => self.role(),
        };
        let name = name.map_or_else(|| self.role_name(owner), str::to_owned);
        if !self.may_create_in_database() {
            return Err(super::context::denied("database", "postgres"));
        }
        self.require_member(owner)?;
        require_unreserved("schema", &name)?;
        if self.catalog.schema(&name).is_some() {
            let message = format!("schema \"{name}\" already exists");
            if if_not_exists {
                self.coded_notice(DUPLICATE_SCHEMA, format!("{message}, skipping"));
                return Ok(());
            }
            return Err(DatabaseError::new(DUPLICATE_SCHEMA, message));
        }
        elements.iter().try_for_each(|element| require_own_schema(element, &name))?;
        let oid = self.catalog.allocate();
        let acl = self.catalog.default_acl(DefaultObject::Schemas, owner, None);
        self.catalog.put_schema(Schema { oid, name, owner, acl, comment: None });
        let before = (self.session.search_path.clone(), self.session.role);
        self.session.search_path = before.0.within(oid);
        self.session.role = owner;
        let mut ordered: Vec<&Statement> = elements.iter().collect();
        ordered.sort_by_key(|element| match element {
            Statement::CreateSequence { .. } => 0,
            Statement::CreateTable(_) => 1,
            Statement::CreateView(_) => 2,
            Statement::CreateIndex(_) => 3,
            Statement::CreateTrigger(_) => 4,
            _ => 5,
        });
        for element in ordered {
            self.run(element)?;
        }
        (self.session.search_path, self.session.role) = before;
        Ok(())
    }

    // ------------------------------------------------------------------------------------------ roles

    pub(super) fn create_role(&mut self, name: &str, options: &[RoleOption], login: bool) -> Result<()> {
        let creator = self.catalog.roles.get(&self.role()).cloned();
        let creates = creator.as_ref().is_some_and(|role| role.superuser || role.create_role);
        let mut role = Role {
            oid: 0,
            name: name.to_owned(),
            superuser: false,
            bypass_rls: false,
            inherit: true,
            login,
            create_role: false,
            create_db: false,
            settings: Vec::new(),
            comment: None,
        };
        let links = match self.role_options(&mut role, options) {
            // The role itself among its members is found out once it is there.
            Err(error) if error.code() == UNDEFINED_OBJECT && names_itself(options, name) => {
                let message = format!("role \"{name}\" is a member of role \"{name}\"");
                return Err(DatabaseError::new(INVALID_GRANT_OPERATION, message));
            }
            links => links?,
        };
        if role.superuser {
            self.require_superuser("must be superuser to create superusers")?;
        }
        if options.iter().any(|option| option.name == "REPLICATION") {
            self.require_superuser("must be superuser to create replication users")?;
        }
        if role.bypass_rls {
            self.require_superuser("must be superuser to create bypassrls users")?;
        }
        if !creates {
            return Err(DatabaseError::new(INSUFFICIENT_PRIVILEGE, "permission denied to create role"));
        }
        if name.starts_with("pg_") {
            return Err(DatabaseError::new(RESERVED_NAME, format!("role name \"{name}\" is reserved"))
                .with_detail("Role names starting with \"pg_\" are reserved."));
        }
        if matches!(name, "public" | "none") {
            return Err(DatabaseError::new(RESERVED_NAME, format!("role name \"{name}\" is reserved")));
        }
        if self.catalog.role(name).is_some() {
            let message = format!("role \"{name}\" already exists");
            return Err(DatabaseError::new(DUPLICATE_OBJECT, message));
        }
        role.oid = self.catalog.allocate();
        let oid = role.oid;
        self.catalog.put_role(role);
        for (direction, other, admin) in links {
            match direction {
                Link::In => {
                    self.require_role_admin(other)?;
                    self.add_member(other, oid, admin)?;
                }
                Link::Has => self.add_member(oid, other, admin)?,
            }
        }
        Ok(())
    }

    pub(super) fn alter_role(&mut self, role: &RoleSpec, options: &[RoleOption]) -> Result<()> {
        let oid = self.role_oid(role)?;
        let Some(mut row) = self.catalog.roles.get(&oid).map(|row| (**row).clone()) else { return Ok(()) };
        let before = row.clone();
        self.role_options(&mut row, options)?;
        if before.superuser || row.superuser {
            self.require_superuser(
                "must be superuser to alter superuser roles or change superuser attribute",
            )?;
        } else if before.bypass_rls != row.bypass_rls {
            self.require_superuser("must be superuser to change bypassrls attribute")?;
        } else {
            let own_password =
                oid == self.role() && options.iter().all(|option| option.name.ends_with("PASSWORD"));
            let creates =
                self.catalog.roles.get(&self.role()).is_some_and(|role| role.superuser || role.create_role);
            if !creates && !own_password {
                return Err(DatabaseError::new(INSUFFICIENT_PRIVILEGE, "permission denied"));
            }
        }
        self.catalog.put_role(row);
        Ok(())
    }

    fn role_options(&mut self, role: &mut Role, options: &[RoleOption]) -> Result<Vec<(Link, Oid, bool)>> {
        let mut links = Vec::new();
        let mut seen: Vec<&str> = Vec::new();
        for option in options {
            let RoleOption { name, values } = option;
            let kind = name.strip_prefix("NO").filter(|kind| !kind.is_empty()).unwrap_or(name);
            let kind = kind.strip_prefix("ENCRYPTED ").unwrap_or(kind);
            if seen.contains(&kind) {
                return Err(DatabaseError::new(SYNTAX_ERROR, "conflicting or redundant options"));
            }
            seen.push(kind);
            let on = !name.starts_with("NO");
            match kind {
                "SUPERUSER" => role.superuser = on,
                "BYPASSRLS" => role.bypass_rls = on,
                "INHERIT" => role.inherit = on,
                "LOGIN" => role.login = on,
                "CREATEROLE" => role.create_role = on,
                "CREATEDB" => role.create_db = on,
                "REPLICATION" | "PASSWORD" | "VALID UNTIL" | "CONNECTION LIMIT" | "SYSID" => {
                    self.without_effect(format!("{name} of role {}", role.name));
                }
                "IN ROLE" | "IN GROUP" | "ROLE" | "USER" | "ADMIN" => {
                    for other in values {
                        let other = self.role_named(other)?;
                        let link = if kind.starts_with("IN ") { Link::In } else { Link::Has };
                        links.push((link, other, kind == "ADMIN"));
                    }
                }
                _ => return Err(DatabaseError::unsupported(format_args!("role option {name}"))),
            }
        }
        Ok(links)
    }

    pub(super) fn alter_role_set(
        &mut self,
        role: Option<&RoleSpec>,
        database: Option<&Ident>,
        setting: &SetStatement,
    ) -> Result<()> {
        if database.is_some() {
            self.without_effect("IN DATABASE");
        }
        let Some(role) = role else {
            self.require_superuser("must be superuser to alter settings globally")?;
            return self.alter_database_set(setting);
        };
        let oid = self.role_oid(role)?;
        let Some(mut row) = self.catalog.roles.get(&oid).map(|row| (**row).clone()) else { return Ok(()) };
        if row.superuser {
            self.require_superuser("must be superuser to alter superusers")?;
        } else {
            let creates =
                self.catalog.roles.get(&self.role()).is_some_and(|role| role.superuser || role.create_role);
            if !creates && oid != self.role() {
                return Err(DatabaseError::new(INSUFFICIENT_PRIVILEGE, "permission denied"));
            }
        }
        row.settings = super::function::apply_settings(row.settings, std::slice::from_ref(setting))?;
        self.catalog.put_role(row);
        Ok(())
    }

    pub(super) fn alter_database_set(&mut self, setting: &SetStatement) -> Result<()> {
        if !self.may_create_in_database() {
            return Err(DatabaseError::new(INSUFFICIENT_PRIVILEGE, "must be owner of database postgres"));
        }
        let settings = (*self.catalog.settings).clone();
        let settings = super::function::apply_settings(settings, std::slice::from_ref(setting))?;
        self.catalog.settings = settings.into();
        Ok(())
    }

    // ------------------------------------------------------------------------------------ memberships

    pub(super) fn grant_role(
        &mut self,
        grant: bool,
        roles: &[Ident],
        members: &[RoleSpec],
        admin_option: bool,
    ) -> Result<()> {
        let members = members.iter().map(|member| self.role_oid(member)).collect::<Result<Vec<_>>>()?;
        for name in roles {
            let role = self.role_named(name)?;
            self.require_role_admin(role)?;
            for member in &members {
                match grant {
                    true => self.add_member(role, *member, admin_option)?,
                    false => self.remove_member(role, *member, admin_option)?,
                }
            }
        }
        Ok(())
    }

    fn require_role_admin(&self, role: Oid) -> Result<()> {
        let own = self.role();
        if self.catalog.is_superuser(role) {
            return self.require_superuser("must be superuser to alter superusers");
        }
        let creates = self.catalog.roles.get(&own).is_some_and(|row| row.superuser || row.create_role);
        let reachable = self.catalog.member_roles(own);
        let admin = self.catalog.memberships.iter().any(|row| {
            row.admin && row.role == role && (row.member == own || reachable.contains(&row.member))
        });
        match creates || admin {
            true => Ok(()),
            false => Err(DatabaseError::new(
                INSUFFICIENT_PRIVILEGE,
                format!("must have admin option on role \"{}\"", self.role_name(role)),
            )),
        }
    }

    fn add_member(&mut self, role: Oid, member: Oid, admin: bool) -> Result<()> {
        let owner = |ddl: &Self, oid: Oid| ddl.role_name(oid) == "pg_database_owner";
        for (own, what) in [(role, "have explicit members"), (member, "be a member of any role")] {
            if owner(self, own) {
                let message = format!("role \"pg_database_owner\" cannot {what}");
                return Err(DatabaseError::new(sqlstate::INTERNAL_ERROR, message));
            }
        }
        if self.catalog.member_roles(role).contains(&member) {
            let (role, member) = (self.role_name(role), self.role_name(member));
            let message = format!("role \"{role}\" is a member of role \"{member}\"");
            return Err(DatabaseError::new(INVALID_GRANT_OPERATION, message));
        }
        let mut rows = (*self.catalog.memberships).clone();
        match rows.iter_mut().find(|row| row.role == role && row.member == member) {
            Some(row) if row.admin || !admin => {
                let (role, member) = (self.role_name(role), self.role_name(member));
                self.notice(format!("role \"{member}\" is already a member of role \"{role}\""));
                return Ok(());
            }
            Some(row) => row.admin = true,
            None => rows.push(Membership { role, member, admin }),
        }
        self.catalog.memberships = rows.into();
        Ok(())
    }

    fn remove_member(&mut self, role: Oid, member: Oid, admin_only: bool) -> Result<()> {
        let mut rows = (*self.catalog.memberships).clone();
        let Some(at) = rows.iter().position(|row| row.role == role && row.member == member) else {
            let (role, member) = (self.role_name(role), self.role_name(member));
            self.warning(sqlstate::WARNING, format!("role \"{member}\" is not a member of role \"{role}\""));
            return Ok(());
        };
        match admin_only {
            true => rows[at].admin = false,
            false => {
                rows.remove(at);
            }
        }
        self.catalog.memberships = rows.into();
        Ok(())
    }
}

fn names_itself(options: &[RoleOption], name: &str) -> bool {
    options.iter().any(|option| {
        matches!(option.name.as_str(), "ROLE" | "USER" | "ADMIN")
            && option.values.iter().any(|value| value == name)
    })
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Link {
    /// The new role is in the other.
    In,
    /// The other is in the new role.
    Has,
}

pub(super) fn require_unreserved(kind: &str, name: &str) -> Result<()> {
    match name.starts_with("pg_") {
        true => Err(DatabaseError::new(RESERVED_NAME, format!("unacceptable {kind} name \"{name}\""))
            .with_detail(format!("The prefix \"pg_\" is reserved for system {kind}s."))),
        false => Ok(()),
    }
}

/// An element of CREATE SCHEMA goes into that schema.
fn require_own_schema(element: &Statement, own: &str) -> Result<()> {
    let name = match element {
        Statement::CreateSequence { name, .. } => name,
        Statement::CreateTable(table) => &table.name,
        Statement::CreateView(view) => &view.name,
        Statement::CreateIndex(index) => &index.table.name,
        Statement::CreateTrigger(trigger) => &trigger.table,
        _ => return Ok(()),
    };
    let temporary = match element {
        Statement::CreateTable(table) => table.persistence == Some("TEMPORARY"),
        Statement::CreateView(view) => view.temporary,
        Statement::CreateSequence { temporary, .. } => *temporary,
        _ => false,
    };
    if temporary {
        let message = "cannot create temporary relation in non-temporary schema";
        return Err(DatabaseError::new(sqlstate::INVALID_TABLE_DEFINITION, message));
    }
    match crate::lookup::split_name(name)?.0 {
        Some(schema) if schema != own => Err(DatabaseError::new(
            sqlstate::INVALID_SCHEMA_DEFINITION,
            format!("CREATE specifies a schema ({schema}) different from the one being created ({own})"),
        )),
        _ => Ok(()),
    }
}
