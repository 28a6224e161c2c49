//! The statements that requests become, in `statements.sql`, and those that are decided in steps, in `statements_in_steps.sql`; `UPDATE_GOLDEN=1` writes it anew.

use crate::app::{App, Who};
use crate::recorder::Recorded;
use database::{End, Expectation, Session, Statement, Value};
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
        let headers = [("prefer", prefer), ("content-type", "application/json"), ("accept", accept)];
        let answer = app.send(Who::Service, method, target, &headers, body).await;
        assert!(answer.status < 300, "{method} {target}: {answer:?}");
        let note = if prefer.is_empty() { String::new() } else { format!(" | {prefer}") };
        let wanted = if accept == "*/*" { String::new() } else { format!(" | {accept}") };
        writeln!(text, "-- {method} {target}{note}{wanted} {body}").expect("written");
        write_down(app, &mut text);
    }
    compare(&text, file);
}

/// Writes what the database was asked since the last time.
fn write_down(app: &App, text: &mut String) {
    for recorded in app.recorder.take() {
        let (head, statements) = match recorded {
            // A course alone has none.
            Recorded::Work(_, statements) if statements.is_empty() => continue,
            Recorded::Work(session, statements) => (heading(&session), statements),
            Recorded::Step(Some(session), statements) => (format!("step: {}", heading(&session)), statements),
            Recorded::Step(None, statements) => ("step".to_owned(), statements),
            Recorded::End(Some(End::Commit)) => ("commit".to_owned(), Vec::new()),
            Recorded::End(Some(End::Rollback)) => ("rollback".to_owned(), Vec::new()),
            Recorded::End(None) => ("abandoned".to_owned(), Vec::new()),
        };
        writeln!(text, "-- {head}").expect("written");
        for statement in &statements {
            write_statement(statement, text);
        }
    }
    text.push('\n');
}

fn heading(session: &Session) -> String {
    format!("{}{}", session.role, if session.read_only { ", read only" } else { "" })
}

fn write_statement(statement: &Statement, text: &mut String) {
    syntax::parse_statement(&statement.text).expect("our parser reads it");
    writeln!(text, "{};", statement.text).expect("written");
    for (at, value) in statement.parameters.iter().enumerate() {
        writeln!(text, "--   ${} = {}", at + 1, shown(value)).expect("written");
    }
    match &statement.expectation {
        Expectation::CountWithin { column, min, max } => {
            writeln!(text, "--   {column} within {min} and {max}").expect("written");
        }
        Expectation::Affected(rows) => writeln!(text, "--   affects {rows}").expect("written"),
        Expectation::Any => {}
    }
}

/// Compares with a file, or writes it.
fn compare(text: &str, file: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/api").join(file);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, text).expect("written");
    }
    let pinned = std::fs::read_to_string(&path).unwrap_or_default();
    for (number, (ours, theirs)) in text.lines().zip(pinned.lines()).enumerate() {
        assert_eq!(ours, theirs, "line {}", number + 1);
    }
    assert_eq!(text.lines().count(), pinned.lines().count());
}

/// Method, target, headers and body.
type Asking = (&'static str, &'static str, &'static [(&'static str, &'static str)], &'static str);

