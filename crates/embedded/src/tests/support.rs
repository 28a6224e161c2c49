//! The table of what runs: every example, in order.

use super::operator;
use crate::database::{EmbeddedDatabase, Options};
use ::database::{Database, Statement, Work, lay_foundation};
use compile::support::{SUPPORT, Standing, page};
use std::fmt::Write;
use std::path::Path;

#[tokio::test]
async fn every_example_fares_as_the_table_says() {
    let database = EmbeddedDatabase::open(Options::default()).expect("a database");
    lay_foundation(&database).await.expect("its foundation");
    let mut wrong = String::new();
    for row in SUPPORT {
        let outcome = database.run(&operator(), Work::one(Statement::new(row.example))).await;
        let standing = match &outcome {
            Ok(outcomes) if outcomes.iter().any(|outcome| outcome.no_effect.is_some()) => {
                Standing::WithoutEffect
            }
            Ok(_) => Standing::Runs,
            Err(error) if error.code() == sqlstate::FEATURE_NOT_SUPPORTED => Standing::Refused,
            Err(error) => {
                let _ = writeln!(wrong, "{}: {} {}", row.name, error.code(), error.message());
                continue;
            }
        };
        if standing != row.standing {
            let told = outcome.err().map(|error| error.message().to_owned()).unwrap_or_default();
            let _ = writeln!(wrong, "{} is {standing:?}: {told}", row.name);
        }
    }
    assert!(wrong.is_empty(), "compile::support::SUPPORT is wrong:\n{wrong}");
}

#[test]
fn the_page_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/reference/embedded.md");
    let page = page();
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, &page).expect("the page can be written");
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(
        written, page,
        "docs/reference/embedded.md is out of date: run this test with UPDATE_EXPECT=1"
    );
}
