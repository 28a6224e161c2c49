use super::*;

fn asked(several_culprits: bool) -> Asked {
    let way = crate::asked::Way::Sql(String::new());
    Asked { user: 0, way, ordered: false, several_culprits, writes: false }
}

fn error(code: &str, message: &str) -> Answer {
    Answer::Error { code: code.to_owned(), message: message.to_owned(), rest: Vec::new(), internal: None }
}

fn verdict(several: bool, one: &str, other: &str) -> Verdict {
    compare(&asked(several), &error("22023", one), &error("22023", other))
}

#[test]
fn which_of_several_rows_was_met_first_is_not_compared() {
    let equal = Verdict::Equal { error: Some("22023".to_owned()) };
    let [one, other] = ["cannot cast jsonb object to type integer", "cannot cast jsonb null to type integer"];
    assert_eq!(verdict(true, one, other), equal);
    assert_eq!(
        verdict(
            true,
            "cannot cast jsonb array or object to type date",
            "cannot cast jsonb null to type date"
        ),
        equal
    );
    // Only where several rows may be the first.
    assert_eq!(verdict(false, one, other), Verdict::Different);
    assert_eq!(verdict(false, one, one), equal);
}

#[test]
fn the_rest_of_a_message_is_compared() {
    for (one, other) in [
        ("cannot cast jsonb object to type integer", "cannot cast jsonb object to type bigint"),
        ("cannot cast jsonb object to type integer", "cannot cast jsonb widget to type integer"),
        ("cannot cast jsonb object to type integer", "cannot cast json object to type integer"),
        ("cannot call jsonb object", "cannot call jsonb string"),
    ] {
        assert_eq!(verdict(true, one, other), Verdict::Different, "{one} / {other}");
    }
    let other_code = compare(
        &asked(true),
        &error("22023", "cannot cast jsonb null to type integer"),
        &error("22P02", "cannot cast jsonb null to type integer"),
    );
    assert_eq!(other_code, Verdict::Different);
}
