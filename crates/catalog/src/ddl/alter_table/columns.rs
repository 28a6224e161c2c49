//! ALTER TABLE: columns, their defaults, NOT NULL and identities.

use super::super::constraint::Pending;
use super::super::context::Ddl;
use super::super::dependency::{Root, column_mut};
use super::super::{ExpressionKind, PhysicalChange, Scope, column};
use crate::{
    Column, ColumnNumber, Identity, ObjectRef, Oid, Relation, RelationKind, Sql, TypeKind, Volatility,
};
use sqlstate::{
    DUPLICATE_COLUMN, DatabaseError, FEATURE_NOT_SUPPORTED, INVALID_TABLE_DEFINITION,
    OBJECT_NOT_IN_PREREQUISITE_STATE, Result, SYNTAX_ERROR, UNDEFINED_COLUMN,
};
use syntax::ast::ColumnDefinition;

impl Ddl<'_> {
    pub(in crate::ddl) fn existing_column(&self, table: Oid, name: &str) -> Result<Column> {
        let relation = self.relation_by_oid(table)?;
        relation.column(name).cloned().ok_or_else(|| {
            let message = format!("column \"{name}\" of relation \"{}\" does not exist", relation.name);
            DatabaseError::new(UNDEFINED_COLUMN, message)
        })
    }

    pub(in crate::ddl) fn update_column(
        &mut self,
        table: Oid,
        number: ColumnNumber,
        change: impl FnOnce(&mut Column),
    ) -> Result<()> {
        self.update_relation(table, |relation| {
            if let Some(column) = column_mut(relation, number) {
                change(column);
            }
        })
    }

    pub(super) fn add_column(
        &mut self,
        table: Oid,
        definition: &ColumnDefinition,
        if_not_exists: bool,
    ) -> Result<()> {
        let mut relation = (*self.relation_by_oid(table)?).clone();
        if relation.column(&definition.name).is_some() {
            let message =
                format!("column \"{}\" of relation \"{}\" already exists", definition.name, relation.name);
            if if_not_exists {
                self.coded_notice(DUPLICATE_COLUMN, format!("{message}, skipping"));
                return Ok(());
            }
            return Err(DatabaseError::new(DUPLICATE_COLUMN, message));
        }
        self.require_row_type_unused(&relation)?;
        let composite = relation.kind == RelationKind::Composite;
        let mut pending = Pending::default();
        let number = self.define_column(&mut relation, definition, &mut pending)?;
        self.catalog.put_relation(relation);
        let defaults = Pending {
            sequences: std::mem::take(&mut pending.sequences),
            serials: std::mem::take(&mut pending.serials),
            defaults: std::mem::take(&mut pending.defaults),
            generated: std::mem::take(&mut pending.generated),
            ..Pending::default()
        };
        self.apply_pending_expressions(table, &defaults, false)?;
        let column = self.column_by_number(table, number)?;
        let (value, per_row) = self.missing_value(&column, &defaults)?;
        if !composite {
            self.change(PhysicalChange::AddColumn { table, column: number, value, per_row });
            if column.not_null {
                self.change(PhysicalChange::ValidateNotNull { table, column: number });
            }
        }
        self.apply_pending_expressions(table, &pending, false)?;
        self.apply_pending_keys(table, pending, false)
    }

    fn column_by_number(&self, table: Oid, number: ColumnNumber) -> Result<Column> {
        let relation = self.relation_by_oid(table)?;
        let column = relation.column_number(number).cloned();
        column.ok_or_else(|| DatabaseError::internal("a new column is gone"))
    }

    /// What existing rows get in a new column, and whether each gets its own.
    fn missing_value(&self, column: &Column, pending: &Pending<'_>) -> Result<(Option<Sql>, bool)> {
        if let Some(identity) = column.identity {
            return Ok((Some(self.nextval(identity.sequence)?), true));
        }
        if column.generated || !pending.serials.is_empty() {
            return Ok((column.default.clone(), true));
        }
        let Some(default) = &column.default else {
            let default = self.domain_default(column.type_ref.oid);
            return Ok(match self.is_demanding(column.type_ref.oid) {
                // Each row's NULL is looked at; without rows nobody minds.
                true => (Some(default.unwrap_or_else(|| "NULL".to_owned())), true),
                false => (default, false),
            });
        };
        let Some((_, expr)) = pending.defaults.first() else { return Ok((None, false)) };
        let target = Some((column.name.as_str(), column.type_ref));
        let kind = ExpressionKind::ColumnDefault;
        let analyzed = self.analyze(expr, kind, Scope::Nothing, target)?;
        Ok((Some(default.clone()), analyzed.volatility == Volatility::Volatile))
    }

    /// Whether it is a domain that refuses some values.
    fn is_demanding(&self, mut type_oid: Oid) -> bool {
        while let Some(row) = self.catalog.types.get(&type_oid)
            && let TypeKind::Domain { base, not_null, checks, .. } = &row.kind
        {
            if *not_null || !checks.is_empty() {
                return true;
            }
            type_oid = base.oid;
        }
        false
    }

    fn domain_default(&self, mut type_oid: Oid) -> Option<Sql> {
        while let Some(row) = self.catalog.types.get(&type_oid)
            && let TypeKind::Domain { base, default, .. } = &row.kind
        {
            if default.is_some() {
                return default.clone();
            }
            type_oid = base.oid;
        }
        None
    }

    /// A table's columns cannot change while its row type is a column's type elsewhere.
    pub(in crate::ddl) fn require_row_type_unused(&self, relation: &Relation) -> Result<()> {
        let Some(row_type) = self.catalog.types.get(&relation.row_type) else { return Ok(()) };
        for other in self.catalog.relations.values() {
            for column in &other.columns {
                if column.type_ref.oid == row_type.oid || column.type_ref.oid == row_type.array {
                    let what = match relation.kind {
                        RelationKind::Composite => "type",
                        _ => "table",
                    };
                    let message = format!(
                        "cannot alter {what} \"{}\" because column \"{}.{}\" uses its row type",
                        relation.name, other.name, column.name
                    );
                    return Err(DatabaseError::new(FEATURE_NOT_SUPPORTED, message));
                }
            }
        }
        Ok(())
    }

    pub(super) fn drop_column(
        &mut self,
        table: Oid,
        name: &str,
        if_exists: bool,
        cascade: bool,
    ) -> Result<()> {
        let relation = self.relation_by_oid(table)?;
        if column::SYSTEM_COLUMNS.contains(&name) {
            let message = format!("cannot drop system column \"{name}\"");
            return Err(DatabaseError::new(FEATURE_NOT_SUPPORTED, message));
        }
        let Some(column) = relation.column(name) else {
            let message = format!("column \"{name}\" of relation \"{}\" does not exist", relation.name);
            if if_exists {
                self.notice(format!("{message}, skipping"));
                return Ok(());
            }
            return Err(DatabaseError::new(UNDEFINED_COLUMN, message));
        };
        self.require_row_type_unused(&relation)?;
        self.remove(&[Root::Object(ObjectRef::Column(table, column.number))], cascade)
    }

    pub(super) fn alter_default(
        &mut self,
        table: Oid,
        name: &str,
        default: Option<&syntax::ast::Expr>,
    ) -> Result<()> {
        let relation = self.relation_by_oid(table)?;
        let column = self.existing_column(table, name)?;
        let of = format!("column \"{name}\" of relation \"{}\"", relation.name);
        if column.identity.is_some() {
            let error = DatabaseError::new(SYNTAX_ERROR, format!("{of} is an identity column"));
            return Err(match default {
                Some(_) => error,
                None => error.with_hint("Use ALTER TABLE ... ALTER COLUMN ... DROP IDENTITY instead."),
            });
        }
        if column.generated {
            let error = DatabaseError::new(SYNTAX_ERROR, format!("{of} is a generated column"));
            return Err(match default {
                Some(_) => error,
                None => error.with_hint("Use ALTER TABLE ... ALTER COLUMN ... DROP EXPRESSION instead."),
            });
        }
        if let Some(expr) = default {
            return self.store_default(table, column.number, expr);
        }
        self.depend(ObjectRef::Default(table, column.number), Vec::new());
        self.update_column(table, column.number, |column| column.default = None)
    }

    pub(super) fn alter_not_null(&mut self, table: Oid, name: &str, not_null: bool) -> Result<()> {
        let relation = self.relation_by_oid(table)?;
        let column = self.existing_column(table, name)?;
        if not_null {
            if !column.not_null {
                self.change(PhysicalChange::ValidateNotNull { table, column: column.number });
            }
        } else {
            if column.identity.is_some() {
                let message =
                    format!("column \"{name}\" of relation \"{}\" is an identity column", relation.name);
                return Err(DatabaseError::new(SYNTAX_ERROR, message));
            }
            if relation.primary_key().is_some_and(|key| key.contains(&column.number)) {
                let message = format!("column \"{name}\" is in a primary key");
                return Err(DatabaseError::new(INVALID_TABLE_DEFINITION, message));
            }
            let identity =
                relation.replica_identity.as_deref().and_then(|words| words.strip_prefix("USING INDEX "));
            let index = identity.and_then(|index| self.catalog.index(relation.schema, index));
            let is_key = |element: &crate::IndexElement| match element.key {
                crate::IndexKey::Column(number) => number == column.number,
                crate::IndexKey::Expression(_) => false,
            };
            if index.is_some_and(|index| index.elements.iter().any(is_key)) {
                let message = format!("column \"{name}\" is in index used as replica identity");
                return Err(DatabaseError::new(INVALID_TABLE_DEFINITION, message));
            }
        }
        self.update_column(table, column.number, |column| column.not_null = not_null)
    }

    pub(super) fn drop_expression(&mut self, table: Oid, name: &str, if_exists: bool) -> Result<()> {
        let relation = self.relation_by_oid(table)?;
        let column = self.existing_column(table, name)?;
        if !column.generated {
            let message = format!(
                "column \"{name}\" of relation \"{}\" is not a stored generated column",
                relation.name
            );
            if if_exists {
                self.notice(format!("{message}, skipping"));
                return Ok(());
            }
            return Err(DatabaseError::new(OBJECT_NOT_IN_PREREQUISITE_STATE, message));
        }
        self.depend(ObjectRef::Default(table, column.number), Vec::new());
        self.update_column(table, column.number, |column| {
            column.generated = false;
            column.default = None;
        })
    }

    pub(super) fn add_identity(
        &mut self,
        table: Oid,
        column: &Column,
        always: bool,
        options: &[syntax::ast::SequenceOption],
    ) -> Result<()> {
        let relation = self.relation_by_oid(table)?;
        let of = format!("column \"{}\" of relation \"{}\"", column.name, relation.name);
        let state = |message: String| Err(DatabaseError::new(OBJECT_NOT_IN_PREREQUISITE_STATE, message));
        column::require_identity_type(column.type_ref.oid)?;
        if !column.not_null {
            return state(format!("{of} must be declared NOT NULL before identity can be added"));
        }
        if column.identity.is_some() {
            return state(format!("{of} is already an identity column"));
        }
        if column.default.is_some() {
            return state(format!("{of} already has a default value"));
        }
        let sequence = self.put_identity_sequence(&relation, column, options)?;
        self.own_sequence(sequence, table, column.number)?;
        self.update_column(table, column.number, |column| {
            column.identity = Some(Identity { always, sequence })
        })
    }

    pub(super) fn no_identity(&self, table: Oid, column: &str) -> Result<()> {
        let relation = self.relation_by_oid(table)?;
        let message =
            format!("column \"{column}\" of relation \"{}\" is not an identity column", relation.name);
        Err(DatabaseError::new(OBJECT_NOT_IN_PREREQUISITE_STATE, message))
    }
}
