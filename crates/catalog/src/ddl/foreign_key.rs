//! FOREIGN KEY and REFERENCES: ATAddForeignKeyConstraint.

use super::PhysicalChange;
use super::context::{Ddl, denied, relation_word};
use super::naming::addition;
use crate::lookup::TypeEntry;
use crate::{
    ColumnNumber, Constraint, ConstraintKind, ForeignKey, IndexKey, Oid, Privileges, Relation, RelationKind,
    TypeRef,
};
use datum::oid;
use sqlstate::{
    DATATYPE_MISMATCH, DatabaseError, FEATURE_NOT_SUPPORTED, INVALID_COLUMN_REFERENCE, INVALID_FOREIGN_KEY,
    INVALID_TABLE_DEFINITION, OBJECT_NOT_IN_PREREQUISITE_STATE, Result, SYNTAX_ERROR, UNDEFINED_COLUMN,
    UNDEFINED_OBJECT, WRONG_OBJECT_TYPE,
};
use syntax::ast::{self, Ident, Name, ReferentialAction};

/// A foreign key to be added, as written.
pub(super) struct PendingForeignKey {
    pub(super) name: Option<String>,
    columns: Vec<Ident>,
    table: Name,
    referenced: Vec<Ident>,
    match_full: bool,
    on_delete: ReferentialAction,
    on_update: ReferentialAction,
    set_columns: Vec<Ident>,
    deferrable: bool,
    initially_deferred: bool,
    not_valid: bool,
}

impl PendingForeignKey {
    /// Reads the constraint; `column` is the one that REFERENCES stands at.
    pub(super) fn read(constraint: &ast::Constraint, column: Option<&str>) -> Option<PendingForeignKey> {
        let ast::ConstraintKind::ForeignKey {
            columns,
            table,
            referenced,
            match_full,
            on_delete,
            on_update,
            set_columns,
        } = &constraint.kind
        else {
            return None;
        };
        Some(PendingForeignKey {
            name: constraint.name.clone(),
            columns: column.map_or_else(|| columns.clone(), |column| vec![column.to_owned()]),
            table: table.clone(),
            referenced: referenced.clone(),
            match_full: *match_full,
            on_delete: *on_delete,
            on_update: *on_update,
            set_columns: set_columns.clone(),
            deferrable: constraint.deferrable,
            initially_deferred: constraint.initially_deferred,
            not_valid: constraint.not_valid,
        })
    }
}

