//! The user-defined types as `datum` asks for them.

use crate::lookup::SearchPath;
use crate::{Catalog, Oid, TypeKind, TypeRef};
use datum::{Field, Label, TypeInfo, TypeSource};

impl TypeSource for Catalog {
    fn describe(&self, oid: Oid) -> Option<TypeInfo> {
        let row = self.types.get(&oid)?;
        let name = self.format_type(&SearchPath::default(), TypeRef { oid, modifier: -1 }).into();
        Some(match &row.kind {
            TypeKind::Enum { labels } => {
                let labels = labels.iter();
                let labels =
                    labels.map(|row| Label { ordinal: row.ordinal, label: row.label.as_str().into() });
                let mut labels: Vec<Label> = labels.collect();
                labels.sort_by_key(|label| label.ordinal);
                TypeInfo::Enum { name, labels: labels.into() }
            }
            TypeKind::Domain { base, .. } => TypeInfo::Domain { name, base: base.oid, typmod: base.modifier },
            TypeKind::Array { element } => TypeInfo::Array { name, element: *element },
            TypeKind::Composite { relation } => {
                let columns = self.relations.get(relation)?.columns.iter();
                let fields = columns.map(|column| Field {
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
