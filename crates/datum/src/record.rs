//! Records without a type of their own (`ROW(1, 'a')`, a row of a sub-query): stored as a JSON array whose first element is their
//! shape, the fields behind it as in a composite value.
//!
//! The shape is `[["name", oid, typmod, "collation"], …]`; the collation is what [`crate::collation`] gives for the field's type, so
//! that records compare without a look at the catalog.

use crate::array::{decode, encode};
use crate::collate::{self, Order};
use crate::composite;
use crate::context::{Context, Field};
use crate::functions::session::type_name;
use crate::json::scan;
use crate::registry::{Call, Function, immutable};
use crate::syntax::shape;
use crate::types::encoding;
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

/// Compares two records by the collations that the first one's shape names.
pub(crate) fn compare(left: &str, right: &str) -> Ordering {
    match (split(left), split(right)) {
        (Ok((shape, left)), Ok((_, right))) => collate::compare_fields(left, right, &orders(shape)),
        _ => left.cmp(right),
    }
}

/// The orders that the fourth parts of a shape name.
fn orders(shape: &str) -> Vec<Order> {
    let named = |field: &str| {
        let name = scan::elements(field).nth(3).map(scan::unquote).unwrap_or_default();
        Order::named(&name).unwrap_or(Order::Bytes)
    };
    scan::elements(shape).map(named).collect()
}

fn order(call: &Call<'_>) -> Result<Ordering> {
    checked_order(call.text(0)?, call.text(1)?, call)
}

/// The order of two records, which must be alike.
pub(crate) fn checked_order(left: &str, right: &str, call: &Call<'_>) -> Result<Ordering> {
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
    Ok(compare(left, right))
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
