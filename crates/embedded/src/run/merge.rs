//! MERGE: for each row of its source the clause whose turn it is, and what that changes.

use super::Run;
use super::live::{reads, reads_while_changing};
use super::modify::{ROWS_PER_LOOK, Ready, SourceRow, Writing, looks};
use super::rows::StoredRow;
use super::steps::Sink;
use super::triggers::Mark;
use crate::connection::owned_row;
use compile::program::{Merge, MergeClause, ModifyKind, SqliteStatement};
use datum::StoredValue;
use sqlstate::{CARDINALITY_VIOLATION, DatabaseError, Result};
use std::collections::HashSet;

/// A row of the source.
struct MergeRow {
    /// The row of the table that it matches.
    rowid: Option<i64>,
    old: StoredRow,
    extra: StoredRow,
}

/// MERGE that is being run.
struct Merging<'m> {
    merge: &'m Merge,
    parameters: &'m [StoredValue],
    arguments: &'m [StoredValue],
    /// Of each clause that changes rows.
    writings: Vec<Option<Writing<'m>>>,
    mark: Mark,
}

impl Run<'_> {
    /// Runs it; how many rows were changed. What it leaves to its end is queued.
    pub(crate) fn merge(
        &mut self,
        merge: &Merge,
        parameters: &[StoredValue],
        arguments: &[StoredValue],
    ) -> Result<u64> {
        let table = &merge.table;
        // Triggers are asked whether a column is updated by any of the clauses.
        let mut updated = Vec::new();
        for clause in &merge.clauses {
            if let Some(change) =
                clause.change.as_ref().filter(|change| change.modify.kind == ModifyKind::Update)
            {
                updated.extend_from_slice(&change.modify.assigned);
            }
        }
        let does = |kind| {
            let mut changes = merge.clauses.iter().filter_map(|clause| clause.change.as_ref());
            changes.any(|change| change.modify.kind == kind)
        };
        let mut kinds: Vec<(ModifyKind, &[usize])> = Vec::new();
        for (kind, assigned) in
            [(ModifyKind::Insert, &[][..]), (ModifyKind::Update, &updated), (ModifyKind::Delete, &[])]
        {
            if does(kind) {
                kinds.push((kind, assigned));
            }
        }
        let transitions = self.transitions(table);
        let mut writings = Vec::with_capacity(merge.clauses.len());
        for clause in &merge.clauses {
            writings.push(match &clause.change {
                None => None,
                Some(change) => {
                    let mut writing = self.writing(&change.modify, parameters, arguments)?;
                    let kind = change.modify.kind;
                    let assigned =
                        if kind == ModifyKind::Update { &updated } else { &change.modify.assigned };
                    writing.triggers = self.row_triggers(table, kind, assigned, transitions.as_ref())?;
                    writing.transitions.clone_from(&transitions);
                    Some(writing)
                }
            });
        }
        let mark = self.mark();
        let merging = Merging { merge, parameters, arguments, writings, mark };
        let rows = self.merge_source(&merging)?;
        self.fire_before_statement(table, &kinds)?;
        let count = self.merge_rows(&merging, rows)?;
        kinds.reverse();
        self.queue_after_statement(table, &kinds, transitions.as_ref())?;
        Ok(count)
    }

    fn merge_source(&self, merging: &Merging<'_>) -> Result<Vec<MergeRow>> {
        let Merging { merge, parameters, arguments, .. } = *merging;
        let width = merge.table.columns.len();
        let mut rows = Vec::new();
        self.connection.query(&merge.source, &self.bindings(parameters, arguments), |row| {
            let rowid: Option<i64> = row.get(0).map_err(|error| self.connection.failure(&error))?;
            rows.push(MergeRow {
                rowid,
                old: if rowid.is_some() { owned_row(row, 1, width)? } else { Vec::new() },
                extra: owned_row(row, 1 + width, merge.extras)?,
            });
            Ok(())
        })?;
        Ok(rows)
    }

    /// Makes all rows ready before the first is written, unless triggers are to see what was written before.
    fn merge_rows(&mut self, merging: &Merging<'_>, rows: Vec<MergeRow>) -> Result<u64> {
        let mut touched = HashSet::new();
        let mut ignored = Sink::Count { count: 0 };
        let mut before = merging.writings.iter().flatten().flat_map(|writing| &writing.triggers.before);
        let ahead = before.all(|trigger| self.looks_at_nothing(trigger));
        // Functions that see what was written before see it row by row.
        let ahead = ahead && !evaluated(merging.merge).any(|look| reads_own(merging.merge, look, true));
        if !ahead {
            refuse_reading_own_writes(merging.merge, rows.len())?;
        }
        if rows.len() > 1 && reads_own(merging.merge, &merging.merge.source, true) {
            return Err(reads_while_changing());
        }
        let (mut ready, mut failed, mut count) = (Vec::new(), None, 0);
        for (at, row) in rows.into_iter().enumerate() {
            if at % ROWS_PER_LOOK == 0 {
                self.work.check_deadline()?;
            }
            match self.prepare_merged(merging, row, &mut touched) {
                Ok(None) => {}
                Ok(Some((writing, row))) if ahead => ready.push((writing, row)),
                Ok(Some((writing, row))) => {
                    count += u64::from(self.finish_row(writing, row, &mut ignored)?);
                }
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            }
        }
        for (at, (writing, row)) in ready.into_iter().enumerate() {
            if at % ROWS_PER_LOOK == 0 {
                self.work.check_deadline()?;
            }
            count += u64::from(self.finish_row(writing, row, &mut ignored)?);
        }
        failed.map_or(Ok(count), Err)
    }

    /// What the first clause that is for the row makes of it; `None` when it is left as it is.
    fn prepare_merged<'m>(
        &mut self,
        merging: &'m Merging<'m>,
        row: MergeRow,
        touched: &mut HashSet<i64>,
    ) -> Result<Option<(&'m Writing<'m>, Ready)>> {
        let Merging { merge, parameters, arguments, mark, .. } = *merging;
        let MergeRow { rowid, old, extra } = row;
        self.refuse_reading_written(evaluated(merge), mark)?;
        for (clause, writing) in merge.clauses.iter().zip(&merging.writings) {
            if clause.matched != rowid.is_some() {
                continue;
            }
            let mut bindings = self.bindings(parameters, arguments);
            bindings = bindings.rows(None, rowid.is_some().then_some(old.as_slice()));
            bindings.extra = Some(&extra);
            if let Some(condition) = &clause.condition {
                let answer = self.one_row(condition, &bindings)?;
                if !matches!(answer.first(), Some(StoredValue::Integer(truth)) if *truth != 0) {
                    continue;
                }
            }
            let (Some(change), Some(writing)) = (&clause.change, writing) else { return Ok(None) };
            self.check_policies(&merge.table, change.existing.as_ref(), &bindings)?;
            let values = match change.modify.kind {
                ModifyKind::Delete | ModifyKind::Truncate => Vec::new(),
                ModifyKind::Insert | ModifyKind::Update => self.one_row(&change.modify.source, &bindings)?,
            };
            if rowid.is_some_and(|rowid| !touched.insert(rowid)) {
                return Err(touched_twice());
            }
            let row = SourceRow { rowid, old, values, extra };
            return Ok(self.prepare_row(writing, row)?.map(|ready| (writing, ready)));
        }
        Ok(None)
    }
}

