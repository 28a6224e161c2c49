//! pg_class, pg_attribute, pg_attrdef and pg_index.

use super::types::layout;
use super::{Cell, Definition, NULL, Rows, Viewer, count, n, node, numbers, o, texts, v};
use crate::types::plain;
use catalog::builtin::{INFORMATION_SCHEMA, PG_CATALOG, builtins};
use catalog::{
    BOOTSTRAP_ROLE, Column, ConstraintKind, Index, IndexKey, Oid, Persistence, Relation, RelationKind,
    TypeRef,
};

/// relkind
pub(super) fn relation_kind(relation: &Relation) -> &'static str {
    match relation.kind {
        RelationKind::Table => "r",
        RelationKind::View => "v",
        RelationKind::MaterializedView => "m",
        RelationKind::Sequence => "S",
        RelationKind::ForeignTable => "f",
        RelationKind::PartitionedTable => "p",
        RelationKind::Composite => "c",
    }
}

/// relpersistence
fn persistence(relation: &Relation) -> &'static str {
    match relation.persistence {
        Persistence::Permanent => "p",
        Persistence::Unlogged => "u",
        _ => "t",
    }
}

/// The access methods of pgvector: they have no fixed OID in PostgreSQL, ours are in the range of its other objects.
pub(super) const IVFFLAT: Oid = 9298;
/// See [`IVFFLAT`].
pub(super) const HNSW: Oid = 9299;

/// pg_am.oid of an index method.
fn method_oid(method: &str) -> Cell {
    match method {
        "btree" => o(403),
        "hash" => o(405),
        "gist" => o(783),
        "gin" => o(2742),
        "brin" => o(3580),
        "spgist" => o(4000),
        "ivfflat" => o(IVFFLAT),
        "hnsw" => o(HNSW),
        other => Cell::Refused(format!("the number of index method {other}")),
    }
}

fn options(options: &[(String, Option<String>)]) -> Cell {
    if options.is_empty() {
        return NULL;
    }
    texts(options.iter().map(|(name, value)| match value {
        Some(value) => format!("{name}={value}"),
        None => format!("{name}=true"),
    }))
}

/// The storage parameters of a view, which the catalog keeps as flags.
fn view_options(relation: &Relation) -> Vec<(String, Option<String>)> {
    let mut found = relation.options.clone();
    if let Some(view) = &relation.view {
        let mut put = |name: &str, value: &str| {
            if !found.iter().any(|(known, _)| known == name) {
                found.push((name.to_owned(), Some(value.to_owned())));
            }
        };
        if view.security_barrier {
            put("security_barrier", "true");
        }
        if view.security_invoker {
            put("security_invoker", "true");
        }
        if let Some(cascaded) = view.check_option {
            put("check_option", if cascaded { "cascaded" } else { "local" });
        }
    }
    found
}

fn replica_identity(relation: &Relation) -> &'static str {
    match relation.replica_identity.as_deref() {
        None | Some("DEFAULT") => "d",
        Some("FULL") => "f",
        Some("NOTHING") => "n",
        Some(_) => "i",
    }
}

