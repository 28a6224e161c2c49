//! CREATE EXTENSION.
//!
//! What the extensions of contrib offer is in the built-in tables. Of the others that Supabase's projects name, the functions
//! are known by their signatures, so that a call of one is refused and not called unknown.

use super::context::Ddl;
use crate::builtin::PG_CATALOG;
use crate::{Extension, Schema};
use sqlstate::{DUPLICATE_OBJECT, DatabaseError, INSUFFICIENT_PRIVILEGE, INVALID_SCHEMA_NAME, Result};

/// An extension that CREATE EXTENSION takes.
struct Known {
    name: &'static str,
    /// The schema that it makes for itself.
    schema: Option<&'static str>,
    /// What of it has no effect; empty when all that it offers is offered, or refused where it is used.
    without_effect: &'static str,
    /// Its functions.
    functions: &'static [&'static str],
}

const fn plain(name: &'static str, without_effect: &'static str) -> Known {
    Known { name, schema: None, without_effect, functions: &[] }
}

const KNOWN: &[Known] = &[
    plain("btree_gin", "its operator classes are not offered"),
    plain("btree_gist", "its operator classes are not offered"),
    plain("citext", ""),
    plain("fuzzystrmatch", ""),
    plain("hypopg", "it only advises"),
    plain("index_advisor", "it only advises"),
    plain("moddatetime", ""),
    Known {
        name: "pg_graphql",
        schema: Some("graphql"),
        without_effect: "GraphQL is served by Bedplate itself",
        functions: &[],
    },
    plain("pg_stat_statements", "statements are measured by Bedplate itself"),
    plain("pg_trgm", ""),
    plain("pgcrypto", ""),
    plain("plpgsql", ""),
    plain("unaccent", ""),
    plain("uuid-ossp", ""),
    plain("vector", ""),
    Known {
        name: "pg_net",
        schema: Some("net"),
        without_effect: "its functions are refused where they are called",
        functions: &[
            "net.http_get(url text, params jsonb default '{}', headers jsonb default '{}', \
             timeout_milliseconds int default 5000) returns bigint",
            "net.http_post(url text, body jsonb default '{}', params jsonb default '{}', headers jsonb \
             default '{\"Content-Type\": \"application/json\"}', timeout_milliseconds int default 5000) returns bigint",
            "net.http_delete(url text, params jsonb default '{}', headers jsonb default '{}', \
             timeout_milliseconds int default 5000, body jsonb default null) returns bigint",
        ],
    },
    Known {
        name: "pg_cron",
        schema: Some("cron"),
        without_effect: "its functions are refused where they are called",
        functions: &[
            "cron.schedule(job_name text, schedule text, command text) returns bigint",
            "cron.schedule(schedule text, command text) returns bigint",
            "cron.unschedule(job_id bigint) returns boolean",
            "cron.unschedule(job_name text) returns boolean",
        ],
    },
    Known {
        name: "pgjwt",
        schema: None,
        without_effect: "its functions are refused where they are called",
        functions: &[
            "url_encode(data bytea) returns text",
            "url_decode(data text) returns bytea",
            "algorithm_sign(signables text, secret text, algorithm text) returns text",
            "sign(payload json, secret text, algorithm text default 'HS256') returns text",
            "verify(token text, secret text, algorithm text default 'HS256') \
             returns table (header json, payload json, valid boolean)",
        ],
    },
    Known {
        name: "supabase_vault",
        schema: Some("vault"),
        without_effect: "its functions are refused where they are called",
        functions: &[
            "vault.create_secret(new_secret text, new_name text default null, new_description text default '', \
             new_key_id uuid default null) returns uuid",
            "vault.update_secret(secret_id uuid, new_secret text default null, new_name text default null, \
             new_description text default null, new_key_id uuid default null) returns void",
        ],
    },
];

impl Ddl<'_> {
    pub(super) fn create_extension(
        &mut self,
        name: &str,
        if_not_exists: bool,
        schema: Option<&str>,
    ) -> Result<()> {
        if self.catalog.extensions.values().any(|row| row.name == name) {
            let message = format!("extension \"{name}\" already exists");
            if if_not_exists {
                self.coded_notice(DUPLICATE_OBJECT, format!("{message}, skipping"));
                return Ok(());
            }
            return Err(DatabaseError::new(DUPLICATE_OBJECT, message));
        }
        let Some(known) = KNOWN.iter().find(|known| known.name == name) else {
            return Err(DatabaseError::unsupported(format_args!("extension \"{name}\"")));
        };
        if !self.may_create_in_database() {
            let message = format!("permission denied to create extension \"{name}\"");
            return Err(DatabaseError::new(INSUFFICIENT_PRIVILEGE, message)
                .with_hint("Must have CREATE privilege on current database to create this extension."));
        }
        let schema = match (known.schema, schema) {
            (Some(own), _) => self.extension_own_schema(own),
            (None, Some(schema)) => self.catalog.require_schema(schema)?.oid,
            (None, None) if name == "plpgsql" => PG_CATALOG,
            (None, None) => self.path().creation().ok_or_else(|| {
                DatabaseError::new(INVALID_SCHEMA_NAME, "no schema has been selected to create in")
            })?,
        };
        if !known.without_effect.is_empty() {
            self.without_effect(format!("extension {name}: {}", known.without_effect));
        }
        let oid = self.catalog.allocate();
        let row = Extension { oid, name: name.to_owned(), schema, owner: self.role(), comment: None };
        self.catalog.extensions.insert(oid, row.into());
        self.extension_functions(known, schema)
    }

    /// The schema that an extension makes for itself, if it is not there.
    fn extension_own_schema(&mut self, name: &str) -> crate::Oid {
        if let Some(schema) = self.catalog.schema(name) {
            return schema.oid;
        }
        let oid = self.catalog.allocate();
        let (name, owner) = (name.to_owned(), self.role());
        self.catalog.put_schema(Schema { oid, name, owner, acl: None, comment: None });
        oid
    }

    fn extension_functions(&mut self, known: &Known, schema: crate::Oid) -> Result<()> {
        let before = self.session.search_path.clone();
        self.session.search_path = before.within(schema);
        self.extension = Some(known.name);
        for signature in known.functions {
            let text = format!("create function {signature} language c as ''");
            self.run(&syntax::parse_statement(&text)?)?;
        }
        self.extension = None;
        self.session.search_path = before;
        Ok(())
    }
}
