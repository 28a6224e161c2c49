//! Aggregates that make a document of a type of its own of rows: their result is a domain with the type's name.

use super::functions::inputs;
use super::types;
use crate::media::{self, MediaType, ValueKind};
use catalog::{Catalog, Function, FunctionKind, Oid, TypeKind};
use std::collections::HashMap;
use std::sync::Arc;

/// pg_type.oid of anyelement.
const ANYELEMENT: Oid = 2283;

/// An aggregate that makes a document.
#[derive(Debug, PartialEq)]
pub(crate) struct Handler {
    pub(crate) schema: String,
    pub(crate) name: String,
    /// The relation whose rows it takes, as schema and name; none when it takes any.
    pub(crate) row: Option<(String, String)>,
    /// What the answer is called.
    pub(crate) media: MediaType,
    pub(crate) kind: ValueKind,
}

/// The handlers, by what they take and what is asked for.
#[derive(Debug, Default)]
pub(crate) struct Handlers {
    of_relations: HashMap<Oid, Vec<(MediaType, Arc<Handler>)>>,
    of_anything: Vec<(MediaType, Arc<Handler>)>,
}

impl Handlers {
    /// The one for a relation's whole rows.
    pub(crate) fn of_relation(&self, relation: Oid, media: &MediaType) -> Option<&Arc<Handler>> {
        find(self.of_relations.get(&relation)?, media)
    }

    /// The one for any rows and values.
    pub(crate) fn of_anything(&self, media: &MediaType) -> Option<&Arc<Handler>> {
        find(&self.of_anything, media)
    }
}

fn find<'a>(handlers: &'a [(MediaType, Arc<Handler>)], media: &MediaType) -> Option<&'a Arc<Handler>> {
    handlers.iter().find(|(own, _)| own == media).map(|(_, handler)| handler)
}

/// The type of document that a function's result is, by its domain's name, and what it is made of.
pub(super) fn document(catalog: &Catalog, function: &Function) -> Option<(MediaType, ValueKind)> {
    let found = catalog.types.get(&function.returns.oid)?;
    let is_domain = matches!(found.kind, TypeKind::Domain { .. });
    let media = media::of_domain(&found.name).filter(|_| is_domain && !function.returns_set)?;
    Some((media, types::value_kind(catalog, function.returns.oid)))
}

/// The handlers of the exposed schemas.
pub(super) fn all(catalog: &Catalog, schemas: &[String]) -> Handlers {
    let mut handlers = Handlers::default();
    for function in catalog.functions.values().filter(|one| one.kind == FunctionKind::Aggregate) {
        let Some(schema) = catalog.schemas.get(&function.schema) else { continue };
        let mut inputs = inputs(function);
        let (Some(input), None, true) = (inputs.next(), inputs.next(), schemas.contains(&schema.name)) else {
            continue;
        };
        let Some((media, kind)) = document(catalog, function) else { continue };
        let relation = types::row_relation(catalog, input.type_ref.oid);
        let row = relation.and_then(|relation| {
            Some((catalog.schemas.get(&relation.schema)?.name.clone(), relation.name.clone()))
        });
        let handler = Arc::new(Handler {
            schema: schema.name.clone(),
            name: function.name.clone(),
            row,
            media: media.shown(),
            kind,
        });
        match relation {
            Some(relation) => handlers.of_relations.entry(relation.oid).or_default().push((media, handler)),
            None if input.type_ref.oid == ANYELEMENT => handlers.of_anything.push((media, handler)),
            None => {}
        }
    }
    handlers
}
