//! PL/pgSQL blocks, of DO and of functions that a statement calls, statement by statement.
//!
//! Definitions may stand between the statements, so each is compiled when it is reached, under the catalog as it is by then.

mod report;

use super::Run;
use super::call::Returning;
use super::routine::set;
use super::rows::StoredRow;
use super::steps::Sink;
use crate::plan::DynamicKey;
use catalog::TypeRef;
use compile::plpgsql::dynamic::BlockState;
use compile::program::{Instruction, Program, ResultColumn};
use datum::{StoredValue, oid};
use sqlstate::{
    ASSERT_FAILURE, DatabaseError, FEATURE_NOT_SUPPORTED, INTERNAL_ERROR, INVALID_PARAMETER_VALUE,
    NO_DATA_FOUND, NULL_VALUE_NOT_ALLOWED, QUERY_CANCELED, Result, SYNTAX_ERROR, SqlState, TOO_MANY_ROWS,
};
use std::sync::Arc;
use syntax::ast;
use syntax::plpgsql::{Block, Body, Condition, Handler, Into, Over, Statement};

/// What EXECUTE gives: columns, rows, and how many rows it concerned.
pub(super) type Answered = (Vec<ResultColumn>, Vec<StoredRow>, u64);

/// How a statement ends.
pub(super) enum Flow {
    /// The next one follows.
    Next,
    /// RETURN
    Return,
    /// EXIT
    Exit(Option<String>),
    /// CONTINUE
    Continue(Option<String>),
}

/// A block at work.
pub(super) struct Working {
    pub(super) state: BlockState,
    pub(super) registers: Vec<StoredValue>,
    /// ROW_COUNT
    pub(super) row_count: u64,
    /// The errors that are being handled, the innermost last.
    pub(super) handled: Vec<DatabaseError>,
    /// How many EXCEPTION blocks are around.
    pub(super) catching: usize,
    /// What RETURN gives.
    pub(super) result: Returning,
    /// The rows that were given so far.
    pub(super) rows: Vec<StoredRow>,
    /// EXECUTE changed role or search path: what follows would have to be compiled for others.
    pub(super) renamed: bool,
}

const TEXT: TypeRef = TypeRef { oid: oid::TEXT, modifier: -1 };
const BOOLEAN: TypeRef = TypeRef { oid: oid::BOOL, modifier: -1 };
const INT4: TypeRef = TypeRef { oid: oid::INT4, modifier: -1 };

