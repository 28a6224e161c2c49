//! COPY FROM STDIN and COPY TO STDOUT.

mod read;
#[cfg(test)]
mod tests;
mod write;

use super::Run;
use super::modify::{AllReady, SourceRow, Writing, after, before};
use super::steps::Sink;
use compile::program::{
    CopyColumn, CopyFormat, CopyHeader, Modify, ModifyKind, ResultColumn, SqliteStatement,
};
use datum::StoredValue;
use read::{Line, Lines, fields, shown};
use sqlstate::{DatabaseError, PROGRAM_LIMIT_EXCEEDED, PROTOCOL_VIOLATION, Result};
use std::sync::Arc;

/// How many rows PostgreSQL holds back before it writes them, and how many bytes of lines.
const HELD_ROWS: usize = 1000;
const HELD_BYTES: usize = 65535;
/// A result of more bytes than this is refused.
const LARGEST: usize = 512 << 20;

/// What COPY FROM is to do.
pub(crate) struct CopyFrom<'p> {
    pub(crate) modify: &'p Modify,
    pub(crate) columns: &'p [CopyColumn],
    pub(crate) complete: bool,
    pub(crate) one_by_one: bool,
    pub(crate) filter: Option<&'p SqliteStatement>,
    pub(crate) format: &'p CopyFormat,
}

/// Rows that wait to be written, with the numbers of their lines.
#[derive(Default)]
struct Held {
    rows: Vec<super::modify::Ready>,
    numbers: Vec<u64>,
    bytes: usize,
}

