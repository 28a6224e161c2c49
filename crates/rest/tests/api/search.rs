//! Full text search: `fts`, `plfts`, `phfts`, `wfts` over tsvector columns, texts and JSON, with and without a configuration.

use crate::app::{Answer, App, Who};
use serde_json::{Value, json};

crate::on_each_engine!(
    queries_over_a_vector,
    queries_over_texts,
    configurations,
    wrong_queries,
    vectors_are_written_and_read,
    beneath_other_things,
);

const DOCUMENTS: &str = "
create table public.documents (
  id integer primary key,
  title text,
  body jsonb,
  author integer references public.users(id),
  found tsvector generated always as (to_tsvector('english', coalesce(title, ''))) stored,
  plain tsvector
);
create index documents_found on public.documents using gin (found);
grant all on public.documents to anon, authenticated;
insert into public.documents (id, title, body, author, plain) values
  (1, 'The cats are running', '{\"text\": \"fat cats\"}', 1, 'the:1 cats:2A'),
  (2, 'A dog runs after a cat', '{\"text\": \"lean dogs\"}', 1, 'dog:1 runs:2'),
  (3, 'Gardens of the north', '[\"garden\", \"north\"]', 2, null),
  (4, null, null, null, '');
create function public.search_documents(term text) returns setof public.documents language sql stable
  as $$ select * from public.documents where found @@ websearch_to_tsquery('english', term) $$;
grant execute on function public.search_documents to anon";

async fn prepared(app: &App) {
    for statement in DOCUMENTS.split(";\n") {
        app.execute(statement).await;
    }
}

async fn get(app: &App, target: &str) -> Answer {
    app.send(Who::Nobody, "GET", target, &[], "").await
}

/// The numbers of the documents that a filter finds.
async fn found(app: &App, filter: &str) -> Value {
    let answer = get(app, &format!("/documents?select=id&order=id&{filter}")).await;
    assert_eq!(answer.status, 200, "{filter}: {answer:?}");
    Value::Array(answer.json().as_array().expect("rows").iter().map(|row| row["id"].clone()).collect())
}

async fn queries_over_a_vector(app: App) {
    prepared(&app).await;
    for (filter, wanted) in [
        ("found=fts.cat", json!([1, 2])),
        ("found=fts.cats", json!([1, 2])),
        ("found=fts.cat%26dog", json!([2])),
        ("found=fts.garden|dog", json!([2, 3])),
        ("found=fts.!cat", json!([3, 4])),
        ("found=fts.gard:*", json!([3])),
        ("found=fts.dog<->run", json!([2])),
        ("found=plfts.running cats", json!([1, 2])),
        ("found=phfts.cats are running", json!([1])),
        ("found=phfts.cat dog", json!([])),
        ("found=wfts.cat -dog", json!([1])),
        ("found=wfts.\"dog runs\" or gardens", json!([2, 3])),
        ("found=not.fts.cat", json!([3, 4])),
        ("found=fts.the", json!([])),
        ("plain=fts.cats", json!([])),
        ("plain=fts(simple).cats", json!([1])),
        ("plain=fts(simple).cats:A", json!([1])),
        ("plain=fts(simple).cats:B", json!([])),
    ] {
        assert_eq!(found(&app, filter).await, wanted, "{filter}");
    }
}

async fn queries_over_texts(app: App) {
    prepared(&app).await;
    for (filter, wanted) in [
        ("title=fts.cat", json!([1, 2])),
        ("title=plfts.running cat", json!([1, 2])),
        ("title=wfts(english).gardens", json!([3])),
        ("title=fts(simple).cat", json!([2])),
        ("title=phfts(simple).dog runs", json!([2])),
        ("body=fts.dog", json!([2])),
        ("body=fts(simple).dogs", json!([2])),
        ("body->>text=fts.cat", json!([1])),
        ("or=(title.fts.garden,body.fts(english).dog)", json!([2, 3])),
    ] {
        assert_eq!(found(&app, filter).await, wanted, "{filter}");
    }
}

async fn configurations(app: App) {
    prepared(&app).await;
    for (filter, wanted) in [
        ("title=fts(german).cats", json!([1, 2])),
        ("title=wfts(english).cats", json!([1, 2])),
        ("found=plfts(german).katze", json!([])),
    ] {
        assert_eq!(found(&app, filter).await, wanted, "{filter}");
    }
    let unknown = get(&app, "/documents?found=fts(klingon).cat").await;
    assert_eq!((unknown.status, unknown.code().as_str()), (400, "42704"), "{unknown:?}");
    assert_eq!(unknown.json()["message"], "text search configuration \"klingon\" does not exist");
}

async fn wrong_queries(app: App) {
    prepared(&app).await;
    for (filter, message) in [
        ("found=fts.two words", "syntax error in tsquery: \"two words\""),
        ("found=fts.a %26", "no operand in tsquery: \"a &\""),
    ] {
        let answer = get(&app, &format!("/documents?{filter}")).await;
        assert_eq!((answer.status, answer.code().as_str()), (400, "42601"), "{answer:?}");
        assert_eq!(answer.json()["message"], message);
    }
    let number = get(&app, "/documents?id=fts.1").await;
    assert_eq!((number.status, number.code().as_str()), (404, "42883"), "{number:?}");
}

async fn vectors_are_written_and_read(app: App) {
    prepared(&app).await;
    let row = get(&app, "/documents?select=found,plain&id=eq.1").await;
    assert_eq!(row.json(), json!([{"found": "'cat':2 'run':4", "plain": "'cats':2A 'the':1"}]));
    let headers = [("content-type", "application/json"), ("prefer", "return=representation")];
    let change = r#"{"plain": "b:3 a:1B", "title": "Foxes jumped"}"#;
    let changed =
        app.send(Who::Nobody, "PATCH", "/documents?id=eq.4&select=found,plain", &headers, change).await;
    assert_eq!(changed.json(), json!([{"found": "'fox':1 'jump':2", "plain": "'a':1B 'b':3"}]));
    let wrong = app.send(Who::Nobody, "PATCH", "/documents?id=eq.4", &headers, r#"{"plain": "a:0"}"#).await;
    assert_eq!((wrong.status, wrong.code().as_str()), (400, "42601"), "{wrong:?}");
    let generated = app.send(Who::Nobody, "PATCH", "/documents?id=eq.4", &headers, r#"{"found": "a"}"#).await;
    assert_eq!((generated.status, generated.code().as_str()), (400, "428C9"), "{generated:?}");
}

async fn beneath_other_things(app: App) {
    prepared(&app).await;
    app.execute("insert into public.users (id, name) values (1, 'ann'), (2, 'bob') on conflict do nothing")
        .await;
    let called = get(&app, "/rpc/search_documents?term=cat -dog&select=id").await;
    assert_eq!(called.json(), json!([{"id": 1}]));
    let filtered = get(&app, "/rpc/search_documents?term=cat&found=fts.dog&select=id").await;
    assert_eq!(filtered.json(), json!([{"id": 2}]));
    let nested = get(&app, "/users?select=id,documents!inner(id)&documents.found=fts.garden&order=id").await;
    assert_eq!(nested.json(), json!([{"id": 2, "documents": [{"id": 3}]}]), "{nested:?}");
}
