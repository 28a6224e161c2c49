//! pg_catalog and information_schema: the rows of their relations and the functions that read them, made from the catalog.
//!
//! PostgreSQL's own objects are there as far as `catalog::builtin` knows them: schemas, types, functions and the system relations
//! themselves; their columns are not.

mod access;
mod constraints;
mod definitions;
mod functions;
mod information;
mod information_keys;
mod others;
mod relations;
mod routines;
mod ruleutils;
mod types;
mod views;

pub(crate) use definitions::index_expression;
pub use functions::{call, is_function};

use catalog::builtin::SystemRelation;
use catalog::lookup::SearchPath;
use catalog::{Catalog, ColumnNumber, Oid};
use datum::StoredValue;
use sqlstate::{DatabaseError, Result};

/// The database's name.
const DATABASE: &str = "postgres";

/// Who looks, and along which path names are reached.
#[derive(Clone, Debug)]
pub struct Viewer<'a> {
    /// The catalog.
    pub catalog: &'a Catalog,
    /// `current_user`.
    pub role: Oid,
    /// The search path.
    pub path: SearchPath,
}

/// A value in a row of a system relation.
#[derive(Clone, Debug)]
pub enum Cell {
    /// It.
    Value(StoredValue),
    /// What a definition says, written when it is read.
    Defined(Definition),
    /// What is not kept here: 0A000 when it is read.
    Refused(String),
}

/// A part of a definition that has a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Definition {
    /// The default or generation expression of a column.
    Default(Oid, ColumnNumber),
    /// The expression of a CHECK: the table, the constraint.
    Check(Oid, Oid),
    /// CHECK of a constraint in parentheses, as information_schema has it: the table, the constraint.
    CheckClause(Oid, Oid),
    /// The same for a domain, by the number of its CHECK.
    DomainCheckClause(Oid, usize),
    /// A policy's USING: the table, the policy.
    Using(Oid, Oid),
    /// A policy's WITH CHECK.
    WithCheck(Oid, Oid),
    /// The expressions of an index.
    IndexExpressions(Oid),
    /// An index's WHERE.
    IndexPredicate(Oid),
    /// A trigger's WHEN: the table, the trigger.
    When(Oid, Oid),
    /// pg_get_indexdef
    Index(Oid),
    /// pg_get_viewdef
    View(Oid),
    /// The default of a domain.
    DomainDefault(Oid),
    /// The CHECK of a domain, by its number.
    DomainCheck(Oid, usize),
    /// The defaults of a function's parameters.
    Parameters(Oid),
    /// A function's body that was written as statements.
    Body(Oid),
}

impl Definition {
    /// As a value of pg_node_tree: what pg_get_expr understands.
    fn node(&self) -> String {
        format!("{self:?}")
    }

    /// The definition of which this is the value.
    fn of_node(text: &str) -> Option<Definition> {
        let (name, rest) = text.split_once('(')?;
        let numbers: Vec<i64> =
            rest.strip_suffix(')')?.split(',').map(|part| part.trim().parse().ok()).collect::<Option<_>>()?;
        let oid = |at: usize| numbers.get(at).and_then(|number| Oid::try_from(*number).ok());
        let first = oid(0)?;
        Some(match name {
            "Default" => Definition::Default(first, ColumnNumber::try_from(*numbers.get(1)?).ok()?),
            "Check" => Definition::Check(first, oid(1)?),
            "Using" => Definition::Using(first, oid(1)?),
            "WithCheck" => Definition::WithCheck(first, oid(1)?),
            "IndexExpressions" => Definition::IndexExpressions(first),
            "IndexPredicate" => Definition::IndexPredicate(first),
            "When" => Definition::When(first, oid(1)?),
            "DomainDefault" => Definition::DomainDefault(first),
            "DomainCheck" => Definition::DomainCheck(first, usize::try_from(*numbers.get(1)?).ok()?),
            "Parameters" => Definition::Parameters(first),
            "Body" => Definition::Body(first),
            _ => return None,
        })
    }
}

/// The text of a definition; NULL when the object is gone.
///
/// # Errors
/// 0A000 for what cannot be written as PostgreSQL would.
pub fn define(viewer: &Viewer<'_>, definition: &Definition) -> Result<StoredValue> {
    definitions::define(viewer, definition).map(StoredValue::from)
}

/// Whether there are rows for a system relation.
pub fn is_known(relation: &SystemRelation) -> bool {
    maker(relation).is_some()
}

/// The rows of a system relation, each with all its columns.
///
/// # Errors
/// 0A000 for a relation that is not [`is_known`].
pub fn rows(viewer: &Viewer<'_>, relation: &'static SystemRelation) -> Result<Vec<Vec<Cell>>> {
    let make = maker(relation).ok_or_else(|| DatabaseError::unsupported(relation.name))?;
    let mut rows = Rows { relation, rows: Vec::new() };
    make(viewer, &mut rows);
    Ok(rows.rows)
}

