//! A request as resolved: against the catalog, to a plan or to what needs no database.

use crate::asked::{Action, Asked, Invocation, Mutation};
use crate::error::{Refusal, near_table};
use crate::media::{Format, MediaType};
use crate::model::{Door, Model, Returns, Routine, Table};
use crate::plan::{
    CallPlan, Node, ReadPlanner, Source, WriteKind, WritePlan, choose_function, plan_write, result_table,
};
use crate::preferences::Representation;
use crate::settings::Settings;
use crate::sql::{self, Answering, CountWanted, Script};
use catalog::Volatility;
use std::sync::Arc;

/// What a request comes to.
#[derive(Debug)]
pub(crate) enum Resolved {
    /// Statements to run.
    Statements { script: Script, answer: Answer, read_only: bool, settings: Vec<(String, String)> },
    /// Methods that are allowed.
    Methods(String),
    /// The document of all that there is.
    Document { head: bool },
}

/// How the answer is made of the statements' results.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) kind: AnswerKind,
    /// How its body looks, when it has one.
    pub(crate) format: Option<Format>,
    pub(crate) media: MediaType,
    /// The most rows that a write or call may concern.
    pub(crate) maximum: Option<i64>,
}

/// What was done.
#[derive(Clone, Debug)]
pub(crate) enum AnswerKind {
    /// Rows read.
    Read { table: Arc<Table>, head: bool },
    /// Rows written.
    Write { table: Arc<Table>, mutation: Mutation },
    /// A function called.
    Call { void: bool, whole_array: bool, head: bool },
}

impl Resolved {
    /// Resolves a request.
    pub(crate) fn of(
        asked: &Asked,
        model: &Model,
        door: &Door,
        settings: &Settings,
    ) -> Result<Resolved, Refusal> {
        let planner =
            |max_rows| ReadPlanner::new(model, door, &asked.schema, max_rows, settings.aggregates_enabled);
        let resolved = match &asked.action {
            Action::Read { relation, head } => {
                let table = find_table(asked, model, relation, door)?;
                read(asked, settings, planner(settings.max_rows), table, *head)
            }
            Action::Write { relation, mutation } => {
                let table = find_table(asked, model, relation, door)?;
                write(asked, settings, planner(None), planner(None), (table, *mutation))
            }
            Action::Call { function, invocation } => {
                let plan = choose_function(model, asked, function, *invocation)?;
                call(asked, settings, (model, planner(settings.max_rows)), plan, *invocation)
            }
            Action::DescribeRelation(relation) => {
                find_table(asked, model, relation, door).map(|table| Resolved::Methods(methods(table)))
            }
            Action::DescribeFunction(function) => {
                let plan = choose_function(model, asked, function, Invocation::Read { head: true })?;
                let methods = match plan.routine.volatility {
                    Volatility::Volatile => "OPTIONS,POST",
                    Volatility::Immutable | Volatility::Stable => "OPTIONS,GET,HEAD,POST",
                };
                Ok(Resolved::Methods(methods.to_owned()))
            }
            Action::DescribeRoot => Ok(Resolved::Methods("OPTIONS,GET,HEAD".to_owned())),
            Action::Root { head } => document(asked, settings, *head),
        };
        resolved.map(Resolved::explained_where_asked)
    }

    /// Explains the statement instead of running it, where that is what was accepted.
    fn explained_where_asked(self) -> Resolved {
        match self {
            Resolved::Statements { script, answer, read_only, settings } => {
                let script = match &answer.media {
                    MediaType::Plan { json, options, .. } => script.explained(*json, options),
                    _ => script,
                };
                Resolved::Statements { script, answer, read_only, settings }
            }
            Resolved::Methods(_) | Resolved::Document { .. } => self,
        }
    }
}

