//! Several parts of one statement (WITH) that change rows and read them: all see the rows as they were before the statement.
//!
//! A part that changes rows which another part looks at makes its rows ready and writes them once all parts have been read. One that
//! must write each row to know the next (ON CONFLICT, triggers that look at tables) is run, undone, and done again then: what it
//! wrote is kept row by row.

use super::Run;
use super::events::Event;
use super::modify::{AllReady, Writing, after};
use super::rows::StoredRow;
use super::steps::Sink;
use catalog::Oid;
use compile::program::{Modify, Program, Reveal, SqliteStatement, Step};
use datum::StoredValue;
use sqlstate::{DatabaseError, Result};
use std::collections::{BTreeSet, HashMap, HashSet};

/// A row that was written.
pub(crate) enum Written {
    /// A new one.
    Insert { table: Oid, row: StoredRow, rowid: i64, reveal: Option<Reveal> },
    /// Columns of one.
    Update { table: Oid, rowid: i64, row: StoredRow, columns: Vec<usize>, reveal: Option<Reveal> },
    /// One that is gone.
    Delete { table: Oid, rowid: i64 },
}

/// What a part of a statement is to do once all have been read.
pub(crate) enum Part<'m> {
    /// Rows that are ready.
    Ready { writing: Writing<'m>, ready: AllReady },
    /// What it did already, and what was undone.
    Undone { written: Vec<Written>, events: Vec<Event>, deferred: Vec<Event> },
}

/// The tables that a step of a program reads and those that it changes, by SQLite's names.
fn touched(step: &Step) -> (BTreeSet<&str>, BTreeSet<&str>) {
    let mut reads = BTreeSet::new();
    let mut writes = BTreeSet::new();
    collect(step, &mut reads, &mut writes);
    (reads, writes)
}

fn collect<'s>(step: &'s Step, reads: &mut BTreeSet<&'s str>, writes: &mut BTreeSet<&'s str>) {
    let mut note = |statement: &'s SqliteStatement| {
        reads.extend(statement.access.reads.iter().map(|(table, _)| table.as_str()));
    };
    match step {
        Step::Query { statement, .. } => note(statement),
        Step::Iterate { first, next, .. } => [first, next].into_iter().for_each(note),
        Step::Modify { modify, .. } => {
            note(&modify.source);
            super::modify::looks(modify).for_each(note);
            writes.insert(&modify.table.sqlite_name);
        }
        Step::Merge(merge) => {
            note(&merge.source);
            super::merge::evaluated(merge).for_each(note);
            writes.insert(&merge.table.sqlite_name);
        }
        Step::Function { function, arguments, .. } => {
            note(arguments);
            for step in function.body.iter().flat_map(|program| &program.steps) {
                collect(step, reads, writes);
            }
        }
        // What it touches is known once it ran: a change before it in the same statement is refused.
        Step::Call { arguments, .. } => note(arguments),
        Step::CopyFrom { .. }
        | Step::CopyTo { .. }
        | Step::Ddl(_)
        | Step::Block(_)
        | Step::Set { .. }
        | Step::Show(_)
        | Step::Explain { .. }
        | Step::SetConstraints { .. }
        | Step::Truncate { .. } => {}
    }
}

/// Whether parts of a program look at rows that others of its parts change.
pub(crate) fn is_entangled(program: &Program) -> bool {
    if program.steps.len() < 2 {
        return false;
    }
    let all: Vec<_> = program.steps.iter().map(touched).collect();
    program.steps.iter().enumerate().any(|(at, step)| {
        let changed = &all[at].1;
        matches!(step, Step::Modify { .. } | Step::Merge(_))
            && all[at + 1..]
                .iter()
                .any(|(reads, writes)| !changed.is_disjoint(reads) || !changed.is_disjoint(writes))
    })
}

/// What cannot be done again as it was: a conflict is decided by rows that another part writes.
pub(crate) fn refuse_entangled(program: &Program) -> Result<()> {
    if program.steps.iter().any(|step| matches!(step, Step::Merge(_))) {
        return Err(DatabaseError::unsupported(
            "MERGE beside another change of the same rows in one statement",
        ));
    }
    let changes = || {
        program.steps.iter().filter_map(|step| match step {
            Step::Modify { modify, .. } => Some(modify),
            _ => None,
        })
    };
    for modify in changes().filter(|modify| modify.conflict.is_some()) {
        if changes().filter(|other| other.table.oid == modify.table.oid).count() > 1 {
            return Err(DatabaseError::unsupported(
                "ON CONFLICT beside another change of the same table in one statement",
            ));
        }
    }
    Ok(())
}

