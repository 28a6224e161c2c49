//! The conformance scripts on row security and triggers prove something only if they fail when a rule is left out. Each rule has
//! a mutant in the compiler ([`compile::mutant`]); each is switched on in turn, and the comparison must find a difference.

use compile::mutant::{ALL, Mutant, switch};
use testkit::conformance::{Comparison, compare, transcript};

/// The scripts, the likeliest to notice first.
const SCRIPTS: [&str; 7] = [
    "row_security_2",
    "row_security",
    "triggers_rights",
    "triggers_after",
    "triggers_before",
    "views_rights",
    "views_updatable",
];

/// A script's answers on a fresh database, so that no plan of another mutant is kept, beside PostgreSQL's.
async fn compared(name: &str, mutant: Option<Mutant>) -> Comparison {
    let script = crate::harness::repository().join("conformance").join(name).with_extension("sql");
    let text = std::fs::read_to_string(&script).expect("a script");
    let expected = std::fs::read_to_string(script.with_extension("out")).expect("a recorded answer");
    let database = testkit::embedded().await.expect("an embedded database");
    switch(mutant);
    let found = transcript(&*database, &text).await;
    switch(None);
    compare(&expected, &found.expect("a script that can be split"))
}

/// Mutants are switched for a whole process, so that the test has one of its own: other tests must not meet a mutant.
#[test]
fn every_rule_of_weaving_has_a_mutant_that_is_caught() {
    let program = std::env::current_exe().expect("this program");
    let mut command = std::process::Command::new(program);
    command.args(["mutants::switched_on_one_by_one", "--exact", "--ignored", "--nocapture"]);
    let output = command.output().expect("the process");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("1 passed"), "no such test: {text}");
}

#[expect(clippy::print_stdout, reason = "how many answers each changes is worth seeing")]
#[tokio::test(flavor = "multi_thread")]
#[ignore = "switches for the whole process: run by every_rule_of_weaving_has_a_mutant_that_is_caught"]
async fn switched_on_one_by_one() {
    for name in SCRIPTS {
        let comparison = compared(name, None).await;
        assert!(comparison.different.is_empty(), "no mutant, {name}:\n{}", comparison.different.join("\n"));
    }
    let mut survivors = Vec::new();
    for mutant in ALL {
        let mut differences = 0;
        for name in SCRIPTS {
            differences += compared(name, Some(*mutant)).await.different.len();
            if differences > 0 {
                break;
            }
        }
        println!("{mutant:?}: {differences} different answers");
        if differences == 0 {
            survivors.push(mutant);
        }
    }
    assert!(survivors.is_empty(), "not caught: {survivors:?}");
}
