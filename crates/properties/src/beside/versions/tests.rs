use super::*;

#[test]
fn the_list_can_be_read() {
    let rules = rules().expect("rules");
    assert!(rules.iter().all(|rule| rule.reason.len() > 10 && !rule.since.is_empty()));
}

#[test]
fn patterns_match_the_whole_text() {
    for (pattern, text, holds) in [
        ("", "", true),
        ("", "a", false),
        ("*", "", true),
        ("a*c", "abc", true),
        ("a*c", "ab", false),
        ("a*a", "a", false),
        ("*b*", "abc", true),
        ("ab", "abc", false),
        ("*x*y", "axbyxy", true),
    ] {
        assert_eq!(matches(pattern, text), holds, "{pattern} {text}");
    }
}

#[test]
fn a_rule_explains_only_its_parts_where_both_answers_are_like_it() {
    let rule = serde_json::json!({
        "since": "13.0", "reason": "a reason for this",
        "theirs": {"code": "42P01"}, "ours": {"code": "PGRST205"}, "explains": ["code", "message"]
    });
    let rules = vec![super::rule(&rule).expect("a rule")];
    let aspects = |code: &str| Aspects::from([("code".to_owned(), code.to_owned())]);
    let parts: BTreeSet<String> = ["code", "status"].map(str::to_owned).into();
    let (used, left) = explain(&rules, "GET /", &aspects("42P01"), &aspects("PGRST205"), &parts);
    assert_eq!((used, left), (vec![0], BTreeSet::from(["status".to_owned()])));
    let (used, left) = explain(&rules, "GET /", &aspects("42P01"), &aspects("42501"), &parts);
    assert_eq!((used, left), (vec![], parts));
}