impl Run<'_> {
    /// Runs the block of DO.
    pub(super) fn run_block(&mut self, body: &Body) -> Result<()> {
        let mut working = Working {
            state: BlockState::new(body.conflict),
            registers: vec![StoredValue::from(false)],
            row_count: 0,
            handled: Vec::new(),
            catching: 0,
            result: Returning::Nothing,
            rows: Vec::new(),
            renamed: false,
        };
        let flow = self.block(&mut working, &body.block)?;
        // The tag and what had no effect are those of the last definition within.
        self.tag = None;
        self.no_effect = None;
        ended(flow)
    }

    pub(super) fn block(&mut self, working: &mut Working, block: &Block) -> Result<Flow> {
        working.state.open(block.label.clone());
        let done = self.block_body(working, block);
        working.state.close();
        Ok(match done? {
            Flow::Exit(Some(label)) if block.label.as_ref() == Some(&label) => Flow::Next,
            flow => flow,
        })
    }

    fn block_body(&mut self, working: &mut Working, block: &Block) -> Result<Flow> {
        for declaration in &block.declarations {
            let (state, path) = (Arc::clone(&self.state), self.current_path());
            let first = working.state.declare(&state.catalog, &self.asker(&path), declaration)?;
            self.instructions_of(working, &first)?;
        }
        if block.handlers.is_empty() {
            return self.statements(working, &block.statements);
        }
        let name = format!("plpgsql {}", working.catching);
        self.savepoint(&name)?;
        working.catching += 1;
        let done = self.statements(working, &block.statements);
        working.catching -= 1;
        let error = match done {
            Ok(flow) => {
                self.release(&name)?;
                return Ok(flow);
            }
            Err(error) => error,
        };
        let handler = block.handlers.iter().find(|handler| catches(handler, &error));
        let Some(handler) = handler.filter(|_| !is_ours(&error)) else { return Err(error) };
        self.roll_back_to(&name)?;
        self.release(&name)?;
        let _ = self.connection.slot.take_error();
        working.state.open(None);
        for (name, value) in [("sqlstate", error.code().as_str()), ("sqlerrm", error.message())] {
            let at = working.state.declare_value(name, TEXT);
            working.resize();
            set(&mut working.registers, at, StoredValue::from(value));
        }
        working.handled.push(error);
        let done = self.statements(working, &handler.statements);
        working.handled.pop();
        working.state.close();
        done
    }

    fn statements(&mut self, working: &mut Working, statements: &[Statement]) -> Result<Flow> {
        for statement in statements {
            self.work.check_deadline()?;
            match self.block_statement(working, statement)? {
                Flow::Next => {}
                flow => return Ok(flow),
            }
        }
        Ok(Flow::Next)
    }

    fn block_statement(&mut self, working: &mut Working, statement: &Statement) -> Result<Flow> {
        if working.renamed && !matches!(statement, Statement::Null | Statement::Return(None)) {
            return Err(DatabaseError::unsupported("a statement behind a change of the role in a function"));
        }
        match statement {
            Statement::Block(block) => return self.block(working, block),
            Statement::If { arms, otherwise } => {
                for (condition, body) in arms {
                    if self.holds(working, condition)? {
                        return self.statements(working, body);
                    }
                }
                return self.statements(working, otherwise);
            }
            Statement::Loop { label, over, body } => {
                working.state.open(label.clone());
                let done = self.run_loop(working, label.as_deref(), over, body);
                working.state.close();
                return done;
            }
            Statement::Leave { exit, label, when } => {
                let leaves = match when {
                    Some(when) => self.holds(working, when)?,
                    None => true,
                };
                return Ok(match (leaves, exit) {
                    (false, _) => Flow::Next,
                    (true, true) => Flow::Exit(label.clone()),
                    (true, false) => Flow::Continue(label.clone()),
                });
            }
            Statement::Return(None) => return Ok(Flow::Return),
            Statement::Return(Some(value)) => return self.return_value(working, value),
            Statement::ReturnNext(value) => self.return_next(working, value.as_deref())?,
            Statement::ReturnQuery(statement) => self.return_query(working, statement)?,
            Statement::ReturnExecute { text, using } => {
                let (columns, rows, _) = self.dynamic(working, text, using)?;
                self.give(working, &columns, rows)?;
            }
            Statement::Raise(raise) => self.raise(working, raise)?,
            Statement::Execute { text, into, using } => {
                self.execute_text(working, text, into.as_ref(), using)?
            }
            Statement::Diagnostics { stacked, items } => self.diagnostics(working, *stacked, items)?,
            Statement::Assign { .. } | Statement::Sql { .. } | Statement::Perform(_) | Statement::Null => {
                let (state, path) = (Arc::clone(&self.state), self.current_path());
                let compiled = working.state.statement(&state.catalog, &self.asker(&path), statement)?;
                self.instructions_of(working, &compiled)?;
            }
            Statement::Unsupported(what) => return Err(DatabaseError::unsupported(what)),
        }
        Ok(Flow::Next)
    }

    fn instructions_of(&mut self, working: &mut Working, instructions: &[Instruction]) -> Result<()> {
        working.resize();
        for instruction in instructions {
            match instruction {
                Instruction::Run { program, rows, sets_found } => {
                    let affected = self.run_instruction(program, rows, &mut working.registers)?;
                    if *sets_found {
                        let found = working.state.found();
                        set(&mut working.registers, found, StoredValue::from(affected != 0));
                        working.row_count = affected;
                    }
                }
                Instruction::Fail(error) => return Err(error.clone()),
                Instruction::Return(_) => return Err(DatabaseError::internal("RETURN of a row in DO")),
            }
        }
        Ok(())
    }

    /// The value of an expression.
    pub(super) fn value(
        &mut self,
        working: &mut Working,
        expression: &ast::Select,
        ty: TypeRef,
    ) -> Result<StoredValue> {
        let before = working.state.registers();
        let (state, path) = (Arc::clone(&self.state), self.current_path());
        let (at, compiled) = working.state.value(&state.catalog, &self.asker(&path), expression, ty)?;
        self.instructions_of(working, &compiled)?;
        let value = working.registers.get(at).cloned().unwrap_or_default();
        working.state.release(before);
        Ok(value)
    }

    fn holds(&mut self, working: &mut Working, condition: &ast::Select) -> Result<bool> {
        Ok(self.value(working, condition, BOOLEAN)? == StoredValue::from(true))
    }

    fn text(&mut self, working: &mut Working, expression: &ast::Select) -> Result<Option<String>> {
        Ok(match self.value(working, expression, TEXT)? {
            StoredValue::Text(text) => Some(text),
            _ => None,
        })
    }

    // ------------------------------------------------------------------------------------- loops

    fn run_loop(
        &mut self,
        working: &mut Working,
        label: Option<&str>,
        over: &Over,
        body: &[Statement],
    ) -> Result<Flow> {
        match over {
            Over::Forever | Over::While(_) => loop {
                self.work.check_deadline()?;
                if let Over::While(condition) = over
                    && !self.holds(working, condition)?
                {
                    return Ok(Flow::Next);
                }
                if let Some(flow) = leaves(self.statements(working, body)?, label) {
                    return Ok(flow);
                }
            },
            Over::Integers { variable, reverse, from, to, by } => {
                let first = self.bound(working, from, "lower bound")?;
                let last = self.bound(working, to, "upper bound")?;
                let step = match by {
                    Some(by) => self.bound(working, by, "BY value")?,
                    None => 1,
                };
                if step <= 0 {
                    return Err(DatabaseError::new(
                        INVALID_PARAMETER_VALUE,
                        "BY value of FOR loop must be greater than zero",
                    ));
                }
                let at = working.state.declare_value(variable, INT4);
                working.resize();
                let mut number = first;
                let mut iterated = false;
                let flow = loop {
                    if if *reverse { number < last } else { number > last } {
                        break Flow::Next;
                    }
                    iterated = true;
                    set(&mut working.registers, at, StoredValue::Integer(number));
                    if let Some(flow) = leaves(self.statements(working, body)?, label) {
                        break flow;
                    }
                    number = if *reverse { number - step } else { number + step };
                    if i32::try_from(number).is_err() {
                        break Flow::Next;
                    }
                };
                self.found(working, iterated);
                Ok(flow)
            }
            Over::Query { targets, statement } => self.for_query(working, label, targets, statement, body),
            Over::Dynamic { targets, text, using } => {
                let (columns, rows, _) = self.dynamic(working, text, using)?;
                self.for_rows(working, label, targets, &columns, rows, body)
            }
            Over::Elements { targets, array, elements } => {
                let ty = {
                    let (state, path) = (Arc::clone(&self.state), self.current_path());
                    working.state.type_of(&state.catalog, &self.asker(&path), array)?
                };
                if self.value(working, array, ty)?.is_null() {
                    return Err(DatabaseError::new(
                        NULL_VALUE_NOT_ALLOWED,
                        "FOREACH expression must not be null",
                    ));
                }
                let statement = ast::Statement::Select(Box::new(elements.clone()));
                self.for_query(working, label, targets, &statement, body)
            }
        }
    }

    fn bound(&mut self, working: &mut Working, expression: &ast::Select, what: &str) -> Result<i64> {
        match self.value(working, expression, INT4)? {
            StoredValue::Integer(number) => Ok(number),
            _ => {
                Err(DatabaseError::new(NULL_VALUE_NOT_ALLOWED, format!("{what} of FOR loop cannot be null")))
            }
        }
    }

    fn for_query(
        &mut self,
        working: &mut Working,
        label: Option<&str>,
        targets: &[Vec<String>],
        statement: &ast::Statement,
        body: &[Statement],
    ) -> Result<Flow> {
        let (state, path) = (Arc::clone(&self.state), self.current_path());
        let program = working.state.rows(&state.catalog, &self.asker(&path), statement)?;
        if program.columns.is_empty() {
            let message = "cannot open a query that gives no rows as a loop";
            return Err(DatabaseError::new(sqlstate::INVALID_CURSOR_DEFINITION, message));
        }
        let rows = self.query_rows(working, &program)?;
        self.for_rows(working, label, targets, &program.columns, rows, body)
    }

    /// Runs a program that was compiled for the block.
    pub(super) fn query_rows(&mut self, working: &mut Working, program: &Program) -> Result<Vec<StoredRow>> {
        working.resize();
        self.may_run_within(program)?;
        let mut sink = Sink::Stored { rows: Vec::new() };
        self.program(program, &[], &working.registers, &mut sink)?;
        Ok(if let Sink::Stored { rows } = sink { rows } else { Vec::new() })
    }

    fn for_rows(
        &mut self,
        working: &mut Working,
        label: Option<&str>,
        targets: &[Vec<String>],
        columns: &[ResultColumn],
        rows: Vec<Vec<StoredValue>>,
        body: &[Statement],
    ) -> Result<Flow> {
        let into = Into { strict: false, targets: targets.to_vec() };
        let (state, path) = (Arc::clone(&self.state), self.current_path());
        let asker = self.asker(&path);
        let assignment =
            working.state.assignment(&state.catalog, &asker, columns, &into).map_err(|error| {
                if error.message().ends_with("is not a known variable") {
                    let message =
                        "loop variable of loop over rows must be a record variable or list of scalar variables";
                    return DatabaseError::new(SYNTAX_ERROR, message);
                }
                error
            })?;
        working.resize();
        let iterated = !rows.is_empty();
        let mut end = Flow::Next;
        for row in rows {
            self.work.check_deadline()?;
            self.assign_registers(&assignment, Some(&row), &mut working.registers)?;
            if let Some(flow) = leaves(self.statements(working, body)?, label) {
                end = flow;
                break;
            }
        }
        self.found(working, iterated);
        Ok(end)
    }

    pub(super) fn found(&self, working: &mut Working, found: bool) {
        let at = working.state.found();
        set(&mut working.registers, at, StoredValue::from(found));
    }

    // ----------------------------------------------------------------------------------- EXECUTE

    /// Runs a text. Gives the columns and rows of its last statement, and how many it concerned.
    pub(super) fn dynamic(
        &mut self,
        working: &mut Working,
        text: &ast::Select,
        using: &[ast::Select],
    ) -> Result<Answered> {
        let Some(text) = self.text(working, text)? else {
            return Err(DatabaseError::new(
                NULL_VALUE_NOT_ALLOWED,
                "query string argument of EXECUTE is null",
            ));
        };
        let mut types = Vec::new();
        let mut values = Vec::new();
        for expression in using {
            let ty = {
                let (state, path) = (Arc::clone(&self.state), self.current_path());
                working.state.type_of(&state.catalog, &self.asker(&path), expression)?
            };
            types.push(Some(ty));
            values.push(self.value(working, expression, ty)?);
        }
        let path = self.current_path();
        let key = DynamicKey::new(&self.state, &self.asker(&path), text, types);
        if let Some(program) = self.plans.dynamic(&key) {
            return self.run_dynamic(working, &program, &values);
        }
        let script = syntax::parse_script(&key.text).map_err(unplaced)?;
        let alone = script.len() == 1;
        let mut last = (Vec::new(), Vec::new(), 0);
        for statement in script {
            // The one before may have defined something.
            let (state, path) = (Arc::clone(&self.state), self.current_path());
            let compiled =
                compile::compile(&state.catalog, &self.asker(&path), &statement.statement, &key.using);
            let program = Arc::new(compiled.map_err(unplaced)?);
            if alone {
                self.plans.keep_dynamic(key.clone(), &program);
            }
            last = self.run_dynamic(working, &program, &values)?;
        }
        Ok(last)
    }

    fn run_dynamic(
        &mut self,
        working: &mut Working,
        program: &Program,
        values: &[StoredValue],
    ) -> Result<Answered> {
        let mut sink = Sink::Stored { rows: Vec::new() };
        self.may_run_within(program)?;
        if working.renamed {
            let what = "a statement behind a change of the role in a function";
            return Err(DatabaseError::unsupported(what));
        }
        let (role, path) = self.names_in_effect();
        let affected = self.program(program, values, &[], &mut sink)?;
        let (new_role, new_path) = self.names_in_effect();
        if new_path != path {
            return Err(DatabaseError::unsupported("changing search_path within DO"));
        }
        working.renamed |= role != new_role;
        let rows = if let Sink::Stored { rows } = sink { rows } else { Vec::new() };
        Ok((program.columns.clone(), rows, affected))
    }

    fn execute_text(
        &mut self,
        working: &mut Working,
        text: &ast::Select,
        into: Option<&Into>,
        using: &[ast::Select],
    ) -> Result<()> {
        let (columns, rows, affected) = self.dynamic(working, text, using)?;
        working.row_count = affected;
        let Some(into) = into else { return Ok(()) };
        if columns.is_empty() {
            return Err(DatabaseError::new(SYNTAX_ERROR, "INTO used with a command that cannot return data"));
        }
        if into.strict && rows.is_empty() {
            return Err(DatabaseError::new(NO_DATA_FOUND, "query returned no rows"));
        }
        if into.strict && rows.len() > 1 {
            return Err(DatabaseError::new(TOO_MANY_ROWS, "query returned more than one row"));
        }
        let (state, path) = (Arc::clone(&self.state), self.current_path());
        let assignment = working.state.assignment(&state.catalog, &self.asker(&path), &columns, into)?;
        working.resize();
        self.assign_registers(&assignment, rows.first(), &mut working.registers)
    }
}

