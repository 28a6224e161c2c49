//! Batches made of pieces of valid ones, bent and broken, with references to answers that are there, come later or never come: each is
//! answered, none by a failure of ours, none with anything of the inside in it, and whole or not at all. `FUZZ_SEED` and `FUZZ_BATCHES` choose the run.

use crate::app::{Answer, App, Who};
use crate::fuzz::{Dice, HEADERS, PARTS, PATHS, leak, number};
use serde_json::{Map, Value, json};

crate::on_each_engine!(batches_are_answered);

/// How many batches a run sends.
const BATCHES: u64 = 250;
/// The ids of the rows by which a batch is known begin here.
const MARKS: u64 = 1_000_000;

const POINTERS: &[&str] = &[
    "/0/body/0/id",
    "/0/body/0/name",
    "/0/body/0",
    "/0/body",
    "/0/status",
    "/0/headers",
    "/1/body/0/id",
    "/1/body/0/settings",
    "/1/body/0/settings/theme",
    "/1/body/1/tags/0",
    "/1/status",
    "/2/body/-1",
    "/2/body/00/id",
    "/9/body/0/id",
    "/99999999999999999999/body",
    "/-1/status",
    "/0/body/~1/~0",
    "/0/body/~2",
    "/",
    "",
    "0/body",
    "/0/body/0/\u{1F600}",
];

const VALUES: &[&str] = &[
    "null",
    "true",
    "0",
    "-1",
    "1.50",
    "1e400",
    "99999999999999999999",
    "\"x\"",
    "\"\"",
    "\"\\u0000\"",
    "\"\\ud800\"",
    "\"${/0/body/0/id}\"",
    "[]",
    "{}",
    "{\"a\": [1, {\"b\": null}]}",
    "[\"x\", null]",
];

const COLUMNS: &[&str] =
    &["id", "name", "title", "author_id", "settings", "tags", "a", "b", "owner", "\u{e9}", "$result"];

const METHODS: &[&str] = &["GET", "POST", "POST", "PATCH", "PUT", "DELETE", "HEAD", "OPTIONS", "get", ""];

/// A piece of JSON: a value, a reference, or rows of such.
fn piece(dice: &mut Dice, depth: usize) -> String {
    match dice.roll(if depth > 3 { 6 } else { 9 }) {
        0..=2 => (*dice.pick(VALUES)).to_owned(),
        3..=5 => {
            let pointer = *dice.pick(POINTERS);
            let pointer = dice.bend(pointer);
            let more = if dice.roll(10) == 0 { ", \"more\": 1" } else { "" };
            format!("{{\"$result\": {}{more}}}", Value::from(pointer))
        }
        6 => {
            let all: Vec<String> = (0..dice.roll(3)).map(|_| piece(dice, depth + 1)).collect();
            format!("[{}]", all.join(", "))
        }
        _ => {
            let members = (0..dice.roll(4)).map(|_| {
                let name = *dice.pick(COLUMNS);
                format!("{}: {}", Value::from(name), piece(dice, depth + 1))
            });
            format!("{{{}}}", members.collect::<Vec<_>>().join(", "))
        }
    }
}

/// A request of a batch, as text.
fn request(dice: &mut Dice) -> String {
    let mut path = format!("/rest/v1{}", dice.pick(PATHS));
    let parts = (0..dice.roll(4)).map(|_| {
        if dice.roll(3) == 0 {
            let column = *dice.pick(COLUMNS);
            let pointer = *dice.pick(POINTERS);
            let part = format!("{column}=eq.${{{pointer}}}");
            return dice.bend(&part);
        }
        let part = *dice.pick(PARTS);
        dice.bend(part)
    });
    let query = parts.collect::<Vec<String>>().join("&");
    if !query.is_empty() {
        path = format!("{path}?{query}");
    }
    if dice.roll(10) == 0 {
        path = dice.bend(&path);
    }
    let mut headers = Map::new();
    for _ in 0..dice.roll(3) {
        let (name, value) = *dice.pick(HEADERS);
        let value = if dice.roll(3) == 0 { dice.bend(value) } else { value.to_owned() };
        headers.insert(name.to_owned(), value.into());
    }
    let method = *dice.pick(METHODS);
    let body = if dice.roll(4) == 0 { String::new() } else { format!(", \"body\": {}", piece(dice, 0)) };
    format!(
        "{{\"method\": {}, \"path\": {}, \"headers\": {}{body}}}",
        json!(method),
        json!(path),
        Value::from(headers)
    )
}

