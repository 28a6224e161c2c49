//! Calls of functions.

use super::literal::{array_of_texts, parameter};
use super::read::{Writer, lines, lines_settings, single_row, summary};
use super::{CountWanted, Layout, SOURCE, Script, Sql, expecting};
use crate::media::Format;
use crate::model::Returns;
use crate::plan::{ArgumentValue, CallPlan, Node};
use database::Expectation;

/// The column of a function's value.
pub(crate) const VALUE: &str = "pgrst_scalar";

/// A call. `maximum` bounds its rows.
pub(crate) fn call(
    plan: &CallPlan,
    node: &Node,
    format: &Format,
    count: CountWanted,
    maximum: Option<i64>,
) -> Script {
    let mut sql = Sql::default();
    sql.raw("WITH ").name(SOURCE).raw(" AS (");
    source(&mut sql, plan);
    sql.raw(") ");
    let writer = Writer { source: Some(SOURCE) };
    if *format == Format::Csv {
        lines(&mut sql, &writer, node);
        let mut script = Script {
            statements: vec![sql.into_statement(Expectation::Any)],
            main: vec![0],
            layout: Layout::Rows,
            ..Script::default()
        };
        lines_settings(&mut script);
        return script;
    }
    let column = (!plan.routine.returns_rows()).then_some(VALUE);
    summary(&mut sql, Some(format), column, &writer, node, |sql| {
        // A function's rows are there once it was called: counting them costs nothing more.
        if count == CountWanted::No {
            sql.raw("NULL");
        } else {
            writer.count(sql, node, None);
        }
    });
    let bounds = single_row(Some(format)).or(maximum.map(|rows| (0, rows)));
    Script {
        statements: vec![sql.into_statement(expecting(bounds))],
        main: vec![0],
        layout: Layout::Summary,
        ..Script::default()
    }
}

fn source(sql: &mut Sql, plan: &CallPlan) {
    let routine = &plan.routine;
    let rows = routine.returns_rows();
    // Rows of unknown columns cannot stand in FROM.
    let as_value = !rows && (!routine.returns_set || routine.returns == Returns::Record);
    sql.raw(if as_value { "SELECT " } else { "SELECT * FROM " });
    sql.qualified(&routine.schema, &routine.name).raw("(");
    for (at, argument) in plan.arguments.iter().enumerate() {
        let parameter = &routine.parameters[argument.parameter];
        sql.raw(if at > 0 { ", " } else { "" });
        sql.raw(if parameter.variadic { "VARIADIC " } else { "" });
        if !parameter.name.is_empty() {
            sql.name(&parameter.name).raw(" => ");
        }
        value(sql, &argument.value, plan, argument.parameter);
        sql.raw("::").type_name(&parameter.type_name);
    }
    sql.raw(")");
    if as_value {
        sql.raw(" AS ").name(VALUE);
    } else if rows {
        sql.raw(" AS _f");
    } else {
        sql.raw(" AS _f(").name(VALUE).raw(")");
    }
}

fn value(sql: &mut Sql, value: &ArgumentValue, plan: &CallPlan, place: usize) {
    let value = match value {
        ArgumentValue::Cell(cell) => parameter(cell, &plan.routine.parameters[place].shape),
        ArgumentValue::Texts(texts) => array_of_texts(texts),
        ArgumentValue::Whole(value) => value.clone(),
    };
    sql.bind(value);
}
