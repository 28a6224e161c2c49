//! information_schema: constraints.

use super::{Cell, DATABASE, Definition, NULL, Rows, Viewer, count, v, yes};
use catalog::{
    ColumnNumber, Constraint, ConstraintKind, ForeignKey, Privileges, ReferentialAction, Relation,
    RelationKind, TypeKind,
};

/// Whether the viewer owns the relation or may do more than read it.
pub(super) fn may_change(viewer: &Viewer<'_>, relation: &Relation) -> bool {
    let wanted = Privileges::TABLE.minus(Privileges::SELECT);
    let class = relation.acl_class();
    let held = viewer.catalog.acl_mask(viewer.role, relation.owner, class, &relation.acl, wanted);
    let columns = Privileges::INSERT.union(Privileges::UPDATE).union(Privileges::REFERENCES);
    viewer.has_role(relation.owner)
        || !held.is_empty()
        || relation.columns.iter().any(|column| {
            let class = catalog::privileges::AclClass::Column;
            column.acl.is_some()
                && !viewer
                    .catalog
                    .acl_mask(viewer.role, relation.owner, class, &column.acl, columns)
                    .is_empty()
        })
}

fn tables<'a>(viewer: &Viewer<'a>) -> impl Iterator<Item = &'a Relation> {
    let is_table =
        |relation: &&Relation| matches!(relation.kind, RelationKind::Table | RelationKind::PartitionedTable);
    viewer.catalog.relations.values().map(AsRef::as_ref).filter(is_table)
}

/// The name that information_schema gives NOT NULL of a column.
fn not_null_name(relation: &Relation, number: ColumnNumber) -> String {
    format!("{}_{}_{number}_not_null", relation.schema, relation.oid)
}

pub(super) fn table_constraints(viewer: &Viewer<'_>, rows: &mut Rows) {
    for relation in tables(viewer).filter(|relation| may_change(viewer, relation)) {
        let schema = viewer.schema_name(relation.schema);
        let mut add = |name: String, kind: &str, constraint: Option<&Constraint>| {
            let distinct = match constraint.map(|constraint| &constraint.kind) {
                Some(ConstraintKind::Unique { nulls_not_distinct, .. }) => yes(!nulls_not_distinct),
                _ => NULL,
            };
            rows.add_known(vec![
                ("constraint_catalog", v(DATABASE)),
                ("constraint_schema", v(schema)),
                ("constraint_name", v(name)),
                ("table_catalog", v(DATABASE)),
                ("table_schema", v(schema)),
                ("table_name", v(&*relation.name)),
                ("constraint_type", v(kind)),
                ("is_deferrable", yes(constraint.is_some_and(|constraint| constraint.deferrable))),
                (
                    "initially_deferred",
                    yes(constraint.is_some_and(|constraint| constraint.initially_deferred)),
                ),
                ("enforced", yes(true)),
                ("nulls_distinct", distinct),
            ]);
        };
        for constraint in &relation.constraints {
            let kind = match &constraint.kind {
                ConstraintKind::Check { .. } => "CHECK",
                ConstraintKind::PrimaryKey { .. } => "PRIMARY KEY",
                ConstraintKind::Unique { .. } => "UNIQUE",
                ConstraintKind::ForeignKey(_) => "FOREIGN KEY",
            };
            add(constraint.name.clone(), kind, Some(constraint));
        }
        for column in relation.columns.iter().filter(|column| column.not_null) {
            add(not_null_name(relation, column.number), "CHECK", None);
        }
    }
}

