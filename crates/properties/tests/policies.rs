//! Generated schemas, policies, users and questions on both engines: what is read and written must be equal.
//!
//! `BEDPLATE_SEED` is the first seed, `BEDPLATE_SCHEMAS` how many follow, `BEDPLATE_QUESTIONS` how many questions each gets; a failing
//! seed is run again with `BEDPLATE_SEED=… BEDPLATE_SCHEMAS=1`. `BEDPLATE_FORM` asks questions of one form alone.
#![expect(clippy::print_stdout, reason = "seeds and shares are what a reader wants to see")]

use properties::forms::FORMS;
use properties::run::{Plan, Report, seed};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;
use testkit::TestPostgres;
use tokio::sync::Mutex;

/// The form that `BEDPLATE_FORM` names, which is asked alone then.
fn only() -> Option<&'static str> {
    let wanted = std::env::var("BEDPLATE_FORM").ok()?;
    let found = FORMS.iter().find(|form| **form == wanted);
    Some(found.unwrap_or_else(|| panic!("no form named {wanted:?}; there are: {}", FORMS.join(", "))))
}

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().and_then(|value| value.parse().ok())
}

/// Runs seeds, some at the same time.
async fn run(seeds: Vec<u64>, plan: Plan) -> Report {
    let server = Arc::new(TestPostgres::start().await.expect("a PostgreSQL"));
    let next = Arc::new(AtomicU64::new(0));
    let total = Arc::new(Mutex::new(Report::default()));
    let seeds = Arc::new(seeds);
    let workers = number("BEDPLATE_WORKERS").unwrap_or(2);
    let tasks: Vec<_> = (0..workers)
        .map(|_| {
            let (server, next, total, seeds) =
                (Arc::clone(&server), Arc::clone(&next), Arc::clone(&total), Arc::clone(&seeds));
            tokio::spawn(async move {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed) as usize;
                    let Some(which) = seeds.get(at) else { break };
                    let report = seed(&server, *which, plan).await;
                    let report = report.unwrap_or_else(|error| panic!("seed {which}: {error:?}"));
                    for difference in &report.different {
                        println!("=== {difference}");
                    }
                    let mut total = total.lock().await;
                    total.add(report);
                    if total.schemas % 100 == 0 {
                        println!("--- {}", total.shown());
                    }
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.expect("a worker that ends");
    }
    let total = total.lock().await;
    println!("{}", total.shown());
    total.clone()
}

fn check(report: &Report) {
    assert!(
        report.different.is_empty(),
        "{} differ; the first:\n{}",
        report.different.len(),
        report.different[0]
    );
    let refused = report.refusals() * 100;
    assert!(refused <= report.questions * 10, "{} of {} were refused", report.refusals(), report.questions);
    assert!(report.stricter * 200 <= report.questions, "{} were denied here alone", report.stricter);
    assert!(report.equal * 2 > report.questions, "more errors than rows");
}

/// Fixed seeds, and one that nobody has seen.
#[tokio::test(flavor = "multi_thread")]
async fn generated_questions_have_one_answer() {
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let first = number("BEDPLATE_SEED");
    let count = number("BEDPLATE_SCHEMAS").unwrap_or(6);
    let mut seeds: Vec<u64> = (0..count).map(|at| first.unwrap_or(1) + at).collect();
    if first.is_none() {
        seeds.push(now);
    }
    println!("seeds {seeds:?}");
    let questions = number("BEDPLATE_QUESTIONS").unwrap_or(50) as usize;
    let report = run(seeds, Plan { questions, shrink: true, only: only() }).await;
    check(&report);
}

/// `cargo xtask soak policies`: 50 questions a schema, or `BEDPLATE_QUESTIONS`, until so many were asked.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes hours"]
async fn for_hours() {
    let cases = number("BEDPLATE_ROUNDS").unwrap_or(10_000);
    let first = number("BEDPLATE_SEED").unwrap_or(1);
    let questions = number("BEDPLATE_QUESTIONS").unwrap_or(50).max(1);
    let seeds: Vec<u64> = (0..cases.div_ceil(questions)).map(|at| first + at).collect();
    println!("seeds {first} to {}, {questions} questions each", first + seeds.len() as u64 - 1);
    let shrink = std::env::var_os("BEDPLATE_SHRINK").is_some();
    let report = run(seeds, Plan { questions: questions as usize, shrink, only: only() }).await;
    check(&report);
}

/// Prints the schema of `BEDPLATE_SEED`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "prints"]
async fn schema_of_a_seed() {
    let server = TestPostgres::start().await.expect("a PostgreSQL");
    let script = properties::run::script(&server, number("BEDPLATE_SEED").unwrap_or(1)).await;
    println!("{}", script.expect("a schema"));
}

/// Runs the script `BEDPLATE_SCRIPT` on both engines and prints what differs, as the conformance scripts are compared.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "runs a script that one names"]
async fn a_script_on_both() {
    let path = std::env::var("BEDPLATE_SCRIPT").expect("BEDPLATE_SCRIPT");
    let script = std::fs::read_to_string(&path).expect("a script");
    let server = TestPostgres::start().await.expect("a PostgreSQL");
    let postgres = server.database().await.expect("a database");
    let embedded = testkit::embedded().await.expect("a database");
    let expected = testkit::conformance::transcript(&*postgres, &script).await.expect("a script");
    let found = testkit::conformance::transcript(&*embedded, &script).await.expect("a script");
    println!("{expected}");
    if std::env::var_os("BEDPLATE_WRITE").is_some() {
        std::fs::write(std::path::Path::new(&path).with_extension("out"), &expected).expect("written");
    }
    let comparison = testkit::conformance::compare(&expected, &found);
    for difference in comparison.refused.iter().chain(&comparison.different) {
        println!("=== {difference}");
    }
}

/// Prints what the statements of the script `BEDPLATE_SCRIPT` become in SQLite.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "runs a script that one names"]
async fn a_script_as_sqlite() {
    use compile::program::Step;
    let path = std::env::var("BEDPLATE_SCRIPT").expect("BEDPLATE_SCRIPT");
    let script = std::fs::read_to_string(path).expect("a script");
    let embedded = testkit::embedded().await.expect("a database");
    let _ = testkit::conformance::transcript(&*embedded, &script).await;
    let catalog = embedded.catalog().await.expect("a catalog");
    let path = ["public".to_owned()];
    let mut before = 0;
    let mut role = "postgres".to_owned();
    for piece in syntax::split_script(&script).expect("a script") {
        let comments = script[before..piece.offset].lines();
        if let Some(asker) = comments.filter_map(|line| line.strip_prefix("-- as ")).next_back() {
            role = asker.split(' ').next().unwrap_or_default().to_owned();
        }
        before = piece.offset + piece.text.len();
        let Some(role) = catalog.role(&role) else { continue };
        let asker = compile::Asker { role: role.oid, session_user: role.oid, search_path: &path };
        let parsed = syntax::parse_statement(piece.text).expect("a statement");
        let Ok(program) = compile::compile(&catalog, &asker, &parsed, &[]) else { continue };
        for step in &program.steps {
            match step {
                Step::Query { statement, .. } => println!("{}\n    {}", piece.text, statement.sql),
                Step::Modify { modify, .. } => println!("{}\n    {modify:?}", piece.text),
                _ => {}
            }
        }
    }
}
