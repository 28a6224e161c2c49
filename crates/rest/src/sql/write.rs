//! Writes: values only as parameters, one statement, or the few that a very large insert needs.

use super::literal::parameter;
use super::read::{Writer, lines, lines_settings, parsed, single_row, summary};
use super::{Layout, PAGE_TOTAL, SOURCE, Script, Sql, expecting, json_body, settings_statement};
use crate::error::Refusal;
use crate::media::Format;
use crate::model::{Column, Shape, Table, TypeName};
use crate::payload::Cell;
use crate::plan::{Base, Condition, Embedded, Node, Output, Source, WriteKind, WritePlan};
use crate::preferences::Resolution;
use database::{Expectation, Statement};
use std::sync::Arc;

/// Parameters that one statement has at most: what every engine takes.
const PARAMETERS_MAX: usize = 30_000;

/// What the answer to a write holds.
pub(crate) enum Answering<'a> {
    /// Nothing.
    Nothing,
    /// Where the new row is.
    Location,
    /// The rows.
    Rows { node: &'a Node, format: &'a Format },
}

/// A write. `bounds` is how many rows it may concern; `answer_may_be_set` when something beside the relation's triggers may
/// shape the answer.
pub(crate) fn write(
    plan: &WritePlan,
    answering: &Answering<'_>,
    bounds: Option<(i64, i64)>,
    answer_may_be_set: bool,
) -> Result<Script, Refusal> {
    let mut script = Script::default();
    let bounds = match answering {
        Answering::Rows { format, .. } => single_row(Some(format)).or(bounds),
        Answering::Nothing | Answering::Location => bounds,
    };
    // Triggers and what makes a document may say something of the answer.
    let answer_may_be_set = answer_may_be_set
        || plan.table.has_triggers
        || matches!(answering, Answering::Rows { format: Format::Handled(_), .. });
    if let WriteKind::Insert { columns, rows, key: Some(key), .. } = &plan.kind {
        script.key_check = Some(script.statements.len());
        script.statements.push(key_check(&plan.table, columns, rows, key));
    }
    if let Some(statement) = existing(plan) {
        script.existing = Some(script.statements.len());
        script.statements.push(statement);
    }
    for part in parts(plan)? {
        script.main.push(script.statements.len());
        let (statement, layout) = main(plan, &part, answering, bounds);
        script.layout = layout;
        script.statements.push(statement);
    }
    match script.layout {
        Layout::Rows => lines_settings(&mut script),
        Layout::Summary | Layout::Affected if answer_may_be_set => {
            script.answer_settings = Some(script.statements.len());
            script.statements.push(settings_statement());
        }
        Layout::Summary | Layout::Affected | Layout::Plan => {}
    }
    Ok(script)
}

/// What one of the statements writes.
enum Part<'a> {
    /// These of the new rows.
    Rows(&'a [Vec<Cell>]),
    /// Whatever the plan says.
    Whole,
}

fn parts(plan: &WritePlan) -> Result<Vec<Part<'_>>, Refusal> {
    let WriteKind::Insert { columns, rows, conflict, .. } = &plan.kind else {
        return Ok(vec![Part::Whole]);
    };
    let per_statement = (PARAMETERS_MAX / columns.len().max(1)).max(1);
    if rows.len() <= per_statement {
        return Ok(vec![Part::Rows(rows)]);
    }
    if !plan.table.splittable || conflict.is_some() {
        return Err(Refusal::TooManyValues);
    }
    Ok(rows.chunks(per_statement).map(Part::Rows).collect())
}

