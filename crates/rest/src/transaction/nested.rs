//! Rows with the rows of related relations in them, inserted by one request (`Prefer: insert=nested`).
//!
//! Each row is an INSERT of its own, under the same privileges, policies and defaults as any other: first the rows that others
//! point to, then those, then what points to them. Keys travel by RETURNING, so the right to read a key's columns is needed.

use crate::answer::{self, Reply};
use crate::asked::{Asked, Mutation};
use crate::error::Refusal;
use crate::media::{Format, MediaType};
use crate::model::{Cardinality, ColumnPairs, Door, Model, Relationship, Table};
use crate::payload::{self, Cell, Payload};
use crate::plan::{
    Base, Condition, Expression, Node, Output, ReadPlanner, Source, WriteKind, WritePlan, find_relationship,
};
use crate::preferences::Representation;
use crate::query::{Embed, Operation, Operator, Range};
use crate::resolved::{Against, Answer, AnswerKind, check_preferences, find_table, negotiate_own};
use crate::sql::{self, Answering, CountWanted, Layout, Script};
use database::{Outcome, Statement, Value};
use serde_json::value::RawValue;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Rows of one request.
const ROWS_MAX: usize = 1000;
/// How deep rows may be in rows.
const DEPTH: usize = 8;

/// The insertion on its way.
pub(super) struct Nested {
    asked: Asked,
    table: Arc<Table>,
    answer: Answer,
    /// In an order in which none comes before one that it needs, but for those that need it.
    rows: Vec<Row>,
    /// Those of the relation itself.
    top: Vec<usize>,
    /// The rows that the last statements insert.
    inserting: Vec<usize>,
    /// How many statements come before those.
    skipped: usize,
    /// How the rows are read for the answer: once they are inserted.
    reading: Option<Node>,
    read: bool,
    reply: Option<Reply>,
}

/// A row to insert.
struct Row {
    table: Arc<Table>,
    cells: BTreeMap<String, Cell>,
    links: Vec<Link>,
    /// Columns that others, or the answer, need to know.
    returning: BTreeSet<String>,
    /// What they are, once it is inserted.
    known: Option<BTreeMap<String, Cell>>,
}

/// A column that gets its value from another row.
struct Link {
    column: String,
    row: usize,
    of: String,
}

/// What names are looked up in.
struct Names<'a> {
    model: &'a Model,
    door: &'a Door,
    schema: &'a str,
}

fn wrong(message: impl Into<String>, hint: &'static str) -> Refusal {
    Refusal::Nested { message: message.into(), hint }
}

impl Nested {
    /// Resolves the body's names: columns first, then relationships, named as in `select`.
    pub(super) fn plan(asked: Asked, against: Against<'_>) -> Result<Nested, Refusal> {
        let Against { model, door, settings, .. } = against;
        let crate::asked::Action::Write { relation, mutation: Mutation::Insert } = &asked.action else {
            return Err(Refusal::Method("insert=nested".to_owned()));
        };
        let table = Arc::clone(find_table(&asked, model, relation, door)?);
        if asked.preferences.resolution.is_some() || asked.query.on_conflict.is_some() {
            return Err(wrong(
                "A nested insert cannot merge with rows that are there",
                "Leave out on_conflict and Prefer: resolution.",
            ));
        }
        if asked.query.columns.is_some() || asked.content_type != MediaType::Json {
            return Err(wrong(
                "A nested insert takes its columns from a JSON body",
                "Leave out columns, and send application/json.",
            ));
        }
        check_preferences(&asked)?;
        let (format, media) = negotiate_own(&asked)?;
        let Payload::Raw(body) = &asked.payload else {
            return Err(Refusal::Body("Empty or invalid json".to_owned()));
        };
        let text =
            std::str::from_utf8(body).map_err(|_| Refusal::Body("Empty or invalid json".to_owned()))?;
        let objects =
            payload::objects(text).ok_or_else(|| Refusal::Body("Empty or invalid json".to_owned()))?;
        let names = Names { model, door, schema: &asked.schema };
        let mut rows = Vec::new();
        let mut top = Vec::new();
        for object in &objects {
            top.push(add(&names, &mut rows, &table, object, Vec::new(), 0)?);
        }
        let representation = asked.preferences.representation;
        let full = representation == Some(Representation::Full);
        if format.is_single() && top.len() != 1 {
            return Err(Refusal::NotSingle(i64::try_from(top.len()).unwrap_or(i64::MAX)));
        }
        let mut reading = None;
        let mut missing = None;
        let mut renamed = Vec::new();
        if full {
            if table.primary_key.is_empty() {
                return Err(wrong(
                    format!("'{}' has no primary key by which its new rows could be read", table.name),
                    "Use Prefer: return=minimal.",
                ));
            }
            let planner = ReadPlanner::new(model, door, settings, &asked.schema, settings.max_rows);
            let plan =
                planner.plan(&asked.query, Range::ALL, Source::Table(Arc::clone(&table)), &table.name)?;
            missing = plan.missing;
            renamed = plan.renamed;
            reading = Some(plan.node);
        }
        if full || representation == Some(Representation::HeadersOnly) {
            for at in &top {
                rows[*at].returning.extend(table.primary_key.iter().cloned());
            }
        }
        let answer = Answer {
            kind: AnswerKind::Write { table: Arc::clone(&table), mutation: Mutation::Insert },
            format: full.then_some(format),
            media,
            maximum: None,
            renamed,
        };
        if let Some(error) = missing {
            return Err(error.into());
        }
        Ok(Nested {
            asked,
            table,
            answer,
            rows,
            top,
            inserting: Vec::new(),
            skipped: 0,
            reading,
            read: false,
            reply: None,
        })
    }

