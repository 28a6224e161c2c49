//! EXPLAIN: what a statement would do, in words. The plan is SQLite's own; names are the statement's. What the statement does
//! not name itself (the tables behind a view, a policy or a function) stays without a name.

use crate::analysis::Analysis;
use crate::program::{Command, Explained, ModifyKind, Program, ResultColumn, Step};
use catalog::TypeRef;
use datum::oid;
use sqlstate::{DatabaseError, INVALID_PARAMETER_VALUE, Result, SYNTAX_ERROR};
use syntax::ast::Statement;

/// The options: whether the plan is to come as JSON.
fn wants_json(options: &[(String, Option<String>)]) -> Result<bool> {
    let mut json = false;
    for (name, value) in options {
        let value = value.as_deref().unwrap_or("true");
        let on = match value.to_ascii_lowercase().as_str() {
            "true" | "on" | "1" => Some(true),
            "false" | "off" | "0" => Some(false),
            _ => None,
        };
        match name.to_ascii_lowercase().as_str() {
            "format" => match value.to_ascii_lowercase().as_str() {
                "text" => json = false,
                "json" => json = true,
                "xml" | "yaml" => {
                    return Err(DatabaseError::unsupported(format_args!("EXPLAIN (FORMAT {value})")));
                }
                _ => {
                    return Err(DatabaseError::new(
                        INVALID_PARAMETER_VALUE,
                        format!("unrecognized value for EXPLAIN option \"format\": \"{value}\""),
                    ));
                }
            },
            name @ ("analyze" | "buffers" | "timing" | "wal" | "summary" | "verbose" | "costs"
            | "settings") => {
                let Some(on) = on else {
                    return Err(DatabaseError::new(SYNTAX_ERROR, format!("{name} requires a Boolean value")));
                };
                // It would have to run, and to measure what there is nothing to measure with.
                if on && matches!(name, "analyze" | "buffers" | "timing" | "wal") {
                    return Err(DatabaseError::unsupported(format_args!(
                        "EXPLAIN ({})",
                        name.to_ascii_uppercase()
                    )));
                }
            }
            other => {
                return Err(DatabaseError::new(
                    SYNTAX_ERROR,
                    format!("unrecognized EXPLAIN option \"{other}\""),
                ));
            }
        }
    }
    Ok(json)
}

/// EXPLAIN of a statement.
pub(crate) fn program(
    analysis: &mut Analysis<'_>,
    options: &[(String, Option<String>)],
    statement: &Statement,
    depth: usize,
) -> Result<Program> {
    let json = wants_json(options)?;
    let explainable = matches!(
        statement,
        Statement::Select(_) | Statement::Insert(_) | Statement::Update(_) | Statement::Delete(_)
    );
    if !explainable {
        return Err(DatabaseError::unsupported("EXPLAIN of this statement"));
    }
    analysis.explaining = Some(Vec::new());
    let inner = crate::compile_statement(analysis, statement, depth)?;
    let names = analysis.explaining.take().unwrap_or_default();
    let mut plan = Vec::new();
    let target = match statement {
        Statement::Insert(insert) => insert.table.parts.join("."),
        Statement::Update(update) => update.table.name.parts.join("."),
        Statement::Delete(delete) => delete.table.name.parts.join("."),
        _ => String::new(),
    };
    for step in &inner.steps {
        describe(step, &names, &target, &mut plan);
    }
    let ty = if json { oid::JSON } else { oid::TEXT };
    Ok(Program {
        command: Command::Other("EXPLAIN".to_owned()),
        parameters: inner.parameters,
        columns: vec![ResultColumn {
            name: "QUERY PLAN".to_owned(),
            type_ref: TypeRef { oid: ty, modifier: -1 },
        }],
        steps: vec![Step::Explain { plan, json }],
        writes: false,
        no_effect: None,
    })
}

fn describe(step: &Step, names: &[(String, String)], target: &str, plan: &mut Vec<Explained>) {
    let explained = |title: String, statement| Explained { title, statement, names: names.to_vec() };
    plan.push(match step {
        Step::Query { statement, .. } => explained("Select".to_owned(), Some(statement.clone())),
        Step::Modify { modify, .. } => {
            let word = match modify.kind {
                ModifyKind::Insert => "Insert on",
                ModifyKind::Update => "Update on",
                ModifyKind::Delete => "Delete on",
            };
            explained(
                if target.is_empty() { "Change in WITH".to_owned() } else { format!("{word} {target}") },
                Some(modify.source.clone()),
            )
        }
        Step::Function { .. } | Step::Call { .. } => explained("Function call".to_owned(), None),
        _ => explained("Utility".to_owned(), None),
    });
}
