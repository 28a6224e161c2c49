//! CHECK, PRIMARY KEY and UNIQUE, in CREATE TABLE and ALTER TABLE.

use super::column::has_btree_order;
use super::context::Ddl;
use super::dependency::column_mut;
use super::foreign_key::PendingForeignKey;
use super::{ExpressionKind, PhysicalChange, Scope};
use crate::{
    ColumnNumber, Constraint, ConstraintKind, Index, IndexElement, IndexKey, ObjectRef, Oid, Relation,
};
use sqlstate::{
    DUPLICATE_COLUMN, DUPLICATE_OBJECT, DatabaseError, INVALID_TABLE_DEFINITION,
    OBJECT_NOT_IN_PREREQUISITE_STATE, Result, SYNTAX_ERROR, UNDEFINED_COLUMN, UNDEFINED_OBJECT,
    WRONG_OBJECT_TYPE,
};
use syntax::ast::{self, Expr, Ident, Position};

/// What of a table's definition waits until all columns are there.
#[derive(Default)]
pub(super) struct Pending<'s> {
    /// Sequences made for columns, to be owned by them.
    pub(super) sequences: Vec<(Oid, ColumnNumber)>,
    pub(super) serials: Vec<(ColumnNumber, Oid)>,
    pub(super) defaults: Vec<(ColumnNumber, &'s Expr)>,
    pub(super) generated: Vec<(ColumnNumber, &'s Expr)>,
    pub(super) checks: Vec<PendingCheck<'s>>,
    pub(super) keys: Vec<PendingKey>,
    pub(super) foreign_keys: Vec<PendingForeignKey>,
}

/// A CHECK to be added.
pub(super) struct PendingCheck<'s> {
    pub(super) name: Option<&'s str>,
    pub(super) expr: &'s Expr,
    pub(super) not_valid: bool,
    pub(super) no_inherit: bool,
}

/// A PRIMARY KEY or UNIQUE to be added.
#[derive(Clone, PartialEq)]
pub(super) struct PendingKey {
    pub(super) name: Option<String>,
    pub(super) primary: bool,
    pub(super) columns: Vec<Ident>,
    pub(super) include: Vec<Ident>,
    pub(super) nulls_not_distinct: bool,
    pub(super) using_index: Option<Ident>,
    pub(super) deferrable: bool,
    pub(super) initially_deferred: bool,
    pub(super) position: Position,
}

impl PendingKey {
    /// Whether another asks for the same index, so that one serves both.
    fn is_same(&self, other: &PendingKey) -> bool {
        self.using_index.is_none()
            && other.using_index.is_none()
            && self.columns == other.columns
            && self.include == other.include
            && self.nulls_not_distinct == other.nulls_not_distinct
            && self.deferrable == other.deferrable
            && self.initially_deferred == other.initially_deferred
    }
}

impl<'s> Pending<'s> {
    /// Takes a constraint that stands at a column.
    pub(super) fn column_constraint(
        &mut self,
        constraint: &'s ast::Constraint,
        column: &str,
        table: &str,
    ) -> Result<()> {
        self.add(constraint, Some(column), table)
    }

    /// Takes a constraint of the table.
    pub(super) fn table_constraint(&mut self, constraint: &'s ast::Constraint, table: &str) -> Result<()> {
        self.add(constraint, None, table)
    }

    fn add(&mut self, constraint: &'s ast::Constraint, column: Option<&str>, table: &str) -> Result<()> {
        let own = |columns: &[Ident]| match column {
            Some(column) => vec![column.to_owned()],
            None => columns.to_vec(),
        };
        match &constraint.kind {
            ast::ConstraintKind::Check(expr) => {
                self.checks.push(PendingCheck {
                    name: constraint.name.as_deref(),
                    expr,
                    not_valid: constraint.not_valid,
                    no_inherit: constraint.no_inherit,
                });
            }
            ast::ConstraintKind::PrimaryKey { columns, include, using_index } => {
                if self.keys.iter().any(|key| key.primary) {
                    return Err(multiple_primary_keys(table).at(constraint.position));
                }
                let columns = own(columns);
                self.keys.push(pending_key(constraint, true, columns, include, false, using_index));
            }
            ast::ConstraintKind::Unique { columns, include, nulls_not_distinct, using_index } => {
                let columns = own(columns);
                let distinct = *nulls_not_distinct;
                self.keys.push(pending_key(constraint, false, columns, include, distinct, using_index));
            }
            ast::ConstraintKind::ForeignKey { .. } => {
                self.foreign_keys.extend(PendingForeignKey::read(constraint, column));
            }
            ast::ConstraintKind::Exclude => return Err(DatabaseError::unsupported("EXCLUDE")),
            ast::ConstraintKind::Null
            | ast::ConstraintKind::NotNull
            | ast::ConstraintKind::Default(_)
            | ast::ConstraintKind::Identity { .. }
            | ast::ConstraintKind::Generated(_) => {
                return Err(DatabaseError::internal("a column's constraint stands at a table"));
            }
        }
        Ok(())
    }
}

