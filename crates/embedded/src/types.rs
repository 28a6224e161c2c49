//! The user-defined types of a catalog, as `datum` asks for them.

use catalog::{Catalog, EnumLabel, Oid, TypeKind};
use datum::{Field, Label, TypeInfo, TypeSource};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

/// The types of one catalog, described when first asked for.
#[derive(Debug)]
pub(crate) struct CatalogTypes {
    catalog: Arc<Catalog>,
    described: Mutex<HashMap<Oid, Option<TypeInfo>>>,
}

impl CatalogTypes {
    pub(crate) fn new(catalog: Arc<Catalog>) -> CatalogTypes {
        CatalogTypes { catalog, described: Mutex::default() }
    }

    fn look_up(&self, oid: Oid) -> Option<TypeInfo> {
        let row = self.catalog.types.get(&oid)?;
        let name: Arc<str> = Arc::from(row.name.as_str());
        Some(match &row.kind {
            TypeKind::Enum { labels } => {
                let mut labels: Vec<Label> = labels.iter().map(EnumLabel::described).collect();
                labels.sort_by_key(|label| label.ordinal);
                TypeInfo::Enum { name, labels: labels.into() }
            }
            TypeKind::Domain { base, .. } => TypeInfo::Domain { name, base: base.oid, typmod: base.modifier },
            TypeKind::Array { element } => {
                let element_name = self.catalog.types.get(element).map_or(row.name.as_str(), |row| &row.name);
                TypeInfo::Array { name: format!("{element_name}[]").into(), element: *element }
            }
            TypeKind::Composite { relation } => {
                let relation = self.catalog.relations.get(relation)?;
                let fields = relation.columns.iter().map(|column| Field {
                    name: column.name.as_str().into(),
                    oid: column.type_ref.oid,
                    typmod: column.type_ref.modifier,
                });
                TypeInfo::Composite { name, fields: fields.collect() }
            }
            TypeKind::Other { .. } => return None,
        })
    }
}

impl TypeSource for CatalogTypes {
    fn describe(&self, oid: Oid) -> Option<TypeInfo> {
        let mut described = self.described.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(info) = described.get(&oid) {
            return info.clone();
        }
        let info = self.look_up(oid);
        described.insert(oid, info.clone());
        info
    }
}
