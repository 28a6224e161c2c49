//! What a session keeps beside its settings: prepared statements and cursors.
//!
//! A cursor's rows are read when it is declared: what it shows is the state at that time, whatever the transaction does afterwards.

use super::Run;
use super::statement::{Environment, Failure};
use super::steps::Sink;
use crate::plan::Plan;
use crate::sequences::SequenceUse;
use catalog::TypeRef;
use compile::program::{Program, ResultColumn};
use compile::{Asker, prepared};
use database::{Column, Outcome, ResultSet, Value};
use sqlstate::{
    DUPLICATE_CURSOR, DUPLICATE_PSTATEMENT, DatabaseError, INVALID_CURSOR_NAME, INVALID_SQL_STATEMENT_NAME,
    NO_ACTIVE_SQL_TRANSACTION, OBJECT_NOT_IN_PREREQUISITE_STATE, Result,
};
use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError};
use syntax::ast::{FetchDirection, QueryBody, Select, SessionStatement, Statement, TableRef};
use syntax::visit::Visit;

/// What a session keeps.
#[derive(Clone, Default)]
pub(crate) struct Held {
    prepared: BTreeMap<String, Arc<Prepared>>,
    cursors: BTreeMap<String, Cursor>,
}

struct Prepared {
    statement: Statement,
    /// Its parameters' types, declared or found out.
    types: Vec<TypeRef>,
    /// What it answers: that may not change.
    columns: Vec<ResultColumn>,
}

#[derive(Clone)]
struct Cursor {
    columns: Arc<[Column]>,
    rows: Arc<Result<Vec<Vec<Value>>>>,
    /// The row that it is on, from 1; 0 is before the first, one more than there are is behind the last.
    position: usize,
    backward: Backward,
    hold: bool,
    /// A FETCH went wrong: PostgreSQL's portal is no good any more.
    failed: bool,
    /// How many savepoints there were when it was declared.
    level: usize,
}

/// Whether a cursor may go back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Backward {
    Yes,
    No,
    /// PostgreSQL decides by its plan.
    ByPlan,
}

impl Held {
    /// After COMMIT: cursors WITH HOLD stay.
    pub(crate) fn committed(mut self) -> Held {
        self.cursors.retain(|_, cursor| cursor.hold);
        self
    }

    /// After ROLLBACK: prepared statements stay, and the cursors that were there before.
    pub(crate) fn rolled_back(self, before: &Held) -> Held {
        Held { prepared: self.prepared, cursors: before.cursors.clone() }
    }

    /// After ROLLBACK TO: what was declared behind the savepoint is gone.
    pub(super) fn back_to(&mut self, savepoints: usize) {
        self.cursors.retain(|_, cursor| cursor.level <= savepoints);
    }

    /// After RELEASE: what was declared behind the savepoint belongs to what is around it.
    pub(super) fn released(&mut self, savepoints: usize) {
        for cursor in self.cursors.values_mut() {
            cursor.level = cursor.level.min(savepoints);
        }
    }

    /// DISCARD ALL
    pub(super) fn close_all(&mut self) {
        self.cursors.clear();
    }
}

