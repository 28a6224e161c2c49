//! INSERT, UPDATE and DELETE, row by row, in PostgreSQL's order.
//!
//! Everything that only reads (generated columns, checks, RETURNING) is evaluated for all rows before the first is written, so
//! that a statement does not see its own writes. An error found on the way is raised after the rows before it were written,
//! since theirs come first. ON CONFLICT goes row by row: each row must meet those written before it.

use super::Run;
use super::describe::failing_row;
use super::rows::StoredRow;
use super::steps::Sink;
use crate::bindings::Bindings;
use crate::connection::owned_row;
use compile::program::{
    Check, Conflict, ConflictUpdate, Modify, ModifyKind, Probe, Projection, Reveal, TablePlan,
};
use datum::StoredValue;
use sqlstate::{
    CARDINALITY_VIOLATION, CHECK_VIOLATION, DatabaseError, INSUFFICIENT_PRIVILEGE, NOT_NULL_VIOLATION,
    Result, WITH_CHECK_OPTION_VIOLATION,
};
use std::collections::HashSet;
use std::sync::Arc;

/// How many rows are written between two looks at the clock.
const ROWS_PER_LOOK: usize = 64;

/// A row that is ready to be written.
struct Ready {
    /// The row's place; none for a new one.
    rowid: Option<i64>,
    old: StoredRow,
    new: StoredRow,
    extra: StoredRow,
    /// What RETURNING makes of it.
    returned: Option<StoredRow>,
    /// An error that comes after the row was written: of RETURNING or of a view's check option.
    late: Option<DatabaseError>,
}

/// A row of the source.
struct SourceRow {
    rowid: Option<i64>,
    old: StoredRow,
    values: StoredRow,
    extra: StoredRow,
}

