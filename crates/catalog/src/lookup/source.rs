//! The catalog's types as the functions of `datum` ask for them.

use super::SearchPath;
use crate::{Catalog, EnumLabel, Oid, TypeKind};
use datum::{Field, TypeInfo, TypeSource};
use std::sync::Arc;

/// The user-defined types of a catalog, with names as a session's search path prints them.
#[derive(Clone, Copy, Debug)]
pub struct CatalogTypes<'c> {
    catalog: &'c Catalog,
    path: &'c SearchPath,
}

impl Catalog {
    /// The types for `datum`.
    pub fn type_source<'c>(&'c self, path: &'c SearchPath) -> CatalogTypes<'c> {
        CatalogTypes { catalog: self, path }
    }
}

impl TypeSource for CatalogTypes<'_> {
    fn describe(&self, oid: Oid) -> Option<TypeInfo> {
        let row = self.catalog.types.get(&oid)?;
        let name: Arc<str> = self.catalog.format_type_oid(self.path, oid).into();
        Some(match &row.kind {
            TypeKind::Enum { labels } => {
                TypeInfo::Enum { name, labels: labels.iter().map(EnumLabel::described).collect() }
            }
            TypeKind::Domain { base, .. } => TypeInfo::Domain { name, base: base.oid, typmod: base.modifier },
            TypeKind::Array { element } => TypeInfo::Array { name, element: *element },
            TypeKind::Composite { relation } => {
                let relation = self.catalog.relations.get(relation)?;
                let field = |column: &crate::Column| Field {
                    name: column.name.as_str().into(),
                    oid: column.type_ref.oid,
                    typmod: column.type_ref.modifier,
                };
                TypeInfo::Composite { name, fields: relation.columns.iter().map(field).collect() }
            }
            TypeKind::Other { .. } => return None,
        })
    }
}
