//! PL/pgSQL functions of triggers, run over their registers.

use super::Run;
use super::rows::StoredRow;
use super::steps::{Sink, stack_depth_exceeded};
use super::triggers::Trigger;
use compile::program::{Assignment, Instruction, Program, Returned, RoutinePlan, Rows, TablePlan};
use datum::StoredValue;
use sqlstate::{
    CARDINALITY_VIOLATION, DATATYPE_MISMATCH, DatabaseError, NO_DATA_FOUND, NULL_VALUE_NOT_ALLOWED, Result,
    TOO_MANY_ROWS,
};
use std::sync::Arc;

/// How much of the stack triggers may take: the writer's thread has 8 MB, and what a trigger runs needs some.
pub(super) const STACK_LIMIT: usize = 4 << 20;
/// How deep triggers may fire each other in any case.
const DEPTH: u32 = 2000;

/// About where the stack is now.
pub(crate) fn stack_address() -> usize {
    let here = 0_u8;
    std::ptr::from_ref(&here).addr()
}

impl Run<'_> {
    /// Runs a trigger's function. Gives the row that it returns.
    pub(crate) fn run_trigger(
        &mut self,
        trigger: &Trigger,
        table: &Arc<TablePlan>,
        new: Option<&StoredRow>,
        old: Option<&StoredRow>,
    ) -> Result<Option<StoredRow>> {
        let stack = self.stack_base.abs_diff(stack_address());
        if self.trigger_depth >= DEPTH || stack > STACK_LIMIT {
            return Err(stack_depth_exceeded());
        }
        self.work.check_deadline()?;
        let routine = self.routine(trigger)?;
        let mut registers = vec![StoredValue::Null; routine.registers];
        for (first, row) in [(routine.new, new), (routine.old, old)] {
            for (at, value) in row.into_iter().flatten().enumerate() {
                set(&mut registers, first + at, value.clone());
            }
        }
        for at in &routine.blank {
            set(&mut registers, routine.new + at, StoredValue::Null);
        }
        set(&mut registers, routine.found, StoredValue::from(false));
        self.trigger_depth += 1;
        let transitions = trigger.transitions.as_ref().map(|rows| rows.of(trigger.kind));
        let around = std::mem::replace(&mut self.transition_rows, transitions);
        let returned = self.within(routine.role.as_deref(), &routine.settings, |run| {
            run.instructions(&routine, &mut registers)
        });
        self.transition_rows = around;
        self.trigger_depth -= 1;
        let width = table.columns.len();
        let row = |first: usize| registers.iter().skip(first).take(width).cloned().collect();
        match returned? {
            Returned::Null => Ok(None),
            Returned::New => Ok(Some(row(routine.new))),
            Returned::Old => Ok(Some(row(routine.old))),
            Returned::Scalar(at) if registers.get(at).is_none_or(StoredValue::is_null) => Ok(None),
            Returned::Scalar(_) => Err(DatabaseError::new(
                DATATYPE_MISMATCH,
                "cannot return non-composite value from function returning composite type",
            )),
        }
    }

    fn instructions(&mut self, routine: &RoutinePlan, registers: &mut [StoredValue]) -> Result<Returned> {
        for instruction in &routine.body {
            match instruction {
                Instruction::Run { program, rows, sets_found } => {
                    let affected = self.run_instruction(program, rows, registers)?;
                    if *sets_found {
                        set(registers, routine.found, StoredValue::from(affected != 0));
                    }
                }
                Instruction::Fail(error) => return Err(error.clone()),
                Instruction::Return(returned) => return Ok(*returned),
            }
        }
        Err(DatabaseError::internal("a routine that neither returns nor fails"))
    }

    /// Runs a program of the routine and assigns its rows; how many it concerned.
    pub(super) fn run_instruction(
        &mut self,
        program: &Program,
        rows: &Rows,
        registers: &mut [StoredValue],
    ) -> Result<u64> {
        self.work.check_deadline()?;
        self.may_run_within(program)?;
        let before = self.names_in_effect();
        let changes = self.work.settings().changes();
        let mut sink = match rows {
            Rows::Discard => Sink::Count { count: 0 },
            Rows::Value(_) | Rows::Into { .. } => Sink::Stored { rows: Vec::new() },
        };
        let affected = self.program(program, &[], registers, &mut sink)?;
        let changed = self.work.settings().changes() != changes;
        if changed && self.names_in_effect() != before {
            return Err(DatabaseError::unsupported("changing role or search_path within a function"));
        }
        let Sink::Stored { rows: found } = sink else { return Ok(affected) };
        match rows {
            Rows::Discard => {}
            Rows::Value(assignment) => {
                if found.len() > 1 {
                    let message = "query returned more than one row";
                    return Err(DatabaseError::new(CARDINALITY_VIOLATION, message));
                }
                self.assign_registers(assignment, found.first(), registers)?;
            }
            Rows::Into { assignment, strict, single } => {
                if *strict && found.is_empty() {
                    return Err(DatabaseError::new(NO_DATA_FOUND, "query returned no rows"));
                }
                if *single && found.len() > 1 {
                    let error = DatabaseError::new(TOO_MANY_ROWS, "query returned more than one row");
                    return Err(error.with_hint("Make sure the query returns a single row, or use LIMIT 1."));
                }
                self.assign_registers(assignment, found.first(), registers)?;
            }
        }
        Ok(affected)
    }

    /// What statements are compiled under: the role and the search path as settings have them.
    pub(super) fn names_in_effect(&self) -> (Option<String>, Vec<String>) {
        let role = self.work.settings().get("role").map(str::to_owned);
        (role, self.path_of_settings())
    }

    pub(super) fn assign_registers(
        &self,
        assignment: &Assignment,
        row: Option<&StoredRow>,
        registers: &mut [StoredValue],
    ) -> Result<()> {
        let value = |at: usize| row.and_then(|row| row.get(at)).cloned().unwrap_or_default();
        for (at, register) in assignment.raw.iter().enumerate() {
            set(registers, *register, value(at));
        }
        if let Some(convert) = &assignment.convert {
            let values = self.one_row(convert, &self.bindings(&[], registers))?;
            for (slot, value) in assignment.targets.iter().zip(values) {
                set(registers, slot.register, value);
            }
        }
        for slot in &assignment.targets {
            if let Some(name) = &slot.not_null
                && registers.get(slot.register).is_none_or(StoredValue::is_null)
            {
                return Err(DatabaseError::new(
                    NULL_VALUE_NOT_ALLOWED,
                    format!("null value cannot be assigned to variable \"{name}\" declared NOT NULL"),
                ));
            }
        }
        Ok(())
    }
}

pub(super) fn set(registers: &mut [StoredValue], at: usize, value: StoredValue) {
    if let Some(place) = registers.get_mut(at) {
        *place = value;
    }
}
