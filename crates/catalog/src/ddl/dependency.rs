//! What depends on what, and the removal of objects with all that goes along: PostgreSQL's dependency.c.
//!
//! Most dependencies follow from the objects themselves (a column of a type, a key to a table); those that stem from
//! expressions are in [`Catalog::dependencies`].

use super::context::Ddl;
use super::{Notice, PhysicalChange};
use crate::builtin::builtins;
use crate::{
    Catalog, Column, ColumnNumber, Constraint, ConstraintKind, Index, IndexKey, ObjectRef, Oid, Relation,
    RelationKind, TypeKind,
};
use sqlstate::{DEPENDENT_OBJECTS_STILL_EXIST, DatabaseError, Result, SUCCESSFUL_COMPLETION};
use std::collections::HashSet;

/// How an object goes along with the one it depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Only with CASCADE, and told.
    Normal,
    /// Silently: a part of it, or made for it.
    Auto,
}

/// Something that will go, and through what.
struct Doomed {
    object: ObjectRef,
    kind: Kind,
    /// What it depends on, in words.
    through: String,
}

/// A root of a removal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Root {
    /// An object.
    Object(ObjectRef),
    /// A schema, with what is in it.
    Schema(Oid),
    /// An extension, with what is in it.
    Extension(Oid),
}

