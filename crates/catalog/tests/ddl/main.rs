//! Definition statements against what PostgreSQL 15 answered to them (record.py): each answer, then all that the catalog
//! holds in the end.
//!
//! A line `-- refused: …` above a statement marks what the embedded engine refuses by choice (0A000) where PostgreSQL does
//! not; such a statement is run here only.

mod analyzer;
mod state;

use catalog::ddl::{DdlSession, Notice, apply};
use catalog::exposure::{Exposure, exposed, relation_exposure};
use catalog::lookup::SearchPath;
use catalog::{BOOTSTRAP_ROLE, Catalog, Oid, Role, bootstrap, store};
use serde_json::{Map, Value, json};
use sqlstate::DatabaseError;

/// A fresh database whose superuser is called as the recording server's.
fn fresh() -> Catalog {
    let mut catalog = Catalog::initial();
    let row = Role { name: "postgres".to_owned(), ..(*catalog.roles[&BOOTSTRAP_ROLE]).clone() };
    catalog.put_role(row);
    catalog
}

fn path(catalog: &Catalog, role: Oid) -> SearchPath {
    SearchPath::new(catalog, &["$user", "public"], role)
}

fn session<'a>(catalog: &Catalog, role: Oid) -> DdlSession<'a> {
    DdlSession {
        role,
        session_role: BOOTSTRAP_ROLE,
        search_path: path(catalog, role),
        check_function_bodies: true,
        analyzer: &analyzer::Small,
    }
}

fn error_value(error: &DatabaseError) -> Value {
    let fields = error.fields();
    let mut out = Map::new();
    out.insert("code".into(), json!(fields.code.as_str()));
    out.insert("message".into(), json!(fields.message));
    if let Some(detail) = &fields.detail {
        out.insert("detail".into(), json!(detail));
    }
    if let Some(hint) = &fields.hint {
        out.insert("hint".into(), json!(hint));
    }
    if let Some(position) = fields.position {
        out.insert("position".into(), json!(position));
    }
    Value::Object(out)
}

fn notice_value(notice: &Notice) -> Value {
    let mut value = error_value(&notice.text);
    if let Some(map) = value.as_object_mut() {
        map.remove("code");
        map.insert("severity".into(), json!(notice.severity));
    }
    value
}

fn answer(catalog: &mut Catalog, statement: &str) -> Value {
    let (role, text) = match statement.strip_prefix("-- as ").and_then(|rest| rest.split_once('\n')) {
        Some((role, text)) => (catalog.role(role).expect("the role of a case").oid, text),
        None => (BOOTSTRAP_ROLE, statement),
    };
    let applied =
        syntax::parse_statement(text).and_then(|tree| apply(catalog, &tree, &session(catalog, role)));
    match applied {
        Ok(applied) => {
            let mut out = Map::new();
            out.insert("tag".into(), json!(applied.tag));
            if !applied.notices.is_empty() {
                out.insert("notices".into(), applied.notices.iter().map(notice_value).collect());
            }
            *catalog = applied.catalog;
            Value::Object(out)
        }
        Err(error) => json!({ "error": error_value(&error) }),
    }
}

/// Takes away where the two differ by nature: the server's own configuration, places that the tree does not keep, and the
/// order in which the uses of a role were made.
fn level(answer: &mut Value) {
    if let Some(notices) = answer.get_mut("notices").and_then(Value::as_array_mut) {
        notices
            .retain(|notice| !notice["message"].as_str().is_some_and(|text| text.starts_with("wal_level")));
        if notices.is_empty() {
            answer.as_object_mut().and_then(|map| map.remove("notices"));
        }
    }
    let Some(error) = answer.get_mut("error").and_then(Value::as_object_mut) else { return };
    let message = error["message"].as_str().unwrap_or("").to_owned();
    if message == "conflicting or redundant options" {
        error.remove("position");
    }
    if message.starts_with("role \"") && message.ends_with("some objects depend on it") {
        let mut lines: Vec<String> =
            error["detail"].as_str().unwrap_or("").lines().map(str::to_owned).collect();
        lines.sort();
        error.insert("detail".into(), json!(lines.join("\n")));
    }
}

