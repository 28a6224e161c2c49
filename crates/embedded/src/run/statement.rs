//! A work from its first statement to its last.

use super::Run;
use super::events::Events;
use super::routine::stack_address;
use super::session::Held;
use super::steps::Sink;
use super::values::parameter;
use crate::connection::Connection;
use crate::context::{Frame, WorkState};
use crate::plan::{Compiled, Plan, Plans};
use crate::records;
use crate::settings::{Settings, search_path};
use crate::slot::Stopped;
use crate::state::CatalogState;
use crate::temporary;
use catalog::{Catalog, Oid};
use compile::program::{Command, Program, Step};
use database::{
    Course, End, Expectation, Next, Notice, Outcome, ResultSet, Session, Severity, Statement,
    TransactionControl, Value, Work,
};
use sqlstate::{
    DatabaseError, FOREIGN_KEY_VIOLATION, INSUFFICIENT_PRIVILEGE, INVALID_PARAMETER_VALUE,
    PROTOCOL_VIOLATION, READ_ONLY_SQL_TRANSACTION, Result,
};
use std::cell::RefCell;
use std::sync::Arc;
use syntax::ast::TransactionStatement;

/// The role of the operator's sessions.
pub(crate) const OPERATOR: &str = "postgres";
/// The login behind all other sessions: it may become the roles that were granted to it.
const AUTHENTICATOR: &str = "authenticator";

/// A role.
#[derive(Clone, Debug)]
pub(crate) struct RoleNames {
    pub(crate) oid: Oid,
    pub(crate) name: Arc<str>,
}

impl RoleNames {
    pub(crate) fn find(catalog: &Catalog, name: &str) -> Result<RoleNames> {
        match catalog.role(name) {
            Some(role) => Ok(RoleNames { oid: role.oid, name: role.name.as_str().into() }),
            None => {
                Err(DatabaseError::new(INVALID_PARAMETER_VALUE, format!("role \"{name}\" does not exist")))
            }
        }
    }
}

/// Where and how a work runs.
pub(crate) struct Environment<'a> {
    pub(crate) connection: &'a Connection,
    pub(crate) plans: &'a Plans,
    pub(crate) state: Arc<CatalogState>,
    /// On the writer, in a transaction that may write.
    pub(crate) may_write: bool,
    /// How many ticks a statement may take here.
    pub(crate) budget: Option<i64>,
}

/// Why a work did not come to its end here.
#[derive(Debug)]
pub(crate) enum Failure {
    /// It failed.
    Error(DatabaseError),
    /// This statement of it wants to write, and this is no writer.
    NeedsWriter { statement: usize },
    /// It takes longer than it may here.
    OverBudget,
}

impl From<DatabaseError> for Failure {
    fn from(error: DatabaseError) -> Failure {
        Failure::Error(error)
    }
}

/// A work that came to its end.
pub(crate) struct WorkDone {
    pub(crate) outcomes: Vec<Outcome>,
    /// Whether its changes are to stay.
    pub(crate) commit: bool,
    /// The catalog that it leaves.
    pub(crate) state: Arc<CatalogState>,
}

/// The settings that a session begins with.
pub(crate) fn initial_settings(state: &CatalogState, session: &Session) -> Result<Settings> {
    let mut settings = state.role_settings(&session.role)?;
    for (name, value) in &session.settings {
        // The role is not a setting that anyone could smuggle in.
        if !name.eq_ignore_ascii_case("role") {
            settings.set_given(name, value)?;
        }
    }
    if !session.search_path.is_empty() {
        let quoted: Vec<String> =
            session.search_path.iter().map(|schema| syntax::quote_identifier(schema).into_owned()).collect();
        settings.set("search_path", &quoted.join(", "))?;
    }
    if let Some(timeout) = session.statement_timeout {
        settings.set("statement_timeout", &timeout.as_millis().max(1).to_string())?;
    }
    Ok(settings)
}

