//! A request as resolved: against the catalog, to a plan or to what needs no database.

use crate::asked::{Action, Asked, Invocation, Mutation};
use crate::error::{Refusal, near_table};
use crate::media::{Format, MediaType, ValueKind};
use crate::model::{Door, Handler, Handlers, Model, Returns, Table};
use crate::plan::{
    CallPlan, Node, ReadPlanner, Source, WriteKind, WritePlan, choose_function, plan_write, result_table,
};
use crate::preferences::{Count, Representation};
use crate::settings::{OpenApi, Settings};
use crate::sql::{self, Answering, CountWanted, Script};
use catalog::{Oid, Volatility};
use std::sync::Arc;

/// What a request comes to.
#[derive(Debug)]
pub(crate) enum Resolved {
    /// Statements to run.
    Statements { script: Script, answer: Box<Answer>, read_only: bool, settings: Vec<(String, String)> },
    /// Methods that are allowed.
    Methods(String),
    /// The document of all that there is.
    Document { head: bool, media: MediaType },
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
    /// Embeds that the request calls by their targets' names, and the names that they have.
    pub(crate) renamed: Vec<(String, String)>,
}

/// What a request is resolved against.
#[derive(Clone, Copy)]
pub(crate) struct Against<'a> {
    pub(crate) model: &'a Model,
    pub(crate) door: &'a Door,
    pub(crate) settings: &'a Settings,
    /// Whether the database tells how many rows it expects.
    pub(crate) estimates: bool,
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
    pub(crate) fn of(asked: &Asked, against: Against<'_>) -> Result<Resolved, Refusal> {
        let Against { model, door, settings, .. } = against;
        let planner = |max_rows| ReadPlanner::new(model, door, settings, &asked.schema, max_rows);
        let resolved = match &asked.action {
            Action::Read { relation, head } => {
                let table = find_table(asked, model, relation, door)?;
                read(asked, against, planner(settings.max_rows), table, *head)
            }
            Action::Write { relation, mutation } => {
                let table = find_table(asked, model, relation, door)?;
                write(asked, against, planner(None), planner(None), (table, *mutation))
            }
            Action::Call { function, invocation } => {
                let plan = choose_function(model, asked, function, *invocation)?;
                call(asked, against, planner(settings.max_rows), plan, *invocation)
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
    let shown = |media: &MediaType| match media {
        MediaType::OpenApi | MediaType::Json | MediaType::Any => Some(MediaType::OpenApi),
        MediaType::OpenApi3 { .. } => Some(media.clone()),
        _ => None,
    };
    match (settings.openapi, asked.accept.iter().find_map(shown)) {
        (OpenApi::Disabled, _) => Err(Refusal::RootDisabled),
        (_, Some(media)) => Ok(Resolved::Document { head, media }),
        (_, None) => Err(Refusal::Media(asked.accept.iter().map(MediaType::text).collect())),
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

/// What can make documents of a result.
struct Producers<'a> {
    handlers: &'a Handlers,
    /// What the function's own value is.
    own: Option<&'a (MediaType, ValueKind)>,
    /// The relation whose rows they are.
    relation: Option<Oid>,
    /// Whether whole rows are asked for: what is made for a relation takes no others.
    whole_rows: bool,
}

impl Producers<'_> {
    /// How this type can be made: by what is made for the result, by what is made for anything, by the data API itself.
    fn of(&self, media: &MediaType) -> Option<(Format, MediaType)> {
        let for_this = || [&MediaType::Any, media].into_iter().find_map(|media| self.of_this(media));
        if let Some(found) = self.whole_rows.then(for_this).flatten() {
            return Some(found);
        }
        self.handlers.of_anything(media).map(handled).or_else(|| media.format())
    }

    fn of_this(&self, media: &MediaType) -> Option<(Format, MediaType)> {
        if let Some((own, kind)) = self.own
            && own == media
        {
            return Some((Format::Value(*kind), own.shown()));
        }
        self.handlers.of_relation(self.relation?, media).map(handled)
    }
}

fn handled(handler: &Arc<Handler>) -> (Format, MediaType) {
    (Format::Handled(Arc::clone(handler)), handler.media.clone())
}

/// The first acceptable format. The protocol's own types cannot be replaced.
fn negotiate(
    asked: &Asked,
    settings: &Settings,
    producers: &Producers<'_>,
) -> Result<(Format, MediaType), Refusal> {
    let is_own = |media: &MediaType| matches!(media, MediaType::Object { .. } | MediaType::StrippedArray);
    let made = |media: &MediaType| if is_own(media) { media.format() } else { producers.of(media) };
    let found = asked.accept.iter().find_map(|media| match media {
        MediaType::Plan { of, .. } if settings.plan_enabled => Some((made(of)?.0, media.clone())),
        MediaType::Plan { .. } => None,
        _ => made(media),
    });
    found.ok_or_else(|| Refusal::Media(asked.accept.iter().map(MediaType::text).collect()))
}

/// The first acceptable format of those that the data API makes itself, one row at a time.
pub(crate) fn negotiate_own(asked: &Asked) -> Result<(Format, MediaType), Refusal> {
    let found = asked.accept.iter().find_map(MediaType::format);
    found.ok_or_else(|| Refusal::Media(asked.accept.iter().map(MediaType::text).collect()))
}

fn of_table<'a>(asked: &Asked, model: &'a Model, table: &Table) -> Producers<'a> {
    Producers {
        handlers: model.handlers(),
        own: None,
        relation: Some(table.oid),
        whole_rows: asked.query.selects_everything() && !table.is_represented(),
    }
}

