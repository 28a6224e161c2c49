//! GRANT, REVOKE and ALTER DEFAULT PRIVILEGES: PostgreSQL's aclchk.c.

use super::context::{Ddl, denied, relation_word, wrong_kind};
use super::function::function_word;
use crate::lookup::FunctionEntry;
use crate::privileges::{AclClass, PUBLIC, merge};
use crate::{
    Acl, AclItem, Column, DefaultObject, DefaultPrivileges, FunctionKind, Oid, Privileges, Relation,
    RelationKind,
};
use sqlstate::{
    DEPENDENT_OBJECTS_STILL_EXIST, DatabaseError, INVALID_GRANT_OPERATION, Result, SYNTAX_ERROR,
    UNDEFINED_COLUMN, UNDEFINED_FUNCTION, WARNING_PRIVILEGE_NOT_GRANTED, WARNING_PRIVILEGE_NOT_REVOKED,
    WRONG_OBJECT_TYPE,
};
use syntax::ast::{Grant, GrantObjects, Ident, ObjectKind, ObjectName, RoleSpec};

/// One privilege of a GRANT with its columns.
type Wanted = (Privileges, Vec<Ident>);

impl Ddl<'_> {
    pub(super) fn grant(&mut self, statement: &Grant) -> Result<()> {
        let grantees = self.grantees(&statement.roles)?;
        if statement.grant && statement.grant_option && grantees.contains(&PUBLIC) {
            let message = "grant options can only be granted to roles";
            return Err(DatabaseError::new(INVALID_GRANT_OPERATION, message));
        }
        match &statement.objects {
            GrantObjects::Named(kind, names) => self.grant_named(statement, *kind, names, &grantees),
            GrantObjects::AllIn(kind, schemas) => self.grant_all_in(statement, *kind, schemas, &grantees),
            GrantObjects::Default(_) => Err(DatabaseError::internal("default privileges stand in a GRANT")),
        }
    }

    fn grantees(&self, roles: &[RoleSpec]) -> Result<Vec<Oid>> {
        let grantee = |role: &RoleSpec| match role {
            RoleSpec::Public => Ok(PUBLIC),
            other => self.role_oid(other),
        };
        roles.iter().map(grantee).collect()
    }

    fn grant_named(
        &mut self,
        statement: &Grant,
        kind: ObjectKind,
        names: &[ObjectName],
        grantees: &[Oid],
    ) -> Result<()> {
        match kind {
            ObjectKind::Table | ObjectKind::View | ObjectKind::Column | ObjectKind::Sequence => {
                let mut relations = Vec::new();
                for name in names {
                    let ObjectName::Plain(name) = name else { continue };
                    let relation = self.relation(name)?;
                    if kind == ObjectKind::Sequence && relation.kind != RelationKind::Sequence {
                        return Err(wrong_kind(&relation.name, "a sequence"));
                    }
                    if relation.kind == RelationKind::Composite {
                        let message = format!("\"{}\" is a composite type", relation.name);
                        return Err(DatabaseError::new(WRONG_OBJECT_TYPE, message));
                    }
                    relations.push(relation.oid);
                }
                let class = if kind == ObjectKind::Sequence { AclClass::Sequence } else { AclClass::Table };
                let wanted = read_privileges(statement, class)?;
                for relation in relations {
                    self.grant_on_relation(statement, class, &wanted, relation, grantees)?;
                }
                Ok(())
            }
            ObjectKind::Schema => {
                let wanted = plain_privileges(statement, AclClass::Schema)?;
                for name in names {
                    let ObjectName::Plain(name) = name else { continue };
                    let schema = self.catalog.require_schema(&name.parts.join("."))?.clone();
                    let mut row = (*schema).clone();
                    let object = Target {
                        word: "schema",
                        name: &schema.name,
                        owner: schema.owner,
                        class: AclClass::Schema,
                    };
                    row.acl = self.change_acl(statement, &object, row.acl, wanted, grantees)?;
                    self.catalog.put_schema(row);
                }
                Ok(())
            }
            ObjectKind::Function | ObjectKind::Procedure | ObjectKind::Routine => {
                let wanted = plain_privileges(statement, AclClass::Function)?;
                for name in names {
                    let oid = self.granted_function(kind, name)?;
                    self.grant_on_function(statement, oid, wanted, grantees)?;
                }
                Ok(())
            }
            ObjectKind::Type | ObjectKind::Domain => {
                let wanted = plain_privileges(statement, AclClass::Type)?;
                for name in names {
                    let ObjectName::Plain(name) = name else { continue };
                    let row = self.user_type(name)?;
                    if kind == ObjectKind::Domain && !self.catalog.is_domain(row.oid) {
                        let message = format!("\"{}\" is not a domain", row.name);
                        return Err(DatabaseError::new(WRONG_OBJECT_TYPE, message));
                    }
                    let mut new = (*row).clone();
                    let class = AclClass::Type;
                    let object = Target { word: "type", name: &row.name, owner: row.owner, class };
                    new.acl = self.change_acl(statement, &object, new.acl, wanted, grantees)?;
                    self.catalog.put_type(new);
                }
                Ok(())
            }
            // Who may connect, and who may use a language, is not for one database of one file to say.
            ObjectKind::Database | ObjectKind::Language => {
                self.without_effect(match kind {
                    ObjectKind::Database => "GRANT on a database",
                    _ => "GRANT on a language",
                });
                Ok(())
            }
            _ => Err(DatabaseError::unsupported("GRANT on this kind of object")),
        }
    }

    fn grant_all_in(
        &mut self,
        statement: &Grant,
        kind: ObjectKind,
        schemas: &[Ident],
        grantees: &[Oid],
    ) -> Result<()> {
        for name in schemas {
            let schema = self.catalog.require_schema(name)?.oid;
            match kind {
                ObjectKind::Table | ObjectKind::Sequence => {
                    let class =
                        if kind == ObjectKind::Sequence { AclClass::Sequence } else { AclClass::Table };
                    let wanted = read_privileges(statement, class)?;
                    let of_kind = |row: &Relation| match row.kind {
                        RelationKind::Sequence => kind == ObjectKind::Sequence,
                        RelationKind::Composite => false,
                        _ => kind == ObjectKind::Table,
                    };
                    let relations = self.catalog.relations.values();
                    let relations: Vec<Oid> = relations
                        .filter(|row| row.schema == schema && of_kind(row))
                        .map(|row| row.oid)
                        .collect();
                    for relation in relations {
                        self.grant_on_relation(statement, class, &wanted, relation, grantees)?;
                    }
                }
                ObjectKind::Function | ObjectKind::Procedure | ObjectKind::Routine => {
                    let wanted = plain_privileges(statement, AclClass::Function)?;
                    let functions = self.catalog.functions.values().filter(|row| {
                        row.schema == schema
                            && match kind {
                                ObjectKind::Function => row.kind != FunctionKind::Procedure,
                                ObjectKind::Procedure => row.kind == FunctionKind::Procedure,
                                _ => true,
                            }
                    });
                    let functions: Vec<Oid> = functions.map(|row| row.oid).collect();
                    for function in functions {
                        self.grant_on_function(statement, function, wanted, grantees)?;
                    }
                }
                _ => return Err(DatabaseError::unsupported("GRANT on all objects of this kind")),
            }
        }
        Ok(())
    }

    fn granted_function(&self, kind: ObjectKind, name: &ObjectName) -> Result<Oid> {
        // PostgreSQL's own functions are found too, so that their grants have no effect and no error.
        if let ObjectName::Function { name, args: Some(args) } = name {
            let types = self.argument_types(args)?;
            match self.find_exact(name, &types) {
                Ok(FunctionEntry::Builtin(row)) => return Ok(row.oid),
                Ok(FunctionEntry::User(row)) => return Ok(row.oid),
                Err(error) if error.code() == UNDEFINED_FUNCTION => {}
                Err(error) => return Err(error),
            }
        }
        self.find_function(kind, name).map(|row| row.oid)
    }

    fn grant_on_function(
        &mut self,
        statement: &Grant,
        oid: Oid,
        wanted: Privileges,
        grantees: &[Oid],
    ) -> Result<()> {
        let Some(row) = self.catalog.functions.get(&oid).cloned() else {
            self.without_effect("GRANT on a function of PostgreSQL's own");
            return Ok(());
        };
        let mut new = (*row).clone();
        let class = AclClass::Function;
        let object = Target { word: function_word(row.kind), name: &row.name, owner: row.owner, class };
        new.acl = self.change_acl(statement, &object, new.acl, wanted, grantees)?;
        self.catalog.put_function(new);
        Ok(())
    }

    fn grant_on_relation(
        &mut self,
        statement: &Grant,
        class: AclClass,
        wanted: &[Wanted],
        oid: Oid,
        grantees: &[Oid],
    ) -> Result<()> {
        let relation = self.relation_by_oid(oid)?;
        let mut new = (*relation).clone();
        let (mut whole, mut columns) = (Privileges::NONE, Vec::new());
        for (privileges, of) in wanted {
            match of.is_empty() {
                true => whole = whole.union(*privileges),
                false => columns.push((*privileges, of)),
            }
        }
        let mut class = class;
        if relation.kind == RelationKind::Sequence && class == AclClass::Table {
            // A sequence named as a table takes what a sequence has.
            class = AclClass::Sequence;
            if statement.privileges.is_empty() {
                whole = Privileges::SEQUENCE;
            }
            if !Privileges::SEQUENCE.contains(whole) {
                let message = format!(
                    "sequence \"{}\" only supports USAGE, SELECT, and UPDATE privileges",
                    relation.name
                );
                self.warning(INVALID_GRANT_OPERATION, message);
                whole = Privileges(whole.0 & Privileges::SEQUENCE.0);
            }
        }
        if !class.all().contains(whole) {
            let bad = whole.minus(class.all());
            return Err(invalid_privilege(bad, "table"));
        }
        let word = relation_word(relation.kind);
        let object = Target { word, name: &relation.name, owner: relation.owner, class };
        if !whole.is_empty() {
            new.acl = self.change_acl(statement, &object, new.acl.take(), whole, grantees)?;
            // What is revoked from the table is revoked from its columns.
            let of_columns = Privileges(whole.0 & AclClass::Column.all().0);
            if !statement.grant && !of_columns.is_empty() {
                for column in new.columns.iter_mut().filter(|column| column.acl.is_some()) {
                    column.acl =
                        self.change_column(statement, &relation, column, of_columns, grantees, true)?;
                }
            }
        }
        for (privileges, names) in columns {
            for name in names {
                let Some(at) = new.columns.iter().position(|column| column.name == *name) else {
                    let message =
                        format!("column \"{name}\" of relation \"{}\" does not exist", relation.name);
                    return Err(DatabaseError::new(UNDEFINED_COLUMN, message));
                };
                let column = &new.columns[at];
                let acl = self.change_column(statement, &relation, column, privileges, grantees, false)?;
                new.columns[at].acl = acl;
            }
        }
        new.granted_explicitly |= statement.grant;
        self.catalog.put_relation(new);
        Ok(())
    }

    fn change_column(
        &mut self,
        statement: &Grant,
        relation: &Relation,
        column: &Column,
        privileges: Privileges,
        grantees: &[Oid],
        quiet: bool,
    ) -> Result<Acl> {
        let class = AclClass::Column;
        let object = Target { word: "column", name: &column.name, owner: relation.owner, class };
        let before = self.notices.len();
        let acl = self.change_acl(statement, &object, column.acl.clone(), privileges, grantees)?;
        if quiet {
            self.notices.truncate(before);
        }
        Ok(acl.filter(|items| !items.is_empty()))
    }

    /// The list after the statement, by the best grantor that the role can be: ExecGrant.
    fn change_acl(
        &mut self,
        statement: &Grant,
        object: &Target<'_>,
        acl: Acl,
        wanted: Privileges,
        grantees: &[Oid],
    ) -> Result<Acl> {
        let items = acl.unwrap_or_else(|| object.class.default_items(object.owner));
        let (grantor, options) = self.best_grantor(object, &items, wanted);
        let mut wanted = wanted;
        if options.is_empty() {
            let held = self.catalog.acl_mask(
                self.role(),
                object.owner,
                object.class,
                &Some(items.clone()),
                object.class.all(),
            );
            if held.is_empty() {
                return Err(denied(object.word, object.name));
            }
        }
        if !options.contains(wanted) {
            let all = statement.privileges.is_empty() && statement.all_columns.is_empty();
            let (code, none, some) = match statement.grant {
                true => (
                    WARNING_PRIVILEGE_NOT_GRANTED,
                    "no privileges were granted",
                    "not all privileges were granted",
                ),
                false => (
                    WARNING_PRIVILEGE_NOT_REVOKED,
                    "no privileges could be revoked",
                    "not all privileges could be revoked",
                ),
            };
            if options.is_empty() {
                self.warning(code, format!("{none} for \"{}\"", object.name));
            } else if !all {
                self.warning(code, format!("{some} for \"{}\"", object.name));
            }
            wanted = Privileges(wanted.0 & options.0);
        }
        let items = apply(items, statement, wanted, grantor, grantees, object.owner)?;
        Ok(Some(items))
    }

    /// Who grants: the owner, when the role has the owner's privileges; else the role in it with the most grant options.
    fn best_grantor(&self, object: &Target<'_>, items: &[AclItem], wanted: Privileges) -> (Oid, Privileges) {
        let role = self.role();
        if self.catalog.has_privileges_of(role, object.owner) {
            return (object.owner, wanted);
        }
        let mut best = (role, Privileges::NONE);
        for candidate in self.catalog.privilege_roles(role) {
            let grantable = items.iter().filter(|item| item.grantee == candidate);
            let options = grantable.fold(Privileges::NONE, |sum, item| sum.union(item.grantable));
            let options = Privileges(options.0 & wanted.0);
            if options == wanted && candidate == role {
                return (role, options);
            }
            if options.0.count_ones() > best.1.0.count_ones() {
                best = (candidate, options);
            }
        }
        best
    }

    // ----------------------------------------------------------------------------- default privileges

    pub(super) fn alter_default_privileges(
        &mut self,
        roles: &[RoleSpec],
        schemas: &[Ident],
        grant: &Grant,
    ) -> Result<()> {
        let GrantObjects::Default(kind) = &grant.objects else {
            return Err(DatabaseError::internal("ALTER DEFAULT PRIVILEGES names objects"));
        };
        let object = match kind {
            ObjectKind::Table => DefaultObject::Tables,
            ObjectKind::Sequence => DefaultObject::Sequences,
            ObjectKind::Function | ObjectKind::Procedure | ObjectKind::Routine => DefaultObject::Functions,
            ObjectKind::Type => DefaultObject::Types,
            ObjectKind::Schema => DefaultObject::Schemas,
            _ => return Err(DatabaseError::unsupported("default privileges on this kind of object")),
        };
        let class = AclClass::from(object);
        let wanted = plain_privileges(grant, class)?;
        let grantees = self.grantees(&grant.roles)?;
        if grant.grant && grant.grant_option && grantees.contains(&PUBLIC) {
            let message = "grant options can only be granted to roles";
            return Err(DatabaseError::new(INVALID_GRANT_OPERATION, message));
        }
        let roles = match roles.is_empty() {
            true => vec![self.role()],
            false => {
                let mut oids = Vec::new();
                for role in roles {
                    let oid = self.role_oid(role)?;
                    self.require_member(oid)?;
                    oids.push(oid);
                }
                oids
            }
        };
        let mut places = vec![None];
        if !schemas.is_empty() {
            if object == DefaultObject::Schemas {
                let message = "cannot use IN SCHEMA clause when using GRANT/REVOKE ON SCHEMAS";
                return Err(DatabaseError::new(INVALID_GRANT_OPERATION, message));
            }
            places.clear();
            for schema in schemas {
                places.push(Some(self.catalog.require_schema(schema)?.oid));
            }
        }
        let mut rows = (*self.catalog.default_privileges).clone();
        for role in roles {
            for schema in &places {
                let same = |row: &DefaultPrivileges| {
                    row.role == role && row.schema == *schema && row.object == object
                };
                let standard = class.default_items(role);
                let old = rows.iter().position(same).map(|at| rows.remove(at).acl);
                let items = old.unwrap_or_else(|| match schema {
                    None => standard.clone(),
                    Some(_) => Vec::new(),
                });
                let items = apply(items, grant, wanted, role, &grantees, role)?;
                let nothing = match schema {
                    None => same_items(&items, &standard),
                    Some(_) => items.is_empty(),
                };
                if !nothing {
                    rows.push(DefaultPrivileges { role, schema: *schema, object, acl: items });
                }
            }
        }
        self.catalog.default_privileges = rows.into();
        Ok(())
    }
}

