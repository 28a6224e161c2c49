//! Batches.

use crate::app::{Answer, App, Who};
use serde_json::{Value, json};

crate::on_each_engine!(all, none, references, the_same_way, keys_and_conditions, mistakes);

async fn send(app: &App, who: Who, headers: &[(&str, &str)], body: &Value) -> Answer {
    let headers: Vec<_> = headers.iter().copied().chain([("content-type", "application/json")]).collect();
    app.send(who, "POST", "/batch/v1", &headers, &body.to_string()).await
}

async fn batch(app: &App, requests: &Value) -> Answer {
    send(app, Who::Service, &[], &json!({ "requests": requests })).await
}

fn full(method: &str, path: &str, body: &Value) -> Value {
    json!({"method": method, "path": path, "headers": {"Prefer": "return=representation"}, "body": body})
}

async fn all(app: App) {
    let answer = batch(
        &app,
        &json!([
            full("POST", "/rest/v1/labels", &json!({"id": 20, "name": "a"})),
            {"method": "PATCH", "path": "/rest/v1/labels?id=eq.20", "body": {"name": "b"}},
            {"method": "GET", "path": "/rest/v1/labels?id=eq.20&select=name", "headers": {"accept": "text/csv"}},
            {"method": "GET", "path": "/rest/v1/rpc/add_them?a=4"},
            {"method": "POST", "path": "/rest/v1/rpc/add_them", "body": {"a": 1, "b": 2}},
            {"method": "DELETE", "path": "/rest/v1/labels?name=eq.b"},
            {"method": "HEAD", "path": "/rest/v1/labels?id=eq.20", "headers": {"prefer": "count=exact"}},
            {"method": "GET", "path": "/rest/v1/labels?id=eq.20", "headers": {"prefer": "count=planned"}},
        ]),
    )
    .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let results = answer.json()["results"].clone();
    let statuses: Vec<_> =
        results.as_array().expect("results").iter().map(|one| one["status"].clone()).collect();
    assert_eq!(json!(statuses[..7]), json!([201, 204, 200, 200, 200, 204, 200]));
    // What the planner thinks of no rows.
    assert!(statuses[7] == 200 || statuses[7] == 206, "{}", statuses[7]);
    assert_eq!(results[0]["body"], json!([{"id": 20, "name": "a"}]));
    assert_eq!(results[0]["headers"]["preference-applied"], "return=representation");
    assert_eq!(results[1]["body"], Value::Null);
    assert_eq!(results[2]["body"], "name\nb");
    assert_eq!((&results[3]["body"], &results[4]["body"]), (&json!(5), &json!(3)));
    assert_eq!(results[6]["headers"]["content-range"], "*/0");
}

async fn none(app: App) {
    let answer = batch(
        &app,
        &json!([
            {"method": "POST", "path": "/rest/v1/labels", "body": {"id": 21, "name": "a"}},
            {"method": "POST", "path": "/rest/v1/labels", "body": {"id": 1, "name": "b"}},
            {"method": "POST", "path": "/rest/v1/labels", "body": {"id": 22, "name": "c"}},
        ]),
    )
    .await;
    assert_eq!(answer.status, 409);
    let told = answer.json();
    assert_eq!((&told["failed"], &told["result"]["status"]), (&json!(1), &json!(409)));
    assert_eq!(told["result"]["body"]["code"], "23505");
    // A refusal before any statement, and one that only a later request meets.
    for (request, status) in [
        (json!({"method": "GET", "path": "/rest/v1/nothing"}), 404),
        (
            json!({"method": "GET", "path": "/rest/v1/labels", "headers": {"accept": "application/vnd.pgrst.object+json"}}),
            406,
        ),
        (json!({"method": "GET", "path": "/rest/v1/labels?name=eq.${/0/body/0/zzz}"}), 400),
        (json!({"method": "POST", "path": "/rest/v1/labels", "body": {"colour": 1}}), 400),
    ] {
        let first = json!({"method": "POST", "path": "/rest/v1/labels", "body": {"id": 21, "name": "a"}});
        let answer = batch(&app, &json!([first, request])).await;
        assert_eq!((answer.status, &answer.json()["failed"]), (status, &json!(1)), "{}", answer.text);
    }
    assert_eq!(app.rows("select count(*) from public.labels where id in (21, 22)").await, 0);
}