pub(super) fn class(viewer: &Viewer<'_>, rows: &mut Rows) {
    for relation in builtins().system_relations() {
        let schema = if relation.schema == "pg_catalog" { PG_CATALOG } else { INFORMATION_SCHEMA };
        rows.add([
            ("oid", o(relation.oid)),
            ("relname", v(relation.name)),
            ("relnamespace", o(schema)),
            ("relowner", o(BOOTSTRAP_ROLE)),
            ("relpersistence", v("p")),
            ("relkind", v(relation.kind.to_string())),
            ("relnatts", count(relation.columns.len())),
            ("relchecks", n(0)),
            ("relhasrules", v(relation.kind == 'v')),
            ("relhastriggers", v(false)),
            ("relhassubclass", v(false)),
            ("relrowsecurity", v(false)),
            ("relforcerowsecurity", v(false)),
            ("relispopulated", v(true)),
            ("relispartition", v(false)),
        ]);
    }
    for relation in viewer.catalog.relations.values() {
        let table = matches!(relation.kind, RelationKind::Table | RelationKind::PartitionedTable);
        let stored =
            table || matches!(relation.kind, RelationKind::MaterializedView | RelationKind::Sequence);
        let is_check =
            |constraint: &&catalog::Constraint| matches!(constraint.kind, ConstraintKind::Check { .. });
        let keys = relation.constraints.iter().any(|row| matches!(row.kind, ConstraintKind::ForeignKey(_)));
        let referenced = viewer.catalog.references_to(relation.oid).next().is_some();
        rows.add([
            ("oid", o(relation.oid)),
            ("relname", v(&*relation.name)),
            ("relnamespace", o(relation.schema)),
            ("reltype", o(relation.row_type)),
            ("reloftype", o(0)),
            ("relowner", o(relation.owner)),
            ("relam", o(if table { 2 } else { 0 })),
            ("relfilenode", o(if stored { relation.oid } else { 0 })),
            ("reltablespace", o(0)),
            ("relpages", n(i32::from(relation.kind == RelationKind::Sequence))),
            (
                "reltuples",
                v(match relation.kind {
                    RelationKind::Sequence => 1.0,
                    RelationKind::View | RelationKind::Composite => 0.0,
                    _ => -1.0,
                }),
            ),
            ("relallvisible", n(0)),
            ("relhasindex", v(viewer.catalog.indexes_of(relation.oid).next().is_some())),
            ("relisshared", v(false)),
            ("relpersistence", v(persistence(relation))),
            ("relkind", v(relation_kind(relation))),
            (
                "relnatts",
                n(if relation.kind == RelationKind::Sequence { 3 } else { relation.next_column - 1 }),
            ),
            ("relchecks", count(relation.constraints.iter().filter(is_check).count())),
            ("relhasrules", v(relation.kind == RelationKind::View)),
            ("relhastriggers", v(!relation.triggers.is_empty() || keys || referenced)),
            ("relhassubclass", v(false)),
            ("relrowsecurity", v(relation.row_security)),
            ("relforcerowsecurity", v(relation.force_row_security)),
            ("relispopulated", v(!relation.unpopulated)),
            ("relreplident", v(if table { replica_identity(relation) } else { "n" })),
            ("relispartition", v(relation.is_partition)),
            ("relrewrite", o(0)),
            ("relacl", viewer.acl(&relation.acl)),
            ("reloptions", options(&view_options(relation))),
            ("relpartbound", NULL),
        ]);
    }
    for index in viewer.catalog.indexes.values() {
        let table = viewer.catalog.relations.get(&index.table);
        let owner = table.map_or(0, |table| table.owner);
        rows.add([
            ("oid", o(index.oid)),
            ("relname", v(&*index.name)),
            ("relnamespace", o(index.schema)),
            ("reltype", o(0)),
            ("reloftype", o(0)),
            ("relowner", o(owner)),
            ("relam", method_oid(&index.method)),
            ("relfilenode", o(index.oid)),
            ("reltablespace", o(0)),
            ("relhasindex", v(false)),
            ("relisshared", v(false)),
            ("relpersistence", v(table.map_or("p", |table| persistence(table)))),
            ("relkind", v("i")),
            ("relnatts", count(index.elements.len() + index.include.len())),
            ("relchecks", n(0)),
            ("relhasrules", v(false)),
            ("relhastriggers", v(false)),
            ("relhassubclass", v(false)),
            ("relrowsecurity", v(false)),
            ("relforcerowsecurity", v(false)),
            ("relispopulated", v(true)),
            ("relreplident", v("n")),
            ("relispartition", v(false)),
            ("relrewrite", o(0)),
            ("relacl", NULL),
            ("reloptions", NULL),
            ("relpartbound", NULL),
        ]);
    }
}

/// What stands in a row of pg_attribute.
struct Attribute<'a> {
    relation: Oid,
    name: &'a str,
    type_ref: TypeRef,
    number: i16,
    not_null: bool,
    has_default: bool,
    identity: &'static str,
    generated: &'static str,
    acl: Cell,
}

