//! The built-in aggregates.

mod collect;
mod extremes;
mod ordered;
mod regression;
mod sums;
mod variance;

use crate::context::Context;
use crate::value::{Oid, Stored, StoredValue};
use sqlstate::{DatabaseError, Result};
use std::collections::HashMap;
use std::sync::LazyLock;

/// An aggregate. SQLite knows it as `pg_<name>`.
#[derive(Debug)]
pub struct Aggregate {
    /// Our name: proname and the declared argument types, joined by `_` (`sum_int4`, `array_agg_anynonarray`, `count`).
    pub name: &'static str,
    /// The type OIDs of arguments and result come first, as a text constant.
    pub typed: bool,
    start: fn() -> Box<dyn Accumulator>,
}

impl Aggregate {
    /// The state of a new group.
    pub fn start(&self) -> Box<dyn Accumulator> {
        (self.start)()
    }
}

/// An aggregate without a signature.
const fn plain(name: &'static str, start: fn() -> Box<dyn Accumulator>) -> Aggregate {
    Aggregate { name, typed: false, start }
}

/// An aggregate that wants the type OIDs.
const fn typed(name: &'static str, start: fn() -> Box<dyn Accumulator>) -> Aggregate {
    Aggregate { name, typed: true, start }
}

/// The state of one group. NULL handling is the accumulator's own.
pub trait Accumulator {
    /// Takes one row: the arguments as SQLite hands them over, the signature first if the aggregate is typed.
    fn step(&mut self, arguments: &[Stored<'_>], context: &dyn Context) -> Result<()>;

    /// Takes one row back out, the oldest: a window frame whose start moves.
    fn inverse(&mut self, arguments: &[Stored<'_>], context: &dyn Context) -> Result<()> {
        let _ = (arguments, context);
        Err(DatabaseError::unsupported("this aggregate over a moving window frame"))
    }

    /// The result over the rows so far.
    fn value(&self, context: &dyn Context) -> Result<StoredValue>;

    /// The result over all rows, after which the state is not used again.
    fn finish(&mut self, context: &dyn Context) -> Result<StoredValue> {
        self.value(context)
    }
}

static TABLES: &[&[Aggregate]] = &[
    sums::AGGREGATES,
    extremes::AGGREGATES,
    collect::AGGREGATES,
    variance::AGGREGATES,
    ordered::AGGREGATES,
    regression::AGGREGATES,
];

static BY_NAME: LazyLock<HashMap<&'static str, &'static Aggregate>> =
    LazyLock::new(|| aggregates().map(|aggregate| (aggregate.name, aggregate)).collect());

/// The aggregate of a `pg_proc` row: by proname and declared argument types (`count`, `[]` is `count(*)`).
pub fn aggregate(proname: &str, arguments: &[Oid]) -> Option<&'static Aggregate> {
    aggregate_named(&crate::registry::name_of(proname, arguments))
}

/// The aggregate of our name.
pub fn aggregate_named(name: &str) -> Option<&'static Aggregate> {
    BY_NAME.get(name).copied()
}

/// All aggregates, for the engine to register.
pub fn aggregates() -> impl Iterator<Item = &'static Aggregate> {
    TABLES.iter().flat_map(|table| table.iter())
}

/// The argument at a position, NULL beyond the last.
fn argument<'a>(arguments: &[Stored<'a>], at: usize) -> Stored<'a> {
    arguments.get(at).copied().unwrap_or(Stored::Null)
}

/// A misfit between an argument and its declared type.
fn unexpected(value: Stored<'_>) -> DatabaseError {
    DatabaseError::internal(format_args!("unexpected argument {value:?} of an aggregate"))
}
