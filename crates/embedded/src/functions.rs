//! PostgreSQL's functions, aggregates and collations on a connection: each function of `datum` is `pg_<prosrc>`.
//!
//! An error goes aside into the connection's slot, whole; SQLite gets a marker only.

use crate::sequences::Position;
use crate::slot::Slot;
use crate::stored::{Answer, stored};
use catalog::Privileges;
use datum::{Accumulator, Aggregate, Function, Stored, StoredValue, Volatility};
use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::{Connection, Error};
use sqlstate::{DatabaseError, Result};
use std::panic::AssertUnwindSafe;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

/// Calls with more arguments than this take a vector.
const FEW: usize = 8;

/// Registers everything.
pub(crate) fn register(connection: &Connection, slot: &Arc<Slot>) -> rusqlite::Result<()> {
    let mut name = String::new();
    for function in datum::functions() {
        name.clear();
        name.push_str("pg_");
        name.push_str(function.name);
        let slot = Arc::clone(slot);
        connection.create_scalar_function(name.as_str(), -1, flags(function.volatility), move |context| {
            call(&slot, function, context)
        })?;
    }
    for aggregate in datum::aggregates() {
        name.clear();
        name.push_str("pg_");
        name.push_str(aggregate.name);
        let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_INNOCUOUS;
        let caller = AggregateCaller { slot: Arc::clone(slot), aggregate };
        connection.create_window_function(name.as_str(), -1, flags, caller)?;
        name.push_str("_distinct");
        let caller = DistinctCaller { slot: Arc::clone(slot), aggregate };
        connection.create_aggregate_function(name.as_str(), -1, flags, caller)?;
    }
    let packer = PackCaller { slot: Arc::clone(slot) };
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_INNOCUOUS;
    connection.create_aggregate_function("pg_pack", -1, flags, packer)?;
    for collation in datum::COLLATIONS {
        collate(connection, collation)?;
    }
    connection.collation_needed(|connection, name| {
        // What is none of ours SQLite reports itself.
        if name.starts_with(datum::ROWS) { collate(connection, name) } else { Ok(()) }
    })?;
    sequences(connection, slot)?;
    crate::lookups::register(connection, slot)
}

/// Registers a collation by its name.
fn collate(connection: &Connection, name: &str) -> rusqlite::Result<()> {
    match datum::Order::named(name) {
        Some(order) => {
            connection.create_collation(name, move |left: &str, right: &str| order.compare(left, right))
        }
        None => Ok(()),
    }
}

fn flags(volatility: Volatility) -> FunctionFlags {
    let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_INNOCUOUS;
    match volatility {
        // A stable function sees nothing but its arguments and the session, which does not change within a statement.
        Volatility::Immutable | Volatility::Stable => flags | FunctionFlags::SQLITE_DETERMINISTIC,
        Volatility::Volatile => flags,
    }
}

fn call(slot: &Slot, function: &Function, context: &Context<'_>) -> rusqlite::Result<Answer> {
    with_arguments(context, |arguments| {
        let frame = frame(slot)?;
        function.invoke(arguments, &*frame)
    })
    .map(Answer)
    .map_err(|error| aside(slot, error))
}

pub(crate) fn frame(slot: &Slot) -> Result<Arc<crate::context::Frame>> {
    slot.frame().ok_or_else(|| DatabaseError::internal("a function was called outside of any work"))
}

/// Puts the error aside and gives SQLite its message.
pub(crate) fn aside(slot: &Slot, error: DatabaseError) -> Error {
    let marker = Error::UserFunctionError(error.message().to_owned().into());
    slot.raise(error);
    marker
}

