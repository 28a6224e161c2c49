//! What is to be written, resolved against the catalog.

use super::{Condition, ReadPlanner};
use crate::asked::{Asked, Mutation};
use crate::error::Refusal;
use crate::model::{Column, Table};
use crate::payload::{Cell, Payload};
use crate::preferences::{Missing, Resolution};
use crate::query::{Operation, Operator, Query};
use database::DatabaseError;
use std::sync::Arc;

/// A write.
#[derive(Debug)]
pub(crate) struct WritePlan {
    pub(crate) table: Arc<Table>,
    pub(crate) kind: WriteKind,
    /// A column that is not there, in a condition.
    pub(crate) missing: Option<DatabaseError>,
}

/// How rows are written.
#[derive(Debug)]
pub(crate) enum WriteKind {
    /// New rows.
    Insert {
        /// Places in the table's columns.
        columns: Vec<usize>,
        rows: Vec<Vec<Cell>>,
        /// What is missing gets its default, not NULL.
        defaults: bool,
        conflict: Option<Conflict>,
        /// Of PUT: the key's columns with the values that the query says they have.
        key: Option<Vec<(usize, String)>>,
    },
    /// Rows changed; without columns none.
    Update { columns: Vec<usize>, row: Vec<Cell>, defaults: bool, conditions: Vec<Condition> },
    /// Rows removed.
    Delete { conditions: Vec<Condition> },
}

/// What happens to rows that are there already.
#[derive(Debug)]
pub(crate) struct Conflict {
    pub(crate) columns: Vec<String>,
    pub(crate) resolution: Resolution,
}

/// Resolves a write.
pub(crate) fn plan_write(
    planner: ReadPlanner<'_>,
    asked: &Asked,
    table: &Arc<Table>,
    mutation: Mutation,
) -> Result<WritePlan, Refusal> {
    let defaults = asked.preferences.missing == Some(Missing::Default);
    let conditions = || planner.conditions(&asked.query, table);
    let (kind, missing) = match mutation {
        Mutation::Insert => {
            let (columns, rows) = rows(asked, table)?;
            let (conflict, missing) = conflict(asked, table);
            (WriteKind::Insert { columns, rows, defaults, conflict, key: None }, missing)
        }
        Mutation::UpsertOne => {
            let key = put_key(&asked.query, table)?;
            let (columns, mut rows) = rows(asked, table)?;
            rows.truncate(1);
            let conflict = Conflict { columns: table.primary_key.clone(), resolution: Resolution::Merge };
            (WriteKind::Insert { columns, rows, defaults, conflict: Some(conflict), key: Some(key) }, None)
        }
        Mutation::Update => {
            let (columns, mut rows) = rows(asked, table)?;
            let (conditions, missing) = conditions()?;
            rows.truncate(1);
            let row = rows.pop().unwrap_or_default();
            let columns = if row.is_empty() { Vec::new() } else { columns };
            (WriteKind::Update { columns, row, defaults, conditions }, missing)
        }
        Mutation::Delete => {
            let (conditions, missing) = conditions()?;
            (WriteKind::Delete { conditions }, missing)
        }
    };
    Ok(WritePlan { table: Arc::clone(table), kind, missing })
}

fn rows(asked: &Asked, table: &Table) -> Result<(Vec<usize>, Vec<Vec<Cell>>), Refusal> {
    let Payload::Rows(rows) = &asked.payload else {
        return Ok((Vec::new(), Vec::new()));
    };
    let place = |name: &String| {
        table
            .columns
            .iter()
            .position(|column: &Column| column.name == *name)
            .ok_or_else(|| Refusal::NoColumn { table: table.name.clone(), column: name.clone() })
    };
    let columns = rows.columns.iter().map(place).collect::<Result<_, _>>()?;
    Ok((columns, rows.rows.clone()))
}

fn conflict(asked: &Asked, table: &Table) -> (Option<Conflict>, Option<DatabaseError>) {
    let Some(resolution) = asked.preferences.resolution else {
        return (None, None);
    };
    let columns = asked.query.on_conflict.clone().unwrap_or_else(|| table.primary_key.clone());
    if columns.is_empty() {
        return (None, None);
    }
    let missing = columns.iter().find(|name| table.column(name).is_none()).map(|name| {
        DatabaseError::new(sqlstate::UNDEFINED_COLUMN, format!("column \"{name}\" does not exist"))
    });
    (Some(Conflict { columns, resolution }), missing)
}

/// The key that PUT's query names: each column once, by `eq`, and nothing else.
fn put_key(query: &Query, table: &Table) -> Result<Vec<(usize, String)>, Refusal> {
    let mut key = Vec::new();
    for (path, filter) in &query.filters {
        let Operation::Compare { operator: Operator::Equal, quantifier: None, value } = &filter.operation
        else {
            return Err(Refusal::PutFilters);
        };
        let place = table.columns.iter().position(|column| column.name == filter.field.name);
        match place {
            Some(place)
                if path.is_empty()
                    && filter.field.path.is_empty()
                    && !filter.negated
                    && table.primary_key.contains(&filter.field.name) =>
            {
                key.push((place, value.clone()));
            }
            _ => return Err(Refusal::PutFilters),
        }
    }
    let names_all =
        table.primary_key.iter().all(|name| key.iter().any(|(place, _)| table.columns[*place].name == *name));
    if key.is_empty() || !names_all || !query.logic.is_empty() {
        return Err(Refusal::PutFilters);
    }
    Ok(key)
}
