//! Table-valued functions: PostgreSQL's set-returning functions (`pg_set_<prosrc>`) and the rows kept between the steps of a
//! program (`bedplate_rows(n)`), as eponymous virtual tables; `bedplate_unpack(rows)` gives the rows that `pg_pack` made one value of,
//! `bedplate_zip(widths, rows, rows …)` several such side by side.
//!
//! Columns are `c0`, `c1` …; arguments are hidden columns, an omitted one ends the list.

use crate::functions::aside;
use crate::slot::{Buffer, Slot};
use crate::stored::{Bound, stored};
use datum::{Rows, SetFunction, StoredValue};
use rusqlite::vtab::{
    Context, Filters, IndexConstraintOp, IndexInfo, Module, VTab, VTabConfig, VTabConnection, VTabCursor,
    sqlite3_vtab, sqlite3_vtab_cursor,
};
use rusqlite::{Connection, ffi};
use sqlstate::DatabaseError;
use std::borrow::Cow;
use std::ffi::{CStr, CString, c_int};
use std::marker::PhantomData;
use std::sync::Arc;

/// How many columns `bedplate_rows` has.
pub(crate) const BUFFER_COLUMNS: usize = 300;
/// How many arguments a set-returning function takes at most, its signature included.
const ARGUMENTS: usize = 10;

/// What a virtual table of ours yields.
#[derive(Clone)]
enum Source {
    Function(&'static SetFunction),
    Buffers,
    /// Rows that the aggregate `pg_pack` made one value of: LATERAL.
    Packed,
    /// Several such values side by side: ROWS FROM.
    Zipped,
}

#[derive(Clone)]
pub(crate) struct Aux {
    source: Source,
    slot: Arc<Slot>,
}

/// Registers them.
pub(crate) fn register(connection: &Connection, slot: &Arc<Slot>) -> rusqlite::Result<()> {
    const MODULE: Module<'static, FunctionTable> = Module::eponymous_only_module();
    for function in datum::set_functions() {
        let aux = Aux { source: Source::Function(function), slot: Arc::clone(slot) };
        connection.create_module(format!("pg_set_{}", function.name).as_str(), &MODULE, Some(aux))?;
    }
    let aux = Aux { source: Source::Buffers, slot: Arc::clone(slot) };
    connection.create_module("bedplate_rows", &MODULE, Some(aux))?;
    let aux = Aux { source: Source::Packed, slot: Arc::clone(slot) };
    connection.create_module("bedplate_unpack", &MODULE, Some(aux))?;
    let aux = Aux { source: Source::Zipped, slot: Arc::clone(slot) };
    connection.create_module("bedplate_zip", &MODULE, Some(aux))
}

#[repr(C)]
struct FunctionTable {
    /// First, as SQLite wants it.
    base: sqlite3_vtab,
    aux: Aux,
    columns: usize,
    arguments: usize,
}

// SAFETY: `FunctionTable` is repr(C) and begins with `sqlite3_vtab`.
#[expect(
    unsafe_code,
    reason = "rusqlite's virtual tables are unsafe traits because of the layout they ask for"
)]
unsafe impl<'vtab> VTab<'vtab> for FunctionTable {
    type Aux = Aux;
    type Cursor = FunctionCursor<'vtab>;

    fn connect(
        db: &mut VTabConnection,
        aux: Option<&Aux>,
        _module_name: &[u8],
        _database_name: &[u8],
        _table_name: &[u8],
        _args: &[&[u8]],
    ) -> rusqlite::Result<(Cow<'static, CStr>, FunctionTable)> {
        let aux = aux.cloned().ok_or_else(|| rusqlite::Error::ModuleError("no source".to_owned()))?;
        let (columns, arguments) = match &aux.source {
            Source::Function(function) => (function.columns, ARGUMENTS),
            Source::Buffers | Source::Packed => (BUFFER_COLUMNS, 1),
            Source::Zipped => (BUFFER_COLUMNS, ARGUMENTS),
        };
        db.config(VTabConfig::Innocuous)?;
        let names = (0..columns).map(|column| format!("c{column}"));
        let hidden = (0..arguments).map(|argument| format!("a{argument} HIDDEN"));
        let list: Vec<String> = names.chain(hidden).collect();
        let text = CString::new(format!("CREATE TABLE x({})", list.join(",")))?;
        Ok((Cow::Owned(text), FunctionTable { base: sqlite3_vtab::default(), aux, columns, arguments }))
    }

    fn best_index(&self, info: &mut IndexInfo) -> rusqlite::Result<bool> {
        let mut given = vec![None; self.arguments];
        for (at, constraint) in info.constraints().enumerate() {
            let Ok(column) = usize::try_from(constraint.column()) else { continue };
            let Some(argument) = column.checked_sub(self.columns) else { continue };
            if constraint.operator() != IndexConstraintOp::SQLITE_INDEX_CONSTRAINT_EQ {
                continue;
            }
            if !constraint.is_usable() {
                return Ok(false);
            }
            if let Some(place) = given.get_mut(argument) {
                *place = Some(at);
            }
        }
        let count = given.iter().take_while(|place| place.is_some()).count();
        for (argument, at) in given.iter().flatten().enumerate().take(count) {
            let mut usage = info.constraint_usage(*at);
            usage.set_argv_index(c_int::try_from(argument + 1).unwrap_or(c_int::MAX));
            usage.set_omit(true);
        }
        info.set_idx_num(c_int::try_from(count).unwrap_or(c_int::MAX));
        info.set_estimated_cost(100.0);
        info.set_estimated_rows(100);
        Ok(true)
    }