impl Run<'_> {
    /// Runs a statement about prepared statements or cursors.
    pub(super) fn session(
        &mut self,
        environment: &Environment<'_>,
        statement: &SessionStatement,
    ) -> Result<Outcome, Failure> {
        match statement {
            SessionStatement::Prepare { name, types, statement } => {
                self.prepare(name, types, statement)?;
                Ok(tagged("PREPARE"))
            }
            SessionStatement::Execute { name, arguments, .. } => self.execute(environment, name, arguments),
            SessionStatement::Deallocate { name: None } => {
                self.held.prepared.clear();
                Ok(tagged("DEALLOCATE ALL"))
            }
            SessionStatement::Deallocate { name: Some(name) } => {
                self.held.prepared.remove(name).ok_or_else(|| no_prepared(name))?;
                Ok(tagged("DEALLOCATE"))
            }
            SessionStatement::Declare { name, scroll, hold, query } => {
                self.declare(environment, name, *scroll, *hold, query)?;
                Ok(tagged("DECLARE CURSOR"))
            }
            SessionStatement::Fetch { name, direction, moves } => {
                Ok(self.fetch_from(name, *direction, *moves)?)
            }
            SessionStatement::DiscardSequences => {
                *self.work.sequence_use.lock().unwrap_or_else(PoisonError::into_inner) =
                    SequenceUse::default();
                Ok(tagged("DISCARD SEQUENCES"))
            }
            SessionStatement::Close { name: None } => {
                self.held.close_all();
                Ok(tagged("CLOSE CURSOR ALL"))
            }
            SessionStatement::Close { name: Some(name) } => {
                self.held.cursors.remove(name).ok_or_else(|| no_cursor(name))?;
                Ok(tagged("CLOSE CURSOR"))
            }
        }
    }

    fn compile_now(&self, statement: &Statement, types: &[TypeRef]) -> Result<Program> {
        let asker = Asker {
            role: self.role.oid,
            session_user: self.session_user_oid(),
            search_path: &self.search_path,
        };
        let types: Vec<Option<TypeRef>> = types.iter().copied().map(Some).collect();
        compile::compile(&self.state.catalog, &asker, statement, &types)
    }

    fn prepare(&mut self, name: &str, types: &[syntax::ast::TypeName], statement: &Statement) -> Result<()> {
        let asker = Asker {
            role: self.role.oid,
            session_user: self.session_user_oid(),
            search_path: &self.search_path,
        };
        let declared = prepared::declared_types(&self.state.catalog, &asker, types)?;
        let program = self.compile_now(statement, &declared)?;
        if self.held.prepared.contains_key(name) {
            let message = format!("prepared statement \"{name}\" already exists");
            return Err(DatabaseError::new(DUPLICATE_PSTATEMENT, message));
        }
        let kept =
            Prepared { statement: statement.clone(), types: program.parameters, columns: program.columns };
        self.held.prepared.insert(name.to_owned(), Arc::new(kept));
        Ok(())
    }

    fn execute(
        &mut self,
        environment: &Environment<'_>,
        name: &str,
        arguments: &[syntax::ast::Expr],
    ) -> Result<Outcome, Failure> {
        let kept = self.held.prepared.get(name).cloned().ok_or_else(|| no_prepared(name))?;
        let asker = Asker {
            role: self.role.oid,
            session_user: self.session_user_oid(),
            search_path: &self.search_path,
        };
        let given = prepared::arguments(&self.state.catalog, &asker, name, arguments, &kept.types)?;
        let program = self.compile_now(&kept.statement, &kept.types)?;
        let types =
            |columns: &[ResultColumn]| columns.iter().map(|column| column.type_ref).collect::<Vec<_>>();
        if types(&program.columns) != types(&kept.columns) {
            let message = "cached plan must not change result type";
            return Err(DatabaseError::new(sqlstate::FEATURE_NOT_SUPPORTED, message).into());
        }
        let mut values = Vec::new();
        if !given.columns.is_empty() {
            let mut sink = Sink::Stored { rows: Vec::new() };
            self.may_run(environment, &given)?;
            self.program(&given, &[], &[], &mut sink)?;
            if let Sink::Stored { rows } = sink {
                values = rows.into_iter().next().unwrap_or_default();
            }
        }
        self.run_plan(environment, &Plan::new(program, &self.state), &values)
    }

    fn declare(
        &mut self,
        environment: &Environment<'_>,
        name: &str,
        scroll: Option<bool>,
        hold: bool,
        query: &Select,
    ) -> Result<(), Failure> {
        if !hold && !self.block {
            let message = "DECLARE CURSOR can only be used in transaction blocks";
            return Err(DatabaseError::new(NO_ACTIVE_SQL_TRANSACTION, message).into());
        }
        let program = self.compile_now(&Statement::Select(Box::new(query.clone())), &[])?;
        if program.writes || program.calls() {
            return Err(DatabaseError::unsupported("a cursor over a query that changes something").into());
        }
        if self.held.cursors.contains_key(name) {
            let message = format!("cursor \"{name}\" already exists");
            return Err(DatabaseError::new(DUPLICATE_CURSOR, message).into());
        }
        let (columns, rows) = match self.run_plan(environment, &Plan::new(program, &self.state), &[]) {
            Ok(outcome) => (outcome.result.columns, Ok(outcome.result.rows)),
            // What goes wrong while rows are read is told when they are asked for.
            Err(Failure::Error(error)) => (Arc::default(), Err(error)),
            Err(other) => return Err(other),
        };
        let backward = match scroll {
            Some(true) => Backward::Yes,
            Some(false) => Backward::No,
            None if !query.locking.is_empty() => Backward::No,
            None if is_simple(query) => Backward::Yes,
            None => Backward::ByPlan,
        };
        let level = self.savepoints.len();
        let cursor =
            Cursor { columns, rows: Arc::new(rows), position: 0, backward, hold, failed: false, level };
        self.held.cursors.insert(name.to_owned(), cursor);
        Ok(())
    }

    fn fetch_from(&mut self, name: &str, direction: FetchDirection, moves: bool) -> Result<Outcome> {
        let cursor = self.held.cursors.get_mut(name).ok_or_else(|| no_cursor(name))?;
        if cursor.failed {
            let message = format!("portal \"{name}\" cannot be run");
            return Err(DatabaseError::new(OBJECT_NOT_IN_PREREQUISITE_STATE, message));
        }
        let rows = Arc::clone(&cursor.rows);
        let rows = match rows.as_ref() {
            Ok(rows) => rows,
            Err(error) => {
                cursor.failed = true;
                return Err(error.clone());
            }
        };
        let (taken, position, goes_back) = go(direction, cursor.position, rows.len());
        match cursor.backward {
            Backward::No if goes_back => {
                cursor.failed = true;
                return Err(DatabaseError::new(
                    OBJECT_NOT_IN_PREREQUISITE_STATE,
                    "cursor can only scan forward",
                )
                .with_hint("Declare it with SCROLL option to enable backward scan."));
            }
            Backward::ByPlan if goes_back => {
                return Err(DatabaseError::unsupported(
                    "going back with a cursor that was not declared SCROLL",
                ));
            }
            _ => {}
        }
        cursor.position = position;
        let count = taken.len();
        if moves {
            return Ok(tagged(&format!("MOVE {count}")));
        }
        let rows = taken.iter().filter_map(|at| rows.get(at - 1).cloned()).collect();
        Ok(Outcome {
            result: ResultSet { columns: Arc::clone(&cursor.columns), rows },
            affected: count as u64,
            ..tagged(&format!("FETCH {count}"))
        })
    }
}

