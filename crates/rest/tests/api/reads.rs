//! Reads and calls.

use crate::app::{App, Who};
use serde_json::json;

crate::on_each_engine!(columns, embeds, filters, counts_and_ranges, formats, calls, openapi_three, mistakes);

async fn check(app: &App, target: &str, expected: serde_json::Value) {
    let answer = app.get(target).await;
    assert_eq!(answer.status, 200, "{target}: {answer:?}");
    assert_eq!(answer.json(), expected, "{target}");
}

async fn columns(app: App) {
    check(
        &app,
        "/users?select=id,name&order=id",
        json!([{"id":1,"name":"Ann"},{"id":2,"name":"Bob"},{"id":3,"name":"Cy"}]),
    )
    .await;
    check(
        &app,
        "/users?select=who:name,settings->>theme,n:settings->size,tags&id=eq.1",
        json!([{"who":"Ann","theme":"dark","n":3,"tags":["a","b"]}]),
    )
    .await;
    check(
        &app,
        "/posts?select=id,score,published,created_at,t:score::text&id=eq.1",
        json!([{"id":1,"score":2.50,"published":true,"created_at":"2024-01-02T03:04:05+00:00","t":"2.50"}]),
    )
    .await;
    check(&app, "/posts?id=eq.2", json!([{"id":2,"author_id":1,"reviewer_id":null,"title":"Second","score":3.00,"published":false,"created_at":"2024-01-02T03:04:05+00:00"}])).await;
    check(
        &app,
        "/posts?select=author_id,score.sum(),count()&order=author_id",
        json!([{"author_id":1,"sum":5.50,"count":2},{"author_id":2,"sum":1.00,"count":1}]),
    )
    .await;
}

async fn embeds(app: App) {
    check(
        &app,
        "/posts?select=id,author:users!author_id(name),comments(id,body),labels(name)&order=id&comments.order=id.desc&labels.order=name",
        json!([
            {"id":1,"author":{"name":"Ann"},"comments":[{"id":2,"body":"no"},{"id":1,"body":"yes"}],"labels":[{"name":"blue"},{"name":"red"}]},
            {"id":2,"author":{"name":"Ann"},"comments":[],"labels":[]},
            {"id":3,"author":{"name":"Bob"},"comments":[{"id":3,"body":"well"}],"labels":[{"name":"blue"}]},
        ]),
    )
    .await;
    check(
        &app,
        "/posts?select=id,comments!inner(id)&comments.body=eq.well",
        json!([{"id":3,"comments":[{"id":3}]}]),
    )
    .await;
    check(&app, "/posts?select=id,comments()&comments=is.null", json!([{"id":2}])).await;
    check(
        &app,
        "/posts?select=id,comments()&or=(comments.is.null,id.eq.1)&order=id",
        json!([{"id":1},{"id":2}]),
    )
    .await;
    check(
        &app,
        "/comments?select=id,parent_id(id),comments(id)&order=id&id=lt.3",
        json!([{"id":1,"parent_id":null,"comments":[{"id":2}]},{"id":2,"parent_id":{"id":1},"comments":[]}]),
    )
    .await;
    check(
        &app,
        "/posts?select=id,...users!author_id(author:name)&order=id&limit=1",
        json!([{"id":1,"author":"Ann"}]),
    )
    .await;
    check(&app, "/users?select=name,...posts!author_id(titles:title)&order=id&posts.order=id", json!([{"name":"Ann","titles":["First","Second"]},{"name":"Bob","titles":["Third, \"quoted\""]},{"name":"Cy","titles":[]}])).await;
    check(&app, "/posts?select=id,users!author_id(name)&order=users(name).desc,id", json!([{"id":3,"users":{"name":"Bob"}},{"id":1,"users":{"name":"Ann"}},{"id":2,"users":{"name":"Ann"}}])).await;
    check(&app, "/users?select=name,posts!author_id(id,comments(id))&posts.comments.limit=1&posts.limit=1&posts.order=id&posts.comments.order=id&id=eq.1", json!([{"name":"Ann","posts":[{"id":1,"comments":[{"id":1}]}]}])).await;
    check(
        &app,
        "/published_posts?select=id,comments(id)&order=id&comments.order=id",
        json!([{"id":1,"comments":[{"id":1},{"id":2}]},{"id":3,"comments":[{"id":3}]}]),
    )
    .await;
    let ambiguous = app.get("/posts?select=id,users(name)").await;
    assert_eq!((ambiguous.status, ambiguous.code().as_str()), (300, "PGRST201"));
    let unknown = app.get("/posts?select=id,nothing(name)").await;
    assert_eq!((unknown.status, unknown.code().as_str()), (400, "PGRST200"));
}

