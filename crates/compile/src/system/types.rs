//! pg_type and pg_enum, and how values of a type lie in PostgreSQL's tuples.

use super::{Cell, Definition, NULL, Rows, Viewer, n, node, o, v};
use catalog::builtin::{PG_CATALOG, builtins};
use catalog::lookup::TypeEntry;
use catalog::{BOOTSTRAP_ROLE, Catalog, Oid, TypeKind};
use datum::oid;

/// How far apart the numbers of labels are that follow each other.
const LABEL_GAP: f64 = 65_536.0;

/// typlen and kin.
pub(super) struct Layout {
    pub(super) length: i16,
    pub(super) by_value: bool,
    pub(super) align: &'static str,
    pub(super) storage: &'static str,
    /// typcollation
    pub(super) collation: Oid,
}

/// The layout of a type's values.
pub(super) fn layout(catalog: &Catalog, type_oid: Oid) -> Layout {
    let fixed = |length: i16, align: &'static str, by_value: bool| Layout {
        length,
        by_value,
        align,
        storage: "p",
        collation: 0,
    };
    let varying = |align: &'static str, storage: &'static str, collation: Oid| Layout {
        length: -1,
        by_value: false,
        align,
        storage,
        collation,
    };
    match catalog.type_entry(type_oid) {
        Some(TypeEntry::Builtin(row)) => {
            let collation = match row.oid {
                oid::NAME => 950,
                _ if row.name == "_name" => 950,
                _ if row.collatable => 100,
                _ => 0,
            };
            if row.length < 0 {
                let align = if row.is_array() { array_align(catalog, row.element) } else { "i" };
                let storage = match row.oid {
                    oid::NUMERIC | oid::INET | oid::CIDR => "m",
                    oid::VECTOR => "e",
                    oid::INT2VECTOR | oid::OIDVECTOR | oid::TSQUERY => "p",
                    _ if row.is_pseudo() => "p",
                    _ => "x",
                };
                return varying(align, storage, collation);
            }
            let by_value = matches!(row.length, 1 | 2 | 4 | 8);
            let align = match (row.oid, row.length) {
                (oid::UUID | oid::NAME, _) | (_, 1) => "c",
                (_, 2) => "s",
                (oid::INTERVAL | oid::TIMETZ, _) | (_, 8) => "d",
                _ => "i",
            };
            Layout { collation, ..fixed(row.length, align, by_value) }
        }
        Some(TypeEntry::User(row)) => match &row.kind {
            TypeKind::Enum { .. } => fixed(4, "i", true),
            TypeKind::Domain { base, .. } => layout(catalog, base.oid),
            TypeKind::Composite { .. } => varying("d", "x", 0),
            TypeKind::Array { element } => {
                let inner = layout(catalog, *element);
                varying(if inner.align == "d" { "d" } else { "i" }, "x", inner.collation)
            }
            TypeKind::Other { .. } => varying("i", "x", 0),
        },
        // tid, xid and cid of the system columns.
        None if type_oid == 27 => fixed(6, "s", false),
        None => fixed(4, "i", true),
    }
}

fn array_align(catalog: &Catalog, element: Oid) -> &'static str {
    if layout(catalog, element).align == "d" { "d" } else { "i" }
}

