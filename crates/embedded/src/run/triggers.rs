//! Triggers: which fire, BEFORE triggers on their rows, and what is to be kept from seeing their writes.

use super::Run;
use super::rows::StoredRow;
use crate::settings::search_path;
use crate::slot::Buffer;
use catalog::{Oid, Relation};
use compile::Asker;
use compile::mutant::{self, Mutant};
use compile::program::{ModifyKind, Program, RoutinePlan, SqliteStatement, Step, TablePlan};
use compile::triggers::{Level, Timing, firing};
use datum::StoredValue;
use sqlstate::{DatabaseError, Result, TRIGGERED_DATA_CHANGE_VIOLATION};
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// A trigger for one kind of change.
pub(crate) struct Trigger {
    pub(crate) relation: Arc<Relation>,
    pub(crate) trigger: catalog::Trigger,
    pub(crate) kind: ModifyKind,
    /// The rows that its statement changed, if it names them as tables.
    pub(crate) transitions: Option<Arc<Transitions>>,
}

/// The rows that a statement changed, before and after, by kind of change.
#[derive(Default)]
pub(crate) struct Transitions(Mutex<ByKind>);

/// The rows before and after, by kind of change.
type ByKind = HashMap<ModifyKind, (Vec<StoredRow>, Vec<StoredRow>)>;

impl Transitions {
    fn rows(&self) -> MutexGuard<'_, ByKind> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A row was changed.
    pub(crate) fn note(&self, kind: ModifyKind, old: Option<&StoredRow>, new: Option<&StoredRow>) {
        let mut rows = self.rows();
        let (olds, news) = rows.entry(kind).or_default();
        olds.extend(old.cloned());
        news.extend(new.cloned());
    }

    /// The rows before and after.
    pub(crate) fn of(&self, kind: ModifyKind) -> (Buffer, Buffer) {
        let (old, new) = self.rows().get(&kind).cloned().unwrap_or_default();
        (Arc::new(old), Arc::new(new))
    }
}

impl Trigger {
    pub(crate) fn name(&self) -> &str {
        &self.trigger.name
    }
}

/// The row triggers that a statement fires on a table, by name.
#[derive(Default)]
pub(crate) struct RowTriggers {
    pub(crate) before: Vec<Arc<Trigger>>,
    pub(crate) after: Vec<Arc<Trigger>>,
}

/// A moment in the sequence of what triggers wrote.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark(u64);

/// What functions of triggers wrote during a statement, and how deep they were nested.
#[derive(Default)]
pub(crate) struct TriggerWrites {
    sequence: u64,
    rows: HashMap<(Oid, i64), (u64, u32)>,
    tables: HashMap<(u32, String), u64>,
}