async fn filters(app: App) {
    let ids = async |query: &str| {
        let answer = app.get(&format!("/posts?select=id&order=id&{query}")).await;
        assert_eq!(answer.status, 200, "{query}: {answer:?}");
        let rows = answer.json();
        rows.as_array().expect("rows").iter().map(|row| row["id"].as_i64().expect("id")).collect::<Vec<_>>()
    };
    assert_eq!(ids("id=gt.1").await, [2, 3]);
    assert_eq!(ids("id=gte.2&id=lt.3").await, [2]);
    assert_eq!(ids("id=neq.2").await, [1, 3]);
    assert_eq!(ids("title=like.*ir*").await, [1, 3]);
    assert_eq!(ids("title=ilike.FIRST").await, [1]);
    assert_eq!(ids("title=eq(any).{First,Second}").await, [1, 2]);
    assert_eq!(ids("title=match.^S").await, [2]);
    assert_eq!(ids("id=in.(1,3)").await, [1, 3]);
    assert_eq!(ids("id=not.in.(1,3)").await, [2]);
    assert_eq!(ids("id=in.()").await, Vec::<i64>::new());
    assert_eq!(ids("title=in.(\"Third, \\\"quoted\\\"\")").await, [3]);
    assert_eq!(ids("reviewer_id=is.null").await, [2]);
    assert_eq!(ids("reviewer_id=not.is.null").await, [1, 3]);
    assert_eq!(ids("published=is.true").await, [1, 3]);
    assert_eq!(ids("reviewer_id=isdistinct.2").await, [2, 3]);
    assert_eq!(ids("or=(id.eq.1,and(published.is.true,score.lt.2))").await, [1, 3]);
    assert_eq!(ids("not.or=(id.eq.1,id.eq.2)").await, [3]);
    check(&app, "/users?select=id&settings->>theme=eq.dark", json!([{"id":1}])).await;
    check(&app, "/users?select=id&tags=cs.{a}", json!([{"id":1}])).await;
    let wrong = app.get("/posts?id=eq.x").await;
    assert_eq!((wrong.status, wrong.code().as_str()), (400, "22P02"));
}

async fn counts_and_ranges(app: App) {
    let get = async |target: &str, headers: &[(&str, &str)]| {
        app.send(Who::Nobody, "GET", target, headers, "").await
    };
    let exact = [("prefer", "count=exact")];
    let part = get("/posts?limit=2&order=id", &exact).await;
    assert_eq!((part.status, part.header("content-range")), (206, "0-1/3"));
    assert_eq!(part.header("preference-applied"), "count=exact");
    let all = get("/posts", &exact).await;
    assert_eq!((all.status, all.header("content-range")), (200, "0-2/3"));
    let beyond = get("/posts?offset=9", &exact).await;
    assert_eq!(
        (beyond.status, beyond.header("content-range"), beyond.code().as_str()),
        (416, "*/3", "PGRST103")
    );
    let ranged = get("/posts?order=id&select=id", &[("range", "1-1")]).await;
    assert_eq!(
        (ranged.status, ranged.header("content-range"), ranged.json()),
        (200, "1-1/*", json!([{"id":2}]))
    );
    let inner = get("/posts?select=id,comments!inner(id)&limit=1&order=id", &exact).await;
    assert_eq!((inner.status, inner.header("content-range")), (206, "0-0/2"));
    let head = app.send(Who::Nobody, "HEAD", "/posts", &exact, "").await;
    assert_eq!((head.status, head.header("content-range"), head.text.as_str()), (200, "0-2/3", ""));
}

async fn formats(app: App) {
    let accept = async |target: &str, media: &str| {
        app.send(Who::Nobody, "GET", target, &[("accept", media)], "").await
    };
    let one = accept("/posts?id=eq.1&select=id", "application/vnd.pgrst.object+json").await;
    assert_eq!((one.status, one.json()), (200, json!({"id":1})));
    assert_eq!(one.header("content-type"), "application/vnd.pgrst.object+json; charset=utf-8");
    let many = accept("/posts?select=id", "application/vnd.pgrst.object+json").await;
    assert_eq!((many.status, many.code().as_str()), (406, "PGRST116"));
    assert_eq!(many.json()["details"], "The result contains 3 rows");
    let csv = accept("/posts?select=id,title,score,reviewer_id,published&order=id&id=gt.1", "text/csv").await;
    assert_eq!(
        csv.text,
        "id,title,score,reviewer_id,published\n2,Second,3.00,,f\n3,\"Third, \"\"quoted\"\"\",1.00,1,t"
    );
    assert_eq!(csv.header("content-type"), "text/csv; charset=utf-8");
    let stripped =
        accept("/posts?select=id,reviewer_id&id=eq.2", "application/vnd.pgrst.array+json;nulls=stripped")
            .await;
    assert_eq!(stripped.json(), json!([{"id":2}]));
    let none = accept("/posts", "image/png").await;
    assert_eq!((none.status, none.code().as_str()), (406, "PGRST107"));
}

