//! A work, sent: as one group where nothing is to be decided between its statements, and answered in one round trip.

use crate::connection::{Answer, Connection, Group};
use crate::error;
use crate::keyword::{StatementKind, classify, first_word};
use crate::session::{SetUp, quote_identifier};
use database::{
    Column, DatabaseError, End, Expectation, Isolation, Notice, Outcome, Result, ResultSet, Statement,
    TransactionControl, Value, Work,
};
use std::ops::Range;
use std::sync::{Arc, LazyLock};

/// Statements longer than this are not kept prepared: they are seldom sent twice.
const KEPT_LENGTH: usize = 32 * 1024;

/// Works with more statements than this are scripts: theirs are not kept prepared.
const KEPT_STATEMENTS: usize = 16;

/// What a work is to the driver.
pub(crate) struct Plan {
    kinds: Vec<StatementKind>,
    /// Nothing but the transaction that PostgreSQL makes of a group of messages is needed: no BEGIN, no COMMIT.
    implicit: bool,
    /// Something may be left in the server session (SET, LISTEN, a temporary table), or was changed in the catalog.
    pub(crate) leaves_traces: bool,
}

impl Plan {
    /// Looks at a work before anything is sent.
    ///
    /// # Errors
    /// 0A000 for statements that would end the transaction, 08P01 for COPY FROM STDIN without its rows.
    pub(crate) fn new(work: &Work) -> Result<Plan> {
        let kinds: Vec<StatementKind> =
            work.statements.iter().map(|statement| classify(&statement.text)).collect();
        for (index, (kind, statement)) in kinds.iter().zip(&work.statements).enumerate() {
            let refused = match kind {
                StatementKind::TransactionEnd => true,
                StatementKind::TransactionBlock => work.transaction_control == TransactionControl::Refused,
                StatementKind::CopyFrom => statement.rows.is_none(),
                StatementKind::CopyTo => false,
                StatementKind::Query | StatementKind::Extension | StatementKind::Utility => false,
            };
            if refused {
                return Err(refusal(*kind, &statement.text).in_statement(index));
            }
        }
        // Only these kinds: a procedure that CALL or DO runs outside a transaction block could COMMIT, and with that
        // shed the role that the session gave it.
        let implicit = work.end == End::Commit
            && work.isolation == Isolation::Usual
            && matches!(
                (kinds.as_slice(), work.statements.as_slice()),
                ([StatementKind::Query], [Statement { expectation: Expectation::Any, .. }])
            );
        let leaves_traces = kinds.iter().any(|kind| *kind != StatementKind::Query);
        Ok(Plan { kinds, implicit, leaves_traces })
    }
}

fn refusal(kind: StatementKind, text: &str) -> DatabaseError {
    match kind {
        StatementKind::CopyFrom => {
            DatabaseError::new(sqlstate::PROTOCOL_VIOLATION, "COPY FROM stdin came without its rows")
        }
        _ => DatabaseError::new(
            sqlstate::FEATURE_NOT_SUPPORTED,
            format!("{} is not supported here: the statements are one transaction already", first_word(text)),
        ),
    }
}

pub(crate) static RESET: LazyLock<Arc<str>> = LazyLock::new(|| "RESET ALL".into());
static BEGIN: LazyLock<Arc<str>> = LazyLock::new(|| "BEGIN".into());
static BEGIN_REPEATABLE: LazyLock<Arc<str>> =
    LazyLock::new(|| "BEGIN TRANSACTION ISOLATION LEVEL REPEATABLE READ".into());
static COMMIT: LazyLock<Arc<str>> = LazyLock::new(|| "COMMIT".into());
static ROLLBACK: LazyLock<Arc<str>> = LazyLock::new(|| "ROLLBACK".into());
pub(crate) static IMMEDIATE: LazyLock<Arc<str>> = LazyLock::new(|| "SET CONSTRAINTS ALL IMMEDIATE".into());

/// The statement that begins a transaction.
pub(crate) fn begin(isolation: Isolation) -> &'static LazyLock<Arc<str>> {
    match isolation {
        Isolation::Usual => &BEGIN,
        Isolation::RepeatableRead => &BEGIN_REPEATABLE,
    }
}

