//! Runs seeds and tells what differs.

use crate::answer::{Verdict, compare};
use crate::asked::{Asked, Way};
use crate::dice::Dice;
use crate::engines::{Pair, operator};
use crate::model::{Model, User};
use crate::policy::candidates;
use crate::question::question;
use crate::schema::{Schema, schema};
use crate::shrink::smaller;
use database::{DatabaseError, End, Value};
use std::collections::BTreeMap;
use std::fmt::Write;
use testkit::TestPostgres;

/// What a run is to do.
#[derive(Clone, Copy, Debug)]
pub struct Plan {
    /// Questions of a schema.
    pub questions: usize,
    /// Whether what differs is made small.
    pub shrink: bool,
    /// The only form of questions that is asked ([`crate::forms::FORMS`]).
    pub only: Option<&'static str>,
}

/// What a run found.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// Schemas that were made.
    pub schemas: usize,
    /// Policies that were made.
    pub policies: usize,
    /// Policies that hid less than a tenth or more than nine tenths from everybody, and were not made.
    pub discarded: usize,
    /// Questions asked.
    pub questions: usize,
    /// Of them, those that may write.
    pub writes: usize,
    /// Of them, those to the data API.
    pub requests: usize,
    /// Equal answers that are rows.
    pub equal: usize,
    /// Equal answers that are errors, by code.
    pub errors: BTreeMap<String, usize>,
    /// Refusals, by message.
    pub refused: BTreeMap<String, usize>,
    /// Denied where PostgreSQL's planner leaves out what would be denied.
    pub stricter: usize,
    /// What differs, as text for a person.
    pub different: Vec<String>,
}

impl Report {
    /// Adds another's.
    pub fn add(&mut self, other: Report) {
        let Report {
            schemas,
            policies,
            discarded,
            questions,
            writes,
            requests,
            equal,
            errors,
            refused,
            stricter,
            different,
        } = other;
        self.schemas += schemas;
        self.policies += policies;
        self.discarded += discarded;
        self.questions += questions;
        self.writes += writes;
        self.requests += requests;
        self.equal += equal;
        self.stricter += stricter;
        for (code, count) in errors {
            *self.errors.entry(code).or_default() += count;
        }
        for (message, count) in refused {
            *self.refused.entry(message).or_default() += count;
        }
        self.different.extend(different);
    }

    /// Refused questions.
    pub fn refusals(&self) -> usize {
        self.refused.values().sum()
    }

    /// On a few lines.
    pub fn shown(&self) -> String {
        let errors: usize = self.errors.values().sum();
        let mut out = format!(
            "{} schemas, {} policies ({} discarded), {} questions ({} write, {} over HTTP): {} equal rows, {errors} equal errors, {} refused, {} stricter, {} different\n",
            self.schemas,
            self.policies,
            self.discarded,
            self.questions,
            self.writes,
            self.requests,
            self.equal,
            self.refusals(),
            self.stricter,
            self.different.len()
        );
        let errors: Vec<String> = self.errors.iter().map(|(code, count)| format!("{code} {count}")).collect();
        let _ = writeln!(out, "errors: {}", errors.join(", "));
        for (message, count) in &self.refused {
            let _ = writeln!(out, "refused {count}: {message}");
        }
        out
    }
}

/// What was done, so that it can be done again.
struct Past {
    definitions: Vec<String>,
    /// Who and what, of the questions that may have written.
    writes: Vec<Asked>,
}

