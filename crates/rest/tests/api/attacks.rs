//! What broke in systems like this one.

use crate::app::{App, Who};
use serde_json::json;

crate::on_each_engine!(
    attack_20_hidden_columns_are_no_oracle,
    attack_21_embeds_have_their_own_rules,
    attack_22_every_verb_keeps_row_rules,
    attack_24_system_tables_are_unreachable,
    attack_25_what_is_refused_changes_nothing,
    attack_26_rights_do_not_pass_to_a_new_column,
    attack_27_forbidden_and_absent_look_the_same,
    attack_30_there_is_no_way_round_the_rules,
    attack_33_names_and_paths_stay_data,
    attack_46_costly_requests_have_limits,
    attack_47_endless_tokens_are_refused,
    attack_48_errors_show_nothing_of_the_inside,
);

/// The same rules on both engines: the same requests have the same answers, to the byte.
#[tokio::test]
async fn attack_23_both_engines_answer_alike() {
    let (one, other) = (App::postgres().await, App::embedded().await);
    let requests = [
        ("GET", "/notes", ""),
        ("GET", "/notes?select=id,owner&owner=eq.bob", ""),
        ("GET", "/notes?or=(owner.eq.bob,id.gt.0)&order=id.desc", ""),
        ("GET", "/notes?select=owner,count()", ""),
        ("GET", "/users?select=id,posts!author_id(id,comments(body))&order=id", ""),
        ("GET", "/users?select=email&order=id", ""),
        ("GET", "/forgotten", ""),
        ("GET", "/posts?select=id,forgotten(id)", ""),
        ("GET", "/posts?id=eq.x", ""),
        ("GET", "/posts?select=nothing", ""),
        ("GET", "/posts?score=gt.1&select=id,score,created_at&order=score", ""),
        ("GET", "/rpc/posts_of?author=1&select=title", ""),
        ("GET", "/rpc/posts_of?author=z", ""),
        ("POST", "/notes", r#"{"id": 9, "owner": "bob", "body": "x"}"#),
        ("POST", "/notes", r#"{"id": 1, "owner": "ann", "body": "x"}"#),
        ("POST", "/notes", r#"[{"id": 10, "owner": "ann"}, {"id": 11, "owner": "bob"}]"#),
        ("POST", "/posts", r#"{"id": 20, "author_id": 99, "title": "x"}"#),
        ("POST", "/posts", r#"{"id": 21, "author_id": 1}"#),
        ("POST", "/posts", r#"{"id": "x", "author_id": 1, "title": "x"}"#),
        ("POST", "/posts", "{"),
        ("PATCH", "/notes?id=eq.2", r#"{"body": "taken"}"#),
        ("PATCH", "/notes?id=eq.1", r#"{"owner": "bob"}"#),
        ("PATCH", "/posts?id=eq.1", r#"{"score": 123456}"#),
        ("DELETE", "/notes?owner=eq.bob", ""),
        ("DELETE", "/users?id=eq.1", ""),
        ("PUT", "/notes?id=eq.2", r#"{"id": 2, "owner": "ann", "body": "x"}"#),
        ("GET", "/notes?order=id", ""),
    ];
    let headers = [("prefer", "return=representation, count=exact"), ("content-type", "application/json")];
    for who in [Who::Nobody, Who::Ann] {
        for (method, target, body) in requests {
            let a = one.send(who, method, target, &headers, body).await;
            let b = other.send(who, method, target, &headers, body).await;
            assert_eq!((a.status, a.text), (b.status, b.text), "{method} {target}");
            assert_eq!(a.headers, b.headers, "{method} {target}");
        }
    }
}

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

/// Every row that a request could reach.
async fn everything(app: &App) -> Vec<String> {
    let mut all = Vec::new();
    for table in ["users", "posts", "comments", "notes"] {
        all.push(app.text(&format!("select json_agg(t order by id)::text from public.{table} t")).await);
    }
    all
}

async fn attack_25_what_is_refused_changes_nothing(app: App) {
    let before = everything(&app).await;
    assert!(before.iter().all(|rows| rows.len() > 2), "{before:?}");
    let json = ("content-type", "application/json");
    for (who, method, target, body) in [
        (Who::Ann, "POST", "/notes", r#"[{"id": 50, "owner": "ann"}, {"id": 51, "owner": "bob"}]"#),
        (Who::Ann, "PATCH", "/notes", r#"{"owner": "bob"}"#),
        (Who::Ann, "PUT", "/notes?id=eq.2", r#"{"id": 2, "owner": "bob", "body": "x"}"#),
        (Who::Nobody, "POST", "/notes", r#"{"id": 52, "owner": "ann"}"#),
        (Who::Nobody, "PATCH", "/users?id=eq.1", r#"{"name": "taken"}"#),
        (Who::Nobody, "DELETE", "/users?id=eq.3", ""),
        (Who::Nobody, "POST", "/users", r#"{"id": 60, "name": "x", "email": "x@example.com"}"#),
    ] {
        let answer = app.send(who, method, target, &[json, ("prefer", "return=minimal")], body).await;
        assert!([401, 403].contains(&answer.status), "{method} {target}: {answer:?}");
        assert_eq!(answer.code(), "42501", "{method} {target}");
        assert_eq!(everything(&app).await, before, "{method} {target}");
    }
}

async fn attack_26_rights_do_not_pass_to_a_new_column(app: App) {
    app.execute("alter table public.users add column nickname text").await;
    app.execute("grant select (nickname), update (nickname) on public.users to anon").await;
    assert_eq!(app.get("/users?select=nickname&id=eq.1").await.status, 200);
    app.execute("alter table public.users drop column nickname").await;
    app.execute("alter table public.users add column nickname text default 'secret'").await;
    for target in
        ["/users?select=nickname", "/users?select=id&nickname=eq.secret", "/users?select=id&order=nickname"]
    {
        let answer = app.get(target).await;
        assert_eq!((answer.status, answer.code().as_str()), (401, "42501"), "{target}: {answer:?}");
    }
    let change = app.send(Who::Nobody, "PATCH", "/users?id=eq.1", &[], r#"{"nickname": "x"}"#).await;
    assert_eq!((change.status, change.code().as_str()), (401, "42501"), "{change:?}");
}

/// Neither a header nor another spelling of the request changes who asks or what is done.
async fn attack_30_there_is_no_way_round_the_rules(app: App) {
    let before = everything(&app).await;
    for (name, value) in [
        ("x-http-method-override", "DELETE"),
        ("x-method-override", "DELETE"),
        ("x-role", "service_role"),
        ("role", "service_role"),
        ("x-forwarded-user", "service_role"),
        ("request.jwt.claims", r#"{"role": "service_role"}"#),
        ("x-hasura-role", "admin"),
        ("prefer", "params=single-object, role=service_role, tx=commit"),
        ("cookie", "sb-access-token=sb_secret_key; role=service_role"),
    ] {
        for (method, target) in
            [("GET", "/notes?_method=DELETE"), ("POST", "/notes?select=id"), ("GET", "/users?select=email")]
        {
            let answer = app.send(Who::Nobody, method, target, &[(name, value)], "").await;
            let hidden = answer.text.contains("example.com") || answer.text.contains("of ann");
            assert!(!hidden, "{name}: {value}: {method} {target}: {answer:?}");
        }
        let notes = app.send(Who::Nobody, "GET", "/notes", &[(name, value)], "").await;
        assert_eq!((notes.status, notes.text.as_str()), (200, "[]"), "{name}: {value}");
    }
    for target in [
        "/notes/",
        "//notes",
        "/./notes",
        "/notes%2f",
        "/NOTES",
        "/public.notes",
        "/notes%00",
        "/rpc/../notes",
    ] {
        let answer = app.send(Who::Nobody, "DELETE", target, &[], "").await;
        assert!(answer.status < 500, "{target}: {answer:?}");
    }
    assert_eq!(everything(&app).await, before);
}

/// Whether an answer is one, a refusal of what was asked, or a limit that was met.
fn is_bounded(answer: &crate::app::Answer) -> bool {
    answer.status < 500 || answer.code().starts_with("54") || answer.code() == "57014"
}

async fn attack_46_costly_requests_have_limits(app: App) {
    let nested_logic =
        |depth: usize| format!("/posts?and=({}id.eq.1{})", "or(".repeat(depth), ")".repeat(depth));
    let nested_embeds =
        |depth: usize| format!("/comments?select=id,{}id{}", "comments(".repeat(depth), ")".repeat(depth));
    let wide_list = |count: usize| {
        let ids: Vec<String> = (0..count).map(|id| id.to_string()).collect();
        format!("/posts?select=id&id=in.({})", ids.join(","))
    };
    let repeated = |part: &str, count: usize| format!("/posts?select=id{}", format!("&{part}").repeat(count));
    let aliases = |count: usize| {
        let columns: Vec<String> = (0..count).map(|at| format!("a{at}:id")).collect();
        format!("/posts?select={}", columns.join(","))
    };
    let embeds = |count: usize| {
        let embeds: Vec<String> = (0..count).map(|at| format!("c{at}:comments(id)")).collect();
        format!("/posts?select={}", embeds.join(","))
    };
    for target in [
        nested_logic(20),
        nested_logic(2000),
        nested_embeds(10),
        nested_embeds(1000),
        wide_list(5000),
        repeated("id=gt.0", 500),
        repeated("or=(id.eq.1,id.eq.2)", 300),
        aliases(1500),
        aliases(3000),
        embeds(60),
        embeds(800),
        format!("/posts?select=id&title=match.{}", "(a*)*".repeat(200)),
        format!("/posts?select=id&title=like.{}", "*a".repeat(5000)),
        format!("/users?select=id&settings->{}=eq.1", ["a"; 2000].join("->")),
        format!("/posts?limit={}&offset={}", i64::MAX, i64::MAX),
        format!("/{}", "a".repeat(60_000)),
    ] {
        let begun = std::time::Instant::now();
        let answer = app.get(&target).await;
        let shown: String = target.chars().take(80).collect();
        assert!(is_bounded(&answer), "{shown}: {:?}", answer.text.chars().take(300).collect::<String>());
        assert!(begun.elapsed() < std::time::Duration::from_secs(30), "{shown}: {:?}", begun.elapsed());
    }
    let deep = "[".repeat(100_000);
    let body = app.send(Who::Nobody, "POST", "/posts", &[("content-type", "application/json")], &deep).await;
    assert_eq!((body.status, body.code().as_str()), (400, "PGRST102"), "{body:?}");
    assert_eq!(app.get("/posts?select=id&id=eq.1").await.json(), json!([{"id": 1}]));
}

async fn attack_47_endless_tokens_are_refused(app: App) {
    for token in [
        ".".repeat(200_000),
        "..".to_owned(),
        "a.b".to_owned(),
        format!("{}.e30.", "A".repeat(200_000)),
        format!("eyJhbGciOiJIUzI1NiJ9.{}.x", "e30".repeat(60_000)),
        "eyJhbGciOiJub25lIn0.eyJyb2xlIjoic2VydmljZV9yb2xlIn0.".to_owned(),
    ] {
        let begun = std::time::Instant::now();
        let bearer = format!("Bearer {token}");
        let answer = app.send(Who::Nobody, "GET", "/notes", &[("authorization", &bearer)], "").await;
        assert_eq!(answer.status, 401, "{:?}", answer.text.chars().take(200).collect::<String>());
        assert!(answer.text.len() < 1000, "the answer repeats the token");
        assert!(begun.elapsed() < std::time::Duration::from_secs(2), "{:?}", begun.elapsed());
    }
}

async fn attack_48_errors_show_nothing_of_the_inside(app: App) {
    let json = ("content-type", "application/json");
    for (method, target, body) in [
        ("GET", "/posts?id=eq.x", ""),
        ("GET", "/posts?select=id::nothing", ""),
        ("GET", "/posts?select=titel", ""),
        ("GET", "/posts?title=match.(", ""),
        ("GET", "/posts?order=score.nowhere", ""),
        ("GET", "/users?settings->a->b=eq.{", ""),
        ("GET", "/users?tags=cs.{", ""),
        ("GET", "/rpc/add_them?a=99999999999", ""),
        ("GET", "/rpc/add_them?a=2147483647&b=1", ""),
        ("POST", "/posts", r#"{"id": 1, "author_id": 1, "title": "x"}"#),
        ("POST", "/posts", r#"{"id": 9, "author_id": 99, "title": "x"}"#),
        ("POST", "/posts", r#"{"id": 9, "author_id": 1, "title": null}"#),
        ("POST", "/posts", r#"{"id": 9, "author_id": 1, "title": "x", "score": 1e9}"#),
        ("POST", "/posts", "not json"),
        ("PATCH", "/posts?id=eq.1", r#"{"nothing": 1}"#),
        ("DELETE", "/users?id=eq.1", ""),
        ("PUT", "/posts?id=eq.1&title=eq.x", "{}"),
    ] {
        let answer = app.send(Who::Service, method, target, &[json], body).await;
        assert!((400..500).contains(&answer.status), "{method} {target}: {answer:?}");
        assert_eq!(crate::fuzz::leak(&answer.text), None, "{method} {target}: {answer:?}");
    }
}
