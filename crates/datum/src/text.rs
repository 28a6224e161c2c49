//! Character strings: case, identifiers and literals as SQL writes them.

use sqlstate::{DatabaseError, PROGRAM_LIMIT_EXCEEDED};

/// The upper case of each character that has one of a single character, as C's `towupper`.
pub(crate) fn upper(text: &str) -> String {
    text.chars().map(|c| single(c, c.to_uppercase())).collect()
}

/// The lower case of each character that has one of a single character, as C's `towlower`.
pub(crate) fn lower(text: &str) -> String {
    // A dotted capital I is the one whose lower case has two characters; C takes the first.
    text.chars().map(|c| c.to_lowercase().next().unwrap_or(c)).collect()
}

fn single(c: char, mut mapped: impl Iterator<Item = char>) -> char {
    match (mapped.next(), mapped.next()) {
        (Some(other), None) => other,
        _ => c,
    }
}

/// The first letter of each word upper, the rest lower.
pub(crate) fn initcap(text: &str) -> String {
    let mut inside = false;
    text.chars()
        .map(|c| {
            let c = if inside { single(c, c.to_lowercase()) } else { single(c, c.to_uppercase()) };
            inside = c.is_alphanumeric();
            c
        })
        .collect()
}

/// Whether an identifier must be quoted.
fn needs_quotes(text: &str) -> bool {
    let plain = text.bytes().next().is_some_and(|first| first.is_ascii_lowercase() || first == b'_')
        && text.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    !plain || RESERVED.binary_search(&text).is_ok()
}

/// An identifier as SQL writes it.
pub(crate) fn quote_identifier(text: &str) -> String {
    if needs_quotes(text) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text.to_owned() }
}

/// A literal as SQL writes it.
pub(crate) fn quote_literal(text: &str) -> String {
    let quoted = text.replace('\'', "''");
    if quoted.contains('\\') { format!("E'{}'", quoted.replace('\\', "\\\\")) } else { format!("'{quoted}'") }
}

/// "requested length too large".
pub(crate) fn too_long() -> DatabaseError {
    DatabaseError::new(PROGRAM_LIMIT_EXCEEDED, "requested length too large")
}

/// The longest text PostgreSQL allocates.
pub(crate) const MAX_LENGTH: usize = 0x3fff_ffff;

/// The keywords of PostgreSQL 15 that are not unreserved, sorted: identifiers of these names are quoted.
const RESERVED: &[&str] = &[
    "all",
    "analyse",
    "analyze",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "asymmetric",
    "authorization",
    "between",
    "bigint",
    "binary",
    "bit",
    "boolean",
    "both",
    "case",
    "cast",
    "char",
    "character",
    "check",
    "coalesce",
    "collate",
    "collation",
    "column",
    "concurrently",
    "constraint",
    "create",
    "cross",
    "current_catalog",
    "current_date",
    "current_role",
    "current_schema",
    "current_time",
    "current_timestamp",
    "current_user",
    "dec",
    "decimal",
    "default",
    "deferrable",
    "desc",
    "distinct",
    "do",
    "else",
    "end",
    "except",
    "exists",
    "extract",
    "false",
    "fetch",
    "float",
    "for",
    "foreign",
    "freeze",
    "from",
    "full",
    "grant",
    "greatest",
    "group",
    "grouping",
    "having",
    "ilike",
    "in",
    "initially",
    "inner",
    "inout",
    "int",
    "integer",
    "intersect",
    "interval",
    "into",
    "is",
    "isnull",
    "join",
    "lateral",
    "leading",
    "least",
    "left",
    "like",
    "limit",
    "localtime",
    "localtimestamp",
    "national",
    "natural",
    "nchar",
    "none",
    "normalize",
    "not",
    "notnull",
    "null",
    "nullif",
    "numeric",
    "offset",
    "on",
    "only",
    "or",
    "order",
    "out",
    "outer",
    "overlaps",
    "overlay",
    "placing",
    "position",
    "precision",
    "primary",
    "real",
    "references",
    "returning",
    "right",
    "row",
    "select",
    "session_user",
    "setof",
    "similar",
    "smallint",
    "some",
    "substring",
    "symmetric",
    "table",
    "tablesample",
    "then",
    "time",
    "timestamp",
    "to",
    "trailing",
    "treat",
    "trim",
    "true",
    "union",
    "unique",
    "user",
    "using",
    "values",
    "varchar",
    "variadic",
    "verbose",
    "when",
    "where",
    "window",
    "with",
    "xmlattributes",
    "xmlconcat",
    "xmlelement",
    "xmlexists",
    "xmlforest",
    "xmlnamespaces",
    "xmlparse",
    "xmlpi",
    "xmlroot",
    "xmlserialize",
    "xmltable",
];
