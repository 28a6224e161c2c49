//! The running of a case with a compiler, and what is compared.

use crate::state;
use catalog::ddl::{Analyzer, DdlSession, Notice, apply};
use catalog::lookup::SearchPath;
use catalog::{BOOTSTRAP_ROLE, Catalog, Oid, Role, bootstrap, store};
use serde_json::{Map, Value, json};
use sqlstate::DatabaseError;

/// A fresh database whose superuser is called as the recording server's.
pub(crate) fn fresh() -> Catalog {
    let mut catalog = Catalog::initial();
    let row = Role { name: "postgres".to_owned(), ..(*catalog.roles[&BOOTSTRAP_ROLE]).clone() };
    catalog.put_role(row);
    catalog
}

fn path(catalog: &Catalog, role: Oid) -> SearchPath {
    SearchPath::new(catalog, &["$user", "public"], role)
}

fn session<'a>(analyzer: &'a dyn Analyzer, catalog: &Catalog, role: Oid) -> DdlSession<'a> {
    DdlSession {
        role,
        session_role: BOOTSTRAP_ROLE,
        search_path: path(catalog, role),
        temporary_schema: "pg_temp_3",
        check_function_bodies: true,
        analyzer,
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

pub(crate) fn answer(analyzer: &dyn Analyzer, catalog: &mut Catalog, statement: &str) -> Value {
    let (role, text) = match statement.strip_prefix("-- as ").and_then(|rest| rest.split_once('\n')) {
        Some((role, text)) => (catalog.role(role).expect("the role of a case").oid, text),
        None => (BOOTSTRAP_ROLE, statement),
    };
    let applied = syntax::parse_statement(text)
        .and_then(|tree| apply(catalog, &tree, &session(analyzer, catalog, role)));
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

/// Runs a case; `after` sees the catalog after each statement.
pub(crate) fn check(
    analyzer: &dyn Analyzer,
    name: &str,
    script: &str,
    expected: &str,
    after: &dyn Fn(&Catalog) -> String,
) {
    let mut catalog = fresh();
    let mut expected = expected.lines();
    let mut wrong = String::new();
    for statement in script.trim().split("\n\n").map(str::trim).filter(|text| !text.is_empty()) {
        let wanted = expected.next().unwrap_or("null").replace("catalog_case", "postgres");
        let mut wanted: Value = serde_json::from_str(&wanted).expect("a recorded answer");
        let mut found = answer(analyzer, &mut catalog, statement);
        // Each statement is a transaction.
        catalog = catalog.with_labels_committed().unwrap_or(catalog);
        level(&mut wanted);
        level(&mut found);
        if found != wanted {
            wrong.push_str(&format!("\n{statement}\n  expected {wanted}\n  found    {found}\n"));
        }
        let broken = after(&catalog);
        if !broken.is_empty() {
            wrong.push_str(&format!("\n{statement}\n{broken}"));
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

/// Runs the bootstrap and compares what it makes with what it makes on PostgreSQL.
pub(crate) fn check_bootstrap(analyzer: &dyn Analyzer, expected: &str) {
    let mut catalog = fresh();
    for role in bootstrap::ROLES {
        if catalog.role(role.name).is_none() {
            let answer = answer(analyzer, &mut catalog, role.create);
            assert_eq!(answer["tag"], "CREATE ROLE", "{answer}");
        }
    }
    for script in bootstrap::SCRIPTS {
        for statement in syntax::split_script(script.sql).expect("a script") {
            let text = match script.role {
                Some(role) => format!("-- as {role}\n{}", statement.text),
                None => statement.text.to_owned(),
            };
            let answer = answer(analyzer, &mut catalog, &text);
            assert!(answer.get("error").is_none(), "{text}\n{answer}");
        }
    }
    for (_, create) in bootstrap::EXTENSIONS {
        let answer = answer(analyzer, &mut catalog.clone(), create);
        assert_eq!(answer["tag"], "CREATE EXTENSION", "{answer}");
    }
    let expected: Vec<&str> = expected.lines().collect();
    let wrong = differences(&catalog, &expected);
    assert!(wrong.is_empty(), "{wrong}");
}
