//! What errors say of rows and keys: PostgreSQL's ExecBuildSlotValueDescription and BuildIndexValueDescription.

use catalog::TypeRef;
use compile::program::{Reveal, TablePlan};
use datum::{Context, StoredValue};
use sqlstate::Result;

/// Values longer than this are cut in the description of a row.
const LONGEST: usize = 64;

/// A value in its output form; `null` for NULL.
pub(crate) fn text_of(value: &StoredValue, type_ref: TypeRef, context: &dyn Context) -> Result<String> {
    if value.is_null() {
        return Ok("null".to_owned());
    }
    let mut text = String::new();
    datum::output(type_ref.oid, type_ref.modifier, value.borrow(), context, &mut text)?;
    Ok(text)
}

/// `Failing row contains (1, null).`, as far as the role may see it.
pub(crate) fn failing_row(
    table: &TablePlan,
    row: &[StoredValue],
    reveal: &Reveal,
    context: &dyn Context,
) -> Result<Option<String>> {
    if !reveal.rows {
        return Ok(None);
    }
    let mut names = Vec::new();
    let mut values = Vec::new();
    for (at, (column, value)) in table.columns.iter().zip(row).enumerate() {
        if !reveal.table && !reveal.columns.get(at).is_some_and(|may| *may) && !reveal.given.contains(&at) {
            continue;
        }
        names.push(column.name.as_str());
        values.push(cut(text_of(value, column.type_ref, context)?));
    }
    if names.is_empty() {
        return Ok(None);
    }
    let values = values.join(", ");
    Ok(Some(if reveal.table {
        format!("Failing row contains ({values}).")
    } else {
        format!("Failing row contains ({}) = ({values}).", names.join(", "))
    }))
}

fn cut(mut text: String) -> String {
    if text.len() > LONGEST {
        let mut end = LONGEST;
        while !text.is_char_boundary(end) {
            end -= 1;
        }
        text.truncate(end);
        text.push_str("...");
    }
    text
}

/// `(a, b)=(1, 2)`: a key with its values.
pub(crate) fn key(
    names: &[&str],
    types: &[TypeRef],
    values: &[StoredValue],
    context: &dyn Context,
) -> Result<String> {
    let texts: Result<Vec<String>> =
        values.iter().zip(types).map(|(value, type_ref)| text_of(value, *type_ref, context)).collect();
    Ok(format!("({})=({})", names.join(", "), texts?.join(", ")))
}