impl Run<'_> {
    /// COPY FROM STDIN. How many rows were written.
    pub(crate) fn copy_from(&mut self, copy: &CopyFrom<'_>) -> Result<u64> {
        let Some(rows) = self.copy_rows.clone() else {
            let message = "COPY FROM stdin came without its rows";
            return Err(DatabaseError::new(PROTOCOL_VIOLATION, message));
        };
        let modify = copy.modify;
        let transitions = self.transitions(&modify.table);
        let shared = transitions.as_ref();
        let writing = Writing {
            modify,
            parameters: &[],
            arguments: &[],
            triggers: self.row_triggers(&modify.table, ModifyKind::Insert, &modify.assigned, shared)?,
            transitions,
            updating: super::triggers::RowTriggers::default(),
            mark: self.mark(),
            row_by_row: false,
            returns_late: false,
        };
        self.fire_before_statement(&modify.table, &before(modify))?;
        let count = self.copy_lines(copy, &writing, &rows)?;
        self.queue_after_statement(&modify.table, &after(modify), writing.transitions.as_ref())?;
        Ok(count)
    }

    fn copy_lines(&mut self, copy: &CopyFrom<'_>, writing: &Writing<'_>, rows: &Arc<str>) -> Result<u64> {
        let table = &copy.modify.table.name;
        let mut lines = Lines::new(rows, copy.format);
        let mut held = Held::default();
        let mut count = 0;
        let mut is_header = copy.format.header != CopyHeader::None;
        loop {
            let line = lines.next().map_err(|error| at_line(error, table, lines.number(), None))?;
            let Some(line) = line else { break };
            if line.text == "\\." {
                break;
            }
            if std::mem::take(&mut is_header) {
                let names = copy.columns.iter().map(|column| column.name.as_str());
                read::check_header(line.text, copy.format, names)
                    .map_err(|error| at_line(error, table, line.number, Some(line.text)))?;
                continue;
            }
            self.work.check_deadline()?;
            let row = self.copy_row(copy, &line)?;
            if let Some(filter) = copy.filter {
                let bindings = self.bindings(&[], &[]).rows(Some(&row.values), None);
                let answer = self
                    .one_row(filter, &bindings)
                    .map_err(|error| at_line(error, table, line.number, Some(line.text)))?;
                if !matches!(answer.first(), Some(StoredValue::Integer(truth)) if *truth != 0) {
                    continue;
                }
            }
            let ready = self
                .prepare_row(writing, row)
                .map_err(|error| at_line(error, table, line.number, Some(line.text)))?;
            let Some(ready) = ready else { continue };
            if let Some(error) = ready.late {
                return Err(at_line(error, table, line.number, Some(line.text)));
            }
            held.rows.push(ready);
            held.numbers.push(line.number);
            held.bytes += line.text.len();
            if copy.one_by_one {
                let text = Some(line.text);
                count += self.write_held(writing, &mut held, text)?;
            } else if held.rows.len() >= HELD_ROWS || held.bytes > HELD_BYTES {
                count += self.write_held(writing, &mut held, None)?;
            }
        }
        count += self.write_held(writing, &mut held, None)?;
        Ok(count)
    }

    /// Writes the rows that wait.
    fn write_held(&mut self, writing: &Writing<'_>, held: &mut Held, text: Option<&str>) -> Result<u64> {
        let Held { rows, numbers, .. } = std::mem::take(held);
        let mut count = 0;
        for (row, number) in rows.into_iter().zip(numbers) {
            let mut ignored = Sink::Count { count: 0 };
            let one = AllReady::one(row);
            let written = self.finish_all(writing, one, &mut ignored);
            count += written.map_err(|error| at_line(error, &writing.modify.table.name, number, text))?;
        }
        Ok(count)
    }

    /// A line as a row of the table.
    fn copy_row(&self, copy: &CopyFrom<'_>, line: &Line<'_>) -> Result<SourceRow> {
        let table = &copy.modify.table;
        let in_line = |error| at_line(error, &table.name, line.number, Some(line.text));
        let found = fields(line.text, copy.format).map_err(in_line)?;
        let mut given = vec![StoredValue::Null; table.columns.len()];
        // A table without columns has empty lines.
        if found.len() > copy.columns.len() && !(copy.columns.is_empty() && line.text.is_empty()) {
            return Err(in_line(read::too_many()));
        }
        for (at, column) in copy.columns.iter().enumerate() {
            let Some(field) = found.get(at) else { return Err(in_line(read::missing(&column.name))) };
            let Some(text) = field else { continue };
            let value = datum::input(column.type_ref.oid, column.type_ref.modifier, text, &*self.frame);
            let value = value.map_err(|error| {
                let place = format!("COPY {}, line {}, column {}", table.name, line.number, column.name);
                with_context(error, format!("{place}: \"{}\"", shown(text)))
            })?;
            if let Some(place) = given.get_mut(column.at) {
                *place = value;
            }
        }
        if !copy.complete {
            let bindings = self.bindings(&[], &[]).rows(Some(&given), None);
            given = self.one_row(&copy.modify.source, &bindings).map_err(|error| {
                // A domain's check is part of reading its value.
                let domain = error.fields().data_type.clone();
                let of = copy.columns.iter().position(|column| domain.is_some() && column.domain == domain);
                let Some(at) = of else { return in_line(error) };
                let text = match found.get(at).cloned().flatten() {
                    Some(text) => format!("\"{}\"", shown(&text)),
                    None => "null input".to_owned(),
                };
                let name = &copy.columns[at].name;
                let place = format!("COPY {}, line {}, column {name}: {text}", table.name, line.number);
                with_context(error, place)
            })?;
        }
        Ok(SourceRow { rowid: None, old: Vec::new(), values: given, extra: Vec::new() })
    }

    /// COPY TO STDOUT. How many rows there were.
    pub(crate) fn copy_to(
        &mut self,
        statement: &SqliteStatement,
        columns: &[ResultColumn],
        format: &CopyFormat,
    ) -> Result<u64> {
        let mut rows = Sink::Stored { rows: Vec::new() };
        self.select(statement, &[], &[], &mut rows)?;
        let Sink::Stored { rows } = rows else { return Err(DatabaseError::internal("a sink changed")) };
        let mut out = String::new();
        write::header(&mut out, format, columns.iter().map(|column| column.name.as_str()));
        for row in &rows {
            let mut values = Vec::with_capacity(row.len());
            for (value, column) in row.iter().zip(columns) {
                if value.is_null() {
                    values.push(None);
                    continue;
                }
                let type_ref = self.state.catalog.base_type(column.type_ref);
                let mut text = String::new();
                datum::output(type_ref.oid, type_ref.modifier, value.borrow(), &*self.frame, &mut text)?;
                values.push(Some(text));
            }
            write::row(&mut out, format, &values);
            if out.len() > LARGEST {
                return Err(DatabaseError::new(PROGRAM_LIMIT_EXCEEDED, "the result is larger than 512 MB"));
            }
        }
        self.copied = Some(out);
        Ok(rows.len() as u64)
    }
}

/// An error that a line is to blame for, once.
fn at_line(error: DatabaseError, table: &str, number: u64, text: Option<&str>) -> DatabaseError {
    let context = match text {
        Some(text) => format!("COPY {table}, line {number}: \"{}\"", shown(text)),
        None => format!("COPY {table}, line {number}"),
    };
    with_context(error, context)
}

fn with_context(mut error: DatabaseError, context: String) -> DatabaseError {
    error.fields_mut().context.get_or_insert(context);
    error
}
