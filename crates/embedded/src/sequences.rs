//! Sequences: their values live in memory, ahead of what the file says, and are not rolled back (rule 5).
//!
//! The file holds, for each sequence, a value that has not been given out yet by any committed or answered work. The writer
//! puts it there in the same commit as the first work that used a value beyond it, a block ahead, so that most commits write
//! nothing. After a crash the rest of the block is lost, as in PostgreSQL; a clean end writes the exact value.

use catalog::{Catalog, Oid, Relation};
use sqlstate::{
    DatabaseError, NUMERIC_VALUE_OUT_OF_RANGE, OBJECT_NOT_IN_PREREQUISITE_STATE, Result,
    SEQUENCE_GENERATOR_LIMIT_EXCEEDED,
};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// How many values are reserved in the file at once; PostgreSQL logs as many ahead.
const BLOCK: i64 = 32;

/// Where a sequence stands: `last_value` and `is_called`, as PostgreSQL keeps them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    pub(crate) last: i64,
    pub(crate) called: bool,
}

#[derive(Clone, Copy, Debug)]
struct Entry {
    now: Position,
    /// What the file says; `None` when it must be written whatever it says.
    stored: Option<Position>,
}

/// All sequences of a database.
#[derive(Debug, Default)]
pub(crate) struct Sequences(Mutex<HashMap<Oid, Entry>>);

/// What one session did with sequences: `currval` and `lastval`.
#[derive(Clone, Debug, Default)]
pub(crate) struct SequenceUse {
    values: HashMap<Oid, i64>,
    last: Option<Oid>,
}

impl Sequences {
    fn entries(&self) -> MutexGuard<'_, HashMap<Oid, Entry>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A sequence as the file has it.
    pub(crate) fn load(&self, oid: Oid, position: Position) {
        self.entries().insert(oid, Entry { now: position, stored: Some(position) });
    }

    /// The next value of a sequence.
    pub(crate) fn next(&self, catalog: &Catalog, oid: Oid, usage: &mut SequenceUse) -> Result<i64> {
        let relation = sequence(catalog, oid)?;
        let Some(definition) = &relation.sequence else { return Err(not_a_sequence(relation)) };
        let mut entries = self.entries();
        let start = Position { last: definition.start, called: false };
        let entry = entries.entry(oid).or_insert(Entry { now: start, stored: None });
        let value = if entry.now.called {
            let next = entry.now.last.checked_add(definition.increment);
            match next.filter(|next| (definition.min..=definition.max).contains(next)) {
                Some(next) => next,
                None if definition.cycle && definition.increment > 0 => definition.min,
                None if definition.cycle => definition.max,
                None => return Err(exhausted(relation, definition)),
            }
        } else {
            entry.now.last
        };
        entry.now = Position { last: value, called: true };
        usage.values.insert(oid, value);
        usage.last = Some(oid);
        Ok(value)
    }

    /// `setval`
    pub(crate) fn set(
        &self,
        catalog: &Catalog,
        oid: Oid,
        position: Position,
        usage: &mut SequenceUse,
    ) -> Result<i64> {
        let relation = sequence(catalog, oid)?;
        let Some(definition) = &relation.sequence else { return Err(not_a_sequence(relation)) };
        if !(definition.min..=definition.max).contains(&position.last) {
            return Err(DatabaseError::new(
                NUMERIC_VALUE_OUT_OF_RANGE,
                format!(
                    "setval: value {} is out of bounds for sequence \"{}\" ({}..{})",
                    position.last, relation.name, definition.min, definition.max
                ),
            ));
        }
        self.entries().insert(oid, Entry { now: position, stored: None });
        if position.called {
            usage.values.insert(oid, position.last);
        }
        Ok(position.last)
    }

    /// Puts a sequence back to a position, as ALTER SEQUENCE … RESTART and TRUNCATE … RESTART IDENTITY do.
    /// Says where it was.
    pub(crate) fn restart(&self, oid: Oid, position: Position) -> Option<Position> {
        self.entries().insert(oid, Entry { now: position, stored: None }).map(|entry| entry.now)
    }

