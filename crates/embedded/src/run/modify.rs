//! INSERT, UPDATE and DELETE, row by row, in PostgreSQL's order.
//!
//! Everything that only reads (generated columns, checks, RETURNING) is evaluated for all rows before the first is written, so
//! that a statement does not see its own writes. An error found on the way is raised after the rows before it were written,
//! since theirs come first. ON CONFLICT goes row by row, since each row must meet those written before it; and so does a table
//! with BEFORE triggers that look at tables, since they see the rows before theirs.

use super::Run;
use super::live::{looks_live, refuse_live, returns_live, source_is_live};
use super::rows::StoredRow;
use super::steps::Sink;
use super::triggers::{Mark, RowTriggers, Transitions};
use crate::bindings::Bindings;
use crate::connection::owned_row;
use compile::program::{Modify, ModifyKind, Projection, Reveal, SqliteStatement, TablePlan};
use datum::StoredValue;
use sqlstate::{DatabaseError, Result};
use std::collections::HashSet;
use std::sync::Arc;

/// How many rows are written between two looks at the clock.
pub(crate) const ROWS_PER_LOOK: usize = 64;

/// A row that is ready to be written.
pub(crate) struct Ready {
    /// The row's place; none for a new one.
    pub(crate) rowid: Option<i64>,
    pub(crate) old: StoredRow,
    pub(crate) new: StoredRow,
    pub(crate) extra: StoredRow,
    /// What RETURNING makes of it.
    pub(crate) returned: Option<StoredRow>,
    /// An error that comes after the row was written: of RETURNING or of a view's check option.
    pub(crate) late: Option<DatabaseError>,
}

/// The rows of a statement that are ready, and why there are no more.
pub(crate) struct AllReady {
    pub(crate) rows: Vec<Ready>,
    failed: Option<DatabaseError>,
}

impl AllReady {
    /// A single row.
    pub(crate) fn one(row: Ready) -> AllReady {
        AllReady { rows: vec![row], failed: None }
    }
}

/// A row of the source.
pub(crate) struct SourceRow {
    pub(crate) rowid: Option<i64>,
    pub(crate) old: StoredRow,
    pub(crate) values: StoredRow,
    pub(crate) extra: StoredRow,
}

/// A statement that is being run.
pub(crate) struct Writing<'m> {
    pub(crate) modify: &'m Modify,
    pub(crate) parameters: &'m [StoredValue],
    pub(crate) arguments: &'m [StoredValue],
    /// The row triggers of its kind.
    pub(crate) triggers: RowTriggers,
    /// Those of ON CONFLICT DO UPDATE.
    pub(crate) updating: RowTriggers,
    /// Where changed rows are kept for triggers that name them as tables.
    pub(crate) transitions: Option<Arc<Transitions>>,
    /// What triggers wrote after this is not to be seen by it.
    pub(crate) mark: Mark,
    /// What it writes is kept for what reads the table as it was.
    pub(crate) row_by_row: bool,
    /// RETURNING is asked once the row is written.
    pub(crate) returns_late: bool,
}

