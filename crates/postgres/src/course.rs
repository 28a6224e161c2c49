//! A work with a course: a round trip for each step, in one transaction.

use crate::connection::Answer;
use crate::run::{Attempt, IMMEDIATE, Plan, RESET, Ran, begin, judge, located, lost, segments};
use crate::session::{RoleSettings, SetUp, set_up};
use crate::type_names::TypeNames;
use database::{
    Continuation, Course, DatabaseError, End, Expectation, Next, Outcome, Result, Session, Statement, Work,
};
use std::sync::{Arc, LazyLock};

/// What is read only within a transaction that may write: a subtransaction's mode ends with it.
static SAVEPOINT: LazyLock<Arc<str>> = LazyLock::new(|| "SAVEPOINT bedplate_step".into());
static READ_ONLY: LazyLock<Arc<str>> = LazyLock::new(|| "SET TRANSACTION READ ONLY".into());
static RELEASE: LazyLock<Arc<str>> = LazyLock::new(|| "RELEASE SAVEPOINT bedplate_step".into());

/// What the steps of a course need beside the connection.
pub(crate) struct Surroundings<'a> {
    pub(crate) session: &'a Session,
    pub(crate) role_settings: &'a RoleSettings,
    pub(crate) type_names: &'a TypeNames,
}

/// Under what a step runs.
struct Mode {
    set_up: SetUp,
    read_only: bool,
}

impl Mode {
    fn of(session: &Session, surroundings: &Surroundings<'_>) -> Result<Mode> {
        let outer = surroundings.session;
        if session.role != outer.role || session.is_operator() != outer.is_operator() {
            return Err(DatabaseError::internal("a step's session has another role than its work's"));
        }
        // The savepoint around the step makes it READ ONLY, so that what comes behind it may write.
        let mut writing = session.clone();
        writing.read_only = false;
        let set_up = set_up(&writing, surroundings.role_settings)?;
        Ok(Mode { set_up, read_only: session.read_only })
    }
}

/// Whether the transaction is open.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stage {
    Before,
    Open,
}

impl Attempt<'_> {
    /// Runs the work's statements, then what its continuation wants, to the end.
    pub(crate) async fn run_course(mut self, course: &Course, surroundings: &Surroundings<'_>) -> Result<()> {
        self.connection.evict();
        let mut stage = Stage::Before;
        let done = self.follow(&mut *course.begin(), surroundings, &mut stage).await;
        if stage == Stage::Before {
            return done.map(|_| ());
        }
        let end = match &done {
            Ok(Some(end)) => *end,
            Ok(None) | Err(_) => End::Rollback,
        };
        if done == Ok(Some(End::Rollback)) {
            // What is deferred is looked at all the same.
            self.push_fixed(&IMMEDIATE)?;
            self.connection.end_group();
            let group = self.connection.read_group().await?;
            self.finish(End::Rollback).await?;
            return group.error.map_or(Ok(()), Err);
        }
        let finished = self.finish(end).await;
        match done {
            Ok(_) => finished,
            Err(error) => Err(error),
        }
    }

    async fn finish(&mut self, end: End) -> Result<()> {
        self.push_end(end)?;
        let group = self.connection.read_group().await.map_err(|error| lost(error, end))?;
        group.error.map_or(Ok(()), Err)
    }

    async fn follow(
        &mut self,
        continuation: &mut dyn Continuation,
        surroundings: &Surroundings<'_>,
        stage: &mut Stage,
    ) -> Result<Option<End>> {
        let mut mode =
            Mode { set_up: set_up(surroundings.session, surroundings.role_settings)?, read_only: false };
        let statements = self.work.statements.clone();
        let (mut outcomes, mut met) = (Vec::new(), true);
        if !statements.is_empty() {
            (outcomes, met) = self.run_step(statements, &mode, true, surroundings, stage).await?;
        }
        loop {
            let next = continuation.next(outcomes);
            let step = match next {
                Next::Run(step) if met => step,
                Next::End(end) if met => return Ok(Some(end)),
                Next::Run(_) | Next::End(_) | Next::Abandon => return Ok(None),
            };
            let begins = step.session.is_some();
            if let Some(session) = &step.session {
                mode = Mode::of(session, surroundings)?;
            }
            let begins = begins || *stage == Stage::Before;
            (outcomes, met) = self.run_step(step.statements, &mode, begins, surroundings, stage).await?;
        }
    }

    /// Runs a step, behind a new set-up where one `begins`; whether all its expectations were met.
    async fn run_step(
        &mut self,
        statements: Vec<Statement>,
        mode: &Mode,
        begins: bool,
        surroundings: &Surroundings<'_>,
        stage: &mut Stage,
    ) -> Result<(Vec<Outcome>, bool)> {
        let work = Work { statements, isolation: self.work.isolation, ..Work::default() };
        let plan = Plan::new(&work)?;
        if plan.leaves_traces {
            return Err(DatabaseError::internal("a step has a statement that is no query"));
        }
        let mut attempt = Attempt {
            connection: &mut *self.connection,
            set_up: &mode.set_up,
            plan: &plan,
            work: &work,
            keep: self.keep,
            extension_roles: None,
        };
        let ran = attempt.send_step(stage, mode.read_only, begins).await?;
        let met = ran.met;
        surroundings.type_names.learn(self.connection, ran.types()).await?;
        let name = |type_oid, modifier| {
            surroundings.type_names.get(type_oid, modifier).unwrap_or_else(|| crate::UNKNOWN_TYPE.into())
        };
        Ok((ran.into_outcomes(&work, name), met))
    }

    async fn send_step(&mut self, stage: &mut Stage, read_only: bool, begins: bool) -> Result<Ran> {
        let mut prelude = 0;
        let mut first: Vec<&LazyLock<Arc<str>>> = Vec::new();
        if *stage == Stage::Before {
            first.push(begin(self.work.isolation));
        }
        if read_only {
            first.extend([&SAVEPOINT, &READ_ONLY]);
        }
        if begins {
            first.push(&RESET);
        }
        for text in first {
            self.push_fixed(text)?;
            prelude += 1;
        }
        if begins {
            self.push_set_up()?;
            prelude += 1;
        }
        let mut answers: Vec<Option<Answer>> = Vec::new();
        let segments = segments(&self.work.statements);
        let count = segments.len();
        for (at, range) in segments.into_iter().enumerate() {
            let sent = self.push_statements(range.clone())?;
            if read_only && at + 1 == count {
                self.push_fixed(&RELEASE)?;
            }
            self.connection.end_group();
            // From now on there is something to roll back.
            *stage = Stage::Open;
            let mut group = self.connection.read_group().await?;
            if let Some(error) = group.error.take() {
                return Err(located(error, group.answers.len(), prelude, &sent));
            }
            self.take_answers(&mut group, prelude, &sent, &mut answers);
            prelude = 0;
            let expectation = range.last().map(|index| &self.work.statements[index].expectation);
            let expectation = expectation.filter(|expectation| **expectation != Expectation::Any);
            if let Some(expectation) = expectation
                && !judge(expectation, answers.last())?
            {
                return Ok(Ran { answers, met: false });
            }
        }
        Ok(Ran { answers, met: true })
    }
}