pub(crate) fn with_arguments<T>(
    context: &Context<'_>,
    run: impl FnOnce(&[Stored<'_>]) -> Result<T>,
) -> Result<T> {
    let count = context.len();
    if count <= FEW {
        let mut arguments = [Stored::Null; FEW];
        for (at, argument) in arguments.iter_mut().enumerate().take(count) {
            *argument = stored(context.get_raw(at))?;
        }
        return run(&arguments[..count]);
    }
    let arguments: Result<Vec<_>> = (0..count).map(|at| stored(context.get_raw(at))).collect();
    run(&arguments?)
}

struct AggregateCaller {
    slot: Arc<Slot>,
    aggregate: &'static Aggregate,
}

/// The state of a group. A panic in between leaves it to be dropped only.
struct Group(AssertUnwindSafe<Box<dyn Accumulator>>);

// SAFETY: SQLite makes, steps and finishes a group on the thread that runs the statement, and a connection is handed to
// another thread only between statements; no group outlives its statement.
#[expect(
    unsafe_code,
    reason = "rusqlite asks for Send although the state never leaves the statement's thread"
)]
unsafe impl Send for Group {}

impl rusqlite::functions::Aggregate<Group, Answer> for AggregateCaller {
    fn init(&self, _: &mut Context<'_>) -> rusqlite::Result<Group> {
        Ok(Group(AssertUnwindSafe(self.aggregate.start())))
    }

    fn step(&self, context: &mut Context<'_>, group: &mut Group) -> rusqlite::Result<()> {
        with_arguments(context, |arguments| group.0.step(arguments, &*frame(&self.slot)?))
            .map_err(|error| aside(&self.slot, error))
    }

    fn finalize(&self, _: &mut Context<'_>, group: Option<Group>) -> rusqlite::Result<Answer> {
        let group = group.unwrap_or_else(|| Group(AssertUnwindSafe(self.aggregate.start())));
        self.result(&group)
    }
}

impl rusqlite::functions::WindowAggregate<Group, Answer> for AggregateCaller {
    fn value(&self, group: Option<&mut Group>) -> rusqlite::Result<Answer> {
        match group {
            Some(group) => self.result(group),
            None => self.result(&Group(AssertUnwindSafe(self.aggregate.start()))),
        }
    }

    fn inverse(&self, context: &mut Context<'_>, group: &mut Group) -> rusqlite::Result<()> {
        with_arguments(context, |arguments| group.0.inverse(arguments, &*frame(&self.slot)?))
            .map_err(|error| aside(&self.slot, error))
    }
}

impl AggregateCaller {
    fn result(&self, group: &Group) -> rusqlite::Result<Answer> {
        frame(&self.slot)
            .and_then(|frame| group.0.value(&*frame))
            .map(Answer)
            .map_err(|error| aside(&self.slot, error))
    }
}

/// An aggregate with DISTINCT: its first argument says how (`collation,descending,nulls first,place`): the rows are sorted by the
/// argument at that place, those that are equal to the one before are left out, and the rest is handed on.
struct DistinctCaller {
    slot: Arc<Slot>,
    aggregate: &'static Aggregate,
}

impl rusqlite::functions::Aggregate<Vec<Vec<StoredValue>>, Answer> for DistinctCaller {
    fn init(&self, _: &mut Context<'_>) -> rusqlite::Result<Vec<Vec<StoredValue>>> {
        Ok(Vec::new())
    }

    fn step(&self, context: &mut Context<'_>, rows: &mut Vec<Vec<StoredValue>>) -> rusqlite::Result<()> {
        with_arguments(context, |arguments| {
            rows.push(arguments.iter().map(Stored::to_owned).collect());
            Ok(())
        })
        .map_err(|error| aside(&self.slot, error))
    }

    fn finalize(&self, _: &mut Context<'_>, rows: Option<Vec<Vec<StoredValue>>>) -> rusqlite::Result<Answer> {
        self.result(rows.unwrap_or_default()).map(Answer).map_err(|error| aside(&self.slot, error))
    }
}

