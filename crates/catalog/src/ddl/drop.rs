//! DROP of everything.

use super::context::{Ddl, relation_word};
use super::dependency::Root;
use super::function::function_word;
use super::policy::existing_policy;
use super::user_type::required;
use crate::lookup::{split_name, type_name_text};
use crate::{ObjectRef, Oid, Relation, RelationKind};
use sqlstate::{
    DEPENDENT_OBJECTS_STILL_EXIST, DatabaseError, INSUFFICIENT_PRIVILEGE, INVALID_SCHEMA_NAME, OBJECT_IN_USE,
    Result, UNDEFINED_FUNCTION, UNDEFINED_OBJECT, UNDEFINED_TABLE, WRONG_OBJECT_TYPE,
};
use syntax::ast::{Drop, Name, ObjectKind, ObjectName};

impl Ddl<'_> {
    pub(super) fn drop_objects(&mut self, statement: &Drop) -> Result<()> {
        let Drop { kind, names, if_exists, cascade, concurrently: _ } = statement;
        if *kind == ObjectKind::Role {
            return self.drop_roles(names, *if_exists);
        }
        let mut roots = Vec::new();
        for name in names {
            match self.drop_root(*kind, name) {
                Ok(root) => roots.extend(root),
                Err(error) if *if_exists && is_missing(&error) => {
                    self.skip_notice(*kind, name, &error);
                }
                Err(error) => return Err(error),
            }
        }
        match roots.is_empty() {
            true => Ok(()),
            false => self.remove(&roots, *cascade),
        }
    }

    /// "table "t" does not exist, skipping", or why its name leads nowhere.
    fn skip_notice(&mut self, kind: ObjectKind, name: &ObjectName, error: &DatabaseError) {
        let text = match name {
            ObjectName::On { table, .. } if error.code() == UNDEFINED_TABLE => {
                format!("relation \"{}\" does not exist", table.parts.join("."))
            }
            ObjectName::On { part, table, .. } if error.code() == UNDEFINED_OBJECT => {
                let word = if kind == ObjectKind::Policy { "policy" } else { "trigger" };
                format!("{word} \"{part}\" for relation \"{}\" does not exist", table.parts.join("."))
            }
            // PostgreSQL shows the argument types as its grammar has read them.
            ObjectName::Function { name, args: Some(args) } if error.code() == UNDEFINED_FUNCTION => {
                let types: Vec<String> = args.iter().map(|arg| type_name_text(&arg.type_name)).collect();
                let word = if kind == ObjectKind::Procedure { "procedure" } else { "function" };
                format!("{word} {}({}) does not exist", name.parts.join("."), types.join(","))
            }
            _ => error.message().to_owned(),
        };
        self.notice(format!("{text}, skipping"));
    }

    fn drop_root(&mut self, kind: ObjectKind, name: &ObjectName) -> Result<Option<Root>> {
        let plain = |name: &ObjectName| match name {
            ObjectName::Plain(name) => Ok(name.clone()),
            _ => Err(DatabaseError::internal("DROP names something else")),
        };
        Ok(Some(match kind {
            ObjectKind::Table | ObjectKind::View | ObjectKind::MaterializedView | ObjectKind::Sequence => {
                self.drop_relation(kind, &plain(name)?)?
            }
            ObjectKind::Index => self.drop_index(&plain(name)?)?,
            ObjectKind::Type | ObjectKind::Domain => {
                let row = self.user_type(&plain(name)?)?;
                if kind == ObjectKind::Domain && !self.catalog.is_domain(row.oid) {
                    let message = format!("\"{}\" is not a domain", plain(name)?.parts.join("."));
                    return Err(DatabaseError::new(WRONG_OBJECT_TYPE, message));
                }
                self.require_type_owner(&row)?;
                self.droppable_type(&row)?
            }
            ObjectKind::Schema => {
                let name = plain(name)?.parts.join(".");
                let row = self.catalog.require_schema(&name)?;
                self.require_owner(row.owner, "schema", &name)?;
                if matches!(row.oid, crate::builtin::PG_CATALOG | crate::builtin::INFORMATION_SCHEMA) {
                    let message =
                        format!("cannot drop schema {name} because it is required by the database system");
                    return Err(DatabaseError::new(DEPENDENT_OBJECTS_STILL_EXIST, message));
                }
                Root::Schema(row.oid)
            }
            ObjectKind::Function | ObjectKind::Procedure | ObjectKind::Routine | ObjectKind::Aggregate => {
                let row = self.find_function(kind, name)?;
                self.require_owner(row.owner, function_word(row.kind), &written_name(name))?;
                Root::Object(ObjectRef::Function(row.oid))
            }
            ObjectKind::Trigger => {
                let ObjectName::On { part, table, position: _ } = name else {
                    return Err(DatabaseError::internal("DROP TRIGGER names no table"));
                };
                let relation = self.relation(table)?;
                let found = relation.triggers.iter().find(|trigger| trigger.name == *part);
                match found {
                    Some(trigger) => {
                        self.require_owner(relation.owner, "relation", &relation.name)?;
                        Root::Object(ObjectRef::Trigger(trigger.oid))
                    }
                    None => {
                        let message =
                            format!("trigger \"{part}\" for table \"{}\" does not exist", relation.name);
                        return Err(DatabaseError::new(UNDEFINED_OBJECT, message));
                    }
                }
            }
            ObjectKind::Policy => {
                let ObjectName::On { part, table, position: _ } = name else {
                    return Err(DatabaseError::internal("DROP POLICY names no table"));
                };
                let relation = self.relation(table)?;
                let policy = existing_policy(&relation, part)?;
                self.require_owner(relation.owner, "relation", &relation.name)?;
                Root::Object(ObjectRef::Policy(policy.oid))
            }
            ObjectKind::Extension => {
                let name = plain(name)?.parts.join(".");
                let found = self.catalog.extensions.values().find(|row| row.name == name);
                let Some(row) = found else {
                    let message = format!("extension \"{name}\" does not exist");
                    return Err(DatabaseError::new(UNDEFINED_OBJECT, message));
                };
                self.require_owner(row.owner, "extension", &name)?;
                Root::Extension(row.oid)
            }
            ObjectKind::Publication => {
                let row = self.publication(&plain(name)?.parts.join("."))?;
                self.require_owner(row.owner, "publication", &row.name)?;
                self.catalog.publications.remove(&row.oid);
                return Ok(None);
            }
            other => {
                return Err(DatabaseError::unsupported(format_args!("DROP {other:?}")));
            }
        }))
    }

    fn drop_relation(&self, kind: ObjectKind, name: &Name) -> Result<Root> {
        let (wanted, word, article) = match kind {
            ObjectKind::View => (RelationKind::View, "view", "a view"),
            ObjectKind::MaterializedView => {
                (RelationKind::MaterializedView, "materialized view", "a materialized view")
            }
            ObjectKind::Sequence => (RelationKind::Sequence, "sequence", "a sequence"),
            _ => (RelationKind::Table, "table", "a table"),
        };
        if let Some(index) = self.find_index(name)?
            && self.catalog.find_relation(self.path(), name)?.is_none()
        {
            let message = format!("\"{}\" is not {article}", index.name);
            return Err(DatabaseError::new(WRONG_OBJECT_TYPE, message)
                .with_hint("Use DROP INDEX to remove an index."));
        }
        let relation = self.relation(name).map_err(|error| missing(error, word, name))?;
        if relation.kind != wanted {
            let message = format!("\"{}\" is not {article}", relation.name);
            return Err(DatabaseError::new(WRONG_OBJECT_TYPE, message).with_hint(drop_hint(&relation)));
        }
        if !self.owns(relation.owner) && !self.owns_schema(relation.schema) {
            self.require_relation_owner(&relation)?;
        }
        if let Some(table) = self.identity_column(relation.oid) {
            return Err(required(
                &self.catalog.describe(self.path(), ObjectRef::Relation(relation.oid)),
                &table,
            ));
        }
        Ok(Root::Object(ObjectRef::Relation(relation.oid)))
    }

    fn owns_schema(&self, schema: Oid) -> bool {
        self.catalog.schemas.get(&schema).is_some_and(|row| self.owns(row.owner))
    }

    /// The identity column, in words, that a sequence cannot be taken from.
    fn identity_column(&self, sequence: Oid) -> Option<String> {
        self.identity_owner(sequence)?;
        let (table, number) = self.catalog.relations.get(&sequence)?.sequence.as_ref()?.owned_by?;
        Some(self.catalog.describe(self.path(), ObjectRef::Column(table, number)))
    }

    fn drop_index(&self, name: &Name) -> Result<Root> {
        let (schema, plain) = split_name(name)?;
        if let Some(schema) = schema
            && self.catalog.schema(schema).is_none()
        {
            let message = format!("schema \"{schema}\" does not exist");
            return Err(DatabaseError::new(INVALID_SCHEMA_NAME, message));
        }
        let Some(index) = self.find_index(name)? else {
            if let Some(relation) = self.catalog.find_relation(self.path(), name)? {
                let message = format!("\"{}\" is not an index", relation.name);
                return Err(DatabaseError::new(WRONG_OBJECT_TYPE, message).with_hint(drop_hint(relation)));
            }
            let message = format!("index \"{plain}\" does not exist");
            return Err(DatabaseError::new(UNDEFINED_OBJECT, message));
        };
        let table = self.relation_by_oid(index.table)?;
        if !self.owns(table.owner) && !self.owns_schema(index.schema) {
            self.require_owner(table.owner, "index", &index.name)?;
        }
        if let Some(constraint) = index.constraint {
            let owner = self.catalog.describe(self.path(), ObjectRef::Constraint(constraint));
            let own = self.catalog.describe(self.path(), ObjectRef::Index(index.oid));
            return Err(required(&own, &owner));
        }
        // A foreign key may lean on a plain unique index.
        for (_, constraint, key) in self.catalog.references_to(index.table) {
            if self.catalog.key_index(key) == Some(index.oid) {
                let own = self.catalog.describe(self.path(), ObjectRef::Index(index.oid));
                let other = self.catalog.describe(self.path(), ObjectRef::Constraint(constraint.oid));
                let message = format!("cannot drop {own} because other objects depend on it");
                return Err(DatabaseError::new(DEPENDENT_OBJECTS_STILL_EXIST, message)
                    .with_detail(format!("{other} depends on {own}"))
                    .with_hint("Use DROP ... CASCADE to drop the dependent objects too."));
            }
        }
        Ok(Root::Object(ObjectRef::Index(index.oid)))
    }

    // ------------------------------------------------------------------------------------------ roles

    fn drop_roles(&mut self, names: &[ObjectName], if_exists: bool) -> Result<()> {
        let creates =
            self.catalog.roles.get(&self.role()).is_some_and(|role| role.superuser || role.create_role);
        if !creates {
            return Err(DatabaseError::new(INSUFFICIENT_PRIVILEGE, "permission denied to drop role"));
        }
        for name in names {
            let ObjectName::Plain(name) = name else { continue };
            let name = name.parts.join(".");
            let Some(role) = self.catalog.role(&name).cloned() else {
                let message = format!("role \"{name}\" does not exist");
                if if_exists {
                    self.notice(format!("{message}, skipping"));
                    continue;
                }
                return Err(DatabaseError::new(UNDEFINED_OBJECT, message));
            };
            if role.oid == self.role() || role.oid == self.session.session_role {
                let which = if role.oid == self.role() { "current" } else { "session" };
                return Err(DatabaseError::new(OBJECT_IN_USE, format!("{which} user cannot be dropped")));
            }
            if role.superuser {
                self.require_superuser("must be superuser to drop superusers")?;
            }
            let uses = self.uses_of_role(role.oid);
            if !uses.is_empty() {
                let message = format!("role \"{name}\" cannot be dropped because some objects depend on it");
                return Err(
                    DatabaseError::new(DEPENDENT_OBJECTS_STILL_EXIST, message).with_detail(uses.join("\n"))
                );
            }
            self.catalog.roles.remove(&role.oid);
            let mut rows = (*self.catalog.memberships).clone();
            rows.retain(|row| row.role != role.oid && row.member != role.oid);
            self.catalog.memberships = rows.into();
        }
        Ok(())
    }

    /// What a role owns, has been granted or is bound to, in words.
    fn uses_of_role(&self, role: Oid) -> Vec<String> {
        let mut uses: Vec<(Oid, String)> = Vec::new();
        let path = self.path();
        let granted = |acl: &crate::Acl, owner: Oid| {
            owner != role && acl.iter().flatten().any(|item| item.grantee == role || item.grantor == role)
        };
        let tell = |uses: &mut Vec<(Oid, String)>, oid: Oid, owner: Oid, acl: &crate::Acl, words: String| {
            if owner == role {
                uses.push((oid, format!("owner of {words}")));
            } else if granted(acl, owner) {
                uses.push((oid, format!("privileges for {words}")));
            }
        };
        for row in self.catalog.schemas.values() {
            tell(&mut uses, row.oid, row.owner, &row.acl, format!("schema {}", row.name));
        }
        for row in self.catalog.relations.values() {
            let words = self.catalog.describe(path, ObjectRef::Relation(row.oid));
            tell(&mut uses, row.oid, row.owner, &row.acl, words);
            for column in row.columns.iter().filter(|column| granted(&column.acl, row.owner)) {
                let words = self.catalog.describe(path, ObjectRef::Column(row.oid, column.number));
                uses.push((row.oid, format!("privileges for {words}")));
            }
            for policy in row.policies.iter().filter(|policy| policy.roles.contains(&role)) {
                let words = self.catalog.describe(path, ObjectRef::Policy(policy.oid));
                uses.push((policy.oid, format!("target of {words}")));
            }
        }
        for row in self.catalog.types.values() {
            if matches!(row.kind, crate::TypeKind::Enum { .. } | crate::TypeKind::Domain { .. }) {
                tell(
                    &mut uses,
                    row.oid,
                    row.owner,
                    &row.acl,
                    self.catalog.describe(path, ObjectRef::Type(row.oid)),
                );
            }
        }
        for row in self.catalog.functions.values() {
            tell(
                &mut uses,
                row.oid,
                row.owner,
                &row.acl,
                self.catalog.describe(path, ObjectRef::Function(row.oid)),
            );
        }
        for row in self.catalog.publications.values() {
            tell(&mut uses, row.oid, row.owner, &None, format!("publication {}", row.name));
        }
        for row in self.catalog.extensions.values() {
            tell(&mut uses, row.oid, row.owner, &None, format!("extension {}", row.name));
        }
        for row in self.catalog.default_privileges.iter() {
            let involved = row.role == role || row.acl.iter().any(|item| item.grantee == role);
            if !involved {
                continue;
            }
            let kind = match row.object {
                crate::DefaultObject::Tables => "relations",
                crate::DefaultObject::Sequences => "sequences",
                crate::DefaultObject::Functions => "functions",
                crate::DefaultObject::Types => "types",
                crate::DefaultObject::Schemas => "schemas",
            };
            let verb = if row.role == role { "owner of" } else { "privileges for" };
            let name = self.role_name(row.role);
            let place = match row.schema {
                Some(schema) => format!(" in schema {}", self.schema_name(schema)),
                None => String::new(),
            };
            let words = format!("{verb} default privileges on new {kind} belonging to role {name}{place}");
            uses.push((Oid::MAX, words));
        }
        uses.sort_by_key(|(oid, _)| *oid);
        uses.into_iter().map(|(_, words)| words).collect()
    }
}

