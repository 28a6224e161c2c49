//! Statements and values that nobody wrote: no panic, no endless run, no internal error.
//!
//! `BEDPLATE_SEED` and `BEDPLATE_ROUNDS` choose what is tried; the last statement before a crash stands in the file that is
//! printed at the start.
#![expect(clippy::print_stdout, reason = "what was tried is worth seeing")]

use compile::mutant::{Canary, plant};
use database::{Database, Session, Statement, SystemPrivilege, Value, Work};
use properties::asked::Way;
use properties::dice::Dice;
use properties::fuzz::{Corpus, Fault, Ran, TYPES, run, value_text};
use properties::question::question;
use properties::schema::schema;
use std::path::Path;
use std::sync::Arc;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|value| value.parse().ok())
}

fn scripts() -> Vec<String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../conformance");
    let entries = std::fs::read_dir(folder).expect("the scripts");
    let mut paths: Vec<_> = entries.map(|entry| entry.expect("an entry").path()).collect();
    paths.sort();
    let paths = paths.iter().filter(|path| path.extension().is_some_and(|end| end == "sql"));
    let mut found: Vec<String> = paths.map(|path| std::fs::read_to_string(path).expect("a script")).collect();
    // What runs as it is leads further: as often as all else together.
    let lines: Vec<&str> = include_str!("../../embedded/tests/queries/statements.sql").lines().collect();
    found.extend(std::iter::repeat_n(lines.join(";\n"), 6));
    let mut dice = Dice::new(1);
    let model = schema(&mut dice).model;
    let questions = (0..1500).map(|_| question(&model, &mut dice)).filter_map(|asked| match asked.way {
        Way::Sql(text) => Some(text),
        Way::Http { .. } => None,
    });
    found.push(questions.collect::<Vec<_>>().join(";\n"));
    found
}

/// A database with what the statements name.
async fn database() -> Arc<dyn Database> {
    let database = testkit::embedded().await.expect("a database");
    let operator = Session::operator(SystemPrivilege::i_am_the_operator());
    for piece in
        syntax::split_script(include_str!("../../embedded/tests/queries/schema.sql")).expect("a script")
    {
        database.run(&operator, Work::one(Statement::new(piece.text))).await.expect("a definition");
    }
    let policy = "alter table todos enable row level security; create policy p on todos using (auth.uid() = owner);
        create table notes (id int primary key, owner uuid, body text, rank int); create table docs (id int primary key, team int, title text)";
    let generated = schema(&mut Dice::new(1));
    database.run(&operator, Work::one(Statement::new("create role clerk"))).await.expect("a role");
    for text in
        generated.definitions.iter().filter(|text| !text.starts_with("create type")).chain(&generated.rows)
    {
        // What another definition has taken or left out is not there; there is enough.
        let _ = database.run(&operator, Work::one(Statement::new(text.as_str()))).await;
    }
    for text in policy.split(';') {
        database.run(&operator, Work::one(Statement::new(text.trim()))).await.expect("a definition");
    }
    database
}

/// Runs so many statements; the first fault ends it.
async fn statements(seed: u64, rounds: u64, all: bool) -> (u64, Vec<Fault>) {
    let corpus = Corpus::new(&scripts());
    let mut database = database().await;
    let mut dice = Dice::new(seed);
    let last = std::env::temp_dir().join(format!("bedplate-fuzz-{}", std::process::id()));
    println!(
        "seed {seed}, {} statements in the corpus, the last one tried: {}",
        corpus.len(),
        last.display()
    );
    let sessions = [Session::operator(SystemPrivilege::i_am_the_operator()), Session::new("authenticated")];
    let (mut answered, mut refused, mut failed) = (0, 0, 0);
    let mut faults = Vec::new();
    for round in 0..rounds {
        let text = corpus.statement(&mut dice);
        let session = dice.pick(&sessions);
        std::fs::write(&last, &text).expect("written");
        match run(&database, session, &text).await {
            Ok(Ran::Answered) => answered += 1,
            Ok(Ran::Refused) => refused += 1,
            Ok(Ran::Failed) => failed += 1,
            Err(fault) => {
                println!(
                    "=== round {round}: {}\n{}\n",
                    fault.what,
                    fault.statement.chars().take(3000).collect::<String>()
                );
                faults.push(fault);
                if !all {
                    return (round, faults);
                }
                database = self::database().await;
            }
        }
    }
    println!(
        "{rounds} statements: {answered} answered, {refused} refused, {failed} failed, {} faults",
        faults.len()
    );
    (rounds, faults)
}

#[tokio::test(flavor = "multi_thread")]
async fn no_statement_breaks_the_engine() {
    let seed = number("BEDPLATE_SEED").unwrap_or(1);
    let rounds = number("BEDPLATE_ROUNDS").unwrap_or(3000);
    let (_, faults) = statements(seed, rounds, number("BEDPLATE_ROUNDS").is_some()).await;
    assert!(faults.is_empty(), "{} faults, the first: {:?}", faults.len(), faults[0]);
}

#[tokio::test(flavor = "multi_thread")]
async fn no_text_of_a_value_breaks_the_engine() {
    let database = database().await;
    let mut dice = Dice::new(number("BEDPLATE_SEED").unwrap_or(1));
    let operator = Session::operator(SystemPrivilege::i_am_the_operator());
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
            Err(error) => assert_ne!(error.code(), sqlstate::INTERNAL_ERROR, "{ty} {text:?}: {error:?}"),
        }
    }
    println!("{accepted} taken");
    assert!(accepted > 200, "only {accepted} are values");
}

async fn hunt(canary: Canary, sign: &str) {
    plant(canary);
    let (rounds, faults) = statements(7, 20_000, false).await;
    let fault = faults.first().expect("the planted fault");
    assert!(fault.what.contains(sign), "{fault:?}");
    println!("found after {rounds} statements");
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "plants a fault for the whole process: run by name"]
async fn canary_panics() {
    hunt(Canary::Panic, "panic").await;
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "plants a fault for the whole process: run by name"]
async fn canary_writes_what_sqlite_refuses() {
    hunt(Canary::BadText, "internal error").await;
}
