//! Input, output and JSON output of every type, and how its values compare.

use crate::context::{Context, TypeSource};
use crate::value::{Oid, Stored, StoredValue};
use sqlstate::{DatabaseError, Result};
use std::cmp::Ordering;

/// A type's input function: the stored value of a text, under a type modifier (-1 for none).
///
/// The modifier acts as in an assignment: numeric rounds, varchar and bpchar refuse excess that is not spaces.
pub fn input(ty: Oid, typmod: i32, text: &str, context: &dyn Context) -> Result<StoredValue> {
    let _ = (typmod, text, context);
    Err(DatabaseError::unsupported(format_args!("type {ty}")))
}

/// A type's output function, appended to `out`. NULL appends nothing.
pub fn output(
    ty: Oid,
    typmod: i32,
    value: Stored<'_>,
    context: &dyn Context,
    out: &mut String,
) -> Result<()> {
    let _ = (typmod, value, context, out);
    Err(DatabaseError::unsupported(format_args!("type {ty}")))
}

/// A value as `to_json` writes it, appended to `out`; NULL is `null`.
pub fn json_output(
    ty: Oid,
    typmod: i32,
    value: Stored<'_>,
    context: &dyn Context,
    out: &mut String,
) -> Result<()> {
    let _ = (typmod, value, context, out);
    Err(DatabaseError::unsupported(format_args!("type {ty}")))
}

/// The SQLite collation under which stored values of a type compare as PostgreSQL's do; `None`: SQLite's own
/// comparison is right. A type without order at all (json) has none either.
pub fn collation(ty: Oid, types: &dyn TypeSource) -> Option<&'static str> {
    let _ = (ty, types);
    None
}

/// Compares under a collation that [`collation`] named.
pub fn compare(collation: &str, left: &str, right: &str) -> Ordering {
    let _ = collation;
    left.cmp(right)
}
