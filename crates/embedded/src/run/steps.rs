//! The steps of a program.

use super::copy::CopyFrom;
use super::iterate::Iterate;
use super::redo::{is_entangled, refuse_entangled};
use super::rows::StoredRow;
use super::values::Leaving;
use super::{DEPTH, RoleNames, Run};
use crate::bindings::Bindings;
use crate::connection::owned_row;
use crate::stored::stored;
use compile::program::{Command, FunctionPlan, NEW_TABLE, OLD_TABLE, Program, SqliteStatement, Step, Target};
use database::Value;
use datum::{Context, StoredValue};
use rusqlite::Row;
use sqlstate::{DatabaseError, PROGRAM_LIMIT_EXCEEDED, Result, STATEMENT_TOO_COMPLEX};
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// A result of more bytes than this is refused.
const LARGEST_RESULT: usize = 512 << 20;

/// Where rows go.
pub(crate) enum Sink {
    /// Out of the port.
    Values { leaving: Arc<[Leaving]>, rows: Vec<Vec<Value>>, size: usize },
    /// To later steps.
    Stored { rows: Vec<StoredRow> },
    /// Nowhere.
    Count { count: u64 },
}

impl Sink {
    pub(crate) fn values(leaving: Arc<[Leaving]>) -> Sink {
        Sink::Values { leaving, rows: Vec::new(), size: 0 }
    }

    pub(crate) fn count(&self) -> u64 {
        match self {
            Sink::Values { rows, .. } => rows.len() as u64,
            Sink::Stored { rows } => rows.len() as u64,
            Sink::Count { count } => *count,
        }
    }

    /// Takes a row of stored values.
    pub(crate) fn take(&mut self, row: &[StoredValue], context: &dyn Context) -> Result<()> {
        match self {
            Sink::Values { leaving, rows, size } => {
                let mut values = Vec::with_capacity(leaving.len());
                for (leaving, value) in leaving.iter().zip(row) {
                    values.push(leaving.value(value.borrow(), context)?);
                }
                grow(size, &values)?;
                rows.push(values);
            }
            Sink::Stored { rows } => rows.push(row.to_vec()),
            Sink::Count { count } => *count += 1,
        }
        Ok(())
    }

    /// Takes a row of SQLite's.
    fn take_row(&mut self, row: &Row<'_>, context: &dyn Context) -> Result<()> {
        match self {
            Sink::Values { leaving, rows, size } => {
                let mut values = Vec::with_capacity(leaving.len());
                for (at, leaving) in leaving.iter().enumerate() {
                    let value = row.get_ref(at).map_err(|error| crate::error::from_sqlite(&error))?;
                    values.push(leaving.value(stored(value)?, context)?);
                }
                grow(size, &values)?;
                rows.push(values);
            }
            Sink::Stored { rows } => rows.push(owned_row(row, 0, row.as_ref().column_count())?),
            Sink::Count { count } => *count += 1,
        }
        Ok(())
    }
}

/// 54001, with PostgreSQL's hint.
pub(crate) fn stack_depth_exceeded() -> DatabaseError {
    DatabaseError::new(STATEMENT_TOO_COMPLEX, "stack depth limit exceeded").with_hint(
        "Increase the configuration parameter \"max_stack_depth\" (currently 2048kB), after ensuring the platform's stack depth limit is adequate.",
    )
}

/// Counts a row in, and refuses a result that would take too much memory.
fn grow(size: &mut usize, row: &[Value]) -> Result<()> {
    let bytes = row.iter().map(|value| match value {
        Value::Text(text) => text.len(),
        Value::Bytes(bytes) => bytes.len(),
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) => 0,
    });
    *size += size_of_val(row) + bytes.sum::<usize>();
    if *size > LARGEST_RESULT {
        return Err(DatabaseError::new(PROGRAM_LIMIT_EXCEEDED, "the result is larger than 512 MB"));
    }
    Ok(())
}

