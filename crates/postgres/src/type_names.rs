//! Types' names as `format_type` prints them.

use crate::connection::Connection;
use database::{Result, Value};
use datum::oid;
use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

/// The names that were asked for, kept until the catalog changes.
#[derive(Default)]
pub(crate) struct TypeNames {
    known: RwLock<HashMap<(u32, i32), Arc<str>>>,
}

impl TypeNames {
    /// The name, if it is known.
    pub(crate) fn get(&self, type_oid: u32, modifier: i32) -> Option<Arc<str>> {
        if modifier == -1
            && let Some(name) = built_in(type_oid)
        {
            return Some(name.into());
        }
        self.known.read().unwrap_or_else(PoisonError::into_inner).get(&(type_oid, modifier)).cloned()
    }

    /// Asks for those that are not known: one round trip, or none.
    pub(crate) async fn learn(
        &self,
        connection: &mut Connection,
        types: impl Iterator<Item = (u32, i32)>,
    ) -> Result<()> {
        let mut missing: Vec<(u32, i32)> =
            types.filter(|(type_oid, modifier)| self.get(*type_oid, *modifier).is_none()).collect();
        if missing.is_empty() {
            return Ok(());
        }
        missing.sort_unstable();
        missing.dedup();
        let list: Vec<String> =
            missing.iter().map(|(type_oid, modifier)| format!("({type_oid},{modifier})")).collect();
        // With nothing but pg_catalog on the path a user's type is named with its schema.
        let path: Arc<str> = "SELECT pg_catalog.set_config('search_path', 'pg_catalog', true)".into();
        let names: Arc<str> = format!(
            "SELECT t, m, pg_catalog.format_type(t::oid, m) FROM (VALUES {}) AS asked (t, m)",
            list.join(",")
        )
        .into();
        connection.push(&path, &[], None)?;
        connection.push(&names, &[], None)?;
        connection.end_group();
        let mut group = connection.read_group().await?;
        if let Some(error) = group.error {
            return Err(error);
        }
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        for row in group.answers.pop().into_iter().flat_map(|answer| answer.rows) {
            if let [Value::Int(type_oid), Value::Int(modifier), Value::Text(name)] = row.as_slice()
                && let (Ok(type_oid), Ok(modifier)) = (u32::try_from(*type_oid), i32::try_from(*modifier))
            {
                known.insert((type_oid, modifier), name.as_ref().into());
            }
        }
        Ok(())
    }

    /// Forgets all: a type may have another name now.
    pub(crate) fn clear(&self) {
        self.known.write().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

/// Those that most results have.
fn built_in(type_oid: u32) -> Option<&'static str> {
    Some(match type_oid {
        oid::BOOL => "boolean",
        oid::BYTEA => "bytea",
        oid::NAME => "name",
        oid::INT8 => "bigint",
        oid::INT2 => "smallint",
        oid::INT4 => "integer",
        oid::TEXT => "text",
        oid::OID => "oid",
        oid::JSON => "json",
        oid::FLOAT4 => "real",
        oid::FLOAT8 => "double precision",
        oid::VARCHAR => "character varying",
        oid::DATE => "date",
        oid::TIME => "time without time zone",
        oid::TIMESTAMP => "timestamp without time zone",
        oid::TIMESTAMPTZ => "timestamp with time zone",
        oid::INTERVAL => "interval",
        oid::NUMERIC => "numeric",
        oid::RECORD => "record",
        oid::VOID => "void",
        oid::UUID => "uuid",
        oid::JSONB => "jsonb",
        oid::TEXT_ARRAY => "text[]",
        oid::INT4_ARRAY => "integer[]",
        oid::UUID_ARRAY => "uuid[]",
        _ => return None,
    })
}
