//! What broke in systems like this one.

use crate::app::{App, Who};
use serde_json::json;

crate::on_each_engine!(
    attack_20_hidden_columns_are_no_oracle,
    attack_21_embeds_have_their_own_rules,
    attack_22_every_verb_keeps_row_rules,
    attack_24_system_tables_are_unreachable,
    attack_27_forbidden_and_absent_look_the_same,
    attack_33_names_and_paths_stay_data,
);

/// `email` is not granted to anon: not in the answer, a filter, a sort, a group or a representation.
async fn attack_20_hidden_columns_are_no_oracle(app: App) {
    for target in [
        "/users?select=email",
        "/users?select=id&email=eq.ann@example.com",
        "/users?select=id&email=not.is.null",
        "/users?select=id&or=(email.like.a*,id.eq.9)",
        "/users?select=id&order=email",
        "/users?select=email,count()",
        "/users?select=email.max()",
        "/users",
        "/posts?select=id,users!author_id(email)",
        "/posts?select=id,users!author_id!inner(id)&users.email=eq.x",
        "/posts?select=id,users!author_id(id)&order=users(email)",
        "/posts?select=id,...users!author_id(email)",
    ] {
        let answer = app.get(target).await;
        assert_eq!((answer.status, answer.code().as_str()), (401, "42501"), "{target}: {answer:?}");
        assert!(!answer.text.contains("example.com"), "{target}");
    }
    let headers = [("prefer", "return=representation")];
    let insert = app.send(Who::Nobody, "POST", "/users", &headers, r#"{"id":77,"name":"x"}"#).await;
    assert_eq!(insert.status, 401, "{insert:?}");
    assert_eq!(app.rows("select count(*) from public.users where id = 77").await, 0);
}

/// A filter through an embed sees only the rows that the embedded table's policies show.
async fn attack_21_embeds_have_their_own_rules(app: App) {
    let notes = app.send(Who::Ann, "GET", "/notes?select=id&order=id", &[], "").await;
    assert_eq!(notes.json(), json!([{"id":1},{"id":3}]));
    assert_eq!(app.get("/notes").await.json(), json!([]));
    let counted =
        app.send(Who::Ann, "GET", "/notes?select=id&limit=1", &[("prefer", "count=exact")], "").await;
    assert_eq!(counted.header("content-range"), "0-0/2");
    let aggregate = app.send(Who::Ann, "GET", "/notes?select=count()", &[], "").await;
    assert_eq!(aggregate.json(), json!([{"count":2}]));
}

async fn attack_22_every_verb_keeps_row_rules(app: App) {
    let headers = [("prefer", "return=representation"), ("content-type", "application/json")];
    let send = async |method: &str, target: &str, body: &str| {
        app.send(Who::Ann, method, target, &headers, body).await
    };
    assert_eq!(send("PATCH", "/notes?id=eq.2", r#"{"body":"taken"}"#).await.json(), json!([]));
    assert_eq!(send("PATCH", "/notes", r#"{"body":"mine"}"#).await.json().as_array().map(Vec::len), Some(2));
    assert_eq!(send("DELETE", "/notes?id=eq.2", "").await.json(), json!([]));
    let foreign = send("POST", "/notes", r#"{"id":9,"owner":"bob","body":"x"}"#).await;
    assert_eq!((foreign.status, foreign.code().as_str()), (403, "42501"), "{foreign:?}");
    let given = send("PATCH", "/notes?id=eq.1", r#"{"owner":"bob"}"#).await;
    assert_eq!((given.status, given.code().as_str()), (403, "42501"), "{given:?}");
    let merge = [("prefer", "resolution=merge-duplicates"), ("content-type", "application/json")];
    let upsert = app.send(Who::Ann, "POST", "/notes", &merge, r#"{"id":2,"owner":"ann","body":"x"}"#).await;
    assert_eq!((upsert.status, upsert.code().as_str()), (403, "42501"), "{upsert:?}");
    let put =
        app.send(Who::Ann, "PUT", "/notes?id=eq.2", &headers, r#"{"id":2,"owner":"ann","body":"x"}"#).await;
    assert_eq!(put.status, 403, "{put:?}");
    assert_eq!(
        app.rows("select count(*) from public.notes where owner = 'bob' and body = 'of bob'").await,
        1
    );
}

async fn attack_24_system_tables_are_unreachable(app: App) {
    for who in [Who::Nobody, Who::Ann, Who::Service] {
        for target in ["/pg_class", "/pg_catalog.pg_class", "/auth.users", "/pg_authid", "/sqlite_master"] {
            let answer = app.send(who, "GET", target, &[], "").await;
            assert_eq!((answer.status, answer.code().as_str()), (404, "PGRST205"), "{target}");
        }
        for schema in ["pg_catalog", "auth", "information_schema", "bedplate", ""] {
            let answer = app.send(who, "GET", "/users", &[("accept-profile", schema)], "").await;
            assert_eq!((answer.status, answer.code().as_str()), (406, "PGRST106"), "{schema}");
        }
        let function = app.send(who, "POST", "/rpc/pg_read_file", &[], r#"{"filename":"x"}"#).await;
        assert_eq!((function.status, function.code().as_str()), (404, "PGRST202"));
    }
}

/// A table that nobody opened answers as one that is not there, in every verb, as an embed, and in suggestions.
async fn attack_27_forbidden_and_absent_look_the_same(app: App) {
    for method in ["GET", "HEAD", "POST", "PATCH", "DELETE", "PUT", "OPTIONS"] {
        let hidden = app.send(Who::Nobody, method, "/forgotten", &[], "{}").await;
        let absent = app.send(Who::Nobody, method, "/zzzzzzzzz", &[], "{}").await;
        assert_eq!(hidden.status, 404, "{method}");
        assert_eq!(hidden.status, absent.status, "{method}");
        assert_eq!(hidden.text, absent.text.replace("zzzzzzzzz", "forgotten"), "{method}");
    }
    let hidden = app.get("/posts?select=id,forgotten(id)").await;
    let absent = app.get("/posts?select=id,zzzzzzzzz(id)").await;
    assert_eq!((hidden.status, hidden.code().as_str()), (400, "PGRST200"));
    assert_eq!(hidden.text, absent.text.replace("zzzzzzzzz", "forgotten"));
    let near = app.get("/forgoten").await;
    assert!(
        !near.json()["hint"].as_str().unwrap_or("").contains("'public.forgotten'")
            || near.text.contains("forgoten")
    );
    assert!(!near.text.contains("Perhaps you meant the table 'public.forgotten'"));
}

/// Whatever stands where a name, path, operator or type may stand, it is never SQL.
async fn attack_33_names_and_paths_stay_data(app: App) {
    let before = app.rows("select count(*) from public.posts").await;
    let poisons = [
        "\"; drop table posts; --",
        "id\"--",
        "') or 1=1 --",
        "id);delete from posts;--",
        "$1",
        "{}",
        "*/ select 1 /*",
        "a'||(select secret from forgotten)||'",
    ];
    for poison in poisons {
        let mut encoded = String::new();
        poison.bytes().for_each(|byte| encoded.push_str(&format!("%{byte:02X}")));
        for target in [
            format!("/{encoded}"),
            format!("/posts?select={encoded}"),
            format!("/posts?select=x:{encoded}"),
            format!("/posts?select=%22{encoded}%22:id"),
            format!("/users?select=id,settings->>{encoded}"),
            format!("/users?select=id,settings->%22{encoded}%22"),
            format!("/posts?select=id::{encoded}"),
            format!("/posts?{encoded}=eq.1"),
            format!("/posts?id={encoded}.1"),
            format!("/posts?title=eq.{encoded}"),
            format!("/posts?title=in.({encoded})"),
            format!("/posts?order={encoded}"),
            format!("/posts?order=id.{encoded}"),
            format!("/posts?limit={encoded}&offset={encoded}"),
            format!("/posts?or=({encoded}.eq.1)"),
            format!("/posts?select=id,{encoded}(id)"),
            format!("/posts?select=id,users!{encoded}(id)"),
            format!("/posts?title=fts({encoded}).x"),
            format!("/rpc/{encoded}"),
            format!("/rpc/add_them?{encoded}=1"),
            format!("/rpc/add_them?a={encoded}"),
        ] {
            let answer = app.get(&target).await;
            assert!(answer.status < 500, "{target}: {answer:?}");
            assert_ne!(answer.code_if_error().as_deref(), Some("42601"), "{target}: {answer:?}");
        }
    }
    assert_eq!(app.rows("select count(*) from public.posts").await, before);
}