impl Run<'_> {
    /// Runs the statement, hands the RETURNING rows over, and says how many rows were changed. What it leaves to its end is
    /// queued.
    pub(crate) fn modify(
        &mut self,
        modify: &Modify,
        parameters: &[StoredValue],
        arguments: &[StoredValue],
        sink: &mut Sink,
    ) -> Result<u64> {
        if is_made_on_the_way(modify) {
            return self.modify_on_the_way(modify, parameters, arguments, sink);
        }
        if let Some(candidates) = self.live_candidates(modify, parameters, arguments)? {
            return self.modify_live(modify, &candidates, parameters, arguments, sink);
        }
        let changed;
        let (mut writing, rows) = self.begin_modify(modify, parameters, arguments)?;
        if source_is_live(modify) {
            refuse_live(modify, rows.len())?;
        }
        let ahead = modify.conflict.is_none() && self.runs_ahead(&writing, &rows);
        if (rows.len() > 1 || writing.returns_late)
            && !modify.instead
            && !ahead
            && let Some(own) = self.row_by_row(modify)?
        {
            changed = own;
            writing = Writing { modify: &changed, row_by_row: true, ..writing };
        }
        let modify = writing.modify;
        let count = match &modify.conflict {
            _ if modify.instead => self.modify_instead(&writing, rows, sink)?,
            Some(conflict) => self.upsert(&writing, conflict, rows, sink)?,
            None if ahead => {
                let ready = self.prepare_all(&writing, rows)?;
                self.finish_all(&writing, ready, sink)?
            }
            None => self.modify_each(&writing, rows, sink)?,
        };
        self.queue_after_statement(&modify.table, &after(modify), writing.transitions.as_ref())?;
        Ok(count)
    }

    /// UPDATE or DELETE whose functions see the rows that it has changed: each row is made and written in its turn.
    fn modify_live(
        &mut self,
        modify: &Modify,
        candidates: &[i64],
        parameters: &[StoredValue],
        arguments: &[StoredValue],
        sink: &mut Sink,
    ) -> Result<u64> {
        let own = self.row_by_row(modify)?;
        let row_by_row = own.is_some();
        let changed = own.as_ref().unwrap_or(modify);
        let writing = Writing { row_by_row, ..self.writing(changed, parameters, arguments)? };
        self.fire_before_statement(&modify.table, &before(modify))?;
        let mut count = 0;
        for (at, rowid) in candidates.iter().enumerate() {
            if at % ROWS_PER_LOOK == 0 {
                self.work.check_deadline()?;
            }
            self.refuse_reading_written(std::iter::once(&changed.source), writing.mark)?;
            let Some(row) = self.source_of(&writing, *rowid)? else { continue };
            if let Some(row) = self.prepare_row(&writing, row)? {
                count += u64::from(self.finish_row(&writing, row, sink)?);
            }
        }
        self.queue_after_statement(&modify.table, &after(modify), writing.transitions.as_ref())?;
        Ok(count)
    }

    /// INSERT of rows that are written one by one as they are made: where one fails, the sequences have not moved for those behind, and
    /// functions see those before.
    fn modify_on_the_way(
        &mut self,
        modify: &Modify,
        parameters: &[StoredValue],
        arguments: &[StoredValue],
        sink: &mut Sink,
    ) -> Result<u64> {
        let own = if source_is_live(modify) { self.row_by_row(modify)? } else { None };
        let row_by_row = own.is_some();
        let modify = own.as_ref().unwrap_or(modify);
        let writing = Writing { row_by_row, ..self.writing(modify, parameters, arguments)? };
        self.fire_before_statement(&modify.table, &before(modify))?;
        let connection = self.connection;
        let (role, user) = (Arc::clone(&self.role.name), Arc::clone(&self.session_user));
        let bindings = Bindings::new(&self.work, (&role, &user), self.trigger_depth, parameters, arguments);
        let width = modify.table.columns.len();
        let (mut touched, mut read, mut count) = (HashSet::new(), 0, 0);
        connection.query(&modify.source, &bindings, |row| {
            if read % ROWS_PER_LOOK == 0 {
                self.work.check_deadline()?;
            }
            read += 1;
            let row = SourceRow {
                rowid: None,
                old: Vec::new(),
                values: owned_row(row, 0, width)?,
                extra: owned_row(row, width, modify.extras)?,
            };
            let written = match &modify.conflict {
                Some(conflict) => self.upsert_row(&writing, conflict, row, &mut touched, sink)?,
                None => match self.prepare_row(&writing, row)? {
                    Some(ready) => self.finish_row(&writing, ready, sink)?,
                    None => false,
                },
            };
            count += u64::from(written);
            Ok(())
        })?;
        self.queue_after_statement(&modify.table, &after(modify), writing.transitions.as_ref())?;
        Ok(count)
    }

    /// Reads the source and fires what comes before the first row.
    pub(crate) fn begin_modify<'m>(
        &mut self,
        modify: &'m Modify,
        parameters: &'m [StoredValue],
        arguments: &'m [StoredValue],
    ) -> Result<(Writing<'m>, Vec<SourceRow>)> {
        let writing = self.writing(modify, parameters, arguments)?;
        let rows = self.source(&writing)?;
        self.fire_before_statement(&modify.table, &before(modify))?;
        Ok((writing, rows))
    }

    /// What is known of the statement before its rows are.
    pub(crate) fn writing<'m>(
        &mut self,
        modify: &'m Modify,
        parameters: &'m [StoredValue],
        arguments: &'m [StoredValue],
    ) -> Result<Writing<'m>> {
        let transitions = self.transitions(&modify.table);
        let shared = transitions.as_ref();
        let updating = match updates(modify) {
            Some(assigned) => self.row_triggers(&modify.table, ModifyKind::Update, assigned, shared)?,
            None => RowTriggers::default(),
        };
        Ok(Writing {
            modify,
            parameters,
            arguments,
            triggers: self.row_triggers(&modify.table, modify.kind, &modify.assigned, shared)?,
            transitions,
            updating,
            mark: self.mark(),
            row_by_row: false,
            returns_late: returns_live(modify),
        })
    }

    /// Whether all rows can be made ready before the first is written: no trigger is to see what was written before.
    pub(crate) fn runs_ahead(&self, writing: &Writing<'_>, rows: &[SourceRow]) -> bool {
        if writing.returns_late && !rows.is_empty() {
            return false;
        }
        rows.len() < 2 && writing.triggers.before.is_empty()
            || writing.triggers.before.iter().all(|trigger| self.looks_at_nothing(trigger))
                && (rows.len() < 2 || !looks_live(writing.modify))
    }

    fn source(&self, writing: &Writing<'_>) -> Result<Vec<SourceRow>> {
        let Writing { modify, parameters, arguments, .. } = *writing;
        let width = modify.table.columns.len();
        let (head, values) = match modify.kind {
            ModifyKind::Insert => (0, width),
            ModifyKind::Update => (1 + width, modify.assigned.len()),
            ModifyKind::Delete | ModifyKind::Truncate => (1 + width, 0),
        };
        let mut seen = HashSet::new();
        let mut rows = Vec::new();
        self.connection.query(&modify.source, &self.bindings(parameters, arguments), |row| {
            let rowid = match modify.kind {
                _ if modify.instead => None,
                ModifyKind::Insert => None,
                ModifyKind::Update | ModifyKind::Delete | ModifyKind::Truncate => {
                    let rowid: i64 = row.get(0).map_err(|error| self.connection.failure(&error))?;
                    // A row that several rows of FROM or USING match is changed once, by the first.
                    if !seen.insert(rowid) {
                        return Ok(());
                    }
                    Some(rowid)
                }
            };
            rows.push(SourceRow {
                rowid,
                old: if head > 0 { owned_row(row, 1, width)? } else { Vec::new() },
                values: owned_row(row, head, values)?,
                extra: owned_row(row, head + values, modify.extras)?,
            });
            Ok(())
        })?;
        // Whatever index the source went along: rows are changed in the order in which they were made, as on a heap.
        rows.sort_by_key(|row| row.rowid);
        Ok(rows)
    }

    /// Makes all rows ready, up to the first that fails: all but ON CONFLICT, when no trigger looks at tables.
    pub(crate) fn prepare_all(&mut self, writing: &Writing<'_>, rows: Vec<SourceRow>) -> Result<AllReady> {
        let mut ready = Vec::with_capacity(rows.len());
        for (at, row) in rows.into_iter().enumerate() {
            if at % ROWS_PER_LOOK == 0 {
                self.work.check_deadline()?;
            }
            match self.prepare_row(writing, row) {
                Ok(Some(row)) => {
                    let late = row.late.is_some();
                    ready.push(row);
                    if late {
                        break;
                    }
                }
                Ok(None) => {}
                Err(error) => return Ok(AllReady { rows: ready, failed: Some(error) }),
            }
        }
        Ok(AllReady { rows: ready, failed: None })
    }

    /// Writes the rows that are ready.
    pub(crate) fn finish_all(
        &mut self,
        writing: &Writing<'_>,
        ready: AllReady,
        sink: &mut Sink,
    ) -> Result<u64> {
        let mut count = 0;
        for (at, row) in ready.rows.into_iter().enumerate() {
            if at % ROWS_PER_LOOK == 0 {
                self.work.check_deadline()?;
            }
            count += u64::from(self.finish_row(writing, row, sink)?);
        }
        ready.failed.map_or(Ok(count), Err)
    }

    /// All but ON CONFLICT, one row after another.
    fn modify_each(&mut self, writing: &Writing<'_>, rows: Vec<SourceRow>, sink: &mut Sink) -> Result<u64> {
        let mut count = 0;
        for (at, row) in rows.into_iter().enumerate() {
            if at % ROWS_PER_LOOK == 0 {
                self.work.check_deadline()?;
            }
            if let Some(row) = self.prepare_row(writing, row)? {
                count += u64::from(self.finish_row(writing, row, sink)?);
            }
        }
        Ok(count)
    }

    /// Writes a row that is ready and hands its RETURNING row over. Whether it was written.
    pub(crate) fn finish_row(
        &mut self,
        writing: &Writing<'_>,
        mut row: Ready,
        sink: &mut Sink,
    ) -> Result<bool> {
        if !self.write_row(writing, &row)? {
            return Ok(false);
        }
        if writing.returns_late && row.late.is_none() {
            row.returned = self.returning(writing, &row)?;
        }
        if let Some(error) = row.late {
            return Err(error);
        }
        if let Some(returned) = row.returned {
            sink.take(&returned, &*self.frame)?;
        }
        Ok(true)
    }

    /// Makes a row ready: what BEFORE triggers make of it, its checks, what RETURNING makes of it. `None` when a trigger leaves
    /// it out.
    pub(crate) fn prepare_row(&mut self, writing: &Writing<'_>, row: SourceRow) -> Result<Option<Ready>> {
        let Writing { modify, parameters, arguments, .. } = *writing;
        let SourceRow { rowid, old, values, extra } = row;
        let table = &modify.table;
        let new = match modify.kind {
            ModifyKind::Insert => values,
            ModifyKind::Update => assign(&old, &modify.assigned, values),
            ModifyKind::Delete | ModifyKind::Truncate => Vec::new(),
        };
        let before = rowid.is_some().then_some(&old);
        if let Some(rowid) = rowid {
            self.refuse_changed_row(table, rowid, writing.mark, ModifyKind::Update)?;
        }
        let fired = self.fire_before(table, &writing.triggers.before, new, before)?;
        let Some(mut new) = fired else { return Ok(None) };
        if let Some(rowid) = rowid {
            self.refuse_changed_row(table, rowid, writing.mark, modify.kind)?;
        }
        self.refuse_reading_written(looks(modify), writing.mark)?;
        let mut late = None;
        if modify.kind != ModifyKind::Delete {
            self.generate(table, &mut new)?;
            let old = rowid.is_some().then_some(old.as_slice());
            let bindings = self.bindings(parameters, arguments).rows(Some(&new), old);
            late = self.check(table, modify.probe.as_ref(), &new, &bindings, &modify.reveal)?;
        }
        let ready = Ready { rowid, old, new, extra, returned: None, late };
        Ok(Some(self.with_returning(writing, ready)))
    }

    /// With what RETURNING makes of it; an error of that comes after the row.
    pub(crate) fn with_returning(&self, writing: &Writing<'_>, mut ready: Ready) -> Ready {
        if ready.late.is_none() && !writing.returns_late {
            match self.returning(writing, &ready) {
                Ok(returned) => ready.returned = returned,
                Err(error) => ready.late = Some(error),
            }
        }
        ready
    }

    pub(crate) fn returning(&self, writing: &Writing<'_>, row: &Ready) -> Result<Option<StoredRow>> {
        let Writing { modify, parameters, arguments, .. } = *writing;
        let Some(projection) = &modify.returning else { return Ok(None) };
        let new = (modify.kind != ModifyKind::Delete).then_some(row.new.as_slice());
        let old = (!row.old.is_empty()).then_some(row.old.as_slice());
        let mut bindings = self.bindings(parameters, arguments).rows(new, old);
        bindings.extra = Some(&row.extra);
        match projection {
            Projection::Columns(binds) => {
                binds.iter().map(|bind| Ok(bindings.value(bind)?.to_owned())).collect::<Result<_>>().map(Some)
            }
            Projection::Query(statement) => self.one_row(statement, &bindings).map(Some),
        }
    }

    /// Writes a row and queues what follows from it. False when the row was gone.
    fn write_row(&mut self, writing: &Writing<'_>, row: &Ready) -> Result<bool> {
        let modify = writing.modify;
        let table = &modify.table;
        let reveal = Some(&modify.reveal);
        let transitions = writing.transitions.as_ref();
        let note = |old, new| {
            transitions.inspect(|rows| rows.note(modify.kind, old, new));
        };
        match (modify.kind, row.rowid) {
            (ModifyKind::Insert, _) => {
                let rowid = self.insert(table, &row.new, reveal)?;
                self.note_changed(writing, rowid, None);
                note(None, Some(&row.new));
                self.queue_insert(table, rowid, &row.new, reveal, &writing.triggers.after)?;
            }
            (ModifyKind::Update, Some(rowid)) => {
                self.update_changed(
                    table,
                    rowid,
                    (&row.old, &row.new),
                    &modify.assigned,
                    reveal,
                    &writing.triggers,
                )?;
                self.note_changed(writing, rowid, Some(&row.old));
                note(Some(&row.old), Some(&row.new));
            }
            (ModifyKind::Delete, Some(rowid)) => {
                if !self.delete(table, rowid)? {
                    return Ok(false);
                }
                self.note_changed(writing, rowid, Some(&row.old));
                note(Some(&row.old), None);
                self.queue_delete(table, &row.old, reveal, &writing.triggers.after)?;
            }
            (ModifyKind::Truncate, _) | (ModifyKind::Update | ModifyKind::Delete, None) => {
                return Err(DatabaseError::internal("a row to change without a rowid"));
            }
        }
        Ok(true)
    }

    /// Writes the assigned and generated columns of a row, and those that triggers changed, and queues what follows.
    pub(crate) fn update_changed(
        &mut self,
        table: &Arc<TablePlan>,
        rowid: i64,
        (old, new): (&StoredRow, &StoredRow),
        assigned: &[usize],
        reveal: Option<&Reveal>,
        triggers: &RowTriggers,
    ) -> Result<()> {
        let mut columns: Vec<usize> = assigned.to_vec();
        columns.extend(table.columns.iter().enumerate().filter(|(_, c)| c.generated).map(|(at, _)| at));
        if !triggers.before.is_empty() {
            let changed = old.iter().zip(new).enumerate().filter(|(_, (old, new))| old != new);
            columns.extend(changed.map(|(at, _)| at));
        }
        columns.sort_unstable();
        columns.dedup();
        self.update(table, rowid, new, &columns, reveal)?;
        self.queue_update(table, rowid, (old, new), reveal, &triggers.after)
    }
}

