//! The conformance scripts on types prove something only if they fail when a rule is left out: each rule has a mutant in the compiler
//! ([`compile::mutant::TYPES`]), each is switched on in turn, and the comparison must find a difference.

use compile::mutant::{Mutant, TYPES, switch};
use std::path::Path;
use testkit::conformance::{Comparison, compare, transcript};

/// A script's answers on a fresh database, so that no plan of another mutant is kept, beside PostgreSQL's.
async fn compared(mutant: Option<Mutant>) -> Comparison {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../conformance/type_rules.sql");
    let text = std::fs::read_to_string(&script).expect("a script");
    let expected = std::fs::read_to_string(script.with_extension("out")).expect("a recorded answer");
    // The foundation's own statements are compiled without the fault.
    let database = testkit::embedded().await.expect("an embedded database");
    switch(mutant);
    let found = transcript(&*database, &text).await;
    switch(None);
    compare(&expected, &found.expect("a script that can be split"))
}

/// Mutants are switched for a whole process: this file holds no other test.
#[expect(clippy::print_stdout, reason = "how many answers each changes is worth seeing")]
#[tokio::test(flavor = "multi_thread")]
async fn every_rule_of_types_has_a_mutant_that_is_caught() {
    let comparison = compared(None).await;
    assert!(comparison.different.is_empty(), "no mutant:\n{}", comparison.different.join("\n"));
    let refused = comparison.refused.len();
    let mut survivors = Vec::new();
    for mutant in TYPES {
        let comparison = compared(Some(*mutant)).await;
        // What is refused under a mutant alone is a difference too.
        let differences = comparison.different.len() + comparison.refused.len().abs_diff(refused);
        println!("{mutant:?}: {differences} different answers");
        if differences == 0 {
            survivors.push(mutant);
        }
    }
    assert!(survivors.is_empty(), "not caught: {survivors:?}");
}
