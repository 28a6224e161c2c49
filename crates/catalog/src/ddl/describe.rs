//! Objects in words, as messages name them: getObjectDescription.

use crate::lookup::{SearchPath, quote_identifier};
use crate::{
    Catalog, Constraint, Function, ObjectRef, Oid, Policy, Relation, RelationKind, Trigger, TypeKind,
};
use std::sync::Arc;

impl Catalog {
    /// The relation that has this constraint, and the constraint.
    pub fn constraint_by_oid(&self, oid: Oid) -> Option<(&Arc<Relation>, &Constraint)> {
        self.relations.values().find_map(|relation| {
            let found = relation.constraints.iter().find(|constraint| constraint.oid == oid)?;
            Some((relation, found))
        })
    }

    /// The relation that has this policy, and the policy.
    pub fn policy_by_oid(&self, oid: Oid) -> Option<(&Arc<Relation>, &Policy)> {
        self.relations.values().find_map(|relation| {
            let found = relation.policies.iter().find(|policy| policy.oid == oid)?;
            Some((relation, found))
        })
    }

    /// The relation that has this trigger, and the trigger.
    pub fn trigger_by_oid(&self, oid: Oid) -> Option<(&Arc<Relation>, &Trigger)> {
        self.relations.values().find_map(|relation| {
            let found = relation.triggers.iter().find(|trigger| trigger.oid == oid)?;
            Some((relation, found))
        })
    }

    /// The object in words, as pg_describe_object: "column a of table t". What the path does not reach is qualified.
    pub fn describe(&self, path: &SearchPath, object: ObjectRef) -> String {
        let relation = |oid: Oid| self.relations.get(&oid).map(|row| self.describe_relation(path, row));
        let unknown = || "object that is gone".to_owned();
        match object {
            ObjectRef::Relation(oid) => relation(oid).unwrap_or_else(unknown),
            ObjectRef::Column(oid, number) => self.describe_column(path, oid, number).unwrap_or_else(unknown),
            ObjectRef::Default(oid, number) => {
                let column = self.describe_column(path, oid, number).unwrap_or_else(unknown);
                format!("default value for {column}")
            }
            ObjectRef::Constraint(oid) => match self.constraint_by_oid(oid) {
                Some((row, found)) => {
                    format!("constraint {} on {}", found.name, self.describe_relation(path, row))
                }
                None => unknown(),
            },
            ObjectRef::Policy(oid) => match self.policy_by_oid(oid) {
                Some((row, found)) => {
                    format!("policy {} on {}", found.name, self.describe_relation(path, row))
                }
                None => unknown(),
            },
            ObjectRef::Trigger(oid) => match self.trigger_by_oid(oid) {
                Some((row, found)) => {
                    format!("trigger {} on {}", found.name, self.describe_relation(path, row))
                }
                None => unknown(),
            },
            ObjectRef::Index(oid) => match self.indexes.get(&oid) {
                Some(index) => {
                    format!("index {}", self.visible_relation_name(path, index.schema, &index.name))
                }
                None => unknown(),
            },
            ObjectRef::Type(oid) => format!("type {}", self.format_type_oid(path, oid)),
            ObjectRef::Function(oid) => match self.functions.get(&oid) {
                Some(row) => format!("function {}", self.function_signature(path, row)),
                None => unknown(),
            },
        }
    }

    fn describe_column(&self, path: &SearchPath, oid: Oid, number: crate::ColumnNumber) -> Option<String> {
        let relation = self.relations.get(&oid)?;
        let column = relation.column_number(number)?;
        Some(format!("column {} of {}", column.name, self.describe_relation(path, relation)))
    }

    fn describe_relation(&self, path: &SearchPath, relation: &Relation) -> String {
        let word = match relation.kind {
            RelationKind::Composite => "composite type",
            RelationKind::Table
            | RelationKind::View
            | RelationKind::MaterializedView
            | RelationKind::Sequence
            | RelationKind::ForeignTable
            | RelationKind::PartitionedTable => super::context::relation_word(relation.kind),
        };
        format!("{word} {}", self.visible_relation_name(path, relation.schema, &relation.name))
    }

    /// The name, qualified when the path leads elsewhere or nowhere.
    fn visible_relation_name(&self, path: &SearchPath, schema: Oid, name: &str) -> String {
        let found = path
            .schemas()
            .find(|schema| self.relation(*schema, name).is_some() || self.index(*schema, name).is_some());
        self.qualify(found == Some(schema), schema, name)
    }

    fn qualify(&self, visible: bool, schema: Oid, name: &str) -> String {
        let name = quote_identifier(name);
        match self.schemas.get(&schema) {
            Some(row) if !visible => format!("{}.{name}", quote_identifier(&row.name)),
            _ => name,
        }
    }

    /// A function's name and input types: format_procedure.
    pub(super) fn function_signature(&self, path: &SearchPath, function: &Function) -> String {
        let inputs: Vec<Oid> = function.input_types().collect();
        let found = path.schemas().find(|schema| {
            self.functions_in(*schema, &function.name)
                .any(|other| other.input_types().eq(inputs.iter().copied()))
        });
        let name = self.qualify(found == Some(function.schema), function.schema, &function.name);
        let types: Vec<String> = inputs.iter().map(|oid| self.format_type_oid(path, *oid)).collect();
        format!("{name}({})", types.join(","))
    }

    /// What DROP and its kin call a user-made type.
    pub(super) fn is_domain(&self, oid: Oid) -> bool {
        self.types.get(&oid).is_some_and(|row| matches!(row.kind, TypeKind::Domain { .. }))
    }
}
