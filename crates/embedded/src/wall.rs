//! The second wall (rule 9): what SQLite may touch while a statement is prepared.
//!
//! Outside of a prepare the wall admits nothing, so that a statement that SQLite prepares again by itself is refused and then
//! prepared anew by us under its own wall.

use compile::program::Access;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use std::collections::HashSet;

/// What may be touched.
#[derive(Debug, Default)]
pub(crate) enum Wall {
    /// Nothing.
    #[default]
    Closed,
    /// What a program declared.
    Declared(Access),
    /// One table written by rowid, with the tables that its keys point to and from: the engine's own statements.
    Write { table: String, related: HashSet<String> },
    /// Everything: the engine's own DDL, transactions and settings. No text of a user's is prepared under it but what
    /// `compile` rendered as storage definition.
    Engine,
}

/// SQLite's own functions that no statement may call.
const FORBIDDEN: &[&str] = &[
    "load_extension",
    "fts3_tokenizer",
    "sqlite_compileoption_get",
    "sqlite_compileoption_used",
    "sqlite_offset",
    "sqlite_source_id",
    "sqlite_version",
    "sqlite_log",
];

/// The authorizer's answer.
pub(crate) fn decide(wall: &Wall, context: &AuthContext<'_>) -> Authorization {
    let admitted = match wall {
        Wall::Closed => false,
        Wall::Engine => engine(&context.action),
        Wall::Declared(access) => {
            common(&context.action, context.accessor).unwrap_or_else(|| declared(access, &context.action))
        }
        Wall::Write { table, related } => {
            common(&context.action, context.accessor).unwrap_or_else(|| match &context.action {
                AuthAction::Insert { table_name }
                | AuthAction::Delete { table_name }
                | AuthAction::Update { table_name, .. } => table_name == table,
                AuthAction::Read { table_name, .. } => table_name == table || related.contains(*table_name),
                _ => false,
            })
        }
    };
    if admitted { Authorization::Allow } else { Authorization::Deny }
}

/// What every statement may do.
fn common(action: &AuthAction<'_>, accessor: Option<&str>) -> Option<bool> {
    // Within a common table expression the accessor is its name; the compiler's are `cte1`, `cte2` …
    let foreign = accessor.is_some_and(|name| !is_common_table_expression(name));
    if foreign && !matches!(action, AuthAction::Read { .. } | AuthAction::Select) {
        // Triggers and views of SQLite's are not ours.
        return Some(false);
    }
    match action {
        AuthAction::Select | AuthAction::Recursive => Some(true),
        AuthAction::Function { function_name } => {
            Some(!FORBIDDEN.iter().any(|name| name.eq_ignore_ascii_case(function_name)))
        }
        AuthAction::Read { table_name, .. } if is_table_function(table_name) => Some(true),
        _ => None,
    }
}

/// Whether this is a table-valued function that programs use, or a common table expression; real tables have a dot in their names.
fn is_table_function(name: &str) -> bool {
    matches!(name, "bedplate_rows" | "bedplate_unpack" | "bedplate_zip" | "bedplate_system" | "json_each")
        || (name.starts_with("pg_set_") && !name.contains('.'))
        || is_common_table_expression(name)
}

/// Whether this is the compiler's name of a common table expression: `cte1`, `cte2` …
fn is_common_table_expression(name: &str) -> bool {
    name.strip_prefix("cte")
        .is_some_and(|number| !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit()))
}

fn declared(access: &Access, action: &AuthAction<'_>) -> bool {
    match action {
        AuthAction::Read { table_name, column_name } => access.reads.iter().any(|(table, columns)| {
            table == table_name
                && (column_name.is_empty()
                    || column_name.eq_ignore_ascii_case("rowid")
                    || columns.iter().any(|column| column == column_name))
        }),
        AuthAction::Insert { table_name }
        | AuthAction::Delete { table_name }
        | AuthAction::Update { table_name, .. } => access.writes.iter().any(|table| table == table_name),
        _ => false,
    }
}

fn engine(action: &AuthAction<'_>) -> bool {
    !matches!(
        action,
        AuthAction::Attach { .. }
            | AuthAction::Detach { .. }
            | AuthAction::CreateTrigger { .. }
            | AuthAction::CreateTempTrigger { .. }
            | AuthAction::CreateView { .. }
            | AuthAction::CreateTempView { .. }
            | AuthAction::CreateVtable { .. }
    ) && !matches!(action, AuthAction::Function { function_name } if FORBIDDEN.contains(function_name))
}