impl Ddl<'_> {
    /// Removes objects: performMultipleDeletions. Without `cascade`, what else depends on them is an error.
    pub(super) fn remove(&mut self, roots: &[Root], cascade: bool) -> Result<()> {
        let mut doomed: Vec<Doomed> = Vec::new();
        let mut seen: HashSet<ObjectRef> = HashSet::new();
        for root in roots {
            if let Root::Object(object) = root {
                seen.insert(*object);
            }
        }
        // Later roots first, and each after what depends on it: read backwards, the list is PostgreSQL's report.
        let extensions = self.extensions_within(roots);
        let around: Vec<Root> =
            roots.iter().copied().chain(extensions.iter().map(|(oid, _)| Root::Extension(*oid))).collect();
        for root in &around {
            self.collect(*root, &mut seen, &mut doomed);
        }
        // A relation's columns go with it.
        let whole: HashSet<Oid> = doomed
            .iter()
            .filter_map(|row| match row.object {
                ObjectRef::Relation(oid) => Some(oid),
                _ => None,
            })
            .collect();
        doomed.retain(|row| !matches!(row.object, ObjectRef::Column(oid, _) if whole.contains(&oid)));
        self.report(roots, &doomed, &extensions, cascade)?;
        for Doomed { object, .. } in &doomed {
            self.erase(*object)?;
        }
        let within = roots.iter().filter(|root| matches!(root, Root::Object(_)));
        let around = around.iter().filter(|root| !matches!(root, Root::Object(_)));
        for root in within.chain(around) {
            match *root {
                Root::Object(object) => self.erase(object)?,
                Root::Schema(oid) => {
                    self.catalog.schemas.remove(&oid);
                    let mut rows = (*self.catalog.default_privileges).clone();
                    rows.retain(|row| row.schema != Some(oid));
                    self.catalog.default_privileges = rows.into();
                }
                Root::Extension(oid) => {
                    self.catalog.extensions.remove(&oid);
                }
            }
        }
        Ok(())
    }

    /// The extensions in schemas that go, oldest first, with the schema.
    fn extensions_within(&self, roots: &[Root]) -> Vec<(Oid, Oid)> {
        let goes = |schema: Oid| roots.contains(&Root::Schema(schema));
        let rows = self.catalog.extensions.values();
        let rows = rows.filter(|row| goes(row.schema) && !roots.contains(&Root::Extension(row.oid)));
        let mut found: Vec<_> = rows.map(|row| (row.oid, row.schema)).collect();
        found.sort_unstable();
        found
    }

    fn collect(&self, root: Root, seen: &mut HashSet<ObjectRef>, doomed: &mut Vec<Doomed>) {
        let mut dependents = match root {
            Root::Object(object) => self.catalog.dependents(object),
            Root::Schema(oid) => normal(self.catalog.members_of_schema(oid)),
            Root::Extension(oid) => {
                let mut found = self.catalog.users_of_extension(oid);
                found.extend(self.catalog.members_of_extension(oid));
                found
            }
        };
        dependents.sort_by_key(|(object, _, through)| {
            std::cmp::Reverse(match through {
                Some(ObjectRef::Type(oid)) => (*oid, 0),
                _ => age(*object),
            })
        });
        for (object, kind, through) in dependents {
            // A column goes with its table, whatever else takes it.
            if let ObjectRef::Column(table, _) = object
                && seen.contains(&ObjectRef::Relation(table))
            {
                continue;
            }
            if !seen.insert(object) {
                // What goes silently with one root is not told for another.
                if kind == Kind::Auto
                    && let Some(known) = doomed.iter_mut().find(|row| row.object == object)
                {
                    known.kind = kind;
                }
                continue;
            }
            self.collect(Root::Object(object), seen, doomed);
            let through = match (through, root) {
                (Some(other), _) => self.catalog.describe(self.path(), other),
                (None, root) => self.describe_root(root),
            };
            doomed.push(Doomed { object, kind, through });
        }
    }

    fn describe_root(&self, root: Root) -> String {
        match root {
            Root::Object(object) => self.catalog.describe(self.path(), object),
            Root::Schema(oid) => format!("schema {}", self.schema_name(oid)),
            Root::Extension(oid) => {
                let name = self.catalog.extensions.get(&oid).map_or("", |row| row.name.as_str());
                format!("extension {name}")
            }
        }
    }

    fn report(
        &mut self,
        roots: &[Root],
        doomed: &[Doomed],
        extensions: &[(Oid, Oid)],
        cascade: bool,
    ) -> Result<()> {
        const MOST: usize = 100;
        let told: Vec<&Doomed> = doomed.iter().rev().filter(|row| row.kind == Kind::Normal).collect();
        let words = |row: &Doomed| {
            let object = self.catalog.describe(self.path(), row.object);
            match cascade {
                true => format!("drop cascades to {object}"),
                false => format!("{object} depends on {}", row.through),
            }
        };
        // An extension stands where its age puts it.
        let mut extensions = extensions.iter().peekable();
        let mut all: Vec<String> = Vec::new();
        for row in &told {
            while let Some((oid, schema)) = extensions.next_if(|(oid, _)| *oid < age(row.object).0) {
                all.push(self.words_of_extension(*oid, *schema, cascade));
            }
            all.push(words(row));
        }
        all.extend(extensions.map(|(oid, schema)| self.words_of_extension(*oid, *schema, cascade)));
        let total = all.len();
        let mut lines: Vec<String> = all.into_iter().take(MOST).collect();
        if total > MOST {
            let rest = total - MOST;
            let plural = if rest == 1 { "" } else { "s" };
            lines.push(format!("and {rest} other object{plural} (see server log for list)"));
        }
        if lines.is_empty() {
            return Ok(());
        }
        if !cascade {
            let message = match roots {
                [root] => {
                    let root = self.describe_root(*root);
                    format!("cannot drop {root} because other objects depend on it")
                }
                _ => "cannot drop desired object(s) because other objects depend on them".to_owned(),
            };
            return Err(DatabaseError::new(DEPENDENT_OBJECTS_STILL_EXIST, message)
                .with_detail(lines.join("\n"))
                .with_hint("Use DROP ... CASCADE to drop the dependent objects too."));
        }
        let text = match lines.as_slice() {
            [line] => DatabaseError::new(SUCCESSFUL_COMPLETION, line.clone()),
            _ => {
                let message = format!("drop cascades to {total} other objects");
                DatabaseError::new(SUCCESSFUL_COMPLETION, message).with_detail(lines.join("\n"))
            }
        };
        self.notices.push(Notice { severity: "NOTICE", text });
        Ok(())
    }

    fn words_of_extension(&self, oid: Oid, schema: Oid, cascade: bool) -> String {
        let extension = self.describe_root(Root::Extension(oid));
        match cascade {
            true => format!("drop cascades to {extension}"),
            false => format!("{extension} depends on {}", self.describe_root(Root::Schema(schema))),
        }
    }

    /// Takes one object out of the catalog, and tells storage.
    fn erase(&mut self, object: ObjectRef) -> Result<()> {
        match object {
            ObjectRef::Relation(oid) => self.erase_relation(oid),
            ObjectRef::Column(oid, number) => self.erase_column(oid, number)?,
            ObjectRef::Default(oid, number) => {
                if self.catalog.relations.contains_key(&oid) {
                    self.update_relation(oid, |relation| {
                        if let Some(column) = column_mut(relation, number) {
                            column.default = None;
                            column.generated = false;
                        }
                    })?;
                }
            }
            ObjectRef::Constraint(oid) => self.erase_constraint(oid)?,
            ObjectRef::Policy(oid) => {
                if let Some(table) = self.catalog.policy_by_oid(oid).map(|(relation, _)| relation.oid) {
                    self.update_relation(table, |relation| relation.policies.retain(|row| row.oid != oid))?;
                }
            }
            ObjectRef::Trigger(oid) => {
                if let Some(table) = self.catalog.trigger_by_oid(oid).map(|(relation, _)| relation.oid) {
                    self.update_relation(table, |relation| relation.triggers.retain(|row| row.oid != oid))?;
                }
            }
            ObjectRef::Index(oid) => self.erase_index(oid),
            ObjectRef::Type(oid) => {
                if let Some(old) = self.catalog.remove_type(oid) {
                    self.catalog.remove_type(old.array);
                    if let TypeKind::Composite { relation } = old.kind {
                        self.catalog.remove_relation(relation);
                    }
                }
            }
            ObjectRef::Function(oid) => {
                if let Some(old) = self.catalog.remove_function(oid) {
                    self.change(PhysicalChange::FunctionReplaced { old });
                }
            }
        }
        self.catalog.dependencies.remove(&object);
        Ok(())
    }

    fn erase_relation(&mut self, oid: Oid) {
        let Some(old) = self.catalog.remove_relation(oid) else { return };
        self.catalog.dependencies.retain(|object, _| match *object {
            ObjectRef::Relation(other) | ObjectRef::Column(other, _) | ObjectRef::Default(other, _) => {
                other != oid
            }
            ObjectRef::Constraint(_)
            | ObjectRef::Policy(_)
            | ObjectRef::Trigger(_)
            | ObjectRef::Index(_)
            | ObjectRef::Type(_)
            | ObjectRef::Function(_) => true,
        });
        let schema = self.schema_name(old.schema);
        let indexes: Vec<Oid> = self.catalog.indexes_of(oid).map(|index| index.oid).collect();
        for index in indexes {
            // The table's own removal takes its indexes along in storage.
            self.catalog.remove_index(index);
            self.catalog.dependencies.remove(&ObjectRef::Index(index));
        }
        if let Some(row_type) = self.catalog.remove_type(old.row_type) {
            self.catalog.remove_type(row_type.array);
        }
        for row in self.catalog.publications.clone().values().filter(|row| row.tables.contains(&oid)) {
            let mut row = (**row).clone();
            row.tables.retain(|table| *table != oid);
            self.catalog.publications.insert(row.oid, row.into());
        }
        for constraint in &old.constraints {
            self.catalog.dependencies.remove(&ObjectRef::Constraint(constraint.oid));
        }
        match old.kind {
            RelationKind::Table
            | RelationKind::MaterializedView
            | RelationKind::ForeignTable
            | RelationKind::PartitionedTable => {
                self.change(PhysicalChange::DropTable { old, schema });
            }
            RelationKind::Sequence => self.change(PhysicalChange::DropSequence { sequence: oid }),
            RelationKind::View | RelationKind::Composite => {}
        }
    }

    fn erase_column(&mut self, table: Oid, number: ColumnNumber) -> Result<()> {
        let Some(relation) = self.catalog.relations.get(&table) else { return Ok(()) };
        let Some(name) = relation.column_number(number).map(|column| column.name.clone()) else {
            return Ok(());
        };
        let stored = relation.kind.has_rows();
        self.update_relation(table, |relation| relation.columns.retain(|column| column.number != number))?;
        self.catalog.dependencies.remove(&ObjectRef::Default(table, number));
        if stored {
            self.change(PhysicalChange::DropColumn { table, column: number, name });
        }
        Ok(())
    }

    fn erase_constraint(&mut self, oid: Oid) -> Result<()> {
        let Some((relation, constraint)) = self.catalog.constraint_by_oid(oid) else { return Ok(()) };
        let (old, constraint) = (relation.clone(), constraint.clone());
        self.update_relation(old.oid, |relation| relation.constraints.retain(|row| row.oid != oid))?;
        match constraint.kind {
            ConstraintKind::PrimaryKey { index, .. } | ConstraintKind::Unique { index, .. } => {
                self.erase_index(index);
            }
            ConstraintKind::ForeignKey(_) => {
                self.change(PhysicalChange::Redeclare { table: old.oid, old });
            }
            ConstraintKind::Check { .. } => {}
        }
        Ok(())
    }

    fn erase_index(&mut self, oid: Oid) {
        if let Some(old) = self.catalog.remove_index(oid) {
            let schema = self.schema_name(old.schema);
            self.change(PhysicalChange::DropIndex { old, schema });
        }
        self.catalog.dependencies.remove(&ObjectRef::Index(oid));
    }
}

