//! The work in progress of one statement, and what every statement asks: may it, is the name free, who owns this.

use super::{Analyzed, DdlSession, ExpressionKind, ExpressionRequest, Notice, PhysicalChange, Scope, Target};
use crate::builtin::{INFORMATION_SCHEMA, PG_CATALOG};
use crate::lookup::{SearchPath, split_name};
use crate::{Catalog, Index, ObjectRef, Oid, Privileges, Relation, RelationKind, TypeRef};
use sqlstate::{
    DUPLICATE_TABLE, DatabaseError, INSUFFICIENT_PRIVILEGE, INVALID_SCHEMA_NAME, Result,
    SUCCESSFUL_COMPLETION, SqlState, UNDEFINED_TABLE, WRONG_OBJECT_TYPE,
};
use std::sync::Arc;
use syntax::ast::{Expr, Name};

/// The new catalog in the making.
pub(super) struct Ddl<'a> {
    pub(super) catalog: Catalog,
    pub(super) session: DdlSession<'a>,
    pub(super) changes: Vec<PhysicalChange>,
    pub(super) notices: Vec<Notice>,
    pub(super) no_effect: Vec<String>,
    /// PostgreSQL has forgotten the statement's text when it analyses what ALTER adds: its errors have no place.
    pub(super) altering: bool,
    /// The extension whose objects are being made.
    pub(super) extension: Option<&'static str>,
}

