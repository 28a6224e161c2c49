//! Settings that change what requests get.

use crate::app::{App, Who};
use rest::{ErrorVerbosity, OpenApi, Settings};
use serde_json::json;

#[tokio::test]
async fn stages_are_told() {
    let app = App::embedded_with("", |settings| Settings { server_timing: true, ..settings }).await;
    let stages = |answer: &crate::app::Answer| -> Vec<String> {
        let header = answer.header("server-timing").to_owned();
        header.split(", ").filter_map(|stage| Some(stage.split_once(";dur=")?.0.to_owned())).collect()
    };
    let all = ["jwt", "parse", "plan", "transaction", "response"];
    assert_eq!(stages(&app.get("/posts").await), all);
    let options = app.send(Who::Nobody, "OPTIONS", "/posts", &[], "").await;
    assert_eq!(stages(&options), ["jwt", "parse", "plan", "response"]);
    assert_eq!(App::embedded().await.get("/posts").await.header("server-timing"), "");
}

#[tokio::test]
async fn errors_tell_less() {
    let minimal = |settings| Settings { error_verbosity: ErrorVerbosity::Minimal, ..settings };
    let app = App::embedded_with("", minimal).await;
    let answer = app.get("/post").await;
    assert_eq!(
        answer.json(),
        json!({"code": "PGRST205", "message": "Could not find the table 'public.post' in the schema cache"})
    );
}

#[tokio::test]
async fn an_alias_is_the_only_name() {
    let request = "/posts?select=id,remarks:comments(id)&comments.id=eq.1&id=eq.1";
    let app = App::embedded().await;
    let answer = app.get(request).await;
    assert_eq!(answer.json(), json!([{"id":1,"remarks":[{"id":1}]}]));
    assert!(answer.header("warning").starts_with("299 - \"Embedded resource was referenced"), "{answer:?}");
    assert!(answer.header("warning").contains("Update `comments` to `remarks` in"), "{answer:?}");
    assert_eq!(app.get("/posts?select=id,remarks:comments(id)&remarks.id=eq.1").await.header("warning"), "");
    let app = App::embedded_with("", |settings| Settings { legacy_target_names: false, ..settings }).await;
    let answer = app.get(request).await;
    assert_eq!((answer.status, answer.code()), (400, "PGRST108".to_owned()));
    assert_eq!(answer.json()["hint"], "Change 'comments' to 'remarks' in filters, orders or limits.");
    assert_eq!(app.get("/posts?select=id,remarks:comments(id)&remarks.id=eq.1").await.status, 200);
}

#[tokio::test]
async fn the_document_has_modes() {
    let hidden = "create function public.closed() returns integer language sql as $$ select 1 $$;\nrevoke all on function public.closed() from public, anon;\n";
    let app = App::embedded_with(hidden, |settings| settings).await;
    let document = app.get("/").await.json();
    assert!(document["paths"]["/posts"].is_object());
    assert!(document["paths"]["/rpc/closed"].is_null());
    assert!(document["securityDefinitions"].is_null());
    let everything = |settings| Settings {
        openapi: OpenApi::IgnorePrivileges,
        openapi_security: true,
        openapi_server: Some("https://api.example.com/rest/v1".to_owned()),
        ..settings
    };
    let app = App::embedded_with(hidden, everything).await;
    let document = app.get("/").await.json();
    assert!(document["paths"]["/rpc/closed"].is_object());
    assert_eq!(document["securityDefinitions"]["JWT"]["in"], "header");
    assert_eq!(
        (&document["host"], &document["basePath"], &document["schemes"]),
        (&json!("api.example.com:443"), &json!("/rest/v1"), &json!(["https"]))
    );
    let app = App::embedded_with("", |settings| Settings { openapi: OpenApi::Disabled, ..settings }).await;
    let answer = app.get("/").await;
    assert_eq!((answer.status, answer.code()), (404, "PGRST126".to_owned()));
}

/// What `ALTER ROLE authenticator SET` says holds at once, on both engines.
#[tokio::test]
async fn the_database_says_how_it_is_served() {
    let schema = "create role authenticator login noinherit;\ngrant anon, authenticated, service_role to authenticator;\nalter role authenticator set pgrst.db_max_rows = '1';\n";
    for app in [
        App::embedded_with(schema, |settings| settings).await,
        App::postgres_with(schema, |settings| settings).await,
    ] {
        let rows = |answer: crate::app::Answer| answer.json().as_array().map_or(0, Vec::len);
        assert_eq!(rows(app.get("/posts").await), 1);
        app.execute("alter role authenticator set pgrst.db_max_rows = '2'").await;
        assert_eq!(rows(app.get("/posts").await), 2);
        app.execute("alter role authenticator reset pgrst.db_max_rows").await;
        assert_eq!(rows(app.get("/posts").await), 3);
        app.execute("alter role authenticator set pgrst.db_schemas = 'pg_catalog'").await;
        assert_eq!(app.get("/posts").await.status, 200);
        assert_eq!(app.get("/pg_authid").await.status, 404);
    }
}