pub(super) fn check_constraints(viewer: &Viewer<'_>, rows: &mut Rows) {
    domain_checks(viewer, rows);
    for relation in tables(viewer).filter(|relation| viewer.has_role(relation.owner)) {
        let schema = viewer.schema_name(relation.schema);
        let mut add = |name: String, clause: Cell| {
            rows.add_known(vec![
                ("constraint_catalog", v(DATABASE)),
                ("constraint_schema", v(schema)),
                ("constraint_name", v(name)),
                ("check_clause", clause),
            ]);
        };
        for constraint in &relation.constraints {
            if matches!(constraint.kind, ConstraintKind::Check { .. }) {
                let clause = Definition::CheckClause(relation.oid, constraint.oid);
                add(constraint.name.clone(), Cell::Defined(clause));
            }
        }
        for column in relation.columns.iter().filter(|column| column.not_null) {
            add(not_null_name(relation, column.number), v(format!("{} IS NOT NULL", column.name)));
        }
    }
}

/// CHECKs of domains.
fn domain_checks(viewer: &Viewer<'_>, rows: &mut Rows) {
    for row in viewer.catalog.types.values().filter(|row| viewer.has_role(row.owner)) {
        let TypeKind::Domain { checks, .. } = &row.kind else { continue };
        for (at, check) in checks.iter().enumerate() {
            rows.add_known(vec![
                ("constraint_catalog", v(DATABASE)),
                ("constraint_schema", v(viewer.schema_name(row.schema))),
                ("constraint_name", v(&*check.name)),
                ("check_clause", Cell::Defined(Definition::DomainCheckClause(row.oid, at))),
            ]);
        }
    }
}

fn column_name(relation: &Relation, number: ColumnNumber) -> Cell {
    let column = relation.columns.iter().find(|column| column.number == number);
    v(column.map(|column| column.name.as_str()))
}

/// The columns of a unique index in order.
fn index_columns(viewer: &Viewer<'_>, key: &ForeignKey) -> Vec<ColumnNumber> {
    let Some(table) = viewer.catalog.relations.get(&key.referenced) else { return Vec::new() };
    let same = |columns: &&Vec<ColumnNumber>| {
        columns.len() == key.referenced_columns.len()
            && columns.iter().all(|column| key.referenced_columns.contains(column))
    };
    let columns = table.constraints.iter().filter_map(|constraint| match &constraint.kind {
        ConstraintKind::PrimaryKey { columns, .. } | ConstraintKind::Unique { columns, .. } => Some(columns),
        _ => None,
    });
    columns.clone().find(same).cloned().unwrap_or_else(|| key.referenced_columns.clone())
}

pub(super) fn key_column_usage(viewer: &Viewer<'_>, rows: &mut Rows) {
    for relation in tables(viewer) {
        let schema = viewer.schema_name(relation.schema);
        for constraint in &relation.constraints {
            let (columns, key) = match &constraint.kind {
                ConstraintKind::Check { .. } => continue,
                ConstraintKind::PrimaryKey { columns, .. } | ConstraintKind::Unique { columns, .. } => {
                    (columns, None)
                }
                ConstraintKind::ForeignKey(key) => (&key.columns, Some(key)),
            };
            let order = key.map(|key| index_columns(viewer, key));
            for (at, number) in columns.iter().enumerate() {
                let column = relation.columns.iter().find(|column| column.number == *number);
                if !column.is_some_and(|column| viewer.may_see_column(relation, column)) {
                    continue;
                }
                let position = key.zip(order.as_ref()).and_then(|(key, order)| {
                    let referenced = key.referenced_columns.get(at)?;
                    order.iter().position(|column| column == referenced)
                });
                rows.add_known(vec![
                    ("constraint_catalog", v(DATABASE)),
                    ("constraint_schema", v(schema)),
                    ("constraint_name", v(&*constraint.name)),
                    ("table_catalog", v(DATABASE)),
                    ("table_schema", v(schema)),
                    ("table_name", v(&*relation.name)),
                    ("column_name", column_name(relation, *number)),
                    ("ordinal_position", count(at + 1)),
                    ("position_in_unique_constraint", position.map_or(NULL, |at| count(at + 1))),
                ]);
            }
        }
    }
}

