//! A column's definition: type, serial, NOT NULL, DEFAULT, IDENTITY, GENERATED.

use super::constraint::Pending;
use super::context::{Ddl, denied};
use super::dependency::column_mut;
use super::{ExpressionKind, Scope};
use crate::builtin::builtins;
use crate::lookup::{TypeEntry, quote_identifier};
use crate::{
    Column, ColumnNumber, Identity, ObjectRef, Oid, Relation, Sequence, TypeKind, TypeRef, Volatility,
};
use datum::oid;
use sqlstate::{
    DATATYPE_MISMATCH, DUPLICATE_COLUMN, DatabaseError, FEATURE_NOT_SUPPORTED, INVALID_OBJECT_DEFINITION,
    INVALID_PARAMETER_VALUE, INVALID_TABLE_DEFINITION, Result, SYNTAX_ERROR, TOO_MANY_COLUMNS,
    UNDEFINED_OBJECT,
};
use syntax::ast::{ColumnDefinition, Constraint, ConstraintKind, Expr, ExprKind, Name, TypeName};

pub(super) const SYSTEM_COLUMNS: [&str; 6] = ["ctid", "xmin", "cmin", "xmax", "cmax", "tableoid"];

impl Ddl<'_> {
    /// Adds a column to a relation that is being built; what needs the whole table is left in `pending`.
    pub(super) fn define_column<'s>(
        &mut self,
        relation: &mut Relation,
        definition: &'s ColumnDefinition,
        pending: &mut Pending<'s>,
    ) -> Result<ColumnNumber> {
        let ColumnDefinition { name, type_name, collation, constraints, storage, position: _ } = definition;
        if storage.is_some() {
            self.without_effect("STORAGE and COMPRESSION");
        }
        let serial = serial_type(type_name)?;
        let type_ref = match serial {
            Some(oid) => TypeRef { oid, modifier: -1 },
            None => self.column_type(name, type_name)?,
        };
        self.require_not_within(relation, type_ref.oid)?;
        let number = self.add_plain_column(relation, name, type_ref)?;
        if let Some(collation) = collation {
            let known = self.known_collation(collation, type_ref.oid)?;
            if let Some(column) = column_mut(relation, number) {
                column.collation = known;
            }
        }
        let mut state = ColumnState { null: serial.map(|_| false), ..ColumnState::default() };
        if let Some(type_oid) = serial {
            let sequence = Sequence::plain(type_oid);
            let oid = self.put_owned_sequence(relation, name, None, sequence)?;
            pending.sequences.push((oid, number));
            pending.serials.push((number, oid));
            state.default = true;
        }
        for constraint in constraints {
            self.column_constraint(relation, number, constraint, &mut state, pending)?;
        }
        if let Some(column) = column_mut(relation, number) {
            column.not_null = state.null == Some(false);
        }
        Ok(number)
    }

    /// Adds a bare column.
    pub(super) fn add_plain_column(
        &self,
        relation: &mut Relation,
        name: &str,
        type_ref: TypeRef,
    ) -> Result<ColumnNumber> {
        if relation.column(name).is_some() {
            let message = format!("column \"{name}\" specified more than once");
            return Err(DatabaseError::new(DUPLICATE_COLUMN, message));
        }
        if SYSTEM_COLUMNS.contains(&name) {
            let message = format!("column name \"{name}\" conflicts with a system column name");
            return Err(DatabaseError::new(DUPLICATE_COLUMN, message));
        }
        if relation.columns.len() >= 1600 {
            return Err(DatabaseError::new(TOO_MANY_COLUMNS, "tables can have at most 1600 columns"));
        }
        let number = relation.next_column;
        relation.next_column += 1;
        relation.columns.push(Column {
            number,
            name: name.to_owned(),
            type_ref,
            not_null: false,
            default: None,
            generated: false,
            identity: None,
            collation: None,
            acl: None,
            comment: None,
        });
        Ok(number)
    }

    /// A type that a column can have.
    pub(super) fn column_type(&self, column: &str, type_name: &TypeName) -> Result<TypeRef> {
        let type_ref = self.catalog.resolve_type(self.path(), type_name)?;
        if type_name.setof {
            return Err(DatabaseError::new(
                INVALID_TABLE_DEFINITION,
                format!("column \"{column}\" cannot be declared SETOF"),
            ));
        }
        self.require_type_usage(type_ref.oid)?;
        self.require_storable(column, type_ref.oid)?;
        Ok(type_ref)
    }

    /// Refuses pseudo-types as PostgreSQL does, and types that the embedded engine has no stored form for.
    pub(super) fn require_storable(&self, column: &str, type_oid: Oid) -> Result<()> {
        let Some(TypeEntry::Builtin(row)) = self.catalog.type_entry(type_oid) else { return Ok(()) };
        if row.is_pseudo() {
            return Err(DatabaseError::new(
                INVALID_TABLE_DEFINITION,
                format!("column \"{column}\" has pseudo-type {}", row.name),
            ));
        }
        let element = if row.is_array() { row.element } else { row.oid };
        let name = builtins().type_by_oid(element).map_or(row.name, |row| row.name);
        match name {
            "xml" | "jsonpath" | "xid" | "refcursor" | "int2vector" | "oidvector" | "halfvec"
            | "sparsevec" => Err(DatabaseError::unsupported(format_args!("a column of type {name}"))),
            _ => Ok(()),
        }
    }

    /// A row type that has itself for a column, or is within the type of one, would have no end (CheckAttributeType).
    pub(super) fn require_not_within(&self, relation: &Relation, type_oid: Oid) -> Result<()> {
        let mut waiting = vec![type_oid];
        let mut seen = std::collections::BTreeSet::new();
        while let Some(oid) = waiting.pop() {
            if !seen.insert(oid) {
                continue;
            }
            let Some(row) = self.catalog.types.get(&oid) else { continue };
            match &row.kind {
                TypeKind::Composite { relation: other } if *other == relation.oid => {
                    return Err(DatabaseError::new(
                        INVALID_TABLE_DEFINITION,
                        format!("composite type {} cannot be made a member of itself", relation.name),
                    ));
                }
                TypeKind::Composite { relation: other } => {
                    let other = self.catalog.relations.get(other);
                    waiting
                        .extend(other.iter().flat_map(|row| &row.columns).map(|column| column.type_ref.oid));
                }
                TypeKind::Domain { base, .. } => waiting.push(base.oid),
                TypeKind::Array { element } => waiting.push(*element),
                TypeKind::Enum { .. } | TypeKind::Other { .. } => {}
            }
        }
        Ok(())
    }

    /// USAGE on a type of the user's.
    pub(super) fn require_type_usage(&self, type_oid: Oid) -> Result<()> {
        let element = self.catalog.element_type(type_oid).unwrap_or(type_oid);
        match self.catalog.types.get(&element) {
            Some(row) if !self.catalog.may_use_type(self.role(), row) => {
                Err(denied("type", &self.catalog.format_type_oid(self.path(), type_oid)))
            }
            _ => Ok(()),
        }
    }

    /// A collation whose order is the one that the embedded engine has: by code point.
    pub(super) fn known_collation(&self, collation: &Name, type_oid: Oid) -> Result<Option<String>> {
        let name = collation.parts.last().map_or("", String::as_str);
        let collatable = match self.catalog.type_entry(self.catalog.base_type(plain(type_oid)).oid) {
            Some(TypeEntry::Builtin(row)) => row.collatable,
            _ => false,
        };
        let known = match name {
            "default" => None,
            "C" | "POSIX" | "C.UTF-8" | "C.utf8" | "ucs_basic" => Some(name.to_owned()),
            _ if name.ends_with("-x-icu") || name.starts_with("en_") || name == "unicode" => {
                return Err(DatabaseError::unsupported(format_args!("collation \"{name}\"")));
            }
            _ => {
                return Err(DatabaseError::new(
                    UNDEFINED_OBJECT,
                    format!(
                        "collation \"{}\" for encoding \"UTF8\" does not exist",
                        collation.parts.join(".")
                    ),
                )
                .at(collation.position));
            }
        };
        if !collatable {
            let type_name = self.catalog.format_type_oid(self.path(), type_oid);
            return Err(DatabaseError::new(
                DATATYPE_MISMATCH,
                format!("collations are not supported by type {type_name}"),
            )
            .at(collation.position));
        }
        Ok(known)
    }

    fn column_constraint<'s>(
        &mut self,
        relation: &mut Relation,
        number: ColumnNumber,
        constraint: &'s Constraint,
        state: &mut ColumnState,
        pending: &mut Pending<'s>,
    ) -> Result<()> {
        let Some(column) = relation.column_number(number).cloned() else { return Ok(()) };
        let table = relation.name.clone();
        let refuse = |what: &str| {
            let message = format!("{what} for column \"{}\" of table \"{table}\"", column.name);
            Err(DatabaseError::new(SYNTAX_ERROR, message).at(constraint.position))
        };
        let conflicting_null =
            |state: &ColumnState, null: bool| state.null.is_some_and(|known| known != null);
        match &constraint.kind {
            ConstraintKind::Null => {
                if conflicting_null(state, true) {
                    return refuse("conflicting NULL/NOT NULL declarations");
                }
                state.null = Some(true);
            }
            ConstraintKind::NotNull => {
                if conflicting_null(state, false) {
                    return refuse("conflicting NULL/NOT NULL declarations");
                }
                state.null = Some(false);
            }
            ConstraintKind::Default(expr) => {
                if state.default {
                    return refuse("multiple default values specified");
                }
                state.default = true;
                pending.defaults.push((number, expr));
            }
            ConstraintKind::Identity { always, options } => {
                if state.identity {
                    return refuse("multiple identity specifications");
                }
                if conflicting_null(state, false) {
                    return refuse("conflicting NULL/NOT NULL declarations");
                }
                state.identity = true;
                state.null = Some(false);
                let oid = self.put_identity_sequence(relation, &column, options)?;
                pending.sequences.push((oid, number));
                if let Some(row) = column_mut(relation, number) {
                    row.identity = Some(Identity { always: *always, sequence: oid });
                }
            }
            ConstraintKind::Generated(expr) => {
                if state.generated {
                    return refuse("multiple generation clauses specified");
                }
                state.generated = true;
                if let Some(row) = column_mut(relation, number) {
                    row.generated = true;
                }
                pending.generated.push((number, expr));
            }
            ConstraintKind::Check(_)
            | ConstraintKind::PrimaryKey { .. }
            | ConstraintKind::Unique { .. }
            | ConstraintKind::ForeignKey { .. }
            | ConstraintKind::Exclude => {
                pending.column_constraint(constraint, &column.name, &relation.name)?;
            }
        }
        if state.default && state.identity {
            return refuse("both default and identity specified");
        }
        if state.default && state.generated {
            return refuse("both default and generation expression specified");
        }
        if state.identity && state.generated {
            return refuse("both identity and generation expression specified");
        }
        Ok(())
    }

    /// A sequence for an identity column.
    pub(super) fn put_identity_sequence(
        &mut self,
        relation: &Relation,
        column: &Column,
        options: &[syntax::ast::SequenceOption],
    ) -> Result<Oid> {
        require_identity_type(column.type_ref.oid)?;
        let (definition, name) = self.identity_definition(column.type_ref.oid, options)?;
        self.put_owned_sequence(relation, &column.name, name, definition)
    }

    // ---------------------------------------------------------------------------- default expressions

    /// Sets a column's DEFAULT; the catalog's version of `default null` is no default at all.
    pub(super) fn store_default(&mut self, table: Oid, number: ColumnNumber, expr: &Expr) -> Result<()> {
        let relation = self.relation_by_oid(table)?;
        let Some(column) = relation.column_number(number) else { return Ok(()) };
        let target = Some((column.name.as_str(), column.type_ref));
        self.refuse_columns(expr)?;
        let analyzed = self.analyze(expr, ExpressionKind::ColumnDefault, Scope::Nothing, target)?;
        let domain = self.catalog.is_domain(column.type_ref.oid);
        let default = (!analyzed.is_null || domain).then_some(analyzed.sql);
        let depends = if default.is_some() { analyzed.depends } else { Vec::new() };
        self.depend(ObjectRef::Default(table, number), depends);
        self.update_relation(table, |relation| {
            if let Some(column) = column_mut(relation, number) {
                column.default = default;
            }
        })
    }

    /// Names in a DEFAULT are refused before anybody looks whether there is such a column.
    pub(super) fn refuse_columns(&self, expr: &Expr) -> Result<()> {
        if let ExprKind::Column(_) = expr.kind {
            let error = DatabaseError::new(
                FEATURE_NOT_SUPPORTED,
                "cannot use column reference in DEFAULT expression",
            );
            return Err(if self.altering { error } else { error.at(expr.position) });
        }
        super::walk::children(expr).into_iter().try_for_each(|child| self.refuse_columns(child))
    }

    /// The call that takes a sequence's next value.
    pub(super) fn nextval(&self, sequence: Oid) -> Result<String> {
        let row = self.relation_by_oid(sequence)?;
        let schema = self.schema_name(row.schema);
        let name = format!("{}.{}", quote_identifier(&schema), quote_identifier(&row.name));
        Ok(format!("nextval('{}'::regclass)", name.replace('\'', "''")))
    }

    /// Sets the default of a serial column.
    pub(super) fn store_serial(&mut self, table: Oid, number: ColumnNumber, sequence: Oid) -> Result<()> {
        let default = self.nextval(sequence)?;
        self.depend(ObjectRef::Default(table, number), vec![ObjectRef::Relation(sequence)]);
        self.update_relation(table, |relation| {
            if let Some(column) = column_mut(relation, number) {
                column.default = Some(default);
            }
        })
    }

    /// Sets a generated column's expression.
    pub(super) fn store_generated(&mut self, table: Oid, number: ColumnNumber, expr: &Expr) -> Result<()> {
        let relation = self.relation_by_oid(table)?;
        let Some(column) = relation.column_number(number) else { return Ok(()) };
        let target = Some((column.name.as_str(), column.type_ref));
        let scope = Scope::Relation(&relation);
        let analyzed = self.analyze(expr, ExpressionKind::GeneratedColumn, scope, target)?;
        let base = |other: &ColumnNumber| relation.column_number(*other).filter(|column| column.generated);
        if let Some(other) = analyzed.columns.iter().find_map(base) {
            let message =
                format!("cannot use generated column \"{}\" in column generation expression", other.name);
            return Err(DatabaseError::new(INVALID_OBJECT_DEFINITION, message)
                .with_detail("A generated column cannot reference another generated column.")
                .at(super::walk::column_position(expr, &other.name).unwrap_or(expr.position)));
        }
        if analyzed.volatility != Volatility::Immutable {
            let message = "generation expression is not immutable";
            return Err(DatabaseError::new(INVALID_OBJECT_DEFINITION, message));
        }
        self.depend(ObjectRef::Default(table, number), analyzed.depends_with_columns(table));
        self.update_relation(table, |relation| {
            if let Some(column) = column_mut(relation, number) {
                column.default = Some(analyzed.sql);
                column.generated = true;
            }
        })
    }
}