    /// So many statements come before the first ones.
    pub(super) fn skip(&mut self, statements: usize) {
        self.skipped = statements;
    }

    /// The answer, when all is done.
    pub(super) fn reply(self) -> Result<Reply, Refusal> {
        self.reply
            .ok_or_else(|| database::DatabaseError::internal("a nested insert without an answer").into())
    }

    /// Takes what the last statements gave and says which come next.
    pub(super) fn next(&mut self, mut outcomes: Vec<Outcome>) -> Result<Option<Vec<Statement>>, Refusal> {
        if self.read {
            return self.answer_with(outcomes).map(|()| None);
        }
        if !outcomes.is_empty() {
            outcomes.drain(..std::mem::take(&mut self.skipped).min(outcomes.len()));
        }
        for (at, outcome) in std::mem::take(&mut self.inserting).into_iter().zip(&outcomes) {
            self.rows[at].take(outcome)?;
        }
        let ready: Vec<usize> = (0..self.rows.len()).filter(|at| self.is_ready(*at)).collect();
        if !ready.is_empty() {
            let statements = ready.iter().map(|at| self.insertion(*at)).collect::<Result<_, _>>()?;
            self.inserting = ready;
            return Ok(Some(statements));
        }
        self.read = true;
        self.reading().map(Some)
    }

    fn is_ready(&self, at: usize) -> bool {
        let row = &self.rows[at];
        row.known.is_none() && row.links.iter().all(|link| self.rows[link.row].known.is_some())
    }

    fn insertion(&self, at: usize) -> Result<Statement, Refusal> {
        let row = &self.rows[at];
        let mut cells = row.cells.clone();
        for link in &row.links {
            let known = self.rows[link.row].known.as_ref().and_then(|known| known.get(&link.of));
            let value = known.cloned().ok_or_else(|| {
                wrong(
                    format!(
                        "A row of '{}' that others belong to was not inserted",
                        self.rows[link.row].table.name
                    ),
                    "A trigger or a rule kept it out.",
                )
            })?;
            cells.insert(link.column.clone(), value);
        }
        let place = |name: &String| row.table.columns.iter().position(|column| column.name == *name);
        let (columns, values) =
            cells.iter().filter_map(|(name, cell)| Some((place(name)?, cell.clone()))).unzip();
        let plan = WritePlan {
            table: Arc::clone(&row.table),
            kind: WriteKind::Insert {
                columns,
                rows: vec![values],
                defaults: true,
                conflict: None,
                key: None,
            },
            missing: None,
        };
        let node = row.node();
        let format = Format::Json { single: false, stripped: false };
        let answering = match row.returning.is_empty() {
            true => Answering::Nothing,
            false => Answering::Rows { node: &node, format: &format },
        };
        let mut script = sql::write(&plan, &answering, None, false)?;
        let main = script.main.first().copied().unwrap_or(0);
        Ok(script.statements.swap_remove(main))
    }

    /// The statements that read what the answer shows, and what functions and triggers want of it.
    fn reading(&mut self) -> Result<Vec<Statement>, Refusal> {
        let mut statements = Vec::new();
        if let Some(node) = &mut self.reading {
            for at in &self.top {
                let Some(known) = self.rows[*at].known.as_ref().filter(|known| !known.is_empty()) else {
                    continue;
                };
                let own = node.conditions.len();
                for name in &self.table.primary_key {
                    node.conditions.push(is(name, known.get(name))?);
                }
                let script = sql::read(node, self.answer.format.as_ref(), CountWanted::No);
                node.conditions.truncate(own);
                let main = script.main.first().copied().unwrap_or(0);
                statements.extend(script.statements.into_iter().nth(main));
            }
        }
        statements.push(sql::settings_statement());
        Ok(statements)
    }

