//! Rows inserted with the rows of related relations.

use crate::app::{Answer, App, Who};
use serde_json::{Value, json};

crate::on_each_engine!(to_many_and_to_one, answers, rules, mistakes);

async fn send(app: &App, who: Who, target: &str, prefer: &str, body: &Value) -> Answer {
    let headers = [("content-type", "application/json"), ("prefer", prefer)];
    app.send(who, "POST", target, &headers, &body.to_string()).await
}

const FULL: &str = "insert=nested, return=representation";

async fn to_many_and_to_one(app: App) {
    let body = json!([
        {"id": 40, "title": "a", "users!author_id": {"id": 40, "name": "New"}, "comments": [
            {"id": 40, "body": "x", "comments": [{"id": 42, "post_id": 1, "body": "z"}]},
            {"id": 41, "body": "y"},
        ]},
        {"id": 41, "title": "b", "author_id": 1, "comments": [], "posts_labels": [
            {"labels": {"id": 44, "name": "fresh"}},
            {"label_id": 1},
        ]},
    ]);
    let target =
        "/posts?select=id,users!author_id(name),comments(id,comments(id)),labels(name)&comments.order=id";
    let answer = send(&app, Who::Service, target, FULL, &body).await;
    assert_eq!(answer.status, 201, "{}", answer.text);
    assert_eq!(
        answer.json(),
        json!([
            {"id": 40, "users": {"name": "New"}, "comments": [{"id": 40, "comments": [{"id": 42}]}, {"id": 41, "comments": []}], "labels": []},
            {"id": 41, "users": {"name": "Ann"}, "comments": [], "labels": answer.json()[1]["labels"]},
        ])
    );
    assert_eq!(answer.json()[1]["labels"].as_array().map(Vec::len), Some(2));
    assert_eq!(app.rows("select count(*) from public.comments where post_id = 40").await, 2);
    // One that cannot be inserted takes all with it.
    let body = json!({"id": 45, "author_id": 1, "title": "c", "comments": [{"id": 50, "body": "x"}, {"id": 1, "body": "y"}]});
    let answer = send(&app, Who::Service, "/posts", "insert=nested", &body).await;
    assert_eq!((answer.status, answer.code().as_str()), (409, "23505"));
    assert_eq!(app.rows("select count(*) from public.posts where id = 45").await, 0);
    assert_eq!(app.rows("select count(*) from public.comments where id = 50").await, 0);
}

async fn answers(app: App) {
    let row =
        |id: i64| json!({"id": id, "author_id": 1, "title": "t", "comments": [{"id": id, "body": "x"}]});
    let minimal = send(&app, Who::Service, "/posts", "insert=nested, count=exact", &row(50)).await;
    assert_eq!((minimal.status, minimal.text.as_str(), minimal.header("content-range")), (201, "", "*/1"));
    assert_eq!(minimal.header("preference-applied"), "count=exact, insert=nested");
    let headers = send(&app, Who::Service, "/posts", "insert=nested, return=headers-only", &row(51)).await;
    assert_eq!((headers.status, headers.header("location")), (201, "/posts?id=eq.51"));
    let accept = [
        ("content-type", "application/json"),
        ("prefer", FULL),
        ("accept", "application/vnd.pgrst.object+json"),
    ];
    let single = app.send(Who::Service, "POST", "/posts?select=id", &accept, &row(52).to_string()).await;
    assert_eq!((single.status, single.json()), (201, json!({"id": 52})));
    let csv = [("content-type", "application/json"), ("prefer", FULL), ("accept", "text/csv")];
    let body = json!([row(53), row(54)]).to_string();
    let lines = app.send(Who::Service, "POST", "/posts?select=id,title", &csv, &body).await;
    assert_eq!((lines.status, lines.text.trim_end()), (201, "id,title\n53,t\n54,t"));
    let none = send(&app, Who::Service, "/posts", FULL, &json!([])).await;
    assert_eq!((none.status, none.text.as_str()), (201, "[]"));
    // Nothing changes for who does not ask.
    let plain = send(&app, Who::Service, "/posts", "return=representation", &row(55)).await;
    assert_eq!((plain.status, plain.code().as_str()), (400, "PGRST204"));
    // In a batch, and under a key.
    let request = json!({"method": "POST", "path": "/rest/v1/posts?select=id", "headers": {"prefer": FULL}, "body": row(56)});
    let key = [("content-type", "application/json"), ("idempotency-key", "nested")];
    let body = json!({"requests": [request]}).to_string();
    let first = app.send(Who::Service, "POST", "/batch/v1", &key, &body).await;
    let again = app.send(Who::Service, "POST", "/batch/v1", &key, &body).await;
    assert_eq!((first.status, &first.text), (200, &again.text));
    assert_eq!(first.json()["results"][0]["body"], json!([{"id": 56}]));
}