/// What is evaluated for a row before it is written.
pub(crate) fn evaluated(merge: &Merge) -> impl Iterator<Item = &SqliteStatement> {
    merge.clauses.iter().flat_map(|MergeClause { condition, change, .. }| {
        let existing = change.as_ref().and_then(|change| change.existing.as_ref());
        let values = change.as_ref().map(|change| &change.modify.source);
        let looks = change.iter().flat_map(|change| looks(&change.modify));
        condition.iter().chain(existing.map(|probe| &probe.statement)).chain(values).chain(looks)
    })
}

/// Whether a statement reads the table: as it is by then (`live`), or as it was.
fn reads_own(merge: &Merge, statement: &SqliteStatement, live: bool) -> bool {
    let mut changes = merge.clauses.iter().filter_map(|clause| clause.change.as_ref());
    // The last one knows of all functions.
    changes.next_back().is_some_and(|change| reads(&change.modify, statement, live))
}

/// What reads the table between its own writes would see half of them.
fn refuse_reading_own_writes(merge: &Merge, rows: usize) -> Result<()> {
    if rows > 1 && evaluated(merge).any(|look| reads_own(merge, look, false)) {
        return Err(DatabaseError::unsupported(
            "MERGE whose clauses or policies read the table itself, with BEFORE triggers that look at tables",
        ));
    }
    Ok(())
}

fn touched_twice() -> DatabaseError {
    DatabaseError::new(CARDINALITY_VIOLATION, "MERGE command cannot affect row a second time")
        .with_hint("Ensure that not more than one source row matches any one target row.")
}
