//! Sequences: CREATE, ALTER, those of serial and identity columns.

use super::PhysicalChange;
use super::context::{Ddl, wrong_kind};
use super::dependency::column_mut;
use super::temporary::Asked;
use crate::lookup::split_name;
use crate::{ColumnNumber, DefaultObject, Oid, Relation, RelationKind, Sequence};
use datum::oid;
use sqlstate::{
    DUPLICATE_TABLE, DatabaseError, FEATURE_NOT_SUPPORTED, INVALID_PARAMETER_VALUE,
    OBJECT_NOT_IN_PREREQUISITE_STATE, Result, SYNTAX_ERROR, UNDEFINED_COLUMN, UNDEFINED_TABLE,
};
use syntax::ast::{Ident, Name, SequenceOption};

impl Sequence {
    /// As CREATE SEQUENCE without options makes it.
    pub(super) fn plain(type_oid: Oid) -> Sequence {
        let max = type_range(type_oid).1;
        Sequence { type_oid, start: 1, increment: 1, min: 1, max, cache: 1, cycle: false, owned_by: None }
    }
}

fn type_range(type_oid: Oid) -> (i64, i64) {
    match type_oid {
        oid::INT2 => (i64::from(i16::MIN), i64::from(i16::MAX)),
        oid::INT4 => (i64::from(i32::MIN), i64::from(i32::MAX)),
        _ => (i64::MIN, i64::MAX),
    }
}

/// What options say beyond the definition.
#[derive(Default)]
struct Extra<'s> {
    /// RESTART [WITH n]
    restart: Option<Option<i64>>,
    /// OWNED BY; `Some(None)` is NONE.
    owned_by: Option<Option<&'s Name>>,
    name: Option<&'s Name>,
}

