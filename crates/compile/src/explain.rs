//! EXPLAIN: what a statement would do, in words. The plan is SQLite's own; names are the statement's. What the statement does
//! not name itself (the tables behind a view, a policy or a function) stays without a name.

use crate::analysis::Analysis;
use crate::program::{Command, Explained, ModifyKind, Program, ResultColumn, Step};
use catalog::TypeRef;
use datum::oid;
use sqlstate::{DatabaseError, INVALID_PARAMETER_VALUE, Result, SYNTAX_ERROR};
use syntax::ast::Statement;

/// The options.
#[derive(Default)]
struct Options {
    json: bool,
    analyze: bool,
    /// Whether the time that it took is told.
    timing: Option<bool>,
    summary: Option<bool>,
    wal: bool,
}

fn read(options: &[(String, Option<String>)]) -> Result<Options> {
    let mut read = Options::default();
    for (name, value) in options {
        let value = value.as_deref().unwrap_or("true");
        let on = match value.to_ascii_lowercase().as_str() {
            "true" | "on" | "1" => Some(true),
            "false" | "off" | "0" => Some(false),
            _ => None,
        };
        match name.to_ascii_lowercase().as_str() {
            "format" => match value.to_ascii_lowercase().as_str() {
                "text" => read.json = false,
                "json" => read.json = true,
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
                match name {
                    "analyze" => read.analyze = on,
                    "timing" => read.timing = Some(on),
                    "summary" => read.summary = Some(on),
                    "wal" => read.wal = on,
                    // What these would add to a plan it does not have.
                    _ => {}
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
    for (name, on) in [("WAL", read.wal), ("TIMING", read.timing == Some(true))] {
        if on && !read.analyze {
            let message = format!("EXPLAIN option {name} requires ANALYZE");
            return Err(DatabaseError::new(INVALID_PARAMETER_VALUE, message));
        }
    }
    if read.wal {
        return Err(DatabaseError::unsupported("EXPLAIN (WAL)"));
    }
    Ok(read)
}

/// EXPLAIN of a statement.
pub(crate) fn program(
    analysis: &mut Analysis<'_>,
    options: &[(String, Option<String>)],
    statement: &Statement,
    depth: usize,
) -> Result<Program> {
    let Options { json, analyze, timing, summary, .. } = read(options)?;
    let explainable = matches!(
        statement,
        Statement::Select(_)
            | Statement::Insert(_)
            | Statement::Update(_)
            | Statement::Delete(_)
            | Statement::Merge(_)
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
        Statement::Merge(merge) => merge.table.name.parts.join("."),
        _ => String::new(),
    };
    for step in &inner.steps {
        describe(step, &names, &target, &mut plan);
    }
    let timed = timing.unwrap_or(true) && summary.unwrap_or(true);
    let parameters = inner.parameters.clone();
    let writes = analyze && inner.writes;
    let analyze = analyze.then(|| (Box::new(inner), timed));
    let ty = if json { oid::JSON } else { oid::TEXT };
    Ok(Program {
        command: Command::Other("EXPLAIN".to_owned()),
        parameters,
        columns: vec![ResultColumn {
            name: "QUERY PLAN".to_owned(),
            type_ref: TypeRef { oid: ty, modifier: -1 },
        }],
        steps: vec![Step::Explain { plan, json, analyze }],
        writes,
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
                ModifyKind::Delete | ModifyKind::Truncate => "Delete on",
            };
            explained(
                if target.is_empty() { "Change in WITH".to_owned() } else { format!("{word} {target}") },
                Some(modify.source.clone()),
            )
        }
        Step::Iterate { next, .. } => explained("Recursion".to_owned(), Some(next.clone())),
        Step::Merge(merge) => explained(format!("Merge on {target}"), Some(merge.source.clone())),
        Step::Function { .. } | Step::Call { .. } => explained("Function call".to_owned(), None),
        _ => explained("Utility".to_owned(), None),
    });
}