/// What a GRANT changes.
struct Target<'o> {
    word: &'static str,
    name: &'o str,
    owner: Oid,
    class: AclClass,
}

fn same_items(left: &[AclItem], right: &[AclItem]) -> bool {
    left.len() == right.len() && left.iter().all(|item| right.contains(item))
}

/// The list with the privileges added to or taken from each grantee: aclupdate.
fn apply(
    mut items: Vec<AclItem>,
    statement: &Grant,
    privileges: Privileges,
    grantor: Oid,
    grantees: &[Oid],
    owner: Oid,
) -> Result<Vec<AclItem>> {
    for grantee in grantees {
        if statement.grant {
            let grantable = if statement.grant_option { privileges } else { Privileges::NONE };
            if !privileges.is_empty() {
                merge(&mut items, AclItem { grantee: *grantee, grantor, privileges, grantable });
            }
            continue;
        }
        let mut lost = Privileges::NONE;
        for item in items.iter_mut().filter(|item| item.grantee == *grantee && item.grantor == grantor) {
            lost = Privileges(item.grantable.0 & privileges.0);
            item.grantable = item.grantable.minus(privileges);
            if !statement.grant_option {
                item.privileges = item.privileges.minus(privileges);
            }
        }
        items.retain(|item| !item.privileges.is_empty());
        // The owner's own grant options do not come from the list.
        if !lost.is_empty() && *grantee != owner && *grantee != PUBLIC {
            revoke_dependent(&mut items, *grantee, lost, statement.cascade)?;
        }
    }
    Ok(items)
}

