//! Reports are read and judged.

use super::{Excluded, Results};
use std::path::Path;

const PRINTED: &str = "\
PASSED tests/_sync/test_gotrue.py::test_sign_in
FAILED tests/_sync/test_gotrue.py::test_mfa_enroll - supabase_auth.errors.AuthApiError: no
SKIPPED [1] tests/x.py:3: because
2 failed, 1 passed
";

#[test]
fn what_fails_must_be_excluded_by_its_feature() {
    let results = Results::of_pytest(PRINTED, Path::new("")).expect("results");
    let excluded = |text: &str| Excluded::of(text, "sqlite").expect("a list");
    assert!(results.judge("x", "y", &excluded("# what is missing\nmfa: test_mfa_enroll\n")));
    assert!(results.judge("x", "y", &excluded("mfa: ::test_mfa_enroll$\n")));
    assert!(!results.judge("x", "y", &excluded("mfa: ::test_mfa$\n")), "the end of no name");
    assert!(!results.judge("x", "y", &excluded("")), "a failure that nothing excludes");
    assert!(!results.judge("x", "y", &excluded("mfa: test_mfa_enroll\nphone: test_phone\n")), "an idle line");
    assert!(results.judge("x", "y", &excluded("mfa (sqlite): test_mfa_enroll\n")));
    assert!(!results.judge("x", "y", &excluded("mfa (postgres): test_mfa_enroll\n")), "another engine's");
    assert!(Excluded::of("without a feature", "sqlite").is_err());
}

#[test]
fn a_run_without_tests_is_no_success() {
    assert!(Results::of_pytest("nothing", Path::new("")).is_err());
    assert!(Results::of_pytest("ERROR tests/conftest.py - ImportError", Path::new("")).is_err());
}

#[test]
fn a_report_of_jest_is_read_and_a_file_that_did_not_run_is_an_error() {
    let folder = std::env::temp_dir().join(format!("bedplate-suite-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder");
    let report = folder.join("report.json");
    let write = |text: &str| std::fs::write(&report, text).expect("a file");
    write(
        r#"{"testResults":[{"name":"/x/test/a.test.ts","assertionResults":[
            {"fullName":"signs in","status":"passed"},{"fullName":"signs in","status":"failed"}]}]}"#,
    );
    let results = Results::of_jest("", &report).expect("results");
    assert!(!results.judge("x", "y", &Excluded::default()));
    assert!(results.judge(
        "x",
        "y",
        &Excluded::of("f: a.test.ts signs in (again)", "sqlite").expect("a list")
    ));
    write(
        r#"{"testResults":[{"name":"/x/test/a.test.ts","message":"no such module","assertionResults":[]}]}"#,
    );
    assert!(Results::of_jest("", &report).expect_err("an error").contains("no such module"));
    std::fs::remove_dir_all(&folder).expect("removed");
}
