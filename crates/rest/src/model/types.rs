//! Types as the data API needs them: how they are named in SQL and how a JSON value becomes their text.

use catalog::builtin::builtins;
use catalog::{Catalog, Oid, Relation, TypeKind};
use std::sync::Arc;

/// A type's name as SQL: `integer`, `"my schema"."mood"[]`. Made from the catalog only.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct TypeName(Arc<str>);

impl TypeName {
    /// Its text.
    pub(crate) fn as_sql(&self) -> &str {
        &self.0
    }

    /// A name that is written in this program.
    pub(crate) fn known(name: &'static str) -> TypeName {
        TypeName(name.into())
    }
}

/// What a type is made of, domains resolved.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Shape {
    /// json: text as it came.
    Json,
    /// jsonb
    Jsonb,
    /// An array of what has this shape.
    Array(Box<Shape>),
    /// A row of named fields.
    Composite(Vec<(String, Shape)>),
    /// tsvector
    SearchVector,
    /// bytea
    Bytes,
    /// void
    Void,
    /// Anything else: its text.
    Text,
}

/// How deep composite types are looked into; deeper fields are text.
const DEPTH_MAX: usize = 8;

/// The domain's base type, or the type itself.
pub(crate) fn base_type(catalog: &Catalog, oid: Oid) -> Oid {
    let mut oid = oid;
    // A domain's base is older than it, so there is no circle; the bound is for a broken catalog.
    for _ in 0..64 {
        match catalog.types.get(&oid).map(|found| &found.kind) {
            Some(TypeKind::Domain { base, .. }) => oid = base.oid,
            _ => break,
        }
    }
    oid
}

/// The relation whose rows a type holds.
pub(crate) fn row_relation(catalog: &Catalog, oid: Oid) -> Option<&Arc<Relation>> {
    match &catalog.types.get(&base_type(catalog, oid))?.kind {
        TypeKind::Composite { relation } => catalog.relations.get(relation),
        TypeKind::Enum { .. } | TypeKind::Domain { .. } | TypeKind::Array { .. } | TypeKind::Other { .. } => None,
    }
}

/// What a type is made of.
pub(crate) fn shape(catalog: &Catalog, oid: Oid) -> Shape {
    shape_at(catalog, oid, DEPTH_MAX)
}

fn shape_at(catalog: &Catalog, oid: Oid, depth: usize) -> Shape {
    let oid = base_type(catalog, oid);
    if let Some(builtin) = builtins().type_by_oid(oid) {
        return match builtin.name {
            "json" => Shape::Json,
            "jsonb" => Shape::Jsonb,
            "tsvector" => Shape::SearchVector,
            "bytea" => Shape::Bytes,
            "void" => Shape::Void,
            _ if builtin.is_array() => Shape::Array(Box::new(shape_at(catalog, builtin.element, depth))),
            _ => Shape::Text,
        };
    }
    match oid {
        TSVECTOR => return Shape::SearchVector,
        VOID => return Shape::Void,
        _ => {}
    }
    match catalog.types.get(&oid).map(|found| &found.kind) {
        Some(TypeKind::Array { element }) => Shape::Array(Box::new(shape_at(catalog, *element, depth))),
        Some(TypeKind::Composite { relation }) if depth > 0 => {
            let columns = catalog.relations.get(relation).map(|found| found.columns.as_slice()).unwrap_or(&[]);
            let fields = columns
                .iter()
                .map(|column| (column.name.clone(), shape_at(catalog, column.type_ref.oid, depth - 1)))
                .collect();
            Shape::Composite(fields)
        }
        _ => Shape::Text,
    }
}

/// pg_type.oid of tsvector.
const TSVECTOR: Oid = 3614;
/// pg_type.oid of void.
const VOID: Oid = 2278;
/// pg_type.oid of trigger.
pub(crate) const TRIGGER: Oid = 2279;
/// pg_type.oid of record.
pub(crate) const RECORD: Oid = 2249;

/// The type's name as `format_type` prints it.
pub(crate) fn name(catalog: &Catalog, oid: Oid) -> TypeName {
    TypeName(text_name(catalog, oid).into())
}

/// The type's name as a parameter of a function: of the types that cut what is too long, the ones that do not.
pub(crate) fn parameter_name(catalog: &Catalog, oid: Oid) -> TypeName {
    TypeName::widened(text_name(catalog, oid))
}

impl TypeName {
    fn widened(name: String) -> TypeName {
        TypeName(match name.as_str() {
            "bit" => "bit varying".into(),
            "bit[]" => "bit varying[]".into(),
            "character" => "character varying".into(),
            "character[]" => "character varying[]".into(),
            _ => name.into(),
        })
    }
}

fn text_name(catalog: &Catalog, oid: Oid) -> String {
    if let Some(found) = catalog.types.get(&oid) {
        if let TypeKind::Array { element } = found.kind {
            return format!("{}[]", text_name(catalog, element));
        }
        return match catalog.schemas.get(&found.schema) {
            Some(schema) if schema.name == "pg_catalog" => quoted_where_needed(&found.name),
            Some(schema) => {
                format!("{}.{}", quoted_where_needed(&schema.name), quoted_where_needed(&found.name))
            }
            None => quoted_where_needed(&found.name),
        };
    }
    let Some(builtin) = builtins().type_by_oid(oid) else {
        return well_known(oid).map_or_else(|| "text".to_owned(), str::to_owned);
    };
    if builtin.is_array() {
        return format!("{}[]", text_name(catalog, builtin.element));
    }
    standard_name(builtin.name).map_or_else(|| quoted_where_needed(builtin.name), str::to_owned)
}

/// Types of PostgreSQL's that our tables of built-in types leave out.
fn well_known(oid: Oid) -> Option<&'static str> {
    Some(match oid {
        TSVECTOR => "tsvector",
        3615 => "tsquery",
        VOID => "void",
        TRIGGER => "trigger",
        RECORD => "record",
        2283 => "anyelement",
        _ => return None,
    })
}

/// The SQL standard's name of a type.
fn standard_name(internal: &str) -> Option<&'static str> {
    Some(match internal {
        "bool" => "boolean",
        "int2" => "smallint",
        "int4" => "integer",
        "int8" => "bigint",
        "float4" => "real",
        "float8" => "double precision",
        "bpchar" => "character",
        "varchar" => "character varying",
        "varbit" => "bit varying",
        "time" => "time without time zone",
        "timetz" => "time with time zone",
        "timestamp" => "timestamp without time zone",
        "timestamptz" => "timestamp with time zone",
        "char" => "\"char\"",
        _ => return None,
    })
}

/// An identifier as `quote_ident` writes it (words of the grammar are quoted by shape only: none of them names a type here).
fn quoted_where_needed(name: &str) -> String {
    let plain = name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if plain { name.to_owned() } else { format!("\"{}\"", name.replace('"', "\"\"")) }
}