/// The table and columns that a constraint uses: those of the referenced table for a foreign key.
fn used<'a>(
    viewer: &Viewer<'a>,
    relation: &'a Relation,
    constraint: &'a Constraint,
) -> Option<(&'a Relation, &'a [ColumnNumber])> {
    match &constraint.kind {
        ConstraintKind::Check { columns, .. }
        | ConstraintKind::PrimaryKey { columns, .. }
        | ConstraintKind::Unique { columns, .. } => Some((relation, columns)),
        ConstraintKind::ForeignKey(key) => {
            viewer.catalog.relations.get(&key.referenced).map(|table| (&**table, &*key.referenced_columns))
        }
    }
}

pub(super) fn constraint_column_usage(viewer: &Viewer<'_>, rows: &mut Rows) {
    for relation in tables(viewer) {
        for constraint in &relation.constraints {
            let Some((table, columns)) = used(viewer, relation, constraint) else { continue };
            if !viewer.has_role(table.owner) {
                continue;
            }
            for number in columns {
                rows.add_known(vec![
                    ("table_catalog", v(DATABASE)),
                    ("table_schema", v(viewer.schema_name(table.schema))),
                    ("table_name", v(&*table.name)),
                    ("column_name", column_name(table, *number)),
                    ("constraint_catalog", v(DATABASE)),
                    ("constraint_schema", v(viewer.schema_name(relation.schema))),
                    ("constraint_name", v(&*constraint.name)),
                ]);
            }
        }
    }
}

pub(super) fn constraint_table_usage(viewer: &Viewer<'_>, rows: &mut Rows) {
    for relation in tables(viewer) {
        for constraint in &relation.constraints {
            if matches!(constraint.kind, ConstraintKind::Check { .. }) {
                continue;
            }
            let Some((table, _)) = used(viewer, relation, constraint) else { continue };
            if viewer.has_role(table.owner) {
                rows.add_known(vec![
                    ("table_catalog", v(DATABASE)),
                    ("table_schema", v(viewer.schema_name(table.schema))),
                    ("table_name", v(&*table.name)),
                    ("constraint_catalog", v(DATABASE)),
                    ("constraint_schema", v(viewer.schema_name(relation.schema))),
                    ("constraint_name", v(&*constraint.name)),
                ]);
            }
        }
    }
}

fn rule(action: ReferentialAction) -> Cell {
    v(match action {
        ReferentialAction::NoAction => "NO ACTION",
        ReferentialAction::Restrict => "RESTRICT",
        ReferentialAction::Cascade => "CASCADE",
        ReferentialAction::SetNull => "SET NULL",
        ReferentialAction::SetDefault => "SET DEFAULT",
    })
}

pub(super) fn referential_constraints(viewer: &Viewer<'_>, rows: &mut Rows) {
    for relation in tables(viewer).filter(|relation| may_change(viewer, relation)) {
        for constraint in &relation.constraints {
            let ConstraintKind::ForeignKey(key) = &constraint.kind else { continue };
            let table = viewer.catalog.relations.get(&key.referenced);
            let columns = index_columns(viewer, key);
            let unique = table.and_then(|table| {
                table.constraints.iter().find(|other| match &other.kind {
                    ConstraintKind::PrimaryKey { columns: own, .. }
                    | ConstraintKind::Unique { columns: own, .. } => *own == columns,
                    _ => false,
                })
            });
            let schema = table.filter(|_| unique.is_some()).map(|table| viewer.schema_name(table.schema));
            rows.add_known(vec![
                ("constraint_catalog", v(DATABASE)),
                ("constraint_schema", v(viewer.schema_name(relation.schema))),
                ("constraint_name", v(&*constraint.name)),
                ("unique_constraint_catalog", v(unique.map(|_| DATABASE))),
                ("unique_constraint_schema", v(schema)),
                ("unique_constraint_name", v(unique.map(|unique| unique.name.as_str()))),
                ("match_option", v(if key.match_full { "FULL" } else { "NONE" })),
                ("update_rule", rule(key.on_update)),
                ("delete_rule", rule(key.on_delete)),
            ]);
        }
    }
}
