//! The registry against PostgreSQL's catalog: names exist there, strictness and volatility are its own.

use std::collections::{HashMap, HashSet};

/// The functions of ours that PostgreSQL has no `pg_proc` row for: what the compiler calls for syntax.
const OURS: &[&str] = &[
    "all_of",
    "any_of",
    "array",
    "array_assign",
    "array_assign_slice",
    "array_map",
    "array_slice",
    "array_subscript",
    "cast_io",
    "current_date",
    "fail",
    "greatest",
    "jsonb_assign",
    "least",
    "localtime",
    "localtimestamp",
    "row",
    "row_field",
    "row_to_json_pretty_shape",
    "record",
    "record_of",
    "row_null",
    "row_to_json_shape",
    "to_jsonb_shape",
    "type_input",
    "variadic",
    "type_output",
    "pg_typeof_text",
];

struct Known {
    strict: HashSet<bool>,
    volatility: HashSet<String>,
    set: HashSet<bool>,
}

fn known() -> HashMap<String, Known> {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/functions.tsv");
    let mut known: HashMap<String, Known> = HashMap::new();
    for line in std::fs::read_to_string(path).expect("functions.tsv").lines() {
        let parts: Vec<&str> = line.split('\t').collect();
        let [name, strict, volatility, set] = parts[..] else { continue };
        let entry = known.entry(name.to_owned()).or_insert_with(|| Known {
            strict: HashSet::new(),
            volatility: HashSet::new(),
            set: HashSet::new(),
        });
        entry.strict.insert(strict == "t");
        entry.volatility.insert(volatility.to_owned());
        entry.set.insert(set == "t");
    }
    known
}

fn letter(volatility: datum::Volatility) -> &'static str {
    match volatility {
        datum::Volatility::Immutable => "i",
        datum::Volatility::Stable => "s",
        datum::Volatility::Volatile => "v",
    }
}

#[test]
fn functions_are_as_postgresql_declares_them() {
    let known = known();
    let mut wrong = Vec::new();
    let mut seen = HashSet::new();
    for function in datum::functions() {
        if !seen.insert(function.name) {
            wrong.push(format!("{} twice", function.name));
        }
        if OURS.contains(&function.name) {
            continue;
        }
        match known.get(function.name) {
            None => wrong.push(format!("{} is no function of PostgreSQL", function.name)),
            Some(of) => {
                if !of.strict.contains(&function.strict) {
                    wrong.push(format!("{} strict {}", function.name, function.strict));
                }
                if !of.volatility.contains(letter(function.volatility)) {
                    wrong
                        .push(format!("{} {:?} not {:?}", function.name, of.volatility, function.volatility));
                }
                if !of.set.contains(&false) {
                    wrong.push(format!("{} returns a set", function.name));
                }
            }
        }
    }
    for function in datum::set_functions() {
        if ["json_record_columns", "row_fields"].contains(&function.name) {
            continue;
        }
        match known.get(function.name) {
            None => wrong.push(format!("{} is no function of PostgreSQL", function.name)),
            Some(of) => {
                if !of.strict.contains(&function.strict) || !of.set.contains(&true) {
                    wrong.push(format!("{} strict {}", function.name, function.strict));
                }
                if !of.volatility.contains(letter(function.volatility)) {
                    wrong.push(format!("{} not {:?}", function.name, function.volatility));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn aggregates_have_names_of_their_own() {
    let mut seen: HashSet<&str> = datum::functions().map(|function| function.name).collect();
    for aggregate in datum::aggregates() {
        assert!(seen.insert(aggregate.name), "{} is taken", aggregate.name);
    }
}

/// What stands, for people: `docs`-like list kept beside the code; refreshed with `UPDATE=1`.
#[test]
fn the_list_of_what_stands_is_current() {
    let mut lines = Vec::new();
    let mut names: Vec<&str> = datum::functions().map(|function| function.name).collect();
    names.sort_unstable();
    lines.push("# Scalar functions".to_owned());
    lines.extend(names.iter().map(|name| (*name).to_owned()));
    let mut names: Vec<&str> = datum::set_functions().map(|function| function.name).collect();
    names.sort_unstable();
    lines.push("# Set-returning functions".to_owned());
    lines.extend(names.iter().map(|name| (*name).to_owned()));
    let mut names: Vec<&str> = datum::aggregates().map(|aggregate| aggregate.name).collect();
    names.sort_unstable();
    lines.push("# Aggregates".to_owned());
    lines.extend(names.iter().map(|name| (*name).to_owned()));
    let text = lines.join("\n") + "\n";
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/implemented.txt");
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, &text).expect("written");
    }
    assert_eq!(std::fs::read_to_string(&path).unwrap_or_default(), text, "run with UPDATE=1");
}