/// Which rows are passed over (from 1), where the cursor is then, and whether it had to go back.
fn go(direction: FetchDirection, position: usize, count: usize) -> (Vec<usize>, usize, bool) {
    let end = count + 1;
    let only = |at: usize| if (1..=count).contains(&at) { vec![at] } else { Vec::new() };
    match direction {
        // The row that it is on, once more.
        FetchDirection::Forward(0) | FetchDirection::Relative(0) => (only(position), position, position > 0),
        FetchDirection::Forward(steps) if steps > 0 => {
            let last = position.saturating_add(usize::try_from(steps).unwrap_or(usize::MAX)).min(end);
            // All leaves it behind the last row.
            let last = if steps == i64::MAX { end } else { last };
            ((position + 1..=last.min(count)).collect(), last, false)
        }
        FetchDirection::Forward(steps) => {
            let steps = usize::try_from(steps.unsigned_abs()).unwrap_or(usize::MAX);
            let first = position.saturating_sub(steps);
            ((first.max(1)..position).rev().filter(|at| *at <= count).collect(), first, true)
        }
        FetchDirection::Absolute(number) => {
            let at = match usize::try_from(number) {
                Ok(at) => at.min(end),
                Err(_) => end.saturating_sub(usize::try_from(number.unsigned_abs()).unwrap_or(usize::MAX)),
            };
            (only(at), at, at <= position && position > 0)
        }
        FetchDirection::Relative(steps) => {
            let far = usize::try_from(steps.unsigned_abs()).unwrap_or(usize::MAX);
            let at =
                if steps > 0 { position.saturating_add(far).min(end) } else { position.saturating_sub(far) };
            (only(at), at, steps < 0)
        }
    }
}

/// A query whose plan PostgreSQL can always run backwards: one relation, nothing joined, grouped or computed by aggregates.
fn is_simple(query: &Select) -> bool {
    struct Calls(bool);
    impl Visit for Calls {
        fn call(&mut self, _: &syntax::ast::FunctionCall) {
            self.0 = true;
        }
    }
    match &query.body {
        QueryBody::Values(_) => true,
        QueryBody::Select(core) => {
            let mut calls = Calls(false);
            core.targets.iter().for_each(|target| calls.expr(&target.expr));
            let plain_from = match core.from.as_slice() {
                [] => true,
                [from] => !matches!(from, TableRef::Join { .. }),
                _ => false,
            };
            let plain = core.group_by.is_empty()
                && core.having.is_none()
                && core.distinct.is_none()
                && core.windows.is_empty();
            query.with.is_none() && plain_from && plain && !calls.0
        }
        QueryBody::SetOperation { .. } => false,
    }
}

fn tagged(tag: &str) -> Outcome {
    Outcome { tag: tag.to_owned(), met: true, ..Outcome::default() }
}

fn no_prepared(name: &str) -> DatabaseError {
    DatabaseError::new(INVALID_SQL_STATEMENT_NAME, format!("prepared statement \"{name}\" does not exist"))
}

fn no_cursor(name: &str) -> DatabaseError {
    DatabaseError::new(INVALID_CURSOR_NAME, format!("cursor \"{name}\" does not exist"))
}