    fn open(&'vtab mut self) -> rusqlite::Result<FunctionCursor<'vtab>> {
        Ok(FunctionCursor {
            base: sqlite3_vtab_cursor::default(),
            aux: self.aux.clone(),
            columns: self.columns,
            rows: Reading::Done,
            current: Vec::new(),
            rowid: 0,
            phantom: PhantomData,
        })
    }
}

enum Reading {
    Done,
    Function(Rows),
    Buffer(Buffer, usize),
}

#[repr(C)]
struct FunctionCursor<'vtab> {
    /// First, as SQLite wants it.
    base: sqlite3_vtab_cursor,
    aux: Aux,
    columns: usize,
    rows: Reading,
    current: Vec<StoredValue>,
    rowid: i64,
    phantom: PhantomData<&'vtab FunctionTable>,
}

impl FunctionCursor<'_> {
    fn advance(&mut self) -> rusqlite::Result<()> {
        match &mut self.rows {
            Reading::Done => {}
            Reading::Buffer(rows, at) => {
                if *at + 1 < rows.len() {
                    *at += 1;
                } else {
                    self.rows = Reading::Done;
                }
            }
            Reading::Function(rows) => match rows.next() {
                Some(Ok(row)) => self.current = row,
                Some(Err(error)) => {
                    self.rows = Reading::Done;
                    return Err(aside(&self.aux.slot, error));
                }
                None => self.rows = Reading::Done,
            },
        }
        self.rowid += 1;
        Ok(())
    }

    fn row(&self) -> &[StoredValue] {
        match &self.rows {
            Reading::Done => &[],
            Reading::Function(_) => &self.current,
            Reading::Buffer(rows, at) => rows.get(*at).map_or(&[], Vec::as_slice),
        }
    }
}

// SAFETY: `FunctionCursor` is repr(C) and begins with `sqlite3_vtab_cursor`.
#[expect(
    unsafe_code,
    reason = "rusqlite's virtual tables are unsafe traits because of the layout they ask for"
)]
unsafe impl VTabCursor for FunctionCursor<'_> {
    fn filter(&mut self, _: c_int, _: Option<&str>, filters: &Filters<'_>) -> rusqlite::Result<()> {
        let slot = Arc::clone(&self.aux.slot);
        let fail = |error| aside(&slot, error);
        let arguments: Result<Vec<_>, DatabaseError> = filters.iter().map(stored).collect();
        let arguments = arguments.map_err(fail)?;
        self.rowid = 0;
        match &self.aux.source {
            Source::Function(function) => {
                let frame = slot.frame().ok_or_else(|| {
                    fail(DatabaseError::internal("a set function was called outside of any work"))
                })?;
                self.rows = Reading::Function(function.invoke(&arguments, &*frame).map_err(fail)?);
                self.advance()
            }
            Source::Packed => {
                let packed = match arguments.first() {
                    Some(datum::Stored::Blob(packed)) => packed.to_vec(),
                    Some(datum::Stored::Null) => Vec::new(),
                    _ => return Err(fail(DatabaseError::internal("bedplate_unpack needs packed rows"))),
                };
                self.rows = Reading::Function(Box::new(crate::pack::Unpacked::new(packed)));
                self.advance()
            }
            Source::Zipped => {
                let rows = crate::pack::Zipped::new(&arguments).map_err(fail)?;
                self.rows = Reading::Function(Box::new(rows));
                self.advance()
            }
            Source::Buffers => {
                let number = match arguments.first() {
                    Some(datum::Stored::Integer(number)) => *number,
                    _ => return Err(fail(DatabaseError::internal("bedplate_rows needs a number"))),
                };
                let rows = slot
                    .buffer(number)
                    .ok_or_else(|| fail(DatabaseError::internal(format_args!("no rows {number}"))))?;
                self.rows = if rows.is_empty() { Reading::Done } else { Reading::Buffer(rows, 0) };
                Ok(())
            }
        }
    }

    fn next(&mut self) -> rusqlite::Result<()> {
        self.advance()
    }

    fn eof(&self) -> bool {
        matches!(self.rows, Reading::Done)
    }

    fn column(&self, context: &mut Context, column: c_int) -> rusqlite::Result<()> {
        let at = usize::try_from(column).unwrap_or(usize::MAX);
        let value = if at < self.columns { self.row().get(at) } else { None };
        context.set_result(Bound(value.map_or(datum::Stored::Null, StoredValue::borrow)))
    }

    fn rowid(&self) -> rusqlite::Result<i64> {
        Ok(self.rowid)
    }
}

const _: () = assert!(ffi::SQLITE_VERSION_NUMBER >= 3_054_000, "the mechanisms were tried on SQLite 3.54");
