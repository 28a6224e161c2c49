//! Which relations are related, and by which columns: foreign keys, through views and junctions, and functions that
//! give another relation's rows.

use super::Table;
use super::types;
use catalog::{Catalog, ColumnNumber, Constraint, ConstraintKind, ForeignKey, FunctionKind, Oid, Relation};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use syntax::ast::ParameterMode;

/// Columns of the origin with those of the target that they equal.
pub(crate) type ColumnPairs = Vec<(String, String)>;

/// A relationship as the origin sees it.
#[derive(Clone, Debug)]
pub(crate) struct Relationship {
    pub(crate) origin: Arc<Table>,
    pub(crate) target: Arc<Table>,
    pub(crate) cardinality: Cardinality,
}

/// How many meet how many, and by what.
#[derive(Clone, Debug)]
pub(crate) enum Cardinality {
    /// The origin holds the foreign key.
    ManyToOne { constraint: String, columns: ColumnPairs },
    /// The target holds it.
    OneToMany { constraint: String, columns: ColumnPairs },
    /// Either holds it, and it is unique there.
    OneToOne { constraint: String, columns: ColumnPairs, origin_holds: bool },
    /// A third relation holds both.
    ManyToMany(Junction),
    /// A function gives the target's rows for one of the origin's.
    Computed { schema: String, function: String, single: bool },
}

/// The relation between two.
#[derive(Clone, Debug)]
pub(crate) struct Junction {
    pub(crate) table: Arc<Table>,
    pub(crate) origin_constraint: String,
    pub(crate) target_constraint: String,
    /// The origin's columns and the junction's.
    pub(crate) origin_columns: ColumnPairs,
    /// The target's columns and the junction's.
    pub(crate) target_columns: ColumnPairs,
}

impl Relationship {
    /// Whether a row of the origin meets at most one of the target.
    pub(crate) fn is_to_one(&self) -> bool {
        match &self.cardinality {
            Cardinality::ManyToOne { .. } | Cardinality::OneToOne { .. } => true,
            Cardinality::OneToMany { .. } | Cardinality::ManyToMany(_) => false,
            Cardinality::Computed { single, .. } => *single,
        }
    }

    /// Where it stands among others of the same origin, when several could be meant.
    fn place(&self) -> (String, String, u8, String, String) {
        let (rank, first, second) = match &self.cardinality {
            Cardinality::OneToMany { constraint, .. } => (0, constraint, ""),
            Cardinality::ManyToOne { constraint, .. } => (1, constraint, ""),
            Cardinality::OneToOne { constraint, .. } => (2, constraint, ""),
            Cardinality::ManyToMany(junction) => (3, &junction.table.name, &*junction.origin_constraint),
            Cardinality::Computed { function, .. } => (4, function, ""),
        };
        let target = &self.target;
        (target.schema.clone(), target.name.clone(), rank, first.clone(), second.to_owned())
    }

    /// Whether both are the same relation.
    pub(crate) fn is_self(&self) -> bool {
        self.origin.oid == self.target.oid
    }
}

/// For each view, the columns that show a base table's column, in order.
pub(super) type ViewColumns = BTreeMap<Oid, BTreeMap<(Oid, ColumnNumber), Vec<String>>>;

/// Follows each view's columns down to the tables that they come from.
pub(super) fn view_columns(catalog: &Catalog) -> ViewColumns {
    let mut found = ViewColumns::new();
    for relation in catalog.relations.values() {
        let Some(view) = &relation.view else { continue };
        let columns: &mut BTreeMap<_, Vec<String>> = found.entry(relation.oid).or_default();
        for (column, origin) in relation.columns.iter().zip(&view.origins) {
            if let Some(base) = origin.and_then(|origin| base_column(catalog, origin)) {
                columns.entry(base).or_default().push(column.name.clone());
            }
        }
    }
    found
}

fn base_column(catalog: &Catalog, origin: (Oid, ColumnNumber)) -> Option<(Oid, ColumnNumber)> {
    let mut at = origin;
    // Views refer to older objects; the bound is for a broken catalog.
    for _ in 0..64 {
        let relation = catalog.relations.get(&at.0)?;
        let Some(view) = &relation.view else { return Some(at) };
        let place = relation.columns.iter().position(|column| column.number == at.1)?;
        at = (*view.origins.get(place)?)?;
    }
    None
}

