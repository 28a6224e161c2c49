//! What statements become in SQLite, for role `authenticated` over `schema.sql`: text, binds and what the wall admits.
//! `UPDATE_GOLDENS=1` rewrites `golden.sql`.

#![expect(clippy::unwrap_used, reason = "a test may fail by panic")]

use catalog::Catalog;
use catalog::ddl::DdlSession;
use catalog::lookup::SearchPath;
use compile::program::{SqliteStatement, Step};
use compile::{Analyzer, Asker};
use std::fmt::Write;
use std::sync::Arc;

/// The first superuser.
const POSTGRES: catalog::Oid = 10;

fn schema() -> Catalog {
    let mut catalog = Catalog::initial();
    for part in syntax::split_script(include_str!("schema.sql")).unwrap() {
        let statement = syntax::parse_statement(part.text).unwrap();
        let session = DdlSession {
            role: POSTGRES,
            session_role: POSTGRES,
            search_path: SearchPath::new(&catalog, &["public"], POSTGRES),
            check_function_bodies: true,
            analyzer: &Analyzer,
        };
        catalog = match catalog::ddl::apply(&catalog, &statement, &session) {
            Ok(applied) => applied.catalog,
            Err(error) => panic!("{}\n{error:?}", part.text),
        };
    }
    catalog
}

fn write_statement(out: &mut String, statement: &SqliteStatement) {
    writeln!(out, "{}", statement.sql).unwrap();
    if !statement.binds.is_empty() {
        writeln!(out, "-- binds {:?}", statement.binds).unwrap();
    }
    for (table, columns) in &statement.access.reads {
        writeln!(out, "-- reads {table} ({})", columns.join(", ")).unwrap();
    }
}

#[test]
fn golden() {
    let catalog = Arc::new(schema());
    let role = catalog.role("authenticated").unwrap().oid;
    let path = ["public".to_owned()];
    let asker = Asker { role, session_user: role, search_path: &path };
    let mut out = String::new();
    for text in include_str!("statements.sql").lines() {
        writeln!(out, "-- {text}").unwrap();
        let parsed = syntax::parse_statement(text).unwrap();
        match compile::compile(&catalog, &asker, &parsed, &[]) {
            Ok(program) => {
                for step in &program.steps {
                    match step {
                        Step::Query { statement, .. } => write_statement(&mut out, statement),
                        other => panic!("{text}: {other:?}"),
                    }
                }
            }
            Err(error) => writeln!(out, "-- {error}").unwrap(),
        }
        out.push('\n');
    }
    let golden = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/render/golden.sql");
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        std::fs::write(&golden, &out).unwrap();
    }
    assert_eq!(out, std::fs::read_to_string(&golden).unwrap(), "UPDATE_GOLDENS=1 rewrites it");
}
