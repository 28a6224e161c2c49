//! ALTER COLUMN … TYPE.

use super::alter_table::Rebuild;
use super::context::{Ddl, unplaced};
use super::{ExpressionKind, PhysicalChange, Scope};
use crate::lookup::quote_identifier;
use crate::{
    Column, ColumnNumber, ConstraintKind, IndexKey, ObjectRef, Oid, Relation, RelationKind, Sql, TypeRef,
    Volatility,
};
use datum::oid;
use sqlstate::{
    DATATYPE_MISMATCH, DatabaseError, FEATURE_NOT_SUPPORTED, INVALID_COLUMN_DEFINITION,
    INVALID_OBJECT_DEFINITION, Result,
};
use syntax::ast::{Expr, ExprKind, Ident, Name, Position, TypeName};

/// A change of a column's type, as it was understood before the statement altered anything.
pub(super) struct Transform {
    /// The column's name.
    pub(super) column: Ident,
    type_ref: TypeRef,
    /// The new value, over the old row.
    value: Sql,
    /// It was written.
    using: bool,
}

impl Ddl<'_> {
    /// The new type and the value's expression, both over the table as it is before the statement: ATPrepAlterColumnType.
    pub(super) fn prepare_column_type(
        &mut self,
        relation: &Relation,
        name: &str,
        type_name: &TypeName,
        using: Option<&Expr>,
        position: Position,
        others: &[Transform],
    ) -> Result<Transform> {
        let column = self.existing_column(relation.oid, name)?;
        if others.iter().any(|other| other.column == name) {
            return Err(DatabaseError::new(
                FEATURE_NOT_SUPPORTED,
                format!("cannot alter type of column \"{name}\" twice"),
            ));
        }
        let type_ref = self.column_type(name, type_name).map_err(unplaced)?;
        self.require_not_within(relation, type_ref.oid)?;
        if column.identity.is_some() {
            super::column::require_identity_type(type_ref.oid)?;
        }
        self.require_row_type_unused(relation)?;
        if column.generated && using.is_some() {
            return Err(DatabaseError::new(
                INVALID_COLUMN_DEFINITION,
                "cannot specify USING when altering type of generated column",
            )
            .with_detail(format!("Column \"{name}\" is a generated column.")));
        }
        let value = self.transform(relation, &column, type_ref, using, position)?;
        Ok(Transform { column: name.to_owned(), type_ref, value, using: using.is_some() })
    }

    pub(super) fn alter_column_type(
        &mut self,
        table: Oid,
        transform: &Transform,
        collation: Option<&Name>,
        rebuild: &mut Rebuild,
    ) -> Result<()> {
        let Transform { column: name, type_ref, value, using } = transform;
        let type_ref = *type_ref;
        let relation = self.relation_by_oid(table)?;
        let column = self.existing_column(table, name)?;
        let collation = match collation {
            Some(collation) => self.known_collation(collation, type_ref.oid)?,
            None => None,
        };
        self.refuse_users(&relation, &column)?;
        let default = self.cast_default(&column, type_ref)?;
        self.update_column(table, column.number, |row| {
            row.type_ref = type_ref;
            row.collation = collation;
            row.default = default;
        })?;
        self.revisit_constraints(table, column.number)?;
        self.revisit_indexes(table, column.number)?;
        if let Some(identity) = column.identity {
            self.update_relation(identity.sequence, |row| {
                if let Some(sequence) = &mut row.sequence {
                    let full = crate::Sequence::plain(sequence.type_oid).max == sequence.max;
                    sequence.type_oid = type_ref.oid;
                    if full {
                        sequence.max = crate::Sequence::plain(type_ref.oid).max;
                    }
                }
            })?;
        }
        let stored = relation.kind == RelationKind::Table;
        if stored && (*using || !self.stored_alike(column.type_ref, type_ref)) {
            rebuild.push((column.number, value.clone()));
        }
        Ok(())
    }

    /// The expression that makes the new value from the old row.
    fn transform(
        &self,
        relation: &Relation,
        column: &Column,
        type_ref: TypeRef,
        using: Option<&Expr>,
        position: Position,
    ) -> Result<Sql> {
        let plain = Expr { kind: ExprKind::Column(vec![column.name.clone()]), position };
        if column.generated {
            return Ok(column.default.clone().unwrap_or_else(|| quote_identifier(&column.name)));
        }
        let kind = ExpressionKind::AlterColumnTransform;
        let target = Some((column.name.as_str(), type_ref));
        match self.analyze(using.unwrap_or(&plain), kind, Scope::Relation(relation), target) {
            Ok(analyzed) => Ok(analyzed.sql),
            Err(error) if error.code() == DATATYPE_MISMATCH => {
                let type_name = self.catalog.format_type_oid(self.path(), type_ref.oid);
                let full = self.catalog.format_type(self.path(), type_ref);
                let name = &column.name;
                Err(match using {
                    Some(_) => {
                        let message = format!(
                            "result of USING clause for column \"{name}\" cannot be cast automatically to type \
                             {type_name}"
                        );
                        DatabaseError::new(DATATYPE_MISMATCH, message)
                            .with_hint("You might need to add an explicit cast.")
                    }
                    None => {
                        let message =
                            format!("column \"{name}\" cannot be cast automatically to type {type_name}");
                        DatabaseError::new(DATATYPE_MISMATCH, message).with_hint(format!(
                            "You might need to specify \"USING {}::{full}\".",
                            quote_identifier(name)
                        ))
                    }
                })
            }
            Err(error) => Err(error),
        }
    }

    fn cast_default(&self, column: &Column, type_ref: TypeRef) -> Result<Option<Sql>> {
        let Some(default) = &column.default else { return Ok(None) };
        if column.generated {
            return Ok(Some(default.clone()));
        }
        if self.stored_alike(column.type_ref, type_ref) {
            return Ok(Some(default.clone()));
        }
        // The default is of the old type, which its text need not tell.
        let old = self.catalog.format_type_qualified(column.type_ref);
        let expr = syntax::parse_expression(&format!("({default})::{old}"))?;
        let kind = ExpressionKind::ColumnDefault;
        match self.analyze(&expr, kind, Scope::Nothing, Some((&column.name, type_ref))) {
            Ok(analyzed) => Ok(Some(analyzed.sql)),
            Err(error) if error.code() == DATATYPE_MISMATCH => Err(DatabaseError::new(
                DATATYPE_MISMATCH,
                format!(
                    "default for column \"{}\" cannot be cast automatically to type {}",
                    column.name,
                    self.catalog.format_type_oid(self.path(), type_ref.oid)
                ),
            )),
            Err(error) => Err(error),
        }
    }

    /// Views, policies, triggers and generated columns forbid the change.
    fn refuse_users(&self, relation: &Relation, column: &Column) -> Result<()> {
        let object = ObjectRef::Column(relation.oid, column.number);
        let path = self.path();
        let name = &column.name;
        let refuse = |what: &str, detail: String| {
            let message = format!("cannot alter type of a column used {what}");
            Err(DatabaseError::new(FEATURE_NOT_SUPPORTED, message).with_detail(detail))
        };
        for (dependent, _) in self.catalog.dependencies.iter().filter(|(_, on)| on.contains(&object)) {
            let described = self.catalog.describe(path, *dependent);
            match *dependent {
                ObjectRef::Relation(_) => {
                    let detail = format!("rule _RETURN on {described} depends on column \"{name}\"");
                    return refuse("by a view or rule", detail);
                }
                ObjectRef::Policy(_) => {
                    let detail = format!("{described} depends on column \"{name}\"");
                    return refuse("in a policy definition", detail);
                }
                ObjectRef::Trigger(_) => {
                    let detail = format!("{described} depends on column \"{name}\"");
                    return refuse("in a trigger definition", detail);
                }
                ObjectRef::Default(table, number) if self.catalog.is_generated(table, number) => {
                    if number == column.number {
                        continue;
                    }
                    let other = relation.column_number(number).map_or("", |column| column.name.as_str());
                    let detail = format!("Column \"{name}\" is used by generated column \"{other}\".");
                    let message = "cannot alter type of a column used by a generated column";
                    return Err(DatabaseError::new(FEATURE_NOT_SUPPORTED, message).with_detail(detail));
                }
                ObjectRef::Column(..)
                | ObjectRef::Default(..)
                | ObjectRef::Constraint(_)
                | ObjectRef::Index(_)
                | ObjectRef::Type(_)
                | ObjectRef::Function(_) => {}
            }
        }
        let of_trigger =
            relation.triggers.iter().find(|trigger| trigger.update_columns.contains(&column.number));
        if let Some(trigger) = of_trigger {
            let described = self.catalog.describe(path, ObjectRef::Trigger(trigger.oid));
            return refuse("in a trigger definition", format!("{described} depends on column \"{name}\""));
        }
        Ok(())
    }

    /// CHECKs are read again over the new type, foreign keys must still compare.
    fn revisit_constraints(&mut self, table: Oid, number: ColumnNumber) -> Result<()> {
        let relation = self.relation_by_oid(table)?;
        for constraint in &relation.constraints {
            match &constraint.kind {
                ConstraintKind::Check { expression, columns } if columns.contains(&number) => {
                    let expr = syntax::parse_expression(expression)?;
                    let scope = Scope::Relation(&relation);
                    let analyzed = self.analyze(&expr, ExpressionKind::Check, scope, None)?;
                    self.depend(ObjectRef::Constraint(constraint.oid), analyzed.depends_with_columns(table));
                    let oid = constraint.oid;
                    self.update_relation(table, |row| {
                        let found = row.constraints.iter_mut().find(|row| row.oid == oid);
                        if let Some(found) = found {
                            found.kind =
                                ConstraintKind::Check { expression: analyzed.sql, columns: analyzed.columns };
                        }
                    })?;
                    if constraint.validated {
                        self.change(PhysicalChange::ValidateCheck { table, constraint: oid });
                    }
                }
                ConstraintKind::Check { .. }
                | ConstraintKind::PrimaryKey { .. }
                | ConstraintKind::Unique { .. }
                | ConstraintKind::ForeignKey(_) => {}
            }
        }
        let keys: Vec<_> = self
            .catalog
            .relations
            .values()
            .flat_map(|row| row.constraints.iter().map(move |constraint| (row.clone(), constraint.clone())))
            .collect();
        for (row, constraint) in keys {
            let ConstraintKind::ForeignKey(key) = &constraint.kind else { continue };
            let uses = (row.oid == table && key.columns.contains(&number))
                || (key.referenced == table && key.referenced_columns.contains(&number));
            if !uses {
                continue;
            }
            let target = self.relation_by_oid(key.referenced)?;
            for (own, other) in key.columns.iter().zip(&key.referenced_columns) {
                self.require_comparable((&row, *own), (&target, *other), &constraint.name, key.on_update)?;
            }
            self.change(PhysicalChange::Redeclare { table: row.oid, old: row.clone() });
            if constraint.validated {
                let change =
                    PhysicalChange::ValidateForeignKey { table: row.oid, constraint: constraint.oid };
                self.change(change);
            }
        }
        Ok(())
    }

    fn revisit_indexes(&mut self, table: Oid, number: ColumnNumber) -> Result<()> {
        let relation = self.relation_by_oid(table)?;
        let indexes: Vec<_> = self
            .catalog
            .indexes_of(table)
            .filter(|index| self.catalog.index_uses(index, number))
            .cloned()
            .collect();
        for index in indexes {
            let mut row = (*index).clone();
            let mut depends = Vec::new();
            let scope = Scope::Relation(&relation);
            for element in &mut row.elements {
                match &mut element.key {
                    IndexKey::Column(own) => {
                        let type_oid = relation.column_number(*own).map_or(0, |column| column.type_ref.oid);
                        if row.method == "btree" && !super::column::has_btree_order(&self.catalog, type_oid) {
                            let type_name = self.catalog.format_type_oid(self.path(), type_oid);
                            return Err(super::constraint::no_operator_class(&type_name, "btree"));
                        }
                    }
                    IndexKey::Expression(sql) => {
                        let expr = syntax::parse_expression(sql)?;
                        let analyzed = self.analyze(&expr, ExpressionKind::IndexExpression, scope, None)?;
                        if analyzed.volatility != Volatility::Immutable {
                            let message = "functions in index expression must be marked IMMUTABLE";
                            return Err(DatabaseError::new(INVALID_OBJECT_DEFINITION, message));
                        }
                        depends.extend(analyzed.depends_with_columns(table));
                        *sql = analyzed.sql;
                    }
                }
            }
            if let Some(filter) = &mut row.filter {
                let expr = syntax::parse_expression(filter)?;
                let analyzed = self.analyze(&expr, ExpressionKind::IndexPredicate, scope, None)?;
                if analyzed.volatility != Volatility::Immutable {
                    let message = "functions in index predicate must be marked IMMUTABLE";
                    return Err(DatabaseError::new(INVALID_OBJECT_DEFINITION, message));
                }
                depends.extend(analyzed.depends_with_columns(table));
                *filter = analyzed.sql;
            }
            self.depend(ObjectRef::Index(row.oid), depends);
            self.catalog.put_index(row);
        }
        Ok(())
    }

    /// Whether every value of the old type is stored as the same value of the new one would be.
    fn stored_alike(&self, old: TypeRef, new: TypeRef) -> bool {
        let (old, new) = (self.catalog.base_type(old), new);
        if self.catalog.is_domain(new.oid) {
            return false;
        }
        let wider = new.modifier == -1 || (old.modifier != -1 && old.modifier <= new.modifier);
        match (old.oid, new.oid) {
            _ if old == new => true,
            (oid::INT2, oid::INT4 | oid::INT8) | (oid::INT4, oid::INT8) => true,
            (oid::VARCHAR, oid::TEXT) => true,
            (oid::VARCHAR | oid::TEXT, oid::VARCHAR) => {
                wider && (old.oid == oid::VARCHAR || new.modifier == -1)
            }
            (oid::NUMERIC, oid::NUMERIC) => {
                new.modifier == -1
                    || (old.modifier != -1
                        && (old.modifier - 4) & 0xffff == (new.modifier - 4) & 0xffff
                        && old.modifier <= new.modifier)
            }
            _ => false,
        }
    }
}