/// One schema with its questions.
///
/// # Errors
/// What PostgreSQL says of what must work.
pub async fn seed(server: &TestPostgres, seed: u64, plan: Plan) -> Result<Report, DatabaseError> {
    let mut dice = Dice::new(seed);
    let mut report = Report { schemas: 1, ..Report::default() };
    let generated = schema(&mut dice);
    let pair = Pair::make(server).await?;
    let mut past = Past { definitions: Vec::new(), writes: Vec::new() };
    let model = match prepare(&pair, generated, &mut dice, &mut past, &mut report).await? {
        Some(model) => model,
        None => {
            pair.close(server).await;
            return Ok(report);
        }
    };
    for number in 0..plan.questions {
        let asked = question(&model, &mut dice, plan.only);
        let user = &model.users[asked.user];
        report.questions += 1;
        report.writes += usize::from(asked.writes);
        report.requests += usize::from(matches!(asked.way, Way::Http { .. }));
        let (postgres, embedded) = pair.ask(user, &asked, End::Commit).await;
        let verdict = compare(&asked, &postgres, &embedded);
        let diverged = asked.writes
            && verdict == Verdict::Different
            && postgres.code().is_none() != embedded.code().is_none();
        match verdict {
            Verdict::Equal { error: Some(code) } => *report.errors.entry(code).or_default() += 1,
            Verdict::Equal { error: None } => {
                report.equal += 1;
                if asked.writes {
                    past.writes.push(asked);
                }
            }
            Verdict::Refused(message) => *report.refused.entry(message).or_default() += 1,
            Verdict::Stricter => report.stricter += 1,
            Verdict::Different => {
                let (small, postgres, embedded) = if plan.shrink && !asked.writes {
                    shrink(&pair, user, &asked).await
                } else if plan.shrink && matches!(asked.way, Way::Sql(_)) {
                    shrink_write(server, &model, &past, &asked).await?
                } else {
                    (asked, postgres, embedded)
                };
                let text = told(seed, number, &model, &past, &small);
                report.different.push(format!(
                    "{text}postgres:\n{}embedded:\n{}",
                    postgres.shown(),
                    embedded.shown()
                ));
            }
        }
        // One wrote and the other did not: from here on all would differ.
        if diverged {
            pair.close(server).await;
            return Ok(report);
        }
    }
    if let Some(table) = contents_differ(&pair, &model).await {
        let found = if plan.shrink { first_difference(server, &model, &past).await? } else { None };
        let which = match found {
            Some(asked) => told(seed, plan.questions, &model, &past, &asked),
            None => format!("seed {seed}: "),
        };
        report.different.push(format!("{which}the contents of {table} differ at the end\n"));
    }
    pair.close(server).await;
    Ok(report)
}

/// Makes the schema on both; `None` when they differ there.
async fn prepare(
    pair: &Pair,
    generated: Schema,
    dice: &mut Dice,
    past: &mut Past,
    report: &mut Report,
) -> Result<Option<Model>, DatabaseError> {
    let Schema { mut model, definitions, rows } = generated;
    for statement in definitions.into_iter().chain(rows) {
        if !define(pair, statement, past, report).await? {
            return Ok(None);
        }
    }
    for table in 0..model.relations.len() {
        if model.relations[table].view || dice.chance(12) {
            continue;
        }
        model.relations[table].guarded = true;
        let name = model.relations[table].name.clone();
        let mut statements = vec![format!("alter table {name} enable row level security")];
        if dice.chance(30) {
            statements.push(format!("alter table {name} force row level security"));
        }
        let offered = candidates(&model, dice, table);
        for policy in offered {
            if hides_some(pair, &model, &policy).await? {
                report.policies += 1;
                statements.push(policy.statement.replacen("{}", &policy.condition, 1));
            } else {
                report.discarded += 1;
            }
        }
        for statement in statements {
            if !define(pair, statement, past, report).await? {
                return Ok(None);
            }
        }
    }
    pair.settle().await?;
    Ok(Some(model))
}