impl Working {
    /// Makes room for the registers that there are by now.
    pub(super) fn resize(&mut self) {
        self.registers.resize(self.state.registers(), StoredValue::Null);
    }

    /// The values of registers.
    pub(super) fn row_of(&self, registers: &[usize]) -> StoredRow {
        registers.iter().map(|at| self.registers.get(*at).cloned().unwrap_or_default()).collect()
    }
}

/// How the outermost block may end.
pub(super) fn ended(flow: Flow) -> Result<()> {
    match flow {
        Flow::Next | Flow::Return => Ok(()),
        Flow::Exit(_) | Flow::Continue(_) => {
            Err(DatabaseError::new(SYNTAX_ERROR, "EXIT or CONTINUE outside of a loop"))
        }
    }
}

/// What leaves a loop; `None` when it goes on.
fn leaves(flow: Flow, label: Option<&str>) -> Option<Flow> {
    match flow {
        Flow::Next | Flow::Continue(None) => None,
        Flow::Continue(Some(to)) if label == Some(&to) => None,
        Flow::Exit(None) => Some(Flow::Next),
        Flow::Exit(Some(to)) if label == Some(&to) => Some(Flow::Next),
        flow => Some(flow),
    }
}

/// Whether a handler is for an error.
fn catches(handler: &Handler, error: &DatabaseError) -> bool {
    let code = error.code();
    handler.conditions.iter().any(|condition| match condition {
        Condition::Others => code != QUERY_CANCELED && code != ASSERT_FAILURE,
        Condition::Code(wanted) => is_or_within(code, *wanted),
        Condition::Named(name) => sqlstate::condition(name).any(|wanted| is_or_within(code, wanted)),
    })
}

/// A code that ends in three zeros stands for its class.
fn is_or_within(code: SqlState, wanted: SqlState) -> bool {
    code == wanted || (wanted.as_str().ends_with("000") && code.class() == wanted.class())
}

/// What PostgreSQL would not have raised must not be caught: the block would go another way than it does there.
fn is_ours(error: &DatabaseError) -> bool {
    error.code() == INTERNAL_ERROR
        || (error.code() == FEATURE_NOT_SUPPORTED
            && error.message().ends_with("is not supported by the embedded engine"))
}

fn unplaced(mut error: DatabaseError) -> DatabaseError {
    error.fields_mut().position = None;
    error
}
