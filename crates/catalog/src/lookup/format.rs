//! From types to names: format_type.c.

use super::{SearchPath, TypeEntry, quote_identifier};
use crate::{Catalog, Oid, TypeRef};
use datum::oid;
use std::fmt::Write;

impl Catalog {
    /// The type's name as `format_type(oid, modifier)` prints it; a type that the path does not reach is qualified.
    pub fn format_type(&self, path: &SearchPath, type_ref: TypeRef) -> String {
        self.format(Some(path), type_ref)
    }

    /// The type's name, qualified unless it is PostgreSQL's own: what stored SQL has.
    pub fn format_type_qualified(&self, type_ref: TypeRef) -> String {
        self.format(None, type_ref)
    }

    /// The type's name without modifier, as `format_type_be`.
    pub fn format_type_oid(&self, path: &SearchPath, oid: Oid) -> String {
        self.format(Some(path), TypeRef { oid, modifier: -1 })
    }

    fn format(&self, path: Option<&SearchPath>, type_ref: TypeRef) -> String {
        let Some(mut entry) = self.type_entry(type_ref.oid) else { return "???".to_owned() };
        let mut suffix = "";
        let vector = matches!(type_ref.oid, oid::INT2VECTOR | oid::OIDVECTOR);
        if let Some(element) = entry.element()
            && !vector
            && let Some(inner) = self.type_entry(element)
        {
            (entry, suffix) = (inner, "[]");
        }
        let mut text = sql_name(entry.oid(), type_ref.modifier).unwrap_or_else(|| {
            let mut text = self.catalog_name(path, entry);
            if type_ref.modifier >= 0 {
                let _ = write!(text, "({})", type_ref.modifier);
            }
            text
        });
        text.push_str(suffix);
        text
    }

    fn catalog_name(&self, path: Option<&SearchPath>, entry: TypeEntry<'_>) -> String {
        let name = quote_identifier(entry.name());
        let schema = match entry {
            TypeEntry::Builtin(row) => match row.extension {
                None => return name,
                Some(extension) => self.extension_schema(extension),
            },
            TypeEntry::User(row) => Some(row.schema),
        };
        let visible = path.is_some_and(|path| {
            let first = path.schemas().find_map(|schema| self.type_in_schema(schema, entry.name()));
            first == Some(entry.oid())
        });
        match schema.and_then(|schema| self.schemas.get(&schema)) {
            Some(schema) if !visible => format!("{}.{name}", quote_identifier(&schema.name)),
            _ => name,
        }
    }
}

/// The SQL name of a built-in type that has one of its own.
fn sql_name(oid: Oid, modifier: i32) -> Option<String> {
    let precision = |name: &str, zone: &str| match modifier {
        0.. => format!("{name}({modifier}){zone}"),
        _ => format!("{name}{zone}"),
    };
    Some(match oid {
        oid::BOOL => "boolean".to_owned(),
        oid::INT2 => "smallint".to_owned(),
        oid::INT4 => "integer".to_owned(),
        oid::INT8 => "bigint".to_owned(),
        oid::FLOAT4 => "real".to_owned(),
        oid::FLOAT8 => "double precision".to_owned(),
        oid::SINGLE_CHAR => "\"char\"".to_owned(),
        // Without a length, "character" would mean character(1).
        oid::BPCHAR if modifier > 4 => format!("character({})", modifier - 4),
        oid::BPCHAR => "bpchar".to_owned(),
        oid::VARCHAR if modifier > 4 => format!("character varying({})", modifier - 4),
        oid::VARCHAR => "character varying".to_owned(),
        oid::NUMERIC if modifier >= 4 => {
            let (precision, scale) = numeric_parts(modifier);
            format!("numeric({precision},{scale})")
        }
        oid::NUMERIC => "numeric".to_owned(),
        oid::TIME => precision("time", " without time zone"),
        oid::TIMETZ => precision("time", " with time zone"),
        oid::TIMESTAMP => precision("timestamp", " without time zone"),
        oid::TIMESTAMPTZ => precision("timestamp", " with time zone"),
        oid::INTERVAL => interval_name(modifier),
        BIT if modifier > 0 => format!("bit({modifier})"),
        BIT => "\"bit\"".to_owned(),
        VARBIT if modifier > 0 => format!("bit varying({modifier})"),
        VARBIT => "bit varying".to_owned(),
        _ => return None,
    })
}

pub(super) const BIT: Oid = 1560;
pub(super) const VARBIT: Oid = 1562;

/// Precision and scale of a numeric's modifier.
pub(super) fn numeric_parts(modifier: i32) -> (i32, i32) {
    let packed = modifier - 4;
    ((packed >> 16) & 0xffff, ((packed & 0x7ff) ^ 1024) - 1024)
}

/// The fields of an interval's modifier and their names.
pub(super) const INTERVAL_FIELDS: &[(i32, &str)] = &[
    (1 << 2, "year"),
    (1 << 1, "month"),
    (1 << 3, "day"),
    (1 << 10, "hour"),
    (1 << 11, "minute"),
    (1 << 12, "second"),
    ((1 << 2) | (1 << 1), "year to month"),
    ((1 << 3) | (1 << 10), "day to hour"),
    ((1 << 3) | (1 << 10) | (1 << 11), "day to minute"),
    ((1 << 3) | (1 << 10) | (1 << 11) | (1 << 12), "day to second"),
    ((1 << 10) | (1 << 11), "hour to minute"),
    ((1 << 10) | (1 << 11) | (1 << 12), "hour to second"),
    ((1 << 11) | (1 << 12), "minute to second"),
];
pub(super) const INTERVAL_FULL_RANGE: i32 = 0x7fff;
pub(super) const INTERVAL_FULL_PRECISION: i32 = 0xffff;

fn interval_name(modifier: i32) -> String {
    let mut text = "interval".to_owned();
    if modifier < 0 {
        return text;
    }
    let (fields, precision) = ((modifier >> 16) & INTERVAL_FULL_RANGE, modifier & 0xffff);
    if let Some((_, name)) = INTERVAL_FIELDS.iter().find(|(mask, _)| *mask == fields) {
        let _ = write!(text, " {name}");
    }
    if precision != INTERVAL_FULL_PRECISION {
        let _ = write!(text, "({precision})");
    }
    text
}
