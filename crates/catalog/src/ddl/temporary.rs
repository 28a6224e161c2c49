//! Temporary relations: the session's own schema, made when it is first needed, and what ends with a transaction or a session.

use super::context::Ddl;
use super::dependency::Root;
use super::{Analyzer, DdlSession, PhysicalChange};
use crate::initial::BOOTSTRAP_ROLE;
use crate::lookup::{SearchPath, TEMPORARY_SCHEMA_PREFIX, split_name};
use crate::{AclItem, Catalog, ObjectRef, Oid, Persistence, Privileges, Schema};
use sqlstate::{DatabaseError, FEATURE_NOT_SUPPORTED, INVALID_TABLE_DEFINITION, Result};
use syntax::ast::{Name, OnCommit};

/// How long a statement asks a relation to live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Asked {
    Permanent,
    Unlogged,
    Temporary,
}

impl Asked {
    /// The words that the grammar kept.
    pub(super) fn read(words: Option<&str>) -> Asked {
        match words {
            Some("TEMPORARY") => Asked::Temporary,
            Some(_) => Asked::Unlogged,
            None => Asked::Permanent,
        }
    }
}

impl Ddl<'_> {
    /// The session's temporary schema, made now when it is not there yet.
    pub(super) fn temporary_schema(&mut self) -> Oid {
        if let Some(schema) = self.path().temporary() {
            return schema;
        }
        let name = self.session.temporary_schema;
        let oid = match self.catalog.schema(name) {
            Some(schema) => schema.oid,
            None => {
                let oid = self.catalog.allocate();
                // Whoever may make temporary tables may do all in it; what stands in it has rights of its own.
                let everybody = AclItem {
                    grantee: crate::privileges::PUBLIC,
                    grantor: BOOTSTRAP_ROLE,
                    privileges: Privileges::SCHEMA,
                    grantable: Privileges::NONE,
                };
                self.catalog.put_schema(Schema {
                    oid,
                    name: name.to_owned(),
                    owner: BOOTSTRAP_ROLE,
                    acl: Some(vec![everybody]),
                    comment: None,
                });
                oid
            }
        };
        self.session.search_path = self.session.search_path.with_temporary(oid);
        oid
    }

    pub(super) fn is_temporary_schema(&self, schema: Oid) -> bool {
        self.catalog.schemas.get(&schema).is_some_and(|row| is_temporary_name(&row.name))
    }

    /// Where a new relation goes and how long it lives: RangeVarGetAndCheckCreationNamespace.
    pub(super) fn relation_place<'n>(
        &mut self,
        name: &'n Name,
        asked: Asked,
    ) -> Result<(Oid, &'n str, Persistence)> {
        let (schema, relation_name) = match (split_name(name)?, asked) {
            ((None, plain), Asked::Temporary) => (self.temporary_schema(), plain),
            _ => self.creation_schema(name)?,
        };
        let own = self.path().temporary() == Some(schema);
        let foreign = !own && self.is_temporary_schema(schema);
        let refuse = |message: &str| Err(DatabaseError::new(INVALID_TABLE_DEFINITION, message));
        let persistence = match asked {
            Asked::Unlogged if own || foreign => {
                return refuse("only temporary relations may be created in temporary schemas");
            }
            _ if foreign => return refuse("cannot create relations in temporary schemas of other sessions"),
            Asked::Unlogged => Persistence::Unlogged,
            Asked::Temporary if !own => {
                return refuse("cannot create temporary relation in non-temporary schema");
            }
            Asked::Temporary => Persistence::Temporary,
            Asked::Permanent if own => Persistence::Temporary,
            Asked::Permanent => Persistence::Permanent,
        };
        Ok((schema, relation_name, persistence))
    }

    /// What a query names is temporary, so that a view over it has to be as well.
    pub(super) fn names_temporary(&self, depends: &[ObjectRef]) -> bool {
        depends.iter().any(|object| match object {
            ObjectRef::Relation(oid) | ObjectRef::Column(oid, _) => {
                self.catalog.relations.get(oid).is_some_and(|row| row.persistence.is_temporary())
            }
            _ => false,
        })
    }

    /// SET SCHEMA neither into nor out of a temporary schema.
    pub(super) fn require_not_temporary(&self, old: Oid, new: Oid) -> Result<()> {
        match self.is_temporary_schema(old) || self.is_temporary_schema(new) {
            true => Err(DatabaseError::new(
                FEATURE_NOT_SUPPORTED,
                "cannot move objects into or out of temporary schemas",
            )),
            false => Ok(()),
        }
    }
}