/// One attempt to run a work on one connection.
pub(crate) struct Attempt<'a> {
    pub(crate) connection: &'a mut Connection,
    pub(crate) set_up: &'a SetUp,
    pub(crate) plan: &'a Plan,
    pub(crate) work: &'a Work,
    /// Whether statements may be kept prepared at all.
    pub(crate) keep: bool,
    /// Who makes extensions, and who goes on afterwards.
    pub(crate) extension_roles: Option<ExtensionRoles<'a>>,
}

/// The roles around a statement that concerns an extension.
#[derive(Clone, Copy)]
pub(crate) struct ExtensionRoles<'a> {
    pub(crate) maker: &'a str,
    pub(crate) session: &'a str,
}

/// What the statements up to the last one that ran answered; `None` for those that were skipped.
pub(crate) struct Ran {
    pub(crate) answers: Vec<Option<Answer>>,
    /// Whether the last one's expectation was met.
    pub(crate) met: bool,
}

impl Attempt<'_> {
    /// Runs it.
    pub(crate) async fn run(mut self) -> Result<Ran> {
        self.connection.evict();
        if self.plan.implicit { self.run_implicit().await } else { self.run_block().await }
    }

    /// RESET ALL, set-up, statement: one group, one transaction, committed by its end.
    async fn run_implicit(&mut self) -> Result<Ran> {
        self.push_fixed(&RESET)?;
        self.push_set_up()?;
        let sent = self.push_statements(0..1)?;
        self.connection.end_group();
        let mut group = self.connection.read_group().await.map_err(|error| lost(error, End::Commit))?;
        if let Some(error) = group.error.take() {
            return Err(located(error, group.answers.len(), 2, &sent));
        }
        let mut answers = Vec::new();
        self.take_answers(&mut group, 2, &sent, &mut answers);
        add_notices(&mut answers, group.late_notices);
        Ok(Ran { answers, met: true })
    }

    /// BEGIN … COMMIT. All goes out at once, the end too, unless an expectation is to be looked at before.
    async fn run_block(&mut self) -> Result<Ran> {
        for text in [begin(self.work.isolation), &RESET] {
            self.push_fixed(text)?;
        }
        self.push_set_up()?;
        let mut prelude = 3;
        let mut answers = Vec::new();
        let segments = segments(&self.work.statements);
        let count = segments.len();
        for (at, range) in segments.into_iter().enumerate() {
            let sent = self.push_statements(range.clone())?;
            let last = at + 1 == count;
            if last && self.work.end == End::Rollback {
                self.push_fixed(&IMMEDIATE)?;
            }
            self.connection.end_group();
            let expectation = range.clone().next_back().map(|index| &self.work.statements[index].expectation);
            let expectation = expectation.filter(|expectation| **expectation != Expectation::Any);
            let ends = last && expectation.is_none();
            if ends {
                self.push_end(self.work.end)?;
            }
            let group = self.connection.read_group().await;
            let mut group =
                group.map_err(|error| lost(error, if ends { self.work.end } else { End::Rollback }))?;
            let error = match group.error.take() {
                Some(error) => Some(located(error, group.answers.len(), prelude, &sent)),
                None => {
                    self.take_answers(&mut group, prelude, &sent, &mut answers);
                    None
                }
            };
            let met = match (&error, expectation) {
                (None, Some(expectation)) => judge(expectation, answers.last()),
                _ => Ok(true),
            };
            let failed = error.or_else(|| met.as_ref().err().cloned());
            if !ends && (last || failed.is_some() || met == Ok(false)) {
                let well = failed.is_none() && met == Ok(true);
                self.push_end(if well { self.work.end } else { End::Rollback })?;
            } else if !ends {
                prelude = 0;
                continue;
            }
            let end = self.read_end().await;
            if let Some(error) = failed {
                return Err(error);
            }
            add_notices(&mut answers, end?);
            return Ok(Ran { answers, met: met? });
        }
        Err(DatabaseError::internal("a work without a last segment"))
    }

    pub(crate) fn push_fixed(&mut self, text: &LazyLock<Arc<str>>) -> Result<()> {
        self.push(text, &[], 0, self.keep)
    }

    pub(crate) fn push_set_up(&mut self) -> Result<()> {
        let set_up = self.set_up;
        self.push(&set_up.text, &set_up.parameters, 0, self.keep)
    }

    fn push(&mut self, text: &Arc<str>, parameters: &[Value], scope: u64, keep: bool) -> Result<()> {
        let pushed = self.connection.push(text, parameters, keep.then_some(scope));
        if pushed.is_err() {
            self.connection.abandon();
        }
        pushed
    }

    /// Pushes statements and gives, for each step, the index of its statement; those that were skipped have no step, and
    /// steps of ours have no statement.
    pub(crate) fn push_statements(&mut self, range: Range<usize>) -> Result<Vec<Option<usize>>> {
        let mut sent = Vec::new();
        for index in range {
            let kind = self.plan.kinds[index];
            if kind == StatementKind::TransactionBlock {
                continue;
            }
            let Statement { text, parameters, expectation: _, rows } = &self.work.statements[index];
            let keep = self.keep
                && kind == StatementKind::Query
                && text.len() <= KEPT_LENGTH
                && self.work.statements.len() <= KEPT_STATEMENTS;
            let extension_roles = self.extension_roles.filter(|_| kind == StatementKind::Extension);
            if let Some(roles) = extension_roles {
                self.push_role(roles.maker)?;
                sent.push(None);
            }
            self.push(text, parameters, self.set_up.scope, keep)
                .map_err(|error| error.in_statement(index))?;
            if kind == StatementKind::CopyFrom
                && let Some(rows) = rows
            {
                self.connection.push_rows(rows).inspect_err(|_| self.connection.abandon())?;
            }
            sent.push(Some(index));
            if let Some(roles) = extension_roles {
                self.push_role(roles.session)?;
                sent.push(None);
            }
        }
        Ok(sent)
    }

    fn push_role(&mut self, role: &str) -> Result<()> {
        self.push(&format!("SET LOCAL ROLE {}", quote_identifier(role)).into(), &[], 0, false)
    }

    /// COMMIT or ROLLBACK; then the session forgets what a script left in it.
    pub(crate) fn push_end(&mut self, end: End) -> Result<()> {
        self.push_fixed(match end {
            End::Commit => &COMMIT,
            End::Rollback => &ROLLBACK,
        })?;
        self.connection.end_group();
        if self.plan.leaves_traces {
            self.connection.push_simple("DISCARD ALL")?;
        }
        Ok(())
    }

    /// Reads the answers to [`Attempt::push_end`]. An error is COMMIT's: a deferred constraint or trigger.
    async fn read_end(&mut self) -> Result<Vec<Notice>> {
        let mut group = self.connection.read_group().await.map_err(|error| lost(error, self.work.end))?;
        if self.plan.leaves_traces {
            // Committed or not, that is decided: a connection that is lost now is only not used again.
            let _ = self.connection.read_group().await;
            self.connection.forget_prepared();
        }
        let mut notices: Vec<Notice> = group.answers.drain(..).flat_map(|answer| answer.notices).collect();
        notices.append(&mut group.late_notices);
        group.error.map_or(Ok(notices), Err)
    }

    /// Appends the answers of the statements that were sent, with a gap for each that was skipped.
    pub(crate) fn take_answers(
        &self,
        group: &mut Group,
        prelude: usize,
        sent: &[Option<usize>],
        into: &mut Vec<Option<Answer>>,
    ) {
        for (index, answer) in sent.iter().zip(group.answers.drain(prelude..)) {
            let Some(index) = index else { continue };
            into.resize_with(*index, || None);
            into.push(Some(answer));
        }
    }
}