impl<'a> Attribute<'a> {
    /// One that has nothing but a name and a type.
    fn plain(relation: Oid, number: i16, name: &'a str, type_ref: TypeRef) -> Attribute<'a> {
        Attribute {
            relation,
            name,
            type_ref,
            number,
            not_null: false,
            has_default: false,
            identity: "",
            generated: "",
            acl: NULL,
        }
    }
}

fn attribute_row(viewer: &Viewer<'_>, rows: &mut Rows, attribute: Attribute<'_>) {
    let layout = layout(viewer.catalog, attribute.type_ref.oid);
    let array = viewer.catalog.element_type(attribute.type_ref.oid).is_some();
    rows.add([
        ("attrelid", o(attribute.relation)),
        ("attname", v(attribute.name)),
        ("atttypid", o(attribute.type_ref.oid)),
        ("attstattarget", n(if attribute.number < 0 { 0 } else { -1 })),
        ("attlen", n(layout.length)),
        ("attnum", n(attribute.number)),
        ("attndims", n(i32::from(array))),
        ("attcacheoff", n(-1)),
        ("atttypmod", n(attribute.type_ref.modifier)),
        ("attbyval", v(layout.by_value)),
        ("attalign", v(layout.align)),
        ("attstorage", v(layout.storage)),
        ("attcompression", v("")),
        ("attnotnull", v(attribute.not_null)),
        ("atthasdef", v(attribute.has_default)),
        ("attidentity", v(attribute.identity)),
        ("attgenerated", v(attribute.generated)),
        ("attisdropped", v(false)),
        ("attislocal", v(true)),
        ("attinhcount", n(0)),
        ("attcollation", o(layout.collation)),
        ("attacl", attribute.acl),
        ("attoptions", NULL),
        ("attfdwoptions", NULL),
    ]);
}

/// The columns that every table has.
const SYSTEM_COLUMNS: [(i16, &str, Oid); 6] = [
    (-1, "ctid", 27),
    (-2, "xmin", 28),
    (-3, "cmin", 29),
    (-4, "xmax", 28),
    (-5, "cmax", 29),
    (-6, "tableoid", 26),
];

pub(super) fn attribute(viewer: &Viewer<'_>, rows: &mut Rows) {
    for relation in viewer.catalog.relations.values() {
        let stored = matches!(
            relation.kind,
            RelationKind::Table
                | RelationKind::PartitionedTable
                | RelationKind::MaterializedView
                | RelationKind::Sequence
        );
        if stored {
            for (number, name, ty) in SYSTEM_COLUMNS {
                let attribute = Attribute::plain(relation.oid, number, name, plain(ty));
                attribute_row(viewer, rows, Attribute { not_null: true, ..attribute });
            }
        }
        if relation.kind == RelationKind::Sequence && relation.columns.is_empty() {
            for (number, name, ty) in [(1, "last_value", 20), (2, "log_cnt", 20), (3, "is_called", 16)] {
                let attribute = Attribute::plain(relation.oid, number, name, plain(ty));
                attribute_row(viewer, rows, Attribute { not_null: true, ..attribute });
            }
        }
        for number in 1..relation.next_column {
            match relation.columns.iter().find(|column| column.number == number) {
                Some(column) => {
                    let acl = viewer.acl(&column.acl);
                    attribute_row(viewer, rows, column_attribute(relation, column, acl));
                }
                None => dropped(relation.oid, number, rows),
            }
        }
    }
    for index in viewer.catalog.indexes.values() {
        for (at, (name, type_ref)) in index_columns(viewer, index).iter().enumerate() {
            let number = i16::try_from(at + 1).unwrap_or(i16::MAX);
            attribute_row(viewer, rows, Attribute::plain(index.oid, number, name, *type_ref));
        }
    }
}

fn column_attribute<'a>(relation: &Relation, column: &'a Column, acl: Cell) -> Attribute<'a> {
    Attribute {
        relation: relation.oid,
        name: &column.name,
        type_ref: column.type_ref,
        number: column.number,
        not_null: column.not_null,
        has_default: column.default.is_some(),
        identity: match column.identity {
            None => "",
            Some(identity) if identity.always => "a",
            Some(_) => "d",
        },
        generated: if column.generated { "s" } else { "" },
        acl,
    }
}

fn dropped(relation: Oid, number: i16, rows: &mut Rows) {
    rows.add([
        ("attrelid", o(relation)),
        ("attname", v(format!("........pg.dropped.{number}........"))),
        ("atttypid", o(0)),
        ("attstattarget", n(0)),
        ("attnum", n(number)),
        ("attcacheoff", n(-1)),
        ("attnotnull", v(false)),
        ("atthasdef", v(false)),
        ("attidentity", v("")),
        ("attgenerated", v("")),
        ("attisdropped", v(true)),
        ("attislocal", v(true)),
        ("attinhcount", n(0)),
        ("attacl", NULL),
        ("attoptions", NULL),
        ("attfdwoptions", NULL),
    ]);
}