type Dependent = (ObjectRef, Kind, Option<ObjectRef>);

fn normal(objects: Vec<ObjectRef>) -> Vec<Dependent> {
    objects.into_iter().map(|object| (object, Kind::Normal, None)).collect()
}

/// The key by which PostgreSQL walks dependents: their OIDs, and for parts the part's number.
fn age(object: ObjectRef) -> (Oid, ColumnNumber) {
    match object {
        ObjectRef::Column(oid, number) | ObjectRef::Default(oid, number) => (oid, number),
        ObjectRef::Relation(oid)
        | ObjectRef::Constraint(oid)
        | ObjectRef::Policy(oid)
        | ObjectRef::Trigger(oid)
        | ObjectRef::Index(oid)
        | ObjectRef::Type(oid)
        | ObjectRef::Function(oid) => (oid, 0),
    }
}

pub(super) fn column_mut(relation: &mut Relation, number: ColumnNumber) -> Option<&mut Column> {
    relation.columns.iter_mut().find(|column| column.number == number)
}

/// The columns of its own table that a constraint is about.
pub(super) fn constraint_columns(constraint: &Constraint) -> &[ColumnNumber] {
    match &constraint.kind {
        ConstraintKind::Check { columns, .. }
        | ConstraintKind::PrimaryKey { columns, .. }
        | ConstraintKind::Unique { columns, .. } => columns,
        ConstraintKind::ForeignKey(key) => &key.columns,
    }
}