pub(super) fn ty(viewer: &Viewer<'_>, rows: &mut Rows) {
    let catalog = viewer.catalog;
    for row in builtins().types() {
        let Some(schema) = catalog.builtin_schema(row.extension) else { continue };
        let layout = layout(catalog, row.oid);
        rows.add([
            ("oid", o(row.oid)),
            ("typname", v(row.name)),
            ("typnamespace", o(schema)),
            ("typowner", o(BOOTSTRAP_ROLE)),
            ("typlen", n(row.length)),
            ("typbyval", v(layout.by_value)),
            ("typtype", v(row.kind.to_string())),
            ("typcategory", v(row.category.to_string())),
            ("typispreferred", v(row.preferred)),
            ("typisdefined", v(true)),
            ("typdelim", v(",")),
            ("typrelid", o(0)),
            ("typelem", o(row.element)),
            ("typarray", o(row.array)),
            ("typalign", v(layout.align)),
            ("typstorage", v(layout.storage)),
            ("typnotnull", v(false)),
            ("typbasetype", o(0)),
            ("typtypmod", n(-1)),
            ("typndims", n(0)),
            ("typcollation", o(layout.collation)),
            ("typdefaultbin", NULL),
            ("typdefault", NULL),
            ("typacl", NULL),
        ]);
    }
    for row in catalog.types.values() {
        let layout = layout(catalog, row.oid);
        let (kind, category) = match &row.kind {
            TypeKind::Enum { .. } => ("e", 'E'),
            TypeKind::Domain { base, .. } => ("d", category(catalog, base.oid)),
            TypeKind::Composite { .. } => ("c", 'C'),
            TypeKind::Array { .. } => ("b", 'A'),
            TypeKind::Other { category } => ("b", *category),
        };
        let mut values = vec![
            ("oid", o(row.oid)),
            ("typname", v(&*row.name)),
            ("typnamespace", o(row.schema)),
            ("typowner", o(row.owner)),
            ("typlen", n(layout.length)),
            ("typbyval", v(layout.by_value)),
            ("typtype", v(kind)),
            ("typcategory", v(category.to_string())),
            ("typispreferred", v(false)),
            ("typisdefined", v(true)),
            ("typdelim", v(",")),
            ("typarray", o(row.array)),
            ("typalign", v(layout.align)),
            ("typstorage", v(layout.storage)),
            ("typndims", n(0)),
            ("typcollation", o(layout.collation)),
            ("typacl", viewer.acl(&row.acl)),
        ];
        values.push((
            "typrelid",
            match &row.kind {
                TypeKind::Composite { relation } => o(*relation),
                _ => o(0),
            },
        ));
        values.push((
            "typelem",
            match &row.kind {
                TypeKind::Array { element } => o(*element),
                _ => o(0),
            },
        ));
        if let TypeKind::Domain { base, not_null, default, .. } = &row.kind {
            let definition = default.as_ref().map(|_| Definition::DomainDefault(row.oid));
            values.extend([
                ("typnotnull", v(*not_null)),
                ("typbasetype", o(base.oid)),
                ("typtypmod", n(base.modifier)),
                ("typdefaultbin", node(definition.clone())),
                ("typdefault", definition.map_or(NULL, Cell::Defined)),
            ]);
        } else {
            values.extend([
                ("typnotnull", v(false)),
                ("typbasetype", o(0)),
                ("typtypmod", n(-1)),
                ("typdefaultbin", NULL),
                ("typdefault", NULL),
            ]);
        }
        rows.add_all(values);
    }
}

fn category(catalog: &Catalog, type_oid: Oid) -> char {
    match catalog.type_entry(type_oid) {
        Some(TypeEntry::Builtin(row)) => row.category,
        Some(TypeEntry::User(row)) => match &row.kind {
            TypeKind::Enum { .. } => 'E',
            TypeKind::Domain { base, .. } => category(catalog, base.oid),
            TypeKind::Composite { .. } => 'C',
            TypeKind::Array { .. } => 'A',
            TypeKind::Other { category } => *category,
        },
        None => 'U',
    }
}

pub(super) fn enumeration(viewer: &Viewer<'_>, rows: &mut Rows) {
    for row in viewer.catalog.types.values() {
        let TypeKind::Enum { labels } = &row.kind else { continue };
        for label in labels {
            #[expect(clippy::cast_precision_loss, reason = "the numbers of labels are small")]
            let order = label.ordinal as f64 / LABEL_GAP;
            rows.add([
                ("enumtypid", o(row.oid)),
                ("enumsortorder", v(order)),
                ("enumlabel", v(&*label.label)),
            ]);
        }
    }
}

/// The schema of a type.
pub(super) fn schema_of(catalog: &Catalog, type_oid: Oid) -> Oid {
    match catalog.type_entry(type_oid) {
        Some(TypeEntry::Builtin(row)) => catalog.builtin_schema(row.extension).unwrap_or(PG_CATALOG),
        Some(TypeEntry::User(row)) => row.schema,
        None => PG_CATALOG,
    }
}