fn check(name: &str, script: &str, expected: &str) {
    let mut catalog = fresh();
    let mut expected = expected.lines();
    let mut wrong = String::new();
    for statement in script.trim().split("\n\n").map(str::trim).filter(|text| !text.is_empty()) {
        let wanted = expected.next().unwrap_or("null").replace("catalog_case", "postgres");
        let mut wanted: Value = serde_json::from_str(&wanted).expect("a recorded answer");
        let mut found = answer(&mut catalog, statement);
        level(&mut wanted);
        level(&mut found);
        if found != wanted {
            wrong.push_str(&format!("\n{statement}\n  expected {wanted}\n  found    {found}\n"));
        }
        let stored = store::records(&catalog).expect("records");
        let rows = stored.iter().map(|row| (row.kind, row.oid, row.json.as_str()));
        assert!(store::from_records(rows).expect("a catalog") == catalog, "stored: {statement}");
    }
    let expected: Vec<&str> = expected.collect();
    wrong.push_str(&differences(&catalog, &expected));
    assert!(wrong.is_empty(), "{name}:{wrong}");
}

fn differences(catalog: &Catalog, expected: &[&str]) -> String {
    let found = state::State::new(catalog, path(catalog, BOOTSTRAP_ROLE)).lines();
    let mut wrong = String::new();
    for line in expected.iter().filter(|line| !found.iter().any(|other| other == *line)) {
        wrong.push_str(&format!("\nmissing: {line}"));
    }
    for line in found.iter().filter(|line| !expected.contains(&line.as_str())) {
        wrong.push_str(&format!("\nextra:   {line}"));
    }
    wrong
}

#[test]
fn bootstrap_makes_what_it_makes_on_postgresql() {
    let mut catalog = fresh();
    for role in bootstrap::ROLES {
        if catalog.role(role.name).is_none() {
            let answer = answer(&mut catalog, role.create);
            assert_eq!(answer["tag"], "CREATE ROLE", "{answer}");
        }
    }
    for script in bootstrap::SCRIPTS {
        for statement in syntax::split_script(script.sql).expect("a script") {
            let text = match script.role {
                Some(role) => format!("-- as {role}\n{}", statement.text),
                None => statement.text.to_owned(),
            };
            let answer = answer(&mut catalog, &text);
            assert!(answer.get("error").is_none(), "{text}\n{answer}");
        }
    }
    for (_, create) in bootstrap::EXTENSIONS {
        let answer = answer(&mut catalog.clone(), create);
        assert_eq!(answer["tag"], "CREATE EXTENSION", "{answer}");
    }
    let expected: Vec<&str> = include_str!("cases/bootstrap.expected").lines().collect();
    let wrong = differences(&catalog, &expected);
    assert!(wrong.is_empty(), "{wrong}");
}

macro_rules! cases {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                let name = stringify!($name);
                check(
                    name,
                    include_str!(concat!("cases/", stringify!($name), ".sql")),
                    include_str!(concat!("cases/", stringify!($name), ".expected")),
                );
            }
        )*
    };
}

cases! {
    alter_table
    create_table
    drop
    functions
    grants
    indexes
    policies
    types
    views_sequences
}

/// The records of a database with one of everything, as the first release wrote them. A change of this text breaks files
/// that exist: what comes later needs a default, and a fixture of its own beside this one.
#[test]
fn records_of_the_first_format_read_back() {
    let fixture = include_str!("fixtures/records-1.tsv");
    let rows: Vec<(store::Kind, Oid, &str)> = fixture
        .lines()
        .map(|line| {
            let mut fields = line.splitn(3, '\t');
            let kind = store::Kind::from_word(fields.next().expect("a kind")).expect("a known kind");
            let oid = fields.next().expect("an OID").parse().expect("a number");
            (kind, oid, fields.next().expect("an object"))
        })
        .collect();
    let catalog = store::from_records(rows).expect("a catalog");
    assert_eq!(lines(&catalog), fixture);
    for record in store::records(&objects()).expect("records") {
        let found = store::records(&catalog).expect("records").iter().any(|other| other.kind == record.kind);
        assert!(found, "the fixture has no {:?}", record.kind);
    }
}