/// The views' primary keys: the first column that shows each column of a base table's key, when all are shown.
pub(super) fn view_primary_keys(catalog: &Catalog, views: &ViewColumns) -> Vec<(Oid, Vec<String>)> {
    let mut keys = Vec::new();
    for (view, shown) in views {
        let mut tables: Vec<Oid> = shown.keys().map(|(table, _)| *table).collect();
        tables.dedup();
        let mut key = Vec::new();
        for table in tables.iter().filter_map(|table| catalog.relations.get(table)) {
            let columns = table.primary_key().unwrap_or(&[]);
            let names: Option<Vec<String>> =
                columns.iter().map(|column| shown.get(&(table.oid, *column))?.first().cloned()).collect();
            key.extend(names.into_iter().flatten());
        }
        keys.push((*view, key));
    }
    keys
}

/// A foreign key as two sides, before it is seen from either.
struct Link {
    from: Arc<Table>,
    to: Arc<Table>,
    constraint: String,
    columns: ColumnPairs,
    unique: bool,
}

/// All relationships, by origin.
pub(super) fn all(
    catalog: &Catalog,
    views: &ViewColumns,
    tables: &HashMap<Oid, Arc<Table>>,
    schemas: &[String],
) -> HashMap<Oid, Vec<Arc<Relationship>>> {
    let links = links(catalog, views, tables);
    let mut relationships: Vec<Relationship> = Vec::new();
    for link in &links {
        relationships.push(forward(link));
    }
    relationships.extend(junctions(&links, schemas));
    for link in &links {
        relationships.push(backward(link));
    }
    override_by_functions(catalog, tables, &mut relationships);
    relationships.sort_by_cached_key(Relationship::place);
    let mut found: HashMap<Oid, Vec<Arc<Relationship>>> = HashMap::new();
    for relationship in relationships {
        found.entry(relationship.origin.oid).or_default().push(Arc::new(relationship));
    }
    found
}

fn links(catalog: &Catalog, views: &ViewColumns, tables: &HashMap<Oid, Arc<Table>>) -> Vec<Link> {
    let mut links = Vec::new();
    for relation in catalog.relations.values().filter(|relation| !relation.is_partition) {
        let mut keys: Vec<(&Constraint, &ForeignKey)> = relation
            .constraints
            .iter()
            .filter_map(|constraint| match &constraint.kind {
                ConstraintKind::ForeignKey(key) => Some((constraint, key)),
                _ => None,
            })
            .collect();
        keys.sort_by(|a, b| a.0.name.cmp(&b.0.name));
        for (constraint, key) in keys {
            links.extend(links_of(catalog, views, tables, relation, constraint, key));
        }
    }
    links
}

/// A foreign key between its tables, then with views in place of either or both.
fn links_of(
    catalog: &Catalog,
    views: &ViewColumns,
    tables: &HashMap<Oid, Arc<Table>>,
    relation: &Relation,
    constraint: &Constraint,
    key: &ForeignKey,
) -> Vec<Link> {
    let Some(referenced) = catalog.relations.get(&key.referenced) else { return Vec::new() };
    let from_sides = sides(views, relation, &key.columns);
    let to_sides = sides(views, referenced, &key.referenced_columns);
    let unique = is_unique(relation, &key.columns);
    let mut links = Vec::new();
    for (from, from_columns) in &from_sides {
        for (to, to_columns) in &to_sides {
            let (Some(from), Some(to)) = (tables.get(from), tables.get(to)) else { continue };
            links.push(Link {
                from: Arc::clone(from),
                to: Arc::clone(to),
                constraint: constraint.name.clone(),
                columns: from_columns.iter().cloned().zip(to_columns.iter().cloned()).collect(),
                unique,
            });
        }
    }
    links
}

/// The table itself and every view that shows all these columns, once for each choice of columns that show them.
fn sides(views: &ViewColumns, relation: &Relation, columns: &[ColumnNumber]) -> Vec<(Oid, Vec<String>)> {
    let own: Option<Vec<String>> = columns
        .iter()
        .map(|number| relation.column_number(*number).map(|column| column.name.clone()))
        .collect();
    let mut found: Vec<(Oid, Vec<String>)> = own.map(|names| (relation.oid, names)).into_iter().collect();
    for (view, shown) in views {
        let choices: Option<Vec<&Vec<String>>> =
            columns.iter().map(|number| shown.get(&(relation.oid, *number))).collect();
        let Some(choices) = choices else { continue };
        let mut combinations: Vec<Vec<String>> = vec![Vec::new()];
        for names in choices {
            combinations = combinations
                .iter()
                .flat_map(|start| {
                    names.iter().map(move |name| [start.as_slice(), std::slice::from_ref(name)].concat())
                })
                .collect();
        }
        found.extend(combinations.into_iter().map(|names| (*view, names)));
    }
    found
}