/// Privileges, policies and exposure hold for each row.
async fn rules(app: App) {
    let user = |extra: Value| {
        let mut row = json!({"id": 60, "name": "n"});
        row.as_object_mut().expect("an object").extend(extra.as_object().expect("an object").clone());
        json!({"id": 60, "title": "t", "users!author_id": row})
    };
    let refused = send(&app, Who::Nobody, "/posts", "insert=nested", &user(json!({"email": "a@b.c"}))).await;
    assert_eq!((refused.status, refused.code().as_str()), (401, "42501"), "{}", refused.text);
    let allowed = send(&app, Who::Nobody, "/posts", "insert=nested", &user(json!({}))).await;
    assert_eq!(allowed.status, 201, "{}", allowed.text);
    // What is in no door's catalog is not there as a key either.
    let body = json!({"id": 61, "author_id": 1, "title": "t", "forgotten": [{"id": 1}]});
    let hidden = send(&app, Who::Ann, "/posts", "insert=nested", &body).await;
    let absent = json!({"id": 61, "author_id": 1, "title": "t", "nowhere": [{"id": 1}]});
    let absent = send(&app, Who::Ann, "/posts", "insert=nested", &absent).await;
    assert_eq!((hidden.status, hidden.code()), (absent.status, absent.code()));
    assert_eq!(app.rows("select count(*) from public.posts where id = 61").await, 0);
}

async fn mistakes(app: App) {
    let code = async |prefer: &str, target: &str, body: Value| {
        let answer = send(&app, Who::Service, target, prefer, &body).await;
        (answer.status, answer.code())
    };
    let is = |status: u16, code: &str| (status, code.to_owned());
    let nested = "insert=nested";
    let row = |key: &str, value: Value| json!({"id": 70, "author_id": 1, "title": "t", key: value});
    assert_eq!(code(nested, "/posts", row("comments", json!({"id": 1}))).await, is(400, "BDP130"));
    assert_eq!(code(nested, "/posts", row("comments", json!([1]))).await, is(400, "BDP130"));
    assert_eq!(code(nested, "/posts", row("labels", json!([{"id": 1}]))).await, is(400, "BDP130"));
    assert_eq!(code(nested, "/posts", row("users", json!({"id": 1}))).await, is(300, "PGRST201"));
    assert_eq!(
        code(nested, "/posts", row("users!author_id", json!({"id": 71, "name": "x"}))).await,
        is(400, "BDP130")
    );
    assert_eq!(code(nested, "/posts", row("nowhere", json!(1))).await, is(400, "PGRST204"));
    assert_eq!(
        code(nested, "/posts", row("comments", json!([{"id": 70, "post_id": 1, "body": "x"}]))).await,
        is(400, "BDP130")
    );
    assert_eq!(code(nested, "/posts?columns=id", row("score", json!(1))).await, is(400, "BDP130"));
    let merge = "insert=nested, resolution=merge-duplicates";
    assert_eq!(code(merge, "/posts", row("score", json!(1))).await, is(400, "BDP130"));
    assert_eq!(code(nested, "/posts", json!(1)).await, is(400, "PGRST102"));
    let many: Vec<_> = (0..1001).map(|n| json!({"id": 7000 + n, "name": "x"})).collect();
    assert_eq!(code(nested, "/labels", json!(many)).await, is(400, "54001"));
    assert_eq!(app.rows("select count(*) from public.posts where id = 70").await, 0);
}
