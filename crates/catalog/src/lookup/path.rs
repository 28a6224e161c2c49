//! The search path, resolved.

use crate::builtin::PG_CATALOG;
use crate::{Catalog, Oid, Privileges};

/// The schemas that an unqualified name is looked for in, in order, as `recomputeNamespacePath` makes them.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default)]
pub struct SearchPath {
    schemas: Vec<Oid>,
    creation: Option<Oid>,
    temporary: Option<Oid>,
    creates_temporary: bool,
}

/// What the names of sessions' temporary schemas begin with.
pub const TEMPORARY_SCHEMA_PREFIX: &str = "pg_temp_";

impl SearchPath {
    /// The path that the setting's names give for a role: `$user` is the role's own name, schemas that are not there or
    /// that the role may not use are skipped, pg_catalog comes first unless it is named. Before the setting's names may stand
    /// that of the session's temporary schema, which is searched first unless `pg_temp` is among them.
    pub fn new<N: AsRef<str>>(catalog: &Catalog, names: &[N], role: Oid) -> SearchPath {
        let mut names = names.iter().map(AsRef::as_ref).peekable();
        let temporary = names
            .next_if(|name| name.starts_with(TEMPORARY_SCHEMA_PREFIX))
            .and_then(|name| catalog.schema(name))
            .map(|schema| schema.oid);
        let mut schemas = Vec::new();
        let mut creates_temporary = false;
        for name in names {
            let name = match name {
                "$user" => match catalog.roles.get(&role) {
                    Some(role) => role.name.as_str(),
                    None => continue,
                },
                "pg_temp" => {
                    creates_temporary |= schemas.is_empty();
                    schemas.extend(temporary.filter(|oid| !schemas.contains(oid)));
                    continue;
                }
                name => name,
            };
            if let Some(schema) = catalog.schema(name)
                && !schemas.contains(&schema.oid)
                && catalog.has_schema_privilege(role, schema, Privileges::USAGE)
            {
                schemas.push(schema.oid);
            }
        }
        let creation = schemas.first().copied();
        if !schemas.contains(&PG_CATALOG) {
            schemas.insert(0, PG_CATALOG);
        }
        if let Some(temporary) = temporary.filter(|oid| !schemas.contains(oid)) {
            schemas.insert(0, temporary);
        }
        SearchPath { schemas, creation, temporary, creates_temporary }
    }

    /// The schemas in order, pg_catalog among them.
    pub fn schemas(&self) -> impl Iterator<Item = Oid> {
        self.schemas.iter().copied()
    }

    /// Those that functions are looked for in: PostgreSQL does not call one from the temporary schema unless it is named.
    pub fn function_schemas(&self) -> impl Iterator<Item = Oid> {
        self.schemas().filter(|schema| Some(*schema) != self.temporary)
    }

    /// The session's temporary schema, once it has one: what `pg_temp` means.
    pub fn temporary(&self) -> Option<Oid> {
        self.temporary
    }

    /// The same path for a session that has a temporary schema from now on.
    pub fn with_temporary(&self, schema: Oid) -> SearchPath {
        let mut path = self.clone();
        if path.temporary.is_none() {
            path.temporary = Some(schema);
            path.schemas.insert(0, schema);
        }
        path
    }

    /// Whether `pg_temp` comes first: unqualified names are created in the temporary schema.
    pub fn creates_temporary(&self) -> bool {
        self.creates_temporary
    }

    /// Where an unqualified name is created.
    pub fn creation(&self) -> Option<Oid> {
        self.creation
    }

    /// The same path with another schema before all but pg_catalog, as in the elements of CREATE SCHEMA.
    pub fn within(&self, schema: Oid) -> SearchPath {
        let mut schemas = vec![PG_CATALOG, schema];
        schemas.extend(self.schemas().filter(|other| !schemas.contains(other)).collect::<Vec<_>>());
        SearchPath { schemas, creation: Some(schema), temporary: self.temporary, creates_temporary: false }
    }
}

/// The schemas that a value of `search_path` names, as SplitIdentifierString reads it: unquoted and lower-cased as identifiers
/// are. `$user` stays.
pub fn search_path_names(value: &str) -> Vec<String> {
    let mut schemas = Vec::new();
    let mut rest = value.trim_start();
    while !rest.is_empty() {
        let schema;
        if let Some(quoted) = rest.strip_prefix('"') {
            let mut name = String::new();
            let mut characters = quoted.char_indices().peekable();
            let mut end = quoted.len();
            while let Some((at, character)) = characters.next() {
                if character != '"' {
                    name.push(character);
                } else if characters.peek().is_some_and(|(_, next)| *next == '"') {
                    name.push('"');
                    characters.next();
                } else {
                    end = at + 1;
                    break;
                }
            }
            rest = &quoted[end..];
            schema = name;
        } else {
            let end = rest.find(',').unwrap_or(rest.len());
            schema = rest[..end].trim_end().to_lowercase();
            rest = &rest[end..];
        }
        rest = rest.trim_start().strip_prefix(',').unwrap_or("").trim_start();
        if !schema.is_empty() {
            schemas.push(schema);
        }
    }
    schemas
}
