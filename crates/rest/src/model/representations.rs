//! Domains that say how they want to be written and read: by implicit casts between them and json or text.

use catalog::{Catalog, Oid, TypeKind};
use std::collections::HashMap;
use std::sync::Arc;

/// pg_type.oid of text.
const TEXT: Oid = 25;
/// pg_type.oid of json.
const JSON: Oid = 114;

/// The casts of a domain.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Representation {
    /// For answers.
    pub(crate) to_json: Option<FunctionName>,
    /// For bodies.
    pub(crate) from_json: Option<FunctionName>,
    /// For conditions.
    pub(crate) from_text: Option<FunctionName>,
}

/// A function of the catalog.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct FunctionName {
    pub(crate) schema: String,
    pub(crate) name: String,
}

/// The representations, by domain.
pub(super) fn all(catalog: &Catalog) -> HashMap<Oid, Arc<Representation>> {
    let mut found: HashMap<Oid, Representation> = HashMap::new();
    let is_domain =
        |oid: &Oid| catalog.types.get(oid).is_some_and(|found| matches!(found.kind, TypeKind::Domain { .. }));
    for cast in catalog.casts.iter().filter(|cast| cast.implicit) {
        let Some(name) = function_name(catalog, cast.function) else { continue };
        if is_domain(&cast.source) && cast.target == JSON {
            found.entry(cast.source).or_default().to_json = Some(name);
        } else if is_domain(&cast.target) && cast.source == JSON {
            found.entry(cast.target).or_default().from_json = Some(name);
        } else if is_domain(&cast.target) && cast.source == TEXT {
            found.entry(cast.target).or_default().from_text = Some(name);
        }
    }
    found.into_iter().map(|(oid, representation)| (oid, Arc::new(representation))).collect()
}

fn function_name(catalog: &Catalog, oid: Oid) -> Option<FunctionName> {
    let function = catalog.functions.get(&oid)?;
    let schema = catalog.schemas.get(&function.schema)?;
    Some(FunctionName { schema: schema.name.clone(), name: function.name.clone() })
}
