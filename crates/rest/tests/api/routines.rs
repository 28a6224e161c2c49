//! Functions in PL/pgSQL behind the API, and what else of a database decides an answer: names, triggers of views, settings.

use crate::app::{Answer, App, Who};
use serde_json::{Value, json};

crate::on_each_engine!(
    request_is_checked_first,
    values_of_blocks,
    errors_of_blocks,
    rows_of_blocks,
    changes_of_blocks,
    computed_from_a_call,
    names_by_case,
    views_with_triggers,
    settings_that_cannot_be,
);

/// The database with what these tests call.
async fn prepared(app: App) -> App {
    for text in include_str!("routines.sql").split(";\n").fold(Vec::new(), whole_statements) {
        app.execute(&text).await;
    }
    app.with(|settings| settings.pre_request = Some(("public".to_owned(), "check_request".to_owned())))
}

/// Pieces between semicolons, put together again where a body is between `$$`.
fn whole_statements(mut done: Vec<String>, piece: &str) -> Vec<String> {
    match done.last_mut() {
        Some(open) if open.matches("$$").count() % 2 == 1 => {
            open.push_str(";\n");
            open.push_str(piece);
        }
        _ => done.push(piece.to_owned()),
    }
    done
}

async fn get(app: &App, target: &str, wish: &str) -> Answer {
    app.send(Who::Ann, "GET", target, &[("x-wish", wish)], "").await
}

async fn post(app: &App, target: &str, body: Value) -> Answer {
    let headers = [("content-type", "application/json"), ("prefer", "return=representation")];
    app.send(Who::Nobody, "POST", target, &headers, &body.to_string()).await
}

fn error(answer: &Answer) -> (u16, Value) {
    (answer.status, answer.json())
}