pub(crate) fn check_preferences(asked: &Asked) -> Result<(), Refusal> {
    if asked.preferences.is_strict() && !asked.preferences.unknown.is_empty() {
        return Err(Refusal::Preferences(asked.preferences.unknown.clone()));
    }
    Ok(())
}

fn count_wanted(asked: &Asked, against: Against<'_>) -> CountWanted {
    match (asked.preferences.count, against.settings.max_rows) {
        (None, _) => CountWanted::No,
        (Some(Count::Planned), _) if against.estimates => CountWanted::Planned,
        // Without a limit any number is above it.
        (Some(Count::Estimated), most) if against.estimates => CountWanted::Estimated(most),
        (Some(Count::Exact | Count::Planned | Count::Estimated), _) => CountWanted::Exact,
    }
}

fn read(
    asked: &Asked,
    against: Against<'_>,
    planner: ReadPlanner<'_>,
    table: &Arc<Table>,
    head: bool,
) -> Result<Resolved, Refusal> {
    let plan = planner.plan(&asked.query, asked.range, Source::Table(Arc::clone(table)), &table.name)?;
    let (format, media) = negotiate(asked, against.settings, &of_table(asked, against.model, table))?;
    check_preferences(asked)?;
    if let Some(error) = plan.missing {
        return Err(error.into());
    }
    // Where only headers are wanted the rows are made, too: what fails in them fails.
    Ok(Resolved::Statements {
        script: sql::read(&plan.node, Some(&format), count_wanted(asked, against)),
        answer: Box::new(Answer {
            kind: AnswerKind::Read { table: Arc::clone(table), head },
            format: Some(format),
            media,
            maximum: None,
            renamed: plan.renamed,
        }),
        read_only: true,
        settings: Vec::new(),
    })
}

fn write(
    asked: &Asked,
    against: Against<'_>,
    planner: ReadPlanner<'_>,
    conditions: ReadPlanner<'_>,
    (table, mutation): (&Arc<Table>, Mutation),
) -> Result<Resolved, Refusal> {
    let rows = planner.plan(&asked.query, asked.range, Source::Written(Arc::clone(table)), &table.name)?;
    let plan = plan_write(conditions, asked, table, mutation)?;
    check_preferences(asked)?;
    let (format, media) = negotiate(asked, against.settings, &of_table(asked, against.model, table))?;
    let representation = asked.preferences.representation;
    let full = representation == Some(Representation::Full);
    if let Some(error) = plan.missing.clone().or(rows.missing.filter(|_| full)) {
        return Err(error.into());
    }
    let maximum = match mutation {
        Mutation::Update | Mutation::Delete => asked.preferences.enforced_maximum(),
        Mutation::Insert | Mutation::UpsertOne => None,
    };
    let bounds = match (mutation, format.is_single()) {
        (Mutation::UpsertOne, _) => None,
        (_, true) => Some((1, 1)),
        (_, false) => maximum.map(|rows| (0, rows)),
    };
    let answering = match representation {
        Some(Representation::Full) => Answering::Rows { node: &rows.node, format: &format },
        Some(Representation::HeadersOnly) if mutation == Mutation::Insert => Answering::Location,
        Some(Representation::HeadersOnly | Representation::Minimal) | None => Answering::Nothing,
    };
    let script = if changes_nothing(&plan) {
        Script::default()
    } else {
        sql::write(&plan, &answering, bounds, against.settings.pre_request.is_some())?
    };
    Ok(Resolved::Statements {
        script,
        answer: Box::new(Answer {
            kind: AnswerKind::Write { table: Arc::clone(table), mutation },
            format: full.then_some(format),
            media,
            maximum,
            renamed: rows.renamed,
        }),
        read_only: false,
        settings: Vec::new(),
    })
}

fn changes_nothing(plan: &WritePlan) -> bool {
    matches!(&plan.kind, WriteKind::Update { columns, .. } if columns.is_empty())
}

fn call(
    asked: &Asked,
    against: Against<'_>,
    planner: ReadPlanner<'_>,
    plan: CallPlan,
    invocation: Invocation,
) -> Result<Resolved, Refusal> {
    let routine = Arc::clone(&plan.routine);
    let table = result_table(against.model, &routine);
    let producers = Producers {
        handlers: against.model.handlers(),
        own: routine.document.as_ref(),
        relation: table.as_ref().map(|table| table.oid),
        whole_rows: asked.query.selects_everything()
            && !table.as_ref().is_some_and(|table| table.is_represented()),
    };
    let name = table.as_ref().map_or(routine.name.as_str(), |table| table.name.as_str()).to_owned();
    let rows = planner.plan(&asked.query, asked.range, Source::Called(table), &name)?;
    let (format, media) = negotiate(asked, against.settings, &producers)?;
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
    Ok(Resolved::Statements {
        script: sql::call(&plan, node, &format, count_wanted(asked, against), maximum),
        answer: Box::new(Answer {
            kind: AnswerKind::Call {
                void: routine.returns == Returns::Void && !routine.returns_set,
                whole_array: routine.returns_set,
                head,
            },
            format: Some(format),
            media,
            maximum,
            renamed: rows.renamed,
        }),
        read_only: invocation != Invocation::Post || routine.volatility != Volatility::Volatile,
        settings: routine
            .settings
            .iter()
            .filter(|(name, _)| against.settings.is_hoisted(name))
            .cloned()
            .collect(),
    })
}