impl Ddl<'_> {
    pub(super) fn add_foreign_key(&mut self, table: Oid, key: &PendingForeignKey, fresh: bool) -> Result<()> {
        let relation = self.relation_by_oid(table)?;
        let target = self.relation(&key.table)?;
        match target.kind {
            RelationKind::Table | RelationKind::PartitionedTable => {}
            RelationKind::View
            | RelationKind::MaterializedView
            | RelationKind::Sequence
            | RelationKind::ForeignTable
            | RelationKind::Composite => {
                let message = format!("referenced relation \"{}\" is not a table", target.name);
                return Err(DatabaseError::new(WRONG_OBJECT_TYPE, message));
            }
        }
        require_persistence(&relation, &target)?;
        let columns = numbers(&relation, &key.columns)?;
        let mut set_columns = numbers(&relation, &key.set_columns)?;
        for (number, name) in set_columns.iter().zip(&key.set_columns) {
            if !columns.contains(number) {
                let message = format!(
                    "column \"{name}\" referenced in ON DELETE SET action must be part of foreign key"
                );
                return Err(DatabaseError::new(INVALID_COLUMN_REFERENCE, message));
            }
        }
        let mut known = std::collections::BTreeSet::new();
        set_columns.retain(|number| known.insert(*number));
        let referenced = match key.referenced.is_empty() {
            true => target.primary_key().map(<[ColumnNumber]>::to_vec).ok_or_else(|| {
                let message = format!("there is no primary key for referenced table \"{}\"", target.name);
                DatabaseError::new(UNDEFINED_OBJECT, message)
            })?,
            false => {
                let referenced = numbers(&target, &key.referenced)?;
                self.require_unique(&target, &referenced)?;
                referenced
            }
        };
        self.require_references(&target, &referenced)?;
        refuse_generated(&relation, &columns, key)?;
        if columns.len() != referenced.len() {
            let message = "number of referencing and referenced columns for foreign key disagree";
            return Err(DatabaseError::new(INVALID_FOREIGN_KEY, message));
        }
        let name = match &key.name {
            Some(name) => {
                self.require_free_constraint(&relation, name)?;
                name.clone()
            }
            None => {
                let columns = addition(key.columns.iter().map(String::as_str));
                self.choose_constraint_name(relation.schema, &relation.name, Some(&columns), "fkey", &[])
            }
        };
        for (own, other) in columns.iter().zip(&referenced) {
            self.require_comparable((&relation, *own), (&target, *other), &name, key.on_update)?;
        }
        let oid = self.catalog.allocate();
        let kind = ConstraintKind::ForeignKey(ForeignKey {
            columns,
            referenced: target.oid,
            referenced_columns: referenced,
            on_delete: key.on_delete,
            on_update: key.on_update,
            match_full: key.match_full,
            set_columns,
        });
        let validated = fresh || !key.not_valid;
        let constraint = Constraint {
            oid,
            name,
            kind,
            deferrable: key.deferrable,
            initially_deferred: key.initially_deferred,
            validated,
            comment: None,
            no_inherit: false,
        };
        self.update_relation(table, |relation| relation.constraints.push(constraint))?;
        if !fresh {
            self.change(PhysicalChange::Redeclare { table, old: relation });
            if validated {
                self.change(PhysicalChange::ValidateForeignKey { table, constraint: oid });
            }
        }
        Ok(())
    }

    /// A unique index over just these columns must be there, and be immediate.
    fn require_unique(&self, target: &Relation, columns: &[ColumnNumber]) -> Result<()> {
        let mut deferrable = false;
        for index in
            self.catalog.indexes_of(target.oid).filter(|index| index.unique && index.filter.is_none())
        {
            let mut left = columns.to_vec();
            let fits = index.elements.len() == columns.len()
                && index.elements.iter().all(|element| match element.key {
                    IndexKey::Column(number) => match left.iter().position(|other| *other == number) {
                        Some(at) => {
                            left.remove(at);
                            true
                        }
                        None => false,
                    },
                    IndexKey::Expression(_) => false,
                });
            if !fits {
                continue;
            }
            let constraint = index.constraint.and_then(|oid| self.catalog.constraint_by_oid(oid));
            match constraint {
                Some((_, row)) if row.deferrable => deferrable = true,
                _ => return Ok(()),
            }
        }
        if deferrable {
            let message =
                format!("cannot use a deferrable unique constraint for referenced table \"{}\"", target.name);
            return Err(DatabaseError::new(OBJECT_NOT_IN_PREREQUISITE_STATE, message));
        }
        let message = format!(
            "there is no unique constraint matching given keys for referenced table \"{}\"",
            target.name
        );
        Err(DatabaseError::new(INVALID_FOREIGN_KEY, message))
    }

    /// REFERENCES on the table or on each of the columns.
    fn require_references(&self, target: &Relation, columns: &[ColumnNumber]) -> Result<()> {
        let wanted = Privileges::REFERENCES;
        if self.catalog.has_relation_privilege(self.role(), target, wanted) {
            return Ok(());
        }
        let every = columns.iter().all(|number| {
            let column = target.column_number(*number);
            column
                .is_some_and(|column| self.catalog.has_column_privilege(self.role(), target, column, wanted))
        });
        match every {
            true => Ok(()),
            false => Err(denied(relation_word(target.kind), &target.name)),
        }
    }

    /// Both columns' types must compare, and be stored alike.
    pub(super) fn require_comparable(
        &self,
        (relation, own): (&Relation, ColumnNumber),
        (target, other): (&Relation, ColumnNumber),
        constraint: &str,
        on_update: ReferentialAction,
    ) -> Result<()> {
        let (Some(own), Some(other)) = (relation.column_number(own), target.column_number(other)) else {
            return Err(DatabaseError::internal("a key's column is gone"));
        };
        let base = |type_ref: TypeRef| self.catalog.base_type(type_ref).oid;
        let (left, right) = (base(own.type_ref), base(other.type_ref));
        let comparable = left == right
            || family(left).is_some_and(|kind| Some(kind) == family(right))
            || self.casts_implicitly(left, right);
        if !comparable {
            let types = |type_ref: TypeRef| self.catalog.format_type_oid(self.path(), type_ref.oid);
            let message = format!("foreign key constraint \"{constraint}\" cannot be implemented");
            return Err(DatabaseError::new(DATATYPE_MISMATCH, message).with_detail(format!(
                "Key columns \"{}\" and \"{}\" are of incompatible types: {} and {}.",
                own.name,
                other.name,
                types(own.type_ref),
                types(other.type_ref)
            )));
        }
        // ON UPDATE CASCADE would write the key as the other side stores it.
        let found = matches!(left, oid::INT2 | oid::INT4 | oid::INT8) && right == oid::NUMERIC;
        if stored_alike(left, right) || (found && on_update != ReferentialAction::Cascade) {
            return Ok(());
        }
        let types = |oid: Oid| self.catalog.format_type_oid(self.path(), oid);
        Err(DatabaseError::unsupported(format_args!(
            "a foreign key from type {} to type {}",
            types(left),
            types(right)
        )))
    }

    pub(super) fn casts_implicitly(&self, source: Oid, target: Oid) -> bool {
        use crate::builtin::{CastContext, builtins};
        let cast = builtins().cast(source, target);
        cast.is_some_and(|cast| {
            let known = |oid| match self.catalog.type_entry(oid) {
                Some(TypeEntry::Builtin(row)) => self.catalog.builtin_schema(row.extension).is_some(),
                _ => false,
            };
            cast.context == CastContext::Implicit && known(source) && known(target)
        })
    }
}