/// ON COMMIT, for a table that lives so long.
pub(super) fn with_on_commit(persistence: Persistence, action: Option<OnCommit>) -> Result<Persistence> {
    match action {
        None => Ok(persistence),
        Some(_) if !persistence.is_temporary() => Err(DatabaseError::new(
            INVALID_TABLE_DEFINITION,
            "ON COMMIT can only be used on temporary tables",
        )),
        Some(OnCommit::PreserveRows) => Ok(persistence),
        Some(OnCommit::DeleteRows) => Ok(Persistence::TemporaryRows),
        Some(OnCommit::Drop) => Ok(Persistence::TemporaryTable),
    }
}

fn is_temporary_name(name: &str) -> bool {
    name.starts_with(TEMPORARY_SCHEMA_PREFIX)
}

/// A statement of nobody's: what it takes away it takes with all that depends on it.
fn nobody<'a>(catalog: &Catalog, analyzer: &'a dyn Analyzer) -> Ddl<'a> {
    Ddl {
        catalog: catalog.clone(),
        session: DdlSession {
            role: BOOTSTRAP_ROLE,
            session_role: BOOTSTRAP_ROLE,
            search_path: SearchPath::default(),
            temporary_schema: "",
            check_function_bodies: false,
            analyzer,
        },
        changes: Vec::new(),
        notices: Vec::new(),
        no_effect: Vec::new(),
        altering: false,
        extension: None,
    }
}

/// The catalog without the temporary schemas that `ended` names, and what to do to storage; `None` when there is none.
pub fn without_schemas(
    catalog: &Catalog,
    analyzer: &dyn Analyzer,
    ended: impl Fn(&str) -> bool,
) -> Result<Option<(Catalog, Vec<PhysicalChange>)>> {
    let gone: Vec<Oid> = catalog
        .schemas
        .values()
        .filter(|schema| is_temporary_name(&schema.name) && ended(&schema.name))
        .map(|schema| schema.oid)
        .collect();
    if gone.is_empty() {
        return Ok(None);
    }
    let mut ddl = nobody(catalog, analyzer);
    for schema in gone {
        ddl.remove(&[Root::Schema(schema)], true)?;
    }
    Ok(Some((ddl.catalog, ddl.changes)))
}

/// What a transaction's end does to the tables of a temporary schema: those of ON COMMIT DROP go, those of ON COMMIT DELETE ROWS are
/// emptied. `None` when there is nothing to do.
pub fn end_of_transaction(
    catalog: &Catalog,
    analyzer: &dyn Analyzer,
    schema: &str,
) -> Result<Option<(Catalog, Vec<PhysicalChange>)>> {
    let Some(schema) = catalog.schema(schema) else { return Ok(None) };
    let own = |persistence: Persistence| {
        let relations = catalog.relations.values();
        let found = relations.filter(|row| row.schema == schema.oid && row.persistence == persistence);
        found.map(|row| row.oid).collect::<Vec<Oid>>()
    };
    let (dropped, emptied) = (own(Persistence::TemporaryTable), own(Persistence::TemporaryRows));
    if dropped.is_empty() && emptied.is_empty() {
        return Ok(None);
    }
    let mut ddl = nobody(catalog, analyzer);
    let roots: Vec<Root> = dropped.iter().map(|oid| Root::Object(ObjectRef::Relation(*oid))).collect();
    ddl.remove(&roots, true)?;
    for table in &emptied {
        for (other, _, _) in catalog.references_to(*table) {
            if !emptied.contains(&other.oid) && !dropped.contains(&other.oid) {
                let name = catalog.relations.get(table).map_or("", |row| row.name.as_str());
                let message = "unsupported ON COMMIT and foreign key combination";
                return Err(DatabaseError::new(FEATURE_NOT_SUPPORTED, message).with_detail(format!(
                    "Table \"{}\" references \"{name}\", but they do not have the same ON COMMIT setting.",
                    other.name
                )));
            }
        }
    }
    if !emptied.is_empty() {
        ddl.change(PhysicalChange::Truncate { tables: emptied, restart: Vec::new() });
    }
    Ok(Some((ddl.catalog, ddl.changes)))
}
