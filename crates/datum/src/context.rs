//! What a function needs to know beyond its arguments: clock, session and user-defined types.

use crate::Oid;
use crate::Stored;
use crate::time::style::{DateStyle, IntervalStyle};
use sqlstate::{DatabaseError, Result, SqlState, UNSAFE_NEW_ENUM_VALUE_USAGE};
use std::sync::Arc;

/// The session and transaction that a function runs in.
pub trait Context {
    /// Start of the transaction, µs since 2000-01-01 UTC: `now()`.
    fn now(&self) -> i64;

    /// Start of the statement, µs since 2000-01-01 UTC.
    fn statement_time(&self) -> i64 {
        self.now()
    }

    /// This moment, µs since 2000-01-01 UTC: `clock_timestamp()`.
    fn clock(&self) -> i64 {
        self.now()
    }

    /// The session's time zone.
    fn time_zone(&self) -> &TimeZone;

    /// How dates are written and read.
    fn date_style(&self) -> DateStyle {
        DateStyle::default()
    }

    /// How intervals are written and read.
    fn interval_style(&self) -> IntervalStyle {
        IntervalStyle::default()
    }

    /// The user-defined types.
    fn types(&self) -> &dyn TypeSource;

    /// Checks a value against the constraints of a domain where the compiler could not.
    fn check_domain(&self, domain: Oid, value: Stored<'_>) -> Result<()> {
        let _ = (domain, value);
        Err(DatabaseError::unsupported("a domain within a row from JSON"))
    }

    /// A setting's value as `current_setting` reports it; `None` for one that does not exist.
    fn setting(&self, name: &str) -> Option<String> {
        let _ = name;
        None
    }

    /// Sets a setting for the session, or until the transaction ends. What is not settable refuses.
    fn set_setting(&self, name: &str, value: &str, local: bool) -> Result<()> {
        let _ = (value, local);
        Err(DatabaseError::unsupported(format_args!("setting \"{name}\" here")))
    }

    /// The object that a text means as a value of regclass and its kin.
    fn object_input(&self, type_oid: Oid, text: &str) -> Result<Oid> {
        let _ = (type_oid, text);
        Err(DatabaseError::unsupported("names of objects here"))
    }

    /// How a value of regclass and its kin prints.
    fn object_output(&self, type_oid: Oid, object: Oid) -> Result<String> {
        let _ = (type_oid, object);
        Err(DatabaseError::unsupported("names of objects here"))
    }

    /// Says something to the client: a message of severity NOTICE.
    fn notice(&self, code: SqlState, message: &str) {
        let _ = (code, message);
    }

    /// Fills a buffer with unpredictable bytes: uuids and `random()`.
    fn random_bytes(&self, buffer: &mut [u8]) -> Result<()> {
        let _ = buffer;
        Err(DatabaseError::unsupported("randomness here"))
    }

    /// The work of a function must stop now (timeout, cancellation): asked within long loops.
    fn check_interrupt(&self) -> Result<()> {
        Ok(())
    }
}

/// The types that users define.
pub trait TypeSource {
    /// What a type is; `None` for an unknown OID. Built-in types are never asked for.
    fn describe(&self, oid: Oid) -> Option<TypeInfo>;
}

/// No user-defined types at all.
impl TypeSource for () {
    fn describe(&self, _: Oid) -> Option<TypeInfo> {
        None
    }
}

/// What a user-defined type is. `name` is how the type is printed for the session (`format_type`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TypeInfo {
    /// An enum with its labels.
    Enum {
        /// The type's name.
        name: Arc<str>,
        /// Labels in ascending order of ordinal.
        labels: Arc<[Label]>,
    },
    /// A domain; its constraints are the engine's to check.
    Domain {
        /// The type's name.
        name: Arc<str>,
        /// The type below.
        base: Oid,
        /// The type modifier of the type below, -1 for none.
        typmod: i32,
    },
    /// The array type of a user-defined type.
    Array {
        /// The type's name.
        name: Arc<str>,
        /// The element type.
        element: Oid,
    },
    /// A composite type, a table's row type among them.
    Composite {
        /// The type's name.
        name: Arc<str>,
        /// The columns in order, without dropped ones.
        fields: Arc<[Field]>,
    },
}

/// One label of an enum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The stored form.
    pub ordinal: i64,
    /// The text.
    pub label: Box<str>,
    /// Added in a transaction that has not committed.
    pub uncommitted: bool,
}

impl Label {
    /// The stored form, for a value that is made now. `name` is the type's.
    ///
    /// # Errors
    /// 55P04 while the label is not committed.
    pub fn usable(&self, name: &str) -> Result<i64> {
        if !self.uncommitted {
            return Ok(self.ordinal);
        }
        let message = format!("unsafe use of new value \"{}\" of enum type {name}", self.label);
        Err(DatabaseError::new(UNSAFE_NEW_ENUM_VALUE_USAGE, message)
            .with_hint("New enum values must be committed before they can be used."))
    }
}

/// One column of a composite type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field {
    /// The column's name.
    pub name: Box<str>,
    /// The column's type.
    pub oid: Oid,
    /// The column's type modifier, -1 for none.
    pub typmod: i32,
}

/// A time zone with the name under which the session knows it.
#[derive(Clone, Debug)]
pub struct TimeZone {
    pub(crate) name: Arc<str>,
    /// The abbreviation of its time, where the zone below knows none of its own.
    pub(crate) abbreviation: Option<Arc<str>>,
    pub(crate) zone: jiff::tz::TimeZone,
}

impl TimeZone {
    /// Coordinated universal time.
    pub fn utc() -> TimeZone {
        TimeZone { name: "UTC".into(), abbreviation: None, zone: jiff::tz::TimeZone::UTC }
    }

    /// The zone's name, as `SHOW timezone` prints it.
    pub fn name(&self) -> &str {
        &self.name
    }
}