/// What is decided in steps. `{tag}` is the tag that GET of the target gives.
const IN_STEPS: &[Asking] = &[
    ("PATCH", "/labels?id=eq.1", &[("if-match", "*")], r#"{"name":"x"}"#),
    (
        "PATCH",
        "/labels?id=eq.1&select=name",
        &[("if-match", "{tag}"), ("prefer", "return=representation")],
        r#"{"name":"y"}"#,
    ),
    ("PATCH", "/labels?id=eq.1", &[("if-match", "\"of another state\"")], r#"{"name":"z"}"#),
    ("DELETE", "/comments?id=eq.2", &[("if-match", "{tag}")], ""),
    ("PUT", "/labels?id=eq.110", &[("if-none-match", "*")], r#"{"id":110,"name":"a"}"#),
    ("PUT", "/labels?id=eq.110", &[("if-none-match", "*")], r#"{"id":110,"name":"b"}"#),
    (
        "POST",
        "/labels",
        &[("if-none-match", "*"), ("prefer", "resolution=merge-duplicates")],
        r#"{"id":111,"name":"a"}"#,
    ),
    (
        "POST",
        "/posts?select=id,comments(id)",
        &[("prefer", "insert=nested, return=representation")],
        r#"{"id":120,"title":"t","users!author_id":{"id":120,"name":"n"},"comments":[{"id":120,"body":"a"},{"id":121,"body":"b"}]}"#,
    ),
    (
        "POST",
        "/posts",
        &[("prefer", "insert=nested, count=exact")],
        r#"[{"id":122,"author_id":1,"title":"t","posts_labels":[{"labels":{"id":122,"name":"n"}},{"label_id":1}]}]"#,
    ),
    (
        "POST",
        "/posts",
        &[("prefer", "insert=nested, return=headers-only")],
        r#"{"id":123,"author_id":1,"title":"t"}"#,
    ),
    ("POST", "/labels", &[("idempotency-key", "\"k\"")], r#"{"id":130,"name":"a"}"#),
    ("POST", "/labels", &[("idempotency-key", "\"k\"")], r#"{"id":130,"name":"a"}"#),
    ("POST", "/labels", &[("idempotency-key", "\"k\"")], r#"{"id":131,"name":"a"}"#),
    ("POST", "/rpc/add_them", &[("idempotency-key", "\"l\"")], r#"{"a":1}"#),
    (
        "POST",
        "/batch/v1",
        &[],
        r#"{"requests":[{"method":"POST","path":"/rest/v1/labels","headers":{"prefer":"return=representation"},"body":{"id":140,"name":"a"}},{"method":"PATCH","path":"/rest/v1/labels?id=eq.${/0/body/0/id}","headers":{"if-match":"*"},"body":{"name":{"$result":"/0/body/0/name"}}},{"method":"GET","path":"/rest/v1/labels?id=eq.140&select=name"}]}"#,
    ),
    (
        "POST",
        "/batch/v1",
        &[("idempotency-key", "\"m\"")],
        r#"{"requests":[{"method":"DELETE","path":"/rest/v1/labels?id=eq.140"},{"method":"GET","path":"/rest/v1/rpc/add_them?a=1"}]}"#,
    ),
    (
        "POST",
        "/batch/v1",
        &[],
        r#"{"requests":[{"method":"DELETE","path":"/rest/v1/labels?id=eq.130"},{"method":"POST","path":"/rest/v1/labels","body":{"id":1,"name":"a"}}]}"#,
    ),
];

#[tokio::test]
async fn every_step_is_pinned() {
    let app = App::postgres().await;
    let mut text = String::new();
    for (method, target, headers, body) in IN_STEPS {
        let mut given = vec![("content-type", "application/json".to_owned())];
        for (name, value) in *headers {
            let mut value = (*value).to_owned();
            if value == "{tag}" {
                value = app.send(Who::Service, "GET", target, &[], "").await.header("etag").to_owned();
                assert!(!value.is_empty(), "{target}");
                let _ = app.recorder.take();
            }
            given.push((*name, value));
        }
        let given: Vec<_> = given.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let answer = app.send(Who::Service, method, target, &given, body).await;
        let headers: String = headers.iter().map(|(name, value)| format!(" | {name}: {value}")).collect();
        writeln!(text, "-- {method} {target}{headers} {body}\n-- answered {}", answer.status)
            .expect("written");
        write_down(&app, &mut text);
    }
    compare(&text, "statements_in_steps.sql");
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
        Value::Bytes(bytes) => format!("'\\x{}'", data_encoding::HEXLOWER.encode(bytes)),
        other => format!("{other:?}"),
    }
}