    /// Whether a sequence stands within its definition, after that was changed: 22023.
    pub(crate) fn check(&self, oid: Oid, definition: &catalog::Sequence) -> Result<()> {
        let Some(last) = self.entries().get(&oid).map(|entry| entry.now.last) else { return Ok(()) };
        let (word, bound) = if last < definition.min {
            ("less than MINVALUE", definition.min)
        } else if last > definition.max {
            ("greater than MAXVALUE", definition.max)
        } else {
            return Ok(());
        };
        let message = format!("RESTART value ({last}) cannot be {word} ({bound})");
        Err(DatabaseError::new(sqlstate::INVALID_PARAMETER_VALUE, message))
    }

    /// Forgets a sequence.
    pub(crate) fn forget(&self, oid: Oid) {
        self.entries().remove(&oid);
    }

    /// What must be written with the next commit so that no value is given out twice: a block ahead of each sequence that
    /// has come to the end of its last one. `exact` writes where they stand instead, all of them.
    pub(crate) fn reserve(&self, catalog: &Catalog, exact: bool) -> Vec<(Oid, Position)> {
        let mut writes = Vec::new();
        for (oid, entry) in self.entries().iter_mut() {
            let Some(definition) = catalog.relations.get(oid).and_then(|row| row.sequence.as_ref()) else {
                continue;
            };
            let wanted = if exact {
                entry.now
            } else if !entry.now.called || covers(entry.stored, entry.now, definition.increment) {
                if entry.stored.is_some() && entry.now.called {
                    continue;
                }
                entry.now
            } else {
                let ahead = definition.increment.saturating_mul(BLOCK);
                let last = entry.now.last.saturating_add(ahead).clamp(definition.min, definition.max);
                Position { last, called: true }
            };
            if entry.stored != Some(wanted) {
                entry.stored = Some(wanted);
                writes.push((*oid, wanted));
            }
        }
        writes
    }

    /// The last commit failed: what it wrote is not in the file.
    pub(crate) fn unreserve(&self, writes: &[(Oid, Position)]) {
        let mut entries = self.entries();
        for (oid, _) in writes {
            if let Some(entry) = entries.get_mut(oid) {
                entry.stored = None;
            }
        }
    }
}

/// Whether the stored position is already at or beyond the one that is in use.
fn covers(stored: Option<Position>, now: Position, increment: i64) -> bool {
    match stored {
        Some(Position { last, called: true }) if increment > 0 => last >= now.last,
        Some(Position { last, called: true }) => last <= now.last,
        _ => false,
    }
}

impl SequenceUse {
    /// `currval`
    pub(crate) fn current(&self, catalog: &Catalog, oid: Oid) -> Result<i64> {
        let relation = sequence(catalog, oid)?;
        self.values.get(&oid).copied().ok_or_else(|| {
            DatabaseError::new(
                OBJECT_NOT_IN_PREREQUISITE_STATE,
                format!("currval of sequence \"{}\" is not yet defined in this session", relation.name),
            )
        })
    }

    /// `lastval`: the sequence, if it still exists, and its value.
    pub(crate) fn last(&self, catalog: &Catalog) -> Result<(Oid, i64)> {
        let last = self.last.filter(|oid| catalog.relations.contains_key(oid));
        let value = last.and_then(|oid| Some((oid, *self.values.get(&oid)?)));
        value.ok_or_else(|| {
            DatabaseError::new(OBJECT_NOT_IN_PREREQUISITE_STATE, "lastval is not yet defined in this session")
        })
    }
}

fn sequence(catalog: &Catalog, oid: Oid) -> Result<&Arc<Relation>> {
    // A number that names nothing: PostgreSQL counts it among its internal errors.
    catalog.relations.get(&oid).ok_or_else(|| {
        let message = format!("could not open relation with OID {oid}");
        DatabaseError::new(sqlstate::INTERNAL_ERROR, message)
    })
}

fn not_a_sequence(relation: &Relation) -> DatabaseError {
    DatabaseError::new(sqlstate::WRONG_OBJECT_TYPE, format!("\"{}\" is not a sequence", relation.name))
}

fn exhausted(relation: &Relation, definition: &catalog::Sequence) -> DatabaseError {
    let (which, bound) =
        if definition.increment > 0 { ("maximum", definition.max) } else { ("minimum", definition.min) };
    DatabaseError::new(
        SEQUENCE_GENERATOR_LIMIT_EXCEEDED,
        format!("nextval: reached {which} value of sequence \"{}\" ({bound})", relation.name),
    )
}
