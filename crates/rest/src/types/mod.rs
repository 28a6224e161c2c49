//! The API as types of a client's language: what `bedplate types` prints.
//!
//! [`describe`] makes of the catalog what both languages need; each language is a file that writes it down. As in Supabase's own generated types all relations and
//! functions of the served schemas are there, whoever may use them.

mod python;
mod typescript;

use crate::model::{RECORD, TRIGGER, base_type};
use catalog::builtin::builtins;
use catalog::{
    Catalog, Column, ColumnNumber, ConstraintKind, ForeignKey, Function, FunctionKind, Oid, Relation,
    RelationKind, TypeKind,
};
use std::collections::{BTreeMap, BTreeSet};
use syntax::ast::ParameterMode;

/// A language.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// For `createClient<Database>` of supabase-js.
    TypeScript,
    /// `TypedDict`s and literals.
    Python,
}

/// The served schemas of a database as types, sorted by name.
pub fn types(catalog: &Catalog, schemas: &[String], language: Language) -> String {
    let described = describe(catalog, schemas);
    match language {
        Language::TypeScript => typescript::write(&described),
        Language::Python => python::write(&described),
    }
}

/// A schema's objects by name.
#[derive(Debug, Default)]
struct SchemaTypes {
    tables: BTreeMap<String, Table>,
    views: BTreeMap<String, Table>,
    /// Overloads together.
    functions: BTreeMap<String, Vec<Routine>>,
    enums: BTreeMap<String, Vec<String>>,
    composites: BTreeMap<String, Vec<(String, Shape)>>,
}

type Described = BTreeMap<String, SchemaTypes>;

/// A relation.
#[derive(Debug)]
struct Table {
    columns: Vec<Field>,
    insertable: bool,
    updatable: bool,
    relationships: Vec<Reference>,
}

/// A column.
#[derive(Debug)]
struct Field {
    name: String,
    shape: Shape,
    nullable: bool,
    /// A new row need not name it.
    optional: bool,
    /// No row may name it: it is computed, or always counted.
    fixed: bool,
}

/// A foreign key, seen from who holds it.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Reference {
    constraint: String,
    columns: Vec<String>,
    is_one_to_one: bool,
    relation: String,
    referenced: Vec<String>,
}

/// A function.
#[derive(Debug)]
struct Routine {
    arguments: Vec<Argument>,
    returns: Returned,
    /// Returns many rows.
    set: bool,
    /// The relation of its rows, and the one that its only argument is a row of.
    rows_of: Option<String>,
    argument_of: Option<String>,
    /// At most one row.
    single: bool,
}

#[derive(Debug)]
struct Argument {
    name: String,
    shape: Shape,
    optional: bool,
}

/// What a call gives.
#[derive(Debug)]
enum Returned {
    Value(Shape),
    /// A row of named columns.
    Columns(Vec<(String, Shape)>),
}

/// What JSON has for a type.
#[derive(Clone, Debug, PartialEq)]
enum Shape {
    Boolean,
    Integer,
    Number,
    Text,
    Json,
    Nothing,
    /// A row of unknown columns.
    Record,
    Array(Box<Shape>),
    /// An enum of a served schema.
    Enum(String, String),
    /// An enum of a schema that is not served: its labels.
    Labels(Vec<String>),
    /// A composite type of a served schema.
    Composite(String, String),
    /// A row of a relation of a served schema.
    Row {
        schema: String,
        relation: String,
        is_view: bool,
    },
}

struct Describer<'a> {
    catalog: &'a Catalog,
    served: BTreeMap<Oid, &'a str>,
}

fn describe(catalog: &Catalog, schemas: &[String]) -> Described {
    let served = catalog.schemas.values().filter(|schema| schemas.contains(&schema.name));
    let served: BTreeMap<Oid, &str> = served.map(|schema| (schema.oid, schema.name.as_str())).collect();
    let mut described: Described =
        served.values().map(|name| ((*name).to_owned(), SchemaTypes::default())).collect();
    let describer = Describer { catalog, served };
    for relation in catalog.relations.values() {
        if let Some(types) = describer.schema(relation.schema, &mut described) {
            describer.relation(relation, types);
        }
    }
    for found in catalog.types.values() {
        if let (Some(types), TypeKind::Enum { labels }) =
            (describer.schema(found.schema, &mut described), &found.kind)
        {
            let mut labels = labels.clone();
            labels.sort_by_key(|label| label.ordinal);
            types.enums.insert(found.name.clone(), labels.into_iter().map(|label| label.label).collect());
        }
    }
    for function in catalog.functions.values() {
        if let Some(types) = describer.schema(function.schema, &mut described)
            && let Some(routine) = describer.routine(function)
        {
            types.functions.entry(function.name.clone()).or_default().push(routine);
        }
    }
    for routines in described.values_mut().flat_map(|types| types.functions.values_mut()) {
        routines.sort_by_cached_key(|routine| {
            routine.arguments.iter().map(|argument| argument.name.clone()).collect::<Vec<_>>()
        });
    }
    described
}

