//! What only PostgreSQL can do: domains with representations of their own, documents made by aggregates, plans.

use crate::app::{App, Who};
use crate::golden::pinned;
use serde_json::{Value, json};

pub(crate) const SCHEMA: &str = include_str!("schema_postgres.sql");

async fn app() -> App {
    App::postgres_with(SCHEMA, |settings| rest::Settings { plan_enabled: true, ..settings }).await
}

async fn accepting(app: &App, target: &str, accept: &str) -> crate::app::Answer {
    app.send(Who::Nobody, "GET", target, &[("accept", accept)], "").await
}

/// Statements that the common schema has no occasion for.
const REQUESTS: &[(&str, &str, &str, &str, &str)] = &[
    ("GET", "/paints?select=id,color&order=id", "", "*/*", ""),
    ("GET", "/paints?select=*,shops(front)&color=in.(0000FF,00FF00)&color=neq.000001", "", "*/*", ""),
    ("GET", "/paints?color=gt(any).{000000,FFFFFF}", "", "*/*", ""),
    (
        "POST",
        "/paints?select=color",
        "return=representation",
        "*/*",
        r##"{"id":10,"name":"red","color":"#FF0000"}"##,
    ),
    ("POST", "/paints", "resolution=merge-duplicates", "*/*", r##"{"id":1,"name":"red","color":"#FF0000"}"##),
    (
        "PATCH",
        "/paints?id=eq.1&select=id,color,shops(front)",
        "return=representation",
        "*/*",
        r##"{"color":"#010203"}"##,
    ),
    ("GET", "/labels?order=id", "", "application/x-list", ""),
    ("GET", "/labels?select=name&order=id", "", "application/x-count", ""),
    ("DELETE", "/posts_labels?post_id=eq.3", "return=representation", "application/x-count", ""),
    ("GET", "/rpc/page", "", "text/html", ""),
    ("GET", "/rpc/feed", "", "text/xml", ""),
    ("GET", "/users?id=gt.1", "count=planned", "*/*", ""),
    ("GET", "/users?id=gt.1", "count=estimated", "*/*", ""),
    ("GET", "/users", "", "application/vnd.pgrst.plan+json; options=verbose", ""),
];

#[tokio::test]
async fn statements_of_postgres_are_pinned() {
    pinned(&app().await, REQUESTS.iter().copied(), "statements_postgres.sql").await;
}

#[tokio::test]
async fn domains_are_written_and_read_as_they_want() {
    let app = app().await;
    let expected = json!([{"id":1,"name":"blue","color":"#0000FF","shop_id":1}]);
    assert_eq!(app.get("/paints?id=eq.1").await.json(), expected);
    assert_eq!(app.get("/paints?color=eq.0000FF").await.json(), expected);
    assert_eq!(app.get("/paints?color=in.(0000FF,000001)").await.json(), expected);
    assert_eq!(app.get("/paints?color=eq(any).{0000FF,000001}").await.json(), expected);
    assert_eq!(app.get("/paints?select=*&color=not.in.(00FF00)").await.json(), expected);
    assert_eq!(app.get("/paints?select=c:color&id=eq.2").await.json(), json!([{"c":"#00FF00"}]));
    let cast = app.get("/paints?select=color::text&id=eq.2").await.json();
    assert_eq!(cast, json!([{"color":"\"#00FF00\""}]));
    let embedded = app.get("/paints?select=id,shops(front)&shops.front=eq.FF0000&order=id").await.json();
    assert_eq!(embedded, json!([{"id":1,"shops":{"front":"#FF0000"}},{"id":2,"shops":null}]));
    let full = [("prefer", "return=representation"), ("content-type", "application/json")];
    let body = r##"[{"id":3,"color":"#000102","name":"dark"},{"id":4,"color":null,"name":"none"}]"##;
    let inserted = app.send(Who::Service, "POST", "/paints?select=id,color", &full, body).await;
    assert_eq!(
        (inserted.status, inserted.json()),
        (201, json!([{"id":3,"color":"#000102"},{"id":4,"color":null}]))
    );
    let put = app
        .send(Who::Service, "PUT", "/paints?id=eq.3", &full, r##"{"id":3,"name":"x","color":"#FFFFFF"}"##)
        .await;
    assert_eq!(put.json(), json!([{"id":3,"name":"x","color":"#FFFFFF","shop_id":null}]));
    let defaults =
        [("prefer", "return=representation, missing=default"), ("content-type", "application/json")];
    let inserted = app
        .send(
            Who::Service,
            "POST",
            "/paints?columns=id,name,color&select=color",
            &defaults,
            r#"{"id":5,"name":"y"}"#,
        )
        .await;
    assert_eq!(inserted.json(), json!([{"color":"#0000FF"}]));
    let wrong =
        app.send(Who::Service, "POST", "/paints", &full, r#"{"id":6,"name":"y","color":"hue"}"#).await;
    assert_eq!((wrong.status, wrong.code()), (400, "22P02".to_owned()));
    let csv = [("content-type", "text/csv"), ("prefer", "return=representation")];
    let inserted =
        app.send(Who::Service, "POST", "/paints?select=color", &csv, "id,name,color\n7,z,#00000A\n").await;
    assert_eq!(inserted.json(), json!([{"color":"#00000A"}]));
}

#[tokio::test]
async fn aggregates_make_documents() {
    let app = app().await;
    let list = accepting(&app, "/labels?order=id", "application/x-list").await;
    assert_eq!(
        (list.status, list.header("content-type"), &*list.text),
        (200, "application/x-list", "1=red\n2=blue\n")
    );
    // A relation's aggregate takes whole rows only; one for anything takes what is selected.
    let some = accepting(&app, "/labels?select=name", "application/x-list").await;
    assert_eq!((some.status, some.code()), (406, "PGRST107".to_owned()));
    let count = accepting(&app, "/labels?select=name", "application/x-count").await;
    assert_eq!((count.status, &*count.text), (200, "||"));
    let other = accepting(&app, "/posts", "application/x-list").await;
    assert_eq!(other.status, 406);
    let page = accepting(&app, "/rpc/page", "text/html").await;
    assert_eq!((page.header("content-type"), &*page.text), ("text/html", "<p>hello</p>"));
    assert_eq!(accepting(&app, "/rpc/page", "text/csv, text/html;q=0.5").await.status, 200);
    let feed = accepting(&app, "/rpc/feed", "text/xml").await;
    assert_eq!((feed.header("content-type"), &*feed.text), ("text/xml; charset=utf-8", "<feed/>"));
    let called = accepting(&app, "/rpc/posts_of?author=1", "application/x-count").await;
    assert_eq!(&*called.text, "||");
}

#[tokio::test]
async fn plans_and_estimates() {
    let app = app().await;
    let plan =
        accepting(&app, "/posts", "application/vnd.pgrst.plan+json; for=\"text/csv\"; options=verbose").await;
    assert_eq!(
        plan.header("content-type"),
        "application/vnd.pgrst.plan+json; for=\"text/csv\"; options=verbose; charset=utf-8"
    );
    assert!(plan.json()[0]["Plan"]["Total Cost"].is_number());
    let text = accepting(&app, "/labels", "application/vnd.pgrst.plan; for=\"application/x-list\"").await;
    assert!(text.text.starts_with("Aggregate"), "{text:?}");
    app.execute("analyze public.users").await;
    let planned = app.send(Who::Service, "GET", "/users?limit=1", &[("prefer", "count=planned")], "").await;
    assert_eq!((planned.status, planned.header("content-range")), (206, "0-0/3"));
    let estimated =
        app.send(Who::Service, "GET", "/users?limit=1", &[("prefer", "count=estimated")], "").await;
    assert_eq!((estimated.status, estimated.header("content-range")), (206, "0-0/3"));
    let none = App::postgres().await;
    let plan = accepting(&none, "/posts", "application/vnd.pgrst.plan").await;
    assert_eq!((plan.status, plan.code()), (406, "PGRST107".to_owned()));
}

#[tokio::test]
async fn a_function_runs_before_each_request() {
    let check = Some(("public".to_owned(), "check_request".to_owned()));
    let app =
        App::postgres_with(SCHEMA, |settings| rest::Settings { pre_request: check.clone(), ..settings })
            .await;
    for (method, target, body) in [
        ("GET", "/posts", ""),
        ("POST", "/rpc/add_them", r#"{"a":1}"#),
        ("POST", "/labels", r#"{"id":9,"name":"x"}"#),
    ] {
        let answer =
            app.send(Who::Service, method, target, &[("content-type", "application/json")], body).await;
        assert_eq!(answer.header("x-checked"), "yes", "{method} {target}");
        let headers = [("content-type", "application/json"), ("x-forbidden", "1")];
        let answer = app.send(Who::Service, method, target, &headers, body).await;
        assert_eq!(
            (answer.status, &answer.json()["message"]),
            (403, &Value::from("Not so")),
            "{method} {target}"
        );
    }
    assert_eq!(app.rows("select count(*) from public.labels where id = 9").await, 1);
}
