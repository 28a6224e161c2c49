//! What a statement sees of the table that it changes row by row.
//!
//! PostgreSQL shows a statement the rows as they were when it began, and the body of a VOLATILE function that it calls the rows as they
//! are by then. SQLite only has the latter: where rows are written one after another, what reads the table as it was reads it without
//! the rows written so far, and those as they were from a buffer.

use super::Run;
use super::modify::{SourceRow, Writing, looks};
use crate::connection::owned_row;
use crate::table_functions::BUFFER_COLUMNS;
use crate::writes::quote;
use compile::program::{
    Bind, CHANGED_ROWS, Modify, ModifyKind, Probe, Projection, ROWS_BEFORE, SqliteStatement, TablePlan,
};
use datum::StoredValue;
use sqlstate::{DatabaseError, Result};
use std::ops::Range;
use std::sync::Arc;

/// The places in a statement's text where it reads a table, as `"table" AS r1`, and the numbers of the ranges.
fn ranges_over(sql: &str, table: &str) -> Vec<(Range<usize>, u32)> {
    let name = format!("{} AS r", quote(table));
    let bytes = sql.as_bytes();
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        if *byte != b'\'' && *byte != b'"' {
            at += 1;
            continue;
        }
        if let Some(rest) = sql.get(at..).and_then(|rest| rest.strip_prefix(name.as_str())) {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            if let Ok(number) = rest[..digits].parse() {
                let end = at + name.len() + digits;
                found.push((at..end, number));
                at = end;
                continue;
            }
        }
        // A literal or a name: to its end. A doubled quote begins the next.
        let length = bytes[at + 1..].iter().position(|other| other == byte);
        at = length.map_or(bytes.len(), |length| at + length + 2);
    }
    found
}

fn is_live(modify: &Modify, range: u32) -> bool {
    modify.live.as_ref().is_some_and(|live| live.ranges.contains(&range))
}

/// Whether a statement reads the table of the change, and reads it as it is by then where `live` says so.
pub(crate) fn reads(modify: &Modify, statement: &SqliteStatement, live: bool) -> bool {
    if live && modify.live.is_none() {
        return false;
    }
    let table = &modify.table.sqlite_name;
    statement.access.reads.iter().any(|(name, _)| name == table)
        && ranges_over(&statement.sql, table).iter().any(|(_, range)| is_live(modify, *range) == live)
}

/// Whether what a change evaluates of its rows reads the table as it is by then.
pub(crate) fn looks_live(modify: &Modify) -> bool {
    looks(modify).any(|look| reads(modify, look, true))
}

/// Whether RETURNING does: it is asked once the row is written.
pub(crate) fn returns_live(modify: &Modify) -> bool {
    match &modify.returning {
        Some(Projection::Query(statement)) => reads(modify, statement, true),
        _ => false,
    }
}

/// Whether the source of an INSERT does.
pub(crate) fn source_is_live(modify: &Modify) -> bool {
    modify.kind == ModifyKind::Insert && reads(modify, &modify.source, true)
}

/// 0A000 where rows are made or looked at ahead that must be made or looked at one by one.
pub(crate) fn refuse_live(modify: &Modify, rows: usize) -> Result<()> {
    if rows > 1 && (reads(modify, &modify.source, true) || looks_live(modify)) {
        return Err(reads_while_changing());
    }
    Ok(())
}

/// 0A000
pub(crate) fn reads_while_changing() -> DatabaseError {
    DatabaseError::unsupported("a volatile function that reads the table whose rows this statement changes")
}

/// The change with all that reads its table as it was reading it so, while rows of it are being written.
///
/// # Errors
/// 0A000 for a table of very many columns.
pub(crate) fn reading_before(modify: &Modify) -> Result<Modify> {
    let table = &modify.table;
    if table.columns.len() + 1 > BUFFER_COLUMNS {
        return Err(DatabaseError::unsupported(
            "several rows one by one (ON CONFLICT, BEFORE triggers) whose checks or RETURNING read the table itself",
        ));
    }
    let mut changed = modify.clone();
    let before = |statement: &mut SqliteStatement| {
        if reads(modify, statement, false) {
            *statement = as_before(modify, statement);
        }
    };
    let probe = |probe: &mut Option<Probe>| {
        if let Some(probe) = probe {
            before(&mut probe.statement);
        }
    };
    before(&mut changed.source);
    probe(&mut changed.probe);
    if let Some(Projection::Query(statement)) = &mut changed.returning {
        before(statement);
    }
    if let Some(update) = changed.conflict.as_mut().and_then(|conflict| conflict.update.as_mut()) {
        before(&mut update.values);
        probe(&mut update.existing);
        probe(&mut update.probe);
    }
    Ok(changed)
}

