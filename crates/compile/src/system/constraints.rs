//! pg_constraint.

use super::{Definition, NULL, Rows, Viewer, n, node, numbers, o, v};
use catalog::{ConstraintKind, ReferentialAction, Relation, TypeKind};
use syntax::visit::{self, Visit};

/// confupdtype, confdeltype
fn action(action: ReferentialAction) -> &'static str {
    match action {
        ReferentialAction::NoAction => "a",
        ReferentialAction::Restrict => "r",
        ReferentialAction::Cascade => "c",
        ReferentialAction::SetNull => "n",
        ReferentialAction::SetDefault => "d",
    }
}

/// contype
pub(super) fn kind_letter(kind: &ConstraintKind) -> &'static str {
    match kind {
        ConstraintKind::Check { .. } => "c",
        ConstraintKind::PrimaryKey { .. } => "p",
        ConstraintKind::Unique { .. } => "u",
        ConstraintKind::ForeignKey(_) => "f",
    }
}

pub(super) fn constraint(viewer: &Viewer<'_>, rows: &mut Rows) {
    for relation in viewer.catalog.relations.values() {
        for constraint in &relation.constraints {
            let mut values = vec![
                ("oid", o(constraint.oid)),
                ("conname", v(&*constraint.name)),
                ("connamespace", o(relation.schema)),
                ("contype", v(kind_letter(&constraint.kind))),
                ("condeferrable", v(constraint.deferrable)),
                ("condeferred", v(constraint.initially_deferred)),
                ("convalidated", v(constraint.validated)),
                ("conrelid", o(relation.oid)),
                ("contypid", o(0)),
                ("conparentid", o(0)),
                ("conislocal", v(true)),
                ("coninhcount", n(0)),
                (
                    "connoinherit",
                    v(constraint.no_inherit || !matches!(constraint.kind, ConstraintKind::Check { .. })),
                ),
                ("conexclop", NULL),
            ];
            match &constraint.kind {
                ConstraintKind::Check { columns, expression } => {
                    let columns = in_order_of_use(relation, columns, expression);
                    values.extend([
                        ("conindid", o(0)),
                        ("conkey", if columns.is_empty() { NULL } else { numbers(columns) }),
                        ("conbin", node(Some(Definition::Check(relation.oid, constraint.oid)))),
                    ]);
                }
                ConstraintKind::PrimaryKey { columns, index }
                | ConstraintKind::Unique { columns, index, .. } => {
                    values.extend([("conindid", o(*index)), ("conkey", numbers(columns)), ("conbin", NULL)]);
                }
                ConstraintKind::ForeignKey(key) => {
                    let set = &key.set_columns;
                    values.extend([
                        ("conindid", o(referenced_index(viewer, key))),
                        ("conkey", numbers(&key.columns)),
                        ("conbin", NULL),
                        ("confrelid", o(key.referenced)),
                        ("confupdtype", v(action(key.on_update))),
                        ("confdeltype", v(action(key.on_delete))),
                        ("confmatchtype", v(if key.match_full { "f" } else { "s" })),
                        ("confkey", numbers(&key.referenced_columns)),
                        ("confdelsetcols", if set.is_empty() { NULL } else { numbers(set) }),
                    ]);
                }
            }
            if !matches!(constraint.kind, ConstraintKind::ForeignKey(_)) {
                values.extend([
                    ("confrelid", o(0)),
                    ("confupdtype", v(" ")),
                    ("confdeltype", v(" ")),
                    ("confmatchtype", v(" ")),
                    ("confkey", NULL),
                    ("conpfeqop", NULL),
                    ("conppeqop", NULL),
                    ("conffeqop", NULL),
                    ("confdelsetcols", NULL),
                ]);
            }
            rows.add_all(values);
        }
    }
    for row in viewer.catalog.types.values() {
        let TypeKind::Domain { checks, .. } = &row.kind else { continue };
        for (at, check) in checks.iter().enumerate() {
            rows.add([
                ("conname", v(&*check.name)),
                ("connamespace", o(row.schema)),
                ("contype", v("c")),
                ("condeferrable", v(false)),
                ("condeferred", v(false)),
                ("convalidated", v(check.validated)),
                ("conrelid", o(0)),
                ("contypid", o(row.oid)),
                ("conindid", o(0)),
                ("conparentid", o(0)),
                ("confrelid", o(0)),
                ("confupdtype", v(" ")),
                ("confdeltype", v(" ")),
                ("confmatchtype", v(" ")),
                ("conislocal", v(true)),
                ("coninhcount", n(0)),
                ("connoinherit", v(false)),
                ("conkey", NULL),
                ("confkey", NULL),
                ("conbin", node(Some(Definition::DomainCheck(row.oid, at)))),
            ]);
        }
    }
}

/// The columns of a CHECK in the order in which it names them.
fn in_order_of_use(relation: &Relation, columns: &[i16], expression: &str) -> Vec<i16> {
    struct Names<'r>(&'r Relation, Vec<i16>);
    impl Visit for Names<'_> {
        fn expr(&mut self, expr: &syntax::ast::Expr) {
            if let syntax::ast::ExprKind::Column(parts) = &expr.kind
                && let Some(name) = parts.last()
                && let Some(column) = self.0.columns.iter().find(|column| column.name == *name)
                && !self.1.contains(&column.number)
            {
                self.1.push(column.number);
            }
            visit::walk_expr(self, expr);
        }
    }
    let mut names = Names(relation, Vec::new());
    if let Ok(parsed) = syntax::parse_expression(expression) {
        names.expr(&parsed);
    }
    let Names(_, mut found) = names;
    found.retain(|column| columns.contains(column));
    found.extend(columns.iter().filter(|column| !found.contains(column)).copied().collect::<Vec<_>>());
    found
}

/// The unique index that a foreign key rests on: the primary key's first, as PostgreSQL looks for it.
fn referenced_index(viewer: &Viewer<'_>, key: &catalog::ForeignKey) -> u32 {
    let Some(table) = viewer.catalog.relations.get(&key.referenced) else { return 0 };
    let same = |columns: &[i16]| {
        let (mut left, mut right) = (columns.to_vec(), key.referenced_columns.clone());
        left.sort_unstable();
        right.sort_unstable();
        left == right
    };
    let found = table.constraints.iter().find_map(|constraint| match &constraint.kind {
        ConstraintKind::PrimaryKey { columns, index } if same(columns) => Some(*index),
        _ => None,
    });
    let unique = || {
        viewer.catalog.indexes_of(key.referenced).find_map(|index| {
            let columns: Option<Vec<i16>> = index
                .elements
                .iter()
                .map(|element| match element.key {
                    catalog::IndexKey::Column(number) => Some(number),
                    catalog::IndexKey::Expression(_) => None,
                })
                .collect();
            (index.unique && index.filter.is_none() && columns.is_some_and(|columns| same(&columns)))
                .then_some(index.oid)
        })
    };
    found.or_else(unique).unwrap_or(0)
}
