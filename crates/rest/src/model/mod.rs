//! The catalog as the data API sees it: relations, relationships and functions by name, made once for each state of
//! the catalog.

mod door;
mod functions;
mod fuzzy;
mod handlers;
mod relationships;
mod representations;
mod types;

pub(crate) use door::Door;
pub(crate) use functions::{Parameter, Returns, Routine};
pub(crate) use fuzzy::{FuzzySet, column_suggestion};
pub(crate) use handlers::{Handler, Handlers};
pub(crate) use relationships::{Cardinality, ColumnPairs, Relationship};
pub(crate) use representations::{FunctionName, Representation};
pub(crate) use types::{RECORD, Shape, TRIGGER, TypeName, base_type};

use crate::settings::Settings;
use catalog::{Catalog, Oid, Relation, RelationKind};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};

/// The catalog, indexed.
#[derive(Debug)]
pub(crate) struct Model {
    catalog: Arc<Catalog>,
    settings: Settings,
    tables: HashMap<String, HashMap<String, Arc<Table>>>,
    by_oid: HashMap<Oid, Arc<Table>>,
    relationships: HashMap<Oid, Vec<Arc<Relationship>>>,
    functions: HashMap<String, HashMap<String, Vec<Arc<Routine>>>>,
    computed: HashMap<Oid, Vec<ComputedField>>,
    handlers: Handlers,
    representations: HashMap<Oid, Arc<Representation>>,
    /// By role, the relations that are not there for it.
    hidden: Mutex<HashMap<Arc<str>, Arc<HashSet<Oid>>>>,
}

/// A table, view, or other relation with rows.
#[derive(Debug, PartialEq)]
pub(crate) struct Table {
    pub(crate) oid: Oid,
    pub(crate) schema: String,
    pub(crate) name: String,
    pub(crate) is_view: bool,
    pub(crate) columns: Vec<Column>,
    /// Names of the primary key's columns; of a view, those that show a base table's.
    pub(crate) primary_key: Vec<String>,
    pub(crate) insertable: bool,
    pub(crate) updatable: bool,
    pub(crate) deletable: bool,
    /// Something may run user code on a write, so that it may set the answer's headers.
    pub(crate) has_triggers: bool,
    /// A bulk insert may be taken apart without anybody noticing.
    pub(crate) splittable: bool,
}

/// A column.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Column {
    pub(crate) name: String,
    pub(crate) type_name: TypeName,
    pub(crate) shape: Shape,
    /// How its domain wants to be written and read.
    pub(crate) representation: Option<Arc<Representation>>,
}

/// A function of one row of a relation, used like a column of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ComputedField {
    pub(crate) schema: String,
    pub(crate) name: String,
    pub(crate) shape: Shape,
}

/// A column or what is used like one.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Named<'a> {
    Column(&'a Column),
    Computed(&'a ComputedField),
}

impl Named<'_> {
    pub(crate) fn shape(&self) -> &Shape {
        match self {
            Named::Column(column) => &column.shape,
            Named::Computed(field) => &field.shape,
        }
    }
}

impl Table {
    /// A relation that is none: the columns that a function declares.
    pub(crate) fn of_columns(name: &str, columns: &[(String, Shape)]) -> Table {
        Table {
            oid: 0,
            schema: String::new(),
            name: name.to_owned(),
            is_view: false,
            columns: columns
                .iter()
                .map(|(name, shape)| Column {
                    name: name.clone(),
                    type_name: TypeName::known("text"),
                    shape: shape.clone(),
                    representation: None,
                })
                .collect(),
            primary_key: Vec::new(),
            insertable: false,
            updatable: false,
            deletable: false,
            has_triggers: false,
            splittable: false,
        }
    }

    /// The column of this name.
    pub(crate) fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// Whether some column is not written as its type is.
    pub(crate) fn is_represented(&self) -> bool {
        self.columns.iter().any(|column| column.json_writer().is_some())
    }
}

impl Column {
    /// What makes JSON of its values.
    pub(crate) fn json_writer(&self) -> Option<&FunctionName> {
        self.representation.as_ref()?.to_json.as_ref()
    }

    /// What reads its values from JSON.
    pub(crate) fn json_reader(&self) -> Option<&FunctionName> {
        self.representation.as_ref()?.from_json.as_ref()
    }

    /// What reads its values from text.
    pub(crate) fn text_reader(&self) -> Option<&FunctionName> {
        self.representation.as_ref()?.from_text.as_ref()
    }
}

