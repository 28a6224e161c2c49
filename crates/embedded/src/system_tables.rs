//! pg_catalog and information_schema: `bedplate_system(relation, role)` gives the rows of a system relation as a role sees them,
//! `pg_system(function, role, …)` calls a function that reads the catalog.
//!
//! Rows are made once for a state of the catalog. A column compared for equality is looked up in a hash of its values; what a
//! definition says is written only when its column is read.

use crate::functions::{aside, frame, with_arguments};
use crate::slot::Slot;
use crate::stored::{Answer, Bound, stored};
use compile::system::{self, Cell};
use datum::{Stored, StoredValue};
use rusqlite::functions::{Context as FunctionContext, FunctionFlags};
use rusqlite::vtab::{
    Context, Filters, IndexConstraintOp, IndexInfo, Module, VTab, VTabConfig, VTabConnection, VTabCursor,
    sqlite3_vtab, sqlite3_vtab_cursor,
};
use rusqlite::{Connection, ffi};
use sqlstate::{DatabaseError, Result};
use std::borrow::Cow;
use std::collections::HashMap;
use std::ffi::{CStr, CString, c_int};
use std::marker::PhantomData;
use std::sync::{Arc, Mutex, PoisonError};

/// How many columns a system relation has at most.
const COLUMNS: usize = 100;

/// A value by which rows are looked up.
#[derive(PartialEq, Eq, Hash)]
enum Key {
    Integer(i64),
    Text(String),
}

impl Key {
    fn of(value: &StoredValue) -> Option<Key> {
        match value {
            StoredValue::Integer(value) => Some(Key::Integer(*value)),
            StoredValue::Text(value) => Some(Key::Text(value.clone())),
            _ => None,
        }
    }
}

type Places = HashMap<Key, Vec<usize>>;

/// The rows of a system relation.
pub(crate) struct SystemRows {
    rows: Vec<Vec<Cell>>,
    /// By column; `None` where not every row has its value at hand.
    places: Mutex<HashMap<usize, Option<Places>>>,
}

impl SystemRows {
    fn new(rows: Vec<Vec<Cell>>) -> SystemRows {
        SystemRows { rows, places: Mutex::default() }
    }

    /// The rows whose column has this value; `None` when that cannot be looked up.
    fn found(&self, column: usize, value: &StoredValue) -> Option<Vec<usize>> {
        let key = Key::of(value)?;
        let mut all = self.places.lock().unwrap_or_else(PoisonError::into_inner);
        let places = all.entry(column).or_insert_with(|| {
            let mut places = Places::new();
            for (at, row) in self.rows.iter().enumerate() {
                let Some(Cell::Value(value)) = row.get(column) else { return None };
                if let Some(key) = Key::of(value) {
                    places.entry(key).or_default().push(at);
                }
            }
            Some(places)
        });
        let places = places.as_ref()?;
        Some(places.get(&key).cloned().unwrap_or_default())
    }
}

/// Registers the table and the function.
pub(crate) fn register(connection: &Connection, slot: &Arc<Slot>) -> rusqlite::Result<()> {
    const MODULE: Module<'static, SystemTable> = Module::eponymous_only_module();
    connection.create_module("bedplate_system", &MODULE, Some(Arc::clone(slot)))?;
    let slot = Arc::clone(slot);
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_INNOCUOUS;
    connection.create_scalar_function("pg_system", -1, flags, move |context| {
        call(&slot, context).map(Answer).map_err(|error| aside(&slot, error))
    })
}

fn call(slot: &Slot, context: &FunctionContext<'_>) -> Result<StoredValue> {
    with_arguments(context, |arguments| {
        let [Stored::Text(function), Stored::Text(role), rest @ ..] = arguments else {
            return Err(DatabaseError::internal("pg_system needs a function and a role"));
        };
        let frame = frame(slot)?;
        system::call(&frame.viewer(role)?, function, rest)
    })
}

#[repr(C)]
struct SystemTable {
    /// First, as SQLite wants it.
    base: sqlite3_vtab,
    slot: Arc<Slot>,
}

// SAFETY: `SystemTable` is repr(C) and begins with `sqlite3_vtab`.
#[expect(
    unsafe_code,
    reason = "rusqlite's virtual tables are unsafe traits because of the layout they ask for"
)]
unsafe impl<'vtab> VTab<'vtab> for SystemTable {
    type Aux = Arc<Slot>;
    type Cursor = SystemCursor<'vtab>;

    fn connect(
        db: &mut VTabConnection,
        aux: Option<&Arc<Slot>>,
        _module_name: &[u8],
        _database_name: &[u8],
        _table_name: &[u8],
        _args: &[&[u8]],
    ) -> rusqlite::Result<(Cow<'static, CStr>, SystemTable)> {
        let slot = aux.cloned().ok_or_else(|| rusqlite::Error::ModuleError("no slot".to_owned()))?;
        db.config(VTabConfig::Innocuous)?;
        let names: Vec<String> = (0..COLUMNS).map(|column| format!("c{column}")).collect();
        let text = format!("CREATE TABLE x({},a0 HIDDEN,a1 HIDDEN)", names.join(","));
        Ok((Cow::Owned(CString::new(text)?), SystemTable { base: sqlite3_vtab::default(), slot }))
    }

