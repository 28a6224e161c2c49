//! The statements that requests become, in `statements.sql`; `UPDATE_GOLDEN=1` writes it anew.

use crate::app::{App, Who};
use database::{Expectation, Value};
use std::fmt::Write as _;
use std::path::Path;

const REQUESTS: &[(&str, &str, &str, &str)] = &[
    ("GET", "/posts?id=eq.1", "", ""),
    (
        "GET",
        "/posts?select=id,score::text,n:title&order=score.desc.nullslast,id&limit=10&offset=1",
        "count=exact",
        "",
    ),
    ("GET", "/users?select=settings->a->>b,tags->0&settings->>theme=eq.dark&order=settings->>theme", "", ""),
    ("GET", "/posts?select=id,users!author_id(name)&order=users(name)", "", ""),
    (
        "GET",
        "/posts?select=id,comments(id)&comments.body=like.*x*&comments.order=id.desc&comments.limit=2",
        "",
        "",
    ),
    ("GET", "/posts?select=id,labels!inner(name)&labels.name=in.(red,blue)", "count=exact", ""),
    ("GET", "/posts?select=id,comments()&comments=is.null", "", ""),
    ("GET", "/comments?select=id,parent_id(id),comments(id)", "", ""),
    ("GET", "/posts?select=id,...users!author_id(author:name)", "", ""),
    ("GET", "/users?select=name,...posts!author_id(title)", "", ""),
    ("GET", "/posts?select=author_id,score.sum(),count()&order=author_id", "", ""),
    (
        "GET",
        "/posts?or=(id.eq.1,and(title.ilike.*a*,published.is.true))&not.and=(id.gt.5,reviewer_id.is.null)",
        "",
        "",
    ),
    ("HEAD", "/posts", "count=exact", ""),
    ("POST", "/labels", "", r#"[{"id":100,"name":"a"},{"id":101,"name":"b"}]"#),
    ("POST", "/labels", "return=representation", r#"{"id":102,"name":"a"}"#),
    ("POST", "/labels", "return=headers-only", r#"{"id":103,"name":"a"}"#),
    (
        "POST",
        "/posts?select=id,users!author_id(name)",
        "return=representation",
        r#"{"id":104,"author_id":1,"title":"t"}"#,
    ),
    (
        "POST",
        "/posts?columns=id,author_id,title,score",
        "missing=default",
        r#"[{"id":105,"author_id":1,"title":"t"}]"#,
    ),
    ("POST", "/labels", "resolution=merge-duplicates", r#"{"id":1,"name":"a"}"#),
    ("POST", "/labels", "resolution=ignore-duplicates", r#"{"id":1,"name":"a"}"#),
    ("PUT", "/labels?id=eq.1", "", r#"{"id":1,"name":"a"}"#),
    ("PATCH", "/posts?id=eq.1", "", r#"{"title":"x"}"#),
    ("PATCH", "/posts?id=eq.1", "return=representation, handling=strict, max-affected=1", r#"{"title":"x"}"#),
    ("DELETE", "/comments?id=eq.2", "return=representation", ""),
    ("GET", "/rpc/add_them?a=1", "", ""),
    ("POST", "/rpc/posts_of?select=id&order=id", "count=exact", r#"{"author":1}"#),
];

#[tokio::test]
async fn every_statement_is_pinned() {
    let app = App::postgres().await;
    let requests =
        REQUESTS.iter().map(|(method, target, prefer, body)| (*method, *target, *prefer, "*/*", *body));
    pinned(&app, requests, "statements.sql").await;
}

/// Compares the statements of requests (method, target, Prefer, Accept, body) with those of a file.
pub(crate) async fn pinned(
    app: &App,
    requests: impl Iterator<Item = (&str, &str, &str, &str, &str)>,
    file: &str,
) {
    let mut text = String::new();
    for (method, target, prefer, accept, body) in requests {
        let prefer = [("prefer", prefer), ("content-type", "application/json"), ("accept", accept)];
        let answer = app.send(Who::Service, method, target, &prefer, body).await;
        assert!(answer.status < 300, "{method} {target}: {answer:?}");
        let note = if prefer[0].1.is_empty() { String::new() } else { format!(" | {}", prefer[0].1) };
        let wanted = if accept == "*/*" { String::new() } else { format!(" | {accept}") };
        writeln!(text, "-- {method} {target}{note}{wanted} {body}").expect("written");
        for (session, work) in app.recorder.take() {
            writeln!(text, "-- {}{}", session.role, if session.read_only { ", read only" } else { "" })
                .expect("written");
            for statement in work.statements {
                syntax::parse_statement(&statement.text).expect("our parser reads it");
                writeln!(text, "{};", statement.text).expect("written");
                for (at, value) in statement.parameters.iter().enumerate() {
                    writeln!(text, "--   ${} = {}", at + 1, shown(value)).expect("written");
                }
                if let Expectation::CountWithin { column, min, max } = statement.expectation {
                    writeln!(text, "--   {column} within {min} and {max}").expect("written");
                }
            }
        }
        text.push('\n');
    }
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/api").join(file);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, &text).expect("written");
    }
    let pinned = std::fs::read_to_string(&path).unwrap_or_default();
    for (number, (ours, theirs)) in text.lines().zip(pinned.lines()).enumerate() {
        assert_eq!(ours, theirs, "line {}", number + 1);
    }
    assert_eq!(text.lines().count(), pinned.lines().count());
}

/// Attack 23: the engines give the same answers, to whoever asks.
#[tokio::test]
async fn attack_23_both_engines_answer_alike() {
    let (postgres, embedded) = (App::postgres().await, App::embedded().await);
    for who in [Who::Nobody, Who::Ann, Who::Service] {
        for (method, target, prefer, body) in REQUESTS {
            let headers = [("prefer", *prefer), ("content-type", "application/json")];
            let theirs = postgres.send(who, method, target, &headers, body).await;
            let ours = embedded.send(who, method, target, &headers, body).await;
            assert_eq!(ours.status, theirs.status, "{method} {target}: {ours:?} {theirs:?}");
            assert_eq!(ours.header("content-range"), theirs.header("content-range"), "{method} {target}");
            assert_eq!(unordered(ours.value()), unordered(theirs.value()), "{method} {target}");
        }
    }
}

/// Rows that nobody sorted have no order.
fn unordered(value: serde_json::Value) -> serde_json::Value {
    match value {
        serde_json::Value::Array(members) => {
            let mut members: Vec<_> = members.into_iter().map(unordered).collect();
            members.sort_by_cached_key(ToString::to_string);
            members.into()
        }
        serde_json::Value::Object(members) => {
            members.into_iter().map(|(key, member)| (key, unordered(member))).collect()
        }
        other => other,
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Text(text) => format!("'{text}'"),
        other => format!("{other:?}"),
    }
}
