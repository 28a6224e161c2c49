//! Queries against what a PostgreSQL server answered (`record.py`): rows, or the error with its position.
//!
//! `refused.txt` lists the statements that are refused with 0A000 though PostgreSQL takes them; `UPDATE_GOLDENS=1` rewrites it.

use database::{Database, Session, Statement, SystemPrivilege, Value, Work};
use embedded::{EmbeddedDatabase, Options};
use std::fmt::Write;

/// A value as the server sends it as text.
fn text(value: &Value) -> String {
    match value {
        Value::Null => "NULL".to_owned(),
        Value::Bool(true) => "t".to_owned(),
        Value::Bool(false) => "f".to_owned(),
        Value::Int(number) => number.to_string(),
        Value::Float(number) if number.fract() == 0.0 && number.abs() < 1e15 => format!("{number:.0}"),
        Value::Float(number) if number.abs() >= 1e15 => format!("{number:e}").replace('e', "e+"),
        Value::Float(number) => number.to_string(),
        Value::Bytes(bytes) => {
            bytes.iter().fold("\\x".to_owned(), |text, byte| text + &format!("{byte:02x}"))
        }
        Value::Text(text) => text.replace('\n', "\\n"),
    }
}

#[tokio::test]
async fn answer_what_postgresql_answers() {
    let database = EmbeddedDatabase::open(Options::default()).unwrap();
    let session = Session::operator(SystemPrivilege::i_am_the_operator());
    for part in syntax::split_script(include_str!("schema.sql")).unwrap() {
        let work = Work::one(Statement::new(part.text));
        if let Err(error) = database.run(&session, work).await {
            panic!("{}\n{error:?}", part.text);
        }
    }
    let (mut wrong, mut refused, mut count) = (String::new(), String::new(), 0);
    let mut lines = include_str!("expected.txt").lines();
    let mut next = lines.next();
    while let Some(statement) = next {
        let mut wanted = String::new();
        next = lines.next();
        while let Some(line) = next.filter(|line| line.starts_with("  ")) {
            wanted.push_str(line);
            wanted.push('\n');
            next = lines.next();
        }
        count += 1;
        let mut found = String::new();
        match database.run(&session, Work::one(Statement::new(statement))).await {
            Ok(outcomes) => {
                for row in &outcomes[0].result.rows {
                    let row: Vec<String> = row.iter().map(text).collect();
                    writeln!(found, "  {}", row.join(" | ")).unwrap();
                }
            }
            Err(error) => {
                let fields = error.fields();
                let place = fields.position.map_or(String::new(), |at| format!(" at {at}"));
                writeln!(found, "  ERROR {}{place}: {}", fields.code, fields.message).unwrap();
                if let Some(internal) = &fields.internal {
                    writeln!(found, "  {internal}").unwrap();
                }
            }
        }
        if found == wanted {
            continue;
        }
        if found.contains("is not supported by the embedded engine") {
            writeln!(refused, "{statement}\n  {}", found.trim()).unwrap();
            continue;
        }
        writeln!(wrong, "{statement}\n wanted\n{wanted} found\n{found}").unwrap();
    }
    assert!(count > 200, "only {count} statements");
    let golden = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/queries/refused.txt");
    if std::env::var_os("UPDATE_GOLDENS").is_some() {
        std::fs::write(&golden, &refused).unwrap();
    }
    assert!(wrong.is_empty(), "{} of {count} differ:\n{wrong}", wrong.matches(" wanted\n").count());
    assert_eq!(refused, std::fs::read_to_string(&golden).unwrap(), "what is refused has changed");
}