impl Catalog {
    /// What depends on an object directly. The third part names what it depends on when that is not the object itself.
    fn dependents(&self, object: ObjectRef) -> Vec<Dependent> {
        let mut found = Vec::new();
        match object {
            ObjectRef::Relation(oid) => self.dependents_of_relation(oid, &mut found),
            ObjectRef::Column(oid, number) => self.dependents_of_column(oid, number, &mut found),
            ObjectRef::Constraint(oid) => self.dependents_of_constraint(oid, &mut found),
            ObjectRef::Type(oid) => self.dependents_of_type(oid, None, &mut found),
            ObjectRef::Function(oid) => {
                for relation in self.relations.values() {
                    for trigger in relation.triggers.iter().filter(|trigger| trigger.function == oid) {
                        found.push((ObjectRef::Trigger(trigger.oid), Kind::Normal, None));
                    }
                }
            }
            ObjectRef::Default(..) | ObjectRef::Policy(_) | ObjectRef::Trigger(_) | ObjectRef::Index(_) => {}
        }
        for (dependent, _) in self.dependencies.iter().filter(|(_, on)| on.contains(&object)) {
            if self.is_own_part(object, *dependent) {
                continue;
            }
            // A generated column goes with the columns it is computed from.
            let dependent = match *dependent {
                ObjectRef::Default(oid, number) if self.is_generated(oid, number) => {
                    ObjectRef::Column(oid, number)
                }
                other => other,
            };
            found.push((dependent, Kind::Normal, None));
        }
        found
    }

