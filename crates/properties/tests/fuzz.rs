//! Statements and values that nobody wrote: no panic, no endless run, no internal error, nothing that SQLite does not take.
//!
//! `BEDPLATE_SEED` and `BEDPLATE_ROUNDS` choose what is tried; the last statement before a crash stands in the file that is
//! printed at the start.
#![expect(clippy::print_stdout, reason = "what was tried is worth seeing")]

use compile::mutant::{Canary, plant};
use database::{Session, Statement, SystemPrivilege, Value, Work};
use properties::asked::Way as Asked;
use properties::dice::Dice;
use properties::fuzz::{Fault, Found, Script, Scripts, TYPES, Way, value_text, walk};
use properties::question::question;
use properties::schema::schema;
use std::path::Path;
use std::process::Command;
use std::sync::Arc;

/// How many statements CI tries.
const ROUNDS: u64 = 3000;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|value| value.parse().ok())
}

/// The conformance scripts, the statements of the embedded engine's own tests, and generated ones.
fn scripts() -> Scripts {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../conformance");
    let entries = std::fs::read_dir(folder).expect("the scripts");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    let mut found = Vec::new();
    for path in paths.iter().filter(|path| path.extension().is_some_and(|end| end == "sql")) {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        found.push(Script::new(&name, &std::fs::read_to_string(path).expect("a script")));
    }
    let lines: Vec<&str> = include_str!("../../embedded/tests/queries/statements.sql").lines().collect();
    let queries = include_str!("../../embedded/tests/queries/schema.sql").to_owned() + &lines.join(";\n");
    found.push(Script::new("queries of embedded", &queries));
    for seed in 1..4 {
        let mut dice = Dice::new(seed);
        let generated = schema(&mut dice);
        let mut text = format!("create role clerk;\n{};\n", generated.definitions.join(";\n"));
        text += &format!("{};\n", generated.rows.join(";\n"));
        for _ in 0..200 {
            let asked = question(&generated.model, &mut dice, None);
            if let Asked::Sql(statement) = &asked.way {
                text += &format!("-- as {}\n{statement};\n", generated.model.users[asked.user].shown());
            }
        }
        found.push(Script::new(&format!("generated {seed}"), &text));
    }
    Scripts::new(found)
}

/// Tries so many statements.
async fn statements(seed: u64, rounds: u64, first: bool) -> Found {
    let scripts = scripts();
    let last = std::env::temp_dir().join(format!("bedplate-fuzz-{}", std::process::id()));
    println!("seed {seed}, {} statements, the last one tried: {}", scripts.statements(), last.display());
    let mut before = |text: &str| std::fs::write(&last, text).expect("written");
    let mut fault = |script: &str, fault: &Fault| {
        let cut = |text: &str| text.chars().take(3000).collect::<String>();
        println!("=== {script}: {}\n{}\n", cut(&fault.what), cut(&fault.statement));
    };
    let way = Way { seed, rounds, first, before: &mut before, fault: &mut fault };
    let found = walk(&scripts, way).await.expect("databases");
    let faults: u64 = found.faults.values().map(|(_, count)| count).sum();
    println!(
        "{} statements: {} answered, {} refused, {} failed, {faults} faults of {} kinds",
        found.tried,
        found.answered,
        found.refused,
        found.failed,
        found.faults.len()
    );
    for (kind, (_, count)) in &found.faults {
        println!("{count} × {kind}");
    }
    let _ = std::fs::remove_file(last);
    found
}

#[tokio::test(flavor = "multi_thread")]
async fn no_statement_breaks_the_engine() {
    let seed = number("BEDPLATE_SEED").unwrap_or(1);
    let rounds = number("BEDPLATE_ROUNDS").unwrap_or(ROUNDS);
    let found = statements(seed, rounds, false).await;
    assert!(found.faults.is_empty(), "{} kinds of fault, one: {:?}", found.faults.len(), found.fault());
    assert!(
        found.answered * 10 > found.tried * 4,
        "only {} of {} were answered",
        found.answered,
        found.tried
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn no_text_of_a_value_breaks_the_engine() {
    let database = testkit::embedded().await.expect("a database");
    let operator = Session::operator(SystemPrivilege::i_am_the_operator());
    for text in [
        "create type mood as enum ('sad', 'ok', 'happy')",
        "create domain posint as int check (value > 0)",
        "create table todos (id bigint primary key, title varchar(40), price numeric(10,2), tags text[], due timestamptz)",
    ] {
        database.run(&operator, Work::one(Statement::new(text))).await.expect("a definition");
    }
    let mut dice = Dice::new(number("BEDPLATE_SEED").unwrap_or(1));
    let mut accepted = 0;
    for _ in 0..number("BEDPLATE_ROUNDS").unwrap_or(4000) {
        let (ty, text) = (*dice.pick(TYPES), value_text(&mut dice));
        // What a type takes it must print so that it takes it again, to the same.
        let statement = Statement::with(
            format!("select v::text, (v::text)::{ty}::text from (select $1::text::{ty} as v) x"),
            [Value::from(text.as_str())],
        );
        let (database, operator) = (Arc::clone(&database), operator.clone());
        let ran = tokio::spawn(async move { database.run(&operator, Work::one(statement)).await }).await;
        match ran.unwrap_or_else(|panic| panic!("{ty} {text:?}: {panic}")) {
            Ok(outcomes) => {
                accepted += 1;
                let row = &outcomes[0].result.rows[0];
                assert_eq!(row[0], row[1], "{ty} {text:?}");
            }
            Err(error) => {
                assert_eq!(properties::fuzz::fault_of(&error), None, "{ty} {text:?}");
            }
        }
    }
    println!("{accepted} taken");
    assert!(accepted > 200, "only {accepted} are values");
}

/// What is planted in a process is found there by as many statements as CI tries.
async fn hunt(canary: Canary) {
    plant(canary);
    let found = statements(7, ROUNDS, true).await;
    if let Some(fault) = found.fault() {
        println!("FOUND after {} statements: {}", found.tried, fault.what);
    }
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "plants a fault in the whole process: `what_is_planted_is_found` starts it"]
async fn canary_panics() {
    hunt(Canary::Panic).await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "plants a fault in the whole process: `what_is_planted_is_found` starts it"]
async fn canary_writes_what_sqlite_refuses() {
    hunt(Canary::BadText).await;
}

/// Faults that are there on purpose, each in a process of its own.
#[test]
fn what_is_planted_is_found() {
    for (canary, signs) in [
        ("canary_panics", ["FOUND after", "panic"]),
        ("canary_writes_what_sqlite_refuses", ["FOUND after", "SQLite does not take it"]),
    ] {
        let program = std::env::current_exe().expect("this program");
        let output = Command::new(program)
            .args(["--exact", canary, "--ignored", "--nocapture"])
            .output()
            .expect("a process");
        let text = String::from_utf8_lossy(&output.stdout);
        let line = text.lines().find(|line| line.starts_with(signs[0])).unwrap_or_default();
        println!("{canary}: {line}");
        assert!(line.contains(signs[1]), "{canary}: {text}\n{}", String::from_utf8_lossy(&output.stderr));
    }
}
