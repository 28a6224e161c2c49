//! A value as PostgreSQL writes it.

use database::{Column, Value};

/// The text of a value of this column; NULL is empty, as psql shows it.
pub fn text(value: &Value, column: &Column) -> String {
    value.text(column).unwrap_or_default()
}