async fn request_is_checked_first(app: App) {
    let app = prepared(app).await;
    assert_eq!(get(&app, "/rpc/who_asks", "").await.json(), json!("authenticated"));
    assert_eq!(get(&app, "/rpc/who_asks", "reader").await.json(), json!("note_reader"));
    assert_eq!(get(&app, "/posts?select=id&id=eq.1", "reader").await.json(), json!([{"id": 1}]));
    let labels = get(&app, "/labels", "reader").await;
    assert_eq!((labels.status, labels.code().as_str()), (403, "42501"));
    let headers = [("x-wish", "reader")];
    let change = app.send(Who::Ann, "PATCH", "/posts?id=eq.1", &headers, r#"{"title": "taken"}"#).await;
    assert_eq!((change.status, change.code().as_str()), (403, "42501"), "{change:?}");
    let closed = get(&app, "/posts", "closed").await;
    assert_eq!(closed.status, 451);
    let expected = json!({"code": "PT451", "message": "Account of ann is closed", "details": null, "hint": "Write to us"});
    assert_eq!(closed.json(), expected);
    let closed = app.send(Who::Ann, "DELETE", "/posts", &[("x-wish", "closed")], "").await;
    assert_eq!((closed.status, closed.code().as_str()), (451, "PT451"));
    assert_eq!(app.rows("select count(*) from public.posts").await, 3);
    let later = get(&app, "/posts?select=id&limit=1", "later").await;
    assert_eq!((later.status, later.header("x-later")), (200, "yes"));
}

async fn values_of_blocks(app: App) {
    let app = prepared(app).await;
    assert_eq!(app.get("/rpc/rank?points=11").await.json(), json!("high"));
    assert_eq!(app.get("/rpc/rank?points=2").await.json(), json!("place 2"));
    assert_eq!(app.get("/rpc/rank?points=9").await.json(), Value::Null);
    assert_eq!(post(&app, "/rpc/rank", json!({"points": 3})).await.json(), json!("place 3"));
    let wrong = app.get("/rpc/rank?points=x").await;
    assert_eq!((wrong.status, wrong.code().as_str()), (400, "22P02"));
    let head = app.send(Who::Nobody, "HEAD", "/rpc/rank?points=2", &[], "").await;
    assert_eq!((head.status, head.text.as_str()), (200, ""));
}

async fn errors_of_blocks(app: App) {
    let app = prepared(app).await;
    let expected = json!({"code": "PT402", "message": "Payment Required", "details": "Quota exceeded", "hint": "Upgrade your plan"});
    assert_eq!(error(&app.get("/rpc/quota").await), (402, expected.clone()));
    assert_eq!(error(&post(&app, "/rpc/quota", json!({})).await), (402, expected));
    let refused = post(&app, "/rpc/refuse", json!({"why": "100% wrong"})).await;
    let expected =
        json!({"code": "23514", "message": "100% wrong", "details": "Nothing was done.", "hint": null});
    assert_eq!(error(&refused), (400, expected));
}

async fn rows_of_blocks(app: App) {
    let app = prepared(app).await;
    let found =
        app.get("/rpc/posts_matching?word=ir&select=id,comments(id)&order=id.desc&comments.order=id").await;
    assert_eq!(
        found.json(),
        json!([{"id": 3, "comments": [{"id": 3}]}, {"id": 1, "comments": [{"id": 1}, {"id": 2}]}])
    );
    let loud = app.get("/rpc/posts_matching?word=ir&select=loud&id=eq.1").await;
    assert_eq!(loud.json(), json!([{"loud": "FIRST"}]));
    assert_eq!(app.get("/rpc/posts_matching?word=").await.json(), json!([]));
    let exact = [("prefer", "count=exact")];
    let part = app.send(Who::Nobody, "GET", "/rpc/tally?upto=5&limit=2&offset=1", &exact, "").await;
    assert_eq!((part.status, part.header("content-range")), (206, "1-2/5"));
    assert_eq!(part.json(), json!([{"number": 2, "square": 4}, {"number": 3, "square": 9}]));
    let filtered = post(&app, "/rpc/tally?square=gt.10&select=number", json!({"upto": 5})).await;
    assert_eq!(filtered.json(), json!([{"number": 4}, {"number": 5}]));
}

async fn changes_of_blocks(app: App) {
    let app = prepared(app).await;
    assert_eq!(post(&app, "/rpc/put_label", json!({"id": 5, "name": "five"})).await.json(), json!(3));
    assert_eq!(post(&app, "/rpc/put_label", json!({"id": 5, "name": "again"})).await.json(), json!(-1));
    let read_only = app.get("/rpc/put_label?id=6&name=six").await;
    assert_eq!((read_only.status, read_only.code().as_str()), (405, "25006"), "{read_only:?}");
    let stable = post(&app, "/rpc/put_label_stable", json!({"id": 6})).await;
    assert_eq!(stable.code(), "0A000");
    assert_eq!(stable.json()["message"], "INSERT is not allowed in a non-volatile function");
    let labels = app.get("/labels?select=name&order=id").await;
    assert_eq!(labels.json(), json!([{"name": "red"}, {"name": "blue"}, {"name": "five"}]));
}

async fn computed_from_a_call(app: App) {
    let app = prepared(app).await;
    let loud = app.get("/rpc/posts_of?author=1&select=id,loud&order=id").await;
    assert_eq!(loud.json(), json!([{"id": 1, "loud": "FIRST"}, {"id": 2, "loud": "SECOND"}]));
    let all = async |target: &str| app.send(Who::Service, "GET", target, &[], "").await;
    let newest = all("/rpc/everybody?select=name,newest(id)&order=id&limit=2").await;
    let expected = json!([{"name": "Ann", "newest": {"id": 2}}, {"name": "Bob", "newest": {"id": 3}}]);
    assert_eq!(newest.json(), expected, "{newest:?}");
    let nested = all("/users?select=name,newest(loud)&id=eq.2").await;
    assert_eq!(nested.json(), json!([{"name": "Bob", "newest": {"loud": "THIRD, \"QUOTED\""}}]));
    let by_value = app.get("/posts?select=id&loud=eq.SECOND").await;
    assert_eq!(by_value.json(), json!([{"id": 2}]));
    let added = post(&app, "/rpc/add_label?select=name", json!({"label": "green"})).await;
    assert_eq!(added.json(), json!([{"name": "green"}]), "{added:?}");
    assert_eq!(app.get("/rpc/same_name?a=x&b=1").await.json(), json!([{"a": "x", "b": 1}]));
}

async fn names_by_case(app: App) {
    let app = prepared(app).await;
    assert_eq!(app.get("/Posts").await.json(), json!([{"id": 7, "Title": "capital"}]));
    assert_eq!(app.get("/posts?select=title&id=eq.1").await.json(), json!([{"title": "First"}]));
    let row = json!({"id": 8, "Title": "more"});
    assert_eq!(post(&app, "/Posts", row.clone()).await.json(), json!([row]));
    assert_eq!(app.rows("select count(*) from public.posts").await, 3);
    assert_eq!(app.get("/POSTS").await.code(), "PGRST205");
}

async fn views_with_triggers(app: App) {
    let app = prepared(app).await;
    let options = app.send(Who::Nobody, "OPTIONS", "/desk", &[], "").await;
    assert_eq!(options.header("allow"), "OPTIONS,GET,HEAD,POST");
    let made = post(&app, "/desk", json!({"id": 4, "name": "four"})).await;
    assert_eq!((made.status, made.json()), (201, json!([{"id": 4, "name": "four"}])));
    assert_eq!(app.rows("select count(*) from public.labels where id = 4").await, 1);
    let change = app.send(Who::Nobody, "PATCH", "/desk?id=eq.1", &[], r#"{"name": "x"}"#).await;
    assert_eq!(change.code(), "55000", "{change:?}");
}

async fn settings_that_cannot_be(app: App) {
    let app = prepared(app).await;
    let endless = app.get("/endless").await;
    assert_eq!((endless.status, endless.code().as_str()), (500, "42P17"));
    assert_eq!(endless.json()["message"], "infinite recursion detected in rules for relation \"endless\"");
    let zone = |name: &'static str| {
        let app = &app;
        async move {
            let prefer = format!("handling=strict, timezone={name}");
            app.send(
                Who::Nobody,
                "GET",
                "/posts?select=created_at&id=eq.1",
                &[("prefer", prefer.as_str())],
                "",
            )
            .await
        }
    };
    let seconds = zone("05:30:15").await;
    let expected = json!({
        "code": "22023",
        "message": "time zone \"05:30:15\" appears to use leap seconds",
        "details": "PostgreSQL does not support leap seconds.",
        "hint": null,
    });
    assert_eq!(error(&seconds), (400, expected));
    let west = zone("America/Los_Angeles").await;
    assert_eq!(west.json(), json!([{"created_at": "2024-01-01T19:04:05-08:00"}]));
}
