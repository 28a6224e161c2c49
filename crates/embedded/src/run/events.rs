//! What a statement leaves to its end, as PostgreSQL's AFTER triggers do: foreign key checks, referential actions, deferrable
//! unique keys. One queue, in the order of the row changes; what an action changes joins the same queue.

use super::Run;
use super::describe;
use super::order::Order;
use super::rows::StoredRow;
use super::triggers::Trigger;
use catalog::{Oid, ReferentialAction};
use compile::mutant::{self, Mutant};
use compile::program::{ForeignKeyPlan, ModifyKind, Reveal, TablePlan, UniquePlan};
use datum::StoredValue;
use sqlstate::{DatabaseError, FOREIGN_KEY_VIOLATION, Result};
use std::cell::RefCell;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

/// The queues of a work.
#[derive(Clone, Default)]
pub(crate) struct Events {
    now: VecDeque<Event>,
    deferred: VecDeque<Event>,
    /// What errors may show, by table and role.
    reveals: HashMap<(Oid, Oid), Arc<Reveal>>,
    /// SET CONSTRAINTS ALL.
    all_deferred: Option<bool>,
    /// SET CONSTRAINTS by name.
    some_deferred: HashMap<Oid, bool>,
    /// The rows that go to the end of their tables.
    pub(crate) order: RefCell<Order>,
}

/// What happens at the end of a statement or transaction.
#[derive(Clone)]
pub(crate) enum Event {
    /// An AFTER trigger.
    Trigger { trigger: Arc<Trigger>, table: Arc<TablePlan>, row: Arc<ChangedRow> },
    /// A deferrable unique key of a row that was written.
    Unique { table: Arc<TablePlan>, unique: usize, rowid: i64 },
    /// A row that refers to another was written.
    Referencing { table: Arc<TablePlan>, key: Arc<ForeignKeyPlan>, rowid: i64 },
    /// A row that others may refer to is gone.
    Deleted { key: Arc<ForeignKeyPlan>, old: StoredRow },
    /// A row that others may refer to has another key.
    Updated { key: Arc<ForeignKeyPlan>, old: StoredRow, new: StoredRow },
}

/// A row before and after its change.
pub(crate) struct ChangedRow {
    pub(crate) new: Option<StoredRow>,
    pub(crate) old: Option<StoredRow>,
}

impl Event {
    /// By what PostgreSQL sorts the triggers of a row: its own have names too.
    fn name(&self) -> &str {
        match self {
            Event::Trigger { trigger, .. } => trigger.name(),
            Event::Deleted { .. } | Event::Updated { .. } => "RI_ConstraintTrigger_a_",
            Event::Referencing { .. } => "RI_ConstraintTrigger_c_",
            Event::Unique { .. } => "Unique_ConstraintTrigger_",
        }
    }
}

impl Event {
    /// Its row got another place.
    pub(crate) fn move_rows(&mut self, place: &dyn Fn(Oid, i64) -> i64) {
        match self {
            Event::Unique { table, rowid, .. } | Event::Referencing { table, rowid, .. } => {
                *rowid = place(table.oid, *rowid);
            }
            Event::Trigger { .. } | Event::Deleted { .. } | Event::Updated { .. } => {}
        }
    }
}

