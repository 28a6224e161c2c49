use super::*;
use serde_json::json;

fn found(path: &str) -> Option<Value> {
    let claims = json!({
        "role": "plain",
        "app": {"roles": ["writer", "app_reader", "reader_app", 7], "my-role": "dashed", "a b": {"c": true}},
        "https://example.com/role": "named",
        "none": [],
    });
    ClaimPath::parse(path).expect(path).find(claims.as_object().expect("an object")).cloned()
}

#[test]
fn paths_lead_to_the_first_value() {
    for (path, value) in [
        ("$.role", Some(json!("plain"))),
        ("$.app.roles[0]", Some(json!("writer"))),
        ("$.app.roles[-1]", Some(json!(7))),
        ("$.app.roles[9]", None),
        ("$[\"https://example.com/role\"]", Some(json!("named"))),
        ("$['app']['a b'].c", Some(json!(true))),
        ("$.app[\"my-role\"]", Some(json!("dashed"))),
        ("$.app.roles[?@ == \"app_reader\"]", Some(json!("app_reader"))),
        ("$.app.roles[?(@ != \"writer\")]", Some(json!("app_reader"))),
        ("$.app.roles[?search(@, \"^app_\")]", Some(json!("app_reader"))),
        ("$.app.roles[?search(@, \"_app$\")]", Some(json!("reader_app"))),
        ("$.app.roles[?search(@, \"ead\")]", Some(json!("app_reader"))),
        ("$.app.roles[?search(@, \"^writer$\")]", Some(json!("writer"))),
        ("$.app.roles[*]", Some(json!("writer"))),
        ("$.none[*]", None),
        ("$.role.name", None),
        ("$.app.roles[?@ == \"nobody\"]", None),
    ] {
        assert_eq!(found(path), value, "{path}");
    }
}

/// As PostgREST had it before version 16.
#[test]
fn the_old_form_is_read_too() {
    for (path, value) in [
        (".role", json!("plain")),
        (".app.my-role", json!("dashed")),
        (".\"https://example.com/role\"", json!("named")),
        (".app.roles[1]", json!("app_reader")),
        (".app.roles[?(@ ^== \"reader\")]", json!("reader_app")),
        (".app.roles[?(@ ==^ \"_app\")]", json!("reader_app")),
        (".app.roles[?(@ *== \"_read\")]", json!("app_reader")),
        (".app.roles[?(@ == \"writer\")]", json!("writer")),
    ] {
        assert_eq!(found(path), Some(value), "{path}");
    }
}

#[test]
fn what_is_no_path_is_refused() {
    for path in [
        "",
        "$",
        "role",
        "$.",
        "$.a[",
        "$.a[x]",
        "$.a[?@ = \"x\"]",
        "$.a[?search(@, \"a.c\")]",
        "$.a b",
        "$.a[?@ == \"x]",
    ] {
        assert!(ClaimPath::parse(path).is_err(), "{path}");
    }
}
