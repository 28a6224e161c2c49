//! Records without a type of their own (`ROW(1, 'a')`, a row of a sub-query): stored as a JSON array whose first element is their
//! shape, the fields behind it as in a composite value.
//!
//! The shape is `[["name", oid, typmod, "collation"], …]`; the collation is what [`types::collation`] gives for the field's type, so
//! that records compare without a look at the catalog.

use crate::array::{decode, encode};
use crate::composite;
use crate::context::{Context, Field};
use crate::functions::session::type_name;
use crate::json::scan;
use crate::registry::{Call, Function, immutable};
use crate::syntax::shape;
use crate::types::{self, compare_elements, encoding};
use crate::value::{Stored, StoredValue};
use sqlstate::{DATATYPE_MISMATCH, DatabaseError, Result};
use std::cmp::Ordering;

/// Shape and fields of a stored record.
fn split(text: &str) -> Result<(&str, scan::Elements<'_>)> {
    let mut elements = scan::elements(text);
    match elements.next() {
        Some(shape) => Ok((shape, elements)),
        None => Err(DatabaseError::internal("a record without a shape")),
    }
}

/// A record of a shape and its fields.
pub(crate) fn build(arguments: &[Stored<'_>], context: &dyn Context) -> Result<StoredValue> {
    let (text, values) = match arguments.split_first() {
        Some((Stored::Text(text), values)) => (*text, values),
        _ => return Err(DatabaseError::internal("a record was made without a shape")),
    };
    let fields = shape(text)?;
    let mut out = String::with_capacity(text.len() + 16 * values.len());
    out.push('[');
    out.push_str(text);
    for (field, value) in fields.iter().zip(values) {
        out.push(',');
        encode(*value, encoding(field.oid, context.types())?, &mut out)?;
    }
    out.push(']');
    Ok(out.into())
}

/// A composite value as a record.
pub(crate) fn of_row(text: &str, row: &str) -> Result<StoredValue> {
    let mut out = String::with_capacity(text.len() + row.len() + 3);
    out.push('[');
    out.push_str(text);
    let mut values = scan::elements(row);
    for _ in shape(text)?.iter() {
        out.push(',');
        // A column added since the value was stored is NULL.
        out.push_str(values.next().unwrap_or("null"));
    }
    out.push(']');
    Ok(out.into())
}

/// The values of a record with their fields.
fn values(text: &str, context: &dyn Context) -> Result<(std::rc::Rc<[Field]>, Vec<StoredValue>)> {
    let (text, elements) = split(text)?;
    let fields = shape(text)?;
    let values = fields.iter().zip(elements);
    let values = values.map(|(field, element)| decode(element, encoding(field.oid, context.types())?));
    let values = values.collect::<Result<Vec<_>>>()?;
    Ok((fields, values))
}

/// A field, from 0.
pub(crate) fn field(text: &str, at: usize, context: &dyn Context) -> Result<StoredValue> {
    let (fields, values) = values(text, context)?;
    match (fields.get(at), values.into_iter().nth(at)) {
        (Some(_), Some(value)) => Ok(value),
        _ => Err(DatabaseError::internal(format_args!("no field {at}"))),
    }
}

/// The output function.
pub(crate) fn output(text: &str, context: &dyn Context, out: &mut String) -> Result<()> {
    let (fields, values) = values(text, context)?;
    composite::push_values(&values, &fields, context, out)
}

/// As `to_json` writes it.
pub(crate) fn json_output(text: &str, context: &dyn Context, out: &mut String) -> Result<()> {
    let (fields, values) = values(text, context)?;
    composite::json_output(fields.iter().zip(values.iter().map(StoredValue::borrow)), context, out)
}

/// `row IS [NOT] NULL`: of each field.
pub(crate) fn null_test(call: &mut Call<'_>) -> Result<StoredValue> {
    if call.is_null(0) {
        return Ok((!call.bool(2)?).into());
    }
    let skipped = usize::try_from(call.int(1)?).unwrap_or(0);
    let not = call.bool(2)?;
    let holds = scan::elements(call.text(0)?).skip(skipped).all(|element| (element != "null") == not);
    Ok(holds.into())
}

/// Compares two records, composite values, or arrays of such, under the collation that names which.
pub(crate) fn compare(collation: &str, left: &str, right: &str) -> Ordering {
    match collation {
        "pg_record" => match (split(left), split(right)) {
            (Ok((shape, left)), Ok((_, right))) => {
                let collations = collations(shape);
                fields(left, right, |at| collations.get(at).map_or("", String::as_str))
            }
            _ => left.cmp(right),
        },
        "pg_row" => fields(scan::elements(left), scan::elements(right), |_| ""),
        _ => {
            let inner = if collation == "pg_array_record" { "pg_record" } else { "pg_row" };
            fields(scan::elements(left), scan::elements(right), |_| inner)
        }
    }
}

/// The fourth parts of a shape.
fn collations(shape: &str) -> Vec<String> {
    let fields = scan::elements(shape);
    fields
        .map(|field| scan::elements(field).nth(3).map(scan::unquote).unwrap_or_default().into_owned())
        .collect()
}

/// Field by field, NULLs last; of equal ones the shorter first.
fn fields<'c>(
    mut left: scan::Elements<'_>,
    mut right: scan::Elements<'_>,
    collation: impl Fn(usize) -> &'c str,
) -> Ordering {
    let mut at = 0;
    loop {
        let order = match (left.next(), right.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some("null"), Some("null")) => Ordering::Equal,
            (Some("null"), Some(_)) => Ordering::Greater,
            (Some(_), Some("null")) => Ordering::Less,
            (Some(left), Some(right)) => element(collation(at), left, right),
        };
        if order.is_ne() {
            return order;
        }
        at += 1;
    }
}