impl Run<'_> {
    /// How much is queued for the statement's end and for the transaction's.
    pub(crate) fn queued(&self) -> (usize, usize) {
        (self.events.now.len(), self.events.deferred.len())
    }

    /// Takes what was queued since.
    pub(crate) fn queued_since(&mut self, now: usize, deferred: usize) -> (Vec<Event>, Vec<Event>) {
        let now = self.events.now.split_off(now.min(self.events.now.len()));
        let deferred = self.events.deferred.split_off(deferred.min(self.events.deferred.len()));
        (now.into(), deferred.into())
    }

    /// Queues what was taken.
    pub(crate) fn queue_again(&mut self, now: Vec<Event>, deferred: Vec<Event>) {
        self.events.now.extend(now);
        self.events.deferred.extend(deferred);
    }

    /// What errors may show the role in effect of a table, as its statement has it.
    pub(crate) fn remember_reveal(&mut self, table: Oid, reveal: Option<&Reveal>) {
        if let Some(reveal) = reveal {
            self.events.reveals.entry((table, self.role.oid)).or_insert_with(|| Arc::new(reveal.clone()));
        }
    }

    /// What errors may show the role in effect of a table.
    fn reveal(&self, table: &TablePlan) -> Arc<Reveal> {
        match self.events.reveals.get(&(table.oid, self.role.oid)) {
            Some(reveal) => Arc::clone(reveal),
            None => Arc::new(crate::plan::reveal(&self.state.catalog, table, self.role.oid)),
        }
    }

    /// A row was inserted.
    pub(crate) fn queue_insert(
        &mut self,
        table: &Arc<TablePlan>,
        rowid: i64,
        new: &StoredRow,
        reveal: Option<&Reveal>,
        triggers: &[Arc<Trigger>],
    ) -> Result<()> {
        self.remember_reveal(table.oid, reveal);
        let mut events = Vec::new();
        for key in by_oid(&table.foreign_keys) {
            if must_refer(key, &referencing_key(key, new)) {
                events.push(Event::Referencing { table: Arc::clone(table), key: Arc::clone(key), rowid });
            }
        }
        uniques(&mut events, table, rowid);
        self.queue(events, table, triggers, Some(new), None)
    }

    /// A row was updated.
    pub(crate) fn queue_update(
        &mut self,
        table: &Arc<TablePlan>,
        rowid: i64,
        (old, new): (&StoredRow, &StoredRow),
        reveal: Option<&Reveal>,
        triggers: &[Arc<Trigger>],
    ) -> Result<()> {
        self.remember_reveal(table.oid, reveal);
        let mut events = Vec::new();
        for key in by_oid(&table.references) {
            let (before, after) = (referenced_key(key, old), referenced_key(key, new));
            if before != after && !before.iter().any(StoredValue::is_null) {
                events.push(Event::Updated { key: Arc::clone(key), old: before, new: after });
            }
        }
        for key in by_oid(&table.foreign_keys) {
            let after = referencing_key(key, new);
            if must_refer(key, &after) && referencing_key(key, old) != after {
                events.push(Event::Referencing { table: Arc::clone(table), key: Arc::clone(key), rowid });
            }
        }
        uniques(&mut events, table, rowid);
        self.queue(events, table, triggers, Some(new), Some(old))
    }

    /// A row was deleted.
    pub(crate) fn queue_delete(
        &mut self,
        table: &Arc<TablePlan>,
        old: &StoredRow,
        reveal: Option<&Reveal>,
        triggers: &[Arc<Trigger>],
    ) -> Result<()> {
        self.remember_reveal(table.oid, reveal);
        let mut events = Vec::new();
        for key in by_oid(&table.references) {
            let before = referenced_key(key, old);
            if !before.iter().any(StoredValue::is_null) {
                events.push(Event::Deleted { key: Arc::clone(key), old: before });
            }
        }
        self.queue(events, table, triggers, None, Some(old))
    }

    /// Queues what follows from a row's change: the keys' own events, and the triggers among them by name.
    fn queue(
        &mut self,
        mut events: Vec<Event>,
        table: &Arc<TablePlan>,
        triggers: &[Arc<Trigger>],
        new: Option<&StoredRow>,
        old: Option<&StoredRow>,
    ) -> Result<()> {
        let mut rows = None;
        for trigger in triggers {
            if !self.condition_holds(trigger, new, old)? {
                continue;
            }
            let rows =
                rows.get_or_insert_with(|| Arc::new(ChangedRow { new: new.cloned(), old: old.cloned() }));
            let event = Event::Trigger {
                trigger: Arc::clone(trigger),
                table: Arc::clone(table),
                row: Arc::clone(rows),
            };
            if mutant::is(Mutant::AfterAtOnce) {
                self.fire(event)?;
            } else {
                events.push(event);
            }
        }
        if !triggers.is_empty() && !mutant::is(Mutant::TriggersReversed) {
            events.sort_by(|left, right| left.name().cmp(right.name()));
        }
        self.events.now.extend(events);
        Ok(())
    }

    /// Queues a trigger that fires once, at the end of a statement.
    pub(crate) fn queue_statement_trigger(&mut self, trigger: Arc<Trigger>, table: &Arc<TablePlan>) {
        let row = Arc::new(ChangedRow { new: None, old: None });
        self.events.now.push_back(Event::Trigger { trigger, table: Arc::clone(table), row });
    }

    /// What is queued is set aside while a statement within runs; gives what to put back.
    pub(crate) fn begin_events(&mut self) -> VecDeque<Event> {
        if mutant::is(Mutant::NestedWithOuter) {
            VecDeque::new()
        } else {
            std::mem::take(&mut self.events.now)
        }
    }

    /// Puts back what was set aside.
    pub(crate) fn end_events(&mut self, outer: VecDeque<Event>) {
        if !mutant::is(Mutant::NestedWithOuter) {
            self.events.now = outer;
        }
    }

    /// The end of a statement: everything that is not deferred.
    pub(crate) fn fire_statement_end(&mut self) -> Result<()> {
        while let Some(event) = self.events.now.pop_front() {
            if self.is_deferred(&event) {
                self.events.deferred.push_back(event);
            } else {
                self.fire(event)?;
            }
        }
        Ok(())
    }

    /// The end of the work: everything.
    pub(crate) fn fire_deferred(&mut self) -> Result<()> {
        self.set_constraints(None, false)
    }

    /// SET CONSTRAINTS.
    pub(crate) fn set_constraints(&mut self, constraints: Option<&[Oid]>, deferred: bool) -> Result<()> {
        match constraints {
            None => {
                self.events.all_deferred = Some(deferred);
                self.events.some_deferred.clear();
            }
            Some(oids) => {
                self.events.some_deferred.extend(oids.iter().map(|oid| (*oid, deferred)));
            }
        }
        if !deferred {
            self.events.now.append(&mut self.events.deferred);
            self.fire_statement_end()?;
        }
        Ok(())
    }

    fn is_deferred(&self, event: &Event) -> bool {
        let (oid, deferrable, initially) = match event {
            Event::Trigger { trigger, .. } => {
                let trigger = &trigger.trigger;
                (Some(trigger.oid), trigger.constraint && trigger.deferrable, trigger.initially_deferred)
            }
            Event::Unique { table, unique, .. } => {
                let Some(unique) = table.uniques.get(*unique) else { return false };
                (self.constraint_oid(table, unique), unique.deferrable, unique.initially_deferred)
            }
            Event::Referencing { key, .. } => (Some(key.oid), key.deferrable, key.initially_deferred),
            Event::Deleted { key, .. } => {
                let waits = key.deferrable && key.on_delete == ReferentialAction::NoAction;
                (Some(key.oid), waits, key.initially_deferred)
            }
            Event::Updated { key, .. } => {
                let waits = key.deferrable && key.on_update == ReferentialAction::NoAction;
                (Some(key.oid), waits, key.initially_deferred)
            }
        };
        let set =
            oid.and_then(|oid| self.events.some_deferred.get(&oid).copied()).or(self.events.all_deferred);
        deferrable && set.unwrap_or(initially)
    }

    fn constraint_oid(&self, table: &TablePlan, unique: &UniquePlan) -> Option<Oid> {
        let relation = self.state.catalog.relations.get(&table.oid)?;
        relation.constraints.iter().find(|row| row.name == unique.name).map(|row| row.oid)
    }

    fn fire(&mut self, event: Event) -> Result<()> {
        self.work.check_deadline()?;
        match event {
            Event::Trigger { trigger, table, row } => {
                self.run_trigger(&trigger, &table, row.new.as_ref(), row.old.as_ref()).map(|_| ())
            }
            Event::Unique { table, unique, rowid } => self.check_unique(&table, unique, rowid),
            Event::Referencing { table, key, rowid } => self.check_referencing(&table, &key, rowid),
            Event::Deleted { key, old } => {
                let action = key.on_delete;
                self.act(&key, action, &old, None)
            }
            Event::Updated { key, old, new } => {
                let action = key.on_update;
                self.act(&key, action, &old, Some(&new))
            }
        }
    }

    fn check_unique(&mut self, table: &TablePlan, unique: usize, rowid: i64) -> Result<()> {
        let Some(row) = self.fetch(table, rowid)? else { return Ok(()) };
        let Some(unique) = table.uniques.get(unique) else { return Ok(()) };
        match self.other_with_key(unique, &row, Some(rowid))? {
            Some((_, key)) => {
                let reveal = self.reveal(table);
                Err(self.unique_violation(table, unique, &key, Some(&*reveal)))
            }
            None => Ok(()),
        }
    }

    /// The row that refers, as it is by now, must have its referenced row.
    pub(crate) fn check_referencing(
        &self,
        table: &TablePlan,
        key: &ForeignKeyPlan,
        rowid: i64,
    ) -> Result<()> {
        let Some(row) = self.fetch(table, rowid)? else { return Ok(()) };
        let values = referencing_key(key, &row);
        if !must_refer(key, &values) {
            return Ok(());
        }
        let mixed = values.iter().any(StoredValue::is_null);
        if !mixed && self.is_referenced_there(key, &values)? {
            return Ok(());
        }
        let error = DatabaseError::new(
            FOREIGN_KEY_VIOLATION,
            format!(
                "insert or update on table \"{}\" violates foreign key constraint \"{}\"",
                table.name, key.name
            ),
        )
        .on_table(&table.schema, &table.name)
        .on_constraint(&key.name);
        if mixed {
            return Err(error.with_detail("MATCH FULL does not allow mixing of null and nonnull key values."));
        }
        let shown = self.shown_key(
            table,
            &key.columns.iter().map(|(at, name)| (*at, name.as_str())).collect::<Vec<_>>(),
            &values,
        )?;
        Err(error.with_detail(match shown {
            Some(shown) => format!("Key {shown} is not present in table \"{}\".", key.referenced.2),
            None => format!("Key is not present in table \"{}\".", key.referenced.2),
        }))
    }

    fn is_referenced_there(&self, key: &ForeignKeyPlan, values: &[StoredValue]) -> Result<bool> {
        let mut found = false;
        self.connection.query(&key.find_referenced, &self.bindings(&[], &[]).key(values), |_| {
            found = true;
            Ok(())
        })?;
        Ok(found)
    }

    /// The rows that refer to a key.
    fn referencing_rows(&self, key: &ForeignKeyPlan, values: &[StoredValue]) -> Result<Vec<i64>> {
        let mut rows = Vec::new();
        self.connection.query(&key.find_referencing, &self.bindings(&[], &[]).key(values), |row| {
            rows.push(row.get(0).map_err(|error| self.connection.failure(&error))?);
            Ok(())
        })?;
        Ok(rows)
    }

    /// What becomes of the rows that refer to a key that is gone or another.
    fn act(
        &mut self,
        key: &Arc<ForeignKeyPlan>,
        action: ReferentialAction,
        old: &[StoredValue],
        new: Option<&[StoredValue]>,
    ) -> Result<()> {
        let rows = self.referencing_rows(key, old)?;
        if rows.is_empty() {
            return Ok(());
        }
        let table = self.state.table(key.table.0)?;
        match action {
            ReferentialAction::NoAction => self.require_none(&table, key, &rows, old, true),
            ReferentialAction::Restrict => self.require_none(&table, key, &rows, old, false),
            ReferentialAction::Cascade => match new {
                None => self.cascade_delete(&table, &rows),
                Some(new) => {
                    self.refuse_conversion(&table, key)?;
                    self.set_columns(&table, key, &rows, &|_| Ok(new.to_vec()), false)
                }
            },
            ReferentialAction::SetNull => {
                let nulls = vec![StoredValue::Null; key.columns.len()];
                self.set_columns(&table, key, &rows, &|_| Ok(nulls.clone()), new.is_none())
            }
            ReferentialAction::SetDefault => {
                if new.is_some() && key.set_columns.len() < key.columns.len() && !key.set_columns.is_empty() {
                    return Err(DatabaseError::unsupported(
                        "ON UPDATE SET DEFAULT beside ON DELETE SET DEFAULT of some columns",
                    ));
                }
                let defaults = |run: &Run<'_>| run.key_defaults(key);
                self.set_columns(&table, key, &rows, &defaults, new.is_none())?;
                // A default that equals the key that is gone leaves the rows as they were.
                let rows = self.referencing_rows(key, old)?;
                self.require_none(&table, key, &rows, old, true)
            }
        }
    }

    /// For each column of the key, what SET DEFAULT makes of it.
    fn key_defaults(&self, key: &ForeignKeyPlan) -> Result<Vec<StoredValue>> {
        let mut values = vec![StoredValue::Null; key.columns.len()];
        let Some(statement) = &key.defaults else { return Ok(values) };
        let defaults = self.one_row(statement, &self.bindings(&[], &[]))?;
        let all: Vec<usize> = (0..key.columns.len()).collect();
        let places = if key.set_columns.is_empty() { &all } else { &key.set_columns };
        for (at, value) in places.iter().zip(defaults) {
            if let Some(place) = values.get_mut(*at) {
                *place = value;
            }
        }
        Ok(values)
    }

    /// 23503 if a row still refers; with `another`, not if another row has the key by now.
    fn require_none(
        &self,
        table: &TablePlan,
        key: &ForeignKeyPlan,
        rows: &[i64],
        old: &[StoredValue],
        another: bool,
    ) -> Result<()> {
        let Some(first) = rows.first() else { return Ok(()) };
        if another
            && let Some(row) = self.fetch(table, *first)?
            && self.is_referenced_there(key, &referencing_key(key, &row))?
        {
            return Ok(());
        }
        let error = DatabaseError::new(
            FOREIGN_KEY_VIOLATION,
            format!(
                "update or delete on table \"{}\" violates foreign key constraint \"{}\" on table \"{}\"",
                key.referenced.2, key.name, table.name
            ),
        )
        .on_table(&table.schema, &table.name)
        .on_constraint(&key.name);
        let referenced = self.state.table(key.referenced.0)?;
        let columns: Vec<(usize, &str)> =
            key.referenced_columns.iter().map(|(at, name)| (*at, name.as_str())).collect();
        Err(error.with_detail(match self.shown_key(&referenced, &columns, old)? {
            Some(shown) => format!("Key {shown} is still referenced from table \"{}\".", table.name),
            None => format!("Key is still referenced from table \"{}\".", table.name),
        }))
    }

    /// A key for a DETAIL, if the role may see it.
    fn shown_key(
        &self,
        table: &TablePlan,
        columns: &[(usize, &str)],
        values: &[StoredValue],
    ) -> Result<Option<String>> {
        let reveal = self.reveal(table);
        let may = |at: usize| reveal.columns.get(at).is_some_and(|may| *may);
        if !reveal.rows || !columns.iter().all(|(at, _)| may(*at)) {
            return Ok(None);
        }
        let names: Vec<&str> = columns.iter().map(|(_, name)| *name).collect();
        let types: Vec<_> =
            columns.iter().filter_map(|(at, _)| table.columns.get(*at)).map(|row| row.type_ref).collect();
        describe::key(&names, &types, values, &*self.frame).map(Some)
    }

    fn cascade_delete(&mut self, table: &Arc<TablePlan>, rows: &[i64]) -> Result<()> {
        self.as_owner(table, |run| run.delete_rows(table, rows))
    }

    fn delete_rows(&mut self, table: &Arc<TablePlan>, rows: &[i64]) -> Result<()> {
        let triggers = self.action_triggers(table, ModifyKind::Delete, &[])?;
        let mark = self.mark();
        for rowid in rows {
            let Some(old) = self.fetch(table, *rowid)? else { continue };
            self.refuse_changed_row(table, *rowid, mark, ModifyKind::Update)?;
            if self.fire_before(table, &triggers.before, Vec::new(), Some(&old))?.is_none() {
                return Err(left_out(table));
            }
            self.refuse_changed_row(table, *rowid, mark, ModifyKind::Delete)?;
            if self.delete(table, *rowid)? {
                self.queue_delete(table, &old, None, &triggers.after)?;
            }
        }
        Ok(())
    }

    /// ON UPDATE CASCADE copies the stored key: both sides must store it alike.
    fn refuse_conversion(&self, table: &TablePlan, key: &ForeignKeyPlan) -> Result<()> {
        let referenced = self.state.table(key.referenced.0)?;
        for ((at, _), (other, _)) in key.columns.iter().zip(&key.referenced_columns) {
            let (here, there) = (table.columns.get(*at), referenced.columns.get(*other));
            if here.map(|row| row.type_ref) != there.map(|row| row.type_ref) {
                return Err(DatabaseError::unsupported(
                    "ON UPDATE CASCADE between columns of different types",
                ));
            }
        }
        Ok(())
    }

    /// Sets the referencing columns of these rows. It bypasses row security, not constraints.
    fn set_columns(
        &mut self,
        table: &Arc<TablePlan>,
        key: &ForeignKeyPlan,
        rows: &[i64],
        values: &dyn Fn(&Run<'_>) -> Result<Vec<StoredValue>>,
        only_named: bool,
    ) -> Result<()> {
        let values = values(self)?;
        let named = only_named && !key.set_columns.is_empty();
        let places = key.columns.iter().enumerate();
        let places = places.filter(|(at, _)| !named || key.set_columns.contains(at));
        let (assigned, values): (Vec<usize>, Vec<StoredValue>) = places
            .map(|(at, (column, _))| (*column, values.get(at).cloned().unwrap_or(StoredValue::Null)))
            .unzip();
        // Constraints are looked at as the table's owner, to whom nothing is hidden.
        let reveal =
            Reveal { rows: true, table: true, columns: vec![true; table.columns.len()], given: Vec::new() };
        self.as_owner(table, |run| run.update_rows(table, rows, &assigned, &values, &reveal))
    }

    fn update_rows(
        &mut self,
        table: &Arc<TablePlan>,
        rows: &[i64],
        assigned: &[usize],
        values: &[StoredValue],
        reveal: &Reveal,
    ) -> Result<()> {
        let triggers = self.action_triggers(table, ModifyKind::Update, assigned)?;
        let mark = self.mark();
        for rowid in rows {
            let Some(old) = self.fetch(table, *rowid)? else { continue };
            self.refuse_changed_row(table, *rowid, mark, ModifyKind::Update)?;
            let new = super::modify::assign(&old, assigned, values.to_vec());
            let fired = self.fire_before(table, &triggers.before, new, Some(&old))?;
            let Some(mut new) = fired else { return Err(left_out(table)) };
            self.refuse_changed_row(table, *rowid, mark, ModifyKind::Update)?;
            self.generate(table, &mut new)?;
            let bindings = self.bindings(&[], &[]).rows(Some(&new), Some(&old));
            self.check(table, table.checks.as_ref(), &new, &bindings, reveal)?;
            self.update_changed(table, *rowid, (&old, &new), assigned, Some(reveal), &triggers)?;
        }
        Ok(())
    }
}

