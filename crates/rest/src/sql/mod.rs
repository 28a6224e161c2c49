//! Plans as PostgreSQL's SQL.
//!
//! The same text runs on every engine: embeds are correlated sub-selects, JSON is built by the database, nothing is LATERAL
//! but a spread of a function's rows, and a write is a CTE of one shape only.

mod call;
mod fragment;
mod literal;
mod read;
mod write;

pub(crate) use call::call;
pub(crate) use fragment::Sql;
pub(crate) use read::{CountWanted, read};
pub(crate) use write::{Answering, write};

use crate::media::Format;
use database::{Expectation, Statement};

/// The statements of a request, and where in their results its answer is.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Script {
    pub(crate) statements: Vec<Statement>,
    /// Statements whose rows are the answer: one, or several parts of a bulk insert.
    pub(crate) main: Vec<usize>,
    pub(crate) layout: Layout,
    /// The statement that reads the answer's headers and status from settings.
    pub(crate) answer_settings: Option<usize>,
    /// The statement that counts the rows that a merge found there.
    pub(crate) existing: Option<usize>,
    /// The statement that compares a PUT's key with its body.
    pub(crate) key_check: Option<usize>,
    /// The statement that tells how many rows the planner expects.
    pub(crate) estimate: Option<Estimate>,
}

/// Where the planner's word is, and when it counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Estimate {
    /// The statement's place.
    pub(crate) at: usize,
    /// Up to so many the rows were counted; not at all when there is none.
    pub(crate) counted_to: Option<i64>,
}

/// What the main statement's result is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Layout {
    /// Nothing but the number of rows affected.
    #[default]
    Affected,
    /// One row: `body`, `page_total` and what else is named so.
    Summary,
    /// The rows themselves, for CSV.
    Rows,
    /// Lines of a plan.
    Plan,
}

impl Script {
    /// The same, but the main statement is only explained.
    pub(crate) fn explained(mut self, json: bool, options: &[&'static str]) -> Script {
        let mut words = vec![if json { "FORMAT JSON" } else { "FORMAT TEXT" }];
        words.extend(options);
        for at in &self.main {
            let statement = &mut self.statements[*at];
            statement.text = format!("EXPLAIN ({}) {}", words.join(", "), statement.text).into();
            statement.expectation = Expectation::Any;
        }
        self.layout = Layout::Plan;
        self
    }
}

/// The name of the summary's row source.
const ROWS: &str = "_t";
/// The name of an embed's row source.
const EMBEDDED: &str = "_e";
/// The name of a write's or call's rows.
const SOURCE: &str = "_r";
/// The column with the number of rows, for expectations.
pub(crate) const PAGE_TOTAL: &str = "page_total";

/// How many rows the answer must have.
pub(crate) fn expecting(range: Option<(i64, i64)>) -> Expectation {
    match range {
        None => Expectation::Any,
        Some((min, max)) => Expectation::CountWithin { column: PAGE_TOTAL.into(), min, max },
    }
}

/// The body of rows `name` as one JSON text. A single one is an array of one; its brackets are taken off later.
fn json_body(sql: &mut Sql, format: &Format, name: &str, column: Option<&str>) {
    let stripped = matches!(format, Format::Json { stripped: true, .. });
    sql.raw("coalesce(").raw(if stripped { "json_strip_nulls(json_agg(" } else { "json_agg(" });
    sql.name(name);
    if let Some(column) = column {
        sql.raw(".").name(column);
    }
    sql.raw(if stripped { "))" } else { ")" }).raw(", '[]')");
}

/// The statement that reads the settings by which functions and triggers shape the answer.
pub(crate) fn settings_statement() -> Statement {
    let mut sql = Sql::default();
    sql.raw("SELECT ");
    settings_columns(&mut sql);
    sql.into_statement(Expectation::Any)
}

/// A call of the function that configures the API, and what reads the settings of these names that it made.
pub(crate) fn configuration(
    (schema, function): &(String, String),
    names: &[&'static str],
) -> (Statement, Statement) {
    let mut call = Sql::default();
    call.raw("SELECT ").qualified(schema, function).raw("()");
    let mut settings = Sql::default();
    settings.raw("SELECT ");
    for (at, name) in names.iter().enumerate() {
        settings
            .raw(if at > 0 { ", " } else { "" })
            .raw("nullif(current_setting('pgrst.")
            .raw(name)
            .raw("', true), '')");
    }
    (call.into_statement(Expectation::Any), settings.into_statement(Expectation::Any))
}

fn settings_columns(sql: &mut Sql) {
    sql.raw("nullif(current_setting('response.headers', true), '') AS response_headers, ");
    sql.raw("nullif(current_setting('response.status', true), '') AS response_status");
}