impl Run<'_> {
    /// Runs the statement, hands the RETURNING rows over, and says how many rows were changed.
    pub(crate) fn modify(
        &mut self,
        modify: &Modify,
        parameters: &[StoredValue],
        arguments: &[StoredValue],
        sink: &mut Sink,
    ) -> Result<u64> {
        self.refuse_triggers(modify)?;
        let rows = self.source(modify, parameters, arguments)?;
        let count = match &modify.conflict {
            Some(conflict) => self.upsert(modify, conflict, rows, parameters, arguments, sink)?,
            None => self.modify_all(modify, rows, parameters, arguments, sink)?,
        };
        self.fire_statement_end()?;
        Ok(count)
    }

    /// A trigger that would fire is refused here too, whatever the compiler thought.
    fn refuse_triggers(&self, modify: &Modify) -> Result<()> {
        let kinds: &[ModifyKind] = match &modify.conflict {
            Some(Conflict { update: Some(_), .. }) => &[ModifyKind::Insert, ModifyKind::Update],
            _ => &[modify.kind],
        };
        kinds.iter().try_for_each(|kind| self.refuse_triggers_on(&modify.table, *kind))
    }

    /// 0A000 if writing to this table would fire a trigger.
    pub(crate) fn refuse_triggers_on(&self, table: &TablePlan, kind: ModifyKind) -> Result<()> {
        let Some(relation) = self.state.catalog.relations.get(&table.oid) else { return Ok(()) };
        let fires = relation.triggers.iter().find(|trigger| {
            trigger.enabled
                && match kind {
                    ModifyKind::Insert => trigger.on_insert,
                    ModifyKind::Update => trigger.on_update,
                    ModifyKind::Delete => trigger.on_delete,
                }
        });
        match fires {
            Some(trigger) => Err(DatabaseError::unsupported(format_args!(
                "trigger \"{}\" on table \"{}\"",
                trigger.name, table.name
            ))),
            None => Ok(()),
        }
    }

    fn source(
        &self,
        modify: &Modify,
        parameters: &[StoredValue],
        arguments: &[StoredValue],
    ) -> Result<Vec<SourceRow>> {
        let width = modify.table.columns.len();
        let (head, values) = match modify.kind {
            ModifyKind::Insert => (0, width),
            ModifyKind::Update => (1 + width, modify.assigned.len()),
            ModifyKind::Delete => (1 + width, 0),
        };
        let mut seen = HashSet::new();
        let mut rows = Vec::new();
        self.connection.query(&modify.source, &self.bindings(parameters, arguments), |row| {
            let rowid = match modify.kind {
                ModifyKind::Insert => None,
                ModifyKind::Update | ModifyKind::Delete => {
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
                old: if rowid.is_some() { owned_row(row, 1, width)? } else { Vec::new() },
                values: owned_row(row, head, values)?,
                extra: owned_row(row, head + values, modify.extras)?,
            });
            Ok(())
        })?;
        // Whatever index the source went along: rows are changed in the order in which they were made, as on a heap.
        rows.sort_by_key(|row| row.rowid);
        Ok(rows)
    }

    /// All but ON CONFLICT.
    fn modify_all(
        &mut self,
        modify: &Modify,
        rows: Vec<SourceRow>,
        parameters: &[StoredValue],
        arguments: &[StoredValue],
        sink: &mut Sink,
    ) -> Result<u64> {
        let mut ready = Vec::with_capacity(rows.len());
        let mut failed = None;
        for (at, row) in rows.into_iter().enumerate() {
            if at % ROWS_PER_LOOK == 0 {
                self.work.check_deadline()?;
            }
            match self.prepare_row(modify, row, parameters, arguments) {
                Ok(row) => {
                    let late = row.late.is_some();
                    ready.push(row);
                    if late {
                        break;
                    }
                }
                Err(error) => {
                    failed = Some(error);
                    break;
                }
            }
        }
        let mut count = 0;
        for (at, row) in ready.into_iter().enumerate() {
            if at % ROWS_PER_LOOK == 0 {
                self.work.check_deadline()?;
            }
            if !self.write_row(modify, &row)? {
                continue;
            }
            if let Some(error) = row.late {
                return Err(error);
            }
            count += 1;
            if let Some(returned) = row.returned {
                sink.take(&returned, &*self.frame)?;
            }
        }
        failed.map_or(Ok(count), Err)
    }

    /// Makes a row ready: its new values, its checks, what RETURNING makes of it.
    fn prepare_row(
        &self,
        modify: &Modify,
        row: SourceRow,
        parameters: &[StoredValue],
        arguments: &[StoredValue],
    ) -> Result<Ready> {
        let SourceRow { rowid, old, values, extra } = row;
        let table = &*modify.table;
        let mut new = match modify.kind {
            ModifyKind::Insert => values,
            ModifyKind::Update => assign(&old, &modify.assigned, values),
            ModifyKind::Delete => Vec::new(),
        };
        let mut late = None;
        if modify.kind != ModifyKind::Delete {
            self.generate(table, &mut new)?;
            let old = rowid.is_some().then_some(old.as_slice());
            let bindings = self.bindings(parameters, arguments).rows(Some(&new), old);
            late =
                self.check(table, modify.probe.as_ref(), &new, &bindings, &modify.reveal, &modify.assigned)?;
        }
        let mut ready = Ready { rowid, old, new, extra, returned: None, late };
        if ready.late.is_none() {
            match self.returning(modify, &ready, parameters, arguments) {
                Ok(returned) => ready.returned = returned,
                Err(error) => ready.late = Some(error),
            }
        }
        Ok(ready)
    }

    fn returning(
        &self,
        modify: &Modify,
        row: &Ready,
        parameters: &[StoredValue],
        arguments: &[StoredValue],
    ) -> Result<Option<StoredRow>> {
        let Some(projection) = &modify.returning else { return Ok(None) };
        let new = (modify.kind != ModifyKind::Delete).then_some(row.new.as_slice());
        let old = row.rowid.is_some().then_some(row.old.as_slice());
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
    fn write_row(&mut self, modify: &Modify, row: &Ready) -> Result<bool> {
        let table = &modify.table;
        let reveal = Some(&modify.reveal);
        match (modify.kind, row.rowid) {
            (ModifyKind::Insert, _) => {
                let rowid = self.insert(table, &row.new, reveal)?;
                self.queue_insert(table, rowid, &row.new, reveal);
            }
            (ModifyKind::Update, Some(rowid)) => {
                self.update_changed(table, rowid, &row.old, &row.new, &modify.assigned, reveal)?;
            }
            (ModifyKind::Delete, Some(rowid)) => {
                if !self.delete(table, rowid)? {
                    return Ok(false);
                }
                self.queue_delete(table, &row.old, reveal);
            }
            (ModifyKind::Update | ModifyKind::Delete, None) => {
                return Err(DatabaseError::internal("a row to change without a rowid"));
            }
        }
        Ok(true)
    }

    /// Writes the assigned and generated columns of a row and queues what follows.
    pub(crate) fn update_changed(
        &mut self,
        table: &Arc<TablePlan>,
        rowid: i64,
        old: &StoredRow,
        new: &StoredRow,
        assigned: &[usize],
        reveal: Option<&Reveal>,
    ) -> Result<()> {
        let mut columns: Vec<usize> = assigned.to_vec();
        columns.extend(table.columns.iter().enumerate().filter(|(_, c)| c.generated).map(|(at, _)| at));
        columns.sort_unstable();
        columns.dedup();
        self.update(table, rowid, new, &columns, reveal)?;
        self.queue_update(table, rowid, old, new, reveal);
        Ok(())
    }

    /// Policies, NOT NULL, CHECKs. A failed check option comes after the write: it is handed back.
    pub(crate) fn check(
        &self,
        table: &TablePlan,
        probe: Option<&Probe>,
        new: &[StoredValue],
        bindings: &Bindings<'_>,
        reveal: &Reveal,
        given: &[usize],
    ) -> Result<Option<DatabaseError>> {
        let answers = probe.map(|probe| self.probe(probe, bindings)).transpose()?.unwrap_or_default();
        let checks = probe.map_or(&[][..], |probe| probe.checks.as_slice());
        let mut late = None;
        let mut looked_at_nulls = false;
        for (check, answer) in checks.iter().zip(answers) {
            match check {
                Check::Policy { name, using } => {
                    if answer != Some(true) {
                        return Err(policy_violation(table, name.as_deref(), *using));
                    }
                }
                Check::Constraint { name } => {
                    if !looked_at_nulls {
                        self.check_nulls(table, new, reveal, given)?;
                        looked_at_nulls = true;
                    }
                    if answer == Some(false) {
                        return Err(self.check_violation(table, name, new, reveal, given)?);
                    }
                }
                Check::ViewOption { view } => {
                    if answer != Some(true) && late.is_none() {
                        let error = DatabaseError::new(
                            WITH_CHECK_OPTION_VIOLATION,
                            format!("new row violates check option for view \"{view}\""),
                        );
                        let detail = failing_row(table, new, reveal, given, &*self.frame)?;
                        late = Some(with_detail(error, detail));
                    }
                }
            }
        }
        if !looked_at_nulls {
            self.check_nulls(table, new, reveal, given)?;
        }
        Ok(late)
    }

    fn check_nulls(
        &self,
        table: &TablePlan,
        new: &[StoredValue],
        reveal: &Reveal,
        given: &[usize],
    ) -> Result<()> {
        for (column, value) in table.columns.iter().zip(new) {
            if column.not_null && value.is_null() {
                let error = DatabaseError::new(
                    NOT_NULL_VIOLATION,
                    format!(
                        "null value in column \"{}\" of relation \"{}\" violates not-null constraint",
                        column.name, table.name
                    ),
                )
                .on_table(&table.schema, &table.name)
                .on_column(&column.name);
                return Err(with_detail(error, failing_row(table, new, reveal, given, &*self.frame)?));
            }
        }
        Ok(())
    }

    fn check_violation(
        &self,
        table: &TablePlan,
        name: &str,
        new: &[StoredValue],
        reveal: &Reveal,
        given: &[usize],
    ) -> Result<DatabaseError> {
        let error = DatabaseError::new(
            CHECK_VIOLATION,
            format!("new row for relation \"{}\" violates check constraint \"{name}\"", table.name),
        )
        .on_table(&table.schema, &table.name)
        .on_constraint(name);
        Ok(with_detail(error, failing_row(table, new, reveal, given, &*self.frame)?))
    }

    /// INSERT … ON CONFLICT.
    fn upsert(
        &mut self,
        modify: &Modify,
        conflict: &Conflict,
        rows: Vec<SourceRow>,
        parameters: &[StoredValue],
        arguments: &[StoredValue],
        sink: &mut Sink,
    ) -> Result<u64> {
        self.refuse_reading_own_writes(modify, conflict, rows.len())?;
        let mut touched = HashSet::new();
        let mut count = 0;
        for (at, row) in rows.into_iter().enumerate() {
            if at % ROWS_PER_LOOK == 0 {
                self.work.check_deadline()?;
            }
            let ready = self.prepare_proposed(modify, row, parameters, arguments)?;
            let existing = self.conflicting_row(modify, conflict, &ready.new)?;
            let done = match (existing, &conflict.update) {
                (None, _) => {
                    let ready = self.with_returning(modify, ready, parameters, arguments);
                    let rowid = self.insert(&modify.table, &ready.new, Some(&modify.reveal))?;
                    self.queue_insert(&modify.table, rowid, &ready.new, Some(&modify.reveal));
                    touched.insert(rowid);
                    Some(ready)
                }
                (Some(_), None) => None,
                (Some(rowid), Some(update)) => {
                    if touched.contains(&rowid) {
                        return Err(touched_twice());
                    }
                    let done = self.conflict_update(modify, update, rowid, ready, parameters, arguments)?;
                    if done.is_some() {
                        touched.insert(rowid);
                    }
                    done
                }
            };
            if let Some(ready) = done {
                if let Some(error) = ready.late {
                    return Err(error);
                }
                count += 1;
                if let Some(returned) = ready.returned {
                    sink.take(&returned, &*self.frame)?;
                }
            }
        }
        Ok(count)
    }

    /// What reads the table between its own writes would see half of them.
    fn refuse_reading_own_writes(&self, modify: &Modify, conflict: &Conflict, rows: usize) -> Result<()> {
        if rows < 2 {
            return Ok(());
        }
        let update = conflict.update.as_ref();
        let probes = [
            modify.probe.as_ref(),
            update.and_then(|update| update.existing.as_ref()),
            update.and_then(|update| update.probe.as_ref()),
        ];
        let returning = match &modify.returning {
            Some(Projection::Query(statement)) => Some(statement),
            _ => None,
        };
        let statements = probes
            .into_iter()
            .flatten()
            .map(|probe| &probe.statement)
            .chain(update.map(|update| &update.values))
            .chain(returning);
        for statement in statements {
            if statement.access.reads.iter().any(|(table, _)| *table == modify.table.sqlite_name) {
                return Err(DatabaseError::unsupported(
                    "INSERT … ON CONFLICT of several rows whose checks or RETURNING read the table itself",
                ));
            }
        }
        Ok(())
    }

    fn prepare_proposed(
        &self,
        modify: &Modify,
        row: SourceRow,
        parameters: &[StoredValue],
        arguments: &[StoredValue],
    ) -> Result<Ready> {
        let table = &*modify.table;
        let SourceRow { values: mut new, extra, .. } = row;
        self.generate(table, &mut new)?;
        let bindings = self.bindings(parameters, arguments).rows(Some(&new), None);
        let late =
            self.check(table, modify.probe.as_ref(), &new, &bindings, &modify.reveal, &modify.assigned)?;
        Ok(Ready { rowid: None, old: Vec::new(), new, extra, returned: None, late })
    }

    fn with_returning(
        &self,
        modify: &Modify,
        mut ready: Ready,
        parameters: &[StoredValue],
        arguments: &[StoredValue],
    ) -> Ready {
        if ready.late.is_none() {
            match self.returning(modify, &ready, parameters, arguments) {
                Ok(returned) => ready.returned = returned,
                Err(error) => ready.late = Some(error),
            }
        }
        ready
    }

    fn check_policies(
        &self,
        table: &TablePlan,
        probe: Option<&Probe>,
        bindings: &Bindings<'_>,
    ) -> Result<()> {
        let Some(probe) = probe else { return Ok(()) };
        for (check, answer) in probe.checks.iter().zip(self.probe(probe, bindings)?) {
            if let Check::Policy { name, using } = check
                && answer != Some(true)
            {
                return Err(policy_violation(table, name.as_deref(), *using));
            }
        }
        Ok(())
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

    /// DO UPDATE of the row that is there. `None` when its WHERE does not hold.
    fn conflict_update(
        &mut self,
        modify: &Modify,
        update: &ConflictUpdate,
        rowid: i64,
        proposed: Ready,
        parameters: &[StoredValue],
        arguments: &[StoredValue],
    ) -> Result<Option<Ready>> {
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
        let mut new = assign(&old, &update.assigned, values.collect());
        self.generate(table, &mut new)?;
        let mut bindings = self.bindings(parameters, arguments).rows(Some(&new), Some(&old));
        bindings.excluded = Some(&proposed.new);
        let late =
            self.check(table, update.probe.as_ref(), &new, &bindings, &modify.reveal, &update.assigned)?;
        let ready = Ready { rowid: Some(rowid), old, new, extra: proposed.extra, returned: None, late };
        let ready = self.with_returning(modify, ready, parameters, arguments);
        let reveal = Some(&modify.reveal);
        self.update_changed(table, rowid, &ready.old, &ready.new, &update.assigned, reveal)?;
        Ok(Some(ready))
    }
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

fn with_detail(error: DatabaseError, detail: Option<String>) -> DatabaseError {
    match detail {
        Some(detail) => error.with_detail(detail),
        None => error,
    }
}

fn policy_violation(table: &TablePlan, name: Option<&str>, using: bool) -> DatabaseError {
    let name = name.map(|name| format!(" \"{name}\"")).unwrap_or_default();
    let using = if using { " (USING expression)" } else { "" };
    DatabaseError::new(
        INSUFFICIENT_PRIVILEGE,
        format!("new row violates row-level security policy{name}{using} for table \"{}\"", table.name),
    )
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
