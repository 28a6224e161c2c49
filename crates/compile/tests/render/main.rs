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
            temporary_schema: "pg_temp_3",
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

#[test]
fn deep_nesting_ends_in_an_error_and_not_in_the_stack() {
    let catalog = Arc::new(schema());
    let deep = |open: &str, middle: &str, close: &str, count: usize| {
        format!("select {}{middle}{}", open.repeat(count), close.repeat(count))
    };
    let texts = [
        deep("1 + (", "1", ")", 5000),
        deep("", "1", " + 1", 5000),
        deep("(select ", "1", ")", 5000),
        deep("coalesce(", "1", ", 2)", 5000),
        deep("not ", "true", "", 5000),
        deep("array[", "1", "]", 5000),
        deep("1 in (", "1", ")", 150),
        deep("case when true then ", "1", " end", 150),
        deep("(select x from (select ", "1", " as x) s)", 60),
    ];
    let run = move || {
        let role = catalog.role("authenticated").unwrap().oid;
        let asker = Asker { role, session_user: role, search_path: &[] };
        for text in &texts {
            // Whatever comes of it, it comes back.
            let parsed = syntax::parse_statement(text);
            let _ = parsed.and_then(|parsed| compile::compile(&catalog, &asker, &parsed, &[]));
        }
    };
    // As much as a thread of the runtime has.
    std::thread::Builder::new().stack_size(2 << 20).spawn(run).unwrap().join().unwrap();
}