impl Ddl<'_> {
    pub(super) fn role(&self) -> Oid {
        self.session.role
    }

    pub(super) fn path(&self) -> &SearchPath {
        &self.session.search_path
    }

    pub(super) fn change(&mut self, change: PhysicalChange) {
        self.changes.push(change);
    }

    /// NOTICE without a code, as most of PostgreSQL's.
    pub(super) fn notice(&mut self, message: impl Into<String>) {
        self.coded_notice(SUCCESSFUL_COMPLETION, message);
    }

    pub(super) fn coded_notice(&mut self, code: SqlState, message: impl Into<String>) {
        self.notices.push(Notice { severity: "NOTICE", text: DatabaseError::new(code, message) });
    }

    pub(super) fn warning(&mut self, code: SqlState, message: impl Into<String>) {
        self.notices.push(Notice { severity: "WARNING", text: DatabaseError::new(code, message) });
    }

    /// Says that a part of the statement has no effect here (rule 15).
    pub(super) fn without_effect(&mut self, what: impl Into<String>) {
        self.no_effect.push(what.into());
    }

    pub(super) fn schema_name(&self, schema: Oid) -> String {
        match schema {
            PG_CATALOG => "pg_catalog".to_owned(),
            INFORMATION_SCHEMA => "information_schema".to_owned(),
            _ => self.catalog.schemas.get(&schema).map_or_else(String::new, |row| row.name.clone()),
        }
    }

    // ------------------------------------------------------------------------------- where to create

    /// The schema that a new object's name means, with CREATE on it: QualifiedNameGetCreationNamespace.
    pub(super) fn creation_schema<'n>(&mut self, name: &'n Name) -> Result<(Oid, &'n str)> {
        let (schema, object) = split_name(name)?;
        let schema = match schema {
            Some("pg_temp") => self.temporary_schema(),
            Some(schema) => self.catalog.require_schema(schema)?.oid,
            None if self.path().creates_temporary() => self.temporary_schema(),
            None => self.path().creation().ok_or_else(|| {
                DatabaseError::new(INVALID_SCHEMA_NAME, "no schema has been selected to create in")
            })?,
        };
        if matches!(schema, PG_CATALOG | INFORMATION_SCHEMA) {
            return Err(DatabaseError::new(
                INSUFFICIENT_PRIVILEGE,
                format!("permission denied to create \"{}.{object}\"", self.schema_name(schema)),
            )
            .with_detail("System catalog modifications are currently disallowed."));
        }
        self.require_create(schema)?;
        Ok((schema, object))
    }

    pub(super) fn require_create(&self, schema: Oid) -> Result<()> {
        let allowed = match self.catalog.schemas.get(&schema) {
            Some(row) => self.catalog.has_schema_privilege(self.role(), row, Privileges::CREATE),
            None => false,
        };
        match allowed {
            true => Ok(()),
            false => Err(denied("schema", &self.schema_name(schema))),
        }
    }

    /// Whether a table, view, sequence, composite type or index has this name.
    pub(super) fn relation_exists(&self, schema: Oid, name: &str) -> bool {
        self.catalog.relation(schema, name).is_some() || self.catalog.index(schema, name).is_some()
    }

    pub(super) fn require_free_relation(&self, schema: Oid, name: &str) -> Result<()> {
        match self.relation_exists(schema, name) {
            true => Err(DatabaseError::new(DUPLICATE_TABLE, format!("relation \"{name}\" already exists"))),
            false => Ok(()),
        }
    }

    // ---------------------------------------------------------------------------------- what is there

    /// The relation that a name means, which need not be a table; with its schema's USAGE.
    pub(super) fn relation(&self, name: &Name) -> Result<Arc<Relation>> {
        if let (Some(schema), _) = split_name(name)?
            && schema != "pg_temp"
            && self.catalog.schema_on(self.path(), schema).is_none()
        {
            return Err(DatabaseError::new(
                INVALID_SCHEMA_NAME,
                format!("schema \"{schema}\" does not exist"),
            ));
        }
        self.require_usage(name)?;
        match self.catalog.find_relation(self.path(), name)? {
            Some(relation) => Ok(Arc::clone(relation)),
            None => Err(DatabaseError::new(
                UNDEFINED_TABLE,
                format!("relation \"{}\" does not exist", name.parts.join(".")),
            )),
        }
    }

    /// USAGE on the schema that a qualified name names.
    pub(super) fn require_usage(&self, name: &Name) -> Result<()> {
        if let (Some(schema), _) = split_name(name)?
            && let Some(row) = self.catalog.schema_on(self.path(), schema)
            && !self.catalog.has_schema_privilege(self.role(), row, Privileges::USAGE)
        {
            return Err(denied("schema", schema));
        }
        Ok(())
    }

    /// The index that a name means.
    pub(super) fn find_index(&self, name: &Name) -> Result<Option<Arc<Index>>> {
        let (schema, index) = split_name(name)?;
        Ok(match schema {
            Some(schema) => {
                let schema = self.catalog.schema_on(self.path(), schema);
                schema.and_then(|row| self.catalog.index(row.oid, index))
            }
            None => self.path().schemas().find_map(|schema| self.catalog.index(schema, index)),
        }
        .cloned())
    }

    /// The relation of this OID, which is there.
    pub(super) fn relation_by_oid(&self, oid: Oid) -> Result<Arc<Relation>> {
        let relation = self.catalog.relations.get(&oid).cloned();
        relation.ok_or_else(|| DatabaseError::internal(format_args!("relation {oid} is gone")))
    }

    /// Changes a relation in the new catalog.
    pub(super) fn update_relation(&mut self, oid: Oid, change: impl FnOnce(&mut Relation)) -> Result<()> {
        let mut relation = (*self.relation_by_oid(oid)?).clone();
        change(&mut relation);
        self.catalog.put_relation(relation);
        Ok(())
    }

    // -------------------------------------------------------------------------------------- ownership

    pub(super) fn owns(&self, owner: Oid) -> bool {
        self.catalog.has_privileges_of(self.role(), owner)
    }

    pub(super) fn require_owner(&self, owner: Oid, kind: &str, name: &str) -> Result<()> {
        match self.owns(owner) {
            true => Ok(()),
            false => {
                Err(DatabaseError::new(INSUFFICIENT_PRIVILEGE, format!("must be owner of {kind} {name}")))
            }
        }
    }

    pub(super) fn require_relation_owner(&self, relation: &Relation) -> Result<()> {
        self.require_owner(relation.owner, relation_word(relation.kind), &relation.name)
    }

    pub(super) fn require_superuser(&self, message: &str) -> Result<()> {
        match self.catalog.is_superuser(self.role()) {
            true => Ok(()),
            false => Err(DatabaseError::new(INSUFFICIENT_PRIVILEGE, message)),
        }
    }

    // ---------------------------------------------------------------------------------- dependencies

    /// Records what the expressions in an object name; nothing takes its entry away.
    pub(super) fn depend(&mut self, object: ObjectRef, mut on: Vec<ObjectRef>) {
        on.sort_unstable();
        on.dedup();
        match on.is_empty() {
            true => self.catalog.dependencies.remove(&object),
            false => self.catalog.dependencies.insert(object, on.into()),
        };
    }

    // ------------------------------------------------------------------------------------ expressions

    /// Asks the compiler about an expression.
    pub(super) fn analyze(
        &self,
        expr: &Expr,
        kind: ExpressionKind,
        scope: Scope<'_>,
        target: Option<(&str, TypeRef)>,
    ) -> Result<Analyzed> {
        let target = target.map(|(name, type_ref)| Target { name, type_ref });
        let request = ExpressionRequest { expr, kind, scope, target };
        let analyzed = self.session.analyzer.expression(&self.catalog, &self.session, &request);
        let unplaced_kind = matches!(kind, ExpressionKind::Policy | ExpressionKind::DomainCheck);
        match self.altering && kind != ExpressionKind::AlterColumnTransform || unplaced_kind {
            true => analyzed.map_err(unplaced),
            false => analyzed,
        }
    }
}

/// The error without its place in the statement, where PostgreSQL has none.
pub(super) fn unplaced(mut error: DatabaseError) -> DatabaseError {
    error.fields_mut().position = None;
    error
}

/// "permission denied for table t"
pub(super) fn denied(kind: &str, name: &str) -> DatabaseError {
    DatabaseError::new(INSUFFICIENT_PRIVILEGE, format!("permission denied for {kind} {name}"))
}

/// "x" is not a table
pub(super) fn wrong_kind(name: &str, what: &str) -> DatabaseError {
    DatabaseError::new(WRONG_OBJECT_TYPE, format!("\"{name}\" is not {what}"))
}

/// What messages call a kind of relation.
pub(super) fn relation_word(kind: RelationKind) -> &'static str {
    match kind {
        RelationKind::Table | RelationKind::PartitionedTable => "table",
        RelationKind::View => "view",
        RelationKind::MaterializedView => "materialized view",
        RelationKind::Sequence => "sequence",
        RelationKind::ForeignTable => "foreign table",
        RelationKind::Composite => "type",
    }
}