fn element(collation: &str, left: &str, right: &str) -> Ordering {
    if left.starts_with('[') && right.starts_with('[') {
        // A composite value within: as text it is compared as it stands.
        let inner = if collation.is_empty() { "pg_row" } else { collation };
        return compare(inner, left, right);
    }
    let quoted = left.starts_with('"') && right.starts_with('"');
    match collation {
        "" => compare_elements(left, right, &str::cmp),
        "pg_numeric" => compare_elements(left, right, &crate::numeric::compare_text),
        _ if quoted => types::compare(collation, &scan::unquote(left), &scan::unquote(right)),
        _ => left.cmp(right),
    }
}

/// The order of two records, which must be alike.
fn order(call: &Call<'_>) -> Result<Ordering> {
    let (left, right) = (call.text(0)?, call.text(1)?);
    let (first, second) = (shape(split(left)?.0)?, shape(split(right)?.0)?);
    for (at, (first, second)) in first.iter().zip(second.iter()).enumerate() {
        if first.oid != second.oid {
            return Err(DatabaseError::new(
                DATATYPE_MISMATCH,
                format!(
                    "cannot compare dissimilar column types {} and {} at record column {}",
                    type_name(first.oid, call),
                    type_name(second.oid, call),
                    at + 1
                ),
            ));
        }
    }
    if first.len() != second.len() {
        return Err(DatabaseError::new(
            DATATYPE_MISMATCH,
            "cannot compare record types with different numbers of columns",
        ));
    }
    Ok(compare("pg_record", left, right))
}

pub(crate) static FUNCTIONS: &[Function] = &[
    immutable("record_eq", |call| Ok(order(call)?.is_eq().into())),
    immutable("record_ne", |call| Ok(order(call)?.is_ne().into())),
    immutable("record_lt", |call| Ok(order(call)?.is_lt().into())),
    immutable("record_le", |call| Ok(order(call)?.is_le().into())),
    immutable("record_gt", |call| Ok(order(call)?.is_gt().into())),
    immutable("record_ge", |call| Ok(order(call)?.is_ge().into())),
    immutable("btrecordcmp", |call| Ok((order(call)? as i64).into())),
];