/// The settings that a role begins with.
pub(crate) fn role_settings(catalog: &Catalog, name: &str) -> Result<Settings> {
    // PostgreSQL would take it for RESET ROLE: the login behind the session.
    let role = if name == "none" { None } else { catalog.role(name) };
    let Some(role) = role else {
        return Err(DatabaseError::new(INVALID_PARAMETER_VALUE, format!("role \"{name}\" does not exist")));
    };
    let mut settings = Settings::default();
    for (name, value) in catalog.settings.iter().chain(&role.settings) {
        settings.set(name, value)?;
    }
    settings.begin_here();
    settings.put("role", name);
    Ok(settings)
}

/// The login behind a session. A token may name any role; those that the login may not become are out of its reach.
fn session_user(catalog: &Catalog, session: &Session, role: &RoleNames) -> Result<Arc<str>> {
    match catalog.role(AUTHENTICATOR) {
        Some(login) if !session.is_operator() => {
            if catalog.is_member_of(login.oid, role.oid) {
                Ok(AUTHENTICATOR.into())
            } else {
                Err(may_not_become(&role.name))
            }
        }
        _ => Ok(OPERATOR.into()),
    }
}

/// 42501
pub(crate) fn may_not_become(role: &str) -> DatabaseError {
    DatabaseError::new(INSUFFICIENT_PRIVILEGE, format!("permission denied to set role \"{role}\""))
}

/// Runs a work on a connection whose transaction is open. Rolling back is the caller's.
pub(crate) fn run_work(
    environment: &Environment<'_>,
    state: Arc<WorkState>,
    session: &Session,
    work: &Work,
) -> Result<WorkDone, Failure> {
    let mut run = Run::new(environment, state, session)?;
    let done = run.work(environment, work);
    let stopped = environment.connection.slot.stopped();
    run.leave();
    if stopped == Stopped::Budget && done.is_err() {
        return Err(Failure::OverBudget);
    }
    done
}

impl<'a> Run<'a> {
    /// A session at work on a connection whose transaction is open.
    pub(super) fn new(
        environment: &Environment<'a>,
        state: Arc<WorkState>,
        session: &Session,
    ) -> Result<Run<'a>> {
        let slot = &environment.connection.slot;
        let catalog = &environment.state.catalog;
        let role = RoleNames::find(catalog, &session.role)?;
        let session_user = session_user(catalog, session, &role)?;
        let _ = state.session_user.set(Arc::clone(&session_user));
        let frame = Arc::new(Frame::new(Arc::clone(&state), Arc::clone(&environment.state)));
        slot.set_frame(Some(Arc::clone(&frame)));
        let _ = slot.take_error();
        Ok(Run {
            connection: environment.connection,
            plans: environment.plans,
            work: state,
            frame,
            state: Arc::clone(&environment.state),
            session_role: Arc::clone(&role.name),
            role,
            session_user,
            search_path: Arc::new([]),
            settings_seen: u64::MAX,
            temporary_schema: temporary::SCHEMA_OF_A_WORK.into(),
            lasting: false,
            notices: Vec::new(),
            events: Events::default(),
            depth: 0,
            trigger_depth: 0,
            calls: 0,
            transition_rows: None,
            trigger_writes: RefCell::default(),
            copy_rows: None,
            copied: None,
            redo: RefCell::default(),
            stack_base: stack_address(),
            savepoints: Vec::new(),
            held: Held::default(),
            block: true,
            may_define: environment.may_write,
            budget: environment.budget,
            read_only: session.read_only,
            reads_only: false,
            no_effect: None,
            tag: None,
        })
    }

    /// Leaves the connection as it was found.
    pub(super) fn leave(&self) {
        let slot = &self.connection.slot;
        slot.allow(None, None);
        slot.set_frame(None);
        slot.restore_buffers(std::collections::HashMap::new());
    }
}