fn main(
    plan: &WritePlan,
    part: &Part<'_>,
    answering: &Answering<'_>,
    bounds: Option<(i64, i64)>,
) -> (Statement, Layout) {
    let mut sql = Sql::default();
    match answering {
        Answering::Nothing if bounds.is_none() => {
            change(&mut sql, plan, part);
            return (sql.into_statement(Expectation::Any), Layout::Affected);
        }
        Answering::Nothing => {
            open(&mut sql, plan, part);
            sql.raw("1 AS one) SELECT NULL AS body, count(*) AS page_total FROM ").name(SOURCE);
        }
        Answering::Location => {
            open(&mut sql, plan, part);
            let key: Vec<Output> = plan.table.primary_key.iter().map(|name| Output::column(name)).collect();
            if key.is_empty() {
                sql.raw("1 AS one");
            } else {
                returning(&mut sql, &plan.table, &key);
            }
            sql.raw(") SELECT ");
            json_body(&mut sql, &Format::Json { single: false, stripped: false }, SOURCE, None);
            sql.raw(" AS body, count(*) AS page_total FROM ").name(SOURCE);
        }
        Answering::Rows { node, format } => {
            open(&mut sql, plan, part);
            let direct = format.is_json() && is_direct(node);
            returning(&mut sql, &plan.table, &if direct { node.columns.clone() } else { needed(node) });
            sql.raw(") ");
            let writer = Writer { source: Some(SOURCE) };
            if **format == Format::Csv {
                lines(&mut sql, &writer, node);
                return (sql.into_statement(Expectation::Any), Layout::Rows);
            }
            if direct {
                sql.raw("SELECT ");
                json_body(&mut sql, format, SOURCE, None);
                sql.raw(" AS body, count(*) AS page_total FROM ").name(SOURCE);
            } else {
                summary(&mut sql, Some(format), None, &writer, node, |sql| {
                    sql.raw("NULL");
                });
            }
        }
    }
    (sql.into_statement(expecting(bounds)), Layout::Summary)
}

fn open(sql: &mut Sql, plan: &WritePlan, part: &Part<'_>) {
    sql.raw("WITH ").name(SOURCE).raw(" AS (");
    change(sql, plan, part);
    sql.raw(" RETURNING ");
}

/// INSERT, UPDATE or DELETE up to where RETURNING would stand.
fn change(sql: &mut Sql, plan: &WritePlan, part: &Part<'_>) {
    let table = &plan.table;
    match (&plan.kind, part) {
        (WriteKind::Insert { columns, rows, defaults, conflict, .. }, part) => {
            let rows = match part {
                Part::Rows(rows) => rows,
                Part::Whole => rows.as_slice(),
            };
            sql.raw("INSERT INTO ").qualified(&table.schema, &table.name);
            values(sql, table, columns, rows, *defaults);
            if let Some(conflict) = conflict {
                sql.raw(" ON CONFLICT (");
                for (at, name) in conflict.columns.iter().enumerate() {
                    sql.raw(if at > 0 { ", " } else { "" }).name(name);
                }
                sql.raw(") DO ");
                match conflict.resolution {
                    Resolution::Merge if !columns.is_empty() => {
                        sql.raw("UPDATE SET ");
                        for (at, column) in columns.iter().map(|place| &table.columns[*place]).enumerate() {
                            sql.raw(if at > 0 { ", " } else { "" }).name(&column.name).raw(" = ");
                            sql.raw("EXCLUDED.").name(&column.name);
                        }
                    }
                    Resolution::Merge | Resolution::Ignore => {
                        sql.raw("NOTHING");
                    }
                }
            }
        }
        (WriteKind::Update { columns, row, defaults, conditions }, _) => {
            sql.raw("UPDATE ").qualified(&table.schema, &table.name).raw(" SET ");
            for (at, (place, cell)) in columns.iter().zip(row).enumerate() {
                let column = &table.columns[*place];
                sql.raw(if at > 0 { ", " } else { "" }).name(&column.name).raw(" = ");
                value(sql, column, cell, *defaults);
            }
            restrict(sql, table, conditions);
        }
        (WriteKind::Delete { conditions }, _) => {
            sql.raw("DELETE FROM ").qualified(&table.schema, &table.name);
            restrict(sql, table, conditions);
        }
    }
}