/// A batch: a row by which it is known, then whatever falls.
fn batch(dice: &mut Dice, mark: u64) -> String {
    let first = json!({
        "method": "POST",
        "path": "/rest/v1/labels",
        "headers": {"prefer": "return=representation"},
        "body": {"id": mark, "name": "marked"},
    });
    let others: Vec<String> = (0..=dice.roll(4)).map(|_| request(dice)).collect();
    let text = format!("{{\"requests\": [{first}, {}]}}", others.join(", "));
    if dice.roll(12) == 0 { dice.bend(&text) } else { text }
}

/// What is wrong with a batch's answer; `marked` is whether its row is there.
fn fault(answer: &Answer, marked: bool) -> Option<String> {
    if answer.status >= 500 {
        return Some(format!("status {}", answer.status));
    }
    let Ok(told) = serde_json::from_str::<Value>(&answer.text) else {
        return Some("an answer that is no JSON".to_owned());
    };
    if answer.status == 200 {
        let Some(results) = told["results"].as_array() else { return Some("no results".to_owned()) };
        let failed = results.iter().find(|one| one["status"].as_u64().is_none_or(|status| status >= 400));
        return failed.map(|one| format!("done with a failure within: {one}"));
    }
    if marked {
        return Some("refused, and its first row is there".to_owned());
    }
    let error = if told["failed"].is_null() { &told } else { &told["result"]["body"] };
    if !told["failed"].is_null() && told["result"]["status"] != json!(answer.status) {
        return Some("another status than that of the request that failed".to_owned());
    }
    // The answer to HEAD has no body.
    if error["code"].as_str().is_none() && !(error.is_null() && answer.text.contains("\"failed\"")) {
        return Some("an error without a code".to_owned());
    }
    leak(&error.to_string()).map(|word| format!("shows {word}"))
}

/// The first batch of a run that is answered as none should be.
async fn search<F: Future<Output = (Answer, bool)>>(
    seed: u64,
    answer: impl Fn(String, u64) -> F,
) -> Option<String> {
    let mut dice = Dice::new(seed);
    for mark in MARKS..MARKS + number("FUZZ_BATCHES", BATCHES) {
        let text = batch(&mut dice, mark);
        let (answer, marked) = answer(text.clone(), mark).await;
        if let Some(fault) = fault(&answer, marked) {
            return Some(format!("seed {seed}: {text}: {fault}: {answer:?}"));
        }
    }
    None
}

async fn batches_are_answered(app: App) {
    let app = &app;
    let found = search(number("FUZZ_SEED", 1), |text, mark| async move {
        let headers = [("content-type", "application/json")];
        let answer = app.send(Who::Service, "POST", "/batch/v1", &headers, &text).await;
        let marked = app.rows(&format!("select count(*) from public.labels where id = {mark}")).await;
        (answer, marked > 0)
    })
    .await;
    assert_eq!(found, None);
    // Some of them were done.
    assert!(app.rows(&format!("select count(*) from public.labels where id >= {MARKS}")).await > 0);
    assert_eq!(app.rows("select count(*) from public.forgotten").await, 0);
}

/// A failure that only some batches meet is found.
#[tokio::test]
async fn canary_is_found() {
    let told =
        |status: u16, text: &str| Answer { status, headers: http::HeaderMap::new(), text: text.to_owned() };
    let refused = "{\"failed\":1,\"result\":{\"status\":400,\"headers\":{},\"body\":{\"code\":\"BDP122\"}}}";
    // A reference within a row within a list.
    let meets = |text: &str| text.contains("[{") && text.contains("{\"$result\": \"/1/body");
    for broken in [
        (500, "{}", false),
        (400, refused, true),
        (200, "{\"results\":[{\"status\":409}]}", true),
        (409, refused, false),
        (400, "{\"failed\":0,\"result\":{\"status\":400,\"body\":{\"message\":\"x\"}}}", false),
        (400, "{\"code\":\"42601\",\"message\":\"at pgrst_source\"}", false),
    ] {
        let (status, body, marked) = broken;
        let found = search(1, |text, _| async move {
            if meets(&text) { (told(status, body), marked) } else { (told(400, refused), false) }
        });
        assert!(found.await.is_some(), "{broken:?}");
    }
    assert_eq!(search(1, |_, _| async { (told(400, refused), false) }).await, None);
}