    fn answer_with(&mut self, mut outcomes: Vec<Outcome>) -> Result<(), Refusal> {
        let settings = outcomes.pop();
        let (layout, mut outcomes) = match (&self.reading, &self.answer.format) {
            (Some(_), Some(Format::Csv)) => (Layout::Rows, outcomes),
            (Some(_), _) => (Layout::Summary, outcomes),
            (None, _) => (Layout::Summary, self.top.iter().map(|at| self.rows[*at].outcome()).collect()),
        };
        let mut script = Script { main: (0..outcomes.len()).collect(), layout, ..Script::default() };
        if let Some(settings) = settings {
            script.answer_settings = Some(outcomes.len());
            outcomes.push(settings);
        }
        // The rows were read by their keys: one that cannot be read counts as inserted all the same.
        self.reply = Some(answer::answer(&self.asked, &script, &self.answer, outcomes)?);
        Ok(())
    }
}

impl Row {
    /// The rows that RETURNING gives.
    fn node(&self) -> Node {
        Node {
            source: Source::Written(Arc::clone(&self.table)),
            alias: self.table.name.clone(),
            columns: self.returning.iter().map(|name| Output::column(name)).collect(),
            embeds: Vec::new(),
            conditions: Vec::new(),
            order: Vec::new(),
            range: Range::ALL,
        }
    }

    fn take(&mut self, outcome: &Outcome) -> Result<(), Refusal> {
        let mut known = BTreeMap::new();
        if !self.returning.is_empty() {
            let columns = &outcome.result.columns;
            let at = columns.iter().position(|column| &*column.name == "body");
            let body = at.and_then(|at| outcome.result.rows.first()?.get(at)?.as_str()).unwrap_or("[]");
            let objects = payload::objects(body).unwrap_or_default();
            for (name, value) in objects.into_iter().next().unwrap_or_default() {
                known.insert(name, payload::cell(Some(value)));
            }
        }
        self.known = Some(known);
        Ok(())
    }

    /// As if its key had just been asked for.
    fn outcome(&self) -> Outcome {
        let cells = self.known.iter().flatten();
        let members: Vec<String> = cells
            .map(|(name, cell)| {
                let value = match cell {
                    Cell::Text(text) => serde_json::Value::from(text.as_str()).to_string(),
                    Cell::Json(text) => text.clone(),
                    Cell::Null | Cell::Missing => "null".to_owned(),
                };
                format!("{}:{value}", serde_json::Value::from(name.as_str()))
            })
            .collect();
        let body = if members.is_empty() { "[]".to_owned() } else { format!("[{{{}}}]", members.join(",")) };
        let column = |name: &str| database::Column { name: name.into(), type_oid: 0, type_name: "".into() };
        Outcome {
            result: database::ResultSet {
                columns: Arc::from([column("body"), column("page_total")]),
                rows: vec![vec![Value::from(body), Value::Int(1)]],
            },
            met: true,
            ..Outcome::default()
        }
    }
}

/// `column = value`
fn is(name: &str, cell: Option<&Cell>) -> Result<Condition, Refusal> {
    let value = match cell {
        Some(Cell::Text(text) | Cell::Json(text)) => text.clone(),
        Some(Cell::Null | Cell::Missing) | None => {
            return Err(database::DatabaseError::internal("a new row without its key").into());
        }
    };
    let base = Base::Column(name.to_owned());
    Ok(Condition::Filter {
        expression: Expression { base, path: Vec::new(), to_json: false },
        negated: false,
        operation: Operation::Compare { operator: Operator::Equal, quantifier: None, value },
        search_vector: false,
        // The key was read from a row: it is what the type writes.
        parser: None,
    })
}