fn is_missing(error: &DatabaseError) -> bool {
    [UNDEFINED_TABLE, UNDEFINED_OBJECT, UNDEFINED_FUNCTION, INVALID_SCHEMA_NAME].contains(&error.code())
}

/// "relation "x" does not exist" as DROP says it.
fn missing(error: DatabaseError, word: &str, name: &Name) -> DatabaseError {
    match error.code() == UNDEFINED_TABLE {
        true => {
            let plain = name.parts.last().map_or("", String::as_str);
            DatabaseError::new(UNDEFINED_TABLE, format!("{word} \"{plain}\" does not exist"))
        }
        false => error,
    }
}

fn drop_hint(relation: &Relation) -> String {
    match relation.kind {
        RelationKind::Composite => "Use DROP TYPE to remove a type.".to_owned(),
        kind => {
            let word = relation_word(kind);
            format!("Use DROP {} to remove a {word}.", word.to_uppercase())
        }
    }
}

/// A function's name as the statement has it, which is how messages about ownership say it.
pub(super) fn written_name(name: &ObjectName) -> String {
    match name {
        ObjectName::Function { name, .. } | ObjectName::Plain(name) => name.parts.join("."),
        ObjectName::On { part, .. } => part.clone(),
        ObjectName::Other(words) => words.clone(),
    }
}