fn document(asked: &Asked, settings: &Settings, head: bool) -> Result<Resolved, Refusal> {
    let accepted = |media: &MediaType| matches!(media, MediaType::OpenApi | MediaType::Json | MediaType::Any);
    match settings.root_enabled {
        false => Err(Refusal::RootDisabled),
        true if asked.accept.iter().any(accepted) => Ok(Resolved::Document { head }),
        true => Err(Refusal::Media(asked.accept.iter().map(MediaType::text).collect())),
    }
}

pub(crate) fn find_table<'a>(
    asked: &Asked,
    model: &'a Model,
    relation: &str,
    door: &Door,
) -> Result<&'a Arc<Table>, Refusal> {
    match model.table(&asked.schema, relation).filter(|table| door.shows(table)) {
        Some(table) => Ok(table),
        None => Err(Refusal::NoTable {
            schema: asked.schema.clone(),
            table: relation.to_owned(),
            suggestion: near_table(model, &asked.schema, relation, door),
            may_be_hidden: door.hides,
        }),
    }
}

fn methods(table: &Table) -> String {
    let mut methods = vec!["OPTIONS,GET,HEAD"];
    if table.insertable {
        methods.push("POST");
    }
    if table.insertable && table.updatable && !table.primary_key.is_empty() {
        methods.push("PUT");
    }
    if table.updatable {
        methods.push("PATCH");
    }
    if table.deletable {
        methods.push("DELETE");
    }
    methods.join(",")
}

/// The first acceptable format.
pub(crate) fn negotiate(asked: &Asked, settings: &Settings) -> Result<(Format, MediaType), Refusal> {
    let found = asked.accept.iter().find_map(|media| match media {
        MediaType::Plan { of, .. } if settings.plan_enabled => Some((of.format()?.0, media.clone())),
        _ => media.format(),
    });
    found.ok_or_else(|| Refusal::Media(asked.accept.iter().map(MediaType::text).collect()))
}

/// The first acceptable format of a function's result: its own document's, before what any result can be.
fn negotiate_call(
    asked: &Asked,
    settings: &Settings,
    routine: &Routine,
) -> Result<(Format, MediaType), Refusal> {
    let Some((own, bytes)) = &routine.document else {
        return negotiate(asked, settings);
    };
    for media in &asked.accept {
        let is_vendors =
            matches!(media, MediaType::Object { .. } | MediaType::StrippedArray | MediaType::Plan { .. });
        if !is_vendors && (own == media || *own == MediaType::Any) {
            let shown = if *own == MediaType::Any { MediaType::Bytes } else { own.clone() };
            return Ok((Format::Value { bytes: *bytes }, shown));
        }
        if media.format().is_some() {
            return negotiate(asked, settings);
        }
    }
    negotiate(asked, settings)
}

pub(crate) fn check_preferences(asked: &Asked) -> Result<(), Refusal> {
    if asked.preferences.is_strict() && !asked.preferences.unknown.is_empty() {
        return Err(Refusal::Preferences(asked.preferences.unknown.clone()));
    }
    Ok(())
}

fn count_wanted(asked: &Asked) -> CountWanted {
    if asked.preferences.count.is_some() { CountWanted::Yes } else { CountWanted::No }
}

fn read(
    asked: &Asked,
    settings: &Settings,
    planner: ReadPlanner<'_>,
    table: &Arc<Table>,
    head: bool,
) -> Result<Resolved, Refusal> {
    let plan = planner.plan(&asked.query, asked.range, Source::Table(Arc::clone(table)), &table.name)?;
    let (format, media) = negotiate(asked, settings)?;
    check_preferences(asked)?;
    if let Some(error) = plan.missing {
        return Err(error.into());
    }
    // A single object is still checked where only headers are wanted.
    let shown =
        if head && !matches!(format, Format::Json { single: true, .. }) { None } else { Some(format) };
    Ok(Resolved::Statements {
        script: sql::read(&plan.node, shown, count_wanted(asked)),
        answer: Answer {
            kind: AnswerKind::Read { table: Arc::clone(table), head },
            format: Some(format),
            media,
            maximum: None,
        },
        read_only: true,
        settings: Vec::new(),
    })
}