/// What a role granted on with an option that it no longer has goes too, or is in the way.
fn revoke_dependent(items: &mut Vec<AclItem>, grantor: Oid, lost: Privileges, cascade: bool) -> Result<()> {
    let still = items
        .iter()
        .filter(|item| item.grantee == grantor)
        .fold(Privileges::NONE, |sum, item| sum.union(item.grantable));
    let lost = lost.minus(still);
    loop {
        let next = items.iter().position(|item| item.grantor == grantor && item.privileges.0 & lost.0 != 0);
        let Some(at) = next else { return Ok(()) };
        if !cascade {
            return Err(DatabaseError::new(DEPENDENT_OBJECTS_STILL_EXIST, "dependent privileges exist")
                .with_hint("Use CASCADE to revoke them too."));
        }
        let grantee = items[at].grantee;
        let deeper = Privileges(items[at].grantable.0 & lost.0);
        items[at].privileges = items[at].privileges.minus(lost);
        items[at].grantable = items[at].grantable.minus(lost);
        items.retain(|item| !item.privileges.is_empty());
        if !deeper.is_empty() {
            revoke_dependent(items, grantee, deeper, cascade)?;
        }
    }
}

fn privilege(name: &str) -> Result<Privileges> {
    Ok(match name.to_ascii_lowercase().as_str() {
        "insert" => Privileges::INSERT,
        "select" => Privileges::SELECT,
        "update" => Privileges::UPDATE,
        "delete" => Privileges::DELETE,
        "truncate" => Privileges::TRUNCATE,
        "references" => Privileges::REFERENCES,
        "trigger" => Privileges::TRIGGER,
        "execute" => Privileges::EXECUTE,
        "usage" => Privileges::USAGE,
        "create" => Privileges::CREATE,
        // They have no object here but are words that PostgreSQL knows.
        "temporary" | "temp" | "connect" | "set" | "alter system" => Privileges(1 << 15),
        _ => {
            let message = format!("unrecognized privilege type \"{name}\"");
            return Err(DatabaseError::new(SYNTAX_ERROR, message));
        }
    })
}

