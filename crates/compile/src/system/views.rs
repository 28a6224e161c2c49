//! The views of pg_catalog.

use super::others::role_names;
use super::{Cell, Definition, NULL, Rows, Viewer, n, o, texts, v};
use catalog::builtin::{PG_CATALOG, builtins};
use catalog::{Catalog, PolicyCommand, Relation, RelationKind};

fn is_table(relation: &Relation) -> bool {
    matches!(relation.kind, RelationKind::Table | RelationKind::PartitionedTable)
}

pub(super) fn tables(viewer: &Viewer<'_>, rows: &mut Rows) {
    for relation in builtins().system_relations().iter().filter(|relation| relation.kind == 'r') {
        rows.add([
            ("schemaname", v(relation.schema)),
            ("tablename", v(relation.name)),
            ("tableowner", v(viewer.role_name(catalog::BOOTSTRAP_ROLE))),
            ("hasrules", v(false)),
            ("hastriggers", v(false)),
            ("rowsecurity", v(false)),
        ]);
    }
    for relation in viewer.catalog.relations.values().filter(|relation| is_table(relation)) {
        let has_keys = relation
            .constraints
            .iter()
            .any(|constraint| matches!(constraint.kind, catalog::ConstraintKind::ForeignKey(_)));
        let referenced = viewer.catalog.references_to(relation.oid).next().is_some();
        rows.add([
            ("schemaname", v(viewer.schema_name(relation.schema))),
            ("tablename", v(&*relation.name)),
            ("tableowner", v(viewer.role_name(relation.owner))),
            ("tablespace", NULL),
            ("hasindexes", v(viewer.catalog.indexes_of(relation.oid).next().is_some())),
            ("hasrules", v(false)),
            ("hastriggers", v(!relation.triggers.is_empty() || has_keys || referenced)),
            ("rowsecurity", v(relation.row_security)),
        ]);
    }
}

pub(super) fn views(viewer: &Viewer<'_>, rows: &mut Rows) {
    for relation in builtins().system_relations().iter().filter(|relation| relation.kind == 'v') {
        rows.add([
            ("schemaname", v(relation.schema)),
            ("viewname", v(relation.name)),
            ("viewowner", v(viewer.role_name(catalog::BOOTSTRAP_ROLE))),
        ]);
    }
    for relation in viewer.catalog.relations.values() {
        if relation.kind == RelationKind::View {
            rows.add([
                ("schemaname", v(viewer.schema_name(relation.schema))),
                ("viewname", v(&*relation.name)),
                ("viewowner", v(viewer.role_name(relation.owner))),
                ("definition", Cell::Defined(Definition::View(relation.oid))),
            ]);
        }
    }
}

pub(super) fn matviews(viewer: &Viewer<'_>, rows: &mut Rows) {
    for relation in viewer.catalog.relations.values() {
        if relation.kind == RelationKind::MaterializedView {
            rows.add([
                ("schemaname", v(viewer.schema_name(relation.schema))),
                ("matviewname", v(&*relation.name)),
                ("matviewowner", v(viewer.role_name(relation.owner))),
                ("tablespace", NULL),
                ("hasindexes", v(viewer.catalog.indexes_of(relation.oid).next().is_some())),
                ("ispopulated", v(true)),
                ("definition", Cell::Defined(Definition::View(relation.oid))),
            ]);
        }
    }
}

pub(super) fn indexes(viewer: &Viewer<'_>, rows: &mut Rows) {
    for index in viewer.catalog.indexes.values() {
        let Some(table) = viewer.catalog.relations.get(&index.table) else { continue };
        rows.add([
            ("schemaname", v(viewer.schema_name(table.schema))),
            ("tablename", v(&*table.name)),
            ("indexname", v(&*index.name)),
            ("tablespace", NULL),
            ("indexdef", Cell::Defined(Definition::Index(index.oid))),
        ]);
    }
}