    /// Whether the dependent goes silently because it belongs to the same table.
    fn is_own_part(&self, object: ObjectRef, dependent: ObjectRef) -> bool {
        let table = match object {
            ObjectRef::Relation(oid) | ObjectRef::Column(oid, _) => oid,
            _ => return false,
        };
        match dependent {
            ObjectRef::Constraint(oid) => {
                self.relations.get(&table).is_some_and(|row| row.constraints.iter().any(|own| own.oid == oid))
            }
            ObjectRef::Index(oid) => self.indexes.get(&oid).is_some_and(|index| index.table == table),
            _ => false,
        }
    }

    pub(super) fn is_generated(&self, oid: Oid, number: ColumnNumber) -> bool {
        let column = self.relations.get(&oid).and_then(|relation| relation.column_number(number));
        column.is_some_and(|column| column.generated)
    }

    fn dependents_of_relation(&self, oid: Oid, found: &mut Vec<Dependent>) {
        let Some(relation) = self.relations.get(&oid) else { return };
        let auto = |object| (object, Kind::Auto, None);
        found.extend(self.indexes_of(oid).map(|index| auto(ObjectRef::Index(index.oid))));
        found.extend(relation.constraints.iter().map(|row| auto(ObjectRef::Constraint(row.oid))));
        found.extend(relation.policies.iter().map(|row| auto(ObjectRef::Policy(row.oid))));
        found.extend(relation.triggers.iter().map(|row| auto(ObjectRef::Trigger(row.oid))));
        for (_, constraint, _) in self.references_to(oid).filter(|(other, _, _)| other.oid != oid) {
            found.push((ObjectRef::Constraint(constraint.oid), Kind::Normal, None));
        }
        for column in &relation.columns {
            found.extend(
                self.owned_sequences(oid, column.number).map(|sequence| auto(ObjectRef::Relation(sequence))),
            );
            if column.default.is_some() {
                found.push(auto(ObjectRef::Default(oid, column.number)));
            }
        }
        // What names a column of it, and not it as a whole.
        for (dependent, on) in &self.dependencies {
            let column = on.iter().find(|on| matches!(on, ObjectRef::Column(other, _) if *other == oid));
            let whole = on.contains(&ObjectRef::Relation(oid));
            if column.is_some() && !whole && !self.belongs_to(*dependent, oid) {
                found.push((*dependent, Kind::Normal, None));
            }
        }
        self.dependents_of_type(relation.row_type, Some(ObjectRef::Type(relation.row_type)), found);
    }

    /// Whether an object is a part of a relation.
    fn belongs_to(&self, object: ObjectRef, relation: Oid) -> bool {
        let Some(row) = self.relations.get(&relation) else { return false };
        match object {
            ObjectRef::Relation(oid) | ObjectRef::Column(oid, _) | ObjectRef::Default(oid, _) => {
                oid == relation
            }
            ObjectRef::Constraint(oid) => row.constraints.iter().any(|own| own.oid == oid),
            ObjectRef::Policy(oid) => row.policies.iter().any(|own| own.oid == oid),
            ObjectRef::Trigger(oid) => row.triggers.iter().any(|own| own.oid == oid),
            ObjectRef::Index(oid) => self.indexes.get(&oid).is_some_and(|index| index.table == relation),
            ObjectRef::Type(_) | ObjectRef::Function(_) => false,
        }
    }