/// The statements in runs that go out together: each ends where an expectation must be looked at.
pub(crate) fn segments(statements: &[Statement]) -> Vec<Range<usize>> {
    let mut segments = Vec::new();
    let mut start = 0;
    for (index, statement) in statements.iter().enumerate() {
        if statement.expectation != Expectation::Any || index + 1 == statements.len() {
            segments.push(start..index + 1);
            start = index + 1;
        }
    }
    if segments.is_empty() {
        segments.push(0..0);
    }
    segments
}

/// Says which statement an error belongs to: the first step without an answer.
pub(crate) fn located(
    error: DatabaseError,
    answered: usize,
    prelude: usize,
    sent: &[Option<usize>],
) -> DatabaseError {
    match answered.checked_sub(prelude).and_then(|at| sent.get(at)) {
        Some(Some(index)) => error.in_statement(*index),
        Some(None) | None => error,
    }
}

/// A connection that is lost once COMMIT was sent leaves open whether it was done.
pub(crate) fn lost(error: DatabaseError, sent: End) -> DatabaseError {
    match sent {
        End::Commit if error.code() == sqlstate::CONNECTION_FAILURE => {
            let why = error.fields().internal.clone().unwrap_or_default();
            error::unknown_outcome(why)
        }
        End::Commit | End::Rollback => error,
    }
}