fn numbers(relation: &Relation, names: &[Ident]) -> Result<Vec<ColumnNumber>> {
    let number = |name: &Ident| {
        relation.column(name).map(|column| column.number).ok_or_else(|| {
            if super::column::SYSTEM_COLUMNS.contains(&name.as_str()) {
                let message = "system columns cannot be used in foreign keys";
                return DatabaseError::new(FEATURE_NOT_SUPPORTED, message);
            }
            let message = format!("column \"{name}\" referenced in foreign key constraint does not exist");
            DatabaseError::new(UNDEFINED_COLUMN, message)
        })
    };
    names.iter().map(number).collect()
}

fn refuse_generated(relation: &Relation, columns: &[ColumnNumber], key: &PendingForeignKey) -> Result<()> {
    let generated =
        |number: &ColumnNumber| relation.column_number(*number).is_some_and(|column| column.generated);
    if !columns.iter().any(generated) {
        return Ok(());
    }
    use ReferentialAction::{Cascade, NoAction, Restrict, SetDefault, SetNull};
    let invalid = |event: &str| {
        let message =
            format!("invalid {event} action for foreign key constraint containing generated column");
        Err(DatabaseError::new(SYNTAX_ERROR, message))
    };
    match (key.on_update, key.on_delete) {
        (SetNull | SetDefault | Cascade, _) => invalid("ON UPDATE"),
        (_, SetNull | SetDefault) => invalid("ON DELETE"),
        (NoAction | Restrict, NoAction | Restrict | Cascade) => Ok(()),
    }
}

/// The types that have one operator family for `=` together.
fn family(oid: Oid) -> Option<u8> {
    match oid {
        oid::INT2 | oid::INT4 | oid::INT8 => Some(1),
        oid::FLOAT4 | oid::FLOAT8 => Some(2),
        oid::TEXT | oid::VARCHAR | oid::NAME => Some(3),
        oid::DATE | oid::TIMESTAMP | oid::TIMESTAMPTZ => Some(4),
        oid::INET | oid::CIDR => Some(5),
        _ => None,
    }
}

/// Whether equal values of the two types are equal in storage.
fn stored_alike(left: Oid, right: Oid) -> bool {
    left == right || (family(left) == family(right) && matches!(family(left), Some(1..=3 | 5)))
}

/// A key must not outlive the rows that it points to.
fn require_persistence(relation: &Relation, target: &Relation) -> Result<()> {
    use crate::Persistence::{Permanent, Unlogged};
    let message = match (relation.persistence, target.persistence) {
        (Permanent, other) if other != Permanent => {
            "constraints on permanent tables may reference only permanent tables"
        }
        (Unlogged, other) if other.is_temporary() => {
            "constraints on unlogged tables may reference only permanent or unlogged tables"
        }
        (own, other) if own.is_temporary() && !other.is_temporary() => {
            "constraints on temporary tables may reference only temporary tables"
        }
        (own, _) if own.is_temporary() && relation.schema != target.schema => {
            "constraints on temporary tables must involve temporary tables of this session"
        }
        _ => return Ok(()),
    };
    Err(DatabaseError::new(INVALID_TABLE_DEFINITION, message))
}