impl Run<'_> {
    /// Runs a program; its result goes into `result`. How many rows its command concerned.
    pub(crate) fn program(
        &mut self,
        program: &Program,
        parameters: &[StoredValue],
        arguments: &[StoredValue],
        result: &mut Sink,
    ) -> Result<u64> {
        let outer = self.connection.slot.take_buffers();
        if let Some((old, new)) = &self.transition_rows {
            self.connection.slot.put_buffer(i64::from(OLD_TABLE), Arc::clone(old));
            self.connection.slot.put_buffer(i64::from(NEW_TABLE), Arc::clone(new));
        }
        let events = self.begin_events();
        let done = self.steps(program, parameters, arguments, result);
        self.connection.slot.restore_buffers(outer);
        let done = done.and_then(|modified| self.fire_statement_end().map(|()| modified));
        self.end_events(events);
        let modified = done?;
        Ok(match &program.command {
            Command::Select => result.count(),
            Command::Insert | Command::Update | Command::Delete | Command::Copy | Command::Merge => modified,
            Command::Other(_) => 0,
        })
    }

    fn steps(
        &mut self,
        program: &Program,
        parameters: &[StoredValue],
        arguments: &[StoredValue],
        result: &mut Sink,
    ) -> Result<u64> {
        let mark = self.mark();
        let mut modified = 0;
        self.refuse_interleaved_triggers(program)?;
        let entangled = is_entangled(program);
        if entangled {
            refuse_entangled(program)?;
        }
        let mut parts = Vec::new();
        let mut changed = false;
        for step in &program.steps {
            match step {
                Step::Query { statement, into } => {
                    self.refuse_reading_written(std::iter::once(statement), mark)?;
                    self.into(*into, result, |run, sink| run.select(statement, parameters, arguments, sink))?;
                }
                Step::Modify { modify, into } => {
                    changed = true;
                    let mut count = 0;
                    self.into(*into, result, |run, sink| {
                        if entangled {
                            let (rows, part) = run.modify_later(modify, parameters, arguments, sink)?;
                            parts.push(part);
                            count = rows;
                        } else {
                            count = run.modify(modify, parameters, arguments, sink)?;
                        }
                        Ok(())
                    })?;
                    // The statement's own change is the one that answers, not those of its WITH.
                    if !matches!(into, Target::Buffer(_)) {
                        modified = count;
                    }
                }
                Step::Iterate { first, next, working, distinct, into } => {
                    self.refuse_reading_written([first, next].into_iter(), mark)?;
                    let (working, distinct, into) = (*working, *distinct, *into);
                    let item = Iterate { first, next, working, distinct, into };
                    self.iterate(&item, parameters, arguments)?;
                }
                Step::Merge(merge) => {
                    changed = true;
                    modified = self.merge(merge, parameters, arguments)?;
                }
                Step::Function { function, arguments: call, into } => {
                    let row = self.one_row(call, &self.bindings(parameters, arguments))?;
                    self.into(*into, result, |run, sink| run.function(function, &row, sink))?;
                }
                Step::Call { routine, arguments: call, into } => {
                    if changed {
                        let what = format_args!("calling {} beside a change in one statement", routine.name);
                        return Err(DatabaseError::unsupported(what));
                    }
                    let row = self.one_row(call, &self.bindings(parameters, arguments))?;
                    let rows = self.call(routine, row)?;
                    self.into(*into, result, |run, sink| {
                        rows.iter().try_for_each(|row| sink.take(row, &*run.frame))
                    })?;
                }
                Step::CopyFrom { modify, columns, complete, one_by_one, filter, format } => {
                    let (complete, one_by_one, filter) = (*complete, *one_by_one, filter.as_ref());
                    let copy = CopyFrom { modify, columns, complete, one_by_one, filter, format };
                    modified = self.copy_from(&copy)?;
                }
                Step::CopyTo { statement, columns, format } => {
                    modified = self.copy_to(statement, columns, format)?;
                }
                Step::Ddl(statement) => self.define(statement)?,
                Step::Block(body) => self.run_block(body)?,
                Step::Set { name, value, local } => self.set(name, value.as_deref(), *local)?,
                Step::Explain { plan, json, analyze } => {
                    let measured = match analyze {
                        Some((program, timed)) => Some(self.measure(program, *timed, parameters, arguments)?),
                        None => None,
                    };
                    self.explain_plan(plan, *json, measured, result)?;
                }
                Step::Show(name) => self.show(name, result)?,
                Step::SetConstraints { constraints, deferred } => {
                    self.set_constraints(constraints.as_deref(), *deferred)?;
                }
                Step::Truncate { tables, restart } => self.truncate(tables, restart)?,
            }
        }
        self.write_parts(parts)?;
        Ok(modified)
    }

    /// Runs something whose rows go to a target.
    fn into(
        &mut self,
        target: Target,
        result: &mut Sink,
        run: impl FnOnce(&mut Self, &mut Sink) -> Result<()>,
    ) -> Result<()> {
        match target {
            Target::Result => run(self, result),
            Target::Discard => run(self, &mut Sink::Count { count: 0 }),
            Target::Buffer(number) => {
                let mut sink = Sink::Stored { rows: Vec::new() };
                run(self, &mut sink)?;
                if let Sink::Stored { rows } = sink {
                    self.connection.slot.put_buffer(i64::from(number), Arc::new(rows));
                }
                Ok(())
            }
        }
    }

    pub(crate) fn select(
        &self,
        statement: &SqliteStatement,
        parameters: &[StoredValue],
        arguments: &[StoredValue],
        sink: &mut Sink,
    ) -> Result<()> {
        let bindings: Bindings<'_> = self.bindings(parameters, arguments);
        self.connection.query(statement, &bindings, |row| sink.take_row(row, &*self.frame))
    }

    /// Runs a SQL function's statements as its role and under its settings.
    fn function(
        &mut self,
        function: &FunctionPlan,
        arguments: &[StoredValue],
        sink: &mut Sink,
    ) -> Result<()> {
        if self.depth >= DEPTH {
            return Err(stack_depth_exceeded());
        }
        self.depth += 1;
        self.calls += 1;
        let done = self.within(function.role.as_deref(), &function.settings, |run| {
            run.function_body(function, arguments, sink)
        });
        self.calls -= 1;
        self.depth -= 1;
        done
    }

    /// Runs a function's body as its role and under its SET clauses.
    pub(crate) fn within<T>(
        &mut self,
        role: Option<&str>,
        set: &[(String, String)],
        body: impl FnOnce(&mut Self) -> Result<T>,
    ) -> Result<T> {
        let role = match role {
            Some(name) => {
                let role = self.role_named(name)?;
                Some(std::mem::replace(&mut self.role, role))
            }
            None => None,
        };
        let settings = (!set.is_empty()).then(|| self.work.settings().clone());
        let definer = &self.work.security_definer;
        let outer = definer.swap(role.is_some() || definer.load(Ordering::Relaxed), Ordering::Relaxed);
        let done =
            self.apply_settings(set).and_then(|()| self.refuse_hidden_rows()).and_then(|()| body(self));
        self.work.security_definer.store(outer, Ordering::Relaxed);
        if let Some(settings) = settings {
            self.work.settings().restore(settings);
            self.refresh_frame();
        }
        if let Some(role) = role {
            self.role = role;
        }
        done
    }

    /// A function's SET clauses.
    fn apply_settings(&mut self, set: &[(String, String)]) -> Result<()> {
        for (name, value) in set {
            self.work.settings().set(name, value)?;
        }
        if !set.is_empty() {
            self.refresh_frame();
        }
        Ok(())
    }

    fn function_body(
        &mut self,
        function: &FunctionPlan,
        arguments: &[StoredValue],
        sink: &mut Sink,
    ) -> Result<()> {
        let mut last = Vec::new();
        for program in &function.body {
            self.work.check_deadline()?;
            let mut rows = Sink::Stored { rows: Vec::new() };
            self.program(program, &[], arguments, &mut rows)?;
            if let Sink::Stored { rows } = rows {
                last = rows;
            }
        }
        if !function.returns_set {
            last.truncate(1);
            if last.is_empty() {
                last.push(vec![StoredValue::Null; function.columns.len()]);
            }
        }
        last.iter().try_for_each(|row| sink.take(row, &*self.frame))
    }

    /// The role of this name.
    pub(crate) fn role_named(&self, name: &str) -> Result<RoleNames> {
        RoleNames::find(&self.state.catalog, name)
    }
}