    fn best_index(&self, info: &mut IndexInfo) -> rusqlite::Result<bool> {
        let mut given = [None, None];
        let mut lookup = None;
        for (at, constraint) in info.constraints().enumerate() {
            let Ok(column) = usize::try_from(constraint.column()) else { continue };
            if constraint.operator() != IndexConstraintOp::SQLITE_INDEX_CONSTRAINT_EQ {
                continue;
            }
            match column.checked_sub(COLUMNS) {
                Some(argument) => {
                    if !constraint.is_usable() {
                        return Ok(false);
                    }
                    if let Some(place) = given.get_mut(argument) {
                        *place = Some(at);
                    }
                }
                None if constraint.is_usable() => lookup = lookup.or(Some((at, column))),
                None => {}
            }
        }
        let mut number = 1;
        for at in given.iter().flatten() {
            let mut usage = info.constraint_usage(*at);
            usage.set_argv_index(number);
            usage.set_omit(true);
            number += 1;
        }
        let (cost, chosen) = match lookup {
            Some((at, column)) => {
                // SQLite compares again: its own rules decide.
                info.constraint_usage(at).set_argv_index(number);
                (3.0, column + 1)
            }
            None => (1000.0, 0),
        };
        info.set_idx_num(c_int::try_from(chosen).unwrap_or(0));
        info.set_estimated_cost(cost);
        info.set_estimated_rows(if chosen > 0 { 2 } else { 1000 });
        Ok(true)
    }

    fn open(&'vtab mut self) -> rusqlite::Result<SystemCursor<'vtab>> {
        Ok(SystemCursor {
            base: sqlite3_vtab_cursor::default(),
            slot: Arc::clone(&self.slot),
            rows: None,
            role: String::new(),
            places: None,
            at: 0,
            phantom: PhantomData,
        })
    }
}

#[repr(C)]
struct SystemCursor<'vtab> {
    /// First, as SQLite wants it.
    base: sqlite3_vtab_cursor,
    slot: Arc<Slot>,
    rows: Option<Arc<SystemRows>>,
    role: String,
    /// The rows looked up; `None` is all.
    places: Option<Vec<usize>>,
    at: usize,
    phantom: PhantomData<&'vtab SystemTable>,
}

impl SystemCursor<'_> {
    /// The number of the current row; `None` behind the last one.
    fn place(&self) -> Option<usize> {
        let rows = self.rows.as_ref()?;
        match &self.places {
            Some(places) => places.get(self.at).copied(),
            None => (self.at < rows.rows.len()).then_some(self.at),
        }
    }

    fn read(&mut self, lookup: c_int, arguments: &[Stored<'_>]) -> Result<()> {
        let [Stored::Integer(relation), Stored::Text(role), key @ ..] = arguments else {
            return Err(DatabaseError::internal("bedplate_system needs a relation and a role"));
        };
        let frame = frame(&self.slot)?;
        let viewer = frame.viewer(role)?;
        let relation = u32::try_from(*relation)
            .ok()
            .and_then(|oid| catalog::builtin::builtins().system_relation_by_oid(oid))
            .ok_or_else(|| DatabaseError::internal(format_args!("no system relation {relation}")))?;
        let rows = frame.state.system_rows(relation.oid, viewer.role, || {
            Ok(SystemRows::new(system::rows(&viewer, relation)?))
        })?;
        self.at = 0;
        self.places = match (usize::try_from(lookup).ok().and_then(|at| at.checked_sub(1)), key) {
            // Nothing equals NULL.
            (Some(_), [Stored::Null]) => Some(Vec::new()),
            (Some(column), [value]) => rows.found(column, &value.to_owned()),
            _ => None,
        };
        (*role).clone_into(&mut self.role);
        self.rows = Some(rows);
        Ok(())
    }

    fn value(&self, column: usize) -> Result<StoredValue> {
        let cell = self.rows.as_ref().zip(self.place());
        let cell = cell.and_then(|(rows, place)| rows.rows.get(place)?.get(column));
        match cell {
            None => Ok(StoredValue::Null),
            Some(Cell::Value(value)) => Ok(value.clone()),
            Some(Cell::Defined(definition)) => {
                let frame = frame(&self.slot)?;
                system::define(&frame.viewer(&self.role)?, definition)
            }
            Some(Cell::Refused(what)) => Err(DatabaseError::unsupported(what)),
        }
    }
}

// SAFETY: `SystemCursor` is repr(C) and begins with `sqlite3_vtab_cursor`.
#[expect(
    unsafe_code,
    reason = "rusqlite's virtual tables are unsafe traits because of the layout they ask for"
)]
unsafe impl VTabCursor for SystemCursor<'_> {
    fn filter(&mut self, lookup: c_int, _: Option<&str>, filters: &Filters<'_>) -> rusqlite::Result<()> {
        let slot = Arc::clone(&self.slot);
        let arguments: Result<Vec<_>> = filters.iter().map(stored).collect();
        arguments.and_then(|arguments| self.read(lookup, &arguments)).map_err(|error| aside(&slot, error))
    }

    fn next(&mut self) -> rusqlite::Result<()> {
        self.at += 1;
        Ok(())
    }

    fn eof(&self) -> bool {
        self.place().is_none()
    }

    fn column(&self, context: &mut Context, column: c_int) -> rusqlite::Result<()> {
        let column = usize::try_from(column).unwrap_or(usize::MAX);
        let value = self.value(column).map_err(|error| aside(&self.slot, error))?;
        context.set_result(Bound(value.borrow()))
    }

    fn rowid(&self) -> rusqlite::Result<i64> {
        Ok(self.place().map_or(0, |place| i64::try_from(place).unwrap_or(i64::MAX) + 1))
    }
}

const _: () = assert!(ffi::SQLITE_VERSION_NUMBER >= 3_054_000, "the mechanisms were tried on SQLite 3.54");
