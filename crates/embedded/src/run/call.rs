//! Calls of PL/pgSQL functions by a statement, and what their RETURN gives.

use super::Run;
use super::block::{Flow, Working, ended};
use super::routine::{STACK_LIMIT, set, stack_address};
use super::rows::StoredRow;
use super::statement::read_only;
use super::steps::stack_depth_exceeded;
use catalog::TypeRef;
use compile::plpgsql::dynamic::BlockState;
use compile::program::{CallPlan, Command, Program, ResultColumn};
use datum::{StoredValue, oid};
use sqlstate::{DATATYPE_MISMATCH, DatabaseError, FEATURE_NOT_SUPPORTED, Result, SYNTAX_ERROR};
use std::sync::Arc;
use syntax::ast;

/// What RETURN gives.
pub(super) enum Returning {
    /// Nothing: DO, functions that return void.
    Nothing,
    /// A value of this type.
    Value(TypeRef),
    /// A row of these registers.
    Outputs(Vec<usize>),
    /// Rows of a set.
    Set { columns: Vec<ResultColumn>, outputs: Vec<usize> },
}

impl Run<'_> {
    /// Calls a function; gives its rows.
    pub(super) fn call(&mut self, routine: &CallPlan, arguments: Vec<StoredValue>) -> Result<Vec<StoredRow>> {
        if self.stack_base.abs_diff(stack_address()) > STACK_LIMIT {
            return Err(stack_depth_exceeded());
        }
        let state = BlockState::of_call(routine);
        let mut registers = vec![StoredValue::Null; state.registers()];
        set(&mut registers, state.found(), StoredValue::from(false));
        let mut outputs = Vec::new();
        let mut arguments = arguments.into_iter();
        for (at, parameter) in routine.parameters.iter().enumerate() {
            if parameter.is_output {
                outputs.push(at + 1);
            } else if let Some(value) = arguments.next() {
                set(&mut registers, at + 1, value);
            }
        }
        let is_void = routine.returns.oid == oid::VOID;
        let result = if routine.returns_set {
            Returning::Set { columns: routine.columns.clone(), outputs }
        } else if !outputs.is_empty() {
            Returning::Outputs(outputs)
        } else if is_void {
            Returning::Nothing
        } else {
            Returning::Value(routine.returns)
        };
        let mut working = Working {
            state,
            registers,
            row_count: 0,
            handled: Vec::new(),
            catching: 0,
            result,
            rows: Vec::new(),
            renamed: false,
        };
        let (tag, no_effect) = (self.tag.take(), self.no_effect.take());
        let reads_only = std::mem::replace(&mut self.reads_only, !routine.volatile);
        self.calls += 1;
        let done = self.within(routine.role.as_deref(), &routine.settings, |run| {
            let flow = run.block(&mut working, &routine.body.block)?;
            ended(flow)
        });
        self.calls -= 1;
        self.reads_only = reads_only;
        (self.tag, self.no_effect) = (tag, no_effect);
        done?;
        match &working.result {
            Returning::Nothing => Ok(vec![vec![StoredValue::Text(String::new())]]),
            Returning::Outputs(outputs) => Ok(vec![working.row_of(outputs)]),
            Returning::Set { .. } => Ok(working.rows),
            Returning::Value(_) if !working.rows.is_empty() => Ok(working.rows),
            Returning::Value(_) => Err(DatabaseError::new(
                sqlstate::S_R_E_FUNCTION_EXECUTED_NO_RETURN_STATEMENT,
                "control reached end of function without RETURN",
            )),
        }
    }

    /// RETURN with a value.
    pub(super) fn return_value(&mut self, working: &mut Working, value: &ast::Select) -> Result<Flow> {
        let refused = |message: &str| DatabaseError::new(DATATYPE_MISMATCH, message);
        match &working.result {
            Returning::Value(ty) => {
                let ty = *ty;
                let value = self.value(working, value, ty)?;
                working.rows = vec![vec![value]];
                Ok(Flow::Return)
            }
            Returning::Nothing => Err(refused("RETURN cannot have a parameter in function returning void")),
            Returning::Outputs(_) => {
                Err(refused("RETURN cannot have a parameter in function with OUT parameters"))
            }
            Returning::Set { .. } => Err(refused("RETURN cannot have a parameter in function returning set")
                .with_hint("Use RETURN NEXT or RETURN QUERY.")),
        }
    }

    /// RETURN NEXT
    pub(super) fn return_next(&mut self, working: &mut Working, value: Option<&ast::Select>) -> Result<()> {
        let refused = |message: &str| DatabaseError::new(DATATYPE_MISMATCH, message);
        let Returning::Set { columns, outputs } = &working.result else {
            return Err(refused("cannot use RETURN NEXT in a non-SETOF function"));
        };
        let row = match (value, columns.as_slice()) {
            (None, _) if outputs.is_empty() => {
                return Err(DatabaseError::new(SYNTAX_ERROR, "missing expression at or near \";\""));
            }
            (None, _) => working.row_of(outputs),
            (Some(_), _) if !outputs.is_empty() => {
                let message = "RETURN NEXT cannot have a parameter in function with OUT parameters";
                return Err(refused(message));
            }
            (Some(value), [column]) => {
                let ty = column.type_ref;
                vec![self.value(working, value, ty)?]
            }
            (Some(_), _) => return Err(DatabaseError::unsupported("RETURN NEXT of a row")),
        };
        working.rows.push(row);
        Ok(())
    }

    /// RETURN QUERY
    pub(super) fn return_query(&mut self, working: &mut Working, statement: &ast::Statement) -> Result<()> {
        let (state, path) = (Arc::clone(&self.state), self.current_path());
        let program = working.state.rows(&state.catalog, &self.asker(&path), statement)?;
        let rows = self.query_rows(working, &program)?;
        self.give(working, &program.columns, rows)
    }

    /// Adds the rows of a query to those of the set: convert_tuples_by_position.
    pub(super) fn give(
        &mut self,
        working: &mut Working,
        given: &[ResultColumn],
        rows: Vec<StoredRow>,
    ) -> Result<()> {
        let Returning::Set { columns, .. } = &working.result else {
            let message = "cannot use RETURN QUERY in a non-SETOF function";
            return Err(DatabaseError::new(DATATYPE_MISMATCH, message));
        };
        let wrong = |detail: String| {
            let message = "structure of query does not match function result type";
            Err(DatabaseError::new(DATATYPE_MISMATCH, message).with_detail(detail))
        };
        for (at, (found, wanted)) in given.iter().zip(columns).enumerate() {
            let (found, wanted) = (found.type_ref, wanted.type_ref);
            let alike = found.modifier == wanted.modifier || wanted.modifier < 0;
            if found.oid != wanted.oid || !alike {
                let path = self.current_path();
                let path = catalog::lookup::SearchPath::new(&self.state.catalog, &path, self.role.oid);
                let name = |ty: TypeRef| self.state.catalog.format_type(&path, ty);
                return wrong(format!(
                    "Returned type {} does not match expected type {} in column {}.",
                    name(found),
                    name(wanted),
                    at + 1
                ));
            }
        }
        if given.len() != columns.len() {
            return wrong(format!(
                "Number of returned columns ({}) does not match expected column count ({}).",
                given.len(),
                columns.len()
            ));
        }
        working.row_count = rows.len() as u64;
        self.found(working, !rows.is_empty());
        working.rows.extend(rows);
        Ok(())
    }

    /// Whether a statement may run within a function: 0A000 for a change in one that is not volatile, 25006 in a transaction
    /// that only reads.
    pub(super) fn may_run_within(&self, program: &Program) -> Result<()> {
        if !program.writes {
            return Ok(());
        }
        if self.reads_only {
            let command = match &program.command {
                Command::Insert => "INSERT",
                Command::Update => "UPDATE",
                Command::Delete => "DELETE",
                Command::Merge => "MERGE",
                // A SELECT that moves a sequence is one that calls a volatile function, which is allowed.
                Command::Select => return self.may_write_at_all(program),
                Command::Copy => "COPY",
                Command::Other(tag) => tag,
            };
            let message = format!("{command} is not allowed in a non-volatile function");
            return Err(DatabaseError::new(FEATURE_NOT_SUPPORTED, message));
        }
        self.may_write_at_all(program)
    }

    fn may_write_at_all(&self, program: &Program) -> Result<()> {
        if self.read_only { Err(read_only(program)) } else { Ok(()) }
    }
}
