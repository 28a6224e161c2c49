//! What PostgreSQL's own parser said to each statement (recorded by tools/record.py), said by this one.

use crate::support::{pairs, round_trip};

/// The answer in the form of the recordings.
fn answer(text: &str) -> String {
    match syntax::parse_statement(text) {
        Ok(_) => "ok".to_owned(),
        Err(error) => {
            let fields = error.fields();
            let hint = fields.hint.as_deref().unwrap_or("");
            format!("{}\t{}\t{}\t{hint}", fields.code, fields.position.unwrap_or(0), fields.message)
        }
    }
}

fn check(name: &str) {
    let mut wrong = Vec::new();
    let pairs = pairs(name);
    for (statement, expected) in &pairs {
        let found = answer(statement);
        if found != *expected {
            wrong.push(format!("{statement}\n  PostgreSQL: {expected}\n  found:      {found}"));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), pairs.len(), wrong.join("\n"));
}

#[test]
fn queries_as_recorded() {
    check("queries");
}

#[test]
fn definitions_as_recorded() {
    check("definitions");
}

#[test]
fn mutated_statements_fail_where_postgresql_fails() {
    check("mutated");
}

#[test]
fn errors_behind_the_grammar_as_recorded() {
    check("analysed");
}

#[test]
fn what_is_written_back_parses_to_the_same_tree() {
    let mut count = 0;
    for (statement, expected) in pairs("queries") {
        if expected == "ok" {
            count += usize::from(round_trip(&statement));
        }
    }
    assert!(count > 180, "{count} statements went round");
}