fn invalid_privilege(bad: Privileges, kind: &str) -> DatabaseError {
    const NAMES: [(Privileges, &str); 10] = [
        (Privileges::INSERT, "INSERT"),
        (Privileges::SELECT, "SELECT"),
        (Privileges::UPDATE, "UPDATE"),
        (Privileges::DELETE, "DELETE"),
        (Privileges::TRUNCATE, "TRUNCATE"),
        (Privileges::REFERENCES, "REFERENCES"),
        (Privileges::TRIGGER, "TRIGGER"),
        (Privileges::EXECUTE, "EXECUTE"),
        (Privileges::USAGE, "USAGE"),
        (Privileges::CREATE, "CREATE"),
    ];
    let name = NAMES.iter().find(|(one, _)| bad.contains(*one)).map_or("CONNECT", |(_, name)| name);
    let message = format!("invalid privilege type {name} for {kind}");
    DatabaseError::new(INVALID_GRANT_OPERATION, message)
}

fn class_word(class: AclClass) -> &'static str {
    match class {
        AclClass::Table => "relation",
        AclClass::Column => "column",
        AclClass::Sequence => "sequence",
        AclClass::Function => "function",
        AclClass::Type => "type",
        AclClass::Schema => "schema",
    }
}

/// The privileges of a GRANT on relations, each with its columns.
fn read_privileges(statement: &Grant, class: AclClass) -> Result<Vec<Wanted>> {
    if !statement.all_columns.is_empty() {
        return Ok(vec![(AclClass::Column.all(), statement.all_columns.clone())]);
    }
    if statement.privileges.is_empty() {
        return Ok(vec![(class.all(), Vec::new())]);
    }
    let mut wanted = Vec::new();
    for (name, columns) in &statement.privileges {
        let one = privilege(name)?;
        if !columns.is_empty() {
            if !AclClass::Column.all().contains(one) {
                return Err(invalid_privilege(one, "column"));
            }
        } else {
            // A table's GRANT may name a sequence, which has USAGE.
            let all =
                if class == AclClass::Table { class.all().union(Privileges::USAGE) } else { class.all() };
            if !all.contains(one) {
                return Err(invalid_privilege(one, class_word(class)));
            }
        }
        wanted.push((one, columns.clone()));
    }
    Ok(wanted)
}

/// The privileges of a GRANT on what has no columns.
fn plain_privileges(statement: &Grant, class: AclClass) -> Result<Privileges> {
    if statement.privileges.is_empty() && statement.all_columns.is_empty() {
        return Ok(class.all());
    }
    let mut wanted = Privileges::NONE;
    for (name, columns) in &statement.privileges {
        let one = privilege(name)?;
        if !columns.is_empty() {
            let message = "column privileges are only valid for relations";
            return Err(DatabaseError::new(INVALID_GRANT_OPERATION, message));
        }
        if !class.all().contains(one) {
            return Err(invalid_privilege(one, class_word(class)));
        }
        wanted = wanted.union(one);
    }
    Ok(wanted)
}