/// A statement over the table as it was.
fn as_before(modify: &Modify, statement: &SqliteStatement) -> SqliteStatement {
    let TablePlan { sqlite_name, rowid, columns, .. } = &*modify.table;
    let names: Vec<String> = columns.iter().map(|column| quote(&column.name)).collect();
    let kept: Vec<String> = (1..=columns.len()).map(|at| format!("c{at}")).collect();
    let rows = format!(
        "(SELECT {rowid} AS {rowid}, {} FROM {} WHERE {rowid} NOT IN (SELECT c0 FROM bedplate_rows({CHANGED_ROWS})) \
         UNION ALL SELECT c0, {} FROM bedplate_rows({ROWS_BEFORE}))",
        names.join(", "),
        quote(sqlite_name),
        kept.join(", "),
    );
    let mut sql = String::with_capacity(statement.sql.len() + rows.len());
    let mut end = 0;
    for (place, range) in ranges_over(&statement.sql, sqlite_name) {
        sql.push_str(&statement.sql[end..place.start]);
        end = place.end;
        if is_live(modify, range) {
            sql.push_str(&statement.sql[place]);
        } else {
            sql.push_str(&format!("{rows} AS r{range}"));
        }
    }
    sql.push_str(&statement.sql[end..]);
    let mut access = statement.access.clone();
    for (name, read) in &mut access.reads {
        if name == sqlite_name {
            *read = columns.iter().map(|column| column.name.clone()).collect();
        }
    }
    SqliteStatement { sql, binds: statement.binds.clone(), access }
}

impl Run<'_> {
    /// The change as it is to be run row by row: what reads its table as it was needs to know what is written.
    pub(crate) fn row_by_row(&self, modify: &Modify) -> Result<Option<Modify>> {
        let all = looks(modify).chain([&modify.source]);
        if !all.into_iter().any(|look| reads(modify, look, false)) {
            return Ok(None);
        }
        for buffer in [CHANGED_ROWS, ROWS_BEFORE] {
            self.connection.slot.put_buffer(i64::from(buffer), Arc::default());
        }
        reading_before(modify).map(Some)
    }

    /// A row was written by a statement that needs to know.
    pub(crate) fn note_changed(&self, writing: &Writing<'_>, rowid: i64, old: Option<&[StoredValue]>) {
        if !writing.row_by_row {
            return;
        }
        let rowid = StoredValue::Integer(rowid);
        if let Some(old) = old {
            let mut row = Vec::with_capacity(old.len() + 1);
            row.push(rowid.clone());
            row.extend_from_slice(old);
            self.connection.slot.push_to_buffer(i64::from(ROWS_BEFORE), row);
        }
        self.connection.slot.push_to_buffer(i64::from(CHANGED_ROWS), vec![rowid]);
    }

    /// The rowids that an UPDATE or DELETE may be about, when its source reads the table as it is by then and there are several.
    pub(crate) fn live_candidates(
        &self,
        modify: &Modify,
        parameters: &[StoredValue],
        arguments: &[StoredValue],
    ) -> Result<Option<Vec<i64>>> {
        let Some(candidates) = modify.live.as_ref().and_then(|live| live.candidates.as_ref()) else {
            return Ok(None);
        };
        let mut found = Vec::new();
        self.connection.query(candidates, &self.bindings(parameters, arguments), |row| {
            found.push(row.get(0).map_err(|error| self.connection.failure(&error))?);
            Ok(())
        })?;
        found.sort_unstable();
        Ok((found.len() > 1).then_some(found))
    }

    /// The row of the source for one row of the table, as both are by now.
    pub(crate) fn source_of(&self, writing: &Writing<'_>, rowid: i64) -> Result<Option<SourceRow>> {
        let Writing { modify, parameters, arguments, .. } = *writing;
        let mut statement = modify.source.clone();
        statement.binds.push(Bind::Key(0));
        statement.sql = format!("SELECT * FROM ({}) WHERE c0 = ?{}", statement.sql, statement.binds.len());
        let key = [StoredValue::Integer(rowid)];
        let bindings = self.bindings(parameters, arguments).key(&key);
        let width = modify.table.columns.len();
        let values = if modify.kind == ModifyKind::Update { modify.assigned.len() } else { 0 };
        let mut found = None;
        self.connection.query(&statement, &bindings, |row| {
            if found.is_none() {
                found = Some(SourceRow {
                    rowid: Some(rowid),
                    old: owned_row(row, 1, width)?,
                    values: owned_row(row, 1 + width, values)?,
                    extra: owned_row(row, 1 + width + values, modify.extras)?,
                });
            }
            Ok(())
        })?;
        Ok(found)
    }
}

#[cfg(test)]
mod tests {
    use super::ranges_over;

    #[test]
    fn ranges_are_found_outside_of_literals_and_names() {
        let found = |sql: &str| {
            ranges_over(sql, "public.t")
                .into_iter()
                .map(|(place, range)| (sql[place].to_owned(), range))
                .collect::<Vec<_>>()
        };
        let first = ("\"public.t\" AS r1".to_owned(), 1);
        let second = ("\"public.t\" AS r22".to_owned(), 22);
        assert_eq!(
            found("SELECT r1.\"a\" FROM \"public.t\" AS r1, (SELECT 1 FROM \"public.t\" AS r22) AS r3"),
            [first.clone(), second]
        );
        assert_eq!(found("SELECT 'x \"public.t\" AS r1', 'it''s' FROM \"public.t\" AS r1"), [first]);
        assert_eq!(found("SELECT \"a \"\"public.t\"\" AS r1\" FROM \"public.tt\" AS r1"), []);
        assert_eq!(found("SELECT 'unfinished"), []);
    }
}