/// One definition on both; false when the embedded engine did not take it.
async fn define(
    pair: &Pair,
    statement: String,
    past: &mut Past,
    report: &mut Report,
) -> Result<bool, DatabaseError> {
    let statements = [statement];
    let session = operator();
    let postgres = pair.postgres.run(&session, &statements, End::Commit).await;
    let embedded = pair.embedded.run(&session, &statements, End::Commit).await;
    let [statement] = statements;
    match (postgres, embedded) {
        (Ok(_), Ok(_)) => {
            past.definitions.push(statement);
            Ok(true)
        }
        (Ok(_), Err(error)) if error.code() == sqlstate::FEATURE_NOT_SUPPORTED => {
            *report.refused.entry(format!("{}: {statement}", error.fields().message)).or_default() += 1;
            Ok(false)
        }
        (Ok(_), Err(error)) => {
            report.different.push(format!("definition {statement}\nembedded: {error:?}\n"));
            Ok(false)
        }
        (Err(error), _) => {
            report.different.push(format!("definition {statement}\npostgres: {error:?}\n"));
            Ok(false)
        }
    }
}

/// Whether a policy hides between a tenth and nine tenths of the rows from somebody whom it is for.
async fn hides_some(
    pair: &Pair,
    model: &Model,
    policy: &crate::policy::Policy,
) -> Result<bool, DatabaseError> {
    let name = &model.relations[policy.table].name;
    let count =
        format!("select count(*), count(*) filter (where ({}) is not true) from {name}", policy.condition);
    let statements = [count];
    for user in model.users.iter().filter(|user| policy.roles.contains(&user.role)) {
        let session = match &user.claims {
            Some(claims) => operator().with_setting("request.jwt.claims", claims.as_str()),
            None => operator(),
        };
        let outcomes = pair.postgres.run(&session, &statements, End::Commit).await;
        let Ok(outcomes) = outcomes else { return Ok(false) };
        let number = |column: usize| {
            let row = outcomes.first().and_then(|outcome| outcome.result.rows.first());
            row.and_then(|row| row.get(column)).and_then(Value::as_int).unwrap_or(0)
        };
        let (all, hidden) = (number(0), number(1));
        if hidden * 10 >= all && hidden * 10 <= all * 9 && all > 0 {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The first table whose rows differ.
async fn contents_differ(pair: &Pair, model: &Model) -> Option<String> {
    let everything = User { role: "postgres", claims: None };
    let tables = model.relations.iter().filter(|relation| !relation.view).map(|relation| &relation.name);
    for name in tables.chain(&model.others) {
        let text = format!("select * from {name}");
        let asked =
            Asked { user: 0, way: Way::Sql(text), ordered: false, several_culprits: false, writes: false };
        let (postgres, embedded) = pair.ask(&everything, &asked, End::Commit).await;
        if postgres != embedded {
            return Some(format!("{name}\npostgres:\n{}embedded:\n{}", postgres.shown(), embedded.shown()));
        }
    }
    None
}

/// Both engines as they were after the past.
async fn again(server: &TestPostgres, model: &Model, past: &Past) -> Result<Pair, DatabaseError> {
    let pair = Pair::make(server).await?;
    for statement in &past.definitions {
        let statement = std::slice::from_ref(statement);
        let _ = pair.postgres.run(&operator(), statement, End::Commit).await;
        let _ = pair.embedded.run(&operator(), statement, End::Commit).await;
    }
    for asked in &past.writes {
        let _ = pair.ask(&model.users[asked.user], asked, End::Commit).await;
    }
    Ok(pair)
}

type Shrunk = (Asked, crate::answer::Answer, crate::answer::Answer);

/// Makes a statement small; nothing that it does is kept.
async fn shrink(pair: &Pair, user: &User, asked: &Asked) -> Shrunk {
    let mut asked = asked.clone();
    let (mut postgres, mut embedded) = pair.ask(user, &asked, End::Rollback).await;
    let mut tries = 1500;
    'smaller: loop {
        let offered: Vec<Way> = match &asked.way {
            Way::Sql(text) => {
                smaller(text).into_iter().filter(|other| other.len() < text.len()).map(Way::Sql).collect()
            }
            Way::Http { method, target, prefer, body } => {
                let (path, query) = target.split_once('?').unwrap_or((target, ""));
                let parts: Vec<&str> = query.split('&').collect();
                (0..parts.len())
                    .map(|left_out| {
                        let kept: Vec<&str> = parts
                            .iter()
                            .enumerate()
                            .filter(|(at, _)| *at != left_out)
                            .map(|(_, part)| *part)
                            .collect();
                        let target = format!("{path}?{}", kept.join("&"));
                        Way::Http { method, target, prefer: prefer.clone(), body: body.clone() }
                    })
                    .filter(|_| parts.len() > 1)
                    .collect()
            }
        };
        for way in offered {
            tries -= 1;
            if tries == 0 {
                break 'smaller;
            }
            let tried = Asked { way, ..asked.clone() };
            let (first, second) = pair.ask(user, &tried, End::Rollback).await;
            let same_kind =
                first.code().is_some() == postgres.code().is_some() && second.code() == embedded.code();
            if same_kind && compare(&tried, &first, &second) == Verdict::Different {
                (asked, postgres, embedded) = (tried, first, second);
                continue 'smaller;
            }
        }
        break;
    }
    (asked, postgres, embedded)
}

/// Makes a statement that writes small, on the databases as they were before it.
async fn shrink_write(
    server: &TestPostgres,
    model: &Model,
    past: &Past,
    asked: &Asked,
) -> Result<Shrunk, DatabaseError> {
    let pair = again(server, model, past).await?;
    let shrunk = shrink(&pair, &model.users[asked.user], asked).await;
    pair.close(server).await;
    Ok(shrunk)
}

/// The first question after which the tables differ.
async fn first_difference(
    server: &TestPostgres,
    model: &Model,
    past: &Past,
) -> Result<Option<Asked>, DatabaseError> {
    let pair =
        again(server, model, &Past { definitions: past.definitions.clone(), writes: Vec::new() }).await?;
    let mut found = None;
    for asked in &past.writes {
        let _ = pair.ask(&model.users[asked.user], asked, End::Commit).await;
        if contents_differ(&pair, model).await.is_some() {
            found = Some(asked.clone());
            break;
        }
    }
    pair.close(server).await;
    Ok(found)
}

/// What somebody needs who wants to see it: the definitions of what is named, who asks, and what.
fn told(seed: u64, number: usize, model: &Model, past: &Past, asked: &Asked) -> String {
    let shown = asked.shown();
    let mut out = format!("seed {seed}, question {number}\n");
    let mut named: Vec<&str> = model
        .relations
        .iter()
        .map(|relation| relation.name.as_str())
        .filter(|name| is_named(&shown, name))
        .collect();
    let routines = model.routines.iter().map(|routine| routine.name.as_str());
    for function in ["my_teams", "in_team", "my_level", "rows_of"].into_iter().chain(routines) {
        if is_named(&shown, function) {
            named.push(function);
        }
    }
    for statement in &past.definitions {
        let head: String = statement.chars().take(60).collect();
        let of_trigger = |name: &&str| head.starts_with(&format!("create function {name}_"));
        if named.iter().any(|name| is_named(&head, name) || of_trigger(name))
            && !statement.starts_with("insert")
        {
            let _ = writeln!(out, "{statement};");
        }
    }
    let _ = writeln!(out, "-- as {}\n{shown};", model.users[asked.user].shown());
    out
}

fn is_named(text: &str, name: &str) -> bool {
    text.match_indices(name).any(|(at, _)| {
        let word = |found: Option<char>| found.is_some_and(|found| found.is_alphanumeric() || found == '_');
        !word(text[..at].chars().next_back()) && !word(text[at + name.len()..].chars().next())
    })
}

/// The whole of a seed's schema, as a script.
///
/// # Errors
/// What PostgreSQL says of what must work.
pub async fn script(server: &TestPostgres, seed: u64) -> Result<String, DatabaseError> {
    let mut dice = Dice::new(seed);
    let generated = schema(&mut dice);
    let pair = Pair::make(server).await?;
    let mut past = Past { definitions: Vec::new(), writes: Vec::new() };
    let mut report = Report::default();
    let _ = prepare(&pair, generated, &mut dice, &mut past, &mut report).await?;
    pair.close(server).await;
    Ok(past.definitions.join(";\n") + ";\n")
}