/// What difference() says turns the records of one catalog into those of the other.
#[test]
fn differences_lead_from_one_catalog_to_the_other() {
    let (old, new) = (fresh(), objects());
    for (from, to) in [(&old, &new), (&new, &old), (&new, &new)] {
        let change = store::difference(from, to).expect("a difference");
        let mut rows: std::collections::BTreeMap<(store::Kind, Oid), String> =
            std::collections::BTreeMap::new();
        for record in store::records(from).expect("records") {
            rows.insert((record.kind, record.oid), record.json);
        }
        for key in &change.deletes {
            assert!(rows.remove(key).is_some(), "{key:?}");
        }
        for record in change.upserts {
            let same = rows.insert((record.kind, record.oid), record.json.clone());
            assert_ne!(same, Some(record.json), "an upsert that changes nothing");
        }
        let read = rows.iter().map(|((kind, oid), json)| (*kind, *oid, json.as_str()));
        assert!(store::from_records(read).expect("a catalog") == *to);
    }
}

fn objects() -> Catalog {
    let mut catalog = fresh();
    for statement in syntax::split_script(include_str!("fixtures/objects.sql")).expect("a script") {
        let answer = answer(&mut catalog, statement.text);
        assert!(answer.get("error").is_none(), "{}\n{answer}", statement.text);
    }
    catalog
}

fn lines(catalog: &Catalog) -> String {
    let line = |record: &store::Record| format!("{}\t{}\t{}\n", record.kind.word(), record.oid, record.json);
    store::records(catalog).expect("records").iter().map(line).collect()
}

fn exposure_of(catalog: &Catalog, role: &str, table: &str, open: &[&str]) -> Exposure {
    let open: Vec<String> = open.iter().map(|name| (*name).to_owned()).collect();
    let relation = catalog.relation_named("public", table).expect("a table");
    let role = catalog.role(role).expect("a role").oid;
    let found = relation_exposure(catalog, role, relation, &open);
    let listed = exposed(catalog, role, &open).relations.contains(&relation.oid);
    assert_eq!(listed, found == Exposure::Shown);
    found
}

#[test]
fn a_table_that_nobody_opened_is_not_shown() {
    let mut catalog = fresh();
    let script = "
        create role case_anon;
        alter default privileges in schema public grant all on tables to case_anon;
        create table bare (a int);
        create table guarded (a int);
        alter table guarded enable row level security;
        create table given (a int);
        grant select on given to case_anon;
        create table by_column (a int, b int);
        grant select (a) on by_column to case_anon;
        create table taken (a int);
        revoke all on taken from case_anon;
        create view seen as select a from bare;
    ";
    for statement in syntax::split_script(script).expect("a script") {
        let answer = answer(&mut catalog, statement.text);
        assert!(answer.get("error").is_none(), "{}\n{answer}", statement.text);
    }
    let of = |table, open: &[&str]| exposure_of(&catalog, "case_anon", table, open);
    assert_eq!(of("bare", &[]), Exposure::NotOpened);
    assert_eq!(of("bare", &["other", "app.bare"]), Exposure::NotOpened);
    assert_eq!(of("bare", &["bare"]), Exposure::Shown);
    assert_eq!(of("bare", &["public.bare"]), Exposure::Shown);
    assert_eq!(of("bare", &["*"]), Exposure::Shown);
    assert_eq!(of("guarded", &[]), Exposure::Shown);
    assert_eq!(of("given", &[]), Exposure::Shown);
    assert_eq!(of("by_column", &[]), Exposure::Shown);
    assert_eq!(of("taken", &["*"]), Exposure::NotGranted);
    assert_eq!(of("seen", &[]), Exposure::Shown);
}