/// The columns of an index: names and types.
fn index_columns(viewer: &Viewer<'_>, index: &Index) -> Vec<(String, TypeRef)> {
    let Some(table) = viewer.catalog.relations.get(&index.table) else { return Vec::new() };
    let unknown = TypeRef { oid: 0, modifier: -1 };
    let column = |number: i16| table.columns.iter().find(|column| column.number == number);
    let mut found: Vec<(String, TypeRef)> = Vec::new();
    for element in &index.elements {
        let (name, ty) = match &element.key {
            IndexKey::Column(number) => {
                column(*number).map_or((String::new(), unknown), |row| (row.name.clone(), row.type_ref))
            }
            IndexKey::Expression(sql) => super::definitions::index_column(viewer, table, sql),
        };
        found.push((name, ty));
    }
    for number in &index.include {
        if let Some(row) = column(*number) {
            found.push((row.name.clone(), row.type_ref));
        }
    }
    // A name that is taken gets a number.
    for at in 0..found.len() {
        let base = found[at].0.clone();
        let mut number = 0;
        while found[..at].iter().any(|(name, _)| *name == found[at].0) {
            number += 1;
            found[at].0 = format!("{base}{number}");
        }
    }
    found
}

pub(super) fn attrdef(viewer: &Viewer<'_>, rows: &mut Rows) {
    for relation in viewer.catalog.relations.values() {
        for column in relation.columns.iter().filter(|column| column.default.is_some()) {
            rows.add([
                ("adrelid", o(relation.oid)),
                ("adnum", n(column.number)),
                ("adbin", node(Some(Definition::Default(relation.oid, column.number)))),
            ]);
        }
    }
}

/// The constraint that owns an index.
pub(super) fn owning_constraint<'a>(viewer: &Viewer<'a>, index: &Index) -> Option<&'a catalog::Constraint> {
    let table = viewer.catalog.relations.get(&index.table)?;
    table.constraints.iter().find(|constraint| match &constraint.kind {
        ConstraintKind::PrimaryKey { index: oid, .. } | ConstraintKind::Unique { index: oid, .. } => {
            *oid == index.oid
        }
        ConstraintKind::Check { .. } | ConstraintKind::ForeignKey(_) => false,
    })
}

pub(super) fn index(viewer: &Viewer<'_>, rows: &mut Rows) {
    for index in viewer.catalog.indexes.values() {
        let owner = owning_constraint(viewer, index);
        let primary = owner.is_some_and(|owner| matches!(owner.kind, ConstraintKind::PrimaryKey { .. }));
        let key = index.elements.iter().map(|element| match element.key {
            IndexKey::Column(number) => number,
            IndexKey::Expression(_) => 0,
        });
        let key: Vec<i16> = key.chain(index.include.iter().copied()).collect();
        let has_expressions =
            index.elements.iter().any(|element| matches!(element.key, IndexKey::Expression(_)));
        let flags = index
            .elements
            .iter()
            .map(|element| i16::from(element.descending) | (i16::from(element.nulls_first) << 1));
        let identity = viewer
            .catalog
            .relations
            .get(&index.table)
            .and_then(|table| table.replica_identity.as_deref())
            .is_some_and(|identity| identity.ends_with(&index.name));
        rows.add([
            ("indexrelid", o(index.oid)),
            ("indrelid", o(index.table)),
            ("indnatts", count(key.len())),
            ("indnkeyatts", count(index.elements.len())),
            ("indisunique", v(index.unique)),
            ("indnullsnotdistinct", v(index.nulls_not_distinct)),
            ("indisprimary", v(primary)),
            ("indisexclusion", v(false)),
            ("indimmediate", v(!owner.is_some_and(|owner| owner.deferrable))),
            ("indisclustered", v(false)),
            ("indisvalid", v(true)),
            ("indcheckxmin", v(false)),
            ("indisready", v(true)),
            ("indislive", v(true)),
            ("indisreplident", v(identity)),
            ("indkey", numbers(&key)),
            ("indoption", numbers(flags)),
            ("indexprs", node(has_expressions.then_some(Definition::IndexExpressions(index.oid)))),
            ("indpred", node(index.filter.as_ref().map(|_| Definition::IndexPredicate(index.oid)))),
        ]);
    }
}