async fn references(app: App) {
    let answer = batch(
        &app,
        &json!([
            full("POST", "/rest/v1/users", &json!({"id": 30, "name": "x,)\"&=eq.", "settings": {"a": 1.50}})),
            full("POST", "/rest/v1/posts?select=author_id,title", &json!([
                {"id": 30, "author_id": {"$result": "/0/body/0/id"}, "title": {"$result": "/0/body/0/name"}},
                {"id": 31, "author_id": {"$result": "/0/body/0/id"}, "title": "b"},
            ])),
            {"method": "GET", "path": "/rest/v1/users?name=eq.${/0/body/0/name}&select=id"},
            {"method": "GET", "path": "/rest/v1/posts?or=(title.eq.${/1/body/0/title},id.in.(31,${/1/status}))&select=id&order=id"},
            full("PATCH", "/rest/v1/users?id=eq.${/0/body/0/id}&select=settings", &json!({"settings": {"$result": "/0/body/0/settings"}})),
            {"method": "GET", "path": "/rest/v1/rpc/add_them?a=${/0/body/0/id}"},
        ]),
    )
    .await;
    assert_eq!(answer.status, 200, "{}", answer.text);
    let results = answer.json()["results"].clone();
    let posts = json!([{"author_id": 30, "title": "x,)\"&=eq."}, {"author_id": 30, "title": "b"}]);
    assert_eq!(results[1]["body"], posts);
    assert_eq!(results[2]["body"], json!([{"id": 30}]));
    assert_eq!(results[3]["body"], json!([{"id": 30}, {"id": 31}]));
    assert_eq!(results[5]["body"], json!(31));
    // Attack 33: what comes out of the database is a value and never a name or a piece of a filter.
    for path in [
        "/rest/v1/${/0/body/0/name}",
        "/rest/v1/posts?select=${/0/body/0/name}",
        "/rest/v1/posts?${/0/body/0/name}=eq.1",
        "/rest/v1/posts?order=${/0/body/0/name}",
        "/rest/v1/posts?or=(${/0/body/0/name})",
        "/rest/v1/posts?id=${/0/body/0/name}",
        "/rest/v1/posts?title=like(any).{${/0/body/0/name}}",
    ] {
        let first = json!({"method": "GET", "path": "/rest/v1/users?id=eq.30"});
        let answer = batch(&app, &json!([first, {"method": "GET", "path": path}])).await;
        assert_eq!((answer.status, &answer.json()["failed"]), (400, &json!(1)), "{path}: {}", answer.text);
    }
}

/// Attacks 24 and 30: a batch is no other door.
async fn the_same_way(app: App) {
    let requests = json!([{"method": "POST", "path": "/rest/v1/notes", "body": {"id": 60, "owner": "bob", "body": "x"}}]);
    let answer = send(&app, Who::Ann, &[], &json!({ "requests": requests })).await;
    assert_eq!((answer.status, &answer.json()["result"]["body"]["code"]), (403, &json!("42501")));
    let mine = json!([
        full("POST", "/rest/v1/notes", &json!({"id": 60, "owner": "ann", "body": "x"})),
        {"method": "GET", "path": "/rest/v1/notes?select=id&order=id"},
    ]);
    let answer = send(&app, Who::Ann, &[], &json!({ "requests": mine })).await;
    assert_eq!(answer.json()["results"][1]["body"], json!([{"id": 1}, {"id": 3}, {"id": 60}]));
    let hidden = json!([{"method": "GET", "path": "/rest/v1/users?select=email"}]);
    let answer = send(&app, Who::Nobody, &[], &json!({ "requests": hidden })).await;
    assert_eq!((answer.status, &answer.json()["result"]["body"]["code"]), (401, &json!("42501")));
    for path in ["/rest/v1/forgotten", "/rest/v1/idempotency", "/rest/v1/bedplate.idempotency"] {
        let answer = send(&app, Who::Ann, &[], &json!({"requests": [{"method": "GET", "path": path}]})).await;
        assert_eq!(answer.status, 404, "{path}");
    }
    // What reads cannot write, and what comes behind it can.
    let mixed = json!([
        {"method": "GET", "path": "/rest/v1/rpc/add_them?a=1"},
        {"method": "POST", "path": "/rest/v1/labels", "body": {"id": 61, "name": "x"}},
        {"method": "GET", "path": "/rest/v1/rpc/leave_a_trace"},
    ]);
    let answer = batch(&app, &mixed).await;
    assert_eq!((answer.status, &answer.json()["failed"]), (405, &json!(2)), "{}", answer.text);
    // What one request sets is not there for the next.
    let answer = batch(
        &app,
        &json!([
            {"method": "POST", "path": "/rest/v1/rpc/say_status", "body": {}},
            {"method": "GET", "path": "/rest/v1/labels?id=eq.1"},
        ]),
    )
    .await;
    let statuses =
        [&answer.json()["results"][0]["status"], &answer.json()["results"][1]["status"]].map(Value::clone);
    assert_eq!(statuses, [json!(202), json!(200)], "{}", answer.text);
    // A header that others trust cannot be given within.
    for name in ["x-forwarded-for", "authorization", "apikey", "cookie", "idempotency-key", "host"] {
        let request = json!({"method": "GET", "path": "/rest/v1/labels", "headers": {name: "x"}});
        let answer = batch(&app, &json!([request])).await;
        assert_eq!(
            (answer.status, &answer.json()["result"]["body"]["code"]),
            (400, &json!("BDP121")),
            "{name}"
        );
    }
}