    fn dependents_of_column(&self, oid: Oid, number: ColumnNumber, found: &mut Vec<Dependent>) {
        let Some(relation) = self.relations.get(&oid) else { return };
        for constraint in &relation.constraints {
            if constraint_columns(constraint).contains(&number) {
                found.push((ObjectRef::Constraint(constraint.oid), Kind::Auto, None));
            }
        }
        for index in self.indexes_of(oid).filter(|index| self.index_uses(index, number)) {
            found.push((ObjectRef::Index(index.oid), Kind::Auto, None));
        }
        for (_, constraint, key) in self.references_to(oid) {
            if key.referenced_columns.contains(&number) {
                found.push((ObjectRef::Constraint(constraint.oid), Kind::Normal, None));
            }
        }
        found.extend(
            self.owned_sequences(oid, number)
                .map(|sequence| (ObjectRef::Relation(sequence), Kind::Auto, None)),
        );
        for trigger in relation.triggers.iter().filter(|row| row.update_columns.contains(&number)) {
            found.push((ObjectRef::Trigger(trigger.oid), Kind::Normal, None));
        }
        if relation.column_number(number).is_some_and(|column| column.default.is_some()) {
            found.push((ObjectRef::Default(oid, number), Kind::Auto, None));
        }
    }

    /// Whether an index is about a column, in its key, its INCLUDE or an expression of it.
    pub(super) fn index_uses(&self, index: &Index, number: ColumnNumber) -> bool {
        index.include.contains(&number)
            || index.elements.iter().any(|element| element.key == IndexKey::Column(number))
            || self
                .dependencies
                .get(&ObjectRef::Index(index.oid))
                .is_some_and(|on| on.contains(&ObjectRef::Column(index.table, number)))
    }

    fn owned_sequences(&self, oid: Oid, number: ColumnNumber) -> impl Iterator<Item = Oid> {
        self.relations.values().filter_map(move |relation| {
            let sequence = relation.sequence.as_ref()?;
            (sequence.owned_by == Some((oid, number))).then_some(relation.oid)
        })
    }

    fn dependents_of_constraint(&self, oid: Oid, found: &mut Vec<Dependent>) {
        let Some((relation, constraint)) = self.constraint_by_oid(oid) else { return };
        let (ConstraintKind::PrimaryKey { columns, index } | ConstraintKind::Unique { columns, index, .. }) =
            &constraint.kind
        else {
            return;
        };
        for (_, other, key) in self.references_to(relation.oid) {
            if same_columns(&key.referenced_columns, columns) && self.key_index(key) == Some(*index) {
                found.push((ObjectRef::Constraint(other.oid), Kind::Normal, Some(ObjectRef::Index(*index))));
            }
        }
    }

    /// The unique index that a foreign key leans on: the primary key's if its columns are that, else the first that fits.
    pub fn key_index(&self, key: &crate::ForeignKey) -> Option<Oid> {
        let relation = self.relations.get(&key.referenced)?;
        let keys = relation.constraints.iter().filter_map(|constraint| match &constraint.kind {
            ConstraintKind::PrimaryKey { columns, index } | ConstraintKind::Unique { columns, index, .. } => {
                same_columns(columns, &key.referenced_columns).then_some(*index)
            }
            ConstraintKind::Check { .. } | ConstraintKind::ForeignKey(_) => None,
        });
        let plain = self.indexes_of(key.referenced).filter_map(|index| {
            let columns: Option<Vec<ColumnNumber>> = index
                .elements
                .iter()
                .map(|element| match element.key {
                    IndexKey::Column(number) => Some(number),
                    IndexKey::Expression(_) => None,
                })
                .collect();
            (index.unique && index.filter.is_none() && same_columns(&columns?, &key.referenced_columns))
                .then_some(index.oid)
        });
        keys.chain(plain).min()
    }

    fn dependents_of_type(&self, oid: Oid, told: Option<ObjectRef>, found: &mut Vec<Dependent>) {
        let Some(row) = self.types.get(&oid) else { return };
        for (used, told) in [(row.array, Some(ObjectRef::Type(row.array))), (oid, told)] {
            if used == 0 {
                continue;
            }
            for relation in self.relations.values() {
                for column in relation.columns.iter().filter(|column| column.type_ref.oid == used) {
                    found.push((ObjectRef::Column(relation.oid, column.number), Kind::Normal, told));
                }
            }
            for function in self.functions.values() {
                let own = function.parameters.iter().any(|parameter| parameter.type_ref.oid == used);
                if own || function.returns.oid == used {
                    found.push((ObjectRef::Function(function.oid), Kind::Normal, told));
                }
            }
            for other in self.types.values() {
                if matches!(&other.kind, TypeKind::Domain { base, .. } if base.oid == used) {
                    found.push((ObjectRef::Type(other.oid), Kind::Normal, told));
                }
            }
        }
    }