impl Run<'_> {
    fn triggers(
        &self,
        table: &TablePlan,
        level: Level,
        timing: Timing,
        kind: ModifyKind,
        assigned: &[usize],
        transitions: Option<&Arc<Transitions>>,
    ) -> Result<Vec<Arc<Trigger>>> {
        let Some(relation) = self.state.catalog.relations.get(&table.oid) else { return Ok(Vec::new()) };
        if relation.triggers.is_empty() {
            return Ok(Vec::new());
        }
        let found = firing(&self.state.catalog, relation, level, timing, kind, assigned)?;
        let made = |trigger: &catalog::Trigger| {
            let names_tables = trigger.old_table.is_some() || trigger.new_table.is_some();
            Arc::new(Trigger {
                relation: Arc::clone(relation),
                trigger: trigger.clone(),
                kind,
                transitions: transitions.filter(|_| names_tables).cloned(),
            })
        };
        Ok(found.into_iter().map(made).collect())
    }

    /// Where the rows that a statement changes are kept, if a trigger of the table names them as tables.
    pub(crate) fn transitions(&self, table: &TablePlan) -> Option<Arc<Transitions>> {
        let relation = self.state.catalog.relations.get(&table.oid)?;
        let names = |trigger: &catalog::Trigger| {
            trigger.enabled && (trigger.old_table.is_some() || trigger.new_table.is_some())
        };
        relation.triggers.iter().any(names).then(Arc::default)
    }

    /// The row triggers that a change of this kind fires.
    pub(crate) fn row_triggers(
        &self,
        table: &TablePlan,
        kind: ModifyKind,
        assigned: &[usize],
        transitions: Option<&Arc<Transitions>>,
    ) -> Result<RowTriggers> {
        Ok(RowTriggers {
            before: self.triggers(table, Level::Row, Timing::Before, kind, assigned, None)?,
            after: self.triggers(table, Level::Row, Timing::After, kind, assigned, transitions)?,
        })
    }

    /// The triggers that do the work of a statement on a view.
    pub(crate) fn instead_triggers(
        &self,
        table: &TablePlan,
        kind: ModifyKind,
        assigned: &[usize],
    ) -> Result<Vec<Arc<Trigger>>> {
        self.triggers(table, Level::Row, Timing::Instead, kind, assigned, None)
    }

    /// Several WITH that change rows run one after another here, hand in hand in PostgreSQL: triggers would tell.
    pub(crate) fn refuse_interleaved_triggers(&self, program: &Program) -> Result<()> {
        let changes = program.steps.iter().filter_map(|step| match step {
            Step::Modify { modify, .. } => Some(&modify.table),
            Step::Merge(merge) => Some(&merge.table),
            _ => None,
        });
        let tables: Vec<_> = changes.collect();
        let relations = &self.state.catalog.relations;
        let has_triggers =
            |table: &&Arc<TablePlan>| relations.get(&table.oid).is_some_and(|row| !row.triggers.is_empty());
        if tables.len() > 1 && tables.into_iter().any(|table| has_triggers(&table)) {
            return Err(DatabaseError::unsupported("several WITH that change rows of tables with triggers"));
        }
        Ok(())
    }

    /// The row triggers that a referential action fires.
    pub(crate) fn action_triggers(
        &self,
        table: &TablePlan,
        kind: ModifyKind,
        assigned: &[usize],
    ) -> Result<RowTriggers> {
        for timing in [Timing::Before, Timing::After] {
            let found = self.triggers(table, Level::Statement, timing, kind, assigned, None)?;
            if let [trigger, ..] = found.as_slice() {
                return Err(DatabaseError::unsupported(format_args!(
                    "statement trigger \"{}\" on table \"{}\" in a referential action",
                    trigger.name(),
                    table.name
                )));
            }
        }
        if mutant::is(Mutant::ActionsFireNothing) {
            return Ok(RowTriggers::default());
        }
        let found = self.row_triggers(table, kind, assigned, None)?;
        for trigger in &found.after {
            if trigger.trigger.old_table.is_some() || trigger.trigger.new_table.is_some() {
                return Err(DatabaseError::unsupported(format_args!(
                    "trigger \"{}\" with a transition table on table \"{}\" in a referential action",
                    trigger.name(),
                    table.name
                )));
            }
        }
        Ok(found)
    }

    /// Runs a referential action as the owner of the table that it changes.
    pub(crate) fn as_owner<T>(
        &mut self,
        table: &TablePlan,
        run: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        let catalog = &self.state.catalog;
        let owner = catalog.relations.get(&table.oid).and_then(|row| catalog.roles.get(&row.owner));
        let Some(owner) = owner.filter(|_| !mutant::is(Mutant::ActionAsAsker)) else { return run(self) };
        let owner = self.role_named(&owner.name.clone())?;
        let outer = std::mem::replace(&mut self.role, owner);
        let done = run(self);
        self.role = outer;
        done
    }

    /// Fires BEFORE triggers on a row, one after another; gives the row as they leave it, or `None` when one leaves it out.
    pub(crate) fn fire_before(
        &mut self,
        table: &Arc<TablePlan>,
        triggers: &[Arc<Trigger>],
        mut new: StoredRow,
        old: Option<&StoredRow>,
    ) -> Result<Option<StoredRow>> {
        for trigger in triggers {
            let is_delete = trigger.kind == ModifyKind::Delete;
            let proposed = (!is_delete).then_some(&new);
            if !self.condition_holds(trigger, proposed, old)? {
                continue;
            }
            match self.run_trigger(trigger, table, proposed, old)? {
                None => return Ok(None),
                Some(_) if is_delete => {}
                Some(row) => new = row,
            }
        }
        Ok(Some(new))
    }

    /// Fires the statement's own BEFORE triggers for these kinds of change, in order, with the columns that it sets.
    pub(crate) fn fire_before_statement(
        &mut self,
        table: &Arc<TablePlan>,
        kinds: &[(ModifyKind, &[usize])],
    ) -> Result<()> {
        for (kind, assigned) in kinds {
            for trigger in self.triggers(table, Level::Statement, Timing::Before, *kind, assigned, None)? {
                if self.condition_holds(&trigger, None, None)? {
                    self.run_trigger(&trigger, table, None, None)?;
                }
            }
        }
        Ok(())
    }

    /// Queues the statement's own AFTER triggers for these kinds of change, in order.
    pub(crate) fn queue_after_statement(
        &mut self,
        table: &Arc<TablePlan>,
        kinds: &[(ModifyKind, &[usize])],
        transitions: Option<&Arc<Transitions>>,
    ) -> Result<()> {
        for (kind, assigned) in kinds {
            let (level, timing) = (Level::Statement, Timing::After);
            for trigger in self.triggers(table, level, timing, *kind, assigned, transitions)? {
                if self.condition_holds(&trigger, None, None)? {
                    self.queue_statement_trigger(trigger, table);
                }
            }
        }
        Ok(())
    }

    /// Whether a trigger's WHEN holds.
    pub(crate) fn condition_holds(
        &self,
        trigger: &Trigger,
        new: Option<&StoredRow>,
        old: Option<&StoredRow>,
    ) -> Result<bool> {
        if trigger.trigger.when.is_none() {
            return Ok(true);
        }
        let path = self.current_path();
        let condition = self.plans.condition(&self.state, &self.asker(&path), trigger)?;
        let Some(condition) = condition else { return Ok(true) };
        let bindings = self.bindings(&[], &[]).rows(new.map(Vec::as_slice), old.map(Vec::as_slice));
        let answer = self.one_row(&condition, &bindings)?;
        Ok(matches!(answer.first(), Some(StoredValue::Integer(truth)) if *truth != 0))
    }

    /// A trigger's function, compiled for the role in effect.
    pub(crate) fn routine(&self, trigger: &Trigger) -> Result<Arc<RoutinePlan>> {
        let path = self.current_path();
        self.plans.routine(&self.state, &self.asker(&path), trigger)
    }

    /// Whether a trigger's function neither reads nor writes any table.
    pub(crate) fn looks_at_nothing(&self, trigger: &Trigger) -> bool {
        self.routine(trigger).is_ok_and(|routine| !routine.touches_tables)
    }

    pub(super) fn asker<'p>(&self, path: &'p [String]) -> Asker<'p> {
        Asker { role: self.role.oid, session_user: self.session_user_oid(), search_path: path }
    }

    /// The search path by now: as settings have it, and before it the schema of temporary tables, if there are any.
    pub(crate) fn current_path(&self) -> Vec<String> {
        let mut path = self.path_of_settings();
        if self.state.catalog.schema(&self.temporary_schema).is_some() {
            path.insert(0, self.temporary_schema.to_string());
        }
        path
    }

    /// The search path as settings have it by now.
    pub(super) fn path_of_settings(&self) -> Vec<String> {
        search_path(self.work.settings().get("search_path").unwrap_or_default(), &self.role.name)
    }

    // ------------------------------------------------------------------ what triggers wrote

    /// Now, in the sequence of what triggers wrote.
    pub(crate) fn mark(&self) -> Mark {
        Mark(self.trigger_writes.borrow().sequence)
    }

    /// A new statement of the work begins.
    pub(crate) fn forget_trigger_writes(&self) {
        let mut writes = self.trigger_writes.borrow_mut();
        if writes.sequence > 0 {
            *writes = TriggerWrites::default();
        }
    }

    /// Notes a row that was written, when it was a trigger's function or one that the statement calls that did it.
    pub(crate) fn note_write(&self, table: &TablePlan, rowid: i64) {
        let depth = self.trigger_depth + self.calls;
        if depth == 0 {
            return;
        }
        let mut writes = self.trigger_writes.borrow_mut();
        writes.sequence += 1;
        let sequence = writes.sequence;
        writes.rows.insert((table.oid, rowid), (sequence, depth));
        writes.tables.insert((depth, table.sqlite_name.clone()), sequence);
    }

    /// 27000 if a trigger of the statement has changed the row that the statement is about to change.
    pub(crate) fn refuse_changed_row(
        &self,
        table: &TablePlan,
        rowid: i64,
        mark: Mark,
        kind: ModifyKind,
    ) -> Result<()> {
        let writes = self.trigger_writes.borrow();
        let changed = writes.rows.get(&(table.oid, rowid));
        if !changed.is_some_and(|(at, depth)| *at > mark.0 && *depth > self.trigger_depth + self.calls) {
            return Ok(());
        }
        let done = if kind == ModifyKind::Delete { "deleted" } else { "updated" };
        Err(DatabaseError::new(
            TRIGGERED_DATA_CHANGE_VIOLATION,
            format!(
                "tuple to be {done} was already modified by an operation triggered by the current command"
            ),
        )
        .with_hint(
            "Consider using an AFTER trigger instead of a BEFORE trigger to propagate changes to other rows.",
        ))
    }

    /// 0A000 if a statement reads what a trigger wrote since: PostgreSQL shows it the state before.
    pub(crate) fn refuse_reading_written<'s>(
        &self,
        statements: impl Iterator<Item = &'s SqliteStatement>,
        mark: Mark,
    ) -> Result<()> {
        let writes = self.trigger_writes.borrow();
        if writes.sequence == mark.0 {
            return Ok(());
        }
        let written = |name: &String| {
            writes.tables.iter().any(|((depth, table), at)| {
                table == name && *at > mark.0 && *depth > self.trigger_depth + self.calls
            })
        };
        for statement in statements {
            if let Some((table, _)) = statement.access.reads.iter().find(|(table, _)| written(table)) {
                return Err(DatabaseError::unsupported(format_args!(
                    "a statement that reads {table}, which its own BEFORE trigger or function changes"
                )));
            }
        }
        Ok(())
    }
}