/// PostgreSQL would leave a row that refers to nothing.
fn left_out(table: &TablePlan) -> DatabaseError {
    DatabaseError::unsupported(format_args!(
        "a BEFORE trigger on table \"{}\" that keeps a row from a referential action",
        table.name
    ))
}

fn uniques(events: &mut Vec<Event>, table: &Arc<TablePlan>, rowid: i64) {
    for (at, unique) in table.uniques.iter().enumerate() {
        if unique.deferrable {
            events.push(Event::Unique { table: Arc::clone(table), unique: at, rowid });
        }
    }
}

/// PostgreSQL names the triggers of keys after their OIDs and fires them by name: in order of creation.
fn by_oid(keys: &[Arc<ForeignKeyPlan>]) -> Vec<&Arc<ForeignKeyPlan>> {
    let mut keys: Vec<_> = keys.iter().collect();
    keys.sort_by_key(|key| key.oid);
    keys
}

fn referencing_key(key: &ForeignKeyPlan, row: &[StoredValue]) -> StoredRow {
    key.columns.iter().map(|(at, _)| row.get(*at).cloned().unwrap_or_default()).collect()
}

fn referenced_key(key: &ForeignKeyPlan, row: &[StoredValue]) -> StoredRow {
    key.referenced_columns.iter().map(|(at, _)| row.get(*at).cloned().unwrap_or_default()).collect()
}

/// Whether a key with these values is to be looked up at all; under MATCH FULL a mix of NULLs is to be refused.
fn must_refer(key: &ForeignKeyPlan, values: &[StoredValue]) -> bool {
    if key.match_full {
        !values.iter().all(StoredValue::is_null)
    } else {
        !values.iter().any(StoredValue::is_null)
    }
}