impl Model {
    /// Indexes a catalog under the settings that hold there.
    pub(crate) fn new(catalog: Arc<Catalog>, settings: Settings) -> Model {
        let (schemas, search_path) = (&settings.schemas, &settings.extra_search_path);
        let mut model = Model {
            settings: Settings::default(),
            tables: HashMap::new(),
            by_oid: HashMap::new(),
            relationships: HashMap::new(),
            functions: HashMap::new(),
            computed: HashMap::new(),
            handlers: handlers::all(&catalog, schemas),
            representations: representations::all(&catalog),
            hidden: Mutex::default(),
            catalog: Arc::clone(&catalog),
        };
        for relation in catalog.relations.values().filter(|relation| holds_rows(relation)) {
            let Some(schema) = catalog.schemas.get(&relation.schema) else { continue };
            let table = Arc::new(model.relation(relation, &schema.name));
            model.by_oid.insert(relation.oid, Arc::clone(&table));
            if schemas.contains(&schema.name) {
                model.tables.entry(schema.name.clone()).or_default().insert(relation.name.clone(), table);
            }
        }
        let view_columns = relationships::view_columns(&catalog);
        for (oid, key) in relationships::view_primary_keys(&catalog, &view_columns) {
            model.set_primary_key(oid, key);
        }
        model.relationships = relationships::all(&catalog, &view_columns, &model.by_oid, schemas);
        model.functions = functions::all(&catalog, schemas);
        model.computed = functions::computed_fields(&catalog, schemas, search_path);
        model.settings = settings;
        model
    }

    /// The settings that hold with this catalog.
    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    /// A relation of the catalog.
    fn relation(&self, relation: &Relation, schema: &str) -> Table {
        let mut table = table(&self.catalog, relation, schema);
        for (column, found) in table.columns.iter_mut().zip(&relation.columns) {
            column.representation = self.representations.get(&found.type_ref.oid).cloned();
        }
        table
    }

    /// What makes documents of rows.
    pub(crate) fn handlers(&self) -> &Handlers {
        &self.handlers
    }

    fn set_primary_key(&mut self, oid: Oid, key: Vec<String>) {
        let Some(old) = self.by_oid.get(&oid) else { return };
        let table = Arc::new(Table {
            oid: old.oid,
            schema: old.schema.clone(),
            name: old.name.clone(),
            is_view: old.is_view,
            columns: old.columns.clone(),
            primary_key: key,
            insertable: old.insertable,
            updatable: old.updatable,
            deletable: old.deletable,
            has_triggers: old.has_triggers,
            splittable: old.splittable,
        });
        if let Some(slot) = self.tables.get_mut(&table.schema).and_then(|tables| tables.get_mut(&table.name))
        {
            *slot = Arc::clone(&table);
        }
        self.by_oid.insert(oid, table);
    }

    /// The catalog that it was made from.
    pub(crate) fn catalog(&self) -> &Arc<Catalog> {
        &self.catalog
    }

    /// The relation of this name in an exposed schema.
    pub(crate) fn table(&self, schema: &str, name: &str) -> Option<&Arc<Table>> {
        self.tables.get(schema)?.get(name)
    }

    /// The relation of this number, exposed or not.
    pub(crate) fn table_by_oid(&self, oid: Oid) -> Option<&Arc<Table>> {
        self.by_oid.get(&oid)
    }

    /// A schema's relations.
    pub(crate) fn tables_in(&self, schema: &str) -> impl Iterator<Item = &Arc<Table>> {
        self.tables.get(schema).into_iter().flat_map(HashMap::values)
    }

    /// A composite type as a relation without rows.
    pub(crate) fn composite(&self, oid: Oid) -> Option<Table> {
        let relation = self.catalog.relations.get(&oid)?;
        let schema = self.catalog.schemas.get(&relation.schema)?;
        Some(self.relation(relation, &schema.name))
    }

    /// What a relation is related to, targets of all schemas.
    pub(crate) fn relationships_of(&self, origin: Oid) -> &[Arc<Relationship>] {
        self.relationships.get(&origin).map_or(&[], Vec::as_slice)
    }

