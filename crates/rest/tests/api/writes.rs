//! Writes.

use crate::app::{Answer, App, Who};
use serde_json::json;

crate::on_each_engine!(inserts, upserts, updates_and_deletes, mistakes);

async fn send(app: &App, method: &str, target: &str, prefer: &str, body: &str) -> Answer {
    let headers = [("content-type", "application/json"), ("prefer", prefer)];
    app.send(Who::Service, method, target, &headers, body).await
}

const FULL: &str = "return=representation";

async fn inserts(app: App) {
    let minimal = send(&app, "POST", "/labels", "", r#"{"id":10,"name":"green"}"#).await;
    assert_eq!((minimal.status, minimal.text.as_str(), minimal.header("content-range")), (201, "", "*/*"));
    let full =
        send(&app, "POST", "/labels?select=name", FULL, r#"[{"id":11,"name":"x"},{"id":12,"name":"y"}]"#)
            .await;
    assert_eq!((full.status, full.json()), (201, json!([{"name":"x"},{"name":"y"}])));
    let embedded = send(
        &app,
        "POST",
        "/posts?select=id,author:users!author_id(name),score",
        FULL,
        r#"{"id":10,"author_id":2,"title":"New"}"#,
    )
    .await;
    assert_eq!(
        (embedded.status, embedded.json()),
        (201, json!([{"id":10,"author":{"name":"Bob"},"score":1.50}]))
    );
    let values = send(
        &app,
        "POST",
        "/users?select=settings,tags,email",
        FULL,
        r#"{"id":10,"name":"Di","settings":{"a":[1,{"b":null}]},"tags":["x,y","\"q\""],"email":null}"#,
    )
    .await;
    assert_eq!(values.json(), json!([{"settings":{"a":[1,{"b":null}]},"tags":["x,y","\"q\""],"email":null}]));
    let location = send(&app, "POST", "/labels", "return=headers-only", r#"{"id":13,"name":"z"}"#).await;
    assert_eq!((location.status, location.header("location")), (201, "/labels?id=eq.13"));
    let columns = send(
        &app,
        "POST",
        "/posts?columns=id,author_id,title,score&select=score",
        "return=representation, missing=default",
        r#"[{"id":20,"author_id":1,"title":"a","ignored":1},{"id":21,"author_id":1,"title":"b","score":9}]"#,
    )
    .await;
    assert_eq!(columns.json(), json!([{"score":1.50},{"score":9.00}]));
    let csv = app
        .send(
            Who::Service,
            "POST",
            "/labels?select=id,name",
            &[("content-type", "text/csv"), ("prefer", FULL)],
            "id,name\n30,\"a,b\"\n31,c\n",
        )
        .await;
    assert_eq!(csv.json(), json!([{"id":30,"name":"a,b"},{"id":31,"name":"c"}]));
    let none = send(&app, "POST", "/labels", FULL, "[]").await;
    assert_eq!((none.status, none.json()), (201, json!([])));
    let large: Vec<_> = (0..20_000).map(|n| json!({"id": 100_000 + n, "name": "bulk"})).collect();
    let bulk = send(&app, "POST", "/labels", "count=exact", &json!(large).to_string()).await;
    assert_eq!((bulk.status, bulk.header("content-range")), (201, "*/20000"), "{}", bulk.text);
    assert_eq!(app.rows("select count(*) from public.labels where name = 'bulk'").await, 20_000);
}

async fn upserts(app: App) {
    let merge = "resolution=merge-duplicates,return=representation";
    let both =
        send(&app, "POST", "/labels?order=id", merge, r#"[{"id":1,"name":"crimson"},{"id":9,"name":"new"}]"#)
            .await;
    assert_eq!((both.status, both.json()), (201, json!([{"id":1,"name":"crimson"},{"id":9,"name":"new"}])));
    assert_eq!(both.header("preference-applied"), "resolution=merge-duplicates, return=representation");
    let old = send(&app, "POST", "/labels", merge, r#"{"id":1,"name":"red"}"#).await;
    assert_eq!(old.status, 200);
    let ignore = send(
        &app,
        "POST",
        "/labels",
        "resolution=ignore-duplicates,return=representation",
        r#"[{"id":1,"name":"x"},{"id":8,"name":"y"}]"#,
    )
    .await;
    assert_eq!((ignore.status, ignore.json()), (201, json!([{"id":8,"name":"y"}])));
    let on = send(
        &app,
        "POST",
        "/users?on_conflict=email&select=id,name",
        merge,
        r#"{"id":1,"email":"ann@example.com","name":"Anne"}"#,
    )
    .await;
    assert_eq!((on.status, on.json()), (200, json!([{"id":1,"name":"Anne"}])));
    let put = send(&app, "PUT", "/labels?id=eq.2", FULL, r#"{"id":2,"name":"navy"}"#).await;
    assert_eq!((put.status, put.json()), (200, json!([{"id":2,"name":"navy"}])));
    let new = send(&app, "PUT", "/labels?id=eq.7", FULL, r#"{"id":7,"name":"seven"}"#).await;
    assert_eq!(new.status, 201);
    let other = send(&app, "PUT", "/labels?id=eq.7", FULL, r#"{"id":6,"name":"six"}"#).await;
    assert_eq!((other.status, other.code().as_str()), (400, "PGRST115"));
    let filter = send(&app, "PUT", "/labels?name=eq.7", FULL, r#"{"id":6,"name":"six"}"#).await;
    assert_eq!((filter.status, filter.code().as_str()), (405, "PGRST105"));
    assert_eq!(app.rows("select count(*) from public.labels where id = 6").await, 0);
}

async fn updates_and_deletes(app: App) {
    let full =
        send(&app, "PATCH", "/posts?author_id=eq.1&select=id,title&order=id", FULL, r#"{"title":"T"}"#).await;
    assert_eq!((full.status, full.json()), (200, json!([{"id":1,"title":"T"},{"id":2,"title":"T"}])));
    let minimal = send(&app, "PATCH", "/posts?id=eq.3", "count=exact", r#"{"title":"U"}"#).await;
    assert_eq!((minimal.status, minimal.header("content-range")), (204, "0-0/1"));
    let nothing = send(&app, "PATCH", "/posts?id=eq.3", FULL, "{}").await;
    assert_eq!((nothing.status, nothing.json()), (200, json!([])));
    let headers = [("content-type", "application/json"), ("prefer", "max-affected=1, handling=strict")];
    let limited = app.send(Who::Service, "PATCH", "/posts", &headers, r#"{"title":"V"}"#).await;
    assert_eq!((limited.status, limited.code().as_str()), (400, "PGRST124"));
    let single = [("content-type", "application/json"), ("accept", "application/vnd.pgrst.object+json")];
    let many = app.send(Who::Service, "PATCH", "/posts", &single, r#"{"title":"V"}"#).await;
    assert_eq!((many.status, many.code().as_str()), (406, "PGRST116"));
    assert_eq!(app.rows("select count(*) from public.posts where title = 'V'").await, 0);
    let gone = send(&app, "DELETE", "/comments?id=in.(2,3)&select=id&order=id", FULL, "").await;
    assert_eq!((gone.status, gone.json()), (200, json!([{"id":2},{"id":3}])));
    let quiet = send(&app, "DELETE", "/comments?id=eq.1", "count=exact", "").await;
    assert_eq!((quiet.status, quiet.header("content-range"), quiet.text.as_str()), (204, "*/1", ""));
}

async fn mistakes(app: App) {
    let code = async |method: &str, target: &str, body: &str| {
        let answer = send(&app, method, target, "", body).await;
        (answer.status, answer.code())
    };
    let is = |status: u16, code: &str| (status, code.to_owned());
    assert_eq!(code("POST", "/labels", r#"{"id":1,"name":"again"}"#).await, is(409, "23505"));
    assert_eq!(code("POST", "/posts", r#"{"id":50,"author_id":99,"title":"x"}"#).await, is(409, "23503"));
    assert_eq!(code("POST", "/posts", r#"{"id":50,"author_id":1}"#).await, is(400, "23502"));
    assert_eq!(code("POST", "/labels", r#"{"id":1,"colour":"x"}"#).await, is(400, "PGRST204"));
    assert_eq!(code("POST", "/labels", r#"[{"id":1},{"name":"x"}]"#).await, is(400, "PGRST102"));
    assert_eq!(code("POST", "/labels", "{").await, is(400, "PGRST102"));
    assert_eq!(code("POST", "/labels", r#"{"id":"x","name":"y"}"#).await, is(400, "22P02"));
    assert_eq!(code("TRACE", "/labels", "").await, is(405, "PGRST117"));
    let duplicate = send(&app, "POST", "/labels", "", r#"{"id":1,"name":"again"}"#).await;
    assert_eq!(duplicate.json()["details"], "Key (id)=(1) already exists.");
}