/// Whether rows are written as they are made: making them moves a sequence, and nothing that is evaluated looks at a table, so that
/// it cannot be told otherwise; or a function that it calls looks at the rows before.
fn is_made_on_the_way(modify: &Modify) -> bool {
    if modify.live.as_ref().is_some_and(|live| live.in_turn) && !modify.instead && source_is_live(modify) {
        return true;
    }
    let looks_at_nothing = |statement: &SqliteStatement| statement.access.reads.is_empty();
    modify.kind == ModifyKind::Insert
        && !modify.instead
        && looks_at_nothing(&modify.source)
        && looks(modify).all(looks_at_nothing)
        && compile::writes_sequences(&modify.source)
}

/// The columns that ON CONFLICT DO UPDATE sets.
pub(crate) fn updates(modify: &Modify) -> Option<&[usize]> {
    let update = modify.conflict.as_ref()?.update.as_ref()?;
    Some(update.assigned.as_slice())
}

/// The kinds of change whose statement triggers fire before a statement, in order, with the columns that it sets.
pub(crate) fn before(modify: &Modify) -> Vec<(ModifyKind, &[usize])> {
    let own = (modify.kind, modify.assigned.as_slice());
    std::iter::once(own).chain(updates(modify).map(|assigned| (ModifyKind::Update, assigned))).collect()
}

