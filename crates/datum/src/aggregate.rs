//! The built-in aggregates.

use crate::context::Context;
use crate::value::{Oid, Stored, StoredValue};
use sqlstate::{DatabaseError, Result};

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
}

static AGGREGATES: &[Aggregate] = &[];

/// The aggregate of a `pg_proc` row: by proname and declared argument types (`count`, `[]` is `count(*)`).
pub fn aggregate(proname: &str, arguments: &[Oid]) -> Option<&'static Aggregate> {
    aggregate_named(&crate::registry::name_of(proname, arguments))
}

/// The aggregate of our name.
pub fn aggregate_named(name: &str) -> Option<&'static Aggregate> {
    AGGREGATES.iter().find(|aggregate| aggregate.name == name)
}

/// All aggregates, for the engine to register.
pub fn aggregates() -> impl Iterator<Item = &'static Aggregate> {
    AGGREGATES.iter()
}
