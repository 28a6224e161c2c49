//! INSERT … ON CONFLICT, row by row: each must meet those written before it.

use super::Run;
use super::modify::{ROWS_PER_LOOK, Ready, SourceRow, Writing, assign, looks};
use super::steps::Sink;
use compile::program::{Conflict, ConflictUpdate, Modify, ModifyKind};
use datum::StoredValue;
use sqlstate::{CARDINALITY_VIOLATION, DatabaseError, Result};
use std::collections::HashSet;

impl Run<'_> {
    /// INSERT … ON CONFLICT.
    pub(crate) fn upsert(
        &mut self,
        writing: &Writing<'_>,
        conflict: &Conflict,
        rows: Vec<SourceRow>,
        sink: &mut Sink,
    ) -> Result<u64> {
        let mut touched = HashSet::new();
        let mut count = 0;
        for (at, row) in rows.into_iter().enumerate() {
            if at % ROWS_PER_LOOK == 0 {
                self.work.check_deadline()?;
            }
            count += u64::from(self.upsert_row(writing, conflict, row, &mut touched, sink)?);
        }
        Ok(count)
    }

    /// One row of it. Whether it was written.
    pub(crate) fn upsert_row(
        &mut self,
        writing: &Writing<'_>,
        conflict: &Conflict,
        row: SourceRow,
        touched: &mut HashSet<i64>,
        sink: &mut Sink,
    ) -> Result<bool> {
        let modify = writing.modify;
        let Some(ready) = self.prepare_proposed(writing, row)? else { return Ok(false) };
        let existing = self.conflicting_row(modify, conflict, &ready.new)?;
        let done = match (existing, &conflict.update) {
            (None, _) => {
                let ready = self.with_returning(writing, ready);
                let reveal = Some(&modify.reveal);
                let rowid = self.insert(&modify.table, &ready.new, reveal)?;
                self.note_changed(writing, rowid, None);
                if let Some(rows) = &writing.transitions {
                    rows.note(ModifyKind::Insert, None, Some(&ready.new));
                }
                self.queue_insert(&modify.table, rowid, &ready.new, reveal, &writing.triggers.after)?;
                touched.insert(rowid);
                Some(ready)
            }
            (Some(_), None) => None,
            (Some(rowid), Some(update)) => {
                if touched.contains(&rowid) {
                    return Err(touched_twice());
                }
                let done = self.conflict_update(writing, update, rowid, ready)?;
                if done.is_some() {
                    touched.insert(rowid);
                }
                done
            }
        };
        let Some(mut ready) = done else { return Ok(false) };
        if writing.returns_late && ready.late.is_none() {
            ready.returned = self.returning(writing, &ready)?;
        }
        if let Some(error) = ready.late {
            return Err(error);
        }
        if let Some(returned) = ready.returned {
            sink.take(&returned, &*self.frame)?;
        }
        Ok(true)
    }

    /// The proposed row as BEFORE INSERT triggers leave it, checked; `None` when one of them leaves it out.
    fn prepare_proposed(&mut self, writing: &Writing<'_>, row: SourceRow) -> Result<Option<Ready>> {
        let Writing { modify, parameters, arguments, .. } = *writing;
        let table = &modify.table;
        let SourceRow { values, extra, .. } = row;
        let fired = self.fire_before(table, &writing.triggers.before, values, None)?;
        let Some(mut new) = fired else { return Ok(None) };
        self.refuse_reading_written(looks(modify), writing.mark)?;
        self.generate(table, &mut new)?;
        let bindings = self.bindings(parameters, arguments).rows(Some(&new), None);
        let late = self.check(table, modify.probe.as_ref(), &new, &bindings, &modify.reveal)?;
        Ok(Some(Ready { rowid: None, old: Vec::new(), new, extra, returned: None, late }))
    }

    /// The first row that an arbiter finds.
    fn conflicting_row(
        &self,
        modify: &Modify,
        conflict: &Conflict,
        new: &[StoredValue],
    ) -> Result<Option<i64>> {
        for arbiter in &conflict.arbiters {
            let unique = modify
                .table
                .uniques
                .get(*arbiter)
                .ok_or_else(|| DatabaseError::internal("an arbiter that is no unique index"))?;
            if let Some((rowid, _)) = self.other_with_key(unique, new, None)? {
                return Ok(Some(rowid));
            }
        }
        Ok(None)
    }

    /// DO UPDATE of the row that is there. `None` when its WHERE does not hold, or a trigger leaves it as it is.
    fn conflict_update(
        &mut self,
        writing: &Writing<'_>,
        update: &ConflictUpdate,
        rowid: i64,
        proposed: Ready,
    ) -> Result<Option<Ready>> {
        let Writing { modify, parameters, arguments, .. } = *writing;
        let table = &modify.table;
        let Some(old) = self.fetch(table, rowid)? else {
            return Err(DatabaseError::internal("the row in conflict is gone"));
        };
        let mut bindings = self.bindings(parameters, arguments).rows(None, Some(&old));
        bindings.excluded = Some(&proposed.new);
        // Whether the row may be seen and changed comes before WHERE is asked.
        self.check_policies(table, update.existing.as_ref(), &bindings)?;
        let mut values = self.one_row(&update.values, &bindings)?.into_iter();
        if !matches!(values.next(), Some(StoredValue::Integer(truth)) if truth != 0) {
            return Ok(None);
        }
        let new = assign(&old, &update.assigned, values.collect());
        let fired = self.fire_before(table, &writing.updating.before, new, Some(&old))?;
        let Some(mut new) = fired else { return Ok(None) };
        self.refuse_changed_row(table, rowid, writing.mark, ModifyKind::Update)?;
        self.refuse_reading_written(looks(modify), writing.mark)?;
        self.generate(table, &mut new)?;
        let mut bindings = self.bindings(parameters, arguments).rows(Some(&new), Some(&old));
        bindings.excluded = Some(&proposed.new);
        let late = self.check(table, update.probe.as_ref(), &new, &bindings, &modify.reveal)?;
        let ready = Ready { rowid: Some(rowid), old, new, extra: proposed.extra, returned: None, late };
        let ready = self.with_returning(writing, ready);
        let rows = (&ready.old, &ready.new);
        self.update_changed(table, rowid, rows, &update.assigned, Some(&modify.reveal), &writing.updating)?;
        self.note_changed(writing, rowid, Some(&ready.old));
        if let Some(kept) = &writing.transitions {
            kept.note(ModifyKind::Update, Some(&ready.old), Some(&ready.new));
        }
        Ok(Some(ready))
    }
}

fn touched_twice() -> DatabaseError {
    DatabaseError::new(
        CARDINALITY_VIOLATION,
        "ON CONFLICT DO UPDATE command cannot affect row a second time",
    )
    .with_hint(
        "Ensure that no rows proposed for insertion within the same command have duplicate constrained values.",
    )
}