    /// The relations that have relationships to some in the schema.
    pub(crate) fn related_names<'a>(
        &'a self,
        schema: &'a str,
        door: &'a Door,
    ) -> impl Iterator<Item = &'a str> {
        self.relationships.iter().filter_map(move |(origin, found)| {
            let table = self.by_oid.get(origin)?;
            let related = door.shows(table)
                && table.schema == schema
                && found.iter().any(|one| one.target.schema == schema);
            related.then_some(table.name.as_str())
        })
    }

    /// The functions of this name.
    pub(crate) fn functions_named(&self, schema: &str, name: &str) -> &[Arc<Routine>] {
        self.functions.get(schema).and_then(|found| found.get(name)).map_or(&[], Vec::as_slice)
    }

    /// A schema's functions.
    pub(crate) fn functions_in(&self, schema: &str) -> impl Iterator<Item = &Arc<Routine>> {
        self.functions.get(schema).into_iter().flat_map(HashMap::values).flatten()
    }

    /// Whether a role may call a function.
    pub(crate) fn may_call(&self, routine: &Routine, role: &str) -> bool {
        let function = self.catalog.functions.get(&routine.oid);
        match (self.catalog.role(role), function) {
            (Some(role), Some(function)) => self.catalog.may_execute(role.oid, function),
            _ => false,
        }
    }

    /// The name of a type, of a domain its base's.
    pub(crate) fn base_type_name(&self, oid: Oid) -> TypeName {
        types::name(&self.catalog, base_type(&self.catalog, oid))
    }

    /// The name of a type as who searches these schemas may write it.
    pub(crate) fn short_type_name(&self, name: &TypeName, schemas: &[&str]) -> String {
        let text = name.as_sql();
        let short = schemas.iter().find_map(|schema| text.strip_prefix(*schema)?.strip_prefix('.'));
        short.unwrap_or(text).to_owned()
    }

    /// The names of a schema's functions.
    pub(crate) fn function_names(&self, schema: &str) -> impl Iterator<Item = &str> {
        self.functions.get(schema).into_iter().flat_map(|found| found.keys().map(String::as_str))
    }

    /// A relation's column of this name, or its computed field.
    pub(crate) fn named<'a>(&'a self, table: &'a Table, name: &str) -> Option<Named<'a>> {
        if let Some(column) = table.column(name) {
            return Some(Named::Column(column));
        }
        let fields = self.computed.get(&table.oid)?;
        fields.iter().find(|field| field.name == name).map(Named::Computed)
    }
}

fn holds_rows(relation: &Relation) -> bool {
    !relation.is_partition
        && matches!(
            relation.kind,
            RelationKind::Table
                | RelationKind::View
                | RelationKind::MaterializedView
                | RelationKind::ForeignTable
                | RelationKind::PartitionedTable
        )
}

fn table(catalog: &Catalog, relation: &Relation, schema: &str) -> Table {
    let view = relation.view.as_ref();
    let is_view = matches!(relation.kind, RelationKind::View | RelationKind::MaterializedView);
    let writable = matches!(
        relation.kind,
        RelationKind::Table | RelationKind::PartitionedTable | RelationKind::ForeignTable
    );
    let name_of = |number| relation.column_number(number).map(|column| column.name.clone());
    let primary_key =
        relation.primary_key().unwrap_or(&[]).iter().filter_map(|number| name_of(*number)).collect();
    let refers_to_itself = relation.constraints.iter().any(|constraint| match &constraint.kind {
        catalog::ConstraintKind::ForeignKey(key) => key.referenced == relation.oid,
        _ => false,
    });
    Table {
        oid: relation.oid,
        schema: schema.to_owned(),
        name: relation.name.clone(),
        is_view,
        columns: relation.columns.iter().map(|column| self::column(catalog, column)).collect(),
        primary_key,
        insertable: view.map_or(writable, |view| view.insertable)
            || relation.has_instead_of(|trigger| trigger.on_insert),
        updatable: view.map_or(writable, |view| view.updatable)
            || relation.has_instead_of(|trigger| trigger.on_update),
        deletable: view.map_or(writable, |view| view.deletable)
            || relation.has_instead_of(|trigger| trigger.on_delete),
        has_triggers: is_view || !relation.triggers.is_empty(),
        splittable: relation.kind == RelationKind::Table
            && !refers_to_itself
            && relation.triggers.iter().all(|trigger| trigger.for_each_row),
    }
}

fn column(catalog: &Catalog, column: &catalog::Column) -> Column {
    Column {
        name: column.name.clone(),
        type_name: types::name(catalog, column.type_ref.oid),
        shape: types::shape(catalog, column.type_ref.oid),
        representation: None,
    }
}