impl Run<'_> {
    /// Runs a part of a statement as far as it can be without being seen. How many rows it will have changed.
    pub(crate) fn modify_later<'m>(
        &mut self,
        modify: &'m Modify,
        parameters: &'m [StoredValue],
        arguments: &'m [StoredValue],
        sink: &mut Sink,
    ) -> Result<(u64, Part<'m>)> {
        let plain = modify.conflict.is_none() && !modify.instead;
        if plain
            && modify.live.is_none()
            && self.row_triggers(&modify.table, modify.kind, &modify.assigned, None)?.before.is_empty()
        {
            let (writing, rows) = self.begin_modify(modify, parameters, arguments)?;
            let ready = self.prepare_all(&writing, rows)?;
            for row in &ready.rows {
                if let Some(returned) = &row.returned {
                    sink.take(returned, &*self.frame)?;
                }
            }
            return Ok((ready.rows.len() as u64, Part::Ready { writing, ready }));
        }
        let (now, deferred) = self.queued();
        let order = self.events.order.clone();
        self.savepoint_control("SAVEPOINT \"part of a statement\"")?;
        let outer = self.redo.replace(Some(Vec::new()));
        let done = self.modify(modify, parameters, arguments, sink);
        let written = self.redo.replace(outer).unwrap_or_default();
        let count = done?;
        self.savepoint_control("ROLLBACK TO \"part of a statement\"")?;
        self.savepoint_control("RELEASE \"part of a statement\"")?;
        self.events.order = order;
        let (events, deferred) = self.queued_since(now, deferred);
        Ok((count, Part::Undone { written, events, deferred }))
    }

    /// Writes what waits, in order.
    pub(crate) fn write_parts(&mut self, parts: Vec<Part<'_>>) -> Result<()> {
        let mut changed: HashSet<(Oid, i64)> = HashSet::new();
        for part in parts {
            let own = match part {
                Part::Ready { writing, ready } => {
                    let table = writing.modify.table.oid;
                    let places = ready.rows.iter().filter_map(|row| row.rowid);
                    let own: HashSet<(Oid, i64)> = places.map(|rowid| (table, rowid)).collect();
                    for (table, rowid) in &own {
                        refuse_second(&changed, *table, *rowid)?;
                    }
                    let expected = ready.rows.len() as u64;
                    let mut ignored = Sink::Count { count: 0 };
                    if self.finish_all(&writing, ready, &mut ignored)? != expected {
                        return Err(DatabaseError::unsupported("changing a row twice in one statement"));
                    }
                    let transitions = writing.transitions.as_ref();
                    self.queue_after_statement(&writing.modify.table, &after(writing.modify), transitions)?;
                    own
                }
                Part::Undone { written, events, deferred } => {
                    self.write_again(&changed, written, events, deferred)?
                }
            };
            changed.extend(own);
        }
        Ok(())
    }

    /// Does again what was undone. Which rows were there before.
    fn write_again(
        &mut self,
        changed: &HashSet<(Oid, i64)>,
        written: Vec<Written>,
        mut events: Vec<Event>,
        mut deferred: Vec<Event>,
    ) -> Result<HashSet<(Oid, i64)>> {
        let mut places: HashMap<(Oid, i64), i64> = HashMap::new();
        let mut own = HashSet::new();
        for row in written {
            self.work.check_deadline()?;
            match row {
                Written::Insert { table, row, rowid, reveal } => {
                    let plan = self.state.table(table)?;
                    let place = self.insert(&plan, &row, reveal.as_ref())?;
                    places.insert((table, rowid), place);
                }
                Written::Update { table, rowid, row, columns, reveal } => {
                    let plan = self.state.table(table)?;
                    let place = places.get(&(table, rowid)).copied();
                    if place.is_none() {
                        own.insert((table, rowid));
                        refuse_second(changed, table, rowid)?;
                    }
                    self.update(&plan, place.unwrap_or(rowid), &row, &columns, reveal.as_ref())?;
                }
                Written::Delete { table, rowid } => {
                    let plan = self.state.table(table)?;
                    let place = places.get(&(table, rowid)).copied();
                    if place.is_none() {
                        own.insert((table, rowid));
                        refuse_second(changed, table, rowid)?;
                    }
                    self.delete(&plan, place.unwrap_or(rowid))?;
                }
            }
        }
        let moved = |table: Oid, rowid: i64| places.get(&(table, rowid)).copied().unwrap_or(rowid);
        events.iter_mut().chain(&mut deferred).for_each(|event| event.move_rows(&moved));
        self.queue_again(events, deferred);
        Ok(own)
    }

    /// Keeps a row that is written, if it is to be done again.
    pub(crate) fn keep_written(&self, make: impl FnOnce() -> Written) {
        if let Some(written) = self.redo.borrow_mut().as_mut() {
            written.push(make());
        }
    }
}

/// PostgreSQL lets one of the two changes win, and does not say which.
fn refuse_second(changed: &HashSet<(Oid, i64)>, table: Oid, rowid: i64) -> Result<()> {
    if changed.contains(&(table, rowid)) {
        return Err(DatabaseError::unsupported("changing a row twice in one statement"));
    }
    Ok(())
}
