//! The user-defined types as `datum` asks for them.

use crate::lookup::SearchPath;
use crate::{Catalog, EnumLabel, Oid, TypeKind, TypeRef};
use datum::{Field, Label, TypeInfo, TypeSource};
use std::sync::Arc;

impl TypeSource for Catalog {
    fn describe(&self, oid: Oid) -> Option<TypeInfo> {
        let row = self.types.get(&oid)?;
        let name = self.format_type(&SearchPath::default(), TypeRef { oid, modifier: -1 }).into();
        Some(match &row.kind {
            TypeKind::Enum { labels } => {
                let labels = labels.iter();
                let labels = labels.map(EnumLabel::described);
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

impl EnumLabel {
    /// As `datum` knows it.
    pub fn described(&self) -> Label {
        Label { ordinal: self.ordinal, label: self.label.as_str().into(), uncommitted: self.uncommitted }
    }
}

impl Catalog {
    /// The catalog once its transaction has committed: labels added to enums may be used. `None` when there are none.
    pub fn with_labels_committed(&self) -> Option<Catalog> {
        let is_new = |kind: &TypeKind| match kind {
            TypeKind::Enum { labels } => labels.iter().any(|label| label.uncommitted),
            _ => false,
        };
        let new: Vec<Oid> = self.types.values().filter(|row| is_new(&row.kind)).map(|row| row.oid).collect();
        if new.is_empty() {
            return None;
        }
        let mut committed = self.clone();
        for oid in new {
            if let Some(row) = committed.types.get_mut(&oid)
                && let TypeKind::Enum { labels } = &mut Arc::make_mut(row).kind
            {
                labels.iter_mut().for_each(|label| label.uncommitted = false);
            }
        }
        Some(committed)
    }
}