fn write(
    asked: &Asked,
    settings: &Settings,
    planner: ReadPlanner<'_>,
    conditions: ReadPlanner<'_>,
    (table, mutation): (&Arc<Table>, Mutation),
) -> Result<Resolved, Refusal> {
    let rows = planner.plan(&asked.query, asked.range, Source::Written(Arc::clone(table)), &table.name)?;
    let plan = plan_write(conditions, asked, table, mutation)?;
    check_preferences(asked)?;
    let (format, media) = negotiate(asked, settings)?;
    let representation = asked.preferences.representation;
    let full = representation == Some(Representation::Full);
    if let Some(error) = plan.missing.clone().or(rows.missing.filter(|_| full)) {
        return Err(error.into());
    }
    let maximum = match mutation {
        Mutation::Update | Mutation::Delete => asked.preferences.enforced_maximum(),
        Mutation::Insert | Mutation::UpsertOne => None,
    };
    let single = matches!(format, Format::Json { single: true, .. });
    let bounds = match (mutation, single) {
        (Mutation::UpsertOne, _) => None,
        (_, true) => Some((1, 1)),
        (_, false) => maximum.map(|rows| (0, rows)),
    };
    let answering = match representation {
        Some(Representation::Full) => Answering::Rows { node: &rows.node, format },
        Some(Representation::HeadersOnly) if mutation == Mutation::Insert => Answering::Location,
        Some(Representation::HeadersOnly | Representation::Minimal) | None => Answering::Nothing,
    };
    let script = if changes_nothing(&plan) {
        Script::default()
    } else {
        sql::write(&plan, &answering, bounds, settings.pre_request.is_some())?
    };
    Ok(Resolved::Statements {
        script,
        answer: Answer {
            kind: AnswerKind::Write { table: Arc::clone(table), mutation },
            format: full.then_some(format),
            media,
            maximum,
        },
        read_only: false,
        settings: Vec::new(),
    })
}

fn changes_nothing(plan: &WritePlan) -> bool {
    matches!(&plan.kind, WriteKind::Update { columns, .. } if columns.is_empty())
}

fn call(
    asked: &Asked,
    settings: &Settings,
    (model, planner): (&Model, ReadPlanner<'_>),
    plan: CallPlan,
    invocation: Invocation,
) -> Result<Resolved, Refusal> {
    let routine = Arc::clone(&plan.routine);
    let table = result_table(model, &routine);
    let name = table.as_ref().map_or(routine.name.as_str(), |table| table.name.as_str()).to_owned();
    let rows = planner.plan(&asked.query, asked.range, Source::Called(table), &name)?;
    let (format, media) = negotiate_call(asked, settings, &routine)?;
    check_preferences(asked)?;
    let maximum = asked.preferences.enforced_maximum();
    if maximum.is_some() && routine.returns_single() {
        return Err(Refusal::MaximumOfSingle);
    }
    if let Some(error) = rows.missing {
        return Err(error.into());
    }
    let head = invocation == Invocation::Read { head: true };
    let node: &Node = &rows.node;
    let shown = (!head).then_some(format);
    Ok(Resolved::Statements {
        script: sql::call(&plan, node, shown, count_wanted(asked), maximum),
        answer: Answer {
            kind: AnswerKind::Call {
                void: routine.returns == Returns::Void && !routine.returns_set,
                whole_array: routine.returns_set,
                head,
            },
            format: Some(format),
            media,
            maximum,
        },
        read_only: invocation != Invocation::Post || routine.volatility != Volatility::Volatile,
        settings: routine.settings.iter().filter(|(name, _)| is_hoisted(name)).cloned().collect(),
    })
}

/// Settings of a function that must hold before its statement begins.
fn is_hoisted(name: &str) -> bool {
    matches!(name, "statement_timeout" | "plan_filter.statement_cost_limit" | "default_transaction_isolation")
}