async fn keys_and_conditions(app: App) {
    let requests = json!({"requests": [full("POST", "/rest/v1/labels", &json!({"id": 25, "name": "a"}))]});
    let key = [("idempotency-key", "\"batch\"")];
    let first = send(&app, Who::Service, &key, &requests).await;
    let again = send(&app, Who::Service, &key, &requests).await;
    assert_eq!((first.status, again.status, &first.text), (200, 200, &again.text));
    assert_eq!(again.header("idempotent-replayed"), "true");
    let tag = app.send(Who::Service, "GET", "/labels?id=eq.25", &[], "").await.header("etag").to_owned();
    let change = |name: &str| json!({"method": "PATCH", "path": "/rest/v1/labels?id=eq.25", "headers": {"if-match": tag}, "body": {"name": name}});
    let stale = batch(&app, &json!([change("b"), change("c")])).await;
    assert_eq!((stale.status, &stale.json()["failed"]), (412, &json!(1)));
    assert_eq!(app.rows("select count(*) from public.labels where id = 25 and name = 'a'").await, 1);
    assert_eq!(batch(&app, &json!([change("b")])).await.status, 200);
}

async fn mistakes(app: App) {
    for body in [
        json!([]),
        json!({}),
        json!({"requests": []}),
        json!({"requests": [{"method": "GET"}]}),
        json!({"requests": [{"method": "GET", "path": "/rest/v1/labels", "role": "service_role"}]}),
        json!({"requests": "x"}),
    ] {
        let answer = send(&app, Who::Service, &[], &body).await;
        assert_eq!((answer.status, answer.code().as_str()), (400, "BDP120"), "{body}");
    }
    for (request, status) in [
        (json!({"method": "get", "path": "/rest/v1/labels"}), 405),
        (json!({"method": "OPTIONS", "path": "/rest/v1/labels"}), 405),
        (json!({"method": "GET", "path": "/rest/v1/"}), 400),
        (json!({"method": "GET", "path": "/auth/v1/user"}), 400),
        (json!({"method": "GET", "path": "/rest/v1/../auth"}), 404),
        (json!({"method": "GET", "path": "https://example.com/rest/v1/labels"}), 400),
        (
            json!({"method": "POST", "path": "/rest/v1/labels", "headers": {"prefer": "tx=commit"}, "body": {}}),
            400,
        ),
        (
            json!({"method": "POST", "path": "/rest/v1/labels", "headers": {"content-type": "text/csv"}, "body": {}}),
            400,
        ),
    ] {
        let answer = batch(&app, &json!([request])).await;
        assert_eq!(
            (answer.status, &answer.json()["failed"]),
            (status, &json!(0)),
            "{request}: {}",
            answer.text
        );
    }
    let many: Vec<_> = (0..101).map(|_| json!({"method": "GET", "path": "/rest/v1/labels"})).collect();
    assert_eq!(batch(&app, &json!(many)).await.status, 413);
    assert_eq!(app.send(Who::Service, "GET", "/batch/v1", &[], "").await.status, 405);
}