pub(super) fn policies(viewer: &Viewer<'_>, rows: &mut Rows) {
    for relation in viewer.catalog.relations.values() {
        for policy in &relation.policies {
            let command = match policy.command {
                PolicyCommand::All => "ALL",
                PolicyCommand::Select => "SELECT",
                PolicyCommand::Insert => "INSERT",
                PolicyCommand::Update => "UPDATE",
                PolicyCommand::Delete => "DELETE",
            };
            let using = Definition::Using(relation.oid, policy.oid);
            let check = Definition::WithCheck(relation.oid, policy.oid);
            rows.add([
                ("schemaname", v(viewer.schema_name(relation.schema))),
                ("tablename", v(&*relation.name)),
                ("policyname", v(&*policy.name)),
                ("permissive", v(if policy.permissive { "PERMISSIVE" } else { "RESTRICTIVE" })),
                ("roles", role_names(viewer, &policy.roles)),
                ("cmd", v(command)),
                ("qual", if policy.using.is_some() { Cell::Defined(using) } else { NULL }),
                ("with_check", if policy.check.is_some() { Cell::Defined(check) } else { NULL }),
            ]);
        }
    }
}

fn configuration(settings: &[(String, String)]) -> Cell {
    if settings.is_empty() {
        return NULL;
    }
    texts(settings.iter().map(|(name, value)| format!("{name}={value}")))
}

pub(super) fn roles(viewer: &Viewer<'_>, rows: &mut Rows) {
    for role in viewer.catalog.roles.values() {
        rows.add([
            ("rolname", v(&*role.name)),
            ("rolsuper", v(role.superuser)),
            ("rolinherit", v(role.inherit)),
            ("rolcreaterole", v(role.create_role)),
            ("rolcreatedb", v(role.create_db)),
            ("rolcanlogin", v(role.login)),
            ("rolconnlimit", n(-1)),
            ("rolpassword", v("********")),
            ("rolvaliduntil", NULL),
            ("rolbypassrls", v(role.bypass_rls)),
            ("rolconfig", configuration(&role.settings)),
            ("oid", o(role.oid)),
        ]);
    }
}

pub(super) fn users(viewer: &Viewer<'_>, rows: &mut Rows) {
    for role in viewer.catalog.roles.values().filter(|role| role.login) {
        rows.add([
            ("usename", v(&*role.name)),
            ("usesysid", o(role.oid)),
            ("usecreatedb", v(role.create_db)),
            ("usesuper", v(role.superuser)),
            ("usebypassrls", v(role.bypass_rls)),
            ("passwd", v("********")),
            ("valuntil", NULL),
            ("useconfig", configuration(&role.settings)),
        ]);
    }
}

pub(super) fn publication_tables(viewer: &Viewer<'_>, rows: &mut Rows) {
    for row in viewer.catalog.publications.values() {
        let all: Vec<u32> = all_tables(viewer.catalog);
        let tables = if row.all_tables { &all } else { &row.tables };
        for table in tables.iter().filter_map(|table| viewer.catalog.relations.get(table)) {
            let columns = table.columns.iter().filter(|column| !column.generated);
            rows.add([
                ("pubname", v(&*row.name)),
                ("schemaname", v(viewer.schema_name(table.schema))),
                ("tablename", v(&*table.name)),
                ("attnames", texts(columns.map(|column| &column.name))),
                ("rowfilter", NULL),
            ]);
        }
    }
}

fn all_tables(catalog: &Catalog) -> Vec<u32> {
    let tables =
        catalog.relations.values().filter(|relation| is_table(relation) && relation.schema != PG_CATALOG);
    tables.map(|relation| relation.oid).collect()
}

pub(super) fn sequences(viewer: &Viewer<'_>, rows: &mut Rows) {
    for relation in viewer.catalog.relations.values() {
        let Some(sequence) = &relation.sequence else { continue };
        rows.add([
            ("schemaname", v(viewer.schema_name(relation.schema))),
            ("sequencename", v(&*relation.name)),
            ("sequenceowner", v(viewer.role_name(relation.owner))),
            ("data_type", o(sequence.type_oid)),
            ("start_value", n(sequence.start)),
            ("min_value", n(sequence.min)),
            ("max_value", n(sequence.max)),
            ("increment_by", n(sequence.increment)),
            ("cycle", v(sequence.cycle)),
            ("cache_size", n(sequence.cache)),
        ]);
    }
}