/// What a function says is read whenever the catalog changed, and what is set for the role comes before it.
#[tokio::test]
async fn a_function_of_the_database_says_how_it_is_served() {
    let schema = "create role authenticator login noinherit;\ngrant anon, authenticated, service_role to authenticator;\ncreate schema setup;\ngrant usage on schema setup to authenticator;\ncreate function setup.configure() returns text language sql as $$ select set_config('pgrst.db_max_rows', '1', true) || set_config('pgrst.db_aggregates_enabled', 'false', true) $$;\n";
    let configured =
        |settings| Settings { pre_config: Some(("setup".to_owned(), "configure".to_owned())), ..settings };
    for app in [App::embedded_with(schema, configured).await, App::postgres_with(schema, configured).await] {
        let rows = |answer: crate::app::Answer| answer.json().as_array().map_or(0, Vec::len);
        let answer = app.get("/posts").await;
        assert_eq!((answer.status, rows(answer)), (200, 1));
        assert_eq!(app.get("/posts?select=count()").await.code(), "PGRST123");
        app.execute("alter role authenticator set pgrst.db_max_rows = '2'").await;
        assert_eq!(rows(app.get("/posts").await), 2);
        app.execute("create or replace function setup.configure() returns text language sql as $$ select set_config('pgrst.db_aggregates_enabled', 'true', true) $$").await;
        app.execute("alter role authenticator reset pgrst.db_max_rows").await;
        assert_eq!(rows(app.get("/posts").await), 3);
        assert_eq!(app.get("/posts?select=count()").await.json(), json!([{"count": 3}]));
        app.execute("drop function setup.configure()").await;
        assert_eq!(app.get("/posts").await.code(), "42883");
        let app = app.with(|settings| settings.in_database = false);
        assert_eq!(app.get("/posts").await.status, 200);
    }
}

/// PostgREST's words, whatever the engine: the token never gets as far as one.
#[tokio::test]
async fn tokens_must_be_meant_for_us() {
    for app in [App::embedded().await, App::postgres().await] {
        let app = app.with_keys(|set| set.audience = Some("us".into()));
        for aud in [json!("them"), json!(["them"]), json!("")] {
            let answer = app.shown(json!({"role": "authenticated", "aud": aud})).await;
            assert_eq!((answer.status, answer.code()), (401, "PGRST303".to_owned()), "{aud}");
            assert_eq!(answer.json()["message"], "JWT not in audience");
            assert_eq!(
                answer.header("www-authenticate"),
                "Bearer error=\"invalid_token\", error_description=\"JWT not in audience\""
            );
        }
        for aud in [json!(7), json!({"a": 1}), json!(["us", 1])] {
            let answer = app.shown(json!({"role": "authenticated", "aud": aud})).await;
            assert_eq!((answer.status, answer.code()), (401, "PGRST303".to_owned()), "{aud}");
            assert_eq!(
                answer.json()["message"],
                "The JWT 'aud' claim must be a string or an array of strings"
            );
        }
        for aud in [json!("us"), json!(["them", "us"]), json!([]), json!(null)] {
            assert_eq!(app.shown(json!({"role": "authenticated", "aud": aud})).await.status, 200, "{aud}");
        }
        assert_eq!(app.shown(json!({"role": "authenticated"})).await.status, 200);
    }
}

#[tokio::test]
async fn the_role_stands_where_it_is_said() {
    let schema = "create function public.whoami() returns text language sql stable as $$ select current_user::text $$;\n";
    let same = |settings| settings;
    for app in [App::embedded_with(schema, same).await, App::postgres_with(schema, same).await] {
        let path = "$.app.roles[?search(@, \"^auth\")]";
        let app = app.with_keys(|set| set.role_claim = web::ClaimPath::parse(path).expect("a path"));
        let role = async |claims| app.shown_to("/rpc/whoami", claims).await.json();
        assert_eq!(role(json!({"app": {"roles": ["admin", "authenticated"]}})).await, json!("authenticated"));
        // The claim of the usual name says nothing then.
        assert_eq!(role(json!({"role": "service_role", "app": {"roles": []}})).await, json!("anon"));
        let answer = app.shown(json!({"app": {"roles": ["authority"]}})).await;
        assert_eq!((answer.status, answer.code()), (401, "22023".to_owned()));
        assert_eq!(answer.json()["message"], "role \"authority\" does not exist");
    }
}