pub(crate) fn judge(expectation: &Expectation, answer: Option<&Option<Answer>>) -> Result<bool> {
    let answer = answer.and_then(Option::as_ref);
    let (column, min, max) = match expectation {
        Expectation::Any => return Ok(true),
        Expectation::Affected(rows) => {
            return Ok(affected(answer.map_or("", |answer| answer.tag.as_str())) == *rows);
        }
        Expectation::CountWithin { column, min, max } => (column, min, max),
    };
    let count = answer.and_then(|answer| {
        let at = answer.fields.iter().position(|field| field.name == *column)?;
        answer.rows.first()?.get(at)?.as_int()
    });
    let count = count.ok_or_else(|| {
        DatabaseError::internal(format_args!(
            "the statement answered no integer \"{column}\" to expect anything of"
        ))
    })?;
    Ok((*min..=*max).contains(&count))
}

fn add_notices(answers: &mut [Option<Answer>], notices: Vec<Notice>) {
    if let Some(answer) = answers.iter_mut().rev().flatten().next() {
        answer.notices.extend(notices);
    }
}

impl Ran {
    /// The outcomes, with the types' names as `type_name` knows them.
    pub(crate) fn into_outcomes(self, work: &Work, type_name: impl Fn(u32, i32) -> Arc<str>) -> Vec<Outcome> {
        let Ran { mut answers, met } = self;
        if met {
            answers.resize_with(work.statements.len(), || None);
        }
        let last = answers.len();
        let outcome = |(index, answer): (usize, Option<Answer>)| match answer {
            None => skipped(&work.statements[index]),
            Some(Answer { fields, rows, tag, notices, copied }) => Outcome {
                copied,
                result: ResultSet {
                    columns: fields
                        .iter()
                        .map(|field| Column {
                            name: field.name.clone(),
                            type_oid: field.type_oid,
                            type_name: type_name(field.type_oid, field.type_modifier),
                        })
                        .collect(),
                    rows,
                },
                affected: affected(&tag),
                tag,
                notices,
                met: met || index + 1 != last,
                no_effect: None,
            },
        };
        answers.into_iter().enumerate().map(outcome).collect()
    }

    /// The types of the columns.
    pub(crate) fn types(&self) -> impl Iterator<Item = (u32, i32)> {
        let fields = self.answers.iter().flatten().flat_map(|answer| answer.fields.iter());
        fields.map(|field| (field.type_oid, field.type_modifier))
    }
}

/// The count at the end of a command tag; 0 where there is none.
fn affected(tag: &str) -> u64 {
    tag.rsplit(' ').next().and_then(|count| count.parse().ok()).unwrap_or(0)
}

fn skipped(statement: &Statement) -> Outcome {
    Outcome {
        tag: first_word(&statement.text),
        met: true,
        no_effect: Some("a script is one transaction; its own BEGIN and COMMIT are skipped".into()),
        ..Outcome::default()
    }
}