/// The same after it.
pub(crate) fn after(modify: &Modify) -> Vec<(ModifyKind, &[usize])> {
    before(modify).into_iter().rev().collect()
}

/// What a statement evaluates of its rows: checks, DO UPDATE's values, RETURNING.
pub(crate) fn looks(modify: &Modify) -> impl Iterator<Item = &SqliteStatement> {
    let update = modify.conflict.as_ref().and_then(|conflict| conflict.update.as_ref());
    let probes = [
        modify.probe.as_ref(),
        update.and_then(|update| update.existing.as_ref()),
        update.and_then(|update| update.probe.as_ref()),
    ];
    let returning = match &modify.returning {
        Some(Projection::Query(statement)) => Some(statement),
        Some(Projection::Columns(_)) | None => None,
    };
    let probes = probes.into_iter().flatten().map(|probe| &probe.statement);
    probes.chain(update.map(|update| &update.values)).chain(returning)
}

/// The old row with its assigned columns replaced.
pub(crate) fn assign(old: &[StoredValue], assigned: &[usize], values: Vec<StoredValue>) -> StoredRow {
    let mut new = old.to_vec();
    for (at, value) in assigned.iter().zip(values) {
        if let Some(place) = new.get_mut(*at) {
            *place = value;
        }
    }
    new
}