fn pending_key(
    constraint: &ast::Constraint,
    primary: bool,
    columns: Vec<Ident>,
    include: &[Ident],
    nulls_not_distinct: bool,
    using_index: &Option<Ident>,
) -> PendingKey {
    PendingKey {
        name: constraint.name.clone(),
        primary,
        columns,
        include: include.to_vec(),
        nulls_not_distinct,
        using_index: using_index.clone(),
        deferrable: constraint.deferrable,
        initially_deferred: constraint.initially_deferred,
        position: constraint.position,
    }
}

fn multiple_primary_keys(table: &str) -> DatabaseError {
    let message = format!("multiple primary keys for table \"{table}\" are not allowed");
    DatabaseError::new(INVALID_TABLE_DEFINITION, message)
}

impl Ddl<'_> {
    /// Defaults, generation expressions and checks. `fresh`: the table has no rows yet.
    pub(super) fn apply_pending_expressions(
        &mut self,
        table: Oid,
        pending: &Pending<'_>,
        fresh: bool,
    ) -> Result<()> {
        for (sequence, number) in &pending.sequences {
            self.own_sequence(*sequence, table, *number)?;
        }
        for (number, sequence) in &pending.serials {
            self.store_serial(table, *number, *sequence)?;
        }
        for (number, expr) in &pending.defaults {
            self.store_default(table, *number, expr)?;
        }
        for (number, expr) in &pending.generated {
            self.store_generated(table, *number, expr)?;
        }
        self.add_checks(table, &pending.checks, fresh)
    }

    /// Keys and foreign keys, the primary key first.
    pub(super) fn apply_pending_keys(&mut self, table: Oid, pending: Pending<'_>, fresh: bool) -> Result<()> {
        let mut keys: Vec<PendingKey> = Vec::new();
        let (primary, unique): (Vec<_>, Vec<_>) = pending.keys.into_iter().partition(|key| key.primary);
        for key in primary.into_iter().chain(unique) {
            match keys.iter_mut().find(|other| other.is_same(&key)) {
                Some(other) if other.name.is_none() || key.name.is_none() => {
                    other.name = other.name.take().or(key.name);
                }
                _ => keys.push(key),
            }
        }
        for key in keys {
            self.add_key(table, key, fresh)?;
        }
        for key in &pending.foreign_keys {
            self.add_foreign_key(table, key, fresh)?;
        }
        Ok(())
    }

    // ------------------------------------------------------------------------------------------ CHECK

    pub(super) fn add_checks(&mut self, table: Oid, checks: &[PendingCheck<'_>], fresh: bool) -> Result<()> {
        let mut names: Vec<String> = Vec::new();
        for check in checks {
            let relation = self.relation_by_oid(table)?;
            let analyzed =
                self.analyze(check.expr, ExpressionKind::Check, Scope::Relation(&relation), None)?;
            let name = match check.name {
                Some(name) if names.iter().any(|other| other == name) => {
                    return Err(DatabaseError::new(
                        DUPLICATE_OBJECT,
                        format!("check constraint \"{name}\" already exists"),
                    ));
                }
                Some(name) => name.to_owned(),
                None => {
                    let column = match analyzed.columns.as_slice() {
                        [only] => relation.column_number(*only).map(|column| column.name.as_str()),
                        _ => None,
                    };
                    self.choose_constraint_name(relation.schema, &relation.name, column, "check", &names)
                }
            };
            self.require_free_constraint(&relation, &name)?;
            names.push(name.clone());
            let oid = self.catalog.allocate();
            self.depend(ObjectRef::Constraint(oid), analyzed.depends_with_columns(table));
            let kind = ConstraintKind::Check { expression: analyzed.sql, columns: analyzed.columns };
            let constraint = Constraint {
                oid,
                name,
                kind,
                deferrable: false,
                initially_deferred: false,
                validated: fresh || !check.not_valid,
                comment: None,
                no_inherit: check.no_inherit,
            };
            self.update_relation(table, |relation| relation.constraints.push(constraint))?;
            if !fresh && !check.not_valid {
                self.change(PhysicalChange::ValidateCheck { table, constraint: oid });
            }
        }
        Ok(())
    }

    pub(super) fn require_free_constraint(&self, relation: &Relation, name: &str) -> Result<()> {
        match relation.constraints.iter().any(|constraint| constraint.name == name) {
            true => Err(DatabaseError::new(
                DUPLICATE_OBJECT,
                format!("constraint \"{name}\" for relation \"{}\" already exists", relation.name),
            )),
            false => Ok(()),
        }
    }

    // ------------------------------------------------------------------------------------------- keys

    pub(super) fn add_key(&mut self, table: Oid, key: PendingKey, fresh: bool) -> Result<()> {
        let relation = self.relation_by_oid(table)?;
        let has_primary =
            relation.constraints.iter().any(|row| matches!(row.kind, ConstraintKind::PrimaryKey { .. }));
        if key.primary && has_primary {
            return Err(multiple_primary_keys(&relation.name));
        }
        if let Some(index) = &key.using_index {
            return self.key_from_index(&relation, &key, index);
        }
        let columns = self.key_columns(&relation, &key)?;
        let include = key_includes(&relation, &key)?;
        let mut elements = Vec::new();
        for number in &columns {
            if let Some(column) = relation.column_number(*number)
                && !has_btree_order(&self.catalog, column.type_ref.oid)
            {
                let type_name = self.catalog.format_type_oid(self.path(), column.type_ref.oid);
                return Err(no_operator_class(&type_name, "btree"));
            }
            elements.push(plain_element(*number));
        }
        let names: Vec<&str> = key.columns.iter().chain(&key.include).map(String::as_str).collect();
        let name = match &key.name {
            Some(name) => {
                self.require_free_relation(relation.schema, name)?;
                self.require_free_constraint(&relation, name)?;
                name.clone()
            }
            None => {
                let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
                self.choose_index_name(&relation, &names, key.primary, true)
            }
        };
        if key.primary {
            self.set_key_not_null(table, &columns, fresh)?;
        }
        let index = self.catalog.allocate();
        let constraint = self.catalog.allocate();
        self.catalog.put_index(Index {
            oid: index,
            schema: relation.schema,
            name: name.clone(),
            table,
            unique: true,
            nulls_not_distinct: key.nulls_not_distinct,
            method: "btree".to_owned(),
            elements,
            include,
            filter: None,
            constraint: Some(constraint),
            comment: None,
        });
        self.change(PhysicalChange::CreateIndex { index });
        self.push_key(table, constraint, name, &key, columns, index)
    }

    fn key_columns(&self, relation: &Relation, key: &PendingKey) -> Result<Vec<ColumnNumber>> {
        let mut numbers = Vec::new();
        for name in &key.columns {
            let Some(column) = relation.column(name) else {
                if self.altering && key.primary {
                    // ADD PRIMARY KEY is SET NOT NULL first.
                    let message =
                        format!("column \"{name}\" of relation \"{}\" does not exist", relation.name);
                    return Err(DatabaseError::new(UNDEFINED_COLUMN, message));
                }
                let message = format!("column \"{name}\" named in key does not exist");
                return Err(DatabaseError::new(UNDEFINED_COLUMN, message).at(key.position));
            };
            if numbers.contains(&column.number) {
                let kind = if key.primary { "primary key" } else { "unique" };
                let message = format!("column \"{name}\" appears twice in {kind} constraint");
                return Err(DatabaseError::new(DUPLICATE_COLUMN, message).at(key.position));
            }
            numbers.push(column.number);
        }
        match numbers.is_empty() {
            true => Err(DatabaseError::new(SYNTAX_ERROR, "a key needs a column").at(key.position)),
            false => Ok(numbers),
        }
    }

    fn push_key(
        &mut self,
        table: Oid,
        oid: Oid,
        name: String,
        key: &PendingKey,
        columns: Vec<ColumnNumber>,
        index: Oid,
    ) -> Result<()> {
        let kind = match key.primary {
            true => ConstraintKind::PrimaryKey { columns, index },
            false => ConstraintKind::Unique { columns, index, nulls_not_distinct: key.nulls_not_distinct },
        };
        let constraint = Constraint {
            oid,
            name,
            kind,
            deferrable: key.deferrable,
            initially_deferred: key.initially_deferred,
            validated: true,
            comment: None,
            no_inherit: false,
        };
        self.update_relation(table, |relation| relation.constraints.push(constraint))
    }

    fn set_key_not_null(&mut self, table: Oid, columns: &[ColumnNumber], fresh: bool) -> Result<()> {
        let relation = self.relation_by_oid(table)?;
        for number in columns {
            let known = relation.column_number(*number).is_some_and(|column| column.not_null);
            if !known && !fresh {
                self.change(PhysicalChange::ValidateNotNull { table, column: *number });
            }
        }
        self.update_relation(table, |relation| {
            for number in columns {
                if let Some(column) = column_mut(relation, *number) {
                    column.not_null = true;
                }
            }
        })
    }

    /// ADD CONSTRAINT … USING INDEX.
    fn key_from_index(&mut self, relation: &Relation, key: &PendingKey, name: &str) -> Result<()> {
        let fail = |code, message: String| Err(DatabaseError::new(code, message).at(key.position));
        let Some(index) = self.catalog.index(relation.schema, name).cloned() else {
            return fail(UNDEFINED_OBJECT, format!("index \"{name}\" does not exist"));
        };
        if index.constraint.is_some() {
            let message = format!("index \"{name}\" is already associated with a constraint");
            return fail(OBJECT_NOT_IN_PREREQUISITE_STATE, message);
        }
        if index.table != relation.oid {
            let message = format!("index \"{name}\" does not belong to table \"{}\"", relation.name);
            return fail(OBJECT_NOT_IN_PREREQUISITE_STATE, message);
        }
        let cannot = |code, message: String| {
            let error = DatabaseError::new(code, message);
            let error = error
                .with_detail("Cannot create a primary key or unique constraint using such an index.")
                .at(key.position);
            Err(error)
        };
        if !index.unique {
            return cannot(WRONG_OBJECT_TYPE, format!("\"{name}\" is not a unique index"));
        }
        let mut columns = Vec::new();
        for element in &index.elements {
            match element.key {
                IndexKey::Column(number) => columns.push(number),
                IndexKey::Expression(_) => {
                    return cannot(WRONG_OBJECT_TYPE, format!("index \"{name}\" contains expressions"));
                }
            }
        }
        if index.filter.is_some() {
            return cannot(WRONG_OBJECT_TYPE, format!("\"{name}\" is a partial index"));
        }
        let sorted = |element: &IndexElement| {
            !element.descending && !element.nulls_first && element.operator_class.is_none()
        };
        if let Some(at) = index.elements.iter().position(|element| !sorted(element)) {
            return cannot(
                WRONG_OBJECT_TYPE,
                format!("index \"{name}\" column number {} does not have default sorting behavior", at + 1),
            );
        }
        let constraint_name = key.name.clone().unwrap_or_else(|| name.to_owned());
        if constraint_name != name {
            self.require_free_relation(relation.schema, &constraint_name)?;
        }
        self.require_free_constraint(relation, &constraint_name)?;
        if key.primary {
            self.set_key_not_null(relation.oid, &columns, false)?;
        }
        let constraint = self.catalog.allocate();
        let mut row = (*index).clone();
        row.constraint = Some(constraint);
        if constraint_name != name {
            self.notice(format!(
                "ALTER TABLE / ADD CONSTRAINT USING INDEX will rename index \"{name}\" to \"{constraint_name}\""
            ));
            row.name.clone_from(&constraint_name);
            let old_schema = self.schema_name(index.schema);
            self.change(PhysicalChange::RenameIndex {
                index: index.oid,
                old_schema,
                old_name: name.to_owned(),
            });
        }
        self.catalog.put_index(row);
        let key = PendingKey { nulls_not_distinct: index.nulls_not_distinct, ..key.clone() };
        self.push_key(relation.oid, constraint, constraint_name, &key, columns, index.oid)
    }
}

/// data type json has no default operator class …
pub(super) fn no_operator_class(type_name: &str, method: &str) -> DatabaseError {
    let message =
        format!("data type {type_name} has no default operator class for access method \"{method}\"");
    DatabaseError::new(UNDEFINED_OBJECT, message).with_hint(
        "You must specify an operator class for the index or define a default operator class for the data type.",
    )
}

pub(super) fn plain_element(number: ColumnNumber) -> IndexElement {
    IndexElement {
        key: IndexKey::Column(number),
        descending: false,
        nulls_first: false,
        collation: None,
        operator_class: None,
    }
}

fn key_includes(relation: &Relation, key: &PendingKey) -> Result<Vec<ColumnNumber>> {
    let number = |name: &Ident| {
        relation.column(name).map(|column| column.number).ok_or_else(|| {
            let message = format!("column \"{name}\" named in key does not exist");
            DatabaseError::new(UNDEFINED_COLUMN, message).at(key.position)
        })
    };
    key.include.iter().map(number).collect()
}