impl Run<'_> {
    fn work(&mut self, environment: &Environment<'_>, work: &Work) -> Result<WorkDone, Failure> {
        let mut outcomes = Vec::with_capacity(work.statements.len());
        let all_met = self.step(environment, &work.statements, work.transaction_control, 0, &mut outcomes)?;
        let end = match &work.course {
            Some(course) => self.follow(environment, course, outcomes.split_off(0), work)?,
            None => all_met.then_some(work.end),
        };
        if end.is_some() && environment.may_write {
            self.end(environment)?;
        }
        Ok(WorkDone { outcomes, commit: end == Some(End::Commit), state: Arc::clone(&self.state) })
    }

    /// Runs statements one after another, behind `before` others of the transaction; whether all expectations were met.
    fn step(
        &mut self,
        environment: &Environment<'_>,
        statements: &[Statement],
        control: TransactionControl,
        before: usize,
        outcomes: &mut Vec<Outcome>,
    ) -> Result<bool, Failure> {
        for (index, statement) in statements.iter().enumerate() {
            let outcome = match self.statement(environment, statement, before + index, control) {
                Ok(outcome) => outcome,
                Err(Failure::Error(error)) => return Err(Failure::Error(error.in_statement(index))),
                Err(Failure::NeedsWriter { .. }) => return Err(Failure::NeedsWriter { statement: index }),
                Err(Failure::OverBudget) => return Err(Failure::OverBudget),
            };
            let met = outcome.met;
            outcomes.push(outcome);
            if !met {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Goes where the continuation says, step after step; `None` when nothing is to stay.
    fn follow(
        &mut self,
        environment: &Environment<'_>,
        course: &Course,
        first: Vec<Outcome>,
        work: &Work,
    ) -> Result<Option<End>, Failure> {
        let mut continuation = course.begin();
        let mut ran = work.statements.len();
        let mut outcomes = first;
        loop {
            let met = outcomes.last().is_none_or(|outcome| outcome.met);
            let next = continuation.next(outcomes);
            let step = match next {
                Next::Run(step) if met => step,
                Next::End(end) if met => return Ok(Some(end)),
                Next::Run(_) | Next::End(_) | Next::Abandon => return Ok(None),
            };
            if let Some(session) = &step.session {
                self.begin_step(session)?;
            }
            outcomes = Vec::with_capacity(step.statements.len());
            self.step(environment, &step.statements, work.transaction_control, ran, &mut outcomes)?;
            ran += step.statements.len();
        }
    }

    /// Puts another session's settings into effect, of the same role.
    fn begin_step(&mut self, session: &Session) -> Result<()> {
        if session.role != self.session_role {
            return Err(DatabaseError::internal("a step's session has another role than its work's"));
        }
        let settings = initial_settings(&self.state, session)?;
        self.work.settings().restore(settings);
        self.read_only = session.read_only;
        Ok(())
    }

    /// What is due before a commit.
    pub(super) fn end(&mut self, environment: &Environment<'_>) -> Result<()> {
        self.fire_deferred()?;
        self.put_changed_rows_last()?;
        self.end_temporary(environment)?;
        if self.state.version != environment.state.version {
            // Once for all definitions of the work.
            records::save(self.connection, &environment.state.catalog, &self.state.catalog)?;
            if let Some(catalog) = self.state.catalog.with_labels_committed() {
                self.set_state(Arc::new(CatalogState::new(Arc::new(catalog))));
                self.connection.forget_statements();
            }
        }
        if self.connection.keys_are_violated() { Err(self.unexplained_violation()) } else { Ok(()) }
    }

    /// SQLite's own keys say that something is broken which the engine's checks did not see.
    fn unexplained_violation(&self) -> DatabaseError {
        let mut error =
            DatabaseError::new(FOREIGN_KEY_VIOLATION, "the work would leave a foreign key violated");
        error.fields_mut().internal = Some("found by the backstop in storage".to_owned());
        error
    }

    pub(super) fn statement(
        &mut self,
        environment: &Environment<'_>,
        statement: &Statement,
        index: usize,
        control: TransactionControl,
    ) -> Result<Outcome, Failure> {
        self.work.begin_statement(index == 0);
        self.forget_trigger_writes();
        self.follow_settings()?;
        let compiled = self.plans.get(
            &self.state,
            &statement.text,
            self.role.oid,
            self.session_user_oid(),
            &self.search_path,
        )?;
        let plan = match compiled {
            Compiled::Plan(plan) => plan,
            Compiled::Transaction(control_statement) => {
                return self.transaction(environment, &control_statement, index, control);
            }
            Compiled::Session(statement) => return self.session(environment, &statement),
        };
        self.may_run(environment, &plan.program)?;
        self.copy_rows.clone_from(&statement.rows);
        self.copied = None;
        let parameters = self.parameters(&plan.program, &statement.parameters)?;
        let mut outcome = self.run_plan(environment, &plan, &parameters)?;
        outcome.met = meets(&statement.expectation, &outcome)?;
        Ok(outcome)
    }

    /// Whether a program may run here.
    pub(super) fn may_run(&self, environment: &Environment<'_>, program: &Program) -> Result<(), Failure> {
        if program.writes {
            if self.read_only {
                return Err(Failure::Error(read_only(program)));
            }
            if !environment.may_write {
                // Which one of its work it is, the work knows.
                return Err(Failure::NeedsWriter { statement: 0 });
            }
        }
        if !environment.may_write && program.calls() {
            // What the function writes shows when it is reached; and it may need more of the stack than there is here.
            if !self.read_only {
                return Err(Failure::NeedsWriter { statement: 0 });
            }
            if environment.budget.is_some() {
                return Err(Failure::OverBudget);
            }
        }
        self.connection.slot.allow(self.budget, self.work.deadline());
        Ok(())
    }

    /// Runs a statement's plan.
    pub(super) fn run_plan(
        &mut self,
        environment: &Environment<'_>,
        plan: &Plan,
        parameters: &[datum::StoredValue],
    ) -> Result<Outcome, Failure> {
        self.may_run(environment, &plan.program)?;
        let mut result = Sink::values(Arc::clone(&plan.leaving));
        let affected = self.program(&plan.program, parameters, &[], &mut result)?;
        Ok(self.outcome(plan, result, affected))
    }

    pub(crate) fn session_user_oid(&self) -> Oid {
        self.state.catalog.role(&self.session_user).map_or(self.role.oid, |role| role.oid)
    }

    /// Reads anew what hangs on settings, if any changed.
    fn follow_settings(&mut self) -> Result<()> {
        let (changes, role, path) = {
            let settings = self.work.settings();
            if settings.changes() == self.settings_seen {
                return Ok(());
            }
            let role = settings.get("role").unwrap_or(&self.session_role);
            let role = if *role == *self.role.name { None } else { Some(self.role_named(role)?) };
            let name = role.as_ref().map_or(&self.role.name, |role| &role.name);
            let path = settings.get("search_path").unwrap_or_default();
            (settings.changes(), role.clone(), search_path(path, name))
        };
        if let Some(role) = role {
            self.role = role;
        }
        let first = self.settings_seen == u64::MAX;
        self.settings_seen = changes;
        self.search_path = path.into();
        self.follow_temporary_schema();
        if !first {
            self.refresh_frame();
        }
        self.refuse_hidden_rows()
    }

    /// With `row_security` off PostgreSQL fails where a policy would hide rows: such roles are refused as a whole.
    pub(crate) fn refuse_hidden_rows(&self) -> Result<()> {
        let off = self.work.settings().get("row_security") == Some("off");
        if off && !self.state.catalog.bypasses_row_security(self.role.oid) {
            return Err(DatabaseError::unsupported("row_security = off for a role under row security"));
        }
        Ok(())
    }

    fn parameters(&self, program: &Program, values: &[Value]) -> Result<Vec<datum::StoredValue>> {
        if values.len() != program.parameters.len() {
            return Err(DatabaseError::new(
                PROTOCOL_VIOLATION,
                format!(
                    "bind message supplies {} parameters, but prepared statement \"\" requires {}",
                    values.len(),
                    program.parameters.len()
                ),
            ));
        }
        let types = program.parameters.iter();
        values.iter().zip(types).map(|(value, ty)| parameter(value, *ty, &*self.frame)).collect()
    }

    fn outcome(&mut self, plan: &Plan, result: Sink, affected: u64) -> Outcome {
        let program = &plan.program;
        let rows = match result {
            Sink::Values { rows, .. } => rows,
            Sink::Stored { .. } | Sink::Count { .. } => Vec::new(),
        };
        let tag = match &program.command {
            Command::Select => format!("SELECT {affected}"),
            Command::Insert => format!("INSERT 0 {affected}"),
            Command::Update => format!("UPDATE {affected}"),
            Command::Delete => format!("DELETE {affected}"),
            Command::Copy => format!("COPY {affected}"),
            Command::Merge => format!("MERGE {affected}"),
            Command::Other(tag) => self.tag.take().unwrap_or_else(|| tag.clone()),
        };
        let affected = match tag.strip_prefix("SELECT ") {
            Some(rows) => rows.parse().unwrap_or(affected),
            None => affected,
        };
        let said = self.work.take_notices().into_iter().map(|(code, message)| Notice {
            severity: Severity::Notice,
            code,
            message,
        });
        self.notices.extend(said);
        Outcome {
            result: ResultSet { columns: Arc::clone(&plan.columns), rows },
            tag,
            affected,
            notices: std::mem::take(&mut self.notices),
            copied: self.copied.take(),
            met: true,
            no_effect: self.no_effect.take().or_else(|| program.no_effect.clone()),
        }
    }

    fn transaction(
        &mut self,
        environment: &Environment<'_>,
        statement: &TransactionStatement,
        index: usize,
        control: TransactionControl,
    ) -> Result<Outcome, Failure> {
        let tag = match statement {
            TransactionStatement::Begin { .. } | TransactionStatement::Commit { chain: false } => {
                if control == TransactionControl::Refused {
                    return Err(Failure::Error(DatabaseError::unsupported("BEGIN or COMMIT within a work")));
                }
                let tag =
                    if matches!(statement, TransactionStatement::Begin { .. }) { "BEGIN" } else { "COMMIT" };
                return Ok(Outcome {
                    tag: tag.to_owned(),
                    met: true,
                    no_effect: Some(
                        "a script is one transaction; its own BEGIN and COMMIT are skipped".to_owned(),
                    ),
                    ..Outcome::default()
                });
            }
            _ if !environment.may_write => return Err(Failure::NeedsWriter { statement: index }),
            TransactionStatement::Savepoint(name) => {
                self.savepoint(name)?;
                "SAVEPOINT"
            }
            TransactionStatement::Release(name) => {
                self.release(name)?;
                "RELEASE"
            }
            TransactionStatement::RollbackTo(name) => {
                self.roll_back_to(name)?;
                "ROLLBACK"
            }
            TransactionStatement::Commit { chain: true }
            | TransactionStatement::Rollback { .. }
            | TransactionStatement::Other(_) => {
                return Err(Failure::Error(DatabaseError::unsupported(
                    "ROLLBACK, COMMIT AND CHAIN or PREPARE TRANSACTION within a work",
                )));
            }
        };
        Ok(Outcome { tag: tag.to_owned(), met: true, ..Outcome::default() })
    }
}

pub(super) fn read_only(program: &Program) -> DatabaseError {
    let ddl = program.steps.iter().find_map(|step| match step {
        Step::Ddl(statement) => Some(catalog::ddl::tag(statement)),
        _ => None,
    });
    let moves = |function: &str| {
        let texts = program.steps.iter().filter_map(|step| match step {
            Step::Query { statement, .. } => Some(&statement.sql),
            _ => None,
        });
        texts.into_iter().any(|text| text.contains(&format!("pg_{function}")))
    };
    let command = match &program.command {
        Command::Select if moves("nextval_oid(") => "nextval()",
        Command::Select if moves("setval") => "setval()",
        Command::Select => "SELECT",
        Command::Insert => "INSERT",
        Command::Update => "UPDATE",
        Command::Delete => "DELETE",
        Command::Copy => "COPY FROM",
        Command::Merge => "MERGE",
        Command::Other(tag) => ddl.unwrap_or(tag),
    };
    DatabaseError::new(
        READ_ONLY_SQL_TRANSACTION,
        format!("cannot execute {command} in a read-only transaction"),
    )
}

fn meets(expectation: &Expectation, outcome: &Outcome) -> Result<bool> {
    let (column, min, max) = match expectation {
        Expectation::Any => return Ok(true),
        Expectation::Affected(rows) => return Ok(outcome.affected == *rows),
        Expectation::CountWithin { column, min, max } => (column, min, max),
    };
    let result = &outcome.result;
    let at = result.columns.iter().position(|found| found.name == *column);
    let count = at.and_then(|at| result.rows.first()?.get(at)?.as_int()).ok_or_else(|| {
        DatabaseError::internal(format_args!(
            "the statement answered no integer \"{column}\" to expect anything of"
        ))
    })?;
    Ok((*min..=*max).contains(&count))
}
