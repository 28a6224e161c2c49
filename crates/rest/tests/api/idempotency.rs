//! Idempotency keys.

use crate::app::{Answer, App, Who};
use database::{Session, Statement, Work};
use serde_json::{Value, json};

crate::on_each_engine!(
    one_effect,
    mistakes_leave_nothing,
    hundred_at_once,
    of_one_caller,
    the_table_is_nobody_s,
    bounds
);

const TARGET: &str = "/labels?select=id,name";

async fn send(app: &App, who: Who, key: &str, target: &str, body: &str) -> Answer {
    let headers =
        [("content-type", "application/json"), ("prefer", "return=representation"), ("idempotency-key", key)];
    app.send(who, "POST", target, &headers, body).await
}

async fn one_effect(app: App) {
    let body = r#"{"id":70,"name":"ä"}"#;
    let first = send(&app, Who::Service, "\"k-1\"", TARGET, body).await;
    assert_eq!((first.status, first.json()), (201, json!([{"id":70,"name":"ä"}])));
    assert_eq!(first.header("idempotent-replayed"), "");
    // Without quotes it is the same key.
    let again = send(&app, Who::Service, "k-1", TARGET, body).await;
    assert_eq!((again.status, &again.text), (201, &first.text));
    assert_eq!(again.header("idempotent-replayed"), "true");
    for (name, value) in &first.headers {
        assert_eq!(again.headers.get(name), Some(value), "{name}");
    }
    assert_eq!(app.rows("select count(*) from public.labels where id = 70").await, 1);
    // Another body, target or preference is another request.
    let other = send(&app, Who::Service, "k-1", TARGET, r#"{"id":71,"name":"b"}"#).await;
    assert_eq!((other.status, other.code().as_str()), (422, "BDP101"));
    let other = send(&app, Who::Service, "k-1", "/labels?select=id", body).await;
    assert_eq!((other.status, other.code().as_str()), (422, "BDP101"));
    let headers = [("content-type", "application/json"), ("idempotency-key", "k-1")];
    let other = app.send(Who::Service, "POST", TARGET, &headers, body).await;
    assert_eq!((other.status, other.code().as_str()), (422, "BDP101"));
    // PATCH, DELETE and calls, with and without a body in the answer.
    for (key, method, target, body, status) in [
        ("k-2", "PATCH", "/labels?id=eq.70", r#"{"name":"c"}"#, 204),
        ("k-3", "DELETE", "/labels?id=eq.70", "", 204),
        ("k-4", "POST", "/rpc/add_them", r#"{"a":2}"#, 200),
    ] {
        let headers = [("content-type", "application/json"), ("idempotency-key", key)];
        let first = app.send(Who::Service, method, target, &headers, body).await;
        let again = app.send(Who::Service, method, target, &headers, body).await;
        assert_eq!((first.status, again.status), (status, status), "{}", first.text);
        assert_eq!((first.text, again.header("idempotent-replayed")), (again.text.clone(), "true"));
    }
    // Reading needs no key and keeps nothing.
    let read = app.send(Who::Service, "GET", "/labels?id=eq.1", &[("idempotency-key", "k-1")], "").await;
    assert_eq!((read.status, read.header("idempotent-replayed")), (200, ""));
    assert_eq!(app.rows("select count(*) from bedplate.idempotency").await, 4);
}

async fn mistakes_leave_nothing(app: App) {
    let duplicate = send(&app, Who::Service, "m", TARGET, r#"{"id":1,"name":"x"}"#).await;
    assert_eq!((duplicate.status, duplicate.code().as_str()), (409, "23505"));
    let refused = send(&app, Who::Service, "m", "/nothing", r#"{"id":1,"name":"x"}"#).await;
    assert_eq!(refused.status, 404);
    assert_eq!(app.rows("select count(*) from bedplate.idempotency").await, 0);
    // So the key is free.
    let well = send(&app, Who::Service, "m", TARGET, r#"{"id":80,"name":"x"}"#).await;
    assert_eq!(well.status, 201, "{}", well.text);
    for key in ["", "\"", "\"a", "a\u{e9}"] {
        let wrong = send(&app, Who::Service, key, TARGET, r#"{"id":81,"name":"x"}"#).await;
        assert_eq!((wrong.status, wrong.code().as_str()), (400, "BDP100"), "{key}");
    }
    assert_eq!(app.rows("select count(*) from public.labels where id = 81").await, 0);
}

/// The same request sent a hundred times at once has one effect.
async fn hundred_at_once(app: App) {
    let app = std::sync::Arc::new(app);
    let mut tasks = Vec::new();
    for _ in 0..100 {
        let app = std::sync::Arc::clone(&app);
        tasks.push(tokio::spawn(async move {
            let body = r#"{"id":90,"author_id":1,"title":"once"}"#;
            send(&app, Who::Service, "\"once\"", "/posts?select=id", body).await
        }));
    }
    let mut done = 0;
    for task in tasks {
        let answer = task.await.expect("an answer");
        match answer.status {
            201 => {
                assert_eq!(answer.json(), json!([{"id":90}]));
                done += usize::from(answer.header("idempotent-replayed").is_empty());
            }
            409 => assert_eq!(answer.code(), "BDP102"),
            other => panic!("{other}: {}", answer.text),
        }
    }
    assert_eq!(done, 1);
    assert_eq!(app.rows("select count(*) from public.posts where title = 'once'").await, 1);
}

/// Attack 22 in small: an answer belongs to who asked.
async fn of_one_caller(app: App) {
    let body = r#"{"id":50,"owner":"ann","body":"secret"}"#;
    let ann = send(&app, Who::Ann, "\"shared\"", "/notes", body).await;
    assert_eq!(ann.status, 201, "{}", ann.text);
    // Another one with the key and the same request acts for himself: his policy refuses the row.
    let bob = send(&app, Who::Bob, "\"shared\"", "/notes", body).await;
    assert_eq!((bob.status, bob.code().as_str()), (403, "42501"));
    assert!(!bob.text.contains("secret"));
    let anonymous = send(&app, Who::Nobody, "\"shared\"", "/notes", body).await;
    assert_eq!(anonymous.status, 401, "{}", anonymous.text);
    assert_eq!(app.rows("select count(*) from bedplate.idempotency").await, 1);
}

/// What opens every door that an app could leave open: whatever text anybody sends runs, as who sends it.
const OPEN: &str = "create function public.run_it(what text) returns text language plpgsql as $$ \
    declare told text; begin execute what into told; return told; end $$";

/// Attack 24: the answers of all callers stand in one table, and no role of a request reads or writes it, by whatever door.
async fn the_table_is_nobody_s(app: App) {
    app.execute(OPEN).await;
    app.execute("grant execute on function public.run_it(text) to anon, authenticated, service_role").await;
    let ann = send(&app, Who::Ann, "\"hers\"", "/notes", r#"{"id":51,"owner":"ann","body":"secret"}"#).await;
    assert_eq!(ann.status, 201, "{}", ann.text);
    let name = app.text("select caller from bedplate.idempotency where key = 'hers'").await;
    let statements = [
        "select to_json(k)::text from bedplate.idempotency k".to_owned(),
        "select body::text from (select set_config('bedplate.caller', 'x', true)) s, bedplate.idempotency"
            .to_owned(),
        format!(
            "insert into bedplate.idempotency (caller, key, fingerprint) values ('{name}', 'x', '') returning key"
        ),
        "update bedplate.idempotency set fingerprint = '' where key = 'hers' returning key".to_owned(),
        "delete from bedplate.idempotency returning key".to_owned(),
    ];
    for (who, role, status) in
        [(Who::Nobody, "anon", 401), (Who::Bob, "authenticated", 403), (Who::Service, "service_role", 403)]
    {
        for statement in &statements {
            let work = Work::one(Statement::new(statement.as_str()));
            let error = app.database.run(&Session::new(role), work).await.expect_err(statement);
            assert_eq!(error.code().as_str(), "42501", "{role}: {statement}");
            let called = json_to(&app, who, "/rpc/run_it", &json!({ "what": statement })).await;
            assert_eq!((called.status, called.code().as_str()), (status, "42501"), "{role}: {statement}");
            let request =
                json!({"method": "POST", "path": "/rest/v1/rpc/run_it", "body": {"what": statement}});
            let batch = json_to(&app, who, "/batch/v1", &json!({"requests": [request]})).await;
            assert_eq!(batch.status, status, "{role}: {statement}");
            assert_eq!(batch.json()["result"]["body"]["code"], "42501", "{role}: {statement}");
        }
        // No door has the table or its functions by name.
        for (method, path) in [
            ("GET", "/idempotency"),
            ("GET", "/bedplate.idempotency"),
            ("POST", "/idempotency"),
            ("PATCH", "/idempotency?key=eq.hers"),
            ("DELETE", "/idempotency?key=eq.hers"),
            ("POST", "/rpc/claim_key"),
            ("POST", "/rpc/keep_answer"),
        ] {
            let body = json!({"of_caller": name, "of_key": "hers", "of_request": ""});
            let headers = [("content-type", "application/json")];
            let absent = app.send(who, method, path, &headers, &body.to_string()).await;
            assert_eq!(absent.status, 404, "{role}: {method} {path}: {}", absent.text);
            let schema = [headers[0], ("accept-profile", "bedplate"), ("content-profile", "bedplate")];
            let closed = app.send(who, method, path, &schema, &body.to_string()).await;
            assert_eq!(closed.status, 406, "{role}: {method} {path}: {}", closed.text);
            let inner = json!({"method": method, "path": format!("/rest/v1{path}"), "body": body});
            let inner =
                if method == "GET" { json!({"method": method, "path": inner["path"]}) } else { inner };
            let batch = json_to(&app, who, "/batch/v1", &json!({"requests": [inner]})).await;
            assert_eq!(batch.status, 404, "{role}: {method} {path}: {}", batch.text);
        }
        // The functions tell nothing to who does not know the request, even one who had the caller's name; and what they are told
        // never takes the place of what is there.
        let claim = format!("select to_json(c)::text from bedplate.claim_key('{name}', 'hers', '\\x00') c");
        let told = json_to(&app, who, "/rpc/run_it", &json!({ "what": claim })).await;
        assert_eq!(told.status, 200, "{role}: {}", told.text);
        let told: Value = serde_json::from_str(told.json().as_str().expect("a text")).expect("JSON");
        let seen = json!([told["fresh"], told["same"], told["status"], told["headers"], told["body"]]);
        assert_eq!(seen, json!([false, false, null, null, null]), "{role}");
        let keep = format!("select bedplate.keep_answer('{name}', 'hers', '\\x00', 200, 0, '[]', '')::text");
        let kept = json_to(&app, who, "/rpc/run_it", &json!({ "what": keep })).await;
        assert_eq!((kept.status, kept.json()), (200, json!("false")), "{role}: {}", kept.text);
    }
    let again =
        send(&app, Who::Ann, "\"hers\"", "/notes", r#"{"id":51,"owner":"ann","body":"secret"}"#).await;
    assert_eq!((again.status, again.header("idempotent-replayed")), (201, "true"));
    assert_eq!(app.rows("select count(*) from bedplate.idempotency").await, 1);
}

async fn json_to(app: &App, who: Who, target: &str, body: &Value) -> Answer {
    app.send(who, "POST", target, &[("content-type", "application/json")], &body.to_string()).await
}

async fn bounds(app: App) {
    // More than an answer may have is undone.
    let long = "x".repeat(1 << 20);
    let large = send(&app, Who::Service, "large", TARGET, &json!({"id": 60, "name": long}).to_string()).await;
    assert_eq!((large.status, large.code().as_str()), (413, "BDP104"));
    assert_eq!(app.rows("select count(*) from public.labels where id = 60").await, 0);
    // One key more than a caller may have is refused, and one that is over is free again.
    let first = send(&app, Who::Service, "first", TARGET, r#"{"id":61,"name":"x"}"#).await;
    assert_eq!(first.status, 201);
    let fill = "with more as (insert into bedplate.idempotency (caller, key, fingerprint) select caller, n::text, fingerprint \
                from bedplate.idempotency, generate_series(1, 999) n returning 1) select count(*) from more";
    assert_eq!(app.rows(fill).await, 999);
    let full = send(&app, Who::Service, "more", TARGET, r#"{"id":62,"name":"x"}"#).await;
    assert_eq!((full.status, full.code().as_str()), (429, "BDP103"));
    assert_eq!(app.rows("select count(*) from public.labels where id = 62").await, 0);
    let age = "with old as (update bedplate.idempotency set made_at = now() - interval '25 hours' returning 1) \
               select count(*) from old";
    assert_eq!(app.rows(age).await, 1000);
    let anew = send(&app, Who::Service, "first", TARGET, r#"{"id":63,"name":"x"}"#).await;
    assert_eq!((anew.status, anew.header("idempotent-replayed")), (201, ""));
}
