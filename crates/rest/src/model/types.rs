//! Types as the data API needs them: how they are named in SQL and how a JSON value becomes their text.

use crate::media::ValueKind;
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
        TypeKind::Enum { .. } | TypeKind::Domain { .. } | TypeKind::Array { .. } | TypeKind::Other { .. } => {
            None
        }
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
    if FURTHER_TYPES.iter().any(|(_, _, array)| *array == oid) {
        return Shape::Array(Box::new(Shape::Text));
    }
    match catalog.types.get(&oid).map(|found| &found.kind) {
        Some(TypeKind::Array { element }) => Shape::Array(Box::new(shape_at(catalog, *element, depth))),
        Some(TypeKind::Composite { relation }) if depth > 0 => {
            let columns =
                catalog.relations.get(relation).map(|found| found.columns.as_slice()).unwrap_or(&[]);
            let fields = columns
                .iter()
                .map(|column| (column.name.clone(), shape_at(catalog, column.type_ref.oid, depth - 1)))
                .collect();
            Shape::Composite(fields)
        }
        _ => Shape::Text,
    }
}

/// What a document of this type is made of.
pub(crate) fn value_kind(catalog: &Catalog, oid: Oid) -> ValueKind {
    /// pg_type.oid of xml.
    const XML: Oid = 142;
    match shape(catalog, oid) {
        Shape::Bytes => ValueKind::Bytes,
        _ if base_type(catalog, oid) == XML => ValueKind::Xml,
        _ => ValueKind::Text,
    }
}

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
        let name = FURTHER_TYPES.iter().find_map(|(own, name, array)| match oid {
            _ if oid == *own => Some(standard_name(name).unwrap_or(name).to_owned()),
            _ if oid == *array => Some(format!("{}[]", standard_name(name).unwrap_or(name))),
            _ => None,
        });
        return name.unwrap_or_else(|| "unknown".to_owned());
    };
    if builtin.is_array() {
        return format!("{}[]", text_name(catalog, builtin.element));
    }
    standard_name(builtin.name).map_or_else(|| quoted_where_needed(builtin.name), str::to_owned)
}

/// Types of PostgreSQL's that our tables of built-in types leave out: number, name, number of the array.
const FURTHER_TYPES: [(Oid, &str, Oid); 28] = [
    (27, "tid", 1010),
    (29, "cid", 1012),
    (602, "path", 1019),
    (604, "polygon", 1027),
    (718, "circle", 719),
    (774, "macaddr8", 775),
    (790, "money", 791),
    (829, "macaddr", 1040),
    (1033, "aclitem", 1034),
    (2203, "regoper", 2208),
    (2204, "regoperator", 2209),
    (2970, "txid_snapshot", 2949),
    (3642, "gtsvector", 3644),
    (3769, "regdictionary", 3770),
    (3904, "int4range", 3905),
    (3906, "numrange", 3907),
    (3908, "tsrange", 3909),
    (3910, "tstzrange", 3911),
    (3912, "daterange", 3913),
    (3926, "int8range", 3927),
    (4191, "regcollation", 4192),
    (4451, "int4multirange", 6150),
    (4532, "nummultirange", 6151),
    (4533, "tsmultirange", 6152),
    (4534, "tstzmultirange", 6153),
    (4535, "datemultirange", 6155),
    (4536, "int8multirange", 6157),
    (5069, "xid8", 271),
];

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
