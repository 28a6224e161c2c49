//! Beside a real PostgREST. `BEDPLATE_POSTGREST` is its program; `cargo xtask soak postgrest` fetches it.
#![expect(clippy::print_stdout, reason = "what differs is what a reader wants to see")]

use properties::beside::run;
use testkit::TestPostgres;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// `cargo xtask soak postgrest`: 150 requests a schema, or `BEDPLATE_QUESTIONS`, until so many were sent.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "needs PostgREST's program"]
async fn answers_are_those_of_postgrest() {
    let program = std::env::var_os("BEDPLATE_POSTGREST").expect("BEDPLATE_POSTGREST");
    let cases = number("BEDPLATE_ROUNDS").unwrap_or(3000);
    let first = number("BEDPLATE_SEED").unwrap_or(1);
    let requests = number("BEDPLATE_QUESTIONS").unwrap_or(150).max(1);
    let last = first + cases.div_ceil(requests).max(1) - 1;
    println!("seeds {first} to {last}, {requests} requests each");
    let server = TestPostgres::start().await.expect("a PostgreSQL");
    let report = run::run(program.as_ref(), &server, first..=last, requests as usize).await.expect("a run");
    println!("{}", report.shown().expect("rules"));
    assert!(report.different.is_empty(), "{} answers differ", report.different.len());
    assert!(report.states.is_empty(), "tables differ at the end");
    assert!(
        report.embedded_different.is_empty(),
        "{} answers differ embedded",
        report.embedded_different.len()
    );
    assert!(report.succeeded * 3 > report.requests, "more errors than answers");
}

/// Prints the schema of `BEDPLATE_SEED`.
#[test]
#[ignore = "prints"]
fn schema_of_a_seed() {
    for statement in run::script(number("BEDPLATE_SEED").unwrap_or(1)) {
        println!("{statement};");
    }
}
