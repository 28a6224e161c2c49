//! Which of PostgreSQL's operators SQLite has with the same answer over the stored form.

use crate::mutant::{self, Mutant};

/// The types whose order and equality over the stored form are SQLite's, under the type's collation: the words that the comparison
/// functions of pg_proc begin with.
const COMPARED: &[&str] = &[
    "int2",
    "int4",
    "int8",
    "int24",
    "int28",
    "int42",
    "int48",
    "int82",
    "int84",
    "float4",
    "float8",
    "float48",
    "float84",
    "text",
    "bpchar",
    "char",
    "bit",
    "name",
    "nametext",
    "textname",
    "uuid",
    "timestamp",
    "timestamptz",
    "date",
    "time",
    "bool",
    "enum",
    "bytea",
    "oid",
    "numeric",
    "interval",
    "timetz",
    "network",
    "citext",
    "jsonb",
    "vector",
    "char",
];

/// The comparison operator of SQLite that a comparison function of PostgreSQL is.
pub(super) fn comparison(source: &str) -> Option<&'static str> {
    if mutant::is(Mutant::EnumsReversed) && source == "enum_lt" {
        return Some(">");
    }
    const SUFFIXES: &[(&str, &str)] =
        &[("eq", "="), ("ne", "<>"), ("lt", "<"), ("le", "<="), ("gt", ">"), ("ge", ">=")];
    SUFFIXES.iter().find_map(|(suffix, symbol)| {
        let base = source.strip_suffix(suffix)?;
        let base = base.strip_suffix('_').unwrap_or(base);
        COMPARED.contains(&base).then_some(*symbol)
    })
}

/// Casts between types whose stored forms are the same.
pub(super) const IDENTITIES: &[&str] = &["i2toi4", "int28", "int48", "ftod", "name_text"];

/// Functions about sequences: they change or read what only the engine holds. Their last argument is the role whose privileges count.
pub(crate) const SEQUENCE_FUNCTIONS: &[&str] =
    &["nextval_oid", "currval_oid", "setval_oid", "setval3_oid", "lastval"];

/// Functions that look names of relations up at run time. Their last argument is the role in effect, by name.
pub(super) const LOOKUP_FUNCTIONS: &[&str] = &["text_regclass", "pg_get_serial_sequence"];

/// The functions about sequences that write.
pub(crate) const WRITING_FUNCTIONS: &[&str] = &["nextval_oid", "setval_oid", "setval3_oid"];

/// SQLite's window functions that are PostgreSQL's.
pub(super) const WINDOW_FUNCTIONS: &[&str] = &[
    "row_number",
    "rank",
    "dense_rank",
    "percent_rank",
    "cume_dist",
    "ntile",
    "lag",
    "lead",
    "first_value",
    "last_value",
    "nth_value",
];

#[cfg(test)]
mod tests {
    use super::comparison;

    #[test]
    fn only_comparisons_of_stored_forms_are_native() {
        assert_eq!(comparison("int48ge"), Some(">="));
        assert_eq!(comparison("text_lt"), Some("<"));
        assert_eq!(comparison("timestamptz_eq"), Some("="));
        assert_eq!(comparison("timestamp_eq_timestamptz"), None);
        assert_eq!(comparison("date_eq_timestamp"), None);
        assert_eq!(comparison("array_eq"), None);
        assert_eq!(comparison("textlike"), None);
        assert_eq!(comparison("int4pl"), None);
    }
}