type Maker = fn(&Viewer<'_>, &mut Rows);

fn maker(relation: &SystemRelation) -> Option<Maker> {
    match relation.schema {
        "pg_catalog" => own_maker(relation.name),
        _ => information::maker(relation.name),
    }
}

fn own_maker(name: &str) -> Option<Maker> {
    Some(match name {
        "pg_am" => others::am,
        "pg_attrdef" => relations::attrdef,
        "pg_attribute" => relations::attribute,
        "pg_auth_members" => others::auth_members,
        "pg_class" => relations::class,
        "pg_collation" => others::collation,
        "pg_constraint" => constraints::constraint,
        "pg_database" => others::database,
        "pg_default_acl" => others::default_acl,
        "pg_description" => others::description,
        "pg_enum" => types::enumeration,
        "pg_extension" => others::extension,
        "pg_index" => relations::index,
        "pg_indexes" => views::indexes,
        "pg_language" => routines::language,
        "pg_matviews" => views::matviews,
        "pg_namespace" => others::namespace,
        "pg_policies" => views::policies,
        "pg_policy" => others::policy,
        "pg_proc" => routines::proc,
        "pg_publication" => others::publication,
        "pg_publication_rel" => others::publication_rel,
        "pg_publication_tables" => views::publication_tables,
        "pg_roles" => views::roles,
        "pg_sequence" => others::sequence,
        "pg_sequences" => views::sequences,
        "pg_tables" => views::tables,
        "pg_trigger" => routines::trigger,
        "pg_type" => types::ty,
        "pg_user" => views::users,
        "pg_views" => views::views,
        "pg_event_trigger"
        | "pg_foreign_table"
        | "pg_foreign_server"
        | "pg_inherits"
        | "pg_partitioned_table" => nothing,
        _ => return None,
    })
}

/// A relation that has no rows here.
fn nothing(_: &Viewer<'_>, _: &mut Rows) {}

/// The rows of a system relation in the making.
struct Rows {
    relation: &'static SystemRelation,
    rows: Vec<Vec<Cell>>,
}

impl Rows {
    /// Adds a row; a column without a value is refused when it is read.
    fn add<const N: usize>(&mut self, values: [(&str, Cell); N]) {
        self.add_all(values.into_iter().collect());
    }

    fn add_all(&mut self, values: Vec<(&str, Cell)>) {
        let SystemRelation { name, columns, .. } = self.relation;
        let mut row: Vec<Option<Cell>> = vec![None; columns.len()];
        for (column, value) in values {
            let at = columns.iter().position(|known| known.name == column);
            debug_assert!(at.is_some(), "{name} has no column {column}");
            if let Some((place, column)) = at.and_then(|at| row.get_mut(at).zip(columns.get(at))) {
                *place = Some(as_stored(value, column.type_oid));
            }
        }
        let cells = row
            .into_iter()
            .zip(columns)
            .map(|(cell, column)| cell.unwrap_or_else(|| Cell::Refused(format!("{name}.{}", column.name))));
        self.rows.push(cells.collect());
    }
}

/// A cell in the stored form of its column: letters are texts so far, and values of "char" are bytes.
fn as_stored(cell: Cell, type_oid: Oid) -> Cell {
    let byte = |text: &str| text.bytes().next().map_or(0, i64::from);
    match (cell, type_oid) {
        (Cell::Value(StoredValue::Text(letter)), datum::oid::SINGLE_CHAR) => n(byte(&letter)),
        (Cell::Value(StoredValue::Text(letters)), datum::oid::SINGLE_CHAR_ARRAY) => {
            numbers(letters.split('"').skip(1).step_by(2).map(byte))
        }
        (cell, _) => cell,
    }
}

/// NULL.
const NULL: Cell = Cell::Value(StoredValue::Null);

/// A value.
fn v(value: impl Into<StoredValue>) -> Cell {
    Cell::Value(value.into())
}

/// An OID.
fn o(oid: Oid) -> Cell {
    Cell::Value(StoredValue::Integer(i64::from(oid)))
}

/// A number.
fn n(number: impl Into<i64>) -> Cell {
    Cell::Value(StoredValue::Integer(number.into()))
}

/// A count.
fn count(number: usize) -> Cell {
    Cell::Value(StoredValue::from(number))
}

/// `YES` and `NO`.
fn yes(is: bool) -> Cell {
    v(if is { "YES" } else { "NO" })
}

/// A pg_node_tree.
fn node(definition: Option<Definition>) -> Cell {
    v(definition.map(|definition| definition.node()))
}

/// An array of numbers.
fn numbers<T: ToString>(list: impl IntoIterator<Item = T>) -> Cell {
    let list: Vec<String> = list.into_iter().map(|number| number.to_string()).collect();
    v(format!("[{}]", list.join(",")))
}

/// An array of texts.
fn texts<T: AsRef<str>>(list: impl IntoIterator<Item = T>) -> Cell {
    let list: Vec<String> = list.into_iter().map(|text| quote_json(text.as_ref())).collect();
    v(format!("[{}]", list.join(",")))
}

fn quote_json(text: &str) -> String {
    let mut out = String::from("\"");
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            other if other < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(other))),
            other => out.push(other),
        }
    }
    out.push('"');
    out
}

impl<'a> Viewer<'a> {
    fn schema_name(&self, schema: Oid) -> &'a str {
        self.catalog.schemas.get(&schema).map_or("", |row| &row.name)
    }

    fn role_name(&self, role: Oid) -> &'a str {
        self.catalog.roles.get(&role).map_or("", |row| &row.name)
    }

    /// Whether the viewer has the privileges of the role.
    fn has_role(&self, role: Oid) -> bool {
        self.catalog.has_privileges_of(self.role, role)
    }
}