    /// The relations, types and functions in a schema that stand for themselves: no row types, arrays or owned sequences.
    fn members_of_schema(&self, schema: Oid) -> Vec<ObjectRef> {
        let mut found = Vec::new();
        for relation in self.relations.values().filter(|row| row.schema == schema) {
            match relation.kind {
                RelationKind::Composite => found.push(ObjectRef::Type(relation.row_type)),
                RelationKind::Sequence
                    if relation.sequence.as_ref().is_some_and(|row| row.owned_by.is_some()) => {}
                RelationKind::Sequence
                | RelationKind::Table
                | RelationKind::View
                | RelationKind::MaterializedView
                | RelationKind::ForeignTable
                | RelationKind::PartitionedTable => found.push(ObjectRef::Relation(relation.oid)),
            }
        }
        for row in self.types.values().filter(|row| row.schema == schema) {
            match row.kind {
                TypeKind::Enum { .. } | TypeKind::Domain { .. } | TypeKind::Other { .. } => {
                    found.push(ObjectRef::Type(row.oid));
                }
                TypeKind::Composite { .. } | TypeKind::Array { .. } => {}
            }
        }
        let functions = self.functions.values().filter(|row| row.schema == schema);
        found.extend(functions.map(|row| ObjectRef::Function(row.oid)));
        found
    }

    /// The functions that came with an extension.
    fn members_of_extension(&self, oid: Oid) -> Vec<Dependent> {
        let name = self.extensions.get(&oid).map(|row| row.name.as_str());
        let functions =
            self.functions.values().filter(|row| name.is_some() && row.extension.as_deref() == name);
        functions.map(|row| (ObjectRef::Function(row.oid), Kind::Auto, None)).collect()
    }

    /// The columns of an extension's types, and what else names its objects.
    fn users_of_extension(&self, oid: Oid) -> Vec<Dependent> {
        let Some(extension) = self.extensions.get(&oid) else { return Vec::new() };
        let name = Some(extension.name.as_str());
        let own_type = |oid: Oid| builtins().type_by_oid(oid).is_some_and(|row| row.extension == name);
        let own_function =
            |oid: Oid| builtins().function_by_oid(oid).is_some_and(|row| row.extension == name);
        let mut columns = Vec::new();
        let mut found = Vec::new();
        for relation in self.relations.values() {
            for column in relation.columns.iter().filter(|column| own_type(column.type_ref.oid)) {
                let through = ObjectRef::Type(column.type_ref.oid);
                let column = ObjectRef::Column(relation.oid, column.number);
                columns.push((column, Kind::Normal, Some(through)));
            }
            for trigger in relation.triggers.iter().filter(|trigger| own_function(trigger.function)) {
                found.push(ObjectRef::Trigger(trigger.oid));
            }
        }
        for function in self.functions.values() {
            let parameters = function.parameters.iter().map(|parameter| parameter.type_ref.oid);
            if parameters.chain([function.returns.oid]).any(own_type) {
                found.push(ObjectRef::Function(function.oid));
            }
        }
        for (dependent, on) in &self.dependencies {
            let uses = on.iter().any(|on| match on {
                ObjectRef::Type(oid) => own_type(*oid),
                ObjectRef::Function(oid) => own_function(*oid),
                _ => false,
            });
            let known = found.contains(dependent) || columns.iter().any(|(column, ..)| column == dependent);
            if uses && !known {
                found.push(*dependent);
            }
        }
        columns.extend(normal(found));
        columns
    }
}

fn same_columns(left: &[ColumnNumber], right: &[ColumnNumber]) -> bool {
    left.len() == right.len() && left.iter().all(|number| right.contains(number))
}
