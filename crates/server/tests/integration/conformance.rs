//! The scripts in `conformance/` on both engines. The expected answers are PostgreSQL's own, recorded by `cargo xtask record`.

use database::Database;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use testkit::TestPostgres;
use testkit::conformance::{blocks, compare, transcript};

/// The scripts, by name.
fn scripts() -> Vec<PathBuf> {
    let folder = crate::harness::repository().join("conformance");
    let entries =
        std::fs::read_dir(folder).expect("the scripts").map(|entry| entry.expect("an entry").path());
    let mut scripts: Vec<_> =
        entries.filter(|path| path.extension().is_some_and(|end| end == "sql")).collect();
    scripts.sort();
    scripts
}

fn name(script: &Path) -> String {
    script.file_stem().expect("a name").to_string_lossy().into_owned()
}

async fn run(database: &dyn Database, script: &Path) -> String {
    let text = std::fs::read_to_string(script).expect("a script");
    transcript(database, &text).await.unwrap_or_else(|error| panic!("{}: {error}", script.display()))
}

/// What embedded may refuse: a list that must not grow unseen, and that must not name what runs by now.
fn refusals(script: &Path) -> Vec<String> {
    let text = std::fs::read_to_string(script.with_extension("refused")).unwrap_or_default();
    text.lines().map(str::to_owned).collect()
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::print_stdout, reason = "the share by area is what a reader wants to see")]
async fn embedded_answers_as_postgres_did() {
    let (mut equal, mut refused) = (0, 0);
    let mut report = String::new();
    let mut wrong = String::new();
    for script in scripts() {
        let expected = std::fs::read_to_string(script.with_extension("out")).expect("a recorded answer");
        let database = testkit::embedded().await.expect("an embedded database");
        let found = run(&*database, &script).await;
        let comparison = compare(&expected, &found);
        let total = blocks(&expected).len();
        let _ = writeln!(
            report,
            "{:<24}{:>5} of {total}, {} refused",
            name(&script),
            comparison.equal,
            comparison.refused.len()
        );
        equal += comparison.equal;
        refused += comparison.refused.len();
        for difference in &comparison.different {
            let _ = writeln!(wrong, "{}\n{difference}", name(&script));
        }
        let heads: Vec<_> =
            comparison.refused.iter().map(|block| block.lines().next().unwrap_or_default()).collect();
        if heads != refusals(&script) {
            let _ = writeln!(wrong, "{}.refused should be:\n{}\n", name(&script), heads.join("\n"));
        }
    }
    println!("{report}equal: {equal}, refused: {refused}");
    assert!(wrong.is_empty(), "{wrong}");
    assert!(equal >= 500, "only {equal} statements are equal");
}

/// Whether `create extension vector` would find it.
async fn offers_vector(database: &dyn Database) -> bool {
    const ASKED: &str = "select count(*) from pg_available_extensions where name = 'vector';";
    let found = transcript(database, ASKED).await.expect("an answer");
    found.lines().any(|line| line == "1")
}

#[tokio::test(flavor = "multi_thread")]
#[expect(clippy::print_stdout, reason = "what is not asked is said")]
async fn postgres_answers_as_recorded() {
    let postgres = TestPostgres::start().await.expect("a PostgreSQL");
    for script in scripts() {
        let expected = std::fs::read_to_string(script.with_extension("out")).expect("a recorded answer");
        let database = postgres.database().await.expect("a database");
        if name(&script).starts_with("vector_") && !offers_vector(&*database).await {
            // No package of Debian's brings pgvector; the answers were recorded where it is.
            println!("{}: not asked again, this PostgreSQL has no pgvector", name(&script));
            database.close().await.expect("closed");
            continue;
        }
        let found = run(&*database, &script).await;
        let comparison = compare(&expected, &found);
        assert!(comparison.different.is_empty(), "{}\n{}", name(&script), comparison.different.join("\n"));
        database.close().await.expect("closed");
    }
}

/// Writes the recorded answers anew: `cargo xtask record [FILTER]`.
#[tokio::test(flavor = "multi_thread")]
#[ignore = "writes files"]
async fn record() {
    let filter = std::env::var("BEDPLATE_RECORD").unwrap_or_default();
    let postgres = TestPostgres::start().await.expect("a PostgreSQL");
    for script in scripts().into_iter().filter(|script| name(script).contains(&filter)) {
        let database = postgres.database().await.expect("a database");
        let found = run(&*database, &script).await;
        std::fs::write(script.with_extension("out"), found).expect("written");
        database.close().await.expect("closed");
    }
}