impl Ddl<'_> {
    pub(super) fn create_sequence(
        &mut self,
        name: &Name,
        if_not_exists: bool,
        temporary: bool,
        options: &[SequenceOption],
    ) -> Result<()> {
        let asked = if temporary { Asked::Temporary } else { Asked::Permanent };
        let (schema, sequence_name, persistence) = self.relation_place(name, asked)?;
        if self.relation_exists(schema, sequence_name) {
            let message = format!("relation \"{sequence_name}\" already exists");
            if if_not_exists {
                self.coded_notice(DUPLICATE_TABLE, format!("{message}, skipping"));
                return Ok(());
            }
            return Err(DatabaseError::new(DUPLICATE_TABLE, message));
        }
        let (definition, extra) = self.sequence_definition(None, oid::INT8, options, false)?;
        let mut relation = self.blank_relation(schema, sequence_name, RelationKind::Sequence);
        relation.sequence = Some(definition);
        relation.persistence = persistence;
        let sequence = self.put_new_relation(relation, DefaultObject::Sequences)?;
        self.change(PhysicalChange::CreateSequence { sequence });
        match extra.owned_by {
            Some(owner) => self.set_owned_by(sequence, owner),
            None => Ok(()),
        }
    }

    pub(super) fn alter_sequence(
        &mut self,
        name: &Name,
        if_exists: bool,
        options: &[SequenceOption],
    ) -> Result<()> {
        let Some(relation) = self.find_sequence(name, if_exists)? else { return Ok(()) };
        self.require_relation_owner(&relation)?;
        self.alter_sequence_row(&relation, options)
    }

    /// The sequence that a name means; `None`, with a notice, when it may be missing and is.
    fn find_sequence(&mut self, name: &Name, if_exists: bool) -> Result<Option<std::sync::Arc<Relation>>> {
        match self.relation(name) {
            Ok(relation) if relation.kind == RelationKind::Sequence => Ok(Some(relation)),
            Ok(relation) => Err(wrong_kind(&relation.name, "a sequence")),
            Err(error) if if_exists && error.code() == UNDEFINED_TABLE => {
                let name = split_name(name)?.1;
                self.notice(format!("relation \"{name}\" does not exist, skipping"));
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// Applies options to a sequence, of an identity column too.
    pub(super) fn alter_sequence_row(
        &mut self,
        relation: &Relation,
        options: &[SequenceOption],
    ) -> Result<()> {
        let Some(old) = relation.sequence.clone() else { return Ok(()) };
        let (definition, extra) = self.sequence_definition(Some(&old), old.type_oid, options, false)?;
        let restart = match extra.restart {
            Some(Some(value)) => Some(value),
            Some(None) => Some(definition.start),
            None => None,
        };
        if let Some(value) = restart {
            in_range("RESTART", value, &definition)?;
        }
        self.update_relation(relation.oid, |relation| relation.sequence = Some(definition))?;
        self.change(PhysicalChange::AlterSequence { sequence: relation.oid, old, restart });
        match extra.owned_by {
            Some(owner) => self.set_owned_by(relation.oid, owner),
            None => Ok(()),
        }
    }

    fn set_owned_by(&mut self, sequence: Oid, owner: Option<&Name>) -> Result<()> {
        let row = self.relation_by_oid(sequence)?;
        let owned = match owner {
            None => None,
            Some(name) => {
                let Some((column, table)) = name.parts.split_last().filter(|(_, table)| !table.is_empty())
                else {
                    return Err(DatabaseError::new(SYNTAX_ERROR, "invalid OWNED BY option")
                        .with_hint("Specify OWNED BY table.column or OWNED BY NONE."));
                };
                let table = Name { parts: table.to_vec(), position: name.position };
                let table = self.relation(&table)?;
                let state =
                    |message: &str| Err(DatabaseError::new(OBJECT_NOT_IN_PREREQUISITE_STATE, message));
                if table.owner != row.owner {
                    return state("sequence must have same owner as table it is linked to");
                }
                if table.schema != row.schema {
                    return state("sequence must be in same schema as table it is linked to");
                }
                let Some(column) = table.column(column) else {
                    return Err(DatabaseError::new(
                        UNDEFINED_COLUMN,
                        format!("column \"{column}\" of relation \"{}\" does not exist", table.name),
                    ));
                };
                Some((table.oid, column.number))
            }
        };
        if let Some(table) = self.identity_owner(sequence) {
            return Err(DatabaseError::new(
                FEATURE_NOT_SUPPORTED,
                "cannot change ownership of identity sequence",
            )
            .with_detail(format!("Sequence \"{}\" is linked to table \"{table}\".", row.name)));
        }
        self.update_relation(sequence, |relation| {
            if let Some(definition) = &mut relation.sequence {
                definition.owned_by = owned;
            }
        })
    }

    /// The table whose identity column has this sequence.
    pub(super) fn identity_owner(&self, sequence: Oid) -> Option<String> {
        let (table, number) = self.catalog.relations.get(&sequence)?.sequence.as_ref()?.owned_by?;
        let table = self.catalog.relations.get(&table)?;
        let identity = table.column_number(number)?.identity?;
        (identity.sequence == sequence).then(|| table.name.clone())
    }

    /// Makes the sequence of a serial or identity column, not owned yet. Its name is given or follows from the column.
    pub(super) fn put_owned_sequence(
        &mut self,
        relation: &Relation,
        column: &str,
        name: Option<Name>,
        mut definition: Sequence,
    ) -> Result<Oid> {
        let (schema, name) = match &name {
            Some(name) => {
                let (schema, name) = split_name(name)?;
                let schema = match schema {
                    Some(schema) => self.catalog.require_schema(schema)?.oid,
                    None => relation.schema,
                };
                self.require_free_relation(schema, name)?;
                (schema, name.to_owned())
            }
            None => {
                let schema = relation.schema;
                (schema, self.choose_relation_name(schema, &relation.name, Some(column), "seq", false))
            }
        };
        definition.owned_by = None;
        let mut sequence = self.blank_relation(schema, &name, RelationKind::Sequence);
        sequence.owner = relation.owner;
        sequence.sequence = Some(definition);
        let oid = self.put_new_relation(sequence, DefaultObject::Sequences)?;
        self.change(PhysicalChange::CreateSequence { sequence: oid });
        Ok(oid)
    }

    pub(super) fn own_sequence(&mut self, sequence: Oid, table: Oid, number: ColumnNumber) -> Result<()> {
        self.update_relation(sequence, |relation| {
            if let Some(definition) = &mut relation.sequence {
                definition.owned_by = Some((table, number));
            }
        })
    }

    /// The definition of an identity column's sequence, and its name when the options give one.
    pub(super) fn identity_definition(
        &self,
        type_oid: Oid,
        options: &[SequenceOption],
    ) -> Result<(Sequence, Option<Name>)> {
        let (definition, extra) = self.sequence_definition(None, type_oid, options, true)?;
        Ok((definition, extra.name.cloned()))
    }

    /// The definition that options make, over the one there is: init_params.
    fn sequence_definition<'s>(
        &self,
        old: Option<&Sequence>,
        type_oid: Oid,
        options: &'s [SequenceOption],
        identity: bool,
    ) -> Result<(Sequence, Extra<'s>)> {
        let mut seen: Vec<std::mem::Discriminant<SequenceOption>> = Vec::new();
        let mut new = old.cloned().unwrap_or_else(|| Sequence::plain(type_oid));
        let mut extra = Extra::default();
        let (mut min, mut max, mut start) = (None, None, None);
        for option in options {
            if seen.contains(&std::mem::discriminant(option)) {
                return Err(DatabaseError::new(SYNTAX_ERROR, "conflicting or redundant options"));
            }
            seen.push(std::mem::discriminant(option));
            match option {
                SequenceOption::As(type_name) => {
                    new.type_oid = self.catalog.resolve_type(self.path(), type_name)?.oid;
                    if !matches!(new.type_oid, oid::INT2 | oid::INT4 | oid::INT8) {
                        return Err(invalid(match identity {
                            true => "identity column type must be smallint, integer, or bigint",
                            false => "sequence type must be smallint, integer, or bigint",
                        }));
                    }
                }
                SequenceOption::Increment(0) => return Err(invalid("INCREMENT must not be zero")),
                SequenceOption::Increment(by) => new.increment = *by,
                SequenceOption::MinValue(value) => min = Some(*value),
                SequenceOption::MaxValue(value) => max = Some(*value),
                SequenceOption::Start(value) => start = Some(*value),
                SequenceOption::Restart(value) => extra.restart = Some(*value),
                SequenceOption::Cache(count) if *count <= 0 => {
                    return Err(invalid(format!("CACHE ({count}) must be greater than zero")));
                }
                SequenceOption::Cache(count) => new.cache = *count,
                SequenceOption::Cycle(cycle) => new.cycle = *cycle,
                SequenceOption::OwnedBy(name) => {
                    extra.owned_by = Some(name.as_ref().filter(|name| !is_none(name)))
                }
                SequenceOption::SequenceName(name) => extra.name = Some(name),
            }
        }
        let (low, high) = type_range(new.type_oid);
        let upwards = new.increment > 0;
        // A bound that was the old type's own limit follows the type.
        let (old_low, old_high) = old.map_or((0, 0), |old| type_range(old.type_oid));
        let retyped = old.is_some_and(|old| old.type_oid != new.type_oid);
        let default_max = if upwards { high } else { -1 };
        let default_min = if upwards { 1 } else { low };
        new.max = match max {
            Some(Some(value)) => value,
            Some(None) => default_max,
            None if old.is_none() || (retyped && new.max == old_high && upwards) => default_max,
            None => new.max,
        };
        new.min = match min {
            Some(Some(value)) => value,
            Some(None) => default_min,
            None if old.is_none() || (retyped && new.min == old_low && !upwards) => default_min,
            None => new.min,
        };
        let type_name = || self.catalog.format_type_oid(self.path(), new.type_oid);
        if new.max < low || new.max > high {
            let (max, type_name) = (new.max, type_name());
            return Err(invalid(format!(
                "MAXVALUE ({max}) is out of range for sequence data type {type_name}"
            )));
        }
        if new.min < low || new.min > high {
            let (min, type_name) = (new.min, type_name());
            return Err(invalid(format!(
                "MINVALUE ({min}) is out of range for sequence data type {type_name}"
            )));
        }
        if new.min >= new.max {
            let (min, max) = (new.min, new.max);
            return Err(invalid(format!("MINVALUE ({min}) must be less than MAXVALUE ({max})")));
        }
        new.start = match start {
            Some(value) => value,
            None if old.is_some() => new.start,
            None if upwards => new.min,
            None => new.max,
        };
        in_range("START", new.start, &new)?;
        Ok((new, extra))
    }

    /// Drops a column's identity: its sequence goes.
    pub(super) fn drop_identity(&mut self, table: Oid, number: ColumnNumber) -> Result<()> {
        let relation = self.relation_by_oid(table)?;
        let identity = relation.column_number(number).and_then(|column| column.identity);
        self.update_relation(table, |relation| {
            if let Some(column) = column_mut(relation, number) {
                column.identity = None;
            }
        })?;
        match identity {
            Some(identity) => self.remove(
                &[super::dependency::Root::Object(crate::ObjectRef::Relation(identity.sequence))],
                false,
            ),
            None => Ok(()),
        }
    }
}

/// OWNED BY NONE, as a name.
fn is_none(name: &Name) -> bool {
    matches!(name.parts.as_slice(), [only] if *only == *Ident::from("none"))
}

fn invalid(message: impl Into<String>) -> DatabaseError {
    DatabaseError::new(INVALID_PARAMETER_VALUE, message)
}

fn in_range(what: &str, value: i64, definition: &Sequence) -> Result<()> {
    let Sequence { min, max, .. } = definition;
    if value < *min {
        return Err(invalid(format!("{what} value ({value}) cannot be less than MINVALUE ({min})")));
    }
    if value > *max {
        return Err(invalid(format!("{what} value ({value}) cannot be greater than MAXVALUE ({max})")));
    }
    Ok(())
}
