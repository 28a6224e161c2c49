//! The catalog's cases of definition statements, with this compiler for what is in them: expressions, queries, bodies.

#[path = "../../../catalog/tests/ddl/check.rs"]
mod check;
#[path = "../../../catalog/tests/ddl/state.rs"]
mod state;
mod stored;

use check::{check, check_bootstrap};
use compile::Analyzer;
use stored::unreadable;

macro_rules! cases {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                check(
                    &Analyzer,
                    stringify!($name),
                    include_str!(concat!("../../../catalog/tests/ddl/cases/", stringify!($name), ".sql")),
                    include_str!(concat!("../../../catalog/tests/ddl/cases/", stringify!($name), ".expected")),
                    &unreadable,
                );
            }
        )*
    };
}

cases! {
    alter_table
    create_table
    drop
    dump
    functions
    grants
    indexes
    migration
    policies
    renames
    types
    views_sequences
}

#[test]
fn bootstrap_makes_what_it_makes_on_postgresql() {
    check_bootstrap(&Analyzer, include_str!("../../../catalog/tests/ddl/cases/bootstrap.expected"));
}