impl super::Analyzed {
    /// What it names, the columns of its own relation among them.
    pub(super) fn depends_with_columns(&self, relation: Oid) -> Vec<ObjectRef> {
        let columns = self.columns.iter().map(|number| ObjectRef::Column(relation, *number));
        self.depends.iter().copied().chain(columns).collect()
    }
}

/// 22023 for a type that no sequence fills.
pub(super) fn require_identity_type(type_oid: Oid) -> Result<()> {
    match type_oid {
        oid::INT2 | oid::INT4 | oid::INT8 => Ok(()),
        _ => Err(DatabaseError::new(
            INVALID_PARAMETER_VALUE,
            "identity column type must be smallint, integer, or bigint",
        )),
    }
}

/// What a column's constraints have said so far.
#[derive(Default)]
struct ColumnState {
    null: Option<bool>,
    default: bool,
    identity: bool,
    generated: bool,
}

fn plain(oid: Oid) -> TypeRef {
    TypeRef { oid, modifier: -1 }
}

/// The integer type of serial and its kin.
fn serial_type(type_name: &TypeName) -> Result<Option<Oid>> {
    let [name] = type_name.name.parts.as_slice() else { return Ok(None) };
    let oid = match name.as_str() {
        "smallserial" | "serial2" => oid::INT2,
        "serial" | "serial4" => oid::INT4,
        "bigserial" | "serial8" => oid::INT8,
        _ => return Ok(None),
    };
    if !type_name.array.is_empty() {
        return Err(DatabaseError::new(FEATURE_NOT_SUPPORTED, "array of serial is not implemented")
            .at(type_name.name.position));
    }
    Ok(Some(oid))
}

/// Whether values of the type compare by a btree: a key, an index or DISTINCT can have it.
pub(super) fn has_btree_order(catalog: &crate::Catalog, type_oid: Oid) -> bool {
    let base = catalog.base_type(plain(type_oid)).oid;
    match catalog.type_entry(base) {
        Some(TypeEntry::Builtin(row)) => !matches!(row.name, "json" | "xml" | "jsonpath" | "refcursor"),
        Some(TypeEntry::User(row)) => !matches!(row.kind, TypeKind::Other { .. }),
        None => false,
    }
}