async fn calls(app: App) {
    let post = async |target: &str, body: &str| {
        app.send(Who::Nobody, "POST", target, &[("content-type", "application/json")], body).await
    };
    assert_eq!(app.get("/rpc/add_them?a=2").await.json(), json!(3));
    assert_eq!(post("/rpc/add_them", r#"{"a":2,"b":5}"#).await.json(), json!(7));
    let rows = app.get("/rpc/posts_of?author=1&select=id,comments(id)&order=id.desc&comments.order=id").await;
    assert_eq!(rows.json(), json!([{"id":2,"comments":[]},{"id":1,"comments":[{"id":1},{"id":2}]}]));
    let filtered = app.get("/rpc/posts_of?author=1&published=is.true&select=title").await;
    assert_eq!(filtered.json(), json!([{"title":"First"}]));
    let missing = app.get("/rpc/add_thme?a=1").await;
    assert_eq!((missing.status, missing.code().as_str()), (404, "PGRST202"));
    assert_eq!(missing.json()["hint"], "Perhaps you meant to call the function public.add_them");
    let delete = app.send(Who::Nobody, "DELETE", "/rpc/add_them", &[], "").await;
    assert_eq!((delete.status, delete.code().as_str()), (405, "PGRST101"));
}

async fn mistakes(app: App) {
    let absent = app.get("/pots").await;
    assert_eq!((absent.status, absent.code().as_str()), (404, "PGRST205"));
    assert_eq!(absent.json()["hint"], "Perhaps you meant the table 'public.posts'");
    let column = app.get("/posts?select=id,titel").await;
    assert_eq!((column.status, column.code().as_str()), (400, "42703"));
    assert_eq!(column.json()["message"], "column posts.titel does not exist");
    assert_eq!(column.json()["hint"], "Perhaps you meant to reference the column \"posts.title\".");
    let twice = app.get("/posts?select=id,comments(id),comments(body)").await;
    assert_eq!((twice.status, twice.code().as_str()), (400, "42712"));
    assert_eq!(twice.json()["message"], "table name \"posts_comments_1\" specified more than once");
    assert_eq!(app.get("/posts?select=id,comments(id),texts:comments(body)").await.status, 200);
    let cast = app.get("/posts?select=id::nothing").await;
    assert_eq!((cast.status, cast.code().as_str()), (400, "42704"));
    let deep = app.get("/posts/1").await;
    assert_eq!((deep.status, deep.code().as_str()), (404, "PGRST125"));
    let options = app.send(Who::Nobody, "OPTIONS", "/posts", &[], "").await;
    assert_eq!((options.status, options.header("allow")), (200, "OPTIONS,GET,HEAD,POST,PUT,PATCH,DELETE"));
}

/// Every reference of a document leads somewhere.
fn check_references(document: &serde_json::Value, within: &serde_json::Value) {
    match within {
        serde_json::Value::Object(members) => {
            if let Some(reference) = members.get("$ref").and_then(|reference| reference.as_str()) {
                let pointer = reference.strip_prefix('#').expect("a local reference");
                assert!(document.pointer(pointer).is_some(), "{reference}");
            }
            members.values().for_each(|member| check_references(document, member));
        }
        serde_json::Value::Array(elements) => elements.iter().for_each(|one| check_references(document, one)),
        _ => {}
    }
}

async fn openapi_three(app: App) {
    for accept in ["application/openapi+json;version=3.1", "application/vnd.oai.openapi+json; version=3.1"] {
        let answer = app.send(Who::Service, "GET", "/", &[("accept", accept)], "").await;
        assert_eq!(answer.status, 200, "{}", answer.text);
        let media = format!("{}; charset=utf-8", accept.replace("; v", ";v"));
        assert_eq!(answer.header("content-type"), media);
        let document = answer.json();
        assert_eq!(document["openapi"], "3.1.0");
        check_references(&document, &document);
        let posts = &document["components"]["schemas"]["posts"]["properties"];
        assert_eq!(posts["title"]["type"], "string");
        assert_eq!(posts["reviewer_id"]["type"], json!(["integer", "null"]));
        assert!(document["paths"]["/rpc/add_them"]["get"]["responses"]["default"].is_object());
        assert!(document["paths"]["/forgotten"].is_null());
    }
    let older = app.send(Who::Service, "GET", "/", &[("accept", "application/openapi+json")], "").await;
    assert_eq!((older.json()["swagger"].as_str(), older.status), (Some("2.0"), 200));
    let other =
        app.send(Who::Service, "GET", "/", &[("accept", "application/openapi+json;version=4")], "").await;
    assert_eq!((other.status, other.code().as_str()), (406, "PGRST107"));
}
