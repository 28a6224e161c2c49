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

/// Statements with a word missing, doubled or taken from elsewhere: an error of the user's or none, never one of ours.
#[test]
fn mangled_statements_do_no_harm() {
    let scripts = [
        include_str!("../../../catalog/tests/ddl/cases/create_table.sql"),
        include_str!("../../../catalog/tests/ddl/cases/alter_table.sql"),
        include_str!("../../../catalog/tests/ddl/cases/functions.sql"),
        include_str!("../../../catalog/tests/ddl/cases/renames.sql"),
        include_str!("../../../catalog/tests/ddl/cases/types.sql"),
        include_str!("../../../catalog/tests/ddl/cases/views_sequences.sql"),
    ];
    let mut refused = 0;
    for script in scripts {
        let mut before = check::fresh();
        for statement in script.trim().split("\n\n").filter(|text| !text.starts_with("--")) {
            let words: Vec<&str> = statement.split_whitespace().collect();
            for at in 0..words.len() {
                let mut without = words.clone();
                without.remove(at);
                let mut swapped = words.clone();
                swapped.swap(at, (at * 7 + 3) % words.len());
                for mangled in [without, swapped] {
                    let mut scratch = before.clone();
                    let text = mangled.join(" ");
                    if syntax::parse_statement(&text).is_ok_and(|tree| catalog::ddl::tag(&tree).is_empty()) {
                        continue;
                    }
                    let answer = check::answer(&Analyzer, &mut scratch, &text);
                    assert_ne!(answer["error"]["code"], "XX000", "{text}: {answer}");
                    refused += u32::from(answer.get("error").is_some());
                }
            }
            check::answer(&Analyzer, &mut before, statement);
        }
    }
    assert!(refused > 1000, "{refused}");
}