fn values(sql: &mut Sql, table: &Table, columns: &[usize], rows: &[Vec<Cell>], defaults: bool) {
    // Rows of nothing but defaults name one column, since DEFAULT VALUES is for one row only.
    let named: Vec<&Column> = if columns.is_empty() {
        table.columns.iter().take(1).collect()
    } else {
        columns.iter().map(|place| &table.columns[*place]).collect()
    };
    if columns.is_empty() && rows.len() == 1 {
        sql.raw(" DEFAULT VALUES");
        return;
    }
    sql.raw(" (");
    for (at, column) in named.iter().enumerate() {
        sql.raw(if at > 0 { ", " } else { "" }).name(&column.name);
    }
    if rows.is_empty() {
        // Nothing is written, yet the right to is asked for.
        sql.raw(") SELECT ");
        for at in 0..named.len() {
            sql.raw(if at > 0 { ", NULL" } else { "NULL" });
        }
        sql.raw(" WHERE false");
        return;
    }
    sql.raw(") VALUES ");
    for (number, row) in rows.iter().enumerate() {
        sql.raw(if number > 0 { ", (" } else { "(" });
        if columns.is_empty() {
            sql.raw("DEFAULT");
        }
        for (at, (column, cell)) in named.iter().zip(row).enumerate() {
            sql.raw(if at > 0 { ", " } else { "" });
            value(sql, column, cell, defaults);
        }
        sql.raw(")");
    }
}

fn value(sql: &mut Sql, column: &Column, cell: &Cell, defaults: bool) {
    if *cell == Cell::Missing && defaults {
        sql.raw("DEFAULT");
    } else {
        given(sql, column, cell);
    }
}

/// A value of the body, as its column's domain wants it to be read.
fn given(sql: &mut Sql, column: &Column, cell: &Cell) {
    match column.json_reader() {
        None => {
            sql.bind(parameter(cell, &column.shape));
        }
        Some(parser) => {
            sql.qualified(&parser.schema, &parser.name).raw("(CAST(");
            sql.bind(parameter(cell, &Shape::Json)).raw(" AS json))");
        }
    }
}

fn restrict(sql: &mut Sql, table: &Arc<Table>, conditions: &[Condition]) {
    if conditions.is_empty() {
        return;
    }
    let node = Node {
        source: Source::Table(Arc::clone(table)),
        alias: table.name.clone(),
        columns: Vec::new(),
        embeds: Vec::new(),
        conditions: Vec::new(),
        order: Vec::new(),
        range: crate::query::Range::ALL,
    };
    Writer::default().all(sql, conditions, &node);
}

/// The columns that the answer needs of the rows, each once.
fn needed(node: &Node) -> Vec<Output> {
    let mut outputs: Vec<Output> = Vec::new();
    let mut add = |base: &Base| {
        let output = Output {
            expression: crate::plan::Expression { base: base.clone(), path: Vec::new(), to_json: false },
            ..Output::column("")
        };
        let known =
            outputs.iter().any(|other| other.expression.base == *base || other.expression.base == Base::Star);
        if !known || (*base == Base::Star && !outputs.iter().any(|other| other.expression.base == Base::Star))
        {
            outputs.push(output);
        }
    };
    if node.columns.iter().any(|output| matches!(output.expression.base, Base::Star | Base::RowCount)) {
        add(&Base::Star);
    }
    for output in &node.columns {
        match &output.expression.base {
            Base::RowCount => {}
            base => add(base),
        }
    }
    for sort in node.order.iter().filter(|sort| sort.embed.is_none()) {
        add(&sort.expression.base);
    }
    for embed in &node.embeds {
        match link_columns(embed) {
            Some(columns) => columns.iter().for_each(|name| add(&Base::Column(name.clone()))),
            None => add(&Base::Star),
        }
    }
    // All columns hold each of them; computed ones stand beside.
    if outputs.iter().any(|output| output.expression.base == Base::Star) {
        outputs.retain(|output| !matches!(output.expression.base, Base::Column(_)));
    }
    outputs
}