fn is_unique(relation: &Relation, columns: &[ColumnNumber]) -> bool {
    let sorted = |numbers: &[ColumnNumber]| {
        let mut numbers = numbers.to_vec();
        numbers.sort_unstable();
        numbers
    };
    let wanted = sorted(columns);
    relation.constraints.iter().any(|constraint| match &constraint.kind {
        ConstraintKind::PrimaryKey { columns, .. } | ConstraintKind::Unique { columns, .. } => {
            sorted(columns) == wanted
        }
        ConstraintKind::Check { .. } | ConstraintKind::ForeignKey(_) => false,
    })
}

fn forward(link: &Link) -> Relationship {
    let (constraint, columns) = (link.constraint.clone(), link.columns.clone());
    Relationship {
        origin: Arc::clone(&link.from),
        target: Arc::clone(&link.to),
        cardinality: if link.unique {
            Cardinality::OneToOne { constraint, columns, origin_holds: true }
        } else {
            Cardinality::ManyToOne { constraint, columns }
        },
    }
}

fn backward(link: &Link) -> Relationship {
    let constraint = link.constraint.clone();
    let columns = swapped(&link.columns);
    Relationship {
        origin: Arc::clone(&link.to),
        target: Arc::clone(&link.from),
        cardinality: if link.unique {
            Cardinality::OneToOne { constraint, columns, origin_holds: false }
        } else {
            Cardinality::OneToMany { constraint, columns }
        },
    }
}

fn swapped(pairs: &ColumnPairs) -> ColumnPairs {
    pairs.iter().map(|(a, b)| (b.clone(), a.clone())).collect()
}

/// Every two foreign keys of one relation whose columns are all part of its primary key.
fn junctions(links: &[Link], schemas: &[String]) -> Vec<Relationship> {
    let mut by_table: BTreeMap<Oid, Vec<&Link>> = BTreeMap::new();
    for link in links.iter().filter(|link| !link.unique && schemas.contains(&link.from.schema)) {
        by_table.entry(link.from.oid).or_default().push(link);
    }
    let mut found = Vec::new();
    for link in links.iter().filter(|link| !link.unique) {
        for other in by_table.get(&link.from.oid).into_iter().flatten() {
            if link.constraint == other.constraint {
                continue;
            }
            let key = &link.from.primary_key;
            let mut columns = link.columns.iter().chain(&other.columns).map(|(column, _)| column);
            if columns.any(|column| !key.contains(column)) {
                continue;
            }
            found.push(Relationship {
                origin: Arc::clone(&link.to),
                target: Arc::clone(&other.to),
                cardinality: Cardinality::ManyToMany(Junction {
                    table: Arc::clone(&link.from),
                    origin_constraint: link.constraint.clone(),
                    target_constraint: other.constraint.clone(),
                    origin_columns: swapped(&link.columns),
                    target_columns: swapped(&other.columns),
                }),
            });
        }
    }
    found
}

/// Functions from one relation's row to another's rows; one named like a related relation takes its place.
fn override_by_functions(
    catalog: &Catalog,
    tables: &HashMap<Oid, Arc<Table>>,
    relationships: &mut Vec<Relationship>,
) {
    for function in catalog.functions.values() {
        let mut inputs = function.parameters.iter().filter(|parameter| {
            matches!(parameter.mode, ParameterMode::In | ParameterMode::InOut | ParameterMode::Variadic)
        });
        let (Some(parameter), None) = (inputs.next(), inputs.next()) else { continue };
        let table_of = |oid| types::row_relation(catalog, oid).and_then(|found| tables.get(&found.oid));
        let (Some(origin), Some(target)) = (table_of(parameter.type_ref.oid), table_of(function.returns.oid))
        else {
            continue;
        };
        let Some(schema) = catalog.schemas.get(&function.schema) else { continue };
        if function.kind != FunctionKind::Function {
            continue;
        }
        relationships.retain(|one| {
            let replaced = one.origin.oid == origin.oid
                && one.target.name == function.name
                && one.target.schema == target.schema
                && !matches!(one.cardinality, Cardinality::Computed { .. });
            !replaced
        });
        relationships.push(Relationship {
            origin: Arc::clone(origin),
            target: Arc::clone(target),
            cardinality: Cardinality::Computed {
                schema: schema.name.clone(),
                function: function.name.clone(),
                #[expect(clippy::float_cmp, reason = "ROWS 1 is stored as this number")]
                single: !function.returns_set || function.rows == 1.0,
            },
        });
    }
}