impl DistinctCaller {
    fn result(&self, mut rows: Vec<Vec<StoredValue>>) -> Result<StoredValue> {
        let frame = frame(&self.slot)?;
        let mut group = self.aggregate.start();
        let Some(how) = rows.first().and_then(|row| row.first()).cloned() else {
            return group.value(&*frame);
        };
        let broken = || DatabaseError::internal("DISTINCT without its order");
        let StoredValue::Text(how) = how else { return Err(broken()) };
        let parts: Vec<&str> = how.split(',').collect();
        let [collation, descending, nulls_first, place] = parts.as_slice() else { return Err(broken()) };
        let at = place.parse::<usize>().map_err(|_| broken())? + 1;
        let compare = |left: &StoredValue, right: &StoredValue| compare(collation, left, right);
        let key = |row: &Vec<StoredValue>| row.get(at).cloned().unwrap_or_default();
        rows.sort_by(|left, right| {
            let (left, right) = (key(left), key(right));
            match (left.is_null(), right.is_null()) {
                (true, true) => std::cmp::Ordering::Equal,
                (true, false) if *nulls_first == "1" => std::cmp::Ordering::Less,
                (false, true) if *nulls_first == "1" => std::cmp::Ordering::Greater,
                (true, false) => std::cmp::Ordering::Greater,
                (false, true) => std::cmp::Ordering::Less,
                _ if *descending == "1" => compare(&right, &left),
                _ => compare(&left, &right),
            }
        });
        rows.dedup_by(|left, right| {
            let (left, right) = (key(left), key(right));
            left.is_null() == right.is_null()
                && (left.is_null() || compare(&left, &right) == std::cmp::Ordering::Equal)
        });
        for row in &rows {
            let arguments: Vec<Stored<'_>> = row.iter().skip(1).map(StoredValue::borrow).collect();
            group.step(&arguments, &*frame)?;
        }
        group.value(&*frame)
    }
}

/// How SQLite compares two stored values that are not NULL, text by a collation of ours or by its bytes.
fn compare(collation: &str, left: &StoredValue, right: &StoredValue) -> std::cmp::Ordering {
    match (left, right) {
        (StoredValue::Integer(left), StoredValue::Integer(right)) => left.cmp(right),
        (StoredValue::Real(left), StoredValue::Real(right)) => left.total_cmp(right),
        (StoredValue::Text(left), StoredValue::Text(right)) if collation.is_empty() => left.cmp(right),
        (StoredValue::Text(left), StoredValue::Text(right)) => datum::compare(collation, left, right),
        (StoredValue::Blob(left), StoredValue::Blob(right)) => left.cmp(right),
        // Values of one type have one form.
        _ => std::cmp::Ordering::Equal,
    }
}

/// The aggregate `pg_pack`: all rows as one value.
struct PackCaller {
    slot: Arc<Slot>,
}

impl rusqlite::functions::Aggregate<Vec<u8>, Answer> for PackCaller {
    fn init(&self, _: &mut Context<'_>) -> rusqlite::Result<Vec<u8>> {
        Ok(Vec::new())
    }

    fn step(&self, context: &mut Context<'_>, packed: &mut Vec<u8>) -> rusqlite::Result<()> {
        with_arguments(context, |arguments| {
            crate::pack::pack(arguments, packed);
            Ok(())
        })
        .map_err(|error| aside(&self.slot, error))
    }

    fn finalize(&self, _: &mut Context<'_>, packed: Option<Vec<u8>>) -> rusqlite::Result<Answer> {
        Ok(Answer(StoredValue::Blob(packed.unwrap_or_default())))
    }
}

/// `nextval`, `currval`, `setval`, `lastval`: they move the engine's own state, so they are the engine's.
fn sequences(connection: &Connection, slot: &Arc<Slot>) -> rusqlite::Result<()> {
    const FUNCTIONS: &[(&str, Code)] = &[
        ("pg_nextval_oid", next_value),
        ("pg_currval_oid", current_value),
        ("pg_setval_oid", set_value),
        ("pg_setval3_oid", set_value),
        ("pg_lastval", last_value),
    ];
    of_the_engine(connection, slot, FUNCTIONS)
}

/// A function that looks at more than its arguments.
pub(crate) type Code = fn(&[Stored<'_>], &crate::context::Frame) -> Result<StoredValue>;

/// Registers functions that are the engine's own, by name. All are strict.
pub(crate) fn of_the_engine(
    connection: &Connection,
    slot: &Arc<Slot>,
    functions: &'static [(&'static str, Code)],
) -> rusqlite::Result<()> {
    for (name, code) in functions {
        let slot = Arc::clone(slot);
        let flags = FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_INNOCUOUS;
        connection.create_scalar_function(*name, -1, flags, move |context| {
            with_arguments(context, |arguments| {
                if arguments.iter().any(Stored::is_null) {
                    return Ok(StoredValue::Null);
                }
                code(arguments, &*frame(&slot)?)
            })
            .map(Answer)
            .map_err(|error| aside(&slot, error))
        })?;
    }
    Ok(())
}

