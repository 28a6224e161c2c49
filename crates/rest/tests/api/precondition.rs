//! Entity tags and preconditions.

use crate::app::{Answer, App, Who};
use serde_json::json;

crate::on_each_engine!(reads, writes, creates, races, mistakes);

async fn get(app: &App, target: &str, headers: &[(&str, &str)]) -> Answer {
    app.send(Who::Service, "GET", target, headers, "").await
}

async fn write(app: &App, method: &str, target: &str, headers: &[(&str, &str)], body: &str) -> Answer {
    let headers: Vec<_> = headers.iter().copied().chain([("content-type", "application/json")]).collect();
    app.send(Who::Service, method, target, &headers, body).await
}

async fn reads(app: App) {
    let first = get(&app, "/labels?id=eq.1", &[]).await;
    let tag = first.header("etag").to_owned();
    assert!(tag.starts_with('"') && tag.len() == 34, "{tag}");
    assert_eq!(get(&app, "/labels?id=eq.1", &[]).await.header("etag"), tag);
    assert_ne!(get(&app, "/labels?id=eq.2", &[]).await.header("etag"), tag);
    assert_ne!(get(&app, "/labels?id=eq.1", &[("accept", "text/csv")]).await.header("etag"), tag);
    for value in [tag.as_str(), &format!("W/{tag}"), &format!("\"x\", {tag}"), "*"] {
        let same = get(&app, "/labels?id=eq.1", &[("if-none-match", value)]).await;
        assert_eq!(
            (same.status, same.text.as_str(), same.header("etag")),
            (304, "", tag.as_str()),
            "{value}"
        );
        assert_eq!(same.header("content-type"), "");
    }
    let other = get(&app, "/labels?id=eq.1", &[("if-none-match", "\"x\"")]).await;
    assert_eq!((other.status, &other.text), (200, &first.text));
    let gone = get(&app, "/labels?id=eq.1", &[("if-match", "\"x\"")]).await;
    assert_eq!((gone.status, gone.code().as_str()), (412, "BDP110"));
    assert_eq!(get(&app, "/labels?id=eq.1", &[("if-match", &tag)]).await.status, 200);
    let call = get(&app, "/rpc/add_them?a=1", &[]).await;
    let again = get(&app, "/rpc/add_them?a=1", &[("if-none-match", call.header("etag"))]).await;
    assert_eq!((call.status, again.status), (200, 304));
    // Writes have none.
    assert_eq!(write(&app, "PATCH", "/labels?id=eq.1", &[], r#"{"name":"red"}"#).await.header("etag"), "");
}

async fn writes(app: App) {
    let target = "/posts?id=eq.1&select=id,title,users!author_id(name)";
    let tag = get(&app, target, &[]).await.header("etag").to_owned();
    let full = [("if-match", tag.as_str()), ("prefer", "return=representation")];
    let well = write(&app, "PATCH", target, &full, r#"{"title":"Changed"}"#).await;
    assert_eq!((well.status, well.json()[0]["title"].as_str()), (200, Some("Changed")));
    let stale = write(&app, "PATCH", target, &full, r#"{"title":"Lost"}"#).await;
    assert_eq!((stale.status, stale.code().as_str()), (412, "BDP110"));
    // What is embedded is part of the representation.
    let tag = get(&app, target, &[]).await.header("etag").to_owned();
    write(&app, "PATCH", "/users?id=eq.1", &[], r#"{"name":"Anna"}"#).await;
    let stale = write(&app, "DELETE", target, &[("if-match", &tag)], "").await;
    assert_eq!(stale.status, 412);
    assert_eq!(app.rows("select count(*) from public.posts where title = 'Changed'").await, 1);
    // PUT and DELETE alike.
    let tag = get(&app, "/labels?id=eq.2", &[]).await.header("etag").to_owned();
    let put = r#"{"id":2,"name":"navy"}"#;
    assert_eq!(write(&app, "PUT", "/labels?id=eq.2", &[("if-match", "\"x\"")], put).await.status, 412);
    assert_eq!(write(&app, "PUT", "/labels?id=eq.2", &[("if-match", &tag)], put).await.status, 204);
    assert_eq!(write(&app, "DELETE", "/comments?id=eq.2", &[("if-match", "*")], "").await.status, 204);
    assert_eq!(write(&app, "DELETE", "/comments?id=eq.2", &[("if-match", "*")], "").await.status, 412);
    // The tag of what a single object's representation is, under the same Accept.
    let single = ("accept", "application/vnd.pgrst.object+json");
    let tag = get(&app, "/labels?id=eq.2", &[single]).await.header("etag").to_owned();
    let headers = [single, ("if-match", tag.as_str())];
    assert_eq!(write(&app, "PATCH", "/labels?id=eq.2", &headers, r#"{"name":"blue"}"#).await.status, 204);
    // The rule of a row is looked at before: what a role cannot see has no tag for it.
    let own = app.send(Who::Ann, "GET", "/notes?id=eq.2", &[], "").await;
    let headers = [("content-type", "application/json"), ("if-match", "*")];
    let other = app.send(Who::Ann, "PATCH", "/notes?id=eq.2", &headers, r#"{"body":"x"}"#).await;
    assert_eq!((own.text.as_str(), other.status), ("[]", 412));
}

async fn creates(app: App) {
    let new = [("if-none-match", "*")];
    assert_eq!(write(&app, "PUT", "/labels?id=eq.40", &new, r#"{"id":40,"name":"a"}"#).await.status, 204);
    let there = write(&app, "PUT", "/labels?id=eq.40", &new, r#"{"id":40,"name":"b"}"#).await;
    assert_eq!((there.status, there.code().as_str()), (412, "BDP110"));
    let merge = [("if-none-match", "*"), ("prefer", "resolution=merge-duplicates")];
    let both = r#"[{"id":41,"name":"c"},{"id":40,"name":"d"}]"#;
    let there = write(&app, "POST", "/labels", &merge, both).await;
    assert_eq!((there.status, there.code().as_str()), (412, "BDP110"));
    assert_eq!(there.json()["details"], "Key (id)=(40) already exists.");
    assert_eq!(app.rows("select count(*) from public.labels where name in ('b', 'c', 'd')").await, 0);
    assert_eq!(write(&app, "POST", "/labels", &merge, r#"{"id":41,"name":"c"}"#).await.status, 201);
}

/// Of many that write upon the same reading one succeeds.
async fn races(app: App) {
    let app = std::sync::Arc::new(app);
    for round in 0..5 {
        let tag = get(&app, "/labels?id=eq.1", &[]).await.header("etag").to_owned();
        let mut tasks = Vec::new();
        for number in 0..16 {
            let (app, tag) = (std::sync::Arc::clone(&app), tag.clone());
            tasks.push(tokio::spawn(async move {
                let body = json!({"name": format!("{round}-{number}")}).to_string();
                write(&app, "PATCH", "/labels?id=eq.1", &[("if-match", &tag)], &body).await.status
            }));
        }
        let mut statuses = Vec::new();
        for task in tasks {
            statuses.push(task.await.expect("an answer"));
        }
        statuses.sort_unstable();
        let mut expected = vec![412; 16];
        expected[0] = 204;
        assert_eq!(statuses, expected);
    }
}

async fn mistakes(app: App) {
    for (method, target, name, value, code) in [
        ("PATCH", "/labels?id=eq.1", "if-match", "x", "BDP111"),
        ("GET", "/labels?id=eq.1", "if-none-match", "\"x", "BDP111"),
        ("POST", "/labels", "if-match", "\"x\"", "BDP112"),
        ("POST", "/labels", "if-none-match", "\"x\"", "BDP112"),
        ("POST", "/rpc/add_them", "if-none-match", "*", "BDP112"),
    ] {
        let answer = write(&app, method, target, &[(name, value)], r#"{"name":"y"}"#).await;
        assert_eq!((answer.status, answer.code().as_str()), (400, code), "{method} {target}");
    }
    // More rows than a read gives: no tag is of them all.
    app.send(Who::Service, "POST", "/labels", &[("content-type", "application/json")], &{
        let rows: Vec<_> = (0..1001).map(|n| json!({"id": 5000 + n, "name": "many"})).collect();
        json!(rows).to_string()
    })
    .await;
    let target = "/labels?name=eq.many&order=id";
    let tag = get(&app, target, &[]).await.header("etag").to_owned();
    let cut =
        write(&app, "PATCH", "/labels?name=eq.many&order=id", &[("if-match", &tag)], r#"{"name":"z"}"#).await;
    assert_eq!(cut.status, 412);
    assert_eq!(app.rows("select count(*) from public.labels where name = 'many'").await, 1001);
}
