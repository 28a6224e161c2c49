//! Functions as `/rpc` and computed fields see them.

use super::ComputedField;
use super::handlers::document;
use super::types::{self, Shape, TypeName};
use crate::media::{MediaType, ValueKind};
use catalog::{Catalog, Function, FunctionKind, Oid, Volatility};
use std::collections::HashMap;
use std::sync::Arc;
use syntax::ast::ParameterMode;

/// A function that can be called.
#[derive(Debug)]
pub(crate) struct Routine {
    pub(crate) oid: Oid,
    pub(crate) schema: String,
    pub(crate) name: String,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) returns: Returns,
    pub(crate) returns_set: bool,
    pub(crate) volatility: Volatility,
    /// SET name = value of its definition.
    pub(crate) settings: Vec<(String, String)>,
    pub(crate) comment: Option<String>,
    /// It gives a document of this type: a value of a domain with the type's name.
    pub(crate) document: Option<(MediaType, ValueKind)>,
}

/// A function's argument.
#[derive(Debug)]
pub(crate) struct Parameter {
    /// Empty when it has none.
    pub(crate) name: String,
    /// As it was declared, for messages.
    pub(crate) declared: TypeName,
    /// As an argument is cast.
    pub(crate) type_name: TypeName,
    pub(crate) shape: Shape,
    pub(crate) required: bool,
    pub(crate) variadic: bool,
}

/// What a function gives.
#[derive(Debug, PartialEq)]
pub(crate) enum Returns {
    /// Nothing.
    Void,
    /// A value.
    Scalar,
    /// Rows of a relation, or of a composite type (which has no table).
    Composite(Oid),
    /// Rows with these columns (OUT and TABLE parameters).
    Columns(Vec<(String, Shape)>),
    /// A row whose columns only a run can tell: a value, that is.
    Record,
}

impl Routine {
    /// Whether rows come from it, not values.
    pub(crate) fn returns_rows(&self) -> bool {
        matches!(self.returns, Returns::Composite(_) | Returns::Columns(_))
    }

    /// Whether it can give one row or value at most.
    pub(crate) fn returns_single(&self) -> bool {
        !self.returns_set
    }
}

/// The callable functions of the exposed schemas, fewest parameters first.
pub(super) fn all(
    catalog: &Catalog,
    schemas: &[String],
) -> HashMap<String, HashMap<String, Vec<Arc<Routine>>>> {
    let mut found: HashMap<String, HashMap<String, Vec<Arc<Routine>>>> = HashMap::new();
    for function in catalog.functions.values() {
        let Some(schema) = catalog.schemas.get(&function.schema) else { continue };
        if !schemas.contains(&schema.name) || !is_callable(catalog, function) {
            continue;
        }
        let routine = Arc::new(routine(catalog, function, &schema.name));
        found.entry(schema.name.clone()).or_default().entry(function.name.clone()).or_default().push(routine);
    }
    for routines in found.values_mut().flat_map(HashMap::values_mut) {
        routines.sort_by_cached_key(|routine| place(routine));
    }
    found
}

/// Where a function stands among its overloads: fewest parameters first, then by what is known of them.
fn place(routine: &Routine) -> (usize, Option<String>, Vec<(String, String)>) {
    let parameters = routine.parameters.iter();
    let listed = parameters.map(|one| (one.name.clone(), one.declared.as_sql().to_owned())).collect();
    (routine.parameters.len(), routine.comment.clone(), listed)
}

pub(super) fn inputs(function: &Function) -> impl Iterator<Item = &catalog::Parameter> {
    function.parameters.iter().filter(|parameter| {
        matches!(parameter.mode, ParameterMode::In | ParameterMode::InOut | ParameterMode::Variadic)
    })
}

fn is_callable(catalog: &Catalog, function: &Function) -> bool {
    if function.kind != FunctionKind::Function || function.returns.oid == types::TRIGGER {
        return false;
    }
    let nameless = |parameter: &&catalog::Parameter| parameter.name.as_deref().unwrap_or("").is_empty();
    match inputs(function).filter(nameless).count() {
        0 => true,
        1 if inputs(function).count() == 1 => inputs(function).all(|parameter| {
            let name = types::name(catalog, parameter.type_ref.oid);
            matches!(name.as_sql(), "bytea" | "json" | "jsonb" | "text" | "xml")
        }),
        _ => false,
    }
}

fn routine(catalog: &Catalog, function: &Function, schema: &str) -> Routine {
    let parameters = inputs(function)
        .map(|parameter| Parameter {
            name: parameter.name.clone().unwrap_or_default(),
            declared: types::name(catalog, parameter.type_ref.oid),
            type_name: types::parameter_name(catalog, parameter.type_ref.oid),
            shape: types::shape(catalog, parameter.type_ref.oid),
            required: parameter.default.is_none(),
            variadic: parameter.mode == ParameterMode::Variadic,
        })
        .collect();
    Routine {
        oid: function.oid,
        schema: schema.to_owned(),
        name: function.name.clone(),
        parameters,
        returns: returns(catalog, function),
        returns_set: function.returns_set,
        volatility: function.volatility,
        settings: function.settings.clone(),
        comment: function.comment.clone(),
        document: document(catalog, function),
    }
}

fn returns(catalog: &Catalog, function: &Function) -> Returns {
    let outputs: Vec<_> = function
        .parameters
        .iter()
        .filter(|parameter| {
            matches!(parameter.mode, ParameterMode::Out | ParameterMode::InOut | ParameterMode::Table)
        })
        .collect();
    if !outputs.is_empty() {
        let columns = outputs.iter().enumerate().map(|(at, parameter)| {
            let name = parameter.name.clone().unwrap_or_else(|| format!("column{}", at + 1));
            (name, types::shape(catalog, parameter.type_ref.oid))
        });
        return Returns::Columns(columns.collect());
    }
    let oid = function.returns.oid;
    if let Some(relation) = types::row_relation(catalog, oid) {
        return Returns::Composite(relation.oid);
    }
    if oid == types::RECORD {
        return Returns::Record;
    }
    match types::shape(catalog, oid) {
        Shape::Void => Returns::Void,
        _ => Returns::Scalar,
    }
}

/// The functions of one row, by the relation whose rows they take.
pub(super) fn computed_fields(
    catalog: &Catalog,
    schemas: &[String],
    search_path: &[String],
) -> HashMap<Oid, Vec<ComputedField>> {
    let mut found: HashMap<Oid, Vec<ComputedField>> = HashMap::new();
    for function in catalog.functions.values() {
        let Some(schema) = catalog.schemas.get(&function.schema) else { continue };
        if !schemas.contains(&schema.name) && !search_path.contains(&schema.name) {
            continue;
        }
        let mut inputs = inputs(function);
        let (Some(parameter), None) = (inputs.next(), inputs.next()) else { continue };
        if function.kind != FunctionKind::Function || function.returns_set {
            continue;
        }
        let Some(relation) = types::row_relation(catalog, parameter.type_ref.oid) else { continue };
        found.entry(relation.oid).or_default().push(ComputedField {
            schema: schema.name.clone(),
            name: function.name.clone(),
            shape: types::shape(catalog, function.returns.oid),
        });
    }
    found
}