/// Adds an object's rows and gives the place of its own.
fn add(
    names: &Names<'_>,
    rows: &mut Vec<Row>,
    table: &Arc<Table>,
    object: &BTreeMap<String, &RawValue>,
    links: Vec<Link>,
    depth: usize,
) -> Result<usize, Refusal> {
    if depth > DEPTH {
        return Err(Refusal::TooCostly("levels of nested rows"));
    }
    let mut row = Row {
        table: Arc::clone(table),
        cells: BTreeMap::new(),
        links,
        returning: BTreeSet::new(),
        known: None,
    };
    let mut children = Vec::new();
    for (name, value) in object {
        if table.column(name).is_some() {
            row.cells.insert(name.clone(), payload::cell(Some(value)));
            continue;
        }
        let Some(related) = relationship(names, table, name, value)? else {
            return Err(Refusal::NoColumn { table: table.name.clone(), column: name.clone() });
        };
        let (pairs, comes_first) = link_columns(&related, name)?;
        if !related.target.insertable {
            return Err(wrong(
                format!("Rows of '{}' cannot be inserted", related.target.name),
                "It is a view that takes no new rows.",
            ));
        }
        if !comes_first {
            children.push((name, *value, related, pairs));
            continue;
        }
        if value.get() == "null" {
            continue;
        }
        let inner = payload::object(value.get()).ok_or_else(|| {
            wrong(
                format!("'{name}' of '{}' must be an object", table.name),
                "A row belongs to one row there.",
            )
        })?;
        let at = add(names, rows, &related.target, &inner, Vec::new(), depth + 1)?;
        for (own, other) in pairs {
            rows[at].returning.insert(other.clone());
            row.links.push(Link { column: own, row: at, of: other });
        }
    }
    if let Some(link) = row.links.iter().find(|link| row.cells.contains_key(&link.column)) {
        return Err(wrong(
            format!(
                "'{}' of '{}' is given twice: as a column and by the row around or in it",
                link.column, table.name
            ),
            "Leave out the column.",
        ));
    }
    let mut linked = BTreeSet::new();
    if row.links.iter().any(|link| !linked.insert(&link.column)) {
        return Err(wrong(
            format!("A column of '{}' gets its value from two other rows", table.name),
            "Leave out one of the nested rows.",
        ));
    }
    if rows.len() >= ROWS_MAX {
        return Err(Refusal::TooCostly("nested rows"));
    }
    let at = rows.len();
    rows.push(row);
    for (name, value, related, pairs) in children {
        let inner = match (related.is_to_one(), value.get()) {
            (_, "null") => Vec::new(),
            (true, text) => payload::object(text).map(|object| vec![object]).ok_or_else(|| {
                wrong(
                    format!("'{name}' of '{}' must be an object", table.name),
                    "There is at most one such row.",
                )
            })?,
            (false, text) if text.starts_with('[') => payload::objects(text).ok_or_else(|| {
                wrong(format!("'{name}' of '{}' must hold objects", table.name), "Each is a row.")
            })?,
            (false, _) => {
                return Err(wrong(
                    format!("'{name}' of '{}' must be an array of objects", table.name),
                    "Many rows may belong to this one.",
                ));
            }
        };
        for object in &inner {
            let links =
                pairs.iter().map(|(own, other)| Link { column: other.clone(), row: at, of: own.clone() });
            let links: Vec<Link> = links.collect();
            rows[at].returning.extend(pairs.iter().map(|(own, _)| own.clone()));
            add(names, rows, &related.target, object, links, depth + 1)?;
        }
    }
    Ok(at)
}

/// The relationship that a key names as `select` would: `target` or `target!hint`. Values that could not be rows name none.
fn relationship(
    names: &Names<'_>,
    table: &Arc<Table>,
    key: &str,
    value: &RawValue,
) -> Result<Option<Arc<Relationship>>, Refusal> {
    let (target, hint) = match key.split_once('!') {
        Some((target, hint)) => (target, Some(hint.to_owned())),
        None => (key, None),
    };
    let embed =
        Embed { target: target.to_owned(), alias: None, hint, join: None, spread: false, select: Vec::new() };
    match find_relationship(names.model, names.door, names.schema, (table.oid, &table.name), &embed) {
        Ok(found) => Ok(Some(found)),
        Err(Refusal::NoRelationship { .. }) if !value.get().starts_with(['{', '[', 'n']) => Ok(None),
        Err(refusal) => Err(refusal),
    }
}

/// The columns of both sides, and whether the other row is inserted first.
fn link_columns(related: &Relationship, key: &str) -> Result<(ColumnPairs, bool), Refusal> {
    match &related.cardinality {
        Cardinality::ManyToOne { columns, .. } => Ok((columns.clone(), true)),
        Cardinality::OneToMany { columns, .. } => Ok((columns.clone(), false)),
        Cardinality::OneToOne { columns, origin_holds, .. } => Ok((columns.clone(), *origin_holds)),
        Cardinality::ManyToMany(junction) => Err(Refusal::Nested {
            message: format!("'{key}' goes through '{}'", junction.table.name),
            hint: "Name the relation between as the key, with rows that hold rows of the other.",
        }),
        Cardinality::Computed { .. } => Err(Refusal::Nested {
            message: format!("'{key}' is what a function gives"),
            hint: "Only foreign keys say where a new row belongs.",
        }),
    }
}
