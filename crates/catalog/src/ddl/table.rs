//! CREATE TABLE.

use super::PhysicalChange;
use super::constraint::Pending;
use super::context::Ddl;
use super::storage_parameter;
use super::temporary::{Asked, with_on_commit};
use crate::{
    ConstraintKind, DefaultObject, Identity, IndexKey, ObjectRef, Oid, Relation, RelationKind, Type, TypeKind,
};
use sqlstate::{DUPLICATE_OBJECT, DUPLICATE_TABLE, DatabaseError, Result};
use std::sync::Arc;
use syntax::ast::{CreateTable, Name, TableElement};

impl Ddl<'_> {
    pub(super) fn create_table(&mut self, statement: &CreateTable) -> Result<()> {
        let CreateTable {
            name,
            if_not_exists,
            persistence,
            elements,
            inherits,
            partition,
            storage,
            on_commit,
            other,
        } = statement;
        let asked = Asked::read(*persistence);
        if asked == Asked::Unlogged {
            self.without_effect("UNLOGGED");
        }
        if !inherits.is_empty() {
            return Err(DatabaseError::unsupported("INHERITS"));
        }
        if partition.is_some() {
            return Err(DatabaseError::unsupported("partitioning"));
        }
        for words in other {
            match words.split_whitespace().next() {
                Some("TABLESPACE" | "USING") => self.without_effect(words.clone()),
                _ => return Err(DatabaseError::unsupported(words)),
            }
        }
        let (schema, table_name, persistence) =
            self.relation_place(name, asked).map_err(|error| match error.fields().detail {
                None => error.at(name.position),
                // That system catalogs stay as they are is found out later.
                Some(_) => error,
            })?;
        if self.relation_exists(schema, table_name) {
            let message = format!("relation \"{table_name}\" already exists");
            if *if_not_exists {
                self.coded_notice(DUPLICATE_TABLE, format!("{message}, skipping"));
                return Ok(());
            }
            return Err(DatabaseError::new(DUPLICATE_TABLE, message));
        }
        let mut relation = self.blank_relation(schema, table_name, RelationKind::Table);
        relation.persistence = with_on_commit(persistence, *on_commit)?;
        if storage_parameter::check(storage)? {
            self.without_effect("storage parameters");
        }
        relation.options = storage.clone();
        let mut pending = Pending::default();
        let mut likes = Vec::new();
        for element in elements {
            match element {
                TableElement::Column(definition) => {
                    self.define_column(&mut relation, definition, &mut pending)?;
                }
                TableElement::Constraint(constraint) => {
                    pending.table_constraint(constraint, &relation.name)?
                }
                TableElement::Like { table, including } => {
                    let source = self.like_columns(&mut relation, table)?;
                    likes.push((source, including));
                }
            }
        }
        let table = self.put_new_relation(relation, DefaultObject::Tables)?;
        self.change(PhysicalChange::CreateTable { table });
        self.apply_pending_expressions(table, &pending, true)?;
        for (source, including) in likes {
            self.like_rest(table, &source, including)?;
        }
        self.apply_pending_keys(table, pending, true)
    }

    /// A relation with nothing in it and no OID yet.
    pub(super) fn blank_relation(&self, schema: Oid, name: &str, kind: RelationKind) -> Relation {
        Relation {
            oid: 0,
            schema,
            name: name.to_owned(),
            kind,
            owner: self.role(),
            row_type: 0,
            columns: Vec::new(),
            next_column: 1,
            constraints: Vec::new(),
            policies: Vec::new(),
            triggers: Vec::new(),
            row_security: false,
            force_row_security: false,
            acl: None,
            granted_explicitly: false,
            view: None,
            sequence: None,
            replica_identity: None,
            options: Vec::new(),
            comment: None,
            is_partition: false,
            persistence: crate::Persistence::Permanent,
            unpopulated: false,
        }
    }

    /// Puts a new relation into the catalog with its OID, its row type and the privileges that new ones get. Sequences that
    /// its columns own point to it from now on.
    pub(super) fn put_new_relation(&mut self, mut relation: Relation, object: DefaultObject) -> Result<Oid> {
        relation.oid = self.catalog.allocate();
        relation.acl = self.catalog.default_acl(object, relation.owner, Some(relation.schema));
        if relation.kind != RelationKind::Sequence {
            let kind = TypeKind::Composite { relation: relation.oid };
            relation.row_type = self
                .put_new_type(relation.schema, &relation.name, kind, relation.owner)
                .map_err(|error| {
                    error.with_hint(
                        "A relation has an associated type of the same name, so you must use a name that \
                         doesn't conflict with any existing type.",
                    )
                })?;
        }
        let oid = relation.oid;
        self.catalog.put_relation(relation);
        Ok(oid)
    }

    /// Puts a new type into the catalog, with its array type.
    pub(super) fn put_new_type(
        &mut self,
        schema: Oid,
        name: &str,
        kind: TypeKind,
        owner: Oid,
    ) -> Result<Oid> {
        if let Some(other) = self.catalog.type_in(schema, name).cloned() {
            self.make_way(&other)?;
        }
        let array_name = self.array_type_name(schema, name);
        let array = self.catalog.allocate();
        let oid = self.catalog.allocate();
        let acl = self.catalog.default_acl(DefaultObject::Types, owner, Some(schema));
        let row = |oid, name: &str, kind, array, acl| Type {
            oid,
            schema,
            name: name.to_owned(),
            owner,
            kind,
            array,
            acl,
            comment: None,
        };
        self.catalog.put_type(row(oid, name, kind, array, acl));
        self.catalog.put_type(row(array, &array_name, TypeKind::Array { element: oid }, 0, None));
        Ok(oid)
    }

    /// An array type that PostgreSQL named gives its name up for a type that the user names so.
    pub(super) fn make_way(&mut self, other: &Arc<Type>) -> Result<()> {
        if !matches!(other.kind, TypeKind::Array { .. }) {
            let message = format!("type \"{}\" already exists", other.name);
            return Err(DatabaseError::new(DUPLICATE_OBJECT, message));
        }
        let mut renamed = (**other).clone();
        renamed.name = self.array_type_name(other.schema, &other.name);
        self.catalog.put_type(renamed);
        Ok(())
    }

    /// The columns of LIKE: names, types and NOT NULL.
    fn like_columns(&mut self, relation: &mut Relation, name: &Name) -> Result<Arc<Relation>> {
        let source = self.relation(name).map_err(|error| error.at(name.position))?;
        match source.kind {
            RelationKind::Table
            | RelationKind::View
            | RelationKind::MaterializedView
            | RelationKind::Composite
            | RelationKind::ForeignTable
            | RelationKind::PartitionedTable => {}
            RelationKind::Sequence => {
                return Err(DatabaseError::new(
                    sqlstate::WRONG_OBJECT_TYPE,
                    format!("relation \"{}\" is invalid in LIKE clause", source.name),
                )
                .at(name.position));
            }
        }
        for column in &source.columns {
            self.add_plain_column(relation, &column.name, column.type_ref)?;
            if let Some(new) = relation.columns.last_mut() {
                new.not_null = column.not_null;
                new.collation.clone_from(&column.collation);
            }
        }
        Ok(source)
    }

    /// What else LIKE … INCLUDING asks for.
    fn like_rest(&mut self, table: Oid, source: &Relation, including: &[String]) -> Result<()> {
        let including = Including::read(including);
        let number = |ddl: &Ddl<'_>, old: crate::ColumnNumber| {
            let name = source.column_number(old).map(|column| column.name.clone()).unwrap_or_default();
            let new =
                ddl.catalog.relations.get(&table).and_then(|row| row.column(&name).map(|row| row.number));
            new.ok_or_else(|| DatabaseError::internal("a column of LIKE is gone"))
        };
        for column in &source.columns {
            let new = number(self, column.number)?;
            let default = column.default.clone().filter(|_| match column.generated {
                true => including.generated,
                false => including.defaults,
            });
            let depends =
                self.catalog.dependencies.get(&ObjectRef::Default(source.oid, column.number)).cloned();
            if let (Some(_), Some(depends)) = (&default, depends) {
                let depends = self.repoint(&depends, source, table)?;
                self.depend(ObjectRef::Default(table, new), depends);
            }
            let comment = column.comment.clone().filter(|_| including.comments);
            self.update_relation(table, |relation| {
                if let Some(row) = super::dependency::column_mut(relation, new) {
                    row.generated = column.generated && default.is_some();
                    row.default = default;
                    row.comment = comment;
                }
            })?;
            if let (Some(identity), true) = (column.identity, including.identity) {
                self.like_identity(table, new, identity)?;
            }
        }
        if including.constraints {
            for constraint in &source.constraints {
                let ConstraintKind::Check { expression, columns } = &constraint.kind else { continue };
                let columns = columns.iter().map(|old| number(self, *old)).collect::<Result<Vec<_>>>()?;
                let mut copy = constraint.clone();
                copy.oid = self.catalog.allocate();
                copy.kind = ConstraintKind::Check { expression: expression.clone(), columns };
                copy.comment = constraint.comment.clone().filter(|_| including.comments);
                if let Some(depends) = self.catalog.dependencies.get(&ObjectRef::Constraint(constraint.oid)) {
                    let depends = self.repoint(&depends.clone(), source, table)?;
                    self.depend(ObjectRef::Constraint(copy.oid), depends);
                }
                self.update_relation(table, |relation| relation.constraints.push(copy))?;
            }
        }
        if including.indexes {
            self.like_indexes(table, source)?;
        }
        Ok(())
    }

    fn like_identity(&mut self, table: Oid, number: crate::ColumnNumber, identity: Identity) -> Result<()> {
        let sequence = self.relation_by_oid(identity.sequence)?;
        let Some(definition) = sequence.sequence.clone() else { return Ok(()) };
        let relation = self.relation_by_oid(table)?;
        let name = relation.column_number(number).map(|column| column.name.clone()).unwrap_or_default();
        let oid = self.put_owned_sequence(&relation, &name, None, definition)?;
        self.own_sequence(oid, table, number)?;
        self.update_relation(table, |relation| {
            if let Some(row) = super::dependency::column_mut(relation, number) {
                row.identity = Some(Identity { always: identity.always, sequence: oid });
                row.not_null = true;
            }
        })
    }

    fn like_indexes(&mut self, table: Oid, source: &Relation) -> Result<()> {
        let relation = self.relation_by_oid(table)?;
        let indexes: Vec<_> = self.catalog.indexes_of(source.oid).cloned().collect();
        for index in indexes {
            let number = |old: crate::ColumnNumber| {
                let name = source.column_number(old).map(|column| column.name.as_str()).unwrap_or_default();
                relation.column(name).map(|column| column.number)
            };
            let mut copy = (*index).clone();
            copy.oid = self.catalog.allocate();
            copy.table = table;
            copy.schema = relation.schema;
            copy.comment = None;
            for element in &mut copy.elements {
                if let IndexKey::Column(old) = element.key
                    && let Some(new) = number(old)
                {
                    element.key = IndexKey::Column(new);
                }
            }
            copy.include = index.include.iter().filter_map(|old| number(*old)).collect();
            if let Some(depends) = self.catalog.dependencies.get(&ObjectRef::Index(index.oid)) {
                let depends = self.repoint(&depends.clone(), source, table)?;
                self.depend(ObjectRef::Index(copy.oid), depends);
            }
            let constraint = index.constraint.and_then(|oid| self.catalog.constraint_by_oid(oid));
            let constraint = constraint.map(|(_, row)| row.clone());
            let names = self.index_column_names(&relation, &copy);
            copy.name = self.choose_index_name(
                &relation,
                &names,
                matches!(constraint.as_ref().map(|row| &row.kind), Some(ConstraintKind::PrimaryKey { .. })),
                constraint.is_some(),
            );
            if let Some(mut constraint) = constraint {
                constraint.oid = self.catalog.allocate();
                constraint.name.clone_from(&copy.name);
                constraint.comment = None;
                copy.constraint = Some(constraint.oid);
                match &mut constraint.kind {
                    ConstraintKind::PrimaryKey { columns, index }
                    | ConstraintKind::Unique { columns, index, .. } => {
                        *index = copy.oid;
                        *columns = columns.iter().filter_map(|old| number(*old)).collect();
                    }
                    ConstraintKind::Check { .. } | ConstraintKind::ForeignKey(_) => {}
                }
                self.update_relation(table, |relation| relation.constraints.push(constraint))?;
            }
            self.change(PhysicalChange::CreateIndex { index: copy.oid });
            self.catalog.put_index(copy);
        }
        Ok(())
    }

    /// Dependencies on the columns of one table turned to those of the same names of another.
    fn repoint(&self, depends: &[ObjectRef], source: &Relation, table: Oid) -> Result<Vec<ObjectRef>> {
        let relation = self.relation_by_oid(table)?;
        let turn = |object: &ObjectRef| match *object {
            ObjectRef::Column(oid, old) if oid == source.oid => {
                let column = source.column_number(old).and_then(|column| relation.column(&column.name));
                ObjectRef::Column(table, column.map_or(old, |column| column.number))
            }
            ObjectRef::Relation(oid) if oid == source.oid => ObjectRef::Relation(table),
            other => other,
        };
        Ok(depends.iter().map(turn).collect())
    }
}

#[derive(Default)]
struct Including {
    defaults: bool,
    generated: bool,
    identity: bool,
    constraints: bool,
    indexes: bool,
    comments: bool,
}

impl Including {
    fn read(words: &[String]) -> Including {
        let mut including = Including::default();
        for word in words {
            let (on, what) = match word.split_once(' ') {
                Some((verb, what)) => (!verb.eq_ignore_ascii_case("excluding"), what),
                None => (true, word.as_str()),
            };
            let what = what.to_ascii_uppercase();
            let all = what == "ALL";
            let set = |flag: &mut bool, name: &str| {
                if all || what == name {
                    *flag = on;
                }
            };
            set(&mut including.defaults, "DEFAULTS");
            set(&mut including.generated, "GENERATED");
            set(&mut including.identity, "IDENTITY");
            set(&mut including.constraints, "CONSTRAINTS");
            set(&mut including.indexes, "INDEXES");
            set(&mut including.comments, "COMMENTS");
        }
        including
    }
}