fn link_columns(embed: &Embedded) -> Option<Vec<String>> {
    use crate::model::Cardinality;
    match &embed.relationship.cardinality {
        Cardinality::ManyToOne { columns, .. }
        | Cardinality::OneToMany { columns, .. }
        | Cardinality::OneToOne { columns, .. } => Some(columns.iter().map(|(own, _)| own.clone()).collect()),
        Cardinality::ManyToMany(junction) => {
            Some(junction.origin_columns.iter().map(|(own, _)| own.clone()).collect())
        }
        Cardinality::Computed { .. } => None,
    }
}

/// Whether RETURNING can give the answer's rows as they are.
fn is_direct(node: &Node) -> bool {
    node.embeds.is_empty()
        && node.order.is_empty()
        && node.conditions.is_empty()
        && !node.aggregates()
        && !node.columns.iter().any(|output| output.label() == Some(SOURCE))
        && node.source.table().is_none_or(|table| table.column(SOURCE).is_none())
}

fn returning(sql: &mut Sql, table: &Arc<Table>, outputs: &[Output]) {
    let node = Node {
        source: Source::Table(Arc::clone(table)),
        alias: table.name.clone(),
        columns: outputs.to_vec(),
        embeds: Vec::new(),
        conditions: Vec::new(),
        order: Vec::new(),
        range: crate::query::Range::ALL,
    };
    if outputs.is_empty() {
        sql.raw("1 AS one");
    }
    Writer::default().list(sql, &node);
}

/// `SELECT page_total` is 1 when the body's key is the query's.
fn key_check(table: &Table, columns: &[usize], rows: &[Vec<Cell>], key: &[(usize, String)]) -> Statement {
    let mut sql = Sql::default();
    sql.raw("SELECT CASE WHEN ");
    for (at, (place, asked)) in key.iter().enumerate() {
        let column = &table.columns[*place];
        let in_body = columns.iter().position(|other| other == place);
        let cell = in_body.and_then(|at| rows.first()?.get(at)).unwrap_or(&Cell::Null);
        sql.raw(if at > 0 { " AND " } else { "" });
        cast(&mut sql, &column.type_name, |sql| given(sql, column, cell));
        sql.raw(" = ");
        cast(&mut sql, &column.type_name, |sql| parsed(sql, asked, column.text_reader()));
    }
    sql.raw(" THEN 1 ELSE 0 END AS page_total");
    sql.into_statement(Expectation::CountWithin { column: PAGE_TOTAL.into(), min: 1, max: 1 })
}

fn cast(sql: &mut Sql, type_name: &TypeName, value: impl Fn(&mut Sql)) {
    sql.raw("CAST(");
    value(sql);
    sql.raw(" AS ").type_name(type_name).raw(")");
}

/// How many of the rows that a merge brings are there already; none when its key is not in the body.
fn existing(plan: &WritePlan) -> Option<Statement> {
    let WriteKind::Insert { columns, rows, conflict: Some(conflict), .. } = &plan.kind else {
        return None;
    };
    if conflict.resolution != Resolution::Merge || rows.is_empty() {
        return None;
    }
    let table = &plan.table;
    let places: Vec<usize> = conflict
        .columns
        .iter()
        .map(|name| columns.iter().position(|place| table.columns[*place].name == *name))
        .collect::<Option<_>>()?;
    let mut sql = Sql::default();
    sql.raw("SELECT count(*) AS page_total FROM ").qualified(&table.schema, &table.name).raw(" WHERE ");
    for (number, row) in rows.iter().enumerate() {
        sql.raw(if number > 0 { " OR (" } else { "(" });
        for (at, place) in places.iter().enumerate() {
            let column = &table.columns[columns[*place]];
            sql.raw(if at > 0 { " AND " } else { "" }).name(&column.name).raw(" = ");
            given(&mut sql, column, &row[*place]);
        }
        sql.raw(")");
    }
    (sql.parameter_count() <= PARAMETERS_MAX).then(|| sql.into_statement(Expectation::Any))
}
