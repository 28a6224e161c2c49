//! What each kind of statement becomes in SQLite, and how SQLite runs it: a golden file, so that a lost index is seen.
//! `UPDATE_GOLDENS=1` rewrites `plans/expected.txt`.

use super::operator;
use crate::connection::{Connection, Purpose};
use crate::database::{EmbeddedDatabase, Options};
use ::database::{Database, Statement, Work};
use compile::program::{Modify, Program, SqliteStatement, Step};
use compile::{Asker, compile};
use std::fmt::Write;

/// The statements of a program with what they are for.
fn statements(program: &Program) -> Vec<(&'static str, &SqliteStatement)> {
    let mut found = Vec::new();
    for step in &program.steps {
        match step {
            Step::Query { statement, .. } => found.push(("", statement)),
            Step::Modify { modify, .. } => {
                let Modify { source, .. } = &**modify;
                found.push(("source ", source));
                for unique in &modify.table.uniques {
                    found.push(("unique ", &unique.find));
                }
            }
            _ => {}
        }
    }
    found
}

/// How SQLite runs a statement.
fn plan(connection: &Connection, statement: &SqliteStatement) -> Vec<String> {
    let explain = format!("EXPLAIN QUERY PLAN {}", statement.sql);
    connection
        .with_engine(|raw| {
            let mut prepared = raw.prepare(&explain)?;
            let mut rows = prepared.raw_query();
            let mut lines = Vec::new();
            while let Some(row) = rows.next()? {
                lines.push(row.get(3)?);
            }
            Ok(lines)
        })
        .unwrap_or_else(|error| panic!("{}\n{error:?}", statement.sql))
}

#[tokio::test]
async fn statements_become_what_uses_the_indexes() {
    let folder = std::env::temp_dir().join(format!("bedplate-plans-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = folder.join("plans.db");
    let database =
        EmbeddedDatabase::open(Options { path: Some(file.clone()), ..Options::default() }).unwrap();
    ::database::lay_foundation(&database).await.unwrap();
    for part in syntax::split_script(include_str!("plans/schema.sql")).unwrap() {
        let ran = database.run(&operator(), Work::one(Statement::new(part.text))).await;
        ran.unwrap_or_else(|error| panic!("{}\n{error:?}", part.text));
    }
    let connection = Connection::open(&file, Purpose::Read).unwrap();
    let catalog = database.catalog().await.unwrap();
    let role = catalog.role("authenticated").unwrap().oid;
    let path = ["public".to_owned()];
    let asker = Asker { role, session_user: role, search_path: &path };
    let mut out = String::new();
    for text in include_str!("plans/statements.sql").lines() {
        if text.starts_with("--") {
            writeln!(out, "{text}").unwrap();
            continue;
        }
        writeln!(out, "{text}").unwrap();
        let parsed = syntax::parse_statement(text).unwrap();
        let program =
            compile(&catalog, &asker, &parsed, &[]).unwrap_or_else(|error| panic!("{text}\n{error:?}"));
        for (what, statement) in statements(&program) {
            writeln!(out, "    {what}{}", statement.sql).unwrap();
            for line in plan(&connection, statement) {
                writeln!(out, "        {line}").unwrap();
            }
        }
        out.push('\n');
    }
    drop(connection);
    database.close().await.unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    let golden = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/tests/plans/expected.txt");
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        std::fs::write(&golden, &out).unwrap();
    }
    assert_eq!(out, std::fs::read_to_string(&golden).unwrap_or_default(), "UPDATE_GOLDENS=1 rewrites it");
}