fn integer(arguments: &[Stored<'_>], at: usize) -> Result<i64> {
    match arguments.get(at) {
        Some(Stored::Integer(value)) => Ok(*value),
        other => Err(DatabaseError::internal(format_args!("a sequence function was called with {other:?}"))),
    }
}

fn oid(arguments: &[Stored<'_>]) -> Result<catalog::Oid> {
    integer(arguments, 0)?
        .try_into()
        .map_err(|_| DatabaseError::internal("a sequence function was called without an OID"))
}

/// Sequences move on the writer only; a statement that moves one is compiled as a write.
fn must_write(frame: &crate::context::Frame) -> Result<()> {
    if frame.work.on_writer.load(Ordering::Relaxed) {
        return Ok(());
    }
    Err(DatabaseError::new(
        sqlstate::READ_ONLY_SQL_TRANSACTION,
        "cannot execute nextval() in a read-only transaction",
    ))
}

/// 42501 unless the role of the last argument has one of these privileges on the sequence.
fn allowed(
    arguments: &[Stored<'_>],
    frame: &crate::context::Frame,
    sequence: catalog::Oid,
    wanted: Privileges,
) -> Result<()> {
    let role = integer(arguments, arguments.len().saturating_sub(1))?;
    let role = role.try_into().map_err(|_| DatabaseError::internal("a sequence function without a role"))?;
    let catalog = &frame.state.catalog;
    let Some(relation) = catalog.relations.get(&sequence) else { return Ok(()) };
    let held = catalog.acl_mask(role, relation.owner, relation.acl_class(), &relation.acl, wanted);
    if held == Privileges::NONE && relation.sequence.is_some() {
        let message = format!("permission denied for sequence {}", relation.name);
        return Err(DatabaseError::new(sqlstate::INSUFFICIENT_PRIVILEGE, message));
    }
    Ok(())
}

fn next_value(arguments: &[Stored<'_>], frame: &crate::context::Frame) -> Result<StoredValue> {
    must_write(frame)?;
    let sequence = oid(arguments)?;
    allowed(arguments, frame, sequence, Privileges::USAGE.union(Privileges::UPDATE))?;
    let mut usage = frame.work.sequence_use.lock().unwrap_or_else(PoisonError::into_inner);
    frame.work.sequences.next(&frame.state.catalog, sequence, &mut usage).map(StoredValue::Integer)
}

fn current_value(arguments: &[Stored<'_>], frame: &crate::context::Frame) -> Result<StoredValue> {
    let sequence = oid(arguments)?;
    allowed(arguments, frame, sequence, Privileges::USAGE.union(Privileges::SELECT))?;
    let usage = frame.work.sequence_use.lock().unwrap_or_else(PoisonError::into_inner);
    usage.current(&frame.state.catalog, sequence).map(StoredValue::Integer)
}

fn set_value(arguments: &[Stored<'_>], frame: &crate::context::Frame) -> Result<StoredValue> {
    must_write(frame)?;
    let sequence = oid(arguments)?;
    allowed(arguments, frame, sequence, Privileges::UPDATE)?;
    let called = arguments.len() < 4 || integer(arguments, 2)? != 0;
    let position = Position { last: integer(arguments, 1)?, called };
    let mut usage = frame.work.sequence_use.lock().unwrap_or_else(PoisonError::into_inner);
    let catalog = &frame.state.catalog;
    frame.work.sequences.set(catalog, sequence, position, &mut usage).map(StoredValue::Integer)
}

fn last_value(arguments: &[Stored<'_>], frame: &crate::context::Frame) -> Result<StoredValue> {
    let usage = frame.work.sequence_use.lock().unwrap_or_else(PoisonError::into_inner);
    let (sequence, value) = usage.last(&frame.state.catalog)?;
    allowed(arguments, frame, sequence, Privileges::USAGE.union(Privileges::SELECT))?;
    Ok(StoredValue::Integer(value))
}