impl<'a> Describer<'a> {
    fn schema<'b>(&self, oid: Oid, described: &'b mut Described) -> Option<&'b mut SchemaTypes> {
        described.get_mut(*self.served.get(&oid)?)
    }

    fn relation(&self, relation: &Relation, types: &mut SchemaTypes) {
        let is_view = match relation.kind {
            RelationKind::Table | RelationKind::ForeignTable | RelationKind::PartitionedTable => false,
            RelationKind::View | RelationKind::MaterializedView => true,
            RelationKind::Sequence => return,
            RelationKind::Composite => {
                let columns = relation.columns.iter();
                let fields = columns.map(|column| (column.name.clone(), self.shape(column.type_ref.oid)));
                types.composites.insert(relation.name.clone(), fields.collect());
                return;
            }
        };
        if relation.is_partition || relation.persistence.is_temporary() {
            return;
        }
        let (insertable, updatable) = match (&relation.view, relation.kind) {
            (_, RelationKind::MaterializedView) => (false, false),
            (Some(view), _) => (view.insertable, view.updatable),
            (None, _) => (true, true),
        };
        let mut columns: Vec<Field> =
            relation.columns.iter().map(|column| self.field(column, is_view)).collect();
        columns.sort_by(|a, b| a.name.cmp(&b.name));
        let relationships = self.references(relation).into_iter().collect();
        let table = Table { columns, insertable, updatable, relationships };
        let place = if is_view { &mut types.views } else { &mut types.tables };
        place.insert(relation.name.clone(), table);
    }

    fn field(&self, column: &Column, is_view: bool) -> Field {
        let always = column.generated || column.identity.is_some_and(|identity| identity.always);
        let nullable = !column.not_null && !self.is_never_null(column.type_ref.oid);
        Field {
            name: column.name.clone(),
            shape: self.shape(column.type_ref.oid),
            nullable: nullable || is_view,
            optional: nullable || is_view || column.default.is_some() || column.identity.is_some(),
            fixed: always && !is_view,
        }
    }

    fn is_never_null(&self, oid: Oid) -> bool {
        match self.catalog.types.get(&oid).map(|found| &found.kind) {
            Some(TypeKind::Domain { base, not_null, .. }) => *not_null || self.is_never_null(base.oid),
            _ => false,
        }
    }

    /// Its foreign keys; of a view those whose columns it shows, and to views those whose columns they show.
    fn references(&self, relation: &Relation) -> BTreeSet<Reference> {
        let mut found = BTreeSet::new();
        for (base, shown) in self.bases(relation) {
            for constraint in &base.constraints {
                let ConstraintKind::ForeignKey(key) = &constraint.kind else { continue };
                let Some(columns) = names(&key.columns, &shown) else { continue };
                let is_one_to_one = is_unique(base, &key.columns);
                for (relation, referenced) in self.referenced(key) {
                    found.insert(Reference {
                        constraint: constraint.name.clone(),
                        columns: columns.clone(),
                        is_one_to_one,
                        relation,
                        referenced,
                    });
                }
            }
        }
        found
    }

    /// The tables whose columns a relation shows: itself, or behind a view; with the names that it shows them under.
    fn bases(&self, relation: &'a Relation) -> Vec<(&'a Relation, BTreeMap<ColumnNumber, String>)> {
        let Some(view) = &relation.view else {
            let own = relation.columns.iter().map(|column| (column.number, column.name.clone())).collect();
            return vec![(relation, own)];
        };
        let mut bases: BTreeMap<Oid, BTreeMap<ColumnNumber, String>> = BTreeMap::new();
        for (column, origin) in relation.columns.iter().zip(&view.origins) {
            if let Some((oid, number)) = origin {
                bases.entry(*oid).or_default().entry(*number).or_insert_with(|| column.name.clone());
            }
        }
        let found =
            bases.into_iter().filter_map(|(oid, shown)| Some((&**self.catalog.relations.get(&oid)?, shown)));
        found.collect()
    }

    /// What a foreign key leads to: the table and views that show the columns, in served schemas.
    fn referenced(&self, key: &ForeignKey) -> Vec<(String, Vec<String>)> {
        let served = self.catalog.relations.values().filter(|one| self.served.contains_key(&one.schema));
        let mut found = Vec::new();
        for relation in served.filter(|one| one.oid == key.referenced || one.view.is_some()) {
            for (base, shown) in self.bases(relation) {
                if base.oid == key.referenced
                    && let Some(columns) = names(&key.referenced_columns, &shown)
                {
                    found.push((relation.name.clone(), columns));
                }
            }
        }
        found
    }

    fn routine(&self, function: &Function) -> Option<Routine> {
        if function.kind != FunctionKind::Function
            || function.returns.oid == TRIGGER
            || function.extension.is_some()
        {
            return None;
        }
        let is_input = |mode: ParameterMode| {
            matches!(mode, ParameterMode::In | ParameterMode::InOut | ParameterMode::Variadic)
        };
        let inputs: Vec<_> = function.parameters.iter().filter(|one| is_input(one.mode)).collect();
        if inputs.len() > 1 && inputs.iter().any(|one| one.name.is_none()) {
            // Nobody can call it by names.
            return None;
        }
        let outputs = function.parameters.iter().filter(|one| {
            matches!(one.mode, ParameterMode::Out | ParameterMode::InOut | ParameterMode::Table)
        });
        let columns: Vec<(String, Shape)> =
            outputs.map(|one| (one.name.clone().unwrap_or_default(), self.shape(one.type_ref.oid))).collect();
        let row_of = |oid: Oid| match self.shape(oid) {
            Shape::Row { relation, .. } => Some(relation),
            _ => None,
        };
        let rows_of = row_of(function.returns.oid);
        let returns = match columns.len() {
            0 => Returned::Value(self.shape(function.returns.oid)),
            // One OUT parameter is the value itself; one column of RETURNS TABLE is a column.
            1 if function.returns.oid != RECORD && !has_table_column(function) => {
                Returned::Value(self.shape(function.returns.oid))
            }
            _ => Returned::Columns(columns),
        };
        Some(Routine {
            argument_of: match inputs.as_slice() {
                [one] => row_of(one.type_ref.oid),
                _ => None,
            },
            arguments: inputs
                .iter()
                .map(|one| Argument {
                    name: one.name.clone().unwrap_or_default(),
                    shape: self.shape(one.type_ref.oid),
                    optional: one.default.is_some() || one.mode == ParameterMode::Variadic,
                })
                .collect(),
            returns,
            set: function.returns_set,
            rows_of,
            single: !function.returns_set || function.rows <= 1.0,
        })
    }

    fn shape(&self, oid: Oid) -> Shape {
        let oid = base_type(self.catalog, oid);
        if let Some(builtin) = builtins().type_by_oid(oid) {
            return match builtin.name {
                "bool" => Shape::Boolean,
                "int2" | "int4" | "int8" | "oid" => Shape::Integer,
                "float4" | "float8" | "numeric" => Shape::Number,
                "json" | "jsonb" => Shape::Json,
                "void" => Shape::Nothing,
                "record" => Shape::Record,
                _ if builtin.is_array() => Shape::Array(Box::new(self.shape(builtin.element))),
                _ => Shape::Text,
            };
        }
        let Some(found) = self.catalog.types.get(&oid) else { return Shape::Text };
        let schema = self.served.get(&found.schema).map(|name| (*name).to_owned());
        match (&found.kind, schema) {
            (TypeKind::Array { element }, _) => Shape::Array(Box::new(self.shape(*element))),
            (TypeKind::Enum { .. }, Some(schema)) => Shape::Enum(schema, found.name.clone()),
            (TypeKind::Enum { labels }, None) => {
                Shape::Labels(labels.iter().map(|label| label.label.clone()).collect())
            }
            (TypeKind::Composite { relation }, Some(schema)) => match self.catalog.relations.get(relation) {
                Some(relation) if relation.kind == RelationKind::Composite => {
                    Shape::Composite(schema, relation.name.clone())
                }
                Some(relation) if !relation.is_partition && !relation.persistence.is_temporary() => {
                    let is_view =
                        matches!(relation.kind, RelationKind::View | RelationKind::MaterializedView);
                    Shape::Row { schema, relation: relation.name.clone(), is_view }
                }
                _ => Shape::Record,
            },
            (TypeKind::Composite { .. }, None) => Shape::Record,
            (TypeKind::Domain { .. } | TypeKind::Other { .. }, _) => Shape::Text,
        }
    }
}

fn has_table_column(function: &Function) -> bool {
    function.parameters.iter().any(|one| one.mode == ParameterMode::Table)
}

fn names(numbers: &[ColumnNumber], shown: &BTreeMap<ColumnNumber, String>) -> Option<Vec<String>> {
    numbers.iter().map(|number| shown.get(number).cloned()).collect()
}

/// Whether no two rows have the same values there.
fn is_unique(relation: &Relation, columns: &[ColumnNumber]) -> bool {
    relation.constraints.iter().any(|constraint| match &constraint.kind {
        ConstraintKind::PrimaryKey { columns: key, .. } | ConstraintKind::Unique { columns: key, .. } => {
            key.len() == columns.len() && key.iter().all(|column| columns.contains(column))
        }
        ConstraintKind::Check { .. } | ConstraintKind::ForeignKey(_) => false,
    })
}
